//! The word of `server.server_role` (B.1): each packaging has its own.

use crate::diagnostic::Code;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::value::Value;
use crate::version::Version;

use super::super::context::Context;
use super::super::hosts::role_word;
use super::super::plan::Entry;

const KEY: &str = "server.server_role";
/// The first version whose profiles are separate distributions.
const SEPARATE: Version = Version::new(4, 5);

/// Whether the traffic managers of the input move into the control plane.
fn moves_in(context: &Context<'_, '_>) -> bool {
    context.placement == Placement::ControlPlane && !context.with_role(Role::TrafficManager).is_empty()
}

/// Whether the node's file is that of a separate distribution, by its version. Where only keys tell the version, it is
/// the oldest of several that read them all: a file that says no profile's word is of a separate distribution then,
/// since those of the packs before 4.5 do say it.
fn is_separate(context: &Context<'_, '_>, target: usize) -> bool {
    let Some(node) = context.plan.nodes[target].stands_on.map(|node| &context.nodes[node]) else { return false };
    let evidence = &node.version_evidence;
    let by_keys =
        evidence.guessed || evidence.place.as_ref().is_some_and(|place| place.file.ends_with("deployment.toml"));
    node.version >= SEPARATE || by_keys
}

/// Gives every node the word that its profile has in the target.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        let profile = context.plan.nodes[target].profile;
        if profile == Profile::AllInOne {
            continue;
        }
        let separate = context.target().separate_distributions();
        // What a separate distribution of its own says stays: the traffic managers may stand outside of the input.
        let says_default =
            context.plan.nodes[target].entries.get(KEY).is_some_and(|entry| entry.value.plain() == "default");
        let stays = says_default && separate && !moves_in(context) && is_separate(context, target);
        let word = if stays { "default" } else { role_word(context, target) };
        if separate && word == "default" {
            let name = context.plan.nodes[target].name.clone();
            context.find_on(Code::RoleIsTheDistribution, &name, format!("`{name}`: the distribution is the role"));
        }
        // A file without the word meant the distribution's own role, or that of an all-in-one.
        let was_separate =
            context.plan.nodes[target].stands_on.is_some_and(|node| context.nodes[node].version >= SEPARATE);
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
