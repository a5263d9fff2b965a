//! What can be given, and what is said of what cannot be read.

use std::io::Write as _;

use flate2::{Compression, write::GzEncoder};

use super::{Scratch, files, findings};

const API_MANAGER: &str = "in/gateway/repository/conf/api-manager.xml";

/// Converts a bad `in`: one error that has these texts, and nothing is written.
#[track_caller]
fn refuses(scratch: &Scratch, input: &str, said: &[&str]) {
    for args in [&["convert", input, "--out", "out"][..], &["plan", input], &["plan", input, "--format", "json"]] {
        let before = scratch.names();
        let run = scratch.run(args);
        let error = run.one_error();
        for text in said {
            assert!(error.contains(text), "`{text}` is not in: {error}");
        }
        if args.contains(&"json") {
            let report = run.json();
            let inputs = report["inputs"].as_array().unwrap();
            assert_eq!((inputs.len(), &inputs[0]["status"]), (1, &"not-read".into()), "{report}");
            assert!(!inputs[0]["reason"].as_str().unwrap().is_empty(), "{report}");
        } else {
            assert!(run.stdout.is_empty(), "{}", run.stdout);
        }
        assert_eq!(scratch.names(), before);
    }
}

#[test]
fn refuses_a_missing_path() {
    refuses(&Scratch::new(), "nowhere/in", &["nowhere/in", "no such file or folder"]);
}

#[test]
fn refuses_an_empty_folder() {
    let scratch = Scratch::new();
    std::fs::create_dir(scratch.path("in")).unwrap();
    refuses(&scratch, "in", &["in has no files"]);
}

#[test]
fn refuses_a_folder_without_configuration() {
    let scratch = Scratch::new();
    scratch.put("in/notes/readme.txt", b"text");
    scratch.put("in/other.xml", b"<other/>");
    refuses(&scratch, "in", &["in: ", "no configuration"]);
}

#[test]
fn refuses_truncated_xml() {
    let scratch = Scratch::new();
    scratch.put(API_MANAGER, b"<APIManager>\n  <APIGateway>\n    <Environments>");
    refuses(&scratch, "in", &["gateway/repository/conf/api-manager.xml:3:19:", "`</Environments>` is missing"]);
}

#[test]
fn refuses_a_binary_file_in_the_place_of_xml() {
    let scratch = Scratch::new();
    scratch.put(API_MANAGER, b"\x7fELF\x02\x01\x01\0\0\0\0\xff\xfe\x80");
    refuses(&scratch, "in", &["gateway/repository/conf/api-manager.xml:1:", "not a text file"]);
}

#[cfg(unix)]
#[test]
fn refuses_an_unreadable_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    scratch.put(API_MANAGER, b"<APIManager/>");
    std::fs::set_permissions(scratch.path(API_MANAGER), std::fs::Permissions::from_mode(0o000)).unwrap();
    // The superuser reads anything.
    if std::fs::read(scratch.path(API_MANAGER)).is_err() {
        refuses(&scratch, "in", &["gateway/repository/conf/api-manager.xml"]);
    }
}

#[cfg(unix)]
#[test]
fn refuses_an_unreadable_folder() {
    use std::os::unix::fs::PermissionsExt as _;
    let scratch = Scratch::new();
    scratch.put(API_MANAGER, b"<APIManager/>");
    std::fs::set_permissions(scratch.path("in"), std::fs::Permissions::from_mode(0o000)).unwrap();
    if std::fs::read_dir(scratch.path("in")).is_err() {
        refuses(&scratch, "in", &["in"]);
    }
    std::fs::set_permissions(scratch.path("in"), std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[test]
fn refuses_an_output_folder_that_cannot_be_made() {
    let scratch = Scratch::of("five-node");
    scratch.put("file", b"mine");
    for out in ["file", "file/out"] {
        let run = scratch.run(&["convert", "in", "--out", out]);
        assert!(run.one_error().contains(out), "{}", run.stderr);
        assert_eq!(scratch.names(), ["file", "in"]);
    }
    assert_eq!(std::fs::read(scratch.path("file")).unwrap(), b"mine");
}

#[test]
fn refuses_corrupt_archives() {
    let scratch = Scratch::of("five-node");
    for name in ["x.zip", "x.tar", "x.tar.gz"] {
        scratch.put(name, b"no archive at all");
        refuses(&scratch, name, &[name, "cannot read"]);
        let whole = pack(&scratch, name);
        // Of a tar what stands before the cut is read.
        scratch.put(name, &whole[..if name == "x.zip" { whole.len() / 2 } else { 12 }]);
        refuses(&scratch, name, &[name, "cannot read"]);
    }
}

#[test]
fn tells_each_bad_input_and_goes_on_with_the_good_ones() {
    let scratch = Scratch::of("all-in-one");
    assert_eq!(scratch.run(&["convert", "in", "--out", "alone"]).exit, 0);
    let run = scratch.run(&["convert", "nowhere", "in", "also-nowhere", "--out", "out", "--quiet"]);
    assert_eq!(run.exit, 3);
    assert_eq!(run.stderr.lines().count(), 2, "{}", run.stderr);
    let (mut alone, mut beside) = (files(&scratch.path("alone")), files(&scratch.path("out")));
    let status = |files: &mut std::collections::BTreeMap<String, Vec<u8>>| {
        let report: serde_json::Value =
            serde_json::from_slice(&files.remove("migration-report.json").unwrap()).unwrap();
        files.remove("CHECKLIST.md").unwrap();
        files.remove(".apim-migrate.json").unwrap();
        let mut deployments = report["deployments"].clone();
        // Of several INPUTs the path begins with the INPUT's name.
        deployments[0]["path"] = "".into();
        (report["status"].clone(), deployments)
    };
    let (alone_status, beside_status) = (status(&mut alone), status(&mut beside));
    assert_eq!((alone_status.0, beside_status.0), ("ready".into(), "incomplete".into()));
    assert_eq!(alone_status.1, beside_status.1);
    assert_eq!(alone, beside);
    let run = scratch.run(&["convert", "nowhere", "also-nowhere", "--out", "none"]);
    assert_eq!(run.exit, 1);
    assert!(!scratch.path("none").exists());
}

#[test]
fn a_damaged_file_costs_only_what_it_damages() {
    let scratch = Scratch::of("five-node");
    let whole = scratch.convert(&[]);
    let jndi = "in/publisher/repository/conf/tomcat/catalina-server.xml";
    scratch.put(jndi, b"<Server>\n  <Service name='Catalina'>\n");
    let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
    assert_eq!(run.exit, 3);
    let report = run.json();
    let found = findings(&report, "configuration-damaged");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["severity"], "error");
    assert_eq!(found[0]["file"], jndi.strip_prefix("in/").unwrap());
    assert_eq!((found[0]["line"].as_u64(), found[0]["column"].as_u64()), (Some(3), Some(1)));
    let verdict = |report: &serde_json::Value| {
        let files = super::all(report, "files");
        let file = files.into_iter().find(|file| file["path"] == jndi.strip_prefix("in/").unwrap()).unwrap().clone();
        (file["verdict"].clone(), file["leaves"].clone())
    };
    assert_eq!(verdict(&whole).0, "read");
    assert_eq!(verdict(&report), ("unreadable".into(), 0.into()));
    assert_eq!(
        report["totals"]["read"].as_u64().unwrap() + verdict(&whole).1.as_u64().unwrap(),
        whole["totals"]["read"].as_u64().unwrap()
    );
    for node in ["control-plane", "gateway-worker", "traffic-manager"] {
        scratch.written(node);
    }
}

/// What is told of a file below `in`: its verdict, its leaves, and the reason that `inputs[]` has.
#[track_caller]
fn told(report: &serde_json::Value, file: &str) -> (String, u64, String) {
    let files = super::all(report, "files");
    let found = files.into_iter().find(|found| found["path"] == file).unwrap_or_else(|| panic!("{file}")).clone();
    let inputs = report["inputs"].as_array().unwrap();
    let reason =
        inputs.iter().find(|input| input["path"] == file).map_or("", |input| input["reason"].as_str().unwrap());
    (found["verdict"].as_str().unwrap().to_owned(), found["leaves"].as_u64().unwrap(), reason.to_owned())
}

#[test]
fn a_file_that_is_something_else_under_the_name_of_configuration_is_not_read() {
    let jndi = "apim/repository/conf/jndi.properties";
    for (file, text, what) in [
        (jndi, "<!DOCTYPE html>\n<html><body>404: not found</body></html>\n", "a page of HTML"),
        (jndi, "{\"connectionfactory\": \"a\"}\n", "JSON"),
        (jndi, "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "a pointer of Git LFS"),
        (jndi, "a=b\n<<<<<<< HEAD\nc=d\n=======\nc=e\n>>>>>>> topic\n", "a merge that was not finished"),
        ("apim/repository/conf/metrics.xml", "<html><body>404</body></html>\n", "a page of HTML"),
    ] {
        let scratch = Scratch::of("all-in-one");
        scratch.put(&format!("in/{file}"), text.as_bytes());
        let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
        assert_eq!(run.exit, 3, "{text}");
        let (verdict, leaves, reason) = told(&run.json(), file);
        assert_eq!((&*verdict, leaves), ("unreadable", 0), "{text}");
        assert!(reason.contains(what), "{reason}");
        let checklist = std::fs::read_to_string(scratch.path("out/CHECKLIST.md")).unwrap();
        assert!(checklist.contains(what), "{checklist}");
        // The rest is converted.
        scratch.written("all-in-one");
    }
}

#[test]
fn a_file_whose_name_has_other_capital_letters_is_told_first() {
    let scratch = Scratch::of("all-in-one");
    let conf = |name: &str| format!("in/apim/repository/conf/{name}");
    std::fs::rename(scratch.path(&conf("registry.xml")), scratch.path(&conf("REGISTRY.XML"))).unwrap();
    let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
    assert_eq!(run.exit, 3);
    let expected = "not read: a server reads it as `registry.xml` alone".to_owned();
    assert_eq!(told(&run.json(), "apim/repository/conf/REGISTRY.XML"), ("unreadable".to_owned(), 0, expected));
    // Without the file that says what the node is, nothing is written of it.
    std::fs::rename(scratch.path(&conf("carbon.xml")), scratch.path(&conf("Carbon.xml"))).unwrap();
    let run = scratch.run(&["convert", "in", "--out", "other"]);
    assert!(!scratch.path("other/all-in-one").exists(), "{}{}", run.stdout, run.stderr);
    let run = scratch.run(&["convert", "in", "--out", "other", "--partial"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert!(scratch.path("other/all-in-one").exists());
    // Beside the right one it is a file that no server reads, and costs nothing.
    let scratch = Scratch::of("all-in-one");
    scratch.put(&conf("Registry.xml"), b"<wso2registry/>");
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_ne!(run.exit, 3);
    assert_eq!(findings(&run.json(), "configuration-misnamed")[0]["severity"], "warning");
}

#[test]
fn text_outside_of_the_root_is_told() {
    let scratch = Scratch::of("all-in-one");
    let carbon = "in/apim/repository/conf/carbon.xml";
    let mut text = std::fs::read(scratch.path(carbon)).unwrap();
    text.extend(b"left over\n");
    scratch.put(carbon, &text);
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    let found = findings(&report, "xml-repaired");
    assert_eq!(found.len(), 1);
    assert_eq!(
        (&found[0]["severity"], &found[0]["file"]),
        (&"warning".into(), &carbon.strip_prefix("in/").unwrap().into())
    );
}

#[test]
fn a_source_with_a_byte_order_mark_is_written_without_and_that_is_said() {
    let scratch = Scratch::of("all-in-one-3.x");
    let file = files(&scratch.path("in")).into_keys().find(|path| path.ends_with("deployment.toml")).unwrap();
    let plain = scratch.convert(&[]);
    assert_eq!(findings(&plain, "encoding-refused").len(), 0);
    let written = |files: std::collections::BTreeMap<String, Vec<u8>>| {
        files.into_iter().filter(|(path, _)| path.ends_with("deployment.toml")).collect::<Vec<_>>()
    };
    let expected = written(files(&scratch.path("out")));
    let bytes = std::fs::read(scratch.path(&format!("in/{file}"))).unwrap();
    scratch.put(&format!("in/{file}"), &[&b"\xef\xbb\xbf"[..], &bytes].concat());
    let report = scratch.convert(&[]);
    let found = findings(&report, "encoding-refused");
    assert_eq!((found.len(), &found[0]["file"], &found[0]["line"]), (1, &file.into(), &1.into()));
    assert_eq!(written(files(&scratch.path("out"))), expected);
}

/// An archive of `in`, by its name's ending.
fn pack(scratch: &Scratch, name: &str) -> Vec<u8> {
    let files = files(&scratch.path("in"));
    let kind = name.split_once('.').map(|(_, kind)| kind);
    if kind == Some("zip") {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        for (name, bytes) in files {
            archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            archive.write_all(&bytes).unwrap();
        }
        return archive.finish().unwrap().into_inner();
    }
    let mut archive = tar::Builder::new(Vec::new());
    for (name, bytes) in files.into_iter().rev() {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, name, &bytes[..]).unwrap();
    }
    let bytes = archive.into_inner().unwrap();
    if kind == Some("tar") {
        return bytes;
    }
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&bytes).unwrap();
    packed.finish().unwrap()
}

#[test]
fn reads_the_same_from_folders_and_archives() {
    let scratch = Scratch::of("five-node-ha");
    let folder = scratch.run(&["convert", "in", "--out", "out"]);
    // The record has the hash of the report, which has the INPUT's name.
    let files_of = |folder: &str| {
        let mut files = files(&scratch.path(folder));
        files.remove(".apim-migrate.json").unwrap();
        files
    };
    let expected = files_of("out");
    assert_eq!(expected.len(), 7);
    for name in ["in.zip", "in.tar", "in.tar.gz", "in.tgz"] {
        scratch.put(name, &pack(&scratch, name));
        let run = scratch.run(&["convert", name, "--out", "archive", "--force"]);
        assert_eq!(run.exit, folder.exit, "{}", run.stderr);
        let mut written = files_of("archive");
        let report = written.get_mut("migration-report.json").unwrap();
        let whole = String::from_utf8_lossy(report);
        assert!(whole.contains(&format!("\"path\": \"{name}\"")), "{name} is the input");
        *report = whole.replace(&format!("\"path\": \"{name}\""), "\"path\": \"in\"").into();
        assert!(written == expected, "{name}");
        assert_eq!(run.stdout.replace("archive", "out").replace(name, "in"), folder.stdout);
    }
}

#[test]
fn does_not_depend_on_the_order_of_folders() {
    let scratch = Scratch::of("five-node-ha");
    scratch.convert(&[]);
    let input = files(&scratch.path("in"));
    for (name, bytes) in input.iter().rev() {
        scratch.put(&format!("other/in/{name}"), bytes);
    }
    let run = scratch.run(&["convert", "other/in", "--out", "again"]);
    assert_ne!(run.exit, 1, "{}", run.stderr);
    assert_eq!(files(&scratch.path("again")), files(&scratch.path("out")));
}

#[test]
fn a_home_or_a_file_alone_is_an_input() {
    let scratch = Scratch::of("all-in-one");
    let home = scratch.run(&["convert", "in/apim", "--out", "home"]);
    assert_eq!(home.exit, 0, "{}", home.stderr);
    assert_eq!(scratch.run(&["convert", "in", "--out", "out"]).exit, 0);
    let node = "all-in-one/repository/conf/deployment.toml";
    assert_eq!(files(&scratch.path("home"))[node], files(&scratch.path("out"))[node]);
    let file = scratch.run(&["plan", "in/apim/repository/conf/api-manager.xml", "--format", "json"]).json();
    assert_eq!(file["deployments"][0]["source"]["nodes"][0]["roles"][0], "all-in-one");
    assert_eq!(super::all(&file, "files").len(), 1);
}

#[test]
fn several_deployments_have_folders_of_their_own() {
    let scratch = Scratch::new();
    scratch.copy("five-node", "in/prod");
    scratch.copy("two-environments", "in/test");
    let report = scratch.convert(&[]);
    let names: Vec<&str> =
        report["deployments"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["prod", "test"]);
    let alone = |case: &str| {
        let scratch = Scratch::of(case);
        scratch.convert(&[]);
        let mut files = files(&scratch.path("out"));
        files.retain(|path, _| path.ends_with("deployment.toml"));
        files
    };
    let mut both = files(&scratch.path("out"));
    both.retain(|path, _| path.ends_with("deployment.toml"));
    let mut expected = std::collections::BTreeMap::new();
    for (name, case) in [("prod", "five-node"), ("test", "two-environments")] {
        expected.extend(alone(case).into_iter().map(|(path, bytes)| (format!("{name}/{path}"), bytes)));
    }
    assert_eq!(both, expected);
}

#[test]
fn several_inputs_go_into_one_output() {
    let scratch = Scratch::new();
    scratch.copy("five-node", "prod");
    scratch.copy("two-environments", "test");
    let run = scratch.run(&["convert", "prod", "test", "--out", "out", "--format", "json"]);
    assert_eq!(run.exit, 2);
    let report = run.json();
    let names: Vec<&serde_json::Value> =
        report["deployments"].as_array().unwrap().iter().map(|deployment| &deployment["name"]).collect();
    assert_eq!(names, ["prod", "test"]);
    assert_eq!(
        report["deployments"][0]["target"]["nodes"][0]["file"],
        "prod/control-plane/repository/conf/deployment.toml"
    );
    let written = files(&scratch.path("out"));
    assert!(written.contains_key("prod/control-plane/repository/conf/deployment.toml"), "{:?}", written.keys());
    assert!(written.contains_key("test/gateway-worker-2/repository/conf/deployment.toml"), "{:?}", written.keys());
}

#[test]
fn many_inputs_together_give_what_each_gives_alone() {
    const CASES: [&str; 6] = ["active-active", "all-in-one", "five-node-ha", "hybrid", "logging", "secure-vault"];
    let scratch = Scratch::new();
    let mut inputs = vec!["missing".to_owned()];
    for round in 0..4 {
        for case in CASES {
            inputs.push(format!("{case}-{round}"));
            scratch.copy(case, &format!("{case}-{round}"));
        }
    }
    // The names do not come in the order of the alphabet, nor are the quick ones done first.
    inputs.reverse();
    let arguments: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let run = scratch.run(&[&["convert", "--out", "all", "--format", "json"], &arguments[..]].concat());
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert!(run.stderr.starts_with("error: no such file or folder: missing\n"), "{}", run.stderr);
    let report = run.json();
    let deployments = report["deployments"].as_array().unwrap();
    let names: Vec<&str> = deployments.iter().map(|deployment| deployment["name"].as_str().unwrap()).collect();
    assert_eq!(names, inputs[..inputs.len() - 1]);
    let together = files(&scratch.path("all"));
    for (case, deployment) in CASES.iter().rev().zip(deployments) {
        let name = format!("{case}-3");
        let alone = scratch.run(&["convert", &name, "--out", "one", "--force", "--format", "json"]).json();
        assert_eq!(alone["deployments"][0]["settings"], deployment["settings"], "{name}");
        for (file, bytes) in files(&scratch.path("one")).into_iter().filter(|(file, _)| file.contains('/')) {
            for round in 0..4 {
                assert_eq!(together.get(&format!("{case}-{round}/{file}")), Some(&bytes), "{case}-{round}/{file}");
            }
        }
    }
}

#[test]
fn inputs_of_one_name_are_told_apart_by_their_folders() {
    let scratch = Scratch::new();
    for folder in ["north", "south"] {
        scratch.copy("all-in-one", &format!("{folder}/conf"));
        scratch.put(&format!("{folder}/x.7z"), b"7z\xbc\xaf\x27\x1c");
    }
    let inputs = ["north/conf", "south/conf", "north/x.7z", "south/x.7z"];
    let run = scratch.run(&[&["convert"], &inputs[..], &["--out", "out", "--format", "json"]].concat());
    assert_eq!(run.exit, 3, "{}", run.stderr);
    let report = run.json();
    let paths = |of: &str| -> Vec<String> {
        let all = report[of].as_array().unwrap().iter();
        all.map(|one| one["path"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(paths("inputs"), inputs);
    assert_eq!(paths("deployments"), inputs[..2]);
    for one in report["deployments"].as_array().unwrap() {
        let file = one["target"]["nodes"][0]["file"].as_str().unwrap();
        assert!(scratch.path(&format!("out/{file}")).is_file(), "{file}");
    }
}

#[test]
fn a_deployment_of_1_x_is_refused() {
    let scratch = Scratch::of("all-in-one");
    scratch.edit("in/apim/repository/conf/carbon.xml", "<Version>2.1.0</Version>", "<Version>1.10.0</Version>");
    let run = scratch.run(&["convert", "in", "--out", "out"]);
    assert!(run.stderr.contains("2.0 or later") || run.stdout.contains("2.0 or later"), "{}{}", run.stderr, run.stdout);
}

#[test]
fn a_gateway_alone_keeps_the_control_plane_that_it_names() {
    let scratch = Scratch::new();
    for (name, bytes) in files(&super::corpus().join("five-node/in/node-c")) {
        scratch.put(&format!("in/am/{name}"), &bytes);
    }
    let report = scratch.convert(&[]);
    assert!(super::open(&report).contains(&"control-plane-address"));
    assert!(findings(&report, "external-key-manager").is_empty());
    let gateway = scratch.written("gateway-worker");
    for table in ["key_manager", "event_hub"] {
        let url = super::text(&gateway, &format!("apim.{table}.service_url")).to_owned();
        assert_eq!(url, "https://keys.example.net:9443/services/");
    }
    assert_eq!(super::list(&gateway, "apim.event_hub.event_listening_endpoints"), ["tcp://keys.example.net:5672"]);
    assert_eq!(super::text(&gateway, "apim.key_manager.type"), "(none)");
}

#[test]
fn takes_a_role_from_the_script_that_starts_the_node() {
    let scratch = Scratch::of("all-in-one");
    scratch.put(
        "in/apim/bin/start.sh",
        b"#!/bin/sh\n# -Dprofile=api-store\nexec ./wso2server.sh -Dprofile=gateway-worker\n",
    );
    let report = scratch.convert(&[]);
    assert!(scratch.path("out/gateway-worker").is_dir(), "{:?}", findings(&report, "role-disputed"));
    let text = report.to_string();
    assert!(text.contains("it is started with the profile `gateway-worker`"), "{text}");
}
