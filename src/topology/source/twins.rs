//! Which nodes are HA twins: nodes of one deployment with the same roles (A.4).
//!
//! In what they differ does not matter here; what must not differ is found when their settings are merged (D.3).

use super::claims::{Claim, is_named};
use crate::layout::OldNode;
use crate::role::Role;

/// The twins' group of each member. Gateways of different environments are no twins (C.6).
#[must_use]
pub fn groups(
    nodes: &[OldNode<'_>],
    claims: &[Vec<Claim>],
    names: &[Vec<String>],
    members: &[usize],
    roles: &[Vec<Role>],
) -> Vec<usize> {
    let keys: Vec<(Vec<Role>, Vec<String>)> = members
        .iter()
        .zip(roles)
        .map(|(member, roles)| {
            let gateway = roles.iter().any(|role| matches!(role, Role::GatewayWorker | Role::GatewayManager));
            let environments = if gateway { environments_of(nodes, claims, names, *member) } else { Vec::new() };
            (roles.clone(), environments)
        })
        .collect();
    let mut known: Vec<&(Vec<Role>, Vec<String>)> = Vec::new();
    keys.iter()
        .map(|key| {
            known.iter().position(|other| *other == key).unwrap_or_else(|| {
                known.push(key);
                known.len() - 1
            })
        })
        .collect()
}

/// The names of the environments that other nodes give this gateway.
fn environments_of(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], names: &[Vec<String>], index: usize) -> Vec<String> {
    let mut found = Vec::new();
    for claim in claims.iter().flatten().filter(|claim| claim.by != index) {
        if !claim.fact.starts_with("environment.") || !is_named(&claim.key, &names[index], &nodes[index]) {
            continue;
        }
        if let Some(name) = &claim.entity
            && !found.contains(name)
        {
            found.push(name.clone());
        }
    }
    found.sort();
    found
}
