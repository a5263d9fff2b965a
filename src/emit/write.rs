//! Writes the output folder: all of it or nothing, and nothing of anybody else's.
//!
//! What was written is known by its hash, which a record beside it keeps. A run over an earlier output
//! 1. finishes or undoes what an interrupted run left (`recover`),
//! 2. compares each file with the record (`plan`): what a person filled in is carried over (`carry`), what a person
//!    changed otherwise stops the run, what is foreign is not touched,
//! 3. stages what is new in a folder of its own (`staging`), beside the output folder or in it,
//! 4. and puts it in place by renaming, with a journal (`swap`).

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::foreign::{self, cause};
use crate::version::Target;

mod carry;
mod diff;
mod disk;
mod mounts;
mod name;
mod plan;
mod record;
mod staging;
mod swap;

pub use crate::layout::version::written::REPORT;
pub use disk::{Disk, System, Writer};
pub use name::folder_name;
pub use record::{RECORD, is_own_output, is_staging_name, marks_own_output};
pub use swap::Recovered;

use plan::Plan;
use staging::{Place, Staging};
use swap::Swap;

/// The checklist's file in the output folder.
pub const CHECKLIST: &str = "CHECKLIST.md";

/// What comes and goes as a whole: the folder of a deployment, or, with an empty path, what lies in the output folder
/// itself.
pub struct Unit<'f> {
    /// The folder's path below the output folder, with `/` between its parts.
    pub folder: &'f str,
    /// Its files.
    pub files: Vec<OutFile<'f>>,
    /// What they are written for, if it is one target: the record says it, so that they can be read again.
    pub target: Option<Target>,
}

/// A file to be written.
pub struct OutFile<'f> {
    /// Its path below the unit's folder, with `/` between its parts.
    pub path: &'f str,
    /// What stands in it.
    pub content: Content<'f>,
    /// It holds secrets: only its owner may read it, where the platform has modes.
    pub secret: bool,
    /// What a person may fill in.
    pub form: Form<'f>,
}

/// What stands in a file.
#[derive(Clone, Copy)]
pub enum Content<'f> {
    /// A text.
    Text(&'f str),
    /// What this writes, piece by piece; the same each time.
    Written(&'f Writer<'f>),
}

/// What a person may fill in without its being an edit.
#[derive(Clone, Copy, Debug)]
pub enum Form<'f> {
    /// Nothing.
    Plain,
    /// A `deployment.toml`: values and aliases below `[secrets]`.
    Toml {
        /// The file with its secrets masked: what differs is not shown.
        shown: &'f str,
    },
    /// A list with boxes to tick.
    Checklist {
        /// The id of each box, in their order: the same for the same point in each run.
        boxes: &'f [String],
    },
}

/// What is to be done with what is there already.
#[derive(Clone, Copy, Debug, Default)]
pub struct Policy<'p> {
    /// Files that a person changed, and foreign files that have a name of ours, are overwritten; other foreign files
    /// in the folder are no reason to stop.
    pub force: bool,
    /// Files that a person changed stay as they are, and the rest is written.
    pub keep_edited: bool,
    /// Once this is set nothing more is begun.
    pub stop: Option<&'p AtomicBool>,
}

/// What was done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many of the files were put in place; the others were there as they should be.
    pub written: usize,
    /// Files of ours that the output has no more, and that were removed.
    pub removed: Vec<String>,
    /// Files that a person changed, and that stay.
    pub kept: Vec<String>,
    /// Files of ours that a person changed, and that stay although the output has them no more.
    pub left: Vec<String>,
    /// How many values below `[secrets]` were carried over.
    pub values: usize,
    /// How many ticks were carried over.
    pub ticks: usize,
    /// How many ticks were of points that are not on the list any more.
    pub ticks_gone: usize,
    /// What became of a run that had been interrupted.
    pub recovered: Option<Recovered>,
    /// Files of ours with secrets that others than their owner could read, and no longer can.
    pub closed: Vec<String>,
    /// Those that others can still read: the system refused.
    pub open: Vec<String>,
}

/// A written file that a person changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    /// Its path below the output folder.
    pub path: String,
    /// From what would be written to what is there, secrets masked; why there is none, else.
    pub diff: String,
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output is something else than a folder.
    #[error("{}: is no folder: give --out another name", .0.display())]
    NoFolder(PathBuf),
    /// A file's folder is not there.
    #[error("{}: there is no folder {}: make it, or give another name", path.display(), folder.display())]
    NoParent {
        /// The file.
        path: PathBuf,
        /// Its folder.
        folder: PathBuf,
    },
    /// The output folder holds something that is not ours.
    #[error("{}: holds `{file}`{}, which this tool did not write: give an empty folder, or --force to write beside it",
        dir.display(), and_more(*.more))]
    Foreign {
        /// The output folder.
        dir: PathBuf,
        /// The first foreign file.
        file: String,
        /// How many others there are.
        more: usize,
    },
    /// Written files were changed by a person.
    #[error("{}: nothing is written, because {} by hand since this tool wrote {}: --keep-edited leaves {} and writes the rest, \
        --force overwrites, or give another --out", dir.display(), were_changed(files), it(files), it(files))]
    Edited {
        /// The output folder.
        dir: PathBuf,
        /// The files.
        files: Vec<Edited>,
    },
    /// The output is one of a version that kept no record.
    #[error("{}: holds an output of an earlier version, which kept no record of what it wrote, so that changes by hand \
        cannot be told: give another --out, or --force to overwrite its files", dir.display())]
    NoRecord {
        /// The output folder.
        dir: PathBuf,
        /// Files that would change.
        files: Vec<Edited>,
    },
    /// Something that is no file has the name of a file of ours, or a link that of a folder.
    #[error("{}: {what}: remove it, or give another --out", path.display())]
    Occupied {
        /// Where.
        path: PathBuf,
        /// What is there.
        what: &'static str,
    },
    /// Something is mounted in the place of a file of ours.
    #[error("{}: is a mount of its own, so that no other file can take its place; nothing was written: unmount it, or give \
        another --out", .0.display())]
    Mounted(PathBuf),
    /// Another run writes to this folder.
    #[error("{}: another run of this tool is writing to it: wait for it, or give another --out", .0.display())]
    Busy(PathBuf),
    /// Something has the name of the staging folder.
    #[error("{}: is in the way, and not of this tool and user: remove it, or give another --out", .0.display())]
    InTheWay(PathBuf),
    /// A run was interrupted, and what it left can neither be finished nor undone.
    #[error("{}: a run was interrupted, and what it staged can neither be finished nor undone: {}: look into {}",
        out.display(), cause(source), staging.display())]
    Recovery {
        /// The output folder.
        out: PathBuf,
        /// The staging folder.
        staging: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// It was begun, and can neither be done nor undone now.
    #[error("{}: cannot be written: {}; what was begun cannot be undone either: run again, which puts it right",
        out.display(), cause(source))]
    Unfinished {
        /// The output folder.
        out: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The run was asked to stop.
    #[error("interrupted: nothing was written")]
    Stopped,
    /// The file exists.
    #[error("{}: exists and says something else: remove it, or give another name", .0.display())]
    Exists(PathBuf),
    /// A file would land outside of the output folder, or two in the same place.
    #[error("`{0}` is no path for a file below the output folder")]
    Path(String),
    /// The system refused.
    #[error("{}: cannot {what}: {}; nothing was written", path.display(), cause(source))]
    System {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

impl WriteError {
    /// What is to be shown below the message, on lines of its own: which files were changed, and how, masked. Empty where
    /// there is nothing.
    #[must_use]
    pub fn below(&self) -> String {
        match self {
            Self::Edited { files, .. } | Self::NoRecord { files, .. } => told(files),
            _ => String::new(),
        }
    }
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and {more} more") }
}

fn were_changed(files: &[Edited]) -> String {
    match files {
        [_] => "a file was changed".to_owned(),
        _ => format!("{} files were changed", files.len()),
    }
}

fn it(files: &[Edited]) -> &'static str {
    if files.len() == 1 { "it" } else { "them" }
}

fn told(files: &[Edited]) -> String {
    let one = |file: &Edited| {
        format!("  {} (- as it would be written, + as it is)\n{}", foreign::line(&file.path), file.diff)
    };
    files.iter().map(one).collect()
}

fn refused<'p>(what: &'static str, path: &'p Path) -> impl FnOnce(io::Error) -> WriteError + use<'p> {
    move |source| {
        // An error about a file of ours with a passing name says that name, which nobody knows.
        let of_other = source.raw_os_error().is_none() && source.kind() != io::ErrorKind::Other;
        let source = if of_other { io::Error::from(source.kind()) } else { source };
        WriteError::System { what, path: path.to_owned(), source }
    }
}

/// Writes `units` to the folder `out`, all of them or none.
///
/// # Errors
/// Then `out` is as it was, or, where the system refuses even to undo, the next run puts it right.
pub fn write_units(out: &Path, units: &[Unit<'_>], policy: Policy<'_>) -> Result<Outcome, WriteError> {
    write_units_on(&System, out, units, policy)
}

/// The same on this file system.
pub fn write_units_on(
    disk: &dyn Disk,
    out: &Path,
    units: &[Unit<'_>],
    policy: Policy<'_>,
) -> Result<Outcome, WriteError> {
    plan::check_paths(units)?;
    let recovered = recover_on(disk, out)?;
    let out = resolve(out)?;
    // What stops the run stops it before anything is made.
    let prepared = plan::prepare(units)?;
    let planned = Plan::of(&out, units, &prepared, policy)?;
    if planned.is_nothing() {
        let mut outcome = planned.outcome;
        close(disk, &out, units, &mut outcome);
        return Ok(Outcome { recovered, ..outcome });
    }
    drop(planned);
    let work = Work { disk, out: &out, units, prepared: &prepared, policy };
    let parent = out.parent().unwrap_or(Path::new("/")).to_owned();
    let made = make_folders(&parent)?;
    let result = match work.attempt(None, false) {
        // What cannot be moved from beside, or as a folder, is put in place from inside, file by file.
        Err(WriteError::System { source, .. }) if out.is_dir() && is_of_place(&source) => {
            work.attempt(Some(Place::Inside), true)
        }
        other => other,
    };
    if result.is_err() {
        // What was made for nothing goes again, innermost first; a folder that someone else uses by now stays.
        for folder in made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
    let mut outcome = result?;
    close(disk, &out, units, &mut outcome);
    Ok(Outcome { recovered, ..outcome })
}

/// Lets only their owner read the files of `units` with secrets that were there before, whoever opened them to others.
fn close(disk: &dyn Disk, out: &Path, units: &[Unit<'_>], outcome: &mut Outcome) {
    for unit in units {
        let records = [Path::new(RECORD)].into_iter();
        let files = unit.files.iter().filter(|file| file.secret).map(|file| Path::new(file.path));
        for file in files.chain(records) {
            let path = out.join(unit.folder).join(file);
            if !fs::symlink_metadata(&path).is_ok_and(|about| is_open(&about)) {
                continue;
            }
            let name = Path::new(unit.folder).join(file).display().to_string();
            let done = if disk.close(&path).is_ok() { &mut outcome.closed } else { &mut outcome.open };
            done.push(name);
        }
    }
}

/// Whether it is a file that others than its owner may read or write.
#[cfg(unix)]
fn is_open(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.is_file() && about.mode() & 0o077 != 0
}

#[cfg(not(unix))]
fn is_open(_about: &fs::Metadata) -> bool {
    false
}

/// Whether it is the place of the staging folder that the system refuses.
fn is_of_place(error: &io::Error) -> bool {
    use io::ErrorKind as Kind;
    [Kind::CrossesDevices, Kind::ResourceBusy, Kind::PermissionDenied, Kind::ReadOnlyFilesystem].contains(&error.kind())
}

/// What is to be written where.
struct Work<'w> {
    disk: &'w dyn Disk,
    out: &'w Path,
    units: &'w [Unit<'w>],
    prepared: &'w [Vec<plan::Prepared>],
    policy: Policy<'w>,
}

impl Work<'_> {
    /// Writes it by way of a staging folder at `place`.
    fn attempt(&self, place: Option<Place>, by_file: bool) -> Result<Outcome, WriteError> {
        let Self { disk, out, .. } = *self;
        let (staging, place) = hold(disk, out, place)?;
        if staging.found {
            recover_held(disk, out, &staging)?;
        }
        let mut swap = Swap { disk, out: out.to_owned(), staging: staging.path.clone(), mounts: BTreeSet::new() };
        let mut held = Vec::new();
        // Another run may have come first: what is there is looked at once more.
        let done = Plan::of(out, self.units, self.prepared, self.policy).and_then(|plan| {
            swap.mounts = plan.mounts(disk)?;
            hold_mounts(&swap, &mut held)?;
            let journal = plan.stage(&swap, place, by_file, self.policy)?;
            swap.run(&journal).map_err(refused("put the output in place", out))?;
            Ok(plan.outcome)
        });
        // What could not be undone or cleaned up may be so at the second attempt.
        if done.is_err() && !swap.is_forward() {
            let _ = swap.recover();
        }
        match (done, swap.is_begun()) {
            (Err(WriteError::System { source, .. }), true) => {
                Err(WriteError::Unfinished { out: out.to_owned(), source })
            }
            // The output stands: what could not be cleaned up, the next run cleans up.
            (done, true) => done,
            (done, false) => {
                swap.leave(held);
                staging.remove(disk);
                done
            }
        }
    }
}

/// Holds a staging folder in each mount, so that all is known to be writable before anything moves.
fn hold_mounts(swap: &Swap<'_>, held: &mut Vec<Staging>) -> Result<(), WriteError> {
    swap.note_mounts().map_err(refused("write to the folder", &swap.staging))?;
    for mount in &swap.mounts {
        let folder = staging::in_mount(&swap.out.join(mount));
        let staging = Staging::open(&folder).map_err(|why| why.about(&swap.out, &folder))?;
        if staging.found {
            recover_held(swap.disk, &swap.out, &staging)?;
        }
        held.push(staging);
    }
    Ok(())
}

/// Holds a staging folder for `out`, beside it if that can be.
fn hold(disk: &dyn Disk, out: &Path, place: Option<Place>) -> Result<(Staging, Place), WriteError> {
    let open = |place: Place| {
        let folder = place.folder(out);
        Staging::open(&folder).map(|staging| (staging, place)).map_err(|why| (why, folder))
    };
    let fail = |(why, folder): (staging::Refused, PathBuf)| why.about(out, &folder);
    let exists = out.is_dir();
    let place = place.unwrap_or(if exists && disk.is_mount(out) { Place::Inside } else { Place::Beside });
    match open(place) {
        Err((staging::Refused::System(_) | staging::Refused::InTheWay, _)) if exists && place == Place::Beside => {
            open(Place::Inside).map_err(fail)
        }
        other => other.map_err(fail),
    }
}

/// Finishes or undoes what an interrupted run left of the output folder `out`; none if there was none.
///
/// # Errors
/// If another run is alive, or what was left can neither be finished nor undone.
pub fn recover(out: &Path) -> Result<Option<Recovered>, WriteError> {
    recover_on(&System, out)
}

/// The same on this file system.
pub fn recover_on(disk: &dyn Disk, out: &Path) -> Result<Option<Recovered>, WriteError> {
    // While it is away, the output folder may be in the staging folder.
    let Ok(out) = resolve(out) else { return Ok(None) };
    let mut recovered = None;
    for place in [Place::Beside, Place::Inside] {
        let folder = place.folder(&out);
        if fs::symlink_metadata(&folder).is_err() {
            continue;
        }
        match Staging::open(&folder) {
            Ok(staging) => {
                recovered = Some(recover_held(disk, &out, &staging)?);
                staging.remove(disk);
            }
            // Whoever made it, files are staged elsewhere then.
            Err(staging::Refused::InTheWay) if place == Place::Beside && out.is_dir() => {}
            Err(why) => return Err(why.about(&out, &folder)),
        }
    }
    Ok(recovered)
}

fn recover_held(disk: &dyn Disk, out: &Path, staging: &Staging) -> Result<Recovered, WriteError> {
    let mut swap = Swap { disk, out: out.to_owned(), staging: staging.path.clone(), mounts: BTreeSet::new() };
    let failed = |source| WriteError::Recovery { out: out.to_owned(), staging: staging.path.clone(), source };
    let mut held = Vec::new();
    for mount in swap.noted_mounts() {
        let folder = staging::in_mount(&out.join(&mount));
        if !disk.is_mount(&out.join(&mount)) {
            if swap.is_begun() {
                let what = format!("`{}` is not mounted now: mount it, and run again", foreign::line(&mount));
                return Err(failed(io::Error::other(what)));
            }
        } else if fs::symlink_metadata(&folder).is_ok() {
            held.push(Staging::open(&folder).map_err(|why| why.about(out, &folder))?);
        }
        swap.mounts.insert(mount);
    }
    let recovered = swap.recover().map_err(failed)?;
    swap.leave(held);
    Ok(recovered)
}

/// Writes one text file whole. A file that says something else already is somebody's work and stays.
pub fn write_new(path: &Path, text: &str) -> Result<(), WriteError> {
    match fs::metadata(path) {
        // A pipe or a device has no end.
        Ok(found) if !found.is_file() || found.len() != text.len() as u64 => {
            return Err(WriteError::Exists(path.to_owned()));
        }
        Ok(_) => match fs::read(path) {
            Ok(found) if found == text.as_bytes() => {
                // Where the system refuses it is a file of someone else, and stays as it is.
                if fs::symlink_metadata(path).is_ok_and(|about| is_open(&about)) {
                    let _ = System.close(path);
                }
                return Ok(());
            }
            Ok(_) => return Err(WriteError::Exists(path.to_owned())),
            Err(error) => return Err(refused("look at the file", path)(error)),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(refused("look at the file", path)(error)),
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.is_dir() {
        return Err(WriteError::NoParent { path: path.to_owned(), folder: parent.to_owned() });
    }
    // Only its owner may read it: answers may be passwords.
    let mut staged = tempfile::Builder::new()
        .prefix(record::STAGING)
        .tempfile_in(parent)
        .map_err(refused("write to the folder", parent))?;
    staged.write_all(text.as_bytes()).map_err(refused("write the file", path))?;
    staged.persist_noclobber(path).map_err(|error| refused("put the file in place", path)(error.error))?;
    Ok(())
}

/// The real place of `out`: a link to a folder is followed once, here, so that nothing is swapped through it.
fn resolve(out: &Path) -> Result<PathBuf, WriteError> {
    match fs::symlink_metadata(out) {
        Ok(_) => {
            let real = fs::canonicalize(out).map_err(refused("find the folder", out))?;
            if real.is_dir() { Ok(real) } else { Err(WriteError::NoFolder(out.to_owned())) }
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            if out.file_name().is_none() {
                return Err(WriteError::NoFolder(out.to_owned()));
            }
            std::path::absolute(out).map_err(refused("find the folder", out))
        }
        Err(error) => Err(refused("look at the folder", out)(error)),
    }
}

/// Makes `folder` and its parents; gives back those that it made, outermost first.
fn make_folders(folder: &Path) -> Result<Vec<PathBuf>, WriteError> {
    let missing: Vec<&Path> = folder.ancestors().take_while(|folder| !folder.exists()).collect();
    let mut made: Vec<PathBuf> = Vec::new();
    for folder in missing.into_iter().rev() {
        if let Err(error) = fs::create_dir(folder) {
            for folder in made.iter().rev() {
                let _ = fs::remove_dir(folder);
            }
            return Err(refused("make the folder", folder)(error));
        }
        made.push(folder.to_owned());
    }
    Ok(made)
}

/// Whether the run is asked to stop.
fn is_stopped(policy: Policy<'_>) -> bool {
    policy.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
}
