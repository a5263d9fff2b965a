//! The mapper's steps on a small product of our own.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use super::mapper::{Refusal, map, render_all};
use super::names::Names;
use super::tables::{Tables, TablesError};

const DEFAULTS: &str = r#"{
  "server.hostname": "here",
  "server.url": "https://$ref{server.hostname}:$ref{server.port}/",
  "server.port": 9443.0,
  "server.hosts": ["a", "$ref{server.hostname}"],
  "cache.time": "15m",
  "roles": [{"name": "x", "may.read": true}]
}"#;
const ALIASES: &str = r#"{
  "server.name": "server.hostname",
  "server.both": ["server.one", "server.two"],
  "entry:old_name": "entry:name"
}"#;
const INFERENCE: &str = r#"{
  "server.kind": {"small": {"server.size": 1.0, "server.mode": "plain"}},
  "server.mode": {"plain": {"server.fancy": false}},
  "database.$1.type": {"mysql": {"database.$1.driver": "com.mysql.$1", "database.$1.port": "$ref{server.port}"}}
}"#;
const UNITS: &str = r#"{"time": {"cache.time": "s", "cache.long": "d"}}"#;
const VALIDATORS: &str = r#"{
  "server.size": [{"if": {"server.mode": "custom"}, "regex": ".+", "error_message": "a size is wanted"}],
  "server.text": [{"match_regex": ""}],
  "store.type": [{"if": {"store.on": true}, "regex": "\\Aa\\Z|\\Ab\\Z"}]
}"#;
const TEMPLATE: &str = "\
<a host=\"{{ server.hostname }}\" url=\"{{ server.url }}\">
{% for name, db in database.items() %}
  <{{ name }} driver=\"{{ db.driver }}\" port=\"{{ db.port }}\"/>
{% endfor %}
{% for host in server.hosts.toList() %}
  <host>{{ host }}</host>
{% endfor %}
{% for one in entry %}
  <entry name=\"{{ one.name }}\" odd=\"{{ one['odd.name'] }}\"/>
{% endfor %}
  {{ server.one }}{{ server.two }} {{ cache.time }} {{ server.size }} {{ server.fancy }}
</a>
";

fn write(path: &Path, text: &str) {
    fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn tables() -> Tables {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| write(&folder.path().join(name), text);
    fs::create_dir_all(folder.path().join("templates/conf")).unwrap();
    write("default.json", DEFAULTS);
    write("key-mappings.json", ALIASES);
    write("infer.json", INFERENCE);
    write("unit-resolve.json", UNITS);
    write("validator.json", VALIDATORS);
    write("templates/conf/a.xml.j2", TEMPLATE);
    Tables::read(folder.path()).unwrap()
}

fn value(text: &str, key: &str) -> String {
    let environment = |name: &str| (name == "HOST").then(|| "there".to_owned());
    match map(&tables(), text, &environment) {
        Ok(mapped) => mapped.values.get(key).map_or_else(|| "-".to_owned(), super::data::Data::shown),
        Err(refusal) => format!("!! {refusal}"),
    }
}

#[test]
fn takes_the_mapper_s_steps_in_their_order() {
    for (text, key, expected) in [
        ("", "server.url", "https://here:9443.0/"),
        ("[server]\nhostname = \"h\"", "server.url", "https://h:9443.0/"),
        ("[server]\nname = \"h\"", "server.hostname", "h"),
        ("[server]\nname = \"h\"", "server.name", "-"),
        ("[server]\nboth = 1", "server.two", "1"),
        ("[server]\nkind = \"small\"", "server.size", "1"),
        ("[server]\nkind = \"small\"", "server.fancy", "false"),
        ("[server]\nkind = \"small\"\nsize = 7", "server.size", "7"),
        ("[database.x]\ntype = \"mysql\"", "database.x.driver", "com.mysql.x"),
        ("[database.x]\ntype = \"mysql\"", "database.x.port", "9443.0"),
        ("", "server.hosts", "[a, here]"),
        ("[server]\nhosts = [\"$env{HOST}\"]", "server.hosts", "[there]"),
        ("[a]\nb = \"$ref{server.hosts}!\"", "a.b", "[a, here]"),
        ("", "cache.time", "900"),
        ("[cache]\ntime = \"1500ms\"", "cache.time", "1"),
        ("[cache]\ntime = 7", "cache.time", "7"),
        ("[cache]\ntime = \"2 h\"", "cache.time", "7200"),
        ("[[entry]]\nold_name = \"x\"", "entry", "[{name=x}]"),
        ("[[entry]]\nx = \"$ref{server.hostname}\"", "entry", "[{x=$ref{server.hostname}}]"),
        ("a.'b.c' = 1", "a.'b.c'", "1"),
        // As measured with the mapper of 4.5.0: the order of an entry is that of its names with double quotes.
        (
            "[[entry]]\n[entry.properties]\n'header.X-WSO2-KEY-MANAGER' = 1\nnm.k = 2",
            "entry",
            "[{properties.'header.X-WSO2-KEY-MANAGER'=1, properties.nm.k=2}]",
        ),
        ("[secrets]\nx = \"y\"\n[a]\nb = \"$secret{x}\"", "a.b", "$secret{x}"),
    ] {
        assert_eq!(value(text, key), expected, "{text:?}");
    }
}

#[test]
fn stops_where_the_mapper_stops() {
    for (text, expected) in [
        ("a = ", "!! string values must be quoted, expected literal string"),
        (
            "[a.b]\nc = 1\n[a]\nd = 1",
            "!! the table [a] stands after a table inside it: the product's reader wants it before",
        ),
        ("a = [1, \"b\"]", "!! `a` is a list of different types: the product's reader wants one"),
        ("\"it's\" = 1", "!! the key `it's` has a quote or a backslash in it, which the product cannot read"),
        ("a = \"$ref{b.c}\"", "!! `a` refers to the key `b.c`, which is not given and has no default"),
        ("a = \"$ref{b}\"\nb = \"$ref{a}\"", "!! the keys a, b refer to each other in a circle"),
        ("a = \"$ref{b}@$ref{c}\"\nb = [{ k = 1 }]\nc = \"x\"", "!! `a` must be a text, and is a table"),
        ("a = \"$env{NOPE}\"", "!! `a` refers to the environment variable NOPE, which is not set"),
        ("a = \"$secret{x}\"", "!! `a` refers to the secret `x`, which [secrets] does not have"),
        (
            "a = \"$secret{x}\"\n[secrets]\nx = \"[plain]\"",
            "!! `a` refers to the secret `x`, whose value in [secrets] is not encrypted yet",
        ),
        (
            "cache.time = true",
            "!! `cache.time` is a duration: a number or a text with a unit is wanted, and it is a boolean",
        ),
        ("cache.time = \"soon\"", "!! `cache.time` is a duration: there is no number in its value"),
        ("cache.time = \"5w\"", "!! `cache.time` is a duration: `w` is no unit: ms, s, m, h or d"),
        (
            "cache.long = \"5h\"",
            "!! `cache.long` is a duration: its value is less than one d, the unit that the product prints it in",
        ),
        ("server.mode = \"custom\"", "!! `server.size`: a size is wanted"),
        ("server.text = 5", "!! `server.text` must be a text, and is a number"),
        ("store.on = true\nstore.type = \"c\"", r"!! `store.type`: its value must match (?:\Aa\z|\Ab\z)"),
    ] {
        assert_eq!(value(text, "none"), expected, "{text:?}");
    }
}

#[test]
fn says_what_it_cannot_tell() {
    let why = |text: &str| {
        let mapped = map(&tables(), text, &|_| None).unwrap();
        mapped.unjudged.iter().map(|one| format!("{}: {}", one.key, one.why)).collect::<Vec<_>>().join("; ")
    };
    assert_eq!(why("a = \"x\""), "");
    assert_eq!(why("a = \"{{ 7 }}\""), "a: its value holds template code, which the product executes");
    assert_eq!(why("a = [\"$sys{x.y}\"]"), "a: it depends on the Java property x.y of the server");
}

#[test]
fn notes_secrets_that_the_mapper_overlooks() {
    let text = "a = \"$secret{x}\"\nb = \"$secret{y}\"\n[secrets]\nx = \"e\"\n";
    let mapped = map(&tables(), text, &|_| None).unwrap();
    assert_eq!(mapped.overlooked, [("b".to_owned(), "y".to_owned())]);
}

#[test]
fn renders_the_templates() {
    let tables = tables();
    let text = "[database.x]\ntype = \"mysql\"\n[server]\nkind = \"small\"\nboth = 3\n[[entry]]\nname = \"n\"\n'odd.name' = \"o\"";
    let mapped = map(&tables, text, &|_| None).unwrap();
    let files = render_all(&tables, &mapped.values).unwrap();
    let expected = "\
<a host=\"here\" url=\"https://here:9443.0/\">
  <x driver=\"com.mysql.x\" port=\"9443.0\"/>
  <host>a</host>
  <host>here</host>
  <entry name=\"n\" odd=\"o\"/>
  33 900 1 false
</a>
";
    assert_eq!(files["conf/a.xml"], expected);
    let mapped = map(&tables, "[server]\nhosts = \"a\"", &|_| None).unwrap();
    let Err(Refusal::Template { file, error }) = render_all(&tables, &mapped.values) else { panic!("no refusal") };
    assert_eq!((file.as_str(), error.position.line), ("conf/a.xml", 5));
    assert_eq!(error.to_string(), "`server.hosts`: a text has no toList()");
}

#[test]
fn knows_names() {
    let names = Names::of(&tables());
    for known in [
        "server.hostname",
        "server.name",
        "server",
        "database.any.type",
        "database.any.driver",
        "entry[].'odd.name'",
        "entry[].old_name",
        "roles[].may.read",
        "cache.'long'",
    ] {
        assert!(names.knows(known), "{known}");
    }
    for unknown in ["server.hostnames", "database.any.type.more", "entry[].other", "nothing"] {
        assert!(!names.knows(unknown), "{unknown}");
    }
}

#[test]
fn says_where_a_table_is_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Tables::read(folder.path()).unwrap_err();
    assert!(matches!(missing, TablesError::Io { .. }), "{missing}");
    for name in ["key-mappings.json", "infer.json", "unit-resolve.json", "validator.json"] {
        write(&folder.path().join(name), "{}");
    }
    write(&folder.path().join("default.json"), "{\n  \"a\": ]\n}");
    let damaged = Tables::read(folder.path()).unwrap_err().to_string();
    assert!(damaged.starts_with("default.json:2:8: expected value"), "{damaged}");
    write(&folder.path().join("default.json"), "{}");
    write(&folder.path().join("infer.json"), "{\"a\": 5}");
    let wrong = Tables::read(folder.path()).unwrap_err().to_string();
    assert_eq!(wrong, "infer.json: `a`: expected a table of values, each with a table of keys");
}
