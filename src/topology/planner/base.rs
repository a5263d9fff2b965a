//! The base block (B.2): what a file must hold even at its shipped value, and cache invalidation (C.10).

use crate::diagnostic::Code;
use crate::mapping::catalog::Kind;
use crate::mapping::codec;
use crate::mapping::rule::Codec;
use crate::mapping::{SettingId, Standing};
use crate::role::{Profile, Role};
use crate::value::Value;

use super::conflicts::Word;
use super::context::{Context, Question};
use super::plan::Entry;

const CORS_HEADERS: [&str; 6] =
    ["authorization", "Access-Control-Allow-Origin", "Content-Type", "SOAPAction", "apikey", "Internal-Key"];

/// Writes the base block.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let profile = context.plan.nodes[target].profile;
        if profile != Profile::TrafficManager {
            write_cors(context, target);
        }
        if matches!(profile, Profile::ControlPlane | Profile::AllInOne) {
            let why = "base block";
            context.derive(target, "event_handler[0].name", Value::text("userPostSelfRegistration"), why);
            context.derive(target, "event_handler[0].subscriptions", Value::list(["POST_ADD_USER"]), why);
            context.derive(target, "service_provider.sp_name_regex", Value::text("^[\\sa-zA-Z0-9._-]*$"), why);
        }
    }
    write_search_bases(context);
    write_key_store_types(context);
    fold_key_stores(context);
    complete_tls(context);
    write_cache_invalidation(context);
    check_gateway_cluster(context);
}

/// A key store is written whole: beside a file of one's own its type stands too, also where it is the usual one
/// (semantics-settings.md 14).
fn write_key_store_types(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        for (fact, store) in
            [("key-store.primary.type", "keystore.primary"), ("key-store.internal.type", "keystore.internal")]
        {
            let file = context.plan.nodes[target].entries.get(&format!("{store}.file_name"));
            let Some(node) = file.and_then(|entry| entry.from.first()).map(|setting| setting.node as usize) else {
                continue;
            };
            let Some((value, setting)) = context.fact(node, fact).map(|fact| (fact.value.clone(), fact.setting)) else {
                continue;
            };
            context.set(target, format!("{store}.type"), Entry::said(Value::text(value), vec![setting]));
        }
    }
}

/// Key stores that follow another one by default: the store, what it follows (nearest first), and its fields.
const FOLLOWERS: [(&str, &[&str], &[&str]); 6] = [
    ("transport.http.listener.keystore", &["keystore.tls", "keystore.primary"], &["type", "password", "key_password"]),
    ("transport.http.sender.keystore", &["keystore.tls", "keystore.primary"], &["type", "password", "key_password"]),
    ("transport.receiver.keystore", &["keystore.tls", "keystore.primary"], &["file_name", "type", "password"]),
    ("transport.http.listener.truststore", &["truststore"], &["type", "password"]),
    ("keystore.tls", &["keystore.primary"], &["file_name", "type", "password", "alias", "key_password"]),
    ("keystore.internal", &["keystore.primary"], &["file_name", "type", "password", "alias", "key_password"]),
];

/// A store that says what the one that it follows says anyway is not written: its leaves stand in that one's keys
/// (semantics-settings.md 5, 6.2).
fn fold_key_stores(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        for (store, leaders, fields) in FOLLOWERS {
            let entries = &context.plan.nodes[target].entries;
            let leading = |field: &str| {
                leaders.iter().map(|leader| format!("{leader}.{field}")).find(|key| entries.contains_key(key))
            };
            let own = fields.iter().map(|field| (format!("{store}.{field}"), leading(field)));
            let own: Vec<(String, Option<String>)> = own.filter(|(key, _)| entries.contains_key(key)).collect();
            let follows = |(key, leader): &(String, Option<String>)| {
                leader.as_ref().is_some_and(|leader| entries[leader].value == entries[key].value)
            };
            if !own.iter().all(follows) {
                continue;
            }
            let entries = &mut context.plan.nodes[target].entries;
            for (key, leader) in own {
                let gone = entries.shift_remove(&key).map(|entry| entry.from).unwrap_or_default();
                if let Some(entry) = leader.and_then(|leader| entries.get_mut(&leader)) {
                    entry.from.extend(gone);
                }
            }
        }
    }
}

/// A key store of the connector's own is written whole, since what is left out would follow the primary's: Tomcat
/// took the store's first key where `keyAlias` is missing, and `keystorePass` for `keyPass`
/// (semantics-settings.md 6.1).
fn complete_tls(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let Some(file) = context.plan.nodes[target].entries.get("keystore.tls.file_name") else { continue };
        let Some(setting) = file.from.first().copied() else { continue };
        let node = setting.node as usize;
        let why = "the connector's own default";
        let password = stated(context, node, "keystore.tls.password")
            .unwrap_or_else(|| Entry::derived(Value::text("changeit"), why))
            .secret(true);
        let kind = stated(context, node, "keystore.tls.type");
        context.set(target, "keystore.tls.type", kind.unwrap_or_else(|| Entry::derived(Value::text("JKS"), why)));
        context.set(target, "keystore.tls.password", password.clone());
        let key_password = stated(context, node, "keystore.tls.key_password");
        context.set(target, "keystore.tls.key_password", key_password.map_or(password, |entry| entry.secret(true)));
        if context.plan.nodes[target].entries.contains_key("keystore.tls.alias") {
            continue;
        }
        let alias =
            stated(context, node, "keystore.primary.alias").map_or(Value::text("wso2carbon"), |entry| entry.value);
        // In the primary's own file that key is the one known to be there.
        let entries = &context.plan.nodes[target].entries;
        let value = |key: &str| entries.get(key).map(|entry| entry.value.clone());
        if value("keystore.tls.file_name") != value("keystore.primary.file_name") {
            let message =
                format!("the connector names no keyAlias: `{}`, the primary store's, was written", alias.plain());
            context.find_at(Code::ValueAssumed, setting, message);
        }
        context.derive(target, "keystore.tls.alias", alias, "no keyAlias: the old primary key store's");
    }
}

/// What a node says of a key, at its shipped value or not.
fn stated(context: &Context<'_, '_>, node: usize, key: &str) -> Option<Entry> {
    let settings = &context.nodes[node].settings.settings;
    let index = settings.iter().position(|setting| {
        let live = matches!(setting.standing, Standing::Default | Standing::Changed);
        live && setting.rule.is_some_and(|rule| rule.to.iter().any(|to| to == key))
    })?;
    let id = SettingId { node: node as u32, index: index as u32 };
    Some(Entry::said(Value::text(settings[index].value().trim()), vec![id]))
}

/// LDAP and Active Directory: without a base DN, which 2.x has not, the mapper demands both search bases
/// (semantics-settings.md 3.2).
fn write_search_bases(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let entries = &context.plan.nodes[target].entries;
        if entries.contains_key("user_store.group_search_base") || entries.contains_key("user_store.base_dn") {
            continue;
        }
        if let Some(users) = entries.get("user_store.user_search_base").cloned() {
            let entry = Entry { derived: Some("no group search base: the mapper demands one".to_owned()), ..users };
            context.set(target, "user_store.group_search_base", entry);
        }
    }
}

/// The mapper's default lacks the headers that try-out and API keys need.
fn write_cors(context: &mut Context<'_, '_>, target: usize) {
    let owners = match context.plan.nodes[target].profile {
        Profile::GatewayWorker => vec![Role::GatewayWorker, Role::GatewayManager],
        _ => vec![Role::Store, Role::Publisher, Role::KeyManager],
    };
    let mut merged = context.plan.nodes[target].merged.clone();
    merged.sort_unstable();
    let words: Vec<Word> = context
        .in_order_of(&merged, &owners)
        .into_iter()
        .filter_map(|node| context.changed(node, "cors.allow-headers"))
        .map(|fact| Word::of(fact.setting, fact.value.clone()))
        .collect();
    let key = "apim.cors.allow_headers";
    if words.is_empty() {
        let why = "base block: the mapper's default lacks apikey and Internal-Key";
        context.derive(target, key, Value::list(CORS_HEADERS), why);
        return;
    }
    let held = context.settle(key, &words, false, None);
    let list = codec::convert(&held.text, Codec::List, Kind::List);
    let twice = list.as_ref().ok().and_then(|list| codec::twice(list, Codec::List));
    if let (Some(header), Some(first)) = (twice, held.from.first().copied()) {
        context.find_at(Code::DuplicateItem, first, format!("`{header}` stands in the list twice"));
    }
    let Ok(Value::List(mut headers)) = list else { return };
    for needed in ["apikey", "Internal-Key"] {
        if !headers.iter().any(|header| header.eq_ignore_ascii_case(needed)) {
            headers.push(needed.to_owned());
        }
    }
    context.set(target, key, held.entry(Value::List(headers)));
}

/// Whether any of the nodes ran in a Hazelcast cluster.
fn clustered(context: &Context<'_, '_>, roles: &[Role]) -> usize {
    (0..context.source.nodes.len())
        .filter(|node| roles.iter().any(|role| context.source.nodes[*node].has(*role)))
        .filter(|node| context.value(*node, "cluster.enabled").is_some_and(|text| text.eq_ignore_ascii_case("true")))
        .count()
}

/// The heir of the cluster between control-plane twins.
fn write_cache_invalidation(context: &mut Context<'_, '_>) {
    let targets = context.control_planes();
    if targets.len() < 2 {
        return;
    }
    let on = clustered(context, &[Role::KeyManager, Role::Publisher, Role::Store, Role::AllInOne]) > 0;
    let chosen = context.ask(Question {
        id: "cache-invalidation",
        choices: &["on", "off", "as-3.x"],
        default: if on { "on" } else { "off" },
        affects: &["apim.cache_invalidation"],
        ..Question::default()
    });
    if chosen != "on" {
        return;
    }
    for target in targets {
        let why = "the nodes ran in a cluster, which shared their caches";
        context.set(
            target,
            "apim.cache_invalidation.enabled",
            Entry::derived(Value::Boolean(true), why).by("cache-invalidation"),
        );
        let domain =
            Entry::derived(Value::text("control-plane-domain"), "one name for all twins").by("cache-invalidation");
        context.set(target, "apim.cache_invalidation.domain", domain);
    }
}

/// Limits that a gateway cluster shared count per gateway now.
fn check_gateway_cluster(context: &mut Context<'_, '_>) {
    if clustered(context, &[Role::GatewayWorker]) < 2 {
        return;
    }
    context.ask(Question {
        id: "gateway-cluster-limits",
        choices: &["accept", "redis"],
        default: "accept",
        ..Question::default()
    });
    context.find(
        Code::GatewayClusterLimitsPerNode,
        "the gateways ran in a cluster: spike arrest and hard backend limits now count per gateway",
    );
}
