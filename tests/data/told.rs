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
    for finding in findings.as_array().into_iter().flatten() {
        let text = |field: &str| finding[field].as_str();
        let _ = write!(out, "{} {}", text("severity").unwrap_or_default(), text("code").unwrap_or_default());
        if let Some(file) = text("file") {
            let _ = write!(out, " {file}");
        }
        if let (Some(line), Some(column)) = (finding["line"].as_u64(), finding["column"].as_u64()) {
            let _ = write!(out, ":{line}:{column}");
        }
        if let Some(node) = text("node") {
            let _ = write!(out, " ({node})");
        }
        let _ = writeln!(out, "\n  {}", text("message").unwrap_or_default());
    }
}
