//! What the form of a text says: credentials in URLs, pairs like `password=x`, headers, keys and tokens, each to its
//! true end. Ranges of bytes come out; all of them lie between characters.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::name::{Said, said};
use super::{is_flag, refers};

/// Which kind of text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value, as it stands in a file.
    Value,
    /// A sentence of ours that may quote one. Words of ours like `password: …` are no secrets.
    Prose,
}

/// The parts of `text` that must not be shown, in order, none within another.
pub(super) fn secrets(text: &str, kind: Kind) -> Vec<Range<usize>> {
    if is_plain(text) || is_plain_address(text) {
        return Vec::new();
    }
    let mut found = Vec::new();
    if text.contains("://") {
        authorities(text, &mut found);
    }
    if text.contains('%') {
        encoded_authorities(text, &mut found);
    }
    if text.contains('@') {
        jdbc(text, &mut found);
        if kind == Kind::Value {
            bare(text, &mut found);
        }
    }
    if text.contains(['=', ':', '%']) {
        pairs(text, kind, &mut found);
    }
    if kind == Kind::Value {
        spoken(text, &mut found);
        if text.contains('<') {
            elements(text, &mut found);
        }
    }
    marked(text, kind, &mut found);
    join(found)
}

/// Whether none of the signs that the forms below have is in `text`: no `@`, no pair, no blank, no markup, no token.
fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_./-${},".contains(&byte))
        && !(text.len() > "eyJ".len() && text.contains("eyJ"))
}

/// Whether `text` is `scheme://host`, with a port perhaps, and nothing else: most values of large deployments are, and
/// none of the forms below is in one.
fn is_plain_address(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (host, port) = rest.split_once(':').unwrap_or((rest, "0"));
    !scheme.is_empty()
        && scheme.bytes().all(|byte| byte.is_ascii_lowercase())
        && !host.is_empty()
        && host.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-".contains(&byte))
        && (1..=5).contains(&port.len())
        && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// Overlapping ranges made one.
fn join(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// Passwords before the `@` of URLs.
fn authorities(text: &str, found: &mut Vec<Range<usize>>) {
    let mut starts = Vec::new();
    for (at, mark) in text.match_indices("://") {
        let word = |char: char| char.is_ascii_alphanumeric() || "+.-:".contains(char);
        let scheme = text[..at].trim_end_matches(word);
        let begins = scheme.chars().next_back().is_none_or(|before| !"/@%?".contains(before)) && scheme.len() < at;
        // `://` inside a password begins no other URL.
        if starts.is_empty() || begins {
            starts.push((scheme.len(), at + mark.len()));
        }
    }
    for (number, (_, start)) in starts.iter().enumerate() {
        let next = starts.get(number + 1).map_or(text.len(), |(scheme, _)| *scheme);
        let end = text[*start..next].find(['\n', '\r']).map_or(next, |line| start + line);
        let inside = &text[*start..end];
        let Some(at) = last_at(inside) else { continue };
        if let Some(colon) = inside[..at].find(':') {
            found.push(start + colon + 1..start + at);
        }
    }
}

/// The same in percent-encoding: `amqp%3A%2F%2Fuser%3Apassword%40host`.
fn encoded_authorities(text: &str, found: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    for (at, mark) in lower.match_indices("%3a%2f%2f") {
        let start = at + mark.len();
        let inside = lower[start..].split(['\n', '\r']).next().unwrap_or_default();
        let Some(end) = inside.rfind("%40") else { continue };
        if let Some(colon) = inside[..end].find("%3a") {
            found.push(start + colon + 3..start + end);
        }
    }
}

/// The `@` that ends the user's part of an authority and what may follow it: the last one that stands in no
/// parameter behind the host.
fn last_at(text: &str) -> Option<usize> {
    let mut end = text.len();
    while let Some(at) = text[..end].rfind('@') {
        if !in_parameter(text, at) {
            return Some(at);
        }
        end = at;
    }
    None
}

/// Whether the byte stands in the value of a parameter: `host:1433;user=a@b`, `u:p@host/x?mail=a@b`.
fn in_parameter(text: &str, at: usize) -> bool {
    let before = &text[..at];
    let Some(separator) = before.rfind(['?', '&', ';']) else { return false };
    let Some((name, _)) = before[separator + 1..].split_once('=') else { return false };
    if name.is_empty() || !name.chars().all(|char| char.is_ascii_alphanumeric() || "_.-".contains(char)) {
        return false;
    }
    let head = &before[..separator];
    let first = head.find(['/', '?', ';']).map_or(head, |first| &head[..first]);
    let strict = match head.rfind('@') {
        Some(earlier) => {
            // `user/password@//host`: Oracle's form.
            let behind = head[earlier + 1..].trim_start_matches("//");
            behind.find(['/', '?', ';']).map_or(behind, |first| &behind[..first])
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
fn jdbc(text: &str, found: &mut Vec<Range<usize>>) {
    const IN_FILES: [&str; 5] = [":h2:", ":derby:", ":hsqldb:", ":sqlite:", ":file:"];
    for captures in JDBC.captures_iter(text) {
        let (Some(whole), Some(rest)) = (captures.get(0), captures.get(1)) else { continue };
        let head = text[whole.start()..rest.start()].to_ascii_lowercase();
        let user_begins = rest.start() - 1 - head[..head.len() - 1].rsplit(':').next().map_or(0, str::len);
        let Some(last) = last_at(&text[user_begins..rest.end()]).map(|at| user_begins + at) else { continue };
        if last > rest.start() && !IN_FILES.iter().any(|files| head.contains(files)) {
            found.push(rest.start()..last);
        }
    }
}

static BARE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?://)?([\w.%+-]+)(?::|/)(\S+)@(?://)?[\w.-]*[\w](?::[0-9]{1,5})?(?:[/?]\S*)?\s*$")
        .expect("a fixed pattern")
});

/// `user:password@host`, the authority of a URL without its scheme, and `user/password@//host`.
fn bare(text: &str, found: &mut Vec<Range<usize>>) {
    // Schemes whose rest is an address of a person.
    const SCHEMES: [&str; 8] = ["mailto", "sip", "sips", "xmpp", "acct", "im", "jdbc", "urn"];
    let Some(captures) = BARE.captures(text) else { return };
    let (Some(user), Some(password)) = (captures.get(1), captures.get(2)) else { return };
    // `a/b@c` alone is rather a package.
    let is_slash = text[user.end()..].starts_with('/');
    // `host:1433;user=a@b` is a host with parameters.
    if (is_slash && !text.contains("@//")) || in_parameter(&text[user.start()..], password.end() - user.start()) {
        return;
    }
    if !password.as_str().starts_with("//") && !SCHEMES.iter().any(|known| user.as_str().eq_ignore_ascii_case(known)) {
        found.push(password.range());
    }
}

static ELEMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<([\w.:-]+)(?:\s[^<>]*)?>([^<]+)").expect("a fixed pattern"));

/// `<Password>x</Password>` inside a value.
fn elements(text: &str, found: &mut Vec<Range<usize>>) {
    for captures in ELEMENT.captures_iter(text) {
        let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { continue };
        let plain = value.as_str().trim();
        if super::by_name(name.as_str(), plain) && !plain.is_empty() && !refers(plain) {
            found.push(value.range());
        }
    }
}

static OPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s"'])--?([A-Za-z][\w.-]*)[ \t]+("[^"]*"|'[^']*'|[^\s"']+)"#).expect("a fixed pattern")
});
static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:identified\s+by(?:\s+values)?|password)\s+("[^"]+"|'[^']+'|[^\s"']+)"#)
        .expect("a fixed pattern")
});
static COOKIE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bcookie2?[ \t]*[:=][ \t]*([^\r\n'\x22]+)").expect("a fixed pattern"));

/// Options of a command line (`-storepass x`, `curl -u user:x`), statements that set a password, cookies.
fn spoken(text: &str, found: &mut Vec<Range<usize>>) {
    if text.contains('-') {
        for captures in OPTION.captures_iter(text) {
            let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { continue };
            let plain = value.as_str().trim_matches(['"', '\'']);
            if plain.starts_with('-') || refers(plain) || is_flag(plain) {
                continue;
            }
            if matches!(name.as_str(), "u" | "U" | "user" | "proxy-user") {
                let colon = value.as_str().find(':').filter(|at| !value.as_str()[*at..].starts_with("://"));
                found.extend(colon.map(|at| value.start() + at + 1..value.end()));
            } else if said(name.as_str()) == Said::Secret && !super::name::is_switch(name.as_str()) {
                found.push(value.range());
            }
        }
    }
    // A statement has blanks, a cookie a pair.
    if !text.contains(|char: char| char.is_whitespace() || char == '=') {
        return;
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("identified") || lower.contains("alter ") || lower.contains("create ") {
        for captures in STATEMENT.captures_iter(text) {
            let Some(value) = captures.get(1) else { continue };
            if !value.as_str().starts_with(['=', '?', ',', ')']) {
                found.push(value.range());
            }
        }
    }
    if lower.contains("cookie") {
        let values = COOKIE.captures_iter(text).filter_map(|captures| captures.get(1));
        found.extend(values.filter(|value| value.as_str().contains('=')).map(|value| value.range()));
    }
}

/// `password=x` and its like: a name that says so, a mark, a value.
fn pairs(text: &str, kind: Kind, found: &mut Vec<Range<usize>>) {
    let mut from = 0;
    for (at, mark) in marks(text) {
        // What lies in a value that is masked already is no name.
        if at < from {
            continue;
        }
        let Some(range) = pair(text, kind, at, mark) else { continue };
        from = range.end;
        found.push(range);
    }
}

/// Where names end: `=`, `:` and the same in percent-encoding, each with its length.
fn marks(text: &str) -> impl Iterator<Item = (usize, usize)> + '_ {
    text.bytes().enumerate().filter_map(|(at, byte)| match byte {
        b'=' | b':' => Some((at, 1)),
        b'%' => {
            let code = text.get(at + 1..at + 3)?;
            (code.eq_ignore_ascii_case("3d") || code.eq_ignore_ascii_case("3a")).then_some((at, 3))
        }
        _ => None,
    })
}

/// What is secret of the pair whose mark stands at `at`.
fn pair(text: &str, kind: Kind, at: usize, mark: usize) -> Option<Range<usize>> {
    let coded = || text.get(at..at + 3).is_some_and(|code| code.eq_ignore_ascii_case("%3a"));
    let colon = text[at..].starts_with(':') || coded();
    if colon && text[at + mark..].starts_with("//") {
        return None;
    }
    let before = match kind {
        Kind::Value => text[..at].trim_end_matches([' ', '\t']),
        Kind::Prose => &text[..at],
    };
    // Quotes may be those of XML.
    let before = before.strip_suffix("&quot;").unwrap_or(before);
    let bare = before.trim_end_matches(['"', '\'']);
    let quoted = before[bare.len()..].chars().next();
    let letters = |char: char| char.is_alphanumeric() || "_.-".contains(char);
    let head = bare.trim_end_matches(letters);
    let mut name = &bare[head.len()..];
    // `%26password%3D`: the digits belong to what stands before.
    let mut head = head;
    if head.ends_with('%') && name.len() > 2 && name.is_char_boundary(2) {
        let (code, rest) = name.split_at(2);
        if code.chars().all(|char| char.is_ascii_hexdigit()) {
            head = &text[..head.len() + code.len()];
            name = rest;
        }
    }
    let says = if name.eq_ignore_ascii_case("sig") && head.ends_with(['?', '&', ';', ' ']) {
        // The signature of a shared access URL grants the access.
        Said::Secret
    } else {
        said(name)
    };
    if says == Said::Nothing || (colon && says == Said::Perhaps && kind == Kind::Prose) {
        return None;
    }
    let behind = &text[at + mark..];
    let value = behind.trim_start_matches([' ', '\t']);
    if kind == Kind::Prose
        && (value.len() < behind.len() || colon)
        && quoted.is_none()
        && !name.eq_ignore_ascii_case("authorization")
    {
        return None;
    }
    let start = text.len() - value.len();
    // `user:password:…` and `a:b` in a path are no pairs: a colon's name begins the text, or stands behind a separator.
    let separated = head.is_empty()
        || head.ends_with(['"', '\'', '{', '(', '[', ',', ';', '&', '?', ' ', '\t', '\n', '#', '|', '<', '`'])
        || head.ends_with("&quot;");
    if colon && !separated {
        return None;
    }
    // A reference ends where it ends.
    let open = ["${", "$ref{", "$secret{", "$env{", "$sys{"].iter().any(|mark| value.starts_with(mark));
    if let Some(close) = value.find('}').filter(|_| open)
        && value[close + 1..].chars().next().is_none_or(|behind| "&;,'\" )}]".contains(behind))
    {
        return None;
    }
    if let Some(inside) = value.strip_prefix("&quot;") {
        let start = start + "&quot;".len();
        return Some(start..start + inside.find("&quot;").unwrap_or(inside.len()));
    }
    let length = length_of(value, head, quoted, colon);
    let said_there = &value[..length];
    let plain = said_there.trim().trim_matches(['"', '\'']);
    let harmless = plain.is_empty()
        || refers(plain)
        || is_flag(plain)
        || plain == "?"
        || plain.chars().all(|char| char == '*')
        || (says == Said::Perhaps && (plain.contains("://") || plain.starts_with('/')));
    (!harmless).then_some(())?;
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\'' | '{'));
    match quote {
        // The quotes may be seen.
        Some(quote) => {
            let close = if quote == '{' { '}' } else { quote };
            let inside = &value[1..length.max(1)];
            Some(start + 1..start + 1 + inside.strip_suffix(close).unwrap_or(inside).len())
        }
        _ => Some(start..start + length),
    }
}

/// How long the value is that `text` begins with, with its quotes. `head` is what stands before its name.
fn length_of(text: &str, head: &str, name_quote: Option<char>, colon: bool) -> usize {
    let line = text.find(['\n', '\r']).unwrap_or(text.len());
    let text = &text[..line];
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            return closing(text, quote).map_or(text.len(), |close| close + 1);
        }
        Some('{') if !text.starts_with("${") => {
            let mut at = 1;
            while let Some(close) = text[at..].find('}').map(|close| at + close) {
                if text[close + 1..].starts_with('}') {
                    at = close + 2;
                } else {
                    return close + 1;
                }
            }
            return text.len();
        }
        _ => {}
    }
    let lower = head.to_ascii_lowercase();
    let ends: &[&str] = if lower.ends_with("&amp;") {
        &["&amp;", "&"]
    } else if lower.ends_with("%26") || lower.ends_with("%3f") {
        &["%26", "&"]
    } else {
        match head.trim_end_matches([' ', '\t']).chars().next_back() {
            Some('?' | '&') => &["&"],
            Some(';') => &[";"],
            Some(',') => &[","],
            Some('{' | '[' | '(') => &[",", ";", "}", "]", ")"],
            Some('|') => &["|"],
            Some('<') => &["<", ">"],
            Some('`') => &["`"],
            Some('\'') if name_quote.is_none() => &["'"],
            Some('"') if name_quote.is_none() => &["\""],
            // `user=a password=b`: blanks divide, if something stands before.
            Some(_) if !colon && head.ends_with([' ', '\t']) => &[" ", "\t"],
            _ => &[],
        }
    };
    let end_of =
        |end: &&str| text.match_indices(*end).map(|(at, _)| at).find(|at| *end != ";" || !ends_entity(&text[..*at]));
    ends.iter().filter_map(end_of).min().unwrap_or(text.len())
}

/// Whether a `;` behind this text ends an entity of XML, as in `a&amp;b`.
fn ends_entity(text: &str) -> bool {
    let name = text.rsplit_once('&').map_or("", |(_, name)| name);
    matches!(name, "amp" | "lt" | "gt" | "quot" | "apos")
        || name
            .strip_prefix('#')
            .is_some_and(|code| !code.is_empty() && code.chars().all(|char| char.is_ascii_alphanumeric()))
}

/// The closing quote: the first one with a separator or nothing behind it, that is not escaped.
fn closing(text: &str, quote: char) -> Option<usize> {
    let inside = text.char_indices().skip(1);
    let mut escaped = false;
    for (at, char) in inside {
        if escaped {
            escaped = false;
        } else if char == '\\' {
            escaped = true;
        } else if char == quote {
            let behind = text[at + 1..].trim_start_matches([' ', '\t']);
            if behind.is_empty()
                || behind.starts_with([',', ';', '&', '%', ')', '}', ']', '?', '>', '|', '#', '"', '\'', '/', '`'])
            {
                return Some(at);
            }
        }
    }
    None
}

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(basic|bearer|digest|negotiate|apikey)[ \t]+([^\s,;'`<>\x22]+)").expect("a fixed pattern")
});
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z0-9 ]*-----(.*?)(?:-----END [A-Z0-9 ]*-----|\z)")
        .expect("a fixed pattern")
});
static JWT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\beyJ[A-Za-z0-9_=-]{6,}\.[A-Za-z0-9_=-]{4,}(?:\.[A-Za-z0-9_=.-]*)?").expect("a fixed pattern")
});

/// Words that follow the name of a scheme in sentences.
const SCHEME_WORDS: [&str; 14] = [
    "auth",
    "authentication",
    "authorization",
    "authenticator",
    "access",
    "token",
    "tokens",
    "http",
    "security",
    "realm",
    "credentials",
    "user",
    "scheme",
    "header",
];

/// Headers, keys and tokens that bear a mark of their own.
fn marked(text: &str, kind: Kind, found: &mut Vec<Range<usize>>) {
    let has = |word: &[u8]| text.as_bytes().windows(word.len()).any(|part| part.eq_ignore_ascii_case(word));
    let blank = text.contains([' ', '\t']);
    if blank && [&b"basic"[..], b"bearer", b"digest", b"negotiate", b"apikey"].into_iter().any(has) {
        for captures in HEADER.captures_iter(text) {
            let (Some(whole), Some(credentials)) = (captures.get(0), captures.get(2)) else { continue };
            let word = credentials.as_str().trim_matches(['.', ':', '(', ')']);
            let is_word = SCHEME_WORDS.iter().any(|known| known.eq_ignore_ascii_case(word));
            // In a sentence of ours a word of letters is a word.
            let letters = word.chars().skip(1).all(|char| char.is_lowercase() || "-_.:,()".contains(char));
            let begins = text[..whole.start()].trim().is_empty()
                || text[..whole.start()].trim_end().ends_with([':', '=', '"', '\'']);
            let sure = kind == Kind::Value && begins;
            if !is_word && !refers(word) && (sure || !letters || word.len() >= 20) {
                found.push(credentials.range());
            }
        }
    }
    if text.contains("-----BEGIN") {
        found.extend(KEY.captures_iter(text).filter_map(|captures| captures.get(1)).map(|key| key.range()));
    }
    if text.contains("eyJ") {
        found.extend(JWT.find_iter(text).map(|token| token.range()));
    }
}

/// Where the text that `line` begins with ends: its next quote that is not escaped.
pub(super) fn closing_on_line(line: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, char) in line.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            found if found == quote => return Some(at),
            _ => {}
        }
    }
    None
}
