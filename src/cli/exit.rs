//! Exit codes.

use std::process::ExitCode;

use crate::report::model::Report;
use crate::report::open::Open;
use crate::report::status::{FailOn, Status};

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and nothing is open.
    Done = 0,
    /// An error: nothing was written, with several INPUTs for none.
    Failed = 1,
    /// Done, and a person must decide or do something: an open question, a setting that is manual or unknown, a
    /// finding of severity error. `--fail-on` moves the line.
    Look = 2,
    /// Done, but something is missing: an input or file was not read, a node or deployment was left out, or a proof
    /// that was asked for did not confirm. It outweighs [`Exit::Look`].
    Incomplete = 3,
}

impl Exit {
    /// The code for a run that came to its end; what is open is looked at from `fail_on` on.
    #[must_use]
    pub fn of(report: &Report, fail_on: FailOn) -> Self {
        if report.status == Status::Incomplete {
            Self::Incomplete
        } else if fail_on.holds(Open::of(report)) {
            Self::Look
        } else {
            Self::Done
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
