//! Homes of which the file that says what they are is stale, missing, closed, under another name, or there twice: what is
//! taken, and what is told of the rest.

use std::io::{Cursor, Write as _};

use serde_json::Value;

use crate::breaking_beside::{found, inputs, nodes, plan, told};
use crate::cli::Scratch;

const GATEWAY: &str = "[server]\nhostname = \"gw.example.com\"\nserver_role = \"gateway-worker\"\n\n\
    [apim.key_manager]\nservice_url = \"https://cp.example.com:9443/services/\"\n";
const CONTROL_PLANE: &str = "[server]\nhostname = \"cp.example.com\"\nserver_role = \"control-plane\"\n";
const MANAGER: &str = "<APIManager><DataSourceName>jdbc/WSO2AM_DB</DataSourceName><APIKeyManager>\
    <ServerURL>https://km.example.com:9443/services/</ServerURL></APIKeyManager></APIManager>";

fn carbon(version: &str, host: &str) -> String {
    format!(
        "<Server xmlns=\"http://wso2.org/projects/carbon/carbon.xml\"><ServerKey>AM</ServerKey>\n\
         <Version>{version}</Version><HostName>{host}</HostName></Server>"
    )
}

fn scratch(files: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    for (path, text) in files {
        scratch.put(path, text.as_bytes());
    }
    scratch
}

/// The new nodes of the only deployment: each with whether it is written.
fn written(report: &Value) -> Vec<(&str, bool)> {
    let nodes = report["deployments"][0]["target"]["nodes"].as_array().unwrap().iter();
    nodes.map(|node| (node["name"].as_str().unwrap(), node["written"].as_bool().unwrap())).collect()
}

fn version(report: &Value) -> &str {
    report["deployments"][0]["source"]["version"].as_str().unwrap()
}

#[test]
fn a_stale_version_beside_a_deployment_toml_is_passed_over() {
    for said in ["2.1.0", "2.6.0", "1.10.0", "3.2.0"] {
        let scratch = scratch(&[
            ("in/repository/conf/deployment.toml", CONTROL_PLANE),
            ("in/repository/conf/carbon.xml", &carbon(said, "old.example.com")),
        ]);
        let report = plan(&scratch, "in");
        assert_eq!(version(&report), "4.0", "{said}");
        assert_eq!(written(&report), [("control-plane", true)], "{said}");
        let told = found(&report, "version-passed-over");
        assert_eq!(told.len(), 1, "{said}");
        assert!(told[0].0 == "repository/conf/carbon.xml" && told[0].1.contains(said), "{told:?}");
    }
    // What a file beside the folder says is no better.
    let scratch = scratch(&[
        ("in/repository/conf/deployment.toml", CONTROL_PLANE),
        ("in/bin/version.txt", "WSO2 API Manager v2.6.0\n"),
    ]);
    assert_eq!(version(&plan(&scratch, "in")), "4.0");
}

#[test]
fn the_name_of_the_folder_counts_before_a_stale_version() {
    let scratch = scratch(&[
        ("in/wso2am-4.1.0/repository/conf/deployment.toml", CONTROL_PLANE),
        ("in/wso2am-4.1.0/repository/conf/carbon.xml", &carbon("2.1.0", "old.example.com")),
    ]);
    assert_eq!(version(&plan(&scratch, "in")), "4.1");
}

#[test]
fn a_version_that_a_deployment_toml_may_be_of_holds() {
    let scratch = scratch(&[
        ("in/repository/conf/deployment.toml", "[server]\nhostname = \"am.example.com\"\n"),
        ("in/repository/conf/carbon.xml", &carbon("4.2.0", "am.example.com")),
    ]);
    let report = plan(&scratch, "in");
    assert_eq!(version(&report), "4.2");
    assert_eq!(found(&report, "version-passed-over"), []);
}

#[test]
fn a_home_without_its_deployment_toml_is_not_read_from_what_was_written_from_it() {
    for said in ["3.2.0", "4.1.0"] {
        let text = carbon(said, "gw.example.com");
        let files = [
            ("in/gateway/repository/conf/api-manager.xml", MANAGER),
            ("in/gateway/repository/conf/carbon.xml", text.as_str()),
        ];
        let alone = scratch(&files).run(&["plan", "in"]);
        assert_eq!(alone.exit, 1, "{}", alone.stderr);
        assert!(alone.stderr.contains("gateway/repository/conf/deployment.toml: it is not there"), "{}", alone.stderr);
        let cp = ("in/cp/repository/conf/deployment.toml", CONTROL_PLANE);
        let beside = scratch(&[files[0], files[1], cp]);
        let run = beside.run(&["plan", "in", "--format", "json"]);
        assert_eq!(run.exit, 3, "{}", run.stderr);
        let report = run.json();
        assert_eq!(written(&report), [("control-plane", true), ("gateway-worker", false)]);
        let not_read = inputs(&report);
        assert!(not_read.contains(&("gateway/repository/conf/deployment.toml", "not-read", 1)), "{not_read:?}");
        assert_eq!(told(&report, "gateway/repository/conf/api-manager.xml").0, "rendered");
        assert_eq!(found(&report, "deployment-toml-missing").len(), 1);
        assert_eq!(beside.run(&["check", "in"]).exit, 3);
    }
}

#[test]
fn a_version_that_there_is_not_is_told() {
    for (said, taken) in [("2.7.0", "2.6"), ("2.4.0", "2.2"), ("abc", "2.6")] {
        let text = carbon(said, "am.example.com");
        let files =
            [("in/am/repository/conf/api-manager.xml", MANAGER), ("in/am/repository/conf/carbon.xml", text.as_str())];
        let scratch = scratch(&files);
        let run = scratch.run(&["plan", "in", "--format", "json"]);
        assert_eq!(run.exit, 2, "{said}: {}", run.stderr);
        let report = run.json();
        let told = found(&report, "version-not-known");
        assert!(told[0].1.contains("2.5, 2.6, 3.0") && told[0].1.contains(&format!("taken as {taken};")), "{told:?}");
        // A person who says which it is has answered.
        let given = scratch.run(&["plan", "in", "--source-version", "2.6", "--format", "json"]).json();
        assert_eq!(found(&given, "version-not-known"), []);
    }
    let fine = carbon("2.5.0", "am.example.com");
    let scratch = scratch(&[("in/am/repository/conf/carbon.xml", &fine)]);
    assert_eq!(found(&plan(&scratch, "in"), "version-not-known"), []);
}

/// The path of a server's file: from the file's own name without its ending, and the part that tells the server.
type Naming<'n> = &'n dyn Fn(&str, &str) -> String;

/// `api-manager.xml`, `carbon.xml` and `user-mgt.xml` of the server `part`, each under a name that `named` makes.
fn server(part: &str, host: &str, named: Naming<'_>) -> Vec<(String, String)> {
    let manager = MANAGER.replace("km.example.com", "km.prod.example.com");
    let users = "<UserManager><Realm><Configuration><AdminUser><UserName>root</UserName></AdminUser>\
                 </Configuration></Realm></UserManager>";
    let texts = [("api-manager", manager), ("carbon", carbon("2.6.0", host)), ("user-mgt", users.to_owned())];
    texts.into_iter().map(|(stem, text)| (named(stem, part), text)).collect()
}

fn put(files: &[(String, String)]) -> Scratch {
    let scratch = Scratch::new();
    for (path, text) in files {
        scratch.put(&format!("in/{path}"), text.as_bytes());
    }
    scratch
}

#[test]
fn files_whose_names_share_a_part_are_one_server() {
    let forms: [Naming<'_>; 4] = [
        &|stem, part| format!("{part}-{stem}.xml"),
        &|stem, part| format!("{stem}-{part}.xml"),
        &|stem, part| format!("{part}.{stem}.xml"),
        &|stem, part| format!("conf/{stem}_{part}.xml"),
    ];
    for named in forms {
        let one = put(&server("prod", "am.example.com", named));
        let report = plan(&one, "in");
        assert_eq!(nodes(&report), [["prod"]]);
        assert_eq!(report["deployments"][0]["name"], "in");
        for (path, _) in server("prod", "", named) {
            assert_eq!(told(&report, &path).0, "read", "{path}");
        }
        // The name of the super admin stands in one of the others.
        let written = one.run(&["plan", "in"]).stdout;
        assert!(written.contains("am.example.com") && written.contains("root"), "{written}");
    }
}

#[test]
fn each_server_of_a_folder_has_its_own_files() {
    let named = |stem: &str, part: &str| format!("{part}-{stem}.xml");
    let mut files = server("keys", "km.prod.example.com", &named);
    files.extend(server("gate", "gw.prod.example.com", &named));
    let scratch = put(&files);
    let report = plan(&scratch, "in");
    let mut all: Vec<&str> = nodes(&report).concat();
    all.sort_unstable();
    assert_eq!(all, ["gate", "keys"]);
    for (path, _) in &files {
        assert_eq!(told(&report, path).0, "read", "{path}");
    }
}

#[test]
fn what_cannot_be_grouped_is_not_read_and_told() {
    let mut files = server("prod", "am.example.com", &|stem, part| format!("{part}-{stem}.xml"));
    files.push(("stage-registry.xml".to_owned(), "<wso2registry/>".to_owned()));
    let scratch = put(&files);
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let report = run.json();
    assert_eq!(nodes(&report), [["prod"]]);
    assert!(inputs(&report).contains(&("stage-registry.xml", "not-read", 1)), "{:?}", inputs(&report));
    let (verdict, reason) = told(&report, "stage-registry.xml");
    assert!(verdict == "unreadable" && reason.contains("`registry.xml` of `stage`"), "{reason}");
}

#[test]
fn beside_a_flat_deployment_toml_content_counts_before_the_name() {
    for name in ["gateway.toml", "deployment-gateway.toml", "deployment2.toml"] {
        let scratch = scratch(&[("in/deployment.toml", CONTROL_PLANE), (&format!("in/{name}"), GATEWAY)]);
        let report = plan(&scratch, "in");
        assert_eq!(written(&report), [("control-plane", true), ("gateway-worker", true)], "{name}");
        assert_eq!(found(&report, "old-copy"), [], "{name}");
    }
    // What says the same, or says by its name that it is a copy, is one; in a server's own folder all is.
    for (folder, name, text) in [
        ("in", "gateway.toml", CONTROL_PLANE),
        ("in", "deployment-old.toml", GATEWAY),
        ("in", "deployment-template.toml", GATEWAY),
        ("in", "deployment-20230405.toml", GATEWAY),
        ("in/repository/conf", "gateway.toml", GATEWAY),
    ] {
        let scratch =
            scratch(&[(&format!("{folder}/deployment.toml"), CONTROL_PLANE), (&format!("{folder}/{name}"), text)]);
        let report = plan(&scratch, "in");
        assert_eq!(nodes(&report), [["in"]], "{folder}/{name}");
        assert_eq!(found(&report, "old-copy").len(), 1, "{folder}/{name}");
    }
}

#[test]
fn an_exact_copy_of_a_nodes_folder_is_no_twin() {
    let conf = "repository/conf/deployment.toml";
    for name in ["gw-backup", "gw (1)", "gw copy", "gw-20230101", "copy of gw", "old-gw"] {
        let files = [("in/cp", CONTROL_PLANE), ("in/gw", GATEWAY), (&format!("in/{name}"), GATEWAY)];
        let files = files.map(|(folder, text)| (format!("{folder}/{conf}"), text));
        let mut files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let report = plan(&scratch(&files), "in");
        assert_eq!(nodes(&report), [["cp", "gw"]], "{name}");
        assert_eq!(found(&report, "old-copy").len(), 1, "{name}");
        if name == "gw copy" {
            continue; // a copy whatever it says
        }
        // What says something else is a node.
        let other = GATEWAY.replace("gw.", "gw2.");
        files[2].1 = &other;
        let report = plan(&scratch(&files), "in");
        assert_eq!(nodes(&report).concat().len(), 3, "{name}");
    }
}

const KEYS: &str = "[server]\nhostname = \"km.example.com\"\nserver_role = \"api-key-manager\"\n";
const PUBLISHER: &str = "[server]\nhostname = \"pub.example.com\"\nserver_role = \"api-publisher\"\n\n\
    [apim.key_manager]\nservice_url = \"https://km.example.com:9443/services/\"\n\n\
    [apim.devportal]\nurl = \"https://store.example.com:9443/devportal\"\n";
const STORE: &str = "[server]\nhostname = \"store.example.com\"\nserver_role = \"api-devportal\"\n\n\
    [apim.key_manager]\nservice_url = \"https://km.example.com:9443/services/\"\n";

/// The publisher and the store of three nodes; the third, of which a test makes what it wants, would be `node-a`.
fn two_of_three() -> Scratch {
    scratch(&[
        ("in/publisher/repository/conf/deployment.toml", PUBLISHER),
        ("in/store/repository/conf/deployment.toml", STORE),
    ])
}

/// The control plane is held back, unless the administrator takes it with the gap.
#[track_caller]
fn held_back(scratch: &Scratch, unread: &str) {
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let report = run.json();
    assert_eq!(written(&report), [("control-plane", false)]);
    assert_eq!(report["deployments"][0]["status"], "incomplete");
    assert_eq!(report["deployments"][0]["target"]["nodes"][0]["unread"], serde_json::json!([unread]));
    assert!(
        inputs(&report).iter().any(|(path, status, _)| *path == unread && *status != "read"),
        "{:?}",
        inputs(&report)
    );
    let text = scratch.run(&["plan", "in"]).stdout;
    assert!(text.starts_with("Not read, or left out\n") && text.contains(&format!("{unread}: ")), "{text}");
    let partial = scratch.run(&["plan", "in", "--partial", "--format", "json"]).json();
    assert_eq!(written(&partial), [("control-plane", true)]);
}

#[test]
fn a_folder_in_the_place_of_a_file_is_told() {
    for (folder, name) in [("node-a", "deployment.toml"), ("keys", "deployment.toml"), ("keys", "api-manager.xml")] {
        let scratch = two_of_three();
        let path = format!("{folder}/repository/conf/{name}");
        std::fs::create_dir_all(scratch.path(&format!("in/{path}"))).unwrap();
        held_back(&scratch, &path);
    }
    // In an archive too.
    let mut archive = tar::Builder::new(Vec::new());
    for (path, text) in [("publisher", PUBLISHER), ("store", STORE)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("{path}/repository/conf/deployment.toml"), text.as_bytes()).unwrap();
    }
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::Directory);
    header.set_size(0);
    archive.append_data(&mut header, "keys/repository/conf/deployment.toml/", &b""[..]).unwrap();
    let scratch = Scratch::new();
    scratch.put("in.tar", &archive.into_inner().unwrap());
    let run = scratch.run(&["plan", "in.tar", "--format", "json"]);
    assert_eq!((run.exit, written(&run.json())), (3, vec![("control-plane", false)]));
}

#[cfg(unix)]
#[test]
fn what_a_link_of_a_server_leads_nowhere_by_is_told() {
    use std::os::unix::fs::symlink;
    for (at, to) in [
        ("node-a", "/nonexistent-1"),
        ("node-a/repository/conf", "/nonexistent-1"),
        ("node-a/repository/conf", "."),
        ("node-a/repository", ".."),
        ("node-a/repository/conf", ".."),
    ] {
        let scratch = two_of_three();
        let path = scratch.path(&format!("in/{at}"));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(to, path).unwrap();
        held_back(&scratch, at);
    }
}

#[cfg(unix)]
#[test]
fn a_folder_that_servers_share_is_each_ones() {
    use std::os::unix::fs::symlink;
    let scratch = scratch(&[("in/gw1/repository/conf/deployment.toml", GATEWAY)]);
    std::fs::create_dir_all(scratch.path("in/gw2/repository")).unwrap();
    symlink("../../gw1/repository/conf", scratch.path("in/gw2/repository/conf")).unwrap();
    assert_eq!(nodes(&plan(&scratch, "in")).concat(), ["gw1", "gw2"]);
}

#[test]
fn an_encrypted_or_damaged_file_stands_for_its_node() {
    for name in [
        "deployment.toml.age",
        "deployment.toml.enc",
        "deployment.toml.gpg",
        "deployment.toml.lz4",
        "deployment.toml.gz",
        "api-manager.xml.crypt",
    ] {
        let scratch = two_of_three();
        let path = format!("node-a/repository/conf/{name}");
        scratch.put(&format!("in/{path}"), b"age-encryption.org/v1\n");
        held_back(&scratch, &path);
        // Beside the file itself it is a copy.
        scratch.put("in/node-a/repository/conf/deployment.toml", KEYS.as_bytes());
        if name.starts_with("deployment") {
            assert_eq!(written(&plan(&scratch, "in")), [("control-plane", true)], "{name}");
        }
    }
}

#[test]
fn a_node_that_is_too_old_holds_back_what_it_would_be_of() {
    let scratch = two_of_three();
    scratch.put("in/node-a/repository/conf/carbon.xml", carbon("1.10.0", "km.example.com").as_bytes());
    held_back(&scratch, "node-a/repository/conf/carbon.xml");
}

#[test]
fn a_whole_control_plane_is_not_held_back_by_what_lies_beside_it() {
    let scratch = two_of_three();
    scratch.put("in/keys/repository/conf/deployment.toml", KEYS.as_bytes());
    scratch.put("in/node-a/repository/conf/carbon.xml", carbon("1.10.0", "other.example.com").as_bytes());
    let report = plan(&scratch, "in");
    assert_eq!(written(&report), [("control-plane", true)]);
    assert_eq!(report["status"], "incomplete");
}

/// A tar with files, and links by what they lead to.
fn linked(files: &[(&str, &str)], links: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, to) in links {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Symlink);
        header.set_size(0);
        archive.append_link(&mut header, path, to).unwrap();
    }
    for (path, text) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, text.as_bytes()).unwrap();
    }
    archive.into_inner().unwrap()
}

#[test]
fn links_of_an_archive_lead_through_links_to_folders() {
    let hidden = "cp/..2024_05_06_07_08_09.1/deployment.toml";
    let files = [(hidden, CONTROL_PLANE)];
    let links = [("cp/deployment.toml", "..data/deployment.toml"), ("cp/..data", "..2024_05_06_07_08_09.1")];
    let scratch = Scratch::new();
    scratch.put("in.tar", &linked(&files, &links));
    let run = scratch.run(&["plan", "in.tar", "--format", "json"]);
    let report = run.json();
    assert_eq!(nodes(&report), [["cp"]]);
    assert_eq!(told(&report, "cp/deployment.toml").0, "read");
    assert!(told(&report, hidden).1.contains("Kubernetes"), "{:?}", told(&report, hidden));
    assert_eq!(found(&report, "configuration-misnamed"), []);
    assert_ne!(report["status"], "incomplete");
    // In circles they lead nowhere, and that ends.
    let links = [("cp/deployment.toml", "a/deployment.toml"), ("cp/a", "b"), ("cp/b", "a")];
    let other = [("gw/deployment.toml", GATEWAY)];
    scratch.put("circle.tar", &linked(&other, &links));
    let report = plan(&scratch, "circle.tar");
    assert!(told(&report, "cp/deployment.toml").1.contains("link to no file of the archive"));
    // As a zip has them.
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    archive.add_symlink("cp/deployment.toml", "..data/deployment.toml", stored).unwrap();
    archive.add_symlink("cp/..data", "..2024_05_06_07_08_09.1", stored).unwrap();
    archive.start_file(hidden, stored).unwrap();
    archive.write_all(CONTROL_PLANE.as_bytes()).unwrap();
    scratch.put("in.zip", &archive.finish().unwrap().into_inner());
    assert_eq!(told(&plan(&scratch, "in.zip"), "cp/deployment.toml").0, "read");
}

fn gzip(text: &str) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(text.as_bytes()).unwrap();
    packed.finish().unwrap()
}

#[test]
fn of_several_packed_files_the_one_that_is_read_is_named() {
    let scratch = Scratch::new();
    scratch.put("in/gw/repository/conf/deployment.toml.gz", &gzip(GATEWAY));
    scratch.put("in/gw/repository/conf/deployment.toml.xz", &gzip(GATEWAY));
    scratch.put("in/gw/repository/conf/deployment.toml.zst", b"(\xb5/\xfd\x04\x00\x01\x00\x00\x99\xe9\xd8Q");
    let report = plan(&scratch, "in");
    let reason = told(&report, "gw/repository/conf/deployment.toml.zst").1;
    assert!(reason.contains("packed in `deployment.toml.gz` beside it"), "{reason}");
    scratch.put("in/gw/repository/conf/deployment.toml", GATEWAY.as_bytes());
    let reason = told(&plan(&scratch, "in"), "gw/repository/conf/deployment.toml.gz").1;
    assert!(reason.contains("beside `deployment.toml`, which the server reads"), "{reason}");
}

#[test]
fn one_packed_file_is_one_input() {
    let scratch = Scratch::new();
    scratch.put("deployment.toml.gz", &gzip(GATEWAY));
    let report = plan(&scratch, "deployment.toml.gz");
    assert_eq!(inputs(&report), [("deployment.toml.gz", "read", 1)]);
    assert_eq!(nodes(&report), [["deployment.toml"]]);
}

#[test]
fn a_home_under_the_name_of_a_program_is_one() {
    let pack = |path: &str| {
        let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
        archive.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(CONTROL_PLANE.as_bytes()).unwrap();
        archive.finish().unwrap().into_inner()
    };
    let home = pack("cp/repository/conf/deployment.toml");
    for name in ["backup.jar", "backup.war", "backup.car", "backup.docx"] {
        let files = scratch(&[("in/gw/repository/conf/deployment.toml", GATEWAY)]);
        files.put(&format!("in/{name}"), &home);
        let report = plan(&files, "in");
        assert_eq!(nodes(&report).concat(), ["cp", "gw"], "{name}");
        // In a server's home it is a part of that, and told.
        let files = scratch(&[("in/gw/repository/conf/deployment.toml", GATEWAY)]);
        files.put(&format!("in/gw/{name}"), &home);
        let report = plan(&files, "in");
        assert_eq!(found(&report, "inside-home").len(), 1, "{name}");
        // Programs are programs.
        let files = scratch(&[("in/gw/repository/conf/deployment.toml", GATEWAY)]);
        files.put(&format!("in/lib/{name}"), &pack("META-INF/pom.xml"));
        let report = plan(&files, "in");
        assert_eq!(inputs(&report), [("in", "read", 1)], "{name}");
    }
}

#[test]
fn archives_and_images_are_known_by_their_first_bytes() {
    let heads: [(&str, &[u8]); 11] = [
        ("lzip", b"LZIP\x01\x0c"),
        ("lrzip", b"LRZI\0\x06"),
        ("squashfs", b"hsqs\x07\0\0\0"),
        ("wim", b"MSWIM\0\0\0\xd0"),
        ("zpaq", b"7kSt\xa0"),
        ("age", b"age-encryption.org/v1\n"),
        ("a password", b"Salted__12345678"),
        ("vmdk", b"KDMV\x01\0\0\0"),
        ("qcow2", b"QFI\xfb\0\0\0\x03"),
        ("xar", b"xar!\0\x1c"),
        ("vhdx", b"vhdxfile"),
    ];
    let scratch = scratch(&[("in/gw/repository/conf/deployment.toml", GATEWAY)]);
    for (number, (_, head)) in heads.iter().enumerate() {
        scratch.put(&format!("in/node{number}"), head);
        scratch.put(&format!("in/gw/home{number}.data"), head);
    }
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let report = run.json();
    for (number, (word, _)) in heads.iter().enumerate() {
        for path in [format!("node{number}"), format!("gw/home{number}.data")] {
            let (verdict, reason) = told(&report, &path);
            assert!(verdict == "unreadable" && reason.contains(word), "{path}: {reason}");
            assert!(inputs(&report).iter().any(|one| one.0 == path && one.1 == "not-read"), "{path}");
        }
    }
}

#[test]
fn the_ledger_says_of_what_the_product_ships_that_it_does() {
    let conf = "am/repository/conf";
    let templates = "am/repository/resources/conf/templates/repository/conf";
    let shipped = [
        format!("{conf}/log4j2.properties"),
        format!("{conf}/health-check-config.xml"),
        format!("{conf}/own-of-this-version.xml"),
        format!("{conf}/tomcat/catalina.properties"),
        format!("{conf}/axis2/tenant-axis2_KM.xml"),
        format!("{templates}/own-of-this-version.xml.j2"),
        format!("{templates}/api-manager.xml.j2"),
        "am/repository/resources/conf/default.json".to_owned(),
        "am/repository/resources/api_templates/velocity_template.xml".to_owned(),
        "am/repository/resources/policy_templates/throttle_policy_template_app.xml".to_owned(),
        "am/repository/components/plugins/org.example.template.stub_1.0.jar".to_owned(),
    ];
    let scratch = scratch(&[(&format!("in/{conf}/deployment.toml"), "[server]\nhostname = \"am.example.com\"\n")]);
    for path in &shipped {
        let text: &[u8] = if path.ends_with(".properties") { b"a = b\n" } else { b"<x/>\n" };
        scratch.put(&format!("in/{path}"), text);
    }
    scratch.put("in/am/repository/resources/api_templates/velocity_template.xml.bak", b"<x/>\n");
    let report = plan(&scratch, "in");
    for path in &shipped {
        let (_, reason) = told(&report, path);
        assert!(!reason.contains("copy that no server reads"), "{path}: {reason}");
        assert!(!reason.contains("no file that the server ships"), "{path}: {reason}");
    }
    assert_eq!(found(&report, "unknown-file"), []);
    assert_eq!(told(&report, &shipped[2]).0, "rendered");
    assert_eq!(told(&report, &shipped[0]).0, "copy");
    let copy = told(&report, "am/repository/resources/api_templates/velocity_template.xml.bak");
    assert_eq!(copy.1, "a copy that no server reads");
    let run = scratch.run(&["convert", "in", "--out", "out"]);
    assert_ne!(run.exit, 1, "{}", run.stderr);
    let checklist = std::fs::read_to_string(scratch.path("out/CHECKLIST.md")).unwrap();
    for name in ["api-manager.xml.j2", "default.json", "log4j2.properties"] {
        assert!(checklist.contains(&format!("`{name}`")), "{name}: {checklist}");
    }
}
