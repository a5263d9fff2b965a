//! Deployments of 4.x that keep their layout (C.12): each node's own file with its own keys, brought to the target.
//!
//! Nothing is written because it is usual: what an administrator left out stays out, unless the target's mapper
//! demands it. In the order in which the parts run: the nodes and what they say, the role's word, the event hub of
//! the current model, ports that are another node's, what the mapper demands.

mod demands;
mod endpoints;
mod event_hub;
mod keys;
mod role;
mod twins;

use crate::options::Placement;
use crate::role::{Profile, Role};

use super::context::Context;
use super::nodes::add;
use super::{access_control, accounts, findings, finish, paths, settle};

/// The profiles of 4.x, by the one role of a node that runs it.
const PROFILES: [(Role, Profile); 4] = [
    (Role::ControlPlane, Profile::ControlPlane),
    (Role::GatewayWorker, Profile::GatewayWorker),
    (Role::TrafficManager, Profile::TrafficManager),
    (Role::AllInOne, Profile::AllInOne),
];

/// Whether every node of the deployment is of 4.x and runs one profile.
pub fn applies(context: &Context<'_, '_>) -> bool {
    let mut nodes = (0..context.nodes.len()).filter(|node| context.nodes[*node].set_aside.is_none()).peekable();
    let profiled = |node: usize| {
        let roles = &context.source.nodes[node].roles;
        context.nodes[node].version.major == 4
            && context.nodes[node].toml.is_some()
            && matches!(roles.as_slice(), [role] if PROFILES.iter().any(|(known, _)| known == role))
    };
    nodes.peek().is_some() && nodes.all(profiled)
}

/// Plans the deployment.
pub fn write(context: &mut Context<'_, '_>) {
    find_nodes(context);
    keys::write(context);
    role::write(context);
    event_hub::write(context);
    endpoints::write(context);
    twins::check(context);
    demands::write(context);
    accounts::write_broker_spelling(context);
    access_control::check(context);
    finish::write(context);
    findings::raise_of_values(context);
    paths::check(context);
    settle::settle(context);
}

/// One new node for each old one; a traffic manager that moves into the control plane has none.
fn find_nodes(context: &mut Context<'_, '_>) {
    let managers = context.with_role(Role::TrafficManager);
    let control_planes = context.with_role(Role::ControlPlane);
    let all_in_ones = context.with_role(Role::AllInOne);
    let inside = match context.options.traffic_manager {
        Some(wish) => wish == Placement::ControlPlane || managers.is_empty(),
        None => managers.is_empty(),
    };
    context.placement = if inside { Placement::ControlPlane } else { Placement::Separate };
    for (role, profile) in PROFILES {
        if role == Role::TrafficManager && inside && !control_planes.is_empty() {
            continue;
        }
        let nodes: Vec<_> = context.with_role(role).into_iter().map(|node| (node, vec![node])).collect();
        add(context, profile, &nodes);
    }
    for node in &mut context.plan.nodes {
        node.base = node.stands_on;
    }
    let hub = if control_planes.is_empty() { all_in_ones } else { control_planes };
    let gateways = !context.with_role(Role::GatewayWorker).is_empty();
    if context.with_role(Role::AllInOne).is_empty() || gateways {
        context.control_plane = event_hub::service_of_control_plane(context, &hub);
    }
    context.traffic_managers_on = if inside { hub.clone() } else { managers };
    context.control_plane_on = hub;
}
