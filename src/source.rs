//! Where something stands in an input: file, line and column. Takes nothing, means nothing: every other
//! module uses it to say where a value came from.

use schemars::JsonSchema;
use serde::Serialize;

/// A position inside one file, both parts counted from 1. The column counts characters, not bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// A position in a named file, as reports and errors show it (`file:line:column`).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
pub struct Place {
    /// The file, relative to the INPUT, with `/` between its parts.
    pub file: String,
    /// Line, from 1; 0 when the finding is about the whole file.
    pub line: u32,
    /// Column in characters, from 1; 0 when the finding is about the whole file.
    pub column: u32,
}

impl Place {
    /// The whole of `file`, without a line.
    #[must_use]
    pub fn file(file: impl Into<String>) -> Self {
        Self { file: file.into(), line: 0, column: 0 }
    }

    /// `position` in `file`.
    #[must_use]
    pub fn at(file: impl Into<String>, position: Position) -> Self {
        Self { file: file.into(), line: position.line, column: position.column }
    }
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line == 0 {
            formatter.write_str(&self.file)
        } else {
            write!(formatter, "{}:{}:{}", self.file, self.line, self.column)
        }
    }
}
