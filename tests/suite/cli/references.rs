//! `$env{…}` and its like in files of 2.x, which knew no references: they stay the text that they were.

use super::{Scratch, messages, text};

const SOURCES: &str = "in/apim/repository/conf/datasources/master-datasources.xml";
const CARBON: &str = "in/apim/repository/conf/carbon.xml";
const USERS: &str = "in/apim/repository/conf/user-mgt.xml";

#[test]
fn in_xml_the_dollar_is_an_entity() {
    let scratch = Scratch::of("all-in-one");
    scratch.edit(SOURCES, "db.example.org:3306/apim?", "db.example.org:3306/$env{HOME}$ref{server.hostname}?");
    scratch.edit(CARBON, "keystore-secret", "key$secret{no.alias}&amp;");
    let report = scratch.convert(&[]);
    let written = scratch.written("all-in-one");
    assert!(text(&written, "database.apim_db.url").contains("3306/&#36;env{HOME}&#36;ref{server.hostname}?"));
    assert_eq!(text(&written, "keystore.primary.password"), "key&#36;secret{no.alias}&amp;");
    // The text names no alias of the vault.
    assert!(!written.contains_key("secrets"), "{written:?}");
    // Of the URL there is nothing to say; the key store's password goes into properties too, for want of [keystore.tls].
    let found = messages(&report, "reference-in-text");
    assert!(found.len() == 1 && found[0].starts_with("keystore.primary.password"), "{found:?}");
    // Nothing changes when that is converted again: there it is no reference either.
    let before = super::files(&scratch.path("out"));
    let run = scratch.run(&["convert", "out", "--out", "again", "-q"]);
    assert_ne!(run.exit, 1, "{}", run.stderr);
    let file = "all-in-one/repository/conf/deployment.toml";
    assert_eq!(super::files(&scratch.path("again"))[file], before[file]);
    assert!(!scratch.run(&["check", "out", "--format", "json"]).stdout.contains("&#36;"));
}

#[test]
fn where_nothing_hides_it_that_is_an_error() {
    let scratch = Scratch::of("all-in-one");
    scratch.edit(USERS, "apim-secret", "pw$sys{user.home}");
    let run = scratch.run(&["convert", "in", "--out", "out", "--format", "json"]);
    assert_eq!(run.exit, 2, "{}", run.stderr);
    let report = run.json();
    let [message] = messages(&report, "reference-in-text")[..] else { panic!("{report}") };
    assert!(message.starts_with("super_admin.password has a reference"), "{message}");
    assert!(!run.stdout.contains("user.home"), "the password is not shown");
}

#[test]
fn what_later_versions_say_and_what_we_write_stays_live() {
    let scratch = Scratch::of("all-in-one-3.x");
    let file = super::files(&scratch.path("in")).into_keys().find(|path| path.ends_with("deployment.toml")).unwrap();
    let file = format!("in/{file}");
    let source = std::fs::read_to_string(scratch.path(&file)).unwrap();
    let hostname = source.lines().find(|line| line.starts_with("hostname")).unwrap();
    scratch.edit(&file, hostname, "hostname = \"$env{AM_HOST}\"");
    scratch.convert(&[]);
    assert_eq!(text(&scratch.written("all-in-one"), "server.hostname"), "$env{AM_HOST}");
    // A variable of 2.x that is asked to become one, beside a text that only looks like one.
    let scratch = Scratch::of("all-in-one");
    scratch.edit(SOURCES, "db.example.org:3306/apim?", "${DB_HOST}:3306/$env{HOME}?");
    scratch.decide("keep-or-env = \"env\"\n");
    let written = scratch.written("all-in-one");
    assert!(text(&written, "database.apim_db.url").contains("$env{DB_HOST}:3306/&#36;env{HOME}?"));
    // The vault's aliases are ours.
    let scratch = Scratch::of("secure-vault");
    scratch.convert(&[]);
    let live = super::files(&scratch.path("out")).into_values().filter_map(|bytes| String::from_utf8(bytes).ok());
    assert!(live.into_iter().any(|text| text.contains("\"$secret{")));
}
