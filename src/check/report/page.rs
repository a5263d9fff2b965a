//! The page that lists every code of a finding, of the checks and of the migration: `docs/findings.md`.

use std::fmt::Write as _;

use crate::check::CHECKS;
use crate::diagnostic::Code;

/// The page as Markdown.
#[must_use]
pub fn page() -> String {
    let mut out = String::from(
        "# Findings\n\nMade by `UPDATE=1 cargo test --test suite fresh`; `src/diagnostic.rs` and `src/check/mod.rs` \
         are the source.\n\nAn **error** is what a person must look at: exit code 2. A **warning** may change what the \
         servers do or reach, a **notice** is worth knowing.\n\n## What `check` finds\n\n`--deny CODE` makes an error of \
         it, `--allow CODE` leaves it out.\n\n| code | severity | what | why | help |\n| --- | --- | --- | --- | --- |\n",
    );
    for check in CHECKS {
        let severity = check.severity().word();
        let across = if check.across_nodes() { " (across nodes)" } else { "" };
        let _ = writeln!(
            out,
            "| `{}` | {severity} | {}{across} | {} | {} |",
            check.code,
            cell(check.what),
            cell(check.why),
            cell(check.help())
        );
    }
    out.push_str("\n## What `plan` and `convert` find\n\n| code | severity | help |\n| --- | --- | --- |\n");
    for code in Code::ALL.iter().filter(|code| !CHECKS.iter().any(|check| check.code == **code && !check.is_shared())) {
        let _ = writeln!(out, "| `{code}` | {} | {} |", code.severity().word(), cell(code.help()));
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
