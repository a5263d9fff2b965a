//! Keys that the product does not read, and why not.

use crate::text::Parts as _;
use std::cell::LazyCell;
use std::collections::{BTreeMap, BTreeSet};

use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::catalog::{Catalog, Key, parts, without_indexes};
use crate::mapping::measured::Measured;
use crate::mapping::nearest::{nearest, nearest_of};
use crate::mapping::tables::Tables;
use crate::read::document::Entry;
use crate::version::Version;

/// What the product does with a key.
enum Fate {
    Read,
    Breaks,
    /// Versions below the standard read it, or some of the standard's own (`partly`) but not the newest.
    Retired {
        by: Vec<Version>,
        partly: bool,
    },
    /// Versions above the standard read it, or some of the standard's own (`partly`) with the newest.
    Newer {
        by: Vec<Version>,
        partly: bool,
    },
    /// It would be read as this key, out of the array of tables.
    Swallowed {
        meant: String,
        array: String,
    },
    /// It would be read with other brackets: the table's key, and whether it must be an array.
    Form {
        table: String,
        array: bool,
    },
    /// Named by some version, read by none, or not named at all.
    Dead,
}

fn fate(node: &Node<'_>, catalog: &Catalog, entry: &Entry) -> Fate {
    if let Some(key) = catalog.find(&entry.key) {
        return fate_of(node, key);
    }
    let plain = without_indexes(&entry.key);
    if let Some(meant) = out_of_array(node, catalog, &plain) {
        return Fate::Swallowed { meant, array: array_of(&plain) };
    }
    if let Some((table, array)) = other_form(node, catalog, &plain) {
        return Fate::Form { table, array };
    }
    Fate::Dead
}

fn fate_of(node: &Node<'_>, key: &Key) -> Fate {
    let standard = &node.standard;
    if standard.breaks(key) {
        return Fate::Breaks;
    }
    if standard.reads(key) {
        return Fate::Read;
    }
    let readers = standard.readers(key);
    let (older, newer) = standard.other_readers(key);
    let partly = !readers.is_empty();
    let newest_reads = standard.newest().is_some_and(|newest| readers.contains(&newest));
    if newest_reads || (!partly && !newer.is_empty()) {
        Fate::Newer { by: [readers, newer].concat(), partly }
    } else if partly || !older.is_empty() {
        Fate::Retired { by: [older, readers].concat(), partly }
    } else {
        Fate::Dead
    }
}

/// The key that would be read if one of the arrays of tables in it were left out.
fn out_of_array(node: &Node<'_>, catalog: &Catalog, plain: &str) -> Option<String> {
    let names = parts(plain);
    let candidates = (0..names.len()).filter(|at| names[*at].ends_with("[]")).flat_map(|at| {
        let last = names[at + 1..].join(".");
        let above = (0..=at).rev().map(|end| names[..end].join("."));
        above
            .map(move |above| if above.is_empty() { last.clone() } else { format!("{above}.{last}") })
            .collect::<Vec<_>>()
    });
    // An array that the product does not know at all swallows nothing: it is dead as a whole.
    let array = plain.part(..plain.rfind("[]").map_or(0, |at| at + 2));
    let known = catalog.all_keys().any(|key| key.name.starts_with(array) && node.standard.reads(key));
    // Free names take anything: only a key that is spelled out was surely meant.
    let mut sure = candidates
        .filter(|_| known)
        .filter(|key| catalog.find(key).is_some_and(|found| node.standard.reads(found) && found.name == key.as_str()));
    sure.next()
}

/// The last array of tables of a key, as it is written.
fn array_of(plain: &str) -> String {
    let end = plain.rfind("[]").unwrap_or(0);
    format!("[[{}]]", plain.part(..end).replace("[]", ""))
}

/// The table of a key that is read with `[]` where it has none, or without where it has them.
fn other_form(node: &Node<'_>, catalog: &Catalog, plain: &str) -> Option<(String, bool)> {
    let names = parts(plain);
    (0..names.len().saturating_sub(1)).find_map(|at| {
        let (other, array) = match names[at].strip_suffix("[]") {
            Some(table) => (table.to_owned(), false),
            None => (format!("{}[]", names[at]), true),
        };
        let mut changed: Vec<&str> = names.clone();
        changed[at] = &other;
        let read = catalog.find(&changed.join(".")).is_some_and(|key| node.standard.reads(key));
        read.then(|| (names[..=at].join(".").replace("[]", ""), array))
    })
}

fn each(node: &Node<'_>, catalog: &Catalog, make: impl Fn(&Entry, Fate) -> Option<Diagnostic>) -> Vec<Diagnostic> {
    plain_entries(node).filter_map(|entry| make(entry, fate(node, catalog, entry))).collect()
}

/// The values, but for those whose key has a quote in it: that is a finding of its own.
fn plain_entries<'n>(node: &'n Node<'_>) -> impl Iterator<Item = &'n Entry> {
    node.entries().iter().filter(|entry| !entry.parts.iter().any(|part| part.name.contains(['\'', '"'])))
}

fn versions(versions: &[Version]) -> String {
    match versions {
        [] => String::new(),
        [one] => one.to_string(),
        [first, .., last] => format!("{first} to {last}"),
    }
}

pub fn dead(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    let dead = dead_entries(node, catalog);
    let read = |name: &str| catalog.find(name).is_some_and(|key| node.standard.reads(key));
    let names = || catalog.all_keys().map(|key| key.name);
    let heads: LazyCell<BTreeSet<&str>, _> = LazyCell::new(|| {
        names().filter(|name| read(name)).filter_map(|key| key.rsplit_once('.')).map(|(head, _)| head).collect()
    });
    let whole = dead_tables(node, &dead);
    let mut found = Vec::new();
    let mut told: BTreeSet<usize> = BTreeSet::new();
    for entry in &dead {
        if let Some((number, count)) = entry.header.and_then(|number| Some((number, whole.get(&number)?))) {
            if told.insert(number) {
                let header = &node.document.headers[number];
                let message = format!("no version reads anything of this table ({count} keys)");
                let near = nearest(&without_indexes(&header.key), heads.iter().copied());
                found.push(node.finding(Code::DeadKey, &header.span, message).help(advice(&near, "table")));
            }
            continue;
        }
        let message = format!("no version reads `{}`", entry.key);
        let finding = node.finding(Code::DeadKey, &entry.key_span(), message);
        found.push(finding.help(match meant(tables, &entry.key) {
            Some(meant) => format!("write `{meant}`"),
            None => advice(&nearest_of(&without_indexes(&entry.key), names(), read), "key"),
        }));
    }
    found
}

fn advice(near: &[&str], what: &str) -> String {
    match near {
        [] => format!("remove the {what}: it does nothing"),
        names => format!("did you mean `{}`?", names.join("`, `")),
    }
}

fn dead_entries<'n>(node: &'n Node<'_>, catalog: &Catalog) -> Vec<&'n Entry> {
    plain_entries(node).filter(|entry| matches!(fate(node, catalog, entry), Fate::Dead)).collect()
}

/// How many keys stand below each header that has several, all of them dead.
fn dead_tables(node: &Node<'_>, dead: &[&Entry]) -> BTreeMap<usize, usize> {
    let mut counts: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for number in node.entries().iter().filter_map(|entry| entry.header) {
        counts.entry(number).or_default().0 += 1;
    }
    for number in dead.iter().filter_map(|entry| entry.header) {
        counts.entry(number).or_default().1 += 1;
    }
    counts
        .into_iter()
        .filter(|(_, (all, dead))| *all > 1 && dead == all)
        .map(|(number, (all, _))| (number, all))
        .collect()
}

/// The key that was meant, or that took the place of this one: by a mapping row, else by what was measured.
fn meant(tables: &Tables, key: &str) -> Option<String> {
    let by_row = || {
        let table = tables.for_file("deployment.toml")?;
        let versions = [Version::new(3, 2), Version::new(4, 2)];
        let (rule, _) = versions.iter().find_map(|version| table.find(key, *version))?;
        let to: Vec<&str> = rule.to.iter().filter(|to| !to.contains('*') && *to != key).collect();
        rule.instead.clone().or_else(|| (!to.is_empty()).then(|| to.join("`, `")))
    };
    let measured = || Measured::built_in().successor(&without_indexes(key)).map(|row| row.successor.to_owned());
    by_row().or_else(measured)
}

pub fn retired(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, catalog, |entry, fate| {
        let Fate::Retired { by, partly } = fate else { return None };
        let name = &node.standard.name;
        let all = if partly { "all versions of " } else { "" };
        let message = format!("`{}` is read by {}, and not by {all}{name}", entry.key, versions(&by));
        let finding = node.finding(Code::RetiredKey, &entry.key_span(), message);
        let finding = match meant(tables, &entry.key) {
            Some(meant) => finding.help(format!("its place has taken: {meant}")),
            None => finding,
        };
        Some(if partly { finding.severity(Severity::Notice) } else { finding })
    })
}

pub fn newer(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, catalog, |entry, fate| {
        let Fate::Newer { by, partly } = fate else { return None };
        let message = if partly {
            format!("`{}` is read by {}, not by all versions of {}", entry.key, versions(&by), node.standard.name)
        } else {
            format!("`{}` is read from {} on, not yet by {}", entry.key, by[0], node.standard.name)
        };
        let finding = node.finding(Code::NewerKey, &entry.key_span(), message);
        Some(if partly { finding.severity(Severity::Notice) } else { finding })
    })
}

pub fn swallowed(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, catalog, |entry, fate| {
        let Fate::Swallowed { meant, array } = fate else { return None };
        let message = format!("the last entry of `{array}` swallows this: the product looks for `{meant}`");
        let finding = node.finding(Code::SwallowedKey, &entry.key_span(), message);
        let header = entry.header.map(|number| node.document.headers[number].span.clone());
        let finding = finding.help(format!("move it above the first `{array}`, as `{meant}`"));
        Some(match header {
            Some(header) => finding.related("it belongs to this", node.place(&header)),
            None => finding,
        })
    })
}

pub fn table_form(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    let mut told: Vec<(Option<usize>, String)> = Vec::new();
    let mut found = Vec::new();
    for entry in node.entries() {
        let Fate::Form { table, array } = fate(node, catalog, entry) else { continue };
        // One header makes all of its keys wrong.
        if told.contains(&(entry.header, table.clone())) {
            continue;
        }
        let header = entry.header.map(|number| &node.document.headers[number]);
        let span = header
            .filter(|header| without_indexes(&header.key).replace("[]", "") == table)
            .map_or_else(|| entry.key_span(), |header| header.span.clone());
        let (right, what) =
            if array { (format!("[[{table}]]"), "an array of tables") } else { (format!("[{table}]"), "a table") };
        let message = format!("`{table}` must be {what}: the product does not see what stands here");
        found.push(node.finding(Code::TableForm, &span, message).help(format!("write `{right}`")));
        told.push((entry.header, table));
    }
    found
}

pub fn breaking(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, catalog, |entry, fate| {
        let Fate::Breaks = fate else { return None };
        let message =
            format!("{} writes an unreadable file with `{}`, whatever its value", node.standard.name, entry.key);
        Some(node.finding(Code::BreaksTheProduct, &entry.key_span(), message))
    })
}
