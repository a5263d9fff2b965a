//! Templates as blocks.

use super::expression::{Expression, expression};
use super::lex::{Piece, pieces};
use crate::read::Cursor;
use crate::source::Position;

/// A part of a template.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// Text that is printed as it is.
    Text(String),
    /// A value that is printed.
    Output(Position, Expression),
    /// `if`, `elif`, `else`: the conditions in order with what they guard, and the rest.
    If(Vec<(Position, Expression, Vec<Block>)>, Vec<Block>),
    /// `for`: the names, what is walked through, the body.
    For(Position, Vec<String>, Expression, Vec<Block>),
    /// `set`.
    Set(Position, String, Expression),
    /// `do`: a value that is not printed.
    Do(Position, Expression),
    /// `macro`: its name, its parameters, its body.
    Macro(String, Vec<String>, Vec<Block>),
}

/// What is not of the language; the place is added by whoever knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong(String);

impl Wrong {
    pub(super) fn new(what: impl Into<String>) -> Self {
        Self(what.into())
    }
}

/// Why a template cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is not of the part of the language that is known")]
pub struct ParseError {
    /// What was found.
    pub what: String,
    /// Where.
    pub position: Position,
}

/// Parses a template. Its lines end as the product reads them: with a line feed, the last one too.
pub fn parse(text: &str) -> Result<Vec<Block>, ParseError> {
    let mut text = text.replace("\r\n", "\n").replace('\r', "\n");
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    let text = text.as_str();
    let mut cursor = Cursor::new(text);
    let error =
        |cursor: &mut Cursor, offset: usize, wrong: Wrong| ParseError { what: wrong.0, position: cursor.at(offset) };
    let pieces = pieces(text).map_err(|(offset, wrong)| error(&mut cursor, offset, wrong))?;
    let mut open = vec![Open { offset: 0, kind: Kind::File, blocks: Vec::new() }];
    for (offset, piece) in pieces {
        let position = cursor.at(offset);
        match piece {
            Piece::Text(text) => innermost(&mut open).push(Block::Text(text.to_owned())),
            Piece::Output(inside) => {
                let value = expression(inside).map_err(|wrong| error(&mut cursor, offset, wrong))?;
                innermost(&mut open).push(Block::Output(position, value));
            }
            Piece::Tag(inside) => {
                tag(inside.trim(), offset, position, &mut open).map_err(|wrong| error(&mut cursor, offset, wrong))?;
            }
        }
    }
    match open.pop() {
        Some(Open { kind: Kind::File, blocks, .. }) => Ok(blocks),
        Some(Open { offset, .. }) => Err(error(&mut cursor, offset, Wrong::new("a tag that is not closed"))),
        None => Ok(Vec::new()),
    }
}

/// A tag whose end has not come yet.
struct Open {
    offset: usize,
    kind: Kind,
    /// What stands in it so far, since the last `elif` or `else`.
    blocks: Vec<Block>,
}

enum Kind {
    File,
    If { done: Vec<(Position, Expression, Vec<Block>)>, now: Option<(Position, Expression)> },
    For(Position, Vec<String>, Expression),
    Macro(String, Vec<String>),
}

fn innermost(open: &mut [Open]) -> &mut Vec<Block> {
    &mut open.last_mut().expect("the file itself is never closed").blocks
}

fn tag(inside: &str, offset: usize, position: Position, open: &mut Vec<Open>) -> Result<(), Wrong> {
    let (word, rest) = inside.split_once(|c: char| c.is_whitespace()).unwrap_or((inside, ""));
    let mut opened = |kind| {
        open.push(Open { offset, kind, blocks: Vec::new() });
        Ok(())
    };
    match word {
        "if" => opened(Kind::If { done: Vec::new(), now: Some((position, expression(rest)?)) }),
        "for" => {
            let (names, list) = rest.split_once(" in ").ok_or_else(|| Wrong::new("a `for` without its `in`"))?;
            let names = names.split(',').map(|name| name.trim().to_owned()).collect();
            opened(Kind::For(position, names, expression(list)?))
        }
        "macro" => {
            let (name, parameters) = rest
                .trim()
                .strip_suffix(')')
                .and_then(|rest| rest.split_once('('))
                .ok_or_else(|| Wrong::new("a `macro` without its parameters"))?;
            let parameters =
                parameters.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect();
            opened(Kind::Macro(name.trim().to_owned(), parameters))
        }
        "elif" | "else" => {
            let next = if word == "elif" { Some((position, expression(rest)?)) } else { None };
            match open.last_mut() {
                Some(Open { kind: Kind::If { done, now }, blocks, .. }) => {
                    let (at, condition) = now.take().ok_or_else(|| Wrong::new("a second `else`"))?;
                    done.push((at, condition, std::mem::take(blocks)));
                    *now = next;
                    Ok(())
                }
                _ => Err(Wrong::new(format!("an `{word}` outside of an `if`"))),
            }
        }
        // The engine passes over an end that nothing waits for, and so do products that have one.
        "endif" | "endfor" | "endmacro" if open.len() == 1 => Ok(()),
        "endif" | "endfor" | "endmacro" => {
            let Some(Open { kind, blocks, .. }) = open.pop() else { return Err(Wrong::new("an end too many")) };
            let block = match (word, kind) {
                ("endif", Kind::If { mut done, now: Some((at, condition)) }) => {
                    done.push((at, condition, blocks));
                    Block::If(done, Vec::new())
                }
                ("endif", Kind::If { done, now: None }) => Block::If(done, blocks),
                ("endfor", Kind::For(at, names, list)) => Block::For(at, names, list, blocks),
                ("endmacro", Kind::Macro(name, parameters)) => Block::Macro(name, parameters, blocks),
                _ => return Err(Wrong::new(format!("an `{word}` without its beginning"))),
            };
            innermost(open).push(block);
            Ok(())
        }
        "set" => {
            let (name, value) = rest.split_once('=').ok_or_else(|| Wrong::new("a `set` without its `=`"))?;
            innermost(open).push(Block::Set(position, name.trim().to_owned(), expression(value)?));
            Ok(())
        }
        "do" => {
            innermost(open).push(Block::Do(position, expression(rest)?));
            Ok(())
        }
        other => Err(Wrong::new(format!("the tag `{other}`"))),
    }
}
