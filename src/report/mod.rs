//! What was done, for people and programs: one [`model`], made by [`build`], seen as JSON, as [`text`], or as the
//! [`checklist`] alone.
//! Nothing is decided and nothing printed here.

pub mod build;
pub mod checklist;
pub mod diff;
pub mod model;
pub mod open;
pub mod text;

use model::Report;

/// The report as JSON text, the same bytes for the same report.
///
/// # Panics
/// Never: the model holds nothing that JSON cannot.
#[must_use]
pub fn json(report: &Report) -> String {
    let mut text = serde_json::to_string_pretty(report).expect("the model is plain data");
    text.push('\n');
    text
}

/// The JSON Schema of the report, as checked in under `schema/`.
///
/// # Panics
/// Never: a schema is plain data.
#[must_use]
pub fn schema() -> String {
    let mut text = serde_json::to_string_pretty(&schemars::schema_for!(Report)).expect("a schema is plain data");
    text.push('\n');
    text
}
