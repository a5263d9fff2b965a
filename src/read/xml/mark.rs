//! Gaps of guides (`<tm-host>`) and marks of deployment tools (`<%= x %>`) that stand in a file as if they were tags.
//!
//! No XML parser reads such a file, so this is looked at only when one has failed: the marks are masked, character
//! by character, the file is read once more, and what was masked is put back into the leaves. Places stay right,
//! and a healthy file pays nothing. In doubt a tag is a tag, and the file stays damaged.

use crate::text::Parts as _;
use std::borrow::Cow;
use std::ops::Range;

use super::Fault;
use super::tag::is_blank;
use crate::read::position::Cursor;
use crate::read::{Leaves, Oddity};

/// What has a meaning in XML, and what stands for it in a masked mark: characters for private use.
const MASKS: [(char, char); 5] =
    [('<', '\u{e000}'), ('>', '\u{e001}'), ('&', '\u{e002}'), ('"', '\u{e003}'), ('\'', '\u{e004}')];

/// How a masked mark of a template tool begins.
const TEMPLATE: &str = "\u{e000}%";

/// The longest gap: more is hardly the name of a host.
const LONGEST: usize = 64;

/// Whether a text of a masked file holds a mark of a template tool.
pub(super) fn has_template(text: &str) -> bool {
    text.contains(TEMPLATE)
}

/// A text whose marks are masked.
pub(super) struct Masked {
    pub(super) text: String,
    /// Each gap that is read as text.
    oddities: Vec<Oddity>,
}

impl Masked {
    /// The text with its marks masked; `None` if it has none.
    pub(super) fn of(text: &str) -> Option<Self> {
        if text.contains(MASKS.map(|(_, mask)| mask)) {
            return None;
        }
        let mut scan = Scan { text, open: Vec::new(), marks: Vec::new() };
        // It ends early where the damage is of another kind; the second reading says which.
        let _ = scan.run();
        let mut marks = scan.marks;
        if marks.is_empty() {
            return None;
        }
        marks.sort_by_key(|mark| mark.start);
        let mut out = String::with_capacity(text.len() + 8 * marks.len());
        let (mut done, mut places, mut oddities) = (0, Cursor::new(text), Vec::new());
        for mark in marks {
            out.push_str(text.part(done..mark.start));
            let written = text.part(mark.clone());
            out.extend(written.chars().map(|char| mapped(char, |pair| pair)));
            if !written.starts_with("<%") {
                let fault = Fault::repaired(mark.start, "a gap in angle brackets: read as text");
                oddities.push(Oddity { code: fault.code, message: fault.message, position: places.at(fault.offset) });
            }
            done = mark.end;
        }
        out.push_str(text.part(done..));
        Some(Self { text: out, oddities })
    }

    /// What was read of the masked text, as it is written in the file.
    pub(super) fn restore<'a>(&self, found: Leaves<'_>) -> Leaves<'a> {
        let leaf = |leaf: crate::read::Leaf<'_>| crate::read::Leaf {
            path: unmasked(&leaf.path),
            value: Cow::Owned(unmasked(&leaf.value)),
            kind: leaf.kind,
            position: leaf.position,
            secrets: leaf.secrets.iter().map(|text| unmasked(text)).collect(),
        };
        let leaves = found.leaves.into_iter().map(leaf).collect();
        let mut oddities: Vec<Oddity> = found.oddities.into_iter().chain(self.oddities.iter().cloned()).collect();
        oddities.sort_by_key(|oddity| (oddity.position.line, oddity.position.column));
        Leaves { leaves, oddities }
    }
}

/// A text of a masked file as it is written there.
pub(super) fn unmasked(text: &str) -> String {
    text.chars().map(|char| mapped(char, |(plain, mask)| (mask, plain))).collect()
}

fn mapped(char: char, turned: impl Fn((char, char)) -> (char, char)) -> char {
    MASKS.into_iter().map(turned).find(|(from, _)| *from == char).map_or(char, |(_, to)| to)
}

/// A start tag whose end tag has not come yet.
struct Open<'a> {
    name: &'a str,
    range: Range<usize>,
    /// Whether an element stands inside.
    has_elements: bool,
}

struct Scan<'a> {
    text: &'a str,
    open: Vec<Open<'a>>,
    marks: Vec<Range<usize>>,
}

impl Scan<'_> {
    /// Finds the marks; `None` where something begins that does not end, or is damaged otherwise.
    fn run(&mut self) -> Option<()> {
        let mut at = 0;
        while let Some(found) = self.text.part(at..).find('<') {
            let start = at + found;
            let rest = self.text.part(start..);
            let until = |end: &str| rest.find(end).map(|index| start + index + end.len());
            at = if rest.starts_with("<%") {
                self.template(start)?
            } else if rest.starts_with("<!--") {
                until("-->")?
            } else if rest.starts_with("<![CDATA[") {
                until("]]>")?
            } else if rest.starts_with("<?") {
                until("?>")?
            } else if rest.starts_with("<!") {
                let subset = rest.find('[') < rest.find('>') && rest.contains('[');
                until(if subset { "]>" } else { ">" })?
            } else if rest.starts_with("</") {
                let end = until(">")?;
                self.end_tag(self.text.part(start + 2..end - 1).trim_end_matches(is_blank))?;
                end
            } else {
                self.start_tag(start)?
            };
        }
        Some(())
    }

    /// Takes the `<% … %>` at `start` for a mark and gives its end.
    fn template(&mut self, start: usize) -> Option<usize> {
        let end = start + self.text.part(start..).find("%>")? + 2;
        self.marks.push(start..end);
        Some(end)
    }

    /// Reads a start tag with the marks in its values and gives its end.
    fn start_tag(&mut self, start: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let mut quote: Option<(u8, usize)> = None;
        let mut gaps = Vec::new();
        let mut at = start + 1;
        loop {
            match (*bytes.get(at)?, quote) {
                (b'<', _) if bytes.get(at + 1) == Some(&b'%') => {
                    at = self.template(at)?;
                    continue;
                }
                (b'<', Some(_)) => {
                    let length = gap(self.text.part(at..))?;
                    gaps.push(at..at + length);
                    at += length;
                    continue;
                }
                (b'<', None) => return None,
                (b'\n', Some(_)) if !gaps.is_empty() => return None,
                (byte, Some((open, _))) if byte == open => quote = None,
                (byte @ (b'"' | b'\''), None) => quote = Some((byte, at)),
                (b'>', None) => break,
                _ => {}
            }
            at += 1;
        }
        self.marks.append(&mut gaps);
        if bytes[at - 1] == b'/' {
            self.open.last_mut()?.has_elements = true;
        } else {
            let inside = self.text.part(start + 1..at);
            let name = inside.split(is_blank).next().unwrap_or_default();
            self.open.push(Open { name, range: start..at + 1, has_elements: false });
        }
        Some(at + 1)
    }

    /// Closes an element; the start tags in it that nothing closes must be gaps.
    fn end_tag(&mut self, name: &str) -> Option<()> {
        let index = self.open.iter().rposition(|open| open.name == name)?;
        if index + 1 < self.open.len() {
            let leaf = self.open[index..].iter().all(|open| !open.has_elements);
            let gaps = &self.open[index + 1..];
            if !leaf || !gaps.iter().all(|open| self.is_gap(open)) {
                return None;
            }
            self.marks.extend(gaps.iter().map(|open| open.range.clone()));
        }
        self.open.truncate(index);
        if let Some(parent) = self.open.last_mut() {
            parent.has_elements = true;
        }
        Some(())
    }

    /// Whether an unclosed start tag is a gap: a part of a longer text, or alone in its element with a name that
    /// no element of the product has (`tm-host`, `DB_HOST`). `<A><B>1</A>` is a half-closed element.
    fn is_gap(&self, open: &Open<'_>) -> bool {
        let (before, mark, behind) =
            (self.text.part(..open.range.start), self.text.part(open.range.clone()), self.text.part(open.range.end..));
        if gap(mark) != Some(mark.len()) {
            return false;
        }
        let joined = before.ends_with(|last: char| !is_blank(last) && last != '>') || before.ends_with("%>");
        let odd_name = mark.contains(['-', '_', ' ']) || !mark.contains(char::is_lowercase);
        joined || behind.starts_with(':') || odd_name && before.ends_with('>') && !behind.starts_with(is_blank)
    }
}

/// The length of the `<some words>` at the beginning of `rest`.
fn gap(rest: &str) -> Option<usize> {
    let inside = rest.part(1..rest.find('>')?);
    let worded = inside.starts_with(char::is_alphabetic)
        && inside.len() <= LONGEST
        && inside.chars().all(|char| char.is_alphanumeric() || "-_.: ".contains(char));
    worded.then_some(inside.len() + 2)
}
