//! From old nodes to new ones: [`source`] finds what the old deployment was, [`target`] plans the new one.

pub mod references;
pub mod source;
pub mod target;
