//! What a product's tables say, and what its config mapper makes of a deployment.toml with them: without Java.
//!
//! The product's mapper is a short way: the file, other names for its keys, what its values imply, defaults, references,
//! units, checks, and then templates that print it all. [`tables`] reads what the product brings for that, [`mapper`]
//! walks the way, [`template`] prints. Each step does what the real one was seen to do, faults included; what is not
//! known for sure is said to be *not judged*.

pub mod data;
mod hash;
pub mod mapper;
pub mod names;

pub mod tables;
pub mod template;
#[cfg(test)]
mod tests;
mod toml;

pub use mapper::{Mapped, Refusal, map};
pub use tables::{Tables, TablesError};
