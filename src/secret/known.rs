//! What was a secret in one place is one in every sentence: the second line of defence, behind masking by rule.

use crate::text::Parts as _;
use std::collections::BTreeSet;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::{MASK, parts, prose, refers};

/// Shorter texts are words of any sentence.
const SHORTEST: usize = 5;

/// Longer ones, in bytes, are quoted nowhere.
const LONGEST: usize = 16 * 1024;

/// What finds the texts. A DFA would take the square of the length of one that repeats itself.
fn finder(texts: &BTreeSet<String>) -> Option<AhoCorasick> {
    let mut builder = AhoCorasick::builder();
    builder.kind(Some(AhoCorasickKind::ContiguousNFA)).match_kind(MatchKind::LeftmostLongest).build(texts).ok()
}

/// The secrets of a deployment.
#[derive(Clone, Debug, Default)]
pub struct Known {
    texts: BTreeSet<String>,
    finder: Option<AhoCorasick>,
}

impl Known {
    /// The secrets among `values`, each with whether it is one as a whole. What stands openly elsewhere (a user of the
    /// same name) is none.
    #[must_use]
    pub fn of<'v>(values: impl Iterator<Item = (&'v str, bool)>) -> Self {
        Self::with(values, std::iter::empty())
    }

    /// The same with what was made of the values, which opens none of their secrets.
    #[must_use]
    pub fn with<'v>(
        values: impl Iterator<Item = (&'v str, bool)>,
        derived: impl Iterator<Item = (&'v str, bool)>,
    ) -> Self {
        let mut texts = BTreeSet::new();
        let mut keep = |text: &str| {
            let text = text.trim();
            if text.len() >= SHORTEST
                && text.len() <= LONGEST
                && !refers(text)
                && !text.chars().all(|char| char.is_ascii_digit() && text.len() < 6)
            {
                // As it stands in a text of TOML, in XML, and in the name of an entry.
                for written in [
                    text.to_owned(),
                    text.replace('\\', "\\\\").replace('"', "\\\""),
                    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;"),
                    text.replace(['[', ']'], "|"),
                ] {
                    // Messages that compare have texts in small letters.
                    if written.len() >= 8 && written.contains(|char: char| char.is_ascii_digit()) {
                        texts.insert(written.to_lowercase());
                    }
                    texts.insert(written);
                }
            }
        };
        let mut open: Vec<&str> = Vec::new();
        let values = values.map(|(value, secret)| (value, secret, true));
        for (value, secret, stands) in values.chain(derived.map(|(value, secret)| (value, secret, false))) {
            let whole: Vec<&str> = if secret { vec![value] } else { parts(value).collect() };
            if stands && whole.is_empty() {
                open.push(value);
            }
            for secret in whole.into_iter().filter(|secret| !refers(secret)) {
                keep(secret);
                // What a list is made of takes texts apart. A word of letters alone may be one of any sentence.
                let pieces = secret.split([',', ';', ' ', '/', '|', '{', '}', '\'', '"', '&', '?', '@']);
                let odd = |piece: &&str| {
                    piece.contains(|char: char| char.is_ascii_digit()) && piece.contains(char::is_alphabetic)
                };
                pieces.filter(odd).for_each(&mut keep);
            }
        }
        if !texts.is_empty() {
            for value in open {
                texts.remove(value.trim());
                texts.remove(&value.trim().to_lowercase());
            }
        }
        // A shipped password is a word of the product.
        for word in ["admin", "wso2carbon", "password", "xxxxx"] {
            texts.remove(word);
        }
        let finder = (!texts.is_empty()).then(|| finder(&texts));
        Self { texts, finder: finder.flatten() }
    }

    /// A sentence as it may be shown: without these secrets, and without what its form tells to be one.
    #[must_use]
    pub fn clean(&self, text: &str) -> String {
        self.cover(&prose(text))
    }

    /// `text` without these secrets.
    #[must_use]
    pub fn cover(&self, text: &str) -> String {
        let Some(finder) = &self.finder else { return text.to_owned() };
        let mut out = String::new();
        let mut at = 0;
        for found in finder.find_iter(text) {
            let is_word = |char: Option<char>| char.is_some_and(char::is_alphanumeric);
            let (before, inside, behind) =
                (text.part(..found.start()), text.part(found.range()), text.part(found.end()..));
            // `%3D` before a secret is a sign, no word; so are `%253D` and `\u003d`.
            let hex = |code: &str| code.chars().all(|char| char.is_ascii_hexdigit());
            let coded = before.get(before.len().saturating_sub(2)..).is_some_and(hex)
                && before.get(..before.len().saturating_sub(2)).is_some_and(|code| {
                    let sign = code.trim_end_matches("25");
                    sign.ends_with('%') || code.ends_with("\\u00") || code.ends_with("\\x")
                });
            let runs_on = (!coded && is_word(before.chars().next_back()) && is_word(inside.chars().next()))
                || (is_word(behind.chars().next()) && is_word(inside.chars().next_back()));
            // A name of a secret is none.
            let is_alias = before.ends_with("secret{") && behind.starts_with('}');
            if !runs_on && !is_alias {
                out.push_str(text.part(at..found.start()));
                out.push_str(MASK);
                at = found.end();
            }
        }
        out.push_str(text.part(at..));
        out
    }

    /// Takes these secrets out of `text`.
    pub fn hide(&self, text: &mut String) {
        if self.finder.as_ref().is_some_and(|finder| finder.is_match(text.as_str())) {
            *text = self.cover(text);
        }
    }

    /// Whether nothing is secret.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.texts.is_empty()
    }
}
