//! `mappings`: the pages made from the tables are fresh, and own tables are tested with their places.

use std::io::Write as _;
use std::path::Path;

use apim_migrate::mapping::tables::Tables;
use apim_migrate::mapping::{book, figures};
use assert_cmd::Command;

use crate::fresh::assert_fresh;

const START: &str = "<!-- mappings stats: made by `UPDATE=1 cargo test --test suite mappings` -->\n";
const END: &str = "<!-- end of mappings stats -->";

fn project(path: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn command(args: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::cargo_bin("apim-migrate").unwrap().arg("mappings").args(args).output().unwrap();
    let [stdout, stderr] = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (output.status.code(), stdout, stderr)
}

#[test]
fn figures_in_the_readme_are_fresh() {
    let readme = std::fs::read_to_string(project("README.md")).unwrap();
    let (head, rest) = readme.split_once(START).expect("the marker before the figures");
    let (_, tail) = rest.split_once(END).expect("the marker after the figures");
    let table = figures::markdown(&figures::figures(&Tables::built_in()));
    assert_fresh("README.md", &format!("{head}{START}{table}{END}{tail}"), "mappings");
}

#[test]
fn page_of_all_rows_is_fresh() {
    assert_fresh("docs/mappings.md", &book::book(&Tables::built_in()), "mappings");
}

#[test]
fn page_of_all_rows_is_printed() {
    let (code, page, _) = command(&["docs"]);
    assert_eq!(code, Some(0));
    assert_eq!(page, book::book(&Tables::built_in()));
    for rule in Tables::built_in().tables().iter().flat_map(|table| table.rules().to_vec()) {
        assert!(page.contains(&format!("\n### {}\n", rule.id)), "{}", rule.id);
    }
}

#[test]
fn figures_are_texts_or_json() {
    let (code, text, _) = command(&["stats"]);
    assert_eq!(code, Some(0));
    assert!(text.lines().any(|line| line.starts_with("api-manager.xml") && line.contains("2.6")), "{text}");
    let (code, text, _) = command(&["stats", "--format", "json"]);
    assert_eq!(code, Some(0));
    let figures: serde_json::Value = serde_json::from_str(&text).unwrap();
    let total = &figures["total"]["2.6"];
    let sum = |field: &str| -> u64 {
        let files = figures["files"].as_array().unwrap();
        files.iter().map(|file| file["versions"]["2.6"][field].as_u64().unwrap()).sum()
    };
    for field in ["leaves", "in-comments", "converted", "absorbed", "retired", "manual", "default", "unknown"] {
        assert_eq!(total[field].as_u64(), Some(sum(field)), "{field}");
    }
}

/// A folder with one table: the head of carbon.xml and `rows`.
fn folder(rows: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let head = "[file]\npaths = [\"carbon.xml\"]\ndefaults = \"carbon.xml\"\nabout = \"a\"\nsource = \"b\"\n";
    let mut file = std::fs::File::create(folder.path().join("own.toml")).unwrap();
    file.write_all(format!("{head}{rows}").as_bytes()).unwrap();
    folder
}

const ROW: &str = "[[rule]]\nid = \"own-offset\"\nreplaces = \"carbon-ports-offset\"\nfrom = \"/Server/Ports/Offset\"\n\
                   outcome = \"manual\"\ntell = \"t\"\nwhy = \"w\"\nsource = \"s\"\n[[rule.example]]\nvalue = \"7\"\n";

#[test]
fn own_rows_that_hold_end_with_zero() {
    let folder = folder(&format!("{ROW}outcome = \"manual\"\n"));
    let (code, text, errors) = command(&["test", folder.path().to_str().unwrap()]);
    assert_eq!((code, text.as_str(), errors.as_str()), (Some(0), "1 rows, 1 examples, 0 failed\n", ""));
}

#[test]
fn own_rows_that_fail_are_shown_with_their_place() {
    let folder = folder(&format!("{ROW}outcome = \"retired\"\n"));
    let (code, text, _) = command(&["test", folder.path().to_str().unwrap()]);
    assert_eq!(code, Some(1));
    let line =
        "own.toml:16:11: rule `own-offset`: /Server/Ports/Offset = `7`: outcome: expected `retired`, found `manual`";
    assert!(text.contains(line) && text.ends_with("\n1 rows, 1 examples, 1 failed\n"), "{text}");
}

#[test]
fn own_tables_that_cannot_be_used_are_errors_with_a_place() {
    let silent = ROW.replace("replaces = \"carbon-ports-offset\"\n", "");
    for (rows, expected) in [
        (silent.as_str(), "own.toml:7:6: rule `own-offset` speaks of what `carbon-ports-offset` is for"),
        ("[[rule]]\nid = 1\n", "own.toml:7:6: "),
        ("[[rule]\n", "own.toml:6:"),
    ] {
        let folder = folder(rows);
        let (code, text, errors) = command(&["test", folder.path().to_str().unwrap()]);
        assert_eq!((code, text.as_str()), (Some(1), ""));
        assert!(errors.starts_with("error: ") && errors.contains(expected), "{errors}");
    }
    let (code, _, errors) = command(&["test", "no-such-folder"]);
    assert_eq!(code, Some(1));
    assert!(errors.contains("no-such-folder"), "{errors}");
}
