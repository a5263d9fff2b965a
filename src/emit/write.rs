//! Whole-file writes: all files or none.
//!
//! Files are staged in a folder beside the output folder, on the same file system, and swapped in by rename. An
//! output folder that exists is taken only if it is empty or an earlier output of ours; with `force` foreign
//! files in it stay where they are, unless a file of ours has their name.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Component, Path, PathBuf};

mod owned;

pub use owned::{CHECKLIST, REPORT};

/// A file to be written.
pub struct OutFile<'f> {
    /// Its path below the output folder, with `/` between its parts.
    pub path: &'f str,
    /// What stands in it.
    pub content: Content<'f>,
    /// It holds secrets: only its owner may read it, where the platform has modes.
    pub secret: bool,
}

/// What stands in a file.
pub enum Content<'f> {
    /// A text.
    Text(&'f str),
    /// What this writes, piece by piece.
    Written(&'f dyn Fn(&mut dyn io::Write) -> io::Result<()>),
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The output is something else than a folder.
    #[error("{}: is no folder: give --out another name", .0.display())]
    NoFolder(PathBuf),
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
    /// The file exists.
    #[error("{}: exists and says something else: remove it, or give another name", .0.display())]
    Exists(PathBuf),
    /// A file would land outside of the output folder, or two in the same place.
    #[error("`{0}` is no path for a file below the output folder")]
    Path(String),
    /// The system refused.
    #[error("{}: cannot {what}: {source}; nothing was written", path.display())]
    System {
        /// What was tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
}

fn and_more(more: usize) -> String {
    if more == 0 { String::new() } else { format!(" and {more} more") }
}

fn refused<'p>(what: &'static str, path: &'p Path) -> impl FnOnce(io::Error) -> WriteError + use<'p> {
    move |source| WriteError::System { what, path: path.to_owned(), source }
}

/// Writes `files` to the folder `out`, all of them or none. On failure `out` is as it was.
pub fn write_all(out: &Path, files: &[OutFile<'_>], force: bool) -> Result<(), WriteError> {
    for file in files {
        let mut parts = Path::new(file.path).components().peekable();
        let inside = parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)));
        if !inside || file.path.contains('\\') {
            return Err(WriteError::Path(file.path.to_owned()));
        }
    }
    let out = resolve(out)?;
    let foreign = if out.is_dir() { owned::foreign_files(&out)? } else { Vec::new() };
    if let (Some(file), false) = (foreign.first(), force) {
        return Err(WriteError::Foreign { dir: out, file: file.clone(), more: foreign.len() - 1 });
    }
    let parent = out.parent().unwrap_or(Path::new("/")).to_owned();
    let made = make_folders(&parent)?;
    let result = stage(&parent, files).and_then(|staged| swap(&out, staged, &foreign));
    if result.is_err() {
        // What was made for nothing goes again, innermost first; a folder that someone else uses by now stays.
        for folder in made.iter().rev() {
            let _ = fs::remove_dir(folder);
        }
    }
    result
}

/// Writes one text file whole. A file that says something else already is somebody's work and stays.
pub fn write_new(path: &Path, text: &str) -> Result<(), WriteError> {
    match fs::read(path) {
        Ok(found) if found == text.as_bytes() => return Ok(()),
        Ok(_) => return Err(WriteError::Exists(path.to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(refused("look at the file", path)(error)),
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut staged = tempfile::Builder::new()
        .prefix(".apim-migrate-")
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

/// A folder of ours beside the output folder; gone when dropped.
fn beside(parent: &Path) -> Result<tempfile::TempDir, WriteError> {
    tempfile::Builder::new().prefix(".apim-migrate-").tempdir_in(parent).map_err(refused("write to the folder", parent))
}

fn stage(parent: &Path, files: &[OutFile<'_>]) -> Result<tempfile::TempDir, WriteError> {
    let staged = beside(parent)?;
    let root = staged.path().join("new");
    fs::create_dir(&root).map_err(refused("make the folder", &root))?;
    for file in files {
        let path = root.join(file.path);
        let folder = path.parent().unwrap_or(&root);
        fs::create_dir_all(folder).map_err(|_| WriteError::Path(file.path.to_owned()))?;
        write(&path, file).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::IsADirectory => WriteError::Path(file.path.to_owned()),
            _ => refused("write the file", Path::new(file.path))(error),
        })?;
    }
    flush(&root, files).map_err(refused("write the files to the disk of", &root))?;
    Ok(staged)
}

fn write(path: &Path, file: &OutFile<'_>) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if file.secret {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut handle = options.open(path)?;
    match &file.content {
        Content::Text(text) => handle.write_all(text.as_bytes()),
        Content::Written(write) => write(&mut handle),
    }
}

/// Sees the staged files to the disk before they are swapped in: all at once where the system can, since one by one
/// takes a thousand files many minutes.
#[cfg(target_os = "linux")]
fn flush(root: &Path, _files: &[OutFile<'_>]) -> io::Result<()> {
    Ok(rustix::fs::syncfs(fs::File::open(root)?)?)
}

#[cfg(not(target_os = "linux"))]
fn flush(root: &Path, files: &[OutFile<'_>]) -> io::Result<()> {
    files.iter().try_for_each(|file| fs::File::options().append(true).open(root.join(file.path))?.sync_all())
}

/// Puts the staged folder in the place of `out`, foreign files of `out` moved into it.
fn swap(out: &Path, staged: tempfile::TempDir, foreign: &[String]) -> Result<(), WriteError> {
    let new = staged.path().join("new");
    if !out.is_dir() {
        return fs::rename(&new, out).map_err(refused("put the output in place", out));
    }
    let permissions = fs::metadata(out).map_err(refused("look at the folder", out))?.permissions();
    fs::set_permissions(&new, permissions).map_err(refused("set the mode of the folder", &new))?;
    let old = staged.path().join("old");
    fs::rename(out, &old).map_err(refused("move the earlier output away", out))?;
    let mut moved = Vec::new();
    let result = foreign
        .iter()
        .try_for_each(|file| owned::carry(&old, &new, file, &mut moved).map_err(refused("keep the file", &old)))
        .and_then(|()| fs::rename(&new, out).map_err(refused("put the output in place", out)));
    if result.is_err() {
        for file in moved.iter().rev() {
            let _ = fs::rename(new.join(file), old.join(file));
        }
        if fs::rename(&old, out).is_err() {
            // The earlier output is all that there is: it must outlive the staging folder.
            let _ = staged.keep();
        }
    }
    result
}
