//! What `explain` and `catalog` know, against the facts and the specification.

use std::path::Path;

use apim_migrate::knowledge::changes::changes;
use apim_migrate::knowledge::explain::explain;
use apim_migrate::knowledge::model::{KeyTopic, Topic};
use apim_migrate::knowledge::schema::schema;
use apim_migrate::knowledge::search::search;
use apim_migrate::mapping::catalog::Catalog;
use apim_migrate::mapping::tables::{Table, Tables};
use apim_migrate::role::Profile;
use apim_migrate::version::{Target, Version};
use serde_json::{Value, json};

const PROFILES: [Profile; 4] =
    [Profile::ControlPlane, Profile::GatewayWorker, Profile::TrafficManager, Profile::AllInOne];

/// The only thing that the name is explained as.
#[track_caller]
fn only(tables: &Tables, name: &str) -> Topic {
    let explanation = explain(tables, name);
    assert_eq!(explanation.topics.len(), 1, "{name}: {explanation:?}");
    explanation.topics.into_iter().next().unwrap()
}

/// The key that the name is explained as; a setting of 3.x files of the same name may be explained beside it.
#[track_caller]
fn key(tables: &Tables, name: &str) -> KeyTopic {
    let topics = explain(tables, name).topics;
    let found = topics.into_iter().find_map(|topic| if let Topic::Key(key) = topic { Some(*key) } else { None });
    found.unwrap_or_else(|| panic!("{name} is a key"))
}

#[test]
fn a_part_of_a_path_is_enough() {
    let tables = Tables::built_in();
    for name in [
        "APIKeyValidator/ServerURL",
        "apikeyvalidator/serverurl",
        "api-manager.xml /APIManager/APIKeyValidator/ServerURL",
    ] {
        let Topic::Setting(topic) = only(&tables, name) else { panic!("{name} is a setting") };
        assert_eq!(topic.becomes[0].key, "apim.key_manager.service_url");
        assert_eq!(topic.fact.unwrap().profiles, "control-plane, gateway-worker, traffic-manager");
        assert!(topic.shipped[0].value.contains("${mgt.transport.https.port}"), "{:?}", topic.shipped);
        assert!(topic.becomes[0].places.iter().any(|place| place.place == "/APIManager/APIKeyValidator/ServerURL"));
    }
}

#[test]
fn a_key_is_found_as_people_write_it() {
    let tables = Tables::built_in();
    for name in [
        "apim.throttling.url_group.traffic_manager_urls",
        "[[apim.throttling.url_group]] traffic_manager_urls = [\"tcp://a:9611\"]",
        "apim.throttling.url_group[0].traffic_manager_urls",
    ] {
        let topic = key(&tables, name);
        assert_eq!(topic.key, "apim.throttling.url_group[].traffic_manager_urls");
        assert_eq!(topic.read_by, "all");
        assert!(topic.profiles.is_some_and(|only| only.versions.contains("gateway-worker")));
    }
}

#[test]
fn a_key_tells_defaults_roles_and_successors() {
    let tables = Tables::built_in();
    let gateway_type = key(&tables, "apim.gateway_type");
    let defaults: Vec<(&str, &str)> =
        gateway_type.defaults.iter().map(|known| (known.versions.as_str(), known.value.as_str())).collect();
    // HISTORY of the facts: Synapse becomes Regular at 4.4.
    assert!(defaults.contains(&("4.4 to 4.6", "Regular")), "{defaults:?}");
    let publishing = key(&tables, "apim.throttling.enable_data_publishing");
    assert!(publishing.implied.iter().any(|implied| implied.profile == "control-plane" && implied.value == "false"));
    let gone = key(&tables, "apim.oauth_config.white_listed_scopes");
    assert_eq!(
        (gone.read_by.as_str(), gone.successor.unwrap().key.as_str()),
        ("3.0", "apim.oauth_config.allowed_scopes")
    );
    let heir = key(&tables, "apim.oauth_config.allowed_scopes");
    assert_eq!(heir.replaces, ["apim.oauth_config.white_listed_scopes"]);
    assert!(heir.from.iter().any(|origin| origin.path.contains("ScopeWhitelist")), "{:?}", heir.from);
}

#[test]
fn every_row_finding_question_and_key_is_explained_by_its_name() {
    let tables = Tables::built_in();
    // Every row would take long: each of them is found in the same way.
    for rule in tables.tables().iter().flat_map(Table::rules).step_by(40) {
        let topics = explain(&tables, &rule.id).topics;
        assert!(
            topics.iter().any(|topic| matches!(topic, Topic::Setting(found) if found.rule == rule.id)),
            "{}",
            rule.id
        );
    }
    for code in apim_migrate::diagnostic::Code::ALL.iter().step_by(10) {
        let topics = explain(&tables, code.text()).topics;
        assert!(
            topics.iter().any(|topic| matches!(topic, Topic::Finding(found) if found.code == code.text())),
            "{code}"
        );
    }
    for question in apim_migrate::decision::questions().iter().step_by(10) {
        let topics = explain(&tables, &question.id).topics;
        assert!(topics.iter().any(|topic| matches!(topic, Topic::Decision(found) if found.id == question.id)));
    }
    for key in tables.catalog.keys().step_by(60) {
        let topics = explain(&tables, key.name).topics;
        assert!(topics.iter().any(|topic| matches!(topic, Topic::Key(found) if found.key == key.name)), "{}", key.name);
    }
}

#[test]
fn unknown_names_get_the_nearest() {
    let tables = Tables::built_in();
    for (slip, meant) in [
        ("apim.throtling.service_url", "apim.throttling.service_url"),
        ("APIKeyValidator/ServerUrll", "/APIManager/APIKeyValidator/ServerURL"),
        ("token-endpoint-move", "token-endpoint-moves"),
    ] {
        let explanation = explain(&tables, slip);
        assert!(explanation.topics.is_empty() || slip.starts_with("token"), "{slip}");
        let known = explanation.nearest.iter().any(|near| near == meant)
            || explanation.topics.iter().any(|topic| matches!(topic, Topic::Finding(found) if found.code == meant));
        assert!(known, "{slip}: {explanation:?}");
    }
    assert!(explain(&tables, "nothing-like-this-anywhere").nearest.is_empty());
}

#[test]
fn changes_are_those_of_the_facts() {
    let catalog = Catalog::built_in();
    let (old, new) = (Version::new(4, 1), Version::new(4, 5));
    let gateway = changes(&catalog, old, new, Some(Profile::GatewayWorker));
    let has = |list: &[String], key: &str| list.iter().any(|known| known == key);
    assert!(
        gateway
            .renamed
            .iter()
            .any(|key| key.from == "oauth.client.id.validation.regex" && key.to == "oauth.client_id_validation_regex")
    );
    assert!(gateway.gone.iter().any(|gone| gone.key == "oauth.grant_type.uma_ticket.enable"));
    assert!(has(&gateway.breaks, "apim.throttling.jms.max_thread_pool_size"));
    assert!(gateway.defaults.iter().any(|change| change.key == "apim.gateway_type" && change.to == "Regular"));
    assert!(gateway.new.iter().any(|new| new.key == "apim.throttling.sequential_failover_from_beginning"));
    // What only the portals read is no business of a gateway.
    assert!(gateway.new.iter().all(|new| !new.key.starts_with("apim.devportal.")));
    let same = changes(&catalog, new, new, None);
    assert!(same.renamed.is_empty() && same.gone.is_empty() && same.new.is_empty() && same.defaults.is_empty());
    let three = changes(&catalog, Version::new(3, 0), new, None);
    assert!(three.renamed.iter().any(|key| key.to == "apim.oauth_config.allowed_scopes"));
    assert!(three.gone.iter().any(|gone| gone.key == "apim.throttling.enable_advanced_throttling" && gone.still_named));
}

#[test]
fn searches_names_first_then_places() {
    let catalog = Catalog::built_in();
    let words = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let hits = search(&catalog, &words("decision endpoints"), Some(Target::Current), None);
    assert_eq!(hits[0].key, "apim.throttling.throttle_decision_endpoints");
    let hits = search(&catalog, &words("MgtHostName"), None, None);
    assert!(hits.iter().any(|hit| hit.key == "server.mgt_console_hostname"), "by the place that it drives");
    let portal = search(&catalog, &words("devportal url"), None, Some(Profile::GatewayWorker));
    assert!(portal.iter().all(|hit| !hit.key.starts_with("apim.devportal.")));
}

fn validator(target: Target, profile: Profile) -> jsonschema::Validator {
    let schema = schema(&Catalog::built_in(), target, profile);
    jsonschema::meta::validate(&schema).expect("the schema is one");
    jsonschema::validator_for(&schema).expect("the schema can be used")
}

fn faults(validator: &jsonschema::Validator, file: &Value) -> Vec<String> {
    validator.iter_errors(file).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn read(path: &Path) -> Value {
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[test]
fn the_schema_takes_our_own_output() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    for (case, target) in
        [("five-node-ha", Target::Current), ("five-node-target-4.5", Target::V4_5), ("active-active", Target::Current)]
    {
        for entry in std::fs::read_dir(corpus.join(case).join("out")).unwrap() {
            let node = entry.unwrap().path();
            let name = node.file_name().unwrap().to_str().unwrap().to_owned();
            let Some(profile) = PROFILES.into_iter().find(|profile| name.starts_with(profile.word())) else { continue };
            let file = read(&node.join("repository/conf/deployment.toml"));
            let faults = faults(&validator(target, profile), &file);
            assert!(faults.is_empty(), "{case}/{name}: {faults:?}");
        }
    }
}

/// A fault, and how it gets into a file.
type Plant = (&'static str, fn(&mut Value));

#[test]
fn the_schema_finds_planted_faults() {
    let node = "corpus/five-node-ha/out/gateway-worker-1/repository/conf/deployment.toml";
    let clean = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join(node));
    let validator = validator(Target::Current, Profile::GatewayWorker);
    let plants: [Plant; 7] = [
        ("an unknown key", |file| file["server"]["hostnaem"] = json!("x")),
        ("an unknown table", |file| file["servre"] = json!({ "offset": 1 })),
        ("a text where the mapper needs a list", |file| {
            file["apim"]["throttling"]["url_group"][0]["traffic_manager_urls"] = json!("tcp://a:9611");
        }),
        ("a duration without sense", |file| file["server"]["default_cache_timeout"] = json!("20min")),
        ("a user store that the mapper refuses", |file| file["user_store"]["type"] = json!("ldap")),
        ("a key of another profile", |file| file["apim"]["devportal"] = json!({ "url": "https://x/devportal" })),
        ("no host name", |file| {
            file["server"].as_object_mut().unwrap().remove("hostname");
        }),
    ];
    assert_eq!(faults(&validator, &clean), Vec::<String>::new());
    for (what, plant) in plants {
        let mut file = clean.clone();
        plant(&mut file);
        assert!(!faults(&validator, &file).is_empty(), "{what}");
    }
}

#[test]
fn every_target_and_profile_has_a_schema() {
    for target in [Target::Current, Target::V4_0, Target::V4_2, Target::V4_5, Target::V4_6] {
        for profile in PROFILES {
            let schema = schema(&Catalog::built_in(), target, profile);
            assert!(
                schema["properties"]["server"]["properties"]["offset"]["default"] == json!(0),
                "{target} {profile}"
            );
            assert!(schema["title"].as_str().unwrap().contains(profile.word()));
        }
    }
}
