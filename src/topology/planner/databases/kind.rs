//! What a JDBC URL tells, and what the target infers from a database's type (semantics-settings.md 2).

use crate::text::Parts as _;

/// What the mapper infers from a database's type (semantics-settings.md 2.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DatabaseType {
    /// The word under `type`.
    pub word: &'static str,
    /// The driver's class.
    pub driver: &'static str,
    /// The query that proves a connection.
    pub validation_query: &'static str,
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

/// What the target's pools have when a key is left out (local, `shared_db`, `apim_db`).
pub const POOL_DEFAULTS: [(&str, &str); 5] = [
    ("maxActive", "50"),
    ("maxWait", "60000"),
    ("testOnBorrow", "true"),
    ("validationInterval", "30000"),
    ("defaultAutoCommit", "true"),
];

/// Whether accounts on one URL can be databases of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accounts {
    /// An account is a schema: another account is another database.
    Apart,
    /// It depends on how the schemas were set up.
    Unclear,
    /// The URL says the database.
    Same,
}

/// What another account on the URL means.
#[must_use]
pub fn accounts(url: &str) -> Accounts {
    match database_type(url).map(|kind| kind.word) {
        Some("oracle") => Accounts::Apart,
        Some("db2") if schema(url).is_none() => Accounts::Apart,
        Some("postgre") if schema(url).is_none() => Accounts::Unclear,
        Some("mssql") => Accounts::Unclear,
        _ => Accounts::Same,
    }
}

/// The schema that a URL names.
fn schema(url: &str) -> Option<String> {
    let url = url.to_ascii_lowercase();
    let (_, rest) = url.split_once("currentschema=")?;
    let end = rest.find(['&', ';', ':', '?']).unwrap_or(rest.len());
    Some(rest.part(..end).trim().to_owned()).filter(|schema| !schema.is_empty())
}

/// Which database a URL and an account mean. Where it is unclear, another account counts as another database: each
/// then keeps what it reached, whatever the schemas are.
#[must_use]
pub fn database_of(url: &str, user: &str) -> String {
    let mut place = normalized(url);
    if let Some(schema) = schema(url) {
        place.extend(["#", &schema]);
    }
    if accounts(url) != Accounts::Same {
        place.extend(["|", &user.trim().to_ascii_lowercase()]);
    }
    place
}

/// Whether the query is one of another vendor's, which the database refuses.
#[must_use]
pub fn is_refused(url: &str, query: &str) -> bool {
    let word = database_type(url).map(|kind| kind.word);
    matches!(word, Some("oracle" | "db2")) && !query.to_ascii_lowercase().contains("from")
        || matches!(word, Some("postgre" | "mssql")) && query.to_ascii_lowercase().contains("from dual")
}

/// What a URL means, whatever its parameters (semantics-settings.md 2.1). SQL Server names the database in one.
pub fn normalized(url: &str) -> String {
    let url = url.trim().to_ascii_lowercase();
    let database = url
        .split(';')
        .find_map(|part| part.trim().strip_prefix("databasename=").or_else(|| part.trim().strip_prefix("database=")))
        .map(|name| format!("/{}", name.trim()));
    let url = url.split(['?', ';']).next().unwrap_or(&url).trim_end_matches('/').to_owned();
    let url = url + database.as_deref().unwrap_or_default();
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
        let server = |rest: &str| normalized(&format!("jdbc:sqlserver://sql.example.com{rest}"));
        assert_eq!(server(":1433;databaseName=am;encrypt=true"), server(";encrypt=false;DatabaseName=AM"));
        assert_ne!(server(":1433;databaseName=am"), server(":1433;databaseName=um"));
    }
}
