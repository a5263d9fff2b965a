//! Keys as steps: `a.b[0].'c.d'`.

use super::order;
use crate::mapping::catalog::parts;

/// A part of a key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Step {
    /// Its name, without quotes.
    pub name: String,
    /// Its number, if it is an item of an array of tables.
    pub index: Option<usize>,
}

impl Step {
    /// A step without a number.
    #[must_use]
    pub fn plain(name: impl Into<String>) -> Self {
        Self { name: name.into(), index: None }
    }
}

/// A key or a table.
pub type Path = Vec<Step>;

/// The steps of a key, or why it cannot be a key.
pub fn steps(key: &str) -> Result<Path, String> {
    parts(key).into_iter().map(step).collect()
}

/// A part of a key without its quotes, and its number in an array of tables.
fn step(part: &str) -> Result<Step, String> {
    let unquoted = |name: &str| -> Result<String, String> {
        let quoted = name.strip_prefix('\'').and_then(|name| name.strip_suffix('\''));
        let name = quoted.unwrap_or(name);
        if name.contains('\'') || name.chars().any(|character| character.is_ascii_control()) {
            return Err(format!("the mapper cannot read the name {name:?}"));
        }
        if name.is_empty() {
            return Err("a part of the key is empty".to_owned());
        }
        Ok(name.to_owned())
    };
    if part.ends_with('\'') {
        return Ok(Step::plain(unquoted(part)?));
    }
    let Some((name, index)) = part.strip_suffix(']').and_then(|part| part.rsplit_once('[')) else {
        return Ok(Step::plain(unquoted(part)?));
    };
    let index = index.parse().map_err(|_| format!("`{part}` names no item by its number"))?;
    Ok(Step { name: unquoted(name)?, index: Some(index) })
}

/// The names as a header or a key writes them, without numbers.
#[must_use]
pub fn written(steps: &[Step]) -> String {
    steps.iter().map(|step| written_name(&step.name)).collect::<Vec<_>>().join(".")
}

/// A name as a key writes it.
#[must_use]
pub fn written_name(name: &str) -> std::borrow::Cow<'_, str> {
    if name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-') {
        name.into()
    } else {
        format!("'{name}'").into()
    }
}

/// Names with dots and without numbers: what the order of tables and keys goes by.
#[must_use]
pub fn dotted(steps: &[Step]) -> String {
    steps.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(".")
}

/// Where a table stands among others (semantics.md, B.8): ranks and names, from the outermost table inwards.
#[must_use]
pub fn table_order(table: &[Step]) -> Vec<(usize, &str)> {
    let rank = |(place, step): (usize, &Step)| order::table(&dotted(&table[..place]), &step.name);
    table.iter().enumerate().map(|part| (rank(part), part.1.name.as_str())).collect()
}

/// Where a key stands among those of its table.
#[must_use]
pub fn key_order<'n>(table: &[Step], name: &'n str) -> (usize, &'n str) {
    (order::key(&dotted(table), name), name)
}
