//! Patterns: the letters of log4j 1.x and of WSO2's tenant layout in, log4j2's converters out.

use crate::text::Parts as _;
use crate::version::Target;

/// How a pattern is to be read and written.
#[derive(Clone, Copy, Debug)]
pub struct Dialect {
    /// The layout is WSO2's: its patterns of 4.x name the exception before the end of the line.
    pub tenant_aware: bool,
    /// The appender masks: `%mm` instead of `%m`.
    pub masks: bool,
    /// What is written for.
    pub target: Target,
}

/// The long names that 1.x layouts know (those of `EnhancedPatternLayout`), longest first, and log4j2's.
const WORDS: [(&str, &str); 3] = [("Stacktrace", "ex"), ("throwable", "ex"), ("properties", "X")];

/// Long names that both know.
const SAME: [&str; 15] = [
    "relative", "location", "message", "thread", "method", "logger", "class", "level", "date", "file", "line", "mdc",
    "ndc", "MDC", "NDC",
];

/// `pattern` in log4j2's letters, and the conversions that log4j2 does not have, which stay as they are.
#[must_use]
pub fn convert(pattern: &str, dialect: Dialect) -> (String, Vec<String>) {
    let mut out = String::with_capacity(pattern.len() + 8);
    let mut unknown = Vec::new();
    let mut rest = pattern;
    while let Some(start) = rest.find('%') {
        out.push_str(rest.part(..start));
        rest = rest.part(start + 1..);
        if let Some(tail) = rest.strip_prefix('%') {
            out.push_str("%%");
            rest = tail;
            continue;
        }
        let width = rest.find(|character: char| !matches!(character, '-' | '.' | '0'..='9')).unwrap_or(rest.len());
        let (width, tail) = rest.split_at(width);
        let (word, tail) = word(tail);
        let options = options(tail);
        rest = tail.part(options.len()..);
        match letter(word, options, dialect) {
            Letter::Dropped => {
                let apart = out.is_empty() || out.ends_with(' ');
                rest = if apart { rest.strip_prefix(' ').unwrap_or(rest) } else { rest };
            }
            Letter::Text(text) => out.push_str(&text),
            Letter::Is(text) => {
                out.push('%');
                out.push_str(width);
                out.push_str(&text);
            }
            Letter::Unknown => {
                unknown.push(format!("%{word}"));
                out.push('%');
                out.push_str(width);
                out.push_str(word);
                out.push_str(options);
            }
        }
    }
    out.push_str(rest);
    if dialect.tenant_aware
        && !out.contains("%ex")
        && let Some(head) = out.strip_suffix("%n")
    {
        out = format!("{head}%ex%n");
    }
    (out, unknown)
}

/// A conversion in log4j2.
enum Letter {
    Is(String),
    Text(String),
    Dropped,
    Unknown,
}

/// A conversion's name: one letter, or one of the long names.
fn word(text: &str) -> (&str, &str) {
    let long = WORDS.iter().map(|(word, _)| *word).chain(SAME).find(|word| text.starts_with(word));
    let length = long.map_or_else(|| text.chars().next().map_or(0, char::len_utf8), str::len);
    text.split_at(length)
}

/// The options in braces.
fn options(text: &str) -> &str {
    let mut end = 0;
    while text.part(end..).starts_with('{') {
        match text.part(end..).find('}') {
            Some(close) => end += close + 1,
            None => break,
        }
    }
    text.part(..end)
}

fn letter(word: &str, options: &str, dialect: Dialect) -> Letter {
    let is = |text: &str| Letter::Is(format!("{text}{options}"));
    match word {
        "d" | "date" => match options.strip_prefix("{ISO8601}") {
            // ISO8601 puts a `T` between date and time in log4j2.
            Some(zone) => Letter::Is(format!("{word}{{DEFAULT}}{zone}")),
            None => is(word),
        },
        "m" | "message" if dialect.masks => is("mm"),
        "c" | "C" | "F" | "L" | "M" | "l" | "m" | "n" | "p" | "r" | "t" | "X" => is(word),
        "T" => Letter::Is("tenantId".to_owned()),
        "D" => Letter::Is(if knows_tenant_domain(dialect.target) { "tenantDomain" } else { "tenantId" }.to_owned()),
        "S" | "A" => Letter::Is("appName".to_owned()),
        "H" => Letter::Text("${hostName}".to_owned()),
        "x" | "ndc" | "NDC" | "U" | "P" | "@" | "I" => Letter::Dropped,
        _ => match WORDS.iter().find(|(old, _)| *old == word) {
            Some((_, new)) => is(new),
            None if SAME.contains(&word) => is(word),
            None => Letter::Unknown,
        },
    }
}

/// `%tenantDomain` is of 4.2 and later.
fn knows_tenant_domain(target: Target) -> bool {
    !matches!(target, Target::Current | Target::V4_0 | Target::V4_1)
}
