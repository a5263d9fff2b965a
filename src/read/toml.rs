//! TOML in, leaves out: every scalar and every array of scalars under its dotted key. What a key means, and
//! what the product's own notations (`$ref{}`, `$env{}`) stand for, is not known here.

use crate::text::Parts as _;
use std::borrow::Cow;

use toml_edit::{Array, Document, Item, TableLike, Value};

use crate::excerpt::Excerpt;

use super::document::{FaultKind, PARTS, too_many_names};
use super::position::Cursor;
use super::{Damage, Leaf, LeafKind, Leaves};

/// The values of `text`, in the order of the file.
///
/// Tables are dotted (`a.b`), the items of arrays of tables numbered from 0 (`a[0].b`), key parts other than
/// letters, digits, `_` and `-` quoted (`a.'b.c'`). A string's value is decoded; every other value is its
/// source text. Empty tables have no leaf, an empty array has.
///
/// # Errors
/// Text that is not TOML; the message says what was expected and never quotes the file.
pub fn toml(text: &str) -> Result<Leaves<'_>, Damage> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.lines().any(|line| line.bytes().filter(|byte| *byte == b'.').count() >= PARTS) {
        // What other keys may have is no reason to take long ones apart first.
        let faults = super::document::document(text).faults;
        if let Some(fault) = faults.into_iter().find(|fault| fault.message == too_many_names()) {
            return Err(Damage::new(fault.message, Cursor::new(text).at(fault.span.start)));
        }
    }
    let document = Document::parse(text).map_err(|error| {
        // The checks' own reader says the same fault in better words, at the place where it begins.
        let faults = super::document::document(text).faults;
        let fault = faults.into_iter().find(|fault| fault.kind != FaultKind::TooNew);
        let (message, offset) = fault.map_or_else(
            || {
                let offset = error.span().map_or(text.len(), |span| span.start);
                (crate::secret::fault(error.message()).trim().replace('\n', "; "), offset)
            },
            |fault| (fault.message, fault.span.start),
        );
        Damage { excerpt: Some(Excerpt::of_damage(text, offset)), ..Damage::new(message, Cursor::new(text).at(offset)) }
    })?;
    let mut walk = Walk { text, path: String::new(), leaves: Vec::new() };
    walk.table(document.as_table());
    // Tables may be reopened, so that the walk does not follow the text.
    walk.leaves.sort_by_key(|(offset, _)| *offset);
    let mut places = Cursor::new(text);
    let leaves = walk.leaves.into_iter().map(|(offset, mut leaf)| {
        leaf.position = places.at(offset);
        leaf
    });
    Ok(Leaves { leaves: leaves.collect(), oddities: Vec::new() })
}

struct Walk<'a> {
    text: &'a str,
    path: String,
    /// The leaves with their byte offsets, still without positions.
    leaves: Vec<(usize, Leaf<'a>)>,
}

impl Walk<'_> {
    fn table(&mut self, table: &dyn TableLike) {
        for (key, item) in table.iter() {
            let length = self.path.len();
            push_key(&mut self.path, key);
            match item {
                Item::None => {}
                Item::Table(table) => self.table(table),
                Item::ArrayOfTables(tables) => {
                    for (index, table) in tables.iter().enumerate() {
                        self.indexed(index, |walk| walk.table(table));
                    }
                }
                Item::Value(value) => self.value(value),
            }
            self.path.truncate(length);
        }
    }

    fn value(&mut self, value: &Value) {
        match value {
            Value::InlineTable(table) => self.table(table),
            Value::Array(array) if holds_tables(array) => {
                for (index, value) in array.iter().enumerate() {
                    self.indexed(index, |walk| walk.value(value));
                }
            }
            _ => self.leaf(value),
        }
    }

    fn indexed(&mut self, index: usize, visit: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.extend(["[", &index.to_string(), "]"]);
        visit(self);
        self.path.truncate(length);
    }

    fn leaf(&mut self, value: &Value) {
        let span = value.span().unwrap_or_default();
        let source = self.text.part(span.clone());
        let (value, kind) = match value.as_str() {
            Some(decoded) => {
                let inner = source.get(1..source.len().saturating_sub(1)).filter(|inner| *inner == decoded);
                (inner.map_or_else(|| Cow::Owned(decoded.to_owned()), Cow::Borrowed), LeafKind::TomlText)
            }
            None => (Cow::Borrowed(source), LeafKind::Toml),
        };
        let leaf = Leaf {
            path: self.path.clone(),
            value,
            kind,
            position: crate::source::Position::default(),
            secrets: Vec::new(),
        };
        self.leaves.push((span.start, leaf));
    }
}

/// Whether a table stands anywhere in `array`, so that it is no list of scalars.
fn holds_tables(array: &Array) -> bool {
    array.iter().any(|value| value.is_inline_table() || value.as_array().is_some_and(holds_tables))
}

pub(super) fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    let bare = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if bare {
        path.push_str(key);
    } else {
        let quote = if key.contains('\'') { "\"" } else { "'" };
        path.extend([quote, key, quote]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let leaves = toml(text).unwrap().leaves.into_iter();
        leaves
            .map(|leaf| format!("{}:{} {}={}", leaf.position.line, leaf.position.column, leaf.path, leaf.value))
            .collect()
    }

    #[test]
    fn flattens_tables_and_numbers_their_arrays() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("[empty]\n[a.b]\r\nc = true\r\n", &["3:5 a.b.c=true"]),
            ("a.'b.c' = \"x\"", &["1:11 a.'b.c'=x"]),
            ("[a]\n\"b.c\".d = 0x1F # note", &["2:11 a.'b.c'.d=0x1F"]),
            ("[[a]]\nb = 1\n[[a]]\nb = 2\n[a.c]\nd = 3", &["2:5 a[0].b=1", "4:5 a[1].b=2", "6:5 a[1].c.d=3"]),
            ("a = [ \"x\",\n 'y' ] # z", &["1:5 a=[ \"x\",\n 'y' ]"]),
            ("a = []\nb = {}", &["1:5 a=[]"]),
            ("a = { b = 1, c = { d = 'e' } }", &["1:11 a.b=1", "1:24 a.c.d=e"]),
            ("a = [{ b = 1 }, { b = 2 }, 3]", &["1:12 a[0].b=1", "1:23 a[1].b=2", "1:28 a[2]=3"]),
            ("a = [[{ b = 1 }]]", &["1:13 a[0][0].b=1"]),
            ("a = \"x\\ty\"\nb = '''\nz'''\nc = \"\"", &["1:5 a=x\ty", "2:5 b=z", "4:5 c="]),
            ("a = 1.50\nb = 1979-05-27", &["1:5 a=1.50", "2:5 b=1979-05-27"]),
            ("[a]\nx = 1\n[b]\ny = 2\n[a.c]\nz = 3", &["2:5 a.x=1", "4:5 b.y=2", "6:5 a.c.z=3"]),
            ("\u{feff}a = 'ü'\nb = 1", &["1:5 a=ü", "2:5 b=1"]),
        ];
        for (text, expected) in cases {
            assert_eq!(&shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn says_where_it_is_damaged_without_quoting_the_file() {
        for (text, line, column) in
            [("a = 1\npassword = sesame\n", 2, 12), ("a = 1\na = 2", 2, 1), ("[a\n", 1, 3), ("a = \"sesame", 1, 12)]
        {
            let damage = toml(text).unwrap_err();
            assert_eq!((damage.position.line, damage.position.column), (line, column), "{text:?}: {damage}");
            assert!(!damage.message.contains("sesame") && !damage.message.contains('\n'), "{damage}");
        }
    }

    #[test]
    fn borrows_plain_strings() {
        assert!(matches!(toml("a = \"b\"").unwrap().leaves[0].value, Cow::Borrowed("b")));
    }

    #[test]
    fn keys_have_no_more_names_than_they_may() {
        assert!(toml(&format!("{}x = 1", "a.".repeat(PARTS - 1))).is_ok());
        for text in [format!("b = 1\n{}x = 1", "a.".repeat(PARTS)), format!("b = 1\n[{}x]", "a.".repeat(20_000))] {
            let damage = toml(&text).unwrap_err();
            assert_eq!((damage.message, damage.position.line), (too_many_names(), 2));
        }
        // Points in a value are no names.
        assert!(toml(&format!("a = '{}'", ".".repeat(200))).is_ok());
    }

    #[test]
    fn survives_deep_nesting() {
        for text in [format!("{}x = 1", "a.".repeat(20_000)), format!("a = {}", "[".repeat(20_000))] {
            let _ = toml(&text);
        }
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(.|[a='\"\\[\\]{}.,\n 1#]){0,60}") {
            for leaf in toml(&text).map(|found| found.leaves).unwrap_or_default() {
                assert!(super::super::position::lies_in(leaf.position, &text));
            }
        }
    }
}
