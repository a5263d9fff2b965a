//! XML in, leaves out: attributes and elements without child elements, in the order of the document.
//!
//! Real files are not always well-formed. What can be read as it was meant is read, with an oddity
//! (`tree`, `entity`, `mark`); what cannot is damage, so that a file cut short never passes for a whole one. Nothing
//! outside the text is ever fetched, and no content is quoted in messages: it may be a secret.

use std::borrow::Cow;
use std::fmt::Write as _;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::position::Cursor;
use super::{Damage, Leaf, LeafKind, Leaves, Naming, Oddity};
use crate::diagnostic::Code;
use tree::{Element, Tree};

mod entity;
mod mark;
mod tag;
#[cfg(test)]
mod tests;
mod tree;

/// Something wrong at a byte offset: an oddity if reading goes on, damage if not.
#[derive(Debug)]
struct Fault {
    offset: usize,
    code: Code,
    message: String,
}

impl Fault {
    fn damage(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, code: Code::ConfigurationDamaged, message: message.into() }
    }

    fn repaired(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, code: Code::XmlRepaired, message: message.into() }
    }

    fn unresolved(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, code: Code::ValueUnreadable, message: message.into() }
    }

    fn template(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, code: Code::TemplateMark, message: message.into() }
    }

    fn stray(offset: usize, message: impl Into<String>) -> Self {
        Self { offset, code: Code::StrayText, message: message.into() }
    }
}

/// The leaves of `text`.
///
/// Paths are `/A/B` for elements and `/A/B/@c` for attributes, names without their prefixes. Elements that
/// `naming` knows carry what names them: `Property[@name='x']`, `datasource[name='x']`. Elements that have
/// the same segment as an earlier sibling are numbered from `[2]`. Line ends in values are `\n`, and any white
/// space in attributes is a blank, as every XML parser hands them out.
///
/// # Errors
/// Text that is not XML beyond what can be read as meant.
pub fn xml<'a>(text: &'a str, naming: &Naming) -> Result<Leaves<'a>, Damage> {
    let text = text.trim_start_matches('\u{feff}');
    let damage = match well_formed(text, naming) {
        Err(damage) => damage,
        found => return found,
    };
    let Some(masked) = mark::Masked::of(text) else { return Err(damage) };
    let read = well_formed(&masked.text, naming);
    let found = read.map_err(|damage| Damage { message: mark::unmasked(&damage.message), ..damage })?;
    let leaves = masked.restore(found);
    Ok(leaves)
}

/// The leaves of a text without marks that look like tags.
fn well_formed<'a>(text: &'a str, naming: &Naming) -> Result<Leaves<'a>, Damage> {
    let tree = tree::parse(text).map_err(|fault| Damage {
        code: fault.code,
        message: fault.message,
        position: Cursor::new(text).at(fault.offset),
        excerpt: None,
    })?;
    let mut walk = Walk {
        tree: &tree,
        naming,
        places: Cursor::new(text),
        path: String::new(),
        seen: IndexMap::with_capacity_and_hasher(tree.elements.len(), FxBuildHasher),
        leaves: Vec::with_capacity(tree.elements.len() + tree.attributes.len()),
    };
    walk.element(0, None);
    let Walk { leaves, mut places, .. } = walk;
    let mut faults = tree.oddities;
    faults.sort_by_key(|fault| fault.offset);
    let oddities = faults
        .into_iter()
        .map(|fault| Oddity { code: fault.code, message: fault.message, position: places.at(fault.offset) })
        .collect();
    Ok(Leaves { leaves, oddities })
}

struct Walk<'t, 'a> {
    tree: &'t Tree<'a>,
    naming: &'t Naming,
    places: Cursor<'a>,
    path: String,
    /// How often each segment came below each element.
    seen: IndexMap<(Option<usize>, Cow<'t, str>), usize, FxBuildHasher>,
    leaves: Vec<Leaf<'a>>,
}

impl<'t, 'a> Walk<'t, 'a> {
    /// Adds the leaves of the element and all below it.
    fn element(&mut self, index: usize, parent: Option<usize>) {
        let length = self.path.len();
        let tree = self.tree;
        let element = &tree.elements[index];
        let segment = self.segment(index);
        self.path.push('/');
        self.path.push_str(&segment);
        let times = self.seen.entry((parent, segment)).and_modify(|times| *times += 1).or_insert(1);
        if *times > 1 {
            let _ = write!(self.path, "[{times}]");
        }
        self.attributes(element);
        if element.end == index + 1 {
            self.leaf(element.value.clone(), LeafKind::Element, element.value_offset, &element.secrets);
        } else {
            for child in tree.children(index) {
                self.element(child, Some(index));
            }
        }
        self.path.truncate(length);
    }

    fn attributes(&mut self, element: &Element<'a>) {
        let length = self.path.len();
        let attributes = &self.tree.attributes[element.attributes.clone()];
        // Names may repeat: prefixes are left out.
        let mut seen: IndexMap<&str, usize, FxBuildHasher> = IndexMap::default();
        for attribute in attributes {
            self.path.push_str("/@");
            self.path.push_str(attribute.name);
            let times = seen.entry(attribute.name).and_modify(|times| *times += 1).or_insert(1);
            if *times > 1 {
                let _ = write!(self.path, "[{times}]");
            }
            self.leaf(attribute.value.clone(), LeafKind::Attribute, attribute.value_offset, &attribute.secrets);
            self.path.truncate(length);
        }
    }

    /// Adds what stands at the path.
    fn leaf(&mut self, value: Cow<'a, str>, kind: LeafKind, offset: usize, secrets: &[String]) {
        let (path, position) = (self.path.clone(), self.places.at(offset));
        self.leaves.push(Leaf { path, value, kind, position, secrets: secrets.to_vec() });
    }

    /// The element's name with what names it; a blank name names nothing.
    fn segment(&self, index: usize) -> Cow<'t, str> {
        let tree = self.tree;
        let element = &tree.elements[index];
        let Some(by) = self.naming.get(element.name) else { return Cow::Borrowed(element.name) };
        let named = match by.strip_prefix('@') {
            Some(by) => {
                let attributes = &tree.attributes[element.attributes.clone()];
                attributes.iter().find(|attribute| attribute.name == by).map(|attribute| &attribute.value)
            }
            None => tree
                .children(index)
                .map(|child| (&tree.elements[child], child))
                .find(|(element, child)| element.name == by && element.end == child + 1)
                .map(|(element, _)| &element.value),
        };
        match named.map(|value| value.trim()) {
            Some(value) if !value.is_empty() => Cow::Owned(format!("{}[{by}='{value}']", element.name)),
            _ => Cow::Borrowed(element.name),
        }
    }
}
