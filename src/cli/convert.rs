//! `convert`: the files and the report, all or none.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use super::args::{ConvertArgs, Format};
use super::exit::Exit;
use super::gather::{Gathered, gather, show_failed};
use super::interrupt::Interrupt;
use super::next::Next;
use super::terminal::Terminal;
use crate::emit;
use crate::emit::write::{
    self, CHECKLIST, Content, Form, OutFile, Outcome, Policy, REPORT, Recovered, Unit, WriteError, Writer, write_units,
};
use crate::json;
use crate::layout::homes::join;
use crate::options::Log4j2;
use crate::report::checklist::{self, Checklist};
use crate::report::model::DeploymentReport;
use crate::report::{build, gaps, status, text};
use crate::verify::recorded::Recorded;
use crate::verify::{self, Proof, Work};
use crate::version::Target;

pub fn run(args: &ConvertArgs, terminal: Terminal) -> Exit {
    let interrupt = Interrupt::new();
    // First of all: what an interrupted run left must not be read as an INPUT.
    match interrupt.during(|| write::recover(&args.out)) {
        Ok(None) => {}
        Ok(Some(recovered)) => tell_recovered(recovered, &args.out, terminal),
        Err(error) => {
            terminal.error(error);
            return Exit::Failed;
        }
    }
    if interrupt.is_asked() {
        terminal.error(WriteError::Stopped);
        return Exit::Failed;
    }
    if let Some(input) = args.common.inputs.iter().find(|input| holds(&args.out, input)) {
        terminal.error(format!(
            "{}: the output folder holds the input {}: give another --out",
            args.out.display(),
            input.display()
        ));
        return Exit::Failed;
    }
    let proving = !args.common.product.is_empty();
    let mut gathered = match gather(&args.common, proving, terminal) {
        Ok(gathered) => gathered,
        Err(nothing) => return nothing.end(&args.common, terminal),
    };
    if proving && !prove(args, &mut gathered, terminal) {
        return Exit::Failed;
    }
    let gaps = gaps::lines_with_excerpts(&gathered.report);
    if gathered.files.iter().all(Vec::is_empty) && gathered.report.deployments.iter().any(is_incomplete) {
        terminal.error_with("nothing is written: no new node is sure of what it was", &gaps.join("\n"));
        if args.common.format == Format::Json {
            gathered.report.status = status::Status::Failed;
            show_failed(&gathered.report, terminal);
        }
        return Exit::Failed;
    }
    let list = checklist::markdown(&gathered.report);
    let report = |out: &mut dyn io::Write| json::write(&gathered.report, out);
    let units = units(&gathered, &list, &report);
    let policy = Policy { force: args.force, keep_edited: args.keep_edited, stop: Some(interrupt.stop()) };
    let outcome = interrupt.during(|| write_units(&args.out, &units, policy));
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            terminal.error_with(&error, &error.below());
            return Exit::Failed;
        }
    };
    tell(&outcome, &units, &args.out, terminal);
    let shown = match args.common.format {
        Format::Json => terminal.write(&report),
        Format::Text => {
            let next = Next::of(&args.common, &gathered.report, None);
            let (report, context) = gathered.as_text(&args.common, &next);
            let out = if args.out.is_absolute() { "DIR".to_owned() } else { args.out.display().to_string() };
            terminal.result(&text::convert(report, context, &out, &outcome.kept))
        }
    };
    // The files stand: a result that nobody could be shown does not undo them.
    if let Err(error) = shown {
        terminal.error(format!("the files are written, but the result cannot be shown: {error}"));
        return Exit::Incomplete;
    }
    Exit::of(&gathered.report, args.common.fail_on)
}

/// Whether a new node is not written for what could not be read.
fn is_incomplete(deployment: &DeploymentReport) -> bool {
    deployment.target.nodes.iter().any(|node| !node.written)
}

/// What is written: each deployment's folder is a unit of its own where there are several.
fn units<'g>(gathered: &'g Gathered, list: &'g Checklist, report: &'g Writer<'g>) -> Vec<Unit<'g>> {
    let several = gathered.files.len() > 1;
    let mut units = Vec::new();
    let targets: BTreeSet<Target> = gathered.files.iter().flatten().map(|file| file.target).collect();
    let one = targets.first().copied().filter(|_| targets.len() == 1);
    let mut whole = Unit { folder: "", files: Vec::new(), target: one };
    for files in &gathered.files {
        // A deployment's files have its folder in their paths: what stands above the folder of its nodes.
        let folder = files.first().map_or("", |file| file.path.strip_suffix(&emit::path(&file.node)).unwrap_or(""));
        let below = |path: &'g str| path.strip_prefix(folder).unwrap_or(path);
        let target = files.first().map(|file| file.target);
        let mut unit = Unit { folder: folder.trim_end_matches('/'), files: Vec::new(), target };
        for file in files {
            let content = Content::Text(&file.text);
            let form = Form::Toml { shown: &file.shown };
            unit.files.push(OutFile { path: below(&file.path), content, secret: true, form });
            unit.files.extend(file.beside.iter().map(|one| OutFile {
                path: below(&one.path),
                content: Content::Text(&one.text),
                secret: true,
                form: Form::Plain,
            }));
        }
        if several && !unit.folder.is_empty() {
            units.push(unit);
        } else {
            whole.files.append(&mut unit.files);
        }
    }
    let (content, form) = (Content::Text(&list.text), Form::Checklist { boxes: &list.boxes });
    whole.files.push(OutFile { path: CHECKLIST, content, secret: false, form });
    whole.files.push(OutFile { path: REPORT, content: Content::Written(report), secret: false, form: Form::Plain });
    units.push(whole);
    units
}

/// Says what was written, and what of a person's work was kept.
fn tell(outcome: &Outcome, units: &[Unit<'_>], out: &Path, terminal: Terminal) {
    let count: usize = units.iter().map(|unit| unit.files.len()).sum();
    let paths: BTreeSet<String> =
        units.iter().flat_map(|unit| unit.files.iter().map(|file| join(unit.folder, file.path))).collect();
    // Files that are no part of the output any more stay, too.
    let kept = outcome.kept.iter().filter(|path| paths.contains(*path)).count();
    let same = count.saturating_sub(outcome.written + kept);
    let out = out.display();
    let stay = match kept {
        0 => String::new(),
        1 => "1 stays as it was changed by hand".to_owned(),
        _ => format!("{kept} stay as they were changed by hand"),
    };
    let rest = [
        (same > 0).then(|| format!("{same} {} as before", if same == 1 { "is" } else { "are" })),
        (kept > 0).then_some(stay),
    ];
    let rest: Vec<String> = rest.into_iter().flatten().collect();
    terminal.talk(match outcome.written {
        0 if kept == 0 => format!("{count} files in {out} are as they should be: none is written anew"),
        0 => format!("of {count} files in {out} none is written anew: {}", rest.join(", ")),
        written if written == count => format!("{count} files are written to {out}"),
        written => format!("{written} of {count} files are written to {out}: {}", rest.join(", ")),
    });
    let (values, ticks) = (outcome.values, outcome.ticks);
    if values + ticks > 0 {
        terminal
            .talk(format!("carried over: filled-in values below [secrets]: {values}, ticks in {CHECKLIST}: {ticks}"));
    }
    if outcome.ticks_gone > 0 {
        terminal.talk(format!(
            "ticks that fit no point of {CHECKLIST} now, and are not carried over: {}",
            outcome.ticks_gone
        ));
    }
    if !outcome.closed.is_empty() {
        terminal
            .talk(format!("only their owner may read these now, which hold secrets: {}", outcome.closed.join(", ")));
    }
    if !outcome.open.is_empty() {
        let open = outcome.open.join(", ");
        terminal.talk(format!(
            "others than their owner may read these, which hold secrets: {open}: set their mode to 0600"
        ));
    }
    for path in &outcome.removed {
        terminal.talk(format!("removed, because no node has it any more: {path}"));
    }
    for path in &outcome.left {
        terminal
            .talk(format!("changed by hand and part of no node any more: {path}: it stays, and --force removes it"));
    }
    for path in &outcome.kept {
        terminal.talk(format!("kept as it was changed by hand: {path}"));
    }
}

fn tell_recovered(recovered: Recovered, out: &Path, terminal: Terminal) {
    let what = match recovered {
        Recovered::Removed => "had put nothing in place: what it had staged is removed",
        Recovered::Finished => "had begun to put its files in place: that is finished now",
        Recovered::Undone => "had begun to put its files in place: that is undone now",
    };
    terminal.talk(format!("{}: an earlier run was interrupted and {what}", out.display()));
}

/// Proves what is to be written, before it is; whether it may be. What is wrong is told.
fn prove(args: &ConvertArgs, gathered: &mut Gathered, terminal: Terminal) -> bool {
    let proof = match proof(args, gathered) {
        Ok(proof) => proof,
        // The product was asked for its logging at first: without Java it can still give that.
        Err(error) if args.common.log4j2 == Log4j2::Whole => {
            terminal.talk(format!("note: nothing is proven: {error}"));
            // A folder with the logging alone was never to prove anything; a whole product was.
            if super::verify::products(&args.common.product).is_ok() {
                status::settle(&mut gathered.report, true);
                if let Some((whole, _)) = &mut gathered.whole {
                    status::settle(whole, true);
                }
            }
            return true;
        }
        Err(error) => {
            terminal.error(error);
            return false;
        }
    };
    build::prove(&mut gathered.report, &proof);
    if let Some((whole, _)) = &mut gathered.whole {
        build::prove(whole, &proof);
    }
    let refused = proof.nodes.iter().filter(|node| !node.accepted || !node.malformed.is_empty());
    let refused: Vec<String> = refused.map(|node| verify::text::node(node).trim_end().to_owned()).collect();
    if refused.is_empty() || args.force {
        return true;
    }
    terminal.error_with(
        "the product cannot start with these files: nothing is written (--force writes them all the same)",
        &(refused.join("\n") + "\n"),
    );
    false
}

fn proof(args: &ConvertArgs, gathered: &Gathered) -> Result<Proof, String> {
    let products = super::verify::products(&args.common.product).map_err(|error| error.to_string())?;
    let whole = gathered.whole.as_ref().map_or(&gathered.report, |(report, _)| report);
    let recorded = Recorded::read(&json::text(whole))?;
    let files: Vec<verify::NodeFile> = recorded
        .nodes()
        .filter_map(|(deployment, node)| {
            let text = gathered.files.iter().flatten().find(|file| file.path == node.file)?.text.clone();
            Some(node.to_prove(deployment, text))
        })
        .collect();
    let promises = recorded.promises();
    let work = Work { files: &files, promises: &promises, products: &products, tables: &gathered.tables };
    super::verify::prove(work, false)
}

/// Whether `input` is `out` or lies in it: to replace the one would take the other away.
fn holds(out: &Path, input: &Path) -> bool {
    match (std::fs::canonicalize(out), std::fs::canonicalize(input)) {
        (Ok(out), Ok(input)) => input.starts_with(out),
        _ => false,
    }
}
