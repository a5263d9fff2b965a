//! How a run ended, for people and programs: whether all was read, and whether something is left to a person.

use std::collections::BTreeSet;

use clap::ValueEnum;
use schemars::JsonSchema;
use serde::Serialize;

use super::model::{DeploymentReport, Input, Report};
use super::open::Open;

/// How it ended; the later one outweighs the earlier. It does not depend on `--fail-on`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All was read, and nothing is left to a person.
    #[default]
    Ready,
    /// All was read, and a person must decide or do something: an open question, a manual or unknown setting, an
    /// error among the findings.
    Open,
    /// Something is missing: an input or file was not read, a node or deployment was left out, or a proof that was
    /// asked for did not confirm.
    Incomplete,
    /// Nothing came of it: no INPUT could be read, or nothing was sure enough to be written.
    Failed,
}

impl Status {
    /// The word that reports use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Open => "open",
            Self::Incomplete => "incomplete",
            Self::Failed => "failed",
        }
    }
}

/// From what on a person must look, which is exit code 2: each includes what stands before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum FailOn {
    /// Nothing: exit code 2 never occurs.
    Never,
    /// Findings of severity error.
    Error,
    /// And open questions: decisions and conflicts.
    Open,
    /// And settings that are manual or unknown [the default].
    #[default]
    Manual,
    /// And findings of severity warning.
    Warning,
}

impl FailOn {
    /// Whether what is open is beyond the line.
    #[must_use]
    pub fn holds(self, open: Open) -> bool {
        let Open { decisions, errors, manual, unknown, warnings, lost: _, faults: _ } = open;
        self.holds_for(errors, warnings)
            || (self >= Self::Open && decisions > 0)
            || (self >= Self::Manual && manual + unknown > 0)
    }

    /// Whether as many findings are beyond the line.
    #[must_use]
    pub fn holds_for(self, errors: usize, warnings: usize) -> bool {
        (self >= Self::Error && errors > 0) || (self >= Self::Warning && warnings > 0)
    }
}

/// Says in the report how it ended. `incomplete` says of the whole what no deployment knows: that an INPUT was not
/// read or a deployment left out. What was said to be incomplete before stays so.
pub fn settle(report: &mut Report, incomplete: bool) {
    let proof = report.proof.as_ref();
    // An archive that it comes from may have held more of it.
    let unread = report.inputs.iter().filter(|input| input.tells_gap());
    let unread: BTreeSet<&str> = unread.flat_map(|input| &input.deployments).map(String::as_str).collect();
    for deployment in &mut report.deployments {
        if unread.contains(deployment.name.as_str()) {
            deployment.status = Status::Incomplete;
        }
        let proofs = proof.iter().flat_map(|proof| &proof.nodes);
        let unproven = proofs.filter(|node| node.deployment == deployment.name).any(|node| !node.is_clean());
        deployment.status = deployment.status.max(of(deployment, unproven));
    }
    let parts = report.deployments.iter().map(|deployment| deployment.status).max().unwrap_or_default();
    let incomplete = incomplete || report.inputs.iter().any(Input::tells_gap);
    let whole = match incomplete {
        _ if report.deployments.is_empty() => Status::Failed,
        true => Status::Incomplete,
        false => Status::Ready,
    };
    report.status = report.status.max(parts).max(whole);
}

fn of(deployment: &DeploymentReport, unproven: bool) -> Status {
    let left_out = deployment.target.nodes.iter().all(|node| !node.written);
    let unread = left_out
        || deployment.target.nodes.iter().any(|node| !node.unread.is_empty())
        || deployment.files.iter().any(|file| file.verdict.is_gap());
    let open = Open::of_deployment(deployment);
    if unread || unproven || open.lost > 0 {
        Status::Incomplete
    } else if FailOn::Manual.holds(open) {
        Status::Open
    } else {
        Status::Ready
    }
}
