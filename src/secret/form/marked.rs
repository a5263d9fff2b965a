//! Headers, keys and tokens that bear a mark of their own.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::Kind;
use crate::secret::name::is_thing;
use crate::secret::{refers, table};
use crate::text::Parts as _;

static HEADER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(&format!(r"(?i)(?:^|[^\w./-])({})[ \t]+([^\s,;'`<>\x22]+)", table::schemes())).expect("a fixed pattern")
});
static PARAMETERS: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r#"^[A-Za-z][\w-]*=["']?[^=\s"']"#).expect("a fixed pattern"));
static KEY: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY[A-Z0-9 ]*-----(.*?)(?:-----END [A-Z0-9 ]*-----|\z)")
        .expect("a fixed pattern")
});
static JWT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"eyJ[A-Za-z0-9_=-]{6,}\.[A-Za-z0-9_=-]{4,}(?:\.[A-Za-z0-9_=.-]*)?|eyJ[A-Za-z0-9_=-]{20,}")
        .expect("a fixed pattern")
});
static RUN: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"[A-Za-z0-9+/]{40,}={0,2}").expect("a fixed pattern"));
static ALGORITHM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?i:(?:sha|rs|hs|es|ps|aes|des|md|rsa|hmac|oauth|tls|ssl|http|v)[-_/]?[0-9][\w./-]*|[0-9.]{1,6}|[a-z]+(?:-[a-z]+)*-[0-9]{1,2})$")
        .expect("a fixed pattern")
});

/// Words that follow the name of a scheme in sentences.
const SCHEME_WORDS: [&str; 22] = [
    "auth",
    "authentication",
    "authorization",
    "authenticator",
    "access",
    "token",
    "tokens",
    "http",
    "https",
    "security",
    "realm",
    "credentials",
    "user",
    "users",
    "scheme",
    "header",
    "bearer",
    "basic",
    "digest",
    "assertion",
    "only",
    "plan",
];

/// Whether a word looks made by a machine: letters and digits mixed, or long; no algorithm, version or region.
pub(super) fn is_token(word: &str) -> bool {
    let digit = word.contains(|char: char| char.is_ascii_digit());
    let letter = word.contains(char::is_alphabetic);
    !ALGORITHM.is_match(word)
        && ((word.len() >= 6 && digit && letter) || word.len() >= 24 || (word.len() >= 8 && word.ends_with('=')))
}

/// Whether a value, of `least` characters at least, is one word with letters and digits mixed: neither a word with a
/// number (`value12`) nor the name of an algorithm.
pub(in crate::secret) fn is_random(value: &str, least: usize) -> bool {
    static NUMBERED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(?:[A-Za-z]+[-_]?[0-9]+|[0-9.:-]+)$").expect("a fixed pattern"));
    let one = value.chars().all(|char| char.is_ascii_alphanumeric() || "+/=_~%-".contains(char));
    let digit = value.contains(|char: char| char.is_ascii_digit());
    let letter = value.contains(|char: char| char.is_ascii_alphabetic());
    value.len() >= least && one && digit && letter && !NUMBERED.is_match(value) && !is_algorithm(value)
}

/// Whether a value is the name of an algorithm: `HmacSHA256`, `RS512`, `PBKDF2WithHmacSHA1`.
pub(in crate::secret) fn is_algorithm(value: &str) -> bool {
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:(?:TLS|SSL)_[A-Z0-9_]+|(?i:(?:hmac|pbkdf2?|with|and|sha[-_]?[0-9]{1,3}|md[-_]?[0-9]|[hrep]s[0-9]{3}|argon2(?:id|[id])?|s?crypt|bcrypt|aes[-_]?[0-9]*|[3d]?des|rsa|ecdsa)[-_/]?)+)$")
            .expect("a fixed pattern")
    });
    NAME.is_match(value)
}

/// Headers, keys and tokens that bear a mark of their own.
pub(super) fn marked(text: &str, kind: Kind, found: &mut Vec<Range<usize>>) {
    if text.contains([' ', '\t']) {
        headers(text, kind, found);
    }
    if text.contains("-----BEGIN") {
        found.extend(KEY.captures_iter(text).filter_map(|captures| captures.get(1)).map(|key| key.range()));
    }
    if text.contains("eyJ") {
        found.extend(JWT.find_iter(text).map(|token| token.range()));
    }
    let (any, shapes) = table::shapes();
    for shape in any.matches(text) {
        found.extend(shapes.get(shape).into_iter().flat_map(|shape| shape.find_iter(text)).map(|key| key.range()));
    }
    if text.len() >= 40 {
        found.extend(RUN.find_iter(text).filter(|run| is_wordless(run.as_str())).map(|run| run.range()));
    }
}

/// `Basic YWRtaW4=`, `Digest username="u", response="x"`.
fn headers(text: &str, kind: Kind, found: &mut Vec<Range<usize>>) {
    // Other letters may be small forms of those of a scheme (`ſ`).
    if text.is_ascii() && !table::names_scheme(text) {
        return;
    }
    for captures in HEADER.captures_iter(text) {
        let (Some(scheme), Some(credentials)) = (captures.get(1), captures.get(2)) else { continue };
        // What lies in credentials that are masked already begins none.
        if found.last().is_some_and(|last| last.end > scheme.start() && last.start <= scheme.start()) {
            continue;
        }
        let before = text.part(..scheme.start()).trim_end();
        let begins = kind == Kind::Value && (before.is_empty() || before.ends_with([':', '=', '"', '\'']));
        let weak = table::is_weak(scheme.as_str());
        let rest = text.part(credentials.start()..);
        if begins && PARAMETERS.is_match(rest) {
            let line = rest.split(['\n', '\r']).next().unwrap_or(rest);
            found.push(credentials.start()..credentials.start() + line.len());
            continue;
        }
        let word = credentials.as_str().trim_matches(['.', ':', '(', ')']);
        let lower = word.to_ascii_lowercase();
        if refers(word) || SCHEME_WORDS.contains(&lower.as_str()) || is_thing(&lower) || ALGORITHM.is_match(word) {
            continue;
        }
        // `Basic XYZ authentication` is a sentence, `Basic YWRtaW4=` a header.
        let runs_on = text.part(credentials.end()..).starts_with([' ', '\t'])
            && text.part(credentials.end()..).trim_start().starts_with(char::is_alphabetic);
        let is_name = word.starts_with(char::is_uppercase) && word.chars().skip(1).all(char::is_lowercase);
        let is_word = word.chars().all(|char| char.is_lowercase() || "-_.,()".contains(char));
        let behind = text.part(credentials.end()..).split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        if runs_on && word.len() < 16 && SCHEME_WORDS.contains(&behind.trim_end_matches(['.', ','])) {
            continue;
        }
        // `Basic information`
        let is_sentence =
            weak || scheme.as_str().eq_ignore_ascii_case("basic") && word.chars().all(char::is_alphabetic);
        let sentence = runs_on || is_name || (is_sentence && is_word);
        let sure = begins && !sentence;
        if sure || (is_token(word) && (!weak || begins || word.len() >= 16)) {
            found.push(credentials.range());
        }
    }
}

/// Whether a long run of letters and digits has no words in it: the line of a key, a secret of a cloud's user.
fn is_wordless(run: &str) -> bool {
    let kind = |byte: u8| (byte.is_ascii_digit(), byte.is_ascii_uppercase(), byte.is_ascii_lowercase());
    let has = |is: fn(&u8) -> bool| run.as_bytes().iter().any(is);
    let changes = run.as_bytes().windows(2).filter(|pair| kind(pair[0]) != kind(pair[1])).count();
    let digits = run.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit()).count();
    has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && digits * 12 >= run.len()
        && changes * 3 >= run.len()
}
