//! The profile that a start script, service unit, container file or manifest starts a node with (A.2, row 2).
//!
//! These files are no configuration: they have no leaves and are only searched for `-Dprofile=`.

use super::nodes::Home;
use super::{FileText, InputFile};
use crate::source::{Place, Position};
use crate::text::Parts as _;

/// A profile that a node is started with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartProfile {
    /// The profile's word, as written.
    pub word: String,
    /// Where it is set.
    pub place: Place,
}

const FLAG: &str = "-Dprofile=";
/// The profiles of all versions; anything else is a variable or a place holder.
const PROFILES: [&str; 9] = [
    "api-key-manager",
    "api-publisher",
    "api-store",
    "api-devportal",
    "traffic-manager",
    "gateway-manager",
    "gateway-worker",
    "control-plane",
    "default",
];
/// No start script comes near.
const SIZE_LIMIT: usize = 256 << 10;

/// The scripts, units and container files that speak of a home: its own, and those of `loose` in the folder above it if
/// it is the only home there.
pub fn of_home<'h, 'a>(
    home: &'h Home<'a>,
    loose: &'h [InputFile<'a>],
    all: &'h [String],
) -> impl Iterator<Item = &'h InputFile<'a>> {
    let own = home.files.iter().filter(|(_, file)| !file.inside).map(|(_, file)| &file.file);
    let above = home.path.rsplit_once('/').map_or("", |(above, _)| above);
    // A folder above several nodes speaks of none of them.
    let alone = !home.path.is_empty() && all.iter().filter(|other| is_in(other, above)).count() == 1;
    let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
    let beside = loose.iter().filter(move |file| alone && folder(file.path) == above);
    own.chain(beside).filter(|file| is_script(file.path))
}

/// The profile that these files set; none where they disagree.
#[must_use]
pub fn start_profile<'h, 'a: 'h>(scripts: impl Iterator<Item = &'h InputFile<'a>>) -> Option<StartProfile> {
    let mut found: Option<StartProfile> = None;
    for file in scripts {
        let FileText::Text(text) = file.text else { continue };
        let Some((word, position)) = set_in(text) else { continue };
        match &found {
            Some(known) if known.word != word => return None,
            Some(_) => {}
            None => found = Some(StartProfile { word: word.to_owned(), place: Place::at(file.path, position) }),
        }
    }
    found
}

fn is_in(path: &str, folder: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

fn is_script(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    name == "Dockerfile" || matches!(extension, "sh" | "bat" | "service" | "yaml" | "yml" | "env" | "conf")
}

/// The one profile that the lines of a file set; none if they set several.
fn set_in(text: &str) -> Option<(&str, Position)> {
    let mut found: Option<(&str, Position)> = None;
    if text.len() > SIZE_LIMIT {
        return None;
    }
    for (number, line) in text.lines().enumerate().filter(|(_, line)| line.contains(FLAG) && !only_speaks(line)) {
        for (at, _) in line.match_indices(FLAG) {
            let Some(word) = word_at(line, at) else { continue };
            if found.is_some_and(|(known, _)| known != word) {
                return None;
            }
            let column = line.part(..at).chars().count() as u32 + 1;
            found = found.or(Some((word, Position { line: number as u32 + 1, column })));
        }
    }
    found
}

/// The profile set at this place of a line; none in a comment at its end or in the pattern of a `case`.
fn word_at(line: &str, at: usize) -> Option<&str> {
    let commented = line.part(..at).contains(" #") || line.part(..at).contains("\t#");
    let value = line.part(at + FLAG.len()..).trim_start_matches(['"', '\'']);
    let end = value.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_')).unwrap_or(value.len());
    let pattern = value.part(end..).trim_start_matches(['"', '\'', ' ']).starts_with([')', '|']);
    let word = value.part(..end);
    (!commented && !pattern && PROFILES.contains(&word)).then_some(word)
}

/// Comments, output, usage texts and comparisons name profiles and set none.
pub(super) fn only_speaks(line: &str) -> bool {
    const STARTS: [&str; 16] = [
        "#", "//", "::", "rem ", "@rem ", "<!--", "echo", "@echo", "print", "if ", "elif ", "else if ", "case ", "[ ",
        "[[ ", "test ",
    ];
    let line = line.trim_start().to_ascii_lowercase();
    STARTS.iter().any(|start| line.starts_with(start)) || line.contains("usage") || line.contains("==")
}

#[cfg(test)]
mod tests {
    use super::set_in;

    #[test]
    fn takes_only_what_is_set() {
        let word = |text: &'static str| set_in(text).map(|(word, at)| (word, at.line, at.column));
        assert_eq!(word("#!/bin/sh\nsh wso2server.sh -Dprofile=api-store start\n"), Some(("api-store", 2, 18)));
        assert_eq!(word("CMD [\"wso2server.sh\", \"-Dprofile=gateway-worker\"]"), Some(("gateway-worker", 1, 24)));
        assert_eq!(word("    args: [\"-Dprofile=traffic-manager\"]").map(|found| found.0), Some("traffic-manager"));
        for text in [
            "# sh wso2server.sh -Dprofile=api-store",
            "start # -Dprofile=api-store",
            "echo \"-Dprofile=api-store\"",
            "  Usage: wso2server.sh -Dprofile=api-store",
            "  -Dprofile=api-store)",
            "-Dprofile=api-store | -Dprofile=api-publisher)",
            "if [ \"$1\" = \"-Dprofile=api-store\" ]; then",
            "if \"%1\"==\"-Dprofile=api-store\" goto store",
            "exec wso2server.sh -Dprofile=$PROFILE",
            "a -Dprofile=api-store\nb -Dprofile=api-publisher",
        ] {
            assert_eq!(word(text), None, "{text}");
        }
    }
}
