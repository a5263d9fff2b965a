//! Tests of the library and the command from outside, in one binary.
#![allow(missing_docs, reason = "tests say what they mean by their names")]

mod again;
mod breaking_beside;
mod breaking_inputs;
mod breaking_inputs_more;
mod breaking_safety;
mod check;
mod checklist;
mod cli;
mod command_line;
mod dead_keys;
mod decisions;
mod document;
mod escaping;
mod fresh;
mod fuzzed;
mod homes;
mod inputs;
mod joining;
mod knowledge;
mod limits;
mod mappings;
mod mutations;
mod neighbours;
mod node;
mod non_ascii;
mod output;
mod planting;
#[path = "../fuzzed/mod.rs"]
mod properties;
mod report;
mod roles;
mod shipped;
mod vault;
mod write_all;
