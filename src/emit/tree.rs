//! Keys as the tables that hold them.

use std::collections::BTreeMap;

use super::path::{Path, Step};

/// A table: its values and its tables.
#[derive(Clone, Debug)]
pub struct Table<V> {
    /// Its values.
    pub values: BTreeMap<String, V>,
    /// Tables and arrays of tables in it.
    pub children: BTreeMap<String, Child<V>>,
}

/// A table in a table.
#[derive(Clone, Debug)]
pub enum Child<V> {
    /// A plain one.
    One(Table<V>),
    /// The items of an array of tables, by their numbers.
    Items(BTreeMap<usize, Table<V>>),
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), children: BTreeMap::new() }
    }
}

impl<V> Table<V> {
    /// Enters a value, or says why its key cannot stand beside those that are there.
    pub fn insert(&mut self, mut path: Path, value: V) -> Result<(), String> {
        let Some(Step { name, index: None }) = path.pop() else {
            return Err("a list is written whole, not by its items".to_owned());
        };
        let table = path.into_iter().try_fold(self, |table, Step { name, index }| {
            if table.values.contains_key(&name) {
                return Err(format!("`{name}` has a value already and cannot be a table"));
            }
            let child = table.children.entry(name.clone()).or_insert_with(|| match index {
                Some(_) => Child::Items(BTreeMap::new()),
                None => Child::One(Self::default()),
            });
            match (child, index) {
                (Child::One(table), None) => Ok(table),
                (Child::Items(items), Some(index)) => Ok(items.entry(index).or_default()),
                _ => Err(format!("`{name}` is a table here and an array of tables elsewhere")),
            }
        })?;
        if table.children.contains_key(&name) {
            return Err(format!("`{name}` is a table already and cannot have a value"));
        }
        table.values.insert(name, value);
        Ok(())
    }
}
