//! What the swap asks of the file system, step by step: one small trait, so that a test can let each step fail.

use std::fs;
use std::io;
use std::path::Path;

/// What writes a file's content.
pub type Writer<'w> = dyn Fn(&mut dyn io::Write) -> io::Result<()> + 'w;

/// The steps. Each is done whole or not at all, but for [`Disk::write`].
pub trait Disk {
    /// Makes a folder.
    fn make_folder(&self, path: &Path) -> io::Result<()>;
    /// Makes a file; with `secret` only its owner may read it, from its first byte on.
    fn write(&self, path: &Path, secret: bool, content: &Writer<'_>) -> io::Result<()>;
    /// Gives the file `from` a second name.
    fn link(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Gives `path` the mode and, where it can, the owner of `like`.
    fn set_like(&self, path: &Path, like: &fs::Metadata, secret: bool) -> io::Result<()>;
    /// Lets only the owner of the file read it.
    fn close(&self, path: &Path) -> io::Result<()>;
    /// Sees all below `folder` to the disk.
    fn sync(&self, folder: &Path) -> io::Result<()>;
    /// Moves a file or folder to a name that is free.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;
    /// Two files or folders change places at once; `Unsupported` where the system cannot.
    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()>;
    /// Removes a file.
    fn remove_file(&self, path: &Path) -> io::Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, path: &Path) -> io::Result<()>;
    /// Whether something is mounted at `path`: what lies in it can only be moved within it, and it not at all.
    fn is_mount(&self, path: &Path) -> bool;
}

/// The file system itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct System;

impl Disk for System {
    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir(path)
    }

    fn write(&self, path: &Path, secret: bool, content: &Writer<'_>) -> io::Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if secret {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        #[cfg(not(unix))]
        let _ = secret;
        let mut file = options.open(path)?;
        content(&mut file)
    }

    fn link(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::hard_link(from, to)
    }

    fn set_like(&self, path: &Path, like: &fs::Metadata, secret: bool) -> io::Result<()> {
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt as _, chown};
            let now = fs::symlink_metadata(path)?;
            if (now.uid(), now.gid()) != (like.uid(), like.gid()) {
                // Another's file stays another's only where we may give it away.
                let _ = chown(path, Some(like.uid()), Some(like.gid()));
            }
        }
        if secret { Ok(()) } else { fs::set_permissions(path, like.permissions()) }
    }

    fn close(&self, path: &Path) -> io::Result<()> {
        #[cfg(unix)]
        fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
        #[cfg(not(unix))]
        let _ = path;
        Ok(())
    }

    fn sync(&self, folder: &Path) -> io::Result<()> {
        sync(folder)
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        rename(from, to)
    }

    fn exchange(&self, one: &Path, other: &Path) -> io::Result<()> {
        exchange(one, other)
    }

    fn remove_file(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn remove_folder(&self, path: &Path) -> io::Result<()> {
        fs::remove_dir(path)
    }

    fn is_mount(&self, path: &Path) -> bool {
        super::mounts::is_mount(path)
    }
}

/// All at once, since one by one takes a thousand files many minutes.
#[cfg(target_os = "linux")]
fn sync(folder: &Path) -> io::Result<()> {
    Ok(rustix::fs::syncfs(fs::File::open(folder)?)?)
}

#[cfg(not(target_os = "linux"))]
fn sync(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync(&entry.path())?;
        } else {
            fs::File::options().append(true).open(entry.path())?.sync_all()?;
        }
    }
    Ok(())
}

#[cfg(target_os = "linux")]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        Err(error) if unsupported(error) => rename_if_free(from, to),
        other => Ok(other?),
    }
}

#[cfg(not(target_os = "linux"))]
fn rename(from: &Path, to: &Path) -> io::Result<()> {
    rename_if_free(from, to)
}

fn rename_if_free(from: &Path, to: &Path) -> io::Result<()> {
    if fs::symlink_metadata(to).is_ok() {
        return Err(io::ErrorKind::AlreadyExists.into());
    }
    fs::rename(from, to)
}

#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        Err(error) if unsupported(error) => Err(io::ErrorKind::Unsupported.into()),
        other => Ok(other?),
    }
}

/// What a kernel or a file system says that does not know the flags.
#[cfg(target_os = "linux")]
fn unsupported(error: rustix::io::Errno) -> bool {
    use rustix::io::Errno;
    [Errno::INVAL, Errno::NOSYS, Errno::OPNOTSUPP].contains(&error)
}

#[cfg(not(target_os = "linux"))]
fn exchange(_one: &Path, _other: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
