//! `$ref{key}` and `$secret{alias}`: whether what they name is there.
//!
//! The product puts references in after aliases, implied values and defaults, so that a key with a default is there
//! too. `$env{}` and `$sys{}` depend on the machine, and are not looked at.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::catalog::{Liveness, VERSIONS};
use crate::mapping::nearest::nearest;
use crate::mapping::tables::Tables;
use crate::read::document::{Entry, Value};

/// What stands between the braces of each `$kind{…}` in a text, with its place in the file.
fn named<'v>(value: &'v Value, kind: &str) -> Vec<(&'v str, Range<usize>)> {
    let mut found = Vec::new();
    let mut from = 0;
    let open = format!("${kind}{{");
    while let Some(at) = value.text[from..].find(&open) {
        let start = from + at + open.len();
        let Some(length) = value.text[start..].find('}') else { break };
        found.push(&value.text[start..start + length]);
        from = start + length;
    }
    found.into_iter().map(|name| (name, value.span.clone())).collect()
}

fn references<'n>(node: &'n Node<'_>, kind: &str) -> Vec<(&'n Entry, &'n str, Range<usize>)> {
    let texts = node.entries().iter().flat_map(|entry| entry.value.texts().map(move |value| (entry, value)));
    texts
        .flat_map(|(entry, value)| {
            named(value, kind).into_iter().map(move |(name, span)| (entry, name, span)).collect::<Vec<_>>()
        })
        .collect()
}

fn is_in_array(key: &str) -> bool {
    key.contains("].") || key.ends_with(']')
}

/// The keys of the file that are equal but for quotes.
fn same_key(one: &str, other: &str) -> bool {
    one.replace('\'', "") == other.replace('\'', "")
}

pub fn without_target(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    let plain = references(node, "ref").into_iter().filter(|(entry, ..)| !is_in_array(&entry.key));
    plain
        .filter(|(_, name, _)| !node.entries().iter().any(|entry| same_key(&entry.key, name)))
        .filter(|(_, name, _)| !node.standard.has_default(catalog, name))
        .map(|(entry, name, span)| {
            let key = catalog.find(name).filter(|key| {
                node.standard.reads(key) && !VERSIONS.iter().any(|version| key.liveness(*version) == Liveness::Table)
            });
            let message = format!("`{}` refers to `{name}`, which is not in the file", entry.key);
            let finding = node.finding(Code::RefWithoutTarget, &span, message);
            // The product may infer a value for a key that it knows: what it infers was not measured for every key.
            if key.is_some() {
                return finding.severity(Severity::Warning).help(format!("add `{name}`, or write the value itself"));
            }
            let keys = node.entries().iter().map(|entry| entry.key.as_str());
            match nearest(name, keys).first() {
                Some(near) => finding.help(format!("did you mean `{near}`? The server does not start otherwise")),
                None => finding,
            }
        })
        .collect()
}

pub fn in_array(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let inside = references(node, "ref").into_iter().filter(|(entry, ..)| is_in_array(&entry.key));
    inside
        .map(|(entry, name, span)| {
            let message = format!("`$ref{{{name}}}` inside an array of tables stays as it is: `{}`", entry.key);
            let finding = node.finding(Code::RefInArray, &span, message);
            match name {
                "super_admin.username" => finding.help("write `${admin.username}`"),
                "super_admin.password" => finding.help("write `${admin.password}`"),
                _ => finding.help("write the value itself"),
            }
        })
        .collect()
}

pub fn circle(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let references = references(node, "ref");
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for (entry, _, span) in &references {
        if told.contains(entry.key.as_str()) {
            continue;
        }
        if let Some(way) = way_back(&entry.key, &references) {
            told.extend(way.iter().copied());
            let message = format!("`{}` refers to itself: {}", entry.key, way.join(" → "));
            found.push(node.finding(Code::RefCircle, span, message));
        }
    }
    found
}

/// The keys on a way from a key back to itself.
fn way_back<'n>(start: &str, references: &[(&'n Entry, &'n str, Range<usize>)]) -> Option<Vec<&'n str>> {
    let mut ways: Vec<Vec<&str>> = vec![];
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let next = |key: &str| {
        references.iter().filter(|(entry, ..)| same_key(&entry.key, key)).map(|(_, name, _)| *name).collect::<Vec<_>>()
    };
    ways.extend(next(start).into_iter().map(|name| vec![name]));
    while let Some(way) = ways.pop() {
        let last = *way.last()?;
        if same_key(last, start) {
            return Some(way);
        }
        if seen.insert(last) {
            ways.extend(next(last).into_iter().map(|name| [way.clone(), vec![name]].concat()));
        }
    }
    None
}

pub fn secret_without_alias(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let aliases: Vec<&str> = node
        .entries()
        .iter()
        .filter_map(|entry| entry.key.strip_prefix("secrets."))
        .map(|alias| alias.trim_matches('\''))
        .collect();
    let missing = references(node, "secret").into_iter().filter(|(_, name, _)| !aliases.contains(name));
    missing
        .map(|(entry, name, span)| {
            let message = format!("`{}` names the secret `{name}`, which is not below `[secrets]`", entry.key);
            let finding = node.finding(Code::SecretWithoutAlias, &span, message);
            match nearest(name, aliases.iter().copied()).first() {
                Some(near) => finding.help(format!("did you mean `{near}`? The server does not start otherwise")),
                None => finding
                    .help(format!("add `{name} = \"[value]\"` below `[secrets]`, and encrypt it with the cipher tool")),
            }
        })
        .collect()
}
