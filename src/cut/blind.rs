//! Servers beside others of which nothing is known, since what configures them could not be read or entered: paths in,
//! the places of such servers out, by candidate.

use std::collections::BTreeSet;

use super::Candidate;
use crate::layout::homes::{ancestors, split};
use crate::layout::{FileText, InputFile};
use crate::read::input::UnreadKind;
use crate::role::Role;
use crate::topology::source::tokens::roles_in;

/// A server of which nothing is known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Blind {
    /// What could not be read or entered, by its path below the INPUT.
    pub path: String,
    /// Its name.
    pub name: String,
}

impl Blind {
    /// Whether a new node that old ones with these roles become may have been made of it too. One whose name says nothing
    /// may be any that is missing; a gateway or traffic manager becomes a node of its own.
    #[must_use]
    pub fn may_be_of(&self, merged: &BTreeSet<Role>) -> bool {
        const PARTS: [Role; 3] = [Role::KeyManager, Role::Publisher, Role::Store];
        let split = PARTS.iter().any(|role| merged.contains(role));
        let named = roles_in(&self.name).roles;
        let may = if named.is_empty() {
            PARTS.iter().any(|role| !merged.contains(role))
        } else {
            named.iter().any(|role| PARTS.contains(role))
        };
        split && may
    }
}

/// The folders beside the homes of a candidate that could not be entered: each may be a server's.
#[must_use]
pub fn closed(candidate: &Candidate, files: &[&InputFile<'_>]) -> Vec<Blind> {
    let homes: BTreeSet<&str> = candidate.homes.iter().map(String::as_str).collect();
    let beside: BTreeSet<&str> = homes.iter().map(|home| split(home).0).collect();
    let found = files.iter().filter_map(|file| {
        let FileText::Unreadable(gap) = &file.text else { return None };
        let home = folder_of(file.path);
        let is_folder = match gap.kind {
            UnreadKind::Folder | UnreadKind::Limit => true,
            // What a link leads to that leads nowhere is not known: a name without an ending is a folder's.
            UnreadKind::NotRegular | UnreadKind::File => home != file.path || !has_ending(home),
            _ => false,
        };
        let own = homes.contains(home) || ancestors(home).any(|above| !above.is_empty() && homes.contains(above));
        let name = split(home).1.to_owned();
        (is_folder && !own && !name.is_empty() && beside.contains(split(home).0))
            .then(|| Blind { path: file.path.to_owned(), name })
    });
    found.collect()
}

/// The home that a folder is, or would be the configuration folder of.
fn folder_of(path: &str) -> &str {
    let conf = ["/repository/conf", "/repository", "/conf"].iter().find_map(|end| path.strip_suffix(end));
    conf.unwrap_or(path)
}

/// Whether a name has an ending as files have it: letters behind a point.
fn has_ending(path: &str) -> bool {
    let ending = split(path).1.rsplit_once('.').map_or("", |(_, ending)| ending);
    (1..=10).contains(&ending.len()) && ending.bytes().all(|byte| byte.is_ascii_alphabetic())
}
