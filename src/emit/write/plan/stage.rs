//! From a plan to the steps of the swap, with what they put in place staged.

use crate::text::Parts as _;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use super::{Body, Change, Plan, Planned, UnitPlan, folders_above, join};
use crate::emit::write::disk::Disk;
use crate::emit::write::staging::Place;
use crate::emit::write::swap::{Journal, Kind, Step, Swap, Tree};
use crate::emit::write::{Policy, WriteError, is_stopped, refused};

struct Stager<'s> {
    swap: &'s Swap<'s>,
    policy: Policy<'s>,
    /// The output folder itself can be exchanged.
    whole: bool,
    /// Folders below it can be.
    folders: bool,
    steps: Vec<Step>,
    /// Folders that are there once the steps so far are taken.
    made: BTreeSet<String>,
}

impl Plan<'_> {
    /// The folders below the output folder that are mounts and in which something changes.
    ///
    /// # Errors
    /// If a file that changes is a mount itself: nothing can take its place.
    pub fn mounts(&self, disk: &dyn Disk) -> Result<BTreeSet<String>, WriteError> {
        let files = self.units.iter().flat_map(|unit| {
            let changed = unit.files.iter().filter(|(_, file)| file.change.is_change());
            changed.map(|(path, file)| (join(&unit.folder, path), file))
        });
        let mut folders: BTreeSet<String> = BTreeSet::new();
        for (path, file) in files {
            if file.found.is_some() && disk.is_mount(&self.out.join(&path)) {
                return Err(WriteError::Mounted(self.out.join(path)));
            }
            folders.extend(folders_above(&path).filter(|folder| !folder.is_empty()).map(str::to_owned));
        }
        folders.retain(|folder| disk.is_mount(&self.out.join(folder)));
        Ok(folders)
    }

    /// Stages what is new, and gives the steps that put it in place; with `by_file` no folder takes another's place.
    pub fn stage(
        &self,
        swap: &Swap<'_>,
        place: Place,
        by_file: bool,
        policy: Policy<'_>,
    ) -> Result<Journal, WriteError> {
        swap.make_folders().map_err(refused("write to the folder", &swap.staging))?;
        let whole = place == Place::Beside && self.units.len() == 1;
        let mut stager = Stager { swap, policy, whole, folders: !by_file, steps: Vec::new(), made: BTreeSet::new() };
        if self.out.is_dir() {
            for unit in &self.units {
                stager.unit(unit)?;
            }
        } else {
            let all = self
                .units
                .iter()
                .flat_map(|unit| unit.files.iter().map(|(path, file)| (join(&unit.folder, path), file)));
            stager.put("", &all.collect())?;
        }
        if is_stopped(policy) {
            return Err(WriteError::Stopped);
        }
        let mut empty: Vec<String> = self.units.iter().flat_map(|unit| unit.empty.iter().cloned()).collect();
        empty.retain(|folder| !folder.is_empty());
        empty.sort_by(|one, other| other.cmp(one));
        Ok(Journal { steps: stager.steps, empty })
    }
}

impl Stager<'_> {
    fn unit(&mut self, unit: &UnitPlan<'_>) -> Result<(), WriteError> {
        if !unit.folder.is_empty() {
            let mut above: Vec<&str> = folders_above(&unit.folder).filter(|folder| !folder.is_empty()).collect();
            above.reverse();
            above.push(&unit.folder);
            let missing = above.into_iter().find(|folder| !self.is_there(folder));
            if let Some(missing) = missing {
                let missing = missing.to_owned();
                return self.put_below(unit, &missing, "");
            }
        }
        self.folder(unit, "")
    }

    fn is_there(&self, folder: &str) -> bool {
        self.made.contains(folder) || fs::symlink_metadata(self.swap.out.join(folder)).is_ok()
    }

    /// Puts the files of `unit` below its folder `within` in place by putting the folder `at`, which is missing.
    fn put_below(&mut self, unit: &UnitPlan<'_>, at: &str, within: &str) -> Result<(), WriteError> {
        let files = below(unit, within).map(|(path, file)| (join(&unit.folder, path), file));
        let inner = |path: String| path.strip_prefix(at).unwrap_or(&path).trim_start_matches('/').to_owned();
        let files: BTreeMap<String, &Planned<'_>> = files.map(|(path, file)| (inner(path), file)).collect();
        for path in files.keys() {
            self.made.extend(folders_above(path).map(|folder| join(at, folder)));
        }
        self.put(at, &files)
    }

    /// The steps for the unit's folder `within`, which is there.
    fn folder(&mut self, unit: &UnitPlan<'_>, within: &str) -> Result<(), WriteError> {
        let changes = below(unit, within).filter(|(_, file)| file.change.is_change()).count();
        let at = join(&unit.folder, within);
        if changes == 0 {
            return Ok(());
        }
        let exchanges = self.folders && changes > 1 && (!at.is_empty() || self.whole) && self.is_all_ours(unit, within);
        if exchanges {
            let inner = |path: &str| path.strip_prefix(within).unwrap_or(path).trim_start_matches('/').to_owned();
            let files: BTreeMap<String, &Planned<'_>> =
                below(unit, within).map(|(path, file)| (inner(path), file)).collect();
            return self.exchange(&at, &files);
        }
        let mut folders = BTreeSet::new();
        for (path, file) in below(unit, within) {
            let inner = if within.is_empty() { path } else { path.part(within.len() + 1..) };
            match inner.split_once('/') {
                Some((folder, _)) => {
                    folders.insert(join(within, folder));
                }
                None => self.file(&join(&unit.folder, path), file)?,
            }
        }
        for folder in folders {
            let at = join(&unit.folder, &folder);
            if self.is_there(&at) {
                self.folder(unit, &folder)?;
            } else {
                self.put_below(unit, &at, &folder)?;
            }
        }
        Ok(())
    }

    fn file(&mut self, at: &str, file: &Planned<'_>) -> Result<(), WriteError> {
        let own = |hash: &String| Tree::from([(String::new(), hash.clone())]);
        let old = file.found.iter().map(own).next().unwrap_or_default();
        let (kind, new) = match &file.change {
            Change::Keep => return Ok(()),
            Change::Remove => (Kind::Remove, Tree::new()),
            Change::Write { hash, .. } => {
                self.write(&self.swap.staged(self.steps.len(), at), at, file)?;
                (if file.found.is_some() { Kind::Replace } else { Kind::Put }, own(hash))
            }
        };
        self.steps.push(Step { kind, at: at.to_owned(), old, new });
        Ok(())
    }

    /// Puts a folder with these files where none is.
    fn put(&mut self, at: &str, files: &BTreeMap<String, &Planned<'_>>) -> Result<(), WriteError> {
        let new = self.tree(at, files)?;
        if !new.is_empty() {
            self.steps.push(Step { kind: Kind::Put, at: at.to_owned(), old: Tree::new(), new });
        }
        Ok(())
    }

    /// Puts a folder with these files in the place of the one that is there; takes it away if it has none any more.
    fn exchange(&mut self, at: &str, files: &BTreeMap<String, &Planned<'_>>) -> Result<(), WriteError> {
        let found = files.iter().filter_map(|(path, file)| Some((path.clone(), file.found.clone()?)));
        let old: Tree = found.collect();
        if files.values().all(|file| matches!(file.change, Change::Remove)) {
            self.steps.push(Step { kind: Kind::Remove, at: at.to_owned(), old, new: Tree::new() });
            return Ok(());
        }
        let number = self.steps.len();
        let new = self.tree(at, files)?;
        // Folders have the mode that theirs have now; innermost first, since one may be closed then.
        let staged = self.swap.staged(number, at);
        let folders: BTreeSet<&str> = new.keys().flat_map(|path| folders_above(path)).collect();
        for folder in folders.iter().rev() {
            let path = self.swap.out.join(at).join(folder);
            if let Ok(about) = fs::symlink_metadata(&path) {
                let set = self.swap.disk.set_like(&staged.join(folder), &about, false);
                set.map_err(refused("set the mode of the folder", &path))?;
            }
        }
        self.steps.push(Step { kind: Kind::Replace, at: at.to_owned(), old, new });
        Ok(())
    }

    /// Stages a folder with these files for the next step.
    fn tree(&self, at: &str, files: &BTreeMap<String, &Planned<'_>>) -> Result<Tree, WriteError> {
        let staged = self.swap.staged(self.steps.len(), at);
        let mut tree = Tree::new();
        let mut made = BTreeSet::new();
        for (path, file) in files {
            let ((Change::Write { hash, .. }, _) | (Change::Keep, Some(hash))) = (&file.change, &file.found) else {
                continue;
            };
            let mut above: Vec<&str> = folders_above(path).collect();
            above.reverse();
            for folder in above {
                if made.insert(folder) {
                    let folder = if folder.is_empty() { staged.clone() } else { staged.join(folder) };
                    self.swap.disk.make_folder(&folder).map_err(refused("make the folder", &folder))?;
                }
            }
            self.write(&staged.join(path), &join(at, path), file)?;
            tree.insert(path.clone(), hash.clone());
        }
        Ok(tree)
    }

    /// Stages the file whose place below the output folder is `at`.
    fn write(&self, staged: &Path, at: &str, file: &Planned<'_>) -> Result<(), WriteError> {
        if is_stopped(self.policy) {
            return Err(WriteError::Stopped);
        }
        let there = self.swap.out.join(at);
        let disk = self.swap.disk;
        let written = match &file.change {
            Change::Write { body: Body::Text(text), secret, .. } => {
                disk.write(staged, *secret, &|out| out.write_all(text.as_bytes()))
            }
            Change::Write { body: Body::Written(write), secret, .. } => disk.write(staged, *secret, *write),
            // It stays the same file, with its time and all.
            _ => disk.link(&there, staged),
        };
        written.map_err(refused("write the file", Path::new(at)))?;
        if let (Change::Write { secret, .. }, Ok(about)) = (&file.change, fs::symlink_metadata(&there))
            && about.is_file()
        {
            disk.set_like(staged, &about, *secret).map_err(refused("set the mode of the file", &there))?;
        }
        Ok(())
    }

    /// Whether the unit's folder `within` holds our files as they were written, and nothing else, so that another folder may
    /// take its place.
    fn is_all_ours(&self, unit: &UnitPlan<'_>, within: &str) -> bool {
        let path = self.swap.out.join(join(&unit.folder, within));
        let Ok(staging) = fs::symlink_metadata(&self.swap.staging) else { return false };
        // Who works in a folder would be left in one that is gone.
        if std::env::current_dir().is_ok_and(|here| here.starts_with(&path)) {
            return false;
        }
        is_all_ours(self.swap.disk, unit, within, &path, &staging).unwrap_or(false)
    }
}

fn is_all_ours(
    disk: &dyn Disk,
    unit: &UnitPlan<'_>,
    within: &str,
    path: &Path,
    staging: &fs::Metadata,
) -> io::Result<bool> {
    let about = fs::symlink_metadata(path)?;
    // What is mounted would go along, and could not come back.
    if disk.is_mount(path)
        || !about.is_dir()
        || !has_owner_of(&about, staging)
        || has_more(path)
        || below(unit, within).next().is_none()
    {
        return Ok(false);
    }
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { return Ok(false) };
        let inner = join(within, &name);
        let ours = if entry.file_type()?.is_dir() {
            is_all_ours(disk, unit, &inner, &entry.path(), staging)?
        } else {
            let known = unit.files.get(&inner).is_some_and(|file| file.found.is_some() && !file.edited);
            known && !disk.is_mount(&entry.path())
        };
        if !ours {
            return Ok(false);
        }
    }
    Ok(true)
}

#[cfg(unix)]
fn has_owner_of(about: &fs::Metadata, staging: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (about.uid(), about.gid()) == (staging.uid(), staging.gid()) && about.mode() & 0o300 == 0o300
}

#[cfg(not(unix))]
fn has_owner_of(about: &fs::Metadata, _staging: &fs::Metadata) -> bool {
    !about.permissions().readonly()
}

/// Whether a folder has attributes that another one in its place would lack, such as a list of who may do what.
#[cfg(target_os = "linux")]
fn has_more(path: &Path) -> bool {
    let mut names = vec![0_u8; 4096];
    match rustix::fs::listxattr(path, &mut names[..]) {
        Ok(length) => {
            let mut names = names[..length].split(|byte| *byte == 0).filter(|name| !name.is_empty());
            names.any(|name| !name.starts_with(b"security."))
        }
        // More than fits, or none at all.
        Err(error) => error == rustix::io::Errno::RANGE,
    }
}

#[cfg(not(target_os = "linux"))]
fn has_more(_path: &Path) -> bool {
    false
}

/// The files of `unit` below its folder `within`.
fn below<'u, 'f>(
    unit: &'u UnitPlan<'f>,
    within: &str,
) -> impl Iterator<Item = (&'u str, &'u Planned<'f>)> + use<'u, 'f> {
    let start = if within.is_empty() { String::new() } else { format!("{within}/") };
    let files = unit.files.range(start.clone()..);
    files.take_while(move |(path, _)| path.starts_with(&start)).map(|(path, file)| (path.as_str(), file))
}
