//! The files of a zip.

use crate::text::Parts as _;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
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
    let mut said = repeats(&mut source);
    said.retain(|path, _| !is_ignored(path));
    let mut archive = zip::ZipArchive::new(BufReader::new(source)).map_err(|error| table(&error))?;
    for index in 0..archive.len() {
        let listed = match look(&archive, index) {
            Ok(None) => {
                if let Err(limit) = folder(inside, &archive, index) {
                    inside.damage = Some(partly(limit, inside.found.len()));
                    return Ok(());
                }
                continue;
            }
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
    for (path, repeat) in said {
        let wanted = inside.is_wanted(&path) || is_wanted_packed(inside, &path) || inside.may_be_archive(&path);
        if wanted {
            inside.repeat(path, repeat.earlier, repeat.differ);
        }
    }
    Ok(())
}

/// An entry of the table of contents that stands there several times.
#[derive(Clone, Copy, Default)]
struct Repeated {
    /// How often before the last.
    earlier: usize,
    /// Not always with the same checksum and length.
    differ: bool,
}

/// The names that the table of contents has several times; none where another record says where it stands, or it is
/// damaged.
fn repeats(source: &mut Box<dyn ReadSeek + '_>) -> BTreeMap<String, Repeated> {
    let table = table_of_contents(source);
    if source.rewind().is_err() {
        return BTreeMap::new();
    }
    let mut found: BTreeMap<&[u8], (u64, Repeated)> = BTreeMap::new();
    let mut rest = table.as_deref().unwrap_or_default();
    while let Some((name, mark, behind)) = next_entry(rest) {
        rest = behind;
        match found.entry(name) {
            Entry::Vacant(entry) => _ = entry.insert((mark, Repeated::default())),
            Entry::Occupied(mut entry) => {
                let (known, repeat) = entry.get_mut();
                repeat.earlier += 1;
                repeat.differ |= *known != mark;
            }
        }
    }
    let repeated = found.into_iter().filter(|(name, (_, one))| one.earlier > 0 && !name.ends_with(b"/"));
    repeated.filter_map(|(name, (_, one))| Some((safe_path(name).ok()?, one))).collect()
}

/// The bytes of the table of contents: it stands right before the end record.
fn table_of_contents(source: &mut Box<dyn ReadSeek + '_>) -> Option<Vec<u8>> {
    /// The record, and the longest comment behind it.
    const LONGEST: u64 = 22 + 0xffff;
    let length = source.seek(SeekFrom::End(0)).ok()?;
    let start = length.saturating_sub(LONGEST);
    source.seek(SeekFrom::Start(start)).ok()?;
    let mut end = Vec::new();
    Read::by_ref(source).take(LONGEST).read_to_end(&mut end).ok()?;
    let at = memchr::memmem::rfind(&end, b"PK\x05\x06")?;
    let (count, size) = (number(&end, at + 10, 2)?, number(&end, at + 12, 4)?);
    if count == u64::from(u16::MAX) || size == u64::from(u32::MAX) {
        return None;
    }
    source.seek(SeekFrom::Start((start + at as u64).checked_sub(size)?)).ok()?;
    let mut table = Vec::new();
    Read::by_ref(source).take(size).read_to_end(&mut table).ok()?;
    Some(table)
}

/// The first entry of a table of contents: its name, what tells its content from others, and the rest.
fn next_entry(table: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    const HEADER: usize = 46;
    table.strip_prefix(b"PK\x01\x02")?;
    let [name, extra, comment] = [28, 30, 32].map(|at| number(table, at, 2));
    let name = HEADER + usize::try_from(name?).ok()?;
    let end = name + usize::try_from(extra? + comment?).ok()?;
    let mark = number(table, 16, 4)? << 32 | number(table, 24, 4)?;
    Some((table.get(HEADER..name)?, mark, table.get(end..)?))
}

/// A number of a few bytes, the lowest first.
fn number(bytes: &[u8], at: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(at..at + length)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
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

/// A folder may stand in the place of a file.
fn folder(inside: &mut Inside<'_, '_>, archive: &Archive<'_>, index: usize) -> Result<(), Unread> {
    let Ok(entry) = archive.by_index_data(index) else { return Ok(()) };
    let Ok(path) = safe_path(entry.name_raw()) else { return Ok(()) };
    if is_ignored(&path) { Ok(()) } else { inside.folder(&path) }
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
