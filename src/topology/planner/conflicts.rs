//! Different words on one key (D.1): the owner's holds, or the answer to `conflict:<key>`. Who writes the key takes
//! what comes out of here; nothing settles it later.

use super::context::{Context, Question};
use super::plan::{Conflict, Entry, Saw};
use crate::mapping::{SettingId, codec};
use crate::secret::MASK;
use crate::value::Value;

/// What is said of a key.
#[derive(Clone, Debug)]
pub struct Word {
    /// The leaf that says so; none where the value was derived.
    pub from: Option<SettingId>,
    /// The value as it would be written.
    pub text: String,
}

impl Word {
    /// The word of a leaf.
    pub fn of(setting: SettingId, text: impl Into<String>) -> Self {
        Self { from: Some(setting), text: text.into() }
    }
}

/// What holds.
#[derive(Clone, Debug)]
pub struct Held {
    /// The value.
    pub text: String,
    /// The leaves that say so.
    pub from: Vec<SettingId>,
    /// The decision, where it was answered otherwise than by the owner.
    pub decision: Option<String>,
}

impl Held {
    /// The entry for it, with the value in the form that the key needs.
    pub fn entry(&self, value: Value) -> Entry {
        let mut entry = Entry::said(value, self.from.clone());
        entry.decision.clone_from(&self.decision);
        if entry.from.is_empty() && self.decision.is_some() {
            entry.derived = Some("the answer given".to_owned());
        }
        entry
    }

    /// The text as a value of the same kind as `like`.
    pub fn value_like(&self, like: &Value) -> Value {
        match like {
            Value::Text(_) => Value::text(self.text.clone()),
            Value::List(_) => Value::list(self.text.split(',').map(str::trim).filter(|item| !item.is_empty())),
            Value::Boolean(_) | Value::Integer(_) | Value::Toml(_) => codec::typed(&self.text),
        }
    }
}

impl Context<'_, '_> {
    /// What holds of several words on `key`, the owner's first. If they differ it is a conflict, recorded once, with
    /// `rule` as the reason why the first wins; what does not hold is absorbed. `open`: a person must look.
    ///
    /// # Panics
    /// Without a word: a bug of ours.
    pub fn settle(&mut self, key: &str, words: &[Word], open: bool, rule: Option<&str>) -> Held {
        let winner = words.first().expect("somebody said something");
        let losers: Vec<&Word> = words.iter().filter(|word| word.text != winner.text).collect();
        if losers.is_empty() {
            return held(words, &winner.text, None);
        }
        let sides: Vec<&Word> = std::iter::once(winner).chain(losers).collect();
        let shown: Vec<String> = sides.iter().map(|word| self.shown_word(word)).collect();
        let secret = shown.iter().any(|shown| shown == MASK);
        let sayer = |word: &Word| word.from.map(|setting| self.nodes[setting.node as usize].name.clone());
        let sayers: Vec<Option<String>> = sides.iter().map(|word| sayer(word)).collect();
        // Secrets are told apart by the nodes that say them.
        let mut choices: Vec<&str> = Vec::new();
        for (sayer, shown) in sayers.iter().zip(&shown) {
            let choice = if secret { sayer.as_deref() } else { Some(shown.as_str()) };
            choices.extend(choice.filter(|choice| !choices.contains(choice)));
        }
        let id = format!("conflict:{key}");
        let default = crate::secret::shown(&winner.text, secret);
        let question = Question { id: &id, choices: &choices, default: &default, open, affects: &[key], about: "" };
        let chosen = self.ask(question);
        // An answer may name the node whose word shall hold: secrets have no other name.
        let side = sides.iter().zip(sayers.iter().zip(&shown)).position(|(word, (sayer, shown))| {
            sayer.as_ref() == Some(&chosen) || word.text == chosen || (!secret && *shown == chosen)
        });
        // Unanswered, each owner's word holds: gateways and the control plane may quarrel apart from each other.
        let side = if chosen == default || !self.is_answered(&id) { Some(0) } else { side };
        let held = match side {
            Some(0) => held(words, &winner.text, None),
            Some(side) => held(words, &sides[side].text, Some(id.clone())),
            None => held(words, &chosen, Some(id.clone())),
        };
        let won = match (side, rule) {
            (None, _) => format!("the answer to `{id}`"),
            (Some(side), _) if side > 0 || rule.is_none() => {
                format!("what `{}` says of {key}: {}", sayers[side].as_deref().unwrap_or_default(), shown[side])
            }
            (_, rule) => format!("{}: {key} is {}", rule.unwrap_or_default(), shown[0]),
        };
        for setting in words.iter().filter(|word| word.text != held.text).filter_map(|word| word.from) {
            self.absorb(setting, format!("lost to {won}"));
        }
        let known =
            |conflict: &Conflict| conflict.key == key && conflict.said.iter().any(|said| said.setting == winner.from);
        if !self.plan.conflicts.iter().any(known) {
            let said = sides.iter().zip(&shown).map(|(word, shown)| Saw { setting: word.from, shown: shown.clone() });
            let mut said: Vec<Saw> = said.collect();
            // What holds stands first.
            match side {
                Some(side) => said.get_mut(..=side).into_iter().for_each(|said| said.rotate_right(1)),
                None => said.insert(0, Saw { setting: None, shown: crate::secret::shown(&chosen, secret) }),
            }
            let owner = || format!("`{}` owns the setting", sayers[0].as_deref().unwrap_or_default());
            let conflict = Conflict {
                node: self.plan.nodes.first().map_or_else(String::new, |node| node.name.clone()),
                key: key.to_owned(),
                said,
                rule: rule.map_or_else(owner, |rule| format!("it follows {rule}")),
                open: open && !self.is_answered(&id),
            };
            self.plan.conflicts.push(conflict);
        }
        held
    }

    /// A word as reports may show it: what the leaf says, or the value derived.
    fn shown_word(&self, word: &Word) -> String {
        word.from.map_or_else(|| crate::secret::mask_urls(&word.text), |setting| self.shown(setting))
    }
}

/// The value with all who say it.
fn held(words: &[Word], text: &str, decision: Option<String>) -> Held {
    let from = words.iter().filter(|word| word.text == text).filter_map(|word| word.from).collect();
    Held { text: text.to_owned(), from, decision }
}
