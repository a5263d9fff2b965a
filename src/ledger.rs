//! The ledger: exactly one outcome for every leaf that was read.

use indexmap::IndexMap;

use crate::layout::OldNode;
use crate::mapping::rule::Fate;
use crate::mapping::tables::Tables;
use crate::mapping::{Setting, SettingId, Standing};
use crate::role::Profile;
use crate::topology::target::plan::{Plan, Use};
use crate::value::Value;
use crate::version::Target;

/// What became of a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Its value, possibly in another form, stands in a written key.
    Converted,
    /// Used to derive the topology, or lost to another value in a merge.
    Absorbed,
    /// Equals the legacy default: nothing needs to be said.
    Default,
    /// Needs a hand.
    Manual,
    /// Gone from the product, or not read by this node's role.
    Retired,
    /// No row speaks of it.
    Unknown,
}

/// Where a leaf's value went.
#[derive(Clone, Debug)]
pub struct Destination {
    /// The new node.
    pub node: String,
    /// The key.
    pub key: String,
    /// The value there.
    pub value: Value,
    /// It is a secret.
    pub secret: bool,
}

/// A leaf's line in the ledger.
#[derive(Clone, Debug)]
pub struct Line {
    /// The leaf.
    pub setting: SettingId,
    /// Its outcome.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// Legacy and target default, where the leaf is at the former and the latter differs.
    pub drift: Option<String>,
    /// Where the value stands, if it is converted.
    pub destinations: Vec<Destination>,
}

/// A leaf in none or two outcomes: a bug of ours, which stops the run.
#[derive(Debug, thiserror::Error)]
#[error("the ledger does not close: {0}. This is a bug of apim-migrate: please report it")]
pub struct LedgerError(String);

/// Finds the outcome of every leaf of `nodes`, the first that applies, and closes the ledger.
pub fn close(nodes: &[OldNode<'_>], plan: &Plan, tables: &Tables, target: Target) -> Result<Vec<Line>, LedgerError> {
    let written = destinations(plan);
    let mut lines: IndexMap<SettingId, Line> = IndexMap::new();
    let mut framing = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        for (index, setting) in node.settings.settings.iter().enumerate() {
            let id = SettingId { node: number as u32, index: index as u32 };
            if let Standing::Frames { leaf } = setting.standing {
                framing.push((id, leaf));
                continue;
            }
            let (outcome, reason) = judge(node, setting, written.get(&id), plan.uses.get(&id));
            let drift = (outcome == Outcome::Default).then(|| drift(setting, tables, target)).flatten();
            let destinations = written.get(&id).cloned().unwrap_or_default();
            enter(&mut lines, Line { setting: id, outcome, reason, drift, destinations })?;
        }
    }
    // What frames may itself be framed: a name of an empty element whose other attribute has the row.
    while !framing.is_empty() {
        let before = framing.len();
        let mut waiting = Vec::new();
        for (id, leaf) in framing {
            match lines.get(&leaf).cloned() {
                Some(framed) => {
                    let reason = format!("names the element: {}", framed.reason);
                    enter(&mut lines, Line { setting: id, reason, drift: None, ..framed })?;
                }
                None => waiting.push((id, leaf)),
            }
        }
        if waiting.len() == before {
            return Err(LedgerError(format!(
                "leaf {:?} frames {:?}, which has no outcome",
                waiting[0].0, waiting[0].1
            )));
        }
        framing = waiting;
    }
    settle_aliases(nodes, &mut lines);
    let read: usize = nodes.iter().map(|node| node.settings.settings.len()).sum();
    if lines.len() != read {
        return Err(LedgerError(format!("{read} leaves were read, {} have an outcome", lines.len())));
    }
    for (id, word) in &plan.uses {
        if !lines.contains_key(id) {
            return Err(LedgerError(format!("the plan says {word:?} of a leaf that was not read")));
        }
    }
    lines.sort_unstable_keys();
    Ok(lines.into_values().collect())
}

/// Where a written value is `$secret{alias}`, the leaf that names the alias says so; the text in the element's own
/// place is a place holder.
fn settle_aliases(nodes: &[OldNode<'_>], lines: &mut IndexMap<SettingId, Line>) {
    for (number, node) in nodes.iter().enumerate() {
        for (index, setting) in node.settings.settings.iter().enumerate() {
            let Some(protected) = &setting.vault else { continue };
            let id = SettingId { node: number as u32, index: index as u32 };
            let Some(by) = protected.by.filter(|_| lines[&id].outcome == Outcome::Converted) else { continue };
            let reason = format!("only the place holder of the secure vault's alias `{}`", protected.alias);
            let placeholder =
                Line { setting: id, outcome: Outcome::Absorbed, reason, drift: None, destinations: Vec::new() };
            if let Some(value) = lines.insert(id, placeholder) {
                lines.insert(by, Line { setting: by, ..value });
            }
        }
    }
}

fn enter(lines: &mut IndexMap<SettingId, Line>, line: Line) -> Result<(), LedgerError> {
    let id = line.setting;
    match lines.insert(id, line) {
        None => Ok(()),
        Some(_) => Err(LedgerError(format!("leaf {id:?} has two outcomes"))),
    }
}

/// Which keys each leaf stands in.
fn destinations(plan: &Plan) -> IndexMap<SettingId, Vec<Destination>> {
    let mut found: IndexMap<SettingId, Vec<Destination>> = IndexMap::new();
    for node in &plan.nodes {
        for (key, entry) in &node.entries {
            for setting in &entry.from {
                let list = found.entry(*setting).or_default();
                if !list.iter().any(|known| known.node == node.name && known.key == *key) {
                    list.push(Destination {
                        node: node.name.clone(),
                        key: key.clone(),
                        value: entry.value.clone(),
                        secret: entry.secret,
                    });
                }
            }
        }
    }
    found
}

/// The first outcome that applies.
fn judge(
    node: &OldNode<'_>,
    setting: &Setting<'_>,
    written: Option<&Vec<Destination>>,
    word: Option<&Use>,
) -> (Outcome, String) {
    let why = setting.rule.map_or_else(String::new, |rule| rule.why.clone());
    if written.is_some_and(|list| !list.is_empty()) {
        return (Outcome::Converted, why);
    }
    if let Standing::Superseded { .. } = setting.standing {
        return (Outcome::Absorbed, "another element of the same path holds".to_owned());
    }
    let at_default = setting.standing == Standing::Default;
    if let Some((_, reason)) = &node.set_aside {
        return match word {
            _ if at_default => (Outcome::Default, "the shipped value".to_owned()),
            Some(Use::Absorbed(into)) => (Outcome::Absorbed, into.clone()),
            _ => (Outcome::Retired, format!("its node is set aside: {reason}")),
        };
    }
    match word {
        Some(Use::Absorbed(into)) if !at_default => return (Outcome::Absorbed, into.clone()),
        _ if at_default => return (Outcome::Default, "the shipped value".to_owned()),
        Some(Use::Default(reason)) => return (Outcome::Default, reason.clone()),
        Some(Use::Manual(how)) => return (Outcome::Manual, how.clone()),
        Some(Use::Retired(reason)) => return (Outcome::Retired, reason.clone()),
        _ => {}
    }
    let Some(rule) = setting.rule else {
        return (Outcome::Unknown, "no row of the tables speaks of this setting".to_owned());
    };
    let told = setting.case.and_then(|case| case.tell.as_ref()).or(rule.tell.as_ref());
    let instead = rule.instead.as_ref().map_or_else(String::new, |instead| format!("; instead: {instead}"));
    match setting.fate() {
        Some(Fate::Retired) => (Outcome::Retired, format!("{}{instead}", told.unwrap_or(&why))),
        Some(Fate::Constant) => (Outcome::Retired, format!("{why}{instead}")),
        Some(Fate::Default) => (Outcome::Default, why),
        Some(Fate::Manual) => (Outcome::Manual, format!("{}{instead}", told.unwrap_or(&why))),
        None => (Outcome::Manual, told.cloned().unwrap_or_else(|| format!("not carried: {why}"))),
    }
}

/// A leaf at its legacy default whose default is another one in the target.
fn drift(setting: &Setting<'_>, tables: &Tables, target: Target) -> Option<String> {
    let rule = setting.rule?;
    let shipped = setting.shipped?;
    let key = rule.to.iter().next().filter(|key| !key.contains('*'))?;
    if matches!(tables.catalog.acceptance(key, target), crate::mapping::catalog::Acceptance::Read) {
        let kind = tables.catalog.find(key)?.kind;
        let value = crate::mapping::codec::convert(shipped, rule.codec, kind).ok()?;
        let defaults = tables.catalog.defaults(key, target, Profile::AllInOne);
        let newest = defaults.last()?;
        if !newest.is_empty() && !tables.catalog.is_default(key, &value, target, Profile::AllInOne) {
            let secret = setting.is_secret();
            let shown = |text: &str| crate::mapping::shown(text, secret);
            return Some(format!("{key}: {} before, {} in the target", shown(shipped), shown(newest)));
        }
    }
    None
}
