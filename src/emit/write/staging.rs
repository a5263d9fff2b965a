//! The staging folder: where it is, who holds it, and how it is known to be ours.
//!
//! Its name follows from that of the output folder, so that the next run finds what an interrupted one left. It lies
//! beside the output folder; inside of it where that is a mount point or where nothing can be written beside it. What is put
//! in place in a mount below the output folder is staged in a folder of its own in that mount. A lock tells a run that is
//! alive from one that is not: the system drops it with the process.

use crate::text::Parts as _;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::WriteError;
use super::disk::Disk;
use super::record::{STAGING, hash};

const LOCK: &str = "lock";
const MAGIC: &str = "apim-migrate stages files here\n";
/// The staging folder inside of an output folder.
const INSIDE: &str = ".apim-migrate-staging";
/// The one in a mount below the output folder.
const IN_MOUNT: &str = ".apim-migrate-mounted";

/// Where files are staged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Beside the output folder: it can be exchanged as one.
    Beside,
    /// In it.
    Inside,
}

impl Place {
    /// The staging folder here.
    pub fn folder(self, out: &Path) -> PathBuf {
        match self {
            Self::Inside => out.join(INSIDE),
            Self::Beside => {
                let name = out.file_name().unwrap_or_default().to_string_lossy();
                let name = format!("{STAGING}{}", hash(name.as_bytes()).part(..16));
                out.parent().unwrap_or(Path::new("/")).join(name)
            }
        }
    }
}

/// The staging folder for what is put in place in `mount`, which is below the output folder.
pub fn in_mount(mount: &Path) -> PathBuf {
    mount.join(IN_MOUNT)
}

/// A staging folder that this run holds.
pub struct Staging {
    /// The folder.
    pub path: PathBuf,
    /// It was there before: another run left it.
    pub found: bool,
    /// Held until this is dropped.
    _lock: fs::File,
}

/// Why a staging folder is not held.
pub enum Refused {
    /// Another run holds it.
    Busy,
    /// It is none of ours.
    InTheWay,
    /// The system refused.
    System(io::Error),
}

impl From<io::Error> for Refused {
    fn from(error: io::Error) -> Self {
        Self::System(error)
    }
}

impl Refused {
    /// As an error about `out`.
    pub fn about(self, out: &Path, folder: &Path) -> WriteError {
        match self {
            Self::Busy => WriteError::Busy(out.to_owned()),
            Self::InTheWay => WriteError::InTheWay(folder.to_owned()),
            Self::System(source) => {
                let path = folder.parent().unwrap_or(folder).to_owned();
                WriteError::System { what: "write to the folder", path, source }
            }
        }
    }
}

impl Staging {
    /// Takes the staging folder `path`, and makes it if it is not there.
    pub fn open(path: &Path) -> Result<Self, Refused> {
        // Between making a folder and locking it, the run that had it may have removed it: then once more.
        for _ in 0..100 {
            let found = match make_private(path) {
                Ok(()) => false,
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => true,
                Err(error) => return Err(error.into()),
            };
            let held = Self::lock(path, found);
            if held.is_err() && !found {
                // A full disk: an empty folder is made for nothing.
                let _ = fs::remove_file(path.join(LOCK)).and_then(|()| fs::remove_dir(path));
            }
            match held {
                Err(Refused::System(error)) if error.kind() == io::ErrorKind::NotFound => {}
                Ok(None) => {}
                Ok(Some(staging)) => return Ok(staging),
                Err(error) => return Err(error),
            }
        }
        Err(Refused::Busy)
    }

    fn lock(path: &Path, found: bool) -> Result<Option<Self>, Refused> {
        if found && !is_ours(path)? {
            return Err(Refused::InTheWay);
        }
        #[cfg(unix)]
        if found {
            // Nobody else looks into it, whoever opened it meanwhile.
            fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
        }
        let mut options = fs::OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut lock = options.open(path.join(LOCK))?;
        // On a file system without locks nobody can be told from anybody.
        let is_held = || matches!(lock.try_lock(), Err(fs::TryLockError::WouldBlock));
        // A program that is just being started holds a copy of our own lock for a moment.
        if is_held()
            && (0..5).all(|_| {
                std::thread::sleep(Duration::from_millis(20));
                is_held()
            })
        {
            return Err(Refused::Busy);
        }
        if !is_same(&lock, &path.join(LOCK)) {
            return Ok(None);
        }
        if lock.metadata()?.len() != MAGIC.len() as u64 {
            lock.set_len(0)?;
            lock.write_all(MAGIC.as_bytes())?;
        }
        Ok(Some(Self { path: path.to_owned(), found, _lock: lock }))
    }

    /// Removes the folder if it is empty but for its lock. With anything else in it the lock stays: it tells the next run
    /// whose folder it is.
    pub fn remove(self, disk: &dyn Disk) {
        if fs::read_dir(&self.path).is_ok_and(|entries| entries.count() > 1) {
            return;
        }
        // What cannot be removed now, the next run removes.
        let _ = disk.remove_file(&self.path.join(LOCK)).and_then(|()| disk.remove_folder(&self.path));
    }
}

fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(builder.recursive(false), 0o700);
    builder.create(path)
}

/// Whether the folder is a staging folder that this user made.
fn is_ours(path: &Path) -> io::Result<bool> {
    let about = fs::symlink_metadata(path)?;
    if !about.is_dir() || !is_private(&about) {
        return Ok(false);
    }
    let lock = path.join(LOCK);
    match fs::symlink_metadata(&lock) {
        Ok(file) if file.is_file() => {
            let mut text = String::new();
            let read = fs::File::open(&lock)?.take(1000).read_to_string(&mut text);
            if read.is_ok() && text == MAGIC {
                return Ok(true);
            }
            // It was made and not yet written to.
            Ok(read.is_ok() && MAGIC.starts_with(&text) && fs::read_dir(path)?.count() == 1)
        }
        Ok(_) => Ok(false),
        Err(_) => Ok(fs::read_dir(path)?.next().is_none()),
    }
}

#[cfg(target_os = "linux")]
fn is_private(about: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    about.uid() == rustix::process::geteuid().as_raw() && about.mode() & 0o022 == 0
}

#[cfg(not(target_os = "linux"))]
fn is_private(_about: &fs::Metadata) -> bool {
    true
}

/// Whether the open file is still the one at `path`.
#[cfg(unix)]
fn is_same(file: &fs::File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let id = |about: &fs::Metadata| (about.dev(), about.ino());
    matches!((file.metadata(), fs::symlink_metadata(path)), (Ok(one), Ok(other)) if id(&one) == id(&other))
}

#[cfg(not(unix))]
fn is_same(_file: &fs::File, path: &Path) -> bool {
    path.exists()
}
