//! What was measured of the target's keys besides what every run needs: where each value lands
//! (`mappings/targets/places.tsv`), what else holds of a key (`notes.tsv`), which key does the work of one that is gone
//! or never worked (`successors.tsv`); and what the topology makes of each fact. Read when first asked for.

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use rustc_hash::FxBuildHasher;

use super::catalog::{VERSIONS, covers};
use crate::version::Version;

type Index<K, V> = indexmap::IndexMap<K, V, FxBuildHasher>;

/// A set of measured versions.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Versions(u8);

impl Versions {
    /// The versions that hold.
    pub fn of(holds: impl Fn(Version) -> bool) -> Self {
        let bits = VERSIONS.iter().enumerate().filter(|(_, version)| holds(**version));
        Self(bits.fold(0, |bits, (index, _)| bits | 1 << index))
    }

    /// Reads a column of the tables: one letter for each version, `-` where it does not hold.
    fn read(column: &str) -> Self {
        Self(
            column
                .bytes()
                .enumerate()
                .filter(|(_, letter)| *letter != b'-')
                .fold(0, |bits, (index, _)| bits | 1 << index),
        )
    }

    /// Whether `version` (a measured one) is among them.
    #[must_use]
    pub fn has(self, version: Version) -> bool {
        VERSIONS.iter().position(|known| *known == version).is_some_and(|index| self.0 & 1 << index != 0)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The versions, oldest first.
    pub fn iter(self) -> impl Iterator<Item = Version> {
        VERSIONS.into_iter().filter(move |version| self.has(*version))
    }
}

/// `4.1 to 4.6`, `4.0, 4.2 to 4.6`, `all`, `none`: the measured neighbours of a version count as following it.
impl fmt::Display for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if VERSIONS.into_iter().all(|version| self.has(version)) {
            return formatter.write_str("all");
        }
        if self.is_empty() {
            return formatter.write_str("none");
        }
        let mut runs: Vec<(Version, Version)> = Vec::new();
        let mut before = None;
        for version in VERSIONS {
            match (self.has(version), runs.last_mut()) {
                (true, Some(run)) if before == Some(run.1) => run.1 = version,
                (true, _) => runs.push((version, version)),
                (false, _) => {}
            }
            before = Some(version);
        }
        let runs = runs.iter().map(
            |(first, last)| {
                if first == last { first.to_string() } else { format!("{first} to {last}") }
            },
        );
        formatter.write_str(&runs.collect::<Vec<_>>().join(", "))
    }
}

impl fmt::Debug for Versions {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, formatter)
    }
}

/// A place that a key drives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In which versions.
    pub versions: Versions,
    /// The rendered file: below `repository/conf`, or below the server's home with a leading `/`.
    pub file: &'static str,
    /// The leaf in it; `/**` at its end stands for all below.
    pub place: &'static str,
    /// How the value shows up there: `copy`, `not`, `join ","`, `present when true` and so on.
    pub form: &'static str,
}

/// What else holds of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Note {
    /// In which versions.
    pub versions: Versions,
    /// What.
    pub text: &'static str,
}

/// The key that does the work of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Successor {
    /// The key that is gone, or never reached a file.
    pub key: &'static str,
    /// The last version that read it; none if no version did.
    pub last: Option<Version>,
    /// The key to write instead.
    pub successor: &'static str,
    /// The first version that reads it; none if all do.
    pub since: Option<Version>,
    /// How that is known.
    pub evidence: &'static str,
}

/// What the topology makes of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactRow {
    /// The fact's name.
    pub fact: &'static str,
    /// The keys that it becomes, with `, ` between them; empty if it only serves to find the nodes.
    pub keys: &'static str,
    /// On which profiles.
    pub on: &'static str,
    /// How.
    pub how: &'static str,
}

/// All facts (`mappings/facts.tsv`), in alphabetical order.
pub fn facts() -> impl Iterator<Item = FactRow> {
    rows(include_str!("../../mappings/facts.tsv")).map(|[fact, keys, on, how]| FactRow { fact, keys, on, how })
}

/// A `[database.x]` and the data source that the new server makes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DataSourceName {
    /// The table.
    pub table: &'static str,
    /// The data source's name in the server's directory (`jdbc/SHARED_DB`).
    pub name: &'static str,
    /// It is there even if the file has no such table.
    pub always: bool,
}

/// The data sources of 4.x (`mappings/targets/data-sources.tsv`).
pub fn data_sources() -> impl Iterator<Item = DataSourceName> {
    rows(include_str!("../../mappings/targets/data-sources.tsv")).map(|[table, name, always, _source]| DataSourceName {
        table,
        name,
        always: always == "yes",
    })
}

/// An entry of the product's own `resource.access_control`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccessEntry {
    /// The paths, as a pattern.
    pub context: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// The permission that a user needs.
    pub permissions: &'static str,
    /// The scope that a token needs; empty if none.
    pub scopes: &'static str,
    /// In which versions.
    pub versions: Versions,
}

/// The product's own entries of `resource.access_control` (`mappings/targets/access-control.tsv`).
pub fn access_entries() -> impl Iterator<Item = AccessEntry> {
    rows(include_str!("../../mappings/targets/access-control.tsv")).map(
        |[context, method, permissions, scopes, versions]| AccessEntry {
            context,
            method,
            permissions,
            scopes,
            versions: Versions::read(versions),
        },
    )
}

/// The tables.
#[derive(Debug)]
pub struct Measured {
    places: Vec<Place>,
    places_of: Index<&'static str, Range<usize>>,
    notes: Vec<Note>,
    notes_of: Index<&'static str, Range<usize>>,
    successors: Vec<Successor>,
}

impl Measured {
    /// The built-in tables.
    ///
    /// # Panics
    /// If a built-in table is malformed: a bug that the tests find.
    pub fn built_in() -> &'static Self {
        static TABLES: OnceLock<Measured> = OnceLock::new();
        TABLES.get_or_init(Self::read)
    }

    fn read() -> Self {
        let mut out = Self {
            places: Vec::new(),
            places_of: Index::default(),
            notes: Vec::new(),
            notes_of: Index::default(),
            successors: Vec::new(),
        };
        let (mut key, mut file) = ("", "");
        for [name, versions, in_file, place, form] in rows(include_str!("../../mappings/targets/places.tsv")) {
            // A ditto mark repeats the row before.
            key = if name == "\"" { key } else { name };
            file = if in_file == "\"" { file } else { in_file };
            extend(&mut out.places_of, key, out.places.len());
            out.places.push(Place { versions: Versions::read(versions), file, place, form });
        }
        for [key, versions, text] in rows(include_str!("../../mappings/targets/notes.tsv")) {
            extend(&mut out.notes_of, key, out.notes.len());
            out.notes.push(Note { versions: Versions::read(versions), text });
        }
        for [key, last, successor, since, evidence] in rows(include_str!("../../mappings/targets/successors.tsv")) {
            out.successors.push(Successor {
                key,
                last: last.parse().ok(),
                successor,
                since: since.parse().ok(),
                evidence,
            });
        }
        out
    }

    /// The places that the key of that name (as the catalog has it) drives, by file and place.
    #[must_use]
    pub fn places(&self, key: &str) -> &[Place] {
        self.places_of.get(key).map_or(&[], |range| &self.places[range.clone()])
    }

    /// What else holds of the key.
    #[must_use]
    pub fn notes(&self, key: &str) -> &[Note] {
        self.notes_of.get(key).map_or(&[], |range| &self.notes[range.clone()])
    }

    /// The key that does the work of `key`, or of the table that it stands in.
    #[must_use]
    pub fn successor(&self, key: &str) -> Option<&Successor> {
        self.successors.iter().filter(|row| covers(row.key, key)).max_by_key(|row| row.key.len())
    }

    /// All such keys.
    #[must_use]
    pub fn successors(&self) -> &[Successor] {
        &self.successors
    }
}

/// The rows of one key stand together.
fn extend(ranges: &mut Index<&'static str, Range<usize>>, key: &'static str, next: usize) {
    ranges.entry(key).or_insert(next..next).end = next + 1;
}

fn rows<const COLUMNS: usize>(text: &'static str) -> impl Iterator<Item = [&'static str; COLUMNS]> {
    text.lines().skip(1).map(|line| {
        let mut columns = line.split('\t');
        std::array::from_fn(|_| columns.next().expect("a row has all columns"))
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Measured, Versions, facts};
    use crate::mapping::catalog::{Catalog, Liveness, VERSIONS};
    use crate::mapping::tables::{Table, Tables};

    #[test]
    fn shows_versions_as_runs() {
        assert_eq!(Versions::read("--xxxxx").to_string(), "4.1 to 4.6");
        assert_eq!(Versions::read("-x-xxx-").to_string(), "4.0, 4.2 to 4.5");
        assert_eq!(Versions::read("xxxxxxx").to_string(), "all");
        assert_eq!(Versions::read("-------").to_string(), "none");
        assert_eq!(Versions::of(|version| version.major == 3), Versions::read("x------"));
    }

    #[test]
    fn knows_where_a_key_lands_and_what_replaced_it() {
        let measured = Measured::built_in();
        let hostname = measured.places("server.hostname");
        assert!(hostname.iter().any(|place| place.file == "carbon.xml" && place.place == "/Server/HostName"));
        let gone = measured.successor("apim.oauth_config.white_listed_scopes").unwrap();
        assert_eq!(gone.successor, "apim.oauth_config.allowed_scopes");
        assert_eq!(measured.successor("cpu_watcher.threshold").unwrap().successor, "diagnostic_tool.cpu_watcher");
        assert!(measured.successor("apim.oauth_config").is_none());
    }

    #[test]
    fn knows_what_becomes_of_every_fact() {
        let tables = Tables::built_in();
        let named: BTreeSet<&str> =
            tables.tables().iter().flat_map(Table::rules).filter_map(|rule| rule.fact.as_deref()).collect();
        let known: BTreeSet<&str> = facts().map(|row| row.fact).collect();
        let unknown: Vec<&&str> = named.difference(&known).collect();
        assert!(unknown.is_empty(), "no row of facts.tsv is for {unknown:?}");
        for row in facts() {
            for key in row.keys.split(", ").filter(|key| !key.is_empty()) {
                let table = format!("{key}.");
                let read = tables.catalog.find(key).is_some()
                    || tables.catalog.all_keys().any(|known| known.name.starts_with(&table));
                assert!(read || key.starts_with("secrets."), "{}: {key} is no key", row.fact);
            }
        }
    }

    #[test]
    fn agrees_with_the_catalog() {
        let catalog = Catalog::built_in();
        let measured = Measured::built_in();
        for (key, range) in &measured.places_of {
            let known = catalog.find(key).unwrap_or_else(|| panic!("{key} is no key of the catalog"));
            for place in &measured.places[range.clone()] {
                let dead = place
                    .versions
                    .iter()
                    .find(|version| matches!(known.liveness(*version), Liveness::Dead | Liveness::Unknown));
                assert_eq!(dead, None, "{key} drives {} of {}", place.place, place.file);
            }
        }
        for row in &measured.successors {
            let read = |version| {
                catalog.all_keys().any(|key| {
                    (key.name == row.successor || key.name.starts_with(&format!("{}.", row.successor)))
                        && matches!(key.liveness(version), Liveness::Live | Liveness::Free | Liveness::Table)
                }) || catalog.find(row.successor).is_some_and(|key| key.liveness(version) == Liveness::Live)
            };
            assert!(read(VERSIONS[6]), "{} is not read by {}", row.successor, VERSIONS[6]);
        }
    }
}
