use super::{FileText, Gap, InputFile, LayoutOptions, Verdict, lay_out};
use crate::diagnostic::Code;
use crate::mapping::tables::Tables;
use crate::read::input::UnreadKind;
use crate::version::Version;

fn file<'a>(path: &'a str, text: &'a str) -> InputFile<'a> {
    InputFile { path, text: FileText::Text(text) }
}

fn gap(reason: &str) -> Gap {
    Gap { reason: reason.to_owned(), position: None, kind: UnreadKind::File }
}

#[test]
fn lists_every_file_with_a_verdict() {
    use Verdict::{NotConfiguration, Read, Unreadable};
    let tables = Tables::built_in();
    let input = [
        file("README.md", ""),
        file("gw/bin/wso2server.sh", ""),
        file("gw/repository/conf/api-manager.xml", "<APIManager><"),
        file("gw/repository/conf/carbon.xml", "<Server><Version>2.5.0</Version></Server>"),
        file("gw/repository/conf/own.xml", "<x/>"),
        InputFile { path: "gw/repository/conf/user-mgt.xml", text: FileText::Unreadable(gap("no access")) },
        file("tm/repository/conf/jndi.properties", "a=b"),
    ];
    let laid = lay_out(&tables, &input, &LayoutOptions::default());
    let verdicts: Vec<Verdict> = laid.nodes[0].files.iter().map(|file| file.verdict).collect();
    assert_eq!(verdicts, [Unreadable, Read, NotConfiguration, Unreadable, NotConfiguration]);
    assert_eq!(laid.loose.len(), 1);
    let codes: Vec<Code> = laid.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::ConfigurationDamaged, Code::UnknownFile, Code::ConfigurationDamaged]);
    assert_eq!(
        laid.findings[0].place.as_ref().map(|place| place.file.as_str()),
        Some("gw/repository/conf/api-manager.xml")
    );
    // The sibling's version holds where nothing else tells.
    assert_eq!(laid.nodes[1].version, Version::new(2, 5));
}

#[test]
fn refuses_versions_that_it_cannot_convert() {
    let tables = Tables::built_in();
    let input = [
        file("new/repository/conf/deployment.toml", "[server]\nserver_role = \"api-store\"\n"),
        file("old/repository/conf/carbon.xml", "<Server><Version>1.10.0</Version></Server>"),
    ];
    let laid = lay_out(&tables, &input, &LayoutOptions::default());
    assert_eq!(laid.nodes[0].version, Version::new(3, 2));
    assert_eq!(laid.nodes[1].version, Version::new(1, 10));
    let codes: Vec<Code> = laid.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(codes, [Code::SourceVersionNotSupported]);
    let read: Vec<usize> = laid.nodes.iter().map(|node| node.settings.settings.len()).collect();
    assert_eq!(read, [1, 0]);
}

#[test]
fn sets_other_products_aside() {
    let tables = Tables::built_in();
    let text = "<Server><Name>WSO2 Identity Server</Name><ServerKey>IS</ServerKey><Version>5.7.0</Version></Server>";
    let input = [file("x/repository/conf/carbon.xml", text)];
    let laid = lay_out(&tables, &input, &LayoutOptions::default());
    assert!(laid.nodes[0].set_aside.is_some());
    assert_eq!(laid.nodes[0].files[0].verdict, Verdict::SetAside);
    assert_eq!(laid.findings[0].code, Code::NodeSetAside);
}
