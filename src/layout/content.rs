//! What a file is by its content, where its name says nothing: texts in, names of configuration files out.

use std::collections::BTreeMap;

use super::copies::is_copy;
use super::homes::{look_alike, split};
use super::nodes::flat_name;
use super::set_aside::is_own_key;
use super::{FileText, InputFile};
use crate::mapping::tables::Tables;

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

/// The files whose names say nothing and whose content says that each configures a node of API-M: by their paths, with
/// the name that such a file has in a server.
#[must_use]
pub fn meant<'a>(tables: &Tables, files: &[InputFile<'a>]) -> BTreeMap<&'a str, &'static str> {
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
