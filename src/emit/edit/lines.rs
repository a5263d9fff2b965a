//! Blocks taken out and put in, with the blank lines between them.

use super::comment::{self, Comment};
use super::document::{Block, Document, Piece};

impl Piece {
    /// Whether it is a blank line.
    pub fn is_blank(&self) -> bool {
        matches!(self, Self::Blank(_))
    }

    /// Whether it is a key.
    pub fn is_pair(&self) -> bool {
        matches!(self, Self::Pair(_))
    }

    /// What it comments out or says, if it is a comment.
    pub fn comment(&self) -> Option<Comment> {
        match self {
            Self::Comment(line) => Some(comment::kind(line)),
            _ => None,
        }
    }
}

/// Gives every line of the block its line end.
pub fn close(block: &mut Block, line_end: &str) {
    let lines = block.above.iter_mut().chain(block.header.iter_mut().map(|header| &mut header.line));
    let body = block.body.iter_mut().map(|piece| match piece {
        Piece::Blank(line) | Piece::Comment(line) => line,
        Piece::Pair(pair) => &mut pair.after,
    });
    for line in lines.chain(body) {
        if !line.ends_with('\n') {
            line.push_str(line_end);
        }
    }
}

/// Where the lines of the block's own table end: behind its last key, the settings of it that are commented out
/// there, and what stands right below them. A table that is commented out is another one, and words behind a
/// blank line are about what follows.
fn own_end(block: &Block) -> usize {
    let mut end = block.body.iter().rposition(Piece::is_pair).map_or(0, |last| last + 1);
    let mut here = end;
    while here < block.body.len() {
        // A paragraph: comments up to a blank line.
        let length = block.body[here..].iter().take_while(|piece| !piece.is_blank()).count();
        let paragraph = &block.body[here..here + length];
        let table = paragraph.iter().position(|piece| piece.comment() == Some(Comment::Table));
        let settings = paragraph.iter().any(|piece| piece.comment() == Some(Comment::Setting));
        if let Some(table) = table {
            // Words right above a commented-out header belong to it.
            let words = paragraph[..table].iter().rev().take_while(|piece| piece.comment() == Some(Comment::Prose));
            let own = table - words.count();
            return if own > 0 { here + own } else { end };
        }
        if settings || (here == end && length > 0) {
            end = here + length;
        } else if length > 0 {
            return end;
        }
        here += length + 1;
    }
    end
}

impl Document {
    /// Takes a block out. What stands behind its own lines stays, below the block before.
    pub fn take_block(&mut self, at: usize) -> Block {
        let mut block = self.blocks.remove(at);
        let mut rest = block.body.split_off(own_end(&block));
        let before = &mut self.blocks[at - 1];
        let empty = before.header.is_none() && before.body.is_empty();
        if empty || before.body.last().is_some_and(Piece::is_blank) {
            let blank = rest.iter().take_while(|piece| piece.is_blank()).count();
            rest.drain(..blank);
        }
        before.body.extend(rest);
        block
    }

    /// Puts a block in at `at`, a blank line before it, and one behind it if another block follows.
    pub fn put_block(&mut self, at: usize, mut block: Block) {
        let line_end = self.line_end();
        close(&mut block, line_end);
        let before = &mut self.blocks[at - 1];
        close(before, line_end);
        // Words about what follows the new block stay with it; a file's own first words stay at its top.
        let own = if before.header.is_none() && before.pairs().next().is_none() {
            before.body.iter().rposition(|piece| !piece.is_blank()).map_or(0, |last| last + 1)
        } else {
            let settings = before
                .body
                .iter()
                .rposition(|piece| piece.is_pair() || piece.comment().is_some_and(|comment| comment != Comment::Prose));
            let own = settings.map_or(0, |last| last + 1);
            own + before.body[own..].iter().take_while(|piece| !piece.is_blank()).count()
        };
        let rest = before.body.split_off(own);
        if rest.iter().all(Piece::is_blank) && !rest.is_empty() {
            before.body.extend(rest);
        } else {
            if before.header.is_some() || !before.body.is_empty() {
                before.body.push(Piece::Blank(line_end.to_owned()));
            }
            block.body.extend(rest);
        }
        if at < self.blocks.len() && !block.body.last().is_some_and(Piece::is_blank) {
            block.body.push(Piece::Blank(line_end.to_owned()));
        }
        self.blocks.insert(at, block);
    }

    /// Gives every line but the last its line end, and takes away blank lines at the end.
    pub fn tidy(&mut self, keep_blank: bool) {
        let line_end = self.line_end();
        let last = self.blocks.len() - 1;
        for block in &mut self.blocks[..last] {
            close(block, line_end);
        }
        if !keep_blank {
            for block in self.blocks.iter_mut().rev() {
                while block.body.last().is_some_and(Piece::is_blank) {
                    block.body.pop();
                }
                if block.header.is_some() || !block.body.is_empty() {
                    break;
                }
            }
        }
    }
}
