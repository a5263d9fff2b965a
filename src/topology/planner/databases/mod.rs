//! Data sources become databases (C.11, semantics-settings.md 2).

mod kind;
mod names;
mod other;
mod source;
mod table;
mod tables;

pub use kind::database_type;
pub use names::Moved;

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::{Profile, Role};
use crate::value::Value;
use crate::version::Target;

use kind::{Accounts, accounts, normalized};
use other::write_others;
use source::{DataSource, api_source, pick, read, realm_source, registry_source};
use table::{tell_accounts, use_as, write_database};

use super::context::{Context, Question};
use super::plan::Entry;

/// Owners of the databases, first that speaks wins (D.2).
const OWNERS: [Role; 4] = [Role::KeyManager, Role::Publisher, Role::Store, Role::TrafficManager];
const SHARED_H2: &str = "jdbc:h2:./repository/database/WSO2SHARED_DB;DB_CLOSE_ON_EXIT=FALSE";
const API_H2: &str = "jdbc:h2:./repository/database/WSO2AM_DB;DB_CLOSE_ON_EXIT=FALSE";

/// Writes the databases of every node.
pub fn write(context: &mut Context<'_, '_>) {
    if context.nodes.iter().any(|node| node.version.major > 2 && node.set_aside.is_none()) {
        tables::write(context);
        return;
    }
    let sources: Vec<Vec<DataSource>> = (0..context.nodes.len()).map(|node| read(context, node)).collect();
    let owners = context.in_order(&OWNERS);
    let others: Vec<usize> = (0..context.source.nodes.len()).filter(|node| !owners.contains(node)).collect();
    let everyone: Vec<usize> = owners.iter().chain(&others).copied().collect();

    let api = pick(&sources, &owners, |node| api_source(context, node, &sources[node]));
    let registry =
        pick(&sources, &owners, |node| registry_source(context, node, &sources[node], "/_system/governance"));
    let config = pick(&sources, &owners, |node| registry_source(context, node, &sources[node], "/_system/config"));
    let realm = pick(&sources, &owners, |node| realm_source(context, node, &sources[node]));
    // Gateways that read users of their own count only where nobody else has a database.
    let realm = if realm.is_empty() {
        pick(&sources, &everyone, |node| realm_source(context, node, &sources[node]))
    } else {
        realm
    };

    let mut shared = if registry.is_empty() { realm.clone() } else { registry.clone() };
    let apart = |one: &[(usize, &DataSource)], other: &[(usize, &DataSource)]| {
        !one.is_empty() && !other.is_empty() && one[0].1.database() != other[0].1.database()
    };
    let differs = apart(&realm, &registry) && !is_one(context, realm[0].1, registry[0].1);
    let user = differs.then(|| realm.clone());
    if user.is_none() {
        // The users lie in the registry's database: with an account of their own, the registry's holds.
        let other = |(node, source): &&(usize, &DataSource)| {
            !registry.iter().any(|(on, known)| on == node && known.jndi == source.jndi)
        };
        shared.extend(realm.iter().filter(|_| !registry.is_empty()).filter(other).copied());
        for (_, source) in &realm {
            use_as(context, source, "database.shared_db");
        }
    }
    let user_differs = user.is_some();
    write_api(context, &api, &sources);
    write_shared(context, &shared, &sources);
    if let Some(user) = user {
        write_database(context, "database.user", &user, &every_target(context), true);
        for target in every_target(context) {
            let from = realm_names(context);
            context.set(target, "realm_manager.data_source", Entry::said(Value::text("WSO2USER_DB"), from));
        }
    } else {
        for setting in realm_names(context) {
            context.absorb(setting, "says which data source is database.shared_db");
        }
    }
    if apart(&config, &shared) && !is_one(context, config[0].1, shared[0].1) {
        let targets = context.control_planes();
        write_database(context, "database.config", &config, &targets, true);
    } else if let Some((_, winner)) = shared.first() {
        let same = config.iter().map(|(_, source)| *source).filter(|source| source.database() == winner.database());
        tell_accounts(context, "database.shared_db", winner, &same.collect::<Vec<_>>());
    }
    let taken: Vec<String> = [&api, &registry, &realm, &config]
        .iter()
        .flat_map(|list| list.iter().map(|(node, source)| format!("{node}/{}", source.jndi)))
        .collect();
    let mut moves = Vec::new();
    let users = if user_differs { "database.user" } else { "database.shared_db" };
    let becomes =
        [(&realm, users), (&shared, "database.shared_db"), (&api, "database.apim_db"), (&config, "database.config")];
    for (list, table) in becomes {
        for (node, source) in list {
            names::moved(&mut moves, *node, &source.jndi, table);
        }
    }
    // The shipped ones are silence, and still what users' settings may name.
    for (node, list) in sources.iter().enumerate() {
        let realm = realm_source(context, node, list).map(|index| list[index].jndi.as_str());
        if let Some(name) = realm.or(context.value(node, "realm.data-source")) {
            names::moved(&mut moves, node, name, users);
        }
        if let Some(index) = api_source(context, node, list) {
            names::moved(&mut moves, node, &list[index].jndi, "database.apim_db");
        }
    }
    let written = write_others(context, &sources, &taken, &moves);
    context.data_sources = (moves, written);
}

/// Gives what names a data source the name that it has now. Runs when all settings are carried.
pub fn follow_names(context: &mut Context<'_, '_>) {
    let (moves, written) = std::mem::take(&mut context.data_sources);
    names::follow(context, &moves, &written);
    names::tell_of_copied_stores(context, &moves);
}

/// Whether two data sources are one database though they log in with two accounts: where the URL does not tell, the
/// administrator is asked. Until then each keeps its account.
fn is_one(context: &mut Context<'_, '_>, one: &DataSource, other: &DataSource) -> bool {
    if normalized(one.url()) != normalized(other.url()) || accounts(one.url()) != Accounts::Unclear {
        return false;
    }
    let chosen = context.ask(Question {
        id: "accounts-on-one-url",
        choices: &["two-databases", "one-database"],
        default: "two-databases",
        open: true,
        affects: &["database.shared_db", "database.user", "database.config"],
        ..Question::default()
    });
    chosen == "one-database"
}

fn realm_names(context: &Context<'_, '_>) -> Vec<SettingId> {
    (0..context.source.nodes.len())
        .filter_map(|node| context.fact(node, "realm.data-source").map(|fact| fact.setting))
        .collect()
}

fn every_target(context: &Context<'_, '_>) -> Vec<usize> {
    (0..context.plan.nodes.len()).collect()
}

/// The new nodes with the API database: not gateways, traffic managers by decision. `had` tells whether an old node had
/// one of its own.
fn api_targets(context: &mut Context<'_, '_>, had: impl Fn(&Context<'_, '_>, usize) -> bool) -> Vec<usize> {
    let mut targets = context.control_planes();
    let managers = context.targets(Profile::TrafficManager);
    if context.targets(Profile::ControlPlane).is_empty() {
        targets.extend(managers);
        return targets;
    }
    if managers.is_empty() {
        return targets;
    }
    let had = managers.iter().filter_map(|target| context.plan.nodes[*target].stands_on).any(|node| had(context, node));
    let default = if context.target() == Target::V4_0 { "write" } else { "as-it-was" };
    let chosen = context.ask(Question {
        id: "traffic-manager-apim-database",
        choices: &["as-it-was", "write", "omit"],
        default,
        affects: &["database.apim_db"],
        ..Question::default()
    });
    if chosen == "write" || (chosen == "as-it-was" && had) {
        targets.extend(managers);
    }
    targets
}

/// Whether gateways keep an H2 database of their own instead of the control plane's shared one.
fn gateways_stay_local(context: &mut Context<'_, '_>) -> bool {
    let chosen = context.ask(Question {
        id: "gateway-shared-database",
        choices: &["control-plane's", "local-h2"],
        default: "control-plane's",
        affects: &["database.shared_db"],
        ..Question::default()
    });
    chosen == "local-h2"
}

fn write_api(context: &mut Context<'_, '_>, api: &[(usize, &DataSource)], sources: &[Vec<DataSource>]) {
    let targets = api_targets(context, |context, node| {
        api_source(context, node, &sources[node]).is_some_and(|index| !sources[node][index].is_shipped())
    });
    if api.is_empty() {
        let all_in_ones = context.targets(Profile::AllInOne);
        shipped(context, "database.apim_db", API_H2, &all_in_ones, sources, api_source);
        return;
    }
    write_database(context, "database.apim_db", api, &targets, false);
}

fn write_shared(context: &mut Context<'_, '_>, shared: &[(usize, &DataSource)], sources: &[Vec<DataSource>]) {
    let gateways = context.targets(Profile::GatewayWorker);
    if shared.is_empty() {
        let all = every_target(context);
        let distributed = context.targets(Profile::AllInOne).is_empty();
        if distributed && !all.is_empty() {
            let chosen = context.ask(Question {
                id: "shared-database",
                default: SHARED_H2,
                open: true,
                affects: &["database.shared_db"],
                ..Question::default()
            });
            if chosen != SHARED_H2 {
                write_answered(context, &chosen, &all);
                return;
            }
            context.find(Code::ValueAssumed, "no file gives the shared database: the shipped H2 one was written");
        }
        shipped(context, "database.shared_db", SHARED_H2, &all, sources, realm_source);
        return;
    }
    let mut targets = every_target(context);
    let distributed = !gateways.is_empty() && !context.targets(Profile::ControlPlane).is_empty();
    if distributed && gateways_stay_local(context) {
        targets.retain(|target| !gateways.contains(target));
        shipped(context, "database.shared_db", SHARED_H2, &gateways, sources, realm_source);
    }
    write_database(context, "database.shared_db", shared, &targets, false);
}

/// Writes the shared database that was answered: `[user:password@]jdbc:…`.
pub(super) fn write_answered(context: &mut Context<'_, '_>, answer: &str, targets: &[usize]) {
    let start = answer.find("jdbc:").unwrap_or(0);
    let (user_info, url) = answer.split_at(start);
    let (user, password) = user_info.trim_end_matches('@').split_once(':').unwrap_or(("wso2carbon", "wso2carbon"));
    let kind = database_type(url).map(|kind| kind.word);
    for target in targets {
        for (key, value) in [("type", kind), ("url", Some(url)), ("username", Some(user)), ("password", Some(password))]
        {
            let Some(value) = value else { continue };
            let entry = Entry::derived(Value::text(value), "the answer given").by("shared-database");
            context.set(*target, format!("database.shared_db.{key}"), entry.secret(key == "password"));
        }
    }
}

/// Writes the target's shipped H2 database, in the place of the old one.
fn shipped(
    context: &mut Context<'_, '_>,
    table: &str,
    url: &str,
    targets: &[usize],
    sources: &[Vec<DataSource>],
    find: impl Fn(&Context<'_, '_>, usize, &[DataSource]) -> Option<usize>,
) {
    if targets.is_empty() {
        return;
    }
    let old = (0..sources.len()).find_map(|node| find(context, node, &sources[node]).map(|index| (node, index)));
    let why = "the shipped H2 database of the target";
    for target in targets {
        for (key, value) in [("type", "h2"), ("url", url), ("username", "wso2carbon"), ("password", "wso2carbon")] {
            let entry = Entry::derived(Value::text(value), why).secret(key == "password");
            context.set(*target, format!("{table}.{key}"), entry);
        }
    }
    let name = table.trim_start_matches("database.");
    if let Some(file) = context.nodes.iter().find_map(|node| node.gap_in("datasources")) {
        let message = format!("{} could not be read: the shipped H2 database was written for {name}", file.path);
        context.find(Code::ValueAssumed, message);
    }
    let message = format!("{name}: the shipped H2 database of 2.x stays behind; the new one starts empty");
    match old.and_then(|(node, index)| sources[node][index].fields.get("url").map(|field| field.setting)) {
        Some(setting) => context.find_at(Code::H2NotMigrated, setting, message),
        None => {
            context.find(Code::H2NotMigrated, message);
        }
    }
    if !context
        .plan
        .findings
        .iter()
        .any(|finding| finding.code == Code::DefaultPassword && finding.message.contains("H2"))
    {
        context.find(Code::DefaultPassword, "the H2 databases keep the shipped password");
    }
}
