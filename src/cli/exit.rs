//! Exit codes.

use std::process::ExitCode;

use crate::report::model::Report;
use crate::report::open::Open;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Done, and nothing is open.
    Done = 0,
    /// An error; nothing was written.
    Failed = 1,
    /// Done, and a person must look: an open decision or conflict, a finding of severity error, a setting that
    /// is manual or unknown, or some INPUTs failed while others were written.
    Look = 2,
}

impl Exit {
    /// The code for a run that came to its end: `failed` INPUTs are told on stderr.
    #[must_use]
    pub fn of(report: &Report, failed: usize) -> Self {
        if failed == 0 && Open::of(report).is_nothing() { Self::Done } else { Self::Look }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
