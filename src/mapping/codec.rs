//! From a legacy text to a value of a key.

use std::collections::BTreeSet;

use super::catalog::Kind;
use super::rule::Codec;
use crate::value::Value;

/// A text that a codec cannot read: what was expected instead.
pub type Unreadable = &'static str;

/// What a variable of any file begins with, and a reference of a deployment.toml.
const VARIABLE: [&str; 1] = ["${"];
const REFERENCES: [&str; 5] = ["${", "$env{", "$sys{", "$ref{", "$secret{"];

/// `text` of a deployment.toml in the form that the rule asks for and the key takes.
pub fn convert(text: &str, codec: Codec, kind: Kind) -> Result<Value, Unreadable> {
    read(text, codec, kind, &REFERENCES)
}

/// The same for a text of 2.x, to which `$ref{…}` and its like are plain text.
pub fn convert_legacy(text: &str, codec: Codec, kind: Kind) -> Result<Value, Unreadable> {
    read(text, codec, kind, &VARIABLE)
}

fn read(text: &str, codec: Codec, kind: Kind, variables: &[&str]) -> Result<Value, Unreadable> {
    let trimmed = text.trim();
    if (is_opaque(trimmed) || is_variable(trimmed, variables))
        && !matches!(codec, Codec::List | Codec::PlusList | Codec::Item)
    {
        // A list of one: a text in the place of a list stops the mapper, or is taken apart by others.
        let list = codec == Codec::Copy && kind == Kind::List;
        return Ok(if list { Value::list([trimmed]) } else { Value::text(trimmed) });
    }
    match codec {
        Codec::Copy => copy(trimmed, kind),
        Codec::Text => Ok(Value::text(trimmed)),
        Codec::Not => boolean(trimmed).map(|value| Value::Boolean(!value)),
        Codec::List => Ok(list(trimmed)),
        Codec::PlusList => Ok(Value::text(
            items(trimmed).map(|item| format!("+{}", item.trim_start_matches('+'))).collect::<Vec<_>>().join(","),
        )),
        Codec::FileName => Ok(Value::text(trimmed.rsplit(['/', '\\']).next().unwrap_or(trimmed))),
        Codec::ClientAuth => match trimmed.to_ascii_lowercase().as_str() {
            "false" => Ok(Value::text("false")),
            "want" => Ok(Value::text("optional")),
            "true" => Ok(Value::text("required")),
            _ => Err("`true`, `false` or `want`"),
        },
        Codec::JndiName => Ok(Value::text(trimmed.strip_prefix("jdbc/").unwrap_or(trimmed))),
        Codec::Item => Ok(Value::list([trimmed])),
        Codec::NumberAtEnd => match trimmed.rsplit_once('_').map(|(_, number)| number.parse::<i64>()) {
            Some(Ok(number)) => Ok(Value::Integer(number)),
            _ => Err("a text that ends in `_` and a number"),
        },
        Codec::OneLine => Ok(Value::text(text.lines().map(str::trim).collect::<String>())),
    }
}

fn copy(text: &str, kind: Kind) -> Result<Value, Unreadable> {
    match kind {
        Kind::Boolean => boolean(text).map(Value::Boolean),
        Kind::List => Ok(list(text)),
        Kind::Duration if !is_duration(text) => Err("a number, or one with the unit ms, s, m, h or d"),
        Kind::Integer | Kind::Duration | Kind::Text | Kind::Table => Ok(typed(text)),
    }
}

/// Whether the mapper of 4.x reads the text as a duration: anything else stops it, and a sign before a number with a
/// unit is lost (semantics-settings.md 1.4).
fn is_duration(text: &str) -> bool {
    let number = text.strip_prefix('-').unwrap_or(text);
    let unit = number.trim_start_matches(|digit: char| digit.is_ascii_digit());
    let digits = number.len() - unit.len();
    let known = matches!(unit.trim_start(), "ms" | "s" | "m" | "h" | "d");
    digits > 0 && (unit.is_empty() || (known && number.len() == text.len()))
}

/// A plain text as the type it looks like: numbers that survive a round trip, booleans in any case, else a text.
#[must_use]
pub fn typed(text: &str) -> Value {
    if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") {
        return Value::Boolean(text.eq_ignore_ascii_case("true"));
    }
    match text.parse::<i64>() {
        // `007` and `+7` are not numbers to whoever wrote them.
        Ok(number) if number.to_string() == text => Value::Integer(number),
        _ => Value::text(text),
    }
}

fn boolean(text: &str) -> Result<bool, Unreadable> {
    if text.eq_ignore_ascii_case("true") {
        Ok(true)
    } else if text.eq_ignore_ascii_case("false") {
        Ok(false)
    } else {
        Err("`true` or `false`")
    }
}

fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn list(text: &str) -> Value {
    Value::list(items(text))
}

/// The first item that a list holds twice: it is kept, but hardly meant (semantics-settings.md 1.3).
#[must_use]
pub fn twice(value: &Value, codec: Codec) -> Option<String> {
    let items: Vec<&str> = match value {
        Value::List(items) => items.iter().map(String::as_str).collect(),
        Value::Text(text) if codec == Codec::PlusList => text.split(',').collect(),
        _ => return None,
    };
    let mut seen = BTreeSet::new();
    let found = (0..items.len()).find(|at| !seen.insert(&items[*at]))?;
    Some(items[found].trim_start_matches('+').to_owned())
}

/// Whether the text is a template of a build tool, not yet filled, or a variable from outside: it is carried
/// letter by letter, no number, URL or boolean is read in it (semantics-settings.md 1.6).
#[must_use]
pub fn is_opaque(text: &str) -> bool {
    let token = |mark: &str, is_name: &dyn Fn(u8) -> bool| {
        let name = text.strip_prefix(mark).and_then(|rest| rest.strip_suffix(mark));
        name.is_some_and(|name| !name.is_empty() && name.bytes().all(is_name))
    };
    let any = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte);
    // Of these only capital letters: `__x__` may well be a name, `%41%` is an escape.
    let capital = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
    text.contains("{{")
        || text.contains("{%")
        || text.contains("<%")
        || text.contains("#{")
        || text.contains("%%")
        || token("@", &any)
        || token("@@", &any)
        || token("__", &capital)
        || token("%", &capital)
        || text.strip_prefix('$').is_some_and(|name| !name.is_empty() && name.bytes().all(capital))
}

/// Whether the text is a single variable, whose value only the server knows: carried as it stands.
fn is_variable(text: &str, heads: &[&str]) -> bool {
    let head = heads.iter().any(|head| text.starts_with(head));
    head && text.find('}') == Some(text.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::{Codec, Kind, Value, convert, convert_legacy, twice};

    #[test]
    fn finds_an_item_that_stands_twice() {
        for (text, codec, expected) in [
            ("a, b,a", Codec::List, Some("a")),
            ("a,b", Codec::List, None),
            ("TLSv1.2,TLSv1.1,TLSv1.2", Codec::PlusList, Some("TLSv1.2")),
            ("a,a", Codec::Text, None),
        ] {
            let value = convert(text, codec, Kind::Text).unwrap();
            assert_eq!(twice(&value, codec).as_deref(), expected, "{text}");
        }
        // Both stay.
        assert_eq!(convert("a, b,a", Codec::List, Kind::List), Ok(Value::list(["a", "b", "a"])));
    }

    #[test]
    fn reads_values_in_the_form_of_the_key() {
        for (text, codec, kind, expected) in [
            (" TRUE ", Codec::Copy, Kind::Boolean, Ok(Value::Boolean(true))),
            ("yes", Codec::Copy, Kind::Boolean, Err("`true` or `false`")),
            ("007", Codec::Copy, Kind::Integer, Ok(Value::text("007"))),
            ("20m", Codec::Copy, Kind::Duration, Ok(Value::text("20m"))),
            ("-1", Codec::Copy, Kind::Duration, Ok(Value::Integer(-1))),
            ("20min", Codec::Copy, Kind::Duration, Err("a number, or one with the unit ms, s, m, h or d")),
            ("-5m", Codec::Copy, Kind::Duration, Err("a number, or one with the unit ms, s, m, h or d")),
            ("-7", Codec::Copy, Kind::Integer, Ok(Value::Integer(-7))),
            ("12345", Codec::Text, Kind::Text, Ok(Value::text("12345"))),
            ("false", Codec::Not, Kind::Boolean, Ok(Value::Boolean(true))),
            ("a, b,,c", Codec::Copy, Kind::List, Ok(Value::list(["a", "b", "c"]))),
            ("TLSv1.1,TLSv1.2", Codec::PlusList, Kind::Text, Ok(Value::text("+TLSv1.1,+TLSv1.2"))),
            (
                "${carbon.home}/repository/resources/security/x.jks",
                Codec::FileName,
                Kind::Text,
                Ok(Value::text("x.jks")),
            ),
            ("{{ENABLED}}", Codec::Copy, Kind::Boolean, Ok(Value::text("{{ENABLED}}"))),
            ("${IS_ON}", Codec::Copy, Kind::Boolean, Ok(Value::text("${IS_ON}"))),
            ("${ORIGINS}", Codec::Copy, Kind::List, Ok(Value::list(["${ORIGINS}"]))),
            ("$ref{a.b}", Codec::Copy, Kind::Boolean, Ok(Value::text("$ref{a.b}"))),
            ("^a{1,2}$", Codec::Item, Kind::List, Ok(Value::list(["^a{1,2}$"]))),
            ("/indexing/lastaccesstime_3", Codec::NumberAtEnd, Kind::Text, Ok(Value::Integer(3))),
            ("jdbc/X", Codec::JndiName, Kind::Text, Ok(Value::text("X"))),
            ("(&(a=b)\n   (c=d))", Codec::OneLine, Kind::Text, Ok(Value::text("(&(a=b)(c=d))"))),
        ] {
            assert_eq!(convert(text, codec, kind), expected, "{text}");
        }
        for (text, kind, expected) in [
            ("$ref{a.b}", Kind::Boolean, Err("`true` or `false`")),
            ("$ref{a.b}, c", Kind::List, Ok(Value::list(["$ref{a.b}", "c"]))),
            ("${IS_ON}", Kind::Boolean, Ok(Value::text("${IS_ON}"))),
        ] {
            assert_eq!(convert_legacy(text, Codec::Copy, kind), expected, "{text}");
        }
    }
}
