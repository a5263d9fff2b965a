//! The places of a deployment where a value can stand: each row, each key of the catalog, and properties of any name.

use std::collections::BTreeMap;

use apim_migrate::mapping::tables::Tables;
use apim_migrate::version::Target;

use super::forms::{NAMES, PLAIN_NAMES};
use crate::document::document;

/// A place, and what it tells.
#[derive(Clone, Debug)]
pub struct Place {
    /// The file below the node's home.
    pub file: String,
    /// The path in it.
    pub path: String,
    /// It tells that its value is a secret.
    pub secret: bool,
}

/// What a name of a row or key must have for its value to be one; kept apart from the code that is tested.
fn is_named(path: &str) -> bool {
    let last = path.rsplit(['/', '.']).next().unwrap_or(path).to_ascii_lowercase();
    let last = last.trim_end_matches(['\'', '"', ']']);
    [
        "password",
        "passwd",
        "passphrase",
        "pwd",
        "clientsecret",
        "consumer_secret",
        "consumersecret",
        "apikey",
        "refreshtoken",
        "keypass",
        "storepass",
    ]
    .iter()
    .any(|word| last.ends_with(word))
}

/// Rows of 2.x whose values decide what the deployment is: they stay as they are.
const FIXED: [&str; 3] = ["/Server/Version", "/Server/Name", "/Server/ServerKey"];

/// The places of a 2.x server.
pub fn old(tables: &Tables) -> Vec<Place> {
    let mut places = Vec::new();
    for table in tables.tables().iter().filter(|table| !table.head.is_toml()) {
        let file = format!("repository/conf/{}", table.head.paths[0].replace('*', "sample"));
        let mut seen = std::collections::BTreeSet::new();
        for rule in table.rules() {
            for from in rule.from.iter() {
                let path = from.replace('*', "Sample");
                if FIXED.contains(&path.as_str()) || !seen.insert(path.clone()) {
                    continue;
                }
                let secret = is_named(&path) || (rule.secret && rule.from.iter().count() == 1);
                places.push(Place { file: file.clone(), path, secret });
            }
        }
    }
    for (number, name) in NAMES.iter().enumerate() {
        let free = |file: &str, path: String| Place { file: format!("repository/conf/{file}"), path, secret: true };
        let element = name.replace(['.', '-'], "_");
        places.extend([
            free("api-manager.xml", format!("/APIManager/Custom/{element}")),
            free("api-manager.xml", format!("/APIManager/Custom/Deep{number}/@{element}")),
            free("user-mgt.xml", format!("/UserManager/Realm/UserStoreManager[@class='com.acme.Store']/Property[@name='{name}']")),
            free("synapse-handlers.xml", format!("/handlers/handler[@name='H{number}']/property[@name='{name}']/@value")),
            free("tomcat/web.xml", format!("/web-app/context-param[param-name='{name}']/param-value")),
            free("identity/identity.xml", format!("/Server/Pair{number}/Parameter[Name='{name}']/Value")),
            free("identity/application-authentication.xml", format!("/ApplicationAuthentication/AuthenticatorConfigs/AuthenticatorConfig[@name='X']/Parameter[@name='{name}']")),
            free("log4j.properties", format!("log4j.appender.S.{name}")),
            free("carbon.properties", format!("custom.{name}")),
            free("jndi.properties", format!("custom.{name}")),
            free("datasources/master-datasources.xml", format!("/datasources-configuration/datasources/datasource[name='CUSTOM_DB']/definition/configuration/dataSourceProps/property[@name='{name}']")),
            free("unknown/custom.xml", format!("/custom/{element}")),
            free("unknown/custom.properties", format!("custom.{name}")),
        ]);
    }
    for name in PLAIN_NAMES {
        places.push(Place {
            file: "repository/conf/user-mgt.xml".to_owned(),
            path: format!("/UserManager/Realm/UserStoreManager[@class='com.acme.Store']/Property[@name='{name}']"),
            secret: false,
        });
        places.push(Place {
            file: "repository/conf/log4j.properties".to_owned(),
            path: format!("log4j.appender.S.{name}"),
            secret: false,
        });
    }
    places
}

/// The places of a `deployment.toml`: part number `part` of `parts`, with every property of a free name. Of the keys that
/// the target does not read, for each of which near names are sought, one in six is taken.
pub fn toml(tables: &Tables, part: usize, parts: usize) -> Vec<Place> {
    let place = |path: String, secret: bool| Place { file: "repository/conf/deployment.toml".to_owned(), path, secret };
    let mut places: Vec<Place> = tables
        .catalog
        .all_keys()
        .filter(|key| key.kind != apim_migrate::mapping::catalog::Kind::Table && key.name != "server.server_role")
        .enumerate()
        .filter(|(index, key)| {
            index % parts == part && (key.is_read_by(Target::Current) || (index / parts).is_multiple_of(6))
        })
        .map(|(_, key)| key)
        .map(|key| place(key.name.replace("<name>", "sample").replace("[]", "[0]"), is_named(key.name)))
        .collect();
    for (number, name) in NAMES.iter().enumerate() {
        places.extend([
            place(format!("custom.'{name}'"), true),
            place(format!("system.parameter.'{name}'"), true),
            place(format!("apim.'{name}'"), true),
            place(format!("user_store.properties.'{name}'"), true),
            place(format!("custom.entry[{number}].'{name}'"), true),
        ]);
    }
    places.extend(PLAIN_NAMES.iter().map(|name| place(format!("custom.plain.'{name}'"), false)));
    // A table holds no value where another key has it for a table.
    let paths: Vec<String> = places.iter().map(|place| place.path.clone()).collect();
    let is_table = |path: &str| {
        paths.iter().any(|other| other.strip_prefix(path).is_some_and(|rest| rest.starts_with(['.', '['])))
    };
    places.retain(|place| !is_table(&place.path));
    places
}

/// The files of a server with these values at these places.
pub fn files(places: &[Place], values: &[String]) -> BTreeMap<String, String> {
    let mut by_file: BTreeMap<&str, Vec<(&str, String)>> = BTreeMap::new();
    for (place, value) in places.iter().zip(values) {
        let value = if place.file.ends_with(".properties") {
            value.replace('\\', "\\\\").replace('\n', "\\n")
        } else {
            value.clone()
        };
        by_file.entry(&place.file).or_default().push((&place.path, value));
    }
    by_file
        .into_iter()
        .map(|(file, leaves)| {
            let text = document(file, leaves.iter().map(|(path, value)| (*path, value.as_str())));
            (file.to_owned(), text)
        })
        .collect()
}
