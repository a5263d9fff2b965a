//! The form of a written `deployment.toml` (semantics.md, B.8): rows of keys in, text out.
//!
//! Tables are `[a.b]`, arrays of tables `[[a.b]]` with their subtables right behind each item, a parent always
//! before its children (the product's mapper dies otherwise); strings are basic strings on one line.

use std::fmt::Write as _;

use super::escape::escape_plain;
use super::order;
use super::path::{steps, written_name};
use super::tree::{Child, Table};
use crate::diagnostic::{Code, Finding, Severity};
use crate::foreign::is_unsafe;
use crate::mapping::catalog::{Catalog, Positions};
use crate::secret::{by_name, shown};
use crate::topology::planner::plan::{Entry, TargetNode};
use crate::value::Value;

/// A node's file.
#[derive(Clone, Debug, Default)]
pub struct Written {
    /// What is written; holds secrets.
    pub text: String,
    /// The same with the secrets masked.
    pub shown: String,
    /// What could not be written right.
    pub problems: Vec<Finding>,
    /// Keys that could not be written at all; each has its problem.
    pub left_out: Vec<String>,
}

impl Written {
    /// Leaves a key of `node` out.
    pub(super) fn leave_out(&mut self, node: &str, key: String, why: &str) {
        let fault = Finding::new(Code::BreaksTheProduct, format!("{key} is left out: {why}"));
        self.problems.push(fault.on(node));
        self.left_out.push(key);
    }
}

/// The file of `node`. `behind` gives what stands behind the value of a key, `plain` the references in its value that are
/// text.
#[must_use]
pub fn text(
    node: &TargetNode,
    catalog: &Catalog,
    behind: &dyn Fn(&str, &Entry) -> String,
    plain: &dyn Fn(&Entry) -> Vec<String>,
) -> Written {
    let mut written = Written::default();
    let mut rows = Vec::with_capacity(node.entries.len());
    for (key, entry) in &node.entries {
        let positions = positions(node, key, catalog);
        let secret = is_secret(key, entry);
        let (literal, mut wrong_for) = literal_plain(&entry.value, positions, &plain(entry));
        if let Some(at) = wrong_for.iter().position(|character| *character == '$') {
            wrong_for.remove(at);
            let message =
                format!("{key} has a reference that was plain text in 2.x and goes into a file that is no XML");
            written.problems.push(Finding::new(Code::ReferenceInText, message).on(&node.name));
        }
        if !wrong_for.is_empty() {
            written.problems.push(needs_escaping(key, &wrong_for, secret).on(&node.name));
        }
        rows.push((key.as_str(), literal + &behind(key, entry)));
    }
    let rendered = render(rows.iter().map(|(key, literal)| (*key, literal.clone())));
    for (key, why) in rendered.faults {
        written.leave_out(&node.name, key, &why);
    }
    written.text = rendered.text;
    written.shown = render(node.entries.iter().map(|(key, entry)| {
        let positions = positions(node, key, catalog);
        let value = masked(&entry.value, is_secret(key, entry));
        (key.as_str(), literal_plain(&value, positions, &plain(entry)).0 + &behind(key, entry))
    }))
    .text;
    written
}

/// Where the value of `key` lands on `node`.
pub(super) fn positions(node: &TargetNode, key: &str, catalog: &Catalog) -> Positions {
    catalog.positions(key, |key| node.entries.contains_key(key))
}

/// Whether the value of `key` must not be shown.
#[must_use]
pub fn is_secret(key: &str, entry: &Entry) -> bool {
    entry.secret || by_name(key, &entry.value.plain())
}

/// `value` as reports may show it.
#[must_use]
pub fn masked(value: &Value, secret: bool) -> Value {
    match value {
        Value::Text(text) => Value::Text(shown(text, secret)),
        Value::List(items) => Value::List(items.iter().map(|item| shown(item, secret)).collect()),
        // A secret of digits is a number to the mapper and a secret all the same.
        Value::Integer(number) if secret => Value::Text(shown(&number.to_string(), true)),
        Value::Toml(text) if secret => Value::Text(shown(text, true)),
        other => other.clone(),
    }
}

/// The finding that no spelling of the value of `key` is right in all its places.
pub(super) fn needs_escaping(key: &str, wrong_for: &[char], secret: bool) -> Finding {
    let characters: Vec<String> = wrong_for.iter().map(|character| format!("`{character}`")).collect();
    let severity = if secret { Severity::Error } else { Severity::Warning };
    Finding::new(
        Code::PasswordNeedsEscaping,
        format!(
            "{key} goes into files that need {} written in different ways; it is written for the XML files",
            characters.join(" and ")
        ),
    )
    .with_severity(severity)
}

/// The value as it stands behind `=`, escaped for its positions, and the characters that cannot be right
/// everywhere.
#[must_use]
pub fn literal(value: &Value, positions: Positions) -> (String, Vec<char>) {
    literal_plain(value, positions, &[])
}

/// The same for a value in which `plain` references are text.
fn literal_plain(value: &Value, positions: Positions, plain: &[String]) -> (String, Vec<char>) {
    match value {
        Value::Boolean(value) => (value.to_string(), Vec::new()),
        Value::Integer(value) => (value.to_string(), Vec::new()),
        Value::Toml(text) => (text.clone(), Vec::new()),
        Value::Text(text) => {
            let escaped = escape_plain(text, positions, plain);
            (basic_string(&escaped.text), escaped.wrong_for)
        }
        Value::List(items) => {
            let mut wrong_for = Vec::new();
            let items: Vec<String> = items
                .iter()
                .map(|item| {
                    let escaped = escape_plain(item, positions, plain);
                    wrong_for.extend(escaped.wrong_for);
                    basic_string(&escaped.text)
                })
                .collect();
            wrong_for.sort_unstable();
            wrong_for.dedup();
            (format!("[{}]", items.join(", ")), wrong_for)
        }
    }
}

/// `text` as a basic string of TOML, on one line: the product's TOML parser keeps line breaks that it should not.
#[must_use]
pub fn basic_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            // What cannot be seen, or turns the direction of a line, is written by its number: the value is the same.
            hidden if is_unsafe(hidden) => {
                let number = u32::from(hidden);
                let _ = if number > 0xffff { write!(out, "\\U{number:08X}") } else { write!(out, "\\u{number:04X}") };
            }
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

/// Rows in the form of a file.
#[derive(Clone, Debug, Default)]
pub struct Rendered {
    /// The file.
    pub text: String,
    /// Keys that cannot stand in it, and why.
    pub faults: Vec<(String, String)>,
}

/// The rows (a key `a.b[0].'c.d'`, and its value as TOML has it) in the order and form of a file.
#[must_use]
pub fn render<'k>(rows: impl IntoIterator<Item = (&'k str, String)>) -> Rendered {
    let mut root = Table::<String>::default();
    let mut rendered = Rendered::default();
    for (key, literal) in rows {
        if let Err(why) = steps(key).and_then(|path| root.insert(path, literal)) {
            rendered.faults.push((key.to_owned(), why));
        }
    }
    print(&root, "", "", &mut rendered.text);
    rendered
}

/// Prints a table's values and then its children. `path` is its dotted name without numbers, for the order;
/// `header` the same as headers write it.
fn print(table: &Table<String>, path: &str, header: &str, out: &mut String) {
    if path == "secrets" {
        // An alias with dots stays on one line: the cipher tool looks for lines below `[secrets]`.
        return print_lines(table, "", out);
    }
    let mut values: Vec<_> = table.values.iter().collect();
    values.sort_by_key(|(name, _)| (order::key(path, name), name.as_str()));
    for (name, literal) in values {
        out.push_str(&written_name(name));
        out.push_str(" = ");
        out.push_str(literal);
        out.push('\n');
    }
    let mut children: Vec<_> = table.children.iter().collect();
    children.sort_by_key(|(name, _)| (order::table(path, name), name.as_str()));
    for (name, child) in children {
        let join = |path: &str, name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        let (path, header) = (join(path, name), join(header, &written_name(name)));
        match child {
            Child::One(table) => {
                if !table.values.is_empty() || path == "secrets" {
                    print_header(&format!("[{header}]"), out);
                }
                print(table, &path, &header, out);
            }
            Child::Items(items) => {
                for item in items.values() {
                    print_header(&format!("[[{header}]]"), out);
                    print(item, &path, &header, out);
                }
            }
        }
    }
}

/// Prints a table and those in it with dotted keys.
fn print_lines(table: &Table<String>, before: &str, out: &mut String) {
    for (name, literal) in &table.values {
        out.extend([before, &written_name(name), " = ", literal, "\n"]);
    }
    for (name, child) in &table.children {
        if let Child::One(table) = child {
            print_lines(table, &format!("{before}{}.", written_name(name)), out);
        }
    }
}

fn print_header(header: &str, out: &mut String) {
    if !out.is_empty() {
        out.push('\n');
    }
    out.push_str(header);
    out.push('\n');
}

#[cfg(test)]
mod tests;
