//! The labels of gateways (C.6).

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::topology::source::host::{Port, Url};
use crate::topology::target::context::{Context, shift};
use crate::topology::target::plan::Entry;
use crate::value::Value;

use super::{Name, Said};

/// The ports of a gateway's services and listeners, without an offset.
const PORTS: [u16; 4] = [9443, 9763, 8243, 8280];

/// Writes the labels: names of the environments that the gateway serves.
pub fn write(context: &mut Context<'_, '_>, names: &[Name], environments: &IndexMap<String, Said<'_, '_>>) {
    let targets = [context.targets(Profile::GatewayWorker), context.targets(Profile::AllInOne)].concat();
    let mut served: Vec<&str> = Vec::new();
    for target in targets {
        let node = context.plan.nodes[target].stands_on;
        let stated = node.and_then(|node| context.fact(node, "gateway.labels"));
        if let Some(stated) = stated {
            served.extend(items(&stated.value));
            let entry = Entry::said(Value::list(items(&stated.value)), vec![stated.setting]);
            context.set(target, "apim.sync_runtime_artifacts.gateway.gateway_labels", entry);
            continue;
        }
        let is_own = |index: usize, name: &Name| {
            names.len() == 1 || node.is_none_or(|node| serves(context, node, index, environments.get(&name.old)))
        };
        let own = names.iter().enumerate().filter(|(index, name)| is_own(*index, name));
        let mut labels: Vec<&Name> = own.map(|(_, name)| name).collect();
        if labels.is_empty() {
            let name = context.plan.nodes[target].name.clone();
            context.find_on(
                Code::LabelWithoutEnvironment,
                &name,
                format!("no environment names `{name}`: it gets all of them"),
            );
            labels = names.iter().collect();
        }
        if context.plan.nodes[target].profile == Profile::AllInOne {
            labels =
                node.map_or_else(|| names.iter().collect(), |node| of_all_in_one(context, node, names, environments));
        }
        served.extend(labels.iter().map(|name| name.written.as_str()));
        if labels.len() == 1 && labels[0].written == "Default" {
            continue;
        }
        let from: Vec<SettingId> = labels
            .iter()
            .filter_map(|name| environments.get(&name.old))
            .flat_map(|said| said.get("environment.name").into_iter().flatten().map(|(_, fact)| fact.setting))
            .collect();
        let value = Value::list(labels.into_iter().map(|name| name.written.clone()));
        let mut entry = Entry::said(value, from).by("environment-name");
        if entry.from.is_empty() {
            entry.derived = Some("the environment's name".to_owned());
        }
        context.set(target, "apim.sync_runtime_artifacts.gateway.gateway_labels", entry);
    }
    for name in names.iter().filter(|name| !served.is_empty() && !served.contains(&name.written.as_str())) {
        let message = format!("no gateway of the input has an address of the environment `{}`", name.written);
        context.find(Code::LabelWithoutEnvironment, message);
    }
}

/// The environments that an all-in-one serves: those that others say stand on it, else those that it lists itself; never
/// one that is said to stand on another node, by its host or, where nodes share that, by its port.
fn of_all_in_one<'n>(
    context: &Context<'_, '_>,
    node: usize,
    names: &'n [Name],
    environments: &IndexMap<String, Said<'_, '_>>,
) -> Vec<&'n Name> {
    let all = names.iter().collect();
    if names.len() < 2 {
        return all;
    }
    let on = |name: &Name, by: &dyn Fn(usize) -> bool| -> Vec<usize> {
        let said = environments.get(&name.old);
        let facts = ["environment.service-url", "environment.endpoints"].iter().filter_map(|fact| said?.get(fact));
        let facts = facts.flatten().filter(|(reader, _)| by(*reader));
        facts
            .flat_map(|(reader, fact)| fact.value.split(',').flat_map(|text| stands_on(context, *reader, text)))
            .collect()
    };
    let told: Vec<&Name> = names.iter().filter(|name| on(name, &|by| by != node).contains(&node)).collect();
    let own: Vec<&Name> = names
        .iter()
        .filter(|name| {
            let nodes = on(name, &|by| by == node);
            nodes.contains(&node) || nodes.is_empty()
        })
        .collect();
    match (told.is_empty(), own.is_empty()) {
        (false, _) => told,
        (true, false) => own,
        (true, true) => all,
    }
}

/// The old nodes that an environment's URL means: the reader itself, or those of its host that open its port.
fn stands_on(context: &Context<'_, '_>, reader: usize, text: &str) -> Vec<usize> {
    let Some(url) = Url::parse(text.trim()) else { return Vec::new() };
    if url.is_local() {
        return vec![reader];
    }
    let named: Vec<usize> = (0..context.source.nodes.len()).filter(|node| context.is_node(*node, &url.host)).collect();
    match url.port {
        Some(Port::Text(_)) if named.contains(&reader) => vec![reader],
        Some(Port::Number(port)) if named.len() > 1 => {
            let opens = |node: &usize| PORTS.iter().any(|base| shift(*base, context.offset(*node)) == port);
            let open: Vec<usize> = named.iter().copied().filter(opens).collect();
            if open.is_empty() { named } else { open }
        }
        _ => named,
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

/// Labels of nodes that are no gateways.
pub fn mark(context: &mut Context<'_, '_>) {
    for node in 0..context.source.nodes.len() {
        if let Some(setting) = context.changed(node, "gateway.labels").map(|fact| fact.setting) {
            context.absorb(setting, "names the environments that the gateway serves");
        }
    }
}

/// Whether the environment's addresses name this gateway: as they are written for the control plane, or where there is
/// none as the nodes say them.
fn serves(context: &Context<'_, '_>, node: usize, index: usize, said: Option<&Said<'_, '_>>) -> bool {
    let names = |text: &str| Url::parse(text.trim()).is_some_and(|url| is_gateway(context, node, &url.host));
    if let Some(control_plane) = context.control_planes().first() {
        let entries = &context.plan.nodes[*control_plane].entries;
        let written = ["service_url", "http_endpoint", "https_endpoint"]
            .iter()
            .filter_map(|field| entries.get(&format!("apim.gateway.environment[{index}].{field}")));
        return written.into_iter().any(|entry| names(&entry.value.plain()));
    }
    let facts =
        ["environment.service-url", "environment.endpoints"].iter().filter_map(|name| said?.get(name)).flatten();
    facts.into_iter().any(|(reader, fact)| {
        fact.value
            .split(',')
            .any(|text| names(text) || (*reader == node && Url::parse(text).is_some_and(|url| url.is_local())))
    })
}

/// Whether a host is this gateway's own, or the name that all gateways share.
fn is_gateway(context: &Context<'_, '_>, node: usize, name: &str) -> bool {
    let service = context.source.services.get(&Role::GatewayWorker);
    let twins = context.source.nodes[node].twins;
    let alone =
        || context.with_role(Role::GatewayWorker).iter().all(|other| context.source.nodes[*other].twins == twins);
    context.is_node(node, name) || (service.is_some_and(|address| context.same_host(&address.host, name)) && alone())
}
