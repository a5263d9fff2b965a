//! One file of the disk, opened so that nothing but a regular file is ever read, and none without end.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use super::limits::bytes;
use super::unread::{Unread, UnreadKind};
use crate::limits::Limit;

/// Opens a regular file. Pipes, devices and sockets are not even opened: opening alone may block, or rewind a tape.
pub(super) fn open(path: &Path) -> Result<(File, u64), Unread> {
    let before = fs::metadata(path).map_err(|error| Unread::system(&error))?;
    regular(&before)?;
    // Between the two looks it may have become something else: opening must not wait for a writer.
    let file = waitless(File::options().read(true)).open(path).map_err(|error| Unread::system(&error))?;
    let metadata = file.metadata().map_err(|error| Unread::system(&error))?;
    regular(&metadata)?;
    Ok((file, metadata.len()))
}

fn regular(metadata: &fs::Metadata) -> Result<(), Unread> {
    if metadata.is_dir() {
        let help = "give a file";
        return Err(Unread::new(UnreadKind::NotRegular, "it is a folder, not a file", help));
    }
    if metadata.is_file() { Ok(()) } else { Err(Unread::not_regular()) }
}

#[cfg(unix)]
fn waitless(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    use std::os::unix::fs::OpenOptionsExt as _;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    options.custom_flags(flags.bits().cast_signed())
}

#[cfg(not(unix))]
fn waitless(options: &mut fs::OpenOptions) -> &mut fs::OpenOptions {
    options
}

/// Reads one regular file of at most `limit` bytes: for files that are named beside the INPUTs, such as answers.
///
/// # Errors
/// When it is missing, no regular file (a folder, pipe or device), larger than `limit`, or cannot be read.
pub fn read_file(path: &Path, limit: u64) -> Result<Vec<u8>, Unread> {
    let (file, size) = open(path)?;
    // Some files say that they are empty and are not.
    let read = if size > limit { Ok(None) } else { within(file, limit) };
    match read {
        Ok(Some(bytes)) => Ok(bytes),
        Ok(None) => Err(too_large(limit)),
        Err(error) => Err(Unread::system(&error)),
    }
}

/// All of it; none if that is more than `limit` bytes.
pub(super) fn within(source: impl Read, limit: u64) -> io::Result<Option<Vec<u8>>> {
    let mut read = Vec::new();
    source.take(limit.saturating_add(1)).read_to_end(&mut read)?;
    Ok((read.len() as u64 <= limit).then_some(read))
}

pub(super) fn too_large(limit: u64) -> Unread {
    let reason = format!("it is larger than {}", bytes(limit));
    // Some files have a smaller limit of their own.
    if limit == Limit::FileBytes.number() as u64 {
        Unread::limit_of(reason, Limit::FileBytes)
    } else {
        Unread::limit(reason)
    }
}
