//! What the form of a text says: credentials in URLs, pairs like `password=x`, headers, keys and tokens, each to its
//! true end. Ranges of bytes come out; all of them lie between characters.

mod coded;
mod marked;
mod pair;
mod spoken;
mod url;

use std::cell::RefCell;
use std::ops::Range;

use super::memo::{self, Memo};
use crate::text::Parts as _;
use coded::{LAYERS, Layer};
pub(super) use marked::{is_algorithm, is_random};

/// Which kind of text is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A value, as it stands in a file.
    Value,
    /// A sentence of ours that may quote one. Words of ours like `password: …` are no secrets.
    Prose,
}

/// A text longer than that, in bytes, is looked at window by window, and masked whole if one holds a secret: to find
/// where each of thousands ends is no gain to who reads it.
const LONG: usize = 16 * 1024;
/// How long a window is, in bytes, and how far it reaches into the next one.
const WINDOW: usize = 4 * 1024;
const OVERLAP: usize = 512;

/// The windows of a long text.
fn windows(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let boundary = |at: usize| (at..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    (0..text.len()).step_by(WINDOW).map(move |at| boundary(at)..boundary((at + WINDOW + OVERLAP).min(text.len())))
}

/// The secrets in a text one by one, of a long one too.
pub(super) fn each(text: &str, kind: Kind) -> Vec<Range<usize>> {
    if text.len() <= LONG {
        return secrets(text, kind);
    }
    let inside = windows(text).flat_map(|window| {
        let found = look(text.part(window.clone()), kind);
        found.into_iter().map(move |range| window.start + range.start..window.start + range.end)
    });
    join(inside.collect())
}

/// The parts of `text` that must not be shown, in order, none within another.
pub(super) fn secrets(text: &str, kind: Kind) -> Vec<Range<usize>> {
    if text.len() > LONG {
        // A long value, masked whole.
        let marked = windows(text).any(|window| !look(text.part(window), kind).is_empty());
        return marked.then_some(0..text.len()).into_iter().collect();
    }
    let harmless = match kind {
        Kind::Value => &HARMLESS_VALUES,
        Kind::Prose => &HARMLESS_PROSE,
    };
    if text.len() > memo::LONGEST {
        return look(text, kind);
    }
    if harmless.with_borrow(|known| known.get(text)).is_some() {
        return Vec::new();
    }
    let found = look(text, kind);
    if found.is_empty() {
        harmless.with_borrow_mut(|known| known.keep(text, ()));
    }
    found
}

thread_local! {
    /// Texts that have been looked at and hold no secret: the same hosts, words and numbers stand in every file.
    static HARMLESS_VALUES: RefCell<Memo<()>> = RefCell::default();
    static HARMLESS_PROSE: RefCell<Memo<()>> = RefCell::default();
}

fn look(text: &str, kind: Kind) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    layer(text, kind, &|_| true, &mut found);
    // What is in code is looked at without it, layer by layer.
    let mut layers: Vec<Layer> = Vec::new();
    while layers.len() < LAYERS
        && let Some(below) = Layer::below(layers.last().map_or(text, |layer| &layer.text))
    {
        let mut inside = Vec::new();
        layer(&below.text, kind, &|at| below.is_coded(at), &mut inside);
        layers.push(below);
        let outwards = |at: usize| layers.iter().rev().fold(at, |at, layer| layer.source(at));
        found.extend(inside.into_iter().map(|range| outwards(range.start)..outwards(range.end)));
    }
    join(found)
}

/// The same of one layer. URLs begin only where the byte of their `://` is `new`: of the others more is known in the
/// layer above.
fn layer(text: &str, kind: Kind, new: &dyn Fn(usize) -> bool, found: &mut Vec<Range<usize>>) {
    if text.contains("://") {
        url::authorities(text, new, found);
        url::hooks(text, found);
    }
    if text.contains('@') {
        url::jdbc(text, found);
        if kind == Kind::Value {
            url::bare(text, found);
        }
    }
    if text.contains(['=', ':', '%']) {
        pair::pairs(text, kind, found);
    }
    if kind == Kind::Value {
        spoken::spoken(text, found);
        if text.contains('<') {
            spoken::elements(text, found);
        }
    }
    marked::marked(text, kind, found);
}

/// Overlapping ranges made one.
fn join(mut found: Vec<Range<usize>>) -> Vec<Range<usize>> {
    found.retain(|range| !range.is_empty());
    found.sort_by_key(|range| (range.start, range.end));
    let mut joined: Vec<Range<usize>> = Vec::with_capacity(found.len());
    for range in found {
        match joined.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => joined.push(range),
        }
    }
    joined
}

/// Where the text that `line` begins with ends: its next quote that is not escaped.
pub(super) fn closing_on_line(line: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, char) in line.char_indices().skip(1) {
        match char {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            found if found == quote => return Some(at),
            _ => {}
        }
    }
    None
}
