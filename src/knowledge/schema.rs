//! `catalog schema`: a JSON Schema of deployment.toml for one target and profile, for editors.
//!
//! A draft-07 schema, which the TOML language servers read. What the mapper ignores is not allowed, what stops it is
//! not allowed, and what it needs is required; texts may hold references (`$ref{}`, `$secret{}`, `$env{}`) anywhere.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::on_profile;
use crate::mapping::catalog::{Acceptance, Catalog, Key, Kind, parts};
use crate::mapping::measured::Measured;
use crate::role::Profile;
use crate::version::{Target, Version};

/// A table of the file, or a value in it.
#[derive(Default)]
struct Node<'c> {
    key: Option<&'c Key>,
    /// It is an array of tables.
    repeats: bool,
    named: BTreeMap<String, Node<'c>>,
    /// What stands under a name that is free.
    free: Option<Box<Node<'c>>>,
}

/// The schema.
#[must_use]
pub fn schema(catalog: &Catalog, target: Target, profile: Profile) -> Value {
    let newest = target.measured().last().copied().unwrap_or(Version::new(4, 6));
    let mut root = Node::default();
    for key in catalog.all_keys() {
        if catalog.acceptance(key.name, target) == Acceptance::Read && on_profile(catalog, key.name, profile, newest) {
            root.insert(&parts(key.name), key);
        }
    }
    let shown = Shown { catalog, target, profile, newest };
    let mut schema = shown.table(&root);
    let Value::Object(fields) = &mut schema else { return schema };
    let properties = fields.get_mut("properties").and_then(Value::as_object_mut);
    if let Some(properties) = properties {
        properties.insert("secrets".to_owned(), json!({
            "type": "object",
            "description": "The aliases that `$secret{alias}` refers to: cipher text, or plain text in brackets before the cipher tool ran.",
            "additionalProperties": { "type": "string" },
        }));
        for (table, keys) in required(target) {
            require(properties, table, keys);
        }
    }
    fields.insert("required".to_owned(), json!(["server", "super_admin", "user_store", "database"]));
    let mut out = Map::new();
    out.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    out.insert("title".to_owned(), json!(format!("deployment.toml of a {profile} node of WSO2 API Manager {target}")));
    out.append(fields);
    Value::Object(out)
}

/// What the mapper does not start without.
fn required(target: Target) -> Vec<(&'static str, &'static [&'static str])> {
    let mut out: Vec<(&str, &[&str])> = vec![("super_admin", &["username", "password"]), ("database", &["shared_db"])];
    if target.measured().iter().any(|version| *version >= Version::new(4, 2)) {
        out.push(("server", &["hostname"]));
    }
    out
}

fn require(properties: &mut Map<String, Value>, table: &str, keys: &[&str]) {
    if let Some(Value::Object(table)) = properties.get_mut(table) {
        table.insert("required".to_owned(), json!(keys));
    }
}

impl<'c> Node<'c> {
    fn insert(&mut self, parts: &[&str], key: &'c Key) {
        let [first, rest @ ..] = parts else {
            self.key = Some(key);
            return;
        };
        let repeats = first.ends_with("[]");
        let name = first.trim_end_matches("[]").trim_matches('\'');
        let child = if name.contains(['<', '*']) {
            self.free.get_or_insert_default()
        } else {
            self.named.entry(name.to_owned()).or_default()
        };
        child.repeats |= repeats;
        child.insert(rest, key);
    }

    fn is_leaf(&self) -> bool {
        self.named.is_empty() && self.free.is_none()
    }
}

/// What is needed to show a node.
struct Shown<'c> {
    catalog: &'c Catalog,
    target: Target,
    profile: Profile,
    newest: Version,
}

impl Shown<'_> {
    fn node(&self, node: &Node<'_>) -> Value {
        let value = node.key.filter(|key| key.kind != Kind::Table).map(|key| self.value(key));
        let inner = match value {
            Some(value) if node.is_leaf() => value,
            // A table that may also be given as one value.
            Some(value) => json!({ "anyOf": [value, self.table(node)] }),
            None => self.table(node),
        };
        if node.repeats { json!({ "type": "array", "items": inner }) } else { inner }
    }

    fn table(&self, node: &Node<'_>) -> Value {
        let properties: Map<String, Value> =
            node.named.iter().map(|(name, child)| (name.clone(), self.node(child))).collect();
        let mut table = Map::new();
        table.insert("type".to_owned(), json!("object"));
        if let Some(row) = node.key.and_then(|key| self.catalog.profiles_of(key.name)) {
            table.insert("description".to_owned(), json!(row.why));
        }
        if !properties.is_empty() {
            table.insert("properties".to_owned(), Value::Object(properties));
        }
        // A table without known keys takes what it gets.
        let free = match &node.free {
            Some(free) => self.node(free),
            None => json!(node.is_leaf()),
        };
        table.insert("additionalProperties".to_owned(), free);
        Value::Object(table)
    }

    /// What a key takes: what stops the mapper is left out.
    fn value(&self, key: &Key) -> Value {
        let mut out = Map::new();
        let fails = |kind: &str| key.fails_with.split(", ").any(|known| known == kind);
        let reference = json!({ "type": "string", "pattern": "\\$" });
        match key.kind {
            Kind::Boolean if fails("string") || self.wants_boolean(key) => {
                out.insert("type".to_owned(), json!("boolean"));
            }
            Kind::Boolean => {
                out.insert("type".to_owned(), json!(["boolean", "string"]));
            }
            Kind::Integer => {
                out.insert("type".to_owned(), json!(["integer", "string"]));
            }
            Kind::Duration => {
                let text = json!({ "type": "string", "pattern": "^\\s*-?[0-9]+\\s*(ms|s|m|h|d)?\\s*$" });
                out.insert("anyOf".to_owned(), json!([{ "type": "integer" }, text, reference]));
            }
            Kind::List => {
                let items = json!({ "type": ["string", "integer", "boolean"] });
                let list = json!({ "type": "array", "items": items });
                let other = json!({ "type": ["string", "integer", "boolean"] });
                if fails("string") {
                    out.append(&mut list.as_object().cloned().unwrap_or_default());
                } else {
                    out.insert("anyOf".to_owned(), json!([list, other]));
                }
            }
            Kind::Text | Kind::Table => self.text(key, &reference, &mut out),
        }
        self.describe(key, &mut out);
        Value::Object(out)
    }

    fn text(&self, key: &Key, reference: &Value, out: &mut Map<String, Value>) {
        let choices = self.choices(key);
        if choices.is_empty() {
            let fails = |kind: &str| key.fails_with.split(", ").any(|known| known == kind);
            let kinds = [("string", "string"), ("integer", "integer"), ("float", "number"), ("boolean", "boolean")];
            let mut taken: Vec<&str> = kinds.iter().filter(|(fact, _)| !fails(fact)).map(|(_, kind)| *kind).collect();
            if taken.contains(&"number") && !taken.contains(&"integer") {
                taken.retain(|kind| *kind != "number");
            }
            // Most lists in the place of a text are printed in brackets, which nobody means: only names in the plural
            // and defaults with commas speak of lists.
            let plural = key.name.trim_end_matches(['\'', ']', '[']).ends_with('s');
            let several = plural || key.default(self.newest).contains(',');
            if !taken.is_empty() && several && !fails("array of strings") {
                taken.push("array");
            }
            if taken.is_empty() {
                taken = vec!["object", "array"];
            }
            out.insert("type".to_owned(), json!(taken));
        } else {
            out.insert("anyOf".to_owned(), json!([{ "enum": choices }, reference]));
        }
    }

    /// The words that the product's rules tell apart, if these are all.
    fn choices(&self, key: &Key) -> Vec<&'static str> {
        let notes = Measured::built_in().notes(key.name).iter().filter(|note| note.versions.has(self.newest));
        let list = notes.filter_map(|note| note.text.strip_prefix("takes (")?.strip_suffix(')')).next_back();
        let mut words: Vec<&str> = list.map_or_else(Vec::new, |list| list.split(" | ").collect());
        let open = words.iter().any(|word| word.contains("..."));
        words.retain(|word| !word.contains("..."));
        // Other words are taken too, unless the mapper stops at any other text.
        let fixed = key.fails_with.split(", ").any(|kind| kind == "string");
        if open && !fixed { Vec::new() } else { words }
    }

    fn wants_boolean(&self, key: &Key) -> bool {
        let mut notes = Measured::built_in().notes(key.name).iter();
        notes.any(|note| note.versions.has(self.newest) && note.text.starts_with("must be a TOML boolean"))
    }

    /// What editors show beside a key.
    fn describe(&self, key: &Key, out: &mut Map<String, Value>) {
        let mut said = Vec::new();
        let places: Vec<_> =
            Measured::built_in().places(key.name).iter().filter(|place| place.versions.has(self.newest)).collect();
        if let Some(place) = places.first() {
            let more = if places.len() > 1 { format!(" and {} more", places.len() - 1) } else { String::new() };
            said.push(format!("Drives {} of {}{more}.", place.place, place.file));
        }
        if let Some(row) = self.catalog.profiles_of(key.name) {
            said.push(format!("On this profile: {}.", row.why));
        }
        if !said.is_empty() {
            out.insert("description".to_owned(), json!(said.join(" ")));
        }
        let defaults = self.catalog.defaults(key.name, self.target, self.profile);
        let Some(default) = defaults.last().filter(|text| !text.is_empty()) else { return };
        if crate::secret::is_secret_name(key.name) || defaults.iter().any(|other| other != default) {
            return;
        }
        let default = match key.kind {
            Kind::Boolean => default.parse::<bool>().map_or_else(|_| json!(default), |value| json!(value)),
            Kind::Integer | Kind::Duration => {
                default.parse::<i64>().map_or_else(|_| json!(default), |value| json!(value))
            }
            Kind::List => json!(crate::mapping::catalog::items(default)),
            Kind::Text | Kind::Table => json!(default),
        };
        out.insert("default".to_owned(), default);
    }
}
