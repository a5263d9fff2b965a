//! All-in-ones: alone every default means the node itself, twins name each other (B.5, B.6).

use crate::role::Profile;
use crate::topology::source::host::Url;
use crate::topology::target::brokers::brokers_of;
use crate::topology::target::context::{Context, shift};
use crate::topology::target::groups::{Group, Said, groups_of};
use crate::topology::target::plan::Entry;
use crate::value::Value;

use super::{derived_groups, keep_duplicates, write_duplicates, write_groups};

/// Writes groups and brokers of every all-in-one.
pub fn write(context: &mut Context<'_, '_>) {
    let targets = context.targets(Profile::AllInOne);
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        let groups = groups_of(context, node);
        let brokers = brokers_of(context, node);
        if targets.len() == 1 {
            // Every default means the node itself, unless it names a traffic manager elsewhere.
            if let Some(said) = groups {
                write_groups(context, *target, &said.what, &Entry::said(Value::Boolean(true), said.from));
            }
            if let Some(said) = brokers {
                context.set(
                    *target,
                    "apim.throttling.throttle_decision_endpoints",
                    Entry::said(Value::list(said.what), said.from),
                );
            }
            keep_duplicates(context, *target, node);
            continue;
        }
        write_twin(context, *target, node, &targets, groups, brokers);
    }
}

/// An active-active twin: the node itself first, then the other (B.6).
fn write_twin(
    context: &mut Context<'_, '_>,
    target: usize,
    node: usize,
    targets: &[usize],
    groups: Option<Said<Vec<Group>>>,
    brokers: Option<Said<Vec<String>>>,
) {
    let mut nodes: Vec<usize> = targets.iter().filter_map(|other| context.plan.nodes[*other].stands_on).collect();
    let own = nodes.iter().position(|other| *other == node).unwrap_or(0);
    nodes.rotate_left(own);
    let mut written = derived_groups(context, &nodes);
    let mut like = Entry::derived(Value::Boolean(true), "one group for each twin, the node itself first");
    if let Some(said) = groups {
        // The old groups hold if they name the twins one by one; their ports are the ones written.
        for group in &mut written {
            let wanted = group.urls[0].clone();
            let host = Url::parse(&wanted).map(|url| url.host.clone()).unwrap_or_default();
            if let Some(old) = said.what.iter().find(|old| {
                old.urls.len() == 1 && Url::parse(&old.urls[0]).is_some_and(|url| context.same_host(&url.host, &host))
            }) {
                *group = old.clone();
            }
        }
        like = Entry::said(Value::Boolean(true), said.from);
    }
    write_groups(context, target, &written, &like);
    let offset = context.offset(node);
    let from = brokers.map(|said| said.from).unwrap_or_default();
    let value = Value::list([format!("tcp://localhost:{}", shift(5672, offset))]);
    let mut entry = Entry::said(value, from.clone());
    if from.is_empty() {
        entry.derived = Some("the node's own broker".to_owned());
    }
    context.set(target, "apim.throttling.throttle_decision_endpoints", entry);
    write_duplicates(context, target, node, &nodes, "apim.throttling.event_duplicate_url", &from);
}
