//! Where a new table or key goes in a file that has an order of its own: beside its nearest neighbour in the order of
//! written files (semantics.md, B.8), a parent always before its children.

use std::cmp::Ordering;

use super::super::path::{Path, Step, key_order, table_order};
use super::comment::Comment;
use super::document::{Block, Document, Piece};

/// Where the block of a new table goes among the blocks.
pub fn of_table(document: &Document, table: &[Step]) -> usize {
    let blocks = &document.blocks;
    if is_secrets(table) {
        return blocks.len();
    }
    let below = |block: &Block| block.table().len() > table.len() && block.table().starts_with(table);
    if let Some(child) = blocks.iter().position(below) {
        return child;
    }
    let region = region(document, table);
    if let Some(Step { name, index: Some(index) }) = table.last() {
        // Another item of an array that is there.
        let tables = &table[..table.len() - 1];
        let item = |block: &Block| {
            let step = block.table().get(tables.len());
            step.filter(|step| block.table().starts_with(tables) && step.name == *name).and_then(|step| step.index)
        };
        let items = |place: &usize| item(&blocks[*place]);
        if let Some(before) = region.clone().filter_map(|place| items(&place)).filter(|other| other < index).max() {
            let last = region.clone().rev().find(|place| items(place) == Some(before));
            return last.map_or(region.end, |last| last + 1);
        }
        if let Some(next) = region.clone().find(|place| items(place).is_some()) {
            return next;
        }
    }
    let order = |one: &[Step], other: &[Step]| -> Ordering {
        table_order(one).cmp(&table_order(other)).then_with(|| {
            let numbers = |table: &[Step]| table.iter().map(|step| step.index).collect::<Vec<_>>();
            numbers(one).cmp(&numbers(other))
        })
    };
    let mut before: Option<usize> = None;
    let mut after: Option<usize> = None;
    for place in region.clone() {
        let here = blocks[place].table();
        if order(here, table) == Ordering::Greater {
            if after.is_none_or(|after| order(here, blocks[after].table()) == Ordering::Less) {
                after = Some(place);
            }
        } else if before.is_none_or(|before| order(here, blocks[before].table()) != Ordering::Less) {
            before = Some(place);
        }
    }
    let common = |place: usize| shared(blocks[place].table(), table);
    match (before, after) {
        (Some(before), after) if after.is_none_or(|after| common(before) >= common(after)) => {
            let family = common(before) + 1;
            let kin = |place: usize| shared(blocks[place].table(), blocks[before].table()) >= family;
            (before + 1..region.end).find(|place| !kin(*place)).unwrap_or(region.end)
        }
        (_, Some(after)) => {
            let family = common(after) + 1;
            let kin = |place: usize| shared(blocks[place].table(), blocks[after].table()) >= family;
            (region.start..after).rev().take_while(|place| kin(*place)).last().unwrap_or(after)
        }
        _ => region.end,
    }
}

/// The blocks among which the table must stand: those of its item, or all but the first.
fn region(document: &Document, table: &[Step]) -> std::ops::Range<usize> {
    let blocks = &document.blocks;
    let item = table[..table.len().saturating_sub(1)].iter().rposition(|step| step.index.is_some());
    let Some(item) = item.map(|last| &table[..=last]) else { return 1..blocks.len() };
    let Some(start) = blocks.iter().position(|block| block.table().starts_with(item)) else { return 1..blocks.len() };
    let end = blocks.iter().rposition(|block| block.table().starts_with(item)).map_or(start, |last| last + 1);
    start..end
}

/// How many names two tables have in common at their head.
fn shared(one: &[Step], other: &[Step]) -> usize {
    one.iter().zip(other).take_while(|(one, other)| one.name == other.name).count()
}

/// Where a new key goes among the lines of its table's block.
pub fn of_key(block: &Block, path: &[Step]) -> usize {
    let Some((_, table)) = path.split_last() else { return 0 };
    // Keys of subtables with dots stand behind the table's own.
    let rank = |path: &Path| {
        let name = path.get(table.len()).map_or("", |step| step.name.as_str());
        (path.len() > table.len() + 1, key_order(table, name).0, name.to_owned())
    };
    let mine = rank(&path.to_vec());
    let places = || {
        block.body.iter().enumerate().filter_map(|(place, piece)| match piece {
            Piece::Pair(pair) if pair.path.starts_with(table) => Some((place, rank(&pair.path))),
            _ => None,
        })
    };
    let before = places().filter(|(_, rank)| *rank <= mine).max_by(|one, other| one.1.cmp(&other.1));
    if let Some((place, _)) = before {
        return place + 1;
    }
    let Some((first, _)) = places().min_by(|one, other| one.1.cmp(&other.1)) else {
        // A table that only dots say: behind its nearest relative.
        let kin = |piece: &Piece| match piece {
            Piece::Pair(pair) => shared(&pair.path, table),
            _ => 0,
        };
        let most = block.body.iter().map(kin).max().filter(|most| *most > block.table().len());
        let last = most.and_then(|most| block.body.iter().rposition(|piece| kin(piece) == most));
        return last.map_or_else(|| start(block), |last| last + 1);
    };
    first - block.body[..first].iter().rev().take_while(|piece| piece.comment() == Some(Comment::Prose)).count()
}

/// Where the first key of a block goes: right below its header, or, before the first header, behind a file's own
/// first words.
fn start(block: &Block) -> usize {
    if block.header.is_some() { 0 } else { block.body.len() }
}

/// Moves a parent that stands below one of its children before the first of them, and `[secrets]` to the end: the
/// product's mapper does not survive the one, its cipher tool loses what stands below the other.
pub fn mend(document: &mut Document) -> bool {
    let mut mended = false;
    while let Some((parent, child)) = misplaced(document) {
        let block = document.take_block(parent);
        document.put_block(child, block);
        mended = true;
    }
    let secret = |block: &Block| is_secrets(block.table());
    while let Some(at) = document.blocks.iter().position(secret) {
        if document.blocks[at..].iter().all(secret) {
            break;
        }
        let block = document.take_block(at);
        document.put_block(document.blocks.len(), block);
        mended = true;
    }
    mended
}

/// Whether the table is `[secrets]`, which stands last.
fn is_secrets(table: &[Step]) -> bool {
    table.first().is_some_and(|step| step.name == "secrets")
}

fn misplaced(document: &Document) -> Option<(usize, usize)> {
    let blocks = &document.blocks;
    (2..blocks.len()).find_map(|parent| {
        let table = blocks[parent].table();
        let below = |block: &Block| block.table().len() > table.len() && block.table().starts_with(table);
        let child = blocks[1..parent].iter().position(below)?;
        Some((parent, child + 1))
    })
}
