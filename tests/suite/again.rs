//! What is written is an input as any other: a second reading finds the same nodes, and what the first one guessed would
//! be another guess.

use serde_json::Value;

use crate::cli::Scratch;

/// The roles of the old nodes, by name.
fn roles(report: &Value) -> Vec<String> {
    let nodes = report["deployments"][0]["source"]["nodes"].as_array().unwrap();
    nodes.iter().map(|node| format!("{} {}", node["name"].as_str().unwrap(), node["roles"])).collect()
}

#[test]
fn an_all_in_one_stays_one_where_a_gateway_has_it_as_event_hub_and_traffic_manager() {
    let scratch = Scratch::new();
    scratch.put(
        "in/all-in-one/repository/conf/deployment.toml",
        b"[server]\nhostname = \"hub.example.com\"\nserver_role = \"default\"\n\n[[apim.gateway.environment]]\n\
          name = \"Office\"\nservice_url = \"https://hub.example.com:9443/services/\"\n\
          https_endpoint = \"https://hub.example.com:8243\"\n\n[[apim.gateway.environment]]\nname = \"Field\"\n\
          service_url = \"https://field.example.com:9443/services/\"\n\
          https_endpoint = \"https://field.example.com:8243\"\n\n[apim.sync_runtime_artifacts.gateway]\n\
          gateway_labels = [\"Office\"]\n",
    );
    scratch.put(
        "in/gateway-worker/repository/conf/deployment.toml",
        b"[server]\nhostname = \"field.example.com\"\nserver_role = \"gateway-worker\"\n\n[apim.event_hub]\n\
          service_url = \"https://hub.example.com:9443/services/\"\n\
          event_listening_endpoints = [\"tcp://hub.example.com:5672\"]\n\n[[apim.throttling.url_group]]\n\
          traffic_manager_urls = [\"tcp://hub.example.com:9611\"]\n\
          traffic_manager_auth_urls = [\"ssl://hub.example.com:9711\"]\n\n[apim.sync_runtime_artifacts.gateway]\n\
          gateway_labels = [\"Field\"]\n",
    );
    let expected = ["all-in-one [\"all-in-one\"]", "gateway-worker [\"gateway-worker\"]"];
    for target in ["4.2", "4.5"] {
        let out = format!("out-{target}");
        let first = scratch.run(&["convert", "in", "--target", target, "--out", &out, "--format", "json"]).json();
        assert_eq!(roles(&first), expected, "{target}");
        let again = scratch.run(&["plan", &out, "--target", target, "--format", "json"]).json();
        assert_eq!(roles(&again), expected, "{target}");
    }
}

#[test]
fn an_environment_without_a_name_gets_none_of_its_values_for_one() {
    let scratch = Scratch::new();
    scratch.put(
        "in/publisher/repository/conf/deployment.toml",
        b"[server]\nserver_role = \"api-publisher\"\n\n[[apim.gateway.environment]]\ntype = \"hybrid\"\n\
          username = \"$ref{super_admin.username}\"\n",
    );
    let report = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]).json();
    let written = std::fs::read_to_string(scratch.path("out/control-plane/repository/conf/deployment.toml")).unwrap();
    assert!(written.contains("name = \"Production and Sandbox\"\n"), "{written}");
    let findings = report["deployments"][0]["findings"].as_array().unwrap();
    let told = |found: &&Value| found["message"].as_str().is_some_and(|text| text.contains("has no name"));
    assert!(findings.iter().any(|found| told(&found)), "{findings:?}");
}

#[test]
fn a_file_that_says_no_version_has_that_of_the_file_beside_it() {
    let scratch = Scratch::new();
    // A header of the try-out came with 4.0; the other file would be one of 3.x.
    scratch.put(
        "in/all-in-one/repository/conf/deployment.toml",
        b"[server]\nhostname = \"am.example.com\"\n\n[apim.throttling]\n\
          throttle_decision_endpoints = [\"tcp://tm.example.com:5672\"]\n\n[apim.cors]\n\
          allow_headers = [\"apikey\", \"Internal-Key\"]\n",
    );
    scratch.put(
        "in/traffic-manager/repository/conf/deployment.toml",
        b"[server]\nhostname = \"tm.example.com\"\nserver_role = \"traffic-manager\"\n",
    );
    let report = scratch.run(&["plan", "in", "--format", "json"]).json();
    assert_eq!(report["deployments"][0]["source"]["version"], "4.0");
}
