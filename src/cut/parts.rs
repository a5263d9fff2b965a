//! Groups of homes in, the folder and the files of each out.

use std::collections::{BTreeMap, BTreeSet};

use super::scan::{Candidate, archive_of};
use crate::decision::Member;
use crate::layout::homes::{ancestors, below};
use crate::layout::nodes::natural;
use crate::read::input::without_ending;

/// A deployment as it was found: a folder of its own, as if it were the INPUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Its name: the folder's path below the INPUT without endings of archives; the INPUT's own name where it is the
    /// INPUT.
    pub name: String,
    /// Its folder, below the INPUT; empty for the INPUT itself.
    pub folder: String,
    /// Its homes, by their paths below the INPUT.
    pub homes: Vec<String>,
    /// Its files, by their number in what was scanned, each with its path below the folder.
    pub files: Vec<(usize, String)>,
}

/// What becomes of the files of all candidates.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cut {
    /// The parts, in the natural order of their names.
    pub parts: Vec<Part>,
    /// Files that belong to none of them.
    pub loose: Vec<usize>,
}

/// Gives each group of homes its folder: the topmost that holds no home of another group. Where a group's homes lie
/// among others', it has the folders of its homes, and is named by what their names have in common.
#[must_use]
pub fn parts(paths: &[&str], opened: &BTreeSet<&str>, groups: &[(&Candidate, Vec<String>)], input_name: &str) -> Cut {
    // The group that has all homes below a folder; `None` where several have some.
    let mut below_folder: BTreeMap<&str, Option<usize>> = BTreeMap::new();
    for (number, (_, homes)) in groups.iter().enumerate() {
        for folder in homes.iter().flat_map(|home| self_and_above(home)) {
            let of = below_folder.entry(folder).or_insert(Some(number));
            *of = of.filter(|known| *known == number);
        }
    }
    let mut owners: BTreeMap<String, usize> = BTreeMap::new();
    let mut out = Cut::default();
    for (number, (candidate, homes)) in groups.iter().enumerate() {
        let top = |from: &str| {
            let own = self_and_above(from).take_while(|folder| folder.len() >= candidate.root.len());
            own.take_while(|folder| below_folder.get(folder) == Some(&Some(number))).last().map(str::to_owned)
        };
        let common = common(homes);
        let whole = top(&common);
        match &whole {
            Some(folder) => _ = owners.insert(folder.clone(), number),
            // A home with another one inside has its own files, and those of no other.
            None => owners.extend(homes.iter().map(|home| (top(home).unwrap_or_else(|| home.clone()), number))),
        }
        let alone = homes.len() == 1;
        let folder = whole.clone().unwrap_or(common);
        let name = if whole.is_some() || alone { folder.clone() } else { shared_name(homes, &folder) };
        // A file that is a home by itself lies in a folder of others.
        let is_file = alone && paths.binary_search(&folder.as_str()).is_ok();
        let name =
            candidate.names.get(&folder).filter(|_| alone).cloned().unwrap_or_else(|| without_ending_of(is_file, name));
        let (folder, name) = match folder.rsplit_once('/') {
            _ if !is_file => (folder, name),
            Some((above, _)) => (above.to_owned(), name),
            None => (String::new(), name),
        };
        out.parts.push(Part { name, folder, homes: homes.clone(), files: Vec::new() });
    }
    let mut members: BTreeMap<&str, usize> = BTreeMap::new();
    for (number, (candidate, homes)) in groups.iter().enumerate() {
        let own = candidate.members.iter().filter(|(_, home)| homes.contains(home));
        members.extend(own.map(|(path, _)| (path.as_str(), number)));
    }
    for (file, path) in paths.iter().enumerate() {
        let archive = archive_of(path, opened);
        let mut own = self_and_above(path).take_while(|folder| folder.len() >= archive.len());
        // Files of an archive are its own alone.
        let owner = members.get(path).or_else(|| own.find_map(|folder| owners.get(folder)));
        let owner = owner.filter(|owner| groups[**owner].0.archive == archive);
        match owner.map(|owner| &mut out.parts[*owner]) {
            Some(part) => part.files.push((file, below(path, &part.folder).to_owned())),
            None => out.loose.push(file),
        }
    }
    name_parts(&mut out.parts, input_name);
    out.parts.sort_by(|one, other| natural(&one.name, &other.name).then_with(|| one.folder.cmp(&other.folder)));
    out
}

/// All files as the one deployment that the administrator says they are.
#[must_use]
pub fn whole(paths: &[&str], name: &str) -> Cut {
    let files = paths.iter().enumerate().map(|(file, path)| (file, (*path).to_owned())).collect();
    let part = Part { name: name.to_owned(), folder: String::new(), homes: Vec::new(), files };
    Cut { parts: vec![part], loose: Vec::new() }
}

/// What came of the groups that the administrator says are one deployment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// Of each group, by its number, the names that are of a part, and how many parts they are.
    pub groups: Vec<(BTreeSet<String>, usize)>,
    /// What all parts were called before, where there are groups.
    pub names: BTreeSet<String>,
}

/// Joins the parts that the administrator says are one deployment, by their names or folders.
pub fn join(cut: &mut Cut, groups: &[&[Member]], paths: &[&str]) -> Joined {
    let mut out = Joined::default();
    if !groups.is_empty() {
        out.names.extend(cut.parts.iter().map(|part| part.name.clone()));
    }
    for group in groups {
        let is = |part: &Part, name: &str| name == part.name || name == part.folder;
        let known = group.iter().filter(|member| cut.parts.iter().any(|part| is(part, &member.name)));
        let known: BTreeSet<String> = known.map(|member| member.name.clone()).collect();
        let named = |part: &Part| group.iter().any(|member| is(part, &member.name));
        let (joined, rest): (Vec<Part>, Vec<Part>) = std::mem::take(&mut cut.parts).into_iter().partition(named);
        cut.parts = rest;
        out.groups.push((known, joined.len()));
        let Some(first) = joined.first() else { continue };
        let folder = common(&joined.iter().map(|part| part.folder.clone()).collect::<Vec<_>>());
        let name = if joined.len() == 1 {
            first.name.clone()
        } else {
            group.iter().map(|member| member.name.as_str()).collect::<Vec<_>>().join("+")
        };
        let files = joined.iter().flat_map(|part| &part.files);
        let mut files: Vec<(usize, String)> =
            files.map(|(file, _)| (*file, below(paths[*file], &folder).to_owned())).collect();
        files.sort_by(|one, other| one.1.cmp(&other.1));
        let homes = joined.iter().flat_map(|part| part.homes.clone()).collect();
        cut.parts.push(Part { name, folder, homes, files });
    }
    cut.parts.sort_by(|one, other| natural(&one.name, &other.name).then_with(|| one.folder.cmp(&other.folder)));
    out
}

fn without_ending_of(is_file: bool, name: String) -> String {
    if is_file { without_extension(&name).to_owned() } else { name }
}

fn without_extension(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn self_and_above(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(ancestors(path))
}

/// The innermost folder that all the homes lie in (or are).
fn common(homes: &[String]) -> String {
    let Some(first) = homes.first() else { return String::new() };
    let mut shared: Vec<&str> = first.split('/').collect();
    for home in &homes[1..] {
        let same = shared.iter().zip(home.split('/')).take_while(|(one, other)| **one == *other).count();
        shared.truncate(same);
    }
    shared.join("/")
}

/// What the names of several homes have in common, below the folder that they share with others; the first name where
/// that is nothing.
fn shared_name(homes: &[String], folder: &str) -> String {
    let names: Vec<&str> = homes.iter().map(|home| below(home, folder).split('/').next().unwrap_or_default()).collect();
    let first = names.first().copied().unwrap_or_default();
    let mut same = first.chars().count();
    for name in &names {
        same = same.min(first.chars().zip(name.chars()).take_while(|(one, other)| one == other).count());
    }
    let common: String = first.chars().take(same).collect();
    let common = common.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    // Half a word or a number is no name.
    let whole = first.get(common.len()..).is_none_or(|rest| !rest.starts_with(char::is_alphanumeric));
    let chosen = if common.len() > 1 && whole { common } else { first };
    if folder.is_empty() { chosen.to_owned() } else { format!("{folder}/{chosen}") }
}

/// Names without endings of archives, made unique.
fn name_parts(parts: &mut [Part], input_name: &str) {
    for part in parts.iter_mut() {
        if part.name.is_empty() {
            without_ending(input_name).clone_into(&mut part.name);
        } else {
            let plain: Vec<&str> = part.name.split('/').collect();
            let archive = plain.iter().rposition(|name| without_ending(name) != *name);
            // The only folder at the top of an archive stands for the archive: its name says nothing more.
            let kept = match archive {
                Some(at) if at + 2 == plain.len() && part.folder == part.name => &plain[..=at],
                _ => &plain[..],
            };
            part.name = kept.iter().map(|name| without_ending(name)).collect::<Vec<_>>().join("/");
        }
    }
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for part in parts.iter() {
        *counts.entry(part.name.clone()).or_default() += 1;
    }
    for part in parts.iter_mut().filter(|part| counts.get(&part.name).is_some_and(|count| *count > 1)) {
        if !part.folder.is_empty() {
            part.name.clone_from(&part.folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::layout::content::Said;

    use super::{Cut, parts};
    use crate::cut::scan;

    /// Each candidate split as `groups` says (by parts of the homes' paths); else one part.
    fn cut(paths: &[&str], groups: &[&[&str]]) -> Cut {
        let found = scan(paths, &BTreeSet::new(), &Said::default(), false);
        let mut all = Vec::new();
        for candidate in &found.candidates {
            let mut rest = candidate.homes.clone();
            for group in groups {
                let (own, others): (Vec<String>, Vec<String>) =
                    rest.into_iter().partition(|home| group.contains(&home.as_str()));
                rest = others;
                if !own.is_empty() {
                    all.push((candidate, own));
                }
            }
            if !rest.is_empty() {
                all.push((candidate, rest));
            }
        }
        parts(paths, &BTreeSet::new(), &all, "input.tar.gz")
    }

    fn shown(cut: &Cut) -> Vec<(&str, &str, Vec<&str>)> {
        cut.parts
            .iter()
            .map(|part| (&*part.name, &*part.folder, part.files.iter().map(|(_, path)| &**path).collect()))
            .collect()
    }

    #[test]
    fn the_only_deployment_has_the_whole_input() {
        let cut = cut(&["README", "x/gw/repository/conf/carbon.xml", "x/km/repository/conf/carbon.xml"], &[]);
        let files = vec!["README", "x/gw/repository/conf/carbon.xml", "x/km/repository/conf/carbon.xml"];
        assert_eq!(shown(&cut), [("input", "", files)]);
    }

    #[test]
    fn each_of_several_has_its_own_folder() {
        let cut = cut(
            &[
                "README",
                "a/README",
                "a/gw/repository/conf/carbon.xml",
                "a/km/repository/conf/carbon.xml",
                "b.zip/b/repository/conf/carbon.xml",
                "c/notes/x.txt",
                "c/x/wso2am-2.6.0/repository/conf/carbon.xml",
            ],
            &[],
        );
        let expected = [
            ("a", "a", vec!["README", "gw/repository/conf/carbon.xml", "km/repository/conf/carbon.xml"]),
            ("b", "b.zip/b", vec!["repository/conf/carbon.xml"]),
            ("c", "c", vec!["notes/x.txt", "x/wso2am-2.6.0/repository/conf/carbon.xml"]),
        ];
        assert_eq!(shown(&cut), expected);
        assert_eq!(cut.loose, [0]);
    }

    #[test]
    fn parts_among_others_have_the_folders_of_their_homes() {
        let conf = |home: &str| format!("in/{home}/repository/conf/carbon.xml");
        let paths = ["prod-gw", "prod-km", "test-gw", "test-km"].map(conf);
        let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        paths.push("in/README");
        let cut = cut(&paths, &[&["in/prod-gw", "in/prod-km"], &["in/test-gw", "in/test-km"]]);
        let names: Vec<&str> = cut.parts.iter().map(|part| &*part.name).collect();
        assert_eq!(names, ["in/prod", "in/test"]);
        assert_eq!(cut.parts[0].folder, "in");
        assert_eq!(cut.parts[0].files[0].1, "prod-gw/repository/conf/carbon.xml");
        assert_eq!(cut.loose, [4]);
    }
}
