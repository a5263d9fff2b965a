//! The mapping tables: built in, or from a folder of the user's.

use crate::text::Parts as _;
use std::path::Path;
use std::sync::OnceLock;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::de::DeserializeOwned;

use super::catalog::{Catalog, without_indexes};
use super::defaults::{Defaults, Shipped, ShippedFile};
use super::deployment::{self, KeyPattern};
use super::own;
use super::path::{Parts, Pattern, names, naming_attribute, parent, without_numbers};
use super::rule::{Head, Rule, TableFile};
use super::subject::{Subject, SubjectFile};
use crate::source::{Place, Position};
use crate::version::{Version, in_range};

type Index<K, V> = IndexMap<K, V, FxBuildHasher>;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The built-in tables: file name in `mappings/2.x` or `mappings/3.x`, and the text as JSON: the head in the
        /// first line, a row in each other (`build.rs`).
        pub const BUILT_IN: &[(&str, &str)] = &[
            $(($name, include_str!(concat!(env!("OUT_DIR"), "/2.x/", $name, ".json"))),)*
            ("deployment", include_str!(concat!(env!("OUT_DIR"), "/3.x/deployment.json"))),
        ];
    };
}

built_in!(
    "api-manager",
    "application-authentication",
    "authenticators",
    "axis2",
    "axis2-blocking-client",
    "axis2-client",
    "broker",
    "carbon",
    "carbon-properties",
    "catalina-server",
    "cipher-text",
    "cipher-tool",
    "cloud-services",
    "consent-mgt",
    "console-web-app",
    "csrf-guard",
    "data-agent-config",
    "data-bridge-config",
    "datasources",
    "endpoint-config",
    "entitlement",
    "event-processor",
    "governance",
    "identity",
    "identity-event",
    "identity-mgt",
    "jmx",
    "jndi",
    "listener-profiles",
    "log-masking",
    "log4j",
    "nhttp",
    "output-event-adapters",
    "passthru-http",
    "qpid",
    "registry",
    "secret-conf",
    "ssl-profiles",
    "stratos",
    "synapse",
    "synapse-handlers",
    "tasks",
    "tenant-axis2",
    "tenant-mgt",
    "tenant-packages",
    "tomcat-context",
    "usage-throttling-agent",
    "user-mgt",
    "web-app"
);

const SUBJECTS: &str = include_str!(concat!(env!("OUT_DIR"), "/subjects.json"));
const OTHERS: &str = include_str!(concat!(env!("OUT_DIR"), "/2.x/files.json"));

/// A table that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("{place}: {message}")]
pub struct TableError {
    /// Where in which table.
    pub place: Place,
    /// What is wrong, lower case.
    pub message: String,
}

/// The rows for one kind of legacy file. A built-in table is read when its first row is asked for.
#[derive(Debug)]
pub struct Table {
    /// Which files it is for.
    pub head: Head,
    /// The rows as JSON, if it is a built-in one.
    source: &'static str,
    rows: OnceLock<Rows>,
}

/// The rows of a table, ready to be looked up.
#[derive(Debug)]
struct Rows {
    rules: Vec<Rule>,
    exact: Index<String, Vec<usize>>,
    /// All paths as patterns, the one that says most first.
    patterns: Vec<(Pattern, usize)>,
    /// Places in `patterns` by the [names](path::names) of their segments.
    by_names: Index<String, Vec<usize>>,
    /// The same for patterns that are for all below too.
    below: Index<String, Vec<usize>>,
    /// Places of patterns with a `*` in a name.
    free: Vec<usize>,
    /// The keys of a deployment.toml's rows, the one that says most first. Such a table has no other patterns.
    keys: Option<Vec<(KeyPattern, usize)>>,
    /// What the file ships.
    shipped: Option<&'static ShippedFile>,
    /// The candidates for each path that is shipped, found when it is first asked for: nearly all leaves of a real
    /// file are looked up by their path alone.
    known: Vec<OnceLock<Vec<Candidate>>>,
}

/// The first name of an XML path: `/APIManager/A/@b` begins with `APIManager`.
fn root_of(path: &str) -> &str {
    let path = path.trim_start_matches('/');
    path.split(['/', '[', '@']).next().unwrap_or(path)
}

/// A row that speaks of a path, in some version, with what its `*` stand for.
type Candidate = (usize, Vec<String>);

/// What a table knows of a path.
#[derive(Debug, Default)]
pub struct Found<'t> {
    /// The row, with what its `*` stand for.
    pub rule: Option<(&'t Rule, Vec<String>)>,
    /// What is shipped there.
    pub shipped: Option<Shipped>,
}

/// What becomes of a file that no table is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OtherVerdict {
    /// The target ships a file of that name that nothing writes: copy it if it was changed.
    Copy,
    /// No configuration of the server.
    NotConfiguration,
}

/// Files that no table is for.
#[derive(Clone, Debug, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Other {
    /// Paths below `repository/conf`, or below the server's home with a leading `/`; `*` stands for any name,
    /// a trailing `/**` for everything below.
    pub paths: Vec<String>,
    /// What becomes of them.
    pub verdict: OtherVerdict,
    /// Why.
    pub why: String,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherFile {
    other: Vec<Other>,
}

/// All tables.
#[derive(Debug)]
#[allow(clippy::struct_field_names, reason = "the mapping tables are the tables of the tool")]
pub struct Tables {
    tables: Vec<Table>,
    /// Places in `tables` by the paths of files.
    by_path: FilePaths,
    subjects: IndexMap<String, Subject>,
    /// The subjects of the keys of a deployment.toml: the part of a key that they have in common, and the subject.
    subjects_of_keys: Index<String, String>,
    others: Vec<Other>,
    /// Places in `others` by the paths of files below `repository/conf`, and below the server's home.
    others_inside: FilePaths,
    others_outside: FilePaths,
    /// Shipped values of the legacy files.
    pub defaults: &'static Defaults,
    /// The target's keys.
    pub catalog: Catalog,
}

impl Tables {
    /// The built-in tables.
    ///
    /// # Panics
    /// If a built-in table is malformed: a bug that the tests find.
    #[must_use]
    pub fn built_in() -> Self {
        Self::load(None).expect("the built-in tables are well-formed")
    }

    /// The built-in tables with those of `folder` over them.
    pub fn with_folder(folder: &Path) -> Result<Self, TableError> {
        Self::load(Some(folder))
    }

    fn load(folder: Option<&Path>) -> Result<Self, TableError> {
        let subjects: SubjectFile = built_in(SUBJECTS, "subjects.toml");
        let others: OtherFile = built_in(OTHERS, "2.x/files.toml");
        let tables: Vec<Table> = if let Some(folder) = folder {
            let whole = |(name, text): &(&str, &'static str)| {
                let (head, rows) = halves(text);
                TableFile { rules: rules(rows), ..built_in(head, name) }
            };
            let mut files = BUILT_IN.iter().map(whole).collect();
            own::add(own::read(folder)?, &mut files, &subjects.subject)?;
            files.into_iter().map(Table::new).collect()
        } else {
            BUILT_IN.iter().map(|(name, text)| Table::built_in(name, text)).collect()
        };
        let subjects_of_keys = subjects
            .subject
            .iter()
            .flat_map(|subject| subject.keys.iter().map(|key| (key.clone(), subject.id.clone())))
            .collect();
        let subjects: IndexMap<String, Subject> =
            subjects.subject.into_iter().map(|subject| (subject.id.clone(), subject)).collect();
        let others = others.other;
        let listed = |of_home: bool| {
            let paths =
                others.iter().enumerate().flat_map(|(place, other)| other.paths.iter().map(move |path| (path, place)));
            let paths = paths.filter(move |(path, _)| path.starts_with('/') == of_home);
            FilePaths::new(paths.map(|(path, place)| (path.trim_start_matches('/'), place)))
        };
        let paths = tables
            .iter()
            .enumerate()
            .flat_map(|(place, table)| table.head.paths.iter().map(move |path| (path.as_str(), place)));
        Ok(Self {
            by_path: FilePaths::new(paths),
            others_inside: listed(false),
            others_outside: listed(true),
            tables,
            subjects,
            subjects_of_keys,
            others,
            defaults: Defaults::built_in(),
            catalog: Catalog::built_in(),
        })
    }

    /// The table for the file at `path` below `repository/conf`.
    #[must_use]
    pub fn for_file(&self, path: &str) -> Option<&Table> {
        self.by_path.first(path).map(|place| &self.tables[place])
    }

    /// The file that a server reads and that `path` differs from in capital letters alone.
    #[must_use]
    pub fn in_another_case(&self, path: &str) -> Option<&str> {
        let mut known = self.by_path.exact.keys().map(String::as_str);
        known.find(|known| *known != path && known.eq_ignore_ascii_case(path))
    }

    /// What becomes of a file that no table is for: `path` is below `repository/conf` (`inside`), or below the
    /// server's home.
    #[must_use]
    pub fn other(&self, path: &str, inside: bool) -> Option<&Other> {
        let paths = if inside { &self.others_inside } else { &self.others_outside };
        paths.first(path).map(|place| &self.others[place])
    }

    /// The subject of that name.
    #[must_use]
    pub fn subject(&self, id: &str) -> Option<&Subject> {
        self.subjects.get(id)
    }

    /// Whose business the key of a deployment.toml is: the subject with the longest part of it, else the node's own.
    #[must_use]
    pub fn subject_of(&self, key: &str) -> &str {
        let plain = without_indexes(key).replace("[]", "");
        let mut part = plain.as_str();
        loop {
            if let Some(subject) = self.subjects_of_keys.get(part) {
                return subject;
            }
            match part.rfind('.') {
                Some(end) => part = part.part(..end),
                None => return "node",
            }
        }
    }

    /// All tables, in the order in which they are looked up.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// The row of that id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.tables.iter().flat_map(Table::rules).find(|rule| rule.id == id)
    }

    /// All subjects.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.subjects.values()
    }
}

impl Table {
    /// The element with which an XML path begins, if no row of the table and nothing that is shipped begins so: the file
    /// is another's.
    #[must_use]
    pub fn foreign_root<'p>(&self, path: &'p str) -> Option<&'p str> {
        let root = root_of(path);
        let begins = |known: &str| matches!(root_of(known), known if known == root || known.contains('*'));
        let rows = self.rows();
        let known = rows.rules.iter().flat_map(|rule| rule.from.iter()).any(&begins)
            || rows.shipped.is_some_and(|shipped| shipped.paths().any(begins));
        Some(root).filter(|_| !known)
    }

    /// The table of a file's rows.
    #[must_use]
    pub fn new(file: TableFile) -> Self {
        let rows = Rows::new(file.rules, &file.file);
        Self { head: file.file, source: "", rows: OnceLock::from(rows) }
    }

    /// Reads the head only.
    fn built_in(name: &str, text: &'static str) -> Self {
        let (head, source) = halves(text);
        let file: TableFile = built_in(head, name);
        Self { head: file.file, source, rows: OnceLock::new() }
    }

    fn rows(&self) -> &Rows {
        self.rows.get_or_init(|| Rows::new(rules(self.source), &self.head))
    }

    /// How many rows there are; a table that is not read yet need not be for that.
    #[must_use]
    pub fn count(&self) -> usize {
        match self.rows.get() {
            Some(rows) => rows.rules.len(),
            None => self.source.lines().count(),
        }
    }

    /// All rows, in the file's order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rows().rules
    }

    /// The row for a leaf of `version`, with what its `*` stand for, and what is shipped.
    #[must_use]
    pub fn look_up(&self, path: &str, version: Version) -> Found<'_> {
        self.rows().look_up(path, version)
    }

    /// The row for a leaf of `version`, with what its `*` stand for.
    #[must_use]
    pub fn find(&self, path: &str, version: Version) -> Option<(&Rule, Vec<String>)> {
        self.look_up(path, version).rule
    }

    /// Whether `value` is one of the values that `version` ships for the repeated element at `path`.
    #[must_use]
    pub fn ships_in_list(&self, path: &str, value: &str, version: Version) -> bool {
        self.rows().shipped.is_some_and(|shipped| shipped.lists(path, value, version))
    }

    /// Whether some row is for what can stand inside the element at `path`.
    #[must_use]
    pub fn speaks_below(&self, path: &str) -> bool {
        let path = without_numbers(path);
        let below = |from: &str| from.strip_prefix(path.as_ref()).is_some_and(|rest| rest.starts_with(['/', '[']));
        self.rules().iter().flat_map(|rule| rule.from.iter()).any(below)
    }
}

impl Rows {
    fn new(rules: Vec<Rule>, head: &Head) -> Self {
        let shipped = Defaults::built_in().file(&head.defaults);
        let toml = head.is_toml();
        let mut exact: Index<String, Vec<usize>> = Index::default();
        let mut patterns = Vec::new();
        let mut keys = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for from in rule.from.iter() {
                if !from.contains('*') {
                    exact.entry(from.to_owned()).or_default().push(index);
                }
                if toml {
                    keys.push((KeyPattern::new(from), index));
                    continue;
                }
                // An element may have brackets where the row names none, so an exact path is a pattern too.
                patterns.push((Pattern::new(from), index, from.to_owned()));
            }
        }
        patterns.sort_by_key(|(pattern, _, _)| std::cmp::Reverse(pattern.weight()));
        let (mut by_names, mut below) =
            (Index::<String, Vec<usize>>::default(), Index::<String, Vec<usize>>::default());
        let mut free = Vec::new();
        for (place, (pattern, _, from)) in patterns.iter().enumerate() {
            let names = names(from.strip_suffix("/**").unwrap_or(from));
            if names.contains('*') {
                free.push(place);
            } else {
                let index = if pattern.is_open() { &mut below } else { &mut by_names };
                index.entry(names.into_owned()).or_default().push(place);
            }
        }
        let patterns = patterns.into_iter().map(|(pattern, rule, _)| (pattern, rule)).collect();
        let known = (0..shipped.map_or(0, ShippedFile::count)).map(|_| OnceLock::new()).collect();
        keys.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.weight()));
        Self { rules, exact, patterns, by_names, below, free, keys: toml.then_some(keys), shipped, known }
    }

    fn look_up(&self, path: &str, version: Version) -> Found<'_> {
        let in_force = |index: usize| {
            let rule = &self.rules[index];
            rule.versions.as_ref().is_none_or(|range| in_range(range, version) == Some(true)).then_some(rule)
        };
        if let Some((row, shipped)) = self.shipped.and_then(|shipped| shipped.row(path)) {
            let candidates = self.known[row].get_or_init(|| self.candidates(path));
            let found = candidates.iter().find_map(|(index, captures)| Some((in_force(*index)?, captures.clone())));
            return Found { rule: found, shipped: Some(shipped) };
        }
        let mut candidates = self.candidates(path).into_iter();
        Found {
            rule: candidates.find_map(|(index, captures)| Some((in_force(index)?, captures))),
            shipped: self.shipped.and_then(|shipped| shipped.near(path)),
        }
    }

    /// The rows that speak of `path`, whatever the version: the one that says most first.
    fn candidates(&self, path: &str) -> Vec<Candidate> {
        if let Some(keys) = &self.keys {
            let key = deployment::Parts::of(path);
            return keys.iter().filter_map(|(pattern, index)| Some((*index, pattern.matches_parts(&key)?))).collect();
        }
        let exact = |path: &str| self.exact.get(path).into_iter().flatten().map(|index| (*index, Vec::new()));
        let mut found: Vec<Candidate> = exact(path).collect();
        let patterns = self.matching(path);
        let plain = without_numbers(path);
        if plain != path {
            // What is said of further siblings comes before what is said of the first.
            let further = patterns.iter().filter(|(pattern, _)| pattern.is_for_further_siblings());
            found.extend(further.map(|(_, candidate)| candidate.clone()));
            found.extend(exact(&plain));
        }
        found.extend(patterns.into_iter().map(|(_, candidate)| candidate));
        found
    }

    /// The patterns that match `path`, the one that says most first.
    fn matching(&self, path: &str) -> Vec<(&Pattern, Candidate)> {
        let names = names(path);
        let heads = names.match_indices('/').map(|(end, _)| names.part(..end)).chain([names.as_ref()]);
        let below = heads.filter_map(|head| self.below.get(head)).flatten();
        let by_names = self.by_names.get(names.as_ref()).into_iter().flatten();
        let mut places: Vec<usize> = by_names.chain(below).chain(&self.free).copied().collect();
        places.sort_unstable();
        // An attribute that only names its element shares the element's outcome: it takes a row of its own only.
        let own_only = names_its_element(path);
        let parts = Parts::new(path);
        let patterns = places.into_iter().map(|place| &self.patterns[place]);
        patterns
            .filter(|(pattern, _)| !(own_only && pattern.ends_freely()))
            .filter_map(|(pattern, index)| Some((pattern, (*index, pattern.matches_parts(&parts)?))))
            .collect()
    }
}

/// Whether the path is that of an attribute which only names its element, or of axis2's `locked`.
fn names_its_element(path: &str) -> bool {
    let element = parent(path);
    path.part(element.len()..)
        .strip_prefix("/@")
        .is_some_and(|name| name == "locked" || naming_attribute(element) == Some(name))
}

/// The head of a built-in table and its rows.
fn halves(text: &'static str) -> (&'static str, &'static str) {
    text.split_once('\n').unwrap_or((text, ""))
}

fn rules(rows: &str) -> Vec<Rule> {
    rows.lines().map(|row| built_in(row, row)).collect()
}

/// Reads what `build.rs` wrote of a built-in table; `name` says in the tests' messages of which.
///
/// # Panics
/// If it is malformed: a bug that the tests find.
#[must_use]
pub fn built_in<T: DeserializeOwned>(json: &str, name: &str) -> T {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("a built-in table is malformed: {error}: {name}"))
}

/// Reads one TOML text of ours.
pub fn parse<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, TableError> {
    toml::from_str(text).map_err(|error| {
        let position = position(text, error.span().map_or(0, |span| span.start));
        TableError { place: Place::at(name, position), message: crate::secret::fault(error.message()) }
    })
}

/// The line and column of a byte offset.
#[must_use]
pub fn position(text: &str, offset: usize) -> Position {
    let before = text.part(..offset.min(text.len()));
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        line: 1 + before.bytes().filter(|byte| *byte == b'\n').count() as u32,
        column: 1 + before.part(line_start..).chars().count() as u32,
    }
}

/// Patterns of files' paths, each with the place of what it is for.
#[derive(Debug, Default)]
struct FilePaths {
    exact: Index<String, usize>,
    patterns: Vec<(String, usize)>,
}

impl FilePaths {
    /// The places must rise.
    fn new<'p>(paths: impl Iterator<Item = (&'p str, usize)>) -> Self {
        let mut new = Self::default();
        for (path, place) in paths {
            if path.contains('*') {
                new.patterns.push((path.to_owned(), place));
            } else {
                new.exact.entry(path.to_owned()).or_insert(place);
            }
        }
        new
    }

    /// The first place of a path that matches.
    fn first(&self, path: &str) -> Option<usize> {
        let exact = self.exact.get(path).copied();
        let mut before = self.patterns.iter().take_while(|(_, place)| exact.is_none_or(|exact| *place < exact));
        before.find(|(pattern, _)| matches_file(pattern, path)).map(|(_, place)| *place).or(exact)
    }
}

/// Whether a file's path matches: `*` for any part of a name, a trailing `/**` for everything below.
#[must_use]
pub fn matches_file(pattern: &str, path: &str) -> bool {
    let mut parts = path.split('/');
    for pattern in pattern.split('/') {
        let Some(part) = parts.next() else { return false };
        if pattern == "**" {
            return true;
        }
        if !matches_name(pattern, part) {
            return false;
        }
    }
    parts.next().is_none()
}

/// Whether a name matches: `*` for any part of it.
fn matches_name(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(head) else { return false };
    let Some((middle, tail)) = rest.rsplit_once('*') else { return name.ends_with(rest) };
    for piece in middle.split('*') {
        let Some((_, after)) = name.split_once(piece) else { return false };
        name = after;
    }
    name.ends_with(tail)
}

#[cfg(test)]
mod tests {
    use super::matches_file;

    #[test]
    fn matches_files() {
        assert!(matches_file("datasources/*-datasources.xml", "datasources/master-datasources.xml"));
        assert!(!matches_file("datasources/*-datasources.xml", "datasources/x/master-datasources.xml"));
        assert!(matches_file("solr/**", "solr/a/b.xml"));
        assert!(!matches_file("solr/**", "solr"));
        assert!(matches_file("webapps/am#*/**", "webapps/am#sample#x/WEB-INF/web.xml"));
        assert!(!matches_file("webapps/am#*/**", "webapps/acme/WEB-INF/web.xml"));
        assert!(matches_file("api/*--*_v*.xml", "api/admin--Pets_v1.0.0.xml"));
        assert!(!matches_file("api/*--*_v*.xml", "api/admin--Pets.xml"));
        assert!(!matches_file("aba*ba.xml", "aba.xml"));
    }
}
