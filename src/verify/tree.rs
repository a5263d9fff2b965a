//! A rendered tree as leaves: what stands where, and how two trees differ.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use super::mapper::Files;
use crate::mapping::tables::Tables;
use crate::read::{Naming, properties, toml, xml};

/// A place in a rendered tree.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The file below the server's home.
    pub file: String,
    /// The leaf in it.
    pub path: String,
}

/// The folder that most rendered files are in; tables and proofs name files below it.
const CONF: &str = "repository/conf/";

impl Spot {
    /// Whether the file is XML.
    #[must_use]
    pub fn is_xml(&self) -> bool {
        is_xml(&self.file)
    }

    /// The file as the tables name it.
    #[must_use]
    pub fn name(&self) -> &str {
        self.file.strip_prefix(CONF).unwrap_or(&self.file)
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}:{}", self.name(), self.path)
    }
}

/// Whether a rendered file is XML.
#[must_use]
pub fn is_xml(file: &str) -> bool {
    std::path::Path::new(file).extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xml"))
}

/// The leaves of a file by path, in the order of their paths.
pub type Leaves = BTreeMap<String, String>;

/// A rendered tree.
#[derive(Debug)]
pub struct Tree {
    files: BTreeMap<String, (String, OnceCell<Option<Leaves>>)>,
}

impl Tree {
    /// Takes what was rendered.
    #[must_use]
    pub fn new(files: Files) -> Self {
        Self { files: files.into_iter().map(|(name, text)| (name, (text, OnceCell::new()))).collect() }
    }

    /// The files with their texts.
    pub fn files(&self) -> impl Iterator<Item = (&str, &str)> {
        self.files.iter().map(|(name, (text, _))| (name.as_str(), text.as_str()))
    }

    /// The leaves of a file; `None` if there is no such file, or none that can be taken apart.
    #[must_use]
    pub fn leaves(&self, tables: &Tables, file: &str) -> Option<&Leaves> {
        let (text, leaves) = self.files.get(file)?;
        leaves.get_or_init(|| take_apart(tables, file, text)).as_ref()
    }

    /// What stands at a spot.
    #[must_use]
    pub fn text(&self, tables: &Tables, spot: &Spot) -> Option<&str> {
        self.leaves(tables, &spot.file)?.get(&spot.path).map(String::as_str)
    }

    /// The leaves that only one of two trees has, or that say something else in the other; a file that cannot be
    /// taken apart counts as one leaf.
    #[must_use]
    pub fn difference(&self, other: &Self, tables: &Tables) -> BTreeSet<Spot> {
        let mut spots = BTreeSet::new();
        let names: BTreeSet<&String> = self.files.keys().chain(other.files.keys()).collect();
        for file in names {
            let [one, two] = [self, other].map(|tree| tree.files.get(file).map(|(text, _)| text));
            if one == two {
                continue;
            }
            let spot = |path: &str| Spot { file: file.clone(), path: path.to_owned() };
            match (self.leaves(tables, file), other.leaves(tables, file)) {
                (Some(one), Some(two)) => {
                    let paths: BTreeSet<&String> = one.keys().chain(two.keys()).collect();
                    spots.extend(
                        paths.into_iter().filter(|path| one.get(*path) != two.get(*path)).map(|path| spot(path)),
                    );
                }
                _ => {
                    spots.insert(spot(""));
                }
            }
        }
        spots
    }
}

fn take_apart(tables: &Tables, file: &str, text: &str) -> Option<Leaves> {
    let leaves = match file.rsplit_once('.').map(|(_, extension)| extension) {
        Some("xml") => {
            let none = Naming::default();
            let name = file.strip_prefix(CONF).unwrap_or(file);
            let naming = names(tables, name).unwrap_or(&none);
            xml::xml(text, naming).ok()?
        }
        Some("properties") => properties::properties(text),
        Some("toml") => toml::toml(text).ok()?,
        _ => return None,
    };
    Some(leaves.leaves.into_iter().map(|leaf| (leaf.path, leaf.value.into_owned())).collect())
}

/// How the elements of a file are told apart: as in the table for it, or for the file that it is a profile's variant of
/// (`axis2/axis2_KM.xml`).
fn names<'t>(tables: &'t Tables, name: &str) -> Option<&'t Naming> {
    let found = tables.for_file(name).or_else(|| {
        let (plain, _) = name.rsplit_once('_')?;
        tables.for_file(&format!("{plain}.xml"))
    });
    found.map(|table| &table.head.names)
}
