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

use crate::mapping::catalog::{Catalog, Key, VERSIONS};
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

/// What a key is by default, as answers show it.
fn shown(key: &Key, default: &str) -> String {
    if default.is_empty() {
        return "none".to_owned();
    }
    crate::secret::shown(default, crate::secret::is_secret_name(key.name))
}

/// The versions that read the key.
fn read_by(key: &Key) -> Versions {
    Versions::of(|version| key.acts(version))
}

/// Whether a node of `profile` reads the key in `version`.
fn on_profile(catalog: &Catalog, key: &str, profile: Profile, version: Version) -> bool {
    catalog.profiles_of(key).is_none_or(|row| row.is_for(profile, |only| only == version))
}
