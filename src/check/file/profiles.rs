//! Keys that only another profile reads (`mappings/targets/profiles.tsv`).

use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::mapping::catalog::without_indexes;
use crate::mapping::tables::Tables;

pub fn of_another_profile(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    let Some(profile) = node.profile.filter(|_| node.standard.is_4()) else { return Vec::new() };
    let mut told: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for entry in node.entries() {
        let Some(row) = catalog.profiles_of(&entry.key) else { continue };
        let read = catalog.find(&entry.key).is_some_and(|key| node.standard.reads(key));
        if !read || row.is_for(profile, |version| node.standard.has(version)) || told.contains(&row.key) {
            continue;
        }
        told.push(row.key);
        let message = format!("a {profile} does not use `{}`: {}", row.key.trim_end_matches("[]"), row.why);
        let span = match entry.header.map(|number| &node.document.headers[number]) {
            Some(header) if without_indexes(&header.key) == row.key => header.span.clone(),
            _ => entry.key_span(),
        };
        let help = format!("remove it here; it belongs on: {}", row.profiles);
        found.push(node.finding(Code::KeyOfAnotherProfile, &span, message).help(help));
    }
    found
}
