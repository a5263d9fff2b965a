//! Which nodes form one deployment: nodes and claims in, groups of node numbers out.
//!
//! Only hosts, names and database URLs are looked at, and of two nodes never what a third one says: so that a group
//! comes out the same, whatever else lies beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::Aliases;
use super::claims::{Claim, is_named, stated_names};
use super::evidence::{BY_NAME, Scene, names_no_other, votes};
use super::host::{Port, Url, is_local, is_placeholder, normalise};
use super::lone::own_host;
use super::named::opens;
use super::roles::decide;
use super::tokens::roles_in;
use crate::layout::OldNode;
use crate::role::Role;
use crate::version::Version;

/// The groups of nodes that form one deployment each, in the order of their first nodes.
#[must_use]
pub fn groups(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], aliases: &Aliases) -> Vec<Vec<usize>> {
    if nodes.len() < 2 {
        return (0..nodes.len()).map(|node| vec![node]).collect();
    }
    let mut names: Vec<Vec<String>> = nodes.iter().map(|node| stated_names(node, aliases)).collect();
    let mut sets = Sets::new(nodes.len());
    join_by_hosts(nodes, claims, &names, &mut sets);
    join_twins(nodes, &mut sets);
    add_own_hosts(nodes, claims, &mut names);
    let roles: Vec<Vec<Role>> = (0..nodes.len()).map(|node| own_roles(nodes, claims, &names, node)).collect();
    join_by_roles(nodes, claims, &names, &roles, &mut sets);
    join_set_aside(nodes, &mut sets);
    sets.groups()
}

/// Sets of nodes that are joined step by step; the smallest number stands for a set.
struct Sets {
    /// For each node one of its set with a smaller number, or itself.
    above: Vec<usize>,
    /// For each node that stands for a set how many are in it.
    sizes: Vec<usize>,
}

impl Sets {
    fn new(count: usize) -> Self {
        Self { above: (0..count).collect(), sizes: vec![1; count] }
    }

    fn of(&mut self, node: usize) -> usize {
        let mut at = node;
        while self.above[at] != at {
            // Halves the way for the next who asks.
            self.above[at] = self.above[self.above[at]];
            at = self.above[at];
        }
        at
    }

    /// How many nodes are in the set of `node`.
    fn size(&mut self, node: usize) -> usize {
        let of = self.of(node);
        self.sizes[of]
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.of(one), self.of(other));
        if one != other {
            let (least, most) = (one.min(other), one.max(other));
            self.above[most] = least;
            self.sizes[least] += self.sizes[most];
        }
    }

    fn groups(&mut self) -> Vec<Vec<usize>> {
        let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for node in 0..self.above.len() {
            groups.entry(self.of(node)).or_default().push(node);
        }
        groups.into_values().collect()
    }
}

/// A node that says no name of its own has the host of its public addresses, if no other node names that.
fn add_own_hosts(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], names: &mut [Vec<String>]) {
    let mut claimed: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for claim in claims.iter().flatten() {
        claimed.entry(&claim.key).or_default().insert(claim.by);
    }
    for (number, node) in nodes.iter().enumerate().filter(|(_, node)| node.set_aside.is_none()) {
        if let Some(claim) = own_host(node, &claims[number]).filter(|claim| claimed[claim.key.as_str()].len() == 1) {
            names[number].push(claim.key.clone());
        }
    }
}

/// A node names another one by a host that is neither local nor shipped nor its own.
fn join_by_hosts(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], names: &[Vec<String>], sets: &mut Sets) {
    let mut stated: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut folders: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (number, node) in nodes.iter().enumerate() {
        for name in &names[number] {
            stated.entry(name).or_default().push(number);
        }
        if !node.nameless {
            folders.entry(normalise(&node.own_name)).or_default().push(number);
        }
    }
    // The first of the nodes that a key means; whoever names them first has joined them.
    let mut joined: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (by, node) in nodes.iter().enumerate() {
        let own = |key: &str| is_named(key, &names[by], node);
        let keys: BTreeSet<&str> =
            claims[by].iter().filter(|claim| !is_placeholder(&claim.host)).map(|claim| claim.key.as_str()).collect();
        join_by_ports(nodes, &claims[by], &stated, sets);
        for key in keys.into_iter().filter(|key| !own(key)) {
            let first = *joined.entry(key).or_insert_with(|| {
                let stated = stated.get(key).into_iter().flatten().copied();
                // A folder tells whom a name means only where no file does: neither that of the node in it.
                let by_folder = key.split_once('.').and_then(|(label, _)| folders.get(label)).into_iter().flatten();
                let by_folder = by_folder.copied().filter(|other| names[*other].is_empty());
                let mut meant = stated.chain(by_folder);
                let first = meant.next()?;
                meant.for_each(|other| sets.join(first, other));
                Some(first)
            });
            if let Some(first) = first {
                sets.join(by, first);
            }
        }
    }
}

/// A node names another one of its own host by a port that the other opens, and not itself.
fn join_by_ports(nodes: &[OldNode<'_>], claims: &[Claim], stated: &BTreeMap<&str, Vec<usize>>, sets: &mut Sets) {
    for claim in claims {
        let Some(Port::Number(port)) = claim.port else { continue };
        let named = stated.get(claim.key.as_str()).filter(|named| named.contains(&claim.by));
        if opens(&nodes[claim.by], port) {
            continue;
        }
        for other in named.into_iter().flatten().filter(|other| opens(&nodes[**other], port)) {
            sets.join(claim.by, *other);
        }
    }
}

/// Nodes of one version with the same remote API database are twins, or parts of one deployment; so are two that have
/// one host name, or names that differ in nothing but a number, unless their databases tell them apart.
fn join_twins(nodes: &[OldNode<'_>], sets: &mut Sets) {
    let databases: Vec<Option<String>> = nodes.iter().map(api_database).collect();
    let mut sharing: BTreeMap<(Version, &str), usize> = BTreeMap::new();
    for (number, database) in databases.iter().enumerate().filter(|(number, _)| nodes[*number].set_aside.is_none()) {
        if let Some(database) = database {
            let first = *sharing.entry((nodes[number].version, database)).or_insert(number);
            sets.join(first, number);
        }
    }
    let mut alike: BTreeMap<(Version, String), Vec<usize>> = BTreeMap::new();
    for (number, node) in nodes.iter().enumerate().filter(|(_, node)| node.set_aside.is_none()) {
        let host = node.settings.value("server.host-name").map(normalise).filter(|host| !is_local(host));
        let numbered = numbered_stem(node).map(|stem| format!("{stem}#"));
        for mark in host.into_iter().chain(numbered) {
            alike.entry((node.version, mark)).or_default().push(number);
        }
    }
    // What hosts and databases have joined: names that are alike join no two of which each has a database of its own.
    let mut of_group: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    for (number, database) in databases.iter().enumerate() {
        of_group.entry(sets.of(number)).or_default().extend(database.as_deref());
    }
    let mut wanted = Vec::new();
    for ((_, mark), members) in alike {
        // Three and more of one number are servers of one kind, or of three customers: nothing tells.
        let [one, other] = members[..] else { continue };
        let known = [one, other].map(|node| &of_group[&sets.of(node)]);
        let apart = known.iter().all(|known| !known.is_empty()) && known[0].is_disjoint(known[1]);
        if !apart && (mark.ends_with('#') || databases[one].is_none() == databases[other].is_none()) {
            wanted.push((one, other));
        }
    }
    for (one, other) in wanted {
        sets.join(one, other);
    }
}

/// What the names of numbered twins have in common, if it says a role.
fn numbered_stem(node: &OldNode<'_>) -> Option<String> {
    let stem = node.own_name.trim_end_matches(|c: char| c.is_ascii_digit());
    (!node.nameless && stem.len() < node.own_name.len() && !roles_in(stem).roles.is_empty())
        .then(|| stem.to_lowercase())
}

/// The database of APIs that others can share, without its options.
fn api_database(node: &OldNode<'_>) -> Option<String> {
    let url = if node.version.major == 2 { of_data_sources(node) } else { of_toml(node) }?;
    let url = url.trim().split(['?', ';']).next().unwrap_or_default().to_lowercase();
    let remote = !url.starts_with("jdbc:h2")
        && url.split_once("//").is_none_or(|(_, rest)| Url::parse(rest).is_some_and(|url| !url.is_local()));
    // What each machine fills in is another database on each, for all that is known.
    let filled = url.contains("${") || url.contains("$env{") || url.contains("$sys{") || is_placeholder(&url);
    (remote && !url.is_empty() && !filled).then_some(url)
}

fn of_data_sources(node: &OldNode<'_>) -> Option<String> {
    let name = node.settings.value("api-database.jndi-name").unwrap_or("jdbc/WSO2AM_DB");
    let source = node.settings.facts_named("data-source.jndi-name").find(|fact| fact.value == name)?;
    let mut urls = node.settings.facts_named("data-source.url").filter(|fact| fact.changed);
    urls.find(|fact| fact.entity == source.entity).map(|fact| fact.value.clone())
}

fn of_toml(node: &OldNode<'_>) -> Option<String> {
    let said = |path: &str| {
        let setting = node.settings.settings.iter().find(|setting| setting.leaf.path == path)?;
        Some(setting.leaf.value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    said("database.apim_db.url").or_else(|| {
        let host = said("database.apim_db.hostname")?;
        let port = said("database.apim_db.port").unwrap_or_default();
        Some(format!("//{host}:{port}/{}", said("database.apim_db.name").unwrap_or_default()))
    })
}

/// The roles that a node's name, start and own files give it; the all-in-one for one that runs everything by itself;
/// none where nothing tells.
fn own_roles(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], names: &[Vec<String>], number: usize) -> Vec<Role> {
    let node = &nodes[number];
    if node.set_aside.is_some() {
        return Vec::new();
    }
    // The node by itself: the others are not looked at.
    let alone = std::slice::from_ref(node);
    let said = [claims[number].iter().map(|claim| Claim { by: 0, ..claim.clone() }).collect()];
    let mut evidence = votes(&Scene::new(alone, &[0], &said, std::slice::from_ref(&names[number])), 0);
    // Its own name alone counts: other homes of the same name may have put a folder before it.
    evidence.retain(|vote| vote.row != BY_NAME);
    let decided = decide(&evidence);
    let by_name = if node.nameless { Vec::new() } else { roles_in(&node.own_name).roles };
    let distributed = |roles: &[Role]| roles.iter().any(|role| *role != Role::AllInOne);
    if distributed(&by_name) && !roles_in(&node.own_name).stage_word {
        return by_name;
    }
    if distributed(&decided.roles) && !decided.weak {
        return decided.roles;
    }
    if roles_in(&node.own_name).whole {
        return by_name;
    }
    if names_no_other(node, &claims[number], &names[number], &[]) { vec![Role::AllInOne] } else { Vec::new() }
}

/// What is no whole deployment joins what has the roles that it lacks: other parts, or else the only whole one that is
/// distributed.
fn join_by_roles(
    nodes: &[OldNode<'_>],
    claims: &[Vec<Claim>],
    names: &[Vec<String>],
    roles: &[Vec<Role>],
    sets: &mut Sets,
) {
    let has = |group: &[usize], wanted: &dyn Fn(Role) -> bool| {
        group.iter().any(|node| roles[*node].iter().any(|role| wanted(*role)))
    };
    let manager = |group: &[usize]| group.iter().any(|node| nodes[*node].set_aside.is_none());
    let control = |role: Role| matches!(role, Role::KeyManager | Role::ControlPlane);
    let gateway = |role: Role| matches!(role, Role::GatewayWorker | Role::GatewayManager);
    let whole =
        |group: &[usize]| has(group, &|role| role == Role::AllInOne) || (has(group, &control) && has(group, &gateway));
    let all: Vec<Vec<usize>> = sets.groups().into_iter().filter(|group| manager(group)).collect();
    let (complete, partial): (Vec<_>, Vec<_>) = all.into_iter().partition(|group| whole(group));
    let role_set = |group: &[usize]| -> BTreeSet<Role> { group.iter().flat_map(|node| roles[*node].clone()).collect() };
    let version = |group: &[usize]| nodes[group[0]].version;
    // Parts of the same roles do not complement each other, but are joined by a third that both do.
    let kinds: BTreeMap<BTreeSet<Role>, Vec<&Vec<usize>>> = partial.iter().fold(BTreeMap::new(), |mut kinds, group| {
        kinds.entry(role_set(group)).or_insert_with(Vec::new).push(group);
        kinds
    });
    let told: Vec<&BTreeSet<Role>> = kinds.keys().filter(|kind| !kind.is_empty()).collect();
    for one in &told {
        for other in told.iter().filter(|other| *other > one) {
            if one.difference(other).next().is_some() && other.difference(one).next().is_some() {
                for group in kinds[*one].iter().chain(&kinds[*other]) {
                    sets.join(kinds[*one][0][0], group[0]);
                }
            }
        }
    }
    let distributed: Vec<&Vec<usize>> =
        complete.iter().filter(|group| has(group, &|role| role != Role::AllInOne)).collect();
    for group in &partial {
        let joined = sets.size(group[0]) > group.len();
        let silent = group.iter().all(|node| roles[*node].is_empty());
        if let ([only], false) = (&distributed[..], joined)
            && version(only) == version(group)
            && (!silent || group.iter().any(|node| names_others(nodes, claims, names, *node)))
            && (silent
                || !role_set(group).is_subset(&role_set(only))
                || !is_elsewhere(nodes, claims, names, group, only))
        {
            sets.join(only[0], group[0]);
        }
    }
    // One that nothing tells of, but that names hosts which none here has, joins the only parts that there are.
    let groups = sets.groups();
    let parts: Vec<&Vec<usize>> = groups.iter().filter(|group| manager(group) && has(group, &|_| true)).collect();
    let [only] = parts[..] else { return };
    if !has(only, &|role| role != Role::AllInOne) {
        return;
    }
    for group in groups.iter().filter(|group| manager(group) && !has(group, &|_| true)) {
        if version(only) == version(group) {
            sets.join(only[0], group[0]);
        }
    }
}

fn names_others(nodes: &[OldNode<'_>], claims: &[Vec<Claim>], names: &[Vec<String>], number: usize) -> bool {
    claims[number].iter().any(|claim| !is_named(&claim.key, &names[number], &nodes[number]))
}

/// Whether nodes that would only double what a whole deployment has are of another one: they name hosts of their own, of
/// which that deployment knows none, or have another database.
fn is_elsewhere(
    nodes: &[OldNode<'_>],
    claims: &[Vec<Claim>],
    names: &[Vec<String>],
    group: &[usize],
    whole: &[usize],
) -> bool {
    let others = |of: &[usize]| -> BTreeSet<&str> {
        let said = of.iter().flat_map(|node| claims[*node].iter().filter(|claim| !is_placeholder(&claim.host)));
        said.filter(|claim| !of.iter().any(|node| is_named(&claim.key, &names[*node], &nodes[*node])))
            .map(|claim| claim.key.as_str())
            .collect()
    };
    let databases =
        |of: &[usize]| -> BTreeSet<String> { of.iter().filter_map(|node| api_database(&nodes[*node])).collect() };
    let keys = others(group);
    let shared = keys.iter().any(|key| {
        let said = whole.iter().any(|node| claims[*node].iter().any(|claim| claim.key == **key));
        said || whole.iter().any(|node| is_named(key, &names[*node], &nodes[*node]))
    });
    let (own, theirs) = (databases(group), databases(whole));
    (!keys.is_empty() && !shared) || (!own.is_empty() && !theirs.is_empty() && own.is_disjoint(&theirs))
}

/// A node of another product that nobody names belongs to the only deployment that there is.
fn join_set_aside(nodes: &[OldNode<'_>], sets: &mut Sets) {
    let groups = sets.groups();
    let manager = |group: &&Vec<usize>| group.iter().any(|node| nodes[*node].set_aside.is_none());
    let managers: Vec<&Vec<usize>> = groups.iter().filter(manager).collect();
    if let [only] = managers[..] {
        for group in groups.iter().filter(|group| !manager(group)) {
            sets.join(only[0], group[0]);
        }
    }
}

/// The administrator's answer to `grouping`: `together`, `apart`, or names (`a, b; c, d`).
#[must_use]
pub fn answered(answer: &str, nodes: &[OldNode<'_>]) -> Vec<Vec<usize>> {
    if answer.trim().eq_ignore_ascii_case("together") {
        return vec![(0..nodes.len()).collect()];
    }
    let mut sets = Sets::new(nodes.len());
    for part in answer.split(';') {
        let wanted: BTreeSet<&str> = part.split(',').map(str::trim).collect();
        let members: Vec<usize> =
            (0..nodes.len()).filter(|index| wanted.contains(nodes[*index].name.as_str())).collect();
        for pair in members.windows(2) {
            sets.join(pair[0], pair[1]);
        }
    }
    sets.groups()
}

/// The role of a node that is set aside.
#[must_use]
pub fn set_aside_role(node: &OldNode<'_>) -> Option<Role> {
    node.set_aside.as_ref().map(|(role, _)| *role)
}
