//! Byte offsets in, lines and columns out, without reading a text again from its start for each of them.

use crate::source::Position;

/// Turns byte offsets of one text into positions. Cheap as long as the offsets rise; a lower one is right
/// too, but starts over.
pub(crate) struct Cursor<'t> {
    text: &'t str,
    offset: usize,
    line: u32,
    column: u32,
}

impl<'t> Cursor<'t> {
    pub(crate) fn new(text: &'t str) -> Self {
        Self { text, offset: 0, line: 1, column: 1 }
    }

    /// The position of the character at byte `offset`; one behind the last for the text's length. An offset
    /// inside a character means that character.
    pub(crate) fn at(&mut self, offset: usize) -> Position {
        let mut offset = offset.min(self.text.len());
        while !self.text.is_char_boundary(offset) {
            offset -= 1;
        }
        if offset < self.offset {
            *self = Self::new(self.text);
        }
        let passed = &self.text[self.offset..offset];
        let line_start = memchr::memrchr(b'\n', passed.as_bytes()).map_or(0, |last| last + 1);
        if line_start > 0 {
            self.line += memchr::memchr_iter(b'\n', &passed.as_bytes()[..line_start]).count() as u32;
            self.column = 1;
        }
        self.column += passed[line_start..].chars().count() as u32;
        self.offset = offset;
        Position { line: self.line, column: self.column }
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
