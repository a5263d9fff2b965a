//! One archive, read in place: what is in it becomes files, and archives in it folders of their names.

use crate::text::Parts as _;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};

use super::kind::{self, ArchiveKind, HEAD, Magic, Name, Packing};
use super::limits::{Limits, bytes};
use super::packing::{self, Metered};
use super::unread::{Unread, UnreadKind};
use super::{Content, Opened, Remark, file};
use crate::limits::Limit;

/// Where the bytes of an archive come from.
pub(super) enum Source<'s> {
    /// A file, or bytes in memory.
    Seekable(Box<dyn ReadSeek + 's>),
    /// A stream, as an archive in a tar is.
    Stream(Box<dyn Read + 's>),
}

/// What can be read at any place.
pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

/// How much was read of one deployment.
pub(super) struct Budget<'l> {
    pub(super) limits: &'l Limits,
    /// How many bytes were read, kept or not.
    pub(super) read: u64,
}

impl Budget<'_> {
    /// The content of a wanted file, at most as much of it as the limits allow, whatever its `size` claims to be.
    pub(super) fn content(&mut self, size: u64, source: impl Read) -> io::Result<Content> {
        let limit = self.limits.file;
        if size > limit {
            return Ok(Content::Unreadable(file::too_large(limit)));
        }
        self.bytes(limit, source)
    }

    fn bytes(&mut self, limit: u64, source: impl Read) -> io::Result<Content> {
        let left = self.limits.total.saturating_sub(self.read);
        let read = file::within(source, limit.min(left))?;
        self.read += read.as_ref().map_or(limit.min(left), |bytes| bytes.len() as u64);
        Ok(match read {
            Some(bytes) => Content::Bytes(bytes),
            None if left < limit => {
                let reason = format!("the files before it take {} already", bytes(self.limits.total));
                Content::Unreadable(Unread::limit_of(reason, Limit::Bytes))
            }
            None => Content::Unreadable(file::too_large(limit)),
        })
    }
}

/// The files of one archive while it is read.
pub(super) struct Inside<'a, 'l> {
    pub(super) budget: &'a mut Budget<'l>,
    /// Asked with the path inside the outermost archive.
    pub(super) wanted: &'a dyn Fn(&str) -> bool,
    /// The folder of this archive inside the outermost one, with a `/` behind it; empty for that itself.
    pub(super) prefix: String,
    /// How many archives it lies in, itself among them.
    pub(super) depth: usize,
    pub(super) found: BTreeMap<String, Content>,
    /// The archives and packed files in it whose files stand by themselves.
    pub(super) opened: Vec<Opened>,
    links: Vec<Link>,
    /// The paths of which there are several, and how often they stand in it.
    repeats: BTreeMap<String, Repeat>,
    /// What is told of this archive (an empty path) and those in it, though nothing of them is lost.
    pub(super) remarks: Vec<Remark>,
    /// What keeps it from being read to its end.
    pub(super) damage: Option<Unread>,
}

impl<'a, 'l> Inside<'a, 'l> {
    pub(super) fn new(
        budget: &'a mut Budget<'l>,
        wanted: &'a dyn Fn(&str) -> bool,
        prefix: String,
        depth: usize,
    ) -> Self {
        Self {
            budget,
            wanted,
            prefix,
            depth,
            found: BTreeMap::new(),
            opened: Vec::new(),
            links: Vec::new(),
            repeats: BTreeMap::new(),
            remarks: Vec::new(),
            damage: None,
        }
    }

    pub(super) fn is_wanted(&self, path: &str) -> bool {
        (self.wanted)(&format!("{}{path}", self.prefix))
    }

    /// Adds a file; as in unpacking, a later one of the same path takes the place of the earlier.
    ///
    /// # Errors
    /// When there are too many.
    pub(super) fn add(&mut self, path: String, content: Content) -> Result<(), Unread> {
        if let Some(earlier) = self.found.get(&path)
            && (was_read(earlier) || was_read(&content))
        {
            let differ = *earlier != content;
            self.repeat(path.clone(), 1, differ);
        }
        self.found.insert(path, content);
        let most = self.budget.limits.files;
        if self.found.len() + self.links.len() > most {
            return Err(Unread::limit_of(format!("it has more than {most} files"), Limit::Files));
        }
        Ok(())
    }

    /// Notes a folder in the place of a file of configuration.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub(super) fn folder(&mut self, path: &str) -> Result<(), Unread> {
        if kind::is_configuration(path) && self.is_wanted(path) && !self.found.contains_key(path) {
            self.add(path.to_owned(), Content::Unreadable(Unread::folder_for_file()))?;
        }
        Ok(())
    }

    /// Notes that `path` stood in it as many times before what counts; `differ` says that with other content.
    pub(super) fn repeat(&mut self, path: String, times: usize, differ: bool) {
        let repeat = self.repeats.entry(path).or_default();
        repeat.earlier += times;
        repeat.differ |= differ;
    }

    /// Tells of the paths that stand in it several times. Where they differ, something of it was not read.
    fn tell_repeats(&mut self) {
        let (differ, same): (Vec<_>, Vec<_>) =
            std::mem::take(&mut self.repeats).into_iter().partition(|(_, repeat)| repeat.differ);
        let last = |repeats: &[(String, Repeat)]| {
            if repeats.len() == 1 { "the last was read" } else { "of each the last was read" }
        };
        if let Some(what) = repeated(&same) {
            let text = format!("{what}, with the same content: {}", last(&same));
            self.remarks.push(Remark { path: String::new(), text });
        }
        let Some(what) = repeated(&differ) else { return };
        let reason = format!("{what}, with different content: {}", last(&differ));
        self.damage = Some(match self.damage.take() {
            Some(damage) => Unread { reason: format!("{}; {reason}", damage.reason), ..damage },
            None => Unread::archive(reason, "make the archive again with the one that counts"),
        });
    }

    /// Whether the file would be wanted if it were an archive, which its name does not say.
    pub(super) fn may_be_archive(&self, path: &str) -> bool {
        let name = path.rsplit('/').next().unwrap_or(path);
        kind::may_be_archive(name) && !self.is_wanted(path) && self.is_wanted(&format!("{path}.zip"))
    }

    /// Adds what stands at `path`: its content if it is wanted, and what is in it if it is an archive.
    ///
    /// # Errors
    /// The outer error is a limit, the inner one that of the source.
    pub(super) fn entry(&mut self, path: String, size: u64, mut source: impl Read) -> Result<io::Result<()>, Unread> {
        let name = path.rsplit('/').next().unwrap_or(&path);
        if self.may_be_archive(&path) {
            let mut head = Vec::new();
            if let Err(error) = Read::by_ref(&mut source).take(HEAD as u64).read_to_end(&mut head) {
                return Ok(Err(error));
            }
            return match kind::of_content(&head) {
                Some(_) => self.unnamed(path, size, Cursor::new(head).chain(source)).map(Ok),
                None => self.add(path, Content::Skipped { size }).map(Ok),
            };
        }
        match kind::of_name(name) {
            _ if name.is_empty() => Ok(Ok(())),
            Name::NotRead(unread) if self.is_wanted(&path) => self.add(path, Content::Unreadable(unread)).map(Ok),
            Name::Archive(_) if self.is_wanted(&path) => self.archive(path, size, source).map(Ok),
            Name::Packed(packing, length) => {
                let inner = path.part(..path.len() - name.len() + length).to_owned();
                if !self.is_wanted(&inner) {
                    return self.add(path, Content::Skipped { size }).map(Ok);
                }
                let content = single(self.budget, packing, size, source);
                let packed = path.clone();
                let (path, content) = match content {
                    // One that is there unpacked counts, whichever comes first.
                    Content::Bytes(_) if self.found.contains_key(&inner) => {
                        let packed = self.opened.iter().map(|one| one.path.as_str()).find(|one| {
                            one.strip_prefix(inner.as_str())
                                .is_some_and(|rest| rest.starts_with('.') && !rest.contains('/'))
                        });
                        (path, Content::Unreadable(beside(packed)))
                    }
                    Content::Bytes(_) => (inner, content),
                    content => (path, content),
                };
                if path != packed {
                    self.opened.push(Opened { path: packed, files: 1 });
                }
                self.add(path, content).map(Ok)
            }
            _ if !self.is_wanted(&path) => self.add(path, Content::Skipped { size }).map(Ok),
            _ => match self.budget.content(size, source) {
                Ok(content) => self.add(path, content).map(Ok),
                Err(error) => Ok(Err(error)),
            },
        }
    }

    /// A file in this one that is an archive by its first bytes: one only if there is configuration in it.
    fn unnamed(&mut self, path: String, size: u64, source: impl Read) -> Result<(), Unread> {
        let inside = self.inside(&path, size, Box::new(source));
        if inside.unread.is_none() && holds_nothing(inside.found.values()) {
            return self.add(path, Content::Skipped { size });
        }
        self.put(path, inside)
    }

    /// An archive in this one becomes a folder of its name.
    fn archive(&mut self, path: String, size: u64, source: impl Read) -> Result<(), Unread> {
        let inside = self.inside(&path, size, Box::new(source));
        self.put(path, inside)
    }

    /// What is in an archive in this one: its files, what was opened in it, and why it could not be read to its end.
    fn inside(&mut self, path: &str, size: u64, source: Box<dyn Read + '_>) -> InArchive {
        let prefix = format!("{}{path}/", self.prefix);
        let mut inner = Inside::new(self.budget, self.wanted, prefix, self.depth + 1);
        let name = path.rsplit('/').next().unwrap_or(path);
        let read = read(&mut inner, name, Source::Stream(source), size);
        let Inside { found, damage, opened, remarks, .. } = inner;
        InArchive { found, opened, remarks, unread: read.err().or(damage) }
    }

    fn put(&mut self, path: String, inside: InArchive) -> Result<(), Unread> {
        let InArchive { found, opened, remarks, unread } = inside;
        let files = found.len();
        self.forget_earlier(&path, &found);
        self.remarks.extend(remarks.into_iter().map(|one| one.below(&path)));
        self.opened.extend(opened.into_iter().map(|one| one.below(&path)));
        for (inside, content) in found {
            self.add(format!("{path}/{inside}"), content)?;
        }
        if let Some(unread) = unread {
            return self.add(path, Content::Unreadable(unread));
        }
        self.opened.push(Opened { path, files });
        Ok(())
    }

    /// Of several archives of one path the last counts, and nothing that was in the others.
    fn forget_earlier(&mut self, path: &str, later: &BTreeMap<String, Content>) {
        if !self.found.contains_key(path) && self.opened.iter().all(|one| one.path != path) {
            return;
        }
        let prefix = format!("{path}/");
        let below = |name: &str| name.starts_with(&prefix);
        let earlier: Vec<String> =
            self.found.range(prefix.clone()..).map(|(name, _)| name).take_while(|name| below(name)).cloned().collect();
        let same = earlier.len() == later.len() && {
            let mut pairs = earlier.iter().zip(later);
            pairs.all(|(name, (inside, content))| name.ends_with(inside) && self.found.get(name) == Some(content))
        };
        for name in earlier {
            self.found.remove(&name);
        }
        let damaged = self.found.remove(path).is_some();
        self.opened.retain(|one| one.path != path && !below(&one.path));
        self.remarks.retain(|one| one.path != path && !below(&one.path));
        self.repeat(path.to_owned(), 1, damaged || !same);
    }

    pub(super) fn link(&mut self, link: Link) -> Result<(), Unread> {
        // Listed now, so that it is counted; its content is known when all files are.
        self.links.push(link);
        let most = self.budget.limits.files;
        if self.links.len() > most { Err(Unread::limit(format!("it has more than {most} links"))) } else { Ok(()) }
    }

    /// Puts the files that links lead to in the links' places.
    fn follow_links(&mut self) -> Result<(), Unread> {
        let links = std::mem::take(&mut self.links);
        let targets: BTreeMap<&str, &Link> = links.iter().map(|link| (link.path.as_str(), link)).collect();
        for link in targets.values() {
            let content = self.linked(link, &targets);
            // A file that came behind the link of the same path took its place.
            match self.found.get(&link.path) {
                None => self.add(link.path.clone(), content)?,
                Some(file) if was_read(file) => {
                    let differ = *file != content;
                    self.repeat(link.path.clone(), 1, differ);
                }
                Some(_) => {}
            }
        }
        Ok(())
    }

    fn linked(&mut self, link: &Link, links: &BTreeMap<&str, &Link>) -> Content {
        let target = link.target.as_deref().map(|target| resolved(target, links));
        let nowhere = || {
            let help = "put the file itself into the archive";
            Content::Unreadable(Unread::new(UnreadKind::NotRegular, "it is a link to no file of the archive", help))
        };
        let Some(target) = target.flatten() else { return nowhere() };
        let target = target.as_str();
        let wanted = self.is_wanted(&link.path);
        match self.found.get(target).cloned() {
            Some(Content::Bytes(bytes)) if wanted => {
                let size = bytes.len() as u64;
                self.budget.content(size, &bytes[..]).unwrap_or(Content::Skipped { size })
            }
            Some(Content::Bytes(bytes)) => Content::Skipped { size: bytes.len() as u64 },
            Some(Content::Skipped { .. }) if wanted => {
                let reason = format!("it is a link to `{target}`, which is not read");
                let help = "put the file itself into the archive";
                Content::Unreadable(Unread::new(UnreadKind::NotRegular, reason, help))
            }
            Some(content) => content,
            None => {
                let folder = format!("{target}/");
                let inside = self.found.range(folder.clone()..).next();
                if inside.is_some_and(|(path, _)| path.starts_with(&folder)) {
                    let reason = "it is a link to a folder that is read already";
                    Content::Unreadable(Unread::new(UnreadKind::ReadElsewhere, reason, "nothing need be done"))
                } else if wanted {
                    nowhere()
                } else {
                    Content::Skipped { size: 0 }
                }
            }
        }
    }
}

/// The files of an archive in another, what was opened in it and is told of it, and why it could not be read to its end.
struct InArchive {
    found: BTreeMap<String, Content>,
    opened: Vec<Opened>,
    remarks: Vec<Remark>,
    unread: Option<Unread>,
}

/// How often a path stands in an archive besides what counts.
#[derive(Clone, Copy, Debug, Default)]
struct Repeat {
    earlier: usize,
    differ: bool,
}

/// Whether anything could be taken from it: what is only listed is the same to us whichever counts.
fn was_read(content: &Content) -> bool {
    !matches!(content, Content::Skipped { .. })
}

/// Which paths stand in an archive several times; none if there are none.
fn repeated(repeats: &[(String, Repeat)]) -> Option<String> {
    const SHOWN: usize = 3;
    let times = |repeat: &Repeat| repeat.earlier + 1;
    let (first, repeat) = repeats.first()?;
    let mut out = format!("`{first}` stands in it {} times", times(repeat));
    for (path, repeat) in repeats.iter().take(SHOWN).skip(1) {
        let _ = write!(out, ", `{path}` {} times", times(repeat));
    }
    let more = repeats.len().saturating_sub(SHOWN);
    if more > 0 {
        let _ = write!(out, ", and {more} more more than once");
    }
    Some(out)
}

/// Whether none of the files of an archive is one that was to be read: its name did not say that it is an archive, and
/// it is none of configuration.
pub(super) fn holds_nothing<'c>(mut files: impl Iterator<Item = &'c Content>) -> bool {
    files.all(|content| matches!(content, Content::Skipped { .. }))
}

/// Where a path of an archive leads when the links are followed that it is, or that its folders are; `None` where one of
/// them leads out of the archive, or they lead in circles.
fn resolved(target: &str, links: &BTreeMap<&str, &Link>) -> Option<String> {
    const HOPS: usize = 16;
    let mut target = target.to_owned();
    for _ in 0..HOPS {
        let ends = target.match_indices('/').map(|(end, _)| end).chain([target.len()]);
        let next = ends.into_iter().find_map(|end| {
            let link = links.get(target.part(..end))?;
            Some(link.target.as_ref().map(|to| format!("{to}{}", target.part(end..))))
        });
        match next {
            // Below the archive itself nothing stands before the path.
            Some(next) => next?.trim_start_matches('/').clone_into(&mut target),
            None => return Some(target),
        }
    }
    None
}

/// A link of an archive.
pub(super) struct Link {
    path: String,
    /// The path in the archive that it leads to, if it leads to one.
    target: Option<String>,
}

impl Link {
    /// A hard link, whose target is a path of the archive.
    pub(super) fn hard(path: String, target: &[u8]) -> Self {
        Self { path, target: safe_path(target).ok() }
    }

    /// A symbolic link, whose target is relative to the folder that it stands in.
    pub(super) fn symbolic(path: String, target: &str) -> Self {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
        let mut inside = !target.starts_with('/');
        for part in target.split('/').filter(|part| !matches!(*part, "" | ".")) {
            if part == ".." {
                inside &= parts.pop().is_some();
            } else {
                parts.push(part);
            }
        }
        let target = inside.then(|| parts.join("/"));
        Self { path, target }
    }
}

/// The path of an entry with `/` between its parts, or as it stands with the reason why it is not safe.
pub(super) fn safe_path(raw: &[u8]) -> Result<String, (String, Content)> {
    let path = kind::utf8(raw);
    // `\xFF` stands for a byte and is no folder.
    let path = if raw.contains(&b'\\') { path.replace('\\', "/") } else { path };
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|first: char| first.is_ascii_alphabetic());
    if path.starts_with('/') || drive || path.split('/').any(|part| part == "..") {
        let unread = Unread::archive("its path leads out of the archive", "make the archive again with paths below it");
        return Err((path, Content::Unreadable(unread)));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    Ok(parts.join("/"))
}

/// What macOS packs beside a file: its attributes, under its name behind `._`.
fn is_apple_double(name: &str) -> bool {
    name.starts_with("._")
}

pub(super) fn is_ignored(path: &str) -> bool {
    path.is_empty() || path.split('/').any(|part| matches!(part, ".git" | "__MACOSX") || is_apple_double(part))
}

/// Why a packed file is not read: the same file is read from `packed`, or stands unpacked beside it.
pub(super) fn beside(packed: Option<&str>) -> Unread {
    let reason = match packed.map(|path| path.rsplit('/').next().unwrap_or(path)) {
        Some(packed) => format!("the same file is packed in `{packed}` beside it, which is read"),
        None => "the same file stands unpacked beside it, which is read".to_owned(),
    };
    let kind = if packed.is_some() { UnreadKind::PackedTwice } else { UnreadKind::File };
    Unread::new(kind, reason, "remove the one that does not count")
}

/// One packed file.
pub(super) fn single(budget: &mut Budget<'_>, packing: Packing, size: u64, source: impl Read) -> Content {
    let word = word(Magic::Packed(packing));
    let unpacked = packing::unpack(packing, source, budget.limits);
    let content = unpacked.and_then(|unpacked| {
        let (unpacked, meter) = Metered::new(unpacked, packing::most(budget.limits, size));
        let content = budget.bytes(budget.limits.file, unpacked);
        meter.stopped().map_or(content, |unread| Ok(Content::Unreadable(unread)))
    });
    content.unwrap_or_else(|error| Content::Unreadable(packing::damage(&format!("{word} file"), &error)))
}

fn word(magic: Magic) -> &'static str {
    match magic {
        Magic::Zip => "zip",
        Magic::Tar | Magic::Packed(Packing::Plain) => "tar",
        Magic::Packed(Packing::Gzip) => "gzip",
        Magic::Packed(Packing::Bzip2) => "bzip2",
        Magic::Packed(Packing::Xz) => "xz",
        Magic::Packed(Packing::Lzma) => "lzma",
        Magic::Packed(Packing::Zstd) => "zstd",
        Magic::NotRead(word) => word,
    }
}

/// Why an archive could not be read to its end, with how much of it was.
pub(super) fn partly(unread: Unread, entries: usize) -> Unread {
    let read = if entries == 1 { "the first entry was read" } else { "the first entries were read" };
    let count = if entries == 1 { String::new() } else { format!(" ({entries})") };
    Unread { reason: format!("{}; only {read}{count}", unread.reason), ..unread }
}

/// Reads an archive of `size` bytes. What was read before an error stays in `inside`.
///
/// # Errors
/// Why it cannot be read at all.
pub(super) fn read(inside: &mut Inside<'_, '_>, name: &str, source: Source<'_>, size: u64) -> Result<(), Unread> {
    let nesting = inside.budget.limits.nesting;
    if inside.depth > nesting {
        let reason = format!("archives lie in each other more than {nesting} deep");
        return Err(Unread::limit_of(reason, Limit::ArchiveDepth));
    }
    contents(inside, name, source, size, 0)?;
    let followed = inside.follow_links();
    inside.damage = inside.damage.take().or(followed.err());
    inside.tell_repeats();
    Ok(())
}

/// `unpacked` counts how many packings were taken off.
fn contents(
    inside: &mut Inside<'_, '_>,
    name: &str,
    source: Source<'_>,
    size: u64,
    unpacked: usize,
) -> Result<(), Unread> {
    let named = kind::of_name(name);
    let named = match named {
        Name::Archive(ArchiveKind::Zip) => Some(Magic::Zip),
        Name::Archive(ArchiveKind::Tar(Packing::Plain)) => Some(Magic::Tar),
        Name::Archive(ArchiveKind::Tar(packing) | ArchiveKind::Packed(packing)) | Name::Packed(packing, _) => {
            // Only one packing is named.
            Some(if unpacked == 0 { Magic::Packed(packing) } else { Magic::Tar })
        }
        _ => None,
    };
    let what = named.map_or("archive", word);
    let damaged = |error: io::Error| packing::damage(what, &error);
    let mut head = Vec::new();
    let source = match source {
        Source::Seekable(mut source) => {
            Read::by_ref(&mut source).take(HEAD as u64).read_to_end(&mut head).map_err(damaged)?;
            source.seek(SeekFrom::Start(0)).map_err(damaged)?;
            Source::Seekable(source)
        }
        Source::Stream(mut source) => {
            Read::by_ref(&mut source).take(HEAD as u64).read_to_end(&mut head).map_err(damaged)?;
            Source::Stream(Box::new(Cursor::new(head.clone()).chain(source)))
        }
    };
    let magic = kind::of_head(&head);
    // Lzma and old tars have no magic.
    let lzma = named == Some(Magic::Packed(Packing::Lzma)) && head.first() == Some(&0x5d);
    match magic.or(if lzma { named } else { None }) {
        Some(Magic::Zip) => {
            let source = match source {
                Source::Seekable(source) => source,
                Source::Stream(source) => Box::new(Cursor::new(in_memory(inside.budget, size, source)?)),
            };
            super::from_zip::read(inside, source)
        }
        Some(Magic::Tar) => super::from_tar::read(inside, source.stream()),
        Some(Magic::Packed(packing)) => {
            if unpacked >= inside.budget.limits.nesting {
                return Err(Unread::limit("it is packed again and again"));
            }
            let damaged = |error: io::Error| packing::damage(word(Magic::Packed(packing)), &error);
            let stream = packing::unpack(packing, source.stream(), inside.budget.limits).map_err(damaged)?;
            let (mut stream, meter) = Metered::new(stream, packing::most(inside.budget.limits, size));
            let mut start = Vec::new();
            let began = Read::by_ref(&mut stream).take(HEAD as u64).read_to_end(&mut start);
            if let Some(unread) = meter.stopped() {
                return Err(unread);
            }
            began.map_err(damaged)?;
            // Each packing has an ending.
            let inner = (0..=unpacked).fold(name, |name, _| strip(name));
            let is_archive =
                kind::of_head(&start).is_some() || matches!(kind::of_name(name), Name::Archive(ArchiveKind::Tar(_)));
            let stream = Cursor::new(start).chain(stream);
            if is_archive {
                let read = contents(inside, name, Source::Stream(Box::new(stream)), size, unpacked + 1);
                let Some(unread) = meter.stopped() else { return read };
                if inside.found.is_empty() {
                    return Err(unread);
                }
                inside.damage = Some(partly(unread, inside.found.len()));
                return Ok(());
            }
            if !inside.is_wanted(inner) {
                return inside.add(inner.to_owned(), Content::Skipped { size });
            }
            let content = inside.budget.bytes(inside.budget.limits.file, stream);
            if let Some(unread) = meter.stopped() {
                return Err(unread);
            }
            inside.add(inner.to_owned(), content.map_err(damaged)?)
        }
        Some(Magic::NotRead(word)) => Err(kind::not_read(word)),
        None => Err(none(what, &head)),
    }
}

impl<'s> Source<'s> {
    fn stream(self) -> Box<dyn Read + 's> {
        match self {
            Self::Seekable(source) => Box::new(BufReader::new(source)),
            Self::Stream(source) => source,
        }
    }
}

/// A name without the ending of its packing.
fn strip(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// A zip has its table of contents at its end.
fn in_memory(budget: &mut Budget<'_>, size: u64, source: impl Read) -> Result<Vec<u8>, Unread> {
    let limit = budget.limits.inner_zip;
    let content =
        if size <= limit { budget.bytes(limit, source) } else { Ok(Content::Unreadable(file::too_large(limit))) };
    match content.map_err(|error| packing::damage("zip", &error))? {
        Content::Bytes(bytes) => Ok(bytes),
        Content::Unreadable(unread) => Err(unread),
        Content::Skipped { .. } | Content::Expanded { .. } => Ok(Vec::new()),
    }
}

/// What stands in the place of an archive.
fn none(what: &str, head: &[u8]) -> Unread {
    let help = "fetch or make it again, or give the folder";
    let start = String::from_utf8_lossy(&head[..head.len().min(64)]).trim_start().to_ascii_lowercase();
    if head.is_empty() {
        Unread::archive("it is empty", help)
    } else if start.starts_with("<!doctype html") || start.starts_with("<html") {
        Unread::archive(format!("it is a web page, not a {what}"), help)
    } else if start.starts_with("version https://git-lfs") {
        Unread::archive("it is a pointer of Git LFS, not the file itself", "fetch it with `git lfs pull`")
    } else if head.iter().all(|byte| *byte == 0) {
        Unread::archive(format!("damaged {what}: it begins with nothing but zeros"), help)
    } else {
        Unread::archive(format!("damaged {what}: it does not begin as one"), help)
    }
}
