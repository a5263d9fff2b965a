//! The report that programs read. Its JSON Schema is made from these types and checked in as
//! `schema/report.schema.json`. Secrets are masked, paths are relative, nothing depends on time or place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::status::Status;
use crate::diagnostic::{Code, Severity};
use crate::excerpt::Excerpt;
use crate::fates::Fate;
use crate::layout::Verdict;
use crate::ledger::Outcome;
use crate::options::Placement;
use crate::role::{Profile, Role};
use crate::topology::source::{Layout, Strength};
use crate::value::Value;
use crate::verify;
use crate::verify::{NodeProof, Totals};

/// The number of the report's form; it grows when a reader of the old form would misread the new one.
pub const SCHEMA_VERSION: u32 = 1;

/// What was found, decided and written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Report {
    /// The number of this form.
    pub schema_version: u32,
    /// The tool that wrote it.
    pub tool: Tool,
    /// With what options.
    pub options: ReportOptions,
    /// How the run ended, of all INPUTs together.
    pub status: Status,
    /// The INPUTs, and behind each its archives, and what in it was not read or left out.
    pub inputs: Vec<Input>,
    /// The deployments, in the order of their names.
    pub deployments: Vec<DeploymentReport>,
    /// Every file of the INPUTs that belongs to no deployment.
    pub files: Vec<File>,
    /// What was found about these files, about the INPUTs, and between deployments.
    pub findings: Vec<Finding>,
    /// What was asked about how the INPUTs are cut into deployments.
    pub decisions: Vec<Decision>,
    /// The counts of all deployments together.
    pub totals: Counts,
    /// What the product makes of the files; null if it was not asked.
    pub proof: Option<ProofSummary>,
}

/// An INPUT, an archive in one, or something in one that was not read or left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Input {
    /// The INPUT's name; of something in it the path below the INPUT (and behind its name, where there are several).
    pub path: String,
    /// What became of it.
    pub status: InputStatus,
    /// Why, and what to do; of an archive that was read what is in it; empty of an INPUT that was.
    pub reason: String,
    /// The deployments that were found in it, by their names.
    pub deployments: Vec<String>,
    /// The line where reading stopped, for people, under its number.
    #[serde(skip)]
    pub excerpt: Option<(u32, Excerpt)>,
}

impl Input {
    /// Whether something of it is missing, and it says what.
    #[must_use]
    pub fn tells_gap(&self) -> bool {
        self.status.is_gap() || (self.status == InputStatus::PartlyRead && !self.reason.is_empty())
    }
}

/// What became of an INPUT, or of something in one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InputStatus {
    /// It was read.
    Read,
    /// It was read but for what its reason says, or what stands behind it in the list.
    PartlyRead,
    /// It could not be read.
    NotRead,
    /// It is a template that must be rendered first.
    Template,
    /// It is configuration of something else.
    Foreign,
    /// It is a server of another product, which stays as it is.
    OtherProduct,
    /// It is of a version that is not converted.
    UnsupportedVersion,
    /// It is an output of this tool beside old deployments, and was left out.
    OwnOutput,
    /// It lies in a server's home and is a part of it: no deployment of its own.
    InsideHome,
    /// A deployment that was found and could not be converted.
    LeftOut,
}

impl InputStatus {
    /// Whether something is missing for it.
    #[must_use]
    pub fn is_gap(self) -> bool {
        matches!(self, Self::NotRead | Self::Template | Self::LeftOut | Self::UnsupportedVersion)
    }
}

/// What the product makes of the files.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ProofSummary {
    /// The nodes' files.
    pub nodes: Vec<NodeProof>,
    /// The counts.
    pub totals: Totals,
}

/// What became of a setting's value in what the product renders.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingProof {
    /// The outcome.
    pub outcome: verify::Fulfilment,
    /// Where it was found, or the keys that should have brought it.
    pub places: Vec<String>,
    /// Why, if it is not simply there.
    pub why: String,
}

/// The tool.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// How much its mapping tables hold.
    pub tables: TablesUsed,
}

/// How much the mapping tables hold.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TablesUsed {
    /// Tables, one for each kind of legacy file.
    pub files: u32,
    /// Rows in them.
    pub rows: u32,
    /// Keys of the target that are known.
    pub keys: u32,
}

/// The options of the run.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ReportOptions {
    /// What was written for: `current` or a version.
    pub target: String,
    /// Where the traffic manager was told to go; null is as it was.
    pub traffic_manager: Option<Placement>,
    /// Whether legacy defaults were written.
    pub keep_legacy_defaults: bool,
    /// Whether the user store was written with unique ids.
    pub unique_id: bool,
    /// The version that the source was said to have.
    pub source_version: Option<String>,
}

/// One deployment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DeploymentReport {
    /// Its name: its path below the INPUT, or the INPUT's own name.
    pub name: String,
    /// Its folder below the INPUT, empty if it is the INPUT: all other paths are below this folder.
    pub path: String,
    /// How it ended.
    pub status: Status,
    /// What was found.
    pub source: Source,
    /// What came of it.
    pub target: Target,
    /// Every file of the INPUT that belongs to the deployment, or to none.
    pub files: Vec<File>,
    /// Every leaf that was read, with its outcome.
    pub settings: Vec<Setting>,
    /// The written keys whose value was derived.
    pub derived: Vec<Derived>,
    /// Where nodes that became one said different things.
    pub conflicts: Vec<Conflict>,
    /// What was asked.
    pub decisions: Vec<Decision>,
    /// What was found on the way: the most severe first, then by place.
    pub findings: Vec<Finding>,
    /// What no configuration can do, in the order in which it is due. An item begins with what it says in general,
    /// about no node and without a cause.
    pub checklist: Vec<Check>,
    /// Leaves by outcome.
    pub counts: Counts,
}

/// A line of the checklist.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Check {
    /// The item's stable id.
    pub item: String,
    /// The new node; null if it is about the deployment.
    pub node: Option<String>,
    /// What is to be done.
    pub text: String,
    /// What caused it.
    pub causes: Vec<At>,
}

/// The old deployment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Source {
    /// The version, or all versions that its nodes have.
    pub version: String,
    /// Its shape.
    pub layout: Layout,
    /// Its nodes.
    pub nodes: Vec<SourceNode>,
}

/// An old node.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceNode {
    /// Its name.
    pub name: String,
    /// Its folder below the INPUT; empty if it is the INPUT itself.
    pub path: String,
    /// What it did.
    pub roles: Vec<Role>,
    /// How that is known, the strongest first.
    pub evidence: Vec<Evidence>,
    /// What became of it.
    pub fate: Fate,
}

/// One piece of evidence for a node's roles or version.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Evidence {
    /// The rule of the specification that it falls under.
    pub row: String,
    /// Its weight.
    pub strength: Strength,
    /// The roles that it speaks for; none if it is about the version.
    pub roles: Vec<Role>,
    /// What was seen.
    pub what: String,
    /// Where.
    #[serde(flatten)]
    pub at: At,
}

/// A place in the INPUT; parts that are not known are null.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct At {
    /// The file, relative to the INPUT.
    pub file: Option<String>,
    /// The line, from 1.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
}

/// The new deployment.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Target {
    /// Its shape.
    pub layout: TargetLayout,
    /// What it is written for: a word of `--target`.
    pub written_for: String,
    /// Its nodes.
    pub nodes: Vec<TargetNode>,
}

/// The shape of a new deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TargetLayout {
    /// No node: only other products were found.
    None,
    /// One server for everything.
    Single,
    /// Several servers, each for everything.
    ActiveActive,
    /// Control plane, gateway workers, and traffic managers of their own.
    ThreeProfile,
    /// Control plane with the traffic manager inside, and gateway workers.
    TrafficManagerInside,
    /// Some profiles are missing.
    Partial,
}

/// A new node.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct TargetNode {
    /// Its name.
    pub name: String,
    /// What it does.
    pub profile: Profile,
    /// Its file below the output folder.
    pub file: String,
    /// The paths of its other files.
    pub beside: Vec<String>,
    /// How many old nodes it was made from.
    pub sources: u32,
    /// Of those whose kind is not known, since the file that says it could not be read: that file.
    pub unread: Vec<String>,
    /// Whether it is written: not where something is `unread`, unless that was asked for.
    pub written: bool,
}

/// A file of the INPUT.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct File {
    /// Its node; null if it belongs to none.
    pub node: Option<String>,
    /// Its path below the INPUT.
    pub path: String,
    /// What kind of text it is, by its name.
    pub kind: FileKind,
    /// What was done with it.
    pub verdict: Verdict,
    /// Why.
    pub reason: String,
    /// How many leaves were read from it.
    pub leaves: u32,
}

/// The kind of a file, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// `.xml`
    Xml,
    /// `.properties`
    Properties,
    /// `.toml`
    Toml,
    /// Anything else.
    Other,
}

/// A leaf with its outcome.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Setting {
    /// The old node.
    pub node: String,
    /// The file, relative to the INPUT.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// The leaf's path in the file.
    pub path: String,
    /// Its value.
    pub value: String,
    /// What became of it.
    pub outcome: Outcome,
    /// The row of the mapping tables that speaks of it.
    pub rule: Option<String>,
    /// Why that became of it.
    pub reason: String,
    /// Legacy and target default, where the leaf is at the one and the other differs.
    pub drift: Option<String>,
    /// The keys that hold its value.
    pub targets: Vec<KeyValue>,
    /// What the product makes of it; null if it was not asked, or if no key of deployment.toml holds the value.
    pub proof: Option<SettingProof>,
}

/// A written key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyValue {
    /// The new node.
    pub node: String,
    /// The key.
    pub key: String,
    /// Its value; null where a long list stands at the first of the settings that make it.
    pub value: Option<Value>,
}

/// A written key whose value was derived.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Derived {
    /// The new node.
    pub node: String,
    /// The key.
    pub key: String,
    /// Its value.
    pub value: Value,
    /// From what.
    pub from: String,
    /// The decision behind it.
    pub decision: Option<String>,
}

/// Nodes that became one said different things of a key.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Conflict {
    /// The new node.
    pub node: String,
    /// The key.
    pub key: String,
    /// What each said, the winner first.
    pub said: Vec<Said>,
    /// Why the first won.
    pub rule: String,
    /// The decision that settles it.
    pub decision: String,
    /// Whether a person must look.
    pub open: bool,
}

/// What an old node said in a conflict.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Said {
    /// The old node; the new one, without a place, where the value was derived.
    pub node: String,
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// The value.
    pub value: String,
}

/// A question, and what holds.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct Decision {
    /// Its id, the subject in it for place holders and conflicts.
    pub id: String,
    /// What it is about, if not the deployment.
    pub about: Option<String>,
    /// The question.
    pub question: String,
    /// The choices.
    pub choices: Vec<String>,
    /// What holds without an answer.
    pub default: String,
    /// What holds.
    pub chosen: String,
    /// Keys or nodes that it affects.
    pub affects: Vec<String>,
    /// Whether a person must look.
    pub open: bool,
    /// Whether a person gave the answer, also one that is the default.
    pub answered: bool,
}

/// What was found on the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// Its stable code.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What was found.
    pub message: String,
    /// The node that it is about.
    pub node: Option<String>,
    /// Where.
    #[serde(flatten)]
    pub at: At,
    /// What to do about it.
    pub help: String,
    /// The line there, where reading stopped at it, for people.
    #[serde(skip)]
    pub excerpt: Option<Excerpt>,
}

/// Leaves by outcome; the outcomes add up to `read`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Counts {
    /// All leaves.
    pub read: u32,
    /// Their value stands in a written key.
    pub converted: u32,
    /// Used to derive the topology, or lost to another value.
    pub absorbed: u32,
    /// Equal to the legacy default.
    pub default: u32,
    /// Gone from the product, or not read by the node's role.
    pub retired: u32,
    /// They need a hand.
    pub manual: u32,
    /// No row speaks of them.
    pub unknown: u32,
}

impl Counts {
    /// Counts one leaf.
    pub fn add(&mut self, outcome: Outcome) {
        self.read += 1;
        *match outcome {
            Outcome::Converted => &mut self.converted,
            Outcome::Absorbed => &mut self.absorbed,
            Outcome::Default => &mut self.default,
            Outcome::Retired => &mut self.retired,
            Outcome::Manual => &mut self.manual,
            Outcome::Unknown => &mut self.unknown,
        } += 1;
    }
}

impl std::ops::AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.read += other.read;
        self.converted += other.converted;
        self.absorbed += other.absorbed;
        self.default += other.default;
        self.retired += other.retired;
        self.manual += other.manual;
        self.unknown += other.unknown;
    }
}
