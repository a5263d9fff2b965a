//! Which nodes a host names: looked up, so that a question about all nodes does not ask each of them.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::claims::Claim;
use super::host::normalise;
use crate::layout::OldNode;

type Nodes<'n> = IndexMap<&'n str, Vec<usize>, FxBuildHasher>;

/// The names of some nodes, the other way round: the nodes of each name.
#[derive(Debug, Default)]
pub struct NameIndex<'n> {
    by_name: Nodes<'n>,
    /// By the folder, which is the first label of a host.
    by_folder: IndexMap<String, Vec<usize>, FxBuildHasher>,
}

impl<'n> NameIndex<'n> {
    /// The index of `members` of all `nodes`; `names` are those of all nodes.
    #[must_use]
    pub fn new(nodes: &[OldNode<'_>], names: &'n [Vec<String>], members: &[usize]) -> Self {
        let mut index = Self::default();
        for member in members {
            for name in &names[*member] {
                index.by_name.entry(name).or_default().push(*member);
            }
            if !nodes[*member].nameless {
                index.by_folder.entry(normalise(&nodes[*member].name)).or_default().push(*member);
            }
        }
        index
    }

    /// The members that `key` names, in the order of the members, as [`is_named`](super::claims::is_named) has it.
    #[must_use]
    pub fn of(&self, key: &str) -> Vec<usize> {
        let exact = self.by_name.get(key).map_or(&[][..], Vec::as_slice);
        let label = key.split_once('.').and_then(|(label, _)| self.by_folder.get(label));
        let folder = label.map_or(&[][..], Vec::as_slice);
        let mut found = exact.to_vec();
        if !folder.is_empty() {
            found.extend(folder);
            found.sort_unstable();
        }
        found.dedup();
        found
    }
}

/// The hosts that all claims name, as they are compared.
#[must_use]
pub fn claimed(claims: &[Vec<Claim>]) -> IndexSet<&str, FxBuildHasher> {
    claims.iter().flatten().map(|claim| claim.key.as_str()).collect()
}
