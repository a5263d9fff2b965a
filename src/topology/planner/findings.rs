//! What is found when everything stands: what is said once for a deployment, or once for a node.

use crate::text::Parts as _;
use std::collections::BTreeSet;

use crate::diagnostic::Code;
use crate::mapping::codec;
use crate::role::Profile;
use crate::topology::source::host::Url;
use crate::value::Value;

use super::context::{Context, Question};
use super::plan::Use;

/// Raises the findings about the whole.
pub fn raise(context: &mut Context<'_, '_>) {
    if context.plan.nodes.is_empty() {
        return;
    }
    let portals = context.control_planes();
    context.find(
        Code::TokenEndpointMoves,
        "tokens are issued and revoked by the control plane: /oauth2/token and /oauth2/revoke",
    );
    if !portals.is_empty() {
        context.find(Code::WebsubNotConfigured, "the environments get no WebSub address");
        context.ask(Question {
            id: "self-registration",
            choices: &["product", "off"],
            default: "product",
            affects: &["identity_mgt.user_self_registration.allow_self_registration"],
            ..Question::default()
        });
        write_self_registration(context, &portals);
    }
    raise_more_traffic_managers(context);
    raise_analytics(context);
    raise_of_values(context);
}

/// Gateways that name more traffic managers than there are: one folder may stand for several nodes, or the others were
/// not given. Where there is none at all, that is said elsewhere.
fn raise_more_traffic_managers(context: &mut Context<'_, '_>) {
    let managers = context.traffic_managers_on.len();
    let gateways = context.targets(Profile::GatewayWorker);
    let mut hosts: Vec<String> = Vec::new();
    let (mut seen, mut texts): (BTreeSet<String>, BTreeSet<&str>) = (BTreeSet::new(), BTreeSet::new());
    let mut from = None;
    for (key, entry) in gateways.iter().flat_map(|target| &context.plan.nodes[*target].entries) {
        let receivers = key.starts_with("apim.throttling.url_group[") && key.ends_with("].traffic_manager_urls");
        let Value::List(urls) = &entry.value else { continue };
        if !receivers && key != "apim.throttling.throttle_decision_endpoints" {
            continue;
        }
        // The same texts stand in each node's entries.
        let new = urls.iter().filter(|url| texts.insert(url));
        for host in new.filter_map(|url| Url::parse(url)).map(|url| url.host) {
            if seen.insert(context.source.aliases.key(&host)) {
                hosts.push(host);
                from = from.or(entry.from.first().copied());
            }
        }
    }
    // One name more may be a balancer's before nodes that have names of their own.
    let mut known: BTreeSet<usize> = BTreeSet::new();
    hosts.retain(|host| match context.node_named(host) {
        Some(node) => {
            known.insert(node);
            false
        }
        None => true,
    });
    let more = hosts.len() > managers.saturating_sub(known.len()).max(1);
    let (Some(setting), true) = (from, managers > 0 && more) else { return };
    let input = if managers == 1 { "one".to_owned() } else { managers.to_string() };
    let message = format!("the gateways name the traffic managers {}; the input has {input}", hosts.join(", "));
    context.find_at(Code::EndpointWithoutNode, setting, message);
}

/// Raises the findings about values, whatever the deployment was.
pub fn raise_of_values(context: &mut Context<'_, '_>) {
    raise_secrets(context);
    raise_variables(context);
    raise_marks(context);
    raise_missing_bases(context);
}

/// A directory as user store whose search bases nobody says: the mapper stops, whatever class stands beside the type.
fn raise_missing_bases(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let node = &context.plan.nodes[target];
        let Some(kind) = node.entries.get("user_store.type") else { continue };
        let text = kind.value.plain();
        let directory = text.contains("ldap") || text.starts_with("active_directory");
        let has = |key: &str| node.entries.contains_key(&format!("user_store.{key}"));
        if !directory || has("base_dn") || (has("user_search_base") && has("group_search_base")) {
            continue;
        }
        let message = format!(
            "user_store.type is {text}, and neither `user_store.base_dn` nor both search bases are given: the server does \
             not start"
        );
        if let Some(setting) = kind.from.first().copied() {
            context.find_at(Code::RequiredKeyMissing, setting, message);
        } else {
            context.find(Code::RequiredKeyMissing, message);
        }
    }
}

fn write_self_registration(context: &mut Context<'_, '_>, portals: &[usize]) {
    let off = context.plan.asked.iter().any(|asked| asked.id == "self-registration" && asked.chosen == "off");
    if off {
        for target in portals {
            let key = "identity_mgt.user_self_registration.allow_self_registration";
            context.derive(*target, key, Value::Boolean(false), "decision `self-registration`");
        }
    }
}

fn raise_secrets(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let node = &context.plan.nodes[target];
        let plain = |text: &str| {
            !text.is_empty() && !text.starts_with("${") && !text.starts_with('$') && !codec::is_opaque(text)
        };
        let secrets: Vec<(String, String)> = node
            .entries
            .iter()
            .filter(|(_, entry)| entry.secret)
            .map(|(key, entry)| (key.clone(), entry.value.plain()))
            .filter(|(_, value)| plain(value))
            .collect();
        let name = node.name.clone();
        if !secrets.is_empty() {
            context.find_on(
                Code::PlainSecret,
                &name,
                match secrets.len() {
                    1 => format!("`{name}`: 1 secret is written as it was"),
                    several => format!("`{name}`: {several} secrets are written as they were"),
                },
            );
        }
        let shipped: Vec<&str> = secrets
            .iter()
            .filter(|(key, value)| {
                (value == "admin" && key.starts_with("super_admin"))
                    || (value == "wso2carbon" && !key.starts_with("database."))
            })
            .map(|(key, _)| key.as_str())
            .collect();
        if !shipped.is_empty() {
            let keys = shipped.join(", ");
            context.find_on(Code::DefaultPassword, &name, format!("the shipped password stands in {keys}"));
        }
    }
}

/// The old analytics is gone; the new one is another product's business.
fn raise_analytics(context: &mut Context<'_, '_>) {
    for node in 0..context.source.nodes.len() {
        let Some(fact) = context.changed(node, "analytics.enabled") else { continue };
        if !fact.value.eq_ignore_ascii_case("true") {
            continue;
        }
        let setting = fact.setting;
        let chosen = context.ask(Question {
            id: "analytics",
            choices: &["off", "cloud", "elk", "moesif"],
            default: "off",
            affects: &["apim.analytics"],
            ..Question::default()
        });
        write_analytics(context, &chosen);
        context.mark(
            setting,
            Use::Retired("the analytics server is retired; the new analytics is set up anew".to_owned()),
        );
    }
}

/// The new analytics, as answered: the cloud's needs a token besides, which only the administrator has.
fn write_analytics(context: &mut Context<'_, '_>, chosen: &str) {
    if chosen == "off" {
        return;
    }
    for target in 0..context.plan.nodes.len() {
        let derived = |value: Value| super::plan::Entry::derived(value, "the answer given").by("analytics");
        context.set(target, "apim.analytics.enable", derived(Value::Boolean(true)));
        if matches!(chosen, "elk" | "moesif") {
            context.set(target, "apim.analytics.type", derived(Value::text(chosen)));
        }
    }
}

/// Marks of a build tool that nothing has filled yet: carried letter by letter (semantics-settings.md 1.6).
fn raise_marks(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let node = &context.plan.nodes[target];
        let keys: Vec<&str> = node
            .entries
            .iter()
            .filter(|(_, entry)| codec::is_opaque(&entry.value.plain()))
            .map(|(key, _)| key.as_str())
            .collect();
        if !keys.is_empty() {
            let message = format!("marks of a template tool stand in {}", keys.join(", "));
            let name = node.name.clone();
            context.find_on(Code::TemplateMark, &name, message);
        }
    }
}

/// Variables of the product's own, which every server resolves.
const KNOWN: [&str; 24] = [
    "carbon.home",
    "carbon.local.ip",
    "carbon.host",
    "carbon.context",
    "carbon.protocol",
    "carbon.management.port",
    "mgt.transport.https.port",
    "mgt.transport.http.port",
    "https.nio.port",
    "http.nio.port",
    "receiver.url.port",
    "auth.url.port",
    "jms.port",
    "admin.username",
    "admin.password",
    "jms.url",
    "jms.username",
    "jms.password",
    "instance.log",
    "hotdeployment",
    "jaxwsparam",
    "require.carbon.servlet",
    "hostName",
    "httpsPort",
];

/// `${X}` in a written value that nothing in the input resolves (C.1): an error in an endpoint, else a warning.
fn raise_variables(context: &mut Context<'_, '_>) {
    let mut found: Vec<(String, String, String, bool)> = Vec::new();
    for node in &context.plan.nodes {
        for (key, entry) in &node.entries {
            for name in variables(&entry.value.plain()) {
                let known = KNOWN.contains(&name.as_str())
                    || name.starts_with("sys:")
                    || name.starts_with("env:")
                    || name.starts_with("Ports.");
                if !known && !found.iter().any(|(other, ..)| *other == name) {
                    let last = key.rsplit('.').next().unwrap_or(key);
                    let endpoint = (last.contains("url") || last.contains("endpoint")) && !key.starts_with("database.");
                    found.push((name, key.clone(), node.name.clone(), endpoint));
                }
            }
        }
    }
    for (name, key, node, endpoint) in found {
        let finding = context
            .find(Code::VariableUnknown, format!("{key} holds ${{{name}}}, which nothing in the input resolves: kept"));
        finding.node = Some(node);
        if endpoint {
            finding.severity = crate::diagnostic::Severity::Error;
        }
    }
}

fn variables(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        // `$ref{`, `$env{` and their like have a word before the brace and are not variables of this kind.
        let tail = rest.part(start + 2..);
        let Some(end) = tail.find('}') else { break };
        out.push(tail.part(..end).to_owned());
        rest = tail.part(end + 1..);
    }
    out
}
