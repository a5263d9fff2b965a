//! The new deployment: which nodes it has, and what each one's file says.
//!
//! [`plan`] takes the old nodes and what they were to each other, and gives a [`Plan`], key by key. The parts
//! stand in files of their own, in the order in which they run: target nodes, merged settings, accounts and
//! databases, gateway environments, connections between nodes, portals and hosts, the base block. Parts that run
//! later do not overwrite what stands already.

mod accounts;
mod base;
mod connections;
mod context;
mod databases;
mod environments;
mod findings;
mod gateways;
mod hosts;
mod merge;
mod nodes;
pub mod plan;
mod portals;
mod settle;
mod throttling;

use super::source::{Answers, SourceTopology};
use crate::layout::OldNode;
use crate::mapping::tables::Tables;
use crate::version::Target;
use context::Context;
use plan::Plan;

/// Where the traffic manager stands in the new deployment.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// On nodes of its own.
    Separate,
    /// Inside the control plane.
    ControlPlane,
}

impl Placement {
    /// The word of the specification.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Separate => "separate",
            Self::ControlPlane => "control-plane",
        }
    }
}

/// What the administrator asked for.
#[derive(Clone, Copy, Debug, Default)]
pub struct Wishes {
    /// The version to write for.
    pub target: Target,
    /// Where the traffic manager shall stand; as it was, if nothing is said.
    pub traffic_manager: Option<Placement>,
    /// Write out legacy defaults that the target has otherwise.
    pub keep_legacy_defaults: bool,
}

/// Plans the new deployment of `nodes`, which were `source` to each other. Nodes are numbered alike in both.
#[must_use]
pub fn plan(
    nodes: &[OldNode<'_>],
    source: &SourceTopology,
    tables: &Tables,
    wishes: Wishes,
    answers: &dyn Answers,
) -> Plan {
    let mut context = Context::new(nodes, source, tables, wishes, answers);
    nodes::find(&mut context);
    accounts::write(&mut context);
    databases::write(&mut context);
    environments::write(&mut context);
    gateways::write(&mut context);
    connections::write(&mut context);
    throttling::write(&mut context);
    portals::write(&mut context);
    hosts::write(&mut context);
    merge::write(&mut context);
    base::write(&mut context);
    findings::raise(&mut context);
    settle::settle(&mut context);
    context.plan
}
