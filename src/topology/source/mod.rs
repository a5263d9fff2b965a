//! The old deployment: which nodes belong together, what each did and how we know, how they were reached.

mod aliases;
pub mod amqp;
pub mod claims;
mod elements;
pub mod evidence;
pub mod grouping;
pub mod host;
mod lone;
mod named;
pub mod names;
pub mod outside;
mod resolve;
pub mod roles;
mod tables;
#[cfg(test)]
mod tests;
pub mod tokens;
pub mod twins;
pub mod url_group;

pub use aliases::Aliases;
pub use claims::Claim;
pub use resolve::{resolve, split};

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;

use crate::diagnostic::Finding;
use crate::role::Role;
use crate::secret::{MASK, mask_urls};
use crate::source::Place;

/// How much a piece of evidence weighs (A.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strength {
    /// Only breaks ties.
    Weak,
    /// Decides when two agree and nothing strong speaks.
    Medium,
    /// Decides alone.
    Strong,
    /// An answer of the administrator.
    Final,
}

/// One vote for one or more roles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The row of A.2 (`4`, `6c`).
    pub row: &'static str,
    /// Its weight.
    pub strength: Strength,
    /// What it votes for.
    pub roles: Vec<Role>,
    /// What was seen, lower case, secrets masked.
    pub what: String,
    /// Where.
    pub place: Option<Place>,
}

/// A host and, if the source gave one, a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Address {
    /// The host name, as written.
    pub host: String,
    /// The port; `None` where the URL had none, and none is invented.
    pub port: Option<u16>,
    /// How it is known, as the report says it.
    pub how: String,
    /// Whether it is a guess.
    pub guessed: bool,
}

impl Address {
    /// `host` or `host:port`.
    #[must_use]
    pub fn authority(&self) -> String {
        // An IPv6 address needs its brackets again.
        let host = if self.host.contains(':') && !self.host.contains(['[', '{']) {
            format!("[{}]", self.host)
        } else {
            self.host.clone()
        };
        match self.port {
            Some(port) => format!("{host}:{port}"),
            None => host,
        }
    }
}

/// What is known of one node as a part of its deployment.
#[derive(Clone, Debug)]
pub struct SourceNode {
    /// The node: its place in the slice of old nodes that the stage was given.
    pub node: usize,
    /// What it did.
    pub roles: Vec<Role>,
    /// How we know.
    pub evidence: Vec<Evidence>,
    /// How others reach this node itself (A.4); the port is its HTTPS management port.
    pub own: Address,
    /// The twins' group: nodes with the same number are HA twins. Every node has one.
    pub twins: usize,
    /// What it says of where others are, with the gaps filled that the administrator filled.
    pub claims: Vec<Claim>,
}

impl SourceNode {
    /// Whether the node has the role: a control plane of 4.x has all those that went into it.
    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.roles.contains(&role) || (role.in_control_plane() && self.roles.contains(&Role::ControlPlane))
    }
}

/// The shape of the old deployment (A.4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One all-in-one.
    Single,
    /// Two or more all-in-one twins.
    ActiveActive,
    /// Key manager, traffic manager, publisher, store, gateway: one each.
    FiveNode,
    /// The same with twins.
    FiveNodeHa,
    /// Several of these roles on one node.
    Hybrid,
    /// The profiles of 4.x.
    ThreeProfile,
    /// Some roles are missing.
    Partial,
    /// Only nodes of other products.
    SetAside,
}

/// A question that the source stage leaves open, or answered by its default.
#[derive(Clone, Debug)]
pub struct Asked {
    /// The decision's id, a row of `mappings/decisions.toml`; may carry a subject (`node-role`, about a node).
    pub id: String,
    /// The node or thing that it is about, empty if the deployment.
    pub about: String,
    /// The choices that are open here.
    pub choices: Vec<String>,
    /// What holds without an answer.
    pub default: String,
    /// What holds.
    pub chosen: String,
    /// Whether a person must look (`!` and not answered).
    pub open: bool,
    /// Whether a person gave the answer, also one that is the default; the pipeline says it, who has the answers.
    pub answered: bool,
    /// What it affects: keys or nodes.
    pub affects: Vec<String>,
}

impl Asked {
    /// What holds, as it may be shown: an answer that is a secret itself stays masked.
    #[must_use]
    pub fn shown(&self) -> String {
        if self.default == MASK && !self.choices.contains(&self.chosen) {
            MASK.to_owned()
        } else if let ("super-admin", Some((name, _))) = (self.id.as_str(), self.chosen.split_once(':')) {
            format!("{name}:{MASK}")
        } else {
            mask_urls(&self.chosen)
        }
    }
}

/// The old deployment.
#[derive(Clone, Debug)]
pub struct SourceTopology {
    /// Its shape.
    pub layout: Layout,
    /// Its nodes, in natural order of their names.
    pub nodes: Vec<SourceNode>,
    /// How others reach a role: a load balancer, or the only node that has it (A.4).
    pub services: IndexMap<Role, Address>,
    /// Names that the administrator says are one machine.
    pub aliases: Aliases,
    /// What was found.
    pub findings: Vec<Finding>,
    /// What was asked.
    pub asked: Vec<Asked>,
}

/// The administrator's answers (the decisions file).
pub trait Answers {
    /// The answer to the decision `id` about a node or thing; `about` is empty for the deployment.
    fn answer(&self, id: &str, about: &str) -> Option<String>;
}

/// Nothing is answered.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoAnswers;

impl Answers for NoAnswers {
    fn answer(&self, _: &str, _: &str) -> Option<String> {
        None
    }
}
