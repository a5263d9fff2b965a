//! `mappings/secrets.toml`: names in other languages, schemes of headers, addresses and marks that tell a secret.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use regex::{Regex, RegexSet};
use serde::Deserialize;

/// Words for a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Name {
    /// The words, lower case.
    pub words: Vec<String>,
    /// Whose they are.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table"))]
    pub language: String,
    /// Only as words of their own.
    #[serde(default)]
    pub alone: bool,
    /// `key`: only with a word beside them that says of which kind; `short`: only at the end of a name; `random`: there,
    /// with a value that a machine made.
    #[serde(default)]
    pub kind: Option<String>,
    /// Where that is known from.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table"))]
    pub why: String,
}

/// Names of what makes somebody of who has it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Bearer {
    /// How they end: words, lower case, a blank between.
    pub ends: Vec<String>,
    /// Values that are settings.
    pub plain: Vec<String>,
    /// Keys and settings that the product reads otherwise.
    #[serde(default)]
    pub names: Vec<String>,
    /// Where that is known from.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table"))]
    pub why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Scheme {
    names: Vec<String>,
    /// A word of sentences, too.
    #[serde(default)]
    word: bool,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table"))]
    why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    names: Vec<String>,
    /// How many characters a secret has at least, and looks made by a machine; any if it is not said.
    #[serde(default)]
    least: usize,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table"))]
    why: String,
}

/// Addresses whose path is a secret.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hook {
    /// The host; those below it, too.
    pub host: String,
    /// How the first label of a host below must begin.
    #[serde(default)]
    pub below: Option<String>,
    /// What stands before the secret; empty for nothing.
    pub path: Vec<String>,
    /// Where that is known from.
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table"))]
    pub why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Shape {
    pattern: String,
    #[cfg_attr(not(test), expect(dead_code, reason = "for readers of the table"))]
    why: String,
}

/// The file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    name: Vec<Name>,
    bearer: Vec<Bearer>,
    scheme: Vec<Scheme>,
    query: Vec<Query>,
    hook: Vec<Hook>,
    shape: Vec<Shape>,
}

static FILE: LazyLock<File> = LazyLock::new(|| {
    let json = include_str!(concat!(env!("OUT_DIR"), "/secrets.json"));
    serde_json::from_str(json).unwrap_or_else(|error| panic!("a built-in table is malformed: {error}: secrets.toml"))
});

/// How a word of a name is one for a secret in another language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Foreign {
    /// A secret.
    Secret,
    /// A key.
    Key,
    /// A short word of the field: a secret at the end of a name.
    Short,
    /// The same, if the value was made by a machine.
    Random,
}

/// What a word, lower case, is in another language.
pub(super) fn foreign(word: &str) -> Option<Foreign> {
    let has = |row: &Name, known: &str| {
        word == known || (!row.alone && (word.ends_with(known) || (!known.is_ascii() && word.contains(known))))
    };
    let row = FILE.name.iter().find(|row| row.words.iter().any(|known| has(row, known)))?;
    Some(match row.kind.as_deref() {
        Some("key") => Foreign::Key,
        Some("random") => Foreign::Random,
        Some(_) => Foreign::Short,
        None => Foreign::Secret,
    })
}

/// Whether words that stand apart are one for a secret together: `mot de passe`.
pub(super) fn is_phrase(joined: &str) -> bool {
    FILE.name.iter().any(|row| row.kind.is_none() && row.words.iter().any(|known| known == joined))
}

/// Names of what makes somebody of who has it.
pub(super) fn bearers() -> impl Iterator<Item = &'static Bearer> {
    FILE.bearer.iter()
}

/// Whether words that stand apart are a short word of the field together: `otp seed`.
pub(super) fn is_short_phrase(joined: &str) -> bool {
    let short = |row: &&Name| row.kind.as_deref() == Some("short");
    FILE.name.iter().filter(short).any(|row| row.words.iter().any(|known| known == joined))
}

/// The schemes of headers, as the alternatives of a pattern, the longest first.
pub(super) fn schemes() -> String {
    let mut names: Vec<String> =
        FILE.scheme.iter().flat_map(|row| &row.names).map(|name| regex::escape(name)).collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    names.join("|")
}

/// Whether a text of ASCII has the name of a scheme in it.
pub(super) fn names_scheme(text: &str) -> bool {
    static FINDER: LazyLock<AhoCorasick> = LazyLock::new(|| {
        let names = FILE.scheme.iter().flat_map(|row| &row.names);
        AhoCorasick::builder().ascii_case_insensitive(true).build(names).expect("the names of the table")
    });
    FINDER.is_match(text)
}

/// Whether a scheme's name is a word of sentences, too.
pub(super) fn is_weak(scheme: &str) -> bool {
    FILE.scheme.iter().any(|row| row.word && row.names.iter().any(|name| name.eq_ignore_ascii_case(scheme)))
}

/// How many characters the value of a URL's parameter has at least to be a secret; `None` where no row names it.
pub(super) fn query(name: &str) -> Option<usize> {
    let named = |row: &&Query| row.names.iter().any(|known| name.eq_ignore_ascii_case(known));
    FILE.query.iter().find(named).map(|row| row.least)
}

/// Addresses whose path is a secret.
pub(super) fn hooks() -> &'static [Hook] {
    &FILE.hook
}

/// The marks of keys and tokens.
pub(super) fn shapes() -> &'static (RegexSet, Vec<Regex>) {
    static SHAPES: LazyLock<(RegexSet, Vec<Regex>)> = LazyLock::new(|| {
        let patterns = || FILE.shape.iter().map(|row| row.pattern.as_str());
        let each = patterns().map(|pattern| Regex::new(pattern).expect("a pattern of the table")).collect();
        (RegexSet::new(patterns()).expect("the patterns of the table"), each)
    });
    &SHAPES
}

#[cfg(test)]
mod tests {
    use super::{FILE, shapes};

    #[test]
    fn each_row_says_why() {
        assert!(FILE.name.iter().all(|row| !row.why.is_empty() && !row.language.is_empty()));
        assert!(FILE.scheme.iter().all(|row| !row.why.is_empty()) && FILE.hook.iter().all(|row| !row.why.is_empty()));
        assert!(FILE.query.iter().all(|row| !row.why.is_empty()));
        assert!(FILE.bearer.iter().all(|row| !row.why.is_empty()));
        assert!(FILE.shape.iter().all(|row| !row.why.is_empty()));
        assert_eq!(shapes().1.len(), FILE.shape.len());
    }

    #[test]
    fn words_are_as_they_are_compared() {
        for word in FILE.name.iter().flat_map(|row| &row.words) {
            assert_eq!(*word, word.to_lowercase());
            assert!(word.chars().all(|char| char.is_alphanumeric() || !char.is_ascii()), "{word}");
        }
        assert!(
            FILE.name
                .iter()
                .all(|row| row.kind.as_deref().is_none_or(|kind| ["key", "short", "random"].contains(&kind)))
        );
    }
}
