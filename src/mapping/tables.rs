//! The mapping tables: built in, or from a folder of the user's.

use std::path::Path;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::de::DeserializeOwned;

use super::catalog::Catalog;
use super::defaults::Defaults;
use super::path::{Pattern, without_numbers};
use super::rule::{Head, Rule, TableFile};
use super::subject::{Subject, SubjectFile};
use crate::source::{Place, Position};
use crate::version::{Version, in_range};

type Index<K, V> = IndexMap<K, V, FxBuildHasher>;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// The built-in tables of 2.x: file name in `mappings/2.x` and text.
        pub const BUILT_IN: &[(&str, &str)] =
            &[$(($name, include_str!(concat!("../../mappings/2.x/", $name, ".toml")))),*];
    };
}

built_in!(
    "api-manager",
    "application-authentication",
    "authenticators",
    "axis2",
    "broker",
    "carbon",
    "carbon-properties",
    "catalina-server",
    "data-agent-config",
    "data-bridge-config",
    "datasources",
    "endpoint-config",
    "event-processor",
    "identity",
    "identity-event",
    "identity-mgt",
    "jmx",
    "jndi",
    "log-masking",
    "nhttp",
    "output-event-adapters",
    "passthru-http",
    "registry",
    "synapse",
    "synapse-handlers",
    "tenant-mgt",
    "user-mgt"
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

/// The rows for one kind of legacy file.
#[derive(Debug)]
pub struct Table {
    /// Which files it is for.
    pub head: Head,
    rules: Vec<Rule>,
    exact: Index<String, Vec<usize>>,
    patterns: Vec<(Pattern, usize)>,
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
        let mut files = Vec::new();
        for (name, text) in BUILT_IN {
            files.push(parse::<TableFile>(text, &format!("{name}.toml"))?);
        }
        if let Some(folder) = folder {
            add_folder(folder, &mut files)?;
        }
        let subjects: IndexMap<String, Subject> =
            subjects.subject.into_iter().map(|subject| (subject.id.clone(), subject)).collect();
        Ok(Self {
            tables: files.into_iter().map(Table::new).collect(),
            subjects,
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

    /// All tables, in the order in which they are looked up.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// All subjects.
    pub fn subjects(&self) -> impl Iterator<Item = &Subject> {
        self.subjects.values()
    }
}

impl Table {
    fn new(file: TableFile) -> Self {
        let mut exact: Index<String, Vec<usize>> = Index::default();
        let mut patterns = Vec::new();
        for (index, rule) in file.rules.iter().enumerate() {
            for from in rule.from.iter() {
                if from.contains('*') {
                    patterns.push((from.len(), Pattern::new(from), index));
                } else {
                    exact.entry(from.to_owned()).or_default().push(index);
                    // An element may have brackets where the row names none.
                    patterns.push((from.len(), Pattern::new(from), index));
                }
            }
        }
        // The longest row that matches wins; of equals, the first.
        patterns.sort_by_key(|(length, ..)| std::cmp::Reverse(*length));
        let patterns = patterns.into_iter().map(|(_, pattern, index)| (pattern, index)).collect();
        Self { head: file.file, rules: file.rules, exact, patterns }
    }

    /// All rows, in the file's order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The row for a leaf of `version`, with what its `*` stand for.
    #[must_use]
    pub fn find(&self, path: &str, version: Version) -> Option<(&Rule, Vec<String>)> {
        let in_force = |index: &usize| {
            let rule = &self.rules[*index];
            rule.versions.as_ref().is_none_or(|range| in_range(range, version) == Some(true)).then_some(rule)
        };
        for text in [path, without_numbers(path).as_ref()] {
            if let Some(rule) = self.exact.get(text).and_then(|rows| rows.iter().find_map(in_force)) {
                return Some((rule, Vec::new()));
            }
        }
        self.patterns.iter().find_map(|(pattern, index)| {
            let captures = pattern.matches(path)?;
            in_force(index).map(|rule| (rule, captures))
        })
    }
}

fn add_folder(folder: &Path, files: &mut Vec<TableFile>) -> Result<(), TableError> {
    let fail = |message: String| TableError { place: Place::file(folder.display().to_string()), message };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| fail(format!("the folder of mappings cannot be read: {error}")))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    if paths.is_empty() {
        return Err(fail("the folder of mappings holds no .toml file".to_owned()));
    }
    for path in paths {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(&path)
            .map_err(|error| TableError { place: Place::file(&name), message: format!("cannot be read: {error}") })?;
        let own: TableFile = parse(&text, &name)?;
        for rule in &own.rules {
            replace(files, rule, &text, &name)?;
        }
        match files.iter_mut().find(|file| file.file.paths.iter().any(|path| own.file.paths.contains(path))) {
            Some(file) => file.rules.splice(0..0, own.rules).for_each(drop),
            None => files.push(own),
        }
    }
    Ok(())
}

/// Takes out the built-in row that `rule` replaces; a row that speaks of the same path must say so.
fn replace(files: &mut [TableFile], rule: &Rule, text: &str, name: &str) -> Result<(), TableError> {
    let place = || {
        let offset = text.find(&format!("\"{}\"", rule.id)).unwrap_or(0);
        Place::at(name, position(text, offset))
    };
    if let Some(id) = &rule.replaces {
        let before: usize = files.iter().map(|file| file.rules.len()).sum();
        for file in files.iter_mut() {
            file.rules.retain(|known| known.id != *id);
        }
        if before == files.iter().map(|file| file.rules.len()).sum::<usize>() {
            return Err(TableError {
                place: place(),
                message: format!("rule `{}` replaces `{id}`, which does not exist", rule.id),
            });
        }
    }
    for known in files.iter().flat_map(|file| &file.rules) {
        if known.id == rule.id || known.from.iter().any(|from| rule.from.iter().any(|own| own == from)) {
            return Err(TableError {
                place: place(),
                message: format!(
                    "rule `{}` speaks of what the built-in `{}` is for: say `replaces = \"{}\"`",
                    rule.id, known.id, known.id
                ),
            });
        }
    }
    Ok(())
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
    if let Some(folder) = pattern.strip_suffix("/**") {
        return path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    }
    let mut patterns = pattern.split('/');
    let mut parts = path.split('/');
    loop {
        match (patterns.next(), parts.next()) {
            (None, None) => return true,
            (Some(pattern), Some(part)) => {
                let fits = match pattern.split_once('*') {
                    None => pattern == part,
                    Some((head, tail)) => {
                        part.len() >= head.len() + tail.len() && part.starts_with(head) && part.ends_with(tail)
                    }
                };
                if !fits {
                    return false;
                }
            }
            _ => return false,
        }
    }
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
    }
}
