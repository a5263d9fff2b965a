//! The product's mapper without Java: its tables and templates, read here (module [`product`]).

use super::Product;
use super::edit::{Written, WrittenKey};
use super::mapper::{DUMMY, Environment, Files, Refusal};
use super::model::{Complaint, Fault};
use crate::mapping::catalog::without_indexes;
use crate::mapping::nearest::nearest;
use crate::product::names::Names;
use crate::product::{self, Mapped, Tables, TablesError, mapper};

/// A product's tables, and the names that they know.
#[derive(Debug)]
pub struct Fixed {
    tables: Tables,
    names: Names,
    environment: Environment,
}

impl Fixed {
    /// Reads the product's tables and templates.
    pub fn open(product: &Product, environment: &Environment) -> Result<Self, TablesError> {
        let tables = Tables::read(&product.resources())?.of_version(product.version);
        let names = Names::of(&tables);
        Ok(Self { tables, names, environment: environment.clone() })
    }

    /// Renders a node's file, or tells why the product would refuse it.
    pub fn render(&self, toml: &str) -> Result<Files, Refusal> {
        let rendered = self.map(toml).and_then(|mapped| mapper::render_all(&self.tables, &mapped.values));
        rendered.map_err(|refusal| Refusal { said: refusal.to_string(), kind: kind(&refusal) })
    }

    /// Takes the steps of the mapper. What only the server's machine knows has dummies in its place, as with Java.
    fn map(&self, toml: &str) -> Result<Mapped, product::Refusal> {
        let properties = self.environment.properties.iter();
        let toml = properties.fold(toml.to_owned(), |toml, name| toml.replace(&format!("$sys{{{name}}}"), DUMMY));
        product::map(&self.tables, &toml, &|name| self.variable(name))
    }

    fn variable(&self, name: &str) -> Option<String> {
        let dummy = || self.environment.variables.contains(name).then(|| DUMMY.to_owned());
        std::env::var(name).ok().or_else(dummy)
    }

    fn knows(&self, key: &str) -> bool {
        // Secrets have names of their own.
        ["secrets.", "runtime_secrets."].iter().any(|table| key.starts_with(table))
            || self.names.knows(&without_indexes(key))
    }

    /// Whether a written key is what the product calls `name`, or stands in the array of that name.
    fn is_named(&self, written: &str, name: &str) -> bool {
        let plain = without_indexes(written);
        let aliases = self.tables.aliases.get(&*plain);
        let head = plain.split("[]").next().unwrap_or_default();
        plain == name || head == name || aliases.is_some_and(|names| names.iter().any(|alias| alias == name))
    }

    /// What is wrong with a file that the mapper takes in silence: keys that nothing names, and secrets that it
    /// overlooks.
    #[must_use]
    pub fn complaints(&self, written: &Written) -> Vec<Complaint> {
        let unknown = written.keys.iter().filter(|key| !self.knows(&key.name)).map(|key| {
            let names = nearest(&without_indexes(&key.name), self.names.iter().filter(|name| !name.contains('<')));
            let meant = match names[..] {
                [] => String::new(),
                ref names => format!(": was {} meant?", names.join(" or ")),
            };
            let message = format!("no table and no template of the product names this key{meant}");
            complaint(Fault::UnknownKey, key, message)
        });
        let mut complaints: Vec<Complaint> = unknown.collect();
        for (key, alias) in self.map(&written.text()).map(|mapped| mapped.overlooked).unwrap_or_default() {
            let found = written.keys.iter().find(|written| self.is_named(&written.name, &key));
            let message = format!("refers to the secret `{alias}`, which [secrets] does not have");
            complaints.extend(found.map(|found| complaint(Fault::Unresolved, found, message)));
        }
        complaints
    }

    /// What is not judged, and why.
    #[must_use]
    pub fn notes(&self, written: &Written) -> Vec<String> {
        let templates = self.tables.templates.iter().filter_map(|(file, template)| {
            let error = template.as_ref().err()?;
            let (line, column) = (error.position.line, error.position.column);
            Some(format!(
                "not judged: {file} is not rendered, since its template has, in {line}:{column}, {}",
                error.what
            ))
        });
        let mut notes: Vec<String> = templates.collect();
        if let Ok(mapped) = product::map(&self.tables, &written.text(), &|name| self.variable(name)) {
            notes.extend(mapped.unjudged.iter().map(|one| format!("not judged: {}: {}", one.key, one.why)));
        }
        notes
    }
}

fn complaint(kind: Fault, key: &WrittenKey, message: String) -> Complaint {
    Complaint {
        kind,
        key: Some(key.name.clone()),
        line: Some(key.position.line),
        column: Some(key.position.column),
        message,
    }
}

fn kind(refusal: &product::Refusal) -> Fault {
    match refusal {
        product::Refusal::Syntax(_) => Fault::Syntax,
        product::Refusal::Reader { .. } | product::Refusal::Name(_) => Fault::Refused,
        product::Refusal::Secret { .. }
        | product::Refusal::PlainSecret { .. }
        | product::Refusal::Environment { .. }
        | product::Refusal::Missing { .. }
        | product::Refusal::Circle(_) => Fault::Unresolved,
        product::Refusal::Invalid { .. } => Fault::Invalid,
        product::Refusal::Unit { .. } | product::Refusal::NoText { .. } | product::Refusal::Template { .. } => {
            Fault::WrongType
        }
    }
}
