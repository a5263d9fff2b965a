//! Traffic managers, and the control plane where one is inside or where 4.0 wants its own (B.3, B.5, B.7).

use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::planner::context::{Context, shift};
use crate::topology::planner::groups::groups_of;
use crate::topology::planner::plan::Entry;
use crate::value::Value;
use crate::version::Target;

use super::{derived_brokers, derived_groups, keep_duplicates, write_duplicates, write_groups, write_service_url};

/// Twins take decisions from their own broker, and copy them to each other.
pub fn write_traffic_managers(context: &mut Context<'_, '_>) {
    let targets = context.targets(Profile::TrafficManager);
    let twins: Vec<usize> = targets.iter().filter_map(|target| context.plan.nodes[*target].stands_on).collect();
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        if targets.len() < 2 && !keep_duplicates(context, *target, node) {
            continue;
        }
        if context.target() != Target::V4_0 {
            let value = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
            context.derive(*target, "apim.throttling.throttle_decision_endpoints", value, "the node's own broker");
        }
        write_duplicates(context, *target, node, &twins, "apim.throttling.event_duplicate_url", &[]);
    }
}

/// What the control plane says of traffic managers.
pub fn write_control_plane(context: &mut Context<'_, '_>) {
    let targets = context.targets(Profile::ControlPlane);
    let inside = context.placement == Placement::ControlPlane;
    let v4_0 = context.target() == Target::V4_0;
    let on = context.control_plane_on.clone();
    for target in &targets {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        if v4_0 {
            if !inside {
                write_service_url(context, *target);
                copy_from_gateway(context, *target);
            } else if targets.len() > 1 {
                write_service_url(context, *target);
                write_groups(
                    context,
                    *target,
                    &derived_groups(context, &on),
                    &Entry::derived(Value::Boolean(true), "all control-plane nodes"),
                );
                let value = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
                context.derive(*target, "apim.throttling.throttle_decision_endpoints", value, "the node's own broker");
                write_duplicates(context, *target, node, &on, "apim.throttling.event_duplicate_url", &[]);
            }
        } else if inside && targets.len() > 1 {
            let value = Value::list([format!("tcp://localhost:{}", shift(5672, context.offset(node)))]);
            context.derive(
                *target,
                "apim.throttling.throttle_decision_endpoints",
                value,
                "the traffic manager inside: its own broker",
            );
        }
    }
}

/// 4.0: the control plane names the traffic manager as the gateways do (B.7).
fn copy_from_gateway(context: &mut Context<'_, '_>, target: usize) {
    let publishers = context.in_order(&[Role::Publisher, Role::Store, Role::KeyManager]);
    let own_groups = publishers.iter().find_map(|node| groups_of(context, *node));
    if let Some(gateway) = context.targets(Profile::GatewayWorker).first().copied() {
        let copies: Vec<(String, Entry)> = context.plan.nodes[gateway]
            .entries
            .iter()
            .filter(|(key, _)| {
                key.starts_with("apim.throttling.url_group") || *key == "apim.throttling.throttle_decision_endpoints"
            })
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect();
        for (key, mut entry) in copies {
            if key.contains("url_group")
                && let Some(said) = &own_groups
            {
                entry.from.extend(
                    said.from.iter().filter(|setting| !entry.from.contains(setting)).copied().collect::<Vec<_>>(),
                );
            }
            context.set(target, key, entry);
        }
        return;
    }
    let managers = context.traffic_managers_on.clone();
    let groups = own_groups.map_or_else(
        || (derived_groups(context, &managers), Entry::derived(Value::Boolean(true), "the traffic managers found")),
        |said| (said.what, Entry::said(Value::Boolean(true), said.from)),
    );
    write_groups(context, target, &groups.0, &groups.1);
    let list = derived_brokers(context, &managers);
    if !list.is_empty() {
        context.derive(
            target,
            "apim.throttling.throttle_decision_endpoints",
            Value::list(list),
            "the traffic managers found",
        );
    }
}
