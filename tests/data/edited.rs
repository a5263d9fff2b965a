//! Files that live on: nothing in them is unknown, their comments stay where their settings do, and what was
//! written comes back as it is.

use std::collections::BTreeMap;
use std::path::Path;

use libtest_mimic::Failed;

use super::{all, convert, files, report, same_files};

/// Every target.
const TARGETS: [&str; 7] = ["current", "4.0", "4.1", "4.2", "4.4", "4.5", "4.6"];

/// A published deployment of 4.x.
pub fn published(folder: &Path) -> Result<(), Failed> {
    for target in TARGETS {
        comes_back(folder, target).map_err(|failed| format!("{target}: {}", failed.message().unwrap_or_default()))?;
    }
    let run = convert(folder, &[])?;
    let report = report(&run)?;
    if let Some(setting) = all(&report, "settings").into_iter().find(|setting| setting["outcome"] == "unknown") {
        return Err(format!("unknown: {} {}", setting["file"], setting["path"]).into());
    }
    // Which old file most of a new one's settings come from.
    let mut from: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for deployment in report["deployments"].as_array().into_iter().flatten() {
        for setting in deployment["settings"].as_array().into_iter().flatten() {
            for target in setting["targets"].as_array().into_iter().flatten() {
                let nodes = deployment["target"]["nodes"].as_array().into_iter().flatten();
                let file = nodes.filter(|node| node["name"] == target["node"]).find_map(|node| node["file"].as_str());
                let (Some(file), Some(old)) = (file, setting["file"].as_str()) else { continue };
                *from.entry(file.to_owned()).or_default().entry(old).or_default() += 1;
            }
        }
    }
    let written = files(&run.out);
    for (file, counts) in from {
        let old = counts.iter().max_by_key(|(_, count)| **count).map(|(name, _)| folder.join(name));
        let Some(old) = old.and_then(|path| std::fs::read_to_string(path).ok()) else { continue };
        if let Some(new) = written.iter().find_map(|(name, text)| name.ends_with(&file).then_some(text)) {
            comments_stay(&old, new).map_err(|line| format!("{file}: the comment `{line}` is lost"))?;
        }
    }
    Ok(())
}

/// What is written for a target, given back as input, is written again.
pub fn comes_back(folder: &Path, target: &str) -> Result<(), Failed> {
    let args = ["--target".to_owned(), target.to_owned()];
    let first = convert(folder, &args)?;
    let second = convert(&first.out, &args)?;
    same_files(&first.out, &second.out)
}

/// Every comment of a line of its own is in the new text too, unless the table or the key below it is gone; the
/// first that is not is the error.
fn comments_stay<'t>(old: &'t str, new: &str) -> Result<(), &'t str> {
    let new: Vec<&str> = new.lines().map(str::trim).collect();
    let lines: Vec<&str> = old.lines().map(str::trim).collect();
    let is_header = |line: &str| line.starts_with('[');
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| line.starts_with('#')) {
        let table = lines[..place].iter().rev().find(|line| is_header(line));
        let below = lines[place..].iter().find(|line| !line.starts_with('#'));
        let count = |of: &[&str]| of.iter().filter(|other| other == &line).count();
        let gone = |line: Option<&&str>| line.is_some_and(|line| !line.is_empty() && !new.contains(line));
        if count(&new) < count(&lines) && !gone(table) && !gone(below) && !new.contains(line) {
            return Err(line);
        }
    }
    Ok(())
}
