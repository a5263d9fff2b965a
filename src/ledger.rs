//! The ledger: exactly one outcome for every leaf that was read.

use crate::mapping::SettingId;
use crate::value::Value;

/// What became of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its value, possibly in another form, stands in a written key.
    Converted,
    /// Used to derive the topology, or lost to another value in a merge.
    Absorbed,
    /// Equals the legacy default: nothing needs to be said.
    Default,
    /// Needs a hand.
    Manual,
    /// Gone from the product, or not read by this node's role.
    Retired,
    /// No row speaks of it.
    Unknown,
}

/// Where a leaf's value went.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The new node.
    pub node: String,
    /// The key.
    pub key: String,
    /// The value there.
    pub value: Value,
    /// It is a secret.
    pub secret: bool,
}

/// A leaf's line in the ledger.
#[derive(Clone, Debug)]
pub struct Line {
    /// The leaf.
    pub setting: SettingId,
    /// Its outcome.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// Legacy and target default, where the leaf is at the former and the latter differs.
    pub drift: Option<String>,
    /// Where the value stands, if it is converted.
    pub destinations: Vec<Destination>,
}
