//! What strangers gave that lies beside configuration, or in a server's home: copies, archives, tools, what systems keep,
//! names that say nothing or something else, and archives that have a name twice or an end too early.

use std::io::{Cursor, Write as _};

use serde_json::Value;

use crate::cli::Scratch;

const GATEWAY: &str = "[server]\nhostname = \"gw.example.com\"\nserver_role = \"gateway-worker\"\n\n\
    [apim.key_manager]\nservice_url = \"https://cp.example.com:9443/services/\"\n";
const CONTROL_PLANE: &str = "[server]\nhostname = \"cp.example.com\"\nserver_role = \"control-plane\"\n";
const CARBON: &str = "<Server xmlns=\"http://wso2.org/projects/carbon/carbon.xml\"><ServerKey>AM</ServerKey>\
    <Version>2.6.0</Version><HostName>am.example.com</HostName></Server>";
const CONF: &str = "repository/conf/deployment.toml";

pub type Files<'f> = &'f [(&'f str, &'f str)];

pub fn tar(files: Files<'_>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

/// A zip whose names may be there twice: the writer refuses that, so that each is written with a letter of its own, which
/// is mended behind.
fn zip(files: Files<'_>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (number, (path, text)) in files.iter().enumerate() {
        let name = format!("{number}{}", path.get(1..).unwrap());
        let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        archive.start_file(name, stored).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    let mut bytes = archive.finish().unwrap().into_inner();
    for (number, (path, _)) in files.iter().enumerate() {
        let written = format!("{number}{}", path.get(1..).unwrap());
        for at in 0..bytes.len() - written.len() {
            if bytes[at..].starts_with(written.as_bytes()) {
                bytes[at] = path.as_bytes()[0];
            }
        }
    }
    bytes
}

pub fn plan(scratch: &Scratch, input: &str) -> Value {
    scratch.run(&["plan", input, "--format", "json"]).json()
}

/// The old nodes of each deployment.
pub fn nodes(report: &Value) -> Vec<Vec<&str>> {
    let deployments = report["deployments"].as_array().unwrap().iter();
    let of = deployments.map(|one| {
        let nodes = one["source"]["nodes"].as_array().unwrap();
        nodes.iter().map(|node| node["name"].as_str().unwrap()).collect()
    });
    of.collect()
}

/// The findings of a code, wherever they stand: the path and the message.
pub fn found(report: &Value, code: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut add = |list: &Value, folder: &str| {
        for one in list.as_array().unwrap().iter().filter(|one| one["code"] == code) {
            let file = one["file"].as_str().unwrap_or_default();
            let path = if folder.is_empty() { file.to_owned() } else { format!("{folder}/{file}") };
            out.push((path, one["message"].as_str().unwrap().to_owned()));
        }
    };
    add(&report["findings"], "");
    for one in report["deployments"].as_array().unwrap() {
        add(&one["findings"], one["path"].as_str().unwrap());
    }
    out
}

/// What `inputs` says: path, status, deployments.
pub fn inputs(report: &Value) -> Vec<(&str, &str, usize)> {
    let all = report["inputs"].as_array().unwrap().iter();
    all.map(|one| {
        let deployments = one["deployments"].as_array().unwrap().len();
        (one["path"].as_str().unwrap(), one["status"].as_str().unwrap(), deployments)
    })
    .collect()
}

/// The verdict and reason of a file, which must stand in the ledger once.
#[track_caller]
pub fn told(report: &Value, path: &str) -> (String, String) {
    let mut all: Vec<&Value> = report["files"].as_array().unwrap().iter().filter(|file| file["path"] == path).collect();
    for one in report["deployments"].as_array().unwrap() {
        let folder = one["path"].as_str().unwrap();
        let below = |file: &&Value| {
            let own = file["path"].as_str().unwrap();
            path == if folder.is_empty() { own.to_owned() } else { format!("{folder}/{own}") }
        };
        all.extend(one["files"].as_array().unwrap().iter().filter(below));
    }
    let [file] = all[..] else { panic!("{path}: {all:?}") };
    (file["verdict"].as_str().unwrap().to_owned(), file["reason"].as_str().unwrap().to_owned())
}

#[test]
fn an_archive_that_ends_too_early_is_one_entry() {
    let scratch = Scratch::new();
    let whole =
        tar(&[("gw/repository/conf/deployment.toml", GATEWAY), ("cp/repository/conf/deployment.toml", CONTROL_PLANE)]);
    let cut = &whole[..1024 + 512 + 20];
    scratch.put("cut.tar", cut);
    let run = scratch.run(&["plan", "cut.tar", "--format", "json"]);
    assert_eq!(run.exit, 3);
    assert_eq!(inputs(&run.json()), [("cut.tar", "partly-read", 1)]);
    let reason = run.json()["inputs"][0]["reason"].as_str().unwrap().to_owned();
    assert!(reason.contains("ends too early"), "{reason}");
    // Beside others, and in a folder, alike.
    scratch.put("two/cut.tar", cut);
    scratch.put("two/gw2/repository/conf/deployment.toml", GATEWAY.as_bytes());
    assert_eq!(inputs(&plan(&scratch, "two"))[1], ("cut.tar", "partly-read", 1));
    let both = scratch.run(&["plan", "cut.tar", "two", "--format", "json"]).json();
    let paths: Vec<&str> = inputs(&both).iter().map(|one| one.0).collect();
    assert_eq!(paths, ["cut.tar", "two", "two/cut.tar"]);
    // Of what says nothing at all nothing was read.
    scratch.put("two/cut.tar", &cut[..300]);
    assert_eq!(inputs(&plan(&scratch, "two"))[1].1, "not-read");
}

#[test]
fn names_that_stand_twice_are_told_with_how_often_and_which_counts() {
    let other = GATEWAY.replace("gw.", "gw2.");
    let path = "gw/repository/conf/deployment.toml";
    for (name, pack) in [("x.tar", tar as fn(Files<'_>) -> Vec<u8>), ("x.zip", zip)] {
        let scratch = Scratch::new();
        scratch.put(name, &pack(&[(path, &other), (path, GATEWAY), (path, GATEWAY)]));
        let run = scratch.run(&["plan", name, "--format", "json"]);
        assert_eq!(run.exit, 3, "{name}");
        let (status, reason) = (&run.json()["inputs"][0]["status"], &run.json()["inputs"][0]["reason"]);
        assert_eq!(status, "partly-read", "{name}");
        let expected = format!("`{path}` stands in it 3 times, with different content: the last was read");
        assert!(reason.as_str().unwrap().starts_with(&expected), "{name}: {reason}");
        // The last is the one that counts.
        assert!(run.stdout.contains("gw.example.com") && !run.stdout.contains("gw2.example.com"), "{name}");
        // Nothing is lost where they say the same: it is told all the same.
        scratch.put(name, &pack(&[(path, GATEWAY), (path, GATEWAY)]));
        let report = plan(&scratch, name);
        assert_eq!(inputs(&report), [(name, "read", 1)]);
        let expected = format!("`{path}` stands in it 2 times, with the same content: the last was read");
        assert_eq!(found(&report, "entry-repeated"), [(name.to_owned(), expected)]);
    }
}

#[test]
fn of_an_archive_that_stands_twice_in_another_the_last_counts() {
    let scratch = Scratch::new();
    let inner = |files: Files<'_>| String::from_utf8(tar(files)).unwrap();
    let first = inner(&[("a/repository/conf/deployment.toml", CONTROL_PLANE)]);
    let last = inner(&[("b/repository/conf/deployment.toml", GATEWAY)]);
    scratch.put("out.tar", &tar(&[("in.tar", &first), ("in.tar", &last)]));
    let report = plan(&scratch, "out.tar");
    assert_eq!(nodes(&report), [["b"]]);
    let reason = report["inputs"][0]["reason"].as_str().unwrap();
    assert!(reason.starts_with("`in.tar` stands in it 2 times, with different content"), "{reason}");
}

#[test]
fn flat_files_are_nodes_by_what_they_hold() {
    let scratch = Scratch::new();
    scratch.put("in/a.toml", CONTROL_PLANE.as_bytes());
    scratch.put("in/node1.toml", GATEWAY.as_bytes());
    scratch.put("in/Cargo.toml", b"[package]\nname = \"x\"\n");
    let report = plan(&scratch, "in");
    assert_eq!(nodes(&report), [["a", "node1"]]);
    assert_eq!(told(&report, "a.toml").0, "read");
    assert_eq!(told(&report, "Cargo.toml").0, "not-configuration");
    // The root of an api-manager.xml says the same of 2.x.
    scratch.put("old/x1.xml", b"<APIManager><DataSourceName>jdbc/WSO2AM_DB</DataSourceName></APIManager>");
    scratch.put("old/x2.xml", CARBON.as_bytes());
    let report = plan(&scratch, "old");
    assert_eq!(nodes(&report), [["x1"]]);
    let [(path, message)] = &found(&report, "configuration-misnamed")[..] else { panic!("{report}") };
    assert_eq!((path.as_str(), message.contains("carbon.xml")), ("x2.xml", true));
    // Beside whole homes a fragment is no node, and told.
    scratch.put(&format!("mixed/gw/{CONF}"), GATEWAY.as_bytes());
    scratch.put("mixed/notes/part.toml", CONTROL_PLANE.as_bytes());
    let report = plan(&scratch, "mixed");
    assert_eq!(nodes(&report), [["gw"]]);
    assert_eq!(found(&report, "configuration-misnamed").len(), 1);
    // Where there is nothing else, that is the reason.
    scratch.put("alone/x2.xml", CARBON.as_bytes());
    scratch.put("alone/readme.txt", b"x");
    let run = scratch.run(&["plan", "alone"]);
    assert_eq!(run.exit, 1);
    assert!(run.stderr.contains("NODE/repository/conf/carbon.xml"), "{}", run.stderr);
    assert_eq!(scratch.run(&["check", "alone"]).exit, 1);
}

#[test]
fn copies_in_a_home_are_told_for_what_they_are() {
    let scratch = Scratch::new();
    let conf = "in/am/repository/conf";
    scratch.put(&format!("{conf}/carbon.xml"), CARBON.as_bytes());
    scratch.put(&format!("{conf}/jndi.properties"), b"connectionfactory.x = amqp://a:b@clientid/carbon\n");
    let beside =
        ["carbon-old.xml", "carbon.xml.bak", "carbon (copy).xml", "Copy of carbon.xml", "jndi.properties.orig"];
    for name in beside {
        scratch.put(&format!("{conf}/{name}"), b"<Server/>");
    }
    let elsewhere = ["repository/conf/bak/jndi.properties", "repository/conf.bak/carbon.xml", "conf_old/carbon.xml"];
    for name in elsewhere {
        scratch.put(&format!("in/am/{name}"), b"<Server/>");
    }
    scratch.put("in/am/backup/repository/conf/carbon.xml", b"<Server/>");
    let report = plan(&scratch, "in");
    for name in beside {
        let of = if name.contains("jndi") { "jndi.properties" } else { "carbon.xml" };
        let reason = format!("a copy beside `{of}`, which the server reads: nothing was taken from it");
        let file = told(&report, &format!("am/repository/conf/{name}"));
        assert_eq!(file, ("not-configuration".to_owned(), reason), "{name}");
    }
    for name in elsewhere {
        let (verdict, reason) = told(&report, &format!("am/{name}"));
        assert_eq!(verdict, "not-configuration", "{name}");
        assert!(reason.ends_with("a copy that no server reads"), "{name}: {reason}");
    }
    // Each is told once; what the server keeps of itself is no copy of anybody's.
    let copies = found(&report, "old-copy");
    assert_eq!(copies.len(), beside.len() + elsewhere.len(), "{copies:?}");
    let line = "8 copies of configuration, not read: am/conf_old, am/repository/conf.bak, ";
    let text = scratch.run(&["plan", "in"]).stdout;
    assert!(text.contains(line), "{text}");
    scratch.run(&["convert", "in", "--out", "out"]);
    let checklist = std::fs::read_to_string(scratch.path("out/CHECKLIST.md")).unwrap();
    assert!(checklist.contains("8 copies of configuration, not read: "), "{checklist}");
}

#[test]
fn an_archive_inside_a_home_is_a_part_of_it() {
    let scratch = Scratch::new();
    scratch.put(&format!("in/gw/{CONF}"), GATEWAY.as_bytes());
    let packed = tar(&[("am/repository/conf/deployment.toml", CONTROL_PLANE)]);
    scratch.put("in/gw/kept.tar", &packed);
    scratch.put("in/gw/repository/deployment/server/carbonapps/x.zip", &packed);
    scratch.put("in/gw/notes.tar", &tar(&[("readme.md", "x")]));
    let report = plan(&scratch, "in");
    assert_eq!(nodes(&report), [["gw"]]);
    let [(path, message)] = &found(&report, "inside-home")[..] else { panic!("{report}") };
    assert_eq!(path, "gw/kept.tar");
    assert!(message.contains("the server's home `gw`") && message.contains("INPUT"), "{message}");
    let (verdict, reason) = told(&report, "gw/kept.tar/am/repository/conf/deployment.toml");
    assert_eq!(verdict, "not-configuration");
    assert!(reason.starts_with("in an archive inside the server's home"), "{reason}");
    assert!(inputs(&report).contains(&("gw/kept.tar", "inside-home", 0)), "{:?}", inputs(&report));
    assert!(scratch.run(&["plan", "in"]).stdout.contains("gw/kept.tar: an archive with configuration inside"));
    // The same whoever says that all is one, and for a home that is the INPUT.
    assert_eq!(nodes(&scratch.run(&["plan", "in", "--together", "--format", "json"]).json()), [["gw"]]);
    assert_eq!(nodes(&plan(&scratch, "in/gw")), [["gw"]]);
    // Outside of a home it is a deployment.
    scratch.put("in/kept.tar", &packed);
    assert_eq!(nodes(&plan(&scratch, "in")).len(), 2);
}

#[test]
fn what_systems_keep_beside_files_is_no_configuration() {
    let scratch = Scratch::new();
    scratch.put(&format!("in/gw/{CONF}"), GATEWAY.as_bytes());
    scratch.put(&format!("in/__MACOSX/gw/{CONF}"), CONTROL_PLANE.as_bytes());
    scratch.put("in/gw/repository/conf/._deployment.toml", b"\0\x05\x16\x07\0");
    scratch.put("in/gw/repository/conf/.DS_Store", b"\0\0");
    let report = plan(&scratch, "in");
    assert_eq!(nodes(&report), [["gw"]]);
    for path in ["__MACOSX/gw/repository/conf/deployment.toml", "gw/repository/conf/._deployment.toml"] {
        let (verdict, reason) = told(&report, path);
        assert_eq!((verdict.as_str(), reason.contains("AppleDouble")), ("not-configuration", true), "{path}: {reason}");
    }
    assert_eq!(inputs(&report).len(), 1);
    for code in ["old-copy", "unknown-file", "input-not-read"] {
        assert_eq!(found(&report, code), [], "{code}");
    }
}

#[test]
fn the_tools_of_a_home_are_no_servers() {
    for folder in
        ["am/migration-resources", "migration-resources", "am/samples/shop", "am/patches", "am/updates", "am/dbscripts"]
    {
        let scratch = Scratch::new();
        scratch.put(&format!("in/am/{CONF}"), CONTROL_PLANE.as_bytes());
        scratch.put(&format!("in/gw/{CONF}"), GATEWAY.as_bytes());
        scratch.put(&format!("in/{folder}/{CONF}"), GATEWAY.replace("gw.", "tool.").as_bytes());
        let report = plan(&scratch, "in");
        assert_eq!(nodes(&report), [["am", "gw"]], "{folder}");
        assert_eq!(told(&report, &format!("{folder}/{CONF}")).0, "not-configuration");
        let told: Vec<String> = found(&report, "inside-home").into_iter().map(|one| one.0).collect();
        assert_eq!(told, [folder]);
    }
    // Alone it is what was given.
    let scratch = Scratch::new();
    scratch.put(&format!("in/migration-resources/{CONF}"), GATEWAY.as_bytes());
    assert_eq!(nodes(&plan(&scratch, "in")), [["migration-resources"]]);
}

#[test]
fn a_copy_under_a_copys_name_is_told_and_twins_are_not() {
    let server = "[server]\nhostname = \"am.example.com\"\n\n[apim.key_manager]\n\
        service_url = \"https://am.example.com:9443/services/\"\n";
    let copies = |one: &str, other: &str, nodes: &[(&str, &str)]| {
        let scratch = Scratch::new();
        for folder in [one, other] {
            for (node, text) in nodes {
                scratch.put(&format!("in/{folder}{node}/{CONF}"), text.as_bytes());
            }
        }
        let report = plan(&scratch, "in");
        found(&report, "may-be-copy")
            .into_iter()
            .map(|(path, message)| (path, message.contains("`prod`")))
            .collect::<Vec<_>>()
    };
    let both = [("/cp", CONTROL_PLANE), ("/gw", GATEWAY)];
    assert_eq!(copies("prod", "prod-copy", &both), [("prod-copy".to_owned(), true)]);
    for (one, other) in [("node1", "node2"), ("prod", "prod2"), ("prod", "prod-2"), ("prod", "prod-dr")] {
        assert_eq!(copies(one, other, &[("", server)]), [], "{one} {other}");
    }
    // A folder and its archive.
    let scratch = Scratch::new();
    scratch.put(&format!("in/prod/{CONF}"), server.as_bytes());
    scratch.put("in/prod.tar", &tar(&[(&format!("prod/{CONF}"), server)]));
    let told: Vec<String> = found(&plan(&scratch, "in"), "may-be-copy").into_iter().map(|one| one.0).collect();
    assert_eq!(told, ["prod.tar/prod"]);
    // What says something else is no copy, whatever it is called.
    let scratch = Scratch::new();
    scratch.put(&format!("in/prod/{CONF}"), server.as_bytes());
    scratch.put(&format!("in/prod-backup/{CONF}"), server.replace("am.", "dr.").as_bytes());
    assert_eq!(found(&plan(&scratch, "in"), "may-be-copy"), []);
}

#[test]
fn a_cluster_of_micro_integrators_is_set_aside() {
    let scratch = Scratch::new();
    let text = "[server]\nhostname = \"mi.example.com\"\n\n[cluster_config]\nnode_id = \"node-1\"\n";
    scratch.put("in/mi/deployment.toml", text.as_bytes());
    let report = plan(&scratch, "in");
    assert_eq!(report["deployments"][0]["source"]["nodes"][0]["roles"][0], "integrator");
    assert!(inputs(&report).contains(&("mi", "other-product", 1)), "{:?}", inputs(&report));
}

#[test]
fn check_ends_with_3_where_anything_was_not_read() {
    let wrong = GATEWAY.replace("https://", "https://https://");
    let exit = |path: &str, bytes: &[u8]| {
        let scratch = Scratch::new();
        scratch.put(&format!("in/gw/{CONF}"), wrong.as_bytes());
        scratch.put(&format!("in/{path}"), bytes);
        let run = scratch.run(&["check", "in", "--format", "json"]);
        let status = run.json()["status"].as_str().unwrap().to_owned();
        (run.exit, status)
    };
    assert_eq!(exit("notes.txt", b"x"), (2, "open".to_owned()));
    let unread: [(&str, &[u8]); 4] = [
        ("am/repository/conf/api-manager.xml", b"<APIManager"),
        ("x.7z", b"7z\xbc\xaf\x27\x1c"),
        ("cp.tar", &tar(&[("cp/repository/conf/deployment.toml", CONTROL_PLANE)])[..600]),
        ("cp/repository/conf/deployment.toml", b"\0\0\0"),
    ];
    for (path, bytes) in unread {
        assert_eq!(exit(path, bytes), (3, "incomplete".to_owned()), "{path}");
    }
}

#[test]
fn what_files_say_of_the_version_goes_before_a_name() {
    let version = |folder: &str, file: &str, text: &str| {
        let scratch = Scratch::new();
        scratch.put(&format!("in/{folder}/repository/conf/{file}"), text.as_bytes());
        let report = plan(&scratch, "in");
        let told = found(&report, "version-name-differs").len();
        (report["deployments"][0]["source"]["version"].as_str().unwrap().to_owned(), told)
    };
    let of = |version: &str, told: usize| (version.to_owned(), told);
    let store = "[server]\nhostname = \"s.example.com\"\nserver_role = \"api-store\"\n";
    assert_eq!(version("source-4.4-default", "deployment.toml", store), of("3.2", 1));
    assert_eq!(version("apim-3.2-notes", "deployment.toml", CONTROL_PLANE), of("4.0", 1));
    // A key that 4.4 brought.
    let newer = format!("{CONTROL_PLANE}\n[apim.ai]\nenable = true\n");
    assert_eq!(version("apim-4.1", "deployment.toml", &newer), of("4.4", 1));
    assert_eq!(version("apim-2.1", "carbon.xml", CARBON), of("2.6", 1));
    let xml = "<APIManager><DataSourceName>jdbc/WSO2AM_DB</DataSourceName></APIManager>";
    assert_eq!(version("apim-4.4", "api-manager.xml", xml), of("2.6", 1), "2.x has XML files");
    // Where the files leave it open, a name tells.
    assert_eq!(version("apim-4.2", "deployment.toml", CONTROL_PLANE), of("4.2", 0));
    assert_eq!(version("apim-2.1", "api-manager.xml", xml), of("2.1", 0));
    let any = "[server]\nhostname = \"s.example.com\"\n";
    assert_eq!(version("source-4.4-default", "deployment.toml", any), of("4.4", 0));
    // Of several names the nearest.
    assert_eq!(version("from-4.4/wso2am-4.2.0", "deployment.toml", any), of("4.2", 0));
}

/// A page that a proxy gave, or another file under this name, is not what the name says.
#[test]
fn a_file_of_another_root_is_not_read() {
    let scratch = Scratch::new();
    let manager = "<APIManager><DataSourceName>jdbc/A</DataSourceName></APIManager>";
    for (name, text, exit) in [
        ("api-manager.xml", "<html><body>404 Not Found</body></html>", 1),
        ("carbon.xml", "<html><body><p>gone</p></body></html>", 1),
        ("api-manager.xml", CARBON, 1),
        // What it damages is one file only.
        ("user-mgt.xml", "<html><body>404</body></html>", 3),
        ("registry.xml", manager, 3),
        // Unusual, and right.
        (
            "api-manager.xml",
            "<!-- ours --><am:APIManager xmlns:am='urn:x'><am:DataSourceName>jdbc/B</am:DataSourceName></am:APIManager>",
            2,
        ),
    ] {
        scratch.put("in/repository/conf/carbon.xml", CARBON.as_bytes());
        scratch.put("in/repository/conf/api-manager.xml", manager.as_bytes());
        scratch.put("in/repository/conf/user-mgt.xml", b"<UserManager><Realm/></UserManager>");
        scratch.put("in/repository/conf/registry.xml", b"<wso2registry/>");
        scratch.put(&format!("in/repository/conf/{name}"), text.as_bytes());
        let run = scratch.run(&["convert", "in", "--out", "out", "--force"]);
        assert_eq!(run.exit, exit, "{name}: {text}: {}{}", run.stdout, run.stderr);
        let told = format!("{}{}", run.stdout, run.stderr);
        let page = told.contains(&format!("{name}: 1:1: it is a page of HTML"));
        assert_eq!(page || told.contains(&format!("{name}: it begins with `<")), exit != 2, "{told}");
    }
}

/// What an archive lost may be what says what a node is.
#[test]
fn a_node_of_a_cut_archive_without_its_carbon_xml_is_not_written() {
    let scratch = Scratch::new();
    let manager = "<APIManager><DataSourceName>jdbc/A</DataSourceName></APIManager>";
    let whole = tar(&[("am/repository/conf/api-manager.xml", manager), ("am/repository/conf/carbon.xml", CARBON)]);
    scratch.put("in/am.tar", &whole[..1600]);
    for input in ["in", "in/am.tar"] {
        let plan = plan(&scratch, input);
        assert_eq!(plan["deployments"][0]["status"], "incomplete", "{input}");
        let node = &plan["deployments"][0]["target"]["nodes"][0];
        assert_eq!(node["written"], false, "{input}: {node}");
        assert!(node["unread"][0].as_str().unwrap().ends_with("carbon.xml"), "{node}");
        assert_eq!(scratch.run(&["convert", input, "--out", "out"]).exit, 1);
    }
    scratch.put("whole/am.tar", &whole);
    assert_eq!(plan(&scratch, "whole")["deployments"][0]["target"]["nodes"][0]["written"], true);
}

/// A file beside a flat one is another server's, perhaps: nobody passes over it in silence.
#[test]
fn a_deployment_toml_below_a_flat_one_is_told() {
    let scratch = Scratch::new();
    scratch.put("in/deployment.toml", CONTROL_PLANE.as_bytes());
    scratch.put("in/b/deployment.toml", b"[server]\nhostname = \n");
    let told = "b/deployment.toml: warning[configuration-misnamed]: not read";
    let check = scratch.run(&["check", "in"]);
    assert!(check.stdout.contains(told), "{}", check.stdout);
    let plan = plan(&scratch, "in");
    let codes: Vec<&str> = findings(&plan);
    assert!(codes.contains(&"configuration-misnamed"), "{codes:?}");
}

#[test]
fn an_input_given_twice_is_refused() {
    let scratch = Scratch::new();
    scratch.put(&format!("in/{CONF}"), CONTROL_PLANE.as_bytes());
    for inputs in [&["in", "./in/"][..], &["in", "in", "--together"]] {
        let run = scratch.run(&[&["plan"], inputs].concat());
        assert_eq!(run.exit, 1);
        assert!(run.stderr.contains("is given twice"), "{}", run.stderr);
    }
}

fn findings(report: &Value) -> Vec<&str> {
    let of = report["deployments"].as_array().unwrap().iter().flat_map(|one| one["findings"].as_array().unwrap());
    of.map(|finding| finding["code"].as_str().unwrap()).collect()
}

/// What stands for nothing is no value, and of two roots no parser reads the second: neither passes as ready.
#[test]
fn entities_without_a_text_and_second_roots_are_told() {
    let scratch = Scratch::new();
    let manager = "<APIManager><DataSourceName>jdbc/A</DataSourceName></APIManager>";
    scratch.put("in/repository/conf/api-manager.xml", manager.as_bytes());
    let host = CARBON.replace("am.example.com", "&host;");
    for (declared, told) in [
        ("", 1),
        ("<!DOCTYPE Server [<!ENTITY host SYSTEM \"host.txt\">]>", 1),
        ("<!DOCTYPE Server [<!ENTITY host \"am.example.com\">]>", 0),
    ] {
        scratch.put("in/repository/conf/carbon.xml", format!("{declared}{host}").as_bytes());
        let plan = plan(&scratch, "in");
        assert_eq!(findings(&plan).iter().filter(|code| **code == "value-unreadable").count(), told, "{declared}");
        assert!(told == 0 || plan["status"] == "open", "{declared}");
    }
    scratch.put("in/repository/conf/carbon.xml", format!("{CARBON}\n{CARBON}").as_bytes());
    let run = scratch.run(&["plan", "in"]);
    assert_eq!(run.exit, 3);
    assert!(run.stdout.contains("carbon.xml: 2:1: a second root element"), "{}", run.stdout);
}
