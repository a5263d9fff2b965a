//! What speaks for which role of a node (A.2): the votes, each with its place.
//!
//! Rows 3, 7 and 8 are in `tables`, row 6 in `elements`. Row 9 is not looked for.

use super::claims::{Claim, Kind, is_named};
use super::host::Port;
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
pub(super) fn said_by_name(scene: &Scene<'_, '_>, index: usize) -> Option<Named> {
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

/// The row of what a node's name says.
pub const BY_NAME: &str = "5";

/// Row 5.
fn by_name(scene: &Scene<'_, '_>, index: usize) -> Option<Evidence> {
    let named = said_by_name(scene, index)?;
    let node = &scene.nodes[index];
    Some(vote(BY_NAME, named.strength(), &named.roles, format!("its name is `{}`", node.name), None))
}

/// Row 4.
fn named_by_others(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let mut out: Vec<Evidence> = Vec::new();
    let own = |key: &str, of: usize| is_named(key, &scene.names[of], &scene.nodes[of]);
    let says = |by: usize, role: Role, of: usize| {
        scene.claims[by].iter().any(|said| said.kind != Kind::Hint && said.role == role && own(&said.key, of))
    };
    let (mut mutual, mut named) = (None, false);
    for other in scene.members.iter().copied().filter(|other| *other != index) {
        let tells = |claim: &&Claim| {
            claim.kind != Kind::Hint
                && own(&claim.key, index)
                && !own(&claim.key, other)
                && opens(&scene.nodes[index], claim)
                && name_tells(scene, &claim.key)
        };
        // Twins name each other for the same thing, or each names itself beside the other.
        let twins = |claim: &&Claim| says(index, claim.role, other) || says(other, claim.role, other);
        if let Some(claim) = scene.claims[other].iter().filter(tells).find(twins) {
            mutual = mutual.or(Some(claim));
            continue;
        }
        for claim in scene.claims[other].iter().filter(tells) {
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
