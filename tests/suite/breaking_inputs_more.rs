//! More of what strangers gave: files that say nothing, sources newer than the target, archives under any name, other
//! products, templates, and files of ours that an editor saved in its own way.

use std::fs;
use std::io::{Cursor, Write as _};

use serde_json::Value;

use crate::cli::Scratch;

const GATEWAY: &str = "[server]\nhostname = \"gw.example.com\"\nserver_role = \"gateway-worker\"\n\n\
    [apim.key_manager]\nservice_url = \"https://cp.example.com:9443/services/\"\n";

/// What any product of the vendor may say.
const SHARED: &str = "[server]\nhostname = \"login.example.com\"\n\n[super_admin]\nusername = \"root\"\n\
    password = \"s3cret\"\n\n[keystore.primary]\nfile_name = \"keys.jks\"\n";

fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, text) in files {
        archive.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

/// The status and reason of what `inputs` says of a path.
fn input(report: &Value, path: &str) -> Option<(String, String)> {
    let inputs = report["inputs"].as_array().unwrap();
    let mut of = inputs.iter().filter(|input| input["path"] == path);
    let found = of.next()?;
    assert!(of.next().is_none(), "{path} is told twice: {inputs:?}");
    Some((found["status"].as_str().unwrap().to_owned(), found["reason"].as_str().unwrap().to_owned()))
}

/// The verdict of a file that belongs to no deployment.
fn loose<'r>(report: &'r Value, path: &str) -> &'r str {
    let files = report["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["path"] == path).unwrap_or_else(|| panic!("{path}: {files:?}"));
    file["verdict"].as_str().unwrap()
}

#[test]
fn a_file_that_says_nothing_is_not_read() {
    for text in ["", " \n\t\n", "# later\n", "\u{feff}", "[server]\n"] {
        let scratch = Scratch::new();
        scratch.put("in/gw/repository/conf/deployment.toml", GATEWAY.as_bytes());
        scratch.put("in/cp/repository/conf/deployment.toml", text.as_bytes());
        let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
        assert_eq!(run.exit, 3, "{text:?}");
        let (status, _) = input(&run.json(), "cp/repository/conf/deployment.toml").unwrap();
        assert_eq!(status, "not-read", "{text:?}");
        assert!(scratch.path("out/gateway-worker/repository/conf/deployment.toml").exists());
        let written = fs::read_dir(scratch.path("out")).unwrap().count();
        assert_eq!(written, 4, "{text:?}: the gateway, the checklist, the report and the record");
        // Alone, nothing comes of it.
        let alone = scratch.run(&["plan", "in/cp"]);
        assert_eq!((alone.exit, alone.stdout.as_str()), (1, ""), "{text:?}");
    }
}

const NEWEST: &str = "[server]\nhostname = \"am.example.com\"\nserver_role = \"default\"\n\n\
    [apim.ai.embedding_provider]\ntype = \"openai\"\n";

#[test]
fn the_default_target_follows_a_newer_source() {
    let scratch = Scratch::new();
    scratch.put("in/new/repository/conf/deployment.toml", NEWEST.as_bytes());
    scratch.put("in/x/old/repository/conf/deployment.toml", GATEWAY.replace("example.com", "old.example").as_bytes());
    let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
    let report = run.json();
    let targets: Vec<(&str, &str)> = report["deployments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["name"].as_str().unwrap(), one["target"]["written_for"].as_str().unwrap()))
        .collect();
    assert_eq!(targets, [("new", "4.6"), ("x", "current")], "each as if it were alone");
    let written = fs::read_to_string(scratch.path("out/new/all-in-one/repository/conf/deployment.toml")).unwrap();
    assert!(written.contains("type = \"openai\""), "{written}");
    // What was written is of 4.6, and stays.
    let again = scratch.run(&["plan", "out/new", "--format", "json"]).json();
    assert_eq!(again["deployments"][0]["target"]["written_for"], "4.6");
}

#[test]
fn a_target_that_is_too_old_is_named_with_the_one_to_give() {
    let scratch = Scratch::new();
    scratch.put("in/repository/conf/deployment.toml", NEWEST.as_bytes());
    for target in ["current", "4.4", "4.5"] {
        let run = scratch.run(&["plan", "in", "--target", target, "--format", "json"]);
        let report = run.json();
        let mut found = report["deployments"][0]["findings"].as_array().unwrap().iter();
        let told = found.any(|one| {
            one["code"] == "target-too-old" && one["message"].as_str().unwrap().contains("give --target 4.6")
        });
        assert!(told && run.exit == 2, "{target}: {report}");
    }
    let run = scratch.run(&["plan", "in", "--target", "4.6", "--format", "json"]);
    assert!(!run.stdout.contains("target-too-old"));
}

#[test]
fn archives_are_known_by_their_content_whatever_they_are_called() {
    let scratch = Scratch::new();
    let of = |site: &str| GATEWAY.replace("example.com", site);
    scratch.put("in/gw/repository/conf/deployment.toml", GATEWAY.as_bytes());
    scratch.put("in/backup", &zip(&[("repository/conf/deployment.toml", &of("one.example"))]));
    scratch.put("in/nodes.old", &zip(&[("nodes", "no"), ("b/repository/conf/deployment.toml", &of("two.example"))]));
    scratch.put("in/pictures.dat", &zip(&[("x.png", "1")]));
    scratch.put("in/vault.bin", b"7z\xbc\xaf\x27\x1c and more");
    scratch.put("in/empty.zip", &zip(&[]));
    scratch.put("in/km.zip", &zip(&[("repository/conf/deployment.toml", &of("three.example"))]));
    let inner = zip(&[("repository/conf/deployment.toml", &of("four.example"))]);
    let mut outer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    outer.start_file("copy", zip::write::SimpleFileOptions::default()).unwrap();
    outer.write_all(&inner).unwrap();
    scratch.put("in/outer.zip", &outer.finish().unwrap().into_inner());
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    let report = run.json();
    assert_eq!(run.exit, 3, "the 7z is not read");
    let deployments: Vec<&str> =
        report["deployments"].as_array().unwrap().iter().map(|one| one["path"].as_str().unwrap()).collect();
    assert_eq!(deployments, ["backup", "gw", "km.zip", "nodes.old", "outer.zip/copy"]);
    for (path, verdict) in [
        ("backup", "read"),
        ("nodes.old", "read"),
        ("km.zip", "read"),
        ("outer.zip", "read"),
        ("outer.zip/copy", "read"),
        ("empty.zip", "not-configuration"),
        ("pictures.dat", "not-configuration"),
        ("vault.bin", "unreadable"),
    ] {
        assert_eq!(loose(&report, path), verdict, "{path}");
    }
    assert_eq!(input(&report, "vault.bin").unwrap().0, "not-read");
    assert_eq!(input(&report, "empty.zip").unwrap(), ("read".to_owned(), "an archive without files".to_owned()));
    assert_eq!(input(&report, "km.zip").unwrap().0, "read");
    assert_eq!(input(&report, "pictures.dat"), None);
}

#[test]
fn a_packed_file_stands_in_the_ledger_beside_what_is_in_it() {
    let scratch = Scratch::new();
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(GATEWAY.as_bytes()).unwrap();
    scratch.put("in/gw/repository/conf/deployment.toml.gz", &packed.finish().unwrap());
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    assert_eq!(loose(&report, "gw/repository/conf/deployment.toml.gz"), "read");
    assert_eq!(report["deployments"][0]["files"][0]["path"], "gw/repository/conf/deployment.toml");
}

#[test]
fn a_version_that_is_not_converted_is_told_once() {
    let scratch = Scratch::new();
    scratch.put("in/gw/repository/conf/deployment.toml", GATEWAY.as_bytes());
    let old = "<Server xmlns=\"http://wso2.org/projects/carbon/carbon.xml\"><ServerKey>AM</ServerKey>\
               <Version>1.10.0</Version><HostName>old.example.org</HostName></Server>";
    scratch.put("in/old/am/repository/conf/carbon.xml", old.as_bytes());
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    let all: Vec<(&str, &str)> = report["inputs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["path"].as_str().unwrap(), one["status"].as_str().unwrap()))
        .collect();
    assert_eq!(all, [("in", "partly-read"), ("old/am/repository/conf/carbon.xml", "unsupported-version")]);
    assert_eq!(report["inputs"][1]["deployments"][0], "old");
}

#[test]
fn of_another_product_alone_the_report_is_written() {
    let scratch = Scratch::new();
    let identity = format!("{SHARED}\n[identity_mgt.password_reset_email]\nenable = true\n");
    let foreign = "[package]\nname = \"x\"\n";
    // Nothing is known of the file: nothing is written.
    scratch.put("in/repository/conf/deployment.toml", foreign.as_bytes());
    let run = scratch.run(&["convert", "in", "--out", "out"]);
    assert_eq!((run.exit, run.stdout.as_str()), (1, ""));
    assert!(!scratch.path("out").exists());
    assert_eq!(scratch.run(&["plan", "in"]).exit, 1);
    // Each of its leaves has an outcome, and a person is told why there is no new node.
    scratch.put("in/repository/conf/deployment.toml", identity.as_bytes());
    let run = scratch.run(&["convert", "in", "--out", "out"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert_eq!(scratch.run(&["plan", "in"]).exit, 3);
    assert!(scratch.path("out/migration-report.json").exists());
    let files = std::fs::read_dir(scratch.path("out")).unwrap().map(|entry| entry.unwrap().path());
    assert!(files.into_iter().all(|path| !path.is_dir()), "no node is written");
}

#[test]
fn other_products_are_known_by_tables_that_an_api_manager_never_has_alone() {
    let role = |text: &str| {
        let scratch = Scratch::new();
        scratch.put("in/repository/conf/deployment.toml", text.as_bytes());
        let report = scratch.run(&["plan", "in", "--format", "json"]).json();
        let deployment = &report["deployments"][0];
        let asked = deployment["decisions"].as_array().unwrap().iter();
        let open = asked.into_iter().any(|one| one["id"] == "node-role" && one["open"] == true);
        (deployment["source"]["nodes"][0]["roles"][0].as_str().unwrap().to_owned(), open)
    };
    for table in
        ["[identity_mgt.recovery]\na = 1", "[account_recovery.endpoint.auth]\nhash = \"x\"", "[role_mgt]\na = true"]
    {
        assert_eq!(role(&format!("{SHARED}\n{table}\n")), ("is-as-km".to_owned(), false), "{table}");
    }
    // Nothing tells: a person must.
    assert_eq!(role(SHARED), ("all-in-one".to_owned(), true));
    // One key of an API Manager's own tells.
    let own = format!("{SHARED}\n[apim.analytics]\nenable = false\n\n[identity_mgt.recovery]\na = 1\n");
    assert_eq!(role(&own), ("all-in-one".to_owned(), false));
}

#[test]
fn a_template_is_one_note() {
    for (text, what) in [
        ("[server]\nhostname = \"{{ .Values.host }}\"\n", "a Helm template"),
        ("{{ .Values.server | toToml }}\n", "a Helm template"),
        ("[server]\noffset = {{ offset }}\n", "a template"),
        ("[server]\noffset = <%= @offset %>\n", "a Puppet or other ERB template"),
        ("[server]\noffset = 1 {% if x %}\n", "an Ansible or other Jinja template"),
    ] {
        let scratch = Scratch::new();
        scratch.put("in/gw/repository/conf/deployment.toml", text.as_bytes());
        let run = scratch.run(&["check", "in"]);
        assert_eq!(run.exit, 1, "nothing could be read: {text}: {}{}", run.stdout, run.stderr);
        assert_eq!(run.stdout.matches("[template-not-rendered]").count(), 1, "{text}: {}", run.stdout);
        assert!(run.stdout.contains(what) && !run.stdout.contains("required-key-missing"), "{}", run.stdout);
    }
    let scratch = Scratch::new();
    scratch.put("in/gw/repository/conf/deployment.toml", GATEWAY.as_bytes());
    scratch.put("in/templates/deployment.toml.j2", b"[server]\n");
    scratch.put("in/old.zip", b"PK\x03\x04");
    let run = scratch.run(&["check", "in"]);
    assert_eq!(run.exit, 3, "{}", run.stdout);
    // Marks for single values: what is missing may come with them.
    let scratch = Scratch::new();
    scratch.put("in/deployment.toml", b"[server]\nhostname = \"{{ host }}\"\n");
    let run = scratch.run(&["check", "in"]);
    assert!(!run.stdout.contains("required-key-missing"), "{}", run.stdout);
    assert_eq!(run.stdout.matches("[template-not-rendered]").count(), 1, "{}", run.stdout);
}

#[test]
fn other_ends_of_lines_are_no_edit() {
    let scratch = Scratch::new();
    scratch.put("in/gw/repository/conf/deployment.toml", GATEWAY.as_bytes());
    let convert = ["convert", "in", "--out", "out"];
    let first = scratch.run(&convert);
    assert_ne!(first.exit, 1, "{}", first.stderr);
    let files = ["gateway-worker/repository/conf/deployment.toml", "CHECKLIST.md", "migration-report.json"];
    let before: Vec<String> =
        files.iter().map(|file| fs::read_to_string(scratch.path(&format!("out/{file}"))).unwrap()).collect();
    for (file, text) in files.iter().zip(&before) {
        scratch.put(&format!("out/{file}"), format!("\u{feff}{}", text.replace('\n', "\r\n")).as_bytes());
    }
    let again = scratch.run(&convert);
    assert_eq!(again.exit, first.exit, "{}", again.stderr);
    for (file, text) in files.iter().zip(&before) {
        assert_eq!(fs::read_to_string(scratch.path(&format!("out/{file}"))).unwrap(), *text, "{file}");
    }
    // A change of a word is one all the same.
    let changed = before[0].replace("gw.example.com", "gw.example.org").replace('\n', "\r\n");
    scratch.put(&format!("out/{}", files[0]), changed.as_bytes());
    assert_eq!(scratch.run(&convert).exit, 1);
}
