//! URLs and hosts as the old files write them.

/// A URL, taken apart but not interpreted: hosts and ports may be variables.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Url<'a> {
    /// The scheme, as written.
    pub scheme: &'a str,
    /// The host, as written; an IPv6 address with its brackets.
    pub host: &'a str,
    /// The port, if the text has one: a number or a variable.
    pub port: Option<&'a str>,
    /// The rest, from the `/` or `${carbon.context}` on.
    pub path: &'a str,
}

impl<'a> Url<'a> {
    /// Reads `scheme://host[:port][/path]`.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        let (scheme, rest) = text.trim().split_once("://")?;
        let host_end = end_of_name(rest, &[':', '/', '?']);
        let host_end = if rest.starts_with('[') { rest.find(']').map_or(host_end, |end| end + 1) } else { host_end };
        let (host, rest) = rest.split_at(host_end);
        if host.is_empty() {
            return None;
        }
        let (port, path) = match rest.strip_prefix(':') {
            Some(rest) => {
                let end = end_of_port(rest);
                let (port, path) = rest.split_at(end);
                (Some(port).filter(|port| !port.is_empty()), path)
            }
            None => (None, rest),
        };
        Some(Self { scheme, host, port, path })
    }
}

/// Where a name ends: at one of `stops`, but not inside `${…}`.
fn end_of_name(text: &str, stops: &[char]) -> usize {
    let mut inside = false;
    for (index, character) in text.char_indices() {
        match character {
            '{' => inside = true,
            '}' => inside = false,
            // `host${carbon.context}`: the context is the path.
            '$' if index > 0 && text[index..].starts_with("${carbon.context}") => return index,
            other if !inside && stops.contains(&other) => return index,
            _ => {}
        }
    }
    text.len()
}

fn end_of_port(text: &str) -> usize {
    if text.starts_with("${carbon.context}") {
        return 0;
    }
    if text.starts_with("${") {
        return text.find('}').map_or(text.len(), |end| end + 1);
    }
    text.find(['/', '?', '$']).unwrap_or(text.len())
}

/// Whether a host means the server itself, whoever reads it.
#[must_use]
pub fn is_local(host: &str) -> bool {
    matches!(
        host.trim_end_matches('.').to_ascii_lowercase().as_str(),
        "localhost" | "127.0.0.1" | "0.0.0.0" | "[::1]" | "${carbon.local.ip}" | "${carbon.host}" | ""
    )
}

/// Whether two hosts are written alike: case and a trailing dot aside.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    one.trim().trim_end_matches('.').eq_ignore_ascii_case(other.trim().trim_end_matches('.'))
}

/// The base port that a port variable stands for (C.1).
#[must_use]
pub fn variable_port(text: &str) -> Option<u16> {
    Some(match text {
        "${mgt.transport.https.port}" => 9443,
        "${mgt.transport.http.port}" => 9763,
        "${https.nio.port}" => 8243,
        "${http.nio.port}" => 8280,
        "${jms.port}" => 5672,
        "${receiver.url.port}" => 9611,
        "${auth.url.port}" => 9711,
        _ => return None,
    })
}
