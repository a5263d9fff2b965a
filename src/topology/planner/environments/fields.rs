//! The plain fields of an environment, each with its default (C.6).

use crate::mapping::{Fact, SettingId};
use crate::role::Role;
use crate::topology::planner::conflicts::{Held, Word};
use crate::topology::planner::context::{Context, Question, bracketed, shift};
use crate::topology::planner::plan::{Entry, Use};
use crate::topology::source::host::{self, Url};
use crate::value::Value;

use super::labels::stands_on;
use super::{Gateway, Said, endpoints, first};

const DESCRIPTION: &str = "This is a hybrid gateway that handles both production and sandbox token traffic.";

/// The fields of an environment: keys below its entry, and what they say.
pub fn of(
    context: &mut Context<'_, '_>,
    index: usize,
    name: &str,
    said: &Said<'_, '_>,
    gateway: &Gateway,
) -> Vec<(String, Entry)> {
    let mut out: Vec<(String, Entry)> = Vec::new();
    let key = |field: &str| format!("apim.gateway.environment[{index}].{field}");
    let mut names: Vec<SettingId> =
        said.get("environment.name").into_iter().flatten().map(|(_, fact)| fact.setting).collect();
    names.dedup();
    out.push(("name".into(), Entry::said(Value::text(name), names).by("environment-name")));

    let held = field(context, said, "environment.type", &key("type"), true);
    let why = "no `type`: the product's default";
    out.push(("type".into(), entry(held, |held| Value::text(&held.text), Value::text("hybrid"), why)));
    let held = field(context, said, "environment.api-console", &key("display_in_api_console"), false);
    let why = "no `api-console`: the product's default";
    out.push(("display_in_api_console".into(), entry(held, boolean, Value::Boolean(true), why)));
    let held = field(context, said, "environment.description", &key("description"), false);
    let why = "no `Description`: the shipped sentence";
    out.push(("description".into(), entry(held, |held| Value::text(&held.text), Value::text(DESCRIPTION), why)));
    let held = field(context, said, "environment.is-default", &key("show_as_token_endpoint_url"), false);
    let why = "no `isDefault`: only the first environment's URL is shown";
    out.push(("show_as_token_endpoint_url".into(), entry(held, boolean, Value::Boolean(index == 0), why)));
    out.extend(service_url(context, said, &key("service_url"), gateway));
    for (fact, field_name, variable) in [
        ("environment.username", "username", "${admin.username}"),
        ("environment.password", "password", "${admin.password}"),
    ] {
        let held = field(context, said, fact, &key(field_name), false);
        let secret = held.as_ref().is_some_and(|held| field_name == "password" && held.text != variable);
        let why = "no credentials: the super admin's";
        let entry = entry(held, |held| Value::text(&held.text), Value::text(variable), why);
        out.push((field_name.into(), entry.secret(secret)));
    }
    out.extend(endpoints::of(context, said, index, gateway));
    out
}

/// One plain field: what holds of the words on it; nothing where nobody says anything.
fn field(context: &mut Context<'_, '_>, said: &Said<'_, '_>, name: &str, key: &str, open: bool) -> Option<Held> {
    let winner = first(said, name)?.setting;
    let text = |fact: &Fact<'_>| match name {
        "environment.username" if context.is_admin_name(&fact.value) => "${admin.username}".to_owned(),
        "environment.password" if context.is_admin_password(&fact.value) => "${admin.password}".to_owned(),
        "environment.api-console" | "environment.is-default" => fact.value.to_ascii_lowercase(),
        _ => fact.value.clone(),
    };
    let mut words: Vec<Word> = Vec::new();
    for (_, fact) in &said[name] {
        let word = Word::of(fact.setting, text(fact));
        if fact.setting == winner {
            words.insert(0, word);
        } else {
            words.push(word);
        }
    }
    // What is left at its shipped value says nothing against the winner.
    let changed = |word: &Word| said[name].iter().any(|(_, fact)| Some(fact.setting) == word.from && fact.changed);
    let holds = words[0].text.clone();
    words.retain(|word| word.text == holds || changed(word));
    Some(context.settle(key, &words, open, None))
}

/// The entry of a field: what holds, or what the product does without it.
fn entry(held: Option<Held>, value: impl Fn(&Held) -> Value, default: Value, why: &str) -> Entry {
    held.map_or_else(|| Entry::derived(default, why), |held| held.entry(value(&held)))
}

fn boolean(held: &Held) -> Value {
    crate::mapping::codec::typed(&held.text)
}

/// Whether a URL is the reader itself: by its host, and where others share that, by its port.
fn local_url(context: &Context<'_, '_>, node: usize, text: &str) -> bool {
    let all_in_one = context.source.nodes[node].has(Role::AllInOne);
    let own =
        |url: &Url| all_in_one && context.is_node(node, &url.host) && stands_on(context, node, url).contains(&node);
    Url::parse(text).is_none_or(|url| host::is_local(&url.host) || own(&url))
}

fn service_url(
    context: &mut Context<'_, '_>,
    said: &Said<'_, '_>,
    key: &str,
    gateway: &Gateway,
) -> Option<(String, Entry)> {
    let kept = context.ask(Question {
        id: "environment-service-url",
        choices: &["keep", "drop"],
        default: "keep",
        affects: &["apim.gateway.environment[].service_url"],
        ..Question::default()
    });
    let facts = said.get("environment.service-url").cloned().unwrap_or_default();
    if kept == "drop" {
        for (_, fact) in facts {
            context.mark(fact.setting, Use::Retired("dropped by decision `environment-service-url`".to_owned()));
        }
        return None;
    }
    let mut remote: Vec<Word> = Vec::new();
    let (mut local, mut pushed) = (Vec::new(), Vec::new());
    for (node, fact) in facts.iter().filter(|(_, fact)| !fact.value.is_empty()) {
        let retired = Url::parse(&fact.value).and_then(|url| context.node_named(&url.host));
        if retired.is_some_and(|named| context.is_retired(named)) {
            pushed.push(fact.setting);
        } else if local_url(context, *node, &fact.value) {
            local.push(fact.setting);
        } else if let Some(url) = Url::parse(&fact.value) {
            let port = context.port(*node, &url).suffix();
            let text = format!("{}://{}{port}{}", url.scheme, bracketed(&url.host), context_path(&url.path));
            remote.push(Word::of(fact.setting, text));
        }
    }
    if !remote.is_empty() {
        for setting in pushed {
            context.absorb(setting, "named the gateway manager, which is not needed any more");
        }
        let held = context.settle(key, &remote, false, None);
        let entry = held.entry(Value::text(held.text.clone()));
        let entry = if held.decision.is_some() { entry } else { entry.by("environment-service-url") };
        return Some(("service_url".into(), entry));
    }
    // Artifacts were pushed to a gateway manager that is retired: its worker stands in its place.
    if let (false, Some(node)) = (pushed.is_empty(), gateway.node) {
        let value = format!("https://{}:{}/services/", context.host(node), shift(9443, context.offset(node)));
        let entry = Entry::said(Value::text(value), pushed).by("environment-service-url");
        return Some(("service_url".into(), entry));
    }
    // The line of an all-in-one's own deployment.toml stays as it is.
    let is_own =
        |node: usize, fact: &Fact<'_>| context.nodes[node].version.major > 2 && local.first() == Some(&fact.setting);
    let own = facts.iter().find(|(node, fact)| is_own(*node, fact)).filter(|_| context.is_all_in_one());
    let value = if let Some((_, fact)) = own {
        fact.value.replace("${carbon.context}", "/")
    } else if context.is_all_in_one() {
        "https://localhost:${mgt.transport.https.port}/services/".to_owned()
    } else if let Some(hub) = facts.iter().map(|(node, _)| *node).find(|node| is_own_gateway(context, said, *node)) {
        format!("https://{}:{}/services/", context.host(hub), shift(9443, context.offset(hub)))
    } else {
        format!("https://{}/services/", gateway.address.authority())
    };
    Some(("service_url".into(), Entry::said(Value::text(value), local).by("environment-service-url")))
}

/// Whether an all-in-one among other nodes serves the environment itself: the endpoints that it lists stand on it, if it
/// lists any.
fn is_own_gateway(context: &Context<'_, '_>, said: &Said<'_, '_>, node: usize) -> bool {
    let own = said.get("environment.endpoints").into_iter().flatten().filter(|(reader, _)| *reader == node);
    let mut urls =
        own.flat_map(|(_, fact)| fact.value.split(',')).filter_map(|text| Url::parse(text.trim())).peekable();
    context.source.nodes[node].has(Role::AllInOne)
        && (urls.peek().is_none() || urls.any(|url| stands_on(context, node, &url).contains(&node)))
}

/// `${carbon.context}` is the root in 4.x (C.1).
pub fn context_path(path: &str) -> String {
    let path = path.replace("${carbon.context}", "/");
    let mut out = String::with_capacity(path.len() + 1);
    if !path.starts_with('/') && !path.is_empty() {
        out.push('/');
    }
    for character in path.chars() {
        if character != '/' || !out.ends_with('/') {
            out.push(character);
        }
    }
    out
}
