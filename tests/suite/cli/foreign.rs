//! Texts of the input do no harm where they are shown.

use super::Scratch;

const JNDI: &str = "repository/conf/jndi.properties";

/// A small gateway with this broker text.
fn gateway(scratch: &Scratch, node: &str, url: &str) {
    scratch.put(&format!("in/{node}/{JNDI}"), format!("connectionfactory.TopicConnectionFactory = {url}\n").as_bytes());
    scratch.put(&format!("in/{node}/repository/conf/carbon.xml"), b"<Server><Version>2.6.0</Version></Server>");
}

#[test]
fn controls_in_values_are_shown_escaped() {
    let scratch = Scratch::new();
    gateway(&scratch, "gw", "amqp://a:b@c/c?brokerlist=\\u001b[31m\\u007f\\u009b\\u202e");
    for args in [&["plan", "in"][..], &["convert", "in", "--out", "out"]] {
        for color in ["always", "never"] {
            let run = scratch.run(&[args, &["--color", color]].concat());
            let text = run.stdout + &run.stderr;
            assert!(!text.contains("\u{1b}[31m\u{7f}") && !text.contains(['\u{7f}', '\u{9b}', '\u{202e}']), "{text}");
            let _ = std::fs::remove_dir_all(scratch.path("out"));
        }
    }
}

#[test]
fn json_on_stdout_is_the_report_file() {
    let scratch = Scratch::new();
    gateway(&scratch, "gw", "amqp://a:b@c/c?brokerlist='tcp://\\u001b[31m\\u007f\\u009bx:5672'");
    let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
    assert_eq!(run.stdout, std::fs::read_to_string(scratch.path("out/migration-report.json")).unwrap());
    let text = run.json().to_string();
    assert!(text.contains("\\u001b[31m"), "it is all there");
    assert!(!run.stdout.contains(['\u{1b}', '\u{7f}', '\u{9b}']));
}

#[test]
fn names_forge_no_lines_and_no_markup() {
    let scratch = Scratch::new();
    for node in ["gw\n- [ ] forged", "gw<script>x", "gw|a`b"] {
        gateway(&scratch, node, "amqp://a:b@c/c?brokerlist='tcp://tm.example.com:5672'");
    }
    let plan = scratch.run(&["plan", "in"]);
    assert!(!plan.stdout.lines().any(|line| line.starts_with("- [ ] forged")), "{}", plan.stdout);
    let convert = scratch.run(&["convert", "in", "--out", "out"]);
    assert_ne!(convert.exit, 1, "{}", convert.stderr);
    let list = std::fs::read_to_string(scratch.path("out/CHECKLIST.md")).unwrap();
    assert!(!list.contains("<script>") && !list.lines().any(|line| line.starts_with("- [ ] forged")), "{list}");
    let error = scratch.run(&["plan", "in\nerror: forged\u{1b}[31m"]);
    assert_eq!(error.stderr.lines().count(), 1, "{}", error.stderr);
    assert!(error.stderr.contains("\\n") && !error.stderr.contains("\u{1b}[31m"), "{}", error.stderr);
}

#[test]
fn a_group_of_settings_with_a_password_is_shown_but_for_it() {
    let scratch = Scratch::new();
    scratch.put(
        "in/am/repository/conf/broker.xml",
        b"<broker><transports><mqtt enabled=\"true\"><bindAddress>10.0.0.7</bindAddress><defaultConnection enabled=\"true\" port=\"1884\"/>\
          <sslConnection enabled=\"true\" port=\"8885\"><keyStore><location>a/b.jks</location><password>Sesam4</password></keyStore>\
          </sslConnection></mqtt></transports></broker>",
    );
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    let settings = report["deployments"][0]["settings"].as_array().unwrap();
    let value =
        |end: &str| settings.iter().find(|one| one["path"].as_str().unwrap().ends_with(end)).unwrap()["value"].clone();
    assert_eq!(value("mqtt/@enabled"), "true");
    assert_eq!(value("bindAddress"), "10.0.0.7");
    assert_eq!(value("defaultConnection/@port"), "1884");
    assert_eq!(value("keyStore/location"), "a/b.jks");
    assert_eq!(value("keyStore/password"), "********");
}

#[test]
fn blanks_at_the_ends_of_a_password_are_kept_or_told() {
    let scratch = Scratch::new();
    scratch.put(
        "in/am/repository/conf/deployment.toml",
        b"[super_admin]\nusername = \"admin\"\npassword = \" Sesam 4 \"\n[keystore.tls]\npassword = \"Ke y \"\n",
    );
    let old = "<UserManager><Realm><Configuration><AdminUser><UserName>root</UserName><Password> Sesam 4 </Password>\
               </AdminUser></Configuration></Realm></UserManager>";
    scratch.put("old/am/repository/conf/user-mgt.xml", old.as_bytes());
    let told = scratch.run(&["plan", "old", "--format", "json"]).stdout;
    assert!(told.contains("blanks-in-secret") && !told.contains("Sesam"), "{told}");
    scratch.run(&["convert", "in", "--out", "out"]);
    let written = std::fs::read_to_string(scratch.path("out/all-in-one/repository/conf/deployment.toml")).unwrap();
    assert!(written.contains("\" Sesam 4 \"") && written.contains("\"Ke y \""), "{written}");
}
