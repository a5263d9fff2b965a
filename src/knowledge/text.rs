//! Answers as text for people.

use std::fmt::Write as _;

use super::changes::Changes;
use super::model::{Becomes, Explanation, InVersions, KeyTopic, PlaceTopic, SettingTopic, Topic};
use super::search::Hit;

/// How many places of one key are listed: a role drives hundreds.
const PLACES: usize = 12;

/// An explanation.
#[must_use]
pub fn explanation(explanation: &Explanation) -> String {
    let mut out = String::new();
    for (index, topic) in explanation.topics.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        match topic {
            Topic::Key(topic) => key(topic, &mut out),
            Topic::Table(topic) => {
                let _ = writeln!(out, "{} (table of deployment.toml)", topic.table);
                if let Some(profiles) = &topic.profiles {
                    line(&mut out, "on", &format!("{}: {}", profiles.versions, profiles.value));
                }
                lines(&mut out, "keys", versioned(&topic.keys));
            }
            Topic::Setting(topic) => setting(topic, &mut out),
            Topic::Finding(topic) => {
                let _ = writeln!(out, "{} (finding)", topic.code);
                if let Some(check) = &topic.check {
                    let _ = writeln!(out, "  of `check`: {}", check.severity);
                    line(&mut out, "what", check.what);
                    line(&mut out, "why", check.why);
                    line(&mut out, "to do", check.help);
                }
                if topic.migration {
                    let _ = writeln!(out, "  of `plan` and `convert`: {}", topic.severity);
                    line(&mut out, "to do", topic.help);
                }
                lines(&mut out, "raised by", topic.rules.iter().map(|rule| format!("the row {rule}")));
            }
            Topic::Decision(topic) => {
                let open = if topic.open { ", open until answered" } else { "" };
                let _ = writeln!(out, "{} (decision{open})\n  question  {}", topic.id, topic.question);
                let mut choices = topic.choices.clone();
                choices.extend(topic.or.map(str::to_owned));
                line(&mut out, "choices", &choices.join(", "));
                line(&mut out, "default", &topic.default);
                line(&mut out, "why", &topic.why);
            }
            Topic::ChecklistItem(topic) => {
                let always = if topic.always { ", always due" } else { "" };
                let _ = writeln!(out, "{} (checklist item{always})\n  to do     {}", topic.id, topic.title);
                line(&mut out, "how", &topic.text);
            }
        }
    }
    if !explanation.also.is_empty() {
        let head = if explanation.topics.is_empty() {
            "several things have this name; ask for one of them"
        } else {
            "see also"
        };
        let _ = writeln!(out, "{}{head}:", if out.is_empty() { "" } else { "\n" });
        let width = explanation.also.iter().map(|named| named.name.chars().count()).max().unwrap_or(0).min(60);
        for named in &explanation.also {
            let _ = writeln!(out, "  {:width$}  {}: {}", named.name, named.kind, named.about);
        }
    }
    out
}

fn line(out: &mut String, label: &str, text: &str) {
    if !text.is_empty() {
        let _ = writeln!(out, "  {label:<9} {text}");
    }
}

/// The label once, then each line.
fn lines(out: &mut String, label: &str, texts: impl IntoIterator<Item = String>) {
    let mut label = label;
    for text in texts {
        let _ = writeln!(out, "  {label:<9} {text}");
        label = "";
    }
}

fn versioned(values: &[InVersions]) -> Vec<String> {
    values
        .iter()
        .map(|known| {
            if known.versions == "all" { known.value.clone() } else { format!("{}  ({})", known.value, known.versions) }
        })
        .collect()
}

fn places(places: &[PlaceTopic]) -> Vec<String> {
    let mut out: Vec<String> = places
        .iter()
        .take(PLACES)
        .map(|place| {
            let versions = if place.versions == "all" { String::new() } else { format!("  ({})", place.versions) };
            let form = if place.form == "copy" { String::new() } else { format!("  [{}]", place.form) };
            format!("{} {}{form}{versions}", place.file, place.place)
        })
        .collect();
    if places.len() > PLACES {
        out.push(format!("… and {} more places", places.len() - PLACES));
    }
    out
}

fn key(topic: &KeyTopic, out: &mut String) {
    let _ = writeln!(out, "{} (key of deployment.toml)", topic.key);
    line(out, "takes", &topic.takes);
    line(out, "read by", &topic.read_by);
    line(out, "breaks", &topic.breaks);
    line(out, "dead in", &topic.dead_in);
    if let Some(profiles) = &topic.profiles {
        line(out, "on", &format!("{}: {}", profiles.versions, profiles.value));
    }
    lines(out, "default", versioned(&topic.defaults));
    lines(
        out,
        "by role",
        topic
            .implied
            .iter()
            .map(|implied| format!("{} on a {}  ({})", implied.value, implied.profile, implied.versions)),
    );
    lines(out, "drives", places(&topic.places));
    line(out, "stops at", topic.fails_with.as_deref().unwrap_or_default());
    line(out, "writing", topic.writing.as_deref().unwrap_or_default());
    lines(out, "note", versioned(&topic.notes));
    if let Some(successor) = &topic.successor {
        let since = successor.since.as_ref().map_or_else(String::new, |since| format!(" from {since} on"));
        line(out, "instead", &format!("{}{since}: {}", successor.key, successor.evidence));
    }
    lines(out, "replaces", topic.replaces.iter().cloned());
    lines(
        out,
        "comes of",
        topic.from.iter().map(|origin| format!("{} {}  (row {})", origin.file, origin.path, origin.rule)),
    );
    lines(out, "keys", topic.keys.iter().cloned());
    line(out, "source", topic.source);
}

fn becomes(topic: &Becomes, out: &mut String) {
    line(out, "becomes", &format!("{}, {}; read by {}", topic.key, topic.form, topic.read_by));
    lines(out, "default", versioned(&topic.defaults).into_iter().map(|text| format!("  of the new key: {text}")));
    lines(out, "rendered", places(&topic.places).into_iter().map(|text| format!("  {text}")));
}

fn setting(topic: &SettingTopic, out: &mut String) {
    let _ = writeln!(out, "{} (setting of {})", topic.rule, topic.files.join(", "));
    lines(out, "path", topic.paths.iter().cloned());
    line(out, "versions", &topic.versions);
    lines(out, "shipped", versioned(&topic.shipped));
    for key in &topic.becomes {
        becomes(key, out);
    }
    lines(out, "cases", topic.cases.iter().cloned());
    if let Some(outcome) = &topic.outcome {
        let taken = if topic.becomes.is_empty() && topic.fact.is_none() { "" } else { "if nothing takes it: " };
        line(out, "outcome", &format!("{taken}{outcome}"));
    }
    if let Some(fact) = &topic.fact {
        line(out, "on", &fact.profiles);
        line(out, if fact.has_keys { "how" } else { "serves" }, &fact.how);
    }
    line(out, "on", topic.profiles.as_deref().unwrap_or_default());
    line(out, "why", &topic.why);
    line(out, "to do", topic.to_do.as_deref().unwrap_or_default());
    line(out, "instead", topic.instead.as_deref().unwrap_or_default());
    line(out, "finding", topic.finding.as_deref().unwrap_or_default());
    lines(out, "proof", topic.proof.iter().cloned());
    line(out, "example", topic.example.as_deref().unwrap_or_default());
    line(out, "source", &topic.source);
}

/// Keys that were found.
#[must_use]
pub fn hits(hits: &[Hit]) -> String {
    let mut out = String::new();
    for hit in hits {
        let default = if hit.default.is_empty() { String::new() } else { format!(" = {}", hit.default) };
        let _ = writeln!(out, "{}{default}  ({})", hit.key, hit.read_by);
        if let Some(place) = &hit.place {
            let _ = writeln!(out, "    {place}");
        }
    }
    let _ = writeln!(out, "{} {}", hits.len(), if hits.len() == 1 { "key" } else { "keys" });
    out
}

/// What changed.
#[must_use]
pub fn changes(changes: &Changes) -> String {
    let mut out = String::new();
    let on = changes.profile.map_or_else(String::new, |profile| format!(" on a {profile}"));
    let _ = writeln!(out, "from {} to {}{on}", changes.from, changes.to);
    let said = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
    section(
        &mut out,
        "renamed",
        "write the new name",
        changes.renamed.iter().map(|key| format!("{} → {}  ({})", key.from, key.to, key.evidence)),
    );
    section(
        &mut out,
        "gone",
        "ignored without a word",
        changes.gone.iter().map(|gone| {
            if gone.still_named {
                format!("{}  (still named, but nothing reads it)", gone.key)
            } else {
                gone.key.clone()
            }
        }),
    );
    section(&mut out, "breaks", "a file becomes unreadable with it: never write it", changes.breaks.iter().cloned());
    section(
        &mut out,
        "other default",
        "what holds when the key is left out",
        changes.defaults.iter().map(|key| format!("{}: {} → {}", key.key, key.from, key.to)),
    );
    section(
        &mut out,
        "other by role",
        "what the server's role implies",
        changes
            .roles
            .iter()
            .map(|key| format!("{}, {}: {} → {}", key.profile, key.key, said(&key.from), said(&key.to))),
    );
    section(
        &mut out,
        "other in the shipped file",
        "what the product's plain deployment.toml says",
        changes.shipped.iter().map(|key| format!("{}: {} → {}", key.key, said(&key.from), said(&key.to))),
    );
    section(
        &mut out,
        "new",
        "not read before",
        changes
            .new
            .iter()
            .map(|key| if key.default == "none" { key.key.clone() } else { format!("{} = {}", key.key, key.default) }),
    );
    out
}

fn section(out: &mut String, title: &str, about: &str, lines: impl ExactSizeIterator<Item = String>) {
    let _ = writeln!(out, "\n{title}: {} ({about})", lines.len());
    for line in lines {
        let _ = writeln!(out, "  {line}");
    }
}
