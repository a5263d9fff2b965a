//! The pipeline, on one page: an INPUT in, a [`Migration`] out. Nothing is written here.

use crate::text::Parts as _;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::cut::{self, Blind, Candidate, Joined, Part};
use crate::decision::Decisions;
use crate::diagnostic::{Code, Finding, Severity, counted};
use crate::emit;
use crate::fates::{self, FateError};
use crate::guard::guarded;
use crate::layout::copies;
use crate::layout::homes::{self, Homes, join};
use crate::layout::version::written;
use crate::layout::{self, FileText, Gap, InputFile, LaidOut, LayoutOptions, OldFile, OldNode, Verdict, content};
use crate::ledger::{self, LedgerError};
use crate::limits::{self, Limit};
use crate::logging;
use crate::mapping::Standing;
use crate::mapping::tables::Tables;
use crate::migration::{Deployment, LeftOut, Migration, NodeGap};
use crate::options::Options;
use crate::read::encoding::{self, Syntax};
use crate::read::input::{self, Content, InputError, InputKind, Opened, Remark, UnreadKind};
use crate::role::Profile;
use crate::source::Place;
use crate::topology::planner::plan::{Plan, TargetNode};
use crate::topology::planner::{self, follow};
use crate::topology::source::{self, Asked, SourceTopology, outside};

/// Why an INPUT could not be migrated.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The INPUT itself cannot be read.
    #[error(transparent)]
    Input(#[from] InputError),
    /// Nothing in it is a configuration that can be used.
    #[error("{input}: {reason}")]
    Nothing {
        /// The INPUT, as given.
        input: String,
        /// What was found instead, and what to do.
        reason: String,
        /// What was found on the way.
        findings: Vec<Finding>,
    },
    /// A bug of ours.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// A bug of ours.
    #[error(transparent)]
    Fate(#[from] FateError),
}

/// An INPUT in memory: what the leaves borrow from.
#[derive(Debug)]
pub struct Material {
    /// The INPUT as given, for errors.
    given: String,
    /// Its own name.
    name: String,
    /// It is an archive.
    archive: bool,
    /// It is one deployment, as the administrator says.
    together: bool,
    /// The INPUTs that it is made of, where there are several: their names, and where their files stand.
    parts: Vec<(String, String)>,
    /// Sorted by their paths.
    files: Vec<(String, Text)>,
    /// Archives and packed files whose files stand in the list.
    opened: Vec<Opened>,
    /// What is told of archives though nothing of them is lost.
    remarks: Vec<Remark>,
}

#[derive(Debug)]
enum Text {
    Read {
        text: String,
        findings: Vec<Finding>,
    },
    Skipped,
    /// A manifest whose files stand in the list: how many.
    Expanded(usize),
    Unreadable(Gap),
}

impl MigrateError {
    /// Why, without the INPUT's path.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Input(error) => error.reason(),
            Self::Nothing { reason, .. } => reason.clone(),
            Self::Ledger(error) => error.to_string(),
            Self::Fate(error) => error.to_string(),
        }
    }
}

impl Material {
    /// Several INPUTs as the one deployment that they are; each is a folder of its name. Also of one it is one
    /// deployment: where the others could not be read.
    #[must_use]
    pub fn together(materials: Vec<Self>) -> Self {
        let given = materials.iter().map(|one| one.given.as_str()).collect::<Vec<_>>().join(", ");
        let names = materials.iter().map(|one| input::without_ending(&one.name)).collect::<Vec<_>>().join("+");
        let (mut files, mut opened, mut remarks) = (BTreeMap::new(), Vec::new(), Vec::new());
        let mut parts = Vec::new();
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for material in &materials {
            *counts.entry(material.name.clone()).or_default() += 1;
        }
        let once: BTreeSet<String> =
            counts.into_iter().filter(|(_, count)| *count == 1).map(|(name, _)| name).collect();
        let mut taken = BTreeSet::new();
        for material in materials {
            let mut folder = material.name.clone();
            while !taken.insert(folder.clone()) {
                folder.push('+');
            }
            // A file that was given stands in no folder of its own, unless another one is called as it.
            let alone = matches!(&material.files[..], [(path, _)] if *path == material.name && once.contains(path));
            let below = |path: String| if alone { path } else { format!("{folder}/{path}") };
            parts.push((material.name.clone(), folder.clone()));
            opened.extend(material.opened.into_iter().map(|one| Opened { path: below(one.path), ..one }));
            remarks.extend(material.remarks.into_iter().map(|one| Remark { path: below(one.path), ..one }));
            files.extend(material.files.into_iter().map(|(path, text)| (below(path), text)));
        }
        let files = files.into_iter().collect();
        Self { given, name: names, archive: false, together: true, parts, files, opened, remarks }
    }

    /// The INPUT as the one deployment that a person says it is, whatever lies in it.
    #[must_use]
    pub fn as_one(self) -> Self {
        Self { together: true, ..self }
    }

    /// The INPUT's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is odd about how a file is encoded.
    #[must_use]
    pub fn oddities(&self, path: &str) -> &[Finding] {
        let at = self.files.partition_point(|(name, _)| name.as_str() < path);
        match self.files.get(at) {
            Some((name, Text::Read { findings, .. })) if name == path => findings,
            _ => &[],
        }
    }

    /// Its files, as the layout takes them.
    #[must_use]
    pub fn files(&self) -> Vec<InputFile<'_>> {
        self.files
            .iter()
            .map(|(path, text)| InputFile {
                path,
                text: match text {
                    Text::Read { text, .. } => FileText::Text(text),
                    Text::Skipped => FileText::Skipped,
                    Text::Expanded(files) => FileText::Expanded(*files),
                    Text::Unreadable(gap) => FileText::Unreadable(gap.clone()),
                },
            })
            .collect()
    }
}

/// Reads an INPUT into memory: the files that can tell something about a server, decoded.
pub fn read(input: &Path) -> Result<Material, MigrateError> {
    let listing = input::list(input)?;
    let single = listing.entries.len() == 1;
    let homes = Homes::find(listing.entries.iter().map(|entry| entry.path.as_str()), single, &content::Said::default());
    let opened = input::read(input, listing, &|path| is_wanted(path, &homes))?;
    let files = opened.files.into_iter().map(|file| {
        let text = match file.content {
            Content::Bytes(bytes) => decode(&file.path, bytes),
            Content::Skipped { .. } => Text::Skipped,
            Content::Expanded { files } => Text::Expanded(files),
            Content::Unreadable(unread) => {
                Text::Unreadable(Gap { reason: unread.to_string(), position: None, kind: unread.kind })
            }
        };
        (file.path, text)
    });
    Ok(Material {
        given: input.display().to_string(),
        files: files.collect(),
        archive: opened.kind == InputKind::Archive,
        opened: opened.opened,
        remarks: opened.remarks,
        together: false,
        parts: Vec::new(),
        name: opened.name,
    })
}

/// Files that are in memory already, by their paths, as an INPUT called `name`.
#[must_use]
pub fn in_memory(name: &str, files: Vec<(String, Vec<u8>)>) -> Material {
    let homes = Homes::find(files.iter().map(|(path, _)| path.as_str()), files.len() == 1, &content::Said::default());
    let decoded = files.into_iter().map(|(path, bytes)| {
        let text = if is_wanted(&path, &homes) { decode(&path, bytes) } else { Text::Skipped };
        (path, text)
    });
    let mut files: Vec<(String, Text)> = decoded.collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files.dedup_by(|(one, _), (other, _)| one == other);
    Material {
        given: name.to_owned(),
        name: name.to_owned(),
        archive: false,
        together: false,
        parts: Vec::new(),
        files,
        opened: Vec::new(),
        remarks: Vec::new(),
    }
}

/// Files that can tell something: configuration, archives and manifests with some, and texts that name a profile or a
/// version. Programs, artifacts and data of a server are only listed.
fn is_wanted(path: &str, homes: &Homes) -> bool {
    if homes::is_apple_double(path) {
        return false;
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    // In an archive the homes are not known yet.
    let artifact = ["repository/deployment/", "repository/components/", "repository/tenants/", "repository/database/"]
        .iter()
        .any(|folder| path.contains(folder));
    let data = match homes.owner(path) {
        Some(belongs) if belongs.inside => false,
        Some(belongs) => homes::is_data(&belongs.name),
        None => artifact,
    };
    let telling = matches!(&*extension, "sh" | "bat" | "service" | "env" | "conf")
        || name == "version.txt"
        || name.eq_ignore_ascii_case("Dockerfile");
    if telling {
        return !artifact;
    }
    let configuration = matches!(&*extension, "xml" | "properties" | "toml" | "yaml" | "yml" | "json");
    !data && (configuration || input::is_archive(name))
}

/// Why nothing can be made of a deployment: the version given does not fit, or nothing could be read of a version that is
/// converted.
fn refused(laid_out: &LaidOut<'_>, tables: &Tables) -> Option<String> {
    if laid_out.misfit.is_some() {
        return laid_out.misfit.clone();
    }
    if let Some(reason) = beyond(laid_out, tables) {
        return Some(reason);
    }
    let files = laid_out.nodes.iter().flat_map(|node| &node.files);
    let too_old = laid_out.findings.iter().any(|finding| finding.code == Code::SourceVersionNotSupported);
    let has = |verdict: Verdict| files.clone().any(|file| file.verdict == verdict);
    if has(Verdict::Read) || (has(Verdict::SetAside) && !too_old) {
        return None;
    }
    let errors = laid_out.findings.iter().filter(|finding| finding.severity == Severity::Error);
    Some(nothing_usable(errors, &[]))
}

/// Of what a deployment has more than is taken.
pub(crate) fn beyond(laid_out: &LaidOut<'_>, tables: &Tables) -> Option<String> {
    let said = |count: usize, what: &str, limit: Limit| {
        limit.is_passed(count).then(|| {
            let (most, raised) = (limit.number(), limit.raised());
            format!("it has {count} {what}, more than {most}: give its parts one by one; {raised}")
        })
    };
    let settings = || laid_out.nodes.iter().flat_map(|node| &node.settings.settings);
    let environments = || {
        let named = laid_out.nodes.iter().flat_map(|node| node.settings.facts_named("environment.name"));
        named.filter_map(|fact| fact.entity.as_deref()).collect::<BTreeSet<&str>>().len()
    };
    // Shipped values and what another element of the path replaces are never asked about.
    let unknown = || {
        let known = |key: &String| tables.catalog.find(key).is_some();
        let unknown = settings().filter(|one| one.rule.is_none() && one.standing == Standing::Changed);
        unknown.filter(|one| !one.key.as_ref().is_some_and(known)).count()
    };
    // None can have more of anything than it has settings.
    let large = |limit: Limit| limit.is_passed(settings().count());
    said(laid_out.nodes.len(), "nodes", Limit::Nodes)
        .or_else(|| {
            large(Limit::Environments)
                .then(environments)
                .and_then(|count| said(count, "gateway environments", Limit::Environments))
        })
        .or_else(|| {
            large(Limit::Unknown).then(unknown).and_then(|count| {
                said(count, "settings that no row and no key of the product speaks of", Limit::Unknown)
            })
        })
}

/// What is said of an INPUT without anything of a server.
pub(crate) const NO_CONFIGURATION: &str =
    "no configuration of API-M in it: give a server's home, or a folder or archive with some";

/// Why nothing can be made of the INPUT: no configuration, or none that could be read.
fn nothing_usable<'f>(errors: impl Iterator<Item = &'f Finding>, left_out: &[LeftOut]) -> String {
    /// The most reasons that are said: more of them fill a screen, and the first ones are to be settled first.
    const SAID: usize = 5;
    let left_out = left_out.iter().map(|one| format!("{}: {}", one.name, one.reason));
    let mut seen = BTreeSet::new();
    let mut reasons: Vec<String> = errors
        .map(|finding| match &finding.place {
            Some(place) => format!("{place}: {}", finding.message),
            None => finding.message.clone(),
        })
        .chain(left_out)
        .filter(|reason| seen.insert(reason.clone()))
        .collect();
    if reasons.is_empty() {
        return NO_CONFIGURATION.to_owned();
    }
    limits::fold(&mut reasons, |reason| reason);
    let more = reasons.len().saturating_sub(SAID);
    reasons.truncate(SAID);
    let more = (more > 0).then(|| format!("and {more} more: settle these first, or give a part of the INPUT"));
    reasons.into_iter().chain(more).collect::<Vec<_>>().join("; ")
}

fn decode(path: &str, bytes: Vec<u8>) -> Text {
    let syntax = match path.rsplit('.').next() {
        Some("xml") => Syntax::Xml,
        Some("properties") => Syntax::Properties,
        Some("toml") => Syntax::Toml,
        _ => Syntax::Plain,
    };
    match encoding::decode(&bytes, syntax) {
        Err(damage) => {
            Text::Unreadable(Gap { reason: damage.message, position: Some(damage.position), kind: UnreadKind::File })
        }
        Ok(decoded) => {
            let findings = decoded.oddities.into_iter().map(|oddity| oddity.in_file(path)).collect();
            let whole = matches!(&decoded.text, Cow::Borrowed(text) if text.len() == bytes.len());
            let text = if whole { String::from_utf8(bytes).unwrap_or_default() } else { decoded.text.into_owned() };
            Text::Read { text, findings }
        }
    }
}

/// Migrates an INPUT: cuts it into deployments, and migrates each as if it were the INPUT.
pub fn migrate<'m>(
    material: &'m Material,
    options: &Options,
    tables: &'m Tables,
    answers: &Decisions,
) -> Result<Migration<'m>, MigrateError> {
    let mut cut = cut(material, options, tables, answers);
    let mut deployments = Vec::with_capacity(cut.parts.len());
    // Deployments left out for a reason that no finding tells.
    let mut untold: Vec<LeftOut> = cut.left_out.clone();
    let cut_short = CutShort::of(material);
    for laid in cut.parts {
        let (name, folder) = (laid.part.name.clone(), laid.part.folder.clone());
        let files = files_of(&laid);
        let mut told = false;
        // A bug costs the deployment that has it, and no other.
        let reason = match guarded(|| plan_deployment(laid, &cut_short, options, tables, answers)) {
            Ok(Ok(deployment)) => {
                deployments.push(deployment);
                continue;
            }
            Ok(Err(error)) => {
                let reason = error.reason();
                if let MigrateError::Nothing { findings, .. } = error {
                    told |= !findings.is_empty();
                    cut.findings.extend(findings);
                }
                reason
            }
            Err(bug) => bug.to_string(),
        };
        // Its files are in the ledger all the same.
        cut.loose.extend(files);
        let left_out = LeftOut { name, folder, reason, told };
        untold.extend((!told).then(|| left_out.clone()));
        cut.left_out.push(left_out);
    }
    cut.loose.sort_by(|one, other| one.path.cmp(&other.path));
    if deployments.is_empty() {
        let misnamed = |finding: &&Finding| finding.code == Code::ConfigurationMisnamed;
        let findings = cut.findings.iter().filter(|found| found.severity == Severity::Error || misnamed(found));
        let reason = nothing_usable(findings, &untold);
        return Err(MigrateError::Nothing { input: material.given.clone(), reason, findings: cut.findings });
    }
    Ok(Migration {
        input: material.name.clone(),
        is_file: material.archive || is_one_file(material),
        options: options.clone(),
        deployments,
        opened: material.opened.iter().map(opened_file).map(|file| (file.path, file.reason)).collect(),
        left_out: cut.left_out,
        loose_files: cut.loose,
        findings: cut.findings,
        asked: cut.asked,
        parts: material.parts.clone(),
        joined: cut.joined,
        grouped: cut.grouped,
    })
}

/// Whether the INPUT is one file, packed or not.
fn is_one_file(material: &Material) -> bool {
    let [(path, _)] = &material.files[..] else { return false };
    *path == material.name || material.opened.iter().any(|one| one.path == material.name)
}

/// The files of a deployment, by their paths below the INPUT, as they stand in the ledger when it is left out.
fn files_of(laid: &Laid<'_>) -> Vec<OldFile> {
    let LaidOut { nodes, loose, .. } = &laid.laid_out;
    let files = nodes.iter().flat_map(|node| &node.files).chain(loose);
    let below = |file: &OldFile| {
        let path = join(&laid.part.folder, &file.path);
        let (verdict, reason) = match file.verdict {
            Verdict::Read => (Verdict::Unreadable, "of a deployment that was left out".to_owned()),
            verdict => (verdict, file.reason.clone()),
        };
        OldFile { path: path.clone(), name: path, verdict, reason, leaves: 0 }
    };
    files.map(below).collect()
}

/// A deployment that was cut out of an INPUT, laid out from its own files alone.
pub struct Laid<'m> {
    /// Where it lies, and what it is called.
    pub part: Part,
    /// Its nodes and files.
    pub laid_out: LaidOut<'m>,
    /// Servers beside it of which nothing is known: each may be a node of it.
    pub blind: Vec<Blind>,
}

/// An INPUT, cut.
#[derive(Default)]
pub struct Pieces<'m> {
    /// Its deployments, in the natural order of their names.
    pub parts: Vec<Laid<'m>>,
    /// Candidates that could not be laid out.
    pub left_out: Vec<LeftOut>,
    /// Files that belong to none.
    pub loose: Vec<OldFile>,
    /// What was found about these, and between the deployments.
    pub findings: Vec<Finding>,
    /// What was asked about the cut.
    pub asked: Vec<Asked>,
    /// What came of the decision `together`.
    pub joined: Joined,
    /// The nodes that the decision `grouping` names, by their names.
    pub grouped: BTreeSet<String>,
}

/// Cuts an INPUT into deployments: by folders, then by the hosts that the nodes of a folder name.
#[must_use]
pub fn cut<'m>(material: &'m Material, options: &Options, tables: &'m Tables, answers: &Decisions) -> Pieces<'m> {
    let all = material.files();
    let own = written::own_outputs(&all);
    let units = written::units(&all);
    let taken: Vec<usize> = (0..all.len()).filter(|file| !own.holds(all[*file].path)).collect();
    let paths: Vec<&str> = taken.iter().map(|file| all[*file].path).collect();
    let opened: BTreeSet<&str> = material.opened.iter().map(|one| one.path.as_str()).collect();
    let said = content::said(tables, &all);
    let scan = cut::scan(&paths, &opened, &said, material.archive);
    let mut out = Pieces::default();
    let lay = |part: &Part| {
        let files: Vec<InputFile<'m>> = part
            .files
            .iter()
            .map(|(file, below)| {
                let file = &all[taken[*file]];
                InputFile { path: file.path.part(file.path.len() - below.len()..), text: file.text.clone() }
            })
            .collect();
        let name = part.folder.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or(&material.name);
        let mut laid_out = layout::lay_out(tables, &files, &layout_options(name, options, answers));
        for (file, below) in &part.files {
            if let (_, Text::Read { findings, .. }) = &material.files[taken[*file]] {
                let below = |place: &Place| Place { file: below.clone(), ..place.clone() };
                let here = |found: &Finding| Finding { place: found.place.as_ref().map(below), ..found.clone() };
                laid_out.findings.extend(findings.iter().map(here));
            }
        }
        laid_out
    };
    let named = answers.grouping();
    // Each candidate whole, at first: most are one deployment, and what was laid out stays.
    let whole: Vec<(&Candidate, Vec<String>)> = scan.candidates.iter().map(|one| (one, one.homes.clone())).collect();
    let mut groups: Vec<(&Candidate, Vec<String>)> = Vec::new();
    let mut ready: BTreeMap<String, Vec<(Part, LaidOut<'m>)>> = BTreeMap::new();
    let mut cut_off: Vec<Finding> = Vec::new();
    let mut reasons: BTreeMap<String, (Verdict, String)> = BTreeMap::new();
    let of_homes: BTreeMap<&[String], &Candidate> = whole.iter().map(|(one, homes)| (&homes[..], *one)).rev().collect();
    for part in cut::parts(&paths, &opened, &whole, &material.name).parts {
        let Some(candidate) = of_homes.get(&part.homes[..]).copied() else { continue };
        let laid_out = match guarded(|| lay(&part)) {
            Ok(laid_out) => laid_out,
            Err(bug) => {
                let (name, folder) = (part.name.clone(), part.folder.clone());
                out.left_out.push(LeftOut { name, folder, reason: bug.to_string(), told: false });
                continue; // Its files belong to no part then, and are loose.
            }
        };
        let home = |node: &usize| join(&part.folder, &laid_out.nodes[*node].path);
        let unit = |node: &usize| homes::ancestors(&home(node)).find_map(|above| units.get(above).copied());
        let numbers: Vec<usize> = (0..laid_out.nodes.len()).collect();
        let split = if written::is_one(&part.files, &all, &taken) {
            vec![numbers]
        } else if !units.is_empty() && numbers.iter().all(|node| unit(node).is_some()) {
            // What was written as several deployments is read as such.
            let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for (unit, node) in numbers.iter().filter_map(|node| Some((unit(node)?, *node))) {
                groups.entry(unit).or_default().push(node);
            }
            groups.into_values().collect()
        } else {
            source::split(&laid_out.nodes, answers)
        };
        let split: Vec<Vec<usize>> = split.into_iter().filter(|group| !group.is_empty()).collect();
        if split.len() > 1 {
            let folder = if candidate.folder.is_empty() { "." } else { &candidate.folder };
            let message = format!("{} deployments lie in one folder and never name each other", split.len());
            out.findings.push(Finding::new(Code::NodesUnrelated, message).at(Place::file(folder)));
        }
        ask_for_grouping(&laid_out.nodes, &split, answers, &mut out.asked);
        let there: BTreeSet<&str> = laid_out.nodes.iter().map(|node| node.name.as_str()).collect();
        out.grouped.extend(named.iter().filter(|name| there.contains(name.as_str())).cloned());
        groups.extend(split.iter().map(|group| (candidate, group.iter().map(home).collect())));
        if split.len() == 1 {
            ready.entry(part.folder.clone()).or_default().push((part, laid_out));
        } else {
            // Where nothing of it is a server's after all, or a part of it that is cut off is not: what was found there
            // is told all the same.
            let whole = split.is_empty();
            let is_alone = |found: &Finding| {
                found.code == Code::ConfigurationMisnamed && found.severity == Severity::Error && found.node.is_none()
            };
            let below = |place: &Place| Place { file: join(&part.folder, &place.file), ..place.clone() };
            let found = laid_out.findings.into_iter();
            let told = found.filter(|found| {
                whole || matches!(found.code, Code::ForeignConfiguration | Code::OldCopy) || is_alone(found)
            });
            cut_off.extend(told.map(|found| Finding { place: found.place.as_ref().map(below), ..found }));
            let loose = laid_out.loose.into_iter();
            reasons.extend(loose.map(|file| (join(&part.folder, &file.path), (file.verdict, file.reason))));
        }
    }
    let mut cut = cut::parts(&paths, &opened, &groups, &material.name);
    if material.together {
        let inside: BTreeSet<usize> = scan.inside.iter().flat_map(|one| one.files.iter().copied()).collect();
        cut = cut::whole(&paths, input::without_ending(&material.name));
        cut.parts.iter_mut().for_each(|part| part.files.retain(|(file, _)| !inside.contains(file)));
        cut.loose.extend(inside);
    } else {
        out.joined = cut::join(&mut cut, &answers.together(), &paths);
    }
    for part in cut.parts {
        let known = ready.get_mut(&part.folder).and_then(|known| {
            let at = known.iter().position(|(known, _)| known.files == part.files)?;
            Some(known.swap_remove(at).1)
        });
        let laid_out = match known {
            Some(known) => known,
            None => match guarded(|| lay(&part)) {
                Ok(laid_out) => laid_out,
                Err(bug) => {
                    let (name, folder, reason) = (part.name, part.folder, bug.to_string());
                    out.left_out.push(LeftOut { name, folder, reason, told: false });
                    continue;
                }
            },
        };
        out.parts.push(Laid { part, laid_out, blind: Vec::new() });
    }
    tell_blind(&mut out.parts, &scan.candidates, &|file| &all[taken[file]]);
    for inside in &scan.inside {
        let home = if inside.home.is_empty() { "." } else { &inside.home };
        let reason = format!("in an archive inside the server's home `{home}`: a part of that server");
        let of_it = |file: &usize| (paths[*file].to_owned(), (Verdict::NotConfiguration, reason.clone()));
        reasons.extend(inside.files.iter().map(of_it));
        if inside.configuration {
            let message = format!(
                "an archive with configuration inside the server's home `{home}`: set aside; give it as an INPUT of its \
                 own to convert it"
            );
            out.findings.push(Finding::new(Code::InsideHome, message).at(Place::file(inside.archive.clone())));
        }
    }
    for (folder, why) in &scan.tools {
        out.findings.push(Finding::new(Code::InsideHome, why.clone()).at(Place::file(folder.clone())));
    }
    for Remark { path, text } in &material.remarks {
        out.findings.push(Finding::new(Code::EntryRepeated, text.clone()).at(Place::file(path.clone())));
    }
    let nodes = |laid: &Laid<'m>| -> Vec<String> {
        laid.laid_out.nodes.iter().map(|node| join(&laid.part.folder, &node.path)).collect()
    };
    let taken_homes: Vec<String> = out.parts.iter().flat_map(nodes).collect();
    out.findings.extend(copies::alike(&taken_homes, &all));
    let loose = cut.loose.into_iter().map(|file| taken[file]);
    let left_out = (0..all.len()).filter(|file| own.holds(all[*file].path));
    for file in loose.chain(left_out) {
        let file = &all[file];
        let loose = layout::loose_file(tables, file, own.holds(file.path));
        out.loose.push(match reasons.remove(file.path) {
            Some((verdict, reason)) if !loose.verdict.is_gap() => OldFile { verdict, reason, ..loose },
            _ => {
                out.findings.extend(layout::misnamed(tables, file).filter(|_| !own.holds(file.path)));
                loose
            }
        });
    }
    out.loose.extend(material.opened.iter().map(opened_file));
    out.loose.sort_by(|one, other| one.path.cmp(&other.path));
    out.findings.extend(own.findings());
    let is_loose = |path: &str| out.loose.binary_search_by(|loose| loose.path.as_str().cmp(path)).is_ok();
    let has_loose = |folder: &str| {
        let below = format!("{folder}/");
        let first = out.loose.partition_point(|loose| loose.path < below);
        out.loose.get(first).is_some_and(|loose| loose.path.starts_with(&below))
    };
    // A part that has the file after all tells of it itself.
    let cut_off = cut_off.into_iter().filter(|found| {
        found
            .place
            .as_ref()
            .is_none_or(|place| is_loose(&place.file) || (found.code == Code::OldCopy && has_loose(&place.file)))
    });
    let cut_off: Vec<Finding> = cut_off.collect();
    let loose = |file: &&InputFile<'_>| is_loose(file.path);
    let gaps = layout::gaps(all.iter().filter(loose));
    let told: BTreeSet<(Code, Option<&Place>)> =
        cut_off.iter().map(|found| (found.code, found.place.as_ref())).collect();
    let known = |gap: &Finding| told.contains(&(gap.code, gap.place.as_ref()));
    let gaps: Vec<Finding> = gaps.into_iter().filter(|gap| !known(gap)).collect();
    out.findings.extend(cut_off);
    out.findings.extend(gaps);
    out
}

/// Says of each part which servers of its candidate nothing is known of: folders that could not be entered, and what is
/// left of a part of which nothing could be read.
fn tell_blind<'f, 'm: 'f>(parts: &mut [Laid<'m>], candidates: &[Candidate], file: &dyn Fn(usize) -> &'f InputFile<'m>) {
    let of_homes = candidates.iter().enumerate().flat_map(|(at, one)| one.homes.iter().map(move |home| (&**home, at)));
    let of_homes: BTreeMap<&str, usize> = of_homes.collect();
    let mut blind: Vec<Vec<Blind>> = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let files: Vec<&InputFile<'_>> = candidate.files.iter().map(|number| file(*number)).collect();
        blind.push(cut::blind::closed(candidate, &files));
    }
    let place = |part: &Part| part.homes.first().and_then(|home| of_homes.get(home.as_str())).copied();
    for laid in parts.iter() {
        let Some(at) = place(&laid.part) else { continue };
        let unread = |node: &OldNode<'_>| {
            let path = node.essential_gap().filter(|_| node.settings.settings.is_empty())?;
            Some(Blind { path: join(&laid.part.folder, path), name: node.own_name.clone() })
        };
        let unread: Vec<Option<Blind>> = laid.laid_out.nodes.iter().map(unread).collect();
        if unread.iter().all(Option::is_some) {
            blind[at].extend(unread.into_iter().flatten());
        }
    }
    for laid in parts.iter_mut() {
        laid.blind = match place(&laid.part) {
            Some(at) => blind[at].clone(),
            // One that a person joined is made of all.
            None => blind.concat(),
        };
    }
}

/// An archive or packed file that was read, as it stands in the ledger.
fn opened_file(opened: &Opened) -> OldFile {
    let (verdict, reason) = match opened.files {
        0 => (Verdict::NotConfiguration, "an archive without files".to_owned()),
        files => (Verdict::Read, format!("packed: {} in it, told by their own names", counted(files, "file"))),
    };
    OldFile { path: opened.path.clone(), name: opened.path.clone(), verdict, reason, leaves: 0 }
}

/// Where the nodes of a folder are several deployments, or the administrator said what they are.
fn ask_for_grouping(nodes: &[OldNode<'_>], groups: &[Vec<usize>], answers: &Decisions, asked: &mut Vec<Asked>) {
    let answer = source::Answers::answer(answers, "grouping", "");
    if groups.len() < 2 && answer.is_none() {
        return;
    }
    let names = |group: &Vec<usize>| group.iter().map(|node| nodes[*node].name.as_str()).collect::<Vec<_>>().join(", ");
    let found = groups.iter().map(names).collect::<Vec<_>>().join("; ");
    asked.push(Asked {
        id: "grouping".to_owned(),
        about: String::new(),
        choices: vec!["together".to_owned(), "apart".to_owned(), found.clone()],
        answered: answer.is_some(),
        chosen: answer.unwrap_or_else(|| found.clone()),
        default: found,
        open: false,
        affects: nodes.iter().map(|node| node.name.clone()).collect(),
    });
}

fn layout_options(input_name: &str, options: &Options, answers: &Decisions) -> LayoutOptions {
    LayoutOptions {
        input_name: input_name.to_owned(),
        source_version: options.source_version,
        source_versions: answers
            .about("source-version")
            .into_iter()
            .filter_map(|(node, version)| Some((node.to_owned(), version.parse().ok()?)))
            .collect(),
        micro_gateways: answers
            .about("micro-gateway")
            .into_iter()
            .map(|(node, answer)| (node.to_owned(), answer == "gateway-worker"))
            .collect(),
        keep_legacy_defaults: options.keep_legacy_defaults,
    }
}

/// Archives that could not be read to their ends.
struct CutShort<'m> {
    paths: BTreeSet<&'m str>,
    /// The INPUT itself is one.
    whole: bool,
}

impl<'m> CutShort<'m> {
    fn of(material: &'m Material) -> Self {
        let unread = |text: &Text| matches!(text, Text::Unreadable(gap) if gap.kind == UnreadKind::Archive);
        let paths = material.files.iter().filter(|(_, text)| unread(text)).map(|(path, _)| path.as_str());
        let paths: BTreeSet<&str> = paths.collect();
        let whole = material.archive && paths.contains(material.name.as_str());
        Self { paths, whole }
    }

    /// Whether what lies in `folder` comes from one of them.
    fn holds(&self, folder: &str) -> bool {
        self.whole || self.paths.contains(folder) || homes::ancestors(folder).any(|above| self.paths.contains(above))
    }
}

fn plan_deployment<'m>(
    laid: Laid<'m>,
    cut_short: &CutShort<'_>,
    options: &Options,
    tables: &'m Tables,
    answers: &Decisions,
) -> Result<Deployment<'m>, MigrateError> {
    let Laid { part, laid_out, blind } = laid;
    if let Some(reason) = refused(&laid_out, tables) {
        let below = |place: &Place| Place { file: join(&part.folder, &place.file), ..place.clone() };
        let told = laid_out.findings.iter().filter(|finding| finding.severity == Severity::Error);
        let told = told.map(|found| Finding { place: found.place.as_ref().map(below), ..found.clone() });
        return Err(MigrateError::Nothing { input: part.name, reason, findings: told.collect() });
    }
    let LaidOut { nodes, mut findings, loose, .. } = laid_out;
    let all: Vec<usize> = (0..nodes.len()).collect();
    let mut source = source::resolve(&nodes, &all, answers);
    findings.extend(outside::roles_outside(&nodes, &source));
    let options = &Options { target: follow::target(&nodes, tables, options), ..options.clone() };
    findings.extend(follow::too_old(&nodes, options.target));
    let mut plan = planner::plan(&nodes, &source, tables, options, answers);
    for asked in source.asked.iter_mut().chain(&mut plan.asked) {
        asked.answered = answers.answers(asked);
    }
    logging::plan(&nodes, &source, &mut plan, options);
    let (mut files, written) = emit::files(&mut plan, &nodes, &tables.catalog, options.annotate);
    findings.extend(written);
    let is_cut = cut_short.holds(&part.folder);
    let below = |one: &Blind| Blind { path: below_part(&one.path, &part.folder), ..one.clone() };
    let blind: Vec<Blind> = blind.iter().map(below).collect();
    let gaps = gaps(&plan, &source, &nodes, is_cut, &blind, options.partial);
    files.retain(|file| gaps.iter().all(|gap| gap.written || gap.node != file.node));
    for file in &mut files {
        if let Some(gap) = gaps.iter().find(|gap| gap.node == file.node) {
            emit::head(file, gap);
        }
    }
    let fates = fates::close(&nodes, &source, &plan, &gaps)?;
    let lines = ledger::close(&nodes, &plan, tables, options.target)?;
    let (name, folder, target) = (part.name, part.folder, options.target);
    Ok(Deployment { name, folder, source, nodes, plan, target, lines, files, gaps, fates, findings, loose })
}

/// A path below a part's folder, where it lies there.
fn below_part(path: &str, folder: &str) -> String {
    let inside = folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
    if inside { homes::below(path, folder).to_owned() } else { path.to_owned() }
}

/// The new nodes of whose old ones the file that says what they are could not be read, or lay behind where an archive
/// was cut.
fn gaps(
    plan: &Plan,
    source: &SourceTopology,
    nodes: &[OldNode<'_>],
    is_cut: bool,
    blind: &[Blind],
    partial: bool,
) -> Vec<NodeGap> {
    let unread = |old: &&OldNode<'_>| {
        let unread = old.essential_gap().map(str::to_owned);
        let cut_off = || Some(join(&old.path, old.lacks()?)).filter(|_| is_cut);
        unread.or_else(cut_off)
    };
    let of = |node: &TargetNode| {
        let old: Vec<&OldNode<'_>> = node.merged.iter().map(|old| &nodes[source.nodes[*old].node]).collect();
        let roles = node.merged.iter().flat_map(|old| source.nodes[*old].roles.iter().copied()).collect();
        let may_be = blind.iter().filter(|one| node.profile == Profile::ControlPlane && one.may_be_of(&roles));
        let may_be: Vec<String> = may_be.map(|one| one.path.clone()).collect();
        let sources = old.len() + may_be.len();
        let unread = old.iter().filter_map(unread).chain(may_be).collect();
        NodeGap { node: node.name.clone(), sources, unread, written: partial }
    };
    plan.nodes.iter().map(of).filter(|gap| !gap.unread.is_empty()).collect()
}
