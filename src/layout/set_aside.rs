//! Which nodes are other products (A.5). They are read and reported, and take no part in the rest.

use std::sync::LazyLock;

use serde::Deserialize;

use super::version::Seen;
use crate::mapping::tables::built_in;
use crate::read::Leaf;
use crate::role::Role;

/// Which other product a node is, as a role that is set aside, and the reason for the report.
#[must_use]
pub fn other_product(node_name: &str, files: &[Seen<'_, '_>]) -> Option<(Role, String)> {
    by_files(node_name, files).or_else(|| match by_carbon(files) {
        Carbon::Other(role, reason) => Some((role, reason)),
        Carbon::ApiManager => by_name(node_name, true).filter(|(role, _)| may_be(*role, files)),
        Carbon::Silent => {
            by_name(node_name, false).filter(|(role, _)| may_be(*role, files)).or_else(|| by_identity_files(files))
        }
    })
}

/// Whether files leave it open that a node is what its name says: content goes before a name. Of other products only the
/// Identity Server and an on-premise gateway have an api-manager.xml, and only the Identity Server and integrators a
/// deployment.toml: analytics have a deployment.yaml, micro-gateways a micro-gw.conf.
fn may_be(role: Role, files: &[Seen<'_, '_>]) -> bool {
    let has = |name: &str| files.iter().any(|file| file.name == name && !file.leaves.is_empty());
    let toml = || files.iter().find(|file| file.name == "deployment.toml").map_or(&[][..], |file| file.leaves);
    match role {
        Role::IsAsKm => true,
        Role::MicroGateway => !has("deployment.toml"),
        Role::Analytics => !has("api-manager.xml") && !has("deployment.toml"),
        _ => !has("api-manager.xml") && !toml().iter().any(|leaf| is_own_key(&leaf.path)),
    }
}

enum Carbon {
    Other(Role, String),
    ApiManager,
    Silent,
}

/// carbon.xml names the product; a deployment.toml with tables of API-M's own is API-M's.
fn by_carbon(files: &[Seen<'_, '_>]) -> Carbon {
    let own =
        |leaf: &crate::read::Leaf<'_>| leaf.path.starts_with("apim.") && !leaf.path.starts_with("apim.throttling");
    if files.iter().any(|file| file.name == "deployment.toml" && file.leaves.iter().any(own)) {
        return Carbon::ApiManager;
    }
    let value = |path: &str| {
        let file = files.iter().find(|file| file.name == "carbon.xml")?;
        let leaf = file.leaves.iter().find(|leaf| leaf.path == path)?;
        Some(leaf.value.trim().to_owned()).filter(|value| !value.is_empty())
    };
    let key = value("/Server/ServerKey").unwrap_or_default();
    let name = value("/Server/Name").unwrap_or_default();
    let lower = name.to_lowercase();
    let said = |what: &str| format!("carbon.xml names {what}: Name `{name}`, ServerKey `{key}`");
    if key.eq_ignore_ascii_case("IS") || lower.contains("identity server") {
        return Carbon::Other(Role::IsAsKm, identity_server(&said("the Identity Server")));
    }
    if ["DAS", "SP", "ANALYTICS", "APIM-ANALYTICS"].iter().any(|known| key.eq_ignore_ascii_case(known))
        || lower.contains("analytics")
        || lower.contains("stream processor")
    {
        return Carbon::Other(Role::Analytics, analytics(&said("an analytics server")));
    }
    if key.eq_ignore_ascii_case("AM") || lower.contains("api manager") {
        return Carbon::ApiManager;
    }
    let products =
        ["ESB", "EI", "MI", "SI", "BPS", "DSS", "AS", "GREG", "MB", "CEP", "EMM", "IOT", "BRS", "UES", "MS4J"];
    if products.iter().any(|known| key.eq_ignore_ascii_case(known)) {
        return Carbon::Other(Role::Integrator, format!("{}; it is no API Manager", said("another product")));
    }
    Carbon::Silent
}

/// Another product that is configured by a deployment.toml (`mappings/products.toml`).
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Product {
    /// What it is called, with its article.
    pub name: String,
    /// The role that its nodes are set aside as.
    pub role: Role,
    /// Tables that it has, and API-M in no version.
    pub tables: Vec<String>,
    /// Tables that API-M has as well, but sets never without some of its own.
    #[serde(default)]
    pub shared: Vec<String>,
    /// Why it is set aside, and what to do with it.
    pub why: String,
    /// Where this is known from.
    pub source: String,
    /// A key that it is known by.
    pub example: String,
}

/// `mappings/products.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Products {
    api_manager: ApiManager,
    product: Vec<Product>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ApiManager {
    /// Tables and keys that only an API Manager's file has.
    own: Vec<String>,
}

static PRODUCTS: LazyLock<Products> =
    LazyLock::new(|| built_in(include_str!(concat!(env!("OUT_DIR"), "/products.json")), "products.toml"));

/// The products of `mappings/products.toml`.
#[must_use]
pub fn products() -> &'static [Product] {
    &PRODUCTS.product
}

/// Whether a key of a deployment.toml is one that only an API Manager's has.
#[must_use]
pub fn is_own_key(key: &str) -> bool {
    PRODUCTS.api_manager.own.iter().any(|own| key == own || is_below(key, own))
}

fn is_below(key: &str, table: &str) -> bool {
    key.strip_prefix(table).is_some_and(|rest| rest.starts_with(['.', '[']))
}

fn has_table(leaves: &[Leaf<'_>], table: &str) -> bool {
    leaves.iter().any(|leaf| is_below(&leaf.path, table))
}

/// Files that only one product has.
fn by_files(node_name: &str, files: &[Seen<'_, '_>]) -> Option<(Role, String)> {
    let has = |names: &[&str]| files.iter().find(|file| names.contains(&file.name)).map(|file| file.name);
    let manager = has(&["api-manager.xml"]).is_some();
    if let Some(name) = has(&["worker/deployment.yaml", "dashboard/deployment.yaml", "conf/worker/deployment.yaml"])
        && !manager
    {
        return Some((Role::Analytics, analytics(&format!("`{name}` is a Stream Processor's"))));
    }
    if let Some(name) = has(&["server/deployment.yaml", "conf/server/deployment.yaml"])
        && !manager
    {
        let why = format!("`{name}` is a Streaming Integrator's; it is no API Manager");
        return Some((Role::Integrator, why));
    }
    if let Some(name) = has(&["micro-gw.conf"]) {
        return Some((Role::MicroGateway, micro_gateway(&format!("`{name}` is a micro-gateway's"))));
    }
    if let Some(key) = edited_on_premise(files) {
        let why = format!("on-premise-gateway.properties sets `{key}`");
        return Some((Role::MicroGateway, micro_gateway(&why)));
    }
    if let Some(file) = files.iter().find(|file| file.name == "deployment.toml") {
        let with = |prefix: &str| file.leaves.iter().any(|leaf| leaf.path.starts_with(prefix));
        let apim =
            file.leaves.iter().any(|leaf| leaf.path.starts_with("apim.") && !leaf.path.starts_with("apim.throttling"));
        if let Some((product, table)) = products().iter().filter(|_| !apim).find_map(|product| {
            let table = product.tables.iter().find(|table| has_table(file.leaves, table))?;
            Some((product, table))
        }) {
            let why = format!("deployment.toml has `{table}`, a table of {}: {}", product.name, product.why);
            return Some((product.role, why));
        }
        // Tables that API-M has too, but never alone.
        if !apim && (with("authentication.") || with("database.identity_db")) {
            return Some((Role::IsAsKm, identity_server("deployment.toml has the Identity Server's tables")));
        }
        // The home of an API Manager may say no more than what all products have.
        let own = is_manager_name(node_name)
            || matches!(by_carbon(files), Carbon::ApiManager)
            || file.leaves.iter().any(|leaf| is_own_key(&leaf.path));
        if let Some((product, table)) = products().iter().filter(|_| !own).find_map(|product| {
            let table = product.shared.iter().find(|table| has_table(file.leaves, table))?;
            Some((product, table))
        }) {
            let what = format!("deployment.toml has `{table}` and no key that only an API Manager has");
            return Some((product.role, format!("{what}: {}", product.why)));
        }
    }
    // Some copied it to their API Manager: there the name says so.
    let manager = is_manager_name(node_name);
    let untouched = !manager
        && files.iter().any(|file| {
            file.name == "api-manager.xml"
                && file.leaves.iter().any(|leaf| leaf.value.contains("${GATEWAY_SERVER_HOST}"))
        });
    untouched.then(|| {
        (
            Role::IsAsKm,
            identity_server(
                "api-manager.xml is the one that ships with the Identity Server (`${GATEWAY_SERVER_HOST}`)",
            ),
        )
    })
}

/// What on-premise-gateway.properties says that the file of 2.2 to 2.6 does not ship: an address of its master, mostly.
fn edited_on_premise(files: &[Seen<'_, '_>]) -> Option<String> {
    const SHIPPED: [(&str, &[&str]); 3] = [
        ("updated.api.info.retrieval.duration", &["15"]),
        ("usage.data.publishing.enabled", &["true", "false"]),
        ("usage.publishing.frequency", &["300000"]),
    ];
    let file = files.iter().find(|file| file.name == "on-premise-gateway.properties")?;
    let leaves = crate::read::properties::properties(file.text?).leaves;
    let edited = leaves
        .iter()
        .find(|leaf| !SHIPPED.iter().any(|(key, values)| *key == leaf.path && values.contains(&leaf.value.trim())))?;
    Some(edited.path.clone())
}

/// An api-manager.xml without a gateway beside identity files: the Identity Server's.
fn by_identity_files(files: &[Seen<'_, '_>]) -> Option<(Role, String)> {
    let manager = files.iter().find(|file| file.name == "api-manager.xml" && !file.leaves.is_empty())?;
    let gateway = manager.leaves.iter().any(|leaf| leaf.path.starts_with("/APIManager/APIGateway"));
    let identity = files.iter().any(|file| file.name.starts_with("identity/"));
    (!gateway && identity)
        .then(|| (Role::IsAsKm, identity_server("api-manager.xml has no APIGateway, and identity/ is there")))
}

/// The folder's name. Where carbon.xml says API Manager, only the micro-gateway's name counts: it is one.
fn by_name(name: &str, is_api_manager: bool) -> Option<(Role, String)> {
    let words = words(name);
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    let run = |wanted: &[&str]| words.windows(wanted.len()).any(|window| window.iter().eq(wanted.iter()));
    let said = format!("its name is `{name}`");
    if run(&["micro", "gw"])
        || run(&["micro", "gateway"])
        || run(&["on", "premise", "gateway"])
        || has(&["microgw", "microgateway", "mgw"])
    {
        return Some((Role::MicroGateway, micro_gateway(&said)));
    }
    if is_api_manager {
        return None;
    }
    if has(&["is", "wso2is", "isaskm", "iskm"]) || run(&["identity", "server"]) || has(&["identityserver"]) {
        return Some((Role::IsAsKm, identity_server(&said)));
    }
    let with = run(&["with", "analytics"]);
    if !with && has(&["analytics", "das", "sp", "wso2das", "wso2sp"]) {
        return Some((Role::Analytics, analytics(&said)));
    }
    if has(&["bps", "wso2bps", "wso2ei", "wso2mi", "wso2esb", "ei", "esb"]) {
        return Some((Role::Integrator, format!("{said}; it is no API Manager")));
    }
    None
}

/// Whether a folder's name is that of an API Manager.
fn is_manager_name(name: &str) -> bool {
    words(name).iter().any(|word| matches!(word.as_str(), "am" | "wso2am" | "apim" | "api"))
}

/// The words of a name: letters between anything else.
fn words(name: &str) -> Vec<String> {
    name.to_lowercase()
        .split(|c: char| !c.is_ascii_alphabetic() && c != '2')
        .map(|word| word.trim_end_matches('2').to_owned())
        .filter(|word| !word.is_empty())
        .collect()
}

fn identity_server(why: &str) -> String {
    format!(
        "{why}; an Identity Server is no API-M node: register it as a key manager in the admin portal, and let its \
         event listener post to https://<control plane>/internal/data/v1/notify"
    )
}

fn analytics(why: &str) -> String {
    format!("{why}; this analytics is gone: 4.x publishes to the vendor's cloud or writes logs for ELK")
}

fn micro_gateway(why: &str) -> String {
    format!("{why}; an on-premise gateway is a product line of its own: set it up anew, or as a gateway-worker")
}

#[cfg(test)]
mod tests {
    use super::{by_name, edited_on_premise, words};
    use crate::layout::version::Seen;
    use crate::role::Role;

    #[test]
    fn tells_an_edited_on_premise_gateway() {
        let edited = |text: &str| {
            let seen = |name| Seen { name, path: name, leaves: &[], text: Some(text) };
            edited_on_premise(&[seen("carbon.xml"), seen("on-premise-gateway.properties")])
        };
        let shipped = "updated.api.info.retrieval.duration=15\nusage.data.publishing.enabled=false\n\
                       usage.publishing.frequency=300000\n";
        assert_eq!(edited(shipped), None);
        assert_eq!(edited("# api.gateway.url=https://am.example.com:8243\nusage.data.publishing.enabled=true"), None);
        let master = format!("{shipped}api.gateway.url=https://am.example.com:8243\n");
        assert_eq!(edited(&master).as_deref(), Some("api.gateway.url"));
        assert_eq!(edited("usage.publishing.frequency=60000").as_deref(), Some("usage.publishing.frequency"));
    }

    #[test]
    fn tells_other_products_by_name() {
        let role = |name: &str| by_name(name, false).map(|found| found.0);
        for name in ["is-as-km", "apim-is-as-km", "is-key-manager", "wso2is-5.7.0", "identity-server"] {
            assert_eq!(role(name), Some(Role::IsAsKm), "{name}");
        }
        assert_eq!(role("am-analytics-worker"), Some(Role::Analytics));
        assert_eq!(role("apim-with-analytics-apim"), None);
        assert_eq!(role("micro-gw"), Some(Role::MicroGateway));
        assert_eq!(role("gateway-1"), None);
        assert_eq!(by_name("is-as-km", true).map(|found| found.0), None);
        assert_eq!(words("wso2is-5.7"), ["wso2is"]);
    }
}
