//! The last word on keys that the target does not take, so that nothing dead is ever written.

use crate::diagnostic::Code;
use crate::mapping::catalog::Acceptance;

use super::context::Context;
use super::plan::Use;

/// Takes out what the target's mapper ignores or breaks on.
pub fn settle(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let keys: Vec<String> = context.plan.nodes[target].entries.keys().cloned().collect();
        for key in keys {
            if key.starts_with("secrets.") {
                continue;
            }
            let reason = match context.tables.catalog.acceptance(&key, context.target()) {
                Acceptance::Read => continue,
                Acceptance::Breaks => format!("{key} makes a file of the target unreadable"),
                Acceptance::Ignored { taken_by } => {
                    let versions: Vec<String> = taken_by.iter().map(ToString::to_string).collect();
                    if versions.is_empty() {
                        format!("no version of the target reads {key}")
                    } else {
                        format!("{key} is read only by {}", versions.join(", "))
                    }
                }
            };
            if let Some(entry) = context.plan.nodes[target].entries.shift_remove(&key) {
                let name = context.plan.nodes[target].name.clone();
                for setting in &entry.from {
                    context.mark(*setting, Use::Retired(reason.clone()));
                }
                context.find_on(Code::DeadKey, &name, format!("`{name}`: {reason}"));
            }
        }
    }
}
