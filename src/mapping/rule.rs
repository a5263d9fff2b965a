//! A mapping rule: one row of `mappings/`, as it is written there. See `mappings/README.md` for the format.

use indexmap::IndexMap;
use serde::Deserialize;

use crate::read::Naming;

/// One text or a list of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    /// A single text.
    One(String),
    /// Several.
    Many(Vec<String>),
}

impl Default for Texts {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Texts {
    /// The texts, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        match self {
            Self::One(text) => std::slice::from_ref(text).iter(),
            Self::Many(texts) => texts.iter(),
        }
        .map(String::as_str)
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Many(texts) if texts.is_empty())
    }
}

/// A value as a rule writes it: a literal of TOML.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum Literal {
    /// A boolean.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// A text.
    Text(String),
    /// A list of texts.
    List(Vec<String>),
}

impl From<&Literal> for crate::value::Value {
    fn from(literal: &Literal) -> Self {
        match literal {
            Literal::Boolean(value) => Self::Boolean(*value),
            Literal::Integer(value) => Self::Integer(*value),
            Literal::Text(text) => Self::Text(text.clone()),
            Literal::List(items) => Self::List(items.clone()),
        }
    }
}

/// The form in which a value goes over, where it is not a plain copy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Codec {
    /// As the key's type wants it: boolean, number, list or text.
    #[default]
    Copy,
    /// Always a text, also where it looks like a number: user names, passwords, names.
    Text,
    /// The opposite boolean.
    Not,
    /// A list, split at commas.
    List,
    /// A list with each item written as `+item` and joined with commas (Tomcat's protocols).
    PlusList,
    /// The file name at the end of a path.
    FileName,
    /// Tomcat's `clientAuth` as `certificateVerification`.
    ClientAuth,
    /// The JNDI name without `jdbc/`.
    JndiName,
    /// A text over several lines joined to one (LDAP filters).
    OneLine,
    /// A list of this one text, commas and all.
    Item,
    /// The number after the last `_`.
    NumberAtEnd,
}

/// What becomes of a leaf that no key takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// Gone from the product: `why` says the reason, `instead` the replacement.
    Retired,
    /// A person must act: `tell` says how.
    Manual,
    /// The target writes its own constant: retired when changed.
    Constant,
    /// Says nothing that needs to be carried, whatever its value (a description, a name of the file's own).
    Default,
}

impl Fate {
    /// The word that rules use.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Retired => "retired",
            Self::Manual => "manual",
            Self::Constant => "constant",
            Self::Default => "default",
        }
    }
}

/// What a rule does for some values only: the first case whose `is` matches the value counts. A case with an
/// outcome writes nothing but its own `sets`; the outcome `default` stands for a text that some version or vendor
/// image ships and that nobody decided on.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// The value, trimmed, without regard to case; one `*` stands for any text.
    pub is: Texts,
    /// Keys written besides (or instead, with `only = true`), with fixed values.
    #[serde(default)]
    pub sets: IndexMap<String, Literal>,
    /// Do not write the rule's own `to`.
    #[serde(default)]
    pub only: bool,
    /// What becomes of the leaf, if nothing is written.
    pub outcome: Option<Fate>,
    /// What the administrator is told.
    pub tell: Option<String>,
    /// The finding to raise.
    pub finding: Option<String>,
}

/// An example: a value before, and what must come of it. Run by the tests for every rule.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    /// The leaf's full path, where `from` has a `*` or several paths.
    pub path: Option<String>,
    /// The version of the server, `2.6` unless given.
    pub version: Option<String>,
    /// The leaf's value.
    pub value: String,
    /// Run as with `--keep-legacy-defaults`.
    #[serde(default)]
    pub keep: bool,
    /// The keys that the mapping stage says, with their values.
    #[serde(default)]
    pub gives: IndexMap<String, Literal>,
    /// The fact that the topology stage gets; its value is the leaf's.
    pub fact: Option<String>,
    /// What becomes of the leaf, if nothing is given.
    pub outcome: Option<Fate>,
    /// The finding that is raised.
    pub finding: Option<String>,
}

/// One row.
#[allow(clippy::struct_excessive_bools, reason = "each is a word of a row of its own")]
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rule {
    /// A kebab-case noun, unique over all tables, never reused.
    pub id: String,
    /// The built-in rule that this one stands for: only in a folder given with `--mappings`.
    pub replaces: Option<String>,
    /// The legacy path or paths.
    pub from: Texts,
    /// The target key or keys; `*` takes what the path's `*` stands for, the last ones if the key has fewer.
    #[serde(default)]
    pub to: Texts,
    /// The form in which the value goes over.
    #[serde(default, rename = "as")]
    pub codec: Codec,
    /// The key's list replaces the target's own: what the row gives comes after the target's default items.
    #[serde(default)]
    pub adds: bool,
    /// Another leaf of the same node that says the key holds before this one.
    #[serde(default)]
    pub yields: bool,
    /// The field that holds the entry's name, where `to` is a field of a list's entry (`a[*].b`).
    pub entry: Option<String>,
    /// Who owns the setting and which profiles get it: a row of `subjects.toml`.
    pub subject: Option<String>,
    /// The name under which the topology stage finds the value.
    pub fact: Option<String>,
    /// The versions that the row is for, `2.0-2.1`; absent: all.
    pub versions: Option<String>,
    /// What becomes of the leaf if nothing takes it.
    pub outcome: Option<Fate>,
    /// Values that need something else.
    #[serde(default, rename = "case")]
    pub cases: Vec<Case>,
    /// Several elements of this path are a list, not duplicates.
    #[serde(default)]
    pub repeats: bool,
    /// The value is a secret: never shown.
    #[serde(default)]
    pub secret: bool,
    /// Why: the reason that the report gives.
    pub why: String,
    /// What the administrator has to do or to know.
    pub tell: Option<String>,
    /// What replaced it.
    pub instead: Option<String>,
    /// The finding raised when the value was changed.
    pub finding: Option<String>,
    /// Where the product must render the value: `file:path` below `repository/conf`.
    #[serde(default)]
    pub proof: Vec<String>,
    /// Where the fact comes from.
    pub source: String,
    /// At least one example.
    #[serde(default, rename = "example")]
    pub examples: Vec<Example>,
}

impl Rule {
    /// The case that the value falls under.
    #[must_use]
    pub fn case_for(&self, value: &str) -> Option<&Case> {
        self.cases.iter().find(|case| case.is.iter().any(|is| super::fits(is, value)))
    }
}

/// Which of several equal elements the product's loader takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holds {
    /// The first in the file.
    First,
    /// The last.
    #[default]
    Last,
}

/// The head of a table: which files it is for.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Head {
    /// Paths below `repository/conf`; one `*` stands for any name.
    pub paths: Vec<String>,
    /// What names the elements that are told apart by name.
    #[serde(default)]
    pub names: Naming,
    /// Which of several equal elements holds.
    #[serde(default)]
    pub duplicates: Holds,
    /// Elements of which the product takes the first only, however the others are named: what stands in others is
    /// looked up as `B[2]`.
    #[serde(default)]
    pub only_first: Vec<String>,
    /// The file's default values: the `file` column of `defaults/2.x.tsv`.
    pub defaults: String,
    /// What the file is, in one sentence.
    pub about: String,
    /// Where the facts of the head come from.
    pub source: String,
}

impl Head {
    /// Whether the table is for a deployment.toml: its rows name keys.
    #[must_use]
    pub fn is_toml(&self) -> bool {
        self.paths.iter().any(|path| path.ends_with("deployment.toml"))
    }
}

/// A file of `mappings/2.x` or `mappings/3.x`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TableFile {
    /// Which files the table is for.
    pub file: Head,
    /// Its rows.
    #[serde(default, rename = "rule")]
    pub rules: Vec<Rule>,
}
