//! From old nodes to new ones: [`source`] finds what the old deployment was, [`planner`] plans the new one.

pub mod planner;
pub mod references;
pub mod source;
