//! The product's tables, read without Java, against its own mapper: every key of the catalog with values of every type.
//! Where the tables say that the product refuses, it must refuse; where they say that it takes, it must take; and what
//! both render must be the same, but for white space.

use std::sync::Arc;

use apim_migrate::mapping::catalog::{Catalog, parts};
use apim_migrate::verify::Product;
use apim_migrate::verify::fixed::Fixed;
use apim_migrate::verify::java::Java;
use apim_migrate::verify::mapper::{Environment, Files, Running};
use libtest_mimic::{Failed, Trial};
use toml::{Table, Value};

use super::products::Release;

/// One test for each product; without one it stands there by name, ignored.
pub fn trials(releases: &[Arc<Release>]) -> Vec<Trial> {
    if releases.is_empty() {
        let name = "no-product::static::agrees_on_every_key_and_type";
        return vec![Trial::test(name, || Ok(())).with_ignored_flag(true)];
    }
    let products = releases.iter().flat_map(|release| release.products.clone());
    let mut trials = Vec::new();
    for product in products {
        let name = product.name.clone();
        trials.push(Trial::test(format!("static::agrees_on_every_key_and_type::{name}"), move || agrees(&product)));
    }
    trials
}

/// A value of each type, as the measured traps tell types apart.
fn values() -> Vec<(&'static str, Value)> {
    let text = |text: &str| Value::String(text.to_owned());
    let table = || Value::Table(Table::from_iter([("k".to_owned(), text("v"))]));
    vec![
        ("string", text("zz")),
        ("integer", Value::Integer(7)),
        ("float", Value::Float(2.5)),
        ("boolean true", Value::Boolean(true)),
        ("boolean false", Value::Boolean(false)),
        ("array of strings", Value::Array(vec![text("a"), text("b")])),
        ("table", table()),
        ("array of tables", Value::Array(vec![table()])),
        ("string holding a number", text("12")),
        ("string holding a duration", text("5m")),
        ("string holding host:port", text("localhost:9443")),
        ("empty string", text("")),
        ("empty array", Value::Array(Vec::new())),
    ]
}

/// How many keys share a file: those of one table never do.
const TOGETHER: usize = 48;

struct Both<'p> {
    base: Table,
    fixed: Fixed,
    running: Running,
    product: &'p Product,
    different: Vec<String>,
}

fn agrees(product: &Product) -> Result<(), Failed> {
    let environment = Environment::default();
    let mut both = Both {
        base: base(product)?,
        fixed: Fixed::open(product, &environment)?,
        running: Running::start(product, &Java::find()?, &environment)?,
        product,
        different: Vec::new(),
    };
    both.same_files()?;
    let catalog = Catalog::built_in();
    let keys: Vec<&str> = catalog.all_keys().map(|key| key.name).collect();
    for (kind, value) in values() {
        for group in groups(&keys) {
            both.compare(&group, kind, &value)?;
        }
    }
    let different = both.different;
    if different.is_empty() { Ok(()) } else { Err(format!("{}:\n{}", product.name, different.join("\n")).into()) }
}

/// The product's own file, with what its newer versions do not do without.
fn base(product: &Product) -> Result<Table, Failed> {
    let text = std::fs::read_to_string(product.home.join("repository/conf/deployment.toml"))?;
    let mut base: Table = toml::from_str(&text)?;
    let server = base.entry("server").or_insert_with(|| Value::Table(Table::new()));
    if let Some(server) = server.as_table_mut() {
        server.entry("hostname").or_insert_with(|| Value::String("localhost".to_owned()));
    }
    Ok(base)
}

/// Keys that can stand in one file: no two of one table.
fn groups<'k>(keys: &[&'k str]) -> Vec<Vec<&'k str>> {
    let head = |key: &str| parts(key).into_iter().take(2).map(|part| part.replace("[]", "")).collect::<Vec<_>>();
    let mut groups: Vec<(Vec<Vec<String>>, Vec<&str>)> = Vec::new();
    for key in keys {
        let mine = head(key);
        let clash = |other: &Vec<String>| mine.starts_with(other) || other.starts_with(&mine);
        match groups.iter_mut().find(|(heads, group)| group.len() < TOGETHER && !heads.iter().any(clash)) {
            Some((heads, group)) => {
                heads.push(mine);
                group.push(key);
            }
            None => groups.push((vec![mine], vec![key])),
        }
    }
    groups.into_iter().map(|(_, group)| group).collect()
}

impl Both<'_> {
    fn file(&self, keys: &[&str], value: &Value) -> Result<String, Failed> {
        let mut file = self.base.clone();
        for key in keys {
            let names: Vec<String> = parts(key).into_iter().map(name).collect();
            put(&mut file, &names, value);
        }
        Ok(toml::to_string(&file)?)
    }

    /// Whether the tables say that the product takes a file.
    fn taken(&self, keys: &[&str], value: &Value) -> Result<bool, Failed> {
        Ok(self.fixed.render(&self.file(keys, value)?).is_ok())
    }

    fn compare(&mut self, keys: &[&str], kind: &str, value: &Value) -> Result<(), Failed> {
        let mut refused = Vec::new();
        self.refused(keys, value, &mut refused)?;
        let taken: Vec<&str> = keys.iter().copied().filter(|key| !refused.contains(key)).collect();
        self.must_be_taken(&taken, kind, value)?;
        for key in refused {
            let file = self.file(&[key], value)?;
            if self.running.render(&file)?.is_ok() {
                let said = self.fixed.render(&file).err().map(|refusal| refusal.said).unwrap_or_default();
                self.different.push(format!("{key} ({kind}): the mapper takes it, and the tables say: {said}"));
            }
        }
        Ok(())
    }

    /// The keys with which the tables say that the product refuses the file.
    fn refused<'k>(&self, keys: &[&'k str], value: &Value, found: &mut Vec<&'k str>) -> Result<(), Failed> {
        if keys.is_empty() || self.taken(keys, value)? {
            return Ok(());
        }
        match keys {
            [key] => found.push(key),
            keys => {
                let (first, second) = keys.split_at(keys.len() / 2);
                self.refused(first, value, found)?;
                self.refused(second, value, found)?;
            }
        }
        Ok(())
    }

    fn must_be_taken(&mut self, keys: &[&str], kind: &str, value: &Value) -> Result<(), Failed> {
        let file = self.file(keys, value)?;
        match self.running.render(&file)? {
            Ok(files) => {
                let ours = self.fixed.render(&file).map_err(|refusal| refusal.said)?;
                if let Some(difference) = difference(&files, &ours) {
                    self.different.push(format!("{kind} for {}: {difference}", keys.join(", ")));
                }
            }
            Err(refusal) if keys.len() == 1 => {
                let words = refusal.words();
                self.different.push(format!("{} ({kind}): the tables take it, and the mapper says: {words}", keys[0]));
            }
            Err(_) if keys.is_empty() => return Err("the product refuses its own file".into()),
            Err(_) => {
                let (first, second) = keys.split_at(keys.len() / 2);
                self.must_be_taken(first, kind, value)?;
                self.must_be_taken(second, kind, value)?;
            }
        }
        Ok(())
    }

    /// The product's own file, rendered by both.
    fn same_files(&mut self) -> Result<(), Failed> {
        let file = toml::to_string(&self.base)?;
        let theirs = self.running.render(&file)?.map_err(|refusal| refusal.words())?;
        let ours = self.fixed.render(&file).map_err(|refusal| refusal.said)?;
        match difference(&theirs, &ours) {
            Some(difference) => Err(format!("{}: its own file: {difference}", self.product.name).into()),
            None => Ok(()),
        }
    }
}

/// The first place where the rendered files differ in more than white space.
fn difference(theirs: &Files, ours: &Files) -> Option<String> {
    for (file, text) in theirs {
        let Some(own) = ours.get(file) else { return Some(format!("{file} is not rendered by the tables")) };
        let mut own = own.split_whitespace();
        for word in text.split_whitespace() {
            let found = own.next().unwrap_or("nothing");
            // What Java prints of a list that it was never meant to print is the list's address.
            if found != word && !word.contains("[Ljava.lang.String;@") {
                return Some(format!("{file}: the mapper prints `{word}`, the tables `{found}`"));
            }
        }
    }
    ours.keys().find(|file| !theirs.contains_key(*file)).map(|file| format!("{file} is rendered by the tables alone"))
}

fn name(part: &str) -> String {
    let (part, mark) = part.strip_suffix("[]").map_or((part, ""), |part| (part, "[]"));
    let free = part.starts_with('<') || part == "*";
    let plain = if free { "nm" } else { part.trim_matches('\'') };
    format!("{plain}{mark}")
}

fn put(table: &mut Table, names: &[String], value: &Value) {
    let Some((name, rest)) = names.split_first() else { return };
    let (name, array) = name.strip_suffix("[]").map_or((name.as_str(), false), |name| (name, true));
    if rest.is_empty() {
        let value = if array { Value::Array(vec![value.clone()]) } else { value.clone() };
        table.insert(name.to_owned(), value);
        return;
    }
    let entry = table.entry(name).or_insert_with(|| Value::Table(Table::new()));
    let inner = if array {
        if !entry.as_array().and_then(|items| items.first()).is_some_and(Value::is_table) {
            *entry = Value::Array(vec![Value::Table(Table::new())]);
        }
        entry.as_array_mut().and_then(|items| items.first_mut())
    } else {
        if !entry.is_table() {
            *entry = Value::Table(Table::new());
        }
        Some(entry)
    };
    if let Some(inner) = inner.and_then(Value::as_table_mut) {
        put(inner, rest, value);
    }
}
