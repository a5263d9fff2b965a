//! What a proof says, for people and programs. Secrets never stand in it: it names keys and places, not values.

use schemars::JsonSchema;
use serde::Serialize;

/// The number of the proof's form; it grows when a reader of the old form would misread the new one.
pub const SCHEMA_VERSION: u32 = 1;

/// What the product makes of the files of a folder.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Proof {
    /// The number of this form.
    pub schema_version: u32,
    /// The nodes, in the order of their paths.
    pub nodes: Vec<NodeProof>,
    /// The old settings whose value stands in a key; none where nothing is known of the old deployment.
    pub settings: Vec<SettingProof>,
    /// The counts.
    pub totals: Totals,
}

impl Proof {
    /// Whether nothing is left to look at.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let Totals { files, accepted, malformed, dead, altered, lost, .. } = self.totals;
        let complaints = self.nodes.iter().map(|node| node.complaints.len()).sum::<usize>();
        files == accepted && malformed + dead + altered + lost == 0 && complaints == 0
    }
}

/// How a node was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The product's own mapper rendered the file.
    Mapper,
    /// The product's tables were read, without Java.
    Static,
}

/// A node's file before the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct NodeProof {
    /// The deployment; empty if there is only one.
    pub deployment: String,
    /// The node.
    pub node: String,
    /// Its file below the folder.
    pub file: String,
    /// The product, by its own words: `WSO2 API Manager 4.4.0`.
    pub product: String,
    /// How it was proven.
    pub method: Method,
    /// Whether the product takes the file.
    pub accepted: bool,
    /// What is wrong with the file, the most severe first.
    pub complaints: Vec<Complaint>,
    /// How many files were rendered; 0 where none is.
    pub rendered: u32,
    /// Rendered files that are not well-formed.
    pub malformed: Vec<FileFault>,
    /// The written keys, in the order of the file.
    pub keys: Vec<KeyProof>,
    /// What the reader should know of this proof.
    pub notes: Vec<String>,
}

impl NodeProof {
    /// Whether the product takes the file and does with it what was meant.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        let at_odds = |key: &KeyProof| key.liveness == Liveness::Dead || key.arrival == Some(Arrival::Altered);
        self.accepted && self.complaints.is_empty() && self.malformed.is_empty() && !self.keys.iter().any(at_odds)
    }
}

/// Something wrong with a node's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Complaint {
    /// What kind of fault it is.
    pub kind: Fault,
    /// The key that causes it, if one is found.
    pub key: Option<String>,
    /// The line in the node's file, from 1; null if it is about the whole file.
    pub line: Option<u32>,
    /// The column in characters, from 1.
    pub column: Option<u32>,
    /// What was found; the mapper's own words where it refused.
    pub message: String,
}

/// The kinds of faults.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fault {
    /// The file is no TOML.
    Syntax,
    /// The mapper refuses the file.
    Refused,
    /// A key that needs another type of value.
    WrongType,
    /// A validator of the product fails.
    Invalid,
    /// A reference to something that is not there.
    Unresolved,
    /// A key that the product does not know.
    UnknownKey,
}

/// A rendered file that is not well-formed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct FileFault {
    /// The rendered file, relative to the server's home.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
    /// The written key whose value stands there, if one is found.
    pub key: Option<String>,
}

/// Whether a key does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Liveness {
    /// Another value, or none, changes what is rendered.
    Live,
    /// It implies nothing but what other keys of the file say themselves.
    Covered,
    /// Neither another value nor none changes anything beside the file's other keys; but it stands as in the old
    /// deployment.toml, and the product reads it in other company.
    Idle,
    /// Neither another value nor none changes anything.
    Dead,
}

/// How a key's value arrives in the rendered files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Arrival {
    /// As it is written.
    Copied,
    /// Inside other text.
    Within,
    /// In another unit.
    Converted,
    /// Not as text: it switches what stands there.
    Switched,
    /// The product prints something else than what is written.
    Altered,
}

/// A written key before the product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct KeyProof {
    /// The key, as the report names it.
    pub key: String,
    /// Its line in the node's file.
    pub line: u32,
    /// Its column.
    pub column: u32,
    /// Whether it does anything.
    pub liveness: Liveness,
    /// How its value arrives; null where that was not measured.
    pub arrival: Option<Arrival>,
    /// Where it acts: `file:path`, the first few.
    pub places: Vec<String>,
}

/// What became of an old setting's value in the rendered files.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fulfilment {
    /// It stands at its place.
    Confirmed,
    /// Something else stands there, and a rule or a decision says why.
    Changed,
    /// It does not arrive, and nothing says why.
    Lost,
}

/// An old setting and where it is found again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct SettingProof {
    /// The deployment.
    pub deployment: String,
    /// The old file.
    pub file: String,
    /// The line in it.
    pub line: u32,
    /// The column.
    pub column: u32,
    /// The leaf's path.
    pub path: String,
    /// The row of the mapping tables.
    pub rule: Option<String>,
    /// What became of it, over all its keys.
    pub outcome: Fulfilment,
    /// Where it was found, or the keys that should have brought it: `node file:path`.
    pub places: Vec<String>,
    /// Why, if it is not simply there.
    pub why: String,
}

/// The counts of a proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Totals {
    /// Files of nodes.
    pub files: u32,
    /// Those that the product takes.
    pub accepted: u32,
    /// Rendered files.
    pub rendered: u32,
    /// Those that are not well-formed.
    pub malformed: u32,
    /// Written keys.
    pub keys: u32,
    /// Those that imply only what other keys say.
    pub covered: u32,
    /// Those that do nothing, and stand as in the old deployment.toml.
    pub idle: u32,
    /// Those that do nothing.
    pub dead: u32,
    /// Those whose value arrives as something else.
    pub altered: u32,
    /// Old settings that stand at their place.
    pub confirmed: u32,
    /// Old settings that were changed on purpose.
    pub changed: u32,
    /// Old settings that do not arrive.
    pub lost: u32,
}

impl std::ops::AddAssign for Totals {
    fn add_assign(&mut self, other: Self) {
        let Self { files, accepted, rendered, malformed, keys, covered, idle, dead, altered, confirmed, changed, lost } =
            other;
        for (sum, more) in [
            (&mut self.files, files),
            (&mut self.accepted, accepted),
            (&mut self.rendered, rendered),
            (&mut self.malformed, malformed),
            (&mut self.keys, keys),
            (&mut self.covered, covered),
            (&mut self.idle, idle),
            (&mut self.dead, dead),
            (&mut self.altered, altered),
            (&mut self.confirmed, confirmed),
            (&mut self.changed, changed),
            (&mut self.lost, lost),
        ] {
            *sum += more;
        }
    }
}
