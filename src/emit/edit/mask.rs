//! The file as it may be shown: secrets masked, in values and in comments. What was commented out may hold a
//! password that still is one.

use crate::text::Parts as _;
use std::collections::BTreeSet;

use super::super::path::Path;
use super::super::toml::basic_string;
use super::super::tree::Table;
use super::document::{Block, Document, Pair, Piece};
use super::{Plan, inline};
use crate::secret::{Comments, MASK, comment, mask_urls, shown};

/// Masks the secrets, in values and in comments.
pub(super) fn mask(document: &mut Document, plan: &Plan<'_>) {
    let wanted = plan.paths.iter().zip(&plan.wanted);
    let secrets: BTreeSet<&Path> = wanted.filter(|(_, wanted)| wanted.secret).map(|(path, _)| path).collect();
    let mut comments = Comments::default();
    for block in &mut document.blocks {
        for line in &mut block.above {
            *line = comments.line(line);
        }
        if let Some(header) = &mut block.header
            && let Some((head, words)) = header.line.split_once('#')
        {
            header.line = format!("{head}{}", comment(&format!("#{words}")));
        }
        if block.header.is_some() {
            comments.enter(&table_name(block));
        }
        for piece in &mut block.body {
            match piece {
                Piece::Blank(_) => {}
                Piece::Comment(line) => *line = comments.line(line),
                Piece::Pair(pair) => mask_pair(pair, &secrets),
            }
        }
    }
}

/// The table of a block, for who looks at its comments.
fn table_name(block: &Block) -> String {
    block.table().iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join(".")
}

/// Masks a pair: its value if it is a secret, else the credentials in its URLs.
fn mask_pair(pair: &mut Pair, secrets: &BTreeSet<&Path>) {
    let secret = |path: &Path| secrets.contains(path);
    if secret(&pair.path) {
        pair.value = pair.read().map_or_else(|| basic_string(MASK), |value| masked(&value, pair.value.as_str()));
        if let Some((blank, _)) = pair.after.split_once('#') {
            let line_end = pair.after.part(pair.after.trim_end().len()..);
            pair.after = format!("{blank}# {MASK}{line_end}");
        }
        return;
    }
    pair.after = comment(&pair.after);
    let leaves = inline::leaves(pair);
    if !leaves.iter().any(|(path, _)| secret(path)) {
        pair.value = mask_urls(&pair.value);
        return;
    }
    let mut tree = Table::<String>::default();
    for (path, value) in leaves {
        let raw = value.to_string().trim().to_owned();
        let shown = if secret(&path) { masked(&value, &raw) } else { mask_urls(&raw) };
        let _ = tree.insert(path[pair.path.len() - 1..].to_vec(), shown);
    }
    if let Some(child) = tree.children.into_values().next() {
        pair.value = inline::written(&child);
    }
}

/// A secret value as it may be shown; `raw` if it only refers to a secret.
fn masked(value: &toml_edit::Value, raw: &str) -> String {
    match value {
        toml_edit::Value::String(text) if shown(text.value(), true) != MASK => raw.to_owned(),
        toml_edit::Value::Array(items) => {
            let items: Vec<String> = items.iter().map(|item| masked(item, item.to_string().trim())).collect();
            format!("[{}]", items.join(", "))
        }
        _ => basic_string(MASK),
    }
}
