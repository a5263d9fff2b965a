//! `$ref{key}` and `$secret{alias}`: whether what they name is there.
//!
//! The product puts references in after aliases, implied values and defaults, so that a key with a default is there
//! too. `$env{}` and `$sys{}` depend on the machine, and are not looked at.

use crate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use indexmap::IndexSet;

use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::catalog::{Liveness, VERSIONS};
use crate::mapping::nearest::nearest;
use crate::mapping::tables::Tables;
use crate::read::document::{Entry, Value};
use crate::version::Version;

/// What stands between the braces of each `$kind{…}` in a text, with its place in the file.
fn named<'v>(value: &'v Value, kind: &str) -> Vec<(&'v str, Range<usize>)> {
    let mut found = Vec::new();
    let mut from = 0;
    let open = format!("${kind}{{");
    while let Some(at) = value.text.part(from..).find(&open) {
        let start = from + at + open.len();
        let Some(length) = value.text.part(start..).find('}') else { break };
        found.push(value.text.part(start..start + length));
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

/// A key as others name it: quotes make no other key of it.
fn unquoted(key: &str) -> String {
    key.replace('\'', "")
}

pub fn without_target(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    let plain = references(node, "ref").into_iter().filter(|(entry, ..)| !is_in_array(&entry.key));
    let keys: BTreeSet<String> = node.entries().iter().map(|entry| unquoted(&entry.key)).collect();
    plain
        .filter(|(_, name, _)| !keys.contains(&unquoted(name)))
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
    let ways = Ways::of(&references);
    let mut told: BTreeSet<&str> = BTreeSet::new();
    let mut found = Vec::new();
    for (entry, _, span) in &references {
        if told.contains(entry.key.as_str()) {
            continue;
        }
        if let Some(way) = ways.back(&entry.key) {
            told.extend(way.iter().copied());
            let message = format!("`{}` refers to itself: {}", entry.key, way.join(" → "));
            found.push(node.finding(Code::RefCircle, span, message));
        }
    }
    found
}

/// Which keys each key refers to, without those that cannot lie on a circle.
struct Ways<'n>(BTreeMap<String, Vec<&'n str>>);

impl<'n> Ways<'n> {
    fn of(references: &[(&'n Entry, &'n str, Range<usize>)]) -> Self {
        let mut next: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        let mut before: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (entry, name, _) in references {
            next.entry(unquoted(&entry.key)).or_default().push(name);
            before.entry(unquoted(name)).or_default().push(unquoted(&entry.key));
        }
        // A key that refers to none that is left lies on no circle: it goes, and with it what referred to it alone.
        let mut open: BTreeMap<String, usize> = next.iter().map(|(key, names)| (key.clone(), names.len())).collect();
        let mut ends: Vec<String> = before.keys().filter(|key| !next.contains_key(*key)).cloned().collect();
        while let Some(end) = ends.pop() {
            next.remove(&end);
            for key in before.get(&end).into_iter().flatten() {
                let Some(count) = open.get_mut(key) else { continue };
                *count -= 1;
                if *count == 0 {
                    ends.push(key.clone());
                }
            }
        }
        Self(next)
    }

    /// The keys on a way from a key back to itself.
    fn back(&self, start: &str) -> Option<Vec<&'n str>> {
        let start = unquoted(start);
        let mut open: Vec<&str> = self.0.get(&start)?.clone();
        let mut from: BTreeMap<String, &str> = BTreeMap::new();
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        while let Some(name) = open.pop() {
            if unquoted(name) == start {
                let mut way = vec![name];
                while let Some(before) = from.get(*way.last()?) {
                    way.push(before);
                }
                way.reverse();
                return Some(way);
            }
            if seen.insert(name) {
                for next in self.0.get(&unquoted(name)).into_iter().flatten().filter(|next| !seen.contains(*next)) {
                    from.insert((*next).to_owned(), name);
                    open.push(next);
                }
            }
        }
        None
    }
}

pub fn secret_without_alias(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    // The mappers before 4.3 do not find an alias in quotes.
    let quoted = !node.standard.before(Version::new(4, 3));
    let aliases: IndexSet<String> = node
        .entries()
        .iter()
        .filter_map(|entry| entry.key.strip_prefix("secrets."))
        .map(|alias| if quoted { unquoted(alias) } else { alias.to_owned() })
        .collect();
    let missing = references(node, "secret").into_iter().filter(|(_, name, _)| !aliases.contains(*name));
    missing
        .map(|(entry, name, span)| {
            let message = format!("`{}` names the secret `{name}`, which is not below `[secrets]`", entry.key);
            let finding = node.finding(Code::SecretWithoutAlias, &span, message);
            if aliases.contains(&format!("'{name}'")) {
                return finding.help(format!(
                    "write `{name}` without quotes below `[secrets]`: before 4.3 a quoted alias is not found"
                ));
            }
            match nearest(name, aliases.iter().map(String::as_str)).first() {
                Some(near) => finding.help(format!("did you mean `{near}`? The server does not start otherwise")),
                None => finding
                    .help(format!("add `{name} = \"[value]\"` below `[secrets]`, and encrypt it with the cipher tool")),
            }
        })
        .collect()
}
