//! Plain settings: what old nodes say of a key becomes what new nodes get (D).

use crate::text::Parts as _;
use indexmap::IndexMap;

use crate::diagnostic::Code;
use crate::mapping::catalog::Acceptance;
use crate::mapping::subject::{Merge, OnConflict, Subject};
use crate::mapping::{Saying, SettingId};
use crate::role::{Profile, Role};
use crate::value::Value;
use crate::version::Version;

use super::conflicts::Word;
use super::context::{Context, Entries};
use super::plan::{Entry, Use};

/// The package of the servlet transport's listeners.
const SERVLET_TRANSPORT: &str = "org.wso2.carbon.core.transports.http.";

/// Why a retired gateway manager's settings are gone.
const GONE: &str = "the gateway manager is not needed any more, and has no say in the new nodes";

/// A saying that counts for a target node, with its owner's rank.
#[derive(Clone, Copy)]
struct Voice<'c, 'a> {
    saying: &'c Saying<'a>,
    node: usize,
    rank: usize,
}

/// Writes every plain setting.
pub fn write(context: &mut Context<'_, '_>) {
    for target in 0..context.plan.nodes.len() {
        write_node(context, target);
    }
    mark_unread(context);
}

fn write_node(context: &mut Context<'_, '_>, target: usize) {
    let profile = context.plan.nodes[target].profile;
    let voices = voices(context, target);
    let mut arrays = context.entries.clone();
    for (key, voices) in voices {
        let written = number(&key, &mut arrays);
        match context.tables.catalog.acceptance(&key, context.target()) {
            Acceptance::Read => {}
            _ if written.ends_with(']') => {
                refuse(context, &key, &settings(&voices), &Acceptance::Ignored { taken_by: Vec::new() });
                continue;
            }
            refused => {
                refuse(context, &key, &settings(&voices), &refused);
                continue;
            }
        }
        let subject = context.tables.subject(voices[0].saying.subject);
        let mut entry = if subject.is_some_and(|subject| subject.merge == Merge::Union) {
            let (value, from) = unite(&voices);
            Entry::said(value, from)
        } else {
            choose(context, target, &key, &voices, subject)
        };
        if voices[0].saying.adds {
            entry.value = added(context, &key, profile, entry.value);
        }
        // The administrator's own file keeps its lines; what a node that is merged away has at its default is silence.
        let node = &context.plan.nodes[target];
        let toml = |voice: &&Voice<'_, '_>| context.nodes[voice.node].version.major > 2;
        let stands = voices.iter().filter(toml).any(|voice| node.stands_on == Some(voice.node));
        let silent = !stands && voices.iter().all(|voice| toml(&voice) && voice.saying.kept_default);
        let default = context.tables.catalog.is_default(&key, &entry.value, context.target(), profile)
            || is_admin_default(context, &key, &entry.value);
        if silent || (default && !stands && !is_written_whole(context, &key)) {
            for setting in entry.from {
                context.mark(setting, Use::Default("equal to the target's default".to_owned()));
            }
            continue;
        }
        // A shipped value is kept where the target's default is another one: one that is not known is no other.
        let unknown =
            || context.tables.catalog.defaults(&key, context.target(), profile).iter().all(|one| one.is_empty());
        if !stands && voices.iter().all(|voice| voice.saying.kept_default) && unknown() {
            continue;
        }
        let secret = voices.iter().any(|voice| voice.saying.secret);
        match context.plan.nodes[target].entries.get_mut(&written) {
            None => context.set(target, written, entry.secret(secret)),
            // What was planned for the node stands; who said the same said it too.
            Some(planned) if planned.value == entry.value => {
                let new: Vec<SettingId> = entry.from.into_iter().filter(|from| !planned.from.contains(from)).collect();
                planned.from.extend(new);
            }
            Some(planned) => {
                let why = planned.derived.clone().unwrap_or_else(|| "another setting holds".to_owned());
                for setting in entry.from {
                    context.absorb(setting, format!("{written} is planned anew: {why}"));
                }
            }
        }
    }
}

/// Whether the value is the super admin's, which the target takes for the key anyway.
fn is_admin_default(context: &Context<'_, '_>, key: &str, value: &Value) -> bool {
    let profile = Profile::AllInOne;
    let default = context.tables.catalog.defaults(key, context.target(), profile).first().copied().unwrap_or_default();
    let text = value.plain();
    (context.is_admin_name(default) || default == "admin") && context.is_admin_name(&text)
        || (context.is_admin_password(default) || default == "admin") && context.is_admin_password(&text)
}

/// LDAP and Active Directory stores are written whole: what the mapper infers for them is often wrong
/// (semantics-settings.md 3.2).
fn is_written_whole(context: &Context<'_, '_>, key: &str) -> bool {
    key.starts_with("user_store.")
        && context.plan.nodes.first().and_then(|node| node.entries.get("user_store.type")).is_some_and(|entry| {
            let kind = entry.value.plain();
            kind.contains("ldap") || kind.contains("active_directory")
        })
}

/// All sayings that count for a target node, by key, best owner first.
fn voices<'c, 'a>(context: &Context<'c, 'a>, target: usize) -> IndexMap<String, Vec<Voice<'c, 'a>>> {
    let node = &context.plan.nodes[target];
    let mut found: IndexMap<String, Vec<Voice<'c, 'a>>> = IndexMap::new();
    for old in 0..context.source.nodes.len() {
        // The databases of a deployment.toml are written as whole tables.
        let toml = context.nodes[old].version.major > 2;
        let plain = |saying: &&Saying<'_>| {
            let whole = toml && saying.key.starts_with("database.");
            !whole && !is_servlet_transport(context, saying)
        };
        let retired = context.is_retired(old);
        for saying in context.nodes[old].settings.sayings.iter().filter(|_| !retired).filter(plain) {
            let Some(subject) = context.tables.subject(saying.subject) else { continue };
            if !subject.everywhere && !node.merged.contains(&old) {
                continue;
            }
            if let Some(rank) = rank(context, subject, node.profile, old, node.stands_on == Some(old)) {
                found.entry(saying.key.clone()).or_default().push(Voice { saying, node: old, rank });
            }
        }
    }
    for voices in found.values_mut() {
        // A shipped value that is only kept on request says nothing against one that somebody chose.
        if voices.iter().any(|voice| !voice.saying.kept_default) {
            voices.retain(|voice| !voice.saying.kept_default);
        }
        voices.sort_by_key(|voice| (voice.rank, voice.node, voice.saying.yields));
    }
    found
}

/// Whether a saying is about the servlet transport: role templates of 2.x (`axis2_TM.xml`, `axis2_KM.xml`) have it in the
/// place of the pass-through one, and the target's profiles bring their own.
fn is_servlet_transport(context: &Context<'_, '_>, saying: &Saying<'_>) -> bool {
    let node = saying.setting.node as usize;
    let path = context.nodes[node].settings.settings[saying.setting.index as usize].leaf.path.as_str();
    let of = |scheme: &str, fact: &str| {
        let part = |kind: &str| path.starts_with(&format!("/axisconfig/transport{kind}[@name='{scheme}']/"));
        (part("Receiver") || part("Sender"))
            && context.value(node, fact).is_some_and(|class| class.trim().starts_with(SERVLET_TRANSPORT))
    };
    of("http", "transport.http-listener") || of("https", "transport.https-listener")
}

/// How early a node's word on the subject counts for a profile; `None` if its role never read it.
fn rank(
    context: &Context<'_, '_>,
    subject: &Subject,
    profile: Profile,
    node: usize,
    stands_here: bool,
) -> Option<usize> {
    let roles = &context.source.nodes[node];
    if roles.has(Role::AllInOne) {
        let gets = profile == Profile::AllInOne || subject.owner.contains_key(&profile);
        return gets.then_some(0);
    }
    let owners = match profile {
        // A gateway worker beside an all-in-one still speaks for what every node shares.
        Profile::AllInOne => subject.owner.get(&Profile::ControlPlane)?,
        other => subject.owner.get(&other)?,
    };
    let rank = owners.iter().position(|owner| roles.has(*owner))?;
    Some(if subject.standing_first && stands_here { 0 } else { rank + 1 })
}

/// The first owner's value; conflicts with the others are recorded once.
fn choose(
    context: &mut Context<'_, '_>,
    target: usize,
    key: &str,
    voices: &[Voice<'_, '_>],
    subject: Option<&Subject>,
) -> Entry {
    let winner = voices[0];
    let twins = context.source.nodes[winner.node].twins;
    let among_twins = voices.iter().any(|voice| {
        voice.saying.value != winner.saying.value
            && context.source.nodes[voice.node].twins == twins
            && voice.node != winner.node
    });
    let standing = subject.is_some_and(|subject| subject.standing_first);
    let open = (subject.is_some_and(|subject| subject.conflict == OnConflict::Open) || among_twins) && !standing;
    let words: Vec<Word> =
        voices.iter().map(|voice| Word::of(voice.saying.setting, voice.saying.value.plain())).collect();
    let held = context.settle(key, &words, open, None);
    check_twins(context, target, key, voices, winner);
    let said = voices.iter().find(|voice| held.from.contains(&voice.saying.setting));
    let value = said.map_or_else(|| held.value_like(&winner.saying.value), |voice| voice.saying.value.clone());
    held.entry(value)
}

/// Twins that are silent where the others speak (D.3).
fn check_twins(
    context: &mut Context<'_, '_>,
    target: usize,
    key: &str,
    voices: &[Voice<'_, '_>],
    winner: Voice<'_, '_>,
) {
    let twins = context.source.nodes[winner.node].twins;
    let silent: Vec<String> = context.plan.nodes[target]
        .merged
        .iter()
        .filter(|node| context.source.nodes[**node].twins == twins)
        .filter(|node| !voices.iter().any(|voice| voice.node == **node))
        .map(|node| context.nodes[*node].name.clone())
        .collect();
    if silent.is_empty() {
        return;
    }
    let message = format!("{key} is set here, but not on {}", silent.join(", "));
    context.find_at(Code::TwinsDiffer, winner.saying.setting, message);
}

/// All items, in the owners' order, each once.
fn unite(voices: &[Voice<'_, '_>]) -> (Value, Vec<SettingId>) {
    let mut items: Vec<String> = Vec::new();
    for voice in voices {
        match &voice.saying.value {
            Value::List(list) => {
                items.extend(list.iter().filter(|item| !items.contains(item)).cloned().collect::<Vec<_>>());
            }
            // Entries of arrays of tables have keys of their own: the first one counts.
            other => return (other.clone(), voices.iter().map(|voice| voice.saying.setting).collect()),
        }
    }
    (Value::List(items), voices.iter().map(|voice| voice.saying.setting).collect())
}

/// The target's own list with the items after it: a list that is written replaces the default
/// (semantics-settings.md 13.4).
fn added(context: &Context<'_, '_>, key: &str, profile: Profile, value: Value) -> Value {
    let Value::List(items) = value else { return value };
    let defaults = context.tables.catalog.defaults(key, context.target(), profile);
    let mut list = crate::mapping::catalog::items(defaults.last().copied().unwrap_or_default());
    for item in items {
        if !list.contains(&item) {
            list.push(item);
        }
    }
    Value::List(list)
}

fn settings(voices: &[Voice<'_, '_>]) -> Vec<SettingId> {
    voices.iter().map(|voice| voice.saying.setting).collect()
}

/// A key that the target does not take: retired, with the target that would.
pub fn refuse(context: &mut Context<'_, '_>, key: &str, settings: &[SettingId], acceptance: &Acceptance) {
    let key = &crate::mapping::catalog::without_indexes(key);
    let reason = match acceptance {
        Acceptance::Breaks => format!("{key} makes a file of the target unreadable"),
        Acceptance::Ignored { taken_by } if taken_by.is_empty() => format!("no version of the target reads {key}"),
        Acceptance::Ignored { taken_by } => {
            let versions: Vec<String> = taken_by.iter().map(ToString::to_string).collect();
            format!("{key} is read only by {}", versions.join(", "))
        }
        Acceptance::Read => return,
    };
    for setting in settings.iter().copied() {
        let toml = context.nodes[setting.node as usize].version.major > 2;
        if toml && !context.plan.uses.contains_key(&setting) {
            let near = context.tables.catalog.nearest(key, context.target());
            let near = near.map_or_else(String::new, |near| format!("; a key that it reads is `{near}`"));
            let code = match acceptance {
                Acceptance::Breaks => Code::BreaksTheProduct,
                // It is not the key that is dead, but the target that is too old for it.
                Acceptance::Ignored { taken_by } if is_newer(taken_by, context, setting) => Code::TargetTooOld,
                _ => Code::DeadKey,
            };
            context.find_at(code, setting, format!("{reason}{near}"));
        }
        context.mark(setting, Use::Retired(reason.clone()));
    }
}

/// Whether the source reads a key that is too new for the target.
fn is_newer(taken_by: &[Version], context: &Context<'_, '_>, setting: SettingId) -> bool {
    let node = &context.nodes[setting.node as usize];
    let oldest = context.target().measured().first();
    let known = !node.version_evidence.guessed;
    known && taken_by.iter().any(|version| Some(version) > oldest && *version <= node.version)
}

/// `a[Name].b` as `a[0].b`: entries are numbered in the order of their first appearance.
fn number(key: &str, arrays: &mut Entries) -> String {
    let mut out = String::new();
    let mut rest = key;
    while let Some(start) = rest.find('[') {
        // The name ends at the bracket before a dot or at the key's end: names may hold brackets themselves.
        let Some(end) = rest.part(start..).find("].").or_else(|| rest.ends_with(']').then(|| rest.len() - 1 - start))
        else {
            break;
        };
        let name = rest.part(start + 1..start + end);
        out.push_str(rest.part(..start));
        let known = arrays.entry(out.clone()).or_default();
        let next = known.len();
        let index = *known.entry(name.to_owned()).or_insert(next);
        out.extend(["[", &index.to_string(), "]"]);
        rest = rest.part(start + end + 1..);
    }
    out.push_str(rest);
    out
}

/// Sayings that no target node read: the roles of the node never did (D.2, D.5). What only such a node sets is told,
/// once for each node and subject.
fn mark_unread(context: &mut Context<'_, '_>) {
    for old in 0..context.source.nodes.len() {
        let roles: Vec<&str> = context.source.nodes[old].roles.iter().map(|role| role.word()).collect();
        let roles = roles.join(", ");
        let nodes = context.nodes;
        let mut unset: IndexMap<&str, Vec<&Saying<'_>>> = IndexMap::new();
        for saying in nodes[old].settings.sayings.iter().filter(|saying| !saying.kept_default) {
            if is_servlet_transport(context, saying) {
                let why = "the servlet transport's, from a template of the old role: the new profile has its own";
                context.mark(saying.setting, Use::Retired(why.to_owned()));
                continue;
            }
            if context.is_retired(old) {
                context.mark(saying.setting, Use::Retired(GONE.to_owned()));
                continue;
            }
            let Some(subject) = context.tables.subject(saying.subject) else { continue };
            let read = context.plan.nodes.iter().any(|node| {
                (subject.everywhere || node.merged.contains(&old))
                    && rank(context, subject, node.profile, old, node.stands_on == Some(old)).is_some()
            });
            if read {
                continue;
            }
            let written = context.plan.nodes.iter().any(|node| node.entries.contains_key(&saying.key));
            if !written && !context.plan.uses.contains_key(&saying.setting) {
                unset.entry(saying.subject).or_default().push(saying);
            }
            context.mark(saying.setting, Use::Retired(format!("not read by this role ({roles})")));
        }
        if context.source.nodes.len() < 2 || context.plan.nodes.is_empty() || nodes[old].set_aside.is_some() {
            continue;
        }
        for sayings in unset.into_values() {
            let mut keys: Vec<&str> = sayings.iter().map(|saying| saying.key.as_str()).collect();
            keys.dedup();
            let message = format!("set only where the role ({roles}) never read it: {}", keys.join(", "));
            context.find_at(Code::SetOnUnusedNode, sayings[0].setting, message);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_entries_by_name() {
        let mut arrays = indexmap::IndexMap::new();
        assert_eq!(number("a[x].b", &mut arrays), "a[0].b");
        assert_eq!(number("a[/y/{z}].b", &mut arrays), "a[1].b");
        assert_eq!(number("a[x].c", &mut arrays), "a[0].c");
        assert_eq!(number("a.b", &mut arrays), "a.b");
    }
}
