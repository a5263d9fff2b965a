//! The mapping tables: built in, or from a folder of the user's.

use std::path::Path;
use std::sync::OnceLock;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::de::DeserializeOwned;

use super::catalog::{Catalog, without_indexes};
use super::defaults::Defaults;
use super::deployment::KeyPattern;
use super::own;
use super::path::{Parts, Pattern, naming_attribute, parent, without_numbers};
use super::rule::{Head, Rule, TableFile};
use super::subject::{Subject, SubjectFile};
use crate::source::{Place, Position};
use crate::version::{Version, in_range};

type Index<K, V> = IndexMap<K, V, FxBuildHasher>;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The built-in tables: file name in `mappings/2.x` or `mappings/3.x`, and text.
        pub const BUILT_IN: &[(&str, &str)] = &[
            $(($name, include_str!(concat!("../../mappings/2.x/", $name, ".toml"))),)*
            ("deployment", include_str!("../../mappings/3.x/deployment.toml")),
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

const SUBJECTS: &str = include_str!("../../mappings/subjects.toml");
const OTHERS: &str = include_str!("../../mappings/2.x/files.toml");

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
    source: Option<&'static str>,
    rows: OnceLock<Rows>,
}

/// The rows of a table, ready to be looked up.
#[derive(Debug)]
struct Rows {
    rules: Vec<Rule>,
    exact: Index<String, Vec<usize>>,
    /// The paths that are no exact match, the one that says most first.
    patterns: Vec<(Pattern, usize)>,
    /// By the name that a path's last segment must have: places in `patterns`.
    by_last: Index<String, Vec<usize>>,
    /// Those whose last segment may have any name.
    open: Vec<usize>,
    /// Those for further siblings only.
    further: Vec<usize>,
    /// The keys of a deployment.toml's rows that are no exact match, the one that says most first. Such a table has
    /// no other patterns.
    keys: Option<Vec<(KeyPattern, usize)>>,
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
    subjects: IndexMap<String, Subject>,
    /// The subjects of the keys of a deployment.toml: the part of a key that they have in common, and the subject.
    subjects_of_keys: Index<String, String>,
    others: Vec<Other>,
    /// Shipped values of the legacy files.
    pub defaults: Defaults,
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
        let subjects: SubjectFile = parse(SUBJECTS, "subjects.toml")?;
        let others: OtherFile = parse(OTHERS, "files.toml")?;
        let tables = if let Some(folder) = folder {
            let mut files = Vec::new();
            for (name, text) in BUILT_IN {
                files.push(parse::<TableFile>(text, &format!("{name}.toml"))?);
            }
            own::add(own::read(folder)?, &mut files, &subjects.subject)?;
            files.into_iter().map(Table::new).collect()
        } else {
            BUILT_IN.iter().map(|(name, text)| Table::built_in(name, text)).collect::<Result<_, _>>()?
        };
        let subjects_of_keys = subjects
            .subject
            .iter()
            .flat_map(|subject| subject.keys.iter().map(|key| (key.clone(), subject.id.clone())))
            .collect();
        let subjects: IndexMap<String, Subject> =
            subjects.subject.into_iter().map(|subject| (subject.id.clone(), subject)).collect();
        Ok(Self {
            tables,
            subjects,
            subjects_of_keys,
            others: others.other,
            defaults: Defaults::built_in(),
            catalog: Catalog::built_in(),
        })
    }

    /// The table for the file at `path` below `repository/conf`.
    #[must_use]
    pub fn for_file(&self, path: &str) -> Option<&Table> {
        self.tables.iter().find(|table| table.head.paths.iter().any(|pattern| matches_file(pattern, path)))
    }

    /// What becomes of a file that no table is for: `path` is below `repository/conf` (`inside`), or below the
    /// server's home.
    #[must_use]
    pub fn other(&self, path: &str, inside: bool) -> Option<&Other> {
        self.others.iter().find(|other| {
            other.paths.iter().any(|pattern| match pattern.strip_prefix('/') {
                Some(pattern) => !inside && matches_file(pattern, path),
                None => inside && matches_file(pattern, path),
            })
        })
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
                Some(end) => part = &part[..end],
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
    /// The table of a file's rows.
    #[must_use]
    pub fn new(file: TableFile) -> Self {
        let rows = Rows::new(file.rules, file.file.is_toml());
        Self { head: file.file, source: None, rows: OnceLock::from(rows) }
    }

    /// Reads the head only: it ends where the first rule begins.
    fn built_in(name: &str, text: &'static str) -> Result<Self, TableError> {
        let head = text.find("\n[[rule]]").map_or(text, |end| &text[..end]);
        let file: TableFile = parse(head, &format!("{name}.toml"))?;
        Ok(Self { head: file.file, source: Some(text), rows: OnceLock::new() })
    }

    fn rows(&self) -> &Rows {
        self.rows.get_or_init(|| {
            let text = self.source.unwrap_or_default();
            let file: TableFile = toml::from_str(text).expect("the built-in tables are well-formed");
            Rows::new(file.rules, self.head.is_toml())
        })
    }

    /// All rows, in the file's order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rows().rules
    }

    /// The row for a leaf of `version`, with what its `*` stand for.
    #[must_use]
    pub fn find(&self, path: &str, version: Version) -> Option<(&Rule, Vec<String>)> {
        self.rows().find(path, version)
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
    fn new(rules: Vec<Rule>, toml: bool) -> Self {
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
                patterns.push((Pattern::new(from), index));
            }
        }
        patterns.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.weight()));
        let mut by_last: Index<String, Vec<usize>> = Index::default();
        let mut open = Vec::new();
        for (rank, (pattern, _)) in patterns.iter().enumerate() {
            match pattern.last() {
                Some(last) => by_last.entry(last.to_owned()).or_default().push(rank),
                None => open.push(rank),
            }
        }
        let further = (0..patterns.len()).filter(|rank| patterns[*rank].0.is_for_further_siblings()).collect();
        keys.sort_by_key(|(pattern, _)| std::cmp::Reverse(pattern.weight()));
        Self { rules, exact, patterns, by_last, open, further, keys: toml.then_some(keys) }
    }

    /// The row for the key of a deployment.toml, with what the brackets and `*` of its key stand for.
    fn find_key(&self, keys: &[(KeyPattern, usize)], key: &str, version: Version) -> Option<(&Rule, Vec<String>)> {
        let in_force = |index: usize| {
            let rule = &self.rules[index];
            rule.versions.as_ref().is_none_or(|range| in_range(range, version) == Some(true)).then_some(rule)
        };
        keys.iter().find_map(|(pattern, index)| {
            let captures = pattern.matches(key)?;
            in_force(*index).map(|rule| (rule, captures))
        })
    }

    fn find(&self, path: &str, version: Version) -> Option<(&Rule, Vec<String>)> {
        if let Some(keys) = &self.keys {
            return self.find_key(keys, path, version);
        }
        let in_force = |index: &usize| {
            let rule = &self.rules[*index];
            rule.versions.as_ref().is_none_or(|range| in_range(range, version) == Some(true)).then_some(rule)
        };
        let exact = |path: &str| self.exact.get(path)?.iter().find_map(in_force).map(|rule| (rule, Vec::new()));
        if let Some(found) = exact(path) {
            return Some(found);
        }
        let parts = Parts::new(path);
        let pattern = |rank: usize| {
            let (pattern, index) = &self.patterns[rank];
            let captures = pattern.matches_parts(&parts)?;
            in_force(index).map(|rule| (rule, captures))
        };
        let plain = without_numbers(path);
        if plain != path {
            // What is said of further siblings comes before what is said of the first.
            if let Some(found) = self.further.iter().copied().find_map(pattern).or_else(|| exact(&plain)) {
                return Some(found);
            }
        }
        let named = self.by_last.get(parts.last()).map_or(&[][..], Vec::as_slice);
        // An attribute that only names its element shares the element's outcome: it takes a row of its own only.
        let open = if names_its_element(path) { &[] } else { &self.open[..] };
        merged(named, open).find_map(pattern)
    }
}

/// Whether the path is that of an attribute which only names its element, or of axis2's `locked`.
fn names_its_element(path: &str) -> bool {
    let element = parent(path);
    path[element.len()..]
        .strip_prefix("/@")
        .is_some_and(|name| name == "locked" || naming_attribute(element) == Some(name))
}

/// Two ascending lists as one.
fn merged<'l>(left: &'l [usize], right: &'l [usize]) -> impl Iterator<Item = usize> + 'l {
    let (mut left, mut right) = (left.iter().copied().peekable(), right.iter().copied().peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(one), Some(other)) if one < other => left.next(),
        (Some(_), None) => left.next(),
        _ => right.next(),
    })
}

/// Reads one TOML text of ours.
pub fn parse<T: DeserializeOwned>(text: &str, name: &str) -> Result<T, TableError> {
    toml::from_str(text).map_err(|error| {
        let position = position(text, error.span().map_or(0, |span| span.start));
        TableError { place: Place::at(name, position), message: error.message().to_owned() }
    })
}

/// The line and column of a byte offset.
#[must_use]
pub fn position(text: &str, offset: usize) -> Position {
    let before = &text[..offset.min(text.len())];
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    Position {
        line: 1 + before.bytes().filter(|byte| *byte == b'\n').count() as u32,
        column: 1 + before[line_start..].chars().count() as u32,
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
