//! Which nodes the new deployment has, and on which old node each stands (B.4 to B.6, D.4).

use crate::diagnostic::Code;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::Address;

use super::context::{Context, Question, same_host};
use super::plan::{TargetNode, Use};

/// Finds the target nodes.
pub fn find(context: &mut Context<'_, '_>) {
    let all_in_ones = context.with_role(Role::AllInOne);
    let workers = gateways(context);
    if !all_in_ones.is_empty() && !has_control_plane(context) {
        ask_split(context);
        add(context, Profile::AllInOne, &all_in_ones.iter().map(|node| (*node, vec![*node])).collect::<Vec<_>>());
        context.traffic_managers_on.clone_from(&all_in_ones);
        if !workers.is_empty() {
            // Workers beside an all-in-one: it is their control plane and traffic manager (D.4).
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
    context.control_plane = Some(control_plane_address(context, &on));
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
}

fn word(placement: Placement) -> &'static str {
    match placement {
        Placement::Separate => "separate",
        Placement::ControlPlane => "control-plane",
    }
}

fn place(context: &mut Context<'_, '_>, managers: &[usize]) -> Placement {
    let shared = managers.iter().any(|node| context.source.nodes[*node].roles.len() > 1);
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

/// The old nodes that the control plane stands on (B.4, D.4).
fn control_plane_nodes(context: &mut Context<'_, '_>, managers: &[usize]) -> Vec<usize> {
    let [key_managers, publishers, stores] =
        [Role::KeyManager, Role::Publisher, Role::Store].map(|role| context.with_role(role));
    let most = key_managers.len().max(publishers.len()).max(stores.len());
    if most == 0 {
        return Vec::new();
    }
    let hybrids: Vec<usize> = managers
        .iter()
        .copied()
        .filter(|node| context.source.nodes[*node].roles.iter().any(|role| role.in_control_plane()))
        .collect();
    let inside = context.placement == Placement::ControlPlane && !hybrids.is_empty();
    let default = match () {
        () if inside => "hybrid",
        () if !key_managers.is_empty() => "key-manager",
        () if publishers.len() >= stores.len() => "publisher",
        () => "store",
    };
    let host = context.ask(Question {
        id: "control-plane-host",
        choices: &["key-manager", "publisher", "store", "hybrid"],
        default,
        affects: &["server.hostname"],
        ..Question::default()
    });
    let wanted = match host.as_str() {
        "hybrid" => &hybrids,
        "publisher" => &publishers,
        "store" => &stores,
        _ => &key_managers,
    };
    let count = if most > 1 {
        let chosen = context.ask(Question {
            id: "control-plane-count",
            default: &most.to_string(),
            affects: &["apim.event_hub"],
            ..Question::default()
        });
        chosen.parse().unwrap_or(most)
    } else {
        most
    };
    // With fewer nodes than the count, those of the role that has most (publisher before store).
    let fallback = if publishers.len() >= stores.len() { &publishers } else { &stores };
    let mut on: Vec<usize> =
        if wanted.len() >= count || wanted.len() >= fallback.len() { wanted } else { fallback }.clone();
    on.truncate(count);
    on
}

/// How others reach the control plane (B.4): the service name of the role that it stands on.
fn control_plane_address(context: &mut Context<'_, '_>, on: &[usize]) -> Address {
    let role = on.first().map_or(Role::KeyManager, |node| {
        let node = &context.source.nodes[*node];
        let order = [Role::KeyManager, Role::Publisher, Role::Store];
        // Hybrids are reached by their portals' name, a key manager by what gateways and stores call it.
        let hybrid = node.has(Role::TrafficManager) || !node.has(Role::KeyManager);
        let order: Vec<Role> =
            if hybrid { vec![Role::Publisher, Role::Store, Role::KeyManager] } else { order.to_vec() };
        order.into_iter().find(|role| node.has(*role)).unwrap_or(Role::KeyManager)
    });
    let address = match on.first() {
        Some(node) => service_of(context, role, *node),
        None => context
            .source
            .services
            .get(&Role::KeyManager)
            .or_else(|| context.source.services.get(&Role::ControlPlane))
            .cloned()
            .unwrap_or_else(|| Address {
                host: "localhost".to_owned(),
                port: Some(9443),
                how: "no file says where the control plane stands".to_owned(),
                guessed: true,
            }),
    };
    let other = others_differ(context, on, &address);
    let default = format!("https://{}", address.authority());
    let mut choices = vec![default.clone()];
    choices.extend(other.iter().filter(|choice| **choice != default).cloned());
    if address.guessed || !other.is_empty() {
        let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
        let chosen = context.ask(Question {
            id: "control-plane-address",
            choices: &choices,
            default: &default,
            open: true,
            affects: &["apim.key_manager.service_url", "apim.event_hub.service_url", "apim.devportal.url"],
            ..Question::default()
        });
        if address.guessed && chosen == default && on.is_empty() {
            context.find(Code::AddressGuessed, format!("the control plane is not in the input: {}", address.how));
        }
        if chosen != default {
            return parse_address(&chosen).unwrap_or(address);
        }
    }
    address
}

/// The public names of stores and publishers that are not the control plane's (B.4).
fn others_differ(context: &Context<'_, '_>, on: &[usize], address: &Address) -> Vec<String> {
    let Some(base) = on.first() else { return Vec::new() };
    let mut found = Vec::new();
    for role in [Role::Publisher, Role::Store] {
        for node in context.with_role(role) {
            if on.contains(&node) {
                continue;
            }
            let service =
                context.source.services.get(&role).cloned().unwrap_or_else(|| context.source.nodes[node].own.clone());
            let name = context.value(node, "server.host-name");
            let base_name = context.value(*base, "server.host-name");
            let differs = !same_host(&service.host, &address.host)
                || (name.is_some() && base_name.is_some() && name != base_name)
                || context.value(node, "connector.https.proxy-port")
                    != context.value(*base, "connector.https.proxy-port");
            let url = format!("https://{}", service.authority());
            if differs && !found.contains(&url) {
                found.push(url);
            }
        }
    }
    found
}

/// An address that an administrator gave: a URL, `host:port` or a host.
fn parse_address(text: &str) -> Option<Address> {
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = crate::topology::source::host::Url::parse(&text)?;
    Some(Address {
        host: url.host.clone(),
        port: url.port.and_then(|port| port.number(0)),
        how: "decision `control-plane-address`".to_owned(),
        guessed: false,
    })
}

fn service_of(context: &Context<'_, '_>, role: Role, node: usize) -> Address {
    context.source.services.get(&role).cloned().unwrap_or_else(|| context.source.nodes[node].own.clone())
}

/// Adds the target nodes of a profile: the old node that each stands on, and what is merged into it.
fn add(context: &mut Context<'_, '_>, profile: Profile, nodes: &[(usize, Vec<usize>)]) {
    let several = nodes.len() > 1;
    for (number, (on, merged)) in nodes.iter().enumerate() {
        let name = if several { format!("{}-{}", profile.word(), number + 1) } else { profile.word().to_owned() };
        context.plan.nodes.push(TargetNode {
            name,
            profile,
            stands_on: Some(*on),
            merged: merged.clone(),
            entries: indexmap::IndexMap::new(),
        });
    }
}

fn add_gateways(context: &mut Context<'_, '_>, workers: &[usize]) {
    let managers = context.with_role(Role::GatewayManager);
    let nodes: Vec<_> = workers
        .iter()
        .map(|worker| {
            // Twins share their settings; a manager's are merged below the workers'.
            let twins = context.source.nodes[*worker].twins;
            let mut merged = vec![*worker];
            merged.extend(
                workers.iter().filter(|other| *other != worker && context.source.nodes[**other].twins == twins),
            );
            merged.extend(managers.iter().filter(|manager| !workers.contains(manager)));
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
