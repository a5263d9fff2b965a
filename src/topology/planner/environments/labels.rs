//! The labels of gateways (C.6).

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::topology::planner::context::{Context, shift};
use crate::topology::planner::plan::Entry;
use crate::topology::source::host::{Port, Url};
use crate::value::Value;

use super::endpoints::{PLAIN, SECURED, pass_through};
use super::{Name, Said};

/// The ports of a gateway's services, without an offset.
const PORTS: [u16; 2] = [9443, 9763];

/// How the addresses of an environment fit a gateway.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    /// One names its host, and a port that it opens.
    Port,
    /// One names its host without a port.
    Host,
    /// One names its host with a port that it does not open: another process of that machine, or a balancer.
    OtherPort,
    None,
}

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
        let fit = |index: usize, name: &Name| match node {
            Some(node) if names.len() > 1 => fit(context, node, index, environments.get(&name.old)),
            _ => Fit::Port,
        };
        let fits: Vec<(&Name, Fit)> = names.iter().enumerate().map(|(index, name)| (name, fit(index, name))).collect();
        // A port that the gateway opens tells it from others of its machine.
        let exact = fits.iter().any(|(_, fit)| *fit == Fit::Port);
        let own = fits.into_iter().filter(|(_, fit)| match fit {
            Fit::Port | Fit::Host => true,
            Fit::OtherPort => !exact,
            Fit::None => false,
        });
        let mut labels: Vec<&Name> = own.map(|(name, _)| name).collect();
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

/// The environments that an all-in-one serves: those that others say stand on it, else those that it lists itself, if it
/// lists any; never
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
            .flat_map(|(reader, fact)| fact.value.split(',').map(move |text| (*reader, text)))
            .filter_map(|(reader, text)| Some((reader, Url::parse(text.trim())?)))
            .flat_map(|(reader, url)| stands_on(context, reader, &url))
            .collect()
    };
    let told: Vec<&Name> = names.iter().filter(|name| on(name, &|by| by != node).contains(&node)).collect();
    // What it does not list beside others stands elsewhere.
    let lists = |name: &&Name| {
        let facts = environments.get(&name.old).into_iter().flat_map(|said| said.values().flatten());
        facts.into_iter().any(|(reader, _)| *reader == node)
    };
    let any = names.iter().any(|name| lists(&name));
    let own: Vec<&Name> = names
        .iter()
        .filter(|name| lists(name) || !any)
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
pub fn stands_on(context: &Context<'_, '_>, reader: usize, url: &Url) -> Vec<usize> {
    if url.is_local() {
        return vec![reader];
    }
    let named: Vec<usize> = (0..context.source.nodes.len()).filter(|node| context.is_node(*node, &url.host)).collect();
    match url.port {
        Some(Port::Text(_)) if named.contains(&reader) => vec![reader],
        Some(Port::Number(port)) if named.len() > 1 => {
            let open: Vec<usize> = named.iter().copied().filter(|node| opens(context, *node, port)).collect();
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

/// Whether a node opens the port, with its offset, for a gateway's services or APIs.
fn opens(context: &Context<'_, '_>, node: usize, port: u16) -> bool {
    let offset = context.offset(node);
    PORTS.iter().any(|base| shift(*base, offset) == port)
        || [PLAIN, SECURED].into_iter().any(|listener| pass_through(context, Some(node), listener, offset) == port)
}

/// How the environment's addresses name this gateway: as they are written for the control plane, or where there is
/// none as the nodes say them.
fn fit(context: &Context<'_, '_>, node: usize, index: usize, said: Option<&Said<'_, '_>>) -> Fit {
    let of = |reader: Option<usize>, text: &str| -> Fit {
        let Some(url) = Url::parse(text.trim()) else { return Fit::None };
        if reader == Some(node) && url.is_local() {
            return Fit::Port;
        }
        if !is_gateway(context, node, &url.host) {
            return Fit::None;
        }
        match url.port.as_ref() {
            // A variable is the port of the node that reads it.
            Some(Port::Text(_)) if reader == Some(node) => Fit::Port,
            Some(Port::Number(port)) if opens(context, node, *port) => Fit::Port,
            Some(Port::Number(port)) if !matches!(port, 80 | 443) => Fit::OtherPort,
            _ => Fit::Host,
        }
    };
    let fits: Vec<Fit> = if let Some(control_plane) = context.control_planes().first() {
        let entries = &context.plan.nodes[*control_plane].entries;
        let written = ["service_url", "http_endpoint", "https_endpoint"]
            .iter()
            .filter_map(|field| entries.get(&format!("apim.gateway.environment[{index}].{field}")));
        written.map(|entry| of(None, &entry.value.plain())).collect()
    } else {
        let facts = ["environment.service-url", "environment.endpoints"].iter().filter_map(|name| said?.get(name));
        let facts = facts.flatten();
        facts.flat_map(|(reader, fact)| fact.value.split(',').map(|text| of(Some(*reader), text))).collect()
    };
    let best = [Fit::Port, Fit::Host, Fit::OtherPort].into_iter().find(|fit| fits.contains(fit));
    best.unwrap_or(Fit::None)
}

/// Whether a host is this gateway's own, or the name that all gateways share.
fn is_gateway(context: &Context<'_, '_>, node: usize, name: &str) -> bool {
    let service = context.source.services.get(&Role::GatewayWorker);
    let twins = context.source.nodes[node].twins;
    let alone =
        || context.with_role(Role::GatewayWorker).iter().all(|other| context.source.nodes[*other].twins == twins);
    context.is_node(node, name) || (service.is_some_and(|address| context.same_host(&address.host, name)) && alone())
}
