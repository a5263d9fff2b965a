//! `check` from outside: what it shows, in which form, and with which exit code.

use std::path::Path;

use serde_json::Value;

use super::{Run, Scratch, corpus, files};

const GATEWAY: &str = "dep/gateway-worker/repository/conf/deployment.toml";

/// The output of a case as the folder `dep`.
fn deployment() -> Scratch {
    let scratch = Scratch::new();
    for (name, bytes) in files(&corpus().join("five-node/out")) {
        scratch.put(&format!("dep/{name}"), &bytes);
    }
    scratch
}

fn codes(run: &Run) -> Vec<String> {
    let findings = run.json()["findings"].as_array().unwrap().clone();
    findings.iter().map(|finding| finding["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn is_silent_on_a_clean_deployment() {
    let run = deployment().run(&["check", "dep"]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
    assert_eq!(run.stdout, "3 files checked for current: 0 errors, 0 warnings, 0 notices\n");
}

#[test]
fn shows_place_line_and_help() {
    let scratch = deployment();
    scratch.edit(GATEWAY, "gateway_labels", "gateway_lables");
    let run = scratch.run(&["check", GATEWAY]);
    let expected = format!(
        "{GATEWAY}:21:1: warning[dead-key]: no version reads `apim.sync_runtime_artifacts.gateway.gateway_lables`\n\
         21 | gateway_lables = [\"Production and Sandbox\"]\n   | ^^^^^^^^^^^^^^\n  = help: did you mean \
         `apim.sync_runtime_artifacts.gateway.gateway_labels`?\n\n1 file checked for current: 0 errors, 1 warning, 0 \
         notices\n"
    );
    assert_eq!((run.exit, run.stdout), (0, expected));
}

#[test]
fn deny_makes_errors_and_allow_keeps_quiet() {
    let scratch = deployment();
    scratch.edit(GATEWAY, "gateway_labels", "gateway_lables");
    let run = scratch.run(&["check", GATEWAY, "--deny", "dead-key"]);
    assert_eq!(run.exit, 2);
    assert!(
        run.stdout.contains(": error[dead-key]: ") && run.stdout.contains(": 1 error, 0 warnings"),
        "{}",
        run.stdout
    );
    let run = scratch.run(&["check", GATEWAY, "--allow", "dead-key"]);
    let counts = "1 file checked for current: 0 errors, 0 warnings, 0 notices, 1 allowed\n";
    assert_eq!((run.exit, run.stdout.as_str()), (0, counts));
    scratch.edit(GATEWAY, "offset = 2", "offset = 2\noffset = 3");
    assert_eq!(scratch.run(&["check", GATEWAY, "--allow", "dead-key"]).exit, 2);
    assert_eq!(scratch.run(&["check", GATEWAY, "--allow", "dead-key", "--allow", "duplicate-key"]).exit, 0);
}

#[test]
fn unknown_codes_and_targets_are_errors() {
    let scratch = deployment();
    for (args, said) in [
        (["--deny", "ded-key"], "did you mean `dead-key`?"),
        (["--allow", "nothing-like-it"], "docs/findings.md"),
        (["--target", "3.2"], "expected current, 4.0"),
    ] {
        let run = scratch.run(&[&["check", "dep"], &args[..]].concat());
        assert_eq!((run.exit, run.stdout.as_str()), (1, ""));
        assert!(run.stderr.contains(said), "{}", run.stderr);
    }
}

#[test]
fn one_bad_file_does_not_stop_the_rest() {
    let scratch = deployment();
    scratch.edit(GATEWAY, "offset = 2", "offset = sesame");
    scratch.put("dep/broken/repository/conf/deployment.toml", b"a = \"\xff\xfe\x00\"\n[");
    let traffic_manager = "dep/traffic-manager/repository/conf/deployment.toml";
    scratch.edit(traffic_manager, "hostname", "hostnmae");
    let run = scratch.run(&["check", "dep", "nowhere", "--format", "json"]);
    assert_eq!(run.exit, 3);
    assert!(run.stderr.contains("nowhere"), "{}", run.stderr);
    let codes = codes(&run);
    assert!(codes.iter().filter(|code| *code == "configuration-damaged").count() >= 2, "{codes:?}");
    assert!(codes.contains(&"required-key-missing".to_owned()), "{codes:?}");
    assert!(!run.stdout.contains("sesame"), "{}", run.stdout);
}

#[test]
fn what_the_products_reader_refuses_or_misreads_is_told() {
    let scratch = deployment();
    let text = std::fs::read_to_string(scratch.path(GATEWAY)).unwrap();
    let utf16 = |big: bool, mark: bool| -> Vec<u8> {
        let units = mark.then_some(0xfeff).into_iter().chain(text.encode_utf16());
        units.flat_map(|unit| if big { unit.to_be_bytes() } else { unit.to_le_bytes() }).collect()
    };
    let marked = [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat();
    for bytes in [marked, utf16(false, true), utf16(true, true), utf16(false, false), utf16(true, false)] {
        scratch.put(GATEWAY, &bytes);
        let run = scratch.run(&["check", "dep", "--format", "json"]);
        assert_eq!((run.exit, codes(&run)), (2, vec!["encoding-refused".to_owned()]), "{:?}", &bytes[..4]);
        let finding = &run.json()["findings"][0];
        assert_eq!((&finding["severity"], &finding["place"]["file"]), (&Value::from("error"), &Value::from(GATEWAY)));
        assert_eq!((&finding["place"]["line"], &finding["place"]["column"]), (&Value::from(1), &Value::from(1)));
        assert_eq!(finding["help"], "save the file as UTF-8 without a byte order mark");
    }
    // A letter in another encoding: the product takes it for another one.
    scratch.put(GATEWAY, &[text.as_bytes(), b"# Z\xfcrich\n"].concat());
    let run = scratch.run(&["check", "dep", "--format", "json"]);
    assert_eq!((run.exit, codes(&run)), (0, vec!["encoding-guessed".to_owned()]));
}

#[test]
fn nothing_to_check_is_an_error() {
    let scratch = deployment();
    assert!(scratch.run(&["check", "nowhere"]).one_error().contains("nowhere"));
    scratch.put("other/readme.txt", b"text");
    assert!(scratch.run(&["check", "other"]).one_error().contains("no deployment.toml in it"));
}

#[test]
fn secrets_are_masked_in_every_form() {
    let scratch = deployment();
    scratch.edit(GATEWAY, "\"apim-secret\"", "\"ses&ame\"");
    for format in ["text", "json", "sarif"] {
        let run = scratch.run(&["check", "dep", "--format", format]);
        assert_eq!(run.exit, 2);
        assert!(run.stdout.contains("unescaped-xml") && run.stdout.contains("credentials-differ"), "{}", run.stdout);
        for secret in ["ses&", "s&ame", "apim-secret", "shareddb-secret"] {
            assert!(!run.stdout.contains(secret), "{format}: {secret}: {}", run.stdout);
        }
    }
}

#[test]
fn json_is_as_its_schema_says() {
    let scratch = deployment();
    scratch.edit(GATEWAY, "\"apim-secret\"", "\"other\"");
    scratch.edit(GATEWAY, "[user_store]\ntype = \"database\"\n", "");
    let report = scratch.run(&["check", "dep", "--format", "json"]).json();
    super::schema::check("check", &report);
    assert_eq!(report["files"].as_array().unwrap().len(), 3);
    assert_eq!(report["counts"]["error"], 2);
    let places: Vec<&Value> = report["findings"].as_array().unwrap().iter().map(|found| &found["place"]).collect();
    assert_eq!(places[0]["file"], GATEWAY);
    assert_eq!((places[0]["line"].as_u64(), places[1]["line"].as_u64()), (Some(0), Some(8)));
}

#[test]
fn sarif_names_rules_and_regions() {
    let scratch = deployment();
    scratch.edit(GATEWAY, "offset = 2", "offset = 2\n\"offset\" = 3");
    let run = scratch.run(&["check", "dep", "--format", "sarif"]);
    let sarif = run.json();
    assert_eq!((run.exit, sarif["version"].as_str()), (2, Some("2.1.0")));
    let result = &sarif["runs"][0]["results"][0];
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
    let rule = &rules[result["ruleIndex"].as_u64().unwrap() as usize];
    assert_eq!((rule["id"].as_str(), result["ruleId"].as_str()), (Some("duplicate-key"), Some("duplicate-key")));
    let location = &result["locations"][0]["physicalLocation"];
    assert_eq!(location["artifactLocation"]["uri"], GATEWAY);
    let region = serde_json::json!({ "startLine": 5, "startColumn": 1, "endColumn": 9 });
    assert_eq!(location["region"], region);
    assert_eq!(result["relatedLocations"][0]["physicalLocation"]["region"]["startLine"], 4);
    assert_eq!(result["level"], "error");
}

#[test]
fn profile_and_target_decide_what_is_read() {
    let scratch = deployment();
    scratch.edit(GATEWAY, "server_role = \"gateway-worker\"\n", "");
    scratch.edit(GATEWAY, "[apim.key_manager]", "[apim.devportal]\nmode = \"HYBRID\"\n\n[apim.key_manager]");
    let of = |args: &[&str]| codes(&scratch.run(&[&["check", GATEWAY, "--format", "json"], args].concat()));
    assert_eq!(of(&[]), ["newer-key"]);
    assert_eq!(of(&["--profile", "all-in-one", "--target", "4.6"]), [""; 0]);
    assert_eq!(of(&["--profile", "gateway-worker", "--target", "4.6"]), ["key-of-another-profile"]);
}

#[test]
fn archives_are_read_in_place() {
    let scratch = deployment();
    let mut archive = tar::Builder::new(Vec::new());
    archive.append_dir_all("dep", scratch.path("dep")).unwrap();
    scratch.put("nodes.tar", &archive.into_inner().unwrap());
    let run = scratch.run(&["check", "nodes.tar", "--format", "json"]);
    assert_eq!(run.exit, 0);
    assert_eq!(run.json()["files"][0]["file"], "nodes.tar/dep/control-plane/repository/conf/deployment.toml");
}

#[test]
fn absolute_paths_are_not_shown() {
    let scratch = deployment();
    let path = scratch.path("dep");
    let run = scratch.run(&["check", path.to_str().unwrap(), "--format", "json"]);
    assert_eq!(run.json()["files"][0]["file"], "control-plane/repository/conf/deployment.toml");
    assert!(Path::new(&path).is_absolute() && !run.stdout.contains(path.to_str().unwrap()));
}
