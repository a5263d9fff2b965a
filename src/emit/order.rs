//! The order of tables and keys in a written file (semantics.md, B.8). A rank comes first, then the name; names
//! without a rank stand behind those that have one, in the order of their bytes.

/// Tables in a table, those not listed by name. The empty name is the file itself.
const TABLES: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "server",
            "super_admin",
            "user_store",
            "database",
            "keystore",
            "truststore",
            "transport",
            "apim",
            "event_handler",
            "event_listener",
            "service_provider",
        ],
    ),
    ("database", &["apim_db", "shared_db"]),
    (
        "apim",
        &[
            "gateway",
            "sync_runtime_artifacts",
            "key_manager",
            "event_hub",
            "throttling",
            "devportal",
            "publisher",
            "oauth_config",
            "jwt",
            "cache",
            "cache_invalidation",
            "cors",
        ],
    ),
];

/// Keys in a table, those not listed by name. `*` stands for any one name.
const KEYS: &[(&str, &[&str])] = &[
    ("server", &["hostname", "node_ip", "server_role", "offset"]),
    ("super_admin", &["username", "password", "create_admin_account"]),
    ("user_store", &["type"]),
    ("database.*", &["type", "url", "hostname", "name", "port", "username", "password"]),
    (
        "apim.gateway.environment",
        &[
            "name",
            "type",
            "display_in_api_console",
            "description",
            "show_as_token_endpoint_url",
            "service_url",
            "username",
            "password",
            "ws_endpoint",
            "wss_endpoint",
            "http_endpoint",
            "https_endpoint",
        ],
    ),
    ("apim.event_hub", &["service_url", "event_listening_endpoints", "event_duplicate_url"]),
    ("apim.event_hub.publish.url_group", &["urls", "auth_urls", "type"]),
    ("apim.throttling", &["service_url", "throttle_decision_endpoints", "event_duplicate_url"]),
    ("apim.throttling.url_group", &["traffic_manager_urls", "traffic_manager_auth_urls", "type"]),
    ("apim.devportal", &["url", "display_url"]),
    ("apim.cache_invalidation", &["enabled", "domain"]),
    ("event_listener", &["id", "type", "name", "order"]),
    ("event_listener.properties", &["notification_endpoint", "username", "password"]),
];

/// The rank of the table `name` in the table `parent` (its dotted path, without numbers).
#[must_use]
pub fn table(parent: &str, name: &str) -> usize {
    // The cipher tool loses what stands below `[secrets]`.
    if parent.is_empty() && name == "secrets" {
        return usize::MAX;
    }
    rank(TABLES, parent, name)
}

/// The rank of the key `name` in the table `parent` (its dotted path, without numbers).
#[must_use]
pub fn key(parent: &str, name: &str) -> usize {
    rank(KEYS, parent, name)
}

fn rank(lists: &[(&str, &[&str])], parent: &str, name: &str) -> usize {
    lists
        .iter()
        .find(|(table, _)| covers(table, parent))
        .and_then(|(_, names)| names.iter().position(|known| *known == name))
        .unwrap_or(usize::MAX - 1)
}

fn covers(pattern: &str, table: &str) -> bool {
    match pattern.strip_suffix(".*") {
        Some(head) => {
            table.strip_prefix(head).and_then(|rest| rest.strip_prefix('.')).is_some_and(|name| !name.contains('.'))
        }
        None => pattern == table,
    }
}

#[cfg(test)]
mod tests {
    use super::{covers, key, table};

    #[test]
    fn ranks_tables() {
        assert!(table("", "server") < table("", "apim"));
        assert!(table("", "apim") < table("", "anything"));
        assert!(table("", "anything") < table("", "secrets"));
        assert_eq!(table("", "oauth"), table("", "realm_manager"));
    }

    #[test]
    fn ranks_keys() {
        assert!(key("database.apim_db", "port") < key("database.apim_db", "username"));
        assert!(key("database.apim_db", "password") < key("database.apim_db", "driver"));
        assert!(covers("database.*", "database.user"));
        assert!(!covers("database.*", "database.user.pool_options"));
        assert!(!covers("database.*", "database"));
    }
}
