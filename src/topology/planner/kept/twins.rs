//! Keys that name the other twin: copied from one node to the next, they name the node itself (B.3).

use crate::diagnostic::Code;
use crate::mapping::SettingId;
use crate::role::Profile;
use crate::topology::source::Address;
use crate::topology::source::host::{Url, is_local};
use crate::value::Value;

use super::super::context::{Context, Question, bracketed, shift};
use super::super::hosts;

/// Lists that hold the brokers of the other twins.
const DUPLICATES: [&str; 2] = ["apim.event_hub.event_duplicate_url", "apim.throttling.event_duplicate_url"];

/// Compares the lists of all twins. One that names its own node is mended where the twins' own names are certain; else
/// the administrator is asked for them.
pub fn check(context: &mut Context<'_, '_>) {
    for profile in [Profile::ControlPlane, Profile::TrafficManager, Profile::AllInOne] {
        let targets = context.targets(profile);
        if targets.len() < 2 {
            continue;
        }
        for key in DUPLICATES {
            check_list(context, &targets, key);
        }
        hosts::check_address(context, &targets);
    }
}

/// The hosts of a list, as they are compared.
fn hosts(context: &Context<'_, '_>, target: usize, key: &str) -> Vec<String> {
    let value = context.plan.nodes[target].entries.get(key).map(|entry| entry.value.plain()).unwrap_or_default();
    let urls = value.split(',').filter_map(Url::parse);
    urls.filter(|url| !is_local(&url.host)).map(|url| context.source.aliases.key(&url.host)).collect()
}

fn check_list(context: &mut Context<'_, '_>, targets: &[usize], key: &str) {
    let lists: Vec<Vec<String>> = targets.iter().map(|target| hosts(context, *target, key)).collect();
    for (at, target) in targets.iter().enumerate().filter(|(at, _)| !lists[*at].is_empty()) {
        let Some(node) = context.plan.nodes[*target].stands_on else { continue };
        let from: Option<SettingId> = context.plan.nodes[*target].entries[key].from.first().copied();
        let Some(setting) = from else { continue };
        let own = context.source.nodes[node].own.clone();
        let certain = is_certain(&own, &context.nodes[node].name);
        let itself = certain && lists[at].contains(&context.source.aliases.key(&own.host));
        let unclear = !certain && lists.iter().enumerate().any(|(other, list)| other != at && *list == lists[at]);
        if itself {
            mend(context, targets, *target, node, key, setting);
        } else if unclear {
            let name = context.nodes[node].name.clone();
            let message = format!("{key} is the same on twins: on one of them it names the node itself");
            context.find_at(Code::TwinNamesItself, setting, message);
            ask(context, &name, &own.host, key);
        }
    }
}

/// Whether it is the node's own address: names or an answer say so, or its number; that it was the next in order does not.
fn is_certain(own: &Address, node: &str) -> bool {
    let number = |text: &str| {
        let label = text.split('.').next().unwrap_or(text);
        label
            .len()
            .checked_sub(label.trim_end_matches(|c: char| c.is_ascii_digit()).len())
            .and_then(|digits| label.get(label.len() - digits..).filter(|digits| !digits.is_empty()).map(str::to_owned))
    };
    let numbered = number(node).is_some() && number(node) == number(&own.host);
    !own.guessed && (!own.how.contains("matched by") || numbered || own.host == node)
}

/// Puts the brokers of the twins that are known into a list that names its own node.
fn mend(context: &mut Context<'_, '_>, targets: &[usize], target: usize, node: usize, key: &str, setting: SettingId) {
    let at = targets.iter().position(|other| *other == target).unwrap_or(0);
    // The next one round the ring, as where the list is written anew.
    let round = targets[at + 1..].iter().chain(&targets[..at]);
    let others: Vec<usize> = round.filter_map(|other| context.plan.nodes[*other].stands_on).collect();
    let Some(next) = others.first().copied() else { return };
    let known = context.source.nodes[next].own.clone();
    if !is_certain(&known, &context.nodes[next].name) || is_local(&known.host) {
        let name = context.nodes[next].name.clone();
        let message = format!("{key} names the node itself, and nothing tells how its twin `{name}` is reached");
        context.find_at(Code::TwinNamesItself, setting, message);
        ask(context, &name, &known.host, key);
        return;
    }
    let broker = format!("tcp://{}:{}", bracketed(&known.host), shift(5672, context.offset(next)));
    let message = format!(
        "{key} named the node itself: `{broker}`, the broker of its twin `{}`, was written",
        context.nodes[next].name
    );
    context.find_at(Code::TwinNamesItself, setting, message);
    debug_assert_ne!(node, next, "a node is no twin of its own");
    if let Some(entry) = context.plan.nodes[target].entries.get_mut(key) {
        entry.value = Value::list([broker]);
        entry.derived = Some("the broker of the other node".to_owned());
    }
}

fn ask(context: &mut Context<'_, '_>, name: &str, host: &str, key: &str) {
    context.ask(Question {
        id: "node-address",
        about: name,
        default: host,
        open: true,
        affects: &[key],
        ..Question::default()
    });
}
