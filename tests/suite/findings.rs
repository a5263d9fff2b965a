//! What is made from the codes is fresh: the page of all findings, and the schema of `check`.

use std::io::Write as _;
use std::path::Path;

use apim_migrate::check::report;
use apim_migrate::diagnostic::Code;

/// Compares a file with what it must be, or writes it when asked to.
fn assert_fresh(path: &str, fresh: &str, test: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::File::create(file).unwrap().write_all(fresh.as_bytes()).unwrap();
    } else {
        let found = std::fs::read_to_string(file).unwrap_or_default();
        assert!(found == fresh, "{path} is stale: run `UPDATE=1 cargo test --test suite {test}`");
    }
}

#[test]
fn page_of_findings_is_fresh() {
    let page = report::page();
    for code in Code::ALL {
        assert!(page.contains(&format!("\n| `{code}` | ")), "{code}");
    }
    assert_fresh("docs/findings.md", &page, "findings");
}

#[test]
fn check_schema_is_fresh() {
    assert_fresh("schema/check.schema.json", &report::schema(), "schema");
}
