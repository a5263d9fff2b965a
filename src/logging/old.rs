//! An old `log4j.properties` as its leaves say it: appenders with their options, loggers, variables.
//!
//! Which leaf belongs to which appender is told as log4j 1.x tells it: by the names that loggers ask for, since names
//! may hold dots. Values are as written; nothing is converted here.

use crate::text::Parts as _;
use indexmap::{IndexMap, IndexSet};

use crate::layout::OldNode;
use crate::mapping::path::without_numbers;
use crate::mapping::{SettingId, Standing};
use crate::source::Place;

/// One line.
#[derive(Clone, Debug)]
pub struct Line {
    /// The leaf.
    pub id: SettingId,
    /// Its name.
    pub path: String,
    /// Its value.
    pub value: String,
    /// Its value as it may be shown.
    pub shown: String,
    /// Whether an administrator said so.
    pub changed: bool,
    /// What the old version ships.
    pub shipped: Option<String>,
    /// Where it stands.
    pub place: Place,
}

impl Line {
    /// The line as it may be quoted.
    #[must_use]
    pub fn quoted(&self) -> String {
        format!("{}={}", self.path, self.shown)
    }
}

/// An appender of the old file.
#[derive(Clone, Debug, Default)]
pub struct OldAppender {
    /// Its class, if the file defines it.
    pub class: Option<Line>,
    /// Its options by name, in the order of the file.
    pub options: IndexMap<String, Line>,
}

impl OldAppender {
    /// All its lines.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.class.iter().chain(self.options.values())
    }

    /// Whether an administrator touched it.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.lines().any(|line| line.changed)
    }
}

/// A logger of the old file.
#[derive(Clone, Debug, Default)]
pub struct OldLogger {
    /// Level and appenders.
    pub line: Option<Line>,
    /// Whether its ancestors' appenders get its messages too.
    pub additivity: Option<Line>,
}

/// An old file.
#[derive(Clone, Debug, Default)]
pub struct OldFile {
    /// Appenders by name.
    pub appenders: IndexMap<String, OldAppender>,
    /// Loggers by name; the root logger's is empty.
    pub loggers: IndexMap<String, OldLogger>,
    /// Variables: lines that other lines may refer to.
    pub variables: IndexMap<String, Line>,
    /// `log4j.threshold`.
    pub threshold: Option<Line>,
    /// Other lines of log4j's own.
    pub others: Vec<Line>,
}

impl OldFile {
    /// Whether the file says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        let Self { appenders, loggers, variables, threshold, others } = self;
        appenders.is_empty() && loggers.is_empty() && variables.is_empty() && threshold.is_none() && others.is_empty()
    }
}

/// The numbers of the node's files that are a `log4j.properties`.
#[must_use]
pub fn ours(node: &OldNode<'_>) -> Vec<u32> {
    let is_ours = |name: &str| name.rsplit('/').next() == Some("log4j.properties");
    (0..).zip(&node.files).filter(|(_, file)| is_ours(&file.name)).map(|(number, _)| number).collect()
}

/// The `log4j.properties` of node number `number`; empty if it has none.
#[must_use]
pub fn read(node: &OldNode<'_>, number: u32) -> OldFile {
    let ours = ours(node);
    let lines = node.settings.settings.iter().enumerate().filter_map(|(index, setting)| {
        let holds = matches!(setting.standing, Standing::Default | Standing::Changed);
        (holds && ours.contains(&setting.file)).then(|| Line {
            id: SettingId { node: number, index: index as u32 },
            path: without_numbers(&setting.leaf.path).into_owned(),
            value: setting.leaf.value.to_string(),
            shown: setting.shown(),
            changed: setting.standing == Standing::Changed,
            shipped: setting.shipped.map(str::to_owned),
            place: node.place(index as u32),
        })
    });
    sort(lines.collect())
}

/// Tells lines apart.
#[must_use]
pub fn sort(lines: Vec<Line>) -> OldFile {
    let mut file = OldFile::default();
    let mut of_appenders = Vec::new();
    for line in lines {
        let Some(name) = line.path.strip_prefix("log4j.").map(str::to_owned) else {
            file.variables.insert(line.path.clone(), line);
            continue;
        };
        let below = |heads: &[&str]| {
            heads.iter().find_map(|head| name.strip_prefix(head)).filter(|rest| !rest.is_empty()).map(str::to_owned)
        };
        if let Some(rest) = below(&["appender."]) {
            of_appenders.push((rest, line));
        } else if let Some(logger) = below(&["logger.", "category."]) {
            file.loggers.entry(logger).or_default().line = Some(line);
        } else if let Some(logger) = below(&["additivity."]) {
            let logger = if logger == "rootLogger" { String::new() } else { logger };
            file.loggers.entry(logger).or_default().additivity = Some(line);
        } else if name == "rootLogger" {
            file.loggers.entry(String::new()).or_default().line = Some(line);
        } else if name == "rootCategory" {
            // The old name counts only where the new one is not given.
            let root = file.loggers.entry(String::new()).or_default();
            match root.line {
                None => root.line = Some(line),
                Some(_) => file.others.push(line),
            }
        } else if name == "threshold" {
            file.threshold = Some(line);
        } else {
            file.others.push(line);
        }
    }
    let asked: IndexSet<String> = file
        .loggers
        .values()
        .filter_map(|logger| logger.line.as_ref())
        .flat_map(|line| references(&line.value).map(str::to_owned).collect::<Vec<_>>())
        .collect();
    for (rest, line) in of_appenders {
        let plain = rest.split('.').next().unwrap_or(&rest).to_owned();
        // The longest head that a logger names.
        let mut ends = std::iter::once(rest.len()).chain(rest.rmatch_indices('.').map(|(end, _)| end));
        let name = ends.find_map(|end| asked.get(rest.part(..end))).unwrap_or(&plain);
        let appender = file.appenders.entry(name.clone()).or_default();
        match rest.part(name.len()..).strip_prefix('.') {
            None => appender.class = Some(line),
            Some(option) => {
                appender.options.insert(option.to_owned(), line);
            }
        }
    }
    file
}

/// The appenders that a logger's value names.
pub fn references(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').skip(1).map(str::trim).filter(|name| !name.is_empty())
}
