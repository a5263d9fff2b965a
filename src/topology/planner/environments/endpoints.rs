//! The public endpoints of an environment: http, https, ws, wss (C.6).

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::topology::planner::conflicts::{Held, Word};
use crate::topology::planner::context::{Context, PortOf, bracketed, shift};
use crate::topology::planner::plan::{Entry, Use};
use crate::topology::source::host::{self, Port, Url};
use crate::value::Value;

use super::labels::stands_on;
use super::{Gateway, Said};

/// What nodes say of the endpoints that are not local.
#[derive(Default)]
struct Public {
    /// By field, in the owners' order.
    words: IndexMap<&'static str, Vec<Word>>,
    /// The leaves that name the gateway only as `localhost`.
    local: Vec<SettingId>,
    /// The first host with an http or https endpoint.
    host: Option<String>,
    /// The node that opens the endpoint's port there.
    node: Option<usize>,
    /// The first WebSocket port.
    ws_port: Option<PortOf>,
}

/// The endpoints: keys below the environment's entry, and what they say.
pub fn of(context: &mut Context<'_, '_>, said: &Said<'_, '_>, index: usize, gateway: &Gateway) -> Vec<(String, Entry)> {
    let mut public = Public::default();
    for fact_name in ["environment.endpoints", "environment.ws-endpoints"] {
        for (node, fact) in said.get(fact_name).into_iter().flatten() {
            for text in fact.value.split(',').map(str::trim).filter(|text| !text.is_empty()) {
                if let Some(url) = Url::parse(text) {
                    public.read(context, *node, fact.setting, &url, gateway);
                }
            }
        }
    }
    let mut held: IndexMap<&'static str, Held> = IndexMap::new();
    for (field, words) in &public.words {
        let key = format!("apim.gateway.environment[{index}].{field}");
        held.insert(*field, context.settle(&key, words, true, None));
    }
    derive(context, &held, &public, gateway)
}

impl Public {
    fn read(&mut self, context: &mut Context<'_, '_>, node: usize, setting: SettingId, url: &Url, gateway: &Gateway) {
        // An all-in-one that is only known as `localhost` keeps the lines of its own deployment.toml.
        let kept =
            context.is_all_in_one() && context.nodes[node].version.major > 2 && host::is_local(&gateway.address.host);
        if host::is_local(&url.host) && !kept {
            self.local.push(setting);
            return;
        }
        let (field, base) = match url.scheme.to_ascii_lowercase().as_str() {
            "http" => ("http_endpoint", 8280),
            "https" => ("https_endpoint", 8243),
            "ws" => ("ws_endpoint", 9099),
            "wss" => ("wss_endpoint", 8099),
            _ => return,
        };
        let named = node_at(context, node, url);
        let offset = named.map_or(0, |named| context.offset(named));
        if url.port == Some(Port::Number(base)) && offset != 0 {
            let message = format!("{field} has port {base}: the gateway has offset {offset}");
            context.find_at(Code::ExplicitPortIgnoresOffset, setting, message);
        }
        let port = endpoint_port(context, node, url, gateway);
        if field.starts_with("http") && self.host.is_none() {
            self.host = Some(bracketed(&url.host));
            self.node = named;
        }
        if field == "ws_endpoint" && self.ws_port.is_none() {
            self.ws_port = Some(port.clone());
        }
        let suffix = match &url.port {
            Some(port) if kept => format!(":{}", port.written()),
            _ => port.suffix(),
        };
        let text = format!("{}://{}{suffix}{}", url.scheme, bracketed(&url.host), url.path);
        let words = self.words.entry(field).or_default();
        // Of two endpoints of one scheme in one text the first counts.
        if !words.iter().any(|word| word.from == Some(setting)) {
            words.push(Word::of(setting, text));
        }
    }
}

/// The pass-through listeners: the product's port, and the keys of one's own.
pub(super) const PLAIN: (u16, [&str; 2]) =
    (8280, ["transport.http.listener.port", "transport.passthru_http.listener.parameters.port"]);
pub(super) const SECURED: (u16, [&str; 2]) =
    (8243, ["transport.http.listener.secured_port", "transport.passthru_https.listener.parameters.port"]);

/// The port that the pass-through listener of a gateway opens: its own or the product's, and its offset.
pub(super) fn pass_through(
    context: &Context<'_, '_>,
    node: Option<usize>,
    (base, keys): (u16, [&str; 2]),
    offset: i64,
) -> u16 {
    let said = node.and_then(|node| {
        let mut sayings = context.nodes[node].settings.sayings.iter();
        sayings.find(|saying| keys.contains(&saying.key.as_str()))?.value.plain().parse().ok()
    });
    shift(said.unwrap_or(base), offset)
}

/// The node that an endpoint's host means; of several on that host the one that opens its port.
fn node_at(context: &Context<'_, '_>, reader: usize, url: &Url) -> Option<usize> {
    match stands_on(context, reader, url)[..] {
        [only] if !url.is_local() => Some(only),
        _ => context.node_named(&url.host),
    }
}

/// The port of an endpoint: a variable means the pass-through port of the gateway that the host names.
fn endpoint_port(context: &Context<'_, '_>, node: usize, url: &Url, gateway: &Gateway) -> PortOf {
    match &url.port {
        Some(port @ Port::Text(_)) => {
            let named = node_at(context, node, url).or(gateway.node);
            let offset = named.map_or(gateway.offset, |named| context.offset(named));
            match port.written().as_str() {
                "${http.nio.port}" => PortOf::Number(pass_through(context, named, PLAIN, offset)),
                "${https.nio.port}" => PortOf::Number(pass_through(context, named, SECURED, offset)),
                _ => port.number(offset).map_or_else(|| PortOf::Opaque(port.written()), PortOf::Number),
            }
        }
        _ => context.port(node, url),
    }
}

/// All four, those that nobody says from the gateway's own address.
fn derive(
    context: &mut Context<'_, '_>,
    held: &IndexMap<&'static str, Held>,
    public: &Public,
    gateway: &Gateway,
) -> Vec<(String, Entry)> {
    let gateway_host = if gateway.address.host.is_empty() { "localhost" } else { gateway.address.host.as_str() };
    let base = public.host.as_deref().unwrap_or(gateway_host).to_owned();
    let ws = held.get("ws_endpoint").map(|held| held.text.clone());
    let web_socket_host = ws.as_deref().and_then(Url::parse).map_or_else(|| base.clone(), |url| bracketed(&url.host));
    // The ports are those of the gateway that the public name means, if a node has that name.
    let node = public.node.or_else(|| context.node_named(&base)).or(gateway.node);
    let offset = node.map_or(gateway.offset, |named| context.offset(named));
    // wss is shifted as far as ws is from its base port.
    let secure_port = match &public.ws_port {
        Some(PortOf::Number(port)) => format!(":{}", shift(8099, i64::from(*port) - 9099)),
        Some(PortOf::Absent) => String::new(),
        Some(PortOf::Opaque(_)) | None => format!(":{}", shift(8099, offset)),
    };
    let derived = [
        ("ws_endpoint", format!("ws://{base}:{}", shift(9099, offset))),
        ("wss_endpoint", format!("wss://{web_socket_host}{secure_port}")),
        ("http_endpoint", format!("http://{base}:{}", pass_through(context, node, PLAIN, offset))),
        ("https_endpoint", format!("https://{base}:{}", pass_through(context, node, SECURED, offset))),
    ];
    // A text with only one scheme leaves the other field out; a local one means both.
    let only_some = public.host.is_some();
    let mut out = Vec::new();
    let mut endpoint_derived = false;
    for (key, value) in derived {
        let entry = match held.get(key) {
            Some(held) => held.entry(Value::text(held.text.clone())),
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
        match public.local.first() {
            Some(setting) => context.find_at(Code::EnvironmentEndpointDerived, *setting, message),
            None => {
                context.find(Code::EnvironmentEndpointDerived, message);
            }
        }
    }
    for setting in &public.local {
        context.mark(*setting, Use::Absorbed("local: the gateway's own address was written".to_owned()));
    }
    out
}
