//! Each part of a row counts: a row that is removed or altered makes an example of its own fail, or a rule about rows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use apim_migrate::mapping::catalog::Kind;
use apim_migrate::mapping::rule::{Codec, Fate, Literal, Rule, TableFile, Texts};
use apim_migrate::mapping::tables::{Table, Tables};
use apim_migrate::mapping::{book, examples};
use apim_migrate::secret::is_secret_name;

fn table_of(table: &Table, rules: Vec<Rule>) -> Table {
    Table::new(TableFile { file: table.head.clone(), rules })
}

/// Alters each row in every way that `mutants` knows; each mutant must fail one of the row's examples.
fn assert_none_survives(mutants: fn(&Tables, &Rule) -> Vec<(String, Rule)>) {
    let tables = Tables::built_in();
    let mut survivors = String::new();
    let mut tried = 0;
    for table in tables.tables() {
        for rule in table.rules() {
            for (what, mutant) in mutants(&tables, rule) {
                tried += 1;
                // The row finds its own examples, so it can stand alone.
                let alone = table_of(table, vec![mutant]);
                if examples::run(&tables, &alone, &alone.rules()[0]).is_empty() {
                    writeln!(survivors, "{}: {what}", rule.id).unwrap();
                }
            }
        }
    }
    assert!(tried > 0);
    assert!(survivors.is_empty(), "no example fails for:\n{survivors}");
}

fn altered(rule: &Rule, alter: impl FnOnce(&mut Rule)) -> Rule {
    let mut mutant = rule.clone();
    alter(&mut mutant);
    mutant
}

#[test]
fn a_row_cannot_be_removed() {
    let tables = Tables::built_in();
    let mut survivors = String::new();
    for table in tables.tables() {
        for row in 0..table.rules().len() {
            let mut rest = table.rules().to_vec();
            let rule = rest.remove(row);
            if examples::run(&tables, &table_of(table, rest), &rule).is_empty() {
                writeln!(survivors, "{}", rule.id).unwrap();
            }
        }
    }
    assert!(survivors.is_empty(), "no example fails without:\n{survivors}");
}

#[test]
fn a_key_cannot_be_altered() {
    assert_none_survives(|_, rule| {
        let keys: Vec<String> = rule.to.iter().map(str::to_owned).collect();
        let key = |place: usize| {
            let mut keys = keys.clone();
            keys[place].push('x');
            (format!("`{}` for its key", keys[place]), altered(rule, |rule| rule.to = Texts::Many(keys)))
        };
        (0..keys.len()).map(key).collect()
    });
}

#[test]
fn a_form_cannot_be_altered() {
    assert_none_survives(|tables, rule| {
        let Some(key) = rule.to.iter().next() else { return Vec::new() };
        let list = tables.catalog.find(key).is_some_and(|key| key.kind == Kind::List);
        let other = match rule.codec {
            Codec::Copy if list => Codec::Text,
            Codec::Copy => Codec::Item,
            _ => Codec::Copy,
        };
        // A list that the key takes anyway is split by its kind, too.
        if rule.codec == Codec::List && list {
            return vec![("a text for its form".to_owned(), altered(rule, |rule| rule.codec = Codec::Text))];
        }
        vec![(format!("{other:?} for its form"), altered(rule, |rule| rule.codec = other))]
    });
}

fn other_fate(fate: Option<Fate>) -> Option<Fate> {
    match fate? {
        Fate::Manual => Some(Fate::Retired),
        _ => Some(Fate::Manual),
    }
}

#[test]
fn an_outcome_cannot_be_altered() {
    assert_none_survives(|_, rule| {
        let mutant = other_fate(rule.outcome).map(|fate| altered(rule, |rule| rule.outcome = Some(fate)));
        mutant.map(|mutant| (format!("{:?} for its outcome", mutant.outcome), mutant)).into_iter().collect()
    });
}

#[test]
fn a_fact_or_finding_cannot_be_altered() {
    assert_none_survives(|_, rule| {
        let mut mutants = Vec::new();
        if rule.fact.is_some() {
            mutants.push(("no fact".to_owned(), altered(rule, |rule| rule.fact = None)));
        }
        if rule.finding.is_some() {
            mutants.push(("no finding".to_owned(), altered(rule, |rule| rule.finding = None)));
        }
        if rule.entry.is_some() {
            mutants.push(("no entry".to_owned(), altered(rule, |rule| rule.entry = None)));
        }
        mutants
    });
}

#[test]
fn a_case_cannot_be_altered() {
    assert_none_survives(|_, rule| {
        let mut mutants = Vec::new();
        for (place, case) in rule.cases.iter().enumerate() {
            let mut mutate = |what: String, alter: &dyn Fn(&mut Rule)| {
                mutants.push((format!("case {}: {what}", place + 1), altered(rule, alter)));
            };
            mutate("removed".to_owned(), &|rule| drop(rule.cases.remove(place)));
            for key in case.sets.keys() {
                mutate(format!("without {key}"), &|rule| drop(rule.cases[place].sets.shift_remove(key)));
                let other = Literal::Text("another".to_owned());
                mutate(format!("another {key}"), &|rule| {
                    rule.cases[place].sets.insert(key.clone(), other.clone());
                });
            }
            if let Some(fate) = case.outcome {
                // What stands as shipped is no other outcome's: without it the value is the row's again.
                let other = if fate == Fate::Default { None } else { other_fate(case.outcome) };
                mutate(format!("{other:?} for its outcome"), &|rule| rule.cases[place].outcome = other);
            }
            if case.finding.is_some() {
                mutate("no finding".to_owned(), &|rule| rule.cases[place].finding = None);
            }
        }
        mutants
    });
}

/// What no example can show of one leaf alone (whose business it is, for which versions, beside which others) is said in
/// `docs/mappings.md`, which is read in reviews and must be as the tables are.
#[test]
fn nothing_of_a_row_can_be_altered_unseen() {
    let tables = Tables::built_in();
    let page = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mappings.md")).unwrap();
    // A row ends where the next begins, or the next file's heading.
    let said: BTreeMap<&str, &str> = page
        .split("\n### ")
        .skip(1)
        .filter_map(|row| Some((row.lines().next()?, row.split("\n\n## ").next()?.trim_end())))
        .collect();
    let says = |row: String| {
        let row = row.trim_start_matches("\n### ").trim_end();
        said.get(row.lines().next().unwrap()) == Some(&row)
    };
    let subjects: Vec<&str> = tables.subjects().map(|subject| subject.id.as_str()).collect();
    for rule in tables.tables().iter().flat_map(Table::rules) {
        assert!(says(book::row(&tables, rule)), "{}: the page has another row", rule.id);
        let mut mutants = vec![("repeats", altered(rule, |rule| rule.repeats = !rule.repeats))];
        if !rule.to.is_empty() {
            mutants.push(("adds", altered(rule, |rule| rule.adds = !rule.adds)));
        }
        let without = altered(rule, |rule| rule.versions = None);
        let only = altered(rule, |rule| rule.versions = Some("2.3-2.4".to_owned()));
        mutants.extend(rule.versions.is_some().then_some(("versions", without)));
        mutants.push(("versions", only));
        if let Some(own) = &rule.subject {
            mutants.extend(
                subjects
                    .iter()
                    .filter(|subject| *subject != own)
                    .map(|other| ("subject", altered(rule, |rule| rule.subject = Some((*other).to_owned())))),
            );
        }
        for (what, mutant) in mutants {
            assert!(!says(book::row(&tables, &mutant)), "{}: another `{what}` is not seen", rule.id);
        }
    }
}

/// The keys whose default list is lost where one item is written (semantics-settings.md 13.4), as far as rows write them.
const REPLACES_A_DEFAULT: [&str; 8] = [
    "server.hide_menu_items",
    "apim.oauth_config.allowed_scopes",
    "tenant_context.rewrite.webapps",
    "tenant_context.rewrite.servlets",
    "authentication.endpoint.query_params.filter_parameters",
    "oauth.oidc.id_token.supported_encryption_algorithms",
    "oauth.oidc.id_token.supported_encryption_methods",
    "governance.comparators",
];

#[test]
fn what_replaces_a_default_list_adds_to_it() {
    let tables = Tables::built_in();
    // The list of a deployment.toml had replaced the old default already.
    let legacy = || tables.tables().iter().filter(|table| !table.head.is_toml());
    let rules = || legacy().flat_map(Table::rules);
    for key in REPLACES_A_DEFAULT {
        let mut rows = rules().filter(|rule| rule.to.iter().any(|to| to == key)).peekable();
        assert!(rows.peek().is_some(), "no row writes {key}");
        for rule in rows {
            assert!(rule.adds, "{}: {key} loses its default", rule.id);
        }
    }
}

/// Rows whose names do not tell whether they hold a secret, and why.
const NOT_BY_NAME: [(&str, &str); 4] = [
    (
        "application-authentication-authenticator-config-name-smsotp-parameter-name-backup-code",
        "a switch: whether backup codes are taken",
    ),
    ("cipher-text", "its names are aliases of secrets"),
    ("identity-admin-password-reset-otp", "a switch: whether one-time passwords are sent"),
    (
        "identity-open-idconnect-sign-jwtwith-spkey",
        "a switch: whether tokens are signed with the service provider's key",
    ),
];

/// Whether a row says `secret` just where the names of its paths and keys are those of a secret.
fn says_what_is_secret(rule: &Rule) -> bool {
    let named = rule.from.iter().chain(rule.to.iter()).any(is_secret_name);
    let excepted = NOT_BY_NAME.iter().any(|(id, _)| *id == rule.id);
    rule.secret == (named != excepted)
}

#[test]
fn a_secret_cannot_be_altered() {
    let tables = Tables::built_in();
    let rules = || tables.tables().iter().flat_map(Table::rules);
    let wrong: Vec<String> = rules()
        .filter(|rule| !says_what_is_secret(rule))
        .map(|rule| format!("{}: secret = {}", rule.id, rule.secret))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    for rule in rules() {
        assert!(!says_what_is_secret(&altered(rule, |rule| rule.secret = !rule.secret)), "{}", rule.id);
    }
    for (id, why) in NOT_BY_NAME {
        assert!(rules().any(|rule| rule.id == id), "{id} ({why}) is no row");
    }
}
