//! Which version a node is of, and how we know (A.6).
//!
//! The first that applies: the administrator's answer, carbon.xml, a version file, axis2.xml's server text, the report
//! beside files that this tool wrote, what the files look like, the siblings, a folder's name, a guess.

mod toml;
pub mod written;

use super::VersionEvidence;
use crate::mapping::catalog::Catalog;
use crate::mapping::defaults::Defaults;
use crate::read::Leaf;
use crate::secret::shown;
use crate::source::Place;
use crate::text::Parts as _;
use crate::version::{SOURCES, Version};

/// A file with its leaves, as the version is looked for in it.
pub struct Seen<'s, 'a> {
    /// Below the configuration folder, or below the home.
    pub name: &'s str,
    /// Its path in reports.
    pub path: &'s str,
    /// Its leaves; empty if it has none.
    pub leaves: &'s [Leaf<'a>],
    /// Its text, if it was loaded.
    pub text: Option<&'a str>,
}

/// The newest version of the line whose files are XML.
pub const NEWEST_2: Version = Version::new(2, 6);
/// The newest of the line before the profiles; its minor versions read the same keys, as far as was measured.
pub const NEWEST_3: Version = Version::new(3, 2);
/// The versions of the former line whose shipped files were measured.
const MEASURED: [Version; 3] = [NEWEST_2, Version::new(2, 5), Version::new(2, 1)];

/// What the node's own files say of its version.
#[derive(Clone, Debug)]
pub struct Stated {
    /// The version.
    pub version: Version,
    /// How it is known.
    pub evidence: VersionEvidence,
    /// A file names it; else it is what the files look like.
    pub exact: bool,
    /// What it is known by may be found in other versions too: a better word counts more.
    pub weak: bool,
}

/// What the node's own files say of its version; `None` if they leave it open.
#[must_use]
pub fn stated(files: &[Seen<'_, '_>], defaults: &Defaults, catalog: &Catalog) -> Option<Stated> {
    let own = |said: &(Version, VersionEvidence)| !is_stale(files, said.0);
    let named = named(files).into_iter().find(own).or_else(|| before_2(files).filter(own));
    let named = named.map(|(version, evidence)| Stated { version, evidence, exact: true, weak: false });
    let marked = || {
        let toml = files.iter().find(|file| file.name == "deployment.toml");
        match toml {
            Some(file) => Some(toml::by_keys(file, catalog)),
            None => by_markers(files, defaults).map(|(version, evidence)| {
                let weak = evidence.guessed;
                Stated { version, evidence, exact: false, weak }
            }),
        }
    };
    named.or_else(marked)
}

/// The newest version that there is up to this one of its line, which its rows are those of: the version itself, where
/// there is one.
#[must_use]
pub fn nearest(version: Version) -> Version {
    let older = |known: &&Version| known.major == version.major && **known <= version;
    SOURCES.iter().rfind(older).copied().filter(|_| version.major < 4).unwrap_or(version)
}

/// Whether two versions' shipped files count as the same: 2.0 was measured as 2.1, and 2.2 to 2.4 as 2.5.
#[must_use]
pub fn alike(one: Version, other: Version) -> bool {
    let measured = |version: Version| match version.minor {
        0 | 1 => 1,
        2..=5 => 5,
        _ => 6,
    };
    one.major == other.major && (one.major != 2 || measured(one) == measured(other))
}

/// Whether two versions are configured by the same kind of file: the XML files of 2.x, or deployment.toml.
#[must_use]
pub fn same_form(one: Version, other: Version) -> bool {
    (one.major > 2) == (other.major > 2)
}

/// Whether a node with these files cannot be of the version that one of them says: no server before 3.0 knows a
/// deployment.toml, and no server before 4.0 the role of a control plane. The file that says so is an older server's.
fn is_stale(files: &[Seen<'_, '_>], said: Version) -> bool {
    let Some(toml) = files.iter().find(|file| file.name == "deployment.toml") else { return false };
    let control_plane = |leaf: &Leaf<'_>| leaf.path == "server.server_role" && leaf.value.trim() == "control-plane";
    said.major < 3 || (said.major == 3 && toml.leaves.iter().any(control_plane))
}

/// What files say of a version that the node cannot be of, each as it is to be told: it was passed over.
#[must_use]
pub fn stale(files: &[Seen<'_, '_>]) -> Vec<VersionEvidence> {
    let said = named(files).into_iter().chain(before_2(files));
    said.filter(|(version, _)| is_stale(files, *version)).map(|(_, evidence)| evidence).collect()
}

/// The version that a carbon.xml names and that there is not, with how it is said; `None` where it names one that there
/// is, or none.
#[must_use]
pub fn unheard_of(files: &[Seen<'_, '_>]) -> Option<VersionEvidence> {
    let file = files.iter().find(|file| file.name == "carbon.xml")?;
    let leaf = file.leaves.iter().find(|leaf| leaf.path == "/Server/Version")?;
    let said = leaf.value.trim();
    let version: Option<Version> = said.parse().ok();
    // What fills a mark is not known, and 1.x is told as what it is.
    let open = said.is_empty() || said.contains(['$', '@', '{']);
    let known = version.is_some_and(|version| SOURCES.contains(&version) || version.major < 2);
    let what = format!("carbon.xml Version `{}`", shown(said, false));
    (!open && !known).then(|| evidence(what, Some(Place::at(file.path, leaf.position))))
}

/// What the files say by name, the surest first.
fn named(files: &[Seen<'_, '_>]) -> Vec<(Version, VersionEvidence)> {
    // 4.0 calls itself 3.0.0 in axis2.xml.
    let toml = files.iter().any(|file| file.name == "deployment.toml");
    let axis2 = in_axis2(files).filter(|(version, _)| !toml || version.major < 3);
    in_carbon(files).into_iter().chain(in_text(files)).chain(axis2).collect()
}

fn evidence(what: String, place: Option<Place>) -> VersionEvidence {
    VersionEvidence { what, place, guessed: false }
}

fn in_carbon(files: &[Seen<'_, '_>]) -> Option<(Version, VersionEvidence)> {
    let file = files.iter().find(|file| file.name == "carbon.xml")?;
    let leaf = file.leaves.iter().find(|leaf| leaf.path == "/Server/Version")?;
    let version = leaf.value.parse().ok()?;
    Some((
        version,
        evidence(format!("carbon.xml Version `{}`", leaf.value.trim()), Some(Place::at(file.path, leaf.position))),
    ))
}

/// `bin/version.txt`, release notes and the like: "WSO2 API Manager v2.6.0".
fn in_text(files: &[Seen<'_, '_>]) -> Option<(Version, VersionEvidence)> {
    files.iter().find_map(|file| {
        let base = file.name.rsplit('/').next().unwrap_or(file.name).to_ascii_lowercase();
        if !(base.starts_with("version") || base.starts_with("release-notes") || base == "readme.txt") {
            return None;
        }
        let (version, text) = after_product(file.text?)?;
        Some((version, evidence(format!("{} says `{text}`", file.name), Some(Place::file(file.path)))))
    })
}

/// The version behind "API Manager".
fn after_product(text: &str) -> Option<(Version, String)> {
    text.match_indices("API Manager").find_map(|(at, product)| {
        let rest = text.part(at + product.len()..).trim_start_matches([' ', '-', 'v', 'V', ',']);
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        rest.part(..end).parse().ok().map(|version| (version, format!("API Manager {}", rest.part(..end))))
    })
}

fn in_axis2(files: &[Seen<'_, '_>]) -> Option<(Version, VersionEvidence)> {
    let file = files.iter().find(|file| file.name == "axis2/axis2.xml")?;
    file.leaves.iter().filter(|leaf| leaf.path.ends_with("parameter[@name='server']")).find_map(|leaf| {
        let (version, _) = after_product(&leaf.value)?;
        Some((
            version,
            evidence(
                format!("axis2.xml server text `{}`", leaf.value.trim()),
                Some(Place::at(file.path, leaf.position)),
            ),
        ))
    })
}

/// The newest version that has what only versions before 2.0 have.
const BEFORE_1_10: Version = Version::new(1, 9);
/// What api-manager.xml has from 2.0 on.
const SINCE_2: &str = "/APIManager/ThrottlingConfigurations/";
/// What only 1.x up to 1.9 has. 1.10 has nothing of its own: its carbon.xml or its name must tell it.
const BEFORE_2: [&str; 2] = ["/APIManager/APIUsageTracking/", "/APIManager/APIConsumerAuthentication/"];

/// An api-manager.xml of 1.x.
fn before_2(files: &[Seen<'_, '_>]) -> Option<(Version, VersionEvidence)> {
    let file = files.iter().find(|file| file.name == "api-manager.xml")?;
    let has = |path: &str| file.leaves.iter().find(|leaf| leaf.path.starts_with(path));
    if has(SINCE_2).is_some() {
        return None;
    }
    let leaf = BEFORE_2.into_iter().find_map(has)?;
    let what = format!("api-manager.xml has {}, which no version from 2.0 on reads", leaf.path);
    Some((BEFORE_1_10, evidence(what, Some(Place::at(file.path, leaf.position)))))
}

/// Compares the node's files with the shipped ones: leaves that only some versions ship, and shipped values that
/// changed. Where nothing tells two versions apart it is a guess at the newer.
fn by_markers(files: &[Seen<'_, '_>], defaults: &Defaults) -> Option<(Version, VersionEvidence)> {
    let mut scores = [0_u32; 3];
    let mut telling: Option<(&Seen<'_, '_>, &Leaf<'_>)> = None;
    for file in files.iter().filter(|file| file.name == "api-manager.xml") {
        for leaf in file.leaves {
            let Some(shipped) = defaults.find("api-manager.xml", &leaf.path) else { continue };
            let fits =
                MEASURED.map(|version| u32::from(shipped.ships(version)) + u32::from(shipped.is(&leaf.value, version)));
            if fits[0] != fits[1] || fits[1] != fits[2] {
                telling = telling.or(Some((file, leaf)));
            }
            for (score, fit) in scores.iter_mut().zip(fits) {
                *score += fit;
            }
        }
    }
    let (file, leaf) = telling?;
    let best = *scores.iter().max()?;
    let winners: Vec<Version> =
        MEASURED.iter().zip(scores).filter(|(_, score)| *score == best).map(|(version, _)| *version).collect();
    let place = Some(Place::at(file.path, leaf.position));
    let what = format!("api-manager.xml looks most like that of {}", winners[0]);
    Some((winners[0], VersionEvidence { what, place, guessed: winners.len() > 1 }))
}

/// A version that a name has.
#[derive(Clone, Debug)]
pub struct Named {
    /// The version.
    pub version: Version,
    /// What the report says of it.
    pub evidence: VersionEvidence,
    /// The product's name stands before it.
    pub of_product: bool,
}

/// A version in a folder's or archive's name (`wso2am-2.6.0`).
#[must_use]
pub fn in_name(name: &str) -> Option<Named> {
    let starts = name.char_indices().filter(|(at, character)| {
        character.is_ascii_digit() && !name.part(..*at).ends_with(|c: char| c.is_ascii_digit() || c == '.')
    });
    starts.map(|(at, _)| name.part(at..)).find_map(|rest| {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = rest.part(..end).trim_end_matches('.');
        let version: Version = number.parse().ok()?;
        let newest = match version.major {
            1 => 10,
            2 | 4 => 6,
            3 => 2,
            _ => return None,
        };
        // A first number of 1 is that of many things: only the product's name before it makes it the product's.
        let before = name.part(..name.len() - rest.len()).to_ascii_lowercase();
        let before = before.trim_end_matches(['-', '_', '.', ' ', 'v']);
        let of_product = ["am", "apim", "api-m", "manager"].iter().any(|word| before.ends_with(word));
        let known = version.minor <= newest && (version.major > 1 || of_product);
        (known && number.matches('.').count() <= 2).then(|| {
            let evidence = evidence(format!("the name has `{number}`"), None);
            Named { version, evidence, of_product }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::{after_product, in_name};
    use crate::version::Version;

    #[test]
    fn finds_versions_in_names_and_texts() {
        assert_eq!(in_name("nodes/wso2am-2.5.0").map(|found| found.version), Some(Version::new(2, 5)));
        assert_eq!(in_name("apim-2.1-gw").map(|found| found.version), Some(Version::new(2, 1)));
        assert_eq!(in_name("wso2am-1.10.0").map(|found| found.version), Some(Version::new(1, 10)));
        assert!(in_name("release-1.2/node").is_none());
        assert!(in_name("10.1.2.3").is_none());
        assert_eq!(after_product("WSO2 API Manager v2.6.0\n").map(|found| found.0), Some(Version::new(2, 6)));
    }
}
