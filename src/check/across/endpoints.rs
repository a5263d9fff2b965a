//! Addresses that are meant for nodes of the deployment. A host may be a name that no file tells, such as a service's:
//! only more hosts than nodes, and ports that no node has, are told.

use std::collections::{BTreeMap, BTreeSet};

use super::{Address, addresses, control_planes, is_own_name, traffic_managers};
use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::tables::Tables;
use crate::read::document::Value;
use crate::role::Profile;

/// Whose addresses a key holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Of {
    ControlPlane,
    TrafficManager,
    /// Nodes of the reader's own profile.
    Twins,
}

const BROKER: &[i64] = &[5672, 8672];

/// A key, whose addresses it holds, and the ports (without offset) that these may have.
const KEYS: [(&str, Of, &[i64]); 8] = [
    ("apim.event_hub.event_listening_endpoints", Of::ControlPlane, BROKER),
    ("apim.event_hub.event_duplicate_url", Of::Twins, BROKER),
    ("apim.event_hub.publish.url_group[].urls", Of::ControlPlane, &[9611]),
    ("apim.event_hub.publish.url_group[].auth_urls", Of::ControlPlane, &[9711]),
    ("apim.throttling.throttle_decision_endpoints", Of::TrafficManager, BROKER),
    ("apim.throttling.event_duplicate_url", Of::Twins, BROKER),
    ("apim.throttling.url_group[].traffic_manager_urls", Of::TrafficManager, &[9611]),
    ("apim.throttling.url_group[].traffic_manager_auth_urls", Of::TrafficManager, &[9711]),
];

/// An address in a list.
struct Mention<'n, 't> {
    reader: &'n Node<'t>,
    key: &'static str,
    address: Address,
    value: &'n Value,
}

pub fn without_node(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    let alone = nodes.len() < 2 && nodes.iter().any(|node| node.profile != Some(Profile::AllInOne));
    if alone {
        return Vec::new();
    }
    let mut found = Vec::new();
    // What each group of nodes is called, all lists together.
    let mut called: Vec<(Vec<&Node<'_>>, Vec<Mention<'_, '_>>)> = Vec::new();
    for reader in nodes {
        for (key, of, ports) in KEYS {
            let meant = meant(nodes, reader, of);
            // Who is not in the input cannot be compared with.
            if meant.is_empty() {
                continue;
            }
            for (address, value) in addresses(reader, key) {
                // A single node may name others that were not given.
                if nodes.len() == 1 && !address.is_local() && !is_own_name(reader, &address.host) {
                    continue;
                }
                if let Some(wrong) = port_of_none(reader, &meant, &address, value, ports) {
                    found.push(wrong);
                    continue;
                }
                let mention = Mention { reader, key, address, value };
                let files = |nodes: &[&Node<'_>]| nodes.iter().map(|node| node.file.clone()).collect::<Vec<_>>();
                match called.iter_mut().find(|(group, _)| files(group) == files(&meant)) {
                    Some((_, mentions)) => mentions.push(mention),
                    None => called.push((meant.clone(), vec![mention])),
                }
            }
        }
    }
    found.extend(called.into_iter().flat_map(|(meant, mentions)| hosts_of_none(&meant, mentions)));
    found.extend(services(nodes));
    found
}

/// Web services of the control plane: only where the host is surely one node, and not a balancer, is its port known.
fn services(nodes: &[Node<'_>]) -> Vec<Diagnostic> {
    const KEYS: [&str; 2] = ["apim.event_hub.service_url", "apim.key_manager.service_url"];
    let planes = control_planes(nodes);
    let mut found = Vec::new();
    for (reader, key) in nodes.iter().flat_map(|node| KEYS.map(|key| (node, key))) {
        for (address, value) in addresses(reader, key) {
            let called = |node: &&&Node<'_>| {
                let itself = node.file == reader.file && address.is_local();
                itself || node.value("server.hostname").is_some_and(|host| host.eq_ignore_ascii_case(&address.host))
            };
            let [plane] = planes.iter().filter(called).collect::<Vec<_>>()[..] else { continue };
            let proxied = plane.entries().iter().any(|entry| entry.key.ends_with(".properties.proxyPort"));
            let right = |port: i64| port == 443 || [9443, 9763].iter().any(|base| base + plane.offset() == port);
            if let Some(port) = address.port.filter(|port| !proxied && !right(*port)) {
                let (has, offset) = (9443 + plane.offset(), plane.offset());
                let message = format!("no node has port {port} for this: `{}` has {has} (offset {offset})", plane.name);
                found.push(reader.finding(Code::EndpointWithoutNode, &value.span, message));
            }
        }
    }
    found
}

fn meant<'n, 't>(nodes: &'n [Node<'t>], reader: &Node<'_>, of: Of) -> Vec<&'n Node<'t>> {
    match of {
        Of::ControlPlane => control_planes(nodes),
        Of::TrafficManager => traffic_managers(nodes),
        Of::Twins => nodes.iter().filter(|node| node.profile.is_some() && node.profile == reader.profile).collect(),
    }
}

fn port_of_none(
    reader: &Node<'_>,
    meant: &[&Node<'_>],
    address: &Address,
    value: &Value,
    ports: &[i64],
) -> Option<Diagnostic> {
    let port = address.port?;
    let itself = address.is_local() && meant.iter().any(|node| node.file == reader.file);
    let is_it = |node: &&&Node<'_>| if itself { node.file == reader.file } else { is_own_name(node, &address.host) };
    let mut candidates: Vec<&Node<'_>> = meant.iter().filter(is_it).copied().collect();
    if candidates.is_empty() {
        candidates = meant.to_vec();
    }
    if candidates.iter().any(|node| ports.iter().any(|base| base + node.offset() == port)) {
        return None;
    }
    let same = candidates.iter().all(|node| node.offset() == candidates[0].offset());
    let have: Vec<String> = candidates
        .iter()
        .map(|node| {
            let who = if same && candidates.len() > 1 { "each".to_owned() } else { format!("`{}`", node.name) };
            format!("{who} has {} (offset {})", ports[0] + node.offset(), node.offset())
        })
        .take(if same { 1 } else { usize::MAX })
        .collect();
    let message = format!("no node has port {port} for this: {}", have.join(", "));
    Some(reader.finding(Code::EndpointWithoutNode, &value.span, message))
}

/// More hosts than nodes: those that the fewest lists name are too many.
fn hosts_of_none(meant: &[&Node<'_>], mentions: Vec<Mention<'_, '_>>) -> Vec<Diagnostic> {
    let mut named: BTreeSet<&str> = BTreeSet::new();
    let mut hosts: BTreeMap<String, Vec<Mention<'_, '_>>> = BTreeMap::new();
    for mention in mentions {
        let host = &mention.address.host;
        let own: Vec<&str> =
            meant.iter().filter(|node| is_own_name(node, host)).map(|node| node.file.as_str()).collect();
        if own.is_empty() && !mention.address.is_local() {
            hosts.entry(host.clone()).or_default().push(mention);
        }
        named.extend(own);
    }
    let mut hosts: Vec<(String, Vec<Mention<'_, '_>>)> = hosts.into_iter().collect();
    // A stable order: of equals the first in the alphabet is kept.
    hosts.sort_by_key(|(_, places)| std::cmp::Reverse(places.len()));
    let free = meant.len().saturating_sub(named.len());
    let most = hosts.first().map_or(0, |(_, places)| places.len());
    let mut found = Vec::new();
    for (host, places) in hosts.into_iter().skip(free) {
        // Named as often as any other, it may well be a node that is not in the input.
        let severity = if free > 0 && places.len() == most { Severity::Notice } else { Severity::Warning };
        for Mention { reader, key, value, .. } in places {
            let key = key.replace("[]", "");
            let message = match meant.len() {
                1 => format!("`{host}` is one host too many: `{key}` can mean one node only"),
                count => format!("`{host}` is one host too many: `{key}` can mean {count} nodes"),
            };
            found.push(reader.finding(Code::EndpointWithoutNode, &value.span, message).severity(severity));
        }
    }
    found
}
