//! What both commands do first: load tables and answers, migrate each INPUT, join the reports.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::args::{Common, Format};
use super::terminal::Terminal;
use super::work::each;
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
use crate::topology::source::{self, Asked};

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
    pub fn as_text<'g>(&'g self, common: &Common, inputs: &'g str) -> (&'g Report, text::Context<'g>) {
        let (report, files, secrets) = match &self.whole {
            Some((report, files)) if self.secrets => (report, files, true),
            _ => (&self.report, &self.files, false),
        };
        (report, text::Context { files, tables: &self.tables, inputs, secrets, fail_on: common.fail_on })
    }
}

/// Does it; what went wrong is told, and `None` means that nothing came out. With `whole` the report with the secrets
/// is made too.
pub fn gather(common: &Common, whole: bool, terminal: Terminal) -> Option<Gathered> {
    let product_logging = product_logging(common).map_err(|error| terminal.error(error)).ok()?;
    let options = common.options(product_logging);
    let tables = match &common.mappings {
        None => Ok(Tables::built_in()),
        Some(folder) => Tables::with_folder(folder),
    };
    let tables = tables.map_err(|error| terminal.error(error)).ok()?;
    let answers = match &common.decisions {
        None => Decisions::default(),
        Some(file) => read_answers(file).map_err(|error| terminal.error(error)).ok()?,
    };
    let secrets = common.show_secrets && common.format == Format::Text && Terminal::is_terminal();
    if common.show_secrets && !secrets {
        terminal.talk("note: --show-secrets is for texts on a terminal: secrets stay masked");
    }
    if let Some(twice) = given_twice(&common.inputs) {
        terminal.error(format!("{} is given twice: give each INPUT once", twice.display()));
        return None;
    }
    let jobs = jobs(&common.inputs, common.together, &answers);
    let progress = terminal.progress(jobs.len());
    let migrated: Vec<Result<Migrated, GatherError>> = each(&jobs, |inputs| {
        let migrated = guarded(|| migrate(inputs, &options, &tables, &answers, secrets || whole));
        progress.inc(1);
        match migrated {
            Ok(migrated) => Ok(migrated?),
            Err(bug) => Err(GatherError::Bug { name: inputs[0].display().to_string(), bug }),
        }
    });
    progress.finish_and_clear();
    let (mut masked, mut open, mut asked, mut voices) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let mut failed = 0;
    let mut joined: BTreeSet<String> = common.inputs.iter().map(|input| crate::read::input::name(input)).collect();
    for (inputs, input) in jobs.iter().zip(migrated) {
        match input {
            Ok(input) => {
                asked.extend(input.asked);
                joined.extend(input.joined);
                voices.push(input.voices);
                open.push(input.open);
                masked.push(input.masked);
            }
            Err(error) => {
                terminal.error_with(&error, &error.excerpts());
                failed += 1;
                let name = crate::read::input::name(&inputs[0]);
                let built = BuiltInput::failed(name, error.reason());
                voices.push(Vec::new());
                open.push(built.clone());
                masked.push(built);
            }
        }
    }
    if failed == jobs.len() {
        return None;
    }
    // A failed INPUT may be the one that would have asked.
    let mut unused = if failed == 0 { answers.unused() } else { Vec::new() };
    if failed == 0 && !common.together {
        let names = source::together(&answers).into_iter().flatten().filter(|name| !joined.contains(name));
        unused.extend(names.flat_map(|name| answers.misnamed("together", &name)));
    }
    for error in &unused {
        terminal.error(error);
    }
    if !unused.is_empty() {
        return None;
    }
    let join = |inputs: Vec<BuiltInput>| {
        let (mut report, files) = build::report(inputs, &options, &tables);
        report.findings.extend(voice::name_each_other(&voices, &report));
        status::settle(&mut report, failed > 0);
        (report, files)
    };
    let (report, files) = join(masked);
    let whole = (secrets || whole).then(|| join(open));
    Some(Gathered { tables, report, files, whole, secrets, asked })
}

/// An INPUT that is there before, under this name or another one: its servers would be counted twice.
fn given_twice(inputs: &[PathBuf]) -> Option<&PathBuf> {
    let mut known = BTreeSet::new();
    // What cannot be found is told of where it is read.
    inputs.iter().find(|input| input.canonicalize().is_ok_and(|real| !known.insert(real)))
}

/// Why nothing came of one INPUT.
#[derive(Debug, thiserror::Error)]
enum GatherError {
    #[error(transparent)]
    Migrate(#[from] MigrateError),
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
            Self::Migrate(MigrateError::Nothing { findings, .. }) => &findings[..],
            _ => &[],
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
    /// The names of the decision `together` that are of its deployments.
    joined: BTreeSet<String>,
}

fn migrate(
    inputs: &[PathBuf],
    options: &Options,
    tables: &Tables,
    answers: &Decisions,
    whole: bool,
) -> Result<Migrated, MigrateError> {
    let materials: Vec<Material> = inputs.iter().map(|input| crate::pipeline::read(input)).collect::<Result<_, _>>()?;
    let material = Material::together(materials);
    let migration = crate::migrate(&material, options, tables, answers)?;
    let deployments = migration.deployments.iter();
    let asked = deployments.flat_map(build::asked).chain(migration.asked.iter().cloned()).collect();
    Ok(Migrated {
        masked: build::input(&migration, false),
        open: if whole { build::input(&migration, true) } else { BuiltInput::default() },
        asked,
        voices: migration.deployments.iter().map(Voice::of).collect(),
        joined: migration.joined.clone(),
    })
}

/// The INPUTs, those together that the administrator says are one deployment.
fn jobs(inputs: &[PathBuf], together: bool, answers: &Decisions) -> Vec<Vec<PathBuf>> {
    if together {
        return vec![inputs.to_vec()];
    }
    let sets = source::together(answers);
    let mut jobs: Vec<(Option<usize>, Vec<PathBuf>)> = Vec::new();
    for input in inputs {
        let name = crate::read::input::name(input);
        let set = sets.iter().position(|set| set.contains(&name));
        match jobs.iter_mut().find(|(known, _)| set.is_some() && *known == set) {
            Some((_, job)) => job.push(input.clone()),
            None => jobs.push((set, vec![input.clone()])),
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

/// The INPUTs as a command to run next shows them. Absolute paths are this machine's business: they stay out of
/// results.
pub fn inputs(common: &Common) -> String {
    let shown = |path: &Path| {
        if path.is_absolute() {
            "INPUT".to_owned()
        } else {
            let text = path.display().to_string();
            if text.contains(char::is_whitespace) { format!("'{text}'") } else { text }
        }
    };
    let mut inputs: Vec<String> = common.inputs.iter().map(|path| shown(path)).collect();
    inputs.dedup();
    inputs.join(" ")
}
