//! The fuzz targets' properties, shared with the tests of the program.

#[path = "../../tests/fuzzed/mod.rs"]
pub mod properties;
