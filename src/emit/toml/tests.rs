//! The form of the file, on small examples of our own, and its way back through a TOML parser.

use indexmap::IndexMap;
use proptest::prelude::*;

use super::{basic_string, render, text};
use crate::diagnostic::Severity;
use crate::mapping::catalog::Catalog;
use crate::role::Profile;
use crate::topology::planner::plan::{Entry, TargetNode};
use crate::value::Value;

fn node(entries: impl IntoIterator<Item = (&'static str, Value)>) -> TargetNode {
    TargetNode {
        name: "control-plane".to_owned(),
        profile: Profile::ControlPlane,
        stands_on: None,
        merged: Vec::new(),
        base: None,
        entries: entries.into_iter().map(|(key, value)| (key.to_owned(), Entry::derived(value, "test"))).collect(),
    }
}

#[test]
fn writes_tables_in_order_whatever_the_order_of_keys() {
    let node = node([
        ("secrets.admin_password", Value::text("[REPLACE_ME]")),
        ("service_provider.sp_name_regex", Value::text(r"^[\sa-z]*$")),
        ("oauth.token_validation.user_access_token_validity", Value::Integer(7200)),
        ("event_listener[0].properties.'header.X-WSO2-KEY-MANAGER'", Value::text("default")),
        ("event_listener[0].properties.username", Value::text("${admin.username}")),
        ("event_listener[0].properties.notification_endpoint", Value::text("https://km/notify")),
        ("event_listener[0].order", Value::Integer(1)),
        ("event_listener[0].id", Value::text("token_revocation")),
        ("apim.throttling.url_group[1].traffic_manager_auth_urls", Value::list(["ssl://b:9711"])),
        ("apim.throttling.url_group[1].traffic_manager_urls", Value::list(["tcp://b:9611"])),
        ("apim.throttling.url_group[0].traffic_manager_urls", Value::list(["tcp://a:9611", "tcp://c:9611"])),
        ("apim.throttling.throttle_decision_endpoints", Value::list(["tcp://a:5672"])),
        ("database.user.pool_options.maxActive", Value::Integer(5)),
        ("database.user.url", Value::text("jdbc:mysql://h/u?a=b&c=d")),
        ("database.apim_db.username", Value::text("u")),
        ("database.apim_db.type", Value::text("mysql")),
        ("server.offset", Value::Integer(1)),
        ("server.hostname", Value::text("km")),
        ("super_admin.create_admin_account", Value::Boolean(true)),
    ]);
    let written = text(&node, &Catalog::built_in(), &|_, _| String::new(), &|_| Vec::new());
    assert_eq!(
        written.text,
        r#"[server]
hostname = "km"
offset = 1

[super_admin]
create_admin_account = true

[database.apim_db]
type = "mysql"
username = "u"

[database.user]
url = "jdbc:mysql://h/u?a=b&amp;c=d"

[database.user.pool_options]
maxActive = 5

[apim.throttling]
throttle_decision_endpoints = ["tcp://a:5672"]

[[apim.throttling.url_group]]
traffic_manager_urls = ["tcp://a:9611", "tcp://c:9611"]

[[apim.throttling.url_group]]
traffic_manager_urls = ["tcp://b:9611"]
traffic_manager_auth_urls = ["ssl://b:9711"]

[[event_listener]]
id = "token_revocation"
order = 1

[event_listener.properties]
notification_endpoint = "https://km/notify"
username = "${admin.username}"
'header.X-WSO2-KEY-MANAGER' = "default"

[service_provider]
sp_name_regex = "^[\\sa-z]*$"

[oauth.token_validation]
user_access_token_validity = 7200

[secrets]
admin_password = "[REPLACE_ME]"
"#
    );
    assert!(written.problems.is_empty(), "{:?}", written.problems);
}

#[test]
fn masks_secrets_in_what_is_shown() {
    let node = node([
        ("super_admin.password", Value::text("s3cret")),
        ("database.apim_db.url", Value::text("jdbc:mysql://h/d?user=a&password=s3cret")),
        ("event_listener[0].properties.password", Value::text("${admin.password}")),
        ("keystore.tls.password", Value::Integer(12345)),
    ]);
    let written = text(&node, &Catalog::built_in(), &|_, _| String::new(), &|_| Vec::new());
    assert!(written.text.contains("password = \"s3cret\"") && written.text.contains("password = 12345"));
    assert!(!written.shown.contains("s3cret") && !written.shown.contains("12345"), "{}", written.shown);
    assert!(written.shown.contains("password = \"********\""));
    assert!(written.shown.contains("password = \"${admin.password}\""));
}

#[test]
fn says_when_no_spelling_fits_all_places() {
    let node = node([
        ("super_admin.password", Value::text("p&w")),
        ("apim.event_hub.event_listening_endpoints", Value::list(["tcp://a:1?x&y"])),
    ]);
    let written = text(&node, &Catalog::built_in(), &|_, _| String::new(), &|_| Vec::new());
    assert!(written.text.contains("password = \"p&amp;w\""));
    let severities: Vec<_> = written.problems.iter().map(|problem| problem.severity).collect();
    assert_eq!(severities, [Severity::Error, Severity::Warning]);
    assert!(written.problems.iter().all(|problem| !problem.message.contains("p&w")));
}

#[test]
fn leaves_out_keys_that_cannot_be_written() {
    let rendered = render([
        ("a.'it's'.b", "1".to_owned()),
        ("b", "1".to_owned()),
        ("b.c", "2".to_owned()),
        ("d[0].e", "3".to_owned()),
        ("d.f", "4".to_owned()),
        ("g[x].h", "5".to_owned()),
    ]);
    let keys: Vec<&str> = rendered.faults.iter().map(|(key, _)| key.as_str()).collect();
    assert_eq!(keys, ["a.'it's'.b", "b.c", "d.f", "g[x].h"]);
    assert_eq!(rendered.text, "b = 1\n\n[[d]]\ne = 3\n");
}

#[test]
fn quotes_control_characters() {
    assert_eq!(basic_string("a\u{1}\u{7f}\n\"\\é"), r#""a\u0001\u007F\n\"\\é""#);
}

/// The way back from what is written to the value: raw blocks and entities undone, as the mapper and an XML
/// parser do it.
fn undone(text: &str) -> String {
    let text = text.strip_prefix("{% raw %}").and_then(|text| text.strip_suffix("{% endraw %}")).unwrap_or(text);
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

proptest! {
    #[test]
    fn what_is_written_parses_back(values in prop::collection::vec(
        prop_oneof![
            "[ -~äß\n\t]{0,12}".prop_map(Value::text),
            any::<i64>().prop_map(Value::Integer),
            any::<bool>().prop_map(Value::Boolean),
            prop::collection::vec("[ -~]{0,6}", 0..3).prop_map(Value::List),
        ],
        6,
    )) {
        let keys = ["x.a", "x.b[0].'c d'", "x.b[1].e", "x.b[1].f.g", "y", "'z.z'.q"];
        let entries: IndexMap<String, Entry> = keys
            .iter()
            .zip(&values)
            .map(|(key, value)| ((*key).to_owned(), Entry::derived(value.clone(), "test")))
            .collect();
        let node = TargetNode { entries, ..node([]) };
        let written = text(&node, &Catalog::built_in(), &|_, _| String::new(), &|_| Vec::new());
        let parsed: toml::Table = written.text.parse().unwrap();
        let x = &parsed["x"];
        let found =
            [&x["a"], &x["b"][0]["c d"], &x["b"][1]["e"], &x["b"][1]["f"]["g"], &parsed["y"], &parsed["z.z"]["q"]];
        for (found, value) in found.into_iter().zip(&values) {
            let found = match found {
                toml::Value::String(text) => Value::Text(undone(text)),
                toml::Value::Integer(number) => Value::Integer(*number),
                toml::Value::Boolean(flag) => Value::Boolean(*flag),
                toml::Value::Array(items) => Value::list(items.iter().map(|item| undone(item.as_str().unwrap()))),
                other => panic!("{other:?}"),
            };
            prop_assert_eq!(&found, value);
        }
    }
}

#[test]
fn writes_what_cannot_be_seen_by_its_number() {
    let value = "a\u{202e}b\u{2028}\u{85}\u{9b}\u{1b}\u{e0041}ü";
    let written = basic_string(value);
    assert_eq!(written, r#""a\u202Eb\u2028\u0085\u009B\u001B\U000E0041ü""#);
    let read: toml::Table = format!("a = {written}\n").parse().unwrap();
    assert_eq!(read["a"].as_str(), Some(value));
}
