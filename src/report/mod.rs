//! What was done, for people and programs: one [`model`], made by [`build`], seen as JSON, as [`text`], or as the
//! [`checklist`] alone.
//! Nothing is decided and nothing printed here.

pub mod build;
pub mod checklist;
pub mod diff;
pub mod model;
pub mod open;
pub mod status;
pub mod text;
