//! The rows' `proof` places before real products: each row's example is rendered, and its value must stand at every
//! place that the row promises.

use apim_migrate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, PoisonError};

use apim_migrate::emit::toml::{literal, render};
use apim_migrate::mapping::catalog::Acceptance;
use apim_migrate::mapping::examples::{map_alone, path_of, version_of};
use apim_migrate::mapping::path::Pattern;
use apim_migrate::mapping::rule::Rule;
use apim_migrate::mapping::tables::{BUILT_IN, Table, Tables};
use apim_migrate::role::Profile;
use apim_migrate::value::Value;
use apim_migrate::verify::Product;
use apim_migrate::verify::compare::{agree, as_read, holds};
use apim_migrate::verify::tree::{Spot, Tree};
use apim_migrate::version::Target;
use libtest_mimic::{Failed, Trial};

use super::products::Release;

/// One test for each table and release.
pub fn trials(releases: &[Arc<Release>]) -> Vec<Trial> {
    let tables = Arc::new(Tables::built_in());
    let mut trials = Vec::new();
    for (index, table) in tables.tables().iter().enumerate() {
        if table.rules().iter().all(|rule| rule.proof.is_empty()) {
            continue;
        }
        let name = BUILT_IN[index].0;
        if releases.is_empty() {
            trials.push(Trial::test(format!("no-product::rows::{name}"), || Ok(())).with_ignored_flag(true));
        }
        for release in releases {
            let (release, tables) = (release.clone(), tables.clone());
            let head = release.products[0].name.rsplit(' ').next().unwrap_or_default().to_owned();
            trials.push(Trial::test(format!("{head}::rows::{name}"), move || run(&release, &tables, index)));
        }
    }
    trials
}

/// A row's example, ready to be rendered.
struct Prepared<'t> {
    rule: &'t Rule,
    old: &'t str,
    keys: BTreeMap<String, Value>,
}

fn run(release: &Release, tables: &Tables, index: usize) -> Result<(), Failed> {
    let target = super::products::targets(release.version)[0];
    let table = &tables.tables()[index];
    // The pack of all profiles has every template.
    let whole = |product: &&Product| product.name.contains("API Manager");
    let product = release.products.iter().find(whole).unwrap_or(&release.products[0]);
    let mut todo: Vec<Prepared<'_>> =
        table.rules().iter().filter_map(|rule| prepare(tables, table, rule, target)).collect();
    let shot = |rows: &[&Prepared<'_>]| -> Result<Option<Tree>, Failed> {
        let toml = file(tables, target, rows);
        let mut prover = release.prover.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(prover.render(product, &toml)?.ok())
    };
    let base = shot(&[])?.ok_or("the product refuses its own plain file")?;
    let mut alone = Vec::new();
    while !todo.is_empty() {
        let (batch, later) = disjoint(todo);
        todo = later;
        let tree = shot(&batch.iter().collect::<Vec<_>>())?;
        alone.extend(
            batch
                .into_iter()
                .filter(|row| tree.as_ref().is_none_or(|tree| !complaints(tables, &base, tree, row).is_empty())),
        );
    }
    let mut wrong = String::new();
    for row in &alone {
        match shot(&[row])? {
            None => writeln!(wrong, "{}: the product refuses {:?}", row.rule.id, row.keys)?,
            Some(tree) => {
                for complaint in complaints(tables, &base, &tree, row) {
                    writeln!(wrong, "{}: {complaint}", row.rule.id)?;
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.into()) }
}

/// The first example of a row that gives keys which the target reads.
fn prepare<'t>(tables: &'t Tables, table: &'t Table, rule: &'t Rule, target: Target) -> Option<Prepared<'t>> {
    if rule.proof.is_empty() {
        return None;
    }
    rule.examples.iter().find_map(|example| {
        let path = path_of(rule, example);
        let mapped = map_alone(tables, table, path, &example.value, version_of(example)?, example.keep);
        let keys: BTreeMap<String, Value> = mapped
            .sayings
            .iter()
            .filter(|saying| tables.catalog.acceptance(&saying.key, target) == Acceptance::Read)
            .map(|saying| (saying.key.clone(), saying.value.clone()))
            .collect();
        (!keys.is_empty()).then_some(Prepared { rule, old: &example.value, keys })
    })
}

/// Rows that share no key and no table of free names, and the others.
fn disjoint(rows: Vec<Prepared<'_>>) -> (Vec<Prepared<'_>>, Vec<Prepared<'_>>) {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut places: BTreeSet<String> = BTreeSet::new();
    rows.into_iter().partition(|row| {
        let heads: Vec<String> = row.keys.keys().map(|key| key.split('[').next().unwrap_or(key).to_owned()).collect();
        let free = heads.iter().all(|head| !taken.contains(head))
            && row.rule.proof.iter().all(|place| !places.contains(place));
        if free {
            taken.extend(heads);
            places.extend(row.rule.proof.iter().cloned());
        }
        free
    })
}

/// The plain file of the product with the rows' keys in it.
fn file(tables: &Tables, target: Target, rows: &[&Prepared<'_>]) -> String {
    let mut keys: BTreeMap<String, String> = BTreeMap::new();
    let mut entries: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in rows {
        for (key, value) in &row.keys {
            let positions = tables.catalog.find(key).map(|found| found.positions).unwrap_or_default();
            keys.insert(numbered(key, &mut entries), literal(value, positions).0);
        }
    }
    for (key, value) in tables.catalog.template(Profile::AllInOne, target) {
        let head = key.split('[').next().unwrap_or(key);
        let overlaps = keys.keys().any(|own| own.split('[').next().unwrap_or(own) == head);
        if !overlaps {
            keys.entry(key.replace("[]", "[0]")).or_insert_with(|| value.to_owned());
        }
    }
    render(keys.iter().map(|(key, value)| (key.as_str(), value.clone()))).text
}

/// `a[Name].b` as `a[0].b`, the same number for the same name.
fn numbered(key: &str, entries: &mut BTreeMap<String, BTreeSet<String>>) -> String {
    let Some((head, tail)) = key.split_once('[') else { return key.to_owned() };
    let end = tail.find("].").unwrap_or(tail.len());
    let names = entries.entry(head.to_owned()).or_default();
    names.insert(tail.part(..end).to_owned());
    let number = names.len() - 1;
    format!("{head}[{number}]{}", tail.get(end + 1..).unwrap_or_default())
}

/// What of a row's promises does not hold in the rendered tree.
fn complaints(tables: &Tables, base: &Tree, tree: &Tree, row: &Prepared<'_>) -> Vec<String> {
    let mut complaints = Vec::new();
    for proof in &row.rule.proof {
        let Some((name, path)) = proof.split_once(':') else {
            complaints.push(format!("`{proof}` is no place"));
            continue;
        };
        let file = format!("repository/conf/{name}");
        let pattern = Pattern::new(path);
        let of = |tree: &Tree| -> BTreeMap<String, String> {
            let leaves = tree.leaves(tables, &file).into_iter().flatten();
            leaves
                .filter(|(path, _)| pattern.matches(path).is_some())
                .map(|(path, text)| (path.clone(), text.clone()))
                .collect()
        };
        let (found, before) = (of(tree), of(base));
        let said: Vec<String> = row.keys.values().map(Value::plain).collect();
        let xml = Spot { file: file.clone(), path: String::new() }.is_xml();
        let fits = |text: &String| {
            let items = row.old.split(',').map(str::trim);
            agree(row.old, text)
                || said.iter().any(|said| agree(&as_read(said, xml), text) || holds(text, said))
                || items.clone().any(|item| agree(item, text))
        };
        // A switch prints no value: something else must stand there than without it.
        if !found.values().any(fits) && found == before {
            let shown: Vec<&String> = found.values().take(2).collect();
            complaints.push(format!("`{}` as {:?} is not at {proof}: {shown:?}", row.old, row.keys));
        }
    }
    complaints
}
