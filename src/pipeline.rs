//! The pipeline, on one page: an INPUT in, a [`Migration`] out. Nothing is written here.

use std::borrow::Cow;
use std::path::Path;

use crate::decision::Decisions;
use crate::diagnostic::{Finding, Severity};
use crate::emit;
use crate::layout::version::written::REPORT;
use crate::layout::{self, FileText, InputFile, LaidOut, LayoutOptions, OldNode, Verdict};
use crate::ledger::{self, LedgerError};
use crate::logging;
use crate::mapping::tables::Tables;
use crate::migration::{Deployment, Migration};
use crate::options::Options;
use crate::read::encoding::{self, Syntax};
use crate::read::input::{self, Content, InputError};
use crate::source::Position;
use crate::topology::source::{self, SourceTopology};
use crate::topology::target;

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
    },
    /// A bug of ours.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// An INPUT in memory: what the leaves borrow from.
#[derive(Debug)]
pub struct Material {
    /// The INPUT as given, for errors.
    given: String,
    /// Its own name.
    name: String,
    files: Vec<(String, Text)>,
}

#[derive(Debug)]
enum Text {
    Read { text: String, findings: Vec<Finding> },
    Skipped,
    Unreadable(String, Option<Position>),
}

impl Material {
    /// The INPUT's own name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
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
                    Text::Unreadable(reason, position) => FileText::Unreadable(reason.clone(), *position),
                },
            })
            .collect()
    }
}

/// Reads an INPUT into memory: the files that can tell something about a server, decoded.
pub fn read(input: &Path) -> Result<Material, MigrateError> {
    let opened = input::open(input, &is_wanted)?;
    let files = opened.files.into_iter().map(|file| {
        let text = match file.content {
            Content::Bytes(bytes) => decode(&file.path, bytes),
            Content::Skipped { .. } => Text::Skipped,
            Content::Unreadable(reason) => Text::Unreadable(reason, None),
        };
        (file.path, text)
    });
    Ok(Material { given: input.display().to_string(), files: files.collect(), name: opened.name })
}

/// Files that are in memory already, by their paths, as an INPUT called `name`.
#[must_use]
pub fn in_memory(name: &str, files: Vec<(String, Vec<u8>)>) -> Material {
    let decoded = files.into_iter().map(|(path, bytes)| {
        let text = if is_wanted(&path) { decode(&path, bytes) } else { Text::Skipped };
        (path, text)
    });
    let mut files: Vec<(String, Text)> = decoded.collect();
    files.sort_by(|(one, _), (other, _)| one.cmp(other));
    files.dedup_by(|(one, _), (other, _)| one == other);
    Material { given: name.to_owned(), name: name.to_owned(), files }
}

/// Files that can tell something: configuration, archives of it, and texts that name a profile or a version. Programs, artifacts and
/// data of a server are only listed.
fn is_wanted(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    let artifact = ["repository/deployment/", "repository/components/", "repository/resources/", "repository/tenants/"]
        .iter()
        .any(|folder| path.contains(folder));
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let configuration = matches!(extension, "xml" | "properties" | "toml") && !artifact;
    let telling = matches!(extension, "sh" | "bat" | "service" | "yaml" | "yml" | "env" | "conf") && !artifact;
    let server = ["samples/", "dbscripts/", "lib/", "modules/"].iter().any(|folder| path.contains(folder));
    let archive = matches!(extension, "zip" | "tar" | "tgz") || name.ends_with(".tar.gz");
    configuration
        || telling
        || (archive && !artifact && !server)
        || matches!(name, "version.txt" | "Dockerfile" | REPORT)
}

/// Why nothing can be made of the INPUT: no configuration, or none that could be read.
fn nothing_usable(laid_out: &LaidOut<'_>) -> Option<String> {
    let files = laid_out.nodes.iter().flat_map(|node| &node.files);
    if laid_out.nodes.is_empty() {
        return Some(
            "no configuration of API-M in it: give a server's home, or a folder or archive with some".to_owned(),
        );
    }
    if files.clone().any(|file| matches!(file.verdict, Verdict::Read | Verdict::SetAside)) {
        return None;
    }
    let findings = laid_out.findings.iter().filter(|finding| finding.severity == Severity::Error);
    let reasons: Vec<String> = findings
        .map(|finding| match &finding.place {
            Some(place) => format!("{place}: {}", finding.message),
            None => finding.message.clone(),
        })
        .collect();
    Some(if reasons.is_empty() { "nothing in it could be read".to_owned() } else { reasons.join("; ") })
}

fn decode(path: &str, bytes: Vec<u8>) -> Text {
    let syntax = match path.rsplit('.').next() {
        Some("xml") => Syntax::Xml,
        Some("properties") => Syntax::Properties,
        _ => Syntax::Plain,
    };
    match encoding::decode(&bytes, syntax) {
        Err(damage) => Text::Unreadable(damage.message, Some(damage.position)),
        Ok(decoded) => {
            let findings = decoded.oddities.into_iter().map(|oddity| oddity.in_file(path)).collect();
            let whole = matches!(&decoded.text, Cow::Borrowed(text) if text.len() == bytes.len());
            let text = if whole { String::from_utf8(bytes).unwrap_or_default() } else { decoded.text.into_owned() };
            Text::Read { text, findings }
        }
    }
}

/// Migrates an INPUT: nodes, then what they say, then what they were to each other, then the new deployment.
pub fn migrate<'m>(
    material: &'m Material,
    options: &Options,
    tables: &'m Tables,
    answers: &Decisions,
) -> Result<Migration<'m>, MigrateError> {
    let files = material.files();
    let layout_options = LayoutOptions {
        input_name: material.name.clone(),
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
    };
    let laid_out = layout::lay_out(tables, &files, &layout_options);
    if let Some(reason) = nothing_usable(&laid_out) {
        return Err(MigrateError::Nothing { input: material.given.clone(), reason });
    }
    let mut findings: Vec<Finding> = laid_out.findings;
    for (_, text) in &material.files {
        if let Text::Read { findings: odd, .. } = text {
            findings.extend(odd.iter().cloned());
        }
    }
    let mut topologies = source::resolve(&laid_out.nodes, answers);
    for topology in topologies.iter_mut().filter(|topology| topology.name.is_empty()) {
        topology.name.clone_from(&material.name);
    }
    topologies.sort_by(|one, other| layout::nodes::natural(&one.name, &other.name));
    let mut nodes: Vec<Option<OldNode<'m>>> = laid_out.nodes.into_iter().map(Some).collect();
    let mut deployments = Vec::with_capacity(topologies.len());
    for topology in topologies {
        let (topology, own) = take(topology, &mut nodes);
        deployments.push(plan_deployment(topology, own, options, tables, answers)?);
    }
    Ok(Migration {
        input: material.name.clone(),
        options: options.clone(),
        deployments,
        loose_files: laid_out.loose,
        findings,
    })
}

/// Takes a deployment's nodes out of those of the whole INPUT and numbers them anew, in both places.
fn take<'m>(mut topology: SourceTopology, nodes: &mut [Option<OldNode<'m>>]) -> (SourceTopology, Vec<OldNode<'m>>) {
    let mut own = Vec::with_capacity(topology.nodes.len());
    for (number, node) in topology.nodes.iter_mut().enumerate() {
        if let Some(mut old) = nodes[node.node].take() {
            old.settings.renumber(number as u32);
            own.push(old);
        }
        node.node = number;
        for claim in &mut node.claims {
            claim.by = number;
        }
    }
    (topology, own)
}

fn plan_deployment<'m>(
    source: SourceTopology,
    nodes: Vec<OldNode<'m>>,
    options: &Options,
    tables: &'m Tables,
    answers: &Decisions,
) -> Result<Deployment<'m>, MigrateError> {
    let mut plan = target::plan(&nodes, &source, tables, options, answers);
    logging::plan(&nodes, &source, &mut plan, options);
    let (files, findings) = emit::files(&mut plan, &nodes, &tables.catalog, options.annotate);
    let lines = ledger::close(&nodes, &plan, tables, options.target)?;
    Ok(Deployment { source, nodes, plan, lines, files, findings })
}
