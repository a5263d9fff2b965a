//! What a node's deployment.toml says of its role (A.2, rows 3, 7 and 8).

use super::elements::Own;
use super::evidence::{Scene, vote};
use super::host::Url;
use super::tokens::roles_in;
use super::{Evidence, Strength};
use crate::mapping::Fact;
use crate::role::Role;

/// The word of the role, or else the tables that only one role uses.
pub(super) fn by_tables(scene: &Scene<'_, '_>, index: usize) -> Vec<Evidence> {
    let own = Own::of(scene, index);
    let mut out = Vec::new();
    let word = own.value("server.role").filter(|word| !word.eq_ignore_ascii_case("default"));
    let roles = word.map(|word| roles_in(word).roles).unwrap_or_default();
    if let (Some(word), false) = (word, roles.is_empty()) {
        let place = own.fact("server.role").map(|fact| own.place(fact));
        out.push(vote("3", Strength::Strong, &roles, format!("server_role is `{word}`"), place));
    } else if scene.nodes[index].version.major > 3 {
        of_profiles(&own, &mut out);
    } else {
        of_five_roles(&own, &mut out);
    }
    out
}

/// Row 7: 3.x.
fn of_five_roles(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |role: Role, fact: &Fact<'_>, what: &str| {
        out.push(vote("7", Strength::Medium, &[role], what, Some(own.place(fact))));
    };
    let environment = own.fact("environment.name");
    let pushes = own.remote("environment.service-url");
    let keys = own.remote("key-manager.url");
    if let (Some(fact), Some(_)) = (pushes, own.fact("store.url")) {
        medium(Role::Publisher, fact, "its gateway is elsewhere, and it names a developer portal");
    }
    let away = own.remote("environment.endpoints").filter(|_| own.fact("environment.service-url").is_none());
    if let Some(fact) = own.remote("revoke.url").or(away) {
        medium(Role::Store, fact, "it shows a gateway that it does not push to, or revokes tokens elsewhere");
    }
    let sends = own.all_remote(&["throttling.receivers", "traffic-manager.receivers"]);
    if let (Some(fact), Some(_), None) = (sends, keys, environment) {
        medium(Role::GatewayWorker, fact, "it sends request data to another node, and its keys are elsewhere");
    }
    if environment.is_none() && sends.is_none() {
        let only = keys.filter(|_| own.fact("throttling.brokers").is_none() && own.fact("revoke.url").is_none());
        if let Some(fact) = own.fact("throttling.duplicates").or(only) {
            medium(Role::TrafficManager, fact, "it only names its twin or its key manager");
        }
    }
    if let (Some(fact), None) = (own.remote("listener.endpoint"), own.fact("key-manager.url")) {
        medium(Role::KeyManager, fact, "it tells another node of revoked tokens");
    }
}

/// Row 8: 4.x, where the distributions from 4.5 on all say `default`.
fn of_profiles(own: &Own<'_, '_>, out: &mut Vec<Evidence>) {
    let mut medium = |role: Role, fact: Option<&Fact<'_>>, what: &str| {
        out.push(vote("8", Strength::Medium, &[role], what, fact.map(|fact| own.place(fact))));
    };
    let hub = own.remote("event-hub.url");
    let environment = own.fact("environment.name");
    let sends = own.fact("throttling.receivers").or_else(|| own.fact("gateway.labels"));
    let publishes = own.fact("event-hub.receivers");
    let own_hub = own.value("event-hub.url").and_then(Url::parse).is_some_and(|url| url.is_local());
    // A public name may be a balancer's before the node itself.
    let away = own.remote("environment.service-url");
    match (hub, environment) {
        (Some(fact), None) if sends.is_some() => {
            medium(Role::GatewayWorker, Some(fact), "its event hub is elsewhere, and it serves a gateway's labels");
        }
        (Some(fact), None) if publishes.is_none() => {
            medium(Role::TrafficManager, Some(fact), "its event hub is elsewhere, and it serves no traffic");
        }
        // One with traffic managers elsewhere says its own hub apart, at `localhost`.
        (None, Some(fact)) if own_hub && sends.is_some() => {
            medium(Role::AllInOne, Some(fact), "it is its own event hub, has environments, and sends request data");
        }
        (None, Some(fact)) if publishes.is_none() && own.fact("gateway.labels").is_some() => {
            medium(Role::AllInOne, Some(fact), "it is its own event hub, and has environments and a gateway's labels");
        }
        _ if publishes.is_some() || away.is_some() => {
            medium(Role::ControlPlane, publishes.or(away), "it publishes events, or its gateway is elsewhere");
        }
        _ if own.all_remote(&["throttling.receivers"]).is_none() && own.remote("key-manager.url").is_none() => {
            medium(Role::AllInOne, None, "it names no other node");
        }
        _ => {}
    }
}
