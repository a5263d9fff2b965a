//! Appenders: one old appender in, the same in log4j2's form out, or why there is none.

use indexmap::{IndexMap, IndexSet};

use super::layout;
use super::model::{Appender, Entry, Level};
use super::old::{Line, OldAppender};
use crate::mapping::SettingId;
use crate::topology::planner::plan::Use;
use crate::version::Target;

mod lines;

/// The options of an appender: names in any case, each noted when it is taken.
pub struct Options<'a> {
    all: &'a IndexMap<String, Line>,
    variables: &'a IndexMap<String, Line>,
    taken: IndexSet<usize>,
}

impl<'a> Options<'a> {
    /// The option; its leaf is accounted for.
    pub fn take(&mut self, name: &str) -> Option<&'a Line> {
        let (index, line) = self.find(name)?;
        self.taken.insert(index);
        Some(line)
    }

    /// The option, only looked at.
    #[must_use]
    pub fn peek(&self, name: &str) -> Option<&'a Line> {
        self.find(name).map(|(_, line)| line)
    }

    fn find(&self, name: &str) -> Option<(usize, &'a Line)> {
        let found = self.all.iter().enumerate().find(|(_, (option, _))| option.eq_ignore_ascii_case(name));
        found.map(|(index, (_, line))| (index, line))
    }

    /// The file's variables.
    #[must_use]
    pub fn variables(&self) -> &'a IndexMap<String, Line> {
        self.variables
    }

    fn left(&self) -> impl Iterator<Item = (&'a str, &'a Line)> {
        let left = self.all.iter().enumerate().filter(|(index, _)| !self.taken.contains(index));
        left.map(|(_, (option, line))| (option.as_str(), line))
    }
}

/// What becomes of an appender.
pub enum Made {
    /// It is carried, but for some leaves.
    Carried {
        /// It.
        appender: Appender,
        /// Leaves that it leaves behind.
        left: Vec<(SettingId, Use)>,
        /// What a person must do, and about which leaves.
        notes: IndexMap<String, Vec<SettingId>>,
    },
    /// Its kind is gone.
    Retired(String),
    /// A person must write it.
    Manual(String),
}

/// The name that 4.x has for a default appender.
#[must_use]
pub fn new_name(old: &str) -> &str {
    if old == "ATOMIKOS" { "ATOMIKOS_LOGFILE" } else { old }
}

/// Why a class has no counterpart.
enum Gone {
    Retired(String),
    Manual(String),
}

impl From<Gone> for Made {
    fn from(gone: Gone) -> Self {
        match gone {
            Gone::Retired(why) => Self::Retired(why),
            Gone::Manual(why) => Self::Manual(why),
        }
    }
}

/// Kinds of appenders that can be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Console,
    File,
    Daily,
    Sized,
    Syslog,
    Null,
}

/// Converts an appender.
#[must_use]
pub fn convert(name: &str, old: &OldAppender, variables: &IndexMap<String, Line>, target: Target) -> Made {
    let Some(class) = &old.class else {
        return Made::Retired("the file gives the appender no class: the old server never started it".to_owned());
    };
    let kind = match kind(class.value.trim()) {
        Ok(kind) => kind,
        Err(gone) => return gone.into(),
    };
    let mut options = Options { all: &old.options, variables, taken: IndexSet::new() };
    let mut lines: IndexMap<String, Entry> = IndexMap::new();
    let mut notes: IndexMap<String, Vec<SettingId>> = IndexMap::new();
    let is = |value: &str| Entry::new(value, [class.id]);
    let word = match kind {
        Kind::Console => "Console",
        Kind::File => "File",
        Kind::Daily | Kind::Sized => "RollingFile",
        Kind::Syslog => "Syslog",
        Kind::Null => "Null",
    };
    let name = new_name(name);
    lines.insert("type".to_owned(), is(word));
    lines.insert("name".to_owned(), is(name));
    match kind {
        Kind::Console => lines::console(&mut options, &mut lines),
        Kind::Syslog => {
            if let Err(reason) = lines::syslog(&mut options, &mut lines, class.id) {
                return Made::Manual(reason);
            }
        }
        Kind::Null => {}
        Kind::File | Kind::Daily | Kind::Sized => {
            if let Err(reason) = lines::file(kind, &mut options, &mut lines, class.id) {
                return Made::Manual(reason);
            }
        }
    }
    if matches!(kind, Kind::Console | Kind::File | Kind::Daily | Kind::Sized) {
        match layout::convert(&mut options, class.id, target) {
            Ok(layout) => {
                lines.extend(layout.lines.into_iter().map(|(key, entry)| (key.to_owned(), entry)));
                if !layout.unknown.is_empty() {
                    let what = layout.unknown.join(", ");
                    let pattern = options.peek("layout.ConversionPattern").map(|line| line.id);
                    notes.entry(format!("log4j2 has no {what}: change the pattern")).or_default().extend(pattern);
                }
            }
            Err(reason) => return Made::Manual(reason),
        }
    }
    lines::rolling(kind, &mut options, &mut lines, class.id);
    if let Some(line) = options.take("Threshold") {
        match Level::read(&line.value) {
            Some(level) => {
                lines.insert("filter.threshold.type".to_owned(), Entry::new("ThresholdFilter", [line.id]));
                lines.insert("filter.threshold.level".to_owned(), Entry::new(level.word(), [line.id]));
            }
            None => notes.entry("the threshold is no level of log4j2".to_owned()).or_default().push(line.id),
        }
    }
    let mut left = Vec::new();
    for (option, line) in options.left() {
        let (word, quoted) = leave(kind, option);
        if quoted && line.changed {
            notes.entry(reason(&word)).or_default().push(line.id);
        }
        left.push((line.id, word));
    }
    let appender = Appender { key: super::model::key(name), name: name.to_owned(), lines, partial: false };
    Made::Carried { appender, left, notes }
}

fn reason(word: &Use) -> String {
    match word {
        Use::Absorbed(reason) | Use::Retired(reason) | Use::Manual(reason) | Use::Default(reason) => reason.clone(),
    }
}

/// The class in log4j2's terms, or why it has none.
fn kind(class: &str) -> Result<Kind, Gone> {
    let simple = class.rsplit('.').next().unwrap_or(class);
    let wso2 = class.starts_with("org.wso2.carbon.");
    let own = class.strip_prefix("org.apache.log4j.").is_some_and(|rest| rest == simple);
    Ok(match simple {
        "ConsoleAppender" if own => Kind::Console,
        "CarbonConsoleAppender" if wso2 => Kind::Console,
        "FileAppender" if own => Kind::File,
        "DailyRollingFileAppender" if own => Kind::Daily,
        "CarbonDailyRollingFileAppender" if wso2 => Kind::Daily,
        "RollingFileAppender" if own => Kind::Sized,
        "SyslogAppender" if class == "org.apache.log4j.net.SyslogAppender" => Kind::Syslog,
        "NullAppender" if class == "org.apache.log4j.varia.NullAppender" => Kind::Null,
        "CarbonMemoryAppender" | "MemoryAppender" if wso2 => {
            return Err(Gone::Retired(
                "memory appenders are gone with the console's log viewer: ship the log files".to_owned(),
            ));
        }
        "LogEventAppender" if wso2 => {
            return Err(Gone::Retired("logs are not shipped over Thrift any more: ship the log files".to_owned()));
        }
        "SocketAppender" | "SMTPAppender" | "JMSAppender" | "AsyncAppender"
            if class.starts_with("org.apache.log4j.") =>
        {
            let new = simple.trim_end_matches("Appender");
            return Err(Gone::Manual(format!("log4j2's {new} appender has other parameters: write it anew")));
        }
        _ => return Err(Gone::Manual(format!("log4j2 has no {class}: find its successor and write it anew"))),
    })
}

/// What becomes of an option that no line takes, and whether it is quoted.
fn leave(kind: Kind, option: &str) -> (Use, bool) {
    let lower = option.to_ascii_lowercase();
    if lower == "layout.tenantpattern" || lower == "columnlist" {
        return (Use::Retired("log4j2's layouts name tenants by %tenantId and %tenantDomain alone".to_owned()), false);
    }
    let manual = |text: &str| (Use::Manual(text.to_owned()), true);
    if lower == "maskingpatternfile" {
        return manual("the pattern masks with %mm: bring the file's patterns over to [masking_pattern.properties]");
    }
    if lower == "filter" || lower.starts_with("filter.") {
        return manual("log4j2's filters have other parameters: write appender.<key>.filter.<id> anew");
    }
    if lower == "errorhandler" || lower.starts_with("errorhandler.") {
        return (Use::Retired("log4j2 has no error handlers".to_owned()), false);
    }
    match kind {
        Kind::Syslog if lower == "layout" || lower.starts_with("layout.") || lower == "encoding" => manual(
            "log4j2's Syslog appender has a form of its own, and no facility where a layout is given: add one only if \
             the receiver needs it",
        ),
        Kind::Null => (Use::Retired("the appender drops everything".to_owned()), false),
        _ if lower.starts_with("layout.") => manual("log4j2's layout has other options"),
        _ => manual("log4j2's appender has no such option"),
    }
}
