//! One `[database.x]` table, from the data sources that nodes mean by it.

use super::kind::{POOL_DEFAULTS, database_type, is_refused, normalized};
use super::source::{DataSource, Field};
use crate::diagnostic::Code;
use crate::mapping::{SettingId, codec};
use crate::topology::planner::conflicts::{Held, Word};
use crate::topology::planner::context::Context;
use crate::topology::planner::plan::{Entry, Use};
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
    let held = settle_url(context, table, said, winner);
    // A database that the administrator names is reached with the account that was there.
    let said_by = |source: &DataSource| {
        let url = source.fields.get("url").map(|field| field.setting);
        url.is_some_and(|url| held.from.contains(&url))
    };
    let winner = said.iter().map(|(_, source)| *source).find(|source| said_by(source)).unwrap_or(winner);
    let one = context.asked("accounts-on-one-url").is_some_and(|chosen| chosen == "one-database");
    let winner = if one { winner } else { settle_account(context, table, said, winner) };
    let database = |source: &DataSource| if one { normalized(source.url()) } else { source.database() };
    let (same, others): (Vec<_>, Vec<_>) =
        said.iter().copied().partition(|(_, source)| database(source) == database(winner));
    let same: Vec<&DataSource> = same.into_iter().map(|(_, source)| source).collect();
    for field in others.iter().flat_map(|(_, source)| source.settings()) {
        context.absorb(field.setting, format!("lost with its data source to another node's {table}"));
    }
    tell_accounts(context, table, winner, &same);
    let url = held.text.clone();
    let mut draft = Draft { table, winner, same, entries: Vec::new() };
    draft.place(&url, &held);
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

    /// Type and URL.
    fn place(&mut self, url: &str, held: &Held) {
        if let Some(kind) = database_type(url) {
            self.entries.push(("type".to_owned(), held.entry(Value::text(kind.word))));
        }
        let explicit = [":./", ":/", ":~", ":mem:", ":tcp:"].iter().any(|start| url.contains(start));
        let written = if url.starts_with("jdbc:h2:") && !explicit {
            // H2 2.x refuses implicit relative paths.
            url.replacen("jdbc:h2:", "jdbc:h2:./", 1)
        } else {
            url.to_owned()
        };
        self.entries.push(("url".to_owned(), held.entry(Value::text(written))));
    }

    /// User and password.
    fn account(&mut self, context: &mut Context<'_, '_>) {
        for name in ["username", "password"] {
            let Some(field) = self.winner.fields.get(name) else { continue };
            let others = self.same.iter().filter_map(|source| source.fields.get(name));
            let held = settle_field(context, &format!("{}.{name}", self.table), field, others);
            let entry = held.entry(Value::text(held.text.clone())).secret(name == "password");
            self.entries.push((name.to_owned(), entry));
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
            if is_refused(url, &field.value) {
                let why =
                    "the query of another vendor's database, which this one refuses: the target infers the right one";
                context.mark(field.setting, Use::Retired(why.to_owned()));
            } else if !field.value.is_empty() && !field.value.eq_ignore_ascii_case(inferred) {
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
            let speaking = said.filter(|other| other.changed || other.value == field.value);
            let held = settle_field(context, &format!("{}.pool_options.{option}", self.table), field, speaking);
            let target_default = POOL_DEFAULTS.iter().find(|(name, _)| name == option).map(|(_, value)| *value);
            let chosen = field.changed || kept || held.decision.is_some();
            if whole || (chosen && target_default != Some(held.text.as_str())) {
                if !held.text.is_empty() {
                    self.entries.push((format!("pool_options.{option}"), held.entry(codec::typed(&held.text))));
                }
            } else {
                for setting in held.from {
                    context.mark(setting, Use::Default("the target's pool has the same value".to_owned()));
                }
            }
        }
    }
}

/// The names of a data source only tell which database it is.
pub fn use_as(context: &mut Context<'_, '_>, source: &DataSource, table: &str) {
    for setting in &source.named_by {
        context.absorb(*setting, format!("names the data source that becomes {table}"));
    }
}

/// The data source whose account holds, where nodes reach one URL by several that can be databases of their own.
fn settle_account<'s>(
    context: &mut Context<'_, '_>,
    table: &str,
    said: &[(usize, &'s DataSource)],
    winner: &'s DataSource,
) -> &'s DataSource {
    let here = said.iter().map(|(_, source)| *source);
    let here: Vec<&DataSource> = here.filter(|source| normalized(source.url()) == normalized(winner.url())).collect();
    let Some(rival) = here.iter().find(|source| source.database() != winner.database()) else { return winner };
    let word = |source: &DataSource| Some(Word::of(source.fields.get("username")?.setting, source.user().to_owned()));
    let mut words: Vec<Word> = word(winner).into_iter().collect();
    words.extend(here.iter().filter(|source| !std::ptr::eq(**source, winner)).filter_map(|source| word(source)));
    let held = context.settle(&format!("{table}.username"), &words, true, None);
    if let Some(field) = rival.fields.get("username") {
        let message = format!("{table}: nodes reach one URL by different accounts, which can be different databases");
        context.find_at(Code::DatabasesDiffer, field.setting, message);
    }
    let by =
        |source: &&&DataSource| source.fields.get("username").is_some_and(|field| held.from.contains(&field.setting));
    here.iter().find(by).copied().unwrap_or(winner)
}

/// Tells that `others` reach the winner's database by accounts that are not carried.
pub fn tell_accounts(context: &mut Context<'_, '_>, table: &str, winner: &DataSource, others: &[&DataSource]) {
    let mut told: Vec<&str> = vec![winner.user()];
    for source in others {
        let Some(field) = source.fields.get("username").filter(|_| !told.contains(&source.user())) else { continue };
        told.push(source.user());
        let message = accounts_message(table, winner.user(), source.user());
        context.find_at(Code::AccountsMerged, field.setting, message);
    }
}

/// What is said of two accounts of one database.
pub fn accounts_message(table: &str, holds: &str, lost: &str) -> String {
    format!("{table} is reached as `{holds}`; `{lost}` reached the same database, and is not carried")
}

/// What holds of the URLs that nodes give a database: the winner's with all spellings of it, or the answer.
fn settle_url(context: &mut Context<'_, '_>, table: &str, said: &[(usize, &DataSource)], winner: &DataSource) -> Held {
    // The same database in another spelling says it too.
    let spelling = |source: &DataSource| {
        let first = said.iter().find(|(_, other)| normalized(other.url()) == normalized(source.url()));
        first.map_or(source.url(), |(_, other)| other.url()).to_owned()
    };
    let word = |source: &DataSource| Some(Word::of(source.fields.get("url")?.setting, spelling(source)));
    let words: Vec<Word> = said.iter().filter_map(|(_, source)| word(source)).collect();
    let other = words.iter().find(|word| word.text != winner.url()).and_then(|word| word.from);
    let held = context.settle(&format!("{table}.url"), &words, true, None);
    if let Some(other) = other {
        context.find_at(Code::DatabasesDiffer, other, format!("{table}: nodes name different databases"));
    }
    held
}

/// What holds of one field. Other words on the same database lose to the first's: a notice, no question (D.2).
fn settle_field<'f>(
    context: &mut Context<'_, '_>,
    key: &str,
    winner: &Field,
    others: impl Iterator<Item = &'f Field>,
) -> Held {
    let mut words = vec![Word::of(winner.setting, winner.value.clone())];
    words.extend(
        others
            .filter(|field| field.setting != winner.setting)
            .map(|field| Word::of(field.setting, field.value.clone())),
    );
    context.settle(key, &words, false, None)
}
