//! What was written, converted again, stays as it is: for every target, whole or in part, with the report beside the
//! files or without.

use std::collections::BTreeMap;
use std::fs;

use super::{Scratch, corpus, files};

const TARGETS: [&str; 8] = ["current", "4.0", "4.1", "4.2", "4.3", "4.4", "4.5", "4.6"];

/// The written deployment.toml files below a folder of the scratch folder.
fn written(scratch: &Scratch, folder: &str) -> BTreeMap<String, String> {
    let mut found = files(&scratch.path(folder));
    found.retain(|path, _| path.ends_with("deployment.toml"));
    found.into_iter().map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap())).collect()
}

#[track_caller]
fn assert_same(first: &BTreeMap<String, String>, second: &BTreeMap<String, String>, what: &str) {
    assert!(!first.is_empty(), "{what}");
    assert_eq!(first.keys().collect::<Vec<_>>(), second.keys().collect::<Vec<_>>(), "{what}");
    for (path, text) in first {
        assert!(*text == second[path], "{what}: {path} changes:\n{}", diff(text, &second[path]));
    }
}

fn diff(one: &str, other: &str) -> String {
    let (one, other): (Vec<&str>, Vec<&str>) = (one.lines().collect(), other.lines().collect());
    let gone = one.iter().filter(|line| !other.contains(line)).map(|line| format!("-{line}\n"));
    gone.chain(other.iter().filter(|line| !one.contains(line)).map(|line| format!("+{line}\n"))).collect()
}

/// Converts `in` and what comes of it, with the report and without.
fn converted_again(scratch: &Scratch, target: &str, args: &[&str], what: &str) {
    for folder in ["one", "two"] {
        let _ = fs::remove_dir_all(scratch.path(folder));
    }
    let run = scratch.run(&[&["convert", "in", "--out", "one", "--target", target, "-q"], args].concat());
    assert_ne!(run.exit, 1, "{what}: {}", run.stderr);
    let first = written(scratch, "one");
    for report in [true, false] {
        if !report {
            fs::remove_file(scratch.path("one/migration-report.json")).unwrap();
        }
        scratch.run(&["convert", "one", "--out", "two", "--target", target, "-q"]);
        assert_same(&first, &written(scratch, "two"), &format!("{what} for {target}, report {report}"));
    }
}

#[test]
fn the_output_of_every_case_stays_for_every_target() {
    let scratch = Scratch::new();
    let mut cases: Vec<String> = fs::read_dir(corpus())
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("in").is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    cases.sort();
    for case in &cases {
        scratch.copy(case, case);
    }
    for target in TARGETS {
        for (inputs, out) in [("", "one"), ("one/", "two")] {
            let inputs: Vec<String> = cases.iter().map(|case| format!("{inputs}{case}")).collect();
            let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
            let _ = fs::remove_dir_all(scratch.path(out));
            let run = scratch.run(&[&["convert", "--out", out, "--target", target, "-q"], &inputs[..]].concat());
            // A case has a deployment that is another product.
            assert!(matches!(run.exit, 0 | 2 | 3), "{target}: {}", run.stderr);
        }
        assert_same(&written(&scratch, "one"), &written(&scratch, "two"), target);
    }
}

#[test]
fn with_the_report_beside_it_nothing_changes_either() {
    for case in ["all-in-one", "active-active", "five-node", "hybrid", "five-node-3.x", "three-profiles-4.0"] {
        for target in ["current", "4.5"] {
            converted_again(&Scratch::of(case), target, &[], case);
        }
    }
}

/// A part of a deployment knows less of the others: its traffic managers may stand outside.
#[test]
fn parts_of_deployments_stay() {
    for (case, nodes) in [
        ("five-node", &["store"][..]),
        ("five-node", &["node-a"]),
        ("five-node", &["node-b"]),
        ("five-node", &["node-c"]),
        ("five-node", &["node-a", "node-b", "store"]),
        ("two-environments", &["gateway-external", "gateway-internal", "pub-store-km"]),
    ] {
        let whole = files(&corpus().join(case).join("in"));
        let part = || {
            let scratch = Scratch::new();
            for (path, bytes) in
                whole.iter().filter(|(path, _)| nodes.iter().any(|node| path.starts_with(&format!("{node}/"))))
            {
                scratch.put(&format!("in/{path}"), bytes);
            }
            scratch
        };
        for target in ["current", "4.5"] {
            for place in ["separate", "control-plane"] {
                converted_again(
                    &part(),
                    target,
                    &["--traffic-manager", place],
                    &format!("{nodes:?} of {case}, {place}"),
                );
            }
        }
    }
}

/// One old node becomes two on one host, told apart by their offsets.
#[test]
fn traffic_managers_beside_control_planes_on_one_host_stay() {
    for target in ["current", "4.0", "4.5"] {
        for place in ["separate", "control-plane"] {
            converted_again(&Scratch::of("hybrid"), target, &["--traffic-manager", place], place);
        }
    }
}
