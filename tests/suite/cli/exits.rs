//! Exit codes and the status in JSON: what each means, and what moves the line.

use serde_json::Value;

use super::{Run, Scratch, corpus, files};

const CARBON: &str = "in/apim/repository/conf/carbon.xml";
const MANAGER: &str = "in/apim/repository/conf/api-manager.xml";

/// The exit codes of `plan` for each line, from `never` to `warning`.
fn ladder(scratch: &Scratch, command: &[&str]) -> Vec<i32> {
    ["never", "error", "open", "manual", "warning"]
        .map(|line| scratch.run(&[command, &["--fail-on", line]].concat()).exit)
        .to_vec()
}

fn status(run: &Run) -> (Value, Vec<Value>) {
    let report = run.json();
    let deployments = report["deployments"].as_array().unwrap();
    (report["status"].clone(), deployments.iter().map(|one| one["status"].clone()).collect())
}

#[test]
fn each_line_includes_what_stands_before_it() {
    // Ready, without a warning.
    let scratch = Scratch::of("all-in-one-3.x");
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    let severe = super::all(&report, "findings").into_iter().filter(|found| found["severity"] != "notice").count();
    assert_eq!(ladder(&scratch, &["plan", "in"]), [0, 0, 0, 0, i32::from(severe > 0) * 2]);
    // A setting that nobody knows.
    let scratch = Scratch::of("all-in-one");
    scratch.edit(MANAGER, "</APIManager>", "<NobodyKnows>this</NobodyKnows></APIManager>");
    assert_eq!(ladder(&scratch, &["plan", "in"]), [0, 0, 0, 2, 2]);
    // An open question, and no error.
    let scratch = Scratch::of("five-node");
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    assert!(!super::open(&report).is_empty());
    let errors = super::all(&report, "findings").into_iter().filter(|found| found["severity"] == "error").count();
    assert_eq!(errors, 0);
    assert_eq!(ladder(&scratch, &["plan", "in"]), [0, 0, 2, 2, 2]);
    assert_eq!(scratch.run(&["plan", "in"]).exit, 2, "manual is the default");
    assert_eq!(scratch.run(&["convert", "in", "--out", "out", "--fail-on", "error"]).exit, 0);
    // An error.
    let scratch = Scratch::of("all-in-one");
    scratch.edit("in/apim/repository/conf/carbon.xml", "keystore-secret", "key&amp;store");
    assert_eq!(ladder(&scratch, &["plan", "in"]), [0, 2, 2, 2, 2]);
}

#[test]
fn what_was_not_read_outweighs_what_is_open() {
    let scratch = Scratch::of("five-node");
    scratch.put("in/publisher/repository/conf/tomcat/catalina-server.xml", b"<Server>\n  <Service name='Catalina'>\n");
    for line in ["never", "manual"] {
        assert_eq!(scratch.run(&["plan", "in", "--fail-on", line]).exit, 3);
    }
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!((run.exit, status(&run)), (3, ("incomplete".into(), vec!["incomplete".into()])));
}

#[test]
fn the_status_stands_in_the_report_whatever_the_line_is() {
    for (case, word) in [("all-in-one", "ready"), ("five-node", "open")] {
        let scratch = Scratch::of(case);
        for line in ["never", "manual"] {
            let run = scratch.run(&["plan", "in", "--format", "json", "--fail-on", line]);
            assert_eq!(status(&run), (word.into(), vec![word.into()]));
        }
    }
    // Each deployment has its own, and the worst is that of the whole; a missing INPUT belongs to none.
    let scratch = Scratch::new();
    scratch.copy("all-in-one", "one");
    scratch.copy("five-node", "two");
    let run = scratch.run(&["plan", "one", "two", "--format", "json"]);
    assert_eq!((run.exit, status(&run)), (2, ("open".into(), vec!["ready".into(), "open".into()])));
    let run = scratch.run(&["plan", "one", "nowhere", "two", "--format", "json"]);
    assert_eq!((run.exit, status(&run)), (3, ("incomplete".into(), vec!["ready".into(), "open".into()])));
    scratch.put("bad/x.txt", b"no configuration");
    assert_eq!(scratch.run(&["plan", "bad", "nowhere", "--format", "json"]).exit, 1);
}

#[test]
fn the_text_says_the_exit_code_that_comes() {
    let scratch = Scratch::of("five-node");
    for (line, exit) in [("manual", 2), ("error", 0)] {
        let run = scratch.run(&["plan", "in", "--fail-on", line]);
        assert_eq!(run.exit, exit);
        assert!(run.stdout.contains(&format!("(exit code {exit}")), "{}", run.stdout);
    }
    let scratch = Scratch::of("all-in-one");
    scratch.put(CARBON, b"<Server><HostName>");
    let run = scratch.run(&["plan", "in"]);
    assert_eq!(run.exit, 3);
    assert!(run.stdout.contains("(exit code 3: "), "{}", run.stdout);
    assert_eq!(scratch.run(&["convert", "in", "--out", "out"]).exit, 1, "its only node is not written");
}

#[test]
fn check_counts_errors_and_what_it_could_not_read() {
    let scratch = Scratch::new();
    for (name, bytes) in files(&corpus().join("five-node/out")) {
        scratch.put(&format!("dep/{name}"), &bytes);
    }
    let gateway = "dep/gateway-worker/repository/conf/deployment.toml";
    assert_eq!(scratch.run(&["check", "dep", "--format", "json"]).json()["status"], "ready");
    scratch.edit(gateway, "gateway_labels", "gateway_lables");
    assert_eq!(ladder(&scratch, &["check", gateway]), [0, 0, 0, 0, 2], "a warning");
    scratch.edit(gateway, "offset = 2", "offset = \"two\"\noffset = 3");
    assert_eq!(ladder(&scratch, &["check", gateway]), [0, 2, 2, 2, 2], "an error");
    assert_eq!(scratch.run(&["check", gateway, "--format", "json"]).json()["status"], "open");
    // One file of several that is no text; then it alone.
    let binary = "dep/traffic-manager/repository/conf/deployment.toml";
    scratch.put(binary, b"a = \"\x00\"\n");
    let run = scratch.run(&["check", "dep", "--fail-on", "never", "--format", "json"]);
    assert_eq!((run.exit, &run.json()["status"]), (3, &Value::from("incomplete")));
    assert_eq!(scratch.run(&["check", binary]).exit, 1);
    assert_eq!(scratch.run(&["check", gateway, "nowhere"]).exit, 3);
}
