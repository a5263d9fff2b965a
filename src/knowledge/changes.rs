//! `catalog diff`: two versions in, what changed between them out.

use crate::text::Parts as _;
use std::collections::BTreeSet;

use serde::Serialize;

use super::{on_profile, shown};
use crate::mapping::catalog::{Catalog, Key, Liveness};
use crate::mapping::measured::{Measured, Successor};
use crate::role::Profile;
use crate::version::Version;

/// What changed from one version to another.
#[derive(Clone, Debug, Serialize)]
pub struct Changes {
    /// The old version.
    pub from: String,
    /// The new version.
    pub to: String,
    /// Only what this profile reads.
    pub profile: Option<Profile>,
    /// Keys that another does the work of.
    pub renamed: Vec<Renamed>,
    /// Keys that the new version does not read any more, and that none does the work of.
    pub gone: Vec<Gone>,
    /// Keys that the old version did not read.
    pub new: Vec<New>,
    /// Keys that hold another value when they are left out.
    pub defaults: Vec<DefaultChange>,
    /// What the role of the profile implies, where that changed; of all roles without a profile.
    pub roles: Vec<RoleChange>,
    /// What the product's plain file of the profile says, where that changed; of the whole server without a profile.
    pub shipped: Vec<ShippedChange>,
    /// Keys that make a file of the new version unreadable.
    pub breaks: Vec<String>,
}

/// A key with a successor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Renamed {
    /// The old key.
    pub from: String,
    /// The new key.
    pub to: String,
    /// How that is known.
    pub evidence: String,
}

/// A key that is gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gone {
    /// The key.
    pub key: String,
    /// Whether the new version still names it, without reading it.
    pub still_named: bool,
}

/// A key that is new.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct New {
    /// The key.
    pub key: String,
    /// What holds when it is left out.
    pub default: String,
}

/// A key with another default.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DefaultChange {
    /// The key.
    pub key: String,
    /// The old default.
    pub from: String,
    /// The new default.
    pub to: String,
}

/// A role that implies something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RoleChange {
    /// The profile.
    pub profile: Profile,
    /// The key.
    pub key: String,
    /// What was implied.
    pub from: Option<String>,
    /// What is implied.
    pub to: Option<String>,
}

/// A plain file that says something else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShippedChange {
    /// The key.
    pub key: String,
    /// What it said.
    pub from: Option<String>,
    /// What it says.
    pub to: Option<String>,
}

/// What changed between two measured versions, keys in alphabetical order.
#[must_use]
pub fn changes(catalog: &Catalog, from: Version, to: Version, profile: Option<Profile>) -> Changes {
    let mut keys: Vec<&Key> = catalog.all_keys().collect();
    keys.sort_by_key(|key| key.name);
    let on = |key: &str, version| profile.is_none_or(|profile| on_profile(catalog, key, profile, version));
    let lives =
        |key: &Key, version| key.acts(version) && key.liveness(version) != Liveness::Table && on(key.name, version);
    let mut out = Changes {
        from: from.to_string(),
        to: to.to_string(),
        profile,
        renamed: Vec::new(),
        gone: Vec::new(),
        new: Vec::new(),
        defaults: Vec::new(),
        roles: roles(catalog, from, to, profile),
        shipped: shipped(catalog, from, to, profile.unwrap_or(Profile::AllInOne)),
        breaks: Vec::new(),
    };
    for key in keys {
        let (before, after) = (lives(key, from), lives(key, to));
        let successor = Measured::built_in().successor(key.name).and_then(|row| replaced(catalog, key, row, from, to));
        if before && let Some((to, evidence)) = successor {
            out.renamed.push(Renamed { from: key.name.to_owned(), to, evidence });
            continue;
        }
        let default = |version| shown(key, key.default(version));
        match (before, after) {
            (true, false) => {
                let still_named = key.liveness(to) == Liveness::Dead;
                out.gone.push(Gone { key: key.name.to_owned(), still_named });
            }
            (false, true) => out.new.push(New { key: key.name.to_owned(), default: default(to) }),
            (true, true) if key.default(from) != key.default(to) => {
                out.defaults.push(DefaultChange { key: key.name.to_owned(), from: default(from), to: default(to) });
            }
            _ => {}
        }
        if after && key.liveness(to) == Liveness::Breaks {
            out.breaks.push(key.name.to_owned());
        }
    }
    let successors: BTreeSet<String> = out.renamed.iter().map(|renamed| renamed.to.clone()).collect();
    out.new.retain(|new| !successors.contains(&new.key));
    out
}

/// The name of a key in the new version and how that is known, if it got another between the two versions.
fn replaced(catalog: &Catalog, key: &Key, row: &Successor, from: Version, to: Version) -> Option<(String, String)> {
    let last = row.last.filter(|last| from <= *last && *last < to)?;
    row.since.filter(|since| *since <= to && *since > last || *since == to)?;
    let rest = key.name.part(row.key.len()..);
    let name = format!("{}{rest}", row.successor);
    let known = catalog.all_keys().any(|key| key.name == name && key.acts(to)) || rest.is_empty();
    known.then(|| (name, row.evidence.to_owned()))
}

fn roles(catalog: &Catalog, from: Version, to: Version, profile: Option<Profile>) -> Vec<RoleChange> {
    let mut out = Vec::new();
    for profile in super::PROFILES.into_iter().filter(|known| profile.is_none_or(|wanted| wanted == *known)) {
        let mut keys: Vec<&str> = catalog.implied_keys(profile).collect();
        keys.sort_unstable();
        keys.dedup();
        for key in keys {
            let (before, after) = (catalog.implied(key, from, profile), catalog.implied(key, to, profile));
            if before != after {
                let said = |value: Option<&str>| value.map(str::to_owned);
                out.push(RoleChange { profile, key: key.to_owned(), from: said(before), to: said(after) });
            }
        }
    }
    out
}

fn shipped(catalog: &Catalog, from: Version, to: Version, profile: Profile) -> Vec<ShippedChange> {
    let (before, after) = (catalog.shipped(profile, from), catalog.shipped(profile, to));
    // Without both files there is nothing to compare.
    if before.is_empty() || after.is_empty() {
        return Vec::new();
    }
    let value = |rows: &[(&'static str, &'static str)], key: &str| {
        let secret = crate::secret::is_secret_name(key);
        let row = rows.iter().find(|(known, _)| *known == key);
        row.map(|(_, value)| crate::secret::shown(value.trim_matches('"'), secret))
    };
    let keys: BTreeSet<&str> = before.iter().chain(&after).map(|(key, _)| *key).collect();
    keys.into_iter()
        .map(|key| ShippedChange { key: key.to_owned(), from: value(&before, key), to: value(&after, key) })
        .filter(|change| change.from != change.to)
        .collect()
}
