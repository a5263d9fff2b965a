//! How much of anything is taken: beyond it there is a finding that says so, never a run without end.
//!
//! The numbers are far above what any deployment has; the work grows with the input up to them (`benches/growth`).
//! `--limit NAME=NUMBER` sets another one for the run.

use std::sync::OnceLock;

/// How many names a name that is not known is compared with.
pub const NEAR_NAMES: usize = 5_000;

/// How long a name may be, in characters, for near ones to be looked for.
pub const NEAR_LENGTH: usize = 256;

/// How many settings one file may hold; one with more is not read.
pub const LEAVES: usize = 200_000;

/// How many attributes one XML element may have; a file with more is not read.
pub const ATTRIBUTES: usize = 10_000;

/// How many nodes one deployment may have.
pub const NODES: usize = 2_000;

/// How many gateway environments one deployment may have.
pub const ENVIRONMENTS: usize = 2_000;

/// How many settings that no row speaks of one deployment may have.
pub const UNKNOWN: usize = 100_000;

/// A limit that can be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The bytes of a file.
    FileBytes,
    /// The bytes of all files of an INPUT, and of each archive in it.
    Bytes,
    /// The files of an INPUT, and of each archive in it.
    Files,
    /// The folders of an INPUT.
    Folders,
    /// How deep folders may be nested.
    FolderDepth,
    /// How deep archives may lie in each other.
    ArchiveDepth,
    /// The settings of a file.
    Settings,
    /// The attributes of an XML element.
    Attributes,
    /// The nodes of a deployment.
    Nodes,
    /// The gateway environments of a deployment.
    Environments,
    /// The settings of a deployment that no row and no key of the product speaks of.
    Unknown,
}

impl Limit {
    /// All of them.
    pub const ALL: [Self; 11] = [
        Self::FileBytes,
        Self::Bytes,
        Self::Files,
        Self::Folders,
        Self::FolderDepth,
        Self::ArchiveDepth,
        Self::Settings,
        Self::Attributes,
        Self::Nodes,
        Self::Environments,
        Self::Unknown,
    ];

    /// Its name on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::FileBytes => "file-bytes",
            Self::Bytes => "bytes",
            Self::Files => "files",
            Self::Folders => "folders",
            Self::FolderDepth => "folder-depth",
            Self::ArchiveDepth => "archive-depth",
            Self::Settings => "settings",
            Self::Attributes => "attributes",
            Self::Nodes => "nodes",
            Self::Environments => "environments",
            Self::Unknown => "unknown",
        }
    }

    /// The number where none is given.
    #[must_use]
    pub fn default(self) -> usize {
        match self {
            Self::FileBytes => 64 << 20,
            Self::Bytes => 2 << 30,
            Self::Files | Self::Folders => 500_000,
            Self::FolderDepth => 64,
            Self::ArchiveDepth => 4,
            Self::Settings => LEAVES,
            Self::Attributes => ATTRIBUTES,
            Self::Nodes => NODES,
            Self::Environments => ENVIRONMENTS,
            Self::Unknown => UNKNOWN,
        }
    }

    /// The number that holds in this run.
    #[must_use]
    pub fn number(self) -> usize {
        let set = SET.get().into_iter().flatten().rev().find(|(limit, _)| *limit == self);
        set.map_or_else(|| self.default(), |(_, number)| *number)
    }

    /// Whether `count` is beyond it.
    #[must_use]
    pub fn is_passed(self, count: usize) -> bool {
        count > self.number()
    }

    /// How more is allowed, for messages.
    #[must_use]
    pub fn raised(self) -> String {
        format!("`--limit {}=NUMBER` allows more", self.word())
    }

    /// The limit that a message of ours says was passed.
    #[must_use]
    pub fn told_in(message: &str) -> Option<Self> {
        let (_, behind) = message.split_once("`--limit ")?;
        let (word, rest) = behind.split_once('=')?;
        Self::ALL.into_iter().find(|limit| limit.word() == word && rest.starts_with("NUMBER` allows more"))
    }
}

/// Makes one of the things that were left out for one limit: the first stays, and learns how many more there are. `of`
/// gives what is said of a thing; what no limit stopped stays as it is.
pub fn fold<T>(all: &mut Vec<T>, of: impl Fn(&mut T) -> &mut String) {
    let mut first: Vec<(Limit, usize, usize)> = Vec::new();
    let mut kept = 0;
    all.retain_mut(|one| {
        let at = kept;
        let Some(limit) = Limit::told_in(of(one)) else {
            kept += 1;
            return true;
        };
        if let Some((.., more)) = first.iter_mut().find(|(other, ..)| *other == limit) {
            *more += 1;
            return false;
        }
        first.push((limit, at, 0));
        kept += 1;
        true
    });
    for (_, at, more) in first.into_iter().filter(|(.., more)| *more > 0) {
        let message = of(&mut all[at]);
        let beyond = if more == 1 { "1 more is beyond it".to_owned() } else { format!("{more} more are beyond it") };
        *message = format!("{message} ({beyond})");
    }
}

/// What the command line says; nothing in it changes while it runs.
static SET: OnceLock<Vec<(Limit, usize)>> = OnceLock::new();

/// Sets limits for this process. Only the first call counts.
pub fn set(limits: &[(Limit, usize)]) {
    let _ = SET.set(limits.to_vec());
}

/// The limits that were set.
#[must_use]
pub fn given() -> &'static [(Limit, usize)] {
    SET.get().map_or(&[], Vec::as_slice)
}

/// Reads `NAME=NUMBER`.
///
/// # Errors
/// What is wrong with it, and what there is.
pub fn parse(text: &str) -> Result<(Limit, usize), String> {
    let names = || Limit::ALL.map(Limit::word).join(", ");
    let (name, number) = text.split_once('=').ok_or_else(|| format!("expected NAME=NUMBER; names are {}", names()))?;
    let limit = Limit::ALL.into_iter().find(|limit| limit.word() == name.trim());
    let limit = limit.ok_or_else(|| format!("`{}` is no limit: there are {}", name.trim(), names()))?;
    match number.trim().replace('_', "").parse::<usize>() {
        Ok(number) if number > 0 => Ok((limit, number)),
        _ => Err(format!("`{}` is no number above 0", number.trim())),
    }
}

#[cfg(test)]
mod tests {
    use super::{Limit, parse};

    #[test]
    fn a_limit_is_read_from_its_name_and_number() {
        assert_eq!(parse("nodes=5_000"), Ok((Limit::Nodes, 5000)));
        for limit in Limit::ALL {
            assert_eq!(parse(&format!("{}=7", limit.word())), Ok((limit, 7)));
        }
        for wrong in ["nodes", "nodes=", "nodes=0", "nodes=-1", "nodes=many", "node=1", "=1"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }
}
