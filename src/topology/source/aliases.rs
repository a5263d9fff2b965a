//! Names that are one machine, as the administrator says (`same-host`): nothing else resolves names.

use super::host::normalise;
use super::{Answers, Asked};

/// Which names mean one machine. Empty, each name is its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases {
    /// Names as they are compared; each name is in one set, and the first of a set stands for all.
    sets: Vec<Vec<String>>,
}

impl Aliases {
    /// Those of an answer: pairs `a = b`, divided by commas. Pairs that share a name make one set.
    #[must_use]
    pub fn of(answer: &str) -> Self {
        let mut sets: Vec<Vec<String>> = Vec::new();
        for (one, other) in answer.split(',').filter_map(|pair| pair.split_once('=')) {
            let pair = [normalise(one), normalise(other)];
            let (met, rest): (Vec<_>, Vec<_>) =
                sets.into_iter().partition(|set| set.iter().any(|name| pair.contains(name)));
            let mut joined: Vec<String> = met.into_iter().flatten().collect();
            for name in pair {
                if !joined.contains(&name) {
                    joined.push(name);
                }
            }
            sets = rest;
            sets.push(joined);
        }
        Self { sets }
    }

    /// The aliases answered, and the question as it was asked. Nobody is asked who said nothing.
    #[must_use]
    pub fn answered(answers: &dyn Answers) -> (Self, Option<Asked>) {
        let Some(answer) = answers.answer("same-host", "") else { return (Self::default(), None) };
        let aliases = Self::of(&answer);
        let asked = Asked {
            id: "same-host".to_owned(),
            about: String::new(),
            choices: Vec::new(),
            default: "none".to_owned(),
            chosen: answer,
            open: false,
            answered: false,
            affects: aliases.sets.iter().flatten().cloned().collect(),
        };
        (aliases, Some(asked))
    }

    /// A host as it is compared: normalised, and one name for each machine.
    #[must_use]
    pub fn key(&self, host: &str) -> String {
        let host = normalise(host);
        match self.sets.iter().find(|set| set.contains(&host)) {
            Some(set) => set[0].clone(),
            None => host,
        }
    }

    /// Whether two names are one machine.
    #[must_use]
    pub fn same(&self, one: &str, other: &str) -> bool {
        self.key(one) == self.key(other)
    }

    /// The stated names of a node as they are compared. A name that begins with the node's folder is its own too,
    /// also where another name stands for it.
    #[must_use]
    pub fn names(&self, stated: &[String], folder: Option<&str>) -> Vec<String> {
        let folder = folder.map(normalise);
        let begins = |name: &String| name.split_once('.').map(|(label, _)| label) == folder.as_deref();
        let mut names: Vec<String> = Vec::new();
        let by_folder = self.sets.iter().filter(|set| folder.is_some() && set.iter().any(begins));
        let all = stated.iter().map(|name| self.key(name)).chain(by_folder.map(|set| set[0].clone()));
        for name in all.chain(stated.iter().cloned()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use super::Aliases;

    #[test]
    fn joins_pairs_that_share_a_name() {
        let aliases = Aliases::of("10.0.0.7 = TM.example.com,x = y, tm-1.internal = 10.0.0.7");
        assert_eq!(aliases.key("tm.example.com."), "10.0.0.7");
        assert!(aliases.same("tm-1.internal", "tm.example.com"));
        assert!(!aliases.same("x", "10.0.0.7"));
        assert_eq!(aliases.key("other"), "other");
        assert_eq!(aliases.names(&["a".to_owned()], Some("tm-1")), ["a", "10.0.0.7"]);
        assert_eq!(Aliases::default().names(&["a".to_owned()], None), ["a"]);
    }
}
