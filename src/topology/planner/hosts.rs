//! The server itself: host name, role word, offset, proxy ports (B.1, B.2, C.9).

use std::collections::BTreeMap;

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::host;
use crate::value::Value;

use super::conflicts::Word;
use super::context::{Context, Question};
use super::plan::{Entry, Use};

/// Writes `[server]` and the proxy ports of every node.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        write_role(context, target);
        write_hostname(context, target);
        write_offset(context, target);
        write_node_ip(context, target);
        write_proxy_ports(context, target);
    }
    let all: Vec<usize> = (0..context.plan.nodes.len()).collect();
    check_address(context, &all);
    mark_merged(context);
}

/// New nodes that say one address of their own: one of them is copied from another.
pub fn check_address(context: &mut Context<'_, '_>, targets: &[usize]) {
    const KEY: &str = "server.node_ip";
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for target in targets {
        let Some(entry) = context.plan.nodes[*target].entries.get(KEY) else { continue };
        let (value, from) = (entry.value.plain(), entry.from.first().copied());
        // What each machine fills in for itself is another address on each.
        let Some(setting) = from.filter(|_| !host::is_local(&value) && !value.contains(['$', '{'])) else { continue };
        let first = *known.entry(value.clone()).or_insert(*target);
        let Some(node) = context.plan.nodes[*target].stands_on.filter(|_| first != *target) else { continue };
        let (own, name) = (context.source.nodes[node].own.clone(), context.nodes[node].name.clone());
        if own.how == "answered" {
            if let Some(entry) = context.plan.nodes[*target].entries.get_mut(KEY) {
                entry.value = Value::text(own.host);
                entry.decision = Some("node-address".to_owned());
            }
            continue;
        }
        let other = context.plan.nodes[first].name.clone();
        let message = format!("{KEY} of `{name}` is {value}, as on `{other}`: one of the two is copied");
        context.find_at(Code::TwinNamesItself, setting, message);
        context.ask(Question {
            id: "node-address",
            about: &name,
            default: &own.host,
            open: true,
            affects: &[KEY],
            ..Question::default()
        });
    }
}

/// The word of a node's profile in the target's packaging. Each separate distribution knows no word but `default`; an
/// All-in-one used as control plane is told so.
pub fn role_word(context: &Context<'_, '_>, target: usize) -> &'static str {
    let profile = context.plan.nodes[target].profile;
    let inside = context.placement == Placement::ControlPlane && profile == Profile::ControlPlane;
    match profile {
        Profile::AllInOne => "default",
        _ if context.target().separate_distributions() && !inside => "default",
        other => other.word(),
    }
}

fn write_role(context: &mut Context<'_, '_>, target: usize) {
    let profile = context.plan.nodes[target].profile;
    let separate = context.target().separate_distributions();
    let word = role_word(context, target);
    context.derive(target, "server.server_role", Value::text(word), "the profile");
    if separate && word == "default" && profile != Profile::AllInOne {
        let name = context.plan.nodes[target].name.clone();
        context.find_on(Code::RoleIsTheDistribution, &name, format!("`{name}`: the distribution is the role"));
    }
}

pub fn write_hostname(context: &mut Context<'_, '_>, target: usize) {
    let Some(node) = context.plan.nodes[target].stands_on else { return };
    let moved = context.moved.get(&node).filter(|_| context.plan.nodes[target].profile == Profile::ControlPlane);
    if let Some(address) = moved {
        let entry = Entry::derived(Value::text(address.host.clone()), "the answer given").by("control-plane-host");
        context.set(target, "server.hostname", entry);
        return;
    }
    let stated =
        context.fact(node, "server.host-name").filter(|fact| !fact.value.is_empty() && !is_variable(&fact.value));
    let (hostname, mut entry) = match stated {
        // `localhost` written in a file of 2.x is no name for browsers: what is known of the node is.
        Some(fact) if !host::is_local(&fact.value) || (fact.changed && !names_better(context, node)) => {
            (fact.value.clone(), Entry::said(Value::text(fact.value.clone()), vec![fact.setting]))
        }
        other => {
            let own = context.source.nodes[node].own.clone();
            let from = other.map(|fact| vec![fact.setting]).unwrap_or_default();
            let mut entry = Entry::said(
                Value::text(own.host.clone()),
                if context.same_host(&own.host, other.map_or("", |fact| &fact.value)) { from } else { Vec::new() },
            );
            entry.derived = Some(own.how.clone());
            (own.host, entry)
        }
    };
    if let Some(fact) = context.fact(node, "server.mgt-host-name") {
        let (setting, value, changed) = (fact.setting, fact.value.clone(), fact.changed);
        if context.same_host(&value, &hostname) {
            context.absorb(setting, "equal to HostName: server.hostname writes both");
        } else if changed && !is_variable(&value) && !host::is_local(&value) {
            context.set(target, "server.mgt_console_hostname", Entry::said(Value::text(value), vec![setting]));
        }
    }
    if entry.from.is_empty() && entry.derived.is_none() {
        entry.derived = Some("the node's own name".to_owned());
    }
    context.set(target, "server.hostname", entry);
}

/// Whether the address of a node of 2.x is known, whatever its `HostName` says.
fn names_better(context: &Context<'_, '_>, node: usize) -> bool {
    let own = &context.source.nodes[node].own;
    context.nodes[node].version.major == 2 && !own.guessed && !host::is_local(&own.host)
}

/// A host name that is only a variable of the product's own says nothing.
fn is_variable(text: &str) -> bool {
    matches!(text.trim(), "${carbon.host}" | "${carbon.local.ip}" | "")
}

fn write_offset(context: &mut Context<'_, '_>, target: usize) {
    let Some(node) = context.plan.nodes[target].stands_on else { return };
    let mut offset = context.offset(node);
    let from: Vec<SettingId> = context.fact(node, "server.offset").map(|fact| fact.setting).into_iter().collect();
    // The second node on one host needs ports of its own.
    let earlier = context.plan.nodes[..target].iter().any(|other| other.stands_on == Some(node));
    let mut entry = Entry::said(Value::Integer(offset), from);
    if earlier {
        let default = (offset + 1).to_string();
        let chosen = context.ask(Question {
            id: "second-node-offset",
            default: &default,
            affects: &["server.offset"],
            ..Question::default()
        });
        offset = chosen.parse().unwrap_or(offset + 1);
        entry = Entry::derived(Value::Integer(offset), "a second node on one host").by("second-node-offset");
    }
    if offset != 0 {
        context.set(target, "server.offset", entry);
    }
}

fn write_proxy_ports(context: &mut Context<'_, '_>, target: usize) {
    let Some(node) = context.plan.nodes[target].stands_on else { return };
    let nodes = [
        ("connector.http.proxy-port", "transport.http.properties.proxyPort"),
        ("connector.https.proxy-port", "transport.https.properties.proxyPort"),
    ];
    for (fact, key) in nodes {
        let own = context.fact(node, fact).map(|fact| (fact.setting, fact.value.clone()));
        if context.plan.nodes[target].profile == Profile::ControlPlane && key.contains("https") {
            write_public_port(context, target, node, own.as_ref(), fact, key);
        } else if let Some((setting, value)) = own {
            context.set(target, key, Entry::said(crate::mapping::codec::typed(&value), vec![setting]));
        } else if key.contains("https") && stands_behind_a_balancer(context, target) {
            context.derive(target, key, Value::Integer(443), "the port of the twins' public address");
        }
    }
}

/// Whether a node is one of several that serve everything at one public address without a port (B.6).
fn stands_behind_a_balancer(context: &Context<'_, '_>, target: usize) -> bool {
    let twins = context.targets(Profile::AllInOne);
    let public = context.source.services.get(&Role::AllInOne);
    twins.len() > 1
        && twins.contains(&target)
        && public.is_some_and(|address| !address.guessed && matches!(address.port, None | Some(443)))
}

/// The control plane's proxy port follows its public address; a connector of a merged node that says otherwise is
/// a conflict (C.9).
fn write_public_port(
    context: &mut Context<'_, '_>,
    target: usize,
    node: usize,
    own: Option<&(SettingId, String)>,
    fact: &'static str,
    key: &'static str,
) {
    let offset = context.offset(node);
    let port = context.public.as_ref().or(context.control_plane.as_ref()).and_then(|address| address.port);
    let public = match port {
        None | Some(443) => Some(443),
        Some(port) if i64::from(port) == 9443 + offset => None,
        Some(port) => Some(i64::from(port)),
    };
    let wanted = public.map_or_else(|| "none".to_owned(), |port: i64| port.to_string());
    let merged = context.plan.nodes[target].merged.clone();
    // A connector that says the same stands in the key; the standing node's own first.
    let own = own.iter().map(|(setting, value)| Word::of(*setting, value.clone()));
    let same = merged.iter().filter_map(|other| context.fact(*other, fact));
    let same = same.map(|said| Word::of(said.setting, said.value.clone()));
    let from = own.chain(same).find(|word| word.text == wanted).and_then(|word| word.from);
    let mut words = vec![Word { from, text: wanted.clone() }];
    for other in merged.into_iter().filter(|other| Some(*other) != from.map(|setting| setting.node as usize)) {
        let in_it = context.source.nodes[other].roles.iter().any(|role| role.in_control_plane());
        let said = context.fact(other, fact).filter(|said| said.value == wanted || (said.changed && in_it));
        words.extend(said.map(|said| Word::of(said.setting, said.value.clone())));
    }
    let held = context.settle(key, &words, true, Some("the control plane's public address"));
    // `none` is a word for no proxy port, not a port.
    if held.text == "none" {
        return;
    }
    let mut entry = held.entry(crate::mapping::codec::typed(&held.text));
    if entry.from.is_empty() && entry.derived.is_none() {
        entry.derived = Some("the port of the control plane's public address".to_owned());
    }
    context.set(target, key, entry);
}

/// The address of the node itself, where its deployment.toml says it.
fn write_node_ip(context: &mut Context<'_, '_>, target: usize) {
    let Some(node) = context.plan.nodes[target].stands_on else { return };
    if let Some(fact) = context.fact(node, "server.node-ip") {
        let entry = Entry::said(Value::text(fact.value.clone()), vec![fact.setting]);
        context.set(target, "server.node_ip", entry);
    }
}

/// Names of nodes that are merged away: they told the topology.
fn mark_merged(context: &mut Context<'_, '_>) {
    for node in 0..context.source.nodes.len() {
        let name = context.nodes[node].name.clone();
        for fact in [
            "server.host-name",
            "server.mgt-host-name",
            "server.offset",
            "server.url",
            "server.node-ip",
            "cluster.local-member-host",
            "cluster.member-host",
        ] {
            let settings: Vec<SettingId> = context.nodes[node]
                .settings
                .facts_named(fact)
                .filter(|fact| fact.changed)
                .map(|fact| fact.setting)
                .collect();
            for setting in settings {
                context.absorb(setting, format!("the address of `{name}`, which the topology was found by"));
            }
        }
        for fact in ["server.role", "server.profile"] {
            if let Some(setting) = context.changed(node, fact).map(|fact| fact.setting) {
                context.absorb(setting, "tells what the node did: the new one says its own profile");
            }
        }
        for fact in ["cluster.enabled", "cluster.domain", "cluster.membership-scheme"] {
            let setting = context.changed(node, fact).map(|fact| fact.setting);
            if let Some(setting) = setting {
                context.mark(setting, Use::Retired("4.x nodes need no member cluster".to_owned()));
            }
        }
        if let Some(setting) = context.changed(node, "server.version").map(|fact| fact.setting) {
            context.absorb(setting, "tells the version of the old server");
        }
    }
}
