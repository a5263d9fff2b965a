//! The event hub: the traffic manager in the 4.0 guide's model, the control plane in the current one (B.7, C.12).

use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::Address;
use crate::topology::source::host::Url;
use crate::value::Value;
use crate::version::Target;

use super::super::connections::{ask_for_addresses, write_event_hub};
use super::super::context::{Context, shift};
use super::super::plan::{Entry, Use};
use super::super::throttling::{derived_brokers, derived_groups, write_duplicates, write_groups};

/// Keys that say who the hub is, and how it is reached.
const HUB: [&str; 3] =
    ["apim.event_hub.service_url", "apim.event_hub.event_listening_endpoints", "apim.event_hub.publish."];
const DECISIONS: &str = "apim.throttling.throttle_decision_endpoints";
/// What a control plane says of its traffic manager in the 4.0 model.
const OF_THE_MANAGER: [&str; 6] = [
    "apim.throttling.service_url",
    "apim.throttling.throttle_decision_endpoints",
    "apim.throttling.event_duplicate_url",
    "apim.throttling.url_group[",
    "apim.throttling.receiver_",
    "apim.throttling.policy_deploy.",
];

/// A traffic manager that moves into the control plane: who named it names the control plane's nodes (B.5).
fn move_manager(context: &mut Context<'_, '_>) {
    let on = context.control_plane_on.clone();
    let moved = context.placement == Placement::ControlPlane && !context.with_role(Role::TrafficManager).is_empty();
    if !moved || on.is_empty() {
        return;
    }
    let why = "the traffic manager moves into the control plane";
    let like = Entry::derived(Value::Boolean(true), format!("{why}: its nodes"));
    let address = context.control_plane.clone();
    for target in 0..context.plan.nodes.len() {
        let node = &context.plan.nodes[target];
        let (profile, Some(standing)) = (node.profile, node.stands_on) else { continue };
        drop_keys(context, target, |key| OF_THE_MANAGER.iter().any(|known| key.starts_with(known)), why);
        let many = profile == Profile::ControlPlane && on.len() > 1;
        if profile == Profile::GatewayWorker || (many && context.target() == Target::V4_0) {
            let groups = derived_groups(context, &on);
            write_groups(context, target, &groups, &like);
            if let (Some(address), Target::V4_0) = (&address, context.target()) {
                let services = Value::text(format!("https://{}/services/", address.authority()));
                context.derive(target, "apim.throttling.service_url", services, why);
            }
        }
        if profile == Profile::GatewayWorker {
            let brokers = Value::list(derived_brokers(context, &on));
            context.derive(target, DECISIONS, brokers, why);
        } else if many {
            write_duplicates(context, target, standing, &on, "apim.throttling.event_duplicate_url", &[]);
            write_own_broker(context, target, standing);
        }
        if let Some(address) = &address {
            point_listener(context, target, address);
        }
    }
}

/// Brings a deployment of the 4.0 model to the current one; one that has it already is left alone.
pub fn write(context: &mut Context<'_, '_>) {
    let nodes = || context.plan.nodes.iter();
    let has_hub = nodes().any(|node| node.entries.keys().any(|key| HUB.iter().any(|known| key.starts_with(known))));
    move_manager(context);
    let Some(control_plane) = context.control_plane.clone() else { return };
    if context.target() == Target::V4_0 || has_hub {
        return;
    }
    let separate = context.placement == Placement::Separate;
    for target in 0..context.plan.nodes.len() {
        match context.plan.nodes[target].profile {
            Profile::ControlPlane if separate => {
                let why = "the control plane is its own event hub";
                drop_keys(context, target, |key| OF_THE_MANAGER.iter().any(|known| key.starts_with(known)), why);
                point_listener(context, target, &control_plane);
            }
            Profile::GatewayWorker => {
                let why = "apim.event_hub.service_url replaces it: the control plane is the event hub";
                drop_keys(context, target, |key| key == "apim.throttling.service_url", why);
            }
            Profile::TrafficManager => drop_bare_environments(context, target),
            Profile::ControlPlane | Profile::AllInOne => {}
        }
    }
    let services = format!("https://{}/services/", control_plane.authority());
    write_event_hub(context, &services);
    write_own_decisions(context);
    let on = context.control_plane_on.clone();
    ask_for_addresses(context, &on);
}

/// A traffic manager of several sends decisions to its own broker (B.3).
fn write_own_decisions(context: &mut Context<'_, '_>) {
    let managers = context.targets(Profile::TrafficManager);
    if managers.len() < 2 {
        return;
    }
    for target in managers {
        if let Some(node) = context.plan.nodes[target].stands_on {
            write_own_broker(context, target, node);
        }
    }
}

fn write_own_broker(context: &mut Context<'_, '_>, target: usize, node: usize) {
    let own = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
    context.derive(target, DECISIONS, own, "its own broker, 5672 and its offset");
}

/// Takes keys out of a node: their leaves served to find the hub.
fn drop_keys(context: &mut Context<'_, '_>, target: usize, goes: impl Fn(&str) -> bool, why: &str) {
    let keys: Vec<String> = context.plan.nodes[target].entries.keys().filter(|key| goes(key)).cloned().collect();
    for key in keys {
        let entry = context.plan.nodes[target].entries.shift_remove(&key);
        for setting in entry.into_iter().flat_map(|entry| entry.from) {
            context.mark(setting, Use::Absorbed(why.to_owned()));
        }
    }
}

/// The 4.0 guide gives a traffic manager environments with a name and a type alone (F 17).
fn drop_bare_environments(context: &mut Context<'_, '_>, target: usize) {
    const ENVIRONMENT: &str = "apim.gateway.environment[";
    let entries = &context.plan.nodes[target].entries;
    let fields =
        || entries.keys().filter_map(|key| key.strip_prefix(ENVIRONMENT)?.split_once("].")).map(|(_, field)| field);
    if fields().all(|field| matches!(field, "name" | "type")) {
        let why = "apim.event_hub replaces it: a traffic manager deploys to no gateway";
        drop_keys(context, target, |key| key.starts_with(ENVIRONMENT), why);
    }
}

/// Token revocations go to the hub (C.7).
fn point_listener(context: &mut Context<'_, '_>, target: usize, control_plane: &Address) {
    let Some(node) = context.plan.nodes[target].stands_on else { return };
    let endpoint =
        |key: &str| key.starts_with("event_listener[") && key.ends_with("].properties.notification_endpoint");
    let keys: Vec<String> = context.plan.nodes[target].entries.keys().filter(|key| endpoint(key)).cloned().collect();
    for key in keys {
        let Some(url) = Url::parse(&context.plan.nodes[target].entries[&key].value.plain()) else { continue };
        let here = context.is_local(node, &url.host) || context.same_host(&url.host, &control_plane.host);
        if here || !url.path.ends_with("/notify") {
            continue;
        }
        let value = format!("https://{}{}", control_plane.authority(), url.path);
        if let Some(entry) = context.plan.nodes[target].entries.get_mut(&key) {
            entry.value = Value::text(value);
            entry.derived = Some("the control plane is the event hub".to_owned());
        }
    }
}

/// How others reach the control plane: by the name that the source stage found, or that nodes use for its services
/// most, else by its own.
pub fn service_of_control_plane(context: &Context<'_, '_>, on: &[usize]) -> Option<Address> {
    let services = &context.source.services;
    let known = [Role::ControlPlane, Role::AllInOne].iter().find_map(|role| services.get(role));
    known.or_else(|| on.first().map(|node| &context.source.nodes[*node].own)).cloned()
}
