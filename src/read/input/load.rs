//! Reads the entries of a listing, and archives whole.

use crate::text::Parts as _;
use std::collections::BTreeMap;
use std::io::Cursor;

use super::archive::{self, Budget, Inside, Source, beside};
use super::kind::{self, Name};
use super::list::{Entry, Found, Listing};
use super::unread::{Unread, UnreadKind};
use super::{Content, Limits, Opened, Remark, SourceFile, expand, file};

/// The files of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unpacked {
    /// Its files, sorted by the bytes of their paths inside the archive.
    pub files: Vec<SourceFile>,
    /// The archives and packed files in it whose files stand by themselves.
    pub opened: Vec<Opened>,
    /// What is told of it and of archives in it though nothing of them is lost.
    pub remarks: Vec<Remark>,
    /// Why it could not be read to its end: what stood before that is in `files`.
    pub damage: Option<Unread>,
}

/// Reads the entries that are `wanted` by their paths below the INPUT. A single compressed file becomes the file that
/// is in it (`deployment.toml.gz` is `deployment.toml`), and ConfigMaps and Secrets the files that they hold. An entry
/// that cannot be read is [`Content::Unreadable`]; an archive is [`Content::Skipped`] here, see [`unpack`].
///
/// The files come sorted by the bytes of their paths.
pub fn load(listing: &Listing, entries: &[&Entry], wanted: &dyn Fn(&str) -> bool) -> Vec<SourceFile> {
    let mut budget = Budget { limits: &listing.limits, read: 0 };
    let mut files = BTreeMap::new();
    let mut packed: BTreeMap<String, &str> = BTreeMap::new();
    for entry in entries {
        let (path, content) = one(&mut budget, entry, wanted);
        // A file that is there unpacked counts, whichever comes first: `a.toml` stands before `a.toml.gz`.
        if path != entry.path && files.contains_key(&path) {
            files.insert(entry.path.clone(), Content::Unreadable(beside(packed.get(&path).copied())));
        } else {
            if path != entry.path {
                packed.insert(path.clone(), &entry.path);
            }
            files.insert(path, content);
        }
    }
    expand::files(files, wanted, &listing.limits)
}

fn one(budget: &mut Budget<'_>, entry: &Entry, wanted: &dyn Fn(&str) -> bool) -> (String, Content) {
    let path = entry.path.clone();
    match &entry.found {
        Found::NotRead(unread) if unread.kind != UnreadKind::Archive || wanted(&path) => {
            (path, Content::Unreadable(unread.clone()))
        }
        Found::NotRead(_) | Found::Archive(_) => (path, Content::Skipped { size: entry.size }),
        Found::File { size } => {
            let name = path.rsplit('/').next().unwrap_or(&path);
            if let Name::Packed(packing, length) = kind::of_name(name) {
                let inner = path.part(..path.len() - name.len() + length).to_owned();
                if wanted(&inner) {
                    let content = match file::open(&entry.on_disk) {
                        Ok((file, size)) => archive::single(budget, packing, size, file),
                        Err(unread) => Content::Unreadable(unread),
                    };
                    // One that cannot be read keeps its own name.
                    let path = if matches!(content, Content::Bytes(_)) { inner } else { path };
                    return (path, content);
                }
            }
            // Opened only if wanted: a key store may well be closed to us, and is not read.
            if !wanted(&path) {
                return (path, Content::Skipped { size: *size });
            }
            let content = file::open(&entry.on_disk)
                .and_then(|(file, size)| budget.content(size, file).map_err(|error| Unread::system(&error)));
            (path, content.unwrap_or_else(Content::Unreadable))
        }
    }
}

/// Reads one archive entry whole: its files, archives inside it as folders of their names. `wanted` is asked with the
/// paths inside the archive. A sole top-level folder stays in the paths.
///
/// # Errors
/// When nothing of it can be read: it is damaged, encrypted, or of a kind that is not read.
pub fn unpack(listing: &Listing, entry: &Entry, wanted: &dyn Fn(&str) -> bool) -> Result<Unpacked, Unread> {
    if let Found::NotRead(unread) = &entry.found {
        return Err(unread.clone());
    }
    let (file, size) = file::open(&entry.on_disk)?;
    let name = entry.path.rsplit('/').next().unwrap_or(&entry.path);
    files_of(name, Source::Seekable(Box::new(file)), size, wanted, &listing.limits)
}

/// Reads an archive that is in memory, as [`unpack`] does; `name` is its file name.
///
/// # Errors
/// As [`unpack`].
pub fn unpack_bytes(
    name: &str,
    bytes: &[u8],
    wanted: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Unpacked, Unread> {
    files_of(name, Source::Seekable(Box::new(Cursor::new(bytes))), bytes.len() as u64, wanted, limits)
}

fn files_of(
    name: &str,
    source: Source<'_>,
    size: u64,
    wanted: &dyn Fn(&str) -> bool,
    limits: &Limits,
) -> Result<Unpacked, Unread> {
    let mut budget = Budget { limits, read: 0 };
    let mut inside = Inside::new(&mut budget, wanted, String::new(), 1);
    archive::read(&mut inside, name, source, size)?;
    let Inside { found, damage, opened, remarks, .. } = inside;
    Ok(Unpacked { files: expand::files(found, wanted, limits), opened, remarks, damage })
}
