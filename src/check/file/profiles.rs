//! Keys that only another profile reads (`mappings/targets/profiles.tsv`).

use crate::check::{Diagnostic, Node, Standard};
use crate::diagnostic::Code;
use crate::mapping::catalog::{parts, without_indexes};
use crate::mapping::tables::Tables;

pub fn of_another_profile(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    let Some(profile) = node.profile.filter(|_| node.standard.is_4()) else { return Vec::new() };
    let mut told: Vec<&str> = Vec::new();
    let mut found = Vec::new();
    for entry in node.entries() {
        let plain = without_indexes(&entry.key);
        let names = parts(&plain);
        let Some(row) = catalog.profiles().iter().find(|row| {
            let of_row = parts(row.key);
            names.len() >= of_row.len() && names.iter().zip(&of_row).all(|(name, wanted)| name == wanted)
        }) else {
            continue;
        };
        let read = catalog.find(&entry.key).is_some_and(|key| node.standard.reads(key));
        if !read || is_for(row.profiles, profile.word(), &node.standard) || told.contains(&row.key) {
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

/// Whether the profile is in a list such as `control-plane, traffic-manager of 4.0`.
fn is_for(profiles: &str, profile: &str, standard: &Standard) -> bool {
    profiles.split(", ").any(|word| match word.split_once(" of ") {
        Some((word, version)) => word == profile && version.parse().is_ok_and(|version| standard.has(version)),
        None => word == profile,
    })
}
