//! What an archive is, by its name and by its first bytes.

use crate::text::Parts as _;
use std::fmt::Write as _;
use std::path::Path;

use super::list;
use super::unread::Unread;

/// How many of the first bytes tell the kind: a tar says it at 257.
pub(super) const HEAD: usize = 512;

/// What an archive is by its name. What its first bytes say goes before that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveKind {
    /// A `.zip`.
    Zip,
    /// A `.tar`, plain or packed.
    Tar(Packing),
    /// One packed file whose name does not say what is in it: `node1.gz`.
    Packed(Packing),
}

/// How a file or a tar is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    /// Not at all.
    Plain,
    /// `.gz`.
    Gzip,
    /// `.bz2`.
    Bzip2,
    /// `.xz`.
    Xz,
    /// `.lzma`.
    Lzma,
    /// `.zst`.
    Zstd,
}

/// What a name says.
pub(super) enum Name {
    Archive(ArchiveKind),
    /// One packed file: how, and the length of its name without the ending.
    Packed(Packing, usize),
    /// An archive of a kind that is not read.
    NotRead(Unread),
    Other,
}

/// What an archive is by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Magic {
    Zip,
    Tar,
    Packed(Packing),
    /// Of a kind that is not read: its word.
    NotRead(&'static str),
}

const TARS: [(&str, Packing); 15] = [
    (".tar", Packing::Plain),
    (".tar.gz", Packing::Gzip),
    (".tgz", Packing::Gzip),
    (".taz", Packing::Gzip),
    (".tar.bz2", Packing::Bzip2),
    (".tar.bz", Packing::Bzip2),
    (".tbz2", Packing::Bzip2),
    (".tbz", Packing::Bzip2),
    (".tb2", Packing::Bzip2),
    (".tar.xz", Packing::Xz),
    (".txz", Packing::Xz),
    (".tar.lzma", Packing::Lzma),
    (".tlz", Packing::Lzma),
    (".tar.zst", Packing::Zstd),
    (".tzst", Packing::Zstd),
];

const PACKINGS: [(&str, Packing); 7] = [
    (".gz", Packing::Gzip),
    (".bz2", Packing::Bzip2),
    (".bz", Packing::Bzip2),
    (".xz", Packing::Xz),
    (".lzma", Packing::Lzma),
    (".zst", Packing::Zstd),
    (".zstd", Packing::Zstd),
];

/// Endings of archives that are not read, and the word for what they are.
const NOT_READ: [(&str, &str); 28] = [
    (".7z", "7z"),
    (".rar", "rar"),
    (".cab", "cab"),
    (".iso", "iso"),
    (".arj", "arj"),
    (".lzh", "lzh"),
    (".lha", "lzh"),
    (".ace", "ace"),
    (".tar.lz", "lzip"),
    (".tar.lzo", "lzop"),
    (".tzo", "lzop"),
    (".tar.lz4", "lz4"),
    (".tar.br", "brotli"),
    (".tar.z", "compress"),
    (".cpio", "cpio"),
    (".zipx", "zipx"),
    (".deb", "deb"),
    (".rpm", "rpm"),
    (".dmg", "dmg"),
    (".tar.lrz", "lrzip"),
    (".tar.sz", "snappy"),
    (".squashfs", "squashfs"),
    (".wim", "wim"),
    (".zpaq", "zpaq"),
    (".vmdk", "vmdk"),
    (".qcow2", "qcow2"),
    (".vhd", "vhd"),
    (".vhdx", "vhdx"),
];

/// Endings behind that of an archive that say that it is encrypted, and with what, as far as they tell.
const SEALED: [(&str, &str); 6] = [
    (".gpg", "gpg"),
    (".pgp", "gpg"),
    (".age", "age"),
    (".enc", "a password"),
    (".aes", "a password"),
    (".crypt", "a password"),
];

/// Packings of single files that are not read.
const PACKINGS_NOT_READ: [(&str, &str); 14] = [
    (".lz", "lzip"),
    (".lzo", "lzop"),
    (".lz4", "lz4"),
    (".lrz", "lrzip"),
    (".br", "brotli"),
    (".z", "compress"),
    (".gpg", "gpg"),
    (".pgp", "gpg"),
    (".age", "age"),
    (".enc", "a password"),
    (".aes", "a password"),
    (".crypt", "a password"),
    (".ccrypt", "a password"),
    (".cpt", "a password"),
];

/// What the ending of a file says about it. Programs (`.jar`, `.war`, `.car`) are zips and no archives of configuration.
pub(super) fn of_name(name: &str) -> Name {
    // Most folders have no ending.
    if !name.contains('.') {
        return Name::Other;
    }
    let lower = name.to_ascii_lowercase();
    let ends = |suffix: &str| lower.len() > suffix.len() && lower.ends_with(suffix);
    if ends(".zip") {
        return Name::Archive(ArchiveKind::Zip);
    }
    if let Some((_, packing)) = TARS.iter().find(|(suffix, _)| ends(suffix)) {
        return Name::Archive(ArchiveKind::Tar(*packing));
    }
    if let Some((_, word)) = NOT_READ.iter().find(|(suffix, _)| ends(suffix)) {
        return Name::NotRead(not_read(word));
    }
    if let Some(word) = sealed(&lower) {
        return Name::NotRead(not_read(word));
    }
    if is_part(&lower) {
        return Name::NotRead(part());
    }
    if let Some((suffix, packing)) = PACKINGS.iter().find(|(suffix, _)| ends(suffix)) {
        let length = lower.len() - suffix.len();
        let (_, inner) = lower.part(..length).rsplit_once('.').unwrap_or_default();
        // `node1.gz`, `wso2am-2.6.0.gz`: what is in it shows when it is opened.
        let telling = inner.bytes().any(|byte| byte.is_ascii_alphabetic())
            && !matches!(of_name(lower.part(..length)), Name::Archive(_) | Name::Packed(..));
        return if telling { Name::Packed(*packing, length) } else { Name::Archive(ArchiveKind::Packed(*packing)) };
    }
    for (suffix, word) in PACKINGS_NOT_READ {
        if ends(suffix) && lower.strip_suffix(suffix).is_some_and(is_configuration) {
            return Name::NotRead(not_read(word));
        }
    }
    Name::Other
}

/// Whether a path is that of a file of configuration, by its ending.
pub(super) fn is_configuration(path: &str) -> bool {
    [".xml", ".toml", ".properties"].iter().any(|ending| path.ends_with(ending))
}

/// What a file is that is packed or encrypted and cannot be read as it is, by its name: `carbon.xml` of
/// `carbon.xml.gpg`.
#[must_use]
pub fn packed_file(name: &str) -> Option<&str> {
    // A signature has the ending of what is encrypted and written as text.
    let signed = || name.strip_suffix(".asc");
    let (inner, _) = name.rsplit_once('.')?;
    match of_name(name) {
        Name::Packed(_, length) => Some(name.part(..length)),
        Name::NotRead(_) => Some(inner),
        Name::Archive(_) | Name::Other => signed(),
    }
}

/// Whether the name is that of an archive, of a kind that is read or not.
#[must_use]
pub fn is_archive(path: &str) -> bool {
    match of_name(path.rsplit('/').next().unwrap_or(path)) {
        Name::Archive(_) | Name::NotRead(_) => true,
        Name::Packed(..) | Name::Other => false,
    }
}

/// A file's name without the ending that says that it is an archive.
#[must_use]
pub fn without_ending(name: &str) -> &str {
    // Each ending begins with a point, and most folders have none.
    if !name.contains('.') {
        return name;
    }
    let lower = name.to_ascii_lowercase();
    let not_read = NOT_READ.iter().map(|(ending, _)| *ending);
    let packed = PACKINGS.iter().map(|(ending, _)| *ending).filter(|_| matches!(of_name(name), Name::Archive(_)));
    // `.tar.gz` before `.gz`.
    let endings = TARS.iter().map(|(ending, _)| *ending).chain([".zip"]).chain(not_read).chain(packed);
    let ending = endings.filter(|ending| lower.ends_with(ending)).max_by_key(|ending| ending.len());
    ending.map_or(name, |ending| name.part(..name.len() - ending.len()))
}

/// With what an archive is encrypted, by the ending behind that of the archive. `.asc` is a signature mostly, and
/// no part of the configuration.
fn sealed(name: &str) -> Option<&'static str> {
    SEALED.iter().find_map(|(ending, word)| {
        let inner = name.strip_suffix(ending)?;
        matches!(of_name(inner), Name::Archive(_) | Name::NotRead(_)).then_some(*word)
    })
}

/// `nodes.z01`, `nodes.zip.001`, `nodes.tar.gz.aa`, `nodes.7z.part1`: a part of a split archive.
fn is_part(name: &str) -> bool {
    let Some((stem, last)) = name.rsplit_once('.') else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if last.len() == 3 && (last.starts_with('z') || last.starts_with('r')) && digits(last.part(1..)) {
        return true;
    }
    let letters = last.len() == 2 && last.starts_with('a') && last.bytes().all(|byte| byte.is_ascii_lowercase());
    let numbered = (2..=4).contains(&last.len()) && digits(last);
    let packed = || {
        let inner = matches!(of_name(stem), Name::Archive(_) | Name::NotRead(_));
        inner || PACKINGS.iter().any(|(suffix, _)| stem.ends_with(suffix))
    };
    (letters || numbered || last.starts_with("part")) && packed()
}

pub(super) fn not_read(word: &str) -> Unread {
    match word {
        "gpg" | "age" | "a password" => {
            Unread::archive(format!("it is encrypted with {word}"), "decrypt it and give that")
        }
        "squashfs" | "wim" | "vmdk" | "qcow2" | "vhd" | "vhdx" => {
            Unread::archive(format!("{word} images are not read"), "mount or unpack it and give the folder")
        }
        word => Unread::archive(
            format!("{word} archives are not read"),
            "unpack it and give the folder, or pack it as .zip or .tar.gz",
        ),
    }
}

pub(super) fn part() -> Unread {
    Unread::archive(
        "it is a part of a split archive",
        "join the parts and give the whole, or unpack it and give the folder",
    )
}

/// What the first bytes say.
pub(super) fn of_head(head: &[u8]) -> Option<Magic> {
    const MAGIC: [(&[u8], Magic); 34] = [
        (b"PK\x03\x04", Magic::Zip),
        (b"PK\x05\x06", Magic::Zip),
        (b"PK\x07\x08", Magic::Zip),
        (b"\x1f\x8b\x08", Magic::Packed(Packing::Gzip)),
        (b"\xfd7zXZ\0", Magic::Packed(Packing::Xz)),
        (b"\x28\xb5\x2f\xfd", Magic::Packed(Packing::Zstd)),
        (b"7z\xbc\xaf\x27\x1c", Magic::NotRead("7z")),
        (b"Rar!\x1a\x07", Magic::NotRead("rar")),
        (b"MSCF\0\0\0\0", Magic::NotRead("cab")),
        (b"LZIP\x01", Magic::NotRead("lzip")),
        (b"LZIP\0", Magic::NotRead("lzip")),
        (b"LRZI", Magic::NotRead("lrzip")),
        (b"7kSt", Magic::NotRead("zpaq")),
        (b"xar!", Magic::NotRead("xar")),
        (b"\xff\x06\0\0sNaPpY", Magic::NotRead("snappy")),
        (b"\xed\xab\xee\xdb", Magic::NotRead("rpm")),
        (b"hsqs", Magic::NotRead("squashfs")),
        (b"sqsh", Magic::NotRead("squashfs")),
        (b"MSWIM\0\0\0", Magic::NotRead("wim")),
        (b"KDMV", Magic::NotRead("vmdk")),
        (b"# Disk DescriptorFile", Magic::NotRead("vmdk")),
        (b"QFI\xfb", Magic::NotRead("qcow2")),
        (b"conectix", Magic::NotRead("vhd")),
        (b"vhdxfile", Magic::NotRead("vhdx")),
        (b"age-encryption.org/", Magic::NotRead("age")),
        (b"-----BEGIN AGE ENCRYPTED FILE", Magic::NotRead("age")),
        (b"Salted__", Magic::NotRead("a password")),
        (b"\x89LZO\0\r\n", Magic::NotRead("lzop")),
        (b"\x04\x22\x4d\x18", Magic::NotRead("lz4")),
        (b"\x1f\x9d", Magic::NotRead("compress")),
        (b"\x1f\xa0", Magic::NotRead("compress")),
        (b"070701", Magic::NotRead("cpio")),
        (b"-----BEGIN PGP MESSAGE", Magic::NotRead("gpg")),
        (b"\x60\xea", Magic::NotRead("arj")),
    ];
    if head.starts_with(b"BZh") && matches!(head.get(3), Some(b'1'..=b'9')) {
        return Some(Magic::Packed(Packing::Bzip2));
    }
    // A frame that is skipped may stand before those of Zstandard: `pzstd` writes them so.
    if head.len() > 4 && (0x50..=0x5f).contains(&head[0]) && head[1..4] == [0x2a, 0x4d, 0x18] {
        return Some(Magic::Packed(Packing::Zstd));
    }
    let known = MAGIC.iter().find(|(start, _)| head.starts_with(start)).map(|(_, magic)| *magic);
    known.or_else(|| is_tar(head).then_some(Magic::Tar))
}

/// Endings of programs, documents and media that are packed like archives and hold no configuration, or are none for
/// sure.
const OTHERS: [&str; 42] = [
    "jar", "war", "ear", "car", "aar", "mar", "dar", "sar", "class", "whl", "egg", "nupkg", "apk", "ipa", "xpi", "crx",
    "kmz", "epub", "docx", "xlsx", "pptx", "odt", "ods", "odp", "pdf", "png", "jpg", "jpeg", "gif", "ico", "svg",
    "svgz", "woff", "woff2", "ttf", "eot", "js", "css", "htm", "html", "jks", "p12",
];

/// Endings of programs and documents that are zips.
const PROGRAMS: [&str; 20] = [
    "jar", "war", "ear", "car", "aar", "mar", "dar", "sar", "whl", "egg", "nupkg", "apk", "xpi", "epub", "docx",
    "xlsx", "pptx", "odt", "ods", "odp",
];

/// Whether a file is a program or a document by its name: it is packed like an archive, and may be one.
pub(super) fn is_program(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    PROGRAMS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// Whether a file whose name does not say that it is an archive may be one all the same.
pub(super) fn may_be_archive(name: &str) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    !OTHERS.iter().any(|known| extension.eq_ignore_ascii_case(known)) && matches!(of_name(name), Name::Other)
}

/// What the first bytes of a file say whose name says nothing: only what is no chance.
pub(super) fn of_content(head: &[u8]) -> Option<Magic> {
    // A name of two or three letters is found in any data.
    let block = |at: usize| head.get(at..at + 6) == Some(b"\x31\x41\x59\x26\x53\x59");
    of_head(head).filter(|magic| match magic {
        Magic::NotRead(word) => !matches!(*word, "compress" | "arj" | "cpio"),
        Magic::Packed(Packing::Bzip2) => block(4),
        _ => true,
    })
}

/// The archive that a file is by its first bytes, though its name does not say so.
pub(super) fn of_unnamed(path: &Path) -> Option<ArchiveKind> {
    of_content(&list::head(path)).map(as_archive)
}

/// What a file is by its first bytes, if it is an archive.
pub(super) fn of_file(path: &Path) -> Option<ArchiveKind> {
    of_head(&list::head(path)).map(as_archive)
}

fn as_archive(magic: Magic) -> ArchiveKind {
    match magic {
        // One of a kind that is not read is opened as any, and then named for what it is.
        Magic::Zip | Magic::NotRead(_) => ArchiveKind::Zip,
        Magic::Tar => ArchiveKind::Tar(Packing::Plain),
        Magic::Packed(packing) => ArchiveKind::Packed(packing),
    }
}

/// Whether this is the header of a tar: its name says so, or (in tars older than 1988) its checksum is right.
fn is_tar(head: &[u8]) -> bool {
    if head.len() < HEAD {
        return false;
    }
    if head[257..].starts_with(b"ustar") {
        return true;
    }
    let said = String::from_utf8_lossy(&head[148..156]);
    let said = u32::from_str_radix(said.trim_matches(['\0', ' ']), 8);
    let sum = head.iter().enumerate().map(|(at, byte)| if (148..156).contains(&at) { 32 } else { u32::from(*byte) });
    let sum: u32 = sum.sum();
    said.is_ok_and(|said| said == sum)
}

/// Bytes as text; what is no UTF-8 is written out as `\xFF`, so that two names never become one.
pub(super) fn utf8(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for chunk in name.utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a text cannot fail.
            let _ = write!(text, "\\x{byte:02X}");
        }
    }
    text
}
