//! What a file is by its content, where its name says nothing: texts in, names of configuration files out.

use std::collections::{BTreeMap, BTreeSet};

use super::copies::{is_copy, originals, texts};
use super::groups::part_of;
use super::homes::{SERVER_FILES, ancestors, join, look_alike, split};
use super::nodes::flat_name;
use super::set_aside::is_own_key;
use super::{FileText, InputFile};
use crate::mapping::tables::Tables;
use crate::text::Parts as _;
use crate::topology::source::tokens::roles_in;

/// How elements begin by which files of 2.x are known, and the names of these.
const ROOTS: [(&str, &str); 5] = [
    ("<APIManager", "api-manager.xml"),
    ("<UserManager", "user-mgt.xml"),
    ("<datasources-configuration", "datasources/master-datasources.xml"),
    ("<axisconfig", "axis2/axis2.xml"),
    ("<Server xmlns=\"http://wso2.org/projects/carbon", "carbon.xml"),
];

/// How much of a file is looked at, in bytes: the root stands behind a licence at most.
const HEAD: usize = 1 << 16;

/// Which configuration file of 2.x a text is, by its root or what only such a file has.
pub(super) fn of_2(name: &str, text: &str) -> Option<&'static str> {
    let head = text.as_bytes().get(..HEAD).unwrap_or(text.as_bytes());
    let has = |root: &str| memchr::memmem::find(head, root.as_bytes()).is_some();
    match name.to_ascii_lowercase().rsplit_once('.').map(|(_, extension)| extension.to_owned()).as_deref() {
        Some("xml") => ROOTS.iter().find(|(root, _)| has(root)).map(|(_, name)| *name),
        Some("properties") => text.contains("connectionfactory.").then_some("jndi.properties"),
        _ => None,
    }
}

/// What the contents of files say of where servers' homes are, which their names do not.
#[derive(Clone, Debug, Default)]
pub struct Said<'a> {
    /// Files whose names say nothing, and that each configure a node: with the name that such a file has in a server.
    pub meant: BTreeMap<&'a str, &'static str>,
    /// Files that bear the name of one beside them with more, and are another server's by what they say.
    pub apart: BTreeSet<&'a str>,
    /// Folders that say the same in every file as one beside them, and are copies of it by their names.
    pub copied: BTreeSet<&'a str>,
}

impl<'a> Said<'a> {
    /// What it says of the tree that begins at `root`, with paths below it.
    #[must_use]
    pub fn below(&self, root: &str) -> Self {
        let inside =
            |path: &&'a str| root.is_empty() || path.strip_prefix(root).is_some_and(|rest| rest.starts_with('/'));
        let short = |path: &'a str| path.part(root.len()..).trim_start_matches('/');
        Self {
            meant: self.meant.iter().filter(|(path, _)| inside(path)).map(|(path, of)| (short(path), *of)).collect(),
            apart: self.apart.iter().filter(|path| inside(path)).map(|path| short(path)).collect(),
            copied: self.copied.iter().filter(|path| inside(path)).map(|path| short(path)).collect(),
        }
    }
}

/// What the contents of files, sorted by their paths, say of where servers' homes are.
#[must_use]
pub fn said<'a>(tables: &Tables, files: &[InputFile<'a>]) -> Said<'a> {
    Said { meant: meant(tables, files), apart: apart(files), copied: copied(files) }
}

/// What tells two servers apart that are configured by a deployment.toml.
const OWN_KEYS: [&str; 4] = ["server.server_role", "server.hostname", "server.node_ip", "server.offset"];

/// The files beside one of the same kind that are another server's by what they say.
fn apart<'a>(files: &[InputFile<'a>]) -> BTreeSet<&'a str> {
    let text_at = |path: &str| {
        let at = files.partition_point(|file| file.path < path);
        files.get(at).filter(|file| file.path == path).and_then(|file| match file.text {
            FileText::Text(text) => Some(text),
            _ => None,
        })
    };
    let found = files.iter().filter(|file| {
        let FileText::Text(text) = file.text else { return false };
        let (folder, name) = split(file.path);
        let of = part_of(name).map(|(_, place)| place).or_else(|| look_alike(name, false));
        let of = of.filter(|of| SERVER_FILES.contains(of) && !is_copy(name) && originals(name).is_empty());
        let Some(real) = of.and_then(|of| text_at(&join(folder, of))).filter(|real| *real != text) else {
            return false;
        };
        match of {
            Some("deployment.toml") => is_other_server(text, real),
            Some("api-manager.xml") => !roles_in(&name.replace("api-manager", " ")).roles.is_empty(),
            _ => true,
        }
    });
    found.map(|file| file.path).collect()
}

/// Whether two deployment.toml are of two servers. What cannot be read may be of any.
fn is_other_server(one: &str, other: &str) -> bool {
    let own = |text: &str| -> Option<Vec<Option<String>>> {
        let leaves = crate::read::toml::toml(text).ok()?.leaves;
        let value = |key: &str| leaves.iter().find(|leaf| leaf.path == key).map(|leaf| leaf.value.trim().to_owned());
        Some(OWN_KEYS.iter().map(|key| value(key)).collect())
    };
    match (own(one), own(other)) {
        (Some(one), Some(other)) => one != other,
        _ => true,
    }
}

/// The folders that say the same in every file as one beside them, and are copies of it by their names.
fn copied<'a>(files: &[InputFile<'a>]) -> BTreeSet<&'a str> {
    let folders: BTreeSet<&'a str> = files.iter().flat_map(|file| ancestors(file.path)).collect();
    let named = folders.iter().filter(|folder| {
        let (above, name) = split(folder);
        !folder.is_empty()
            && originals(name).iter().map(|of| join(above, of)).any(|of| {
                let own = texts(files, folder);
                folders.contains(of.as_str()) && !own.is_empty() && own == texts(files, &of)
            })
    });
    named.copied().collect()
}

/// The files whose names say nothing and whose content says that each configures a node of API-M: by their paths, with
/// the name that such a file has in a server.
fn meant<'a>(tables: &Tables, files: &[InputFile<'a>]) -> BTreeMap<&'a str, &'static str> {
    let found = files.iter().filter_map(|file| {
        let FileText::Text(text) = file.text else { return None };
        let name = split(file.path).1;
        if is_telling(tables, name) {
            return None;
        }
        let of = match name.rsplit_once('.')?.1.to_ascii_lowercase().as_str() {
            "toml" => says_manager(tables, name, text).then_some("deployment.toml")?,
            "xml" => of_2(name, text).filter(|of| *of == "api-manager.xml")?,
            _ => return None,
        };
        Some((file.path, of))
    });
    found.collect()
}

/// Whether a name says itself what the file is.
fn is_telling(tables: &Tables, name: &str) -> bool {
    look_alike(name, false).is_some() || flat_name(tables, name).is_some()
}

/// Whether a TOML text sets a key that only an API Manager has. It need not be whole: damage is told later.
fn says_manager(tables: &Tables, name: &str, text: &str) -> bool {
    if name.to_ascii_lowercase().contains("decision") {
        return false;
    }
    let mut table = String::new();
    text.lines().map(str::trim).any(|line| {
        if let Some(header) = line.strip_prefix('[') {
            let (header, list) = header.strip_prefix('[').map_or((header, ""), |header| (header, "[]"));
            let header = header.split(']').next().unwrap_or_default();
            table = header.split('.').map(str::trim).collect::<Vec<_>>().join(".") + list;
            return false;
        }
        let Some((key, _)) = line.split_once('=').filter(|_| !line.starts_with('#')) else { return false };
        let key = key.split('.').map(str::trim).collect::<Vec<_>>().join(".");
        let key = if table.is_empty() { key } else { format!("{table}.{key}") };
        is_own_key(&key) && tables.catalog.find(&key).is_some()
    })
}

/// Why a file of no node that is configuration by its content is not read; `None` for what is not.
#[must_use]
pub fn misnamed(tables: &Tables, file: &InputFile<'_>) -> Option<String> {
    let FileText::Text(text) = file.text else { return None };
    let base = split(file.path).1;
    let is_toml = base.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("toml"));
    let modern = || is_toml && says_manager(tables, base, text);
    let of = if is_telling(tables, base) || is_copy(base) {
        return None;
    } else if modern() {
        "deployment.toml"
    } else {
        of_2(base, text)?
    };
    Some(format!("`{of}` by its content, under a name that no server reads: put it at NODE/repository/conf/{of}"))
}
