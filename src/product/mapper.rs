//! The mapper's way from a deployment.toml to the values that the templates print, step by step.

use crate::text::Parts as _;
use std::collections::BTreeMap;

use indexmap::{IndexMap, IndexSet};

use super::data::{Data, Map};
use super::hash::HashOrder;
use super::tables::{Tables, Validator};
use super::template::{RenderError, render};
use super::toml::{Flat, flat};
use crate::read::Damage;

/// What the mapper made of a file.
#[derive(Debug)]
pub struct Mapped {
    /// Every key with its value, defaults too, as the checks saw them.
    pub values: Map,
    /// What is not certain, and why.
    pub unjudged: Vec<Unjudged>,
    /// References to secrets that nothing resolves, though the mapper overlooks them: the key and the alias.
    pub overlooked: Vec<(String, String)>,
}

/// Something that cannot be told without the product running.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unjudged {
    /// The key; after other names were resolved.
    pub key: String,
    /// Why not.
    pub why: String,
}

/// Why the mapper stops. Keys are the product's own names: those that a written key may be another name for.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Refusal {
    /// The file is no TOML.
    #[error("{0}")]
    Syntax(Damage),
    /// TOML that the mapper's own reader cannot take.
    #[error("{message}")]
    Reader {
        /// The key or table.
        key: String,
        /// What is wrong.
        message: String,
    },
    /// A key whose name cannot be taken apart.
    #[error("the key `{0}` has a quote without its partner")]
    Name(String),
    /// A secret that is not declared.
    #[error("`{key}` refers to the secret `{alias}`, which [secrets] does not have")]
    Secret {
        /// The key.
        key: String,
        /// The alias.
        alias: String,
    },
    /// A secret that still is plain text.
    #[error("`{key}` refers to the secret `{alias}`, whose value in [secrets] is not encrypted yet")]
    PlainSecret {
        /// The key.
        key: String,
        /// The alias.
        alias: String,
    },
    /// An environment variable that is not set.
    #[error("`{key}` refers to the environment variable {name}, which is not set")]
    Environment {
        /// The key.
        key: String,
        /// The variable.
        name: String,
    },
    /// A reference to a key that is not there.
    #[error("`{keys}` refers to the key `{missing}`, which is not given and has no default")]
    Missing {
        /// The keys that refer to it, with commas.
        keys: String,
        /// The key that is missing.
        missing: String,
    },
    /// Keys that refer to each other.
    #[error("the keys {0} refer to each other in a circle")]
    Circle(String),
    /// A duration that is none.
    #[error("`{key}` is a duration: {message}")]
    Unit {
        /// The key.
        key: String,
        /// What is wrong.
        message: String,
    },
    /// A check that fails.
    #[error("`{key}`: {message}")]
    Invalid {
        /// The key.
        key: String,
        /// The product's own words, or what it wants.
        message: String,
    },
    /// A value that the check takes for a text.
    #[error("`{key}` must be a text, and is a {kind}")]
    NoText {
        /// The key.
        key: String,
        /// What it is.
        kind: &'static str,
    },
    /// A template that cannot print a value.
    #[error("the template of {file}, line {}: {error}", error.position.line)]
    Template {
        /// The file that it renders.
        file: String,
        /// What is impossible.
        error: RenderError,
    },
}

/// Takes a file through the mapper's steps up to its checks. `environment` gives the value of a variable.
pub fn map(tables: &Tables, text: &str, environment: &dyn Fn(&str) -> Option<String>) -> Result<Mapped, Refusal> {
    let Flat { values, secrets } = flat(text, tables.quoted_aliases)?;
    let mut order = HashOrder::of(values.len());
    let mut unjudged: Vec<Unjudged> = values
        .iter()
        .filter(|(_, value)| holds_code(value))
        .map(|(key, _)| Unjudged {
            key: key.clone(),
            why: "its value holds template code, which the product executes".to_owned(),
        })
        .collect();
    let values = rename(tables, &order.sorted(values));
    let mut values = infer(tables, order.sorted(values));
    for (key, value) in &tables.defaults {
        if !values.contains_key(key) {
            values.insert(key.clone(), copied(value));
        }
    }
    let mut values = order.sorted(values);
    let overlooked = check_secrets(&values, &secrets)?;
    note_system_properties(&values, &mut unjudged);
    for (key, value) in &mut values {
        *value = with_environment(key, value, environment)?;
    }
    resolve_references(&mut values)?;
    for (key, unit) in &tables.units {
        if let Some(value) = values.get_mut(key) {
            *value = in_unit(key, value, unit)?;
        }
    }
    for validator in &tables.validators {
        validate(validator, &values, &mut unjudged)?;
    }
    Ok(Mapped { values, unjudged, overlooked })
}

/// Renders every template that could be parsed: path and text. Those that could not are not judged.
pub fn render_all(tables: &Tables, values: &Map) -> Result<BTreeMap<String, String>, Refusal> {
    let tree = tree(values)?;
    let mut files = BTreeMap::new();
    for (file, template) in &tables.templates {
        if let Ok(blocks) = template {
            let text = render(blocks, &tree).map_err(|error| Refusal::Template { file: file.clone(), error })?;
            files.insert(file.clone(), text);
        }
    }
    Ok(files)
}

/// A list of its own: templates append to the lists that they are given.
fn copied(value: &Data) -> Data {
    match value {
        Data::List(items) => Data::list(items.borrow().iter().map(copied).collect()),
        other => other.clone(),
    }
}

fn holds_code(value: &Data) -> bool {
    match value {
        Data::Text(text) => text.contains("{{") || text.contains("{%"),
        Data::List(items) => items.borrow().iter().any(holds_code),
        Data::Map(map) => map.values().any(holds_code),
        _ => false,
    }
}

/// A key's other names: the product's own ones in its place, also in the tables of arrays (`a:b`).
fn rename(tables: &Tables, values: &Map) -> Map {
    let mut renamed = Map::new();
    for (key, value) in values {
        match tables.aliases.get(key) {
            Some(names) => names.iter().for_each(|name| {
                renamed.insert(name.clone(), value.clone());
            }),
            None => {
                renamed.insert(key.clone(), value.clone());
            }
        }
    }
    for (key, names) in &tables.aliases {
        let Some((array, field)) = key.split_once(':') else { continue };
        let Some(Data::List(entries)) = renamed.get(array) else { continue };
        for entry in entries.borrow_mut().iter_mut() {
            let Data::Map(map) = entry else { continue };
            let mut map = (**map).clone();
            if let Some(value) = map.shift_remove(field) {
                for name in names {
                    let name = name.split_once(':').map_or(name.as_str(), |(_, name)| name);
                    map.insert(name.to_owned(), value.clone());
                }
                *entry = Data::map(map);
            }
        }
    }
    renamed
}

/// What the values imply, below the values themselves.
fn infer(tables: &Tables, values: Map) -> Map {
    let mut inferred = Map::new();
    for (key, value) in &values {
        let Some((found, parts)) = inference_of(tables, key) else { continue };
        let Some(implied) = tables.inference[found].values.get(&value.shown()) else { continue };
        let fill = |text: &str| parts.iter().fold(text.to_owned(), |text, (mark, part)| text.replace(mark, part));
        let implied: Map = implied
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    Data::Text(text) => Data::text(fill(text)),
                    other => copied(other),
                };
                (fill(key), value)
            })
            .collect();
        infer_further(tables, &implied, &mut inferred, 0);
        inferred.extend(implied);
    }
    for value in inferred.values_mut() {
        // A whole number of the table loses its fraction here, and only here.
        if let Data::Float(number) = value
            && number.fract() == 0.0
            && let Ok(whole) = format!("{number:.0}").parse()
        {
            *value = Data::Integer(whole);
        }
    }
    inferred.extend(values);
    inferred
}

fn infer_further(tables: &Tables, implied: &Map, inferred: &mut Map, depth: usize) {
    // The tables have chains of two or three; a circle would never end in the product either.
    if depth > 20 {
        return;
    }
    for (key, value) in implied {
        let Some((found, _)) = inference_of(tables, key) else { continue };
        let Data::Text(value) = value else { continue };
        if let Some(further) = tables.inference[found].values.get(&**value) {
            inferred.extend(further.iter().map(|(key, value)| (key.clone(), copied(value))));
            infer_further(tables, further, inferred, depth + 1);
        }
    }
}

/// The row of infer.json for a key, and what its `$1` stand for.
fn inference_of<'a>(tables: &'a Tables, key: &str) -> Option<(usize, Vec<(&'a str, String)>)> {
    let exact = tables.inference.iter().position(|row| row.key == key);
    let found = exact.or_else(|| tables.inference.iter().position(|row| row.pattern.is_match(key)))?;
    let row = &tables.inference[found];
    let marks = row.key.split('.').zip(key.split('.'));
    let marks = marks.filter(|(mark, _)| mark.starts_with('$')).map(|(mark, part)| (mark, part.to_owned()));
    Some((found, marks.collect()))
}

/// The texts between `start` and the next `}`.
pub(super) fn references<'t>(text: &'t str, start: &str) -> Vec<&'t str> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(start) {
        let inside = rest.part(at + start.len()..);
        let Some(end) = inside.find('}') else { break };
        found.push(inside.part(..end));
        rest = inside.part(end..);
    }
    found
}

/// Looks up every `$secret{…}` as far as the mapper does: it stops looking once one is found.
fn check_secrets(values: &Map, secrets: &IndexMap<String, String>) -> Result<Vec<(String, String)>, Refusal> {
    let at_run_time = secrets.get("enable").is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let mut found = false;
    let mut overlooked = Vec::new();
    let mut check = |key: &str, value: &Data| -> Result<(), Refusal> {
        let Data::Text(text) = value else { return Ok(()) };
        let aliases = references(text, "$secret{");
        for alias in &aliases {
            let refusal = match secrets.get(*alias) {
                None if at_run_time => continue,
                None => Refusal::Secret { key: key.to_owned(), alias: (*alias).to_owned() },
                Some(value) if value.find('[').is_some_and(|at| value.part(at..).contains(']')) => {
                    Refusal::PlainSecret { key: key.to_owned(), alias: (*alias).to_owned() }
                }
                Some(_) => continue,
            };
            if !found {
                return Err(refusal);
            }
            if matches!(refusal, Refusal::Secret { .. }) {
                overlooked.push((key.to_owned(), (*alias).to_owned()));
            }
        }
        found |= !aliases.is_empty();
        Ok(())
    };
    for (key, value) in values {
        match value {
            Data::List(items) => {
                for item in items.borrow().iter() {
                    match item {
                        Data::Map(map) => map.values().try_for_each(|value| check(key, value))?,
                        item => check(key, item)?,
                    }
                }
            }
            value => check(key, value)?,
        }
    }
    Ok(overlooked)
}

fn note_system_properties(values: &Map, unjudged: &mut Vec<Unjudged>) {
    for (key, value) in values {
        let mut properties = Vec::new();
        texts(value, &mut |text| {
            properties.extend(references(text, "$sys{").into_iter().map(str::to_owned));
        });
        for property in properties {
            let why = format!("it depends on the Java property {property} of the server");
            unjudged.push(Unjudged { key: key.clone(), why });
        }
    }
}

fn texts(value: &Data, visit: &mut impl FnMut(&str)) {
    match value {
        Data::Text(text) => visit(text),
        Data::List(items) => items.borrow().iter().for_each(|item| texts(item, visit)),
        Data::Map(map) => map.values().for_each(|item| texts(item, visit)),
        _ => {}
    }
}

fn with_environment(key: &str, value: &Data, environment: &dyn Fn(&str) -> Option<String>) -> Result<Data, Refusal> {
    Ok(match value {
        Data::Text(text) if text.contains("$env{") => {
            let mut filled = text.to_string();
            for name in references(text, "$env{") {
                let found = environment(name)
                    .ok_or_else(|| Refusal::Environment { key: key.to_owned(), name: name.to_owned() })?;
                filled = filled.replace(&format!("$env{{{name}}}"), &found);
            }
            Data::text(filled)
        }
        Data::List(items) => Data::list(
            items.borrow().iter().map(|item| with_environment(key, item, environment)).collect::<Result<_, _>>()?,
        ),
        Data::Map(map) => Data::map(
            map.iter()
                .map(|(name, item)| Ok((name.clone(), with_environment(key, item, environment)?)))
                .collect::<Result<_, Refusal>>()?,
        ),
        other => other.clone(),
    })
}

/// Fills in `$ref{…}`, where it stands in a plain value or in a list of texts; in tables of arrays it stays.
fn resolve_references(values: &mut Map) -> Result<(), Refusal> {
    let mut waiting: IndexMap<String, IndexSet<String>> = IndexMap::new();
    let mut wanted: IndexMap<String, IndexSet<String>> = IndexMap::new();
    for (key, value) in values.iter() {
        let mut note = |text: &str| {
            for name in references(text, "$ref{") {
                waiting.entry(key.clone()).or_default().insert(name.to_owned());
                wanted.entry(name.to_owned()).or_default().insert(key.clone());
            }
        };
        match value {
            Data::Text(text) => note(text),
            Data::List(items) => items.borrow().iter().for_each(|item| {
                if let Data::Text(text) = item {
                    note(text);
                }
            }),
            _ => {}
        }
    }
    while !wanted.is_empty() {
        let ready: Vec<String> = wanted.keys().filter(|name| !waiting.contains_key(*name)).cloned().collect();
        if ready.is_empty() {
            let keys: Vec<_> = waiting.keys().map(String::as_str).collect();
            return Err(Refusal::Circle(keys.join(", ")));
        }
        for name in ready {
            let keys = wanted.shift_remove(&name).unwrap_or_default();
            let found = match values.get(&name) {
                None | Some(Data::Null) => {
                    let keys: Vec<_> = keys.iter().map(String::as_str).collect();
                    return Err(Refusal::Missing { keys: keys.join(", "), missing: name });
                }
                Some(found) => found.clone(),
            };
            let mark = format!("$ref{{{name}}}");
            for key in keys {
                let filled = match (&found, values.get(&key)) {
                    (Data::List(_) | Data::Boolean(_), _) => found.clone(),
                    (_, Some(Data::Text(text))) => Data::text(text.replace(&mark, &found.shown())),
                    (_, Some(Data::List(items))) => Data::list(
                        items
                            .borrow()
                            .iter()
                            .map(|item| match item {
                                Data::Text(text) => Ok(Data::text(text.replace(&mark, &found.shown()))),
                                // Another reference of the same text was a list: its items are taken for texts.
                                other => Err(Refusal::NoText { key: key.clone(), kind: other.kind() }),
                            })
                            .collect::<Result<_, _>>()?,
                    ),
                    _ => continue,
                };
                values.insert(key, filled);
            }
        }
        let known: IndexSet<String> = waiting.keys().cloned().collect();
        for names in waiting.values_mut() {
            names.retain(|name| known.contains(name));
        }
        waiting.retain(|_, names| !names.is_empty());
    }
    Ok(())
}

/// A duration in the unit that the product prints it in; a plain number is in that unit already.
fn in_unit(key: &str, value: &Data, unit: &str) -> Result<Data, Refusal> {
    let refusal = |message: String| Refusal::Unit { key: key.to_owned(), message };
    let text = match value {
        Data::Integer(_) | Data::Float(_) => return Ok(Data::text(value.shown())),
        Data::Text(text) => text,
        other => {
            return Err(refusal(format!("a number or a text with a unit is wanted, and it is a {}", other.kind())));
        }
    };
    let Some((number, own)) = duration(text) else {
        return Err(refusal("there is no number in its value".to_owned()));
    };
    if own.is_empty() {
        return Ok(value.clone());
    }
    let unknown = |unit: &str| refusal(format!("`{unit}` is no unit: ms, s, m, h or d"));
    let from = milliseconds(own).ok_or_else(|| unknown(own))?;
    let to = milliseconds(unit).ok_or_else(|| unknown(unit))?;
    let converted = number.saturating_mul(from) / to;
    if converted == 0 && number != 0 {
        return Err(refusal(format!("its value is less than one {unit}, the unit that the product prints it in")));
    }
    Ok(Data::text(converted.to_string()))
}

/// The first number in a text, without its fraction, and the word after it.
fn duration(text: &str) -> Option<(i64, &str)> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.part(start..);
    let whole = digits(rest);
    let fraction = rest.part(whole..).strip_prefix('.').map_or(0, digits);
    let end = if fraction == 0 { whole } else { whole + 1 + fraction };
    let word = rest.part(end..).trim_start();
    let length = word.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(word.len());
    Some((rest.part(..whole).parse().unwrap_or(i64::MAX), word.part(..length)))
}

fn milliseconds(unit: &str) -> Option<i64> {
    match unit {
        "ms" => Some(1),
        "s" => Some(1_000),
        "m" => Some(60_000),
        "h" => Some(3_600_000),
        "d" => Some(86_400_000),
        _ => None,
    }
}

fn validate(validator: &Validator, values: &Map, unjudged: &mut Vec<Unjudged>) -> Result<(), Refusal> {
    let holds = |(key, wanted): (&String, &Data)| {
        values.get(key).is_some_and(|found| match (found, wanted) {
            (Data::Text(found), Data::Text(wanted)) => found == wanted,
            (Data::Boolean(found), Data::Boolean(wanted)) => found == wanted,
            (Data::Float(found), Data::Float(wanted)) => found.to_bits() == wanted.to_bits(),
            _ => false,
        })
    };
    if !validator.when.iter().all(holds) {
        return Ok(());
    }
    let key = &validator.key;
    let text = |value: Option<&Data>| match value {
        None | Some(Data::Null) => Ok(String::new()),
        Some(Data::Text(text)) => Ok(text.to_string()),
        Some(other) => Err(Refusal::NoText { key: key.clone(), kind: other.kind() }),
    };
    let found = match key.split_once(':') {
        Some((array, field)) => match values.get(array) {
            Some(Data::List(entries)) => {
                let entries = entries.borrow();
                let fields = entries.iter().filter_map(|entry| match entry {
                    Data::Map(map) => Some(text(map.get(field))),
                    _ => None,
                });
                fields.collect::<Result<Vec<_>, _>>()?
            }
            _ => Vec::new(),
        },
        None => vec![text(values.get(key))?],
    };
    match &validator.matches {
        Some(Ok(pattern)) if found.iter().any(|value| !pattern.is_match(value)) => {
            let message = validator.message.clone().unwrap_or_else(|| {
                format!("its value must match {}", pattern.as_str().trim_start_matches('^').trim_end_matches('$'))
            });
            return Err(Refusal::Invalid { key: key.clone(), message });
        }
        Some(Ok(_)) | None => {}
        Some(Err(pattern)) => {
            let why = format!("the product checks it with `{pattern}`, which only Java understands");
            unjudged.push(Unjudged { key: key.clone(), why });
        }
    }
    Ok(())
}

/// The keys as tables in tables, which is how templates name them.
pub fn tree(values: &Map) -> Result<Map, Refusal> {
    let mut root = Branch::default();
    for (key, value) in values {
        root.insert(&parts(key)?, nested(value)?);
    }
    Ok(root.map())
}

/// A table that is still being filled.
#[derive(Default)]
struct Branch(IndexMap<String, Node>);

enum Node {
    Branch(Branch),
    Value(Data),
}

impl Branch {
    fn insert(&mut self, parts: &[String], value: Data) {
        match parts {
            [] => {}
            [name] => {
                self.0.insert(name.clone(), Node::Value(value));
            }
            [name, rest @ ..] => {
                let node = self.0.entry(name.clone()).or_insert_with(|| Node::Branch(Self::default()));
                match node {
                    Node::Branch(_) => {}
                    Node::Value(Data::Map(map)) => {
                        let entries = map.iter().map(|(name, value)| (name.clone(), Node::Value(value.clone())));
                        *node = Node::Branch(Self(entries.collect()));
                    }
                    // A table takes the place of a value of that name: the mapper says nothing.
                    Node::Value(_) => *node = Node::Branch(Self::default()),
                }
                if let Node::Branch(branch) = node {
                    branch.insert(rest, value);
                }
            }
        }
    }

    fn map(self) -> Map {
        let entries = self.0.into_iter().map(|(name, node)| {
            let value = match node {
                Node::Branch(branch) => Data::map(branch.map()),
                Node::Value(value) => value,
            };
            (name, value)
        });
        entries.collect()
    }
}

fn nested(value: &Data) -> Result<Data, Refusal> {
    Ok(match value {
        Data::List(items) => Data::list(
            items
                .borrow()
                .iter()
                .map(|item| match item {
                    Data::Map(map) => Ok(Data::map(tree(map)?)),
                    other => nested(other),
                })
                .collect::<Result<_, Refusal>>()?,
        ),
        other => other.clone(),
    })
}

/// The parts of a key: split at dots, quoted parts whole, empty parts left out.
fn parts(key: &str) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for (index, piece) in key.split('\'').enumerate() {
        if index % 2 == 1 {
            found.push(piece.to_owned());
        } else {
            found.extend(piece.split('.').filter(|part| !part.is_empty()).map(str::to_owned));
        }
    }
    if key.bytes().filter(|byte| *byte == b'\'').count() % 2 == 1 {
        return Err(Refusal::Name(key.to_owned()));
    }
    Ok(found)
}
