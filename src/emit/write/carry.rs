//! What a person fills in where we left it open: values below `[secrets]`, and ticks. They are no edits, and a new file
//! gets them from the earlier one.
//!
//! A file is compared in its *plain form*: boxes not ticked, values to be filled in left out, aliases that were added
//! not there. So the hash of a file does not depend on what is filled in.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Form;
use super::record::{TickBox, Written, hash};
use crate::emit::edit::document::{Block, Document, Pair, Piece};
use crate::text::Parts as _;

/// The aliases of a file, as the record has them.
type Aliases = BTreeMap<String, Option<String>>;

const SECRETS: &str = "secrets";

/// What was carried into a new file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Carried {
    /// The new file with it.
    pub text: String,
    /// How many values came along.
    pub values: usize,
    /// How many ticks came along.
    pub ticks: usize,
    /// How many ticks have no line any more.
    pub gone: usize,
    /// What was filled in for another value than the new one: a person must look.
    pub conflict: bool,
}

/// What the record is to say of a new file.
pub fn record(form: &Form<'_>, text: &str) -> Written {
    let mut written = Written::default();
    match form {
        Form::Plain => {}
        Form::Toml { .. } => {
            let file = Some(text).filter(|text| text.contains(SECRETS)).and_then(|text| Document::read(text).ok());
            written.aliases = Some(file.map(|file| aliases(&file)).unwrap_or_default());
        }
        Form::Checklist { boxes } => {
            let lines: Vec<&str> = text.lines().filter(|line| ticked(line).is_some()).collect();
            let boxes = lines.iter().zip(*boxes).map(|(line, id)| TickBox { id: id.clone(), line: line_hash(line) });
            written.boxes = Some(boxes.collect());
        }
    }
    written.sha256 = hash(plain(&written, text.as_bytes()).as_bytes());
    written
}

/// Whether `found` is the file that was written, apart from what was filled in, and from how an editor ends lines and
/// marks the encoding.
pub fn is_as_written(written: &Written, found: &[u8]) -> bool {
    let is = |found: &[u8]| hash(plain(written, found).as_bytes()) == written.sha256;
    is(found) || other_line_ends(found).is_some_and(|others| others.iter().any(|text| is(text.as_bytes())))
}

/// The text as other editors would save it: with the ends of lines of either kind, and without a mark. None where that
/// is the text itself.
fn other_line_ends(found: &[u8]) -> Option<[String; 2]> {
    let text = std::str::from_utf8(found).ok()?;
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let unix = plain.replace("\r\n", "\n");
    let windows = unix.replace('\n', "\r\n");
    (text.len() != plain.len() || unix != windows).then_some([unix, windows])
}

/// Whether something is filled in.
pub fn is_filled(written: &Written, found: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(found) else { return false };
    let ticks = written.boxes.is_some() && text.lines().any(|line| ticked(line) == Some(true));
    let values = written.aliases.as_ref().zip(Document::read(text).ok());
    ticks || values.is_some_and(|(aliases, file)| filled(&file, aliases).next().is_some())
}

/// Bytes of a file in its plain form.
enum PlainForm<'f> {
    Bytes(&'f [u8]),
    Text(String),
}

impl PlainForm<'_> {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Bytes(bytes) => bytes,
            Self::Text(text) => text.as_bytes(),
        }
    }
}

fn plain<'f>(written: &Written, found: &'f [u8]) -> PlainForm<'f> {
    let Ok(text) = std::str::from_utf8(found) else { return PlainForm::Bytes(found) };
    if written.aliases.is_some() && !text.contains(SECRETS) {
        return PlainForm::Bytes(text.trim_end().as_bytes());
    }
    if let Some(aliases) = &written.aliases
        && let Ok(file) = Document::read(text)
    {
        return PlainForm::Text(without_values(&file, aliases));
    }
    if written.boxes.is_some() {
        return PlainForm::Text(text.split_inclusive('\n').map(|line| with_tick(line, false)).collect());
    }
    PlainForm::Bytes(found)
}

/// The new `text` with what was filled into `found`. `before` is what the record says of the file that was written then;
/// where nothing is known of it, it counts as one like the new one.
pub fn carry(before: Option<&Written>, found: &[u8], new: &Written, text: &str) -> Carried {
    let mut carried = Carried { text: text.to_owned(), ..Carried::default() };
    let Ok(found) = std::str::from_utf8(found) else { return carried };
    let found = found.strip_prefix('\u{feff}').unwrap_or(found);
    let before = before.unwrap_or(new);
    if let (Some(old), Some(new)) = (&before.aliases, &new.aliases)
        && let Ok(found) = Document::read(found)
    {
        carry_values(old, &found, new, &mut carried);
    }
    if let (Some(old), Some(new)) = (&before.boxes, &new.boxes) {
        carry_ticks(old, found, new, &mut carried);
    }
    carried
}

// ---- values

fn is_secrets(block: &Block) -> bool {
    matches!(block.table(), [step] if step.name == SECRETS && step.index.is_none())
}

fn alias(pair: &Pair) -> &str {
    pair.name.trim()
}

fn secrets(file: &Document) -> impl Iterator<Item = &Pair> {
    file.blocks.iter().filter(|block| is_secrets(block)).flat_map(Block::pairs)
}

/// The aliases of a file that we made. A value in brackets is one that a person, or then the cipher tool, replaces.
fn aliases(file: &Document) -> Aliases {
    let open = |pair: &Pair| {
        let value = pair.read()?;
        let text = value.as_str()?.trim();
        (text.starts_with('[') && text.ends_with(']')).then(|| hash(pair.value.as_bytes()))
    };
    secrets(file).map(|pair| (alias(pair).to_owned(), open(pair))).collect()
}

/// The pairs that a person filled in or added, each with the hash of the value that stood there.
fn filled<'f>(file: &'f Document, old: &'f Aliases) -> impl Iterator<Item = (&'f Pair, Option<&'f String>)> {
    secrets(file).filter_map(|pair| match old.get(alias(pair)) {
        None => Some((pair, None)),
        Some(None) => None,
        Some(Some(ours)) => (hash(pair.value.as_bytes()) != *ours).then_some((pair, Some(ours))),
    })
}

fn without_values(file: &Document, aliases: &Aliases) -> String {
    let mut file = file.clone();
    let mut added = Vec::new();
    for (number, block) in file.blocks.iter_mut().enumerate().filter(|(_, block)| is_secrets(block)) {
        block.body.retain(|piece| match piece {
            Piece::Pair(pair) => aliases.contains_key(alias(pair)),
            _ => true,
        });
        for pair in block.pairs_mut() {
            if let Some(Some(_)) = aliases.get(alias(pair)) {
                "=".clone_into(&mut pair.equals);
                pair.before.clear();
                pair.value.clear();
                "\n".clone_into(&mut pair.after);
            }
        }
        if aliases.is_empty() && block.above.is_empty() && block.body.iter().all(Piece::is_blank) {
            added.push(number);
        }
    }
    for number in added.into_iter().rev() {
        file.blocks.remove(number);
    }
    // At the end it had a blank line above, elsewhere one below that went with it.
    file.print().trim_end().to_owned()
}

fn carry_values(old: &Aliases, found: &Document, new: &Aliases, carried: &mut Carried) {
    let Ok(mut file) = Document::read(&carried.text) else { return };
    let mut added = String::new();
    for (pair, ours) in filled(found, old) {
        let place = file.blocks.iter_mut().filter(|block| is_secrets(block)).flat_map(Block::pairs_mut);
        let mut place = place.filter(|place| alias(place) == alias(pair));
        match (new.get(alias(pair)), place.next()) {
            // The value that was filled in stood for another one.
            (Some(Some(now)), Some(_)) if ours.is_some_and(|ours| ours != now) => carried.conflict = true,
            (Some(Some(_)), Some(place)) => {
                let Pair { before, name, equals, value, after, .. } = pair.clone();
                // A last line without its end stays one line.
                let after = if after.ends_with('\n') { after } else { format!("{after}\n") };
                (place.before, place.name, place.equals) = (before, name, equals);
                (place.value, place.after) = (value, after);
                carried.values += 1;
            }
            (Some(_), Some(place)) => carried.conflict |= place.value != pair.value,
            _ => {
                for part in [&pair.before, &pair.name, &pair.equals, &pair.value, &pair.after] {
                    added.push_str(part);
                }
                if !added.ends_with('\n') {
                    added.push('\n');
                }
                carried.values += 1;
            }
        }
    }
    if !added.is_empty() {
        let Some(block) = file.blocks.iter_mut().rfind(|block| is_secrets(block)) else {
            let text = file.print();
            let gap = if text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
            carried.text = format!("{text}{gap}[{SECRETS}]\n{added}");
            return;
        };
        let behind = block.body.iter().rposition(|piece| !piece.is_blank()).map_or(0, |last| last + 1);
        block.body.insert(behind, Piece::Comment(added));
    }
    carried.text = file.print();
}

// ---- ticks

/// Whether the box of a line is ticked; none if it has no box.
fn ticked(line: &str) -> Option<bool> {
    match line.get(..6)? {
        "- [ ] " => Some(false),
        "- [x] " | "- [X] " => Some(true),
        _ => None,
    }
}

fn with_tick(line: &str, tick: bool) -> Cow<'_, str> {
    match ticked(line) {
        Some(now) if now != tick || tick => {
            let rest = line.get(6..).unwrap_or_default();
            Cow::Owned(format!("- [{}] {rest}", if tick { 'x' } else { ' ' }))
        }
        _ => Cow::Borrowed(line),
    }
}

fn line_hash(line: &str) -> String {
    hash(with_tick(line, false).trim_end().as_bytes())
}

fn carry_ticks(old: &[TickBox], found: &str, new: &[TickBox], carried: &mut Carried) {
    // Two deployments may have the same line: boxes stand in the order of the record.
    let mut left: BTreeMap<&str, VecDeque<&str>> = BTreeMap::new();
    for known in old {
        left.entry(&known.line).or_default().push_back(&known.id);
    }
    let mut done = BTreeSet::new();
    for line in found.lines() {
        let Some(tick) = ticked(line) else { continue };
        match left.get_mut(line_hash(line).as_str()).and_then(VecDeque::pop_front) {
            Some(id) if tick => {
                done.insert(id);
            }
            Some(_) => {}
            None => carried.gone += usize::from(tick),
        }
    }
    let done = with_other_names(&done, old, new);
    let mut boxes = new.iter();
    let mut text = String::with_capacity(carried.text.len());
    for line in carried.text.split_inclusive('\n') {
        let known = ticked(line).and_then(|_| boxes.next());
        if known.is_some_and(|known| done.contains(&*known.id)) {
            carried.ticks += 1;
            text.push_str(&with_tick(line, true));
        } else {
            text.push_str(line);
        }
    }
    carried.gone += done.len() - new.iter().filter(|known| done.contains(&*known.id)).count();
    carried.text = text;
}

/// The ids that are ticked, as the new list has them: of several deployments each has its name at the front, and one that
/// is alone has none there, or, in lists of earlier versions, one too.
fn with_other_names<'i>(done: &BTreeSet<&'i str>, old: &'i [TickBox], new: &'i [TickBox]) -> BTreeSet<&'i str> {
    let ids: BTreeSet<&str> = new.iter().map(|known| known.id.as_str()).collect();
    let is_below = |id: &str, name: &str| id.strip_prefix(name).is_some_and(|rest| rest.starts_with('/'));
    // The name that all of the old list have, if they have one; a name may have parts.
    let names =
        old.first().into_iter().flat_map(|first| first.id.match_indices('/').map(|(end, _)| first.id.part(..end)));
    let names: Vec<&str> = names.filter(|name| old.iter().all(|known| is_below(&known.id, name))).collect();
    let one = |id: &'i str| {
        if ids.contains(id) {
            return id;
        }
        let mut bare = names.iter().filter_map(|name| id.strip_prefix(name)?.strip_prefix('/'));
        if let Some(bare) = bare.find(|bare| ids.contains(bare)) {
            return bare;
        }
        let mut longer = ids.iter().filter(|new| new.strip_suffix(id).is_some_and(|name| name.ends_with('/')));
        match (longer.next(), longer.next()) {
            (Some(only), None) => only,
            _ => id,
        }
    };
    done.iter().map(|id| one(id)).collect()
}

#[cfg(test)]
mod tests {
    use super::{carry, is_as_written, is_filled, record};
    use crate::emit::write::Form;

    const FILE: &str =
        "[server]\nhostname = \"api.example.com\"\n\n[secrets]\nadmin = \"[REPLACE_ME]\"\nfixed = \"c2VhbGVk\"\n";

    fn toml() -> Form<'static> {
        Form::Toml { shown: "" }
    }

    #[test]
    fn what_is_filled_in_is_no_edit() {
        let written = record(&toml(), FILE);
        for (found, is_ours, filled) in [
            (FILE.to_owned(), true, false),
            (FILE.replace("[REPLACE_ME]", "sesame"), true, true),
            (FILE.replace("admin = \"[REPLACE_ME]\"", "admin='''x\ny''' # mine"), true, true),
            (format!("{FILE}other = \"[x]\"\n"), true, true),
            (FILE.replace("c2VhbGVk", "another"), false, false),
            (FILE.replace("fixed = \"c2VhbGVk\"\n", ""), false, false),
            (FILE.replace("api.example.com", "b.example.com"), false, false),
            (format!("{FILE}\n[apim]\nx = 1\n"), false, false),
            (format!("{FILE}# note\n"), false, false),
        ] {
            assert_eq!(is_as_written(&written, found.as_bytes()), is_ours, "{found}");
            assert_eq!(is_filled(&written, found.as_bytes()), filled, "{found}");
        }
    }

    #[test]
    fn a_table_of_secrets_may_be_added() {
        let plain = "[server]\na = 1\n\n[apim]\nb = 2\n";
        let written = record(&toml(), plain);
        for found in [
            "[server]\na = 1\n\n[apim]\nb = 2\n\n[secrets]\nx = \"y\"\n",
            "[server]\na = 1\n\n[secrets]\nx = \"y\"\n\n[apim]\nb = 2\n",
        ] {
            assert!(is_as_written(&written, found.as_bytes()), "{found}");
            let carried = carry(Some(&written), found.as_bytes(), &written, plain);
            assert_eq!(carried.text, format!("{plain}\n[secrets]\nx = \"y\"\n"));
            assert!(is_as_written(&written, carried.text.as_bytes()));
        }
    }

    #[test]
    fn values_come_along() {
        let written = record(&toml(), FILE);
        let found = FILE.replace("\"[REPLACE_ME]\"", "\"sesame\" # mine") + "more = \"[x]\"\n";
        let new = FILE.replace("api.example.com", "b.example.com");
        let carried = carry(Some(&written), found.as_bytes(), &record(&toml(), &new), &new);
        assert_eq!(carried.text, found.replace("api.example.com", "b.example.com"));
        assert_eq!((carried.values, carried.conflict), (2, false));
        assert!(is_as_written(&record(&toml(), &new), carried.text.as_bytes()));

        // The alias is not needed any more: what was filled in stays all the same.
        let less = "[server]\na = 1\n";
        let carried = carry(Some(&written), found.as_bytes(), &record(&toml(), less), less);
        assert_eq!(carried.text, "[server]\na = 1\n\n[secrets]\nadmin = \"sesame\" # mine\nmore = \"[x]\"\n");

        // Another value is known now: a person must look.
        let known = FILE.replace("[REPLACE_ME]", "bmV3");
        assert!(carry(Some(&written), found.as_bytes(), &record(&toml(), &known), &known).conflict);
    }

    #[test]
    fn ticks_are_found_again_by_their_ids() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Vec<_>>();
        let old = "# List\n\n- [ ] same (a.xml:1:2)\n- [ ] two\n\n## b\n\n- [ ] same (a.xml:1:2)\n";
        let old_ids = ids(&["a/same", "a/two", "b/same"]);
        let written = record(&Form::Checklist { boxes: &old_ids }, old);
        let found = "# List\n\n- [ ] same (a.xml:1:2)\n- [X] two\n\n## b\n\n- [x] same (a.xml:1:2)\n";
        assert!(is_as_written(&written, found.as_bytes()) && is_filled(&written, found.as_bytes()));
        assert!(!is_as_written(&written, found.replace("two", "2").as_bytes()));
        let new = "- [ ] first\n- [ ] same (a.xml:9:9)\n- [ ] same (a.xml:9:9)\n";
        let new_ids = ids(&["a/first", "a/same", "b/same"]);
        let carried = carry(Some(&written), found.as_bytes(), &record(&Form::Checklist { boxes: &new_ids }, new), new);
        assert_eq!(carried.text, "- [ ] first\n- [ ] same (a.xml:9:9)\n- [x] same (a.xml:9:9)\n");
        assert_eq!((carried.ticks, carried.gone), (1, 1));
    }

    #[test]
    fn ticks_are_found_again_with_and_without_the_name_of_a_deployment() {
        let list = "- [ ] one\n- [ ] two\n";
        for (old, new, ticks) in [
            (["shop/drivers", "shop/start//1"], ["drivers", "start//1"], 2),
            (["a/shop/drivers", "a/shop/start//1"], ["drivers", "start//1"], 2),
            (["drivers", "start//1"], ["shop/drivers", "shop/start//1"], 2),
            // Which of two it was cannot be known.
            (["one/start", "two/start"], ["start", "drivers"], 0),
            (["start", "drivers"], ["one/start", "two/start"], 0),
        ] {
            let (old, new) = (old.map(str::to_owned), new.map(str::to_owned));
            let written = record(&Form::Checklist { boxes: &old }, list);
            let found = list.replace("[ ]", "[x]");
            let carried =
                carry(Some(&written), found.as_bytes(), &record(&Form::Checklist { boxes: &new }, list), list);
            assert_eq!((carried.ticks, carried.gone), (ticks, 2 - ticks), "{old:?} {new:?}");
        }
    }
}
