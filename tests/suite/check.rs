//! `check`: each planted fault is found at its place, and nothing is found where none is.

use apim_migrate::text::Parts as _;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use apim_migrate::check::read::{Against, nodes, read};
use apim_migrate::check::{CHECKS, check};
use apim_migrate::diagnostic::{Code, Severity};
use apim_migrate::mapping::tables::Tables;
use apim_migrate::version::Target;

/// A change of a clean deployment, and where the fault then is.
struct Plant {
    code: Code,
    /// The case of `corpus/` whose output is changed.
    case: &'static str,
    target: Against,
    /// A node, a text in its file, and what is written for it; an empty text is the end of the file.
    edits: &'static [(&'static str, &'static str, &'static str)],
    /// The node and the text at whose beginning the fault must be found; an empty text is the whole file.
    at: (&'static str, &'static str),
    severity: Severity,
    /// What else may be found: faults that the first one makes.
    besides: &'static [Code],
}

const PLANT: Plant = Plant {
    code: Code::DeadKey,
    case: "five-node",
    target: Against::Target(Target::Current),
    edits: &[],
    at: ("control-plane", ""),
    severity: Severity::Error,
    besides: &[],
};
const CP: &str = "control-plane";
const GW: &str = "gateway-worker";
const TM: &str = "traffic-manager";

const PLANTS: &[Plant] = &[
    Plant {
        code: Code::ConfigurationDamaged,
        edits: &[(CP, "display_url = true", "display_url = yes")],
        at: (CP, "yes"),
        ..PLANT
    },
    Plant {
        code: Code::EncodingRefused,
        edits: &[(CP, "[server]\n", "\u{feff}[server]\n")],
        at: (CP, "\u{feff}"),
        ..PLANT
    },
    Plant {
        code: Code::DuplicateKey,
        edits: &[(CP, "", "[apim.jwt]\nencoding = \"base64url\"\n")],
        at: (CP, "[apim.jwt]\nencoding"),
        ..PLANT
    },
    Plant {
        code: Code::DuplicateKey,
        edits: &[(GW, "offset = 2\n", "offset = 2\n\"offset\" = 2\n")],
        at: (GW, "\"offset\""),
        ..PLANT
    },
    Plant {
        code: Code::TomlTooNew,
        edits: &[(CP, "[service_provider]", "[oauth]\ntoken_validation2 = { a = 1, }\n\n[service_provider]")],
        at: (CP, ", }"),
        besides: &[Code::DeadKey],
        ..PLANT
    },
    Plant {
        code: Code::ParentAfterChild,
        edits: &[(CP, "", "\n[apim]\ngateway_type = \"Regular\"\n")],
        at: (CP, "[apim]\n"),
        ..PLANT
    },
    Plant {
        code: Code::ParentAfterChild,
        edits: &[(GW, "[apim.jwt]", "[apim.sync_runtime_artifacts]\nenable = true\n\n[apim.jwt]")],
        at: (GW, "[apim.sync_runtime_artifacts]\n"),
        besides: &[Code::DeadKey],
        ..PLANT
    },
    Plant {
        code: Code::QuoteInKey,
        edits: &[(CP, "'header.X-WSO2-KEY-MANAGER'", "\"header.X-O'Neil\"")],
        at: (CP, "\"header.X-O'Neil\""),
        ..PLANT
    },
    Plant {
        code: Code::MultiLineText,
        edits: &[(CP, "\"http://example.net/claims\"", "'''http://example.net/\nclaims'''")],
        at: (CP, "'''http"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::MultiLineText,
        edits: &[(CP, "\"http://example.net/claims\"", "\"\"\"http://example.net/\\\n  claims\"\"\"")],
        at: (CP, "\"\"\"http"),
        ..PLANT
    },
    Plant {
        code: Code::SecretsNotLast,
        edits: &[(CP, "[service_provider]", "[secrets]\nx = \"[x]\"\n\n[service_provider]")],
        at: (CP, "[secrets]"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::DeadKey,
        edits: &[(GW, "gateway_labels", "gateway_lables")],
        at: (GW, "gateway_lables"),
        severity: Severity::Warning,
        besides: &[Code::LabelWithoutEnvironment],
        ..PLANT
    },
    Plant {
        code: Code::RetiredKey,
        edits: &[(CP, "[apim.oauth_config]", "[apim.oauth_config]\nwhite_listed_scopes = [\"x\"]")],
        at: (CP, "white_listed_scopes"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::NewerKey,
        edits: &[(CP, "[apim.devportal]", "[apim.devportal]\nmode = \"HYBRID\"")],
        at: (CP, "mode ="),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::SwallowedKey,
        edits: &[(GW, "[apim.jwt]", "enable_data_publishing = false\n\n[apim.jwt]")],
        at: (GW, "enable_data_publishing"),
        ..PLANT
    },
    Plant {
        code: Code::SwallowedKey,
        case: "two-environments",
        edits: &[(CP, "[apim.key_manager]", "[apim.gateway.environment.key_manager]")],
        at: (CP, "service_url = \"https://manage"),
        ..PLANT
    },
    Plant {
        code: Code::TableForm,
        edits: &[(CP, "[[event_handler]]", "[event_handler]")],
        at: (CP, "[event_handler]"),
        ..PLANT
    },
    Plant {
        code: Code::TableForm,
        edits: &[(CP, "[apim.devportal]", "[[apim.devportal]]")],
        at: (CP, "[[apim.devportal]]"),
        ..PLANT
    },
    Plant {
        code: Code::BreaksTheProduct,
        edits: &[(GW, "[apim.jwt]", "[apim.throttling.jms]\njob_queue_size = 10\n\n[apim.jwt]")],
        at: (GW, "job_queue_size"),
        besides: &[Code::WrongType],
        ..PLANT
    },
    Plant {
        code: Code::KeyOfAnotherProfile,
        edits: &[(
            CP,
            "[apim.key_manager]",
            "[apim.sync_runtime_artifacts.gateway]\ngateway_labels = [\"Production and Sandbox\"]\n\n[apim.key_manager]",
        )],
        at: (CP, "gateway_labels"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::KeyOfAnotherProfile,
        edits: &[(
            GW,
            "[apim.jwt]",
            "[apim.devportal]\nurl = \"https://keys.example.net:9443/devportal\"\n\n[apim.jwt]",
        )],
        at: (GW, "[apim.devportal]"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::WrongType,
        edits: &[(CP, "[\"POST_ADD_USER\"]", "\"POST_ADD_USER\"")],
        at: (CP, "\"POST_ADD_USER\""),
        ..PLANT
    },
    Plant {
        code: Code::WrongType,
        edits: &[(GW, "expiry_time = 300", "expiry_time = \"5min\"")],
        at: (GW, "\"5min\""),
        ..PLANT
    },
    Plant {
        code: Code::WrongType,
        edits: &[(CP, "username = \"apimadmin\"", "username = 4711")],
        at: (CP, "4711"),
        besides: &[Code::CredentialsDiffer],
        ..PLANT
    },
    Plant {
        code: Code::QuotedBoolean,
        edits: &[(CP, "", "\n[oauth.grant_type.password]\nenable = \"true\"\n")],
        at: (CP, "\"true\""),
        ..PLANT
    },
    Plant {
        code: Code::DoubtfulType,
        edits: &[(GW, "offset = 2", "offset = \"two\"")],
        at: (GW, "\"two\""),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::OffsetUnusable,
        edits: &[(GW, "offset = 2\n", "offset = 60000\n")],
        at: (GW, "60000"),
        ..PLANT
    },
    Plant {
        code: Code::UnknownWord,
        edits: &[(GW, "\"gateway-worker\"", "\"gateway_worker\"")],
        at: (GW, "\"gateway_worker\""),
        besides: &[Code::LabelWithoutEnvironment],
        ..PLANT
    },
    Plant {
        code: Code::UnknownWord,
        edits: &[(
            CP,
            "type = \"postgre\"\nurl = \"jdbc:postgresql://pg.example.net:5432/apimgt",
            "type = \"postgresql\"\nurl = \"jdbc:postgresql://pg.example.net:5432/apimgt",
        )],
        at: (CP, "\"postgresql\""),
        ..PLANT
    },
    Plant {
        code: Code::UnescapedXml,
        edits: &[(CP, "shared?ssl=true&amp;", "shared?ssl=true&")],
        at: (CP, "&sslmode"),
        ..PLANT
    },
    Plant {
        code: Code::UnescapedXml,
        edits: &[(CP, "This is a hybrid gateway", "Latency <10 ms")],
        at: (CP, "<10 ms"),
        ..PLANT
    },
    Plant {
        code: Code::TemplateExecuted,
        edits: &[(CP, "This is a hybrid gateway", "{{ 7*6 }} APIs")],
        at: (CP, "{{ 7*6"),
        ..PLANT
    },
    Plant {
        code: Code::TemplateMark,
        edits: &[(CP, "\"apimdb-secret\"", "\"{{ db_password }}\"")],
        at: (CP, "{{ db_password"),
        severity: Severity::Notice,
        ..PLANT
    },
    Plant {
        code: Code::RefWithoutTarget,
        edits: &[(GW, "[apim.event_hub]", "[apim.event_hub]\nusername = \"$ref{super_admin.user_name}\"")],
        at: (GW, "\"$ref{super_admin.user_name}\""),
        ..PLANT
    },
    Plant {
        code: Code::RefInArray,
        edits: &[(
            CP,
            "${admin.username}\"\npassword = \"${admin.password}\"\nws_",
            "$ref{super_admin.username}\"\npassword = \"${admin.password}\"\nws_",
        )],
        at: (CP, "\"$ref{super_admin.username}\""),
        ..PLANT
    },
    Plant {
        code: Code::RefCircle,
        edits: &[
            (GW, "\"https://keys.example.net:9443/services/\"\nevent", "\"$ref{apim.key_manager.service_url}\"\nevent"),
            (
                GW,
                "[apim.key_manager]\nservice_url = \"https://keys.example.net:9443/services/\"",
                "[apim.key_manager]\nservice_url = \"$ref{apim.event_hub.service_url}\"",
            ),
        ],
        at: (GW, "\"$ref{apim.event_hub.service_url}\""),
        ..PLANT
    },
    Plant {
        code: Code::SecretWithoutAlias,
        case: "secure-vault",
        edits: &[("all-in-one", "\n[secrets]", "\n[secret]")],
        at: ("all-in-one", "\"$secret{"),
        besides: &[Code::DeadKey],
        ..PLANT
    },
    Plant {
        code: Code::DataSourceMissing,
        case: "all-in-one",
        edits: &[(
            "all-in-one",
            "\n[database.apim_db]",
            "\n[user_store.properties]\ndataSource = \"jdbc/WSO2UM_DB\"\n\n[database.apim_db]",
        )],
        at: ("all-in-one", "\"jdbc/WSO2UM_DB\""),
        ..PLANT
    },
    Plant {
        code: Code::RequiredKeyMissing,
        edits: &[(TM, "hostname =", "#hostname =")],
        at: (TM, "[server]"),
        ..PLANT
    },
    Plant {
        code: Code::RequiredKeyMissing,
        edits: &[(GW, "[user_store]\ntype = \"database\"\n", "")],
        at: (GW, ""),
        ..PLANT
    },
    Plant {
        code: Code::UrlGroupsDoNotPair,
        edits: &[(GW, "[\"ssl://limits.example.net:9711\"]", "[]")],
        at: (GW, "[]"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::LabelWithoutEnvironment,
        edits: &[(GW, "[\"Production and Sandbox\"]", "[\"Production\"]")],
        at: (GW, "\"Production\""),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::EndpointWithoutNode,
        edits: &[(GW, "tcp://keys.example.net:5672", "tcp://keys.example.net:5673")],
        at: (GW, "\"tcp://keys.example.net:5673"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::EndpointWithoutNode,
        edits: &[(GW, "tcp://keys.example.net:5672", "tcp://kyes.example.net:5672")],
        at: (GW, "\"tcp://kyes.example.net:5672"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::EndpointWithoutNode,
        edits: &[(
            GW,
            "[apim.event_hub]\nservice_url = \"https://keys.example.net:9443",
            "[apim.event_hub]\nservice_url = \"https://keys.example.net:9444",
        )],
        at: (GW, "\"https://keys.example.net:9444"),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::UrlGroupsDiffer,
        edits: &[(GW, "tcp://limits.example.net:5672", "tcp://limits2.example.net:5672")],
        at: (GW, "[\"tcp://limits2"),
        severity: Severity::Warning,
        besides: &[Code::EndpointWithoutNode],
        ..PLANT
    },
    Plant {
        code: Code::UrlGroupsDiffer,
        case: "hybrid",
        edits: &[(
            "control-plane-2",
            "[[apim.event_hub.publish.url_group]]\nurls = [\"tcp://hub-a.example.com:9611\"]\nauth_urls = [\"ssl://hub-a.example.com:9711\"]\n",
            "",
        )],
        at: ("control-plane-2", "\"tcp://hub-b.example.com:9611\""),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::EncryptionKeysDiffer,
        case: "hybrid",
        edits: &[
            ("control-plane-1", "", "[encryption]\nkey = \"one\"\n"),
            ("control-plane-2", "", "[encryption]\nkey = \"two\"\n"),
        ],
        at: ("control-plane-2", "\"two\""),
        ..PLANT
    },
    Plant {
        code: Code::EncryptionKeysDiffer,
        case: "hybrid",
        edits: &[("control-plane-1", "", "[encryption]\nkey = \"one\"\n")],
        at: ("control-plane-2", ""),
        ..PLANT
    },
    Plant {
        code: Code::KeyStoresDiffer,
        case: "hybrid",
        edits: &[
            ("control-plane-1", "", "[keystore.primary]\nalias = \"one\"\n"),
            ("control-plane-2", "", "[keystore.primary]\nalias = \"two\"\n"),
        ],
        at: ("control-plane-2", "\"two\""),
        severity: Severity::Warning,
        ..PLANT
    },
    Plant {
        code: Code::CredentialsDiffer,
        edits: &[(GW, "\"apim-secret\"", "\"apim-secrets\"")],
        at: (GW, "\"apim-secrets\""),
        ..PLANT
    },
    Plant {
        code: Code::CredentialsDiffer,
        edits: &[(
            GW,
            "[apim.throttling]",
            "[apim.event_hub.jms]\nusername = \"apimadmin\"\npassword = \"old\"\n\n[apim.throttling]",
        )],
        at: (GW, "\"old\""),
        ..PLANT
    },
    Plant {
        code: Code::DatabasesDiffer,
        case: "hybrid",
        edits: &[("control-plane-2", "mysql.example.com:3306/apimgt", "mysql2.example.com:3306/apimgt")],
        at: ("control-plane-2", "\"jdbc:mysql://mysql2"),
        ..PLANT
    },
    Plant {
        code: Code::UserStoresDiffer,
        case: "hybrid",
        edits: &[("control-plane-2", "type = \"database\"", "type = \"database_unique_id\"")],
        at: ("control-plane-2", "\"database_unique_id\""),
        ..PLANT
    },
];

/// A copy of a case's output in a folder of its own.
fn copy(case: &str, edits: &[(&str, &str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus").join(case).join("out");
    for entry in std::fs::read_dir(&from).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let path = file(&from, &name);
        let Ok(mut text) = std::fs::read_to_string(path) else { continue };
        for (_, before, after) in edits.iter().filter(|(node, ..)| *node == name) {
            assert!(text.contains(before), "{case}/{name} has no `{before}`");
            text = if before.is_empty() { text + after } else { text.replacen(before, after, 1) };
        }
        let to = file(folder.path(), &name);
        std::fs::create_dir_all(to.parent().unwrap()).unwrap();
        std::io::Write::write_all(&mut std::fs::File::create(to).unwrap(), text.as_bytes()).unwrap();
    }
    folder
}

fn file(of: &Path, node: &str) -> PathBuf {
    of.join(node).join("repository/conf/deployment.toml")
}

/// Code, severity, node, line and column of what is found.
fn found(folder: &Path, target: Against) -> Vec<(Code, Severity, String, u32, u32)> {
    let tables = Tables::built_in();
    let material = read(folder).unwrap();
    let found = nodes(&material, "", &tables, target, None).unwrap();
    let passed_over: Vec<&str> = found.passed_over.iter().map(|one| one.finding.message.as_str()).collect();
    assert!(passed_over.is_empty(), "{}: {passed_over:?}", folder.display());
    assert_eq!(found.deployments.len(), 1, "the nodes belong together");
    let all = found.deployments.iter().flat_map(|deployment| check(deployment, &tables));
    all.map(|diagnostic| {
        let place = diagnostic.finding.place.unwrap();
        (
            diagnostic.finding.code,
            diagnostic.finding.severity,
            diagnostic.finding.node.unwrap(),
            place.line,
            place.column,
        )
    })
    .collect()
}

#[test]
fn planted_faults_are_found_at_their_places() {
    let mut complaints = Vec::new();
    for plant in PLANTS {
        let folder = copy(plant.case, plant.edits);
        let (node, part) = plant.at;
        let text = std::fs::read_to_string(file(folder.path(), node)).unwrap();
        let at = text.find(part).unwrap_or_else(|| panic!("{node} has no `{part}`"));
        let before = text.part(..at);
        let (line, column) = if part.is_empty() {
            (0, 0)
        } else {
            let line = before.matches('\n').count() + 1;
            (line as u32, before.rsplit('\n').next().unwrap().chars().count() as u32 + 1)
        };
        let found = found(folder.path(), plant.target);
        let expected = (plant.code, plant.severity, node.to_owned(), line, column);
        if !found.contains(&expected) {
            complaints.push(format!("{expected:?} is not among {found:?}"));
        }
        let others = found.iter().filter(|(code, severity, ..)| {
            *severity < Severity::Notice && *code != plant.code && !plant.besides.contains(code)
        });
        complaints.extend(others.map(|other| format!("{expected:?} makes {other:?}")));
    }
    assert!(complaints.is_empty(), "{complaints:#?}");
}

#[test]
fn every_check_has_a_planted_fault() {
    // Bytes that are no text are planted from outside, in `cli::check`.
    let planted: BTreeSet<Code> = PLANTS.iter().map(|plant| plant.code).chain([Code::EncodingGuessed]).collect();
    let checks: BTreeSet<Code> = CHECKS.iter().map(|check| check.code).collect();
    assert_eq!(planted, checks);
    assert_eq!(checks.len(), CHECKS.len(), "a code has one check");
}

#[test]
fn own_output_is_clean() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    let mut cases = 0;
    for entry in std::fs::read_dir(corpus).unwrap() {
        let path = entry.unwrap().path();
        // Nodes that do not belong together are checked one by one.
        let nodes = std::fs::read_dir(path.join("out")).into_iter().flatten().map(|node| node.unwrap().path());
        let apart = nodes.filter(|node| node.is_dir()).any(|node| !node.join("repository").is_dir());
        if !path.join("out").is_dir() || apart {
            continue;
        }
        let case: toml::Table = std::fs::read_to_string(path.join("case.toml")).unwrap().parse().unwrap();
        let args: Vec<&str> = case["args"].as_array().unwrap().iter().filter_map(toml::Value::as_str).collect();
        let target = args.windows(2).find(|pair| pair[0] == "--target").map_or("current", |pair| pair[1]);
        let target = <Target as clap::ValueEnum>::from_str(target, false).unwrap();
        let told = found(&path.join("out"), Against::Target(target)).into_iter();
        let told: BTreeSet<String> =
            told.filter(|found| found.1 != Severity::Notice).map(|found| found.0.to_string()).collect();
        // What nodes outside of the input leave open, or what a file of 4.x lacked before.
        let known = case.get("check").and_then(toml::Value::as_array).into_iter().flatten();
        let known: BTreeSet<String> = known.filter_map(toml::Value::as_str).map(str::to_owned).collect();
        assert_eq!(told, known, "{}", path.display());
        cases += 1;
    }
    assert!(cases > 5);
}
