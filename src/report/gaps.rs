//! What was not read or left out, in lines for people: the same in the text and in the checklist.

use super::model::{Finding, Input, InputStatus, Report};
use crate::diagnostic::{Code, counted};
use crate::layout::homes::join;
use crate::limits;

/// The most lines that are shown; the report has them all.
const SHOWN: usize = 20;

/// A line for each thing that was not read or left out, and for each new node that is incomplete for it, the nodes
/// first; none where all was read.
#[must_use]
pub fn lines(report: &Report) -> Vec<String> {
    with(report, |_| Vec::new())
}

/// As [`lines`], with the line of the file where reading stopped, for a terminal.
#[must_use]
pub fn lines_with_excerpts(report: &Report) -> Vec<String> {
    with(report, |input| input.excerpt.iter().flat_map(|(number, excerpt)| excerpt.lines(*number)).collect())
}

fn with(report: &Report, below: impl Fn(&Input) -> Vec<String>) -> Vec<String> {
    let mut lines = Vec::new();
    let several = report.deployments.len() > 1;
    for deployment in &report.deployments {
        for node in deployment.target.nodes.iter().filter(|node| !node.unread.is_empty()) {
            let name = if several { format!("{}/{}", deployment.name, node.name) } else { node.name.clone() };
            let then =
                if node.written { "written all the same (--partial)" } else { "not written; --partial writes it" };
            lines.push(format!(
                "{name}: {} of {} unreadable ({}): {then}",
                node.unread.len(),
                counted(node.sources as usize, "source"),
                node.unread.join(", ")
            ));
        }
    }
    let gaps = report.inputs.iter().filter(|input| input.tells_gap() || input.status == InputStatus::Foreign);
    let mut gaps: Vec<(String, &Input)> = gaps.map(|input| (input.reason.clone(), input)).collect();
    limits::fold(&mut gaps, |(reason, _)| reason);
    for (reason, input) in gaps.iter().take(SHOWN) {
        let path = if input.path.is_empty() { "." } else { &input.path };
        lines.push(format!("{path}: {reason}"));
        lines.extend(below(input));
    }
    let more = gaps.len().saturating_sub(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more: see `inputs` of the report"));
    }
    lines
}

/// A line for the copies of configuration beside what servers read, and one for each thing that lies in a server's home
/// and is no deployment of its own: nothing was taken from them.
#[must_use]
pub fn aside(report: &Report) -> Vec<String> {
    /// How many copies are named.
    const NAMED: usize = 5;
    let copies = |found: &&Finding| found.code == Code::OldCopy;
    let file = |found: &Finding| found.at.file.clone().unwrap_or_default();
    let mut paths: Vec<String> = report.findings.iter().filter(copies).map(file).collect();
    for deployment in &report.deployments {
        let own = deployment.findings.iter().filter(copies);
        paths.extend(own.map(|found| join(&deployment.path, &file(found))));
    }
    let mut lines = Vec::new();
    if !paths.is_empty() {
        let more = paths.len().saturating_sub(NAMED);
        let named = paths[..paths.len() - more].join(", ");
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        lines.push(format!("{} not read: {named}{more}", copies_of(paths.len())));
    }
    lines.extend(of_status(report, InputStatus::InsideHome));
    lines
}

fn copies_of(count: usize) -> String {
    if count == 1 { "a copy of configuration,".to_owned() } else { format!("{count} copies of configuration,") }
}

/// A line for each node that is another product.
#[must_use]
pub fn others(report: &Report) -> Vec<String> {
    of_status(report, InputStatus::OtherProduct)
}

fn of_status(report: &Report, status: InputStatus) -> Vec<String> {
    let others = report.inputs.iter().filter(|input| input.status == status);
    let lines = others.map(|input| {
        let path = if input.path.is_empty() { "." } else { &input.path };
        format!("{path}: {}", input.reason)
    });
    let mut lines: Vec<String> = lines.collect();
    let more = lines.len().saturating_sub(SHOWN);
    lines.truncate(SHOWN);
    if more > 0 {
        lines.push(format!("and {more} more: see `inputs` of the report"));
    }
    lines
}
