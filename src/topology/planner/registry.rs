//! The registry's mounts (semantics-settings.md 4). The target mounts `/_system/config` and `/_system/governance`
//! itself; which database they lie in is the databases' business.

use super::conflicts::{Held, Word};
use super::context::Context;
use super::plan::{Entry, Use};
use crate::mapping::{Fact, SettingId, codec};
use crate::role::Role;
use crate::value::Value;

/// Whose mounts the control plane takes over, the first that speaks. Each old role had a config path of its own.
const OWNERS: [Role; 3] = [Role::Publisher, Role::Store, Role::KeyManager];
/// The mounts that the target has, and their tables.
const MOUNTS: [(&str, &str); 2] = [("/_system/config", "config_data"), ("/_system/governance", "governance_data")];

/// Writes what differs from the target's own mounts, and says what becomes of the rest.
pub fn write(context: &mut Context<'_, '_>) {
    for (path, table) in MOUNTS {
        write_path(context, path, table);
        write_option(context, path, &format!("{table}.overwrite"), "true", |context, node| {
            said(context, node, "registry.mount-overwrite", path)
        });
        for (fact, key, default) in [
            ("registry.remote-read-only", "readonly", "false"),
            ("registry.remote-enable-cache", "enable_cache", "true"),
        ] {
            write_option(context, path, &format!("{table}.{key}"), default, |context, node| {
                of_instance(context, node, path, fact)
            });
        }
        write_cache_id(context, path, table);
    }
    mark_rest(context);
}

/// What a node says of a mount or of a remote instance.
fn said<'c, 'a>(context: &Context<'c, 'a>, node: usize, name: &str, entity: &str) -> Option<&'c Fact<'a>> {
    let facts = &context.nodes[node].settings.facts;
    facts.iter().find(|fact| fact.name == name && fact.changed && fact.entity.as_deref() == Some(entity))
}

/// What a node says of the remote instance that is mounted at `path`.
fn of_instance<'c, 'a>(context: &Context<'c, 'a>, node: usize, path: &str, name: &str) -> Option<&'c Fact<'a>> {
    let instance = said(context, node, "registry.mount-instance", path)?;
    said(context, node, name, &instance.value)
}

/// Where in the shared registry a mount points.
fn write_path(context: &mut Context<'_, '_>, path: &str, table: &str) {
    let owners = context.in_order(&OWNERS);
    let found: Vec<&Fact<'_>> =
        owners.iter().filter_map(|node| said(context, *node, "registry.mount-target", path)).collect();
    let key = format!("{table}.path");
    let words: Vec<Word> = found.iter().map(|fact| Word::of(fact.setting, fact.value.clone())).collect();
    // Governance is one for all nodes; of the config paths, which each role had of its own, the first counts.
    let spoken = if table == "governance_data" { &words[..] } else { &words[..words.len().min(1)] };
    let held = (!spoken.is_empty()).then(|| context.settle(&key, spoken, true, None));
    let holds = held.as_ref().map_or_else(|| path.to_owned(), |held| held.text.clone());
    if let Some(held) = held.filter(|held| held.text != path) {
        let same = words.iter().filter(|word| word.text == held.text).filter_map(|word| word.from).collect();
        let entry = Held { from: same, ..held }.entry(Value::text(holds.clone()));
        for target in context.control_planes() {
            context.set(target, key.clone(), entry.clone());
        }
    }
    for node in 0..context.source.nodes.len() {
        let Some(fact) = said(context, node, "registry.mount-target", path) else { continue };
        let word = if fact.value == holds {
            Use::Absorbed("the target mounts the same path".to_owned())
        } else {
            Use::Manual(format!(
                "Move what is needed from {} to {holds}: the target mounts one path for all nodes, and what lies elsewhere \
                 is not visible any more.",
                fact.value
            ))
        };
        context.mark(fact.setting, word);
    }
}

/// One option of a mount, if the first node that has the mount differs from the target's default.
fn write_option<'c, 'a>(
    context: &mut Context<'c, 'a>,
    path: &str,
    key: &str,
    default: &str,
    find: impl Fn(&Context<'c, 'a>, usize) -> Option<&'c Fact<'a>>,
) {
    let owners = context.in_order(&OWNERS);
    let Some(first) = owners.iter().find(|node| said(context, **node, "registry.mount-target", path).is_some()) else {
        return;
    };
    let Some(fact) = find(context, *first) else { return };
    let value = fact.value.trim().to_ascii_lowercase();
    if value.is_empty() || value == default {
        return;
    }
    let same = owners.iter().filter_map(|node| find(context, *node));
    let from: Vec<SettingId> =
        same.filter(|other| other.value.trim().eq_ignore_ascii_case(&value)).map(|other| other.setting).collect();
    for target in context.control_planes() {
        context.set(target, key, Entry::said(codec::typed(&value), from.clone()));
    }
}

/// The target makes the cache's id from the database's user and URL, as the guides of 2.x told people to: only an id
/// of the administrator's own is carried.
fn write_cache_id(context: &mut Context<'_, '_>, path: &str, table: &str) {
    let owners = context.in_order(&OWNERS);
    let Some(fact) = owners.iter().find_map(|node| of_instance(context, *node, path, "registry.remote-cache-id"))
    else {
        return;
    };
    let id = fact.value.trim();
    if id.is_empty() || id.contains("@jdbc:") {
        return;
    }
    let (id, from) = (id.to_owned(), vec![fact.setting]);
    for target in context.control_planes() {
        context.set(target, format!("{table}.cache_id"), Entry::said(Value::text(id.clone()), from.clone()));
    }
}

/// What is left of registry.xml told which databases are shared, or has no counterpart.
fn mark_rest(context: &mut Context<'_, '_>) {
    for node in 0..context.nodes.len() {
        let settings = &context.nodes[node].settings;
        for fact in settings.facts.iter().filter(|fact| fact.name.starts_with("registry.") && fact.changed) {
            let mount = fact.name.starts_with("registry.mount-");
            let foreign = mount && !MOUNTS.iter().any(|(path, _)| fact.entity.as_deref() == Some(*path));
            let word = match fact.name {
                _ if foreign => Use::Manual(
                    "Move the content: the target mounts /_system/config and /_system/governance only.".to_owned(),
                ),
                "registry.remote-cache-id" => {
                    Use::Absorbed("the target makes the cache's id from the database's user and URL".to_owned())
                }
                "registry.remote-read-only" if fact.value.trim().eq_ignore_ascii_case("true") => {
                    Use::Retired("a gateway or traffic manager has no mount of its own any more".to_owned())
                }
                "registry.mount-overwrite"
                | "registry.mount-path"
                | "registry.remote-enable-cache"
                | "registry.remote-read-only" => Use::Absorbed("the target mounts it in its own way".to_owned()),
                _ => Use::Absorbed("says which data source is database.shared_db".to_owned()),
            };
            context.mark(fact.setting, word);
        }
    }
}
