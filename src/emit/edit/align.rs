//! Which items of the file's arrays of tables are which of the new ones.

use std::collections::BTreeSet;

use super::super::path::{Path, Step};
use super::document::{Block, Document, Piece};
use super::value::says;
use super::{Plan, lines};

/// Items without a counterpart are numbered from here: no new item has such a number.
const GONE: usize = usize::MAX / 2;

/// Whether the table is an item without a counterpart.
pub fn is_gone(table: &[Step]) -> bool {
    table.last().is_some_and(|step| step.index.is_some_and(|index| index >= GONE))
}

/// Numbers the items of arrays of tables as the plan does, the outer arrays first, and brings them into its order.
pub fn align(document: &mut Document, plan: &Plan<'_>) {
    let mut done = BTreeSet::new();
    while let Some(array) = arrays(document).into_iter().find(|array| !done.contains(array)) {
        let numbers = pair_up(document, plan, &array);
        let place = array.len() - 1;
        let renumber = |path: &mut Path| {
            if let Some(index) = index_in(path, &array)
                && let Some((_, new)) = numbers.iter().find(|(old, _)| *old == index)
            {
                path[place].index = Some(*new);
            }
        };
        for block in &mut document.blocks {
            if let Some(header) = &mut block.header {
                renumber(&mut header.table);
            }
            block.pairs_mut().for_each(|pair| renumber(&mut pair.path));
        }
        bring_into_order(document, &array);
        done.insert(array);
    }
}

/// The arrays of the file's headers, the outer ones first.
fn arrays(document: &Document) -> Vec<Path> {
    let arrays: BTreeSet<(usize, Path)> = document
        .blocks
        .iter()
        .filter_map(|block| {
            let mut array = block.table().to_vec();
            array.last_mut()?.index.take()?;
            Some((array.len(), array))
        })
        .collect();
    arrays.into_iter().map(|(_, array)| array).collect()
}

/// The number of the item of `array` that `path` is or lies in.
fn index_in(path: &[Step], array: &[Step]) -> Option<usize> {
    let (last, tables) = array.split_last()?;
    let step = path.get(tables.len())?;
    (path.starts_with(tables) && step.name == last.name).then_some(step.index).flatten()
}

/// Old and new numbers: first those items that share most, a leaf's own line before an equal value, then the
/// others in their order.
fn pair_up(document: &Document, plan: &Plan<'_>, array: &[Step]) -> Vec<(usize, usize)> {
    let pairs = || document.blocks.iter().flat_map(Block::pairs);
    let headers = document.blocks.iter().filter_map(|block| index_in(block.table(), array));
    let old: BTreeSet<usize> = headers.collect();
    let new: BTreeSet<usize> = plan.paths.iter().filter_map(|path| index_in(path, array)).collect();
    let mut scores = Vec::new();
    for &before in &old {
        for &after in &new {
            let mut score = 0_usize;
            for pair in pairs().filter(|pair| index_in(&pair.path, array) == Some(before)) {
                for (number, path) in plan.paths.iter().enumerate() {
                    if index_in(path, array) != Some(after) {
                        continue;
                    }
                    if plan.origins[number].iter().any(|origin| origin.text == 0 && origin.path == pair.origin) {
                        score += 100;
                    } else if path[array.len()..] == pair.path[array.len()..] && says(pair, plan.wanted[number]).0 {
                        let names = path.last().is_some_and(|step| step.name == "name" || step.name == "id");
                        score += if names { 10 } else { 1 };
                    }
                }
            }
            scores.push((std::cmp::Reverse(score), before.abs_diff(after), before, after));
        }
    }
    scores.sort_unstable();
    let mut numbers: Vec<(usize, usize)> = Vec::new();
    for (_, _, before, after) in scores {
        if !numbers.iter().any(|(old, new)| *old == before || *new == after) {
            numbers.push((before, after));
        }
    }
    for before in old {
        if !numbers.iter().any(|(old, _)| *old == before) {
            numbers.push((before, GONE + before));
        }
    }
    numbers
}

/// Moves the items of `array`, each with its tables, so that their numbers rise.
fn bring_into_order(document: &mut Document, array: &[Step]) {
    let of = |block: &Block| index_in(block.table(), array).filter(|index| *index < GONE);
    let mut order: Vec<usize> = Vec::new();
    for index in document.blocks.iter().filter_map(of) {
        if !order.contains(&index) {
            order.push(index);
        }
    }
    if order.is_sorted() {
        return;
    }
    let line_end = document.line_end();
    let mut groups: Vec<(usize, Vec<Block>)> = order.iter().map(|index| (*index, Vec::new())).collect();
    // None: an item stood here.
    let mut rest: Vec<Option<Block>> = Vec::new();
    for mut block in std::mem::take(&mut document.blocks) {
        let Some(index) = of(&block) else {
            rest.push(Some(block));
            continue;
        };
        let group = groups.iter_mut().find(|(known, _)| *known == index);
        let Some((_, group)) = group else { continue };
        if group.is_empty() {
            rest.push(None);
        }
        lines::close(&mut block, line_end);
        group.push(block);
    }
    for last in groups.iter_mut().filter_map(|(_, group)| group.last_mut()) {
        if !last.body.last().is_some_and(Piece::is_blank) {
            last.body.push(Piece::Blank(line_end.to_owned()));
        }
    }
    groups.sort_by_key(|(index, _)| *index);
    let mut groups = groups.into_iter();
    for place in rest {
        match place {
            Some(block) => document.blocks.push(block),
            None => document.blocks.extend(groups.next().into_iter().flat_map(|(_, group)| group)),
        }
    }
}
