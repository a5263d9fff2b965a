//! Pairs like `password=x`: a name that says so, a mark, and a value to its true end.

use crate::text::Parts as _;
use std::ops::Range;

use super::{Kind, is_algorithm, is_random};
use crate::secret::name::{Said, is_borne, is_login, of_joined, said};
use crate::secret::{bearer, is_credentials, is_flag, names_file, refers, table};

/// `password=x` and its like: a name that says so, a mark, a value.
pub(super) fn pairs(text: &str, kind: Kind, found: &mut Vec<Range<usize>>) {
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

/// How far, in bytes, is looked for a name before a mark, or for the end of what stands behind one: no name and no
/// value of a pair among others comes near. A value that is longer ends with its text.
const FAR: usize = 1024;

/// The last [`FAR`] bytes of a text.
fn last_of(text: &str) -> &str {
    let start = (text.len().saturating_sub(FAR)..=text.len()).find(|at| text.is_char_boundary(*at));
    text.part(start.unwrap_or_default()..)
}

/// The first [`FAR`] bytes of a text.
fn first_of(text: &str) -> &str {
    let end = (0..=text.len().min(FAR)).rev().find(|at| text.is_char_boundary(*at));
    text.part(..end.unwrap_or_default())
}

/// Whether a text ends with `end`, in letters of any size.
fn ends_with(text: &str, end: &str) -> bool {
    text.get(text.len().saturating_sub(end.len())..).is_some_and(|last| last.eq_ignore_ascii_case(end))
}

/// A text without the blanks at its end, line breaks among them: `password\n= x`.
fn blanks_before(text: &str) -> &str {
    const BLANKS: [char; 4] = [' ', '\t', '\u{a0}', '\u{202f}'];
    text.trim_end_matches(BLANKS).trim_end_matches(['\r', '\n']).trim_end_matches(BLANKS)
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
    let colon = text.part(at..).starts_with(':') || coded();
    if colon && text.part(at + mark..).starts_with("//") {
        return None;
    }
    let before = match kind {
        Kind::Value => blanks_before(text.part(..at)),
        Kind::Prose => text.part(..at),
    };
    // Quotes may be those of XML.
    let before = before.strip_suffix("&quot;").unwrap_or(before);
    let bare = before.trim_end_matches(['"', '\'']);
    let quoted = before.part(bare.len()..).chars().next();
    let letters = |char: char| char.is_alphanumeric() || "_.-".contains(char);
    let head = bare.part(..bare.len() - last_of(bare).len() + last_of(bare).trim_end_matches(letters).len());
    let mut name = bare.part(head.len()..);
    // `%26password%3D`: the digits belong to what stands before.
    let mut head = head;
    if head.ends_with('%') && name.len() > 2 && name.is_char_boundary(2) {
        let (code, rest) = name.split_at(2);
        if code.chars().all(|char| char.is_ascii_hexdigit()) {
            head = text.part(..head.len() + code.len());
            name = rest;
        }
    }
    let says = said(name);
    // The signature of a shared access URL grants the access.
    let in_query = ["?", "&", "&amp;", "%26", "%3f"].iter().any(|mark| ends_with(head, mark));
    let separated = in_query || head.is_empty() || head.ends_with([';', ' ', ',']);
    let query = (!colon && says == Said::Nothing && separated).then(|| table::query(name)).flatten();
    let query = query.filter(|least| in_query || *least == 0);
    // `mot de passe: x`
    let says = if says == Said::Nothing && kind == Kind::Value { of_phrase(head, name) } else { says };
    let by_value = says == Said::Nothing && is_login(name);
    let borne = says == Said::Nothing && kind == Kind::Value && is_borne(name);
    if (says == Said::Nothing && !by_value && !borne && query.is_none())
        || (colon && says == Said::Perhaps && kind == Kind::Prose)
    {
        return None;
    }
    // `vault.example.com:443`, `token:9443,secret:9443`: names of hosts.
    if colon && kind == Kind::Value && is_list_of_hosts(text) {
        return None;
    }
    let behind = text.part(at + mark..);
    let value = match kind {
        Kind::Value => behind.trim_start_matches([' ', '\t', '\u{a0}', '\u{202f}']),
        Kind::Prose => behind.trim_start_matches([' ', '\t']),
    };
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
    if let Some(close) = first_of(value).find('}').filter(|_| open)
        && value.part(close + 1..).chars().next().is_none_or(|behind| "&;,'\" )}]".contains(behind))
    {
        return None;
    }
    if let Some(inside) = value.strip_prefix("&quot;") {
        let start = start + "&quot;".len();
        return Some(start..start + inside.find("&quot;").unwrap_or(inside.len()));
    }
    // `password="""x"""`
    for quotes in ["\"\"\"", "'''"] {
        if let Some(inside) = value.strip_prefix(quotes).filter(|inside| !inside.is_empty()) {
            let start = start + quotes.len();
            return Some(start..start + inside.find(quotes).unwrap_or(inside.len()));
        }
    }
    let length = length_of(value, head, quoted, colon);
    let said_there = value.part(..length);
    let plain = first_of(said_there).trim().trim_matches(['"', '\'']);
    // `where token = :token and password=? …`: parameters of a statement.
    let is_parameter = || {
        let named = plain.strip_prefix(':').is_some_and(|name| name.starts_with(|c: char| c.is_ascii_alphabetic()));
        (named || plain == "?" || ["? ", "?,", "?)"].iter().any(|begin| plain.starts_with(begin))) && is_sql(text)
    };
    let harmless = plain.is_empty()
        || is_parameter()
        || refers(plain)
        || is_flag(plain)
        || plain == "?"
        || plain.chars().all(|char| char == '*')
        || (says == Said::Perhaps && names_file(plain))
        || (says == Said::Perhaps && is_algorithm(plain))
        || (says == Said::Nothing && by_value && !is_credentials(plain))
        || (borne && bearer::is_plain(name, plain))
        // A sentence may speak of a header.
        || (borne && colon && quoted.is_none() && (plain.contains(' ') || !plain.contains(|char: char| char.is_ascii_digit())))
        || (!borne && query.is_some_and(|least| least > 0 && !is_random(plain, least)));
    (!harmless).then_some(())?;
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\'' | '{'));
    match quote {
        // The quotes may be seen.
        Some(quote) => {
            let close = if quote == '{' { '}' } else { quote };
            let inside = value.part(1..length.max(1));
            Some(start + 1..start + 1 + inside.strip_suffix(close).unwrap_or(inside).len())
        }
        _ => Some(start..start + length),
    }
}

/// Whether a text is a statement of SQL, or a part of one.
fn is_sql(text: &str) -> bool {
    const WORDS: [&str; 9] =
        ["select ", "insert ", "update ", "delete ", "merge ", "where ", "values", " and ", " or "];
    let lower = text.to_ascii_lowercase();
    WORDS.iter().any(|word| lower.contains(word))
}

/// Whether a text is nothing but hosts with their ports: several, or one whose name has a point.
fn is_list_of_hosts(text: &str) -> bool {
    let items = || text.split([',', ';', ' ', '\t', '\n', '\r']).filter(|item| !item.is_empty());
    let several = items().nth(1).is_some();
    items().all(|item| {
        item.split_once(':').is_some_and(|(host, port)| {
            (several || host.contains('.'))
                && host.chars().all(|char| char.is_ascii_alphanumeric() || "._-*".contains(char))
                && (2..=5).contains(&port.len())
                && port.chars().all(|char| char.is_ascii_digit())
        })
    })
}

/// What a name says that is the last one of some words.
fn of_phrase(head: &str, name: &str) -> Said {
    if !head.ends_with([' ', '\t']) {
        return Said::Nothing;
    }
    let head = last_of(head);
    let before =
        head.rsplit([',', ';', '&', '?', '\n', '"', '\'', '=', ':', '{', '(', '[', '|']).next().unwrap_or(head);
    let mut words: Vec<&str> = before.split_whitespace().rev().take(3).collect();
    words.reverse();
    if words.is_empty() { Said::Nothing } else { of_joined(&[words.as_slice(), &[name]].concat().join("_")) }
}

/// How long the value is that `text` begins with, with its quotes. `head` is what stands before its name.
fn length_of(text: &str, head: &str, name_quote: Option<char>, colon: bool) -> usize {
    let near = first_of(text);
    let line = near.find(['\n', '\r']);
    // What has no end near by goes on to the end of all.
    let far = line.unwrap_or(text.len());
    let text = near.part(..line.unwrap_or(near.len()));
    match text.chars().next() {
        Some(quote @ ('"' | '\'')) => {
            return closing(text, quote).map_or(far, |close| close + 1);
        }
        Some('{') if !text.starts_with("${") => {
            let mut at = 1;
            while let Some(close) = text.part(at..).find('}').map(|close| at + close) {
                if text.part(close + 1..).starts_with('}') {
                    at = close + 2;
                } else {
                    return close + 1;
                }
            }
            return far;
        }
        _ => {}
    }
    let ends: &[&str] = if ends_with(head, "&amp;") {
        &["&amp;", "&"]
    } else if ends_with(head, "%26") || ends_with(head, "%3f") {
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
    let end_of = |end: &&str| {
        text.match_indices(*end).map(|(at, _)| at).find(|at| *end != ";" || !ends_entity(text.part(..*at)))
    };
    ends.iter().filter_map(end_of).min().unwrap_or(far)
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
            let behind = text.part(at + 1..).trim_start_matches([' ', '\t']);
            if behind.is_empty()
                || behind.starts_with([',', ';', '&', '%', ')', '}', ']', '?', '>', '|', '#', '"', '\'', '/', '`'])
            {
                return Some(at);
            }
        }
    }
    None
}
