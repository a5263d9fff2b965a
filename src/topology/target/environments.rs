//! Gateway environments (C.6): one entry for each name, merged from all nodes that list it, on the control plane.

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::{Fact, SettingId};
use crate::role::{Profile, Role};
use crate::topology::source::Address;
use crate::topology::source::host::{self, Port, Url};
use crate::value::Value;
use crate::version::Target;

use super::context::{Context, PortOf, Question, bracketed, same_host, shift};
use super::plan::{Entry, Use};

const DESCRIPTION: &str = "This is a hybrid gateway that handles both production and sandbox token traffic.";
/// The name that 2.x and 3.x ship.
pub const LEGACY_NAME: &str = "Production and Sandbox";
/// Owners of an environment's fields, first that speaks wins (D.2).
const OWNERS: [Role; 5] = [Role::Publisher, Role::Store, Role::KeyManager, Role::GatewayWorker, Role::GatewayManager];

/// All that nodes say of one environment: facts by name, in the owners' order.
type Said<'c, 'a> = IndexMap<&'c str, Vec<(usize, &'c Fact<'a>)>>;

/// Writes the environments, and the labels of the gateways that serve them.
pub fn write(context: &mut Context<'_, '_>) {
    let environments = collect(context);
    let targets = context.control_planes();
    let gateway = gateway_address(context);
    let mut names = Vec::new();
    if targets.is_empty() {
        names.extend(environments.keys().map(|name| (name.clone(), name.clone())));
        if names.is_empty() {
            names.push((LEGACY_NAME.to_owned(), LEGACY_NAME.to_owned()));
        }
    } else {
        for (index, (name, said)) in environments.iter().enumerate() {
            let chosen = context.ask(Question {
                id: "environment-name",
                about: name,
                choices: &["keep", "Default"],
                default: "keep",
                affects: &["apim.gateway.environment[].name", "apim.sync_runtime_artifacts.gateway.gateway_labels"],
                ..Question::default()
            });
            let written = if chosen == "keep" { name.clone() } else { chosen };
            let fields = fields(context, index, &written, said, &gateway);
            for target in &targets {
                for (key, entry) in &fields {
                    context.set(*target, format!("apim.gateway.environment[{index}].{key}"), entry.clone());
                }
            }
            names.push((written, name.clone()));
        }
        if environments.is_empty() {
            write_assumed(context, &targets, &gateway);
            names.push((LEGACY_NAME.to_owned(), LEGACY_NAME.to_owned()));
        }
    }
    write_labels(context, &names, &environments);
    if context.target() == Target::V4_0 {
        // The 4.0 guide's two fields on the traffic manager (B.7).
        for target in context.targets(Profile::TrafficManager) {
            for (index, (written, name)) in names.iter().enumerate() {
                let key = |field: &str| format!("apim.gateway.environment[{index}].{field}");
                context.derive(target, key("name"), Value::text(written.clone()), "as on the control plane");
                let kind = environments
                    .get(name)
                    .and_then(|said| first(said, "environment.type"))
                    .map_or("hybrid", |(_, fact)| fact.value.as_str());
                context.derive(target, key("type"), Value::text(kind), "as on the control plane");
            }
        }
    }
}

/// The environments by name, in the owners' order. One whose leaves are all at their shipped values is silence,
/// if any other is not.
fn collect<'c, 'a>(context: &Context<'c, 'a>) -> IndexMap<String, Said<'c, 'a>> {
    let mut all: IndexMap<String, Said<'c, 'a>> = IndexMap::new();
    let mut spoken: Vec<String> = Vec::new();
    for node in context.in_order(&OWNERS) {
        let nodes = context.nodes;
        for fact in nodes[node].settings.facts.iter().filter(|fact| fact.name.starts_with("environment.")) {
            let Some(name) = &fact.entity else { continue };
            all.entry(name.clone()).or_default().entry(fact.name).or_default().push((node, fact));
            // Where a node only repeats what is shipped, it says nothing; local endpoints are what is shipped.
            if fact.changed && !spoken.contains(name) {
                spoken.push(name.clone());
            }
        }
    }
    if !spoken.is_empty() {
        all.retain(|name, _| spoken.contains(name));
    }
    all
}

/// What a node says of a field: the first that changed it; if none did, the first that has it.
fn first<'s, 'a>(said: &'s Said<'_, 'a>, name: &str) -> Option<(usize, &'s Fact<'a>)> {
    let facts = said.get(name)?;
    facts
        .iter()
        .find(|(_, fact)| fact.changed && !fact.value.is_empty())
        .or_else(|| facts.first())
        .map(|(node, fact)| (*node, *fact))
}

/// How the gateway is reached.
struct Gateway {
    address: Address,
    offset: i64,
}

fn gateway_address(context: &Context<'_, '_>) -> Gateway {
    let workers = context.with_role(Role::GatewayWorker);
    let managers = context.with_role(Role::GatewayManager);
    let all_in_ones = context.with_role(Role::AllInOne);
    let node = workers.first().or(managers.first()).or(all_in_ones.first()).copied();
    let service = [Role::GatewayWorker, Role::GatewayManager, Role::AllInOne]
        .iter()
        .find_map(|role| context.source.services.get(role))
        .cloned();
    let own = node.map(|node| context.source.nodes[node].own.clone());
    let address = match (service, own) {
        (Some(service), _) => service,
        (None, Some(own)) => own,
        (None, None) => {
            Address { host: "localhost".to_owned(), port: None, how: "no node is a gateway".to_owned(), guessed: true }
        }
    };
    Gateway { address, offset: node.map_or(0, |node| context.offset(node)) }
}

fn fields(
    context: &mut Context<'_, '_>,
    index: usize,
    name: &str,
    said: &Said<'_, '_>,
    gateway: &Gateway,
) -> Vec<(String, Entry)> {
    let mut out: Vec<(String, Entry)> = Vec::new();
    let key = |field: &str| format!("apim.gateway.environment[{index}].{field}");
    let mut names: Vec<SettingId> =
        said.get("environment.name").into_iter().flatten().map(|(_, fact)| fact.setting).collect();
    names.dedup();
    out.push(("name".into(), Entry::said(Value::text(name), names).by("environment-name")));

    let (kind, from) = field(context, said, "environment.type", &key("type"), true);
    out.push(match kind {
        Some(kind) => ("type".into(), Entry::said(Value::text(kind), from)),
        None => ("type".into(), Entry::derived(Value::text("hybrid"), "no `type`: the product's default")),
    });
    let (console, from) = field(context, said, "environment.api-console", &key("display_in_api_console"), false);
    out.push(boolean("display_in_api_console", console, from, true, "no `api-console`: the product's default"));
    let (description, from) = field(context, said, "environment.description", &key("description"), false);
    out.push(match description {
        Some(text) => ("description".into(), Entry::said(Value::text(text), from)),
        None => {
            ("description".into(), Entry::derived(Value::text(DESCRIPTION), "no `Description`: the shipped sentence"))
        }
    });
    let (default, from) = field(context, said, "environment.is-default", &key("show_as_token_endpoint_url"), false);
    out.push(boolean(
        "show_as_token_endpoint_url",
        default,
        from,
        index == 0,
        "no `isDefault`: only the first environment's URL is shown",
    ));
    out.extend(service_url(context, said, &key("service_url"), gateway));
    for (fact, field_name) in [("environment.username", "username"), ("environment.password", "password")] {
        let (value, from) = field(context, said, fact, &key(field_name), false);
        let variable = if field_name == "username" { "${admin.username}" } else { "${admin.password}" };
        let secret = field_name == "password";
        let entry = match value {
            Some(value) if secret && context.is_admin_password(&value) => Entry::said(Value::text(variable), from),
            Some(value) if !secret && context.is_admin_name(&value) => Entry::said(Value::text(variable), from),
            Some(value) => Entry::said(Value::text(value), from).secret(secret),
            None => Entry::derived(Value::text(variable), "no credentials: the super admin's"),
        };
        out.push((field_name.into(), entry));
    }
    out.extend(endpoints(context, said, index, gateway));
    out
}

/// One plain field: what holds, and the leaves that say so. Others that changed it to something else are in
/// conflict.
fn field(
    context: &mut Context<'_, '_>,
    said: &Said<'_, '_>,
    name: &str,
    key: &str,
    open: bool,
) -> (Option<String>, Vec<SettingId>) {
    let Some((_, winner)) = first(said, name) else { return (None, Vec::new()) };
    let facts = &said[name];
    let same = |value: &str| {
        value == winner.value
            || (name == "environment.username" && context.is_admin_name(value) && context.is_admin_name(&winner.value))
            || (name == "environment.password"
                && context.is_admin_password(value)
                && context.is_admin_password(&winner.value))
            || (matches!(name, "environment.api-console" | "environment.is-default")
                && value.eq_ignore_ascii_case(&winner.value))
    };
    let from: Vec<SettingId> =
        facts.iter().filter(|(_, fact)| same(&fact.value)).map(|(_, fact)| fact.setting).collect();
    let losers: Vec<SettingId> =
        facts.iter().filter(|(_, fact)| fact.changed && !same(&fact.value)).map(|(_, fact)| fact.setting).collect();
    let mut value = winner.value.clone();
    if !losers.is_empty() {
        value = context.conflict(key, winner.setting, &losers, open, &value);
    }
    (Some(value), from)
}

fn boolean(key: &str, value: Option<String>, from: Vec<SettingId>, default: bool, why: &str) -> (String, Entry) {
    let entry = match value {
        Some(text) => Entry::said(crate::mapping::codec::typed(&text), from),
        None => Entry::derived(Value::Boolean(default), why),
    };
    (key.to_owned(), entry)
}

/// Whether a URL's host is the reader itself.
fn local_url(context: &Context<'_, '_>, node: usize, text: &str) -> bool {
    let all_in_one = context.source.nodes[node].has(Role::AllInOne);
    Url::parse(text).is_none_or(|url| host::is_local(&url.host) || (all_in_one && context.is_node(node, &url.host)))
}

fn service_url(
    context: &mut Context<'_, '_>,
    said: &Said<'_, '_>,
    key: &str,
    gateway: &Gateway,
) -> Option<(String, Entry)> {
    let kept = context.ask(Question {
        id: "environment-service-url",
        choices: &["keep", "drop"],
        default: "keep",
        affects: &["apim.gateway.environment[].service_url"],
        ..Question::default()
    });
    let facts = said.get("environment.service-url").cloned().unwrap_or_default();
    if kept == "drop" {
        for (_, fact) in facts {
            context.mark(fact.setting, Use::Retired("dropped by decision `environment-service-url`".to_owned()));
        }
        return None;
    }
    let mut remote: Vec<(SettingId, String)> = Vec::new();
    let mut local = Vec::new();
    for (node, fact) in &facts {
        if fact.value.is_empty() {
            continue;
        }
        if local_url(context, *node, &fact.value) {
            local.push(fact.setting);
        } else if let Some(url) = Url::parse(&fact.value) {
            let port = context.port(*node, &url);
            remote.push((
                fact.setting,
                format!("{}://{}{}{}", url.scheme, bracketed(&url.host), port.suffix(), context_path(&url.path)),
            ));
        }
    }
    if let Some((winner, value)) = remote.first().cloned() {
        let losers: Vec<SettingId> =
            remote.iter().filter(|(_, other)| *other != value).map(|(setting, _)| *setting).collect();
        if !losers.is_empty() {
            context.conflict(key, winner, &losers, false, &value);
        }
        let from = remote.iter().filter(|(_, other)| *other == value).map(|(setting, _)| *setting).collect();
        return Some(("service_url".into(), Entry::said(Value::text(value), from).by("environment-service-url")));
    }
    let value = if context.is_all_in_one() {
        "https://localhost:${mgt.transport.https.port}/services/".to_owned()
    } else {
        format!("https://{}/services/", gateway.address.authority())
    };
    Some(("service_url".into(), Entry::said(Value::text(value), local).by("environment-service-url")))
}

/// `${carbon.context}` is the root in 4.x (C.1).
pub fn context_path(path: &str) -> String {
    let path = path.replace("${carbon.context}", "/");
    let mut out = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') && !path.is_empty() {
        out.push('/');
    }
    for character in path.chars() {
        if character != '/' || !out.ends_with('/') {
            out.push(character);
        }
    }
    out
}

/// The public endpoints: http, https, ws, wss.
fn endpoints(
    context: &mut Context<'_, '_>,
    said: &Said<'_, '_>,
    index: usize,
    gateway: &Gateway,
) -> Vec<(String, Entry)> {
    let mut found: IndexMap<&'static str, (String, Vec<SettingId>)> = IndexMap::new();
    let mut local: Vec<SettingId> = Vec::new();
    let mut public_host: Option<String> = None;
    let mut ws_port: Option<PortOf> = None;
    for fact_name in ["environment.endpoints", "environment.ws-endpoints"] {
        for (node, fact) in said.get(fact_name).cloned().unwrap_or_default() {
            for text in fact.value.split(',').map(str::trim).filter(|text| !text.is_empty()) {
                let Some(url) = Url::parse(text) else { continue };
                if host::is_local(&url.host) {
                    local.push(fact.setting);
                    continue;
                }
                let key = match url.scheme.to_ascii_lowercase().as_str() {
                    "http" => "http_endpoint",
                    "https" => "https_endpoint",
                    "ws" => "ws_endpoint",
                    "wss" => "wss_endpoint",
                    _ => continue,
                };
                let port = endpoint_port(context, node, &url, gateway);
                if key.starts_with("http") {
                    public_host.get_or_insert_with(|| bracketed(&url.host));
                }
                if key == "ws_endpoint" && ws_port.is_none() {
                    ws_port = Some(port.clone());
                }
                let value = format!("{}://{}{}{}", url.scheme, bracketed(&url.host), port.suffix(), url.path);
                add_endpoint(context, &mut found, key, index, value, fact.setting);
            }
        }
    }
    derive_endpoints(context, &mut found, &local, public_host.as_deref(), ws_port.as_ref(), gateway)
}

/// The port of an endpoint: a variable means the pass-through port of the gateway that the host names.
fn endpoint_port(context: &Context<'_, '_>, node: usize, url: &Url, gateway: &Gateway) -> PortOf {
    match &url.port {
        Some(port @ Port::Text(_)) => {
            let offset = context.node_named(&url.host).map_or(gateway.offset, |named| context.offset(named));
            port.number(offset).map_or_else(|| PortOf::Opaque(port.written()), PortOf::Number)
        }
        _ => context.port(node, url),
    }
}

fn add_endpoint(
    context: &mut Context<'_, '_>,
    found: &mut IndexMap<&'static str, (String, Vec<SettingId>)>,
    key: &'static str,
    index: usize,
    value: String,
    setting: SettingId,
) {
    match found.get_mut(key) {
        None => {
            found.insert(key, (value, vec![setting]));
        }
        Some((known, from)) if *known == value => from.push(setting),
        Some((known, from)) => {
            let (winner, known) = (from[0], known.clone());
            if winner != setting {
                context.conflict(&format!("apim.gateway.environment[{index}].{key}"), winner, &[setting], true, &known);
            }
        }
    }
}

fn derive_endpoints(
    context: &mut Context<'_, '_>,
    found: &mut IndexMap<&'static str, (String, Vec<SettingId>)>,
    local: &[SettingId],
    public_host: Option<&str>,
    ws_port: Option<&PortOf>,
    gateway: &Gateway,
) -> Vec<(String, Entry)> {
    let gateway_host = if gateway.address.host.is_empty() { "localhost" } else { gateway.address.host.as_str() };
    let base = public_host.unwrap_or(gateway_host).to_owned();
    let ws = found.get("ws_endpoint").map(|(value, _)| value.clone());
    let web_socket_host = ws.as_deref().and_then(Url::parse).map_or_else(|| base.clone(), |url| bracketed(&url.host));
    // The ports are those of the gateway that the public name means, if a node has that name.
    let offset = context.node_named(&base).map_or(gateway.offset, |named| context.offset(named));
    // wss is shifted as far as ws is from its base port.
    let secure_port = match ws_port {
        Some(PortOf::Number(port)) => format!(":{}", shift(8099, i64::from(*port) - 9099)),
        Some(PortOf::Absent) => String::new(),
        Some(PortOf::Opaque(_)) | None => format!(":{}", shift(8099, offset)),
    };
    let derived = [
        ("ws_endpoint", format!("ws://{base}:{}", shift(9099, offset))),
        ("wss_endpoint", format!("wss://{web_socket_host}{secure_port}")),
        ("http_endpoint", format!("http://{base}:{}", shift(8280, offset))),
        ("https_endpoint", format!("https://{base}:{}", shift(8243, offset))),
    ];
    // A text with only one scheme leaves the other field out; a local one means both.
    let only_some = public_host.is_some();
    let mut out = Vec::new();
    let mut endpoint_derived = false;
    for (key, value) in derived {
        let entry = match found.get(key) {
            Some((value, from)) => Entry::said(Value::text(value.clone()), from.clone()),
            None if key.starts_with("http") && only_some => continue,
            None => {
                endpoint_derived |= key.starts_with("http");
                Entry::derived(Value::text(value), format!("the gateway's host and its port, offset {offset} included"))
            }
        };
        out.push((key.to_owned(), entry));
    }
    if endpoint_derived {
        let message = "the public endpoints are local in the old file: the gateway's own address was written";
        match local.first() {
            Some(setting) => context.find_at(Code::EnvironmentEndpointDerived, *setting, message),
            None => {
                context.find(Code::EnvironmentEndpointDerived, message);
            }
        }
    }
    for setting in local {
        context.mark(*setting, Use::Absorbed("local: the gateway's own address was written".to_owned()));
    }
    out
}

/// No file lists an environment: the one that 2.x ships, on the gateways found.
fn write_assumed(context: &mut Context<'_, '_>, targets: &[usize], gateway: &Gateway) {
    let said = Said::new();
    let fields = fields(context, 0, LEGACY_NAME, &said, gateway);
    for target in targets {
        for (key, entry) in &fields {
            let entry = if key == "name" {
                Entry::derived(entry.value.clone(), "no file lists an environment: the name that 2.x ships")
            } else {
                entry.clone()
            };
            context.set(*target, format!("apim.gateway.environment[0].{key}"), entry);
        }
    }
}

/// The labels of gateways: names of the environments that they serve.
fn write_labels(
    context: &mut Context<'_, '_>,
    names: &[(String, String)],
    environments: &IndexMap<String, Said<'_, '_>>,
) {
    let targets = [context.targets(Profile::GatewayWorker), context.targets(Profile::AllInOne)].concat();
    for target in targets {
        let node = context.plan.nodes[target].stands_on;
        let mut labels: Vec<(String, String)> = names
            .iter()
            .filter(|(_, name)| {
                names.len() == 1 || node.is_none_or(|node| serves(context, node, environments.get(name)))
            })
            .cloned()
            .collect();
        if labels.is_empty() {
            let name = context.plan.nodes[target].name.clone();
            context.find_on(
                Code::LabelWithoutEnvironment,
                &name,
                format!("no environment names `{name}`: it gets all of them"),
            );
            labels = names.to_vec();
        }
        if context.plan.nodes[target].profile == Profile::AllInOne {
            labels = names.to_vec();
        }
        if labels.len() == 1 && labels[0].0 == "Default" {
            continue;
        }
        let from: Vec<SettingId> = labels
            .iter()
            .filter_map(|(_, name)| environments.get(name))
            .flat_map(|said| said.get("environment.name").into_iter().flatten().map(|(_, fact)| fact.setting))
            .collect();
        let value = Value::list(labels.into_iter().map(|(written, _)| written));
        let mut entry = Entry::said(value, from).by("environment-name");
        if entry.from.is_empty() {
            entry.derived = Some("the environment's name".to_owned());
        }
        context.set(target, "apim.sync_runtime_artifacts.gateway.gateway_labels", entry);
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
                let shared = service.is_some_and(|address| same_host(&address.host, &url.host))
                    && context
                        .with_role(Role::GatewayWorker)
                        .iter()
                        .all(|other| context.source.nodes[*other].twins == twins);
                context.is_node(node, &url.host) || shared
            })
        },
    )
}
