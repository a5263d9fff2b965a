//! Cuts an INPUT into deployments before anything of it is understood.
//!
//! [`mod@scan`] groups the files by paths alone: homes side by side below one folder are a *candidate*, and each archive is
//! cut by itself. What the nodes of a candidate say of hosts may then split it ([`crate::topology::source::grouping`]);
//! nothing joins candidates but a person. [`mod@parts`] gives each group of homes the folder that is its own, with all files
//! in it: what comes after sees such a part as if it were the INPUT.

pub mod blind;
pub mod parts;
pub mod scan;

pub use blind::Blind;
pub use parts::{Cut, Joined, Part, join, parts, whole};
pub use scan::{Candidate, InHome, Scan, scan};
