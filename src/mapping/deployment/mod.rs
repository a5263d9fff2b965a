//! The leaves of a `deployment.toml`: paths in, keys with their entries named and typed values out.
//!
//! An entry of an array of tables is named by what tells it apart (an environment by its name), or by all that it
//! says, so that the entries of several nodes can be compared and joined: `a[0].b` is the key `a[Default].b`.

pub mod say;

use crate::text::Parts as _;
use std::borrow::Cow;

use indexmap::IndexMap;

use super::catalog::{Key, Kind, Positions, without_indexes};
use crate::read::{Leaf, LeafKind, Naming};
use crate::value::Value;

/// The entries of the arrays of tables of one file: `a[0]` → the entry's name.
#[derive(Debug, Default)]
pub struct Entries(IndexMap<String, String>);

impl Entries {
    /// Names the entries. `naming` says by which field: the array's key, and the field.
    #[must_use]
    pub fn of(leaves: &[Leaf<'_>], naming: &Naming) -> Self {
        let mut inside: IndexMap<&str, Vec<&Leaf<'_>>> = IndexMap::new();
        for leaf in leaves {
            for (end, _) in leaf.path.match_indices("].") {
                inside.entry(leaf.path.part(..=end)).or_default().push(leaf);
            }
        }
        let mut alike: IndexMap<String, usize> = IndexMap::new();
        let named = inside.into_iter().map(|(entry, leaves)| {
            let name = name_of(entry, &leaves, naming);
            // What only a secret tells apart stays apart.
            if !name.contains(crate::secret::MASK) {
                return (entry.to_owned(), name);
            }
            let count = alike.entry(name.clone()).or_default();
            *count += 1;
            (entry.to_owned(), if *count == 1 { name } else { format!("{name} {count}") })
        });
        Self(named.collect())
    }

    /// The key of the leaf at `path`.
    #[must_use]
    pub fn key<'p>(&self, path: &'p str) -> Cow<'p, str> {
        let mut out = String::new();
        let mut kept = 0;
        for (end, _) in path.match_indices("].") {
            let Some(name) = self.0.get(path.part(..=end)) else { continue };
            let start = path.part(..end).rfind('[').map_or(end, |start| start + 1);
            out.push_str(path.part(kept..start));
            out.push_str(name);
            kept = end;
        }
        if kept == 0 {
            return path.into();
        }
        out.push_str(path.part(kept..));
        out.into()
    }
}

/// What tells an entry apart: its naming field, or else everything in it that is no secret. A name must not end
/// where a key's brackets would.
fn name_of(entry: &str, leaves: &[&Leaf<'_>], naming: &Naming) -> String {
    let array = without_indexes(entry).replace("[]", "");
    let inside = leaves.iter().filter_map(|leaf| Some((leaf, leaf.path.strip_prefix(entry)?.strip_prefix('.')?)));
    let named = naming.get(&array).and_then(|field| inside.clone().find(|(_, name)| name == field));
    let name = named.map_or_else(
        || {
            // Names are shown: no secret may stand in them.
            let named = crate::secret::neighbours(inside.clone().map(|(leaf, _)| (leaf.path.as_str(), &*leaf.value)));
            let plain = inside
                .clone()
                .enumerate()
                .filter(|(index, (leaf, _))| !named.name(*index) && !crate::secret::by_name(&leaf.path, &leaf.value));
            plain.map(|(_, (leaf, _))| crate::secret::mask_urls(leaf.value.trim())).collect::<Vec<_>>().join(" ")
        },
        |(leaf, _)| leaf.value.trim().to_owned(),
    );
    // As it is meant: the file has it as the product's XML needs it.
    bracket_free(&meant(&name, Positions::default()))
}

/// What stands for the brackets of a name inside a key, whose own brackets end there: characters that no name has.
const OPEN: char = '\u{f05b}';
const CLOSE: char = '\u{f05d}';

/// A name as it stands inside a key.
fn bracket_free(name: &str) -> String {
    name.replace('[', &OPEN.to_string()).replace(']', &CLOSE.to_string())
}

/// A text with the brackets of names as they are: for people, and for what the name itself is.
#[must_use]
pub fn with_brackets(text: &str) -> Cow<'_, str> {
    if text.contains([OPEN, CLOSE]) { text.replace(OPEN, "[").replace(CLOSE, "]").into() } else { text.into() }
}

/// A row's key with `*` for a part, or a trailing `.**` for all below.
#[derive(Clone, Debug)]
pub struct KeyPattern {
    parts: Vec<String>,
    open: bool,
}

impl KeyPattern {
    /// Splits a row's key.
    #[must_use]
    pub fn new(from: &str) -> Self {
        let (head, open) = from.strip_suffix(".**").map_or((from, false), |head| (head, true));
        Self { parts: split(head).map(|part| part.name.to_owned()).collect(), open }
    }

    /// Whether a key is one that the row is for, with what brackets and `*` stand for.
    #[must_use]
    pub fn matches(&self, key: &str) -> Option<Vec<String>> {
        self.matches_parts(&Parts::of(key))
    }

    /// The same of a key that was split before.
    #[must_use]
    pub fn matches_parts(&self, key: &Parts<'_>) -> Option<Vec<String>> {
        let parts = &key.0;
        let fits = if self.open { parts.len() >= self.parts.len() } else { parts.len() == self.parts.len() };
        if !fits {
            return None;
        }
        let mut captures = Vec::new();
        for (wanted, part) in self.parts.iter().zip(parts) {
            if wanted == "*" {
                captures.push(part.name.trim_matches('\'').to_owned());
            } else if wanted != part.name {
                return None;
            }
            captures.extend(part.entry.map(|name| with_brackets(name).into_owned()));
        }
        if self.open {
            // What the two stars stand for is one name.
            let rest = parts.iter().skip(self.parts.len()).map(|part| part.name.trim_matches('\''));
            captures.push(rest.collect::<Vec<_>>().join("."));
        }
        Some(captures)
    }

    /// How much of a key the pattern says.
    #[must_use]
    pub fn weight(&self) -> (bool, usize, usize) {
        (!self.open, self.parts.len(), self.parts.iter().filter(|part| *part != "*").count())
    }
}

/// A key split at its dots, to be compared with many patterns.
pub struct Parts<'k>(Vec<Part<'k>>);

impl<'k> Parts<'k> {
    /// Splits a key.
    #[must_use]
    pub fn of(key: &'k str) -> Self {
        Self(split(key).collect())
    }
}

/// A part of a key: its name, quotes and all, and the name of the entry behind it.
struct Part<'k> {
    name: &'k str,
    entry: Option<&'k str>,
}

/// Splits a key at its dots, quoted parts and entries' names whole.
fn split(key: &str) -> impl Iterator<Item = Part<'_>> {
    let mut rest = Some(key);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let stop = text.char_indices().find(|(_, character)| match character {
            '\'' => {
                quoted = !quoted;
                false
            }
            '.' | '[' => !quoted,
            _ => false,
        });
        let Some((at, stop)) = stop else {
            rest = None;
            return Some(Part { name: text, entry: None });
        };
        if stop == '.' {
            rest = Some(text.part(at + 1..));
            return Some(Part { name: text.part(..at), entry: None });
        }
        let inner = text.part(at + 1..);
        let end = inner.find("].").unwrap_or_else(|| inner.rfind(']').unwrap_or(inner.len()));
        rest = inner.get(end + 2..);
        Some(Part { name: text.part(..at), entry: inner.get(..end) })
    })
}

/// The value of a leaf with its type.
#[must_use]
pub fn value(leaf: &Leaf<'_>) -> Value {
    if leaf.kind == LeafKind::TomlText {
        return Value::text(leaf.value.as_ref());
    }
    let Ok(value) = leaf.value.parse::<toml_edit::Value>() else { return Value::Toml(leaf.value.to_string()) };
    match &value {
        toml_edit::Value::Boolean(value) => Value::Boolean(*value.value()),
        toml_edit::Value::Integer(value) => Value::Integer(*value.value()),
        toml_edit::Value::Array(items) => {
            let texts: Option<Vec<&str>> = items.iter().map(toml_edit::Value::as_str).collect();
            texts.map_or_else(|| Value::Toml(leaf.value.trim().to_owned()), Value::list)
        }
        _ => Value::Toml(leaf.value.trim().to_owned()),
    }
}

/// A value as the target's mapper takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fitted {
    /// The value.
    pub value: Value,
    /// What was wrong with it, if it had to be changed: "a text where a list is wanted".
    pub changed: Option<&'static str>,
}

/// `value` in a type that the mapper of 4.x takes for `key`: what 3.x took may stop it.
///
/// # Errors
/// What the key takes, where nothing of that kind can be made of the value.
pub fn fit(value: Value, key: &Key) -> Result<Fitted, &'static str> {
    if is_taken(&value, key) || opaque(&value) {
        return Ok(Fitted { value, changed: None });
    }
    let plain = value.plain();
    let (fitted, changed) = match key.kind {
        Kind::List => {
            (Value::list(plain.split(',').map(str::trim).filter(|item| !item.is_empty())), "a list is wanted")
        }
        Kind::Boolean => match plain.trim().to_ascii_lowercase().as_str() {
            "true" => (Value::Boolean(true), "a boolean is wanted, no text"),
            "false" => (Value::Boolean(false), "a boolean is wanted, no text"),
            _ => return Err("`true` or `false`"),
        },
        Kind::Duration => return Err("a whole number, or one with the unit ms, s, m, h or d"),
        Kind::Text | Kind::Integer => (Value::text(plain), "a text is wanted"),
        Kind::Table => return Err("a table"),
    };
    if is_taken(&fitted, key) {
        Ok(Fitted { value: fitted, changed: Some(changed) })
    } else {
        Err("a value of another type")
    }
}

/// A variable or a mark of a template tool: its type is known to whoever fills it.
fn opaque(value: &Value) -> bool {
    matches!(value, Value::Text(text) if text.contains(['{', '@', '%']) && super::codec::convert(text, super::rule::Codec::Copy, Kind::Boolean).is_ok())
}

fn is_taken(value: &Value, key: &Key) -> bool {
    let fails = |word: &str| key.fails_with.split(", ").any(|known| known == word);
    let words: &[&str] = match value {
        Value::Boolean(true) => &["boolean", "boolean true"],
        Value::Boolean(false) => &["boolean", "boolean false"],
        Value::Integer(_) => &["integer"],
        Value::Text(text) => text_words(text.trim()),
        Value::List(items) if items.is_empty() => &["empty array"],
        Value::List(_) => &["array of strings"],
        Value::Toml(text) if text.starts_with('[') => &["array of strings"],
        Value::Toml(_) => &["float"],
    };
    !words.iter().any(|word| fails(word))
}

/// What kinds of text it is, in the words of the facts.
fn text_words(text: &str) -> &'static [&'static str] {
    let unit = text.trim_start_matches(|character: char| character.is_ascii_digit());
    let digits = text.len() - unit.len();
    match unit {
        _ if text.is_empty() => &["empty string"],
        "" => &["string holding a number"],
        "ms" | "s" | "m" | "h" | "d" if digits > 0 => &["string holding a duration"],
        _ if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") => {
            &["string", "string holding a boolean"]
        }
        _ => &["string"],
    }
}

/// A text as it is meant where it lands: entities decoded where the product puts it into XML, doubled backslashes
/// undone where it goes into properties alone.
#[must_use]
pub fn meant(text: &str, positions: Positions) -> Cow<'_, str> {
    let in_xml = positions.xml || positions == Positions::default();
    if in_xml && let Some(data) = character_data(text) {
        return Cow::Owned(data.to_owned());
    }
    if in_xml && text.contains('&') {
        let mut out = text.to_owned();
        for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
            out = out.replace(entity, character);
        }
        return out.into();
    }
    if positions.properties && !positions.xml && !positions.cdata && text.contains("\\\\") {
        return text.replace("\\\\", "\\").into();
    }
    text.into()
}

/// What is in a text that is a CDATA section and nothing else: XML parses it to that.
#[must_use]
pub fn character_data(text: &str) -> Option<&str> {
    let data = text.trim().strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
    (!data.contains("]]>")).then_some(data)
}

/// Whether a text holds `&` or `<` as no XML file may: the product does not escape them.
#[must_use]
pub fn is_bare(text: &str, positions: Positions) -> bool {
    let ampersand = |(at, _): (usize, &str)| {
        let rest = text.part(at + 1..);
        let end = rest.find(';').unwrap_or(0);
        let name = rest.part(..end);
        let numbered = name.strip_prefix('#').is_some_and(|number| {
            !number.is_empty() && number.trim_start_matches('x').bytes().all(|byte| byte.is_ascii_hexdigit())
        });
        !(matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") || numbered)
    };
    let plain = character_data(text).is_none();
    positions.xml && plain && (text.contains('<') || text.match_indices('&').any(ampersand))
}

#[cfg(test)]
mod tests {
    use super::{Entries, KeyPattern, Value, fit, is_bare, value};
    use crate::mapping::catalog::{Catalog, Positions};
    use crate::read::Naming;
    use crate::read::toml::toml;

    #[test]
    fn names_entries_by_a_field_or_by_all_they_say() {
        let text =
            "[[e]]\nname = \"a.b\"\nx = 1\n[[e.sub]]\ny = \"p\"\nz = \"q\"\n[[f]]\npassword = \"s\"\nu = \"v\"\n";
        let leaves = toml(text).unwrap().leaves;
        let naming: Naming = [("e".to_owned(), "name".to_owned())].into_iter().collect();
        let entries = Entries::of(&leaves, &naming);
        let keys: Vec<_> = leaves.iter().map(|leaf| entries.key(&leaf.path)).collect();
        let expected = ["e[a.b].name", "e[a.b].x", "e[a.b].sub[p q].y", "e[a.b].sub[p q].z", "f[v].password", "f[v].u"];
        assert_eq!(keys, expected);
    }

    #[test]
    fn matches_keys() {
        for (from, key, captures) in [
            ("a.b", "a.b", Some(vec![])),
            ("a[].b", "a[x.y].b", Some(vec!["x.y"])),
            ("a.*.b", "a.x.b", Some(vec!["x"])),
            ("a.*", "a.'x.y'", Some(vec!["x.y"])),
            ("a.**", "a.b.c", Some(vec!["b.c"])),
            ("a.**", "a[n].c", Some(vec!["n", "c"])),
            ("a.**", "a.'b.c'", Some(vec!["b.c"])),
            ("a.b", "a.b.c", None),
            ("a.*", "a.b.c", None),
        ] {
            let found = KeyPattern::new(&from.replace("[]", "")).matches(key);
            let found = found.as_ref().map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found, captures, "{from} against {key}");
        }
    }

    #[test]
    fn types_values() {
        let leaves =
            toml("a = true\nb = 0x10\nc = \"true\"\nd = [\"x\"]\ne = 1.50\nf = [1, 2]\ng = []\n").unwrap().leaves;
        let values: Vec<Value> = leaves.iter().map(value).collect();
        let expected = [
            Value::Boolean(true),
            Value::Integer(16),
            Value::text("true"),
            Value::list(["x"]),
            Value::Toml("1.50".to_owned()),
            Value::Toml("[1, 2]".to_owned()),
            Value::List(Vec::new()),
        ];
        assert_eq!(values, expected);
    }

    #[test]
    fn fits_values_to_what_the_mapper_takes() {
        let catalog = Catalog::built_in();
        let fitted = |key: &str, value: Value| fit(value, catalog.find(key).unwrap()).map(|fitted| fitted.value);
        let languages = "apim.sdk.supported_languages";
        assert_eq!(fitted(languages, Value::text("android, java")), Ok(Value::list(["android", "java"])));
        assert_eq!(fitted("super_admin.username", Value::Integer(7)), Ok(Value::text("7")));
        assert_eq!(fitted("apim.cors.allow_origins", Value::text("a,b")), Ok(Value::text("a,b")));
        let timeout = "transport.receiver.session_timeout";
        assert_eq!(fitted(timeout, Value::text("20m")), Ok(Value::text("20m")));
        assert!(fitted(timeout, Value::text("20min")).is_err());
        assert_eq!(fitted("oauth.grant_type.password.enable", Value::text("true")), Ok(Value::Boolean(true)));
        assert_eq!(fitted("apim.cors.allow_credentials", Value::text("true")), Ok(Value::text("true")));
    }

    #[test]
    fn tells_what_xml_cannot_hold() {
        let xml = Positions { xml: true, ..Positions::default() };
        assert!(is_bare("S3cr&t", xml) && is_bare("<x>", xml) && is_bare("a&amp b", xml));
        assert!(!is_bare("a&amp;b&#38;c", xml) && !is_bare("S3cr&t", Positions::default()));
    }
}
