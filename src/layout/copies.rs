//! Copies that people make of configuration, by their names: a name in, what it is a copy of out.

use std::collections::BTreeSet;

use super::homes::{CONF_FILES, PLACED_FILES, SERVER_FILES, ancestors, join, look_alike, split};
use super::{FileText, InputFile};
use crate::diagnostic::{Code, Finding};
use crate::read::input::{is_archive, without_ending};
use crate::source::Place;
use crate::text::Parts as _;

/// Words by which people mark a file that no server reads any more, or not yet.
const COPY_WORDS: [&str; 20] = [
    "old", "bak", "bkp", "bkup", "backup", "copy", "clone", "orig", "original", "template", "tmpl", "sample",
    "example", "save", "saved", "rpmsave", "rpmnew", "prev", "previous", "before",
];

/// Words in a folder's name that say so of a whole home. `backup` alone may be a standby; with a date it is none.
const HOME_COPY_WORDS: [&str; 9] = ["old", "bak", "copy", "orig", "original", "save", "saved", "prev", "previous"];

/// The home that a home is a copy of, by its name: `gateway` of `gateway.old`, `gateway - Copy`, `gateway_backup_20210304`.
pub(super) fn original(path: &str) -> Option<&str> {
    let start = path.rfind('/').map_or(0, |end| end + 1);
    let name = path.get(start..)?;
    let mark = name.match_indices(|letter: char| !letter.is_alphanumeric()).map(|(at, _)| at).find(|at| {
        let rest = name.part(*at..).to_lowercase();
        let mut words = rest.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let dated = rest.bytes().filter(u8::is_ascii_digit).count() >= 6;
        let is_number = |word: &str| word.bytes().all(|byte| byte.is_ascii_digit());
        let mut copy = false;
        let only = words.all(|word| {
            let says = HOME_COPY_WORDS.contains(&word) || (dated && word == "backup");
            copy |= says;
            says || is_number(word)
        });
        only && copy
    })?;
    Some(path.part(..start + mark).trim_end())
}

/// Whether a name says that the file is a copy or a pattern of another one.
#[must_use]
pub fn is_copy(name: &str) -> bool {
    is_copy_folder(name.rsplit_once('.').map_or(name, |(stem, _)| stem))
}

/// The same of a folder: `conf.old` has no extension.
pub(super) fn is_copy_folder(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower.split(|letter: char| !letter.is_ascii_alphabetic()).any(|word| COPY_WORDS.contains(&word))
}

/// What a name may be a copy of, if people marked it as one: `prod` of `prod-copy`, `copy of prod` and `prod (2)`,
/// `carbon.xml` of `carbon.xml.bak`, `carbon-old.xml` and `old.carbon.xml`.
#[must_use]
pub fn originals(name: &str) -> Vec<String> {
    let (stem, extension) = name.rsplit_once('.').map_or((name, ""), |(stem, _)| (stem, name.part(stem.len()..)));
    let mut found = Vec::new();
    let cuts = |text: &str| -> Vec<usize> {
        text.match_indices(|letter: char| !letter.is_alphanumeric()).map(|(at, _)| at).collect()
    };
    for at in cuts(name) {
        if says_copy(name.part(at..)) {
            found.push(name.part(..at).trim_end().to_owned());
        }
    }
    for at in cuts(stem) {
        if says_copy(stem.part(at..)) {
            found.push(format!("{}{extension}", stem.part(..at).trim_end()));
        }
    }
    for at in cuts(name) {
        let (before, behind) = (name.part(..at), name.part(at..));
        if says_copy(before) {
            found.push(behind.trim_start_matches(|letter: char| !letter.is_alphanumeric()).to_owned());
        }
    }
    found.retain(|one| !one.is_empty() && one != name);
    found
}

/// Whether a piece of a name says nothing but that it is a copy, and which: `-old`, ` (2)`, `.bak.20210304`, `Copy of`.
fn says_copy(piece: &str) -> bool {
    let lower = piece.to_lowercase();
    let mut words = lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    let bracketed = lower.contains('(');
    let mut says = piece.ends_with('~') || bracketed;
    let only = words.all(|word| {
        let plain = word.trim_end_matches(|letter: char| letter.is_ascii_digit());
        let copy = COPY_WORDS.contains(&plain);
        // A date is no number of a server.
        let dated = plain.is_empty() && word.len() >= 6;
        says |= copy || dated;
        copy || plain.is_empty() || word == "of"
    });
    only && says
}

/// What a file in the configuration folder is, by its name, if it is a copy of one that a server reads there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CopyInside {
    /// It lies beside the live file of that name.
    Beside(String),
    /// It stands where no server looks.
    Elsewhere,
}

/// Whether a file in the configuration folder only is a copy: in a folder of its own (`bak/deployment.toml`), or with
/// more in its name (`deployment.toml.2021-03-04`, `carbon-old.xml`). `is_known` tells the files that servers read by
/// their names below the configuration folder.
#[must_use]
pub fn copy_inside(name: &str, is_known: &dyn Fn(&str) -> bool, is_there: &dyn Fn(&str) -> bool) -> Option<CopyInside> {
    let (folder, base) = split(name);
    let place = |base: &str| if folder.is_empty() { base.to_owned() } else { format!("{folder}/{base}") };
    let beside = |of: String| if is_there(&of) { CopyInside::Beside(of) } else { CopyInside::Elsewhere };
    if let Some(of) = originals(base).into_iter().map(|of| place(&of)).find(|of| is_known(of)) {
        return Some(beside(of));
    }
    let more = |rest: &str| !rest.starts_with(char::is_alphanumeric);
    let server = SERVER_FILES.iter().find(|file| base.strip_prefix(**file).is_some_and(more));
    if let Some(file) = server.filter(|file| !folder.is_empty() || base != **file) {
        return Some(if base == *file { CopyInside::Elsewhere } else { beside(place(file)) });
    }
    // A folder that is a copy: what lies in it is what lies in the folder that it is of, or in the configuration folder.
    let parts: Vec<&str> = folder.split('/').collect();
    let at = parts.iter().position(|part| is_copy_folder(part))?;
    let rest = parts[at + 1..].iter().copied().chain([base]).collect::<Vec<_>>().join("/");
    let of = originals(parts[at]).into_iter().map(|of| [&parts[..at], &[&*of, &*rest]].concat().join("/"));
    of.chain([rest.clone()]).any(|of| is_known(&of)).then_some(CopyInside::Elsewhere)
}

/// A file outside of a server's configuration folder that looks like configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stray {
    /// Why it is none.
    pub reason: String,
    /// What is a copy: the file, or a folder that it lies in, by its path below the home.
    pub copy: Option<String>,
}

/// Whether a file lies in a folder of the product's programs and templates.
fn is_of_product(name: &str) -> bool {
    const FOLDERS: [&str; 11] = [
        "repository/resources/",
        "repository/components/",
        "resources/",
        "components/",
        "lib/",
        "bin/",
        "dbscripts/",
        "modules/",
        "client/",
        "samples/",
        "business-processes/",
    ];
    FOLDERS.iter().any(|folder| name.starts_with(folder))
}

/// Whether the ending of a name, or a mark behind its ending, says that it is a copy.
fn is_backup(base: &str) -> bool {
    const PATTERNS: [&str; 4] = ["template", "tmpl", "sample", "example"];
    let extension = base.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    base.ends_with('~') || (COPY_WORDS.contains(&&*extension) && !PATTERNS.contains(&&*extension))
}

/// Why a file outside of a server's configuration folder that looks like configuration is none: `None` for what does not
/// look like it, and for artifacts.
#[must_use]
pub fn stray(name: &str) -> Option<Stray> {
    if ["repository/deployment/", "repository/tenants/", "deployment/server/"].iter().any(|of| name.starts_with(of)) {
        return None;
    }
    let (folder, base) = split(name);
    if is_of_product(name) {
        // What the product ships has words of patterns in its names, and nothing of it is a copy for that.
        return is_backup(base)
            .then(|| Stray { reason: "a copy that no server reads".to_owned(), copy: Some(name.to_owned()) });
    }
    let mut start = 0;
    for part in folder.split('/') {
        let end = start + part.len();
        if is_copy_folder(part) {
            let reason = format!("in `{part}`: a copy that no server reads");
            return Some(Stray { reason, copy: Some(name.part(..end).to_owned()) });
        }
        start = end + 1;
    }
    let copy = || Some(Stray { reason: "a copy that no server reads".to_owned(), copy: Some(name.to_owned()) });
    if SERVER_FILES
        .iter()
        .any(|file| base.strip_prefix(file).is_some_and(|rest| rest.starts_with(['.', '~', '_', '-'])))
    {
        return copy();
    }
    let extension = base.rsplit_once('.').map_or("", |(_, extension)| extension).to_ascii_lowercase();
    if COPY_WORDS.contains(&&*extension) || is_copy(base) {
        return copy();
    }
    let alike = || look_alike(base, false).is_some() || PLACED_FILES.iter().any(|placed| split(placed).1 == base);
    let configuration = SERVER_FILES.contains(&base) || CONF_FILES.contains(&base) || alike();
    configuration.then(|| Stray {
        reason: "outside of a server's configuration folder: no server reads it there".to_owned(),
        copy: None,
    })
}

/// Servers, or folders of some (by the paths of their homes), that say the same in every file as those beside them, and whose names call them copies.
/// Twins say the same too: a person must tell.
#[must_use]
pub fn alike(homes: &[String], all: &[InputFile<'_>]) -> Vec<Finding> {
    let units: BTreeSet<&str> =
        homes.iter().flat_map(|home| std::iter::once(home.as_str()).chain(ancestors(home))).collect();
    let mut found: Vec<Finding> = Vec::new();
    for unit in &units {
        let (above, name) = unit.rsplit_once('/').unwrap_or(("", unit));
        // The archive of a folder, or what is at the top of one, is a copy of that folder.
        let packed =
            [*unit, above].into_iter().filter(|path| is_archive(path)).map(|path| without_ending(path).to_owned());
        let beside = originals(name).into_iter().map(|name| join(above, &name)).chain(packed);
        let Some(original) = beside.into_iter().find(|beside| units.contains(&**beside)) else { continue };
        // Of a folder of several servers the folder is told.
        let told = found.iter().filter_map(|found| found.place.as_ref());
        if told.into_iter().any(|place| ancestors(unit).any(|above| above == place.file)) {
            continue;
        }
        let (own, others) = (texts(all, unit), texts(all, &original));
        if !own.is_empty() && own == others {
            let message = format!(
                "`{unit}` says the same as `{original}` in every file, and is a copy by its name: both were taken"
            );
            found.push(Finding::new(Code::MayBeCopy, message).at(Place::file(*unit)));
        }
    }
    found
}

/// The texts below a folder, by their paths in it.
pub(super) fn texts<'f>(all: &'f [InputFile<'_>], folder: &str) -> Vec<(&'f str, &'f str)> {
    let below = format!("{folder}/");
    let first = all.partition_point(|file| file.path < below.as_str());
    let inside = all.iter().skip(first).take_while(|file| file.path.starts_with(&below));
    let texts = inside.filter_map(|file| match file.text {
        FileText::Text(text) => Some((file.path.part(below.len()..), text)),
        _ => None,
    });
    texts.collect()
}

#[cfg(test)]
mod tests {
    use super::{CopyInside, copy_inside, originals};

    #[test]
    fn a_copy_names_its_original() {
        for name in ["prod-copy", "copy of prod", "Copy of prod", "prod (2)", "old-prod", "prod.bak1", "prod-20210304"]
        {
            assert!(originals(name).contains(&"prod".to_owned()), "{name}: {:?}", originals(name));
        }
        for name in ["prod-2", "prod2", "prod.1", "prod-dr", "prod", "prod-standby", "copy"] {
            assert!(originals(name).is_empty(), "{name}: {:?}", originals(name));
        }
    }

    #[test]
    fn copies_of_what_a_server_reads_are_told_from_its_files() {
        let known = |name: &str| ["carbon.xml", "jndi.properties", "identity/identity.xml"].contains(&name);
        let kind = |name: &str| copy_inside(name, &known, &|name| name == "carbon.xml");
        let beside = || Some(CopyInside::Beside("carbon.xml".to_owned()));
        for name in ["carbon-old.xml", "carbon.xml.bak", "carbon (copy).xml", "carbon.xml~", "Copy of carbon.xml"] {
            assert_eq!(kind(name), beside(), "{name}");
        }
        for name in ["jndi.properties.orig", "bak/carbon.xml", "conf_old/jndi.properties", "identity.old/identity.xml"]
        {
            assert_eq!(kind(name), Some(CopyInside::Elsewhere), "{name}");
        }
        for name in ["carbon.xml", "axis2/axis2_blocking_client.xml", "templates/mail.xml", "old/notes.txt"] {
            assert_eq!(kind(name), None, "{name}");
        }
    }
}
