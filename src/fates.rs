//! The ledger of nodes: what became of every old node. Each is the source of new nodes, which are named, or retired, set
//! aside or unreadable, with the reason; they add up, or the run stops.

use schemars::JsonSchema;
use serde::Serialize;

use crate::layout::OldNode;
use crate::migration::NodeGap;
use crate::role::{Profile, Role};
use crate::topology::planner::plan::Plan;
use crate::topology::source::{SourceNode, SourceTopology};

/// What became of an old node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// New nodes are made of it.
    Source,
    /// No new node takes its place.
    Retired,
    /// It is another product, or the administrator leaves it out.
    SetAside,
    /// The file that says what it is could not be read, and no new node is written.
    Unreadable,
}

/// An old node's line in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Fate {
    /// What became of it.
    pub kind: Kind,
    /// The new nodes that are made of it, by their names: the one that stands on its host first.
    pub nodes: Vec<String>,
    /// Why; empty where new nodes are made of it.
    pub reason: String,
}

impl Fate {
    fn without_nodes(kind: Kind, reason: impl Into<String>) -> Self {
        Self { kind, nodes: Vec::new(), reason: reason.into() }
    }

    /// The line in words.
    #[must_use]
    pub fn words(&self) -> String {
        match self.kind {
            Kind::Source => format!("→ {}", self.nodes.join(", ")),
            Kind::Retired => format!("retired: {}", self.reason),
            Kind::SetAside => format!("set aside: {}", self.reason),
            Kind::Unreadable => format!("unreadable: {}", self.reason),
        }
    }
}

/// An old node of which nothing became: a bug of ours, which stops the run.
#[derive(Debug, thiserror::Error)]
#[error(
    "the ledger of nodes does not close: no new node has the {role} of `{node}`. This is a bug of apim-migrate: please report it"
)]
pub struct FateError {
    node: String,
    role: &'static str,
}

/// Finds what became of every node of `nodes`, in their order.
///
/// # Errors
/// [`FateError`] if nothing became of one.
pub fn close(
    nodes: &[OldNode<'_>],
    source: &SourceTopology,
    plan: &Plan,
    gaps: &[NodeGap],
) -> Result<Vec<Fate>, FateError> {
    let of = |(index, node): (usize, &OldNode<'_>)| {
        if let Some((_, reason)) = &node.set_aside {
            return Ok(Fate::without_nodes(Kind::SetAside, reason.clone()));
        }
        let place = source.nodes.iter().position(|known| known.node == index);
        match place {
            Some(place) => judge(node, place, &source.nodes[place], plan, gaps),
            None => Err(FateError { node: node.name.clone(), role: "role" }),
        }
    };
    nodes.iter().enumerate().map(of).collect()
}

fn judge(
    node: &OldNode<'_>,
    place: usize,
    known: &SourceNode,
    plan: &Plan,
    gaps: &[NodeGap],
) -> Result<Fate, FateError> {
    let stands: Vec<_> = plan.nodes.iter().filter(|target| target.stands_on == Some(place)).collect();
    // Twins share their settings: of one profile only the node on its own host is made of it.
    let own = |profile: Profile| stands.iter().any(|target| target.profile == profile);
    let merged = plan.nodes.iter().filter(|target| target.merged.contains(&place) && !own(target.profile));
    let targets: Vec<_> = stands.iter().copied().chain(merged).collect();
    let has = |profile: Profile| targets.iter().any(|target| target.profile == profile);
    for (role, profile) in [(Role::GatewayWorker, Profile::GatewayWorker), (Role::AllInOne, Profile::AllInOne)] {
        if known.roles.contains(&role) && !has(profile) {
            return Err(FateError { node: node.name.clone(), role: role.word() });
        }
    }
    if known.roles.iter().any(|role| role.in_control_plane()) && !has(Profile::ControlPlane) {
        return Err(FateError { node: node.name.clone(), role: known.roles[0].word() });
    }
    let lost = |name: &str| gaps.iter().find(|gap| gap.node == name && !gap.written);
    if !targets.is_empty()
        && let Some(path) = node.essential_gap()
        && targets.iter().all(|target| lost(&target.name).is_some())
    {
        return Ok(Fate::without_nodes(
            Kind::Unreadable,
            format!("{path} {}", if node.missing.is_some() { "is not there" } else { "could not be read" }),
        ));
    }
    if !targets.is_empty() {
        let nodes = targets.into_iter().map(|target| target.name.clone()).collect();
        return Ok(Fate { kind: Kind::Source, nodes, reason: String::new() });
    }
    match known.roles.as_slice() {
        [] => Ok(Fate::without_nodes(Kind::SetAside, "the answer to `node-role` leaves it out")),
        [Role::GatewayManager] => Ok(Fate::without_nodes(
            Kind::Retired,
            "a gateway manager only received pushed artifacts: gateways of 4.x pull them",
        )),
        [Role::TrafficManager] => {
            Ok(Fate::without_nodes(Kind::Retired, "its traffic manager moves into the control plane"))
        }
        roles => Err(FateError { node: node.name.clone(), role: roles[0].word() }),
    }
}
