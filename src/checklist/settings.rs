//! Signs in the old settings: classes, key stores, registry mounts, other servers.

use super::{Points, Subject};
use crate::diagnostic::Code;
use crate::ledger::Outcome;
use crate::mapping::{Fact, Setting, SettingId, Standing};
use crate::role::Role;
use crate::source::Place;

/// Packages whose classes come with the product, with Java, or with a database's driver.
const KNOWN_PACKAGES: [&str; 15] = [
    "org.wso2.",
    "org.apache.",
    "java.",
    "javax.",
    "com.atomikos",
    "com.mysql.",
    "com.mariadb.",
    "org.mariadb.",
    "org.postgresql.",
    "com.postgresql.",
    "oracle.",
    "com.microsoft.sqlserver.",
    "com.ibm.db2.",
    "org.h2.",
    "net.sourceforge.jtds.",
];

/// Whether a text names a class that neither the product nor Java brings.
pub(super) fn is_custom_class(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    let identifier = |part: &&str| {
        part.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'$')
    };
    let lower = |part: &&str| part.starts_with(|first: char| first.is_ascii_lowercase());
    parts.len() >= 3
        && parts.iter().all(identifier)
        && parts[..parts.len() - 1].iter().all(lower)
        && parts[parts.len() - 1].starts_with(|first: char| first.is_ascii_uppercase())
        && !KNOWN_PACKAGES.iter().any(|package| text.starts_with(package))
}

/// Where stores are expected.
const SECURITY: &str = "repository/resources/security/";
const STORES: [&str; 6] = [".jks", ".p12", ".pfx", ".pkcs12", ".bcfks", ".jceks"];

impl Subject<'_, '_> {
    /// The settings of the nodes that count that an administrator changed, with their outcome.
    fn changed(&self) -> impl Iterator<Item = (SettingId, &Setting<'_>, Outcome)> {
        self.deployment.lines.iter().filter_map(|line| {
            let node = &self.deployment.nodes[line.setting.node as usize];
            let setting = &node.settings.settings[line.setting.index as usize];
            let counts = node.set_aside.is_none() && setting.standing == Standing::Changed;
            counts.then_some((line.setting, setting, line.outcome))
        })
    }

    pub(super) fn place(&self, setting: SettingId) -> Place {
        self.deployment.nodes[setting.node as usize].place(setting.index)
    }

    /// The facts of that name on the nodes that count.
    pub(super) fn facts<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Fact<'s>> {
        let nodes = self.deployment.nodes.iter().filter(|node| node.set_aside.is_none());
        nodes.flat_map(move |node| node.settings.facts_named(name))
    }

    fn add_setting(&self, id: SettingId, text: &str, points: &mut Points) {
        self.add_to_heirs(id.node as usize, text, &self.place(id), points);
    }

    pub(super) fn classes(&self, points: &mut Points) {
        for (id, setting, _) in self.changed().filter(|(_, setting, _)| !setting.is_secret()) {
            for word in setting.leaf.value.split([',', ' ', '\n', '\t', ';']) {
                let word = word.trim();
                if is_custom_class(word) {
                    self.add_setting(id, &format!("class `{word}`"), points);
                }
            }
        }
    }

    pub(super) fn key_stores(&self, points: &mut Points) {
        for (id, setting, outcome) in self.changed().filter(|(_, setting, _)| !setting.is_secret()) {
            let value = setting.leaf.value.trim();
            let lower = value.to_ascii_lowercase();
            let path = value.trim_start_matches("${carbon.home}").trim_start_matches(['/', '.']);
            let goes_on = !matches!(outcome, Outcome::Retired | Outcome::Unknown);
            if !goes_on || !STORES.iter().any(|end| lower.ends_with(end)) || path.contains(char::is_whitespace) {
                continue;
            }
            let base = path.rsplit(['/', '\\']).next().unwrap_or(path);
            let elsewhere = path.contains(['/', '\\']) && path.strip_prefix(SECURITY) != Some(base);
            if elsewhere {
                let value = crate::secret::mask_urls(value);
                self.add_setting(id, &format!("copy `{base}`, which lay elsewhere: `{value}`"), points);
            } else if !matches!(base, "wso2carbon.jks" | "client-truststore.jks") {
                self.add_setting(id, &format!("copy `{base}`"), points);
            }
        }
    }

    pub(super) fn synapse_handlers(&self, points: &mut Points) {
        for (id, setting, _) in self.changed() {
            let file = &self.deployment.nodes[id.node as usize].files[setting.file as usize];
            if file.name.ends_with("synapse-handlers.xml") {
                self.add_setting(id, "`synapse-handlers.xml` names handlers of your own", points);
            }
        }
    }

    /// Mounts that the target does not have, and passwords in the gateways' vault.
    pub(super) fn registry(&self, points: &mut Points) {
        for fact in self.facts("registry.mount-path").filter(|fact| fact.changed) {
            if !matches!(fact.value.as_str(), "/_system/governance" | "/_system/config") {
                let text = format!("the mount `{}` has no counterpart: move what it holds", fact.value);
                self.add_setting(fact.setting, &text, points);
            }
        }
        let config = |fact: &&Fact<'_>| fact.entity.as_deref() == Some("/_system/config") && !fact.value.is_empty();
        let targets: Vec<&Fact<'_>> = self.facts("registry.mount-target").filter(config).collect();
        let differ = targets.iter().any(|fact| fact.value != targets[0].value);
        for fact in targets.iter().filter(|_| differ) {
            let text = format!("`/_system/config` was `{}` here and another path on other nodes", fact.value);
            self.add_setting(fact.setting, &text, points);
        }
        for (id, setting, _) in self.changed() {
            let on = setting.leaf.value.trim().eq_ignore_ascii_case("true");
            if on && setting.leaf.path.ends_with("/EnableSecureVault") {
                self.add_setting(id, "enter the passwords of endpoints again", points);
            }
        }
    }

    pub(super) fn separate_servers(&self, points: &mut Points) {
        for fact in self.facts("analytics.enabled") {
            if fact.changed && fact.value.eq_ignore_ascii_case("true") {
                points.add(None, "statistics were on: choose the new analytics", [self.place(fact.setting)]);
            }
        }
        for fact in self.facts("workflow.url").filter(|fact| fact.changed && !fact.value.is_empty()) {
            let url = crate::secret::mask_urls(&fact.value);
            points.add(None, format!("the workflow engine `{url}`"), [self.place(fact.setting)]);
        }
        for node in &self.deployment.nodes {
            if let Some((role, _)) = &node.set_aside {
                points.add(None, format!("the node `{}` is another product ({role})", node.name), Vec::new());
            }
        }
        let findings = self.deployment.source.findings.iter().chain(&self.deployment.plan.findings);
        for finding in findings {
            if matches!(finding.code, Code::ExternalKeyManager | Code::AuthManagerElsewhere) {
                points.add(None, finding.message.clone(), finding.place.clone());
            }
        }
    }

    /// Addresses of the old portals that are not the control plane's.
    pub(super) fn portal_names(&self, points: &mut Points) {
        let portals = ["store.url", "publisher.url"];
        let hosts = self.portal_hosts();
        for fact in portals.iter().flat_map(|name| self.facts(name)).filter(|fact| fact.changed) {
            let Some((_, rest)) = fact.value.split_once("://") else { continue };
            let host = rest.split(['/', ':', '?']).next().unwrap_or(rest);
            let is_variable = host.starts_with("${");
            if !host.is_empty() && host != "localhost" && !is_variable && !hosts.iter().any(|known| known == host) {
                let url = crate::secret::mask_urls(&fact.value);
                points.add(None, format!("`{url}`"), [self.place(fact.setting)]);
            }
        }
        for fact in self.facts("server.host-name").filter(|fact| fact.changed && !fact.value.starts_with("${")) {
            let old = fact.setting.node as usize;
            let known = self.deployment.source.nodes.iter().find(|known| known.node == old);
            let portal = known.is_some_and(|node| node.has(Role::Publisher) || node.has(Role::Store));
            if portal && !hosts.contains(&fact.value) {
                points.add(None, format!("the host name `{}`", fact.value), [self.place(fact.setting)]);
            }
        }
    }

    pub(super) fn external_jobs(&self, points: &mut Points) {
        for (id, setting, _) in self.changed().filter(|(_, setting, _)| !setting.is_secret()) {
            let (path, value) = (setting.leaf.path.as_str(), setting.leaf.value.trim());
            if path.ends_with("/DeploymentSynchronizer/Enabled") && value.eq_ignore_ascii_case("true") {
                self.add_setting(id, "the deployment synchronizer was on: publish all APIs once more", points);
            } else if path.starts_with("log4j.appender.") && path.to_ascii_lowercase().ends_with(".file") {
                let value = crate::secret::mask_urls(value);
                self.add_setting(id, &format!("a log was written to `{value}`"), points);
            }
        }
    }
}
