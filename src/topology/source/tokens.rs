//! Roles in the names of folders and files (A.2, row 5).

use super::Strength;
use crate::role::Role;

/// What a name says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each says something of its own about the words")]
pub struct Named {
    /// The roles, in the order of the name; `AllInOne` only if there is no other.
    pub roles: Vec<Role>,
    /// A full role name, or two tokens: decides alone.
    pub strong: bool,
    /// Only `manager` or `worker` says so: of a gateway, or of clustered all-in-ones (A.4).
    pub cluster_words: bool,
    /// Only `dev` says so: the developer portal, or a stage of development.
    pub stage_word: bool,
    /// It says in full that the node is an all-in-one, and no other role.
    pub whole: bool,
}

impl Named {
    /// The weight of the evidence.
    #[must_use]
    pub fn strength(&self) -> Strength {
        if self.strong { Strength::Strong } else { Strength::Medium }
    }

    /// Whether the name says a role other than the all-in-one.
    #[must_use]
    pub fn distributed(&self) -> bool {
        self.roles.iter().any(|role| *role != Role::AllInOne)
    }
}

/// Runs of words, longest first; the flag says whether the run is a full role name.
const PHRASES: &[(&[&str], Role, bool)] = &[
    (&["api", "key", "manager"], Role::KeyManager, true),
    (&["api", "dev", "portal"], Role::Store, true),
    (&["key", "manager"], Role::KeyManager, true),
    (&["traffic", "manager"], Role::TrafficManager, true),
    (&["gateway", "manager"], Role::GatewayManager, true),
    (&["gw", "manager"], Role::GatewayManager, true),
    (&["gw", "mgr"], Role::GatewayManager, true),
    (&["gateway", "mgt"], Role::GatewayManager, true),
    (&["gw", "mgt"], Role::GatewayManager, true),
    (&["mgt", "gw"], Role::GatewayManager, true),
    (&["gateway", "worker"], Role::GatewayWorker, true),
    (&["gw", "worker"], Role::GatewayWorker, true),
    (&["universal", "gw"], Role::GatewayWorker, true),
    (&["universal", "gateway"], Role::GatewayWorker, true),
    (&["api", "gateway"], Role::GatewayWorker, true),
    (&["api", "publisher"], Role::Publisher, true),
    (&["api", "store"], Role::Store, true),
    (&["api", "devportal"], Role::Store, true),
    (&["dev", "portal"], Role::Store, true),
    (&["control", "plane"], Role::ControlPlane, true),
    (&["api", "manager"], Role::AllInOne, false),
    // An API-M that has the Identity Server as its key manager.
    (&["is", "as", "km"], Role::AllInOne, false),
    (&["is", "km"], Role::AllInOne, false),
    (&["all", "in", "one"], Role::AllInOne, true),
    (&["keymanager"], Role::KeyManager, true),
    (&["km"], Role::KeyManager, false),
    (&["publisher"], Role::Publisher, true),
    (&["pub"], Role::Publisher, false),
    (&["store"], Role::Store, true),
    (&["devportal"], Role::Store, true),
    (&["dev"], Role::Store, false),
    (&["trafficmanager"], Role::TrafficManager, true),
    (&["tm"], Role::TrafficManager, false),
    (&["gatewaymanager"], Role::GatewayManager, true),
    (&["gwm"], Role::GatewayManager, false),
    (&["gm"], Role::GatewayManager, false),
    (&["gatewayworker"], Role::GatewayWorker, true),
    (&["gateway"], Role::GatewayWorker, true),
    (&["gw"], Role::GatewayWorker, false),
    (&["worker"], Role::GatewayWorker, false),
    (&["manager"], Role::GatewayManager, false),
    (&["mgt"], Role::GatewayManager, false),
    (&["controlplane"], Role::ControlPlane, true),
    (&["acp"], Role::ControlPlane, false),
    (&["cp"], Role::ControlPlane, false),
    (&["apimanager"], Role::AllInOne, false),
    (&["allinone"], Role::AllInOne, true),
    (&["default"], Role::AllInOne, false),
    (&["apim"], Role::AllInOne, false),
    (&["wso2am"], Role::AllInOne, false),
    (&["wso2apim"], Role::AllInOne, false),
    (&["am"], Role::AllInOne, false),
];

/// The single letters of A.2; they count only when every word is one of them or a role's.
const LETTERS: [(&str, Role); 5] = [
    ("k", Role::KeyManager),
    ("p", Role::Publisher),
    ("s", Role::Store),
    ("t", Role::TrafficManager),
    ("g", Role::GatewayWorker),
];

/// Words of which several may be written as one (`pubstore`).
const JOINED: [&str; 11] =
    ["publisher", "pub", "store", "devportal", "keymanager", "km", "trafficmanager", "tm", "gateway", "gw", "apim"];

/// The roles that a name says.
#[must_use]
pub fn roles_in(name: &str) -> Named {
    let words = words(name);
    let mut out = Named::default();
    let (mut tokens, mut all_known, mut letters) = (0, true, Vec::new());
    let mut all_in_one = false;
    let (mut cluster_only, mut stage_only) = (true, true);
    let mut at = 0;
    while at < words.len() {
        let rest = &words[at..];
        let found =
            PHRASES.iter().find(|(run, ..)| rest.len() >= run.len() && run.iter().zip(rest).all(|(a, b)| a == b));
        let Some((run, role, full)) = found else {
            match LETTERS.iter().find(|(letter, _)| *letter == words[at]) {
                Some((_, role)) => letters.push(*role),
                None => all_known = false,
            }
            at += 1;
            continue;
        };
        at += run.len();
        if *role == Role::AllInOne {
            all_in_one = true;
            out.whole |= *full;
            continue;
        }
        // `manager` after a gateway's own word only says which part of it.
        let mut role = *role;
        cluster_only &= matches!(run[0], "worker" | "manager");
        stage_only &= *run == ["dev"];
        if *run == ["manager"] && out.roles.contains(&Role::GatewayWorker) {
            role = Role::GatewayManager;
        }
        tokens += 1;
        out.strong |= *full;
        if !out.roles.contains(&role) {
            out.roles.push(role);
        }
    }
    if all_known && !all_in_one {
        tokens += letters.len();
        for role in letters {
            (cluster_only, stage_only) = (false, false);
            if !out.roles.contains(&role) {
                out.roles.push(role);
            }
        }
    }
    out.strong |= tokens > 1;
    out.cluster_words = tokens > 0 && cluster_only;
    out.stage_word = tokens > 0 && stage_only;
    out.whole &= out.roles.is_empty();
    if out.roles.is_empty() && all_in_one {
        out.roles.push(Role::AllInOne);
    }
    out
}

/// The words of a name: split at everything but letters, at a change to capitals, and words written as one.
fn words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut previous = ' ';
    for character in name.chars().chain(std::iter::once(' ')) {
        let product = character == '2' && word.eq_ignore_ascii_case("wso");
        let ends = !(character.is_ascii_alphabetic() || product)
            || (character.is_ascii_uppercase() && previous.is_ascii_lowercase());
        if ends && !word.is_empty() {
            words.push(std::mem::take(&mut word).to_ascii_lowercase());
        }
        if character.is_ascii_alphabetic() || product {
            word.push(character);
        }
        previous = character;
    }
    words.into_iter().flat_map(|word| split_joined(&word).unwrap_or_else(|| vec![word])).collect()
}

fn split_joined(word: &str) -> Option<Vec<String>> {
    if word.is_empty() {
        return Some(Vec::new());
    }
    JOINED.iter().find_map(|first| {
        let mut rest = split_joined(word.strip_prefix(first)?)?;
        rest.insert(0, (*first).to_owned());
        Some(rest)
    })
}

#[cfg(test)]
mod tests {
    use super::roles_in;
    use crate::role::Role;

    #[test]
    fn reads_roles_of_names() {
        use Role::{AllInOne, GatewayManager, GatewayWorker, KeyManager, Publisher, Store, TrafficManager};
        let cases: &[(&str, &[Role], bool)] = &[
            ("apim-km", &[KeyManager], false),
            ("apim_publisher", &[Publisher], true),
            ("pub-store-tm-1", &[Publisher, Store, TrafficManager], true),
            ("apim-pubstore-tm-2", &[Publisher, Store, TrafficManager], true),
            ("p-s-k", &[Publisher, Store, KeyManager], true),
            ("gw-t", &[GatewayWorker, TrafficManager], true),
            ("server-t", &[], false),
            ("gateway-manager", &[GatewayManager], true),
            ("api-key-manager", &[KeyManager], true),
            ("api-manager", &[AllInOne], false),
            ("apim-gw-manager-worker", &[GatewayManager, GatewayWorker], true),
            ("wso2am-2.6.0", &[AllInOne], false),
            ("am-1", &[AllInOne], false),
            ("publisher-plus-store", &[Publisher, Store], true),
            ("apimanagement", &[], false),
            ("trafficManager2", &[TrafficManager], true),
            ("node1", &[], false),
        ];
        for (name, roles, strong) in cases {
            let named = roles_in(name);
            assert_eq!((named.roles.as_slice(), named.strong), (*roles, *strong), "{name}");
        }
        assert!(roles_in("apim-worker").cluster_words && roles_in("apim-manager-worker").cluster_words);
        assert!(!roles_in("gateway-worker").cluster_words && !roles_in("gw-manager-worker").cluster_words);
        assert!(roles_in("apim-dev").stage_word);
    }
}
