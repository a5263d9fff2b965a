//! Whole lines of files as they may be shown: commented-out settings, properties, and lines that could not be read.

use super::{MASK, by_name, form, is_secret_name, mask_urls, shown};
use crate::text::Parts as _;

/// Comment lines that follow each other, as they may be shown: a text of several lines may be commented out.
#[derive(Debug, Default)]
pub struct Comments {
    open: Option<&'static str>,
}

impl Comments {
    /// The next line. One that is no comment ends what was open.
    pub fn line(&mut self, line: &str) -> String {
        let content = line.trim_end_matches(['\r', '\n']);
        let body = content.trim_start();
        if !body.starts_with('#') {
            self.open = None;
            return comment(line);
        }
        if let Some(mark) = self.open {
            if content.contains(mark) {
                self.open = None;
            }
            let indent = content.part(..content.len() - body.len());
            return format!("{indent}# {MASK}{}", line.part(content.len()..));
        }
        if let Some((name, value)) = body.split_once('=') {
            let name = name.trim_matches(['#', ' ', '\t']);
            self.open = ["\"\"\"", "'''"]
                .into_iter()
                .find(|mark| value.trim_start().starts_with(mark) && value.matches(mark).count() == 1)
                .filter(|_| is_secret_name(name));
        }
        comment(line)
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
    let content = line.trim_end_matches(['\r', '\n']);
    let mut from = 0;
    while let Some(at) = content.part(from..).find(['=', ':']).map(|at| from + at) {
        let word =
            content.part(..at).split([' ', '\t', '#', '=', ':', ',', '(', '{', '[']).rfind(|word| !word.is_empty());
        let word = word.unwrap_or("").trim_matches(['"', '\'']);
        let said = content.part(at + 1..).trim_start();
        let bare = said.trim_end().trim_matches(['"', '\'']);
        if !bare.is_empty() && is_secret_name(word) && by_name(word, bare) && !content.part(at..).starts_with("://") {
            if shown(bare, true) == MASK {
                let blank = content.len() - said.len();
                return format!("{}{MASK}{}", mask_urls(content.part(..blank)), line.part(content.len()..));
            }
            return line.to_owned();
        }
        from = at + 1;
    }
    // A name and a value in one line, as attributes or in an inline table: `name = "password", value = "x"`.
    if names_secret(content) {
        return format!(
            "{}{MASK}{}",
            content.part(..content.find(['=', ':']).map_or(0, |at| at + 1)),
            line.part(content.len()..)
        );
    }
    if let Some(at) = login(content) {
        return format!("{}{MASK}{}", content.part(..at), line.part(content.len()..));
    }
    mask_urls(line)
}

/// Whether a quoted text of the line is the name of a secret, with a value beside it.
fn names_secret(line: &str) -> bool {
    let lower = line.to_ascii_lowercase();
    let has_value = ["value", "val", "<"].iter().any(|word| lower.contains(word));
    has_value
        && line
            .split(['"', '\'', '>', '<'])
            .skip(1)
            .step_by(2)
            .any(|quoted| is_secret_name(quoted) && !quoted.contains('='))
}

/// A line of a properties file as it may be shown.
#[must_use]
pub fn property(line: &str) -> String {
    let start = line.trim_start();
    if start.starts_with(['#', '!']) {
        return comment(line);
    }
    let Some(at) = line.find(['=', ':']) else { return mask_urls(line) };
    let (name, value) = (line.part(..at), line.part(at + 1..));
    if by_name(name.trim(), value) && shown(value.trim(), true) == MASK {
        let blank = value.len() - value.trim_start().len();
        return format!("{}{}{MASK}", line.part(..=at), value.part(..blank));
    }
    mask_urls(line)
}

/// A line of a TOML file that could not be read as such, never quoted past its name. `inside`: it stands in a text of
/// several lines that was begun above.
#[must_use]
pub fn damaged(line: &str, inside: bool) -> String {
    let body = line.trim_start();
    let indent = line.part(..line.len() - body.len());
    if body.is_empty() {
        return line.to_owned();
    }
    if inside {
        return format!("{indent}{MASK}");
    }
    let brackets = body.len() - body.trim_start_matches('[').len();
    let name = name_of(body.part(brackets..));
    let head = brackets + name;
    let rest = body.part(head..).trim_start();
    let gap = body.part(head..body.len() - rest.len());
    if brackets > 0 && name > 0 {
        // A header: behind its brackets may stand what belongs on the next line.
        let close = rest.len() - rest.trim_start_matches(']').len();
        let behind = rest.part(close..).trim();
        let (masked, gap) = if behind.is_empty() { (String::new(), gap) } else { (format!(" {MASK}"), "") };
        return format!("{indent}{}{gap}{}{masked}", body.part(..head), rest.part(..close));
    }
    if brackets == 0 && name > 0 && (rest.starts_with('=') || !gap.is_empty() || rest.is_empty()) {
        return match rest.strip_prefix('=').map(str::trim) {
            Some("") => format!("{indent}{}{gap}=", body.part(..head)),
            Some(_) => format!("{indent}{}{gap}= {MASK}", body.part(..head)),
            // Without `=` only a word of letters is sure to be a name.
            None if is_word(body.part(..head)) => {
                let masked = if rest.is_empty() { "" } else { MASK };
                format!("{indent}{}{gap}{masked}", body.part(..head))
            }
            None => format!("{indent}{MASK}"),
        };
    }
    format!("{indent}{MASK}")
}

fn is_word(text: &str) -> bool {
    text.chars().all(|char| char.is_ascii_lowercase() || matches!(char, '_' | '.' | '\'' | '"'))
}

/// How many bytes of `text` are a key: bare and quoted names with points between them.
fn name_of(text: &str) -> usize {
    let mut at = 0;
    loop {
        let rest = text.part(at..);
        let bare =
            rest.find(|char: char| !(char.is_ascii_alphanumeric() || matches!(char, '_' | '-'))).unwrap_or(rest.len());
        let quoted = match rest.chars().next() {
            // A quoted name is sure to be one only where `=` or a point follows.
            Some(quote @ ('"' | '\'')) => rest
                .part(1..)
                .find(quote)
                .map(|end| end + 2)
                .filter(|end| rest.part(*end..).trim_start().starts_with(['=', '.', ']'])),
            _ => None,
        };
        let Some(length) = quoted.or_else(|| (bare > 0).then_some(bare)) else {
            return at;
        };
        at += length;
        match text.part(at..).strip_prefix('.') {
            Some(_) => at += 1,
            None => return at,
        }
    }
}

/// Whether a text of several lines is open at the end of `text`, which is TOML.
#[must_use]
pub fn ends_inside(text: &str) -> bool {
    let mut open: Option<&str> = None;
    let mut rest = text;
    while let Some(at) = rest.find(['"', '\'', '#', '\n']) {
        let tail = rest.part(at..);
        let mut skip = 1;
        match open {
            Some(mark) if tail.starts_with(mark) => (open, skip) = (None, 3),
            None if tail.starts_with("\"\"\"") => (open, skip) = (Some("\"\"\""), 3),
            None if tail.starts_with("'''") => (open, skip) = (Some("'''"), 3),
            None if tail.starts_with('#') => skip = tail.find('\n').unwrap_or(tail.len()),
            None if tail.starts_with(['"', '\'']) => {
                // A text on one line: its closing quote, or the line's end.
                let quote = if tail.starts_with('"') { '"' } else { '\'' };
                let line = tail.find('\n').unwrap_or(tail.len());
                skip = form::closing_on_line(tail.part(..line), quote).map_or(line, |close| close + 1);
            }
            _ => {}
        }
        rest = tail.part(skip..);
    }
    open.is_some()
}
