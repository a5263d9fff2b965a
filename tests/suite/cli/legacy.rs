//! `verify --legacy`: what the old deployment is compared with.

use super::{Run, Scratch};

/// The converted case as `out`, its input as `old`, and a product of our own as `home`.
fn scratch(case: &str, args: &[&str]) -> Scratch {
    let scratch = super::statically::scratch("");
    std::fs::remove_dir_all(scratch.path("out")).unwrap();
    scratch.copy(case, "in");
    scratch.convert(args);
    std::fs::rename(scratch.path("in"), scratch.path("old")).unwrap();
    scratch
}

fn verify(scratch: &Scratch, args: &[&str]) -> Run {
    scratch.run(&[&["verify", "out", "--product", "home", "--static", "--format", "json"], args].concat())
}

/// How many old settings were compared.
fn compared(run: &Run) -> usize {
    run.json()["settings"].as_array().unwrap().len()
}

#[test]
fn a_lone_deployment_is_compared_whatever_its_folder_is_called() {
    let scratch = scratch("five-node", &[]);
    let from_report = compared(&verify(&scratch, &[]));
    assert!(from_report > 20);
    assert_eq!(compared(&verify(&scratch, &["--legacy", "old"])), from_report);
    // Nor does it matter that nothing is recorded beside the files.
    std::fs::remove_file(scratch.path("out/migration-report.json")).unwrap();
    assert_eq!(compared(&verify(&scratch, &["--legacy", "old"])), from_report);
    // A value that changed since is found: the product of our own prints the hostname.
    let lost = |run: &Run| run.json()["totals"]["lost"].as_u64().unwrap();
    let before = lost(&verify(&scratch, &["--legacy", "old"]));
    scratch.edit(
        "out/gateway-worker/repository/conf/deployment.toml",
        "hostname = \"api.example.net\"",
        "hostname = \"other.example.net\"",
    );
    assert_eq!(lost(&verify(&scratch, &["--legacy", "old"])), before + 1);
}

#[test]
fn the_options_of_the_conversion_hold_again() {
    let scratch = scratch("five-node", &["--traffic-manager", "control-plane"]);
    let run = verify(&scratch, &["--legacy", "old"]);
    assert!(compared(&run) > 20, "{}", run.stderr);
    assert_eq!(compared(&run), compared(&verify(&scratch, &[])));
}

#[test]
fn of_several_deployments_each_is_found_by_its_name_or_it_is_an_error() {
    let scratch = super::statically::scratch("");
    std::fs::remove_dir_all(scratch.path("out")).unwrap();
    scratch.copy("five-node", "in/prod");
    scratch.copy("two-environments", "in/test");
    scratch.convert(&[]);
    let whole = compared(&verify(&scratch, &[]));
    assert_eq!(compared(&verify(&scratch, &["--legacy", "in"])), whole);
    // One of the two: the other one is not compared, and that is said.
    let run = verify(&scratch, &["--legacy", "in/prod"]);
    assert!(run.stderr.contains("note: no old deployment is given for test/"), "{}", run.stderr);
    let part = compared(&run);
    assert!(run.exit == 3 && part > 0 && part < whole);
    // One that was never written.
    std::fs::rename(scratch.path("in/test"), scratch.path("in/stage")).unwrap();
    let error = verify(&scratch, &["--legacy", "in"]).one_error().to_owned();
    assert!(error.contains("`stage` is not among those that were written (prod, test)"), "{error}");
}

#[test]
fn other_nodes_than_those_that_were_written_are_an_error() {
    let scratch = scratch("five-node-ha", &[]);
    std::fs::remove_dir_all(scratch.path("old")).unwrap();
    scratch.copy("all-in-one", "old");
    let error = verify(&scratch, &["--legacy", "old"]).one_error().to_owned();
    assert!(error.contains("gives the nodes all-in-one, but those that were written are control-plane"), "{error}");
}

#[test]
fn an_element_without_text_is_what_its_class_names() {
    let scratch = super::statically::scratch("");
    std::fs::remove_dir_all(scratch.path("out")).unwrap();
    let template = "<UserManager><Realm><UserStoreManager class=\"{{ user_store.class }}\"></UserStoreManager></Realm>\
                    </UserManager>\n";
    scratch.put("home/repository/resources/conf/templates/repository/conf/user-mgt.xml.j2", template.as_bytes());
    scratch.copy("all-in-one", "in");
    let store = "<UserManager><Realm><Configuration><AdminUser><UserName>admin</UserName><Password>s3cret</Password>\
                 </AdminUser></Configuration><UserStoreManager class=\"com.example.users.Store\"/></Realm></UserManager>";
    scratch.put("in/apim/repository/conf/user-mgt.xml", store.as_bytes());
    scratch.convert(&[]);
    std::fs::rename(scratch.path("in"), scratch.path("old")).unwrap();
    let outcomes = || -> Vec<String> {
        let json = verify(&scratch, &["--legacy", "old"]).json();
        let settings = json["settings"].as_array().unwrap();
        let of = settings.iter().filter(|one| one["path"].as_str().unwrap().contains("/UserStoreManager["));
        of.map(|one| one["outcome"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(outcomes(), ["confirmed", "confirmed"]);
    // Another class is none of them.
    scratch.edit(
        "out/all-in-one/repository/conf/deployment.toml",
        "com.example.users.Store",
        "com.example.users.Other",
    );
    assert!(outcomes().contains(&"lost".to_owned()), "{:?}", outcomes());
}

#[test]
fn of_an_incomplete_conversion_it_is_said_what_is_not_proven() {
    let scratch = super::statically::scratch("");
    std::fs::remove_dir_all(scratch.path("out")).unwrap();
    scratch.copy("five-node", "in");
    scratch.put("in/store/repository/conf/api-manager.xml", b"<APIManager><APIStore>");
    let converted = scratch.run(&["convert", "in", "--out", "out"]);
    assert_eq!(converted.exit, 3, "{}", converted.stderr);
    let run = verify(&scratch, &[]);
    assert_eq!(run.exit, 3);
    for told in
        ["the conversion was incomplete", "store/repository/conf/api-manager.xml: ", "control-plane: not written"]
    {
        assert!(run.stderr.contains(told), "{told}: {}", run.stderr);
    }
    let run = verify(&scratch, &["--legacy", "in"]);
    assert!(run.stderr.contains("not all of the old deployment could be read"), "{}", run.stderr);
    // A whole one says none of it.
    assert!(!verify(&self::scratch("five-node", &[]), &[]).stderr.contains("incomplete"));
}

#[test]
fn a_parameter_of_a_named_listener_is_confirmed_with_the_name_beside_it() {
    let scratch = super::statically::scratch("");
    std::fs::remove_dir_all(scratch.path("out")).unwrap();
    scratch.copy("all-in-one", "in");
    let parameter = |name: &str, value: &str| format!("<parameter name=\"{name}\">{value}</parameter>");
    let factory = |name: &str, url: &str| parameter(name, &parameter("java.naming.provider.url", url));
    let listener = format!(
        "<axisconfig><transportReceiver name=\"jms\" class=\"org.apache.axis2.transport.jms.JMSListener\">{}{}\
         </transportReceiver></axisconfig>",
        factory("topics", "tcp://mq.example.com:61616"),
        factory("queues", "tcp://mq.example.com:61617")
    );
    scratch.put("in/apim/repository/conf/axis2/axis2.xml", listener.as_bytes());
    scratch.put(
        "home/repository/resources/conf/templates/repository/conf/axis2/axis2.xml.j2",
        b"<axisconfig>{% for one in transport.jms.listener %}<transportReceiver name=\"jms\">\
          <parameter name=\"{{ one.name }}\">{% for key, value in one.parameter.items() %}\
          <parameter name=\"{{ key }}\">{{ value }}</parameter>{% endfor %}</parameter>\
          </transportReceiver>{% endfor %}</axisconfig>\n",
    );
    scratch.convert(&[]);
    let found = |scratch: &Scratch| -> Vec<(String, String)> {
        let report = verify(scratch, &["--legacy", "in"]).json();
        let settings = report["settings"].as_array().unwrap().iter();
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        let of_listener = settings.filter(|one| one["path"].as_str().unwrap().contains("provider.url"));
        of_listener.map(|one| (text(&one["path"]), text(&one["outcome"]))).collect()
    };
    let outcomes = found(&scratch);
    assert_eq!(outcomes.len(), 4, "the elements and their names: {outcomes:?}");
    assert!(outcomes.iter().all(|(_, outcome)| outcome == "confirmed"), "{outcomes:?}");
    // Another URL is no name of anything.
    scratch.edit("out/all-in-one/repository/conf/deployment.toml", "mq.example.com:61617", "mq.example.com:1");
    assert!(found(&scratch).iter().any(|(path, outcome)| path.contains("queues") && outcome == "lost"));
}
