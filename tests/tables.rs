//! The mapping tables, row by row: one test for each row's examples, and tests about all of them.
//!
//! A row is tested by what it says of itself: its examples are mapped, each leaf alone, and must give exactly the
//! keys, the fact, the outcome and the finding that they promise.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use apim_migrate::diagnostic::Code;
use apim_migrate::mapping::Standing;
use apim_migrate::mapping::catalog::{Liveness, VERSIONS};
use apim_migrate::mapping::examples::{self, map_alone, path_of, version_of};
use apim_migrate::mapping::rule::{Fate, Rule};
use apim_migrate::mapping::tables::{BUILT_IN, Table, Tables};
use apim_migrate::version::{Version, in_range};
use libtest_mimic::{Arguments, Failed, Trial};

/// A test about all rows.
type Whole = fn(&Tables) -> Result<(), Failed>;

fn main() {
    let arguments = Arguments::from_args();
    let tables = Arc::new(Tables::built_in());
    let mut trials: Vec<Trial> = Vec::new();
    for (index, table) in tables.tables().iter().enumerate() {
        for (row, rule) in table.rules().iter().enumerate() {
            let tables = Arc::clone(&tables);
            let name = format!("{}::{}", BUILT_IN[index].0, rule.id);
            trials.push(Trial::test(name, move || check_row(&tables, index, row)));
        }
    }
    let whole: [(&str, Whole); 8] = [
        ("names_rules_once", names_rules_once),
        ("names_only_what_exists", names_only_what_exists),
        ("writes_only_keys_that_a_target_reads", writes_only_keys_that_a_target_reads),
        ("finds_each_example_by_its_own_row", finds_each_example_by_its_own_row),
        ("stays_silent_on_shipped_values", stays_silent_on_shipped_values),
        ("lists_every_table", lists_every_table),
        ("describes_every_fact", describes_every_fact),
        ("says_one_thing_of_each_path", says_one_thing_of_each_path),
    ];
    for (name, test) in whole {
        let tables = Arc::clone(&tables);
        trials.push(Trial::test(name, move || test(&tables)));
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// All complaints at once, or none.
fn verdict(complaints: &str) -> Result<(), Failed> {
    if complaints.is_empty() { Ok(()) } else { Err(complaints.into()) }
}

fn every_rule(tables: &Tables) -> impl Iterator<Item = (&Table, &Rule)> {
    tables.tables().iter().flat_map(|table| table.rules().iter().map(move |rule| (table, rule)))
}

fn check_row(tables: &Tables, table: usize, row: usize) -> Result<(), Failed> {
    let table = &tables.tables()[table];
    let mismatches = examples::run(tables, table, &table.rules()[row]);
    verdict(&mismatches.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn names_rules_once(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    let mut seen: BTreeMap<&str, &str> = BTreeMap::new();
    for (table, rule) in every_rule(tables) {
        let kebab = rule.id.split('-').all(|word| {
            !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
        });
        if !kebab {
            writeln!(complaints, "{}: not in kebab-case", rule.id)?;
        }
        if seen.insert(&rule.id, &table.head.defaults).is_some() {
            writeln!(complaints, "{}: given twice", rule.id)?;
        }
        if rule.replaces.is_some() {
            writeln!(complaints, "{}: a built-in rule replaces nothing", rule.id)?;
        }
    }
    verdict(&complaints)
}

fn names_only_what_exists(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    let code = |text: &str| Code::ALL.iter().any(|code| code.text() == text);
    for (table, rule) in every_rule(tables) {
        let mut complain = |what: String| writeln!(complaints, "{}: {what}", rule.id);
        if let Some(subject) = rule.subject.as_deref().filter(|subject| tables.subject(subject).is_none()) {
            complain(format!("no subject `{subject}`"))?;
        }
        let writes = !rule.to.is_empty() || rule.cases.iter().any(|case| !case.sets.is_empty());
        if writes && rule.subject.is_none() {
            complain("writes a key, but whose business is it?".to_owned())?;
        }
        let findings = rule.finding.iter().chain(rule.cases.iter().filter_map(|case| case.finding.as_ref()));
        for finding in findings.filter(|finding| !code(finding)) {
            complain(format!("no finding `{finding}`"))?;
        }
        if rule.versions.as_ref().is_some_and(|range| in_range(range, Version::new(2, 6)).is_none()) {
            complain("its range of versions cannot be read".to_owned())?;
        }
        let xml = std::path::Path::new(&table.head.paths[0]).extension().is_some_and(|extension| extension == "xml");
        for from in rule.from.iter().filter(|from| from.starts_with('/') != xml) {
            complain(format!("`{from}` is no path of such a file"))?;
        }
        if rule.examples.is_empty() || rule.why.trim().is_empty() || rule.source.trim().is_empty() {
            complain("has no example, no reason or no source".to_owned())?;
        }
        if rule.to.is_empty()
            && rule.outcome.is_none()
            && !rule.cases.iter().any(|case| case.is.iter().any(|is| is == "*"))
        {
            complain("neither writes a key nor says what becomes of the leaf".to_owned())?;
        }
        if rule.outcome == Some(Fate::Manual) && rule.tell.is_none() {
            complain("leaves the leaf to a person without telling what to do".to_owned())?;
        }
        for case in rule.cases.iter().filter(|case| case.outcome == Some(Fate::Manual)) {
            if case.tell.as_ref().or(rule.tell.as_ref()).is_none() {
                complain("a case leaves the leaf to a person without telling what to do".to_owned())?;
            }
        }
        for example in &rule.examples {
            if example.version.as_ref().is_some_and(|version| version.parse::<Version>().is_err()) {
                complain("an example's version cannot be read".to_owned())?;
            }
        }
    }
    verdict(&complaints)
}

fn writes_only_keys_that_a_target_reads(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    for (_, rule) in every_rule(tables) {
        let sets = rule.cases.iter().flat_map(|case| case.sets.keys().map(String::as_str));
        let given = rule.examples.iter().flat_map(|example| example.gives.keys().map(String::as_str));
        for key in rule.to.iter().chain(sets).chain(given) {
            let Some(known) = tables.catalog.find(key) else {
                writeln!(complaints, "{}: `{key}` is no key of any measured version", rule.id)?;
                continue;
            };
            let read = |version: &Version| matches!(known.liveness(*version), Liveness::Live | Liveness::Free);
            if !VERSIONS[1..].iter().any(read) {
                writeln!(complaints, "{}: no version of 4.x reads `{key}`", rule.id)?;
            }
        }
    }
    verdict(&complaints)
}

fn finds_each_example_by_its_own_row(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    for (table, rule) in every_rule(tables) {
        for example in &rule.examples {
            let path = path_of(rule, example);
            let found = table.find(path, version_of(example).expect("a version")).map(|(found, _)| found.id.as_str());
            if found != Some(rule.id.as_str()) {
                writeln!(complaints, "{}: its example {path} is found by {found:?}", rule.id)?;
            }
        }
    }
    verdict(&complaints)
}

fn stays_silent_on_shipped_values(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    for (file, path, shipped) in tables.defaults.rows() {
        let Some(table) = tables.tables().iter().find(|table| table.head.defaults == file) else {
            writeln!(complaints, "{file}: no table")?;
            continue;
        };
        for version in [Version::new(2, 1), Version::new(2, 5), Version::new(2, 6)] {
            let Some(value) = shipped.shipped_by(version) else { continue };
            let mapped = map_alone(tables, table, path, value, version, false);
            let setting = &mapped.settings[0];
            if setting.rule.is_none() {
                writeln!(complaints, "{file}: {path}: no row")?;
            } else if !shipped.commented_out
                && (setting.standing != Standing::Default || !mapped.sayings.is_empty() || !mapped.findings.is_empty())
            {
                writeln!(complaints, "{file}: {path} = `{value}` of {version}: {:?}", mapped.sayings)?;
            }
        }
    }
    verdict(&complaints)
}

fn lists_every_table(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    let mut names: Vec<String> = Vec::new();
    for folder in
        [concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/2.x"), concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/3.x")]
    {
        for entry in std::fs::read_dir(folder)? {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    let mut listed: Vec<String> = BUILT_IN.iter().map(|(name, _)| format!("{name}.toml")).collect();
    listed.push("files.toml".to_owned());
    listed.sort();
    if names != listed {
        writeln!(complaints, "in the folder: {names:?}\nlisted: {listed:?}")?;
    }
    for table in tables.tables() {
        let found = tables.for_file(&table.head.paths[0].replace('*', "x"));
        if found.is_none_or(|found| !std::ptr::eq(found, table)) {
            writeln!(complaints, "{:?}: another table takes its file", table.head.paths)?;
        }
    }
    verdict(&complaints)
}

fn describes_every_fact(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/mappings/README.md"))?;
    let mut facts: Vec<&str> = every_rule(tables).filter_map(|(_, rule)| rule.fact.as_deref()).collect();
    facts.sort_unstable();
    facts.dedup();
    for fact in facts.iter().filter(|fact| !readme.contains(&format!("| `{fact}` |"))) {
        writeln!(complaints, "mappings/README.md does not describe the fact `{fact}`")?;
    }
    for line in readme.lines().filter_map(|line| line.strip_prefix("| `")) {
        let name = line.split('`').next().unwrap_or_default();
        if name.contains('.') && line.matches('|').count() == 3 && !facts.contains(&name) && !name.contains('/') {
            writeln!(complaints, "mappings/README.md describes `{name}`, which no row gives")?;
        }
    }
    verdict(&complaints)
}

fn says_one_thing_of_each_path(tables: &Tables) -> Result<(), Failed> {
    let mut complaints = String::new();
    for table in tables.tables() {
        let mut seen: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
        for rule in table.rules() {
            for from in rule.from.iter() {
                let earlier = seen.entry(from).or_default();
                if let Some(other) = earlier.iter().find(|other| other.versions.is_none() || rule.versions.is_none()) {
                    writeln!(complaints, "{from}: both {} and {}", other.id, rule.id)?;
                }
                earlier.push(rule);
            }
        }
    }
    verdict(&complaints)
}
