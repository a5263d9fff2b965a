//! A file of answers, read with the place of each.

use std::sync::atomic::AtomicBool;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{About, Answer, Question, questions, split};
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
            let text = scalar(question, value.get_ref()).map_err(|message| error(value.span().start, message))?;
            let (id, about, place) = (head.to_owned(), about.to_owned(), Place::file(name));
            answers.push((at, Answer { id, about, text, place, used: AtomicBool::default() }));
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
            // Sets of names stay apart.
            let sets = items_are_lists(value);
            return Ok(items?.join(if sets { ";" } else { "," }));
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

fn items_are_lists(value: &DeValue<'_>) -> bool {
    matches!(value, DeValue::Array(items) if items.iter().any(|item| matches!(item.get_ref(), DeValue::Array(_))))
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
