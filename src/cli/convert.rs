//! `convert`: the files and the report, all or none.

use std::path::Path;

use super::args::{ConvertArgs, Format};
use super::exit::Exit;
use super::gather::{gather, inputs};
use super::terminal::Terminal;
use crate::emit::write::{CHECKLIST, OutFile, REPORT, write_all};
use crate::report::{self, checklist, text};

pub fn run(args: &ConvertArgs, terminal: Terminal) -> Exit {
    if let Some(input) = args.common.inputs.iter().find(|input| holds(&args.out, input)) {
        terminal.error(format!(
            "{}: the output folder holds the input {}: give another --out",
            args.out.display(),
            input.display()
        ));
        return Exit::Failed;
    }
    let Some(gathered) = gather(&args.common, terminal) else { return Exit::Failed };
    let mut files: Vec<OutFile> = Vec::new();
    for file in gathered.files.iter().flatten() {
        files.push(OutFile { path: file.path.clone(), text: file.text.clone(), secret: true });
        let beside = file.beside.iter();
        files.extend(beside.map(|one| OutFile { path: one.path.clone(), text: one.text.clone(), secret: false }));
    }
    let list = checklist::markdown(&gathered.report);
    files.push(OutFile { path: CHECKLIST.to_owned(), text: list, secret: false });
    let json = OutFile { path: REPORT.to_owned(), text: report::json(&gathered.report), secret: false };
    files.push(json);
    if let Err(error) = write_all(&args.out, &files, args.force) {
        terminal.error(error);
        return Exit::Failed;
    }
    terminal.talk(format!("{} files are written to {}", files.len(), args.out.display()));
    let result = match args.common.format {
        Format::Json => files.pop().map_or_else(String::new, |report| report.text),
        Format::Text => {
            let inputs = inputs(&args.common);
            let (report, context) = gathered.as_text(&args.common, &inputs);
            let out = if args.out.is_absolute() { "DIR".to_owned() } else { args.out.display().to_string() };
            text::convert(report, context, &out)
        }
    };
    // The files stand: a result that nobody could be shown does not undo them.
    if let Err(error) = terminal.result(&result) {
        terminal.error(format!("the files are written, but the result cannot be shown: {error}"));
        return Exit::Look;
    }
    Exit::of(&gathered.report, gathered.failed)
}

/// Whether `input` is `out` or lies in it: to replace the one would take the other away.
fn holds(out: &Path, input: &Path) -> bool {
    match (std::fs::canonicalize(out), std::fs::canonicalize(input)) {
        (Ok(out), Ok(input)) => input.starts_with(out),
        _ => false,
    }
}
