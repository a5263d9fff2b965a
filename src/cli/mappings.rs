//! `mappings`: what the tables hold, and whether the user's own ones hold what they promise.

use std::fmt::Write as _;
use std::path::Path;

use super::args::{Format, MappingsCommand};
use super::exit::Exit;
use super::terminal::Terminal;
use crate::audit::{self, AuditError};
use crate::json;
use crate::mapping::catalog::Catalog;
use crate::mapping::tables::{TableError, Tables};
use crate::mapping::{book, figures, own};
use crate::verify::Product;

pub fn run(command: &MappingsCommand, terminal: Terminal) -> Exit {
    let result: Result<(Exit, String), String> = match command {
        MappingsCommand::Stats { format } => {
            let figures = figures::figures(&Tables::built_in());
            Ok((Exit::Done, if *format == Format::Json { figures::json(&figures) } else { figures::text(&figures) }))
        }
        MappingsCommand::Docs { mappings } => {
            let tables = mappings.as_deref().map_or_else(|| Ok(Tables::built_in()), Tables::with_folder);
            tables.map(|tables| (Exit::Done, book::book(&tables))).map_err(|error| error.to_string())
        }
        MappingsCommand::Audit { product, format } => audited(product, *format).map_err(|error| error.to_string()),
        MappingsCommand::Test { folder } => test(folder).map_err(|error| error.to_string()),
    };
    let (exit, text) = match result {
        Ok(result) => result,
        Err(error) => {
            terminal.error(error);
            return Exit::Failed;
        }
    };
    match terminal.result(&text) {
        Ok(()) => exit,
        Err(error) => {
            terminal.error(format!("cannot write the result: {error}"));
            Exit::Failed
        }
    }
}

/// What differs between the built-in tables and a product's.
fn audited(home: &Path, format: Format) -> Result<(Exit, String), AuditError> {
    let product = Product::open(home, None)?;
    let audit = audit::audit(&product, &Catalog::built_in())?;
    let exit = if audit.is_same() { Exit::Done } else { Exit::Look };
    Ok((exit, if format == Format::Json { json::text(&audit) } else { audit::text(&audit) }))
}

/// Each example that does not hold, with its place, and a last line with the counts.
fn test(folder: &Path) -> Result<(Exit, String), TableError> {
    let tables = Tables::with_folder(folder)?;
    let run = own::run_examples(&tables, folder)?;
    let mut text = String::new();
    for (place, mismatch) in &run.failed {
        let _ = writeln!(text, "{place}: {mismatch}");
    }
    let mut failed: Vec<_> =
        run.failed.iter().map(|(place, mismatch)| (&place.file, &mismatch.rule, mismatch.example)).collect();
    failed.dedup();
    let _ = writeln!(text, "{} rows, {} examples, {} failed", run.rows, run.examples, failed.len());
    Ok((if failed.is_empty() { Exit::Done } else { Exit::Failed }, text))
}
