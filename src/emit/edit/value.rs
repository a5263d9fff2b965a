//! Values as the file has them, against those that are wanted.

use crate::text::Parts as _;
use std::borrow::Cow;
use std::ops::Range;

use toml_parser::parser::EventKind;

use super::super::escape::escape;
use super::super::toml;
use super::Wanted;
use super::document::{Pair, events};
use crate::mapping::catalog::Positions;
use crate::value::Value;

/// Whether the pair's value is the wanted one, and whether it also stands there as its place needs it: then its
/// spelling is the administrator's business.
pub fn says(pair: &Pair, wanted: &Wanted<'_>) -> (bool, bool) {
    match pair.read() {
        Some(value) => value_says(&value, wanted.value, wanted.positions),
        None => (false, false),
    }
}

/// The same of a value alone.
pub fn value_says(read: &toml_edit::Value, wanted: &Value, positions: Positions) -> (bool, bool) {
    match wanted {
        Value::Boolean(wanted) => {
            let equal = read.as_bool() == Some(*wanted);
            (equal, equal)
        }
        Value::Integer(wanted) => {
            let equal = read.as_integer() == Some(*wanted);
            (equal, equal)
        }
        Value::Text(wanted) => read.as_str().map_or((false, false), |text| text_says(text, wanted, positions)),
        Value::Toml(wanted) => {
            let equal = read.to_string().trim() == wanted.trim();
            (equal, equal)
        }
        Value::List(wanted) => {
            let items: Option<Vec<&str>> =
                read.as_array().and_then(|array| array.iter().map(toml_edit::Value::as_str).collect());
            match items {
                Some(items) if items.len() == wanted.len() => {
                    let each = items.iter().zip(wanted).map(|(item, wanted)| text_says(item, wanted, positions));
                    each.fold((true, true), |(equal, right), (one, well)| (equal && one, right && well))
                }
                _ => (false, false),
            }
        }
    }
}

fn text_says(text: &str, wanted: &str, positions: Positions) -> (bool, bool) {
    let unknown = positions == Positions::default();
    let plain = !positions.xml && text == wanted;
    let in_xml = (positions.xml || unknown) && decoded(text) == wanted;
    let equal = plain || in_xml || text == escape(wanted, positions).text;
    (equal, equal && stands_well(text, positions))
}

/// Whether nothing in the text breaks the XML file that the product's mapper pastes it into.
fn stands_well(text: &str, positions: Positions) -> bool {
    let unknown = positions == Positions::default();
    if !(positions.xml || unknown) {
        return true;
    }
    let entity = |rest: &str| {
        let name = rest.part(1..).split_once(';').map(|(name, _)| name);
        name.is_some_and(|name| {
            matches!(name, "amp" | "lt" | "gt" | "quot" | "apos")
                || name
                    .strip_prefix('#')
                    .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_alphanumeric()))
        })
    };
    !text.char_indices().any(|(at, character)| match character {
        '<' => true,
        '&' => !entity(text.part(at..)),
        '"' => positions.attribute,
        _ => false,
    })
}

/// The text with the entities of XML resolved.
fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = text.to_owned();
    for (entity, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
        out = out.replace(entity, character);
    }
    out
}

/// The value of `wanted` as it is written anew.
pub fn literal(wanted: &Wanted<'_>) -> String {
    toml::literal(wanted.value, wanted.positions).0
}

/// The new value of a pair: in a list with a line for each item those that stay keep their lines.
pub fn changed(pair: &Pair, wanted: &Wanted<'_>) -> String {
    if let Value::List(items) = wanted.value
        && let Some(text) = change_list(&pair.value, items, wanted.positions)
    {
        return text;
    }
    literal(wanted)
}

/// A line of a list, with the item on it.
struct Row<'v> {
    line: Cow<'v, str>,
    item: Option<Range<usize>>,
    comma: bool,
}

/// The list with its items changed line by line; none if its items do not have lines of their own.
fn change_list(written: &str, items: &[String], positions: Positions) -> Option<String> {
    let mut rows = rows(written)?;
    let bracket = rows.pop()?;
    let text = |row: &Row<'_>| -> Option<String> {
        let read = row.line.get(row.item.clone()?)?.parse::<toml_edit::Value>().ok()?;
        Some(decoded(read.as_str()?))
    };
    let places: Vec<usize> = (0..rows.len()).filter(|place| rows[*place].item.is_some()).collect();
    let old: Vec<String> = places.iter().map(|place| text(&rows[*place])).collect::<Option<_>>()?;
    let first = rows.get(*places.first()?)?;
    let (indent, line_end) = (first.line.part(..first.item.clone()?.start).to_owned(), line_end(&first.line));
    let new = |item: &String| {
        let literal = toml::basic_string(&escape(item, positions).text);
        let item = indent.len()..indent.len() + literal.len();
        Row { line: format!("{indent}{literal},{line_end}").into(), item: Some(item), comma: true }
    };
    // What stands in front of each line, and whether it stays.
    let mut before: Vec<Vec<Row<'_>>> = (0..=rows.len()).map(|_| Vec::new()).collect();
    let mut stays = vec![true; rows.len()];
    let mut at = 0;
    for change in similar::capture_diff_slices(similar::Algorithm::Myers, &old, items) {
        for place in &places[change.old_range()] {
            stays[*place] = change.tag() == similar::DiffTag::Equal;
            at = place + 1;
        }
        if change.tag() != similar::DiffTag::Equal {
            before[if at == 0 { places[0] } else { at }].extend(items[change.new_range()].iter().map(new));
        }
    }
    let mut out: Vec<Row<'_>> = Vec::new();
    for (place, row) in rows.into_iter().enumerate() {
        out.append(&mut before[place]);
        if stays[place] {
            out.push(row);
        }
    }
    out.append(before.last_mut()?);
    let final_item = out.iter().rposition(|row| row.item.is_some());
    for (place, row) in out.iter_mut().enumerate() {
        let Some(item) = row.item.clone() else { continue };
        let read = row.line.part(item.clone()).parse::<toml_edit::Value>().ok()?;
        let spelled = match read.as_str() {
            Some(text) if !stands_well(text, positions) => toml::basic_string(&escape(&decoded(text), positions).text),
            _ => row.line.part(item.clone()).to_owned(),
        };
        let comma = if row.comma || Some(place) == final_item { "" } else { "," };
        row.line = format!("{}{spelled}{comma}{}", row.line.part(..item.start), row.line.part(item.end..)).into();
    }
    Some(out.iter().chain([&bracket]).map(|row| row.line.as_ref()).collect())
}

/// The lines of a list that has one for each item, its brackets at the ends of others.
fn rows(list: &str) -> Option<Vec<Row<'_>>> {
    const HEAD: &str = "x = ";
    let mut rows: Vec<Row<'_>> = Vec::new();
    let mut starts = Vec::new();
    let mut start = 0;
    for line in list.split_inclusive('\n') {
        rows.push(Row { line: line.into(), item: None, comma: false });
        starts.push(start);
        start += line.len();
    }
    let mut depth = 0;
    for event in events(&format!("{HEAD}{list}")) {
        let (from, to) = (event.span().start().checked_sub(HEAD.len()), event.span().end().checked_sub(HEAD.len()));
        let (Some(from), Some(to)) = (from, to) else { continue };
        let row = starts.partition_point(|start| *start <= from) - 1;
        match event.kind() {
            EventKind::ArrayOpen => depth += 1,
            EventKind::ArrayClose => depth -= 1,
            EventKind::Scalar if rows[row].item.is_none() && depth == 1 => {
                rows[row].item = Some(from - starts[row]..to - starts[row]);
            }
            EventKind::ValueSep if rows[row].item.is_some() => rows[row].comma = true,
            EventKind::Whitespace | EventKind::Newline | EventKind::Comment => {}
            _ => return None,
        }
    }
    let plain = rows.first()?.item.is_none() && rows.last()?.item.is_none() && rows.len() > 2;
    let whole = rows.iter().all(|row| row.item.as_ref().is_none_or(|item| row.line.is_char_boundary(item.end)));
    (plain && whole).then_some(rows)
}

fn line_end(line: &str) -> &'static str {
    if line.ends_with("\r\n") { "\r\n" } else { "\n" }
}
