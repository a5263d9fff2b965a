//! The names that a product knows: those that its tables give and those that its templates ask for.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::data::Data;
use super::mapper::references;
use super::tables::Tables;
use super::template::{Binary, Block, Expression};
use crate::mapping::catalog::parts;

/// The names of keys, as the mapping tables write them: `a.b[].'c.d'`, with `<name>` for a part that is free.
#[derive(Debug, Default)]
pub struct Names {
    /// All of them, without those that are only the head of others.
    known: BTreeSet<String>,
    /// Those with a free part, by their parts.
    patterns: Vec<Vec<String>>,
}

impl Names {
    /// The names that `tables` know.
    #[must_use]
    pub fn of(tables: &Tables) -> Self {
        let mut found = BTreeSet::new();
        for (key, value) in &tables.defaults {
            add_value(key, value, &mut found);
        }
        for (key, names) in &tables.aliases {
            found.extend(std::iter::once(key).chain(names).map(|name| name.replacen(':', "[].", 1)));
        }
        for row in &tables.inference {
            let named = |key: &str| {
                let parts = parts(key).into_iter().map(|part| if part.starts_with('$') { "<name>" } else { part });
                parts.collect::<Vec<_>>().join(".")
            };
            found.insert(named(&row.key));
            for (key, value) in row.values.values().flatten() {
                found.insert(named(key));
                if let Data::Text(text) = value {
                    found.extend(references(text, "$ref{").into_iter().map(named));
                }
            }
        }
        found.extend(tables.units.keys().cloned());
        for validator in &tables.validators {
            found.insert(validator.key.replacen(':', "[].", 1));
            found.extend(validator.when.keys().cloned());
        }
        for blocks in tables.templates.values().flatten() {
            let mut scan = Scan { scopes: vec![IndexMap::new()], found: &mut found };
            scan.blocks(blocks);
        }
        // The mapper takes needless quotes off. A few names of its tables are written so that no file can say them.
        let can_be_said = |name: &String| !name.is_empty() && !name.contains(['"', ',', ' ']) && !name.contains("''");
        let found: BTreeSet<String> = found.iter().map(|name| plain(name)).filter(can_be_said).collect();
        let mut known = BTreeSet::new();
        for name in &found {
            let is_head = |mark: &str| {
                let head = format!("{name}{mark}");
                found.range(head.clone()..).next().is_some_and(|next| next.starts_with(&head))
            };
            if !(is_head(".") || is_head("[]")) {
                known.insert(name.clone());
            }
        }
        let patterns = known.iter().filter(|name| name.contains("<name>"));
        let patterns = patterns.map(|name| parts(name).into_iter().map(str::to_owned).collect()).collect();
        Self { known, patterns }
    }

    /// All names, in the order of the alphabet.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(String::as_str)
    }

    /// Whether a key is known: by its name, by a free part, or as the head of others.
    #[must_use]
    pub fn knows(&self, key: &str) -> bool {
        let key = plain(key);
        if self.known.contains(&key) {
            return true;
        }
        let is_head = |mark: &str| {
            let head = format!("{key}{mark}");
            self.known.range(head.clone()..).next().is_some_and(|next| next.starts_with(&head))
        };
        if is_head(".") || is_head("[]") {
            return true;
        }
        let wanted = parts(&key);
        // A free part stands for any one part, on either side.
        let fits = |name: &[&str]| {
            name.len() == wanted.len()
                && name.iter().zip(&wanted).all(|(part, found)| {
                    part == found || (is_free(part) || is_free(found)) && part.ends_with("[]") == found.ends_with("[]")
                })
        };
        self.patterns.iter().any(|pattern| fits(&pattern.iter().map(String::as_str).collect::<Vec<_>>()))
            || key.contains('<') && self.known.iter().any(|name| fits(&parts(name)))
    }
}

/// Whether a part of a name stands for any.
#[must_use]
pub fn is_free(part: &str) -> bool {
    part.starts_with('<') || part == "*"
}

/// A key without quotes around parts that need none.
fn plain(key: &str) -> String {
    let bare = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    let parts = parts(key).into_iter().map(|part| {
        let (name, mark) = part.strip_suffix("[]").map_or((part, ""), |name| (name, "[]"));
        let inner = name.strip_prefix('\'').and_then(|name| name.strip_suffix('\'')).filter(|inner| bare(inner));
        inner.unwrap_or(name).to_owned() + mark
    });
    parts.collect::<Vec<_>>().join(".")
}

fn add_value(key: &str, value: &Data, found: &mut BTreeSet<String>) {
    match value {
        Data::List(items) if items.borrow().iter().any(|item| matches!(item, Data::Map(_))) => {
            for item in items.borrow().iter() {
                let Data::Map(map) = item else { continue };
                map.iter().for_each(|(name, value)| add_value(&format!("{key}[].{name}"), value, found));
            }
        }
        _ => {
            found.insert(key.to_owned());
        }
    }
}

/// What a name in a template stands for: keys, if it is of the file at all.
type Meaning = Vec<String>;

struct Scan<'s> {
    scopes: Vec<IndexMap<String, Meaning>>,
    found: &'s mut BTreeSet<String>,
}

impl Scan<'_> {
    fn blocks(&mut self, blocks: &[Block]) {
        for block in blocks {
            match block {
                Block::Text(_) => {}
                Block::Output(_, value) | Block::Do(_, value) => self.uses(value),
                Block::If(branches, otherwise) => {
                    for (_, condition, body) in branches {
                        self.uses(condition);
                        self.blocks(body);
                    }
                    self.blocks(otherwise);
                }
                Block::For(_, names, list, body) => {
                    self.uses(list);
                    let meanings = self.meaning(list);
                    let entries = matches!(list, Expression::Method(_, method, _) if method == "items");
                    let mut scope = IndexMap::from([("loop".to_owned(), Vec::new())]);
                    for (index, name) in names.iter().enumerate() {
                        let inside = meanings.iter().filter(|_| index + 1 == names.len());
                        let mark = if entries { ".<name>" } else { "[]" };
                        scope.insert(name.clone(), inside.map(|meaning| format!("{meaning}{mark}")).collect());
                    }
                    self.scopes.push(scope);
                    self.blocks(body);
                    self.scopes.pop();
                }
                Block::Set(_, name, value) => {
                    self.uses(value);
                    let meaning = self.meaning(value);
                    if let Some(scope) = self.scopes.last_mut() {
                        scope.insert(name.clone(), meaning);
                    }
                }
                Block::Macro(_, parameters, body) => {
                    self.scopes.push(parameters.iter().map(|name| (name.clone(), Vec::new())).collect());
                    self.blocks(body);
                    self.scopes.pop();
                }
            }
        }
    }

    /// The keys that an expression may stand for.
    fn meaning(&self, expression: &Expression) -> Meaning {
        let below = |base: &Expression, part: &str| -> Meaning {
            self.meaning(base).iter().map(|meaning| format!("{meaning}.{part}")).collect()
        };
        match expression {
            Expression::Name(name) => {
                let local = self.scopes.iter().rev().find_map(|scope| scope.get(name));
                local.cloned().unwrap_or_else(|| vec![name.clone()])
            }
            Expression::Attribute(base, name) => below(base, name),
            Expression::Index(base, index) => match &**index {
                Expression::Text(name) => below(base, &format!("'{name}'")),
                Expression::Integer(_) => self.meaning(base),
                _ => below(base, "<name>"),
            },
            Expression::Method(base, ..) | Expression::Filter(base, ..) => self.meaning(base),
            Expression::Binary(Binary::Plus | Binary::Or, left, right) => {
                self.meaning(left).into_iter().chain(self.meaning(right)).collect()
            }
            Expression::Choice(value, _, otherwise) => {
                let otherwise = otherwise.iter().flat_map(|otherwise| self.meaning(otherwise));
                self.meaning(value).into_iter().chain(otherwise).collect()
            }
            _ => Vec::new(),
        }
    }

    fn use_all<'e>(&mut self, expressions: impl IntoIterator<Item = &'e Expression>) {
        for expression in expressions {
            self.uses(expression);
        }
    }

    /// Notes the keys that an expression asks for.
    fn uses(&mut self, expression: &Expression) {
        match expression {
            Expression::Name(_) | Expression::Attribute(..) => {
                let meaning = self.meaning(expression);
                self.found.extend(meaning.iter().map(|name| name.trim_end_matches("[]").to_owned()));
            }
            Expression::Index(base, index) => {
                let meaning = self.meaning(expression);
                self.found.extend(meaning.iter().map(|name| name.trim_end_matches("[]").to_owned()));
                self.uses(base);
                self.uses(index);
            }
            // A list that a template fills is its own.
            Expression::Method(base, method, arguments)
                if method == "append" && matches!(**base, Expression::Name(_)) =>
            {
                self.use_all(arguments);
            }
            Expression::Method(base, _, arguments) | Expression::Filter(base, _, arguments) => {
                self.uses(base);
                self.use_all(arguments);
            }
            Expression::Call(_, items) | Expression::List(items) => self.use_all(items),
            Expression::Test(base, _, argument) => {
                self.uses(base);
                self.use_all(argument.as_deref());
            }
            Expression::Not(inner) => self.uses(inner),
            Expression::Binary(_, left, right) => {
                self.uses(left);
                self.uses(right);
            }
            Expression::Choice(value, condition, otherwise) => {
                self.uses(value);
                self.uses(condition);
                self.use_all(otherwise.as_deref());
            }
            Expression::Text(_) | Expression::Integer(_) | Expression::Boolean(_) | Expression::EmptyMap => {}
        }
    }
}
