//! Whose address is written where: names that nodes share, names that each machine fills in, nodes that were not given.

use super::{Scratch, at, list, messages, open, text};

fn node(scratch: &Scratch, name: &str, file: &str) {
    scratch.put(&format!("in/{name}/repository/conf/deployment.toml"), file.as_bytes());
}

/// Publisher, store and traffic manager in one, twice, as a template tool fills the files in: a key manager that names
/// the twins by their service, gateways that name them one by one, and a host name that each machine has of its own.
fn hybrid(host: &str, portal: &str) -> Scratch {
    let scratch = Scratch::new();
    let server = format!("[server]\nhostname = \"{host}\"\n");
    let group = |host: &str| {
        format!(
            "[[apim.throttling.url_group]]\ntraffic_manager_urls = [\"tcp://{host}:9611\"]\n\
             traffic_manager_auth_urls = [\"ssl://{host}:9711\"]\n"
        )
    };
    let twin = format!(
        "{server}server_role = \"api-publisher\"\n[[apim.gateway.environment]]\nname = \"Default\"\ntype = \"hybrid\"\n\
         service_url = \"https://set-2-gw-service:9443/services/\"\n\
         [apim.devportal]\nurl = \"{portal}\"\n[transport.https.properties]\nproxyPort = 443\n"
    );
    node(&scratch, "pub-store-tm-1", &twin);
    node(&scratch, "pub-store-tm-2", &twin);
    node(&scratch, "km", &format!("{server}server_role = \"api-key-manager\"\n{}", group("set-2-pst-service")));
    let gateway = format!(
        "{server}server_role = \"gateway-worker\"\n[apim.key_manager]\n\
         service_url = \"https://set-2-km-service:9443/services/\"\n[apim.throttling]\n\
         throttle_decision_endpoints = [\"tcp://set-2-pst-1-service:5672\", \"tcp://set-2-pst-2-service:5672\"]\n{}{}",
        group("set-2-pst-1-service"),
        group("set-2-pst-2-service")
    );
    node(&scratch, "gateway", &gateway);
    scratch
}

#[test]
fn a_number_that_all_hosts_have_tells_no_twins_apart() {
    let scratch = hybrid("$env{HOST}", "https://portal.example.org/devportal");
    scratch.convert(&[]);
    let hubs = ["tcp://set-2-pst-1-service:5672", "tcp://set-2-pst-2-service:5672"];
    assert_eq!(list(&scratch.written("gateway-worker"), "apim.event_hub.event_listening_endpoints"), hubs);
    let duplicates = |node: &str| list(&scratch.written(node), "apim.event_hub.event_duplicate_url");
    assert_eq!(duplicates("control-plane-1"), [hubs[1]]);
    assert_eq!(duplicates("control-plane-2"), [hubs[0]]);
}

#[test]
fn what_each_machine_fills_in_is_no_name_for_others() {
    let scratch = hybrid("$env{HOST}", "https://portal.example.org/devportal");
    scratch.convert(&[]);
    for node in ["control-plane-1", "control-plane-2", "gateway-worker"] {
        let file = scratch.written(node);
        // On the machine itself it says what it always said.
        assert_eq!(text(&file, "server.hostname"), "$env{HOST}");
        assert_eq!(text(&file, "apim.event_hub.service_url"), "https://portal.example.org/services/", "{node}");
    }
}

#[test]
fn a_twin_of_3_that_nothing_names_is_asked_for() {
    let scratch = hybrid("$env{HOST}", "https://portal.example.org/devportal");
    let gateway = "in/gateway/repository/conf/deployment.toml";
    scratch.edit(gateway, "set-2-pst-1-service", "set-2-pst-service");
    scratch.edit(gateway, "set-2-pst-2-service", "set-2-pst-service");
    let report = scratch.convert(&[]);
    assert!(open(&report).contains(&"node-address"), "{:?}", open(&report));
    assert_eq!(messages(&report, "address-guessed").len(), 2);
}

#[test]
fn browsers_reach_a_single_node_at_the_port_of_its_own_public_url() {
    for (url, proxy) in [
        ("https://api.example.org/devportal", "443"),
        ("https://api.example.org:8443/devportal", "8443"),
        ("https://api.example.org:9443/devportal", "9443"),
    ] {
        let scratch = hybrid("api.example.org", url);
        std::fs::remove_dir_all(scratch.path("in/pub-store-tm-2")).unwrap();
        std::fs::remove_dir_all(scratch.path("in/km")).unwrap();
        scratch.edit("in/pub-store-tm-1/repository/conf/deployment.toml", "443\n", &format!("{proxy}\n"));
        scratch.edit("in/gateway/repository/conf/deployment.toml", "\"api.example.org\"", "\"gw.example.org\"");
        let report = scratch.convert(&[]);
        assert_eq!(text(&scratch.written("control-plane"), "apim.devportal.url"), url);
        // The gateway named the node by another host, and never by its public one.
        let hub = "https://set-2-pst-1-service:9443/services/";
        assert_eq!(text(&scratch.written("gateway-worker"), "apim.event_hub.service_url"), hub);
        assert_eq!(messages(&report, "two-addresses").len(), 1);
        let port = at(&scratch.written("control-plane"), "transport.https.properties.proxyPort").cloned();
        let wanted = Some(proxy).filter(|port| *port != "9443").map(|port| port.parse::<i64>().unwrap());
        assert_eq!(port.and_then(|port| port.as_integer()), wanted, "{url}");
    }
}

#[test]
fn gateways_that_name_more_traffic_managers_are_told_of() {
    let scratch = Scratch::of("five-node-3.x");
    assert_eq!(messages(&scratch.convert(&[]), "endpoint-without-node"), [""; 0]);
    let gateway = "in/gateway/repository/conf/deployment.toml";
    scratch.edit(
        gateway,
        "[\"tcp://limits.example.net:5672\"]",
        "[\"tcp://tm1.example.net:5672\", \"tcp://tm2.example.net:5672\"]",
    );
    scratch.edit(gateway, "limits.example.net:9611", "tm1.example.net:9611");
    scratch.edit(gateway, "limits.example.net:9711", "tm1.example.net:9711");
    let report = scratch.convert(&[]);
    let told = messages(&report, "endpoint-without-node");
    assert_eq!(told, ["the gateways name the traffic managers tm1.example.net, tm2.example.net; the input has one"]);
}

#[test]
fn a_twin_that_was_not_given_is_kept() {
    let scratch = Scratch::of("five-node-3.x");
    let manager = "in/limits/repository/conf/deployment.toml";
    scratch.edit(
        manager,
        "[transport.receiver]",
        "[apim.throttling]\nevent_duplicate_url = [\"tcp://limits2.example.net:5672\"]\n\n[transport.receiver]",
    );
    let report = scratch.convert(&[]);
    let file = scratch.written("traffic-manager");
    assert_eq!(list(&file, "apim.throttling.event_duplicate_url"), ["tcp://limits2.example.net:5672"]);
    assert_eq!(list(&file, "apim.throttling.throttle_decision_endpoints"), ["tcp://localhost:5672"]);
    assert_eq!(messages(&report, "endpoint-without-node").len(), 1);
}

/// 3.x has one user for receivers and brokers, 4.x one for each.
#[test]
fn the_throttling_user_of_3_is_the_brokers_too() {
    let with = |more: &str| {
        let scratch = Scratch::of("five-node-3.x");
        let line = "throttle_decision_endpoints = [\"tcp://limits.example.net:5672\"]\n";
        let user = "username = \"limiter\"\npassword = \"limiter-secret\"\n";
        scratch.edit("in/gateway/repository/conf/deployment.toml", line, &format!("{line}{user}{more}"));
        scratch.convert(&[]);
        let file = scratch.written("gateway-worker");
        ["receiver_username", "jms.username"].map(|key| text(&file, &format!("apim.throttling.{key}")).to_owned())
    };
    assert_eq!(with(""), ["limiter", "limiter"]);
    assert_eq!(with("jms.username = \"broker\"\njms.password = \"broker-secret\"\n"), ["limiter", "broker"]);
}

/// An Identity Server tells of revoked tokens itself; what the old file says for the resident key manager stays whole.
#[test]
fn a_listener_beside_an_identity_server_stays_whole() {
    let scratch = Scratch::of("identity-server-3.x");
    scratch.convert(&[]);
    assert!(at(&scratch.written("all-in-one"), "event_listener").is_none());
    let file = "in/apim/repository/conf/deployment.toml";
    let old = std::fs::read_to_string(scratch.path(file)).unwrap();
    let listener = "\n[[event_listener]]\nid = \"token_revocation\"\ntype = \"a.B\"\nname = \"c.D\"\norder = 1\n\
                    [event_listener.properties]\nnotification_endpoint = \
                    \"https://localhost:${mgt.transport.https.port}/internal/data/v1/notify\"\n\
                    'header.X-WSO2-KEY-MANAGER' = \"WSO2IS\"\n";
    scratch.put(file, format!("{old}{listener}").as_bytes());
    scratch.convert(&[]);
    let properties = at(&scratch.written("all-in-one"), "event_listener[0].properties").cloned().unwrap();
    assert_eq!(properties["header.X-WSO2-KEY-MANAGER"].as_str(), Some("WSO2IS"));
    let endpoint = "https://localhost:${mgt.transport.https.port}/internal/data/v1/notify";
    assert_eq!(properties["notification_endpoint"].as_str(), Some(endpoint));
}

#[test]
fn twins_behind_one_address_without_a_port_have_its_proxy_port() {
    let proxy = |scratch: &Scratch| {
        scratch.convert(&[]);
        at(&scratch.written("all-in-one-1"), "transport.https.properties.proxyPort").cloned()
    };
    let scratch = Scratch::of("active-active");
    let given = proxy(&scratch);
    let mut changed = 0;
    for (name, _) in super::files(&scratch.path("in")) {
        if name.ends_with("catalina-server.xml") {
            std::fs::remove_file(scratch.path(&format!("in/{name}"))).unwrap();
            changed += 1;
        }
    }
    assert!(changed > 0 && given.is_some());
    assert_eq!(proxy(&scratch), Some(toml::Value::Integer(443)));
}
