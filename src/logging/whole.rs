//! The new product's own `log4j2.properties` with the additions in it. What is not touched stays to the letter.

use std::fmt::Write as _;

use indexmap::IndexSet;

use super::WHOLE;
use super::model::{Logging, key};
use super::text::{escaped, lines, quotes};
use crate::read::properties::properties;
use crate::topology::planner::plan::{LoggingFile, LoggingLine};

/// A piece of the file: a property with its continued lines, or a comment or blank line.
#[derive(Clone, Debug)]
struct Piece {
    text: String,
    property: Option<(String, String)>,
}

impl Piece {
    fn of(key: &str, value: &str) -> Self {
        let text = format!("{key} = {}\n", escaped(value));
        Self { text, property: Some((key.to_owned(), value.to_owned())) }
    }

    fn key(&self) -> &str {
        self.property.as_ref().map_or("", |(key, _)| key)
    }

    fn value(&self) -> &str {
        self.property.as_ref().map_or("", |(_, value)| value.trim())
    }
}

/// The product's file.
#[derive(Clone, Debug)]
pub struct Product {
    pieces: Vec<Piece>,
}

impl Product {
    /// Reads the file.
    #[must_use]
    pub fn read(text: &str) -> Self {
        let mut pieces = Vec::new();
        let mut open = String::new();
        for line in text.split_inclusive('\n') {
            let first = open.is_empty();
            let plain = line.trim_end_matches(['\n', '\r']);
            let aside = first && plain.trim_start().starts_with(['#', '!']);
            let backslashes = plain.len() - plain.trim_end_matches('\\').len();
            open.push_str(plain);
            open.push('\n');
            if aside || backslashes % 2 == 0 {
                pieces.push(piece(std::mem::take(&mut open)));
            }
        }
        if !open.is_empty() {
            pieces.push(piece(open));
        }
        Self { pieces }
    }

    fn property(&self, key: &str) -> Option<&str> {
        self.pieces.iter().rfind(|piece| piece.key() == key).map(Piece::value)
    }

    /// The names in a list line; none if the file has no such line.
    fn list(&self, key: &str) -> Option<Vec<&str>> {
        Some(self.property(key)?.split(',').map(str::trim).filter(|name| !name.is_empty()).collect())
    }

    /// The key under which a `head.KEY.name` is `name`.
    fn key_of(&self, head: &str, name: &str) -> Option<&str> {
        let mut found = self.pieces.iter().filter(|piece| piece.value() == name);
        found.find_map(|piece| piece.key().strip_prefix(head)?.strip_suffix(".name").filter(|key| !key.contains('.')))
    }

    /// The names of the appenders that the file defines and lists.
    #[must_use]
    pub fn appender_names(&self) -> IndexSet<String> {
        let listed = self.list("appenders");
        let named = self.pieces.iter().filter_map(|piece| {
            let key = piece.key().strip_prefix("appender.")?.strip_suffix(".name")?;
            let seen = listed.as_ref().is_none_or(|listed| listed.contains(&key));
            seen.then(|| piece.value().to_owned())
        });
        named.collect()
    }

    /// The file of the new node named `node` with `logging` in it.
    #[must_use]
    pub fn merged(&self, node: &str, logging: &Logging) -> LoggingFile {
        let mut file = self.clone();
        let mut logging = logging.clone();
        let mut taken: Vec<String> = file.keys("appender.");
        for appender in logging.appenders.values_mut() {
            appender.key = match file.key_of("appender.", &appender.name) {
                Some(known) => known.to_owned(),
                None => super::model::free_key(&appender.name, &|key| taken.iter().any(|other| other == key)),
            };
            taken.push(appender.key.clone());
            if appender.partial {
                continue;
            }
            let head = format!("appender.{}.", appender.key);
            let place = file.pieces.iter().position(|piece| piece.key().starts_with(&head));
            file.take_out(|piece| piece.key().starts_with(&head));
            if let Some(place) = place {
                // The new lines follow this one.
                file.pieces.insert(place, Piece::of(&format!("{head}type"), ""));
            }
        }
        let mut taken = file.keys("logger.");
        let mut logger_keys = Vec::new();
        let mut key_of_logger = |name: &str| {
            let free = || super::model::free_key(name, &|key| taken.iter().any(|other| other == key));
            let found = self.key_of("logger.", name).map_or_else(free, str::to_owned);
            taken.push(found.clone());
            logger_keys.push(found.clone());
            found
        };
        let blocks = lines(&logging, &mut key_of_logger);
        for logger in logging.all_loggers() {
            let head = if logger.name.is_empty() {
                "rootLogger.".to_owned()
            } else {
                format!("logger.{}.", self.key_of("logger.", &logger.name).unwrap_or(&key(&logger.name)))
            };
            for name in logger.without.keys() {
                file.take_out(|piece| is_reference(piece, &head) && piece.value() == name);
            }
        }
        let mut written: Vec<LoggingLine> = Vec::new();
        for line in blocks.into_iter().flatten() {
            written.push(file.put(line));
        }
        let appenders = logging.appenders.values().map(|appender| appender.key.clone()).collect();
        file.extend("appenders", appenders);
        file.extend("loggers", logger_keys);
        let mut text: String = file.pieces.iter().map(|piece| piece.text.as_str()).collect();
        let mut notes = String::new();
        quotes(&mut notes, &logging);
        if !notes.is_empty() {
            let _ = write!(text, "\n# Of the old logging of {}:\n{notes}", logging.nodes.join(", "));
        }
        LoggingFile { node: node.to_owned(), name: WHOLE.to_owned(), text, lines: written }
    }

    fn keys(&self, head: &str) -> Vec<String> {
        let keys = self.pieces.iter().filter_map(|piece| piece.key().strip_prefix(head)?.split('.').next());
        keys.map(str::to_owned).collect()
    }

    fn take_out(&mut self, gone: impl Fn(&Piece) -> bool) {
        self.pieces.retain(|piece| !gone(piece));
    }

    /// Puts a line in the place of the one of its key, or behind those of its block, or at the end.
    fn put(&mut self, line: LoggingLine) -> LoggingLine {
        let LoggingLine { mut key, value, from } = line;
        if let Some((head, _)) = key.split_once("appenderRef.") {
            let known = self.pieces.iter().find(|piece| is_reference(piece, head) && piece.value() == value);
            if let Some(known) = known {
                known.key().clone_into(&mut key);
                return LoggingLine { key, value, from };
            }
        }
        let piece = Piece::of(&key, &value);
        if let Some(old) = self.pieces.iter_mut().rfind(|piece| piece.key() == key) {
            *old = piece;
        } else {
            let parts = if key.starts_with("rootLogger.") { 1 } else { 2 };
            let block: String = key.split_inclusive('.').take(parts).collect();
            let last = self.pieces.iter().rposition(|piece| piece.key().starts_with(&block));
            if last.is_none() {
                self.pieces.push(Piece { text: "\n".to_owned(), property: None });
            }
            self.pieces.insert(last.map_or(self.pieces.len(), |last| last + 1), piece);
        }
        LoggingLine { key, value, from }
    }

    /// Adds to a list line what it lacks. A file without the line finds everything by itself.
    fn extend(&mut self, list: &str, names: Vec<String>) {
        let Some(known) = self.list(list) else { return };
        let mut all: Vec<String> = known.iter().map(|name| (*name).to_owned()).collect();
        let before = all.len();
        for name in names {
            if !all.contains(&name) {
                all.push(name);
            }
        }
        if all.len() > before
            && let Some(piece) = self.pieces.iter_mut().rfind(|piece| piece.key() == list)
        {
            *piece = Piece::of(list, &all.join(", "));
        }
    }
}

fn piece(text: String) -> Piece {
    let property = properties(&text).leaves.into_iter().next().map(|leaf| (leaf.path, leaf.value.into_owned()));
    Piece { text, property }
}

/// Whether a line of the logger `head` names an appender.
fn is_reference(piece: &Piece, head: &str) -> bool {
    piece
        .key()
        .strip_prefix(head)
        .is_some_and(|rest| rest.starts_with("appenderRef.") && rest.rsplit('.').next() == Some("ref"))
}
