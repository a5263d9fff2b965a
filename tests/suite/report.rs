//! The report: its texts hold what they promise and no secret.

use std::borrow::Cow;

use apim_migrate::diagnostic::{Code, Finding};
use apim_migrate::emit;
use apim_migrate::fates::{Fate, Kind};
use apim_migrate::json;
use apim_migrate::layout::{OldFile, OldNode, Verdict, VersionEvidence};
use apim_migrate::ledger::{Destination, Line, Outcome};
use apim_migrate::mapping::tables::Tables;
use apim_migrate::mapping::{MappedFile, SettingId, map};
use apim_migrate::migration::{Deployment, Migration};
use apim_migrate::options::Options;
use apim_migrate::read::{Leaf, LeafKind};
use apim_migrate::report::build::{self, BuiltInput};
use apim_migrate::report::open::Open;
use apim_migrate::report::status::FailOn;
use apim_migrate::report::text;
use apim_migrate::role::{Profile, Role};
use apim_migrate::source::{Place, Position};
use apim_migrate::topology::planner::plan::{Conflict, Entry, Plan, Saw, TargetNode};
use apim_migrate::topology::source::{Address, Aliases, Asked, Evidence, Layout, SourceNode, SourceTopology, Strength};
use apim_migrate::value::Value;
use apim_migrate::version::{Target, Version};

const SECRET: &str = "Tr0ub4dor";

fn leaf(path: &str, value: &'static str, line: u32) -> Leaf<'static> {
    Leaf {
        path: path.to_owned(),
        value: Cow::Borrowed(value),
        kind: LeafKind::Element,
        position: Position { line, column: 5 },
        secrets: Vec::new(),
    }
}

fn migration(tables: &Tables) -> Migration<'_> {
    let path = "km/repository/conf/user-mgt.xml";
    let mapped = MappedFile {
        number: 0,
        path,
        table: tables.for_file("user-mgt.xml").unwrap(),
        leaves: vec![
            leaf("/UserManager/Realm/Configuration/AdminUser/UserName", "root", 3),
            leaf("/UserManager/Realm/Configuration/AdminUser/Password", SECRET, 4),
            leaf("/UserManager/Realm/Configuration/Nothing", "x", 5),
        ],
    };
    let version = Version::new(2, 6);
    let file = |path: &str, verdict, leaves| OldFile {
        path: path.to_owned(),
        name: "user-mgt.xml".to_owned(),
        verdict,
        reason: "a table is for it".to_owned(),
        leaves,
    };
    let node = OldNode {
        name: "km".to_owned(),
        own_name: "km".to_owned(),
        path: "km".to_owned(),
        files: vec![file(path, Verdict::Read, 3)],
        version,
        version_evidence: VersionEvidence { what: "carbon.xml says so".to_owned(), place: None, guessed: false },
        profile: None,
        java_options: Vec::new(),
        missing: None,
        set_aside: None,
        micro_gateway: false,
        nameless: false,
        toml: None,
        settings: map(tables, 0, version, vec![mapped], false),
    };
    let id = |index| SettingId { node: 0, index };
    let entries = [
        ("super_admin.username", Entry::said(Value::text("root"), vec![id(0)])),
        ("super_admin.password", Entry::said(Value::text(SECRET), vec![id(1)]).secret(true)),
        ("server.hostname", Entry::derived(Value::text("km.example.com"), "own name of km").by("node-address")),
        ("apim.jwt.enable", Entry { derived: None, ..Entry::derived(Value::Boolean(true), "") }),
    ];
    let mut plan = Plan {
        nodes: vec![TargetNode {
            name: "control-plane".to_owned(),
            profile: Profile::ControlPlane,
            stands_on: Some(0),
            merged: vec![0],
            base: None,
            entries: entries.into_iter().map(|(key, entry)| (key.to_owned(), entry)).collect(),
        }],
        conflicts: vec![Conflict {
            node: "control-plane".to_owned(),
            key: "super_admin.password".to_owned(),
            said: vec![Saw { setting: Some(id(1)), shown: "********".to_owned() }],
            rule: "the key manager owns accounts".to_owned(),
            open: true,
        }],
        asked: vec![Asked {
            id: "conflict".to_owned(),
            about: "super_admin.password".to_owned(),
            choices: Vec::new(),
            default: "********".to_owned(),
            chosen: "********".to_owned(),
            open: true,
            answered: false,
            affects: vec!["control-plane".to_owned()],
        }],
        findings: vec![
            Finding::new(Code::PlainSecret, "the node holds secrets").on("km"),
            Finding::new(Code::ValueUnreadable, "cannot be read").at(Place::file(path)),
        ],
        ..Plan::default()
    };
    let (files, findings) = emit::files(&mut plan, &[], &tables.catalog, false);
    let line = |index, outcome, key: Option<(&str, &str)>| Line {
        setting: id(index),
        outcome,
        reason: "because".into(),
        drift: None,
        destinations: key
            .map(|(key, value)| Destination {
                node: "control-plane".to_owned(),
                key: key.to_owned(),
                value: Some(Value::text(value)),
                secret: false,
            })
            .into_iter()
            .collect(),
    };
    Migration {
        opened: Vec::new(),
        input: "prod".to_owned(),
        parts: Vec::new(),
        joined: apim_migrate::cut::Joined::default(),
        grouped: std::collections::BTreeSet::new(),
        is_file: false,
        options: Options::default(),
        deployments: vec![Deployment {
            fates: vec![Fate { kind: Kind::Source, nodes: vec!["control-plane".to_owned()], reason: String::new() }],
            target: Target::Current,
            name: "prod".to_owned(),
            folder: String::new(),
            gaps: Vec::new(),
            loose: Vec::new(),
            source: SourceTopology {
                layout: Layout::Partial,
                nodes: vec![SourceNode {
                    node: 0,
                    roles: vec![Role::KeyManager],
                    evidence: vec![Evidence {
                        row: "4",
                        strength: Strength::Strong,
                        roles: vec![Role::KeyManager],
                        what: "the gateway calls it".to_owned(),
                        place: Some(Place::file(path)),
                    }],
                    own: Address {
                        host: "km.example.com".to_owned(),
                        port: None,
                        how: "HostName".to_owned(),
                        guessed: false,
                    },
                    twins: 0,
                    claims: Vec::new(),
                }],
                services: indexmap::IndexMap::new(),
                findings: Vec::new(),
                aliases: Aliases::default(),
                asked: Vec::new(),
            },
            nodes: vec![node],
            lines: vec![
                line(0, Outcome::Converted, Some(("super_admin.username", "root"))),
                line(1, Outcome::Converted, Some(("super_admin.password", SECRET))),
                line(2, Outcome::Unknown, None),
            ],
            plan,
            files,
            findings,
        }],
        asked: Vec::new(),
        left_out: Vec::new(),
        loose_files: vec![file("README.txt", Verdict::NotConfiguration, 0)],
        findings: Vec::new(),
    }
}

#[test]
fn every_written_key_is_accounted_for_and_no_secret_is_shown() {
    let tables = Tables::built_in();
    let migration = migration(&tables);
    let (report, files) = build::report(vec![build::input(&migration, false)], &migration.options, &tables);
    let deployment = &report.deployments[0];
    let told: Vec<&str> = deployment.settings.iter().flat_map(|one| &one.targets).map(|to| to.key.as_str()).collect();
    let derived: Vec<&str> = deployment.derived.iter().map(|one| one.key.as_str()).collect();
    assert_eq!(told, ["super_admin.username", "super_admin.password"]);
    assert_eq!(derived, ["server.hostname", "apim.jwt.enable"]);
    assert_eq!(deployment.files.len() + report.files.len(), 2, "every file of the input is told");
    assert_eq!((report.totals.read, report.totals.converted, report.totals.unknown), (3, 2, 1));
    let open = Open::of(&report);
    assert_eq!(open.words(FailOn::default()), "1 open decision, 1 error, 1 unknown setting");

    let json = json::text(&report);
    let context = text::Context {
        files: &files,
        tables: &tables,
        inputs: "prod",
        answers: None,
        secrets: false,
        fail_on: FailOn::default(),
    };
    let plan = anstream::adapter::strip_str(&text::plan(&report, context)).to_string();
    let convert = anstream::adapter::strip_str(&text::convert(&report, context, "out", &[])).to_string();
    for shown in [&json, &plan, &convert, &format!("{:?}", deployment.findings)] {
        assert!(!shown.contains(SECRET), "{shown}");
    }
    assert!(files[0][0].text.contains(SECRET));
    for expected in [
        "+hostname = \"km.example.com\"",
        "-password = \"(shipped)\"\n",
        "+password = \"********\"\n",
        "Deployment prod: partial of 2.6 → partial",
        "    /UserManager/Realm/Configuration/AdminUser/Password = ********\n      km/repository/conf/user-mgt.xml:4:5\n",
        "→ super_admin.password = \"********\"  control-plane",
        "decision `node-address`",
        "open  conflict:super_admin.password: ********",
        "exit code 2",
    ] {
        assert!(plan.contains(expected), "`{expected}` is not in:\n{plan}");
    }
    assert!(plan.lines().all(|line| line == " " || line == line.trim_end()), "no line ends in blanks:\n{plan}");
}

#[test]
fn secrets_are_shown_when_asked_for() {
    let tables = Tables::built_in();
    let migration = migration(&tables);
    let (report, files) = build::report(vec![build::input(&migration, true)], &migration.options, &tables);
    let context = text::Context {
        files: &files,
        tables: &tables,
        inputs: "prod",
        answers: None,
        secrets: true,
        fail_on: FailOn::default(),
    };
    assert!(text::plan(&report, context).contains(SECRET));
}

#[test]
fn several_deployments_have_folders_and_names_of_their_own() {
    let tables = Tables::built_in();
    let migration = migration(&tables);
    let built = |name: &str| BuiltInput { name: name.to_owned(), ..build::input(&migration, false) };
    let inputs = vec![built("prod"), built("prod"), built("test")];
    let (report, files) = build::report(inputs, &migration.options, &tables);
    let names: Vec<&str> = report.deployments.iter().map(|one| one.name.as_str()).collect();
    assert_eq!(names, ["prod", "prod-2", "test/prod"]);
    for (deployment, files) in report.deployments.iter().zip(&files) {
        assert_eq!(deployment.target.nodes[0].file, files[0].path);
        assert!(files[0].path.starts_with(&format!("{}/control-plane/", deployment.name)));
    }
}

#[test]
fn json_has_the_fields_of_the_specification() {
    let tables = Tables::built_in();
    let migration = migration(&tables);
    let (report, _) = build::report(vec![build::input(&migration, false)], &migration.options, &tables);
    let value: serde_json::Value = serde_json::from_str(&json::text(&report)).unwrap();
    for pointer in [
        "/schema_version",
        "/tool/tables",
        "/options/target",
        "/options/traffic_manager",
        "/deployments/0/source/layout",
        "/deployments/0/source/version",
        "/deployments/0/source/nodes/0/evidence/0/row",
        "/deployments/0/target/layout",
        "/deployments/0/target/nodes/0/file",
        "/deployments/0/files/0/verdict",
        "/deployments/0/settings/0/targets/0/value",
        "/deployments/0/settings/0/drift",
        "/deployments/0/derived/0/from",
        "/deployments/0/conflicts/0/said",
        "/deployments/0/decisions/0/affects",
        "/deployments/0/findings/0/column",
        "/deployments/0/counts/read",
        "/totals/read",
    ] {
        assert!(value.pointer(pointer).is_some(), "{pointer}");
    }
    assert_eq!(value["deployments"][0]["findings"][0]["severity"], "error");
    assert_eq!(value["deployments"][0]["decisions"][0]["id"], "conflict:super_admin.password");
}
