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
    for node in 0..context.source.nodes.len() {
        for (fact, word) in [
            ("store.url", "names the store, which is in the control plane"),
            ("revoke.url", "names the gateway, where 2.x revoked tokens"),
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
        return context.control_plane.as_ref().map(crate::topology::source::Address::authority);
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
    for node in nodes {
        let Some(fact) = context.changed(*node, "revoke.url") else { continue };
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
