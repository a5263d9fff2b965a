//! TOML in, statements out: every table header and every value with its spans, in the order of the file. Where
//! [`toml`](super::toml::toml) gives the leaves of a sound file, this keeps what an editor or a checker needs besides:
//! the order of tables, how a value is written, and what is twice. Reading goes on behind a fault.

use crate::text::Parts as _;
use std::collections::BTreeMap;
use std::ops::Range;

use toml_parser::decoder::{Encoding, ScalarKind};
use toml_parser::parser::{Event, EventKind, RecursionGuard, ValidateWhitespace, parse_document};
use toml_parser::{ParseError, Source};

use super::position::Cursor;
use super::toml::push_key;
use crate::source::Position;

/// How deep arrays and inline tables may lie in each other: no configuration comes near.
const DEPTH: u32 = 80;

/// How many names one key may have: the product's own mapper uses a few.
pub(super) const PARTS: usize = 64;

/// What is said of a key with more.
pub(super) fn too_many_names() -> String {
    format!("a key has more than {PARTS} names")
}

/// A TOML file as it is written.
#[derive(Clone, Debug, Default)]
pub struct Document {
    /// The table headers, in the order of the file.
    pub headers: Vec<Header>,
    /// The values, in the order of the file; those of inline tables one by one.
    pub entries: Vec<Entry>,
    /// What is wrong with the file as TOML, in the order of the file.
    pub faults: Vec<Fault>,
}

/// `[a.b]` or `[[a.b]]`.
#[derive(Clone, Debug)]
pub struct Header {
    /// The table's key, entries of arrays of tables numbered from 0: `a.b`, or `a.b[0]`.
    pub key: String,
    /// It opens an entry of an array of tables.
    pub array: bool,
    /// The names in it.
    pub parts: Vec<Part>,
    /// The brackets and what they hold.
    pub span: Range<usize>,
}

/// One name of a dotted key, without quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name.
    pub name: String,
    /// Where, with quotes.
    pub span: Range<usize>,
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The whole key, as the reader of leaves writes it: `a.b[0].'c.d'`.
    pub key: String,
    /// The number of the header that it stands under.
    pub header: Option<usize>,
    /// The names as they stand before the `=`.
    pub parts: Vec<Part>,
    /// The value.
    pub value: Value,
}

impl Entry {
    /// Where the key stands.
    #[must_use]
    pub fn key_span(&self) -> Range<usize> {
        let start = self.parts.first().map_or(self.value.span.start, |part| part.span.start);
        start..self.parts.last().map_or(start, |part| part.span.end)
    }
}

/// A value that holds no tables.
#[derive(Clone, Debug)]
pub struct Value {
    /// What it is.
    pub shape: Shape,
    /// A string's content; of all others the source text.
    pub text: String,
    /// Where, with quotes or brackets.
    pub span: Range<usize>,
    /// It is a string between three quotes.
    pub multi_line: bool,
}

/// What a value is.
#[derive(Clone, Debug)]
pub enum Shape {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number with a point or an exponent, `inf` or `nan`.
    Float,
    /// `true` or `false`.
    Boolean,
    /// A date, a time or both.
    Date,
    /// An array, with its items.
    List(Vec<Value>),
}

impl Value {
    /// The texts of a string or of the strings of a list, with their values.
    pub fn texts(&self) -> impl Iterator<Item = &Value> {
        let items: Vec<&Value> = match &self.shape {
            Shape::List(items) => items.iter().flat_map(|item| item.texts().collect::<Vec<_>>()).collect(),
            Shape::Text => vec![self],
            _ => Vec::new(),
        };
        items.into_iter()
    }
}

/// What is wrong with a file as TOML.
#[derive(Clone, Debug)]
pub struct Fault {
    /// Which kind of fault.
    pub kind: FaultKind,
    /// What was found, lower case; never a value of the file.
    pub message: String,
    /// Where.
    pub span: Range<usize>,
    /// Where it stands first, if it stands twice.
    pub first: Option<Range<usize>>,
}

/// Which kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// No TOML: what stands behind may be misread.
    Syntax,
    /// A table or key that is there already.
    Twice,
    /// Right only since TOML 1.0 or 1.1.
    TooNew,
}

/// Reads `text`, which begins without a byte order mark.
#[must_use]
pub fn document(text: &str) -> Document {
    let source = Source::new(text);
    let tokens = source.lex().into_vec();
    let mut errors: Vec<ParseError> = Vec::new();
    let mut events: Vec<Event> = Vec::with_capacity(tokens.len());
    let mut validated = ValidateWhitespace::new(&mut events, source);
    parse_document(&tokens, &mut RecursionGuard::new(&mut validated, DEPTH), &mut errors);
    events.retain(|event| !matches!(event.kind(), EventKind::Whitespace | EventKind::Comment));
    let mut reader =
        Reader { source, events: &events, at: 0, errors, defined: BTreeMap::new(), out: Document::default() };
    reader.read();
    let Reader { errors, mut out, .. } = reader;
    out.faults.extend(errors.iter().map(|error| syntax(error, text.len())));
    out.faults.sort_by_key(|fault| fault.span.start);
    // One slip of the pen makes several complaints: the first of a line says it.
    let mut places = Cursor::new(text);
    let mut last = 0;
    out.faults.retain(|fault| {
        let line = places.at(fault.span.start).line;
        fault.kind != FaultKind::Syntax || std::mem::replace(&mut last, line) != line
    });
    out
}

/// The positions of byte offsets of a text, in any order.
pub fn positions(text: &str) -> impl FnMut(usize) -> Position {
    let mut cursor = Cursor::new(text);
    move |offset| cursor.at(offset)
}

fn syntax(error: &ParseError, end: usize) -> Fault {
    let span = error.unexpected().or_else(|| error.context()).map_or(end..end, |span| span.start()..span.end());
    let mut message = error.description().to_owned();
    let expected: Vec<String> = error.expected().unwrap_or_default().iter().map(expected).collect();
    if !expected.is_empty() {
        message = format!("{message}, expected {}", expected.join(", "));
    }
    Fault { kind: FaultKind::Syntax, message, span, first: None }
}

fn expected(expected: &toml_parser::Expected) -> String {
    match expected {
        toml_parser::Expected::Literal(literal) => format!("`{}`", literal.escape_debug()),
        toml_parser::Expected::Description(text) => (*text).to_owned(),
        _ => "something else".to_owned(),
    }
}

/// How a path came to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Header,
    /// Part of a longer header.
    Implicit,
    /// Part of a dotted key.
    Dotted,
    Array(usize),
    Value,
}

struct Reader<'t> {
    source: Source<'t>,
    events: &'t [Event],
    at: usize,
    errors: Vec<ParseError>,
    defined: BTreeMap<String, (How, Range<usize>)>,
    out: Document,
}

impl Reader<'_> {
    fn peek(&self) -> Option<EventKind> {
        self.events.get(self.at).map(Event::kind)
    }

    fn next(&mut self) -> Option<Event> {
        let event = self.events.get(self.at).copied();
        self.at += 1;
        event
    }

    fn read(&mut self) {
        while let Some(kind) = self.peek() {
            match kind {
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => self.header(kind == EventKind::ArrayTableOpen),
                EventKind::SimpleKey => {
                    let header = self.out.headers.len().checked_sub(1);
                    let base = self.out.headers.last().map_or_else(String::new, |header| header.key.clone());
                    self.assignment(&base, header);
                }
                _ => self.at += 1,
            }
        }
    }

    fn parts(&mut self) -> Vec<Part> {
        let mut parts = Vec::new();
        let mut too_long = false;
        while let Some(kind) = self.peek() {
            match kind {
                EventKind::SimpleKey => {
                    let event = self.events[self.at];
                    let mut name = std::borrow::Cow::Borrowed("");
                    if let Some(raw) = self.source.get(event) {
                        raw.decode_key(&mut name, &mut self.errors);
                    }
                    if parts.len() < PARTS {
                        parts.push(Part { name: name.into_owned(), span: range(event) });
                    } else if !too_long {
                        too_long = true;
                        let message = too_many_names();
                        let span = range(event);
                        self.out.faults.push(Fault { kind: FaultKind::Syntax, message, span, first: None });
                    }
                }
                EventKind::KeySep => {}
                _ => break,
            }
            self.at += 1;
        }
        parts
    }

    fn header(&mut self, array: bool) {
        let Some(open) = self.next() else { return };
        let parts = self.parts();
        let close = self.peek().filter(|kind| matches!(kind, EventKind::StdTableClose | EventKind::ArrayTableClose));
        let end = match close.and_then(|_| self.next()) {
            Some(close) => close.span().end(),
            None => parts.last().map_or(open.span().end(), |part| part.span.end),
        };
        let span = open.span().start()..end;
        let mut key = String::new();
        for (number, part) in parts.iter().enumerate() {
            push_key(&mut key, &part.name);
            let found = self.defined.get(&key).cloned();
            let last = number + 1 == parts.len();
            match (last, array, found) {
                (false, _, None) => self.define(&key, How::Implicit, &span),
                (true, false, None | Some((How::Implicit, _))) => self.define(&key, How::Header, &span),
                (true, true, None) => {
                    self.define(&key, How::Array(1), &span);
                    push_index(&mut key, 0);
                }
                (false, _, Some((How::Array(count), _))) => push_index(&mut key, count - 1),
                (true, true, Some((How::Array(count), first))) => {
                    self.define(&key, How::Array(count + 1), &first);
                    push_index(&mut key, count);
                }
                (false, _, Some((How::Header | How::Implicit | How::Dotted, _))) => {}
                (_, _, Some((how, first))) => self.twice(&key, how, span.clone(), first),
            }
        }
        self.out.headers.push(Header { key, array, parts, span });
    }

    fn define(&mut self, key: &str, how: How, span: &Range<usize>) {
        self.defined.insert(key.to_owned(), (how, span.clone()));
    }

    fn twice(&mut self, key: &str, how: How, span: Range<usize>, first: Range<usize>) {
        let what = match how {
            How::Array(_) => "an array of tables",
            How::Value => "a value",
            _ => "a table",
        };
        let message = format!("`{key}` is already {what}");
        self.out.faults.push(Fault { kind: FaultKind::Twice, message, span, first: Some(first) });
    }

    /// `a.b = value`, below the table `base`.
    fn assignment(&mut self, base: &str, header: Option<usize>) {
        let parts = self.parts();
        let mut key = base.to_owned();
        for (number, part) in parts.iter().enumerate() {
            push_key(&mut key, &part.name);
            let found = self.defined.get(&key).cloned();
            match (number + 1 == parts.len(), found) {
                (false, None) => self.define(&key, How::Dotted, &part.span),
                (false, Some((How::Dotted, _))) => {}
                (true, None) => self.define(&key, How::Value, &part.span),
                (_, Some((how, first))) => {
                    self.twice(&key, how, part.span.clone(), first);
                    break;
                }
            }
        }
        if self.peek() == Some(EventKind::KeyValSep) {
            self.at += 1;
            self.value(&key, header, &parts);
        }
    }

    /// The value of `key`: one entry, or those of the tables in it.
    fn value(&mut self, key: &str, header: Option<usize>, parts: &[Part]) {
        match self.peek() {
            Some(EventKind::InlineTableOpen) => self.inline_table(key, header),
            Some(EventKind::ArrayOpen) if self.holds_tables() => self.array_of_tables(key, header, parts),
            Some(EventKind::ArrayOpen | EventKind::Scalar) => {
                if let Some(value) = self.plain() {
                    self.out.entries.push(Entry { key: key.to_owned(), header, parts: parts.to_vec(), value });
                }
            }
            _ => {}
        }
    }

    fn inline_table(&mut self, key: &str, header: Option<usize>) {
        let mut comma = None;
        self.at += 1;
        while let Some(event) = self.events.get(self.at).copied() {
            match event.kind() {
                EventKind::SimpleKey => {
                    comma = None;
                    self.assignment(key, header);
                    continue;
                }
                EventKind::Newline => self.too_new(range(event), "a line break in an inline table"),
                EventKind::ValueSep => comma = Some(range(event)),
                EventKind::InlineTableClose => {
                    self.at += 1;
                    if let Some(span) = comma {
                        self.too_new(span, "a comma behind the last entry of an inline table");
                    }
                    return;
                }
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => return,
                _ => {}
            }
            self.at += 1;
        }
    }

    /// Whether a table stands in the array that opens here.
    fn holds_tables(&self) -> bool {
        let mut depth = 0;
        for event in &self.events[self.at..] {
            match event.kind() {
                EventKind::ArrayOpen => depth += 1,
                EventKind::ArrayClose => depth -= 1,
                EventKind::InlineTableOpen => return true,
                _ => {}
            }
            if depth == 0 {
                return false;
            }
        }
        false
    }

    fn array_of_tables(&mut self, key: &str, header: Option<usize>, parts: &[Part]) {
        let mut count = 0;
        self.at += 1;
        while let Some(kind) = self.peek() {
            match kind {
                EventKind::ArrayClose => {
                    self.at += 1;
                    return;
                }
                EventKind::InlineTableOpen | EventKind::ArrayOpen | EventKind::Scalar => {
                    self.value(&format!("{key}[{count}]"), header, parts);
                    count += 1;
                }
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => return,
                _ => self.at += 1,
            }
        }
    }

    /// A scalar, or an array without tables.
    fn plain(&mut self) -> Option<Value> {
        let open = self.next()?;
        if open.kind() == EventKind::Scalar {
            return Some(self.scalar(open));
        }
        let (mut items, mut end) = (Vec::new(), open.span().end());
        while let Some(event) = self.events.get(self.at).copied() {
            match event.kind() {
                EventKind::Scalar | EventKind::ArrayOpen => {
                    items.extend(self.plain());
                    continue;
                }
                EventKind::StdTableOpen | EventKind::ArrayTableOpen => break,
                _ => {}
            }
            end = event.span().end();
            self.at += 1;
            if event.kind() == EventKind::ArrayClose {
                break;
            }
        }
        let span = open.span().start()..end;
        if items.windows(2).any(|pair| std::mem::discriminant(&pair[0].shape) != std::mem::discriminant(&pair[1].shape))
        {
            self.too_new(span.clone(), "an array with items of several types");
        }
        let text = self.source.input().part(span.clone()).to_owned();
        Some(Value { shape: Shape::List(items), text, span, multi_line: false })
    }

    fn scalar(&mut self, event: Event) -> Value {
        let span = range(event);
        let source = self.source.input().part(span.clone());
        let mut text = std::borrow::Cow::Borrowed("");
        let kind = match self.source.get(event) {
            Some(raw) => raw.decode_scalar(&mut text, &mut self.errors),
            None => ScalarKind::String,
        };
        let multi_line = matches!(event.encoding(), Some(Encoding::MlBasicString | Encoding::MlLiteralString));
        let shape = match kind {
            ScalarKind::String => Shape::Text,
            ScalarKind::Boolean(_) => Shape::Boolean,
            ScalarKind::DateTime => Shape::Date,
            ScalarKind::Float => Shape::Float,
            ScalarKind::Integer(_) => Shape::Integer,
        };
        if matches!(event.encoding(), Some(Encoding::BasicString | Encoding::MlBasicString)) {
            let escapes: Vec<char> = escapes(source).collect();
            if let Some(escape) = escapes.iter().find(|escape| matches!(escape, 'e' | 'x')) {
                self.too_new(span.clone(), &format!("the escape `\\{escape}`"));
            }
        }
        if matches!(shape, Shape::Date) && source.matches(':').count() == 1 && !source.contains(['+', 'Z', 'z']) {
            self.too_new(span.clone(), "a time without seconds");
        }
        let text = if matches!(shape, Shape::Text) { text.into_owned() } else { source.to_owned() };
        Value { shape, text, span, multi_line }
    }

    fn too_new(&mut self, span: Range<usize>, what: &str) {
        let message = format!("{what} is younger than the TOML that the product reads (0.5)");
        self.out.faults.push(Fault { kind: FaultKind::TooNew, message, span, first: None });
    }
}

fn push_index(key: &mut String, index: usize) {
    key.extend(["[", &index.to_string(), "]"]);
}

/// The letters behind the backslashes of a basic string.
fn escapes(source: &str) -> impl Iterator<Item = char> {
    let mut characters = source.chars();
    std::iter::from_fn(move || {
        loop {
            if characters.next()? == '\\' {
                return characters.next();
            }
        }
    })
}

fn range(event: Event) -> Range<usize> {
    event.span().start()..event.span().end()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        document(text).entries.iter().map(|entry| format!("{}={}", entry.key, entry.value.text)).collect()
    }

    fn faults(text: &str) -> Vec<(FaultKind, String)> {
        let mut positions = positions(text);
        let shown = |fault: &Fault| {
            let at = positions(fault.span.start);
            (fault.kind, format!("{}:{} {}", at.line, at.column, fault.message))
        };
        document(text).faults.iter().map(shown).collect()
    }

    #[test]
    fn has_the_keys_and_values_of_the_leaves() {
        for text in [
            "",
            "[empty]\n[a.b]\r\nc = true\r\n",
            "a.'b.c' = \"x\"",
            "[a]\n\"b.c\".d = 0x1F # note",
            "[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3\n[[a.e]]\nf = 1\n[[a.e]]\nf = 2\n[[a]]\n[[a.e]]\nf = 3",
            "a = [ \"x\",\n 'y' ] # z",
            "a = []\nb = {}",
            "a = { b = 1, c = { d = 'e' } }",
            "a = [{ b = 1 }, { b = 2 }, 3]",
            "a = [[{ b = 1 }]]\nc = [[1], [2]]",
            "a = \"x\\ty\"\nb = '''\nz'''\nc = \"\"",
            "a = 1.50\nb = 1979-05-27 07:32:00Z",
            "[a]\nx = 1\n[b]\ny = 2\n[a.c]\nz = 3",
        ] {
            let leaves = super::super::toml::toml(text).unwrap().leaves;
            let leaves: Vec<String> = leaves.iter().map(|leaf| format!("{}={}", leaf.path, leaf.value)).collect();
            assert_eq!(shown(text), leaves, "{text:?}");
            assert!(document(text).faults.is_empty(), "{text:?}: {:?}", faults(text));
        }
    }

    #[test]
    fn tells_what_is_twice_and_reads_on() {
        for (text, entries, expected) in [
            ("[a]\nb = 1\n[a]\nc = 2", 2, "3:1 `a` is already a table"),
            ("[a]\nb = 1\n\"b\" = 2", 2, "3:1 `a.b` is already a value"),
            ("[[a]]\nb = 1\n[a]\nc = 2", 2, "3:1 `a` is already an array of tables"),
            ("a.b = 1\n[a]\nc = 2", 2, "2:1 `a` is already a table"),
            ("a = []\n[[a]]\nc = 2", 2, "2:1 `a` is already a value"),
            ("a = { b = 1, b = 2 }", 2, "1:14 `a.b` is already a value"),
            ("[a.b]\nc = 1\n[a]\nb.d = 2", 2, "4:1 `a.b` is already a table"),
        ] {
            assert_eq!(faults(text), [(FaultKind::Twice, expected.to_owned())], "{text:?}");
            assert_eq!(shown(text).len(), entries, "{text:?}");
        }
    }

    #[test]
    fn tells_what_is_too_new() {
        for (text, expected) in [
            ("a = [1, 'x']", "1:5 an array with items of several types"),
            ("a = { b = 1,\nc = 2 }", "1:13 a line break in an inline table"),
            ("a = { b = 1, }", "1:12 a comma behind the last entry of an inline table"),
            ("a = \"\\x41\"", "1:5 the escape `\\x`"),
            ("a = 07:32", "1:5 a time without seconds"),
        ] {
            let found = faults(text);
            assert!(matches!(&found[..], [(FaultKind::TooNew, message)] if message.starts_with(expected)), "{found:?}");
        }
        assert!(faults("a = \"\\\\x41\"\nb = 07:32:00\nc = [\n1,\n2,\n]").is_empty());
    }

    #[test]
    fn reads_on_behind_faults_without_quoting_the_file() {
        let text = "a = sesame\nb = 2\n[c\nd = 3\ne = \"sesame\n[f]\ng = 4";
        let found = faults(text);
        assert_eq!(found.len(), 3, "{found:?}");
        assert!(found.iter().all(|(kind, message)| *kind == FaultKind::Syntax && !message.contains("sesame")));
        let entries = shown(text);
        assert!(entries.contains(&"b=2".to_owned()) && entries.contains(&"f.g=4".to_owned()), "{entries:?}");
    }

    #[test]
    fn survives_deep_nesting() {
        for text in [format!("{}x = 1", "a.".repeat(20_000)), format!("a = {}", "[".repeat(20_000))] {
            let _ = document(&text);
        }
    }

    proptest::proptest! {
        #[test]
        fn agrees_with_the_reader_of_leaves(text in "([abc=.\\[\\]{},'\"\n 1#]){0,40}") {
            let document = document(&text);
            match super::super::toml::toml(&text) {
                Ok(leaves) => {
                    proptest::prop_assert!(document.faults.iter().all(|fault| fault.kind == FaultKind::TooNew), "{:?}", document.faults);
                    let leaves: Vec<_> = leaves.leaves.iter().map(|leaf| (leaf.path.clone(), leaf.value.to_string())).collect();
                    let entries: Vec<_> = document.entries.into_iter().map(|entry| (entry.key, entry.value.text)).collect();
                    proptest::prop_assert_eq!(entries, leaves);
                }
                Err(_) => proptest::prop_assert!(!document.faults.is_empty()),
            }
        }
    }
}
