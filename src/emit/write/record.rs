//! The record: what was written to a folder, known by its hash.
//!
//! It is a file of its own that only its owner may read: a hash of a file with a password in it lets weak passwords be
//! guessed by who sees the rest of the file, masked, in the report. It stands in the folder of each unit, so that it comes
//! and goes with what it tells of.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{CHECKLIST, REPORT};
use crate::layout::version::written::Tool;
pub use crate::layout::version::written::{RECORD, STAGING};
use crate::version::Target;

/// A record or journal longer than this is none of ours.
const LIMIT: u64 = 256 * 1024 * 1024;

/// What was written to a unit's folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    schema_version: u64,
    tool: Tool,
    /// What they were written for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// The files, by their path below the folder.
    pub files: BTreeMap<String, Written>,
    /// The folders that were made for them, the unit's own (empty) among them.
    #[serde(default)]
    pub folders: BTreeSet<String>,
    /// Those of the files that are no part of the output any more: a person changed and kept them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub left: BTreeSet<String>,
    /// The folders of the other units: the record of the output folder itself has them.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub units: BTreeSet<String>,
}

/// A file as it was written.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// SHA-256 of the file, without what a person fills in.
    pub sha256: String,
    /// The aliases below `[secrets]`; with the hash of our value where a person or the cipher tool fills in another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<BTreeMap<String, Option<String>>>,
    /// The boxes to tick, in their order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boxes: Option<Vec<TickBox>>,
}

/// A box to tick.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TickBox {
    /// The id of what is to be done.
    pub id: String,
    /// The hash of its line, not ticked.
    pub line: String,
}

impl Record {
    /// A record of nothing.
    pub fn new() -> Self {
        Self { schema_version: 1, tool: Tool::this(), ..Self::default() }
    }

    /// The record in `folder`; none if there is none of ours.
    pub fn read(folder: &Path) -> Option<Self> {
        let record: Self = serde_json::from_slice(&read_small(&folder.join(RECORD))?).ok()?;
        let paths = record.files.keys().chain(&record.units).chain(&record.left);
        let sound = record.schema_version == 1 && record.tool.is_this() && paths.clone().all(|path| is_inside(path));
        sound.then_some(record)
    }

    /// Its text.
    pub fn text(&self) -> String {
        crate::json::text(self)
    }
}

/// Whether `folder` is an output of this tool: its record lies in it, or the report of a version that kept none.
#[must_use]
pub fn is_own_output(folder: &Path) -> bool {
    Record::read(folder).is_some() || has_own_report(folder)
}

/// Whether a file of this name tells that its folder is an output of this tool, if its text does.
#[must_use]
pub fn marks_own_output(name: &str, text: &[u8]) -> bool {
    #[derive(Deserialize)]
    struct Marked {
        tool: Tool,
    }
    [RECORD, REPORT].contains(&name) && serde_json::from_slice(text).is_ok_and(|marked: Marked| marked.tool.is_this())
}

/// Whether a folder of this name is one in which this tool stages files: it is nobody's configuration.
#[must_use]
pub fn is_staging_name(name: &str) -> bool {
    name.starts_with(STAGING)
}

/// Whether the report in `folder` is one of ours.
pub(super) fn has_own_report(folder: &Path) -> bool {
    read_small(&folder.join(REPORT)).is_some_and(|text| marks_own_output(REPORT, &text))
}

/// Reads a regular file that is not too long.
pub(super) fn read_small(path: &Path) -> Option<Vec<u8>> {
    let about = fs::symlink_metadata(path).ok()?;
    if !about.is_file() || about.len() > LIMIT {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(LIMIT).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

/// Whether `path` is one below a folder: no `..`, no root, nothing that another system reads in another way.
pub(super) fn is_inside(path: &str) -> bool {
    let mut parts = Path::new(path).components().peekable();
    let normal = parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)));
    normal && !path.contains(['\\', '\0']) && path.split('/').all(|part| !part.is_empty() && part != ".")
}

/// Whether a file at `path` can be one that this tool writes. A record that says so of another is forged.
pub(super) fn is_our_form(path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let of_node = folder == "repository/conf" || folder.ends_with("/repository/conf");
    let logging = [crate::logging::WHOLE, crate::logging::ADDITIONS];
    [RECORD, REPORT, CHECKLIST].contains(&name) || (of_node && (name == "deployment.toml" || logging.contains(&name)))
}

/// SHA-256, as hexadecimal digits.
pub(super) fn hash(bytes: &[u8]) -> String {
    hex(Sha256::digest(bytes).as_slice())
}

/// SHA-256 of what `write` writes, and its length.
pub(super) fn hash_written(write: &super::disk::Writer<'_>) -> io::Result<String> {
    struct Sink(Sha256);
    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut sink = Sink(Sha256::new());
    write(&mut sink)?;
    Ok(hex(sink.0.finalize().as_slice()))
}

/// SHA-256 of a file, read piece by piece.
pub(super) fn hash_file(path: &Path) -> io::Result<String> {
    let file = fs::File::open(path)?;
    hash_written(&|out| io::copy(&mut io::BufReader::new(&file), out).map(|_| ()))
}

fn hex(bytes: &[u8]) -> String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{hash, is_inside, is_our_form};

    #[test]
    fn hashes_as_others_do() {
        // From FIPS 180-2, appendix B.1.
        assert_eq!(hash(b"abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }

    #[test]
    fn knows_paths_of_ours() {
        for path in ["a", "a/b", "a b/ü"] {
            assert!(is_inside(path), "{path}");
        }
        for path in ["", "/a", "../a", "a/../b", "a//b", "./a", "a/.", "a\\b", "a/", "a\0b"] {
            assert!(!is_inside(path), "{path:?}");
        }
        for path in ["CHECKLIST.md", "x/control-plane/repository/conf/deployment.toml", "x/.apim-migrate.json"] {
            assert!(is_our_form(path), "{path}");
        }
        for path in ["thesis.txt", "sub/y", "deployment.toml", "conf/deployment.toml", "a/repository/conf/x.xml"] {
            assert!(!is_our_form(path), "{path}");
        }
    }
}
