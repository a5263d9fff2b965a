//! Comments as they may be shown: what was commented out may hold a password that still is one, on its line or on
//! those below.

use std::ops::Range;

use super::{MASK, by_name, form, is_secret_name, mask_urls, shown};
use crate::text::Parts as _;

/// Comment lines that follow each other, as they may be shown: a value of several lines may be commented out.
#[derive(Debug, Default)]
pub struct Comments {
    /// The table that the lines stand in, if its header was commented out, too.
    table: Option<String>,
    open: Option<Open>,
}

/// A secret that goes on below, and what ends it.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Open {
    /// The line that has the text, which is masked too.
    Until(String),
    /// The bracket that closes this many open ones.
    Bracket { open: char, close: char, depth: usize },
    /// A line that is indented no deeper, or an empty one: a block of YAML.
    Indented(usize),
    /// The line after one without `\` at its end.
    Continued,
    /// One line, if it is one word or indented deeper than this.
    Next(usize),
    /// The value of this entry, whose name says that it is a secret: `value = "x"` below `name = "password"`.
    Named,
}

impl Comments {
    /// Says which table the next lines stand in: `secrets`.
    pub fn enter(&mut self, table: &str) {
        (self.table, self.open) = (Some(table.to_owned()), None);
    }

    /// The next line. One that is no comment ends what was open.
    pub fn line(&mut self, line: &str) -> String {
        let content = line.trim_end_matches(['\r', '\n']);
        let body = content.trim_start();
        if !body.starts_with('#') {
            self.open = None;
            return comment(line);
        }
        let indent = content.part(..content.len() - body.len());
        let said = body.trim_start_matches('#');
        if let Some(open) = self.open.take() {
            let (masked, next) = go_on(open, said);
            self.open = next;
            if masked {
                return format!("{indent}# {MASK}{}", line.part(content.len()..));
            }
        }
        if let Some(table) = header(said) {
            self.table = Some(table.to_owned());
        }
        let (shown, open) = walk(line, self.table.as_deref());
        self.open = open.or(self.open.take());
        shown
    }
}

/// The table whose header the text is: `[a.b]`, `[[a.b]]`.
fn header(said: &str) -> Option<&str> {
    let said = said.trim();
    let inside = said.strip_prefix('[')?;
    let inside = inside.strip_prefix('[').unwrap_or(inside);
    let (name, behind) = inside.split_once(']')?;
    let behind = behind.trim_start_matches(']').trim_start();
    (!name.contains([',', '"']) && (behind.is_empty() || behind.starts_with('#'))).then(|| name.trim())
}

/// How many blanks a text begins with.
fn depth_of(said: &str) -> usize {
    said.len() - said.trim_start_matches([' ', '\t']).len()
}

/// Whether the next line of an open secret belongs to it, and whether what comes then still does.
fn go_on(open: Open, said: &str) -> (bool, Option<Open>) {
    let body = said.trim();
    match open {
        Open::Until(end) => {
            let ends = said.contains(&end);
            (true, (!ends).then_some(Open::Until(end)))
        }
        Open::Bracket { open, close, depth } => {
            let depth = depth_behind(said, open, close, depth);
            (true, (depth > 0).then_some(Open::Bracket { open, close, depth }))
        }
        Open::Indented(depth) => {
            let inside = !body.is_empty() && depth_of(said) > depth;
            (inside, inside.then_some(Open::Indented(depth)))
        }
        Open::Continued => (true, body.ends_with('\\').then_some(Open::Continued)),
        Open::Next(depth) => {
            let one = !body.contains([' ', '\t']) || body.starts_with(['"', '\'']);
            (!body.is_empty() && (depth_of(said) > depth || (one && !is_setting(body))), None)
        }
        Open::Named => {
            let name = body.split(['=', ':', ' ', '\t', '>', '[']).next().unwrap_or_default();
            let name = name.trim_start_matches(['<', '-', '@']).to_ascii_lowercase();
            let is_value = ["value", "val", "text", "content", "data"].iter().any(|word| name.ends_with(word));
            (is_value, (!is_value && !body.is_empty() && !body.starts_with('[')).then_some(Open::Named))
        }
    }
}

/// A name with a value, or a header.
fn is_setting(body: &str) -> bool {
    let name = body.find(|char: char| !(char.is_alphanumeric() || "_.-'\"".contains(char))).unwrap_or(body.len());
    let behind = body.part(name..).trim_start();
    let valued = behind.strip_prefix(['=', ':']).is_some_and(|value| !value.trim_matches('=').is_empty());
    header(body).is_some() || (name > 0 && valued)
}

/// How many brackets are open behind the text.
fn depth_behind(said: &str, open: char, close: char, depth: usize) -> usize {
    said.chars().fold(depth, |depth, char| match char {
        char if char == open => depth + 1,
        char if char == close => depth.saturating_sub(1),
        _ => depth,
    })
}

/// What of a value is open at the end of its line. `depth`: how deep the line is indented.
fn left_open(value: &str, depth: usize) -> Option<Open> {
    let value = value.trim();
    for mark in ["\"\"\"", "'''"] {
        if value.starts_with(mark) {
            return (value.matches(mark).count() == 1).then(|| Open::Until(mark.to_owned()));
        }
    }
    match value.chars().next() {
        None => Some(Open::Next(depth)),
        Some(quote @ ('"' | '\'')) => form::closing_on_line(value, quote)
            .is_none()
            .then(|| if value.ends_with('\\') { Open::Continued } else { Open::Until(quote.to_string()) }),
        Some(open @ ('[' | '{')) => {
            let close = if open == '[' { ']' } else { '}' };
            let depth = depth_behind(value, open, close, 0);
            (depth > 0).then_some(Open::Bracket { open, close, depth })
        }
        Some('|' | '>') if value.part(1..).trim_matches(['+', '-']).chars().all(|char| char.is_ascii_digit()) => {
            Some(Open::Indented(depth))
        }
        _ => value.ends_with('\\').then_some(Open::Continued),
    }
}

/// Whether the whole of a comment is a user with a password, `admin:x`, and where the password begins.
fn login(content: &str) -> Option<usize> {
    const NO_USERS: [&str; 12] =
        ["todo", "fixme", "note", "xxx", "hack", "see", "http", "https", "urn", "jdbc", "mailto", "tcp"];
    let body = content.trim().trim_start_matches(['#', '!', ';', ' ', '\t', '"', '\'']);
    let (user, password) = body.split_once(':')?;
    let is_user = !user.contains('.') && user.chars().all(|char| char.is_alphanumeric() || "_-@".contains(char));
    (is_user
        && !password.is_empty()
        && !body.contains([' ', '\t', '='])
        && !NO_USERS.iter().any(|word| user.eq_ignore_ascii_case(word))
        && super::is_credentials(body)
        && !super::is_flag(password)
        && !super::refers(password))
    .then(|| content.find(body).map(|at| at + user.len() + 1))?
}

/// A comment line as it may be shown: what was commented out may hold a password that still is one.
#[must_use]
pub fn comment(line: &str) -> String {
    walk(line, None).0
}

/// A comment line as it may be shown, and the secret that goes on below it. `table`: the one that it stands in.
fn walk(line: &str, table: Option<&str>) -> (String, Option<Open>) {
    let content = line.trim_end_matches(['\r', '\n']);
    let end = line.part(content.len()..);
    let depth = depth_of(content.trim_start().trim_start_matches('#'));
    let mut from = 0;
    let mut open = None;
    while let Some(at) = content.part(from..).find(['=', ':']).map(|at| from + at) {
        let word =
            content.part(..at).split([' ', '\t', '#', '=', ':', ',', '(', '{', '[']).rfind(|word| !word.is_empty());
        let word = word.unwrap_or("").trim_matches(['"', '\'']);
        let value = content.part(at + 1..).trim_start();
        let bare = value.trim_end().trim_matches(['"', '\'']);
        let is_entry = content.part(at..).starts_with('=')
            && content.part(..at).trim().trim_start_matches('#').trim().trim_matches(['"', '\'']) == word;
        let in_table = table.filter(|_| is_entry).map(|table| format!("{table}.{word}"));
        let mut names =
            std::iter::once(word).chain(in_table.as_deref()).filter(|name| is_secret_name(name) || by_name(name, bare));
        if content.part(at..).starts_with("://") {
            from = at + 1;
            continue;
        }
        if names.any(|name| bare.is_empty() || by_name(name, bare)) {
            open = left_open(value, depth);
            if !bare.is_empty() {
                if shown(bare, true) == MASK {
                    let blank = content.len() - value.len();
                    return (format!("{}{MASK}{end}", mask_urls(content.part(..blank))), open);
                }
                return (line.to_owned(), None);
            }
        }
        from = at + 1;
    }
    let open = open.or_else(|| begun(content));
    // A name and a value in one line, as attributes or in an inline table: `name = "password", value = "x"`.
    if let Some(from) = beside_name(content) {
        return (format!("{}{MASK}{end}", mask_urls(content.part(..from))), open);
    }
    if let Some(at) = login(content) {
        return (format!("{}{MASK}{end}", content.part(..at)), open);
    }
    (mask_urls(content) + end, open)
}

/// What begins on a line without a mark of a pair, and goes on below: an element, a key, an entry's name.
fn begun(content: &str) -> Option<Open> {
    const VERBS: [&str; 6] = ["is", "was", "ist", "war", "lautet", "est"];
    if let Some(at) = content.find("-----BEGIN")
        && content.part(at..).contains("PRIVATE KEY")
        && !content.part(at..).contains("-----END")
    {
        return Some(Open::Until("-----END".to_owned()));
    }
    if let Some(Range { start, end }) = last_tag(content) {
        let tag = content.part(start + 1..end);
        let name = tag.split([' ', '\t', '>', '/']).next().unwrap_or_default();
        let named = tag.split(['"', '\'']).skip(1).step_by(2).any(is_secret_name);
        if is_secret_name(name) || named {
            let behind = content.part(end..);
            if !behind.starts_with('>') {
                return Some(Open::Until(">".to_owned()));
            }
            let close = format!("</{name}");
            return (!tag.ends_with('/') && !behind.contains(&close)).then_some(Open::Until(close));
        }
        return None;
    }
    // `the password is:`
    let said = content.trim_start().trim_start_matches('#');
    let mut words = said.trim_end().strip_suffix(':').unwrap_or_default().rsplit([' ', '\t']);
    if words.next().is_some_and(|verb| VERBS.contains(&verb)) && words.next().is_some_and(is_secret_name) {
        return Some(Open::Next(depth_of(said)));
    }
    // `name = "password"`, an entry whose value stands on the next line.
    let (name, value) = said.trim().split_once(['=', ':'])?;
    let name = name.trim().trim_start_matches(['-', ' ']).to_ascii_lowercase();
    let value = value.trim().trim_matches(['"', '\'', ',']);
    let names = ["name", "key", "property", "parameter", "param", "option", "header", "attribute"];
    (names.contains(&name.as_str()) && is_secret_name(value)).then_some(Open::Named)
}

/// The last start tag of a line, to the `>` that ends it or the line's end.
fn last_tag(content: &str) -> Option<Range<usize>> {
    let mut tags = content.match_indices('<').map(|(at, _)| at);
    let start =
        tags.rfind(|at| content.part(at + 1..).starts_with(|char: char| char.is_alphabetic() || char == '_'))?;
    let end = content.part(start..).find('>').map_or(content.len(), |end| start + end);
    Some(start..end)
}

/// Where what is beside a quoted text begins that is the name of a secret, with a value before or behind it.
fn beside_name(line: &str) -> Option<usize> {
    const ENDS: [char; 4] = ['"', '\'', '>', '<'];
    let lower = line.to_ascii_lowercase();
    let mut end = 0;
    let pieces = line.split_inclusive(ENDS).map(|piece| {
        let start = end;
        end += piece.len();
        (piece.strip_suffix(ENDS).unwrap_or(piece), start..end)
    });
    let mut inner = pieces.skip(1);
    let is_name = |text: &str| text.trim() == text && !text.contains('=') && is_secret_name(text);
    let (_, Range { start, end }) = inner.find(|(text, _)| is_name(text))?;
    let before = lower.part(..start);
    if ["value", "val"].iter().any(|word| before.contains(word)) {
        return Some(line.find(['=', ':']).map_or(0, |at| at + 1));
    }
    ["value", "val", "<"].iter().any(|word| lower.contains(word)).then_some(end)
}
