//! The proof for people: what is wrong first, the counts last.

use std::fmt::Write as _;

use super::model::{Arrival, Fulfilment, Liveness, Method, NodeProof, Proof, SettingProof, Totals};
use crate::diagnostic::counted;
use crate::foreign::{line, lines};

/// The proof as text.
#[must_use]
pub fn text(proof: &Proof) -> String {
    let mut out = faults(proof);
    changed(&mut out, proof);
    let _ = writeln!(out, "{}", summary(&proof.totals));
    out
}

/// What is lost, then each node with its faults.
#[must_use]
pub fn faults(proof: &Proof) -> String {
    let mut out = String::new();
    lost(&mut out, proof);
    for node in &proof.nodes {
        out.push_str(&self::node(node));
    }
    out
}

/// The counts in one paragraph.
#[must_use]
pub fn summary(totals: &Totals) -> String {
    let mut text = format!("{} of {} accepted", totals.accepted, counted(totals.files as usize, "file"));
    if totals.rendered > 0 {
        let _ = write!(
            text,
            "; {} rendered, {} not well-formed; {} written, {} dead, {} printed otherwise",
            counted(totals.rendered as usize, "file"),
            totals.malformed,
            counted(totals.keys as usize, "key"),
            totals.dead,
            totals.altered
        );
        if totals.idle > 0 {
            let _ = write!(text, ", {} kept as they stood though nothing comes of them", totals.idle);
        }
    }
    if totals.confirmed + totals.changed + totals.lost > 0 {
        let _ = write!(
            text,
            "; of the old settings {} confirmed, {} changed on purpose, {} lost",
            totals.confirmed, totals.changed, totals.lost
        );
    }
    text
}

/// A node's file: a line for the verdict, and one for each fault and note.
#[must_use]
pub fn node(node: &NodeProof) -> String {
    let mut out = String::new();
    let verdict = if node.accepted { "accepted" } else { "refused" };
    let how = if node.method == Method::Static { ", by its tables and templates alone" } else { "" };
    let _ = writeln!(out, "{}: {verdict} by {}{how}", line(&node.file), line(&node.product));
    for complaint in &node.complaints {
        let place = match (complaint.line, complaint.column) {
            (Some(line), Some(column)) => format!("{}:{line}:{column}", node.file),
            _ => node.file.clone(),
        };
        let place = line(&place);
        let key = complaint.key.as_ref().map(|key| format!("{key}: ")).unwrap_or_default();
        let _ = writeln!(out, "  {place}: {}{}", line(&key), line(&complaint.message));
    }
    for fault in &node.malformed {
        let key = fault.key.as_ref().map(|key| format!(" (by {key})")).unwrap_or_default();
        let _ = writeln!(
            out,
            "  {}:{}:{}: {}{}",
            line(&fault.file),
            fault.line,
            fault.column,
            line(&fault.message),
            line(&key)
        );
    }
    for key in &node.keys {
        let what = match (key.liveness, key.arrival) {
            (Liveness::Dead, _) => "dead: nothing changes with another value, or without it",
            (_, Some(Arrival::Altered)) => "the product prints something else than what is written",
            _ => continue,
        };
        let _ = writeln!(out, "  {}:{}:{}: {}: {what}", line(&node.file), key.line, key.column, line(&key.key));
    }
    let idle: Vec<&str> =
        node.keys.iter().filter(|key| key.liveness == Liveness::Idle).map(|key| key.key.as_str()).collect();
    if !idle.is_empty() {
        let _ = writeln!(
            out,
            "  note: kept as in the old file, but nothing comes of them here: {}",
            lines(&idle.join(", "))
        );
    }
    for note in &node.notes {
        let _ = writeln!(out, "  note: {}", line(note));
    }
    out
}

/// Each reason once, with its first setting: the JSON has them all.
fn changed(out: &mut String, proof: &Proof) {
    let mut reasons: indexmap::IndexMap<&str, Vec<&SettingProof>> = indexmap::IndexMap::new();
    for setting in proof.settings.iter().filter(|setting| setting.outcome == Fulfilment::Changed) {
        reasons.entry(&setting.why).or_default().push(setting);
    }
    if !reasons.is_empty() {
        let _ = writeln!(out, "Changed on purpose");
    }
    for (reason, settings) in reasons {
        let more = if settings.len() > 1 { format!(" and {} more", settings.len() - 1) } else { String::new() };
        let first = settings[0];
        let _ = writeln!(
            out,
            "  {}:{}:{} {}{more}: {}",
            line(&first.file),
            first.line,
            first.column,
            line(&first.path),
            line(reason)
        );
    }
}

fn lost(out: &mut String, proof: &Proof) {
    let mut found = proof.settings.iter().filter(|setting| setting.outcome == Fulfilment::Lost).peekable();
    if found.peek().is_some() {
        let _ = writeln!(out, "Lost: these old settings do not arrive");
    }
    for setting in found {
        let place = format!("{}:{}:{}", setting.file, setting.line, setting.column);
        let _ = writeln!(
            out,
            "  {} {} → {}: {}",
            line(&place),
            line(&setting.path),
            line(&setting.places.join(", ")),
            line(&setting.why)
        );
    }
}
