//! Values that need a word besides: lists, paths, ports of other nodes, key stores, conflicts.

use serde_json::Value;

use super::{Scratch, all, at, messages, text};

const PORT: &str = "transport.https.properties.proxyPort";

#[test]
fn a_derived_value_is_the_first_of_a_conflict() {
    let scratch = Scratch::of("five-node");
    let of = |report: &Value| all(report, "conflicts").into_iter().find(|one| one["key"] == PORT).cloned().unwrap();
    let conflict = of(&scratch.convert(&[]));
    assert_eq!(conflict["node"], "control-plane");
    let said: Vec<_> = conflict["said"].as_array().unwrap().iter().map(|said| &said["value"]).collect();
    assert_eq!(said, ["none", "443"]);
    assert_eq!(conflict["said"][0]["node"], "control-plane");
    for answer in ["443", "publisher"] {
        let report = scratch.decide(&format!("\"conflict:{PORT}\" = \"{answer}\"\n"));
        assert_eq!(at(&scratch.written("control-plane"), PORT).unwrap().as_integer(), Some(443), "{answer}");
        let settings = all(&report, "settings");
        let leaf = settings.iter().find(|one| one["path"].as_str().unwrap().ends_with("@proxyPort")).unwrap();
        assert_eq!(leaf["outcome"], "converted", "{answer}");
    }
}

#[test]
fn a_port_variable_beside_another_node_is_found() {
    let scratch = Scratch::of("five-node");
    // The gateway's offset is 2, the key manager's 0.
    let port = "${mgt.transport.https.port}";
    scratch.edit(
        "in/node-c/repository/conf/api-manager.xml",
        "https://keys.example.net:9443/services/",
        &format!("https://keys.example.net:{port}/services/"),
    );
    for node in ["publisher", "store"] {
        scratch.edit(
            &format!("in/{node}/repository/conf/api-manager.xml"),
            "https://api.example.net:9445/services/",
            &format!("https://api.example.net:{port}/services/"),
        );
    }
    let report = scratch.convert(&[]);
    let found = messages(&report, "port-variable-of-another-node");
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found.iter().any(|message| message.contains("keys.example.net") && message.contains("`node-a` has 0")));
    assert_eq!(found.iter().filter(|message| message.contains("`node-c` has 2")).count(), 2);
    let environment = &at(&scratch.written("control-plane"), "apim.gateway.environment").unwrap().clone();
    assert_eq!(environment[0]["service_url"].as_str(), Some("https://api.example.net:9445/services/"));
}

#[test]
fn a_key_store_of_the_connector_is_written_whole() {
    let scratch = Scratch::of("five-node");
    let file = "in/publisher/repository/conf/tomcat/catalina-server.xml";
    let copy = std::fs::read(scratch.path(file)).unwrap();
    let file = "in/node-a/repository/conf/tomcat/catalina-server.xml";
    scratch.put(file, &copy);
    scratch.edit(file, "security/wso2carbon.jks", "security/tls.jks");
    scratch.edit(file, "keystorePass=\"wso2carbon\"", "keystorePass=\"s3-tls\"");
    scratch.edit("in/node-a/repository/conf/carbon.xml", "<KeyAlias>wso2carbon<", "<KeyAlias>acme<");
    let store = |scratch: &Scratch| {
        let written = scratch.written("control-plane");
        ["file_name", "type", "password", "alias", "key_password"]
            .map(|field| text(&written, &format!("keystore.tls.{field}")).to_owned())
    };
    let report = scratch.convert(&[]);
    assert_eq!(store(&scratch), ["tls.jks", "JKS", "s3-tls", "acme", "s3-tls"]);
    assert!(messages(&report, "value-assumed").iter().any(|message| message.contains("`acme`")));
    let own = "keystorePass=\"s3-tls\" keyAlias=\"own\" keyPass=\"s3-key\" keystoreType=\"PKCS12\"";
    scratch.edit(file, "keystorePass=\"s3-tls\"", own);
    let report = scratch.convert(&[]);
    assert_eq!(store(&scratch), ["tls.jks", "PKCS12", "s3-tls", "own", "s3-key"]);
    assert!(messages(&report, "value-assumed").is_empty());
}

#[test]
fn lists_with_an_item_twice_and_old_paths_are_told() {
    let scratch = Scratch::of("five-node");
    let file = "in/publisher/repository/conf/tomcat/catalina-server.xml";
    let copy = String::from_utf8(std::fs::read(scratch.path(file)).unwrap()).unwrap();
    let valve = "<Valve className=\"org.apache.catalina.valves.AccessLogValve\" directory=\"/opt/wso2am-2.6.0/logs\"/>";
    let file = "in/node-c/repository/conf/tomcat/catalina-server.xml";
    let host = format!("<Engine name=\"Catalina\"><Host name=\"localhost\">{valve}</Host></Engine></Service>");
    let changed = copy.replace("TLSv1,TLSv1.1,TLSv1.2", "TLSv1.2,TLSv1.2");
    let changed = if changed.contains("<Engine") { changed } else { changed.replacen("</Service>", &host, 1) };
    scratch.put(file, changed.as_bytes());
    let report = scratch.convert(&[]);
    let twice = messages(&report, "duplicate-item");
    assert!(twice.len() == 1 && twice[0].contains("`TLSv1.2`"), "{twice:?}");
    let key = "transport.https.sslHostConfig.properties.protocols";
    assert_eq!(text(&scratch.written("gateway-worker"), key), "+TLSv1.2,+TLSv1.2");
    let paths = messages(&report, "old-path");
    assert!(paths.len() == 1 && paths[0].contains("http_access_log.directory"), "{paths:?}");
    assert_eq!(text(&scratch.written("gateway-worker"), "http_access_log.directory"), "/opt/wso2am-2.6.0/logs");
}

/// A traffic manager with `axis2_TM.xml` in the place of axis2.xml has no pass-through transport to speak of.
#[test]
fn the_servlet_transport_of_a_role_template_says_nothing() {
    let scratch = Scratch::of("five-node");
    let axis2 = r#"<axisconfig name="AxisJava2.0">
        <transportReceiver name="http" class="org.wso2.carbon.core.transports.http.HttpTransportListener">
            <parameter name="port">9763</parameter>
        </transportReceiver>
        <transportSender name="http" class="org.apache.axis2.transport.http.CommonsHTTPTransportSender">
            <parameter name="PROTOCOL">HTTP/1.1</parameter>
        </transportSender>
    </axisconfig>"#;
    for node in ["node-b", "node-a"] {
        scratch.put(&format!("in/{node}/repository/conf/axis2/axis2.xml"), axis2.as_bytes());
    }
    let report = scratch.convert(&[]);
    assert!(messages(&report, "set-on-unused-node").is_empty());
    for node in ["control-plane", "traffic-manager"] {
        assert_eq!(at(&scratch.written(node), "transport.http"), None, "{node}");
    }
}

/// A gateway serves the environments whose written addresses are its own; what it only has as shipped says nothing.
#[test]
fn labels_follow_the_written_addresses() {
    let scratch = Scratch::of("two-environments");
    let local = "<Environment type=\"hybrid\"><Name>Internal</Name>\
                 <GatewayEndpoint>http://localhost:8280,https://localhost:8243</GatewayEndpoint></Environment>";
    let file = "in/gateway-external/repository/conf/api-manager.xml";
    scratch.edit(file, "</Environments>", &format!("{local}</Environments>"));
    let report = scratch.convert(&[]);
    assert!(messages(&report, "label-without-environment").is_empty());
    let environments = at(&scratch.written("control-plane"), "apim.gateway.environment").unwrap().clone();
    let names: Vec<_> = environments.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    let label = |node: &str| super::list(&scratch.written(node), "apim.sync_runtime_artifacts.gateway.gateway_labels");
    let mut served = [label("gateway-worker-1"), label("gateway-worker-2")].concat();
    served.sort();
    let mut wanted: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    wanted.sort();
    assert_eq!(served, wanted);
}

#[test]
fn an_offset_that_no_server_can_have_is_told() {
    for (offset, told, outcome) in [
        ("x", "it is no whole number", "manual"),
        ("${offset}", "only the server knows its value", "manual"),
        ("70000", "there is no port", "converted"),
    ] {
        let scratch = Scratch::of("all-in-one");
        let carbon = "in/apim/repository/conf/carbon.xml";
        scratch.edit(carbon, "<Offset>0</Offset>", &format!("<Offset>{offset}</Offset>"));
        let run = scratch.run(&["plan", "in", "--format", "json"]);
        assert_eq!(run.exit, 2, "{offset}");
        let report = run.json();
        let found = super::findings(&report, "offset-unusable");
        assert_eq!(found.len(), 1, "{offset}");
        assert!(found[0]["message"].as_str().unwrap().contains(told), "{}", found[0]);
        let settings = report["deployments"][0]["settings"].as_array().unwrap();
        let leaf = settings.iter().find(|one| one["path"] == "/Server/Ports/Offset").unwrap();
        assert_eq!(leaf["outcome"], outcome, "{leaf}");
    }
    let scratch = Scratch::of("five-node");
    assert!(super::findings(&scratch.convert(&[]), "offset-unusable").is_empty());
}
