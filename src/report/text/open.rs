//! Conflicts, decisions and findings.

use std::fmt::Write as _;

use super::{BAD, DIM, NOTE, WARN, paint, section};
use crate::diagnostic::Severity;
use crate::report::model::{At, Decision, DeploymentReport, Finding};

fn place(at: &At) -> String {
    match (&at.file, at.line, at.column) {
        (Some(file), Some(line), Some(column)) => format!("{file}:{line}:{column}"),
        (Some(file), Some(line), None) => format!("{file}:{line}"),
        (Some(file), ..) => file.clone(),
        _ => String::new(),
    }
}

pub(super) fn conflicts(out: &mut String, deployment: &DeploymentReport) {
    if deployment.conflicts.is_empty() {
        return;
    }
    section(out, "Conflicts");
    let mut conflicts: Vec<_> = deployment.conflicts.iter().collect();
    conflicts.sort_by_key(|conflict| !conflict.open);
    for conflict in conflicts {
        let mark = if conflict.open { paint(BAD, "open") } else { "settled".to_owned() };
        let _ = writeln!(out, "  {mark}  {}  {}", conflict.key, paint(DIM, &conflict.node));
        for (index, said) in conflict.said.iter().enumerate() {
            let holds = if index == 0 { " (holds)" } else { "" };
            let _ = writeln!(out, "    {}: {}{holds}  {}", said.node, said.value, paint(DIM, place(&said.at)));
        }
        let _ = writeln!(out, "    {}; decision `{}`", conflict.rule, conflict.decision);
    }
}

pub(super) fn decisions(out: &mut String, deployment: &DeploymentReport) {
    asked(out, &deployment.decisions);
}

pub(super) fn asked(out: &mut String, decisions: &[Decision]) {
    if decisions.is_empty() {
        return;
    }
    section(out, "Decisions");
    let mut decisions: Vec<_> = decisions.iter().collect();
    decisions.sort_by_key(|decision| !decision.open);
    for decision in decisions {
        let about = decision.about.as_ref().map(|about| format!(" ({about})")).unwrap_or_default();
        let mark = match decision {
            one if one.open => paint(BAD, "open"),
            one if one.answered || one.chosen != one.default => "answered".to_owned(),
            _ => "default".to_owned(),
        };
        let chosen = if decision.chosen.is_empty() { "nothing yet" } else { &decision.chosen };
        let _ = writeln!(out, "  {mark}  {}{about}: {chosen}", decision.id);
        let mut choices = decision.choices.join(", ");
        if !choices.is_empty() {
            choices = format!("  choices: {choices}");
        }
        let _ = writeln!(out, "    {}", paint(DIM, format!("{}{choices}", decision.question)));
        if decision.open && !decision.affects.is_empty() {
            let _ = writeln!(out, "    affects {}", decision.affects.join(", "));
        }
    }
}

pub(super) fn findings(out: &mut String, deployment: &DeploymentReport) {
    list(out, &deployment.findings);
}

pub(super) fn list(out: &mut String, findings: &[Finding]) {
    for (severity, head, style) in
        [(Severity::Error, "Errors", BAD), (Severity::Warning, "Warnings", WARN), (Severity::Notice, "Notices", NOTE)]
    {
        let mut findings = findings.iter().filter(|finding| finding.severity == severity).peekable();
        if findings.peek().is_some() {
            section(out, head);
        }
        while let Some(finding) = findings.next() {
            let place = place(&finding.at);
            let whose = match &finding.node {
                Some(node) if place.is_empty() => node.clone(),
                _ => place,
            };
            let line = format!("  {}  {}", paint(style, finding.code), paint(DIM, whose));
            let _ = writeln!(out, "{}\n    {}", line.trim_end(), finding.message);
            // The same advice once, below the last finding that it is for.
            if findings.peek().is_none_or(|next| next.code != finding.code) {
                let _ = writeln!(out, "    {} {}", paint(DIM, "help:"), finding.help);
            }
        }
    }
}
