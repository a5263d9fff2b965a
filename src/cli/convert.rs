//! `convert`: the files and the report, all or none.

use std::io;
use std::path::Path;

use super::args::{ConvertArgs, Format};
use super::exit::Exit;
use super::gather::{Gathered, gather, inputs};
use super::terminal::Terminal;
use crate::emit::write::{CHECKLIST, Content, OutFile, REPORT, write_all};
use crate::json;
use crate::options::Log4j2;
use crate::report::{build, checklist, status, text};
use crate::verify::recorded::Recorded;
use crate::verify::{self, Proof, Work};

pub fn run(args: &ConvertArgs, terminal: Terminal) -> Exit {
    if let Some(input) = args.common.inputs.iter().find(|input| holds(&args.out, input)) {
        terminal.error(format!(
            "{}: the output folder holds the input {}: give another --out",
            args.out.display(),
            input.display()
        ));
        return Exit::Failed;
    }
    let proving = !args.common.product.is_empty();
    let Some(mut gathered) = gather(&args.common, proving, terminal) else { return Exit::Failed };
    if proving && !prove(args, &mut gathered, terminal) {
        return Exit::Failed;
    }
    let mut files: Vec<OutFile> = Vec::new();
    for file in gathered.files.iter().flatten() {
        files.push(OutFile { path: &file.path, content: Content::Text(&file.text), secret: true });
        let beside = file.beside.iter();
        files.extend(beside.map(|one| OutFile { path: &one.path, content: Content::Text(&one.text), secret: false }));
    }
    let list = checklist::markdown(&gathered.report);
    files.push(OutFile { path: CHECKLIST, content: Content::Text(&list), secret: false });
    let report = |out: &mut dyn io::Write| json::write(&gathered.report, out);
    files.push(OutFile { path: REPORT, content: Content::Written(&report), secret: false });
    if let Err(error) = write_all(&args.out, &files, args.force) {
        terminal.error(error);
        return Exit::Failed;
    }
    terminal.talk(format!("{} files are written to {}", files.len(), args.out.display()));
    let shown = match args.common.format {
        Format::Json => terminal.write(&report),
        Format::Text => {
            let inputs = inputs(&args.common);
            let (report, context) = gathered.as_text(&args.common, &inputs);
            let out = if args.out.is_absolute() { "DIR".to_owned() } else { args.out.display().to_string() };
            terminal.result(&text::convert(report, context, &out))
        }
    };
    // The files stand: a result that nobody could be shown does not undo them.
    if let Err(error) = shown {
        terminal.error(format!("the files are written, but the result cannot be shown: {error}"));
        return Exit::Incomplete;
    }
    Exit::of(&gathered.report, args.common.fail_on)
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
    terminal.error(format!(
        "the product cannot start with these files: nothing is written (--force writes them all the same)\n{}",
        refused.join("\n")
    ));
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
    let (promises, target) = (recorded.promises(), Some(recorded.target()));
    let work = Work { files: &files, promises: &promises, products: &products, target, tables: &gathered.tables };
    super::verify::prove(work, false)
}

/// Whether `input` is `out` or lies in it: to replace the one would take the other away.
fn holds(out: &Path, input: &Path) -> bool {
    match (std::fs::canonicalize(out), std::fs::canonicalize(input)) {
        (Ok(out), Ok(input)) => input.starts_with(out),
        _ => false,
    }
}
