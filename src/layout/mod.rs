//! Which files make a node: the input's files in, [`OldNode`]s out.
//!
//! The stage knows folders, archives and file names, finds each node's version with the evidence for it, reads
//! the leaves of the files that a table is for, and has them mapped. It does not know roles or other nodes.

pub mod content;
pub mod copies;
pub mod groups;
pub mod homes;
pub mod java_options;
pub mod nodes;
mod rendered;
pub mod scripts;
pub mod set_aside;
#[cfg(test)]
mod tests;
pub mod version;

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Code, Finding, Severity, counted};
use crate::limits::Limit;
use crate::mapping::nearest::nearest;
use crate::mapping::tables::{OtherVerdict, Tables};
use crate::mapping::{MappedFile, NodeSettings};
use crate::read::input::{UnreadKind, is_archive};
use crate::read::{Leaf, Leaves};
use crate::role::Role;
use crate::source::{Place, Position};
use crate::text::Parts as _;
use crate::version::Version;
use copies::CopyInside;
use java_options::JavaOption;
use nodes::{Grouped, Home};
use rendered::Rendered;
use version::{Seen, Stated};

/// The files that say what a node is.
const ESSENTIAL: [&str; 3] = ["api-manager.xml", "carbon.xml", "deployment.toml"];

/// What was done with a file of the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Its leaves were read.
    Read,
    /// Its leaves were read, but its node is another product.
    SetAside,
    /// The server writes it anew from deployment.toml at each start: nothing is taken from it.
    Rendered,
    /// Not converted: copy it if it was changed.
    Copy,
    /// No configuration of the server.
    NotConfiguration,
    /// A template: what it says is not known until it is rendered.
    Template,
    /// It could not be read; a finding says why.
    Unreadable,
}

impl Verdict {
    /// Whether what the file says is missing.
    #[must_use]
    pub fn is_gap(self) -> bool {
        matches!(self, Self::Unreadable | Self::Template)
    }
}

/// A file of the input.
#[derive(Clone, Debug)]
pub struct OldFile {
    /// Relative to the INPUT.
    pub path: String,
    /// Relative to `repository/conf` (or, outside of it, to the server's home).
    pub name: String,
    /// What was done with it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// How many leaves were read from it.
    pub leaves: u32,
}

/// One statement about a node's version.
#[derive(Clone, Debug)]
pub struct VersionEvidence {
    /// What was seen, as the report says it.
    pub what: String,
    /// Where.
    pub place: Option<Place>,
    /// Whether it is only a guess.
    pub guessed: bool,
}

/// An old node: a server's home, or a single file.
#[derive(Clone, Debug)]
pub struct OldNode<'a> {
    /// The name reports use: the folder's (or, for a single file, the file's stem), unique in its deployment.
    pub name: String,
    /// The same without what only tells it from nodes of the same name.
    pub own_name: String,
    /// The folder, relative to the INPUT; empty when the INPUT itself is the node.
    pub path: String,
    /// The name is a configuration file's and says nothing of the node.
    pub nameless: bool,
    /// Its files.
    pub files: Vec<OldFile>,
    /// Its version.
    pub version: Version,
    /// How the version is known.
    pub version_evidence: VersionEvidence,
    /// Where its deployment.toml would lie, if it is of a version that is configured by one and has none: nothing of it
    /// is known.
    pub missing: Option<String>,
    /// If it is another product: which, as a role that is set aside, and the reason.
    pub set_aside: Option<(Role, String)>,
    /// It is an on-premise gateway: set aside, or taken as a gateway worker if the administrator says so.
    pub micro_gateway: bool,
    /// The profile that a script, unit or container file beside it starts it with.
    pub profile: Option<scripts::StartProfile>,
    /// The text of its deployment.toml, if it has one.
    pub toml: Option<&'a str>,
    /// The options for Java that these files set.
    pub java_options: Vec<JavaOption>,
    /// What the tables say of its leaves.
    pub settings: NodeSettings<'a>,
}

impl OldNode<'_> {
    /// The place of one of the node's leaves.
    #[must_use]
    pub fn place(&self, index: u32) -> Place {
        let setting = &self.settings.settings[index as usize];
        Place::at(&self.files[setting.file as usize].path, setting.leaf.position)
    }

    /// The path of the file that says what the node is (`api-manager.xml` or `carbon.xml` of 2.x, `deployment.toml`), if
    /// it could not be read or was not there: nothing sure is known of the node.
    #[must_use]
    pub fn essential_gap(&self) -> Option<&str> {
        let mut gaps = self
            .files
            .iter()
            .filter(|file| file.verdict.is_gap() && ESSENTIAL.iter().any(|name| file.name.eq_ignore_ascii_case(name)))
            .map(|file| file.path.as_str());
        gaps.next().or(self.missing.as_deref()).filter(|_| self.set_aside.is_none())
    }

    /// The file that says what the node is, and that it has not: nobody says anything wrong by that where all was given.
    #[must_use]
    pub fn lacks(&self) -> Option<&'static str> {
        let has = |name: &str| self.files.iter().any(|file| file.name == name);
        let expected =
            if self.missing.is_some() || has("deployment.toml") { &[][..] } else { &["carbon.xml", "api-manager.xml"] };
        expected.iter().copied().find(|name| !has(name)).filter(|_| self.set_aside.is_none())
    }

    /// A file of that name, or of a folder of that name, that could not be read: what it says is not known.
    #[must_use]
    pub fn gap_in(&self, name: &str) -> Option<&OldFile> {
        let is_named = |file: &&OldFile| file.name == name || file.name.split('/').any(|part| part == name);
        self.files.iter().filter(|file| file.verdict.is_gap()).find(is_named)
    }

    /// The offset of the node's ports; 0 where no file says.
    #[must_use]
    pub fn offset(&self) -> i64 {
        self.settings.value("server.offset").and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }
}

/// What is wrong with a port offset: no server opens the ports that it says, or nobody knows which these are.
#[must_use]
pub fn offset_fault(text: &str) -> Option<String> {
    /// The lowest and the highest port that a server opens without an offset: a gateway's 8280 or a broker's 5672 below, a
    /// login receiver's 9711 above.
    const PORTS: [i64; 2] = [5672, 9711];
    match text.trim().parse::<i64>() {
        Ok(offset) => {
            let bad =
                PORTS.into_iter().map(|port| port.saturating_add(offset)).find(|port| !(1..=65_535).contains(port))?;
            Some(format!("there is no port {bad}, which the server would open"))
        }
        Err(_) if text.contains(['$', '{', '@', '%']) => {
            Some("only the server knows its value: every port was reckoned with 0".to_owned())
        }
        Err(_) => Some("it is no whole number: every port was reckoned with 0".to_owned()),
    }
}

/// The content of a file of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FileText<'a> {
    /// Its text, decoded.
    Text(&'a str),
    /// Not loaded: no table is for it.
    Skipped,
    /// A manifest: the files that it holds stand by themselves, as many as this.
    Expanded(usize),
    /// Why it could not be read.
    Unreadable(Gap),
}

/// Why a file was not read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gap {
    /// What was found and what to do, lower case.
    pub reason: String,
    /// Where in the file, if that is known.
    pub position: Option<Position>,
    /// What kind of thing was not read.
    pub kind: UnreadKind,
}

impl Gap {
    /// The finding about the file at `path`; `None` where nothing is lost.
    #[must_use]
    pub fn finding(&self, path: &str) -> Option<Finding> {
        let code = match self.kind {
            UnreadKind::ReadElsewhere => return None,
            UnreadKind::Template => Code::TemplateNotRendered,
            _ => Code::InputNotRead,
        };
        let place = self.position.map_or_else(|| Place::file(path), |position| Place::at(path, position));
        Some(Finding::new(code, self.reason.clone()).at(place))
    }
}

/// A file of the input.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile<'a> {
    /// Relative to the INPUT, with `/` between its parts.
    pub path: &'a str,
    /// Its content.
    pub text: FileText<'a>,
}

/// What the user said of the input.
#[derive(Clone, Debug, Default)]
pub struct LayoutOptions {
    /// The name of the INPUT itself: that of a node whose home the INPUT is.
    pub input_name: String,
    /// The version, if the user gave it (`--source-version`).
    pub source_version: Option<Version>,
    /// The versions of nodes by their names, if the user gave them (the decision `source-version`); an empty name is
    /// for all nodes.
    pub source_versions: BTreeMap<String, Version>,
    /// The on-premise gateways that are taken as gateway workers, by their names (the decision `micro-gateway`), each
    /// with whether it is; an empty name is for all.
    pub micro_gateways: BTreeMap<String, bool>,
    /// Write what is at its shipped value too.
    pub keep_legacy_defaults: bool,
}

impl LayoutOptions {
    /// Whether an on-premise gateway is taken as a gateway worker.
    fn takes_micro_gateway(&self, name: &str) -> bool {
        self.micro_gateways.get(name).or_else(|| self.micro_gateways.get("")).copied().unwrap_or(false)
    }
}

/// The nodes of an input, and the rest of it.
#[derive(Clone, Debug, Default)]
pub struct LaidOut<'a> {
    /// The nodes, in natural order of their names.
    pub nodes: Vec<OldNode<'a>>,
    /// What was found.
    pub findings: Vec<Finding>,
    /// Files that belong to no node.
    pub loose: Vec<OldFile>,
    /// Why the version that the user gave cannot be that of the files.
    pub misfit: Option<String>,
}

/// A node whose files are read and whose version may still be open.
struct Raw<'a> {
    home: Home<'a>,
    files: Vec<OldFile>,
    leaves: Vec<Vec<Leaf<'a>>>,
    stated: Option<Stated>,
    /// Where its deployment.toml would lie, if it has none and must have one.
    missing: Option<String>,
    /// What its files say of versions that it cannot be of.
    stale: Vec<VersionEvidence>,
    /// What its carbon.xml says of a version that there is not.
    unheard_of: Option<VersionEvidence>,
    set_aside: Option<(Role, String)>,
    micro_gateway: bool,
    profile: Option<scripts::StartProfile>,
    java_options: Vec<JavaOption>,
}

/// Finds the nodes of the input, their versions, and what the tables say of their files.
#[must_use]
pub fn lay_out<'a>(tables: &'a Tables, input: &[InputFile<'a>], options: &LayoutOptions) -> LaidOut<'a> {
    let Grouped { homes, loose, copied, alone } = nodes::homes(tables, input, &options.input_name);
    let mut out = LaidOut::default();
    for folder in copied {
        out.findings
            .push(Finding::new(Code::OldCopy, "taken for a copy of the folder beside it").at(Place::file(folder)));
    }
    for file in &loose {
        if let (Some(place), FileText::Text(_)) = (alone.get(file.path), &file.text) {
            let (file, verdict, reason) = (file.path, Verdict::Unreadable, groups::alone(file.path, place));
            let finding = Finding::new(Code::ConfigurationMisnamed, reason.clone()).with_severity(Severity::Error);
            out.findings.push(finding.at(Place::file(file)));
            out.loose.push(OldFile { path: file.to_owned(), name: file.to_owned(), verdict, reason, leaves: 0 });
            continue;
        }
        out.loose.push(loose_file(tables, file, false));
        out.findings.extend(misnamed(tables, file));
    }
    let paths: Vec<String> = homes.iter().map(|home| home.path.clone()).collect();
    let mut read = |home: Home<'a>| {
        let scripts: Vec<&InputFile<'a>> = scripts::of_home(&home, &loose, &paths).collect();
        let profile = scripts::start_profile(scripts.iter().copied());
        let java_options = scripts.into_iter().flat_map(java_options::java_options).collect();
        Raw { profile, java_options, ..read_home(tables, home, options, &mut out.findings) }
    };
    let raws: Vec<Raw<'a>> = homes.into_iter().map(&mut read).collect();
    let (raws, foreign): (Vec<_>, Vec<_>) = raws.into_iter().partition(|raw| !is_foreign(tables, raw));
    for raw in foreign {
        let toml = raw.files.iter().find(|file| file.name == "deployment.toml").map_or("", |file| &file.path);
        let message = match meant_key(tables, &raw) {
            None => "no key of it is one of API-M's: it is no configuration of that product".to_owned(),
            Some((key, meant)) => {
                format!("no key of it is one of API-M's: nothing of it is used; `{key}`: do you mean `{meant}`?")
            }
        };
        out.findings.push(Finding::new(Code::ForeignConfiguration, message).at(Place::file(toml)));
        let reason = || "beside a deployment.toml of which no key is API-M's".to_owned();
        let verdict = Verdict::NotConfiguration;
        out.loose.extend(raw.files.into_iter().map(|file| OldFile { verdict, reason: reason(), leaves: 0, ..file }));
    }
    let own = raws.iter().flat_map(|raw| &raw.files).filter(|file| tables.for_file(&file.name).is_none());
    let own = own.chain(&out.loose).filter(|file| file.verdict.is_gap());
    let not_read: BTreeSet<&str> = own.map(|file| &*file.path).collect();
    let gaps = gaps(input.iter().filter(|file| not_read.contains(&file.path)));
    out.findings.extend(gaps);
    let sibling = siblings_version(&raws);
    let alike: Vec<Option<Stated>> = (0..raws.len()).map(|raw| version_beside(&raws, raw)).collect();
    // What a name says of several nodes is told once.
    let mut told = BTreeSet::new();
    for ((number, raw), beside) in raws.into_iter().enumerate().zip(alike) {
        let answers = &options.source_versions;
        let answered = answers.get(&raw.home.name).or_else(|| answers.get("")).copied();
        let given = |how: String| VersionEvidence { what: how, place: None, guessed: false };
        if raw.set_aside.is_none() && out.misfit.is_none() {
            out.misfit = misfit(&raw, options.source_version, answered);
        }
        let given_by_user = options.source_version.or(answered).is_some();
        let (version, version_evidence) = match (options.source_version, answered, &raw.stated) {
            (Some(version), _, _) => (version, given(format!("--source-version {version}"))),
            (_, Some(version), _) => (version, given("the answer to `source-version`".to_owned())),
            (_, _, Some(stated)) if stated.exact && !stated.evidence.guessed => {
                (version::nearest(stated.version), stated.evidence.clone())
            }
            (_, _, stated) => version::written::written_for(&raw.home.path, &loose).unwrap_or_else(|| {
                let sibling = sibling.as_ref();
                let beside = beside.as_ref().or(stated.as_ref());
                open_version(&raw, stated.as_ref(), sibling, beside, &options.input_name)
            }),
        };
        if raw.set_aside.is_none() {
            out.findings.extend(raw.stale.iter().map(|stale| passed_over(&raw.home.name, stale)));
            let unheard_of = raw.unheard_of.iter().filter(|_| !given_by_user);
            out.findings.extend(unheard_of.map(|said| no_such_version(&raw.home.name, version, said)));
        }
        if !given_by_user && raw.set_aside.is_none() {
            let other = other_name(&raw, &options.input_name, version, &version_evidence);
            out.findings.extend(other.filter(|(name, _)| told.insert((*name, version))).map(|(_, finding)| finding));
        }
        // What the user says of the version is no word of the files: that it does not fit is told by itself.
        let missing = missing_toml(&raw.home, version).filter(|_| raw.set_aside.is_none() && !given_by_user);
        let raw = Raw { missing, ..raw };
        out.nodes.push(map_node(tables, raw, number as u32, version, version_evidence, options, &mut out.findings));
    }
    out
}

/// What is told of files that were not read: templates of one folder (or one chart) once.
pub fn gaps<'f, 'a: 'f>(files: impl Iterator<Item = &'f InputFile<'a>>) -> Vec<Finding> {
    let mut found: Vec<Finding> = Vec::new();
    let mut told: BTreeMap<(String, String), (usize, usize)> = BTreeMap::new();
    for file in files {
        let FileText::Unreadable(gap) = &file.text else { continue };
        let Some(finding) = gap.finding(file.path) else { continue };
        if gap.kind != UnreadKind::Template {
            found.push(finding);
            continue;
        }
        let (place, count) = told.entry((chart(file.path), gap.reason.clone())).or_insert((found.len(), 0));
        *count += 1;
        match found.get_mut(*place) {
            Some(first) => first.message = format!("{}: {} files of this folder", gap.reason, *count),
            None => found.push(finding),
        }
    }
    found
}

/// The folder of a template's chart or role: that above `templates`, else its own.
fn chart(path: &str) -> String {
    let parts: Vec<&str> = path.split('/').collect();
    let end = parts.iter().position(|part| *part == "templates").unwrap_or(parts.len() - 1);
    parts[..end].join("/")
}

/// What is said of a manifest whose files were read.
fn expanded(files: usize) -> (Verdict, String) {
    (Verdict::Read, format!("a Kubernetes manifest: {} it holds, told by their own names", counted(files, "file")))
}

/// Whether it is a manifest that holds more than files: its text stays, since it may tell how servers are started.
fn holds_files(path: &str, text: &str) -> bool {
    let manifest = matches!(path.rsplit('.').next(), Some("yaml" | "yml" | "json"));
    manifest && text.contains("kind") && (text.contains("ConfigMap") || text.contains("Secret"))
}

fn gap_verdict(gap: &Gap) -> (Verdict, String) {
    let verdict = match gap.kind {
        UnreadKind::ReadElsewhere => Verdict::NotConfiguration,
        UnreadKind::Template => Verdict::Template,
        _ => Verdict::Unreadable,
    };
    (verdict, gap.reason.clone())
}

/// Whether a deployment.toml is somebody else's: it has keys, and none that any version of API-M knows.
fn is_foreign(tables: &Tables, raw: &Raw<'_>) -> bool {
    let toml = raw.files.iter().zip(&raw.leaves).find(|(file, _)| file.name == "deployment.toml");
    raw.set_aside.is_none()
        && toml.is_some_and(|(_, leaves)| {
            let table = tables.for_file("deployment.toml");
            // A key that only 3.x had has a row.
            let has_row = |path: &str| table.is_some_and(|table| table.find(path, version::NEWEST_3).is_some());
            let is_known = |leaf: &Leaf<'_>| tables.catalog.find(&leaf.path).is_some() || has_row(&leaf.path);
            !leaves.is_empty() && !leaves.iter().any(is_known)
        })
}

/// A key of a deployment.toml that is somebody else's which is nearly one of ours, with that one.
fn meant_key(tables: &Tables, raw: &Raw<'_>) -> Option<(String, &'static str)> {
    /// A few keys tell whether it was a slip of the pen.
    const ASKED: usize = 20;
    let (_, leaves) = raw.files.iter().zip(&raw.leaves).find(|(file, _)| file.name == "deployment.toml")?;
    let names = || tables.catalog.all_keys().map(|key| key.name);
    let heads = || names().filter_map(|name| name.rsplit_once('.')).map(|(head, _)| head).collect::<BTreeSet<&str>>();
    let keys = leaves.iter().take(ASKED).map(|leaf| crate::mapping::catalog::without_indexes(&leaf.path));
    let keys: Vec<String> = keys.map(|key| key.to_string()).collect();
    let near = keys.iter().find_map(|key| Some((key.clone(), *nearest(key, names()).first()?)));
    // The table may be what was misspelt.
    near.or_else(|| {
        let heads = heads();
        let tables = keys.iter().filter_map(|key| key.rsplit_once('.')).map(|(head, _)| head);
        tables.into_iter().find_map(|head| Some((head.to_owned(), *nearest(head, heads.iter().copied()).first()?)))
    })
}

/// A file that belongs to no node; `own` says that it lies in an output of ours.
#[must_use]
pub fn loose_file(tables: &Tables, file: &InputFile<'_>, own: bool) -> OldFile {
    let (verdict, reason) = match &file.text {
        _ if own => (Verdict::NotConfiguration, "an output of this tool, left out".to_owned()),
        FileText::Unreadable(gap) => gap_verdict(gap),
        FileText::Expanded(files) => expanded(*files),
        FileText::Text(text) if holds_files(file.path, text) => (
            Verdict::NotConfiguration,
            "a Kubernetes manifest: what it holds of configuration is told by its own name".to_owned(),
        ),
        _ => match content::misnamed(tables, file) {
            Some(what) => (Verdict::NotConfiguration, what),
            None => verdict_of(tables, file.path, false),
        },
    };
    OldFile { path: file.path.to_owned(), name: file.path.to_owned(), verdict, reason, leaves: 0 }
}

/// What is told of a file of no node that is configuration all the same.
#[must_use]
pub fn misnamed(tables: &Tables, file: &InputFile<'_>) -> Option<Finding> {
    let what = content::misnamed(tables, file)?;
    Some(Finding::new(Code::ConfigurationMisnamed, format!("not read: {what}")).at(Place::file(file.path)))
}

/// Why a version that the user gave cannot be that of the node: 2.x has XML files, later ones deployment.toml.
fn misfit(raw: &Raw<'_>, option: Option<Version>, answered: Option<Version>) -> Option<String> {
    let (given, version) = match (option, answered) {
        (Some(version), _) => ("--source-version", version),
        (None, Some(version)) => ("the answer to `source-version`", version),
        (None, None) => return None,
    };
    let toml = raw.home.files.iter().any(|(name, _)| name == "deployment.toml");
    let name = &raw.home.name;
    match (version.major > 2, toml) {
        (true, false) => Some(format!(
            "{given} {version} does not fit: `{name}` has the XML files of 2.x and no deployment.toml; give 2.0 to 2.6"
        )),
        (false, true) => Some(format!(
            "{given} {version} does not fit: `{name}` has a deployment.toml, which 2.x does not know; give 3.0 or later"
        )),
        _ => None,
    }
}

/// What is told of a file that says a version that the node cannot be of.
fn passed_over(node: &str, stale: &VersionEvidence) -> Finding {
    let message = format!("{}, and no such version knows the deployment.toml beside it: passed over", stale.what);
    Finding { place: stale.place.clone(), ..Finding::new(Code::VersionPassedOver, message).on(node) }
}

/// What is told of a file that says a version that there is not.
fn no_such_version(node: &str, taken: Version, said: &VersionEvidence) -> Finding {
    let known: Vec<String> = crate::version::SOURCES.iter().map(ToString::to_string).collect();
    let message = format!(
        "{}: there is no such version to convert, and the node was taken as {taken}; there are {}",
        said.what,
        known.join(", ")
    );
    Finding { place: said.place.clone(), ..Finding::new(Code::VersionNotKnown, message).on(node) }
}

/// Where the deployment.toml of a node would lie that has none, though it is of a version that is configured by one: its
/// other files were written from it.
fn missing_toml(home: &Home<'_>, version: Version) -> Option<String> {
    if version.major < 3 || home.files.iter().any(|(name, _)| name == "deployment.toml") {
        return None;
    }
    let conf = home.files.iter().filter(|(_, file)| file.inside && !file.copy);
    let folder = conf.into_iter().find_map(|(name, file)| file.file.path.strip_suffix(name.as_str()));
    Some(format!("{}deployment.toml", folder.unwrap_or_default()))
}

/// The version of a node that no file names: what the files look like, made exact by a sibling's or a name; the
/// siblings'; a name's; a guess.
fn open_version(
    raw: &Raw<'_>,
    stated: Option<&Stated>,
    sibling: Option<&(Version, String)>,
    beside: Option<&Stated>,
    input_name: &str,
) -> (Version, VersionEvidence) {
    let modern = raw.home.files.iter().any(|(name, _)| name == "deployment.toml");
    let fits = |version: Version| match stated {
        None => (version.major > 2) == modern,
        // What the files of 1.x look like was never measured: they look like those of 2.x.
        Some(stated) if stated.weak || version.major < 2 => version::same_form(version, stated.version),
        Some(stated) => version::alike(version, stated.version),
    };
    // What the files say goes before a name: of 4.x the oldest that reads their keys is known, and keys that only 3.x
    // had are left over in 4.x only where the name is that of the product's own folder.
    let name_fits = |version: Version, of_product: bool| {
        fits(version)
            && stated.is_none_or(|stated| {
                let older = !stated.weak && stated.version.major == 4 && version < stated.version;
                let left_over = stated.weak
                    && !stated.evidence.guessed
                    && stated.version == version::NEWEST_3
                    && version.major > 3
                    && !of_product;
                !older && !left_over
            })
    };
    if let Some((version, name)) = sibling.filter(|(version, _)| fits(*version)) {
        let what = format!("the version of `{name}` beside it");
        return (*version, VersionEvidence { what, place: None, guessed: false });
    }
    let named = name_of_version(raw, input_name).filter(|named| name_fits(named.version, named.of_product));
    if let Some(named) = named {
        return (named.version, named.evidence);
    }
    let guess = || {
        let what = format!("nothing tells the version: the newest of its line, {}", version::NEWEST_2);
        (version::NEWEST_2, VersionEvidence { what, place: None, guessed: true })
    };
    beside.map_or_else(guess, |stated| (stated.version, stated.evidence.clone()))
}

/// The version that the nearest name has: that of its file, of its folder or one above, of the INPUT.
fn name_of_version(raw: &Raw<'_>, input_name: &str) -> Option<version::Named> {
    // A file may stand under a name of its own in the place of deployment.toml.
    let own = raw.files.iter().filter(|file| file.name == "deployment.toml").find_map(|file| {
        let base = file.path.rsplit('/').next()?;
        version::in_name(base)
    });
    own.or_else(|| raw.home.path.rsplit('/').find_map(version::in_name)).or_else(|| version::in_name(input_name))
}

/// What is told where a name says another version than what was taken for it.
fn other_name(
    raw: &Raw<'_>,
    input_name: &str,
    version: Version,
    evidence: &VersionEvidence,
) -> Option<(Version, Finding)> {
    let named = name_of_version(raw, input_name).filter(|named| named.version != version)?;
    let message = format!("{}, and the node was taken as {version}: {}", named.evidence.what, evidence.what);
    let finding = Finding::new(Code::VersionNameDiffers, message).on(&raw.home.name);
    let finding = match &evidence.place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    };
    Some((named.version, finding))
}

/// What the deployment.toml files beside a node's own say of the version, where they say more: of one deployment all
/// are of one version, so the newest that any of them needs.
fn version_beside(raws: &[Raw<'_>], of: usize) -> Option<Stated> {
    let folder = |raw: &Raw<'_>| raw.home.path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
    let own = raws[of].stated.as_ref().filter(|stated| stated.version.major > 2)?;
    let unsure = |stated: &Stated| stated.evidence.guessed || stated.weak;
    let others = raws.iter().enumerate().filter(|(number, raw)| *number != of && folder(raw) == folder(&raws[of]));
    let stated = others.filter(|(_, raw)| raw.set_aside.is_none()).filter_map(|(_, raw)| {
        let stated = raw.stated.as_ref().filter(|stated| !stated.evidence.guessed && stated.version.major > 2)?;
        let fits = if unsure(stated) {
            // What may be found in other versions too says more than nothing.
            own.evidence.guessed
        } else {
            unsure(own) || (stated.version.major == own.version.major && stated.version > own.version)
        };
        fits.then_some((stated, &raw.home.name))
    });
    let (newest, name) = stated.max_by_key(|(stated, _)| (!stated.weak, stated.version))?;
    let what = format!("as `{name}` beside it: {}", newest.evidence.what);
    let evidence = VersionEvidence { what, place: newest.evidence.place.clone(), guessed: false };
    Some(Stated { version: newest.version, evidence, exact: false, weak: false })
}

/// The version that most of the API-M nodes state, and the first that does.
fn siblings_version(raws: &[Raw<'_>]) -> Option<(Version, String)> {
    let stated: Vec<(Version, &str)> = raws
        .iter()
        .filter(|raw| raw.set_aside.is_none())
        .filter_map(|raw| raw.stated.as_ref().map(|stated| (raw, stated)))
        .filter(|(_, stated)| stated.exact && !stated.evidence.guessed)
        .map(|(raw, stated)| (stated.version, raw.home.name.as_str()))
        .collect();
    let count = |version: Version| stated.iter().filter(|(other, _)| *other == version).count();
    // Of equals the first in natural order of the names.
    let best = stated.iter().map(|(version, _)| count(*version)).max()?;
    stated.iter().find(|(version, _)| count(*version) == best).map(|(version, name)| (*version, (*name).to_owned()))
}

fn read_home<'a>(tables: &Tables, home: Home<'a>, options: &LayoutOptions, findings: &mut Vec<Finding>) -> Raw<'a> {
    let modern = home.files.iter().any(|(name, _)| name == "deployment.toml");
    let (mut files, mut all) = (Vec::new(), Vec::new());
    let live = home.files.iter().filter(|(_, file)| file.inside && !file.copy).map(|(name, _)| name.as_str());
    let live: BTreeSet<&str> = live.collect();
    let copy_inside =
        |name: &str| copies::copy_inside(name, &|of| tables.for_file(of).is_some(), &|of| live.contains(of));
    // What the product's own templates say is written at each start.
    let written = |name: &'_ str| {
        let at = name.find("resources/conf/templates/repository/conf/")?;
        let place = name.part(at + "resources/conf/templates/repository/conf/".len()..);
        place.strip_suffix(".j2").filter(|_| matches!(name.part(..at), "" | "repository/")).map(str::to_owned)
    };
    let templates: BTreeSet<String> =
        home.files.iter().filter(|(_, file)| !file.inside).filter_map(|(name, _)| written(name)).collect();
    // Copies outside of the configuration folder, with how many files each has.
    let mut strays: BTreeMap<String, usize> = BTreeMap::new();
    for (name, file) in &home.files {
        let path = file.file.path;
        let table = tables.for_file(name).filter(|_| file.inside);
        let toml = file.inside && name == "deployment.toml";
        let (mut verdict, mut reason) = verdict_of(tables, name, file.inside);
        let mut leaves = Vec::new();
        if is_mounted(name, &home) {
            let message = "what Kubernetes keeps of a mounted folder: it is read where the links to it are";
            (verdict, reason) = (Verdict::NotConfiguration, message.to_owned());
        } else if file.copy {
            (verdict, reason) = (Verdict::NotConfiguration, "a copy beside the file that the server reads".to_owned());
            findings.push(
                Finding::new(Code::OldCopy, "taken for a copy of the file beside it")
                    .on(&home.name)
                    .at(Place::file(path)),
            );
        } else if let Some(copy) = (file.inside && table.is_none() && !is_gap_of_its_own(&file.file.text))
            .then(|| copy_inside(name).filter(|_| homes::of_system(name).is_none()))
            .flatten()
        {
            let message;
            (reason, message) = match copy {
                CopyInside::Beside(of) => (
                    format!("a copy beside `{of}`, which the server reads: nothing was taken from it"),
                    "taken for a copy of the file beside it",
                ),
                CopyInside::Elsewhere => {
                    ("a copy that no server reads".to_owned(), "taken for a copy of the server's own file")
                }
            };
            verdict = Verdict::NotConfiguration;
            findings.push(Finding::new(Code::OldCopy, message).on(&home.name).at(Place::file(path)));
        } else if table.is_some() && modern && !toml {
            (verdict, reason) =
                (Verdict::Rendered, "the server writes it from deployment.toml at each start".to_owned());
            // What cannot be read is written anew all the same.
            let naming = table.map(|table| &table.head.names);
            leaves = read(name, &file.file.text, naming).map(|read| read.leaves).unwrap_or_default();
        } else if table.is_some() {
            let naming = table.map(|table| &table.head.names);
            let read = read(name, &file.file.text, naming).and_then(|read| match &*read.leaves {
                [] if ESSENTIAL.contains(&name.as_str()) => {
                    let message = "it says nothing: it has no setting, and a server's own always has some";
                    Err(Finding::new(Code::ConfigurationDamaged, message))
                }
                [first, ..] => match table.filter(|_| is_xml(name)).and_then(|table| table.foreign_root(&first.path)) {
                    Some(root) => {
                        let message = format!("it begins with `<{root}>`, and no such file does: it is another's");
                        Err(Finding::new(Code::ConfigurationDamaged, message))
                    }
                    None => Ok(read),
                },
                [] => Ok(read),
            });
            match read {
                Ok(read) => {
                    findings.extend(read.oddities.into_iter().map(|oddity| oddity.in_file(path).on(&home.name)));
                    leaves = read.leaves;
                    (verdict, reason) = (Verdict::Read, String::new());
                }
                Err(finding) => {
                    let is_template = finding.code == Code::TemplateNotRendered;
                    verdict = if is_template { Verdict::Template } else { Verdict::Unreadable };
                    reason.clone_from(&finding.message);
                    findings.push(finding.of_file(path).on(&home.name));
                }
            }
        } else if let (Verdict::Copy, FileText::Text(text)) = (verdict, &file.file.text)
            && let Some(damage) = crate::read::disguised(name, text)
        {
            (verdict, reason) = (Verdict::Unreadable, damage.message.clone());
            findings.push(damage.in_file(path).on(&home.name));
        } else if let FileText::Expanded(files) = file.file.text {
            (verdict, reason) = expanded(files);
        } else if let (FileText::Unreadable(gap), false) = (&file.file.text, !file.inside && homes::is_data(name)) {
            (verdict, reason) = gap_verdict(gap);
        } else if !file.inside {
            if let Some(copy) = copies::stray(name).and_then(|stray| stray.copy).filter(|copy| is_told(name, copy)) {
                *strays.entry(copy).or_default() += 1;
            } else if homes::split(name).1 == "deployment.toml" && verdict == Verdict::NotConfiguration {
                let message = "not read: it lies outside of the configuration folder of the server around it; give its \
                               folder as an INPUT of its own if it is another server's";
                findings.push(Finding::new(Code::ConfigurationMisnamed, message).on(&home.name).at(Place::file(path)));
            }
        } else if modern && verdict != Verdict::Read && templates.contains(name.as_str()) {
            (verdict, reason) =
                (Verdict::Rendered, "the server writes it from deployment.toml at each start".to_owned());
        } else if verdict == Verdict::NotConfiguration
            && tables.other(name, true).is_none()
            && homes::of_system(name).is_none()
        {
            let finding = match tables.in_another_case(name) {
                Some(known) => {
                    reason = format!("not read: a server reads it as `{known}` alone");
                    let misnamed = Finding::new(Code::ConfigurationMisnamed, reason.clone());
                    if live.contains(known) {
                        misnamed
                    } else {
                        // A transfer changed its name, or the server ran where capital letters are no difference.
                        verdict = Verdict::Unreadable;
                        misnamed.with_severity(Severity::Error)
                    }
                }
                None => Finding::new(Code::UnknownFile, format!("no table and no list knows `{name}`")),
            };
            findings.push(finding.on(&home.name).at(Place::file(path)));
        }
        let taken = if verdict == Verdict::Rendered { 0 } else { leaves.len() as u32 };
        files.push(OldFile { path: path.to_owned(), name: name.clone(), verdict, reason, leaves: taken });
        all.push(leaves);
    }
    let names = home.files.iter().filter(|_| !strays.is_empty()).map(|(name, _)| name.as_str());
    let names: BTreeSet<&str> = names.collect();
    for (copy, count) in strays {
        let (code, message) = if !names.contains(copy.as_str()) {
            (Code::OldCopy, format!("taken for a copy of the server's own folder, {}", counted(count, "file")))
        } else if is_archive(&copy) {
            (Code::InsideHome, format!("an archive inside the home of `{}`: set aside, and not opened", home.name))
        } else {
            (Code::OldCopy, "taken for a copy of the server's own file".to_owned())
        };
        let place = Place::file(homes::join(&home.path, &copy));
        findings.push(Finding::new(code, message).on(&home.name).at(place));
    }
    let seen: Vec<Seen<'_, 'a>> = files
        .iter()
        .zip(&all)
        .zip(&home.files)
        .map(|((file, leaves), (name, input))| Seen {
            name,
            path: &file.path,
            leaves,
            text: match input.file.text {
                FileText::Text(text) => Some(text),
                _ => None,
            },
        })
        .collect();
    let stated = version::stated(&seen, tables.defaults, &tables.catalog);
    let (stale, unheard_of) = (version::stale(&seen), version::unheard_of(&seen));
    let other = set_aside::other_product(if home.nameless { "" } else { &home.name }, &seen);
    let micro_gateway = other.as_ref().is_some_and(|(role, _)| *role == Role::MicroGateway);
    let set_aside = other.filter(|_| !(micro_gateway && options.takes_micro_gateway(&home.name)));
    let (profile, java_options) = (None, Vec::new());
    Raw {
        home,
        files,
        leaves: all,
        missing: None,
        stated,
        stale,
        unheard_of,
        set_aside,
        micro_gateway,
        profile,
        java_options,
    }
}

/// Whether a file lies in one of the hidden folders that Kubernetes mounts (`..2023_11_01_10_00_00.123`) and a file of
/// the same name above that folder: a link to it.
fn is_mounted(name: &str, home: &Home<'_>) -> bool {
    let parts: Vec<&str> = name.split('/').collect();
    let hidden = parts.iter().position(|part| part.len() > 2 && part.starts_with(".."));
    hidden.is_some_and(|at| {
        let link = [&parts[..at], &parts[at + 1..]].concat().join("/");
        home.files.iter().any(|(known, _)| *known == link)
    })
}

/// Whether a file that was not read is told by itself, though its name is that of a copy: a template, and one of several
/// packed files of which none stands there unpacked.
fn is_gap_of_its_own(text: &FileText<'_>) -> bool {
    matches!(text, FileText::Unreadable(gap) if matches!(gap.kind, UnreadKind::Template | UnreadKind::PackedTwice))
}

/// Whether a copy outside of the configuration folder is told of: one beside that folder, or beside the folder above it.
/// What lies deeper is of programs and data, and the folder `backup` is the server's own.
fn is_told(name: &str, copy: &str) -> bool {
    let place = copy.strip_prefix("repository/").unwrap_or(copy);
    let configuration = matches!(name.rsplit_once('.'), Some((_, "xml" | "toml" | "properties"))) || name == copy;
    configuration && !place.contains('/') && !matches!(copy, "backup" | "repository/backup")
}

fn is_xml(name: &str) -> bool {
    !matches!(name.rsplit_once('.'), Some((_, "properties" | "toml")))
}

/// Reads one file; the finding's place may lack the file.
fn read<'a>(name: &str, text: &FileText<'a>, naming: Option<&crate::read::Naming>) -> Result<Leaves<'a>, Finding> {
    let text = match text {
        FileText::Text(text) => *text,
        FileText::Skipped | FileText::Expanded(_) => {
            return Err(Finding::new(Code::ConfigurationDamaged, "the file was not loaded"));
        }
        FileText::Unreadable(gap) => {
            let code = match gap.kind {
                UnreadKind::Template => Code::TemplateNotRendered,
                _ => Code::ConfigurationDamaged,
            };
            let finding = Finding::new(code, gap.reason.clone());
            return Err(match gap.position {
                Some(position) => finding.at(Place::at("", position)),
                None => finding,
            });
        }
    };
    if let Some(damage) = crate::read::disguised(name, text) {
        return Err(damage.in_file(""));
    }
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let read = match extension {
        "properties" => crate::read::properties::properties(text),
        "toml" => crate::read::toml::toml(text).map_err(|damage| damage.in_file(""))?,
        _ => {
            let none = crate::read::Naming::default();
            crate::read::xml::xml(text, naming.unwrap_or(&none)).map_err(|damage| damage.in_file(""))?
        }
    };
    if Limit::Settings.is_passed(read.leaves.len()) {
        let (most, raised) = (Limit::Settings.number(), Limit::Settings.raised());
        let message = format!("it has {} settings, more than {most}: not read; {raised}", read.leaves.len());
        return Err(Finding::new(Code::LimitReached, message));
    }
    Ok(read)
}

/// What becomes of a file that no table is for.
fn verdict_of(tables: &Tables, name: &str, inside: bool) -> (Verdict, String) {
    if let Some(reason) = homes::of_system(name) {
        return (Verdict::NotConfiguration, reason.to_owned());
    }
    if let Some(stray) = (!inside).then(|| copies::stray(name)).flatten() {
        return (Verdict::NotConfiguration, stray.reason);
    }
    let in_repository = || tables.other(&format!("repository/{name}"), false).filter(|_| !inside);
    match tables.other(name, inside).or_else(in_repository) {
        Some(other) => {
            let verdict = match other.verdict {
                OtherVerdict::Copy => Verdict::Copy,
                OtherVerdict::NotConfiguration => Verdict::NotConfiguration,
            };
            (verdict, other.why.clone())
        }
        None if inside => (Verdict::NotConfiguration, "no file that the server ships".to_owned()),
        None => (Verdict::NotConfiguration, "beside the server's configuration".to_owned()),
    }
}

fn map_node<'a>(
    tables: &'a Tables,
    raw: Raw<'a>,
    number: u32,
    version: Version,
    version_evidence: VersionEvidence,
    options: &LayoutOptions,
    findings: &mut Vec<Finding>,
) -> OldNode<'a> {
    let Raw { home, mut files, leaves, missing, set_aside, micro_gateway, profile, java_options, .. } = raw;
    let place = version_evidence.place.clone();
    let first = files.iter().find(|file| file.verdict == Verdict::Read).map(|file| Place::file(&*file.path));
    let located = |finding: Finding| match &place {
        Some(place) => finding.at(place.clone()),
        None => finding,
    };
    if let Some((role, reason)) = &set_aside {
        // The Streaming Integrator and its like are configured by YAML, which no table is for.
        let own = |file: &OldFile| file.verdict == Verdict::Read || file.name.ends_with("deployment.yaml");
        for file in files.iter_mut().filter(|file| own(file)) {
            (file.verdict, file.reason) = (Verdict::SetAside, format!("of another product ({role})"));
        }
        findings.push(Finding::new(Code::NodeSetAside, format!("{role}: {reason}")).on(&home.name));
    } else if version.major < 2 {
        let message = format!("the node is of version {version}, and only 2.0 or later is converted");
        for file in files.iter_mut().filter(|file| file.verdict == Verdict::Read) {
            (file.verdict, file.reason) = (Verdict::Unreadable, format!("version {version} is not converted"));
        }
        let finding = located(Finding::new(Code::SourceVersionNotSupported, message).on(&home.name));
        let place = finding.place.clone().or(first);
        findings.push(Finding { place, ..finding });
    } else if let Some(path) = &missing {
        let written = |file: &&mut OldFile| matches!(file.verdict, Verdict::Read | Verdict::Unreadable);
        for file in files.iter_mut().filter(written) {
            let reason = "the server wrote it from a deployment.toml, which is not there: nothing was taken from it";
            (file.verdict, file.reason, file.leaves) = (Verdict::Rendered, reason.to_owned(), 0);
        }
        let message = format!(
            "it is not there: the node is of {version} ({}), whose other files are written from it; nothing was taken \
             from them",
            version_evidence.what
        );
        let finding = Finding::new(Code::DeploymentTomlMissing, message).on(&home.name);
        findings.push(finding.at(Place::file(path.clone())));
    } else if version_evidence.guessed {
        findings.push(located(Finding::new(Code::VersionGuessed, version_evidence.what.clone()).on(&home.name)));
    }
    let toml = home.files.iter().find_map(|(name, file)| match file.file.text {
        FileText::Text(text) if name.ends_with("deployment.toml") => Some(text),
        _ => None,
    });
    let convert = set_aside.is_some() || (version.major >= 2 && missing.is_none());
    let mut mapped = Vec::new();
    let mut rendered = Vec::new();
    for (index, ((name, file), leaves)) in home.files.iter().zip(leaves).enumerate().filter(|_| convert) {
        let path = file.file.path;
        if files[index].verdict == Verdict::Rendered {
            rendered.push(Rendered { path, name: name.clone(), leaves });
        } else if let Some(table) = tables.for_file(name).filter(|_| !leaves.is_empty()) {
            mapped.push(MappedFile { number: index as u32, path, table, leaves });
        }
    }
    let settings = crate::mapping::map(tables, number, version, mapped, options.keep_legacy_defaults);
    if set_aside.is_none() {
        let differing = rendered::compare(tables, version, &rendered, &settings);
        findings.extend(differing.into_iter().map(|finding| finding.on(&home.name)));
    }
    OldNode {
        name: home.name,
        own_name: home.own_name,
        path: home.path,
        nameless: home.nameless,
        files,
        version,
        version_evidence,
        missing,
        set_aside,
        micro_gateway,
        profile,
        toml,
        java_options,
        settings,
    }
}
