//! Where the control plane stands and how it is reached (B.4, D.4).

use crate::diagnostic::Code;
use crate::options::Placement;
use crate::role::Role;
use crate::topology::source::claims::Kind;
use crate::topology::source::{Address, host};

use super::context::{Context, Question, shift};
use super::nodes::service_of;

/// The old nodes of the roles that a control plane can stand on.
struct Hosts {
    key_managers: Vec<usize>,
    publishers: Vec<usize>,
    stores: Vec<usize>,
    hybrids: Vec<usize>,
}

impl Hosts {
    fn find(context: &Context<'_, '_>, managers: &[usize]) -> Self {
        let [key_managers, publishers, stores] =
            [Role::KeyManager, Role::Publisher, Role::Store].map(|role| context.with_role(role));
        let in_it = |node: &&usize| context.source.nodes[**node].roles.iter().any(|role| role.in_control_plane());
        let hybrids = managers.iter().filter(in_it).copied().collect();
        Self { key_managers, publishers, stores, hybrids }
    }

    /// How many nodes the role has that has most.
    fn most(&self) -> usize {
        self.key_managers.len().max(self.publishers.len()).max(self.stores.len())
    }

    /// Of publisher and store the one that has more nodes.
    fn portals(&self) -> &[usize] {
        if self.publishers.len() >= self.stores.len() { &self.publishers } else { &self.stores }
    }

    fn of(&self, word: &str) -> &[usize] {
        match word {
            "hybrid" => &self.hybrids,
            "publisher" => &self.publishers,
            "store" => &self.stores,
            _ => &self.key_managers,
        }
    }
}

/// The old nodes that the control plane stands on.
pub fn control_plane_nodes(context: &mut Context<'_, '_>, managers: &[usize]) -> Vec<usize> {
    let hosts = Hosts::find(context, managers);
    let most = hosts.most();
    if most == 0 {
        return Vec::new();
    }
    let inside = context.placement == Placement::ControlPlane && !hosts.hybrids.is_empty();
    let default = match () {
        () if inside => "hybrid",
        () if !hosts.key_managers.is_empty() => "key-manager",
        () if hosts.publishers.len() >= hosts.stores.len() => "publisher",
        () => "store",
    };
    let choices = ["key-manager", "publisher", "store", "hybrid"];
    let answer = context.ask(Question {
        id: "control-plane-host",
        choices: &choices,
        default,
        affects: &["server.hostname"],
        ..Question::default()
    });
    let is_role = choices.contains(&answer.as_str());
    let mut word = if is_role { answer.as_str() } else { default };
    if hosts.of(word).is_empty() {
        let message = format!("`control-plane-host` is {word}, and no node is one: {default} was taken");
        context.find(Code::AnswerNotPossible, message);
        word = default;
    }
    let count = count(context, most);
    let wanted = hosts.of(word);
    // With fewer nodes than the count, those of the role that has most (publisher before store).
    let enough = wanted.len() >= count || wanted.len() >= hosts.portals().len();
    let mut on: Vec<usize> = if enough { wanted } else { hosts.portals() }.to_vec();
    if !is_role {
        stand_at(context, &answer, &mut on);
    }
    fill(context, &hosts, count, &mut on);
    on.truncate(count);
    on
}

/// How many control-plane nodes there shall be.
fn count(context: &mut Context<'_, '_>, most: usize) -> usize {
    if most < 2 {
        return most;
    }
    let chosen = context.ask(Question {
        id: "control-plane-count",
        default: &most.to_string(),
        affects: &["apim.event_hub"],
        ..Question::default()
    });
    match chosen.parse() {
        Ok(0) => {
            let message = "`control-plane-count` is 0: one node was planned, since the others need a control plane";
            context.find(Code::AnswerNotPossible, message);
            1
        }
        Ok(count) => count,
        Err(_) => most,
    }
}

/// The first control-plane node stands at an address: an old node's, or a new machine that takes the place of the
/// first one's.
fn stand_at(context: &mut Context<'_, '_>, answer: &str, on: &mut Vec<usize>) {
    let Some(mut address) = parse_address(answer, "control-plane-host") else { return };
    if let Some(node) = context.node_named(&address.host) {
        on.retain(|other| *other != node);
        on.insert(0, node);
    } else if let Some(first) = on.first() {
        address.port = address.port.or_else(|| u16::try_from(9443 + context.offset(*first)).ok());
        context.moved.insert(*first, address);
    }
}

/// More nodes than the role has stand on the hosts of the other roles; what is still missing is said.
fn fill(context: &mut Context<'_, '_>, hosts: &Hosts, count: usize, on: &mut Vec<usize>) {
    for node in [&hosts.hybrids, &hosts.key_managers, &hosts.publishers, &hosts.stores].into_iter().flatten() {
        if on.len() < count && !on.contains(node) {
            on.push(*node);
        }
    }
    if on.len() < count {
        let message = format!(
            "`control-plane-count` is {count}, and the old nodes give {} hosts: {} nodes were planned; copy the last \
             one for each further host, and add it to the lists of the event hub",
            on.len(),
            on.len()
        );
        context.find(Code::AnswerNotPossible, message);
    }
}

/// How others reach the control plane (B.4): the service name of the role that it stands on.
pub fn control_plane_address(context: &mut Context<'_, '_>, on: &[usize]) -> Address {
    let role = on.first().map_or(Role::KeyManager, |node| {
        let node = &context.source.nodes[*node];
        let order = [Role::KeyManager, Role::Publisher, Role::Store];
        // Hybrids are reached by their portals' name, a key manager by what gateways and stores call it.
        let hybrid = !node.has(Role::KeyManager);
        let order: Vec<Role> =
            if hybrid { vec![Role::Publisher, Role::Store, Role::KeyManager] } else { order.to_vec() };
        order.into_iter().find(|role| node.has(*role)).unwrap_or(Role::KeyManager)
    });
    let moved = on.first().and_then(|node| context.moved.get(node)).filter(|_| on.len() == 1);
    // A single node is reached by its own address; in front of several stands what stood there before.
    let address = match (moved, on.first()) {
        (Some(address), _) => address.clone(),
        (None, Some(node)) => {
            let service = service_of(context, role, *node);
            named_by_others(context, on, &service).unwrap_or(service)
        }
        (None, None) => context
            .source
            .services
            .get(&Role::KeyManager)
            .or_else(|| context.source.services.get(&Role::ControlPlane))
            .cloned()
            .unwrap_or_else(|| Address {
                host: "localhost".to_owned(),
                port: Some(9443),
                how: "no file says where the control plane stands".to_owned(),
                guessed: true,
            }),
    };
    let other = others_differ(context, on, &address);
    let default = format!("https://{}", address.authority());
    let mut choices = vec![default.clone()];
    choices.extend(other.iter().filter(|choice| **choice != default).cloned());
    if address.guessed || !other.is_empty() {
        let choices: Vec<&str> = choices.iter().map(String::as_str).collect();
        let chosen = context.ask(Question {
            id: "control-plane-address",
            choices: &choices,
            default: &default,
            open: true,
            affects: &["apim.key_manager.service_url", "apim.event_hub.service_url", "apim.devportal.url"],
            ..Question::default()
        });
        if address.guessed && chosen == default && on.is_empty() {
            context.find(Code::AddressGuessed, format!("the control plane is not in the input: {}", address.how));
        }
        if chosen != default {
            return parse_address(&chosen, "control-plane-address").unwrap_or(address);
        }
    }
    address
}

/// The address by which other nodes reach the only hybrid that the control plane stands on, where that is not `service`, its
/// public one: they named its receivers and brokers, and never that.
fn named_by_others(context: &Context<'_, '_>, on: &[usize], service: &Address) -> Option<Address> {
    let [node] = *on else { return None };
    let known = &context.source.nodes[node];
    if !known.roles.contains(&Role::TrafficManager) || known.own.guessed || host::is_local(&known.own.host) {
        return None;
    }
    let named = |name: &str| {
        let others = (0..context.source.nodes.len()).filter(|other| *other != node);
        let mut claims = others.flat_map(|other| &context.source.nodes[other].claims);
        claims.any(|claim| matches!(claim.kind, Kind::Service | Kind::PerNode) && context.same_host(&claim.host, name))
    };
    let differs = !context.same_host(&known.own.host, &service.host);
    (differs && named(&known.own.host) && !named(&service.host)).then(|| known.own.clone())
}

/// Finds the address at which browsers reach the control plane, where that is not `address`, by which other nodes do: the
/// host name of the portal that it stands on, as that portal's own URLs or its proxy have it.
pub fn find_public(context: &mut Context<'_, '_>, on: &[usize], address: &Address) {
    let Some(node) = on.first().copied().filter(|_| !context.is_answered("control-plane-address")) else { return };
    let known = &context.source.nodes[node];
    let portal = known.has(Role::Publisher) || known.has(Role::Store);
    let Some(fact) = context.fact(node, "server.host-name").filter(|_| portal) else { return };
    let (host, setting) = (fact.value.trim().to_owned(), fact.setting);
    if host.is_empty()
        || address.guessed
        || host::is_local(&host)
        || host::is_local(&address.host)
        || host.starts_with("${carbon.")
        || context.same_host(&host, &address.host)
        || context.moved.contains_key(&node)
    {
        return;
    }
    let urls = ["store.url", "publisher.url"].iter().filter_map(|fact| context.value(node, fact));
    let own = urls.filter_map(host::Url::parse).find(|url| context.same_host(&url.host, &host));
    let proxy = context.value(node, "connector.https.proxy-port").and_then(|port| port.trim().parse::<u16>().ok());
    let port = match (&own, proxy) {
        (Some(url), _) => url.port.as_ref().and_then(|port| port.number(context.offset(node))),
        (None, Some(port)) => Some(port).filter(|port| *port != 443),
        // Others know the node by its broker's name alone, so its host name is for browsers.
        (None, None)
            if known.roles.contains(&Role::TrafficManager) && context.same_host(&known.own.host, &address.host) =>
        {
            Some(shift(9443, context.offset(node)))
        }
        (None, None) => return,
    };
    let how = "the host name of the portal".to_owned();
    let public = Address { host, port, how, guessed: false };
    let message = format!(
        "browsers reach the control plane at {}, other nodes at {}: both are written. The portal shows token and revoke \
         URLs at the second, which apim.key_manager.service_url says",
        public.authority(),
        address.authority()
    );
    context.find_at(Code::TwoAddresses, setting, message);
    if on.len() == 1 && context.same_host(&context.source.nodes[node].own.host, &public.host) {
        context.internal.insert(node, address.clone());
    }
    context.public = Some(public);
}

/// The public names of stores and publishers that are not the control plane's (B.4).
fn others_differ(context: &Context<'_, '_>, on: &[usize], address: &Address) -> Vec<String> {
    let Some(base) = on.first() else { return Vec::new() };
    let mut found = Vec::new();
    for role in [Role::Publisher, Role::Store] {
        for node in context.with_role(role) {
            if on.contains(&node) {
                continue;
            }
            let service =
                context.source.services.get(&role).cloned().unwrap_or_else(|| context.source.nodes[node].own.clone());
            let name = context.value(node, "server.host-name");
            let base_name = context.value(*base, "server.host-name");
            let differs = !context.same_host(&service.host, &address.host)
                || (name.is_some() && base_name.is_some() && name != base_name)
                || context.value(node, "connector.https.proxy-port")
                    != context.value(*base, "connector.https.proxy-port");
            let url = format!("https://{}", service.authority());
            if differs && !host::is_local(&service.host) && !found.contains(&url) {
                found.push(url);
            }
        }
    }
    found
}

/// An address that an administrator gave: a URL, `host:port` or a host.
fn parse_address(text: &str, decision: &str) -> Option<Address> {
    let text = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let url = crate::topology::source::host::Url::parse(&text)?;
    Some(Address {
        host: url.host.clone(),
        port: url.port.and_then(|port| port.number(0)),
        how: format!("decision `{decision}`"),
        guessed: false,
    })
}
