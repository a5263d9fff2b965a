//! Candidates for deployments: paths in, lists of paths out.

use std::collections::{BTreeMap, BTreeSet};

use crate::layout::content::Said;
use crate::layout::homes::{Homes, ancestors, join, split};
use crate::read::input::is_archive;

/// Homes that lie side by side, and may be one deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The folder below which they lie: the INPUT (empty), a folder in it, or an archive.
    pub folder: String,
    /// The archive that it is in, by its path; empty if in none.
    pub archive: String,
    /// Where the tree of the folder begins: the INPUT, or the archive (below its only folder).
    pub root: String,
    /// The paths of the homes.
    pub homes: Vec<String>,
    /// The files in and beside the homes, by their number in what was scanned: what tells the homes apart.
    pub files: Vec<usize>,
    /// Files of homes that are some of a folder's files: the path of each, and its home.
    pub members: BTreeMap<String, String>,
    /// The names of these homes.
    pub names: BTreeMap<String, String>,
}

/// What a scan found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The candidates, in the order of their folders.
    pub candidates: Vec<Candidate>,
    /// Files that belong to no candidate.
    pub loose: Vec<usize>,
    /// Archives in the homes of servers: parts of these, and no deployments.
    pub inside: Vec<InHome>,
    /// What looks like a server's home and is none, each with why.
    pub tools: Vec<(String, String)>,
}

/// An archive in a server's home.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InHome {
    /// Its path.
    pub archive: String,
    /// The path of the home; empty for the INPUT itself.
    pub home: String,
    /// Whether there is configuration of a server in it.
    pub configuration: bool,
    /// Its files, by their number in what was scanned.
    pub files: Vec<usize>,
}

/// Cuts files, given by their paths below the INPUT, into candidates. Archives are folders of their name here, and each
/// is a tree of its own: by its name, or as one of the `opened`; `is_archive` says that the INPUT is one. What contents say
/// that names do not is in `said`.
#[must_use]
pub fn scan(paths: &[&str], opened: &BTreeSet<&str>, said: &Said<'_>, is_archive: bool) -> Scan {
    let mut trees: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, path) in paths.iter().enumerate() {
        trees.entry(archive_of(path, opened)).or_default().push(number);
    }
    let mut out = Scan::default();
    // The homes of each tree, with where it begins: an archive stands behind the tree that it lies in.
    let mut servers: BTreeMap<&str, (&str, Homes)> = BTreeMap::new();
    let mut inside: BTreeMap<&str, String> = BTreeMap::new();
    for (archive, files) in trees {
        let stripped = is_archive || !archive.is_empty();
        let root = if stripped { root_of(archive, files.iter().map(|file| paths[*file])) } else { archive };
        let here = said.below(root);
        let homes = Homes::find(files.iter().map(|file| below_tree(paths[*file], root)), files.len() == 1, &here);
        if let Some(home) = around(archive, opened, &servers, &inside) {
            inside.insert(archive, home.clone());
            let (archive, configuration) = (archive.to_owned(), !homes.is_empty());
            out.inside.push(InHome { archive, home, configuration, files });
            continue;
        }
        out.tools.extend(homes.tools().map(|(path, why)| (join(root, path), why.to_owned())));
        let folders = candidate_folders(&homes);
        let mut candidates: BTreeMap<&str, Candidate> = BTreeMap::new();
        for (home, folder) in &folders {
            let candidate = candidates.entry(folder).or_insert_with(|| Candidate {
                folder: join(root, folder),
                archive: archive.to_owned(),
                root: root.to_owned(),
                homes: Vec::new(),
                files: Vec::new(),
                members: BTreeMap::new(),
                names: BTreeMap::new(),
            });
            candidate.homes.push(join(root, home));
            if let Some(name) = homes.group_name(home) {
                candidate.names.insert(join(root, home), join(root, &join(split(home).0, name)));
            }
        }
        for (path, home) in homes.members() {
            if let Some(candidate) = folders.get(home).and_then(|folder| candidates.get_mut(folder.as_str())) {
                candidate.members.insert(join(root, path), join(root, home));
            }
        }
        for file in files {
            let path = below_tree(paths[file], root);
            let above = std::iter::once(path).chain(ancestors(path));
            // A file belongs to the candidate of the nearest home, or else of the nearest folder.
            let owner = above.clone().find_map(|above| folders.get(above)).map(|folder| &**folder);
            let owner = owner.or_else(|| above.clone().find(|above| candidates.contains_key(above)));
            let owner = owner.or_else(|| candidates.keys().next().copied().filter(|_| candidates.len() == 1));
            match owner.and_then(|owner| candidates.get_mut(owner)) {
                Some(candidate) => candidate.files.push(file),
                None => out.loose.push(file),
            }
        }
        out.candidates.extend(candidates.into_values());
        servers.insert(archive, (root, homes));
    }
    out.loose.extend(out.inside.iter().flat_map(|inside| &inside.files));
    out.loose.sort_unstable();
    out
}

/// The innermost archive that the path leads through; empty if none.
pub(super) fn archive_of<'p>(path: &'p str, opened: &BTreeSet<&str>) -> &'p str {
    ancestors(path).find(|folder| is_archive(folder) || opened.contains(folder)).unwrap_or("")
}

/// The home of a server that an archive lies in, or that the archive around it does.
fn around(
    archive: &str,
    opened: &BTreeSet<&str>,
    servers: &BTreeMap<&str, (&str, Homes)>,
    inside: &BTreeMap<&str, String>,
) -> Option<String> {
    if archive.is_empty() {
        return None;
    }
    let outer = archive_of(archive, opened);
    if let Some(home) = inside.get(outer) {
        return Some(home.clone());
    }
    let (root, homes) = servers.get(outer)?;
    homes.server_around(below_tree(archive, root)).map(|home| join(root, home))
}

/// Where the files of a tree begin: below the only folder at the top of an archive, which stands for the archive.
fn root_of<'p>(tree: &'p str, mut paths: impl Iterator<Item = &'p str>) -> &'p str {
    let first = |path: &'p str| {
        let rest = below_tree(path, tree);
        let end = rest.find('/')?;
        path.get(..path.len() - rest.len() + end)
    };
    let Some(top) = paths.next().and_then(first) else { return tree };
    let name = top.rsplit('/').next().unwrap_or(top);
    let own = matches!(name, "repository" | "conf");
    if !own && paths.all(|path| first(path) == Some(top)) { top } else { tree }
}

fn below_tree<'p>(path: &'p str, tree: &str) -> &'p str {
    crate::layout::homes::below(path, tree)
}

/// For each home the folder of its candidate: the nearest above it with another home below, else the tree itself.
fn candidate_folders(homes: &Homes) -> BTreeMap<String, String> {
    let mut sorted: Vec<Vec<&str>> = homes.paths().map(components).collect();
    sorted.sort();
    let shared = |one: &[&str], other: &[&str]| one.iter().zip(other).take_while(|(a, b)| a == b).count();
    let folder = |number: usize| {
        let own = &sorted[number];
        let before = number.checked_sub(1).map_or(0, |before| shared(&sorted[before], own));
        let behind = sorted.get(number + 1).map_or(0, |behind| shared(behind, own));
        own[..before.max(behind)].join("/")
    };
    (0..sorted.len()).map(|number| (sorted[number].join("/"), folder(number))).collect()
}

fn components(path: &str) -> Vec<&str> {
    path.split('/').filter(|part| !part.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Said, scan};

    fn found(paths: &[&str]) -> (Vec<(String, Vec<String>, usize)>, usize) {
        let scan = scan(paths, &BTreeSet::from(["c/nodes"]), &Said::default(), false);
        let shown = scan.candidates.into_iter().map(|one| (one.folder, one.homes, one.files.len()));
        (shown.collect(), scan.loose.len())
    }

    fn one(folder: &str, homes: &[&str], files: usize) -> (String, Vec<String>, usize) {
        (folder.to_owned(), homes.iter().map(|home| (*home).to_owned()).collect(), files)
    }

    #[test]
    fn homes_side_by_side_are_one_candidate() {
        let (candidates, loose) = found(&[
            "README.md",
            "acme/gw/wso2am-2.6.0/repository/conf/carbon.xml",
            "acme/km/wso2am-2.6.0/repository/conf/carbon.xml",
            "acme/notes.txt",
            "lone/apim/repository/conf/carbon.xml",
            "other/repository/conf/deployment.toml",
        ]);
        let expected =
            [one("", &["lone/apim", "other"], 3), one("acme", &["acme/gw/wso2am-2.6.0", "acme/km/wso2am-2.6.0"], 3)];
        assert_eq!(candidates, expected);
        assert_eq!(loose, 0);
    }

    #[test]
    fn each_archive_is_cut_by_itself() {
        let (candidates, _) = found(&[
            "a/km.zip/km/repository/conf/carbon.xml",
            "a/gw.tar.gz/gw/repository/conf/carbon.xml",
            "a/all.zip/all/gw/repository/conf/carbon.xml",
            "a/all.zip/all/km/repository/conf/carbon.xml",
            "a/home.zip/repository/conf/carbon.xml",
            "c/nodes/gw/repository/conf/carbon.xml",
        ]);
        let expected = [
            one("a/all.zip/all", &["a/all.zip/all/gw", "a/all.zip/all/km"], 2),
            one("a/gw.tar.gz/gw", &["a/gw.tar.gz/gw"], 1),
            one("a/home.zip", &["a/home.zip"], 1),
            one("a/km.zip/km", &["a/km.zip/km"], 1),
            one("c/nodes/gw", &["c/nodes/gw"], 1),
        ];
        assert_eq!(candidates, expected);
    }

    #[test]
    fn a_home_beside_folders_of_others_is_a_home() {
        let (candidates, _) =
            found(&["repository/conf/deployment.toml", "folder/apim/repository/conf/deployment.toml"]);
        assert_eq!(candidates, [one("", &["", "folder/apim"], 2)]);
    }
}
