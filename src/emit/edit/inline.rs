//! Values that hold several keys: tables and arrays of tables in one line.

use toml_parser::parser::EventKind;

use super::super::path::{Path, Step, written_name};
use super::super::tree::{Child, Table};
use super::document::{Pair, events};

/// The values in a pair's value, each under its key: several where it is a table or an array of tables.
pub fn leaves(pair: &Pair) -> Vec<(Path, toml_edit::Value)> {
    fn walk(path: &Path, value: &toml_edit::Value, leaves: &mut Vec<(Path, toml_edit::Value)>) {
        match value {
            toml_edit::Value::InlineTable(table) => {
                for (name, value) in table {
                    let mut path = path.clone();
                    path.push(Step::plain(name));
                    walk(&path, value, leaves);
                }
            }
            toml_edit::Value::Array(array) if array.iter().any(toml_edit::Value::is_inline_table) => {
                for (index, value) in array.iter().enumerate() {
                    let mut path = path.clone();
                    if let Some(step) = path.last_mut() {
                        step.index = Some(index);
                    }
                    walk(&path, value, leaves);
                }
            }
            _ => leaves.push((path.clone(), value.clone())),
        }
    }
    let mut leaves = Vec::new();
    if let Some(value) = pair.read() {
        walk(&pair.path, &value, &mut leaves);
    }
    leaves
}

/// The comments inside of a value over several lines.
pub fn comments(value: &str) -> Vec<&str> {
    let text = format!("x = {value}");
    let comments = events(&text).into_iter().filter(|event| event.kind() == EventKind::Comment);
    comments.filter_map(|event| value.get(event.span().start() - 4..event.span().end() - 4)).collect()
}

/// A table, or the items of an array of tables, in one line.
pub fn written(child: &Child<String>) -> String {
    match child {
        Child::One(table) => inline_table(table),
        Child::Items(items) => format!("[{}]", items.values().map(inline_table).collect::<Vec<_>>().join(", ")),
    }
}

fn inline_table(table: &Table<String>) -> String {
    let values = table.values.iter().map(|(name, value)| format!("{} = {value}", written_name(name)));
    let children = table.children.iter().map(|(name, child)| format!("{} = {}", written_name(name), written(child)));
    let fields: Vec<String> = values.chain(children).collect();
    if fields.is_empty() { "{}".to_owned() } else { format!("{{ {} }}", fields.join(", ")) }
}
