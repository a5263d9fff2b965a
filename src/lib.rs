//! Moves old WSO2 API Manager deployments to the profiles of the new one.
#![allow(dead_code)]
pub mod diagnostic;
pub mod read;
pub mod source;
pub mod value;
pub mod cli { 
//! stub
/// stub
pub fn run(_: std::env::ArgsOs) -> std::process::ExitCode { std::process::ExitCode::SUCCESS } }
