//! A file of answers, read with the place of each.

use std::sync::atomic::AtomicBool;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{About, Answer, Free, Member, Question, questions, split};
use crate::mapping::tables::{TableError, position};
use crate::read::document::positions;
use crate::source::Place;

/// The answers in `text`, in the order of the file; unknown ids, subjects and choices are errors.
pub(super) fn read(text: &str, name: &str) -> Result<Vec<Answer>, TableError> {
    // A byte order mark is no part of TOML, but editors write one.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let error = |at: usize, message: String| TableError { place: Place::at(name, position(text, at)), message };
    let table = DeTable::parse(text)
        .map_err(|fault| error(fault.span().map_or(0, |span| span.start), crate::secret::fault(fault.message())))?;
    let questions = questions();
    let mut answers = Vec::new();
    for (id, value) in table.get_ref() {
        let at = id.span().start;
        let (head, about) = split(id.get_ref());
        let Some(question) = questions.iter().find(|question| question.id == head) else {
            return Err(error(at, unknown(head, questions)));
        };
        let mut push = |about: &str, at: usize, value: &Spanned<DeValue<'_>>| {
            let groups = match question.free {
                Some(Free::Groups) => groups(head, value, name, text)?,
                _ => Vec::new(),
            };
            let text = match question.free {
                Some(Free::Groups) => String::new(),
                _ => scalar(question, value.get_ref()).map_err(|message| error(value.span().start, message))?,
            };
            let (id, about, place) = (head.to_owned(), about.to_owned(), Place::file(name));
            answers.push((at, Answer { id, about, text, groups, place, used: AtomicBool::default() }));
            Ok(())
        };
        match (question.about, value.get_ref()) {
            (Some(kind), _) if kind.is_part_of_id() && about.is_empty() => {
                let kind = kind.word();
                return Err(error(at, format!("`{head}` needs its {kind}: write `\"{head}:<the {kind}>\" = …`")));
            }
            (Some(kind), DeValue::Table(table)) if !kind.is_part_of_id() => {
                for (about, value) in table {
                    push(about.get_ref(), about.span().start, value)?;
                }
            }
            (Some(kind @ (About::Node | About::Environment | About::Variable)), _) if !question.whole => {
                let kind = kind.word();
                let message = format!("`{head}` is answered per {kind}: write `{head} = {{ \"the {kind}\" = … }}`");
                return Err(error(value.span().start, message));
            }
            _ => push(about, at, value)?,
        }
    }
    answers.sort_by_key(|(at, _)| *at);
    let mut places = positions(text);
    Ok(answers.into_iter().map(|(at, answer)| Answer { place: Place::at(name, places(at)), ..answer }).collect())
}

/// An answer as a text; a list is joined with commas.
fn scalar(question: &Question, value: &DeValue<'_>) -> Result<String, String> {
    let id = &question.id;
    let text = match value {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => number.to_string(),
        DeValue::Float(number) => number.to_string(),
        DeValue::Boolean(true) => "yes".to_owned(),
        DeValue::Boolean(false) => "no".to_owned(),
        DeValue::Array(items) if question.many => {
            let items: Result<Vec<String>, String> =
                items.iter().map(|item| scalar(question, item.get_ref())).collect();
            return Ok(items?.join(","));
        }
        _ => return Err(format!("`{id}` is answered with a text{}", if question.many { " or a list" } else { "" })),
    };
    let whole = text.as_str();
    let items: Vec<&str> = if question.many { whole.split(',').map(str::trim).collect() } else { vec![whole] };
    match items.into_iter().find_map(|item| question.fault(item)) {
        Some(fault) => Err(fault),
        None => Ok(text),
    }
}

/// Groups of names, each name once in all of them; one list of names is one group.
fn groups(id: &str, value: &Spanned<DeValue<'_>>, file: &str, text: &str) -> Result<Vec<Vec<Member>>, TableError> {
    let fault = |at: &Spanned<DeValue<'_>>, message: String| {
        let place = Place::at(file, position(text, at.span().start));
        TableError { place, message }
    };
    let mut places = positions(text);
    let write = format!("write `{id} = [[\"a\", \"b\"]]`");
    let DeValue::Array(items) = value.get_ref() else {
        return Err(fault(value, format!("`{id}` is answered with groups of names: {write}")));
    };
    let is_text = |item: &Spanned<DeValue<'_>>| matches!(item.get_ref(), DeValue::String(_));
    let lists: Vec<(&Spanned<DeValue<'_>>, &[Spanned<DeValue<'_>>])> = if items.iter().any(is_text) {
        vec![(value, items)]
    } else {
        let list = |item| match Spanned::get_ref(item) {
            DeValue::Array(names) => Ok((item, &names[..])),
            _ => Err(fault(item, format!("a group of `{id}` is a list of names: {write}"))),
        };
        items.iter().map(list).collect::<Result<_, _>>()?
    };
    let mut known: IndexMap<String, usize, FxBuildHasher> = IndexMap::default();
    let mut groups = Vec::new();
    for (number, (list, names)) in lists.into_iter().enumerate() {
        let mut group = Vec::new();
        for item in names {
            let DeValue::String(name) = item.get_ref() else {
                return Err(fault(item, format!("a group of `{id}` has names only, and they are texts: {write}")));
            };
            let name = name.trim().to_owned();
            if name.is_empty() {
                return Err(fault(
                    item,
                    format!("a name in `{id}` is empty: give the name of an INPUT or a deployment"),
                ));
            }
            match known.insert(name.clone(), number) {
                None => {}
                Some(other) if other == number => {
                    return Err(fault(item, format!("`{id}` has `{name}` twice in one group: remove one of them")));
                }
                Some(_) => {
                    let message =
                        format!("`{id}` has `{name}` in two groups: make one group of them, or remove it from one");
                    return Err(fault(item, message));
                }
            }
            group.push(Member { name, place: Place::at(file, places(item.span().start)) });
        }
        if group.len() < 2 {
            let message = match group.first() {
                Some(only) => format!("a group of `{id}` has only `{}`: name what it is one with", only.name),
                None => format!("a group of `{id}` is empty: {write}, or remove it"),
            };
            return Err(fault(list, message));
        }
        groups.push(group);
    }
    Ok(groups)
}

fn unknown(id: &str, questions: &[Question]) -> String {
    let near = questions
        .iter()
        .map(|question| (similar::TextDiff::from_chars(id, question.id.as_str()).ratio(), &question.id))
        .filter(|(ratio, _)| *ratio > 0.7)
        .max_by(|(one, _), (other, _)| one.total_cmp(other));
    match near {
        Some((_, near)) => format!("there is no decision `{id}`: do you mean `{near}`?"),
        None => format!("there is no decision `{id}`: see the list that plan --write-decisions writes"),
    }
}
