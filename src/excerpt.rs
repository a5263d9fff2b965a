//! A line of a file, as people may see it, with the part that is meant.

use crate::foreign;
use crate::secret::{Known, damaged, texts_of_lines};
use crate::text::Parts as _;

/// A line of a file with the part that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Excerpt {
    /// The line, secrets masked.
    pub line: String,
    /// Where the part begins in it, in characters from 0.
    pub start: usize,
    /// How many characters it has, at least 1.
    pub length: usize,
}

impl Excerpt {
    /// The line of a damaged deployment.toml where reading stopped, at the byte `offset`: what could not be read may be a
    /// secret, so that nothing behind the name is shown.
    #[must_use]
    pub fn of_damage(text: &str, offset: usize) -> Self {
        let start = text.part(..offset).rfind('\n').map_or(0, |at| at + 1);
        let line = text.part(start..).lines().next().unwrap_or_default();
        let inside = texts_of_lines(text).iter().any(|text| text.start < start && start < text.end);
        let line = damaged(line, inside).trim_end().replace('\t', " ");
        let count = line.chars().count();
        let start = text.part(start..offset).chars().count().min(count);
        Self { length: (count - start).max(1), line, start }
    }

    /// The line under its number, and below it what is marked, for a terminal.
    #[must_use]
    pub fn lines(&self, number: u32) -> [String; 2] {
        let (number, shown) = (number.to_string(), self.safe());
        let blank = " ".repeat(number.len());
        let mark = format!("{}{}", " ".repeat(shown.start), "^".repeat(shown.length));
        [format!("{number} | {}", shown.line), format!("{blank} | {mark}")]
    }

    /// It with the secrets of the whole deployment masked.
    #[must_use]
    pub fn covered(&self, known: &Known) -> Self {
        let line = known.cover(&self.line);
        if line == self.line {
            return self.clone();
        }
        // What is marked may have moved: the line is marked whole.
        let length = line.trim_end().chars().count().max(1);
        Self { line, start: 0, length }
    }

    /// The line as a terminal may show it: what is unsafe escaped, and of a long line what is marked.
    #[must_use]
    pub fn safe(&self) -> Self {
        const BEFORE: usize = 120;
        let skip = self.start.saturating_sub(BEFORE);
        let (mut line, mut start, mut end) = (String::new(), 0, 0);
        if skip > 0 {
            line.push('…');
        }
        let width = |line: &str| line.chars().count();
        for (at, char) in self.line.chars().enumerate().skip(skip).take(crate::foreign::LONGEST) {
            if at == self.start {
                start = width(&line);
            }
            foreign::push(&mut line, char);
            if at < self.start + self.length {
                end = width(&line);
            }
        }
        if self.start >= width(&self.line) {
            start = width(&line);
        }
        if width(&self.line) > skip + crate::foreign::LONGEST {
            line.push('…');
        }
        Self { line, start, length: end.saturating_sub(start).max(1) }
    }
}
