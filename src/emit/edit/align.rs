//! Which items of the file's arrays of tables are which of the new ones.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexSet;

use super::super::path::{Path, Step};
use super::document::{Block, Document, Pair, Piece};
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
        let numbers: BTreeMap<usize, usize> = pair_up(document, plan, &array).into_iter().collect();
        let place = array.len() - 1;
        let renumber = |path: &mut Path| {
            if let Some(new) = index_in(path, &array).and_then(|index| numbers.get(&index)) {
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

/// Up to how many pairs of items without a line in common their values are compared.
const COMPARED: usize = 4096;

/// What a pair of items has in common, to be sorted: most first, then the nearest numbers.
type Score = (std::cmp::Reverse<usize>, usize, usize, usize);

/// Old and new numbers: first those items that share most, a leaf's own line before an equal value, then the
/// others in their order.
fn pair_up(document: &Document, plan: &Plan<'_>, array: &[Step]) -> Vec<(usize, usize)> {
    let mut old: BTreeMap<usize, Vec<&Pair>> =
        document.blocks.iter().filter_map(|block| Some((index_in(block.table(), array)?, Vec::new()))).collect();
    for pair in document.blocks.iter().flat_map(Block::pairs) {
        if let Some(item) = index_in(&pair.path, array).and_then(|index| old.get_mut(&index)) {
            item.push(pair);
        }
    }
    let mut new: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (number, path) in plan.paths.iter().enumerate() {
        if let Some(index) = index_in(path, array) {
            new.entry(index).or_default().push(number);
        }
    }
    let mut lines: BTreeMap<&[Step], BTreeSet<usize>> = BTreeMap::new();
    for (index, pairs) in &old {
        for pair in pairs {
            lines.entry(&pair.origin).or_default().insert(*index);
        }
    }
    let origins = |number: &usize| plan.origins[*number].iter().filter(|origin| origin.text == 0);
    let score = |before: usize, after: usize| -> Score {
        let mut score = 0_usize;
        for pair in &old[&before] {
            for number in &new[&after] {
                let path = &plan.paths[*number];
                if origins(number).any(|origin| origin.path == pair.origin) {
                    score += 100;
                } else if path[array.len()..] == pair.path[array.len()..] && says(pair, plan.wanted[*number]).0 {
                    let names = path.last().is_some_and(|step| step.name == "name" || step.name == "id");
                    score += if names { 10 } else { 1 };
                }
            }
        }
        (std::cmp::Reverse(score), before.abs_diff(after), before, after)
    };
    let mut numbers = Numbers::default();
    // A line in common counts more than all values can.
    let mut common: BTreeSet<(usize, usize)> = BTreeSet::new();
    for (after, wanted) in &new {
        let lines = wanted.iter().flat_map(origins).filter_map(|origin| lines.get(origin.path.as_slice()));
        common.extend(lines.flatten().map(|before| (*before, *after)));
    }
    numbers.take(common.into_iter().map(|(before, after)| score(before, after)).collect());
    let left_old: Vec<usize> = old.keys().filter(|before| !numbers.old.contains(before)).copied().collect();
    let left_new: Vec<usize> = new.keys().filter(|after| !numbers.new.contains(after)).copied().collect();
    if left_old.len() * left_new.len() <= COMPARED {
        let pairs = left_old.iter().flat_map(|before| left_new.iter().map(move |after| (*before, *after)));
        numbers.take(pairs.map(|(before, after)| score(before, after)).collect());
    } else {
        numbers.take(left_old.iter().filter(|same| new.contains_key(same)).map(|same| score(*same, *same)).collect());
        let left =
            |all: Vec<usize>, taken: &BTreeSet<usize>| all.into_iter().filter(|one| !taken.contains(one)).collect();
        let (old, new): (Vec<_>, Vec<_>) = (left(left_old, &numbers.old), left(left_new, &numbers.new));
        numbers.take(old.into_iter().zip(new).map(|(before, after)| score(before, after)).collect());
    }
    for before in old.keys() {
        if !numbers.old.contains(before) {
            numbers.pairs.push((*before, GONE + before));
        }
    }
    numbers.pairs
}

/// Old numbers with their new ones.
#[derive(Default)]
struct Numbers {
    pairs: Vec<(usize, usize)>,
    old: BTreeSet<usize>,
    new: BTreeSet<usize>,
}

impl Numbers {
    /// Takes the best pairs whose items are free.
    fn take(&mut self, mut scores: Vec<Score>) {
        scores.sort_unstable();
        for (_, _, before, after) in scores {
            if !self.old.contains(&before) && !self.new.contains(&after) {
                self.old.insert(before);
                self.new.insert(after);
                self.pairs.push((before, after));
            }
        }
    }
}

/// Moves the items of `array`, each with its tables, so that their numbers rise.
fn bring_into_order(document: &mut Document, array: &[Step]) {
    let of = |block: &Block| index_in(block.table(), array).filter(|index| *index < GONE);
    let order: IndexSet<usize> = document.blocks.iter().filter_map(of).collect();
    if order.iter().is_sorted() {
        return;
    }
    let line_end = document.line_end();
    let mut groups: BTreeMap<usize, Vec<Block>> = order.iter().map(|index| (*index, Vec::new())).collect();
    // None: an item stood here.
    let mut rest: Vec<Option<Block>> = Vec::new();
    for mut block in std::mem::take(&mut document.blocks) {
        let Some(index) = of(&block) else {
            rest.push(Some(block));
            continue;
        };
        let Some(group) = groups.get_mut(&index) else { continue };
        if group.is_empty() {
            rest.push(None);
        }
        lines::close(&mut block, line_end);
        group.push(block);
    }
    for last in groups.values_mut().filter_map(|group| group.last_mut()) {
        if !last.body.last().is_some_and(Piece::is_blank) {
            last.body.push(Piece::Blank(line_end.to_owned()));
        }
    }
    let mut groups = groups.into_iter();
    for place in rest {
        match place {
            Some(block) => document.blocks.push(block),
            None => document.blocks.extend(groups.next().into_iter().flat_map(|(_, group)| group)),
        }
    }
}
