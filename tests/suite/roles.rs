//! What old nodes did and where their addresses go: shapes that the first version misread.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cli::Scratch;

/// A carbon.xml; an empty host is none.
pub(crate) fn carbon(version: &str, host: &str, offset: u32) -> String {
    let host = if host.is_empty() { String::new() } else { format!("<HostName>{host}</HostName>") };
    format!(
        "<Server xmlns=\"http://wso2.org/projects/carbon/carbon.xml\"><Name>WSO2 API Manager</Name>\
         <ServerKey>AM</ServerKey><Version>{version}</Version>{host}<Ports><Offset>{offset}</Offset></Ports></Server>"
    )
}

pub(crate) struct Case {
    scratch: Scratch,
    answers: String,
    nodes: Vec<String>,
}

/// What came of it.
pub(crate) struct Outcome {
    pub(crate) exit: i32,
    pub(crate) report: Value,
    pub(crate) files: BTreeMap<String, toml::Table>,
    checklist: String,
}

impl Case {
    pub(crate) fn new() -> Self {
        Self { scratch: Scratch::new(), answers: String::new(), nodes: Vec::new() }
    }

    /// A file below a node's `repository/conf`.
    pub(crate) fn put(mut self, node: &str, file: &str, text: &str) -> Self {
        self.scratch.put(&format!("in/{node}/repository/conf/{file}"), text.as_bytes());
        if !self.nodes.iter().any(|known| known == node) {
            self.nodes.push(node.to_owned());
        }
        self
    }

    /// A node of 2.x.
    pub(crate) fn node(self, name: &str, carbon: &str, manager: &str) -> Self {
        let case = self.put(name, "carbon.xml", carbon);
        if manager.is_empty() {
            return case;
        }
        case.put(name, "api-manager.xml", &format!("<APIManager>{manager}</APIManager>"))
    }

    pub(crate) fn toml(self, node: &str, text: &str) -> Self {
        self.put(node, "deployment.toml", text)
    }

    pub(crate) fn answer(mut self, answers: &str) -> Self {
        answers.clone_into(&mut self.answers);
        self
    }

    pub(crate) fn convert(self) -> Outcome {
        self.scratch.put("answers.toml", self.answers.as_bytes());
        let run =
            self.scratch.run(&["convert", "in", "--decisions", "answers.toml", "--out", "out", "--format", "json"]);
        assert!(run.exit != 1, "{}", run.stderr);
        let report = run.json();
        let mut files = BTreeMap::new();
        for node in report["deployments"][0]["target"]["nodes"].as_array().unwrap() {
            let name = node["name"].as_str().unwrap().to_owned();
            let path = self.scratch.path(&format!("out/{name}/repository/conf/deployment.toml"));
            files.insert(name, toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap());
        }
        let checklist = std::fs::read_to_string(self.scratch.path("out/CHECKLIST.md")).unwrap();
        Outcome { exit: run.exit, report, files, checklist }
    }
}

impl Outcome {
    /// The roles of an old node.
    pub(crate) fn roles(&self, node: &str) -> Vec<&str> {
        let roles = self.old(node)["roles"].as_array().unwrap();
        roles.iter().map(|role| role.as_str().unwrap()).collect()
    }

    pub(crate) fn old(&self, node: &str) -> &Value {
        let nodes = self.report["deployments"][0]["source"]["nodes"].as_array().unwrap();
        nodes.iter().find(|old| old["name"] == node).unwrap()
    }

    /// A value of a written file; `None` where it has none.
    pub(crate) fn value(&self, node: &str, key: &str) -> Option<toml::Value> {
        let mut value = toml::Value::Table(self.files[node].clone());
        for part in key.split('.') {
            value = match part.parse::<usize>() {
                Ok(number) => value.get(number)?.clone(),
                Err(_) => value.get(part)?.clone(),
            };
        }
        Some(value)
    }

    #[track_caller]
    pub(crate) fn has(&self, node: &str, key: &str, expected: impl Into<toml::Value>) {
        assert_eq!(self.value(node, key), Some(expected.into()), "{node}: {key}");
    }

    #[track_caller]
    pub(crate) fn has_list(&self, node: &str, key: &str, expected: &[&str]) {
        self.has(node, key, expected.to_vec());
    }

    #[track_caller]
    pub(crate) fn lacks(&self, node: &str, key: &str) {
        assert_eq!(self.value(node, key), None, "{node}: {key}");
    }

    /// The open questions: `id`, or `id (about)`.
    pub(crate) fn open(&self) -> Vec<String> {
        let decisions = self.report["deployments"][0]["decisions"].as_array().unwrap();
        let open = decisions.iter().filter(|decision| decision["open"] == true);
        open.map(|decision| match decision["about"].as_str() {
            Some(about) => format!("{} ({about})", decision["id"].as_str().unwrap()),
            None => decision["id"].as_str().unwrap().to_owned(),
        })
        .collect()
    }

    pub(crate) fn codes(&self) -> Vec<&str> {
        let findings = self.report["deployments"][0]["findings"].as_array().unwrap();
        findings.iter().map(|found| found["code"].as_str().unwrap()).collect()
    }

    /// What the findings of a code say.
    pub(crate) fn messages(&self, code: &str) -> Vec<&str> {
        let findings = self.report["deployments"][0]["findings"].as_array().unwrap();
        let of = findings.iter().filter(|found| found["code"] == code);
        of.map(|found| found["message"].as_str().unwrap()).collect()
    }
}

pub(crate) const ADMIN: &str = "super-admin = \"admin:s3cret\"\n";

/// All URLs of an own server, at its public name and with its own ports.
fn one_host(host: &str) -> String {
    let services = format!("https://{host}:${{mgt.transport.https.port}}${{carbon.context}}services/");
    format!(
        "<AuthManager><ServerURL>{services}</ServerURL></AuthManager><APIGateway><Environments>\
         <Environment type=\"hybrid\"><Name>Live</Name><ServerURL>{services}</ServerURL></Environment>\
         </Environments></APIGateway><APIKeyValidator><ServerURL>{services}</ServerURL></APIKeyValidator>\
         <OAuthConfigurations><RevokeAPIURL>https://{host}:${{https.nio.port}}/revoke</RevokeAPIURL></OAuthConfigurations>\
         <APIStore><URL>https://{host}:${{mgt.transport.https.port}}/store</URL></APIStore>\
         <ThrottlingConfigurations><PolicyDeployer><ServiceURL>{services}</ServiceURL></PolicyDeployer>\
         </ThrottlingConfigurations>"
    )
}

#[test]
fn a_server_that_names_itself_by_its_public_name_is_an_all_in_one() {
    let port = "<axisconfig><transportReceiver name=\"https\" \
                class=\"org.apache.synapse.transport.passthru.PassThroughHttpSSLListener\">\
                <parameter name=\"port\">8443</parameter></transportReceiver></axisconfig>";
    for host in ["", "localhost"] {
        let case = Case::new().node("server", &carbon("2.5.0", host, 0), &one_host("apis.example.com"));
        let found = case.put("server", "axis2/axis2.xml", port).answer(ADMIN).convert();
        assert_eq!((found.roles("server"), found.exit), (vec!["all-in-one"], 0), "{:?}", found.open());
        found.has("all-in-one", "server.hostname", "apis.example.com");
        found.has("all-in-one", "apim.devportal.url", "https://apis.example.com:9443/devportal");
        // The listener's own port, which it opens.
        found.has("all-in-one", "transport.http.listener.secured_port", 8443);
        found.has("all-in-one", "apim.gateway.environment.0.https_endpoint", "https://apis.example.com:8443");
        found.lacks("all-in-one", "apim.key_manager.service_url");
    }
}

#[test]
fn a_host_that_is_only_a_key_manager_or_receiver_is_another_node() {
    let manager = one_host("apis.example.com").replace(
        "<APIKeyValidator><ServerURL>https://apis.example.com:${mgt.transport.https.port}",
        "<APIKeyValidator><ServerURL>https://keys.example.com:9443",
    );
    let found = Case::new().node("server", &carbon("2.6.0", "", 0), &manager).answer(ADMIN).convert();
    found.has("all-in-one", "server.hostname", "apis.example.com");
    found.has("all-in-one", "apim.key_manager.service_url", "https://keys.example.com:9443/services/");
    assert_eq!(found.open(), ["node-role (server)"]);
    // With another host name, and nothing but one host: who knows what stands there.
    let found =
        Case::new().node("server", &carbon("2.6.0", "s1.example.com", 0), &one_host("apis.example.com")).answer(ADMIN);
    let found = found.convert();
    assert_eq!((found.roles("server"), found.open()), (vec!["all-in-one"], vec!["node-role (server)".to_owned()]));
}

#[test]
fn repeated_elements_at_their_shipped_values_are_no_edit() {
    let shipped = "<eventProcessorConfiguration><mode name=\"Distributed\" enable=\"false\"><management><managers>\
                   <manager><hostName>localhost</hostName><port>8904</port></manager>\
                   <manager><hostName>localhost</hostName><port>8905</port></manager>\
                   </managers></management></mode></eventProcessorConfiguration>";
    let environment = "<APIGateway><Environments><Environment type=\"hybrid\"><Name>Live</Name><GatewayEndpoint>\
                       http://apis.example.com:80,https://apis.example.com:443</GatewayEndpoint></Environment>\
                       </Environments></APIGateway>";
    let mut case = Case::new();
    for node in ["gw-a", "gw-b"] {
        case = case.node(node, &carbon("2.1.0", &format!("{node}.example.com"), 0), environment);
        case = case.put(node, "event-processor.xml", shipped);
    }
    let found = case.answer("grouping = \"together\"\n").convert();
    assert_eq!((found.roles("gw-a"), found.roles("gw-b")), (vec!["gateway-worker"], vec!["gateway-worker"]));
}

/// A gateway that sends to one traffic manager and hears it.
pub(crate) fn sends_to(host: &str) -> String {
    format!(
        "<ThrottlingConfigurations><TrafficManager><ReceiverUrlGroup>{{tcp://{host}:9611}}</ReceiverUrlGroup>\
         <AuthUrlGroup>{{ssl://{host}:9711}}</AuthUrlGroup></TrafficManager><JMSConnectionDetails>\
         <JMSConnectionParameters><connectionfactory.TopicConnectionFactory>amqp://admin:s3cret@clientid/carbon?\
         brokerlist='tcp://{host}:5672'</connectionfactory.TopicConnectionFactory></JMSConnectionParameters>\
         </JMSConnectionDetails></ThrottlingConfigurations>"
    )
}

#[test]
fn an_answered_role_stays() {
    let jndi = "connectionfactory.TopicConnectionFactory = amqp://admin:s3cret@clientid/carbon?brokerlist='tcp://tm.example.com:5672'\n";
    let case = Case::new().node("whole", &carbon("2.6.0", "apis.example.com", 0), &sends_to("tm.example.com"));
    let case = case.put("whole", "jndi.properties", jndi).node("counter", &carbon("2.6.0", "tm.example.com", 0), "");
    let found = case.answer(&format!("{ADMIN}[node-role]\nwhole = \"all-in-one\"\n")).convert();
    assert_eq!((found.roles("whole"), found.roles("counter")), (vec!["all-in-one"], vec!["traffic-manager"]));
    assert!(!found.open().contains(&"node-role (whole)".to_owned()));
    // The traffic manager beside it takes its policies from it.
    found.has("traffic-manager", "apim.event_hub.service_url", "https://apis.example.com:9443/services/");
    found.has_list("traffic-manager", "apim.event_hub.event_listening_endpoints", &["tcp://apis.example.com:5672"]);
}

#[test]
fn an_all_in_one_with_traffic_managers_elsewhere_keeps_its_own_event_hub() {
    let answer = format!("{ADMIN}[node-role]\nserver = \"all-in-one\"\n");
    let case = Case::new().node("server", &carbon("2.6.0", "apis.example.com", 1), &sends_to("tm.example.com"));
    let found = case.answer(&answer).convert();
    found.has_list("all-in-one", "apim.throttling.url_group.0.traffic_manager_urls", &["tcp://tm.example.com:9611"]);
    found.has_list("all-in-one", "apim.throttling.throttle_decision_endpoints", &["tcp://tm.example.com:5672"]);
    // Its own, with its offset: without the table the product takes the traffic manager's.
    found.has_list("all-in-one", "apim.event_hub.event_listening_endpoints", &["tcp://localhost:5673"]);
    found.has_list("all-in-one", "apim.event_hub.publish.url_group.0.urls", &["tcp://localhost:9612"]);
    found.has_list("all-in-one", "apim.event_hub.publish.url_group.0.auth_urls", &["ssl://localhost:9712"]);
}

#[test]
fn twins_with_traffic_managers_elsewhere_feed_each_others_hub() {
    let mut case = Case::new();
    for node in ["s1", "s2"] {
        case = case.node(node, &carbon("2.6.0", &format!("{node}.example.com"), 0), &sends_to("tm.example.com"));
    }
    let found =
        case.answer("grouping = \"together\"\n[node-role]\ns1 = \"all-in-one\"\ns2 = \"all-in-one\"\n").convert();
    found.has_list("all-in-one-2", "apim.throttling.url_group.0.traffic_manager_urls", &["tcp://tm.example.com:9611"]);
    found.lacks("all-in-one-2", "apim.throttling.url_group.1");
    found.has_list("all-in-one-2", "apim.event_hub.publish.url_group.0.urls", &["tcp://s1.example.com:9611"]);
    found.has_list("all-in-one-2", "apim.event_hub.publish.url_group.1.urls", &["tcp://localhost:9611"]);
    found.has_list("all-in-one-2", "apim.event_hub.event_duplicate_url", &["tcp://s1.example.com:5672"]);
}

#[test]
fn twins_without_addresses_count_each_request_once() {
    let environment = "<APIGateway><Environments><Environment type=\"hybrid\"><Name>Live</Name><GatewayEndpoint>\
                       http://lb.example.com:8280,https://lb.example.com:8243</GatewayEndpoint></Environment>\
                       </Environments></APIGateway>";
    let source = "<datasources-configuration><datasources><datasource><name>WSO2AM_DB</name><jndiConfig>\
                  <name>jdbc/WSO2AM_DB</name></jndiConfig><definition type=\"RDBMS\"><configuration>\
                  <url>jdbc:mysql://db.example.com:3306/am</url><username>am</username><password>s3cret</password>\
                  </configuration></definition></datasource></datasources></datasources-configuration>";
    let twins = || {
        let mut case = Case::new();
        for node in ["am-1", "am-2"] {
            case = case.node(node, &carbon("2.5.0", "lb.example.com", 0), environment);
            case = case.put(node, "datasources/master-datasources.xml", source);
        }
        case
    };
    let found = twins().convert();
    for node in ["all-in-one-1", "all-in-one-2"] {
        found.lacks(node, "apim.throttling.url_group");
        found.lacks(node, "apim.throttling.event_duplicate_url");
    }
    assert!(found.open().contains(&"node-address (am-1)".to_owned()));
    let found = twins().answer("[node-address]\nam-1 = \"a.example.com\"\nam-2 = \"b.example.com\"\n").convert();
    found.has_list("all-in-one-1", "apim.throttling.url_group.1.traffic_manager_urls", &["tcp://b.example.com:9611"]);
    found.has_list("all-in-one-2", "apim.throttling.event_duplicate_url", &["tcp://a.example.com:5672"]);
}

#[test]
fn a_retired_gateway_manager_has_no_say() {
    let gateway = |on: &str| {
        format!(
            "<APIGateway><Environments><Environment type=\"hybrid\"><Name>Left over</Name><ServerURL>\
             https://old.example.com:9443/services/</ServerURL></Environment></Environments></APIGateway>\
             <APIKeyValidator><ServerURL>https://keys.example.com:9443/services/</ServerURL></APIKeyValidator>\
             <ThrottlingConfigurations><DataPublisher><Enabled>{on}</Enabled></DataPublisher>\
             <BlockCondition><Enabled>{on}</Enabled></BlockCondition>\
             <JMSConnectionDetails><Enabled>{on}</Enabled></JMSConnectionDetails></ThrottlingConfigurations>"
        )
    };
    let portal = "<APIGateway><Environments><Environment type=\"hybrid\"><Name>Live</Name><ServerURL>\
                  https://push.example.com:9443/services/</ServerURL><GatewayEndpoint>http://gw.example.com:8280,\
                  https://gw.example.com:8243</GatewayEndpoint></Environment></Environments></APIGateway>\
                  <APIKeyValidator><ServerURL>https://keys.example.com:9443/services/</ServerURL></APIKeyValidator>";
    let found = Case::new()
        .node("gateway-manager", &carbon("2.6.0", "push.example.com", 0), &gateway("false"))
        .node("gateway-worker", &carbon("2.6.0", "gw.example.com", 0), &gateway("true"))
        .node("key-manager", &carbon("2.6.0", "keys.example.com", 0), "<DataSourceName>jdbc/WSO2AM_DB</DataSourceName>")
        .node("publisher", &carbon("2.6.0", "pub.example.com", 0), portal)
        .node("store", &carbon("2.6.0", "shop.example.com", 0), portal)
        .node("traffic-manager", &carbon("2.6.0", "tm.example.com", 0), "")
        .convert();
    for key in ["enable_data_publishing", "enable_decision_connection", "enable_blacklist_condition"] {
        found.lacks("gateway-worker", &format!("apim.throttling.{key}"));
    }
    found.has("control-plane", "apim.gateway.environment.0.name", "Live");
    found.lacks("control-plane", "apim.gateway.environment.1");
    // Not the manager, which is gone.
    found.has("control-plane", "apim.gateway.environment.0.service_url", "https://gw.example.com:9443/services/");
    found.has_list("gateway-worker", "apim.sync_runtime_artifacts.gateway.gateway_labels", &["Live"]);
    // The ledger of nodes.
    assert_eq!(found.old("gateway-manager")["fate"]["kind"], "retired");
    assert_eq!(found.old("store")["fate"]["nodes"], serde_json::json!(["control-plane"]));
    assert!(found.checklist.contains("gateway-manager retired: "), "{}", found.checklist);
    assert!(found.checklist.contains("publisher → control-plane"), "{}", found.checklist);
}

#[test]
fn a_worker_that_is_a_traffic_manager_too_gets_new_nodes() {
    let edge = "<APIKeyValidator><ServerURL>https://keys.example.com:9443/services/</ServerURL></APIKeyValidator>\
                <ThrottlingConfigurations><TrafficManager><ReceiverUrlGroup>{tcp://edge.example.com:9611},\
                {tcp://tm.example.com:9611}</ReceiverUrlGroup></TrafficManager></ThrottlingConfigurations>";
    let portal = "<APIGateway><Environments><Environment type=\"hybrid\"><Name>Live</Name><ServerURL>\
                  https://edge.example.com:9443/services/</ServerURL><GatewayEndpoint>http://edge.example.com:8280,\
                  https://edge.example.com:8243</GatewayEndpoint></Environment></Environments></APIGateway>\
                  <APIKeyValidator><ServerURL>https://keys.example.com:9443/services/</ServerURL></APIKeyValidator>";
    let found = Case::new()
        .node("n1", &carbon("2.6.0", "edge.example.com", 0), edge)
        .node("n2", &carbon("2.6.0", "tm.example.com", 0), "")
        .node("pub-store", &carbon("2.6.0", "pub.example.com", 0), portal)
        .node("km", &carbon("2.6.0", "keys.example.com", 0), "<DataSourceName>jdbc/WSO2AM_DB</DataSourceName>")
        .convert();
    assert_eq!(found.roles("n1"), ["traffic-manager", "gateway-worker"]);
    assert_eq!(found.roles("n2"), ["traffic-manager"]);
    assert_eq!(found.old("n1")["fate"]["nodes"], serde_json::json!(["gateway-worker", "control-plane"]));
    assert_eq!(found.old("n2")["fate"]["nodes"], serde_json::json!(["control-plane"]));
}

#[test]
fn switches_that_hung_on_advanced_throttling_are_not_carried() {
    let off = "<ThrottlingConfigurations><EnableAdvanceThrottling>false</EnableAdvanceThrottling><DataPublisher>\
               <Enabled>false</Enabled></DataPublisher><JMSConnectionDetails><Enabled>false</Enabled>\
               </JMSConnectionDetails></ThrottlingConfigurations>";
    let found = Case::new().node("server", &carbon("2.5.0", "apis.example.com", 0), off).answer(ADMIN).convert();
    found.lacks("all-in-one", "apim.throttling");
    assert_eq!(found.codes().iter().filter(|code| **code == "tier-throttling-gone").count(), 3);
    // By itself the switch stays.
    let alone = off.replace("<EnableAdvanceThrottling>false</EnableAdvanceThrottling>", "");
    let found = Case::new().node("server", &carbon("2.5.0", "apis.example.com", 0), &alone).answer(ADMIN).convert();
    found.has("all-in-one", "apim.throttling.enable_data_publishing", false);
}

/// A server whose APIs, registry and users are reached at one URL, each by an account of its own.
fn accounts(url: &str) -> Case {
    let source = |name: &str, user: &str| {
        format!(
            "<datasource><name>{name}</name><jndiConfig><name>jdbc/{name}</name></jndiConfig><definition type=\"RDBMS\">\
             <configuration><url>{url}</url><username>{user}</username><password>s3cret</password>\
             <validationQuery>SELECT 1</validationQuery></configuration></definition></datasource>"
        )
    };
    let sources = [("WSO2AM_DB", "apis"), ("WSO2REG_DB", "registry"), ("WSO2UM_DB", "users")];
    let sources: String = sources.iter().map(|(name, user)| source(name, user)).collect();
    Case::new()
        .node("server", &carbon("2.6.0", "apis.example.com", 0), "<DataSourceName>jdbc/WSO2AM_DB</DataSourceName>")
        .put(
            "server",
            "datasources/master-datasources.xml",
            &format!("<datasources-configuration><datasources>{sources}</datasources></datasources-configuration>"),
        )
        .put(
            "server",
            "user-mgt.xml",
            "<UserManager><Realm><Configuration><AdminUser><UserName>admin</UserName><Password>s3cret</Password>\
             </AdminUser><Property name=\"dataSource\">jdbc/WSO2UM_DB</Property></Configuration>\
             <UserStoreManager class=\"org.wso2.carbon.user.core.jdbc.JDBCUserStoreManager\"/></Realm></UserManager>",
        )
        .put(
            "server",
            "registry.xml",
            "<wso2registry><dbConfig name=\"shared\"><dataSource>jdbc/WSO2REG_DB</dataSource></dbConfig>\
             <remoteInstance url=\"https://localhost\"><id>gov</id><dbConfig>shared</dbConfig></remoteInstance>\
             <mount path=\"/_system/governance\"><instanceId>gov</instanceId></mount></wso2registry>",
        )
}

#[test]
fn an_account_of_oracle_is_a_database() {
    for url in ["jdbc:oracle:thin:@db.example.com:1521/orcl", "jdbc:db2://db.example.com:50000/apim"] {
        let found = accounts(url).convert();
        found.has("all-in-one", "database.shared_db.username", "registry");
        found.has("all-in-one", "database.user.username", "users");
        found.has("all-in-one", "realm_manager.data_source", "WSO2USER_DB");
        // The database refuses the query that was shipped for H2.
        for table in ["apim_db", "shared_db", "user"] {
            found.lacks("all-in-one", &format!("database.{table}.validationQuery"));
        }
        assert_eq!(found.exit, 0, "{:?}", found.open());
    }
}

#[test]
fn an_account_of_another_vendor_is_asked_for_or_the_same_database() {
    for url in ["jdbc:postgresql://db.example.com/apim", "jdbc:sqlserver://db.example.com;databaseName=apim"] {
        let found = accounts(url).convert();
        assert_eq!(found.open(), ["accounts-on-one-url"]);
        found.has("all-in-one", "database.user.username", "users");
        let found = accounts(url).answer("accounts-on-one-url = \"one-database\"\n").convert();
        assert_eq!(found.exit, 0);
        found.lacks("all-in-one", "database.user");
    }
    for url in [
        "jdbc:mysql://db.example.com:3306/apim",
        "jdbc:mariadb://db.example.com:3306/apim",
        "jdbc:h2:tcp://db.example.com/apim",
    ] {
        let found = accounts(url).convert();
        found.lacks("all-in-one", "database.user");
        found.has("all-in-one", "database.shared_db.username", "registry");
        found.has("all-in-one", "database.apim_db.username", "apis");
        // The users' account is carried nowhere, and that is told.
        assert_eq!(
            found.messages("accounts-merged"),
            ["database.shared_db is reached as `registry`; `users` reached the same database, and is not carried"]
        );
        assert_eq!(found.exit, 0);
    }
}

/// What every deployment.toml here has.
pub(crate) fn base(host: &str, role: &str) -> String {
    format!(
        "[server]\nhostname = \"{host}\"\nserver_role = \"{role}\"\n\n[super_admin]\nusername = \"admin\"\n\
         password = \"s3cret\"\ncreate_admin_account = true\n\n[user_store]\ntype = \"database\"\n\n\
         [database.shared_db]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.example.com:3306/shared\"\n\
         username = \"am\"\npassword = \"s3cret\"\n\n"
    )
}

/// A gateway of 3.2 whose traffic manager is at a host.
pub(crate) fn gateway(host: &str, keys: &str, manager: &str) -> String {
    base(host, "gateway-worker")
        + &format!(
            "[apim.key_manager]\nservice_url = \"{keys}\"\n\n[apim.throttling]\n\
             throttle_decision_endpoints = [\"tcp://{manager}:5672\"]\n\n[[apim.throttling.url_group]]\n\
             traffic_manager_urls = [\"tcp://{manager}:9611\"]\ntraffic_manager_auth_urls = [\"ssl://{manager}:9711\"]\n"
        )
}

/// A portal's environment at a gateway.
pub(crate) fn environment(gateway: &str) -> String {
    format!(
        "[[apim.gateway.environment]]\nname = \"Live\"\ntype = \"hybrid\"\nservice_url = \"https://{gateway}:9443/services/\"\n\
         http_endpoint = \"http://{gateway}:8280\"\nhttps_endpoint = \"https://{gateway}:8243\"\n\n"
    )
}

#[test]
fn the_event_hub_is_what_others_name_so_and_no_identity_server() {
    let listener = "[[event_listener]]\nid = \"token_revocation\"\n\
                    type = \"org.wso2.carbon.identity.core.handler.AbstractIdentityHandler\"\n\
                    name = \"org.wso2.is.notification.ApimOauthEventInterceptor\"\norder = 1\n\n\
                    [event_listener.properties]\n\
                    notification_endpoint = \"https://localhost:${mgt.transport.https.port}/internal/data/v1/notify\"\n\
                    'header.X-WSO2-KEY-MANAGER' = \"WSO2-IS\"\n";
    let hub = "\n[apim.event_hub]\nenable = true\nservice_url = \"https://hub.example.com:9443/services/\"\n\
               event_listening_endpoints = [\"tcp://hub.example.com:5672\"]\n";
    let identity = "[server]\nhostname = \"login.example.com\"\n\n[identity_datasource]\nid = \"x\"\n";
    let found = Case::new()
        .toml(
            "shop-3.2/front",
            &(gateway("gw.example.com", "https://login.example.com:9443/services/", "hub.example.com") + hub),
        )
        .toml("shop-3.2/core", &(base("localhost", "control-plane") + &environment("gw.example.com") + listener))
        .toml("shop-3.2/login", identity)
        .answer("grouping = \"together\"\n")
        .convert();
    for node in ["control-plane", "gateway-worker"] {
        found.has(node, "apim.key_manager.service_url", "https://login.example.com:9443/services/");
        found.has(node, "apim.key_manager.type", "WSO2-IS");
        found.has(node, "apim.event_hub.service_url", "https://hub.example.com:9443/services/");
    }
    found.has_list("gateway-worker", "apim.event_hub.event_listening_endpoints", &["tcp://hub.example.com:5672"]);
    found.has_list("control-plane", "apim.event_hub.publish.url_group.0.urls", &["tcp://hub.example.com:9611"]);
    found.has("control-plane", "apim.devportal.url", "https://hub.example.com:9443/devportal");
    let properties = found.value("control-plane", "event_listener.0.properties").unwrap();
    assert_eq!(properties["header.X-WSO2-KEY-MANAGER"].as_str(), Some("WSO2-IS"));
    assert_eq!(
        properties["notification_endpoint"].as_str(),
        Some("https://hub.example.com:9443/internal/data/v1/notify")
    );
    assert!(found.codes().contains(&"external-key-manager"));
}

#[test]
fn the_traffic_manager_that_others_name_is_found_by_exclusion() {
    let portal = base("portal.example.com", "default")
        + &environment("gw.example.com")
        + "[apim.key_manager]\nservice_url = \"https://keys.example.com/services/\"\n\n\
           [apim.devportal]\nurl = \"https://portal.example.com/devportal\"\n";
    let found = Case::new()
        .toml("edge-gateway", &gateway("gw.example.com", "https://keys.example.com/services/", "inside-01"))
        .toml("portal", &portal)
        .toml(
            "edge-km",
            &gateway("keys.example.com", "https://localhost:9443/services/", "inside-01")
                .replace("gateway-worker", "api-key-manager"),
        )
        .convert();
    assert_eq!(found.roles("portal"), ["publisher", "store", "traffic-manager"]);
    assert!(found.open().contains(&"node-role (portal)".to_owned()));
    // The name by which others reach its broker is its internal one; browsers reach the portal as before.
    found.has_list("gateway-worker", "apim.throttling.throttle_decision_endpoints", &["tcp://inside-01:5672"]);
    found.has_list("gateway-worker", "apim.event_hub.event_listening_endpoints", &["tcp://inside-01:5672"]);
    found.has_list("control-plane", "apim.event_hub.publish.url_group.0.urls", &["tcp://inside-01:9611"]);
    found.has("control-plane", "apim.devportal.url", "https://portal.example.com/devportal");
    for (node, key) in [
        ("gateway-worker", "apim.event_hub.service_url"),
        ("gateway-worker", "apim.key_manager.service_url"),
        ("control-plane", "apim.event_hub.service_url"),
        ("control-plane", "apim.key_manager.service_url"),
    ] {
        found.has(node, key, "https://inside-01:9443/services/");
    }
    found.has("control-plane", "server.hostname", "portal.example.com");
    assert!(found.codes().contains(&"two-addresses"));
}

#[test]
fn a_public_address_stands_beside_the_internal_one() {
    let portal = base("portal.example.com", "default")
        + &environment("gw-internal")
        + "[transport.https.properties]\nproxyPort = 443\n\n\
           [apim.devportal]\nurl = \"https://portal.example.com/devportal\"\n\n[apim.throttling]\n\
           throttle_decision_endpoints = [\"tcp://tm-internal:5672\"]\n";
    let keys = "https://cp-internal:9443/services/";
    let found = Case::new()
        .toml("control-plane", &portal)
        .toml("gateway", &gateway("apis.example.com", keys, "tm-internal"))
        .toml(
            "tm",
            &(base("tm-internal", "traffic-manager") + &format!("[apim.key_manager]\nservice_url = \"{keys}\"\n")),
        )
        .convert();
    found.has("control-plane", "server.hostname", "portal.example.com");
    found.has("control-plane", "transport.https.properties.proxyPort", 443);
    found.has("control-plane", "apim.devportal.url", "https://portal.example.com/devportal");
    found.has("control-plane", "apim.key_manager.service_url", keys);
    for node in ["gateway-worker", "traffic-manager"] {
        found.has(node, "apim.event_hub.service_url", keys);
        found.has_list(node, "apim.event_hub.event_listening_endpoints", &["tcp://cp-internal:5672"]);
    }
    assert!(found.codes().contains(&"two-addresses"));
}

#[test]
fn a_gateway_serves_the_environment_that_stands_on_it() {
    let hub = base("lab.example.com", "default")
        + "[[apim.gateway.environment]]\nname = \"Live\"\nservice_url = \"https://localhost:9443/services/\"\n\
           http_endpoint = \"http://lab.example.com:8280\"\n\n[[apim.gateway.environment]]\nname = \"Trial\"\n\
           service_url = \"https://lab.example.com:9445/services/\"\nhttps_endpoint = \"https://lab.example.com:8245\"\n";
    let spoke = base("lab.example.com", "default").replace("server_role", "offset = 2\nserver_role")
        + "[[apim.gateway.environment]]\nname = \"Live\"\n\
           service_url = \"https://lab.example.com:${mgt.transport.https.port}/services/\"\n\n\
           [apim.key_manager]\nservice_url = \"https://lab.example.com:9443/services/\"\n";
    let found = Case::new().toml("apim", &hub).toml("apim-trial", &spoke).convert();
    let labels = "apim.sync_runtime_artifacts.gateway.gateway_labels";
    // One machine, and the ports tell: the hub is asked for keys, the spoke for nothing but its traffic.
    assert_eq!((found.roles("apim"), found.roles("apim-trial")), (vec!["all-in-one"], vec!["gateway-worker"]));
    found.has_list("all-in-one", labels, &["Live"]);
    found.has_list("gateway-worker", labels, &["Trial"]);
    for key in ["apim.key_manager.service_url", "apim.event_hub.service_url"] {
        found.has("gateway-worker", key, "https://lab.example.com:9443/services/");
    }
    found.has_list("gateway-worker", "apim.throttling.throttle_decision_endpoints", &["tcp://lab.example.com:5672"]);
    found.lacks("all-in-one", "apim.key_manager.service_url");
    assert!(!found.codes().contains(&"address-guessed"));
}

#[test]
fn a_worker_beside_its_hub_serves_what_stands_on_its_ports() {
    let hub = base("lab.example.com", "default")
        + "[[apim.gateway.environment]]\nname = \"Live\"\nservice_url = \"https://localhost:9443/services/\"\n\
           http_endpoint = \"http://lab.example.com:8280\"\n\n[[apim.gateway.environment]]\nname = \"Trial\"\n\
           service_url = \"https://lab.example.com:9445/services/\"\nhttps_endpoint = \"https://lab.example.com:8245\"\n";
    let spoke = |word: &str| {
        base("lab.example.com", word).replace("server_role", "offset = 2\nserver_role")
            + "[[apim.gateway.environment]]\nname = \"Live\"\n\
               service_url = \"https://lab.example.com:${mgt.transport.https.port}/services/\"\n\
               http_endpoint = \"http://lab.example.com:${http.nio.port}\"\n\n\
               [apim.key_manager]\nservice_url = \"https://lab.example.com:9443/services/\"\n"
    };
    let answers = "[node-role]\n\"apim\" = \"all-in-one\"\n\"apim-trial\" = \"gateway-worker\"\n";
    for (word, answers) in [("default", answers), ("gateway-worker", "")] {
        let found = Case::new().toml("apim", &hub).toml("apim-trial", &spoke(word)).answer(answers).convert();
        let labels = "apim.sync_runtime_artifacts.gateway.gateway_labels";
        found.has_list("all-in-one", labels, &["Live"]);
        found.has_list("gateway-worker", labels, &["Trial"]);
        let url = |index: u32| format!("apim.gateway.environment.{index}.service_url");
        found.has("all-in-one", &url(0), "https://lab.example.com:9443/services/");
        found.has("all-in-one", &url(1), "https://lab.example.com:9445/services/");
    }
}

/// A traffic manager of 4.x that copies its decisions to another node.
fn manager(hub: &str, twin: &str) -> String {
    base("tm.example.com", "traffic-manager")
        + &format!(
            "[apim.event_hub]\nservice_url = \"https://{hub}/services/\"\n\
             event_listening_endpoints = [\"tcp://{hub}:5672\"]\n\n[apim.throttling]\n\
             event_duplicate_url = [\"tcp://{twin}:5672\"]\n"
        )
}

#[test]
fn a_twin_that_names_itself_is_mended_where_its_name_is_known() {
    let gateway = base("gw.example.com", "gateway-worker")
        + "[apim.event_hub]\nservice_url = \"https://hub.example.com/services/\"\n\
           event_listening_endpoints = [\"tcp://hub.example.com:5672\"]\n\n[apim.throttling]\n\
           throttle_decision_endpoints = [\"tcp://count-1:5672\", \"tcp://count-2:5672\"]\n\n\
           [[apim.throttling.url_group]]\ntraffic_manager_urls = [\"tcp://count-1:9611\"]\n\
           traffic_manager_auth_urls = [\"ssl://count-1:9711\"]\n\n[[apim.throttling.url_group]]\n\
           traffic_manager_urls = [\"tcp://count-2:9611\"]\ntraffic_manager_auth_urls = [\"ssl://count-2:9711\"]\n";
    let case = |first: &str, second: &str| {
        Case::new()
            .toml("front", &gateway)
            .toml(first, &manager("hub.example.com", "count-2"))
            .toml(second, &manager("hub.example.com", "count-2"))
    };
    let found = case("count-1", "count-2").convert();
    found.has_list("traffic-manager-1", "apim.throttling.event_duplicate_url", &["tcp://count-2:5672"]);
    found.has_list("traffic-manager-2", "apim.throttling.event_duplicate_url", &["tcp://count-1:5672"]);
    assert_eq!(found.codes().iter().filter(|code| **code == "twin-names-itself").count(), 1);
}

#[test]
fn access_controls_that_replace_the_products_own_are_told_and_completed() {
    let own = base("apis.example.com", "default")
        + "[[resource.access_control]]\ncontext = \"(.*)/reports/(.*)\"\nsecure = true\nhttp_method = \"GET\"\n";
    let list =
        |found: &Outcome| found.value("all-in-one", "resource.access_control").unwrap().as_array().unwrap().len();
    let found = Case::new().toml("server", &own).convert();
    assert_eq!(list(&found), 5);
    found.has("all-in-one", "resource.access_control.0.context", "(.*)/reports/(.*)");
    found.has("all-in-one", "resource.access_control.4.context", "(.*)/keymanager-operations/revoke-one-time-token");
    assert!(found.codes().contains(&"default-list-replaced"));
    let found = Case::new().toml("server", &own).answer("replaced-access-control = \"keep\"\n").convert();
    assert_eq!(list(&found), 1);
}

#[test]
fn twins_that_say_one_address_of_their_own_are_told_and_asked_for() {
    let twin = |ip: &str| {
        base("apis.example.com", "default").replace("[server]\n", &format!("[server]\nnode_ip = \"{ip}\"\n"))
    };
    let case = |second: &str| Case::new().toml("one", &twin("10.4.0.1")).toml("two", &twin(second));
    let told = |found: &Outcome| found.codes().iter().filter(|code| **code == "twin-names-itself").count();
    assert_eq!(told(&case("10.4.0.2").convert()), 0);
    let found = case("10.4.0.1").convert();
    assert_eq!((told(&found), found.exit), (1, 2));
    let found = case("10.4.0.1").answer("[node-address]\ntwo = \"10.4.0.2\"\n").convert();
    assert_eq!(told(&found), 0);
    found.has("all-in-one-1", "server.node_ip", "10.4.0.1");
    found.has("all-in-one-2", "server.node_ip", "10.4.0.2");
}

#[test]
fn aliases_that_lose_their_dots_stay_apart() {
    let own = base("apis.example.com", "default").replacen("s3cret", "$secret{d_b}", 1)
        + "[database.apim_db]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.example.com/am\"\nusername = \"a\"\n\
           password = \"$secret{d.b}\"\n\n[secrets]\n\"d.b\" = \"[first]\"\nd_b = \"[second]\"\n";
    let found = Case::new().toml("server", &own).convert();
    found.has("all-in-one", "database.apim_db.password", "$secret{d_b_2}");
    found.has("all-in-one", "super_admin.password", "$secret{d_b}");
    found.has("all-in-one", "secrets.d_b_2", "[first]");
    found.has("all-in-one", "secrets.d_b", "[second]");
}

/// A file that is copied by hand follows nothing: the data source that it names has another name now.
#[test]
fn secondary_user_stores_are_told_of_renamed_data_sources() {
    let url = "jdbc:mysql://db.example.com:3306/apim";
    let told = |found: &Outcome| found.codes().iter().filter(|code| **code == "data-source-missing").count();
    assert_eq!(told(&accounts(url).convert()), 0);
    let store = "../deployment/server/userstores/partners.xml";
    let found = accounts(url).put("server", store, "<UserStoreManager class=\"example.Store\"/>").convert();
    assert_eq!(found.exit, 2);
    let findings = found.report["deployments"][0]["findings"].as_array().unwrap().iter();
    let messages =
        findings.filter(|one| one["code"] == "data-source-missing").map(|one| one["message"].as_str().unwrap());
    assert!(
        messages.clone().any(|one| one.contains("jdbc/WSO2UM_DB must name jdbc/SHARED_DB")),
        "{:?}",
        messages.collect::<Vec<_>>()
    );
}
