//! The inside of a start tag: its name and its attributes, each with the place of its value.

use crate::text::Parts as _;
use std::ops::Range;

use indexmap::IndexSet;
use rustc_hash::FxBuildHasher;

use super::Fault;
use crate::diagnostic::Code;
use crate::limits::Limit;
use crate::secret::is_secret_name;

/// An attribute as written: entities are not resolved yet.
pub(super) struct RawAttribute<'a> {
    /// The name with its prefix.
    pub(super) qualified: &'a str,
    /// What stands between the quotes.
    pub(super) value: &'a str,
    /// The byte offset of the value's first character.
    pub(super) offset: usize,
}

pub(super) fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\r' | '\n')
}

fn is_blank_byte(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The index of the first character of `text` that is not blank.
pub(super) fn first_visible(text: &str) -> Option<usize> {
    text.bytes().position(|byte| !is_blank_byte(byte))
}

/// `a` of `p:a`.
pub(super) fn local(qualified: &str) -> &str {
    match memchr::memchr(b':', qualified.as_bytes()) {
        Some(colon) if colon + 1 < qualified.len() => qualified.part(colon + 1..),
        _ => qualified,
    }
}

/// Whether `name` consists of characters of XML names; digits, `-` and `.` may not begin one.
fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':' | b'-' | b'.') || !byte.is_ascii();
    !name.is_empty() && name.bytes().all(fits)
}

fn begins_name(name: &str) -> bool {
    let fits = |byte: &u8| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':') || !byte.is_ascii();
    name.as_bytes().first().is_some_and(fits)
}

/// The element's name at the beginning of `inside`, which begins at byte `offset` of the file. `named`: a message may
/// say it.
pub(super) fn name(inside: &str, offset: usize, named: bool) -> Result<&str, Fault> {
    let name = inside.part(..inside.bytes().position(is_blank_byte).unwrap_or(inside.len()));
    if is_name(name) && begins_name(name) {
        return Ok(name);
    }
    let at = offset - 1;
    if is_name(name) {
        let shown = if named { name } else { "…" };
        let message = format!("`<{shown}>` is not legal XML: an element's name begins with a letter or `_`");
        return Err(Fault { offset: at, code: Code::XmlIllegalName, message });
    }
    Err(Fault::damage(at, "an element's name was expected after `<`: as text it must be written `&lt;`"))
}

/// Adds the attributes in `range` of `text`, which begins behind the element's name and ends before `>` or `/>`. `named`:
/// messages may say their names. Behind what tells of a secret they do not: a quote in it makes a name of its rest.
pub(super) fn attributes<'a>(
    text: &'a str,
    range: Range<usize>,
    found: &mut Vec<RawAttribute<'a>>,
    named: bool,
) -> Result<(), Fault> {
    let mut offset = range.start;
    let mut seen: IndexSet<&str, FxBuildHasher> = IndexSet::default();
    // Most tags have few attributes: a set is worth its while only for more.
    // What stands beside the name of a secret is not named: a quote may be missing, and it is a part of the secret.
    let mut beside_secret = found.iter().any(|one| is_secret_name(one.qualified) || is_secret_name(one.value));
    let mut is_known = |name: &'a str, found: &[RawAttribute<'a>]| {
        if found.len() < 16 {
            return found.iter().any(|other| other.qualified == name);
        }
        if seen.is_empty() {
            seen.extend(found.iter().map(|other| other.qualified));
        }
        !seen.insert(name)
    };
    let rest = |from: usize| text.part(from..range.end);
    let blanks = |from: usize| first_visible(rest(from)).map_or(range.end, |length| from + length);
    loop {
        let start = blanks(offset);
        if start == range.end {
            return Ok(());
        }
        if start == offset {
            return Err(Fault::damage(start, "a blank was expected before this attribute"));
        }
        let ends = |byte: u8| is_blank_byte(byte) || matches!(byte, b'=' | b'"' | b'\'' | b'/' | b'<');
        let name_length = rest(start).bytes().position(ends);
        let qualified = name_length.map_or(rest(start), |length| rest(start).part(..length));
        if !is_name(qualified) || !begins_name(qualified) {
            return Err(Fault::damage(start, "the name of an attribute was expected"));
        }
        let named = named && !beside_secret;
        let shown = if named { format!(" `{qualified}`") } else { String::new() };
        let equals = blanks(start + qualified.len());
        if !rest(equals).starts_with('=') {
            return Err(Fault::damage(equals, format!("`=` was expected: attribute{shown} has no value")));
        }
        let open = blanks(equals + 1);
        let quote = rest(open).chars().next().filter(|first| matches!(first, '"' | '\''));
        let Some((quote, value_start)) = quote.map(|quote| (quote, open + 1)) else {
            return Err(Fault::damage(open, format!("a quote was expected: the value of attribute{shown} has none")));
        };
        let Some(length) = rest(value_start).find(quote) else {
            return Err(Fault::damage(
                open,
                format!("`{quote}` is missing: the value of attribute{shown} does not end"),
            ));
        };
        let value = rest(value_start).part(..length);
        if let Some(less) = value.find('<') {
            let message = format!(
                "`<` cannot stand in the value of attribute{shown}: `{quote}` is missing before it, or it must be written `&lt;`"
            );
            return Err(Fault::damage(value_start + less, message));
        }
        if is_known(qualified, found) {
            return Err(Fault::damage(start, format!("attribute{shown} is given twice")));
        }
        if Limit::Attributes.is_passed(found.len() + 1) {
            let (most, raised) = (Limit::Attributes.number(), Limit::Attributes.raised());
            let message = format!("an element has more than {most} attributes: the file is not read; {raised}");
            return Err(Fault { offset: start, code: Code::LimitReached, message });
        }
        beside_secret |= is_secret_name(qualified) || is_secret_name(value);
        found.push(RawAttribute { qualified, value, offset: value_start });
        offset = value_start + length + 1;
    }
}
