//! References as deployment.toml knows them (`$ref{…}`, `$env{…}`, `$sys{…}`, `$secret{…}`) that stand in files of 2.x:
//! 2.x knew none, so there they are text, and must stay text.

use crate::text::Parts as _;
use std::collections::BTreeSet;

use super::planner::plan::Entry;
use crate::layout::OldNode;

/// How references begin.
const HEADS: [&str; 4] = ["$ref{", "$env{", "$sys{", "$secret{"];

/// The references in `text`, each whole.
pub fn references(text: &str) -> impl Iterator<Item = &str> {
    HEADS.into_iter().flat_map(move |head| {
        text.match_indices(head).filter_map(|(start, _)| {
            let end = text.part(start..).find('}')?;
            Some(text.part(start..=start + end))
        })
    })
}

/// The aliases that a text refers to.
#[must_use]
pub fn aliases(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find("$secret{") {
        let tail = rest.part(start + "$secret{".len()..);
        let Some(end) = tail.find('}') else { break };
        found.push(tail.part(..end).to_owned());
        rest = tail.part(end..);
    }
    found
}

/// References that files of 2.x have as text.
#[derive(Clone, Debug, Default)]
pub struct PlainReferences(BTreeSet<String>);

impl PlainReferences {
    /// Those of a deployment's old nodes.
    #[must_use]
    pub fn of(nodes: &[OldNode<'_>]) -> Self {
        let old = nodes.iter().filter(|node| node.version.major == 2);
        let leaves = old.flat_map(|node| &node.settings.settings).map(|setting| &setting.leaf.value);
        let found = leaves.filter(|value| value.contains('$')).flat_map(|value| references(value));
        Self(found.map(str::to_owned).collect())
    }

    /// Whether a reference is one of them.
    #[must_use]
    pub fn holds(&self, reference: &str) -> bool {
        self.0.contains(reference)
    }

    /// Those in the value of an entry. What a later version says is meant to be filled, and so is what we write
    /// ourselves: it stands in no old file.
    #[must_use]
    pub fn in_entry(&self, entry: &Entry, nodes: &[OldNode<'_>]) -> Vec<String> {
        let of_2 = |setting: &crate::mapping::SettingId| nodes[setting.node as usize].version.major == 2;
        if self.0.is_empty() || !entry.from.iter().all(of_2) {
            return Vec::new();
        }
        let text = entry.value.plain();
        let found = references(&text).filter(|reference| self.0.contains(*reference));
        found.map(str::to_owned).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::references;

    #[test]
    fn finds_whole_references() {
        let found = |text| references(text).collect::<Vec<_>>();
        assert_eq!(found("a$env{A}b$sys{b.c}$env{D}"), ["$env{A}", "$env{D}", "$sys{b.c}"]);
        assert_eq!(found("$secret{x} ${y} $ref{z"), ["$secret{x}"]);
        assert!(found("$ENV{x} env{x}").is_empty());
    }
}
