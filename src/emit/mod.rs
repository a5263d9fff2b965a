//! The plan as text, and whole-file writes: a new node in, its `deployment.toml` out.
//!
//! [`order`] knows where tables and keys stand, [`escape`] what the product's mapper does to a value, [`toml`] the
//! form of a new file, [`mod@edit`] how an administrator's file becomes the new one, [`mod@write`] how files reach the disk.
//! Nothing here decides what is written.

mod annotate;
pub mod edit;
pub mod escape;
pub mod order;
pub mod path;
pub mod toml;
mod tree;
pub mod write;

use crate::diagnostic::Finding;
use crate::layout::OldNode;
use crate::mapping::catalog::Catalog;
use crate::migration::NodeGap;
use crate::topology::planner::plan::{Entry, Plan, Use};
use crate::topology::references::PlainReferences;

/// A file to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmittedFile {
    /// The new node.
    pub node: String,
    /// Its path below the deployment's folder.
    pub path: String,
    /// What is written; holds secrets.
    pub text: String,
    /// The same with the secrets masked.
    pub shown_text: String,
}

/// The file of each node of the plan, in the plan's order, and what could not be written right. A key that cannot
/// be written at all leaves the plan: its leaves need a hand. `nodes` are the old ones, whose files live on. `annotated`:
/// each key of a new file has a comment that says where it comes from.
#[must_use]
pub fn files(
    plan: &mut Plan,
    nodes: &[OldNode<'_>],
    catalog: &Catalog,
    annotated: bool,
) -> (Vec<EmittedFile>, Vec<Finding>) {
    let note = |key: &str, entry: &Entry| {
        let note = annotated.then(|| annotate::note(key, entry, nodes, catalog)).flatten();
        note.map(|note| format!("  # {note}")).unwrap_or_default()
    };
    let references = PlainReferences::of(nodes);
    let as_text = |entry: &Entry| references.in_entry(entry, nodes);
    let mut findings = Vec::new();
    let uses = &mut plan.uses;
    let files = plan
        .nodes
        .iter_mut()
        .map(|node| {
            let written =
                edit::text(node, nodes, catalog).unwrap_or_else(|| toml::text(node, catalog, &note, &as_text));
            findings.extend(written.problems);
            for key in &written.left_out {
                for setting in node.entries.shift_remove(key).into_iter().flat_map(|entry| entry.from) {
                    uses.entry(setting)
                        .or_insert_with(|| Use::Manual(format!("{key} cannot be written: set it by hand")));
                }
            }
            EmittedFile {
                path: path(&node.name),
                node: node.name.clone(),
                text: written.text,
                shown_text: written.shown,
            }
        })
        .collect();
    (files, findings)
}

/// Says on top of a file what it lacks.
pub fn head(file: &mut EmittedFile, gap: &NodeGap) {
    let mut lines =
        format!("# INCOMPLETE: of {} of its {} old nodes this could not be read:\n", gap.unread.len(), gap.sources);
    for path in &gap.unread {
        // A name of a file may hold anything.
        lines.extend(["#   ", &crate::foreign::line(path), "\n"]);
    }
    file.text.insert_str(0, &lines);
    file.shown_text.insert_str(0, &lines);
}

/// Where a node's file stands below the deployment's folder.
#[must_use]
pub fn path(node: &str) -> String {
    format!("{node}/repository/conf/deployment.toml")
}
