//! What a stranger found who tried to make the tool leak, overlook or guess.

use super::cli::Scratch;

const NODE: &str = "[server]\nhostname = \"api.example.com\"\n";

/// A damaged list of Kubernetes is named, also where all of it stands on one line.
#[test]
fn a_damaged_manifest_on_one_line_is_told() {
    let scratch = Scratch::new();
    scratch.put("in/am/repository/conf/deployment.toml", NODE.as_bytes());
    let list = r#"{"kind":"List","items":[{"kind":"ConfigMap","data":{"deployment.toml":"[super_admin]\npassword = \"sesame\"\n"} "x"}]}"#;
    scratch.put("in/am.json", list.as_bytes());
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let inputs = run.json()["inputs"].to_string();
    assert!(inputs.contains("am.json") && inputs.contains("no JSON"), "{inputs}");
    assert!(!run.stdout.contains("sesame"));

    // A list of something else is none of ours.
    scratch.put("in/am.json", br#"{"kind":"List","items":[{"kind":"ConfigMap","data":{"note":"a.toml"} "x"}]}"#);
    assert_eq!(scratch.run(&["plan", "in", "--format", "json", "--fail-on", "never"]).exit, 0);
}

/// Whatever form a secret has in a value that no row knows, no output shows it.
#[test]
fn secrets_in_odd_forms_are_not_shown() {
    let scratch = Scratch::new();
    let forms = [
        "command = \"curl -u ann:SESAME-1 https://h.example.com\"",
        "start = \"run --password SESAME-2 --port VISIBLE-1\"",
        "proxy = \"ann:SESAME-3@proxy.example.com:3128\"",
        "first = \"ALTER USER ann IDENTIFIED BY SESAME-4\"",
        "headers = [\"Cookie: session=SESAME-5\", \"VISIBLE-2\"]",
        "blob = \"https://s.example.com/b?sp=VISIBLE-3&sig=SESAME-6\"",
        "jwt.secret = { europe = \"SESAME-7\", asia = { a = \"SESAME-8\" }, type = \"VISIBLE-4\" }",
        "database = \"jdbc:acme:ann/SESAME-9@db.example.com\"",
        "passthrough = \"VISIBLE-5\"",
        "password_encoding = \"VISIBLE-6\"",
        "update = \"UPDATE t SET token=? WHERE id=VISIBLE-7\"",
    ];
    let file = format!("{NODE}\n[my.own]\n{}\n", forms.join("\n"));
    scratch.put("in/am/repository/conf/deployment.toml", file.as_bytes());
    for args in [
        &["plan", "in"][..],
        &["plan", "in", "--format", "json"],
        &["convert", "in", "--out", "out"],
        &["check", "in"],
        &["check", "in", "--format", "json"],
        &["check", "in", "--format", "sarif"],
    ] {
        let run = scratch.run(args);
        assert!(!format!("{}{}", run.stdout, run.stderr).contains("SESAME"), "{args:?}: {}{}", run.stdout, run.stderr);
    }
    let report = std::fs::read_to_string(scratch.path("out/migration-report.json")).unwrap();
    let list = std::fs::read_to_string(scratch.path("out/CHECKLIST.md")).unwrap();
    assert!(!report.contains("SESAME") && !list.contains("SESAME"));
    for number in 1..=7 {
        assert!(report.contains(&format!("VISIBLE-{number}")), "VISIBLE-{number}");
    }
}
