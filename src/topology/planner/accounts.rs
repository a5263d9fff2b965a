//! The super admin and the user store's type: one for the whole deployment, on every node (B.2, D.5).

use crate::diagnostic::Code;
use crate::mapping::{Fact, SettingId};
use crate::role::Role;
use crate::value::Value;

use super::conflicts::{Held, Word};
use super::context::{Context, Question};
use super::plan::{Entry, Use};

/// The order of owners: the key manager holds the users; a gateway only if nobody else has a file.
const OWNERS: [Role; 6] =
    [Role::KeyManager, Role::Publisher, Role::Store, Role::TrafficManager, Role::GatewayWorker, Role::GatewayManager];

/// Writes the super admin and the user store's type on every node.
pub fn write(context: &mut Context<'_, '_>) {
    for (fact, key, shipped) in [
        ("admin.username", "super_admin.username", "admin"),
        ("admin.password", "super_admin.password", "admin"),
        ("admin.create", "super_admin.create_admin_account", "true"),
    ] {
        let said = context.said_first(&OWNERS, fact, key);
        let entry = if let Some(held) = said {
            held.entry(typed(key, &held.text))
        } else {
            if fact == "admin.username" && !context.plan.nodes.is_empty() {
                context.ask(Question {
                    id: "super-admin",
                    default: "admin",
                    open: true,
                    affects: &["super_admin.username", "super_admin.password"],
                    ..Question::default()
                });
                if context.plan.asked.iter().any(|asked| asked.id == "super-admin" && asked.open) {
                    context.find(Code::ValueAssumed, "no user-mgt.xml gives the super admin: `admin` was written");
                }
            }
            let answer = context.asked("super-admin").unwrap_or_default();
            // The answer is `name` or `name:password`.
            let (name, password) = answer.split_once(':').unwrap_or((&answer, "admin"));
            let given = match fact {
                "admin.username" if !name.is_empty() => name,
                "admin.password" => password,
                _ => shipped,
            };
            Entry::derived(typed(key, given), "the product's own or the answer, since no file gives it")
                .by("super-admin")
        };
        let entry = entry.secret(key.ends_with("password"));
        for target in 0..context.plan.nodes.len() {
            context.set(target, key, entry.clone());
        }
    }
    write_user_store(context);
}

/// The super admin's name and password also go into AMQP URLs, where XML entities would stand literally: what has
/// special characters is given there once more, percent-encoded (semantics-settings.md 1.5).
///
/// A broker's own account stands already where there is one. What the event hub takes, it takes with its endpoints only.
pub fn write_broker_spelling(context: &mut Context<'_, '_>) {
    let is_special = |value: &str| {
        let opaque = value.starts_with("${") || value.starts_with("$env{") || value.starts_with("$secret{");
        let special = value.contains(['&', '<', '>', '"', '\'', '@', '%', ':', '/', '?', '#']);
        special && !opaque && !crate::mapping::codec::is_opaque(value)
    };
    for target in 0..context.plan.nodes.len() {
        let entries = &context.plan.nodes[target].entries;
        let said = |name: &str| entries.get(&format!("super_admin.{name}")).map(|entry| entry.value.plain());
        let (Some(username), Some(password)) = (said("username"), said("password")) else { continue };
        let any = is_special(&username) || is_special(&password);
        let hub = ["apim.event_hub.event_listening_endpoints", "apim.event_hub.event_duplicate_url"];
        let has_hub = hub.iter().any(|key| entries.contains_key(*key));
        for (name, value) in [("username", username), ("password", password)] {
            // The event hub's templates read the two only together, and only beside its endpoints.
            let special = is_special(&value);
            for (table, written) in [("apim.throttling.jms", special), ("apim.event_hub.jms", any && has_hub)] {
                if !written {
                    continue;
                }
                let text = if special { percent_encoded(&value) } else { value.clone() };
                let why = format!("super_admin.{name}, as it must be written inside an AMQP URL");
                let entry = Entry::derived(Value::text(text), why).secret(name == "password");
                context.set(target, format!("{table}.{name}"), entry);
            }
        }
    }
}

/// `text` with every byte but letters, digits and `-._~` as `%41`.
fn percent_encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn typed(key: &str, value: &str) -> Value {
    // A numeric name must be quoted: the mapper casts it to a text.
    if key.ends_with("create_admin_account") {
        Value::Boolean(value.eq_ignore_ascii_case("true"))
    } else {
        Value::text(value)
    }
}

fn write_user_store(context: &mut Context<'_, '_>) {
    if let Some(held) = context.said_first(&OWNERS, "user-store.type", "user_store.type") {
        let mut entries = vec![("user_store.type", held.entry(Value::text(held.text.clone())))];
        // Beside a type the class is what runs, and the type brings the properties: one node's pair goes over whole.
        let said_by = |setting: &SettingId| setting.node;
        let pair = held.from.iter().map(said_by).any(|node| context.fact(node as usize, "user-store.class").is_some());
        if pair && let Some(class) = context.said_first(&OWNERS, "user-store.class", "user_store.class") {
            entries.push(("user_store.class", class.entry(Value::text(class.text.clone()))));
        }
        for target in 0..context.plan.nodes.len() {
            for (key, entry) in &entries {
                context.set(target, *key, entry.clone());
            }
        }
        return;
    }
    let said = context.said_first(&OWNERS, "user-store.class", "user_store.type");
    if let Some(file) = context.nodes.iter().find_map(|node| node.gap_in("user-mgt.xml")).filter(|_| said.is_none()) {
        let message = format!("{} could not be read: the shipped user store was written", file.path);
        context.find(Code::ValueAssumed, message);
    }
    let (key, entry) = match said {
        None => ("user_store.type", Entry::derived(Value::text("database"), "no user-mgt.xml: the shipped JDBC store")),
        Some(held) => match store_type(&held.text) {
            Some(word) => ("user_store.type", held.entry(Value::text(word))),
            None => ("user_store.class", held.entry(Value::text(held.text.clone()))),
        },
    };
    let entry = match &entry.value {
        Value::Text(word) if context.options.unique_id && key == "user_store.type" && !word.ends_with("_unique_id") => {
            Entry { value: Value::text(format!("{word}_unique_id")), ..entry }
        }
        _ => entry,
    };
    for target in 0..context.plan.nodes.len() {
        context.set(target, key, entry.clone());
    }
}

/// The type of a user store's class (semantics-settings.md 3.2). Old JDBC stores stay `database`: the unique-id
/// class expects user ids that the old data lacks.
pub fn store_type(class: &str) -> Option<&'static str> {
    let simple = class.trim().rsplit('.').next().unwrap_or(class);
    Some(match simple {
        "JDBCUserStoreManager" => "database",
        "UniqueIDJDBCUserStoreManager" => "database_unique_id",
        "ReadOnlyLDAPUserStoreManager" => "read_only_ldap",
        "ReadWriteLDAPUserStoreManager" => "read_write_ldap",
        "ActiveDirectoryUserStoreManager" => "active_directory",
        "UniqueIDReadOnlyLDAPUserStoreManager" => "read_only_ldap_unique_id",
        "UniqueIDReadWriteLDAPUserStoreManager" => "read_write_ldap_unique_id",
        "UniqueIDActiveDirectoryUserStoreManager" => "active_directory_unique_id",
        _ => return None,
    })
}

impl Context<'_, '_> {
    /// What holds of a fact that one node of the deployment owns: the first of `owners` that changed it; if none
    /// did, the first that has it at all. Nodes that say something else are in conflict about `key`.
    pub fn said_first(&mut self, owners: &[Role], fact: &str, key: &str) -> Option<Held> {
        let nodes = self.in_order(owners);
        let facts: Vec<&Fact<'_>> = nodes.iter().filter_map(|node| self.fact(*node, fact)).collect();
        // What a deployment.toml says of this is said, whatever the default: the target demands it of every file.
        let says = |fact: &&Fact<'_>| fact.changed || self.nodes[fact.setting.node as usize].version.major > 2;
        let winner = *facts.iter().find(|fact| says(fact)).or_else(|| facts.first())?;
        // What is left at its shipped value says nothing against the winner.
        let (speaking, silent): (Vec<&Fact<'_>>, Vec<&Fact<'_>>) =
            facts.iter().partition(|fact| says(fact) || fact.value == winner.value);
        let mut words = vec![Word::of(winner.setting, winner.value.clone())];
        let others = speaking.iter().filter(|fact| fact.setting != winner.setting);
        words.extend(others.map(|fact| Word::of(fact.setting, fact.value.clone())));
        let held = self.settle(key, &words, true, None);
        for fact in silent {
            self.mark(fact.setting, Use::Default("the shipped value: another node's holds".to_owned()));
        }
        Some(held)
    }
}

#[cfg(test)]
mod tests {
    use super::store_type;

    #[test]
    fn knows_the_types_of_stores() {
        assert_eq!(store_type("org.wso2.carbon.user.core.jdbc.JDBCUserStoreManager"), Some("database"));
        assert_eq!(store_type("org.wso2.carbon.user.core.ldap.ReadWriteLDAPUserStoreManager"), Some("read_write_ldap"));
        assert_eq!(store_type("com.acme.Store"), None);
    }
}
