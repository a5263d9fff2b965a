//! The secure vault: what it protects is said as its alias, wherever the alias is told; no text of the old vault is
//! passed off as a password.

use std::borrow::Cow;
use std::path::Path;

use apim_migrate::decision::Decisions;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::mapping::{MappedFile, NodeSettings, Standing, map};
use apim_migrate::options::Options;
use apim_migrate::pipeline;
use apim_migrate::read::{Leaf, LeafKind};
use apim_migrate::source::Position;
use apim_migrate::version::Version;

const ADMIN: &str = "/UserManager/Realm/Configuration/AdminUser/Password";
const ADMIN_LINE: &str = "repository/conf/user-mgt.xml//UserManager/Realm/Configuration/AdminUser/Password,false";
const CONNECTOR: &str = "/Server/Service[@name='Catalina']/Connector[@scheme='https']";

/// Maps files of one node: name, then path and value of each leaf.
fn mapped<'t>(tables: &'t Tables, files: &[(&'t str, &[(&str, &'static str)])]) -> NodeSettings<'t> {
    let leaf = |(index, (path, value)): (usize, &(&str, &'static str))| Leaf {
        path: (*path).to_owned(),
        value: Cow::Borrowed(*value),
        kind: match path.rsplit('/').next() {
            _ if !path.starts_with('/') => LeafKind::Property,
            Some(last) if last.starts_with('@') => LeafKind::Attribute,
            _ => LeafKind::Element,
        },
        position: Position { line: index as u32 + 1, column: 1 },
        secrets: Vec::new(),
    };
    let files = files.iter().enumerate().map(|(number, (name, leaves))| MappedFile {
        number: number as u32,
        path: name,
        table: tables.for_file(name).unwrap(),
        leaves: leaves.iter().enumerate().map(leaf).collect(),
    });
    map(tables, 0, Version::new(2, 6), files.collect(), false)
}

#[test]
fn a_shipped_text_beside_an_alias_is_no_value() {
    let tables = Tables::built_in();
    let attribute = format!("{ADMIN}/@secretAlias");
    let node = mapped(&tables, &[("user-mgt.xml", &[(&attribute, "admin alias"), (ADMIN, "admin")])]);
    assert_eq!(node.value("admin.password"), Some("$secret{admin_alias}"));
    assert_eq!(node.settings[1].standing, Standing::Changed);
    assert!(node.fact("admin.password").unwrap().changed);
}

#[test]
fn a_line_of_the_cipher_tool_holds_where_the_value_is_encrypted() {
    let tables = Tables::built_in();
    for (held, said) in [
        (Some("Zm9yZXN0c3RvbmU="), "$secret{Admin}"),
        (Some("[plain]"), "password"),
        // Nobody gave the values: the cipher tool's own place holder tells.
        (None, "$secret{Admin}"),
    ] {
        let values: Vec<(&str, &'static str)> = held.iter().map(|value| ("Admin", *value)).collect();
        let node = mapped(
            &tables,
            &[
                ("security/cipher-text.properties", &values),
                ("security/cipher-tool.properties", &[("Admin", ADMIN_LINE)]),
                ("user-mgt.xml", &[(ADMIN, "password")]),
            ],
        );
        assert_eq!(node.value("admin.password"), Some(said), "{held:?}");
    }
}

#[test]
fn an_alias_beside_attributes_is_for_the_one_that_holds_a_secret() {
    let tables = Tables::built_in();
    let paths = ["port", "keystoreFile", "keystorePass", "secretAlias"].map(|name| format!("{CONNECTOR}/@{name}"));
    for alias in ["Server.Service.Connector.keystorePass", "tls"] {
        let node = mapped(
            &tables,
            &[(
                "tomcat/catalina-server.xml",
                &[
                    (&paths[0], "9443"),
                    (&paths[1], "own.jks"),
                    (&paths[2], "password"),
                    (&paths[3], alias),
                    (CONNECTOR, ""),
                ],
            )],
        );
        let saying = node.sayings.iter().find(|saying| saying.key == "keystore.tls.password").unwrap();
        assert_eq!(saying.value.plain(), format!("$secret{{{alias}}}"));
        assert!(saying.secret);
    }
}

#[test]
fn a_property_tells_its_alias_itself() {
    let tables = Tables::built_in();
    let node = mapped(&tables, &[("carbon.properties", &[("acme.password", "secretAlias:Acme")])]);
    assert_eq!(node.settings[0].value(), "$secret{Acme}");
    assert!(node.settings[0].is_secret());
}

#[test]
fn what_was_not_encrypted_is_carried_on_request_only() {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/secure-vault/in");
    let (tables, material) = (Tables::built_in(), pipeline::read(&sample).unwrap());
    for (answers, carried) in [("", false), ("secrets = \"keep-brackets\"", true), ("secrets = \"secret\"", false)] {
        let answers = Decisions::read(answers, "answers.toml").unwrap();
        let migration = pipeline::migrate(&material, &Options::default(), &tables, &answers).unwrap();
        let text = &migration.deployments[0].files[0].text;
        assert_eq!(text.contains("shared_db = \"[meadow-7]\""), carried, "{text}");
        assert_eq!(text.contains("shared_db = \"[REPLACE_ME]\""), !carried, "{text}");
        assert!(!text.contains("c3RvbmVmb3"), "no cipher text is written: {text}");
        assert!(!migration.deployments[0].files[0].shown_text.contains("meadow"));
    }
}
