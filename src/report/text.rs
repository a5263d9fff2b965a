//! The report for people: counts first, the next command last. Texts carry terminal styles; whoever prints them
//! to something else strips these.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::build::NodeFile;
use super::model::{Counts, DeploymentReport, Report};
use super::open::Open;
use super::status::{FailOn, Status};
use super::{checklist, gaps};
use crate::diagnostic::counted;
use crate::foreign::line;
use crate::mapping::tables::Tables;
use crate::verify::Fulfilment;

mod clean;
mod open;
mod settings;
mod shape;

const HEAD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARN: Style = AnsiColor::Yellow.on_default();
const NOTE: Style = AnsiColor::Cyan.on_default();

fn paint(style: Style, text: impl std::fmt::Display) -> String {
    let text = text.to_string();
    // Without a text there is nothing to paint, and blanks before it can be cut off.
    if text.is_empty() { text } else { format!("{style}{text}{style:#}") }
}

/// What the text needs besides the report.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The files of each deployment of the report.
    pub files: &'a [Vec<NodeFile>],
    /// The tables.
    pub tables: &'a Tables,
    /// The INPUTs and options as they may be shown in a command to run next.
    pub inputs: &'a str,
    /// The file of answers, if there is one.
    pub answers: Option<&'a str>,
    /// Whether secrets may be shown.
    pub secrets: bool,
    /// From what on a person must look.
    pub fail_on: FailOn,
}

/// The dry run: what was found, what each new node gets and why, what is open, and what to do next.
#[must_use]
pub fn plan(report: &Report, context: Context<'_>) -> String {
    let mut out = String::new();
    not_read(&mut out, report);
    summary(&mut out, report);
    findings_of_all(&mut out, report);
    for (deployment, files) in report.deployments.iter().zip(context.files) {
        let (deployment, files) = (&clean::deployment(deployment), &clean::files(files));
        title(&mut out, deployment);
        shape::nodes(&mut out, deployment, files);
        for file in files {
            shape::diff(&mut out, file, context);
            shape::beside(&mut out, file);
        }
        settings::converted(&mut out, deployment);
        settings::derived(&mut out, deployment);
        settings::not_carried(&mut out, deployment);
        settings::drift(&mut out, deployment);
        points(&mut out, deployment);
        steps(&mut out, deployment);
    }
    end(&mut out, report, context.fail_on);
    let _ = writeln!(out, "Next: {}", paint(HEAD, next(report, context)));
    out
}

/// What to do behind `plan`.
fn next(report: &Report, context: Context<'_>) -> String {
    let (arguments, answers) = (line(context.inputs), context.answers.map(line));
    let decisions = answers.as_ref().map(|file| format!(" --decisions {file}")).unwrap_or_default();
    let mut nodes = report.deployments.iter().flat_map(|one| &one.target.nodes).peekable();
    if nodes.peek().is_some() && nodes.all(|node| !node.written) {
        return format!("mend what was not read, named first, then\n  apim-migrate plan {arguments}{decisions}");
    }
    match (Open::of(report).decisions, answers) {
        (0, _) => format!("apim-migrate convert {arguments}{decisions} --out DIR"),
        (_, Some(file)) => {
            format!("answer in {file} what is open above, then\n  apim-migrate plan {arguments}{decisions}")
        }
        (_, None) => format!(
            "apim-migrate plan {arguments} --write-decisions decisions.toml, answer what is open there, then\n  \
             apim-migrate plan {arguments} --decisions decisions.toml"
        ),
    }
}

/// What was written where, what is open, and what to do next. `out_dir` is the output folder as it may be shown, `kept` the
/// files in it that stay as a person changed them.
#[must_use]
pub fn convert(report: &Report, context: Context<'_>, out_dir: &str, kept: &[String]) -> String {
    let mut out = String::new();
    not_read(&mut out, report);
    lost(&mut out, report);
    summary(&mut out, report);
    findings_of_all(&mut out, report);
    proof(&mut out, report);
    let _ = writeln!(out, "\n{}", paint(HEAD, format!("Written to {}", line(out_dir))));
    let stays = |path: &str| kept.iter().any(|kept| kept == path);
    let named = |path: &str| {
        if stays(path) {
            format!("  {}  {}", paint(NOTE, path), paint(NOTE, "not written: it stays as it was changed by hand"))
        } else {
            format!("  {}", paint(GOOD, path))
        }
    };
    for (deployment, files) in report.deployments.iter().zip(context.files) {
        let files = &clean::files(files);
        for file in files {
            let made_from = shape::made_from(file);
            let line = if stays(&file.path) {
                named(&file.path)
            } else {
                format!("{}  {}", named(&file.path), paint(DIM, made_from))
            };
            let _ = writeln!(out, "{}", line.trim_end());
            for beside in &file.beside {
                let _ = writeln!(out, "{}", named(&beside.path));
            }
        }
        if files.is_empty() {
            let _ = writeln!(
                out,
                "  {}  {}",
                line(&deployment.name),
                paint(DIM, "no node of the product: nothing to write")
            );
        }
    }
    for file in [crate::emit::write::CHECKLIST, crate::emit::write::REPORT] {
        let _ = writeln!(out, "{}", named(file));
    }
    for deployment in &report.deployments {
        let deployment = &clean::deployment(deployment);
        if report.deployments.len() > 1 {
            title(&mut out, deployment);
        }
        points(&mut out, deployment);
    }
    end(&mut out, report, context.fail_on);
    let _ = writeln!(out, "Next:");
    let logging = context.files.iter().flatten().any(|file| !file.beside.is_empty());
    let merge = "bring the logging beside each deployment.toml over to the node's log4j2.properties, as its head says";
    for step in [
        "settle what is open above, and read the report of each file's settings in migration-report.json",
        "go through CHECKLIST.md: databases, key stores, secrets, hosts and the order of the first start",
    ]
    .into_iter()
    .chain(logging.then_some(merge))
    {
        let _ = writeln!(out, "  - {step}");
    }
    out
}

/// What was not read or left out, and the new nodes that are incomplete for it: said first.
fn not_read(out: &mut String, report: &Report) {
    let parts = [
        (BAD, "Not read, or left out", gaps::lines_with_excerpts(report)),
        (BAD, "Other products, set aside", gaps::others(report)),
        (NOTE, "Copies and parts of servers, set aside", gaps::aside(report)),
    ];
    for (style, title, lines) in parts.into_iter().filter(|(.., lines)| !lines.is_empty()) {
        let _ = writeln!(out, "{}", paint(style, title));
        for text in lines {
            let _ = writeln!(out, "  {}", line(&text));
        }
        let _ = writeln!(out);
    }
}

/// What was found about the INPUTs, and between deployments.
fn findings_of_all(out: &mut String, report: &Report) {
    let (findings, decisions) = clean::of_inputs(report);
    open::list(out, &findings);
    open::asked(out, &decisions);
}

fn summary(out: &mut String, report: &Report) {
    let old: usize = report.deployments.iter().map(|deployment| deployment.source.nodes.len()).sum();
    let new: usize = report.deployments.iter().map(|deployment| deployment.target.nodes.len()).sum();
    let targets: BTreeSet<&str> = report.deployments.iter().map(|one| one.target.written_for.as_str()).collect();
    let _ = writeln!(
        out,
        "{}",
        paint(
            HEAD,
            format!(
                "{}: {} → {} for {}",
                counted(report.deployments.len(), "deployment"),
                counted(old, "old node"),
                counted(new, "new node"),
                targets.into_iter().collect::<Vec<_>>().join(" and ")
            )
        )
    );
    let Counts { read, converted, absorbed, default, retired, manual, unknown } = report.totals;
    let width = read.to_string().len();
    let rows = [
        ("read", read, ""),
        ("converted", converted, "their values stand in the new files"),
        ("absorbed", absorbed, "they shaped the new deployment, or lost to another value"),
        ("default", default, "as shipped: nothing to say"),
        ("retired", retired, "nothing reads them any more"),
        ("manual", manual, "they need a hand"),
        ("unknown", unknown, "no row speaks of them"),
    ];
    for (word, count, meaning) in rows {
        let style = if matches!(word, "manual" | "unknown") && count > 0 { WARN } else { Style::new() };
        let line = format!("  {word:<9}  {count:>width$}  {}", paint(DIM, meaning));
        let _ =
            writeln!(out, "{}", if style == Style::new() { line.trim_end().to_owned() } else { paint(style, line) });
    }
}

/// What does not arrive: said first.
fn lost(out: &mut String, report: &Report) {
    let settings = report.deployments.iter().flat_map(|deployment| &deployment.settings);
    let mut lost = settings
        .filter_map(|setting| Some((setting, setting.proof.as_ref()?)))
        .filter(|(_, proof)| proof.outcome == Fulfilment::Lost)
        .peekable();
    if lost.peek().is_some() {
        let _ = writeln!(out, "{}", paint(BAD, "Lost: these old settings do not arrive in what the product renders"));
    }
    for (setting, proof) in lost {
        let place = format!("{}:{}:{}", setting.file, setting.line, setting.column);
        let places = proof.places.join(", ");
        let _ = writeln!(out, "  {} {} → {}: {}", line(&place), line(&setting.path), line(&places), line(&proof.why));
    }
}

/// What the product makes of the files.
fn proof(out: &mut String, report: &Report) {
    let Some(proof) = &report.proof else { return };
    let _ = writeln!(out, "\n{}", paint(HEAD, "Proof, by the product itself"));
    for node in &proof.nodes {
        for line in crate::verify::text::node(node).lines() {
            let _ = writeln!(out, "  {line}");
        }
    }
    let _ = writeln!(out, "  {}", crate::verify::text::summary(&proof.totals));
}

fn title(out: &mut String, deployment: &DeploymentReport) {
    let source = &deployment.source;
    let shape =
        format!("{} of {} → {}", shape::word(&source.layout), source.version, shape::word(&deployment.target.layout));
    let _ = writeln!(out, "\n{} {}", paint(HEAD, format!("Deployment {}:", deployment.name)), shape);
}

fn points(out: &mut String, deployment: &DeploymentReport) {
    settings::by_hand(out, deployment);
    open::conflicts(out, deployment);
    open::decisions(out, deployment);
    open::findings(out, deployment);
}

/// The checklist in short: `convert` writes it whole.
fn steps(out: &mut String, deployment: &DeploymentReport) {
    let rows = crate::checklist::rows();
    let mut items = checklist::items(deployment, rows).peekable();
    if items.peek().is_some() {
        section(out, "Checklist (convert writes it to CHECKLIST.md)");
    }
    for (number, (row, checks)) in items.enumerate() {
        let points = if checks.is_empty() { String::new() } else { counted(checks.len(), "point") };
        let line = format!("  {:>2}. {}  {}", number + 1, row.title, paint(DIM, points));
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

fn section(out: &mut String, text: &str) {
    let _ = writeln!(out, "\n{}", paint(HEAD, text));
}

fn end(out: &mut String, report: &Report, fail_on: FailOn) {
    let open = Open::of(report);
    let (style, meaning) = if report.status == Status::Incomplete {
        (BAD, "exit code 3: something was not read, was left out, or was not confirmed")
    } else if fail_on.holds(open) {
        (WARN, "exit code 2: a person must look")
    } else {
        (GOOD, "exit code 0")
    };
    let _ = writeln!(out, "\n{} ({meaning})", paint(style, open.words(fail_on)));
}
