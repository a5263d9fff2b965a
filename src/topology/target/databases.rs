//! Data sources become databases (C.11, semantics-settings.md 2).

use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::{SettingId, codec};
use crate::role::{Profile, Role};
use crate::value::Value;
use crate::version::Target;

use super::context::{Context, Question};
use super::plan::{Entry, Use};

/// Owners of the databases, first that speaks wins (D.2).
const OWNERS: [Role; 4] = [Role::KeyManager, Role::Publisher, Role::Store, Role::TrafficManager];
const SHARED_H2: &str = "jdbc:h2:./repository/database/WSO2SHARED_DB;DB_CLOSE_ON_EXIT=FALSE";
const API_H2: &str = "jdbc:h2:./repository/database/WSO2AM_DB;DB_CLOSE_ON_EXIT=FALSE";

/// One data source of one node.
#[derive(Clone, Debug, Default)]
pub struct DataSource {
    name: String,
    jndi: String,
    fields: IndexMap<String, Field>,
    pool: IndexMap<String, Field>,
    /// The leaves that only name it.
    named_by: Vec<SettingId>,
}

#[derive(Clone, Debug)]
struct Field {
    value: String,
    setting: SettingId,
    changed: bool,
}

impl DataSource {
    fn url(&self) -> &str {
        self.fields.get("url").map_or("", |field| field.value.as_str())
    }

    fn is_h2(&self) -> bool {
        self.url().starts_with("jdbc:h2:")
    }

    /// The shipped local database: an H2 file whose URL nobody changed, or one in the server's own folder.
    fn is_shipped(&self) -> bool {
        self.is_h2()
            && (self.fields.get("url").is_some_and(|field| !field.changed)
                || self
                    .url()
                    .trim_start_matches("jdbc:h2:")
                    .trim_start_matches("./")
                    .starts_with("repository/database/WSO2"))
    }

    fn settings(&self) -> impl Iterator<Item = &Field> {
        self.fields.values().chain(self.pool.values())
    }
}

/// What a URL means, whatever its parameters (semantics-settings.md 2.1).
fn normalized(url: &str) -> String {
    let url = url.split(['?', ';']).next().unwrap_or(url).trim().to_ascii_lowercase();
    [
        (":3306", "jdbc:mysql"),
        (":3306", "jdbc:mariadb"),
        (":5432", "jdbc:postgresql"),
        (":1521", "jdbc:oracle"),
        (":1433", "jdbc:sqlserver"),
    ]
    .iter()
    .find(|(_, scheme)| url.starts_with(scheme))
    .map_or_else(|| url.clone(), |(port, _)| url.replacen(port, "", 1))
}

/// Writes the databases of every node.
pub fn write(context: &mut Context<'_, '_>) {
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

    let shared = if registry.is_empty() { realm.clone() } else { registry.clone() };
    let user =
        (!registry.is_empty() && !realm.is_empty() && normalized(realm[0].1.url()) != normalized(registry[0].1.url()))
            .then(|| realm.clone());
    if user.is_none() {
        for (_, source) in &realm {
            use_as(context, source, "database.shared_db");
        }
    }
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
    let config_differs =
        !config.is_empty() && !shared.is_empty() && normalized(config[0].1.url()) != normalized(shared[0].1.url());
    if config_differs {
        let targets = [context.targets(Profile::ControlPlane), context.targets(Profile::AllInOne)].concat();
        write_database(context, "database.config", &config, &targets, true);
    }
    let taken: Vec<String> = [&api, &registry, &realm, &config]
        .iter()
        .flat_map(|list| list.iter().map(|(node, source)| format!("{node}/{}", source.jndi)))
        .collect();
    write_others(context, &sources, &taken);
    mark_registry(context);
}

/// The data source that each of `nodes` means, where it speaks: a shipped local H2 is silence.
fn pick<'s>(
    sources: &'s [Vec<DataSource>],
    nodes: &[usize],
    find: impl Fn(usize) -> Option<usize>,
) -> Vec<(usize, &'s DataSource)> {
    nodes
        .iter()
        .filter_map(|node| find(*node).map(|index| (*node, &sources[*node][index])))
        .filter(|(_, source)| !source.is_shipped() && !source.url().is_empty())
        .collect()
}

/// The data sources of a node, from all its data source files.
fn read(context: &Context<'_, '_>, node: usize) -> Vec<DataSource> {
    let mut found: IndexMap<(u32, String), DataSource> = IndexMap::new();
    let settings = &context.nodes[node].settings;
    for fact in settings.facts.iter().filter(|fact| fact.name.starts_with("data-source.")) {
        let setting = &settings.settings[fact.setting.index as usize];
        let Some(entity) = fact.entity.clone() else { continue };
        let source = found.entry((setting.file, entity.clone())).or_default();
        source.name.clone_from(&entity);
        let field = Field { value: fact.value.clone(), setting: fact.setting, changed: fact.changed };
        match fact.name {
            "data-source.name" => source.named_by.push(fact.setting),
            "data-source.jndi-name" => {
                source.jndi.clone_from(&fact.value);
                source.named_by.push(fact.setting);
            }
            "data-source.pool-option" => {
                if let Some(option) = setting.captures.get(1) {
                    source.pool.insert(option.clone(), field);
                }
            }
            name => {
                source.fields.insert(name.trim_start_matches("data-source.").to_owned(), field);
            }
        }
    }
    found.into_values().collect()
}

fn by_jndi(sources: &[DataSource], jndi: &str) -> Option<usize> {
    let plain = |name: &str| name.trim().trim_start_matches("jdbc/").to_owned();
    sources.iter().position(|source| plain(&source.jndi) == plain(jndi) && !source.jndi.is_empty())
}

fn by_name(sources: &[DataSource], names: &[&str]) -> Option<usize> {
    sources.iter().position(|source| names.iter().any(|name| source.name.eq_ignore_ascii_case(name)))
}

fn api_source(context: &Context<'_, '_>, node: usize, sources: &[DataSource]) -> Option<usize> {
    let jndi = context.value(node, "api-database.jndi-name").unwrap_or("jdbc/WSO2AM_DB");
    by_jndi(sources, jndi).or_else(|| by_name(sources, &["WSO2AM_DB", "WSO2_AM_DB", "AM_DB"]))
}

fn realm_source(context: &Context<'_, '_>, node: usize, sources: &[DataSource]) -> Option<usize> {
    match context.value(node, "realm.data-source") {
        Some(jndi) => by_jndi(sources, jndi),
        // A node without user-mgt.xml, or with LDAP, may still have the database that its realm would use.
        None => by_name(sources, &["WSO2UM_DB", "WSO2_USER_DB", "WSO2_UM_DB", "UM_DB", "WSO2_SHARED_DB"])
            .or_else(|| by_jndi(sources, "jdbc/WSO2CarbonDB")),
    }
}

/// The data source of the registry that is mounted at `path`.
fn registry_source(context: &Context<'_, '_>, node: usize, sources: &[DataSource], path: &str) -> Option<usize> {
    let settings = &context.nodes[node].settings;
    let named = |name: &'static str, entity: &str| {
        settings
            .facts
            .iter()
            .find(|fact| fact.name == name && fact.entity.as_deref() == Some(entity))
            .map(|fact| fact.value.clone())
    };
    let instance = named("registry.mount-instance", path)?;
    let database = named("registry.remote-database", &instance)?;
    by_jndi(sources, &named("registry.data-source", &database)?)
}

fn realm_names(context: &Context<'_, '_>) -> Vec<SettingId> {
    (0..context.source.nodes.len())
        .filter_map(|node| context.fact(node, "realm.data-source").map(|fact| fact.setting))
        .collect()
}

fn every_target(context: &Context<'_, '_>) -> Vec<usize> {
    (0..context.plan.nodes.len()).collect()
}

fn write_api(context: &mut Context<'_, '_>, api: &[(usize, &DataSource)], sources: &[Vec<DataSource>]) {
    let mut targets = [context.targets(Profile::ControlPlane), context.targets(Profile::AllInOne)].concat();
    let managers = context.targets(Profile::TrafficManager);
    if !managers.is_empty() && !context.targets(Profile::ControlPlane).is_empty() {
        let had = managers.iter().any(|target| {
            let on = context.plan.nodes[*target].stands_on;
            on.is_some_and(|node| {
                api_source(context, node, &sources[node]).is_some_and(|index| !sources[node][index].is_shipped())
            })
        });
        let as_it_was = if had { "write" } else { "omit" };
        let default = if context.target() == Target::V4_0 { "write" } else { "as-it-was" };
        let chosen = context.ask(Question {
            id: "traffic-manager-apim-database",
            choices: &["as-it-was", "write", "omit"],
            default,
            affects: &["database.apim_db"],
            ..Question::default()
        });
        let chosen = if chosen == "as-it-was" { as_it_was } else { chosen.as_str() };
        if chosen == "write" {
            targets.extend(managers);
        }
    } else if context.targets(Profile::ControlPlane).is_empty() {
        targets.extend(managers);
    }
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
    if !gateways.is_empty() && !context.targets(Profile::ControlPlane).is_empty() {
        let chosen = context.ask(Question {
            id: "gateway-shared-database",
            choices: &["control-plane's", "local-h2"],
            default: "control-plane's",
            affects: &["database.shared_db"],
            ..Question::default()
        });
        if chosen == "local-h2" {
            targets.retain(|target| !gateways.contains(target));
            shipped(context, "database.shared_db", SHARED_H2, &gateways, sources, realm_source);
        }
    }
    write_database(context, "database.shared_db", shared, &targets, false);
}

/// Writes the shared database that was answered: `[user:password@]jdbc:…`.
fn write_answered(context: &mut Context<'_, '_>, answer: &str, targets: &[usize]) {
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

/// Writes one database on `targets`: the first source that speaks, conflicts with the others reported.
fn write_database(
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
    let mut url = winner.url().to_owned();
    if !others.is_empty() {
        let losers: Vec<SettingId> =
            others.iter().filter_map(|(_, source)| source.fields.get("url").map(|field| field.setting)).collect();
        url = context.conflict(&format!("{table}.url"), winner.fields["url"].setting, &losers, true, &url);
        context.find_at(Code::DatabasesDiffer, losers[0], format!("{table}: nodes name different databases"));
        for (_, source) in &others {
            for field in source.settings() {
                context.absorb(field.setting, format!("lost with its data source to another node's {table}"));
            }
        }
    }
    let kind = database_type(&url);
    let mut entries: Vec<(String, Entry)> = Vec::new();
    let said_of = |name: &str, value: &str| -> Vec<SettingId> {
        same.iter()
            .filter_map(|(_, source)| source.fields.get(name))
            .filter(|field| field.value == value || (name == "url" && normalized(&field.value) == normalized(value)))
            .map(|field| field.setting)
            .collect()
    };
    let url_from = said_of("url", winner.url());
    if let Some(kind) = kind {
        entries.push(("type".into(), Entry::said(Value::text(kind.word), url_from.clone())));
    }
    let written = if url.starts_with("jdbc:h2:")
        && !url.contains(":./")
        && !url.contains(":/")
        && !url.contains(":~")
        && !url.contains(":mem:")
        && !url.contains(":tcp:")
    {
        // H2 2.x refuses implicit relative paths.
        url.replacen("jdbc:h2:", "jdbc:h2:./", 1)
    } else {
        url.clone()
    };
    entries.push(("url".into(), Entry::said(Value::text(written), url_from)));
    for name in ["username", "password"] {
        if let Some(field) = winner.fields.get(name) {
            entries.push((
                name.into(),
                Entry::said(Value::text(field.value.clone()), said_of(name, &field.value)).secret(name == "password"),
            ));
            differing(context, table, name, field, &same);
        }
    }
    if let Some(field) = winner.fields.get("driver") {
        let inferred = kind.map_or("", |kind| kind.driver);
        if field.value == "com.postgresql.jdbc.Driver" {
            context.mark(
                field.setting,
                Use::Retired("no such driver class ever existed; the target infers the right one".to_owned()),
            );
        } else if field.value != inferred && !field.value.is_empty() {
            entries.push((
                "driver".into(),
                Entry::said(Value::text(field.value.clone()), said_of("driver", &field.value)),
            ));
        }
    }
    if let Some(field) = winner.fields.get("validation-query") {
        let inferred = kind.map_or("", |kind| kind.validation_query);
        if !field.value.is_empty() && !field.value.eq_ignore_ascii_case(inferred) {
            entries.push((
                "validationQuery".into(),
                Entry::said(Value::text(field.value.clone()), said_of("validation-query", &field.value)),
            ));
        }
    }
    for (option, field) in &winner.pool {
        let from: Vec<SettingId> = same
            .iter()
            .filter_map(|(_, source)| source.pool.get(option))
            .filter(|other| other.value == field.value)
            .map(|other| other.setting)
            .collect();
        let target_default = POOL_DEFAULTS.iter().find(|(name, _)| name == option).map(|(_, value)| *value);
        let kept = context.options.keep_legacy_defaults;
        if whole_pool || ((field.changed || kept) && target_default != Some(field.value.as_str())) {
            if !field.value.is_empty() {
                entries.push((format!("pool_options.{option}"), Entry::said(codec::typed(&field.value), from)));
            }
        } else {
            for setting in from {
                context.mark(setting, Use::Default("the target's pool has the same value".to_owned()));
            }
        }
        differing_pool(context, table, option, field, &same);
    }
    for (_, source) in &same {
        use_as(context, source, table);
        for field in source.settings() {
            context.mark(
                field.setting,
                Use::Default("equal to what the target infers from the database's type".to_owned()),
            );
        }
    }
    for target in targets {
        for (key, entry) in &entries {
            context.set(*target, format!("{table}.{key}"), entry.clone());
        }
    }
}

/// The names of a data source only tell which database it is.
fn use_as(context: &mut Context<'_, '_>, source: &DataSource, table: &str) {
    for setting in &source.named_by {
        context.absorb(*setting, format!("names the data source that becomes {table}"));
    }
}

/// Other users of the same database lose to the first's: a notice, no question (D.2).
fn differing(context: &mut Context<'_, '_>, table: &str, name: &str, winner: &Field, same: &[(usize, &DataSource)]) {
    let losers: Vec<SettingId> = same
        .iter()
        .filter_map(|(_, source)| source.fields.get(name))
        .filter(|field| field.value != winner.value)
        .map(|field| field.setting)
        .collect();
    if !losers.is_empty() {
        context.conflict(&format!("{table}.{name}"), winner.setting, &losers, false, &winner.value);
    }
}

fn differing_pool(
    context: &mut Context<'_, '_>,
    table: &str,
    option: &str,
    winner: &Field,
    same: &[(usize, &DataSource)],
) {
    let losers: Vec<SettingId> = same
        .iter()
        .filter_map(|(_, source)| source.pool.get(option))
        .filter(|field| field.changed && field.value != winner.value)
        .map(|field| field.setting)
        .collect();
    if !losers.is_empty() {
        context.conflict(&format!("{table}.pool_options.{option}"), winner.setting, &losers, false, &winner.value);
    }
}

/// What the target's pools have when a key is left out (local, `shared_db`, `apim_db`).
const POOL_DEFAULTS: [(&str, &str); 5] = [
    ("maxActive", "50"),
    ("maxWait", "60000"),
    ("testOnBorrow", "true"),
    ("validationInterval", "30000"),
    ("defaultAutoCommit", "true"),
];

/// What the mapper infers from a database's type (semantics-settings.md 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseType {
    /// The word under `type`.
    pub word: &'static str,
    driver: &'static str,
    validation_query: &'static str,
}

/// The type of a JDBC URL; `None` where the target has no word for it.
#[must_use]
pub fn database_type(url: &str) -> Option<DatabaseType> {
    let of = |word, driver, validation_query| Some(DatabaseType { word, driver, validation_query });
    let rest = url.trim().strip_prefix("jdbc:")?;
    let vendor = rest.split(':').next()?;
    match vendor.to_ascii_lowercase().as_str() {
        "mysql" => of("mysql", "com.mysql.jdbc.Driver", "SELECT 1"),
        "mariadb" => of("mariadb", "org.mariadb.jdbc.Driver", "SELECT 1"),
        "postgresql" => of("postgre", "org.postgresql.Driver", "SELECT 1; COMMIT"),
        "oracle" => of("oracle", "oracle.jdbc.OracleDriver", "SELECT 1 FROM DUAL"),
        "sqlserver" | "jtds" => of("mssql", "com.microsoft.sqlserver.jdbc.SQLServerDriver", "SELECT 1"),
        "db2" => of("db2", "com.ibm.db2.jcc.DB2Driver", "SELECT 1 FROM sysibm.sysdummy1"),
        "h2" => of("h2", "org.h2.Driver", "SELECT 1"),
        _ => None,
    }
}

/// What no database key takes: statistics, message store and metrics are gone; others become `[[datasource]]`.
fn write_others(context: &mut Context<'_, '_>, sources: &[Vec<DataSource>], taken: &[String]) {
    let mut written: IndexMap<String, usize> = IndexMap::new();
    for (node, list) in sources.iter().enumerate() {
        for source in list {
            if taken.contains(&format!("{node}/{}", source.jndi)) {
                continue;
            }
            let upper = format!("{} {}", source.name, source.jndi).to_ascii_uppercase();
            if source.is_shipped() && !upper.contains("STAT") {
                let word = Use::Default("the node's local database: the target brings its own".to_owned());
                for setting in source.settings().map(|field| field.setting).chain(source.named_by.iter().copied()) {
                    context.mark(setting, word.clone());
                }
                continue;
            }
            let gone = if upper.contains("STAT") || upper.contains("ANALYTICS") || upper.contains("EVENT_STORE") {
                Some("statistics left the product")
            } else if upper.contains("MB") && upper.contains("STORE") {
                Some("each broker keeps a message store of its own, which starts empty")
            } else if upper.contains("METRICS") {
                Some("4.x ships metrics-datasources.xml as a static file: copy it if it was changed")
            } else if upper.contains("CARBON") {
                Some("the node's local database: the target brings its own")
            } else if source.url().is_empty() {
                Some("it has no URL")
            } else {
                None
            };
            let api = upper.contains("WSO2AM_DB") || upper.contains("AM_DB");
            let known = ["UM_DB", "USER_DB", "REG_DB", "GOV_DB", "CONFIG_DB", "SHARED_DB", "COMMON"]
                .iter()
                .any(|name| upper.contains(name));
            if let Some(reason) =
                gone.or((api || known).then_some("not used by this node's role in the new deployment"))
            {
                for setting in source.settings().map(|field| field.setting).chain(source.named_by.iter().copied()) {
                    context.mark(setting, Use::Retired(reason.to_owned()));
                }
                continue;
            }
            write_own(context, node, source, &mut written);
        }
    }
}

/// A data source of the administrator's own: `[[datasource]]` where it was.
fn write_own(context: &mut Context<'_, '_>, node: usize, source: &DataSource, written: &mut IndexMap<String, usize>) {
    let id = source.jndi.trim_start_matches("jdbc/").to_owned();
    let targets: Vec<usize> =
        (0..context.plan.nodes.len()).filter(|target| context.plan.nodes[*target].merged.contains(&node)).collect();
    let next = written.len();
    let index = *written.entry(id.clone()).or_insert(next);
    for target in targets {
        let key = |name: &str| format!("datasource[{index}].{name}");
        let text = |field: &Field| Entry::said(Value::text(field.value.clone()), vec![field.setting]);
        context.set(target, key("id"), Entry::said(Value::text(id.clone()), source.named_by.clone()));
        for (from, to) in [
            ("url", "url"),
            ("username", "username"),
            ("password", "password"),
            ("driver", "driver"),
            ("validation-query", "validationQuery"),
        ] {
            if let Some(field) = source.fields.get(from) {
                context.set(target, key(to), text(field).secret(to == "password"));
            }
        }
        for (option, field) in &source.pool {
            context.set(
                target,
                key(&format!("pool_options.{option}")),
                Entry::said(codec::typed(&field.value), vec![field.setting]),
            );
        }
    }
}

/// What registry.xml says of databases and mounts: used to find the shared database.
fn mark_registry(context: &mut Context<'_, '_>) {
    for node in 0..context.nodes.len() {
        let settings = &context.nodes[node].settings;
        let facts: Vec<(String, SettingId)> = settings
            .facts
            .iter()
            .filter(|fact| fact.name.starts_with("registry.") && fact.changed)
            .map(|fact| (fact.name.to_owned(), fact.setting))
            .collect();
        for (name, setting) in facts {
            let word = match name.as_str() {
                "registry.remote-cache-id" => "made from the database's user and URL, as the target does",
                "registry.mount-target" => "the target mounts one path for all nodes",
                "registry.mount-overwrite" | "registry.mount-path" => "the target mounts it in the same way",
                _ => "says which data source is database.shared_db",
            };
            context.absorb(setting, word);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{database_type, normalized};

    #[test]
    fn knows_vendors() {
        assert_eq!(database_type("jdbc:postgresql://h/d").map(|kind| kind.word), Some("postgre"));
        assert_eq!(database_type("jdbc:derby:x"), None);
        assert_eq!(database_type("{{DB_URL}}"), None);
    }

    #[test]
    fn compares_urls_without_parameters() {
        assert_eq!(normalized("jdbc:mysql://DB:3306/x?a=b"), normalized("jdbc:mysql://db/x"));
        assert_ne!(normalized("jdbc:mysql://db/x"), normalized("jdbc:mysql://db/y"));
    }
}
