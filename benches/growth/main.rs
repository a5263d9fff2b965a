//! How the work grows with the input: instructions of the command at one, two and four times an input's size.
//!
//! `cargo bench --bench growth [-- NAME …]` runs each row of [`inputs::ROWS`] (or those whose name holds a NAME) under
//! valgrind, takes away what the smallest input costs, and fails where twice the size costs more than 2.2 times, or four
//! times the size more than 4.6 times. Where each of n files must name all n, that is measured against what `convert`
//! writes. `APIM_MIGRATE_BIN` names another binary to measure;
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
    let count = |size: usize| cost(binary, row, command, size);
    let least = count(1);
    let [one, two, four] = [1, 2, 4].map(|times| count(row.size * times).beyond(least));
    let ratios = [two, four].map(|more| more.instructions * 100 / one.instructions);
    // How much faster than the input the output grows, in hundredths.
    let written = [(two, 2), (four, 4)].map(|(more, times)| (more.bytes * 100 / one.bytes / times).max(100));
    let written = if row.each_names_all { written } else { [100; 2] };
    let fits = (0..2).all(|at| ratios[at] <= ALLOWED[at] * written[at] / 100);
    let shown = |ratio: u64| format!("{}.{:02}", ratio / 100, ratio % 100);
    println!(
        "{name:<44} {:>8} {:>12} {:>6} {:>6}{}",
        row.size,
        one.instructions / row.size as u64,
        shown(ratios[0]),
        shown(ratios[1]),
        match (fits, row.each_names_all) {
            (false, _) => "  TOO FAST".to_owned(),
            (true, true) => format!(
                "  (what is written: {}, {})",
                shown(two.bytes * 100 / one.bytes),
                shown(four.bytes * 100 / one.bytes)
            ),
            (true, false) => String::new(),
        }
    );
    fits
}

/// What a run takes and gives.
#[derive(Clone, Copy)]
struct Cost {
    instructions: u64,
    /// Of all files that `convert` writes, where each names all others; else 0.
    bytes: u64,
}

impl Cost {
    fn beyond(self, least: Self) -> Self {
        Self {
            instructions: self.instructions.saturating_sub(least.instructions).max(1),
            bytes: self.bytes.saturating_sub(least.bytes).max(1),
        }
    }
}

/// What the command takes and gives for an input of that size.
fn cost(binary: &Path, row: &Row, command: &str, size: usize) -> Cost {
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
    let instructions = total.split_whitespace().next().and_then(|count| count.parse().ok()).expect("a number");
    let bytes = if row.each_names_all { written(binary, &input, &folder.path().join("written")) } else { 0 };
    Cost { instructions, bytes }
}

/// The bytes of all files that `convert` writes for the input.
fn written(binary: &Path, input: &Path, out: &Path) -> u64 {
    let convert = Command::new(binary).args(["convert", "--out"]).args([out, input]).output();
    let status = convert.expect("the program can be run").status;
    assert!(status.code().is_some_and(|code| code != 1 && code < 4), "convert of {}: {status}", input.display());
    size_of(out)
}

/// The bytes of all files in a folder.
fn size_of(folder: &Path) -> u64 {
    let entries = std::fs::read_dir(folder).expect("a folder that was written").map(|entry| entry.expect("its entry"));
    entries
        .map(|entry| match entry.metadata().expect("what it is") {
            folder if folder.is_dir() => size_of(&entry.path()),
            file => file.len(),
        })
        .sum()
}
