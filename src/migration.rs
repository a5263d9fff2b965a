//! What the pipeline hands to the report and the command line: one INPUT, migrated, nothing printed or written.

use std::collections::BTreeSet;

use crate::cut::Joined;
use crate::diagnostic::Finding;
use crate::emit::EmittedFile;
use crate::fates::Fate;
use crate::layout::{OldFile, OldNode};
use crate::ledger::Line;
use crate::options::Options;
use crate::topology::planner::plan::Plan;
use crate::topology::source::{Asked, SourceTopology};
use crate::version::Target;

/// One INPUT, migrated.
#[derive(Debug)]
pub struct Migration<'a> {
    /// The INPUT's own name: its last part, never a whole path.
    pub input: String,
    /// It is a file or an archive: what is told at its own name is told of it.
    pub is_file: bool,
    /// With what options.
    pub options: Options,
    /// Its deployments, in natural order of their names.
    pub deployments: Vec<Deployment<'a>>,
    /// Archives and packed files that were read, each with what is said of it: they are among `loose_files`.
    pub opened: Vec<(String, String)>,
    /// Deployments that were found and could not be converted.
    pub left_out: Vec<LeftOut>,
    /// Files that belong to no deployment.
    pub loose_files: Vec<OldFile>,
    /// Findings about these, and about the INPUT itself.
    pub findings: Vec<Finding>,
    /// What was asked about how the INPUT is cut into deployments.
    pub asked: Vec<Asked>,
    /// The INPUTs that it is made of, where a person says that several are one deployment: their names, and where in it
    /// their files stand.
    pub parts: Vec<(String, String)>,
    /// What came of the decision `together`.
    pub joined: Joined,
    /// The nodes that the decision `grouping` names, by their names.
    pub grouped: BTreeSet<String>,
}

/// One deployment of an INPUT, migrated.
#[derive(Debug)]
pub struct Deployment<'a> {
    /// Its name.
    pub name: String,
    /// Its folder below the INPUT; all other paths are below this one.
    pub folder: String,
    /// The old deployment.
    pub source: SourceTopology,
    /// Its nodes; [`SourceNode::node`](crate::topology::source::SourceNode) and
    /// [`SettingId::node`](crate::mapping::SettingId) count these.
    pub nodes: Vec<OldNode<'a>>,
    /// What the new nodes' files say, and why.
    pub plan: Plan,
    /// What they are written for.
    pub target: Target,
    /// The ledger: one line for each leaf of `nodes`.
    pub lines: Vec<Line<'a>>,
    /// The files, one for each new node of the plan that is written.
    pub files: Vec<EmittedFile>,
    /// What could not be read of the new nodes' old ones.
    pub gaps: Vec<NodeGap>,
    /// What became of each of `nodes`.
    pub fates: Vec<Fate>,
    /// Findings of the deployment besides those that the source topology, the nodes and the plan carry.
    pub findings: Vec<Finding>,
    /// Files in its folder that belong to no node.
    pub loose: Vec<OldFile>,
}

/// A deployment that was found and could not be converted.
#[derive(Clone, Debug)]
pub struct LeftOut {
    /// Its name.
    pub name: String,
    /// Its folder below the INPUT.
    pub folder: String,
    /// Why, lower case.
    pub reason: String,
    /// Findings say it, each at its file.
    pub told: bool,
}

/// What a new node lacks: of some of its old nodes the file that says what they are could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NodeGap {
    /// The new node.
    pub node: String,
    /// How many old nodes it was made from.
    pub sources: usize,
    /// The files that could not be read, one for each of the old nodes that lack it.
    pub unread: Vec<String>,
    /// Whether it is written all the same.
    pub written: bool,
}
