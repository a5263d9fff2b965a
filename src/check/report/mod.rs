//! What was found, for people and programs: one [`Report`], seen as text, JSON or SARIF.

mod page;
mod sarif;
mod text;

use schemars::JsonSchema;
use serde::Serialize;

use super::Diagnostic;
use crate::diagnostic::{Code, Severity};
use crate::report::status::Status;
use crate::source::Place;
pub use page::page;
pub use sarif::sarif;
pub use text::text;

/// Raised when a reader of the old form would misread the new one.
pub const SCHEMA_VERSION: u32 = 1;

/// What `check` found.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this form.
    pub schema_version: u32,
    /// What the files were checked for: a target's name, or `own`.
    pub target: String,
    /// How it ended: `ready` without an error, `open` with one, `incomplete` if something was not read.
    pub status: Status,
    /// The files that were checked, in order.
    pub files: Vec<CheckedFile>,
    /// What was found, by deployment, file and place.
    pub findings: Vec<Found>,
    /// How many findings of each severity, and how many were allowed.
    pub counts: Counts,
}

/// A file that was checked.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct CheckedFile {
    /// The file.
    pub file: String,
    /// Its node.
    pub node: String,
    /// The number of its deployment, from 1.
    pub deployment: usize,
    /// What it was checked for.
    pub target: String,
    /// What its server does, as far as it is known.
    pub profile: Option<crate::role::Profile>,
}

/// One finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub struct Found {
    /// What it is.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What was found; secrets are masked.
    pub message: String,
    /// What to do about it.
    pub help: String,
    /// The node.
    pub node: Option<String>,
    /// Where; line 0 is the whole file.
    pub place: Option<Place>,
    /// How many characters of the line it is about.
    pub length: Option<usize>,
    /// Places that belong to it.
    pub related: Vec<Related>,
    /// The line, secrets masked.
    #[serde(skip)]
    pub excerpt: Option<super::Excerpt>,
}

/// A place that belongs to a finding.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Related {
    /// What stands there.
    pub what: String,
    /// Where.
    pub place: Place,
}

/// How many findings there are.
#[derive(Clone, Copy, Debug, Default, Serialize, JsonSchema)]
pub struct Counts {
    /// Of severity error.
    pub error: usize,
    /// Of severity warning.
    pub warning: usize,
    /// Of severity notice.
    pub notice: usize,
    /// Found, and allowed with `--allow`.
    pub allowed: usize,
}

/// What the user said of single codes.
#[derive(Clone, Debug, Default)]
pub struct Levels {
    /// Codes that are errors, whatever their severity.
    pub deny: Vec<Code>,
    /// Codes that are not told.
    pub allow: Vec<Code>,
}

impl Report {
    /// A report without findings.
    #[must_use]
    pub fn new(target: String) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            target,
            status: Status::default(),
            files: Vec::new(),
            findings: Vec::new(),
            counts: Counts::default(),
        }
    }

    /// Says how it ended, once all is added. `incomplete` is whether something was not read.
    pub fn settle(&mut self, incomplete: bool) {
        self.status = match incomplete {
            true => Status::Incomplete,
            false if self.counts.error > 0 => Status::Open,
            false => Status::Ready,
        };
    }

    /// Adds what was found.
    pub fn add(&mut self, diagnostics: Vec<Diagnostic>, levels: &Levels) {
        for diagnostic in diagnostics {
            let mut finding = diagnostic.finding;
            if levels.allow.contains(&finding.code) {
                self.counts.allowed += 1;
                continue;
            }
            if levels.deny.contains(&finding.code) {
                finding.severity = Severity::Error;
            }
            match finding.severity {
                Severity::Error => self.counts.error += 1,
                Severity::Warning => self.counts.warning += 1,
                Severity::Notice => self.counts.notice += 1,
            }
            self.findings.push(Found {
                code: finding.code,
                severity: finding.severity,
                message: finding.message,
                help: diagnostic.help,
                node: finding.node,
                place: finding.place,
                length: diagnostic.length,
                related: diagnostic.related.into_iter().map(|(what, place)| Related { what, place }).collect(),
                excerpt: diagnostic.excerpt,
            });
        }
    }
}
