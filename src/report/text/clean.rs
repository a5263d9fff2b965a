//! A deployment's report and files as a terminal may show them: all texts of the input safe and on one line. Done before
//! anything is styled, so that styles are the only escape codes that come out.

use std::borrow::Cow;

use crate::foreign::{line, lines};
use crate::report::build::NodeFile;
use crate::report::model::{At, Decision, DeploymentReport, Finding, Report};
use crate::value::Value;

fn fix(text: &mut String) {
    if let Cow::Owned(safe) = line(text) {
        *text = safe;
    }
}

fn at(at: &mut At) {
    at.file.iter_mut().for_each(fix);
}

fn value(value: &mut Value) {
    match value {
        Value::Text(text) | Value::Toml(text) => cut(text),
        Value::List(items) => items.iter_mut().for_each(cut),
        Value::Boolean(_) | Value::Integer(_) => {}
    }
}

/// Line ends and blanks of a value are shown by whoever prints it; the rest is safe.
fn cut(text: &mut String) {
    let joined = || text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.contains(['\n', '\r', '\t']) {
        *text = joined();
    }
    fix(text);
}

/// The report of a deployment.
pub(super) fn deployment(report: &DeploymentReport) -> DeploymentReport {
    let mut out = report.clone();
    fix(&mut out.name);
    fix(&mut out.source.version);
    for node in &mut out.source.nodes {
        fix(&mut node.name);
        fix(&mut node.path);
        for evidence in &mut node.evidence {
            fix(&mut evidence.what);
            at(&mut evidence.at);
        }
    }
    for node in &mut out.target.nodes {
        fix(&mut node.name);
        fix(&mut node.file);
        node.beside.iter_mut().for_each(fix);
    }
    for file in &mut out.files {
        file.node.iter_mut().for_each(fix);
        fix(&mut file.path);
        fix(&mut file.reason);
    }
    for setting in &mut out.settings {
        fix(&mut setting.node);
        fix(&mut setting.file);
        fix(&mut setting.path);
        cut(&mut setting.value);
        fix(&mut setting.reason);
        setting.drift.iter_mut().for_each(fix);
        for target in &mut setting.targets {
            fix(&mut target.node);
            fix(&mut target.key);
            target.value.iter_mut().for_each(value);
        }
        if let Some(proof) = &mut setting.proof {
            proof.places.iter_mut().for_each(fix);
            fix(&mut proof.why);
        }
    }
    for derived in &mut out.derived {
        fix(&mut derived.node);
        fix(&mut derived.key);
        value(&mut derived.value);
        fix(&mut derived.from);
    }
    for conflict in &mut out.conflicts {
        fix(&mut conflict.node);
        fix(&mut conflict.key);
        fix(&mut conflict.rule);
        fix(&mut conflict.decision);
        for said in &mut conflict.said {
            fix(&mut said.node);
            at(&mut said.at);
            cut(&mut said.value);
        }
    }
    out.decisions.iter_mut().for_each(decision);
    out.findings.iter_mut().for_each(finding);
    for check in &mut out.checklist {
        check.node.iter_mut().for_each(fix);
        fix(&mut check.text);
        check.causes.iter_mut().for_each(at);
    }
    out
}

fn decision(decision: &mut Decision) {
    fix(&mut decision.id);
    decision.about.iter_mut().for_each(fix);
    decision.choices.iter_mut().for_each(cut);
    cut(&mut decision.default);
    cut(&mut decision.chosen);
    decision.affects.iter_mut().for_each(fix);
}

fn finding(finding: &mut Finding) {
    fix(&mut finding.message);
    finding.node.iter_mut().for_each(fix);
    at(&mut finding.at);
}

/// What was found and asked about the INPUTs.
pub(super) fn of_inputs(report: &Report) -> (Vec<Finding>, Vec<Decision>) {
    let (mut findings, mut decisions) = (report.findings.clone(), report.decisions.clone());
    findings.iter_mut().for_each(finding);
    decisions.iter_mut().for_each(decision);
    (findings, decisions)
}

/// The files of a deployment. What is written of them stays as it is: only what is shown is made safe.
pub(super) fn files(files: &[NodeFile]) -> Vec<NodeFile> {
    let mut out = files.to_vec();
    for file in &mut out {
        file.text.clear();
        fix(&mut file.node);
        fix(&mut file.path);
        if let Cow::Owned(safe) = lines(&file.shown) {
            file.shown = safe;
        }
        file.made_from.iter_mut().for_each(fix);
        file.stands_on.iter_mut().for_each(fix);
        for beside in &mut file.beside {
            fix(&mut beside.path);
            if let Cow::Owned(safe) = lines(&beside.shown) {
                beside.shown = safe;
            }
        }
    }
    out
}
