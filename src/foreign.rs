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

/// A foreign text alone, as Markdown that shows just it.
#[must_use]
pub fn markdown(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for char in line(text).chars() {
        match char {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '`' | '|' | '[' | ']' | '*' | '_' | '\\' | '~' | '!' | '#' => out.extend(['\\', char]),
            char => out.push(char),
        }
    }
    out
}

/// The path of a file as Markdown. An underscore or a star inside a word makes no markup there, and stays.
#[must_use]
pub fn markdown_path(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut before = ' ';
    let safe = line(path);
    let mut chars = safe.chars().peekable();
    while let Some(char) = chars.next() {
        let inside = before.is_alphanumeric() && chars.peek().is_some_and(|next| next.is_alphanumeric());
        match char {
            '_' if inside => out.push('_'),
            char => out.push_str(&markdown(char.encode_utf8(&mut [0; 4]))),
        }
        before = char;
    }
    out
}

/// A sentence of ours with foreign texts in it, as Markdown: code spans stay, and outside of them nothing is markup. In
/// a `cell` of a table no bar divides.
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
            outside(part, &mut out);
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

/// Text outside code spans: our own sentences have `*` and `_` in keys, which make no markup there.
fn outside(text: &str, out: &mut String) {
    for (at, char) in text.char_indices() {
        match char {
            '<' => out.push_str("&lt;"),
            '|' | '\\' => out.extend(['\\', char]),
            // `](` and `]:` make links, `![` images.
            ']' if text.part(at + 1..).starts_with(['(', '[', ':']) => out.push_str("\\]"),
            '!' if text.part(at + 1..).starts_with('[') => out.push_str("\\!"),
            '*' if text.part(at + 1..).starts_with('*') || out.ends_with("\\*") => out.push_str("\\*"),
            char => out.push(char),
        }
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
    fn makes_no_markup() {
        assert_eq!(markdown("a|b`c`<b>[x](y)\n# z"), "a\\|b\\`c\\`&lt;b&gt;\\[x\\](y)\\\\n\\# z");
        assert_eq!(markdown_sentence("`a.b` is <b> [x](y)", false), "`a.b` is &lt;b> [x\\](y)");
        assert_eq!(markdown_sentence("`a|b` | `", true), "`a\\|b` \\| \\`");
        assert_eq!(markdown_sentence("`a`<i>` x", false), "`a`&lt;i>\\` x");
    }
}
