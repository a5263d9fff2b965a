//! What both commands do first: load tables and answers, migrate each INPUT, join the reports.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Common, Format};
use super::exit::Exit;
use super::join;
use super::next::Next;
use super::terminal::Terminal;
use super::work::each;
use crate::cut::Joined;
use crate::decision::Decisions;
use crate::guard::{Bug, guarded};
use crate::mapping::tables::Tables;
use crate::options::{Log4j2, Options};
use crate::pipeline::{Material, MigrateError};
use crate::read::encoding::{self, Syntax};
use crate::read::input::read_file;
use crate::report::build::{self, BuiltInput, NodeFile};
use crate::report::model::Report;
use crate::report::status;
use crate::report::text;
use crate::report::voice::{self, Voice};
use crate::topology::source::Asked;

/// The largest file of answers, in bytes: the answers of a thousand deployments take less than 1 MiB.
const ANSWERS_LIMIT: u64 = 16 << 20;
/// The largest logging file of a product, in bytes: the shipped ones have 30 KiB.
const LOGGING_LIMIT: u64 = 16 << 20;

/// All INPUTs, migrated.
pub struct Gathered {
    pub tables: Tables,
    /// The report, secrets masked.
    pub report: Report,
    /// The files of each deployment of the report.
    pub files: Vec<Vec<NodeFile>>,
    /// The report and files with the secrets: for a terminal that shows them, and for the proof.
    pub whole: Option<(Report, Vec<Vec<NodeFile>>)>,
    /// Whether the terminal shows secrets.
    pub secrets: bool,
    /// What was asked.
    pub asked: Vec<Asked>,
}

impl Gathered {
    /// The report as texts show it, with what they need besides.
    pub fn as_text<'g>(&'g self, common: &Common, next: &'g Next) -> (&'g Report, text::Context<'g>) {
        let (report, files, secrets) = match &self.whole {
            Some((report, files)) if self.secrets => (report, files, true),
            _ => (&self.report, &self.files, false),
        };
        (
            report,
            text::Context {
                files,
                tables: &self.tables,
                inputs: &next.arguments,
                answers: next.answers.as_deref(),
                secrets,
                fail_on: common.fail_on,
            },
        )
    }
}

/// Why nothing came of any INPUT. What went wrong is told already.
#[derive(Debug, Default)]
pub struct Nothing {
    /// The same for programs, where there were INPUTs to speak of.
    report: Option<Box<Report>>,
}

impl Nothing {
    /// Ends the command: a program that asked for JSON is told what a person was.
    pub fn end(self, common: &Common, terminal: Terminal) -> Exit {
        if let Some(report) = self.report.filter(|_| common.format == Format::Json) {
            show_failed(&report, terminal);
        }
        Exit::Failed
    }
}

/// Does it; what went wrong is told. With `whole` the report with the secrets is made too.
pub fn gather(common: &Common, whole: bool, terminal: Terminal) -> Result<Gathered, Nothing> {
    let told = |error: &dyn std::fmt::Display| {
        terminal.error(error);
        Nothing::default()
    };
    let product_logging = product_logging(common).map_err(|error| told(&error))?;
    let options = common.options(product_logging);
    let tables = match &common.mappings {
        None => Ok(Tables::built_in()),
        Some(folder) => Tables::with_folder(folder),
    };
    let tables = tables.map_err(|error| told(&error))?;
    let answers = match &common.decisions {
        None => Decisions::default(),
        Some(file) => read_answers(file).map_err(|error| told(&error))?,
    };
    let secrets = common.show_secrets && common.format == Format::Text && Terminal::is_terminal();
    if common.show_secrets && !secrets {
        terminal.talk("note: --show-secrets is for texts on a terminal: secrets stay masked");
    }
    if let Some(twice) = given_twice(&common.inputs) {
        return Err(told(&format!("{} is given twice: give each INPUT once", twice.display())));
    }
    let jobs = jobs(&common.inputs, common.together, &answers);
    let progress = terminal.progress(jobs.len());
    let done: Vec<Job> = each(&jobs, |inputs| {
        let done = work(inputs, common.together, &options, &tables, &answers, secrets || whole);
        progress.inc(1);
        done
    });
    progress.finish_and_clear();
    let (mut masked, mut open, mut asked, mut voices) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut joined, mut grouped, mut failed) = (Vec::new(), BTreeSet::new(), false);
    let names = names_of(&common.inputs);
    for (inputs, job) in jobs.iter().zip(done) {
        if let Some(migrated) = job.migrated {
            let called = |built: BuiltInput| match &inputs[..] {
                [input] => BuiltInput { name: names[input].clone(), ..built },
                _ => built,
            };
            asked.extend(migrated.asked);
            joined.push(migrated.joined);
            grouped.extend(migrated.grouped);
            voices.push(migrated.voices);
            open.push(called(migrated.open));
            masked.push(called(migrated.masked));
        }
        for (input, error) in &job.failed {
            failed = true;
            let built = BuiltInput::failed(names[input].clone(), error.reason());
            voices.push(Vec::new());
            open.push(built.clone());
            masked.push(built);
        }
        // What failed alike for all of them is told once.
        let mut told = BTreeSet::new();
        for (_, error) in job.failed.iter().filter(|(_, error)| told.insert(error.to_string())) {
            terminal.error_with(error, &error.excerpts());
        }
    }
    let join = |inputs: Vec<BuiltInput>| {
        let (mut report, files) = build::report(inputs, &options, &tables);
        report.findings.extend(voice::name_each_other(&voices, &report));
        status::settle(&mut report, failed);
        (report, files)
    };
    if masked.iter().all(|input| input.deployments.is_empty()) {
        return Err(Nothing { report: Some(Box::new(join(masked).0)) });
    }
    // A failed INPUT may be the one that would have asked, and the one that is named.
    let mut wrong = if failed { Vec::new() } else { answers.unused() };
    let misnamed = join::misnamed(&common.inputs, &answers, common.together, &joined, &grouped);
    for error in wrong.iter().chain(&misnamed) {
        terminal.error(error);
    }
    if !failed {
        wrong.extend(misnamed);
    }
    if !wrong.is_empty() {
        return Err(Nothing::default());
    }
    let (report, files) = join(masked);
    let whole = (secrets || whole).then(|| join(open));
    Ok(Gathered { tables, report, files, whole, secrets, asked })
}

/// Shows a program what a person was told: why nothing came of it, INPUT by INPUT.
pub fn show_failed(report: &Report, terminal: Terminal) {
    if let Err(error) = terminal.write(&|out| crate::json::write(report, out)) {
        terminal.error(format!("cannot write the result: {error}"));
    }
}

/// What reports call each INPUT: its name, and of several of one name as much of the path as tells them apart.
fn names_of(inputs: &[PathBuf]) -> BTreeMap<&PathBuf, String> {
    let mut names: BTreeMap<&PathBuf, String> =
        inputs.iter().map(|input| (input, crate::read::input::name(input))).collect();
    let whole: BTreeMap<&PathBuf, String> = inputs
        .iter()
        .map(|input| (input, input.to_string_lossy().replace('\\', "/").trim_matches(['/', '.']).to_owned()))
        .collect();
    loop {
        let mut counts: BTreeMap<String, usize> = BTreeMap::new();
        for name in names.values() {
            *counts.entry(name.clone()).or_default() += 1;
        }
        let mut grown = false;
        for (input, name) in names.iter_mut().filter(|(_, name)| counts[*name] > 1) {
            let Some(above) = whole[input].strip_suffix(name.as_str()).and_then(|above| above.strip_suffix('/')) else {
                continue;
            };
            let folder = above.rsplit('/').next().unwrap_or(above);
            if !folder.is_empty() && !matches!(folder, "." | "..") {
                *name = format!("{folder}/{name}");
                grown = true;
            }
        }
        if !grown {
            return names;
        }
    }
}

/// An INPUT that is there before, under this name or another one: its servers would be counted twice.
fn given_twice(inputs: &[PathBuf]) -> Option<&PathBuf> {
    let mut known = BTreeSet::new();
    // What cannot be found is told of where it is read.
    inputs.iter().find(|input| input.canonicalize().is_ok_and(|real| !known.insert(real)))
}

/// Why nothing came of one INPUT.
#[derive(Clone, Debug, thiserror::Error)]
enum GatherError {
    #[error(transparent)]
    Migrate(Arc<MigrateError>),
    #[error("apim-migrate failed on {name}: {bug}")]
    Bug { name: String, bug: Bug },
}

impl GatherError {
    /// Why, without the INPUT's path as it was given: absolute ones are this machine's business.
    fn reason(&self) -> String {
        match self {
            Self::Migrate(error) => error.reason(),
            Self::Bug { bug, .. } => bug.to_string(),
        }
    }

    /// The lines where reading stopped, where nothing could be read.
    fn excerpts(&self) -> String {
        let findings = match self {
            Self::Migrate(error) => match &**error {
                MigrateError::Nothing { findings, .. } => &findings[..],
                _ => &[],
            },
            Self::Bug { .. } => &[],
        };
        let excerpts = findings.iter().filter_map(|found| Some((found.place.as_ref()?.line, found.excerpt.as_ref()?)));
        excerpts.flat_map(|(line, excerpt)| excerpt.lines(line)).map(|line| line + "\n").collect()
    }
}

/// What came of one INPUT, or of several that are one deployment.
struct Migrated {
    /// What is shown, secrets masked.
    masked: BuiltInput,
    /// The same with the secrets, if that is needed.
    open: BuiltInput,
    asked: Vec<Asked>,
    /// What its deployments are called, and whom they name.
    voices: Vec<Voice>,
    /// What came of the decision `together` in it.
    joined: Joined,
    /// The nodes of the decision `grouping` that are in it.
    grouped: BTreeSet<String>,
}

/// What came of INPUTs that are worked on together.
struct Job {
    migrated: Option<Migrated>,
    /// The INPUTs of which nothing came.
    failed: Vec<(PathBuf, GatherError)>,
}

/// Reads each of the INPUTs and migrates what could be read: one that cannot be read does not stop the others.
fn work(
    inputs: &[PathBuf],
    together: bool,
    options: &Options,
    tables: &Tables,
    answers: &Decisions,
    whole: bool,
) -> Job {
    let bug = |input: &PathBuf, bug| GatherError::Bug { name: input.display().to_string(), bug };
    let (mut materials, mut failed, mut read) = (Vec::new(), Vec::new(), Vec::new());
    for input in inputs {
        match guarded(|| crate::pipeline::read(input)) {
            Ok(Ok(material)) => {
                materials.push(material);
                read.push(input);
            }
            Ok(Err(error)) => failed.push((input.clone(), GatherError::Migrate(Arc::new(error)))),
            Err(found) => failed.push((input.clone(), bug(input, found))),
        }
    }
    let material = match inputs {
        [_] if together => materials.pop().map(Material::as_one),
        [_] => materials.pop(),
        _ => Some(Material::together(materials)),
    };
    let Some(material) = material.filter(|_| !read.is_empty()) else { return Job { migrated: None, failed } };
    let error = match guarded(|| migrate(&material, options, tables, answers, whole)) {
        Ok(Ok(migrated)) => return Job { migrated: Some(migrated), failed },
        Ok(Err(error)) => GatherError::Migrate(Arc::new(error)),
        Err(found) => bug(read[0], found),
    };
    failed.extend(read.into_iter().map(|input| (input.clone(), error.clone())));
    Job { migrated: None, failed }
}

fn migrate(
    material: &Material,
    options: &Options,
    tables: &Tables,
    answers: &Decisions,
    whole: bool,
) -> Result<Migrated, MigrateError> {
    let migration = crate::migrate(material, options, tables, answers)?;
    let deployments = migration.deployments.iter();
    let asked = deployments.flat_map(build::asked).chain(migration.asked.iter().cloned()).collect();
    Ok(Migrated {
        masked: build::input(&migration, false),
        open: if whole { build::input(&migration, true) } else { BuiltInput::default() },
        asked,
        voices: migration.deployments.iter().map(Voice::of).collect(),
        joined: migration.joined.clone(),
        grouped: migration.grouped.clone(),
    })
}

/// The INPUTs, those together that the administrator says are one deployment.
fn jobs(inputs: &[PathBuf], together: bool, answers: &Decisions) -> Vec<Vec<PathBuf>> {
    if together {
        return vec![inputs.to_vec()];
    }
    let groups = answers.together();
    let mut jobs: Vec<(Option<usize>, Vec<PathBuf>)> = Vec::new();
    for input in inputs {
        let group = groups.iter().position(|group| group.iter().any(|member| join::is_called(input, &member.name)));
        match jobs.iter_mut().find(|(known, _)| group.is_some() && *known == group) {
            Some((_, job)) => job.push(input.clone()),
            None => jobs.push((group, vec![input.clone()])),
        }
    }
    jobs.into_iter().map(|(_, job)| job).collect()
}

/// The text of the product's own logging file, if additions are merged into it.
fn product_logging(common: &Common) -> Result<Option<String>, String> {
    match (common.log4j2, common.product.first().map(|product| &product.home)) {
        (Log4j2::Additions, _) => Ok(None),
        (Log4j2::Whole, None) => Err(
            "--log4j2 whole needs --product HOME: the home of the new product, whose repository/conf/log4j2.properties \
             is taken as it is and extended"
                .to_owned(),
        ),
        (Log4j2::Whole, Some(home)) => {
            let file = home.join("repository/conf").join(crate::logging::WHOLE);
            let name = file.display();
            let bytes = read_file(&file, LOGGING_LIMIT)
                .map_err(|unread| format!("{name}: cannot read the product's file: {unread}"))?;
            let decoded = encoding::decode(&bytes, Syntax::Properties)
                .map_err(|damage| format!("{name}: {}", damage.message))?;
            Ok(Some(decoded.text.into_owned()))
        }
    }
}

fn read_answers(file: &Path) -> Result<Decisions, String> {
    let name = file.display().to_string();
    let bytes = read_file(file, ANSWERS_LIMIT).map_err(|unread| match file.symlink_metadata() {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => format!("no such file: {name}"),
        _ => format!("{name}: cannot read the answers: {unread}"),
    })?;
    let text = String::from_utf8(bytes).map_err(|_| format!("{name}: the answers are not UTF-8 text"))?;
    Decisions::read(&text, &name).map_err(|error| error.to_string())
}
