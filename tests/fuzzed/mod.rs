//! What holds for any input: one function for each fuzz target, each of which panics where it does not hold.
//!
//! Shared by the fuzz targets (`fuzz/`), which look for inputs that break one, and by the tests, which replay the seeds
//! and all that was found.
#![allow(missing_docs, unreachable_pub, dead_code, unused_imports, reason = "both who include it use a part")]

mod bundle;
mod deployments;
mod draw;
mod readers;

pub use deployments::{check, deployments};
pub use draw::drawn;
pub use readers::{amqp_url_groups, archives, encodings, key_paths, properties, toml, xml};

/// A property over bytes.
pub type Property = fn(&[u8]);

/// Each target's name and what holds for it.
pub const TARGETS: [(&str, Property); 9] = [
    ("xml", xml),
    ("properties", properties),
    ("toml", toml),
    ("encodings", encodings),
    ("key_paths", key_paths),
    ("amqp_url_groups", amqp_url_groups),
    ("archives", archives),
    ("deployments", deployments),
    ("check", check),
];
