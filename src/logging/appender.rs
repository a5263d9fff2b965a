//! Appenders: one old appender in, the same in log4j2's form out, or why there is none.

use indexmap::{IndexMap, IndexSet};

use super::model::{Appender, Entry, Level};
use super::old::{Line, OldAppender};
use super::{layout, place};
use crate::mapping::SettingId;
use crate::topology::target::plan::Use;
use crate::version::Target;

/// The options of an appender: names in any case, each noted when it is taken.
pub struct Options<'a> {
    options: &'a IndexMap<String, Line>,
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
        let found = self.options.iter().enumerate().find(|(_, (option, _))| option.eq_ignore_ascii_case(name));
        found.map(|(index, (_, line))| (index, line))
    }

    /// The file's variables.
    #[must_use]
    pub fn variables(&self) -> &'a IndexMap<String, Line> {
        self.variables
    }

    fn left(&self) -> impl Iterator<Item = (&'a str, &'a Line)> {
        let left = self.options.iter().enumerate().filter(|(index, _)| !self.taken.contains(index));
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

/// Kinds of appenders that can be carried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
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
        Err(made) => return made,
    };
    let mut options = Options { options: &old.options, variables, taken: IndexSet::new() };
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
        Kind::Console => console(&mut options, &mut lines),
        Kind::Syslog => {
            if let Err(reason) = syslog(&mut options, &mut lines, class.id) {
                return Made::Manual(reason);
            }
        }
        Kind::Null => {}
        Kind::File | Kind::Daily | Kind::Sized => {
            if let Err(reason) = file(kind, &mut options, &mut lines, class.id) {
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
    rolling(kind, &mut options, &mut lines, class.id);
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
    let appender = Appender { key: super::model::key(name), name: name.to_owned(), lines };
    Made::Carried { appender, left, notes }
}

fn reason(word: &Use) -> String {
    match word {
        Use::Absorbed(reason) | Use::Retired(reason) | Use::Manual(reason) | Use::Default(reason) => reason.clone(),
    }
}

/// The class in log4j2's terms, or why it has none.
fn kind(class: &str) -> Result<Kind, Made> {
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
            return Err(Made::Retired(
                "memory appenders are gone with the console's log viewer: ship the log files".to_owned(),
            ));
        }
        "LogEventAppender" if wso2 => {
            return Err(Made::Retired("logs are not shipped over Thrift any more: ship the log files".to_owned()));
        }
        "SocketAppender" | "SMTPAppender" | "JMSAppender" | "AsyncAppender" if class.starts_with("org.apache.log4j.") => {
            let new = simple.trim_end_matches("Appender");
            return Err(Made::Manual(format!("log4j2's {new} appender has other parameters: write it anew")));
        }
        _ => return Err(Made::Manual(format!("log4j2 has no {class}: find its successor and write it anew"))),
    })
}

fn console(options: &mut Options<'_>, lines: &mut IndexMap<String, Entry>) {
    if let Some(line) = options.take("Target") {
        let error = line.value.trim().eq_ignore_ascii_case("System.err");
        lines.insert("target".to_owned(), Entry::new(if error { "SYSTEM_ERR" } else { "SYSTEM_OUT" }, [line.id]));
    }
    copy(options, lines, "Follow", "follow");
    copy(options, lines, "ImmediateFlush", "immediateFlush");
}

fn syslog(
    options: &mut Options<'_>,
    lines: &mut IndexMap<String, Entry>,
    class: SettingId,
) -> Result<(), String> {
    let line = options.take("SyslogHost").ok_or("a syslog appender without SyslogHost sent nothing")?;
    let mut from = vec![line.id];
    let address = place::resolve(line.value.trim(), options.variables(), &mut from);
    // `host:port`, `[v6]:port`; an address of version 6 without brackets has no port.
    let (host, port) = match address.rsplit_once(':') {
        Some((host, port))
            if port.bytes().all(|byte| byte.is_ascii_digit())
                && !port.is_empty()
                && (!host.contains(':') || host.ends_with(']')) =>
        {
            (host, port)
        }
        _ => (address.as_str(), "514"),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    lines.insert("host".to_owned(), Entry::new(host, from.iter().copied()));
    lines.insert("port".to_owned(), Entry::new(port, from.iter().copied()));
    lines.insert("protocol".to_owned(), Entry::new("UDP", [class]));
    let facility = options.take("Facility");
    let (value, id) = facility.map_or(("USER", class), |line| (line.value.trim(), line.id));
    lines.insert("facility".to_owned(), Entry::new(value.to_ascii_uppercase(), [id]));
    Ok(())
}

fn file(
    kind: Kind,
    options: &mut Options<'_>,
    lines: &mut IndexMap<String, Entry>,
    class: SettingId,
) -> Result<(), String> {
    let line = options.take("File").ok_or("a file appender without File wrote nothing")?;
    let mut from = vec![line.id];
    let name = place::file(&line.value, options.variables(), &mut from);
    lines.insert("fileName".to_owned(), Entry::new(name.as_str(), from.iter().copied()));
    match kind {
        Kind::Daily => {
            let pattern = options.take("DatePattern");
            from.push(pattern.map_or(class, |line| line.id));
            let date = pattern.and_then(|line| place::date(&line.value));
            let dated = place::dated(&name, date.as_deref().unwrap_or("yyyy-MM-dd"));
            lines.insert("filePattern".to_owned(), Entry::new(dated, from));
        }
        Kind::Sized => {
            lines.insert("filePattern".to_owned(), Entry::new(format!("{name}.%i"), from));
        }
        _ => {}
    }
    copy(options, lines, "Append", "append");
    let buffered = options.peek("BufferedIO").filter(|line| line.value.trim().eq_ignore_ascii_case("true"));
    copy(options, lines, "ImmediateFlush", "immediateFlush");
    copy(options, lines, "BufferedIO", "bufferedIo");
    copy(options, lines, "BufferSize", "bufferSize");
    if let Some(line) = buffered {
        // Buffers of 1.x are flushed when they are full, whatever the other option says.
        lines.insert("immediateFlush".to_owned(), Entry::new("false", [line.id]));
    }
    Ok(())
}

fn copy(options: &mut Options<'_>, lines: &mut IndexMap<String, Entry>, old: &str, new: &str) {
    if let Some(line) = options.take(old) {
        let value = line.value.trim();
        let lower = value.to_ascii_lowercase();
        let value = if matches!(lower.as_str(), "true" | "false") { lower.as_str() } else { value };
        lines.insert(new.to_owned(), Entry::new(value, [line.id]));
    }
}

/// When files roll, and how many stay.
fn rolling(kind: Kind, options: &mut Options<'_>, lines: &mut IndexMap<String, Entry>, class: SettingId) {
    let mut put = |key: &str, value: &str, from: SettingId| {
        lines.insert(key.to_owned(), Entry::new(value, [from]));
    };
    match kind {
        Kind::Daily => {
            put("policies.type", "Policies", class);
            put("policies.time.type", "TimeBasedTriggeringPolicy", class);
            put("policies.time.interval", "1", class);
            put("policies.time.modulate", "true", class);
        }
        Kind::Sized => {
            let size = options.take("MaxFileSize").or_else(|| options.take("MaximumFileSize"));
            let (size, from) = size.map_or(("10MB", class), |line| (line.value.trim(), line.id));
            put("policies.type", "Policies", class);
            put("policies.size.type", "SizeBasedTriggeringPolicy", class);
            put("policies.size.size", size, from);
            put("strategy.type", "DefaultRolloverStrategy", class);
            put("strategy.fileIndex", "min", class);
            let (max, from) =
                options.take("MaxBackupIndex").map_or(("1", class), |line| (line.value.trim(), line.id));
            // log4j2 keeps one old file at least.
            put("strategy.max", if max == "0" { "1" } else { max }, from);
        }
        _ => {}
    }
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
