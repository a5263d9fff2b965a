//! The source stage in one piece: old nodes in, a [`SourceTopology`] for each deployment out.
//!
//! Own names are needed for evidence, roles for twins, and twins for own names: so there are two passes, the first
//! with the names that files state (A.2).

use super::claims::{Claim, Kind, claims_of, is_named, stated_names};
use super::evidence::{BY_NAME, Scene, names_no_other, votes};
use super::grouping::{self, set_aside_role};
use super::host::{is_local, is_placeholder};
use super::names::{Cast, absent_key_manager, external_key_manager, own, services};
use super::roles::{Decided, answered, decide};
use super::{Address, Aliases, Answers, Asked, Evidence, Layout, SourceNode, SourceTopology, Strength, lone, twins};
use crate::diagnostic::{Code, Finding};
use crate::layout::OldNode;
use crate::layout::set_aside::is_own_key;
use crate::role::Role;

/// Which of the nodes form one deployment each: as the administrator says, else by the hosts that they name.
#[must_use]
pub fn split(nodes: &[OldNode<'_>], answers: &dyn Answers) -> Vec<Vec<usize>> {
    if let Some(answer) = answers.answer("grouping", "") {
        return grouping::answered(&answer, nodes);
    }
    let (aliases, _) = Aliases::answered(answers);
    grouping::groups(nodes, &settled_claims(nodes, &aliases, answers), &aliases)
}

/// Finds the roles, twins and names of the nodes of one deployment: `group` says which they are.
#[must_use]
pub fn resolve(nodes: &[OldNode<'_>], group: &[usize], answers: &dyn Answers) -> SourceTopology {
    let (aliases, same_host) = Aliases::answered(answers);
    let claims = settled_claims(nodes, &aliases, answers);
    let mut out = deployment(nodes, &claims, group, &aliases, answers);
    out.asked.extend(same_host);
    out
}

/// What the nodes say of others, with gaps filled and one key for each machine.
fn settled_claims(nodes: &[OldNode<'_>], aliases: &Aliases, answers: &dyn Answers) -> Vec<Vec<Claim>> {
    let settled = |(index, node)| {
        let mut claims = claims_of(index, node);
        for claim in &mut claims {
            if is_placeholder(&claim.host)
                && let Some(host) = answers.answer(&format!("host:{}", claim.host), "")
                && !is_placeholder(&host)
            {
                claim.placeholder = Some(std::mem::replace(&mut claim.host, host));
            }
            claim.key = aliases.key(&claim.host);
        }
        claims
    };
    nodes.iter().enumerate().map(settled).collect()
}

/// A member's roles and what they rest on.
struct Member {
    evidence: Vec<Evidence>,
    roles: Vec<Role>,
    decided: Decided,
    /// Why the administrator is asked, if so.
    doubt: Option<&'static str>,
    /// The administrator said it: nothing else changes it.
    answered: bool,
    /// It is the traffic manager only because no other node can be.
    excluded: bool,
}

fn deployment(
    nodes: &[OldNode<'_>],
    claims: &[Vec<Claim>],
    group: &[usize],
    aliases: &Aliases,
    answers: &dyn Answers,
) -> SourceTopology {
    let members: Vec<usize> = group.iter().copied().filter(|index| nodes[*index].set_aside.is_none()).collect();
    let mut names: Vec<Vec<String>> = nodes.iter().map(|node| stated_names(node, aliases)).collect();
    let outside: Vec<String> = group
        .iter()
        .filter(|index| nodes[**index].set_aside.is_some())
        .flat_map(|index| names[*index].clone())
        .collect();
    if let [member] = members[..]
        && let Some(claim) = lone::own_host(&nodes[member], &claims[member])
    {
        names[member].push(claim.key.clone());
    }
    let outside = with_lone_manager_names(claims, &members, group, nodes, outside);
    let pass = |names: &[Vec<String>]| -> (Vec<Member>, Vec<usize>, Vec<Address>) {
        let scene = Scene::new(nodes, &members, claims, names);
        let mut found: Vec<Member> = members.iter().map(|index| member(&scene, *index, &outside, answers)).collect();
        complete(&scene, &mut found);
        let roles: Vec<Vec<Role>> = found.iter().map(|member| member.roles.clone()).collect();
        let twins = twins::groups(nodes, claims, names, &members, &roles);
        let cast =
            Cast { nodes, members: &members, roles: &roles, twins: &twins, claims, names, outside: &outside, aliases };
        let own = own(&cast, answers);
        (found, twins, own)
    };
    let (doubtful, _, first) = pass(&names);
    // What rests on exclusion is no evidence the second time.
    let sure = members.iter().zip(&first).zip(&doubtful).filter(|(_, member)| !member.excluded);
    for ((index, address), _) in sure {
        let key = aliases.key(&address.host);
        if !is_local(&key) && !names[*index].contains(&key) {
            names[*index].push(key);
        }
    }
    let (mut found, twin_groups, own) = pass(&names);
    let split = split_all_in_ones(&mut found, answers);

    let mut out = SourceTopology {
        layout: Layout::Partial,
        nodes: Vec::new(),
        services: indexmap::IndexMap::new(),
        aliases: aliases.clone(),
        findings: Vec::new(),
        asked: Vec::new(),
    };
    let roles: Vec<Vec<Role>> = found.iter().map(|member| member.roles.clone()).collect();
    let cast = Cast {
        nodes,
        members: &members,
        roles: &roles,
        twins: &twin_groups,
        claims,
        names: &names,
        outside: &outside,
        aliases,
    };
    out.services = services(&cast, &own);
    if let Some(address) = out.services.get(&Role::ControlPlane).cloned() {
        for role in [Role::KeyManager, Role::Publisher, Role::Store] {
            out.services.entry(role).or_insert_with(|| address.clone());
        }
    }
    let identity = group.iter().any(|index| set_aside_role(&nodes[*index]) == Some(Role::IsAsKm));
    let external = external_key_manager(&cast, identity);
    if let Some(address) = absent_key_manager(&cast, identity) {
        out.services.insert(Role::KeyManager, address);
    }
    raise(nodes, &members, &found, &own, answers, &mut out);
    ask_for_hosts(nodes, claims, &members, answers, &mut out);
    mixed_versions(nodes, &members, &mut out);
    for ((index, member), (twins, own)) in members.iter().zip(found).zip(twin_groups.iter().zip(own)) {
        out.nodes.push(SourceNode {
            node: *index,
            roles: member.roles,
            evidence: member.evidence,
            own,
            twins: *twins,
            claims: claims[*index].clone(),
        });
    }
    add_set_aside(nodes, group, external, &mut out);
    ask_for_micro_gateways(nodes, group, answers, &mut out);
    out.asked.extend(split);
    out.layout = layout(&out.nodes);
    out.nodes.sort_by_key(|node| node.node);
    out
}

/// Names that a lone API-M node may use without naming another API-M node: those of the products beside it. If
/// there are any, also the key manager that it names: an address of the Identity Server.
fn with_lone_manager_names(
    claims: &[Vec<Claim>],
    members: &[usize],
    group: &[usize],
    nodes: &[OldNode<'_>],
    mut outside: Vec<String>,
) -> Vec<String> {
    let identity = group.iter().any(|index| set_aside_role(&nodes[*index]) == Some(Role::IsAsKm));
    if let ([member], true) = (members, identity) {
        outside.extend(
            claims[*member].iter().filter(|claim| claim.role == Role::KeyManager).map(|claim| claim.key.clone()),
        );
    }
    outside
}

fn member(scene: &Scene<'_, '_>, index: usize, outside: &[String], answers: &dyn Answers) -> Member {
    let node = &scene.nodes[index];
    let mut evidence = votes(scene, index);
    if let Some(roles) = answers.answer("node-role", &node.name).as_deref().and_then(answered) {
        let what = "the answer to `node-role`".to_owned();
        evidence.insert(0, Evidence { row: "1", strength: Strength::Final, roles: roles.clone(), what, place: None });
        return Member { evidence, roles, decided: Decided::default(), doubt: None, answered: true, excluded: false };
    }
    if node.micro_gateway {
        let (roles, what) = (vec![Role::GatewayWorker], "the answer to `micro-gateway`".to_owned());
        evidence.insert(0, Evidence { row: "1", strength: Strength::Final, roles: roles.clone(), what, place: None });
        return Member { evidence, roles, decided: Decided::default(), doubt: None, answered: true, excluded: false };
    }
    let mut decided = decide(&evidence);
    let alone = scene.members.len() == 1;
    let founded = !decided.weak && !decided.roles.is_empty();
    if alone && !founded && names_no_other(node, &scene.claims[index], &scene.names[index], outside) {
        let doubt =
            is_any_products(node).then_some("no key of its deployment.toml is one that only an API Manager has");
        let (roles, decided) = (vec![Role::AllInOne], Decided::default());
        return Member { evidence, roles, decided, doubt, answered: false, excluded: false };
    }
    // A node that is alone is an all-in-one unless something better than a tie speaks against its name.
    if alone && decided.tied && decided.lost.contains(&Role::AllInOne) {
        decided.lost.retain(|role| *role != Role::AllInOne);
        decided.lost.append(&mut decided.roles);
        decided.roles = vec![Role::AllInOne];
    }
    // One of its own elements does not make a lone node a part of something (A.3, the last paragraph).
    let by_elements = !evidence.iter().any(|vote| vote.row == "5" && vote.roles == decided.roles);
    if alone && decided.weak && by_elements && decided.roles != [Role::AllInOne] {
        decided.lost = std::mem::replace(&mut decided.roles, vec![Role::AllInOne]);
        decided.tied = true;
    }
    // The control plane of 4.x has the traffic manager inside, unless that is a node of its own.
    if decided.roles.contains(&Role::ControlPlane) {
        decided.roles = vec![Role::ControlPlane];
        decided.lost.clear();
    }
    let one_host = alone && decided.roles != [Role::AllInOne] && lone::names_one_host(node, &scene.claims[index]);
    if one_host && !evidence.iter().any(|vote| matches!(vote.row, "2" | "3")) {
        decided.lost = std::mem::replace(&mut decided.roles, vec![Role::AllInOne]);
        decided.tied = true;
    }
    let (roles, doubt) = match () {
        () if one_host => {
            (decided.roles.clone(), Some("all that it names is one host, which is none of its own names"))
        }
        () if decided.roles.is_empty() => (vec![Role::AllInOne], Some("nothing tells its role")),
        // Twins that are named all-in-one are no doubtful case: nobody else has another role here.
        () if decided.weak && decided.roles == [Role::AllInOne] => {
            (decided.roles.clone(), Some("only its name tells its role"))
        }
        () if decided.weak => (decided.roles.clone(), Some("only one thing tells its role")),
        () if !decided.lost.is_empty() => (decided.roles.clone(), Some("other roles are as well founded")),
        () => (decided.roles.clone(), None),
    };
    Member { evidence, roles, decided, doubt, answered: false, excluded: false }
}

/// A distributed deployment has each of the five roles somewhere. What is missing goes to the node with a vote for
/// it, or, if exactly one is missing and one node has no votes, to that node (A.3, 4).
fn complete(scene: &Scene<'_, '_>, found: &mut [Member]) {
    const NEEDED: [Role; 5] =
        [Role::KeyManager, Role::Publisher, Role::Store, Role::TrafficManager, Role::GatewayWorker];
    let distributed =
        found.iter().any(|member| !member.decided.weak && member.roles.iter().any(|role| NEEDED.contains(role)));
    if found.len() < 2 || !distributed {
        return;
    }
    let missing = |found: &[Member]| -> Vec<Role> {
        NEEDED.into_iter().filter(|role| !found.iter().any(|member| member.roles.contains(role))).collect()
    };
    let whole = found.iter().any(|member| member.roles == [Role::AllInOne] && !member.decided.roles.is_empty());
    for role in missing(found).into_iter().filter(|role| matches!(role, Role::Publisher | Role::Store) && !whole) {
        let lacks = missing(found);
        // Of several candidates the one with the most votes for what is missing.
        let score = |member: &Member| {
            let for_role =
                member.evidence.iter().any(|vote| vote.strength >= Strength::Medium && vote.roles.contains(&role));
            let gateway = member.roles.iter().any(|role| matches!(role, Role::GatewayWorker | Role::GatewayManager));
            let speaks = |vote: &&Evidence| {
                vote.strength >= Strength::Medium
                    && vote
                        .roles
                        .iter()
                        .any(|role| lacks.contains(role) || matches!(role, Role::Publisher | Role::Store))
            };
            if for_role && !gateway && !member.answered { member.evidence.iter().filter(speaks).count() } else { 0 }
        };
        let best = found.iter().map(&score).max().unwrap_or(0);
        for member in found.iter_mut().filter(|member| best > 0 && score(member) == best) {
            if member.roles == [Role::AllInOne] {
                member.roles.clear();
            }
            member.roles.push(role);
            super::roles::sort(&mut member.roles);
            member.doubt = Some("it has a role that no other node has");
            member.decided.lost.retain(|lost| *lost != role);
        }
    }
    if missing(found).contains(&Role::KeyManager) && !whole {
        take_key_manager(scene, found);
    }
    if missing(found).contains(&Role::TrafficManager) && !whole {
        let portals: Vec<Role> = missing(found).into_iter().filter(|role| role.in_control_plane()).collect();
        take_traffic_manager(scene, found, &portals);
    }
    let lacks = missing(found);
    let mut silent: Vec<&mut Member> =
        found.iter_mut().filter(|member| member.decided.roles.is_empty() && member.doubt.is_some()).collect();
    if let ([role], [member]) = (lacks.as_slice(), silent.as_mut_slice())
        && member.roles == [Role::AllInOne]
    {
        member.roles = vec![*role];
        member.doubt = Some("it is the only node for a role that no other node has");
    }
}

/// Whether a deployment.toml may be that of any product, and nothing else tells which.
fn is_any_products(node: &OldNode<'_>) -> bool {
    let toml = node.files.iter().position(|file| file.name == "deployment.toml");
    let own = || node.settings.settings.iter().any(|setting| is_own_key(&setting.leaf.path));
    toml.is_some() && node.version_evidence.guessed && !own()
}

/// An all-in-one that is to be split has every role; the target stage makes nodes of them, as of a hybrid's.
fn split_all_in_ones(found: &mut [Member], answers: &dyn Answers) -> Option<Asked> {
    let whole = !found.is_empty() && found.iter().all(|member| member.roles == [Role::AllInOne]);
    let answer = answers.answer("split-all-in-one", "").filter(|answer| whole && answer == "yes")?;
    for member in found {
        member.roles = vec![Role::KeyManager, Role::Publisher, Role::Store, Role::TrafficManager, Role::GatewayWorker];
    }
    let mut asked = asked("split-all-in-one", "", "no", false);
    (asked.chosen, asked.affects) = (answer, vec!["server.server_role".to_owned()]);
    asked.choices = ["no", "yes"].map(str::to_owned).to_vec();
    Some(asked)
}

/// All others name a key manager that is no node's name: it is the only node that names none and whose role does
/// not rest on a strong vote.
fn take_key_manager(scene: &Scene<'_, '_>, found: &mut [Member]) {
    let names_one = |index: usize| scene.claims[index].iter().any(|claim| claim.fact == "key-manager.url");
    let strong = |member: &Member| member.evidence.iter().any(|vote| vote.strength >= Strength::Strong);
    let open: Vec<usize> = (0..found.len())
        .filter(|at| !names_one(scene.members[*at]) && !found[*at].answered && !strong(&found[*at]))
        .collect();
    let ([at], true) = (open.as_slice(), scene.members.iter().any(|index| names_one(*index))) else { return };
    let held =
        |role: &Role| found.iter().enumerate().any(|(other, member)| other != *at && member.roles.contains(role));
    let kept: Vec<Role> =
        found[*at].roles.iter().filter(|role| !held(role) && **role != Role::AllInOne).copied().collect();
    let member = &mut found[*at];
    member.roles = kept;
    member.roles.push(Role::KeyManager);
    super::roles::sort(&mut member.roles);
    member.decided.lost.retain(|role| *role != Role::KeyManager);
    member.doubt = Some("it is the only node that names no key manager");
}

/// Others name receivers or brokers at a host that is no node's name: they are those of the only node that names none
/// itself and that neither its start, nor its role's word, nor its name makes another. It has the portals, too, that no
/// other node has.
fn take_traffic_manager(scene: &Scene<'_, '_>, found: &mut [Member], portals: &[Role]) {
    let manager = |claim: &&Claim| claim.role == Role::TrafficManager && claim.kind != Kind::Hint;
    let names_one = |index: usize| scene.claims[index].iter().any(|claim| manager(&claim));
    let known = |claim: &Claim| {
        scene.members.iter().any(|member| is_named(&claim.key, &scene.names[*member], &scene.nodes[*member]))
    };
    let claims = scene.members.iter().flat_map(|member| &scene.claims[*member]);
    if !claims.filter(manager).any(|claim| claim.kind == Kind::PerNode && !known(claim)) {
        return;
    }
    let told = |member: &Member| {
        let strong = |vote: &Evidence| vote.strength == Strength::Strong && matches!(vote.row, "2" | "3" | BY_NAME);
        member.answered || member.evidence.iter().any(strong)
    };
    let gateway = |member: &Member| member.roles.contains(&Role::GatewayWorker);
    let open = |at: &usize| !names_one(scene.members[*at]) && !told(&found[*at]) && !gateway(&found[*at]);
    let open: Vec<usize> = (0..found.len()).filter(open).collect();
    let [at] = open[..] else { return };
    let member = &mut found[at];
    member.roles.retain(|role| *role != Role::AllInOne);
    member.roles.extend(portals);
    member.roles.push(Role::TrafficManager);
    super::roles::sort(&mut member.roles);
    member.doubt = Some("it is the only node that can be the traffic manager that others name");
    member.excluded = true;
}

/// Findings and questions about roles and own names.
fn raise(
    nodes: &[OldNode<'_>],
    members: &[usize],
    found: &[Member],
    own: &[Address],
    answers: &dyn Answers,
    out: &mut SourceTopology,
) {
    let has_key_manager = found.iter().any(|member| member.roles.contains(&Role::KeyManager));
    for ((index, member), own) in members.iter().zip(found).zip(own) {
        let node = &nodes[*index];
        let words = member.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
        let place = member
            .evidence
            .iter()
            .filter(|vote| vote.roles.iter().any(|role| member.roles.contains(role)))
            .find_map(|vote| vote.place.clone());
        let located = |finding: Finding| match place.clone() {
            Some(place) => finding.at(place),
            None => finding,
        };
        if !member.decided.lost.is_empty() {
            let lost = member.decided.lost.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
            let message = format!("taken as {words}; {lost} has as much evidence");
            out.findings.push(located(Finding::new(Code::RoleDisputed, message).on(&node.name)));
        } else if let Some(doubt) = member.doubt {
            let message = format!("taken as {words}: {doubt}");
            out.findings.push(located(Finding::new(Code::RoleWeaklyFounded, message).on(&node.name)));
        }
        if member.doubt.is_some() {
            // A clear winner among well founded roles is reported and not asked for.
            let open = member.decided.lost.is_empty() || member.decided.tied;
            out.asked.push(asked("node-role", &node.name, &words, open));
        } else if let Some(answer) = answers.answer("node-role", &node.name) {
            let mut asked = asked("node-role", &node.name, &answer, false);
            asked.chosen = words;
            out.asked.push(asked);
        }
        let portal = member.roles.iter().all(|role| matches!(role, Role::Publisher | Role::Store));
        let retired = member.roles == [Role::GatewayManager];
        let gateway = member.roles == [Role::GatewayWorker] && node.settings.value("server.host-name").is_some();
        let merged_away = (portal && has_key_manager) || retired || member.roles.is_empty();
        // 3.x says its host name in any case: others ask for more only of one of several, and of a traffic manager.
        let twin = found.iter().filter(|other| other.roles == member.roles).count() > 1;
        let named = found.len() > 1 && (twin || member.roles.contains(&Role::TrafficManager));
        let needed = node.version.major == 2 || (node.version.major == 3 && named);
        if own.guessed && needed && !merged_away && !gateway {
            let message = format!("`{}` is written as its address: {}", own.host, own.how);
            out.findings.push(Finding::new(Code::AddressGuessed, message).on(&node.name));
            out.asked.push(asked("node-address", &node.name, &own.host, true));
        }
    }
    for node in members.iter().map(|index| &nodes[*index]) {
        let version = node.version.to_string();
        if answers.answer("source-version", &node.name).is_some() {
            out.asked.push(asked("source-version", &node.name, &version, false));
        } else if node.version_evidence.guessed {
            out.asked.push(asked("source-version", &node.name, &version, node.version.major > 2));
        }
    }
}

fn asked(id: &str, about: &str, default: &str, open: bool) -> Asked {
    Asked {
        id: id.to_owned(),
        about: about.to_owned(),
        choices: Vec::new(),
        default: default.to_owned(),
        chosen: default.to_owned(),
        open,
        answered: false,
        affects: vec![about.to_owned()],
    }
}

/// Gaps of a guide that nobody filled in (F 4).
fn ask_for_hosts(
    nodes: &[OldNode<'_>],
    claims: &[Vec<Claim>],
    members: &[usize],
    answers: &dyn Answers,
    out: &mut SourceTopology,
) {
    for claim in members.iter().flat_map(|index| &claims[*index]) {
        let Some(holder) = claim.placeholder.as_ref().or(Some(&claim.host).filter(|host| is_placeholder(host))) else {
            continue;
        };
        let id = format!("host:{holder}");
        if claim.placeholder.is_none() {
            let message = format!("{}: a gap to be filled in", claim.what);
            out.findings
                .push(Finding::new(Code::PlaceholderHost, message).on(&nodes[claim.by].name).at(claim.place.clone()));
        }
        match out.asked.iter_mut().find(|asked| asked.id == id) {
            Some(asked) if !asked.affects.contains(&nodes[claim.by].name) => {
                asked.affects.push(nodes[claim.by].name.clone());
            }
            Some(_) => {}
            None => {
                let answer = answers.answer(&id, "");
                let mut asked = asked(&id, "", holder, answer.is_none());
                asked.affects = vec![nodes[claim.by].name.clone()];
                asked.answered = answer.is_some();
                asked.chosen = answer.unwrap_or(asked.chosen);
                out.asked.push(asked);
            }
        }
    }
}

fn mixed_versions(nodes: &[OldNode<'_>], members: &[usize], out: &mut SourceTopology) {
    let mut versions: Vec<_> = members.iter().map(|index| nodes[*index].version).collect();
    versions.sort_unstable();
    versions.dedup();
    if versions.len() > 1 {
        let list = versions.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        out.findings.push(Finding::new(Code::MixedVersions, format!("the nodes are of versions {list}")));
    }
}

/// Nodes of other products, and the address of an Identity Server that is the key manager.
fn add_set_aside(nodes: &[OldNode<'_>], group: &[usize], external: Option<Address>, out: &mut SourceTopology) {
    let next = out.nodes.iter().map(|node| node.twins + 1).max().unwrap_or(0);
    for (at, index) in group.iter().filter(|index| nodes[**index].set_aside.is_some()).enumerate() {
        let node = &nodes[*index];
        let Some((role, reason)) = &node.set_aside else { continue };
        let named = node.settings.value("server.host-name").filter(|host| !is_local(host));
        let own = Address {
            host: named.unwrap_or(&node.name).to_owned(),
            port: u16::try_from(9443 + node.offset()).ok(),
            how: if named.is_some() { "HostName of carbon.xml" } else { "the folder's name" }.to_owned(),
            guessed: named.is_none(),
        };
        if *role == Role::IsAsKm && (external.is_some() || !out.services.contains_key(&Role::KeyManager)) {
            out.services.entry(Role::IsAsKm).or_insert_with(|| external.clone().unwrap_or_else(|| own.clone()));
        }
        let evidence = vec![Evidence {
            row: "A.5",
            strength: Strength::Strong,
            roles: vec![*role],
            what: reason.clone(),
            place: None,
        }];
        let (roles, claims) = (vec![*role], Vec::new());
        out.nodes.push(SourceNode { node: *index, roles, evidence, own, twins: next + at, claims });
    }
    if let Some(address) = external {
        out.services.entry(Role::IsAsKm).or_insert(address);
    }
}

/// On-premise gateways: what was answered already held when they were laid out.
fn ask_for_micro_gateways(nodes: &[OldNode<'_>], group: &[usize], answers: &dyn Answers, out: &mut SourceTopology) {
    for node in group.iter().map(|index| &nodes[*index]).filter(|node| node.micro_gateway) {
        let mut asked = asked("micro-gateway", &node.name, "ignore", false);
        asked.chosen = answers.answer("micro-gateway", &node.name).unwrap_or(asked.chosen);
        asked.choices = ["ignore", "gateway-worker"].map(str::to_owned).to_vec();
        out.asked.push(asked);
    }
}

/// The shape of the deployment.
fn layout(nodes: &[SourceNode]) -> Layout {
    let managers: Vec<&SourceNode> =
        nodes.iter().filter(|node| node.roles.iter().any(|role| !role.is_set_aside())).collect();
    let has = |role: Role| managers.iter().any(|node| node.has(role));
    let whole = managers.iter().filter(|node| node.has(Role::AllInOne)).count();
    let five = [Role::KeyManager, Role::Publisher, Role::Store, Role::TrafficManager].into_iter().all(has)
        && (has(Role::GatewayWorker) || has(Role::GatewayManager));
    let part_of_gateway = |role: &Role| *role == Role::GatewayManager;
    let hybrid = managers.iter().any(|node| node.roles.iter().filter(|role| !part_of_gateway(role)).count() > 1);
    let mut twins: Vec<usize> = managers.iter().map(|node| node.twins).collect();
    twins.sort_unstable();
    twins.dedup();
    if managers.is_empty() {
        Layout::SetAside
    } else if has(Role::ControlPlane) {
        Layout::ThreeProfile
    } else if whole == managers.len() {
        if whole == 1 { Layout::Single } else { Layout::ActiveActive }
    } else if hybrid {
        Layout::Hybrid
    } else if five {
        if twins.len() < managers.len() { Layout::FiveNodeHa } else { Layout::FiveNode }
    } else {
        Layout::Partial
    }
}
