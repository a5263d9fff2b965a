//! Old place and value → new key and value, by subject; what was derived; what changed its default; what needs a
//! hand.

use std::fmt::Write as _;

use indexmap::IndexMap;

use super::{DIM, NOTE, WARN, paint, section};
use crate::emit::toml::basic_string;
use crate::foreign;
use crate::ledger::Outcome;
use crate::mapping::catalog::{parts, without_indexes};
use crate::report::model::{DeploymentReport, Setting};
use crate::value::Value;

/// How the reason of a leaf begins that only names an element.
const FRAMES: &str = "names the element: ";
/// How many settings with one reason are shown; migration-report.json has them all.
const SHOWN: usize = 5;

/// What a key is about: its top-level table, with the one below where the product keeps everything in one.
fn subject(key: &str) -> String {
    let plain = without_indexes(key).replace("[]", "");
    let parts = parts(&plain);
    let length = if matches!(parts[0], "apim" | "database") { 2 } else { 1 };
    parts[..length.min(parts.len())].join(".")
}

pub(super) fn value(value: &Value) -> String {
    match value {
        Value::Boolean(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Text(text) => basic_string(text),
        Value::Toml(text) => text.clone(),
        Value::List(items) => {
            format!("[{}]", items.iter().map(|item| basic_string(item)).collect::<Vec<_>>().join(", "))
        }
    }
}

fn place(setting: &Setting) -> String {
    format!("{}:{}:{}", setting.file, setting.line, setting.column)
}

/// An old value on one line.
fn old_value(setting: &Setting) -> String {
    setting.value.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn converted(out: &mut String, deployment: &DeploymentReport) {
    let mut subjects: IndexMap<String, Vec<&Setting>> = IndexMap::new();
    for setting in deployment.settings.iter().filter(|setting| setting.outcome == Outcome::Converted) {
        let mut of: Vec<String> = setting.targets.iter().map(|target| subject(&target.key)).collect();
        of.dedup();
        for subject in of {
            let settings = subjects.entry(subject).or_default();
            if !settings.last().is_some_and(|last| std::ptr::eq(*last, setting)) {
                settings.push(setting);
            }
        }
    }
    subjects.sort_by(|one, _, other, _| rank(one).cmp(&rank(other)));
    if !subjects.is_empty() {
        section(out, "Settings, old → new");
    }
    for (of, settings) in subjects {
        let _ = writeln!(out, "  {}", paint(NOTE, &of));
        // What several nodes say alike is one entry with all its places.
        let mut entries: IndexMap<(String, Vec<String>), Vec<&Setting>> = IndexMap::new();
        for setting in settings {
            let said = format!("{} = {}", setting.path, old_value(setting));
            entries.entry((said, keys(setting, &of))).or_default().push(setting);
        }
        for ((said, keys), settings) in entries {
            let _ = writeln!(out, "    {said}");
            let places: Vec<String> = settings.iter().map(|setting| place(setting)).collect();
            let _ = writeln!(out, "      {}", paint(DIM, places.join(", ")));
            for key in keys {
                let _ = writeln!(out, "      → {key}");
            }
        }
    }
}

/// The keys of a subject that a setting stands in, each with its value and its nodes.
fn keys(setting: &Setting, of: &str) -> Vec<String> {
    let mut keys: IndexMap<(&str, Option<String>), Vec<&str>> = IndexMap::new();
    for target in setting.targets.iter().filter(|target| subject(&target.key) == of) {
        keys.entry((target.key.as_str(), target.value.as_ref().map(|one| foreign::line(&value(one)).into_owned())))
            .or_default()
            .push(&target.node);
    }
    keys.into_iter()
        .map(|((key, value), mut nodes)| {
            nodes.dedup();
            let said = value.map_or_else(|| ": in the list above".to_owned(), |value| format!(" = {value}"));
            format!("{key}{said}  {}", paint(DIM, nodes.join(", ")))
        })
        .collect()
}

/// What stands in no new key although somebody set it: by reason, each path with its nodes.
pub(super) fn not_carried(out: &mut String, deployment: &DeploymentReport) {
    for (outcome, head) in [(Outcome::Absorbed, "Used, but not written"), (Outcome::Retired, "Not carried")] {
        let mut reasons: IndexMap<&str, IndexMap<String, Vec<&str>>> = IndexMap::new();
        for setting in deployment.settings.iter().filter(|setting| setting.outcome == outcome) {
            let said = format!("{} = {}", setting.path, old_value(setting));
            reasons.entry(&setting.reason).or_default().entry(said).or_default().push(&setting.node);
        }
        if !reasons.is_empty() {
            section(out, head);
        }
        for (reason, rows) in reasons {
            let _ = writeln!(out, "  {}", paint(NOTE, reason));
            for (said, mut nodes) in rows {
                nodes.dedup();
                let _ = writeln!(out, "    {said}  {}", paint(DIM, nodes.join(", ")));
            }
        }
    }
}

/// The order of subjects is that of tables in a written file.
fn rank(subject: &str) -> (usize, usize, &str) {
    let (table, below) = subject.split_once('.').unwrap_or((subject, ""));
    (crate::emit::order::table("", table), crate::emit::order::table(table, below), subject)
}

pub(super) fn derived(out: &mut String, deployment: &DeploymentReport) {
    let mut rows: IndexMap<(&str, String, &str, Option<&str>), Vec<&str>> = IndexMap::new();
    for derived in &deployment.derived {
        let key = (derived.key.as_str(), value(&derived.value), derived.from.as_str(), derived.decision.as_deref());
        rows.entry(key).or_default().push(&derived.node);
    }
    rows.sort_by(|one, _, other, _| {
        let key = |row: &(&str, String, &str, Option<&str>)| {
            let (rank, below, _) = rank(&subject(row.0));
            (rank, below, row.0.to_owned())
        };
        key(one).cmp(&key(other))
    });
    if !rows.is_empty() {
        section(out, "Derived values");
    }
    for ((key, value, from, decision), nodes) in rows {
        let _ = writeln!(out, "    {key} = {value}  {}", paint(DIM, nodes.join(", ")));
        let decision = decision.map(|id| format!("; decision `{id}`")).unwrap_or_default();
        let _ = writeln!(out, "      {from}{decision}");
    }
}

pub(super) fn drift(out: &mut String, deployment: &DeploymentReport) {
    let mut rows: IndexMap<(&str, &str), Vec<&str>> = IndexMap::new();
    for setting in &deployment.settings {
        if let Some(drift) = &setting.drift {
            rows.entry((&setting.path, drift)).or_default().push(&setting.node);
        }
    }
    if rows.is_empty() {
        return;
    }
    section(out, "Defaults that changed (--keep-legacy-defaults writes the old ones)");
    for ((path, drift), mut nodes) in rows {
        nodes.dedup();
        let _ = writeln!(out, "    {path}: {drift}  {}", paint(DIM, nodes.join(", ")));
    }
}

pub(super) fn by_hand(out: &mut String, deployment: &DeploymentReport) {
    for (outcome, head) in [(Outcome::Manual, "By hand"), (Outcome::Unknown, "Unknown settings")] {
        let mut rows = deployment.settings.iter().filter(|setting| setting.outcome == outcome).peekable();
        if rows.peek().is_some() {
            section(out, head);
        }
        // What has one reason in one file is told together; a name alone goes with its element.
        let mut reasons: IndexMap<(&str, &str), Vec<&Setting>> = IndexMap::new();
        for setting in rows.filter(|setting| !setting.reason.starts_with(FRAMES)) {
            reasons.entry((&setting.reason, &setting.file)).or_default().push(setting);
        }
        for ((reason, _), settings) in reasons {
            for setting in settings.iter().take(SHOWN) {
                let line = format!("{}  {} = {}", place(setting), setting.path, old_value(setting));
                let _ = writeln!(out, "    {}", paint(WARN, line));
            }
            if let Some(more) = settings.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                let _ = writeln!(out, "    {}", paint(DIM, format!("and {more} more in that file")));
            }
            let _ = writeln!(out, "      {reason}");
        }
    }
}
