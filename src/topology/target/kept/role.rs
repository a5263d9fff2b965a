//! The word of `server.server_role` (B.1): each packaging has its own.

use crate::diagnostic::Code;
use crate::role::Profile;
use crate::value::Value;

use super::super::context::Context;
use super::super::hosts::role_word;
use super::super::plan::Entry;

const KEY: &str = "server.server_role";

/// Gives every node the word that its profile has in the target.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let profile = context.plan.nodes[target].profile;
        if profile == Profile::AllInOne {
            continue;
        }
        let word = role_word(context, target);
        let separate = context.target().separate_distributions();
        if separate && word == "default" {
            let name = context.plan.nodes[target].name.clone();
            context.find_on(Code::RoleIsTheDistribution, &name, format!("`{name}`: the distribution is the role"));
        }
        // A file without the word meant the distribution's own role, or that of an all-in-one.
        let was_separate = context.plan.nodes[target]
            .stands_on
            .is_some_and(|node| context.nodes[node].version >= crate::version::Version::new(4, 5));
        match context.plan.nodes[target].entries.get_mut(KEY) {
            Some(entry) if entry.value.plain() == word => {}
            Some(entry) => {
                entry.value = Value::text(word);
                entry.derived = Some("the word of the profile in the target".to_owned());
            }
            None if was_separate != separate && word != "default" => {
                let why = "the packs before 4.5 know the profile by this word";
                context.set(target, KEY, Entry::derived(Value::text(word), why));
            }
            None => {}
        }
    }
}
