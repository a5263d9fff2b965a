//! The product's own config mapper, in one JVM for all renderings: a node's file in, the files that the server would
//! read out. Everything happens on scratch copies, which are gone with the [`Running`] mapper.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Product;
use super::fixed::Fixed;
use super::java::Java;
use super::model::Fault;
use crate::product::TablesError;

/// The class that calls the mapper; Java runs it from its source.
const STAND_IN: &str = include_str!("StandIn.java");

/// Why the mapper cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum MapperError {
    /// Java does not run the stand-in.
    #[error("{product}: its config mapper cannot be run: {said}")]
    NotReady {
        /// The product.
        product: String,
        /// What Java said.
        said: String,
    },
    /// The JVM went away.
    #[error("{product}: its config mapper stopped in the middle of its work: {said}")]
    Gone {
        /// The product.
        product: String,
        /// What is known of it.
        said: String,
    },
    /// The product's tables cannot be read.
    #[error(transparent)]
    Tables(#[from] TablesError),
    /// A scratch copy cannot be made or read.
    #[error("cannot {what} in the scratch folder: {source}")]
    Scratch {
        /// What was tried.
        what: &'static str,
        /// Why it failed.
        source: io::Error,
    },
}

fn scratch(what: &'static str) -> impl FnOnce(io::Error) -> MapperError {
    move |source| MapperError::Scratch { what, source }
}

/// The rendered files, by their path below the server's home.
pub type Files = BTreeMap<String, String>;

/// What the mapper said when it refused a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Its words.
    pub said: String,
    /// What kind of fault it is, if more is known than that it refused.
    pub kind: Fault,
}

impl Refusal {
    /// What it said in one line, without what the mapper logs on every run, and without clocks.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for line in self.said.lines().map(str::trim).filter(|line| !line.is_empty()) {
            let logged = line.starts_with('[').then(|| line.split_once("} - ")).flatten();
            let text = match logged {
                Some((head, _)) if !head.contains("ERROR") => continue,
                Some((_, text)) => text,
                None => line,
            };
            if !text.starts_with("at ") && !words.contains(&text) {
                words.push(text);
            }
        }
        words.join("; ")
    }
}

/// Names that files refer to and that the administrator's machine need not know: each gets a text that stands for it.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// Variables of `$env{…}`.
    pub variables: BTreeSet<String>,
    /// Properties of `$sys{…}`.
    pub properties: BTreeSet<String>,
}

impl Environment {
    /// Whether it knows all names of `other`.
    #[must_use]
    pub fn holds(&self, other: &Self) -> bool {
        self.variables.is_superset(&other.variables) && self.properties.is_superset(&other.properties)
    }
}

/// What stands for a value that only the server's machine knows.
pub const DUMMY: &str = "dummy";

/// What renders a node's file.
#[derive(Debug)]
pub enum Mapper {
    /// The product's own mapper.
    Running(Running),
    /// Its tables and templates, read here.
    Fixed(Box<Fixed>),
}

impl Mapper {
    /// Renders a node's file, or tells why the product refuses it.
    pub fn render(&mut self, toml: &str) -> Result<Result<Files, Refusal>, MapperError> {
        self.render_bytes(toml.as_bytes())
    }

    /// Renders a node's file byte for byte, whatever it is.
    pub fn render_bytes(&mut self, toml: &[u8]) -> Result<Result<Files, Refusal>, MapperError> {
        match self {
            Self::Running(mapper) => mapper.render(toml),
            // Java reads bytes that are no UTF-8 so, and keeps a mark.
            Self::Fixed(fixed) => Ok(fixed.render(&String::from_utf8_lossy(toml))),
        }
    }
}

/// A running mapper.
#[derive(Debug)]
pub struct Running {
    child: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
    product: String,
    folder: tempfile::TempDir,
    rendered: u32,
}

impl Running {
    /// Copies the product's tables and templates and starts the JVM.
    pub fn start(product: &Product, java: &Java, environment: &Environment) -> Result<Self, MapperError> {
        let folder = scratch_folder().map_err(scratch("make a folder"))?;
        copy(&product.resources(), &folder.path().join("resources")).map_err(scratch("copy the product's tables"))?;
        let class = folder.path().join("StandIn.java");
        put(&class, STAND_IN.as_bytes()).map_err(scratch("write a file"))?;
        let errors = fs::File::create(folder.path().join("errors")).map_err(scratch("write a file"))?;
        let home = fs::canonicalize(&product.home).unwrap_or_else(|_| product.home.clone());
        let mut command = Command::new(&java.program);
        // A short life: little is gained by compiling well. The mapper always writes, whatever it wrote before.
        command.args([
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseSerialGC",
            "-Dfile.encoding=UTF-8",
            "-DforceConfigUpdate=true",
        ]);
        command.args(environment.properties.iter().map(|name| format!("-D{name}={DUMMY}")));
        command.arg("-cp").arg(home.join("lib").join("*")).arg(&class);
        for name in environment.variables.iter().filter(|name| std::env::var_os(name).is_none()) {
            command.env(name, DUMMY);
        }
        command.current_dir(folder.path()).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let name = product.name.clone();
        let not_ready = |said: String| MapperError::NotReady { product: name.clone(), said };
        let mut child = command.spawn().map_err(|error| not_ready(error.to_string()))?;
        let (Some(requests), Some(answers)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(not_ready("no way to talk to it".to_owned()));
        };
        let product = product.name.clone();
        let mut mapper = Self { child, requests, answers: BufReader::new(answers), product, folder, rendered: 0 };
        match mapper.answer().as_deref() {
            Some("ready") => Ok(mapper),
            Some(other) => Err(not_ready(other.replace('\t', ": "))),
            None => Err(not_ready(mapper.errors())),
        }
    }

    /// Renders a node's file, or tells why the mapper refuses it.
    pub fn render(&mut self, toml: &[u8]) -> Result<Result<Files, Refusal>, MapperError> {
        let folder = self.folder.path().to_owned();
        let (file, out) = (folder.join("deployment.toml"), folder.join("home"));
        put(&file, toml).map_err(scratch("write a file"))?;
        fs::create_dir(&out).map_err(scratch("make a folder"))?;
        let request = [&file, &folder.join("resources"), &out].map(|path| path.display().to_string()).join("\t");
        let sent = writeln!(self.requests, "{request}").and_then(|()| self.requests.flush());
        let answer = sent.ok().and_then(|()| self.answer());
        let Some(answer) = answer else {
            return Err(MapperError::Gone { product: self.product.clone(), said: self.errors() });
        };
        self.rendered += 1;
        let result = match answer.split_once('\t') {
            None => Ok(read_all(&out).map_err(scratch("read what was rendered"))?),
            Some((_, said)) => {
                // The scratch folder is nobody's business.
                let folder = format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR);
                Err(Refusal { said: unescape(said).replace(&folder, ""), kind: Fault::Refused })
            }
        };
        fs::remove_dir_all(&out).map_err(scratch("remove a folder"))?;
        Ok(result)
    }

    /// How often it was asked.
    #[must_use]
    pub fn count(&self) -> u32 {
        self.rendered
    }

    fn answer(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.answers.read_line(&mut line) {
            Ok(length) if length > 0 => Some(line.trim_end_matches(['\n', '\r']).to_owned()),
            _ => None,
        }
    }

    fn errors(&self) -> String {
        let told = fs::read_to_string(self.folder.path().join("errors")).unwrap_or_default();
        let lines: Vec<&str> = told.lines().filter(|line| !line.trim().is_empty()).collect();
        let said = lines[lines.len().saturating_sub(3)..].join("; ");
        if said.is_empty() { "it said nothing".to_owned() } else { said }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has nothing to finish; its folder must not be in use when it goes.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn unescape(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut characters = line.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('n') => out.push('\n'),
                Some(other) => out.push(other),
                None => {}
            },
            other => out.push(other),
        }
    }
    out
}

/// A folder of our own, in memory where the system has such a place: the files hold secrets, and there are many.
fn scratch_folder() -> io::Result<tempfile::TempDir> {
    let mut builder = tempfile::Builder::new();
    let builder = builder.prefix("apim-migrate-");
    builder.tempdir_in("/dev/shm").or_else(|_| builder.tempdir())
}

/// Writes a scratch file, which nobody reads before it is whole.
fn put(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::File::create(path)?.write_all(bytes)
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        // What an earlier start noted there would be compared with what is rendered now.
        if entry.file_name() == ".metadata" {
            continue;
        }
        if path.is_dir() {
            copy(&path, &target)?;
        } else {
            // A copy, not a link, and its mode is its own: the product may be read-only.
            put(&target, &fs::read(&path)?)?;
        }
    }
    Ok(())
}

/// All files below a folder, by their path in it.
pub fn read_all(folder: &Path) -> io::Result<Files> {
    let mut files = Files::new();
    let mut todo: Vec<(PathBuf, String)> = vec![(folder.to_owned(), String::new())];
    while let Some((next, name)) = todo.pop() {
        for entry in fs::read_dir(&next)? {
            let entry = entry?;
            let part = entry.file_name().to_string_lossy().into_owned();
            let name = if name.is_empty() { part } else { format!("{name}/{part}") };
            if entry.file_type()?.is_dir() {
                // What the mapper sets aside before it writes is none of its work.
                if name != "backup" {
                    todo.push((entry.path(), name));
                }
            } else {
                files.insert(name, String::from_utf8_lossy(&fs::read(entry.path())?).into_owned());
            }
        }
    }
    Ok(files)
}
