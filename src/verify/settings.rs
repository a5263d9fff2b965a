//! Each old setting before what was rendered: does its value stand at its place again? A promise in, a verdict out.

use crate::text::Parts as _;
use std::borrow::Cow;

use super::compare::{agree, as_read, filled, holds};
use super::edit::is_bracketed;
use super::keys::{self, Effect};
use super::mapper::DUMMY;
use super::model::{Arrival, Fulfilment, Liveness};
use super::tree::{Spot, Tree};
use super::{Promise, Target};
use crate::mapping::catalog::{Kind, without_indexes};
use crate::mapping::codec;
use crate::mapping::path::Pattern;
use crate::mapping::rule::{Codec, Rule};
use crate::mapping::tables::Tables;
use crate::secret::MASK;
use crate::value::Value;

/// What the product makes of a node's file, key by key.
pub struct Rendered<'r> {
    /// The rendered tree.
    pub tree: &'r Tree,
    /// The keys of the file, with what each does.
    pub keys: &'r [(String, toml_edit::Value, Effect)],
    /// The tables.
    pub tables: &'r Tables,
}

/// What became of a setting through one of its keys.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The outcome.
    pub outcome: Fulfilment,
    /// Where it stands, or the key that should have brought it.
    pub place: String,
    /// Why, if it is not simply there.
    pub why: String,
}

/// Judges a promise by one of its keys.
#[must_use]
pub fn judge(promise: &Promise, target: &Target, node: &Rendered<'_>) -> Judgement {
    let rule = promise.rule.as_deref().and_then(|id| node.tables.rule(id));
    let lost = |why: String| Judgement { outcome: Fulfilment::Lost, place: target.key.clone(), why };
    let changed =
        |why: &str| Judgement { outcome: Fulfilment::Changed, place: target.key.clone(), why: why.to_owned() };
    let Some((_, value, effect)) = node.keys.iter().find(|(name, ..)| *name == target.key) else {
        return lost("the key does not stand in the file".to_owned());
    };
    let told = promise.value.as_deref().filter(|old| !old.contains(MASK)).map(|old| plain(promise, old));
    let old = told.as_deref().map(filled);
    let proofs = rule.map_or(&[][..], |rule| rule.proof.as_slice());
    let promised = spots(proofs, node);
    let mut places: Vec<(&Spot, &str)> = Vec::new();
    for spot in promised.iter().chain(effect.spots()) {
        if let Some(text) = node.tree.text(node.tables, spot) {
            places.push((spot, text));
        }
    }
    // Of several places the one that the setting always had tells most.
    let is_old = |spot: &Spot| promise.place.file.ends_with(&spot.file) && spot.path == promise.path;
    places.sort_by_key(|(spot, _)| !is_old(spot));
    let confirmed = |spot: &Spot, why: &str| Judgement {
        outcome: Fulfilment::Confirmed,
        place: spot.to_string(),
        why: why.to_owned(),
    };
    if let Some(old) = &old {
        if let Some((spot, _)) = places.iter().find(|(_, text)| agree(old, text)) {
            return confirmed(spot, "");
        }
        if let Some(spot) = each_item(old, &places) {
            return confirmed(spot, "item by item");
        }
    }
    match effect.liveness() {
        Liveness::Live => {}
        Liveness::Covered => return changed("it implies only what other keys of the file say themselves"),
        Liveness::Idle => {
            return changed("it stands as it stood; the product does nothing with it beside the file's other keys");
        }
        Liveness::Dead => return lost("the product does nothing with the key".to_owned()),
    }
    let arrival = keys::arrival(value, effect, node.tree, node.tables);
    if arrival == Some(Arrival::Altered) {
        return lost("the product prints something else than what is written".to_owned());
    }
    let written = target.value.as_ref().map(Value::plain);
    if let Some(written) = &written
        && !is_written(written, &target.key, value)
    {
        return lost("the file holds another value than the migration gave it".to_owned());
    }
    let first = effect.spots().next();
    let place = first.map_or_else(|| target.key.clone(), ToString::to_string);
    let Some(old) = old else {
        let why = "the old value is masked in the report; the written one arrives".to_owned();
        return Judgement { outcome: Fulfilment::Confirmed, place, why };
    };
    // An element without text says what its name in the path says: its attributes are settings of their own.
    let own = if old.trim().is_empty() { name_in(&promise.path) } else { None };
    if let Some(name) = own {
        let mark = format!("='{name}']");
        if let Some((spot, _)) = places.iter().find(|(spot, _)| spot.path.contains(&mark)) {
            return confirmed(spot, "it names the element there");
        }
        if keys::texts(value).iter().any(|text| agree(name, text)) {
            let why = "the key holds what names the element".to_owned();
            return Judgement { outcome: Fulfilment::Confirmed, place, why };
        }
        return Judgement { outcome: Fulfilment::Changed, place, why: promise.reason.clone() };
    }
    let names = format!("='{}']", old.trim());
    if let Some((spot, _)) = places.iter().find(|(spot, _)| rule.is_none() && spot.path.contains(&names)) {
        return confirmed(spot, "it names the element there");
    }
    if let Some((spot, _)) = places.iter().find(|(_, text)| holds(text, &old)) {
        return confirmed(spot, "inside other text");
    }
    let texts = keys::texts(value);
    let same = agree(&old, &texts.join(",")) || texts.iter().any(|text| agree(&old, &as_read(text, true)));
    if same {
        let why = "the key holds it, and switches what stands there".to_owned();
        return Judgement { outcome: Fulfilment::Confirmed, place, why };
    }
    // The entry that it stands in has its name from the same path; the value itself is another key's.
    let is_around = |text: &String| promise.path.contains(&format!("='{text}']"));
    if promise.targets.len() > 1 && !texts.is_empty() && texts.iter().all(is_around) {
        let why = "the key holds the name of the element around it".to_owned();
        return Judgement { outcome: Fulfilment::Confirmed, place, why };
    }
    match reason(promise, target, rule, &old, value) {
        Some(why) => Judgement { outcome: Fulfilment::Changed, place, why },
        None => lost("another value arrives, and no rule says why".to_owned()),
    }
}

/// What names the last element of a path (`/a/b[@class='x']`: `x`).
fn name_in(path: &str) -> Option<&str> {
    let (_, last) = path.strip_suffix("']")?.rsplit_once("='")?;
    Some(last).filter(|name| !name.contains('/'))
}

/// Whether the setting stands in the new deployment.toml as it stood in the old one: under the same key, with the same
/// value. Of secrets only the masks can be compared.
#[must_use]
pub fn is_kept(promise: &Promise, target: &Target) -> bool {
    let same = |old: &str, new: &Value| agree(&plain(promise, old), &new.plain());
    promise.place.file.ends_with("deployment.toml")
        && without_indexes(&promise.path) == without_indexes(&target.key)
        && promise.value.as_deref().zip(target.value.as_ref()).is_some_and(|(old, new)| same(old, new))
}

/// The old value as one text: a list in a deployment.toml stands there as TOML has it.
fn plain<'o>(promise: &Promise, old: &'o str) -> Cow<'o, str> {
    let list = promise.place.file.ends_with("deployment.toml") && old.trim_start().starts_with('[');
    match list.then(|| old.trim().parse::<toml_edit::Value>()) {
        Some(Ok(value)) => keys::texts(&value).join(",").into(),
        _ => old.into(),
    }
}

/// The spots of a node's tree that a rule promises.
fn spots(proofs: &[String], node: &Rendered<'_>) -> Vec<Spot> {
    let mut found = Vec::new();
    for proof in proofs {
        let Some((name, path)) = proof.split_once(':') else { continue };
        let file = format!("repository/conf/{name}");
        let pattern = Pattern::new(path);
        let leaves = node.tree.leaves(node.tables, &file);
        let paths = leaves.into_iter().flatten().map(|(path, _)| path).filter(|path| pattern.matches(path).is_some());
        found.extend(paths.map(|path| Spot { file: file.clone(), path: path.clone() }));
    }
    found
}

/// Where a list's items stand, if each of them stands somewhere.
fn each_item<'s>(old: &str, places: &[(&'s Spot, &str)]) -> Option<&'s Spot> {
    let mut items = old.split(',').map(str::trim).filter(|item| !item.is_empty()).peekable();
    items.peek()?;
    let holds_item = |item: &str, text: &str| text.split(',').any(|part| agree(part, item));
    let mut first = None;
    for item in items {
        let (spot, _) = places.iter().find(|(_, text)| holds_item(item, text))?;
        first = first.or(Some(*spot));
    }
    first
}

/// Whether the file holds this value for the key: a dummy stands for a secret's place holder, and a mask for any secret.
#[must_use]
pub fn is_written(plain: &str, key: &str, value: &toml_edit::Value) -> bool {
    if key.starts_with("secrets.") && is_bracketed(plain) {
        return value.as_str() == Some(DUMMY);
    }
    let texts = keys::texts(value);
    let joined = texts.join(",");
    let filled = filled(plain);
    plain.contains(MASK)
        || agree(&filled, &joined)
        || agree(&filled, &as_read(&joined, true))
        || agree(&filled, &as_read(&joined, false))
}

/// Why another value was written than the old one, if something says so.
fn reason(
    promise: &Promise,
    target: &Target,
    rule: Option<&Rule>,
    old: &str,
    value: &toml_edit::Value,
) -> Option<String> {
    if let Some(derived) = &target.derived {
        return Some(format!("derived from {derived}"));
    }
    let Some(rule) = rule else {
        // It only names the element that a rule speaks of.
        return Some(promise.reason.clone());
    };
    let by_rule = || Some(format!("rule {}: {}", rule.id, promise.reason));
    let texts = keys::texts(value);
    let written = texts.join(",");
    let converted = [Kind::Text, Kind::Boolean, Kind::Integer, Kind::Duration, Kind::List]
        .into_iter()
        .filter_map(|kind| codec::convert(old, rule.codec, kind).ok())
        .any(|converted| agree(&converted.plain(), &written));
    let in_case = rule.cases.iter().any(|case| case.sets.keys().any(|key| same_key(key, &target.key)));
    let refers = ["$ref{", "$secret{", "$env{"].iter().any(|mark| written.contains(mark));
    // What a fact becomes is the topology's business, which had more to go by than this leaf.
    if (rule.codec != Codec::default() && converted) || in_case || refers || rule.fact.is_some() {
        return by_rule();
    }
    None
}

/// Whether a rule's key, perhaps with `*` in it, is the written one.
fn same_key(of_rule: &str, written: &str) -> bool {
    let mut parts = of_rule.split('*');
    let Some(mut rest) = written.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = rest.part(at + part.len()..);
    }
    rest.is_empty() || of_rule.ends_with('*')
}
