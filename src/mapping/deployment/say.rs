//! What a leaf of a `deployment.toml` says: its row in the table, or else its own key, if the catalog knows it or not.

use crate::text::Parts as _;
use std::borrow::Cow;

use super::{Entries, fit, is_bare, meant, value, with_brackets};
use crate::diagnostic::{Code, Finding};
use crate::mapping::catalog::{Catalog, Key};
use crate::mapping::codec;
use crate::mapping::rule::Codec;
use crate::mapping::tables::{Table, Tables};
use crate::mapping::{Fact, MappedFile, NodeSettings, Saying, Setting, SettingId, Standing, fill};
use crate::read::Leaf;
use crate::source::Place;
use crate::value::Value;
use crate::version::Version;

/// The settings of one file: each with its key, its row and whether it says what its version has anyway.
pub(in crate::mapping) fn classify<'a>(tables: &'a Tables, version: Version, file: MappedFile<'a>) -> Vec<Setting<'a>> {
    let entries = Entries::of(&file.leaves, &file.table.head.names);
    let keys: Vec<String> = file.leaves.iter().map(|leaf| entries.key(&leaf.path).into_owned()).collect();
    let (table, number) = (file.table, file.number);
    file.leaves.into_iter().zip(keys).map(|(leaf, key)| setting(tables, table, version, number, leaf, key)).collect()
}

fn setting<'a>(
    tables: &'a Tables,
    table: &'a Table,
    version: Version,
    file: u32,
    leaf: Leaf<'a>,
    key: String,
) -> Setting<'a> {
    let (rule, captures) =
        table.find(&key, version).map_or((None, Vec::new()), |(rule, captures)| (Some(rule), captures));
    let case = rule.and_then(|rule| rule.case_for(&leaf.value));
    // Of an entry nothing is there by default.
    let shipped = tables.catalog.find(&key).filter(|_| !key.contains('[')).map(|known| known.default(version));
    let default = shipped.is_some_and(|shipped| crate::mapping::catalog::same_as_default(&value(&leaf), shipped));
    Setting {
        file,
        rule,
        case,
        captures,
        standing: if default { Standing::Default } else { Standing::Changed },
        shipped: shipped.filter(|shipped| !shipped.is_empty()),
        vault: None,
        named_secret: false,
        key: Some(key),
        leaf,
    }
}

/// Says what the leaf says: a fact, findings, keys.
pub(in crate::mapping) fn say<'a>(tables: &'a Tables, file: &str, id: SettingId, out: &mut NodeSettings<'a>) {
    let setting = &out.settings[id.index as usize];
    let changed = setting.standing == Standing::Changed;
    let Some(key) = setting.key.clone() else { return };
    let place = Place::at(file, setting.leaf.position);
    let rule = setting.rule;
    let mut findings = Vec::new();
    let shown = with_brackets(&key);
    let (told, resolved) = resolve(out, setting, &key, &tables.catalog);
    findings.extend(resolved.map(|message| Finding::new(Code::VariableResolved, message)));
    if let Some(name) = rule.and_then(|rule| rule.fact.as_deref()) {
        // A fact is as it is meant, and what is wrong with the value is told here if no key says it.
        let mut odd = Vec::new();
        let settled = tables.catalog.find(&key).map(|known| settle(told.clone(), known, &shown, &mut odd));
        let told = settled.and_then(Result::ok).unwrap_or_else(|| told.clone());
        if rule.is_some_and(|rule| rule.to.is_empty()) {
            findings.extend(odd);
        }
        out.facts.push(Fact {
            name,
            entity: setting.captures.first().cloned(),
            setting: id,
            // A blank at the end of a password is a part of it.
            value: if setting.is_secret() { told.plain() } else { told.plain().trim().to_owned() },
            changed,
        });
    }
    let setting = &out.settings[id.index as usize];
    findings.extend(setting.finding());
    let secret = setting.is_secret() || key.starts_with("secrets.");
    let fate = setting.case.and_then(|case| case.outcome);
    let mut sayings: Vec<(String, Value)> = Vec::new();
    if let Some(case) = setting.case {
        sayings.extend(case.sets.iter().map(|(key, value)| (fill(key, &setting.captures), value.into())));
    }
    let own = rule.is_none();
    if own {
        sayings.push((key.clone(), told));
    } else if let Some(rule) = rule.filter(|_| fate.is_none() && setting.case.is_none_or(|case| !case.only)) {
        for to in rule.to.iter() {
            let to = fill(to, &setting.captures);
            let kind = tables.catalog.find(&to).map_or(crate::mapping::catalog::Kind::Text, |key| key.kind);
            match convert(&told, rule.codec, kind) {
                Ok(value) => sayings.push((to, value)),
                Err(expected) => findings.push(unreadable(&shown, expected, setting)),
            }
        }
    }
    let subject_of =
        |key: &str| rule.and_then(|rule| rule.subject.as_deref()).unwrap_or_else(|| tables.subject_of(key));
    for (to, value) in sayings {
        let known = tables.catalog.find(&to);
        match known.map_or(Ok(None), |known| settle(value.clone(), known, &shown, &mut findings).map(Some)) {
            Ok(settled) => out.sayings.push(Saying {
                setting: id,
                subject: subject_of(&to),
                value: settled.unwrap_or(value),
                key: to,
                secret,
                adds: rule.is_some_and(|rule| rule.adds),
                yields: rule.is_some_and(|rule| rule.yields),
                kept_default: !changed,
            }),
            Err(expected) => findings.push(unreadable(&shown, expected, setting)),
        }
    }
    out.findings.extend(findings.into_iter().map(|finding| finding.at(place.clone())));
}

/// What a leaf says under its own key, whatever its row makes of it: for a node that keeps its file.
#[must_use]
pub fn own_value(settings: &NodeSettings<'_>, index: usize, catalog: &Catalog) -> Value {
    let setting = &settings.settings[index];
    let key = setting.key.as_deref().unwrap_or(&setting.leaf.path);
    let (told, _) = resolve(settings, setting, key, catalog);
    let settled = catalog.find(key).and_then(|known| settle(told.clone(), known, key, &mut Vec::new()).ok());
    settled.unwrap_or(told)
}

fn unreadable(key: &str, expected: &str, setting: &Setting<'_>) -> Finding {
    Finding::new(Code::ValueUnreadable, format!("{key}: expected {expected}, found `{}`", setting.shown()))
}

/// The value in a type that the target's mapper takes, and unescaped: what is written is escaped again.
fn settle(value: Value, known: &Key, key: &str, findings: &mut Vec<Finding>) -> Result<Value, &'static str> {
    let fitted = fit(value, known)?;
    if let Some(wanted) = fitted.changed {
        findings.push(Finding::new(Code::ValueTypeChanged, format!("{key}: {wanted}")));
    }
    let positions = known.positions;
    let mut bare = false;
    let mut decoded = |text: String| -> String {
        bare |= is_bare(&text, positions);
        match meant(&text, positions) {
            Cow::Borrowed(_) => text,
            Cow::Owned(decoded) => decoded,
        }
    };
    let value = match fitted.value {
        Value::Text(text) => Value::Text(decoded(text)),
        Value::List(items) => Value::List(items.into_iter().map(decoded).collect()),
        other => other,
    };
    if bare {
        let message = format!("{key}: the value holds `&` or `<`, which makes a file of the product unreadable");
        findings.push(Finding::new(Code::ValueEscaped, message));
    }
    Ok(value)
}

/// The value in the form that the row asks for.
fn convert(told: &Value, form: Codec, kind: crate::mapping::catalog::Kind) -> Result<Value, &'static str> {
    match form {
        Codec::Copy => Ok(told.clone()),
        _ => codec::convert(&told.plain(), form, kind),
    }
}

/// The value with what `$ref{…}` refers to in its place, where 4.x does not look it up: inside an array of tables. A
/// fact is resolved anywhere. Also what is to be told of it.
fn resolve(out: &NodeSettings<'_>, setting: &Setting<'_>, key: &str, catalog: &Catalog) -> (Value, Option<String>) {
    let told = value(&setting.leaf);
    let inside = key.contains('[');
    let fact = setting.rule.is_some_and(|rule| rule.fact.is_some());
    let Value::Text(text) = &told else { return (told, None) };
    if !text.contains("$ref{") || !(inside || fact) {
        return (told, None);
    }
    let mut resolved = text.clone();
    // A chain ends somewhere: the product stops at a circle.
    for _ in 0..8 {
        let Some(next) = replaced(&resolved, inside, out, catalog) else { break };
        resolved = next;
    }
    let message =
        (inside && resolved != *text).then(|| format!("{key}: 4.x looks no `$ref{{…}}` up inside an array of tables"));
    (Value::Text(resolved), message)
}

/// The text with its first `$ref{…}` that can be looked up replaced.
fn replaced(text: &str, inside: bool, out: &NodeSettings<'_>, catalog: &Catalog) -> Option<String> {
    for (start, _) in text.match_indices("$ref{") {
        let end = start + text.part(start..).find('}')?;
        let name = text.part(start + "$ref{".len()..end);
        let found = match name {
            "super_admin.username" if inside => Some("${admin.username}".to_owned()),
            "super_admin.password" if inside => Some("${admin.password}".to_owned()),
            // The topology knows these two by name.
            "super_admin.username" | "super_admin.password" => None,
            name => {
                let own = out.settings.iter().find(|setting| setting.leaf.path == name);
                let default = || catalog.find(name).map(|key| key.default(crate::mapping::catalog::VERSIONS[0]));
                own.map(|setting| value(&setting.leaf).plain())
                    .or_else(|| default().filter(|text| !text.is_empty()).map(str::to_owned))
            }
        };
        if let Some(found) = found {
            return Some(format!("{}{found}{}", text.part(..start), text.part(end + 1..)));
        }
    }
    None
}
