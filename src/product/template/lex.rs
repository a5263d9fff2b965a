//! The pieces of a template: text, `{{ … }}`, `{% … %}`. Comments are gone, and so is the white space that tags
//! swallow: the blanks before and the line break after.

use super::parse::Wrong;
use crate::text::Parts as _;

/// A piece, with the offset where it begins.
#[derive(Debug, PartialEq)]
pub(super) enum Piece<'t> {
    /// Text between tags.
    Text(&'t str),
    /// The inside of `{{ … }}`.
    Output(&'t str),
    /// The inside of `{% … %}`.
    Tag(&'t str),
}

pub(super) fn pieces(text: &str) -> Result<Vec<(usize, Piece<'_>)>, (usize, Wrong)> {
    let mut pieces = Vec::new();
    let mut offset = 0;
    // What a tag before swallows of the text after it.
    let mut after = Swallow::Nothing;
    while offset < text.len() {
        let start = opening(text.part(offset..)).map_or(text.len(), |found| offset + found);
        let tag = text.as_bytes().get(start + 1).copied();
        let mut plain = text.part(offset..start);
        plain = match after {
            Swallow::Nothing => plain,
            Swallow::LineBreak => plain.strip_prefix('\n').unwrap_or(plain),
            Swallow::All => plain.trim_start(),
        };
        if matches!(tag, Some(b'%' | b'#')) {
            plain = if text.part(start..).starts_with("{%-") {
                plain.trim_end()
            } else {
                plain.trim_end_matches([' ', '\t'])
            };
        }
        if !plain.is_empty() {
            pieces.push((offset, Piece::Text(plain)));
        }
        let Some(tag) = tag else { break };
        let (close, length) =
            closing(text.part(start..), tag).ok_or_else(|| (start, Wrong::new("a tag without its end")))?;
        let inside = text.part(start + 2..start + close).trim_start_matches('-').trim_end_matches('-');
        after = match tag {
            b'{' => {
                pieces.push((start, Piece::Output(inside)));
                Swallow::Nothing
            }
            b'%' => {
                pieces.push((start, Piece::Tag(inside)));
                if text.part(..start + close).ends_with('-') { Swallow::All } else { Swallow::LineBreak }
            }
            _ => Swallow::LineBreak,
        };
        offset = start + length;
    }
    Ok(pieces)
}

#[derive(PartialEq)]
enum Swallow {
    Nothing,
    LineBreak,
    All,
}

fn opening(text: &str) -> Option<usize> {
    memchr::memchr_iter(b'{', text.as_bytes())
        .find(|at| matches!(text.as_bytes().get(at + 1), Some(b'{' | b'%' | b'#')))
}

/// Where the end mark of a tag stands and where the tag ends, counted from its beginning; quotes hide it.
fn closing(text: &str, tag: u8) -> Option<(usize, usize)> {
    let end = match tag {
        b'{' => b'}',
        other => other,
    };
    let mut quote = None;
    let bytes = text.as_bytes();
    let mut at = 2;
    while at + 1 < bytes.len() {
        match (bytes[at], quote) {
            (byte, Some(open)) if byte == open => quote = None,
            (b'\\', Some(_)) => at += 1,
            (byte @ (b'\'' | b'"'), None) if tag != b'#' => quote = Some(byte),
            (byte, None) if byte == end && bytes[at + 1] == b'}' => return Some((at, at + 2)),
            _ => {}
        }
        at += 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{Piece, pieces};

    fn shown(text: &str) -> String {
        let pieces = pieces(text).unwrap();
        let shown = pieces.iter().map(|(_, piece)| match piece {
            Piece::Text(text) => (*text).to_owned(),
            Piece::Output(inside) => format!("<{}>", inside.trim()),
            Piece::Tag(inside) => format!("<%{}>", inside.trim()),
        });
        shown.collect()
    }

    #[test]
    fn swallows_white_space_as_the_engine_does() {
        for (text, expected) in [
            ("a\n  {% if s %}\n  b\n  {% endif %}\nc", "a\n<%if s>  b\n<%endif>c"),
            ("a\n  {% if s %} b {% endif %}\nc {{ s }}\nd", "a\n<%if s> b<%endif>c <s>\nd"),
            ("b\n  {%- if s -%}\n  x\n  {%- endif -%}\n y", "b<%if s>x<%endif>y"),
            ("x {% set a = 1 %} y", "x<%set a = 1> y"),
            ("{# note #}a\n{# x #}\nb", "a\nb"),
            ("{{ '}}' }}{% set a = \"%}\" %}", "<'}}'><%set a = \"%}\">"),
            ("a { b {c} }}", "a { b {c} }}"),
        ] {
            assert_eq!(shown(text), expected, "{text:?}");
        }
    }

    #[test]
    fn says_where_a_tag_does_not_end() {
        assert_eq!(pieces("ab {{ c").unwrap_err().0, 3);
    }
}
