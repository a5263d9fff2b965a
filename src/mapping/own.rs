//! Tables of the user's (`--mappings DIR`): a folder in, its rows over the built-in ones out, each with its place.
//!
//! Nothing is overridden in silence: a row that speaks of a built-in row's path must name that row, a row that is
//! replaced must have all its paths spoken for, and rows for a file that no table would read are an error.

use std::ops::Range;
use std::path::Path;

use indexmap::IndexMap;
use serde::Deserialize;
use toml::Spanned;

use super::examples::{self, Aspect, Mismatch};
use super::path::Pattern;
use super::rule::{Rule, TableFile};
use super::subject::Subject;
use super::tables::{TableError, Tables, matches_file, parse, position};
use crate::diagnostic::Code;
use crate::read::input::{Limits, read_file};
use crate::source::Place;
use crate::version::{Version, in_range};

/// One file of the folder.
#[derive(Debug)]
pub struct OwnFile {
    name: String,
    text: String,
    /// What it says.
    pub table: TableFile,
    marks: Vec<RowMarks>,
}

/// Where the parts of a file stand.
#[derive(Deserialize)]
struct Marks {
    #[serde(default)]
    rule: Vec<RowMarks>,
}

#[derive(Debug, Deserialize)]
struct RowMarks {
    id: Spanned<String>,
    #[serde(default)]
    example: Vec<Spanned<IndexMap<String, Spanned<toml::Value>>>>,
}

/// Reads the tables of a folder, in the order of their names.
pub fn read(folder: &Path) -> Result<Vec<OwnFile>, TableError> {
    let fail = |message: String| TableError { place: Place::file(folder.display().to_string()), message };
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .map_err(|error| fail(format!("the folder of mappings cannot be read: {error}")))?
        .filter_map(|entry| entry.ok().map(|entry| entry.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    paths.sort();
    if paths.is_empty() {
        return Err(fail("the folder of mappings holds no .toml file".to_owned()));
    }
    paths.iter().map(|path| OwnFile::read(path)).collect()
}

/// Puts the files' rows over the built-in ones.
pub fn add(own: Vec<OwnFile>, files: &mut Vec<TableFile>, subjects: &[Subject]) -> Result<(), TableError> {
    let homes: Vec<Option<usize>> = own.iter().map(|file| file.home(files)).collect::<Result<_, _>>()?;
    for (file, home) in own.iter().zip(&homes) {
        for (row, rule) in file.table.rules.iter().enumerate() {
            check(rule, subjects).map_err(|message| file.error(row, message))?;
            if let Some(id) = &rule.replaces {
                replaceable(id, rule, home.map(|home| &files[home]), files)
                    .map_err(|message| file.error(row, message))?;
            }
        }
    }
    let replaced = take_replaced(&own, files);
    for (file, row, old) in &replaced {
        let covered = |from: &&str| {
            let speaks =
                |rule: &Rule| rule.from.iter().any(|own| own == *from || Pattern::new(own).matches(from).is_some());
            own.iter().flat_map(|file| &file.table.rules).any(speaks)
        };
        if let Some(from) = old.from.iter().find(|from| !covered(from)) {
            let id = &own[*file].table.rules[*row].id;
            let message =
                format!("rule `{id}` replaces `{}`, which is for `{from}` too: no row says what becomes of it", old.id);
            return Err(own[*file].error(*row, message));
        }
    }
    for (file, home) in own.into_iter().zip(homes) {
        file.join(home, files)?;
    }
    Ok(())
}

/// Runs the examples of all rows of `folder`, whose rows `tables` holds: what does not hold, with its place.
pub fn run_examples(tables: &Tables, folder: &Path) -> Result<Examples, TableError> {
    let mut run = Examples::default();
    for file in read(folder)? {
        for (row, rule) in file.table.rules.iter().enumerate() {
            let loaded = tables.tables().iter().find(|table| table.rules().iter().any(|known| known.id == rule.id));
            let Some(table) = loaded else { continue };
            run.rows += 1;
            run.examples += rule.examples.len();
            let failed = examples::run(tables, table, rule);
            run.failed.extend(failed.into_iter().map(|mismatch| (file.place_of(row, &mismatch), mismatch)));
        }
    }
    Ok(run)
}

/// What came of a folder's examples.
#[derive(Debug, Default)]
pub struct Examples {
    /// How many rows there are.
    pub rows: usize,
    /// How many examples were run.
    pub examples: usize,
    /// What does not hold, in the order of the files.
    pub failed: Vec<(Place, Mismatch)>,
}

impl OwnFile {
    fn read(path: &Path) -> Result<Self, TableError> {
        let name = path.display().to_string();
        let failed = |message: String| TableError { place: Place::file(&name), message };
        let bytes =
            read_file(path, Limits::in_force().file).map_err(|unread| failed(format!("cannot be read: {unread}")))?;
        let text = String::from_utf8(bytes).map_err(|_| failed("it is no UTF-8 text".to_owned()))?;
        let table: TableFile = parse(&text, &name)?;
        let marks: Marks = parse(&text, &name)?;
        Ok(Self { name, text, table, marks: marks.rule })
    }

    fn at(&self, span: Range<usize>) -> Place {
        Place::at(&self.name, position(&self.text, span.start))
    }

    fn error(&self, row: usize, message: String) -> TableError {
        TableError { place: self.at(self.marks[row].id.span()), message }
    }

    /// Where the example says what does not hold; where it says nothing, its value.
    fn place_of(&self, row: usize, mismatch: &Mismatch) -> Place {
        let example = &self.marks[row].example[mismatch.example];
        let field = match mismatch.aspect {
            Aspect::Example => "version",
            Aspect::Row => "path",
            aspect => aspect.word(),
        };
        let said = example.get_ref().get(field).or_else(|| example.get_ref().get("value"));
        self.at(said.map_or_else(|| example.span(), Spanned::span))
    }

    /// The built-in table that the file's rows belong to, if there is one.
    fn home(&self, files: &[TableFile]) -> Result<Option<usize>, TableError> {
        let paths = &self.table.file.paths;
        let fail = |message: String| TableError { place: Place::file(&self.name), message };
        let home_of = |path: &String| {
            files.iter().position(|file| file.file.paths.iter().any(|pattern| matches_file(pattern, path)))
        };
        let Some(first) = paths.first() else { return Err(fail("the table names no file: give `paths`".to_owned())) };
        let home = home_of(first);
        match paths.iter().find(|path| home_of(path) != home) {
            Some(other) => {
                Err(fail(format!("`{first}` and `{other}` are files of different tables: give each its own")))
            }
            None => Ok(home),
        }
    }

    /// Adds the rows to the tables.
    fn join(self, home: Option<usize>, files: &mut Vec<TableFile>) -> Result<(), TableError> {
        // An earlier file of the folder may have brought a table for a new file.
        let home = home.map_or_else(|| self.home(files), |home| Ok(Some(home)))?;
        for (row, rule) in self.table.rules.iter().enumerate() {
            if files
                .iter()
                .flat_map(|file| &file.rules)
                .chain(&self.table.rules[..row])
                .any(|known| known.id == rule.id)
            {
                return Err(self.error(row, format!("there is a rule `{}` already", rule.id)));
            }
            let known = home.map_or(&[][..], |home| &files[home].rules[..]).iter();
            let rival = known.chain(&self.table.rules[..row]).find(|known| is_rival(known, rule));
            if let Some(known) = rival {
                let message = format!(
                    "rule `{}` speaks of what `{id}` is for: if it is to stand for it, say `replaces = \"{id}\"`",
                    rule.id,
                    id = known.id
                );
                return Err(self.error(row, message));
            }
        }
        let Some(home) = home else {
            files.push(self.table);
            return Ok(());
        };
        for (element, by) in &self.table.file.names {
            let known = files[home].file.names.entry(element.clone()).or_insert_with(|| by.clone());
            if known != by {
                let message = format!("`{element}` is named by `{known}` in the built-in table, not by `{by}`");
                return Err(TableError { place: Place::file(&self.name), message });
            }
        }
        files[home].rules.splice(0..0, self.table.rules).for_each(drop);
        Ok(())
    }
}

/// Whether both rows speak of one path in some version.
fn is_rival(known: &Rule, rule: &Rule) -> bool {
    let in_force = |rule: &Rule, version: Version| {
        rule.versions.as_ref().is_none_or(|range| in_range(range, version) == Some(true))
    };
    known.from.iter().any(|from| rule.from.iter().any(|own| own == from))
        && (0..=6)
            .map(|minor| Version::new(2, minor))
            .any(|version| in_force(known, version) && in_force(rule, version))
}

/// Whether `rule` may stand for the row `id`.
fn replaceable(id: &str, rule: &Rule, home: Option<&TableFile>, files: &[TableFile]) -> Result<(), String> {
    let holds = |file: &TableFile| file.rules.iter().any(|known| known.id == id);
    if home.is_some_and(holds) {
        return Ok(());
    }
    Err(match files.iter().find(|file| holds(file)) {
        Some(other) => {
            format!("rule `{}` replaces `{id}`, which is a row for {}", rule.id, other.file.paths.join(", "))
        }
        None => format!("rule `{}` replaces `{id}`, which does not exist", rule.id),
    })
}

/// Takes the rows out that are replaced: with the file and row that said so.
fn take_replaced(own: &[OwnFile], files: &mut [TableFile]) -> Vec<(usize, usize, Rule)> {
    let mut taken = Vec::new();
    for (number, file) in own.iter().enumerate() {
        for (row, rule) in file.table.rules.iter().enumerate() {
            let Some(id) = &rule.replaces else { continue };
            for known in files.iter_mut() {
                taken.extend(known.rules.extract_if(.., |known| known.id == *id).map(|old| (number, row, old)));
            }
        }
    }
    taken
}

/// Whether a row names only what exists.
fn check(rule: &Rule, subjects: &[Subject]) -> Result<(), String> {
    if rule.from.is_empty() {
        return Err(format!("rule `{}` is for no path", rule.id));
    }
    let writes = !rule.to.is_empty() || rule.cases.iter().any(|case| !case.sets.is_empty());
    match &rule.subject {
        None if writes => return Err(format!("rule `{}` writes a key and names no subject", rule.id)),
        Some(id) if subjects.iter().all(|subject| subject.id != *id) => {
            return Err(format!("rule `{}` names the subject `{id}`, which does not exist", rule.id));
        }
        _ => {}
    }
    let findings = rule.finding.iter().chain(rule.cases.iter().filter_map(|case| case.finding.as_ref()));
    for finding in findings {
        if Code::ALL.iter().all(|code| code.text() != finding) {
            return Err(format!("rule `{}` raises the finding `{finding}`, which does not exist", rule.id));
        }
    }
    if let Some(range) = &rule.versions
        && in_range(range, Version::new(2, 6)).is_none()
    {
        return Err(format!("rule `{}` is for the versions `{range}`, which is no range", rule.id));
    }
    if rule.examples.is_empty() {
        return Err(format!("rule `{}` has no example", rule.id));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
