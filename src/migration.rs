//! What the pipeline hands to the report and the command line: one INPUT, migrated, nothing printed or written.

use crate::diagnostic::Finding;
use crate::emit::EmittedFile;
use crate::layout::{OldFile, OldNode};
use crate::ledger::Line;
use crate::options::Options;
use crate::topology::source::{Asked, SourceTopology};
use crate::topology::target::plan::Plan;

/// One INPUT, migrated.
#[derive(Debug)]
pub struct Migration<'a> {
    /// The INPUT's own name: its last part, never a whole path.
    pub input: String,
    /// With what options.
    pub options: Options,
    /// Its deployments, in natural order of their names.
    pub deployments: Vec<Deployment<'a>>,
    /// Files that belong to no node.
    pub loose_files: Vec<OldFile>,
    /// Findings about these, and about the INPUT itself.
    pub findings: Vec<Finding>,
    /// What was asked about how the INPUT is cut into deployments.
    pub asked: Vec<Asked>,
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
    /// The ledger: one line for each leaf of `nodes`.
    pub lines: Vec<Line<'a>>,
    /// The files, one for each new node of the plan.
    pub files: Vec<EmittedFile>,
    /// Findings of the deployment besides those that the source topology, the nodes and the plan carry.
    pub findings: Vec<Finding>,
    /// Files in its folder that belong to no node.
    pub loose: Vec<OldFile>,
}
