//! The labels of gateways (C.6).

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::topology::source::host::{self, Url};
use crate::topology::target::context::Context;
use crate::topology::target::plan::Entry;
use crate::value::Value;

use super::{Name, Said};

/// Writes the labels: names of the environments that the gateway serves.
pub fn write(context: &mut Context<'_, '_>, names: &[Name], environments: &IndexMap<String, Said<'_, '_>>) {
    let targets = [context.targets(Profile::GatewayWorker), context.targets(Profile::AllInOne)].concat();
    for target in targets {
        let node = context.plan.nodes[target].stands_on;
        let mut labels: Vec<&Name> = names
            .iter()
            .filter(|name| {
                names.len() == 1 || node.is_none_or(|node| serves(context, node, environments.get(&name.old)))
            })
            .collect();
        let stated = node.and_then(|node| context.fact(node, "gateway.labels"));
        if let Some(stated) = stated {
            let entry = Entry::said(Value::list(items(&stated.value)), vec![stated.setting]);
            context.set(target, "apim.sync_runtime_artifacts.gateway.gateway_labels", entry);
            continue;
        }
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
            labels = names.iter().collect();
        }
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

/// Whether the environment's addresses name this gateway.
fn serves(context: &Context<'_, '_>, node: usize, said: Option<&Said<'_, '_>>) -> bool {
    let Some(said) = said else { return false };
    let service = context.source.services.get(&Role::GatewayWorker);
    let twins = context.source.nodes[node].twins;
    ["environment.service-url", "environment.endpoints"].iter().filter_map(|name| said.get(name)).flatten().any(
        |(reader, fact)| {
            fact.value.split(',').filter_map(|text| Url::parse(text.trim())).any(|url| {
                if host::is_local(&url.host) {
                    return *reader == node;
                }
                let shared = service.is_some_and(|address| context.same_host(&address.host, &url.host))
                    && context
                        .with_role(Role::GatewayWorker)
                        .iter()
                        .all(|other| context.source.nodes[*other].twins == twins);
                context.is_node(node, &url.host) || shared
            })
        },
    )
}
