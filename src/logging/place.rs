//! Variables, file names and date patterns: old spelling in, log4j2's out.

use crate::text::Parts as _;
use indexmap::IndexMap;

use super::old::Line;
use crate::mapping::SettingId;

/// The server's home, in log4j2's words.
const HOME: &str = "${sys:carbon.home}";

/// `text` with its variables as log4j2 resolves them: what the file itself defines is put in its place, the rest are
/// system properties. The leaves that gave a value go to `from`.
#[must_use]
pub fn resolve(text: &str, variables: &IndexMap<String, Line>, from: &mut Vec<SettingId>) -> String {
    resolve_within(text, variables, from, 8)
}

fn resolve_within(text: &str, variables: &IndexMap<String, Line>, from: &mut Vec<SettingId>, depth: u32) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((head, name, tail)) = next(rest) {
        out.push_str(head);
        match variables.get(name) {
            Some(line) if depth > 0 => {
                from.push(line.id);
                out.push_str(&resolve_within(line.value.trim(), variables, from, depth - 1));
            }
            _ if name == "instance.log" => {}
            _ if name.starts_with("sys:") || name.starts_with("env:") => {
                out.push_str("${");
                out.push_str(name);
                out.push('}');
            }
            _ => {
                out.push_str("${sys:");
                out.push_str(name);
                out.push('}');
            }
        }
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// What stands before the next variable, its name, what stands behind it.
fn next(text: &str) -> Option<(&str, &str, &str)> {
    let (head, rest) = text.split_once("${")?;
    let (name, tail) = rest.split_once('}')?;
    Some((head, name, tail))
}

/// A file's name: `${instance.log}` is empty in practice and goes with its empty folder; what is relative stands in
/// the server's home.
#[must_use]
pub fn file(text: &str, variables: &IndexMap<String, Line>, from: &mut Vec<SettingId>) -> String {
    let text = text.trim().replace("/${instance.log}/", "/").replace("\\${instance.log}\\", "\\");
    let resolved = resolve(&text, variables, from);
    let drive = resolved.as_bytes().get(1) == Some(&b':');
    if drive || resolved.starts_with(['/', '\\', '@', '<', '{']) || resolved.starts_with("${") {
        resolved
    } else {
        format!("{HOME}/{}", resolved.strip_prefix("./").unwrap_or(&resolved))
    }
}

/// The name of a day's file: the date before the extension.
#[must_use]
pub fn dated(file: &str, date: &str) -> String {
    let name = file.rfind(['/', '\\', '}']).map_or(0, |end| end + 1);
    match file.part(name..).rfind('.').filter(|dot| *dot > 0) {
        Some(dot) => format!("{}-%d{{{date}}}{}", file.part(..name + dot), file.part(name + dot..)),
        None => format!("{file}-%d{{{date}}}"),
    }
}

/// The date in a `DatePattern`: without the texts around it, such as the dot that is the 1.x default.
#[must_use]
pub fn date(pattern: &str) -> Option<String> {
    let mut rest = pattern.trim();
    loop {
        let before = rest;
        if let Some(tail) = rest.strip_prefix('\'') {
            rest = tail.split_once('\'').map_or("", |(_, tail)| tail);
        }
        rest = rest.trim_start_matches(|character: char| !character.is_alphanumeric() && character != '\'');
        if rest == before {
            break;
        }
    }
    loop {
        let before = rest;
        if let Some(head) = rest.strip_suffix('\'') {
            rest = head.rsplit_once('\'').map_or("", |(head, _)| head);
        }
        rest = rest.trim_end_matches(|character: char| !character.is_alphanumeric() && character != '\'');
        if rest == before {
            break;
        }
    }
    (!rest.is_empty()).then(|| rest.to_owned())
}
