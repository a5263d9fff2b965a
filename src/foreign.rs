//! Text of the input as it may be shown: names, values and messages of others pass here before they reach a terminal
//! or Markdown, so that they cannot move the cursor, hide, forge lines or become markup.

use crate::text::Parts as _;
use std::borrow::Cow;
use std::fmt::Write as _;

/// How many characters of a text are shown; reports in JSON have it whole.
pub const LONGEST: usize = 600;

/// Whether a character must not reach a terminal or a document as it is: controls, and what is invisible or turns
/// the direction of text.
#[must_use]
pub fn is_unsafe(char: char) -> bool {
    // Nearly all are letters of ASCII.
    if matches!(char, ' '..='~') {
        return false;
    }
    char.is_control()
        || matches!(char,
            '\u{00ad}' | '\u{034f}' | '\u{061c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}'
            | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

/// Writes a character as it is shown: `\n`, `\t`, `\u{1b}`.
pub(crate) fn push(out: &mut String, char: char) {
    match char {
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        char if is_unsafe(char) => {
            let _ = write!(out, "\\u{{{:x}}}", u32::from(char));
        }
        char => out.push(char),
    }
}

/// A text on one line, with what is unsafe escaped, and cut if it is long.
#[must_use]
pub fn line(text: &str) -> Cow<'_, str> {
    let whole = text.len() <= LONGEST || text.chars().nth(LONGEST).is_none();
    if whole && !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len().min(LONGEST * 4));
    for char in text.chars().take(LONGEST) {
        push(&mut out, char);
    }
    if !whole {
        let _ = write!(out, "… ({} characters)", text.chars().count());
    }
    Cow::Owned(out)
}

/// What the system says of an error, in its words and without its number.
#[must_use]
pub fn cause(error: &std::io::Error) -> String {
    without_numbers(&error.to_string())
}

/// A message without the numbers that the system has for errors: ` (os error 18)` tells an administrator nothing.
pub(crate) fn without_numbers(message: &str) -> String {
    const MARK: &str = " (os error ";
    let mut parts = message.split(MARK);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) if !number.is_empty() && number.bytes().all(|digit| digit.is_ascii_digit()) => {
                out.push_str(rest);
            }
            _ => out.extend([MARK, part]),
        }
    }
    out
}

/// A text of several lines of ours, each as [`line()`] has it: a diff, a file.
#[must_use]
pub fn lines(text: &str) -> Cow<'_, str> {
    let safe = |char: char| char == '\n' || !is_unsafe(char);
    if text.chars().all(safe) && text.lines().all(|line| line.len() <= LONGEST) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for part in text.split_inclusive('\n') {
        let (body, end) = part.strip_suffix('\n').map_or((part, ""), |body| (body, "\n"));
        // A carriage return before the line's end is the line's end.
        out.push_str(&line(body.strip_suffix('\r').unwrap_or(body)));
        out.push_str(end);
    }
    Cow::Owned(out)
}

/// A foreign text alone, a name or a path, as Markdown that shows just it.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    plain(&line(text), &mut out);
    out
}

/// A sentence of ours with foreign texts in it, as Markdown: code spans stay, and outside of them nothing is markup: it is
/// written as [`markdown`] writes it. In a `cell` of a table no bar divides.
#[must_use]
pub fn markdown_sentence(text: &str, cell: bool) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split('`').peekable();
    let mut inside = false;
    while let Some(part) = parts.next() {
        if inside {
            if cell { out.push_str(&part.replace('|', "\\|")) } else { out.push_str(part) }
        } else {
            plain(part, &mut out);
        }
        if parts.peek().is_some() {
            // A mark without its other one is no mark.
            let alone = !inside && parts.clone().count() == 1;
            out.push_str(if alone { "\\`" } else { "`" });
            inside = !inside && !alone;
        }
    }
    out
}

/// The only way from a text on one line to Markdown that shows just it. Signs that make no markup where they stand stay
/// as they are, so that names and paths can be searched for.
fn plain(text: &str, out: &mut String) {
    let mut before = ' ';
    for (at, char) in text.char_indices() {
        let behind = text.part(at + char.len_utf8()..);
        let in_word = before.is_alphanumeric() && behind.starts_with(char::is_alphanumeric);
        let begins = out.is_empty();
        match char {
            '<' => out.push_str("&lt;"),
            // What stands behind may be the name of a character.
            '&' if behind.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '#') => {
                out.push_str("&amp;");
            }
            '`' | '|' | '\\' | '*' | '~' => out.extend(['\\', char]),
            '_' if !in_word => out.push_str("\\_"),
            // `](` and `]:` make links, `![` images; what begins a line may be a heading, a quote, a list.
            ']' if behind.starts_with(['(', '[', ':']) => out.push_str("\\]"),
            '!' if behind.starts_with('[') => out.push_str("\\!"),
            '[' | '#' | '>' | '-' | '+' | '=' if begins => out.extend(['\\', char]),
            char => out.push(char),
        }
        before = char;
    }
}

#[cfg(test)]
mod tests {
    use super::{LONGEST, line, lines, markdown, markdown_sentence};
    use crate::text::Parts as _;

    #[test]
    fn shows_what_is_unsafe() {
        for (text, expected) in [
            ("plain ü 节点", "plain ü 节点"),
            ("a\nb\r\tc", "a\\nb\\r\\tc"),
            ("\u{1b}[31mred\u{7f}\u{9b}", "\\u{1b}[31mred\\u{7f}\\u{9b}"),
            ("a\u{202e}b\u{2066}c\u{200b}d\u{feff}", "a\\u{202e}b\\u{2066}c\\u{200b}d\\u{feff}"),
        ] {
            assert_eq!(line(text), expected);
        }
        let long = "ä".repeat(LONGEST + 1);
        assert_eq!(line(&long), format!("{}… ({} characters)", "ä".repeat(LONGEST), LONGEST + 1));
        assert_eq!(line(long.part(..LONGEST * 2)), long.part(..LONGEST * 2));
        assert_eq!(lines("a\r\nb\u{1b}\n"), "a\nb\\u{1b}\n");
    }

    #[test]
    fn tells_no_numbers_of_the_system() {
        let error = std::io::Error::from_raw_os_error(18);
        assert!(error.to_string().contains("(os error 18)"));
        assert!(!super::cause(&error).contains("os error") && !super::cause(&error).is_empty());
        assert_eq!(super::without_numbers("a: no (os error 2); b (os error x)"), "a: no; b (os error x)");
    }

    #[test]
    fn makes_no_markup() {
        assert_eq!(markdown("a|b`c`<b>[x](y)\n# z"), "a\\|b\\`c\\`&lt;b>[x\\](y)\\\\n# z");
        assert_eq!(markdown_sentence("`a.b` is <b> [x](y)", false), "`a.b` is &lt;b> [x\\](y)");
        assert_eq!(markdown_sentence("`a|b` | `", true), "`a\\|b` \\| \\`");
        assert_eq!(markdown_sentence("`a`<i>` x", false), "`a`&lt;i>\\` x");
    }

    #[test]
    fn writes_a_name_in_a_table_as_in_a_sentence() {
        for (name, expected) in [
            ("am_node-1", "am_node-1"),
            ("_am_", "\\_am\\_"),
            ("*am*", "\\*am\\*"),
            ("~~am~~", "\\~\\~am\\~\\~"),
            ("a|b", "a\\|b"),
            ("a&lt;b & c&#60;", "a&amp;lt;b & c&amp;#60;"),
            ("[a](x) ![b](y)", "\\[a\\](x) \\![b\\](y)"),
            ("# am", "\\# am"),
            ("am/repository/conf/data_sources/a.xml", "am/repository/conf/data_sources/a.xml"),
        ] {
            assert_eq!(markdown(name), expected);
            assert_eq!(markdown_sentence(name, true), expected);
            assert_eq!(
                markdown_sentence(&format!("x {name}"), false),
                format!("x {}", expected.replacen("\\[", "[", 1).replacen("\\#", "#", 1))
            );
        }
    }
}
