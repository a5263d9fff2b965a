//! What each node says itself, under its own keys.

use crate::mapping::SettingId;
use crate::mapping::catalog::Acceptance;
use crate::mapping::deployment::say::own_value;
use crate::value::Value;

use super::super::context::Context;
use super::super::merge::refuse;
use super::super::plan::{Entry, Use};

/// Writes what each node says.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let Some(node) = context.plan.nodes[target].stands_on else { continue };
        for index in 0..context.nodes[node].settings.settings.len() {
            write_leaf(context, target, SettingId { node: node as u32, index: index as u32 });
        }
    }
    for node in 0..context.nodes.len() {
        if context.nodes[node].set_aside.is_some()
            || context.plan.nodes.iter().any(|target| target.stands_on == Some(node))
        {
            continue;
        }
        for index in 0..context.nodes[node].settings.settings.len() {
            let setting = SettingId { node: node as u32, index: index as u32 };
            context.mark(setting, Use::Retired("its node moves into the control plane".to_owned()));
        }
    }
}

/// Writes what a leaf says: the keys that its row makes of it, else its own, which the old server read as the new one
/// does.
fn write_leaf(context: &mut Context<'_, '_>, target: usize, id: SettingId) {
    let settings = &context.nodes[id.node as usize].settings;
    let path = &settings.settings[id.index as usize].leaf.path;
    let said: Vec<(String, Value, bool)> = settings
        .sayings
        .iter()
        .filter(|saying| saying.setting == id)
        .map(|saying| (numbered(&saying.key, path), saying.value.clone(), saying.secret))
        .collect();
    let catalog = &context.tables.catalog;
    let said = if said.is_empty() && catalog.acceptance(path, context.target()) == Acceptance::Read {
        let value = own_value(settings, id.index as usize, catalog);
        vec![(path.clone(), value, settings.settings[id.index as usize].is_secret())]
    } else {
        said
    };
    for (key, value, secret) in said {
        let acceptance = context.tables.catalog.acceptance(&key, context.target());
        if acceptance != Acceptance::Read && !key.starts_with("secrets.") {
            refuse(context, &key, &[id], &acceptance);
        } else if context.plan.nodes[target].entries.contains_key(&key) {
            context.absorb(id, format!("{key} says it already"));
        } else {
            context.set(target, key, Entry::said(value, vec![id]).secret(secret));
        }
    }
}

/// The key with its entries numbered as the leaf's path has them: `a[Name].b` and `a[0].c` are `a[0].b`.
fn numbered(key: &str, path: &str) -> String {
    let mut numbers = path.split('[').skip(1).filter_map(|rest| rest.split_once(']').map(|(number, _)| number));
    let mut out = String::with_capacity(key.len());
    let mut rest = key;
    while let Some((head, tail)) = rest.split_once('[') {
        let Some((entry, tail)) = tail.split_once(']') else { break };
        out.extend([head, "[", numbers.next().unwrap_or(entry), "]"]);
        rest = tail;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::numbered;

    #[test]
    fn numbers_entries() {
        for (key, path, expected) in [
            ("a.b", "a.c", "a.b"),
            ("a[x.y z].b", "a[3].c", "a[3].b"),
            ("a[x].b[y].'c.d'", "a[0].b[12].e", "a[0].b[12].'c.d'"),
        ] {
            assert_eq!(numbered(key, path), expected);
        }
    }
}
