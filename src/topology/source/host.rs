//! Hosts, ports and URLs as legacy files have them: with variables, marks of template languages, and gaps.
//!
//! Nothing is resolved here; [`Port::number`] alone knows the base ports behind the product's own variables.

use crate::text::Parts as _;

/// A port as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Port {
    /// A number.
    Number(u16),
    /// Anything else: mostly a variable (`${mgt.transport.https.port}`).
    Text(String),
}

/// The product's port variables and the ports they stand for at offset 0 (C.1).
const VARIABLES: [(&str, u16); 8] = [
    ("${mgt.transport.https.port}", 9443),
    ("${mgt.transport.http.port}", 9763),
    ("${https.nio.port}", 8243),
    ("${http.nio.port}", 8280),
    ("${jms.port}", 5672),
    ("${receiver.url.port}", 9611),
    ("${auth.url.port}", 9711),
    ("${carbon.management.port}", 9443),
];

impl Port {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        match text.parse() {
            Ok(number) => Some(Self::Number(number)),
            Err(_) if text.is_empty() => None,
            Err(_) => Some(Self::Text(text.to_owned())),
        }
    }

    /// The number on a node with the offset; `None` for text that is no variable of the product.
    #[must_use]
    pub fn number(&self, offset: i64) -> Option<u16> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => {
                let base = VARIABLES.iter().find(|(name, _)| name == text)?.1;
                u16::try_from(i64::from(base) + offset).ok()
            }
        }
    }

    /// The port as it was written.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// The parts of a URL, each as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Url {
    /// The scheme in lower case; empty if there is none.
    pub scheme: String,
    /// The host; an IPv6 address without its brackets.
    pub host: String,
    /// The port; `None` where there is none, or only its colon.
    pub port: Option<Port>,
    /// All after host and port, `${carbon.context}` included.
    pub path: String,
}

impl Url {
    /// Reads a URL, or a bare `host` or `host:port`. `None` if there is no host.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) if !scheme.contains(['/', '?', '{']) => (scheme.to_ascii_lowercase(), rest),
            _ => (String::new(), text),
        };
        let end = end_of_authority(rest);
        let (authority, path) = rest.split_at(end);
        let authority =
            outside(authority, |character| character == '@').last().map_or(authority, |at| authority.part(at + 1..));
        let (host, port) = split_port(authority);
        let host = host.trim();
        // `{{ host }}` and `<host of km>` have blanks, but are one host.
        let blank = outside(host, char::is_whitespace).next().is_some();
        // What cannot be seen is in no host's name.
        if host.is_empty() || blank || host.contains(crate::foreign::is_unsafe) {
            return None;
        }
        Some(Self { scheme, host: host.to_owned(), port: port.and_then(Port::read), path: path.to_owned() })
    }

    /// Whether the URL stays on the machine of the node that it was read on.
    #[must_use]
    pub fn is_local(&self) -> bool {
        is_local(&self.host)
    }
}

/// Where host and port end. A mark in braces or angles counts as one letter, but for `${carbon.context}`, with
/// which the path begins.
fn end_of_authority(rest: &str) -> usize {
    let mut depth = 0_u32;
    for (at, character) in rest.char_indices() {
        match character {
            '$' if depth == 0 && rest.part(at..).starts_with("${carbon.context}") => return at,
            '{' | '<' | '[' => depth += 1,
            '}' | '>' | ']' => depth = depth.saturating_sub(1),
            '/' | '?' | '#' | '\'' if depth == 0 => return at,
            _ => {}
        }
    }
    rest.len()
}

/// Where the wanted characters stand that are no part of a mark in braces or angles.
fn outside(text: &str, wanted: impl Fn(char) -> bool) -> impl Iterator<Item = usize> {
    let mut depth = 0_u32;
    text.char_indices().filter_map(move |(at, character)| {
        match character {
            '{' | '<' | '[' => depth += 1,
            '}' | '>' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (depth == 0 && wanted(character)).then_some(at)
    })
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    if let Some(inner) = authority.strip_prefix('[')
        && let Some((host, rest)) = inner.split_once(']')
        && host.contains(':')
    {
        return (host, rest.strip_prefix(':'));
    }
    match outside(authority, |character| character == ':').next() {
        Some(at) => (authority.part(..at), Some(authority.part(at + 1..))),
        None => (authority, None),
    }
}

/// A host as it is compared: without case, brackets and trailing dot (C.1). A Kubernetes service is one host by its
/// short name and by its full one (`name.namespace.svc`, `name.namespace.svc.cluster.local`). Blanks in a template
/// tool's mark mean nothing, its case does.
#[must_use]
pub fn normalise(host: &str) -> String {
    if is_template(host) {
        return host.split_whitespace().collect();
    }
    let blank = |more: &'static [char]| move |letter: char| letter.is_whitespace() || more.contains(&letter);
    let host = host.trim_start_matches(blank(&['['])).trim_end_matches(blank(&[']', '.'])).to_lowercase();
    let short =
        host.trim_end_matches(".cluster.local").strip_suffix(".svc").and_then(|service| service.split_once('.'));
    match short {
        Some((name, namespace)) if !name.is_empty() && !namespace.contains('.') => name.to_owned(),
        _ => host,
    }
}

/// Whether a host means the node itself wherever it stands (A.2, "remote").
#[must_use]
pub fn is_local(host: &str) -> bool {
    let host = normalise(host);
    matches!(host.as_str(), "" | "localhost" | "0.0.0.0" | "::1" | "::" | "${carbon.local.ip}" | "${carbon.host}")
        || host.starts_with("127.")
}

/// Whether a host has a mark that a template tool fills in.
fn is_template(host: &str) -> bool {
    host.contains("{{") || host.contains("<%")
}

/// Whether a host is a mark that each machine fills in for itself when the server starts: `$env{HOST}`, `${sys:host}`.
#[must_use]
pub fn is_of_machine(host: &str) -> bool {
    ["$env{", "$sys{", "${env:", "${sys:"].iter().any(|mark| host.contains(mark))
}

/// Whether a host is a gap that a guide left to be filled in: `<host>`, `[host]`, `$[HOST]` (F 4). Marks of
/// template languages are hosts of their own.
#[must_use]
pub fn is_placeholder(host: &str) -> bool {
    if is_template(host) {
        return false;
    }
    let gap = host.contains(['<', '>']) && !host.contains('%') || host.contains('[') && host.contains(']');
    gap || host.contains('…') || (!host.is_empty() && host.chars().all(|character| character == '.'))
}

/// Whether `host` is somewhere else than the node whose names (normalised) are `own`.
#[must_use]
pub fn is_remote(host: &str, own: &[String]) -> bool {
    !is_local(host) && !own.contains(&normalise(host))
}

/// Whether a text can be an address that others use: an IP address, or a name with a dot.
#[must_use]
pub fn looks_like_address(host: &str) -> bool {
    !is_local(host)
        && (host.contains('.') || host.contains(':'))
        && host.chars().all(|character| character.is_ascii_alphanumeric() || matches!(character, '.' | '-' | '_' | ':'))
}

#[cfg(test)]
mod tests {
    use super::{Port, Url, is_local, is_placeholder, normalise};

    #[test]
    fn knows_a_service_by_both_of_its_names() {
        for host in ["wso2apim", "WSO2apim.wso2.svc", "wso2apim.wso2.svc.cluster.local."] {
            assert_eq!(normalise(host), "wso2apim");
        }
        assert_eq!(normalise("a.svc"), "a.svc");
        assert_eq!(normalise("gw.example.com"), "gw.example.com");
    }

    fn parts(text: &str) -> Option<(String, Option<String>, String)> {
        Url::parse(text).map(|url| (url.host, url.port.map(|port| port.written()), url.path))
    }

    #[test]
    fn reads_urls_of_legacy_files() {
        let of = |host: &str, port: Option<&str>, path: &str| {
            Some((host.to_owned(), port.map(str::to_owned), path.to_owned()))
        };
        assert_eq!(
            parts("https://localhost:${mgt.transport.https.port}${carbon.context}services/"),
            of("localhost", Some("${mgt.transport.https.port}"), "${carbon.context}services/")
        );
        assert_eq!(parts(" https://km.example.com/services/ "), of("km.example.com", None, "/services/"));
        assert_eq!(parts("https://gw:${carbon.context}services/"), of("gw", None, "${carbon.context}services/"));
        assert_eq!(parts("https://gw${carbon.context}services"), of("gw", None, "${carbon.context}services"));
        assert_eq!(parts("tcp://[2001:db8::1]:9611"), of("2001:db8::1", Some("9611"), ""));
        assert_eq!(parts("https://{{KM_HOST}}:9443/x"), of("{{KM_HOST}}", Some("9443"), "/x"));
        assert_eq!(parts("https://<%= @km['h'] %>:9443/x"), of("<%= @km['h'] %>", Some("9443"), "/x"));
        for none in ["\u{1b}[31m", "tcp://a\u{7f}b:1", "tcp://a\u{202e}b.example.com", "tcp://a b:1", "\u{0}", " "] {
            assert_eq!(parts(none), None, "{none:?}");
        }
        assert_eq!(parts("tcp://{{ tm_host }}:9611"), of("{{ tm_host }}", Some("9611"), ""));
        assert_eq!(parts("a text: of words"), None);
        assert_eq!(parts("https://[km-host]:9443/x"), of("[km-host]", Some("9443"), "/x"));
        assert_eq!(parts("tcp://a:b@h:5672?x='y'"), of("h", Some("5672"), "?x='y'"));
        assert_eq!(parts("km.example.com"), of("km.example.com", None, ""));
        assert_eq!(parts("https://${env:KM}:9443"), of("${env:KM}", Some("9443"), ""));
        assert_eq!(parts(""), None);
    }

    #[test]
    fn tells_local_hosts_and_gaps() {
        assert!(is_local("LocalHost") && is_local("127.0.1.1") && is_local("${carbon.local.ip}"));
        assert!(!is_local("${env:HOST}"));
        assert!(is_placeholder("<Traffic-Manager-host>") && is_placeholder("$[HOST]") && is_placeholder("......"));
        assert!(!is_placeholder("{{ host }}") && !is_placeholder("<%= a['b'] %>") && !is_placeholder("${HOST}"));
        assert_eq!(normalise("{{ KM }}"), "{{KM}}");
        assert_eq!(normalise("KM.Example.com."), "km.example.com");
        assert_eq!(normalise("[ 2001:db8::1. ]"), "2001:db8::1");
        assert_eq!(Port::Text("${https.nio.port}".into()).number(2), Some(8245));
        assert_eq!(Port::Text("${x}".into()).number(2), None);
    }
}
