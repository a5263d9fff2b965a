//! A read deployment.toml, and how findings about it are made.

use crate::text::Parts as _;
use std::cell::OnceCell;
use std::ops::Range;

use super::{CHECKS, Diagnostic, Standard};
use crate::diagnostic::{Code, Finding};
use crate::excerpt::Excerpt;
use crate::read::document::{Document, Entry, FaultKind};
use crate::role::Profile;
use crate::secret::{
    Comments, Known, MASK, Neighbours, by_name, damaged, mask_urls, neighbours, refers, texts_of_lines,
};
use crate::source::{Place, Position};

/// How many comment lines above one are looked at for what is open there.
const COMMENTS: usize = 200;

/// A deployment.toml and what is known of its server.
#[derive(Clone, Debug)]
pub struct Node<'t> {
    /// The name that reports use.
    pub name: String,
    /// The file as reports show it.
    pub file: String,
    /// Its text.
    pub text: &'t str,
    /// The text as TOML.
    pub document: Document,
    /// What it is checked for.
    pub standard: Standard,
    /// What the server does; none if nothing tells.
    pub profile: Option<Profile>,
    /// What is odd about how the file is encoded.
    pub encoding: Vec<Finding>,
    /// Which values a neighbour names as secrets.
    named: Neighbours,
    /// Where its lines begin.
    lines: Vec<usize>,
    /// It could not be read as TOML.
    damaged: bool,
    /// Where its texts of several lines stand, once somebody asks.
    texts: OnceCell<Vec<Range<usize>>>,
}

impl<'t> Node<'t> {
    /// Reads the text.
    #[must_use]
    pub fn new(name: String, file: String, text: &'t str, standard: Standard, profile: Option<Profile>) -> Self {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let document = crate::read::document::document(text);
        let named = neighbours(document.entries.iter().map(|entry| (entry.key.as_str(), entry.value.text.as_str())));
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1)).collect();
        let damaged = document.faults.iter().any(|fault| fault.kind == FaultKind::Syntax);
        Self {
            name,
            file,
            text,
            document,
            standard,
            profile,
            encoding: Vec::new(),
            named,
            lines,
            damaged,
            texts: OnceCell::new(),
        }
    }

    /// The same with what is odd about how the file is encoded.
    #[must_use]
    pub fn encoded(self, encoding: Vec<Finding>) -> Self {
        Self { encoding, ..self }
    }

    /// Whether the file could not be read as TOML, so that what it says is not sure.
    #[must_use]
    pub fn is_damaged(&self) -> bool {
        self.damaged
    }

    /// Its values; none of a damaged file.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        if self.is_damaged() { &[] } else { &self.document.entries }
    }

    /// The value of a key.
    #[must_use]
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().find(|entry| entry.key == key)
    }

    /// The text of a key's value.
    #[must_use]
    pub fn value(&self, key: &str) -> Option<&str> {
        self.entry(key).map(|entry| entry.value.text.as_str())
    }

    /// The port offset of the node; 0 if it is not a number.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.value("server.offset").and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    /// The place of a part of the file.
    #[must_use]
    pub fn place(&self, span: &Range<usize>) -> Place {
        Place::at(&self.file, self.position(span.start))
    }

    /// The line and column of a byte.
    fn position(&self, offset: usize) -> Position {
        let line = self.lines.partition_point(|start| *start <= offset).max(1);
        let before = self.text.get(self.lines[line - 1]..offset).unwrap_or_default();
        Position { line: line as u32, column: before.chars().count() as u32 + 1 }
    }

    /// A finding about a part of the file.
    #[must_use]
    pub fn finding(&self, code: Code, span: &Range<usize>, message: impl Into<String>) -> Diagnostic {
        let position = self.position(span.start);
        let excerpt = Some(self.excerpt(span));
        let first_line = self.text.part(span.clone()).lines().next().unwrap_or("");
        let length = Some(first_line.trim_end().chars().count().max(1));
        Diagnostic { excerpt, length, ..self.at(code, Place::at(&self.file, position), message.into()) }
    }

    /// A finding about the whole file.
    #[must_use]
    pub fn about_file(&self, code: Code, message: impl Into<String>) -> Diagnostic {
        self.at(code, Place::file(&self.file), message.into())
    }

    /// A finding with the severity and the help of its check.
    pub(super) fn at(&self, code: Code, place: Place, message: String) -> Diagnostic {
        let check = CHECKS.iter().find(|check| check.code == code);
        let (severity, help) =
            check.map_or_else(|| (code.severity(), code.help()), |check| (check.severity(), check.help()));
        Diagnostic {
            finding: Finding::new(code, message).with_severity(severity).on(&self.name).at(place),
            excerpt: None,
            length: None,
            help: help.to_owned(),
            related: Vec::new(),
        }
    }

    /// Whether a value must not be shown; it is number `index` of the document's.
    fn holds_secret(&self, index: usize, entry: &Entry) -> bool {
        let by_table = ["secrets.", "runtime_secrets."].iter().any(|table| entry.key.starts_with(table));
        by_table || self.named.name(index) || by_name(&entry.key, &entry.value.text)
    }

    /// A comment line, which begins at byte `start`, with what the comment lines above it leave open.
    fn comment_at(&self, start: usize, line: &str) -> String {
        let above = self.text.part(..start).lines().rev().take(COMMENTS);
        let mut above: Vec<&str> = above.take_while(|line| line.trim_start().starts_with('#')).collect();
        above.reverse();
        let mut comments = Comments::default();
        if let Some(header) = self.document.headers.iter().take_while(|header| header.span.start < start).last() {
            comments.enter(&header.key);
        }
        for line in above {
            comments.line(line);
        }
        comments.line(line)
    }

    /// Whether a line that begins at `start` stands inside a text of several lines.
    fn is_inside_text(&self, start: usize) -> bool {
        let texts = self.texts.get_or_init(|| texts_of_lines(self.text));
        let before = texts.partition_point(|text| text.start < start);
        before.checked_sub(1).is_some_and(|last| start < texts[last].end)
    }

    /// The line where `span` begins, without what stands behind its last value.
    fn excerpt(&self, span: &Range<usize>) -> Excerpt {
        let start = self.text.part(..span.start).rfind('\n').map_or(0, |at| at + 1);
        let end = self.text.part(start..).find('\n').map_or(self.text.len(), |at| start + at);
        let mut line = Line { text: String::new(), marked: span.start, mark: None };
        let mut at = start;
        // Entries stand in the order of the file; what a damaged one says is not sure.
        let all = self.entries();
        let first = all.partition_point(|entry| entry.value.span.end <= start);
        let here = all.iter().enumerate().skip(first);
        for (index, entry) in here.take_while(|(_, entry)| entry.value.span.start < end) {
            let value = entry.value.span.start.max(start)..entry.value.span.end.min(end);
            if value.start >= end || value.end <= start {
                continue;
            }
            line.push(at, self.text.part(at..value.start), None);
            let source = self.text.part(value.clone());
            let shown = if self.holds_secret(index, entry) && !refers(&entry.value.text) {
                format!("\"{MASK}\"")
            } else {
                mask_urls(source)
            };
            line.push(value.start, source, (shown != source).then_some(&shown));
            at = value.end;
        }
        let rest = self.text.part(at..end);
        if self.is_damaged() {
            // What could not be read may be anything, a secret too.
            let shown = damaged(rest, self.is_inside_text(start));
            let same = shown.chars().zip(rest.chars()).take_while(|(shown, source)| shown == source);
            let same: usize = same.map(|(char, _)| char.len_utf8()).sum();
            line.push(at, rest.part(..same), None);
            line.push(
                at + same,
                rest.part(same..),
                (shown.len() > same || rest.len() > same).then(|| shown.part(same..).to_owned()).as_ref(),
            );
        } else if at == start {
            let shown = self.comment_at(start, rest);
            line.push(at, rest, (shown != rest).then_some(&shown));
        }
        let text = line.text.trim_end().replace('\t', " ");
        let count = text.chars().count();
        let (start, length) = match line.mark {
            Some((start, Some(length))) => (start, length),
            Some((start, None)) => (start, self.text.part(span.start..span.end.min(end)).trim_end().chars().count()),
            None => (count, 1),
        };
        let start = start.min(count);
        Excerpt { line: text, start, length: length.clamp(1, (count - start).max(1)) }
    }
}

/// A line in the making, and where in it the marked part begins.
struct Line {
    text: String,
    /// The byte of the file that is marked.
    marked: usize,
    /// The character of the line where it stands; with a length if it lies in what is shown for something else.
    mark: Option<(usize, Option<usize>)>,
}

impl Line {
    /// Adds a part of the file, from byte `at` on, or what is shown for it.
    fn push(&mut self, at: usize, source: &str, shown: Option<&String>) {
        let inside = self.marked.checked_sub(at).filter(|offset| *offset < source.len());
        if let Some(offset) = inside {
            let before = self.text.chars().count();
            self.mark = Some(match shown {
                Some(shown) => (before, Some(shown.chars().count())),
                None => (before + source.part(..offset).chars().count(), None),
            });
        }
        self.text.push_str(shown.map_or(source, String::as_str));
    }
}

/// The secrets of the nodes, which no message may show.
#[must_use]
pub fn known(nodes: &[Node<'_>]) -> Known {
    let entries = nodes
        .iter()
        .flat_map(|node| node.document.entries.iter().enumerate().map(move |(index, entry)| (node, index, entry)));
    let values = entries.flat_map(|(node, index, entry)| {
        let secret = node.holds_secret(index, entry);
        let inside = entry.value.texts().map(|value| value.text.as_str());
        inside
            .chain((secret && entry.value.texts().next().is_none()).then_some(entry.value.text.as_str()))
            .map(move |text| (text, secret))
    });
    let values: Vec<(&str, bool)> = values.collect();
    Known::of(values.iter().copied())
}

#[cfg(test)]
mod tests {
    use super::Node;
    use crate::check::Standard;
    use crate::diagnostic::Code;
    use crate::version::Target;

    #[test]
    fn shows_lines_without_secrets() {
        for (text, part, line, shown) in [
            ("[a]\nb = 1 # x", "b", "b = 1", "b"),
            ("a = { password = \"sesame\", b = 1 }", "b =", "a = { password = \"********\", b = 1", "b ="),
            ("password = \"sesame\" # sesame", "sesame", "password = \"********\"", "\"********\""),
            ("password = \"$secret{x}\"", "$secret", "password = \"$secret{x}\"", "$secret"),
            (
                "url = \"jdbc:x://h?password=sesame&a=b\"",
                "&",
                "url = \"jdbc:x://h?password=********&a=b\"",
                "\"jdbc:x://h?password=********&a=b\"",
            ),
            ("  [a]", "[a]", "  [a]", "[a]"),
            ("\ta = 'ü' ", "'ü'", " a = 'ü'", "'ü'"),
            ("password = sesame", "sesame", "password = ********", "********"),
            ("a = [\n 'x', # c\n 'y' ]", "'y'", " 'y' ]", "'y'"),
        ] {
            let node = Node::new("n".into(), "f".into(), text, Standard::of(Target::Current), None);
            let start = text.find(part).unwrap();
            let start = if part == "b" { text.find("b =").unwrap() } else { start };
            let found = node.finding(Code::DeadKey, &(start..start + part.len()), "m").excerpt.unwrap();
            assert_eq!(found.line, line, "{text:?}");
            let marked: String = found.line.chars().skip(found.start).take(found.length).collect();
            assert_eq!(marked, shown, "{text:?}");
        }
    }
}
