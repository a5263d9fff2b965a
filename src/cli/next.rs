//! The arguments of the command to run next: those of this run that shape what comes out, ready to be pasted.

use std::path::Path;

use clap::ValueEnum as _;

use super::args::Common;
use crate::options::Log4j2;
use crate::report::model::{InputStatus, Report};

/// What the command to run next says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Next {
    /// INPUTs and options, but for the answers.
    pub arguments: String,
    /// The file of answers, if there is one.
    pub answers: Option<String>,
}

impl Next {
    /// Of a run that came to `report`; `written` is the file of answers that it wrote.
    pub fn of(common: &Common, report: &Report, written: Option<&Path>) -> Self {
        let mut words: Vec<String> = Vec::new();
        for input in common.inputs.iter().filter(|input| was_read(input, report)) {
            let shown = path(input, "INPUT");
            if shown != "INPUT" || !words.contains(&shown) {
                words.push(shown);
            }
        }
        let mut option = |name: &str, value: Option<String>| words.extend(value.map(|value| format!("{name} {value}")));
        let word = |value: Option<clap::builder::PossibleValue>| value.map(|value| value.get_name().to_owned());
        option("--target", common.target.and_then(|one| word(one.to_possible_value())));
        option("--traffic-manager", common.traffic_manager.and_then(|one| word(one.to_possible_value())));
        option("--source-version", common.source_version.map(|version| version.to_string()));
        option("--mappings", common.mappings.as_deref().map(|folder| path(folder, "TABLES")));
        if common.log4j2 == Log4j2::Whole {
            option("--log4j2", Some("whole".to_owned()));
        }
        for product in &common.product {
            let home = path(&product.home, "HOME");
            option(
                "--product",
                Some(product.profile.map_or(home.clone(), |profile| format!("{}={home}", profile.word()))),
            );
        }
        let flags = [
            ("--together", common.together),
            ("--partial", common.partial),
            ("--keep-legacy-defaults", common.keep_legacy_defaults),
            ("--unique-id", common.unique_id),
            ("--annotate", common.annotate),
        ];
        words.extend(flags.into_iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag.to_owned()));
        words.extend(crate::limits::given().iter().map(|(limit, number)| format!("--limit {}={number}", limit.word())));
        let answers = written.or(common.decisions.as_deref()).map(|file| path(file, "FILE"));
        Self { arguments: words.join(" "), answers }
    }
}

/// Whether anything came of an INPUT: what could not be read would only fail again.
fn was_read(input: &Path, report: &Report) -> bool {
    let name = crate::read::input::name(input);
    let mut told = report.inputs.iter().filter(|told| told.path == name).peekable();
    told.peek().is_none() || told.any(|told| told.status != InputStatus::NotRead || !told.deployments.is_empty())
}

/// A path as a shell takes it. Absolute ones are this machine's business, and stay out of results: `word` stands for one.
fn path(path: &Path, word: &str) -> String {
    let Some(text) = path.to_str().filter(|text| !path.is_absolute() && !text.contains(char::is_control)) else {
        return word.to_owned();
    };
    let plain = |char: char| char.is_alphanumeric() || "_./+:@%=,-".contains(char);
    let head = if text.starts_with('-') { "./" } else { "" };
    if !text.is_empty() && text.chars().all(plain) {
        format!("{head}{text}")
    } else {
        format!("'{head}{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::path;

    #[test]
    fn paths_are_as_a_shell_takes_them() {
        for (given, shown) in [
            ("in", "in"),
            ("a b", "'a b'"),
            ("it's", "'it'\\''s'"),
            ("a$b", "'a$b'"),
            ("-x", "./-x"),
            ("- x", "'./- x'"),
            ("/somewhere/in", "INPUT"),
            ("a\nb", "INPUT"),
        ] {
            assert_eq!(path(Path::new(given), "INPUT"), shown);
        }
    }
}
