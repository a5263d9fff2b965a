//! Keys that must stand in every file: the product's own has them, and this one takes its place.

use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::mapping::tables::Tables;
use crate::version::Version;

/// A required key: any one of `keys` will do.
struct Required {
    keys: &'static [&'static str],
    /// What happens without it.
    effect: &'static str,
    /// The first version that asks for it.
    since: Version,
}

const STOPS: &str = "the server does not start";

const REQUIRED: &[Required] = &[
    Required { keys: &["server.hostname"], effect: STOPS, since: Version::new(4, 2) },
    Required { keys: &["super_admin.username"], effect: STOPS, since: Version::new(3, 0) },
    Required { keys: &["super_admin.password"], effect: STOPS, since: Version::new(3, 0) },
    Required { keys: &["database.shared_db.username"], effect: STOPS, since: Version::new(3, 0) },
    Required {
        keys: &["database.shared_db.url", "database.shared_db.hostname"],
        effect: STOPS,
        since: Version::new(3, 0),
    },
    Required {
        keys: &["user_store.type", "user_store.class"],
        effect: "the primary user store gets no class",
        since: Version::new(3, 0),
    },
];

pub fn missing(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    if node.is_damaged() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for required in REQUIRED.iter().filter(|required| node.standard.from(required.since)) {
        if !required.keys.iter().any(|key| has(node, key)) {
            found.push(report(node, required.keys, required.effect));
        }
    }
    // The pieces of a URL are asked for one by one.
    if !has(node, "database.shared_db.url") && has(node, "database.shared_db.hostname") {
        for key in ["database.shared_db.port", "database.shared_db.name"] {
            if !has(node, key) && node.value("database.shared_db.type") != Some("oracle") {
                found.push(report(node, &[key], STOPS));
            }
        }
    }
    let ldap =
        node.value("user_store.type").is_some_and(|kind| kind.contains("ldap") || kind.starts_with("active_directory"));
    let bases = has(node, "user_store.user_search_base") && has(node, "user_store.group_search_base");
    if ldap && !bases && !has(node, "user_store.base_dn") {
        found.push(report(node, &["user_store.base_dn"], STOPS));
    }
    of_template(node, found.len()).map_or(found, |note| vec![note])
}

fn has(node: &Node<'_>, key: &str) -> bool {
    node.entries().iter().any(|entry| entry.key == key)
}

/// Where the file is a template, what it lacks may come with the rendering: that is one note.
fn of_template(node: &Node<'_>, lacks: usize) -> Option<Diagnostic> {
    let marked = |text: &str| ["{{", "<%", "{%"].iter().any(|mark| text.contains(mark));
    if lacks < 2 || !node.entries().iter().any(|entry| node.value(&entry.key).is_some_and(marked)) {
        return None;
    }
    let message = format!("it has marks of a template, and {lacks} keys that the server needs are missing");
    let finding = node.about_file(Code::TemplateNotRendered, message);
    Some(finding.help("render it, and check what comes out"))
}

/// The finding, at the table that the key belongs to, if it is there.
fn report(node: &Node<'_>, keys: &[&str], effect: &str) -> Diagnostic {
    let names = keys.join("` or `");
    let message = format!("`{names}` is missing: {effect}");
    let table = keys.first().and_then(|key| key.rsplit_once('.')).map_or("", |(table, _)| table);
    let header = node.document.headers.iter().find(|header| header.key == table);
    let finding = match header {
        Some(header) => node.finding(Code::RequiredKeyMissing, &header.span, message),
        None => node.about_file(Code::RequiredKeyMissing, message),
    };
    finding.help(format!("add `{names}`"))
}
