//! Beyond its limits an input is told, and the rest goes on.

use std::fmt::Write as _;

use apim_migrate::decision::Decisions;
use apim_migrate::diagnostic::Code;
use apim_migrate::limits;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::options::Options;
use apim_migrate::pipeline;

const CARBON: &str = "<Server><Version>2.6.0</Version><HostName>am.example.com</HostName></Server>";

/// The codes of the errors that come of an api-manager.xml.
fn errors(manager: String) -> Vec<Code> {
    let files = [("api-manager.xml", manager), ("carbon.xml", CARBON.to_owned())];
    let files = files.map(|(name, text)| (format!("repository/conf/{name}"), text.into_bytes()));
    let material = pipeline::in_memory("am", files.into());
    let tables = Tables::built_in();
    let migration = pipeline::migrate(&material, &Options::default(), &tables, &Decisions::default()).unwrap();
    assert_eq!(migration.deployments.len(), 1, "the other file is read");
    let findings = migration.deployments.iter().flat_map(|deployment| &deployment.findings);
    findings.filter(|found| found.code == Code::LimitReached).map(|found| found.code).collect()
}

fn attributes(count: usize) -> String {
    let list = (0..count).fold(String::new(), |mut text, number| {
        let _ = write!(text, " a{number}='1'");
        text
    });
    format!("<APIManager><Q{list}/></APIManager>")
}

#[test]
fn an_element_may_have_many_attributes_and_not_more() {
    assert!(errors(attributes(limits::ATTRIBUTES)).is_empty());
    assert_eq!(errors(attributes(limits::ATTRIBUTES + 1)), [Code::LimitReached]);
}

#[test]
fn a_file_with_too_many_settings_is_told() {
    let manager = format!("<APIManager>{}</APIManager>", "<E>1</E>".repeat(limits::LEAVES + 1));
    assert_eq!(errors(manager), [Code::LimitReached]);
}
