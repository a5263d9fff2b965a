//! What `convert` writes, and where.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use super::{Scratch, all, corpus, files};

#[test]
fn converts_twice_to_the_same_bytes() {
    let scratch = Scratch::of("hybrid");
    scratch.convert(&[]);
    let first = files(&scratch.path("out"));
    let run = scratch.run(&["convert", "in", "--out", "out"]);
    assert_ne!(run.exit, 1, "{}", run.stderr);
    assert_eq!(files(&scratch.path("out")), first);
}

#[test]
fn plans_twice_the_same_and_writes_nothing() {
    let scratch = Scratch::of("active-active");
    for format in ["json", "text"] {
        let run = || scratch.run(&["plan", "in", "--format", format]).stdout;
        assert_eq!(run(), run());
    }
    assert_eq!(scratch.names(), ["in"]);
}

#[test]
fn prints_exactly_the_report() {
    let scratch = Scratch::of("five-node");
    let plan = scratch.run(&["plan", "in", "--format", "json"]);
    let convert = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
    let report = fs::read_to_string(scratch.path("out/migration-report.json")).unwrap();
    assert_eq!(plan.stdout, report);
    assert_eq!(convert.stdout, report);
    assert!(!report.contains(scratch.0.path().to_str().unwrap()), "no absolute path");
}

#[test]
fn says_nothing_but_results_when_quiet() {
    let scratch = Scratch::of("five-node");
    for args in [&["plan", "in"][..], &["convert", "in", "--out", "out"]] {
        let run = scratch.run(&[args, &["--quiet"]].concat());
        assert!(run.stderr.is_empty() && !run.stdout.is_empty(), "{}", run.stderr);
    }
    assert!(!scratch.run(&["convert", "in", "--out", "out"]).stderr.is_empty());
}

#[test]
fn has_no_colour_but_on_a_terminal() {
    let scratch = Scratch::of("five-node");
    assert!(!scratch.run(&["plan", "in"]).stdout.contains('\u{1b}'));
    assert!(scratch.run(&["plan", "in", "--color", "always"]).stdout.contains('\u{1b}'));
}

#[test]
fn exit_codes_tell_whether_a_person_must_look() {
    for (case, exit) in [("all-in-one", 0), ("five-node", 2)] {
        let scratch = Scratch::of(case);
        assert_eq!(scratch.run(&["plan", "in"]).exit, exit, "{case}");
        assert_eq!(scratch.run(&["convert", "in", "--out", "out"]).exit, exit, "{case}");
    }
    let scratch = Scratch::of("all-in-one");
    let file = "in/apim/repository/conf/api-manager.xml";
    scratch.edit(file, "</APIManager>", "<NobodyKnows>this</NobodyKnows></APIManager>");
    assert_eq!(scratch.run(&["plan", "in"]).exit, 2, "an unknown leaf");
}

#[test]
fn refuses_a_folder_with_files_of_others() {
    let scratch = Scratch::of("five-node");
    scratch.put("out/mine.txt", b"mine");
    let run = scratch.run(&["convert", "in", "--out", "out"]);
    assert!(run.one_error().contains("mine.txt"), "{}", run.stderr);
    assert_eq!(files(&scratch.path("out")).len(), 1);

    let run = scratch.run(&["convert", "in", "--out", "out", "--force"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    let forced = files(&scratch.path("out"));
    assert_eq!(forced["mine.txt"], b"mine");
    assert_eq!(forced.len(), 7);
}

#[test]
fn replaces_an_earlier_output_whole() {
    let scratch = Scratch::of("five-node-ha");
    scratch.run(&["convert", "in", "--out", "out"]);
    assert!(scratch.path("out/traffic-manager-2").exists());
    let run = scratch.run(&["convert", "in", "--out", "out", "--traffic-manager", "control-plane"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    assert!(!scratch.path("out/traffic-manager-2").exists());
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_what_holds_secrets() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::of("five-node");
    scratch.convert(&[]);
    for node in ["control-plane", "gateway-worker", "traffic-manager"] {
        let path = scratch.path(&format!("out/{node}/repository/conf/deployment.toml"));
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn every_written_key_has_its_reason() {
    for case in ["five-node", "five-node-ha", "two-environments", "hybrid", "active-active", "special-characters"] {
        for target in ["current", "4.0", "4.5"] {
            let scratch = Scratch::of(case);
            let report = scratch.convert(&["--target", target]);
            let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
            let targets =
                all(&report, "settings").into_iter().flat_map(|setting| setting["targets"].as_array().unwrap());
            for entry in targets.chain(all(&report, "derived")) {
                let [node, key] = ["node", "key"].map(|field| entry[field].as_str().unwrap().to_owned());
                told.entry(node).or_default().insert(key.replace(['\'', '"'], ""));
            }
            for node in report["deployments"][0]["target"]["nodes"].as_array().unwrap() {
                let name = node["name"].as_str().unwrap();
                let mut keys = BTreeSet::new();
                collect(&toml::Value::Table(scratch.written(name)), "", &mut keys);
                assert_eq!(keys, told[name], "{case} for {target}: {name}");
            }
        }
    }
}

/// The keys of a file, as the report spells them.
fn collect(value: &toml::Value, path: &str, keys: &mut BTreeSet<String>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                collect(value, &if path.is_empty() { name.clone() } else { format!("{path}.{name}") }, keys);
            }
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, &format!("{path}[{index}]"), keys);
            }
        }
        _ => {
            keys.insert(path.to_owned());
        }
    }
}

#[test]
fn counts_add_up_in_every_sample() {
    for case in fs::read_dir(corpus()).unwrap() {
        let path = case.unwrap().path();
        if !path.join("in").is_dir() {
            continue;
        }
        let scratch = Scratch::of(path.file_name().unwrap().to_str().unwrap());
        let report = scratch.run(&["plan", "in", "--format", "json"]).json();
        let settings = all(&report, "settings");
        let count = |field: &str| report["totals"][field].as_u64().unwrap();
        let outcomes = ["converted", "absorbed", "default", "retired", "manual", "unknown"];
        assert_eq!(count("read"), settings.len() as u64);
        assert_eq!(outcomes.iter().map(|outcome| count(outcome)).sum::<u64>(), count("read"));
        for outcome in outcomes {
            let found = settings.iter().filter(|setting| setting["outcome"] == outcome).count();
            assert_eq!(count(outcome), found as u64, "{path:?}: {outcome}");
        }
        let leaves: u64 = all(&report, "files").iter().map(|file| file["leaves"].as_u64().unwrap()).sum();
        assert_eq!(count("read"), leaves, "{path:?}");
    }
}

#[test]
fn annotations_say_where_each_key_comes_from() {
    let scratch = Scratch::of("five-node");
    scratch.edit("in/node-a/repository/conf/carbon.xml", "<DefaultCacheTimeout>15<", "<DefaultCacheTimeout>45<");
    scratch.convert(&["--target", "4.5"]);
    let nodes = ["control-plane", "gateway-worker", "traffic-manager"];
    let plain = nodes.map(|node| scratch.written(node));
    scratch.convert(&["--target", "4.5", "--annotate"]);
    for (node, plain) in nodes.iter().zip(plain) {
        assert_eq!(scratch.written(node), plain, "{node}: comments change no value");
        let file = scratch.path(&format!("out/{node}/repository/conf/deployment.toml"));
        let text = std::fs::read_to_string(file).unwrap();
        let comments: Vec<&str> = text
            .lines()
            .filter(|line| line.contains(" = "))
            .map(|line| line.split_once("  # ").unwrap_or_else(|| panic!("{node}: no comment: {line}")).1)
            .collect();
        for secret in ["apim-secret", "apimdb-secret", "shareddb-secret"] {
            assert!(!comments.iter().any(|comment| comment.contains(secret)), "{node}: {secret}");
        }
        if *node == "control-plane" {
            let of = |key: &str| text.lines().find(|line| line.starts_with(&format!("{key} = "))).unwrap().to_owned();
            let name = of("username");
            assert!(
                name.contains("# in/node-a/repository/conf/user-mgt.xml:") || name.contains("# node-a/repository/conf"),
                "{name}"
            );
            assert!(name.contains("/UserManager/Realm/Configuration/AdminUser/UserName"), "{name}");
            assert!(of("default_cache_timeout").contains("# in minutes; "), "{}", of("default_cache_timeout"));
            assert!(of("server_role").ends_with("# derived: the profile"), "{}", of("server_role"));
        }
    }
}

/// The cipher tool rewrites what stands below `[secrets]`.
#[test]
fn secrets_have_no_annotation() {
    let scratch = Scratch::of("secure-vault");
    scratch.convert(&["--annotate"]);
    let text = std::fs::read_to_string(scratch.path("out/all-in-one/repository/conf/deployment.toml")).unwrap();
    let (_, secrets) = text.split_once("[secrets]\n").unwrap();
    assert!(!secrets.contains('#') && secrets.contains("[REPLACE_ME]"), "{secrets}");
}
