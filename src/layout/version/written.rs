//! Files that this tool wrote: the report beside them says for which versions.

use serde::{Deserialize, Serialize};

use super::{VersionEvidence, evidence};
use crate::diagnostic::{Code, Finding};
use crate::layout::{FileText, InputFile};
use crate::source::Place;
use crate::version::{Target, Version};

/// The report's name.
pub const REPORT: &str = "migration-report.json";

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

/// The oldest version that the files of the home at `path` were written for, if they were: the nearest report above.
#[must_use]
pub fn written_for(path: &str, beside: &[InputFile<'_>]) -> Option<(Version, VersionEvidence)> {
    let folder = |file: &InputFile<'_>| {
        let folder = file.path.strip_suffix(REPORT)?;
        (folder.is_empty() || (folder.ends_with('/') && path.starts_with(folder))).then_some(folder.len())
    };
    let nearest = beside.iter().filter_map(|file| Some((folder(file)?, file))).max_by_key(|(length, _)| *length)?.1;
    let report = report_in(nearest)?;
    let target = report.options.target;
    let what = format!("it was written for {target}");
    Some((*target.measured().first()?, evidence(what, Some(Place::file(nearest.path)))))
}

/// Folders of our own output below an INPUT that holds other deployments too.
#[derive(Debug, Default)]
pub struct OwnOutputs(Vec<String>);

impl OwnOutputs {
    /// Whether the file lies in one.
    #[must_use]
    pub fn holds(&self, path: &str) -> bool {
        self.0.iter().any(|folder| path.strip_prefix(folder.as_str()).is_some_and(|rest| rest.starts_with('/')))
    }

    /// That each was left out.
    pub fn findings(&self) -> impl Iterator<Item = Finding> {
        self.0.iter().map(|folder| {
            let message = "an output of this tool: left out";
            Finding::new(Code::OwnOutput, message).at(Place::file(format!("{folder}/{REPORT}")))
        })
    }
}

/// Finds our own outputs below the INPUT. An INPUT that holds nothing else is meant to be read.
#[must_use]
pub fn own_outputs(files: &[InputFile<'_>]) -> OwnOutputs {
    let mut found = OwnOutputs::default();
    for file in files {
        let Some(folder) = file.path.strip_suffix(REPORT).and_then(|folder| folder.strip_suffix('/')) else { continue };
        if !found.holds(file.path) && report_in(file).is_some() {
            found.0.push(folder.to_owned());
        }
    }
    let other = files.iter().any(|file| !found.holds(file.path) && is_configuration(file.path));
    let own = files.iter().any(|file| file.path == REPORT && report_in(file).is_some());
    if other && !own { found } else { OwnOutputs::default() }
}

/// Whether the files are one deployment that this tool wrote: a report beside them speaks of no other.
#[must_use]
pub fn is_one(files: &[(usize, String)], all: &[InputFile<'_>], taken: &[usize]) -> bool {
    let report = files.iter().find(|(_, path)| path == REPORT);
    report.and_then(|(file, _)| report_in(&all[taken[*file]])).is_some_and(|report| report.deployments.len() == 1)
}

fn report_in(file: &InputFile<'_>) -> Option<Report> {
    let FileText::Text(text) = file.text else { return None };
    serde_json::from_str(text).ok().filter(|report: &Report| report.tool.is_this())
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
