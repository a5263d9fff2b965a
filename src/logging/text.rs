//! The additions as text, and the form of a line.

use std::fmt::Write as _;

use indexmap::IndexSet;

use super::model::{Logger, Logging, free_key};
use super::{ADDITIONS, WHOLE};
use crate::mapping::SettingId;
use crate::topology::planner::plan::{LoggingFile, LoggingLine};

/// What is carried, line by line, under keys that `logger_key` gives.
#[must_use]
pub fn lines(logging: &Logging, mut logger_key: impl FnMut(&str) -> String) -> Vec<Vec<LoggingLine>> {
    let mut blocks = Vec::new();
    if let Some((level, from)) = &logging.threshold {
        blocks.push(vec![
            line("filter.threshold.type", "ThresholdFilter", from),
            line("filter.threshold.level", level.word(), from),
        ]);
    }
    for appender in logging.appenders.values() {
        let key = &appender.key;
        let of = appender.lines.iter();
        blocks
            .push(of.map(|(name, entry)| line(format!("appender.{key}.{name}"), &entry.value, &entry.from)).collect());
    }
    for logger in logging.loggers.values().filter(|logger| logger.has_lines()) {
        blocks.push(of_logger(&format!("logger.{}", logger_key(&logger.name)), logger));
    }
    if logging.root.has_lines() {
        blocks.push(of_logger("rootLogger", &logging.root));
    }
    blocks
}

fn line(key: impl Into<String>, value: &str, from: &[SettingId]) -> LoggingLine {
    let mut leaves: Vec<SettingId> = Vec::with_capacity(from.len());
    for setting in from {
        if !leaves.contains(setting) {
            leaves.push(*setting);
        }
    }
    LoggingLine { key: key.into(), value: value.to_owned(), from: leaves }
}

fn of_logger(key: &str, logger: &Logger) -> Vec<LoggingLine> {
    let mut lines = Vec::new();
    if !logger.name.is_empty() {
        lines.push(line(format!("{key}.name"), &logger.name, &[]));
    }
    if let Some((level, from)) = &logger.level {
        lines.push(line(format!("{key}.level"), level.word(), from));
    }
    if let Some((additivity, from)) = &logger.additivity {
        lines.push(line(format!("{key}.additivity"), if *additivity { "true" } else { "false" }, from));
    }
    for (name, from) in &logger.appenders {
        lines.push(line(format!("{key}.appenderRef.{}.ref", super::model::key(name)), name, from));
    }
    lines
}

/// The additions of the new node named `node`; `known` are the appenders that its product lists anyway.
#[must_use]
pub fn additions(node: &str, logging: &Logging, known: &IndexSet<String>) -> LoggingFile {
    let mut keys: IndexSet<String> = IndexSet::new();
    let blocks = lines(logging, |name| {
        let key = free_key(name, &|key| keys.contains(key));
        keys.insert(key.clone());
        key
    });
    let mut text =
        format!("# What {} added to the logging of 2.x or changed in it, for log4j2.\n", logging.nodes.join(", "));
    if logging.has_lines() {
        let _ = writeln!(text, "# Merge it into repository/conf/{WHOLE} of this node:");
        let listed = logging.appenders.values().filter(|appender| !known.contains(&appender.name));
        let listed: Vec<&str> = listed.map(|appender| appender.key.as_str()).collect();
        if !listed.is_empty() || !keys.is_empty() {
            text.push_str("# - extend its two lists, which hide what they do not name:\n");
        }
        for (list, names) in [("appenders", listed), ("loggers", keys.iter().map(String::as_str).collect())] {
            if !names.is_empty() {
                let _ = writeln!(text, "#     {list} = ..., {}", names.join(", "));
            }
        }
        if !logging.appenders.is_empty() {
            text.push_str("# - an appender below takes the place of all lines of the same key there;\n");
        }
        if !keys.is_empty() {
            text.push_str("# - a logger whose .name stands there under another key is changed under that key;\n");
        }
        text.push_str("# - every other line is added there, or takes the place of the line of the same key.\n");
        for logger in logging.all_loggers() {
            for name in logger.without.keys() {
                let of = if logger.name.is_empty() {
                    "rootLogger".to_owned()
                } else {
                    format!("the logger {}", logger.name)
                };
                let _ = writeln!(text, "# - take out: the appenderRef line to {name} of {of}.", name = comment(name));
            }
        }
    }
    quotes(&mut text, logging);
    for block in &blocks {
        text.push('\n');
        for line in block {
            let _ = writeln!(text, "{} = {}", line.key, escaped(&line.value));
        }
    }
    LoggingFile {
        node: node.to_owned(),
        name: ADDITIONS.to_owned(),
        text,
        lines: blocks.into_iter().flatten().collect(),
    }
}

/// What is not carried, in comments.
pub fn quotes(text: &mut String, logging: &Logging) {
    for quote in &logging.quotes {
        let _ = writeln!(text, "#\n# Not carried: {}", comment(&quote.why));
        for line in &quote.lines {
            let _ = writeln!(text, "#   {}", comment(line));
        }
    }
}

/// `text` as a part of a comment: one line, ASCII.
fn comment(text: &str) -> String {
    escaped(text).replace("\\\\", "\\")
}

/// `value` as a properties file holds it: log4j2 reads Latin-1, so other letters are escaped.
#[must_use]
pub fn escaped(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (index, character) in value.chars().enumerate() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            ' ' if index == 0 => out.push_str("\\ "),
            ' '..='~' => out.push(character),
            _ => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    let _ = write!(out, "\\u{unit:04X}");
                }
            }
        }
    }
    out
}
