//! What the command promises, from outside: sample deployments, changed a little, in a folder of their own.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

mod addresses;
mod again;
mod answers;
mod audit;
mod carried;
mod check;
mod conflicts;
mod cutting;
mod exits;
mod foreign;
mod inputs;
mod knowledge;
mod legacy;
mod options;
mod output;
mod references;
mod registry;
mod schema;
mod secrets;
mod statically;
#[cfg(target_os = "linux")]
mod streams;
mod values;
mod versions;

/// A folder to work in; commands run in it, so that names are relative.
pub struct Scratch(TempDir);

/// How a command ended.
pub struct Run {
    pub exit: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Run {
    /// The only line on stderr.
    #[track_caller]
    fn one_error(&self) -> &str {
        assert_eq!(self.exit, 1, "{}", self.stderr);
        // A program that asked for JSON is told as well.
        if !self.stdout.is_empty() {
            assert_eq!(self.json()["status"], "failed");
        }
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        let line = self.stderr.trim_end();
        line.strip_prefix("error: ").unwrap_or_else(|| panic!("{line}"))
    }

    /// Stdout as JSON.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}{}", self.stderr, self.stdout))
    }
}

impl Scratch {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With the input of a case of `corpus/` as the folder `in`.
    pub fn of(case: &str) -> Self {
        let scratch = Self::new();
        scratch.copy(case, "in");
        scratch
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Copies the input of a case.
    fn copy(&self, case: &str, to: &str) {
        let from = corpus().join(case).join("in");
        for (name, bytes) in files(&from) {
            self.put(&format!("{to}/{name}"), &bytes);
        }
    }

    pub fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::File::create(path).unwrap().write_all(bytes).unwrap();
    }

    /// Changes all occurrences of a text in a file.
    #[track_caller]
    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no `{from}`");
        self.put(name, text.replace(from, to).as_bytes());
    }

    pub fn run(&self, args: &[&str]) -> Run {
        let output =
            Command::new(env!("CARGO_BIN_EXE_apim-migrate")).args(args).current_dir(self.0.path()).output().unwrap();
        Run {
            exit: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Converts `in` to `out` and gives the report.
    #[track_caller]
    fn convert(&self, args: &[&str]) -> Value {
        let run = self.run(&[&["convert", "in", "--out", "out", "--force", "--format", "json"], args].concat());
        assert_ne!(run.exit, 1, "{}", run.stderr);
        run.json()
    }

    /// Converts with these answers.
    #[track_caller]
    fn decide(&self, answers: &str) -> Value {
        self.put("answers.toml", answers.as_bytes());
        self.convert(&["--decisions", "answers.toml"])
    }

    /// The file of a new node in `out`.
    #[track_caller]
    fn written(&self, node: &str) -> toml::Table {
        let path = self.path(&format!("out/{node}/repository/conf/deployment.toml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{node}: {error}"));
        text.parse().unwrap()
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(self.0.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")
}

/// All files below a folder, by their path in it.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut todo = vec![folder.to_path_buf()];
    while let Some(next) = todo.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                todo.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_string_lossy().replace('\\', "/");
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

/// A value of a TOML file by its path, `a.b[0].c`.
fn at<'t>(table: &'t toml::Table, path: &str) -> Option<&'t toml::Value> {
    let mut parts = path.split(['.', '[']);
    let mut value = table.get(parts.next()?)?;
    for part in parts {
        value = match part.strip_suffix(']') {
            Some(index) => value.get(index.parse::<usize>().ok()?)?,
            None => value.get(part)?,
        };
    }
    Some(value)
}

fn text<'t>(table: &'t toml::Table, path: &str) -> &'t str {
    at(table, path).and_then(toml::Value::as_str).unwrap_or("(none)")
}

fn list(table: &toml::Table, path: &str) -> Vec<String> {
    let items = at(table, path).and_then(toml::Value::as_array);
    items.into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
}

/// All entries of a field of all deployments of a report.
fn all<'r>(report: &'r Value, field: &str) -> Vec<&'r Value> {
    let deployments = report["deployments"].as_array().unwrap();
    deployments.iter().flat_map(|deployment| deployment[field].as_array().unwrap()).collect()
}

/// The ids of the open decisions of a report.
fn open(report: &Value) -> Vec<&str> {
    let open = all(report, "decisions").into_iter().filter(|decision| decision["open"] == true);
    open.map(|decision| decision["id"].as_str().unwrap()).collect()
}

fn findings<'r>(report: &'r Value, code: &str) -> Vec<&'r Value> {
    all(report, "findings").into_iter().filter(|finding| finding["code"] == code).collect()
}

/// The messages of the findings with a code.
fn messages<'r>(report: &'r Value, code: &str) -> Vec<&'r str> {
    findings(report, code).into_iter().map(|finding| finding["message"].as_str().unwrap()).collect()
}
