//! The questions of a migration (`mappings/decisions.toml`) and the administrator's answers (`--decisions FILE`).
//!
//! Answers are read with their places, so that an unknown or unused one is an error with file, line and column.
//! Which questions arise, and what an answer means, is the topology stage's business.

use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicBool, Ordering};

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use serde::Deserialize;

use crate::mapping::tables::{TableError, built_in};
use crate::source::Place;
use crate::topology::source::Asked;
use crate::version::source_version;

mod read;
mod write;

pub use write::write_decisions;

/// What may be answered besides the choices.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Free {
    /// A host, or a URL.
    Address,
    /// The URL of a database, perhaps with its account.
    Database,
    /// A host, perhaps with a port.
    Host,
    /// Lists of names, two or more in each.
    Groups,
    /// Any text.
    Literal,
    /// Names of nodes, deployments or environments.
    Names,
    /// A whole number, not negative.
    Number,
    /// Pairs of names, `a = b`.
    Pairs,
    /// A URL.
    Url,
    /// A version.
    Version,
}

impl Free {
    fn fits(self, text: &str) -> bool {
        match self {
            Self::Literal => true,
            // They are read by themselves.
            Self::Groups => false,
            Self::Database => text.starts_with("jdbc:") || text.contains("@jdbc:"),
            Self::Address | Self::Names => !text.trim().is_empty(),
            Self::Host => !text.trim().is_empty() && !text.contains(char::is_whitespace),
            Self::Number => text.parse::<u32>().is_ok(),
            Self::Pairs => {
                text.split_once('=').is_some_and(|(one, other)| !one.trim().is_empty() && !other.trim().is_empty())
            }
            Self::Url => text.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()),
            Self::Version => source_version(text).is_ok(),
        }
    }

    /// The kind of answer, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Address => "a host or a URL",
            Self::Database => "the URL of a database, `jdbc:…` or `user:password@jdbc:…`",
            Self::Host => "a host",
            Self::Groups => "a list of groups, each a list of two names or more",
            Self::Literal => "a text",
            Self::Names => "a name",
            Self::Number => "a whole number",
            Self::Pairs => "a pair `name = name`",
            Self::Url => "a URL",
            Self::Version => "a version of 2.0 to 4.6 that exists",
        }
    }
}

/// What each answer to a question is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum About {
    /// An old node.
    Node,
    /// A gateway environment.
    Environment,
    /// A variable.
    Variable,
    /// A place holder for a host.
    Placeholder,
    /// A key of a new node.
    Key,
}

impl About {
    /// Whether the subject is a part of the id: `host:<placeholder>`.
    #[must_use]
    pub fn is_part_of_id(self) -> bool {
        matches!(self, Self::Placeholder | Self::Key)
    }

    fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Environment => "environment",
            Self::Variable => "variable",
            Self::Placeholder => "placeholder",
            Self::Key => "key",
        }
    }
}

/// A question that a migration may ask.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Question {
    /// Its id, never reused.
    pub id: String,
    /// The question.
    pub question: String,
    /// The words that answer it.
    pub choices: Vec<String>,
    /// What may be answered besides.
    #[serde(default)]
    pub free: Option<Free>,
    /// Whether a list is an answer.
    #[serde(default)]
    pub many: bool,
    /// What each answer is about, if not the deployment.
    #[serde(default)]
    pub about: Option<About>,
    /// Whether one answer may stand for all subjects.
    #[serde(default)]
    pub whole: bool,
    /// What holds without an answer, in words if it depends on the input.
    pub default: String,
    /// Why it is asked, and why that is the default.
    pub why: String,
    /// Whether a person must look as long as nobody answered.
    #[serde(default)]
    pub open: bool,
}

impl Question {
    /// What is wrong with `text` as an answer.
    fn fault(&self, text: &str) -> Option<String> {
        if self.choices.iter().any(|choice| choice == text) || self.free.is_some_and(|free| free.fits(text)) {
            return None;
        }
        let mut known: Vec<String> = self.choices.iter().map(|choice| format!("`{choice}`")).collect();
        known.extend(self.free.map(|free| free.words().to_owned()));
        // What is no word may be a secret under the wrong question.
        let is_word = text.len() <= 24 && text.chars().all(|char| char.is_ascii_lowercase() || "-_. ".contains(char));
        let found = if is_word || text.len() <= 3 { format!("`{text}`") } else { "what stands here".to_owned() };
        Some(format!("{found} does not answer `{}`: give {}", self.id, known.join(", ")))
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionFile {
    decision: Vec<Question>,
}

/// All questions, in the order of `mappings/decisions.toml`.
///
/// # Panics
/// If the built-in table is malformed: a bug that the tests find.
#[must_use]
pub fn questions() -> &'static [Question] {
    static QUESTIONS: LazyLock<QuestionFile> =
        LazyLock::new(|| built_in(include_str!(concat!(env!("OUT_DIR"), "/decisions.json")), "decisions.toml"));
    &QUESTIONS.decision
}

/// The row of `questions` for an asked id, which may carry its subject (`host:<gateway>`).
#[must_use]
pub fn question<'q>(questions: &'q [Question], id: &str) -> Option<&'q Question> {
    questions.iter().find(|question| question.id == split(id).0)
}

/// An id and the subject that it carries.
fn split(id: &str) -> (&str, &str) {
    match id.split_once(':') {
        Some((head @ ("host" | "conflict"), about)) => (head, about),
        _ => (id, ""),
    }
}

/// A name in the decision `together`.
#[derive(Clone, Debug)]
pub struct Member {
    /// The name of an INPUT, or of a deployment.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

#[derive(Debug)]
struct Answer {
    id: String,
    about: String,
    text: String,
    /// The groups of names that it gives, where the question asks for some.
    groups: Vec<Vec<Member>>,
    place: Place,
    /// A question asked for it. INPUTs are migrated side by side, and share the answers.
    used: AtomicBool,
}

/// The administrator's answers, and which of them were used.
#[derive(Debug, Default)]
pub struct Decisions {
    answers: Vec<Answer>,
    /// The first answer to each id about each thing.
    first: IndexMap<(String, String), usize, FxBuildHasher>,
}

impl Decisions {
    /// Reads a file of answers; `name` is its name in errors.
    pub fn read(text: &str, name: &str) -> Result<Self, TableError> {
        let answers = read::read(text, name)?;
        let mut first = IndexMap::default();
        for (place, answer) in answers.iter().enumerate() {
            first.entry((answer.id.clone(), answer.about.clone())).or_insert(place);
        }
        Ok(Self { answers, first })
    }

    /// The answer to `id` about `about` (empty: the deployment), and notes that it was used. Lists are joined
    /// with commas.
    #[must_use]
    pub fn answer(&self, id: &str, about: &str) -> Option<String> {
        let (id, about) = if about.is_empty() { split(id) } else { (id, about) };
        if self.answers.is_empty() {
            return None;
        }
        let find = |about: &str| self.first.get(&(id.to_owned(), about.to_owned()));
        let answer = &self.answers[*find(about).or_else(|| find(""))?];
        answer.used.store(true, Ordering::Relaxed);
        Some(answer.text.clone())
    }

    /// Whether a person answered what was asked.
    #[must_use]
    pub fn answers(&self, asked: &Asked) -> bool {
        let (id, about) = if asked.about.is_empty() { split(&asked.id) } else { (&*asked.id, &*asked.about) };
        let has = |about: &str| self.first.contains_key(&(id.to_owned(), about.to_owned()));
        has(about) || has("")
    }

    /// The nodes that the decision `grouping` names. It does not count as used.
    #[must_use]
    pub fn grouping(&self) -> BTreeSet<String> {
        let answers = self.about("grouping").into_iter().map(|(_, text)| text);
        let names = answers.filter(|text| !["together", "apart"].contains(&text.trim().to_ascii_lowercase().as_str()));
        let names = names.flat_map(|text| text.split([',', ';'])).map(str::trim).filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    }

    /// An error for each answer to `id`: what it names is not there.
    #[must_use]
    pub fn misnamed(&self, id: &str, message: &str) -> Vec<TableError> {
        let answers = self.answers.iter().filter(|answer| answer.id == id);
        answers.map(|answer| TableError { place: answer.place.clone(), message: message.to_owned() }).collect()
    }

    /// All answers to `id`, each with what it is about. They do not count as used: who asks does that.
    #[must_use]
    pub fn about(&self, id: &str) -> Vec<(&str, &str)> {
        let answers = self.answers.iter().filter(|answer| answer.id == id);
        answers.map(|answer| (answer.about.as_str(), answer.text.as_str())).collect()
    }

    /// The INPUTs or deployments that the administrator says are one, by their names (the decision `together`); and
    /// notes that it was used.
    #[must_use]
    pub fn together(&self) -> Vec<&[Member]> {
        let answers = self.answers.iter().filter(|answer| answer.id == "together");
        answers
            .flat_map(|answer| {
                answer.used.store(true, Ordering::Relaxed);
                answer.groups.iter().map(Vec::as_slice)
            })
            .collect()
    }

    /// An error for each answer that no question asked for.
    #[must_use]
    pub fn unused(&self) -> Vec<TableError> {
        self.answers
            .iter()
            .filter(|answer| !answer.used.load(Ordering::Relaxed))
            .map(|answer| TableError {
                place: answer.place.clone(),
                message: if answer.about.is_empty() {
                    format!("nothing asks `{}` here: remove the answer", answer.id)
                } else {
                    format!(
                        "nothing asks `{}` about `{}` here: correct the name, or remove the answer",
                        answer.id, answer.about
                    )
                },
            })
            .collect()
    }
}

impl crate::topology::source::Answers for Decisions {
    fn answer(&self, id: &str, about: &str) -> Option<String> {
        Self::answer(self, id, about)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Decisions, questions};

    #[test]
    fn questions_are_whole() {
        let questions = questions();
        let ids: BTreeSet<_> = questions.iter().map(|question| &question.id).collect();
        assert_eq!(ids.len(), questions.len(), "ids are unique");
        for question in questions {
            assert!(question.question.ends_with('?'), "{}: a question asks", question.id);
            assert!(question.why.ends_with('.') && !question.default.is_empty(), "{}", question.id);
            assert!(!question.choices.is_empty() || question.free.is_some(), "{}: nothing answers it", question.id);
            assert!(!question.whole || question.about.is_some(), "{}: whole of what", question.id);
        }
    }

    #[test]
    fn answers_and_notes_what_was_used() {
        let text = "secrets = \"env\"\nsplit-all-in-one = true\ncontrol-plane-count = 2\n\
                    node-role = { a = [\"publisher\", \"store\"], b = \"ignore\" }\n\
                    \"host:<gw>\" = \"gw.example.com\"\n\"conflict:super_admin.password\" = \"x\"\n\
                    environment-name = \"keep\"\n";
        let decisions = Decisions::read(text, "d.toml").unwrap();
        let answer = |id, about| decisions.answer(id, about);
        assert_eq!(answer("secrets", "").as_deref(), Some("env"));
        assert_eq!(answer("split-all-in-one", "").as_deref(), Some("yes"));
        assert_eq!(answer("control-plane-count", "").as_deref(), Some("2"));
        assert_eq!(answer("node-role", "a").as_deref(), Some("publisher,store"));
        assert_eq!(answer("node-role", "c"), None);
        assert_eq!(answer("host:<gw>", "").as_deref(), Some("gw.example.com"));
        assert_eq!(answer("conflict", "super_admin.password").as_deref(), Some("x"));
        assert_eq!(answer("environment-name", "Production").as_deref(), Some("keep"));
        let unused: Vec<String> = decisions.unused().iter().map(ToString::to_string).collect();
        assert_eq!(
            unused,
            ["d.toml:4:43: nothing asks `node-role` about `b` here: correct the name, or remove the answer"]
        );
    }
}
