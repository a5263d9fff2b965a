//! What in an output folder is ours: the files that an earlier report there lists, the report itself,
//! and the checklist.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use super::{WriteError, refused};

/// The report's file in the output folder.
pub use crate::layout::version::written::REPORT;
/// The checklist's file beside it.
pub const CHECKLIST: &str = "CHECKLIST.md";

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
    let report: serde_json::Value = serde_json::from_slice(&fs::read(path).ok()?).ok()?;
    report.get("schema_version")?.as_u64()?;
    if report.pointer("/tool/name")?.as_str()? != env!("CARGO_PKG_NAME") {
        return None;
    }
    let nodes = report
        .get("deployments")?
        .as_array()?
        .iter()
        .filter_map(|deployment| deployment.pointer("/target/nodes").and_then(serde_json::Value::as_array));
    let files = nodes.flatten().flat_map(|node| {
        let beside = node.get("beside").and_then(serde_json::Value::as_array).into_iter().flatten();
        node.get("file").into_iter().chain(beside).filter_map(|path| path.as_str().map(str::to_owned))
    });
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
