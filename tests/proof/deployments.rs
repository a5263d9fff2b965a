//! Whole deployments before real products: our samples, the worked cases and the published deployments beside the
//! project. Each must be taken, well-formed, without dead keys, and with every converted setting found again.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use apim_migrate::decision::Decisions;
use apim_migrate::json;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::options::{Options, Placement};
use apim_migrate::pipeline::{MigrateError, migrate, read};
use apim_migrate::report::build;
use apim_migrate::verify::recorded::Recorded;
use apim_migrate::verify::{NodeFile, Promise, Proof, Prover, Totals, Work, text};
use apim_migrate::version::Target;
use libtest_mimic::{Failed, Trial};
use serde::Deserialize;

use super::products::{Release, targets};

/// What was proven, by release and target and kind of deployment.
pub type Figures = Arc<Mutex<BTreeMap<(String, &'static str), (u32, Totals)>>>;

/// A deployment.
#[derive(Clone)]
pub struct Case {
    kind: &'static str,
    /// The folder's name.
    pub name: String,
    input: PathBuf,
    traffic_manager: Option<Placement>,
}

#[derive(Deserialize)]
struct CaseFile {
    input: Option<String>,
    args: Vec<String>,
}

/// One test for each deployment, release and target; without a release they stand there by name, ignored.
pub fn trials(releases: &[Arc<Release>], figures: &Figures) -> Vec<Trial> {
    let cases = cases();
    let tables = Arc::new(Tables::built_in());
    if releases.is_empty() {
        let trial = |case: Case| Trial::test(format!("no-product::{}::{}", case.kind, case.name), || Ok(()));
        return cases.into_iter().map(|case| trial(case).with_ignored_flag(true)).collect();
    }
    let mut trials = Vec::new();
    for release in releases {
        for target in targets(release.version) {
            let head = format!("{} for {target}", release.products[0].name.rsplit(' ').next().unwrap_or_default());
            for case in cases.clone() {
                let (release, tables, figures, head) = (release.clone(), tables.clone(), figures.clone(), head.clone());
                let name = format!("{head}::{}::{}", case.kind, case.name);
                trials.push(Trial::test(name, move || {
                    let totals = prove(&case, &release, target, &tables)?;
                    let mut figures = figures.lock().unwrap_or_else(PoisonError::into_inner);
                    let (count, sum) = figures.entry((head, case.kind)).or_default();
                    *count += 1;
                    *sum += totals;
                    Ok(())
                }));
            }
        }
    }
    trials
}

/// Our own samples.
pub fn samples() -> Vec<Case> {
    let mut cases = Vec::new();
    for folder in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus")) {
        let Ok(file) = std::fs::read_to_string(folder.join("case.toml")) else { continue };
        let Ok(case) = toml::from_str::<CaseFile>(&file) else { continue };
        let placement = case.args.iter().any(|arg| arg == "control-plane").then_some(Placement::ControlPlane);
        let input = folder.join(case.input.as_deref().unwrap_or("in"));
        cases.push(Case { kind: "samples", name: name_of(&folder), input, traffic_manager: placement });
    }
    cases
}

fn cases() -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let shared = std::env::var_os("APIM_MIGRATE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let mut cases = samples();
    let plain = |kind, folder: &Path, input| Case { kind, name: name_of(folder), input, traffic_manager: None };
    for folder in folders(&shared.join("examples")).iter().filter(|folder| folder.join("in").is_dir()) {
        cases.push(plain("examples", folder, folder.join("in")));
    }
    for folder in folders(&shared.join("corpus")).iter().filter(|folder| !name_of(folder).starts_with('_')) {
        cases.push(plain("published", folder, folder.clone()));
    }
    cases
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(of).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A converted deployment, ready to be proven.
pub struct Prepared {
    /// The nodes' files.
    pub nodes: Vec<NodeFile>,
    /// What the report says of the old settings.
    pub promises: Vec<Promise>,
}

impl Prepared {
    /// The work for a prover.
    pub fn work<'w>(&'w self, release: &'w Release, tables: &'w Tables) -> Work<'w> {
        Work { files: &self.nodes, promises: &self.promises, products: &release.products, tables }
    }
}

/// Converts a deployment; `None` if nothing of it can be converted, which is no matter of the product.
pub fn prepare(case: &Case, target: Target, tables: &Tables) -> Result<Option<Prepared>, Failed> {
    let options = Options { target, traffic_manager: case.traffic_manager, ..Options::default() };
    let material = read(&case.input)?;
    let migration = match migrate(&material, &options, tables, &Decisions::default()) {
        Ok(migration) => migration,
        Err(MigrateError::Nothing { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let (report, files) = build::report(vec![build::input(&migration, true)], &options, tables);
    let recorded = Recorded::read(&json::text(&report))?;
    let texts: BTreeMap<&str, &str> =
        files.iter().flatten().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let nodes: Vec<NodeFile> = recorded
        .nodes()
        .filter_map(|(deployment, node)| {
            let text = (*texts.get(node.file.as_str())?).to_owned();
            Some(node.to_prove(deployment, text))
        })
        .collect();
    Ok(Some(Prepared { nodes, promises: recorded.promises() }))
}

fn prove(case: &Case, release: &Release, target: Target, tables: &Tables) -> Result<Totals, Failed> {
    let Some(prepared) = prepare(case, target, tables)? else { return Ok(Totals::default()) };
    let prove = |prover: &Mutex<Prover>| {
        let mut prover = prover.lock().unwrap_or_else(PoisonError::into_inner);
        prover.prove(prepared.work(release, tables))
    };
    let proof = prove(&release.prover)?;
    if !proof.is_clean() {
        return Err(text::faults(&proof).into());
    }
    match disagreement(&proof, &prove(&release.reader)?) {
        Some(what) => Err(format!("without Java, {what}").into()),
        None => Ok(proof.totals),
    }
}

/// What the proof without Java says otherwise than the mapper's.
fn disagreement(mapper: &Proof, reader: &Proof) -> Option<String> {
    for (ours, theirs) in reader.nodes.iter().zip(&mapper.nodes) {
        let key = ours.keys.iter().zip(&theirs.keys).find(|(ours, theirs)| ours != theirs);
        if let Some((ours, theirs)) = key {
            return Some(format!("{ours:?} for {theirs:?}"));
        }
        if let Some(complaint) = ours.complaints.first() {
            return Some(format!("{}: {complaint:?}", ours.file));
        }
    }
    let setting = reader.settings.iter().zip(&mapper.settings).find(|(ours, theirs)| ours != theirs);
    setting
        .map(|(ours, theirs)| format!("{ours:?} for {theirs:?}"))
        .or_else(|| (reader.totals != mapper.totals).then(|| format!("{:?}", reader.totals)))
}

/// The figures as a table for docs/proof.md.
pub fn table(figures: &Figures) -> String {
    use std::fmt::Write as _;
    let figures = figures.lock().unwrap_or_else(PoisonError::into_inner);
    let mut out = "| product | deployments | files | accepted | rendered | malformed | keys | dead | covered | idle | confirmed | changed | lost |\n\
                   | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
        .to_owned();
    for ((head, kind), (count, totals)) in &*figures {
        let Totals {
            files, accepted, rendered, malformed, keys, dead, covered, idle, confirmed, changed, lost, ..
        } = totals;
        let _ = writeln!(
            out,
            "| {head}, {kind} | {count} | {files} | {accepted} | {rendered} | {malformed} | {keys} | {dead} | {covered} | {idle} | {confirmed} | {changed} | {lost} |"
        );
    }
    out
}
