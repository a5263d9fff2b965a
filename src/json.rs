//! Results as JSON for programs, and the schemas of these results.

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

/// The JSON Schema of a result, as checked in under `schema/`.
#[must_use]
pub fn schema<T: JsonSchema>() -> String {
    text(&schemars::schema_for!(T))
}
