//! Checks that look at one file.

pub mod data_sources;
pub mod form;
pub mod groups;
pub mod keys;
pub mod profiles;
pub mod references;
pub mod required;
pub mod texts;
pub mod types;
pub mod words;
