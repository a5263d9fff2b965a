//! `verify`: written files before the product that they are for.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{Common, Format, ProductArg, VerifyArgs};
use super::exit::Exit;
use super::gather::gather;
use super::terminal::Terminal;
use crate::diagnostic::Code;
use crate::emit::write::REPORT;
use crate::guard::guarded;
use crate::json;
use crate::mapping::tables::Tables;
use crate::options::Options as RunOptions;
use crate::read::encoding::{self, Syntax};
use crate::read::input::{Limits, read_file};
use crate::report::status::Status;
use crate::role::Profile;
use crate::verify::recorded::Recorded;
use crate::verify::{Encoded, NodeFile, Product, ProductError, Proof, Prover, Work, text};

/// What can go wrong before anything is proven.
type Told = String;

pub fn run(args: &VerifyArgs, terminal: Terminal) -> Exit {
    let proof = guarded(|| proven(args, terminal))
        .unwrap_or_else(|bug| Err(format!("apim-migrate failed on {}: {bug}", args.folder.display())));
    match proof {
        Err(error) => {
            terminal.error(error);
            Exit::Failed
        }
        Ok((proof, whole)) => {
            let result = match args.format {
                Format::Text => text::text(&proof),
                Format::Json => json::text(&proof),
            };
            let shown = if args.format == Format::Json { terminal.data(&result) } else { terminal.result(&result) };
            if let Err(error) = shown {
                terminal.error(format!("cannot write the result: {error}"));
                return Exit::Failed;
            }
            if whole && proof.is_clean() { Exit::Done } else { Exit::Incomplete }
        }
    }
}

/// The proof, and whether each file was compared with an old deployment, if one was given.
fn proven(args: &VerifyArgs, terminal: Terminal) -> Result<(Proof, bool), Told> {
    let products = products(&args.product).map_err(|error| error.to_string())?;
    let tables = match &args.mappings {
        None => Tables::built_in(),
        Some(folder) => Tables::with_folder(folder).map_err(|error| error.to_string())?,
    };
    let recorded = recorded(&args.folder)?;
    let again = match &recorded {
        _ if args.legacy.is_empty() => None,
        None => Some(again(args, &RunOptions::default(), terminal)?),
        Some(recorded) => {
            let (again, whole) = again(args, &recorded.options(), terminal)?;
            Some((again.named_as(recorded).map_err(|error| error.to_string())?, whole))
        }
    };
    let (again, whole) = again.map_or((None, true), |(again, whole)| (Some(again), whole));
    let files = files(&args.folder, recorded.as_ref().or(again.as_ref()))?;
    let told = again.as_ref().or(recorded.as_ref());
    let promises = told.map(Recorded::promises).unwrap_or_default();
    let work = Work { files: &files, promises: &promises, products: &products, tables: &tables };
    let proof = prove(work, args.without_java)?;
    let gaps = recorded.as_ref().map(Recorded::gaps).unwrap_or_default();
    if !gaps.is_empty() {
        terminal.talk("note: the conversion was incomplete, and what is missing is not proven:");
        for gap in &gaps {
            terminal.talk(format!("  {gap}"));
        }
    }
    let whole = whole && gaps.is_empty();
    let Some(again) = &again else { return Ok((proof, whole)) };
    let compared: BTreeSet<&str> = again.nodes().map(|(_, node)| node.file.as_str()).collect();
    let others: Vec<&str> =
        files.iter().map(|file| file.path.as_str()).filter(|path| !compared.contains(path)).collect();
    if !others.is_empty() {
        terminal.talk(format!("note: no old deployment is given for {}: nothing was compared", others.join(", ")));
    }
    Ok((proof, whole && others.is_empty()))
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

/// The largest report that is read, in bytes.
const REPORT_LIMIT: u64 = 2 << 30;

/// The report of an earlier `convert`, if the folder has one.
fn recorded(folder: &Path) -> Result<Option<Recorded>, Told> {
    let path = folder.join(REPORT);
    let name = path.display();
    if std::fs::metadata(&path).is_err_and(|error| error.kind() == std::io::ErrorKind::NotFound) {
        return Ok(None);
    }
    let bytes = read_file(&path, REPORT_LIMIT).map_err(|unread| format!("{name}: cannot read the report: {unread}"))?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{name}: the report is no UTF-8 text; convert again"))?;
    Recorded::read(&text)
        .map(Some)
        .map_err(|error| format!("{name}: is no report of this version of the tool: {error}; convert again"))
}

/// The old deployment, converted again: its report with all values, and whether all of it could be read.
fn again(args: &VerifyArgs, options: &RunOptions, terminal: Terminal) -> Result<(Recorded, bool), Told> {
    let common = Common {
        inputs: args.legacy.clone(),
        target: (!options.follows_source).then_some(options.target),
        traffic_manager: options.traffic_manager,
        keep_legacy_defaults: options.keep_legacy_defaults,
        unique_id: options.unique_id,
        source_version: options.source_version,
        mappings: args.mappings.clone(),
        decisions: args.decisions.clone(),
        format: Format::Json,
        quiet: args.quiet,
        ..Common::default()
    };
    let gathered = gather(&common, true, terminal);
    let Some((report, _)) = gathered.ok().and_then(|gathered| gathered.whole) else {
        return Err("the old deployment cannot be converted again".to_owned());
    };
    let recorded = Recorded::read(&json::text(&report))?;
    let gaps = recorded.gaps();
    if report.status == Status::Incomplete && !gaps.is_empty() {
        terminal.talk("note: not all of the old deployment could be read:");
        for gap in &gaps {
            terminal.talk(format!("  {gap}"));
        }
    }
    Ok((recorded, report.status != Status::Incomplete))
}

/// The files to be proven: those of the report, and every other deployment.toml in the folder.
fn files(folder: &Path, recorded: Option<&Recorded>) -> Result<Vec<NodeFile>, Told> {
    let target = recorded.map(Recorded::target);
    let mut files = Vec::new();
    let mut seen = BTreeSet::new();
    for (deployment, node) in recorded.into_iter().flat_map(Recorded::nodes) {
        let path = folder.join(&node.file);
        seen.insert(path.clone());
        let (text, encoded) = read(&path)?;
        files.push(NodeFile { encoded, ..node.to_prove(deployment, text) });
    }
    let mut found = Vec::new();
    find(folder, &mut found).map_err(|error| format!("{}: cannot read the folder: {error}", folder.display()))?;
    found.sort();
    for path in found.into_iter().filter(|path| !seen.contains(path)) {
        let (text, encoded) = read(&path)?;
        let short = path.strip_prefix(folder).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let node = node_of(&short);
        let profile = profile(&text);
        files.push(NodeFile { deployment: String::new(), node, profile, target, path: short, text, encoded });
    }
    if files.is_empty() {
        return Err(format!("{}: no deployment.toml is in it: give the output folder of convert", folder.display()));
    }
    Ok(files)
}

/// A file's text as it was meant, and its bytes if they are not just that.
fn read(path: &Path) -> Result<(String, Option<Encoded>), Told> {
    let name = path.display();
    let limit = Limits::in_force().file;
    let bytes = read_file(path, limit).map_err(|unread| format!("{name}: cannot read the file: {unread}"))?;
    let decoded = encoding::decode(&bytes, Syntax::Toml).map_err(|damage| format!("{name}: {}", damage.message))?;
    let text = decoded.text.into_owned();
    match decoded.oddities.into_iter().next() {
        None => Ok((text, None)),
        Some(oddity) if oddity.code == Code::EncodingRefused => {
            Ok((text, Some(Encoded { bytes, what: oddity.message })))
        }
        // The product reads bytes that are no UTF-8 so.
        Some(_) => Ok((String::from_utf8_lossy(&bytes).into_owned(), None)),
    }
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
