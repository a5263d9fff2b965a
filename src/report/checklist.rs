//! The checklist as a text for people (`CHECKLIST.md`): items in the order in which they are due, with boxes to tick
//! and the places that caused them.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::model::{At, Check, Decision, DeploymentReport, Report};
use crate::checklist::{Form, Row, rows};
use crate::{fates, foreign};

/// How many causes of a point are shown; the report has them all.
const SHOWN: usize = 4;

/// The checklist of all deployments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Checklist {
    /// The text.
    pub text: String,
    /// The id of each box, in their order. It names the point, not its place in the list or in the old files: a tick is
    /// found again by it.
    pub boxes: Vec<String>,
}

/// The checklist of all deployments.
#[must_use]
pub fn markdown(report: &Report) -> Checklist {
    let rows = rows();
    let mut boxes = Boxes::default();
    let mut out =
        "# Checklist\n\nWhat no configuration file can do, in the order in which it is due. Places are those of \
                   the old files that are the reason; migration-report.json has them all.\n"
            .to_owned();
    let gaps = super::gaps::lines(report);
    if !gaps.is_empty() {
        let _ = writeln!(out, "\n**Incomplete.** This was not read, or left out: mend it and run again first.\n");
        for gap in gaps {
            let _ = writeln!(out, "- {}", foreign::markdown_sentence(&gap, false));
        }
    }
    let others = super::gaps::others(report);
    if !others.is_empty() {
        let _ = writeln!(out, "\n**Set aside.** These are other products: nothing was written for them.\n");
        for other in others {
            let _ = writeln!(out, "- {}", foreign::markdown_sentence(&other, false));
        }
    }
    let aside = super::gaps::aside(report);
    if !aside.is_empty() {
        let _ = writeln!(out, "\n**Beside the configuration.** Nothing was taken from these:\n");
        for one in aside {
            let _ = writeln!(out, "- {}", foreign::markdown_sentence(&one, false));
        }
    }
    answers(&mut out, &report.decisions);
    let several = report.deployments.len() > 1;
    for deployment in &report.deployments {
        if several {
            let _ = writeln!(out, "\n## {}", foreign::markdown(&deployment.name));
        }
        if deployment.checklist.is_empty() {
            let _ = writeln!(out, "\nNo node of the product: nothing to do.");
        }
        nodes(&mut out, deployment);
        answers(&mut out, &deployment.decisions);
        let level = if several { "###" } else { "##" };
        for (number, (row, checks)) in items(deployment, rows).enumerate() {
            let _ = writeln!(out, "\n{level} {}. {}", number + 1, row.title);
            item(&mut out, row, checks);
            // A deployment that is alone is known without its name, which may only be that of a folder.
            let name = if several { deployment.name.as_str() } else { "" };
            boxes.add(name, row, checks);
        }
    }
    Checklist { text: out, boxes: boxes.ids }
}

/// What became of each old node, where there are several or one has no new node.
fn nodes(out: &mut String, deployment: &DeploymentReport) {
    let old = &deployment.source.nodes;
    if old.len() < 2 && old.iter().all(|node| node.fate.kind == fates::Kind::Source) {
        return;
    }
    let _ = writeln!(out, "\n**Old nodes.** What became of each:\n");
    for node in old {
        let name = foreign::markdown(&node.name);
        let _ = writeln!(out, "- {name} {}", foreign::markdown_sentence(&node.fate.words(), false));
    }
}

/// What a person decided: the rest holds because nobody said otherwise.
fn answers(out: &mut String, decisions: &[Decision]) {
    let mut answered = decisions.iter().filter(|decision| decision.answered).peekable();
    if answered.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "\n**Answered.** These hold because a person answered so:\n");
    for decision in answered {
        let about = decision.about.as_ref().map(|about| format!(" ({about})")).unwrap_or_default();
        let same = if decision.chosen == decision.default { ", as without an answer" } else { "" };
        let text = format!("{}{about}: {}{same}", decision.id, decision.chosen);
        let _ = writeln!(out, "- {}", foreign::markdown_sentence(&one_line(&text), false));
    }
}

/// The ids of the boxes.
#[derive(Default)]
struct Boxes {
    ids: Vec<String>,
    known: BTreeSet<String>,
}

impl Boxes {
    /// Adds those that [`item`] shows.
    fn add(&mut self, deployment: &str, row: &Row, checks: &[Check]) {
        let item = if deployment.is_empty() { row.id.clone() } else { format!("{deployment}/{}", row.id) };
        if checks.is_empty() {
            self.one(item);
        } else if row.form == Form::List {
            for check in checks {
                let node = check.node.as_deref().unwrap_or_default();
                self.one(format!("{item}/{node}/{}", short_hash(&check.text)));
            }
        }
    }

    fn one(&mut self, id: String) {
        let numbered = (2_u32..).map(|count| format!("{id}/{count}"));
        let free = [id.clone()].into_iter().chain(numbered).find(|id| !self.known.contains(id)).unwrap_or(id);
        self.known.insert(free.clone());
        self.ids.push(free);
    }
}

/// The items of a deployment's checklist, each with its row and its points.
pub fn items<'r>(deployment: &'r DeploymentReport, rows: &'r [Row]) -> impl Iterator<Item = (&'r Row, &'r [Check])> {
    let chunks = deployment.checklist.chunk_by(|one, other| one.item == other.item);
    chunks.filter_map(|checks| Some((rows.iter().find(|row| row.id == checks[0].item)?, &checks[1..])))
}

fn item(out: &mut String, row: &Row, checks: &[Check]) {
    if checks.is_empty() {
        let _ = writeln!(out, "\n- [ ] {}", row.text);
        return;
    }
    let _ = writeln!(out, "\n{}\n", row.text);
    match row.form {
        Form::List => {
            for check in checks {
                let node = check.node.as_ref().map(|node| format!("**{}**: ", foreign::markdown(node)));
                let node = node.unwrap_or_default();
                let text = foreign::markdown_sentence(&one_line(&check.text), false);
                let _ = writeln!(out, "- [ ] {node}{text}{}", causes(check));
            }
        }
        Form::Table => {
            let _ = writeln!(out, "| node | what |\n| --- | --- |");
            for check in checks {
                let node = check.node.as_deref().unwrap_or("all");
                let text = foreign::markdown_sentence(&one_line(&check.text), true);
                let _ = writeln!(out, "| {} | {text}{} |", foreign::markdown(node), causes(check));
            }
        }
    }
}

/// The first digits of a text's SHA-256.
fn short_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    hash.iter().take(6).fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The places, as many as are shown, in brackets.
fn causes(check: &Check) -> String {
    let mut places: Vec<String> = check.causes.iter().take(SHOWN).map(place).collect();
    if places.is_empty() {
        return String::new();
    }
    let more = check.causes.len().saturating_sub(SHOWN);
    if more > 0 {
        places.push(format!("{more} more"));
    }
    format!(" ({})", places.join(", "))
}

fn place(at: &At) -> String {
    let file = at.file.as_deref().unwrap_or_default();
    match (at.line, at.column) {
        (Some(line), Some(column)) => format!("{}:{line}:{column}", foreign::markdown(file)),
        _ => foreign::markdown(file),
    }
}
