//! Lists of nodes that must be the same wherever they stand.

use std::collections::BTreeSet;

use super::{addresses, twins};
use crate::check::file::groups::GROUPS;
use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::mapping::tables::Tables;
use crate::role::Profile;

/// What a list names, local names as their node's; none if a part of it is not told.
fn members(node: &Node<'_>, key: &str) -> Option<BTreeSet<(String, Option<i64>)>> {
    let texts = node.entries().iter().filter(|entry| crate::mapping::catalog::without_indexes(&entry.key) == key);
    let count = texts.flat_map(|entry| entry.value.texts()).count();
    let found = addresses(node, key);
    let members: BTreeSet<_> = found.iter().map(|(address, _)| (address.host.clone(), address.port)).collect();
    let open = found.len() != count || found.iter().any(|(address, _)| address.is_local());
    (!open && !members.is_empty()).then_some(members)
}

pub fn differ(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for group in twins(nodes) {
        for (table, urls, _) in GROUPS {
            let key = format!("{table}[].{urls}");
            let mut lists = group.iter().filter_map(|node| Some((*node, members(node, &key)?)));
            let Some((first, expected)) = lists.next() else { continue };
            for (node, list) in lists.filter(|(_, list)| *list != expected) {
                found.extend(contradiction(node, &key, &list, first, &expected));
            }
        }
    }
    // Where a gateway sends its events, decisions must come from.
    for node in nodes.iter().filter(|node| node.profile == Some(Profile::GatewayWorker)) {
        let (receivers, decisions) =
            ("apim.throttling.url_group[].traffic_manager_urls", "apim.throttling.throttle_decision_endpoints");
        let hosts = |key: &str| {
            members(node, key).map(|members| members.into_iter().map(|(host, _)| host).collect::<BTreeSet<_>>())
        };
        let (Some(receivers), Some(given)) = (hosts(receivers), hosts(decisions)) else { continue };
        if receivers != given
            && let Some(entry) = node.entry(decisions)
        {
            let message = format!(
                "decisions come from {}, but events go to {}",
                join(given.iter().map(String::as_str)),
                join(receivers.iter().map(String::as_str))
            );
            found.push(node.finding(Code::UrlGroupsDiffer, &entry.value.span, message));
        }
    }
    found
}

fn contradiction(
    node: &Node<'_>,
    key: &str,
    list: &BTreeSet<(String, Option<i64>)>,
    first: &Node<'_>,
    expected: &BTreeSet<(String, Option<i64>)>,
) -> Option<Diagnostic> {
    let shown = |one: &BTreeSet<(String, Option<i64>)>, other: &BTreeSet<(String, Option<i64>)>| {
        let only = one.difference(other).map(|(host, port)| port.map_or(host.clone(), |port| format!("{host}:{port}")));
        join(only.collect::<Vec<_>>().iter().map(String::as_str))
    };
    let mut parts = Vec::new();
    if !list.is_subset(expected) {
        parts.push(format!("has {} besides", shown(list, expected)));
    }
    if !expected.is_subset(list) {
        parts.push(format!("lacks {}", shown(expected, list)));
    }
    let (_, value) = addresses(node, key)
        .into_iter()
        .find(|(address, _)| !expected.contains(&(address.host.clone(), address.port)))
        .or_else(|| addresses(node, key).into_iter().next())?;
    let (_, other) = addresses(first, key).into_iter().next()?;
    let message = format!("`{}` {} against `{}`", key.replace("[]", ""), parts.join(" and "), first.name);
    Some(
        node.finding(Code::UrlGroupsDiffer, &value.span, message)
            .related(format!("the list of `{}`", first.name), first.place(&other.span)),
    )
}

fn join<'t>(names: impl Iterator<Item = &'t str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
