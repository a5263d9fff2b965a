//! The addresses of the identity endpoints (semantics-settings.md 7.1): where all of them name one other server, one key
//! says so for all.

use super::context::Context;
use super::plan::Entry;
use crate::mapping::catalog::Acceptance;
use crate::mapping::{Setting, SettingId, Standing};
use crate::topology::source::host::Url;
use crate::value::Value;

/// How 2.x ships each of them; 4.x puts `server.base_path` in this place.
const SHIPPED: &str = "${carbon.protocol}://${carbon.host}:${carbon.management.port}";

/// Writes `server.base_path` in the place of the single addresses.
pub fn write(context: &mut Context<'_, '_>) {
    for target in context.control_planes() {
        let entries = &context.plan.nodes[target].entries;
        let mut bases: Vec<String> = Vec::new();
        let mut keys: Vec<String> = Vec::new();
        let mut from: Vec<SettingId> = Vec::new();
        for (key, entry) in entries {
            let Some(setting) = entry.from.first() else { continue };
            let Some(path) = path_of(setting_of(context, *setting)) else { continue };
            let text = entry.value.plain();
            match text.strip_suffix(path).filter(|base| Url::parse(base).is_some_and(|url| url.path.is_empty())) {
                Some(base) if base.contains("://") => {
                    bases.push(base.to_owned());
                    keys.push(key.clone());
                    from.extend(&entry.from);
                }
                // Another path on whatever server is a setting of its own.
                _ => {}
            }
        }
        bases.dedup();
        let [base] = bases.as_slice() else { continue };
        let mut sayers: Vec<u32> = from.iter().map(|setting| setting.node).collect();
        sayers.dedup();
        if sayers.into_iter().any(|node| leaves_one(context, node as usize)) {
            continue;
        }
        let entry = Entry::said(Value::text(base.clone()), from);
        for key in keys {
            context.plan.nodes[target].entries.shift_remove(&key);
        }
        context.set(target, "server.base_path", entry);
    }
}

fn setting_of<'c>(context: &Context<'c, '_>, setting: SettingId) -> &'c Setting<'c> {
    &context.nodes[setting.node as usize].settings.settings[setting.index as usize]
}

/// The path of an endpoint as it is shipped, if the leaf is one.
fn path_of(setting: &Setting<'_>) -> Option<&'static str> {
    setting.shipped.and_then(|shipped| shipped.strip_prefix(SHIPPED)).filter(|path| !path.is_empty())
}

/// Whether the node leaves an endpoint that goes on at its shipped address.
fn leaves_one(context: &Context<'_, '_>, node: usize) -> bool {
    context.nodes[node].settings.settings.iter().any(|setting| {
        let read = |key: &str| context.tables.catalog.acceptance(key, context.target()) == Acceptance::Read;
        let goes_on = setting.rule.is_some_and(|rule| rule.to.iter().any(read));
        setting.standing == Standing::Default && goes_on && path_of(setting).is_some()
    })
}
