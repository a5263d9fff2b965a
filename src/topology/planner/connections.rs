//! How the new nodes reach each other: key manager, event hub, the token revocation listener (B.3 to B.7, C.7).

use crate::diagnostic::Code;
use crate::mapping::{Fact, SettingId};
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::host::Url;
use crate::value::Value;
use crate::version::Target;

use super::context::{Context, Question, bracketed, shift};
use super::environments::{context_path, stands_on};
use super::plan::Entry;
use super::throttling::{derived_brokers, write_duplicates};

const OWN_HTTPS: &str = "https://localhost:${mgt.transport.https.port}";

/// Writes the connections.
pub fn write(context: &mut Context<'_, '_>) {
    let external = external_key_manager(context);
    if let Some(control_plane) = context.control_plane.clone() {
        let services = format!("https://{}/services/", control_plane.authority());
        write_key_manager(context, &services, external.as_ref());
        if context.target() != Target::V4_0 {
            write_event_hub(context, &services);
        }
        // Of older nodes the source stage asked.
        let twins: Vec<usize> = context.control_plane_on.clone();
        let new = |node: &usize| context.is_unknown(*node) && context.nodes[*node].version.major > 3;
        let unknown: Vec<usize> = twins.iter().copied().filter(new).collect();
        if twins.len() > 1 {
            ask_for_addresses(context, &unknown);
        }
    } else if let Some((url, from)) = &external {
        for target in context.targets(Profile::AllInOne) {
            write_external(context, target, url, from);
        }
    }
    if external.is_none() {
        keep_key_managers(context);
    }
    mark_key_manager_urls(context);
    write_listener(context, external.is_some());
}

/// The Identity Server that is the key manager: its URL as the nodes wrote it (C.2, D.4).
fn external_key_manager(context: &mut Context<'_, '_>) -> Option<(String, Vec<SettingId>)> {
    if context.source.nodes.iter().any(|node| node.roles.contains(&Role::KeyManager)) {
        return None;
    }
    let is_host = context.source.services.get(&Role::IsAsKm).cloned();
    let mut found: Option<(String, Vec<SettingId>)> = None;
    for node in 0..context.source.nodes.len() {
        let Some(fact) = context.changed(node, "key-manager.url") else { continue };
        let Some(url) = Url::parse(&fact.value) else { continue };
        let named = context.node_named(&url.host);
        let external = match &is_host {
            Some(address) => context.same_host(&address.host, &url.host) || named.is_none(),
            None => false,
        };
        if !external || context.is_local(node, &url.host) {
            continue;
        }
        let port = context.port(node, &url);
        let value = format!("{}://{}{}{}", url.scheme, bracketed(&url.host), port.suffix(), context_path(&url.path));
        match &mut found {
            None => found = Some((value, vec![fact.setting])),
            Some((known, from)) if *known == value => from.push(fact.setting),
            Some(_) => {}
        }
    }
    if let Some((url, from)) = &found {
        // A node of the input may be known as another product; of a mere URL no one knows what answers there.
        let known = !context.with_role(Role::IsAsKm).is_empty();
        let what = if known { "another product" } else { "a host that is none of these nodes" };
        let message = format!("the key manager is {what}: its URL {url} was kept");
        context.find_at(Code::ExternalKeyManager, from[0], message);
    }
    found
}

/// All-in-ones whose deployment.toml names another node as key manager: its URL stays, and is told.
fn keep_key_managers(context: &mut Context<'_, '_>) {
    for target in context.targets(Profile::AllInOne) {
        let Some(node) = context.plan.nodes[target].stands_on.filter(|node| context.nodes[*node].version.major > 2)
        else {
            continue;
        };
        let Some(fact) = context.changed(node, "key-manager.url") else { continue };
        let Some(url) = Url::parse(&fact.value) else { continue };
        let named = stands_on(context, node, &url);
        let Some(other) = named.first().copied().filter(|_| !named.contains(&node)) else { continue };
        let port = context.port(node, &url);
        let value = format!("{}://{}{}{}", url.scheme, bracketed(&url.host), port.suffix(), context_path(&url.path));
        let message =
            format!("the key manager is another node, `{}`: its URL {value} was kept", context.nodes[other].name);
        context.find_at(Code::ExternalKeyManager, fact.setting, message);
        context.set(target, "apim.key_manager.service_url", Entry::said(Value::text(value), vec![fact.setting]));
    }
}

fn write_external(context: &mut Context<'_, '_>, target: usize, url: &str, from: &[SettingId]) {
    context.set(target, "apim.key_manager.service_url", Entry::said(Value::text(url), from.to_vec()));
    context.derive(target, "apim.key_manager.type", Value::text("WSO2-IS"), "the key manager is an Identity Server");
}

fn write_key_manager(context: &mut Context<'_, '_>, services: &str, external: Option<&(String, Vec<SettingId>)>) {
    for profile in [Profile::ControlPlane, Profile::GatewayWorker, Profile::TrafficManager] {
        for target in context.targets(profile) {
            if let Some((url, from)) = external {
                write_external(context, target, url, from);
                continue;
            }
            let merged = context.plan.nodes[target].merged.clone();
            let from: Vec<SettingId> = merged
                .iter()
                .filter_map(|node| context.changed(*node, "key-manager.url"))
                .filter(|_| profile != Profile::TrafficManager)
                .map(|fact| fact.setting)
                .collect();
            let mut entry = Entry::said(Value::text(services), from);
            entry.derived = Some("the control plane's service name".to_owned());
            context.set(target, "apim.key_manager.service_url", entry);
        }
    }
}

/// Writes the event hub of the current model: the control plane.
pub fn write_event_hub(context: &mut Context<'_, '_>, services: &str) {
    let on = context.control_plane_on.clone();
    let brokers: Vec<String> = if on.is_empty() {
        let host = context.control_plane.as_ref().map(|address| address.host.clone()).unwrap_or_default();
        vec![format!("tcp://{host}:5672")]
    } else {
        derived_brokers(context, &on)
    };
    for target in [context.targets(Profile::GatewayWorker), context.targets(Profile::TrafficManager)].concat() {
        context.derive(target, "apim.event_hub.service_url", Value::text(services), "the control plane's service name");
        let why = "the broker of each control-plane node";
        let key = "apim.event_hub.event_listening_endpoints";
        match said_brokers(context, target).filter(|_| on.iter().any(|node| context.is_unknown(*node))) {
            Some((list, from)) => context.set(target, key, Entry::said(Value::list(list), vec![from])),
            None => context.derive(target, key, Value::list(brokers.clone()), why),
        }
    }
    let targets = context.targets(Profile::ControlPlane);
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        context.derive(
            *target,
            "apim.event_hub.service_url",
            Value::text(services),
            "the control plane's service name: its own",
        );
        let own = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
        context.derive(*target, "apim.event_hub.event_listening_endpoints", own, "its own broker, 5672 and its offset");
        let known = on.iter().filter(|twin| **twin == node || !context.is_unknown(**twin)).copied();
        for (index, twin) in known.collect::<Vec<usize>>().iter().enumerate() {
            let (host, offset) = (context.host(*twin), context.offset(*twin));
            let why = "the receiver of each control-plane node";
            let key = |field: &str| format!("apim.event_hub.publish.url_group[{index}].{field}");
            context.derive(*target, key("urls"), Value::list([format!("tcp://{host}:{}", shift(9611, offset))]), why);
            context.derive(
                *target,
                key("auth_urls"),
                Value::list([format!("ssl://{host}:{}", shift(9711, offset))]),
                why,
            );
        }
        if targets.len() > 1 {
            write_duplicates(context, *target, node, &on, "apim.event_hub.event_duplicate_url", &[]);
            write_revocation_copy(context, *target, node, &on);
        }
    }
}

/// The brokers of the hub that a node names itself.
fn said_brokers(context: &Context<'_, '_>, target: usize) -> Option<(Vec<String>, SettingId)> {
    let merged = context.plan.nodes[target].merged.iter();
    let fact =
        merged.filter_map(|node| context.fact(*node, "event-hub.brokers")).find(|fact| !fact.value.is_empty())?;
    let list: Vec<String> = fact.value.split(',').map(|url| url.trim().to_owned()).collect();
    let elsewhere = list.iter().all(|url| Url::parse(url).is_some_and(|url| !url.is_local()));
    elsewhere.then_some((list, fact.setting))
}

/// Twins that hold the control plane name each other: where nothing tells how they are reached, a person must (A.4).
pub fn ask_for_addresses(context: &mut Context<'_, '_>, nodes: &[usize]) {
    for node in nodes.iter().copied() {
        let own = context.source.nodes[node].own.clone();
        if own.guessed {
            let name = context.nodes[node].name.clone();
            let message = format!("`{}` is written as its address: {}", own.host, own.how);
            context.find_on(Code::AddressGuessed, &name, message);
            context.ask(Question {
                id: "node-address",
                about: &name,
                default: &own.host,
                open: true,
                affects: &["apim.event_hub.event_listening_endpoints", "apim.event_hub.publish.url_group"],
                ..Question::default()
            });
        }
    }
}

/// 4.1 and 4.2 switch every second publisher by the throttling key alone (B.3); from 4.6 on it adds nothing.
fn write_revocation_copy(context: &mut Context<'_, '_>, target: usize, node: usize, on: &[usize]) {
    let needed = context.target() != Target::V4_6 || context.placement == Placement::ControlPlane;
    if !needed {
        return;
    }
    let chosen = context.ask(Question {
        id: "duplicate-token-revocation",
        choices: &["yes", "no"],
        default: "yes",
        affects: &["apim.throttling.event_duplicate_url"],
        ..Question::default()
    });
    if chosen == "yes" || context.placement == Placement::ControlPlane {
        write_duplicates(context, target, node, on, "apim.throttling.event_duplicate_url", &[]);
    }
}

/// What nodes say of the key manager's address: it tells where the control plane is.
fn mark_key_manager_urls(context: &mut Context<'_, '_>) {
    for node in 0..context.source.nodes.len() {
        check_auth_manager(context, node);
        for (name, word) in [
            ("event-hub.url", "names the event hub, which is the control plane"),
            ("event-hub.brokers", "names the event hub's brokers, which are the control plane's"),
            ("event-hub.duplicates", "names the twin: written anew from the nodes found"),
            ("event-hub.receivers", "names the event hub's receivers, which are the control plane's"),
            ("event-hub.auth", "names the event hub's receivers, which are the control plane's"),
            ("key-manager.url", "names the key manager, which is in the control plane"),
            ("auth-manager.url", "names the key manager; the portals log in over OIDC"),
            ("thrift.server-host", "names the key manager; keys are validated in the gateway's memory"),
            ("publisher.url", "names the publisher, which is in the control plane"),
        ] {
            let nodes = context.nodes;
            for fact in nodes[node].settings.facts_named(name).filter(|fact| fact.changed) {
                context.absorb(fact.setting, word);
            }
        }
    }
}

/// Only the portals log in through it.
fn check_auth_manager(context: &mut Context<'_, '_>, node: usize) {
    let portal =
        [Role::Publisher, Role::Store, Role::AllInOne].iter().any(|role| context.source.nodes[node].has(*role));
    if !portal {
        return;
    }
    let (Some(auth), Some(key)) = (context.changed(node, "auth-manager.url"), context.changed(node, "key-manager.url"))
    else {
        return;
    };
    let (Some(auth_url), Some(key_url)) = (Url::parse(&auth.value), Url::parse(&key.value)) else { return };
    if context.same_host(&auth_url.host, &key_url.host)
        || context.is_local(node, &auth_url.host)
        || context.is_local(node, &key_url.host)
    {
        return;
    }
    // Two names of one node are one place.
    if context.node_named(&auth_url.host).is_some()
        && context.node_named(&auth_url.host) == context.node_named(&key_url.host)
    {
        return;
    }
    let setting = auth.setting;
    let message = format!("the portals logged in at {}, keys were validated at {}", &auth_url.host, &key_url.host);
    context.find_at(Code::AuthManagerElsewhere, setting, message);
    let chosen = context.ask(Question {
        id: "identity-provider",
        default: "resident",
        affects: &["apim.idp"],
        ..Question::default()
    });
    if chosen == "resident" {
        return;
    }
    let base = chosen.trim_end_matches('/').to_owned();
    for target in context.targets(Profile::ControlPlane) {
        for (key, path) in [
            ("server_url", ""),
            ("authorize_endpoint", "/oauth2/authorize"),
            ("oidc_logout_endpoint", "/oidc/logout"),
            ("oidc_check_session_endpoint", "/oidc/checksession"),
        ] {
            let entry =
                Entry::derived(Value::text(format!("{base}{path}")), "the answer given").by("identity-provider");
            context.set(target, format!("apim.idp.{key}"), entry);
        }
    }
}

/// Revoked tokens are told to the event hub (C.7). Where the key manager is an Identity Server (`external`), it tells them:
/// then only a listener that stands in the old file is kept, for the resident key manager beside it.
fn write_listener(context: &mut Context<'_, '_>, external: bool) {
    let nodes = context.nodes;
    for target in context.control_planes() {
        let merged = context.plan.nodes[target].merged.clone();
        let posts = |fact: &&Fact<'_>| fact.entity.as_deref() == Some("token_revocation");
        let told = merged.iter().flat_map(|node| nodes[*node].settings.facts_named("listener.endpoint")).filter(posts);
        let told: Vec<SettingId> = told.map(|fact| fact.setting).collect();
        if external && told.is_empty() {
            continue;
        }
        let base = if context.plan.nodes[target].profile == Profile::AllInOne {
            OWN_HTTPS.to_owned()
        } else {
            let several = context.targets(Profile::ControlPlane).len() > 1;
            let chosen = if several {
                context.ask(Question {
                    id: "notification-endpoint",
                    choices: &["balancer", "localhost"],
                    default: "balancer",
                    affects: &["event_listener[].properties.notification_endpoint"],
                    ..Question::default()
                })
            } else {
                "balancer".to_owned()
            };
            let hub_elsewhere = context.target() == Target::V4_0 && context.placement == Placement::Separate;
            let traffic_manager = context.source.services.get(&Role::TrafficManager).cloned().filter(|_| hub_elsewhere);
            match (chosen.as_str(), traffic_manager, &context.control_plane) {
                ("localhost", ..) | (_, None, None) => OWN_HTTPS.to_owned(),
                (_, Some(address), _) => format!("https://{}", address.authority()),
                (_, None, Some(address)) => format!("https://{}", address.authority()),
            }
        };
        let rows: [(&str, Value, &str); 8] = [
            ("id", Value::text("token_revocation"), "base block"),
            ("type", Value::text("org.wso2.carbon.identity.core.handler.AbstractIdentityHandler"), "base block"),
            ("name", Value::text("org.wso2.is.notification.ApimOauthEventInterceptor"), "base block"),
            ("order", Value::Integer(1), "base block"),
            (
                "properties.notification_endpoint",
                Value::text(format!("{base}/internal/data/v1/notify")),
                "the event hub's address",
            ),
            ("properties.username", Value::text("${admin.username}"), "base block"),
            ("properties.password", Value::text("${admin.password}"), "base block"),
            ("properties.'header.X-WSO2-KEY-MANAGER'", Value::text("default"), "base block"),
        ];
        // What else the old listener says stays as it is.
        for (key, value, why) in
            rows.into_iter().filter(|(key, ..)| !external || key.ends_with("notification_endpoint"))
        {
            let from = if key.ends_with("notification_endpoint") { told.clone() } else { Vec::new() };
            context.set(target, format!("event_listener[0].{key}"), Entry::derived(value, why).with(from));
        }
    }
    mark_listeners(context);
}

/// Listeners of nodes that hold no control plane, and endpoints of listeners of the administrator's own.
fn mark_listeners(context: &mut Context<'_, '_>) {
    let nodes = context.nodes;
    for (node, old) in nodes.iter().enumerate().filter(|(_, old)| old.set_aside.is_none()) {
        for fact in old.settings.facts_named("listener.endpoint") {
            let own = fact.entity.as_deref() != Some("token_revocation");
            let targets = context.control_planes();
            let merged = |target: &usize| context.plan.nodes[*target].merged.contains(&node);
            let holders: Vec<usize> = targets.into_iter().filter(merged).collect();
            for target in holders.iter().filter(|_| own) {
                let name = fact.entity.clone().unwrap_or_default();
                let known = context.entries.entry("event_listener".to_owned()).or_default();
                let next = known.len();
                let index = *known.entry(name).or_insert(next);
                let key = format!("event_listener[{index}].properties.notification_endpoint");
                context.set(*target, key, Entry::said(Value::text(fact.value.clone()), vec![fact.setting]));
            }
            if holders.is_empty() && context.source.nodes[node].has(Role::GatewayWorker) {
                let message = "revoked tokens are told by the control plane: the listener is dropped here";
                context.find_at(Code::ListenerOnGateway, fact.setting, message);
            }
            context.absorb(fact.setting, "names the event hub, which is the control plane");
        }
    }
}
