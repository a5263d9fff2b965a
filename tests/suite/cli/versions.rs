//! The version of the source: what may be said of it, and what names tell.

use serde_json::Value;

use super::{Scratch, corpus, files};

/// A deployment.toml that 3.x and 4.x alike may have.
const PLAIN: &[u8] =
    b"[server]\nhostname = \"am.example.com\"\n[super_admin]\nusername = \"boss\"\npassword = \"sesame\"\n";

/// The versions of the nodes of an INPUT, by their names.
fn versions(scratch: &Scratch, input: &str) -> Vec<(String, String)> {
    let report = scratch.run(&["plan", input, "--format", "json"]).json();
    let nodes =
        report["deployments"].as_array().unwrap().iter().flat_map(|one| one["source"]["nodes"].as_array().unwrap());
    let version = |node: &Value| {
        let mut evidence = node["evidence"].as_array().unwrap().iter();
        let said = evidence.find_map(|one| one["what"].as_str()?.strip_prefix("version ")).unwrap();
        said.split(':').next().unwrap().to_owned()
    };
    nodes.map(|node| (node["name"].as_str().unwrap().to_owned(), version(node))).collect()
}

#[test]
fn only_versions_that_exist_can_be_given() {
    let scratch = Scratch::of("all-in-one");
    for version in ["3.9", "2.7", "2.3", "1.10", "4.7", "5.0", "two"] {
        let run = scratch.run(&["plan", "in", "--source-version", version]);
        assert_eq!((run.exit, run.stdout.as_str()), (1, ""), "{version}");
        assert!(run.stderr.contains("no such version to convert: expected one of 2.0, 2.1, 2.2, 2.5, 2.6, 3.0"));
        scratch.put("answers.toml", format!("source-version = \"{version}\"\n").as_bytes());
        assert_eq!(scratch.run(&["plan", "in", "--decisions", "answers.toml"]).exit, 1, "{version}");
    }
    assert_eq!(scratch.run(&["plan", "in", "--source-version", "2.5.0"]).exit, 0);
}

#[test]
fn a_version_must_fit_the_files() {
    for (case, version, said) in [
        ("all-in-one", "3.2", "`apim` has the XML files of 2.x and no deployment.toml; give 2.0 to 2.6"),
        ("all-in-one", "4.2", "`apim` has the XML files of 2.x"),
        ("all-in-one-3.x", "2.6", "has a deployment.toml, which 2.x does not know; give 3.0 or later"),
    ] {
        let scratch = Scratch::of(case);
        let run = scratch.run(&["convert", "in", "--out", "out", "--source-version", version]);
        let error = run.one_error();
        assert!(
            error.contains(&format!("--source-version {version} does not fit: ")) && error.contains(said),
            "{error}"
        );
        assert!(!scratch.path("out").exists());
        scratch.put("answers.toml", format!("source-version = \"{version}\"\n").as_bytes());
        let run = scratch.run(&["plan", "in", "--decisions", "answers.toml"]);
        assert!(run.one_error().contains("does not fit"), "{}", run.stderr);
    }
    // An Identity Server beside it is of no version of this product.
    let scratch = Scratch::of("identity-server-3.x");
    assert_ne!(scratch.run(&["plan", "in", "--source-version", "3.1"]).exit, 1);
}

#[test]
fn names_of_files_tell_versions_as_folders_do() {
    let scratch = Scratch::new();
    scratch.put("flat/wso2am-4.5.0-deployment.toml", PLAIN);
    scratch.put("flat/wso2am-3.1.0-deployment.toml", PLAIN);
    scratch.put("homes/wso2am-4.5.0/repository/conf/deployment.toml", PLAIN);
    scratch.put("homes/wso2am-3.1.0/repository/conf/deployment.toml", PLAIN);
    for input in ["flat", "homes"] {
        let mut found: Vec<String> = versions(&scratch, input).into_iter().map(|(_, version)| version).collect();
        found.sort();
        assert_eq!(found, ["3.1", "4.5"], "{input}");
    }
    let of = |input: &str| versions(&scratch, input).remove(0).1;
    assert_eq!(of("flat/wso2am-4.5.0-deployment.toml"), "4.5");
    // Words of both lines leave it to the name; a word of one line does not.
    let both = [b"[apim.analytics]\nstore_api_url = \"https://a\"\n[apim.event_hub]\nenable = true\n", PLAIN].concat();
    scratch.put("both/wso2am-4.5.0-deployment.toml", &both);
    assert_eq!(of("both"), "4.5");
    scratch.put("old/am-4.5.0-deployment.toml", &[b"[server]\nserver_role = \"api-store\"\n", &PLAIN[9..]].concat());
    assert_eq!(of("old"), "3.2");
    // A number alone is no version of the product.
    scratch.put("release-1.2/deployment.toml", PLAIN);
    assert_eq!(of("release-1.2"), "3.2");
}

#[test]
fn deployments_before_2_are_an_error_whatever_tells_it() {
    let manager = files(&corpus().join("all-in-one/in"))["apim/repository/conf/api-manager.xml"].clone();
    let carbon = b"<Server><Name>WSO2 API Manager</Name><Version>1.10.0</Version></Server>";
    let scratch = Scratch::new();
    // Its own carbon.xml, its folder, the carbon.xml of the node beside it, what only 1.x has.
    scratch.put("stated/am/repository/conf/api-manager.xml", &manager);
    scratch.put("stated/am/repository/conf/carbon.xml", carbon);
    scratch.put("named/wso2am-1.10.0/repository/conf/api-manager.xml", &manager);
    scratch.put("beside/am-1/repository/conf/api-manager.xml", &manager);
    scratch.put("beside/am-1/repository/conf/carbon.xml", carbon);
    scratch.put("beside/am-2/repository/conf/api-manager.xml", &manager);
    let tracking = b"<APIManager><APIUsageTracking><Enabled>false</Enabled></APIUsageTracking></APIManager>";
    scratch.put("element/am/repository/conf/api-manager.xml", tracking);
    for input in ["stated", "named", "beside", "element"] {
        let run = scratch.run(&["convert", input, "--out", "out"]);
        assert!(run.one_error().contains("and only 2.0 or later is converted"), "{input}: {}", run.stderr);
        assert!(!scratch.path("out").exists(), "{input}");
    }
    // Beside one that is converted it is left out, and the run is not complete.
    scratch.copy("all-in-one", "both/new");
    for (path, bytes) in files(&scratch.path("stated")) {
        scratch.put(&format!("both/old/{path}"), &bytes);
    }
    let run = scratch.run(&["convert", "both", "--out", "out", "--format", "json"]);
    assert_eq!(run.exit, 3, "{}", run.stderr);
    assert_eq!(run.json()["status"], "incomplete");
    let told = run.json()["inputs"].as_array().unwrap().iter().any(|input| input["status"] == "unsupported-version");
    assert!(told, "{}", run.json()["inputs"]);
}
