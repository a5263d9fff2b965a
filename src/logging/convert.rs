//! One node's logging: an old file in, what differs from the 2.x default out, in log4j2's form.

use indexmap::{IndexMap, IndexSet};

use super::appender::{self, Made, new_name};
use super::model::{Level, Logger, Logging, Quote};
use super::old::{Line, OldAppender, OldFile, OldLogger, references};
use crate::diagnostic::{Code, Finding};
use crate::mapping::SettingId;
use crate::topology::target::plan::Use;
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
    let mut work = Work { file, known, target, logging, states: IndexMap::new() };
    work.appenders();
    work.loggers();
    work.rest();
    work.logging
}

/// What became of an appender.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// It is carried.
    Carried,
    /// It is a default one, which the new product has too or which nothing needs yet.
    Default,
    /// It is gone.
    Gone,
    /// A person must write it.
    Manual,
}

struct Work<'a> {
    file: &'a OldFile,
    known: &'a IndexSet<String>,
    target: Target,
    logging: Logging,
    states: IndexMap<&'a str, State>,
}

impl<'a> Work<'a> {
    fn word(&mut self, line: &Line, word: Use) {
        if line.changed {
            self.logging.words.entry(line.id).or_insert(word);
        }
    }

    fn quote<'l>(&mut self, why: &str, lines: impl IntoIterator<Item = &'l Line>) {
        let lines: Vec<&Line> = lines.into_iter().collect();
        let Some(first) = lines.first() else { return };
        let found = Finding::new(Code::LoggingByHand, format!("{}: {why}", first.path)).at(first.place.clone());
        self.logging.findings.push(found);
        let lines = lines.iter().map(|line| line.quoted()).collect();
        self.logging.quotes.insert(Quote { why: why.to_owned(), lines });
    }

    fn is_referred_to(&self, name: &str) -> bool {
        let mut lines = self.file.loggers.values().filter_map(|logger| logger.line.as_ref());
        lines.any(|line| references(&line.value).any(|reference| reference == name))
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
        let mut shipped = old.clone();
        for line in shipped.class.iter_mut().chain(shipped.options.values_mut()) {
            match &line.shipped {
                Some(value) => line.value.clone_from(value),
                None => return false,
            }
        }
        let make = |old: &OldAppender| match appender::convert(name, old, &self.file.variables, self.target) {
            Made::Carried { appender, left, .. } => {
                let manual = left.iter().any(|(_, word)| matches!(word, Use::Manual(_)));
                let lines = appender.lines.into_iter().map(|(key, entry)| (key, entry.value)).collect::<Vec<_>>();
                Some((lines, manual))
            }
            Made::Retired(_) | Made::Manual(_) => None,
        };
        let (old, shipped) = (make(old), make(&shipped));
        old.is_some_and(|(lines, manual)| !manual && shipped.is_some_and(|(shipped, _)| shipped == lines))
    }

    fn carry(&mut self, name: &'a str, old: &'a OldAppender) -> State {
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
                let taken = |key: &str| {
                    let mut others = self.logging.appenders.values();
                    others.any(|other| other.key == key && other.name != appender.name)
                };
                appender.key = super::model::free_key(&appender.name, &taken);
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

    fn loggers(&mut self) {
        let file = self.file;
        for (name, old) in &file.loggers {
            let logger = self.logger(name, old);
            if logger.is_empty() {
                continue;
            }
            if name.is_empty() {
                self.logging.root = logger;
            } else {
                self.logging.loggers.insert(name.clone(), logger);
            }
        }
    }

    fn logger(&mut self, name: &str, old: &'a OldLogger) -> Logger {
        let mut logger = Logger { name: name.to_owned(), ..Logger::default() };
        let Some(line) = &old.line else {
            if let Some(additivity) = &old.additivity {
                let why = "the file does not define the logger: the old server never read this";
                self.word(additivity, Use::Retired(why.to_owned()));
            }
            return logger;
        };
        let shipped = line.shipped.clone().unwrap_or_default();
        let by_default: Vec<&str> = references(&shipped).collect();
        let is_default = line.shipped.is_some();
        let named: IndexSet<&str> = references(&line.value).collect();
        // A default logger goes over whole if it feeds an appender that the new product has not.
        let feeds = named.iter().any(|name| {
            self.states.get(*name) == Some(&State::Carried) && !self.known.contains(new_name(name))
        });
        let whole = !is_default || (feeds && !name.is_empty());
        let level = level(&line.value);
        match &level {
            Ok(Some(level)) if whole || Ok(Some(*level)) != self::level(&shipped) => {
                logger.level = Some((*level, vec![line.id]));
            }
            Ok(_) => {}
            Err(word) => {
                let why = format!("`{word}` is no level of log4j2: set the logger's level by hand");
                self.word(line, Use::Manual(why.clone()));
                self.quote(&why, [line]);
            }
        }
        for reference in named {
            self.refer(&mut logger, reference, line, !whole && by_default.contains(&reference));
        }
        for reference in by_default.iter().filter(|name| !references(&line.value).any(|named| named == **name)) {
            if self.known.contains(new_name(reference)) {
                logger.without.insert(new_name(reference).to_owned(), vec![line.id]);
            }
        }
        self.additivity(&mut logger, old, whole);
        if logger.is_empty() {
            self.word(line, Use::Default("the new product does the same by default".to_owned()));
        } else if !logger.has_lines() {
            let names: Vec<&str> = logger.without.keys().map(String::as_str).collect();
            let what = if name.is_empty() { "rootLogger".to_owned() } else { format!("the logger {name}") };
            self.word(line, Use::Manual(format!("take {} out of {what}'s appenderRef lines", names.join(", "))));
        }
        logger
    }

    /// Notes that `logger` names an appender; `by_default` it does so in 2.x too.
    fn refer(&mut self, logger: &mut Logger, name: &'a str, line: &Line, by_default: bool) {
        let new = new_name(name);
        let state = self.states.get(name).copied();
        let carried = match state {
            Some(State::Carried) => !by_default || !self.known.contains(new),
            Some(State::Default) if self.known.contains(new) => !by_default,
            Some(State::Default) if !by_default => {
                let old = &self.file.appenders[name];
                let state = self.carry(name, old);
                self.states.insert(name, state);
                state == State::Carried
            }
            Some(State::Default | State::Gone) => false,
            Some(State::Manual) => {
                self.word(line, Use::Manual(format!("add the appender {name} when it is written")));
                false
            }
            None => {
                if line.changed && !by_default {
                    self.quote(&format!("the file has no appender {name}: the old server did without it"), [line]);
                }
                false
            }
        };
        if carried {
            logger.appenders.insert(new.to_owned(), vec![line.id]);
        }
    }

    fn additivity(&mut self, logger: &mut Logger, old: &OldLogger, whole: bool) {
        let Some(line) = &old.additivity else { return };
        if !line.changed && !whole {
            return;
        }
        let read = |text: &str| !text.trim().eq_ignore_ascii_case("false");
        let value = read(&line.value);
        // The root logger has no ancestors, and `true` is what holds anyway.
        if logger.name.is_empty() {
            self.word(line, Use::Retired("the root logger has no ancestors".to_owned()));
        } else if value && line.shipped.as_deref().is_none_or(read) {
            self.word(line, Use::Default("true is the default".to_owned()));
        } else {
            logger.additivity = Some((value, vec![line.id]));
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

/// The level in a logger's value: none where it is only inherited; an error names what is no level.
fn level(value: &str) -> Result<Option<Level>, String> {
    let word = value.split(',').next().unwrap_or_default().trim();
    if word.is_empty() || word.eq_ignore_ascii_case("INHERITED") || word.eq_ignore_ascii_case("NULL") {
        return Ok(None);
    }
    Level::read(word).map(Some).ok_or_else(|| word.to_owned())
}
