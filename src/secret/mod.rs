//! What is secret, and how it is shown: the only place that decides either.
//!
//! Secrecy comes from the row of the table, from the name, from the neighbour's name and from the form of the text.
//! A value goes through [`shown`] before it reaches a report, a finding, a comment or a terminal, a sentence that
//! quotes foreign text through [`prose`], a line of a file that could not be read through [`line`]; and what was a
//! secret in one place is looked for in all sentences about a deployment by [`Known`].

mod bearer;
mod comment;
mod form;
mod known;
mod line;
mod memo;
mod name;
mod neighbour;
mod table;
#[cfg(test)]
mod tests;

use crate::text::Parts as _;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

pub use comment::{Comments, comment};
pub use known::Known;
pub use line::{damaged, property, texts_of_lines};
pub use neighbour::{Neighbours, neighbours};

/// What stands for a secret in every report, diff, log and error.
pub const MASK: &str = "********";

/// How many characters a value has at least, in characters, that only its look tells to be a secret.
const RANDOM: usize = 16;

/// Whether a path, a key or a property's name is that of a secret, whatever its value.
#[must_use]
pub fn is_secret_name(path: &str) -> bool {
    name::said(path) > name::Said::Nothing && !name::is_switch(path)
}

/// Whether the name says that `value` is a secret. A flag is none, and of a name that speaks of tokens neither is an
/// address.
#[must_use]
pub fn by_name(path: &str, value: &str) -> bool {
    let value = value.trim();
    match name::said(path) {
        name::Said::Nothing => {
            (is_credentials(value) && name::is_login(path))
                || (form::is_random(value, RANDOM) && name::is_random(path))
                || (name::is_borne(path) && !bearer::is_plain(path, value))
        }
        _ if is_flag(value) => false,
        name::Said::Secret => true,
        name::Said::Perhaps => {
            !name::is_switch(path)
                && !names_file(value)
                && !is_constant(value)
                && !is_word_of_authorization(path, value)
                && !form::is_algorithm(value)
        }
    }
}

/// Whether a value is an address, or the path of a file: of a name that is not sure, no secret.
fn names_file(value: &str) -> bool {
    const ENDS: [&str; 10] = [".key", ".pem", ".jks", ".p12", ".pfx", ".crt", ".cer", ".der", ".json", ".jceks"];
    let lower = value.to_ascii_lowercase();
    value.contains("://") || value.starts_with('/') || ENDS.iter().any(|end| lower.ends_with(end))
}

/// Whether a value is the name of something, as programs write constants: `OWASP_CSRFTOKEN`, `AM`.
fn is_constant(value: &str) -> bool {
    let is = |char: char| char.is_ascii_uppercase() || char == '_';
    value.chars().all(is) && (value.len() <= 3 || value.contains('_'))
}

/// `user:password`, and no host with a port.
fn is_credentials(value: &str) -> bool {
    value.split_once(':').is_some_and(|(user, password)| {
        let is_port = password.len() <= 5 && password.chars().all(|char| char.is_ascii_digit());
        let is_address = value.contains("//") || user.eq_ignore_ascii_case("jdbc");
        !is_address
            && !user.is_empty()
            && !user.contains([' ', '/', '{', '$'])
            && !password.starts_with('/')
            && !is_port
    })
}

/// `authorization` is a header with credentials, or a setting whose value is a word.
fn is_word_of_authorization(path: &str, value: &str) -> bool {
    let is_setting = path.to_ascii_lowercase().ends_with("authorization");
    let odd = |char: char| char.is_ascii_digit() || " =.".contains(char);
    is_setting && !value.contains(odd) && value.len() < 20
}

/// `true`, `false` and their like.
fn is_flag(value: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off"].iter().any(|flag| value.eq_ignore_ascii_case(flag))
}

/// Whether a text only names where a secret is: `${admin.password}`, `$secret{alias}`, `$ref{super_admin.password}`.
#[must_use]
pub fn refers(value: &str) -> bool {
    let value = value.trim();
    ["${", "$ref{", "$secret{", "$env{", "$sys{"].iter().any(|head| value.starts_with(head))
        && value.ends_with('}')
        && value.matches('}').count() == 1
}

/// `value` as reports may show it: a secret is masked, unless it only refers to one; of any other value what its form
/// tells to be one.
#[must_use]
pub fn shown(value: &str, secret: bool) -> String {
    if secret && !value.trim().is_empty() && !refers(value) { MASK.to_owned() } else { mask_urls(value) }
}

/// A value with what its form tells to be secret masked: `scheme://user:********@host`, `password=********`.
#[must_use]
pub fn mask_urls(value: &str) -> String {
    covered(value, &form::secrets(value, form::Kind::Value))
}

/// A sentence that quotes values, with the same masked.
#[must_use]
pub fn prose(text: &str) -> String {
    covered(text, &form::secrets(text, form::Kind::Prose))
}

/// What a reader's library says of a fault, without the texts of the file that it quotes.
#[must_use]
pub fn fault(message: &str) -> String {
    static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r#"\b(string|character|integer|floating point|byte array|datetime) (?:"(?:[^"\\]|\\.)*"?|`[^`]*`?)"#)
            .expect("a fixed pattern")
    });
    prose(&QUOTED.replace_all(message, "a $1"))
}

/// The parts of a value that its form tells to be secret.
pub(crate) fn parts(value: &str) -> impl Iterator<Item = &str> {
    form::each(value, form::Kind::Value).into_iter().filter_map(|range| value.get(range))
}

/// `text` with the ranges masked.
fn covered(text: &str, ranges: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for range in ranges {
        out.push_str(text.part(at..range.start));
        out.push_str(MASK);
        at = range.end;
    }
    out.push_str(text.part(at..));
    out
}
