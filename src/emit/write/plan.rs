//! What is to be done with each file: the new output against what lies there and what the record says of it.

use crate::text::Parts as _;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::carry::{self, Carried};
use super::record::is_staging_name;
use super::record::{RECORD, Record, Written, has_own_report, hash, hash_file, hash_written, is_inside, is_our_form};
use super::{Content, Edited, Form, OutFile, Outcome, Policy, Unit, WriteError, diff, refused};
use crate::emit::edit::document::Document;
use crate::layout::homes::join;

mod stage;

/// What is to be done.
pub struct Plan<'f> {
    pub(super) outcome: Outcome,
    out: PathBuf,
    units: Vec<UnitPlan<'f>>,
}

struct UnitPlan<'f> {
    folder: String,
    /// By their path below the unit's folder.
    files: BTreeMap<String, Planned<'f>>,
    /// Folders of ours that have no file any more, below the output folder.
    empty: Vec<String>,
}

struct Planned<'f> {
    /// The hash of what is there.
    found: Option<String>,
    change: Change<'f>,
    /// A person changed it, and it stays.
    edited: bool,
}

enum Change<'f> {
    Keep,
    Write { body: Body<'f>, hash: String, secret: bool },
    Remove,
}

enum Body<'f> {
    Text(Cow<'f, str>),
    Written(&'f super::Writer<'f>),
}

impl Change<'_> {
    fn is_change(&self) -> bool {
        !matches!(self, Self::Keep)
    }
}

/// Refuses paths that lead out of the output folder, or two files in one place.
pub fn check_paths(units: &[Unit<'_>]) -> Result<(), WriteError> {
    let mut all = BTreeSet::new();
    for unit in units {
        if !unit.folder.is_empty() && !is_inside(unit.folder) {
            return Err(WriteError::Path(unit.folder.to_owned()));
        }
        for file in &unit.files {
            let path = join(unit.folder, file.path);
            let is_taken = file.path.rsplit('/').next().is_some_and(|name| name == RECORD || is_staging_name(name));
            if !is_inside(file.path) || is_taken || all.contains(&path) {
                return Err(WriteError::Path(path));
            }
            all.insert(path);
        }
    }
    let folders = units.iter().map(|unit| unit.folder).chain(all.iter().map(String::as_str));
    let is_below_file = |path: &str| path.match_indices('/').any(|(end, _)| all.contains(path.part(..end)));
    let mut wrong = folders.filter(|path| is_below_file(path));
    let both = units.iter().map(|unit| unit.folder).find(|folder| all.contains(*folder));
    match wrong.next().or(both) {
        Some(path) => Err(WriteError::Path(path.to_owned())),
        None => Ok(()),
    }
}

/// A new file, looked at once.
pub struct Prepared {
    written: Written,
    /// Its hash.
    raw: String,
}

/// Looks at each file of the units.
pub fn prepare(units: &[Unit<'_>]) -> Result<Vec<Vec<Prepared>>, WriteError> {
    let one = |file: &OutFile<'_>| match file.content {
        Content::Text(text) => Ok(Prepared { written: carry::record(&file.form, text), raw: hash(text.as_bytes()) }),
        Content::Written(write) => {
            let raw = hash_written(write).map_err(refused("make the file", Path::new(file.path)))?;
            Ok(Prepared { written: Written { sha256: raw.clone(), ..Written::default() }, raw })
        }
    };
    units.iter().map(|unit| unit.files.iter().map(one).collect()).collect()
}

impl<'f> Plan<'f> {
    /// The plan for writing `units` to `out`; an error where a person must say what holds.
    pub fn of(
        out: &Path,
        units: &'f [Unit<'f>],
        prepared: &[Vec<Prepared>],
        policy: Policy<'_>,
    ) -> Result<Self, WriteError> {
        let earlier = Record::read(out);
        let mut planner = Planner { out, policy, outcome: Outcome::default(), edited: Vec::new() };
        let mut plans = Vec::new();
        let folders: BTreeSet<&str> =
            units.iter().map(|unit| unit.folder).filter(|folder| !folder.is_empty()).collect();
        let gone: Vec<&String> = earlier.iter().flat_map(|record| &record.units).collect();
        let gone = gone.into_iter().filter(|folder| !folders.contains(&***folder));
        let mut others = folders.clone();
        let mut gone_plans = Vec::new();
        for folder in gone {
            let before = planner.outcome.left.len();
            gone_plans.extend(planner.gone(folder)?);
            // What is left there is still known.
            others.extend((planner.outcome.left.len() > before).then_some(folder.as_str()));
        }
        for (unit, prepared) in units.iter().zip(prepared) {
            let others = if unit.folder.is_empty() { others.clone() } else { BTreeSet::new() };
            plans.push(planner.unit(unit, prepared, &others)?);
        }
        plans.append(&mut gone_plans);
        let Planner { outcome, edited, .. } = planner;
        let plan = Self { outcome, out: out.to_owned(), units: plans };
        if earlier.is_none() && out.is_dir() && !policy.force {
            plan.refuse_foreign(&edited)?;
        }
        if !edited.is_empty() {
            return Err(WriteError::Edited { dir: out.to_owned(), files: edited });
        }
        Ok(plan)
    }

    /// Whether all is as it should be.
    pub fn is_nothing(&self) -> bool {
        !self.units.iter().flat_map(|unit| unit.files.values()).any(|file| file.change.is_change())
    }

    /// Refuses a folder without a record that holds what is not known to be ours.
    fn refuse_foreign(&self, edited: &[Edited]) -> Result<(), WriteError> {
        let mut known = BTreeSet::new();
        for unit in &self.units {
            let kept = unit.files.iter().filter(|(_, file)| !file.edited);
            known.extend(kept.map(|(path, _)| join(&unit.folder, path)));
        }
        for file in edited {
            known.remove(&file.path);
        }
        let mut foreign = Vec::new();
        collect(&self.out, "", &mut foreign).map_err(refused("look into the folder", &self.out))?;
        foreign.retain(|file| !known.contains(file));
        foreign.sort();
        let Some(file) = foreign.first() else { return Ok(()) };
        if has_own_report(&self.out) {
            return Err(WriteError::NoRecord { dir: self.out.clone(), files: edited.to_vec() });
        }
        Err(WriteError::Foreign { dir: self.out.clone(), file: file.clone(), more: foreign.len() - 1 })
    }
}

/// Whether a file that is not as it was written may still be what a person made of ours, and not somebody's work at its
/// place, which a record that is wrong must not remove.
fn reads_as_ours(name: &str, found: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(found) else { return false };
    let kind = name.rsplit_once('.').map(|(_, kind)| kind);
    if kind == Some("toml") {
        return Document::read(text).is_ok_and(|file| file.blocks.iter().any(|block| block.header.is_some()));
    }
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty()).peekable();
    kind == Some("properties")
        && lines.peek().is_some()
        && lines.all(|line| line.starts_with('#') || line.contains('='))
}

/// The files below `dir`. A link is a file here: nothing is looked for behind it.
fn collect(dir: &Path, prefix: &str, found: &mut Vec<String>) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let name = entry.file_name();
        let path = format!("{prefix}{}", name.to_string_lossy());
        if !entry.file_type()?.is_dir() {
            found.push(path);
        } else if !(prefix.is_empty() && is_staging_name(&name.to_string_lossy())) {
            collect(&entry.path(), &format!("{path}/"), found)?;
        }
    }
    Ok(())
}

/// The folders above a file or folder, below the one that its path starts from, innermost first; that one (empty) last.
fn folders_above(path: &str) -> impl Iterator<Item = &str> {
    path.rmatch_indices('/').map(|(end, _)| path.part(..end)).chain([""])
}

/// From what would be written to what is `there`.
fn difference(file: &OutFile<'_>, carried: Option<&Carried>, there: &Path) -> String {
    /// A file longer than this is not compared line by line.
    const LONGEST: u64 = 2 * 1024 * 1024;
    let is_long = fs::metadata(there).is_ok_and(|about| about.len() > LONGEST);
    let new = match (carried, file.content) {
        (Some(carried), _) => Ok(carried.text.clone()),
        (None, Content::Text(text)) => Ok(text.to_owned()),
        (None, Content::Written(write)) if !is_long => {
            let mut bytes = Vec::new();
            write(&mut bytes).map(|()| String::from_utf8_lossy(&bytes).into_owned())
        }
        _ => Ok(String::new()),
    };
    match (new, fs::read(there)) {
        (Ok(new), Ok(found)) if !is_long => diff::masked(&file.form, &new, &found),
        _ => "    (too long to be compared)\n".to_owned(),
    }
}

struct Planner<'p> {
    out: &'p Path,
    policy: Policy<'p>,
    outcome: Outcome,
    edited: Vec<Edited>,
}

/// What lies where a file is to be.
enum Found {
    Nothing,
    File(PathBuf),
    Other(PathBuf, &'static str),
}

impl Planner<'_> {
    fn unit<'f>(
        &mut self,
        unit: &'f Unit<'f>,
        prepared: &[Prepared],
        others: &BTreeSet<&str>,
    ) -> Result<UnitPlan<'f>, WriteError> {
        let folder = self.out.join(unit.folder);
        let earlier = Record::read(&folder);
        let before = earlier.clone().unwrap_or_default();
        let mut record = Record::new();
        record.target = unit.target;
        record.units = others.iter().map(|folder| (*folder).to_owned()).collect();
        let mut files = BTreeMap::new();
        for (file, prepared) in unit.files.iter().zip(prepared) {
            let path = join(unit.folder, file.path);
            let (planned, written) = self.file(&path, file, prepared, before.files.get(file.path))?;
            if let Some(written) = written {
                record.files.insert(file.path.to_owned(), written);
            }
            files.insert(file.path.to_owned(), planned);
        }
        self.remove_stale(unit.folder, &before, &mut record, &mut files)?;
        let live =
            files.iter().filter(|(_, file)| !matches!(file.change, Change::Remove)).map(|(path, _)| path.as_str());
        let left = record.left.clone();
        let live = live.chain(left.iter().map(String::as_str));
        let used: BTreeSet<&str> = live.chain(others.iter().copied()).flat_map(folders_above).chain([""]).collect();
        let is_ours = |below: &str| before.folders.contains(below) || fs::symlink_metadata(folder.join(below)).is_err();
        record.folders = used.iter().filter(|below| is_ours(below)).map(|below| (*below).to_owned()).collect();
        let empty = before.folders.iter().filter(|below| !used.contains(&***below));
        let empty = empty.map(|below| join(unit.folder, below)).rev().collect();
        self.record(unit.folder, &record, earlier.is_some(), &mut files)?;
        Ok(UnitPlan { folder: unit.folder.to_owned(), files, empty })
    }

    /// A unit that the output has no more.
    fn gone<'f>(&mut self, folder: &str) -> Result<Option<UnitPlan<'f>>, WriteError> {
        let Some(before) = Record::read(&self.out.join(folder)) else { return Ok(None) };
        let mut files = BTreeMap::new();
        let mut record = before.clone();
        record.files.clear();
        record.left.clear();
        self.remove_stale(folder, &before, &mut record, &mut files)?;
        if !record.left.is_empty() {
            self.record(folder, &record, true, &mut files)?;
        } else if let Found::File(path) = self.look(&join(folder, RECORD)) {
            let found = hash_file(&path).map_err(refused("read the file", &path))?;
            files.insert(RECORD.to_owned(), Planned { found: Some(found), change: Change::Remove, edited: false });
        }
        let empty = before.folders.iter().rev().map(|below| join(folder, below)).collect();
        Ok(Some(UnitPlan { folder: folder.to_owned(), files, empty }))
    }

    fn file<'f>(
        &mut self,
        path: &str,
        file: &OutFile<'f>,
        prepared: &Prepared,
        before: Option<&Written>,
    ) -> Result<(Planned<'f>, Option<Written>), WriteError> {
        let there = match self.look(path) {
            Found::Other(path, what) => return Err(WriteError::Occupied { path, what }),
            Found::Nothing => None,
            Found::File(there) => Some(there),
        };
        let written = prepared.written.clone();
        let new = |body: Body<'f>, hash: String| Change::Write { body, hash, secret: file.secret };
        let (text, whole) = match file.content {
            Content::Written(write) => (None, Body::Written(write)),
            Content::Text(text) => (Some(text), Body::Text(Cow::Borrowed(text))),
        };
        let whole = new(whole, prepared.raw.clone());
        let Some(there) = there else {
            self.outcome.written += 1;
            return Ok((Planned { found: None, change: whole, edited: false }, Some(written)));
        };
        let (found, bytes) = if matches!(file.form, Form::Plain) {
            (hash_file(&there).map_err(refused("read the file", &there))?, None)
        } else {
            let bytes = fs::read(&there).map_err(refused("read the file", &there))?;
            (hash(&bytes), Some(bytes))
        };
        let keep = |found: String, edited: bool| Planned { found: Some(found), change: Change::Keep, edited };
        let (is_ours, carried) = if let (Some(bytes), Some(text)) = (&bytes, text) {
            let ours = before.is_some_and(|before| carry::is_as_written(before, bytes));
            // What is just what is to be written is ours, whoever wrote it.
            let same = carry::is_as_written(&written, bytes);
            let before = before.filter(|_| ours || !same);
            let carried = carry::carry(before, bytes, &written, text);
            ((ours || same) && !carried.conflict, Some(carried))
        } else {
            let known = [Some(&written), before];
            let same = known.into_iter().flatten().any(|known| known.sha256 == found);
            let read = || fs::read(&there).map_err(refused("read the file", &there));
            let saved = before.filter(|_| !same).map(|before| Ok(carry::is_as_written(before, &read()?)));
            (same || saved.transpose()?.unwrap_or(false), None)
        };
        let change = match &carried {
            Some(Carried { text, .. }) => new(Body::Text(Cow::Owned(text.clone())), hash(text.as_bytes())),
            None => whole,
        };
        let same = matches!(&change, Change::Write { hash, .. } if *hash == found);
        if !is_ours && !same && !self.policy.force {
            if self.policy.keep_edited {
                self.outcome.kept.push(path.to_owned());
            } else {
                let diff = difference(file, carried.as_ref(), &there);
                self.edited.push(Edited { path: path.to_owned(), diff });
            }
            return Ok((keep(found, true), before.cloned()));
        }
        if let Some(carried) = &carried {
            self.outcome.values += carried.values;
            self.outcome.ticks += carried.ticks;
            self.outcome.ticks_gone += carried.gone;
        }
        if same {
            return Ok((keep(found, false), Some(written)));
        }
        self.outcome.written += 1;
        Ok((Planned { found: Some(found), change, edited: false }, Some(written)))
    }

    /// Files that the record knows and the output has no more: they go, unless a person changed or filled them in. What
    /// stays is noted in the new record, so that each run tells of it.
    fn remove_stale(
        &mut self,
        folder: &str,
        before: &Record,
        record: &mut Record,
        files: &mut BTreeMap<String, Planned<'_>>,
    ) -> Result<(), WriteError> {
        for (name, written) in &before.files {
            let path = join(folder, name);
            if files.contains_key(name) || !is_our_form(&path) {
                continue;
            }
            // What is no file is none of ours.
            let Found::File(there) = self.look(&path) else { continue };
            let bytes = fs::read(&there).map_err(refused("read the file", &there))?;
            let untouched = carry::is_as_written(written, &bytes) && !carry::is_filled(written, &bytes);
            if untouched || self.policy.force && reads_as_ours(name, &bytes) {
                let found = Some(hash(&bytes));
                files.insert(name.clone(), Planned { found, change: Change::Remove, edited: false });
                self.outcome.removed.push(path);
            } else if self.policy.keep_edited || before.left.contains(name) {
                record.files.insert(name.clone(), written.clone());
                record.left.insert(name.clone());
                self.outcome.left.push(path);
            } else {
                let diff = "    (changed or filled in by hand, and not part of the output any more: --keep-edited leaves it, \
                            --force removes it)\n";
                self.edited.push(Edited { path, diff: diff.to_owned() });
            }
        }
        Ok(())
    }

    fn record(
        &mut self,
        folder: &str,
        record: &Record,
        is_ours: bool,
        files: &mut BTreeMap<String, Planned<'_>>,
    ) -> Result<(), WriteError> {
        let path = join(folder, RECORD);
        let text = record.text();
        let new = hash(text.as_bytes());
        let found = match self.look(&path) {
            Found::Other(path, what) => return Err(WriteError::Occupied { path, what }),
            Found::Nothing => None,
            Found::File(there) => Some(hash_file(&there).map_err(refused("read the file", &there))?),
        };
        let change = if found.as_ref() == Some(&new) {
            Change::Keep
        } else {
            Change::Write { body: Body::Text(Cow::Owned(text)), hash: new, secret: true }
        };
        if change.is_change() && found.is_some() && !is_ours && !self.policy.force {
            let diff = "    (it is no record of this tool: what was written cannot be known)\n";
            self.edited.push(Edited { path, diff: diff.to_owned() });
        }
        files.insert(RECORD.to_owned(), Planned { found, change, edited: false });
        Ok(())
    }

    fn look(&self, path: &str) -> Found {
        for folder in folders_above(path).filter(|folder| !folder.is_empty()) {
            let folder = self.out.join(folder);
            match fs::symlink_metadata(&folder) {
                Ok(about) if about.is_symlink() => {
                    return Found::Other(folder, "is a link, through which nothing is written");
                }
                Ok(about) if !about.is_dir() => return Found::Other(folder, "is no folder"),
                _ => {}
            }
        }
        let there = self.out.join(path);
        match fs::symlink_metadata(&there) {
            Ok(about) if about.is_file() => Found::File(there),
            Ok(about) if about.is_symlink() => Found::Other(there, "is a link, through which nothing is written"),
            Ok(_) => Found::Other(there, "is no file"),
            Err(_) => Found::Nothing,
        }
    }
}
