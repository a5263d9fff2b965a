//! Options that change what comes out.

use std::collections::BTreeSet;

use super::{Scratch, all, at, findings, text};

#[test]
fn the_source_version_can_be_given() {
    let scratch = Scratch::of("all-in-one");
    std::fs::remove_file(scratch.path("in/apim/repository/conf/carbon.xml")).unwrap();
    let version = |args: &[&str]| {
        let report = scratch.convert(args);
        let guessed = findings(&report, "version-guessed").len();
        (report["deployments"][0]["source"]["version"].as_str().unwrap().to_owned(), guessed)
    };
    assert_eq!(version(&["--source-version", "2.5"]), ("2.5".to_owned(), 0));
    assert_eq!(version(&["--source-version", "2.1.0"]), ("2.1".to_owned(), 0));
    let run = scratch.run(&["plan", "in", "--source-version", "1.9"]);
    assert_eq!(run.exit, 1);
    assert!(run.stderr.contains("2.0"), "{}", run.stderr);
}

#[test]
fn keeping_legacy_defaults_writes_only_what_differs() {
    let scratch = Scratch::of("five-node");
    let plain = scratch.convert(&[]);
    let keys = |report: &serde_json::Value| -> BTreeSet<(String, String)> {
        all(report, "settings")
            .iter()
            .flat_map(|setting| setting["targets"].as_array().unwrap())
            .map(|target| (target["node"].to_string(), target["key"].to_string()))
            .collect()
    };
    let drifts = |report: &serde_json::Value, outcome: &str| {
        let settings = all(report, "settings");
        settings.into_iter().filter(|setting| setting["outcome"] == outcome && !setting["drift"].is_null()).count()
    };
    assert!(drifts(&plain, "default") > 0, "settings whose default moved are noted");
    let before = scratch.written("control-plane");
    let kept = scratch.convert(&["--keep-legacy-defaults"]);
    let after = scratch.written("control-plane");
    let more: Vec<_> = keys(&kept).difference(&keys(&plain)).cloned().collect();
    assert!(!more.is_empty() && keys(&plain).is_subset(&keys(&kept)), "{more:?}");
    let moved: BTreeSet<String> = all(&plain, "settings")
        .into_iter()
        .filter(|setting| !setting["drift"].is_null())
        .map(|setting| setting["path"].to_string())
        .collect();
    for setting in all(&kept, "settings") {
        for target in setting["targets"].as_array().unwrap() {
            let key = (target["node"].to_string(), target["key"].to_string());
            let said = more.contains(&key) && moved.contains(&setting["path"].to_string());
            assert!(said || !more.contains(&key), "{key:?} is written, and no default moved: {setting}");
        }
    }
    for (name, value) in &before {
        if name != "apim" {
            assert!(after.contains_key(name), "{name}: {value}");
        }
    }
    assert_eq!(all(&plain, "settings").len(), all(&kept, "settings").len());
}

const ROW: &str = r#"
[file]
paths = ["carbon.xml"]
defaults = "carbon.xml"
duplicates = "first"
about = "rows of ours"
source = "ours"

[[rule]]
id = "ours"
replaces = "REPLACED"
from = "/Server/Tenant/LoadingPolicy/LazyLoading/IdleTime"
to = "tenant_mgt.tenant_idle_timeout"
subject = "node"
why = "Ours."
source = "ours"
[[rule.example]]
value = "45"
gives = { "tenant_mgt.tenant_idle_timeout" = 45 }
"#;

#[test]
fn own_tables_replace_rows() {
    let scratch = Scratch::of("all-in-one");
    let carbon = "in/apim/repository/conf/carbon.xml";
    scratch.edit(
        carbon,
        "</Server>",
        "<Tenant><LoadingPolicy><LazyLoading><IdleTime>77</IdleTime></LazyLoading></LoadingPolicy></Tenant></Server>",
    );
    let built_in = scratch.convert(&[]);
    let rule = |report: &serde_json::Value| {
        let settings = all(report, "settings");
        let setting =
            settings.into_iter().find(|one| one["path"].as_str().unwrap().ends_with("/IdleTime")).unwrap().clone();
        setting["rule"].as_str().unwrap().to_owned()
    };
    let replaced = rule(&built_in);
    let row = ROW.replace("REPLACED", &replaced);
    scratch.put("tables/ours.toml", row.as_bytes());
    let report = scratch.convert(&["--mappings", "tables"]);
    assert_eq!(rule(&report), "ours");
    assert_eq!(at(&scratch.written("all-in-one"), "tenant_mgt.tenant_idle_timeout").unwrap().as_integer(), Some(77));

    let retired = row.replace("to = \"tenant_mgt.tenant_idle_timeout\"\nsubject = \"node\"", "outcome = \"retired\"");
    let retired = retired.replace("gives = { \"tenant_mgt.tenant_idle_timeout\" = 45 }", "outcome = \"retired\"");
    scratch.put("tables/ours.toml", retired.as_bytes());
    scratch.convert(&["--mappings", "tables"]);
    assert!(at(&scratch.written("all-in-one"), "tenant_mgt.tenant_idle_timeout").is_none());
}

#[test]
fn own_tables_add_rows_and_files() {
    let scratch = Scratch::of("all-in-one");
    scratch.put("in/apim/repository/conf/ours.xml", b"<Ours><Header>X-Ours</Header></Ours>");
    let before = scratch.convert(&[]);
    assert_eq!(text(&scratch.written("all-in-one"), "apim.oauth_config.auth_header"), "(none)");
    let row = r#"
[file]
paths = ["ours.xml"]
defaults = "ours.xml"
duplicates = "last"
about = "a file of ours"
source = "ours"

[[rule]]
id = "ours-header"
from = "/Ours/Header"
to = "apim.oauth_config.auth_header"
subject = "oauth-headers"
why = "Ours."
source = "ours"
[[rule.example]]
value = "X"
gives = { "apim.oauth_config.auth_header" = "X" }
"#;
    scratch.put("tables/ours.toml", row.as_bytes());
    let after = scratch.convert(&["--mappings", "tables"]);
    assert_eq!(text(&scratch.written("all-in-one"), "apim.oauth_config.auth_header"), "X-Ours");
    assert!(all(&after, "settings").len() >= all(&before, "settings").len());
}

#[test]
fn mistakes_in_own_tables_are_told_with_their_places() {
    let scratch = Scratch::of("all-in-one");
    let error = |row: &str| {
        scratch.put("tables/ours.toml", row.as_bytes());
        let run = scratch.run(&["plan", "in", "--mappings", "tables"]);
        run.one_error().to_owned()
    };
    let place = |error: &str| error.contains("ours.toml:") && error.split(':').nth(2).is_some();
    for (row, said) in [
        (ROW.replace("why = \"Ours.\"\n", ""), "why"),
        (ROW.replace("subject = \"node\"", "subjct = \"node\""), "subjct"),
        (ROW.replace("subject = \"node\"", "subject = \"nodes\""), "nodes"),
        (ROW.replace("REPLACED", "no-such-row"), "no-such-row"),
        (ROW.replace("replaces = \"REPLACED\"\n", ""), "replaces"),
        (ROW.replace("about = ", "about "), ""),
    ] {
        let error = error(&row);
        assert!(place(&error) && error.contains(said), "`{said}`: {error}");
    }
    let run = scratch.run(&["plan", "in", "--mappings", "nowhere"]);
    assert!(run.one_error().contains("nowhere"), "{}", run.stderr);
}

/// A gateway alone, whose traffic manager is to be in the control plane: its lists name that, whatever they named.
#[test]
fn a_lone_gateway_follows_its_traffic_manager_into_the_control_plane() {
    let scratch = Scratch::of("five-node");
    for node in ["node-a", "node-b", "publisher", "store"] {
        std::fs::remove_dir_all(scratch.path(&format!("in/{node}"))).unwrap();
    }
    let lists = |scratch: &Scratch| {
        let file = scratch.written("gateway-worker");
        let groups = at(&file, "apim.throttling.url_group").unwrap().as_array().unwrap().clone();
        let receivers: Vec<String> = groups.iter().map(|group| group["traffic_manager_urls"].to_string()).collect();
        (super::list(&file, "apim.throttling.throttle_decision_endpoints"), receivers)
    };
    scratch.convert(&[]);
    let (brokers, receivers) = lists(&scratch);
    assert!(!brokers[0].contains("keys.example.net") && !receivers[0].contains("keys.example.net"));
    scratch.convert(&["--traffic-manager", "control-plane"]);
    let (brokers, receivers) = lists(&scratch);
    assert_eq!(brokers, ["tcp://keys.example.net:5672"]);
    assert_eq!(receivers, [r#"["tcp://keys.example.net:9611"]"#]);
}
