//! The new deployment: target nodes, merged settings, connections, databases.

pub mod plan;
