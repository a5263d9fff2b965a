//! The host that a node which is alone has for itself: the one that its own public addresses carry (A.4).

use super::claims::Claim;
use super::host::{Port, is_local, is_placeholder, normalise};
use super::tokens::roles_in;
use crate::layout::OldNode;
use crate::role::Role;

/// The facts that tell at which public addresses a server's own parts are reached, and the base ports of those.
const PUBLIC: [(&str, [u16; 2]); 5] = [
    ("store.url", [9443, 9763]),
    ("publisher.url", [9443, 9763]),
    ("environment.service-url", [9443, 9763]),
    ("environment.endpoints", [8243, 8280]),
    ("revoke.url", [8243, 8280]),
];
/// The facts that say how the server itself is called.
const NAMES: [&str; 3] = ["server.host-name", "server.mgt-host-name", "cluster.local-member-host"];

/// The claim with the only host that the node's public addresses name, where receivers and brokers are its own. A host
/// that is only named as key manager, receiver or broker is another node.
fn only_public<'c>(node: &OldNode<'_>, claims: &'c [Claim]) -> Option<&'c Claim> {
    let is_public = |claim: &&Claim| PUBLIC.iter().any(|(fact, _)| *fact == claim.fact);
    let first = claims.iter().find(is_public).filter(|claim| !is_placeholder(&claim.host))?;
    let one = claims.iter().filter(is_public).all(|claim| claim.key == first.key);
    let sends = claims.iter().any(|claim| {
        claim.role == Role::TrafficManager && claim.fact != "policy-deployer.url" && claim.key != first.key
    });
    let part = !node.nameless && roles_in(&node.own_name).roles.iter().any(|role| *role != Role::AllInOne);
    (one && !sends && !part && !is_started_as_part(node)).then_some(first)
}

fn is_started_as_part(node: &OldNode<'_>) -> bool {
    let roles = node.profile.as_ref().map(|profile| roles_in(&profile.word).roles).unwrap_or_default();
    roles.iter().any(|role| *role != Role::AllInOne)
}

/// Whether the node opens the port of the claim, or its proxy does.
fn opens(node: &OldNode<'_>, claim: &Claim) -> bool {
    let Some((_, bases)) = PUBLIC.iter().find(|(fact, _)| *fact == claim.fact) else { return false };
    let proxy = |port: u16| {
        ["connector.https.proxy-port", "connector.http.proxy-port"]
            .iter()
            .any(|fact| node.settings.value(fact).is_some_and(|value| value.trim() == port.to_string()))
    };
    match &claim.port {
        Some(Port::Text(_)) => true,
        Some(Port::Number(port)) => {
            bases.iter().any(|base| i64::from(*port) == i64::from(*base) + node.offset()) || proxy(*port)
        }
        None => proxy(443),
    }
}

fn is_named(node: &OldNode<'_>) -> bool {
    let named = |fact: &&str| node.settings.value(fact).is_some_and(|name| !is_local(name));
    NAMES.iter().any(named)
}

/// The claim that tells the host of a node before 4.0 that says no name of its own: all its public addresses name it, one of
/// them with a port that the node opens.
#[must_use]
pub fn own_host<'c>(node: &OldNode<'_>, claims: &'c [Claim]) -> Option<&'c Claim> {
    let host = only_public(node, claims).filter(|_| node.version.major < 4 && !is_named(node))?;
    let tells = |claim: &&Claim| claim.key == host.key && opens(node, claim);
    claims.iter().find(tells)
}

/// Whether all that a node before 4.0 names is one host, which is none of its names: a balancer before the node itself, or
/// another one.
#[must_use]
pub fn names_one_host(node: &OldNode<'_>, claims: &[Claim]) -> bool {
    let Some(host) = only_public(node, claims).filter(|_| node.version.major < 4) else { return false };
    let own = NAMES.iter().any(|fact| node.settings.value(fact).is_some_and(|name| normalise(name) == host.key));
    !own && claims.iter().all(|claim| claim.key == host.key) && claims.iter().any(|claim| claim.role != host.role)
}
