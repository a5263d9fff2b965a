//! Whether a rendered XML file is well-formed: the server's parsers stop at what our own reader would repair.

use crate::text::Parts as _;
use quick_xml::Reader;
use quick_xml::events::Event;
use quick_xml::events::attributes::Attributes;

use crate::source::Position;

/// What is wrong, and where.
pub type Fault = (Position, String);

/// The first fault of `text`.
pub fn check(text: &str) -> Result<(), Fault> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_comments = true;
    let mut depth = 0_usize;
    let mut roots = 0_usize;
    loop {
        let before = reader.buffer_position() as usize;
        let fault = |message: String| Err((position(text, before), message));
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => return Err((position(text, reader.error_position() as usize), error.to_string())),
        };
        match event {
            Event::Start(start) => {
                roots += usize::from(depth == 0);
                depth += 1;
                if let Err(message) = tag(start.name().as_ref(), start.attributes()) {
                    return fault(message);
                }
            }
            Event::Empty(start) => {
                roots += usize::from(depth == 0);
                if let Err(message) = tag(start.name().as_ref(), start.attributes()) {
                    return fault(message);
                }
            }
            Event::End(_) => depth = depth.saturating_sub(1),
            Event::Text(inner) => {
                if depth == 0 && !inner.trim().is_empty() {
                    return fault("text outside of the root element".to_owned());
                }
                if inner.contains("]]>") {
                    return fault("`]]>` in text".to_owned());
                }
            }
            Event::GeneralRef(reference) => {
                let name: &str = &reference;
                if !is_reference(name) {
                    return fault(format!("`&{name};` stands for nothing"));
                }
            }
            Event::Decl(_) if before > 0 => return fault("the XML declaration is not at the beginning".to_owned()),
            Event::Eof => break,
            _ => {}
        }
        if roots > 1 {
            return fault("a second root element".to_owned());
        }
    }
    let end = |message: &str| Err((position(text, text.len()), message.to_owned()));
    match (depth, roots) {
        (0, 1) => match text.char_indices().find(|(_, character)| is_forbidden(*character)) {
            Some((at, character)) => Err((position(text, at), format!("{character:?} is no character of XML"))),
            None => Ok(()),
        },
        (0, _) => end("no element"),
        _ => end("an element is not closed"),
    }
}

fn tag(name: &str, attributes: Attributes<'_>) -> Result<(), String> {
    is_name(name)?;
    for attribute in attributes {
        let attribute = attribute.map_err(|error| error.to_string())?;
        is_name(attribute.key.as_ref())?;
        if attribute.value.contains('<') {
            return Err("`<` in an attribute".to_owned());
        }
        let mut rest: &str = &attribute.value;
        while let Some((_, tail)) = rest.split_once('&') {
            match tail.split_once(';') {
                Some((name, tail)) if is_reference(name) => rest = tail,
                _ => return Err("a bare `&` in an attribute".to_owned()),
            }
        }
    }
    Ok(())
}

fn is_name(name: &str) -> Result<(), String> {
    let mut characters = name.chars();
    let first = characters.next().is_some_and(|first| first.is_alphabetic() || matches!(first, '_' | ':'));
    let rest = characters.all(|other| other.is_alphanumeric() || matches!(other, '_' | ':' | '-' | '.' | '\u{b7}'));
    if first && rest { Ok(()) } else { Err(format!("`{name}` is no name of XML")) }
}

fn is_reference(name: &str) -> bool {
    let number = match name.strip_prefix('#') {
        Some(digits) => match digits.strip_prefix('x') {
            Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok(),
            None => digits.parse().ok(),
        },
        None => return matches!(name, "amp" | "lt" | "gt" | "quot" | "apos"),
    };
    number.and_then(char::from_u32).is_some_and(|character| !is_forbidden(character))
}

fn is_forbidden(character: char) -> bool {
    matches!(character, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}')
}

fn position(text: &str, offset: usize) -> Position {
    let mut end = offset.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let before = text.part(..end);
    let line = before.matches('\n').count() as u32 + 1;
    let start = before.rfind('\n').map_or(0, |last| last + 1);
    Position { line, column: before.part(start..).chars().count() as u32 + 1 }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn takes_what_parsers_take() {
        for text in [
            "<?xml version=\"1.0\"?>\n<!-- a -->\n<A b=\"&amp;c\"><B/>&#38;<![CDATA[a & <b>]]></A>\n",
            "<p:A xmlns:p='x'/>",
            "<A>\n&lt;</A>",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }

    #[test]
    fn finds_what_parsers_stop_at() {
        for (text, line, column) in [
            ("<A>\n<B>p&w</B></A>", 2, 5),
            ("<A>\n<B>a < b</B></A>", 2, 6),
            ("<A>\n<B c=\"p&w\"/></A>", 2, 1),
            ("<A b=\"1\" b=\"2\"/>", 1, 1),
            ("<A>\n<B></A>", 2, 4),
            ("<A>\n<B>", 2, 4),
            ("<A/>\n<B/>", 2, 1),
            ("<A>&nbsp;</A>", 1, 4),
            ("<A><a{b}/></A>", 1, 4),
            ("<A>\u{1}</A>", 1, 4),
            ("text", 1, 1),
            ("\n<?xml version=\"1.0\"?><A/>", 2, 1),
            ("", 1, 1),
        ] {
            let (position, message) = check(text).expect_err(text);
            assert_eq!((position.line, position.column), (line, column), "{text}: {message}");
        }
    }
}
