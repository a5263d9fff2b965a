//! AMQP connection URLs (C.5), read tolerantly: a name tells whether an option is the URL's or a broker's, so
//! missing closing quotes and stray semicolons lose nothing.

use super::host::{Port, Url};
use crate::text::Parts as _;

/// A broker of the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// `tcp` or `ssl`, as written.
    pub scheme: String,
    /// The host, as written.
    pub host: String,
    /// The port, if there is one.
    pub port: Option<Port>,
    /// Its options, in order.
    pub options: Vec<(String, String)>,
}

/// What an AMQP URL says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Amqp {
    /// The user, percent escapes decoded; empty if there is none.
    pub user: String,
    /// The password, likewise.
    pub password: String,
    /// The client id.
    pub client_id: String,
    /// The virtual host.
    pub virtual_host: String,
    /// The URL's own options but for the list of brokers, in order.
    pub options: Vec<(String, String)>,
    /// The brokers, in order.
    pub brokers: Vec<Broker>,
    /// The text in the place of the list of brokers if it is a variable (`${jms.url}`).
    pub broker_variable: Option<String>,
    /// What had to be read tolerantly: missing quotes, stray semicolons.
    pub oddities: Vec<String>,
}

/// The broker's options (C.5); every other name is the URL's.
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

/// Reads an AMQP URL; `None` if the text is none.
#[must_use]
pub fn parse(text: &str) -> Option<Amqp> {
    let rest = text.trim();
    let rest = rest.get(..7).filter(|scheme| scheme.eq_ignore_ascii_case("amqp://")).map(|_| rest.part(7..))?;
    let (head, query) = rest.split_once('?').unwrap_or((rest, ""));
    let mut out = Amqp::default();
    let (info, address) = head.rsplit_once('@').unwrap_or(("", head));
    let (user, password) = info.split_once(':').unwrap_or((info, ""));
    (out.user, out.password) = (decode(user), decode(password));
    let (client, host) = address.split_once('/').unwrap_or((address, ""));
    (out.client_id, out.virtual_host) = (client.to_owned(), host.to_owned());
    read_query(query, &mut out);
    Some(out)
}

/// Reads the part after `?`: options of both levels in one run, told apart by their names.
fn read_query(query: &str, out: &mut Amqp) {
    let mut query = query.replace("%26", "&").replace("&amp;", "&");
    if query.contains('"') {
        out.oddities.push("it has double quotes, where single ones are read".to_owned());
        query = query.replace('"', "'");
    }
    if query.matches('\'').count() % 2 == 1 {
        out.oddities.push("a closing quote is missing".to_owned());
    }
    let mut rest = query.as_str();
    while let Some(equals) = rest.find('=') {
        let name = rest.part(..equals).trim_matches([' ', '\'', '&', '?', ';', '\n', '\r', '\t']).to_owned();
        let value = rest.part(equals + 1..).trim_start();
        if name == "brokerlist" {
            rest = read_brokers(value.trim_start_matches('\''), out);
            continue;
        }
        let (value, after) = option_value(value, out);
        if BROKER_OPTIONS.contains(&name.as_str())
            && let Some(broker) = out.brokers.last_mut()
        {
            broker.options.push((name, value.to_owned()));
            // Another broker may follow the option of the one before it.
            let next = after.trim_start_matches(['\'', ' ', '\n', '\r', '\t']);
            if let Some(next) = next.strip_prefix(';') {
                rest = read_brokers(next, out);
                continue;
            }
        } else if !name.is_empty() {
            out.options.push((name, value.to_owned()));
        }
        rest = after;
    }
}

/// The value of an option up to its closing quote; without one, up to the next separator.
fn option_value<'a>(text: &'a str, out: &mut Amqp) -> (&'a str, &'a str) {
    let Some(quoted) = text.strip_prefix('\'') else {
        let end = text.find(['&', ';', '\'']).unwrap_or(text.len());
        out.oddities.push(format!("the value `{}` has no quotes", crate::secret::mask_urls(text.part(..end).trim())));
        return (text.part(..end).trim(), text.part(end..));
    };
    let end = quoted.find(['\'', '&', ';']).unwrap_or(quoted.len());
    let after = quoted.part(end..).strip_prefix('\'').unwrap_or(quoted.part(end..));
    (quoted.part(..end).trim(), after)
}

/// Reads brokers from the beginning of `text` up to the first option; returns what follows.
fn read_brokers<'a>(text: &'a str, out: &mut Amqp) -> &'a str {
    let mut rest = text;
    loop {
        let trimmed = rest.trim_start_matches([';', ' ', '\n', '\r', '\t']);
        let skipped = rest.part(..rest.len() - trimmed.len());
        if skipped.contains(';') && (trimmed.is_empty() || trimmed.starts_with(['\'', '&'])) {
            out.oddities.push("a semicolon follows the last broker".to_owned());
        }
        let end = trimmed.find(['?', ';', ',', '\'', '&']).unwrap_or(trimmed.len());
        let written = trimmed.part(..end).trim();
        if written.starts_with("${") && !written.contains("://") {
            out.broker_variable = Some(written.to_owned());
        } else if let Some(url) = Url::parse(written) {
            let scheme = if url.scheme.is_empty() { "tcp".to_owned() } else { url.scheme };
            out.brokers.push(Broker { scheme, host: url.host, port: url.port, options: Vec::new() });
        }
        rest = trimmed.part(end..);
        match rest.chars().next() {
            Some(';') => {}
            Some(',') => {
                out.oddities.push("a comma stands between brokers, where a semicolon is read".to_owned());
                rest = rest.part(1..);
            }
            Some('?') => return rest.part(1..),
            _ => return rest,
        }
    }
}

/// Decodes percent escapes; what is none stays as it is.
#[must_use]
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        let digits = (first == b'%').then(|| tail.get(..2)).flatten();
        let byte = digits.and_then(|two| u8::from_str_radix(std::str::from_utf8(two).ok()?, 16).ok());
        bytes.push(byte.unwrap_or(first));
        rest = if byte.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Amqp, parse};

    fn hosts(amqp: &Amqp) -> Vec<String> {
        let port =
            |broker: &super::Broker| broker.port.as_ref().map_or(String::new(), |port| format!(":{}", port.written()));
        amqp.brokers.iter().map(|broker| format!("{}{}", broker.host, port(broker))).collect()
    }

    #[test]
    fn reads_a_failover_list() {
        let amqp = parse("amqp://admin:a%40b@clientid/carbon?failover='roundrobin'%26cyclecount='2'%26brokerlist='tcp://tm-1:5672?retries='5'%26connectdelay='50';tcp://tm-2:5672?retries='5'%26connectdelay='50''").unwrap();
        assert_eq!((amqp.user.as_str(), amqp.password.as_str()), ("admin", "a@b"));
        assert_eq!((amqp.client_id.as_str(), amqp.virtual_host.as_str()), ("clientid", "carbon"));
        assert_eq!(hosts(&amqp), ["tm-1:5672", "tm-2:5672"]);
        assert_eq!(amqp.options.len(), 2);
        assert_eq!(amqp.brokers[1].options.len(), 2);
        assert!(amqp.oddities.is_empty(), "{:?}", amqp.oddities);
    }

    #[test]
    fn reads_other_quotes_and_commas() {
        for (text, brokers) in [
            ("amqp://a:b@x/c?brokerlist=\"tcp://tm.example.com:5672\"", &["tm.example.com:5672"][..]),
            ("amqp://a:b@x/c?brokerlist='tcp://a:5672, tcp://b:5673'", &["a:5672", "b:5673"]),
            ("amqp://a:b@x/c?brokerlist='tcp://a:5672,tcp://b:5673?retries='5''", &["a:5672", "b:5673"]),
        ] {
            let amqp = parse(text).unwrap();
            assert_eq!(hosts(&amqp), brokers, "{text}");
            assert_eq!(amqp.oddities.len(), 1, "{text}");
        }
    }

    #[test]
    fn reads_what_lacks_quotes() {
        let amqp =
            parse("amqp://admin:admin@clientid/carbon?brokerlist='tcp://tm:5672?retries='5'&amp;connectdelay='50'")
                .unwrap();
        assert_eq!(hosts(&amqp), ["tm:5672"]);
        assert_eq!(amqp.brokers[0].options, [("retries".into(), "5".into()), ("connectdelay".into(), "50".into())]);
        assert_eq!(amqp.oddities.len(), 1);
    }

    #[test]
    fn reads_stray_semicolons_and_variables() {
        let amqp = parse("amqp://a:b@x/c?brokerlist='tcp://a:1;ssl://b;'").unwrap();
        assert_eq!(hosts(&amqp), ["a:1", "b"]);
        assert_eq!(amqp.oddities.len(), 1);
        let amqp = parse("amqp://${jms.username}:${jms.password}@clientid/carbon?brokerlist='${jms.url}'").unwrap();
        assert_eq!(amqp.broker_variable.as_deref(), Some("${jms.url}"));
        assert_eq!(amqp.user, "${jms.username}");
        let amqp =
            parse("amqp://admin:admin@clientid/carbon?brokerlist='tcp://${carbon.local.ip}:${jms.port}'").unwrap();
        assert_eq!(hosts(&amqp), ["${carbon.local.ip}:${jms.port}"]);
        assert_eq!(parse("tcp://x"), None);
    }

    #[test]
    fn puts_options_after_the_list_where_they_belong() {
        let amqp = parse("amqp://a:b@c/d?brokerlist='tcp://x:1?retries='5''&maxprefetch='1'").unwrap();
        assert_eq!(amqp.options, [("maxprefetch".to_owned(), "1".to_owned())]);
        assert_eq!(amqp.brokers[0].options, [("retries".to_owned(), "5".to_owned())]);
    }
}
