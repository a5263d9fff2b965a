//! Puts staged files and folders in place, one step after the other, so that what was begun can always be finished or
//! undone: a journal in the staging folder lists the steps before the first one is taken, and what lies where tells which
//! of them are done. A step moves a whole file or folder by renaming; nothing is ever copied over something.
//!
//! A folder that holds nothing but our own files is exchanged as one, so that at every moment the earlier or the new output
//! is there. In a folder with other things in it our files are exchanged one by one and the others are not touched at all.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::disk::Disk;
use super::record::{hash_file, is_inside, is_our_form, read_small};
use super::staging::{self, Staging};

/// What was begun.
const JOURNAL: &str = "journal";
/// The same, once it is to be undone.
const UNDO: &str = "undo";
/// The mounts below the output folder in which something is put in place: each has a staging folder of its own.
const MOUNTS: &str = "mounts";
/// Where what is to be put in place lies, each step's under its number.
const NEW: &str = "new";
/// Where what was taken away lies.
const OLD: &str = "old";

/// The files of a file or folder by their path in it (empty: the file itself), with their hashes.
pub type Tree = BTreeMap<String, String>;

/// What cannot be one of our files, in a tree.
const FOREIGN: &str = "foreign";

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Puts something where nothing is.
    Put,
    /// Puts something in the place of an earlier one.
    Replace,
    /// Takes something away.
    Remove,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What it does.
    pub kind: Kind,
    /// The path below the output folder; empty for that folder itself.
    pub at: String,
    /// What is there before.
    pub old: Tree,
    /// What is there behind it.
    pub new: Tree,
}

/// The steps of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Journal {
    /// In the order in which they are taken.
    pub steps: Vec<Step>,
    /// Folders of ours that go if they are empty then, innermost first.
    pub empty: Vec<String>,
}

/// Where a step stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Ahead,
    Half,
    Done,
    /// Someone else was here: nothing is touched.
    Strange,
}

/// What became of an interrupted run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Recovered {
    /// It had not begun to put files in place: what it had staged is removed.
    Removed,
    /// All of its files are in place now.
    Finished,
    /// The earlier files are in place again.
    Undone,
}

/// An output folder and the staging folder for it.
pub struct Swap<'d> {
    /// The file system.
    pub disk: &'d dyn Disk,
    /// The output folder.
    pub out: PathBuf,
    /// The staging folder.
    pub staging: PathBuf,
    /// Folders below the output folder where something is mounted. A step that puts something in place in one of them has
    /// it staged there, since nothing can be moved out of a mount or into it.
    pub mounts: BTreeSet<String>,
}

impl Swap<'_> {
    /// Where the content of the step with this number is staged, if its place is `at`.
    pub fn staged(&self, number: usize, at: &str) -> PathBuf {
        self.area(at).join(NEW).join(number.to_string())
    }

    fn backup(&self, number: usize, at: &str) -> PathBuf {
        self.area(at).join(OLD).join(number.to_string())
    }

    /// The staging folder from which something can be moved to `at`.
    fn area(&self, at: &str) -> PathBuf {
        let holds = |mount: &&String| at.strip_prefix(mount.as_str()).is_some_and(|inner| inner.starts_with('/'));
        match self.mounts.iter().filter(holds).max_by_key(|mount| mount.len()) {
            Some(mount) => staging::in_mount(&self.out.join(mount)),
            None => self.staging.clone(),
        }
    }

    /// The staging folders, the one with the journal last.
    fn areas(&self) -> Vec<PathBuf> {
        let inner = self.mounts.iter().map(|mount| staging::in_mount(&self.out.join(mount)));
        inner.chain([self.staging.clone()]).collect()
    }

    /// Notes the mounts before anything is staged in one, so that the next run finds it there.
    pub fn note_mounts(&self) -> io::Result<()> {
        if self.mounts.is_empty() {
            return Ok(());
        }
        let text = serde_json::to_vec(&self.mounts)?;
        self.disk.write(&self.staging.join(MOUNTS), true, &|out| out.write_all(&text))
    }

    /// The mounts that an earlier run noted. A note that cannot be read was not finished: nothing is staged by it.
    pub fn noted_mounts(&self) -> BTreeSet<String> {
        let text = read_small(&self.staging.join(MOUNTS)).unwrap_or_default();
        let mounts: BTreeSet<String> = serde_json::from_slice(&text).unwrap_or_default();
        if mounts.iter().all(|mount| is_inside(mount)) { mounts } else { BTreeSet::new() }
    }

    /// Makes the folders for what is put in place.
    pub fn make_folders(&self) -> io::Result<()> {
        self.areas().iter().try_for_each(|area| self.disk.make_folder(&area.join(NEW)))
    }

    /// Leaves the staging folders in mounts, which are empty by now; the note of them goes last.
    pub fn leave(&self, held: Vec<Staging>) {
        for staging in held {
            staging.remove(self.disk);
        }
        let inner = self.mounts.iter().map(|mount| staging::in_mount(&self.out.join(mount)));
        if inner.into_iter().all(|area| fs::symlink_metadata(area).is_err()) {
            let _ = gone(self.disk.remove_file(&self.staging.join(MOUNTS)));
        }
    }

    /// Whether steps were begun that are neither all taken nor undone.
    pub fn is_begun(&self) -> bool {
        self.is_forward() || fs::symlink_metadata(self.staging.join(UNDO)).is_ok()
    }

    /// Whether what was begun is to be finished.
    pub fn is_forward(&self) -> bool {
        fs::symlink_metadata(self.staging.join(JOURNAL)).is_ok()
    }

    fn target(&self, step: &Step) -> PathBuf {
        if step.at.is_empty() { self.out.clone() } else { self.out.join(&step.at) }
    }

    /// Takes all steps, whose content is staged. On an error all is undone as far as that can be, and the next run
    /// does the rest.
    pub fn run(&self, journal: &Journal) -> io::Result<()> {
        let text = serde_json::to_vec(journal)?;
        for area in self.areas() {
            self.disk.make_folder(&area.join(OLD))?;
        }
        let draft = self.staging.join("journal.new");
        self.disk.write(&draft, true, &|out| out.write_all(&text))?;
        for area in self.areas() {
            self.disk.sync(&area)?;
        }
        self.disk.rename(&draft, &self.staging.join(JOURNAL))?;
        for (number, step) in journal.steps.iter().enumerate() {
            let taken = match self.state(number, step) {
                State::Ahead => self.take(number, step),
                _ => Err(io::Error::other("it was changed while this ran")),
            };
            if let Err(error) = taken {
                // Where this cannot be marked it is undone all the same.
                let _ = self.disk.rename(&self.staging.join(JOURNAL), &self.staging.join(UNDO));
                let _ = self.undo(journal).and_then(|()| self.clear(journal));
                return Err(error);
            }
        }
        // The output stands: what is left in the staging folder, the next run removes.
        self.drop_empty(journal);
        let _ = self.clear(journal);
        Ok(())
    }

    /// Finishes or undoes what an interrupted run left here.
    pub fn recover(&self) -> io::Result<Recovered> {
        let read = |name: &str| read_small(&self.staging.join(name));
        let parse = |text: Vec<u8>| {
            let journal: Option<Journal> = serde_json::from_slice(&text).ok();
            journal.filter(Journal::is_sound).ok_or_else(|| io::Error::other("its journal cannot be read"))
        };
        if let Some(text) = read(UNDO) {
            let journal = parse(text)?;
            self.undo(&journal)?;
            self.clear(&journal)?;
            return Ok(Recovered::Undone);
        }
        let Some(text) = read(JOURNAL) else {
            // Nothing of the output was touched: all that is here was staged.
            for area in self.areas() {
                self.remove_all(&area.join(NEW), &|_| true)?;
            }
            self.clear(&Journal::default())?;
            return Ok(Recovered::Removed);
        };
        let journal = parse(text)?;
        if let Err(error) = self.finish(&journal) {
            self.disk.rename(&self.staging.join(JOURNAL), &self.staging.join(UNDO)).map_err(|_| error)?;
            self.undo(&journal)?;
            self.clear(&journal)?;
            return Ok(Recovered::Undone);
        }
        self.drop_empty(&journal);
        self.clear(&journal)?;
        Ok(Recovered::Finished)
    }

    fn state(&self, number: usize, step: &Step) -> State {
        let there = tree(&self.target(step));
        let staged = || tree(&self.staged(number, &step.at)).as_ref() == Some(&step.new);
        let backed_up = || tree(&self.backup(number, &step.at)).as_ref() == Some(&step.old);
        match (step.kind, there) {
            (Kind::Remove, None) => State::Done,
            (Kind::Remove, Some(there)) if there == step.old => State::Ahead,
            (Kind::Put | Kind::Replace, Some(there)) if there == step.new => State::Done,
            (Kind::Put, None) if staged() => State::Ahead,
            (Kind::Replace, Some(there)) if there == step.old && staged() => State::Ahead,
            (Kind::Replace, None) if backed_up() && staged() => State::Half,
            _ => State::Strange,
        }
    }

    fn places(&self, number: usize, step: &Step) -> (PathBuf, PathBuf, PathBuf) {
        (self.target(step), self.staged(number, &step.at), self.backup(number, &step.at))
    }

    fn take(&self, number: usize, step: &Step) -> io::Result<()> {
        let (target, staged, backup) = self.places(number, step);
        match step.kind {
            Kind::Put => self.disk.rename(&staged, &target),
            Kind::Remove => self.disk.rename(&target, &backup),
            Kind::Replace => match self.disk.exchange(&staged, &target) {
                Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                    self.disk.rename(&target, &backup)?;
                    self.disk.rename(&staged, &target)
                }
                other => other,
            },
        }
    }

    fn finish(&self, journal: &Journal) -> io::Result<()> {
        for (number, step) in journal.steps.iter().enumerate() {
            match self.state(number, step) {
                State::Ahead => self.take(number, step)?,
                State::Half => self.disk.rename(&self.staged(number, &step.at), &self.target(step))?,
                State::Done | State::Strange => {}
            }
        }
        Ok(())
    }

    fn undo(&self, journal: &Journal) -> io::Result<()> {
        for (number, step) in journal.steps.iter().enumerate().rev() {
            let (target, staged, backup) = self.places(number, step);
            let is_old = |path: &Path| tree(path).as_ref() == Some(&step.old);
            match (self.state(number, step), step.kind) {
                (State::Done, Kind::Put) if tree(&staged).is_none() => self.disk.rename(&target, &staged)?,
                (State::Done, Kind::Remove) if is_old(&backup) => self.disk.rename(&backup, &target)?,
                (State::Done, Kind::Replace) if is_old(&staged) => self.disk.exchange(&staged, &target)?,
                (State::Done, Kind::Replace) if is_old(&backup) => {
                    self.disk.rename(&target, &staged)?;
                    self.disk.rename(&backup, &target)?;
                }
                (State::Half, _) => self.disk.rename(&backup, &target)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Removes folders of ours in which nothing is left.
    fn drop_empty(&self, journal: &Journal) {
        for folder in &journal.empty {
            let _ = self.disk.remove_folder(&self.out.join(folder));
        }
    }

    /// Empties the staging folders, but for their locks: of what was taken away, only what is ours is removed; what someone put
    /// there meanwhile goes back.
    fn clear(&self, journal: &Journal) -> io::Result<()> {
        for (number, step) in journal.steps.iter().enumerate() {
            for place in [self.staged(number, &step.at), self.backup(number, &step.at)] {
                let ours = |path: &str| {
                    let found = || hash_file(&if path.is_empty() { place.clone() } else { place.join(path) }).ok();
                    let known = [step.old.get(path), step.new.get(path)];
                    known.iter().any(Option::is_some) && found().is_some_and(|hash| known.contains(&Some(&hash)))
                };
                self.remove_all(&place, &ours)?;
                self.give_back(&place, &self.target(step))?;
            }
        }
        for name in [JOURNAL, UNDO, "journal.new"] {
            // Only once nothing is left that it tells of.
            if name == JOURNAL {
                for area in self.areas() {
                    for folder in [NEW, OLD] {
                        gone(self.disk.remove_folder(&area.join(folder)))?;
                    }
                }
            }
            gone(self.disk.remove_file(&self.staging.join(name)))?;
        }
        Ok(())
    }

    /// Removes the files below `place` that `ours` says are, and the folders that are empty then.
    fn remove_all(&self, place: &Path, ours: &dyn Fn(&str) -> bool) -> io::Result<()> {
        self.remove_below(place, "", ours)
    }

    fn remove_below(&self, path: &Path, name: &str, ours: &dyn Fn(&str) -> bool) -> io::Result<()> {
        let Ok(about) = fs::symlink_metadata(path) else { return Ok(()) };
        if !about.is_dir() {
            return if about.is_file() && ours(name) { self.disk.remove_file(path) } else { Ok(()) };
        }
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let file = entry.file_name();
            // A name that is no text is none of ours.
            let Some(file) = file.to_str() else { continue };
            let below = if name.is_empty() { file.to_owned() } else { format!("{name}/{file}") };
            self.remove_below(&entry.path(), &below, ours)?;
        }
        match fs::read_dir(path)?.next() {
            None => self.disk.remove_folder(path),
            Some(_) => Ok(()),
        }
    }

    /// Moves what is left at `from` to where it was.
    fn give_back(&self, from: &Path, to: &Path) -> io::Result<()> {
        let Ok(about) = fs::symlink_metadata(from) else { return Ok(()) };
        let free = fs::symlink_metadata(to).is_err();
        if free {
            return self.disk.rename(from, to);
        }
        if !about.is_dir() || !fs::symlink_metadata(to)?.is_dir() {
            return Err(io::Error::other(format!("{} is kept: its place is taken", from.display())));
        }
        for entry in fs::read_dir(from)? {
            let name = entry?.file_name();
            self.give_back(&from.join(&name), &to.join(&name))?;
        }
        self.disk.remove_folder(from)
    }
}

impl Journal {
    /// Whether it speaks of files below the output folder that can be ours, and of nothing else.
    fn is_sound(&self) -> bool {
        let files = self.steps.iter().flat_map(|step| {
            step.old.keys().chain(step.new.keys()).map(move |name| match (step.at.is_empty(), name.is_empty()) {
                (true, _) => name.clone(),
                (_, true) => step.at.clone(),
                _ => format!("{}/{name}", step.at),
            })
        });
        files.into_iter().all(|path| is_inside(&path) && is_our_form(&path))
            && self.empty.iter().all(|folder| is_inside(folder))
            && self.steps.iter().all(|step| step.at.is_empty() || is_inside(&step.at))
    }
}

/// Whether there was nothing to be removed, or it is removed.
fn gone(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// What lies at `path`; none if nothing does. Links are followed nowhere.
fn tree(path: &Path) -> Option<Tree> {
    fn walk(path: &Path, name: &str, tree: &mut Tree) -> io::Result<()> {
        let about = fs::symlink_metadata(path)?;
        if about.is_dir() {
            for entry in fs::read_dir(path)? {
                let file = entry?.file_name();
                let below = file.to_string_lossy();
                let below = if name.is_empty() { below.into_owned() } else { format!("{name}/{below}") };
                walk(&path.join(&file), &below, tree)?;
            }
        } else {
            let hash = if about.is_file() { hash_file(path)? } else { FOREIGN.to_owned() };
            tree.insert(name.to_owned(), hash);
        }
        Ok(())
    }
    fs::symlink_metadata(path).ok()?;
    let mut found = Tree::new();
    if walk(path, "", &mut found).is_err() {
        found.insert(String::new(), FOREIGN.to_owned());
    }
    Some(found)
}
