//! Where request data goes and decisions come from: url groups and brokers (C.3 to C.5, B.3, B.5 to B.7).

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::amqp;
use crate::topology::source::host::{self, Url};
use crate::value::Value;
use crate::version::Target;

use super::brokers::brokers_of;
use super::context::{Context, Question, bracketed, same_host, shift};
use super::groups::{Group, Said, groups_of};
use super::plan::{Entry, Use};

/// Writes the throttling connections of every node.
pub fn write(context: &mut Context<'_, '_>) {
    check(context);
    write_gateways(context);
    write_all_in_ones(context);
    write_traffic_managers(context);
    write_control_plane(context);
    mark_rest(context);
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

fn write_gateways(context: &mut Context<'_, '_>) {
    let managers = context.traffic_managers_on.clone();
    for target in context.targets(Profile::GatewayWorker) {
        let merged = context.plan.nodes[target].merged.clone();
        let groups = merged.iter().find_map(|node| groups_of(context, *node));
        let brokers = merged.iter().find_map(|node| brokers_of(context, *node));
        let moved = moved_inside(context);
        let (groups, groups_entry) = match groups {
            Some(said) if !moved || names_all(context, &said.what, &managers) => {
                (said.what, Entry::said(Value::Boolean(true), said.from))
            }
            other => {
                if let Some(said) = other {
                    for setting in said.from {
                        context.absorb(setting, "named the traffic managers, which are now in the control plane");
                    }
                }
                (derived_groups(context, &managers), Entry::derived(Value::Boolean(true), "the traffic managers found"))
            }
        };
        if groups_entry.from.is_empty() && !moved && !groups.is_empty() {
            context.find(
                Code::UrlGroupDerived,
                "no gateway names the traffic managers' receivers: groups were made from the nodes found",
            );
        }
        write_groups(context, target, &groups, &groups_entry);
        let entry = match brokers {
            Some(said) if !moved || broker_hosts_are(context, &said.what, &managers) => {
                Entry::said(Value::list(said.what), said.from)
            }
            other => {
                if let Some(said) = other {
                    for setting in said.from {
                        context.absorb(setting, "named the traffic managers, which are now in the control plane");
                    }
                }
                let list = derived_brokers(context, &managers);
                if list.is_empty() {
                    continue;
                }
                Entry::derived(Value::list(list), "the traffic managers found, 5672 and their offset")
            }
        };
        context.set(target, "apim.throttling.throttle_decision_endpoints", entry);
        if context.target() == Target::V4_0 {
            write_service_url(context, target);
        }
    }
}

/// Whether the traffic manager has moved: lists that name the old nodes must name the control plane.
fn moved_inside(context: &Context<'_, '_>) -> bool {
    let old = context.with_role(Role::TrafficManager);
    context.placement == Placement::ControlPlane && !old.is_empty() && context.traffic_managers_on != old
}

fn names_all(context: &Context<'_, '_>, groups: &[Group], nodes: &[usize]) -> bool {
    groups.iter().flat_map(|group| &group.urls).all(|text| {
        Url::parse(text).and_then(|url| context.node_named(&url.host)).is_some_and(|node| nodes.contains(&node))
    })
}

fn broker_hosts_are(context: &Context<'_, '_>, brokers: &[String], nodes: &[usize]) -> bool {
    brokers.iter().all(|text| {
        Url::parse(text).and_then(|url| context.node_named(&url.host)).is_some_and(|node| nodes.contains(&node))
    })
}

/// One group per node: each gets every event.
fn derived_groups(context: &Context<'_, '_>, nodes: &[usize]) -> Vec<Group> {
    nodes
        .iter()
        .map(|node| {
            let (host, offset) = (context.host(*node), context.offset(*node));
            Group {
                urls: vec![format!("tcp://{host}:{}", shift(9611, offset))],
                auth: vec![format!("ssl://{host}:{}", shift(9711, offset))],
                kind: None,
            }
        })
        .collect()
}

fn derived_brokers(context: &Context<'_, '_>, nodes: &[usize]) -> Vec<String> {
    nodes.iter().map(|node| format!("tcp://{}:{}", context.host(*node), shift(5672, context.offset(*node)))).collect()
}

fn write_groups(context: &mut Context<'_, '_>, target: usize, groups: &[Group], like: &Entry) {
    for (index, group) in groups.iter().enumerate() {
        let key = |field: &str| format!("apim.throttling.url_group[{index}].{field}");
        let entry = |value: Value| Entry { value, ..like.clone() };
        context.set(target, key("traffic_manager_urls"), entry(Value::list(group.urls.clone())));
        context.set(target, key("traffic_manager_auth_urls"), entry(Value::list(group.auth.clone())));
        if let Some(kind) = group.kind {
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
        .filter(|fact| Url::parse(&fact.value).is_some_and(|url| same_host(&url.host, &service.host)))
        .map(|fact| fact.setting)
        .collect();
    let mut entry = Entry::said(value, from);
    if entry.from.is_empty() {
        entry.derived = Some("the traffic manager's service name".to_owned());
    }
    context.set(target, "apim.throttling.service_url", entry);
}

fn write_all_in_ones(context: &mut Context<'_, '_>) {
    let targets = context.targets(Profile::AllInOne);
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        let groups = groups_of(context, node);
        let brokers = brokers_of(context, node);
        if targets.len() == 1 {
            // Every default means the node itself, unless it names a traffic manager elsewhere.
            if let Some(said) = groups {
                write_groups(context, *target, &said.what, &Entry::said(Value::Boolean(true), said.from));
            }
            if let Some(said) = brokers {
                context.set(
                    *target,
                    "apim.throttling.throttle_decision_endpoints",
                    Entry::said(Value::list(said.what), said.from),
                );
            }
            continue;
        }
        write_twin(context, *target, node, &targets, groups, brokers);
    }
}

/// An active-active twin: the node itself first, then the other (B.6).
fn write_twin(
    context: &mut Context<'_, '_>,
    target: usize,
    node: usize,
    targets: &[usize],
    groups: Option<Said<Vec<Group>>>,
    brokers: Option<Said<Vec<String>>>,
) {
    let mut nodes: Vec<usize> = targets.iter().filter_map(|other| context.plan.nodes[*other].stands_on).collect();
    let own = nodes.iter().position(|other| *other == node).unwrap_or(0);
    nodes.rotate_left(own);
    let mut written = derived_groups(context, &nodes);
    let mut like = Entry::derived(Value::Boolean(true), "one group for each twin, the node itself first");
    if let Some(said) = groups {
        // The old groups hold if they name the twins one by one; their ports are the ones written.
        for group in &mut written {
            let wanted = group.urls[0].clone();
            let host = Url::parse(&wanted).map(|url| url.host.clone()).unwrap_or_default();
            if let Some(old) = said.what.iter().find(|old| {
                old.urls.len() == 1 && Url::parse(&old.urls[0]).is_some_and(|url| same_host(&url.host, &host))
            }) {
                *group = old.clone();
            }
        }
        like = Entry::said(Value::Boolean(true), said.from);
    }
    write_groups(context, target, &written, &like);
    let offset = context.offset(node);
    let from = brokers.map(|said| said.from).unwrap_or_default();
    let value = Value::list([format!("tcp://localhost:{}", shift(5672, offset))]);
    let mut entry = Entry::said(value, from.clone());
    if from.is_empty() {
        entry.derived = Some("the node's own broker".to_owned());
    }
    context.set(target, "apim.throttling.throttle_decision_endpoints", entry);
    write_duplicates(context, target, node, &nodes, "apim.throttling.event_duplicate_url", &from);
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

fn write_traffic_managers(context: &mut Context<'_, '_>) {
    let targets = context.targets(Profile::TrafficManager);
    let twins: Vec<usize> = targets.iter().filter_map(|target| context.plan.nodes[*target].stands_on).collect();
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        if targets.len() < 2 {
            continue;
        }
        if context.target() != Target::V4_0 {
            let value = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
            context.derive(*target, "apim.throttling.throttle_decision_endpoints", value, "the node's own broker");
        }
        write_duplicates(context, *target, node, &twins, "apim.throttling.event_duplicate_url", &[]);
    }
}

fn write_control_plane(context: &mut Context<'_, '_>) {
    let targets = context.targets(Profile::ControlPlane);
    let inside = context.placement == Placement::ControlPlane;
    let v4_0 = context.target() == Target::V4_0;
    let on = context.control_plane_on.clone();
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        if v4_0 {
            if !inside {
                write_service_url(context, *target);
                copy_from_gateway(context, *target);
            } else if targets.len() > 1 {
                write_service_url(context, *target);
                write_groups(
                    context,
                    *target,
                    &derived_groups(context, &on),
                    &Entry::derived(Value::Boolean(true), "all control-plane nodes"),
                );
                let value = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
                context.derive(*target, "apim.throttling.throttle_decision_endpoints", value, "the node's own broker");
                write_duplicates(context, *target, node, &on, "apim.throttling.event_duplicate_url", &[]);
            }
        } else if inside && targets.len() > 1 {
            let value = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
            context.derive(
                *target,
                "apim.throttling.throttle_decision_endpoints",
                value,
                "the traffic manager inside: its own broker",
            );
        }
    }
}

/// 4.0: the control plane names the traffic manager as the gateways do (B.7).
fn copy_from_gateway(context: &mut Context<'_, '_>, target: usize) {
    let publishers = context.in_order(&[Role::Publisher, Role::Store, Role::KeyManager]);
    let own_groups = publishers.iter().find_map(|node| groups_of(context, *node));
    if let Some(gateway) = context.targets(Profile::GatewayWorker).first().copied() {
        let copies: Vec<(String, Entry)> = context.plan.nodes[gateway]
            .entries
            .iter()
            .filter(|(key, _)| {
                key.starts_with("apim.throttling.url_group") || *key == "apim.throttling.throttle_decision_endpoints"
            })
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect();
        for (key, mut entry) in copies {
            if key.contains("url_group")
                && let Some(said) = &own_groups
            {
                entry.from.extend(
                    said.from.iter().filter(|setting| !entry.from.contains(setting)).copied().collect::<Vec<_>>(),
                );
            }
            context.set(target, key, entry);
        }
        return;
    }
    let managers = context.traffic_managers_on.clone();
    let groups = own_groups.map_or_else(
        || (derived_groups(context, &managers), Entry::derived(Value::Boolean(true), "the traffic managers found")),
        |said| (said.what, Entry::said(Value::Boolean(true), said.from)),
    );
    write_groups(context, target, &groups.0, &groups.1);
    let list = derived_brokers(context, &managers);
    if !list.is_empty() {
        context.derive(
            target,
            "apim.throttling.throttle_decision_endpoints",
            Value::list(list),
            "the traffic managers found",
        );
    }
}

/// What nodes say of traffic managers without its standing in a key.
fn mark_rest(context: &mut Context<'_, '_>) {
    for node in 0..context.source.nodes.len() {
        let reads = context.source.nodes[node]
            .roles
            .iter()
            .any(|role| matches!(role, Role::GatewayWorker | Role::GatewayManager | Role::AllInOne));
        for fact in [
            "traffic-manager.receivers",
            "traffic-manager.auth",
            "data-publisher.receivers",
            "data-publisher.auth",
            "jms.connection",
            "jndi.connection",
            "policy-deployer.url",
            "jms.url",
        ] {
            let facts: Vec<(SettingId, String)> = context.nodes[node]
                .settings
                .facts_named(fact)
                .filter(|fact| fact.changed)
                .map(|fact| (fact.setting, fact.value.clone()))
                .collect();
            for (setting, value) in facts {
                if fact == "jms.url" && reads {
                    check_unused_jms_url(context, node, setting, &value);
                }
                let word = match fact {
                    "policy-deployer.url" => "names the traffic manager; policies are pulled from the event hub",
                    "jms.url" => "names the traffic manager's broker",
                    "jndi.connection" | "jms.connection" => "names the brokers of the traffic managers",
                    _ => "names the receivers of the traffic managers",
                };
                if remote_somewhere(context, node, &value) {
                    context.absorb(setting, word);
                } else {
                    context.mark(setting, Use::Default("local: the node's own".to_owned()));
                }
            }
        }
        for fact in [
            "traffic-manager.username",
            "traffic-manager.password",
            "data-publisher.username",
            "data-publisher.password",
            "policy-deployer.username",
            "policy-deployer.password",
            "jms.username",
            "jms.password",
            "traffic-manager.type",
            "data-publisher.type",
        ] {
            mark_credential(context, node, fact, reads);
        }
    }
}

fn check_unused_jms_url(context: &mut Context<'_, '_>, node: usize, setting: SettingId, value: &str) {
    let text = context.value(node, "jms.connection").unwrap_or_default();
    let used = text.contains("${jms.url}");
    let named = Url::parse(value).map(|url| url.host.clone()).unwrap_or_default();
    if !used && !text.is_empty() && !text.contains(&named) && !host::is_local(&named) {
        context.find_at(
            Code::JmsUrlUnused,
            setting,
            "JMSConnectionDetails/ServiceURL is not used by the connection factory",
        );
    }
}

/// Whether a text of URLs names a host that is not the node itself.
fn remote_somewhere(context: &Context<'_, '_>, node: usize, text: &str) -> bool {
    text.split([',', ';', '{', '}', '|', '\''])
        .filter_map(|part| {
            let start = part
                .rfind("://")
                .map(|at| part[..at].rfind(|c: char| !c.is_ascii_alphanumeric()).map_or(0, |from| from + 1))?;
            Url::parse(part[start..].trim())
        })
        .any(|url| !context.is_local(node, &url.host))
}

/// Receiver credentials: the super admin's are the default; others are the gateway's to write.
fn mark_credential(context: &mut Context<'_, '_>, node: usize, fact: &str, reads: bool) {
    let Some((setting, value)) = context.changed(node, fact).map(|fact| (fact.setting, fact.value.clone())) else {
        return;
    };
    let password = fact.ends_with("password");
    if fact.ends_with("type") {
        if value.eq_ignore_ascii_case("thrift") && reads {
            for target in gateway_targets(context, node) {
                context.set(target, "apim.throttling.event_type", Entry::said(Value::text("Thrift"), vec![setting]));
            }
        }
        context.mark(setting, Use::Retired("not read by this node's role".to_owned()));
        return;
    }
    let admin = if password { context.is_admin_password(&value) } else { context.is_admin_name(&value) };
    if admin {
        context.mark(setting, Use::Default("the super admin, which is the target's default".to_owned()));
        return;
    }
    let receiver = fact.starts_with("traffic-manager.") || fact.starts_with("data-publisher.");
    if receiver && reads {
        let key = if password { "apim.throttling.receiver_password" } else { "apim.throttling.receiver_username" };
        for target in gateway_targets(context, node) {
            context.set(target, key, Entry::said(Value::text(value.clone()), vec![setting]).secret(password));
        }
    }
    if fact.starts_with("policy-deployer.") && context.target() == Target::V4_0 {
        let key =
            if password { "apim.throttling.policy_deploy.password" } else { "apim.throttling.policy_deploy.username" };
        for target in context.targets(Profile::ControlPlane) {
            context.set(target, key, Entry::said(Value::text(value.clone()), vec![setting]).secret(password));
        }
    }
    context.mark(setting, Use::Retired("not read by this node's role, or by nothing in the target".to_owned()));
}

fn gateway_targets(context: &Context<'_, '_>, node: usize) -> Vec<usize> {
    [context.targets(Profile::GatewayWorker), context.targets(Profile::AllInOne)]
        .concat()
        .into_iter()
        .filter(|target| context.plan.nodes[*target].merged.contains(&node))
        .collect()
}
