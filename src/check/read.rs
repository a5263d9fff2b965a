//! An INPUT in, its deployment.toml files out, by deployment, each with what is known of its server. Files, nodes,
//! versions and roles are found as for a migration.

use std::path::Path;

use super::{Diagnostic, Node, Standard};
use crate::decision::Decisions;
use crate::diagnostic::{Code, Finding};
use crate::layout::version::written;
use crate::layout::{FileText, InputFile, OldNode, homes};
use crate::limits::Limit;
use crate::mapping::tables::Tables;
use crate::options::Options;
use crate::pipeline::{self, Laid, Material, MigrateError};
use crate::read::input::UnreadKind;
use crate::role::{Profile, Role};
use crate::source::Place;
use crate::topology::source::{self, NoAnswers};
use crate::version::Target;

/// Why an INPUT cannot be checked.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// The INPUT itself cannot be read.
    #[error(transparent)]
    Input(#[from] MigrateError),
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

/// The name of the file that is checked, below the configuration folder.
const FILE: &str = "deployment.toml";

/// What is found of something that could not be read.
const NOT_READ: [Code; 5] = [
    Code::InputNotRead,
    Code::TemplateNotRendered,
    Code::ConfigurationDamaged,
    Code::DeploymentTomlMissing,
    Code::LimitReached,
];

/// What an INPUT holds.
#[derive(Debug, Default)]
pub struct Found<'t> {
    /// The nodes of its deployments.
    pub deployments: Vec<Vec<Node<'t>>>,
    /// Files that are not checked, and why.
    pub passed_over: Vec<Diagnostic>,
    /// How many of these could not be read.
    pub unread: usize,
}

/// Reads an INPUT into memory.
///
/// # Errors
/// When it cannot be read.
pub fn read(input: &Path) -> Result<Material, CheckError> {
    Ok(pipeline::read(input)?)
}

/// Groups the files to nodes and deployments. `shown` is the INPUT as reports may show it, empty for none; `profile`
/// is what a server does whose role word does not tell.
///
/// # Errors
/// When there is no deployment.toml.
pub fn nodes<'t>(
    material: &'t Material,
    shown: &str,
    tables: &'t Tables,
    against: Against,
    profile: Option<Profile>,
) -> Result<Found<'t>, CheckError> {
    let input = material.files();
    let pieces = pipeline::cut(material, &Options::default(), tables, &Decisions::default());
    let mut found = Found::default();
    for finding in pieces.findings.into_iter().chain(pieces.parts.iter().flat_map(left_out)) {
        let shown = |place: Place| Place { file: shown_path(shown, &place.file, input.len()), ..place };
        let finding = Finding { place: finding.place.map(shown), ..finding };
        found.unread += usize::from(NOT_READ.contains(&finding.code));
        let help = finding.code.help().to_owned();
        found.passed_over.push(Diagnostic { finding, excerpt: None, length: None, help, related: Vec::new() });
    }
    for path in written::left_over(&input) {
        let message = "written for a node that is no part of the output any more, and kept as it was changed by hand";
        let finding = Finding::new(Code::OutputLeft, message).at(Place::file(shown_path(shown, &path, input.len())));
        let help = finding.code.help().to_owned();
        found.passed_over.push(Diagnostic { finding, excerpt: None, length: None, help, related: Vec::new() });
    }
    for one in &pieces.left_out {
        let place = Place::file(shown_path(shown, &one.folder, input.len()));
        let finding = Finding::new(Code::InputNotRead, format!("not checked: {}", one.reason)).at(place);
        let help = finding.code.help().to_owned();
        found.passed_over.push(Diagnostic { finding, excerpt: None, length: None, help, related: Vec::new() });
        found.unread += 1;
    }
    for Laid { part, laid_out, .. } in &pieces.parts {
        if let Some(reason) = pipeline::beyond(laid_out, tables) {
            let place = Place::file(shown_path(shown, &part.folder, input.len()));
            let finding = Finding::new(Code::LimitReached, format!("not checked: {reason}")).at(place);
            let help = finding.code.help().to_owned();
            found.passed_over.push(Diagnostic { finding, excerpt: None, length: None, help, related: Vec::new() });
            found.unread += 1;
            continue;
        }
        let all: Vec<usize> = (0..laid_out.nodes.len()).collect();
        let topology = source::resolve(&laid_out.nodes, &all, &NoAnswers);
        let mut nodes = Vec::new();
        for member in &topology.nodes {
            let old = &laid_out.nodes[member.node];
            let Some(file) = old.files.iter().find(|file| file.name == FILE) else {
                if let Some((role, reason)) = &old.set_aside {
                    let place = shown_path(shown, &homes::join(&part.folder, &old.path), input.len());
                    let message = format!("not checked: {role}: {reason}");
                    found.passed_over.push(passed_over(Code::NodeSetAside, message, old, Place::file(place)));
                }
                continue;
            };
            let path = homes::join(&part.folder, &file.path);
            let place = shown_path(shown, &path, input.len());
            let standard = match against {
                Against::Target(target) => Standard::of(target),
                Against::Own => Standard::own(old.version),
            };
            let by_role = profile_of(&member.roles);
            match (text_of(&input, &path), &old.set_aside) {
                (_, Some((role, reason))) => {
                    let message = format!("not checked: {role}: {reason}");
                    found.passed_over.push(passed_over(Code::NodeSetAside, message, old, Place::file(place)));
                }
                (Err((code, reason, position)), _) => {
                    let place = match position {
                        Some(position) => Place::at(place, position),
                        None => Place::file(place),
                    };
                    found.passed_over.push(passed_over(code, reason, old, place));
                    found.unread += 1;
                }
                (Ok(text), None) => {
                    let mut node = Node::new(old.name.clone(), place, text, standard, by_role)
                        .encoded(material.oddities(&path).to_vec());
                    let entries = node.document.entries.len();
                    if Limit::Settings.is_passed(entries) {
                        let (most, raised) = (Limit::Settings.number(), Limit::Settings.raised());
                        let message = format!("it has {entries} settings, more than {most}: not checked; {raised}");
                        let place = Place::file(node.file.clone());
                        found.passed_over.push(passed_over(Code::LimitReached, message, old, place));
                        found.unread += 1;
                        continue;
                    }
                    if !says_role(&node) {
                        let all = serves_and_controls(&node, by_role).then_some(Profile::AllInOne);
                        node.profile = profile.or(all).or(by_role);
                    }
                    nodes.push(node);
                }
            }
        }
        if !nodes.is_empty() {
            found.deployments.push(nodes);
        }
    }
    // Of what only lies beside a server nothing is left to check.
    let beside = [
        Code::ConfigurationMisnamed,
        Code::EntryRepeated,
        Code::InsideHome,
        Code::MayBeCopy,
        Code::NodesUnrelated,
        Code::OldCopy,
        Code::OutputLeft,
        Code::OwnOutput,
    ];
    if found.deployments.is_empty() && found.passed_over.iter().all(|one| beside.contains(&one.finding.code)) {
        return Err(CheckError::Nothing(material.name().to_owned()));
    }
    Ok(found)
}

/// What of a deployment is not there to be checked: what could not be read, or is no configuration of the product.
fn left_out(laid: &Laid<'_>) -> Vec<Finding> {
    let folder = &laid.part.folder;
    let below = |place: &Place| Place { file: homes::join(folder, &place.file), ..place.clone() };
    // A node's own file is told of where it is looked for.
    let own = |finding: &Finding| finding.node.is_some() && finding.code == Code::TemplateNotRendered;
    let is_file =
        |finding: &Finding| finding.place.as_ref().is_some_and(|place| place.file.rsplit('/').next() == Some(FILE));
    let told = laid.laid_out.findings.iter().filter(|finding| !own(finding)).filter(|finding| match finding.code {
        Code::ForeignConfiguration
        | Code::DeploymentTomlMissing
        | Code::InputNotRead
        | Code::TemplateNotRendered
        | Code::ConfigurationMisnamed
        | Code::InsideHome
        | Code::OldCopy => true,
        // The file that is checked is told of where it is.
        Code::ConfigurationDamaged | Code::LimitReached => !is_file(finding),
        _ => false,
    });
    told.map(|finding| Finding { place: finding.place.as_ref().map(below), ..finding.clone() }).collect()
}

/// The file as reports show it: below the INPUT as it was given, or the INPUT itself.
fn shown_path(shown: &str, path: &str, count: usize) -> String {
    match shown {
        "" => path.to_owned(),
        // A single file's path is its name, which the INPUT ends with.
        shown if count == 1 && shown.rsplit('/').next() == Some(path) => shown.to_owned(),
        shown => format!("{}/{path}", shown.trim_end_matches('/')),
    }
}

type NoText = (Code, String, Option<crate::source::Position>);

fn text_of<'t>(input: &[InputFile<'t>], path: &str) -> Result<&'t str, NoText> {
    // The files of an INPUT are sorted by their paths.
    let at = input.partition_point(|file| file.path < path);
    match input.get(at).filter(|file| file.path == path).map(|file| &file.text) {
        Some(FileText::Text(text)) => match crate::read::disguised(FILE, text) {
            Some(damage) => Err((damage.code, damage.message, Some(damage.position))),
            None => Ok(text),
        },
        Some(FileText::Unreadable(gap)) => {
            let is_template = gap.kind == UnreadKind::Template;
            let code = if is_template { Code::TemplateNotRendered } else { Code::ConfigurationDamaged };
            Err((code, gap.reason.clone(), gap.position))
        }
        _ => Err((Code::ConfigurationDamaged, "the file was not loaded".to_owned(), None)),
    }
}

fn passed_over(code: Code, message: String, node: &OldNode<'_>, place: Place) -> Diagnostic {
    Diagnostic {
        finding: Finding::new(code, message).on(&node.name).at(place),
        excerpt: None,
        length: None,
        help: code.help().to_owned(),
        related: Vec::new(),
    }
}

/// Whether the file says itself what its server does: `default` may be any separate distribution of 4.5.
fn says_role(node: &Node<'_>) -> bool {
    node.value("server.server_role").is_some_and(|role| {
        matches!(role, "control-plane" | "gateway-worker" | "traffic-manager") || role.starts_with("api-")
    })
}

/// Whether a control plane also serves APIs, as an all-in-one does.
fn serves_and_controls(node: &Node<'_>, by_role: Option<Profile>) -> bool {
    let gateway = ["apim.sync_runtime_artifacts.gateway.", "apim.throttling.url_group["];
    by_role == Some(Profile::ControlPlane)
        && node.entries().iter().any(|entry| gateway.iter().any(|key| entry.key.starts_with(key)))
}

fn profile_of(roles: &[Role]) -> Option<Profile> {
    let has = |role: Role| roles.contains(&role);
    if has(Role::AllInOne) {
        Some(Profile::AllInOne)
    } else if roles.iter().any(|role| role.in_control_plane()) {
        Some(Profile::ControlPlane)
    } else if has(Role::GatewayWorker) && !has(Role::TrafficManager) {
        Some(Profile::GatewayWorker)
    } else if roles == [Role::TrafficManager] {
        Some(Profile::TrafficManager)
    } else {
        None
    }
}
