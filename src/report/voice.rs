//! Deployments that name each other: each knows only itself, so that this is found when all are done.

use std::collections::{BTreeMap, BTreeSet};

use super::model::{At, Finding, Report};
use crate::diagnostic::Code;
use crate::migration::Deployment;
use crate::topology::source::Aliases;
use crate::topology::source::claims::{Kind, stated_names};

/// What a deployment is called by others, and whom it names.
#[derive(Clone, Debug, Default)]
pub struct Voice {
    /// The hosts that its nodes' files give them.
    names: BTreeSet<String>,
    /// The hosts that it names and that are none of its own, each with where that stands.
    named: BTreeMap<String, String>,
}

impl Voice {
    /// What `deployment` says.
    #[must_use]
    pub fn of(deployment: &Deployment<'_>) -> Self {
        let none = Aliases::default();
        let names: BTreeSet<String> = deployment.nodes.iter().flat_map(|node| stated_names(node, &none)).collect();
        let claims = deployment.source.nodes.iter().flat_map(|node| &node.claims);
        let others = claims
            .filter(|claim| claim.kind != Kind::Hint && !names.contains(&claim.key))
            .map(|claim| (claim.key.clone(), claim.place.to_string()))
            .collect();
        Self { names, named: others }
    }
}

/// Finds pairs of deployments of which one names a host of the other. `inputs` are the voices of each INPUT's
/// deployments, in the order of the report's.
#[must_use]
pub fn name_each_other(inputs: &[Vec<Voice>], report: &Report) -> Vec<Finding> {
    let voices: Vec<&Voice> = inputs.iter().flatten().collect();
    let mut owners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (number, voice) in voices.iter().enumerate() {
        for name in &voice.names {
            owners.entry(name).or_default().push(number);
        }
    }
    let mut pairs: BTreeMap<(usize, usize), (&str, &str)> = BTreeMap::new();
    for (by, voice) in voices.iter().enumerate() {
        for (host, place) in &voice.named {
            // A name that several have tells of none.
            if let Some([of]) = owners.get(host.as_str()).map(Vec::as_slice) {
                pairs.entry((by, *of)).or_insert((host, place));
            }
        }
    }
    let name = |number: usize| report.deployments.get(number).map_or("", |deployment| deployment.name.as_str());
    pairs
        .into_iter()
        .map(|((by, of), (host, place))| Finding {
            code: Code::DeploymentsNameEachOther,
            severity: Code::DeploymentsNameEachOther.severity(),
            message: format!(
                "`{}` names `{host}` ({place}), a host of `{}`: they may be one deployment",
                name(by),
                name(of)
            ),
            node: None,
            at: At::default(),
            help: Code::DeploymentsNameEachOther.help().to_owned(),
            excerpt: None,
        })
        .collect()
}
