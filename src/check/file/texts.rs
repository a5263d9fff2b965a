//! What a text becomes where it lands: the mapper escapes nothing, and runs what looks like a template.

use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::emit::escape::{only_tool_marks, runs};
use crate::mapping::catalog::Positions;
use crate::mapping::deployment::character_data;
use crate::mapping::tables::Tables;
use crate::read::document::{Entry, Value};
use crate::text::Parts as _;
use std::ops::Range;

fn each(node: &Node<'_>, make: impl Fn(&Entry, &Value) -> Option<Diagnostic>) -> Vec<Diagnostic> {
    let texts = node.entries().iter().flat_map(|entry| entry.value.texts().map(move |value| (entry, value)));
    texts.filter_map(|(entry, value)| make(entry, value)).collect()
}

pub fn unescaped(node: &Node<'_>, tables: &Tables) -> Vec<Diagnostic> {
    let catalog = &tables.catalog;
    each(node, |entry, value| {
        let key = catalog.find(&entry.key).filter(|key| node.standard.reads(key))?;
        if has_tool_mark(&value.text) {
            return None;
        }
        let positions = catalog.positions(key.name, |key| node.entry(key).is_some());
        if character_data(&value.text).is_some() {
            return positions.cdata.then(|| {
                let message = format!("`{}` is a CDATA section that lands inside another: no reader takes the file", entry.key);
                let help = "write `&amp;` for `&` and `&lt;` for `<`, and give what brokers take apart, percent-encoded: \
                            `[apim.throttling.jms]` and, beside `event_listening_endpoints`, `[apim.event_hub.jms]`";
                node.finding(Code::UnescapedXml, &value.span, message).help(help)
            });
        }
        let at = bare(&value.text, positions)?;
        let character = value.text.part(at..).chars().next()?;
        let message =
            format!("`{}` lands in XML with a bare `{character}`: the rendered file cannot be read", entry.key);
        let span = in_source(node, value, &value.text, at);
        let help = match character {
            '&' if entity_like(value.text.part(at..)) => {
                "write `&amp;`: XML knows the entities `&amp;`, `&lt;`, `&gt;`, `&quot;` and `&apos;` only".to_owned()
            }
            '&' => "write `&amp;` for `&`".to_owned(),
            '<' => "write `&lt;` for `<`".to_owned(),
            _ => "write `&quot;` for the quote".to_owned(),
        };
        Some(node.finding(Code::UnescapedXml, &span, message).help(help))
    })
}

/// Where a character stands that XML does not take as it is.
fn bare(text: &str, positions: Positions) -> Option<usize> {
    if !positions.xml {
        return None;
    }
    text.char_indices().find_map(|(at, character)| {
        let bad = match character {
            '&' => !is_entity(text.part(at..)),
            '<' => true,
            '"' => positions.attribute,
            _ => false,
        };
        bad.then_some(at)
    })
}

/// Whether the text begins with an entity that every XML reader knows.
fn is_entity(text: &str) -> bool {
    let Some(name) = text.part(1..).find(';').map(|end| text.part(1..=end)) else { return false };
    if matches!(name, "amp" | "lt" | "gt" | "quot" | "apos") {
        return true;
    }
    let number =
        |digits: &str, radix: u32| u32::from_str_radix(digits, radix).is_ok_and(|code| char::from_u32(code).is_some());
    match name.strip_prefix('#') {
        Some(number_text) => match number_text.strip_prefix('x') {
            Some(hex) => number(hex, 16),
            None => number(number_text, 10),
        },
        None => false,
    }
}

fn entity_like(text: &str) -> bool {
    text.part(1..).split_once(';').is_some_and(|(name, _)| !name.is_empty() && name.chars().all(char::is_alphanumeric))
}

/// The part of the source where byte `at` of the decoded text stands: the character itself where nothing before it is
/// an escape, else the whole value.
fn in_source(node: &Node<'_>, value: &Value, text: &str, at: usize) -> Range<usize> {
    let source = node.text.part(value.span.clone());
    let quotes = if value.multi_line { 3 } else { 1 };
    let start = value.span.start + quotes + at;
    match source.get(quotes..quotes + at) {
        Some(before) if before == text.part(..at) => {
            start..start + text.part(at..).chars().next().map_or(1, char::len_utf8)
        }
        _ => value.span.clone(),
    }
}

/// Whether a deployment tool's mark is in the text, which fills it before the server sees the file.
fn has_tool_mark(text: &str) -> bool {
    text.find("<%").is_some_and(|at| text.part(at..).contains("%>")) || (text.contains("{{") && is_tools(text))
}

/// Whether all `{{ … }}` of the text are names to be filled in.
fn is_tools(text: &str) -> bool {
    text.contains("}}") && only_tool_marks(text)
}

pub fn executed(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    each(node, |entry, value| {
        if !runs(&value.text) || is_tools(&value.text) || value.text.contains("{% raw %}") {
            return None;
        }
        let at = value.text.find("{{").into_iter().chain(value.text.find("{%")).min()?;
        let message = format!("the product runs what stands in `{}` as a template, and writes the result", entry.key);
        let span = in_source(node, value, &value.text, at);
        Some(node.finding(Code::TemplateExecuted, &span, message))
    })
}

pub fn marks(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    each(node, |entry, value| {
        if !has_tool_mark(&value.text) {
            return None;
        }
        let at = value.text.find("{{").into_iter().chain(value.text.find("<%")).min()?;
        let message = format!("`{}` has a mark that a deployment tool must fill", entry.key);
        let span = in_source(node, value, &value.text, at);
        Some(node.finding(Code::TemplateMark, &span, message))
    })
}

#[cfg(test)]
mod tests {
    use super::bare;
    use crate::mapping::catalog::Positions;

    #[test]
    fn finds_what_xml_does_not_take() {
        let text = Positions { xml: true, ..Positions::default() };
        let attribute = Positions { attribute: true, ..text };
        for (value, positions, expected) in [
            ("a&b", text, Some(1)),
            ("a&amp;b&lt;&#38;&#x26;&apos;", text, None),
            ("a&foo;b", text, Some(1)),
            ("a&#xZ;", text, Some(1)),
            ("x=1&y=2;z", text, Some(3)),
            ("a<b", text, Some(1)),
            ("a>b\"c'", text, None),
            ("a\"b", attribute, Some(1)),
            ("a&b", Positions::default(), None),
            ("a&b", Positions { properties: true, ..Positions::default() }, None),
        ] {
            assert_eq!(bare(value, positions), expected, "{value}");
        }
    }
}
