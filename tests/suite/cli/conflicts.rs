//! Nodes that say different things of one key (D.1): what is answered holds in the form in which it is written.

use super::{Scratch, all, at, open, text};

fn service_url(scratch: &Scratch) -> String {
    let environments = at(&scratch.written("control-plane"), "apim.gateway.environment").unwrap().clone();
    environments[0]["service_url"].as_str().unwrap().to_owned()
}

/// The store says another push address than the publisher, with a port variable in it.
#[test]
fn an_answered_address_has_its_ports_settled() {
    let scratch = Scratch::of("five-node");
    scratch.edit(
        "in/store/repository/conf/api-manager.xml",
        "https://api.example.net:9445/services/",
        "https://push.example.net:${mgt.transport.https.port}${carbon.context}services/",
    );
    let report = scratch.convert(&[]);
    assert_eq!(service_url(&scratch), "https://api.example.net:9445/services/");
    let key = "apim.gateway.environment[0].service_url";
    assert!(all(&report, "conflicts").iter().any(|conflict| conflict["key"] == key));
    scratch.decide(&format!("\"conflict:{key}\" = \"store\"\n"));
    assert_eq!(service_url(&scratch), "https://push.example.net:9443/services/");
}

/// Another node's database comes with the account that this node reached it with.
#[test]
fn an_answered_database_brings_its_account() {
    let scratch = Scratch::of("five-node");
    let file = "in/store/repository/conf/datasources/master-datasources.xml";
    scratch.edit(file, "pg.example.net:5432/apimgt", "pg-b.example.net:5432/apimgt");
    scratch.edit(file, "<username>apimuser<", "<username>storeuser<");
    scratch.edit(file, "<password>apimdb-secret<", "<password>storedb-secret<");
    let id = "conflict:database.apim_db.url";
    let report = scratch.convert(&[]);
    assert!(open(&report).contains(&id));
    let database = |key: &str| text(&scratch.written("control-plane"), &format!("database.apim_db.{key}")).to_owned();
    assert_eq!([database("username"), database("password")], ["apimuser", "apimdb-secret"]);
    let report = scratch.decide(&format!("\"{id}\" = \"store\"\n"));
    assert!(!open(&report).contains(&id));
    assert!(database("url").starts_with("jdbc:postgresql://pg-b.example.net:5432/apimgt"));
    assert_eq!([database("username"), database("password")], ["storeuser", "storedb-secret"]);
    // What is written is converted, what lost is not.
    for setting in all(&report, "settings").iter().filter(|setting| setting["value"] == "storeuser") {
        assert_eq!(setting["outcome"], "converted");
    }
    for setting in all(&report, "settings").iter().filter(|setting| setting["value"] == "apimuser") {
        assert_eq!(setting["outcome"], "absorbed", "{setting}");
    }
}

/// Gateways and the control plane quarrel apart: without an answer each owner's word holds on its own nodes.
#[test]
fn a_conflict_in_one_profile_decides_nothing_in_another() {
    let scratch = Scratch::of("five-node-ha");
    let cors = |origin: &str| format!("<Access-Control-Allow-Origin>{origin}</Access-Control-Allow-Origin>");
    for (number, node) in ["gw-1", "gw-2", "km", "pub", "store"].iter().enumerate() {
        let file = format!("in/{node}/repository/conf/api-manager.xml");
        scratch.edit(&file, &cors("*"), &cors(&format!("https://origin-{number}.example.net")));
    }
    let report = scratch.convert(&[]);
    let conflicts = all(&report, "conflicts");
    let about: Vec<_> = conflicts.iter().filter(|conflict| conflict["key"] == "apim.cors.allow_origins").collect();
    assert_eq!(about.len(), 2, "{about:?}");
    for conflict in about {
        let winner = conflict["said"][0]["value"].as_str().unwrap();
        let node = conflict["node"].as_str().unwrap();
        let written = at(&scratch.written(node), "apim.cors.allow_origins").unwrap().to_string();
        assert!(written.contains(winner), "{node}: {written}, not {winner}");
    }
}

/// Users and registry in one database, each with an account of its own: the registry's holds, and that is told.
#[test]
fn another_account_for_the_users_is_told() {
    let scratch = Scratch::of("five-node");
    let file = "in/node-a/repository/conf/datasources/master-datasources.xml";
    scratch.edit(file, "<username>shareduser<", "<username>umuser<");
    // PostgreSQL may give each account a schema of its own: asked, and said to be one.
    scratch.put("answers.toml", b"accounts-on-one-url = \"one-database\"\n");
    let report = scratch.convert(&["--decisions", "answers.toml"]);
    assert_eq!(text(&scratch.written("control-plane"), "database.shared_db.username"), "shareduser");
    let conflicts = all(&report, "conflicts");
    let conflict = conflicts.iter().find(|conflict| conflict["key"] == "database.shared_db.username").unwrap();
    assert_eq!(conflict["open"], false);
    let said: Vec<_> = conflict["said"].as_array().unwrap().iter().map(|said| &said["value"]).collect();
    assert_eq!(said, ["shareduser", "umuser"]);
}

/// SQL Server names the database in a parameter: two of one server are two.
#[test]
fn databases_of_one_sql_server_are_told_apart() {
    let scratch = Scratch::of("five-node");
    let url = |name: &str| format!("jdbc:sqlserver://sql.example.net:1433;databaseName={name}");
    let old = "jdbc:postgresql://pg.example.net:5432/shared?ssl=true&amp;sslmode=require";
    for (node, name) in [("node-a", "users"), ("publisher", "registry"), ("store", "registry")] {
        let file = format!("in/{node}/repository/conf/datasources/master-datasources.xml");
        scratch.edit(&file, old, &url(name));
    }
    scratch.convert(&[]);
    let file = scratch.written("control-plane");
    assert_eq!(text(&file, "database.shared_db.url"), url("registry"));
    assert_eq!(text(&file, "database.user.url"), url("users"));
    assert_eq!(text(&file, "database.user.type"), "mssql");
    assert_eq!(text(&file, "realm_manager.data_source"), "WSO2USER_DB");
}
