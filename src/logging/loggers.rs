//! Loggers and the root logger: what differs from the 2.x default.

use indexmap::IndexSet;

use super::appender::new_name;
use super::convert::{State, Work};
use super::model::{Level, Logger};
use super::old::{Line, OldLogger, references};
use crate::topology::planner::plan::Use;

/// The root logger of 2.x.
const ROOT: &str = "ERROR, CARBON_CONSOLE, CARBON_LOGFILE, CARBON_MEMORY, CARBON_SYS_LOG, ERROR_LOGFILE";

impl<'a> Work<'a> {
    pub(super) fn loggers(&mut self) {
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
        // The old name of the root logger has no default of its own.
        let root = name.is_empty().then(|| ROOT.to_owned());
        let shipped = line.shipped.clone().or(root);
        let is_default = shipped.is_some();
        let shipped = shipped.unwrap_or_default();
        let by_default: Vec<&str> = references(&shipped).collect();
        let named: IndexSet<&str> = references(&line.value).collect();
        // A default logger goes over whole if it feeds an appender that the new product has not.
        let feeds = named
            .iter()
            .any(|name| self.states.get(*name) == Some(&State::Carried) && !self.known.contains(new_name(name)));
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
        let is_absent = |name: &&str| {
            let known = self.states.contains_key(*name) || self.known.contains(new_name(name));
            !known && (whole || !by_default.contains(name))
        };
        let absent: Vec<&str> = named.iter().copied().filter(is_absent).collect();
        if line.changed && !absent.is_empty() {
            let (word, them) = if absent.len() == 1 { ("appender", "it") } else { ("appenders", "them") };
            let why = format!("the file has no {word} {}: the old server did without {them}", first_of(&absent));
            self.quote(&why, [line]);
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
            let lost: Vec<&str> = logger.without.keys().map(String::as_str).collect();
            let what = if name.is_empty() { "rootLogger".to_owned() } else { format!("the logger {name}") };
            self.word(line, Use::Manual(format!("take {} out of {what}'s appenderRef lines", lost.join(", "))));
        }
        logger
    }

    /// Notes that `logger` names an appender; `by_default` it does so in 2.x too.
    fn refer(&mut self, logger: &mut Logger, name: &'a str, line: &Line, by_default: bool) {
        let new = new_name(name);
        let state = self.states.get(name).copied();
        let carried = match state {
            Some(State::Carried) => !by_default || !self.known.contains(new),
            // A part of a file may leave out what every file has.
            Some(State::Default) | None if self.known.contains(new) => !by_default,
            Some(State::Default) if !by_default => {
                let old = &self.file.appenders[name];
                let state = self.carry(name, old);
                self.states.insert(name, state);
                state == State::Carried
            }
            Some(State::Default | State::Gone) | None => false,
            Some(State::Manual) => {
                self.word(line, Use::Manual(format!("add the appender {name} when it is written")));
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
}

/// Names in a message: the first few, and how many more there are.
fn first_of(names: &[&str]) -> String {
    const MOST: usize = 8;
    let shown = names[..names.len().min(MOST)].join(", ");
    if names.len() > MOST { format!("{shown} and {} more", names.len() - MOST) } else { shown }
}

/// The level in a logger's value: none where it is only inherited; an error names what is no level.
fn level(value: &str) -> Result<Option<Level>, String> {
    let word = value.split(',').next().unwrap_or_default().trim();
    if word.is_empty() || word.eq_ignore_ascii_case("INHERITED") || word.eq_ignore_ascii_case("NULL") {
        return Ok(None);
    }
    Level::read(word).map(Some).ok_or_else(|| word.to_owned())
}
