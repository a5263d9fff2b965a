//! What strangers gave: copies of homes, foreign files, manifests, versions that are not converted, and what is said of
//! each of their files.

use serde_json::Value;

use crate::cli::Scratch;

const GATEWAY: &str = "[server]\nhostname = \"gw.example.com\"\nserver_role = \"gateway-worker\"\n\n\
    [apim.key_manager]\nservice_url = \"https://cp.example.com:9443/services/\"\n";

/// What the report says of a file, wherever it stands: its verdict and reason. It must stand there once.
#[track_caller]
fn told(report: &Value, path: &str) -> (String, String) {
    let of = |list: &Value, folder: &str| -> Vec<(String, String)> {
        let files = list.as_array().unwrap().iter();
        let here = files.filter(|file| {
            let own = file["path"].as_str().unwrap();
            path == if folder.is_empty() { own.to_owned() } else { format!("{folder}/{own}") }
        });
        here.map(|file| (file["verdict"].as_str().unwrap().to_owned(), file["reason"].as_str().unwrap().to_owned()))
            .collect()
    };
    let mut all = of(&report["files"], "");
    for deployment in report["deployments"].as_array().unwrap() {
        all.extend(of(&deployment["files"], deployment["path"].as_str().unwrap()));
    }
    assert_eq!(all.len(), 1, "{path}: {all:?}");
    all.remove(0)
}

fn codes(report: &Value) -> Vec<String> {
    let deployments =
        report["deployments"].as_array().unwrap().iter().flat_map(|one| one["findings"].as_array().unwrap());
    let all = deployments.chain(report["findings"].as_array().unwrap());
    all.map(|found| found["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_copied_home_beside_the_home_is_no_twin() {
    let scratch = Scratch::new();
    for home in ["gateway", "gateway.old", "gateway - Copy", "gateway_backup_20260101"] {
        scratch.put(&format!("in/{home}/repository/conf/deployment.toml"), GATEWAY.as_bytes());
    }
    // A standby is no copy.
    scratch.put("in/gateway-backup/repository/conf/deployment.toml", GATEWAY.replace("gw.", "gw2.").as_bytes());
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    for home in ["gateway", "gateway-backup"] {
        assert_eq!(told(&report, &format!("in/{home}/repository/conf/deployment.toml").replace("in/", "")).0, "read");
    }
    for home in ["gateway.old", "gateway - Copy", "gateway_backup_20260101"] {
        let (verdict, reason) = told(&report, &format!("{home}/repository/conf/deployment.toml"));
        assert_eq!((&*verdict, reason), ("not-configuration", format!("in `{home}`: a copy that no server reads")));
    }
    assert_eq!(codes(&report).iter().filter(|code| *code == "old-copy").count(), 3);
}

#[test]
fn files_of_what_is_left_out_stay_in_the_ledger() {
    let scratch = Scratch::new();
    scratch.put("in/gateway/repository/conf/deployment.toml", GATEWAY.as_bytes());
    let old = "<Server xmlns=\"http://wso2.org/projects/carbon/carbon.xml\"><ServerKey>AM</ServerKey>\
               <Version>1.7.0</Version><HostName>old.example.com</HostName></Server>";
    scratch.put("in/old/wso2/repository/conf/carbon.xml", old.as_bytes());
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!(run.exit, 3);
    let (verdict, reason) = told(&run.json(), "old/wso2/repository/conf/carbon.xml");
    assert_eq!((&*verdict, &*reason), ("unreadable", "version 1.7 is not converted"));
}

#[test]
fn a_foreign_file_beside_two_deployments_is_refused_by_name() {
    let scratch = Scratch::new();
    scratch.put("in/one/repository/conf/deployment.toml", GATEWAY.replace("example.com", "one.example").as_bytes());
    scratch.put("in/two/repository/conf/deployment.toml", GATEWAY.replace("example.com", "two.example").as_bytes());
    scratch.put("in/tool/conf/deployment.toml", b"[package]\nname = \"x\"\n");
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    assert!(codes(&report).contains(&"foreign-configuration".to_owned()));
    let input = report["inputs"].as_array().unwrap().iter().find(|input| input["path"] == "tool/conf/deployment.toml");
    assert_eq!(input.unwrap()["status"], "foreign");
}

#[test]
fn what_looks_like_configuration_is_never_programs() {
    let scratch = Scratch::new();
    scratch.put("in/repository/conf/deployment.toml", GATEWAY.as_bytes());
    let strays = [
        ("tmp/work/conf/carbon.xml", "outside of a server's configuration folder: no server reads it there"),
        ("backup/repository/conf/api-manager.xml", "in `backup`: a copy that no server reads"),
        ("conf.old/deployment.toml", "in `conf.old`: a copy that no server reads"),
        ("repository/conf/bak/deployment.toml", "a copy that no server reads"),
        (
            "repository/conf/deployment.toml.2026-01-01",
            "a copy beside `deployment.toml`, which the server reads: nothing was taken from it",
        ),
    ];
    for (path, _) in strays {
        scratch.put(&format!("in/{path}"), b"<x/>");
    }
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    for (path, expected) in strays {
        assert_eq!(told(&report, path), ("not-configuration".to_owned(), expected.to_owned()), "{path}");
    }
}

#[test]
fn a_manifest_is_told_as_one() {
    let scratch = Scratch::new();
    let toml = format!("    {}", GATEWAY.trim_end().replace('\n', "\n    "));
    let manifest =
        format!("apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: gateway\ndata:\n  deployment.toml: |\n{toml}\n");
    scratch.put("in/gateway.yaml", manifest.as_bytes());
    scratch.put("in/more.yaml", format!("{manifest}---\nkind: Service\nmetadata:\n  name: x\n").as_bytes());
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    for path in ["gateway.yaml", "more.yaml"] {
        let (_, reason) = told(&report, path);
        assert!(reason.starts_with("a Kubernetes manifest: "), "{reason}");
    }
}

#[test]
fn sealed_archives_are_named() {
    let scratch = Scratch::new();
    scratch.put("in/gateway/repository/conf/deployment.toml", GATEWAY.as_bytes());
    let sealed = ["a.tar.gz.gpg", "b.zip.enc", "c.tgz.age", "d.7z.pgp", "e.rpm"];
    for name in sealed {
        scratch.put(&format!("in/{name}"), b"\x01\x02");
    }
    let run = scratch.run(&["plan", "in", "--format", "json"]);
    assert_eq!(run.exit, 3);
    for name in sealed {
        assert_eq!(told(&run.json(), name).0, "unreadable", "{name}");
    }
}

#[test]
fn a_join_of_what_is_not_there_is_an_error() {
    let scratch = Scratch::new();
    scratch.put("one/repository/conf/deployment.toml", GATEWAY.as_bytes());
    scratch.put("two/repository/conf/deployment.toml", GATEWAY.as_bytes());
    scratch.put("answers.toml", b"together = [[\"one\", \"tow\"]]\n");
    let run = scratch.run(&["plan", "one", "two", "--decisions", "answers.toml", "--quiet"]);
    assert_eq!(run.exit, 1);
    assert!(run.stderr.contains("`tow`, which no INPUT and no deployment is called"), "{}", run.stderr);
}

#[test]
fn a_key_that_only_the_newer_source_reads_asks_for_its_target() {
    let scratch = Scratch::new();
    let toml = "[server]\nhostname = \"am.example.com\"\n[apim.ai]\nenable = true\nembedding_provider.type = \"x\"\n\
                [[apim.gateway.environment]]\nname = \"Default\"\ntype = \"hybrid\"\n";
    scratch.put("in/deployment.toml", toml.as_bytes());
    let plan = |target: &str| scratch.run(&["plan", "in", "--format", "json", "--target", target]).json();
    assert!(codes(&plan("current")).contains(&"target-too-old".to_owned()));
    assert!(!codes(&plan("4.6")).contains(&"target-too-old".to_owned()));
}

#[test]
fn plan_and_check_say_one_thing_of_a_damaged_file() {
    let scratch = Scratch::new();
    scratch.put("in/deployment.toml", b"[server]\nhostname = https://am.example.com:${port}\n");
    let plan = scratch.run(&["plan", "in", "--quiet"]);
    assert!(plan.stderr.contains("deployment.toml:2:12: string values must be quoted"), "{}", plan.stderr);
    let check = scratch.run(&["check", "in"]);
    assert!(check.stdout.contains("deployment.toml:2:12: error[configuration-damaged]: string values must be quoted"));
    let caret = "2 | hostname = ********\n  |            ^^^^^^^^\n";
    assert!(plan.stderr.contains(caret) && check.stdout.contains(caret), "{}{}", plan.stderr, check.stdout);

    // With another node beside it the plan is made, and the same stands above it.
    scratch.put(
        "two/cp/repository/conf/deployment.toml",
        b"[server]\nserver_role = \"control-plane\"\n\tpin = it's \"a\n",
    );
    scratch.put("two/gw/repository/conf/deployment.toml", b"[server]\nserver_role = \"gateway-worker\"\n");
    let plan = scratch.run(&["plan", "two"]);
    assert!(plan.stdout.contains("  3 |  pin = ********\n    |        ^^^^^^^^\n"), "{}", plan.stdout);
    assert!(!plan.stdout.contains("it's"));
    let files = scratch.run(&["convert", "two", "--out", "out", "--partial"]);
    assert!(!files.stdout.contains("it's"), "{}", files.stdout);
}

#[test]
fn other_products_stand_in_the_headline() {
    let scratch = Scratch::new();
    scratch.put("in/gateway/repository/conf/deployment.toml", GATEWAY.as_bytes());
    scratch.put("in/flow/conf/server/deployment.yaml", b"wso2.carbon:\n  id: flow\n");
    let run = scratch.run(&["plan", "in", "--quiet"]);
    assert!(run.stdout.starts_with("Other products, set aside\n  flow: "), "{}", run.stdout);
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    assert_eq!(told(&report, "flow/conf/server/deployment.yaml").0, "set-aside");
}
