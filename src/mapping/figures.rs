//! How much of the old product the tables know: tables in, counts by file and version out.
//!
//! What is counted are the leaves of the shipped files as measured (`mappings/defaults/2.x.tsv`), also those in
//! comments, which an administrator may have enabled. A leaf counts under what its row makes of a changed value:
//! that follows from the rows alone, nothing is kept by hand.

use std::fmt::Write as _;

use serde::Serialize;

use super::examples::kind_of;
use super::further::Siblings;
use super::rule::{Fate, Rule};
use super::tables::{Table, Tables};
use super::{MappedFile, Setting, Standing, map};
use crate::read::Leaf;
use crate::source::Position;
use crate::version::Version;

/// The measured versions.
pub const MEASURED: [Version; 3] = [Version::new(2, 1), Version::new(2, 5), Version::new(2, 6)];

/// What becomes of a changed value, as far as its row can tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A key is written.
    Converted,
    /// The topology is derived from it.
    Absorbed,
    /// Gone from the product, or written by the target itself.
    Retired,
    /// A person must act.
    Manual,
    /// It says nothing worth carrying.
    Default,
    /// There is no row.
    Unknown,
}

/// The counts of one file in one version.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Counts {
    /// How many leaves the version's file has.
    pub leaves: usize,
    /// How many of them stand in comments.
    pub in_comments: usize,
    /// Their rows write a key.
    pub converted: usize,
    /// The topology is derived from them.
    pub absorbed: usize,
    /// Gone from the product, or written by the target itself.
    pub retired: usize,
    /// A person must act.
    pub manual: usize,
    /// They say nothing worth carrying, whatever their value.
    pub default: usize,
    /// No row speaks of them.
    pub unknown: usize,
}

/// The counts of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileFigures {
    /// The file, below `repository/conf`.
    pub file: String,
    /// Its counts in each of [`MEASURED`].
    pub counts: [Counts; 3],
}

/// Counts by file, in the files' order by name.
#[must_use]
pub fn figures(tables: &Tables) -> Vec<FileFigures> {
    let rows: Vec<_> = tables.defaults.all_rows().collect();
    let mut files: Vec<&str> = rows.iter().map(|(file, ..)| *file).collect();
    files.sort_unstable();
    files.dedup();
    files
        .into_iter()
        .map(|file| FileFigures {
            file: file.to_owned(),
            counts: MEASURED.map(|version| {
                let leaves = rows.iter().filter(|(of, ..)| *of == file).filter_map(|(_, path, shipped)| {
                    shipped.shipped_by(version).map(|value| (*path, value, shipped.commented_out))
                });
                let table = tables.tables().iter().find(|table| table.head.defaults == file);
                count(tables, table, version, leaves.collect())
            }),
        })
        .collect()
}

/// The sum over all files.
#[must_use]
pub fn total(figures: &[FileFigures]) -> [Counts; 3] {
    let mut total = [Counts::default(); 3];
    for file in figures {
        for (sum, counts) in total.iter_mut().zip(&file.counts) {
            sum.leaves += counts.leaves;
            sum.in_comments += counts.in_comments;
            sum.converted += counts.converted;
            sum.absorbed += counts.absorbed;
            sum.retired += counts.retired;
            sum.manual += counts.manual;
            sum.default += counts.default;
            sum.unknown += counts.unknown;
        }
    }
    total
}

/// What a row makes of a changed value, as far as the row alone can tell.
#[must_use]
pub fn verdict(rule: &Rule) -> Verdict {
    if !rule.to.is_empty() || rule.cases.iter().any(|case| !case.sets.is_empty()) {
        return Verdict::Converted;
    }
    if rule.fact.is_some() {
        return Verdict::Absorbed;
    }
    let any = rule.cases.iter().find(|case| case.is.iter().any(|is| is == "*"));
    match rule.outcome.or_else(|| any.and_then(|case| case.outcome)) {
        Some(Fate::Retired | Fate::Constant) => Verdict::Retired,
        Some(Fate::Default) => Verdict::Default,
        Some(Fate::Manual) | None => Verdict::Manual,
    }
}

fn count(tables: &Tables, table: Option<&Table>, version: Version, leaves: Vec<(&str, &'static str, bool)>) -> Counts {
    let mut counts = Counts {
        leaves: leaves.len(),
        in_comments: leaves.iter().filter(|(.., commented_out)| *commented_out).count(),
        ..Counts::default()
    };
    let Some(table) = table else { return Counts { unknown: counts.leaves, ..counts } };
    let position = Position { line: 1, column: 1 };
    let file = || MappedFile { number: 0, path: "", table, leaves: Vec::new() };
    let mut files = vec![file()];
    let mut siblings = Siblings::of(&table.head.only_first);
    for (path, value, _) in leaves {
        // Samples in comments are choices: each counts as if it were the only one.
        if siblings.lookup(path).is_some() {
            siblings = Siblings::of(&table.head.only_first);
            files.push(file());
        }
        let leaf =
            Leaf { path: path.to_owned(), value: value.into(), kind: kind_of(path), position, secrets: Vec::new() };
        files.last_mut().expect("one file at least").leaves.push(leaf);
    }
    let mapped = map(tables, 0, version, files, false);
    for setting in &mapped.settings {
        *match verdict_on(table, &mapped.settings, setting) {
            Verdict::Converted => &mut counts.converted,
            Verdict::Absorbed => &mut counts.absorbed,
            Verdict::Retired => &mut counts.retired,
            Verdict::Manual => &mut counts.manual,
            Verdict::Default => &mut counts.default,
            Verdict::Unknown => &mut counts.unknown,
        } += 1;
    }
    counts
}

/// The verdict of the leaf's row; what frames a leaf shares its verdict, what holds settings says nothing.
fn verdict_on(table: &Table, settings: &[Setting<'_>], setting: &Setting<'_>) -> Verdict {
    let mut setting = setting;
    while let Standing::Frames { leaf } = setting.standing {
        setting = &settings[leaf.index as usize];
    }
    match setting.rule {
        Some(rule) => verdict(rule),
        None if setting.leaf.value.trim().is_empty() && table.speaks_below(&setting.leaf.path) => Verdict::Default,
        None => Verdict::Unknown,
    }
}

impl Counts {
    fn cells(&self) -> [usize; 8] {
        let Self { leaves, in_comments, converted, absorbed, retired, manual, default, unknown } = *self;
        [leaves, in_comments, converted, absorbed, retired, manual, default, unknown]
    }
}

const COLUMNS: [&str; 8] =
    ["leaves", "in comments", "converted", "absorbed", "retired", "manual", "default", "unknown"];

/// As a text: one line for each file and version.
#[must_use]
pub fn text(figures: &[FileFigures]) -> String {
    let all = FileFigures { file: "all files".to_owned(), counts: total(figures) };
    let width = figures.iter().map(|file| file.file.len()).max().unwrap_or(0).max(all.file.len());
    let mut out = format!("{:width$}  version", "file");
    for column in COLUMNS {
        let _ = write!(out, "  {column}");
    }
    out.push('\n');
    for file in figures.iter().chain([&all]) {
        for (version, counts) in MEASURED.iter().zip(&file.counts) {
            let _ = write!(out, "{:width$}  {:7}", file.file, version.to_string());
            for (column, cell) in COLUMNS.iter().zip(counts.cells()) {
                let _ = write!(out, "  {cell:>width$}", width = column.len());
            }
            out.push('\n');
        }
    }
    out
}

/// As JSON: an array of files, each with its versions.
#[must_use]
pub fn json(figures: &[FileFigures]) -> String {
    let versions = |counts: &[Counts; 3]| {
        let by_version = MEASURED.iter().zip(counts);
        serde_json::Value::Object(
            by_version.map(|(version, counts)| (version.to_string(), serde_json::json!(counts))).collect(),
        )
    };
    let files: Vec<serde_json::Value> = figures
        .iter()
        .map(|file| serde_json::json!({ "file": file.file, "versions": versions(&file.counts) }))
        .collect();
    let whole = serde_json::json!({ "files": files, "total": versions(&total(figures)) });
    format!("{whole:#}\n")
}

/// As a table of Markdown: one row for each file, a number for each version where they differ.
#[must_use]
pub fn markdown(figures: &[FileFigures]) -> String {
    let mut out = format!("| file | {} |\n| --- |{}\n", COLUMNS.join(" | "), " ---: |".repeat(COLUMNS.len()));
    let all = FileFigures { file: "all files".to_owned(), counts: total(figures) };
    for file in [&all].into_iter().chain(figures) {
        let name = if file.file == all.file { format!("**{}**", all.file) } else { format!("`{}`", file.file) };
        let _ = write!(out, "| {name} |");
        let cells = file.counts.map(|counts| counts.cells());
        for column in 0..COLUMNS.len() {
            let [first, second, third] = cells.map(|cells| cells[column]);
            if first == second && second == third {
                let _ = write!(out, " {first} |");
            } else {
                let _ = write!(out, " {first} · {second} · {third} |");
            }
        }
        out.push('\n');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Counts, figures, total};
    use crate::mapping::tables::Tables;

    #[test]
    fn every_leaf_counts_once_and_none_is_unknown() {
        let figures = figures(&Tables::built_in());
        for file in &figures {
            for Counts { leaves, converted, absorbed, retired, manual, default, unknown, .. } in file.counts {
                assert_eq!(leaves, converted + absorbed + retired + manual + default + unknown, "{}", file.file);
                assert_eq!(unknown, 0, "{}", file.file);
            }
        }
        assert!(total(&figures).iter().all(|counts| counts.leaves > 1500));
    }
}
