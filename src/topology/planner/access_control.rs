//! `resource.access_control`: a list of one's own replaces the product's, which protects its own services
//! (semantics-settings.md 13.4).

use std::collections::BTreeSet;

use crate::diagnostic::Code;
use crate::mapping::measured::{AccessEntry, access_entries};
use crate::value::Value;

use super::context::{Context, Question};
use super::plan::Entry;

const LIST: &str = "resource.access_control[";

/// Tells which of the product's entries a list of one's own leaves out, and adds them where the old product's list was
/// another one: what they name is open to everybody otherwise.
pub fn check(context: &mut Context<'_, '_>) {
    let newest = context.target().measured().last().copied();
    for target in 0..context.plan.nodes.len() {
        let entries = &context.plan.nodes[target].entries;
        let own = || entries.iter().filter_map(|(key, entry)| Some((key.strip_prefix(LIST)?.split_once("].")?, entry)));
        let numbers: BTreeSet<usize> = own().filter_map(|((number, _), _)| number.parse().ok()).collect();
        let Some(setting) = own().find_map(|(_, entry)| entry.from.first().copied()) else { continue };
        let field = |number: usize, name: &str| {
            entries.get(&format!("{LIST}{number}].{name}")).map(|entry| entry.value.plain()).unwrap_or_default()
        };
        let has = |wanted: &AccessEntry| {
            numbers.iter().any(|number| {
                let method = field(*number, "http_method");
                field(*number, "context") == wanted.context
                    && (method.eq_ignore_ascii_case("all") || method.split(',').any(|one| one.trim() == wanted.method))
            })
        };
        let missing: Vec<AccessEntry> = access_entries()
            .filter(|entry| newest.is_some_and(|version| entry.versions.has(version)) && !has(entry))
            .collect();
        if missing.is_empty() {
            continue;
        }
        let next = numbers.last().map_or(0, |last| last + 1);
        let legacy = context.nodes[setting.node as usize].version.major < 4;
        let chosen = context.ask(Question {
            id: "replaced-access-control",
            choices: &["add", "keep"],
            default: if legacy { "add" } else { "keep" },
            affects: &["resource.access_control"],
            ..Question::default()
        });
        let list = missing.iter().map(|entry| format!("{} {}", entry.method, entry.context)).collect::<Vec<_>>();
        let done = if chosen == "add" { "they were added" } else { "they are not there" };
        let message = format!("the list replaces the product's own, which has {} besides: {done}", list.join(", "));
        context.find_at(Code::DefaultListReplaced, setting, message);
        if chosen != "add" {
            continue;
        }
        for (number, entry) in (next..).zip(missing) {
            let fields = [
                ("context", Value::text(entry.context)),
                ("secure", Value::Boolean(true)),
                ("http_method", Value::text(entry.method)),
                ("permissions", Value::text(entry.permissions)),
                ("scopes", Value::text(entry.scopes)),
            ];
            for (name, value) in fields.into_iter().filter(|(_, value)| !value.plain().is_empty()) {
                let why = "the product's own entry, which a list of one's own replaces";
                let entry = Entry::derived(value, why).by("replaced-access-control");
                context.set(target, format!("{LIST}{number}].{name}"), entry);
            }
        }
    }
}
