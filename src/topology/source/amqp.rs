//! AMQP connection URLs, as C.5 of the specification gives their grammar.
//!
//! ```text
//! amqp://[user[:password]]@[client-id]/[virtual-host]?option='value'&option='value'…
//! ```
//!
//! Options of the URL and of its brokers are told apart by their *names*, so that nested and missing quotes are
//! read without loss.

use super::host::Url;

/// A broker of the list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broker {
    /// `tcp` or `ssl`.
    pub scheme: String,
    /// The host, as written.
    pub host: String,
    /// The port, if given: a number or a variable.
    pub port: Option<String>,
    /// Its options, in order.
    pub options: Vec<(String, String)>,
}

/// A connection URL.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amqp {
    /// The user, percent escapes decoded.
    pub user: Option<String>,
    /// The password, percent escapes decoded.
    pub password: Option<String>,
    /// The client id.
    pub client_id: Option<String>,
    /// The virtual host.
    pub virtual_host: Option<String>,
    /// Options of the URL but the broker list, in order.
    pub options: Vec<(String, String)>,
    /// The brokers, in order.
    pub brokers: Vec<Broker>,
    /// A quote was missing, or one too many.
    pub repaired_quotes: bool,
}

/// Reads a connection URL; `None` if it is none.
#[must_use]
pub fn parse(text: &str) -> Option<Amqp> {
    let rest = text.trim().strip_prefix("amqp://")?;
    // User info ends at the last `@` before the first `?`: passwords may hold `@` and `/`.
    let query_start = rest.find('?').unwrap_or(rest.len());
    let (head, query) = rest.split_at(query_start);
    let (user_info, address) = head.rsplit_once('@').unwrap_or(("", head));
    let (client_id, virtual_host) = address.split_once('/').unwrap_or((address, ""));
    let (user, password) = match split_user_info(user_info) {
        Some((user, password)) => (user, Some(password)),
        None => (user_info, None),
    };
    let filled = |text: &str| (!text.is_empty()).then(|| decode(text));
    let mut amqp = Amqp {
        user: filled(user),
        password: password.and_then(filled),
        client_id: filled(client_id),
        virtual_host: filled(virtual_host),
        repaired_quotes: query.matches('\'').count() % 2 == 1,
        ..Amqp::default()
    };
    read_query(query, &mut amqp);
    Some(amqp)
}

/// `user:password`, but not the colon inside `${sys:x}`.
fn split_user_info(text: &str) -> Option<(&str, &str)> {
    let mut inside = false;
    for (index, character) in text.char_indices() {
        match character {
            '{' => inside = true,
            '}' => inside = false,
            ':' if !inside => return Some((&text[..index], &text[index + 1..])),
            _ => {}
        }
    }
    None
}

fn read_query(query: &str, amqp: &mut Amqp) {
    let query = query.trim_start_matches('?').replace("&amp;", "&").replace("%26", "&");
    let (before, list) = match query.find("brokerlist=") {
        Some(start) => (&query[..start], &query[start + "brokerlist=".len()..]),
        None => (query.as_str(), ""),
    };
    amqp.options.extend(options(before));
    // What follows the list's brokers and has a name of the URL's level belongs to the URL.
    for broker in list.split(';') {
        let broker = broker.trim().trim_start_matches('\'');
        let (address, broker_options) = broker.split_once('?').unwrap_or_else(|| match broker.find("'&") {
            Some(end) => (&broker[..end], &broker[end + 1..]),
            None => (broker, ""),
        });
        let Some(url) = Url::parse(address.trim_end_matches('\'')) else { continue };
        let mut found = Broker {
            scheme: url.scheme.to_owned(),
            host: url.host.to_owned(),
            port: url.port.map(|port| port.trim_end_matches('\'').to_owned()),
            options: Vec::new(),
        };
        for (name, value) in options(broker_options) {
            if BROKER_OPTIONS.contains(&name.as_str()) {
                found.options.push((name, value));
            } else {
                amqp.options.push((name, value));
            }
        }
        amqp.brokers.push(found);
    }
}

/// The options of a broker; all others are the URL's.
const BROKER_OPTIONS: [&str; 11] = [
    "retries",
    "connectdelay",
    "connecttimeout",
    "ssl",
    "ssl_cert_alias",
    "trust_store",
    "trust_store_password",
    "key_store",
    "key_store_password",
    "tcp_nodelay",
    "sasl_mechs",
];

fn options(text: &str) -> impl Iterator<Item = (String, String)> {
    text.split('&').filter_map(|option| {
        let (name, value) = option.split_once('=')?;
        let name = name.trim().trim_matches('\'');
        (!name.is_empty()).then(|| (name.to_owned(), value.trim().trim_matches('\'').to_owned()))
    })
}

/// Decodes `%41`; what is no escape stays.
fn decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut index = 0;
    while index < bytes.len() {
        let escape = (bytes[index] == b'%')
            .then(|| text.get(index + 1..index + 3).and_then(|digits| u8::from_str_radix(digits, 16).ok()))
            .flatten();
        out.push(escape.unwrap_or(bytes[index]));
        index += if escape.is_some() { 3 } else { 1 };
    }
    String::from_utf8(out).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::parse;

    fn brokers(text: &str) -> Vec<String> {
        let amqp = parse(text).expect("a connection URL");
        amqp.brokers
            .iter()
            .map(|broker| {
                let options: Vec<String> =
                    broker.options.iter().map(|(name, value)| format!("{name}={value}")).collect();
                format!(
                    "{}://{}:{} {}",
                    broker.scheme,
                    broker.host,
                    broker.port.as_deref().unwrap_or("-"),
                    options.join(" ")
                )
                .trim_end()
                .to_owned()
            })
            .collect()
    }

    #[test]
    fn reads_the_forms_of_real_files() {
        for (text, expected) in [
            ("amqp://admin:admin@clientid/carbon?brokerlist='tcp://localhost:5672'", vec!["tcp://localhost:5672"]),
            (
                "amqp://a:b@clientID/carbon?failover='roundrobin'%26cyclecount='2'%26brokerlist='tcp://x:5672?retries='5'%26connectdelay='50';tcp://y:5672?retries='5'%26connectdelay='50''",
                vec!["tcp://x:5672 retries=5 connectdelay=50", "tcp://y:5672 retries=5 connectdelay=50"],
            ),
            (
                "amqp://a:b@c/carbon?brokerlist='tcp://x:5672?retries='5'&connectdelay='50';tcp://y:5672;'",
                vec!["tcp://x:5672 retries=5 connectdelay=50", "tcp://y:5672"],
            ),
            (
                "amqp://a:b@c/carbon?brokerlist='tcp://${carbon.local.ip}:${jms.port}'",
                vec!["tcp://${carbon.local.ip}:${jms.port}"],
            ),
            ("amqp://a:b@c/carbon?brokerlist='tcp://x'", vec!["tcp://x:-"]),
            ("amqp://a:b@c/carbon?brokerlist='tcp://x:5672'&failover='roundrobin'", vec!["tcp://x:5672"]),
        ] {
            assert_eq!(brokers(text), expected, "{text}");
        }
    }

    #[test]
    fn reads_credentials_and_options() {
        let amqp =
            parse("amqp://u%40x:p@ss/w:rd@cid/v?brokerlist='tcp://x:1'&failover='single'").expect("a connection URL");
        assert_eq!(amqp.user.as_deref(), Some("u@x"));
        assert_eq!(amqp.password.as_deref(), Some("p@ss/w:rd"));
        assert_eq!((amqp.client_id.as_deref(), amqp.virtual_host.as_deref()), (Some("cid"), Some("v")));
        assert_eq!(amqp.options, [("failover".to_owned(), "single".to_owned())]);
        assert!(!amqp.repaired_quotes);
    }

    #[test]
    fn repairs_missing_quotes() {
        let amqp = parse("amqp://a:b@c/carbon?brokerlist='tcp://tm:5672").expect("a connection URL");
        assert!(amqp.repaired_quotes);
        assert_eq!(amqp.brokers[0].host, "tm");
        assert_eq!(parse("tcp://x:1"), None);
    }
}
