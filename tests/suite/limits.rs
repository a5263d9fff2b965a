//! Beyond its limits an input is told, and the rest goes on.

use std::fmt::Write as _;

use apim_migrate::decision::Decisions;
use apim_migrate::diagnostic::Code;
use apim_migrate::limits::{self, Limit};
use apim_migrate::mapping::tables::Tables;
use apim_migrate::options::Options;
use apim_migrate::pipeline;

use super::cli::Scratch;

const CARBON: &str = "<Server><Version>2.6.0</Version><HostName>am.example.com</HostName></Server>";

/// The codes of the errors that come of an api-manager.xml.
fn errors(manager: String) -> Vec<Code> {
    let files = [("api-manager.xml", manager), ("carbon.xml", CARBON.to_owned())];
    let files = files.map(|(name, text)| (format!("repository/conf/{name}"), text.into_bytes()));
    let material = pipeline::in_memory("am", files.into());
    let tables = Tables::built_in();
    let migration = pipeline::migrate(&material, &Options::default(), &tables, &Decisions::default()).unwrap();
    assert_eq!(migration.deployments.len(), 1, "the other file is read");
    let findings = migration.deployments.iter().flat_map(|deployment| &deployment.findings);
    findings.filter(|found| found.code == Code::LimitReached).map(|found| found.code).collect()
}

fn attributes(count: usize) -> String {
    let list = (0..count).fold(String::new(), |mut text, number| {
        let _ = write!(text, " a{number}='1'");
        text
    });
    format!("<APIManager><Q{list}/></APIManager>")
}

#[test]
fn an_element_may_have_many_attributes_and_not_more() {
    assert!(errors(attributes(limits::ATTRIBUTES)).is_empty());
    assert_eq!(errors(attributes(limits::ATTRIBUTES + 1)), [Code::LimitReached]);
}

#[test]
fn a_file_with_too_many_settings_is_told() {
    let manager = format!("<APIManager>{}</APIManager>", "<E>1</E>".repeat(limits::LEAVES + 1));
    assert_eq!(errors(manager), [Code::LimitReached]);
}

const NODE: &str = "[server]\nhostname = \"HOST.example.com\"\n";

/// A deployment of two nodes.
fn scratch() -> Scratch {
    let scratch = Scratch::new();
    for node in ["am1", "am2"] {
        let text = NODE.replace("HOST", node);
        scratch.put(&format!("in/{node}/repository/conf/deployment.toml"), text.as_bytes());
    }
    scratch
}

/// Each limit can be set, is told with its name where it is passed, and stops nothing at the number that there is.
#[test]
fn each_limit_can_be_set() {
    let scratch = scratch();
    let environment = |name: &str| {
        format!(
            "[[apim.gateway.environment]]\nname = \"{name}\"\nservice_url = \"https://{name}.example.com:9443/services/\"\n"
        )
    };
    let more = [
        ("environments", format!("{}{}", environment("east"), environment("west"))),
        ("unknown", "[own]\none = 1\ntwo = 2\n".to_owned()),
        ("settings", String::new()),
    ];
    for (name, text) in more {
        let text = format!("{}{text}", NODE.replace("HOST", "lone"));
        scratch.put(&format!("{name}/repository/conf/deployment.toml"), text.as_bytes());
    }
    scratch.put("settings/repository/conf/deployment.toml", b"[server]\nhostname = \"a.example.com\"\noffset = 1\n");
    scratch.put("attributes/repository/conf/carbon.xml", CARBON.as_bytes());
    scratch.put("attributes/repository/conf/api-manager.xml", b"<APIManager><Q a='1' b='2'/></APIManager>");
    scratch.put("deep/a/b/repository/conf/deployment.toml", NODE.as_bytes());
    // What is given, the limit, how many of it there are, and what is told beyond.
    let cases = [
        ("in", "nodes", 2, "it has 2 nodes, more than 1"),
        ("environments", "environments", 2, "it has 2 gateway environments, more than 1"),
        ("unknown", "unknown", 2, "it has 2 settings that no row and no key of the product speaks of, more than 1"),
        ("settings", "settings", 2, "it has 2 settings, more than 1"),
        ("attributes", "attributes", 2, "an element has more than 1 attributes"),
        ("in", "files", 2, "has more than 1 files"),
        ("in", "folders", 7, "has more than 6 folders"),
        ("deep", "folder-depth", 4, "folders are nested more than 3 deep"),
        ("settings", "file-bytes", 47, "it is larger than 46 bytes"),
        ("settings", "bytes", 47, "the files before it take"),
    ];
    for (input, limit, there, told) in cases {
        for command in ["plan", "check"] {
            if command == "check" && input == "attributes" {
                continue;
            }
            let run = |number: usize| {
                scratch.run(&[command, input, "--format", "json", "--limit", &format!("{limit}={number}")])
            };
            let within = run(there);
            let all = format!("{}{}", within.stdout, within.stderr);
            assert!(!all.contains("limit-reached") && !all.contains("allows more"), "{command} {input} {limit}: {all}");
            let beyond = run(there - 1);
            let all = format!("{}{}", beyond.stdout, beyond.stderr);
            assert!(all.contains(told), "{command} {input} {limit}: {told}: {all}");
            assert!(all.contains(&format!("`--limit {limit}=NUMBER` allows more")), "{command} {input} {limit}: {all}");
            assert!(beyond.exit > 0, "{command} {input} {limit}: {}", beyond.exit);
        }
    }
}

#[test]
fn a_limit_that_there_is_not_is_told_with_those_that_there_are() {
    let scratch = scratch();
    for wrong in ["node=1", "nodes", "nodes=0", "nodes=all"] {
        let run = scratch.run(&["plan", "in", "--limit", wrong]);
        assert_eq!(run.exit, 1, "{wrong}");
        assert!(run.stderr.contains("limit"), "{wrong}: {}", run.stderr);
    }
    assert!(scratch.run(&["plan", "in", "--limit", "node=1"]).stderr.contains("nodes, environments, unknown"));
}

#[test]
fn the_numbers_without_the_option_are_those_of_the_documentation() {
    let numbers = Limit::ALL.map(|limit| (limit.word(), limit.number()));
    assert!(numbers.contains(&("settings", limits::LEAVES)) && numbers.contains(&("nodes", limits::NODES)));
    assert!(Limit::ALL.iter().all(|limit| limit.number() == limit.default()));
}

#[test]
fn a_limit_is_told_once_with_how_many_are_beyond_it() {
    let scratch = scratch();
    let big = format!("{}offset = 1\n", NODE.replace("HOST", "am3"));
    scratch.put("in/am3/repository/conf/deployment.toml", b"[server]\n");
    for node in ["am4", "am5", "am6"] {
        scratch.put(&format!("in/{node}/repository/conf/deployment.toml"), big.replace("am3", node).as_bytes());
    }
    // Of some files: one finding, one line of the headline, and each file among the INPUTs.
    let args = ["plan", "in", "--limit", "settings=1"];
    let report = scratch.run(&[&args[..], &["--format", "json"]].concat()).json();
    let parts = report["deployments"].as_array().unwrap().iter();
    let all = parts.chain([&report]).flat_map(|one| one["findings"].as_array().unwrap());
    let told: Vec<&str> =
        all.filter(|found| found["code"] == "limit-reached").map(|found| found["message"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        ["it has 2 settings, more than 1: not read; `--limit settings=NUMBER` allows more (2 more are beyond it)"]
    );
    let unread = report["inputs"].as_array().unwrap().iter().filter(|input| input["status"] == "left-out");
    assert_eq!(unread.count(), 3);
    let text = scratch.run(&args).stdout;
    let head = text.lines().take_while(|line| !line.is_empty());
    assert_eq!(head.filter(|line| line.contains("--limit")).count(), 1, "{text}");
    // `check` names the others below the first.
    let checked = scratch.run(&["check", "in", "--limit", "settings=1", "--format", "json"]).json();
    let findings = checked["findings"].as_array().unwrap().iter();
    let told: Vec<_> = findings.filter(|found| found["code"] == "limit-reached").collect();
    assert_eq!((told.len(), told[0]["related"].as_array().unwrap().len()), (1, 2));
    // Of all files: a line that can be read.
    let run = scratch.run(&["plan", "in", "--limit", "file-bytes=1"]);
    assert_eq!(run.exit, 1);
    assert_eq!(run.stderr.matches("--limit").count(), 1, "{}", run.stderr);
    assert!(run.stderr.lines().all(|line| line.len() < 400), "{}", run.stderr);
}

#[test]
fn settings_at_their_shipped_values_are_not_unknown() {
    let scratch = Scratch::new();
    scratch.put("in/repository/conf/carbon.xml", CARBON.as_bytes());
    let manager =
        "<APIManager><DataSourceName>jdbc/WSO2AM_DB</DataSourceName><Own1>1</Own1><Own2>2</Own2></APIManager>";
    scratch.put("in/repository/conf/api-manager.xml", manager.as_bytes());
    let count = scratch.run(&["plan", "in", "--format", "json"]).json()["totals"]["unknown"].as_u64().unwrap();
    assert_eq!(count, 2);
    assert!(scratch.run(&["plan", "in", "--limit", "unknown=2"]).exit == 2);
    assert!(scratch.run(&["plan", "in", "--limit", "unknown=1"]).stderr.contains("it has 2 settings that no row"));
}
