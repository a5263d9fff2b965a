//! What `--annotate` says of a key, behind its value: the unit, the old leaves, and what it was derived from. Places,
//! paths and reasons only, so that no value is told twice, secret or not.

use crate::layout::OldNode;
use crate::mapping::catalog::Catalog;
use crate::topology::planner::plan::Entry;

/// The note on `key`, on one line and without its `#`; none for what the cipher tool rewrites.
#[must_use]
pub fn note(key: &str, entry: &Entry, nodes: &[OldNode<'_>], catalog: &Catalog) -> Option<String> {
    if key.starts_with("secrets.") {
        return None;
    }
    let mut parts: Vec<String> = Vec::new();
    parts.extend(unit(key, catalog).map(|unit| format!("in {unit}")));
    let leaves: Vec<String> = entry
        .from
        .iter()
        .filter_map(|setting| {
            let node = nodes.get(setting.node as usize)?;
            let leaf = &node.settings.settings.get(setting.index as usize)?.leaf;
            Some(format!("{} {}", node.place(setting.index), leaf.path))
        })
        .collect();
    // The report has them all.
    match leaves.as_slice() {
        [] => {}
        [one] => parts.push(one.clone()),
        [first, rest @ ..] => parts.push(format!("{first} and {} more", rest.len())),
    }
    if let Some(why) = &entry.derived {
        parts.push(format!("derived: {}", crate::secret::mask_urls(why)));
    }
    if let Some(decision) = &entry.decision {
        parts.push(format!("decision `{decision}`"));
    }
    // It stands in a file that people read.
    (!parts.is_empty()).then(|| crate::foreign::line(&parts.join("; ")).into_owned())
}

/// The unit of a plain number at `key`.
fn unit(key: &str, catalog: &Catalog) -> Option<&'static str> {
    match catalog.find(key)?.unit {
        // The mapper prints these numbers as they are, and the product reads seconds (semantics-settings.md 1.4).
        "ms" if key.starts_with("cache.") => Some("seconds"),
        "ms" => Some("milliseconds"),
        "s" => Some("seconds"),
        "m" => Some("minutes"),
        "d" => Some("days"),
        _ => None,
    }
}
