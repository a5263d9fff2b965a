//! The version of a `deployment.toml` that nothing else tells: by the words and keys that only some versions have.

use super::{NEWEST_3, Seen, Stated, evidence};
use crate::layout::VersionEvidence;
use crate::mapping::catalog::{Catalog, Key, VERSIONS, without_indexes};
use crate::read::Leaf;
use crate::source::Place;
use crate::version::Version;

/// Role words that only 3.x has.
const ROLES_3: [&str; 4] = ["api-key-manager", "api-publisher", "api-store", "api-devportal"];
/// What 4.0 brought, but published files of 3.2 have too.
const HUB: &str = "apim.event_hub.";
/// A header that 4.0 brought for the portal's try-out, and where it is allowed. 3.x has `testKey` there.
const TRY_OUT: (&str, &str) = ("apim.cors.allow_headers", "Internal-Key");
/// Tables and keys that came with 4.0. Others that 3.0 lacks may have come with 3.1 or 3.2, which were not measured.
const NEW_IN_4: [&str; 4] = [
    "apim.analytics.auth_token",
    "apim.analytics.config_endpoint",
    "apim.gateway.environment[].virtual_host[].",
    "apim.gateway.environment[].websub_event_receiver",
];

/// 3.x or 4.x, and of 4.x the oldest that reads all keys of the file that any 4.x reads.
pub(super) fn by_keys(file: &Seen<'_, '_>, catalog: &Catalog) -> Stated {
    let known: Vec<(&Leaf<'_>, Option<&Key>)> =
        file.leaves.iter().map(|leaf| (leaf, catalog.find(&leaf.path))).collect();
    let role = |words: &[&str]| {
        file.leaves.iter().find(|leaf| leaf.path == "server.server_role" && words.contains(&leaf.value.trim()))
    };
    let with_key = |fits: &dyn Fn(&Leaf<'_>, Option<&Key>) -> bool| {
        known.iter().find(|(leaf, key)| fits(leaf, *key)).map(|(leaf, _)| *leaf)
    };
    let renamed = || with_key(&|leaf, _| leaf.path == "apim.oauth_config.white_listed_scopes");
    let new_table = |leaf: &Leaf<'_>| {
        let plain = without_indexes(&leaf.path);
        NEW_IN_4.iter().any(|new| plain.starts_with(new))
    };
    let later = |key: &Key| !key.has_place(VERSIONS[0]) && !key.has_place(VERSIONS[1]) && reads_any(key);
    let new = || with_key(&|leaf, key| new_table(leaf) || key.is_some_and(later));
    let hub = || with_key(&|leaf, _| leaf.path.starts_with(HUB));
    let try_out = || with_key(&|leaf, _| leaf.path == TRY_OUT.0 && leaf.value.contains(TRY_OUT.1));
    let gone = || with_key(&|_, key| key.is_some_and(|key| key.has_place(VERSIONS[0]) && !reads_any(key)));
    let of = |leaf: &Leaf<'_>, version: Version| {
        let what = match leaf.path.as_str() {
            "server.server_role" => format!("deployment.toml has the role `{}`", leaf.value.trim()),
            path => format!("deployment.toml has `{path}`"),
        };
        let evidence = evidence(what, Some(Place::at(file.path, leaf.position)));
        Stated { version, evidence, exact: false, weak: false }
    };
    if let Some(leaf) = role(&ROLES_3).or_else(renamed) {
        return of(leaf, NEWEST_3);
    }
    let profile = role(&["control-plane"]);
    // Old keys without effect may have been left in, and new ones tried: then a name or a sibling tells better.
    let mixed = profile.is_none() && gone().is_some();
    if let Some(leaf) = profile.or_else(new) {
        let version = oldest(known.iter().filter_map(|(_, key)| *key));
        let last = known.iter().find(|(_, key)| key.is_some_and(|key| is_first(key, version)));
        let leaf = last.filter(|_| version != VERSIONS[1]).map_or(leaf, |(leaf, _)| leaf);
        return Stated { weak: mixed, ..of(leaf, version) };
    }
    if let Some(leaf) = gone() {
        // Beside words of 4.x it may have been left in.
        let weak = hub().or_else(try_out).is_some();
        return Stated { weak, ..of(leaf, NEWEST_3) };
    }
    if let Some(leaf) = hub().or_else(try_out) {
        return Stated { weak: true, ..of(leaf, VERSIONS[1]) };
    }
    let what = format!("deployment.toml, and nothing that only one of 3.x and 4.x has: taken as {NEWEST_3}");
    let evidence = VersionEvidence { what, place: Some(Place::file(file.path)), guessed: true };
    Stated { version: NEWEST_3, evidence, exact: false, weak: true }
}

fn reads_any(key: &Key) -> bool {
    VERSIONS[1..].iter().any(|version| key.has_place(*version))
}

/// Whether `version` is the first of 4.x that reads the key.
fn is_first(key: &Key, version: Version) -> bool {
    VERSIONS[1..].iter().find(|version| key.has_place(**version)) == Some(&version)
}

/// The oldest of 4.x that reads most of the keys.
fn oldest<'k>(keys: impl Iterator<Item = &'k Key>) -> Version {
    let keys: Vec<&Key> = keys.filter(|key| reads_any(key)).collect();
    let read = |version: Version| keys.iter().filter(|key| key.has_place(version)).count();
    let most = VERSIONS[1..].iter().map(|version| read(*version)).max().unwrap_or(0);
    VERSIONS[1..].iter().copied().find(|version| read(*version) == most).unwrap_or(VERSIONS[1])
}

#[cfg(test)]
mod tests {
    use super::by_keys;
    use crate::layout::version::Seen;
    use crate::mapping::catalog::Catalog;

    #[test]
    fn tells_versions_by_words_and_keys() {
        let catalog = Catalog::built_in();
        for (text, version, guessed) in [
            ("[server]\nserver_role = \"api-store\"", "3.2", false),
            ("[apim.oauth_config]\nwhite_listed_scopes = []", "3.2", false),
            ("[server]\nserver_role = \"control-plane\"", "4.0", false),
            ("[apim.event_hub]\nenable = true", "4.0", false),
            ("[apim.event_hub]\nenable = true\n[[apim.gateway.environment]]\nprovider = \"wso2\"", "4.1", false),
            ("[apim.ai]\nenable = true", "4.4", false),
            ("[apim.ws]\nenable = true", "4.6", false),
            ("[apim.event_hub]\nenable = true\n[apim.analytics]\nstore_api_url = \"x\"", "3.2", false),
            ("[apim.analytics]\nstore_api_url = \"x\"", "3.2", false),
            ("[apim.cors]\nallow_headers = [\"apikey\", \"Internal-Key\"]", "4.0", false),
            ("[apim.cors]\nallow_headers = [\"apikey\", \"testKey\"]", "3.2", true),
            ("[server]\nserver_role = \"gateway-worker\"", "3.2", true),
            ("[apim.cache_invalidation]\nenabled = true", "3.2", true),
        ] {
            let leaves = crate::read::toml::toml(text).unwrap().leaves;
            let seen = Seen { name: "deployment.toml", path: "deployment.toml", leaves: &leaves, text: None };
            let found = by_keys(&seen, &catalog);
            let shown = (found.version.to_string(), found.evidence.guessed);
            assert_eq!(shown, (version.to_owned(), guessed), "{text}");
        }
    }
}
