//! What a name says: whether a leaf, a key, a property or an option of that name holds a secret.
//!
//! A name is taken apart into its words (camelCase, `snake_case`, kebab-case, dotted, in any quoting). In a compound
//! the last word is what the thing is: a `PasswordHashMethod` is a method, a `trustStorePwd` is a password.

use std::cell::RefCell;

use super::memo::{Memo, recall};
use super::table::{self, Foreign};
use crate::text::Parts as _;

/// How sure a name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Said {
    /// No secret.
    Nothing,
    /// A secret, unless the value is plainly something else: a URL, a path, a flag (`token`, `authorization`).
    Perhaps,
    /// A secret.
    Secret,
}

/// Words that are a secret, alone or inside a longer word that nobody divided (`dbpassword`).
const SECRETS: [&str; 28] = [
    "password",
    "passwd",
    "passphrase",
    "passcode",
    "pwd",
    "secret",
    "credential",
    "keypass",
    "storepass",
    "apikey",
    "licensekey",
    "licencekey",
    "privkey",
    "privatekeys",
    "accesskey",
    "secretkey",
    "privatekey",
    "encryptionkey",
    "cipherkey",
    "sharedkey",
    "signingkey",
    "accountkey",
    "masterkey",
    "authkey",
    "authtoken",
    "accesstoken",
    "refreshtoken",
    "bearertoken",
];
/// Words that are a secret when they stand alone, or at the end of a longer word (`rootpw`).
const WHOLE_SECRETS: [&str; 6] = ["pass", "pw", "psw", "pswd", "cred", "creds"];
/// Words that end like these and are none (`dbpass` is one).
const NO_PASSES: [&str; 7] = ["bypass", "compass", "trespass", "surpass", "overpass", "underpass", "sacred"];
/// What makes a secret of the word `key` behind it.
const KEY_KINDS: [&str; 34] = [
    "api",
    "access",
    "private",
    "secret",
    "encryption",
    "encrypt",
    "decryption",
    "cipher",
    "symmetric",
    "shared",
    "signing",
    "master",
    "license",
    "licence",
    "priv",
    "account",
    "auth",
    "crypto",
    "aes",
    "des",
    "hmac",
    "ssh",
    "pgp",
    "ai",
    "storage",
    "integration",
    "subscription",
    "app",
    "application",
    "webhook",
    "hook",
    "bot",
    "admin",
    "root",
];
/// The same, where the key may be the name of a file too.
const PERHAPS_KEY_KINDS: [&str; 9] = ["ssl", "tls", "client", "service", "jwt", "rsa", "pem", "ec", "session"];
/// Words for a user with a password, if the value has both.
const LOGINS: [&str; 7] = ["auth", "basicauth", "login", "userpwd", "userpass", "userinfo", "userpassword"];
/// Words that say what a thing is that is about a secret, and is none.
const THINGS: [&str; 148] = [
    "alias",
    "aliases",
    "hash",
    "hashed",
    "hashing",
    "encrypt",
    "encrypted",
    "encryption",
    "enable",
    "enabled",
    "disable",
    "disabled",
    "digest",
    "reg",
    "regex",
    "ex",
    "callback",
    "call",
    "generator",
    "generation",
    "provisioning",
    "length",
    "pattern",
    "policy",
    "policies",
    "salted",
    "provider",
    "providers",
    "repository",
    "repositories",
    "url",
    "urls",
    "uri",
    "endpoint",
    "end",
    "point",
    "path",
    "paths",
    "file",
    "filename",
    "location",
    "dir",
    "directory",
    "folder",
    "host",
    "hostname",
    "hosts",
    "hostnames",
    "server",
    "servers",
    "address",
    "port",
    "type",
    "types",
    "class",
    "impl",
    "algorithm",
    "algorithms",
    "method",
    "methods",
    "mode",
    "format",
    "name",
    "names",
    "claim",
    "claims",
    "header",
    "headers",
    "grant",
    "issuer",
    "validity",
    "period",
    "expiry",
    "expiration",
    "expire",
    "expires",
    "time",
    "timeout",
    "ttl",
    "age",
    "interval",
    "count",
    "size",
    "max",
    "min",
    "limit",
    "history",
    "reset",
    "recovery",
    "change",
    "validator",
    "validation",
    "handler",
    "manager",
    "store",
    "keystore",
    "truststore",
    "cache",
    "cleanup",
    "scope",
    "scopes",
    "builder",
    "processor",
    "factory",
    "service",
    "ui",
    "page",
    "message",
    "msg",
    "error",
    "violation",
    "template",
    "script",
    "column",
    "query",
    "sql",
    "table",
    "attribute",
    "field",
    "label",
    "index",
    "required",
    "allowed",
    "supported",
    "support",
    "persist",
    "display",
    "rotation",
    "notification",
    "subscription",
    "listener",
    "extension",
    "resolver",
    "domain",
    "realm",
    "strength",
    "complexity",
    "attempts",
    "retries",
    "authenticator",
    "partitioning",
    "separator",
    "encoding",
    "charset",
    "version",
    "versions",
    "through",
    "start",
];
/// Words at the beginning of a switch.
const QUESTIONS: [&str; 8] = ["is", "use", "show", "has", "encrypt", "hash", "persist", "validate"];
/// Words that make a switch of a name wherever they stand.
const SWITCHES: [&str; 11] =
    ["enable", "disable", "allow", "remove", "renew", "retain", "include", "require", "ask", "skip", "salted"];
/// Words at the beginning of how many of something there are: `max_tokens`.
const AMOUNTS: [&str; 7] = ["max", "min", "maximum", "minimum", "number", "num", "count"];
/// Words that add nothing to a name: what they are the value of stands before.
const FILLERS: [&str; 24] = [
    "value",
    "values",
    "val",
    "text",
    "plain",
    "plaintext",
    "string",
    "content",
    "old",
    "new",
    "current",
    "default",
    "prod",
    "production",
    "dev",
    "test",
    "uat",
    "staging",
    "primary",
    "secondary",
    "backup",
    "data",
    "literal",
    "raw",
];

/// What the path of a leaf, a key or a property's name says of its value.
pub(super) fn said(path: &str) -> Said {
    recall(&KNOWN, path, look)
}

thread_local! {
    /// What names said before: each leaf's is asked for several times, and files of one kind have the same.
    static KNOWN: RefCell<Memo<Said>> = RefCell::default();
    /// Whether names were those of what makes somebody of who has it.
    static BORNE: RefCell<Memo<bool>> = RefCell::default();
    /// Whether names were those of a user with a password.
    static LOGIN: RefCell<Memo<bool>> = RefCell::default();
}

fn look(path: &str) -> Said {
    let pieces = pieces(path);
    let mut end = pieces.len();
    // `password.value`, `<Password><Value>`: what is meant stands before.
    while end > 1 && pieces[end - 1].is_filler() {
        end -= 1;
    }
    let Some(last) = end.checked_sub(1).and_then(|last| pieces.get(last)) else { return Said::Nothing };
    let mut words = last.words();
    // `encryption.key`: the table says of which kind the key is.
    if matches!(&words[..], [only] if only == "key" || only == "keys")
        && let Some(before) = end.checked_sub(2).and_then(|before| pieces.get(before))
    {
        // `APIManager/Keys` are keys of a manager, `encryption.key` is one of encryption.
        let kind = before.words().pop().unwrap_or_default();
        words.insert(0, kind);
    }
    let by_entity = last
        .entity
        .map_or(Said::Nothing, |entity| if entity.len() == path.len() { Said::Nothing } else { said(entity) });
    if words.first().is_some_and(|first| AMOUNTS.contains(&first.as_str())) && last.entity.is_none() {
        return Said::Nothing;
    }
    let by_table = if is_below_secrets(&pieces[..end - 1], last, path) { Said::Perhaps } else { Said::Nothing };
    let by_words = of_words(&words)
        .max(without_digits_for_letters(last.name).map_or(Said::Nothing, |read| of_words(&self::words(&read))));
    by_entity.max(by_words).max(by_table)
}

/// Tables whose entries are secrets, whatever these are called: `secret = { staging = "x" }`, `passwords.admin`.
const TABLES: [&str; 8] =
    ["secret", "secrets", "password", "passwords", "credential", "credentials", "creds", "passwd"];
/// The same of a file of TOML; elements of XML of these names hold other things.
const TABLES_OF_TOML: [&str; 4] = ["auth", "auths", "keys", "tokens"];
/// What an entry of such a table says beside its secret.
const BESIDE: [&str; 8] = ["user", "username", "id", "description", "comment", "key", "keys", "owner"];

fn is_below_secrets(above: &[Piece<'_>], last: &Piece<'_>, path: &str) -> bool {
    let is_toml = !path.contains('/');
    let is_table = |piece: &Piece<'_>| {
        let is = |table: &&str| piece.name.eq_ignore_ascii_case(table);
        TABLES.iter().any(is) || (is_toml && TABLES_OF_TOML.iter().any(is))
    };
    let speaks = |word: &String| {
        let word = word.as_str();
        THINGS.contains(&word) || BESIDE.contains(&word) || SWITCHES.contains(&word) || QUESTIONS.contains(&word)
    };
    // An attribute says something of its element.
    let is_attribute = || path.rsplit(['/', '.']).next().is_some_and(|step| step.starts_with('@'));
    above.iter().any(is_table) && !is_attribute() && !last.words().iter().any(speaks)
}

/// Whether the name is that of a switch.
pub(super) fn is_switch(path: &str) -> bool {
    let pieces = pieces(path);
    let Some(last) = pieces.last() else { return false };
    if let Some(entity) = last.entity.filter(|entity| entity.len() < path.len()) {
        return is_switch(entity);
    }
    let last = last.words();
    last.first().is_some_and(|first| QUESTIONS.contains(&first.as_str()))
        || last.iter().any(|word| SWITCHES.contains(&word.as_str()))
}

/// Whether a word says that a thing is about a secret, and is none.
pub(super) fn is_thing(word: &str) -> bool {
    THINGS.contains(&word)
}

/// What words say that are one for a secret only together, joined by `_`: `mot_de_passe`, `api_key`.
pub(super) fn of_joined(words: &str) -> Said {
    let words = self::words(words);
    let Some(last) = words.len().checked_sub(1) else { return Said::Nothing };
    of_word(&words, last)
}

/// Whether a name is that of a user with a password, if the value has both: `auth=u:x`.
pub(super) fn is_login(path: &str) -> bool {
    recall(&LOGIN, path, look_for_login)
}

fn look_for_login(path: &str) -> bool {
    let pieces = pieces(path);
    let Some(last) = pieces.last() else { return false };
    let words = words(last.entity.unwrap_or(last.name));
    words.last().is_some_and(|word| LOGINS.contains(&word.as_str()))
        || matches!(&words[..], [.., before, last] if LOGINS.contains(&format!("{before}{last}").as_str()))
}

/// Whether a name is that of a secret if a machine made its value: `PaypalAPISignature`.
pub(super) fn is_random(path: &str) -> bool {
    let pieces = pieces(path);
    let Some(last) = pieces.last() else { return false };
    let words = words(last.entity.unwrap_or(last.name));
    words.last().is_some_and(|word| table::foreign(word) == Some(Foreign::Random))
}

/// Whether a name is that of what makes somebody of who has it, unless the value is a setting: `jwt`, `session_cookie`.
pub(super) fn is_borne(path: &str) -> bool {
    recall(&BORNE, path, look_for_bearer)
}

fn look_for_bearer(path: &str) -> bool {
    let pieces = pieces(path);
    let meant = |piece: &&Piece<'_>| !piece.is_filler();
    let Some(last) = pieces.iter().rev().find(meant).or(pieces.last()) else { return false };
    let mut words = last.entity.filter(|entity| entity.len() < path.len()).map_or_else(|| last.words(), words);
    // `custom.'auth.header'`: a name with a point in it.
    if let Some(before) = pieces.iter().rev().skip_while(|piece| !meant(piece)).nth(1).filter(|_| words.len() == 1) {
        words.splice(0..0, before.words());
    }
    let adds = |word: &String| !FILLERS.contains(&word.as_str()) && !word.chars().all(|char| char.is_ascii_digit());
    let length = words.iter().rposition(adds).map_or(words.len(), |last| last + 1);
    let known = table::bearers().any(|row| row.names.iter().any(|name| name == path));
    !known && !is_switch(path) && super::bearer::is_borne(&words[..length])
}

/// What one word says, with those before it.
fn of_word(words: &[String], at: usize) -> Said {
    let word = words[at].as_str();
    let before = &words[..at];
    let whole = WHOLE_SECRETS.contains(&word) && before.last().is_none_or(|before| before != "by");
    let foreign = table::foreign(word);
    let compound = WHOLE_SECRETS.iter().any(|end| word.len() > end.len() && word.ends_with(end))
        && !NO_PASSES.iter().any(|other| word.ends_with(other));
    if whole || compound || foreign == Some(Foreign::Secret) || SECRETS.iter().any(|secret| word.contains(secret)) {
        return Said::Secret;
    }
    if is_key(word) || foreign == Some(Foreign::Key) {
        let of = |kinds: &[&str]| before.iter().any(|before| kinds.contains(&before.as_str()));
        // `X-Functions-Key`: a header of a vendor.
        if of(&KEY_KINDS) || (before.len() > 1 && before[0] == "x") {
            return Said::Secret;
        }
        if of(&PERHAPS_KEY_KINDS) {
            return Said::Perhaps;
        }
    }
    // `X-Auth: …`, and `pin code`, which two words are.
    if (word == "auth" && before.first().is_some_and(|first| first == "x"))
        || (word == "code" && before.last().is_some_and(|last| last == "pin"))
    {
        return Said::Perhaps;
    }
    // `mot de passe`
    let mut joined = word.to_owned();
    for before in before.iter().rev().take(3) {
        joined.insert_str(0, before);
        if table::is_phrase(&joined) {
            return Said::Secret;
        }
        if table::is_short_phrase(&joined) {
            return Said::Perhaps;
        }
    }
    if is_misspelt(word) {
        return Said::Secret;
    }
    let is_token = word.ends_with("token") || word.ends_with("tokens") || word == "authorization";
    if is_token || foreign == Some(Foreign::Short) {
        return Said::Perhaps;
    }
    Said::Nothing
}

/// Whether a word is one for a secret with one slip of the hand: `pasword`, `passwrod`.
fn is_misspelt(word: &str) -> bool {
    ["password", "passphrase", "credential", "secret"].iter().any(|secret| {
        word.len().abs_diff(secret.len()) <= 1
            && word.chars().next() == secret.chars().next()
            && strsim::osa_distance(word, secret) == 1
    })
}

/// A name with the digits that stand for letters in it read as these: `passw0rd`, `s3cr3t`.
fn without_digits_for_letters(name: &str) -> Option<String> {
    let letter = |char: char| match char {
        '0' => 'o',
        '1' => 'i',
        '3' => 'e',
        '4' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    };
    let inside = |at: usize, chars: &[char]| {
        let is_letter = |char: &char| char.is_alphabetic();
        chars[..at].last().is_some_and(|before| is_letter(before) || letter(*before) != *before)
            && chars[at + 1..].iter().find(|behind| letter(**behind) == **behind).is_some_and(is_letter)
    };
    let chars: Vec<char> = name.chars().collect();
    let mut read = String::new();
    for (at, char) in chars.iter().copied().enumerate() {
        let plain = if inside(at, &chars) { letter(char) } else { char };
        // The words of a name are told by their capitals.
        let capital = plain != char && read.ends_with(char::is_uppercase);
        read.push(if capital { plain.to_ascii_uppercase() } else { plain });
    }
    (read != name).then_some(read)
}

/// How many words of a name are looked at, from its end: no name has so many.
const WORDS: usize = 64;

fn of_words(words: &[String]) -> Said {
    let words = &words[words.len().saturating_sub(WORDS)..];
    let mut found = None;
    for at in 0..words.len() {
        let said = of_word(words, at);
        if said == Said::Nothing {
            continue;
        }
        // `AccessToken` is as sure as `accesstoken`.
        let joined = at.checked_sub(1).map(|before| format!("{}{}", words[before], words[at]));
        let sure = joined.is_some_and(|joined| SECRETS.iter().any(|secret| joined.ends_with(secret)));
        found = Some((at, if sure { Said::Secret } else { said }));
    }
    // The last word can be one that only ends in a secret: `passwordhash`.
    let Some((at, said)) = found else { return Said::Nothing };
    let own = words[at].as_str();
    if THINGS.iter().any(|thing| thing.len() > 3 && own.len() > thing.len() && own.ends_with(thing))
        && !ends_in_secret(own)
    {
        return Said::Nothing;
    }
    let behind = &words[at + 1..];
    if behind.iter().any(|word| THINGS.contains(&word.as_str())) {
        return Said::Nothing;
    }
    let adds = |word: &String| !FILLERS.contains(&word.as_str()) && !word.chars().all(|char| char.is_ascii_digit());
    if said == Said::Perhaps && behind.iter().any(adds) { Said::Nothing } else { said }
}

fn ends_in_secret(word: &str) -> bool {
    SECRETS.iter().any(|secret| word.ends_with(secret))
        || word.ends_with("token")
        || table::foreign(word).is_some_and(|found| found != Foreign::Random)
}

fn is_key(word: &str) -> bool {
    word == "key" || word == "keys"
}

/// One name of a path.
struct Piece<'p> {
    name: &'p str,
    /// The name of the entry or element that stands in brackets behind it.
    entity: Option<&'p str>,
}

impl Piece<'_> {
    fn words(&self) -> Vec<String> {
        words(self.name)
    }

    fn is_filler(&self) -> bool {
        let filler = |word: &String| FILLERS.contains(&word.as_str()) || word.chars().all(|char| char.is_ascii_digit());
        self.entity.is_none_or(|entity| entity.chars().all(|char| char.is_ascii_digit()))
            && self.words().iter().all(filler)
    }
}

/// The names of a path, whatever its form: `/A/B[@name='x']/@c`, `a.'b.c'[0].d`, `a.b-c_d[2]`.
fn pieces(path: &str) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut rest = path;
    while let Some(first) = rest.chars().next() {
        match first {
            '/' | '.' | '@' => rest = rest.part(1..),
            '[' => {
                let (inside, behind) = brackets(rest);
                let entity = match inside.split_once('=') {
                    Some((by, _))
                        if ["class", "classname"]
                            .contains(&by.trim_start_matches('@').to_ascii_lowercase().as_str()) =>
                    {
                        None
                    }
                    // An address is no name.
                    Some((_, name)) if name.contains("://") => None,
                    Some((_, name)) => Some(name.trim_matches(['\'', '"'])),
                    None => Some(inside),
                };
                let named =
                    entity.filter(|entity| !entity.is_empty() && !entity.chars().all(|char| char.is_ascii_digit()));
                match pieces.last_mut() {
                    Some(last) => last.entity = last.entity.or(named),
                    None => pieces.push(Piece { name: "", entity: named }),
                }
                rest = behind;
            }
            quote @ ('\'' | '"') => {
                let inside = rest.part(1..);
                let end = inside.find(quote).unwrap_or(inside.len());
                pieces.extend(inside.part(..end).split(['.', '/']).map(|name| Piece { name, entity: None }));
                rest = inside.part(end..).strip_prefix(quote).unwrap_or("");
            }
            _ => {
                let end = rest.find(['/', '.', '[', '@', '\'', '"']).unwrap_or(rest.len());
                pieces.push(Piece { name: rest.part(..end), entity: None });
                rest = rest.part(end..);
            }
        }
    }
    pieces
}

/// What stands in the brackets that `text` begins with, and what stands behind them.
fn brackets(text: &str) -> (&str, &str) {
    let inside = text.part(1..);
    let close = match inside.split_once('=') {
        Some((by, value)) if by.chars().all(|char| char.is_alphanumeric() || "@_-.:".contains(char)) => {
            let quote = value.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
            quote.and_then(|quote| inside.find(&format!("{quote}]")).map(|at| at + 1))
        }
        _ => None,
    };
    match close.or_else(|| inside.find(']')) {
        Some(close) => (inside.part(..close), inside.part(close + 1..)),
        None => (inside, ""),
    }
}

/// The words of a name, lower case: `trustStorePwd` is `trust store pwd`, `APIKey_2` is `api key 2`.
fn words(name: &str) -> Vec<String> {
    // Accents that stand apart are left out, and wide letters are read as plain ones.
    let chars: Vec<char> = name
        .chars()
        .filter(|char| !matches!(char, '\u{300}'..='\u{36f}'))
        .map(|char| match char {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(char) - 0xfee0).unwrap_or(char),
            char => char,
        })
        .collect();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    for (at, char) in chars.iter().copied().enumerate() {
        if !char.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
            continue;
        }
        let before = at.checked_sub(1).map(|before| chars[before]);
        let next = chars.get(at + 1);
        let begins = before.is_some_and(|before| {
            (char.is_uppercase()
                && (before.is_lowercase() || (before.is_uppercase() && next.is_some_and(|next| next.is_lowercase()))))
                || (char.is_numeric() != before.is_numeric())
        });
        if begins {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        word.extend(char.to_lowercase());
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::{Said, said};

    #[test]
    fn knows_the_names_of_secrets() {
        for name in [
            "/Server/Security/KeyStore/Password",
            "/A/Property[@name='mail.smtp.password']",
            "/A/Property[@name='TrustStorePwd']",
            "/A/Property[@name='apiPassword']/@value",
            "/Server/Service[@name='Catalina']/Connector[@scheme='https']/@keystorePass",
            "/A/Password[@id='1']",
            "/A/Password[2]",
            "/A/Password/Value",
            "apim.'db.password'",
            "system.parameter.'javax.net.ssl.trustStorePassword'",
            "system.parameter.\"db.password\"",
            "a.b[0].'x'.passphrase",
            "a[password].value",
            "log4j.appender.S.password[2]",
            "DB_PASSWORD",
            "db-passwd",
            "dbpassword",
            "password1",
            "passwordProd",
            "smtp.pass",
            "apim.workflow.wf_engine_pass",
            "client_secret",
            "clientSecret",
            "APIKey",
            "apiKey",
            "X-API-Key",
            "SendgridAPIKey",
            "aws_secret_access_key",
            "AccountKey",
            "credentials",
            "userCredential",
            "encryption.key",
            "encryptionKey",
            "cipherKey",
            "private_key",
            "OpenIDPrivateAssociationServerKey",
            "InitialAccessToken",
            "apim.ai.key",
            "apim.analytics.auth_token",
            "encryptionPassword",
            "hashSecret",
            "providerPassword",
            "ContraseñaPassword",
            "db.kennwort",
            "/A/Contraseña",
            "SubscriptionKey",
            "MotDePasse",
            "mot-de-passe",
            "ApplicationKey",
            "passw0rd",
            "PA55W0RD",
            "db_p4ssw0rd",
            "pasword",
            "db.senha",
            "clave",
            "Salasana",
            "LÖSENORD",
            "contrasen\u{303}a",
            "ｐａｓｓｗｏｒｄ",
            "密码",
            "api_schluessel",
        ] {
            assert_eq!(said(name), Said::Secret, "{name}");
        }
        for name in [
            "apim.jwt.secret.europe",
            "a.'passwords'.b.ann",
            "a.secrets.x[1]",
            "log4j.appender.S.token",
            "ssl_key",
            "tls.key",
            "bearer",
            "Otp",
            "smtp.pin",
            "/A/ApiToken",
            "sometoken",
            "Authorization",
            "/A/Property[@name='ApiToken']",
        ] {
            assert_eq!(said(name), Said::Perhaps, "{name}");
        }
    }

    #[test]
    fn knows_what_is_only_about_secrets() {
        for name in [
            "",
            "/A/@secretAlias",
            "/Server/OAuth/EnableClientSecretHash",
            "/A/Property[@name='PasswordHashMethod']",
            "/A/Property[@name='PasswordJavaRegExViolationErrorMsg']",
            "/A/Property[@name='PasswordDigest']",
            "/APIManager/OAuthConfigurations/TokenEndPointName",
            "/APIManager/CacheConfigurations/EnableGatewayTokenCache",
            "/Server/OAuth/AccessTokenDefaultValidityPeriod",
            "/Server/OAuth/AccessTokenValueGenerator",
            "passwordHistory.count",
            "secretProvider",
            "secretRepositories",
            "keystore.file_name",
            "token.url",
            "tokenStore",
            "passwordhash",
            "PassThrough",
            "/APIManager/Keys",
            "password_encoding",
            "PASSWORD_VERSIONS",
            "secret.type",
            "credential.username",
            "secrets.enabled",
            "/A/Password/@id",
            "/Datasource[name='SECRET_DB']/url",
            "/A/B[@class='org.acme.Password']",
            "apim.ai.token_endpoint",
            "key",
            "jndi.key",
            "user",
            "port",
            "bypass",
            "compass",
            "consumer_key",
            "KeyAlias",
            "/A/Property[@name='password']/@encrypted",
            "SendOTPDirectlyToMobile",
            "TokenEncDecImpl",
            "password_policy",
            "enclave",
            "oauth2.grant",
            "schluessel",
            "/Server/ServerKey",
            "pinning",
            "opinion",
            "sacred",
        ] {
            assert_eq!(said(name), Said::Nothing, "{name}");
        }
    }
}
