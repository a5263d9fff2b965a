//! One node's logging: an old file in, what differs from the 2.x default out, in log4j2's form.

use indexmap::{IndexMap, IndexSet};

use super::appender::{self, Made};
use super::model::{Appender, Entry, Level, Logging, Quote};
use super::old::{Line, OldAppender, OldFile, references};
use crate::diagnostic::{Code, Finding};
use crate::mapping::SettingId;
use crate::topology::planner::plan::Use;
use crate::version::Target;

/// The appenders that 4.x lists and that 2.x has too, by their new names (4.0 to 4.6 alike).
#[must_use]
pub fn shipped_names() -> IndexSet<String> {
    let names = [
        "CARBON_CONSOLE",
        "CARBON_LOGFILE",
        "AUDIT_LOGFILE",
        "ATOMIKOS_LOGFILE",
        "CARBON_TRACE_LOGFILE",
        "ERROR_LOGFILE",
        "SERVICE_APPENDER",
        "TRACE_APPENDER",
    ];
    names.into_iter().map(str::to_owned).collect()
}

/// Converts the file of the node named `node`; `known` are the appenders that the new product has anyway.
#[must_use]
pub fn convert(file: &OldFile, node: &str, known: &IndexSet<String>, target: Target) -> Logging {
    let logging = Logging { nodes: vec![node.to_owned()], ..Logging::default() };
    let lines = file.loggers.values().filter_map(|logger| logger.line.as_ref());
    let referred = lines.flat_map(|line| references(&line.value)).collect();
    let (states, keys) = (IndexMap::new(), IndexMap::new());
    let mut work = Work { file, known, target, logging, states, referred, keys };
    work.appenders();
    work.loggers();
    work.rest();
    work.logging
}

/// What became of an appender.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// It is carried.
    Carried,
    /// It is a default one, which the new product has too or which nothing needs yet.
    Default,
    /// It is gone.
    Gone,
    /// A person must write it.
    Manual,
}

pub(super) struct Work<'a> {
    pub(super) file: &'a OldFile,
    pub(super) known: &'a IndexSet<String>,
    pub(super) target: Target,
    pub(super) logging: Logging,
    pub(super) states: IndexMap<&'a str, State>,
    /// The appenders that loggers name.
    referred: IndexSet<&'a str>,
    /// The keys that are taken, each with the name of its appender.
    keys: IndexMap<String, String>,
}

impl<'a> Work<'a> {
    pub(super) fn word(&mut self, line: &Line, word: Use) {
        if line.changed {
            self.logging.words.entry(line.id).or_insert(word);
        }
    }

    pub(super) fn quote<'l>(&mut self, why: &str, lines: impl IntoIterator<Item = &'l Line>) {
        let lines: Vec<&Line> = lines.into_iter().collect();
        let Some(first) = lines.first() else { return };
        let found = Finding::new(Code::LoggingByHand, format!("{}: {why}", first.path)).at(first.place.clone());
        self.logging.findings.push(found);
        let lines = lines.iter().map(|line| line.quoted()).collect();
        self.logging.quotes.insert(Quote { why: why.to_owned(), lines });
    }

    fn is_referred_to(&self, name: &str) -> bool {
        self.referred.contains(name)
    }

    fn appenders(&mut self) {
        let file = self.file;
        for (name, old) in &file.appenders {
            let state = if !old.is_changed() {
                match old.class.as_ref().map(|_| appender::convert(name, old, &file.variables, self.target)) {
                    Some(Made::Carried { .. }) => State::Default,
                    _ => State::Gone,
                }
            } else if !self.is_referred_to(name) {
                for line in old.lines() {
                    let why = "no logger names the appender: the old server never started it";
                    self.word(line, Use::Retired(why.to_owned()));
                }
                State::Gone
            } else if self.is_default_in_effect(name, old) {
                for line in old.lines() {
                    self.word(line, Use::Default("it makes no difference in log4j2".to_owned()));
                }
                State::Default
            } else {
                self.carry(name, old)
            };
            self.states.insert(name, state);
        }
    }

    /// Whether the change to a default appender is gone in log4j2's form.
    fn is_default_in_effect(&self, name: &str, old: &OldAppender) -> bool {
        if old.lines().any(|line| line.shipped.is_none()) {
            return false;
        }
        let Made::Carried { appender, left, .. } = appender::convert(name, old, &self.file.variables, self.target)
        else {
            return false;
        };
        let manual = left.iter().any(|(_, word)| matches!(word, Use::Manual(_)));
        let values = |lines: IndexMap<String, Entry>| lines.into_iter().map(|(key, entry)| (key, entry.value));
        let shipped = self.shipped_lines(name, old).map(|lines| values(lines).collect::<Vec<_>>());
        !manual && shipped.is_some_and(|shipped| shipped == values(appender.lines).collect::<Vec<_>>())
    }

    /// The lines of a default appender as 2.x ships it, in log4j2's form.
    fn shipped_lines(&self, name: &str, old: &OldAppender) -> Option<IndexMap<String, Entry>> {
        let mut shipped = old.clone();
        shipped.options.retain(|_, line| line.shipped.is_some());
        for line in shipped.class.iter_mut().chain(shipped.options.values_mut()) {
            line.value.clone_from(line.shipped.as_ref()?);
        }
        match appender::convert(name, &shipped, &self.file.variables, self.target) {
            Made::Carried { appender, .. } => Some(appender.lines),
            Made::Retired(_) | Made::Manual(_) => None,
        }
    }

    /// Leaves of an appender that the new product has too only what is not as 2.x ships it, if that is its layout or its
    /// threshold: files and how they roll belong together, and the new product rolls them in another way. Nor can a
    /// line be taken out by adding one.
    fn keep_changes(&self, name: &str, old: &OldAppender, appender: &mut Appender) {
        let Some(shipped) = self.shipped_lines(name, old).filter(|_| self.known.contains(&appender.name)) else {
            return;
        };
        let value = |lines: &IndexMap<String, Entry>, key: &str| lines.get(key).map(|entry| entry.value.clone());
        let lacks = shipped.keys().any(|key| !appender.lines.contains_key(key));
        if lacks || value(&shipped, "type") != value(&appender.lines, "type") {
            return;
        }
        let changed: Vec<String> = appender
            .lines
            .iter()
            .filter(|(key, entry)| value(&shipped, key).as_ref() != Some(&entry.value))
            .map(|(key, _)| key.clone())
            .collect();
        if changed.is_empty() || !changed.iter().all(|key| key.starts_with("layout.") || key.starts_with("filter.")) {
            return;
        }
        // What is changed in a part of the appender needs the part's type.
        let frames = |key: &str| {
            let part = key.strip_suffix("type").filter(|part| !part.is_empty());
            part.is_some_and(|part| changed.iter().any(|changed| changed.starts_with(part)))
        };
        appender.lines.retain(|key, _| changed.contains(key) || frames(key));
        appender.partial = true;
    }

    pub(super) fn carry(&mut self, name: &'a str, old: &'a OldAppender) -> State {
        match appender::convert(name, old, &self.file.variables, self.target) {
            Made::Carried { mut appender, left, notes } => {
                for (setting, word) in left {
                    if let Some(line) = old.lines().find(|line| line.id == setting) {
                        self.word(line, word);
                    }
                }
                for (why, leaves) in notes {
                    let lines: Vec<&Line> = old.lines().filter(|line| leaves.contains(&line.id)).collect();
                    for line in &lines {
                        self.word(line, Use::Manual(why.clone()));
                    }
                    self.quote(&why, lines);
                }
                self.keep_changes(name, old, &mut appender);
                let taken = |key: &str| self.keys.get(key).is_some_and(|name| *name != appender.name);
                appender.key = super::model::free_key(&appender.name, &taken);
                self.keys.insert(appender.key.clone(), appender.name.clone());
                self.logging.appenders.insert(appender.name.clone(), appender);
                State::Carried
            }
            Made::Retired(why) => {
                for line in old.lines() {
                    self.word(line, Use::Retired(why.clone()));
                }
                State::Gone
            }
            Made::Manual(why) => {
                for line in old.lines() {
                    self.word(line, Use::Manual(why.clone()));
                }
                let loggers = self.file.loggers.values().filter_map(|logger| logger.line.as_ref());
                let naming = loggers.filter(|line| references(&line.value).any(|reference| reference == name));
                self.quote(&why, old.lines().chain(naming));
                State::Manual
            }
        }
    }

    /// The threshold, variables, and other lines of log4j's own.
    fn rest(&mut self) {
        let file = self.file;
        if let Some(line) = &file.threshold {
            match Level::read(&line.value) {
                Some(Level::All) => self.word(line, Use::Default("ALL is the default".to_owned())),
                Some(level) if line.changed => self.logging.threshold = Some((level, vec![line.id])),
                Some(_) => {}
                None => {
                    self.word(line, Use::Manual("the threshold is no level of log4j2".to_owned()));
                    self.quote("the threshold is no level of log4j2", [line]);
                }
            }
        }
        for line in &file.others {
            let retired = match line.path.as_str() {
                "log4j.debug" | "log4j.configDebug" => Some("log4j2 tells of its own work by `status`"),
                "log4j.reset" => Some("log4j2 begins anew whenever it reads its file"),
                "log4j.rootCategory" => Some("log4j.rootLogger holds instead"),
                _ => None,
            };
            if let Some(why) = retired {
                self.word(line, Use::Retired(why.to_owned()));
            } else {
                let why = "log4j2 has no such setting: find its successor";
                self.word(line, Use::Manual(why.to_owned()));
                if line.changed {
                    self.quote(why, [line]);
                }
            }
        }
        let used: IndexSet<SettingId> = self
            .logging
            .appenders
            .values()
            .flat_map(|appender| appender.lines.values())
            .flat_map(|entry| entry.from.iter().copied())
            .collect();
        for line in file.variables.values().filter(|line| !used.contains(&line.id)) {
            self.word(line, Use::Retired("no line that is carried refers to the variable".to_owned()));
        }
    }
}
