//! Which files make a node: the input's files in, [`OldNode`]s out.
//!
//! The stage knows folders, archives and file names, finds each node's version with the evidence for it, reads
//! the leaves of the files that a table is for, and has them mapped. It does not know roles or other nodes.

use crate::mapping::NodeSettings;
use crate::role::Role;
use crate::source::Place;
use crate::version::Version;

/// What was done with a file of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Its leaves were read.
    Read,
    /// Its leaves were read, but its node is another product.
    SetAside,
    /// Not converted: copy it if it was changed.
    Copy,
    /// No configuration of the server.
    NotConfiguration,
    /// It could not be read; a finding says why.
    Unreadable,
}

/// A file of the input.
#[derive(Clone, Debug)]
pub struct OldFile {
    /// Relative to the INPUT.
    pub path: String,
    /// Relative to `repository/conf` (or, outside of it, to the server's home).
    pub name: String,
    /// What was done with it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// How many leaves were read from it.
    pub leaves: u32,
}

/// One statement about a node's version.
#[derive(Clone, Debug)]
pub struct VersionEvidence {
    /// What was seen, as the report says it.
    pub what: String,
    /// Where.
    pub place: Option<Place>,
    /// Whether it is only a guess.
    pub guessed: bool,
}

/// An old node: a server's home, or a single file.
#[derive(Clone, Debug)]
pub struct OldNode<'a> {
    /// The name reports use: the folder's (or, for a single file, the file's stem), unique in its deployment.
    pub name: String,
    /// The folder, relative to the INPUT; empty when the INPUT itself is the node.
    pub path: String,
    /// Its files.
    pub files: Vec<OldFile>,
    /// Its version.
    pub version: Version,
    /// How the version is known.
    pub version_evidence: VersionEvidence,
    /// If it is another product: which, as a role that is set aside, and the reason.
    pub set_aside: Option<(Role, String)>,
    /// What the tables say of its leaves.
    pub settings: NodeSettings<'a>,
}

impl OldNode<'_> {
    /// The place of one of the node's leaves.
    #[must_use]
    pub fn place(&self, index: u32) -> Place {
        let setting = &self.settings.settings[index as usize];
        Place::at(&self.files[setting.file as usize].path, setting.leaf.position)
    }

    /// The offset of the node's ports; 0 where no file says.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.settings.value("server.offset").and_then(|text| text.parse().ok()).unwrap_or(0)
    }
}
