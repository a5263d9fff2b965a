//! The report for people, in the manner of compilers: the place, what it is, the line, what to do; counts last.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::{Found, Report};
use crate::diagnostic::Severity;
use crate::foreign::line;

const BOLD: Style = Style::new().bold();
const FRAME: Style = AnsiColor::Blue.on_default();

fn style(severity: Severity) -> Style {
    let color = match severity {
        Severity::Error => AnsiColor::Red,
        Severity::Warning => AnsiColor::Yellow,
        Severity::Notice => AnsiColor::Cyan,
    };
    color.on_default().bold()
}

/// The report as text with terminal styles; whoever prints it to something else strips these.
#[must_use]
pub fn text(report: &Report) -> String {
    let mut out = String::new();
    for found in &report.findings {
        finding(&mut out, found);
    }
    let count = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    let counts = report.counts;
    let mut parts =
        vec![count(counts.error, "error"), count(counts.warning, "warning"), count(counts.notice, "notice")];
    if counts.allowed > 0 {
        parts.push(format!("{} allowed", counts.allowed));
    }
    let files = count(report.files.len(), "file");
    let _ = writeln!(out, "{files} checked for {}: {}", report.target, parts.join(", "));
    out
}

fn finding(out: &mut String, found: &Found) {
    let place = found.place.as_ref().map_or_else(|| "input".to_owned(), ToString::to_string);
    let (place, message) = (line(&place), line(&found.message));
    let (level, code) = (style(found.severity), found.code);
    let _ = writeln!(
        out,
        "{BOLD}{place}{BOLD:#}: {level}{}[{code}]{level:#}: {BOLD}{}{BOLD:#}",
        found.severity.word(),
        message
    );
    if let (Some(excerpt), Some(at)) = (&found.excerpt, &found.place) {
        let (number, excerpt) = (at.line.to_string(), excerpt.safe());
        let blank = " ".repeat(number.len());
        let _ = writeln!(out, "{FRAME}{number} |{FRAME:#} {}", excerpt.line);
        let mark = format!("{}{level}{}{level:#}", " ".repeat(excerpt.start), "^".repeat(excerpt.length));
        let _ = writeln!(out, "{FRAME}{blank} |{FRAME:#} {mark}");
    }
    for related in &found.related {
        let _ = writeln!(out, "  {FRAME}={FRAME:#} {}: {}", line(&related.place.to_string()), line(&related.what));
    }
    let _ = writeln!(out, "  {FRAME}={FRAME:#} {BOLD}help{BOLD:#}: {}\n", line(&found.help));
}
