//! deployment.toml as the mapper's own reader has it: one flat table of dotted keys.

use indexmap::IndexMap;
use toml_edit::{Document, Item, TableLike, Value};

use super::data::{Data, Map};
use super::hash::{HashOrder, as_read};
use super::mapper::Refusal;
use crate::diagnostic::Code;
use crate::excerpt::Excerpt;
use crate::read::{Cursor, Damage};

/// The file.
#[derive(Debug, Default)]
pub(super) struct Flat {
    /// Dotted keys; parts with other letters than a name has stand in single quotes. Arrays of tables are lists.
    pub(super) values: Map,
    /// `[secrets]` and `[runtime_secrets]`.
    pub(super) secrets: IndexMap<String, String>,
}

/// `quoted`: whether the mapper finds an alias that stands in quotes.
pub(super) fn flat(text: &str, quoted: bool) -> Result<Flat, Refusal> {
    if text.starts_with('\u{feff}') {
        // Java's reader of UTF-8 keeps the mark, and no TOML begins with it.
        return Err(Refusal::Syntax(Damage {
            code: Code::EncodingRefused,
            message: "the file begins with a byte order mark".to_owned(),
            position: Cursor::new(text).at(0),
            excerpt: None,
        }));
    }
    let document = Document::parse(text).map_err(|error| {
        let offset = error.span().map_or(text.len(), |span| span.start);
        Refusal::Syntax(Damage {
            code: Code::ConfigurationDamaged,
            message: crate::secret::fault(error.message()).trim().replace('\n', "; "),
            position: Cursor::new(text).at(offset),
            excerpt: Some(Excerpt::of_damage(text, offset)),
        })
    })?;
    parents_first(document.as_table(), "")?;
    let mut flat = Flat::default();
    table(document.as_table(), "", &mut flat.values)?;
    for name in ["secrets", "runtime_secrets"] {
        let Some(secrets) = document.as_table().get(name).and_then(Item::as_table_like) else { continue };
        let mut found = Map::new();
        table(secrets, "", &mut found)?;
        for (alias, value) in found {
            let Data::Text(text) = value else {
                let message = format!("`{name}.{alias}` must be a text, and is a {}", value.kind());
                return Err(Refusal::Reader { key: format!("{name}.{alias}"), message });
            };
            let alias = if quoted { alias.trim_matches('\'') } else { &alias };
            flat.secrets.insert(alias.to_owned(), text.to_string());
        }
    }
    // The mapper takes what its reader gives into a hash table of its own, with other quotes.
    let mut order = HashOrder::grown(flat.values.len());
    flat.values = order.sorted(as_read(flat.values));
    Ok(flat)
}

/// The mapper's reader never comes back from a table that stands after a table inside it.
fn parents_first(table: &dyn TableLike, path: &str) -> Result<(), Refusal> {
    for (name, item) in table.iter() {
        let path = joined(path, name)?;
        match item {
            Item::Table(inner) => {
                if let Some(own) = inner.position().filter(|_| !inner.is_implicit() && !inner.is_dotted())
                    && inner.iter().any(|(_, item)| first_position(item).is_some_and(|first| first < own))
                {
                    let message = format!(
                        "the table [{path}] stands after a table inside it: the product's reader wants it before"
                    );
                    return Err(Refusal::Reader { key: path, message });
                }
                parents_first(inner, &path)?;
            }
            Item::ArrayOfTables(entries) => {
                for entry in entries {
                    parents_first(entry, &path)?;
                }
            }
            _ => {}
        }
    }
    Ok(())
}

/// Where the first header of an item or of what is in it stands, in the order of headers.
fn first_position(item: &Item) -> Option<isize> {
    match item {
        Item::Table(table) => {
            let own = table.position().filter(|_| !table.is_implicit() && !table.is_dotted());
            own.into_iter().chain(table.iter().filter_map(|(_, item)| first_position(item))).min()
        }
        Item::ArrayOfTables(entries) => entries.iter().filter_map(toml_edit::Table::position).min(),
        _ => None,
    }
}

fn table(table: &dyn TableLike, path: &str, out: &mut Map) -> Result<(), Refusal> {
    for (name, item) in table.iter() {
        let key = joined(path, name)?;
        match item {
            Item::None => {}
            Item::Table(inner) => self::table(inner, &key, out)?,
            Item::Value(Value::InlineTable(inner)) => self::table(inner, &key, out)?,
            Item::ArrayOfTables(entries) => {
                let entries = entries.iter().map(|entry| self::entry(entry)).collect::<Result<_, _>>()?;
                out.insert(key, Data::list(entries));
            }
            Item::Value(value) => {
                let value = data(value, &key)?;
                out.insert(key, value);
            }
        }
    }
    Ok(())
}

/// A table of an array, flat in itself.
fn entry(entry: &dyn TableLike) -> Result<Data, Refusal> {
    let mut map = Map::new();
    table(entry, "", &mut map)?;
    Ok(Data::map(as_read(map)))
}

fn data(value: &Value, key: &str) -> Result<Data, Refusal> {
    Ok(match value {
        Value::String(text) => Data::text(text.value()),
        Value::Integer(number) => Data::Integer(*number.value()),
        Value::Float(number) => Data::Float(*number.value()),
        Value::Boolean(value) => Data::Boolean(*value.value()),
        Value::Datetime(date) => Data::Date(date.value().to_string().into()),
        Value::InlineTable(table) => entry(table)?,
        Value::Array(items) => {
            let kinds: Vec<&str> = items.iter().map(Value::type_name).collect();
            if kinds.windows(2).any(|pair| pair[0] != pair[1]) {
                let message = format!("`{key}` is a list of different types: the product's reader wants one");
                return Err(Refusal::Reader { key: key.to_owned(), message });
            }
            Data::list(items.iter().map(|item| data(item, key)).collect::<Result<_, _>>()?)
        }
    })
}

fn joined(path: &str, name: &str) -> Result<String, Refusal> {
    let bare = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if name.contains(['\'', '"', '\\']) {
        let message = format!("the key `{name}` has a quote or a backslash in it, which the product cannot read");
        return Err(Refusal::Reader { key: name.to_owned(), message });
    }
    let quote = if bare { "" } else { "'" };
    let dot = if path.is_empty() { "" } else { "." };
    Ok(format!("{path}{dot}{quote}{name}{quote}"))
}
