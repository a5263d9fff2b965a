//! All rows as a page to read (`docs/mappings.md`): tables in, Markdown out.

use std::fmt::Write as _;

use indexmap::IndexMap;

use super::rule::{Case, Codec, Fate, Rule};
use super::tables::{Table, Tables};
use crate::role::Profile;

const HEAD: &str = "\
# What becomes of each setting

Made from `mappings/2.x` by `apim-migrate mappings docs`: change a table, not this page. What the fields mean is said in
[mappings/README.md](../mappings/README.md), how much of each file is covered in the [README](../README.md).

A row stands for the values that somebody chose: what a version ships says nothing. `→` names the new key, *fact* what
the topology works with; `*` stands for any text.

";

/// The page.
#[must_use]
pub fn book(tables: &Tables) -> String {
    let mut out = HEAD.to_owned();
    let title = |table: &Table| table.head.paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
    let mut sorted: Vec<&Table> = tables.tables().iter().collect();
    sorted.sort_by(|left, right| left.head.paths.cmp(&right.head.paths));
    out.push_str("| file | rows | what it is |\n| --- | ---: | --- |\n");
    for table in &sorted {
        let link = anchor(&title(table));
        let _ =
            writeln!(out, "| [{}](#{link}) | {} | {} |", title(table), table.rules().len(), cell(&table.head.about));
    }
    for table in sorted {
        let _ =
            writeln!(out, "\n## {}\n\n{}. Source: {}.", title(table), sentence(&table.head.about), table.head.source);
        for rule in table.rules() {
            out.push_str(&row(tables, rule));
        }
    }
    out
}

/// What the page says of a row.
#[must_use]
pub fn row(tables: &Tables, rule: &Rule) -> String {
    let mut out = format!("\n### {}\n\n", rule.id);
    for from in rule.from.iter() {
        let _ = writeln!(out, "- `{from}`");
    }
    for to in rule.to.iter() {
        let _ = writeln!(out, "- → `{to}`, {}", form(rule));
    }
    if let Some(entry) = &rule.entry {
        let _ = writeln!(out, "- → the entry's name in its `{entry}`");
    }
    for case in &rule.cases {
        let _ = writeln!(out, "- {}", case_line(case));
    }
    if let Some(fact) = &rule.fact {
        let _ = writeln!(out, "- *fact* `{fact}`");
    }
    if let Some(outcome) = rule.outcome {
        let taken = if rule.to.is_empty() && rule.fact.is_none() { "" } else { "if nothing takes it: " };
        let _ = writeln!(out, "- {taken}**{}**", fate(outcome));
    }
    if let Some(subject) = rule.subject.as_deref() {
        let _ = writeln!(out, "- subject {}", profiles(tables, subject));
    }
    let _ = write!(out, "\n{}", rule.why.trim());
    for (label, text) in [("To do", &rule.tell), ("Instead", &rule.instead)] {
        if let Some(text) = text {
            let _ = write!(out, " **{label}:** {}", text.trim());
        }
    }
    let versions =
        rule.versions.as_ref().map_or_else(|| "all versions".to_owned(), |range| format!("versions {range}"));
    let finding = rule.finding.as_ref().map_or_else(String::new, |finding| format!("; finding `{finding}`"));
    let secret = if rule.secret { "; secret, never shown" } else { "" };
    let several = if rule.repeats && rule.to.is_empty() { "; several such elements count" } else { "" };
    let _ = writeln!(out, " *({versions}{several}{finding}{secret}; source: {})*", rule.source.trim());
    out
}

pub(crate) fn case_line(case: &Case) -> String {
    let values: Vec<String> = case.is.iter().map(|is| format!("`{is}`")).collect();
    let mut does = Vec::new();
    for (key, value) in &case.sets {
        does.push(format!("→ `{key} = {}`", value.written()));
    }
    if case.only {
        does.push("instead of its own key".to_owned());
    }
    if let Some(outcome) = case.outcome {
        does.push(format!("**{}**", fate(outcome)));
    }
    if let Some(finding) = &case.finding {
        does.push(format!("finding `{finding}`"));
    }
    if let Some(tell) = &case.tell {
        does.push(format!("**to do:** {}", tell.trim()));
    }
    if does.is_empty() {
        does.push("as every other value".to_owned());
    }
    format!("if it is {}: {}", values.join(" or "), does.join(", "))
}

pub(crate) fn fate(fate: Fate) -> &'static str {
    match fate {
        Fate::Retired => "retired",
        Fate::Manual => "manual",
        Fate::Constant => "retired: the target writes its own",
        Fate::Default => "says nothing to be carried",
    }
}

pub(crate) fn form(rule: &Rule) -> String {
    let form = match rule.codec {
        Codec::Copy => "copied as the key takes it",
        Codec::Text => "always a text",
        Codec::Not => "the opposite boolean",
        Codec::List => "a list, split at commas",
        Codec::PlusList => "each item with a `+`, joined with commas",
        Codec::FileName => "the file's name only",
        Codec::ClientAuth => "in Tomcat's new words",
        Codec::JndiName => "without `jdbc/`",
        Codec::OneLine => "on one line",
        Codec::Item => "a list of this one text",
        Codec::NumberAtEnd => "the number at its end",
    };
    let adds = if rule.adds { ", after the target's own items" } else { "" };
    let repeats = if rule.repeats { ", one item for each such element" } else { "" };
    format!("{form}{adds}{repeats}")
}

/// Which new nodes get the setting, and whose word counts.
pub(crate) fn profiles(tables: &Tables, subject: &str) -> String {
    let Some(known) = tables.subject(subject) else { return format!("*{subject}*") };
    let mut by_owners: IndexMap<String, Vec<&str>> = IndexMap::new();
    for (profile, owners) in &known.owner {
        let owners: Vec<&str> = owners.iter().map(|owner| owner.word()).collect();
        by_owners.entry(owners.join(", ")).or_default().push(profile.word());
    }
    let said: Vec<String> = by_owners
        .into_iter()
        .map(|(owners, profiles)| format!("{} from {owners}", profiles.join(" and ")))
        .chain([Profile::AllInOne.word().to_owned()])
        .collect();
    format!("*{subject}*: {}", said.join("; "))
}

/// A heading's name in links, as GitHub makes it.
fn anchor(title: &str) -> String {
    title
        .to_lowercase()
        .chars()
        .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
        .map(|character| if character == ' ' { '-' } else { character })
        .collect()
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn sentence(text: &str) -> String {
    let mut characters = text.trim_end_matches('.').chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
