//! `verify`: written files before the product that they are for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{Common, Format, ProductArg, VerifyArgs};
use super::exit::Exit;
use super::gather::gather;
use super::terminal::Terminal;
use crate::emit::write::REPORT;
use crate::json;
use crate::mapping::tables::Tables;
use crate::role::Profile;
use crate::verify::recorded::Recorded;
use crate::verify::{NodeFile, Product, ProductError, Proof, Prover, Work, text};
use crate::version::Target;

/// What can go wrong before anything is proven.
type Told = String;

pub fn run(args: &VerifyArgs, terminal: Terminal) -> Exit {
    match proven(args, terminal) {
        Err(error) => {
            terminal.error(error);
            Exit::Failed
        }
        Ok(proof) => {
            let result = match args.format {
                Format::Text => text::text(&proof),
                Format::Json => json::text(&proof),
            };
            let shown = if args.format == Format::Json { terminal.data(&result) } else { terminal.result(&result) };
            if let Err(error) = shown {
                terminal.error(format!("cannot write the result: {error}"));
                return Exit::Failed;
            }
            if proof.is_clean() { Exit::Done } else { Exit::Look }
        }
    }
}

fn proven(args: &VerifyArgs, terminal: Terminal) -> Result<Proof, Told> {
    let products = products(&args.product).map_err(|error| error.to_string())?;
    let tables = match &args.mappings {
        None => Tables::built_in(),
        Some(folder) => Tables::with_folder(folder).map_err(|error| error.to_string())?,
    };
    let recorded = recorded(&args.folder)?;
    let again = match &recorded {
        _ if args.legacy.is_empty() => None,
        recorded => Some(again(args, recorded.as_ref().map(Recorded::target).unwrap_or_default(), terminal)?),
    };
    let files = files(&args.folder, recorded.as_ref().or(again.as_ref()))?;
    let told = again.as_ref().or(recorded.as_ref());
    let promises = told.map(Recorded::promises).unwrap_or_default();
    let target = told.map(Recorded::target);
    let work = Work { files: &files, promises: &promises, products: &products, target, tables: &tables };
    prove(work, args.without_java)
}

/// The products of the command line.
pub fn products(args: &[ProductArg]) -> Result<Vec<Product>, ProductError> {
    let mut seen = BTreeSet::new();
    args.iter()
        .map(|arg| {
            let profile = arg.profile;
            if let Some(profile) = profile.filter(|profile| !seen.insert(*profile)) {
                return Err(ProductError::Twice(profile.to_string()));
            }
            Product::open(&arg.home, profile)
        })
        .collect()
}

/// Proves with the products of the command line, and with Java or not.
pub fn prove(work: Work<'_>, without_java: bool) -> Result<Proof, Told> {
    let mut prover =
        if without_java { Prover::without_java() } else { Prover::new().map_err(|error| error.to_string())? };
    prover.prove(work).map_err(|error| error.to_string())
}

/// The report of an earlier `convert`, if the folder has one.
fn recorded(folder: &Path) -> Result<Option<Recorded>, Told> {
    let path = folder.join(REPORT);
    let name = path.display();
    match std::fs::read_to_string(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{name}: cannot read the report: {error}")),
        Ok(text) => Recorded::read(&text)
            .map(Some)
            .map_err(|error| format!("{name}: is no report of this version of the tool: {error}; convert again")),
    }
}

/// The old deployment, converted again: its report with all values.
fn again(args: &VerifyArgs, target: Target, terminal: Terminal) -> Result<Recorded, Told> {
    let common = Common {
        inputs: args.legacy.clone(),
        target,
        mappings: args.mappings.clone(),
        decisions: args.decisions.clone(),
        format: Format::Json,
        quiet: args.quiet,
        ..Common::default()
    };
    let gathered = gather(&common, true, terminal);
    let Some((report, _)) = gathered.and_then(|gathered| gathered.whole) else {
        return Err("the old deployment cannot be converted again".to_owned());
    };
    Recorded::read(&json::text(&report))
}

/// The files to be proven: those of the report, and every other deployment.toml in the folder.
fn files(folder: &Path, recorded: Option<&Recorded>) -> Result<Vec<NodeFile>, Told> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| format!("{}: cannot read the file: {error}", path.display()))
    };
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for (deployment, node) in recorded.into_iter().flat_map(Recorded::nodes) {
        let path = folder.join(&node.file);
        seen.insert(path.clone());
        files.push(node.to_prove(deployment, read(&path)?));
    }
    let mut found = Vec::new();
    find(folder, &mut found).map_err(|error| format!("{}: cannot read the folder: {error}", folder.display()))?;
    found.sort();
    for path in found.into_iter().filter(|path| !seen.contains(path)) {
        let text = read(&path)?;
        let short = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let node = node_of(&short);
        let profile = profile(&text);
        files.push(NodeFile { deployment: String::new(), node, profile, path: short, text });
    }
    if files.is_empty() {
        return Err(format!("{}: no deployment.toml is in it: give the output folder of convert", folder.display()));
    }
    Ok(files)
}

fn find(folder: &Path, found: &mut Vec<PathBuf>) -> std::io::Result<()> {
    if folder.is_file() {
        found.push(folder.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        if entry.file_type()?.is_dir() && !name.to_string_lossy().starts_with('.') {
            find(&entry.path(), found)?;
        } else if name == "deployment.toml" {
            found.push(entry.path());
        }
    }
    Ok(())
}

/// The node's name: the folder that is its home.
fn node_of(path: &str) -> String {
    let home = path.strip_suffix("deployment.toml").unwrap_or_default().trim_end_matches('/');
    let home = home.strip_suffix("repository/conf").unwrap_or(home).trim_end_matches('/');
    let name = home.rsplit('/').next().unwrap_or_default();
    if name.is_empty() { "node".to_owned() } else { name.to_owned() }
}

/// The profile that a file itself tells.
fn profile(text: &str) -> Option<Profile> {
    let document: toml::Table = toml::from_str(text).ok()?;
    let role = document.get("server")?.get("server_role")?.as_str()?;
    [Profile::ControlPlane, Profile::GatewayWorker, Profile::TrafficManager].into_iter().find(|of| of.word() == role)
}
