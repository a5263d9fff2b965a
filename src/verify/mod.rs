//! The proof: what the target product itself makes of the written files. Node files and promises in, [`Proof`] out.
//!
//! A deployment.toml means what the product's own config mapper renders from it. So the mapper is asked, on scratch
//! copies: does it take the file, are the rendered files well-formed, does each key change something, and does each
//! old setting's value stand at its place (module `mapper`)? Without Java the product's tables and
//! templates are read instead, and the same is asked (module `fixed`).
//! The product is never written to, and nothing here decides what is written.

mod blame;
pub mod compare;
pub mod edit;
pub mod fixed;
pub mod java;
pub mod keys;
pub mod mapper;
pub mod model;
pub mod product;
pub mod prove;
pub mod recorded;
pub mod settings;
pub mod text;
pub mod tree;
pub mod wellformed;

pub use model::{Complaint, FileFault, Fulfilment, KeyProof, Method, NodeProof, Proof, SettingProof, Totals};
pub use product::{Product, ProductError};
pub use prove::{ProveError, Prover, Work};

use crate::role::Profile;
use crate::value::Value;

/// A node's file, to be proven.
#[derive(Clone, Debug)]
pub struct NodeFile {
    /// The deployment; empty if there is only one folder of nodes.
    pub deployment: String,
    /// The node.
    pub node: String,
    /// What the node does, if that is known.
    pub profile: Option<Profile>,
    /// What it was written for, if that is known.
    pub target: Option<crate::version::Target>,
    /// The file's path below the folder that is proven.
    pub path: String,
    /// Its text; holds secrets.
    pub text: String,
    /// Its bytes, if they are the text with a mark or in another encoding than UTF-8.
    pub encoded: Option<Encoded>,
}

/// The bytes of a file that are its text with a mark, or in UTF-16.
#[derive(Clone, Debug)]
pub struct Encoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What is odd about them.
    pub what: String,
}

/// What the migration says of one old setting: these keys hold its value.
#[derive(Clone, Debug)]
pub struct Promise {
    /// The deployment.
    pub deployment: String,
    /// The old file, with line and column.
    pub place: crate::source::Place,
    /// The leaf's path in the old file.
    pub path: String,
    /// Its old value; `None` where only the masked one is known.
    pub value: Option<String>,
    /// The row of the mapping tables.
    pub rule: Option<String>,
    /// The reason that the report gives.
    pub reason: String,
    /// The keys that hold the value, by node.
    pub targets: Vec<Target>,
}

/// A key that holds an old setting's value.
#[derive(Clone, Debug)]
pub struct Target {
    /// The new node.
    pub node: String,
    /// The key, as the report names it.
    pub key: String,
    /// What was written; `None` where only the masked value is known.
    pub value: Option<Value>,
    /// From what the value was derived, if the topology did.
    pub derived: Option<String>,
}
