//! The pipeline, on one page: an INPUT in, a [`Migration`] out. (A stand-in until the stages meet.)

use std::path::{Path, PathBuf};

use crate::decision::Decisions;
use crate::mapping::tables::Tables;
use crate::migration::Migration;
use crate::options::Options;

/// Why an INPUT could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The stages are not joined yet.
    #[error("{}: the pipeline is not joined yet", .0.display())]
    NotJoined(PathBuf),
}

/// Migrates one INPUT. Nothing is written.
pub fn migrate<'t>(
    input: &Path,
    _options: &Options,
    _tables: &'t Tables,
    _answers: &Decisions,
) -> Result<Migration<'t>, MigrateError> {
    Err(MigrateError::NotJoined(input.to_owned()))
}
