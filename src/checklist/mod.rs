//! The checklist: what no configuration can do (semantics-settings.md 11).
//!
//! Takes a migration and gives, for each item that is due, what in the deployment causes it. What the items are and
//! say is data (`mappings/checklist.toml`); here are the signs. Nothing here changes what is written, and no value
//! of a secret is told.

use crate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use indexmap::{IndexMap, IndexSet};
use serde::Deserialize;

use crate::layout::OldFile;
use crate::layout::java_options::JavaOption;
use crate::mapping::tables::{built_in, matches_file};
use crate::migration::{Deployment, Migration};
use crate::role::Profile;
use crate::source::Place;

mod nodes;
mod settings;

/// What an item looks for besides files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Sign {
    Databases,
    UserStore,
    H2,
    Drivers,
    KeyStores,
    Secrets,
    Classes,
    SynapseHandlers,
    Registry,
    SeparateServers,
    Hosts,
    PortalNames,
    Start,
    ExternalJobs,
    JavaOptions,
    FilesToCopy,
    UnknownFiles,
}

/// How an item's points are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Form {
    /// Boxes to tick.
    #[default]
    List,
    /// A table with a line for each new node.
    Table,
}

/// A row of `mappings/checklist.toml`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Row {
    /// Its id, never reused.
    pub id: String,
    /// What to do, in a few words.
    pub title: String,
    /// What to know, and how to do it.
    pub text: String,
    /// Shown without a sign.
    #[serde(default)]
    pub always: bool,
    #[serde(default)]
    signs: Vec<Sign>,
    #[serde(default)]
    files: Vec<String>,
    #[serde(default)]
    shipped: Vec<String>,
    #[serde(default)]
    shipped_options: Vec<String>,
    #[serde(default)]
    says: String,
    /// How its points are shown.
    #[serde(default)]
    pub form: Form,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    item: Vec<Row>,
}

/// All items, in their order.
///
/// # Panics
/// If the built-in table is malformed: a bug that the tests find.
#[must_use]
pub fn rows() -> &'static [Row] {
    static ROWS: LazyLock<File> =
        LazyLock::new(|| built_in(include_str!(concat!(env!("OUT_DIR"), "/checklist.json")), "checklist.toml"));
    &ROWS.item
}

/// What is to be done, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The new node; `None` if it is about the deployment.
    pub node: Option<String>,
    /// What.
    pub text: String,
    /// What caused it.
    pub causes: Vec<Place>,
}

/// An item that is due.
#[derive(Clone, Debug)]
pub struct Item {
    /// Its row.
    pub row: &'static Row,
    /// What is to be done; none where the row says it all.
    pub points: Vec<Point>,
}

/// The items that are due for a deployment, in their order.
#[must_use]
pub fn of(migration: &Migration<'_>, deployment: &Deployment<'_>) -> Vec<Item> {
    let subject = Subject { migration, deployment, heirs: heirs(deployment) };
    let mut items = Vec::new();
    // Without a new node there is nothing to do for the product.
    for row in if deployment.plan.nodes.is_empty() { &[] } else { rows() } {
        let mut points = Points::default();
        for sign in &row.signs {
            subject.look(*sign, row, &mut points);
        }
        subject.look_at_files(row, &mut points);
        let points = points.in_order(deployment);
        if row.always || !points.is_empty() {
            items.push(Item { row, points });
        }
    }
    items
}

/// Points in the making: the same text for the same node is one point with all its causes.
#[derive(Default)]
struct Points {
    found: IndexMap<(Option<String>, String), IndexSet<Place>>,
    /// They stand in an order of their own.
    ordered: bool,
}

impl Points {
    fn add(&mut self, node: Option<&str>, text: impl Into<String>, causes: impl IntoIterator<Item = Place>) {
        self.found.entry((node.map(str::to_owned), text.into())).or_default().extend(causes);
    }

    /// The points in the order of the new nodes; those about the deployment come last.
    fn in_order(self, deployment: &Deployment<'_>) -> Vec<Point> {
        let points = self.found.into_iter();
        let mut points: Vec<Point> =
            points.map(|((node, text), causes)| Point { node, text, causes: causes.into_iter().collect() }).collect();
        if !self.ordered {
            let places: BTreeMap<&str, usize> =
                deployment.plan.nodes.iter().enumerate().map(|(place, node)| (node.name.as_str(), place)).collect();
            let place = |point: &Point| point.node.as_ref().and_then(|name| places.get(name.as_str())).copied();
            points.sort_by_key(|point| place(point).unwrap_or(usize::MAX));
        }
        points
    }
}

/// What signs are looked for in.
struct Subject<'m, 'a> {
    migration: &'m Migration<'a>,
    deployment: &'m Deployment<'a>,
    /// The new nodes that have what each old one had: the one on its host, or all that it was merged into.
    heirs: BTreeMap<usize, Vec<&'m str>>,
}

/// The new nodes that have what each old one had.
fn heirs<'m>(deployment: &'m Deployment<'_>) -> BTreeMap<usize, Vec<&'m str>> {
    let mut own: BTreeMap<usize, &str> = BTreeMap::new();
    let mut heirs: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
    for node in &deployment.plan.nodes {
        if let Some(old) = node.stands_on.filter(|_| node.profile != Profile::ControlPlane) {
            own.entry(old).or_insert(&node.name);
        }
        let merged: BTreeSet<usize> = node.merged.iter().copied().collect();
        for old in merged {
            heirs.entry(old).or_default().push(&node.name);
        }
    }
    heirs.extend(own.into_iter().map(|(old, node)| (old, vec![node])));
    heirs
}

impl Subject<'_, '_> {
    fn look(&self, sign: Sign, row: &Row, points: &mut Points) {
        match sign {
            Sign::Databases => self.databases(points),
            Sign::UserStore => self.user_store(points),
            Sign::H2 => self.h2(points),
            Sign::Drivers => self.drivers(points),
            Sign::KeyStores => self.key_stores(points),
            Sign::Secrets => self.secrets(points),
            Sign::Classes => self.classes(points),
            Sign::SynapseHandlers => self.synapse_handlers(points),
            Sign::Registry => self.registry(points),
            Sign::SeparateServers => self.separate_servers(points),
            Sign::Hosts => self.hosts(points),
            Sign::PortalNames => self.portal_names(points),
            Sign::Start => self.start(points),
            Sign::ExternalJobs => self.external_jobs(points),
            Sign::JavaOptions => self.java_options(&row.shipped_options, points),
            Sign::FilesToCopy => self.files_to_copy(points),
            Sign::UnknownFiles => self.unknown_files(points),
        }
    }

    /// The new nodes that have what an old one had: the one on its host, or all that it was merged into; the
    /// deployment where it went into none.
    fn heirs(&self, old: usize) -> Vec<Option<&str>> {
        match self.heirs.get(&old) {
            Some(heirs) => heirs.iter().map(|name| Some(*name)).collect(),
            None => vec![None],
        }
    }

    /// Adds what `old` causes to each of its heirs.
    fn add_to_heirs(&self, old: usize, text: &str, cause: &Place, points: &mut Points) {
        for heir in self.heirs(old) {
            points.add(heir, text, [cause.clone()]);
        }
    }

    /// The files of the old nodes that count, by node.
    fn files(&self) -> impl Iterator<Item = (usize, &OldFile)> {
        let nodes = self.deployment.nodes.iter().enumerate().filter(|(_, node)| node.set_aside.is_none());
        nodes.flat_map(|(number, node)| node.files.iter().map(move |file| (number, file)))
    }

    /// A file's path below its server's home.
    fn below_home<'f>(&self, node: usize, file: &'f OldFile) -> &'f str {
        let home = self.deployment.nodes[node].path.as_str();
        file.path.strip_prefix(home).unwrap_or(&file.path).trim_start_matches('/')
    }

    fn look_at_files(&self, row: &Row, points: &mut Points) {
        let mut found: IndexMap<Option<&str>, IndexMap<&str, &OldFile>> = IndexMap::new();
        for (node, file) in self.files() {
            let path = self.below_home(node, file);
            if row.shipped.iter().any(|pattern| matches_file(pattern, path)) {
                continue;
            }
            let Some(pattern) = row.files.iter().find(|pattern| matches_file(pattern, path)) else { continue };
            for heir in self.heirs(node) {
                // Of what lies in one folder, the first file stands for all.
                found.entry(heir).or_default().entry(named(pattern, path)).or_insert(file);
            }
        }
        for (heir, files) in found {
            let mut names: Vec<&str> = Vec::new();
            for path in files.keys() {
                let name = path.rsplit('/').next().unwrap_or(path);
                names.extend(Some(name).filter(|name| !names.contains(name)));
            }
            points.add(heir, format!("{}: {}", list(&names), row.says), files.values().map(|file| whole(file)));
        }
    }

    /// The options for Java that start scripts set and the product does not; an option of the list without a value
    /// is shipped with whatever value.
    fn java_options(&self, shipped: &[String], points: &mut Points) {
        let nodes = self.deployment.nodes.iter().enumerate().filter(|(_, node)| node.set_aside.is_none());
        for (number, node) in nodes {
            let is_own =
                |option: &&JavaOption| !shipped.iter().any(|known| *known == option.text || known == option.name());
            let own: Vec<&JavaOption> = node.java_options.iter().filter(is_own).collect();
            let (limits, options): (Vec<&JavaOption>, Vec<&JavaOption>) =
                own.into_iter().partition(|option| option.is_limit());
            let (heap, options): (Vec<&JavaOption>, Vec<&JavaOption>) =
                options.into_iter().partition(|option| option.is_heap());
            for (list, what) in [
                (options, "set what is still needed where the new node's Java is started"),
                (heap, "memory is not carried over: size the new node anew"),
                (limits, "set the limits for the new node's service"),
            ] {
                if list.is_empty() {
                    continue;
                }
                let names: IndexSet<String> = list.iter().map(|option| format!("`{}`", option.text)).collect();
                let text = format!("{}: {what}", names.into_iter().collect::<Vec<_>>().join(", "));
                for heir in self.heirs(number) {
                    points.add(heir, text.clone(), list.iter().map(|option| option.place.clone()));
                }
            }
        }
    }

    fn files_to_copy(&self, points: &mut Points) {
        for (node, file) in self.files().filter(|(_, file)| file.verdict == crate::layout::Verdict::Copy) {
            self.add_to_heirs(node, &format!("`{}`: {}", file.name, file.reason), &whole(file), points);
        }
    }

    fn unknown_files(&self, points: &mut Points) {
        let unknown = self.migration.findings.iter().chain(&self.deployment.findings);
        let unknown: BTreeSet<&str> = unknown
            .filter(|finding| finding.code == crate::diagnostic::Code::UnknownFile)
            .filter_map(|finding| Some(finding.place.as_ref()?.file.as_str()))
            .collect();
        for (node, file) in self.files().filter(|(_, file)| unknown.contains(file.path.as_str())) {
            self.add_to_heirs(node, &format!("`{}`", file.name), &whole(file), points);
        }
    }
}

fn whole(file: &OldFile) -> Place {
    Place::file(&file.path)
}

/// The path of what a pattern finds: the file's, or that of the folder in which all below counts.
fn named<'p>(pattern: &str, path: &'p str) -> &'p str {
    let depth = pattern.split('/').count();
    path.match_indices('/').nth(depth - 1).map_or(path, |(end, _)| path.part(..end))
}

/// Some names, and how many more there are.
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 8;
    let shown: Vec<String> = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
    match names.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

#[cfg(test)]
mod tests;
