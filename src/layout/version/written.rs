//! Files that this tool wrote: the report beside them says for which versions.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

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

/// Where a node's file stands below its folder.
const CONF_FILE: &str = "/repository/conf/deployment.toml";

/// The part of a record that tells what was written for.
#[derive(Deserialize)]
struct Record {
    tool: Tool,
    target: Option<Target>,
    #[serde(default)]
    #[expect(clippy::zero_sized_map_values, reason = "a record has a map here, of which only the names count")]
    files: BTreeMap<String, serde::de::IgnoredAny>,
    #[serde(default)]
    units: BTreeSet<String>,
    #[serde(default)]
    left: BTreeSet<String>,
}

/// The part of a report that tells what was written for.
#[derive(Deserialize)]
struct Report {
    tool: Tool,
    options: Options,
    #[serde(default)]
    deployments: Vec<Reported>,
}

/// The part of a report's deployment that tells its files.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Reported {
    target: ReportedTarget,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ReportedTarget {
    nodes: Vec<ReportedNode>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct ReportedNode {
    file: String,
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
    /// The files that it names, below its folder.
    files: BTreeSet<String>,
    /// The folders of deployments that have a record of their own.
    units: BTreeSet<String>,
}

fn mark_in(file: &InputFile<'_>) -> Option<Mark> {
    let FileText::Text(text) = file.text else { return None };
    if file.path.ends_with(RECORD) {
        let record: Record = serde_json::from_str(text).ok().filter(|record: &Record| record.tool.is_this())?;
        let deployments = record.units.len().max(1);
        let files = record.files.into_keys().collect();
        return Some(Mark { target: record.target, deployments, files, units: record.units });
    }
    let report: Report = serde_json::from_str(text).ok().filter(|report: &Report| report.tool.is_this())?;
    let deployments = report.deployments.len();
    let nodes = report.deployments.into_iter().flat_map(|deployment| deployment.target.nodes);
    let files = nodes.map(|node| node.file).filter(|file| !file.is_empty()).collect();
    Some(Mark { target: Some(report.options.target), deployments, files, units: BTreeSet::new() })
}

/// Folders and files of our own output below an INPUT that holds other deployments too.
#[derive(Debug, Default)]
pub struct OwnOutputs(BTreeSet<String>);

impl OwnOutputs {
    /// Whether the file is one or lies in one.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        self.0.contains(path) || homes::ancestors(path).any(|above| self.0.contains(above))
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
/// nothing else, or is an output itself, is meant to be read, but not what lies in an output of its own.
#[must_use]
pub fn own_outputs(files: &[InputFile<'_>]) -> OwnOutputs {
    let mut staged = BTreeSet::new();
    let mut marks: BTreeMap<&str, Mark> = BTreeMap::new();
    for file in files {
        let name = file.path.split('/').find(|name| name.starts_with(STAGING) && *name != RECORD);
        if let Some(at) = name.and_then(|name| file.path.find(name).map(|at| at + name.len())) {
            staged.extend(file.path.get(..at).filter(|folder| folder.len() < file.path.len()).map(str::to_owned));
        }
        if let Some(folder) = marked_folder(file.path)
            && let Some(mark) = mark_in(file)
        {
            // A record and a report may both tell of a folder's files.
            match marks.entry(folder) {
                Entry::Vacant(free) => {
                    free.insert(mark);
                }
                Entry::Occupied(mut known) => {
                    known.get_mut().files.extend(mark.files);
                    known.get_mut().units.extend(mark.units);
                }
            }
        }
    }
    // A mark tells of the nodes that it names, wherever it was put; one that names nothing, of its folder.
    let mut found: BTreeSet<String> = staged.clone();
    for (folder, mark) in &marks {
        let nodes = mark.files.iter().filter_map(|file| file.strip_suffix(CONF_FILE));
        let named = nodes.chain(mark.units.iter().map(String::as_str)).filter(|name| !name.is_empty());
        found.extend(named.map(|name| homes::join(folder, name)));
        if mark.files.is_empty() && mark.units.is_empty() && !folder.is_empty() {
            found.insert((*folder).to_owned());
        }
    }
    // A folder with no configuration of others in it is ours as a whole.
    let held = OwnOutputs(found.clone());
    let others = files.iter().filter(|file| is_configuration(file.path) && !held.holds(file.path));
    let mixed: BTreeSet<&str> = others.flat_map(|file| homes::ancestors(file.path)).collect();
    let whole = marks.keys().filter(|folder| !folder.is_empty() && !mixed.contains(**folder));
    found.extend(whole.map(|folder| (*folder).to_owned()));
    let outermost = |found: BTreeSet<String>| {
        let outer =
            |folder: &&String| !homes::ancestors(folder).any(|above| above != folder.as_str() && found.contains(above));
        OwnOutputs(found.iter().filter(outer).cloned().collect())
    };
    let found = outermost(found);
    if files.iter().any(|file| !found.holds(file.path) && is_configuration(file.path)) {
        return found;
    }
    // What is outermost is to be read; its units belong to it, and what else is marked in it is left out.
    let units: BTreeSet<String> =
        marks.iter().flat_map(|(folder, mark)| mark.units.iter().map(|unit| homes::join(folder, unit))).collect();
    let is_inner = |folder: &str| homes::ancestors(folder).any(|above| marks.contains_key(above));
    let inner = marks.keys().filter(|folder| !units.contains(**folder) && is_inner(folder));
    outermost(inner.map(|folder| (*folder).to_owned()).chain(staged).collect())
}

/// The folders that each hold one deployment as this tool wrote it: those with a record.
#[must_use]
pub fn units<'f>(files: &[InputFile<'f>]) -> BTreeSet<&'f str> {
    let records = files.iter().filter(|file| file.path.rsplit('/').next() == Some(RECORD));
    let single = |file: &&InputFile<'f>| mark_in(file).is_some_and(|mark| mark.deployments == 1);
    records.filter(single).filter_map(|file| marked_folder(file.path)).collect()
}

/// Files of ours that a person changed and kept although no node has them any more: `--keep-edited` left them.
#[must_use]
pub fn left_over(files: &[InputFile<'_>]) -> Vec<String> {
    let records = files.iter().filter(|file| file.path.rsplit('/').next() == Some(RECORD));
    let left = records.filter_map(|file| {
        let (FileText::Text(text), folder) = (&file.text, marked_folder(file.path)?) else { return None };
        let record: Record = serde_json::from_str(text).ok().filter(|record: &Record| record.tool.is_this())?;
        Some(record.left.into_iter().map(move |path| homes::join(folder, &path)))
    });
    left.flatten().collect()
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
    use super::{FileText, InputFile, own_outputs, written_for};

    #[test]
    fn knows_what_is_ours_wherever_the_mark_stands() {
        let tool = r#""tool": {"name": "apim-migrate"}"#;
        let node = "control-plane/repository/conf/deployment.toml";
        let record = format!("{{{tool}, \"files\": {{\"{node}\": {{}}}}}}");
        let report = format!(
            "{{{tool}, \"options\": {{\"target\": \"current\"}}, \"deployments\": [{{\"target\": {{\"nodes\": [{{\"file\": \"{node}\"}}]}}}}]}}"
        );
        let units = format!("{{{tool}, \"files\": {{}}, \"units\": [\"a\", \"b\"]}}");
        let out = |paths: &[(&str, &str)]| {
            let files: Vec<InputFile<'_>> =
                paths.iter().map(|(path, text)| InputFile { path, text: FileText::Text(text) }).collect();
            own_outputs(&files).0.into_iter().collect::<Vec<_>>()
        };
        let old = ("gw/repository/conf/api-manager.xml", "");
        let ours = "control-plane/repository/conf/deployment.toml";
        // Moved beside the servers that were read, with its record or its report alone.
        assert_eq!(out(&[(".apim-migrate.json", &record), (ours, ""), old]), ["control-plane"]);
        assert_eq!(out(&[("migration-report.json", &report), (ours, ""), old]), ["control-plane"]);
        // Written into a server's own folder: the server is still one, and marks below and beside hold.
        let (conf, below) = ("gw/repository/conf/.apim-migrate.json", "gw/out/.apim-migrate.json");
        let (inner, outer) = (format!("gw/repository/conf/{node}"), format!("gw/out/{node}"));
        assert_eq!(
            out(&[(conf, &record), (&inner, ""), old, (below, &record), (&outer, "")]),
            ["gw/out", "gw/repository/conf/control-plane"]
        );
        // What is nothing but an output is read, but not the output in it.
        let (first, second) = (format!("a/{node}"), format!("b/{node}"));
        let several = [
            (".apim-migrate.json", units.as_str()),
            ("a/.apim-migrate.json", &record),
            (&first, ""),
            ("b/.apim-migrate.json", &record),
            (&second, ""),
        ];
        assert!(out(&several).is_empty());
        let nested = format!("a/out/{node}");
        let with = [&several[..], &[("a/out/.apim-migrate.json", record.as_str()), (&nested, "")]].concat();
        assert_eq!(out(&with), ["a/out"]);
    }

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
