//! Whole lines of files as they may be shown: properties, and lines that could not be read.

use std::ops::Range;

use super::comment::comment;
use super::{MASK, by_name, form, mask_urls, shown};
use crate::text::Parts as _;

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

/// The texts of several lines in `text`, which is TOML: from where each opens to behind what closes it, or to the end.
#[must_use]
pub fn texts_of_lines(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open: Option<(&str, usize)> = None;
    let mut at = 0;
    while let Some(next) = text.part(at..).find(['"', '\'', '#', '\n']) {
        at += next;
        let tail = text.part(at..);
        let mark = ["\"\"\"", "'''"].into_iter().find(|mark| tail.starts_with(mark));
        match (open, mark) {
            (Some((opened, start)), _) if tail.starts_with(opened) => {
                found.push(start..at + 3);
                (open, at) = (None, at + 3);
            }
            (Some(_), _) => at += 1,
            (None, Some(mark)) => (open, at) = (Some((mark, at)), at + 3),
            (None, None) => at += skipped(tail),
        }
    }
    found.extend(open.map(|(_, start)| start..text.len()));
    found
}

/// The bytes of a comment, of a text on one line, or of a line's end, with which `tail` begins.
fn skipped(tail: &str) -> usize {
    let line = tail.find('\n').unwrap_or(tail.len());
    match tail.chars().next() {
        Some('#') => line,
        // A text on one line: its closing quote, or the line's end.
        Some(quote @ ('"' | '\'')) => form::closing_on_line(tail.part(..line), quote).map_or(line, |close| close + 1),
        _ => 1,
    }
}
