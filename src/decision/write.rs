//! A file of answers with what holds now, ready to be edited.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use indexmap::IndexMap;
use rustc_hash::FxBuildHasher;

use super::{question, questions, split};
use crate::emit::toml::basic_string;
use crate::foreign::line;
use crate::secret::{MASK, mask_urls};
use crate::topology::source::Asked;

const HEAD: &str = "\
# Answers for apim-migrate: pass this file with --decisions.
# What stands here is what holds without it; an answer of yours, also an unchanged one, settles its question.
";

/// The file for what was asked: each question with its choices and its reason, and what holds. What has no value
/// yet, or a secret one, stands as a comment.
#[must_use]
pub fn write_decisions(asked: &[Asked]) -> String {
    let questions = questions();
    let mut out = HEAD.to_owned();
    // What several deployments ask is one question here: an answer holds for all of them.
    let mut all: IndexMap<(&str, &str), Vec<&Asked>, FxBuildHasher> = IndexMap::default();
    for one in asked {
        all.entry((&one.id, &one.about)).or_default().push(one);
    }
    let mut all: Vec<Vec<&Asked>> = all.into_values().collect();
    // Open ones first, in the order of the table otherwise; dotted keys of one table may stand apart.
    all.sort_by_key(|alike| {
        let row = questions.iter().position(|question| question.id == split(&alike[0].id).0);
        (!alike.iter().any(|asked| asked.open), row.unwrap_or(usize::MAX), alike[0].about.clone())
    });
    for alike in all {
        let (asked, open) = (alike[0], alike.iter().any(|asked| asked.open));
        let _ = writeln!(out);
        let row = question(questions, &asked.id);
        if let Some(row) = row {
            let about = if asked.about.is_empty() { String::new() } else { format!(" ({})", line(&asked.about)) };
            comment(&mut out, &format!("{}{about}{}", row.question, if open { " OPEN" } else { "" }));
            comment(&mut out, row.why.as_str());
        }
        let mut choices = if asked.choices.is_empty() {
            row.map(|row| row.choices.clone()).unwrap_or_default()
        } else {
            asked.choices.clone()
        };
        if let Some(free) = row.and_then(|row| row.free) {
            choices.push(free.words().to_owned());
        }
        choices.dedup();
        let choices: Vec<String> = choices.iter().map(|choice| mask_urls(choice)).collect();
        comment(&mut out, &line(&format!("choices: {}", choices.join(", "))));
        if !asked.affects.is_empty() {
            comment(&mut out, &line(&format!("affects: {}", asked.affects.join(", "))));
        }
        let (id, subject) = split(&asked.id);
        let subject = if asked.about.is_empty() { subject } else { &asked.about };
        let name = match row.and_then(|row| row.about) {
            Some(about) if about.is_part_of_id() => basic_string(&format!("{id}:{subject}")),
            Some(_) if !subject.is_empty() => format!("{id}.{}", basic_string(subject)),
            _ => id.to_owned(),
        };
        let values: BTreeSet<String> = alike.iter().map(|asked| asked.shown()).collect();
        if values.len() > 1 {
            comment(
                &mut out,
                "several deployments ask this, and different values hold: an answer here is for all of them",
            );
            for value in values {
                let _ = writeln!(out, "# {name} = {}", basic_string(&value));
            }
            continue;
        }
        let fits = row.is_none_or(|row| {
            let mut items = asked.chosen.split(',').filter(|_| row.many).map(str::trim).peekable();
            if items.peek().is_some() {
                items.all(|item| row.fault(item).is_none())
            } else {
                row.fault(&asked.chosen).is_none()
            }
        });
        let shown = asked.shown();
        let ready = fits && !shown.is_empty() && !shown.contains(MASK) && !name.contains(MASK);
        let _ = writeln!(out, "{}{name} = {}", if ready { "" } else { "# " }, basic_string(&shown));
    }
    out
}

fn comment(out: &mut String, text: &str) {
    for line in text.lines() {
        let _ = writeln!(out, "# {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::write_decisions;
    use crate::decision::Decisions;
    use crate::topology::source::Asked;

    fn asked(id: &str, about: &str, chosen: &str, open: bool) -> Asked {
        Asked {
            id: id.to_owned(),
            about: about.to_owned(),
            choices: Vec::new(),
            default: chosen.to_owned(),
            chosen: chosen.to_owned(),
            open,
            answered: false,
            affects: vec!["control-plane".to_owned()],
        }
    }

    #[test]
    fn what_is_written_can_be_read() {
        let written = write_decisions(&[
            asked("secrets", "", "keep", false),
            asked("node-role", "apim.1", "publisher,store", true),
            asked("node-role", "b", "store", true),
            asked("host:<gw>", "", "", true),
            asked("conflict", "super_admin.password", "********", true),
            asked("conflict:apim.jwt.header", "", "X-JWT", true),
        ]);
        let decisions = Decisions::read(&written, "d.toml").expect(&written);
        assert_eq!(decisions.answer("secrets", "").as_deref(), Some("keep"));
        assert_eq!(decisions.answer("node-role", "apim.1").as_deref(), Some("publisher,store"));
        assert_eq!(decisions.answer("conflict", "apim.jwt.header").as_deref(), Some("X-JWT"));
        assert_eq!(decisions.answer("conflict:super_admin.password", ""), None);
        assert!(written.contains("# \"host:<gw>\" = \"\"\n"), "{written}");
        assert!(written.contains("# Which roles has this node? (apim.1) OPEN\n"), "{written}");
        assert!(decisions.answer("node-role", "b").is_some() && decisions.unused().is_empty());
    }

    #[test]
    fn no_value_of_one_deployment_is_written_for_another() {
        let written = write_decisions(&[
            asked("control-plane-address", "", "cp.one.example.com", false),
            asked("secrets", "", "keep", false),
            asked("control-plane-address", "", "cp.two.example.com", true),
            asked("secrets", "", "keep", false),
        ]);
        let decisions = Decisions::read(&written, "d.toml").expect(&written);
        assert_eq!(decisions.answer("control-plane-address", ""), None);
        for host in ["one", "two"] {
            assert!(written.contains(&format!("# control-plane-address = \"cp.{host}.example.com\"\n")), "{written}");
        }
        assert_eq!(decisions.answer("secrets", "").as_deref(), Some("keep"));
    }
}
