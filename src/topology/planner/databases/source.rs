//! The data sources of the old nodes, and which of them is whose.

use indexmap::IndexMap;

use super::kind::database_of;
use crate::mapping::SettingId;
use crate::topology::planner::context::Context;

/// One data source of one node.
#[derive(Clone, Debug, Default)]
pub struct DataSource {
    /// Its name.
    pub name: String,
    /// Its name in the server's directory (`jdbc/WSO2AM_DB`).
    pub jndi: String,
    /// What it says, by the last word of the fact's name.
    pub fields: IndexMap<String, Field>,
    /// Its pool options.
    pub pool: IndexMap<String, Field>,
    /// The leaves that only name it.
    pub named_by: Vec<SettingId>,
}

/// One value of a data source.
#[derive(Clone, Debug)]
pub struct Field {
    /// The value.
    pub value: String,
    /// The leaf that says it.
    pub setting: SettingId,
    /// Whether it is not the shipped one.
    pub changed: bool,
}

impl DataSource {
    /// Its URL, or nothing.
    pub fn url(&self) -> &str {
        self.fields.get("url").map_or("", |field| field.value.as_str())
    }

    /// Its account, or nothing.
    pub fn user(&self) -> &str {
        self.fields.get("username").map_or("", |field| field.value.as_str())
    }

    /// Which database it is.
    pub fn database(&self) -> String {
        database_of(self.url(), self.user())
    }

    fn is_h2(&self) -> bool {
        self.url().starts_with("jdbc:h2:")
    }

    /// The shipped local database: an H2 file whose URL nobody changed, or one in the server's own folder.
    pub fn is_shipped(&self) -> bool {
        self.is_h2()
            && (self.fields.get("url").is_some_and(|field| !field.changed)
                || self
                    .url()
                    .trim_start_matches("jdbc:h2:")
                    .trim_start_matches("./")
                    .starts_with("repository/database/WSO2"))
    }

    /// All that it says.
    pub fn settings(&self) -> impl Iterator<Item = &Field> {
        self.fields.values().chain(self.pool.values())
    }
}

/// The data source that each of `nodes` means, where it speaks: a shipped local H2 is silence.
pub fn pick<'s>(
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
pub fn read(context: &Context<'_, '_>, node: usize) -> Vec<DataSource> {
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

/// The data source of the API manager's own database.
pub fn api_source(context: &Context<'_, '_>, node: usize, sources: &[DataSource]) -> Option<usize> {
    let jndi = context.value(node, "api-database.jndi-name").unwrap_or("jdbc/WSO2AM_DB");
    by_jndi(sources, jndi).or_else(|| by_name(sources, &["WSO2AM_DB", "WSO2_AM_DB", "AM_DB"]))
}

/// The data source of the users.
pub fn realm_source(context: &Context<'_, '_>, node: usize, sources: &[DataSource]) -> Option<usize> {
    match context.value(node, "realm.data-source") {
        Some(jndi) => by_jndi(sources, jndi),
        // A node without user-mgt.xml, or with LDAP, may still have the database that its realm would use.
        None => by_name(sources, &["WSO2UM_DB", "WSO2_USER_DB", "WSO2_UM_DB", "UM_DB", "WSO2_SHARED_DB"])
            .or_else(|| by_jndi(sources, "jdbc/WSO2CarbonDB")),
    }
}

/// The data source of the registry that is mounted at `path`.
pub fn registry_source(context: &Context<'_, '_>, node: usize, sources: &[DataSource], path: &str) -> Option<usize> {
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
