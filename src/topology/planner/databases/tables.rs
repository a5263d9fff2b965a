//! The databases of a deployment.toml are tables already: whose table holds, and which new nodes get it (C.11, D.5).

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::catalog::Acceptance;
use crate::mapping::{Saying, SettingId};
use crate::role::Profile;
use crate::topology::planner::conflicts::Word;
use crate::topology::planner::context::Context;
use crate::topology::planner::merge::refuse;
use crate::topology::planner::plan::{Entry, Use};
use crate::value::Value;

use super::kind::database_of;
use super::table::accounts_message;
use super::{API_H2, OWNERS, SHARED_H2, api_targets, every_target, gateways_stay_local, shipped, write_shared};

/// One node's table of one database: its fields, in the file's order.
struct Table<'c, 'a> {
    node: usize,
    fields: IndexMap<String, &'c Saying<'a>>,
    /// Fields that were said before, under another name.
    again: Vec<SettingId>,
}

impl Table<'_, '_> {
    fn text(&self, field: &str) -> String {
        self.fields.get(field).map_or_else(String::new, |saying| saying.value.plain())
    }

    /// Whether it is the H2 file that the product ships, which is silence.
    fn is_shipped(&self) -> bool {
        let url = self.text("url");
        let file = url.trim_start_matches("jdbc:h2:").trim_start_matches("./");
        if url.is_empty() {
            self.text("type") == "h2"
        } else {
            url.starts_with("jdbc:h2:") && file.starts_with("repository/database/WSO2")
        }
    }

    /// Which database it is, whatever its options.
    fn place(&self) -> String {
        match self.text("url") {
            url if url.is_empty() => {
                let place = ["hostname", "port", "name", "sid"].map(|field| self.text(field)).join("/").to_lowercase();
                let scheme = match self.text("type").as_str() {
                    kind @ ("oracle" | "db2") => format!("jdbc:{kind}:"),
                    "postgre" => "jdbc:postgresql:".to_owned(),
                    "mssql" => "jdbc:sqlserver:".to_owned(),
                    _ => return place,
                };
                database_of(&format!("{scheme}{place}"), &self.text("username"))
            }
            url => database_of(&url, &self.text("username")),
        }
    }
}

/// Writes the databases of deployment.toml files.
pub fn write(context: &mut Context<'_, '_>) {
    let mut databases = read(context);
    for name in ["apim_db", "shared_db"] {
        databases.entry(name.to_owned()).or_default();
    }
    for (name, tables) in databases {
        if tables.is_empty() {
            write_missing(context, &name);
        } else if name == "local" {
            write_own(context, &tables);
        } else {
            write_one(context, &name, &tables);
        }
    }
}

/// All tables, by the database's name, in the owners' order.
fn read<'c, 'a>(context: &Context<'c, 'a>) -> IndexMap<String, Vec<Table<'c, 'a>>> {
    let owners = context.in_order(&OWNERS);
    let rest = (0..context.source.nodes.len()).filter(|node| !owners.contains(node));
    let mut found: IndexMap<String, Vec<Table<'c, 'a>>> = IndexMap::new();
    for node in owners.iter().copied().chain(rest).filter(|node| context.nodes[*node].set_aside.is_none()) {
        let nodes = context.nodes;
        for saying in &nodes[node].settings.sayings {
            let Some((name, field)) = saying.key.strip_prefix("database.").and_then(|key| key.split_once('.')) else {
                continue;
            };
            let tables = found.entry(name.to_owned()).or_default();
            if tables.last().is_none_or(|table| table.node != node) {
                tables.push(Table { node, fields: IndexMap::new(), again: Vec::new() });
            }
            if let Some(table) = tables.last_mut() {
                match table.fields.entry(field.to_owned()) {
                    indexmap::map::Entry::Vacant(free) => {
                        free.insert(saying);
                    }
                    // The same under two names.
                    indexmap::map::Entry::Occupied(_) => table.again.push(saying.setting),
                }
            }
        }
    }
    found
}

/// No file has the table that the target demands.
fn write_missing(context: &mut Context<'_, '_>, name: &str) {
    if name == "shared_db" {
        write_shared(context, &[], &[]);
    } else {
        let targets = context.targets(Profile::AllInOne);
        shipped(context, "database.apim_db", API_H2, &targets, &[], |_, _, _| None);
    }
}

/// Each node's own database: that of the node which the new one stands on.
fn write_own(context: &mut Context<'_, '_>, tables: &[Table<'_, '_>]) {
    for target in every_target(context) {
        let on = context.plan.nodes[target].stands_on;
        let Some(table) = tables.iter().find(|table| Some(table.node) == on) else { continue };
        for (field, saying) in &table.fields {
            write_field(
                context,
                target,
                &format!("database.local.{field}"),
                saying.value.clone(),
                vec![saying.setting],
            );
        }
    }
    for table in tables {
        mark(context, table, "the node's local database: the new node brings its own");
    }
}

fn write_field(context: &mut Context<'_, '_>, target: usize, key: &str, value: Value, from: Vec<SettingId>) {
    match context.tables.catalog.acceptance(key, context.target()) {
        Acceptance::Read => {
            let secret = key.ends_with("password");
            context.set(target, key, Entry::said(value, from).secret(secret));
        }
        refused => refuse(context, key, &from, &refused),
    }
}

fn mark(context: &mut Context<'_, '_>, table: &Table<'_, '_>, word: &str) {
    for saying in table.fields.values() {
        context.absorb(saying.setting, word);
    }
}

/// One database for the deployment: the first owner's whose table is not the shipped H2 file.
fn write_one(context: &mut Context<'_, '_>, name: &str, tables: &[Table<'_, '_>]) {
    let targets = targets_of(context, name, tables);
    let winner = tables.iter().find(|table| !table.is_shipped()).unwrap_or(&tables[0]);
    let same: Vec<&Table<'_, '_>> = tables.iter().filter(|table| table.place() == winner.place()).collect();
    let speaking = tables.iter().filter(|table| !table.is_shipped() || winner.is_shipped());
    let other: Vec<&Table<'_, '_>> = speaking.filter(|table| table.place() != winner.place()).collect();
    let mut fields: Vec<&String> = Vec::new();
    for table in &same {
        fields.extend(table.fields.keys().filter(|field| !fields.contains(field)).collect::<Vec<_>>());
    }
    for field in fields {
        let key = format!("database.{name}.{field}");
        let saying = same.iter().find_map(|table| table.fields.get(field)).expect("one of them has the field");
        let place = matches!(field.as_str(), "type" | "url" | "hostname" | "name" | "port" | "sid")
            || (field == "username" && winner.place().contains('|'));
        // On one host another user or pool is only worth a notice (D.2).
        let sayers = same.iter().chain(other.iter().filter(|_| place));
        let words: Vec<Word> = sayers
            .filter_map(|table| table.fields.get(field))
            .map(|saying| Word::of(saying.setting, saying.value.plain()))
            .collect();
        let held = context.settle(&key, &words, place, None);
        let value =
            if held.text == saying.value.plain() { saying.value.clone() } else { held.value_like(&saying.value) };
        let (value, old) = shipped_url(context, name, field, value);
        if old {
            let message = format!("{name}: the shipped H2 database stays behind; the new one starts empty");
            context.find_at(Code::H2NotMigrated, saying.setting, message);
        }
        for target in &targets {
            write_field(context, *target, &key, value.clone(), held.from.clone());
        }
    }
    tell_accounts(context, name, &same);
    if !other.is_empty() {
        let message = format!("{name}: the nodes name different databases");
        let setting = other[0].fields.values().next().map(|saying| saying.setting);
        if let Some(setting) = setting {
            context.find_at(Code::DatabasesDiffer, setting, message);
        }
    }
    for table in tables {
        let role = context.source.nodes[table.node].roles.first().map_or("", |role| role.word());
        let word = match name {
            "apim_db" if targets.is_empty() || same.iter().any(|other| other.node == table.node) => {
                format!("the API database is not used on a {role}")
            }
            _ => "another node's database holds".to_owned(),
        };
        for saying in table.fields.values() {
            context.mark(saying.setting, Use::Absorbed(word.clone()));
        }
        for setting in &table.again {
            context.absorb(*setting, "said under another name too");
        }
    }
}

/// Tells of accounts by which nodes reach one database, and of which only the first is carried.
fn tell_accounts(context: &mut Context<'_, '_>, name: &str, same: &[&Table<'_, '_>]) {
    let mut told: Vec<String> = Vec::new();
    for table in same {
        let Some(saying) = table.fields.get("username") else { continue };
        let user = saying.value.plain();
        if told.contains(&user) {
            continue;
        }
        if let Some(holds) = told.first() {
            let message = accounts_message(&format!("database.{name}"), holds, &user);
            context.find_at(Code::AccountsMerged, saying.setting, message);
        }
        told.push(user);
    }
}

/// The shipped H2 file of 3.x has options that the newer H2 of 4.x refuses: the target's own stands in its place.
fn shipped_url(context: &Context<'_, '_>, name: &str, field: &str, value: Value) -> (Value, bool) {
    let url = value.plain();
    let old = field == "url" && url.starts_with("jdbc:h2:") && url.contains("AUTO_SERVER");
    let new = match name {
        "apim_db" => API_H2,
        "shared_db" => SHARED_H2,
        _ => return (value, false),
    };
    let legacy = context.nodes.iter().all(|node| node.version.major < 4);
    if old && legacy { (Value::text(new), true) } else { (value, false) }
}

/// The new nodes that get the database.
fn targets_of(context: &mut Context<'_, '_>, name: &str, tables: &[Table<'_, '_>]) -> Vec<usize> {
    match name {
        "config" => context.control_planes(),
        "apim_db" => {
            api_targets(context, |_, node| tables.iter().any(|table| table.node == node && !table.is_shipped()))
        }
        "shared_db" => {
            let gateways = context.targets(Profile::GatewayWorker);
            let mut targets = every_target(context);
            let lacks = |target: &usize| {
                let on = context.plan.nodes[*target].stands_on;
                !tables.iter().any(|table| Some(table.node) == on)
            };
            let distributed = gateways.iter().any(lacks) && !context.targets(Profile::ControlPlane).is_empty();
            if distributed && gateways_stay_local(context) {
                targets.retain(|target| !gateways.contains(target));
                shipped(context, "database.shared_db", SHARED_H2, &gateways, &[], |_, _, _| None);
            }
            targets
        }
        _ => every_target(context),
    }
}
