//! Databases and user stores that the nodes of a deployment share.

use super::{control_planes, literal};
use crate::check::{Diagnostic, Node};
use crate::diagnostic::{Code, Severity};
use crate::mapping::tables::Tables;
use crate::role::Profile;
use crate::text::Parts as _;

/// Where a database is, so that two nodes can be compared: without parameters, host in lower case, default ports.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Database {
    /// A file beside the server.
    Local,
    /// Host, port, name, as far as told, in one text.
    Server(String),
}

fn database(node: &Node<'_>, name: &str) -> Option<Database> {
    let field = |field: &str| literal(node, &format!("database.{name}.{field}"));
    let url = match field("url") {
        Some(url) => url,
        None if node.entry(&format!("database.{name}.url")).is_some() => return None,
        None => {
            let kind = field("type")?;
            if kind == "h2" {
                return Some(Database::Local);
            }
            let port = field("port").map_or_else(String::new, |port| format!(":{port}"));
            format!("jdbc:{kind}://{}{port}/{}", field("hostname")?, field("name").or_else(|| field("sid"))?)
        }
    };
    let url = url.trim();
    let (kind, rest) = url.strip_prefix("jdbc:")?.split_once(':')?;
    if kind == "h2" && !rest.contains("tcp:") && !rest.contains("ssl:") {
        return Some(Database::Local);
    }
    let (place, options) = match rest.find(['?', ';']) {
        Some(end) => (rest.part(..end), rest.part(end + 1..)),
        None => (rest, ""),
    };
    // SQL Server names the database among the options.
    let named = options.split([';', '&']).find_map(|option| {
        let (name, value) = option.trim_start_matches("amp;").split_once('=')?;
        matches!(name.to_ascii_lowercase().as_str(), "databasename" | "database").then_some(value)
    });
    let port = match kind {
        "mysql" | "mariadb" => ":3306",
        "postgresql" | "postgre" => ":5432",
        "sqlserver" | "mssql" => ":1433",
        "oracle" => ":1521",
        _ => ":50000",
    };
    let place = place.replacen(port, "", 1);
    let (host, path) = place.trim_start_matches("//").split_once('/').unwrap_or((place.trim_start_matches("//"), ""));
    Some(Database::Server(format!("{}/{path}{}", host.to_ascii_lowercase(), named.unwrap_or(""))))
}

pub fn differ(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    let planes = control_planes(nodes);
    let mut found = Vec::new();
    for name in ["shared_db", "apim_db"] {
        let Some((first, expected)) = planes.iter().find_map(|node| Some((*node, database(node, name)?))) else {
            continue;
        };
        for node in nodes.iter().filter(|node| node.file != first.file) {
            let Some(own) = database(node, name) else { continue };
            let plane = planes.iter().any(|plane| plane.file == node.file);
            let (same, message) = match (&own, &expected) {
                (Database::Local, Database::Local) => (!plane, format!("`{name}` is a file of its own on each node")),
                // A gateway or traffic manager may do with a local one.
                (Database::Local, Database::Server(_)) => {
                    (!plane, format!("`{name}` is a local file, and a server's on `{}`", first.name))
                }
                _ => (own == expected, format!("`{name}` is another database than on `{}`", first.name)),
            };
            if same {
                continue;
            }
            let span = |node: &Node<'_>| {
                let fields = ["url", "hostname", "type"].map(|field| format!("database.{name}.{field}"));
                fields.iter().find_map(|key| node.entry(key)).map(|entry| entry.value.span.clone())
            };
            let (Some(own_span), Some(first_span)) = (span(node), span(first)) else { continue };
            let finding = node
                .finding(Code::DatabasesDiffer, &own_span, message)
                .related(format!("`{}`", first.name), first.place(&first_span));
            // What gateways have there 4.x does not read.
            let reads = plane || node.profile == Some(Profile::TrafficManager);
            found.push(if reads { finding } else { finding.severity(Severity::Warning) });
        }
    }
    found
}

pub fn user_stores(nodes: &[Node<'_>], _: &Tables) -> Vec<Diagnostic> {
    let planes = control_planes(nodes);
    let mut found = Vec::new();
    for key in
        ["user_store.type", "user_store.class", "user_store.connection_url", "user_store.properties.ConnectionURL"]
    {
        let Some((first, entry, expected)) =
            planes.iter().find_map(|node| Some((*node, node.entry(key)?, literal(node, key)?)))
        else {
            continue;
        };
        for node in nodes.iter().filter(|node| node.file != first.file) {
            let (Some(own), Some(value)) = (node.entry(key), literal(node, key)) else { continue };
            if value == expected {
                continue;
            }
            let message = format!("`{key}` is `{value}`, and `{expected}` on `{}`", first.name);
            let finding = node
                .finding(Code::UserStoresDiffer, &own.value.span, crate::secret::mask_urls(&message))
                .related(format!("`{}`", first.name), first.place(&entry.value.span));
            let plane = planes.iter().any(|plane| plane.file == node.file);
            found.push(if plane { finding } else { finding.severity(Severity::Warning) });
        }
    }
    found
}
