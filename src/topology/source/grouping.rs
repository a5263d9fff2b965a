//! Which nodes form one deployment (A.4): nodes and claims in, groups of node numbers out.

use super::Aliases;
use super::claims::{Claim, is_named, stated_names};
use super::host::{Url, is_local, normalise};
use super::tokens::roles_in;
use crate::layout::OldNode;
use crate::role::Role;

/// A deployment: the folder that it lies in, and its nodes in the order given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// The folder above its nodes, relative to the INPUT; the node's own where it is one of several unrelated.
    pub path: String,
    /// Its nodes.
    pub nodes: Vec<usize>,
    /// It stands beside nodes that have nothing to do with it.
    pub unrelated: bool,
}

/// Groups the nodes.
#[must_use]
pub fn groups(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], aliases: &Aliases) -> Vec<Group> {
    let folders: Vec<String> = nodes.iter().map(folder).collect();
    let names: Vec<Vec<String>> = nodes.iter().map(|node| stated_names(node, aliases)).collect();
    let mut sets: Vec<usize> = (0..nodes.len()).collect();
    let naming = |by: usize, other: usize| {
        let fits = |claim: &Claim| is_named(&claim.key, &names[other], &nodes[other]);
        by != other && claims[by].iter().any(fits)
    };
    for one in 0..nodes.len() {
        for other in one + 1..nodes.len() {
            let linked = naming(one, other) || naming(other, one);
            let related = if folders[one] == folders[other] {
                linked || alike(nodes, claims, one, other)
            } else {
                // Across folders only what has nobody of that name beside it counts.
                linked && !beside(nodes, claims, &folders, &names, one, other)
            };
            let apart = nodes[one].set_aside.is_some() || nodes[other].set_aside.is_some();
            if related && (linked || !apart) {
                join(&mut sets, one, other);
            }
        }
    }
    attach(nodes, &folders, &mut sets);
    collect(nodes, &folders, &sets)
}

/// The folder above a node, but for the product's own folder that its name left out.
fn folder(node: &OldNode<'_>) -> String {
    let parts: Vec<&str> = node.path.split('/').collect();
    let at = parts.iter().rposition(|part| *part == node.name).unwrap_or(parts.len().saturating_sub(1));
    parts[..at].join("/")
}

/// Whether what `one` calls `other` (or the reverse) also stands in its own folder.
fn beside(
    nodes: &[OldNode<'_>],
    claims: &[Vec<Claim>],
    folders: &[String],
    names: &[Vec<String>],
    one: usize,
    other: usize,
) -> bool {
    let ambiguous = |by: usize, target: usize| {
        claims[by].iter().filter(|claim| is_named(&claim.key, &names[target], &nodes[target])).any(|claim| {
            (0..nodes.len()).any(|near| {
                near != target && folders[near] != folders[target] && is_named(&claim.key, &names[near], &nodes[near])
            })
        })
    };
    ambiguous(one, other) || ambiguous(other, one)
}

/// Whether two nodes of one folder belong together without naming each other.
fn alike(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], one: usize, other: usize) -> bool {
    let (a, b) = (&nodes[one], &nodes[other]);
    let shares = |left: &[String], right: &[String]| left.iter().any(|item| right.contains(item));
    let (named_a, named_b) = (roles_in(&a.name), roles_in(&b.name));
    if named_a.distributed() && named_b.distributed() && !named_a.stage_word && !named_b.stage_word {
        return true;
    }
    let host =
        |node: &OldNode<'_>| node.settings.value("server.host-name").map(normalise).filter(|host| !is_local(host));
    let hosts = |index: usize| claims[index].iter().map(|claim| claim.key.clone()).collect::<Vec<_>>();
    shares(&databases(a), &databases(b))
        || (host(a).is_some() && host(a) == host(b))
        || shares(&hosts(one), &hosts(other))
        || numbered_pair(nodes, one, other)
}

/// Two, and only two, nodes whose names differ in nothing but a number.
fn numbered_pair(nodes: &[OldNode<'_>], one: usize, other: usize) -> bool {
    let stem = |node: &OldNode<'_>| node.name.trim_end_matches(|c: char| c.is_ascii_digit()).to_lowercase();
    let wanted = stem(&nodes[one]);
    let numbered = |node: &OldNode<'_>| node.name.ends_with(|c: char| c.is_ascii_digit());
    wanted == stem(&nodes[other])
        && numbered(&nodes[one])
        && numbered(&nodes[other])
        && !roles_in(&wanted).roles.is_empty()
        && nodes.iter().filter(|node| stem(node) == wanted && numbered(node)).count() == 2
}

/// The databases of a node that others can share, without their options.
fn databases(node: &OldNode<'_>) -> Vec<String> {
    let facts = node.settings.facts_named("data-source.url").filter(|fact| fact.changed);
    facts
        .filter(|fact| !fact.value.starts_with("jdbc:h2"))
        .map(|fact| fact.value.split(['?', ';']).next().unwrap_or_default().to_lowercase())
        .filter(|url| url.split_once("//").is_none_or(|(_, rest)| Url::parse(rest).is_some_and(|url| !url.is_local())))
        .collect()
}

/// Nodes that nothing links join the only deployment of their folder: a distributed one, or, for other products,
/// any.
fn attach(nodes: &[OldNode<'_>], folders: &[String], sets: &mut [usize]) {
    for index in 0..nodes.len() {
        let alone = sets.iter().filter(|set| **set == sets[index]).count() == 1;
        if !alone {
            continue;
        }
        let near: Vec<usize> = (0..nodes.len())
            .filter(|other| *other != index && folders[*other] == folders[index] && nodes[*other].set_aside.is_none())
            .collect();
        let mut roots: Vec<usize> = near.iter().map(|other| sets[*other]).collect();
        let size = |root: usize| sets.iter().filter(|set| **set == root).count();
        if nodes[index].set_aside.is_none() {
            roots.retain(|root| size(*root) > 1);
            let named = near.iter().filter(|other| roots.contains(&sets[**other]));
            let distributed = named.clone().any(|other| {
                let named = roles_in(&nodes[*other].name);
                named.distributed() && !named.cluster_words
            });
            let same_version = named.clone().all(|other| nodes[*other].version == nodes[index].version);
            if !(distributed || named.clone().count() > 2) || !same_version {
                continue;
            }
        }
        roots.sort_unstable();
        roots.dedup();
        if let [root] = roots[..] {
            join(sets, root, index);
        }
    }
}

fn join(sets: &mut [usize], one: usize, other: usize) {
    let (from, to) = (sets[one].max(sets[other]), sets[one].min(sets[other]));
    for set in sets {
        if *set == from {
            *set = to;
        }
    }
}

fn collect(nodes: &[OldNode<'_>], folders: &[String], sets: &[usize]) -> Vec<Group> {
    let mut roots: Vec<usize> = sets.to_vec();
    roots.sort_unstable();
    roots.dedup();
    let members = |root: usize| (0..nodes.len()).filter(|index| sets[*index] == root).collect::<Vec<_>>();
    let groups: Vec<Vec<usize>> = roots.into_iter().map(members).collect();
    let shared =
        |folder: &str, root: usize| sets.iter().zip(folders).any(|(set, other)| *set != root && other == folder);
    groups
        .into_iter()
        .map(|group| {
            let first = group[0];
            let unrelated = shared(&folders[first], sets[first]);
            let path = if unrelated { nodes[first].path.clone() } else { common(&group, folders) };
            Group { path, nodes: group, unrelated }
        })
        .collect()
}

/// The folder above all nodes of the group.
fn common(group: &[usize], folders: &[String]) -> String {
    let mut parts: Vec<&str> = folders[group[0]].split('/').collect();
    for index in group {
        let other: Vec<&str> = folders[*index].split('/').collect();
        let same = parts.iter().zip(&other).take_while(|(a, b)| a == b).count();
        parts.truncate(same);
    }
    parts.join("/")
}

/// The administrator's answer to `grouping`: `together`, `apart`, or names (`a, b; c, d`).
#[must_use]
pub fn answered(answer: &str, nodes: &[OldNode<'_>]) -> Vec<Group> {
    let all = (0..nodes.len()).collect::<Vec<_>>();
    let folders: Vec<String> = nodes.iter().map(folder).collect();
    if answer.trim().eq_ignore_ascii_case("together") {
        return vec![Group { path: common(&all, &folders), nodes: all, unrelated: false }];
    }
    let mut sets = all;
    for part in answer.split(';') {
        let wanted: Vec<&str> = part.split(',').map(str::trim).collect();
        let members: Vec<usize> =
            (0..nodes.len()).filter(|index| wanted.contains(&nodes[*index].name.as_str())).collect();
        for pair in members.windows(2) {
            join(&mut sets, pair[0], pair[1]);
        }
    }
    collect(nodes, &folders, &sets)
}

/// Whether a group has nodes of API-M at all.
#[must_use]
pub fn has_manager(nodes: &[OldNode<'_>], group: &Group) -> bool {
    group.nodes.iter().any(|index| nodes[*index].set_aside.is_none())
}

/// The role of a node that is set aside.
#[must_use]
pub fn set_aside_role(node: &OldNode<'_>) -> Option<Role> {
    node.set_aside.as_ref().map(|(role, _)| *role)
}
