//! Mounts of the registry (semantics-settings.md 4).

use std::fs;

use super::Scratch;

const PUBLISHER: &str = "in/publisher/repository/conf/registry.xml";
const CONTROL_PLANE: &str = "out/control-plane/repository/conf/deployment.toml";

fn report(scratch: &Scratch) -> serde_json::Value {
    serde_json::from_str(&fs::read_to_string(scratch.path("out/migration-report.json")).unwrap()).unwrap()
}

/// The outcome of a node's leaf in registry.xml.
fn outcome(report: &serde_json::Value, node: &str, path: &str) -> String {
    let settings = report["deployments"][0]["settings"].as_array().unwrap();
    let found = settings.iter().find(|setting| setting["node"] == node && setting["path"] == path);
    found.unwrap_or_else(|| panic!("{node} has no {path}"))["outcome"].as_str().unwrap().to_owned()
}

#[test]
fn the_publishers_config_path_holds_and_the_stores_needs_a_hand() {
    let scratch = Scratch::of("five-node");
    let target = "<targetPath>/_system/config</targetPath>";
    scratch.edit(PUBLISHER, target, "<targetPath>/_system/publisher</targetPath>");
    scratch.edit(&PUBLISHER.replace("publisher", "store"), target, "<targetPath>/_system/store</targetPath>");
    scratch.convert(&[]);
    let written: toml_edit::DocumentMut = fs::read_to_string(scratch.path(CONTROL_PLANE)).unwrap().parse().unwrap();
    assert_eq!(written["config_data"]["path"].as_str(), Some("/_system/publisher"));
    assert!(written.get("governance_data").is_none());
    let report = report(&scratch);
    let path = "/wso2registry/mount[@path='/_system/config']/targetPath";
    assert_eq!(outcome(&report, "publisher", path), "converted");
    assert_eq!(outcome(&report, "store", path), "manual");
}

#[test]
fn a_mount_over_what_was_there_stays_so_and_a_foreign_one_needs_a_hand() {
    let scratch = Scratch::of("five-node");
    scratch.edit(
        PUBLISHER,
        "</wso2registry>",
        "<mount path=\"/_system/own\" overwrite=\"true\"><instanceId>x</instanceId><targetPath>/own</targetPath></mount>\
         </wso2registry>",
    );
    let mount = "<mount path=\"/_system/governance\" overwrite=\"true\"";
    scratch.edit(PUBLISHER, mount, &mount.replace("true", "virtual"));
    scratch.convert(&[]);
    let written: toml_edit::DocumentMut = fs::read_to_string(scratch.path(CONTROL_PLANE)).unwrap().parse().unwrap();
    assert_eq!(written["governance_data"]["overwrite"].as_str(), Some("virtual"));
    assert_eq!(
        outcome(&report(&scratch), "publisher", "/wso2registry/mount[@path='/_system/own']/targetPath"),
        "manual"
    );
}
