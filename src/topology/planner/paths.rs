//! Paths of the old server's disk in written values (semantics-settings.md 1.7).

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::text::Parts as _;

use super::context::Context;

/// Reports what names the old server's home directory or version: nothing lies there on the new one.
pub fn check(context: &mut Context<'_, '_>) {
    let mut found: Vec<(SettingId, String)> = Vec::new();
    for node in &context.plan.nodes {
        for (key, entry) in node.entries.iter().filter(|(_, entry)| !entry.secret) {
            let (Some(setting), text) = (entry.from.first(), entry.value.plain()) else { continue };
            if names_old_home(&text) {
                found.push((
                    *setting,
                    format!("{key} names a folder of the old server: {}", crate::secret::mask_urls(&text)),
                ));
            }
        }
    }
    for (setting, message) in found {
        context.find_at(Code::OldPath, setting, message);
    }
}

/// Whether a text holds a path with a folder named after a 2.x product, or an absolute one into a server's
/// `repository`. Addresses of servers and paths of the registry are no paths of the disk.
fn names_old_home(text: &str) -> bool {
    let remote = ["http://", "https://", "tcp://", "ssl://", "ldap://", "ldaps://", "amqp://"];
    let text = text.trim();
    // A database server's own names follow two slashes: `jdbc:mysql://db/name`.
    let server = text.starts_with("jdbc:") && text.contains("://");
    if server || remote.iter().any(|scheme| text.starts_with(scheme)) || text.contains("/_system/") {
        return false;
    }
    let path = text.replace('\\', "/");
    let versioned = path.contains('/') && path.split('/').any(is_old_product);
    // `:` ends the head of a JDBC or file URL, or a drive's letter.
    let start = path.rfind(":/").map_or(0, |at| at + 1);
    let inside = ["conf", "resources", "deployment", "components", "database", "logs", "data", "tenants"]
        .iter()
        .any(|folder| path.part(start..).contains(&format!("/repository/{folder}")));
    versioned || (inside && path.part(start..).starts_with('/'))
}

/// `wso2am-2.6.0`, `wso2am-analytics-2.5.0`, `wso2is-km-5.7.0`.
fn is_old_product(folder: &str) -> bool {
    let Some(rest) = folder.to_ascii_lowercase().strip_prefix("wso2").map(str::to_owned) else { return false };
    rest.rsplit_once(['-', '_']).is_some_and(|(name, version)| {
        !name.is_empty() && version.contains('.') && version.starts_with(|first: char| first.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::names_old_home;

    #[test]
    fn tells_paths_of_the_old_server() {
        for text in [
            "/opt/wso2am-2.6.0/logs",
            "C:\\wso2\\wso2am-2.1.0\\repository\\logs",
            "jdbc:h2:/home/apim/repository/database/WSO2AM_DB",
            "/srv/apim/repository/resources/security/x.jks",
            "jdbc:h2:../wso2is-km-5.7.0/repository/database/X",
        ] {
            assert!(names_old_home(text), "{text}");
        }
        for text in [
            "${carbon.home}/repository/logs",
            "repository/resources/security/x.jks",
            "./repository/database/X",
            "/var/log/apim",
            "https://host/wso2am-2.6.0/x",
            "/_system/local/repository/components/org.wso2.carbon.registry/indexing/lastaccesstime",
            "jdbc:mysql://db:3306/wso2am-2.6.0",
            "wso2am-2.6.0",
        ] {
            assert!(!names_old_home(text), "{text}");
        }
    }
}
