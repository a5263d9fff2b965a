//! Files that hold other files, and files that are none until they are rendered.

use crate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};

use super::limits::Limits;
use super::manifest::{self, Manifest, Map};
use super::unread::Unread;
use super::{Content, SourceFile, template};

/// A map of a manifest, and where that stands.
struct Placed {
    manifest: String,
    folder: String,
    map: Map,
}

/// Puts the files that ConfigMaps and Secrets hold beside their manifests, in a folder for each server; the maps of one
/// server come together. Templates become unreadable, with what to do.
pub(super) fn files(
    mut files: BTreeMap<String, Content>,
    wanted: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Vec<SourceFile> {
    templates(&mut files, wanted);
    let mut placed: Vec<Placed> = Vec::new();
    for (path, content) in &mut files {
        let extension = path.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
        let is_json = match extension.as_deref() {
            Some("yaml" | "yml") => false,
            Some("json") => true,
            _ => continue,
        };
        let Content::Bytes(bytes) = content else { continue };
        match manifest::read(bytes, is_json, limits) {
            Manifest::Other => {}
            Manifest::Unread(unread) => *content = Content::Unreadable(unread),
            Manifest::Holds { maps, more, damage } => {
                if let Some(unread) = damage {
                    *content = Content::Unreadable(Unread {
                        reason: format!("{}; its other documents were read", unread.reason),
                        ..unread
                    });
                } else if !more {
                    *content = Content::Expanded { files: maps.iter().map(|map| map.files.len()).sum() };
                }
                let folder = path.rfind('/').map_or("", |end| path.part(..=end)).to_owned();
                placed.extend(maps.into_iter().map(|map| Placed {
                    manifest: path.clone(),
                    folder: folder.clone(),
                    map,
                }));
            }
        }
    }
    place(&mut files, placed);
    files.into_iter().map(|(path, content)| SourceFile { path, content }).collect()
}

/// Whether it is a template that the product comes with: its mapper renders it at each start.
fn is_of_product(path: &str) -> bool {
    path.starts_with("repository/resources/") || path.contains("/repository/resources/")
}

/// Marks what is a template by its name or by its text.
fn templates(files: &mut BTreeMap<String, Content>, wanted: &dyn Fn(&str) -> bool) {
    let mut found = Vec::new();
    for (path, content) in &*files {
        match content {
            Content::Skipped { .. } => {
                if let Some((inner, unread)) = template::of_path(path)
                    && wanted(inner)
                    // One that was rendered beside it is what counts.
                    && !files.contains_key(inner)
                    && !is_of_product(path)
                {
                    found.push((path.clone(), unread));
                }
            }
            Content::Bytes(bytes) if matches!(path.rsplit('.').next(), Some("toml" | "xml" | "properties")) => {
                let text = std::str::from_utf8(bytes).ok();
                if let Some(unread) = text.and_then(|text| template::of_text(path, text)) {
                    found.push((path.clone(), unread));
                }
            }
            _ => {}
        }
    }
    for (path, unread) in found {
        files.insert(path, Content::Unreadable(unread));
    }
}

fn place(files: &mut BTreeMap<String, Content>, placed: Vec<Placed>) {
    // Maps of one name in several namespaces are of several servers.
    let mut namespaces: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    for one in &placed {
        let server = (one.folder.clone(), manifest::server(&one.map.name));
        namespaces.entry(server).or_default().insert(one.map.namespace.clone());
    }
    for Placed { manifest, folder, map } in placed {
        let server = manifest::server(&map.name);
        let several = namespaces.get(&(folder.clone(), server.clone())).is_some_and(|all| all.len() > 1);
        let folder = match &*map.namespace {
            namespace if several && !namespace.is_empty() => format!("{folder}{}/", manifest::plain(namespace)),
            _ => folder,
        };
        for (key, content) in map.files {
            let content = content.map_or_else(Content::Unreadable, Content::Bytes);
            // Where another file stands already, the map's full name, then that of the manifest, tell them apart.
            let full = manifest::plain(&map.name);
            let candidates = [
                format!("{folder}{server}/{key}"),
                format!("{folder}{full}/{key}"),
                format!("{manifest}/{full}/{key}"),
            ];
            if candidates.iter().any(|path| files.get(path) == Some(&content)) {
                continue;
            }
            let mut number = 2;
            let mut chosen = candidates.iter().find(|path| !files.contains_key(*path)).cloned();
            while chosen.is_none() {
                let next = format!("{manifest}/{full}-{number}/{key}");
                number += 1;
                chosen = (!files.contains_key(&next)).then_some(next);
            }
            files.insert(chosen.unwrap_or_default(), content);
        }
    }
}
