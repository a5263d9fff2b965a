//! The old nodes, the new nodes, and each new file against its profile's plain one.

use std::fmt::Write as _;

use serde::Serialize;

use super::{BAD, Context, DIM, GOOD, HEAD, NOTE, paint, section};
use crate::fates;
use crate::report::build::NodeFile;
use crate::report::diff;
use crate::report::model::{DeploymentReport, Evidence, SourceNode};

/// The word that JSON has for a value without data.
pub(super) fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

pub(super) fn nodes(out: &mut String, deployment: &DeploymentReport, files: &[NodeFile]) {
    section(out, "Old nodes");
    let roles = |node: &SourceNode| node.roles.iter().map(|role| role.word()).collect::<Vec<_>>().join(", ");
    let name_width = width(deployment.source.nodes.iter().map(|node| node.name.as_str()));
    let all_roles: Vec<String> = deployment.source.nodes.iter().map(roles).collect();
    let role_width = width(all_roles.iter().map(String::as_str));
    for (node, roles) in deployment.source.nodes.iter().zip(&all_roles) {
        let told = in_short(&node.evidence);
        let line = format!("  {:<name_width$}  {roles:<role_width$}  {}", node.name, paint(DIM, told));
        let _ = writeln!(out, "{}", line.trim_end());
    }
    // Where each old node has a new one of its own the new nodes say it; the rest is told.
    let gone = deployment.source.nodes.iter().filter(|node| node.fate.kind != fates::Kind::Source);
    let gone: Vec<&SourceNode> = gone.collect();
    if !gone.is_empty() {
        section(out, "Old nodes without a new one");
        for node in gone {
            let _ = writeln!(out, "  {:<name_width$}  {}", node.name, node.fate.words());
        }
    }
    if files.is_empty() {
        return;
    }
    section(out, "New nodes");
    let name_width = width(files.iter().map(|file| file.node.as_str()));
    for file in files {
        let line = format!("  {:<name_width$}  {}", file.node, paint(DIM, made_from(file)));
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// What an old node was that a new one is made of.
pub(super) fn made_from(file: &NodeFile) -> String {
    let mut text = String::new();
    if !file.made_from.is_empty() {
        let _ = write!(text, "from {}", file.made_from.join(", "));
    }
    if let Some(host) = &file.stands_on
        && (file.made_from.len() != 1 || file.made_from[0] != *host)
    {
        let _ = write!(text, "{}on the host of {host}", if text.is_empty() { "" } else { "; " });
    }
    text
}

/// The strongest word on the roles, with its place, and how many more there are.
fn in_short(evidence: &[Evidence]) -> String {
    let mut about_roles = evidence.iter().filter(|one| !one.roles.is_empty());
    let Some(first) = about_roles.next() else { return String::new() };
    let more = about_roles.count();
    let place = match (&first.at.file, first.at.line) {
        (Some(file), Some(line)) => format!(" ({file}:{line})"),
        (Some(file), None) => format!(" ({file})"),
        _ => String::new(),
    };
    format!("{}{place}{}", first.what, if more == 0 { String::new() } else { format!(", and {more} more") })
}

pub(super) fn diff(out: &mut String, file: &NodeFile, context: Context<'_>) {
    let plain = diff::plain(&context.tables.catalog, file.profile, file.target, context.secrets);
    let diff = diff::unified(&plain, &file.shown, file.profile, &file.path);
    section(out, &format!("{} against the plain file of its profile", file.node));
    if diff.is_empty() {
        let _ = writeln!(out, "  no difference");
    }
    for line in diff.lines() {
        let style = match line.as_bytes().first() {
            _ if line.starts_with("---") || line.starts_with("+++") => HEAD,
            Some(b'+') => GOOD,
            Some(b'-') => BAD.bold(),
            Some(b'@') => NOTE,
            _ => DIM,
        };
        let _ = writeln!(out, "{}", paint(style, line));
    }
}

/// The node's other files, whole.
pub(super) fn beside(out: &mut String, file: &NodeFile) {
    for beside in &file.beside {
        section(out, &beside.path);
        for line in beside.shown.lines() {
            let style = if line.starts_with('#') { DIM } else { GOOD };
            let _ = writeln!(out, "{}", paint(style, line));
        }
    }
}

/// The width of the widest.
pub(super) fn width<'t>(texts: impl Iterator<Item = &'t str>) -> usize {
    texts.map(|text| text.chars().count()).max().unwrap_or(0)
}
