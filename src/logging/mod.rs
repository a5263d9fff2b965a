//! Logging: each old node's `log4j.properties` in, `log4j2.additions.properties` of each new node out.
//!
//! 4.x logs with log4j2, whose file no key of deployment.toml drives. Hence what the administrator added or changed
//! against the shipped 2.x file is written beside deployment.toml, to be merged by hand, or merged into the new
//! product's own file where that is given. Loggers and appenders at their 2.x defaults are never carried, unless
//! something carried needs them.
//!
//! [`old`] reads leaves into appenders, loggers and variables; [`convert`](mod@convert) gives the [`model`] of one
//! node with the help of [`appender`], [`layout`], [`pattern`] and [`place`]; [`merge`] unites nodes; [`text`] writes
//! the additions, [`whole`] the product's file with them. The rules are those of semantics-settings.md, 10.

pub mod appender;
pub mod convert;
pub mod layout;
mod loggers;
pub mod merge;
pub mod model;
pub mod old;
pub mod pattern;
pub mod place;
#[cfg(test)]
mod tests;
pub mod text;
pub mod whole;

use indexmap::IndexMap;

use crate::diagnostic::{Code, Finding};
use crate::layout::OldNode;
use crate::mapping::{SettingId, Standing};
use crate::options::Options;
use crate::topology::planner::plan::{LoggingFile, Plan, Use};
use crate::topology::references::references;
use crate::topology::source::SourceTopology;
use model::Logging;
use whole::Product;

/// The product's own file.
pub const WHOLE: &str = "log4j2.properties";
/// The file that is written where the product's own is not given.
pub const ADDITIONS: &str = "log4j2.additions.properties";

/// Where a node's logging file stands below the deployment's folder.
#[must_use]
pub fn path(file: &LoggingFile) -> String {
    format!("{}/repository/conf/{}", file.node, file.name)
}

/// A finding for each line that refers to something in the manner of a deployment.toml: log4j2 takes `$env{X}` and its like
/// for a plain text, as log4j did.
fn plain_references(nodes: &[OldNode<'_>], file: &LoggingFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    for line in &file.lines {
        let name = &file.name;
        for reference in references(&line.value) {
            let own = reference.strip_prefix("$env{").and_then(|inside| inside.strip_suffix('}'));
            let way = own.map_or(String::new(), |own| format!("; log4j2's own form is `${{env:{own}}}`"));
            let message = format!(
                "`{}` in {name} holds `{reference}`, which log4j2 does not resolve: kept as text{way}",
                line.key
            );
            let finding = Finding::new(Code::VariableUnknown, message).on(&file.node);
            let from = line.from.first().and_then(|from| Some((nodes.get(from.node as usize)?, from.index)));
            findings.push(match from {
                Some((node, index)) => finding.at(node.place(index)),
                None => finding,
            });
        }
    }
    findings
}

/// Adds the logging files to the plan, and the stage's word on each changed leaf of a `log4j.properties`.
pub fn plan(nodes: &[OldNode<'_>], source: &SourceTopology, plan: &mut Plan, options: &Options) {
    let product = options.product_logging.as_deref().map(Product::read);
    let known = product.as_ref().map_or_else(convert::shipped_names, Product::appender_names);
    let mut converted: IndexMap<usize, Logging> = IndexMap::new();
    for (number, node) in nodes.iter().enumerate().filter(|(_, node)| node.set_aside.is_none()) {
        let file = old::read(node, number as u32);
        if !file.is_empty() {
            converted.insert(number, convert::convert(&file, &node.name, &known, options.target));
        }
    }
    if converted.is_empty() {
        return;
    }
    let mut words: IndexMap<SettingId, Use> = IndexMap::new();
    let mut merged_nodes = Vec::new();
    for target in &plan.nodes {
        let of: Vec<usize> =
            target.merged.iter().map(|old| source.nodes.get(*old).map_or(*old, |known| known.node)).collect();
        let parts: Vec<&Logging> = of.iter().filter_map(|node| converted.get(node)).collect();
        merged_nodes.extend(of);
        let Some(merged) = merge::merge(&parts) else { continue };
        plan.findings.extend(merged.findings.iter().cloned().map(|finding| finding.on(&target.name)));
        for (setting, word) in &merged.words {
            words.entry(*setting).or_insert_with(|| word.clone());
        }
        let file = match &product {
            None if merged.is_empty() => continue,
            Some(_) if !merged.has_lines() => continue,
            None => text::additions(&target.name, &merged, &known),
            Some(product) => {
                // What is to be taken out is taken out.
                for setting in merged.taken_out() {
                    words.insert(setting, Use::Absorbed(format!("{WHOLE} does without it")));
                }
                product.merged(&target.name, &merged)
            }
        };
        plan.findings.extend(plain_references(nodes, &file));
        plan.logging.push(file);
    }
    let written: Vec<SettingId> =
        plan.logging.iter().flat_map(|file| &file.lines).flat_map(|line| line.from.iter().copied()).collect();
    for (number, node) in nodes.iter().enumerate().filter(|(number, _)| converted.contains_key(number)) {
        let ours = old::ours(node);
        for (index, setting) in node.settings.settings.iter().enumerate() {
            let id = SettingId { node: number as u32, index: index as u32 };
            if setting.standing != Standing::Changed || !ours.contains(&setting.file) || written.contains(&id) {
                continue;
            }
            if !merged_nodes.contains(&number) {
                plan.uses.entry(id).or_insert_with(|| Use::Retired("no new node is made of this one".to_owned()));
            } else if let Some(word) = words.get(&id) {
                plan.uses.insert(id, word.clone());
            }
        }
    }
}
