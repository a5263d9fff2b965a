//! What a neighbour's name says: `<Property name="password">x</Property>`, `<Name>password</Name><Value>x</Value>`,
//! `name = "password"` beside `value = "x"`.

use super::name::{Said, is_borne, said};
use crate::text::Parts as _;

/// Which leaves of a file a neighbour makes secret, by their numbers.
#[derive(Clone, Debug, Default)]
pub struct Neighbours(Vec<bool>);

impl Neighbours {
    /// Whether a neighbour names leaf number `index` as a secret.
    #[must_use]
    pub fn name(&self, index: usize) -> bool {
        self.0.get(index).copied().unwrap_or_default()
    }
}

/// What a leaf is to its neighbours.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Name,
    Value,
    Other,
}

/// The leaves of one file, as paths and values in its order.
#[must_use]
pub fn neighbours<'l>(leaves: impl Iterator<Item = (&'l str, &'l str)>) -> Neighbours {
    let leaves: Vec<(&str, &str)> = leaves.collect();
    let mut out = vec![false; leaves.len()];
    let mut from = 0;
    while from < leaves.len() {
        let parent = owner(leaves[from].0, leaves.get(from + 1).map(|next| next.0));
        let mut to = from + 1;
        while to < leaves.len() && belongs(leaves[to].0, parent) {
            to += 1;
        }
        group(&leaves[from..to], parent, &mut out[from..to]);
        from = to;
    }
    Neighbours(out)
}

/// The path of what a leaf says something of: the element of an attribute, the parent of an element or key.
fn owner<'p>(path: &'p str, next: Option<&str>) -> &'p str {
    // An element whose text comes before any attribute stands for itself only with its children behind.
    let cut = last_step(path);
    let parent = path.part(..cut);
    if next.is_some_and(|next| next != path && belongs(next, path) && !path.is_empty()) { path } else { parent }
}

/// Where the last step of a path begins, its separator included.
fn last_step(path: &str) -> usize {
    let mut at = 0;
    let mut last = 0;
    let bytes = path.as_bytes();
    let mut quote = None;
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(open), byte) if byte == open => quote = None,
            (None, byte @ (b'\'' | b'"')) => quote = Some(byte),
            (None, b'/' | b'.') => last = at,
            _ => {}
        }
        at += 1;
    }
    last
}

/// Whether the leaf at `path` is `parent` itself or lies right in it.
fn belongs(path: &str, parent: &str) -> bool {
    match path.strip_prefix(parent) {
        Some("") => true,
        Some(rest) if rest.starts_with(['/', '.']) => last_step(path) == parent.len(),
        _ => false,
    }
}

fn part(path: &str, parent: &str) -> Part {
    let Some(step) = path.strip_prefix(parent) else { return Part::Other };
    let is_attribute = step.starts_with("/@");
    let step = step.trim_start_matches(['/', '.', '@']).trim_matches(['\'', '"']);
    // A number of a sibling, or its name, is no part of its own name.
    let step = step.split('[').next().unwrap_or(step).to_ascii_lowercase();
    let step = step.rsplit_once(':').map_or(step.as_str(), |(_, local)| local);
    match step {
        "" => Part::Value,
        "id" if is_attribute => Part::Name,
        "name" | "key" | "k" | "property" | "parameter" | "param" | "option" | "header" | "attribute" => Part::Name,
        name if name.ends_with("name")
            && !["username", "hostname", "filename", "classname", "displayname"].contains(&name) =>
        {
            Part::Name
        }
        "value" | "val" | "v" | "text" | "content" | "data" | "default" | "string" => Part::Value,
        value if value.ends_with("value") => Part::Value,
        _ => Part::Other,
    }
}

/// Marks the values of a group of leaves that share their parent.
fn group(leaves: &[(&str, &str)], parent: &str, out: &mut [bool]) {
    let parts: Vec<Part> = leaves.iter().map(|(path, _)| part(path, parent)).collect();
    let leads = parts.iter().find(|part| **part != Part::Other) == Some(&Part::Name);
    for (at, _) in parts.iter().enumerate().filter(|(_, part)| **part == Part::Value) {
        let before = || (0..at).rev().find(|other| parts[*other] == Part::Name);
        let behind = || (at + 1..parts.len()).find(|other| parts[*other] == Part::Name);
        let name = if leads { before().or_else(behind) } else { behind().or_else(before) };
        let says = |name: usize| {
            let name = leaves[name].1.trim();
            // An address or a list is no name.
            !name.contains("://")
                && !name.contains(',')
                && (said(name) != Said::Nothing || is_borne(name))
                && super::by_name(name, leaves[at].1)
        };
        out[at] = name.is_some_and(says);
    }
}
