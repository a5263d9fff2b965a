//! What a node's own files say of its role (A.2, row 6): elements that only one role uses.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::claims::{brokers, is_named};
use super::evidence::{Scene, vote};
use super::host::{Url, is_local, is_remote};
use super::tokens::Named;
use super::{Evidence, Strength, url_group};
use crate::layout::OldNode;
use crate::mapping::rule::Fate;
use crate::mapping::{Fact, Setting, Standing};
use crate::role::Role;
use crate::source::Place;

/// One node's own files, asked the way the rows of A.2 ask.
pub(super) struct Own<'s, 'n> {
    node: &'s OldNode<'n>,
    names: &'s [String],
}

impl<'s, 'n> Own<'s, 'n> {
    /// The node of that number.
    pub(super) fn of(scene: &Scene<'s, 'n>, index: usize) -> Self {
        Self { node: &scene.nodes[index], names: &scene.names[index] }
    }

    /// The fact of that name, wherever it points.
    pub(super) fn fact(&self, name: &str) -> Option<&'s Fact<'n>> {
        self.node.settings.fact(name)
    }

    /// Its value, unless it is empty.
    pub(super) fn value(&self, name: &str) -> Option<&'s str> {
        self.node.settings.value(name)
    }

    /// The first fact of that name whose URL is somewhere else.
    pub(super) fn remote(&self, name: &'s str) -> Option<&'s Fact<'n>> {
        let is_elsewhere = |fact: &&Fact<'n>| {
            let mut urls = fact.value.split(',').filter_map(Url::parse);
            urls.any(|url| {
                is_remote(&url.host, self.names) && !is_named(&super::host::normalise(&url.host), self.names, self.node)
            })
        };
        self.node.settings.facts_named(name).find(is_elsewhere)
    }

    /// The first of the facts whose receivers or brokers are all somewhere else.
    pub(super) fn all_remote(&self, names: &[&'static str]) -> Option<&'s Fact<'n>> {
        names.iter().find_map(|name| {
            self.node.settings.facts_named(name).find(|fact| {
                let urls: Vec<Url> = if name.ends_with("receivers") || name.starts_with("throttling.") {
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

    pub(super) fn place(&self, fact: &Fact<'_>) -> Place {
        self.node.place(fact.setting.index)
    }

    fn has_file(&self, name: &str) -> bool {
        self.node.files.iter().any(|file| file.name == name && file.leaves > 0)
    }
}

/// Row 6.
pub(super) fn by_elements(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let own = Own::of(scene, index);
    let mut out = Vec::new();
    if !scene.copies.contains(&index) {
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

/// The members that have the same api-manager.xml as one whose name says another role: then its elements tell nothing
/// of the node.
pub(super) fn copies(
    nodes: &[OldNode<'_>],
    members: &[usize],
    said: &[Option<Named>],
) -> IndexSet<usize, FxBuildHasher> {
    let mut same: IndexMap<Vec<(&str, &str)>, Vec<usize>, FxBuildHasher> = IndexMap::default();
    for member in members.iter().filter(|member| said[**member].is_some()) {
        let node = &nodes[*member];
        let number = node.files.iter().position(|file| file.name == "api-manager.xml");
        let of_file = node.settings.settings.iter().filter(|setting| number == Some(setting.file as usize));
        let leaves: Vec<(&str, &str)> =
            of_file.map(|setting| (setting.leaf.path.as_str(), setting.leaf.value.trim())).collect();
        if !leaves.is_empty() {
            same.entry(leaves).or_default().push(*member);
        }
    }
    let roles = |member: usize| said[member].as_ref().map(|named| named.roles.as_slice());
    let differ = |group: &&Vec<usize>| group.iter().any(|member| roles(*member) != roles(group[0]));
    same.values().filter(differ).flatten().copied().collect()
}

/// Row 6a.
fn publisher(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |fact: &Fact<'_>, what: &str| {
        out.push(vote("6a", Strength::Medium, &[Role::Publisher], what, Some(own.place(fact))));
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
        out.push(vote("6b", Strength::Medium, &[Role::Store], what, Some(own.place(fact))));
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
        out.push(vote("6c", Strength::Strong, &[Role::GatewayWorker], what, Some(own.place(fact))));
    } else if let Some(fact) = receivers.filter(|_| sends_and_hears(own)) {
        let what = "it sends request data to another node and hears its decisions";
        out.push(vote("6c", Strength::Medium, &[Role::GatewayWorker], what, Some(own.place(fact))));
        if let Some(fact) = own.remote("key-manager.url").filter(|_| own.remote("auth-manager.url").is_none()) {
            let what = "its keys are validated elsewhere, and nobody logs in here";
            out.push(vote("6c", Strength::Medium, &[Role::GatewayWorker], what, Some(own.place(fact))));
        }
    }
}

/// Row 6d.
fn key_manager(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |fact: &Fact<'_>, what: &str| {
        out.push(vote("6d", Strength::Medium, &[Role::KeyManager], what, Some(own.place(fact))));
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
    // What says nothing, whatever its value, is no edit: versions shipped other texts there, and repeated elements.
    let edited =
        |setting: &Setting<'_>| setting.standing == Standing::Changed && !matches!(setting.fate(), Some(Fate::Default));
    let changed = |setting: &&Setting<'_>| edited(setting) && !setting.leaf.path.ends_with("/EnableThriftServer");
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
        medium("its axis2.xml has no pass-through listener: axis2_TM.xml renamed", Some(own.place(fact)));
    }
    for name in ["data-bridge/data-bridge-config.xml", "event-processor.xml"] {
        if of_file(name).any(edited) {
            medium(&format!("its {name} was edited"), None);
        }
    }
}
