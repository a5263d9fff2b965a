//! What nodes say of where others are: facts in, [`Claim`]s out.

use super::host::{Port, Url, is_local, normalise};
use super::{Aliases, amqp, url_group};
use crate::layout::OldNode;
use crate::mapping::Fact;
use crate::role::Role;
use crate::source::Place;

/// How a claim was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The address of a role's services: perhaps a balancer's.
    Service,
    /// A public address.
    Public,
    /// One node's own receiver or broker.
    PerNode,
    /// Names a host, but is no evidence of a role.
    Hint,
}

/// "There is a node of this role at that host."
#[derive(Clone, Debug)]
pub struct Claim {
    /// The node that says so.
    pub by: usize,
    /// The role; a gateway is the worker here.
    pub role: Role,
    /// How it is said.
    pub kind: Kind,
    /// The host, as written.
    pub host: String,
    /// The place holder that stands there, if the host is an answer.
    pub placeholder: Option<String>,
    /// The host, as it is compared.
    pub key: String,
    /// The port, as written.
    pub port: Option<Port>,
    /// The fact that says so.
    pub fact: &'static str,
    /// What the fact is about: the environment's name.
    pub entity: Option<String>,
    /// What was seen, for the report.
    pub what: String,
    /// Where.
    pub place: Place,
}

/// The single-URL facts: name, whom they name, and how.
const URLS: [(&str, Role, Kind); 9] = [
    ("key-manager.url", Role::KeyManager, Kind::Service),
    ("thrift.server-host", Role::KeyManager, Kind::PerNode),
    ("auth-manager.url", Role::KeyManager, Kind::Hint),
    ("policy-deployer.url", Role::TrafficManager, Kind::Service),
    ("environment.service-url", Role::GatewayWorker, Kind::Service),
    ("store.url", Role::Store, Kind::Public),
    ("publisher.url", Role::Publisher, Kind::Public),
    ("revoke.url", Role::GatewayWorker, Kind::Public),
    ("event-hub.url", Role::ControlPlane, Kind::Service),
];

/// All claims of node number `by` about hosts other than `localhost` and the like.
#[must_use]
pub fn claims_of(by: usize, node: &OldNode<'_>) -> Vec<Claim> {
    let mut out = Vec::new();
    let mut claim = |role, kind, fact: &'static str, of: &Fact<'_>, url: Url| {
        if is_local(&url.host) {
            return;
        }
        let what = format!("{fact} names `{}`", url.host);
        let place = node.place(of.setting.index);
        let entity = of.entity.clone();
        out.push(Claim {
            by,
            role,
            kind,
            placeholder: None,
            key: normalise(&url.host),
            host: url.host,
            port: url.port,
            fact,
            entity,
            what,
            place,
        });
    };
    for (name, role, kind) in URLS {
        for fact in node.settings.facts_named(name) {
            let Some(url) = Url::parse(&fact.value) else { continue };
            let (role, kind) =
                if name == "revoke.url" && !at_gateway(&url) { (Role::KeyManager, Kind::Hint) } else { (role, kind) };
            // In 4.x the control plane has these roles.
            let inside = node.version.major > 3 && role.in_control_plane();
            let role = if inside { Role::ControlPlane } else { role };
            // The hub of 3.2 is the traffic manager, unless a control plane of 4.x is there.
            let hint = match name {
                "policy-deployer.url" => contradicts(node, &url),
                "event-hub.url" => node.version.major < 4,
                _ => false,
            };
            claim(role, if hint { Kind::Hint } else { kind }, name, fact, url);
        }
    }
    for (name, kind) in [("environment.endpoints", Kind::Public), ("environment.ws-endpoints", Kind::Hint)] {
        for fact in node.settings.facts_named(name) {
            for url in fact.value.split(',').filter_map(Url::parse) {
                claim(Role::GatewayWorker, kind, name, fact, url);
            }
        }
    }
    for name in ["traffic-manager.receivers", "data-publisher.receivers"] {
        for fact in node.settings.facts_named(name) {
            for url in url_group::parse(&fact.value).urls().filter_map(Url::parse) {
                claim(Role::TrafficManager, Kind::PerNode, name, fact, url);
            }
        }
    }
    for name in LISTS {
        for fact in node.settings.facts_named(name) {
            for url in fact.value.split(',').filter_map(Url::parse) {
                claim(Role::TrafficManager, Kind::PerNode, name, fact, url);
            }
        }
    }
    for fact in node.settings.facts_named("event-hub.brokers").filter(|_| node.version.major > 3) {
        for url in fact.value.split(',').filter_map(Url::parse) {
            claim(Role::ControlPlane, Kind::PerNode, "event-hub.brokers", fact, url);
        }
    }
    for name in ["jms.connection", "jndi.connection"] {
        for fact in node.settings.facts_named(name) {
            for url in brokers(node, &fact.value) {
                claim(Role::TrafficManager, Kind::PerNode, name, fact, url);
            }
        }
    }
    out
}

/// The lists of a deployment.toml that name traffic managers one by one.
const LISTS: [&str; 2] = ["throttling.receivers", "throttling.brokers"];

/// Whether the service that a deployment.toml names is on another host than the receivers and brokers that it names:
/// those tell where the traffic manager is.
fn contradicts(node: &OldNode<'_>, service: &Url) -> bool {
    let lists = LISTS.iter().flat_map(|name| node.settings.facts_named(name));
    let mut hosts = lists.flat_map(|fact| fact.value.split(',').filter_map(Url::parse)).peekable();
    hosts.peek().is_some() && hosts.all(|url| normalise(&url.host) != normalise(&service.host))
}

/// The brokers that an AMQP URL names; `${jms.url}` is the node's `ServiceURL`.
#[must_use]
pub fn brokers(node: &OldNode<'_>, text: &str) -> Vec<Url> {
    let Some(amqp) = amqp::parse(text) else { return Vec::new() };
    let mut urls: Vec<Url> = amqp
        .brokers
        .into_iter()
        .map(|broker| Url { scheme: broker.scheme, host: broker.host, port: broker.port, path: String::new() })
        .collect();
    if amqp.broker_variable.as_deref() == Some("${jms.url}")
        && let Some(text) = node.settings.value("jms.url")
    {
        urls.extend(text.split([';', ',']).filter_map(Url::parse));
    }
    urls
}

/// Whether a revocation URL goes through the gateway: at a pass-through port, or without the key manager's path.
fn at_gateway(url: &Url) -> bool {
    match &url.port {
        Some(Port::Number(number)) => (8243..8300).contains(number),
        Some(Port::Text(text)) => text.contains("nio.port"),
        None => !url.path.contains("oauth2"),
    }
}

/// The names that a node's own files and folder give it, as they are compared.
#[must_use]
pub fn stated_names(node: &OldNode<'_>, aliases: &Aliases) -> Vec<String> {
    let facts = ["server.host-name", "server.mgt-host-name", "cluster.local-member-host"];
    let mut names: Vec<String> = facts.iter().filter_map(|fact| node.settings.value(fact)).map(normalise).collect();
    if !node.nameless {
        names.push(normalise(&node.name));
    }
    names.retain(|name| !is_local(name));
    names.dedup();
    aliases.names(&names, (!node.nameless).then_some(node.name.as_str()))
}

/// Whether the host is one of the names, or begins with the node's folder as its first label.
#[must_use]
pub fn is_named(key: &str, names: &[String], node: &OldNode<'_>) -> bool {
    names.iter().any(|name| name == key)
        || (!node.nameless && key.split_once('.').is_some_and(|(label, _)| label == normalise(&node.name)))
}
