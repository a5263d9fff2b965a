//! What in an output folder is ours: the files that an earlier report there lists, the report itself,
//! and the checklist.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use serde::Deserialize;

use super::{WriteError, refused};
use crate::layout::version::written::Tool;

/// The report's file in the output folder.
pub use crate::layout::version::written::REPORT;
/// The checklist's file beside it.
pub const CHECKLIST: &str = "CHECKLIST.md";

/// The part of a report that tells what was written: the settings of thousands of deployments are passed over.
#[derive(Deserialize)]
struct Report {
    #[serde(rename = "schema_version")]
    _schema_version: u64,
    tool: Tool,
    deployments: Vec<Deployment>,
}

#[derive(Deserialize)]
struct Deployment {
    #[serde(default)]
    target: Target,
}

#[derive(Default, Deserialize)]
struct Target {
    #[serde(default)]
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    file: Option<String>,
    #[serde(default)]
    beside: Vec<String>,
}

/// The files below `dir` that are no earlier output of ours, in the order of their names. A link is a file here:
/// nothing is looked for behind it.
pub(super) fn foreign_files(dir: &Path) -> Result<Vec<String>, WriteError> {
    let mut found = Vec::new();
    collect(dir, "", &mut found).map_err(refused("look into the folder", dir))?;
    let ours = listed(dir).unwrap_or_default();
    found.retain(|file| !ours.contains(file));
    found.sort();
    Ok(found)
}

fn collect(dir: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &format!("{path}/"), found)?;
        } else {
            found.push(path);
        }
    }
    Ok(())
}

/// The files that the report in `dir` lists, its own name and the checklist's; nothing if it is not ours.
fn listed(dir: &Path) -> Option<BTreeSet<String>> {
    let path = dir.join(REPORT);
    if !fs::symlink_metadata(&path).ok()?.is_file() {
        return None;
    }
    let report = io::BufReader::new(fs::File::open(path).ok()?);
    let report: Report = serde_json::from_reader(report).ok().filter(|report: &Report| report.tool.is_this())?;
    let nodes = report.deployments.into_iter().flat_map(|deployment| deployment.target.nodes);
    let files = nodes.flat_map(|node| node.file.into_iter().chain(node.beside));
    Some(files.chain([REPORT.to_owned(), CHECKLIST.to_owned()]).collect())
}

/// Moves the foreign `file` of the old folder into the new one, unless a file of ours has its name.
pub(super) fn carry(old: &Path, new: &Path, file: &str, moved: &mut Vec<String>) -> io::Result<()> {
    let to = new.join(file);
    if fs::symlink_metadata(&to).is_ok() {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder)?;
    }
    fs::rename(old.join(file), to)?;
    moved.push(file.to_owned());
    Ok(())
}
