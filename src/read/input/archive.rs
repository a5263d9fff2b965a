//! A `.zip`, `.tar`, `.tar.gz` or `.tgz`, read in place.

use std::io::{self, BufReader, Read, Seek};

use flate2::read::MultiGzDecoder;
use zip::result::ZipError;

use super::{Content, Files, InputError, reason};

/// The longest target of a link that is read from a zip, in bytes.
const LINK_LIMIT: u64 = 4096;

/// Whether `name` is that of an archive.
pub(super) fn is_archive(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    [".zip", ".tar", ".tar.gz", ".tgz"].iter().any(|suffix| has_suffix(&name, suffix))
}

/// Adds the files of the archive; false if `name` is not that of an archive.
pub(super) fn read(files: &mut Files<'_>, source: impl Read + Seek, name: &str) -> Result<bool, InputError> {
    let name = name.to_ascii_lowercase();
    let mut links = Vec::new();
    let source = BufReader::new(source);
    if has_suffix(&name, ".zip") {
        zip(files, source, &mut links)?;
    } else if has_suffix(&name, ".tar") {
        tar(files, source, &mut links)?;
    } else if has_suffix(&name, ".tar.gz") || has_suffix(&name, ".tgz") {
        tar(files, MultiGzDecoder::new(source), &mut links)?;
    } else {
        return Ok(false);
    }
    for link in links {
        let content = link.content(files);
        files.add(link.path, content)?;
    }
    Ok(true)
}

fn has_suffix(name: &str, suffix: &str) -> bool {
    name.len() > suffix.len() && name.ends_with(suffix)
}

/// A link of an archive: resolved when all its files are known.
struct Link {
    path: String,
    /// The path in the archive that it leads to, if it leads to one.
    target: Option<String>,
}

impl Link {
    /// A symbolic link, whose target is relative to the folder that it stands in.
    fn symbolic(path: String, target: &str) -> Self {
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

    fn content(&self, files: &mut Files<'_>) -> Content {
        let target = self.target.as_ref().and_then(|target| files.found.get(target)).cloned();
        match target {
            Some(Content::Bytes(bytes)) => {
                let size = bytes.len() as u64;
                let content = files.content(&self.path, size, &bytes[..]);
                content.unwrap_or_else(|error| Content::Unreadable(reason(&error)))
            }
            Some(content) => content,
            None => Content::Unreadable("a link to no file of the archive".into()),
        }
    }
}

/// The path of an entry with `/` between its parts, or as it stands with the reason why it is not safe.
fn safe_path(raw: &[u8]) -> Result<String, (String, Content)> {
    let path = String::from_utf8_lossy(raw).replace('\\', "/");
    let drive = path.as_bytes().get(1) == Some(&b':') && path.starts_with(|first: char| first.is_ascii_alphabetic());
    if path.starts_with('/') || drive || path.split('/').any(|part| part == "..") {
        let why = "its path leads out of the archive";
        return Err((path, Content::Unreadable(why.into())));
    }
    let parts: Vec<&str> = path.split('/').filter(|part| !matches!(*part, "" | ".")).collect();
    Ok(parts.join("/"))
}

fn is_ignored(path: &str) -> bool {
    path.is_empty() || path.split('/').any(|part| part == ".git")
}

fn corrupt(files: &Files<'_>, entry: impl Into<String>, error: &io::Error) -> InputError {
    InputError::Corrupt { archive: files.input.to_owned(), entry: entry.into(), reason: reason(error) }
}

fn zip(files: &mut Files<'_>, source: impl Read + Seek, links: &mut Vec<Link>) -> Result<(), InputError> {
    let mut archive =
        zip::ZipArchive::new(source).map_err(|error| corrupt(files, "its table of contents", &error.into()))?;
    for index in 0..archive.len() {
        let listed = archive.by_index_data(index);
        let listed = listed.map_err(|error| corrupt(files, "its table of contents", &error.into()))?;
        let raw = listed.name().map_or_else(|_| listed.name_raw().to_vec(), |name| name.as_bytes().to_vec());
        let (size, is_dir, is_link) = (listed.size(), listed.is_dir(), listed.is_symlink());
        let path = match safe_path(&raw) {
            Ok(path) if is_dir || is_ignored(&path) => continue,
            Ok(path) => path,
            Err((path, content)) => {
                files.add(path, content)?;
                continue;
            }
        };
        if !is_link && !(files.wanted)(&path) {
            files.add(path, Content::Skipped { size })?;
            continue;
        }
        let mut entry = match archive.by_index(index) {
            Ok(entry) => entry,
            Err(ZipError::UnsupportedArchive(why)) => {
                files.add(path, Content::Unreadable(why.to_lowercase()))?;
                continue;
            }
            Err(ZipError::CompressionMethodNotSupported(method)) => {
                let why = format!("it is packed by method {method}, which is not supported");
                files.add(path, Content::Unreadable(why))?;
                continue;
            }
            Err(error) => return Err(corrupt(files, format!("`{path}`"), &error.into())),
        };
        if is_link {
            let mut target = String::new();
            let read = entry.take(LINK_LIMIT).read_to_string(&mut target);
            read.map_err(|error| corrupt(files, format!("`{path}`"), &error))?;
            links.push(Link::symbolic(path, &target));
            continue;
        }
        let content = files.content(&path, size, &mut entry);
        let content = content.map_err(|error| corrupt(files, format!("`{path}`"), &error))?;
        files.add(path, content)?;
    }
    Ok(())
}

fn tar(files: &mut Files<'_>, source: impl Read, links: &mut Vec<Link>) -> Result<(), InputError> {
    let mut archive = tar::Archive::new(source);
    let mut last = "its beginning".to_owned();
    let entries = archive.entries().map_err(|error| corrupt(files, &last, &error))?;
    for entry in entries {
        let mut entry = entry.map_err(|error| corrupt(files, &last, &error))?;
        let kind = entry.header().entry_type();
        if kind.is_dir() || kind.is_pax_global_extensions() {
            continue;
        }
        let path = match safe_path(&entry.path_bytes()) {
            Ok(path) if is_ignored(&path) => continue,
            Ok(path) => path,
            Err((path, content)) => {
                files.add(path, content)?;
                continue;
            }
        };
        last = format!("`{path}` or behind it");
        if kind.is_symlink() || kind.is_hard_link() {
            let target = entry.link_name_bytes().unwrap_or_default();
            links.push(if kind.is_symlink() {
                Link::symbolic(path, &String::from_utf8_lossy(&target))
            } else {
                Link { path, target: safe_path(&target).ok() }
            });
            continue;
        }
        let content = if kind.is_file() || kind.is_contiguous() || kind.is_gnu_sparse() {
            let size = entry.size();
            let content = files.content(&path, size, &mut entry);
            let content = content.and_then(|content| match content {
                // The library takes the end of the archive for the end of the entry.
                Content::Bytes(bytes) if bytes.len() as u64 != size => {
                    Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the archive ends inside it"))
                }
                content => Ok(content),
            });
            content.map_err(|error| corrupt(files, format!("`{path}`"), &error))?
        } else {
            Content::Unreadable("it is no regular file".into())
        };
        files.add(path, content)?;
    }
    Ok(())
}
