//! `check`: what is wrong with deployment.toml files.

use std::path::Path;

use super::args::{CheckArgs, CheckFormat};
use super::exit::Exit;
use super::terminal::Terminal;
use crate::check;
use crate::check::Diagnostic;
use crate::check::read::Against;
use crate::check::report::{CheckedFile, Levels, Report, sarif, text};
use crate::diagnostic::Code;
use crate::guard::guarded;
use crate::limits::Limit;
use crate::mapping::tables::Tables;
use crate::report::status::{FailOn, Status};

pub fn run(args: &CheckArgs, terminal: Terminal) -> Exit {
    let tables = Tables::built_in();
    let levels = Levels { deny: args.deny.clone(), allow: args.allow.clone() };
    let target = match args.target {
        Against::Target(target) => target.word(),
        Against::Own => "own",
    };
    let mut report = Report::new(target.to_owned());
    let (mut failed, mut unread, mut deployments) = (0, 0, 0);
    for path in &args.paths {
        let checked = guarded(|| one(path, &tables, args))
            .unwrap_or_else(|bug| Err(format!("apim-migrate failed on {}: {bug}", path.display())));
        let checked = match checked {
            Ok(checked) => checked,
            Err(error) => {
                terminal.error(error);
                failed += 1;
                continue;
            }
        };
        unread += checked.unread;
        report.add(checked.passed_over, &levels);
        for (files, found) in checked.deployments {
            deployments += 1;
            report.files.extend(files.into_iter().map(|file| CheckedFile { deployment: deployments, ..file }));
            report.add(found, &levels);
        }
    }
    if failed == args.paths.len() {
        return Exit::Failed;
    }
    // Another product's file is not checked, whatever lies beside it.
    let set_aside = report.findings.iter().any(|found| found.code == Code::NodeSetAside);
    report.settle(failed + unread > 0 || set_aside);
    let result = match args.format {
        CheckFormat::Text => text(&report),
        CheckFormat::Json => crate::json::text(&report),
        CheckFormat::Sarif => sarif(&report),
    };
    let shown = if args.format == CheckFormat::Text { terminal.result(&result) } else { terminal.data(&result) };
    if let Err(error) = shown {
        terminal.error(format!("cannot write the result: {error}"));
        return Exit::Failed;
    }
    exit(&report, args.fail_on, unread)
}

/// What was found in one path.
struct Checked {
    /// The files of each deployment, not numbered yet, with what was found in them.
    deployments: Vec<(Vec<CheckedFile>, Vec<Diagnostic>)>,
    /// What is said of files that are not checked.
    passed_over: Vec<Diagnostic>,
    /// How many of these could not be read.
    unread: usize,
}

fn one(path: &Path, tables: &Tables, args: &CheckArgs) -> Result<Checked, String> {
    let material = check::read::read(path).map_err(|error| error.to_string())?;
    let found = check::read::nodes(&material, &shown(path), tables, args.target, args.profile);
    let found = found.map_err(|error| error.to_string())?;
    let file = |node: &check::Node<'_>| CheckedFile {
        file: node.file.clone(),
        node: node.name.clone(),
        deployment: 0,
        target: node.standard.name.clone(),
        profile: node.profile,
    };
    let deployments = found.deployments.iter();
    Ok(Checked {
        deployments: deployments.map(|nodes| (nodes.iter().map(file).collect(), check::check(nodes, tables))).collect(),
        passed_over: by_limit(found.passed_over),
        unread: found.unread,
    })
}

/// Files that one limit stopped are one finding: the others stand below the first.
fn by_limit(all: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut out: Vec<Diagnostic> = Vec::new();
    let mut first: Vec<(Limit, usize)> = Vec::new();
    for one in all {
        let Some(limit) = Limit::told_in(&one.finding.message) else {
            out.push(one);
            continue;
        };
        if let Some((_, at)) = first.iter().find(|(other, _)| *other == limit) {
            let Diagnostic { finding, related, .. } = one;
            out[*at].related.extend(finding.place.map(|place| ("beyond the same limit".to_owned(), place)));
            out[*at].related.extend(related);
        } else {
            first.push((limit, out.len()));
            out.push(one);
        }
    }
    for (_, at) in first {
        let more = out[at].related.len();
        if more > 0 {
            let message = &mut out[at].finding.message;
            *message = format!("{message} ({more} more {} beyond it)", if more == 1 { "is" } else { "are" });
        }
    }
    out
}

/// Nothing that could be read is a failure, whatever is told of it; nothing but other products is a check that is not done.
fn exit(report: &Report, fail_on: FailOn, unread: usize) -> Exit {
    if report.files.is_empty() && unread > 0 {
        Exit::Failed
    } else if report.status == Status::Incomplete {
        Exit::Incomplete
    } else if fail_on.holds_for(report.counts.error, report.counts.warning) {
        Exit::Look
    } else {
        Exit::Done
    }
}

/// The path as results may show it: absolute ones are this machine's business.
fn shown(path: &Path) -> String {
    if path.is_absolute() {
        return String::new();
    }
    let text = path.display().to_string().replace('\\', "/");
    let text = text.trim_end_matches('/');
    if text == "." { String::new() } else { text.strip_prefix("./").unwrap_or(text).to_owned() }
}
