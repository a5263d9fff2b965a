//! What a migration promised: its report, read back.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{NodeFile, Promise, Target};
use crate::options::{Options as RunOptions, Placement};
use crate::report::model::InputStatus;
use crate::role::Profile;
use crate::source::Place;
use crate::value::Value;

/// The parts of a report that a proof needs.
#[derive(Clone, Debug, Deserialize)]
pub struct Recorded {
    options: Options,
    #[serde(default)]
    inputs: Vec<Input>,
    deployments: Vec<Deployment>,
}

/// What the report says of an INPUT, or of something in one.
#[derive(Clone, Debug, Deserialize)]
struct Input {
    path: String,
    status: InputStatus,
    #[serde(default)]
    reason: String,
}

#[derive(Clone, Debug, Deserialize)]
struct Options {
    target: crate::version::Target,
    traffic_manager: Option<Placement>,
    keep_legacy_defaults: bool,
    unique_id: bool,
    source_version: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Deployment {
    name: String,
    target: Nodes,
    settings: Vec<Setting>,
    derived: Vec<Derived>,
}

#[derive(Clone, Debug, Deserialize)]
struct Nodes {
    written_for: Option<crate::version::Target>,
    nodes: Vec<Node>,
}

/// Why old deployments, converted again, cannot be compared with what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// A deployment is not among those that were written.
    #[error(
        "the old deployment `{name}` is not among those that were written ({}): give the input that was converted",
        known.join(", ")
    )]
    Deployment {
        /// The old one.
        name: String,
        /// Those that were written.
        known: Vec<String>,
    },
    /// Its new nodes are others.
    #[error(
        "the old deployment `{name}`, converted again, gives the nodes {}, but those that were written are {}: give \
         the input and the --decisions of that conversion",
        again.join(", "), before.join(", ")
    )]
    Nodes {
        /// The old one.
        name: String,
        /// Its new nodes now.
        again: Vec<String>,
        /// Its new nodes as they were written.
        before: Vec<String>,
    },
}

fn written() -> bool {
    true
}

/// A node of the report.
#[derive(Clone, Debug, Deserialize)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it does.
    pub profile: Profile,
    /// Its file below the output folder.
    pub file: String,
    /// Whether it was written.
    #[serde(default = "written")]
    written: bool,
    /// What it was written for.
    #[serde(skip)]
    target: Option<crate::version::Target>,
}

impl Node {
    /// Its file with this text, to be proven.
    #[must_use]
    pub fn to_prove(&self, deployment: &str, text: String) -> NodeFile {
        NodeFile {
            deployment: deployment.to_owned(),
            node: self.name.clone(),
            profile: Some(self.profile),
            target: self.target,
            path: self.file.clone(),
            text,
            encoded: None,
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
struct Setting {
    file: String,
    line: u32,
    column: u32,
    path: String,
    value: String,
    rule: Option<String>,
    reason: String,
    targets: Vec<KeyValue>,
}

#[derive(Clone, Debug, Deserialize)]
struct KeyValue {
    node: String,
    key: String,
    value: Option<Value>,
}

#[derive(Clone, Debug, Deserialize)]
struct Derived {
    node: String,
    key: String,
    from: String,
}

impl Recorded {
    /// What the conversion did not read or write, a line each.
    #[must_use]
    pub fn gaps(&self) -> Vec<String> {
        let inputs = self.inputs.iter().filter(|input| input.status.is_gap());
        let inputs = inputs.map(|input| format!("{}: {}", input.path, input.reason));
        let nodes = self.deployments.iter().flat_map(|deployment| &deployment.target.nodes);
        inputs.chain(nodes.filter(|node| !node.written).map(|node| format!("{}: not written", node.name))).collect()
    }

    /// Reads a report's text.
    ///
    /// # Errors
    /// What is not of its form.
    pub fn read(json: &str) -> Result<Self, String> {
        let read: Result<Self, _> = serde_json::from_str(json);
        let mut read = read.map_err(|error| crate::secret::fault(&error.to_string()))?;
        let all = read.options.target;
        for target in read.deployments.iter_mut().map(|deployment| &mut deployment.target) {
            let written_for = target.written_for.unwrap_or(all);
            target.nodes.iter_mut().for_each(|node| node.target = Some(written_for));
        }
        Ok(read)
    }

    /// What was written for.
    #[must_use]
    pub fn target(&self) -> crate::version::Target {
        self.options.target
    }

    /// The options of the conversion, as far as they shape what is written.
    #[must_use]
    pub fn options(&self) -> RunOptions {
        let target = self.options.target;
        let written_for = self.deployments.iter().filter_map(|deployment| deployment.target.written_for);
        RunOptions {
            target,
            // Several were each written for their own.
            follows_source: written_for.into_iter().any(|own| own != target),
            traffic_manager: self.options.traffic_manager,
            keep_legacy_defaults: self.options.keep_legacy_defaults,
            unique_id: self.options.unique_id,
            source_version: self.options.source_version.as_ref().and_then(|version| version.parse().ok()),
            ..RunOptions::default()
        }
    }

    /// The same with the names of the deployments that were written: a lone one is the lone one there, whatever its
    /// folder is called now; of several each is known by its name.
    ///
    /// # Errors
    /// When a deployment, or one of its nodes, is not among those that were written.
    pub fn named_as(mut self, written: &Self) -> Result<Self, Mismatch> {
        let theirs: Vec<&Deployment> = written.with_nodes().collect();
        let lone = self.with_nodes().count() == 1 && theirs.len() == 1;
        for own in self.deployments.iter_mut().filter(|own| !own.target.nodes.is_empty()) {
            let Some(same) = theirs.iter().find(|one| lone || one.name == own.name) else {
                let known = theirs.iter().map(|one| one.name.clone()).collect();
                return Err(Mismatch::Deployment { name: own.name.clone(), known });
            };
            let nodes = |deployment: &Deployment| {
                let mut names: Vec<String> = deployment.target.nodes.iter().map(|node| node.name.clone()).collect();
                names.sort();
                names
            };
            let (again, before) = (nodes(own), nodes(same));
            if again != before {
                return Err(Mismatch::Nodes { name: own.name.clone(), again, before });
            }
            own.name.clone_from(&same.name);
            own.target.nodes.clone_from(&same.target.nodes);
        }
        Ok(self)
    }

    fn with_nodes(&self) -> impl Iterator<Item = &Deployment> {
        self.deployments.iter().filter(|deployment| !deployment.target.nodes.is_empty())
    }

    /// The nodes, each with the name of its deployment.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.deployments
            .iter()
            .flat_map(|deployment| deployment.target.nodes.iter().map(|node| (deployment.name.as_str(), node)))
            .filter(|(_, node)| node.written)
    }

    /// What was promised of each old setting whose value stands in a key. What logging became is no matter of the
    /// mapper.
    #[must_use]
    pub fn promises(&self) -> Vec<Promise> {
        let mut promises = Vec::new();
        for deployment in &self.deployments {
            let derived: BTreeMap<(&str, &str), &str> = deployment
                .derived
                .iter()
                .map(|derived| ((derived.node.as_str(), derived.key.as_str()), derived.from.as_str()))
                .collect();
            for setting in &deployment.settings {
                let targets: Vec<Target> = setting
                    .targets
                    .iter()
                    .filter(|to| !to.key.contains(".properties:"))
                    .map(|to| Target {
                        node: to.node.clone(),
                        key: to.key.clone(),
                        value: to.value.clone(),
                        derived: derived.get(&(to.node.as_str(), to.key.as_str())).map(|from| (*from).to_owned()),
                    })
                    .collect();
                if targets.is_empty() {
                    continue;
                }
                promises.push(Promise {
                    deployment: deployment.name.clone(),
                    place: Place { file: setting.file.clone(), line: setting.line, column: setting.column },
                    path: setting.path.clone(),
                    value: Some(setting.value.clone()),
                    rule: setting.rule.clone(),
                    reason: setting.reason.clone(),
                    targets,
                });
            }
        }
        promises
    }
}
