//! An INPUT in, its deployment.toml files out, by deployment: what the checks borrow from.

use std::path::Path;

use indexmap::IndexMap;

use super::{Node, Standard};
use crate::layout::nodes::homes;
use crate::layout::{FileText, InputFile};
use crate::mapping::tables::Tables;
use crate::read::encoding::{self, Syntax};
use crate::read::input::{self, Content, InputError, InputKind};
use crate::role::Profile;
use crate::source::{Place, Position};
use crate::version::{Target, Version};

/// Why an INPUT cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The INPUT itself cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// No deployment.toml is in it.
    #[error("{0}: no deployment.toml in it: give the file, a server's home, or a folder of servers")]
    Nothing(String),
}

/// What files are checked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Against {
    /// One target for all files.
    Target(Target),
    /// Each file for the version that it is for.
    Own,
}

/// The texts of an INPUT.
#[derive(Debug)]
pub struct Material {
    name: String,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    /// Below the INPUT.
    path: String,
    /// As reports show it.
    shown: String,
    /// Its text, or why there is none.
    text: Result<String, (String, Option<Position>)>,
}

/// Reads the files of an INPUT; `shown` is the INPUT as reports may show it, empty for none.
///
/// # Errors
/// When the INPUT cannot be read or has no deployment.toml.
pub fn read(input: &Path, shown: &str) -> Result<Material, CheckError> {
    let wanted = |path: &str| is_deployment(path) || input.is_file();
    let opened = input::open(input, &wanted)?;
    let alone = opened.kind == InputKind::File;
    let name = opened.name;
    let mut files = Vec::new();
    for file in opened.files {
        if !alone && !is_deployment(&file.path) {
            continue;
        }
        let text = match file.content {
            Content::Bytes(bytes) => match encoding::decode(&bytes, Syntax::Plain) {
                Ok(decoded) => Ok(decoded.text.into_owned()),
                Err(damage) => Err((damage.message, Some(damage.position))),
            },
            Content::Unreadable(reason) => Err((reason, None)),
            Content::Skipped { .. } => continue,
        };
        let shown = match (alone, shown) {
            (_, "") => file.path.clone(),
            (true, shown) => shown.to_owned(),
            (false, shown) => format!("{}/{}", shown.trim_end_matches('/'), file.path),
        };
        files.push(File { path: file.path, shown, text });
    }
    if files.is_empty() {
        return Err(CheckError::Nothing(input.display().to_string()));
    }
    Ok(Material { name, files })
}

/// Whether a file is named as the server's configuration: `deployment.toml`, `gw-deployment.toml`.
fn is_deployment(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
    std::path::Path::new(&name).extension().is_some_and(|extension| extension == "toml") && name.contains("deployment")
}

/// The nodes of a deployment.
#[derive(Debug, Default)]
pub struct Deployment<'t> {
    /// Its nodes, in natural order of their names.
    pub nodes: Vec<Node<'t>>,
}

/// What an INPUT holds.
#[derive(Debug, Default)]
pub struct Found<'t> {
    /// Its deployments, in the order of their first nodes.
    pub deployments: Vec<Deployment<'t>>,
    /// Files that could not be read at all, and why.
    pub unreadable: Vec<(Place, String)>,
}

/// Groups the files to nodes and deployments.
#[must_use]
pub fn nodes<'t>(material: &'t Material, tables: &Tables, against: Against, profile: Option<Profile>) -> Found<'t> {
    let input: Vec<InputFile<'t>> = material
        .files
        .iter()
        .map(|file| InputFile {
            path: &file.path,
            text: match &file.text {
                Ok(text) => FileText::Text(text),
                Err((reason, position)) => FileText::Unreadable(reason.clone(), *position),
            },
        })
        .collect();
    let (homes, _) = homes(tables, &input, &material.name);
    let mut found = Found::default();
    let mut groups: IndexMap<String, Deployment<'t>> = IndexMap::new();
    for home in homes {
        for (_, file) in &home.files {
            let shown =
                material.files.iter().find(|one| one.path == file.file.path).map_or(file.file.path, |one| &one.shown);
            match &file.file.text {
                FileText::Text(text) => {
                    let document = crate::read::document::document(text.trim_start_matches('\u{feff}'));
                    let value = |key: &str| {
                        document.entries.iter().find(|entry| entry.key == key).map(|entry| entry.value.text.as_str())
                    };
                    let has = |key: &str| document.entries.iter().any(|entry| entry.key.starts_with(key));
                    let standard = match against {
                        Against::Target(target) => Standard::of(target),
                        Against::Own => Standard::own(version(&value, &has)),
                    };
                    let profile = profile.or_else(|| profile_of(&value, &has));
                    let folder = home.path.rsplit_once('/').map_or("", |(above, _)| above);
                    let group = groups.entry(folder.to_owned()).or_default();
                    group.nodes.push(Node::new(home.name.clone(), shown.to_owned(), text, standard, profile));
                }
                FileText::Unreadable(reason, position) => {
                    let place = position.map_or_else(|| Place::file(shown), |position| Place::at(shown, position));
                    found.unreadable.push((place, reason.clone()));
                }
                FileText::Skipped => {}
            }
        }
    }
    found.deployments = groups.into_values().collect();
    found
}

/// What the server does, by its role word; in a separate distribution, which says `default`, by what it names.
fn profile_of<'v>(value: &dyn Fn(&str) -> Option<&'v str>, has: &dyn Fn(&str) -> bool) -> Option<Profile> {
    match value("server.server_role").unwrap_or("default") {
        "control-plane" | "api-key-manager" | "api-publisher" | "api-store" | "api-devportal" => {
            Some(Profile::ControlPlane)
        }
        "gateway-worker" => Some(Profile::GatewayWorker),
        "traffic-manager" => Some(Profile::TrafficManager),
        "default" if has("apim.event_hub.publish.") => Some(Profile::ControlPlane),
        "default" if has("apim.gateway.environment") => Some(Profile::AllInOne),
        "default" if has("apim.sync_runtime_artifacts.gateway") || has("apim.throttling.url_group") => {
            Some(Profile::GatewayWorker)
        }
        "default" if has("apim.event_hub.") => Some(Profile::TrafficManager),
        "default" => Some(Profile::AllInOne),
        _ => None,
    }
}

fn version<'v>(value: &dyn Fn(&str) -> Option<&'v str>, has: &dyn Fn(&str) -> bool) -> Version {
    let role = value("server.server_role").unwrap_or("default");
    if role == "control-plane" || has("apim.event_hub.") { Version::new(4, 2) } else { Version::new(3, 2) }
}
