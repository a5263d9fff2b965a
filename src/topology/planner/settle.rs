//! The last word: each conflict knows the node that gets its key, and keys that the target does not take are left
//! out, so that nothing dead is ever written.

use crate::diagnostic::Code;
use crate::mapping::catalog::Acceptance;

use super::context::Context;
use super::plan::{Conflict, TargetNode, Use};

/// Takes out what the target's mapper ignores or breaks on.
pub fn settle(context: &mut Context<'_, '_>) {
    let plan = &mut context.plan;
    for conflict in &mut plan.conflicts {
        if let Some(node) = receiver(&plan.nodes, conflict) {
            conflict.node.clone_from(&node.name);
        }
    }
    for target in 0..context.plan.nodes.len() {
        let node = &context.plan.nodes[target];
        let keys: Vec<String> = node.entries.keys().cloned().collect();
        let profile = node.profile;
        // A pack of all profiles that serves as control plane says so, and reads everything.
        let separate = node.entries.get("server.server_role").is_some_and(|role| role.value.plain() == "default");
        for key in keys {
            if key.starts_with("secrets.") {
                continue;
            }
            let catalog = &context.tables.catalog;
            let missing = separate && catalog.is_missing(&key, context.target(), profile);
            let reason = match catalog.acceptance(&key, context.target()) {
                Acceptance::Read if missing => format!("the {profile} distribution of the target does not read {key}"),
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

/// The first node that gets the key of a conflict: the one whose key stands with a word of the conflict, since
/// gateways and the control plane may quarrel about one key apart from each other. A key that is left out as the
/// target's default belongs to a node that took in all who spoke.
fn receiver<'n>(nodes: &'n [TargetNode], conflict: &Conflict) -> Option<&'n TargetNode> {
    let said: Vec<_> = conflict.said.iter().filter_map(|saw| saw.setting).collect();
    let key = without_entries(&conflict.key);
    let holds = |node: &&TargetNode, heard: bool| {
        node.entries.iter().any(|(known, entry)| {
            without_entries(known) == key && (!heard || entry.from.iter().any(|from| said.contains(from)))
        })
    };
    nodes
        .iter()
        .find(|node| holds(node, true))
        .or_else(|| nodes.iter().find(|node| said.iter().all(|said| node.merged.contains(&(said.node as usize)))))
        .or_else(|| nodes.iter().find(|node| holds(node, false)))
}

/// A key without what tells entries of its lists apart: a conflict names them, a written key numbers them.
fn without_entries(key: &str) -> String {
    let mut out = String::with_capacity(key.len());
    let mut depth = 0_u32;
    for character in key.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            other if depth == 0 => out.push(other),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mapping::SettingId;
    use crate::role::Profile;
    use crate::topology::planner::plan::{Entry, Saw};
    use crate::value::Value;

    fn node(name: &str, merged: &[usize], entries: &[(&str, u32)]) -> TargetNode {
        let entry = |node: u32| Entry::said(Value::Integer(1), vec![SettingId { node, index: 0 }]);
        TargetNode {
            name: name.to_owned(),
            profile: Profile::GatewayWorker,
            stands_on: None,
            merged: merged.to_vec(),
            base: None,
            entries: entries.iter().map(|(key, node)| ((*key).to_owned(), entry(*node))).collect(),
        }
    }

    #[test]
    fn finds_the_node_that_gets_the_key_of_a_conflict() {
        let nodes = [
            node("control-plane", &[0, 1], &[("a.b", 0), ("c[0].d", 0)]),
            node("gateway-worker", &[2, 3], &[("a.b", 2), ("e", 2)]),
        ];
        for (key, sayers, expected) in [
            ("a.b", [0, 1], "control-plane"),
            ("a.b", [2, 3], "gateway-worker"),
            ("e", [2, 3], "gateway-worker"),
            ("c[Name].d", [0, 1], "control-plane"),
            // Left out as the target's default.
            ("f", [2, 3], "gateway-worker"),
            // The answer of a person, whose leaves are those of other nodes.
            ("e", [0, 3], "gateway-worker"),
        ] {
            let saw = |node| Saw { setting: Some(SettingId { node, index: 0 }), shown: String::new() };
            let conflict = Conflict {
                node: String::new(),
                key: key.to_owned(),
                said: sayers.map(saw).into(),
                rule: String::new(),
                open: false,
            };
            assert_eq!(receiver(&nodes, &conflict).unwrap().name, expected, "{key} {sayers:?}");
        }
    }
}
