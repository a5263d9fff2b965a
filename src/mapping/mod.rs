//! What the tables say of each leaf: leaves of one node in, [`NodeSettings`] out.
//!
//! The stage knows nothing of other nodes and of roles. For each leaf it finds the row, tells whether the value
//! is the shipped one, and collects *sayings* (a key and its value, as this node would have it) and *facts*
//! (named values that the topology stage works with). What is said is not yet what is written: roles, merges
//! and the target decide that later.

pub mod book;
pub mod catalog;
pub mod codec;
pub mod defaults;
pub mod deployment;
pub mod examples;
pub mod figures;
mod further;
pub mod measured;
pub mod nearest;
pub mod own;
pub mod path;
pub mod rule;
pub mod subject;
pub mod tables;
pub mod vault;

use crate::text::Parts as _;
use std::borrow::Cow;
use std::ops::Range;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use crate::diagnostic::{Code, Finding};
use crate::read::{Leaf, LeafKind};
use crate::secret::neighbours;
use crate::source::Place;
use crate::value::Value;
use crate::version::Version;
use rule::{Case, Fate, Holds, Rule};
use tables::{Found, Table, Tables};
use vault::Protected;

/// A leaf of a deployment: the node's number, and the leaf's among all leaves of that node.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SettingId {
    /// The node.
    pub node: u32,
    /// The leaf.
    pub index: u32,
}

/// How a leaf stands before any merge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Its value is the one that its version ships.
    Default,
    /// Its value is an administrator's.
    Changed,
    /// Another leaf of the same path holds instead.
    Superseded {
        /// The one that holds.
        by: SettingId,
    },
    /// It only names or frames another leaf and shares its outcome.
    Frames {
        /// That leaf.
        leaf: SettingId,
    },
}

/// A leaf with what the tables say of it.
#[derive(Clone, Debug)]
pub struct Setting<'a> {
    /// The leaf.
    pub leaf: Leaf<'a>,
    /// The number of its file among the node's.
    pub file: u32,
    /// Its row.
    pub rule: Option<&'a Rule>,
    /// The case of the row that the value falls under.
    pub case: Option<&'a Case>,
    /// What the row's `*` stand for.
    pub captures: Vec<String>,
    /// How it stands.
    pub standing: Standing,
    /// The shipped value of its version, if the file ships the leaf.
    pub shipped: Option<&'static str>,
    /// The leaf's key, with the entries of arrays of tables named, where the file is a deployment.toml.
    pub key: Option<String>,
    /// The alias of the secure vault that the leaf's text stands for, if it is only a place holder.
    pub vault: Option<Protected>,
    /// A neighbour names it as a secret: `<Property name="password">`.
    pub named_secret: bool,
}

impl Setting<'_> {
    /// What the leaf says: its text, or, where that is only the place holder of an alias, `$secret{alias}`.
    #[must_use]
    pub fn value(&self) -> Cow<'_, str> {
        match &self.vault {
            Some(protected) => Cow::Owned(format!("$secret{{{}}}", protected.alias)),
            None => Cow::Borrowed(&self.leaf.value),
        }
    }

    /// Whether the value must never be shown.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        let by_name = || {
            let names = std::iter::once(self.leaf.path.as_str()).chain(self.key.as_deref());
            self.named_secret || names.into_iter().any(|name| crate::secret::by_name(name, &self.leaf.value))
        };
        // A row of several paths speaks of a group: in it each is as secret as its name.
        let by_row = || self.rule.is_some_and(|rule| rule.secret && rule.from.iter().nth(1).is_none());
        self.vault.is_some() || !self.leaf.secrets.is_empty() || by_row() || by_name()
    }

    /// The value as reports may show it.
    #[must_use]
    pub fn shown(&self) -> String {
        crate::secret::shown(&self.value(), self.is_secret())
    }

    /// What its row tells of a value that was changed.
    fn finding(&self) -> Option<Finding> {
        let rule = self.rule.filter(|_| self.standing == Standing::Changed)?;
        let code = self.case.and_then(|case| case.finding.as_ref()).or(rule.finding.as_ref())?;
        let code = Code::ALL.iter().find(|known| known.text() == code)?;
        let told = self.case.and_then(|case| case.tell.as_ref()).or(rule.tell.as_ref()).unwrap_or(&rule.why);
        Some(Finding::new(*code, format!("{}: {told}", self.leaf.path)))
    }

    /// What becomes of the leaf if no key takes it.
    #[must_use]
    pub fn fate(&self) -> Option<Fate> {
        self.case.and_then(|case| case.outcome).or_else(|| self.rule.and_then(|rule| rule.outcome))
    }
}

/// A key and its value as one node would have it.
#[allow(clippy::struct_excessive_bools, reason = "each is told of the row or the leaf apart")]
#[derive(Clone, Debug)]
pub struct Saying<'a> {
    /// The leaf that says so.
    pub setting: SettingId,
    /// The key; a list's entries are named: `a[Name].b`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// Whose business it is: a row of `subjects.toml`.
    pub subject: &'a str,
    /// The value is a secret.
    pub secret: bool,
    /// The list replaces the target's own: the target's default items come first.
    pub adds: bool,
    /// What else the node says of the key holds before this.
    pub yields: bool,
    /// The leaf is at its shipped value, and this is only said because of `--keep-legacy-defaults`.
    pub kept_default: bool,
}

/// A named value that the topology stage works with.
#[derive(Clone, Debug)]
pub struct Fact<'a> {
    /// The name, from the rule.
    pub name: &'a str,
    /// What it is about, where there are several (the environment's, the data source's name).
    pub entity: Option<String>,
    /// The leaf.
    pub setting: SettingId,
    /// The value, trimmed.
    pub value: String,
    /// Whether it differs from what the version ships.
    pub changed: bool,
}

/// Everything that the tables say of one node.
#[derive(Clone, Debug, Default)]
pub struct NodeSettings<'a> {
    /// The node's leaves, in the order of its files.
    pub settings: Vec<Setting<'a>>,
    /// What it would write.
    pub sayings: Vec<Saying<'a>>,
    /// What the topology works with.
    pub facts: Vec<Fact<'a>>,
    /// What was found on the way.
    pub findings: Vec<Finding>,
}

impl<'a> NodeSettings<'a> {
    /// The fact of that name that holds, without regard to what it is about.
    #[must_use]
    pub fn fact(&self, name: &str) -> Option<&Fact<'a>> {
        self.facts.iter().find(|fact| fact.name == name)
    }

    /// The value of a fact; an empty one counts as none.
    #[must_use]
    pub fn value(&self, name: &str) -> Option<&str> {
        self.fact(name).map(|fact| fact.value.as_str()).filter(|value| !value.is_empty())
    }

    /// All facts of that name, in document order.
    pub fn facts_named<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s Fact<'a>> {
        self.facts.iter().filter(move |fact| fact.name == name)
    }
}

impl NodeSettings<'_> {
    /// Gives the node another number: in its own leaves, and wherever it refers to them.
    pub fn renumber(&mut self, node: u32) {
        for setting in &mut self.settings {
            if let Some(by) = setting.vault.as_mut().and_then(|protected| protected.by.as_mut()) {
                by.node = node;
            }
            match &mut setting.standing {
                Standing::Superseded { by } => by.node = node,
                Standing::Frames { leaf } => leaf.node = node,
                Standing::Default | Standing::Changed => {}
            }
        }
        for saying in &mut self.sayings {
            saying.setting.node = node;
        }
        for fact in &mut self.facts {
            fact.setting.node = node;
        }
    }
}

/// The leaves of one file of a node, ready to be mapped.
pub struct MappedFile<'a> {
    /// The file's number among the node's.
    pub number: u32,
    /// Its path as findings show it.
    pub path: &'a str,
    /// Its table.
    pub table: &'a Table,
    /// Its leaves.
    pub leaves: Vec<Leaf<'a>>,
}

/// Maps the leaves of node number `node`, a server of `version`.
#[must_use]
pub fn map<'a>(
    tables: &'a Tables,
    node: u32,
    version: Version,
    files: Vec<MappedFile<'a>>,
    keep_legacy_defaults: bool,
) -> NodeSettings<'a> {
    let mut out = NodeSettings::default();
    let mut known: Vec<(&str, Range<usize>)> = Vec::with_capacity(files.len());
    out.settings.reserve(files.iter().map(|file| file.leaves.len()).sum());
    for file in files {
        let first = out.settings.len();
        let (path, head) = (file.path, &file.table.head);
        let named = neighbours(file.leaves.iter().map(|leaf| (leaf.path.as_str(), &*leaf.value)));
        if head.is_toml() {
            out.settings.extend(deployment::say::classify(tables, version, file));
        } else {
            let mut siblings = further::Siblings::of(&head.only_first);
            for leaf in file.leaves {
                let path = siblings.lookup(&leaf.path).map(str::to_owned);
                let setting = classify(file.table, version, file.number, leaf, path.as_deref());
                out.settings.push(setting);
            }
            supersede(&mut out.settings[first..], node, first, head.duplicates);
            frame(&mut out.settings[first..], node, first);
        }
        for (index, setting) in out.settings[first..].iter_mut().enumerate() {
            setting.named_secret = named.name(index);
        }
        known.push((path, first..out.settings.len()));
    }
    // Aliases of one file may be told in another: all are known before anything is said.
    vault::apply(&mut out.settings, node, &known);
    for (path, settings) in known {
        for index in settings {
            let id = SettingId { node, index: index as u32 };
            if out.settings[index].key.is_some() {
                deployment::say::say(tables, path, id, &mut out);
            } else {
                say(tables, path, id, keep_legacy_defaults, &mut out);
            }
        }
    }
    out
}

/// Finds the row and the default of a leaf: by `looked_up` where that is not its own path.
fn classify<'a>(table: &'a Table, version: Version, file: u32, leaf: Leaf<'a>, looked_up: Option<&str>) -> Setting<'a> {
    let path = looked_up.unwrap_or(&leaf.path);
    let Found { rule: found, shipped } = table.look_up(path, version);
    let (rule, captures) = found.map_or((None, Vec::new()), |(rule, captures)| (Some(rule), captures));
    let case = rule.and_then(|rule| rule.case_for(&leaf.value));
    let repeats = rule.is_some_and(|rule| rule.repeats);
    // Entries of a list are told apart by what they say, not by where they stand.
    let default = shipped.is_some_and(|shipped| shipped.is(&leaf.value, version))
        || (repeats && table.ships_in_list(&leaf.path, &leaf.value, version))
        || case.is_some_and(|case| case.outcome == Some(Fate::Default))
        // An element that holds settings, with all of them in comments, says nothing.
        || (rule.is_none() && is_empty_element(&leaf) && table.speaks_below(&leaf.path));
    Setting {
        file,
        rule,
        case,
        captures,
        standing: if default { Standing::Default } else { Standing::Changed },
        shipped: shipped.filter(|shipped| !shipped.commented_out).and_then(|shipped| shipped.value(version)),
        vault: None,
        named_secret: false,
        key: None,
        leaf,
    }
}

fn is_empty_element(leaf: &Leaf<'_>) -> bool {
    leaf.kind == LeafKind::Element && leaf.value.trim().is_empty()
}

/// Whether a case's `is` covers the value: trimmed, without regard to case, one `*` for any text.
fn fits(is: &str, value: &str) -> bool {
    let value = value.trim().to_lowercase();
    let is = is.to_lowercase();
    match is.split_once('*') {
        None => is == value,
        Some((head, tail)) => {
            value.len() >= head.len() + tail.len() && value.starts_with(head) && value.ends_with(tail)
        }
    }
}

/// Of leaves with the same path but for siblings' numbers, one holds, unless the row says that they are a list.
fn supersede(settings: &mut [Setting<'_>], node: u32, first: usize, holds: Holds) {
    let mut groups: IndexMap<String, Vec<usize>, FxBuildHasher> = IndexMap::default();
    for setting in settings.iter() {
        if let Cow::Owned(plain) = path::without_numbers(&setting.leaf.path) {
            groups.entry(plain).or_default();
        }
    }
    if groups.is_empty() {
        return;
    }
    for (index, setting) in settings.iter().enumerate() {
        if setting.rule.is_none_or(|rule| !rule.repeats)
            && let Some(group) = groups.get_mut(path::without_numbers(&setting.leaf.path).as_ref())
        {
            group.push(index);
        }
    }
    for group in groups.into_values().filter(|group| group.len() > 1) {
        let winner = match holds {
            Holds::First => group[0],
            Holds::Last => group[group.len() - 1],
        };
        let by = SettingId { node, index: (first + winner) as u32 };
        for index in group.into_iter().filter(|index| *index != winner) {
            settings[index].standing = Standing::Superseded { by };
        }
    }
}

/// An attribute that names its element, or an empty element that only carries attributes, has no row of its
/// own: it shares the outcome of its element's leaf, or of the first leaf below it.
fn frame(settings: &mut [Setting<'_>], node: u32, first: usize) {
    for index in 0..settings.len() {
        let path = settings[index].leaf.path.as_str();
        let own = settings[index].rule;
        let inside = |element: &str, other: usize| {
            settings[other].rule.is_some() && is_within(&settings[other].leaf.path, element)
        };
        // Attributes come first in their element: what a name is for follows, or stands just before.
        let framed = match settings[index].leaf.kind {
            LeafKind::Attribute if own.is_none() => {
                let element = path::parent(path);
                let name = path.part(element.len() + 1..).trim_start_matches('@');
                let names = matches!(name, "locked" | "secretAlias") || path::naming_attribute(element) == Some(name);
                let after = || {
                    (index + 1..settings.len())
                        .take_while(|other| is_within(&settings[*other].leaf.path, element))
                        .find(|other| inside(element, *other))
                };
                let before = || index.checked_sub(1).filter(|other| inside(element, *other));
                if names { after().or_else(before) } else { None }
            }
            LeafKind::Element
                if is_empty_element(&settings[index].leaf)
                    && own.is_none_or(|rule| rule.from.iter().any(|from| from.ends_with("/**"))) =>
            {
                let attributes = (0..index).rev().take_while(|other| is_within(&settings[*other].leaf.path, path));
                let mut attributes = attributes.filter(|other| settings[*other].leaf.kind == LeafKind::Attribute);
                attributes.find(|other| inside(path, *other))
            }
            _ => None,
        };
        if let Some(framed) = framed {
            settings[index].standing = Standing::Frames { leaf: SettingId { node, index: (first + framed) as u32 } };
        }
    }
}

/// Whether a value has blanks at its ends that no line break explains.
fn has_blank_ends(value: &str) -> bool {
    let trimmed = value.trim();
    !trimmed.is_empty() && trimmed.len() < value.len() && !value.contains(['\n', '\r'])
}

/// Whether `path` is `element` or something in it.
fn is_within(path: &str, element: &str) -> bool {
    path.strip_prefix(element).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn say<'a>(tables: &'a Tables, file: &str, id: SettingId, keep_legacy_defaults: bool, out: &mut NodeSettings<'a>) {
    let setting = &out.settings[id.index as usize];
    let Some(rule) = setting.rule else { return };
    let changed = match setting.standing {
        Standing::Changed => true,
        Standing::Default => false,
        Standing::Superseded { .. } | Standing::Frames { .. } => return,
    };
    let place = || Place::at(file, setting.leaf.position);
    if let Some(name) = &rule.fact {
        out.facts.push(Fact {
            name,
            entity: setting.captures.first().cloned(),
            setting: id,
            value: setting.value().trim().to_owned(),
            changed,
        });
    }
    out.findings.extend(setting.finding().map(|finding| finding.at(place())));
    if changed && setting.vault.is_none() && setting.is_secret() && has_blank_ends(&setting.leaf.value) {
        let message = format!("{}: the value begins or ends with a blank, which was left out", setting.leaf.path);
        out.findings.push(Finding::new(Code::BlanksInSecret, message).at(place()));
    }
    let noise = setting.case.is_some_and(|case| case.outcome == Some(Fate::Default));
    if !changed && (noise || !keep_legacy_defaults) {
        return;
    }
    let subject = rule.subject.as_deref().unwrap_or("node");
    let secret = setting.is_secret();
    let mut sayings = Vec::new();
    if let Some(case) = setting.case {
        for (key, value) in &case.sets {
            sayings.push((fill(key, &setting.captures), value.into(), false));
        }
    }
    if setting.case.is_none_or(|case| !case.only && case.outcome.is_none()) {
        for key in rule.to.iter() {
            let key = fill(key, &setting.captures);
            if let Some((list, name)) = rule.entry.as_ref().and(entry_of(&key)) {
                let field = rule.entry.as_deref().unwrap_or_default();
                // What the entry is called is no secret, whatever else of it is.
                sayings.push((format!("{list}[{name}].{field}"), Value::text(name), false));
            }
            let known = tables.catalog.find(&key).map_or(catalog::Kind::Text, |key| key.kind);
            match codec::convert_legacy(&setting.value(), rule.codec, known) {
                Ok(value) => {
                    let item = changed.then(|| codec::twice(&value, rule.codec)).flatten();
                    out.findings.extend(item.map(|item| {
                        let message = format!("{}: `{item}` stands in the list twice", setting.leaf.path);
                        Finding::new(Code::DuplicateItem, message).at(place())
                    }));
                    sayings.push((key, value, secret));
                }
                Err(expected) => out.findings.push(
                    Finding::new(
                        Code::ValueUnreadable,
                        format!("{}: expected {expected}, found `{}`", setting.leaf.path, setting.shown()),
                    )
                    .at(place()),
                ),
            }
        }
    }
    out.sayings.extend(sayings.into_iter().map(|(key, value, secret)| Saying {
        setting: id,
        key,
        value,
        subject,
        secret,
        adds: rule.adds,
        yields: rule.yields,
        kept_default: !changed,
    }));
}

/// The list and the entry's name in `list[name].field`.
fn entry_of(key: &str) -> Option<(&str, &str)> {
    let (list, rest) = key.split_once('[')?;
    Some((list, rest.rsplit_once(']')?.0))
}

/// A key with its `*` filled in order, by the last captures if there are more: inside `[…]` as the entry's name,
/// elsewhere as a part of the key, quoted if it must be.
fn fill(key: &str, captures: &[String]) -> String {
    let stars = key.matches('*').count();
    if stars == 0 {
        return key.to_owned();
    }
    let mut out = String::with_capacity(key.len() + 16);
    let mut captures = captures[captures.len().saturating_sub(stars)..].iter();
    for character in key.chars() {
        if character != '*' {
            out.push(character);
            continue;
        }
        let text = captures.next().map_or("", String::as_str);
        let inside = out.ends_with('[');
        let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        if inside || plain || out.ends_with('\'') {
            out.push_str(text);
        } else {
            out.push('\'');
            out.push_str(text);
            out.push('\'');
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{entry_of, fill, fits};
    use crate::secret::{is_secret_name, shown};

    #[test]
    fn fills_keys() {
        let captures = ["a.b".to_owned()];
        assert_eq!(fill("user_store.properties.*", &captures), "user_store.properties.'a.b'");
        assert_eq!(fill("x[*].y", &captures), "x[a.b].y");
        let captures = ["class".to_owned(), "Name".to_owned()];
        assert_eq!(fill("user_store.properties.*", &captures), "user_store.properties.Name");
        assert_eq!(entry_of("x.y[a.b].c"), Some(("x.y", "a.b")));
    }

    #[test]
    fn compares_cases() {
        assert!(fits("*.URLSafeJWTGenerator", "org.x.URLSafeJWTGenerator "));
        assert!(fits("FALSE", "false"));
        assert!(!fits("a", "b"));
    }

    #[test]
    fn hides_secrets() {
        assert!(is_secret_name("/A/Password"));
        assert!(is_secret_name("/A/Property[@name='ConnectionPassword']"));
        assert!(is_secret_name("database.apim_db.password"));
        assert!(!is_secret_name("/A/Property[@name='PasswordHashMethod']"));
        assert!(!is_secret_name("/A/Password/Name"));
        assert_eq!(shown("${admin.password}", true), "${admin.password}");
        assert_eq!(shown("x", true), "********");
        assert_eq!(shown("amqp://a:b@c", false), "amqp://a:********@c");
    }
}
