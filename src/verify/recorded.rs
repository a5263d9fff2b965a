//! What a migration promised: its report, read back.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{NodeFile, Promise, Target};
use crate::role::Profile;
use crate::source::Place;
use crate::value::Value;

/// The parts of a report that a proof needs.
#[derive(Clone, Debug, Deserialize)]
pub struct Recorded {
    options: Options,
    deployments: Vec<Deployment>,
}

#[derive(Clone, Debug, Deserialize)]
struct Options {
    target: crate::version::Target,
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
    nodes: Vec<Node>,
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
}

impl Node {
    /// Its file with this text, to be proven.
    #[must_use]
    pub fn to_prove(&self, deployment: &str, text: String) -> NodeFile {
        NodeFile {
            deployment: deployment.to_owned(),
            node: self.name.clone(),
            profile: Some(self.profile),
            path: self.file.clone(),
            text,
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
    value: Value,
}

#[derive(Clone, Debug, Deserialize)]
struct Derived {
    node: String,
    key: String,
    from: String,
}

impl Recorded {
    /// Reads a report's text.
    ///
    /// # Errors
    /// What is not of its form.
    pub fn read(json: &str) -> Result<Self, String> {
        serde_json::from_str(json).map_err(|error| error.to_string())
    }

    /// What was written for.
    #[must_use]
    pub fn target(&self) -> crate::version::Target {
        self.options.target
    }

    /// The nodes, each with the name of its deployment.
    pub fn nodes(&self) -> impl Iterator<Item = (&str, &Node)> {
        self.deployments
            .iter()
            .flat_map(|deployment| deployment.target.nodes.iter().map(|node| (deployment.name.as_str(), node)))
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
                        value: Some(to.value.clone()),
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
