//! What the tables know, for a person who asks: explanations, changes between versions, keys by word, a schema for
//! editors. Tables in, plain answers out; the answers are shown as text here and as JSON by serde.
//!
//! Nothing here is used by a migration, and nothing here knows an INPUT.

pub mod changes;
pub mod explain;
mod key;
pub mod model;
mod question;
mod row;
pub mod schema;
pub mod search;
pub mod text;

use crate::mapping::catalog::{Catalog, Key, Liveness, VERSIONS, without_indexes};
use crate::mapping::measured::Versions;
use crate::role::Profile;
use crate::version::Version;

/// The profiles, in the order in which they are shown.
pub(crate) const PROFILES: [Profile; 4] =
    [Profile::ControlPlane, Profile::GatewayWorker, Profile::TrafficManager, Profile::AllInOne];

/// The measured version whose tables speak for `version`, if any does: 3.1 and 3.2 are taken as 3.0, 4.3 as 4.2.
#[must_use]
pub fn measured_for(version: Version) -> Option<Version> {
    match (version.major, version.minor) {
        (3, 0..=2) => Some(Version::new(3, 0)),
        (4, 3) => Some(Version::new(4, 2)),
        _ => VERSIONS.into_iter().find(|known| *known == version),
    }
}

/// Whether a version's mapper does something with the key.
fn reads(key: &Key, version: Version) -> bool {
    matches!(key.liveness(version), Liveness::Live | Liveness::Free | Liveness::Table | Liveness::Breaks)
}

/// The versions that read the key.
fn read_by(key: &Key) -> Versions {
    Versions::of(|version| reads(key, version))
}

/// The profiles that read the key, and what they do with it, where only some do: the longest row that covers it.
fn only_on<'c>(catalog: &'c Catalog, key: &str) -> Option<(&'c str, &'c str)> {
    let plain = without_indexes(key);
    let covers = |row: &str| {
        plain.strip_prefix(row).is_some_and(|rest| rest.is_empty() || rest.starts_with('.') || rest.starts_with('['))
    };
    let row = catalog.profiles().iter().filter(|row| covers(row.key)).max_by_key(|row| row.key.len())?;
    Some((row.profiles, row.why))
}

/// Whether a node of `profile` reads the key in `version`.
fn on_profile(catalog: &Catalog, key: &str, profile: Profile, version: Version) -> bool {
    only_on(catalog, key).is_none_or(|(profiles, _)| {
        profiles.split(", ").any(|word| match word.split_once(" of ") {
            Some((word, only)) => word == profile.word() && only == version.to_string(),
            None => word == profile.word(),
        })
    })
}
