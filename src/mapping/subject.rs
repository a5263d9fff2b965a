//! Subjects: which old roles own a setting, and which new profiles get it (`mappings/subjects.toml`).

use indexmap::IndexMap;
use serde::Deserialize;

use crate::role::{Profile, Role};

/// Whether a conflict about the subject needs an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OnConflict {
    /// Leaves `conflict:<key>` open.
    Open,
    /// Is only reported.
    Notice,
}

/// How several sayings become one value.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Merge {
    /// The owner's value.
    #[default]
    First,
    /// All items, in the owners' order.
    Union,
}

/// One subject.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Subject {
    /// Its name, as rules give it.
    pub id: String,
    /// For each profile that gets the setting: the roles that own it, first that speaks wins. The all-in-one
    /// profile needs no entry: such a node owns everything that it says.
    pub owner: IndexMap<Profile, Vec<Role>>,
    /// The keys of a deployment.toml that belong to it, each with all below it.
    #[serde(default)]
    pub keys: Vec<String>,
    /// What a conflict does.
    pub conflict: OnConflict,
    /// How values are merged.
    #[serde(default)]
    pub merge: Merge,
    /// One value for the whole deployment: owners are looked for among all nodes, not only those that merge
    /// into the target node.
    #[serde(default)]
    pub everywhere: bool,
    /// The node that the target node stands on speaks first, whatever its role.
    #[serde(default)]
    pub standing_first: bool,
    /// What the subject is, and why these roles own it.
    pub why: String,
}

/// The file `subjects.toml`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubjectFile {
    /// The subjects.
    pub subject: Vec<Subject>,
}
