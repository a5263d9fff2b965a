//! What a person must look at: it decides the exit code and heads the text.

use std::collections::BTreeSet;

use super::model::{DeploymentReport, Report};
use super::status::FailOn;
use crate::diagnostic::{Severity, counted};
use crate::verify::Fulfilment;

/// How much is left to a person.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// Open decisions and conflicts; one that is both counts once.
    pub decisions: usize,
    /// Findings of severity error.
    pub errors: usize,
    /// Leaves that need a hand.
    pub manual: usize,
    /// Leaves that no row speaks of.
    pub unknown: usize,
    /// Findings of severity warning: they are no reason to look, unless `--fail-on warning` makes them one.
    pub warnings: usize,
    /// Old settings that do not arrive in what the product renders.
    pub lost: usize,
    /// What else the proof found: refused or malformed files, keys that do nothing or arrive as something else.
    pub faults: usize,
}

impl Open {
    /// What the report leaves to a person.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut open = Self::default();
        for deployment in &report.deployments {
            let part = Self::of_deployment(deployment);
            open.decisions += part.decisions;
            open.errors += part.errors;
            open.manual += part.manual;
            open.unknown += part.unknown;
            open.warnings += part.warnings;
        }
        if let Some(proof) = &report.proof {
            let totals = &proof.totals;
            open.lost = totals.lost as usize;
            let refused = totals.files - totals.accepted;
            open.faults = (refused + totals.malformed + totals.dead + totals.altered) as usize;
        }
        open
    }

    /// What one deployment leaves to a person.
    #[must_use]
    pub fn of_deployment(deployment: &DeploymentReport) -> Self {
        let asked = deployment.decisions.iter().filter(|decision| decision.open);
        let mut ids: BTreeSet<(&str, Option<&str>)> =
            asked.map(|decision| (decision.id.as_str(), decision.about.as_deref())).collect();
        let conflicts = deployment.conflicts.iter().filter(|conflict| conflict.open);
        ids.extend(conflicts.map(|conflict| (conflict.decision.as_str(), None)));
        let findings =
            |severity: Severity| deployment.findings.iter().filter(|finding| finding.severity == severity).count();
        let lost = deployment.settings.iter().filter_map(|setting| setting.proof.as_ref());
        Self {
            decisions: ids.len(),
            errors: findings(Severity::Error),
            manual: deployment.counts.manual as usize,
            unknown: deployment.counts.unknown as usize,
            warnings: findings(Severity::Warning),
            lost: lost.filter(|proof| proof.outcome == Fulfilment::Lost).count(),
            faults: 0,
        }
    }

    /// What is left, in words: `1 open decision, 2 manual settings`. Warnings are named where `fail_on` counts them.
    #[must_use]
    pub fn words(self, fail_on: FailOn) -> String {
        let warnings = if fail_on == FailOn::Warning { self.warnings } else { 0 };
        let words = [
            (self.lost, "lost setting"),
            (self.faults, "fault found by the product"),
            (self.decisions, "open decision"),
            (self.errors, "error"),
            (self.manual, "manual setting"),
            (self.unknown, "unknown setting"),
            (warnings, "warning"),
        ];
        let words: Vec<String> =
            words.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| counted(count, word)).collect();
        if words.is_empty() { "nothing open".to_owned() } else { words.join(", ") }
    }
}
