//! What can be given: archives of every kind, manifests, templates, and whatever else lies in a folder.

use std::fs::{self, File};
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};

use apim_migrate::read::input::{
    Content, Found, InputError, Limits, Listing, Unread, UnreadKind, list, list_within, load, open, unpack,
};
use tempfile::TempDir;

fn wanted(path: &str) -> bool {
    ["xml", "toml", "yaml", "yml", "json"].iter().any(|end| path.ends_with(end))
        || apim_migrate::read::input::is_archive(path)
}

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        File::create(path).unwrap().write_all(bytes.as_ref()).unwrap();
        self
    }

    /// What `open` shows of a file or folder in it; empty for the folder itself.
    #[track_caller]
    fn shown(&self, name: &str) -> Vec<String> {
        let input = open(&self.path(name), &wanted).unwrap_or_else(|error| panic!("{name}: {error}"));
        input.files.iter().map(|file| format!("{}={}", file.path, text(&file.content))).collect()
    }

    #[track_caller]
    fn refused(&self, name: &str) -> Unread {
        match open(&self.path(name), &wanted) {
            Err(InputError::Unreadable { unread, .. }) => unread,
            other => panic!("{name}: {other:?}"),
        }
    }
}

/// `!` stands before why something was not read, `(` before the size of what was only listed.
fn text(content: &Content) -> String {
    match content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Content::Skipped { size } => format!("({size})"),
        Content::Expanded { files } => format!("[{files}]"),
        Content::Unreadable(unread) => format!("!{:?}: {}", unread.kind, unread.reason),
    }
}

type Files<'a> = &'a [(&'a str, &'a [u8])];

fn tar(files: Files<'_>) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    for (path, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, path, *bytes).unwrap();
    }
    archive.into_inner().unwrap()
}

fn zip(files: Files<'_>) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (path, bytes) in files {
        archive.start_file(*path, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn gz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn bz2(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), lzma_rust2::XzOptions::with_preset(0)).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lzma(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::LzmaOptions::with_preset(0);
    let mut encoder = lzma_rust2::LzmaWriter::new_use_header(Vec::new(), &options, Some(bytes.len() as u64)).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zst(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// An entry of a zip, put together by hand.
struct ZipEntry<'a> {
    path: &'a str,
    method: u16,
    encrypted: bool,
    content: &'a [u8],
    packed: Vec<u8>,
}

fn zip_by_hand(entries: &[ZipEntry<'_>]) -> Vec<u8> {
    let (mut body, mut table) = (Vec::new(), Vec::new());
    for entry in entries {
        let mut crc = flate2::Crc::new();
        crc.update(entry.content);
        let offset = body.len() as u32;
        let mut common = Vec::new();
        common.extend([20, 0]);
        common.extend(u16::from(entry.encrypted).to_le_bytes());
        common.extend(entry.method.to_le_bytes());
        common.extend([0, 0, 0x21, 0]);
        common.extend(crc.sum().to_le_bytes());
        common.extend((entry.packed.len() as u32).to_le_bytes());
        common.extend((entry.content.len() as u32).to_le_bytes());
        common.extend((entry.path.len() as u16).to_le_bytes());
        common.extend([0, 0]);
        body.extend(b"PK\x03\x04");
        body.extend(&common);
        body.extend(entry.path.as_bytes());
        body.extend(&entry.packed);
        table.extend(b"PK\x01\x02\x14\0");
        table.extend(&common);
        table.extend([0; 10]);
        table.extend(offset.to_le_bytes());
        table.extend(entry.path.as_bytes());
    }
    let (start, length, count) = (body.len() as u32, table.len() as u32, (entries.len() as u16).to_le_bytes());
    body.extend(table);
    body.extend(b"PK\x05\x06\0\0\0\0");
    body.extend(count);
    body.extend(count);
    body.extend(length.to_le_bytes());
    body.extend(start.to_le_bytes());
    body.extend([0, 0]);
    body
}

const CARBON: &[u8] = b"<Server><HostName>gw.example.com</HostName></Server>";
const NODE: Files<'static> =
    &[("gw/repository/conf/carbon.xml", CARBON), ("gw/lib/data.bin", b"0123"), ("gw/repository/conf/b.toml", b"[b]")];

fn node(above: &str) -> Vec<String> {
    vec![
        format!("{above}gw/lib/data.bin=(4)"),
        format!("{above}gw/repository/conf/b.toml=[b]"),
        format!("{above}gw/repository/conf/carbon.xml={}", String::from_utf8_lossy(CARBON)),
    ]
}

#[test]
fn archives_of_every_kind_hold_the_same() {
    let folder = Folder::new();
    let tar = tar(NODE);
    let kinds: [(&str, Vec<u8>); 21] = [
        ("n.zip", zip(NODE)),
        ("N.ZIP", zip(NODE)),
        ("n.tar", tar.clone()),
        ("n.tar.gz", gz(&tar)),
        ("n.Tgz", gz(&tar)),
        ("n.tar.bz2", bz2(&tar)),
        ("n.tbz2", bz2(&tar)),
        ("n.tbz", bz2(&tar)),
        ("n.tar.xz", xz(&tar)),
        ("n.TXZ", xz(&tar)),
        ("n.tar.lzma", lzma(&tar)),
        ("n.tar.zst", zst(&tar)),
        ("n.tzst", zst(&tar)),
        // The content counts where the name says something else, or nothing.
        ("tar.zip", tar.clone()),
        ("gz.zip", gz(&tar)),
        ("xz.tar.gz", xz(&tar)),
        ("zip.tar.gz", zip(NODE)),
        ("wso2am-2.6.0.gz", gz(&tar)),
        ("nodes.zip.gz", gz(&zip(NODE))),
        ("backup", gz(&tar)),
        ("backup.bin", zip(NODE)),
    ];
    for (name, bytes) in &kinds {
        folder.put(&format!("{name}/{name}"), bytes);
        assert_eq!(folder.shown(&format!("{name}/{name}")), node(""), "{name}");
        // Beside others it is found by its name.
        if !name.starts_with("backup") {
            assert_eq!(folder.shown(name), node(&format!("{name}/")), "{name}");
        }
    }
    assert!(!apim_migrate::read::input::is_archive("lib/axis2.jar"));
    assert!(!apim_migrate::read::input::is_archive("store.war"));
}

#[test]
fn one_bad_entry_of_a_zip_costs_only_itself() {
    let text = b"<a>packed, packed, packed, packed, packed</a>".as_slice();
    let raw_lzma = {
        // In a zip a version and the length of the properties stand before these, and no size behind them.
        let alone = lzma(text);
        [&[9, 20, 5, 0], &alone[..5], &alone[13..]].concat()
    };
    let huge_window = [&[9, 20, 5, 0, 0x5d, 0xff, 0xff, 0xff, 0xff], &raw_lzma[9..]].concat();
    let deflate64 = [&[1, text.len() as u8, 0, !(text.len() as u8), 0xff], text].concat();
    let entry = |path, method, packed| ZipEntry { path, method, encrypted: false, content: text, packed };
    let mut wrong = zst(text);
    let last = wrong.len() - 10;
    wrong[last] ^= 0x20;
    let bytes = zip_by_hand(&[
        entry("0.xml", 0, text.to_vec()),
        entry("08.xml", 8, deflated(text)),
        entry("09.xml", 9, deflate64),
        entry("12.xml", 12, bz2(text)),
        entry("14.xml", 14, raw_lzma),
        entry("93.xml", 93, zst(text)),
        entry("95.xml", 95, xz(text)),
        entry("a-ppmd.xml", 98, text.to_vec()),
        entry("b-window.xml", 14, huge_window),
        entry("c-cut.xml", 8, deflated(text)[..10].to_vec()),
        entry("d-sum.xml", 0, b"<a>Packed, packed, packed, packed, packed</a>".to_vec()),
        entry("e-sum.xml", 93, wrong),
        ZipEntry { encrypted: true, ..entry("f-secret.xml", 8, deflated(text)) },
        // What is not wanted need not be readable.
        ZipEntry { encrypted: true, ..entry("g-secret.jks", 98, text.to_vec()) },
        entry("h.xml", 0, text.to_vec()),
    ]);
    let folder = Folder::new();
    let shown = folder.put("n.zip", bytes).shown("n.zip");
    let (good, bad): (Vec<&String>, Vec<&String>) = shown.iter().partition(|line| line.contains("=<a>packed"));
    let named =
        |lines: &[&String]| lines.iter().map(|line| line.split('=').next().unwrap().to_owned()).collect::<Vec<_>>();
    assert_eq!(named(&good), ["0.xml", "08.xml", "09.xml", "12.xml", "14.xml", "93.xml", "95.xml", "h.xml"]);
    assert_eq!(bad[0], "a-ppmd.xml=!Archive: it is packed by method 98 (PPMd), which is not read");
    assert_eq!(bad[1], "b-window.xml=!Limit: zip that needs more memory to unpack than is allowed");
    assert!(bad[2].starts_with("c-cut.xml=!Archive: "), "{}", bad[2]);
    assert_eq!(bad[3], "d-sum.xml=!Archive: damaged zip: its checksum does not fit its content");
    assert!(bad[4].starts_with("e-sum.xml=!Archive: damaged zip: "), "{}", bad[4]);
    assert_eq!(bad[5], "f-secret.xml=!Archive: it is encrypted");
    assert_eq!(bad[6], "g-secret.jks=(45)");
}

/// A folder with a good deployment and an archive that cannot be read: both are told.
#[test]
fn an_archive_that_cannot_be_read_is_told_and_stops_nothing() {
    let tar = tar(NODE);
    let cases: [(&str, Vec<u8>, &str); 17] = [
        ("cut.zip", zip(NODE)[..100].to_vec(), "truncated zip: it has no end record"),
        ("cut.tar.xz", xz(&tar)[..20].to_vec(), "truncated xz: it ends too early"),
        ("cut.tar.gz", gz(&tar)[..20].to_vec(), "truncated gzip: it ends too early"),
        ("cut.tar.bz2", bz2(&tar)[..20].to_vec(), "truncated bzip2: it ends too early"),
        ("cut.tar.zst", zst(&tar)[..20].to_vec(), "truncated zstd: it ends too early"),
        ("cut.tar.lzma", lzma(&tar)[..20].to_vec(), "truncated lzma: it ends too early"),
        ("cut.tar", tar[..300].to_vec(), "damaged tar: it does not begin as one"),
        ("empty.zip", Vec::new(), "it is empty"),
        ("page.zip", b"<!DOCTYPE html><html>Sign in</html>".to_vec(), "it is a web page, not a zip"),
        ("any.7z", b"7z\xbc\xaf\x27\x1c\0".to_vec(), "7z archives are not read"),
        ("any.rar", b"Rar!\x1a\x07\x01\0".to_vec(), "rar archives are not read"),
        ("any.RAR", b"damaged".to_vec(), "rar archives are not read"),
        ("rar.zip", b"Rar!\x1a\x07\x01\0".to_vec(), "rar archives are not read"),
        ("any.tar.lz", b"LZIP".to_vec(), "lzip archives are not read"),
        ("any.tar.Z", b"\x1f\x9d".to_vec(), "compress archives are not read"),
        ("any.zip.001", b"PK".to_vec(), "it is a part of a split archive"),
        ("any.z01", b"PK".to_vec(), "it is a part of a split archive"),
    ];
    for (name, bytes, reason) in cases {
        let folder = Folder::new();
        folder.put("in/good/repository/conf/carbon.xml", CARBON).put(&format!("in/old/{name}"), &bytes);
        let good = format!("good/repository/conf/carbon.xml={}", String::from_utf8_lossy(CARBON));
        assert_eq!(folder.shown("in"), [good, format!("old/{name}=!Archive: {reason}")], "{name}");
        let alone = folder.refused(&format!("in/old/{name}"));
        assert_eq!((alone.kind, &*alone.reason), (UnreadKind::Archive, reason));
        assert!(!alone.help.is_empty());
    }
}

/// What stands before the cut is kept, and the cut is told.
#[test]
fn of_a_cut_tar_the_beginning_is_read() {
    // No packing makes one of these small.
    let mut state = 1_u32;
    let mut random = || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    };
    let noise: Vec<u8> = (0..400_000).map(|_| random()).collect();
    let files: Files<'_> = &[("a.xml", b"<a/>"), ("b.xml", b"<b/>"), ("noise.bin", &noise), ("z.xml", b"<z/>")];
    let tar = tar(files);
    let folder = Folder::new();
    let half = |bytes: Vec<u8>| bytes[..bytes.len() / 2].to_vec();
    for (name, bytes) in [
        ("n.tar", half(tar.clone())),
        ("n.tar.gz", half(gz(&tar))),
        ("n.tar.xz", half(xz(&tar))),
        ("n.tar.zst", half(zst(&tar))),
        ("n.tar.lzma", half(lzma(&tar))),
        // Cut where a file ends.
        ("even.tar", tar[..2048].to_vec()),
    ] {
        folder.put(name, bytes);
        let listing = list(&folder.path(name)).unwrap();
        let unpacked = unpack(&listing, &listing.entries[0], &wanted).unwrap();
        let read: Vec<&str> = unpacked.files.iter().map(|file| &*file.path).collect();
        assert_eq!(read[..2], ["a.xml", "b.xml"], "{name}");
        assert!(!read.contains(&"z.xml"));
        let damage = unpacked.damage.unwrap();
        assert_eq!(damage.kind, UnreadKind::Archive);
        assert!(
            damage.reason.starts_with("truncated tar: it ends too early; only the first entries"),
            "{}",
            damage.reason
        );
        let shown = folder.shown(name);
        assert!(shown.iter().any(|line| line.starts_with(&format!("{name}=!Archive: truncated tar"))), "{shown:?}");
        folder.put(&format!("in/{name}"), fs::read(folder.path(name)).unwrap());
    }
    let shown = folder.shown("in");
    assert!(shown.contains(&"n.tar.gz/a.xml=<a/>".to_owned()), "{shown:?}");
    assert!(shown.iter().any(|line| line.starts_with("n.tar.gz=!Archive: truncated tar")), "{shown:?}");
}

/// Bytes changed, cut and doubled at any place: what is read is what was packed, or something is told.
#[test]
fn damage_anywhere_is_told() {
    let text = b"<Server><HostName>gw.example.com</HostName><Offset>0</Offset></Server>".repeat(20);
    let files: Files<'_> = &[("a.xml", &text), ("b.bin", b"0123"), ("c.toml", &text), ("d.yaml", &text)];
    let tar = tar(files);
    let kinds = [
        ("n.zip", zip(files)),
        ("n.tar", tar.clone()),
        ("n.tgz", gz(&tar)),
        ("n.tbz", bz2(&tar)),
        ("n.txz", xz(&tar)),
        ("n.tar.lzma", lzma(&tar)),
        ("n.tzst", zst(&tar)),
        ("m.zip", zip(&[("n.tgz", &gz(&tar)), ("n.zip", &zip(files))])),
    ];
    let rounds: u32 = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(60);
    let folder = Folder::new();
    let mut state = 7_u32;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below
    };
    for (name, whole) in kinds {
        for _ in 0..rounds {
            let mut bytes = whole.clone();
            let cut = random(3) == 0;
            match random(3) {
                _ if cut => bytes.truncate(random(whole.len())),
                0 => bytes.splice(random(whole.len()).., whole[random(whole.len())..].iter().copied()).for_each(drop),
                _ => (0..=random(4)).for_each(|_| bytes[random(whole.len())] = random(256) as u8),
            }
            folder.put(name, &bytes);
            let listing = list(&folder.path(name)).unwrap();
            let Ok(unpacked) = unpack(&listing, &listing.entries[0], &wanted) else { continue };
            // A plain tar has no sum over its files, nor has .lzma.
            if cut && unpacked.damage.is_none() && !name.ends_with("zip") {
                let read =
                    unpacked.files.iter().filter(|file| matches!(&file.content, Content::Bytes(read) if *read == text));
                assert_eq!(read.count(), 3, "{name}: {} of {} bytes", bytes.len(), whole.len());
            }
        }
    }
}

/// A file of a packed tar may look whole and be wrong.
#[test]
fn a_wrong_checksum_is_told() {
    let tar = tar(NODE);
    let folder = Folder::new();
    let mut wrong = gz(&tar);
    let sum = wrong.len() - 8;
    wrong[sum] ^= 1;
    folder.put("n.tar.gz", wrong);
    let shown = folder.shown("n.tar.gz");
    assert_eq!(shown[..3], node(""));
    assert_eq!(
        shown[3],
        "n.tar.gz=!Archive: damaged tar: its content cannot be unpacked; all entries before it were read (3)"
    );
    // Zeros behind it are none of it.
    folder.put("padded.tar.gz", [gz(&tar), vec![0; 512]].concat());
    assert_eq!(folder.shown("padded.tar.gz"), node(""));
    // Neither is what the product renders itself.
    folder.put("home.zip", zip(&[("h/repository/resources/conf/templates/carbon.xml.j2", b"{{ a }}"), NODE[0]]));
    assert_eq!(folder.shown("home.zip").last().unwrap(), "h/repository/resources/conf/templates/carbon.xml.j2=(7)");
}

#[test]
fn a_single_packed_file_is_the_file_in_it() {
    let folder = Folder::new();
    folder
        .put("in/conf/api-manager.xml.gz", gz(b"<A/>"))
        .put("in/conf/deployment.toml.XZ", xz(b"[a]"))
        .put("in/conf/carbon.xml.bz2", bz2(b"<C/>"))
        .put("in/conf/jndi.xml.zst", zst(b"<J/>"))
        .put("in/conf/cut.xml.gz", &gz(CARBON)[..20])
        .put("in/conf/registry.xml", b"<R/>")
        .put("in/conf/registry.xml.gz", gz(b"<Old/>"))
        .put("in/conf/odd.xml.lz4", b"x")
        .put("in/logs/wso2carbon.log.gz", b"no gzip at all");
    let expected = [
        "conf/api-manager.xml=<A/>",
        "conf/carbon.xml=<C/>",
        "conf/cut.xml.gz=!Archive: truncated gzip file: it ends too early",
        "conf/deployment.toml=[a]",
        "conf/jndi.xml=<J/>",
        "conf/odd.xml.lz4=!Archive: lz4 archives are not read",
        "conf/registry.xml=<R/>",
        "conf/registry.xml.gz=!File: the same file stands unpacked beside it, which is read",
        "logs/wso2carbon.log.gz=(14)",
    ];
    assert_eq!(folder.shown("in"), expected);
    assert_eq!(folder.shown("in/conf/api-manager.xml.gz"), ["api-manager.xml=<A/>"]);
}

#[test]
fn bombs_are_stopped_by_what_they_become() {
    let limits = Limits { file: 1 << 20, total: 4 << 20, grown: 8 << 20, inner_zip: 1 << 20, ..Limits::default() };
    let zeros = vec![0; 64 << 20];
    let folder = Folder::new();
    let reasons = |name: &str, bytes: Vec<u8>| -> Vec<String> {
        folder.put(name, bytes);
        let listing = list_within(&folder.path(name), limits).unwrap();
        match unpack(&listing, &listing.entries[0], &wanted) {
            Err(unread) => vec![format!("!{:?}: {}", unread.kind, unread.reason)],
            Ok(unpacked) => {
                let damage = unpacked.damage.into_iter().map(|unread| format!("{:?}: {}", unread.kind, unread.reason));
                damage
                    .chain(unpacked.files.iter().map(|file| format!("{}={}", file.path, text(&file.content))))
                    .collect()
            }
        }
    };
    // Data that nobody wants is passed over, but not without end.
    let big = tar(&[("a.xml", b"<a/>"), ("data.bin", &zeros), ("b.xml", b"<b/>")]);
    let expected = [
        "Limit: it grows to more than 12 MiB when unpacked, as no configuration does; only the first entries were read (2)",
        "a.xml=<a/>",
        "data.bin=(67108864)",
    ];
    assert_eq!(reasons("b.tgz", gz(&big)), expected);
    // A name without end is no name.
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(tar::EntryType::GNULongName);
    header.set_size(5 << 20);
    header.set_cksum();
    let long = [header.as_bytes().as_slice(), &vec![b'x'; 5 << 20]].concat();
    assert_eq!(reasons("long.tar", long), ["!Limit: it has a name longer than any system allows"]);
    // One file larger than any, many that are too much together, and sizes that lie.
    let found = reasons("c.zip", zip(&[("a.xml", &zeros[..2 << 20]), ("b.xml", b"<b/>")]));
    assert_eq!(found, ["a.xml=!Limit: it is larger than 1 MiB", "b.xml=<b/>"]);
    let many: Vec<(String, &[u8])> = (0..6).map(|n| (format!("{n}.xml"), &zeros[..1 << 20])).collect();
    let many: Vec<(&str, &[u8])> = many.iter().map(|(path, bytes)| (&**path, *bytes)).collect();
    let found = reasons("d.zip", zip(&many));
    assert_eq!(
        found[4..],
        [
            "4.xml=!Limit: the files before it take 4 MiB already",
            "5.xml=!Limit: the files before it take 4 MiB already"
        ]
    );
    let lying =
        ZipEntry { path: "a.xml", method: 8, encrypted: false, content: b"<a/>", packed: deflated(&zeros[..2 << 20]) };
    assert!(reasons("e.zip", zip_by_hand(&[lying]))[0].starts_with("a.xml=!"));
    // Packed again and again, and archives in archives in archives.
    let found = reasons("f.tar.gz", gz(&gz(&gz(&gz(&gz(&gz(&tar(NODE))))))));
    assert_eq!(found, ["!Limit: it is packed again and again"]);
    let mut nested = zip(NODE);
    for level in 0..5 {
        nested = zip(&[(&*format!("{level}.zip"), &nested)]);
    }
    assert_eq!(
        reasons("g.zip", nested),
        ["4.zip/3.zip/2.zip/1.zip=!Limit: archives lie in each other more than 4 deep"]
    );
    // The same bytes without the packing are no bomb.
    let found = reasons("plain.tar", big);
    assert_eq!(found, ["a.xml=<a/>", "b.xml=<b/>", "data.bin=(67108864)"]);
}

/// The files of an archive may be a million; those of a deployment are not.
#[test]
fn too_many_files_are_told() {
    let folder = Folder::new();
    let names: Vec<String> = (0..20).map(|n| format!("{n}.xml")).collect();
    let files: Vec<(&str, &[u8])> = names.iter().map(|name| (&**name, b"<a/>".as_slice())).collect();
    folder.put("n.zip", zip(&files)).put("n.tar", tar(&files));
    let limits = Limits { files: 10, ..Limits::default() };
    for name in ["n.zip", "n.tar"] {
        let listing = list_within(&folder.path(name), limits).unwrap();
        let damage = unpack(&listing, &listing.entries[0], &wanted).unwrap().damage.unwrap();
        assert_eq!(damage.kind, UnreadKind::Limit);
        assert!(damage.reason.starts_with("it has more than 10 files"), "{}", damage.reason);
    }
    for name in &names {
        folder.put(&format!("in/{name}"), b"<a/>");
    }
    let error = list_within(&folder.path("in"), limits).unwrap_err();
    assert!(matches!(error, InputError::TooMany(_, 10)));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    use std::os::unix::net::UnixListener;

    use super::*;

    fn found(listing: &Listing) -> Vec<String> {
        let shown = |found: &Found| match found {
            Found::File { size } => format!("({size})"),
            Found::Archive(kind) => format!("{kind:?}"),
            Found::NotRead(unread) => format!("!{:?}: {}", unread.kind, unread.reason),
        };
        listing.entries.iter().map(|entry| format!("{}={}", entry.path, shown(&entry.found))).collect()
    }

    /// Each level links twice to the next: two to the thirtieth ways lead to the last.
    #[test]
    fn a_fan_of_links_is_walked_once() {
        let folder = Folder::new();
        for level in 0..30 {
            folder.put(&format!("in/{level:02}/a.xml"), b"<a/>");
            for name in ["x", "y"] {
                symlink(format!("../{:02}", level + 1), folder.path(&format!("in/{level:02}/{name}"))).unwrap();
            }
        }
        let listing = list(&folder.path("in")).unwrap();
        assert_eq!(listing.entries.len(), 30 * 3);
        let files = listing.entries.iter().filter(|entry| matches!(entry.found, Found::File { .. })).count();
        assert_eq!(files, 30);
    }

    #[test]
    fn links_out_of_the_input_are_followed_once() {
        let folder = Folder::new();
        folder.put("elsewhere/conf/a.xml", b"<a/>").put("in/b.xml", b"<b/>");
        symlink("../elsewhere", folder.path("in/one")).unwrap();
        symlink("../elsewhere/conf", folder.path("in/two")).unwrap();
        symlink("..", folder.path("in/up")).unwrap();
        symlink("two", folder.path("elsewhere/loop")).unwrap();
        symlink("../elsewhere/conf/a.xml", folder.path("in/file.xml")).unwrap();
        let expected = [
            "b.xml=(4)",
            "file.xml=(4)",
            "one/conf/a.xml=(4)",
            "one/loop=!NotRegular: it is a link to nothing",
            "two=!ReadElsewhere: it is a link to a folder that is read already",
            "up=!ReadElsewhere: it is a link to a folder above it",
        ];
        assert_eq!(found(&list(&folder.path("in")).unwrap()), expected);
    }

    #[test]
    fn only_regular_files_are_opened() {
        let folder = Folder::new();
        folder.put("in/a.xml", b"<a/>");
        symlink("/dev/zero", folder.path("in/carbon.xml")).unwrap();
        symlink("/dev/zero", folder.path("in/nodes.zip")).unwrap();
        let _socket = UnixListener::bind(folder.path("in/socket.xml")).unwrap();
        let fifo = std::process::Command::new("mkfifo").arg(folder.path("in/pipe.xml")).status();
        let mut expected = vec![
            "a.xml=<a/>",
            "carbon.xml=!NotRegular: it is no regular file",
            "nodes.zip=!NotRegular: it is no regular file",
            "socket.xml=!NotRegular: it is no regular file",
        ];
        if fifo.is_ok_and(|status| status.success()) {
            expected.insert(3, "pipe.xml=!NotRegular: it is no regular file");
        }
        assert_eq!(folder.shown("in"), expected);
        assert_eq!(folder.refused("in/carbon.xml").kind, UnreadKind::NotRegular);
        // It changed between the walk and the reading.
        let listing = list(&folder.path("in")).unwrap();
        fs::remove_file(folder.path("in/a.xml")).unwrap();
        symlink("/dev/zero", folder.path("in/a.xml")).unwrap();
        let files = load(&listing, &[&listing.entries[0]], &wanted);
        assert_eq!(text(&files[0].content), "!NotRegular: it is no regular file");
    }

    #[test]
    fn what_the_system_refuses_is_told() {
        let folder = Folder::new();
        folder.put("in/a.xml", b"<a/>").put("in/closed/b.xml", b"<b/>").put("in/c.xml", b"<c/>");
        let close =
            |name: &str, mode| fs::set_permissions(folder.path(name), fs::Permissions::from_mode(mode)).unwrap();
        close("in/closed", 0);
        close("in/c.xml", 0);
        // Root reads all.
        if fs::read(folder.path("in/c.xml")).is_err() {
            let expected = ["a.xml=<a/>", "c.xml=!File: permission denied", "closed=!File: permission denied"];
            assert_eq!(folder.shown("in"), expected);
        }
        close("in/closed", 0o700);
    }

    #[test]
    fn names_that_are_no_text_stay_apart() {
        use std::os::unix::ffi::OsStrExt as _;
        let folder = Folder::new();
        folder.put("in/x.txt", b"");
        for bytes in [&b"a\xff.xml"[..], b"a\xfe.xml"] {
            let path = folder.path("in").join(std::ffi::OsStr::from_bytes(bytes));
            if File::create(path).is_err() {
                return;
            }
        }
        assert_eq!(found(&list(&folder.path("in")).unwrap()), ["a\\xFE.xml=(0)", "a\\xFF.xml=(0)", "x.txt=(0)"]);
    }
}

fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

#[test]
fn config_maps_become_the_files_that_they_hold() {
    let folder = Folder::new();
    let gateway = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: acme-gateway-conf\ndata:\n  deployment.toml: |-\n    \
                   [server]\n    hostname = \"gw.example.com\"\n  notes.txt: nothing\n";
    let toml = "[server]\nhostname = \"gw.example.com\"";
    folder.put("one/gateway-conf.yaml", gateway);
    let expected = [format!("acme-gateway/deployment.toml={toml}"), "gateway-conf.yaml=[1]".to_owned()];
    assert_eq!(folder.shown("one"), expected);
    assert_eq!(folder.shown("one/gateway-conf.yaml"), expected);
    // Maps of one server, in one file and in several, come together; two servers stay two.
    folder
        .put(
            "many/all.yaml",
            "---\nkind: ConfigMap\nmetadata: {name: apim-km-conf}\ndata:\n  carbon.xml: <km/>\n---\n# between\n---\n\
             kind: ConfigMap\nmetadata: {name: apim-km-conf-datasources}\ndata: {master-datasources.xml: <ds/>}\n---\n\
             kind: ConfigMap\nmetadata: {name: apim-tm-conf}\ndata: {carbon.xml: <tm/>}\n",
        )
        .put("many/axis2.yml", "kind: ConfigMap\nmetadata: {name: apim-km-conf-axis2}\ndata: {axis2.xml: <axis/>}\n")
        .put("many/values.yaml", "carbon.xml: no manifest\n");
    let expected = [
        "all.yaml=[3]",
        "apim-km/axis2.xml=<axis/>",
        "apim-km/carbon.xml=<km/>",
        "apim-km/master-datasources.xml=<ds/>",
        "apim-tm/carbon.xml=<tm/>",
        "axis2.yml=[1]",
        "values.yaml=carbon.xml: no manifest\n",
    ];
    assert_eq!(folder.shown("many"), expected);
    // In an archive too.
    let all = fs::read(folder.path("many/all.yaml")).unwrap();
    folder.put("packed/k8s.zip", zip(&[("k8s/all.yaml", &all)]));
    assert!(folder.shown("packed").contains(&"k8s.zip/k8s/apim-tm/carbon.xml=<tm/>".to_owned()));
}

#[test]
fn secrets_lists_and_json_hold_files_too() {
    let folder = Folder::new();
    let encoded = base64(CARBON);
    let (first, second) = encoded.split_at(20);
    let carbon = String::from_utf8_lossy(CARBON);
    folder
        .put(
            "secret/s.yaml",
            format!(
                "apiVersion: v1\nkind: List\nitems:\n- kind: Secret\n  metadata: {{name: gw-secret, namespace: prod}}\n  \
                 data:\n    carbon.xml: |\n      {first}\n      {second}\n    keystore.jks: AAAA\n    bad.xml: '***'\n  \
                 stringData:\n    deployment.toml: '[a]'\n- kind: Deployment\n  metadata: {{name: gw}}\n"
            ),
        )
        .put(
            "binary/b.json",
            format!(
                r#"{{"kind":"ConfigMapList","items":[{{"kind":"ConfigMap","metadata":{{"name":"gw"}},"binaryData":{{"carbon.xml":"{encoded}"}}}}]}}"#
            ),
        );
    let shown = folder.shown("secret");
    assert_eq!(
        shown[..3],
        [
            "gw/bad.xml=!File: its value is not base64".to_owned(),
            format!("gw/carbon.xml={carbon}"),
            "gw/deployment.toml=[a]".to_owned()
        ]
    );
    // It holds more than maps: it may say how the node is started.
    assert!(shown[3].starts_with("s.yaml=apiVersion"), "{shown:?}");
    assert_eq!(folder.shown("binary"), ["b.json=[1]".to_owned(), format!("gw/carbon.xml={carbon}")]);
}

#[test]
fn maps_of_one_name_never_hide_each_other() {
    let folder = Folder::new();
    let map = |name: &str, namespace: &str, text: &str| {
        format!("kind: ConfigMap\nmetadata: {{name: {name}{namespace}}}\ndata: {{carbon.xml: {text}}}\n---\n")
    };
    let dev = map("gw-conf", ", namespace: dev", "<dev/>");
    let prod = map("gw-conf", ", namespace: prod", "<prod/>");
    folder.put("spaces/a.yaml", dev + &prod);
    assert_eq!(folder.shown("spaces"), ["a.yaml=[2]", "dev/gw/carbon.xml=<dev/>", "prod/gw/carbon.xml=<prod/>"]);
    folder.put("copies/a.yaml", map("gw-conf", "", "<one/>")).put("copies/b.yaml", map("gw-conf", "", "<two/>"));
    folder.put("copies/c.yaml", map("gw-conf", "", "<one/>"));
    let expected = ["a.yaml=[1]", "b.yaml=[1]", "c.yaml=[1]", "gw-conf/carbon.xml=<two/>", "gw/carbon.xml=<one/>"];
    assert_eq!(folder.shown("copies"), expected);
    // Names are those of folders here, whatever they say.
    folder.put("evil/a.yaml", map("'../../etc'", "", "<a/>") + "kind: ConfigMap\ndata: {'../up.xml': <b/>}\n");
    assert_eq!(folder.shown("evil"), [".._.._etc/carbon.xml=<a/>", "a.yaml=[1]"]);
}

/// Whatever stands in a manifest, reading it ends, without a panic.
#[test]
fn any_manifest_is_read_or_told() {
    let whole = "---\nkind: List\nitems:\n- &a {kind: ConfigMap, metadata: {name: \"x-conf\"}, data: {a.xml: '<a/>'}}\n- *a\n- ? kind\n  : Secret\n  \
                 data: !!map\n    carbon.xml: >-\n      QUFB\n      QUFB\n    b.toml: |2\n        [b]\n    \"c\\u002exml\": ~\n...\n%YAML 1.2\n---\nkind: ConfigMap\n"
        .as_bytes();
    let marks: Vec<&[u8]> = vec![
        b"{",
        b"}",
        b"[",
        b"]",
        b": ",
        b"- ",
        b"&a ",
        b"*a",
        b"|\n",
        b"'",
        b"\"",
        b"#",
        b"!",
        b"%",
        b"\t",
        b"\r\n",
        b"? ",
        b"---\n",
        b"\xff",
        "\u{85}".as_bytes(),
    ];
    let rounds: usize = std::env::var("ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(100);
    let folder = Folder::new();
    let mut state = 11_u32;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as usize % below
    };
    for _ in 0..rounds {
        let mut bytes = whole.to_vec();
        for _ in 0..=random(6) {
            let at = random(bytes.len());
            let end = (at + random(4)).min(bytes.len());
            bytes.splice(at..end, marks[random(marks.len())].iter().copied()).for_each(drop);
        }
        folder.put("in/x.yaml", &bytes).put("in/x.json", &bytes);
        assert!(open(&folder.path("in"), &wanted).unwrap().files.len() >= 2);
    }
}

#[test]
fn templates_are_named_and_not_read() {
    let folder = Folder::new();
    folder
        .put("in/chart/templates/gw-conf.yaml", "kind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-conf\ndata:\n  deployment.toml: |-\n    [server]\n    {{- if .Values.x }}\n    a = 1\n    {{- end }}\n")
        .put("in/chart/templates/files.yaml", "kind: ConfigMap\nmetadata: {name: a}\ndata:\n{{ (.Files.Glob \"conf/*\").AsConfig | indent 2 }}\n")
        .put("in/chart/templates/deployment.yaml", "kind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n")
        .put("in/chart/conf/deployment.toml", "[server]\n{{- if .Values.x }}\na = 1\n{{- end }}\n")
        .put("in/puppet/deployment.toml.erb", "[server]\nhostname = \"<%= @host %>\"\n")
        .put("in/puppet/carbon.xml.epp", "<Server/>")
        .put("in/role/deployment.toml.j2", "[server]\nhostname = \"{{ host }}\"\n")
        // Rendered beside it, and a mark that stands for a value: nothing is amiss.
        .put("in/role/done.toml", "[a]")
        .put("in/role/done.toml.j2", "[{{ a }}]")
        .put("in/role/marked.toml", "[a]\nb = \"{{ b }}\"\n")
        .put("in/role/tasks.sh.j2", "echo")
        .put("in/broken.yaml", "kind: Secret\nstringData:\n  carbon.xml: 'open\n");
    let expected = [
        "broken.yaml=!File: a damaged Kubernetes manifest: line 3 is no YAML",
        "chart/conf/deployment.toml=!Template: a Helm template",
        "chart/templates/deployment.yaml=kind: Deployment\nmetadata:\n  name: {{ .Release.Name }}\n",
        "chart/templates/files.yaml=!Template: a Helm template",
        "chart/templates/gw-conf.yaml=!Template: a Helm template",
        "puppet/carbon.xml.epp=!Template: a Puppet template",
        "puppet/deployment.toml.erb=!Template: a Puppet or other ERB template",
        "role/deployment.toml.j2=!Template: an Ansible or other Jinja template",
        "role/done.toml=[a]",
        "role/done.toml.j2=(9)",
        "role/marked.toml=[a]\nb = \"{{ b }}\"\n",
        "role/tasks.sh.j2=(4)",
    ];
    assert_eq!(folder.shown("in"), expected);
}

/// Answers are read from a regular file of a sensible size, and nothing else.
#[test]
fn answers_come_from_a_regular_file() {
    let folder = Folder::new();
    folder.put("in/repository/conf/deployment.toml", "[server]\nhostname = \"gw.example.com\"\n");
    folder.put("huge.toml", vec![b'#'; (16 << 20) + 1]).put("folder/x", b"");
    let said = |answers: &Path| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
        let run =
            command.current_dir(folder.path("")).args(["plan", "in", "--decisions"]).arg(answers).output().unwrap();
        assert_eq!(run.status.code(), Some(1));
        assert!(run.stdout.is_empty());
        String::from_utf8(run.stderr).unwrap()
    };
    assert!(said(Path::new("huge.toml")).contains("huge.toml: cannot read the answers: it is larger than 16 MiB"));
    assert!(said(Path::new("folder")).contains("folder: cannot read the answers: it is a folder, not a file"));
    assert!(said(Path::new("none.toml")).contains("no such file: none.toml"));
    #[cfg(unix)]
    {
        assert!(said(Path::new("/dev/zero")).contains("/dev/zero: cannot read the answers: it is no regular file"));
        if std::process::Command::new("mkfifo").arg(folder.path("pipe")).status().is_ok_and(|status| status.success()) {
            assert!(said(Path::new("pipe")).contains("pipe: cannot read the answers: it is no regular file"));
        }
    }
}
