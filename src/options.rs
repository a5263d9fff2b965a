//! What the administrator chose on the command line and every stage may read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::version::{Target, Version};

/// Where the traffic manager goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum Placement {
    /// It stays a node of its own.
    Separate,
    /// It moves into the control plane.
    ControlPlane,
}

/// How logging is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Log4j2 {
    /// What was added or changed, to be merged by hand.
    #[default]
    Additions,
    /// The product's own file with it.
    Whole,
}

/// The options of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a flag of its own on the command line")]
pub struct Options {
    /// What is written for.
    pub target: Target,
    /// Whether a deployment that is newer than the target is written for its own version: nobody gave a target.
    pub follows_source: bool,
    /// Where the traffic manager goes; `None` is as the old deployment had it.
    pub traffic_manager: Option<Placement>,
    /// Whether settings at their legacy default are written where the target's default differs.
    pub keep_legacy_defaults: bool,
    /// Whether the user store is written as the variant with unique ids, which the data must fit already.
    pub unique_id: bool,
    /// Whether each key of a new file has a comment that says where it comes from.
    pub annotate: bool,
    /// Whether a new node is written although of one of its old nodes the file that says what it is could not be read.
    pub partial: bool,
    /// The version of the source, if the administrator gave it.
    pub source_version: Option<Version>,
    /// The text of the new product's own `log4j2.properties`, if logging is merged into it.
    pub product_logging: Option<String>,
}
