//! A row of the mapping tables, explained.

use super::key::{folded, places};
use super::model::{Becomes, FactTopic, InVersions, SettingTopic};
use super::read_by;
use crate::mapping::book;
use crate::mapping::catalog::Catalog;
use crate::mapping::measured::{FactRow, Measured, facts};
use crate::mapping::rule::{Example, Literal, Rule};
use crate::mapping::tables::{Table, Tables};
use crate::value::Value;
use crate::version::Version;

/// The old versions whose files were measured whole.
const OLD: [Version; 3] = [Version::new(2, 1), Version::new(2, 5), Version::new(2, 6)];

/// Everything that is known of a row.
pub fn topic(tables: &Tables, table: &Table, rule: &Rule) -> SettingTopic {
    let fact = rule.fact.as_deref().and_then(|name| facts().find(|row| row.fact == name));
    let text = |text: &Option<String>| text.as_ref().map(|text| text.trim().to_owned());
    SettingTopic {
        rule: rule.id.clone(),
        files: table.head.paths.clone(),
        paths: rule.from.iter().map(str::to_owned).collect(),
        versions: rule.versions.clone().unwrap_or_else(|| "all".to_owned()),
        shipped: shipped(tables, table, rule),
        becomes: rule
            .to
            .iter()
            .map(|key| becomes(&tables.catalog, key, book::form(rule)))
            .chain(
                fact.iter()
                    .flat_map(keys)
                    .map(|key| becomes(&tables.catalog, key, "with what other nodes say".to_owned())),
            )
            .collect(),
        cases: rule.cases.iter().map(book::case_line).collect(),
        outcome: rule.outcome.map(|fate| book::fate(fate).to_owned()),
        fact: fact.map(|row| FactTopic {
            name: row.fact.to_owned(),
            has_keys: !row.keys.is_empty(),
            profiles: row.on.to_owned(),
            how: row.how.to_owned(),
        }),
        profiles: rule.subject.as_deref().map(|subject| book::profiles(tables, subject).replace('*', "")),
        why: rule.why.trim().to_owned(),
        to_do: text(&rule.tell),
        instead: text(&rule.instead),
        finding: rule.finding.clone(),
        proof: rule.proof.clone(),
        example: rule.examples.first().map(|example| shown(example, rule)),
        source: rule.source.trim().to_owned(),
    }
}

/// The old default in each measured version, of the first path that has one.
fn shipped(tables: &Tables, table: &Table, rule: &Rule) -> Vec<InVersions> {
    let found = rule.from.iter().find_map(|path| tables.defaults.find(&table.head.defaults, path));
    let Some(shipped) = found.filter(|_| !rule.secret) else { return Vec::new() };
    let mut out: Vec<InVersions> = Vec::new();
    for version in OLD {
        let Some(value) = shipped.shipped_by(version) else { continue };
        let value = if shipped.commented_out { format!("{value} (in a comment)") } else { value.to_owned() };
        match out.iter_mut().find(|known| known.value == value) {
            Some(known) => known.versions = format!("{}, {version}", known.versions),
            None => out.push(InVersions { versions: version.to_string(), value }),
        }
    }
    out
}

/// The keys that a fact becomes.
fn keys(row: &FactRow) -> impl Iterator<Item = &'static str> + use<> {
    row.keys.split(", ").filter(|key| !key.is_empty())
}

fn becomes(catalog: &Catalog, to: &str, form: String) -> Becomes {
    let key = catalog.find(to);
    Becomes {
        key: to.to_owned(),
        form,
        read_by: key.map_or_else(|| "none".to_owned(), |key| read_by(key).to_string()),
        defaults: key.map(folded).unwrap_or_default(),
        places: key.map(|key| places(Measured::built_in().places(key.name))).unwrap_or_default(),
    }
}

/// An example in one line.
fn shown(example: &Example, rule: &Rule) -> String {
    let before = if rule.secret { crate::secret::MASK } else { example.value.trim() };
    let gives: Vec<String> = example.gives.iter().map(|(key, value)| format!("{key} = {}", literal(value))).collect();
    let after = match (&gives[..], &example.fact, example.outcome) {
        ([], None, None) => "nothing".to_owned(),
        ([], Some(fact), _) => format!("the fact {fact}"),
        ([], None, Some(outcome)) => outcome.word().to_owned(),
        (gives, ..) => gives.join(", "),
    };
    format!("`{before}` → {after}")
}

fn literal(literal: &Literal) -> String {
    match Value::from(literal) {
        Value::Text(text) => format!("\"{text}\""),
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| format!("\"{item}\"")).collect::<Vec<_>>().join(", "))
        }
        other => other.plain(),
    }
}
