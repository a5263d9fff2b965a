//! What the user gives: one file, a folder, or an archive. Out come its files in the order of their paths, whatever the
//! order on disk, with the content of those that are wanted.
//!
//! [`list`] walks folders and reads nothing, [`load`] reads files, [`unpack`] one archive ([`unpack_bytes`] one in memory); [`open`]
//! does all three.
//! Archives are read where they are and nothing is unpacked to disk. Nothing here knows what a file is for, but that
//! manifests may hold files and that templates must be rendered.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use archive::holds_nothing;
use kind::is_program;

mod archive;
mod expand;
mod file;
mod from_tar;
mod from_zip;
mod kind;
mod limits;
mod list;
mod load;
mod manifest;
mod packing;
mod template;
#[cfg(test)]
mod tests;
mod unread;

pub use file::read_file;
pub use kind::{ArchiveKind, Packing, is_archive, packed_file, without_ending};
pub use limits::Limits;
pub use list::{Entry, Found, Listing, list, list_within};
pub use load::{Unpacked, load, unpack, unpack_bytes};
pub use unread::{Unread, UnreadKind};

use crate::limits::Limit;
use crate::text::Parts as _;

/// What was given to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The file name of INPUT, without the folders above it.
    pub name: String,
    /// What it is.
    pub kind: InputKind,
    /// Its files, sorted by the bytes of their paths.
    pub files: Vec<SourceFile>,
    /// The archives and packed files in it whose files stand by themselves, sorted by the bytes of their paths.
    pub opened: Vec<Opened>,
    /// What is told of archives though nothing of them is lost, in the order of their paths.
    pub remarks: Vec<Remark>,
}

/// What is told of an archive that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Remark {
    /// Where the archive stands, as a file's path.
    pub path: String,
    /// What is told, lower case.
    pub text: String,
}

impl Remark {
    fn below(self, folder: &str) -> Self {
        let path = if self.path.is_empty() { folder.to_owned() } else { format!("{folder}/{}", self.path) };
        Self { path, ..self }
    }
}

/// An archive, or one packed file, that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Opened {
    /// Where it stands, as a file's path.
    pub path: String,
    /// How many files are in it.
    pub files: usize,
}

impl Opened {
    fn below(self, folder: &str) -> Self {
        Self { path: format!("{folder}/{}", self.path), ..self }
    }
}

/// What an INPUT is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputKind {
    /// A folder, read with all folders below it.
    Folder,
    /// One file.
    File,
    /// An archive, by its name or, if that says nothing, by its first bytes.
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
    /// A manifest whose files stand by themselves in the list.
    Expanded {
        /// How many they are.
        files: usize,
    },
    /// Why it could not be read. Of an archive, why not all of it: what could be read stands below its path.
    Unreadable(Unread),
}

/// Why an INPUT cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum InputError {
    /// There is nothing of that name.
    #[error("no such file or folder: {}", .0.display())]
    Missing(PathBuf),
    /// The INPUT itself cannot be read.
    #[error("cannot read {}: {unread}", path.display())]
    Unreadable {
        /// The INPUT.
        path: PathBuf,
        /// What stood in the way.
        unread: Unread,
    },
    /// A folder or archive without files.
    #[error("{} has no files: give the folder or archive with the configuration", .0.display())]
    Empty(PathBuf),
    /// More files than any deployment has.
    #[error("{} has more than {} files: give the folder with the configuration alone; {}", .0.display(), .1, Limit::Files.raised())]
    TooMany(PathBuf, usize),
    /// More folders than any deployment has.
    #[error("{} has more than {} folders: give the folder with the configuration alone; {}", .0.display(), .1, Limit::Folders.raised())]
    TooManyFolders(PathBuf, usize),
}

impl InputError {
    /// Why, without the INPUT's path.
    #[must_use]
    pub fn reason(&self) -> String {
        match self {
            Self::Missing(_) => "no such file or folder".to_owned(),
            Self::Unreadable { unread, .. } => unread.to_string(),
            Self::Empty(_) => "it has no files: give the folder or archive with the configuration".to_owned(),
            Self::TooMany(_, limit) => {
                let raised = Limit::Files.raised();
                format!("it has more than {limit} files: give the folder with the configuration alone; {raised}")
            }
            Self::TooManyFolders(_, limit) => {
                let raised = Limit::Folders.raised();
                format!("it has more than {limit} folders: give the folder with the configuration alone; {raised}")
            }
        }
    }

    fn unreadable(path: &Path, unread: Unread) -> Self {
        Self::Unreadable { path: path.to_owned(), unread }
    }
}

/// Reads what stands at `input`; only the files whose paths are `wanted` are loaded into memory.
///
/// A file or archive inside that cannot be read is [`Content::Unreadable`] and stops nothing. Symbolic links are
/// followed, but no folder is walked twice; in archives only to files of the same archive. `.git` is left out.
///
/// # Errors
/// When the INPUT itself is missing, unreadable, empty, damaged or beyond all bounds.
pub fn open(input: &Path, wanted: &dyn Fn(&str) -> bool) -> Result<Input, InputError> {
    read(input, list(input)?, wanted)
}

/// Reads what a [`Listing`] of `input` has, as [`open`] does.
///
/// # Errors
/// As [`open`].
pub fn read(input: &Path, listing: Listing, wanted: &dyn Fn(&str) -> bool) -> Result<Input, InputError> {
    let sole = listing.kind == InputKind::Archive;
    let unnamed: BTreeMap<&str, Entry> = unnamed(&listing, wanted);
    let (archives, plain): (Vec<&Entry>, Vec<&Entry>) = listing.entries.iter().partition(|entry| {
        unnamed.contains_key(&*entry.path) || matches!(entry.found, Found::Archive(_)) && (sole || wanted(&entry.path))
    });
    let (mut opened, mut remarks) = (Vec::new(), Vec::new());
    if let ([Entry { found: Found::NotRead(unread), .. }], InputKind::File) = (&listing.entries[..], listing.kind) {
        return Err(InputError::unreadable(input, unread.clone()));
    }
    let mut files = load(&listing, &plain, wanted);
    if let ([SourceFile { content: Content::Unreadable(unread), .. }], InputKind::File) = (&files[..], listing.kind) {
        return Err(InputError::unreadable(input, unread.clone()));
    }
    for entry in plain.iter().filter(|entry| files.binary_search_by(|file| file.path.cmp(&entry.path)).is_err()) {
        // One packed file stands under the name of what is in it.
        opened.push(Opened { path: entry.path.clone(), files: 1 });
    }
    for archive in archives {
        let hidden = unnamed.get(&*archive.path);
        let archive = hidden.unwrap_or(archive);
        let prefix = if sole { String::new() } else { format!("{}/", archive.path) };
        let unpacked = unpack(&listing, archive, &|inside| wanted(&format!("{prefix}{inside}")));
        let damage = match unpacked {
            Ok(unpacked)
                if hidden.is_some()
                    && unpacked.damage.is_none()
                    && if is_program(&archive.path) {
                        !holds_home(&unpacked.files)
                    } else {
                        holds_nothing(unpacked.files.iter().map(|file| &file.content))
                    } =>
            {
                files.push(SourceFile { path: archive.path.clone(), content: Content::Skipped { size: archive.size } });
                continue;
            }
            Ok(unpacked) => {
                let below = |one: Opened| if sole { one } else { one.below(&archive.path) };
                opened.extend(unpacked.opened.into_iter().map(below));
                let here = |one: Remark| if sole && !one.path.is_empty() { one } else { one.below(&archive.path) };
                remarks.extend(unpacked.remarks.into_iter().map(here));
                if !sole && unpacked.damage.is_none() {
                    opened.push(Opened { path: archive.path.clone(), files: unpacked.files.len() });
                }
                let inside = unpacked.files.into_iter();
                files.extend(inside.map(|file| SourceFile { path: format!("{prefix}{}", file.path), ..file }));
                unpacked.damage
            }
            Err(_) if hidden.is_some() && is_program(&archive.path) => {
                files.push(SourceFile { path: archive.path.clone(), content: Content::Skipped { size: archive.size } });
                continue;
            }
            Err(unread) if sole => return Err(InputError::unreadable(input, unread)),
            Err(unread) => Some(unread),
        };
        files.extend(
            damage.map(|unread| SourceFile { path: archive.path.clone(), content: Content::Unreadable(unread) }),
        );
    }
    if files.is_empty() {
        return Err(InputError::Empty(input.to_owned()));
    }
    files.sort_by(|one, other| one.path.cmp(&other.path));
    opened.sort();
    remarks.sort();
    Ok(Input { name: listing.name, kind: listing.kind, files, opened, remarks })
}

/// Whether a server's home is among the files of a program: then it only bears the name of one.
fn holds_home(files: &[SourceFile]) -> bool {
    files.iter().any(|file| file.path.starts_with("repository/conf/") || file.path.contains("/repository/conf/"))
}

/// The files of a folder that are archives by their first bytes, though their names do not say so. Only those are looked
/// at that would be read if their names did.
fn unnamed<'l>(listing: &'l Listing, wanted: &dyn Fn(&str) -> bool) -> BTreeMap<&'l str, Entry> {
    let files = listing.entries.iter().filter(|entry| {
        let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
        let file = listing.kind == InputKind::Folder && matches!(entry.found, Found::File { .. });
        let named = || wanted(&format!("{}.zip", entry.path));
        // A program is looked at where an archive of any name would be.
        let program =
            || is_program(name) && wanted(&format!("{}home.zip", entry.path.part(..entry.path.len() - name.len())));
        file && !wanted(&entry.path) && ((kind::may_be_archive(name) && named()) || program())
    });
    let found = files.filter_map(|entry| {
        let found = Found::Archive(kind::of_unnamed(&entry.on_disk)?);
        Some((&*entry.path, Entry { found, ..entry.clone() }))
    });
    found.collect()
}

/// The last part of the path; that of the real path for `.` and the like.
#[must_use]
pub fn name(input: &Path) -> String {
    let real = || input.canonicalize().ok().and_then(|real| real.file_name().map(ToOwned::to_owned));
    let name = input.file_name().map(ToOwned::to_owned).or_else(real);
    name.map_or_else(|| "input".to_owned(), |name| name.to_string_lossy().into_owned())
}
