//! Which files belong to which server's home: paths in, [`Home`]s out.
//!
//! A home is a folder with `repository/conf`, a folder whose `conf` holds configuration files, or a folder in
//! which such files lie loose. A loose file that is only *like* an api-manager.xml is a home of its own. Every
//! file goes to the nearest home above it, or to none.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use super::{FileText, InputFile};
use crate::mapping::tables::Tables;

/// A file of a home.
#[derive(Clone, Debug)]
pub struct HomeFile<'a> {
    /// The file.
    pub file: InputFile<'a>,
    /// Whether it lies in the home's configuration folder.
    pub inside: bool,
}

/// A server's home, or a single file that stands for one.
#[derive(Clone, Debug)]
pub struct Home<'a> {
    /// The folder (or the single file), relative to the INPUT; empty for the INPUT itself.
    pub path: String,
    /// Its name, unique among the homes.
    pub name: String,
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

/// Groups the files by home; files above all homes come second.
#[must_use]
pub fn homes<'a>(tables: &Tables, input: &[InputFile<'a>], input_name: &str) -> (Vec<Home<'a>>, Vec<InputFile<'a>>) {
    let mut found: IndexMap<String, Home<'a>> = IndexMap::new();
    let mut beside = Vec::new();
    let servers = servers(input);
    for file in input {
        let configuration = configuration(tables, file, input.len() == 1);
        let own = |(home, _): &(String, String)| !servers.iter().any(|server| is_part_of(home, server));
        let Some((home, name)) = configuration.filter(own) else {
            beside.push(file);
            continue;
        };
        let home = found.entry(home.clone()).or_insert_with(|| Home {
            path: home,
            name: String::new(),
            nameless: false,
            files: Vec::new(),
        });
        home.files.push((name, HomeFile { file: file.clone(), inside: true }));
    }
    let mut loose = Vec::new();
    for file in beside {
        // The nearest folder above that is a home.
        let ends = file.path.rmatch_indices('/').map(|(end, _)| end).chain([0]);
        let above = ends.map(|end| &file.path[..end]).find(|folder| found.contains_key(*folder));
        match above {
            Some(home) if !home.is_empty() || found.len() == 1 => {
                let name = file.path[home.len()..].trim_start_matches('/').to_owned();
                found[home].files.push((name, HomeFile { file: file.clone(), inside: false }));
            }
            _ => loose.push(file.clone()),
        }
    }
    let mut homes: Vec<Home<'a>> = found.into_values().collect();
    name_homes(tables, &mut homes, input_name);
    homes.sort_by(|a, b| natural(&a.name, &b.name).then_with(|| a.path.cmp(&b.path)));
    (homes, loose)
}

/// The folders that are surely a server's home, with the path to its `conf`.
fn servers(input: &[InputFile<'_>]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for file in input {
        let starts =
            file.path.match_indices("repository/conf/").filter(|(at, _)| *at == 0 || file.path[..*at].ends_with('/'));
        if let Some((at, _)) = starts.into_iter().next() {
            let home = file.path[..at].trim_end_matches('/');
            if found.last().is_none_or(|last| last != home) && !found.iter().any(|known| known == home) {
                found.push(home.to_owned());
            }
        }
    }
    found
}

/// Folders of a server in which its programs, artifacts, samples and tools lie, with configuration of their own.
const PARTS: [&str; 10] = [
    "bin",
    "business-processes",
    "dbscripts",
    "lib",
    "modules",
    "repository",
    "resources",
    "samples",
    "tmp",
    "webapp-mode",
];

/// Whether what looks like a home is only a part of `server`: a web application, a sample, a tool, a backup.
fn is_part_of(home: &str, server: &str) -> bool {
    if home == server || !is_below(home, server) {
        return false;
    }
    let below = home[server.len()..].trim_start_matches('/');
    let first = below.split('/').next().unwrap_or(below);
    PARTS.contains(&first) || is_archive(first)
}

fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".zip", ".tar", ".tgz", ".tar.gz"].iter().any(|end| name.ends_with(end))
}

/// Whether `path` lies below the folder `home`.
fn is_below(path: &str, home: &str) -> bool {
    home.is_empty() || path.strip_prefix(home).is_some_and(|rest| rest.starts_with('/'))
}

/// The home of a configuration file, and its name below the configuration folder.
fn configuration(tables: &Tables, file: &InputFile<'_>, only: bool) -> Option<(String, String)> {
    let path = file.path;
    for folder in ["repository/conf/", "conf/"] {
        for (at, _) in path.match_indices(folder) {
            if at > 0 && !path[..at].ends_with('/') {
                continue;
            }
            let (home, name) = (path[..at].trim_end_matches('/'), &path[at + folder.len()..]);
            // `conf` is a common name: only what a server has there makes a home.
            let known = folder != "conf/" || is_known(tables, name) || tables.other(name, true).is_some();
            if known && !home.ends_with("/repository") && home != "repository" {
                return Some((home.to_owned(), name.to_owned()));
            }
        }
    }
    let starts = std::iter::once(0).chain(path.match_indices('/').map(|(at, _)| at + 1));
    let base = path.rfind('/').map_or(0, |at| at + 1);
    for start in starts {
        let name = &path[start..];
        let home = path[..start].trim_end_matches('/').to_owned();
        if is_known(tables, name) {
            return Some((home, name.to_owned()));
        }
        if start == base
            && let Some(name) = flat(tables, name)
        {
            return Some((home, name));
        }
    }
    // A file that is only like one: a node of its own.
    let name = look_alike(file, only)?;
    Some((path.to_owned(), name.to_owned()))
}

fn is_known(tables: &Tables, name: &str) -> bool {
    tables.for_file(name).is_some()
        || name == "deployment.toml"
        || matches!(name, "worker/deployment.yaml" | "dashboard/deployment.yaml" | "micro-gw.conf")
}

/// The place that a file would have, by its name alone: `axis2.xml` → `axis2/axis2.xml`.
fn flat(tables: &Tables, name: &str) -> Option<String> {
    let patterns = tables.tables().iter().flat_map(|table| &table.head.paths);
    patterns
        .filter_map(|pattern| pattern.rsplit_once('/'))
        .find_map(|(folder, base)| crate::mapping::tables::matches_file(base, name).then(|| format!("{folder}/{name}")))
}

/// The configuration file that an unknown file is meant to be: by its name, or by its root element.
fn look_alike(file: &InputFile<'_>, only: bool) -> Option<&'static str> {
    const ROOTS: [(&str, &str); 5] = [
        ("<APIManager", "api-manager.xml"),
        ("<UserManager", "user-mgt.xml"),
        ("<datasources-configuration", "datasources/master-datasources.xml"),
        ("<axisconfig", "axis2/axis2.xml"),
        ("<Server xmlns=\"http://wso2.org/projects/carbon", "carbon.xml"),
    ];
    let FileText::Text(text) = file.text else { return None };
    let base = file.path.rsplit('/').next().unwrap_or(file.path).to_ascii_lowercase();
    let extension = base.rsplit_once('.').map_or("", |(_, extension)| extension);
    match extension {
        "xml" if only || base.contains("api-manager") || base.contains("apimanager") => {
            ROOTS.iter().find(|(root, _)| text.contains(root)).map(|(_, name)| *name)
        }
        "properties" if only || base.contains("jndi") => {
            text.contains("connectionfactory.").then_some("jndi.properties")
        }
        "toml" if only || base.contains("deployment") => Some("deployment.toml"),
        _ => None,
    }
}

fn name_homes(tables: &Tables, homes: &mut [Home<'_>], input_name: &str) {
    let paths: BTreeSet<String> = homes.iter().map(|home| home.path.clone()).collect();
    for home in homes.iter_mut() {
        let single = home.files.len() == 1 && home.files[0].1.file.path == home.path;
        let own = if home.path.is_empty() { input_name } else { telling(&home.path, &paths) };
        let stem = own.rsplit_once('.').filter(|_| single || is_file_name(own)).map_or(own, |(stem, _)| stem);
        let known = home.files.iter().any(|(name, _)| name.rsplit('/').next() == Some(own));
        home.nameless = known || tables.for_file(own).is_some();
        stem.clone_into(&mut home.name);
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
            (left, right) = (&left[first.len_utf8()..], &right[second.len_utf8()..]);
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
    (text[..text.len() - rest.len()].trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering;

    use super::{homes, natural};
    use crate::layout::{FileText, InputFile};
    use crate::mapping::tables::Tables;

    fn named(paths: &[&str], input_name: &str) -> (Vec<(String, Vec<String>)>, usize) {
        let tables = Tables::built_in();
        let input: Vec<InputFile<'_>> =
            paths.iter().map(|path| InputFile { path, text: FileText::Text("<APIManager/>") }).collect();
        let (homes, loose) = homes(&tables, &input, input_name);
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
                "apim/conf-2019.zip/repository/conf/carbon.xml",
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
