//! What speaks for which role of a node (A.2): the votes, each with its place.
//!
//! Rows 3, 7 and 8 are in `tables`, row 6 in `elements`. Row 9 is not looked for.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::claims::{Claim, Kind, is_named};
use super::host::{Port, Url, is_local};
use super::named::{NameIndex, by_port};
use super::tokens::{Named, roles_in};
use super::{Evidence, Strength, elements, tables};
use crate::layout::OldNode;
use crate::mapping::Setting;
use crate::role::Role;
use crate::source::Place;

/// The ports of receivers and the broker, without an offset.
const NODE_PORTS: [i64; 3] = [5672, 9611, 9711];
/// Offsets are smaller than the distance of these ports.
const OFFSETS: i64 = 100;

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
    /// What each member's name says, by the number of the node.
    said: Vec<Option<Named>>,
    /// The claims that name each node and that are no hint, by the number of the node: those of one member after the
    /// other, without what a node says of itself.
    naming: Vec<Vec<&'s Claim>>,
    /// Of those the ones that only their port tells from what a node says of itself: who names whom.
    by_port: IndexSet<(usize, usize), FxBuildHasher>,
    /// Who says of whom that it has which role.
    says: IndexSet<(usize, Role, usize), FxBuildHasher>,
    /// The members at which the public endpoint of an environment stands.
    endpoints: IndexSet<usize, FxBuildHasher>,
    /// Claims that name nobody but a role by its host: of each kind those of two members, so that each member finds
    /// one of another's.
    alike: Vec<(&'s Claim, Vec<Role>)>,
    /// The members whose api-manager.xml is a copy of another role's.
    pub(super) copies: IndexSet<usize, FxBuildHasher>,
}

impl<'s, 'n> Scene<'s, 'n> {
    /// The scene of `members`, with all that is looked up in it.
    #[must_use]
    pub fn new(
        nodes: &'s [OldNode<'n>],
        members: &'s [usize],
        claims: &'s [Vec<Claim>],
        names: &'s [Vec<String>],
    ) -> Self {
        let index = NameIndex::new(nodes, names, members);
        let said = said_by_names(nodes, members);
        let mut scene = Self {
            nodes,
            members,
            claims,
            names,
            copies: elements::copies(nodes, members, &said),
            said,
            naming: vec![Vec::new(); nodes.len()],
            by_port: IndexSet::default(),
            says: IndexSet::default(),
            endpoints: IndexSet::default(),
            alike: Vec::new(),
        };
        let mut tells: IndexMap<&str, bool, FxBuildHasher> = IndexMap::default();
        let mut kinds: IndexMap<(Role, bool, Vec<Role>), Vec<usize>, FxBuildHasher> = IndexMap::default();
        for claim in members.iter().flat_map(|member| &claims[*member]).filter(|claim| claim.kind != Kind::Hint) {
            let mut members = index.of(&claim.key);
            if let Some(only) = by_port(nodes, claim, &members) {
                members = vec![only];
                if only != claim.by {
                    scene.by_port.insert((claim.by, only));
                }
            }
            for of in &members {
                scene.says.insert((claim.by, claim.role, *of));
            }
            let all_alike = |said: &[Option<Named>]| {
                let roles = |member: &usize| {
                    let mut roles = said[*member].as_ref().map(|named| named.roles.clone()).unwrap_or_default();
                    roles.sort_unstable();
                    roles
                };
                let wanted = members.first().map(roles);
                members.iter().all(|member| Some(roles(member)) == wanted)
            };
            // A name that nodes with different roles share (a balancer's in front of all) tells nothing.
            let tells = members.len() == 1 || *tells.entry(&claim.key).or_insert_with(|| all_alike(&scene.said));
            if tells && !members.contains(&claim.by) {
                for of in members.iter().filter(|of| opens(&nodes[**of], claim)) {
                    scene.naming[*of].push(claim);
                }
            }
            if members.is_empty() {
                let label = claim.key.split('.').next().unwrap_or(&claim.key);
                let roles = roles_in(label).roles;
                let known = kinds.entry((claim.role, claim.kind == Kind::Service, roles.clone())).or_default();
                if !roles.is_empty() && known.len() < 2 && !known.contains(&claim.by) {
                    known.push(claim.by);
                    scene.alike.push((claim, roles));
                }
            }
        }
        for claim in claims.iter().flatten().filter(|claim| claim.fact == "environment.endpoints") {
            scene.endpoints.extend(index.of(&claim.key));
        }
        scene
    }
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
        out.extend(elements::by_elements(scene, index));
    } else {
        out.extend(tables::by_tables(scene, index));
    }
    out.extend(by_offset(&scene.nodes[index]));
    // A gateway worker of 4.x is nothing besides, whatever others call at its host.
    let is_worker = |vote: &Evidence| vote.row == "3" && vote.roles == [Role::GatewayWorker];
    if scene.nodes[index].version.major > 3 && out.iter().any(is_worker) {
        let others = out.iter_mut().filter(|vote| vote.row == "4" && !vote.roles.contains(&Role::GatewayWorker));
        others.for_each(|vote| vote.strength = Strength::Weak);
    }
    out
}

pub(super) fn vote(
    row: &'static str,
    strength: Strength,
    roles: &[Role],
    what: impl Into<String>,
    place: Option<Place>,
) -> Evidence {
    Evidence { row, strength, roles: roles.to_vec(), what: what.into(), place }
}

/// Row 2: the flag in a script or container file beside the node, or in a file of its own.
fn profile_flag(scene: &Scene<'_, '_>, index: usize) -> Option<Evidence> {
    let node = &scene.nodes[index];
    if let Some(profile) = &node.profile {
        let what = format!("it is started with the profile `{}`", profile.word);
        return Some(vote("2", Strength::Strong, &roles_in(&profile.word).roles, what, Some(profile.place.clone())));
    }
    let said = |setting: &Setting<'_>| matches!(setting.leaf.path.as_str(), "profile" | "system.parameter.profile");
    let setting = node.settings.settings.iter().position(said)?;
    let value = node.settings.settings[setting].leaf.value.trim().to_owned();
    let named = roles_in(&value);
    (!named.roles.is_empty()).then(|| {
        vote("2", Strength::Strong, &named.roles, format!("profile `{value}`"), Some(node.place(setting as u32)))
    })
}

/// The words `manager` and `worker` alone mean a gateway only where other roles have nodes of their own; else
/// they are the clustered all-in-ones of 2.1 (A.4). `dev` means the portal only beside a publisher.
fn said_by_names(nodes: &[OldNode<'_>], members: &[usize]) -> Vec<Option<Named>> {
    let apart = |named: &Named| named.distributed() && !named.cluster_words;
    let publishes = |named: &Named| named.roles.contains(&Role::Publisher);
    let all: Vec<Named> = members.iter().map(|member| roles_in(&nodes[*member].name)).collect();
    let count = |is: &dyn Fn(&Named) -> bool| all.iter().filter(|named| is(named)).count();
    let (many_apart, many_publish) = (count(&apart), count(&publishes));
    let mut said = vec![None; nodes.len()];
    for (member, own) in members.iter().zip(&all) {
        if nodes[*member].nameless || own.roles.is_empty() {
            continue;
        }
        let mut named = own.clone();
        if named.cluster_words && members.len() > 1 && many_apart == usize::from(apart(own)) {
            named.roles = vec![Role::AllInOne];
            named.strong = true;
        }
        if !named.stage_word || many_publish > usize::from(publishes(own)) {
            said[*member] = Some(named);
        }
    }
    said
}

/// What the name of a member says.
fn said_by_name<'s>(scene: &'s Scene<'_, '_>, index: usize) -> Option<&'s Named> {
    scene.said[index].as_ref()
}

/// The row of what a node's name says.
pub const BY_NAME: &str = "5";

/// Row 5.
fn by_name(scene: &Scene<'_, '_>, index: usize) -> Option<Evidence> {
    let named = said_by_name(scene, index)?;
    let node = &scene.nodes[index];
    Some(vote(BY_NAME, named.strength(), &named.roles, format!("its name is `{}`", node.name), None))
}

fn has_file(node: &OldNode<'_>, name: &str) -> bool {
    node.files.iter().any(|file| file.name == name)
}

/// Row 4.
fn named_by_others(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    let (mut mutual, mut named) = (None, false);
    for claims in scene.naming[index].chunk_by(|one, other| one.by == other.by) {
        let other = claims[0].by;
        if other == index {
            continue;
        }
        // Twins name each other for the same thing, or each names itself beside the other.
        let says = |by: usize, role: Role, of: usize| scene.says.contains(&(by, role, of));
        // A node without an api-manager.xml serves nothing besides, whatever the other one says of itself.
        let named_whole = said_by_name(scene, index).is_some_and(|named| named.roles.contains(&Role::AllInOne));
        let whole =
            scene.nodes[index].version.major > 2 || has_file(&scene.nodes[index], "api-manager.xml") || named_whole;
        // A hub with a gateway of its own names that one beside the gateways that follow it. What only its port tells from
        // what the other says of itself is one-way, unless both say it.
        let beside = scene.by_port.contains(&(other, index));
        let after = follows(scene, index, other);
        let apart = after || beside;
        // A node of 4.x that is called one part of a deployment is no twin of another part.
        let is_part = said_by_name(scene, index)
            .is_some_and(|named| named.distributed() && named.strength() == Strength::Strong)
            && scene.nodes[index].version.major > 3;
        let whole = whole && !is_part;
        let twins =
            |claim: &&&Claim| whole && (says(index, claim.role, other) || (says(other, claim.role, other) && !apart));
        if let Some(claim) = claims.iter().find(twins) {
            mutual = mutual.or(Some(*claim));
            continue;
        }
        for claim in claims {
            named = true;
            let inside = matches!(claim.role, Role::ControlPlane | Role::TrafficManager);
            let whole = || is_hub_of(scene, index, other) || is_whole_by_name(scene, index);
            let hub = || claim.role != Role::GatewayWorker && !after && whole();
            let role = if (inside && is_hub_with_gateway(scene, index)) || hub() {
                Role::AllInOne
            } else {
                gateway_part(scene, index, claim)
            };
            if !out.iter().any(|known| known.roles == [role]) {
                let what = format!("`{}`: {}", scene.nodes[other].name, claim.what);
                out.push(vote("4", Strength::Strong, &[role], what, Some(claim.place.clone())));
            }
        }
    }
    let worker = out.iter().any(|vote| vote.roles == [Role::GatewayWorker]);
    if let (true, None) = (worker && scene.says.contains(&(index, Role::TrafficManager, index)), mutual) {
        // A gateway that sends its data to others takes decisions of its own broker by mistake, at the most.
        let sends = own_receivers(scene, index);
        let counts = |claim: &&Claim| {
            claim.role == Role::TrafficManager && (claim.fact != "throttling.brokers" || sends != Some(false))
        };
        let mut own = scene.claims[index].iter().filter(counts);
        let own = own.find(|claim| {
            claim.kind == Kind::PerNode && is_named(&claim.key, &scene.names[index], &scene.nodes[index])
        });
        if let Some(claim) = own.filter(|_| !out.iter().any(|vote| vote.roles == [Role::TrafficManager])) {
            let what = format!("it names itself: {}", claim.what);
            out.push(vote("4", Strength::Strong, &[Role::TrafficManager], what, Some(claim.place.clone())));
        }
    }
    if let Some(claim) = mutual.filter(|_| !named) {
        let what = format!("`{}` and this node name each other: {}", scene.nodes[claim.by].name, claim.what);
        out.push(vote("4", Strength::Strong, &[Role::AllInOne], what, Some(claim.place.clone())));
    }
    out
}

/// Whether the receivers in the node's url groups are its own; `None` if it names none.
fn own_receivers(scene: &Scene<'_, '_>, index: usize) -> Option<bool> {
    let mut receivers = scene.claims[index].iter().filter(|claim| claim.fact == "throttling.receivers").peekable();
    receivers.peek()?;
    Some(receivers.any(|claim| is_named(&claim.key, &scene.names[index], &scene.nodes[index])))
}

/// Whether the node is an all-in-one of 4.x, which others may have as their event hub and traffic manager: its name says so,
/// or it has labels of its own as a gateway, beside environments.
fn is_hub_with_gateway(scene: &Scene<'_, '_>, index: usize) -> bool {
    if scene.nodes[index].version.major < 4 {
        return false;
    }
    let settings = &scene.nodes[index].settings;
    let serves = || {
        settings.fact("gateway.labels").is_some_and(|fact| fact.changed)
            && settings.fact("environment.name").is_some()
            && settings.fact("event-hub.receivers").is_none()
    };
    said_by_name(scene, index).is_some_and(|named| named.whole) || serves()
}

/// Whether a node has another one as its hub, which does not say the same of it.
fn follows(scene: &Scene<'_, '_>, index: usize, other: usize) -> bool {
    let one_way =
        |role: Role| scene.says.contains(&(index, role, other)) && !scene.says.contains(&(other, role, index));
    let serves = || scene.says.contains(&(other, Role::GatewayWorker, index));
    one_way(Role::ControlPlane) || (one_way(Role::KeyManager) && serves())
}

/// Whether a node is an all-in-one to which another one is a gateway more: it lists that as an environment, and its own
/// gateway beside it.
fn is_hub_of(scene: &Scene<'_, '_>, index: usize, other: usize) -> bool {
    let named_part = said_by_name(scene, index).is_some_and(Named::distributed);
    let one_way = scene.by_port.contains(&(other, index)) || follows(scene, other, index);
    one_way && !named_part && scene.says.contains(&(index, Role::GatewayWorker, other)) && serves_itself(scene, index)
}

/// Whether a node of a deployment.toml is called a server that does everything, and lists its own gateway: others may take
/// their keys from it, too.
fn is_whole_by_name(scene: &Scene<'_, '_>, index: usize) -> bool {
    scene.nodes[index].version.major > 2
        && said_by_name(scene, index).is_some_and(|named| named.roles == [Role::AllInOne])
        && serves_itself(scene, index)
}

/// Whether an environment that the node lists is its own gateway. One that was only shipped says nothing alone.
fn serves_itself(scene: &Scene<'_, '_>, index: usize) -> bool {
    let settings = &scene.nodes[index].settings;
    let several = settings.facts_named("environment.name").count() > 1;
    let facts = ["environment.service-url", "environment.endpoints"].iter().flat_map(|name| settings.facts_named(name));
    let mut said = facts.filter(|fact| fact.changed || several || scene.nodes[index].version.major > 2);
    let local = |text: &str| Url::parse(text).is_some_and(|url| is_local(&url.host));
    scene.says.contains(&(index, Role::GatewayWorker, index)) || said.any(|fact| fact.value.split(',').any(local))
}

/// Whether the node may open the port that a claim about a receiver or broker names: two nodes of 4.x on one host are
/// told apart by their offsets. A port far from the usual ones is a mapped one, and tells nothing.
fn opens(node: &OldNode<'_>, claim: &Claim) -> bool {
    let Some(Port::Number(port)) = &claim.port else { return true };
    if claim.kind != Kind::PerNode || node.version.major < 4 {
        return true;
    }
    let offsets = NODE_PORTS.iter().map(|base| i64::from(*port) - base);
    offsets.filter(|offset| (0..OFFSETS).contains(offset)).all(|offset| offset == node.offset())
}

/// A weaker form of row 4: others name a host that is no node's name but says a role (`apim-km-service`), and this
/// node's name says the same role.
fn named_alike(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let Some(named) = said_by_name(scene, index) else { return Vec::new() };
    let mut out: Vec<Evidence> = Vec::new();
    for (claim, roles) in scene.alike.iter().filter(|(claim, _)| claim.by != index) {
        let role = gateway_part(scene, index, claim);
        let fits = named.roles.contains(&role) && roles.contains(&role);
        if fits && !out.iter().any(|known| known.roles == [role]) {
            let what = format!("`{}`: {}, as its name", scene.nodes[claim.by].name, claim.what);
            out.push(vote("4", Strength::Medium, &[role], what, Some(claim.place.clone())));
        }
    }
    out
}

/// Which part of a gateway a claim is about: artifacts are pushed to the manager, traffic goes to the worker.
fn gateway_part(scene: &Scene<'_, '_>, index: usize, claim: &Claim) -> Role {
    if claim.role != Role::GatewayWorker {
        return claim.role;
    }
    let named = said_by_name(scene, index).map(|named| named.roles.as_slice()).unwrap_or_default();
    match (named.contains(&Role::GatewayManager), named.contains(&Role::GatewayWorker)) {
        (true, false) => return Role::GatewayManager,
        (_, true) => return Role::GatewayWorker,
        _ => {}
    }
    let endpoint_elsewhere = !scene.endpoints.is_empty() && !scene.endpoints.contains(&index);
    if claim.kind == Kind::Service && endpoint_elsewhere { Role::GatewayManager } else { Role::GatewayWorker }
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

/// Whether the node's files are whole (carbon.xml and api-manager.xml, or deployment.toml) and name no other node but those in
/// `known` (an Identity Server beside it).
#[must_use]
pub fn names_no_other(node: &OldNode<'_>, claims: &[Claim], names: &[String], known: &[String]) -> bool {
    let has = |name: &str| node.files.iter().any(|file| file.name == name && file.leaves > 0);
    let other = |claim: &&Claim| {
        matches!(claim.kind, Kind::Service | Kind::PerNode)
            && !known.contains(&claim.key)
            && !is_named(&claim.key, names, node)
    };
    let whole = has("deployment.toml") || (has("carbon.xml") && has("api-manager.xml"));
    whole && claims.iter().find(other).is_none()
}
