//! Checks that look at the nodes of a deployment together, and what they all need: addresses, own names, and values
//! that can be compared.

pub mod credentials;
pub mod databases;
pub mod endpoints;
pub mod labels;
pub mod shared;
pub mod url_groups;

use crate::check::Node;
use crate::mapping::catalog::without_indexes;
use crate::read::document::Value;
use crate::role::Profile;
use crate::text::Parts as _;

/// `scheme://host:port/…`.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Address {
    host: String,
    port: Option<i64>,
}

impl Address {
    /// None where the host or port is a variable or a mark.
    fn parse(text: &str) -> Option<Self> {
        let rest = text.trim().split_once("://").map_or(text.trim(), |(_, rest)| rest);
        let authority = rest.split(['/', '?']).next().unwrap_or(rest);
        let authority = authority.rsplit('@').next().unwrap_or(authority);
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) => (host, Some(port.parse().ok()?)),
            None => (authority, None),
        };
        let plain = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'));
        plain.then(|| Self { host: host.to_ascii_lowercase(), port })
    }

    fn is_local(&self) -> bool {
        is_local(&self.host)
    }
}

fn is_local(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "0.0.0.0")
}

/// The addresses that a key of a node holds, array numbers aside, each with its value.
fn addresses<'n>(node: &'n Node<'_>, key: &str) -> Vec<(Address, &'n Value)> {
    let entries = node.entries().iter().filter(|entry| without_indexes(&entry.key) == key);
    let texts = entries.flat_map(|entry| entry.value.texts());
    texts.filter_map(|value| Some((Address::parse(&value.text)?, value))).collect()
}

/// Whether a host is one of a node's own names: its host name, its address, or its name in the input.
fn is_own_name(node: &Node<'_>, host: &str) -> bool {
    let letters =
        |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let name = letters(&node.name);
    let stated = ["server.hostname", "server.node_ip"].iter().filter_map(|key| node.value(key));
    stated.into_iter().any(|own| own.eq_ignore_ascii_case(host) && !is_local(own))
        || (name.len() > 2 && letters(host).contains(&name))
}

fn of_profile<'n, 't>(nodes: &'n [Node<'t>], profiles: &[Profile]) -> Vec<&'n Node<'t>> {
    nodes.iter().filter(|node| node.profile.is_some_and(|profile| profiles.contains(&profile))).collect()
}

/// The nodes that hold the portals and the keys.
fn control_planes<'n, 't>(nodes: &'n [Node<'t>]) -> Vec<&'n Node<'t>> {
    of_profile(nodes, &[Profile::ControlPlane, Profile::AllInOne])
}

/// The nodes that count and decide: traffic managers, or who does it in their place.
fn traffic_managers<'n, 't>(nodes: &'n [Node<'t>]) -> Vec<&'n Node<'t>> {
    let own = of_profile(nodes, &[Profile::TrafficManager]);
    if own.is_empty() { control_planes(nodes) } else { own }
}

/// Nodes that are copies of each other: the same role, by its word.
fn twins<'n, 't>(nodes: &'n [Node<'t>]) -> Vec<Vec<&'n Node<'t>>> {
    let mut groups: Vec<Vec<&Node<'_>>> = Vec::new();
    for node in nodes.iter().filter(|node| node.profile.is_some()) {
        let role = |node: &Node<'_>| (node.profile, node.value("server.server_role").map(str::to_owned));
        match groups.iter_mut().find(|group| role(group[0]) == role(node)) {
            Some(group) => group.push(node),
            None => groups.push(vec![node]),
        }
    }
    groups.retain(|group| group.len() > 1);
    groups
}

/// Whether a text says all by itself, and is not filled in from elsewhere.
fn is_literal(text: &str) -> bool {
    !text.contains("$env{")
        && !text.contains("$sys{")
        && !text.contains("$secret{")
        && !text.contains("${")
        && !text.contains("$ref{")
        && !text.contains("{{")
}

/// The value of a key with references to other keys of the file put in; none if it depends on anything else.
fn literal(node: &Node<'_>, key: &str) -> Option<String> {
    let mut text = node.value(key)?.to_owned();
    for _ in 0..4 {
        let Some(start) = text.find("$ref{") else { break };
        let end = start + text.part(start..).find('}')?;
        let named = node.value(text.part(start + 5..end))?;
        text.replace_range(start..=end, named);
    }
    // What API-M itself fills in from the super admin.
    let admin = |text: String, name: &str, key: &str| match node.value(key) {
        Some(value) if text.contains(name) => text.replace(name, value),
        _ => text,
    };
    let text = admin(text, "${admin.username}", "super_admin.username");
    let text = admin(text, "${admin.password}", "super_admin.password");
    is_literal(&text).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::Address;

    #[test]
    fn reads_addresses() {
        let parsed = |text: &str| Address::parse(text).map(|address| (address.host, address.port));
        for (text, host, port) in [
            ("tcp://TM-1:5672", "tm-1", Some(5672)),
            ("https://cp.example/services/", "cp.example", None),
            ("https://cp:9443/services/?a=b:c", "cp", Some(9443)),
            ("ssl://10.0.0.1:9711", "10.0.0.1", Some(9711)),
        ] {
            assert_eq!(parsed(text), Some((host.to_owned(), port)), "{text}");
        }
        for text in ["tcp://[tm-host]:5672", "https://h:${mgt.transport.https.port}/", "tcp://$env{HOST}:1", ""] {
            assert_eq!(parsed(text), None, "{text}");
        }
    }
}
