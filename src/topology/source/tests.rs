use super::{resolve, split};
use crate::diagnostic::Code;
use crate::layout::{FileText, InputFile, LaidOut, LayoutOptions, lay_out};
use crate::mapping::tables::Tables;
use crate::role::Role;
use crate::topology::source::{Answers, Layout, NoAnswers, SourceTopology};

const CARBON: &str = "<Server><ServerKey>AM</ServerKey><Version>2.6.0</Version><HostName>HOST</HostName></Server>";

/// Nodes by folder: host name, and the inside of api-manager.xml.
fn with<T>(nodes: &[(&str, &str, &str)], look: impl FnOnce(&LaidOut<'_>) -> T) -> T {
    let tables = Tables::built_in();
    let texts: Vec<(String, String)> = nodes
        .iter()
        .flat_map(|(folder, host, manager)| {
            [
                (format!("{folder}/repository/conf/carbon.xml"), CARBON.replace("HOST", host)),
                (format!("{folder}/repository/conf/api-manager.xml"), format!("<APIManager>{manager}</APIManager>")),
            ]
        })
        .collect();
    let input: Vec<InputFile<'_>> =
        texts.iter().map(|(path, text)| InputFile { path, text: FileText::Text(text) }).collect();
    look(&lay_out(&tables, &input, &LayoutOptions::default()))
}

fn resolved(nodes: &[(&str, &str, &str)], answers: &dyn Answers) -> Vec<SourceTopology> {
    with(nodes, |laid| split(&laid.nodes, answers).iter().map(|group| resolve(&laid.nodes, group, answers)).collect())
}

fn roles(topology: &SourceTopology) -> Vec<Vec<Role>> {
    topology.nodes.iter().map(|node| node.roles.clone()).collect()
}

const KEY: &str = "<APIKeyValidator><ServerURL>https://km.example.com:9443/services/</ServerURL></APIKeyValidator>";

#[test]
fn takes_a_lone_node_for_an_all_in_one_and_asks_nothing() {
    let found = resolved(&[("server", "api.example.com", "<DataSourceName>x</DataSourceName>")], &NoAnswers);
    assert_eq!((found.len(), found[0].layout), (1, Layout::Single));
    assert_eq!(roles(&found[0]), [[Role::AllInOne]]);
    assert!(found[0].asked.is_empty() && found[0].findings.is_empty(), "{:?}", found[0].asked);
    assert_eq!(found[0].services[&Role::AllInOne].authority(), "api.example.com:9443");
}

#[test]
fn finds_roles_by_what_others_say() {
    let manager = format!(
        "{KEY}<APIGateway><Environments><Environment><Name>e</Name>\
         <ServerURL>https://gw.example.com/services/</ServerURL></Environment></Environments></APIGateway>"
    );
    let found = resolved(
        &[("a", "km.example.com", ""), ("b", "gw.example.com", ""), ("pub", "pub.example.com", &manager)],
        &NoAnswers,
    );
    assert_eq!(roles(&found[0])[..2], [[Role::KeyManager], [Role::GatewayWorker]]);
    // A port is used as it is written: none for the gateway.
    assert_eq!(found[0].services[&Role::GatewayWorker].authority(), "gw.example.com");
    assert_eq!(found[0].services[&Role::KeyManager].authority(), "km.example.com:9443");
}

#[test]
fn keeps_unrelated_nodes_apart() {
    let found = resolved(&[("one", "one.example.com", ""), ("two", "two.example.com", "")], &NoAnswers);
    assert_eq!(found.len(), 2);
}

#[test]
fn follows_the_answers() {
    struct Said;
    impl Answers for Said {
        fn answer(&self, id: &str, about: &str) -> Option<String> {
            match (id, about) {
                ("grouping", _) => Some("together".to_owned()),
                ("node-role", "one") => Some("key-manager".to_owned()),
                ("node-address", "two") => Some("https://10.0.0.2:9444".to_owned()),
                _ => None,
            }
        }
    }
    let found = resolved(&[("one", "one.example.com", ""), ("two", "two.example.com", "")], &Said);
    assert_eq!(found.len(), 1);
    assert_eq!(roles(&found[0])[0], [Role::KeyManager]);
    assert_eq!(found[0].nodes[1].own.authority(), "10.0.0.2:9444");
}

#[test]
fn asks_for_gaps_in_guides() {
    let manager = KEY.replace("km.example.com", "[km-host]");
    let found = resolved(&[("gw", "gw.example.com", &manager)], &NoAnswers);
    assert!(found[0].findings.iter().any(|finding| finding.code == Code::PlaceholderHost));
    let asked = found[0].asked.iter().find(|asked| asked.id == "host:[km-host]");
    assert!(asked.is_some_and(|asked| asked.open));
}

#[test]
fn takes_equal_template_marks_for_one_host() {
    let says = |host: &str| {
        format!(
            "<ThrottlingConfigurations><TrafficManager><ReceiverUrlGroup>tcp://{host}:9611</ReceiverUrlGroup>\
             </TrafficManager></ThrottlingConfigurations>"
        )
    };
    for mark in ["{{ tm_host }}", "{{tm_host}}", "<%= @tm['host'] %>"] {
        let spaced = mark.replace("{{tm_host}}", "{{ tm_host }}");
        let found = resolved(&[("a", "a.example.com", &says(mark)), ("b", &spaced, "")], &NoAnswers);
        assert_eq!(found.len(), 1, "{mark}");
        assert_eq!(roles(&found[0])[1], [Role::TrafficManager], "{mark}");
        assert!(found[0].findings.iter().all(|finding| finding.code != Code::PlaceholderHost), "{mark}");
    }
}

#[test]
fn two_names_are_one_machine_as_told() {
    struct Said;
    impl Answers for Said {
        fn answer(&self, id: &str, _: &str) -> Option<String> {
            (id == "same-host").then(|| "10.0.0.9 = km.example.com".to_owned())
        }
    }
    let nodes = [("a", "10.0.0.9", ""), ("b", "b.example.com", KEY)];
    assert_eq!(resolved(&nodes, &NoAnswers).len(), 2, "a name and an address are two machines");
    let found = resolved(&nodes, &Said);
    assert_eq!(found.len(), 1);
    assert_eq!(roles(&found[0])[0], [Role::KeyManager]);
    let asked = found[0].asked.iter().find(|asked| asked.id == "same-host").unwrap();
    assert_eq!((asked.chosen.as_str(), asked.open), ("10.0.0.9 = km.example.com", false));
}
