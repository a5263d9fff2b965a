//! Gateways: what they name themselves, or the traffic managers found.

use crate::diagnostic::Code;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::planner::brokers::brokers_of;
use crate::topology::planner::context::Context;
use crate::topology::planner::groups::{Group, Said, groups_of};
use crate::topology::planner::plan::Entry;
use crate::topology::source::host::Url;
use crate::value::Value;
use crate::version::Target;

use super::{derived_brokers, derived_groups, write_groups, write_service_url};

/// Writes groups and brokers of every gateway.
pub fn write(context: &mut Context<'_, '_>) {
    let managers = context.traffic_managers_on.clone();
    for target in context.targets(Profile::GatewayWorker) {
        let merged = context.plan.nodes[target].merged.clone();
        let groups = merged.iter().find_map(|node| groups_of(context, *node));
        let brokers = merged.iter().find_map(|node| brokers_of(context, *node));
        if let (Some(groups), Some(brokers)) = (&groups, &brokers) {
            tell_own_broker(context, &merged, groups, brokers);
        }
        let moved = moved_inside(context);
        let (groups, groups_entry) = match groups {
            Some(said) if !moved || names_all(context, &said.what, &managers) => {
                (said.what, Entry::said(Value::Boolean(true), said.from))
            }
            other => {
                if let Some(said) = other {
                    for setting in said.from {
                        context.absorb(setting, "named the traffic managers, which are now in the control plane");
                    }
                }
                (derived_groups(context, &managers), Entry::derived(Value::Boolean(true), "the traffic managers found"))
            }
        };
        if groups_entry.from.is_empty() && !moved && !groups.is_empty() {
            context.find(
                Code::UrlGroupDerived,
                "no gateway names the traffic managers' receivers: groups were made from the nodes found",
            );
        }
        write_groups(context, target, &groups, &groups_entry);
        let entry = match brokers {
            Some(said) if !moved || broker_hosts_are(context, &said.what, &managers) => {
                Entry::said(Value::list(said.what), said.from)
            }
            other => {
                if let Some(said) = other {
                    for setting in said.from {
                        context.absorb(setting, "named the traffic managers, which are now in the control plane");
                    }
                }
                let list = derived_brokers(context, &managers);
                if list.is_empty() {
                    continue;
                }
                Entry::derived(Value::list(list), "the traffic managers found, 5672 and their offset")
            }
        };
        context.set(target, "apim.throttling.throttle_decision_endpoints", entry);
        if context.target() == Target::V4_0 {
            write_service_url(context, target);
        }
    }
}

/// A gateway that sends its data to others, and takes decisions only from a broker on its own host: one of the two is wrong.
fn tell_own_broker(
    context: &mut Context<'_, '_>,
    nodes: &[usize],
    groups: &Said<Vec<Group>>,
    brokers: &Said<Vec<String>>,
) {
    let own = |text: &str| {
        Url::parse(text).is_some_and(|url| {
            nodes.iter().any(|node| {
                let gateway = context.source.nodes[*node].roles == [Role::GatewayWorker];
                let host = &context.source.nodes[*node].own.host;
                gateway && (context.is_local(*node, &url.host) || context.same_host(host, &url.host))
            })
        })
    };
    let takes = brokers.what.iter().all(|text| own(text));
    let sends = groups.what.iter().flat_map(|group| &group.urls).any(|text| own(text));
    if takes
        && !sends
        && let (Some(setting), Some(url)) =
            (brokers.from.first(), groups.what.first().and_then(|group| group.urls.first()))
    {
        let message = format!("decisions are taken from the gateway's own host, data is sent to `{url}`");
        context.find_at(Code::UrlGroupsDiffer, *setting, message);
    }
}

/// Whether the traffic manager has moved: lists that name the old nodes must name the control plane.
fn moved_inside(context: &Context<'_, '_>) -> bool {
    let (old, new) = (context.with_role(Role::TrafficManager), &context.traffic_managers_on);
    let in_the_input = !old.is_empty() || !new.is_empty();
    context.placement == Placement::ControlPlane && (*new != old && !old.is_empty() || !in_the_input)
}

fn names_all(context: &Context<'_, '_>, groups: &[Group], nodes: &[usize]) -> bool {
    groups.iter().flat_map(|group| &group.urls).all(|text| {
        Url::parse(text).and_then(|url| context.node_named(&url.host)).is_some_and(|node| nodes.contains(&node))
    })
}

fn broker_hosts_are(context: &Context<'_, '_>, brokers: &[String], nodes: &[usize]) -> bool {
    brokers.iter().all(|text| {
        Url::parse(text).and_then(|url| context.node_named(&url.host)).is_some_and(|node| nodes.contains(&node))
    })
}
