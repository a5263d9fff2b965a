//! What both commands do first: load tables and answers, migrate each INPUT, join the reports.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use super::args::{Common, Format};
use super::terminal::Terminal;
use crate::decision::Decisions;
use crate::mapping::tables::Tables;
use crate::options::{Log4j2, Options};
use crate::pipeline::MigrateError;
use crate::read::encoding::{self, Syntax};
use crate::report::build::{self, Built, NodeFile};
use crate::report::model::Report;
use crate::report::text;
use crate::topology::source::Asked;

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
    /// How many INPUTs failed; each was told.
    pub failed: usize,
}

impl Gathered {
    /// The report as texts show it, with what they need besides.
    pub fn as_text<'g>(&'g self, common: &Common, inputs: &'g str) -> (&'g Report, text::Context<'g>) {
        let (report, files, secrets) = match &self.whole {
            Some((report, files)) if self.secrets => (report, files, true),
            _ => (&self.report, &self.files, false),
        };
        (report, text::Context { files, tables: &self.tables, target: common.target, inputs, secrets })
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
    let progress = terminal.progress(common.inputs.len());
    let work = |input: &PathBuf| {
        let migrated = migrate(input, &options, &tables, &answers, secrets || whole);
        progress.inc(1);
        migrated
    };
    // One INPUT needs no threads; of several the results come in the order of the INPUTs, whichever is done first.
    let migrated: Vec<Result<Migrated, MigrateError>> = match &common.inputs[..] {
        [input] => vec![work(input)],
        inputs => inputs.par_iter().map(work).collect(),
    };
    progress.finish_and_clear();
    let (mut masked, mut open, mut asked) = (Vec::new(), Vec::new(), Vec::new());
    let mut failed = 0;
    for input in migrated {
        match input {
            Ok(input) => {
                asked.extend(input.asked);
                open.push((input.name.clone(), input.open));
                masked.push((input.name, input.masked));
            }
            Err(error) => {
                terminal.error(error);
                failed += 1;
            }
        }
    }
    if masked.is_empty() {
        return None;
    }
    // A failed INPUT may be the one that would have asked.
    let unused = if failed == 0 { answers.unused() } else { Vec::new() };
    for error in &unused {
        terminal.error(error);
    }
    if !unused.is_empty() {
        return None;
    }
    let join = |inputs: Vec<(String, Vec<Built>)>| build::report(inputs, &options, &tables);
    let (report, files) = join(masked);
    let whole = (secrets || whole).then(|| join(open));
    Some(Gathered { tables, report, files, whole, secrets, asked, failed })
}

/// What came of one INPUT.
struct Migrated {
    name: String,
    /// Its deployments, secrets masked.
    masked: Vec<Built>,
    /// The same with the secrets, if that is needed.
    open: Vec<Built>,
    asked: Vec<Asked>,
}

fn migrate(
    input: &Path,
    options: &Options,
    tables: &Tables,
    answers: &Decisions,
    whole: bool,
) -> Result<Migrated, MigrateError> {
    let material = crate::pipeline::read(input)?;
    let migration = crate::migrate(&material, options, tables, answers)?;
    let deployments = migration.deployments.iter();
    Ok(Migrated {
        name: migration.input.clone(),
        masked: build::deployments(&migration, false),
        open: if whole { build::deployments(&migration, true) } else { Vec::new() },
        asked: deployments.flat_map(build::asked).collect(),
    })
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
            let bytes = std::fs::read(&file).map_err(|error| format!("{name}: cannot read the product's file: {error}"))?;
            let decoded = encoding::decode(&bytes, Syntax::Properties)
                .map_err(|damage| format!("{name}: {}", damage.message))?;
            Ok(Some(decoded.text.into_owned()))
        }
    }
}

fn read_answers(file: &Path) -> Result<Decisions, String> {
    let name = file.display().to_string();
    let bytes = std::fs::read(file).map_err(|error| format!("{name}: cannot read the answers: {error}"))?;
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
