//! What the user gives: one file, a folder, or an archive. Out come its files in the order of their paths,
//! whatever the order on disk, with the content of those that are wanted.
//!
//! Archives are read where they are and nothing is unpacked to disk; one inside a folder or another archive is a folder
//! of its name. Nothing here knows what a file is for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

mod archive;
mod folder;
#[cfg(test)]
mod tests;

/// The largest file that is read, in bytes: no configuration comes near, a zip bomb does.
const FILE_LIMIT: u64 = 64 << 20;
/// How many bytes of all files together are kept.
const TOTAL_LIMIT: u64 = 2 << 30;
/// How deep archives may lie in each other.
const NESTING_LIMIT: usize = 4;
/// How many files an INPUT may have.
const COUNT_LIMIT: usize = 500_000;

/// Whether `name` is that of an archive.
#[must_use]
pub fn is_archive(name: &str) -> bool {
    archive::is_archive(name)
}

/// A file's name without the ending that says that it is an archive.
#[must_use]
pub fn without_ending(name: &str) -> &str {
    let lower = name.to_ascii_lowercase();
    let ending = [".zip", ".tar.gz", ".tgz", ".tar"].into_iter().find(|ending| lower.ends_with(ending));
    ending.map_or(name, |ending| &name[..name.len() - ending.len()])
}

/// What was given to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The file name of INPUT, without the folders above it.
    pub name: String,
    /// What it is.
    pub kind: InputKind,
    /// Its files, sorted by the bytes of their paths.
    pub files: Vec<SourceFile>,
}

/// What an INPUT is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// A folder, read with all folders below it.
    Folder,
    /// One file.
    File,
    /// A `.zip`, `.tar`, `.tar.gz` or `.tgz`.
    Archive,
}

/// A file of an INPUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Where it stands below the INPUT, with `/` between its parts; its name if it is the INPUT itself. As the
    /// archive has it where that is not safe: such a file is never read.
    pub path: String,
    /// What is in it.
    pub content: Content,
}

/// The content of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Bytes(Vec<u8>),
    /// Not wanted, only listed.
    Skipped {
        /// Its size in bytes.
        size: u64,
    },
    /// Why it could not be read.
    Unreadable(String),
}

/// Why an INPUT cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// There is nothing of that name.
    #[error("no such file or folder: {}", .0.display())]
    Missing(PathBuf),
    /// The INPUT itself cannot be read.
    #[error("cannot read {}: {reason}", path.display())]
    Unreadable {
        /// The INPUT.
        path: PathBuf,
        /// What stood in the way.
        reason: String,
    },
    /// A folder or archive without files.
    #[error("{} has no files: give the folder or archive with the configuration", .0.display())]
    Empty(PathBuf),
    /// More files than any deployment has.
    #[error("{} has more than {COUNT_LIMIT} files: give the folder with the configuration alone", .0.display())]
    TooMany(PathBuf),
    /// An archive that is damaged or none.
    #[error("{} is damaged at {entry}: {reason}; make the archive again, or give the folder", archive.display())]
    Corrupt {
        /// The archive.
        archive: PathBuf,
        /// The entry, or what of the archive could not be read.
        entry: String,
        /// What was found.
        reason: String,
    },
}

/// Reads what stands at `input`; only the files whose paths are `wanted` are loaded into memory.
///
/// A file inside that cannot be read is [`Content::Unreadable`] and stops nothing. Symbolic links are
/// followed, but never in circles; in archives only to files of the same archive. `.git` is left out.
///
/// # Errors
/// When the INPUT itself is missing, unreadable, empty, damaged or beyond all bounds.
pub fn open(input: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Input, InputError> {
    let metadata = std::fs::metadata(input).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => InputError::Missing(input.to_owned()),
        _ => unreadable(input, &error),
    })?;
    let name = name(input);
    let mut files = Files { input, wanted, found: BTreeMap::new(), total: 0 };
    let kind = if metadata.is_dir() {
        folder::read(&mut files)?;
        InputKind::Folder
    } else if !metadata.is_file() {
        return Err(InputError::Unreadable { path: input.to_owned(), reason: "it is no regular file".into() });
    } else {
        let file = File::open(input).map_err(|error| unreadable(input, &error))?;
        if archive::read(&mut files, &file, &name)? {
            InputKind::Archive
        } else {
            let content = files.content(&name, metadata.len(), file).map_err(|error| unreadable(input, &error))?;
            files.add(name.clone(), content)?;
            InputKind::File
        }
    };
    files.open_archives()?;
    if files.found.is_empty() {
        return Err(InputError::Empty(input.to_owned()));
    }
    let files = files.found.into_iter().map(|(path, content)| SourceFile { path, content }).collect();
    Ok(Input { name, kind, files })
}

/// The last part of the path; that of the real path for `.` and the like.
fn name(input: &Path) -> String {
    let real = || input.canonicalize().ok().and_then(|real| real.file_name().map(ToOwned::to_owned));
    let name = input.file_name().map(ToOwned::to_owned).or_else(real);
    name.map_or_else(|| "input".to_owned(), |name| name.to_string_lossy().into_owned())
}

fn unreadable(path: &Path, error: &io::Error) -> InputError {
    InputError::Unreadable { path: path.to_owned(), reason: reason(error) }
}

/// The error without the number that the operating system gives it, so that messages are the same everywhere.
fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::Other | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput => error.to_string(),
        kind if error.raw_os_error().is_some() => kind.to_string(),
        _ => error.to_string(),
    }
}

/// The files found so far.
struct Files<'a> {
    input: &'a Path,
    wanted: &'a dyn Fn(&str) -> bool,
    found: BTreeMap<String, Content>,
    /// How many bytes are kept.
    total: u64,
}

impl Files<'_> {
    /// Adds a file; as in unpacking, a later one of the same path takes the place of the earlier.
    fn add(&mut self, path: String, content: Content) -> Result<(), InputError> {
        let replaced = self.found.insert(path, content);
        if let Some(Content::Bytes(bytes)) = replaced {
            self.total -= bytes.len() as u64;
        }
        if self.found.len() > COUNT_LIMIT { Err(InputError::TooMany(self.input.to_owned())) } else { Ok(()) }
    }

    /// Puts the files of archives in the place of these. One that is damaged stops nothing.
    fn open_archives(&mut self) -> Result<(), InputError> {
        for _ in 0..NESTING_LIMIT {
            let is_open = |(path, content): &(&String, &Content)| {
                archive::is_archive(path) && matches!(content, Content::Bytes(_))
            };
            let paths: Vec<String> = self.found.iter().filter(is_open).map(|(path, _)| path.clone()).collect();
            for path in &paths {
                let Some(Content::Bytes(bytes)) = self.found.remove(path) else { continue };
                self.total -= bytes.len() as u64;
                let wanted = |inside: &str| (self.wanted)(&format!("{path}/{inside}"));
                let mut inner = Files { input: self.input, wanted: &wanted, found: BTreeMap::new(), total: self.total };
                match archive::read(&mut inner, io::Cursor::new(bytes), path) {
                    Ok(_) => {
                        let Files { found, total, .. } = inner;
                        self.total = total;
                        for (inside, content) in found {
                            self.add(format!("{path}/{inside}"), content)?;
                        }
                    }
                    Err(InputError::Corrupt { entry, reason, .. }) => {
                        let why = format!("the archive is damaged at {entry}: {reason}");
                        self.add(path.clone(), Content::Unreadable(why))?;
                    }
                    Err(error) => return Err(error),
                }
            }
            if paths.is_empty() {
                break;
            }
        }
        Ok(())
    }

    /// The content of the file at `path`, at most as much of it as the limits allow, whatever its `size`
    /// claims to be.
    fn content(&mut self, path: &str, size: u64, source: impl Read) -> io::Result<Content> {
        if !(self.wanted)(path) {
            return Ok(Content::Skipped { size });
        }
        let mut bytes = Vec::new();
        if size <= FILE_LIMIT {
            source.take(FILE_LIMIT + 1).read_to_end(&mut bytes)?;
        }
        let length = bytes.len() as u64;
        if size > FILE_LIMIT || length > FILE_LIMIT {
            return Ok(Content::Unreadable("it is larger than 64 MiB".into()));
        }
        if self.total + length > TOTAL_LIMIT {
            return Ok(Content::Unreadable("the files before it take 2 GiB already".into()));
        }
        self.total += length;
        Ok(Content::Bytes(bytes))
    }
}
