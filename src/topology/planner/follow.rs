//! What is written for where the administrator did not say: `current`, unless the source is newer, or has settings that
//! `current` would lose.

use crate::diagnostic::{Code, Finding};
use crate::layout::OldNode;
use crate::mapping::catalog::Acceptance;
use crate::mapping::tables::Tables;
use crate::options::Options;
use crate::version::{Target, Version};

/// The newest version that a node of the product is known to be of, and that node.
fn newest<'n, 'a>(nodes: &'n [OldNode<'a>]) -> Option<(Version, &'n OldNode<'a>)> {
    let known = nodes.iter().filter(|node| node.set_aside.is_none() && !node.version_evidence.guessed);
    // Of equals the first.
    known.map(|node| (node.version, node)).rev().max_by_key(|(version, _)| *version)
}

/// What a deployment is written for.
#[must_use]
pub fn target(nodes: &[OldNode<'_>], tables: &Tables, options: &Options) -> Target {
    let Some((version, _)) = newest(nodes).filter(|_| options.follows_source) else { return options.target };
    let own = Target::of(version);
    if version > options.target.newest() {
        return own;
    }
    let lost = |key: &str| {
        let catalog = &tables.catalog;
        catalog.acceptance(key, own) == Acceptance::Read && catalog.acceptance(key, options.target) != Acceptance::Read
    };
    // What older versions alone read has had its time.
    let newer = options.target.measured().first().is_some_and(|oldest| version > *oldest);
    let own_nodes = nodes.iter().filter(|node| node.set_aside.is_none() && node.version == version);
    let mut sayings = own_nodes.flat_map(|node| &node.settings.sayings);
    if newer && sayings.any(|saying| lost(&saying.key)) { own } else { options.target }
}

/// That the source is newer than what is written for, with the target to give.
#[must_use]
pub fn too_old(nodes: &[OldNode<'_>], target: Target) -> Option<Finding> {
    let (version, node) = newest(nodes).filter(|(version, _)| *version > target.newest())?;
    let known = Target::of(version);
    let help = if known.newest() > target.newest() { format!("; give --target {known}") } else { String::new() };
    let message = format!(
        "the source is of {version} ({}), which is newer than {target}: what only newer versions read is left out{help}",
        node.version_evidence.what
    );
    let finding = Finding::new(Code::TargetTooOld, message).on(&node.name);
    Some(match &node.version_evidence.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    })
}
