//! From votes to roles (A.3).

use super::{Evidence, Strength};
use crate::role::Role;
use crate::text::Parts as _;

/// What the votes decide.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decided {
    /// The roles; none if nothing but weak votes speaks.
    pub roles: Vec<Role>,
    /// Only one medium vote speaks.
    pub weak: bool,
    /// Roles that were as well founded and lost.
    pub lost: Vec<Role>,
    /// Roles that had as many votes.
    pub tied: bool,
}

/// The order in which ties are broken (A.3, 5): a wrong publisher or store still lands in the control plane.
const TIES: [Role; 8] = [
    Role::TrafficManager,
    Role::GatewayWorker,
    Role::KeyManager,
    Role::Publisher,
    Role::Store,
    Role::GatewayManager,
    Role::ControlPlane,
    Role::AllInOne,
];

/// The order in which roles are listed.
const LISTED: [Role; 8] = [
    Role::KeyManager,
    Role::Publisher,
    Role::Store,
    Role::TrafficManager,
    Role::GatewayManager,
    Role::GatewayWorker,
    Role::ControlPlane,
    Role::AllInOne,
];

/// Sorts roles as reports list them.
pub fn sort(roles: &mut [Role]) {
    roles.sort_by_key(|role| LISTED.iter().position(|other| other == role));
}

/// Sums up the votes of a node.
#[must_use]
pub fn decide(votes: &[Evidence]) -> Decided {
    let count = |role: Role, strength: Strength| {
        votes.iter().filter(|vote| vote.strength == strength && vote.roles.contains(&role)).count()
    };
    // Two medium votes decide only where no strong one speaks (A.2).
    let of = |strength, least| TIES.into_iter().filter(|role| count(*role, strength) >= least).collect::<Vec<Role>>();
    let strong = of(Strength::Strong, 1);
    let founded = if strong.is_empty() { of(Strength::Medium, 2) } else { strong };
    let mut out = match founded.as_slice() {
        [] => by_one_vote(votes),
        [role] => Decided { roles: vec![*role], ..Decided::default() },
        _ => several(votes, &founded),
    };
    sort(&mut out.roles);
    out
}

/// One medium vote, or several roles with one each: weak votes break the tie, then the order.
fn by_one_vote(votes: &[Evidence]) -> Decided {
    let weight = |role: Role| {
        let of = |strength| votes.iter().filter(|vote| vote.strength == strength && vote.roles.contains(&role)).count();
        (of(Strength::Medium), of(Strength::Weak))
    };
    let best = TIES.into_iter().map(weight).max().unwrap_or_default();
    if best.0 == 0 {
        return Decided::default();
    }
    let winners: Vec<Role> = TIES.into_iter().filter(|role| weight(*role) == best).collect();
    // One vote may name several roles: the name of a hybrid.
    let together = votes.iter().find(|vote| winners.iter().all(|role| vote.roles.contains(role)));
    let roles = together.map_or_else(|| vec![winners[0]], |vote| vote.roles.clone());
    let tied = together.is_none();
    Decided { roles, weak: true, lost: if tied { winners[1..].to_vec() } else { Vec::new() }, tied }
}

/// A hybrid if its name or other nodes say each of the roles; else the first row that speaks decides.
fn several(votes: &[Evidence], founded: &[Role]) -> Decided {
    let named = |role: &Role| votes.iter().any(|vote| matches!(vote.row, "1" | "4" | "5") && vote.roles.contains(role));
    let whole = founded.contains(&Role::AllInOne);
    if !whole && founded.iter().all(named) {
        return Decided { roles: founded.to_vec(), ..Decided::default() };
    }
    let strongest = votes.iter().map(|vote| vote.strength).max().unwrap_or(Strength::Weak);
    let decisive = votes
        .iter()
        .filter(|vote| vote.strength == strongest || strongest < Strength::Strong)
        .filter(|vote| vote.roles.iter().any(|role| founded.contains(role)))
        .min_by_key(|vote| row_order(vote.row));
    let mut roles: Vec<Role> = decisive.map(|vote| vote.roles.clone()).unwrap_or_default();
    if !roles.contains(&Role::AllInOne) {
        // What the name and the other nodes say together.
        roles.extend(founded.iter().filter(|role| named(role) && **role != Role::AllInOne));
        let mut seen = Vec::new();
        roles.retain(|role| {
            !seen.contains(role) && {
                seen.push(*role);
                true
            }
        });
    }
    let lost = founded.iter().filter(|role| !roles.contains(role)).copied().collect();
    Decided { roles, lost, ..Decided::default() }
}

/// The number of a row, then its letter.
fn row_order(row: &str) -> (u32, &str) {
    let digits = row.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    (digits.parse().unwrap_or(u32::MAX), row.part(digits.len()..))
}

/// The role words of an answer to `node-role`; `None` if one is unknown. `ignore` is the empty list.
#[must_use]
pub fn answered(answer: &str) -> Option<Vec<Role>> {
    if answer.trim() == "ignore" {
        return Some(Vec::new());
    }
    let words = answer.split([',', '+', ' ']).map(str::trim).filter(|word| !word.is_empty());
    let mut roles: Vec<Role> =
        words.map(|word| LISTED.into_iter().find(|role| role.word() == word)).collect::<Option<_>>()?;
    sort(&mut roles);
    (!roles.is_empty()).then_some(roles)
}

#[cfg(test)]
mod tests {
    use super::{answered, decide};
    use crate::role::Role::{self, AllInOne, GatewayWorker, KeyManager, Publisher, Store, TrafficManager};
    use crate::topology::source::{Evidence, Strength};

    fn vote(row: &'static str, strength: Strength, roles: &[Role]) -> Evidence {
        Evidence { row, strength, roles: roles.to_vec(), what: String::new(), place: None }
    }

    #[test]
    fn decides_as_the_rules_say() {
        use Strength::{Medium, Strong, Weak};
        assert_eq!(decide(&[vote("4", Strong, &[KeyManager])]).roles, [KeyManager]);
        let two = decide(&[vote("6a", Medium, &[Publisher]), vote("6a", Medium, &[Publisher])]);
        assert_eq!((two.roles.as_slice(), two.weak), ([Publisher].as_slice(), false));
        let one = decide(&[vote("5", Medium, &[Store]), vote("10", Weak, &[Publisher])]);
        assert_eq!((one.roles.as_slice(), one.weak), ([Store].as_slice(), true));
        assert!(decide(&[vote("10", Weak, &[Publisher])]).roles.is_empty());
        let named = decide(&[
            vote("5", Strong, &[GatewayWorker]),
            vote("6a", Medium, &[Publisher]),
            vote("6a", Medium, &[Publisher]),
        ]);
        assert_eq!((named.roles.as_slice(), named.lost.len()), ([GatewayWorker].as_slice(), 0));
        let hybrid = decide(&[vote("5", Strong, &[Publisher, Store]), vote("4", Strong, &[TrafficManager])]);
        assert_eq!(hybrid.roles, [Publisher, Store, TrafficManager]);
    }

    #[test]
    fn shows_what_lost() {
        use Strength::{Medium, Strong};
        let disputed = decide(&[vote("4", Strong, &[KeyManager]), vote("6c", Strong, &[GatewayWorker])]);
        assert_eq!((disputed.roles, disputed.lost), (vec![KeyManager], vec![GatewayWorker]));
        let tie = decide(&[vote("6a", Medium, &[Publisher]), vote("6b", Medium, &[Store])]);
        assert_eq!((tie.roles.as_slice(), tie.tied), ([Publisher].as_slice(), true));
        let whole = decide(&[vote("4", Strong, &[AllInOne]), vote("6c", Strong, &[GatewayWorker])]);
        assert_eq!(whole.roles, [AllInOne]);
    }

    #[test]
    fn reads_answers() {
        assert_eq!(answered("store, publisher"), Some(vec![Publisher, Store]));
        assert_eq!(answered("ignore"), Some(Vec::new()));
        assert_eq!(answered("x"), None);
    }
}
