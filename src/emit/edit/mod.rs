//! An administrator's file made into the new one (semantics.md, B.8): lines that stay keep their place, their
//! comments, spelling, indentation and line ends, so that the change is a plain difference of lines.
//!
//! * A value that changes is replaced where it stands. A spelling that is right for its place stays as it is.
//! * A key that gets another name in its table keeps its line; one that goes to another table or file takes the
//!   words right above it and behind it along.
//! * A key that goes takes the words above it along if they are about it alone; above several keys they stay
//!   as long as one of the keys does.
//! * A table that lost its last key goes, with the words right above its header and with its settings that are commented
//!   out: under another header they would be other settings. Tables that are commented out, and words that stand
//!   between blank lines, stay.
//! * What is new goes beside its nearest neighbour in the order of B.8, a parent always before its children.

mod align;
mod comment;
pub(in crate::emit) mod document;
mod editor;
pub(in crate::emit) mod inline;
mod lines;
pub(in crate::emit) mod mask;
mod place;
#[cfg(test)]
mod tests;
mod value;

use std::collections::{BTreeMap, BTreeSet};

use super::path::{Path, steps};
use super::toml::{self, Written};
use super::tree::Table;
use crate::layout::OldNode;
use crate::mapping::catalog::{Catalog, Positions};
use crate::read::{Damage, LeafKind};
use crate::topology::planner::plan::{Entry, TargetNode};
use crate::value::Value;
use document::{Document, Piece};
use editor::{Editor, Places};

/// A key that the new file has.
#[derive(Clone, Debug)]
pub struct Wanted<'w> {
    /// The key, `a.b[0].'c.d'`.
    pub key: &'w str,
    /// Its value, not yet escaped.
    pub value: &'w Value,
    /// Where the product puts the value.
    pub positions: Positions,
    /// The value must not be shown.
    pub secret: bool,
    /// The lines whose value this is, the first one counts: words about them come along.
    pub origins: Vec<Origin<'w>>,
}

/// A line of an old file.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'w> {
    /// The number of the text; 0 is the one that is edited.
    pub text: usize,
    /// Its key there.
    pub key: &'w str,
}

/// The new file.
#[derive(Clone, Debug, Default)]
pub struct Edited {
    /// Its text; holds secrets.
    pub text: String,
    /// The same with the secrets masked, in comments too.
    pub shown: String,
    /// Tables had to change places for the product to read the file right.
    pub reordered: bool,
    /// Keys whose value is spelled anew, by their numbers.
    pub spelled: Vec<usize>,
    /// Keys that cannot stand in it, and why.
    pub faults: Vec<(String, String)>,
}

/// A line of an old file, found.
struct Line {
    text: usize,
    path: Path,
}

/// What is wanted, as paths.
struct Plan<'w> {
    wanted: Vec<&'w Wanted<'w>>,
    paths: Vec<Path>,
    origins: Vec<Vec<Line>>,
}

/// The file of `node` made from the old one that it starts from; none if it starts from none.
#[must_use]
pub fn text(node: &TargetNode, nodes: &[OldNode<'_>], catalog: &Catalog) -> Option<Written> {
    let base = node.base?;
    let has_toml = |number: &usize| nodes[*number].toml.is_some();
    let named = node.entries.values().flat_map(|entry| &entry.from).map(|setting| setting.node as usize);
    let others: BTreeSet<usize> = named.filter(|number| *number != base).filter(has_toml).collect();
    // The base first, so that a key's own line there comes before the lines of other files.
    let numbers: Vec<usize> = std::iter::once(base).chain(others.iter().copied()).collect();
    let texts: Vec<&str> = numbers.iter().map(|number| nodes[*number].toml).collect::<Option<_>>()?;
    let text_of: BTreeMap<usize, usize> = numbers.iter().enumerate().map(|(text, number)| (*number, text)).collect();
    let origins = |entry: &'_ Entry| {
        let mut origins: Vec<Origin<'_>> = entry
            .from
            .iter()
            .filter_map(|setting| {
                let leaf = &nodes[setting.node as usize].settings.settings[setting.index as usize].leaf;
                let text = *text_of.get(&(setting.node as usize))?;
                matches!(leaf.kind, LeafKind::Toml | LeafKind::TomlText).then_some(Origin { text, key: &leaf.path })
            })
            .collect();
        origins.sort_by_key(|origin| origin.text);
        origins
    };
    let wanted: Vec<Wanted<'_>> = node
        .entries
        .iter()
        .map(|(key, entry)| Wanted {
            key,
            value: &entry.value,
            positions: toml::positions(node, key, catalog),
            secret: toml::is_secret(key, entry),
            origins: origins(entry),
        })
        .collect();
    let edited = edit(&texts, &wanted).ok()?;
    let mut written = Written { text: edited.text, shown: edited.shown, ..Written::default() };
    for number in edited.spelled {
        let wanted = &wanted[number];
        let wrong_for = toml::literal(wanted.value, wanted.positions).1;
        if !wrong_for.is_empty() {
            written.problems.push(toml::needs_escaping(wanted.key, &wrong_for, wanted.secret).on(&node.name));
        }
    }
    for (key, why) in edited.faults {
        written.leave_out(&node.name, key, &why);
    }
    Some(written)
}

/// Makes `texts[0]` say what is wanted and nothing else; the other texts are those that lines come from.
pub fn edit(texts: &[&str], wanted: &[Wanted<'_>]) -> Result<Edited, Damage> {
    // Twins say the same: only files that a line comes from first are looked at.
    let first =
        |wanted: &Wanted<'_>| wanted.origins.iter().find(|origin| steps(origin.key).is_ok()).map(|one| one.text);
    let used: BTreeSet<usize> = wanted.iter().filter_map(first).chain([0]).collect();
    let source = |(number, text): (usize, &&str)| Document::read(if used.contains(&number) { text } else { "" });
    let sources = texts.iter().enumerate().map(source).collect::<Result<Vec<_>, _>>()?;
    let mut edited = Edited::default();
    let mut plan = Plan { wanted: Vec::new(), paths: Vec::new(), origins: Vec::new() };
    let mut numbers = Vec::new();
    let mut tree = Table::default();
    for (number, wanted) in wanted.iter().enumerate() {
        let path = steps(wanted.key).and_then(|path| tree.insert(path.clone(), ()).map(|()| path));
        match path {
            Err(why) => edited.faults.push((wanted.key.to_owned(), why)),
            Ok(path) => {
                let line = |origin: &Origin<'_>| Some(Line { text: origin.text, path: steps(origin.key).ok()? });
                plan.origins.push(wanted.origins.iter().filter_map(line).collect());
                plan.wanted.push(wanted);
                plan.paths.push(path);
                numbers.push(number);
            }
        }
    }
    let mut document = sources[0].clone();
    let keeps_blank = document.blocks.iter().rev().find_map(|block| block.body.last()).is_some_and(Piece::is_blank);
    edited.reordered = place::mend(&mut document);
    align::align(&mut document, &plan);
    let (done, places) = (vec![false; plan.wanted.len()], Places::of(&plan, &document));
    let mut editor = Editor { done, sources, document, plan, places, spelled: Vec::new() };
    editor.change();
    editor.remove();
    editor.insert();
    editor.drop_empty();
    editor.document.tidy(keeps_blank);
    edited.text = editor.document.print();
    mask::mask(&mut editor.document, &editor.plan);
    edited.shown = editor.document.print();
    edited.spelled = editor.spelled.into_iter().map(|number| numbers[number]).collect();
    Ok(edited)
}
