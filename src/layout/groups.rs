//! Files of several servers in one folder: names in, the server that each is of and the file that it is of it out.
//!
//! `prod-carbon.xml` and `user-mgt-prod.xml` share the part besides the names that a server has them under: they are two
//! files of the server `prod`.

use std::collections::BTreeMap;

use super::copies::{is_copy, originals};
use super::homes::{SERVER_FILES, split};

/// Files of 2.x that may bear more in their names, by the places that they have below the configuration folder.
const PLACES: [&str; 18] = [
    "api-manager.xml",
    "carbon.xml",
    "user-mgt.xml",
    "registry.xml",
    "datasources/master-datasources.xml",
    "axis2/axis2.xml",
    "jndi.properties",
    "broker.xml",
    "identity/identity.xml",
    "identity/application-authentication.xml",
    "tomcat/catalina-server.xml",
    "security/authenticators.xml",
    "security/cipher-text.properties",
    "security/cipher-tool.properties",
    "log4j.properties",
    "synapse.properties",
    "passthru-http.properties",
    "nhttp.properties",
];

/// Names of files of a server that look like one of these with more.
const OWN_NAMES: [&str; 8] = [
    "axis2_client.xml",
    "axis2_blocking_client.xml",
    "tenant-axis2.xml",
    "registry_TM.xml",
    "event-broker.xml",
    "messaging-event-broker.xml",
    "registry-event-broker.xml",
    "registry-event-broker-config.xml",
];

/// Which server's file a name says that it is, and which file of it; `None` for a file's own name and for copies.
#[must_use]
pub fn part_of(name: &str) -> Option<(&str, &'static str)> {
    let known = |place: &&&str| split(place).1 == name;
    let copy = || is_copy(name) || originals(name).iter().any(|of| PLACES.iter().any(|place| split(place).1 == of));
    if OWN_NAMES.contains(&name) || PLACES.iter().any(|place| known(&place)) || copy() {
        return None;
    }
    let mark = |letter: char| matches!(letter, '-' | '_' | '.' | ' ');
    let part = |base: &str| {
        let (stem, extension) = base.rsplit_once('.')?;
        let own = name.strip_suffix(extension)?.strip_suffix('.')?;
        let rest = own.strip_suffix(stem).filter(|rest| rest.ends_with(mark));
        let rest = rest.or_else(|| own.strip_prefix(stem).filter(|rest| rest.starts_with(mark)))?;
        Some(rest.trim_matches(mark)).filter(|rest| !rest.is_empty())
    };
    // The longest name counts: what is left of it says the least.
    let found = PLACES.iter().filter_map(|place| Some((part(split(place).1)?, *place)));
    found.min_by_key(|(part, _)| part.len())
}

/// The files of a server in a folder with those of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group<'p> {
    /// What the names share.
    pub name: &'p str,
    /// The path that stands for the server: that of the file that says most of what it is.
    pub path: &'p str,
    /// Its files, and the place that each has in a server.
    pub files: Vec<(&'p str, &'static str)>,
}

/// The files of one folder.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grouped<'p> {
    /// The servers of which there are several files.
    pub groups: Vec<Group<'p>>,
    /// Files that are of no such server, and the place that each says it has in one.
    pub rest: Vec<(&'p str, &'static str)>,
}

/// Groups the files of one folder.
#[must_use]
pub fn group<'p>(paths: &[&'p str]) -> Grouped<'p> {
    let mut parts: BTreeMap<&'p str, Vec<(&'p str, &'static str)>> = BTreeMap::new();
    let mut out = Grouped::default();
    for path in paths {
        let Some((part, place)) = part_of(split(path).1) else { continue };
        let files = parts.entry(part).or_default();
        // One server has a file once.
        if files.iter().any(|(_, known)| *known == place) {
            out.rest.push((path, place));
        } else {
            files.push((path, place));
        }
    }
    for (name, files) in parts {
        let first = SERVER_FILES.iter().find_map(|wanted| files.iter().find(|(_, place)| place == wanted));
        match first.copied().filter(|_| files.len() > 1) {
            Some((path, _)) => out.groups.push(Group { name, path, files }),
            None => out.rest.extend(files),
        }
    }
    out
}

/// Why a file that names a server is not read.
#[must_use]
pub fn alone(path: &str, place: &str) -> String {
    let base = split(path).1;
    let of = part_of(base).map_or("", |(part, _)| part);
    format!(
        "not read: its name says `{}` of `{of}`, and no other files of that server lie beside it: put each server's \
         files at NODE/repository/conf/{}",
        split(place).1,
        place
    )
}

#[cfg(test)]
mod tests {
    use super::{PLACES, group, part_of};
    use crate::mapping::tables::Tables;

    #[test]
    fn names_say_whose_file_it_is() {
        for (name, part, place) in [
            ("prod-carbon.xml", "prod", "carbon.xml"),
            ("carbon-prod.xml", "prod", "carbon.xml"),
            ("node-a.user-mgt.xml", "node-a", "user-mgt.xml"),
            ("master-datasources_node-a.xml", "node-a", "datasources/master-datasources.xml"),
            ("api-manager gw 1.xml", "gw 1", "api-manager.xml"),
        ] {
            assert_eq!(part_of(name), Some((part, place)), "{name}");
        }
        for name in [
            "carbon.xml",
            "carbon-old.xml",
            "carbon-20210304.xml",
            "tenant-axis2.xml",
            "axis2_client.xml",
            "carbon.xml.bak",
            "carbonara.xml",
            "event-broker.xml",
        ] {
            assert_eq!(part_of(name), None, "{name}");
        }
    }

    #[test]
    fn groups_need_a_file_that_says_what_a_server_is() {
        let found =
            group(&["a-carbon.xml", "a-registry.xml", "b-registry.xml", "b-jndi.properties", "c-api-manager.xml"]);
        let names: Vec<(&str, usize)> = found.groups.iter().map(|group| (group.name, group.files.len())).collect();
        assert_eq!(names, [("a", 2)]);
        assert_eq!(found.rest.len(), 3);
    }

    #[test]
    fn a_table_is_for_each() {
        let tables = Tables::built_in();
        for place in PLACES {
            assert!(tables.for_file(place).is_some(), "{place}");
        }
    }
}
