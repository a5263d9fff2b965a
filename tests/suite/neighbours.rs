//! What nodes say of each other and of themselves: hosts that several share, ports that do not fit, hubs with gateways of
//! their own.

use crate::roles::{ADMIN, Case, base, carbon, environment, gateway, sends_to};

const LABELS: &str = "apim.sync_runtime_artifacts.gateway.gateway_labels";

/// An environment of a hub: its name, host and offset.
fn at(name: &str, host: &str, offset: u32) -> String {
    format!(
        "[[apim.gateway.environment]]\nname = \"{name}\"\nservice_url = \"https://{host}:{}/services/\"\n\
         http_endpoint = \"http://{host}:{}\"\nhttps_endpoint = \"https://{host}:{}\"\n\n",
        9443 + offset,
        8280 + offset,
        8243 + offset
    )
}

/// A node of one machine that asks a hub of it for keys.
fn spoke(host: &str, offset: u32, hub: &str) -> String {
    base(host, "default").replace("server_role", &format!("offset = {offset}\nserver_role"))
        + "[[apim.gateway.environment]]\nname = \"Live\"\n\
           service_url = \"https://localhost:${mgt.transport.https.port}/services/\"\n\n"
        + &format!("[apim.key_manager]\nservice_url = \"https://{hub}/services/\"\n")
}

#[test]
fn spokes_on_the_machine_of_their_hub_are_told_apart_by_their_ports() {
    let host = "lab.example.com";
    let hub = base(host, "default") + &at("Live", "localhost", 0) + &at("Trial", host, 1) + &at("Demo", host, 3);
    let found = Case::new()
        .toml("am", &hub)
        .toml("am-trial", &spoke(host, 1, "lab.example.com:9443"))
        .toml("am-demo", &spoke(host, 3, "lab.example.com:9443"))
        .convert();
    assert_eq!(found.roles("am"), ["all-in-one"]);
    for (node, offset, label, web_socket) in
        [("gateway-worker-1", 3, "Demo", 9102), ("gateway-worker-2", 1, "Trial", 9100)]
    {
        found.has(node, "server.offset", offset);
        found.has_list(node, LABELS, &[label]);
        found.has(node, "apim.key_manager.service_url", "https://lab.example.com:9443/services/");
        found.has_list(node, "apim.event_hub.event_listening_endpoints", &["tcp://lab.example.com:5672"]);
        // The gateway's own port, not that of the one beside it.
        let environments = found.value("all-in-one", "apim.gateway.environment").unwrap();
        let own = environments.as_array().unwrap().iter().find(|one| one["name"].as_str() == Some(label)).unwrap();
        assert_eq!(own["ws_endpoint"].as_str(), Some(format!("ws://lab.example.com:{web_socket}").as_str()));
        let services = format!("https://lab.example.com:{}/services/", 9443 + offset);
        assert_eq!(own["service_url"].as_str(), Some(services.as_str()));
    }
    // What the hub calls local is itself.
    found.has("all-in-one", "apim.gateway.environment.0.service_url", "https://lab.example.com:9443/services/");
    found.has("all-in-one", "apim.gateway.environment.0.https_endpoint", "https://lab.example.com:8243");
    found.has_list("all-in-one", LABELS, &["Live"]);
}

#[test]
fn a_spoke_on_a_machine_of_its_own_serves_its_own_label() {
    let hub =
        base("hub.example.com", "default") + &at("Live", "hub.example.com", 0) + &at("Trial", "edge.example.com", 0);
    let found =
        Case::new().toml("am", &hub).toml("am-trial", &spoke("edge.example.com", 0, "hub.example.com:9443")).convert();
    assert_eq!((found.roles("am"), found.roles("am-trial")), (vec!["all-in-one"], vec!["gateway-worker"]));
    found.has_list("all-in-one", LABELS, &["Live"]);
    found.has_list("gateway-worker", LABELS, &["Trial"]);
    found.has("gateway-worker", "apim.key_manager.service_url", "https://hub.example.com:9443/services/");
    // The hub is no Identity Server.
    found.lacks("gateway-worker", "apim.key_manager.type");
}

#[test]
fn a_lone_node_does_not_stand_where_its_traffic_manager_does() {
    let answers = format!("{ADMIN}[node-role]\nserver = \"all-in-one\"\n");
    let found = Case::new().node("server", &carbon("2.6.0", "", 0), &sends_to("count.example.com")).answer(&answers);
    let found = found.convert();
    found.has("all-in-one", "server.hostname", "localhost");
    assert_eq!(found.open(), ["node-address (server)"]);
    found.has_list("all-in-one", "apim.throttling.url_group.0.traffic_manager_urls", &["tcp://count.example.com:9611"]);
    // Its events stay at home.
    found.has_list("all-in-one", "apim.event_hub.event_listening_endpoints", &["tcp://localhost:5672"]);
}

#[test]
fn a_control_plane_with_a_service_name_is_no_role_outside() {
    // Of 3.2: the control plane has the traffic manager inside, and is reached by its service's name.
    let core = base("portal.example.com", "control-plane") + &environment("gw.example.com");
    let hub = "\n[apim.event_hub]\nenable = true\nservice_url = \"https://cp-service:9443/services/\"\n\
               event_listening_endpoints = [\"tcp://cp-service:5672\"]\n";
    let found = Case::new()
        .toml("core", &core)
        .toml("front", &(gateway("gw.example.com", "https://cp-service:9443/services/", "cp-service") + hub))
        .answer("grouping = \"together\"\n")
        .convert();
    assert!(!found.codes().contains(&"role-outside-input"), "{:?}", found.messages("role-outside-input"));
    // A traffic manager that nobody gave is one.
    let found = Case::new()
        .toml("core", &core)
        .toml("front", &(gateway("gw.example.com", "https://cp-service:9443/services/", "elsewhere") + hub))
        .answer("grouping = \"together\"\n")
        .convert();
    assert_eq!(
        found.messages("role-outside-input"),
        ["the nodes name `elsewhere` as traffic-manager, and none of them is that"]
    );
}

#[test]
fn each_port_that_the_named_node_does_not_open_is_told() {
    // The traffic manager has the offset 3: receivers at 9614, logins at 9714.
    let manager = base("tm.example.com", "traffic-manager").replace("server_role", "offset = 3\nserver_role")
        + "[apim.key_manager]\nservice_url = \"https://cp.example.com:9443/services/\"\n";
    let front = gateway("gw.example.com", "https://cp.example.com:9443/services/", "tm.example.com")
        .replace("\"tcp://tm.example.com:9611\"", "\"tcp://tm.example.com:9612\"")
        .replace("\"ssl://tm.example.com:9711\"", "\"ssl://tm.example.com:9799\"");
    let found = Case::new()
        .toml("tm", &manager)
        .toml("front", &front)
        .toml("control-plane", &(base("cp.example.com", "default") + &environment("gw.example.com")))
        .convert();
    let told = found.messages("endpoint-without-node");
    for (url, port) in [("tcp://tm.example.com:9612", 9614), ("ssl://tm.example.com:9799", 9714)] {
        let message = format!("{url}: `tm` opens {port} for this");
        assert!(told.contains(&message.as_str()), "{told:?}");
    }
}

#[test]
fn decisions_from_elsewhere_than_the_data_goes_are_told() {
    let front = gateway("gw.example.com", "https://cp.example.com:9443/services/", "tm.example.com")
        .replace("tcp://tm.example.com:5672", "tcp://localhost:5672");
    let case = |front: &str| {
        Case::new()
            .toml("tm", &base("tm.example.com", "traffic-manager"))
            .toml("front", front)
            .toml("control-plane", &(base("cp.example.com", "default") + &environment("gw.example.com")))
            .convert()
    };
    assert_eq!(
        case(&front).messages("url-groups-differ"),
        ["decisions are taken from the gateway's own host, data is sent to `tcp://tm.example.com:9611`"]
    );
    let sound = gateway("gw.example.com", "https://cp.example.com:9443/services/", "tm.example.com");
    assert!(!case(&sound).codes().contains(&"url-groups-differ"));
}

#[test]
fn an_all_in_one_takes_decisions_where_its_data_goes() {
    let receivers = "<ThrottlingConfigurations><TrafficManager><ReceiverUrlGroup>{tcp://tm.example.com:9611}\
                     </ReceiverUrlGroup><AuthUrlGroup>{ssl://tm.example.com:9711}</AuthUrlGroup></TrafficManager>\
                     </ThrottlingConfigurations>";
    let answers = format!("{ADMIN}[node-role]\nserver = \"all-in-one\"\n");
    let server = || Case::new().node("server", &carbon("2.6.0", "apis.example.com", 0), receivers).answer(&answers);
    let found = server().node("counter", &carbon("2.6.0", "tm.example.com", 0), "").convert();
    let key = "apim.throttling.throttle_decision_endpoints";
    found.has_list("all-in-one", key, &["tcp://tm.example.com:5672"]);
    // Where the traffic manager is not given, its broker's port is nobody's guess.
    let found = server().convert();
    found.lacks("all-in-one", key);
    assert_eq!(
        found.messages("url-groups-differ"),
        ["decisions are taken from the node's own broker, data is sent to `tcp://tm.example.com:9611`"]
    );
}

#[test]
fn nodes_of_3x_that_share_a_database_by_two_accounts_are_told() {
    let other = |text: &str, user: &str| text.replace("username = \"am\"", &format!("username = \"{user}\""));
    let front = gateway("gw.example.com", "https://cp.example.com:9443/services/", "cp.example.com");
    let case = |user: &str| {
        Case::new()
            .toml("control-plane", &(base("cp.example.com", "default") + &environment("gw.example.com")))
            .toml("front", &other(&front, user))
            .convert()
    };
    let found = case("edge");
    found.has("gateway-worker", "database.shared_db.username", "am");
    assert_eq!(
        found.messages("accounts-merged"),
        ["database.shared_db is reached as `am`; `edge` reached the same database, and is not carried"]
    );
    assert!(case("am").messages("accounts-merged").is_empty());
}

#[test]
fn a_directory_without_search_bases_is_an_error_whatever_its_class() {
    let with = |store: &str| base("apis.example.com", "default").replace("type = \"database\"", store);
    let class = "class = \"com.example.users.Directory\"\n";
    for kind in ["read_only_ldap", "read_write_ldap_unique_id", "active_directory"] {
        for class in ["", class] {
            let found = Case::new().toml("server", &with(&format!("{class}type = \"{kind}\""))).convert();
            assert_eq!(found.exit, 2);
            let told = found.messages("required-key-missing");
            assert!(told.len() == 1 && told[0].contains(kind) && told[0].contains("user_store.base_dn"), "{told:?}");
        }
        let bases = format!("{class}type = \"{kind}\"\nbase_dn = \"dc=example,dc=com\"");
        let found = Case::new().toml("server", &with(&bases)).convert();
        assert!(found.messages("required-key-missing").is_empty());
        found.has("all-in-one", "user_store.class", "com.example.users.Directory");
    }
}

#[test]
fn a_server_that_takes_its_keys_from_another_keeps_its_own_gateway_and_that_address() {
    let (own, keys) = ("edge.example.com", "[apim.key_manager]\nservice_url = ");
    for (hub_host, host, offset) in [("lab.example.com", "lab.example.com", 1), ("hub.example.com", own, 0)] {
        let hub = base(hub_host, "default") + &at("Live", "localhost", 0);
        let other = base(host, "default").replace("server_role", &format!("offset = {offset}\nserver_role"))
            + &at("Trial", host, offset)
            + &format!("{keys}\"https://{hub_host}:9443/services/\"\n");
        let found = Case::new().toml("am", &hub).toml("am-trial", &other).convert();
        assert_eq!((found.roles("am"), found.roles("am-trial")), (vec!["all-in-one"], vec!["all-in-one"]));
        // What is deployed to one is not deployed to the other.
        found.has_list("all-in-one-1", LABELS, &["Live"]);
        found.has_list("all-in-one-2", LABELS, &["Trial"]);
        let url = format!("https://{hub_host}:9443/services/");
        found.has("all-in-one-2", "apim.key_manager.service_url", url.as_str());
        found.lacks("all-in-one-2", "apim.key_manager.type");
        found.lacks("all-in-one-1", "apim.key_manager.service_url");
        assert_eq!(
            found.messages("external-key-manager"),
            [format!("the key manager is another node, `am`: its URL {url} was kept")]
        );
        assert!(!found.codes().contains(&"address-guessed"));
        // Whether it is a gateway of the hub, only a person knows.
        assert!(found.open().contains(&"node-role (am-trial)".to_owned()) && found.exit == 2);
    }
}

#[test]
fn five_nodes_of_one_machine_are_told_apart_by_their_ports() {
    // Offsets 0 to 4: key manager, traffic manager, publisher, store, gateway. Neither names nor words say so.
    let host = "lab.example.com";
    let node = |offset: u32| base(host, "default").replace("server_role", &format!("offset = {offset}\nserver_role"));
    let keys = format!("[apim.key_manager]\nservice_url = \"https://{host}:9443/services/\"\n\n");
    let gateway = at("Live", host, 4);
    let devportal = format!("[apim.devportal]\nurl = \"https://{host}:9446/devportal\"\n");
    let sends = format!(
        "[apim.throttling]\nthrottle_decision_endpoints = [\"tcp://{host}:5673\"]\n\n[[apim.throttling.url_group]]\n\
         traffic_manager_urls = [\"tcp://{host}:9612\"]\ntraffic_manager_auth_urls = [\"ssl://{host}:9712\"]\n"
    );
    let found = Case::new()
        .toml("n1", &(node(0) + &sends))
        .toml("n2", &(node(1) + &keys))
        .toml("n3", &(node(2) + &keys + &gateway + &devportal))
        .toml("n4", &(node(3) + &keys + &gateway))
        .toml("n5", &(node(4) + &keys + &sends))
        .convert();
    assert_eq!(found.roles("n1"), ["key-manager"]);
    assert_eq!(found.roles("n2"), ["traffic-manager"]);
    assert_eq!(found.roles("n5"), ["gateway-worker"]);
    found.has("control-plane", "apim.gateway.environment.0.service_url", "https://lab.example.com:9447/services/");
    found.has("gateway-worker", "server.offset", 4);
    found.has("gateway-worker", "apim.event_hub.service_url", "https://lab.example.com:9443/services/");
    found.has_list("gateway-worker", "apim.throttling.throttle_decision_endpoints", &["tcp://lab.example.com:5673"]);
    found.has_list(
        "gateway-worker",
        "apim.throttling.url_group.0.traffic_manager_urls",
        &["tcp://lab.example.com:9612"],
    );
    found.has("traffic-manager", "server.offset", 1);
    // Each port is one that the named node opens.
    for code in ["endpoint-without-node", "explicit-port-ignores-offset", "address-guessed"] {
        assert!(found.messages(code).is_empty(), "{code}: {:?}", found.messages(code));
    }
}
