//! Which nodes the new deployment has, and on which old node each stands (B.4 to B.6, D.4).

use crate::diagnostic::Code;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::claims::Kind;
use crate::topology::source::{Address, Layout};

use super::context::{Context, Question};
use super::control_plane::{control_plane_address, control_plane_nodes, find_public};
use super::plan::{TargetNode, Use};

/// Finds the target nodes.
pub fn find(context: &mut Context<'_, '_>) {
    if context.source.layout == Layout::SetAside {
        return;
    }
    let all_in_ones = context.with_role(Role::AllInOne);
    let workers = gateways(context);
    if !all_in_ones.is_empty() && !has_control_plane(context) {
        ask_split(context);
        add(context, Profile::AllInOne, &all_in_ones.iter().map(|node| (*node, vec![*node])).collect::<Vec<_>>());
        let managers = context.with_role(Role::TrafficManager);
        context.traffic_managers_on = if managers.is_empty() { all_in_ones.clone() } else { managers.clone() };
        if !workers.is_empty() || !managers.is_empty() {
            // Nodes beside an all-in-one: it is their control plane, and their traffic manager where no other is (D.4).
            context.control_plane_on.clone_from(&all_in_ones);
            context.control_plane = Some(service_of(context, Role::AllInOne, all_in_ones[0]));
        }
    } else {
        find_distributed(context);
    }
    add_gateways(context, &workers);
    add_traffic_managers(context);
    retire_managers(context, &workers);
}

fn has_control_plane(context: &Context<'_, '_>) -> bool {
    [Role::KeyManager, Role::Publisher, Role::Store, Role::ControlPlane]
        .iter()
        .any(|role| !context.with_role(*role).is_empty())
}

fn ask_split(context: &mut Context<'_, '_>) {
    context.ask(Question {
        id: "split-all-in-one",
        choices: &["no", "yes"],
        default: "no",
        affects: &["server.server_role"],
        ..Question::default()
    });
}

/// The nodes that serve API traffic: workers, or managers where nothing else does.
fn gateways(context: &Context<'_, '_>) -> Vec<usize> {
    let workers = context.with_role(Role::GatewayWorker);
    if workers.is_empty() { context.with_role(Role::GatewayManager) } else { workers }
}

fn find_distributed(context: &mut Context<'_, '_>) {
    let managers = context.with_role(Role::TrafficManager);
    context.traffic_managers_on.clone_from(&managers);
    context.placement = place(context, &managers);
    let on = control_plane_nodes(context, &managers);
    let address = control_plane_address(context, &on);
    find_public(context, &on, &address);
    context.control_plane = Some(address);
    let members: Vec<usize> = (0..context.source.nodes.len())
        .filter(|node| {
            let roles = &context.source.nodes[*node].roles;
            roles.iter().any(|role| role.in_control_plane())
                || (context.placement == Placement::ControlPlane && roles.contains(&Role::TrafficManager))
        })
        .collect();
    add(context, Profile::ControlPlane, &on.iter().map(|node| (*node, members.clone())).collect::<Vec<_>>());
    if context.placement == Placement::ControlPlane && !on.is_empty() {
        context.traffic_managers_on.clone_from(&on);
    }
    context.control_plane_on = on;
    // An all-in-one beside the parts of another control plane stays one.
    let all_in_ones = context.with_role(Role::AllInOne);
    add(context, Profile::AllInOne, &all_in_ones.iter().map(|node| (*node, vec![*node])).collect::<Vec<_>>());
}

fn word(placement: Placement) -> &'static str {
    match placement {
        Placement::Separate => "separate",
        Placement::ControlPlane => "control-plane",
    }
}

fn place(context: &mut Context<'_, '_>, managers: &[usize]) -> Placement {
    let shared = if managers.is_empty() {
        is_inside(context)
    } else {
        managers.iter().any(|node| context.source.nodes[*node].roles.len() > 1)
    };
    let default = if shared { Placement::ControlPlane } else { Placement::Separate };
    if let Some(wish) = context.options.traffic_manager {
        return wish;
    }
    if !has_control_plane(context) && managers.is_empty() {
        return default;
    }
    let chosen = context.ask(Question {
        id: "traffic-manager-placement",
        choices: &["separate", "control-plane"],
        default: word(default),
        affects: &["apim.throttling"],
        ..Question::default()
    });
    if chosen == "control-plane" { Placement::ControlPlane } else { Placement::Separate }
}

/// Whether others name a control plane of 4.x as their traffic manager.
fn is_inside(context: &Context<'_, '_>) -> bool {
    let planes: Vec<usize> = (0..context.source.nodes.len())
        .filter(|node| context.source.nodes[*node].roles.contains(&Role::ControlPlane))
        .collect();
    let mut claims = context.source.nodes.iter().flat_map(|node| &node.claims);
    claims.any(|claim| {
        claim.role == Role::TrafficManager
            && claim.kind == Kind::PerNode
            && planes.iter().any(|plane| *plane != claim.by && context.is_node(*plane, &claim.host))
    })
}

pub fn service_of(context: &Context<'_, '_>, role: Role, node: usize) -> Address {
    context.source.services.get(&role).cloned().unwrap_or_else(|| context.source.nodes[node].own.clone())
}

/// Adds the target nodes of a profile: the old node that each stands on, and what is merged into it.
pub fn add(context: &mut Context<'_, '_>, profile: Profile, nodes: &[(usize, Vec<usize>)]) {
    let several = nodes.len() > 1;
    for (number, (on, merged)) in nodes.iter().enumerate() {
        let name = if several { format!("{}-{}", profile.word(), number + 1) } else { profile.word().to_owned() };
        context.plan.nodes.push(TargetNode {
            name,
            profile,
            stands_on: Some(*on),
            merged: merged.clone(),
            // The administrator's own file lives on.
            base: context.nodes[*on].toml.is_some().then_some(*on),
            entries: indexmap::IndexMap::new(),
        });
    }
}

fn add_gateways(context: &mut Context<'_, '_>, workers: &[usize]) {
    let nodes: Vec<_> = workers
        .iter()
        .map(|worker| {
            // Twins share their settings; a manager that is retired has no say.
            let twins = context.source.nodes[*worker].twins;
            let mut merged = vec![*worker];
            merged.extend(
                workers.iter().filter(|other| *other != worker && context.source.nodes[**other].twins == twins),
            );
            (*worker, merged)
        })
        .collect();
    add(context, Profile::GatewayWorker, &nodes);
}

fn add_traffic_managers(context: &mut Context<'_, '_>) {
    if context.placement == Placement::ControlPlane {
        return;
    }
    let managers = context.with_role(Role::TrafficManager);
    let nodes: Vec<_> = managers
        .iter()
        .map(|manager| {
            let twins = context.source.nodes[*manager].twins;
            let mut merged = vec![*manager];
            merged.extend(
                managers.iter().filter(|other| *other != manager && context.source.nodes[**other].twins == twins),
            );
            (*manager, merged)
        })
        .collect();
    for node in &managers {
        let roles = &context.source.nodes[*node].roles;
        if roles.len() > 1 {
            let name = context.nodes[*node].name.clone();
            context.find_on(Code::TwoNodesOneHost, &name, format!("`{name}` becomes two nodes on one host"));
        }
    }
    add(context, Profile::TrafficManager, &nodes);
}

fn retire_managers(context: &mut Context<'_, '_>, workers: &[usize]) {
    for manager in context.with_role(Role::GatewayManager) {
        if workers.contains(&manager) || context.source.nodes[manager].roles.len() > 1 {
            continue;
        }
        let name = context.nodes[manager].name.clone();
        context.find_on(
            Code::GatewayManagerRetired,
            &name,
            format!("`{name}` only received pushed artifacts: no new node takes its place"),
        );
        for fact in ["server.host-name", "server.mgt-host-name", "server.offset"] {
            if let Some(setting) = context.changed(manager, fact).map(|fact| fact.setting) {
                context.mark(setting, Use::Retired("the gateway manager is not needed any more".to_owned()));
            }
        }
    }
}
