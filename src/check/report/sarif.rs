//! The report in SARIF 2.1.0, for code scanners and editors: the part of the form that they show.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::{Found, Report};
use crate::check::CHECKS;
use crate::diagnostic::{Code, Severity};
use crate::source::Place;

/// The report as SARIF text.
///
/// # Panics
/// Never: the report is plain data.
#[must_use]
pub fn sarif(report: &Report) -> String {
    let rules: Vec<Value> = CHECKS
        .iter()
        .map(|check| {
            json!({
                "id": check.code.text(),
                "shortDescription": { "text": check.what },
                "fullDescription": { "text": check.why },
                "help": { "text": check.help() },
                "defaultConfiguration": { "level": level(check.severity()) },
            })
        })
        .collect();
    let results: Vec<Value> = report.findings.iter().map(result).collect();
    crate::json::text(&json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION"), "rules": rules } },
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    }))
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Notice => "note",
    }
}

fn result(found: &Found) -> Value {
    let rule = |code: Code| CHECKS.iter().position(|check| check.code == code);
    let mut result = json!({
        "ruleId": found.code.text(),
        "level": level(found.severity),
        "message": { "text": format!("{}; {}", found.message, found.help) },
        "locations": found.place.iter().map(|place| location(place, found.length)).collect::<Vec<_>>(),
    });
    if let Some(index) = rule(found.code) {
        result["ruleIndex"] = json!(index);
    }
    if !found.related.is_empty() {
        let related = found.related.iter().map(|related| {
            let mut location = location(&related.place, None);
            location["message"] = json!({ "text": related.what });
            location
        });
        result["relatedLocations"] = related.collect();
    }
    result
}

fn location(place: &Place, length: Option<usize>) -> Value {
    let mut physical = json!({ "artifactLocation": { "uri": uri(&place.file) } });
    if place.line > 0 {
        physical["region"] = json!({ "startLine": place.line, "startColumn": place.column });
        if let Some(length) = length {
            physical["region"]["endColumn"] = json!(place.column as usize + length);
        }
    }
    json!({ "physicalLocation": physical })
}

/// A path as a relative URI.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}
