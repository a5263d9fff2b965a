//! The change itself: lines that stay, lines that go, lines that are new.

use crate::text::Parts as _;
use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::super::path::{Path, Step, key_order, table_order, written};
use super::super::tree::Table;
use super::comment::Comment;
use super::document::{Block, Document, Header, Pair, Piece};
use super::{Plan, align, inline, lines, place, value};

/// A file in the making.
pub struct Editor<'w> {
    /// The texts as they were read.
    pub sources: Vec<Document>,
    /// The file.
    pub document: Document,
    /// What is wanted.
    pub plan: Plan<'w>,
    /// Where it stands in the plan.
    pub places: Places,
    /// Which keys have their line.
    pub done: Vec<bool>,
    /// Keys whose value is spelled anew.
    pub spelled: Vec<usize>,
}

/// The wanted keys, to be looked up.
#[derive(Default)]
pub struct Places {
    /// By each of the tables that they lie in with the name that follows, numbers left out of the name.
    inside: IndexMap<(Path, String), Vec<usize>, FxBuildHasher>,
    /// By the line of the file itself that each comes from first.
    origins: IndexMap<Path, Vec<usize>, FxBuildHasher>,
    /// The tables that hold any of them.
    tables: IndexSet<Path, FxBuildHasher>,
    /// The keys that have a line in the file.
    lines: IndexSet<Path, FxBuildHasher>,
}

impl Places {
    /// Those of a plan for a file.
    pub fn of(plan: &Plan<'_>, document: &Document) -> Self {
        let lines = document.blocks.iter().flat_map(Block::pairs).map(|pair| pair.path.clone()).collect();
        let mut places = Self { lines, ..Self::default() };
        for (number, path) in plan.paths.iter().enumerate() {
            for (depth, step) in path.iter().enumerate() {
                let table = path[..depth].to_vec();
                places.tables.insert(table.clone());
                places.inside.entry((table, step.name.clone())).or_default().push(number);
            }
            if let Some(line) = plan.origins[number].first().filter(|line| line.text == 0) {
                places.origins.entry(line.path.clone()).or_default().push(number);
            }
        }
        places
    }

    /// The wanted keys that are the pair's own, or lie in what its value holds.
    fn in_pair(&self, plan: &Plan<'_>, pair: &[Step]) -> Vec<usize> {
        let Some((last, tables)) = pair.split_last() else { return Vec::new() };
        let found = self.inside.get(&(tables.to_vec(), last.name.clone())).into_iter().flatten().copied();
        found.filter(|number| lies_in(&plan.paths[*number], pair)).collect()
    }
}

/// Whether `path` is the pair's own key, or lies in the table or the items that its value holds.
fn lies_in(path: &[Step], pair: &[Step]) -> bool {
    let Some((last, tables)) = pair.split_last() else { return false };
    path.starts_with(tables)
        && path.get(tables.len()).is_some_and(|step| {
            step.name == last.name && (step.index.is_some() || path.len() > pair.len() || step == last)
        })
}

impl Editor<'_> {
    /// Lines that stay, at their place: values that change, keys that get another name in their table.
    pub fn change(&mut self) {
        for at in 0..self.document.blocks.len() {
            let mut body = std::mem::take(&mut self.document.blocks[at].body);
            let mut comments = Vec::new();
            for (place, piece) in body.iter_mut().enumerate() {
                let Piece::Pair(pair) = piece else { continue };
                comments.extend(self.change_pair(pair).into_iter().map(|comment| (place, comment)));
            }
            for (place, comment) in comments.into_iter().rev() {
                body.insert(place, Piece::Comment(comment));
            }
            self.document.blocks[at].body = body;
        }
    }

    /// Changes a pair's value or name, if it stays, and gives the comments that no longer find a place in it.
    fn change_pair(&mut self, pair: &mut Pair) -> Vec<String> {
        let inside = self.places.in_pair(&self.plan, &pair.path);
        let own = inside.iter().copied().find(|number| self.plan.paths[*number] == pair.path);
        if let Some(number) = own {
            return self.set(pair, number);
        }
        if !inside.is_empty() {
            return self.change_inline(pair, &inside);
        }
        if let Some(number) = self.renamed(pair) {
            pair.path.clone_from(&self.plan.paths[number]);
            let names = toml_edit::Key::parse(&pair.name).map_or(1, |names| names.len());
            pair.name = written(&pair.path[pair.path.len() - names..]);
            return self.set(pair, number);
        }
        Vec::new()
    }

    /// The key of the same table that the pair's line becomes.
    fn renamed(&self, pair: &Pair) -> Option<usize> {
        let table = |path: &Path| path[..path.len() - 1].to_vec();
        let mut from_here = self.places.origins.get(&pair.origin).into_iter().flatten().copied();
        from_here.find(|number| {
            let path = &self.plan.paths[*number];
            !self.done[*number] && table(path) == table(&pair.path) && !self.places.lines.contains(path)
        })
    }

    /// Gives a pair the wanted value, and what was said inside of the old one.
    fn set(&mut self, pair: &mut Pair, number: usize) -> Vec<String> {
        let wanted = self.plan.wanted[number];
        self.done[number] = true;
        if value::says(pair, wanted) == (true, true) {
            return Vec::new();
        }
        self.spelled.push(number);
        self.replace(pair, value::changed(pair, wanted))
    }

    /// Replaces the value; comments inside of it that do not stand in the new one come back as lines.
    fn replace(&self, pair: &mut Pair, value: String) -> Vec<String> {
        let line_end = self.document.line_end();
        let line = |comment| format!("{}{comment}{line_end}", pair.before);
        let lost = if value.contains('\n') { Vec::new() } else { inline::comments(&pair.value) };
        let comments = lost.into_iter().map(line).collect();
        pair.value = value;
        comments
    }

    /// A table or an array of tables in one line: it stays as written if it says what is wanted.
    fn change_inline(&mut self, pair: &mut Pair, inside: &[usize]) -> Vec<String> {
        let old = inline::leaves(pair);
        let mut tree = Table::<String>::default();
        let mut same = old.len() == inside.len();
        for number in inside {
            let path = &self.plan.paths[*number];
            let wanted = self.plan.wanted[*number];
            self.done[*number] = true;
            let line = old.iter().find(|(known, _)| known == path);
            let kept = line.filter(|(_, read)| value::value_says(read, wanted.value, wanted.positions) == (true, true));
            let literal = if let Some((_, read)) = kept {
                read.to_string().trim().to_owned()
            } else {
                same = false;
                self.spelled.push(*number);
                value::literal(wanted)
            };
            // The plan's keys were checked against each other already.
            let _ = tree.insert(path[pair.path.len() - 1..].to_vec(), literal);
        }
        let (false, Some(child)) = (same, tree.children.into_values().next()) else { return Vec::new() };
        self.replace(pair, inline::written(&child))
    }

    /// Keys that are not wanted where they stand.
    pub fn remove(&mut self) {
        let (plan, places) = (&self.plan, &self.places);
        for block in &mut self.document.blocks {
            let mut at = 0;
            while at < block.body.len() {
                let goes = match &block.body[at] {
                    Piece::Pair(pair) => places.in_pair(plan, &pair.path).is_empty(),
                    _ => false,
                };
                if !goes {
                    at += 1;
                    continue;
                }
                let alone = !block.body.get(at + 1).is_some_and(Piece::is_pair);
                let words = words_above(&block.body, at);
                block.body.remove(at);
                if alone {
                    block.body.drain(at - words..at);
                    at -= words;
                }
                let blank_before = at == 0 && block.header.is_some() || at > 0 && block.body[at - 1].is_blank();
                let more = block.body[at..].iter().any(|piece| !piece.is_blank());
                if blank_before && more && block.body.get(at).is_some_and(Piece::is_blank) {
                    block.body.remove(at);
                }
            }
        }
    }

    /// Keys that are new in the file, or new at their place.
    pub fn insert(&mut self) {
        let mut waiting: Vec<usize> = (0..self.done.len()).filter(|number| !self.done[*number]).collect();
        waiting.sort_by(|one, other| {
            let order = |number: &usize| {
                let (table, name) = table_and_name(&self.plan.paths[*number]);
                let numbers: Vec<_> = table.iter().map(|step| step.index).collect();
                (table_order(table), numbers, key_order(table, name))
            };
            order(one).cmp(&order(other))
        });
        for number in waiting {
            let path = self.plan.paths[number].clone();
            let (table, _) = table_and_name(&path);
            self.make_items(table);
            let host = self.host(table).unwrap_or_else(|| self.make_block(table, number));
            let words = self.words_of(number);
            let block = &mut self.document.blocks[host];
            let place = place::of_key(block, &path);
            let indent = neighbour(block, place).map(|pair| pair.before.clone());
            let indent = indent.unwrap_or_default();
            let line_end = self.document.line_end();
            let block = &mut self.document.blocks[host];
            if place == block.body.len() {
                // The line before may be the last one of the file, without an end.
                lines::close(block, line_end);
            }
            let depth = block.table().len();
            let (value, behind) = self.spell(number);
            let pair = Pair {
                origin: Vec::new(),
                before: indent.clone(),
                name: written(&path[depth..]),
                equals: " = ".to_owned(),
                value,
                after: format!("{behind}{line_end}"),
                path,
            };
            let body = &mut self.document.blocks[host].body;
            body.insert(place, Piece::Pair(pair));
            for word in words.into_iter().rev() {
                body.insert(place, Piece::Comment(format!("{indent}{word}{line_end}")));
            }
        }
    }

    /// The block that a key of `table` can be written in: its own, or one that says keys of it with dots.
    fn host(&self, table: &[Step]) -> Option<usize> {
        let blocks = &self.document.blocks;
        let own =
            blocks.iter().position(|block| block.table() == table && (block.header.is_some() || table.is_empty()));
        own.or_else(|| {
            blocks.iter().position(|block| {
                let depth = block.table().len();
                depth < table.len()
                    && block.pairs().any(|pair| {
                        (depth + 1..=table.len())
                            .any(|length| pair.path.len() > length && pair.path[..length] == table[..length])
                    })
            })
        })
    }

    /// Makes the headers of the items that `table` lies in, where there are none.
    fn make_items(&mut self, table: &[Step]) {
        for length in 1..table.len() {
            let item = &table[..length];
            if item[length - 1].index.is_some() && !self.document.blocks.iter().any(|block| block.table() == item) {
                self.put(item, &[]);
            }
        }
    }

    /// Makes the block of `table` for the wanted key `number`, whose old header's words come along.
    fn make_block(&mut self, table: &[Step], number: usize) -> usize {
        let names = |table: &[Step]| table.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
        let old = self.plan.origins[number].first().and_then(|line| {
            let blocks = &self.sources[line.text].blocks;
            let block = blocks.iter().find(|block| block.pairs().any(|pair| pair.origin == line.path))?;
            let gone = line.text != 0
                || !self
                    .document
                    .blocks
                    .iter()
                    .any(|now| now.pairs().any(|pair| block.pairs().any(|before| before.origin == pair.origin)));
            (gone && names(block.table()) == names(table)).then(|| block.above.clone())
        });
        self.put(table, &old.unwrap_or_default())
    }

    fn put(&mut self, table: &[Step], above: &[String]) -> usize {
        let at = place::of_table(&self.document, table);
        let near = if at > 1 { self.document.blocks.get(at - 1) } else { self.document.blocks.get(at) };
        let near = near.and_then(|block| block.header.as_ref());
        let indent = near.map_or("", |header| header.line.part(..header.line.len() - header.line.trim_start().len()));
        let name = written(table);
        let line = match table.last().and_then(|step| step.index) {
            Some(_) => format!("{indent}[[{name}]]"),
            None => format!("{indent}[{name}]"),
        };
        let line_end = self.document.line_end();
        let above = above.iter().map(|words| format!("{indent}{}{line_end}", words.trim())).collect();
        let header = Header { line: line + line_end, table: table.to_vec() };
        self.document.put_block(at, Block { above, header: Some(header), body: Vec::new(), ..Block::default() });
        at
    }

    /// The words about the line that a key comes from.
    fn words_of(&self, number: usize) -> Vec<String> {
        let Some(line) = self.plan.origins[number].first() else { return Vec::new() };
        for block in &self.sources[line.text].blocks {
            let is_line = |piece: &Piece| matches!(piece, Piece::Pair(pair) if pair.origin == line.path);
            if let Some(at) = block.body.iter().position(is_line) {
                let words = &block.body[at - words_above(&block.body, at)..at];
                let word = |piece: &Piece| match piece {
                    Piece::Comment(line) => Some(line.trim().to_owned()),
                    _ => None,
                };
                return words.iter().filter_map(word).collect();
            }
        }
        Vec::new()
    }

    /// The value of a new line, and what stands behind it: as the line that it comes from has them, where that
    /// says the same and says it right.
    fn spell(&mut self, number: usize) -> (String, String) {
        let wanted = self.plan.wanted[number];
        let line = self.plan.origins[number].first();
        let pairs = line.map(|line| self.sources[line.text].blocks.iter().flat_map(Block::pairs));
        let old = pairs.and_then(|mut pairs| pairs.find(|pair| Some(&pair.origin) == line.map(|line| &line.path)));
        let behind = old.map(|pair| pair.after.trim_end().to_owned()).unwrap_or_default();
        if let Some(pair) = old.filter(|pair| value::says(pair, wanted) == (true, true)) {
            (pair.value.clone(), behind)
        } else {
            self.spelled.push(number);
            (value::literal(wanted), behind)
        }
    }

    /// Tables that lost their last key, and headers of tables that lost all theirs. An item goes whole: what is left
    /// of its tables would become the item's before it.
    pub fn drop_empty(&mut self) {
        let blocks = self.document.blocks.iter();
        let items = blocks.filter(|block| align::is_gone(block.table()) && (block.had_keys || block.had_tables));
        let items: Vec<Path> = items.map(|block| block.table().to_vec()).collect();
        for at in (1..self.document.blocks.len()).rev() {
            let block = &self.document.blocks[at];
            let table = block.table();
            let has_tables = self.places.tables.contains(table);
            let is_item = table.last().is_some_and(|step| step.index.is_some());
            let goes = if has_tables { block.had_keys && !is_item } else { block.had_keys || block.had_tables }
                || items.iter().any(|item| table.starts_with(item));
            if goes && block.pairs().next().is_none() {
                self.document.take_block(at);
            }
        }
    }
}

/// How many comment lines stand right above a line and say something to the reader.
fn words_above(body: &[Piece], at: usize) -> usize {
    body[..at].iter().rev().take_while(|piece| piece.comment() == Some(Comment::Prose)).count()
}

/// The key next to a place: the one before, else the one behind.
fn neighbour(block: &Block, place: usize) -> Option<&Pair> {
    let pair = |piece: &'_ Piece| matches!(piece, Piece::Pair(_));
    let before = block.body[..place].iter().rev().find(|piece| pair(piece));
    match before.or_else(|| block.body[place..].iter().find(|piece| pair(piece)))? {
        Piece::Pair(pair) => Some(pair),
        _ => None,
    }
}

fn table_and_name(path: &[Step]) -> (&[Step], &str) {
    path.split_last().map_or((path, ""), |(last, table)| (table, last.name.as_str()))
}
