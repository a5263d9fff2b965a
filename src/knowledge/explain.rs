//! `explain`: a name in, what is known of it out.

use crate::secret::mask_urls;
use std::collections::BTreeMap;

use super::model::{
    CheckTopic, ChecklistTopic, DecisionTopic, Explanation, FindingTopic, InVersions, Named, TableTopic, Topic,
};
use super::question::{Question, segments};
use super::{key, row};
use crate::check::{CHECKS, Check};
use crate::checklist;
use crate::decision;
use crate::diagnostic::Code;
use crate::mapping::catalog::{Catalog, Key};
use crate::mapping::nearest::nearest;
use crate::mapping::rule::Rule;
use crate::mapping::tables::{Table, Tables, matches_file};

/// A row, and the table that it stands in.
type Row<'t> = (&'t Table, &'t Rule);

/// How many other things with the name are listed.
const ALSO: usize = 20;

/// What is known of what was asked.
///
/// A whole name is explained, whatever it is the name of. A part of a path is explained if only one setting has it;
/// else all that have it are listed.
#[must_use]
pub fn explain(tables: &Tables, asked: &str) -> Explanation {
    let question = Question::read(asked);
    let mut topics = by_name(tables, &question);
    let (exact, part) = rows_of(tables, &question);
    topics.extend(exact.iter().map(|(table, rule)| setting(tables, table, rule)));
    let mut also: Vec<Named> = part.iter().map(|(table, rule)| named(table, rule)).collect();
    if topics.is_empty() && part.len() == 1 {
        topics.push(setting(tables, part[0].0, part[0].1));
        also.clear();
    }
    topics.extend(topics.is_empty().then(|| table(&tables.catalog, &question.key())).flatten());
    if topics.is_empty() {
        also.extend(with_words(tables, &question));
    }
    // What only one thing has in its name is meant.
    if let [only] = also.as_slice()
        && topics.is_empty()
        && only.name != question.text
    {
        return Explanation { asked: mask_urls(&question.text), ..explain(tables, &only.name) };
    }
    also.truncate(ALSO);
    let known = !topics.is_empty() || !also.is_empty();
    let nearest = if known { Vec::new() } else { nearest_names(tables, &question) };
    Explanation { asked: mask_urls(&question.text), topics, also, nearest }
}

fn setting(tables: &Tables, table: &Table, rule: &Rule) -> Topic {
    Topic::Setting(Box::new(row::topic(tables, table, rule)))
}

fn named(table: &Table, rule: &Rule) -> Named {
    let file = table.head.paths.first().map_or("", String::as_str);
    let path = rule.from.iter().next().unwrap_or_default();
    Named { kind: "setting", name: rule.id.clone(), about: format!("{file} {path}") }
}

/// What has exactly that name: an id, a code, a key.
fn by_name(tables: &Tables, question: &Question) -> Vec<Topic> {
    let text = question.text.as_str();
    let mut out = Vec::new();
    let code = Code::ALL.iter().find(|code| code.text() == text);
    out.extend(code.map(|code| Topic::Finding(finding(tables, *code))));
    out.extend(decision::questions().iter().find(|known| known.id == text).map(|known| {
        Topic::Decision(DecisionTopic {
            or: known.free.map(decision::Free::words),
            id: known.id.clone(),
            question: known.question.clone(),
            choices: known.choices.clone(),
            default: known.default.clone(),
            why: known.why.clone(),
            open: known.open,
        })
    }));
    out.extend(checklist::rows().iter().find(|known| known.id == text).map(|known| {
        Topic::ChecklistItem(ChecklistTopic {
            id: known.id.clone(),
            title: known.title.clone(),
            text: known.text.clone(),
            always: known.always,
        })
    }));
    for table in tables.tables() {
        out.extend(table.rules().iter().filter(|rule| rule.id == text).map(|rule| setting(tables, table, rule)));
    }
    out.extend(
        key_named(&tables.catalog, &question.key()).map(|found| Topic::Key(Box::new(key::topic(tables, found)))),
    );
    out
}

/// The key of that name; a table's fields are found without the marks of an array of tables too.
fn key_named<'c>(catalog: &'c Catalog, name: &str) -> Option<&'c Key> {
    let loose = |name: &str| name.replace("[]", "").replace('\'', "");
    catalog.find(name).or_else(|| {
        let wanted = loose(&crate::mapping::catalog::without_indexes(name));
        catalog.all_keys().find(|key| loose(key.name) == wanted)
    })
}

/// The table of that name, which is no key itself.
fn table(catalog: &Catalog, name: &str) -> Option<Topic> {
    let keys = key::below(catalog, name);
    let versions = |name: &str| catalog.find(name).map_or_else(String::new, |key| super::read_by(key).to_string());
    (!keys.is_empty()).then(|| {
        Topic::Table(TableTopic {
            table: name.to_owned(),
            profiles: key::profiles(catalog, name),
            keys: keys.into_iter().map(|key| InVersions { versions: versions(&key), value: key }).collect(),
        })
    })
}

/// The rows whose path is the question, and those whose path has it as a part: the shortest first.
fn rows_of<'t>(tables: &'t Tables, question: &Question) -> (Vec<Row<'t>>, Vec<Row<'t>>) {
    let wanted = question.segments();
    let (mut exact, mut part) = (Vec::new(), Vec::new());
    if wanted.is_empty() {
        return (exact, Vec::new());
    }
    for table in tables.tables() {
        let in_file = question.file.as_deref().is_none_or(|file| {
            table.head.paths.iter().any(|path| matches_file(path, file) || path.rsplit('/').next() == Some(file))
        });
        for rule in table.rules().iter().filter(|_| in_file) {
            let paths: Vec<Vec<String>> = rule.from.iter().map(segments).collect();
            let whole = rule.from.iter().any(|from| from == question.text);
            if whole || (paths.contains(&wanted) && rule.from.iter().all(|from| !from.contains('['))) {
                exact.push((table, rule));
            } else if let Some(length) =
                paths.iter().filter(|path| path.windows(wanted.len()).any(|run| run == wanted)).map(Vec::len).min()
            {
                part.push((length, table, rule));
            }
        }
    }
    part.sort_by(|one, other| (one.0, &one.2.id).cmp(&(other.0, &other.2.id)));
    (exact, part.into_iter().map(|(_, table, rule)| (table, rule)).collect())
}

/// Keys and codes that have the words in them.
fn with_words(tables: &Tables, question: &Question) -> Vec<Named> {
    let wanted = question.key().to_lowercase();
    let mut out = Vec::new();
    let mut keys: Vec<&Key> =
        tables.catalog.all_keys().filter(|key| key.name.to_lowercase().contains(&wanted)).collect();
    keys.sort_by_key(|key| (key.name.len(), key.name));
    out.extend(keys.into_iter().map(|key| Named {
        kind: "key",
        name: key.name.to_owned(),
        about: format!("read by {}", super::read_by(key)),
    }));
    let codes = Code::ALL.iter().filter(|code| code.text().contains(&wanted));
    out.extend(codes.map(|code| Named {
        kind: "finding",
        name: code.text().to_owned(),
        about: code.help().to_owned(),
    }));
    let questions = decision::questions().iter().filter(|known| known.id.contains(&wanted));
    out.extend(questions.map(|known| Named {
        kind: "decision",
        name: known.id.clone(),
        about: known.question.clone(),
    }));
    out
}

fn finding(tables: &Tables, code: Code) -> FindingTopic {
    let raises = |rule: &&Rule| {
        rule.finding.as_deref() == Some(code.text())
            || rule.cases.iter().any(|case| case.finding.as_deref() == Some(code.text()))
    };
    let check = CHECKS.iter().find(|check| check.code == code);
    FindingTopic {
        code: code.text(),
        severity: code.severity().word(),
        help: code.help(),
        migration: check.is_none_or(Check::is_shared),
        check: check.map(|check| CheckTopic {
            severity: check.severity().word(),
            what: check.what,
            why: check.why,
            help: check.help(),
        }),
        rules: tables.tables().iter().flat_map(Table::rules).filter(raises).map(|rule| rule.id.clone()).collect(),
    }
}

/// The names that may have been meant: of keys, settings, codes and questions.
fn nearest_names(tables: &Tables, question: &Question) -> Vec<String> {
    // A path is compared by its last names: what stands before them is seldom what was mistaken.
    let depth = question.segments().len();
    let mut paths: BTreeMap<String, String> = BTreeMap::new();
    for rule in tables.tables().iter().flat_map(Table::rules) {
        for from in rule.from.iter() {
            let segments = segments(from);
            let tail = segments[segments.len().saturating_sub(depth)..].join("/");
            paths.entry(tail).or_insert_with(|| from.to_owned());
        }
    }
    let wanted = question.segments().join("/");
    let near = nearest(&wanted, paths.keys().map(String::as_str));
    let mut out: Vec<String> = near.into_iter().map(|tail| paths[tail].clone()).collect();
    let rules: Vec<&str> = tables.tables().iter().flat_map(Table::rules).map(|rule| rule.id.as_str()).collect();
    let questions: Vec<String> = decision::questions().iter().map(|known| known.id.clone()).collect();
    let names = tables
        .catalog
        .all_keys()
        .map(|key| key.name)
        .chain(Code::ALL.iter().map(|code| code.text()))
        .chain(rules)
        .chain(questions.iter().map(String::as_str));
    for name in nearest(&question.key(), names) {
        if !out.iter().any(|known| known == name) {
            out.push(name.to_owned());
        }
    }
    out
}
