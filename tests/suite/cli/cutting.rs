//! How an INPUT is cut into deployments: each comes out as if it were given alone.

use apim_migrate::text::Parts as _;
use std::collections::BTreeMap;
use std::path::Path;

use serde_json::Value;

use super::{Scratch, corpus, files, findings};

/// The inputs of our cases, each with hosts of its own, and the published deployments where they are.
fn deployments() -> Vec<(String, BTreeMap<String, Vec<u8>>)> {
    let mut found = Vec::new();
    let cases = folders(&corpus()).into_iter().filter(|case| corpus().join(case).join("in").is_dir());
    for (number, case) in cases.enumerate() {
        let site = format!("site{}.", char::from(b'a' + u8::try_from(number).unwrap()));
        let own =
            files(&corpus().join(&case).join("in")).into_iter().map(|(path, bytes)| match String::from_utf8(bytes) {
                Ok(text) => (path, text.replace("example.", &site).into_bytes()),
                Err(error) => (path, error.into_bytes()),
            });
        found.push((case, own.collect()));
    }
    if let Some(shared) = std::env::var_os("APIM_MIGRATE_SHARED") {
        let published = Path::new(&shared).join("corpus");
        let names = folders(&published).into_iter().filter(|name| !name.starts_with('_'));
        found.extend(names.map(|name| (format!("published-{name}"), files(&published.join(&name)))));
    }
    found
}

fn folders(of: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(of).unwrap().map(|entry| entry.unwrap()).filter(|entry| entry.path().is_dir());
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Entries of `deployments[]` without what says where they lie, in an order of their own.
fn entries(report: &Value, is_own: &dyn Fn(&str) -> bool) -> Vec<String> {
    let own = report["deployments"].as_array().unwrap().iter().filter(|one| is_own(one["name"].as_str().unwrap()));
    let mut entries: Vec<String> = own.map(|one| plain(one).to_string()).collect();
    entries.sort();
    entries
}

fn plain(deployment: &Value) -> Value {
    let mut out = deployment.clone();
    let name = out["name"].as_str().unwrap().to_owned();
    out["name"] = Value::Null;
    out["path"] = Value::Null;
    let short = |path: &mut Value| {
        let text = path.as_str().unwrap().trim_start_matches(&format!("{name}/")).to_owned();
        *path = text.into();
    };
    for node in out["target"]["nodes"].as_array_mut().unwrap() {
        short(&mut node["file"]);
        node["beside"].as_array_mut().unwrap().iter_mut().for_each(short);
    }
    out
}

/// The texts of the new nodes' files, sorted: whose folder they lie in may differ.
fn texts(folder: &Path, is_own: &dyn Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let written = files(folder).into_iter().filter(|(path, _)| path.contains("/repository/conf/") && is_own(path));
    let mut texts: Vec<Vec<u8>> = written.map(|(_, bytes)| bytes).collect();
    texts.sort();
    texts
}

#[test]
fn a_deployment_comes_out_alike_whatever_lies_beside_it() {
    let scratch = Scratch::new();
    let all = deployments();
    for (name, own) in &all {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, bytes) in own {
            scratch.put(&format!("together/{name}/{path}"), bytes);
            let mut header = tar::Header::new_gnu();
            header.set_size(bytes.len() as u64);
            header.set_mode(0o644);
            archive.append_data(&mut header, format!("{name}/{path}"), &bytes[..]).unwrap();
        }
        scratch.put(&format!("archives/{name}.tar"), &archive.into_inner().unwrap());
    }
    let run = |inputs: &[String], out: &str| {
        let inputs: Vec<&str> = inputs.iter().map(String::as_str).collect();
        scratch.run(&[&["convert"], &inputs[..], &["--out", out, "--format", "json"]].concat())
    };
    let converted = |inputs: &[String], out: &str| {
        let run = run(inputs, out);
        assert_ne!(run.exit, 1, "{}", run.stderr);
        run.json()
    };
    let each: Vec<String> = all.iter().map(|(name, _)| format!("together/{name}")).collect();
    let others = [
        ("one folder", converted(&["together".to_owned()], "out-folder"), "out-folder"),
        ("archives", converted(&["archives".to_owned()], "out-archives"), "out-archives"),
        ("inputs", converted(&each, "out-inputs"), "out-inputs"),
    ];
    for (name, _) in &all {
        let alone = converted(&[format!("together/{name}")], "alone");
        let expected = (entries(&alone, &|_| true), texts(&scratch.path("alone"), &|_| true));
        std::fs::remove_dir_all(scratch.path("alone")).unwrap();
        let own = |other: &str| other == name || other.starts_with(&format!("{name}/"));
        for (how, report, out) in &others {
            let found = (entries(report, &own), texts(&scratch.path(out), &own));
            assert!(found.0 == expected.0, "{name} in {how}: another entry");
            assert!(found.1 == expected.1, "{name} in {how}: other files");
        }
    }
}

const CARBON: &str = "<Server><ServerKey>AM</ServerKey><Version>2.6.0</Version><HostName>HOST</HostName></Server>";

fn node(scratch: &Scratch, folder: &str, host: &str, manager: &str) {
    scratch.put(&format!("{folder}/repository/conf/carbon.xml"), CARBON.replace("HOST", host).as_bytes());
    let manager = format!("<APIManager>{manager}</APIManager>");
    scratch.put(&format!("{folder}/repository/conf/api-manager.xml"), manager.as_bytes());
}

fn names(report: &Value) -> Vec<(String, Vec<String>)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let of = |one: &Value| {
        let nodes = one["source"]["nodes"].as_array().unwrap().iter().map(|node| text(&node["name"]));
        (text(&one["name"]), nodes.collect())
    };
    report["deployments"].as_array().unwrap().iter().map(of).collect()
}

fn own(name: &str, nodes: &[&str]) -> (String, Vec<String>) {
    (name.to_owned(), nodes.iter().map(|node| (*node).to_owned()).collect())
}

const KEY_MANAGER: &str = "<APIKeyValidator><ServerURL>https://km.HOST:9443/services/</ServerURL></APIKeyValidator>";

#[test]
fn nodes_of_one_folder_are_split_by_the_hosts_that_they_name() {
    let scratch = Scratch::new();
    for site in ["prod", "test"] {
        let domain = format!("{site}.example.com");
        node(&scratch, &format!("in/{site}-gateway"), &format!("gw.{domain}"), &KEY_MANAGER.replace("HOST", &domain));
        node(&scratch, &format!("in/{site}-keymanager"), &format!("km.{domain}"), "");
    }
    node(&scratch, "in/demo", "demo.example.com", "<DataSourceName>x</DataSourceName>");
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    let expected = [
        own("demo", &["demo"]),
        own("prod", &["prod-gateway", "prod-keymanager"]),
        own("test", &["test-gateway", "test-keymanager"]),
    ];
    assert_eq!(names(&report), expected);
}

/// A node of 4.0 of one site: its role, its host, its database, and whom it names.
fn of_site(scratch: &Scratch, path: &str, site: &str, role: &str) {
    let (label, names) = match role {
        "control-plane" => (
            "api",
            format!(
                "[[apim.gateway.environment]]\nname = \"Default\"\nservice_url = \"https://gw.{site}:9443/services/\"\n\
                 [apim.throttling]\nservice_url = \"https://tm.{site}:9443/services/\"\n"
            ),
        ),
        "gateway-worker" => (
            "gw",
            format!(
                "[apim.key_manager]\nservice_url = \"https://api.{site}:9443/services/\"\n\
                 [apim.throttling]\nservice_url = \"https://tm.{site}:9443/services/\"\n"
            ),
        ),
        _ => ("tm", format!("[apim.key_manager]\nservice_url = \"https://api.{site}:9443/services/\"\n")),
    };
    let database = format!(
        "[database.apim_db]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.{site}:3306/apim\"\nusername = \"a\"\npassword = \"b\"\n"
    );
    let database = if role == "gateway-worker" { "" } else { &*database };
    let text = format!("[server]\nhostname = \"{label}.{site}\"\nserver_role = \"{role}\"\n{database}{names}");
    scratch.put(path, text.as_bytes());
}

const PROFILES: [(&str, &str); 3] = [("cp", "control-plane"), ("gw", "gateway-worker"), ("tm", "traffic-manager")];

#[test]
fn numbered_names_join_no_environments_that_hosts_and_databases_tell_apart() {
    let scratch = Scratch::new();
    for (number, site) in [("1", "prod.example.com"), ("2", "stage.example.com")] {
        for (name, role) in PROFILES {
            of_site(&scratch, &format!("in/{name}-{number}/repository/conf/deployment.toml"), site, role);
        }
    }
    let expected = [own("cp-1", &["cp-1", "gw-1", "tm-1"]), own("cp-2", &["cp-2", "gw-2", "tm-2"])];
    assert_eq!(names(&scratch.run(&["plan", "in", "--format", "json"]).json()), expected);
}

#[test]
fn a_node_of_another_environment_stays_apart_from_a_whole_one() {
    for (name, role) in PROFILES {
        let scratch = Scratch::new();
        for (name, role) in PROFILES {
            of_site(&scratch, &format!("in/prod-{name}/repository/conf/deployment.toml"), "prod.example.com", role);
        }
        of_site(&scratch, &format!("in/stage-{name}/repository/conf/deployment.toml"), "stage.example.com", role);
        let stage = format!("stage-{name}");
        let expected = [own("prod", &["prod-cp", "prod-gw", "prod-tm"]), own(&stage, &[&stage])];
        let run = scratch.run(&["plan", "in", "--format", "json"]);
        assert_eq!(names(&run.json()), expected, "{role}");
        // What it lacks is told.
        assert_eq!(run.exit, 2, "{role}");
        // A second one of the same site is a twin.
        let twin = format!("in/more-{name}/repository/conf/deployment.toml");
        of_site(&scratch, &twin, "prod.example.com", role);
        assert_eq!(names(&scratch.run(&["plan", "in", "--format", "json"]).json()).len(), 2, "{role}");
    }
}

#[test]
fn together_joins_what_lies_in_one_input_too() {
    let scratch = Scratch::new();
    node(&scratch, "in/sites/a/gateway", "gw.example.com", &KEY_MANAGER.replace("HOST", "example.com"));
    node(&scratch, "in/sites/b/keymanager", "km.example.com", "");
    node(&scratch, "in/other/keymanager", "km.example.org", "");
    let report = |args: &[&str]| scratch.run(&[&["plan", "in", "--format", "json"], args].concat()).json();
    assert_eq!(names(&report(&[])).len(), 2);
    let joined = names(&report(&["--together"]));
    assert_eq!(joined, [own("in", &["b-keymanager", "gateway", "other-keymanager"])]);
}

#[test]
fn the_folder_of_a_node_that_says_its_host_stands_for_no_other_host() {
    let scratch = Scratch::new();
    for (name, role) in PROFILES {
        of_site(&scratch, &format!("in/{name}/repository/conf/deployment.toml"), "stage.example.com", role);
        of_site(&scratch, &format!("in/prod-{name}/repository/conf/deployment.toml"), "prod.example.com", role);
    }
    let expected = [own("cp", &["cp", "gw", "tm"]), own("prod", &["prod-cp", "prod-gw", "prod-tm"])];
    assert_eq!(names(&scratch.run(&["plan", "in", "--format", "json"]).json()), expected);
}

#[test]
fn inputs_that_name_each_other_are_said_to_be_one_and_joined_when_told() {
    let scratch = Scratch::new();
    node(&scratch, "gateway", "gw.example.com", &KEY_MANAGER.replace("HOST", "example.com"));
    node(&scratch, "keymanager", "km.example.com", "");
    let run = scratch.run(&["plan", "gateway", "keymanager", "--format", "json"]);
    let report = run.json();
    assert_eq!((run.exit, names(&report).len()), (2, 2));
    let told: Vec<&Value> = report["findings"].as_array().unwrap().iter().collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["code"], "deployments-name-each-other");
    assert!(told[0]["help"].as_str().unwrap().contains("--together"));
    assert_eq!(findings(&report, "role-outside-input").len(), 1, "the gateway's key manager is not in its part");

    let together = [own("gateway+keymanager", &["gateway", "keymanager"])];
    let joined = scratch.run(&["plan", "gateway", "keymanager", "--together", "--format", "json"]).json();
    assert_eq!(names(&joined), together);
    assert_eq!(findings(&joined, "role-outside-input").len(), 0);
    scratch.put("answers.toml", b"together = [[\"gateway\", \"keymanager\"]]\n");
    let args = ["plan", "gateway", "keymanager", "--decisions", "answers.toml", "--format", "json"];
    assert_eq!(names(&scratch.run(&args).json()), together);
}

#[test]
fn each_archive_is_a_deployment_and_a_decision_joins_some() {
    let scratch = Scratch::new();
    node(&scratch, "gateway", "gw.example.com", &KEY_MANAGER.replace("HOST", "example.com"));
    node(&scratch, "keymanager", "km.example.com", "");
    for name in ["gateway", "keymanager"] {
        let mut archive = tar::Builder::new(Vec::new());
        archive.append_dir_all(name, scratch.path(name)).unwrap();
        scratch.put(&format!("in/{name}.tar"), &archive.into_inner().unwrap());
    }
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    assert_eq!(names(&report), [own("gateway", &["gateway"]), own("keymanager", &["keymanager"])]);
    assert_eq!(report["findings"][0]["code"], "deployments-name-each-other");
    scratch.put("answers.toml", b"together = [[\"gateway\", \"keymanager\"]]\n");
    let joined = scratch.run(&["plan", "in", "--decisions", "answers.toml", "--format", "json"]).json();
    assert_eq!(names(&joined), [own("gateway+keymanager", &["gateway", "keymanager"])]);
}

const TOML: &str = "[server]\nhostname = \"HOST\"\nserver_role = \"control-plane\"\n\n[super_admin]\nusername = \"ops\"\n\
                    password = \"Pw-1234\"\ncreate_admin_account = true\n\n[apim.gateway]\n";

#[test]
fn a_started_home_is_one_node_and_what_it_keeps_of_itself_is_its_own() {
    let scratch = Scratch::new();
    let home = "in/apim";
    scratch.put(&format!("{home}/repository/conf/deployment.toml"), TOML.replace("HOST", "cp.example.com").as_bytes());
    for part in [
        "backup/repository/conf/carbon.xml",
        "backup/repository/conf/api-manager.xml",
        "repository/deployment/server/webapps/portal/WEB-INF/web.xml",
        "repository/deployment/server/synapse-configs/default/registry.xml",
        "solr/conf/carbon.xml",
        "tmp/work/conf/api-manager.xml",
        "updates/conf/deployment.toml",
        "jdk/conf/carbon.xml",
        "samples/x/deployment.toml",
        "lib/tools.zip",
    ] {
        scratch.put(&format!("{home}/{part}"), b"<Server/>");
    }
    for (input, name) in
        [("in", "apim"), ("in/apim", "apim"), ("in/apim/repository", "repository"), ("in/apim/repository/conf", "conf")]
    {
        let run = scratch.run(&["plan", input, "--format", "json"]);
        let report = run.json();
        let (_, nodes) = &names(&report)[0];
        assert_eq!((names(&report).len(), nodes.as_slice()), (1, &[name.to_owned()][..]), "{input}");
        let mut listed: Vec<&str> =
            super::all(&report, "files").iter().map(|file| file["path"].as_str().unwrap()).collect();
        listed.extend(report["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()));
        listed.sort_unstable();
        let on_disk: Vec<String> = files(&scratch.path(input)).into_keys().collect();
        assert_eq!(listed, on_disk, "{input}: each file is told once");
    }
}

#[test]
fn files_of_several_nodes_in_one_folder_are_nodes_and_copies_are_none() {
    let scratch = Scratch::new();
    let toml = |host: &str| TOML.replace("HOST", host).into_bytes();
    scratch.put("two/repository/conf/am1-deployment.toml", &toml("cp1.example.com"));
    scratch.put("two/repository/conf/am2-deployment.toml", &toml("cp2.example.com"));
    scratch.put("flat/cp.toml", &toml("cp.example.com"));
    scratch.put("flat/gateway.toml", &toml("gw.example.com"));
    scratch.put("old/deployment.toml", &toml("cp.example.com"));
    scratch.put("old/deployment-old.toml", &toml("cp.example.com"));
    scratch.put("old/deployment_template.toml", &toml("cp.example.com"));
    let nodes = |input: &str| {
        let report = scratch.run(&["plan", input, "--format", "json"]).json();
        let mut nodes: Vec<String> = names(&report).into_iter().flat_map(|(_, nodes)| nodes).collect();
        nodes.sort();
        (nodes, findings(&report, "old-copy").len())
    };
    assert_eq!(nodes("two"), (vec!["am1".to_owned(), "am2".to_owned()], 0));
    assert_eq!(nodes("flat"), (vec!["cp".to_owned(), "gateway".to_owned()], 0));
    assert_eq!(nodes("old"), (vec!["old".to_owned()], 2));
}

#[test]
fn other_products_and_foreign_files_are_told_and_no_server_is_made_of_them() {
    let scratch = Scratch::new();
    scratch.put(
        "mi/conf/deployment.toml",
        b"[server]\nhostname = \"mi.example.com\"\n[[service_catalog]]\napim_host = \"https://cp.example.com:9443\"\n",
    );
    scratch.put("foreign/deployment.toml", b"[build]\ntarget = \"x\"\n");
    scratch.put("web/app/WEB-INF/web.xml", b"<web-app/>");
    let report = scratch.run(&["plan", "mi", "--format", "json"]).json();
    assert_eq!(report["deployments"][0]["source"]["nodes"][0]["roles"][0], "integrator");
    assert_eq!(report["deployments"][0]["target"]["nodes"].as_array().unwrap().len(), 0);
    let other = report["inputs"].as_array().unwrap().iter().find(|input| input["status"] == "other-product");
    assert!(other.is_some(), "{}", report["inputs"]);
    assert!(scratch.run(&["check", "mi"]).stdout.contains("node-set-aside"));
    assert!(scratch.run(&["plan", "foreign"]).one_error().contains("deployment.toml: no key of it is one of API-M's"));
    assert!(scratch.run(&["plan", "web"]).one_error().contains("no configuration of API-M"));
}

#[test]
fn the_certificates_of_a_gateway_are_read_where_a_home_keeps_them() {
    let scratch = Scratch::new();
    node(&scratch, "in/gw", "gw.example.com", "");
    let profile = b"<parameter name=\"customSSLProfiles\"><profile><servers>partner.example.com:443</servers>\
                    <TrustStore><Location>repository/resources/security/partner.jks</Location><Type>JKS</Type>\
                    <Password>tpw</Password></TrustStore></profile></parameter>";
    scratch.put("in/gw/repository/resources/security/sslprofiles.xml", profile);
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    let files = super::all(&report, "files");
    let file = files.iter().find(|file| file["path"].as_str().unwrap().ends_with("sslprofiles.xml")).unwrap();
    assert_eq!((&file["verdict"], file["leaves"].as_u64().unwrap() > 3), (&"read".into(), true));
}

#[test]
fn a_node_whose_kind_is_not_known_is_not_written_unless_partial() {
    let scratch = Scratch::of("five-node");
    scratch.put("in/publisher/repository/conf/api-manager.xml", b"<APIManager><broken");
    let nodes = files(&scratch.path("in"));
    assert!(nodes.contains_key("publisher/repository/conf/api-manager.xml"), "{:?}", nodes.keys());
    let run = scratch.run(&["convert", "in", "--out", "out"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let first = run.stdout.lines().nth(1).unwrap();
    assert!(
        first.contains("control-plane: 1 of 3 sources unreadable (publisher/repository/conf/api-manager.xml)"),
        "{first}"
    );
    assert!(!scratch.path("out/control-plane").exists());
    assert!(scratch.path("out/gateway-worker/repository/conf/deployment.toml").exists());
    let list = std::fs::read_to_string(scratch.path("out/CHECKLIST.md")).unwrap();
    assert!(list.contains("1 of 3 sources unreadable"), "{list}");
    let run = scratch.run(&["convert", "in", "--out", "partial", "--partial"]);
    assert_eq!(run.exit, 3);
    let text = std::fs::read_to_string(scratch.path("partial/control-plane/repository/conf/deployment.toml")).unwrap();
    assert!(text.starts_with("# INCOMPLETE: of 1 of its 3 old nodes"), "{}", text.part(..80));
}

#[test]
fn an_archive_that_cannot_be_read_is_told_wherever_it_lies() {
    for place in ["in/customer.zip", "in/apim/customer.7z", "in/apim/repository/conf/customer.rar"] {
        let scratch = Scratch::of("all-in-one");
        scratch.put(place, b"PK\x03\x04 cut off");
        let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
        assert_eq!(run.exit, 3, "{place}");
        let path = place.strip_prefix("in/").unwrap();
        let report = run.json();
        let inputs = report["inputs"].as_array().unwrap();
        let told = inputs.iter().find(|input| input["path"] == path).unwrap_or_else(|| panic!("{place}: {inputs:?}"));
        assert_eq!(told["status"], "not-read", "{place}");
        assert!(std::fs::read_to_string(scratch.path("out/CHECKLIST.md")).unwrap().contains(path), "{place}");
        let text = scratch.run(&["plan", "in"]).stdout;
        assert!(text.lines().take(3).any(|line| line.contains(path)), "{text}");
    }
}

#[test]
fn an_own_output_below_the_input_is_left_out_and_said() {
    let scratch = Scratch::of("all-in-one");
    let args = ["convert", ".", "--out", "out", "--format", "json"];
    let first = scratch.run(&args);
    let before = files(&scratch.path("out/all-in-one"));
    let again = scratch.run(&args);
    assert_eq!(names(&again.json()), names(&first.json()));
    assert_eq!(files(&scratch.path("out/all-in-one")), before);
    let inputs = again.json()["inputs"].as_array().unwrap().clone();
    assert!(inputs.iter().any(|input| input["status"] == "own-output" && input["path"] == "out"), "{inputs:?}");
}

#[test]
fn templates_of_a_folder_are_told_once() {
    let scratch = Scratch::of("all-in-one-3.x");
    for name in ["deployment.toml", "carbon.xml", "user-mgt.xml"] {
        scratch.put(&format!("in/roles/apim/templates/{name}.j2"), b"{% if x %}\n[server]\n{% endif %}\n");
    }
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!(run.exit, 3);
    let report = run.json();
    let inputs = report["inputs"].as_array().unwrap();
    let told: Vec<&Value> = inputs.iter().filter(|input| input["status"] == "template").collect();
    assert_eq!(told.len(), 1, "{inputs:?}");
    assert!(told[0]["reason"].as_str().unwrap().contains("3 files"), "{}", told[0]);
}
