//! What a person must look at: it decides the exit code and heads the text.

use std::collections::BTreeSet;

use super::model::Report;
use crate::diagnostic::{Severity, counted};

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
    /// Old settings that do not arrive in what the product renders.
    pub lost: usize,
    /// What else the proof found: refused or malformed files, keys that do nothing or arrive as something else.
    pub faults: usize,
}

impl Open {
    /// What the report leaves to a person.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        let mut open =
            Self { manual: report.totals.manual as usize, unknown: report.totals.unknown as usize, ..Self::default() };
        if let Some(proof) = &report.proof {
            let totals = &proof.totals;
            open.lost = totals.lost as usize;
            let refused = totals.files - totals.accepted;
            open.faults = (refused + totals.malformed + totals.dead + totals.altered) as usize;
        }
        for deployment in &report.deployments {
            let asked = deployment.decisions.iter().filter(|decision| decision.open);
            let mut ids: BTreeSet<(&str, Option<&str>)> =
                asked.map(|decision| (decision.id.as_str(), decision.about.as_deref())).collect();
            let conflicts = deployment.conflicts.iter().filter(|conflict| conflict.open);
            ids.extend(conflicts.map(|conflict| (conflict.decision.as_str(), None)));
            open.decisions += ids.len();
            open.errors += deployment.findings.iter().filter(|finding| finding.severity == Severity::Error).count();
        }
        open
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// What is left, in words: `1 open decision, 2 manual settings`.
    #[must_use]
    pub fn words(self) -> String {
        let words = [
            (self.lost, "lost setting"),
            (self.faults, "fault found by the product"),
            (self.decisions, "open decision"),
            (self.errors, "error"),
            (self.manual, "manual setting"),
            (self.unknown, "unknown setting"),
        ];
        let words: Vec<String> =
            words.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| counted(count, word)).collect();
        if words.is_empty() { "nothing open".to_owned() } else { words.join(", ") }
    }
}
