//! Files that this tool wrote: the report beside them says for which versions.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{VersionEvidence, evidence};
use crate::diagnostic::{Code, Finding};
use crate::layout::{FileText, InputFile, homes};
use crate::source::Place;
use crate::version::{Target, Version};

/// The report's name.
pub const REPORT: &str = "migration-report.json";
/// The name of the record of what was written, in each folder of an output that is written as one.
pub const RECORD: &str = ".apim-migrate.json";
/// What the names of folders begin with in which files are staged before they are put in place.
pub const STAGING: &str = ".apim-migrate-";

/// The part of a record that tells what was written for.
#[derive(Deserialize)]
struct Record {
    tool: Tool,
    target: Option<Target>,
    #[serde(default)]
    units: Vec<serde::de::IgnoredAny>,
}

/// The part of a report that tells what was written for.
#[derive(Deserialize)]
struct Report {
    tool: Tool,
    options: Options,
    #[serde(default)]
    deployments: Vec<serde::de::IgnoredAny>,
}

/// What a report says of the tool that wrote it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    name: String,
}

impl Tool {
    /// This tool.
    #[must_use]
    pub fn this() -> Self {
        Self { name: env!("CARGO_PKG_NAME").to_owned() }
    }

    /// Whether it is this one.
    #[must_use]
    pub fn is_this(&self) -> bool {
        self.name == env!("CARGO_PKG_NAME")
    }
}

#[derive(Deserialize)]
struct Options {
    target: Target,
}

/// The oldest version that the files of the home at `path` were written for, if they were: the nearest report or record
/// above.
#[must_use]
pub fn written_for(path: &str, beside: &[InputFile<'_>]) -> Option<(Version, VersionEvidence)> {
    let folder = |file: &InputFile<'_>| {
        let folder = marked_folder(file.path)?;
        (folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')))
            .then_some(folder.len())
    };
    let near: Vec<(usize, &InputFile<'_>)> = beside.iter().filter_map(|file| Some((folder(file)?, file))).collect();
    let nearest = near.iter().map(|(length, _)| *length).max()?;
    let mut marks = near.into_iter().filter(|(length, _)| *length == nearest);
    let (target, file) = marks.find_map(|(_, file)| Some((mark_in(file)?.target?, file)))?;
    let what = format!("it was written for {target}");
    Some((*target.measured().first()?, evidence(what, Some(Place::file(file.path)))))
}

/// The folder that a report or record of ours would lie in.
fn marked_folder(path: &str) -> Option<&str> {
    let folder = path.strip_suffix(REPORT).or_else(|| path.strip_suffix(RECORD))?;
    if folder.is_empty() { Some(folder) } else { folder.strip_suffix('/') }
}

/// What a report or record of ours tells.
struct Mark {
    target: Option<Target>,
    /// How many deployments it speaks of.
    deployments: usize,
}

fn mark_in(file: &InputFile<'_>) -> Option<Mark> {
    let FileText::Text(text) = file.text else { return None };
    if file.path.ends_with(RECORD) {
        let record: Record = serde_json::from_str(text).ok().filter(|record: &Record| record.tool.is_this())?;
        return Some(Mark { target: record.target, deployments: record.units.len().max(1) });
    }
    let report: Report = serde_json::from_str(text).ok().filter(|report: &Report| report.tool.is_this())?;
    Some(Mark { target: Some(report.options.target), deployments: report.deployments.len() })
}

/// Folders of our own output below an INPUT that holds other deployments too.
#[derive(Debug, Default)]
pub struct OwnOutputs(BTreeSet<String>);

impl OwnOutputs {
    /// Whether the file lies in one.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        homes::ancestors(path).any(|above| self.0.contains(above))
    }

    /// That each was left out.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        self.0.iter().map(|folder| {
            let message = "an output of this tool: left out";
            Finding::new(Code::OwnOutput, message).at(Place::file(folder.clone()))
        })
    }
}

/// Finds our own outputs below the INPUT, and folders in which a run of ours left what it staged. An INPUT that holds
/// nothing else, or is an output itself, is meant to be read.
#[must_use]
pub fn own_outputs(files: &[InputFile<'_>]) -> OwnOutputs {
    let mut found = BTreeSet::new();
    for file in files {
        let staged = file.path.split('/').find(|name| name.starts_with(STAGING) && *name != RECORD);
        if let Some(at) = staged.and_then(|name| file.path.find(name).map(|at| at + name.len())) {
            found.extend(file.path.get(..at).filter(|folder| folder.len() < file.path.len()).map(str::to_owned));
        }
        if let Some(folder) = marked_folder(file.path)
            && mark_in(file).is_some()
        {
            found.insert(folder.to_owned());
        }
    }
    if found.contains("") {
        return OwnOutputs::default();
    }
    // The outermost are enough.
    let outer = |folder: &&String| !homes::ancestors(folder).any(|above| found.contains(above));
    let found = OwnOutputs(found.iter().filter(outer).cloned().collect());
    let other = files.iter().any(|file| !found.holds(file.path) && is_configuration(file.path));
    if other { found } else { OwnOutputs::default() }
}

/// The folders that each hold one deployment as this tool wrote it: those with a record.
#[must_use]
pub fn units<'f>(files: &[InputFile<'f>]) -> BTreeSet<&'f str> {
    let records = files.iter().filter(|file| file.path.rsplit('/').next() == Some(RECORD));
    let single = |file: &&InputFile<'f>| mark_in(file).is_some_and(|mark| mark.deployments == 1);
    records.filter(single).filter_map(|file| marked_folder(file.path)).collect()
}

/// Whether the files are one deployment that this tool wrote: a report or record beside them speaks of no other.
#[must_use]
pub fn is_one(files: &[(usize, String)], all: &[InputFile<'_>], taken: &[usize]) -> bool {
    let mut marks = files.iter().filter(|(_, path)| marked_folder(path) == Some(""));
    marks.any(|(file, _)| mark_in(&all[taken[*file]]).is_some_and(|mark| mark.deployments == 1))
}

/// Whether a server may be configured by the file.
fn is_configuration(path: &str) -> bool {
    matches!(path.rsplit_once('.').map(|(_, extension)| extension), Some("xml" | "properties" | "toml"))
}

#[cfg(test)]
mod tests {
    use super::{FileText, InputFile, written_for};

    #[test]
    fn finds_the_nearest_report() {
        let report = |target: &str| {
            format!(
                "{{\"tool\": {{\"name\": \"apim-migrate\", \"version\": \"1\"}}, \"options\": {{\"target\": \"{target}\"}}}}"
            )
        };
        let (near, far, other) = (report("4.5"), report("current"), "{\"tool\": {\"name\": \"x\"}}");
        let file = |path, text| InputFile { path, text: FileText::Text(text) };
        let all = [
            file("migration-report.json", far.as_str()),
            file("out/migration-report.json", near.as_str()),
            file("in/migration-report.json", other),
        ];
        let version = |path: &str| written_for(path, &all).map(|(version, _)| version.to_string());
        assert_eq!(version("out/control-plane").as_deref(), Some("4.5"));
        assert_eq!(version("outer/control-plane").as_deref(), Some("4.1"));
        assert_eq!(version("in/control-plane"), None);
    }
}
