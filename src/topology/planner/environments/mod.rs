//! Gateway environments (C.6): one entry for each name, merged from all nodes that list it, on the control plane.

mod endpoints;
mod fields;
mod labels;

pub(super) use labels::stands_on;

pub use fields::context_path;

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::Fact;
use crate::role::{Profile, Role};
use crate::topology::source::Address;
use crate::value::Value;
use crate::version::Target;

use super::context::{Context, Question};
use super::plan::{Entry, Use};

/// The name that 2.x and 3.x ship.
pub const LEGACY_NAME: &str = "Production and Sandbox";
/// Owners of an environment's fields, first that speaks wins (D.2).
const OWNERS: [Role; 5] = [Role::Publisher, Role::Store, Role::KeyManager, Role::GatewayWorker, Role::GatewayManager];

/// An environment's name, in the old files and as it is written.
struct Name {
    written: String,
    old: String,
}

impl Name {
    fn kept(name: &str) -> Self {
        Self { written: name.to_owned(), old: name.to_owned() }
    }
}

/// The name of an environment: what tells one without a name apart is none.
fn own_name(name: &str, said: &Said<'_, '_>) -> String {
    if said.contains_key("environment.name") { name.to_owned() } else { LEGACY_NAME.to_owned() }
}

/// All that nodes say of one environment: facts by name, in the owners' order.
type Said<'c, 'a> = IndexMap<&'c str, Vec<(usize, &'c Fact<'a>)>>;

/// Writes the environments, and the labels of the gateways that serve them.
pub fn write(context: &mut Context<'_, '_>) {
    let environments = collect(context);
    mark_unlisted(context, &environments);
    let targets = context.control_planes();
    let gateway = gateway_address(context);
    let mut names = Vec::new();
    if targets.is_empty() {
        names.extend(environments.iter().map(|(name, said)| Name { written: own_name(name, said), old: name.clone() }));
        if names.is_empty() {
            names.push(Name::kept(LEGACY_NAME));
        }
    } else {
        for (index, (name, said)) in environments.iter().enumerate() {
            let chosen = context.ask(Question {
                id: "environment-name",
                about: name,
                choices: &["keep", "Default"],
                default: "keep",
                affects: &["apim.gateway.environment[].name", "apim.sync_runtime_artifacts.gateway.gateway_labels"],
                ..Question::default()
            });
            let written = if chosen == "keep" { own_name(name, said) } else { chosen };
            if said.get("environment.name").is_none() && written == LEGACY_NAME {
                let message =
                    format!("a gateway environment has no name: `{LEGACY_NAME}`, which 2.x ships, was written");
                context.find(Code::ValueAssumed, message);
            }
            let fields = fields::of(context, index, &written, said, &gateway);
            for target in &targets {
                for (key, entry) in &fields {
                    context.set(*target, format!("apim.gateway.environment[{index}].{key}"), entry.clone());
                }
            }
            names.push(Name { written, old: name.clone() });
        }
        if environments.is_empty() {
            write_assumed(context, &targets, &gateway);
            names.push(Name::kept(LEGACY_NAME));
        }
    }
    let numbered = names.iter().enumerate().map(|(number, name)| (name.old.clone(), number));
    context.entries.insert("apim.gateway.environment".to_owned(), numbered.collect());
    labels::write(context, &names, &environments);
    labels::mark(context);
    if context.target() == Target::V4_0 {
        write_two_fields(context, &names, &environments);
    }
}

/// The 4.0 guide's two fields on the traffic manager (B.7).
fn write_two_fields(context: &mut Context<'_, '_>, names: &[Name], environments: &IndexMap<String, Said<'_, '_>>) {
    for target in context.targets(Profile::TrafficManager) {
        for (index, name) in names.iter().enumerate() {
            let key = |field: &str| format!("apim.gateway.environment[{index}].{field}");
            context.derive(target, key("name"), Value::text(name.written.clone()), "as on the control plane");
            let kind = environments
                .get(&name.old)
                .and_then(|said| first(said, "environment.type"))
                .map_or("hybrid", |fact| fact.value.as_str());
            context.derive(target, key("type"), Value::text(kind), "as on the control plane");
        }
    }
}

/// The environments by name, in the owners' order. One whose leaves are all at their shipped values is silence,
/// if any other is not.
fn collect<'c, 'a>(context: &Context<'c, 'a>) -> IndexMap<String, Said<'c, 'a>> {
    let mut all: IndexMap<String, Said<'c, 'a>> = IndexMap::new();
    let mut spoken: Vec<String> = Vec::new();
    for node in context.in_order(&OWNERS) {
        let nodes = context.nodes;
        for fact in nodes[node].settings.facts.iter().filter(|fact| fact.name.starts_with("environment.")) {
            let Some(name) = &fact.entity else { continue };
            all.entry(name.clone()).or_default().entry(fact.name).or_default().push((node, fact));
            // Where a node only repeats what is shipped, it says nothing; local endpoints are what is shipped.
            if fact.changed && !spoken.contains(name) {
                spoken.push(name.clone());
            }
        }
    }
    if !spoken.is_empty() {
        all.retain(|name, _| spoken.contains(name));
    }
    // Which environments there are, publisher and store say; others only where neither lists any.
    let portal = |node: usize| {
        let node = &context.source.nodes[node];
        node.has(Role::Publisher) || node.has(Role::Store) || node.has(Role::AllInOne)
    };
    let listed = |said: &Said<'_, '_>| said.values().flatten().any(|(node, _)| portal(*node));
    if all.values().any(listed) {
        all.retain(|_, said| listed(said));
    }
    // What an all-in-one says of an environment holds: a gateway's own copy may name itself by the hub's host.
    let whole = |node: usize| context.source.nodes[node].has(Role::AllInOne);
    for said in all.values_mut() {
        for facts in said.values_mut().filter(|facts| facts.iter().any(|(node, _)| whole(*node))) {
            facts.retain(|(node, _)| portal(*node));
        }
    }
    all
}

/// Environments that only nodes list which do not say which there are.
fn mark_unlisted(context: &mut Context<'_, '_>, environments: &IndexMap<String, Said<'_, '_>>) {
    let nodes = context.nodes;
    let holds = |fact: &Fact<'_>| {
        let said = fact.entity.as_ref().and_then(|name| environments.get(name)?.get(fact.name));
        said.is_none_or(|said| said.iter().any(|(_, other)| other.setting == fact.setting))
    };
    for (node, old) in nodes.iter().enumerate().filter(|(_, old)| old.set_aside.is_none()) {
        let why = if context.is_retired(node) {
            "its gateway manager is not needed any more"
        } else {
            "publisher and store say which environments there are: another one holds"
        };
        for fact in old.settings.facts.iter().filter(|fact| fact.name.starts_with("environment.") && fact.changed) {
            if fact.entity.as_ref().is_some_and(|name| !environments.contains_key(name)) {
                context.mark(fact.setting, Use::Retired(why.to_owned()));
            } else if !holds(fact) {
                context.absorb(fact.setting, "the all-in-one's own word on the environment holds");
            }
        }
    }
}

/// What a node says of a field: the first that changed it; if none did, the first that has it.
fn first<'s, 'a>(said: &'s Said<'_, 'a>, name: &str) -> Option<&'s Fact<'a>> {
    let facts = said.get(name)?;
    let spoken = facts.iter().find(|(_, fact)| fact.changed && !fact.value.is_empty());
    spoken.or_else(|| facts.first()).map(|(_, fact)| *fact)
}

/// How the gateway is reached.
struct Gateway {
    address: Address,
    offset: i64,
    node: Option<usize>,
}

fn gateway_address(context: &Context<'_, '_>) -> Gateway {
    let workers = context.with_role(Role::GatewayWorker);
    let managers = context.with_role(Role::GatewayManager);
    let all_in_ones = context.with_role(Role::AllInOne);
    let node = workers.first().or(managers.first()).or(all_in_ones.first()).copied();
    let service = [Role::GatewayWorker, Role::GatewayManager, Role::AllInOne]
        .iter()
        .find_map(|role| context.source.services.get(role))
        .cloned();
    let own = node.map(|node| context.source.nodes[node].own.clone());
    let address = match (service, own) {
        (Some(service), _) => service,
        (None, Some(own)) => own,
        (None, None) => {
            Address { host: "localhost".to_owned(), port: None, how: "no node is a gateway".to_owned(), guessed: true }
        }
    };
    Gateway { address, offset: node.map_or(0, |node| context.offset(node)), node }
}

/// No file lists an environment: the one that 2.x ships, on the gateways found.
fn write_assumed(context: &mut Context<'_, '_>, targets: &[usize], gateway: &Gateway) {
    let said = Said::new();
    let fields = fields::of(context, 0, LEGACY_NAME, &said, gateway);
    for target in targets {
        for (key, entry) in &fields {
            let entry = if key == "name" {
                Entry::derived(entry.value.clone(), "no file lists an environment: the name that 2.x ships")
            } else {
                entry.clone()
            };
            context.set(*target, format!("apim.gateway.environment[0].{key}"), entry);
        }
    }
}
