//! The receiver groups that old nodes name (C.3, C.4).

use indexmap::IndexMap;

use crate::diagnostic::{Code, Severity};
use crate::mapping::{Fact, SettingId};
use crate::role::Role;
use crate::topology::source::host::{self, Port, Url};
use crate::topology::source::url_group::{self, GroupKind, UrlGroup};

use crate::version::Version;

use super::context::{Context, Question, bracketed, shift};
use super::plan::Use;

/// Receivers with their authentication addresses, as one table will say them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub urls: Vec<String>,
    pub auth: Vec<String>,
    pub kind: Option<&'static str>,
    /// The leaves that say this one; none where those that say all groups say it.
    pub from: Vec<SettingId>,
}

/// What a node says of groups or brokers, with the leaves that say so.
#[derive(Clone, Debug)]
pub struct Said<T> {
    pub what: T,
    pub from: Vec<SettingId>,
}

/// The receiver groups that a node names; `None` if they are local or at their shipped value. Read once: what is odd
/// about them is said then.
pub fn groups_of(context: &mut Context<'_, '_>, node: usize) -> Option<Said<Vec<Group>>> {
    if let Some(known) = context.groups.get(&node) {
        return known.clone();
    }
    let found = read(context, node);
    context.groups.insert(node, found.clone());
    found
}

fn read(context: &mut Context<'_, '_>, node: usize) -> Option<Said<Vec<Group>>> {
    if context.fact(node, "throttling.receivers").is_some() {
        return read_tables(context, node);
    }
    let place = group_place(context, node)?;
    let receivers = context.changed(node, &format!("{place}.receivers"))?;
    let auth = context.changed(node, &format!("{place}.auth"));
    let mut from = vec![receivers.setting];
    from.extend(auth.map(|fact| fact.setting));
    let (receiver_setting, receiver_text) = (receivers.setting, receivers.value.clone());
    let auth_text = auth.map(|fact| fact.value.clone());
    let groups = read_groups(context, node, receiver_setting, &receiver_text, "receiver");
    if groups.is_empty() {
        return None;
    }
    let mut groups: Vec<(UrlGroup, Vec<String>)> = groups.into_iter().map(|group| (group, Vec::new())).collect();
    let auth_groups = match (&auth_text, auth) {
        (Some(text), Some(fact)) => read_groups(context, node, fact.setting, text, "auth"),
        _ => Vec::new(),
    };
    pair(context, &mut groups, &auth_groups, receiver_setting, auth_text.is_some());
    let groups: Vec<Group> =
        groups.into_iter().flat_map(|(group, auth)| to_groups(context, receiver_setting, group, auth)).collect();
    let kind = context.changed(node, &format!("{place}.type")).map(|fact| (fact.setting, fact.value.clone()));
    if let Some((setting, kind)) = kind.filter(|(_, kind)| kind.eq_ignore_ascii_case("thrift")) {
        context.find_at(Code::ThriftReceiver, setting, format!("events are sent by `{kind}`"));
    }
    Some(Said { what: groups, from })
}

/// The groups of a deployment.toml: a table each.
fn read_tables(context: &mut Context<'_, '_>, node: usize) -> Option<Said<Vec<Group>>> {
    let facts = &context.nodes[node].settings.facts;
    let receivers: Vec<&Fact<'_>> = facts.iter().filter(|fact| fact.name == "throttling.receivers").collect();
    let mut said = Said { what: Vec::new(), from: Vec::new() };
    let mut by_entity: IndexMap<(&str, &Option<String>), &Fact<'_>> = IndexMap::new();
    for fact in facts {
        by_entity.entry((fact.name, &fact.entity)).or_insert(fact);
    }
    for receiver in receivers {
        let beside = |name: &'static str| by_entity.get(&(name, &receiver.entity)).copied();
        let (auth, kind) = (beside("throttling.auth"), beside("throttling.group-type"));
        let from: Vec<SettingId> =
            [Some(receiver), auth, kind].into_iter().flatten().map(|fact| fact.setting).collect();
        said.from.extend(&from);
        let word = kind.map(|fact| fact.value.to_ascii_lowercase());
        // The product balances on one word only, and fails over on any other.
        let balances = word.as_deref() == Some("loadbalance");
        let mut of = |fact: Option<&Fact<'_>>, base: u16| -> Vec<String> {
            let urls = fact.map(|fact| (fact.setting, url_group::parse(&fact.value)));
            let urls = urls.iter().flat_map(|(setting, groups)| groups.urls().map(|url| (*setting, url)));
            urls.map(|(setting, url)| settle_url(context, node, setting, url, base)).collect()
        };
        let (urls, mut auth) = (of(Some(receiver), 9611), of(auth, 9711));
        if auth.len() != urls.len() {
            if !auth.is_empty() {
                let message = format!("{} beside {} receivers: written anew from those", auth.join(", "), urls.len());
                context.find_at(Code::UrlGroupsDoNotPair, receiver.setting, message);
            }
            auth = urls.iter().map(|url| auth_of(url)).collect();
        }
        let single = urls.len() < 2;
        let kind = if balances { GroupKind::LoadBalance } else { GroupKind::Failover };
        let group = UrlGroup { urls, kind: if single { GroupKind::Single } else { kind } };
        let written = word.map(|_| if balances { "loadbalance" } else { "failover" });
        let groups = to_groups(context, receiver.setting, group, auth);
        said.what.extend(groups.into_iter().map(|group| Group {
            kind: written.filter(|_| group.kind.is_some() || single),
            from: from.clone(),
            ..group
        }));
    }
    let all_local = said.what.iter().flat_map(|group| &group.urls).all(|url| is_own(context, node, url, 9611));
    let alone = context.source.nodes[node].has(Role::AllInOne) || context.source.nodes[node].has(Role::TrafficManager);
    if said.what.is_empty() || (all_local && alone && said.what.len() < 2) {
        for setting in said.from {
            context.absorb(setting, "names the node's own receiver, which is the default");
        }
        return None;
    }
    Some(said)
}

/// Where the node's version reads its groups: below `TrafficManager` from 2.2 on, below `DataPublisher` before.
/// The 2.6 guide tells people the old place: taken as meant, unless the right one speaks (C.3).
fn group_place(context: &mut Context<'_, '_>, node: usize) -> Option<&'static str> {
    let new = context.changed(node, "traffic-manager.receivers").is_some();
    let old = context.changed(node, "data-publisher.receivers").map(|fact| (fact.setting, fact.value.clone()));
    let legacy = context.nodes[node].version < Version::new(2, 2);
    if legacy {
        return if old.is_some() { Some("data-publisher") } else { new.then_some("traffic-manager") };
    }
    match (new, old) {
        (true, Some((setting, value))) => {
            let same = context.value(node, "traffic-manager.receivers") == Some(value.as_str());
            context.find_at(
                Code::UrlGroupInDataPublisher,
                setting,
                "the group below DataPublisher is not read: TrafficManager's counts",
            );
            if !same && let Some(finding) = context.plan.findings.last_mut() {
                finding.severity = Severity::Warning;
            }
            context.mark(setting, Use::Retired("2.2 and later read the group below TrafficManager".to_owned()));
            Some("traffic-manager")
        }
        (true, None) => Some("traffic-manager"),
        (false, Some((setting, _))) => {
            let chosen = context.ask(Question {
                id: "data-publisher-group",
                choices: &["use", "ignore"],
                default: "use",
                affects: &["apim.throttling.url_group"],
                ..Question::default()
            });
            context.find_at(
                Code::UrlGroupInDataPublisher,
                setting,
                "2.2 and later do not read the group below DataPublisher: it was taken as meant",
            );
            (chosen == "use").then_some("data-publisher")
        }
        (false, None) => None,
    }
}

/// Reads one text of groups, with its hosts and ports settled. Local URLs are the reader's own.
fn read_groups(
    context: &mut Context<'_, '_>,
    node: usize,
    setting: SettingId,
    text: &str,
    which: &str,
) -> Vec<UrlGroup> {
    let parsed = url_group::parse(text);
    let mut groups = parsed.groups;
    if !parsed.ignored.is_empty() {
        let message = format!("the old product ignored {} beside braces", parsed.ignored.join(", "));
        context.find_at(Code::BareUrlIgnored, setting, message);
        let chosen = context.ask(Question {
            id: "bare-url",
            choices: &["own-group", "ignore"],
            default: "own-group",
            affects: &["apim.throttling.url_group"],
            ..Question::default()
        });
        if chosen == "own-group" {
            let own = parsed.ignored.iter().map(|url| UrlGroup { urls: vec![url.clone()], kind: GroupKind::Single });
            groups = own.chain(groups).collect();
        }
    }
    for group in &mut groups {
        for url in &mut group.urls {
            *url = settle_url(context, node, setting, url, if which == "auth" { 9711 } else { 9611 });
        }
    }
    let base = if which == "auth" { 9711 } else { 9611 };
    let all_local = groups.iter().flat_map(|group| &group.urls).all(|url| is_own(context, node, url, base));
    let alone = context.source.nodes[node].has(Role::AllInOne) || context.source.nodes[node].has(Role::TrafficManager);
    if all_local && alone && groups.len() < 2 {
        return Vec::new();
    }
    groups
}

/// Whether a receiver is the node's own: its host, and no port that another node of that host opens.
fn is_own(context: &Context<'_, '_>, node: usize, text: &str, base: u16) -> bool {
    let Some(url) = Url::parse(text) else { return false };
    let elsewhere = match url.port {
        Some(Port::Number(port)) if port != shift(base, context.offset(node)) => {
            context.neighbour(node, &url.host, port, base).is_some()
        }
        _ => false,
    };
    context.same_host(&url.host, &context.source.nodes[node].own.host) && !elsewhere
}

/// A URL of a group with a real host and a number for its port.
fn settle_url(context: &mut Context<'_, '_>, node: usize, setting: SettingId, text: &str, base: u16) -> String {
    let Some(url) = Url::parse(text) else { return text.to_owned() };
    let local = host::is_local(&url.host);
    let host_name = if local { context.host(node) } else { bracketed(&url.host) };
    let named = if local { Some(node) } else { context.node_named(&url.host) };
    let offset = named.map_or(0, |named| context.offset(named));
    let port = match &url.port {
        None => format!(":{}", shift(base, offset)),
        Some(Port::Number(number)) => {
            // Of several nodes on one host the one that opens the port is meant.
            let fits = *number == shift(base, offset)
                || named.is_some_and(|named| context.neighbour(named, &host_name, *number, base).is_some());
            if !fits && *number == base {
                let message = format!("{text}: the node has offset {offset}");
                context.find_at(Code::ExplicitPortIgnoresOffset, setting, message);
            } else if let Some(named) = named.filter(|named| !fits && context.is_node(*named, &host_name)) {
                let name = &context.nodes[named].name;
                let message = format!("{text}: `{name}` opens {} for this", shift(base, offset));
                context.find_at(Code::EndpointWithoutNode, setting, message);
            }
            format!(":{number}")
        }
        // That the variable was the reader's port is found with all other addresses.
        Some(variable) => {
            format!(":{}", variable.number(offset).map_or_else(|| variable.written(), |port| port.to_string()))
        }
    };
    format!("{}://{host_name}{port}", url.scheme)
}

/// Pairs receivers and authentication groups; what has no partner gets port + 100 (C.4).
fn pair(
    context: &mut Context<'_, '_>,
    groups: &mut [(UrlGroup, Vec<String>)],
    auth: &[UrlGroup],
    setting: SettingId,
    said: bool,
) {
    let paired = auth.len() == groups.len()
        && groups.iter().zip(auth).all(|((receiver, _), auth)| receiver.urls.len() == auth.urls.len());
    if said && !paired && !auth.is_empty() {
        context.find_at(
            Code::UrlGroupsDoNotPair,
            setting,
            "receivers and authentication addresses do not pair: paired by host",
        );
    }
    for (index, (receiver, out)) in groups.iter_mut().enumerate() {
        if paired {
            out.clone_from(&auth[index].urls);
            if receiver.urls.len() > 1 && receiver.kind != auth[index].kind {
                context.find_at(
                    Code::UrlGroupTypeDiffers,
                    setting,
                    "the authentication group is of another type than the receivers'",
                );
            }
            continue;
        }
        *out = receiver
            .urls
            .iter()
            .map(|text| {
                let host = Url::parse(text).map(|url| url.host.clone()).unwrap_or_default();
                auth.iter()
                    .flat_map(|group| &group.urls)
                    .find(|auth| Url::parse(auth).is_some_and(|url| context.same_host(&url.host, &host)))
                    .cloned()
                    .unwrap_or_else(|| auth_of(text))
            })
            .collect();
    }
}

/// The agent's rule for a missing authentication address: `ssl`, port + 100.
fn auth_of(receiver: &str) -> String {
    let Some(url) = Url::parse(receiver) else { return receiver.to_owned() };
    match url.port.as_ref().and_then(|port| port.number(0)) {
        Some(port) => format!("ssl://{}:{}", bracketed(&url.host), shift(port, 100)),
        None => format!("ssl://{}:9711", bracketed(&url.host)),
    }
}

fn to_groups(context: &mut Context<'_, '_>, setting: SettingId, group: UrlGroup, auth: Vec<String>) -> Vec<Group> {
    if group.urls.iter().any(|url| url.starts_with("ssl://")) || auth.iter().any(|url| url.starts_with("tcp://")) {
        context.find_at(Code::UrlGroupScheme, setting, "a receiver with ssl, or an authentication address with tcp");
    }
    let kind = match group.kind {
        GroupKind::Single => None,
        GroupKind::LoadBalance => {
            let chosen = context.ask(Question {
                id: "traffic-manager-groups",
                choices: &["keep", "one-per-node"],
                default: "keep",
                affects: &["apim.throttling.url_group"],
                ..Question::default()
            });
            context.find_at(
                Code::DecisionsSplit,
                setting,
                "load-balanced traffic managers each count only their share",
            );
            if chosen == "one-per-node" {
                let pairs = group.urls.into_iter().zip(auth);
                return pairs
                    .map(|(url, auth)| Group { urls: vec![url], auth: vec![auth], kind: None, from: Vec::new() })
                    .collect();
            }
            Some("loadbalance")
        }
        GroupKind::Failover => Some("failover"),
        GroupKind::Mixed => {
            context.find_at(Code::UrlGroupMixed, setting, "the group mixes `,` and `|`, which the old product refused");
            let chosen = context.ask(Question {
                id: "url-group-mixed",
                choices: &["loadbalance", "failover"],
                default: "loadbalance",
                open: true,
                affects: &["apim.throttling.url_group"],
                ..Question::default()
            });
            Some(if chosen == "failover" { "failover" } else { "loadbalance" })
        }
    };
    vec![Group { urls: group.urls, auth, kind, from: Vec::new() }]
}
