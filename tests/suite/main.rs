//! Tests of the library and the command from outside, in one binary.
#![allow(missing_docs, reason = "tests say what they mean by their names")]

mod checklist;
mod command_line;
mod decisions;
mod report;
mod vault;
mod write_all;
