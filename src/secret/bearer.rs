//! Names that say who bears what they hold is somebody: `jwt`, `session_cookie`, `otp_seed`, `AuthorizationHeader`. As often
//! they hold a setting: whether there is one, how its header is called, who makes it; so that the value has a say.

use std::sync::LazyLock;

use regex::Regex;

use super::form::is_algorithm;
use super::{is_flag, names_file, table};

/// Whether the words of a name end as one that is borne. A name that nobody divided is taken by its end, too.
pub(super) fn is_borne(words: &[String]) -> bool {
    table::bearers().any(|row| {
        row.ends.iter().any(|end| {
            let count = end.split(' ').count();
            let joined = |words: &[String]| words.concat() == end.replace(' ', "");
            let by_words = (1..=count.min(words.len())).any(|last| joined(&words[words.len() - last..]));
            let by_end = count > 1 && words.last().is_some_and(|word| word.ends_with(&end.replace(' ', "")));
            by_words || by_end
        })
    })
}

/// Whether a value is plainly none that is borne: a flag, a number with its unit, the name of a class, a header or a host,
/// a path, an address, an algorithm or a word of settings. Of a `name` that speaks of a header, words are how that is called.
pub(super) fn is_plain(name: &str, value: &str) -> bool {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^[+-]?\d{1,12}(?:\.\d+)?\s*(?:[mµn]?s|secs?|seconds?|m|mins?|minutes?|h|hours?|d|days?|w|weeks?|[kmg]i?b?|bytes?|%)?$")
            .expect("a fixed pattern")
    });
    // A class, with its package or without; the name of a JNDI resource or of another setting.
    static DOTTED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[a-z_][A-Za-z0-9_$-]*\.){2,}[A-Za-z_][A-Za-z0-9_$-]*$").expect("a fixed pattern")
    });
    static HOST: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:[a-z0-9_-]+\.){2,}[a-z]{2,}(?::\d{1,5})?$|^\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?$|^[a-z][a-z0-9-]*:\d{2,5}$")
            .expect("a fixed pattern")
    });
    // `X-JWT-Assertion`, `WSO2-Authorization`, `JSESSIONID`, `commonAuthId`, `JWTGeneratorImpl`: several words or large letters.
    static NAME: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^(?:[Xx]-[A-Za-z0-9-]+|[A-Z]{2,}|[A-Za-z]*[a-z][A-Z][A-Za-z]*|[A-Z]{2,}[a-z][A-Za-z]*|[A-Z][A-Za-z]*(?:[_-][A-Z][A-Za-z]*)+)$")
            .expect("a fixed pattern")
    });
    static HEADER: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^[A-Za-z]+(?:[_-][A-Za-z]+)*$").expect("a fixed pattern"));
    // What the field writes with a number.
    static NUMBERED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"(?i)(?:WSO2|OAuth2)").expect("a fixed pattern"));
    static ATTRIBUTES: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:(?:secure|httponly|partitioned|samesite=\w+|path=/[^;]*|max-age=\d+)\s*(?:;\s*|$))+$")
            .expect("a fixed pattern")
    });
    let header = name.to_ascii_lowercase().contains("header");
    let value = value.trim();
    let lettered = NUMBERED.replace_all(value, "Field");
    // A relative path is letters and words; what a machine made has numbers and both sizes of letters.
    let path =
        value.contains('/') && !value.contains(' ') && !super::form::is_random(value, 12) && !value.ends_with('=');
    value.is_empty()
        || value.chars().all(|char| char == '*')
        || is_flag(value)
        || names_file(value)
        || path
        || is_algorithm(value)
        || table::bearers().any(|row| row.plain.iter().any(|word| word.eq_ignore_ascii_case(value)))
        || NAME.is_match(&lettered)
        || (header && HEADER.is_match(&lettered))
        || [&NUMBER, &DOTTED, &HOST, &ATTRIBUTES].iter().any(|pattern| pattern.is_match(value))
}

#[cfg(test)]
mod tests {
    use crate::secret::by_name;

    #[test]
    fn what_is_borne_is_a_secret() {
        for name in [
            "otp_seed",
            "totpSeed",
            "TOTP-SEED",
            "cookie",
            "Cookie",
            "sessionCookie",
            "sso.session_cookie",
            "sessioncookie",
            "jwt",
            "backend_jwt",
            "a.jwt.value",
            "AuthorizationHeader",
            "authorization-header",
            "auth_header",
            "authheader",
            "AuthenticationHeader",
            "/A/Property[@name='AuthorizationHeader']",
            "custom.'auth.header'",
            "jwt_1",
        ] {
            for value in ["s3same", "Zq000012w", "sesame7", "Zk3 xa9", "a:b7", "Zk3/xa9=", "ab#1", "1a2b3c"] {
                assert!(by_name(name, value), "{name} = {value}");
            }
        }
        assert!(by_name("otp_seed", "123456") && by_name("jwt", "opensesame") && by_name("cookie", "opensesame"));
    }

    #[test]
    fn what_is_only_about_it_is_none() {
        for (name, value) in [
            ("enable_jwt", "true"),
            ("jwt", "false"),
            ("jwt", "3600"),
            ("jwt", "15 min"),
            ("jwt", "HS256"),
            ("jwt", "RS256withRSA"),
            ("jwt", "com.example.am.JWTGeneratorImpl2"),
            ("jwt", "JWTGeneratorImpl"),
            ("jwt", "X-JWT-Assertion"),
            ("jwt", "https://km.example.com:9443/oauth2/jwks"),
            ("jwt", "/opt/keys/jwt"),
            ("jwt", "repository/resources/security/jwt"),
            ("jwt", "opaque"),
            ("jwt_header", "X-JWT-Assertion"),
            ("AuthorizationHeader", "Authorization"),
            ("AuthorizationHeader", "WSO2-Authorization"),
            ("auth_header", "OAuth2-Token"),
            ("auth_header", "x-auth2"),
            ("auth_header", "authorization"),
            ("cookie_name", "s3same"),
            ("cookie", "JSESSIONID"),
            ("cookie", "none"),
            ("cookie", "Secure; HttpOnly; SameSite=Lax"),
            ("cookie.secure", "s3same"),
            ("cookie", "gw.example.com"),
            ("session_id_length", "s3same"),
            ("jwt_claims", "s3same"),
            ("jwtCache", "s3same"),
            ("apim.oauth_config.auth_header", "s3same"),
            ("header", "s3same"),
            ("custom_header", "s3same"),
        ] {
            assert!(!by_name(name, value), "{name} = {value}");
        }
    }
}
