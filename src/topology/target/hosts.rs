//! The server itself: host name, role word, offset, proxy ports (B.1, B.2, C.9).

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::host;
use crate::value::Value;

use super::context::{Context, Question, same_host};
use super::plan::{Conflict, Entry, Saw, Use};

/// Writes `[server]` and the proxy ports of every node.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        write_role(context, target);
        write_hostname(context, target);
        write_offset(context, target);
        write_proxy_ports(context, target);
    }
    mark_merged(context);
}

fn write_role(context: &mut Context<'_, '_>, target: usize) {
    let profile = context.plan.nodes[target].profile;
    let separate = context.target().separate_distributions();
    // Each separate distribution knows no word but `default`; an All-in-one used as control plane is told so.
    let inside = context.placement == Placement::ControlPlane && profile == Profile::ControlPlane;
    let word = match profile {
        Profile::AllInOne => "default",
        _ if separate && !inside => "default",
        other => other.word(),
    };
    context.derive(target, "server.server_role", Value::text(word), "the profile");
    if separate && word == "default" && profile != Profile::AllInOne {
        let name = context.plan.nodes[target].name.clone();
        context.find_on(Code::RoleIsTheDistribution, &name, format!("`{name}`: the distribution is the role"));
    }
}

fn write_hostname(context: &mut Context<'_, '_>, target: usize) {
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
        Some(fact) if fact.changed || !host::is_local(&fact.value) => {
            (fact.value.clone(), Entry::said(Value::text(fact.value.clone()), vec![fact.setting]))
        }
        other => {
            let own = context.source.nodes[node].own.clone();
            let from = other.map(|fact| vec![fact.setting]).unwrap_or_default();
            let mut entry = Entry::said(
                Value::text(own.host.clone()),
                if same_host(&own.host, other.map_or("", |fact| &fact.value)) { from } else { Vec::new() },
            );
            entry.derived = Some(own.how.clone());
            (own.host, entry)
        }
    };
    if let Some(fact) = context.fact(node, "server.mgt-host-name") {
        let (setting, value, changed) = (fact.setting, fact.value.clone(), fact.changed);
        if same_host(&value, &hostname) {
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
        }
    }
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
    let port = context.control_plane.as_ref().and_then(|address| address.port);
    let public = match port {
        None | Some(443) => Some(443),
        Some(port) if i64::from(port) == 9443 + offset => None,
        Some(port) => Some(i64::from(port)),
    };
    let wanted = public.map(|port| port.to_string());
    let losers: Vec<SettingId> = context.plan.nodes[target]
        .merged
        .clone()
        .into_iter()
        .filter(|other| context.source.nodes[*other].roles.iter().any(|role| role.in_control_plane()))
        .filter_map(|other| context.changed(other, fact))
        .filter(|said| Some(&said.value) != wanted.as_ref())
        .map(|said| said.setting)
        .collect();
    let from: Vec<SettingId> =
        own.iter().filter(|(_, value)| Some(value) == wanted.as_ref()).map(|(setting, _)| *setting).collect();
    let same: Vec<SettingId> = context.plan.nodes[target]
        .merged
        .clone()
        .into_iter()
        .filter_map(|other| context.fact(other, fact))
        .filter(|said| Some(&said.value) == wanted.as_ref())
        .map(|said| said.setting)
        .collect();
    let from = if from.is_empty() { same } else { from };
    if !losers.is_empty() && !context.plan.conflicts.iter().any(|conflict| conflict.key == key) {
        let shown = wanted.unwrap_or_else(|| "none".to_owned());
        let winner = Saw { setting: from.first().copied(), shown: shown.clone() };
        let (chosen, sayers) = context.conflict_with(target, key, winner, &losers);
        if chosen != shown {
            for setting in from {
                context.absorb(setting, format!("lost to the answer given: {key} is {chosen}"));
            }
            // `none` is a word for no proxy port, not a port.
            if chosen == "none" {
                return;
            }
            let mut entry = Entry::said(crate::mapping::codec::typed(&chosen), sayers).by(format!("conflict:{key}"));
            entry.derived = entry.from.is_empty().then(|| "the answer given".to_owned());
            context.set(target, key, entry);
            return;
        }
    }
    if let Some(public) = public {
        let mut entry = Entry::said(Value::Integer(public), from);
        if entry.from.is_empty() {
            entry.derived = Some("the port of the control plane's public address".to_owned());
        }
        context.set(target, key, entry);
    }
}

impl Context<'_, '_> {
    /// Records a conflict about `key` of `target` that a derived value won. Gives what holds, and the leaves among
    /// the losers that say so if it is an answer.
    fn conflict_with(
        &mut self,
        target: usize,
        key: &str,
        winner: Saw,
        losers: &[SettingId],
    ) -> (String, Vec<SettingId>) {
        let id = format!("conflict:{key}");
        let shown: Vec<String> = losers.iter().map(|setting| self.shown(*setting)).collect();
        let mut choices = vec![winner.shown.as_str()];
        choices.extend(shown.iter().map(String::as_str));
        choices.dedup();
        let chosen = self.ask(Question {
            id: &id,
            choices: &choices,
            default: &winner.shown,
            open: true,
            affects: &[key],
            ..Question::default()
        });
        // An answer may name the node whose word shall hold.
        let named = losers.iter().position(|loser| self.nodes[loser.node as usize].name == chosen);
        let chosen = named.map_or(chosen, |named| shown[named].clone());
        let mut sayers = Vec::new();
        for (loser, shown) in losers.iter().zip(&shown) {
            if *shown == chosen {
                sayers.push(*loser);
            } else if chosen == winner.shown {
                self.absorb(*loser, format!("lost to the control plane's public address: {key} is {chosen}"));
            } else {
                self.absorb(*loser, format!("lost to the answer given: {key} is {chosen}"));
            }
        }
        let losers = losers.iter().zip(shown).map(|(setting, shown)| Saw { setting: Some(*setting), shown });
        let said = std::iter::once(winner).chain(losers).collect();
        self.plan.conflicts.push(Conflict {
            node: self.plan.nodes[target].name.clone(),
            key: key.to_owned(),
            said,
            rule: "the port follows the control plane's public address".to_owned(),
            open: true,
        });
        (chosen, sayers)
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
        for fact in ["cluster.enabled", "cluster.domain", "cluster.membership-scheme"] {
            let setting = context.changed(node, fact).map(|fact| fact.setting);
            if let Some(setting) = setting {
                context.mark(setting, Use::Retired("4.x nodes need no member cluster".to_owned()));
            }
        }
        if let Some(setting) = context.changed(node, "server.version").map(|fact| fact.setting) {
            context.absorb(setting, "tells the version of the old server");
        }
        let _ = Role::KeyManager;
    }
}
