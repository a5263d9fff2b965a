//! Which nodes a host names: looked up, so that a question about all nodes does not ask each of them.

use indexmap::{IndexMap, IndexSet};
use rustc_hash::FxBuildHasher;

use super::claims::Claim;
use super::host::{Port, normalise};
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

/// The ports that a server of any role opens, without its offset: services, gateway, receivers, broker.
const PORTS: [i64; 7] = [9443, 9763, 8243, 8280, 9611, 9711, 5672];

/// Whether the node opens the port, with its offset.
#[must_use]
pub fn opens(node: &OldNode<'_>, port: u16) -> bool {
    PORTS.iter().any(|base| base + node.offset() == i64::from(port))
}

/// Which of the nodes `named` by its host a claim means: where the reader is one of them, they are on one machine, and
/// the port tells. A variable is the reader's own port; a port that none or several open leaves all.
#[must_use]
pub fn by_port(nodes: &[OldNode<'_>], claim: &Claim, named: &[usize]) -> Option<usize> {
    if named.len() < 2 || !named.contains(&claim.by) {
        return None;
    }
    match claim.port {
        Some(Port::Number(port)) => {
            let mut open = named.iter().copied().filter(|node| opens(&nodes[*node], port));
            open.next().filter(|_| open.next().is_none())
        }
        Some(Port::Text(_)) => Some(claim.by),
        None => None,
    }
}

/// The hosts that all claims name, as they are compared.
#[must_use]
pub fn claimed(claims: &[Vec<Claim>]) -> IndexSet<&str, FxBuildHasher> {
    claims.iter().flatten().map(|claim| claim.key.as_str()).collect()
}
