//! The file as it may be shown: secrets masked, in values and in comments. What was commented out may hold a
//! password that still is one.

use std::collections::BTreeSet;

use super::super::path::Path;
use super::super::toml::basic_string;
use super::super::tree::Table;
use super::document::{Document, Pair, Piece};
use super::{Plan, inline};
use crate::mapping::{is_secret_name, shown};
use crate::value::{MASK, mask_urls};

/// Masks the secrets, in values and in comments.
pub fn mask(document: &mut Document, plan: &Plan<'_>) {
    let wanted = plan.paths.iter().zip(&plan.wanted);
    let secrets: BTreeSet<&Path> = wanted.filter(|(_, wanted)| wanted.secret).map(|(path, _)| path).collect();
    for block in &mut document.blocks {
        for line in &mut block.above {
            *line = comment(line);
        }
        if let Some(header) = &mut block.header
            && let Some((head, words)) = header.line.split_once('#')
        {
            header.line = format!("{head}{}", comment(&format!("#{words}")));
        }
        for piece in &mut block.body {
            match piece {
                Piece::Blank(_) => {}
                Piece::Comment(line) => *line = comment(line),
                Piece::Pair(pair) => mask_pair(pair, &secrets),
            }
        }
    }
}

/// The comment line as it may be shown.
pub fn comment(line: &str) -> String {
    let content = line.trim_end_matches(['\r', '\n']);
    let mut from = 0;
    while let Some(at) = content[from..].find(['=', ':']).map(|at| from + at) {
        let word = content[..at].split([' ', '\t', '#', '=', ':', ',', '(']).rfind(|word| !word.is_empty());
        let word = word.unwrap_or("").trim_matches(['"', '\'']);
        let said = content[at + 1..].trim_start();
        if is_secret_name(word) && !said.is_empty() {
            let bare = said.trim_end().trim_matches(['"', '\'']);
            if shown(bare, true) == MASK {
                let blank = content.len() - content[at + 1..].trim_start().len();
                return format!("{}{MASK}{}", &content[..blank], &line[content.len()..]);
            }
            return line.to_owned();
        }
        from = at + 1;
    }
    mask_urls(line)
}

/// Masks a pair: its value if it is a secret, else the credentials in its URLs.
fn mask_pair(pair: &mut Pair, secrets: &BTreeSet<&Path>) {
    let secret = |path: &Path| secrets.contains(path);
    if secret(&pair.path) {
        pair.value = pair.read().map_or_else(|| basic_string(MASK), |value| masked(&value, pair.value.as_str()));
        if let Some((blank, _)) = pair.after.split_once('#') {
            let line_end = &pair.after[pair.after.trim_end().len()..];
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

#[cfg(test)]
mod tests {
    use super::comment;

    #[test]
    fn masks_what_was_commented_out() {
        for (line, expected) in [
            ("#password = \"sesame\"\r\n", "#password = ********\r\n"),
            ("# admin_password=sesame # the old one\n", "# admin_password=********\n"),
            ("# the old password: sesame\n", "# the old password: ********\n"),
            ("#'key.password' = 'sesame'", "#'key.password' = ********"),
            ("#password = \"$ref{super_admin.password}\"", "#password = \"$ref{super_admin.password}\""),
            ("# url = \"amqp://admin:sesame@h:5672\"", "# url = \"amqp://admin:********@h:5672\""),
            ("# see https://example.org", "# see https://example.org"),
            ("# password", "# password"),
        ] {
            assert_eq!(comment(line), expected);
        }
    }
}
