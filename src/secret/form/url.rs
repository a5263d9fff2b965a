//! Credentials in URLs, and URLs that are a secret themselves.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::secret::table::{self, Hook};
use crate::text::Parts as _;

/// Credentials before the `@` of URLs, where the byte of `://` is `new`: the password, and what stands alone in its
/// place.
pub(super) fn authorities(text: &str, new: &dyn Fn(usize) -> bool, found: &mut Vec<Range<usize>>) {
    let mut starts: Vec<(usize, usize)> = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let word = |char: char| char.is_ascii_alphanumeric() || "+.-:".contains(char);
        let scheme = text.part(..at).trim_end_matches(word);
        let begins = scheme.chars().next_back().is_none_or(|before| !"/@%?".contains(before)) && scheme.len() < at;
        // `://` inside a password begins no other URL.
        if starts.is_empty() || begins {
            starts.push((scheme.len(), at + mark.len()));
        }
    }
    for (number, (_, start)) in starts.iter().enumerate() {
        if !(start - 3..*start).any(new) {
            continue;
        }
        let next = starts.get(number + 1).map_or(text.len(), |(scheme, _)| *scheme);
        let end = text.part(*start..next).find(['\n', '\r']).map_or(next, |line| start + line);
        let inside = text.part(*start..end);
        let Some(at) = last_at(inside) else {
            found.extend(without_host(text.part(..*start), inside).map(|range| start + range.start..start + range.end));
            continue;
        };
        let user = inside.part(..at);
        match user.split_once(':') {
            // A host, a port and a path with an `@` at the head of a step: `h:8443/npm/@scope/x`.
            Some((host, rest)) if is_path(host, rest) => {}
            // `https://TOKEN:@host`: what would be the user is the secret.
            Some((_, "")) => found.push(*start..start + at - 1),
            // The host asks for a token in the place of the user, and for any word as the password.
            Some((name, "x-oauth-basic" | "x")) => found.push(*start..start + name.len()),
            Some((name, _)) => found.push(start + name.len() + 1..start + at),
            None if is_user(user) => {}
            None => found.push(*start..start + at),
        }
    }
}

/// The password of an AMQP URL that lost its `@`: what stands in the place of a port, and is none.
fn without_host(before: &str, inside: &str) -> Option<Range<usize>> {
    let scheme = before.trim_end_matches("://").to_ascii_lowercase();
    if !scheme.ends_with("amqp") && !scheme.ends_with("amqps") {
        return None;
    }
    let (user, rest) = inside.split_once(':')?;
    let password = rest.split([' ', '/', '?', '\t', ',', ';']).next().unwrap_or(rest);
    let is_port = password.chars().all(|char| char.is_ascii_digit());
    let known = password.starts_with(['$', '{', '<', '%']) || user.contains(['/', '?', '\'']);
    (!is_port && !known).then(|| user.len() + 1..user.len() + 1 + password.len())
}

/// Whether what stands before an `@` is rather a host with a port and a path.
fn is_path(host: &str, rest: &str) -> bool {
    let Some((port, path)) = rest.split_once('/') else { return false };
    let is_port = (2..=5).contains(&port.len()) && port.chars().all(|char| char.is_ascii_digit());
    is_port && host.contains('.') && (path.is_empty() || path.ends_with('/'))
}

/// Whether what stands alone before an `@` may be a user's name, or the path of a URL without one.
fn is_user(text: &str) -> bool {
    // A host with a path, a query or a fragment, and no user.
    if text.contains(['/', '?', '#', ';', ' ', '=', ',']) {
        return true;
    }
    // A person's address, or a reference.
    let name = text.split('@').next().unwrap_or(text);
    let letters = name.trim_end_matches(|char: char| char.is_ascii_digit());
    let plain = letters.chars().all(|char| char.is_lowercase() || "._+-".contains(char))
        || (letters.starts_with(char::is_uppercase) && letters.chars().skip(1).all(char::is_lowercase));
    text.contains(['$', '{', '<'])
        || (plain && !letters.is_empty() && name.len() <= 16 && name.len() - letters.len() <= 3)
}

/// URLs whose path is the secret: who knows them may post there.
pub(super) fn hooks(text: &str, found: &mut Vec<Range<usize>>) {
    for captures in ADDRESS.captures_iter(text) {
        let (Some(host), Some(path)) = (captures.get(1), captures.get(2)) else { continue };
        let name = host.as_str().to_ascii_lowercase();
        let listed = table::hooks().iter().filter(|hook| is_at(&name, hook)).flat_map(|hook| &hook.path);
        let known = listed.filter_map(|head| {
            let rest = path.as_str().part(1..);
            if head.is_empty() {
                return Some(1);
            }
            rest.strip_prefix(head.as_str()).filter(|rest| rest.starts_with(['/', '?'])).map(|_| head.len() + 2)
        });
        if let Some(head) = known.min() {
            found.push((path.start() + head).min(path.end())..path.end());
            continue;
        }
        // Of a host that nobody knows, steps behind `hooks` that a machine has made.
        let mut at = path.start();
        let mut is_hook = name.starts_with("hook") || name.starts_with("webhook");
        for step in path.as_str().split_inclusive(['/', '?']) {
            let plain = step.trim_end_matches(['/', '?']);
            if is_hook && super::marked::is_token(plain) && !plain.contains(['=', '.']) {
                found.push(at..path.end());
                break;
            }
            is_hook |= plain.to_ascii_lowercase().contains("hook");
            at += step.len();
        }
    }
}

static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"://(?:[^/\s@]*@)?([A-Za-z0-9.-]+)(?::[0-9]+)?(/[^\s\x22'<>|`,}]*)").expect("a fixed pattern")
});

/// Whether a host, lower case, is that of the row or below it.
fn is_at(host: &str, hook: &Hook) -> bool {
    match host.strip_suffix(hook.host.as_str()) {
        Some("") => hook.below.is_none(),
        Some(below) => {
            below.ends_with('.') && hook.below.as_ref().is_none_or(|label| below.starts_with(label.as_str()))
        }
        None => false,
    }
}

/// The `@` that ends the user's part of an authority and what may follow it: the last one that stands in no
/// parameter behind the host.
fn last_at(text: &str) -> Option<usize> {
    let mut end = text.len();
    while let Some(at) = text.part(..end).rfind('@') {
        if !in_parameter(text, at) {
            return Some(at);
        }
        end = at;
    }
    None
}

/// Whether the byte stands in the value of a parameter: `host:1433;user=a@b`, `u:p@host/x?mail=a@b`.
fn in_parameter(text: &str, at: usize) -> bool {
    let before = text.part(..at);
    let Some(separator) = before.rfind(['?', '&', ';']) else { return false };
    let Some((name, _)) = before.part(separator + 1..).split_once('=') else { return false };
    if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric() || "_.-".contains(char)) {
        return false;
    }
    let head = before.part(..separator);
    let first = head.find(['/', '?', ';']).map_or(head, |first| head.part(..first));
    let strict = match head.rfind('@') {
        Some(earlier) => {
            // `user/password@//host`: Oracle's form.
            let behind = head.part(earlier + 1..).trim_start_matches("//");
            behind.find(['/', '?', ';']).map_or(behind, |first| behind.part(..first))
        }
        None => first,
    };
    strict.split(',').all(is_host)
}

/// `host` or `host:port`.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !host.ends_with(':') && !text.ends_with(']') => (host, port),
        _ => (text, "0"),
    };
    let letters = |char: char| char.is_alphanumeric() || "._-[]:${}".contains(char);
    !host.is_empty() && host.chars().all(letters) && port.len() <= 5 && port.chars().all(|char| char.is_ascii_digit())
}

static JDBC: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)(?:\bjdbc:(?:[a-z0-9_-]+:)+|oracle:[a-z0-9]+:)[^/:@\s]*/([^/].*)").expect("a fixed pattern")
});

/// `jdbc:oracle:thin:user/password@…`, and the same form of other vendors. Databases in files have no users there.
pub(super) fn jdbc(text: &str, found: &mut Vec<Range<usize>>) {
    const IN_FILES: [&str; 5] = [":h2:", ":derby:", ":hsqldb:", ":sqlite:", ":file:"];
    for captures in JDBC.captures_iter(text) {
        let (Some(whole), Some(rest)) = (captures.get(0), captures.get(1)) else { continue };
        let head = text.part(whole.start()..rest.start()).to_ascii_lowercase();
        let user_begins = rest.start() - 1 - head.part(..head.len() - 1).rsplit(':').next().map_or(0, str::len);
        let Some(last) = last_at(text.part(user_begins..rest.end())).map(|at| user_begins + at) else { continue };
        if last > rest.start() && !IN_FILES.iter().any(|files| head.contains(files)) {
            found.push(rest.start()..last);
        }
    }
}

static BARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?://)?([\w.%+-]+)(?::|/)(\S+)@(?://)?(?:[\w.-]*[\w]|\[[0-9A-Fa-f:.%]+\]|\w+\([^()\s]*\))(?::[0-9]{1,5})?(?:[/?]\S*)?\s*$")
        .expect("a fixed pattern")
});

/// `user:password@host`, the authority of a URL without its scheme, and `user/password@//host`; of a list each.
pub(super) fn bare(text: &str, found: &mut Vec<Range<usize>>) {
    const AROUND: [char; 8] = ['[', ']', '{', '}', '(', ')', '"', '\''];
    let before = found.len();
    one_bare(text, 0, found);
    if found.len() > before {
        return;
    }
    let mut start = 0;
    for piece in text.split_inclusive([',', ';', ' ', '\t', '\n', '|']) {
        let trimmed = piece.trim_start_matches(AROUND);
        let from = start + piece.len() - trimmed.len();
        let inside = trimmed.trim_end_matches([',', ';', ' ', '\t', '\n', '\r', '|']).trim_end_matches(AROUND);
        if inside.contains('@') && !inside.contains("://") {
            one_bare(inside, from, found);
        }
        start += piece.len();
    }
}

/// `user:password@jdbc:…`, as an answer gives a database with its account.
static ACCOUNT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\s*[\w.%+$-]+:(.+)@jdbc:").expect("a fixed pattern"));

/// The same of one address, which begins at byte `from`.
fn one_bare(text: &str, from: usize, found: &mut Vec<Range<usize>>) {
    // Schemes whose rest is an address of a person.
    const SCHEMES: [&str; 8] = ["mailto", "sip", "sips", "xmpp", "acct", "im", "jdbc", "urn"];
    static TIME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\s*[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?@").expect("a fixed pattern"));
    if let Some(password) = ACCOUNT.captures(text).and_then(|captures| captures.get(1)) {
        found.push(from + password.start()..from + password.end());
        return;
    }
    let Some(captures) = BARE.captures(text).filter(|_| !TIME.is_match(text)) else { return };
    let (Some(user), Some(password)) = (captures.get(1), captures.get(2)) else { return };
    // `a/b@c` alone is rather a package.
    let is_slash = text.part(user.end()..).starts_with('/');
    // `host:1433;user=a@b` is a host with parameters.
    if (is_slash && !text.contains("@//")) || in_parameter(text.part(user.start()..), password.end() - user.start()) {
        return;
    }
    if !password.as_str().starts_with("//") && !SCHEMES.iter().any(|known| user.as_str().eq_ignore_ascii_case(known)) {
        found.push(from + password.start()..from + password.end());
    }
}
