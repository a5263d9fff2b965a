//! What is there: a walk over folders that reads nothing.

use std::collections::{BTreeSet, VecDeque};
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::kind::{self, Name};
use super::limits::Limits;
use super::unread::{Unread, UnreadKind};
use super::{ArchiveKind, InputError, InputKind, file, name};
use crate::limits::Limit;

/// What an INPUT has.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The file name of INPUT, without the folders above it.
    pub name: String,
    /// What it is.
    pub kind: InputKind,
    /// All that stands in it, sorted by the bytes of their paths. An INPUT that is a file or an archive is its only entry.
    pub entries: Vec<Entry>,
    /// The bounds of reading.
    pub limits: Limits,
}

/// One file, archive or unreadable folder of an INPUT.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it stands below the INPUT, with `/` between its parts; bytes that are no UTF-8 as `\xFF`.
    pub path: String,
    /// What it is.
    pub found: Found,
    /// Its size in bytes; 0 for what is no file.
    pub size: u64,
    pub(super) on_disk: PathBuf,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// A file.
    File {
        /// Its size in bytes.
        size: u64,
    },
    /// An archive, by its name.
    Archive(ArchiveKind),
    /// Something that cannot be read, or is not.
    NotRead(Unread),
}

/// Walks an INPUT within the limits of this run: what is there. Nothing is read.
///
/// Each folder is walked once, by its real path if that lies in the INPUT; a link to a folder is followed if it leads
/// to one that is not walked otherwise, or is the configuration folder of a server. `.git` is left out.
///
/// # Errors
/// When the INPUT itself is missing, unreadable, no file or folder, empty, or has too many files.
pub fn list(input: &Path) -> Result<Listing, InputError> {
    list_within(input, Limits::in_force())
}

/// As [`list`], within other limits.
///
/// # Errors
/// As [`list`].
pub fn list_within(input: &Path, limits: Limits) -> Result<Listing, InputError> {
    let metadata = fs::metadata(input).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => InputError::Missing(input.to_owned()),
        _ => InputError::unreadable(input, Unread::system(&error)),
    })?;
    let name = name(input);
    let (kind, entries) = if metadata.is_dir() {
        (InputKind::Folder, folder(input, &limits)?)
    } else if metadata.is_file() {
        let found = match kind::of_name(&name) {
            // The name says nothing, and this is all that was given.
            Name::Other => kind::of_file(input).map_or(Found::File { size: metadata.len() }, Found::Archive),
            known => found(known, metadata.len()),
        };
        let kind = if matches!(found, Found::Archive(_)) { InputKind::Archive } else { InputKind::File };
        let entry = Entry { path: name.clone(), found, size: metadata.len(), on_disk: input.to_owned() };
        (kind, vec![entry])
    } else {
        return Err(InputError::unreadable(input, Unread::not_regular()));
    };
    if entries.is_empty() {
        return Err(InputError::Empty(input.to_owned()));
    }
    Ok(Listing { name, kind, entries, limits })
}

/// A file as its name has it.
fn found(name: Name, size: u64) -> Found {
    match name {
        Name::Archive(kind) => Found::Archive(kind),
        Name::NotRead(unread) => Found::NotRead(unread),
        Name::Packed(..) | Name::Other => Found::File { size },
    }
}

/// A folder still to be walked.
struct Pending {
    on_disk: PathBuf,
    /// Its path below the INPUT, with a `/` behind it unless it is the INPUT.
    path: String,
    real: PathBuf,
    depth: usize,
    /// It was walked under another name already: that of another server, which has it too.
    again: bool,
}

struct Walk<'a> {
    input: &'a Path,
    limits: &'a Limits,
    entries: Vec<Entry>,
    /// The real paths of the folders walked, as bytes: taken apart they would cost their depth at each comparison.
    walked: BTreeSet<OsString>,
    /// How many folders were walked.
    folders: usize,
    /// Links to folders, in the order in which they were found: followed when all real folders are known.
    links: VecDeque<Pending>,
}

fn folder(input: &Path, limits: &Limits) -> Result<Vec<Entry>, InputError> {
    let real = input.canonicalize().map_err(|error| InputError::unreadable(input, Unread::system(&error)))?;
    let mut walk =
        Walk { input, limits, entries: Vec::new(), walked: BTreeSet::new(), folders: 0, links: VecDeque::new() };
    walk.tree(Pending { on_disk: input.to_owned(), path: String::new(), real: real.clone(), depth: 0, again: false })?;
    while let Some(link) = walk.links.pop_front() {
        if !real.starts_with(&link.real) {
            walk.tree(link)?;
        } else if !walk.loses(&link)? {
            walk.not_read(&link, "it is a link to a folder above it")?;
        }
    }
    walk.entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(walk.entries)
}

impl Walk<'_> {
    /// Walks a folder and the real folders below it.
    fn tree(&mut self, top: Pending) -> Result<(), InputError> {
        let mut pending = vec![top];
        while let Some(mut folder) = pending.pop() {
            if !folder.again && !self.walked.insert(folder.real.clone().into_os_string()) {
                if self.loses(&folder)? {
                    continue;
                }
                // Servers may share it, and each is one.
                if !is_of_server(&folder.path) {
                    self.not_read(&folder, "it is a link to a folder that is read already")?;
                    continue;
                }
                folder.again = true;
            }
            self.folders += 1;
            if self.folders > self.limits.folders {
                return Err(InputError::TooManyFolders(self.input.to_owned(), self.limits.folders));
            }
            let listed = fs::read_dir(&folder.on_disk).and_then(Iterator::collect::<io::Result<Vec<_>>>);
            let mut listed = match listed {
                Ok(listed) => listed,
                Err(error) if folder.path.is_empty() => {
                    return Err(InputError::unreadable(self.input, Unread::system(&error)));
                }
                Err(error) => {
                    let path = folder.path.trim_end_matches('/').to_owned();
                    self.add(path, Found::NotRead(Unread::folder(&error)), 0, folder.on_disk)?;
                    continue;
                }
            };
            // What the limits leave out must not depend on the order on disk.
            listed.sort_by_key(fs::DirEntry::file_name);
            let mut below = Vec::new();
            for entry in listed {
                let name = entry.file_name();
                if name != ".git" {
                    self.look(&entry, &format!("{}{}", folder.path, utf8(&name)), &folder, &mut below)?;
                }
            }
            pending.extend(below.into_iter().rev());
        }
        Ok(())
    }

    fn look(
        &mut self,
        entry: &fs::DirEntry,
        path: &str,
        folder: &Pending,
        below: &mut Vec<Pending>,
    ) -> Result<(), InputError> {
        let on_disk = entry.path();
        let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
        let looked = fs::metadata(&on_disk).and_then(|metadata| {
            // A real folder's real path is known without asking.
            let real = if is_link && metadata.is_dir() {
                on_disk.canonicalize()?
            } else {
                folder.real.join(entry.file_name())
            };
            Ok((metadata, real))
        });
        let (metadata, real) = match looked {
            Ok(looked) => looked,
            Err(error) => return self.add(path.to_owned(), Found::NotRead(no_link(&error)), 0, on_disk),
        };
        if metadata.is_dir() {
            let depth = folder.depth + 1;
            let next = Pending { on_disk, path: format!("{path}/"), real, depth, again: folder.again };
            if depth > self.limits.depth {
                let reason = format!("folders are nested more than {} deep", self.limits.depth);
                let unread = Unread::limit_of(reason, Limit::FolderDepth);
                return self.add(path.to_owned(), Found::NotRead(unread), 0, next.on_disk);
            }
            if kind::is_configuration(path) {
                let found = Found::NotRead(Unread::folder_for_file());
                self.add(path.to_owned(), found, 0, next.on_disk.clone())?;
            }
            if is_link && folder.again {
                return self.not_read(&next, "it is a link to a folder that is read already");
            }
            if is_link {
                self.links.push_back(next);
            } else {
                below.push(next);
            }
            return Ok(());
        }
        let name = path.rsplit('/').next().unwrap_or(path);
        if !metadata.is_file() {
            return self.add(path.to_owned(), Found::NotRead(Unread::not_regular()), 0, on_disk);
        }
        let found = found(kind::of_name(name), metadata.len());
        self.add(path.to_owned(), found, metadata.len(), on_disk)
    }

    /// Whether a link stands in the place of a folder of a server and leads to one that it lies in: then nothing is read
    /// in its place, which is told.
    fn loses(&mut self, link: &Pending) -> Result<bool, InputError> {
        let around = link.on_disk.parent().and_then(|folder| folder.canonicalize().ok());
        let lost = is_of_server(&link.path) && around.is_some_and(|around| around.starts_with(&link.real));
        if lost {
            let reason = "it is a link to a folder that it lies in";
            let unread = Unread::new(UnreadKind::NotRegular, reason, "put the folder itself there");
            let path = link.path.trim_end_matches('/').to_owned();
            self.add(path, Found::NotRead(unread), 0, link.on_disk.clone())?;
        }
        Ok(lost)
    }

    fn not_read(&mut self, folder: &Pending, reason: &str) -> Result<(), InputError> {
        let unread = Unread::new(UnreadKind::ReadElsewhere, reason, "nothing need be done");
        self.add(folder.path.trim_end_matches('/').to_owned(), Found::NotRead(unread), 0, folder.on_disk.clone())
    }

    fn add(&mut self, path: String, found: Found, size: u64, on_disk: PathBuf) -> Result<(), InputError> {
        self.entries.push(Entry { path, found, size, on_disk });
        if self.entries.len() > self.limits.files {
            return Err(InputError::TooMany(self.input.to_owned(), self.limits.files));
        }
        Ok(())
    }
}

/// Whether a path is that of the folder with a server's configuration, or of the one around it.
fn is_of_server(path: &str) -> bool {
    matches!(path.trim_end_matches('/').rsplit('/').next(), Some("conf" | "repository"))
}

/// A link that leads nowhere or in circles, in plain words.
fn no_link(error: &io::Error) -> Unread {
    if error.kind() == io::ErrorKind::NotFound {
        return Unread::new(
            UnreadKind::NotRegular,
            "it is a link to nothing",
            "put the file itself there, or leave it out",
        );
    }
    Unread::system(error)
}

/// The name with bytes that are no UTF-8 written out, so that two names never become one.
fn utf8(name: &OsStr) -> String {
    kind::utf8(name.as_encoded_bytes())
}

/// The first bytes of a file.
pub(super) fn head(path: &Path) -> Vec<u8> {
    let read = |path| -> Option<Vec<u8>> {
        let (file, _) = file::open(path).ok()?;
        let mut head = Vec::new();
        io::Read::read_to_end(&mut io::Read::take(file, kind::HEAD as u64), &mut head).ok()?;
        Some(head)
    };
    read(path).unwrap_or_default()
}
