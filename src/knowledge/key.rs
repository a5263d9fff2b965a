//! A key of deployment.toml, explained.

use super::model::{Implied, InVersions, KeyTopic, Origin, PlaceTopic, SuccessorTopic};
use super::{PROFILES, read_by, shown};
use crate::mapping::catalog::{Catalog, Key, Kind, Liveness, Positions, VERSIONS, without_indexes};
use crate::mapping::measured::{Measured, Place, Versions};
use crate::mapping::tables::Tables;

const SOURCE: &str = "measured with the products' own configuration mappers of 3.0, 4.0, 4.1, 4.2, 4.4, 4.5 and 4.6";

/// Everything that is known of a key.
pub fn topic(tables: &Tables, key: &Key) -> KeyTopic {
    let catalog = &tables.catalog;
    let measured = Measured::built_in();
    let liveness = |wanted: Liveness| Versions::of(|version| key.liveness(version) == wanted);
    let word = |versions: Versions| if versions.is_empty() { String::new() } else { versions.to_string() };
    let successor = measured.successor(key.name).map(|row| SuccessorTopic {
        key: row.successor.to_owned(),
        since: row.since.map(|version| version.to_string()),
        evidence: row.evidence.to_owned(),
    });
    let replaces = measured.successors().iter().filter(|row| row.successor == key.name);
    KeyTopic {
        key: key.name.to_owned(),
        takes: takes(key).to_owned(),
        read_by: read_by(key).to_string(),
        breaks: word(liveness(Liveness::Breaks)),
        dead_in: word(liveness(Liveness::Dead)),
        profiles: profiles(catalog, key.name),
        defaults: folded(key),
        implied: implied(catalog, key),
        places: places(measured.places(key.name)),
        fails_with: Some(key.fails_with).filter(|text| !text.is_empty()).map(str::to_owned),
        writing: writing(key.positions),
        notes: measured
            .notes(key.name)
            .iter()
            .map(|note| InVersions { versions: note.versions.to_string(), value: note.text.to_owned() })
            .collect(),
        successor,
        replaces: replaces.map(|row| row.key.to_owned()).collect(),
        from: origins(tables, key.name),
        keys: below(catalog, key.name),
        source: SOURCE,
    }
}

/// What a key takes, in a few words.
fn takes(key: &Key) -> &'static str {
    match key.kind {
        Kind::Text => "a text",
        Kind::Boolean => "true or false",
        Kind::Integer => "a whole number",
        Kind::Duration => "a whole number, or one with ms, s, m, h or d",
        Kind::List => "a list of texts",
        Kind::Table => "a table",
    }
}

/// The defaults of a key, versions of the same one together; a version that does not read the key has none.
pub fn folded(key: &Key) -> Vec<InVersions> {
    let mut values: Vec<&str> = Vec::new();
    for version in VERSIONS.into_iter().filter(|version| key.acts(*version)) {
        if !values.contains(&key.default(version)) {
            values.push(key.default(version));
        }
    }
    let of = |value: &str| Versions::of(|version| key.acts(version) && key.default(version) == value);
    if values == [""] {
        return Vec::new();
    }
    values.into_iter().map(|value| InVersions { versions: of(value).to_string(), value: shown(key, value) }).collect()
}

/// What roles imply, versions of the same value together.
fn implied(catalog: &Catalog, key: &Key) -> Vec<Implied> {
    let mut out = Vec::new();
    for profile in PROFILES {
        let of = |version| catalog.implied(key.name, version, profile);
        let mut values: Vec<&str> = Vec::new();
        for value in VERSIONS.into_iter().filter_map(of) {
            if !values.contains(&value) {
                values.push(value);
            }
        }
        out.extend(values.into_iter().map(|value| Implied {
            profile: profile.word(),
            versions: Versions::of(|version| of(version) == Some(value)).to_string(),
            value: shown(key, value),
        }));
    }
    out
}

/// Places as answers show them.
pub fn places(places: &[Place]) -> Vec<PlaceTopic> {
    let topic = |place: &Place| PlaceTopic {
        versions: place.versions.to_string(),
        file: place.file.to_owned(),
        place: place.place.to_owned(),
        form: place.form.to_owned(),
    };
    places.iter().map(topic).collect()
}

/// How a value must be written: the mapper pastes it as it is.
fn writing(positions: Positions) -> Option<String> {
    let mut said = Vec::new();
    if positions.name {
        said.push("becomes a part of a name: only letters, digits, `_`, `-` and `.`");
    }
    if positions.xml {
        said.push("lands in XML: write `&`, `<` and quotes as `&amp;`, `&lt;`, `&quot;`");
    }
    if positions.properties {
        said.push("lands in a .properties file: double each backslash");
    }
    if positions.cdata {
        said.push("lands in CDATA: write it as it is");
    }
    if positions.toml {
        said.push("lands in a TOML file: escape it as TOML does");
    }
    let several = positions.xml && (positions.properties || positions.cdata);
    let warning = if several { "; with such characters it cannot be right in both" } else { "" };
    (!said.is_empty()).then(|| format!("{}{warning}", said.join("; ")))
}

/// The rows that write the key.
fn origins(tables: &Tables, key: &str) -> Vec<Origin> {
    let plain = |name: &str| without_indexes(name).replace('\'', "");
    let wanted = plain(key);
    let mut out = Vec::new();
    for table in tables.tables() {
        for rule in table.rules() {
            let sets = rule.cases.iter().flat_map(|case| case.sets.keys().map(String::as_str));
            if rule.to.iter().chain(sets).any(|to| plain(to) == wanted) {
                out.push(Origin {
                    rule: rule.id.clone(),
                    file: table.head.paths.first().cloned().unwrap_or_default(),
                    path: rule.from.iter().next().unwrap_or_default().to_owned(),
                });
            }
        }
    }
    out
}

/// The profiles that read a key or table where only some do, and what they do with it.
pub fn profiles(catalog: &Catalog, name: &str) -> Option<InVersions> {
    let row = catalog.profiles_of(name)?;
    Some(InVersions { versions: row.profiles.to_owned(), value: row.why.to_owned() })
}

/// The keys in a table.
pub fn below(catalog: &Catalog, table: &str) -> Vec<String> {
    let table = table.trim_end_matches("[]");
    let inside = |name: &str| {
        name.strip_prefix(table)
            .and_then(|rest| rest.strip_prefix("[]").or(Some(rest)))
            .is_some_and(|rest| rest.starts_with('.'))
    };
    let mut keys: Vec<String> =
        catalog.all_keys().map(|key| key.name).filter(|name| inside(name)).map(str::to_owned).collect();
    keys.sort();
    keys
}
