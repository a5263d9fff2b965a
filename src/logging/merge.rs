//! Several old nodes in one new one: the union of what they add. Where they differ, the more verbose level holds, the
//! first node's appender, and a finding says so.

use indexmap::IndexMap;

use super::model::{Appender, Level, Logger, Logging};
use crate::diagnostic::{Code, Finding};
use crate::mapping::SettingId;
use crate::topology::planner::plan::Use;

/// The union; none of nothing.
#[must_use]
pub fn merge(parts: &[&Logging]) -> Option<Logging> {
    let (first, others) = parts.split_first()?;
    let mut merged = (*first).clone();
    for other in others {
        unite(&mut merged, other);
    }
    // What a logger gets it is not to do without.
    for logger in merged.loggers.values_mut().chain([&mut merged.root]) {
        let Logger { appenders, without, .. } = logger;
        without.retain(|name, _| !appenders.contains_key(name));
    }
    merged.loggers.retain(|_, logger| !logger.is_empty());
    Some(merged)
}

fn unite(merged: &mut Logging, other: &Logging) {
    let mut words: IndexMap<SettingId, Use> = IndexMap::new();
    let mut findings = Vec::new();
    match (&mut merged.threshold, &other.threshold) {
        (Some(ours), Some(theirs)) => more_verbose("log4j.threshold", ours, theirs, &mut words, &mut findings),
        // A node without a threshold lets everything pass.
        (threshold, _) => {
            let lost = threshold.take().or_else(|| other.threshold.clone());
            for setting in lost.into_iter().flat_map(|(_, from)| from) {
                words.insert(setting, Use::Absorbed("another node of the merge has no threshold".to_owned()));
            }
        }
    }
    for (name, theirs) in &other.appenders {
        if let Some(ours) = merged.appenders.get_mut(name) {
            same_appender(ours, theirs, &mut words, &mut findings);
            continue;
        }
        let mut theirs = theirs.clone();
        let taken = |key: &str| merged.appenders.values().any(|other| other.key == key);
        theirs.key = super::model::free_key(name, &taken);
        merged.appenders.insert(name.clone(), theirs);
    }
    let mut names: Vec<&String> = other.loggers.keys().collect();
    let ours: Vec<String> = merged.loggers.keys().cloned().collect();
    names.extend(ours.iter().filter(|name| !other.loggers.contains_key(*name)));
    let silent = Logger::default();
    for name in names {
        let into =
            merged.loggers.entry(name.clone()).or_insert_with(|| Logger { name: name.clone(), ..Logger::default() });
        same_logger(into, other.loggers.get(name).unwrap_or(&silent), &mut words, &mut findings);
    }
    same_logger(&mut merged.root, &other.root, &mut words, &mut findings);
    merged.nodes.extend(other.nodes.iter().cloned());
    merged.quotes.extend(other.quotes.iter().cloned());
    merged.findings.extend(other.findings.iter().cloned());
    merged.findings.extend(findings);
    for (setting, word) in &other.words {
        merged.words.entry(*setting).or_insert_with(|| word.clone());
    }
    // What the merge says of a leaf holds over what its own node says.
    merged.words.extend(words);
}

fn more_verbose(
    what: &str,
    ours: &mut (Level, Vec<SettingId>),
    theirs: &(Level, Vec<SettingId>),
    words: &mut IndexMap<SettingId, Use>,
    findings: &mut Vec<Finding>,
) {
    if ours.0 == theirs.0 {
        ours.1.extend(&theirs.1);
        return;
    }
    let (lost, level) =
        if theirs.0 > ours.0 { (std::mem::replace(ours, theirs.clone()), theirs.0) } else { (theirs.clone(), ours.0) };
    let message =
        format!("{what}: {} and {} meet in one node; {} is written", lost.0.word(), level.word(), level.word());
    findings.push(Finding::new(Code::LoggingDiffers, message));
    for setting in lost.1 {
        words.insert(setting, Use::Absorbed(format!("another node of the merge says {}", level.word())));
    }
}

fn same_appender(
    ours: &mut Appender,
    theirs: &Appender,
    words: &mut IndexMap<SettingId, Use>,
    findings: &mut Vec<Finding>,
) {
    let mut lost = Vec::new();
    for (key, entry) in &theirs.lines {
        match ours.lines.get_mut(key) {
            Some(line) if line.value == entry.value => line.from.extend(&entry.from),
            // A node that says nothing of it has it as shipped.
            None if ours.partial && theirs.partial => {
                ours.lines.insert(key.clone(), entry.clone());
            }
            _ => {
                lost.push(key.as_str());
                for setting in &entry.from {
                    words.insert(*setting, Use::Absorbed("another node's appender of that name holds".to_owned()));
                }
            }
        }
    }
    let whole = !(ours.partial && theirs.partial);
    lost.extend(ours.lines.keys().map(String::as_str).filter(|key| whole && !theirs.lines.contains_key(*key)));
    if !lost.is_empty() {
        let message = format!("appender {}: nodes differ in {}; the first one's holds", ours.name, lost.join(", "));
        findings.push(Finding::new(Code::LoggingDiffers, message));
    }
}

fn same_logger(ours: &mut Logger, theirs: &Logger, words: &mut IndexMap<SettingId, Use>, findings: &mut Vec<Finding>) {
    let what = if ours.name.is_empty() { "the root logger" } else { &ours.name };
    match (&mut ours.level, &theirs.level) {
        (Some(ours), Some(theirs)) => more_verbose(what, ours, theirs, words, findings),
        (level @ None, theirs) => level.clone_from(theirs),
        (Some(_), None) => {}
    }
    match (&mut ours.additivity, &theirs.additivity) {
        (Some((ours, from)), Some((theirs, also))) if ours == theirs => from.extend(also),
        (Some((ours, from)), Some((_, also))) => {
            let message = format!("{what}: additivity is true on one node and false on another; true is written");
            findings.push(Finding::new(Code::LoggingDiffers, message));
            let lost = if *ours { also.clone() } else { std::mem::replace(from, also.clone()) };
            *ours = true;
            for setting in lost {
                words.insert(setting, Use::Absorbed("another node of the merge says true".to_owned()));
            }
        }
        (additivity @ None, theirs) => additivity.clone_from(theirs),
        (Some(_), None) => {}
    }
    for (name, from) in &theirs.appenders {
        ours.appenders.entry(name.clone()).or_default().extend(from);
    }
    // Only what no node has is taken out.
    let kept: Vec<(String, Vec<SettingId>)> =
        ours.without.iter().chain(&theirs.without).map(|(name, from)| (name.clone(), from.clone())).collect();
    let both = |name: &String| ours.without.contains_key(name) && theirs.without.contains_key(name);
    let mut without: IndexMap<String, Vec<SettingId>> = IndexMap::new();
    for (name, from) in kept {
        if both(&name) {
            without.entry(name).or_default().extend(from);
        } else {
            for setting in from {
                words.insert(setting, Use::Absorbed(format!("another node of the merge keeps {name}")));
            }
        }
    }
    ours.without = without;
}
