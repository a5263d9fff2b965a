//! No key is written that the target does not read: all examples of all rows, as files of servers, for each target.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use apim_migrate::decision::Decisions;
use apim_migrate::mapping::catalog::{Acceptance, without_indexes};
use apim_migrate::mapping::examples::{path_of, version_of};
use apim_migrate::mapping::rule::Literal;
use apim_migrate::mapping::tables::{Table, Tables};
use apim_migrate::options::Options;
use apim_migrate::version::{Target, Version};
use clap::ValueEnum as _;

use crate::document::document;
use crate::node::{keys_of, write_node};

/// Leaves of one file that can stand beside each other.
type Leaves<'t> = Vec<(&'t str, &'t str)>;

/// Servers that together hold every example: one example goes to the first server of its version that has room.
fn servers(tables: &Tables) -> BTreeMap<(Version, usize), Vec<(String, String)>> {
    let mut servers: BTreeMap<(Version, usize), Vec<(String, String)>> = BTreeMap::new();
    for table in tables.tables() {
        let mut files: BTreeMap<(Version, usize), Leaves<'_>> = BTreeMap::new();
        for (rule, example) in
            table.rules().iter().flat_map(|rule| rule.examples.iter().map(move |example| (rule, example)))
        {
            let (version, path) = (version_of(example).unwrap(), path_of(rule, example));
            let place = (0..usize::MAX).find(|place| {
                let leaves = files.entry((version, *place)).or_default();
                !leaves.iter().any(|(known, _)| collide(known, path))
            });
            files.entry((version, place.unwrap())).or_default().push((path, &example.value));
        }
        let name = table.head.paths[0].replace('*', "own");
        for (place, leaves) in files {
            let text = document(&name, leaves);
            servers.entry(place).or_default().push((name.clone(), text));
        }
    }
    servers
}

/// Whether two leaves cannot stand in one file: the same path, or an element with a text that has children.
fn collide(one: &str, other: &str) -> bool {
    let inside = |path: &str, element: &str| {
        path.strip_prefix(element)
            .is_some_and(|rest| rest.is_empty() || (rest.starts_with('/') && !rest.starts_with("/@")))
    };
    inside(one, other) || inside(other, one)
}

#[test]
fn no_written_key_is_dead_for_its_target() {
    let tables = Tables::built_in();
    let servers: Vec<_> = servers(&tables)
        .into_iter()
        .map(|((version, _), mut files)| {
            // What makes it a server, whatever rows stand in it.
            if files.iter().all(|(name, _)| !["carbon.xml", "deployment.toml"].contains(&&**name)) {
                files.push(("carbon.xml".to_owned(), "<Server/>".to_owned()));
            }
            let folder = tempfile::tempdir().unwrap();
            write_node(&folder.path().join("apim"), &files);
            (version, apim_migrate::pipeline::read(&folder.path().join("apim")).unwrap())
        })
        .collect();
    let mut complaints = String::new();
    for target in Target::value_variants().iter().copied() {
        let mut written: BTreeSet<String> = BTreeSet::new();
        for (version, material) in &servers {
            let options = Options { target, source_version: Some(*version), ..Options::default() };
            let migration = apim_migrate::migrate(material, &options, &tables, &Decisions::default()).unwrap();
            for file in migration.deployments.iter().flat_map(|deployment| &deployment.files) {
                written.extend(keys_of(&file.text).iter().map(|key| without_indexes(key).into_owned()));
            }
            let entries = migration.deployments.iter().flat_map(|deployment| &deployment.plan.nodes);
            for key in entries.flat_map(|node| node.entries.keys()) {
                if tables.catalog.acceptance(key, target) != Acceptance::Read {
                    writeln!(complaints, "{target}: {key} is written, but not read").unwrap();
                }
            }
        }
        let rules = tables.tables().iter().flat_map(Table::rules);
        let given: BTreeMap<&str, &Literal> = rules
            .flat_map(|rule| &rule.examples)
            .flat_map(|example| &example.gives)
            .map(|(key, value)| (key.as_str(), value))
            .collect();
        let plain = |key: &str| without_indexes(key).replace('\'', "");
        let read = given.keys().filter(|key| tables.catalog.acceptance(key, target) == Acceptance::Read);
        let (stand, all) =
            read.fold((0, 0), |(stand, all), key| (stand + usize::from(written.contains(&plain(key))), all + 1));
        // The rest equals a default of the target, or another row's value stands in its place.
        assert!(
            all > 400 && stand * 10 > all * 8,
            "{target}: {stand} of {all} keys stand in a file: the test tests little"
        );
        for key in given.keys().filter(|key| tables.catalog.acceptance(key, target) != Acceptance::Read) {
            if written.contains(&plain(key)) {
                writeln!(complaints, "{target}: {key} stands in a file, but is not read").unwrap();
            }
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}
