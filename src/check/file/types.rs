//! Values of the wrong type. What the mapper cannot take was measured (`fails_with` of the catalog); what it takes
//! and writes as it stands is only doubtful.

use super::form::type_word;
use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::layout::offset_fault;
use crate::mapping::catalog::{Catalog, Key, Kind};
use crate::mapping::tables::Tables;
use crate::read::document::{Entry, Shape, Value};

/// Keys that took every type in 3.x: their traps are those of 4.x.
const TRAPS_OF_4: [&str; 2] = ["apim.sdk.supported_languages", "transport.receiver.session_timeout"];

fn each(node: &Node<'_>, catalog: &Catalog, make: impl Fn(&Entry, &Key) -> Option<Diagnostic>) -> Vec<Diagnostic> {
    let known = node.entries().iter().filter_map(|entry| Some((entry, catalog.find(&entry.key)?)));
    known
        .filter(|(entry, key)| node.standard.reads(key) && !is_open(&entry.value))
        .filter_map(|(entry, key)| make(entry, key))
        .collect()
}

/// Whether the value is only known later: a reference, a variable, the mark of a deployment tool.
fn is_open(value: &Value) -> bool {
    let text = value.text.trim();
    matches!(value.shape, Shape::Text)
        && ["$ref{", "$env{", "$sys{", "$secret{", "${", "{{", "{%", "<%"].iter().any(|mark| text.contains(mark))
}

pub fn offset(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    // What is no number is told as a value of another kind.
    let entry = node.entry("server.offset").filter(|entry| entry.value.text.trim().parse::<i64>().is_ok());
    let fault = entry.and_then(|entry| Some((entry, offset_fault(&entry.value.text)?)));
    let found = fault.map(|(entry, fault)| {
        node.finding(Code::OffsetUnusable, &entry.value.span, format!("`server.offset`: {fault}"))
    });
    found.into_iter().collect()
}

pub fn refused(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, catalog, |entry, key| {
        if TRAPS_OF_4.contains(&key.name) && !node.standard.is_4() {
            return None;
        }
        let found = if key.kind == Kind::Duration { duration(key, &entry.value) } else { trap(node, entry, key) };
        let (message, help) = found?;
        let message = format!("`{}` {message}", entry.key);
        Some(node.finding(Code::WrongType, &entry.value.span, message).help(help))
    })
}

fn trap(node: &Node<'_>, entry: &Entry, key: &Key) -> Option<(String, String)> {
    let fails = |word: &str| key.fails_with.split(", ").any(|known| known == word);
    let value = &entry.value;
    let (word, narrower) = match &value.shape {
        Shape::Text if value.text.is_empty() => ("empty string", ""),
        Shape::Text if value.text.trim().parse::<i64>().is_ok() => ("string holding a number", ""),
        Shape::Text if value.text.contains(':') => ("string holding host:port", ""),
        Shape::Text => ("string", ""),
        Shape::Integer => ("integer", ""),
        Shape::Float => ("float", ""),
        Shape::Boolean if value.text == "true" => ("boolean", "boolean true"),
        Shape::Boolean => ("boolean", "boolean false"),
        Shape::List(items) if items.is_empty() => ("empty array", ""),
        Shape::List(_) => ("array of strings", ""),
        Shape::Date => return None,
    };
    // With its companion the switch is right (measured alone it has none).
    let companion = key.name.strip_suffix("white_list_enabled").map(|head| format!("{head}white_list"));
    let needed = companion.filter(|companion| fails("boolean true") && node.entry(companion).is_none());
    if narrower == "boolean true" && fails(narrower) {
        let companion = needed?;
        return Some((
            format!("is true without `{companion}`: the product's mapper crashes"),
            format!("add `{companion}`"),
        ));
    }
    // Words that are checked one by one have a check of their own.
    if !fails(word) || (word == "string" && matches!(key.name, "user_store.type" | "encryption.type")) {
        return None;
    }
    let wanted = wanted(key);
    Some((
        format!("takes {wanted}: the product's mapper crashes with {}", type_word(&value.shape)),
        advice(key, value, wanted),
    ))
}

/// What a key takes, in words.
fn wanted(key: &Key) -> &'static str {
    let fails = |word: &str| key.fails_with.split(", ").any(|known| known == word);
    match key.kind {
        Kind::List => "a list",
        Kind::Table if fails("table") => "an array of tables",
        Kind::Table => "a table",
        Kind::Boolean => "a boolean",
        _ if fails("string") && fails("integer") && !fails("table") => "a table",
        _ => "a text",
    }
}

fn advice(key: &Key, value: &Value, wanted: &str) -> String {
    if key.kind == Kind::List && matches!(value.shape, Shape::Text) && !crate::secret::is_secret_name(key.name) {
        let items: Vec<String> =
            value.text.split(',').map(|item| format!("\"{}\"", item.trim().escape_default())).collect();
        return format!("write a list: `[{}]`", crate::secret::mask_urls(&items.join(", ")));
    }
    match (wanted, &value.shape) {
        ("a text", Shape::Integer | Shape::Float | Shape::Boolean) => "put the value in quotes".to_owned(),
        _ => format!("write {wanted}"),
    }
}

/// What the mapper does not take as a duration: it reads the first digits, and the letters behind them as the unit.
fn duration(key: &Key, value: &Value) -> Option<(String, String)> {
    let unit = key.unit;
    let takes = format!("write a whole number of {}, or a text such as \"15m\"", unit_word(unit));
    let bad = |why: &str| Some((format!("is a duration, and {why}: the product's mapper stops"), takes.clone()));
    match &value.shape {
        Shape::Integer | Shape::Float | Shape::Date => None,
        Shape::Boolean | Shape::List(_) => bad(&format!("this is {}", type_word(&value.shape))),
        Shape::Text => {
            let text = value.text.trim();
            let digits: String =
                text.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
            let letters: String = text.chars().filter(|c| c.is_alphabetic()).collect();
            let Ok(number) = digits.parse::<u64>() else { return bad("this text has no number") };
            let Some(given) = milliseconds(&letters, unit) else { return bad("the product does not know this unit") };
            let own = milliseconds(unit, unit).unwrap_or(1);
            let small = number > 0 && !letters.is_empty() && number.saturating_mul(given) < own;
            if small { bad(&format!("this is less than one of its unit ({unit})")) } else { None }
        }
    }
}

fn milliseconds(unit: &str, own: &str) -> Option<u64> {
    match unit {
        "" => milliseconds(own, "ms"),
        "ms" => Some(1),
        "s" => Some(1000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

fn unit_word(unit: &str) -> &'static str {
    match unit {
        "ms" => "milliseconds",
        "s" => "seconds",
        "m" => "minutes",
        "d" => "days",
        _ => "its unit",
    }
}

pub fn quoted_boolean(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, catalog, |entry, key| {
        let strict = key.fails_with.ends_with("string holding a boolean");
        let word = entry.value.text.trim();
        if !strict || !matches!(entry.value.shape, Shape::Text) || !is_boolean(word) {
            return None;
        }
        let message = format!("`{}` is a text, and acts as false whatever it says", entry.key);
        let help = format!("write {} without quotes", word.to_ascii_lowercase());
        Some(node.finding(Code::QuotedBoolean, &entry.value.span, message).help(help))
    })
}

fn is_boolean(text: &str) -> bool {
    text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false")
}

fn is_like_boolean(text: &str) -> bool {
    matches!(text.to_ascii_lowercase().as_str(), "yes" | "no" | "on" | "off" | "1" | "0" | "enabled" | "disabled")
}

pub fn doubtful(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, catalog, |entry, key| {
        let value = &entry.value;
        let text = value.text.trim();
        let what = match (key.kind, &value.shape) {
            (Kind::Integer, Shape::Text) if text.parse::<f64>().is_err() && !text.is_empty() => "a number",
            (Kind::Integer, Shape::Boolean | Shape::List(_)) => "a number",
            // What the tables call a boolean may know more words; these are surely meant as one.
            (Kind::Boolean, Shape::Text) if is_like_boolean(text) => "true or false",
            (Kind::Boolean, Shape::Integer | Shape::Float | Shape::List(_)) => "true or false",
            (Kind::Duration, Shape::Float) => "a whole number",
            // A template may loop over what the tables call a text: only what no version has a list for is told.
            (Kind::Text, Shape::List(_)) if is_plain(key) => "a text",
            _ => return None,
        };
        let message = format!("`{}` takes {what}, and this is {}", entry.key, type_word(&value.shape));
        Some(node.finding(Code::DoubtfulType, &value.span, message))
    })
}

/// Whether a list given for the key would surely be pasted as it is: the key has a value of its own kind by default.
fn is_plain(key: &Key) -> bool {
    let default = crate::mapping::catalog::VERSIONS.map(|version| key.default(version));
    default.iter().any(|default| !default.is_empty() && !default.contains([',', '[', '*']))
}

#[cfg(test)]
mod tests {
    use super::duration;
    use crate::mapping::catalog::Catalog;
    use crate::read::document::document;

    #[test]
    fn takes_durations_as_the_mapper_does() {
        let catalog = Catalog::built_in();
        // Measured: semantics-settings.md 1.4, on a key of minutes.
        let key = catalog.find("server.default_cache_timeout").unwrap();
        for (value, taken) in [
            ("20", true),
            ("\"20\"", true),
            ("\"20m\"", true),
            ("\"20 m\"", true),
            ("\"1d\"", true),
            ("\"90s\"", true),
            ("\"1.5h\"", true),
            ("\"-1\"", true),
            ("1.5", true),
            ("\"30s\"", false),
            ("\"20min\"", false),
            ("\"5sec\"", false),
            ("\"\"", false),
            ("\"abc\"", false),
            ("true", false),
            ("[\"1\"]", false),
        ] {
            let document = document(&format!("a = {value}"));
            assert_eq!(duration(key, &document.entries[0].value).is_none(), taken, "{value}");
        }
    }
}
