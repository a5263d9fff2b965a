//! The plan: what each new node's file will say, and why.

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::diagnostic::Finding;
use crate::mapping::SettingId;
use crate::role::Profile;
use crate::topology::source::Asked;
use crate::value::Value;

/// One key of a new node.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Its value, not yet escaped.
    pub value: Value,
    /// The value is a secret.
    pub secret: bool,
    /// The leaves whose value this is, in whatever form: they end as `converted`.
    pub from: Vec<SettingId>,
    /// How it was derived, if no leaf has the value itself (or besides).
    pub derived: Option<String>,
    /// The decision behind it.
    pub decision: Option<String>,
}

impl Entry {
    /// A value that leaves say.
    #[must_use]
    pub fn said(value: Value, from: Vec<SettingId>) -> Self {
        Self { value, secret: false, from, derived: None, decision: None }
    }

    /// A value that was derived: `why` says from what.
    pub fn derived(value: Value, why: impl Into<String>) -> Self {
        Self { value, secret: false, from: Vec::new(), derived: Some(why.into()), decision: None }
    }

    /// The same entry, under a decision.
    #[must_use]
    pub fn by(mut self, decision: impl Into<String>) -> Self {
        self.decision = Some(decision.into());
        self
    }

    /// The same entry, also saying what these leaves say.
    #[must_use]
    pub fn with(mut self, from: impl IntoIterator<Item = SettingId>) -> Self {
        self.from.extend(from);
        self
    }

    /// The same entry as a secret.
    #[must_use]
    pub fn secret(mut self, secret: bool) -> Self {
        self.secret = secret;
        self
    }
}

/// A new node.
#[derive(Clone, Debug)]
pub struct TargetNode {
    /// Its name and folder: the profile, numbered when there are several.
    pub name: String,
    /// What it does.
    pub profile: Profile,
    /// The old node on whose host it stands (an index into the source topology's nodes).
    pub stands_on: Option<usize>,
    /// The old nodes that went into it.
    pub merged: Vec<usize>,
    /// The old node whose deployment.toml becomes this node's, line by line (B.8); none if the file is new.
    pub base: Option<usize>,
    /// Its keys, `a.b[0].'c.d'`, in no particular order.
    pub entries: IndexMap<String, Entry>,
}

/// What one node said in a conflict.
#[derive(Clone, Debug)]
pub struct Saw {
    /// The leaf; none where the value was derived.
    pub setting: Option<SettingId>,
    /// The value, masked if it is a secret.
    pub shown: String,
}

/// Nodes that said different things of one key.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The target node that gets the key; the first, if there are several.
    pub node: String,
    /// The key.
    pub key: String,
    /// All sayings, the winner first.
    pub said: Vec<Saw>,
    /// Why the first won.
    pub rule: String,
    /// Whether a person must look.
    pub open: bool,
}

/// What becomes of a leaf that stands in no key: the topology stage's word on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Use {
    /// It served to find the topology, or lost to another value: says into what, or which value won.
    Absorbed(String),
    /// Nothing reads it any more, or this node's role never did: says why.
    Retired(String),
    /// A person must act: says how.
    Manual(String),
    /// It equals what the target has anyway.
    Default(String),
}

/// A line of a logging file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggingLine {
    /// Its key.
    pub key: String,
    /// Its value, not yet escaped.
    pub value: String,
    /// The leaves whose value this is, in whatever form.
    pub from: Vec<SettingId>,
}

/// A new node's logging, beside its deployment.toml.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggingFile {
    /// The new node.
    pub node: String,
    /// The file's name.
    pub name: String,
    /// Its text; holds no secret.
    pub text: String,
    /// Its lines that come from old nodes.
    pub lines: Vec<LoggingLine>,
}

/// The plan of one deployment.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The new nodes, in the order: control plane, gateway workers, traffic managers, all-in-ones.
    pub nodes: Vec<TargetNode>,
    /// What they log, where that differs from the default.
    pub logging: Vec<LoggingFile>,
    /// What was in conflict.
    pub conflicts: Vec<Conflict>,
    /// What was asked.
    pub asked: Vec<Asked>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// The stage's word on leaves that stand in no key; the first word on a leaf counts.
    pub uses: IndexMap<SettingId, Use, FxBuildHasher>,
}
