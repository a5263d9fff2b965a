//! A node's file as keys that can be left out or changed one by one, everything else as it is.

use crate::text::Parts as _;
use toml_edit::{Document, DocumentMut, Item, TableLike, Value};

use crate::read::{Damage, toml};
use crate::source::Position;

/// A written key.
#[derive(Clone, Debug)]
pub struct WrittenKey {
    /// Its name: `a.b[0].'c.d'`.
    pub name: String,
    /// Where its value begins.
    pub position: Position,
    /// Its value.
    pub value: Value,
    steps: Vec<Step>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Step {
    name: String,
    index: Option<usize>,
}

/// A node's file.
#[derive(Clone, Debug)]
pub struct Written {
    document: DocumentMut,
    /// Its keys, in the order of the file.
    pub keys: Vec<WrittenKey>,
    /// How many secrets are still to be filled in: they are proven with dummies.
    pub place_holders: usize,
}

impl Written {
    /// Takes a file apart. Secrets in brackets, which stop the mapper until the cipher tool has replaced them, become
    /// dummies.
    pub fn new(text: &str) -> Result<Self, Damage> {
        let leaves = toml::toml(text)?.leaves;
        let plain = text.trim_start_matches('\u{feff}');
        let mut document = Document::parse(plain).map_or_else(|_| DocumentMut::new(), Document::into_mut);
        let mut place_holders = 0;
        let mut keys = Vec::with_capacity(leaves.len());
        for leaf in leaves {
            let steps = steps(&leaf.path);
            let Some(found) = find(&mut document, &steps) else { continue };
            if steps[0].name == "secrets" && found.as_str().is_some_and(is_bracketed) {
                replace(found, Value::from(super::mapper::DUMMY));
                place_holders += 1;
            }
            let value = found.clone();
            keys.push(WrittenKey { name: leaf.path, position: leaf.position, value, steps });
        }
        Ok(Self { document, keys, place_holders })
    }

    /// The file, with dummies for place holders.
    #[must_use]
    pub fn text(&self) -> String {
        self.document.to_string()
    }

    /// The file with other values for some keys, by their numbers.
    #[must_use]
    pub fn with(&self, changes: impl IntoIterator<Item = (usize, Value)>) -> String {
        let mut document = self.document.clone();
        for (key, value) in changes {
            if let Some(found) = find(&mut document, &self.keys[key].steps) {
                replace(found, value);
            }
        }
        document.to_string()
    }

    /// The file without some keys, by their numbers.
    #[must_use]
    pub fn without(&self, keys: impl IntoIterator<Item = usize>) -> String {
        let mut document = self.document.clone();
        for key in keys {
            let steps = &self.keys[key].steps;
            if let Some((last, head)) = steps.split_last()
                && let Some(table) = table(document.as_table_mut(), head)
            {
                table.remove(&last.name);
            }
        }
        document.to_string()
    }

    /// A table that stands behind one of its own children, which the mapper does not survive.
    #[must_use]
    pub fn late_parent(&self) -> Option<(Position, String)> {
        let mut seen: Vec<Vec<String>> = Vec::new();
        let text = self.text();
        for (number, line) in text.lines().enumerate() {
            let header = line.split('#').next().unwrap_or_default().trim();
            let Some(name) = header.strip_prefix('[').and_then(|header| header.strip_suffix(']')) else { continue };
            let array = name.starts_with('[');
            let name = name.trim_matches(['[', ']']).trim();
            let path: Vec<String> = steps(name).into_iter().map(|step| step.name).collect();
            if !array && seen.iter().any(|earlier| earlier.len() > path.len() && earlier.starts_with(&path)) {
                return Some((Position { line: number as u32 + 1, column: 1 }, name.to_owned()));
            }
            seen.push(path);
        }
        None
    }

    /// The table that a key stands in: its name without the last part.
    #[must_use]
    pub fn table_of(&self, key: usize) -> &str {
        let name = &self.keys[key].name;
        let parts = crate::mapping::catalog::parts(name);
        let last = parts.last().map_or(0, |last| last.len());
        name.part(..name.len() - last).trim_end_matches('.')
    }
}

pub(super) fn is_bracketed(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('[') && text.ends_with(']')
}

fn replace(value: &mut Value, new: Value) {
    let decor = value.decor().clone();
    *value = new;
    *value.decor_mut() = decor;
}

fn steps(path: &str) -> Vec<Step> {
    crate::mapping::catalog::parts(path).into_iter().map(step).collect()
}

fn step(part: &str) -> Step {
    let (name, index) = match part.strip_suffix(']').and_then(|part| part.rsplit_once('[')) {
        Some((name, index)) if index.parse::<usize>().is_ok() => (name, index.parse().ok()),
        _ => (part, None),
    };
    let name = ['\'', '"']
        .into_iter()
        .find_map(|quote| name.strip_prefix(quote).and_then(|name| name.strip_suffix(quote)))
        .unwrap_or(name);
    Step { name: name.to_owned(), index }
}

fn table<'d>(mut table: &'d mut dyn TableLike, steps: &[Step]) -> Option<&'d mut dyn TableLike> {
    for Step { name, index } in steps {
        let item = table.get_mut(name)?;
        table = match (item, index) {
            (Item::ArrayOfTables(tables), Some(index)) => tables.get_mut(*index)?,
            (Item::Value(Value::Array(array)), Some(index)) => array.get_mut(*index)?.as_inline_table_mut()?,
            (item, None) => item.as_table_like_mut()?,
            _ => return None,
        };
    }
    Some(table)
}

fn find<'d>(document: &'d mut DocumentMut, steps: &[Step]) -> Option<&'d mut Value> {
    let (last, head) = steps.split_last()?;
    table(document.as_table_mut(), head)?.get_mut(&last.name)?.as_value_mut()
}

#[cfg(test)]
mod tests {
    use super::Written;

    const FILE: &str =
        "[a]\nb = 1 # one\n'c.d' = \"x\"\n[[e]]\nf = true\n[[e]]\nf = false\n[secrets]\ng = \"[REPLACE_ME]\"\n";

    #[test]
    fn changes_and_drops_single_keys() {
        let written = Written::new(FILE).unwrap();
        let names: Vec<&str> = written.keys.iter().map(|key| key.name.as_str()).collect();
        assert_eq!(names, ["a.b", "a.'c.d'", "e[0].f", "e[1].f", "secrets.g"]);
        assert_eq!(written.place_holders, 1);
        let proven = FILE.replace("[REPLACE_ME]", "dummy");
        assert_eq!(written.text(), proven);
        assert_eq!(written.with([(1, "y".into())]), proven.replace("\"x\"", "\"y\""));
        assert_eq!(written.without([3]), proven.replace("f = false\n", ""));
        assert_eq!(written.without([0, 1]), proven.replace("b = 1 # one\n'c.d' = \"x\"\n", ""));
        assert_eq!(["a", "a", "e[0]", "e[1]", "secrets"], [0, 1, 2, 3, 4].map(|key| written.table_of(key)));
    }
}
