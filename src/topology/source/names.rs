//! Own names of nodes and service names of roles (A.4).
//!
//! A port is used as it is written in the URLs that name a role; none is invented.

use crate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::claims::{Claim, Kind, is_named, stated_names};
use super::host::{Port, Url, is_local, is_of_machine, is_placeholder, looks_like_address, normalise};
use super::lone::own_host;
use super::named::{NameIndex, by_port, claimed};
use super::{Address, Aliases, Answers};
use crate::layout::OldNode;
use crate::role::Role;

/// The members of a deployment with what is known of them.
pub struct Cast<'s, 'n> {
    /// All old nodes.
    pub nodes: &'s [OldNode<'n>],
    /// Those of this deployment that are API-M's.
    pub members: &'s [usize],
    /// The roles of each member.
    pub roles: &'s [Vec<Role>],
    /// The twins' group of each member.
    pub twins: &'s [usize],
    /// What each old node says of others.
    pub claims: &'s [Vec<Claim>],
    /// The stated names of each old node.
    pub names: &'s [Vec<String>],
    /// The names of other products beside them.
    pub outside: &'s [String],
    /// Names that are one machine.
    pub aliases: &'s Aliases,
}

/// The HTTPS management port of a node.
fn https(node: &OldNode<'_>) -> Option<u16> {
    u16::try_from(9443 + node.offset()).ok()
}

fn real(node: &OldNode<'_>, fact: &str) -> Option<String> {
    let value = node.settings.value(fact)?;
    let value = value.trim();
    (!is_local(value) && !is_placeholder(value) && !value.starts_with("${carbon.")).then(|| value.to_owned())
}

/// The `HostName` of each member. What each machine fills in for itself (`$env{HOST}`) is no name for others where nodes
/// of other roles say the same: it is another host on each of them.
fn host_names(cast: &Cast<'_, '_>) -> Vec<Option<String>> {
    let said: Vec<Option<String>> =
        cast.members.iter().map(|member| real(&cast.nodes[*member], "server.host-name")).collect();
    let mut groups: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (host, group) in said.iter().zip(cast.twins) {
        if let Some(host) = host.as_deref().filter(|host| is_of_machine(host)) {
            groups.entry(host).or_default().insert(*group);
        }
    }
    let everywhere = |host: &String| groups.get(host.as_str()).is_some_and(|groups| groups.len() > 1);
    said.iter().map(|host| host.clone().filter(|host| !everywhere(host))).collect()
}

/// What is looked up of the members while their own names are looked for.
struct Lookup<'c> {
    /// How many twins each group has.
    twins: IndexMap<usize, usize>,
    /// How many members have each role.
    holders: IndexMap<Role, usize>,
    /// The hosts that anybody names.
    claimed: IndexSet<&'c str, FxBuildHasher>,
    /// Where the URLs of others see each role.
    services: IndexMap<Role, Option<Address>>,
}

impl<'c> Lookup<'c> {
    fn new(cast: &Cast<'c, '_>) -> Self {
        let (mut twins, mut holders) = (IndexMap::new(), IndexMap::new());
        for (group, roles) in cast.twins.iter().zip(cast.roles) {
            *twins.entry(*group).or_insert(0) += 1;
            for role in roles {
                *holders.entry(*role).or_insert(0) += 1;
            }
        }
        Self { twins, holders, claimed: claimed(cast.claims), services: IndexMap::new() }
    }
}

/// What each member says of itself in a fact that names it, unless a twin says the same (a balancer's name, or a copy).
fn own_said(cast: &Cast<'_, '_>, fact: &str) -> Vec<Option<String>> {
    let said: Vec<Option<String>> = match fact {
        "server.host-name" => host_names(cast),
        fact => cast.members.iter().map(|member| real(&cast.nodes[*member], fact)).collect(),
    };
    let key = |at: usize, host: &str| (cast.twins[at], cast.aliases.key(host));
    let mut times: IndexMap<(usize, String), usize, FxBuildHasher> = IndexMap::default();
    for (at, host) in said.iter().enumerate() {
        if let Some(host) = host {
            *times.entry(key(at, host)).or_default() += 1;
        }
    }
    let named = named_by_port(cast);
    let tells = |at: usize, host: &str| {
        times.get(&key(at, host)) == Some(&1)
            || (fact == "server.host-name" && named.contains(&(cast.members[at], cast.aliases.key(host))))
    };
    let only = |(at, host): (usize, Option<String>)| host.filter(|host| tells(at, host));
    said.into_iter().enumerate().map(only).collect()
}

/// Nodes of which one names the other by a port of their common host that only that one opens: it is the own host of both.
fn named_by_port(cast: &Cast<'_, '_>) -> BTreeSet<(usize, String)> {
    let index = NameIndex::new(cast.nodes, cast.names, cast.members);
    let claims = cast.members.iter().flat_map(|member| &cast.claims[*member]);
    let other = claims.filter_map(|claim| {
        let only = by_port(cast.nodes, claim, &index.of(&claim.key))?;
        (only != claim.by).then(|| [only, claim.by].map(|node| (node, claim.key.clone())))
    });
    other.flatten().collect()
}

/// How others reach each member itself.
#[must_use]
pub fn own(cast: &Cast<'_, '_>, answers: &dyn Answers) -> Vec<Address> {
    let mut lookup = Lookup::new(cast);
    let facts = [
        ("cluster.local-member-host", "localMemberHost of axis2.xml"),
        ("server.host-name", "HostName of carbon.xml"),
        ("server.node-ip", "its server.node_ip"),
    ]
    .map(|(fact, how)| (own_said(cast, fact), how));
    let mut out: Vec<Option<Address>> = vec![None; cast.members.len()];
    for (at, member) in cast.members.iter().enumerate() {
        let node = &cast.nodes[*member];
        let known = |host: String, how: &str| Address { host, port: https(node), how: how.to_owned(), guessed: false };
        out[at] = if let Some(answer) = answers.answer("node-address", &node.name) {
            let url = Url::parse(&answer);
            let port = url.as_ref().and_then(|url| url.port.as_ref()?.number(0));
            url.map(|url| Address {
                host: url.host,
                port: port.or(https(node)),
                how: "answered".to_owned(),
                guessed: false,
            })
        } else {
            // A bare name that nobody uses is no address that others could reach the node by.
            let used =
                |host: &str| looks_like_address(host) || lookup.claimed.contains(cast.aliases.key(host).as_str());
            let stated = facts.iter().find_map(|(said, how)| {
                let host = said[at].as_ref().filter(|host| *how == "HostName of carbon.xml" || used(host))?;
                Some(known(host.clone(), how))
            });
            let public = || {
                let claim = own_host(node, &cast.claims[*member]).filter(|_| cast.members.len() == 1)?;
                Some(known(claim.host.clone(), &format!("the only host of its public addresses: {}", claim.what)))
            };
            stated.or_else(public)
        };
    }
    for (at, address) in out.iter_mut().enumerate() {
        if address.is_none() && lookup.twins[&cast.twins[at]] == 1 {
            *address = by_service(cast, &mut lookup, at);
        }
    }
    let set_apart = unreached_managers(cast, answers, &mut out);
    per_node(cast, &mut out);
    for (at, address) in set_apart {
        out[at].get_or_insert(address);
    }
    let guess = |(at, address): (usize, Option<Address>)| address.unwrap_or_else(|| by_folder(cast, &lookup, at));
    out.into_iter().enumerate().map(guess).collect()
}

/// Traffic managers whose `HostName` nobody uses for their receivers and brokers: those have other hosts, which are how
/// others reach the nodes themselves. Takes their addresses out, and gives them back.
fn unreached_managers(
    cast: &Cast<'_, '_>,
    answers: &dyn Answers,
    out: &mut [Option<Address>],
) -> Vec<(usize, Address)> {
    let receivers = Receivers::new(cast);
    let mut apart = Vec::new();
    for (at, member) in cast.members.iter().enumerate() {
        let node = &cast.nodes[*member];
        let hybrid = cast.roles[at].contains(&Role::TrafficManager) && cast.roles[at].len() > 1;
        let reached = || receivers.reach(&stated_names(node, cast.aliases), node, *member);
        let own_host =
            real(node, "cluster.local-member-host").is_some() || answers.answer("node-address", &node.name).is_some();
        if hybrid
            && !own_host
            && !reached()
            && let Some(address) = out[at].take()
        {
            apart.push((at, address));
        }
    }
    apart
}

/// Who names which traffic manager's receiver or broker.
#[derive(Default)]
struct Receivers<'c> {
    /// By the host.
    hosts: IndexMap<&'c str, Namers, FxBuildHasher>,
    /// By the first label of the host.
    labels: IndexMap<&'c str, Namers, FxBuildHasher>,
}

/// The member that names a host first, and whether another one does, too.
struct Namers {
    first: usize,
    more: bool,
}

impl<'c> Receivers<'c> {
    fn new(cast: &Cast<'c, '_>) -> Self {
        let mut receivers = Self::default();
        for member in cast.members {
            for claim in cast.claims[*member].iter().filter(|claim| is_receiver(claim)) {
                let label = claim.key.split_once('.').map(|(label, _)| label);
                let named = receivers.hosts.entry(&claim.key).or_insert(Namers { first: *member, more: false });
                named.more |= named.first != *member;
                if let Some(label) = label {
                    let named = receivers.labels.entry(label).or_insert(Namers { first: *member, more: false });
                    named.more |= named.first != *member;
                }
            }
        }
        receivers
    }

    /// Whether another member than `member` reaches it by one of `names`, or by what it is called.
    fn reach(&self, names: &[String], node: &OldNode<'_>, member: usize) -> bool {
        let by_another = |namers: Option<&Namers>| namers.is_some_and(|namers| namers.more || namers.first != member);
        names.iter().any(|name| by_another(self.hosts.get(name.as_str())))
            || (!node.nameless && by_another(self.labels.get(normalise(&node.name).as_str())))
    }
}

/// Rule 4: the only node of a role is where the role's service is.
fn by_service(cast: &Cast<'_, '_>, lookup: &mut Lookup<'_>, at: usize) -> Option<Address> {
    let only: Vec<Role> = cast.roles[at].iter().filter(|role| lookup.holders[*role] == 1).copied().collect();
    let found = only.into_iter().find_map(|role| {
        let service = lookup.services.entry(role).or_insert_with(|| used_most(cast, role));
        service.clone().map(|address| (role, address))
    });
    let (role, mut address) = found?;
    address.port = https(&cast.nodes[cast.members[at]]);
    address.how = format!("the only {role}: {}", address.how);
    Some(address)
}

/// Whether a claim names one traffic manager's receiver or broker, not a balancer in front of several.
fn is_receiver(claim: &Claim) -> bool {
    claim.role == Role::TrafficManager && claim.kind == Kind::PerNode
}

/// The hosts of receivers and brokers that no node has yet, each with the claim that names it first.
struct Pool<'c> {
    /// By the order in which they were named.
    claims: BTreeMap<usize, &'c Claim>,
    /// Their places in that order by the host.
    places: IndexMap<&'c str, usize, FxBuildHasher>,
    /// The places of those that each member's names mean.
    named: IndexMap<usize, Vec<usize>>,
    /// The places of those with each number.
    numbered: IndexMap<u32, Vec<usize>>,
}

impl<'c> Pool<'c> {
    fn new(cast: &Cast<'c, '_>, out: &[Option<Address>]) -> Self {
        let taken: BTreeSet<String> = out.iter().flatten().map(|address| cast.aliases.key(&address.host)).collect();
        let (mut claims, mut places) = (BTreeMap::new(), IndexMap::<&str, usize, FxBuildHasher>::default());
        for claim in cast.members.iter().flat_map(|member| &cast.claims[*member]) {
            if is_receiver(claim) && !taken.contains(&claim.key) && !places.contains_key(claim.key.as_str()) {
                let place = claims.len();
                claims.insert(place, claim);
                places.insert(&claim.key, place);
            }
        }
        let shared = shared_head(claims.values().map(|claim| claim.key.as_str()));
        let index = NameIndex::new(cast.nodes, cast.names, cast.members);
        let (mut named, mut numbered) = (IndexMap::<_, Vec<_>>::new(), IndexMap::<_, Vec<_>>::new());
        for (place, claim) in &claims {
            index.of(&claim.key).into_iter().for_each(|member| named.entry(member).or_default().push(*place));
            if let Some(number) = number_of_host(claim.key.part(shared..)) {
                numbered.entry(number).or_default().push(*place);
            }
        }
        Self { claims, places, named, numbered }
    }

    /// The only one of `places` that is still free.
    fn only(&self, places: Option<&Vec<usize>>) -> Option<&'c Claim> {
        let mut free = places?.iter().filter_map(|place| self.claims.get(place));
        let found = free.next()?;
        free.next().is_none().then_some(*found)
    }

    /// The only free one that `own` does not name.
    fn only_other(&self, own: &[&Claim]) -> Option<&'c Claim> {
        let named: BTreeSet<usize> = own
            .iter()
            .filter_map(|said| self.places.get(said.key.as_str()))
            .filter(|place| self.claims.contains_key(place))
            .copied()
            .collect();
        let only = self.claims.len() == named.len() + 1;
        self.claims.iter().find(|(place, _)| only && !named.contains(place)).map(|(_, claim)| *claim)
    }

    fn take(&mut self, claim: &Claim) {
        if let Some(place) = self.places.get(claim.key.as_str()) {
            self.claims.remove(place);
        }
    }
}

/// Rule 5: the hosts of receivers and brokers, one for each of the twins with a traffic manager.
fn per_node(cast: &Cast<'_, '_>, out: &mut [Option<Address>]) {
    // What a node that is alone names as receiver or broker is another node.
    if cast.members.len() == 1 {
        return;
    }
    let mut pool = Pool::new(cast, out);
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, group) in cast.twins.iter().enumerate() {
        groups.entry(*group).or_default().push(at);
    }
    for members in groups.into_values() {
        let several = members.len() > 1;
        let open: Vec<usize> = members
            .into_iter()
            .filter(|at| out[*at].is_none())
            .filter(|at| cast.roles[*at].iter().any(|role| matches!(role, Role::TrafficManager | Role::AllInOne)))
            .collect();
        if open.is_empty() || (pool.claims.len() < 2 && several) {
            continue;
        }
        let mut rest = open;
        let give = |at: usize, claim: &Claim, how: &str, out: &mut [Option<Address>]| {
            let node = &cast.nodes[cast.members[at]];
            let how = format!("{} at {}, matched by {how}", claim.what, claim.place);
            out[at] = Some(Address { host: claim.host.clone(), port: https(node), how, guessed: false });
        };
        for how in ["the node's names", "the folder's number", "what the node's own file leaves out"] {
            rest.retain(|at| {
                let member = cast.members[*at];
                let fitting = match how {
                    "the node's names" => pool.only(pool.named.get(&member)),
                    "the folder's number" => {
                        number(&cast.nodes[member].name).and_then(|number| pool.only(pool.numbered.get(&number)))
                    }
                    // A twin names the other one by its host and itself by a local address.
                    _ => {
                        let own: Vec<&Claim> = cast.claims[member].iter().filter(|said| is_receiver(said)).collect();
                        pool.only_other(&own)
                    }
                };
                let Some(claim) = fitting else { return true };
                give(*at, claim, how, out);
                pool.take(claim);
                false
            });
        }
        if rest.len() == pool.claims.len() {
            for (at, claim) in rest.iter().zip(std::mem::take(&mut pool.claims).into_values()) {
                give(*at, claim, "order", out);
            }
        }
    }
}

/// How much all hosts of several begin with alike, up to a `-` or a dot: what stands there tells no two apart.
fn shared_head<'h>(mut hosts: impl Iterator<Item = &'h str>) -> usize {
    let Some(first) = hosts.next() else { return 0 };
    let mut shared = first;
    let mut several = false;
    for host in hosts {
        several = true;
        let same = shared.chars().zip(host.chars()).take_while(|(one, other)| one == other);
        shared = shared.part(..same.map(|(one, _)| one.len_utf8()).sum::<usize>());
    }
    if several { shared.rfind(['-', '.']).map_or(0, |at| at + 1) } else { 0 }
}

/// The last number of a name.
fn number(name: &str) -> Option<u32> {
    let end = name.rfind(|c: char| c.is_ascii_digit())? + 1;
    let start = name.part(..end).trim_end_matches(|c: char| c.is_ascii_digit()).len();
    name.part(start..end).parse().ok()
}

/// The last number of a host's first label; an address has none.
fn number_of_host(host: &str) -> Option<u32> {
    let address = host.chars().all(|c| c.is_ascii_digit() || c == '.') || host.contains(':');
    (!address).then(|| number(host.split('.').next().unwrap_or(host))).flatten()
}

/// Rule 6: a folder's name serves only if it is an address, or others use it as one.
fn by_folder(cast: &Cast<'_, '_>, lookup: &Lookup<'_>, at: usize) -> Address {
    let node = &cast.nodes[cast.members[at]];
    let used = lookup.claimed.contains(cast.aliases.key(&node.name).as_str());
    let usable = !node.nameless && (used || (looks_like_address(&node.name) && !is_version(&node.name)));
    let (host, how) = if usable {
        (node.name.clone(), if used { "the folder's name, which others use as a host" } else { "the folder's name" })
    } else {
        ("localhost".to_owned(), "nothing names the node")
    };
    Address { host, port: https(node), how: how.to_owned(), guessed: !used }
}

/// `wso2am-2.6.0` has dots and is no address.
fn is_version(name: &str) -> bool {
    crate::layout::version::in_name(name).is_some()
}

/// The facts that name a role's service.
fn service_facts(role: Role) -> &'static [&'static str] {
    match role {
        Role::KeyManager | Role::IsAsKm => &["key-manager.url"],
        Role::ControlPlane => &["key-manager.url", "event-hub.url"],
        Role::TrafficManager => &["policy-deployer.url"],
        Role::Publisher => &["publisher.url"],
        Role::Store => &["store.url"],
        Role::GatewayWorker | Role::GatewayManager => &["environment.service-url"],
        _ => &[],
    }
}

/// Whose URLs count first among equally frequent ones.
fn rank(roles: &[Role]) -> usize {
    [Role::GatewayWorker, Role::Store, Role::Publisher].iter().position(|role| roles.contains(role)).unwrap_or(3)
}

/// Rule 2: the host and port that the URLs of other nodes use most.
fn used_most(cast: &Cast<'_, '_>, role: Role) -> Option<Address> {
    type Counted<'c> = (&'c Claim, usize, usize);
    let index = NameIndex::new(cast.nodes, cast.names, cast.members);
    // An Identity Server beside the nodes is none of them, though it is named as their key manager.
    let tells = |member: usize, claim: &Claim| {
        !is_placeholder(&claim.host)
            && !is_named(&claim.key, &cast.names[member], &cast.nodes[member])
            && (role == Role::IsAsKm || !cast.outside.contains(&claim.key))
    };
    let hub = |(at, member): (usize, &usize)| {
        let mut claims = cast.claims[*member].iter().filter(|claim| claim.fact == "event-hub.url");
        !cast.roles[at].contains(&role) && claims.any(|claim| tells(*member, claim))
    };
    // The control plane is what others name as their event hub, before what they name as their key manager.
    let facts = match role {
        Role::ControlPlane if cast.members.iter().enumerate().any(hub) => &["event-hub.url"],
        role => service_facts(role),
    };
    let mut counts: IndexMap<(&str, Option<u16>), Counted<'_>, FxBuildHasher> = IndexMap::default();
    for (at, member) in cast.members.iter().enumerate() {
        if cast.roles[at].contains(&role) {
            continue;
        }
        let node = &cast.nodes[*member];
        for claim in cast.claims[*member].iter().filter(|claim| facts.contains(&claim.fact)) {
            if !tells(*member, claim) {
                continue;
            }
            // A variable stands for the port of the node that it names, or else of the one that reads it.
            let offset = || index.of(&claim.key).first().map_or(node.offset(), |other| cast.nodes[*other].offset());
            let port = claim.port.as_ref().and_then(|port| match port {
                Port::Number(number) => Some(*number),
                Port::Text(_) => port.number(offset()),
            });
            let rank = rank(&cast.roles[at]);
            let counted = counts.entry((&claim.key, port)).or_insert((claim, 0, rank));
            (counted.1, counted.2) = (counted.1 + 1, rank.min(counted.2));
        }
    }
    let best = counts.into_iter().min_by_key(|(_, (_, count, rank))| (std::cmp::Reverse(*count), *rank))?;
    let ((_, port), (claim, ..)) = best;
    Some(Address { host: claim.host.clone(), port, how: format!("{} at {}", claim.what, claim.place), guessed: false })
}

/// How others reach each role of the deployment.
#[must_use]
pub fn services(cast: &Cast<'_, '_>, own: &[Address]) -> IndexMap<Role, Address> {
    let mut present: Vec<Role> = cast.roles.iter().flatten().copied().collect();
    super::roles::sort(&mut present);
    present.dedup();
    let mut out = IndexMap::new();
    let host_names = host_names(cast);
    for role in present {
        let holders: Vec<usize> = (0..cast.members.len()).filter(|at| cast.roles[*at].contains(&role)).collect();
        let address = used_most(cast, role).or_else(|| shared_name(cast, &host_names, &holders)).unwrap_or_else(|| {
            let mut address = own[holders[0]].clone();
            // Browsers reach portals by the host name, whatever other nodes call the machine.
            let public = host_names[holders[0]].as_ref().filter(|_| matches!(role, Role::Publisher | Role::Store));
            if let Some(host) = public.filter(|_| cast.roles[holders[0]].contains(&Role::TrafficManager)) {
                address.host.clone_from(host);
            }
            if holders.len() > 1 {
                address.guessed = true;
                address.how = format!("the first of {} nodes: {}", holders.len(), address.how);
            } else if (cast.members.len() == 1
                || host_names[holders[0]].as_ref().is_some_and(|host| cast.aliases.same(host, &address.host)))
                && let Some((port, how)) = public_port(cast, &holders, &address.host)
            {
                (address.port, address.how) = (port, format!("{}, {how}", address.how));
            }
            address
        });
        out.insert(role, address);
    }
    out
}

/// Rule 3: the host name that twins share, with the port of their own public URLs that name it, else of the proxy,
/// else the HTTPS port.
fn shared_name(cast: &Cast<'_, '_>, host_names: &[Option<String>], holders: &[usize]) -> Option<Address> {
    let node = |at: usize| &cast.nodes[cast.members[at]];
    if holders.len() < 2 {
        return None;
    }
    let Some(host) = host_names[holders[0]].clone() else { return public_name(cast, holders) };
    if !holders.iter().all(|at| host_names[*at].as_ref().is_some_and(|other| cast.aliases.same(other, &host))) {
        return None;
    }
    let (port, how) = match public_port(cast, holders, &host) {
        Some((port, how)) => (port, format!("HostName of the twins, {how}")),
        None => (https(node(holders[0])), "HostName of the twins".to_owned()),
    };
    Some(Address { host, port, how, guessed: false })
}

/// The public URLs that a member says of portals.
fn public_claims<'c>(cast: &'c Cast<'_, '_>, at: usize) -> impl Iterator<Item = &'c Claim> {
    cast.claims[cast.members[at]].iter().filter(|claim| matches!(claim.fact, "store.url" | "publisher.url"))
}

/// The port at which browsers reach nodes by their `HostName`, and how that is known: as their own public URLs that name
/// it have it, else their proxy's. `Some(None)` is no port, that of the scheme.
fn public_port(cast: &Cast<'_, '_>, holders: &[usize], host: &str) -> Option<(Option<u16>, String)> {
    let mut public = holders.iter().flat_map(|at| public_claims(cast, *at));
    let public = public.find(|claim| claim.key == cast.aliases.key(host));
    let first = &cast.nodes[cast.members[holders[0]]];
    if let Some(claim) = public {
        let port = claim.port.as_ref().and_then(|port| port.number(first.offset()));
        return Some((port, format!("as {}", claim.what)));
    }
    let proxy = first.settings.value("connector.https.proxy-port")?.parse::<u16>().ok()?;
    Some((Some(proxy).filter(|port| *port != 443), format!("proxy port {proxy}")))
}

/// The host of the public URL that all of the twins say of themselves, where their `HostName` is none.
fn public_name(cast: &Cast<'_, '_>, holders: &[usize]) -> Option<Address> {
    let public = |at: usize| public_claims(cast, at).find(|claim| !is_placeholder(&claim.host));
    let first = public(holders[0])?;
    let same = |at: &usize| public(*at).is_some_and(|claim| claim.key == first.key && claim.port == first.port);
    let port = first.port.as_ref().and_then(|port| port.number(cast.nodes[cast.members[holders[0]]].offset()));
    let how = format!("the twins' own {} at {}", first.what, first.place);
    holders.iter().all(same).then(|| Address { host: first.host.clone(), port, how, guessed: false })
}

/// The key manager that is no node of API-M: an Identity Server beside the others (`identity`), or only named by
/// them. Gateways and traffic managers alone are a part of a deployment whose key manager was not given.
#[must_use]
pub fn external_key_manager(cast: &Cast<'_, '_>, identity: bool) -> Option<Address> {
    let has = |role: Role| cast.roles.iter().flatten().any(|other| *other == role);
    if has(Role::KeyManager) || is_part(cast, identity) {
        return None;
    }
    // Of a control plane's own key manager no one knows by a mere URL that it is another one; and a node of these is none.
    let outside = |address: &Address| cast.outside.contains(&cast.aliases.key(&address.host));
    let member = |address: &Address| {
        let key = cast.aliases.key(&address.host);
        cast.members.iter().any(|member| is_named(&key, &cast.names[*member], &cast.nodes[*member]))
    };
    used_most(cast, Role::IsAsKm).filter(|address| outside(address) || (!has(Role::ControlPlane) && !member(address)))
}

/// The key manager that the nodes of a part of a deployment name: where its control plane will stand.
#[must_use]
pub fn absent_key_manager(cast: &Cast<'_, '_>, identity: bool) -> Option<Address> {
    let named = is_part(cast, identity).then(|| used_most(cast, Role::KeyManager))??;
    Some(Address { guessed: true, ..named })
}

/// Whether only gateways and traffic managers were given.
fn is_part(cast: &Cast<'_, '_>, identity: bool) -> bool {
    let part = |role: &Role| matches!(role, Role::GatewayWorker | Role::GatewayManager | Role::TrafficManager);
    !identity && cast.roles.iter().flatten().all(part)
}

#[cfg(test)]
mod tests {
    use super::{number, number_of_host, shared_head};
    use crate::text::Parts as _;

    #[test]
    fn finds_numbers_of_names() {
        assert_eq!(number("pub-store-tm-2"), Some(2));
        assert_eq!(number("am"), None);
        assert_eq!(number("节点1"), Some(1));
        assert_eq!(number_of_host("wso2am-pattern-1-am-2-service"), Some(2));
        assert_eq!(number_of_host("pst-1.example.com"), Some(1));
        assert_eq!(number_of_host("10.0.0.12"), None);
    }

    #[test]
    fn what_all_hosts_begin_with_is_no_number_of_one() {
        let hosts = ["pattern-2-tm-service", "pattern-2-tm-1-service", "pattern-2-tm-2-service"];
        let shared = shared_head(hosts.into_iter());
        assert_eq!(hosts.map(|host| number_of_host(host.part(shared..))), [None, Some(1), Some(2)]);
        // Digits are not cut in two.
        assert_eq!(shared_head(["tm-10", "tm-11"].into_iter()), 3);
        assert_eq!((shared_head(["tm-1"].into_iter()), shared_head(["tm1.a", "tm2.a"].into_iter())), (0, 0));
    }
}
