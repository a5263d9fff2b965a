//! From a [`Migration`] to the report's [`model`](super::model), and the files with what a reviewer needs.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{
    At, Check, Conflict, Counts, Decision, DeploymentReport, Derived, Evidence, File, FileKind, Finding, Input,
    InputStatus, KeyValue, ProofSummary, Report, ReportOptions, SCHEMA_VERSION, Said, Setting, SettingProof, Source,
    SourceNode, TablesUsed, Target, TargetLayout, TargetNode, Tool,
};
use super::status::{self, Status};
use crate::checklist::Item;
use crate::decision::{Question, question, questions};
use crate::diagnostic::{self, Code, Severity};
use crate::emit::toml::masked;
use crate::emit::write::folder_name;
use crate::fates::Fate;
use crate::layout::homes::join;
use crate::layout::{OldFile, OldNode, Verdict};
use crate::limits;
use crate::mapping::SettingId;
use crate::mapping::tables::Tables;
use crate::migration::{Deployment, Migration};
use crate::options::Options;
use crate::role::Profile;
use crate::secret::{Known, by_name, mask_urls};
use crate::source::Place;
use crate::topology::source::{Asked, Strength};
use crate::value::Value;
use crate::verify::{self, Proof};

/// A file beside a node's deployment.toml.
#[derive(Clone, Debug)]
pub struct Beside {
    /// Its path below the output folder.
    pub path: String,
    /// What is written; may hold secrets (the token of an appender).
    pub text: String,
    /// What may be shown of it.
    pub shown: String,
}

/// A new node's file with what a reviewer needs to judge it.
#[derive(Clone, Debug)]
pub struct NodeFile {
    /// The node.
    pub node: String,
    /// What the node does.
    pub profile: Profile,
    /// What it is written for.
    pub target: crate::version::Target,
    /// Its path below the output folder.
    pub path: String,
    /// What is written; holds secrets.
    pub text: String,
    /// What may be shown of it.
    pub shown: String,
    /// The old nodes that went into it, by name.
    pub made_from: Vec<String>,
    /// The old node on whose host it stands.
    pub stands_on: Option<String>,
    /// The node's other files.
    pub beside: Vec<Beside>,
}

/// One deployment, ready to be shown and written.
#[derive(Clone, Debug)]
pub struct Built {
    /// Its part of the report.
    pub report: DeploymentReport,
    /// Its files, one for each new node.
    pub files: Vec<NodeFile>,
}

/// One INPUT, ready to be shown and written.
#[derive(Clone, Debug, Default)]
pub struct BuiltInput {
    /// Its name.
    pub name: String,
    /// Its deployments.
    pub deployments: Vec<Built>,
    /// Why it could not be read at all, if so; else its archives, and what in it was not read or left out.
    pub gaps: Vec<Input>,
    /// What is said of the INPUT itself, where it is a file or an archive of which not all could be read.
    pub own: Vec<Input>,
    /// Files that belong to no deployment.
    pub files: Vec<File>,
    /// What was found about these, and between deployments.
    pub findings: Vec<Finding>,
    /// What was asked about how it is cut.
    pub decisions: Vec<Decision>,
    /// The INPUTs that it is made of, where a person says that several are one deployment.
    pub parts: Vec<Input>,
}

impl BuiltInput {
    /// An INPUT of which nothing came.
    #[must_use]
    pub fn failed(name: String, reason: String) -> Self {
        let gap =
            Input { path: String::new(), status: InputStatus::NotRead, reason, deployments: Vec::new(), excerpt: None };
        Self { name, gaps: vec![gap], ..Self::default() }
    }
}

/// One INPUT, migrated. With `secrets` the report holds them: for a terminal only, never for a file.
#[must_use]
pub fn input(migration: &Migration<'_>, secrets: bool) -> BuiltInput {
    let questions = questions();
    let deployments = migration.deployments.iter().map(|one| build(migration, one, questions, secrets));
    let mut out = BuiltInput {
        name: migration.input.clone(),
        deployments: deployments.collect(),
        gaps: Vec::new(),
        own: Vec::new(),
        files: migration.loose_files.iter().map(|file| file_of(None, file)).collect(),
        findings: migration.findings.iter().map(|found| finding_of(found, None, &Known::default())).collect(),
        decisions: decisions(migration.asked.iter(), questions, &Known::default()),
        parts: Vec::new(),
    };
    sort_findings(&mut out.findings);
    out.gaps.extend(out.findings.iter().filter_map(|found| gap_of(found, "", None)));
    // Each file is told among the INPUTs.
    limits::fold(&mut out.findings, |found| &mut found.message);
    let places = Places::of(
        out.gaps.iter().enumerate().filter(|(_, gap)| gap.tells_gap()).map(|(at, gap)| (at, gap.path.as_str())),
    );
    for one in &migration.left_out {
        // What a file of it tells is told once.
        let told: Vec<usize> = if one.told { places.below(&one.folder).collect() } else { Vec::new() };
        if told.is_empty() {
            let (path, reason) = (one.folder.clone(), one.reason.clone());
            out.gaps.push(Input {
                path,
                status: InputStatus::LeftOut,
                reason,
                deployments: vec![one.name.clone()],
                excerpt: None,
            });
        } else {
            for at in told {
                out.gaps[at].deployments = vec![one.name.clone()];
            }
        }
    }
    let told: BTreeSet<&str> = out.findings.iter().filter_map(|found| found.at.file.as_deref()).collect();
    for (deployment, built) in migration.deployments.iter().zip(&out.deployments) {
        let (folder, name) = (deployment.folder.as_str(), Some(built.report.name.as_str()));
        let mut gaps: Vec<Input> =
            built.report.findings.iter().filter_map(|found| gap_of(found, folder, name)).collect();
        let of_findings: BTreeSet<String> = gaps.iter().map(|gap| gap.path.clone()).collect();
        let unread = |file: &&File| file.verdict == Verdict::Unreadable && !told.contains(file.path.as_str());
        for file in built.report.files.iter().filter(unread) {
            let path = join(folder, &file.path);
            if !of_findings.contains(&path) {
                let (status, deployments) = (InputStatus::NotRead, vec![built.report.name.clone()]);
                gaps.push(Input { path, status, reason: file.reason.clone(), deployments, excerpt: None });
            }
        }
        for node in &deployment.nodes {
            let path = join(folder, &node.path);
            if let Some((role, reason)) = &node.set_aside {
                let (status, reason) = (InputStatus::OtherProduct, format!("{role}: {reason}"));
                gaps.push(Input { path, status, reason, deployments: vec![built.report.name.clone()], excerpt: None });
            }
        }
        out.gaps.append(&mut gaps);
    }
    let homes = homes(migration);
    let at = Places::of(homes.iter().map(|(one, path)| (*one, path.as_str())));
    let told: BTreeSet<String> = out.gaps.iter().map(|gap| gap.path.clone()).collect();
    let gaps = Places::of(
        out.gaps.iter().enumerate().filter(|(_, gap)| gap.tells_gap()).map(|(at, gap)| (at, gap.path.as_str())),
    );
    for (path, reason) in &migration.opened {
        // What is told of it as it is stands in the list already.
        if !told.contains(path) {
            let mut here: Vec<usize> = at.below(path).collect();
            here.sort_unstable();
            here.dedup();
            let mut deployments: Vec<String> =
                here.into_iter().map(|one| migration.deployments[one].name.clone()).collect();
            // What in it was not read is told by its own name.
            let unread: Vec<usize> = gaps.inside(path).collect();
            for name in unread.iter().flat_map(|at| &out.gaps[*at].deployments) {
                if !deployments.contains(name) {
                    deployments.push(name.clone());
                }
            }
            let (path, reason) = (path.clone(), reason.clone());
            let status = if unread.is_empty() { InputStatus::Read } else { InputStatus::PartlyRead };
            out.gaps.push(Input { path, status, reason, deployments, excerpt: None });
        }
    }
    tell_partly_read(&mut out.gaps, migration, &out.files);
    out.gaps = once(out.gaps);
    out.parts = parts(migration, &out.gaps);
    if migration.is_file {
        let (own, rest) = out.gaps.into_iter().partition(|gap| gap.path == migration.input);
        (out.own, out.gaps) = (own, rest);
    }
    out
}

/// Where each deployment lies, by its number: its folder, and its nodes, which one that a person joined has in several.
fn homes(migration: &Migration<'_>) -> Vec<(usize, String)> {
    let deployments = migration.deployments.iter().enumerate();
    let of = |(number, one): (usize, &Deployment<'_>)| {
        let nodes = one.nodes.iter().map(|node| join(&one.folder, &node.path));
        std::iter::once(one.folder.clone()).chain(nodes).map(|path| (number, path)).collect::<Vec<_>>()
    };
    deployments.flat_map(of).collect()
}

/// The INPUTs that are one deployment, each with what came of it.
fn parts(migration: &Migration<'_>, gaps: &[Input]) -> Vec<Input> {
    let used = migration.deployments.iter().enumerate().flat_map(|(number, one)| {
        let files = one.nodes.iter().flat_map(|node| &node.files);
        files.map(move |file| (number, join(&one.folder, &file.path)))
    });
    let used: Vec<(usize, String)> = used.collect();
    let used = Places::of(used.iter().map(|(number, path)| (*number, path.as_str())));
    let gaps = Places::of(gaps.iter().enumerate().map(|(at, gap)| (at, gap.path.as_str())));
    let told = |folder: &str| gaps.below(folder).next().is_some();
    let part = |(name, folder): &(String, String)| {
        let numbers: BTreeSet<usize> = used.below(folder).collect();
        let deployments: Vec<String> = numbers.into_iter().map(|one| migration.deployments[one].name.clone()).collect();
        let (status, reason) = if deployments.is_empty() && !told(folder) {
            (InputStatus::NotRead, crate::pipeline::NO_CONFIGURATION.to_owned())
        } else {
            (InputStatus::Read, String::new())
        };
        Input { path: name.clone(), status, reason, deployments, excerpt: None }
    };
    migration.parts.iter().map(part).collect()
}

/// The places of paths in their list: those at or below a folder are found without looking at the others.
struct Places(BTreeMap<String, Vec<usize>>);

impl Places {
    fn of<'p>(paths: impl Iterator<Item = (usize, &'p str)>) -> Self {
        let mut places: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (at, path) in paths {
            places.entry(path.to_owned()).or_default().push(at);
        }
        Self(places)
    }

    /// What stands below `folder`, by path.
    fn inside(&self, folder: &str) -> impl Iterator<Item = usize> {
        // `0` is the character behind `/`.
        let inside = match folder {
            "" => self.0.range(String::from("\0")..),
            folder => self.0.range(format!("{folder}/")..format!("{folder}0")),
        };
        inside.flat_map(|(_, places)| places).copied()
    }

    /// What stands at `folder`, and below it.
    fn below(&self, folder: &str) -> impl Iterator<Item = usize> {
        self.0.get(folder).into_iter().flatten().copied().chain(self.inside(folder))
    }
}

/// Says of archives that could not be read to their ends what stood before that was.
fn tell_partly_read(gaps: &mut [Input], migration: &Migration<'_>, loose: &[File]) {
    let homes = homes(migration);
    let deployments = Places::of(homes.iter().map(|(one, path)| (*one, path.as_str())));
    let files = Places::of(loose.iter().map(|file| file.path.as_str()).enumerate());
    for gap in gaps.iter_mut().filter(|gap| gap.status == InputStatus::NotRead) {
        let itself = migration.is_file && gap.path == migration.input;
        let mut found: Vec<usize> =
            if itself { (0..migration.deployments.len()).collect() } else { deployments.below(&gap.path).collect() };
        found.sort_unstable();
        found.dedup();
        let others = || {
            if itself {
                loose.iter().any(|file| file.path != gap.path)
            } else {
                files.inside(&gap.path).next().is_some()
            }
        };
        if !found.is_empty() || others() {
            gap.deployments = found.into_iter().map(|one| migration.deployments[one].name.clone()).collect();
            gap.status = InputStatus::PartlyRead;
        }
    }
}

/// One entry for each path, with all that is told of it: what is missing goes before the rest.
fn once(mut gaps: Vec<Input>) -> Vec<Input> {
    gaps.sort_by(|one, other| one.path.cmp(&other.path).then_with(|| other.tells_gap().cmp(&one.tells_gap())));
    gaps.dedup_by(|later, earlier| {
        let same = later.path == earlier.path;
        if same && !later.reason.is_empty() && !earlier.reason.contains(&later.reason) {
            earlier.reason = format!("{}; {}", earlier.reason, later.reason);
        }
        if same {
            let new = later.deployments.iter().filter(|name| !earlier.deployments.contains(name)).cloned();
            let new: Vec<String> = new.collect();
            earlier.deployments.extend(new);
        }
        same
    });
    gaps
}

/// What a finding says of something that was not read or left out.
fn gap_of(found: &Finding, folder: &str, deployment: Option<&str>) -> Option<Input> {
    let status = match found.code {
        Code::InputNotRead | Code::ConfigurationDamaged | Code::DeploymentTomlMissing => InputStatus::NotRead,
        Code::ConfigurationMisnamed if found.severity == Severity::Error => InputStatus::NotRead,
        Code::TemplateNotRendered => InputStatus::Template,
        Code::ForeignConfiguration => InputStatus::Foreign,
        Code::OwnOutput => InputStatus::OwnOutput,
        Code::InsideHome => InputStatus::InsideHome,
        Code::SourceVersionNotSupported => InputStatus::UnsupportedVersion,
        _ => return None,
    };
    let path = join(folder, found.at.file.as_deref().unwrap_or_default());
    let place = match (found.at.line, found.at.column) {
        (Some(line), Some(column)) => format!("{line}:{column}: "),
        _ => String::new(),
    };
    let deployments = deployment.into_iter().map(str::to_owned).collect();
    let excerpt = found.at.line.zip(found.excerpt.clone());
    Some(Input { path, status, reason: format!("{place}{}", found.message), deployments, excerpt })
}

/// The INPUTs as the report lists them: each, and behind it what in it was not read or left out.
fn listed(inputs: &[BuiltInput]) -> Vec<Input> {
    let several = inputs.len() > 1;
    let mut out = Vec::new();
    for input in inputs {
        let deployments: Vec<String> = input.deployments.iter().map(|one| one.report.name.clone()).collect();
        if let ([only], true) = (&input.gaps[..], input.deployments.is_empty())
            && only.path.is_empty()
        {
            out.push(Input { path: input.name.clone(), ..only.clone() });
            continue;
        }
        if !input.parts.is_empty() {
            out.extend(listed_parts(input));
            continue;
        }
        let status = if input.gaps.iter().any(Input::tells_gap) { InputStatus::PartlyRead } else { InputStatus::Read };
        let told: Vec<&str> = input.own.iter().map(|own| own.reason.as_str()).collect();
        let status = match &input.own[..] {
            [own, ..] if own.status != InputStatus::PartlyRead && deployments.is_empty() => own.status,
            [_, ..] if input.own.iter().any(Input::tells_gap) => InputStatus::PartlyRead,
            _ => status,
        };
        out.push(Input { path: input.name.clone(), status, reason: told.join("; "), deployments, excerpt: None });
        out.extend(input.gaps.iter().map(|gap| {
            let path = if several { join(&input.name, &gap.path) } else { gap.path.clone() };
            Input { path, ..gap.clone() }
        }));
    }
    out
}

/// INPUTs that are one deployment, each with what in it was not read behind it: that stands below its name already.
fn listed_parts(input: &BuiltInput) -> Vec<Input> {
    let inside = |path: &str, part: &Input| {
        path.strip_prefix(&part.path).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '+']))
    };
    let mut out = Vec::new();
    let mut rest: Vec<&Input> = input.gaps.iter().chain(&input.own).collect();
    for part in &input.parts {
        let (own, others): (Vec<&Input>, Vec<&Input>) = rest.into_iter().partition(|gap| inside(&gap.path, part));
        rest = others;
        let itself = own.iter().find(|gap| gap.path == part.path);
        let gap = own.iter().any(|gap| gap.tells_gap());
        let status = match (part.status, itself) {
            (InputStatus::Read, Some(itself)) if part.deployments.is_empty() => itself.status,
            (InputStatus::Read, _) if gap => InputStatus::PartlyRead,
            (status, _) => status,
        };
        let reason = itself.map_or_else(|| part.reason.clone(), |itself| itself.reason.clone());
        out.push(Input { status, reason, ..part.clone() });
        out.extend(own.into_iter().filter(|gap| gap.path != part.path).cloned());
    }
    out.extend(rest.into_iter().cloned());
    out
}

/// What all the deployments are written for, if that is one target.
fn one_target(deployments: &[DeploymentReport]) -> Option<String> {
    let first = &deployments.first()?.target.written_for;
    deployments.iter().all(|one| one.target.written_for == *first).then(|| first.clone())
}

/// The whole report of several INPUTs. Names are made unique: by the INPUT's when there are several. Files stand
/// in a folder of their deployment when there is more than one.
#[must_use]
pub fn report(mut inputs: Vec<BuiltInput>, options: &Options, tables: &Tables) -> (Report, Vec<Vec<NodeFile>>) {
    let several_inputs = inputs.len() > 1;
    let mut names = BTreeSet::new();
    for input in &mut inputs {
        let mut renamed: BTreeMap<String, String> = BTreeMap::new();
        for one in &mut input.deployments {
            let own = one.report.name.clone();
            let (name, path) = (&mut one.report.name, &mut one.report.path);
            if several_inputs {
                let whole = crate::read::input::without_ending(&input.name);
                *name = if whole.rsplit('/').next() == Some(name) {
                    whole.to_owned()
                } else {
                    format!("{}/{name}", input.name)
                };
                *path = join(&input.name, path);
            }
            let plain = name.clone();
            let mut count = 1;
            while !names.insert(name.clone()) {
                count += 1;
                *name = format!("{plain}-{count}");
            }
            renamed.insert(own, name.clone());
        }
        for name in
            input.gaps.iter_mut().chain(&mut input.own).chain(&mut input.parts).flat_map(|gap| &mut gap.deployments)
        {
            if let Some(renamed) = renamed.get(name) {
                name.clone_from(renamed);
            }
        }
    }
    let listed = listed(&inputs);
    let (mut all, mut loose, mut findings, mut asked) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for input in inputs {
        let below = |path: &str| if several_inputs { join(&input.name, path) } else { path.to_owned() };
        all.extend(input.deployments);
        loose.extend(input.files.into_iter().map(|file| File { path: below(&file.path), ..file }));
        findings.extend(input.findings.into_iter().map(|found| {
            let at = At { file: found.at.file.as_deref().map(below), ..found.at };
            Finding { at, ..found }
        }));
        asked.extend(input.decisions);
    }
    if all.len() > 1 {
        let mut taken = BTreeSet::new();
        for one in &mut all {
            let folder = folder_name(&one.report.name, &mut taken);
            let in_folder = |path: &str| format!("{folder}/{path}");
            for node in &mut one.report.target.nodes {
                node.file = in_folder(&node.file);
                node.beside.iter_mut().for_each(|path| *path = in_folder(path));
            }
            for file in &mut one.files {
                file.path = in_folder(&file.path);
                file.beside.iter_mut().for_each(|beside| beside.path = in_folder(&beside.path));
            }
        }
    }
    let mut totals = Counts::default();
    let (deployments, files): (Vec<_>, Vec<_>) = all.into_iter().map(|one| (one.report, one.files)).unzip();
    for deployment in &deployments {
        totals += deployment.counts;
    }
    let mut report = Report {
        schema_version: SCHEMA_VERSION,
        tool: Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            tables: TablesUsed {
                files: tables.tables().len() as u32,
                rows: tables.tables().iter().map(|table| table.count() as u32).sum(),
                keys: tables.catalog.keys().count() as u32,
            },
        },
        options: ReportOptions {
            target: one_target(&deployments).unwrap_or_else(|| options.target.word().to_owned()),
            traffic_manager: options.traffic_manager,
            keep_legacy_defaults: options.keep_legacy_defaults,
            unique_id: options.unique_id,
            source_version: options.source_version.map(|version| version.to_string()),
        },
        status: Status::default(),
        inputs: listed,
        deployments,
        files: loose,
        findings,
        decisions: asked,
        totals,
        proof: None,
    };
    status::settle(&mut report, false);
    (report, files)
}

/// Marks each setting of the report with what the product makes of it.
pub fn prove(report: &mut Report, proof: &Proof) {
    let mut found: BTreeMap<_, &verify::SettingProof> = BTreeMap::new();
    for setting in &proof.settings {
        found.insert((&*setting.deployment, &*setting.file, setting.line, setting.column, &*setting.path), setting);
    }
    for deployment in &mut report.deployments {
        for setting in &mut deployment.settings {
            let id = (&*deployment.name, &*setting.file, setting.line, setting.column, &*setting.path);
            setting.proof = found.get(&id).map(|found| SettingProof {
                outcome: found.outcome,
                places: found.places.clone(),
                why: found.why.clone(),
            });
        }
    }
    report.proof = Some(ProofSummary { nodes: proof.nodes.clone(), totals: proof.totals });
    status::settle(report, false);
}

fn build(migration: &Migration<'_>, deployment: &Deployment<'_>, questions: &[Question], secrets: bool) -> Built {
    let Deployment { source, nodes, plan, lines, files, gaps, findings, loose, .. } = deployment;
    let known = if secrets { Known::default() } else { known(deployment) };
    let gap = |node: &str| gaps.iter().find(|gap| gap.node == node);
    let name_of = |node: usize| nodes[source.nodes.get(node).map_or(node, |known| known.node)].name.clone();
    let mut counts = Counts::default();
    for line in lines {
        counts.add(line.outcome);
    }
    let settings: Vec<Setting> = lines.iter().map(|line| setting(line, nodes, secrets, &known)).collect();
    let by_name: BTreeMap<&str, _> = plan.nodes.iter().map(|node| (node.name.as_str(), node)).collect();
    let node_files = files
        .iter()
        .filter_map(|file| {
            let node = by_name.get(file.node.as_str())?;
            Some(NodeFile {
                node: file.node.clone(),
                profile: node.profile,
                target: deployment.target,
                path: file.path.clone(),
                text: file.text.clone(),
                shown: if secrets { file.text.clone() } else { known.cover(&file.shown_text) },
                made_from: node.merged.iter().map(|old| name_of(*old)).collect(),
                stands_on: node.stands_on.map(name_of),
                beside: plan
                    .logging
                    .iter()
                    .filter(|logging| logging.node == file.node)
                    .map(|logging| Beside {
                        path: crate::logging::path(logging),
                        text: logging.text.clone(),
                        shown: if secrets { logging.text.clone() } else { properties_shown(&logging.text, &known) },
                    })
                    .collect(),
            })
        })
        .collect();
    let mut found: Vec<Finding> = source
        .findings
        .iter()
        .chain(&plan.findings)
        .chain(findings)
        .map(|found| finding_of(found, None, &known))
        .collect();
    for node in nodes {
        found.extend(node.settings.findings.iter().map(|found| finding_of(found, Some(&node.name), &known)));
    }
    sort_findings(&mut found);
    limits::fold(&mut found, |found| &mut found.message);
    let mut listed: Vec<File> = loose.iter().map(|file| file_of(None, file)).collect();
    listed.extend(nodes.iter().flat_map(|node| node.files.iter().map(|file| file_of(Some(node.name.clone()), file))));
    listed.sort_by(|one, other| one.path.cmp(&other.path));
    let report = DeploymentReport {
        name: deployment.name.clone(),
        path: deployment.folder.clone(),
        status: Status::default(),
        source: source_of(deployment, &known),
        target: Target {
            layout: layout_of(plan.nodes.iter().map(|node| node.profile)),
            written_for: deployment.target.word().to_owned(),
            nodes: plan
                .nodes
                .iter()
                .map(|node| TargetNode {
                    sources: node.merged.len() as u32,
                    unread: gap(&node.name).map(|gap| gap.unread.clone()).unwrap_or_default(),
                    written: gap(&node.name).is_none_or(|gap| gap.written),
                    name: node.name.clone(),
                    profile: node.profile,
                    file: crate::emit::path(&node.name),
                    beside: plan
                        .logging
                        .iter()
                        .filter(|logging| logging.node == node.name)
                        .map(crate::logging::path)
                        .collect(),
                })
                .collect(),
        },
        files: listed,
        derived: derived(deployment, &settings, secrets, &known),
        settings,
        conflicts: plan
            .conflicts
            .iter()
            .map(|conflict| Conflict {
                node: conflict.node.clone(),
                key: conflict.key.clone(),
                said: conflict
                    .said
                    .iter()
                    .map(|saw| {
                        let value = known.cover(&mask_urls(&saw.shown));
                        // What was derived stands in no file: the new node itself says it.
                        let Some(setting) = saw.setting else {
                            return Said { node: conflict.node.clone(), at: at(None), value };
                        };
                        let node = &nodes[setting.node as usize];
                        Said { node: node.name.clone(), at: at(Some(&node.place(setting.index))), value }
                    })
                    .collect(),
                rule: known.clean(&conflict.rule),
                decision: format!("conflict:{}", conflict.key),
                open: conflict.open,
            })
            .collect(),
        decisions: decisions(source.asked.iter().chain(&plan.asked), questions, &known),
        findings: found,
        checklist: checklist(migration, deployment, &known),
        counts,
    };
    let mut report = report;
    cover_names(&mut report, &known);
    Built { report, files: node_files }
}

/// Masks what a value has of a secret: a list may be made of one text with one in it.
fn cover_value(value: &mut Value, known: &Known) {
    match value {
        Value::Text(text) | Value::Toml(text) => known.hide(text),
        Value::List(items) => items.iter_mut().for_each(|item| known.hide(item)),
        Value::Boolean(_) | Value::Integer(_) => {}
    }
}

/// Masks the secrets in paths and keys: what an element or an entry says of itself is a part of its name there.
fn cover_names(report: &mut DeploymentReport, known: &Known) {
    if known.is_empty() {
        return;
    }
    let cover = |text: &mut String| known.hide(text);
    for setting in &mut report.settings {
        cover(&mut setting.path);
        for target in &mut setting.targets {
            cover(&mut target.key);
            target.value.iter_mut().for_each(|value| cover_value(value, known));
        }
    }
    for derived in &mut report.derived {
        cover(&mut derived.key);
        cover_value(&mut derived.value, known);
    }
    for conflict in &mut report.conflicts {
        cover(&mut conflict.key);
        cover(&mut conflict.decision);
    }
    for decision in &mut report.decisions {
        cover(&mut decision.id);
        decision.about.iter_mut().for_each(cover);
        decision.affects.iter_mut().for_each(cover);
    }
}

/// What was asked of a deployment, as a file of answers may show it. Only its owner reads that file, and a question is
/// found again by what it is about: that stays whole.
#[must_use]
pub fn asked(deployment: &Deployment<'_>) -> Vec<Asked> {
    let known = known(deployment);
    let cover = |texts: &[String]| texts.iter().map(|text| known.cover(text)).collect();
    let asked = deployment.source.asked.iter().chain(&deployment.plan.asked);
    asked
        .map(|asked| Asked {
            choices: cover(&asked.choices),
            affects: cover(&asked.affects),
            chosen: known.cover(&asked.chosen),
            ..asked.clone()
        })
        .collect()
}

/// The secrets of a deployment, wherever they stand.
fn known(deployment: &Deployment<'_>) -> Known {
    let leaves = deployment.nodes.iter().flat_map(|node| &node.settings.settings);
    let entities = leaves.clone().flat_map(|setting| &setting.leaf.secrets).map(|text| (text.as_str(), true));
    // What the vault protects is only a place holder, and its alias no secret.
    let leaves = leaves.map(|setting| match &setting.vault {
        Some(protected) => (protected.alias.as_str(), false),
        None => (&*setting.leaf.value, setting.is_secret()),
    });
    // `API Token: Partner` is the name of an environment, not a pair of a secret's name and the secret.
    let asked = deployment.source.asked.iter().chain(&deployment.plan.asked);
    let names = asked.filter(|asked| asked.id == "environment-name").map(|asked| asked.about.as_str());
    let names: BTreeSet<&str> = names.filter(|name| !name.contains(['=', '@']) && !name.contains("://")).collect();
    let leaves = leaves.filter(|(value, secret)| *secret || !names.contains(value.trim()));
    let entries = deployment.plan.nodes.iter().flat_map(|node| &node.entries);
    let entries = entries.filter(|(_, entry)| entry.secret || !names.contains(&*entry.value.plain()));
    let entries = entries.filter_map(|(key, entry)| match &entry.value {
        Value::Text(text) => Some((text.as_str(), entry.secret || by_name(key, text))),
        _ => None,
    });
    Known::with(leaves, entities.chain(entries))
}

/// A properties file as it may be shown.
fn properties_shown(text: &str, known: &Known) -> String {
    let lines = text.split_inclusive('\n').map(|line| {
        let (body, end) = line.strip_suffix('\n').map_or((line, ""), |body| (body, "\n"));
        crate::secret::property(body) + end
    });
    known.cover(&lines.collect::<String>())
}

fn checklist(migration: &Migration<'_>, deployment: &Deployment<'_>, known: &Known) -> Vec<Check> {
    let mut checks = Vec::new();
    for Item { row, points } in crate::checklist::of(migration, deployment) {
        checks.push(Check { item: row.id.clone(), node: None, text: row.text.clone(), causes: Vec::new() });
        checks.extend(points.into_iter().map(|point| Check {
            item: row.id.clone(),
            node: point.node,
            text: known.clean(&point.text),
            causes: point.causes.iter().map(|place| at(Some(place))).collect(),
        }));
    }
    checks
}

fn setting(line: &crate::ledger::Line<'_>, nodes: &[OldNode<'_>], secrets: bool, known: &Known) -> Setting {
    let SettingId { node, index } = line.setting;
    let node = &nodes[node as usize];
    let setting = &node.settings.settings[index as usize];
    let place = node.place(index);
    let secret = Some(setting.leaf.value.trim()).filter(|text| setting.is_secret() && !text.is_empty());
    // A secret's leaf may also name the entry that it stands in: that is none.
    let is_secret = |to: &crate::ledger::Destination, value: &Value| {
        let text = value.plain();
        to.secret || by_name(&to.key, &text) || secret.is_some_and(|secret| text.contains(secret))
    };
    Setting {
        node: node.name.clone(),
        file: place.file,
        line: place.line,
        column: place.column,
        path: setting.leaf.path.clone(),
        value: if secrets { setting.leaf.value.to_string() } else { setting.shown() },
        outcome: line.outcome,
        rule: setting.rule.map(|rule| rule.id.clone()),
        reason: known.clean(&line.reason),
        drift: line.drift.as_deref().map(|drift| known.clean(drift)),
        targets: line
            .destinations
            .iter()
            .map(|to| KeyValue {
                node: to.node.clone(),
                key: to.key.clone(),
                value: to.value.as_ref().map(|value| shown_value(value, is_secret(to, value), secrets)),
            })
            .collect(),
        proof: None,
    }
}

fn shown_value(value: &Value, secret: bool, secrets: bool) -> Value {
    if secrets { value.clone() } else { masked(value, secret) }
}

/// The keys that were derived, and any that no leaf is said to stand in: so every written key is accounted for.
fn derived(deployment: &Deployment<'_>, settings: &[Setting], secrets: bool, known: &Known) -> Vec<Derived> {
    let told: BTreeSet<(&str, &str)> =
        settings.iter().flat_map(|setting| &setting.targets).map(|to| (to.node.as_str(), to.key.as_str())).collect();
    let mut derived = Vec::new();
    for node in &deployment.plan.nodes {
        for (key, entry) in &node.entries {
            if entry.derived.is_some() || !told.contains(&(node.name.as_str(), key.as_str())) {
                derived.push(Derived {
                    node: node.name.clone(),
                    key: key.clone(),
                    value: shown_value(&entry.value, entry.secret || by_name(key, &entry.value.plain()), secrets),
                    from: entry
                        .derived
                        .as_deref()
                        .map_or_else(|| "what the new node needs in any case".to_owned(), |from| known.clean(from)),
                    decision: entry.decision.clone(),
                });
            }
        }
    }
    derived
}

fn source_of(deployment: &Deployment<'_>, secrets: &Known) -> Source {
    let Deployment { source, nodes, fates, .. } = deployment;
    let mut versions: BTreeSet<_> =
        nodes.iter().filter(|node| node.set_aside.is_none()).map(|node| node.version).collect();
    if versions.is_empty() {
        versions = nodes.iter().map(|node| node.version).collect();
    }
    let versions: Vec<String> = versions.iter().map(ToString::to_string).collect();
    let nodes = nodes.iter().enumerate().map(|(index, node)| {
        let known = source.nodes.iter().find(|known| known.node == index);
        let mut roles = known.map(|known| known.roles.clone()).unwrap_or_default();
        let mut evidence: Vec<Evidence> = known
            .iter()
            .flat_map(|known| &known.evidence)
            .map(|one| Evidence {
                row: one.row.to_owned(),
                strength: one.strength,
                roles: one.roles.clone(),
                what: secrets.clean(&one.what),
                at: at(one.place.as_ref()),
            })
            .collect();
        if let Some((role, reason)) = &node.set_aside {
            if roles.is_empty() {
                roles.push(*role);
            }
            let what = reason.clone();
            let strength = Strength::Strong;
            evidence.push(Evidence { row: "A.5".to_owned(), strength, roles: vec![*role], what, at: At::default() });
        }
        evidence.sort_by_key(|one| std::cmp::Reverse(one.strength));
        evidence.push(Evidence {
            row: "A.6".to_owned(),
            strength: if node.version_evidence.guessed { Strength::Weak } else { Strength::Strong },
            roles: Vec::new(),
            what: secrets.clean(&format!("version {}: {}", node.version, node.version_evidence.what)),
            at: at(node.version_evidence.place.as_ref()),
        });
        let fate = Fate { reason: secrets.clean(&fates[index].reason), ..fates[index].clone() };
        SourceNode { name: node.name.clone(), path: node.path.clone(), roles, evidence, fate }
    });
    Source { version: versions.join(", "), layout: source.layout, nodes: nodes.collect() }
}

fn layout_of(profiles: impl Iterator<Item = Profile>) -> TargetLayout {
    let profiles: Vec<Profile> = profiles.collect();
    let count = |profile: Profile| profiles.iter().filter(|one| **one == profile).count();
    match (
        count(Profile::ControlPlane),
        count(Profile::GatewayWorker),
        count(Profile::TrafficManager),
        count(Profile::AllInOne),
    ) {
        (0, 0, 0, 0) => TargetLayout::None,
        (0, 0, 0, 1) => TargetLayout::Single,
        (0, 0, 0, _) => TargetLayout::ActiveActive,
        (1.., 1.., 1.., 0) => TargetLayout::ThreeProfile,
        (1.., 1.., 0, 0) => TargetLayout::TrafficManagerInside,
        _ => TargetLayout::Partial,
    }
}

fn decisions<'a>(asked: impl Iterator<Item = &'a Asked>, questions: &[Question], known: &Known) -> Vec<Decision> {
    let mut decisions: indexmap::IndexMap<(String, Option<String>), Decision> = indexmap::IndexMap::new();
    for asked in asked {
        let row = question(questions, &asked.id);
        let in_id = row.and_then(|row| row.about).is_some_and(crate::decision::About::is_part_of_id);
        let (id, about) = match asked.about.as_str() {
            "" => (asked.id.clone(), None),
            about if in_id => (format!("{}:{about}", asked.id), None),
            about => (asked.id.clone(), Some(about.to_owned())),
        };
        let choices = match row {
            Some(row) if asked.choices.is_empty() => row.choices.clone(),
            _ => asked.choices.iter().map(|choice| known.cover(&mask_urls(choice))).collect(),
        };
        let decision = Decision {
            question: row.map_or_else(|| asked.id.clone(), |row| row.question.clone()),
            choices,
            default: known.cover(&mask_urls(&asked.default)),
            chosen: known.cover(&asked.shown()),
            affects: asked.affects.clone(),
            open: asked.open,
            answered: asked.answered,
            id: id.clone(),
            about: about.clone(),
        };
        // The same question asked twice: what the later stage made of it holds.
        decisions.insert((id, about), decision);
    }
    decisions.into_values().collect()
}

fn file_of(node: Option<String>, file: &OldFile) -> File {
    let extension = file.path.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    File {
        node,
        path: file.path.clone(),
        kind: match extension.as_str() {
            "xml" => FileKind::Xml,
            "properties" => FileKind::Properties,
            "toml" => FileKind::Toml,
            _ => FileKind::Other,
        },
        verdict: file.verdict,
        reason: file.reason.clone(),
        leaves: file.leaves,
    }
}

fn finding_of(finding: &diagnostic::Finding, node: Option<&str>, known: &Known) -> Finding {
    Finding {
        code: finding.code,
        severity: finding.severity,
        message: known.clean(&finding.message),
        node: finding.node.clone().or_else(|| node.map(str::to_owned)),
        at: at(finding.place.as_ref()),
        help: finding.code.help().to_owned(),
        excerpt: finding.excerpt.as_deref().map(|excerpt| excerpt.covered(known)),
    }
}

/// The most severe first, then by file, line and code; the same finding told twice stays once.
fn sort_findings(findings: &mut Vec<Finding>) {
    findings.sort_by(|one, other| {
        let key = |finding: &Finding| (finding.severity, finding.at.file.is_none());
        key(one)
            .cmp(&key(other))
            .then_with(|| (&one.at.file, one.at.line).cmp(&(&other.at.file, other.at.line)))
            .then_with(|| one.code.text().cmp(other.code.text()))
            .then_with(|| (one.at.column, &one.message, &one.node).cmp(&(other.at.column, &other.message, &other.node)))
    });
    findings.dedup_by(|later, earlier| {
        let same = later.code == earlier.code && later.at == earlier.at && later.message == earlier.message;
        let told = same && (later.node == earlier.node || earlier.node.is_none());
        if told && earlier.node.is_none() {
            earlier.node.clone_from(&later.node);
        }
        told
    });
}

fn at(place: Option<&Place>) -> At {
    let Some(place) = place else { return At::default() };
    let number = |number: u32| (number > 0).then_some(number);
    At { file: Some(place.file.clone()), line: number(place.line), column: number(place.column) }
}
