//! The brokers that old nodes name in AMQP texts, and the credentials in them (C.5).

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::topology::source::amqp::{self, Amqp, Broker};
use crate::topology::source::host::{self, Port, Url};
use crate::value::Value;
use crate::version::Target;

use super::context::{Context, Question, bracketed, shift};
use super::groups::Said;
use super::plan::Entry;

/// The brokers that a gateway or all-in-one takes decisions from; `None` if they are its own. Read once: what is odd
/// about them is said then, and what goes with them is written.
pub fn brokers_of(context: &mut Context<'_, '_>, node: usize) -> Option<Said<Vec<String>>> {
    if let Some(known) = context.brokers.get(&node) {
        return known.clone();
    }
    let found = read(context, node);
    context.brokers.insert(node, found.clone());
    found
}

/// The brokers of a deployment.toml: a list.
fn read_list(context: &mut Context<'_, '_>, node: usize) -> Option<Said<Vec<String>>> {
    let fact = context.fact(node, "throttling.brokers")?;
    let urls = fact.value.split(',').filter_map(Url::parse);
    let brokers: Vec<Broker> =
        urls.map(|url| Broker { scheme: url.scheme, host: url.host, port: url.port, options: Vec::new() }).collect();
    settle(context, node, &brokers, vec![fact.setting])
}

fn read(context: &mut Context<'_, '_>, node: usize) -> Option<Said<Vec<String>>> {
    if context.fact(node, "throttling.brokers").is_some() {
        return read_list(context, node);
    }
    let fact = context.fact(node, "jms.connection")?;
    let (setting, changed) = (fact.setting, fact.changed);
    let mut text = fact.value.clone();
    let mut from = vec![setting];
    // 2.0 and 2.1 fill the text from its siblings.
    let mut filled = false;
    for (variable, fact) in
        [("${jms.url}", "jms.url"), ("${jms.username}", "jms.username"), ("${jms.password}", "jms.password")]
    {
        if text.contains(variable)
            && let Some(sibling) = context.fact(node, fact)
        {
            text = text.replace(variable, &sibling.value);
            if sibling.changed {
                from.push(sibling.setting);
                filled = true;
            }
        }
    }
    if !changed && !filled {
        return None;
    }
    let amqp = amqp::parse(&text)?;
    check_amqp(context, node, setting, &amqp, &text);
    settle(context, node, &amqp.brokers, from)
}

/// Brokers with real hosts and numbers for their ports; `None` if they are the node's own.
fn settle(
    context: &mut Context<'_, '_>,
    node: usize,
    said: &[Broker],
    from: Vec<SettingId>,
) -> Option<Said<Vec<String>>> {
    let setting = from[0];
    let mut brokers = Vec::new();
    for broker in said {
        let local = host::is_local(&broker.host);
        let named = if local { Some(node) } else { context.node_named(&broker.host) };
        let offset = named.map_or(0, |named| context.offset(named));
        let host_name = if local { context.host(node) } else { bracketed(&broker.host) };
        let port = match &broker.port {
            None => shift(5672, offset).to_string(),
            Some(Port::Number(5672)) if offset != 0 => {
                let message = format!("broker {host_name}:5672: the node has offset {offset}");
                context.find_at(Code::ExplicitPortIgnoresOffset, setting, message);
                "5672".to_owned()
            }
            Some(port) => port.number(offset).map_or_else(|| port.written(), |port| port.to_string()),
        };
        brokers.push(format!("tcp://{host_name}:{port}"));
    }
    let own = &context.source.nodes[node].own.host;
    let all_own = brokers.iter().all(|text| Url::parse(text).is_some_and(|url| context.same_host(&url.host, own)));
    let alone = context.source.nodes[node].has(Role::AllInOne) || context.source.nodes[node].has(Role::TrafficManager);
    if brokers.is_empty() || (all_own && alone && brokers.len() < 2) {
        for setting in from {
            context.absorb(setting, "names the node's own broker, which is the default");
        }
        return None;
    }
    Some(Said { what: brokers, from })
}

/// Options that 4.x writes for itself, credentials of its own.
fn check_amqp(context: &mut Context<'_, '_>, node: usize, setting: SettingId, amqp: &Amqp, text: &str) {
    if !amqp.oddities.is_empty() {
        context.find_at(Code::AmqpQuotes, setting, "a closing quote is missing: read as meant");
    }
    let fixed = [("failover", "roundrobin"), ("cyclecount", "2"), ("retries", "5"), ("connectdelay", "50")];
    let usual = |(name, value): (&String, &String)| {
        fixed.iter().any(|(known, fixed)| name.eq_ignore_ascii_case(known) && value.eq_ignore_ascii_case(fixed))
    };
    let mut lost: Vec<String> = amqp
        .options
        .iter()
        .chain(amqp.brokers.iter().flat_map(|broker| &broker.options))
        .filter(|(name, value)| !usual((name, value)) && !name.starts_with("ssl") && !name.contains("store"))
        .map(|(name, _)| name.clone())
        .collect();
    if !amqp.client_id.is_empty() && !amqp.client_id.eq_ignore_ascii_case("clientid") {
        lost.push("client id".to_owned());
    }
    if !amqp.virtual_host.is_empty() && amqp.virtual_host != "carbon" {
        lost.push("virtual host".to_owned());
    }
    lost.sort();
    lost.dedup();
    if !lost.is_empty() {
        let chosen = context.ask(Question {
            id: "amqp-verbatim",
            choices: &["no", "yes"],
            default: "no",
            affects: &["apim.throttling.jms.topic_connection_factory"],
            ..Question::default()
        });
        if chosen == "yes" {
            write_verbatim(context, node, setting, text);
        } else {
            context.find_at(Code::AmqpOptionsLost, setting, format!("not carried: {}", lost.join(", ")));
        }
    }
    write_tls(context, node, setting, amqp);
    check_factory(context, node, setting, text);
    write_credentials(context, node, setting, amqp);
}

/// The nodes that take decisions from the brokers that `node` names.
fn takers(context: &Context<'_, '_>, node: usize) -> Vec<usize> {
    (0..context.plan.nodes.len())
        .filter(|target| {
            let target = &context.plan.nodes[*target];
            let takes = matches!(target.profile, Profile::GatewayWorker | Profile::AllInOne);
            (takes && target.merged.contains(&node)) || target.profile == Profile::TrafficManager
        })
        .collect()
}

fn write_verbatim(context: &mut Context<'_, '_>, node: usize, setting: SettingId, text: &str) {
    for target in takers(context, node) {
        if context.plan.nodes[target].profile != Profile::TrafficManager {
            let entry = Entry::said(Value::text(text), vec![setting]).by("amqp-verbatim").secret(true);
            context.set(target, "apim.throttling.jms.topic_connection_factory", entry);
        }
    }
}

/// A TLS connection: two keys for the hub, since each is read by another template; the options of key and trust
/// store go into the same text, divided as the template's own options are (C.5).
fn write_tls(context: &mut Context<'_, '_>, node: usize, setting: SettingId, amqp: &Amqp) {
    let Some(broker) = amqp.brokers.iter().find(|broker| {
        let option =
            |name: &str| broker.options.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
        broker.scheme.eq_ignore_ascii_case("ssl")
            || option("ssl").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }) else {
        return;
    };
    let mut value = "true".to_owned();
    for (name, option) in broker.options.iter().filter(|(name, _)| name.contains("store") || name == "ssl_cert_alias") {
        value.extend(["'%26", name, "='", option]);
    }
    let secret = value.contains("password");
    let hub = context.target() != Target::V4_0 && !context.is_all_in_one();
    for target in takers(context, node) {
        for key in ["apim.throttling.jms.ssl", "apim.event_hub.jms.ssl", "apim.event_hub.ssl"] {
            if hub || key.starts_with("apim.throttling") {
                context.set(target, key, Entry::said(Value::text(value.clone()), vec![setting]).secret(secret));
            }
        }
    }
    context.find_at(
        Code::BrokerNeedsTls,
        setting,
        "the brokers are reached by TLS: each new broker needs broker.transport.amqp.ssl_connection and port 8672",
    );
}

/// A broker that is not the product's own: the event hub still needs one of its own.
fn check_factory(context: &mut Context<'_, '_>, node: usize, setting: SettingId, text: &str) {
    let Some(factory) = context.changed(node, "jms.factory") else { return };
    if factory.value.starts_with("org.wso2.andes.") {
        return;
    }
    let (value, from) = (factory.value.clone(), factory.setting);
    let chosen = context.ask(Question {
        id: "external-broker",
        choices: &["keep", "product"],
        default: "keep",
        open: true,
        affects: &["apim.throttling.jms.java_naming_factory_initial"],
        ..Question::default()
    });
    if chosen != "keep" {
        return;
    }
    write_verbatim(context, node, setting, text);
    for target in takers(context, node) {
        if context.plan.nodes[target].profile != Profile::TrafficManager {
            let entry = Entry::said(Value::text(value.clone()), vec![from]).by("external-broker");
            context.set(target, "apim.throttling.jms.java_naming_factory_initial", entry);
        }
    }
}

/// Broker credentials that are not the super admin's.
fn write_credentials(context: &mut Context<'_, '_>, node: usize, setting: SettingId, amqp: &Amqp) {
    let (user, password) = (&amqp.user, &amqp.password);
    if user.is_empty() || password.is_empty() {
        return;
    }
    if context.is_admin_name(user) && context.is_admin_password(password) {
        return;
    }
    write_credential(context, node, setting, "username", user);
    write_credential(context, node, setting, "password", password);
}

/// One half of the brokers' credentials: for the decisions, and for the event hub.
fn write_credential(context: &mut Context<'_, '_>, node: usize, setting: SettingId, field: &str, value: &str) {
    let hub = context.target() != Target::V4_0 && !context.is_all_in_one();
    let tables = if hub { &["apim.throttling.jms", "apim.event_hub.jms"][..] } else { &["apim.throttling.jms"] };
    for target in takers(context, node) {
        for table in tables {
            let entry = Entry::said(Value::text(value), vec![setting]).secret(field == "password");
            context.set(target, format!("{table}.{field}"), entry);
        }
    }
}

/// In 3.x the user for the traffic managers' receivers is that for their brokers too, unless a key of its own says
/// another: 4.x has two keys for the two.
pub fn write_receivers(context: &mut Context<'_, '_>, node: usize, setting: SettingId, field: &str, value: &str) {
    let key = format!("apim.throttling.jms.{field}");
    let old = &context.nodes[node];
    if old.version.major == 3 && old.settings.settings.iter().all(|setting| setting.leaf.path != key) {
        write_credential(context, node, setting, field, value);
    }
}
