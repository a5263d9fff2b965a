//! Byte offsets in, lines and columns out, without reading a text again from its start for each of them.

use crate::source::Position;
use crate::text::Parts as _;

/// Turns byte offsets of one text into positions. Cheapest as long as the offsets rise.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    /// Where each line begins.
    lines: Vec<usize>,
    /// The line of the last position, from 0.
    line: usize,
    offset: usize,
    column: u32,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        let ends = memchr::memchr_iter(b'\n', text.as_bytes());
        Self { text, lines: std::iter::once(0).chain(ends.map(|end| end + 1)).collect(), line: 0, offset: 0, column: 1 }
    }

    /// The position of the character at byte `offset`; one behind the last for the text's length. An offset
    /// inside a character means that character.
    pub(crate) fn at(&mut self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let begins_before = |line: usize| self.lines.get(line).is_some_and(|start| *start <= offset);
        if offset < self.offset || begins_before(self.line + 1) {
            self.line = self.lines.partition_point(|start| *start <= offset) - 1;
            (self.offset, self.column) = (self.lines[self.line], 1);
        }
        self.column += self.text.part(self.offset..offset).chars().count() as u32;
        self.offset = offset;
        Position { line: self.line as u32 + 1, column: self.column }
    }
}

/// Whether `position` is that of a character of `text` or one behind the last of its line.
#[cfg(test)]
pub(super) fn lies_in(position: Position, text: &str) -> bool {
    let line = text.split('\n').nth(position.line.wrapping_sub(1) as usize);
    line.is_some_and(|line| position.column >= 1 && position.column as usize <= line.chars().count() + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_lines_and_characters() {
        let text = "añb\r\n\tc\n\nd";
        let mut cursor = Cursor::new(text);
        let places =
            [(0, 1, 1), (3, 1, 3), (5, 1, 5), (6, 2, 1), (7, 2, 2), (9, 3, 1), (10, 4, 1), (11, 4, 2), (99, 4, 2)];
        for (offset, line, column) in places {
            assert_eq!(cursor.at(offset), Position { line, column }, "offset {offset}");
        }
        assert_eq!(cursor.at(2), Position { line: 1, column: 2 }, "back, and inside a character");
    }
}
