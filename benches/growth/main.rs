//! How the work grows with the input: instructions of the command at one, two and four times an input's size.
//!
//! `cargo bench --bench growth [-- NAME …]` runs each row of [`inputs::ROWS`] (or those whose name holds a NAME) under
//! valgrind, takes away what the smallest input costs, and fails where twice the size costs more than 2.2 times, or four
//! times the size more than 4.6 times. `APIM_MIGRATE_BIN` names another binary to measure;
//! `APIM_MIGRATE_GROWTH_INPUT=FOLDER` with a row's name and a size writes that input and measures nothing.

mod inputs;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};

use inputs::{ROWS, Row};

/// What twice and four times the size may cost, in hundredths of what the size costs.
const ALLOWED: [u64; 2] = [220, 460];

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with("--")).collect();
    let binary = std::env::var_os("APIM_MIGRATE_BIN")
        .map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_apim-migrate")), PathBuf::from);
    println!("{:<44} {:>8} {:>12} {:>6} {:>6}", "", "size", "instr./unit", "2x", "4x");
    if let Some(folder) = std::env::var_os("APIM_MIGRATE_GROWTH_INPUT") {
        return write_one(&asked, Path::new(&folder));
    }
    let mut failed = 0;
    for row in ROWS {
        for command in row.commands {
            let name = format!("{} ({command})", row.name);
            if asked.is_empty() || asked.iter().any(|asked| name.contains(asked)) {
                failed += u32::from(!measure(&binary, row, command, &name));
            }
        }
    }
    println!("{failed} grow faster than their input");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Writes the input of the row that is named first, at the size that is named second, to look into one that grows.
fn write_one(asked: &[String], folder: &Path) -> ExitCode {
    let row = ROWS.iter().find(|row| asked.first().is_some_and(|name| row.name == name));
    let size = asked.get(1).and_then(|size| size.parse().ok());
    let (Some(row), Some(size)) = (row, size) else {
        eprintln!("give the name of a row, and a size");
        return ExitCode::FAILURE;
    };
    write(&(row.write)(size), folder);
    ExitCode::SUCCESS
}

#[allow(clippy::disallowed_methods, reason = "no output of the program is written")]
fn write(files: &[(String, String)], folder: &Path) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("files stand in a folder")).expect("the input's folders");
        std::fs::write(path, text).expect("the input's files");
    }
}

/// Measures one row; whether it grows as it may.
fn measure(binary: &Path, row: &Row, command: &str, name: &str) -> bool {
    let count = |size: usize| instructions(binary, row, command, size);
    let least = count(1);
    let [one, two, four] = [1, 2, 4].map(|times| count(row.size * times).saturating_sub(least).max(1));
    let ratios = [two, four].map(|more| more * 100 / one);
    let fits = ratios.iter().zip(ALLOWED).all(|(ratio, allowed)| *ratio <= allowed);
    let shown = |ratio: u64| format!("{}.{:02}", ratio / 100, ratio % 100);
    println!(
        "{name:<44} {:>8} {:>12} {:>6} {:>6}{}",
        row.size,
        one / row.size as u64,
        shown(ratios[0]),
        shown(ratios[1]),
        if fits { "" } else { "  TOO FAST" }
    );
    fits
}

/// How many instructions the command takes for an input of that size.
fn instructions(binary: &Path, row: &Row, command: &str, size: usize) -> u64 {
    let folder = tempfile::tempdir().expect("a folder for the input");
    let input = folder.path().join("in");
    write(&(row.write)(size), folder.path());
    let counts = folder.path().join("counts");
    let mut run = Command::new("valgrind");
    run.args(["--tool=cachegrind", "--cache-sim=no", "--log-file=/dev/null"])
        .arg(format!("--cachegrind-out-file={}", counts.display()))
        .arg(binary);
    match command {
        "plan" => run.args(["plan", "--format", "json"]),
        "text" => run.args(["plan"]),
        "check" => run.args(["check", "--format", "json"]),
        "convert" => run.args(["convert", "--format", "json", "--out"]).arg(folder.path().join("out")),
        other => unreachable!("no command {other}"),
    };
    let decisions = folder.path().join("decisions.toml");
    if decisions.exists() {
        run.arg("--decisions").arg(decisions);
    }
    let status = run.arg(&input).env("RAYON_NUM_THREADS", "1").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let status = status.expect("valgrind can be run");
    assert!(status.code().is_some_and(|code| code < 4), "{}: {command} of {size}: {status}", row.name);
    let counts = std::fs::read_to_string(&counts).expect("what valgrind counted");
    let total = counts.lines().rev().find_map(|line| line.strip_prefix("summary:")).expect("the sum");
    total.split_whitespace().next().and_then(|count| count.parse().ok()).expect("a number")
}
