//! One `[database.x]` table, from the data sources that nodes mean by it.

use super::kind::{POOL_DEFAULTS, database_type, normalized};
use super::source::{DataSource, Field};
use crate::diagnostic::Code;
use crate::mapping::{SettingId, codec};
use crate::topology::target::context::Context;
use crate::topology::target::plan::{Entry, Use};
use crate::value::Value;

/// Writes one database on `targets`: the first source that speaks, conflicts with the others reported. `whole_pool`:
/// the target has no pool defaults for the table, so all of the old options are written.
pub fn write_database(
    context: &mut Context<'_, '_>,
    table: &str,
    said: &[(usize, &DataSource)],
    targets: &[usize],
    whole_pool: bool,
) {
    let Some((_, winner)) = said.first().copied() else { return };
    if targets.is_empty() {
        return;
    }
    let (same, others): (Vec<_>, Vec<_>) =
        said.iter().copied().partition(|(_, source)| normalized(source.url()) == normalized(winner.url()));
    let same: Vec<&DataSource> = same.into_iter().map(|(_, source)| source).collect();
    let others: Vec<&DataSource> = others.into_iter().map(|(_, source)| source).collect();
    let mut draft = Draft { table, winner, same, entries: Vec::new() };
    let url = draft.settle_url(context, &others);
    draft.place(&url);
    draft.account(context);
    draft.driver(context, &url);
    draft.pool(context, whole_pool);
    for source in &draft.same {
        use_as(context, source, table);
        for field in source.settings() {
            let word = Use::Default("equal to what the target infers from the database's type".to_owned());
            context.mark(field.setting, word);
        }
    }
    for target in targets {
        for (key, entry) in &draft.entries {
            context.set(*target, format!("{table}.{key}"), entry.clone());
        }
    }
}

/// A table while it is written.
struct Draft<'t, 's> {
    table: &'t str,
    /// The data source whose word holds.
    winner: &'s DataSource,
    /// The data sources of the same database, the winner's first.
    same: Vec<&'s DataSource>,
    /// What will be written: keys below the table.
    entries: Vec<(String, Entry)>,
}

impl Draft<'_, '_> {
    fn add(&mut self, key: impl Into<String>, value: Value, from: Vec<SettingId>) {
        self.entries.push((key.into(), Entry::said(value, from)));
    }

    /// The leaves that say `value` in the field.
    fn who_says(&self, field: &str, value: &str) -> Vec<SettingId> {
        let fields = self.same.iter().filter_map(|source| source.fields.get(field));
        fields.filter(|field| field.value == value).map(|field| field.setting).collect()
    }

    /// The winner's URL, or the answer where other nodes name another database.
    fn settle_url(&self, context: &mut Context<'_, '_>, others: &[&DataSource]) -> String {
        let url = self.winner.url();
        let losers: Vec<SettingId> =
            others.iter().filter_map(|source| source.fields.get("url")).map(|field| field.setting).collect();
        let Some(first) = losers.first() else { return url.to_owned() };
        let table = self.table;
        let settled = context.conflict(&format!("{table}.url"), self.winner.fields["url"].setting, &losers, true, url);
        context.find_at(Code::DatabasesDiffer, *first, format!("{table}: nodes name different databases"));
        for field in others.iter().flat_map(|source| source.settings()) {
            context.absorb(field.setting, format!("lost with its data source to another node's {table}"));
        }
        settled
    }

    /// Type and URL.
    fn place(&mut self, url: &str) {
        // The same database in another spelling says it too.
        let from: Vec<SettingId> =
            self.same.iter().filter_map(|source| source.fields.get("url")).map(|field| field.setting).collect();
        if let Some(kind) = database_type(url) {
            self.add("type", Value::text(kind.word), from.clone());
        }
        let explicit = [":./", ":/", ":~", ":mem:", ":tcp:"].iter().any(|start| url.contains(start));
        let written = if url.starts_with("jdbc:h2:") && !explicit {
            // H2 2.x refuses implicit relative paths.
            url.replacen("jdbc:h2:", "jdbc:h2:./", 1)
        } else {
            url.to_owned()
        };
        self.add("url", Value::text(written), from);
    }

    /// User and password.
    fn account(&mut self, context: &mut Context<'_, '_>) {
        for name in ["username", "password"] {
            let Some(field) = self.winner.fields.get(name) else { continue };
            let from = self.who_says(name, &field.value);
            let entry = Entry::said(Value::text(field.value.clone()), from).secret(name == "password");
            self.entries.push((name.to_owned(), entry));
            let others = self.same.iter().filter_map(|source| source.fields.get(name));
            differing(context, &format!("{}.{name}", self.table), field, others);
        }
    }

    /// Driver and validation query, where they are not those of the type.
    fn driver(&mut self, context: &mut Context<'_, '_>, url: &str) {
        let kind = database_type(url);
        if let Some(field) = self.winner.fields.get("driver") {
            let inferred = kind.map_or("", |kind| kind.driver);
            if field.value == "com.postgresql.jdbc.Driver" {
                let why = "no such driver class ever existed; the target infers the right one";
                context.mark(field.setting, Use::Retired(why.to_owned()));
            } else if field.value != inferred && !field.value.is_empty() {
                self.add("driver", Value::text(field.value.clone()), self.who_says("driver", &field.value));
            }
        }
        if let Some(field) = self.winner.fields.get("validation-query") {
            let inferred = kind.map_or("", |kind| kind.validation_query);
            if !field.value.is_empty() && !field.value.eq_ignore_ascii_case(inferred) {
                let from = self.who_says("validation-query", &field.value);
                self.add("validationQuery", Value::text(field.value.clone()), from);
            }
        }
    }

    /// The pool's options.
    fn pool(&mut self, context: &mut Context<'_, '_>, whole: bool) {
        let kept = context.options.keep_legacy_defaults;
        for (option, field) in &self.winner.pool {
            let said = self.same.iter().filter_map(|source| source.pool.get(option));
            let from: Vec<SettingId> =
                said.clone().filter(|other| other.value == field.value).map(|other| other.setting).collect();
            let target_default = POOL_DEFAULTS.iter().find(|(name, _)| name == option).map(|(_, value)| *value);
            if whole || ((field.changed || kept) && target_default != Some(field.value.as_str())) {
                if !field.value.is_empty() {
                    let entry = Entry::said(codec::typed(&field.value), from);
                    self.entries.push((format!("pool_options.{option}"), entry));
                }
            } else {
                for setting in from {
                    context.mark(setting, Use::Default("the target's pool has the same value".to_owned()));
                }
            }
            let others = said.filter(|other| other.changed);
            differing(context, &format!("{}.pool_options.{option}", self.table), field, others);
        }
    }
}

/// The names of a data source only tell which database it is.
pub fn use_as(context: &mut Context<'_, '_>, source: &DataSource, table: &str) {
    for setting in &source.named_by {
        context.absorb(*setting, format!("names the data source that becomes {table}"));
    }
}

/// Other words on the same database lose to the first's: a notice, no question (D.2).
fn differing<'f>(context: &mut Context<'_, '_>, key: &str, winner: &Field, others: impl Iterator<Item = &'f Field>) {
    let losers: Vec<SettingId> =
        others.filter(|field| field.value != winner.value).map(|field| field.setting).collect();
    if !losers.is_empty() {
        context.conflict(key, winner.setting, &losers, false, &winner.value);
    }
}
