//! Signs in the new nodes: databases, secrets, hosts and ports, start commands.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::{Points, Subject};
use crate::mapping::Standing;
use crate::read::LeafKind;
use crate::role::Profile;
use crate::secret::mask_urls;
use crate::source::Place;
use crate::topology::planner::plan::{Entry, TargetNode};
use crate::topology::references::aliases;
use crate::topology::source::host::is_local;
use crate::version::Target;

/// Ports by what they serve, before the offset; a key that moves a port on its own stands beside it.
type Port = (u16, Option<&'static str>);
const CONSOLE: (&str, [Port; 2]) = (
    "console and portals",
    [(9443, Some("transport.https.properties.port")), (9763, Some("transport.http.properties.port"))],
);
const SERVICES: (&str, [Port; 2]) = ("services", CONSOLE.1);
const APIS: (&str, [Port; 2]) = ("APIs", [(8243, None), (8280, None)]);
const WEB_SOCKETS: (&str, [Port; 2]) = ("WebSocket", [(8099, None), (9099, None)]);
const WEB_SUB: (&str, [Port; 2]) = ("WebSub", [(8021, None), (9021, None)]);
const EVENTS: (&str, [Port; 2]) = ("events", [(5672, None), (8672, None)]);
const RECEIVER: (&str, [Port; 2]) = ("traffic manager", [(9611, None), (9711, None)]);

impl Subject<'_, '_> {
    fn causes(&self, entry: &Entry) -> Vec<Place> {
        entry.from.iter().map(|setting| self.place(*setting)).collect()
    }

    /// The databases of the new deployment, each once.
    pub(super) fn databases(&self, points: &mut Points) {
        for node in &self.deployment.plan.nodes {
            for (key, entry) in urls(node) {
                let url = mask_urls(&entry.value.plain());
                if !url.starts_with("jdbc:h2:") {
                    points.add(None, format!("`{key}`: `{url}`"), self.causes(entry));
                }
            }
        }
    }

    /// The target expects users with unique ids (semantics-settings.md 3.2).
    pub(super) fn user_store(&self, points: &mut Points) {
        for node in &self.deployment.plan.nodes {
            let Some(entry) = node.entries.get("user_store.type") else { continue };
            let word = entry.value.plain();
            let text = if word.ends_with("_unique_id") {
                format!("`user_store.type` is `{word}`: the users must have their ids before the first start")
            } else {
                format!(
                    "`user_store.type` is `{word}`, as it was; the target expects the variant with unique ids: switch \
                     it to `{word}_unique_id` in the step in which the users' database or LDAP schema is migrated"
                )
            };
            points.add(None, text, self.causes(entry));
        }
    }

    pub(super) fn h2(&self, points: &mut Points) {
        for node in &self.deployment.plan.nodes {
            for (key, entry) in urls(node).filter(|(_, entry)| entry.value.plain().starts_with("jdbc:h2:")) {
                let mut causes = self.causes(entry);
                if causes.is_empty() {
                    let name = key.rsplit('.').next().unwrap_or(key);
                    let old = self.facts("data-source.url").filter(|fact| {
                        let merged = node.merged.contains(&(fact.setting.node as usize));
                        let same = match name {
                            "apim_db" => fact.entity.as_deref() == Some("WSO2AM_DB"),
                            _ => fact.entity.as_deref() == Some("WSO2_CARBON_DB"),
                        };
                        merged && same && fact.value.starts_with("jdbc:h2:")
                    });
                    causes = old.map(|fact| self.place(fact.setting)).collect();
                }
                points.add(Some(&node.name), format!("`{key}` is an H2 file of the new node"), causes);
            }
        }
    }

    /// The drivers that each new node needs.
    pub(super) fn drivers(&self, points: &mut Points) {
        for node in &self.deployment.plan.nodes {
            let mut needed: IndexMap<String, (Vec<String>, Vec<Place>)> = IndexMap::new();
            for (key, entry) in urls(node) {
                let Some(driver) = driver(&entry.value.plain()) else { continue };
                let (keys, causes) = needed.entry(driver).or_default();
                keys.push(format!("`{key}`"));
                causes.extend(self.causes(entry));
            }
            for (driver, (keys, causes)) in needed {
                points.add(Some(&node.name), format!("{driver}, for {}", keys.join(", ")), causes);
            }
        }
    }

    /// What stands in brackets, node by node, and where the alias comes from.
    pub(super) fn secrets(&self, points: &mut Points) {
        let (mut aliases, mut keys) = (BTreeMap::new(), BTreeSet::new());
        for node in &self.deployment.plan.nodes {
            let uses = uses_of_aliases(node);
            keys.extend(uses.values().flatten().map(|key| (node.name.as_str(), *key)));
            aliases.insert(node.name.as_str(), uses);
        }
        let lines = self.lines_of_keys(&keys);
        for node in &self.deployment.plan.nodes {
            for (key, entry) in &node.entries {
                let Some(alias) = key.strip_prefix("secrets.") else { continue };
                let alias = alias.trim_matches('\'');
                let uses = aliases[node.name.as_str()].get(alias).map_or(&[][..], Vec::as_slice);
                let here = uses.iter().filter_map(|key| lines.get(&(node.name.as_str(), *key)));
                let here: BTreeSet<usize> = here.flatten().copied().collect();
                let mut causes: Vec<Place> =
                    here.into_iter().map(|line| self.place(self.deployment.lines[line].setting)).collect();
                causes.extend(self.causes(entry));
                let uses: Vec<String> = uses.iter().map(|key| format!("`{key}`")).collect();
                let filled = entry.value.plain() != "[REPLACE_ME]";
                let what = if filled { "encrypt" } else { "fill in and encrypt" };
                points.add(Some(&node.name), format!("{what} `{alias}`, for {}", uses.join(", ")), causes);
            }
            for key in ["super_admin.password", "apim.throttling.password"] {
                let secret = node.entries.get(key).filter(|entry| entry.value.plain().contains("$secret{"));
                if let Some(entry) = secret {
                    let text = format!(
                        "`{key}` also goes into AMQP URLs, where older updates of the target resolve a secret only \
                         without TLS: check that the node connects to its event hub"
                    );
                    points.add(Some(&node.name), text, self.causes(entry));
                }
            }
        }
    }

    /// The lines of the ledger that went into each of the keys, which stand with their nodes; what only names the element
    /// is no cause.
    fn lines_of_keys<'k>(&'k self, keys: &BTreeSet<(&'k str, &'k str)>) -> BTreeMap<(&'k str, &'k str), Vec<usize>> {
        let mut found: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
        for (number, line) in self.deployment.lines.iter().enumerate() {
            let id = line.setting;
            let setting = &self.deployment.nodes[id.node as usize].settings.settings[id.index as usize];
            let names = matches!(setting.standing, Standing::Frames { .. })
                && setting.leaf.kind != LeafKind::Property
                && !setting.leaf.path.ends_with("/@secretAlias");
            let into = line.destinations.iter().map(|to| (to.node.as_str(), to.key.as_str()));
            for to in into.filter(|to| !names && keys.contains(to)) {
                found.entry(to).or_default().push(number);
            }
        }
        found
    }

    /// Hosts that browsers know the portals by.
    pub(super) fn portal_hosts(&self) -> Vec<String> {
        let portals = |node: &&TargetNode| matches!(node.profile, Profile::ControlPlane | Profile::AllInOne);
        let nodes = self.deployment.plan.nodes.iter().filter(portals);
        nodes.filter_map(|node| node.entries.get("server.hostname")).map(|entry| entry.value.plain()).collect()
    }

    /// Host and ports of each new node, and what it takes the place of.
    pub(super) fn hosts(&self, points: &mut Points) {
        for node in &self.deployment.plan.nodes {
            let number = |key: &str| node.entries.get(key).and_then(|entry| entry.value.plain().parse::<i64>().ok());
            let offset = number("server.offset").unwrap_or(0);
            let groups: &[(&str, [Port; 2])] = match node.profile {
                Profile::ControlPlane => &[CONSOLE, EVENTS, RECEIVER],
                Profile::GatewayWorker => &[APIS, WEB_SOCKETS, WEB_SUB, SERVICES],
                Profile::TrafficManager => &[RECEIVER, EVENTS, SERVICES],
                Profile::AllInOne => &[CONSOLE, APIS, WEB_SOCKETS, WEB_SUB, EVENTS, RECEIVER],
            };
            let port = |(base, key): Port| key.and_then(number).unwrap_or_else(|| i64::from(base)) + offset;
            let ports: Vec<String> = groups
                .iter()
                .map(|(name, [one, other])| format!("{}, {} ({name})", port(*one), port(*other)))
                .collect();
            let host = node.entries.get("server.hostname");
            let name = host.map_or_else(|| node.name.clone(), |entry| entry.value.plain());
            let mut text = format!("`{name}`: {}", ports.join(", "));
            if let Some(public) = number("transport.https.properties.proxyPort") {
                let _ = write!(text, "; public HTTPS port {public}");
            }
            let old =
                (0..self.deployment.nodes.len()).filter(|old| self.heirs(*old).contains(&Some(node.name.as_str())));
            let old: Vec<String> = old.map(|old| self.old_address(old)).collect();
            if !old.is_empty() {
                let _ = write!(text, "; in the place of {}", old.join(", "));
            }
            points.add(Some(&node.name), text, host.map(|entry| self.causes(entry)).unwrap_or_default());
        }
    }

    fn old_address(&self, old: usize) -> String {
        let node = &self.deployment.nodes[old];
        let own = self.deployment.source.nodes.iter().find(|known| known.node == old);
        let host = own.map_or("", |known| known.own.host.as_str());
        let port = 9443 + node.offset();
        if host.is_empty() || is_local(host) {
            format!("{} (port {port})", node.name)
        } else {
            format!("{} ({host}:{port})", node.name)
        }
    }

    /// How each new node is started, in the order of the first start (semantics.md B.1).
    pub(super) fn start(&self, points: &mut Points) {
        let target = self.deployment.target;
        let nodes = &self.deployment.plan.nodes;
        let separate = nodes.iter().any(|node| node.profile == Profile::TrafficManager);
        for profile in [Profile::AllInOne, Profile::ControlPlane, Profile::TrafficManager, Profile::GatewayWorker] {
            for node in nodes.iter().filter(|node| node.profile == profile) {
                points.add(Some(&node.name), command(target, profile, separate), Vec::new());
            }
        }
        points.ordered = true;
    }
}

/// The databases' URLs, `database.x.url` and data sources' own, with the key of the table.
fn urls(node: &TargetNode) -> impl Iterator<Item = (&str, &Entry)> {
    let tables = node.entries.iter().filter_map(|(key, entry)| Some((key.strip_suffix(".url")?, entry)));
    tables.filter(|(key, _)| key.starts_with("database.") || key.starts_with("datasource["))
}

/// The driver that a URL needs; `None` where the target brings it.
fn driver(url: &str) -> Option<String> {
    let vendor = url.strip_prefix("jdbc:")?.split(':').next()?.to_ascii_lowercase();
    Some(match vendor.as_str() {
        "h2" => return None,
        "mysql" => "MySQL Connector/J".to_owned(),
        "mariadb" => "MariaDB Connector/J".to_owned(),
        "postgresql" => "the PostgreSQL JDBC driver".to_owned(),
        "oracle" => "the Oracle JDBC driver".to_owned(),
        "sqlserver" => "the Microsoft JDBC driver for SQL Server".to_owned(),
        "db2" => "the Db2 JDBC driver".to_owned(),
        _ => format!("the JDBC driver for `{vendor}`"),
    })
}

/// What starts a node of the profile; `separate` if the traffic manager is a node of its own.
fn command(target: Target, profile: Profile, separate: bool) -> String {
    if target.separate_distributions() {
        return match profile {
            Profile::ControlPlane if separate => "API Control Plane: `bin/api-cp.sh`",
            Profile::ControlPlane | Profile::AllInOne => "All-in-one: `bin/api-manager.sh`",
            Profile::GatewayWorker => "Universal Gateway: `bin/gateway.sh`",
            Profile::TrafficManager => "Traffic Manager: `bin/traffic-manager.sh`",
        }
        .to_owned();
    }
    let word = profile.word();
    match (profile, target) {
        (Profile::AllInOne, _) => "`bin/api-manager.sh`".to_owned(),
        (_, Target::V4_0) => format!("`bin/api-manager.sh -Dprofile={word}`"),
        _ => format!(
            "once before the first start `bin/profileSetup.sh -Dprofile={word} --skipConfigOptimization` (without that \
             option it replaces the deployment.toml), then `bin/api-manager.sh -Dprofile={word}`"
        ),
    }
}

/// The keys of a node whose values refer to each alias.
fn uses_of_aliases(node: &TargetNode) -> BTreeMap<String, Vec<&str>> {
    let mut uses: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (key, entry) in &node.entries {
        for alias in aliases(&entry.value.plain()).into_iter().collect::<BTreeSet<_>>() {
            uses.entry(alias).or_default().push(key);
        }
    }
    uses
}
