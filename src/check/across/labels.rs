//! Gateway labels and environments.

use super::control_planes;
use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::catalog::without_indexes;
use crate::mapping::tables::Tables;
use crate::read::document::Value;
use crate::role::Profile;

const LABELS: &str = "apim.sync_runtime_artifacts.gateway.gateway_labels";
/// What a gateway that names no labels serves, and the environment of a control plane that names none.
const DEFAULT: &str = "Default";

fn environments<'n>(node: &'n Node<'_>) -> Vec<&'n Value> {
    let names = node.entries().iter().filter(|entry| without_indexes(&entry.key) == "apim.gateway.environment[].name");
    names.flat_map(|entry| entry.value.texts()).collect()
}

fn labels<'n>(node: &'n Node<'_>) -> Option<Vec<&'n Value>> {
    Some(node.entry(LABELS)?.value.texts().collect())
}

pub fn without_environment(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    let planes = control_planes(nodes);
    let planes: Vec<_> = planes.into_iter().filter(|node| node.standard.is_4()).collect();
    let known: Vec<&str> = planes.iter().flat_map(|node| environments(node)).map(|value| value.text.as_str()).collect();
    // Environments may be made in the admin portal alone: without one in a file nothing can be said.
    if known.is_empty() {
        return Vec::new();
    }
    let serves = |node: &&Node<'_>| matches!(node.profile, Some(Profile::GatewayWorker | Profile::AllInOne));
    let gateways: Vec<_> = nodes.iter().filter(serves).collect();
    let mut found = Vec::new();
    for node in &gateways {
        for label in labels(node).unwrap_or_default() {
            if !known.contains(&label.text.as_str()) {
                let message = format!("no environment is called `{}`: the gateway gets none of its APIs", label.text);
                let names = format!("the environments of the deployment: {}", known.join(", "));
                found.push(node.finding(Code::LabelWithoutEnvironment, &label.span, message).help(names));
            }
        }
    }
    if gateways.is_empty() {
        return found;
    }
    let labelled: Vec<&str> = gateways
        .iter()
        .flat_map(|node| {
            labels(node).map_or(vec![DEFAULT], |labels| labels.iter().map(|label| label.text.as_str()).collect())
        })
        .collect();
    for plane in &planes {
        for environment in environments(plane) {
            let name = environment.text.as_str();
            if !labelled.contains(&name) {
                let message = format!("no gateway of the deployment serves the environment `{name}`");
                let finding = plane.finding(Code::LabelWithoutEnvironment, &environment.span, message);
                // Another gateway may stand elsewhere; where none serves anything that is known, that is hardly so.
                let lost = labelled.iter().all(|label| !known.contains(label));
                let finding = if lost { finding } else { finding.severity(Severity::Notice) };
                found.push(
                    finding.help(format!("add it to `{LABELS}` of its gateways (without that they serve `{DEFAULT}`)")),
                );
            }
        }
    }
    found
}
