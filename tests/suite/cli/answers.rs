//! Decisions: asked, answered, and what each answer changes.

use super::{Scratch, all, at, files, findings, list, open, text};
use apim_migrate::text::Parts as _;

#[test]
fn written_decisions_can_be_given_back() {
    for case in ["five-node", "five-node-ha", "hybrid", "active-active", "all-in-one", "two-environments"] {
        let scratch = Scratch::of(case);
        scratch.convert(&[]);
        let before = files(&scratch.path("out"));
        let plan = scratch.run(&["plan", "in", "--write-decisions", "decisions.toml"]);
        assert_ne!(plan.exit, 1, "{}", plan.stderr);
        let report = scratch.convert(&["--decisions", "decisions.toml"]);
        let after = files(&scratch.path("out"));
        for (name, bytes) in &before {
            if name.ends_with("/deployment.toml") {
                assert_eq!(String::from_utf8_lossy(&after[name]), String::from_utf8_lossy(bytes), "{case}: {name}");
            }
        }
        assert_eq!(open(&report), Vec::<&str>::new(), "{case}: a confirmed answer settles its question");
        let conflicts = report["deployments"][0]["conflicts"].as_array().unwrap();
        assert!(conflicts.iter().all(|conflict| conflict["open"] == false), "{case}: {conflicts:?}");
    }
}

#[test]
fn an_answered_conflict_is_settled_and_names_what_holds() {
    let scratch = Scratch::of("five-node");
    scratch.put("answers.toml", b"\"conflict:transport.https.properties.proxyPort\" = \"443\"\n");
    let report = scratch.convert(&["--decisions", "answers.toml"]);
    let conflict = &report["deployments"][0]["conflicts"][0];
    assert_eq!((conflict["open"].clone(), conflict["said"][0]["value"].clone()), (false.into(), "443".into()));
    assert!(!open(&report).contains(&"conflict:transport.https.properties.proxyPort"));
    let node = String::from_utf8(files(&scratch.path("out"))["control-plane/repository/conf/deployment.toml"].clone());
    assert!(node.unwrap().contains("proxyPort = 443"));
}

#[test]
fn refuses_unknown_and_unused_answers() {
    let scratch = Scratch::of("five-node");
    let error = |answers: &str| {
        scratch.put("answers.toml", answers.as_bytes());
        let run = scratch.run(&["convert", "in", "--out", "out", "--decisions", "answers.toml"]);
        assert!(!scratch.path("out").exists());
        run.one_error().to_owned()
    };
    assert!(error("\nsecret = \"env\"\n").starts_with("answers.toml:2:1: there is no decision `secret`"));
    assert!(error("secrets = \"plain\"\n").starts_with("answers.toml:1:11: `plain` does not answer `secrets`"));
    assert!(error("secrets = \"keep\"\ncontrol-plane-count = 2\n").starts_with("answers.toml:2:1: nothing asks"));
    assert!(error("node-role = { node-z = \"store\" }\n").starts_with("answers.toml:1:15: nothing asks `node-role`"));
    assert!(error("\"conflict:apim.jwt.header\" = \"X\"\n").contains("nothing asks"));
    assert!(error("secrets = \n").starts_with("answers.toml:1:"));
    let run = scratch.run(&["plan", "in", "--decisions", "nowhere.toml"]);
    assert!(run.one_error().contains("nowhere.toml"), "{}", run.stderr);
}

#[test]
fn the_traffic_manager_goes_where_it_is_put() {
    let scratch = Scratch::of("five-node");
    let report = scratch.decide("traffic-manager-placement = \"control-plane\"\n");
    assert!(!scratch.path("out/traffic-manager").exists());
    let gateway = scratch.written("gateway-worker");
    assert_eq!(list(&gateway, "apim.throttling.throttle_decision_endpoints"), ["tcp://keys.example.net:5672"]);
    assert_eq!(list(&gateway, "apim.throttling.url_group[0].traffic_manager_urls"), ["tcp://keys.example.net:9611"]);
    assert_eq!(report["options"]["traffic_manager"], serde_json::Value::Null);
    let with_answer = files(&scratch.path("out"));
    scratch.convert(&["--traffic-manager", "control-plane"]);
    for (name, bytes) in with_answer.iter().filter(|(name, _)| name.ends_with("/deployment.toml")) {
        assert_eq!(files(&scratch.path("out"))[name], *bytes, "the option is the same answer");
    }

    let scratch = Scratch::of("hybrid");
    scratch.decide("traffic-manager-placement = \"separate\"\n");
    let managers = ["traffic-manager-1", "traffic-manager-2"].map(|node| scratch.written(node));
    let offset = |node: &toml::Table| at(node, "server.offset").and_then(toml::Value::as_integer).unwrap_or(0);
    let ports: Vec<String> = managers.iter().map(|node| (5672 + offset(node)).to_string()).collect();
    let named = list(&scratch.written("gateway-worker"), "apim.throttling.throttle_decision_endpoints");
    assert_eq!(named.len(), 2);
    for (url, port) in named.iter().zip(&ports) {
        assert!(url.ends_with(port), "{url} is the port that the second node on the host has: {port}");
    }
    for (node, port) in managers.iter().zip(&ports) {
        assert_eq!(
            list(node, "apim.throttling.throttle_decision_endpoints"),
            [format!("tcp://localhost:{port}")],
            "its own broker"
        );
    }
}

#[test]
fn the_control_plane_has_the_address_given() {
    let scratch = Scratch::of("five-node");
    let report = scratch.decide("control-plane-address = \"https://api.example.org\"\n");
    assert!(!open(&report).contains(&"control-plane-address"));
    let control_plane = scratch.written("control-plane");
    assert_eq!(text(&control_plane, "apim.devportal.url"), "https://api.example.org/devportal");
    assert_eq!(text(&control_plane, "apim.event_hub.service_url"), "https://api.example.org/services/");
    assert_eq!(
        text(&control_plane, "event_listener[0].properties.notification_endpoint"),
        "https://api.example.org/internal/data/v1/notify"
    );
    assert_eq!(at(&control_plane, "transport.https.properties.proxyPort").unwrap().as_integer(), Some(443));
    for node in ["gateway-worker", "traffic-manager"] {
        assert_eq!(text(&scratch.written(node), "apim.key_manager.service_url"), "https://api.example.org/services/");
    }
    scratch.decide("control-plane-address = \"https://publish.example.net\"\n");
    assert_eq!(text(&scratch.written("control-plane"), "apim.devportal.url"), "https://publish.example.net/devportal");
}

#[test]
fn environments_are_named_as_told() {
    let scratch = Scratch::of("two-environments");
    scratch.decide("environment-name = { Internal = \"Inside\" }\n");
    let control_plane = scratch.written("control-plane");
    let names = |count: usize| -> Vec<String> {
        (0..count)
            .map(|index| text(&control_plane, &format!("apim.gateway.environment[{index}].name")).into())
            .collect()
    };
    let mut found = names(2);
    found.sort();
    assert_eq!(found, ["External", "Inside"]);
    let mut labels: Vec<Vec<String>> = ["gateway-worker-1", "gateway-worker-2"]
        .iter()
        .map(|node| list(&scratch.written(node), "apim.sync_runtime_artifacts.gateway.gateway_labels"))
        .collect();
    labels.sort();
    assert_eq!(labels, [["External"], ["Inside"]]);

    let scratch = Scratch::of("five-node");
    scratch.decide("environment-name = \"Default\"\n");
    assert_eq!(text(&scratch.written("control-plane"), "apim.gateway.environment[0].name"), "Default");
    let gateway = scratch.written("gateway-worker");
    assert_eq!(list(&gateway, "apim.sync_runtime_artifacts.gateway.gateway_labels"), Vec::<String>::new());
}

#[test]
fn secrets_are_written_as_told() {
    let scratch = Scratch::of("five-node");
    scratch.decide("secrets = \"secret\"\n");
    for node in ["control-plane", "gateway-worker", "traffic-manager"] {
        let file = scratch.written(node);
        for key in ["super_admin.password", "database.shared_db.password"] {
            let alias = text(&file, key).strip_prefix("$secret{").unwrap().strip_suffix('}').unwrap().to_owned();
            assert!(file["secrets"].get(&alias).is_some(), "{node}: `{alias}` stands under [secrets]");
        }
        assert_eq!(
            file.keys().next_back().map(String::as_str),
            Some("secrets"),
            "the cipher tool loses what stands below"
        );
    }
    scratch.decide("secrets = \"env\"\n");
    let control_plane = scratch.written("control-plane");
    assert_eq!(text(&control_plane, "super_admin.password"), "$env{SUPER_ADMIN_PASSWORD}");
    assert!(control_plane.get("secrets").is_none());
    for (name, bytes) in files(&scratch.path("out")) {
        assert!(!String::from_utf8_lossy(&bytes).contains("apim-secret"), "{name}");
    }
}

#[test]
fn twins_invalidate_caches_as_told() {
    let scratch = Scratch::of("active-active");
    scratch.convert(&[]);
    assert_eq!(at(&scratch.written("all-in-one-1"), "apim.cache_invalidation.enabled").unwrap().as_bool(), Some(true));
    scratch.decide("cache-invalidation = \"off\"\n");
    assert!(at(&scratch.written("all-in-one-1"), "apim.cache_invalidation").is_none());

    let scratch = Scratch::of("hybrid");
    scratch.convert(&[]);
    assert!(at(&scratch.written("control-plane-1"), "apim.cache_invalidation").is_none());
    scratch.decide("cache-invalidation = \"on\"\n");
    let [one, other] = ["control-plane-1", "control-plane-2"].map(|node| scratch.written(node));
    assert_eq!(at(&one, "apim.cache_invalidation"), at(&other, "apim.cache_invalidation"));
    assert_eq!(text(&one, "apim.cache_invalidation.domain"), "control-plane-domain");
}

#[test]
fn conflicts_are_settled_as_told() {
    let scratch = Scratch::of("five-node");
    scratch.edit("in/store/repository/conf/user-mgt.xml", "<UserName>apimadmin<", "<UserName>storeadmin<");
    let report = scratch.convert(&[]);
    let id = "conflict:super_admin.username";
    assert!(open(&report).contains(&id), "{:?}", open(&report));
    let conflicts = all(&report, "conflicts");
    let conflict = conflicts.iter().find(|one| one["key"] == "super_admin.username").unwrap();
    assert_eq!(conflict["said"][0]["value"], "apimadmin");
    assert!(conflict["said"].as_array().unwrap().iter().any(|said| said["value"] == "storeadmin"));
    assert_eq!(text(&scratch.written("gateway-worker"), "super_admin.username"), "apimadmin");
    for winner in ["storeadmin", "someone-else"] {
        let report = scratch.decide(&format!("\"{id}\" = \"{winner}\"\n"));
        assert!(!open(&report).contains(&id));
        for node in ["control-plane", "gateway-worker", "traffic-manager"] {
            assert_eq!(text(&scratch.written(node), "super_admin.username"), winner, "{node}");
        }
        let decision = all(&report, "decisions").into_iter().find(|decision| decision["id"] == id).unwrap();
        assert_eq!(decision["chosen"], winner);
    }
}

#[test]
fn an_answered_conflict_holds_on_every_twin() {
    let scratch = Scratch::of("hybrid");
    let header = |value: &str| format!("<JWTConfiguration><JWTHeader>{value}</JWTHeader></JWTConfiguration>");
    for (node, value) in [("key-manager", "X-Keys"), ("pub-store-tm-a", "X-Portal"), ("pub-store-tm-b", "X-Portal")] {
        let file = format!("in/{node}/repository/conf/api-manager.xml");
        let text = std::fs::read_to_string(scratch.path(&file)).unwrap();
        let start = text.find("<JWTConfiguration>");
        let end = text.find("</JWTConfiguration>").map(|end| end + "</JWTConfiguration>".len());
        let without = match (start, end) {
            (Some(start), Some(end)) => format!("{}{}", text.part(..start), text.part(end..)),
            _ => text,
        };
        scratch.put(&file, without.replace("</APIManager>", &format!("{}</APIManager>", header(value))).as_bytes());
    }
    let nodes = ["control-plane-1", "control-plane-2", "gateway-worker"];
    let written = |scratch: &Scratch| nodes.map(|node| text(&scratch.written(node), "apim.jwt.header").to_owned());
    scratch.convert(&[]);
    assert_eq!(written(&scratch), ["X-Keys"; 3]);
    for answer in ["X-Portal", "pub-store-tm-a", "X-Other"] {
        let report = scratch.decide(&format!("\"conflict:apim.jwt.header\" = \"{answer}\"\n"));
        let value = if answer == "X-Other" { "X-Other" } else { "X-Portal" };
        assert_eq!(written(&scratch), [value; 3], "{answer}");
        for setting in
            all(&report, "settings").iter().filter(|one| one["path"] == "/APIManager/JWTConfiguration/JWTHeader")
        {
            let converted = setting["outcome"] == "converted";
            assert!(!converted || setting["value"] == value, "what is converted stands in the file: {setting}");
        }
    }
}

#[test]
fn an_answered_secret_stays_masked() {
    let scratch = Scratch::of("five-node");
    scratch.edit("in/store/repository/conf/user-mgt.xml", ">apim-secret<", ">store-secret<");
    for (answer, value) in [("store", "store-secret"), ("given-secret", "given-secret")] {
        let report = scratch.decide(&format!("\"conflict:super_admin.password\" = \"{answer}\"\n"));
        assert_eq!(text(&scratch.written("control-plane"), "super_admin.password"), value);
        let plan = scratch.run(&["plan", "in", "--decisions", "answers.toml"]);
        for shown in [report.to_string(), plan.stdout, plan.stderr] {
            assert!(!shown.contains("store-secret") && !shown.contains("given-secret"), "{answer}");
        }
    }
}

#[test]
fn the_super_admin_is_the_one_given() {
    let scratch = Scratch::of("five-node");
    for node in ["node-a", "node-b", "node-c", "publisher", "store"] {
        std::fs::remove_file(scratch.path(&format!("in/{node}/repository/conf/user-mgt.xml"))).unwrap();
    }
    assert!(open(&scratch.convert(&[])).contains(&"super-admin"));
    let report = scratch.decide("super-admin = \"root:given-secret\"\n");
    assert!(findings(&report, "value-assumed").iter().all(|one| !one["message"].to_string().contains("super admin")));
    assert!(!report.to_string().contains("given-secret"));
    for node in ["control-plane", "gateway-worker", "traffic-manager"] {
        let file = scratch.written(node);
        assert_eq!(text(&file, "super_admin.username"), "root");
        assert_eq!(text(&file, "super_admin.password"), "given-secret");
    }
}

#[test]
fn nodes_have_the_roles_given() {
    let scratch = Scratch::of("five-node");
    let report = scratch.decide("node-role = { node-b = \"ignore\" }\n");
    let nodes = report["deployments"][0]["source"]["nodes"].as_array().unwrap();
    assert!(nodes.iter().all(|node| node["name"] != "node-b" || node["roles"].as_array().unwrap().is_empty()));
    assert!(!scratch.path("out/traffic-manager").exists());

    scratch.decide("node-role = { node-a = [\"key-manager\", \"traffic-manager\"], node-b = \"ignore\" }\n");
    assert!(!scratch.path("out/traffic-manager").exists(), "a traffic manager beside a key manager goes inside");
    assert_eq!(text(&scratch.written("control-plane"), "server.hostname"), "keys.example.net");
}

#[test]
fn the_portal_keeps_its_host_as_told() {
    let scratch = Scratch::of("five-node");
    scratch.decide("devportal-url = \"keep-host\"\n");
    assert_eq!(
        text(&scratch.written("control-plane"), "apim.devportal.url"),
        "https://portal.example.net:9443/devportal"
    );
}

#[test]
fn gateways_get_the_shared_database_told() {
    let scratch = Scratch::of("five-node");
    scratch.decide("gateway-shared-database = \"local-h2\"\n");
    let gateway = scratch.written("gateway-worker");
    assert_eq!(text(&gateway, "database.shared_db.type"), "h2");
    assert!(text(&gateway, "database.shared_db.url").starts_with("jdbc:h2:"));
    assert_eq!(text(&scratch.written("control-plane"), "database.shared_db.type"), "postgre");
}

#[test]
fn receiver_groups_are_split_as_told() {
    let scratch = Scratch::of("five-node-ha");
    for gateway in ["gw-1", "gw-2"] {
        let file = format!("in/{gateway}/repository/conf/api-manager.xml");
        let text = std::fs::read_to_string(scratch.path(&file)).unwrap();
        let joined = text.replace("},{", ",").replace("}, {", ",");
        assert_ne!(text, joined);
        scratch.put(&file, joined.as_bytes());
    }
    let report = scratch.convert(&[]);
    let gateway = scratch.written("gateway-worker-1");
    assert_eq!(list(&gateway, "apim.throttling.url_group[0].traffic_manager_urls").len(), 2);
    assert_eq!(text(&gateway, "apim.throttling.url_group[0].type"), "loadbalance");
    assert!(!findings(&report, "decisions-split").is_empty());
    scratch.decide("traffic-manager-groups = \"one-per-node\"\n");
    let gateway = scratch.written("gateway-worker-1");
    for index in ["0", "1"] {
        let group = format!("apim.throttling.url_group[{index}].");
        assert_eq!(list(&gateway, &format!("{group}traffic_manager_urls")).len(), 1);
        assert_eq!(list(&gateway, &format!("{group}traffic_manager_auth_urls")).len(), 1);
        assert!(at(&gateway, &format!("{group}type")).is_none());
    }
}

#[test]
fn groups_below_the_data_publisher_count_as_told() {
    let scratch = Scratch::of("five-node");
    let file = "in/node-c/repository/conf/api-manager.xml";
    let group = "<ReceiverUrlGroup>tcp://limits.example.net:9611</ReceiverUrlGroup>
            <AuthUrlGroup>ssl://limits.example.net:9711</AuthUrlGroup>";
    scratch.edit(file, group, "");
    let elsewhere = group.replace(":9", ":19");
    scratch.edit(file, "<DataPublisher>", &format!("<DataPublisher>{elsewhere}"));
    let report = scratch.convert(&[]);
    assert!(!findings(&report, "url-group-in-data-publisher").is_empty());
    let urls = || list(&scratch.written("gateway-worker"), "apim.throttling.url_group[0].traffic_manager_urls");
    assert_eq!(urls(), ["tcp://limits.example.net:19611"]);
    scratch.decide("data-publisher-group = \"ignore\"\n");
    assert_eq!(urls(), ["tcp://limits.example.net:9611"], "made from the traffic manager found");
}

#[test]
fn urls_beside_braces_count_as_told() {
    let scratch = Scratch::of("five-node");
    let file = "in/node-c/repository/conf/api-manager.xml";
    scratch.edit(
        file,
        ">tcp://limits.example.net:9611<",
        ">tcp://more.example.net:9611,{tcp://limits.example.net:9611}<",
    );
    scratch.edit(
        file,
        ">ssl://limits.example.net:9711<",
        ">ssl://more.example.net:9711,{ssl://limits.example.net:9711}<",
    );
    let report = scratch.convert(&[]);
    assert!(!findings(&report, "bare-url-ignored").is_empty());
    let groups =
        || at(&scratch.written("gateway-worker"), "apim.throttling.url_group").unwrap().as_array().unwrap().len();
    assert_eq!(groups(), 2);
    scratch.decide("bare-url = \"ignore\"\n");
    assert_eq!(groups(), 1);
}

#[test]
fn the_broker_text_is_kept_as_told() {
    let scratch = Scratch::of("five-node");
    let file = "in/node-c/repository/conf/api-manager.xml";
    scratch.edit(file, "retries='5'%26connectdelay='50'", "retries='9'%26connectdelay='70'");
    let report = scratch.convert(&[]);
    assert!(!findings(&report, "amqp-options-lost").is_empty());
    let key = "apim.throttling.jms.topic_connection_factory";
    assert!(at(&scratch.written("gateway-worker"), key).is_none());
    let report = scratch.decide("amqp-verbatim = \"yes\"\n");
    assert!(findings(&report, "amqp-options-lost").is_empty());
    let gateway = scratch.written("gateway-worker");
    let written = text(&gateway, key);
    assert!(written.contains("retries='9'") && written.contains("limits.example.net:5672"), "{written}");
    let report = report.to_string();
    assert!(!report.contains("apim-secret"), "the password in the text stays masked");
}

#[test]
fn an_all_in_one_is_split_as_told() {
    let scratch = Scratch::of("all-in-one");
    scratch.decide("split-all-in-one = \"yes\"\n");
    for node in ["control-plane", "gateway-worker"] {
        assert_eq!(text(&scratch.written(node), "server.server_role"), node);
    }
    // The second node on the host has ports of its own, and what names it follows.
    assert_eq!(at(&scratch.written("gateway-worker"), "server.offset").unwrap().as_integer(), Some(1));
    let control_plane = scratch.written("control-plane");
    let environment = |field: &str| text(&control_plane, &format!("apim.gateway.environment[0].{field}")).to_owned();
    assert_eq!(environment("https_endpoint"), "https://apis.example.org:8244");
    assert_eq!(environment("ws_endpoint"), "ws://apis.example.org:9100");
    assert_eq!(environment("service_url"), "https://apis.example.org:9444/services/");
    assert_eq!(text(&control_plane, "apim.event_hub.service_url"), "https://apis.example.org:9443/services/");
}

#[test]
fn people_may_not_sign_up_as_told() {
    let scratch = Scratch::of("five-node");
    scratch.decide("self-registration = \"off\"\n");
    let key = "identity_mgt.user_self_registration.allow_self_registration";
    assert_eq!(at(&scratch.written("control-plane"), key).and_then(toml::Value::as_bool), Some(false));
}

#[test]
fn environments_lose_their_service_url_as_told() {
    let scratch = Scratch::of("five-node");
    scratch.decide("environment-service-url = \"drop\"\n");
    assert!(at(&scratch.written("control-plane"), "apim.gateway.environment[0].service_url").is_none());
}

#[test]
fn traffic_managers_get_the_api_database_as_told() {
    let scratch = Scratch::of("five-node");
    scratch.convert(&[]);
    assert!(at(&scratch.written("traffic-manager"), "database.apim_db").is_none());
    scratch.decide("traffic-manager-apim-database = \"write\"\n");
    let file = scratch.written("traffic-manager");
    assert_eq!(at(&file, "database.apim_db.url"), at(&scratch.written("control-plane"), "database.apim_db.url"));
}

#[test]
fn the_control_plane_stands_where_it_is_put() {
    let scratch = Scratch::of("five-node");
    scratch.decide("control-plane-host = \"publisher\"\n");
    let file = scratch.written("control-plane");
    assert_eq!(text(&file, "server.hostname"), "publish.example.net");
    assert!(text(&file, "apim.key_manager.service_url").starts_with("https://publish.example.net"));
}

#[test]
fn revocations_are_posted_where_told() {
    let scratch = Scratch::of("hybrid");
    scratch.decide("notification-endpoint = \"localhost\"\n");
    let file = scratch.written("control-plane-1");
    assert!(text(&file, "event_listener[0].properties.notification_endpoint").starts_with("https://localhost:"));
}

#[test]
fn twins_copy_token_revocations_as_told() {
    let scratch = Scratch::of("hybrid");
    let key = "apim.throttling.event_duplicate_url";
    scratch.convert(&["--traffic-manager", "separate"]);
    assert_eq!(list(&scratch.written("control-plane-1"), key).len(), 1);
    scratch.decide("traffic-manager-placement = \"separate\"\nduplicate-token-revocation = \"no\"\n");
    assert!(at(&scratch.written("control-plane-1"), key).is_none());
}

#[test]
fn nodes_have_the_version_answered() {
    let scratch = Scratch::of("all-in-one");
    std::fs::remove_file(scratch.path("in/apim/repository/conf/carbon.xml")).unwrap();
    for answer in ["source-version = \"2.5\"\n", "source-version = { apim = \"2.5\" }\n"] {
        let report = scratch.decide(answer);
        assert_eq!(report["deployments"][0]["source"]["version"], "2.5", "{answer}");
    }
}

#[test]
fn nodes_form_the_deployments_told() {
    let scratch = Scratch::new();
    for name in ["one", "two"] {
        scratch.copy("all-in-one", &format!("copy-{name}"));
        for (file, bytes) in files(&scratch.path(&format!("copy-{name}/apim"))) {
            let text = String::from_utf8(bytes).unwrap().replace("example.", &format!("{name}."));
            scratch.put(&format!("in/{name}/{file}"), text.as_bytes());
        }
    }
    let count = |report: &serde_json::Value| report["deployments"].as_array().unwrap().len();
    let report = scratch.convert(&[]);
    assert_eq!(count(&report), 2, "{}", report["deployments"]);
    assert_eq!(report["findings"][0]["code"], "nodes-unrelated");
    assert_eq!(count(&scratch.decide("grouping = \"together\"\n")), 1);
    assert_eq!(count(&scratch.decide("grouping = \"one, two\"\n")), 1);
    assert_eq!(count(&scratch.decide("grouping = \"apart\"\n")), 2);
}

#[test]
fn a_raw_gap_in_xml_is_asked_for() {
    let scratch = Scratch::of("five-node");
    let whole = scratch.convert(&[]);
    let count = |report: &serde_json::Value| -> u64 {
        all(report, "files").iter().map(|file| file["leaves"].as_u64().unwrap()).sum()
    };
    let manager = "in/publisher/repository/conf/api-manager.xml";
    scratch.edit(manager, "tcp://limits.example.net:9611", "tcp://<tm-host>:9611");
    let report = scratch.convert(&[]);
    assert_eq!(count(&report), count(&whole), "every leaf is read");
    assert!(findings(&report, "configuration-damaged").is_empty());
    assert!(!findings(&report, "placeholder-host").is_empty());
    assert!(open(&report).contains(&"host:<tm-host>"));
    let report = scratch.decide("\"host:<tm-host>\" = \"tm.example.com\"\n");
    assert!(!open(&report).contains(&"host:<tm-host>"));
}

#[test]
fn names_of_one_machine_are_taken_as_told() {
    let scratch = Scratch::of("five-node");
    // The gateway knows the traffic manager by its address only.
    scratch.edit("in/node-c/repository/conf/api-manager.xml", "limits.example.net", "10.0.0.7");
    let report = scratch.decide("same-host = [\"10.0.0.7 = limits.example.net\"]\n");
    let chosen = |report: &serde_json::Value| {
        all(report, "decisions").into_iter().find(|one| one["id"] == "same-host").unwrap()["chosen"].clone()
    };
    assert_eq!(chosen(&report), "10.0.0.7 = limits.example.net");
    // What changes nothing is no error.
    assert_eq!(chosen(&scratch.decide("same-host = [\"a = b\", \"c = d\"]\n")), "a = b,c = d");
}

#[test]
fn an_on_premise_gateway_is_a_gateway_worker_as_told() {
    let scratch = Scratch::of("five-node");
    for (name, bytes) in files(&scratch.path("in/node-c")) {
        scratch.put(&format!("in/micro-gateway/{name}"), &bytes);
    }
    let asked = |report: &serde_json::Value| {
        all(report, "decisions").into_iter().find(|one| one["id"] == "micro-gateway").unwrap().clone()
    };
    let report = scratch.convert(&[]);
    assert_eq!((&asked(&report)["chosen"], &asked(&report)["about"]), (&"ignore".into(), &"micro-gateway".into()));
    assert!(!open(&report).contains(&"micro-gateway"));
    assert!(!scratch.path("out/gateway-worker-2").exists());
    for answer in ["micro-gateway = \"gateway-worker\"\n", "micro-gateway = { micro-gateway = \"gateway-worker\" }\n"] {
        let report = scratch.decide(answer);
        assert_eq!(asked(&report)["chosen"], "gateway-worker");
        for node in ["gateway-worker-1", "gateway-worker-2"] {
            let url = text(&scratch.written(node), "apim.event_hub.service_url").to_owned();
            assert_eq!(url, "https://keys.example.net:9443/services/", "{answer}");
        }
    }
}

#[test]
fn the_control_plane_stands_at_the_address_given() {
    let scratch = Scratch::of("five-node");
    scratch.decide("control-plane-host = \"cp.example.net\"\n");
    let file = scratch.written("control-plane");
    assert_eq!(text(&file, "server.hostname"), "cp.example.net");
    let gateway = scratch.written("gateway-worker");
    assert_eq!(text(&gateway, "apim.event_hub.service_url"), "https://cp.example.net:9443/services/");
    assert_eq!(list(&gateway, "apim.event_hub.event_listening_endpoints"), ["tcp://cp.example.net:5672"]);
    // The address of an old node is that node.
    scratch.decide("control-plane-host = \"publish.example.net\"\n");
    assert_eq!(text(&scratch.written("control-plane"), "server.hostname"), "publish.example.net");
}

#[test]
fn an_answer_that_no_node_fits_is_said() {
    let scratch = Scratch::of("five-node");
    let report = scratch.decide("control-plane-host = \"hybrid\"\n");
    assert_eq!(findings(&report, "answer-not-possible").len(), 1);
    assert_eq!(text(&scratch.written("control-plane"), "server.hostname"), "keys.example.net");

    let scratch = Scratch::of("hybrid");
    for (count, nodes) in [(0, 1), (99, 3)] {
        std::fs::remove_dir_all(scratch.path("out")).ok();
        let report = scratch.decide(&format!("control-plane-count = {count}\n"));
        assert_eq!(findings(&report, "answer-not-possible").len(), 1, "{count}");
        let planned = std::fs::read_dir(scratch.path("out")).unwrap();
        let planned =
            planned.filter(|one| one.as_ref().unwrap().file_name().to_string_lossy().starts_with("control-plane"));
        assert_eq!(planned.count(), nodes, "{count}");
    }
    let report = scratch.decide("control-plane-count = 3\n");
    assert!(findings(&report, "answer-not-possible").is_empty(), "another role has a host for it");
    assert!(scratch.path("out/control-plane-3").exists());
}

#[test]
fn a_gateway_alone_gets_the_traffic_managers_told() {
    let scratch = Scratch::new();
    for (name, bytes) in files(&super::corpus().join("five-node/in/node-c")) {
        scratch.put(&format!("in/gateway-worker/{name}"), &bytes);
    }
    assert!(!open(&scratch.convert(&[])).contains(&"traffic-manager-address"), "its own lists name them");
    let file = "in/gateway-worker/repository/conf/api-manager.xml";
    let told = std::fs::read_to_string(scratch.path(file)).unwrap();
    let (before, rest) = told.split_once("<ThrottlingConfigurations>").unwrap();
    let (_, after) = rest.split_once("</ThrottlingConfigurations>").unwrap();
    scratch.put(file, format!("{before}{after}").as_bytes());
    let report = scratch.convert(&[]);
    assert!(open(&report).contains(&"traffic-manager-address"), "{:?}", open(&report));
    let report = scratch.decide("traffic-manager-address = [\"tm-1.example.net\", \"tm-2.example.net:9612\"]\n");
    assert!(!open(&report).contains(&"traffic-manager-address"));
    let gateway = scratch.written("gateway-worker");
    let brokers = ["tcp://tm-1.example.net:5672", "tcp://tm-2.example.net:5673"];
    assert_eq!(list(&gateway, "apim.throttling.throttle_decision_endpoints"), brokers);
    let receivers = |index: u32| list(&gateway, &format!("apim.throttling.url_group[{index}].traffic_manager_urls"));
    assert_eq!(receivers(0), ["tcp://tm-1.example.net:9611"]);
    assert_eq!(receivers(1), ["tcp://tm-2.example.net:9612"]);
}
