//! What is spoken of otherwise than in pairs: options of a command line, statements, cookies, elements, a name with its
//! value behind a blank or a comma.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::marked::is_token;
use crate::secret::name::{Said, is_switch, is_thing, said};
use crate::secret::{by_name, is_flag, refers};
use crate::text::Parts as _;

static ELEMENT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"<([\w.:-]+)(?:\s[^<>]*)?>([^<]+)").expect("a fixed pattern"));

/// `<Password>x</Password>` inside a value.
pub(super) fn elements(text: &str, found: &mut Vec<Range<usize>>) {
    for captures in ELEMENT.captures_iter(text) {
        let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { continue };
        let plain = value.as_str().trim();
        if by_name(name.as_str(), plain) && !plain.is_empty() && !refers(plain) {
            found.push(value.range());
        }
    }
}

static OPTION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s"'])--?([A-Za-z][\w.-]*)[ \t]+("[^"]*"|'[^']*'|[^\s"']+)"#).expect("a fixed pattern")
});
/// The same as items of a list: `["-storepass", "x"]`.
static LISTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"["']--?([A-Za-z][\w.-]*)["'][ \t\n]*,[ \t\n]*["']([^"']+)["']"#).expect("a fixed pattern")
});
static STATEMENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?i)\b(?:identified\s+by(?:\s+values)?|password)\s+("[^"]+"|'[^']+'|[^\s"']+)"#)
        .expect("a fixed pattern")
});
static COOKIE: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(?i)\bcookie2?[ \t]*[:=][ \t]*([^\r\n'\x22]+)").expect("a fixed pattern"));

static BESIDE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:^|[\s"'#;,(\[{<>])([\p{L}][\p{L}\p{N}_.-]*)[ \t]+("[^"]+"|'[^']+'|[^\s"',;]+)"#)
        .expect("a fixed pattern")
});
static TUPLE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([{(\[])\s*["']?([\p{L}][\p{L}\p{N}_.-]*)["']?\s*,\s*([^{}()\[\]]+?)\s*[})\]]"#)
        .expect("a fixed pattern")
});

static NAMED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"["']([\p{L}][\p{L}\p{N}_. -]*)["']\s*[,;]?\s*["']?(?:[\w-]*value|val|content|text)["']?\s*[=:]\s*("[^"]*"?|'[^']*'?|[^\s,;}>]+)"#,
    )
    .expect("a fixed pattern")
});
static ENCLOSED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"<[\w.:-]+\s[^<>]*?["']([\p{L}][\p{L}\p{N}_.-]*)["'][^<>]*>([^<]+)"#).expect("a fixed pattern")
});
static ARROW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"([\p{L}][\p{L}\p{N}_.-]*)["']?\s*(?:->|→|\|)\s*("[^"]*"|'[^']*'|[^\s,;|]+)"#)
        .expect("a fixed pattern")
});
static CLIENT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\b(?:mysql\w*|mariadb\w*|sshpass)\s(?:[^|;]*?\s)?-p ?("[^"]*"|'[^']*'|[^\s"']+)"#)
        .expect("a fixed pattern")
});
static SET: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\bset\s+password\b[^=]*=\s*(?:password\s*\(\s*)?('[^']+'|\x22[^\x22]+\x22)")
        .expect("a fixed pattern")
});

static IS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)([\p{L}][\p{L}\p{N}_.-]*)["']?[ \t]+(?:is|was|were|becomes|ist|war|lautet|lautete|est|était|es|era|fue|é)(?:[ \t]+(?:still|now|just|set to|noch|jetzt|nun))?[ \t]*:?[ \t]+("[^"]+"|'[^']+'|`[^`]+`|[^\s"'`,;]+)"#,
    )
    .expect("a fixed pattern")
});
static IS_ONE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(?i)("[^"]+"|'[^']+'|`[^`]+`|[^\s"'`,;#]+)[ \t]+(?:is|was|ist|war|est|es|era)[ \t]+(?:[\p{L}'’]+[ \t]+){0,3}?([\p{L}][\p{L}_-]*)[ \t]*(?:[.,;!()\n\r]|$)"#,
    )
    .expect("a fixed pattern")
});
static LOGON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)\b(?:conn|connect|sqlplus|rman|sqlldr|expdp|impdp)[ \t]+(?:-\S+[ \t]+)*[\w.$#-]+/([^\s@]+)@")
        .expect("a fixed pattern")
});

/// Words that a sentence says of a password, or in its place, and that are none.
const SAID_OF: &str = " a an the not no none never now still only also always already too very here there below above \
    it this that these those what which who one he she they we you i and or but if when where how why as than then in \
    on at by for from to of with without within until between under over behind up out off my your our their its his \
    her stored set used kept read taken written given sent asked required needed mandatory optional empty blank wrong \
    right correct incorrect invalid valid expired changed encrypted decrypted hashed salted masked hidden visible \
    unknown known different same equal missing ok okay weak strong secret secure safe long short too unchanged \
    unset undefined disabled enabled allowed forbidden ignored generated checked validated verified rejected accepted \
    deprecated removed replaced defined configured provided supplied passed found lost locked managed shared case \
    less more longer shorter at being to-be todo tbd default plain plaintext user username admin's identical \
    being part null nil n/a in-vault elsewhere recommended obsolete going about typed entered prompted created \
    nicht kein keine hier leer falsch ein eine der die das im in gleich bekannt unbekannt erforderlich \
    pas le la un une vide el una ";

fn is_said_of(word: &str) -> bool {
    SAID_OF.split_whitespace().any(|known| known == word)
}

/// `the password was x`, `x is the password`, `connect scott/x@db`.
fn sentences(text: &str, found: &mut Vec<Range<usize>>) {
    let names = |name: &str| said(name) == Said::Secret && !is_switch(name);
    for (pattern, name, value) in [(&IS, 1, 2), (&IS_ONE, 2, 1)] {
        for captures in pattern.captures_iter(text) {
            let (Some(name), Some(value)) = (captures.get(name), captures.get(value)) else { continue };
            let plain = value.as_str().trim_matches(['"', '\'', '`', '.', '(', ')', ':', '!']);
            if !plain.is_empty() && names(name.as_str()) && !refers(plain) && !is_flag(plain) && !is_thing(plain) {
                let lower = plain.to_lowercase();
                let is_name = lower == "password" || said(plain) == Said::Secret;
                if !is_said_of(&lower) && !is_name && !lower.starts_with(['$', '<', '*', '=']) {
                    found.push(value.range());
                }
            }
        }
    }
    found.extend(LOGON.captures_iter(text).filter_map(|captures| captures.get(1)).map(|value| value.range()));
}

/// A name with its value beside it: `name="password" value="x"`, `<p name='password'>x</p>`, `password -> x`; and
/// passwords of commands and statements that have no name of their own.
fn named(text: &str, found: &mut Vec<Range<usize>>) {
    // What a pattern cannot match without is looked for first: a text that has it is rare, and a pattern is dear.
    let quoted = text.contains(['"', '\'']);
    let has = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let named = [
        (&NAMED, quoted && text.contains(['=', ':']) && has(&["val", "content", "text"])),
        (&ENCLOSED, quoted && text.contains('<') && text.contains('>')),
        (&ARROW, has(&["->", "→", "|"])),
    ];
    for (pattern, _) in named.into_iter().filter(|(_, likely)| *likely) {
        for captures in pattern.captures_iter(text) {
            let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { continue };
            let plain = value.as_str().trim().trim_matches(['"', '\'']);
            if !plain.is_empty()
                && !refers(plain)
                && said(name.as_str()) == Said::Secret
                && by_name(name.as_str(), plain)
            {
                found.push(value.range());
            }
        }
    }
    let alone =
        [(&CLIENT, text.contains("-p") && has(&["mysql", "mariadb", "sshpass"])), (&SET, quoted && text.contains('='))];
    for (pattern, _) in alone.into_iter().filter(|(_, likely)| *likely) {
        found.extend(pattern.captures_iter(text).filter_map(|captures| captures.get(1)).map(|value| value.range()));
    }
}

/// Words of SQL, whose names of columns are followed by anything.
const SQL: [&str; 8] = ["select ", "insert ", "update ", "delete ", "merge ", "create ", "alter ", "where "];

/// What stands beside the name of a password in a list of kinds or grants.
const KINDS: [&str; 14] = [
    "refresh_token",
    "client_credentials",
    "authorization_code",
    "implicit",
    "username",
    "user",
    "email",
    "name",
    "otp",
    "password",
    "token",
    "kerberos",
    "code",
    "saml",
];

/// A name with its value behind a blank (`PASSWORD x`) or a comma (`{password, x}`). Of longer texts only what looks
/// made by a machine: others are sentences.
fn beside(text: &str, found: &mut Vec<Range<usize>>) {
    let lower = text.to_ascii_lowercase();
    let is_sql = SQL.iter().any(|word| lower.contains(word));
    let names = |name: &str| said(name) == Said::Secret && !is_switch(name);
    let mut from = if is_sql { text.len() } else { 0 };
    // What may be a value may be a name, too.
    if !text.contains([' ', '\t']) {
        from = text.len();
    }
    while from < text.len()
        && let Some(captures) = BESIDE.captures_at(text, from)
    {
        from = captures.get(1).map_or(text.len(), |name| name.end());
        let (Some(whole), Some(name), Some(value)) = (captures.get(0), captures.get(1), captures.get(2)) else {
            continue;
        };
        let plain = value.as_str().trim_matches(['"', '\'', '.', ':', ')', '(']);
        let lower = plain.to_ascii_lowercase();
        let alone = text.part(..whole.start()).trim_matches(|char: char| "#;\"' \t!/".contains(char)).is_empty()
            && text.part(whole.end()..).trim().is_empty();
        let harmless = plain.is_empty()
            || plain.starts_with(['=', ':', '-', '*', '<', '|', '?'])
            || refers(plain)
            || is_flag(plain)
            || is_thing(&lower)
            || lower
                .split(['_', '-'])
                .any(|word| ["policy", "is", "required", "must", "grant", "reset"].contains(&word));
        let quoted = value.as_str().starts_with(['"', '\'']);
        if !harmless && names(name.as_str()) && (alone || quoted || is_token(plain)) {
            found.push(value.range());
        }
    }
    // What stands in brackets, with a comma.
    if !(text.contains(',') && text.contains(['{', '(', '[']) && text.contains(['}', ')', ']'])) {
        return;
    }
    for captures in TUPLE.captures_iter(text) {
        let (Some(open), Some(name), Some(value)) = (captures.get(1), captures.get(2), captures.get(3)) else {
            continue;
        };
        let plain = value.as_str().trim_matches(['"', '\'']);
        let is_word = plain.chars().all(|char| char.is_lowercase() || "_-:., \"'".contains(char));
        let is_kind =
            plain.split([',', ' ', '"', '\'']).filter(|word| !word.is_empty()).all(|word| KINDS.contains(&word));
        let words_only = open.as_str() != "{" && is_word;
        if names(name.as_str()) && !is_kind && !words_only && !refers(plain) && !plain.contains('=') && !is_sql {
            found.push(value.range());
        }
    }
}

/// Options of a command line (`-storepass x`, `curl -u user:x`), statements that set a password, cookies.
pub(super) fn spoken(text: &str, found: &mut Vec<Range<usize>>) {
    if text.contains('-') && text.contains([' ', '\t']) {
        for captures in OPTION.captures_iter(text) {
            let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { continue };
            let plain = value.as_str().trim_matches(['"', '\'']);
            if plain.starts_with('-') || refers(plain) || is_flag(plain) {
                continue;
            }
            if matches!(name.as_str(), "u" | "U" | "user" | "proxy-user") {
                let colon = value.as_str().find(':').filter(|at| !value.as_str().part(*at..).starts_with("://"));
                found.extend(colon.map(|at| value.start() + at + 1..value.end()));
            } else if said(name.as_str()) == Said::Secret && !is_switch(name.as_str()) {
                found.push(value.range());
            }
        }
    }
    if text.contains('-') && text.contains(',') && text.contains(['"', '\'']) {
        for captures in LISTED.captures_iter(text) {
            let (Some(name), Some(value)) = (captures.get(1), captures.get(2)) else { continue };
            let (says, plain) = (said(name.as_str()), value.as_str());
            let sure = says == Said::Secret || (says == Said::Perhaps && is_token(plain));
            if sure && !is_switch(name.as_str()) && !plain.starts_with('-') && !refers(plain) && !is_flag(plain) {
                found.push(value.range());
            }
        }
    }
    beside(text, found);
    named(text, found);
    if text.contains([' ', '\t']) {
        sentences(text, found);
    }
    let lower = text.to_ascii_lowercase();
    if lower.contains("identified") || lower.contains("alter ") || lower.contains("create ") {
        for captures in STATEMENT.captures_iter(text) {
            let Some(value) = captures.get(1) else { continue };
            if !value.as_str().starts_with(['=', '?', ',', ')']) {
                found.push(value.range());
            }
        }
    }
    if lower.contains("cookie") {
        let values = COOKIE.captures_iter(text).filter_map(|captures| captures.get(1));
        found.extend(values.filter(|value| value.as_str().contains('=')).map(|value| value.range()));
    }
}
