//! What each written key does: the file is rendered with other values, and the rendered trees are compared.
//!
//! First all texts, numbers and lists get values of their own at once, which are then looked for: one rendering tells
//! where most keys land. A key that is not found so is tried alone: changed, and left out. So a file needs one
//! rendering, and one or two for each switch.

use crate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, Value};

use super::compare::{agree, as_read, holds, is_same_duration};
use super::edit::Written;
use super::mapper::{Mapper, MapperError};
use super::model::{Arrival, Liveness};
use super::tree::{Spot, Tree};
use crate::mapping::catalog::parts;
use crate::mapping::tables::Tables;

/// What a key does.
#[derive(Clone, Debug, Default)]
pub struct Effect {
    /// Where the value itself is printed; whether it is all that stands there.
    pub printed: BTreeMap<Spot, bool>,
    /// Where something else is printed with another value, or without the key.
    pub switched: BTreeSet<Spot>,
    /// The mapper does not do without the key, or not with another value.
    pub needed: bool,
    /// It only implies keys that the file gives a value itself.
    pub covered: bool,
    /// It stands as in the old deployment.toml, and the product reads it in other company.
    pub kept: bool,
}

impl Effect {
    /// Whether the key does anything.
    #[must_use]
    pub fn liveness(&self) -> Liveness {
        if !self.printed.is_empty() || !self.switched.is_empty() || self.needed {
            Liveness::Live
        } else if self.covered {
            Liveness::Covered
        } else if self.kept {
            Liveness::Idle
        } else {
            Liveness::Dead
        }
    }

    /// All places where it acts, those that print the value first.
    pub fn spots(&self) -> impl Iterator<Item = &Spot> {
        self.printed.keys().chain(self.switched.iter().filter(|spot| !self.printed.contains_key(*spot)))
    }
}

/// The number that the first marked key gets in the place of its own.
const FIRST_NUMBER: usize = 7_310_000;

/// A text that no file holds, for a key by its number.
fn mark(key: usize) -> String {
    format!("zq{key:05}z")
}

/// The keys whose marks stand in `text`.
fn marks(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices("zq").filter_map(|(at, _)| {
        let tail = text.get(at + 2..at + 8)?;
        tail.strip_suffix('z')?.parse().ok()
    })
}

/// What stands for a value while the file is rendered with marks; `None` if the value says which way to go.
pub(super) fn marked(key: usize, value: &Value) -> Option<Value> {
    match value {
        // References are not values: what they refer to is looked for under its own key.
        Value::String(text) if !text.value().contains("$ref{") => Some(mark(key).into()),
        Value::Integer(_) => i64::try_from(FIRST_NUMBER + key).ok().map(Value::from),
        Value::Array(items) if items.iter().all(Value::is_str) => Some(Array::from_iter([mark(key)]).into()),
        _ => None,
    }
}

/// Another value of the same kind.
fn other(key: usize, value: &Value) -> Option<Value> {
    match value {
        Value::Boolean(value) => Some((!value.value()).into()),
        Value::Integer(value) => Some((value.value() + 1).into()),
        Value::String(text) if matches!(text.value().as_str(), "true" | "false") => {
            Some(if text.value() == "true" { "false" } else { "true" }.into())
        }
        Value::String(_) => Some(mark(key).into()),
        Value::Array(items) if items.iter().all(Value::is_str) => {
            let mut items = items.clone();
            items.push(mark(key));
            Some(items.into())
        }
        _ => None,
    }
}

/// Keys whose values imply other keys (`infer.json`): the values that do, each with the keys that it gives a value.
/// `$1` in a key is any name.
#[derive(Clone, Debug, Default)]
pub struct Choices {
    implying: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// By the last name of a key, the words that templates compare it with.
    compared: BTreeMap<String, BTreeSet<String>>,
}

impl Choices {
    /// Takes the keys of the product's table and the texts of its templates.
    #[must_use]
    pub fn new<'t>(
        implying: BTreeMap<String, BTreeMap<String, Vec<String>>>,
        templates: impl IntoIterator<Item = &'t str>,
    ) -> Self {
        let mut compared: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (head, tail) in
            templates.into_iter().flat_map(|text| text.match_indices("==").map(|(at, _)| text.split_at(at)))
        {
            let name =
                head.trim_end().rsplit(|character: char| !character.is_alphanumeric() && character != '_').next();
            let tail = tail.part(2..).trim_start();
            let quote = tail.chars().next().filter(|quote| matches!(quote, '\'' | '"'));
            if let (Some(name), Some(quote)) = (name, quote)
                && let Some(word) = tail.part(1..).split(quote).next()
            {
                compared.entry(name.to_owned()).or_default().insert(word.to_owned());
            }
        }
        Self { implying, compared }
    }

    /// Other values of `key` that may make a difference.
    fn others(&self, key: &str) -> Vec<&str> {
        let last = parts(key).last().map_or("", |last| last.trim_matches('\''));
        let compared = self.compared.get(last).into_iter().flatten().map(String::as_str);
        self.of(key).into_keys().chain(compared).collect()
    }

    /// The values that say something for `key`, each with what it implies; none if the key implies nothing.
    fn of(&self, key: &str) -> BTreeMap<&str, Vec<String>> {
        let names = parts(key);
        let found = self.implying.iter().find_map(|(pattern, values)| {
            let pattern = parts(pattern);
            let fits = pattern.len() == names.len()
                && pattern.iter().zip(&names).all(|(part, name)| part == name || part.starts_with('$'));
            fits.then_some((pattern, values))
        });
        let Some((pattern, values)) = found else { return BTreeMap::new() };
        let free: Vec<(&str, &str)> =
            pattern.into_iter().zip(names).filter(|(part, _)| part.starts_with('$')).collect();
        let filled = |key: &String| free.iter().fold(key.clone(), |key, (mark, name)| key.replace(mark, name));
        values.iter().map(|(value, keys)| (value.as_str(), keys.iter().map(filled).collect())).collect()
    }
}

/// Measures all keys of a file; `base` is its rendering, `choices` are the product's.
pub fn measure(
    mapper: &mut Mapper,
    written: &Written,
    base: &Tree,
    tables: &Tables,
    choices: &Choices,
) -> Result<Vec<Effect>, MapperError> {
    let mut effects = vec![Effect::default(); written.keys.len()];
    let group: Vec<(usize, Value)> = written
        .keys
        .iter()
        .enumerate()
        .filter(|(_, key)| choices.of(&key.name).is_empty())
        .filter_map(|(number, key)| Some((number, marked(number, &key.value)?)))
        .collect();
    for (tree, group) in render_marked(mapper, written, group)? {
        find_marks(&tree, base, tables, written, &group, &mut effects);
    }
    for (number, (key, effect)) in written.keys.iter().zip(&mut effects).enumerate() {
        if effect.liveness() == Liveness::Live {
            continue;
        }
        alone(mapper, written, base, tables, number, &choices.others(&key.name), effect)?;
        let given = |name: &String| written.keys.iter().any(|key| key.name == *name);
        let implied = key.value.as_str().and_then(|value| choices.of(&key.name).remove(value));
        effect.covered = implied.is_some_and(|implied| implied.iter().all(given));
    }
    Ok(effects)
}

type Group = Vec<(usize, Value)>;

/// Renders the file with marks; a group that the mapper refuses is split until it takes the parts. What it takes in no
/// company is left out.
fn render_marked(mapper: &mut Mapper, written: &Written, group: Group) -> Result<Vec<(Tree, Group)>, MapperError> {
    let mut todo = vec![group];
    let mut found = Vec::new();
    while let Some(mut group) = todo.pop() {
        if group.is_empty() {
            continue;
        }
        match mapper.render(&written.with(group.iter().cloned()))? {
            Ok(files) => found.push((Tree::new(files), group)),
            Err(_) if group.len() > 1 => {
                let tail = group.split_off(group.len() / 2);
                todo.extend([group, tail]);
            }
            Err(_) => {}
        }
    }
    Ok(found)
}

fn find_marks(
    tree: &Tree,
    base: &Tree,
    tables: &Tables,
    written: &Written,
    group: &[(usize, Value)],
    effects: &mut [Effect],
) {
    let numbers: BTreeMap<String, usize> =
        group.iter().filter_map(|(key, value)| Some((value.as_integer()?.to_string(), *key))).collect();
    for spot in base.difference(tree, tables) {
        let Some(text) = tree.text(tables, &spot) else { continue };
        // What names an element may itself be a marked value.
        let mut own = spot.clone();
        for key in marks(&spot.path) {
            if let Some(text) = written.keys.get(key).and_then(|key| key.value.as_str()) {
                own.path = own.path.replace(&mark(key), as_read(text, true).trim());
            }
        }
        if base.text(tables, &own).is_none() {
            continue;
        }
        for key in marks(text).chain(numbers.get(text.trim()).copied()) {
            if let Some(effect) = effects.get_mut(key) {
                let whole = text.trim() == mark(key) || numbers.contains_key(text.trim());
                effect.printed.insert(own.clone(), whole);
            }
        }
    }
}

/// Tries a key alone: changed first where it is a switch, else left out first, as that never makes the file worse.
fn alone(
    mapper: &mut Mapper,
    written: &Written,
    base: &Tree,
    tables: &Tables,
    number: usize,
    choices: &[&str],
    effect: &mut Effect,
) -> Result<(), MapperError> {
    let value = &written.keys[number].value;
    let dropped = written.without([number]);
    let chosen = choices.iter().filter(|other| value.as_str() != Some(other)).map(|other| Value::from(*other));
    let changed = chosen.chain(other(number, value)).map(|value| written.with([(number, value)]));
    let trials: Vec<String> = if value.is_bool() {
        changed.chain([dropped]).collect()
    } else {
        [dropped].into_iter().chain(changed).collect()
    };
    for text in trials {
        match mapper.render(&text)? {
            Ok(files) => {
                effect.switched = base.difference(&Tree::new(files), tables);
                if !effect.switched.is_empty() {
                    return Ok(());
                }
            }
            Err(_) => effect.needed = true,
        }
    }
    Ok(())
}

/// How a key's value arrives; `None` if the key does nothing.
#[must_use]
pub fn arrival(value: &Value, effect: &Effect, base: &Tree, tables: &Tables) -> Option<Arrival> {
    if effect.liveness() != Liveness::Live {
        return None;
    }
    let texts = texts(value);
    let refers = texts.iter().any(|text| ["$ref{", "$env{", "$sys{"].iter().any(|mark| text.contains(mark)));
    let mut best = None;
    let mut rank = |found: Arrival| {
        let order = [Arrival::Copied, Arrival::Converted, Arrival::Within, Arrival::Switched, Arrival::Altered];
        let place = |arrival: Arrival| order.iter().position(|known| *known == arrival);
        if best.is_none_or(|best| place(found) < place(best)) {
            best = Some(found);
        }
    };
    for spot in effect.spots() {
        let Some(rendered) = base.text(tables, spot) else { continue };
        let xml = spot.is_xml();
        let read: Vec<String> = texts.iter().map(|text| as_read(text, xml)).collect();
        if read.iter().any(|text| agree(text, rendered)) || agree(&read.join(","), rendered) {
            rank(Arrival::Copied);
        } else if (refers && !rendered.contains("$ref{")) || read.iter().any(|text| is_same_duration(text, rendered)) {
            rank(Arrival::Converted);
        } else if !read.is_empty() && read.iter().all(|text| holds(rendered, text)) {
            rank(Arrival::Within);
        } else if effect.printed.contains_key(spot) {
            rank(Arrival::Altered);
        }
    }
    Some(best.unwrap_or(Arrival::Switched))
}

/// The texts of a value: one, or one for each item of a list.
#[must_use]
pub fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.value().clone()],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::InlineTable(_) => Vec::new(),
        // As it stands there, without what the line says behind it.
        other => vec![other.clone().decorated("", "").to_string()],
    }
}

#[cfg(test)]
mod tests {
    use super::texts;

    #[test]
    fn texts_end_before_what_a_line_says_behind_its_value() {
        let file: toml_edit::DocumentMut =
            "a = 50   # as the database allows\nb = [1, 2.5]\nc = \"x\"".parse().unwrap();
        let of = |key: &str| texts(file[key].as_value().unwrap());
        assert_eq!(
            (of("a"), of("b"), of("c")),
            (vec!["50".to_owned()], vec!["1".to_owned(), "2.5".to_owned()], vec!["x".to_owned()])
        );
    }
}
