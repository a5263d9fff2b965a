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
    let said = said_of(&scratch);
    assert!(!said.contains("SESAME"), "{said}");
    let report = std::fs::read_to_string(scratch.path("out/migration-report.json")).unwrap();
    for number in 1..=7 {
        assert!(report.contains(&format!("VISIBLE-{number}")), "VISIBLE-{number}");
    }
}

/// All that the commands say of `in`, and what they write for people.
fn said_of(scratch: &Scratch) -> String {
    let mut said = String::new();
    for args in [
        &["plan", "in"][..],
        &["plan", "in", "--format", "json"],
        &["convert", "in", "--out", "out"],
        &["check", "in"],
        &["check", "in", "--format", "json"],
        &["check", "in", "--format", "sarif"],
    ] {
        let run = scratch.run(args);
        said.extend([run.stdout, run.stderr]);
    }
    for file in ["out/CHECKLIST.md", "out/migration-report.json"] {
        said.push_str(&std::fs::read_to_string(scratch.path(file)).unwrap());
    }
    said
}

/// An entity whose name says that it is a secret is one wherever it stands, also as a host that much is derived from.
#[test]
fn the_text_of_a_secret_entity_is_not_shown() {
    let scratch = Scratch::new();
    scratch.put(
        "in/am/repository/conf/carbon.xml",
        br#"<?xml version="1.0"?>
<!DOCTYPE Server [ <!ENTITY dbPassword "S3SAME-1"> <!ENTITY host "visible.example.com"> ]>
<Server><ServerKey>AM</ServerKey><Version>2.6.0</Version><HostName>&dbPassword;</HostName><MgtHostName>&host;</MgtHostName></Server>"#,
    );
    scratch.put(
        "in/am/repository/conf/api-manager.xml",
        br#"<?xml version="1.0"?>
<!DOCTYPE APIManager [ <!ENTITY apiKey 'S3SAME-2'> ]>
<APIManager><Own note="&apiKey;">x &apiKey; y</Own><APIStore><URL>https://&apiKey;/store</URL></APIStore>
<APIGateway><Environments><Environment type="hybrid"><Name>&apiKey;</Name></Environment></Environments></APIGateway></APIManager>"#,
    );
    let said = said_of(&scratch);
    assert!(!said.to_uppercase().contains("S3SAME"), "{said}");
    assert!(said.contains("visible.example.com"));
    let nodes = std::fs::read_dir(scratch.path("out")).unwrap().map(|entry| entry.unwrap().path());
    let written = nodes.filter_map(|node| std::fs::read_to_string(node.join("repository/conf/deployment.toml")).ok());
    assert!(written.collect::<String>().contains("S3SAME-1"), "the server gets it");
}

/// Below a commented-out name the lines of its value are masked too, and the next setting is not.
#[test]
fn values_that_are_commented_out_are_masked_to_their_ends() {
    let scratch = Scratch::new();
    let comments =
        "# password = \"\"\"\n# S3SAME\n# \"\"\"\n# <!-- <Password>\n# S3SAME\n# </Password> -->\n# port = 4711\n";
    let file = format!("{NODE}{comments}\n[secrets]\n# old = \"S3SAME\"\nnew = \"[S3SAME]\"\n");
    scratch.put("in/am/repository/conf/deployment.toml", file.as_bytes());
    let said = said_of(&scratch);
    assert!(!said.contains("S3SAME") && said.contains("# port = 4711"), "{said}");
}

/// log4j2 resolves no `$env{X}`: that one stands in the additions is told with its place.
#[test]
fn references_in_the_logging_additions_are_told() {
    let scratch = Scratch::new();
    scratch.put(
        "in/am/repository/conf/carbon.xml",
        b"<Server><ServerKey>AM</ServerKey><Version>2.6.0</Version><HostName>am.example.com</HostName></Server>",
    );
    scratch.put(
        "in/am/repository/conf/log4j.properties",
        b"log4j.rootLogger=INFO, S\nlog4j.appender.S=org.apache.log4j.net.SyslogAppender\nlog4j.appender.S.SyslogHost=$env{LOG_HOST}\nlog4j.logger.org.acme=DEBUG, $secret{x}\n",
    );
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    let report = run.json();
    let told: Vec<_> = report["deployments"][0]["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["code"] == "variable-unknown")
        .collect();
    assert!(
        told.iter().any(|one| one["line"] == 3 && one["message"].to_string().contains("${env:LOG_HOST}")),
        "{told:?}"
    );
}

/// A profile in a file that a 3.x server writes itself, and that deployment.toml has otherwise or not at all, is told.
#[test]
fn a_second_source_of_a_list_is_told() {
    let scratch = Scratch::new();
    let own = "[[keystore.ssl_profile.custom]]\nservers = \"a.example.com:443\"\ntruststore.location = \"a.jks\"\n";
    scratch.put("in/am/repository/conf/deployment.toml", format!("{NODE}{own}").as_bytes());
    let profile = |servers: &str, location: &str| {
        format!(
            "<profile><servers>{servers}</servers><TrustStore><Location>{location}</Location></TrustStore></profile>"
        )
    };
    let file = |profiles: &[String]| format!("<parameter name=\"customSSLProfiles\">{}</parameter>", profiles.concat());
    let told = |profiles: &[String]| -> Vec<String> {
        scratch.put("in/am/repository/resources/security/sslprofiles.xml", file(profiles).as_bytes());
        let report = scratch.run(&["plan", "in", "--format", "json"]).json();
        let all = report["deployments"][0]["findings"].as_array().unwrap().clone();
        let told = all.iter().filter(|one| one["code"] == "rendered-file-differs");
        told.map(|one| one["message"].to_string()).collect()
    };
    assert!(told(&[profile("a.example.com:443", "a.jks")]).is_empty());
    let other = told(&[profile("a.example.com:443", "b.jks"), profile("c.example.com:443", "c.jks")]);
    assert_eq!(other.len(), 2, "{other:?}");
    assert!(other.iter().all(|message| message.contains("deployment.toml, which holds")), "{other:?}");
}

/// The name of an entry is no secret, though the leaf of a secret in it brings it along.
#[test]
fn servers_of_a_profile_with_a_password_are_shown() {
    let scratch = Scratch::new();
    let profile = "<parameter name=\"customSSLProfiles\"><profile><servers>b.example.com:8443</servers><TrustStore>\
                   <Location>b.jks</Location><Password>sesame</Password></TrustStore></profile></parameter>";
    let carbon =
        "<Server><ServerKey>AM</ServerKey><Version>2.6.0</Version><HostName>am.example.com</HostName></Server>";
    scratch.put("in/am/repository/conf/carbon.xml", carbon.as_bytes());
    scratch.put(
        "in/am/repository/conf/api-manager.xml",
        b"<APIManager><DataSourceName>jdbc/A</DataSourceName></APIManager>",
    );
    scratch.put("in/am/repository/resources/security/sslprofiles.xml", profile.as_bytes());
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    let targets = report["deployments"][0]["settings"].as_array().unwrap().iter();
    let targets: Vec<_> = targets.flat_map(|setting| setting["targets"].as_array().unwrap()).collect();
    let values = |field: &str| -> Vec<&str> {
        let of = targets.iter().filter(|to| to["key"].as_str().unwrap().ends_with(field));
        of.map(|to| to["value"].as_str().unwrap()).collect()
    };
    assert_eq!(values("].servers"), ["b.example.com:8443"; 3]);
    assert_eq!(values("].truststore.password"), ["********"]);
}
