//! INPUTs and deployments that a person says are one: what is joined, what is refused, and what the report tells.

use serde_json::{Value, json};

use crate::cli::Scratch;

const CONTROL_PLANE: &str = "[server]\nhostname = \"cp.example.com\"\nserver_role = \"control-plane\"\n";
const GATEWAY: &str = "[server]\nhostname = \"gw.example.com\"\nserver_role = \"gateway-worker\"\n[apim.key_manager]\n\
                       service_url = \"https://cp.example.com:9443/services/\"\n";

/// Two homes, and an archive of each in `in`.
fn sites() -> Scratch {
    let scratch = Scratch::new();
    for (name, text) in [("gw", GATEWAY), ("cp", CONTROL_PLANE)] {
        scratch.put(&format!("{name}/repository/conf/deployment.toml"), text.as_bytes());
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_dir_all(name, scratch.path(name)).unwrap();
        scratch.put(&format!("in/{name}.tar"), &archive.into_inner().unwrap());
    }
    scratch
}

/// What the report says of each INPUT, and of what is in it: path, status and deployments.
fn inputs(report: &Value) -> Value {
    let inputs = report["inputs"].as_array().unwrap().iter();
    inputs.map(|input| json!([input["path"], input["status"], input["deployments"]])).collect()
}

#[test]
fn answers_that_join_nothing_are_errors_with_their_places() {
    let scratch = sites();
    for (answer, told) in [
        ("\"gw\"", "answers.toml:1:12: `together` is answered with groups of names"),
        ("7", "answers.toml:1:12: `together` is answered with groups of names"),
        ("[[\"gw\"]]", "answers.toml:1:13: a group of `together` has only `gw`"),
        ("[\"gw\"]", "answers.toml:1:12: a group of `together` has only `gw`"),
        ("[[]]", "answers.toml:1:13: a group of `together` is empty"),
        ("[[\"gw\", \"cp\"], \"x\"]", "answers.toml:1:13: a group of `together` has names only"),
        ("[[\"gw\", 7]]", "answers.toml:1:20: a group of `together` has names only"),
        ("[[\"gw\", \" \"]]", "answers.toml:1:20: a name in `together` is empty"),
        ("[[\"gw\", \"gw\", \"cp\"]]", "answers.toml:1:20: `together` has `gw` twice in one group"),
        ("[[\"gw\", \"cp\"], [\"cp\", \"in\"]]", "answers.toml:1:28: `together` has `cp` in two groups"),
        ("[[\"gw\", \"cq\"]]", "answers.toml:1:20: `together` names `cq`, which no INPUT and no deployment is called"),
        // Of two INPUTs, and not the INPUTs themselves.
        ("[[\"gw.tar\", \"gw\"]]", "answers.toml:1:14: `together` names `gw.tar`, which no INPUT"),
    ] {
        scratch.put("answers.toml", format!("together = {answer}\n").as_bytes());
        let run = scratch.run(&["plan", "gw", "cp", "--decisions", "answers.toml", "--quiet"]);
        assert_eq!((run.exit, run.stdout.as_str()), (1, ""), "{answer}: {}", run.stderr);
        assert!(run.stderr.contains(told), "{answer}: {}", run.stderr);
    }
    // A deployment in one INPUT, and another INPUT.
    scratch.put("lone/repository/conf/deployment.toml", GATEWAY.replace("gw.", "lone.").as_bytes());
    scratch.put("answers.toml", b"together = [[\"lone\", \"cp\"]]\n");
    let run = scratch.run(&["plan", "lone", "in", "--decisions", "answers.toml", "--quiet"]);
    assert_eq!(run.exit, 1, "{}", run.stdout);
    assert!(run.stderr.contains("`lone` and `cp` in a group, which are not of one INPUT"), "{}", run.stderr);
}

#[test]
fn a_name_of_no_node_in_grouping_is_an_error() {
    let scratch = sites();
    scratch.put("answers.toml", b"grouping = \"gw, cq\"\n");
    let run = scratch.run(&["plan", "gw", "--decisions", "answers.toml", "--quiet"]);
    assert_eq!(run.exit, 1);
    assert!(run.stderr.contains("answers.toml:1:1: `grouping` names `cq`, which no node is called"), "{}", run.stderr);
}

#[test]
fn each_input_that_was_joined_names_the_deployment() {
    let scratch = sites();
    scratch.put("answers.toml", b"together = [[\"gw\", \"cp\"]]\n");
    let plan = |inputs: &[&str]| {
        let args = [&["plan"], inputs, &["--format", "json"]].concat();
        scratch.run(&args).json()
    };
    let both = json!([["gw", "read", ["gw+cp"]], ["cp", "read", ["gw+cp"]]]);
    assert_eq!(inputs(&plan(&["gw", "cp", "--decisions", "answers.toml"])), both);
    assert_eq!(inputs(&plan(&["gw", "cp", "--together"])), both);
    let archives = plan(&["in", "--decisions", "answers.toml"]);
    let each = json!([["in", "read", ["gw+cp"]], ["cp.tar", "read", ["gw+cp"]], ["gw.tar", "read", ["gw+cp"]]]);
    assert_eq!(inputs(&archives), each);
}

#[test]
fn an_input_that_cannot_be_read_does_not_stop_those_that_it_is_joined_with() {
    let scratch = sites();
    scratch.put("bad.zip", b"PK\x03\x04 and no more");
    scratch.put("notes/readme", b"nothing of a server");
    scratch.put("answers.toml", b"together = [[\"gw\", \"cp\", \"bad.zip\", \"gone\", \"notes\"]]\n");
    for how in [&["--together"][..], &["--decisions", "answers.toml"]] {
        let args = [&["convert", "gw", "bad.zip", "cp", "gone", "notes", "--out", "out", "--force"], how].concat();
        let run = scratch.run(&args);
        assert_eq!(run.exit, 3, "{}", run.stderr);
        let head: String = run.stdout.lines().take(5).flat_map(|line| [line, "\n"]).collect();
        for unread in ["bad.zip: ", "gone: no such file or folder", "notes: no configuration of API-M in it"] {
            assert!(head.contains(unread), "{unread}: {head}");
        }
        let report: Value =
            serde_json::from_slice(&std::fs::read(scratch.path("out/migration-report.json")).unwrap()).unwrap();
        assert_eq!(report["status"], "incomplete");
        assert_eq!(report["deployments"][0]["source"]["nodes"].as_array().unwrap().len(), 2);
        let told = inputs(&report);
        let of = |path: &str| told.as_array().unwrap().iter().find(|input| input[0] == path).unwrap().clone();
        let one = report["deployments"][0]["name"].clone();
        assert_eq!(of("gw"), json!(["gw", "read", [one]]));
        assert_eq!(of("cp"), json!(["cp", "read", [one]]));
        for path in ["bad.zip", "gone", "notes"] {
            assert_eq!(of(path), json!([path, "not-read", []]));
        }
        for node in ["control-plane", "gateway-worker"] {
            assert!(scratch.path(&format!("out/{node}/repository/conf/deployment.toml")).exists(), "{node}");
        }
    }
    // Of none of them anything came.
    let run = scratch.run(&["plan", "gone", "bad.zip", "--together"]);
    assert_eq!((run.exit, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("gone") && run.stderr.contains("bad.zip"), "{}", run.stderr);
}

#[test]
fn files_of_one_name_that_are_joined_stay_two() {
    let scratch = Scratch::new();
    scratch.put("a/deployment.toml", GATEWAY.as_bytes());
    scratch.put("b/deployment.toml", CONTROL_PLANE.as_bytes());
    let report =
        scratch.run(&["plan", "a/deployment.toml", "b/deployment.toml", "--together", "--format", "json"]).json();
    assert_eq!(report["deployments"][0]["source"]["nodes"].as_array().unwrap().len(), 2);
}

/// An answer that says what holds anyway is an answer all the same: somebody looked.
#[test]
fn an_answer_that_is_the_default_is_told_as_answered() {
    let scratch = Scratch::of("five-node");
    let args = ["convert", "in", "--out", "out", "--force"];
    let decisions = |run: &crate::cli::Run| -> Vec<(String, String, String, bool)> {
        let report: Value =
            serde_json::from_slice(&std::fs::read(scratch.path("out/migration-report.json")).unwrap()).unwrap();
        assert!(run.exit == 0 || run.exit == 2, "{}", run.stderr);
        let all = report["deployments"][0]["decisions"].as_array().unwrap().iter();
        all.map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            (text("id"), text("chosen"), text("default"), one["answered"].as_bool().unwrap())
        })
        .collect()
    };
    let list = || String::from_utf8(std::fs::read(scratch.path("out/CHECKLIST.md")).unwrap()).unwrap();
    let before = decisions(&scratch.run(&args));
    assert!(before.iter().all(|(.., answered)| !answered) && !list().contains("**Answered.**"));
    let (id, chosen, ..) = before.iter().find(|(id, ..)| id == "traffic-manager-placement").unwrap();
    scratch.put("answers.toml", format!("{id} = \"{chosen}\"\n").as_bytes());
    let run = scratch.run(&[&args[..], &["--decisions", "answers.toml"]].concat());
    let after = decisions(&run);
    let one = after.iter().find(|(other, ..)| other == id).unwrap();
    assert_eq!((&one.1, &one.2, one.3), (chosen, chosen, true));
    assert_eq!(after.iter().filter(|(.., answered)| *answered).count(), 1);
    assert!(list().contains(&format!("- {id}: {chosen}, as without an answer\n")), "{}", list());
    let plan = scratch.run(&["plan", "in", "--decisions", "answers.toml"]).stdout;
    assert!(plan.contains(&format!("  answered  {id}: {chosen}\n")), "{plan}");
    assert!(scratch.run(&["plan", "in"]).stdout.contains(&format!("  default  {id}: {chosen}\n")));
}

#[test]
fn what_to_run_next_can_be_pasted() {
    let scratch = sites();
    scratch.put("a b/repository/conf/deployment.toml", GATEWAY.as_bytes());
    let next = |args: &[&str]| {
        let run = scratch.run(&[&["plan"], args].concat());
        run.stdout.lines().skip_while(|line| !line.starts_with("Next: ")).collect::<Vec<_>>().join("\n")
    };
    // What was not read is left out, and what shapes the outcome stays.
    let shaped = ["gw", "gone", "cp", "--together", "--target", "4.2", "--fail-on", "never", "--limit", "nodes=9"];
    let told = next(&shaped);
    assert!(told.contains("apim-migrate plan gw cp --target 4.2 --together --limit nodes=9 --"), "{told}");
    assert!(next(&["a b"]).contains("plan 'a b'"), "{}", next(&["a b"]));
    // Answers that there are go along.
    scratch.put("answers.toml", b"together = [[\"gw\", \"cp\"]]\n");
    let told = next(&["gw", "cp", "--decisions", "answers.toml"]);
    assert!(told.ends_with("  apim-migrate plan gw cp --decisions answers.toml"), "{told}");
    let told = next(&["gw", "cp", "--write-decisions", "new.toml"]);
    assert!(told.contains("answer in new.toml what is open above") && told.ends_with("--decisions new.toml"), "{told}");
}

#[test]
fn a_version_without_its_minor_number_is_told_which_there_are() {
    let scratch = sites();
    for args in [
        &["plan", "gw", "--target", "4"][..],
        &["check", "gw", "--target", "4"],
        &["plan", "gw", "--source-version", "4"],
        &["catalog", "diff", "4", "4.5"],
    ] {
        let run = scratch.run(args);
        assert_eq!(run.exit, 1, "{args:?}");
        assert!(run.stderr.contains("4.0, 4.1, 4.2, 4.3, 4.4, 4.5, 4.6"), "{args:?}: {}", run.stderr);
        assert!(!run.stderr.contains("similar value"), "{args:?}: {}", run.stderr);
    }
}

#[test]
fn a_folder_that_is_not_there_is_named_and_no_passing_name() {
    let scratch = sites();
    let run = scratch.run(&["plan", "gw", "--quiet", "--write-decisions", "nowhere/x.toml"]);
    assert_eq!(run.exit, 1);
    assert_eq!(
        run.stderr.trim_end(),
        "error: nowhere/x.toml: there is no folder nowhere: make it, or give another name"
    );
}

#[test]
fn a_key_that_is_nearly_ours_is_told_with_the_one_that_may_be_meant() {
    let scratch = Scratch::new();
    for (text, meant) in [
        ("[srver]\nhostname = \"am.example.com\"\n", "`srver.hostname`: do you mean `server.hostname`?"),
        ("[apim.gatway]\nown_thing = true\n", "`apim.gatway`: do you mean `apim.gateway`?"),
    ] {
        scratch.put("part/deployment.toml", text.as_bytes());
        let run = scratch.run(&["check", "part/deployment.toml", "--format", "json"]);
        let report = run.json();
        assert_eq!(report["findings"][0]["code"], "foreign-configuration");
        assert!(report["findings"][0]["message"].as_str().unwrap().contains(meant), "{report}");
        assert_eq!(report["schema_version"], 1);
    }
    scratch.put("part/deployment.toml", b"[package]\nedition = \"2024\"\n");
    let run = scratch.run(&["check", "part/deployment.toml", "--format", "json"]);
    assert!(!run.stdout.contains("do you mean"), "{}", run.stdout);
}

#[test]
fn a_code_of_check_and_of_the_migration_is_explained_as_both() {
    let scratch = Scratch::new();
    let told = scratch.run(&["explain", "dead-key"]).stdout;
    assert!(told.contains("of `check`: warning") && told.contains("of `plan` and `convert`: notice"), "{told}");
    assert!(
        told.contains("remove the key, or write the one that was meant") && told.contains("it is left out"),
        "{told}"
    );
    let told = scratch.run(&["explain", "swallowed-key"]).stdout;
    assert!(told.contains("of `check`") && !told.contains("of `plan`"), "{told}");
}
