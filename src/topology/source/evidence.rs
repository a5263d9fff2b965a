//! What speaks for which role of a node (A.2): the votes, each with its place.
//!
//! Rows 2, 3, 7 and 8 are about start scripts and deployment.toml; this file has the rows of 2.x.

use super::claims::{Claim, Kind, brokers, is_named};
use super::host::{Url, is_local, is_remote};
use super::tokens::{Named, roles_in};
use super::{Evidence, Strength, url_group};
use crate::layout::OldNode;
use crate::mapping::{Fact, Standing};
use crate::role::Role;
use crate::source::Place;

/// A deployment while its roles are looked for.
pub struct Scene<'s, 'n> {
    /// All old nodes.
    pub nodes: &'s [OldNode<'n>],
    /// Those of this deployment that are API-M's.
    pub members: &'s [usize],
    /// What each old node says of others.
    pub claims: &'s [Vec<Claim>],
    /// The names of each old node, as far as they are known in this pass.
    pub names: &'s [Vec<String>],
}

/// What speaks for the roles of the node: by its name, by others, by its own files.
#[must_use]
pub fn votes(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let mut out = Vec::new();
    out.extend(profile_flag(scene, index));
    out.extend(named_by_others(scene, index));
    out.extend(named_alike(scene, index));
    out.extend(by_name(scene, index));
    if scene.nodes[index].version.major == 2 {
        out.extend(by_elements(scene, index));
    }
    out.extend(by_offset(&scene.nodes[index]));
    out
}

fn vote(
    row: &'static str,
    strength: Strength,
    roles: &[Role],
    what: impl Into<String>,
    place: Option<Place>,
) -> Evidence {
    Evidence { row, strength, roles: roles.to_vec(), what: what.into(), place }
}

/// Row 2, as far as files carry it: a start script named after the profile is not read, its flag in
/// `carbon.properties`-like files is.
fn profile_flag(scene: &Scene<'_, '_>, index: usize) -> Option<Evidence> {
    let node = &scene.nodes[index];
    let setting = node.settings.settings.iter().position(|setting| setting.leaf.path == "profile")?;
    let value = node.settings.settings[setting].leaf.value.trim().to_owned();
    let named = roles_in(&value);
    (!named.roles.is_empty()).then(|| {
        vote("2", Strength::Strong, &named.roles, format!("profile `{value}`"), Some(node.place(setting as u32)))
    })
}

/// The words `manager` and `worker` alone mean a gateway only where other roles have nodes of their own; else
/// they are the clustered all-in-ones of 2.1 (A.4). `dev` means the portal only beside a publisher.
fn said_by_name(scene: &Scene<'_, '_>, index: usize) -> Option<Named> {
    let node = &scene.nodes[index];
    let mut named = Some(roles_in(&node.name)).filter(|named| !node.nameless && !named.roles.is_empty())?;
    let others =
        || scene.members.iter().filter(|other| **other != index).map(|other| roles_in(&scene.nodes[*other].name));
    let apart = others().any(|other| other.distributed() && !other.cluster_words);
    if named.cluster_words && scene.members.len() > 1 && !apart {
        named.roles = vec![Role::AllInOne];
        named.strong = true;
    }
    if named.stage_word && !others().any(|other| other.roles.contains(&Role::Publisher)) {
        return None;
    }
    Some(named)
}

/// Row 5.
fn by_name(scene: &Scene<'_, '_>, index: usize) -> Option<Evidence> {
    let named = said_by_name(scene, index)?;
    let node = &scene.nodes[index];
    Some(vote("5", named.strength(), &named.roles, format!("its name is `{}`", node.name), None))
}

/// Row 4.
fn named_by_others(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    let own = |key: &str, of: usize| is_named(key, &scene.names[of], &scene.nodes[of]);
    let (mut mutual, mut named) = (None, false);
    for other in scene.members.iter().copied().filter(|other| *other != index) {
        for claim in scene.claims[other].iter().filter(|claim| claim.kind != Kind::Hint && own(&claim.key, index)) {
            if own(&claim.key, other) || !name_tells(scene, &claim.key) {
                continue;
            }
            // Twins name each other, or each names itself beside the other.
            let of_role = |by: usize, key: usize| {
                scene.claims[by]
                    .iter()
                    .any(|back| back.kind != Kind::Hint && back.role == claim.role && own(&back.key, key))
            };
            if of_role(index, other) || of_role(other, other) {
                mutual = mutual.or(Some(claim));
                continue;
            }
            named = true;
            let role = gateway_part(scene, index, claim);
            let what = format!("`{}`: {}", scene.nodes[other].name, claim.what);
            if !out.iter().any(|known| known.roles == [role]) {
                out.push(vote("4", Strength::Strong, &[role], what, Some(claim.place.clone())));
            }
        }
    }
    if let Some(claim) = mutual.filter(|_| !named) {
        let what = format!("`{}` and this node name each other: {}", scene.nodes[claim.by].name, claim.what);
        out.push(vote("4", Strength::Strong, &[Role::AllInOne], what, Some(claim.place.clone())));
    }
    out
}

/// A weaker form of row 4: others name a host that is no node's name but says a role (`apim-km-service`), and this
/// node's name says the same role.
fn named_alike(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let Some(named) = said_by_name(scene, index) else { return Vec::new() };
    let mut out: Vec<Evidence> = Vec::new();
    let others = scene.members.iter().filter(|other| **other != index).flat_map(|other| &scene.claims[*other]);
    for claim in others.filter(|claim| claim.kind != Kind::Hint) {
        let role = gateway_part(scene, index, claim);
        let label = claim.key.split('.').next().unwrap_or(&claim.key);
        let anyones =
            scene.members.iter().any(|member| is_named(&claim.key, &scene.names[*member], &scene.nodes[*member]));
        let fits = named.roles.contains(&role) && roles_in(label).roles.contains(&role) && !anyones;
        if fits && !out.iter().any(|known| known.roles == [role]) {
            let what = format!("`{}`: {}, as its name", scene.nodes[claim.by].name, claim.what);
            out.push(vote("4", Strength::Medium, &[role], what, Some(claim.place.clone())));
        }
    }
    out
}

/// A name that nodes with different roles share (a balancer's in front of all) tells nothing.
fn name_tells(scene: &Scene<'_, '_>, key: &str) -> bool {
    let mut sharing =
        scene.members.iter().filter(|member| is_named(key, &scene.names[**member], &scene.nodes[**member]));
    let roles = |member: &usize| {
        let mut roles = said_by_name(scene, *member).map(|named| named.roles).unwrap_or_default();
        roles.sort_unstable();
        roles
    };
    let Some(first) = sharing.next() else { return true };
    let wanted = roles(first);
    sharing.all(|member| roles(member) == wanted)
}

/// Which part of a gateway a claim is about: artifacts are pushed to the manager, traffic goes to the worker.
fn gateway_part(scene: &Scene<'_, '_>, index: usize, claim: &Claim) -> Role {
    if claim.role != Role::GatewayWorker {
        return claim.role;
    }
    let named = said_by_name(scene, index).map(|named| named.roles).unwrap_or_default();
    match (named.contains(&Role::GatewayManager), named.contains(&Role::GatewayWorker)) {
        (true, false) => return Role::GatewayManager,
        (_, true) => return Role::GatewayWorker,
        _ => {}
    }
    let endpoint_elsewhere = || {
        let public = scene.claims.iter().flatten().filter(|other| other.fact == "environment.endpoints");
        let at = |member: usize, key: &str| is_named(key, &scene.names[member], &scene.nodes[member]);
        let keys: Vec<&str> = public.map(|other| other.key.as_str()).collect();
        let here = keys.iter().any(|key| at(index, key));
        !here && scene.members.iter().any(|member| *member != index && keys.iter().any(|key| at(*member, key)))
    };
    if claim.kind == Kind::Service && endpoint_elsewhere() { Role::GatewayManager } else { Role::GatewayWorker }
}

/// One node's own files, asked the way the rows of A.2 ask.
struct Own<'s, 'n> {
    node: &'s OldNode<'n>,
    names: &'s [String],
}

impl<'s, 'n> Own<'s, 'n> {
    /// The first fact of that name whose URL is somewhere else.
    fn remote(&self, name: &'s str) -> Option<&'s Fact<'n>> {
        let is_elsewhere = |fact: &&Fact<'n>| {
            let mut urls = fact.value.split(',').filter_map(Url::parse);
            urls.any(|url| {
                is_remote(&url.host, self.names) && !is_named(&super::host::normalise(&url.host), self.names, self.node)
            })
        };
        self.node.settings.facts_named(name).find(is_elsewhere)
    }

    /// The first of the facts whose receivers or brokers are all somewhere else.
    fn all_remote(&self, names: &[&'static str]) -> Option<&'s Fact<'n>> {
        names.iter().find_map(|name| {
            self.node.settings.facts_named(name).find(|fact| {
                let urls: Vec<Url> = if name.ends_with("receivers") {
                    url_group::parse(&fact.value).urls().filter_map(Url::parse).collect()
                } else {
                    brokers(self.node, &fact.value)
                };
                let elsewhere = |url: &Url| {
                    is_remote(&url.host, self.names)
                        && !is_named(&super::host::normalise(&url.host), self.names, self.node)
                };
                !urls.is_empty() && urls.iter().all(elsewhere)
            })
        })
    }

    fn is(&self, name: &str, value: &str) -> bool {
        self.node.settings.value(name).is_some_and(|found| found.eq_ignore_ascii_case(value))
    }

    fn place(&self, fact: &Fact<'_>) -> Option<Place> {
        Some(self.node.place(fact.setting.index))
    }

    fn has_file(&self, name: &str) -> bool {
        self.node.files.iter().any(|file| file.name == name && file.leaves > 0)
    }
}

/// Row 6.
fn by_elements(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let own = Own { node: &scene.nodes[index], names: &scene.names[index] };
    let mut out = Vec::new();
    if !is_copy(scene, index) {
        publisher(&own, &mut out);
        store(&own, &mut out);
        gateway(&own, &mut out);
        key_manager(&own, &mut out);
    }
    if scene.members.len() > 1 {
        traffic_manager(&own, &mut out);
    }
    out
}

/// Whether a node of another name has the same api-manager.xml: then its elements tell nothing of this node.
fn is_copy(scene: &Scene<'_, '_>, index: usize) -> bool {
    let leaves = |node: usize| {
        let node = &scene.nodes[node];
        let number = node.files.iter().position(|file| file.name == "api-manager.xml");
        let of_file = node.settings.settings.iter().filter(move |setting| number == Some(setting.file as usize));
        of_file.map(|setting| (setting.leaf.path.as_str(), setting.leaf.value.trim()))
    };
    let roles = |node: usize| said_by_name(scene, node).map(|named| named.roles);
    let own = roles(index);
    own.is_some()
        && leaves(index).next().is_some()
        && scene.members.iter().any(|other| {
            let differs = roles(*other).is_some() && roles(*other) != own;
            *other != index && differs && leaves(*other).eq(leaves(index))
        })
}

/// Row 6a.
fn publisher(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |fact: &Fact<'_>, what: &str| {
        out.push(vote("6a", Strength::Medium, &[Role::Publisher], what, own.place(fact)));
    };
    // Gateways of 2.0 to 2.2 name the policies' address too.
    let deploys = !own.is("policy-deployer.enabled", "false") && !sends_and_hears(own);
    if let Some(fact) = own.remote("policy-deployer.url").filter(|_| deploys) {
        medium(fact, "it deploys policies to another node");
    }
    let shown = own.node.settings.fact("store.display-url").filter(|_| own.is("store.display-url", "true"));
    if let Some(fact) = shown.or_else(|| own.remote("store.url")) {
        medium(fact, "it shows a store's address");
    }
    if let Some(fact) = own.all_remote(&["jndi.connection"]) {
        medium(fact, "its jndi.properties names another node's broker");
    }
    if let (Some(fact), Some(_)) = (own.remote("auth-manager.url"), own.remote("environment.service-url")) {
        medium(fact, "it logs in elsewhere and has a gateway elsewhere");
    }
}

/// Row 6b.
fn store(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |fact: &Fact<'_>, what: &str| {
        out.push(vote("6b", Strength::Medium, &[Role::Store], what, own.place(fact)));
    };
    if let (Some(fact), Some(_)) = (own.remote("key-manager.url"), own.remote("auth-manager.url"))
        && own.is("data-publisher.enabled", "false")
    {
        medium(fact, "its key manager and its login are elsewhere, and it publishes no request data");
    }
    if let Some(fact) = own.remote("revoke.url") {
        medium(fact, "it revokes tokens at another node");
    }
    if let Some(fact) = own.remote("workflow.dcr-url") {
        medium(fact, "its workflows register clients at another node");
    }
}

/// Whether the node sends request data to another node, hears its decisions, and pushes to no gateway.
fn sends_and_hears(own: &Own<'_, '_>) -> bool {
    own.all_remote(&["traffic-manager.receivers", "data-publisher.receivers"]).is_some()
        && own.all_remote(&["jms.connection"]).is_some()
        && !own.is("jms.enabled", "false")
        && own.remote("environment.service-url").is_none()
}

/// Row 6c. 2.0 and 2.1 have no `PolicyDeployer/Enabled`: there the rest is one medium vote, and that its keys are
/// validated elsewhere while nobody logs in is another.
fn gateway(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let receivers = own.all_remote(&["traffic-manager.receivers", "data-publisher.receivers"]);
    let hears = own.all_remote(&["jms.connection"]).is_some() && !own.is("jms.enabled", "false");
    if let Some(fact) = receivers.filter(|_| hears && own.is("policy-deployer.enabled", "false")) {
        let what = "it sends request data to another node, hears its decisions, and deploys no policies";
        out.push(vote("6c", Strength::Strong, &[Role::GatewayWorker], what, own.place(fact)));
    } else if let Some(fact) = receivers.filter(|_| sends_and_hears(own)) {
        let what = "it sends request data to another node and hears its decisions";
        out.push(vote("6c", Strength::Medium, &[Role::GatewayWorker], what, own.place(fact)));
        if let Some(fact) = own.remote("key-manager.url").filter(|_| own.remote("auth-manager.url").is_none()) {
            let what = "its keys are validated elsewhere, and nobody logs in here";
            out.push(vote("6c", Strength::Medium, &[Role::GatewayWorker], what, own.place(fact)));
        }
    }
}

/// Row 6d.
fn key_manager(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |fact: &Fact<'_>, what: &str| {
        out.push(vote("6d", Strength::Medium, &[Role::KeyManager], what, own.place(fact)));
    };
    let away = |names: &[&'static str]| names.iter().any(|name| own.remote(name).is_some());
    let local_keys = own.remote("key-manager.url").is_none();
    let thrift = own.node.settings.fact("thrift.server-host").filter(|fact| !is_local(&fact.value));
    if let Some(fact) = thrift.filter(|_| own.is("thrift.enabled", "true") && local_keys) {
        medium(fact, "it serves key validation over Thrift under a name of its own");
    }
    let others =
        ["key-manager.url", "auth-manager.url", "revoke.url", "store.url", "publisher.url", "policy-deployer.url"];
    let sends = own.all_remote(&["traffic-manager.receivers", "data-publisher.receivers", "jms.connection"]).is_some();
    if let Some(fact) = own.remote("environment.service-url").filter(|_| !away(&others) && !sends) {
        medium(fact, "only its gateway is elsewhere");
    }
    let switches = ["data-publisher.enabled", "policy-deployer.enabled", "block-condition.enabled", "jms.enabled"];
    let off = switches.iter().all(|name| own.is(name, "false"));
    if let Some(fact) = own
        .node
        .settings
        .fact(switches[0])
        .filter(|_| off && !sends && !away(&others) && own.remote("environment.service-url").is_none())
    {
        medium(fact, "it has nothing to do with throttling");
    }
}

/// Row 6e, for nodes that have others beside them.
fn traffic_manager(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |what: &str, place: Option<Place>| {
        out.push(vote("6e", Strength::Medium, &[Role::TrafficManager], what, place));
    };
    let node = own.node;
    let changed = |setting: &&crate::mapping::Setting<'_>| {
        setting.standing == Standing::Changed && !setting.leaf.path.ends_with("/EnableThriftServer")
    };
    let of_file = |name: &'static str| {
        let number = node.files.iter().position(|file| file.name == name);
        node.settings.settings.iter().filter(move |setting| number == Some(setting.file as usize))
    };
    if !node.files.iter().any(|file| file.name == "api-manager.xml") {
        medium("it has no api-manager.xml", None);
    } else if own.has_file("api-manager.xml") && of_file("api-manager.xml").find(changed).is_none() {
        medium("its api-manager.xml is as shipped", None);
    }
    let of_others =
        |path: &str| ["indexingConfiguration", "/mount", "remoteInstance"].iter().any(|part| path.contains(part));
    if own.has_file("registry.xml") && !of_file("registry.xml").any(|setting| of_others(&setting.leaf.path)) {
        medium("its registry.xml has no indexing: registry_TM.xml renamed", None);
    }
    let listener = node.settings.fact("transport.http-listener");
    if let Some(fact) = listener.filter(|fact| !fact.value.contains("passthru") && !fact.value.contains("PassThrough"))
    {
        medium("its axis2.xml has no pass-through listener: axis2_TM.xml renamed", own.place(fact));
    }
    for name in ["data-bridge/data-bridge-config.xml", "event-processor.xml"] {
        if of_file(name).any(|setting| setting.standing == Standing::Changed) {
            medium(&format!("its {name} was edited"), None);
        }
    }
}

/// Row 10: the guides' offsets. 0 is everybody's and tells nothing.
fn by_offset(node: &OldNode<'_>) -> Option<Evidence> {
    let role = match node.offset() {
        1 => Role::Publisher,
        2 => Role::Store,
        3 => Role::TrafficManager,
        4 => Role::GatewayWorker,
        _ => return None,
    };
    let place = node.settings.fact("server.offset").map(|fact| node.place(fact.setting.index));
    Some(vote("10", Strength::Weak, &[role], format!("offset {}, as in the guides", node.offset()), place))
}

/// Whether the node's files are whole (carbon.xml and api-manager.xml) and name no other node but those in
/// `known` (an Identity Server beside it).
#[must_use]
pub fn names_no_other(node: &OldNode<'_>, claims: &[Claim], names: &[String], known: &[String]) -> bool {
    let has = |name: &str| node.files.iter().any(|file| file.name == name && file.leaves > 0);
    let other = |claim: &&Claim| {
        matches!(claim.kind, Kind::Service | Kind::PerNode)
            && !known.contains(&claim.key)
            && !is_named(&claim.key, names, node)
    };
    has("carbon.xml") && has("api-manager.xml") && claims.iter().find(other).is_none()
}
