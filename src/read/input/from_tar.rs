//! The files of a tar.

use std::io::{self, Read};

use super::Content;
use super::archive::{Inside, Link, is_ignored, partly, safe_path};
use super::kind;
use super::packing::{self, Metered};
use super::unread::Unread;

/// How many bytes the headers of one entry may take: long names and their attributes.
const HEADER_LIMIT: u64 = 1 << 20;
/// A tar ends with at least one block of zeros.
const BLOCK: u64 = 512;

/// Adds the files of the tar; what stands before damage is kept, and the damage told.
///
/// # Errors
/// When not one of its files could be read.
pub(super) fn read(inside: &mut Inside<'_, '_>, source: impl Read) -> Result<(), Unread> {
    let (source, meter) = Metered::new(source, u64::MAX);
    let mut archive = tar::Archive::new(source);
    let read = entries(inside, &mut archive, &|allowed| meter.allow(allowed));
    let unread = match read {
        Ok(()) if meter.zeros() >= BLOCK => {
            meter.allow(None);
            // Behind the end of the tar stands the checksum of its packing.
            let mut rest = Zeros { others: false };
            let copied = io::copy(&mut archive.into_inner(), &mut rest);
            let unread = match copied {
                _ if rest.others => Unread::archive(
                    "something follows the end of the tar, which was not read",
                    "give each tar as a file of its own",
                ),
                // Some writers pad what they pack.
                // A checksum that does not fit may be that of any byte before it.
                Err(error) if error.kind() != io::ErrorKind::UnexpectedEof && !packing::is_padding(&error) => {
                    packing::damage("tar", &error)
                }
                Err(error) if !packing::is_padding(&error) => {
                    let unread = packing::damage("packing", &error);
                    Unread { reason: format!("{} behind the end of the tar", unread.reason), ..unread }
                }
                _ => return Ok(()),
            };
            if meter.stopped().is_none() {
                let reason = format!("{}; all entries before it were read ({})", unread.reason, inside.found.len());
                inside.damage = Some(Unread { reason, ..unread });
                return Ok(());
            }
            unread
        }
        Ok(()) => packing::damage("tar", &io::ErrorKind::UnexpectedEof.into()),
        Err(unread) => unread,
    };
    let unread = meter.stopped().unwrap_or(unread);
    if inside.found.is_empty() {
        return Err(unread);
    }
    inside.damage = Some(partly(unread, inside.found.len()));
    Ok(())
}

/// Takes what stands behind the end of a tar.
struct Zeros {
    /// Whether something else than zeros came.
    others: bool,
}

impl io::Write for Zeros {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.others |= bytes.iter().any(|byte| *byte != 0);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn entries<R: Read>(
    inside: &mut Inside<'_, '_>,
    archive: &mut tar::Archive<R>,
    allow: &dyn Fn(Option<u64>),
) -> Result<(), Unread> {
    let damaged = |error: io::Error| packing::damage("tar", &error);
    allow(Some(HEADER_LIMIT));
    for entry in archive.entries().map_err(damaged)? {
        let mut entry = entry.map_err(damaged)?;
        allow(None);
        let kind = entry.header().entry_type();
        let raw = entry.path_bytes().into_owned();
        let target = entry.link_name_bytes().unwrap_or_default().into_owned();
        // One with holes may claim to be without end, and what it takes in the archive is another number.
        let holes = kind.is_gnu_sparse().then(|| entry.header().entry_size().unwrap_or(u64::MAX));
        let mut whole = Whole { left: entry.size(), source: &mut entry };
        match safe_path(&raw) {
            Ok(path) if kind.is_dir() && !is_ignored(&path) => inside.folder(&path)?,
            _ if kind.is_dir() || kind.is_pax_global_extensions() => {}
            Ok(path) if is_ignored(&path) => {}
            Err((path, content)) => inside.add(path, content)?,
            Ok(path) if kind.is_symlink() => {
                inside.link(Link::symbolic(path, &kind::utf8(&target)))?;
            }
            Ok(path) if kind.is_hard_link() => inside.link(Link::hard(path, &target))?,
            Ok(path) if kind.is_file() || kind.is_contiguous() => {
                let size = whole.left;
                inside.entry(path, size, &mut whole)?.map_err(damaged)?;
            }
            Ok(path) if inside.is_wanted(&path) => inside.add(path, Content::Unreadable(Unread::not_regular()))?,
            Ok(path) => inside.add(path, Content::Skipped { size: 0 })?,
        }
        if let Some(stored) = holes {
            allow(Some(HEADER_LIMIT.saturating_add(stored)));
        } else {
            // What is left of it is passed over here, so that the headers that follow can be bounded.
            io::copy(&mut whole, &mut io::sink()).map_err(damaged)?;
            allow(Some(HEADER_LIMIT));
        }
    }
    Ok(())
}

/// An entry that must be as long as its header says: the library takes the end of the archive for that of the entry.
struct Whole<R> {
    left: u64,
    source: R,
}

impl<R: Read> Read for Whole<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.left = self.left.saturating_sub(count as u64);
        if count == 0 && !buffer.is_empty() && self.left > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(count)
    }
}
