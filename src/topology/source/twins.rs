//! Which nodes are HA twins: nodes of one deployment with the same roles (A.4).
//!
//! In what they differ does not matter here; what must not differ is found when their settings are merged (D.3).

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::claims::Claim;
use super::named::{NameIndex, by_port};
use crate::layout::OldNode;
use crate::role::Role;

/// The twins' group of each member. Gateways of different environments are no twins (C.6).
#[must_use]
pub fn groups<'r>(
    nodes: &[OldNode<'_>],
    claims: &[Vec<Claim>],
    names: &[Vec<String>],
    members: &[usize],
    roles: &'r [Vec<Role>],
) -> Vec<usize> {
    let environments = environments(nodes, claims, names, members);
    let mut known: IndexMap<(&[Role], Vec<&str>), usize> = IndexMap::new();
    let group = |(member, roles): (&usize, &'r Vec<Role>)| {
        let gateway = roles.iter().any(|role| matches!(role, Role::GatewayWorker | Role::GatewayManager));
        let served = if gateway { environments.get(member).cloned().unwrap_or_default() } else { BTreeSet::new() };
        let next = known.len();
        *known.entry((roles, served.into_iter().collect())).or_insert(next)
    };
    members.iter().zip(roles).map(group).collect()
}

/// The names of the environments that other nodes give each member.
fn environments<'c>(
    nodes: &[OldNode<'_>],
    claims: &'c [Vec<Claim>],
    names: &[Vec<String>],
    members: &[usize],
) -> BTreeMap<usize, BTreeSet<&'c str>> {
    let index = NameIndex::new(nodes, names, members);
    let mut found: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for claim in claims.iter().flatten().filter(|claim| claim.fact.starts_with("environment.")) {
        let Some(name) = &claim.entity else { continue };
        let all = index.of(&claim.key);
        let meant = by_port(nodes, claim, &all).map_or(all, |only| vec![only]);
        for member in meant.into_iter().filter(|member| *member != claim.by) {
            found.entry(member).or_default().insert(name);
        }
    }
    found
}
