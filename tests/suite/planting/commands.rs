//! Every command in every form, on one server with marked secrets: what shows settings, what proves written files, what
//! compares an edited file, what explains, and what only complains.

use std::fs;

use super::{Place, Planter, leaks, places};
use crate::cli::{Scratch, files};
use apim_migrate::mapping::tables::Tables;

/// What stands in a file of answers that is wrong; `#` stands for a piece of a secret.
const ANSWERS: [&str; 12] = [
    "default-host = \"amqp://u:#@h.example.com\"",
    "default-host = \"Basic #\"",
    "default-host = \"#",
    "default-host = # #",
    "password = \"#\"",
    "\"password=#\" = \"x\"",
    "host = { gw = \"https://u:#@h\" }\nhost = 1",
    "default-host = [\"#\"",
    "default-host = { password = \"#\" }",
    "default-host = \"\\q#\"",
    "[[default-host]]\npassword = \"#\"",
    "keep-secret = \"password=#\"",
];

/// Texts that a person may ask about by mistake.
const ASKED: [&str; 6] = [
    "password=#",
    "amqp://u:#@h.example.com",
    "super_admin.password=\"#\"",
    "<Password>#</Password>",
    "Bearer #",
    "https://hooks.slack.com/services/T0/B0/#",
];

/// What each command prints, by its arguments.
fn shown(scratch: &Scratch, calls: &[&[&str]]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for args in calls {
        let run = scratch.run(args);
        assert!((0..=3).contains(&run.exit), "{args:?}: {}: {}", run.exit, run.stderr);
        assert!(!run.stderr.contains("panicked"), "{args:?}: {}", run.stderr);
        out.push((format!("{args:?}, stdout"), run.stdout));
        out.push((format!("{args:?}, stderr"), run.stderr));
    }
    out
}

fn everything(places: &[Place], planter: &mut Planter, round: usize) -> Vec<String> {
    let scratch = Scratch::new();
    let forms = [&super::TELLING[..], &super::BARE[..]].concat();
    let mut known = Vec::new();
    for node in ["am-1", "am-2"] {
        let values: Vec<String> = places
            .iter()
            .enumerate()
            .map(|(index, place)| {
                let form = if place.secret {
                    forms[(index + round) % forms.len()]
                } else {
                    super::TELLING[(index + round) % super::TELLING.len()]
                };
                planter.fill(form)
            })
            .collect();
        super::put(&scratch, &format!("in/{node}"), places, &values);
        known.extend(places.iter().cloned().zip(values));
    }
    let mut all = shown(
        &scratch,
        &[
            &["plan", "in", "--annotate"],
            &["plan", "in", "--format", "json"],
            &["plan", "in", "--quiet", "--log4j2", "whole"],
            &[
                "plan",
                "in",
                "--keep-legacy-defaults",
                "--target",
                "4.5",
                "--unique-id",
                "--write-decisions",
                "template.toml",
            ],
            &["plan", "in", "--together", "--partial", "--traffic-manager", "control-plane", "--target", "4.0"],
            &["convert", "in", "--out", "out", "--annotate", "--format", "json"],
            &["convert", "in", "--out", "out2", "--partial", "--log4j2", "whole"],
            &["check", "in"],
            &["check", "in", "--format", "json"],
            &["check", "in", "--format", "sarif"],
            &["check", "out", "--format", "sarif", "--target", "4.6"],
            &["check", "out", "--profile", "all-in-one", "--format", "json"],
            &["verify", "out", "--static"],
            &["verify", "out", "--static", "--format", "json"],
            &["verify", "out", "--static", "--legacy", "in"],
            &["verify", "out", "--static", "--legacy", "in", "--format", "json"],
        ],
    );
    // What was written is edited, and converted again: the difference is shown.
    assert!(scratch.path("out").is_dir(), "something is written");
    let written: Vec<String> = files(&scratch.path("out")).into_keys().collect();
    for path in written.iter().filter(|path| path.ends_with("deployment.toml")) {
        let text = fs::read_to_string(scratch.path("out").join(path)).unwrap();
        let mut edited = text.lines().rev().collect::<Vec<_>>().join("\n") + "\n";
        scratch.put(&format!("out/{path}"), edited.as_bytes());
        all.extend(shown(
            &scratch,
            &[&["convert", "in", "--out", "out"], &["check", "out"], &["verify", "out", "--static"]],
        ));
        edited = text.replace(" = ", " =  ")
            + &planter.fill("\n[added]\npassword = \"#\"\nurl = \"https://u:#@h.example.com\" # token: #\n");
        scratch.put(&format!("out/{path}"), edited.as_bytes());
        all.extend(shown(
            &scratch,
            &[
                &["convert", "in", "--out", "out"],
                &["check", "out"],
                &["verify", "out", "--static", "--legacy", "in"],
                &["convert", "in", "--out", "out", "--keep-edited"],
            ],
        ));
        scratch.put(&format!("out/{path}"), text.as_bytes());
    }
    if scratch.path("template.toml").is_file() {
        all.push(("template.toml".to_owned(), fs::read_to_string(scratch.path("template.toml")).unwrap()));
    }
    for folder in ["out", "out2"] {
        let written = if scratch.path(folder).is_dir() {
            files(&scratch.path(folder))
        } else {
            std::collections::BTreeMap::new()
        };
        for path in written.into_keys() {
            if !path.ends_with("deployment.toml") && !path.ends_with(".properties") {
                let text = fs::read(scratch.path(folder).join(&path)).unwrap();
                all.push((path, String::from_utf8_lossy(&text).into_owned()));
            }
        }
    }
    leaks(&all, &known)
}

#[test]
fn no_command_shows_a_secret() {
    let tables = Tables::built_in();
    let mut planter = Planter::default();
    let mut all = Vec::new();
    // One in so many places, others each round: the commands are many, and all places are planted elsewhere.
    for round in 0..2 {
        let some = |places: Vec<Place>| {
            places.into_iter().enumerate().filter(|(at, _)| at % 5 == round).map(|(_, place)| place)
        };
        all.extend(everything(&some(places::old(&tables)).collect::<Vec<_>>(), &mut planter, round));
        all.extend(everything(&some(places::toml(&tables, round, 4)).collect::<Vec<_>>(), &mut planter, round + 9));
    }
    assert!(
        all.is_empty(),
        "{} are shown:\n{}",
        all.len(),
        all.iter().take(60).cloned().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn no_complaint_shows_a_secret() {
    let mut planter = Planter::default();
    let scratch = Scratch::new();
    scratch.put("in/gw/repository/conf/deployment.toml", b"[server]\nhostname = \"gw.example.com\"\n");
    let mut all = shown(&scratch, &[&["convert", "in", "--out", "out"]]);
    for answers in ANSWERS {
        scratch.put("d.toml", planter.fill(answers).as_bytes());
        all.extend(shown(
            &scratch,
            &[
                &["plan", "in", "--decisions", "d.toml"],
                &["verify", "out", "--static", "--legacy", "in", "--decisions", "d.toml"],
            ],
        ));
    }
    for asked in ASKED {
        let asked = planter.fill(asked);
        all.extend(shown(
            &scratch,
            &[&["explain", &asked], &["explain", &asked, "--format", "json"], &["catalog", "search", &asked]],
        ));
    }
    // A report and own tables that are damaged.
    let report = fs::read_to_string(scratch.path("out/migration-report.json")).unwrap();
    for (from, to) in
        [("\"schema_version\": ", "\"schema_version\": \"password=#\", \"x\": "), ("{", "\"password=#\" {")]
    {
        scratch.put("out/migration-report.json", report.replacen(from, &planter.fill(to), 1).as_bytes());
        all.extend(shown(&scratch, &[&["verify", "out", "--static"], &["convert", "in", "--out", "out"]]));
    }
    for table in ["[file]\npaths = \"#\"\n", "password = #\n", "[[rule]]\nid = \"x\"\npassword = \"#\"\n", "\"#"] {
        scratch.put("own/x.toml", planter.fill(table).as_bytes());
        all.extend(shown(&scratch, &[&["plan", "in", "--mappings", "own"], &["mappings", "test", "own"]]));
    }
    let all = leaks(&all, &[]);
    assert!(all.is_empty(), "{} are shown:\n{}", all.len(), all.join("\n"));
}
