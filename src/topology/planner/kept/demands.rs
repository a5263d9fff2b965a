//! What a file must hold (B.2): the mapper's demands are met, and what else is usual and missing is told.

use crate::diagnostic::Code;
use crate::role::{Profile, Role};
use crate::value::Value;
use crate::version::Version;

use super::super::context::{Context, Question};
use super::super::databases;
use super::super::hosts::write_hostname;
use super::super::plan::Entry;

const CORS: &str = "apim.cors.allow_headers";
const SHARED: &str = "database.shared_db.";
/// The shipped shared database.
const SHARED_H2: [(&str, &str); 4] = [
    ("type", "h2"),
    ("url", "jdbc:h2:./repository/database/WSO2SHARED_DB;DB_CLOSE_ON_EXIT=FALSE"),
    ("username", "wso2carbon"),
    ("password", "wso2carbon"),
];

/// Writes what is demanded and tells what is missing.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let has = |context: &Context<'_, '_>, key: &str| context.plan.nodes[target].entries.contains_key(key);
        let demanded = context.target().measured().iter().any(|version| *version >= Version::new(4, 2));
        if demanded && !has(context, "server.hostname") {
            write_hostname(context, target);
        }
        write_super_admin(context, target);
        write_shared_database(context, target);
        check_cors(context, target);
        tell_missing(context, target);
    }
}

/// The super admin: another node's, or the answer.
fn write_super_admin(context: &mut Context<'_, '_>, target: usize) {
    for (key, default) in [("super_admin.username", "admin"), ("super_admin.password", "admin")] {
        let secret = key.ends_with("password");
        if context.plan.nodes[target].entries.contains_key(key) {
            continue;
        }
        let other = context.plan.nodes.iter().find_map(|node| node.entries.get(key)).cloned();
        let entry = other.unwrap_or_else(|| {
            let chosen = context.ask(Question {
                id: "super-admin",
                default: "admin",
                open: true,
                affects: &["super_admin.username", "super_admin.password"],
                ..Question::default()
            });
            // The answer is `name` or `name:password`.
            let (name, password) = chosen.split_once(':').unwrap_or((&chosen, default));
            let value = Value::text(if secret { password } else { name });
            Entry::derived(value, "the product's own or the answer, since no file gives it").by("super-admin")
        });
        if !secret && entry.decision.is_some() {
            let name = context.plan.nodes[target].name.clone();
            context.find_on(Code::ValueAssumed, &name, format!("`{name}` says no super admin: `admin` was written"));
        }
        context.set(target, key, entry.secret(secret));
    }
}

/// The shared database: the control plane's, or the shipped one.
fn write_shared_database(context: &mut Context<'_, '_>, target: usize) {
    let of = |context: &Context<'_, '_>, target: usize| -> Vec<(String, Entry)> {
        let entries = context.plan.nodes[target].entries.iter();
        entries.filter(|(key, _)| key.starts_with(SHARED)).map(|(key, entry)| (key.clone(), entry.clone())).collect()
    };
    if !of(context, target).is_empty() {
        return;
    }
    let order = [context.control_planes(), (0..context.plan.nodes.len()).collect()].concat();
    let other = order.into_iter().map(|node| of(context, node)).find(|found| !found.is_empty());
    for (key, entry) in other.clone().unwrap_or_default() {
        context.set(target, key, entry);
    }
    if other.is_none() {
        let chosen = context.ask(Question {
            id: "shared-database",
            default: SHARED_H2[1].1,
            open: true,
            affects: &["database.shared_db"],
            ..Question::default()
        });
        if chosen != SHARED_H2[1].1 {
            databases::write_answered(context, &chosen, &[target]);
            return;
        }
        let name = context.plan.nodes[target].name.clone();
        let message = format!("`{name}` says no shared database: the shipped H2 one was written");
        context.find_on(Code::ValueAssumed, &name, message);
        for (field, value) in SHARED_H2 {
            let entry =
                Entry::derived(Value::text(value), "the shipped H2 database of the target").by("shared-database");
            context.set(target, format!("{SHARED}{field}"), entry.secret(field == "password"));
        }
    }
}

/// A list of headers of one's own must have those that try-out and API keys need.
fn check_cors(context: &mut Context<'_, '_>, target: usize) {
    if context.plan.nodes[target].profile == Profile::TrafficManager {
        return;
    }
    let Some(entry) = context.plan.nodes[target].entries.get(CORS) else { return };
    let plain = entry.value.plain().to_ascii_lowercase();
    let missing: Vec<&str> = ["apikey", "Internal-Key"]
        .into_iter()
        .filter(|header| !plain.split(',').any(|item| item.trim() == header.to_ascii_lowercase()))
        .collect();
    if let (Some(setting), false) = (entry.from.first().copied(), missing.is_empty()) {
        let message = format!("{CORS} lacks {}: portals and API keys fail in browsers", missing.join(" and "));
        context.find_at(Code::CorsHeadersMissing, setting, message);
    }
}

/// Tells what else of the base block a node lacks: it ran without, so nothing is added.
fn tell_missing(context: &mut Context<'_, '_>, target: usize) {
    let node = &context.plan.nodes[target];
    let is_hub = matches!(node.profile, Profile::ControlPlane | Profile::AllInOne);
    let has = |head: &str| node.entries.keys().any(|key| key.starts_with(head));
    let says = |head: &str, last: &str, value: &str| {
        node.entries
            .iter()
            .any(|(key, entry)| key.starts_with(head) && key.ends_with(last) && entry.value.plain() == value)
    };
    let external = !context.with_role(Role::IsAsKm).is_empty();
    let rows = [
        ("server.server_role", node.profile != Profile::AllInOne && !has("server.server_role")),
        ("super_admin.create_admin_account", !has("super_admin.create_admin_account")),
        ("user_store.type", !has("user_store.type") && !has("user_store.class")),
        ("database.apim_db", is_hub && !has("database.apim_db.")),
        (CORS, node.profile != Profile::TrafficManager && !has(CORS)),
        (
            "event_handler userPostSelfRegistration",
            is_hub && !says("event_handler[", "].name", "userPostSelfRegistration"),
        ),
        ("service_provider.sp_name_regex", is_hub && !has("service_provider.sp_name_regex")),
        (
            "event_listener token_revocation",
            is_hub
                && !external
                && !says("event_listener[", "].name", "org.wso2.is.notification.ApimOauthEventInterceptor"),
        ),
        ("apim.gateway.environment", is_hub && !has("apim.gateway.environment[")),
    ];
    let missing: Vec<&str> = rows.iter().filter(|(_, missing)| *missing).map(|(key, _)| *key).collect();
    if !missing.is_empty() {
        let name = node.name.clone();
        let message = format!("`{name}` does not say {}: it ran without, and nothing was added", missing.join(", "));
        context.find_on(Code::BaseBlockMissing, &name, message);
    }
}
