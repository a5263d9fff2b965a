//! `check` on what others wrote and on what we write: no false error on the one, silence on the other.

use std::path::Path;
use std::process::Command;

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::{convert, folders, name_of};

/// Errors that are in published files; each was looked at: values with a bare `&` or `<`, and a key manager with
/// another user store than the nodes beside it.
const TRUE_ERRORS: [&str; 2] = ["unescaped-xml", "user-stores-differ"];
/// What output may be warned of: an address is the administrator's own, and may name what was not in the input.
const OWN_ADDRESSES: [&str; 1] = ["endpoint-without-node"];

pub fn trials(shared: &Path, truth: &Value) -> Vec<Trial> {
    let mut trials = Vec::new();
    for folder in folders(&shared.join("examples")) {
        let name = name_of(&folder);
        let target = name.split_once(".target-").map_or("current", |(_, target)| target).to_owned();
        let expected = folder.join("expected");
        trials.push(Trial::test(format!("check::examples::{name}"), move || is_clean(&expected, &target, &[])));
    }
    for folder in folders(&shared.join("corpus")) {
        let name = name_of(&folder);
        match truth[&name]["version"].as_str() {
            Some(version) if version.starts_with('2') => {
                trials.push(Trial::test(format!("check::output::{name}"), move || output(&folder)));
            }
            Some(version) => {
                let version = version.to_owned();
                let test = move || published(&folder, "own", &version);
                trials.push(Trial::test(format!("check::published::{name}"), test));
            }
            None => {}
        }
    }
    for folder in folders(&shared.join("corpus/_expected")) {
        let name = name_of(&folder);
        trials.push(Trial::test(format!("check::published::expected-{name}"), move || {
            published(&folder, "current", "4")
        }));
    }
    trials
}

fn report(folder: &Path, target: &str) -> Result<Value, Failed> {
    let output = Command::new(env!("CARGO_BIN_EXE_apim-migrate"))
        .arg("check")
        .arg(folder)
        .args(["--format", "json", "--target", target])
        .output()?;
    let stderr = String::from_utf8_lossy(&output.stderr);
    if stderr.contains("no deployment.toml in it") {
        return Ok(Value::Null);
    }
    Ok(serde_json::from_slice(&output.stdout).map_err(|error| format!("{error}: {stderr}"))?)
}

/// Fails if there is a finding of one of these severities, and another code than these.
fn none_of(report: &Value, severities: &[&str], but: &[&str]) -> Result<(), Failed> {
    let is = |value: &Value, words: &[&str]| value.as_str().is_some_and(|text| words.contains(&text));
    let findings = report["findings"].as_array();
    let bad: Vec<String> = findings
        .into_iter()
        .flatten()
        .filter(|finding| is(&finding["severity"], severities) && !is(&finding["code"], but))
        .map(|finding| format!("{} {} {}", finding["code"], finding["place"], finding["message"]))
        .collect();
    if bad.is_empty() { Ok(()) } else { Err(bad.join("\n").into()) }
}

fn is_clean(folder: &Path, target: &str, but: &[&str]) -> Result<(), Failed> {
    none_of(&report(folder, target)?, &["error", "warning"], but)
}

fn output(folder: &Path) -> Result<(), Failed> {
    for target in ["current", "4.5"] {
        let run = convert(folder, &["--target".to_owned(), target.to_owned()])?;
        is_clean(&run.out, target, &OWN_ADDRESSES)?;
    }
    Ok(())
}

/// No error that is none; where the files do not tell the line of their version (3.x or 4.x), nothing is asked.
fn published(folder: &Path, target: &str, version: &str) -> Result<(), Failed> {
    let report = report(folder, target)?;
    let line = |text: &Value| text.as_str().and_then(|text| text.chars().next()) == version.chars().next();
    let told = target != "own"
        || report["files"].as_array().is_some_and(|files| files.iter().all(|file| line(&file["target"])));
    if told || version.contains('x') { none_of(&report, &["error"], &TRUE_ERRORS) } else { Ok(()) }
}
