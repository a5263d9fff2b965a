//! Values that name others, and texts with a form of their own: each reaches the new server as what it meant.

use super::{Scratch, all, at, messages, text};

const ALL_IN_ONE: &str = "all-in-one";

/// A deployment.toml of one server, with `more` behind it.
fn server(password: &str, user_store: &str, more: &str) -> String {
    format!(
        "[server]\nhostname = \"am.example.com\"\nserver_role = \"default\"\n\n\
         [super_admin]\nusername = \"admin\"\npassword = \"{password}\"\ncreate_admin_account = true\n\n\
         [user_store]\n{user_store}\n\n\
         [database.apim_db]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.example.com:3306/am\"\nusername = \"am\"\n\
         password = \"invented-1\"\n\n\
         [database.shared_db]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.example.com:3306/sh\"\nusername = \"sh\"\n\
         password = \"invented-2\"\n\n\
         [keystore.tls]\nfile_name = \"wso2carbon.jks\"\ntype = \"JKS\"\npassword = \"invented-3\"\nalias = \"own\"\n\
         key_password = \"invented-3\"\n{more}"
    )
}

/// One server of 3.2 with that file.
fn one_server(toml: &str) -> Scratch {
    let scratch = Scratch::new();
    scratch.put("in/wso2am-3.2.0/repository/conf/deployment.toml", toml.as_bytes());
    scratch
}

/// One server of 2.6: its users' store, and its data sources as name and URL.
fn old_server(user_store: &str, sources: &[(&str, &str)]) -> Scratch {
    let scratch = Scratch::new();
    let put = |name: &str, text: &str| scratch.put(&format!("in/am/repository/conf/{name}"), text.as_bytes());
    put("api-manager.xml", "<APIManager><DataSourceName>jdbc/WSO2AM_DB</DataSourceName></APIManager>");
    put(
        "carbon.xml",
        "<Server><Name>WSO2 API Manager</Name><ServerKey>AM</ServerKey><Version>2.6.0</Version>\
         <HostName>api.example.com</HostName></Server>",
    );
    put(
        "user-mgt.xml",
        &format!(
            "<UserManager><Realm><Configuration><AdminUser><UserName>admin</UserName><Password>invented</Password>\
             </AdminUser><Property name=\"dataSource\">jdbc/PEOPLE_DB</Property></Configuration>{user_store}</Realm>\
             </UserManager>"
        ),
    );
    let source = |(name, url): &(&str, &str)| {
        format!(
            "<datasource><name>{name}</name><jndiConfig><name>jdbc/{name}</name></jndiConfig>\
             <definition type=\"RDBMS\"><configuration><url>{url}</url><username>u</username>\
             <password>invented</password></configuration></definition></datasource>"
        )
    };
    let sources: String = sources.iter().map(source).collect();
    put(
        "datasources/master-datasources.xml",
        &format!("<datasources-configuration><datasources>{sources}</datasources></datasources-configuration>"),
    );
    scratch
}

fn jdbc_store(source: &str) -> String {
    format!(
        "<UserStoreManager class=\"org.wso2.carbon.user.core.jdbc.JDBCUserStoreManager\">\
         <Property name=\"dataSource\">{source}</Property></UserStoreManager>"
    )
}

#[test]
fn a_user_store_follows_its_data_source_to_the_new_name() {
    let sources = [
        ("WSO2AM_DB", "jdbc:mysql://db.example.com:3306/am"),
        ("PEOPLE_DB", "jdbc:mysql://db.example.com:3306/people"),
    ];
    let scratch = old_server(&jdbc_store("jdbc/PEOPLE_DB"), &sources);
    scratch.convert(&[]);
    let file = scratch.written(ALL_IN_ONE);
    assert_eq!(text(&file, "database.shared_db.url"), "jdbc:mysql://db.example.com:3306/people");
    // What the new server calls its shared database.
    assert_eq!(text(&file, "user_store.properties.dataSource"), "jdbc/SHARED_DB");
}

#[test]
fn a_user_store_in_a_database_of_its_own_keeps_it() {
    // Known by name, used by nothing but the user store: no shared database, and not to be lost.
    let sources = [
        ("WSO2AM_DB", "jdbc:mysql://db.example.com:3306/am"),
        ("PEOPLE_DB", "jdbc:mysql://db.example.com:3306/people"),
        ("WSO2_USER_DB", "jdbc:mysql://db.example.com:3306/staff"),
    ];
    let scratch = old_server(&jdbc_store("jdbc/WSO2_USER_DB"), &sources);
    scratch.convert(&[]);
    let file = scratch.written(ALL_IN_ONE);
    assert_eq!(text(&file, "user_store.properties.dataSource"), "jdbc/WSO2_USER_DB");
    assert_eq!(text(&file, "datasource[0].id"), "WSO2_USER_DB");
    assert_eq!(text(&file, "datasource[0].url"), "jdbc:mysql://db.example.com:3306/staff");
}

#[test]
fn a_user_store_whose_data_source_nobody_has_is_told() {
    let sources = [
        ("WSO2AM_DB", "jdbc:mysql://db.example.com:3306/am"),
        ("PEOPLE_DB", "jdbc:mysql://db.example.com:3306/people"),
    ];
    let scratch = old_server(&jdbc_store("jdbc/GONE_DB"), &sources);
    let report = scratch.convert(&[]);
    assert_eq!(text(&scratch.written(ALL_IN_ONE), "user_store.properties.dataSource"), "jdbc/GONE_DB");
    let found = messages(&report, "data-source-missing");
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].contains("jdbc/GONE_DB"), "{found:?}");
    assert_eq!(report["status"], "open");
}

#[test]
fn the_class_of_a_user_store_stays_beside_its_type() {
    let class = "org.wso2.carbon.user.core.ldap.ReadWriteLDAPUserStoreManager";
    let store = format!(
        "class = \"{class}\"\ntype = \"database\"\n\n[user_store.properties]\nConnectionURL = \"ldap://ldap.example.com:389\""
    );
    for target in ["4.0", "current", "4.5"] {
        let scratch = one_server(&server("invented", &store, ""));
        scratch.convert(&["--target", target]);
        let file = scratch.written(ALL_IN_ONE);
        assert_eq!(text(&file, "user_store.class"), class, "{target}: the class is what runs");
        assert_eq!(text(&file, "user_store.type"), "database", "{target}");
        assert_eq!(text(&file, "user_store.properties.ConnectionURL"), "ldap://ldap.example.com:389", "{target}");
    }
}

const MARKED: &str = "<![CDATA[p^&q#1]]>";

#[test]
fn character_data_is_what_it_parses_to() {
    let given = "\n[apim.throttling.jms]\npassword = \"p%5E%26q%231\"\n";
    for more in [given, ""] {
        let scratch = one_server(&server(MARKED, "type = \"database_unique_id\"", more));
        let report = scratch.convert(&[]);
        let file = scratch.written(ALL_IN_ONE);
        // XML parses it to the password, and AMQP URLs decode theirs to it.
        assert_eq!(text(&file, "super_admin.password"), "p^&amp;q#1");
        assert_eq!(text(&file, "apim.throttling.jms.password"), "p%5E%26q%231");
        assert!(messages(&report, "password-needs-escaping").is_empty(), "{report}");
    }
}

#[test]
fn check_takes_character_data_where_brokers_have_their_own() {
    let hub = "\n[apim.event_hub]\nevent_listening_endpoints = [\"tcp://am.example.com:5672\"]\n";
    let throttling = "\n[apim.throttling.jms]\npassword = \"p%5E%26q%231\"\n";
    let both = "\n[apim.event_hub.jms]\nusername = \"admin\"\npassword = \"p%5E%26q%231\"\n";
    for (more, errors) in [
        (String::new(), 1),
        (throttling.to_owned(), 0),
        (format!("{hub}{throttling}"), 1),
        (format!("{hub}{both}{throttling}"), 0),
    ] {
        let scratch = one_server(&server(MARKED, "type = \"database_unique_id\"", &more));
        let run = scratch.run(&["check", "in", "--target", "4.4", "--format", "json"]);
        let report = run.json();
        let found = report["findings"].as_array().unwrap().iter().filter(|one| one["code"] == "unescaped-xml").count();
        assert_eq!(found, errors, "{more}: {report}");
        assert!(!run.stdout.contains("p^&q"), "the password is shown");
    }
}

#[test]
fn a_quote_is_written_for_the_keys_that_take_the_value() {
    let scratch = Scratch::new();
    let carbon = "<Server><Name>WSO2 API Manager</Name><Version>2.6.0</Version><HostName>api.example.com</HostName>\
                  <Security><KeyStore><Location>${carbon.home}/repository/resources/security/wso2carbon.jks</Location>\
                  <Type>JKS</Type><Password>in\"vented</Password><KeyAlias>wso2carbon</KeyAlias>\
                  <KeyPassword>in\"vented</KeyPassword></KeyStore></Security></Server>";
    scratch.put("in/repository/conf/carbon.xml", carbon.as_bytes());
    let report = scratch.convert(&[]);
    let file = scratch.written(ALL_IN_ONE);
    // catalina-server.xml has both in attributes, for want of [keystore.tls].
    assert!(at(&file, "keystore.tls.password").is_none());
    assert_eq!(text(&file, "keystore.primary.password"), "in&quot;vented");
    assert_eq!(text(&file, "keystore.primary.key_password"), "in&quot;vented");
    // Properties have the password too, where no entity is read: that is told.
    let found = messages(&report, "password-needs-escaping");
    assert!(found.len() == 1 && found[0].starts_with("keystore.primary.password"), "{found:?}");
}

#[test]
fn a_proxy_context_path_is_written() {
    let carbon = |paths: &str| {
        format!(
            "<Server><Name>WSO2 API Manager</Name><ServerKey>AM</ServerKey><Version>2.6.0</Version>\
             <HostName>api.example.com</HostName>{paths}</Server>"
        )
    };
    for paths in [
        "<ProxyContextPath>apim</ProxyContextPath>",
        "<MgtProxyContextPath>apim</MgtProxyContextPath>",
        "<ProxyContextPath>apim</ProxyContextPath><MgtProxyContextPath>mgt</MgtProxyContextPath>",
        "<MgtProxyContextPath>mgt</MgtProxyContextPath><ProxyContextPath>apim</ProxyContextPath>",
    ] {
        let scratch = Scratch::new();
        scratch.put("in/repository/conf/carbon.xml", carbon(paths).as_bytes());
        let report = scratch.convert(&[]);
        assert_eq!(text(&scratch.written(ALL_IN_ONE), "server.proxy_context_path"), "apim", "{paths}");
        if paths.contains("mgt<") {
            let settings = all(&report, "settings");
            let lost = settings.iter().find(|one| one["path"] == "/Server/MgtProxyContextPath").unwrap();
            assert_ne!(lost["outcome"], "converted", "{paths}");
        }
    }
}

#[test]
fn brackets_are_part_of_an_environments_name() {
    let environment = |name: &str, host: &str| {
        format!(
            "\n[[apim.gateway.environment]]\nname = \"{name}\"\ntype = \"hybrid\"\n\
             service_url = \"https://localhost:9443/services/\"\nhttps_endpoint = \"https://{host}:8243\"\n"
        )
    };
    let names = ["Prod [EU]", "Prod |EU|", "a].b"];
    let more: String = names
        .iter()
        .zip(["eu.example.com", "other.example.com", "b.example.com"])
        .map(|(name, host)| environment(name, host))
        .collect();
    let scratch = one_server(&server("invented", "type = \"database\"", &more));
    scratch.convert(&[]);
    let file = scratch.written(ALL_IN_ONE);
    let written = at(&file, "apim.gateway.environment").unwrap().as_array().unwrap();
    let written: Vec<_> =
        written.iter().map(|one| (one["name"].as_str().unwrap(), one["https_endpoint"].as_str().unwrap())).collect();
    assert_eq!(
        written,
        [
            ("Prod [EU]", "https://eu.example.com:8243"),
            ("Prod |EU|", "https://other.example.com:8243"),
            ("a].b", "https://b.example.com:8243"),
        ]
    );
}

#[test]
fn an_alias_with_bare_dots_keeps_its_cipher_text() {
    let toml = server("$secret{own.admin}", "type = \"database\"", "\n[secrets]\nown.admin = \"Y2lwaGVy\"\n");
    for target in ["4.0", "4.2", "current", "4.5"] {
        let scratch = one_server(&toml);
        let run = scratch.run(&["check", "in", "--target", target]);
        assert!(!run.stdout.contains("own.admin`"), "{target}: {}", run.stdout);
        scratch.convert(&["--target", target]);
        let file = scratch.written(ALL_IN_ONE);
        assert_eq!(text(&file, "super_admin.password"), "$secret{own.admin}", "{target}");
        assert_eq!(text(&file, "secrets.own.admin"), "Y2lwaGVy", "{target}");
        let run = scratch.run(&["check", "out", "--target", target]);
        assert!(!run.stdout.contains("error["), "{target}: {}", run.stdout);
    }
}

#[test]
fn an_alias_in_quotes_is_an_error_where_the_mapper_finds_none() {
    let toml = server("$secret{own.admin}", "type = \"database\"", "\n[secrets]\n\"own.admin\" = \"Y2lwaGVy\"\n");
    let scratch = one_server(&toml);
    for (target, refused) in
        [("4.0", true), ("4.1", true), ("4.2", true), ("current", true), ("4.3", false), ("4.4", false), ("4.5", false)]
    {
        let run = scratch.run(&["check", "in", "--target", target]);
        assert_eq!(run.stdout.contains("error[secret-without-alias]"), refused, "{target}: {}", run.stdout);
    }
    // What is written is found by each.
    for target in ["4.0", "current", "4.5"] {
        scratch.convert(&["--target", target]);
        let run = scratch.run(&["check", "out", "--target", target]);
        assert!(!run.stdout.contains("error["), "{target}: {}", run.stdout);
    }
}

#[test]
fn each_wrong_port_of_a_group_is_told() {
    let scratch = Scratch::of("five-node");
    // The node of that host has the offset 2.
    let of = |report: &serde_json::Value| messages(report, "explicit-port-ignores-offset").len();
    let before = of(&scratch.convert(&[]));
    let file = "in/node-c/repository/conf/api-manager.xml";
    let text = std::fs::read_to_string(scratch.path(file)).unwrap();
    let (head, rest) = text.split_once("<ReceiverUrlGroup>").unwrap();
    let (_, tail) = rest.split_once("</ReceiverUrlGroup>").unwrap();
    let group = "{tcp://api.example.net:9611},{tcp://API.example.net:9611}";
    scratch.put(file, format!("{head}<ReceiverUrlGroup>{group}</ReceiverUrlGroup>{tail}").as_bytes());
    assert_eq!(of(&scratch.convert(&[])), before + 2);
}

#[test]
fn check_binds_the_data_sources_that_are_named() {
    let store = |name: &str| format!("type = \"database\"\n\n[user_store.properties]\ndataSource = \"{name}\"");
    let own = "\n[[datasource]]\nid = \"PEOPLE_DB\"\nurl = \"jdbc:mysql://db.example.com:3306/people\"\n";
    for (name, more, found) in [
        ("jdbc/SHARED_DB", "", 0),
        ("jdbc/WSO2UM_DB", "", 1),
        ("jdbc/WSO2USER_DB", "", 1),
        ("jdbc/WSO2USER_DB", "\n[database.user]\ntype = \"mysql\"\nurl = \"jdbc:mysql://db.example.com:3306/u\"\n", 0),
        ("jdbc/PEOPLE_DB", "", 1),
        ("jdbc/PEOPLE_DB", own, 0),
    ] {
        let scratch = one_server(&server("invented", &store(name), more));
        let report = scratch.run(&["check", "in", "--target", "4.4", "--format", "json"]).json();
        let all = report["findings"].as_array().unwrap();
        let count = all.iter().filter(|one| one["code"] == "data-source-missing").count();
        assert_eq!(count, found, "{name}{more}");
    }
}

#[test]
fn content_goes_before_a_name_in_toml_too() {
    for (folder, role) in
        [("acme-analytics", "all-in-one"), ("apim-micro-gateway", "gateway-worker"), ("esb-01", "all-in-one")]
    {
        let scratch = Scratch::new();
        let toml = server(
            "invented",
            "type = \"database\"",
            "\n[apim.devportal]\nurl = \"https://am.example.com/devportal\"\n",
        );
        scratch.put(&format!("in/{folder}/repository/conf/deployment.toml"), toml.as_bytes());
        let report = scratch.convert(&["--source-version", "3.2"]);
        assert_eq!(report["deployments"][0]["source"]["nodes"][0]["roles"][0], role, "{folder}");
    }
}

#[test]
fn what_a_damaged_file_would_say_is_not_invented_in_silence() {
    let sources =
        [("WSO2AM_DB", "jdbc:mysql://db.example.com:3306/am"), ("PEOPLE_DB", "jdbc:mysql://db.example.com:3306/p")];
    for (file, word) in [("datasources/master-datasources.xml", "apim_db"), ("user-mgt.xml", "user store")] {
        let scratch = old_server(&jdbc_store("jdbc/PEOPLE_DB"), &sources);
        scratch.put(&format!("in/am/repository/conf/{file}"), b"<cut <off");
        let report = scratch.convert(&[]);
        let found = messages(&report, "value-assumed");
        assert!(found.iter().any(|one| one.contains(file) && one.contains(word)), "{file}: {found:?}");
        assert_eq!(report["status"], "incomplete", "{file}");
    }
}
