//! The last pass over every value: answers about how secrets, variables and place holders are written.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::Code;
use crate::mapping::{SettingId, codec, vault};
use crate::role::Profile;
use crate::text::Parts as _;
use crate::topology::references::{PlainReferences, aliases};
use crate::topology::source::host::{Port, Url};
use crate::value::Value;
use crate::version::Version;

use super::context::{Context, Question, bracketed};
use super::plan::{Entry, Use};

/// Applies the answers.
pub fn write(context: &mut Context<'_, '_>) {
    follow_second_nodes(context);
    fill_place_holders(context);
    write_variables(context);
    write_secrets(context);
    write_aliases(context);
}

/// Changes every text of every node by `change`, which gives `None` where nothing changes.
fn change_texts(context: &mut Context<'_, '_>, change: impl Fn(&str) -> Option<String>) {
    for node in &mut context.plan.nodes {
        for entry in node.entries.values_mut() {
            if let Some(changed) = entry.value.with_texts(&change) {
                entry.value = changed;
            }
        }
    }
}

/// The second node on one host has an offset of its own (D.4): what names it there follows, whoever says it.
fn follow_second_nodes(context: &mut Context<'_, '_>) {
    for second in 0..context.plan.nodes.len() {
        let node = &context.plan.nodes[second];
        let (Some(old), Some(entry)) = (node.stands_on, node.entries.get("server.offset")) else { continue };
        let (Value::Integer(offset), Some("second-node-offset")) = (&entry.value, entry.decision.as_deref()) else {
            continue;
        };
        let (delta, profile) = (offset - context.offset(old), node.profile);
        let named = |url: &Url, here: bool| if here { url.is_local() } else { context.is_node(old, &url.host) };
        let mut moved: Vec<(usize, String, Value)> = Vec::new();
        for (target, node) in context.plan.nodes.iter().enumerate() {
            for (key, entry) in &node.entries {
                let speaks = match profile {
                    Profile::TrafficManager => {
                        node.profile != Profile::ControlPlane && key.starts_with("apim.throttling.")
                    }
                    Profile::GatewayWorker => key.starts_with("apim.gateway.environment["),
                    Profile::ControlPlane | Profile::AllInOne => false,
                };
                let change = |text: &str| {
                    let url = Url::parse(text).filter(|url| !url.scheme.is_empty())?;
                    let Some(Port::Number(port)) = url.port else { return None };
                    let fits = named(&url, false) || (target == second && named(&url, true));
                    let port = u16::try_from(i64::from(port) + delta).ok().filter(|_| fits)?;
                    Some(format!("{}://{}:{port}{}", url.scheme, bracketed(&url.host), url.path))
                };
                if let Some(value) = entry.value.with_texts(change).filter(|_| speaks) {
                    moved.push((target, key.clone(), value));
                }
            }
        }
        for (target, key, value) in moved {
            if let Some(entry) = context.plan.nodes[target].entries.get_mut(&key) {
                entry.value = value;
                entry.decision = Some("second-node-offset".to_owned());
            }
        }
    }
}

/// What stands for a place holder that a pasted guide left.
fn fill_place_holders(context: &mut Context<'_, '_>) {
    let answers: Vec<(String, String)> = context
        .source
        .asked
        .iter()
        .filter_map(|asked| Some((asked.id.strip_prefix("host:")?.to_owned(), asked.chosen.clone())))
        .filter(|(holder, chosen)| !chosen.is_empty() && holder != chosen)
        .collect();
    for (holder, host) in answers {
        change_texts(context, |text| text.contains(&holder).then(|| text.replace(&holder, &host)));
    }
}

/// `${NAME}` in capitals is filled from outside: `$env{NAME}` on request (semantics-settings.md 1.6).
fn write_variables(context: &mut Context<'_, '_>) {
    let found = context
        .plan
        .nodes
        .iter()
        .flat_map(|node| node.entries.values())
        .any(|entry| environment(&entry.value.plain()).is_some());
    if !found {
        return;
    }
    let chosen =
        context.ask(Question { id: "keep-or-env", choices: &["keep", "env"], default: "keep", ..Question::default() });
    if chosen == "env" {
        change_texts(context, environment);
    }
}

/// `text` with `${NAME}` as `$env{NAME}`, if there is any.
fn environment(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut changed = false;
    while let Some(start) = rest.find("${") {
        let tail = rest.part(start + 2..);
        let end = tail.find('}')?;
        let name = tail.part(..end);
        let capitals = name.starts_with(|first: char| first.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
        out.push_str(rest.part(..start));
        out.push_str(if capitals { "$env{" } else { "${" });
        out.push_str(tail.part(..=end));
        changed |= capitals;
        rest = tail.part(end + 1..);
    }
    out.push_str(rest);
    changed.then_some(out)
}

/// Secrets as references, on request (semantics-settings.md 9.3). What they refer to is declared with all aliases.
fn write_secrets(context: &mut Context<'_, '_>) {
    let chosen = context.ask(Question {
        id: "secrets",
        choices: &["keep", "keep-brackets", "secret", "env"],
        default: "keep",
        ..Question::default()
    });
    if chosen.starts_with("keep") {
        return;
    }
    for node in &mut context.plan.nodes {
        for (key, entry) in &mut node.entries {
            let text = entry.value.plain();
            if !entry.secret || text.is_empty() || text.starts_with('$') || codec::is_opaque(&text) {
                continue;
            }
            let alias: String = key
                .chars()
                .filter(|character| !matches!(character, '\'' | '[' | ']'))
                .map(|character| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '_' })
                .collect();
            entry.value = if chosen == "env" {
                Value::text(format!("$env{{{}}}", alias.to_ascii_uppercase()))
            } else {
                Value::text(format!("$secret{{{alias}}}"))
            };
            entry.secret = false;
            entry.decision = Some("secrets".to_owned());
        }
    }
}

fn placeholder() -> Entry {
    Entry::derived(Value::text("[REPLACE_ME]"), "to be filled, then encrypted with the cipher tool")
}

/// Every alias that a value refers to must stand under `[secrets]`, or the server does not start. What the old vault
/// held in plain text goes there on request only; cipher text never does (semantics-settings.md 9.4).
fn write_aliases(context: &mut Context<'_, '_>) {
    let carries = context.asked("secrets").as_deref() == Some("keep-brackets");
    let bare = bare_aliases(context);
    let renamed = rename_aliases(context, &bare);
    let name = |alias: &str| {
        let alias = vault::name(alias);
        renamed.get(&alias).cloned().unwrap_or(alias)
    };
    let held: Vec<(String, String, SettingId)> = (0..context.source.nodes.len())
        .flat_map(|node| context.nodes[node].settings.facts_named("vault.value"))
        .filter_map(|fact| Some((name(fact.entity.as_ref()?), fact.value.clone(), fact.setting)))
        .collect();
    let mut needed = Vec::new();
    carry_vault(context, &held, &bare);
    let plain = PlainReferences::of(context.nodes);
    for node in &mut context.plan.nodes {
        let refers = |entry: &Entry| {
            let text = plain.in_entry(entry, context.nodes);
            let mut found = aliases(&entry.value.plain());
            found.retain(|alias| !text.contains(&format!("$secret{{{alias}}}")));
            found
        };
        let aliases: Vec<String> = node.entries.values().flat_map(refers).collect();
        for alias in aliases {
            let key = secret_key(&alias, &bare);
            let same: Vec<&(String, String, SettingId)> =
                held.iter().filter(|(name, value, _)| carries && *name == alias && vault::is_plain(value)).collect();
            // A merged node's own word comes first.
            let own = same.iter().find(|(_, _, setting)| node.merged.contains(&(setting.node as usize)));
            let entry = own.or(same.first()).map(|(_, value, _)| {
                let from = same.iter().filter(|(_, other, _)| other == value).map(|(_, _, setting)| *setting);
                Entry::said(Value::text(value.clone()), from.collect()).by("secrets").secret(true)
            });
            node.entries.entry(key).or_insert_with(|| entry.unwrap_or_else(placeholder));
            needed.push(alias);
        }
    }
    for (alias, _, setting) in held.iter().filter(|(alias, ..)| !needed.contains(alias)) {
        context.mark(*setting, Use::Retired(format!("no value of the new files refers to `{alias}`")));
    }
}

/// The mappers before 4.3 do not find an alias in quotes, and the server's vault none with bare dots (`a.b = …` is printed
/// into cipher-text.properties as a map): for these targets dots become `_`, whatever an old file has. An alias that stood
/// with bare dots stays with its cipher text, as the mapper takes it. Gives the new names, each of one alias alone.
fn rename_aliases(context: &mut Context<'_, '_>, bare: &BTreeSet<String>) -> BTreeMap<String, String> {
    if !context.target().measured().iter().any(|version| *version < Version::new(4, 3)) {
        return BTreeMap::new();
    }
    let text_only = PlainReferences::of(context.nodes);
    let entries = context.plan.nodes.iter().flat_map(|node| node.entries.values());
    let used = entries.flat_map(|entry| aliases(&entry.value.plain()));
    let held = context.nodes.iter().flat_map(|node| node.settings.facts_named("vault.value"));
    let held = held.filter_map(|fact| fact.entity.as_deref().map(vault::name));
    let all: BTreeSet<String> = used.chain(held).collect();
    let (dotted, mut taken): (BTreeSet<String>, BTreeSet<String>) =
        all.into_iter().partition(|alias| alias.contains('.') && !bare.contains(alias));
    let mut renamed = BTreeMap::new();
    for alias in dotted.into_iter().filter(|alias| !text_only.holds(&format!("$secret{{{alias}}}"))) {
        let plain = alias.replace('.', "_");
        let numbered = (2..).map(|number| format!("{plain}_{number}"));
        let name = std::iter::once(plain.clone()).chain(numbered).find(|name| taken.insert(name.clone()));
        renamed.extend(name.map(|name| (alias, name)));
    }
    change_texts(context, |text| {
        let mut dotted = aliases(text);
        dotted.retain(|alias| renamed.contains_key(alias));
        let plain = |text: String, alias: &String| {
            text.replace(&format!("$secret{{{alias}}}"), &format!("$secret{{{}}}", renamed[alias]))
        };
        (!dotted.is_empty()).then(|| dotted.iter().fold(text.to_owned(), plain))
    });
    renamed
}

/// The aliases that a deployment.toml has with bare dots below `[secrets]`.
fn bare_aliases(context: &Context<'_, '_>) -> BTreeSet<String> {
    let settings = context.nodes.iter().flat_map(|node| &node.settings.settings);
    let aliases = settings.filter_map(|setting| setting.key.as_deref()?.strip_prefix("secrets."));
    aliases.filter(|alias| alias.contains('.') && !alias.contains('\'')).map(str::to_owned).collect()
}

/// The vault of a deployment.toml lives on with the file and the key store that it was made with; of another node's
/// only what is not encrypted yet, or was encrypted with the same key store (semantics-settings.md 9.4).
fn carry_vault(context: &mut Context<'_, '_>, held: &[(String, String, SettingId)], bare: &BTreeSet<String>) {
    let store = |context: &Context<'_, '_>, node: usize| -> Vec<String> {
        let settings = &context.nodes[node].settings;
        let stores = ["keystore.internal.file_name", "keystore.primary.file_name", "keystore.tls.file_name"];
        let said = stores.iter().map(|key| settings.sayings.iter().find(|saying| saying.key == **key));
        said.map(|saying| saying.map_or_else(String::new, |saying| saying.value.plain())).collect()
    };
    for target in 0..context.plan.nodes.len() {
        let Some(on) = context.plan.nodes[target].stands_on else { continue };
        let own = store(context, on);
        let used: Vec<String> =
            context.plan.nodes[target].entries.values().flat_map(|entry| aliases(&entry.value.plain())).collect();
        let merged = context.plan.nodes[target].merged.clone();
        let order = std::iter::once(on).chain(merged.into_iter().filter(|node| *node != on));
        let mut ciphers: Option<SettingId> = None;
        for node in order.filter(|node| context.nodes[*node].version.major > 2) {
            for (alias, value, setting) in held.iter().filter(|(.., setting)| setting.node as usize == node) {
                let plain = vault::is_plain(value);
                let carried = node == on || (used.contains(alias) && (plain || store(context, node) == own));
                let key = secret_key(alias, bare);
                if !carried || context.plan.nodes[target].entries.contains_key(&key) {
                    continue;
                }
                if !plain {
                    ciphers = ciphers.or(Some(*setting));
                }
                context.set(target, key, Entry::said(Value::text(value.clone()), vec![*setting]).secret(true));
            }
        }
        if let Some(setting) = ciphers {
            let name = own.iter().find(|name| !name.is_empty()).map_or("wso2carbon.jks", String::as_str);
            let message = format!("encrypted values are carried: the new server can read them with `{name}` only");
            context.find_at(Code::CipherTextKept, setting, message);
        }
    }
}

fn secret_key(alias: &str, bare: &BTreeSet<String>) -> String {
    if bare.contains(alias) {
        return format!("secrets.{alias}");
    }
    format!("secrets.{}", crate::emit::path::written_name(alias))
}

#[cfg(test)]
mod tests {
    use super::environment;

    #[test]
    fn turns_capital_variables_into_environment_references() {
        assert_eq!(
            environment("jdbc:mysql://${DB_HOST}:${port}/x").as_deref(),
            Some("jdbc:mysql://$env{DB_HOST}:${port}/x")
        );
        assert_eq!(environment("${admin.password}"), None);
        assert_eq!(environment("x"), None);
    }
}
