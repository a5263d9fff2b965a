//! The answers, as programs read them.

use serde::Serialize;

/// What was found about what was asked.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation {
    /// What was asked, as it was understood.
    pub asked: String,
    /// What it is; empty if nothing is known of it, several where the name is not the only one of its kind.
    pub topics: Vec<Topic>,
    /// What else has the name in it: its kind and its whole name, the best first.
    pub also: Vec<Named>,
    /// The nearest names, if nothing was found.
    pub nearest: Vec<String>,
}

/// Something with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Named {
    /// What it is: `key`, `setting`, `finding`, `decision`, `checklist item`.
    pub kind: &'static str,
    /// Its name: what to ask for.
    pub name: String,
    /// In a few words.
    pub about: String,
}

/// One thing explained.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Topic {
    /// A key of deployment.toml.
    Key(Box<KeyTopic>),
    /// A table of deployment.toml that is no key itself.
    Table(TableTopic),
    /// A setting of an old file: a row of the mapping tables.
    Setting(Box<SettingTopic>),
    /// The code of a finding.
    Finding(FindingTopic),
    /// A question.
    Decision(DecisionTopic),
    /// An item of the checklist.
    ChecklistItem(ChecklistTopic),
}

/// A value, and the versions in which it holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InVersions {
    /// The versions, as `4.1 to 4.6`.
    pub versions: String,
    /// What holds in them.
    pub value: String,
}

/// A value that a role implies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Implied {
    /// The profile.
    pub profile: &'static str,
    /// The versions.
    pub versions: String,
    /// What holds on a node of the profile.
    pub value: String,
}

/// A place in a rendered file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlaceTopic {
    /// The versions.
    pub versions: String,
    /// The file, below `repository/conf` or, with a leading `/`, the server's home.
    pub file: String,
    /// The leaf.
    pub place: String,
    /// How the value shows up there.
    pub form: String,
}

/// A key that does another's work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SuccessorTopic {
    /// The key to write.
    pub key: String,
    /// Since which version it is read.
    pub since: Option<String>,
    /// How that is known.
    pub evidence: String,
}

/// Where a key's value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The row.
    pub rule: String,
    /// The old file.
    pub file: String,
    /// The path in it.
    pub path: String,
}

/// A key of deployment.toml.
#[derive(Clone, Debug, Serialize)]
pub struct KeyTopic {
    /// The key; `[]` marks an array of tables, `<name>` a free part.
    pub key: String,
    /// What it takes.
    pub takes: String,
    /// The versions that read it.
    pub read_by: String,
    /// The versions whose file becomes unreadable with it.
    pub breaks: String,
    /// The versions that name it and read it nowhere.
    pub dead_in: String,
    /// The profiles that read it, if not all do, and what they do with it.
    pub profiles: Option<InVersions>,
    /// What holds when it is left out.
    pub defaults: Vec<InVersions>,
    /// What holds instead on nodes of a role.
    pub implied: Vec<Implied>,
    /// Where its value lands.
    pub places: Vec<PlaceTopic>,
    /// Value types that stop the mapper or break a file.
    pub fails_with: Option<String>,
    /// How a value must be written for where it lands.
    pub writing: Option<String>,
    /// What else holds.
    pub notes: Vec<InVersions>,
    /// What does its work now.
    pub successor: Option<SuccessorTopic>,
    /// The keys whose work it does.
    pub replaces: Vec<String>,
    /// The old settings that become it.
    pub from: Vec<Origin>,
    /// The keys in it, if it is a table.
    pub keys: Vec<String>,
    /// Where all this comes from.
    pub source: &'static str,
}

/// A table of deployment.toml.
#[derive(Clone, Debug, Serialize)]
pub struct TableTopic {
    /// Its name.
    pub table: String,
    /// The profiles that read it, if not all do, and what they do with it.
    pub profiles: Option<InVersions>,
    /// The keys in it, and the versions that read them.
    pub keys: Vec<InVersions>,
}

/// A key that a setting becomes.
#[derive(Clone, Debug, Serialize)]
pub struct Becomes {
    /// The key.
    pub key: String,
    /// In which form.
    pub form: String,
    /// The versions that read it.
    pub read_by: String,
    /// What holds there when it is left out.
    pub defaults: Vec<InVersions>,
    /// Where the product renders it.
    pub places: Vec<PlaceTopic>,
}

/// What becomes of a setting together with what other nodes say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FactTopic {
    /// The fact's name.
    pub name: String,
    /// Whether keys come of it, or it only serves to find the nodes.
    pub has_keys: bool,
    /// On which profiles.
    pub profiles: String,
    /// How.
    pub how: String,
}

/// A setting of an old file.
#[derive(Clone, Debug, Serialize)]
pub struct SettingTopic {
    /// The row's id.
    pub rule: String,
    /// The files.
    pub files: Vec<String>,
    /// The paths in them.
    pub paths: Vec<String>,
    /// The old versions that the row is for.
    pub versions: String,
    /// The old default.
    pub shipped: Vec<InVersions>,
    /// The keys that it becomes, by itself or together with what other nodes say.
    pub becomes: Vec<Becomes>,
    /// What is done for some values.
    pub cases: Vec<String>,
    /// What becomes of it if nothing takes it.
    pub outcome: Option<String>,
    /// What becomes of it together with what other nodes say.
    pub fact: Option<FactTopic>,
    /// Which profiles get it, and whose word counts.
    pub profiles: Option<String>,
    /// Why.
    pub why: String,
    /// What to do.
    pub to_do: Option<String>,
    /// What replaced it.
    pub instead: Option<String>,
    /// The finding that it raises.
    pub finding: Option<String>,
    /// Where the product must render the value.
    pub proof: Vec<String>,
    /// A value, and what becomes of it.
    pub example: Option<String>,
    /// Where the fact comes from.
    pub source: String,
}

/// The code of a finding.
#[derive(Clone, Debug, Serialize)]
pub struct FindingTopic {
    /// The code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: &'static str,
    /// What to do about it.
    pub help: &'static str,
    /// What the code means in `check`, where that looks for it.
    pub check: Option<CheckTopic>,
    /// Whether `plan` and `convert` find it; severity and help are of these, else those of `check`.
    pub migration: bool,
    /// The rows that raise it; others are raised by what joins several settings.
    pub rules: Vec<String>,
}

/// What a finding means in `check`.
#[derive(Clone, Debug, Serialize)]
pub struct CheckTopic {
    /// How much it matters there.
    pub severity: &'static str,
    /// What is looked for.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do about it.
    pub help: &'static str,
}

/// A question.
#[derive(Clone, Debug, Serialize)]
pub struct DecisionTopic {
    /// Its id.
    pub id: String,
    /// The question.
    pub question: String,
    /// The words that answer it.
    pub choices: Vec<String>,
    /// What may be answered besides.
    pub or: Option<&'static str>,
    /// What holds without an answer.
    pub default: String,
    /// Why it is asked, and why that is the default.
    pub why: String,
    /// Whether a person must look as long as nobody answered.
    pub open: bool,
}

/// An item of the checklist.
#[derive(Clone, Debug, Serialize)]
pub struct ChecklistTopic {
    /// Its id.
    pub id: String,
    /// What to do.
    pub title: String,
    /// How.
    pub text: String,
    /// Whether it is always due for an old deployment.
    pub always: bool,
}
