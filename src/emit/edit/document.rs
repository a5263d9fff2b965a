//! A TOML text as blocks of lines that print back to the same bytes.

use crate::text::Parts as _;
use toml_edit::Key;
use toml_parser::Source;
use toml_parser::parser::{Event, EventKind, RecursionGuard, parse_document};

use super::super::path::{Path, Step};
use super::comment::{self, Comment};
use crate::read::Damage;

/// How deep values may be nested in each other; the reader allows as much.
const DEPTH: u32 = 80;

/// A file: what stands before the first header, then a block for each header.
#[derive(Clone, Debug)]
pub struct Document {
    /// The file begins with a byte order mark.
    marked: bool,
    /// Its blocks; the first has no header.
    pub blocks: Vec<Block>,
}

/// A header, what stands right above it, and the lines below it.
#[derive(Clone, Debug, Default)]
pub struct Block {
    /// The comment lines right above the header.
    pub above: Vec<String>,
    /// The header; none for the first block.
    pub header: Option<Header>,
    /// The lines below, up to what stands right above the next header.
    pub body: Vec<Piece>,
    /// Keys stood below the header when the file was read.
    pub had_keys: bool,
    /// Keys stood in tables below the block's own.
    pub had_tables: bool,
}

/// `[a.b]` or `[[a.b]]`.
#[derive(Clone, Debug)]
pub struct Header {
    /// The whole line.
    pub line: String,
    /// The table, with the numbers of its items; the last step has a number if this is an item of an array.
    pub table: Path,
}

/// A line of a block, or several where a value spans them.
#[derive(Clone, Debug)]
pub enum Piece {
    /// Nothing.
    Blank(String),
    /// A comment.
    Comment(String),
    /// A key and its value.
    Pair(Pair),
}

/// A key and its value.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The key with all its tables, as edits see it.
    pub path: Path,
    /// The key with all its tables as the file was read.
    pub origin: Path,
    /// What stands before the key on its line.
    pub before: String,
    /// The key as written.
    pub name: String,
    /// The equals sign with its blanks.
    pub equals: String,
    /// The value as written.
    pub value: String,
    /// What stands behind the value, with the line end.
    pub after: String,
}

impl Pair {
    /// The value; none if it cannot be read alone.
    pub fn read(&self) -> Option<toml_edit::Value> {
        self.value.parse().ok()
    }
}

impl Block {
    /// The table that the block says something of; empty for the first block.
    pub fn table(&self) -> &[Step] {
        self.header.as_ref().map_or(&[], |header| &header.table)
    }

    /// The block's keys.
    pub fn pairs(&self) -> impl Iterator<Item = &Pair> {
        self.body.iter().filter_map(|piece| match piece {
            Piece::Pair(pair) => Some(pair),
            _ => None,
        })
    }

    /// The same, to be changed.
    pub fn pairs_mut(&mut self) -> impl Iterator<Item = &mut Pair> {
        self.body.iter_mut().filter_map(|piece| match piece {
            Piece::Pair(pair) => Some(pair),
            _ => None,
        })
    }
}

impl Document {
    /// Reads a text.
    pub fn read(text: &str) -> Result<Self, Damage> {
        // What the events do not tell: doubled keys and tables, values out of range.
        crate::read::toml::toml(text)?;
        let (marked, text) = match text.strip_prefix('\u{feff}') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let mut reader = Reader { text, blocks: vec![Block::default()], line: Line::default(), arrays: Vec::new() };
        for event in events(text) {
            reader.take(event);
        }
        reader.end_line(text.len());
        let mut blocks = reader.blocks;
        let keys: Vec<Path> = blocks.iter().flat_map(Block::pairs).map(|pair| pair.path.clone()).collect();
        for block in &mut blocks {
            let table = block.table();
            let had_tables = keys.iter().any(|key| key.len() > table.len() + 1 && key.starts_with(table));
            let had_keys = block.pairs().next().is_some();
            (block.had_keys, block.had_tables) = (had_keys, had_tables);
        }
        Ok(Self { marked, blocks })
    }

    /// The text.
    pub fn print(&self) -> String {
        let mut out = String::new();
        if self.marked {
            out.push('\u{feff}');
        }
        for block in &self.blocks {
            out.extend(block.above.iter().map(String::as_str));
            out.extend(block.header.iter().map(|header| header.line.as_str()));
            for piece in &block.body {
                match piece {
                    Piece::Blank(line) | Piece::Comment(line) => out.push_str(line),
                    Piece::Pair(pair) => {
                        out.extend(
                            [&pair.before, &pair.name, &pair.equals, &pair.value, &pair.after].map(String::as_str),
                        );
                    }
                }
            }
        }
        out
    }

    /// The line end of the file: that of its first line.
    pub fn line_end(&self) -> &'static str {
        let first = self.blocks.iter().flat_map(|block| {
            let lines = block.body.iter().map(|piece| match piece {
                Piece::Blank(line) | Piece::Comment(line) => line,
                Piece::Pair(pair) => &pair.after,
            });
            block.above.iter().chain(block.header.iter().map(|header| &header.line)).chain(lines)
        });
        if first.into_iter().next().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" }
    }
}

/// The syntax of `text`: what stands where.
pub fn events(text: &str) -> Vec<Event> {
    let tokens = Source::new(text).lex().into_vec();
    let mut events = Vec::with_capacity(tokens.len());
    let mut receiver = |event: Event| events.push(event);
    parse_document(&tokens, &mut RecursionGuard::new(&mut receiver, DEPTH), &mut ());
    events
}

/// What was seen of a line so far.
#[derive(Default)]
struct Line {
    start: usize,
    /// Names of a header or of a key, and the bytes that they span.
    names: Vec<String>,
    names_at: Option<(usize, usize)>,
    /// A header: whether it is one of an array.
    header: Option<bool>,
    value_at: Option<(usize, usize)>,
    comment: bool,
    depth: usize,
}

struct Reader<'t> {
    text: &'t str,
    blocks: Vec<Block>,
    line: Line,
    /// The arrays of tables so far, with the number of their items.
    arrays: Vec<(Path, usize)>,
}

impl Reader<'_> {
    fn take(&mut self, event: Event) {
        let (start, end) = (event.span().start(), event.span().end());
        let line = &mut self.line;
        match event.kind() {
            EventKind::StdTableOpen => line.header = Some(false),
            EventKind::ArrayTableOpen => line.header = Some(true),
            EventKind::SimpleKey if line.value_at.is_none() => {
                let first = line.names_at.map_or(start, |(first, _)| first);
                line.names_at = Some((first, end));
                let name = self.text.part(start..end).parse::<Key>();
                line.names.push(name.map(|key| key.get().to_owned()).unwrap_or_default());
            }
            EventKind::InlineTableOpen | EventKind::ArrayOpen => {
                line.depth += 1;
                line.value_at.get_or_insert((start, end));
            }
            EventKind::InlineTableClose | EventKind::ArrayClose => {
                line.depth = line.depth.saturating_sub(1);
                line.value_at = line.value_at.map(|(first, _)| (first, end));
            }
            EventKind::Scalar if line.depth == 0 => line.value_at = Some((start, end)),
            EventKind::Comment if line.depth == 0 => line.comment = true,
            EventKind::Newline if line.depth == 0 => self.end_line(end),
            _ => {}
        }
    }

    fn end_line(&mut self, end: usize) {
        let line = std::mem::replace(&mut self.line, Line { start: end, ..Line::default() });
        let text = self.text.part(line.start..end).to_owned();
        if text.is_empty() {
            return;
        }
        let block = self.blocks.last_mut().expect("there is a first block");
        let piece = match (line.header, line.names_at, line.value_at) {
            (Some(is_item), ..) => {
                let above = take_above(&mut block.body);
                let table = self.table(line.names, is_item);
                self.blocks.push(Block { above, header: Some(Header { line: text, table }), ..Block::default() });
                return;
            }
            (None, Some(names), Some(value)) => {
                let mut path = block.table().to_vec();
                path.extend(line.names.into_iter().map(Step::plain));
                let slice = |from: usize, to: usize| self.text.part(from..to).to_owned();
                Piece::Pair(Pair {
                    origin: path.clone(),
                    path,
                    before: slice(line.start, names.0),
                    name: slice(names.0, names.1),
                    equals: slice(names.1, value.0),
                    value: slice(value.0, value.1),
                    after: slice(value.1, end),
                })
            }
            _ if line.comment => Piece::Comment(text),
            _ => Piece::Blank(text),
        };
        block.body.push(piece);
    }

    /// The table of a header: names of arrays stand for their last item, an array's own header for a new one.
    fn table(&mut self, names: Vec<String>, is_item: bool) -> Path {
        let mut table = Path::new();
        let last = names.len().saturating_sub(1);
        for (place, name) in names.into_iter().enumerate() {
            table.push(Step::plain(name));
            let known = self.arrays.iter_mut().find(|(array, _)| *array == table);
            let index = match known {
                Some((_, count)) => {
                    *count += usize::from(is_item && place == last);
                    Some(*count - 1)
                }
                None if is_item && place == last => {
                    self.arrays.push((table.clone(), 1));
                    Some(0)
                }
                None => None,
            };
            if let Some(step) = table.last_mut() {
                step.index = index;
            }
        }
        table
    }
}

/// Takes the comment lines from the end of a body that stand right above what comes next. A setting that is
/// commented out belongs to the table above it.
fn take_above(body: &mut Vec<Piece>) -> Vec<String> {
    let is_prose = |piece: &Piece| matches!(piece, Piece::Comment(line) if comment::kind(line) == Comment::Prose);
    let start = body.iter().rposition(|piece| !is_prose(piece)).map_or(0, |last| last + 1);
    body.drain(start..)
        .filter_map(|piece| match piece {
            Piece::Comment(line) => Some(line),
            _ => None,
        })
        .collect()
}
