//! Roles that a deployment needs and names a host for, and that none of its nodes has: a part of it was not given.

use std::collections::{BTreeMap, BTreeSet};

use super::claims::{Claim, Kind, is_named, stated_names};
use super::host::is_placeholder;
use super::{Layout, SourceTopology};
use crate::diagnostic::{Code, Finding};
use crate::layout::OldNode;
use crate::role::Role;
use crate::source::Place;

/// Tells, for each role that no node of the deployment has, the hosts that its nodes name for it. A key manager that is
/// an Identity Server is none.
#[must_use]
pub fn roles_outside(nodes: &[OldNode<'_>], source: &SourceTopology) -> Vec<Finding> {
    if !matches!(source.layout, Layout::Partial | Layout::Hybrid | Layout::ThreeProfile) {
        return Vec::new();
    }
    let names: Vec<Vec<String>> = nodes.iter().map(|node| stated_names(node, &source.aliases)).collect();
    let own = |key: &str| nodes.iter().zip(&names).any(|(node, names)| is_named(key, names, node));
    // A control plane is reached by its service's name too, and of 3.x it is the traffic manager where none stands apart.
    let hub = source.nodes.iter().any(|node| node.has(Role::ControlPlane));
    let service = source.services.get(&Role::ControlPlane).filter(|_| hub);
    let claims = || source.nodes.iter().flat_map(|node| &node.claims);
    let brokers: BTreeSet<&str> =
        claims().filter(|claim| hub && claim.fact == "event-hub.brokers").map(|claim| claim.key.as_str()).collect();
    let inside = |role: Role, claim: &Claim| {
        let its = service.is_some_and(|address| source.aliases.same(&address.host, &claim.host))
            || brokers.contains(claim.key.as_str());
        its && (role.in_control_plane() || matches!(role, Role::ControlPlane | Role::TrafficManager))
    };
    let external = source.services.contains_key(&Role::IsAsKm);
    let mut found: BTreeMap<Role, (BTreeSet<&str>, &Place)> = BTreeMap::new();
    for claim in claims() {
        let tells = matches!(claim.kind, Kind::Service | Kind::PerNode) && !is_placeholder(&claim.host);
        let present = source.nodes.iter().any(|node| node.has(claim.role) || node.has(Role::AllInOne));
        let gateway =
            claim.role == Role::GatewayWorker && source.nodes.iter().any(|node| node.has(Role::GatewayManager));
        let identity = claim.role == Role::KeyManager && external;
        if tells && !present && !inside(claim.role, claim) && !gateway && !identity && !own(&claim.key) {
            found.entry(claim.role).or_insert_with(|| (BTreeSet::new(), &claim.place)).0.insert(&claim.host);
        }
    }
    let message = |role: Role, hosts: BTreeSet<&str>| {
        let hosts = hosts.into_iter().collect::<Vec<_>>().join("`, `");
        format!("the nodes name `{hosts}` as {role}, and none of them is that")
    };
    found
        .into_iter()
        .map(|(role, (hosts, place))| Finding::new(Code::RoleOutsideInput, message(role, hosts)).at(place.clone()))
        .collect()
}
