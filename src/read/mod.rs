//! Bytes in, leaves with their places out; no meaning.
//!
//! Each reader yields the [`Leaf`]s of one file: an attribute (namespace declarations aside), an element
//! without child elements, a property, a TOML value (an array of scalars is one leaf). What cannot be read is
//! a [`Finding`] with its place, or a [`Damage`] if the whole file is lost.

use std::borrow::Cow;

use crate::diagnostic::{Code, Finding};
use crate::excerpt::Excerpt;
use crate::source::{Place, Position};

mod disguise;
pub mod document;
pub mod encoding;
pub mod input;
mod position;
pub(crate) use disguise::disguised;
pub(crate) use position::Cursor;
pub mod properties;
pub mod toml;
pub mod xml;

/// What a leaf is in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LeafKind {
    /// The text of an XML element without child elements.
    Element,
    /// An XML attribute.
    Attribute,
    /// A property of a `.properties` file.
    Property,
    /// A text of a TOML file.
    TomlText,
    /// Any other value of a TOML file, as it is written there.
    Toml,
}

/// One setting as it stands in a file.
#[derive(Clone, Debug, PartialEq)]
pub struct Leaf<'a> {
    /// Where it stands in the structure: `/A/B[@name='x']/@c`, a property's name, a dotted TOML key.
    pub path: String,
    /// The value with entities, escapes and CDATA resolved, white space kept.
    pub value: Cow<'a, str>,
    /// What it is.
    pub kind: LeafKind,
    /// Where its value (or, if that is empty, its element or name) begins.
    pub position: Position,
    /// What the file itself names as a secret in the value: the texts of entities like `dbPassword`.
    pub secrets: Vec<String>,
}

/// The leaves of one file, in document order, and what was odd about it.
#[derive(Clone, Debug, Default)]
pub struct Leaves<'a> {
    /// The leaves.
    pub leaves: Vec<Leaf<'a>>,
    /// What was repaired or passed over, each with the position alone; the caller names the file.
    pub oddities: Vec<Oddity>,
}

/// Something odd at a position of a file that could be read all the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// What it is.
    pub code: Code,
    /// What was found, lower case.
    pub message: String,
    /// Where.
    pub position: Position,
}

impl Oddity {
    /// The finding about `file`.
    #[must_use]
    pub fn in_file(self, file: &str) -> Finding {
        Finding::new(self.code, self.message).at(Place::at(file, self.position))
    }
}

/// Why a file could not be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Damage {
    /// `configuration-damaged`, or the code of the fault if it has one of its own.
    pub code: Code,
    /// What was found, lower case.
    pub message: String,
    /// Where reading had to stop.
    pub position: Position,
    /// The line there, of a deployment.toml.
    pub excerpt: Option<Excerpt>,
}

impl Damage {
    fn new(message: impl Into<String>, position: Position) -> Self {
        Self { code: Code::ConfigurationDamaged, message: message.into(), position, excerpt: None }
    }

    /// The finding about `file`.
    #[must_use]
    pub fn in_file(self, file: &str) -> Finding {
        let finding = Finding::new(self.code, self.message).at(Place::at(file, self.position));
        Finding { excerpt: self.excerpt.map(Box::new), ..finding }
    }
}

/// How elements of one kind of file are told apart: by the element's local name, what names it.
/// `Property → @name` is an attribute, `datasource → name` a child element's text.
pub type Naming = indexmap::IndexMap<String, String, rustc_hash::FxBuildHasher>;
