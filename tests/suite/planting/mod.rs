//! Secrets are planted at every place that a row, a key or a property of any name has, in every form, each with marks
//! of its own; no output shows a mark, but for the files that are for the server. Harmless values are counted the same
//! way: they must be seen.

mod commands;
mod damaged;
mod forms;
pub mod places;

use apim_migrate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use apim_migrate::mapping::tables::Tables;

use crate::cli::{Run, Scratch, files};
use forms::{BARE, HARMLESS, TELLING};
use places::Place;

/// Makes values with marks.
#[derive(Default)]
struct Planter {
    count: usize,
}

impl Planter {
    /// The form with a mark of its own for each piece.
    fn fill(&mut self, form: &str) -> String {
        let mut out = String::new();
        for char in form.chars() {
            if char == '#' {
                self.count += 1;
                out.extend(["Zq", &format!("{:06}", self.count), "w"]);
            } else {
                out.push(char);
            }
        }
        out
    }
}

/// The marks in an output.
fn marks(text: &str) -> BTreeSet<String> {
    // Also where a mark is only a part of what is shown, or in other letters.
    let lower = text.to_ascii_lowercase();
    lower
        .match_indices("zq")
        .filter_map(|(at, _)| lower.get(at..at + 8))
        .filter(|mark| mark.part(2..).bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
        .collect()
}

fn put(scratch: &Scratch, folder: &str, places: &[Place], values: &[String]) {
    for (file, text) in places::files(places, values) {
        scratch.put(&format!("{folder}/{file}"), text.as_bytes());
    }
}

/// All that the commands show of an input, by what showed it; of `check` one format, or with `whole` all.
fn outputs(scratch: &Scratch, input: &str, whole: bool) -> Vec<(String, String)> {
    let mut shown = Vec::new();
    let mut keep = |what: &str, run: Run| {
        assert!((0..=3).contains(&run.exit), "{what}: {}: {}", run.exit, run.stderr);
        shown.push((format!("{what}, stdout"), run.stdout));
        shown.push((format!("{what}, stderr"), run.stderr));
    };
    keep("plan", scratch.run(&["plan", input, "--write-decisions", "decisions.toml"]));
    if whole {
        keep("plan json", scratch.run(&["plan", input, "--format", "json"]));
    }
    keep("convert", scratch.run(&["convert", input, "--out", "out"]));
    let formats = if whole { &["text", "json", "sarif"][..] } else { &["text"] };
    for format in formats {
        keep("check", scratch.run(&["check", input, "--format", format]));
    }
    if whole {
        keep("check of the output", scratch.run(&["check", "out", "--format", "text"]));
    }
    if scratch.path("decisions.toml").is_file() {
        shown.push(("decisions.toml".to_owned(), fs::read_to_string(scratch.path("decisions.toml")).unwrap()));
        assert_eq!(mode(&scratch.path("decisions.toml")), 0o600);
    }
    // Nothing is written of what cannot be read.
    let written = if scratch.path("out").is_dir() { files(&scratch.path("out")) } else { BTreeMap::default() };
    for (path, bytes) in written {
        let of_server = path.ends_with("deployment.toml") || path.ends_with("log4j2.additions.properties");
        if of_server {
            assert_eq!(mode(&scratch.path("out").join(&path)), 0o600, "{path}");
        } else {
            shown.push((path, String::from_utf8(bytes).unwrap()));
        }
    }
    shown
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// What is shown of the marks, with the value that each stands in.
fn leaks(shown: &[(String, String)], planted: &[(Place, String)]) -> Vec<String> {
    let mut leaks = Vec::new();
    let mut told = BTreeSet::new();
    for (what, text) in shown {
        for mark in marks(text) {
            if !told.insert((what.clone(), mark.clone())) {
                continue;
            }
            let found = planted.iter().find(|(_, value)| value.to_ascii_lowercase().contains(&mark));
            let (place, value) = found.map_or(("?".to_owned(), "?"), |(place, value)| {
                (format!("{} {}", place.file, place.path), value.as_str())
            });
            let line = text.lines().find(|line| line.to_ascii_lowercase().contains(&mark)).unwrap_or_default();
            leaks.push(format!(
                "{what}: {mark} of {place} = {value}\n    {}",
                line.trim().chars().take(300).collect::<String>()
            ));
        }
    }
    leaks
}

/// Plants secrets at all places of two servers, several times with other forms, and gives how many values.
fn plant(places: &dyn Fn(usize) -> Vec<Place>, rounds: usize, nodes: usize) -> usize {
    let mut planter = Planter::default();
    let mut all = Vec::new();
    let mut count = 0;
    for round in 0..rounds {
        let places = &places(round);
        let scratch = Scratch::new();
        let mut known: Vec<(Place, String)> = Vec::new();
        for node in 0..nodes {
            let values: Vec<String> = places
                .iter()
                .enumerate()
                .map(|(index, place)| {
                    let turn = index + (round * 2 + node) * 7;
                    let form = if place.secret && (turn + round) % 3 > 0 {
                        BARE[turn % BARE.len()]
                    } else {
                        TELLING[turn % TELLING.len()]
                    };
                    planter.fill(form)
                })
                .collect();
            put(&scratch, &format!("in/am-{}", node + 1), places, &values);
            count += values.len();
            known.extend(places.iter().cloned().zip(values));
        }
        all.extend(leaks(&outputs(&scratch, "in", round == 0), &known));
    }
    assert!(
        all.is_empty(),
        "{} of {count} values are shown:\n{}",
        all.len(),
        all.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
    );
    count
}

#[test]
fn no_secret_of_an_old_server_is_shown() {
    let tables = Tables::built_in();
    let count = plant(&|_| places::old(&tables), 2, 2);
    println!("planted in 2.x files: {count} secrets, none shown");
}

#[test]
fn no_secret_of_a_deployment_toml_is_shown() {
    let tables = Tables::built_in();
    let count = plant(&|part| places::toml(&tables, part, 4), 4, 1);
    println!("planted in deployment.toml files: {count} secrets, none shown");
}

/// Plants harmless values, and gives how many there were and what was hidden of them.
fn harmless(places: &dyn Fn(usize) -> Vec<Place>, rounds: usize) -> (usize, Vec<String>) {
    let (mut count, mut hidden) = (0, Vec::new());
    for round in 0..rounds {
        let scratch = Scratch::new();
        let mut places = places(round);
        places.retain(|place| !place.secret && !may_be_secret(&place.path));
        let values: Vec<String> = places
            .iter()
            .enumerate()
            .map(|(index, _)| {
                HARMLESS[(index + round * 5) % HARMLESS.len()].replace('#', &format!("{}", 20000 + index))
            })
            .collect();
        put(&scratch, "in/am", &places, &values);
        let run = scratch.run(&["plan", "in", "--format", "json"]);
        let report = run.json();
        for deployment in report["deployments"].as_array().unwrap() {
            for setting in deployment["settings"].as_array().unwrap() {
                count += 1;
                let mut shown = vec![setting["value"].to_string()];
                shown.extend(setting["targets"].as_array().unwrap().iter().map(|target| target["value"].to_string()));
                if shown.iter().any(|value| value.contains("****")) {
                    hidden.push(format!("{} {}: {}", setting["file"], setting["path"], shown.join(", ")));
                }
            }
        }
    }
    (count, hidden)
}

/// Whether the name of a place speaks of secrets in a way that a reviewer would not miss its value.
fn may_be_secret(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    if lower.starts_with("secrets.") || lower.starts_with("runtime_secrets.") {
        return true;
    }
    let last = lower.rsplit(['/', '.']).next().unwrap_or(&lower);
    ["pass", "token", "secret", "key", "credential", "authorization", "otp"].iter().any(|word| last.contains(word))
        && !["endpoint", "url", "alias", "method", "cache", "period", "policy", "regex"]
            .iter()
            .any(|word| last.contains(word))
}

#[test]
fn what_a_reviewer_must_see_is_shown() {
    let tables = Tables::built_in();
    let old = |_| places::old(&tables);
    let toml = |part| places::toml(&tables, part, 4);
    for (what, places) in [("2.x files", &old as &dyn Fn(usize) -> Vec<Place>), ("deployment.toml files", &toml)] {
        let (count, hidden) = harmless(places, 2);
        println!("planted in {what}: {count} harmless values, {} hidden", hidden.len());
        assert!(hidden.is_empty(), "{}", hidden.iter().take(40).cloned().collect::<Vec<_>>().join("\n"));
        assert!(count > 1000, "{what}: {count}");
    }
}
