//! A folder and all below it.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Content, Files, InputError, reason, unreadable};

/// How deep folders may be nested.
const DEPTH_LIMIT: usize = 64;

/// A folder still to be read.
struct Pending {
    on_disk: PathBuf,
    /// Its path below the INPUT, with a `/` behind it unless it is the INPUT.
    path: String,
    /// The real paths of it and of the folders above it: a link to one of them would lead in circles.
    above: Vec<PathBuf>,
}

/// Adds all files below the INPUT of `files`.
pub(super) fn read(files: &mut Files<'_>) -> Result<(), InputError> {
    let input = files.input;
    let real = input.canonicalize().map_err(|error| unreadable(input, &error))?;
    let mut pending = vec![Pending { on_disk: input.to_owned(), path: String::new(), above: vec![real] }];
    while let Some(folder) = pending.pop() {
        let entries = fs::read_dir(&folder.on_disk).and_then(Iterator::collect::<io::Result<Vec<_>>>);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) if folder.path.is_empty() => return Err(unreadable(input, &error)),
            Err(error) => {
                files.add(folder.path.trim_end_matches('/').to_owned(), Content::Unreadable(reason(&error)))?;
                continue;
            }
        };
        // What the limits leave out must not depend on the order on disk.
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            if name == ".git" {
                continue;
            }
            let path = format!("{}{}", folder.path, name.to_string_lossy());
            let on_disk = entry.path();
            match look(files, &path, &on_disk, &folder.above) {
                Ok(Found::File(content)) => files.add(path, content)?,
                Ok(Found::Folder(above)) => pending.push(Pending { on_disk, path: path + "/", above }),
                Err(error) => files.add(path, Content::Unreadable(reason(&error)))?,
            }
        }
    }
    Ok(())
}

enum Found {
    File(Content),
    /// A folder, with the real paths of it and of those above.
    Folder(Vec<PathBuf>),
}

fn look(files: &mut Files<'_>, path: &str, on_disk: &Path, above: &[PathBuf]) -> io::Result<Found> {
    let metadata = fs::metadata(on_disk)?;
    let unreadable = |why: &str| Ok(Found::File(Content::Unreadable(why.to_owned())));
    if metadata.is_file() {
        // Opened only if wanted: a key store may well be closed to us, and is not read.
        if !(files.wanted)(path) {
            return Ok(Found::File(Content::Skipped { size: metadata.len() }));
        }
        return files.content(path, metadata.len(), File::open(on_disk)?).map(Found::File);
    }
    if !metadata.is_dir() {
        return unreadable("it is no regular file");
    }
    let real = on_disk.canonicalize()?;
    if above.contains(&real) {
        return unreadable("a link to a folder above it");
    }
    if above.len() >= DEPTH_LIMIT {
        return unreadable("folders are nested too deep");
    }
    Ok(Found::Folder(above.iter().cloned().chain([real]).collect()))
}
