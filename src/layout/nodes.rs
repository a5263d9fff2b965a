//! Which files belong to which server's home, and what the homes are called: the input's files in, [`Home`]s out.

use crate::text::Parts as _;
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::homes::{HomeKind, Homes};
use super::{FileText, InputFile, content};
use crate::mapping::tables::Tables;
use crate::read::input::packed_file;

/// A file of a home.
#[derive(Clone, Debug)]
pub struct HomeFile<'a> {
    /// The file.
    pub file: InputFile<'a>,
    /// Whether it lies in the home's configuration folder.
    pub inside: bool,
    /// Whether it only is a copy of a file beside it.
    pub copy: bool,
}

/// A server's home, or a single file that stands for one.
#[derive(Clone, Debug)]
pub struct Home<'a> {
    /// The folder (or the single file), relative to the INPUT; empty for the INPUT itself.
    pub path: String,
    /// Its name, unique among the homes.
    pub name: String,
    /// Its name by itself, whatever other homes there are.
    pub own_name: String,
    /// The name is that of a configuration file, and says nothing of the node.
    pub nameless: bool,
    /// Its files: the name below the configuration folder (or below the home) and the file.
    pub files: Vec<(String, HomeFile<'a>)>,
}

/// Folder names that say nothing of the node: the folder above names it.
const WRAPPERS: [&str; 12] = [
    "home",
    "files",
    "resources",
    "server",
    "product",
    "wso2carbon",
    "wso2am",
    "wso2",
    "opt",
    "overlay",
    "templates",
    "wso2apim",
];

/// What the files of an input are.
#[derive(Clone, Debug, Default)]
pub struct Grouped<'a> {
    /// The homes, in natural order of their names.
    pub homes: Vec<Home<'a>>,
    /// Files of no home.
    pub loose: Vec<InputFile<'a>>,
    /// Folders that are copies of the home beside them.
    pub copied: Vec<String>,
    /// Files that name a server of which nothing says what it is, and the place of each in a server.
    pub alone: BTreeMap<String, &'static str>,
}

/// Groups the files by home.
#[must_use]
pub fn homes<'a>(tables: &Tables, input: &[InputFile<'a>], input_name: &str) -> Grouped<'a> {
    let places = match input {
        [only] => only_file(tables, only),
        _ => Homes::find(input.iter().map(|file| file.path), false, &content::said(tables, input)),
    };
    let mut found: IndexMap<String, Home<'a>> = IndexMap::new();
    let mut loose = Vec::new();
    for file in input {
        let Some(belongs) = places.owner(file.path) else {
            loose.push(file.clone());
            continue;
        };
        let copy = places.is_copy(file.path);
        let kind = places.kind(belongs.home);
        let (name, inside) = match kind {
            // In a folder that holds other things too, only what a server has there is its configuration.
            Some(HomeKind::Flat) if belongs.inside => match flat_name(tables, &belongs.name) {
                Some(name) => (name, true),
                None => (belongs.name, false),
            },
            _ => (belongs.name, belongs.inside),
        };
        let home = found.entry(belongs.home.to_owned()).or_insert_with(|| Home {
            path: belongs.home.to_owned(),
            name: String::new(),
            own_name: String::new(),
            nameless: false,
            files: Vec::new(),
        });
        home.files.push((name, HomeFile { file: file.clone(), inside, copy }));
    }
    let mut homes: Vec<Home<'a>> = found.into_values().collect();
    for home in &mut homes {
        home.files.sort_by_key(|(_, file)| !file.inside);
    }
    name_homes(tables, &mut homes, input_name, &places);
    homes.sort_by(|a, b| natural(&a.name, &b.name).then_with(|| a.path.cmp(&b.path)));
    let alone = places.alone().map(|(path, place)| (path.to_owned(), place)).collect();
    Grouped { homes, loose, copied: places.copied().map(str::to_owned).collect(), alone }
}

/// The name that a table knows a file of a flat folder by: its own, or that with the folder that it has in a server.
pub(super) fn flat_name(tables: &Tables, name: &str) -> Option<String> {
    let other = matches!(name, "worker/deployment.yaml" | "dashboard/deployment.yaml" | "micro-gw.conf");
    if tables.for_file(name).is_some() || name == "deployment.toml" || other || tables.other(name, true).is_some() {
        return Some(name.to_owned());
    }
    flat(tables, name).filter(|_| !name.contains('/'))
}

/// The place that a file would have, by its name alone: `axis2.xml` → `axis2/axis2.xml`.
fn flat(tables: &Tables, name: &str) -> Option<String> {
    let patterns = tables.tables().iter().flat_map(|table| &table.head.paths);
    patterns
        .filter_map(|pattern| pattern.rsplit_once('/'))
        .find_map(|(folder, base)| crate::mapping::tables::matches_file(base, name).then(|| format!("{folder}/{name}")))
}

/// The home that a file given by itself is: by its name, or by what it holds.
fn only_file(tables: &Tables, file: &InputFile<'_>) -> Homes {
    let found = Homes::find(std::iter::once(file.path), true, &content::Said::default());
    let (folder, base) = file.path.rsplit_once('/').unwrap_or(("", file.path));
    if !found.is_empty() {
        return found;
    }
    if flat_name(tables, base).is_some_and(|name| tables.for_file(&name).is_some()) {
        return Homes::one(folder, HomeKind::Flat);
    }
    let FileText::Text(text) = file.text else { return found };
    let of = content::of_2(base, text);
    of.map_or(found, |of| Homes::one(file.path, HomeKind::File(of)))
}

fn name_homes(tables: &Tables, homes: &mut [Home<'_>], input_name: &str, places: &Homes) {
    let paths: BTreeSet<String> = homes.iter().map(|home| home.path.clone()).collect();
    for home in homes.iter_mut() {
        let single = home.files.len() == 1 && home.files[0].1.file.path == home.path;
        let own = if home.path.is_empty() { input_name } else { telling(&home.path, &paths) };
        // One packed file is called as what is in it.
        let packed = packed_file(own).filter(|_| home.path.is_empty());
        let stem = own.rsplit_once('.').filter(|_| single || is_file_name(own)).map_or(own, |(stem, _)| stem);
        let stem = if single && home.files[0].0 == "deployment.toml" { without_deployment(stem) } else { stem };
        let known = home.files.iter().any(|(name, _)| name.rsplit('/').next() == Some(own));
        let stem = packed.unwrap_or(stem);
        let stem = places.group_name(&home.path).unwrap_or(stem);
        home.nameless = places.group_name(&home.path).is_none() && (known || tables.for_file(own).is_some());
        stem.clone_into(&mut home.name);
        stem.clone_into(&mut home.own_name);
    }
    // The same name twice: the folder above tells them apart, then the whole path.
    for depth in 2..12 {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        for home in homes.iter() {
            *names.entry(home.name.clone()).or_default() += 1;
        }
        for home in homes.iter_mut() {
            if names.get(&home.name).is_some_and(|count| *count > 1) {
                let parts: Vec<&str> = home.path.split('/').collect();
                home.name = parts[parts.len().saturating_sub(depth)..].join("-");
            }
        }
    }
}

/// What `am1-deployment` says of the node: its name without the word that only says which file it is.
fn without_deployment(stem: &str) -> &str {
    let mark = ['-', '_', '.', ' '];
    let rest = stem.strip_suffix("deployment").or_else(|| stem.strip_prefix("deployment")).unwrap_or(stem);
    let rest = rest.trim_matches(mark);
    if rest.is_empty() { stem } else { rest }
}

/// Whether `path` lies below the folder `home`.
fn is_below(path: &str, home: &str) -> bool {
    home.is_empty() || path.strip_prefix(home).is_some_and(|rest| rest.starts_with('/'))
}

fn is_file_name(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    matches!(extension.as_str(), "xml" | "properties" | "toml" | "zip" | "tar" | "gz" | "tgz")
}

/// The part of a home's path that names it: the last that is neither a product's own folder nor a wrapper,
/// as long as no other home lies below it.
fn telling<'p>(path: &'p str, all: &BTreeSet<String>) -> &'p str {
    let mut at = path;
    loop {
        let name = at.rsplit('/').next().unwrap_or(at);
        let Some((above, _)) = at.rsplit_once('/') else { return name };
        let mut below = all.range(format!("{above}/")..).take_while(|other| is_below(other, above));
        let alone = !below.any(|other| other != path);
        if !(is_product_folder(name) && alone) {
            return name;
        }
        at = above;
    }
}

/// Whether a folder is named as the product's archive names it (`wso2am-2.6.0`), or only wraps.
fn is_product_folder(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let bare = name.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '_'));
    WRAPPERS.contains(&name.as_str()) || (bare != name && matches!(bare, "wso2am" | "apim" | "am" | "wso2apim"))
}

/// Compares names with the numbers in them as numbers: `tm-2` before `tm-10`.
#[must_use]
pub fn natural(one: &str, other: &str) -> Ordering {
    let (mut left, mut right) = (one, other);
    loop {
        let (Some(first), Some(second)) = (left.chars().next(), right.chars().next()) else {
            return left.len().cmp(&right.len()).then_with(|| one.cmp(other));
        };
        let order = if first.is_ascii_digit() && second.is_ascii_digit() {
            let (own, rest) = leading_number(left);
            let (others, others_rest) = leading_number(right);
            (left, right) = (rest, others_rest);
            own.len().cmp(&others.len()).then_with(|| own.cmp(others))
        } else {
            (left, right) = (left.part(first.len_utf8()..), right.part(second.len_utf8()..));
            first.to_lowercase().cmp(second.to_lowercase())
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The digits that a text begins with, without leading zeros, and the rest.
fn leading_number(text: &str) -> (&str, &str) {
    let rest = text.trim_start_matches(|c: char| c.is_ascii_digit());
    (text.part(..text.len() - rest.len()).trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{Grouped, homes, natural};
    use crate::layout::{FileText, InputFile};
    use crate::mapping::tables::Tables;

    fn named(paths: &[&str], input_name: &str) -> (Vec<(String, Vec<String>)>, usize) {
        let tables = Tables::built_in();
        let input: Vec<InputFile<'_>> =
            paths.iter().map(|path| InputFile { path, text: FileText::Text("<APIManager/>") }).collect();
        let Grouped { homes, loose, .. } = homes(&tables, &input, input_name);
        let named = homes.into_iter().map(|home| (home.name, home.files.into_iter().map(|(name, _)| name).collect()));
        (named.collect(), loose.len())
    }

    #[test]
    fn sorts_naturally() {
        assert_eq!(natural("tm-2", "tm-10"), Ordering::Less);
        assert_eq!(natural("gw-1", "GW-1a"), Ordering::Less);
        assert_eq!(natural("a", "a"), Ordering::Equal);
    }

    #[test]
    fn finds_homes_of_each_form() {
        let (homes, loose) = named(
            &[
                "README.md",
                "a/gw/repository/conf/axis2/axis2.xml",
                "a/gw/bin/x.sh",
                "km/conf/carbon.xml",
                "tm/api-manager.xml",
                "tm/master-datasources.xml",
                "one/gw-api-manager.xml",
                "one/km-api-manager.xml",
            ],
            "in",
        );
        let names: Vec<&str> = homes.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["gw", "gw-api-manager", "km", "km-api-manager", "tm"]);
        assert_eq!(homes[0].1, ["axis2/axis2.xml", "bin/x.sh"]);
        assert_eq!(homes[4].1, ["api-manager.xml", "datasources/master-datasources.xml"]);
        assert_eq!(loose, 1);
    }

    /// Web applications, samples and tools of a server have files like its own.
    #[test]
    fn the_parts_of_a_server_are_no_homes() {
        let (homes, loose) = named(
            &[
                "apim/repository/conf/carbon.xml",
                "apim/repository/deployment/server/webapps/oauth2/WEB-INF/web.xml",
                "apim/repository/deployment/server/synapse-configs/default/registry.xml",
                "apim/repository/deployment/server/jaggeryapps/store/site/conf/locales/registry.xml",
                "apim/repository/components/tools/forget-me/conf/log4j.properties",
                "apim/samples/PizzaShack/src/main/webapp/WEB-INF/web.xml",
                "apim/lib/tomcat/conf/server.xml",
                "apim/backup-2019/repository/conf/carbon.xml",
                "gw/api-manager.xml",
            ],
            "in",
        );
        let names: Vec<(&str, usize)> = homes.iter().map(|(name, files)| (name.as_str(), files.len())).collect();
        assert_eq!(names, [("apim", 8), ("gw", 1)]);
        assert_eq!(loose, 0);
    }

    #[test]
    fn names_homes_by_what_tells() {
        let (homes, _) =
            named(&["pub/wso2am-2.6.0/repository/conf/carbon.xml", "tm/wso2am-2.6.0/repository/conf/carbon.xml"], "in");
        assert_eq!(homes.iter().map(|home| home.0.as_str()).collect::<Vec<_>>(), ["pub", "tm"]);
        let (homes, _) = named(&["repository/conf/carbon.xml", "README"], "apim");
        assert_eq!(homes, [("apim".to_owned(), vec!["carbon.xml".to_owned(), "README".to_owned()])]);
        let (homes, _) = named(&["a/gw/conf/carbon.xml", "b/gw/conf/carbon.xml"], "in");
        assert_eq!(homes.iter().map(|home| home.0.as_str()).collect::<Vec<_>>(), ["a-gw", "b-gw"]);
    }
}
