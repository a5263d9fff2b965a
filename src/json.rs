//! Results as JSON for programs, and the schemas of these results.

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

/// A result as JSON text, the same bytes for the same result.
///
/// # Panics
/// If the result holds what JSON cannot, such as a map with keys that are no texts: none of ours does.
#[must_use]
pub fn text(result: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(result).expect("results are plain data");
    text.push('\n');
    text
}

/// Writes the same text piece by piece: a report of thousands of deployments is long.
///
/// # Errors
/// What `out` says.
pub fn write(result: &impl Serialize, out: &mut dyn io::Write) -> io::Result<()> {
    let mut out = io::BufWriter::new(out);
    serde_json::to_writer_pretty(&mut out, result)?;
    io::Write::write_all(&mut out, b"\n")?;
    io::Write::flush(&mut out)
}

/// The JSON Schema of a result, as checked in under `schema/`.
#[must_use]
pub fn schema<T: JsonSchema>() -> String {
    text(&schemars::schema_for!(T))
}
