//! References in text and attributes: characters, the five entities of XML, and the simple ones that the
//! file itself declares. Entities with markup or further references are left as written, and what all of them
//! expand to is bounded, so that no file can grow without end.

use crate::text::Parts as _;
use std::borrow::Cow;

use indexmap::IndexMap;

use super::Fault;
use super::tag::is_blank;
use crate::secret::by_name;

/// How many bytes the references to declared entities of one file may expand to.
const EXPANSION_LIMIT: usize = 1 << 20;

/// What the reader of a value does with white space.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// Line ends become `\n`.
    Text,
    /// Line ends and tabs become blanks.
    Attribute,
}

/// The entities of one file.
#[derive(Default)]
pub(super) struct Entities<'a> {
    declared: IndexMap<&'a str, Cow<'a, str>>,
    expanded: usize,
    /// Those that stood in what was resolved since it was asked last, and whose names say that they are secrets.
    secrets: Vec<String>,
}

impl<'a> Entities<'a> {
    /// Takes the entities from the internal subset of a document type declaration.
    pub(super) fn declare(&mut self, doctype: &'a str) {
        let Some(open) = unquoted(doctype, '[') else { return };
        let mut rest = doctype.part(open + 1..);
        while let Some(next) = rest.find(['<', ']']) {
            rest = rest.part(next..);
            let end = if rest.starts_with(']') {
                break;
            } else if rest.starts_with("<!--") {
                rest.find("-->")
            } else {
                unquoted(rest, '>')
            };
            let Some(end) = end else { break };
            if let Some((name, value)) = rest.part(..end).strip_prefix("<!ENTITY").and_then(simple) {
                // The first declaration of an entity holds.
                self.declared.entry(name).or_insert(value);
            }
            rest = rest.part(end + 1..);
        }
    }

    /// `raw`, which begins at byte `offset`, with its references resolved; borrowed if there is nothing to do.
    /// An `&` that begins no known reference is read as written.
    ///
    /// # Errors
    /// Entities that expand to more than the limit.
    pub(super) fn resolve(
        &mut self,
        raw: &'a str,
        offset: usize,
        place: Place,
        oddities: &mut Vec<Fault>,
    ) -> Result<Cow<'a, str>, Fault> {
        let special = |byte: u8| match byte {
            b'&' | b'\r' => true,
            b'\n' | b'\t' => place == Place::Attribute,
            _ => false,
        };
        let Some(mut next) = raw.bytes().position(special) else { return Ok(Cow::Borrowed(raw)) };
        let mut out = String::with_capacity(raw.len());
        let mut rest = raw;
        loop {
            out.push_str(rest.part(..next));
            rest = rest.part(next..);
            let taken = if rest.starts_with('&') {
                let at = offset + raw.len() - rest.len();
                if let Some(length) = self.reference(rest, &mut out) {
                    length
                } else {
                    oddities.push(match reference_name(rest) {
                        // Its name may be a part of a password.
                        Some(_) => Fault::unresolved(
                            at,
                            "an entity for which the file declares no plain text: read as written",
                        ),
                        None => Fault::repaired(at, "bare `&` read as written"),
                    });
                    out.push('&');
                    1
                }
            } else {
                out.push(if place == Place::Attribute { ' ' } else { '\n' });
                if rest.starts_with("\r\n") { 2 } else { 1 }
            };
            if self.expanded > EXPANSION_LIMIT {
                let at = offset + raw.len() - rest.len();
                return Err(Fault::damage(at, "the entities of this file expand to more than 1 MiB"));
            }
            rest = rest.part(taken..);
            match rest.bytes().position(special) {
                Some(index) => next = index,
                None => break,
            }
        }
        out.push_str(rest);
        Ok(Cow::Owned(out))
    }

    /// The texts of secret entities in what was resolved since it was asked last.
    pub(super) fn take_secrets(&mut self) -> Vec<String> {
        std::mem::take(&mut self.secrets)
    }

    /// Writes what the reference at the beginning of `rest` stands for and gives its length.
    fn reference(&mut self, rest: &str, out: &mut String) -> Option<usize> {
        let (name, length) = reference_name(rest)?;
        if let Some(char) = predefined(name) {
            out.push(char);
        } else {
            let value = self.declared.get(name)?;
            self.expanded += value.len();
            out.push_str(value);
            if by_name(name, value) {
                self.secrets.push(value.clone().into_owned());
            }
        }
        Some(length)
    }
}

/// The name and the whole length of the reference at the beginning of `rest`.
fn reference_name(rest: &str) -> Option<(&str, usize)> {
    let end = rest.find(|char| char == ';' || char == '<' || is_blank(char))?;
    rest.part(end..).starts_with(';').then(|| (rest.part(1..end), end + 1))
}

/// The character that a reference of XML itself stands for.
fn predefined(name: &str) -> Option<char> {
    if let Some(digits) = name.strip_prefix('#') {
        let (digits, radix) = digits.strip_prefix('x').map_or((digits, 10), |digits| (digits, 16));
        // from_str_radix alone would take a sign.
        let legal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let char = legal.then(|| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32))??;
        return (char >= ' ' || is_blank(char)).then_some(char);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// Name and value of an internal general entity without markup and without references to other entities.
fn simple(declaration: &str) -> Option<(&str, Cow<'_, str>)> {
    let declaration = declaration.strip_prefix(is_blank)?.trim_start_matches(is_blank);
    let (name, value) = declaration.split_once(is_blank)?;
    let value = value.trim_start_matches(is_blank);
    let quote = value.chars().next().filter(|first| matches!(first, '"' | '\''))?;
    let (value, _) = value.part(1..).split_once(quote)?;
    if name == "%" || value.contains('<') {
        return None;
    }
    if !value.contains('&') {
        return Some((name, Cow::Borrowed(value)));
    }
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(next) = rest.find('&') {
        out.push_str(rest.part(..next));
        let (name, length) = reference_name(rest.part(next..))?;
        out.push(predefined(name)?);
        rest = rest.part(next + length..);
    }
    out.push_str(rest);
    Some((name, Cow::Owned(out)))
}

/// The first `wanted` in `text` outside quotes.
fn unquoted(text: &str, wanted: char) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(index, char)| {
        match quote {
            Some(open) if open == char => quote = None,
            None if char == wanted => return Some(index),
            None if matches!(char, '"' | '\'') => quote = Some(char),
            _ => {}
        }
        None
    })
}
