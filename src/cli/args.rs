//! What can be said on the command line.

use std::path::PathBuf;

use clap::builder::{PossibleValue, TypedValueParser};
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::check::read::Against;
use crate::diagnostic::Code;
use crate::limits::{self, Limit};
use crate::options::{Log4j2, Options, Placement};
use crate::report::status::FailOn;
use crate::role::Profile;
use crate::version::{Target, Version, known_versions, source_version};

/// Moves old WSO2 API Manager deployments to the profiles of 4.x.
#[derive(Debug, Parser)]
#[command(name = "apim-migrate", version, about, max_term_width = 120, after_help = AFTER)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// Another limit on how much is taken; may be given several times. Names: file-bytes, bytes, files, folders,
    /// folder-depth, archive-depth, settings (of a file), attributes (of an element), and of a deployment: nodes,
    /// environments, unknown (settings that no row and no key speaks of).
    #[arg(long, global = true, value_name = "NAME=NUMBER", value_parser = limits::parse)]
    pub limit: Vec<(Limit, usize)>,
}

const AFTER: &str = "\
Exit codes: 0 done, nothing open; 1 an error, nothing was written (with several INPUTs: for none); 2 done, and a person \
must decide or do something (an open decision or conflict, a manual or unknown setting, an error among the findings; \
--fail-on moves the line); 3 done, but something is missing (an input or file was not read, a node or deployment was \
left out, or a proof that was asked for did not confirm). The higher of 2 and 3 holds.";

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// The dry run: show what would be written, why, and what is open; write nothing.
    Plan(PlanArgs),
    /// Write a deployment.toml for each new node, and migration-report.json.
    Convert(ConvertArgs),
    /// Prove written files with the target product itself: its own config mapper renders them, on scratch copies.
    Verify(VerifyArgs),
    /// Check deployment.toml files of 3.x and 4.x, each by itself and the nodes of a deployment together.
    Check(CheckArgs),
    /// Explain a name: a key of deployment.toml, a path of an old file or a part of it, a row, a finding, a question.
    Explain(ExplainArgs),
    /// What is known of deployment.toml: keys by word, changes between versions, a schema for editors.
    Catalog(CatalogArgs),
    /// Print a script that completes the command line in a shell.
    Completions {
        /// The shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
    /// What the mapping tables hold: figures, all rows to read, tests of your own ones.
    Mappings(MappingsArgs),
}

/// `check`.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// deployment.toml files, servers' homes, folders of nodes or of deployments, or archives of these.
    #[arg(required = true, value_name = "PATH")]
    pub paths: Vec<PathBuf>,
    /// What the files are checked for: a target of `convert`, or `own`: each for the version that it is for.
    #[arg(long, default_value = "current", value_name = "TARGET", value_parser = against)]
    pub target: Against,
    /// What the servers do, where their files do not tell.
    #[arg(long, value_enum)]
    pub profile: Option<Profile>,
    /// Make an error of this code; may be given several times.
    #[arg(long, value_name = "CODE", value_parser = code)]
    pub deny: Vec<Code>,
    /// Do not tell this code; may be given several times.
    #[arg(long, value_name = "CODE", value_parser = code)]
    pub allow: Vec<Code>,
    /// From what on a person must look (exit code 2): never, error, or warning. The files leave no questions: open
    /// and manual, words of plan and convert, mean error here.
    #[arg(long, value_enum, default_value = "error", value_name = "WHAT", hide_possible_values = true)]
    pub fail_on: FailOn,
    /// How the result is shown.
    #[arg(long, value_enum, default_value_t)]
    pub format: CheckFormat,
    /// Say nothing on stderr but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

/// How the result of `check` is shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum CheckFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
    /// For code scanners and editors (SARIF 2.1.0).
    Sarif,
}

fn against(text: &str) -> Result<Against, String> {
    if text == "own" {
        return Ok(Against::Own);
    }
    Target::from_str(text, false).map(Against::Target).map_err(|_| format!("expected {} or own", targets()))
}

fn code(text: &str) -> Result<Code, String> {
    crate::check::code(text).map_err(|near| match &near[..] {
        [] => "no such code: docs/findings.md lists them".to_owned(),
        near => format!("no such code; did you mean `{}`?", near.join("` or `")),
    })
}

/// `explain`.
#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The name, as you have it: `APIKeyValidator/ServerURL`, `[apim.throttling] url_group`, `url-group-mixed`.
    #[arg(required = true, value_name = "WHAT")]
    pub what: Vec<String>,
    /// How the result is shown.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Mapping tables of your own, over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub mappings: Option<PathBuf>,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

/// `catalog`.
#[derive(Debug, Args)]
pub struct CatalogArgs {
    /// What about it.
    #[command(subcommand)]
    pub command: CatalogCommand,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    pub color: Color,
}

/// What about deployment.toml.
#[derive(Debug, Subcommand)]
pub enum CatalogCommand {
    /// Keys that have all the words in their name, or in the places that they drive.
    Search {
        /// The words.
        #[arg(required = true, value_name = "WORD")]
        words: Vec<String>,
        /// Only keys that this target reads.
        #[arg(long, value_enum)]
        target: Option<Target>,
        /// Only keys that this profile reads.
        #[arg(long, value_enum)]
        profile: Option<Profile>,
        /// How the result is shown.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// What changed between two versions: keys renamed, gone, new, and with another default.
    Diff {
        /// The old version.
        #[arg(value_name = "FROM", value_parser = version)]
        from: Version,
        /// The new version.
        #[arg(value_name = "TO", value_parser = version)]
        to: Version,
        /// Only what this profile reads.
        #[arg(long, value_enum)]
        profile: Option<Profile>,
        /// How the result is shown.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// A JSON Schema (draft-07) of deployment.toml, for editors.
    Schema {
        /// The version that the file is for.
        #[arg(long, value_enum, default_value_t)]
        target: Target,
        /// What the server does.
        #[arg(long, value_enum, default_value = "all-in-one")]
        profile: Profile,
    },
}

/// `mappings`.
#[derive(Debug, Args)]
pub struct MappingsArgs {
    /// What about them.
    #[command(subcommand)]
    pub command: MappingsCommand,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN", global = true)]
    pub color: Color,
}

/// What about the mapping tables.
#[derive(Debug, Subcommand)]
pub enum MappingsCommand {
    /// Count, by file and version, the leaves of 2.1, 2.5 and 2.6 and what becomes of them once changed.
    Stats {
        /// How the figures are shown.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Write all rows as a page of Markdown to stdout.
    Docs {
        /// Mapping tables of your own, over the built-in ones.
        #[arg(long, value_name = "DIR")]
        mappings: Option<PathBuf>,
    },
    /// Compare the built-in tables with those of a product: keys and defaults that only one of the two knows.
    Audit {
        /// The home of the product.
        #[arg(long, value_name = "HOME")]
        product: PathBuf,
        /// How the differences are shown.
        #[arg(long, value_enum, default_value_t)]
        format: Format,
    },
    /// Load tables of your own over the built-in ones and run their examples.
    Test {
        /// The folder of the tables.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
}

/// `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// The folder of an earlier `convert`, or any folder with deployment.toml files in it.
    #[arg(value_name = "DIR")]
    pub folder: PathBuf,
    /// The home of the new product; PROFILE=HOME for one profile's own distribution (4.5 and later). May be repeated.
    #[arg(long, value_name = "[PROFILE=]HOME", required = true, value_parser = product)]
    pub product: Vec<ProductArg>,
    /// Without Java: read the product's tables instead of running its mapper.
    #[arg(long = "static")]
    pub without_java: bool,
    /// The old deployment: convert it again, and look for each of its values, secrets too.
    #[arg(long, value_name = "INPUT")]
    pub legacy: Vec<PathBuf>,
    /// The answers that the conversion had (with `--legacy`).
    #[arg(long, value_name = "FILE", requires = "legacy")]
    pub decisions: Option<PathBuf>,
    /// Mapping tables of your own, over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub mappings: Option<PathBuf>,
    /// How results are shown.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Say nothing on stderr but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

/// A product's home, and the profile that it is for if it is for one only.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProductArg {
    /// The profile.
    pub profile: Option<Profile>,
    /// The home.
    pub home: PathBuf,
}

fn product(text: &str) -> Result<ProductArg, String> {
    let profiles = [Profile::ControlPlane, Profile::GatewayWorker, Profile::TrafficManager, Profile::AllInOne];
    match text.split_once('=') {
        Some((word, home)) => match profiles.into_iter().find(|profile| profile.word() == word) {
            Some(profile) => Ok(ProductArg { profile: Some(profile), home: home.into() }),
            // A folder may have such a name.
            None if word.contains(['/', '\\', '.']) => Ok(ProductArg { profile: None, home: text.into() }),
            None => Err(format!("`{word}` is no profile: {}", profiles.map(Profile::word).join(", "))),
        },
        None => Ok(ProductArg { profile: None, home: text.into() }),
    }
}

/// `plan`.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// What both commands take.
    #[command(flatten)]
    pub common: Common,
    /// Write a file of answers with what holds now, ready to be edited.
    #[arg(long, value_name = "FILE")]
    pub write_decisions: Option<PathBuf>,
}

/// `convert`.
#[derive(Debug, Args)]
pub struct ConvertArgs {
    /// What both commands take.
    #[command(flatten)]
    pub common: Common,
    /// The folder to write: new, empty, or an earlier output of this tool.
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// Write to a folder that holds other files too, and over written files that were changed by hand; other files stay,
    /// but for those that have a name of ours.
    #[arg(long)]
    pub force: bool,
    /// Leave written files that were changed by hand as they are, and write the rest.
    #[arg(long, conflicts_with = "force")]
    pub keep_edited: bool,
}

/// What both commands take.
#[derive(Debug, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Common {
    /// Files, servers' homes, folders of nodes or of deployments, or .zip, .tar, .tar.gz archives of these.
    #[arg(required = true, value_name = "INPUT")]
    pub inputs: Vec<PathBuf>,
    /// What to write for [default: current, or what the source is of, where that is newer].
    #[arg(long, value_name = "VERSION", value_parser = Targets)]
    pub target: Option<Target>,
    /// Whether the traffic manager is a node of its own [default: as the old deployment had it].
    #[arg(long, value_enum, value_name = "WHERE")]
    pub traffic_manager: Option<Placement>,
    /// Mapping tables of your own, over the built-in ones.
    #[arg(long, value_name = "DIR")]
    pub mappings: Option<PathBuf>,
    /// Answers to the questions that `plan` shows (TOML).
    #[arg(long, value_name = "FILE")]
    pub decisions: Option<PathBuf>,
    /// The version of the old product, where its files do not tell.
    #[arg(long, value_name = "VERSION", value_parser = source_version)]
    pub source_version: Option<Version>,
    /// Also write settings at their old default where the new default differs.
    #[arg(long)]
    pub keep_legacy_defaults: bool,
    /// Take all INPUTs as one deployment.
    #[arg(long)]
    pub together: bool,
    /// Also write a new node when the file that says what one of its old nodes is could not be read.
    #[arg(long)]
    pub partial: bool,
    /// How logging is written: what was added to the old default, or the product's own file with that in it.
    #[arg(long, value_enum, default_value_t, value_name = "HOW")]
    pub log4j2: Log4j2,
    /// The home of the new product: `convert` proves with it before it writes; PROFILE=HOME for one profile's own
    /// distribution. May be repeated. `--log4j2 whole` takes the first one's logging.
    #[arg(long, value_name = "[PROFILE=]HOME", value_parser = product)]
    pub product: Vec<ProductArg>,
    /// Write the user store's type with `_unique_id`: for users that the migration client gave ids already.
    #[arg(long)]
    pub unique_id: bool,
    /// Say behind each written key where it comes from: unit, old file and setting, or what it was derived from.
    #[arg(long)]
    pub annotate: bool,
    /// How results are shown.
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Say nothing on stderr but errors.
    #[arg(long, short)]
    pub quiet: bool,
    /// From what on a person must look (exit code 2); each includes those before it: never; error (error findings);
    /// open (open decisions and conflicts); manual (manual and unknown settings); warning (warning findings).
    #[arg(long, value_enum, default_value_t, value_name = "WHAT", hide_possible_values = true)]
    pub fail_on: FailOn,
    /// Show secrets, in texts on a terminal only.
    #[arg(long)]
    pub show_secrets: bool,
    /// When to use colours.
    #[arg(long, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
}

impl Common {
    /// What the stages take; `product_logging` is the text of the product's own file, if that is asked for.
    #[must_use]
    pub fn options(&self, product_logging: Option<String>) -> Options {
        Options {
            target: self.target.unwrap_or_default(),
            follows_source: self.target.is_none(),
            traffic_manager: self.traffic_manager,
            keep_legacy_defaults: self.keep_legacy_defaults,
            unique_id: self.unique_id,
            annotate: self.annotate,
            partial: self.partial,
            source_version: self.source_version,
            product_logging,
        }
    }
}

/// How results are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// When to use colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Reads a target: the versions are named where there is none, and none is guessed from a part of one.
#[derive(Clone)]
struct Targets;

impl TypedValueParser for Targets {
    type Value = Target;

    fn parse_ref(
        &self,
        command: &clap::Command,
        arg: Option<&clap::Arg>,
        value: &std::ffi::OsStr,
    ) -> Result<Target, clap::Error> {
        let read = |text: &str| {
            let none = |_| format!("there is no such version to write for: expected one of {}", targets());
            Target::from_str(text, false).map_err(none)
        };
        TypedValueParser::parse_ref(&read, command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(Target::value_variants().iter().filter_map(ValueEnum::to_possible_value)))
    }
}

/// The names of all targets.
fn targets() -> String {
    Target::value_variants().iter().map(|target| target.word()).collect::<Vec<_>>().join(", ")
}

fn version(text: &str) -> Result<Version, String> {
    match text.parse::<Version>() {
        Ok(version) if (2..=4).contains(&version.major) => Ok(version),
        _ => Err(format!("expected a version from 2.0 on with its minor number: one of {}", known_versions())),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    #[test]
    fn arguments_are_consistent() {
        super::Cli::command().debug_assert();
    }
}
