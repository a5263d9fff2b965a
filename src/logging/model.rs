//! What is carried of one node's logging, or of several merged ones, in log4j2's words.

use indexmap::{IndexMap, IndexSet};

use crate::diagnostic::Finding;
use crate::mapping::SettingId;
use crate::topology::planner::plan::Use;

/// A value and the leaves that say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The value, not yet escaped.
    pub value: String,
    /// The leaves.
    pub from: Vec<SettingId>,
}

impl Entry {
    /// `value`, as these leaves say.
    pub fn new(value: impl Into<String>, from: impl IntoIterator<Item = SettingId>) -> Self {
        Self { value: value.into(), from: from.into_iter().collect() }
    }
}

/// An appender: complete, or what differs from the one that both products ship.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Appender {
    /// Its key: the name without what a key must not hold.
    pub key: String,
    /// Its name.
    pub name: String,
    /// Its lines below `appender.KEY.`, in the order in which they are written.
    pub lines: IndexMap<String, Entry>,
    /// The new product has the rest of it.
    pub partial: bool,
}

/// A level, the least verbose first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[allow(missing_docs, reason = "log4j's own names")]
pub enum Level {
    Off,
    Fatal,
    Error,
    Warn,
    Info,
    Debug,
    Trace,
    All,
}

impl Level {
    const ALL: [(Self, &'static str); 8] = [
        (Self::Off, "OFF"),
        (Self::Fatal, "FATAL"),
        (Self::Error, "ERROR"),
        (Self::Warn, "WARN"),
        (Self::Info, "INFO"),
        (Self::Debug, "DEBUG"),
        (Self::Trace, "TRACE"),
        (Self::All, "ALL"),
    ];

    /// Reads a level, in any case.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, word)| word.eq_ignore_ascii_case(text.trim())).map(|(level, _)| *level)
    }

    /// As both products write it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL[self as usize].1
    }
}

/// A logger, or the root logger: what differs from the 2.x default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Logger {
    /// Its name; empty for the root logger.
    pub name: String,
    /// Its level.
    pub level: Option<(Level, Vec<SettingId>)>,
    /// Whether its ancestors' appenders get its messages too.
    pub additivity: Option<(bool, Vec<SettingId>)>,
    /// The appenders that it gets, by name.
    pub appenders: IndexMap<String, Vec<SettingId>>,
    /// The default appenders that it is to do without, by name.
    pub without: IndexMap<String, Vec<SettingId>>,
}

impl Logger {
    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.level.is_none() && self.additivity.is_none() && self.appenders.is_empty() && self.without.is_empty()
    }

    /// Whether it has lines of its own.
    #[must_use]
    pub fn has_lines(&self) -> bool {
        self.level.is_some() || self.additivity.is_some() || !self.appenders.is_empty()
    }
}

/// Old lines that a person must bring over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Quote {
    /// Why, and how.
    pub why: String,
    /// The lines, secrets masked.
    pub lines: Vec<String>,
}

/// All that is carried.
#[derive(Clone, Debug, Default)]
pub struct Logging {
    /// The old nodes' names.
    pub nodes: Vec<String>,
    /// A threshold for everything.
    pub threshold: Option<(Level, Vec<SettingId>)>,
    /// Appenders by name.
    pub appenders: IndexMap<String, Appender>,
    /// Loggers by name.
    pub loggers: IndexMap<String, Logger>,
    /// The root logger.
    pub root: Logger,
    /// What is not carried.
    pub quotes: IndexSet<Quote>,
    /// What becomes of leaves that no line says.
    pub words: IndexMap<SettingId, Use>,
    /// What was found.
    pub findings: Vec<Finding>,
}

impl Logging {
    /// Whether there is nothing to say, not even a comment.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.has_lines() && self.quotes.is_empty()
    }

    /// Whether there is something to merge.
    #[must_use]
    pub fn has_lines(&self) -> bool {
        self.threshold.is_some() || !self.appenders.is_empty() || !self.loggers.is_empty() || !self.root.is_empty()
    }

    /// The loggers, the root logger last.
    pub fn all_loggers(&self) -> impl Iterator<Item = &Logger> {
        self.loggers.values().chain([&self.root])
    }

    /// The leaves that take a default appender from a logger.
    #[must_use]
    pub fn taken_out(&self) -> Vec<SettingId> {
        self.all_loggers().flat_map(|logger| logger.without.values().flatten().copied()).collect()
    }
}

/// `name` as a part of a key: neither dots nor what would need an escape.
#[must_use]
pub fn key(name: &str) -> String {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '$');
    name.chars().map(|character| if plain(character) { character } else { '-' }).collect()
}

/// `name`'s key, other than those taken.
#[must_use]
pub fn free_key(name: &str, taken: &dyn Fn(&str) -> bool) -> String {
    let plain = key(name);
    let mut free = plain.clone();
    let mut number = 2;
    while taken(&free) {
        free = format!("{plain}-{number}");
        number += 1;
    }
    free
}
