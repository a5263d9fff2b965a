//! Java properties in, leaves out, by the rules of `java.util.Properties.load`: comments, three separators,
//! continued lines, escapes. Which of two properties of one name holds is not decided here.

use crate::text::Parts as _;
use std::borrow::Cow;

use indexmap::IndexMap;

use super::position::Cursor;
use super::{Leaf, LeafKind, Leaves, Oddity};
use crate::diagnostic::Code;

/// The properties of `text`, in the order of the file. The second property of one name has the path
/// `name[2]`, the third `name[3]`. A malformed `\u` escape is kept as written, with an oddity.
#[must_use]
pub fn properties(text: &str) -> Leaves<'_> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut lines = LogicalLines { text, offset: 0 };
    let mut places = Cursor::new(text);
    let mut seen: IndexMap<Cow<'_, str>, usize, rustc_hash::FxBuildHasher> = IndexMap::default();
    let mut found = Leaves::default();
    let mut line = Vec::new();
    while let Some(next) = lines.next_into(&mut line) {
        // Faults come before the leaf's own position is asked for, in rising order as far as possible.
        let mut faults = Vec::new();
        let (start, name, value) = match next {
            Logical::Plain(offset, text) => {
                let (name_end, value_start) = split_plain(text);
                let start = offset + if value_start < text.len() { value_start } else { 0 };
                (start, Cow::Borrowed(text.part(..name_end)), Cow::Borrowed(text.part(value_start..)))
            }
            Logical::Escaped => {
                let (name_end, value_start) = split(&line);
                let (name, value) = (&line[..name_end], &line[value_start..]);
                let start = value.first().or(line.first()).map_or(text.len(), |&(offset, _)| offset);
                (start, unescape(text, name, &mut faults), unescape(text, value, &mut faults))
            }
        };
        let mut path = name.to_string();
        let times = seen.entry(name).and_modify(|times| *times += 1).or_insert(1);
        if *times > 1 {
            path = format!("{path}[{times}]");
        }
        found.leaves.push(Leaf {
            path,
            value,
            kind: LeafKind::Property,
            position: places.at(start),
            secrets: Vec::new(),
        });
        found.oddities.extend(faults.into_iter().map(|offset| Oddity {
            code: Code::EscapeMalformed,
            message: r"`\u` without the four hexadecimal digits of a character was read as written".into(),
            position: places.at(offset),
        }));
    }
    found
}

/// The characters of a logical line with their byte offsets in the text.
type Line = Vec<(usize, char)>;

/// Natural lines joined where one ends in an odd number of backslashes; no comments, no blank lines.
struct LogicalLines<'a> {
    text: &'a str,
    offset: usize,
}

/// A logical line.
enum Logical<'a> {
    /// One natural line without a backslash, and where it begins.
    Plain(usize, &'a str),
    /// Another: its characters are in the caller's [`Line`].
    Escaped,
}

impl<'a> LogicalLines<'a> {
    /// The next line, if need be as characters in `line`; `None` behind the last one.
    fn next_into(&mut self, line: &mut Line) -> Option<Logical<'a>> {
        line.clear();
        let mut continued = false;
        while self.offset < self.text.len() {
            let rest = self.text.part(self.offset..);
            let end = memchr::memchr2(b'\n', b'\r', rest.as_bytes()).unwrap_or(rest.len());
            let natural = rest.part(..end).trim_start_matches(is_blank);
            let start = self.offset + end - natural.len();
            self.offset += end + if rest.part(end..).starts_with("\r\n") { 2 } else { usize::from(end < rest.len()) };
            if !continued && natural.starts_with(['#', '!']) {
                continue;
            }
            if !continued && !natural.is_empty() && !natural.contains('\\') {
                return Some(Logical::Plain(start, natural));
            }
            line.extend(natural.char_indices().map(|(index, char)| (start + index, char)));
            let backslashes = natural.len() - natural.trim_end_matches('\\').len();
            continued = backslashes % 2 == 1;
            if continued {
                line.pop();
            } else if !line.is_empty() {
                return Some(Logical::Escaped);
            }
        }
        (!line.is_empty()).then_some(Logical::Escaped)
    }
}

fn is_blank(char: char) -> bool {
    matches!(char, ' ' | '\t' | '\x0C')
}

/// Where the name of a line ends and where its value begins.
fn split(line: &[(usize, char)]) -> (usize, usize) {
    let mut escaped = false;
    let end = line.iter().position(|&(_, char)| {
        let ends = !escaped && (is_blank(char) || matches!(char, '=' | ':'));
        escaped = char == '\\' && !escaped;
        ends
    });
    let Some(end) = end else { return (line.len(), line.len()) };
    let blanks = |from: usize| from + line[from..].iter().take_while(|&&(_, char)| is_blank(char)).count();
    let separator = blanks(end);
    match line.get(separator) {
        Some((_, '=' | ':')) => (end, blanks(separator + 1)),
        _ => (end, separator),
    }
}

/// The same for a line without escapes.
fn split_plain(line: &str) -> (usize, usize) {
    let Some(end) = line.find(|char| is_blank(char) || matches!(char, '=' | ':')) else {
        return (line.len(), line.len());
    };
    let blanks = |from: usize| line.len() - line.part(from..).trim_start_matches(is_blank).len();
    let separator = blanks(end);
    (end, if line.part(separator..).starts_with(['=', ':']) { blanks(separator + 1) } else { separator })
}

/// `part` with its escapes resolved; borrowed if it has none and stands in one natural line.
fn unescape<'a>(text: &'a str, part: &[(usize, char)], faults: &mut Vec<usize>) -> Cow<'a, str> {
    let (Some(&(first, _)), Some(&(last, last_char))) = (part.first(), part.last()) else { return Cow::Borrowed("") };
    let source = text.part(first..last + last_char.len_utf8());
    // The backslash of a continued line is gone from `part`, but not from the source.
    if !source.contains('\\') {
        return Cow::Borrowed(source);
    }
    let mut out = String::with_capacity(source.len());
    let mut index = 0;
    while let Some(&(offset, char)) = part.get(index) {
        index += 1;
        if char != '\\' {
            out.push(char);
            continue;
        }
        let Some(&(_, escape)) = part.get(index) else { break };
        index += 1;
        match escape {
            't' => out.push('\t'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            'f' => out.push('\x0C'),
            'u' => {
                if let Some((char, length)) = unicode(&part[index..]) {
                    out.push(char);
                    index += length;
                } else {
                    faults.push(offset);
                    out.push_str("\\u");
                }
            }
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

/// The character behind a `\u`, and how many characters of `rest` it takes. Characters outside the basic
/// plane are two escapes in a row.
fn unicode(rest: &[(usize, char)]) -> Option<(char, usize)> {
    let unit = |from: usize| {
        rest.get(from..from + 4)?.iter().try_fold(0, |unit, (_, digit)| Some(unit * 16 + digit.to_digit(16)?))
    };
    let high = unit(0)?;
    if let Some(char) = char::from_u32(high) {
        return Some((char, 4));
    }
    if !matches!(rest.get(4..6), Some([(_, '\\'), (_, 'u')])) {
        return None;
    }
    let pair = [high as u16, unit(6)? as u16];
    char::decode_utf16(pair).next()?.ok().map(|char| (char, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each leaf as `line:column path=value`.
    fn shown(text: &str) -> Vec<String> {
        let leaves = properties(text).leaves.into_iter();
        leaves
            .map(|leaf| format!("{}:{} {}={}", leaf.position.line, leaf.position.column, leaf.path, leaf.value))
            .collect()
    }

    #[test]
    fn follows_the_rules_of_java() {
        let cases: &[(&str, &[&str])] = &[
            ("", &[]),
            ("# a=b\n ! c=d\n\n \t\n", &[]),
            ("a=b", &["1:3 a=b"]),
            ("a = b \r\nc:d\r\ne f", &["1:5 a=b ", "2:3 c=d", "3:3 e=f"]),
            ("\ta\t=\tb", &["1:6 a=b"]),
            ("a : = b", &["1:5 a== b"]),
            ("a", &["1:1 a="]),
            ("  a=", &["1:3 a="]),
            ("=b", &["1:2 =b"]),
            ("a=b#c!d", &["1:3 a=b#c!d"]),
            (r"a\=b\:c\ d=e", &["1:12 a=b:c d=e"]),
            (r"a=\t\n\r\f\q\\", &["1:3 a=\t\n\r\x0Cq\\"]),
            (r"ü\u00e4=\u20AC\ud83d\ude00", &["1:9 üä=€😀"]),
            ("a=b\\\n   c", &["1:3 a=bc"]),
            ("a=b\\\\\nc=d", &["1:3 a=b\\", "2:3 c=d"]),
            ("a=b\\\r\n\t#c\\\r\nd", &["1:3 a=b#cd"]),
            ("a\\\n  b=c", &["2:5 ab=c"]),
            ("a=\\\n   c", &["2:4 a=c"]),
            ("a=b\\\n\nc=d", &["1:3 a=b", "3:3 c=d"]),
            ("# a\\\nb=c", &["2:3 b=c"]),
            ("\\\n#a=b", &["2:4 #a=b"]),
            ("a=b\\", &["1:3 a=b"]),
            ("a=b\rc=d", &["1:3 a=b", "1:7 c=d"]),
            ("\u{feff}a=b", &["1:3 a=b"]),
            ("a=1\nb=2\na=3\na=4", &["1:3 a=1", "2:3 b=2", "3:3 a[2]=3", "4:3 a[3]=4"]),
            ("user = x\n\n# c\npass = ä b", &["1:8 user=x", "4:8 pass=ä b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(&shown(text), expected, "{text:?}");
            assert!(properties(text).oddities.is_empty(), "{text:?}");
        }
    }

    #[test]
    fn keeps_malformed_escapes_as_written() {
        for (text, value, column) in [
            (r"a=x\u12g4", r"x\u12g4", 4),
            (r"a=\u12", r"\u12", 3),
            (r"a=\ud83d", r"\ud83d", 3),
            (r"a=\ud83d\u0041", r"\ud83dA", 3),
        ] {
            let found = properties(text);
            assert_eq!(found.leaves[0].value, value);
            let [oddity] = &found.oddities[..] else { panic!("one oddity in {text}") };
            assert_eq!((oddity.code, oddity.position.column), (Code::EscapeMalformed, column));
        }
    }

    #[test]
    fn borrows_where_nothing_is_escaped() {
        assert!(matches!(properties("a = b c").leaves[0].value, Cow::Borrowed("b c")));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(text in "(?s)(.|[\\\\u=: \t\r\n#!ad0-9]){0,60}") {
            let found = properties(&text);
            let positions = found.leaves.iter().map(|leaf| leaf.position).chain(found.oddities.iter().map(|oddity| oddity.position));
            for position in positions {
                assert!(super::super::position::lies_in(position, &text));
            }
        }
    }
}
