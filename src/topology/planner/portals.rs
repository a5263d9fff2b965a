//! Addresses that clients and portals see: developer portal, revocation (C.2, C.8).

use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::topology::source::host::{self, Url};
use crate::value::Value;

use super::context::{Context, Question, bracketed};
use super::plan::{Entry, Use};

/// Writes the portals' addresses.
pub fn write(context: &mut Context<'_, '_>) {
    for target in context.control_planes() {
        let nodes = context.plan.nodes[target].merged.clone();
        write_devportal(context, target, &nodes);
        write_display(context, target, &nodes, "store.display-url", "apim.devportal.display_url");
        write_display(context, target, &nodes, "publisher.display-url", "apim.publisher.display_url");
        write_revoke(context, target, &nodes);
    }
    write_workflow(context);
    for node in 0..context.source.nodes.len() {
        for (fact, word) in [
            ("store.url", "names the store, which is in the control plane"),
            ("revoke.url", "names where tokens were revoked: it is the control plane now"),
        ] {
            if let Some(setting) = context.changed(node, fact).map(|fact| fact.setting) {
                context.absorb(setting, word);
            }
        }
    }
}

/// The public address of the node: the control plane's, or the all-in-one's service name.
fn public(context: &Context<'_, '_>, target: usize) -> Option<String> {
    if context.plan.nodes[target].profile == Profile::ControlPlane {
        let address = context.public.as_ref().or(context.control_plane.as_ref());
        return address.map(crate::topology::source::Address::authority);
    }
    let node = context.plan.nodes[target].stands_on?;
    let service =
        context.source.services.get(&Role::AllInOne).cloned().unwrap_or_else(|| context.source.nodes[node].own.clone());
    Some(service.authority())
}

fn write_devportal(context: &mut Context<'_, '_>, target: usize, nodes: &[usize]) {
    let Some(mut authority) = public(context, target) else { return };
    let mut said: Vec<(SettingId, String)> = Vec::new();
    for node in nodes {
        let Some(fact) = context.changed(*node, "store.url") else { continue };
        let Some(url) = Url::parse(&fact.value) else { continue };
        if !host::is_local(&url.host) {
            let port = context.port(*node, &url);
            said.push((fact.setting, format!("{}{}", bracketed(&url.host), port.suffix())));
        }
    }
    let chosen = context.ask(Question {
        id: "devportal-url",
        choices: &["control-plane", "keep-host"],
        default: "control-plane",
        affects: &["apim.devportal.url"],
        ..Question::default()
    });
    if chosen == "keep-host"
        && let Some((_, host)) = said.first()
    {
        authority.clone_from(host);
    }
    if host::is_local(authority.split(':').next().unwrap_or_default()) {
        return;
    }
    let from = said.into_iter().map(|(setting, _)| setting).collect();
    let mut entry = Entry::said(Value::text(format!("https://{authority}/devportal")), from).by("devportal-url");
    if entry.from.is_empty() {
        entry.derived = Some("the public address of the portals".to_owned());
    }
    context.set(target, "apim.devportal.url", entry);
}

/// Any node's true counts.
fn write_display(context: &mut Context<'_, '_>, target: usize, nodes: &[usize], fact: &str, key: &str) {
    let from: Vec<SettingId> = nodes
        .iter()
        .filter_map(|node| context.changed(*node, fact))
        .filter(|fact| fact.value.eq_ignore_ascii_case("true"))
        .map(|fact| fact.setting)
        .collect();
    if !from.is_empty() {
        context.set(target, key, Entry::said(Value::Boolean(true), from));
    }
}

fn write_revoke(context: &mut Context<'_, '_>, target: usize, nodes: &[usize]) {
    let mut from = Vec::new();
    // Of OAuth the traffic managers are heard last, though they are no part of the control plane (D.2).
    let managers = context.with_role(Role::TrafficManager);
    let managers = managers.into_iter().filter(|node| !nodes.contains(node));
    for node in nodes.iter().copied().chain(managers) {
        let Some(fact) = context.changed(node, "revoke.url") else { continue };
        let remote = Url::parse(&fact.value).is_some_and(|url| !host::is_local(&url.host));
        if remote {
            from.push(fact.setting);
        } else {
            let setting = fact.setting;
            context.mark(setting, Use::Default("local: the target's own default".to_owned()));
        }
    }
    if from.is_empty() {
        return;
    }
    let Some(authority) = public(context, target) else { return };
    let value = Value::text(format!("https://{authority}/oauth2/revoke"));
    context.set(target, "apim.oauth_config.revoke_endpoint", Entry::said(value, from));
}

/// Addresses that the workflow engine of a 3.x deployment calls (semantics-settings.md 13.1): the host is kept, the
/// path is the target's, and a local address is the target's own default.
fn write_workflow(context: &mut Context<'_, '_>) {
    let nodes = context.nodes;
    for (name, key) in [
        ("workflow.callback-url", "apim.workflow.callback_endpoint"),
        ("workflow.dcr-url", "apim.workflow.client_registration_endpoint"),
        ("workflow.token-url", "apim.workflow.token_endpoint"),
    ] {
        let mut known = context.tables.catalog.defaults(key, context.target(), Profile::ControlPlane);
        known.dedup();
        let path = |default: &str| Url::parse(default).map(|url| url.path).unwrap_or_default();
        for node in context.in_order(&[Role::Publisher, Role::Store, Role::KeyManager]) {
            let Some(fact) = context.changed(node, name).filter(|_| nodes[node].version.major > 2) else { continue };
            let url = Url::parse(&fact.value).filter(|url| !context.is_local(node, &url.host));
            let Some(url) = url else {
                context.mark(fact.setting, Use::Default("the server's own: the target knows the path".to_owned()));
                continue;
            };
            let port = context.port(node, &url).suffix();
            if known.len() > 1 {
                let paths: Vec<String> = known.iter().map(|default| path(default)).collect();
                let message = format!(
                    "Set {key} to https://{}{port} and the path of the version that is installed: {}",
                    bracketed(&url.host),
                    paths.join(", ")
                );
                context.mark(fact.setting, Use::Manual(message));
                continue;
            }
            let told = format!("{}://{}{port}{}", url.scheme, bracketed(&url.host), path(known[0]));
            for target in context.control_planes() {
                if !context.plan.nodes[target].merged.contains(&node) {
                    continue;
                }
                let tokens = public(context, target).filter(|_| key.ends_with("token_endpoint"));
                let value = tokens.map_or_else(|| told.clone(), |own| format!("https://{own}/oauth2/token"));
                context.set(target, key, Entry::said(Value::text(value), vec![fact.setting]));
            }
            context.absorb(fact.setting, format!("another node's {key} holds"));
        }
    }
}
