//! `verify --static` before a product of our own: its tables and templates are all that is asked, Java is not.

use serde_json::Value;

use super::Scratch;

const FILE: &str = "\
[server]
hostname = \"a.example.com\"
offset = 1
[cache]
time = \"15m\"
[[gateway]]
name = \"Default\"
urls = [\"https://a\", \"https://b\"]
";

/// A pack that reads a few keys, and a node's file for it.
pub(super) fn scratch(file: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.put("home/bin/version.txt", b"Our own API Manager v4.4.0\n");
    scratch.put("home/lib/none.jar", b"");
    let conf = "home/repository/resources/conf";
    for (name, text) in [
        ("default.json", "{\"server.offset\": \"0\", \"server.kind\": \"plain\"}"),
        ("key-mappings.json", "{\"server.host\": \"server.hostname\"}"),
        ("infer.json", "{\"server.kind\": {\"big\": {\"server.size\": \"9\"}}}"),
        ("unit-resolve.json", "{\"time\": {\"cache.time\": \"s\"}}"),
        (
            "validator.json",
            "{\"server.kind\": [{\"regex\": \"plain|big\", \"error_message\": \"the kind is plain or big\"}]}",
        ),
        (
            "templates/repository/conf/carbon.xml.j2",
            "<Server>\n  <HostName>{{ server.hostname }}</HostName>\n  <Offset>{{ server.offset }}</Offset>\n  \
             <Size>{{ server.size }}{{ server.kind }}</Size>\n  <Time>{{ cache.time }}</Time>\n\
             {% for one in gateway %}\n  <Gateway name=\"{{ one.name }}\">{{ one.urls.toList()|join(',') }}</Gateway>\n\
             {% endfor %}\n</Server>\n",
        ),
    ] {
        scratch.put(&format!("{conf}/{name}"), text.as_bytes());
    }
    scratch.put("out/node/repository/conf/deployment.toml", file.as_bytes());
    scratch
}

/// The complaints, as `kind key line`, and the code.
fn complaints(file: &str) -> (i32, Vec<String>) {
    let run = scratch(file).run(&["verify", "out", "--product", "home", "--static", "--format", "json"]);
    let json = run.json();
    super::schema::check("verify", &json);
    let node = &json["nodes"][0];
    assert_eq!(node["method"], "static");
    let shown = |complaint: &Value| {
        format!(
            "{} {} {}",
            complaint["kind"].as_str().unwrap(),
            complaint["key"].as_str().unwrap_or("-"),
            complaint["line"]
        )
    };
    (run.exit, node["complaints"].as_array().unwrap().iter().map(shown).collect())
}

#[test]
fn a_sound_file_is_accepted_and_every_key_lives() {
    let run = scratch(FILE).run(&["verify", "out", "--product", "home", "--static"]);
    assert_eq!((run.exit, run.stderr.as_str()), (0, ""), "{}", run.stdout);
    assert_eq!(
        run.stdout,
        "node/repository/conf/deployment.toml: accepted by Our own API Manager 4.4.0, by its tables and templates alone\n\
         1 of 1 file accepted; 1 file rendered, 0 not well-formed; 5 keys written, 0 dead, 0 printed otherwise\n"
    );
}

#[test]
fn each_fault_is_told_with_its_key_and_line() {
    for (change, to, expected) in [
        ("offset = 1", "offsett = 1", "unknown-key server.offsett 3"),
        ("[cache]\ntime", "[cahce]\ntime", "unknown-key cahce.time 5"),
        ("\"15m\"", "\"soon\"", "wrong-type cache.time 5"),
        ("\"15m\"", "[15]", "wrong-type cache.time 5"),
        ("[\"https://a\", \"https://b\"]", "\"https://a\"", "wrong-type gateway[0].urls 8"),
        ("offset = 1", "kind = \"huge\"", "invalid server.kind 3"),
        ("offset = 1", "offset = \"$ref{server.nothing}\"", "unresolved server.offset 3"),
        ("offset = 1", "offset = \"$secret{nothing}\"", "unresolved server.offset 3"),
        ("offset = 1", "offset = ", "syntax - 3"),
    ] {
        assert_eq!(complaints(&FILE.replace(change, to)), (3, vec![expected.to_owned()]), "{to}");
    }
    // Another name for a key is as good, and so is a value of the environment, whatever it is.
    assert_eq!(complaints(&FILE.replace("hostname", "host")), (0, vec![]));
    assert_eq!(complaints(&FILE.replace("\"Default\"", "\"$env{A_NAME_OF_THE_SERVER}\"")), (0, vec![]));
}

#[test]
fn the_very_bytes_are_tried() {
    let utf16: Vec<u8> = std::iter::once(0xfeff).chain(FILE.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    for (bytes, said) in [([&b"\xef\xbb\xbf"[..], FILE.as_bytes()].concat(), "byte order mark"), (utf16, "UTF-16LE")] {
        let scratch = scratch(FILE);
        scratch.put("out/node/repository/conf/deployment.toml", &bytes);
        let run = scratch.run(&["verify", "out", "--product", "home", "--static"]);
        assert_eq!(run.exit, 3, "{}{}", run.stdout, run.stderr);
        assert!(run.stdout.contains(said) && run.stdout.contains("0 of 1 file accepted"), "{}", run.stdout);
    }
    // Bytes that are no UTF-8 are taken; the value that they stand in is another one then.
    let scratch = scratch(FILE);
    let latin = FILE.replace("a.example.com", "\u{1}").into_bytes();
    let latin: Vec<u8> = latin.into_iter().map(|byte| if byte == 1 { 0xfc } else { byte }).collect();
    scratch.put("out/node/repository/conf/deployment.toml", &latin);
    assert_eq!(scratch.run(&["verify", "out", "--product", "home", "--static"]).exit, 0);
}

#[test]
fn the_name_that_was_meant_is_told() {
    let run = scratch(&FILE.replace("offset", "offsett")).run(&["verify", "out", "--product", "home", "--static"]);
    let told = "deployment.toml:3:11: server.offsett: no table and no template of the product names this key: was \
                server.offset meant?";
    assert!(run.stdout.contains(told), "{}", run.stdout);
}

#[test]
fn what_breaks_a_rendered_file_is_found_with_its_key() {
    let run = scratch(&FILE.replace("a.example.com", "a&b")).run(&["verify", "out", "--product", "home", "--static"]);
    assert_eq!(run.exit, 3);
    assert!(run.stdout.contains("repository/conf/carbon.xml:2:"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_told_is_said_to_be_not_judged() {
    let scratch = scratch(&FILE.replace("\"Default\"", "\"$sys{some.name}\""));
    scratch.put("home/repository/resources/conf/templates/repository/conf/b.xml.j2", b"{% while x %}");
    let run = scratch.run(&["verify", "out", "--product", "home", "--static"]);
    for told in [
        "note: not judged: repository/conf/b.xml is not rendered, since its template has, in 1:1, the tag `while`",
        "note: not judged: gateway: it depends on the Java property some.name of the server",
    ] {
        assert!(run.stdout.contains(told), "{}", run.stdout);
    }
}
