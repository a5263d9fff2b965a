//! The new deployment: which nodes it has, and what each one's file says.
//!
//! [`plan`](fn@plan) takes the old nodes and what they were to each other, and gives a [`Plan`], key by key. The parts
//! stand in files of their own, in the order in which they run: target nodes, merged settings, accounts and
//! databases, gateway environments, connections between nodes, portals and hosts, the base block. Parts that run
//! later do not overwrite what stands already. Deployments of 4.x keep their nodes and their files: see `kept`.

mod absent;
mod access_control;
mod accounts;
mod base;
mod base_path;
mod brokers;
mod conflicts;
mod connections;
mod context;
mod control_plane;
mod databases;
mod environments;
mod findings;
mod finish;
pub mod follow;
mod gateways;
mod groups;
mod hosts;
mod kept;
mod merge;
mod nodes;
mod paths;
pub mod plan;
mod portals;
mod ports;
mod registry;
mod settle;
mod throttling;

use super::source::{Answers, SourceTopology};
use crate::layout::OldNode;
use crate::mapping::tables::Tables;
use crate::options::Options;
use context::Context;
use plan::Plan;

/// Plans the new deployment of `nodes`, which were `source` to each other. Nodes are numbered alike in both.
#[must_use]
pub fn plan(
    nodes: &[OldNode<'_>],
    source: &SourceTopology,
    tables: &Tables,
    options: &Options,
    answers: &dyn Answers,
) -> Plan {
    let mut context = Context::new(nodes, source, tables, options, answers);
    ports::check_offsets(&mut context);
    if kept::applies(&context) {
        kept::write(&mut context);
        return context.plan;
    }
    nodes::find(&mut context);
    accounts::write(&mut context);
    databases::write(&mut context);
    registry::write(&mut context);
    environments::write(&mut context);
    gateways::write(&mut context);
    connections::write(&mut context);
    absent::write(&mut context);
    throttling::write(&mut context);
    accounts::write_broker_spelling(&mut context);
    portals::write(&mut context);
    hosts::write(&mut context);
    merge::write(&mut context);
    databases::follow_names(&mut context);
    base_path::write(&mut context);
    base::write(&mut context);
    access_control::check(&mut context);
    finish::write(&mut context);
    findings::raise(&mut context);
    ports::check(&mut context);
    paths::check(&mut context);
    settle::settle(&mut context);
    context.plan
}
