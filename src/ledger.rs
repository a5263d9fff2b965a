//! The ledger: exactly one outcome for every leaf that was read.

use std::borrow::Cow;

use rustc_hash::FxBuildHasher;

use crate::layout::OldNode;
use crate::mapping::rule::Fate;
use crate::mapping::tables::Tables;
use crate::mapping::{Setting, SettingId, Standing};
use crate::role::Profile;
use crate::topology::planner::plan::{Plan, Use};
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
    /// The key; one of another file than deployment.toml begins with the file's name and a colon.
    pub key: String,
    /// The value there; `None` where a long list stands at the first of the leaves that make it.
    pub value: Option<Value>,
    /// It is a secret.
    pub secret: bool,
}

/// The longest list that stands at each of its leaves: of longer ones the whole would stand there as often as they are
/// long.
const SHORT_LIST: usize = 16;

/// A leaf's line in the ledger.
#[derive(Clone, Debug)]
pub struct Line<'a> {
    /// The leaf.
    pub setting: SettingId,
    /// Its outcome.
    pub outcome: Outcome,
    /// Why.
    pub reason: Cow<'a, str>,
    /// Legacy and target default, where the leaf is at the former and the latter differs.
    pub drift: Option<String>,
    /// Where the value stands, if it is converted.
    pub destinations: Vec<Destination>,
}

/// A leaf in none or two outcomes: a bug of ours, which stops the run.
#[derive(Debug, thiserror::Error)]
#[error("the ledger does not close: {0}. This is a bug of apim-migrate: please report it")]
pub struct LedgerError(String);

/// A line for each leaf, by node and number.
type Lines<'a> = Vec<Vec<Option<Line<'a>>>>;

/// Where leaves stand.
type Written = indexmap::IndexMap<SettingId, Vec<Destination>, FxBuildHasher>;

/// Finds the outcome of every leaf of `nodes`, the first that applies, and closes the ledger.
pub fn close<'a>(
    nodes: &[OldNode<'a>],
    plan: &Plan,
    tables: &Tables,
    target: Target,
) -> Result<Vec<Line<'a>>, LedgerError> {
    let mut written = destinations(plan);
    let mut lines: Lines<'a> = nodes.iter().map(|node| vec![None; node.settings.settings.len()]).collect();
    let mut framing = Vec::new();
    for (number, node) in nodes.iter().enumerate() {
        for (index, setting) in node.settings.settings.iter().enumerate() {
            let id = SettingId { node: number as u32, index: index as u32 };
            if let Standing::Frames { leaf } = setting.standing {
                framing.push((id, leaf));
                continue;
            }
            let destinations = written.get_mut(&id).map(std::mem::take).unwrap_or_default();
            let (outcome, reason) = judge(node, setting, !destinations.is_empty(), plan.uses.get(&id));
            let drift = (outcome == Outcome::Default).then(|| drift(setting, tables, target)).flatten();
            enter(&mut lines, Line { setting: id, outcome, reason, drift, destinations })?;
        }
    }
    frame(&mut lines, framing)?;
    settle_aliases(nodes, &mut lines);
    for (id, word) in &plan.uses {
        if lines.get(id.node as usize).and_then(|node| node.get(id.index as usize)).is_none() {
            return Err(LedgerError(format!("the plan says {word:?} of a leaf that was not read")));
        }
    }
    let mut closed = Vec::with_capacity(lines.iter().map(Vec::len).sum());
    for (node, lines) in lines.into_iter().enumerate() {
        for (index, line) in lines.into_iter().enumerate() {
            closed.push(line.ok_or_else(|| LedgerError(format!("leaf {index} of node {node} has no outcome")))?);
        }
    }
    Ok(closed)
}

/// What only frames another leaf shares its outcome. What frames may itself be framed: a name of an empty element
/// whose other attribute has the row.
fn frame(lines: &mut Lines<'_>, mut framing: Vec<(SettingId, SettingId)>) -> Result<(), LedgerError> {
    while !framing.is_empty() {
        let before = framing.len();
        let mut waiting = Vec::new();
        for (id, leaf) in framing {
            match lines[leaf.node as usize][leaf.index as usize].clone() {
                Some(framed) => {
                    let reason = if framed.outcome == Outcome::Default {
                        Cow::Borrowed("names an element at its shipped value")
                    } else {
                        format!("names the element: {}", framed.reason).into()
                    };
                    enter(lines, Line { setting: id, reason, drift: None, ..framed })?;
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
    Ok(())
}

/// Where a written value is `$secret{alias}`, the leaf that names the alias says so; the text in the element's own
/// place is a place holder.
fn settle_aliases(nodes: &[OldNode<'_>], lines: &mut Lines<'_>) {
    for (node, lines) in nodes.iter().zip(lines) {
        for (index, setting) in node.settings.settings.iter().enumerate() {
            let Some(protected) = &setting.vault else { continue };
            let converted = |line: &&mut Line<'_>| line.outcome == Outcome::Converted;
            let (Some(by), Some(line)) = (protected.by, lines[index].as_mut().filter(converted)) else { continue };
            let reason = format!("only the place holder of the secure vault's alias `{}`", protected.alias);
            let placeholder = Line {
                setting: line.setting,
                outcome: Outcome::Absorbed,
                reason: reason.into(),
                drift: None,
                destinations: Vec::new(),
            };
            let value = std::mem::replace(line, placeholder);
            lines[by.index as usize] = Some(Line { setting: by, ..value });
        }
    }
}

fn enter<'a>(lines: &mut Lines<'a>, line: Line<'a>) -> Result<(), LedgerError> {
    let id = line.setting;
    match lines[id.node as usize][id.index as usize].replace(line) {
        None => Ok(()),
        Some(_) => Err(LedgerError(format!("leaf {id:?} has two outcomes"))),
    }
}

/// Which keys each leaf stands in.
fn destinations(plan: &Plan) -> Written {
    let mut found = Written::default();
    for node in &plan.nodes {
        for (key, entry) in &node.entries {
            let is_long = matches!(&entry.value, Value::List(items) if items.len() > SHORT_LIST);
            for (number, setting) in entry.from.iter().enumerate() {
                let list = found.entry(*setting).or_default();
                // An entry that names a leaf twice does so in one run.
                if !list.last().is_some_and(|known| known.node == node.name && known.key == *key) {
                    list.push(Destination {
                        node: node.name.clone(),
                        key: key.clone(),
                        value: (!is_long || number == 0).then(|| entry.value.clone()),
                        secret: entry.secret,
                    });
                }
            }
        }
    }
    for file in &plan.logging {
        for line in &file.lines {
            for setting in &line.from {
                found.entry(*setting).or_default().push(Destination {
                    node: file.node.clone(),
                    key: format!("{}:{}", file.name, line.key),
                    value: Some(Value::text(&line.value)),
                    secret: false,
                });
            }
        }
    }
    found
}

/// The first outcome that applies.
fn judge<'a>(node: &OldNode<'a>, setting: &Setting<'a>, written: bool, word: Option<&Use>) -> (Outcome, Cow<'a, str>) {
    let same = if setting.key.is_some() { "the same key" } else { "" };
    let why = setting.rule.map_or(same, |rule| rule.why.as_str());
    let said = |text: &str| Cow::Owned(text.to_owned());
    if written {
        return (Outcome::Converted, why.into());
    }
    if let Standing::Superseded { .. } = setting.standing {
        return (Outcome::Absorbed, "another element of the same path holds".into());
    }
    if setting.standing == Standing::Default {
        return (Outcome::Default, "the shipped value".into());
    }
    if let Some((_, reason)) = &node.set_aside {
        return match word {
            Some(Use::Absorbed(into)) => (Outcome::Absorbed, said(into)),
            _ => (Outcome::Retired, format!("its node is set aside: {reason}").into()),
        };
    }
    match word {
        Some(Use::Absorbed(into)) => return (Outcome::Absorbed, said(into)),
        Some(Use::Default(reason)) => return (Outcome::Default, said(reason)),
        Some(Use::Manual(how)) => return (Outcome::Manual, said(how)),
        Some(Use::Retired(reason)) => return (Outcome::Retired, said(reason)),
        None => {}
    }
    let Some(rule) = setting.rule else {
        if setting.key.is_some() {
            return (Outcome::Manual, "the target does not take the value as it stands: see the findings".into());
        }
        return (Outcome::Unknown, "no row of the tables speaks of this setting".into());
    };
    let told = setting.case.and_then(|case| case.tell.as_deref()).or(rule.tell.as_deref());
    let with_successor = |text: &'a str| match &rule.instead {
        Some(instead) => Cow::Owned(format!("{}; instead: {instead}", text.trim_end_matches('.'))),
        None => Cow::Borrowed(text),
    };
    match setting.fate() {
        Some(Fate::Retired) => (Outcome::Retired, with_successor(told.unwrap_or(why))),
        Some(Fate::Constant) => (Outcome::Retired, with_successor(why)),
        Some(Fate::Default) => (Outcome::Default, why.into()),
        Some(Fate::Manual) => (Outcome::Manual, with_successor(told.unwrap_or(why))),
        None => (Outcome::Manual, told.map_or_else(|| format!("not carried: {why}").into(), Cow::Borrowed)),
    }
}

/// A leaf at its legacy default whose default is another one in the target.
fn drift(setting: &Setting<'_>, tables: &Tables, target: Target) -> Option<String> {
    let rule = setting.rule?;
    let shipped = setting.shipped?;
    // A list's items differ one by one, and a text that any version ships is no choice of anybody's.
    if rule.adds || rule.repeats || setting.case.is_some_and(|case| case.outcome == Some(Fate::Default)) {
        return None;
    }
    let name = rule.to.iter().next().filter(|name| !name.contains('*'))?;
    let catalog = &tables.catalog;
    let key = catalog.find(name).filter(|key| key.is_read_by(target))?;
    let newest = *catalog.defaults(name, target, Profile::AllInOne).last()?;
    if newest.is_empty() {
        return None;
    }
    let value = crate::mapping::codec::convert(shipped, rule.codec, key.kind).ok()?;
    // A default that refers to another key is the same where that key's default is.
    let other = newest.strip_prefix("$ref{").and_then(|rest| rest.strip_suffix('}'));
    if [Some(name), other].into_iter().flatten().any(|name| catalog.is_default(name, &value, target, Profile::AllInOne))
    {
        return None;
    }
    let secret = setting.is_secret();
    let shown = |text: &str| crate::secret::shown(text, secret);
    Some(format!("{name}: {} before, {} in the target", shown(shipped), shown(newest)))
}
