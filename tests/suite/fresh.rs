//! What is made from the code is fresh: the page of all findings, and the schemas of results.

use std::io::Write as _;
use std::path::Path;

use apim_migrate::audit::Audit;
use apim_migrate::diagnostic::Code;
use apim_migrate::verify::Proof;
use apim_migrate::{check, json, report};

/// Compares a file with what it must be, or writes it when asked to.
#[track_caller]
pub fn assert_fresh(path: &str, fresh: &str, test: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::File::create(file).unwrap().write_all(fresh.as_bytes()).unwrap();
    } else {
        let found = std::fs::read_to_string(file).unwrap_or_default();
        assert!(found == fresh, "{path} is stale: run `UPDATE=1 cargo test --test suite {test}`");
    }
}

#[test]
fn page_of_findings_is_fresh() {
    let page = check::report::page();
    for code in Code::ALL {
        assert!(page.contains(&format!("\n| `{code}` | ")), "{code}");
    }
    assert_fresh("docs/findings.md", &page, "fresh");
}

#[test]
fn schemas_are_fresh() {
    assert_fresh("schema/report.schema.json", &json::schema::<report::model::Report>(), "fresh");
    assert_fresh("schema/check.schema.json", &json::schema::<check::report::Report>(), "fresh");
    assert_fresh("schema/verify.schema.json", &json::schema::<Proof>(), "fresh");
    assert_fresh("schema/audit.schema.json", &json::schema::<Audit>(), "fresh");
}
