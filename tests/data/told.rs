//! What the report of a case tells of each setting that is no default, and its findings, as lines that can be read in a
//! difference: `told.txt` beside the case. `UPDATE=1 cargo test --test data corpus` writes it anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use libtest_mimic::Failed;
use serde_json::Value;

const HEAD: &str =
    "Outcome and reason of each setting that is no default, then the findings, in the order of the report.\n";

/// Whether the report tells what the case's file says.
#[allow(clippy::disallowed_methods, reason = "no output of the program is written")]
pub fn compare(folder: &Path, report: &Value) -> Result<(), Failed> {
    let file = folder.join("told.txt");
    let told = told(report);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &told)?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    if expected == told {
        return Ok(());
    }
    let diff = similar::TextDiff::from_lines(&expected, &told);
    let diff = diff.unified_diff().header("told.txt", "told now").to_string();
    Err(format!("the report tells something else (UPDATE=1 writes it anew)\n{diff}").into())
}

fn told(report: &Value) -> String {
    let mut out = HEAD.to_owned();
    for deployment in report["deployments"].as_array().into_iter().flatten() {
        settings(&mut out, deployment);
        let _ = writeln!(out);
        findings(&mut out, &deployment["findings"]);
    }
    findings(&mut out, &report["findings"]);
    out
}

/// File by file: line and column, path, outcome, reason, and the keys that took it with their nodes.
fn settings(out: &mut String, deployment: &Value) {
    let mut file = "";
    for setting in deployment["settings"].as_array().into_iter().flatten() {
        if setting["outcome"] == "default" {
            continue;
        }
        let text = |field: &str| setting[field].as_str().unwrap_or_default();
        if text("file") != file {
            file = setting["file"].as_str().unwrap_or_default();
            let _ = writeln!(out, "\n{file}");
        }
        let _ = writeln!(out, "  {}:{} {}", setting["line"], setting["column"], text("path"));
        let _ = writeln!(out, "    {}: {}", text("outcome"), text("reason"));
        // A key that several nodes have stands once.
        let mut keys: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for target in setting["targets"].as_array().into_iter().flatten() {
            let name = |field: &str| target[field].as_str().unwrap_or_default();
            keys.entry(name("key")).or_default().push(name("node"));
        }
        for (key, nodes) in keys {
            let _ = writeln!(out, "    → {key} ({})", nodes.join(", "));
        }
    }
}

fn findings(out: &mut String, findings: &Value) {
    for one in findings.as_array().into_iter().flatten() {
        let _ = writeln!(out, "{}\n  {}", head(one), one["message"].as_str().unwrap_or_default());
    }
}

/// Severity, code, place and node of a finding.
fn head(finding: &Value) -> String {
    let text = |field: &str| finding[field].as_str();
    let mut out = format!("{} {}", text("severity").unwrap_or_default(), text("code").unwrap_or_default());
    if let Some(file) = text("file") {
        let _ = write!(out, " {file}");
    }
    if let (Some(line), Some(column)) = (finding["line"].as_u64(), finding["column"].as_u64()) {
        let _ = write!(out, ":{line}:{column}");
    }
    if let Some(node) = text("node") {
        let _ = write!(out, " ({node})");
    }
    out
}

/// A finding on one line.
#[allow(clippy::unnecessary_wraps, reason = "as the others are")]
pub fn finding(finding: &Value) -> Option<String> {
    Some(format!("{}: {}", head(finding), finding["message"].as_str().unwrap_or_default()))
}

/// An old node on one line: its roles, and what became of it.
#[allow(clippy::unnecessary_wraps, reason = "as the others are")]
pub fn node(node: &Value) -> Option<String> {
    Some(format!("{}: {}; {}", node["name"].as_str().unwrap_or_default(), node["roles"], node["fate"]))
}

/// A question on one line; none for the one that is answered.
pub fn decision(decision: &Value, id: &str, about: &str) -> Option<String> {
    let text = |field: &str| decision[field].as_str().unwrap_or_default();
    let open = if decision["open"] == true { ", open" } else { "" };
    let named = if text("about").is_empty() { String::new() } else { format!(" ({})", text("about")) };
    let is_it = text("id") == id && text("about") == about;
    (!is_it).then(|| format!("{}{named}: {}{open}", text("id"), text("chosen")))
}

/// A conflict on one line: the new node, the key, what each says, the winner first, and the rule.
#[allow(clippy::unnecessary_wraps, reason = "as the others are")]
pub fn conflict(conflict: &Value) -> Option<String> {
    let text = |field: &str| conflict[field].as_str().unwrap_or_default();
    let said = conflict["said"].as_array().into_iter().flatten();
    let said: Vec<String> = said
        .map(|one| {
            format!("{} ({})", one["value"].as_str().unwrap_or_default(), one["node"].as_str().unwrap_or_default())
        })
        .collect();
    Some(format!("{} ({}): {}; {}", text("key"), text("node"), said.join(" before "), text("rule")))
}

/// What becomes of a setting, on one line; none where it is a default.
pub fn setting(setting: &Value) -> Option<String> {
    let text = |field: &str| setting[field].as_str().unwrap_or_default();
    let place = || format!("{}:{}:{} {}", text("file"), setting["line"], setting["column"], text("path"));
    (text("outcome") != "default").then(|| format!("{} {}: {}", place(), text("outcome"), text("reason")))
}
