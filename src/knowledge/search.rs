//! `catalog search`: words in, the keys that have them out.

use serde::Serialize;

use super::{on_profile, read_by};
use crate::mapping::catalog::{Acceptance, Catalog, Key};
use crate::mapping::measured::Measured;
use crate::role::Profile;
use crate::version::Target;

/// A key that was found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Hit {
    /// The key.
    pub key: String,
    /// The versions that read it.
    pub read_by: String,
    /// Its default in the newest version that reads it.
    pub default: String,
    /// The first place in the rendered files that has one of the words, or the first of all.
    pub place: Option<String>,
}

/// The keys that have all `words` in their name, or else in the places and notes that belong to them: those with the
/// words in the name come first. Only keys that `target` and `profile` read, if given.
#[must_use]
pub fn search(catalog: &Catalog, words: &[String], target: Option<Target>, profile: Option<Profile>) -> Vec<Hit> {
    let words: Vec<String> = words.iter().map(|word| word.to_lowercase()).collect();
    let measured = Measured::built_in();
    let mut found: Vec<(usize, &Key)> = Vec::new();
    for key in catalog.all_keys() {
        let taken = target.is_none_or(|target| catalog.acceptance(key.name, target) == Acceptance::Read);
        let newest = target.map_or(crate::mapping::catalog::VERSIONS[6], |target| {
            target.measured().last().copied().unwrap_or(crate::mapping::catalog::VERSIONS[6])
        });
        if !taken || profile.is_some_and(|profile| !on_profile(catalog, key.name, profile, newest)) {
            continue;
        }
        let name = key.name.to_lowercase();
        let in_name = words.iter().filter(|word| name.contains(word.as_str())).count();
        let has = |word: &str| {
            let places = measured.places(key.name).iter();
            let mut places = places.flat_map(|place| [place.file, place.place]);
            let mut notes = measured.notes(key.name).iter().map(|note| note.text);
            places.any(|text| text.to_lowercase().contains(word))
                || notes.any(|text| text.to_lowercase().contains(word))
        };
        if in_name == words.len() || words.iter().all(|word| name.contains(word.as_str()) || has(word)) {
            found.push((words.len() - in_name, key));
        }
    }
    found.sort_by_key(|(missing, key)| (*missing, key.name));
    found.into_iter().map(|(_, key)| hit(key, &words)).collect()
}

fn hit(key: &Key, words: &[String]) -> Hit {
    let versions = read_by(key);
    let secret = crate::secret::is_secret_name(key.name);
    let default = versions.iter().last().map_or("", |version| key.default(version));
    let places = Measured::built_in().places(key.name);
    let telling = |place: &&crate::mapping::measured::Place| {
        words.iter().any(|word| place.place.to_lowercase().contains(word.as_str()))
    };
    let place = places.iter().find(telling).or_else(|| places.first());
    Hit {
        key: key.name.to_owned(),
        read_by: versions.to_string(),
        default: crate::secret::shown(default, secret),
        place: place.map(|place| format!("{} {}", place.file, place.place)),
    }
}
