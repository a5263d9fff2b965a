//! Runs the examples of rows: a row and its table in, [`Mismatch`]es out.
//!
//! An example is one leaf, mapped alone. It must give exactly the keys, the fact, the outcome and the finding that it
//! promises, and it must be found by its own row. No node, role or target is known here.

use std::collections::BTreeMap;
use std::fmt;

use super::rule::{Example, Fate, Literal, Rule};
use super::tables::{Table, Tables};
use super::{MappedFile, NodeSettings, Standing, map};
use crate::read::{Leaf, LeafKind};
use crate::source::Position;
use crate::value::Value;
use crate::version::Version;

/// What of an example does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Aspect {
    /// The example itself cannot be run.
    Example,
    /// The row that finds the leaf.
    Row,
    /// The keys and their values.
    Gives,
    /// The fact.
    Fact,
    /// What becomes of a leaf that gives nothing.
    Outcome,
    /// The finding.
    Finding,
}

impl Aspect {
    /// The word that messages use; where it is a field of the example, the field's name.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Example => "example",
            Self::Row => "row",
            Self::Gives => "gives",
            Self::Fact => "fact",
            Self::Outcome => "outcome",
            Self::Finding => "finding",
        }
    }
}

/// An example that does not hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The row.
    pub rule: String,
    /// The number of the example in its row, from 0.
    pub example: usize,
    /// What of it does not hold.
    pub aspect: Aspect,
    /// The leaf.
    pub path: String,
    /// Its value. Examples are written to be read: they hold no secret.
    pub value: String,
    /// What the example promises.
    pub expected: String,
    /// What came of it.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, path, value, expected, found, .. } = self;
        let aspect = self.aspect.word();
        write!(formatter, "rule `{rule}`: {path} = `{value}`: {aspect}: expected {expected}, found {found}")
    }
}

/// The leaf's path in the example: its own, or the first that the row is for.
#[must_use]
pub fn path_of<'r>(rule: &'r Rule, example: &'r Example) -> &'r str {
    example.path.as_deref().unwrap_or_else(|| rule.from.iter().next().unwrap_or_default())
}

/// The version of the example's server, 2.6 unless given; `None` if it cannot be read.
#[must_use]
pub fn version_of(example: &Example) -> Option<Version> {
    example.version.as_deref().map_or(Some(Version::new(2, 6)), |version| version.parse().ok())
}

/// Maps one leaf alone.
#[must_use]
pub fn map_alone<'t>(
    tables: &'t Tables,
    table: &'t Table,
    path: &str,
    value: &'t str,
    version: Version,
    keep_legacy_defaults: bool,
) -> NodeSettings<'t> {
    let leaf = Leaf {
        path: path.to_owned(),
        value: value.into(),
        kind: if table.head.is_toml() { toml_kind(value) } else { kind_of(path) },
        position: Position { line: 1, column: 1 },
        secrets: Vec::new(),
    };
    let file = MappedFile { number: 0, path: "file", table, leaves: vec![leaf] };
    map(tables, 0, version, vec![file], keep_legacy_defaults)
}

/// What an example's value is in a deployment.toml: a text, unless it reads as another value of TOML.
fn toml_kind(value: &str) -> LeafKind {
    let other = value.parse::<toml_edit::Value>().is_ok_and(|value| !value.is_str());
    if other { LeafKind::Toml } else { LeafKind::TomlText }
}

/// What a leaf at `path` is.
#[must_use]
pub fn kind_of(path: &str) -> LeafKind {
    match path {
        path if !path.starts_with('/') => LeafKind::Property,
        path if path.rsplit('/').next().is_some_and(|last| last.starts_with('@')) => LeafKind::Attribute,
        _ => LeafKind::Element,
    }
}

/// Runs all examples of a row.
#[must_use]
pub fn run(tables: &Tables, table: &Table, rule: &Rule) -> Vec<Mismatch> {
    rule.examples
        .iter()
        .enumerate()
        .flat_map(|(number, example)| run_one(tables, table, rule, number, example))
        .collect()
}

fn run_one(tables: &Tables, table: &Table, rule: &Rule, number: usize, example: &Example) -> Vec<Mismatch> {
    let path = path_of(rule, example);
    let mut mismatches = Vec::new();
    let mut compare = |aspect: Aspect, expected: String, found: String| {
        if expected != found {
            mismatches.push(Mismatch {
                rule: rule.id.clone(),
                example: number,
                aspect,
                path: path.to_owned(),
                value: example.value.clone(),
                expected,
                found,
            });
        }
    };
    let Some(version) = version_of(example) else {
        compare(Aspect::Example, "a version".to_owned(), quoted(example.version.as_ref()));
        return mismatches;
    };
    let mapped = map_alone(tables, table, path, &example.value, version, example.keep);
    let setting = &mapped.settings[0];
    compare(Aspect::Row, format!("`{}`", rule.id), quoted(setting.rule.map(|found| &found.id)));
    let promised = example.gives.iter().map(|(key, value)| (key.as_str(), value.into())).collect();
    let given = mapped.sayings.iter().map(|saying| (saying.key.as_str(), saying.value.clone())).collect();
    compare(Aspect::Gives, keys(&promised), keys(&given));
    compare(Aspect::Fact, quoted(example.fact.as_ref()), quoted(mapped.facts.first().map(|fact| fact.name)));
    let found = match setting.standing {
        Standing::Default => Some(Fate::Default),
        _ if mapped.sayings.is_empty() => setting.fate(),
        _ => None,
    };
    // What a fact becomes is the topology's to say; without it, the row's outcome stands.
    if example.outcome.is_some() || example.fact.is_none() {
        compare(Aspect::Outcome, quoted(example.outcome.map(Fate::word)), quoted(found.map(Fate::word)));
    }
    let findings: Vec<&str> = mapped.findings.iter().map(|finding| finding.code.text()).collect();
    let findings = (!findings.is_empty()).then(|| findings.join(", "));
    compare(Aspect::Finding, quoted(example.finding.as_ref()), quoted(findings));
    mismatches
}

fn quoted(text: Option<impl fmt::Display>) -> String {
    text.map_or_else(|| "none".to_owned(), |text| format!("`{text}`"))
}

/// Keys and values as a row would write them.
fn keys(keys: &BTreeMap<&str, Value>) -> String {
    if keys.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = keys.iter().map(|(key, value)| format!("{key} = {}", shown(value))).collect();
    shown.join(", ")
}

fn shown(value: &Value) -> String {
    match value {
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Text(text) => format!("{text:?}"),
        Value::List(items) => format!("{items:?}"),
        Value::Toml(text) => text.clone(),
    }
}

impl Literal {
    /// As a row writes it.
    #[must_use]
    pub fn written(&self) -> String {
        shown(&self.into())
    }
}
