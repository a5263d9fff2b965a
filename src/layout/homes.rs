//! Where servers' homes are: paths in, [`Homes`] out. Nothing is read.
//!
//! A home is a folder with `repository/conf`, a folder whose `conf` holds a server's files, or a folder in which such
//! files lie loose. A file that only bears such a name (`gateway.toml`, `km-api-manager.xml`) is a home of its own.
//! What a running server keeps of itself (a backup, extracted web applications, a JDK) is a part of its home.

use crate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};

use super::content::Said;
use super::copies::{is_copy, is_copy_folder, original};
use super::groups;
use crate::read::input::packed_file;
use crate::topology::source::tokens::roles_in;

/// What makes a folder or file a home.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HomeKind {
    /// Its configuration lies in `repository/conf`.
    Server,
    /// Its configuration lies in `conf`.
    Conf,
    /// Its configuration lies in the folder itself.
    Flat,
    /// A single file that is like the named one.
    File(&'static str),
    /// Files of a folder that share a part of their names.
    Group,
}

/// Files of which each makes a folder a server's home, wherever it lies.
pub(super) const SERVER_FILES: [&str; 4] = ["api-manager.xml", "carbon.xml", "user-mgt.xml", "deployment.toml"];
/// Files that make one below `repository/conf`, or below a `conf` beside a server's own folders.
pub(super) const CONF_FILES: [&str; 4] = ["jndi.properties", "axis2.xml", "broker.xml", "master-datasources.xml"];
/// The same with the folder that they have in a server: that is telling enough below any `conf`.
pub(super) const PLACED_FILES: [&str; 2] = ["axis2/axis2.xml", "datasources/master-datasources.xml"];
/// Files by which other products are known.
const OTHER_PRODUCTS: [&str; 4] =
    ["worker/deployment.yaml", "dashboard/deployment.yaml", "server/deployment.yaml", "micro-gw.conf"];
/// Folders beside `conf` by which its folder is known as a server's (or as its `repository`).
const BESIDE_CONF: [&str; 2] = ["deployment", "components"];

/// Folders of a server's home that hold its programs, artifacts, data, samples and tools, as started homes of 2.1 to
/// 4.6 have them. What lies there is the server's, whatever it looks like.
const PARTS: [&str; 24] = [
    ".wso2",
    "backup",
    "bin",
    "business-processes",
    "client",
    "components",
    "dbscripts",
    "deployment",
    "diagnostics-tool",
    "jdk",
    "jre",
    "lib",
    "logs",
    "migration",
    "migration-client",
    "migration-resources",
    "modules",
    "patches",
    "repository",
    "resources",
    "samples",
    "solr",
    "tmp",
    "updates",
];

/// Folders of the identity server's migration client, which comes beside a server or in one.
const MIGRATION_CLIENT: [&str; 2] = ["migration-resources", "migration-client"];

/// Files outside of `repository/conf` that a table is for, below a home with that folder, and the name that the table
/// knows.
const OUTSIDE: [(&str, &str); 2] = [
    ("repository/resources/security/sslprofiles.xml", "resources/security/sslprofiles.xml"),
    ("repository/resources/security/listenerprofiles.xml", "resources/security/listenerprofiles.xml"),
];

/// The homes of a tree of files.
#[derive(Clone, Debug, Default)]
pub struct Homes {
    found: BTreeMap<String, HomeKind>,
    /// Files that look like a home's configuration beside the real one.
    copies: BTreeSet<String>,
    /// Folders that are copies of the home beside them.
    copied: BTreeSet<String>,
    /// Packed or encrypted files that stand for what is not beside them: `deployment.toml.age`.
    stand_ins: BTreeSet<String>,
    /// What looks like a server's home, and is a part of another or of a tool: each with why it is none.
    tools: BTreeMap<String, String>,
    /// Files in a folder of several servers: the home of each, and its place in a server.
    members: BTreeMap<String, (String, &'static str)>,
    /// The names of these homes.
    names: BTreeMap<String, String>,
    /// Files there that name a server of which nothing says what it is, and the place of each in a server.
    alone: BTreeMap<String, &'static str>,
}

/// What a file is to the home that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Belongs<'p> {
    /// The home's path.
    pub home: &'p str,
    /// Its name below the home's configuration folder, if `inside`; else below the home.
    pub name: String,
    /// Whether it lies in the configuration folder.
    pub inside: bool,
}

impl Homes {
    /// Finds the homes; `single` says that the paths are one file, which may then be anything. What the contents say that
    /// the names do not is in `said`.
    #[must_use]
    pub fn find<'p>(paths: impl Iterator<Item = &'p str> + Clone, single: bool, said: &Said<'_>) -> Self {
        let mut homes = Self::default();
        let paths = paths.filter(|path| !is_apple_double(path));
        let folders: BTreeSet<&str> = paths.clone().flat_map(folders_above).collect();
        let mut closed = Vec::new();
        let mut plain: BTreeSet<&str> = BTreeSet::new();
        for path in paths.clone() {
            let name = split(path).1;
            if SERVER_FILES.contains(&name) {
                plain.insert(path);
            }
            closed.extend(closed_file(name).map(|of| (path, of)));
            if let Some((home, kind)) = by_folder(path, &folders) {
                let known = homes.found.entry(home.to_owned()).or_insert(kind);
                *known = (*known).min(kind);
            }
        }
        let stand_ins = closed.iter().filter(|(path, of)| !plain.contains(&*join(split(path).0, of)));
        homes.stand_ins = stand_ins.map(|(path, _)| (*path).to_owned()).collect();
        homes.drop_parts();
        homes.drop_tools();
        homes.drop_copies(&said.copied);
        homes.look_alikes(paths, single, said);
        homes
    }

    /// The home that one file or folder is.
    #[must_use]
    pub fn one(path: &str, kind: HomeKind) -> Self {
        Self { found: BTreeMap::from([(path.to_owned(), kind)]), ..Self::default() }
    }

    /// A server keeps whole homes of its own in its folders; a looser form of home inside one is its own, too.
    fn drop_parts(&mut self) {
        let all: Vec<(String, HomeKind)> = self.found.iter().map(|(path, kind)| (path.clone(), *kind)).collect();
        for (path, kind) in all {
            let part = ancestors(&path).any(|above| match self.found.get(above) {
                Some(HomeKind::Server | HomeKind::Conf) => kind == HomeKind::Flat || is_part(below(&path, above)),
                Some(HomeKind::Flat) => {
                    kind != HomeKind::Server && (kind == HomeKind::Flat || is_part(below(&path, above)))
                }
                _ => false,
            });
            if part {
                self.found.remove(&path);
                // A server keeps copies of itself in a folder of that name.
                let own = path.rsplit('/').next() == Some("backup");
                if kind == HomeKind::Server && !own {
                    let why = "a folder of a server's own tools or copies, and no server's home: set aside";
                    self.tools.insert(path, why.to_owned());
                }
            }
        }
    }

    /// The identity server's migration client has files under the names of a server's.
    fn drop_tools(&mut self) {
        let is_tool = |path: &str| path.split('/').any(|part| MIGRATION_CLIENT.contains(&part));
        if self.found.keys().all(|path| is_tool(path)) {
            return;
        }
        let tools: Vec<String> = self.found.keys().filter(|path| is_tool(path)).cloned().collect();
        for path in tools {
            self.found.remove(&path);
            self.tools.insert(path, "files of a migration client, and no server's home: set aside".to_owned());
        }
    }

    /// What looks like a server's home and is none, each with why.
    pub fn tools(&self) -> impl Iterator<Item = (&str, &str)> {
        self.tools.iter().map(|(path, why)| (path.as_str(), why.as_str()))
    }

    /// The home of a whole server (not only of files that lie loose) that the file lies in.
    #[must_use]
    pub fn server_around(&self, path: &str) -> Option<&str> {
        let mut around = ancestors(path).filter_map(|above| self.found.get_key_value(above));
        around.find(|(_, kind)| matches!(kind, HomeKind::Server | HomeKind::Conf)).map(|(home, _)| home.as_str())
    }

    /// `gateway.old` beside `gateway` is no second gateway.
    fn drop_copies(&mut self, same: &BTreeSet<&str>) {
        let is_home = |path: &str| self.found.contains_key(path);
        let copied: Vec<String> =
            self.found.keys().filter(|path| original(path).is_some_and(is_home)).cloned().collect();
        for path in copied {
            self.found.remove(&path);
            self.copied.insert(path);
        }
        // Under other names only what says the same is: one server's folder, since several may be a deployment to keep.
        for folder in same {
            let below = format!("{folder}/");
            let own = self.found.get_key_value(*folder).map(|(home, _)| home);
            let inside = self.found.range(below.clone()..).map(|(home, _)| home);
            let inside = own.into_iter().chain(inside.take_while(|home| home.starts_with(&below)));
            if let [home] = &inside.take(2).cloned().collect::<Vec<String>>()[..] {
                self.found.remove(home);
                self.copied.insert((*folder).to_owned());
            }
        }
    }

    /// The folders that are copies of the home beside them.
    pub fn copied(&self) -> impl Iterator<Item = &str> {
        self.copied.iter().map(String::as_str)
    }

    /// Files that bear the name of a configuration file with more: each a home of its own, unless it is a copy.
    fn look_alikes<'p>(&mut self, paths: impl Iterator<Item = &'p str>, single: bool, said: &Said<'_>) {
        // Beside whole homes a file under any name is a note or a sample.
        let whole = self.found.values().any(|kind| matches!(kind, HomeKind::Server | HomeKind::Conf));
        let by_content = |path: &str| said.meant.get(path).copied().filter(|_| !whole);
        let mut parts: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut alike: BTreeMap<(&str, &'static str), Vec<&str>> = BTreeMap::new();
        let mut real: BTreeSet<(&str, &str)> = BTreeSet::new();
        for path in paths {
            let (folder, name) = split(path);
            if groups::part_of(name).is_some() {
                parts.entry(folder).or_default().push(path);
            }
            if SERVER_FILES.contains(&name) {
                real.insert((folder, name));
            } else if let Some(of) = look_alike(name, single).or_else(|| by_content(path)) {
                alike.entry((folder, of)).or_default().push(path);
            }
        }
        let has_real = |folder: &str| real.range((folder, "")..).next().is_some_and(|(of, _)| *of == folder);
        let mut rest: Vec<(&str, &'static str)> = Vec::new();
        for (folder, files) in parts {
            // Beside a server's own files only another server's are.
            let apart = !has_real(folder) || self.found.get(folder) == Some(&HomeKind::Flat);
            if !apart || self.is_inside(folder) {
                continue;
            }
            let grouped = groups::group(&files);
            for group in grouped.groups {
                let own = |(path, _): &(&str, &'static str)| said.apart.contains(path);
                if has_real(folder) && !group.files.iter().any(own) {
                    continue;
                }
                self.found.insert(group.path.to_owned(), HomeKind::Group);
                self.names.insert(group.path.to_owned(), group.name.to_owned());
                let home = |place| (group.path.to_owned(), place);
                self.members.extend(group.files.iter().map(|(file, place)| ((*file).to_owned(), home(*place))));
            }
            rest.extend(grouped.rest);
        }
        for ((folder, of), files) in alike {
            let files: Vec<&str> = files.into_iter().filter(|file| !self.members.contains_key(*file)).collect();
            let files = if real.contains(&(folder, of)) {
                let flat = self.found.get(folder) == Some(&HomeKind::Flat);
                let (apart, copies): (Vec<&str>, Vec<&str>) =
                    files.into_iter().partition(|file| flat && said.apart.contains(file));
                self.copies.extend(copies.into_iter().map(str::to_owned));
                apart
            } else {
                files
            };
            if files.is_empty() || self.is_inside(folder) {
                continue; // somewhere in a server's home
            }
            let originals: Vec<&&str> = files.iter().filter(|file| !is_copy(split(file).1)).collect();
            let taken: Vec<&str> =
                if originals.is_empty() { files[..1].to_vec() } else { originals.into_iter().copied().collect() };
            self.copies.extend(files.iter().filter(|file| !taken.contains(file)).map(|file| (*file).to_owned()));
            for file in taken {
                self.found.insert(file.to_owned(), HomeKind::File(of));
            }
        }
        let folders: BTreeSet<&str> = self.found.keys().map(|home| split(home).0).collect();
        let alone = rest.into_iter().filter(|(path, _)| {
            let beside = folders.contains(split(path).0) && !has_real(split(path).0);
            beside && !self.found.contains_key(*path) && !self.copies.contains(*path)
        });
        let alone: Vec<(String, &'static str)> = alone.map(|(path, place)| (path.to_owned(), place)).collect();
        self.alone.extend(alone);
        // A folder whose only configuration are such files is no home besides.
        let single_files: Vec<String> = self
            .found
            .iter()
            .filter(|(_, kind)| matches!(kind, HomeKind::File(_) | HomeKind::Group))
            .map(|(path, _)| path.clone())
            .collect();
        for path in single_files {
            if let Some(home) = split(&path).0.strip_suffix("repository/conf").map(|home| home.trim_end_matches('/'))
                && self.found.get(home) == Some(&HomeKind::Server)
                && !real.iter().any(|(folder, _)| *folder == split(&path).0)
            {
                self.found.remove(home);
            }
        }
    }

    /// Whether a folder lies in a server's home, and is neither a home itself nor the configuration folder of one.
    fn is_inside(&self, folder: &str) -> bool {
        let conf = folder.strip_suffix("repository/conf").map(|home| home.trim_end_matches('/'));
        let in_conf = conf.is_some_and(|home| self.found.contains_key(home));
        let other = ancestors_or_self(folder).any(|above| self.found.contains_key(above));
        other && !in_conf && !self.found.contains_key(folder)
    }

    /// The name of a home that is some of a folder's files: what their names share.
    #[must_use]
    pub fn group_name(&self, home: &str) -> Option<&str> {
        self.names.get(home).map(String::as_str)
    }

    /// The files of homes that are some of a folder's files, each with its home.
    pub fn members(&self) -> impl Iterator<Item = (&str, &str)> {
        self.members.iter().map(|(path, (home, _))| (path.as_str(), home.as_str()))
    }

    /// The files that name a server of which nothing says what it is, and the place of each in a server.
    pub fn alone(&self) -> impl Iterator<Item = (&str, &'static str)> {
        self.alone.iter().map(|(path, place)| (path.as_str(), *place))
    }

    /// The paths of the homes, sorted by their bytes.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.found.keys().map(String::as_str)
    }

    /// What makes the path a home; `None` if it is none.
    #[must_use]
    pub fn kind(&self, path: &str) -> Option<HomeKind> {
        self.found.get(path).copied()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether the file is a copy of a configuration file beside it.
    #[must_use]
    pub fn is_copy(&self, path: &str) -> bool {
        self.copies.contains(path)
    }

    /// What the file is to the nearest home above it, if there is one.
    #[must_use]
    pub fn owner(&self, path: &str) -> Option<Belongs<'_>> {
        if let Some((home, place)) = self.members.get(path) {
            return Some(Belongs { home, name: (*place).to_owned(), inside: true });
        }
        if let Some((home, HomeKind::File(of))) = self.found.get_key_value(path) {
            return Some(Belongs { home, name: placed(of).to_owned(), inside: true });
        }
        let (home, kind) = ancestors(path).find_map(|above| self.found.get_key_value(above))?;
        let rest = below(path, home);
        let stand_in = self
            .stand_ins
            .get(path)
            .and_then(|path| Some(rest.len() - split(path).1.len() + closed_file(split(path).1)?.len()));
        let rest = stand_in.map_or(rest, |length| rest.part(..length));
        let conf = match kind {
            HomeKind::Server => rest.strip_prefix("repository/conf/"),
            HomeKind::Conf => rest.strip_prefix("conf/"),
            HomeKind::Flat => Some(rest),
            HomeKind::File(_) | HomeKind::Group => None,
        };
        if let Some(name) = conf.filter(|_| !self.is_copy(path)) {
            return Some(Belongs { home, name: name.to_owned(), inside: true });
        }
        if let Some((_, name)) = OUTSIDE.iter().find(|(outside, _)| is_at(rest, outside, *kind)) {
            return Some(Belongs { home, name: (*name).to_owned(), inside: true });
        }
        Some(Belongs { home, name: rest.to_owned(), inside: false })
    }
}

/// Whether `rest` is the file `outside` of a home; the INPUT may be a home's `repository` folder itself.
fn is_at(rest: &str, outside: &str, kind: HomeKind) -> bool {
    match kind {
        HomeKind::Server => rest == outside,
        HomeKind::Conf => outside.strip_prefix("repository/") == Some(rest),
        HomeKind::Flat | HomeKind::File(_) | HomeKind::Group => false,
    }
}

/// The server's file that a packed or encrypted one is: `deployment.toml` of `deployment.toml.age`.
fn closed_file(name: &str) -> Option<&'static str> {
    let of = packed_file(name)?;
    SERVER_FILES.into_iter().find(|file| *file == of)
}

/// The home that a file makes by its name and the folders that it lies in.
fn by_folder<'p>(path: &'p str, folders: &BTreeSet<&str>) -> Option<(&'p str, HomeKind)> {
    // The outermost `repository/conf` is the server's: deeper ones are copies in it.
    let mut inside = path.match_indices("repository/conf/").filter(|(at, _)| starts_component(path, *at));
    if let Some((at, _)) = inside.next() {
        let name = path.part(at + "repository/conf/".len()..);
        let base = split(name).1;
        let telling = SERVER_FILES.contains(&base)
            || closed_file(base).is_some()
            || CONF_FILES.contains(&base)
            || OTHER_PRODUCTS.iter().any(|other| name.ends_with(other))
            || look_alike(base, false).is_some();
        return telling.then(|| (path.part(..at).trim_end_matches('/'), HomeKind::Server));
    }
    for (at, _) in path.match_indices("conf/").filter(|(at, _)| starts_component(path, *at)) {
        let (home, name) = (path.part(..at).trim_end_matches('/'), path.part(at + "conf/".len()..));
        let beside = || BESIDE_CONF.iter().any(|folder| folders.contains(&*join(home, folder)));
        let telling = SERVER_FILES.contains(&name)
            || closed_file(name).is_some()
            || PLACED_FILES.contains(&name)
            || OTHER_PRODUCTS.contains(&name)
            || (CONF_FILES.contains(&split(name).1) && beside());
        if telling {
            return Some((home, HomeKind::Conf));
        }
    }
    let (folder, name) = split(path);
    if SERVER_FILES.contains(&name) || closed_file(name).is_some() {
        return Some((folder, HomeKind::Flat));
    }
    let placed = PLACED_FILES.iter().chain(&OTHER_PRODUCTS).find_map(|placed| path.strip_suffix(placed))?;
    (placed.is_empty() || placed.ends_with('/')).then(|| (placed.trim_end_matches('/'), HomeKind::Flat))
}

/// The configuration file that a file is meant to be, by its name: of TOML files those that say so or name a role; a
/// single file that was given may have any name.
#[must_use]
pub fn look_alike(name: &str, single: bool) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let (stem, extension) = lower.rsplit_once('.')?;
    match extension {
        "toml" => {
            let told = stem.contains("deployment") || !roles_in(stem).roles.is_empty();
            (name != "deployment.toml" && (single || told) && !stem.contains("decision")).then_some("deployment.toml")
        }
        "xml" => {
            let told = stem.contains("api-manager") || stem.contains("apimanager");
            (name != "api-manager.xml" && told).then_some("api-manager.xml")
        }
        _ => None,
    }
}

/// The place of a file below the configuration folder.
fn placed(name: &str) -> &str {
    PLACED_FILES.iter().find(|placed| split(placed).1 == name).map_or(name, |placed| placed)
}

/// Whether what lies at `rest` below a home is a part of it, by its first folder. Backups are, under any name.
fn is_part(rest: &str) -> bool {
    let first = rest.split('/').next().unwrap_or(rest);
    PARTS.contains(&first) || is_copy_folder(first)
}

/// Whether the path leads to programs, artifacts or data of the home that it lies in, as far as its folders tell:
/// nothing there is opened.
#[must_use]
pub fn is_data(rest: &str) -> bool {
    is_part(rest) && !OUTSIDE.iter().any(|(outside, _)| outside.ends_with(rest))
}

/// Whether it is what macOS keeps beside a file: its attributes, which have the file's name.
#[must_use]
pub fn is_apple_double(path: &str) -> bool {
    path.split('/').any(|part| part == "__MACOSX" || part.starts_with("._"))
}

/// Whether an operating system keeps it for itself, and why it says nothing of a server.
#[must_use]
pub fn of_system(path: &str) -> Option<&'static str> {
    if is_apple_double(path) {
        return Some("what macOS keeps beside a file (AppleDouble): it holds no configuration");
    }
    let name = split(path).1;
    matches!(name, ".DS_Store" | "Thumbs.db" | "desktop.ini").then_some("what a file manager keeps of a folder")
}

fn starts_component(path: &str, at: usize) -> bool {
    at == 0 || path.as_bytes().get(at - 1) == Some(&b'/')
}

/// The folder and the name of a path.
pub(crate) fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}

/// A path below a folder; either may be empty.
pub(crate) fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// All folders above a file, the nearest first, the empty path last.
pub(crate) fn ancestors(path: &str) -> impl Iterator<Item = &str> + Clone {
    let ends = path.rmatch_indices('/').map(|(end, _)| end);
    ends.chain((!path.is_empty()).then_some(0)).map(|end| path.get(..end).unwrap_or_default())
}

fn ancestors_or_self(path: &str) -> impl Iterator<Item = &str> {
    std::iter::once(path).chain(ancestors(path))
}

fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    ancestors(path).filter(|folder| !folder.is_empty())
}

/// The path below a folder that it lies in.
pub(crate) fn below<'p>(path: &'p str, folder: &str) -> &'p str {
    path.get(folder.len()..).unwrap_or_default().trim_start_matches('/')
}
