//! Where request data goes and decisions come from: url groups and brokers (C.3 to C.5, B.3, B.5 to B.7).

mod all_in_ones;
mod gateways;
mod managers;
mod rest;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::options::Placement;
use crate::role::Role;
use crate::topology::source::amqp;
use crate::topology::source::host::{self, Url};
use crate::value::Value;

use super::brokers::brokers_of;
use super::context::{Context, Question, bracketed, shift};
use super::groups::{Group, groups_of};
use super::plan::Entry;

/// Writes the throttling connections of every node.
pub fn write(context: &mut Context<'_, '_>) {
    check(context);
    gateways::write(context);
    all_in_ones::write(context);
    managers::write_traffic_managers(context);
    managers::write_control_plane(context);
    rest::mark(context);
}

/// What publishers and hybrids name is not written, but what is odd about it is said, and what contradicts the
/// gateways' lists.
fn check(context: &mut Context<'_, '_>) {
    for node in context.in_order(&[Role::Publisher, Role::TrafficManager]) {
        let _ = groups_of(context, node);
    }
    let gateways = context.in_order(&[Role::GatewayWorker, Role::GatewayManager]);
    let Some(list) = gateways.iter().find_map(|node| brokers_of(context, *node)) else { return };
    let hosts = |context: &Context<'_, '_>, texts: &[String]| -> Vec<String> {
        let mut found: Vec<String> = texts
            .iter()
            .filter_map(|text| Url::parse(text))
            .map(|url| {
                context.node_named(&url.host).map_or_else(|| host::normalise(&url.host), |node| node.to_string())
            })
            .collect();
        found.sort();
        found.dedup();
        found
    };
    let wanted = hosts(context, &list.what);
    for node in context.in_order(&[Role::Publisher, Role::TrafficManager, Role::KeyManager, Role::Store]) {
        let said: Vec<(SettingId, String)> = context.nodes[node]
            .settings
            .facts_named("jndi.connection")
            .filter(|fact| fact.changed)
            .map(|fact| (fact.setting, fact.value.clone()))
            .collect();
        let mut texts: Vec<String> = Vec::new();
        for (_, value) in &said {
            let brokers = amqp::parse(value).map(|amqp| amqp.brokers).unwrap_or_default();
            texts.extend(brokers.iter().map(|broker| {
                let local = host::is_local(&broker.host);
                format!("tcp://{}", if local { context.host(node) } else { bracketed(&broker.host) })
            }));
        }
        // A node that only names its own broker names none.
        let remote = texts.iter().any(|text| Url::parse(text).is_some_and(|url| !context.is_local(node, &url.host)));
        if !remote || hosts(context, &texts) == wanted {
            continue;
        }
        let message = format!("the brokers of `{}` are not those of the gateways", context.nodes[node].name);
        context.find_at(Code::BrokerListsDiffer, said[0].0, message);
        context.ask(Question {
            id: "which-broker-list",
            default: "gateway",
            open: true,
            affects: &["apim.throttling.throttle_decision_endpoints"],
            ..Question::default()
        });
    }
}

/// One group per node: each gets every event. Nodes that are not told apart are one: events would count twice.
pub fn derived_groups(context: &Context<'_, '_>, nodes: &[usize]) -> Vec<Group> {
    let address = |node: &usize| (context.host(*node), [9611, 9711].map(|port| shift(port, context.offset(*node))));
    let addresses: IndexSet<(String, [u16; 2]), FxBuildHasher> = nodes.iter().map(address).collect();
    let group = |(host, [receiver, secure]): (String, [u16; 2])| Group {
        urls: vec![format!("tcp://{host}:{receiver}")],
        auth: vec![format!("ssl://{host}:{secure}")],
        kind: None,
        from: Vec::new(),
    };
    addresses.into_iter().map(group).collect()
}

/// The broker of each node; nodes that are not told apart are one.
pub fn derived_brokers(context: &Context<'_, '_>, nodes: &[usize]) -> Vec<String> {
    let broker = |node: &usize| format!("tcp://{}:{}", context.host(*node), shift(5672, context.offset(*node)));
    let brokers: IndexSet<String, FxBuildHasher> = nodes.iter().map(broker).collect();
    brokers.into_iter().collect()
}

/// Writes groups, each key like the entry given.
pub fn write_groups(context: &mut Context<'_, '_>, target: usize, groups: &[Group], like: &Entry) {
    for (index, group) in groups.iter().enumerate() {
        let key = |field: &str| format!("apim.throttling.url_group[{index}].{field}");
        let own = !group.from.is_empty() && !like.from.is_empty();
        let from = if own { &group.from } else { &like.from };
        let entry = |value: Value| Entry {
            from: from.clone(),
            derived: like.derived.clone(),
            decision: like.decision.clone(),
            value,
            secret: like.secret,
        };
        context.set(target, key("traffic_manager_urls"), entry(Value::list(group.urls.clone())));
        context.set(target, key("traffic_manager_auth_urls"), entry(Value::list(group.auth.clone())));
        // With one address there is nothing to share out: the templates print the same with either word.
        if let Some(kind) = group.kind.filter(|_| group.urls.len() > 1) {
            context.set(target, key("type"), entry(Value::text(kind)));
        }
    }
}

/// 4.0: the traffic manager is the event hub, and nodes name its services (B.7).
fn write_service_url(context: &mut Context<'_, '_>, target: usize) {
    let services = &context.source.services;
    let inside = context.placement == Placement::ControlPlane;
    let service = if inside { context.control_plane.clone() } else { services.get(&Role::TrafficManager).cloned() };
    let service =
        service.or_else(|| context.traffic_managers_on.first().map(|node| context.source.nodes[*node].own.clone()));
    let Some(service) = service else { return };
    let value = Value::text(format!("https://{}/services/", service.authority()));
    let nodes: Vec<usize> = (0..context.source.nodes.len()).collect();
    let from: Vec<SettingId> = nodes
        .into_iter()
        .filter_map(|node| context.changed(node, "policy-deployer.url"))
        .filter(|fact| Url::parse(&fact.value).is_some_and(|url| context.same_host(&url.host, &service.host)))
        .map(|fact| fact.setting)
        .collect();
    let mut entry = Entry::said(value, from);
    if entry.from.is_empty() {
        entry.derived = Some("the traffic manager's service name".to_owned());
    }
    context.set(target, "apim.throttling.service_url", entry);
}

/// Keeps the twin that a node names and that was not given, and says so; whether it names one.
pub fn keep_duplicates(context: &mut Context<'_, '_>, target: usize, node: usize) -> bool {
    let Some(fact) = context.fact(node, "throttling.duplicates") else { return false };
    let setting = fact.setting;
    let urls: Vec<String> = fact.value.split(',').map(|url| url.trim().to_owned()).collect();
    let elsewhere = |url: &String| Url::parse(url).is_some_and(|url| !context.is_local(node, &url.host));
    if !urls.iter().any(elsewhere) {
        return false;
    }
    let message = format!("{} is no node of the input: kept as it stands", urls.join(", "));
    context.find_at(Code::EndpointWithoutNode, setting, message);
    context.set(target, "apim.throttling.event_duplicate_url", Entry::said(Value::list(urls), vec![setting]));
    true
}

/// The next node round the ring gets a copy of this node's events.
pub fn write_duplicates(
    context: &mut Context<'_, '_>,
    target: usize,
    node: usize,
    twins: &[usize],
    key: &str,
    from: &[SettingId],
) {
    let own = twins.iter().position(|other| *other == node).unwrap_or(0);
    let mut others: Vec<usize> = twins[own + 1..].iter().chain(&twins[..own]).copied().collect();
    // At `localhost` the node would send its events to itself.
    others.retain(|other| !context.is_unknown(*other));
    if others.is_empty() {
        return;
    }
    if others.len() > 1 {
        let name = context.plan.nodes[target].name.clone();
        context.find_on(Code::MoreThanTwoTwins, &name, format!("{key} on `{name}` names only the next twin"));
        others.truncate(1);
    }
    let value = Value::list(derived_brokers(context, &others));
    let mut entry = Entry::said(value, from.to_vec());
    entry.derived = Some("the broker of the other node".to_owned());
    context.set(target, key, entry);
}
