//! Keys that take a few words only.

use crate::check::{Diagnostic, Node};
use crate::diagnostic::Code;
use crate::mapping::nearest::nearest;
use crate::mapping::tables::Tables;
use crate::read::document::{Entry, Shape};
use crate::version::Version;

const USER_STORES: [&str; 8] = [
    "database",
    "database_unique_id",
    "read_only_ldap",
    "read_only_ldap_unique_id",
    "read_write_ldap",
    "read_write_ldap_unique_id",
    "active_directory",
    "active_directory_unique_id",
];
const ENCRYPTION: [&str; 2] = ["symmetric", "asymmetric"];
/// Databases whose driver the product infers.
const DATABASES: [&str; 7] = ["mysql", "mariadb", "postgre", "oracle", "mssql", "db2", "h2"];
const ROLES_OF_3: [&str; 6] =
    ["default", "api-key-manager", "api-publisher", "api-store", "gateway-worker", "traffic-manager"];
const ROLES_OF_4: [&str; 4] = ["default", "control-plane", "gateway-worker", "traffic-manager"];
/// Also known to the configuration tables of 4.x: the first always, the others up to 4.1.
const DEPRECATED: [&str; 3] = ["api-key-manager-deprecated", "api-publisher-deprecated", "api-devportal-deprecated"];

/// What a key is called, the words it takes, and what comes of another.
struct Choice {
    what: &'static str,
    words: Vec<&'static str>,
    effect: &'static str,
}

pub fn unknown(node: &Node<'_>, _: &Tables) -> Vec<Diagnostic> {
    let texts = node.entries().iter().filter(|entry| matches!(entry.value.shape, Shape::Text));
    texts
        .filter(|entry| !entry.value.text.contains(['$', '{']))
        .filter_map(|entry| {
            let Choice { what, words, effect } = words(node, entry)?;
            let text = entry.value.text.as_str();
            if words.contains(&text) {
                return None;
            }
            let message = format!("`{text}` is no {what}: {effect}");
            let near = nearest(text, words.iter().copied());
            let help = match &near[..] {
                [] => format!("write one of {}", words.join(", ")),
                names => format!("did you mean `{}`?", names.join("` or `")),
            };
            Some(node.finding(Code::UnknownWord, &entry.value.span, message).help(help))
        })
        .collect()
}

fn words(node: &Node<'_>, entry: &Entry) -> Option<Choice> {
    const STOPS: &str = "the server does not start";
    let standard = &node.standard;
    Some(match entry.key.as_str() {
        // 3.0 and 3.1 do not know the variants with unique ids, but were not measured word by word.
        "user_store.type" => Choice { what: "type of user store", words: USER_STORES.to_vec(), effect: STOPS },
        "encryption.type" => Choice { what: "type of encryption", words: ENCRYPTION.to_vec(), effect: STOPS },
        "server.server_role" => {
            let mut words = if standard.is_4() { ROLES_OF_4.to_vec() } else { ROLES_OF_3.to_vec() };
            if standard.is_4() {
                let known = if standard.from(Version::new(4, 2)) { 1 } else { DEPRECATED.len() };
                words.extend(&DEPRECATED[..known]);
            } else {
                // The vendor's own template of 3.x says so, and 3.1 and later may know it.
                words.push("api-devportal");
            }
            let effect = "the server starts as an all-in-one";
            Choice { what: "role that this version knows", words, effect }
        }
        key => {
            let database = key.strip_prefix("database.")?.strip_suffix(".type")?;
            let driver = node.entry(&format!("database.{database}.driver"));
            // The message broker's database infers nothing; a driver of one's own stands for the type.
            if database.contains('.') || driver.is_some() {
                return None;
            }
            let effect = "the product takes the H2 driver for it in silence";
            Choice { what: "type of database", words: DATABASES.to_vec(), effect }
        }
    })
}
