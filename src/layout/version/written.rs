//! Files that this tool wrote: the report beside them says for which versions.

use serde::{Deserialize, Serialize};

use super::{VersionEvidence, evidence};
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
    let FileText::Text(text) = nearest.text else { return None };
    let report: Report = serde_json::from_str(text).ok().filter(|report: &Report| report.tool.is_this())?;
    let target = report.options.target;
    let what = format!("it was written for {target}");
    Some((*target.measured().first()?, evidence(what, Some(Place::file(nearest.path)))))
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
