//! Traffic managers that are not in the input: gateways alone must name some all the same (A.3, the end).

use crate::diagnostic::Code;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::claims::Kind;
use crate::topology::source::host::{Url, is_placeholder};
use crate::value::Value;
use crate::version::Target;

use super::brokers::brokers_of;
use super::context::{Context, Question, bracketed, shift};
use super::groups::groups_of;

/// A traffic manager as it is known from outside.
struct Manager {
    host: String,
    offset: i64,
}

/// Names the traffic managers to gateways where no node of the input is one. What a gateway says itself is left to
/// the part that reads it.
pub fn write(context: &mut Context<'_, '_>) {
    if !context.traffic_managers_on.is_empty() {
        return;
    }
    if context.placement == Placement::ControlPlane {
        write_control_plane(context);
        return;
    }
    let mut known: Option<(Vec<Manager>, &str)> = None;
    for target in context.targets(Profile::GatewayWorker) {
        let merged = context.plan.nodes[target].merged.clone();
        let groups = merged.iter().any(|node| groups_of(context, *node).is_some());
        let brokers = merged.iter().any(|node| brokers_of(context, *node).is_some());
        if groups && brokers {
            continue;
        }
        let (managers, why) = match &known {
            Some(known) => known,
            None => known.insert(find(context)),
        };
        write_managers(context, target, managers, why, (groups, brokers));
    }
}

/// The traffic manager is to be in the control plane, which is not in the input either: whatever the gateways name.
fn write_control_plane(context: &mut Context<'_, '_>) {
    let Some(address) = context.control_plane.clone() else { return };
    let managers = [Manager { offset: offset(address.port, 9443), host: address.host }];
    for target in context.targets(Profile::GatewayWorker) {
        write_managers(context, target, &managers, "the traffic manager is in the control plane", (false, false));
    }
}

/// The traffic managers, and how they are known: the same for every gateway.
fn find(context: &mut Context<'_, '_>) -> (Vec<Manager>, &'static str) {
    match named(context) {
        managers if managers.is_empty() => (asked(context), "the decision `traffic-manager-address`"),
        managers => (managers, "the traffic managers that old nodes name"),
    }
}

/// The traffic managers that any old node names, by their receivers and brokers before their services.
fn named(context: &Context<'_, '_>) -> Vec<Manager> {
    let nodes = context.source.nodes.iter();
    let claims: Vec<_> = nodes
        .flat_map(|node| &node.claims)
        .filter(|claim| claim.role == Role::TrafficManager && !is_placeholder(&claim.host))
        .filter(|claim| !context.is_node(claim.by, &claim.host))
        .collect();
    let mut found: Vec<Manager> = Vec::new();
    let receivers = claims.iter().any(|claim| claim.kind == Kind::PerNode);
    for claim in claims.iter().filter(|claim| !receivers || claim.kind == Kind::PerNode) {
        if found.iter().any(|known| context.same_host(&known.host, &claim.host)) {
            continue;
        }
        let base = match claim.fact {
            "policy-deployer.url" => 9443,
            "traffic-manager.receivers" | "data-publisher.receivers" => 9611,
            _ => 5672,
        };
        let port = claim.port.as_ref().and_then(|port| port.number(0));
        found.push(Manager { host: claim.host.clone(), offset: offset(port, base) });
    }
    found
}

/// The offset that a port tells; a balancer's port (443) tells none.
fn offset(port: Option<u16>, base: u16) -> i64 {
    let offset = port.map_or(0, |port| i64::from(port) - i64::from(base));
    if (0..1000).contains(&offset) { offset } else { 0 }
}

/// The traffic managers that the administrator names; `localhost`, the product's own default, without an answer.
fn asked(context: &mut Context<'_, '_>) -> Vec<Manager> {
    let chosen = context.ask(Question {
        id: "traffic-manager-address",
        default: "localhost",
        open: true,
        affects: &["apim.throttling.url_group", "apim.throttling.throttle_decision_endpoints"],
        ..Question::default()
    });
    if chosen == "localhost" {
        let message = "no traffic manager is in the input, and no file names one: `localhost` is written";
        context.find(Code::ValueAssumed, message);
    }
    let urls = chosen.split(',').filter_map(|text| Url::parse(text.trim()));
    // A port is that of the receivers.
    urls.map(|url| Manager { offset: offset(url.port.and_then(|port| port.number(0)), 9611), host: url.host }).collect()
}

/// One group for each, as for the traffic managers of the input; `said` is what the gateway names itself.
fn write_managers(
    context: &mut Context<'_, '_>,
    target: usize,
    managers: &[Manager],
    why: &str,
    (groups, brokers): (bool, bool),
) {
    let url = |scheme: &str, base: u16, manager: &Manager| {
        format!("{scheme}://{}:{}", bracketed(&manager.host), shift(base, manager.offset))
    };
    for (index, manager) in managers.iter().enumerate().filter(|_| !groups) {
        let key = |field: &str| format!("apim.throttling.url_group[{index}].{field}");
        context.derive(target, key("traffic_manager_urls"), Value::list([url("tcp", 9611, manager)]), why);
        context.derive(target, key("traffic_manager_auth_urls"), Value::list([url("ssl", 9711, manager)]), why);
    }
    if !brokers {
        let list: Vec<String> = managers.iter().map(|manager| url("tcp", 5672, manager)).collect();
        context.derive(target, "apim.throttling.throttle_decision_endpoints", Value::list(list), why);
    }
    if let Some(manager) = managers.first().filter(|_| context.target() == Target::V4_0) {
        let services = Value::text(format!("{}/services/", url("https", 9443, manager)));
        context.derive(target, "apim.throttling.service_url", services, why);
    }
}
