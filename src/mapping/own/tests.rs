//! Folders of one or two tables: what is taken, and where what is refused stands.

use std::io::Write as _;

use super::{Examples, run_examples};
use crate::mapping::tables::{Table, Tables};
use crate::version::Version;

const EXAMPLE: &str = "why = \"w\"\nsource = \"s\"\n[[rule.example]]\nvalue = \"x\"\n";

fn head(path: &str) -> String {
    format!("[file]\npaths = [\"{path}\"]\ndefaults = \"{path}\"\nabout = \"a\"\nsource = \"b\"\n")
}

/// Loads a folder of tables by their names, and runs their examples.
fn load(tables: &[(&str, String)]) -> Result<(Tables, Examples), String> {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in tables {
        let mut file = std::fs::File::create(folder.path().join(name)).expect("a scratch file");
        file.write_all(text.as_bytes()).expect("written");
    }
    let shown = format!("{}/", folder.path().display());
    let run = |tables: Tables| run_examples(&tables, folder.path()).map(|run| (tables, run));
    let (tables, mut run) =
        Tables::with_folder(folder.path()).and_then(run).map_err(|error| error.to_string().replace(&shown, ""))?;
    for (place, _) in &mut run.failed {
        place.file = place.file.replace(&shown, "");
    }
    Ok((tables, run))
}

/// One table for carbon.xml.
fn with_rows(rows: &str) -> Result<(Tables, Examples), String> {
    load(&[("own.toml", head("carbon.xml") + rows)])
}

fn row(id: &str, fields: &str) -> String {
    format!("[[rule]]\nid = \"{id}\"\n{fields}{EXAMPLE}")
}

fn found(tables: &Tables, file: &str, path: &str) -> Option<String> {
    let table = tables.for_file(file).expect("a table");
    table.find(path, Version::new(2, 6)).map(|(rule, _)| rule.id.clone())
}

#[test]
fn takes_rows_of_the_user_first() {
    let rows = row(
        "own-offset",
        "replaces = \"carbon-ports-offset\"\nfrom = \"/Server/Ports/Offset\"\noutcome = \"retired\"\n",
    ) + &row("own-element", "from = \"/Server/Own/Element\"\noutcome = \"retired\"\n");
    let (tables, _) = with_rows(&rows).expect("good tables");
    for (path, id) in [
        ("/Server/Ports/Offset", "own-offset"),
        ("/Server/Own/Element", "own-element"),
        ("/Server/HostName", "carbon-server-host-name"),
    ] {
        assert_eq!(found(&tables, "carbon.xml", path).as_deref(), Some(id), "{path}");
    }
    assert!(tables.tables().iter().flat_map(Table::rules).all(|rule| rule.id != "carbon-ports-offset"));
}

#[test]
fn replaces_a_row_by_several_of_different_versions() {
    let fields = |versions: &str| {
        format!(
            "replaces = \"carbon-ports-offset\"\nfrom = \"/Server/Ports/Offset\"\nversions = \"{versions}\"\noutcome = \"retired\"\n"
        )
    };
    let (tables, _) =
        with_rows(&(row("old-offset", &fields("2.0-2.2")) + &row("new-offset", &fields("2.5-")))).expect("good");
    assert_eq!(found(&tables, "carbon.xml", "/Server/Ports/Offset").as_deref(), Some("new-offset"));
    let error =
        with_rows(&(row("old-offset", &fields("2.0-2.5")) + &row("new-offset", &fields("2.5-")))).expect_err("rivals");
    assert!(error.contains("own.toml:17:6: rule `new-offset` speaks of what `old-offset` is for"), "{error}");
}

#[test]
fn rows_for_a_new_file_and_for_one_of_a_kind_are_read() {
    let new = head("own-handler.xml") + &row("own-handler", "from = \"/Server/Ports/Offset\"\noutcome = \"retired\"\n");
    let kind = head("datasources/own-datasources.xml") + &row("own-source", "from = \"/own\"\noutcome = \"retired\"\n");
    let (tables, run) = load(&[("a.toml", new), ("b.toml", kind)]).expect("good tables");
    assert_eq!(found(&tables, "own-handler.xml", "/Server/Ports/Offset").as_deref(), Some("own-handler"));
    assert_eq!(found(&tables, "datasources/own-datasources.xml", "/own").as_deref(), Some("own-source"));
    assert!(tables.for_file("datasources/own-datasources.xml").is_some_and(|table| table.rules().len() > 1));
    assert_eq!((run.rows, run.examples), (2, 2));
}

#[test]
fn says_where_a_row_is_wrong() {
    let rule = |fields: &str| row("own", fields);
    let retired = "outcome = \"retired\"\n";
    for (rules, expected) in [
        (rule("from = 1\n"), "own.toml:8:8: ".to_owned()),
        (rule("frmo = \"/A\"\n"), "own.toml:8:1: unknown field `frmo`".to_owned()),
        (
            rule(&format!("from = \"/Server/Ports/Offset\"\n{retired}")),
            "own.toml:7:6: rule `own` speaks of what `carbon-ports-offset` is for: if it is to stand for it, say `replaces = \"carbon-ports-offset\"`".to_owned(),
        ),
        (rule(&format!("from = \"/A\"\nreplaces = \"none\"\n{retired}")), "own.toml:7:6: rule `own` replaces `none`, which does not exist".to_owned()),
        (
            rule(&format!("from = \"/A\"\nreplaces = \"jmx-jmx-start-rmiserver\"\n{retired}")),
            "own.toml:7:6: rule `own` replaces `jmx-jmx-start-rmiserver`, which is a row for etc/jmx.xml".to_owned(),
        ),
        (
            rule(&format!("from = \"/A\"\nreplaces = \"carbon-ports-offset\"\n{retired}")),
            "own.toml:7:6: rule `own` replaces `carbon-ports-offset`, which is for `/Server/Ports/Offset` too".to_owned(),
        ),
        (
            rule(&format!("from = \"/A\"\n{retired}")) + &row("other", &format!("from = \"/A\"\n{retired}")),
            "own.toml:15:6: rule `other` speaks of what `own` is for".to_owned(),
        ),
        (rule(&format!("from = \"/A\"\n{retired}")) + &row("own", "from = \"/B\"\n"), "own.toml:15:6: there is a rule `own` already".to_owned()),
        (row("carbon-ports-offset", &format!("from = \"/A\"\n{retired}")), "own.toml:7:6: there is a rule `carbon-ports-offset` already".to_owned()),
        (rule("from = \"/A\"\nto = \"a.b\"\nsubject = \"nobody\"\n"), "own.toml:7:6: rule `own` names the subject `nobody`, which does not exist".to_owned()),
        (rule("from = \"/A\"\nto = \"a.b\"\n"), "own.toml:7:6: rule `own` writes a key and names no subject".to_owned()),
        (rule(&format!("from = \"/A\"\n{retired}finding = \"x\"\n")), "own.toml:7:6: rule `own` raises the finding `x`, which does not exist".to_owned()),
        (rule(&format!("from = \"/A\"\n{retired}versions = \"x\"\n")), "own.toml:7:6: rule `own` is for the versions `x`, which is no range".to_owned()),
        (rule(&format!("from = []\n{retired}")), "own.toml:7:6: rule `own` is for no path".to_owned()),
        ("[[rule]]\nid = \"own\"\nfrom = \"/A\"\nwhy = \"w\"\nsource = \"s\"\n".to_owned(), "own.toml:7:6: rule `own` has no example".to_owned()),
    ] {
        let error = with_rows(&rules).map(drop).expect_err("a bad table");
        assert!(error.starts_with(&expected), "expected {expected}\nfound    {error}");
    }
}

#[test]
fn places_a_row_by_its_own_id() {
    // The text of the second row's id stands in the first one too.
    let rows = row("first", "from = \"/A\"\ninstead = \"second\"\noutcome = \"retired\"\n")
        + &row("second", "from = \"/Server/Ports/Offset\"\noutcome = \"retired\"\n");
    let error = with_rows(&rows).map(drop).expect_err("a bad table");
    assert!(error.starts_with("own.toml:16:6: rule `second`"), "{error}");
}

#[test]
fn refuses_heads_that_fit_no_table() {
    let two = "[file]\npaths = [\"carbon.xml\", \"registry.xml\"]\ndefaults = \"x\"\nabout = \"a\"\nsource = \"b\"\n";
    let error = load(&[("own.toml", two.to_owned())]).map(drop).expect_err("two files");
    assert!(error.starts_with("own.toml: `carbon.xml` and `registry.xml` are files of different tables"), "{error}");
    let names = head("user-mgt.xml") + "names = { Property = \"@id\" }\n";
    let error = load(&[("own.toml", names)]).map(drop).expect_err("another name");
    assert!(
        error.starts_with("own.toml: `Property` is named by `@name` in the built-in table, not by `@id`"),
        "{error}"
    );
    let folder = tempfile::tempdir().expect("a folder");
    assert!(Tables::with_folder(folder.path()).is_err());
}

#[test]
fn places_an_example_that_fails_at_what_it_says() {
    let rows = "[[rule]]\nid = \"own\"\nfrom = \"/A\"\nto = \"server.offset\"\nsubject = \"node\"\nwhy = \"w\"\nsource = \"s\"\n\
                [[rule.example]]\nvalue = \"7\"\ngives = { \"server.offset\" = 7 }\n\
                [[rule.example]]\nvalue = \"7\"\ngives = { \"server.offset\" = 8 }\n  outcome = \"manual\"\n\
                [[rule.example]]\nvalue = \"7\"\n";
    let (_, run) = with_rows(rows).expect("good tables");
    let shown: Vec<String> = run.failed.iter().map(|(place, mismatch)| format!("{place}: {mismatch}")).collect();
    assert_eq!(
        shown,
        [
            "own.toml:18:9: rule `own`: /A = `7`: gives: expected server.offset = 8, found server.offset = 7",
            "own.toml:19:13: rule `own`: /A = `7`: outcome: expected `manual`, found none",
            "own.toml:21:9: rule `own`: /A = `7`: gives: expected none, found server.offset = 7",
        ]
    );
}
