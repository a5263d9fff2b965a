//! Keys and key stores that several nodes must have in common.

use super::{control_planes, literal, twins};
use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::mapping::tables::Tables;

/// The key that encrypts what nodes write to their databases.
pub fn encryption(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    const KEY: &str = "encryption.key";
    let mut having = nodes.iter().filter_map(|node| Some((node, node.entry(KEY)?, literal(node, KEY)?)));
    let Some((first, entry, key)) = having.next() else { return Vec::new() };
    let place = first.place(&entry.key_span());
    let mut found: Vec<Diagnostic> = having
        .filter(|(_, _, other)| *other != key)
        .map(|(node, entry, _)| {
            let message = format!("`{KEY}` is another one than that of `{}`", first.name);
            let finding = node.finding(Code::EncryptionKeysDiffer, &entry.value.span, message);
            finding.related(format!("the key of `{}`", first.name), place.clone())
        })
        .collect();
    // A control plane without it takes the product's own, which is another one.
    let without = control_planes(nodes).into_iter().filter(|node| !node.is_damaged() && node.entry(KEY).is_none());
    found.extend(without.map(|node| {
        let message = format!("`{KEY}` is missing, and `{}` has one", first.name);
        node.about_file(Code::EncryptionKeysDiffer, message)
            .related(format!("the key of `{}`", first.name), place.clone())
    }));
    found
}

/// What signs and encrypts on twins.
pub fn key_stores(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for group in twins(nodes) {
        for store in ["primary", "internal"] {
            for field in ["alias", "type", "file_name"] {
                let key = format!("keystore.{store}.{field}");
                let first = group[0];
                let (Some(entry), Some(expected)) = (first.entry(&key), literal(first, &key)) else { continue };
                for node in &group[1..] {
                    let Some(other) = node.entry(&key) else { continue };
                    if literal(node, &key).is_some_and(|value| value != expected) {
                        let message =
                            format!("`{key}` is `{}`, and `{expected}` on its twin `{}`", other.value.text, first.name);
                        let finding = node.finding(Code::KeyStoresDiffer, &other.value.span, message);
                        found.push(finding.related("the twin", first.place(&entry.value.span)));
                    }
                }
            }
        }
    }
    found
}
