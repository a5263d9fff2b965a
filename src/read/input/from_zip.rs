//! The files of a zip.

use crate::text::Parts as _;
use std::io::{self, BufReader, Read, Seek as _, SeekFrom};

use flate2::Crc;
use lzma_rust2::{LzmaReader, XzReader, lzma_get_memory_usage_by_props};
use zip::CompressionMethod;
use zip::result::ZipError;

use super::Content;
use super::archive::{Inside, Link, ReadSeek, is_ignored, partly, safe_path};
use super::kind::{self, Packing};
use super::limits::Limits;
use super::packing;
use super::unread::Unread;

/// The longest target of a link, in bytes.
const LINK_LIMIT: u64 = 4096;
const HELP: &str = "fetch or make it again, or give the folder";

type Archive<'s> = zip::ZipArchive<BufReader<Box<dyn ReadSeek + 's>>>;

/// What stands in the table of contents.
struct Listed {
    path: String,
    size: u64,
    crc: u32,
    is_link: bool,
    encrypted: bool,
    method: CompressionMethod,
}

/// Adds the files of the zip. One bad entry costs only itself.
///
/// # Errors
/// When its table of contents cannot be read.
pub(super) fn read(inside: &mut Inside<'_, '_>, mut source: Box<dyn ReadSeek + '_>) -> Result<(), Unread> {
    let said = entries(&mut source);
    let mut archive = zip::ZipArchive::new(BufReader::new(source)).map_err(|error| table(&error))?;
    for index in 0..archive.len() {
        let listed = match look(&archive, index) {
            Ok(None) => continue,
            Ok(Some(Ok(listed))) => listed,
            Ok(Some(Err((path, content)))) => {
                inside.add(path, content)?;
                continue;
            }
            Err(error) => {
                inside.damage = Some(table(&error));
                continue;
            }
        };
        let added = if listed.is_link {
            link(inside, &mut archive, index, &listed)
        } else {
            file(inside, &mut archive, index, &listed)
        };
        if let Err(limit) = added {
            inside.damage = Some(partly(limit, inside.found.len()));
            return Ok(());
        }
    }
    // The library keeps but the last of several entries of one name.
    let lost = said.map_or(0, |said| said.saturating_sub(archive.len()));
    if lost > 0 && inside.damage.is_none() {
        let names = if lost == 1 { "an entry has" } else { "entries have" };
        let reason = format!("{lost} {names} the name of a later one, which was read: the earlier was not");
        inside.damage = Some(Unread::archive(reason, "make the archive again with the one that counts"));
    }
    Ok(())
}

/// How many entries the end record says there are; none where another record says it.
fn entries(source: &mut Box<dyn ReadSeek + '_>) -> Option<usize> {
    /// The record, and the longest comment behind it.
    const LONGEST: u64 = 22 + 0xffff;
    let length = source.seek(SeekFrom::End(0)).ok()?;
    source.seek(SeekFrom::Start(length.saturating_sub(LONGEST))).ok()?;
    let mut end = Vec::new();
    let read = Read::by_ref(source).take(LONGEST).read_to_end(&mut end);
    source.rewind().ok()?;
    read.ok()?;
    let at = memchr::memmem::rfind(&end, b"PK\x05\x06")?;
    let count = u16::from_le_bytes(end.get(at + 10..at + 12)?.try_into().ok()?);
    (count < u16::MAX).then_some(usize::from(count))
}

/// An entry, or why its path is not safe.
type Look = Result<Listed, (String, Content)>;

/// None for folders and what is left out.
fn look(archive: &Archive<'_>, index: usize) -> Result<Option<Look>, ZipError> {
    let entry = archive.by_index_data(index)?;
    let raw = entry.name().map_or_else(|_| entry.name_raw().to_vec(), |name| name.as_bytes().to_vec());
    Ok(match safe_path(&raw) {
        Ok(path) if entry.is_dir() || is_ignored(&path) => None,
        Ok(path) => Some(Ok(Listed {
            path,
            size: entry.size(),
            crc: entry.crc32(),
            is_link: entry.is_symlink(),
            encrypted: entry.encrypted(),
            method: entry.compression(),
        })),
        Err(unsafe_path) => Some(Err(unsafe_path)),
    })
}

fn file(inside: &mut Inside<'_, '_>, archive: &mut Archive<'_>, index: usize, listed: &Listed) -> Result<(), Unread> {
    let Listed { path, size, .. } = listed;
    // What is not wanted is not unpacked, and need not be readable.
    let hidden = inside.may_be_archive(path) && !listed.encrypted;
    if !(inside.is_wanted(path) || is_wanted_packed(inside, path) || hidden) {
        return inside.add(path.clone(), Content::Skipped { size: *size });
    }
    if listed.encrypted {
        let unread = Unread::archive("it is encrypted", "unpack it with its password and give the folder");
        return inside.add(path.clone(), Content::Unreadable(unread));
    }
    match open(archive, index, listed, inside.budget.limits) {
        Ok(source) => match inside.entry(path.clone(), *size, source)? {
            Ok(()) => Ok(()),
            Err(error) => inside.add(path.clone(), Content::Unreadable(damage(&error))),
        },
        Err(unread) => inside.add(path.clone(), Content::Unreadable(unread)),
    }
}

/// A packed file is wanted for what is in it.
fn is_wanted_packed(inside: &Inside<'_, '_>, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    match kind::of_name(name) {
        kind::Name::Packed(_, length) => inside.is_wanted(path.part(..path.len() - name.len() + length)),
        _ => false,
    }
}

fn link(inside: &mut Inside<'_, '_>, archive: &mut Archive<'_>, index: usize, listed: &Listed) -> Result<(), Unread> {
    let mut target = String::new();
    let read = match open(archive, index, listed, inside.budget.limits) {
        Ok(source) => source.take(LINK_LIMIT).read_to_string(&mut target).map_err(|error| damage(&error)),
        Err(unread) => Err(unread),
    };
    match read {
        Ok(_) => inside.link(Link::symbolic(listed.path.clone(), &target)),
        Err(unread) => inside.add(listed.path.clone(), Content::Unreadable(unread)),
    }
}

/// The bytes of an entry, unpacked.
fn open<'a>(
    archive: &'a mut Archive<'_>,
    index: usize,
    listed: &Listed,
    limits: &Limits,
) -> Result<Box<dyn Read + 'a>, Unread> {
    let own =
        [CompressionMethod::LZMA, CompressionMethod::XZ, CompressionMethod::ZSTD, CompressionMethod::ZSTD_DEPRECATED];
    let misplaced = || Unread::archive("damaged zip: an entry does not stand where the table of contents says", HELP);
    if !own.contains(&listed.method) {
        #[expect(deprecated, reason = "there is no other way to the number")]
        if let CompressionMethod::Unsupported(method) = listed.method {
            return Err(Unread::archive(
                format!("it is packed by {}, which is not read", method_name(method)),
                "unpack the zip and give the folder, or zip it again with deflate",
            ));
        }
        return Ok(Box::new(archive.by_index(index).map_err(|_| misplaced())?));
    }
    let mut raw = archive.by_index_raw(index).map_err(|_| misplaced())?;
    let window = u32::try_from(limits.window >> 10).unwrap_or(u32::MAX);
    let unpacked: io::Result<Box<dyn Read + 'a>> = if listed.method == CompressionMethod::LZMA {
        lzma(&mut raw, window).and_then(|(properties, dictionary)| {
            let reader = LzmaReader::new_with_props(BufReader::new(raw), listed.size, properties, dictionary, None)?;
            Ok(Box::new(reader) as Box<dyn Read + 'a>)
        })
    } else if listed.method == CompressionMethod::XZ {
        Ok(Box::new(XzReader::new_mem_limit(BufReader::new(raw), true, window)))
    } else {
        packing::unpack(Packing::Zstd, raw, limits)
    };
    let source = unpacked.map_err(|error| damage(&error))?;
    Ok(Box::new(Checked { source, crc: Crc::new(), expected: listed.crc }))
}

/// The properties of LZMA in a zip: a version, their length, then themselves.
fn lzma(source: &mut impl Read, window: u32) -> io::Result<(u8, u32)> {
    let mut header = [0; 9];
    source.read_exact(&mut header)?;
    let [_, _, length, 0, properties, dictionary @ ..] = header else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let dictionary = u32::from_le_bytes(dictionary);
    if length != 5 {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // The library has a bound of its own, which it calls damage.
    if dictionary >> 10 > window || lzma_get_memory_usage_by_props(dictionary, properties)? > window {
        return Err(io::ErrorKind::OutOfMemory.into());
    }
    Ok((properties, dictionary))
}

/// A source whose checksum is compared at its end.
struct Checked<R> {
    source: R,
    crc: Crc,
    expected: u32,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.source.read(buffer)?;
        self.crc.update(&buffer[..count]);
        if count == 0 && !buffer.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "Invalid checksum"));
        }
        Ok(count)
    }
}

fn damage(error: &io::Error) -> Unread {
    if error.kind() == io::ErrorKind::InvalidData && error.to_string() == "Invalid checksum" {
        return Unread::archive("damaged zip: its checksum does not fit its content", HELP);
    }
    packing::damage("zip", error)
}

/// Why the table of contents cannot be read.
fn table(error: &ZipError) -> Unread {
    let said = error.to_string();
    if said.contains("Multi-disk") {
        return kind::part();
    }
    if said.contains("EOCD") && !said.contains("EOCD64 Locator") {
        return Unread::archive("truncated zip: it has no end record", HELP);
    }
    match error {
        ZipError::Io(error) if error.kind() != io::ErrorKind::UnexpectedEof => packing::damage("zip", error),
        _ => Unread::archive("damaged zip: its table of contents cannot be read", HELP),
    }
}

fn method_name(method: u16) -> String {
    let known = match method {
        1 => "shrink",
        2..=5 => "reduce",
        6 => "implode",
        97 => "WavPack",
        98 => "PPMd",
        99 => "AES encryption",
        _ => return format!("method {method}"),
    };
    format!("method {method} ({known})")
}
