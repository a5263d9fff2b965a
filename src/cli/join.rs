//! What the decisions `together` and `grouping` name: an INPUT, a deployment or a node that is there, and each together
//! with something else. A name that nothing bears would be an answer that nobody hears.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::cut::Joined;
use crate::decision::{Decisions, Member};
use crate::mapping::nearest::nearest;
use crate::mapping::tables::TableError;
use crate::read::input::{name, without_ending};

/// Whether the decision `together` means this INPUT by `called`: by its name, also without the ending of an archive.
pub fn is_called(input: &Path, called: &str) -> bool {
    let own = name(input);
    called == own || called == without_ending(&own)
}

/// An error for each name that nothing bears, and for each group of which nothing was joined. `joined` has what came of
/// the groups in each job, `grouped` the nodes of `grouping` that are there.
pub fn misnamed(
    inputs: &[PathBuf],
    answers: &Decisions,
    together: bool,
    joined: &[Joined],
    grouped: &BTreeSet<String>,
) -> Vec<TableError> {
    let mut wrong = Vec::new();
    // All INPUTs as one are not cut: the answers are told as unused.
    if !together {
        for (number, group) in answers.together().into_iter().enumerate() {
            wrong.extend(of_group(number, group, inputs, joined));
        }
        let unknown = answers.grouping().into_iter().filter(|name| !grouped.contains(name));
        wrong.extend(unknown.flat_map(|name| {
            let message = format!("`grouping` names `{name}`, which no node is called: correct the name");
            answers.misnamed("grouping", &message)
        }));
    }
    wrong
}

fn of_group(number: usize, group: &[Member], inputs: &[PathBuf], joined: &[Joined]) -> Vec<TableError> {
    let is_input = |member: &&Member| inputs.iter().any(|input| is_called(input, &member.name));
    let found = || joined.iter().filter_map(|joined| joined.groups.get(number));
    let is_part = |member: &&Member| found().any(|(names, _)| names.contains(&member.name));
    let wrong = |member: &Member, message: String| TableError { place: member.place.clone(), message };
    let unknown: Vec<&Member> = group.iter().filter(|member| !is_input(member) && !is_part(member)).collect();
    if !unknown.is_empty() {
        let own: Vec<String> = inputs.iter().map(|input| name(input)).collect();
        let names = own.iter().chain(joined.iter().flat_map(|joined| &joined.names));
        let names: Vec<&str> = names.map(String::as_str).collect();
        let told = unknown.into_iter().map(|member| {
            let near = nearest(&member.name, names.iter().copied());
            let near =
                near.first().map_or_else(|| "correct the name".to_owned(), |near| format!("do you mean `{near}`?"));
            wrong(
                member,
                format!("`together` names `{}`, which no INPUT and no deployment is called: {near}", member.name),
            )
        });
        return told.collect();
    }
    let all_inputs = group.iter().all(|member| is_input(&member));
    let means = inputs.iter().filter(|input| group.iter().any(|member| is_called(input, &member.name))).count();
    let whole = found().any(|(names, parts)| names.len() == group.len() && *parts > 1);
    if whole || (all_inputs && means > 1) {
        return Vec::new();
    }
    let once = all_inputs || found().any(|(names, parts)| names.len() == group.len() && *parts == 1);
    let names: Vec<String> = group.iter().map(|member| format!("`{}`", member.name)).collect();
    let names = names.join(" and ");
    let message = if once {
        format!("`together` has {names} in a group, which are one already: name what it is one with")
    } else {
        format!(
            "`together` has {names} in a group, which are not of one INPUT: join the INPUTs that hold them, by their names"
        )
    };
    vec![wrong(&group[0], message)]
}
