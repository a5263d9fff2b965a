//! The tables and templates that a product brings: `repository/resources/conf`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use indexmap::IndexMap;
use regex::Regex;

use super::data::{Data, Map};
use super::template::{Block, ParseError, parse};
use crate::source::Place;
use crate::version::Version;

/// Why a product's tables cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum TablesError {
    /// A file or folder that cannot be read.
    #[error("{}: {source}; --product wants the home of an unpacked API-M 4.x", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A table that is not what the mapper reads.
    #[error("{place}: {message}")]
    Malformed {
        /// Where.
        place: Place,
        /// What is wrong.
        message: String,
    },
}

/// What a product brings.
#[derive(Debug, Default)]
pub struct Tables {
    /// `default.json`: what holds where nothing is said, in the order of the file.
    pub defaults: Map,
    /// `key-mappings.json`: a key, and the keys that it is another name for.
    pub aliases: IndexMap<String, Vec<String>>,
    /// `infer.json`: what a key's value implies.
    pub inference: Vec<Inference>,
    /// `unit-resolve.json`: keys that are durations, and the unit that each is printed in.
    pub units: IndexMap<String, String>,
    /// `validator.json`: what a key must look like.
    pub validators: Vec<Validator>,
    /// The templates, by the path of the rendered file.
    pub templates: BTreeMap<String, Template>,
    /// An alias in quotes below `[secrets]` is found under its plain name.
    pub quoted_aliases: bool,
}

/// What one key's values imply.
#[derive(Debug)]
pub struct Inference {
    /// The key, with `$1` for a part that is free.
    pub key: String,
    /// What matches such a key.
    pub pattern: Regex,
    /// By value, the keys and values that follow.
    pub values: IndexMap<String, Map>,
}

/// A check on a key.
#[derive(Debug)]
pub struct Validator {
    /// The key; `a:b` is the field `b` of each table of the array `a`.
    pub key: String,
    /// Other keys and the values that they must have for the check to be made.
    pub when: Map,
    /// What the whole value must match; none only wants a text.
    pub matches: Option<Result<Regex, String>>,
    /// What the mapper says where it does not match.
    pub message: Option<String>,
}

/// A template, parsed, or why it is not.
pub type Template = Result<Vec<Block>, ParseError>;

impl Tables {
    /// The tables of that version of the product, whose mapper reads some things otherwise.
    #[must_use]
    pub fn of_version(self, version: Option<Version>) -> Self {
        // Tried on 4.1.0 and 4.4.0; the facts say of 4.0.0 to 4.2.0 that they refuse it, of 4.3.0 that it takes it.
        Self { quoted_aliases: version.is_none_or(|version| version >= Version::new(4, 3)), ..self }
    }

    /// Reads the tables in `folder`, as the newest mapper would.
    pub fn read(folder: &Path) -> Result<Self, TablesError> {
        let table = |name: &str| Table::read(&folder.join(name), name);
        let mut tables = Self { defaults: table("default.json")?.map(), quoted_aliases: true, ..Self::default() };
        let aliases = table("key-mappings.json")?;
        for (key, value) in &aliases.entries {
            let names = match value {
                serde_json::Value::String(name) => Some(vec![name.clone()]),
                serde_json::Value::Array(names) => {
                    names.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>()
                }
                _ => None,
            };
            let names = names.ok_or_else(|| aliases.malformed(key, "a key or a list of keys"))?;
            tables.aliases.insert(key.clone(), names);
        }
        let inference = table("infer.json")?;
        for (key, value) in &inference.entries {
            let wanted = || inference.malformed(key, "a table of values, each with a table of keys");
            let mut values = IndexMap::new();
            for (value, implied) in value.as_object().ok_or_else(wanted)? {
                let implied = implied.as_object().ok_or_else(wanted)?;
                values.insert(value.clone(), implied.iter().map(|(key, value)| (key.clone(), data(value))).collect());
            }
            let pattern = key_pattern(key).ok_or_else(wanted)?;
            tables.inference.push(Inference { key: key.clone(), pattern, values });
        }
        let units = table("unit-resolve.json")?;
        if let Some(time) = units.entries.get("time") {
            let wanted = || units.malformed("time", "a table of keys and units");
            for (key, unit) in time.as_object().ok_or_else(wanted)? {
                tables.units.insert(key.clone(), unit.as_str().ok_or_else(wanted)?.to_owned());
            }
        }
        let validators = table("validator.json")?;
        for (key, rules) in &validators.entries {
            let wanted = || validators.malformed(key, "a list of checks");
            for rule in rules.as_array().ok_or_else(wanted)? {
                let text = |field: &str| rule.get(field).and_then(serde_json::Value::as_str).map(str::to_owned);
                let when = rule.get("if").and_then(serde_json::Value::as_object);
                tables.validators.push(Validator {
                    key: key.clone(),
                    when: when.into_iter().flatten().map(|(key, value)| (key.clone(), data(value))).collect(),
                    matches: text("regex").map(|regex| whole(&regex).ok_or(regex)),
                    message: text("error_message"),
                });
            }
        }
        let templates = folder.join("templates");
        tables.read_templates(&templates, &templates)?;
        Ok(tables)
    }

    fn read_templates(&mut self, root: &Path, folder: &Path) -> Result<(), TablesError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| TablesError::Io { path, source }
        };
        for entry in std::fs::read_dir(folder).map_err(io(folder))? {
            let path = entry.map_err(io(folder))?.path();
            if path.is_dir() {
                self.read_templates(root, &path)?;
            } else if path.extension().is_some_and(|extension| extension == "j2") {
                let text = std::fs::read(&path).map_err(io(&path))?;
                let name = path.strip_prefix(root).unwrap_or(&path).with_extension("");
                let name: Vec<_> = name.components().map(|part| part.as_os_str().to_string_lossy()).collect();
                self.templates.insert(name.join("/"), parse(&String::from_utf8_lossy(&text)));
            }
        }
        Ok(())
    }
}

/// One JSON file.
struct Table {
    name: String,
    entries: serde_json::Map<String, serde_json::Value>,
}

impl Table {
    fn read(path: &Path, name: &str) -> Result<Self, TablesError> {
        let text = std::fs::read_to_string(path).map_err(|source| TablesError::Io { path: path.to_owned(), source })?;
        let entries = serde_json::from_str(&text).map_err(|error| TablesError::Malformed {
            place: Place { file: name.to_owned(), line: error.line() as u32, column: error.column() as u32 },
            message: format!("{error}: the product's mapper reads JSON here"),
        })?;
        Ok(Self { name: name.to_owned(), entries })
    }

    fn map(self) -> Map {
        self.entries.iter().map(|(key, value)| (key.clone(), data(value))).collect()
    }

    fn malformed(&self, key: &str, wanted: &str) -> TablesError {
        TablesError::Malformed { place: Place::file(&self.name), message: format!("`{key}`: expected {wanted}") }
    }
}

/// A JSON value as the mapper's reader has it: every number is a float.
#[must_use]
pub fn data(value: &serde_json::Value) -> Data {
    match value {
        serde_json::Value::Null => Data::Null,
        serde_json::Value::Bool(value) => Data::Boolean(*value),
        serde_json::Value::Number(number) => Data::Float(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => Data::text(text),
        serde_json::Value::Array(items) => Data::list(items.iter().map(data).collect()),
        serde_json::Value::Object(map) => {
            Data::map(map.iter().map(|(key, value)| (key.clone(), data(value))).collect())
        }
    }
}

/// What a key of infer.json matches: a `$1` stands for one word.
fn key_pattern(key: &str) -> Option<Regex> {
    let number = Regex::new(r"\$[0-9]+").ok()?;
    whole(&number.replace_all(key, "[0-9A-Za-z_]+"))
}

/// A pattern of the tables for the whole of a text; none where it cannot be said here as Java says it.
fn whole(pattern: &str) -> Option<Regex> {
    Regex::new(&format!("^(?:{})$", pattern.replace(r"\Z", r"\z"))).ok()
}
