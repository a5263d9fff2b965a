//! All-in-ones: alone every default means the node itself, twins name each other (B.5, B.6).

use crate::diagnostic::Code;
use crate::role::Profile;
use crate::topology::planner::brokers::brokers_of;
use crate::topology::planner::context::{Context, shift};
use crate::topology::planner::groups::{Group, Said, groups_of};
use crate::topology::planner::plan::Entry;
use crate::topology::source::host::Url;
use crate::value::Value;
use crate::version::Target;

use super::{derived_brokers, derived_groups, keep_duplicates, write_duplicates, write_groups};

/// Writes groups and brokers of every all-in-one.
pub fn write(context: &mut Context<'_, '_>) {
    let targets = context.targets(Profile::AllInOne);
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        let groups = groups_of(context, node);
        let brokers = brokers_of(context, node);
        if targets.len() == 1 {
            // Every default means the node itself, unless it names a traffic manager elsewhere.
            if let (Some(said), None) = (&groups, &brokers) {
                follow_groups(context, *target, node, said);
            }
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
        } else {
            write_twin(context, *target, node, &targets, groups, brokers);
        }
        write_hub(context, *target, node, &targets);
    }
}

/// A server that sends its data elsewhere and names no broker: decisions come from the traffic managers of the input. Where
/// those are none of it, the node's own broker stays, and that is told.
fn follow_groups(context: &mut Context<'_, '_>, target: usize, node: usize, said: &Said<Vec<Group>>) {
    let mut urls = said.what.iter().flat_map(|group| &group.urls);
    let local = |text: &String| Url::parse(text).is_none_or(|url| context.is_local(node, &url.host));
    let (Some(first), false) = (urls.clone().next(), urls.any(local)) else { return };
    let managers = context.traffic_managers_on.clone();
    if !managers.contains(&node) && !managers.is_empty() {
        let list = Value::list(derived_brokers(context, &managers));
        let why = "the traffic managers found, 5672 and their offset";
        context.derive(target, "apim.throttling.throttle_decision_endpoints", list, why);
    } else if let Some(setting) = said.from.first().copied() {
        let message = format!("decisions are taken from the node's own broker, data is sent to `{first}`");
        context.find_at(Code::UrlGroupsDiffer, setting, message);
    }
}

/// The product takes its event hub from the throttling table: where that names traffic managers elsewhere, the hub is
/// said apart, so that events stay with the node itself and its twins.
fn write_hub(context: &mut Context<'_, '_>, target: usize, node: usize, targets: &[usize]) {
    let twins: Vec<usize> = targets.iter().filter_map(|other| context.plan.nodes[*other].stands_on).collect();
    if context.target() == Target::V4_0 || !points_away(context, target, &twins) {
        return;
    }
    let why = "the throttling table names other nodes: its own event hub";
    let port = |base: u16, node: usize, context: &Context<'_, '_>| shift(base, context.offset(node));
    let services = Value::text("https://localhost:${mgt.transport.https.port}/services/");
    context.derive(target, "apim.event_hub.service_url", services, why);
    let own = Value::list([format!("tcp://localhost:{}", port(5672, node, context))]);
    context.derive(target, "apim.event_hub.event_listening_endpoints", own, why);
    for (index, twin) in twins.iter().enumerate() {
        let host = if *twin == node { "localhost".to_owned() } else { context.host(*twin) };
        let key = |field: &str| format!("apim.event_hub.publish.url_group[{index}].{field}");
        let receivers = Value::list([format!("tcp://{host}:{}", port(9611, *twin, context))]);
        let auth = Value::list([format!("ssl://{host}:{}", port(9711, *twin, context))]);
        context.derive(target, key("urls"), receivers, why);
        context.derive(target, key("auth_urls"), auth, why);
    }
    write_duplicates(context, target, node, &twins, "apim.event_hub.event_duplicate_url", &[]);
}

/// Whether the throttling table of a node names hosts that are none of `nodes`.
fn points_away(context: &Context<'_, '_>, target: usize, nodes: &[usize]) -> bool {
    let endpoint = |key: &str| {
        key == "apim.throttling.throttle_decision_endpoints" || key.starts_with("apim.throttling.url_group[")
    };
    let away = |url: &Url| !nodes.iter().any(|node| context.is_local(*node, &url.host));
    let entries = context.plan.nodes[target].entries.iter().filter(|(key, _)| endpoint(key));
    let texts = |value: &Value| value.plain().split(',').filter_map(Url::parse).collect::<Vec<Url>>();
    entries.flat_map(|(_, entry)| texts(&entry.value)).any(|url| away(&url))
}

/// Receiver groups and brokers that lie outside.
type Outside<'s> = (&'s Said<Vec<Group>>, &'s Said<Vec<String>>);

/// What twins say of traffic managers, if none of these is one of them.
fn outside<'s>(
    context: &Context<'_, '_>,
    twins: &[usize],
    groups: Option<&'s Said<Vec<Group>>>,
    brokers: Option<&'s Said<Vec<String>>>,
) -> Option<Outside<'s>> {
    let (groups, brokers) = (groups?, brokers?);
    let mut urls = groups.what.iter().flat_map(|group| &group.urls).chain(&brokers.what);
    let elsewhere = |text: &String| {
        Url::parse(text).is_some_and(|url| !twins.iter().any(|twin| context.is_local(*twin, &url.host)))
    };
    urls.all(elsewhere).then_some((groups, brokers))
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
    if let Some((groups, brokers)) = outside(context, &nodes, groups.as_ref(), brokers.as_ref()) {
        write_groups(context, target, &groups.what, &Entry::said(Value::Boolean(true), groups.from.clone()));
        let entry = Entry::said(Value::list(brokers.what.clone()), brokers.from.clone());
        context.set(target, "apim.throttling.throttle_decision_endpoints", entry);
        return;
    }
    // A twin whose address is not known is left out: at `localhost` each request would count twice.
    nodes.retain(|other| *other == node || !context.is_unknown(*other));
    if nodes.len() < 2 {
        for setting in
            groups.into_iter().flat_map(|said| said.from).chain(brokers.into_iter().flat_map(|said| said.from))
        {
            context.absorb(setting, "names the twin: written when `node-address` is answered");
        }
        return;
    }
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
