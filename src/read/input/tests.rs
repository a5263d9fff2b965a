use std::fs::File;
use std::io::{self, Write};

use tempfile::TempDir;

use super::*;

fn wanted(path: &str) -> bool {
    matches!(path.rsplit_once('.'), Some((_, "xml")))
}

/// Each file as `path=content`.
fn shown(input: &Input) -> Vec<String> {
    let text = |content: &Content| match content {
        Content::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Content::Skipped { size } => format!("({size})"),
        Content::Expanded { files } => format!("[{files}]"),
        Content::Unreadable(unread) => format!("!{}", unread.reason),
    };
    input.files.iter().map(|file| format!("{}={}", file.path, text(&file.content))).collect()
}

fn place(folder: &TempDir, path: &str, content: &[u8]) -> PathBuf {
    let path = folder.path().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    File::create(&path).unwrap().write_all(content).unwrap();
    path
}

fn zipped(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    for (path, content) in entries {
        archive.start_file(*path, options).unwrap();
        archive.write_all(content).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

fn tarred(entries: &[(&str, &[u8])], links: &[(&str, &str, tar::EntryType)]) -> Vec<u8> {
    let mut archive = tar::Builder::new(Vec::new());
    let mut append = |path: &str, kind: tar::EntryType, target: &str, content: &[u8]| {
        let mut header = tar::Header::new_gnu();
        // Set by hand, because the library refuses the paths that are tested here.
        header.as_gnu_mut().unwrap().name[..path.len()].copy_from_slice(path.as_bytes());
        header.as_gnu_mut().unwrap().linkname[..target.len()].copy_from_slice(target.as_bytes());
        header.set_entry_type(kind);
        header.set_size(content.len() as u64);
        header.set_cksum();
        archive.append(&header, content).unwrap();
    };
    for (path, content) in entries {
        append(path, tar::EntryType::Regular, "", content);
    }
    for (path, target, kind) in links {
        append(path, *kind, target, b"");
    }
    archive.into_inner().unwrap()
}

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn reads_a_folder_in_the_order_of_paths() {
    let folder = TempDir::new().unwrap();
    for path in ["node/b.xml", "node/a.xml", "node.xml", "Z.xml", "node/lib/x.jar", ".git/c.xml", "node/.git/c.xml"] {
        place(&folder, &format!("pack/{path}"), path.as_bytes());
    }
    let input = open(&folder.path().join("pack"), &wanted).unwrap();
    assert_eq!((input.name.as_str(), input.kind), ("pack", InputKind::Folder));
    assert_eq!(
        shown(&input),
        ["Z.xml=Z.xml", "node.xml=node.xml", "node/a.xml=node/a.xml", "node/b.xml=node/b.xml", "node/lib/x.jar=(14)"]
    );
    assert_eq!(open(&folder.path().join("pack/node/.."), &wanted).unwrap().name, "pack");
}

#[cfg(unix)]
#[test]
fn follows_links_but_never_in_circles() {
    use std::os::unix::fs::symlink;
    let folder = TempDir::new().unwrap();
    place(&folder, "one/conf/a.xml", b"a");
    symlink("a.xml", folder.path().join("one/conf/b.xml")).unwrap();
    symlink("nowhere", folder.path().join("one/conf/c.xml")).unwrap();
    symlink("..", folder.path().join("one/conf/up")).unwrap();
    symlink("one", folder.path().join("two")).unwrap();
    assert_eq!(
        shown(&open(folder.path(), &wanted).unwrap()),
        [
            "one/conf/a.xml=a",
            "one/conf/b.xml=a",
            "one/conf/c.xml=!it is a link to nothing",
            "one/conf/up=!it is a link to a folder that is read already",
            "two=!it is a link to a folder that is read already",
        ]
    );
}

#[test]
fn reads_one_file() {
    let folder = TempDir::new().unwrap();
    let input = open(&place(&folder, "a.xml", b"x"), &wanted).unwrap();
    assert_eq!((input.name.as_str(), input.kind), ("a.xml", InputKind::File));
    assert_eq!(shown(&input), ["a.xml=x"]);
    assert_eq!(shown(&open(&place(&folder, "a.txt", b"x"), &wanted).unwrap()), ["a.txt=(1)"]);
}

#[test]
fn reads_archives_in_place() {
    let folder = TempDir::new().unwrap();
    let entries: &[(&str, &[u8])] = &[
        ("./pack/b.xml", b"b"),
        ("pack/a.xml", b"a"),
        ("pack\\c.xml", b"c"),
        ("pack/d.jar", b"dd"),
        ("pack/inner.zip", b"PK"),
        ("../up.xml", b"x"),
        ("/root.xml", b"x"),
        ("C:\\x.xml", b"x"),
        ("pack/.git/x.xml", b"x"),
    ];
    let expected = [
        "../up.xml=!its path leads out of the archive",
        "/root.xml=!its path leads out of the archive",
        "C:/x.xml=!its path leads out of the archive",
        "pack/a.xml=a",
        "pack/b.xml=b",
        "pack/c.xml=c",
        "pack/d.jar=(2)",
        "pack/inner.zip=(2)",
    ];
    let tar = tarred(entries, &[]);
    for (name, bytes) in
        [("p.zip", zipped(entries)), ("p.tar", tar.clone()), ("p.tar.gz", gzipped(&tar)), ("P.TGZ", gzipped(&tar))]
    {
        let input = open(&place(&folder, name, &bytes), &wanted).unwrap();
        assert_eq!((input.name.as_str(), input.kind), (name, InputKind::Archive));
        assert_eq!(shown(&input), expected, "{name}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "nothing was unpacked");
}

#[test]
fn resolves_links_inside_an_archive() {
    use tar::EntryType;
    let folder = TempDir::new().unwrap();
    let links = [
        ("two/hard.xml", "one/a.xml", EntryType::Link),
        ("two/soft.xml", "../one/./a.xml", EntryType::Symlink),
        ("two/out.xml", "../../one/a.xml", EntryType::Symlink),
        ("two/root.xml", "/one/a.xml", EntryType::Symlink),
        ("two/pipe.xml", "", EntryType::Fifo),
    ];
    let path = place(&folder, "p.tar", &tarred(&[("one/a.xml", b"1"), ("one/a.xml", b"2")], &links));
    assert_eq!(
        shown(&open(&path, &wanted).unwrap()),
        [
            "one/a.xml=2",
            "p.tar=!`one/a.xml` stands in it 2 times, with different content: the last was read",
            "two/hard.xml=2",
            "two/out.xml=!it is a link to no file of the archive",
            "two/pipe.xml=!it is no regular file",
            "two/root.xml=!it is a link to no file of the archive",
            "two/soft.xml=2",
        ]
    );
}

#[test]
fn tells_what_an_archive_has_beside_its_files() {
    let folder = TempDir::new().unwrap();
    let one = tarred(&[("a.xml", b"1")], &[]);
    let two = [one.clone(), tarred(&[("b.xml", b"2")], &[])].concat();
    let junk = [gzipped(&one), b"JUNK".to_vec()].concat();
    let mac = zipped(&[("a.xml", b"1"), ("__MACOSX/._a.xml", b"\0\x05\x16\x07"), ("._a.xml", b"\0\x05\x16\x07")]);
    let follows =
        "p.tar=!something follows the end of the tar, which was not read; all entries before it were read (1)";
    let behind =
        "p.tar.gz=!truncated packing: it ends too early behind the end of the tar; all entries before it were read (1)";
    let twice = zipped(&[("a.xml", b"1"), ("./a.xml", b"2")]);
    let repeated = "t.zip=!`a.xml` stands in it 2 times, with different content: the last was read";
    for (name, bytes, expected) in [
        ("p.tar", two, vec!["a.xml=1", follows]),
        ("p.tar.gz", junk, vec!["a.xml=1", behind]),
        ("p.zip", mac, vec!["a.xml=1"]),
        ("p.tar.gz.gz", gzipped(&gzipped(&one)), vec!["a.xml=1"]),
        ("a.xml.gz.gz", gzipped(&gzipped(b"1")), vec!["a.xml=1"]),
        ("t.zip", twice, vec!["a.xml=2", repeated]),
    ] {
        assert_eq!(shown(&open(&place(&folder, name, &bytes), &wanted).unwrap()), expected, "{name}");
    }
}

#[test]
fn stops_at_the_size_limit() {
    let folder = TempDir::new().unwrap();
    let limits = Limits { file: 1 << 20, total: (1 << 20) + 10, ..Limits::default() };
    let large = vec![0; (1 << 20) + 1];
    let path = place(&folder, "p.zip", &zipped(&[("large.xml", &large), ("small.xml", b"x")]));
    let listing = list_within(&path, limits).unwrap();
    let files = unpack(&listing, &listing.entries[0], &wanted).unwrap().files;
    let reason = |content: &Content| match content {
        Content::Unreadable(unread) => (unread.kind, unread.reason.clone()),
        content => panic!("{content:?}"),
    };
    assert_eq!(reason(&files[0].content), (UnreadKind::Limit, "it is larger than 1 MiB".to_owned()));
    assert_eq!(files[1].content, Content::Bytes(b"x".to_vec()));
    let mut budget = archive::Budget { limits: &limits, read: 0 };
    let lying = budget.content(1, io::repeat(b'x')).unwrap();
    assert_eq!(reason(&lying).1, "it is larger than 1 MiB");
    // What was unpacked in vain counts too.
    assert_eq!(budget.content(1, &b"0123456789"[..]).unwrap(), Content::Bytes(b"0123456789".to_vec()));
    assert_eq!(reason(&budget.content(1, &b"x"[..]).unwrap()).1, "the files before it take 1 MiB already");
}

#[test]
fn says_why_an_input_cannot_be_used() {
    let folder = TempDir::new().unwrap();
    let message = |path: &Path| {
        let error = open(path, &wanted).unwrap_err().to_string();
        error.replace(&folder.path().display().to_string(), "T")
    };
    assert_eq!(message(&folder.path().join("none")), "no such file or folder: T/none");
    assert!(message(folder.path()).starts_with("T has no files"));

    let zip = zipped(&[("a/one.xml", &[7; 100]), ("a/two.xml", b"x")]);
    let tar = tarred(&[("a/one.xml", &[7; 1000])], &[]);
    let cases = [
        ("a.zip", zip[..zip.len() / 2].to_vec(), "cannot read T/a.zip: truncated zip: it has no end record; fetch"),
        ("d.tgz", gzipped(&tar)[..8].to_vec(), "cannot read T/d.tgz: truncated gzip: it ends too early; fetch"),
        ("e.tar.gz", b"no gzip".to_vec(), "cannot read T/e.tar.gz: damaged gzip: it does not begin as one; fetch"),
        ("f.tar", vec![b'x'; 600], "cannot read T/f.tar: damaged tar: it does not begin as one; fetch"),
        ("h.7z", b"7z\xbc\xaf\x27\x1c".to_vec(), "cannot read T/h.7z: 7z archives are not read; unpack it"),
        ("i.zip", b"Rar!\x1a\x07\0".to_vec(), "cannot read T/i.zip: rar archives are not read; unpack it"),
        ("g.zip", zipped(&[]), "T/g.zip has no files"),
    ];
    for (name, bytes, start) in cases {
        let message = message(&place(&folder, name, &bytes));
        assert!(message.starts_with(start), "{message}");
    }
}

/// An archive in a folder or another archive is a folder of its name.
#[test]
fn opens_archives_in_archives() {
    let wanted = |path: &str| wanted(path) || is_archive(path);
    let node = zipped(&[("conf/a.xml", b"<a/>"), ("lib/x.jar", b"1234")]);
    let deep = gzipped(&tarred(&[("b.xml", b"<b/>")], &[]));
    let nodes = zipped(&[("km.zip", &node), ("gw/deep.tar.gz", &deep), ("bad.zip", b"no archive")]);
    let folder = tempfile::tempdir().unwrap();
    let path = place(&folder, "nodes.zip", &nodes);
    let expected = |above: &str| {
        vec![
            format!("{above}gw/deep.tar.gz/b.xml=<b/>"),
            format!("{above}km.zip/conf/a.xml=<a/>"),
            format!("{above}km.zip/lib/x.jar=(4)"),
        ]
    };
    let found = shown(&open(&path, &wanted).unwrap());
    assert!(found[0].starts_with("bad.zip=!damaged zip: it does not begin as one"), "{found:?}");
    assert_eq!(found[1..], expected(""));
    let found = shown(&open(folder.path(), &wanted).unwrap());
    assert_eq!(found[1..], expected("nodes.zip/"));
}
