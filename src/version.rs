//! Versions of the old product and of the new one.

use crate::text::Parts as _;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A source version, `major.minor`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Version {
    /// The first number.
    pub major: u8,
    /// The second number.
    pub minor: u8,
}

impl Version {
    /// `major.minor`.
    #[must_use]
    pub const fn new(major: u8, minor: u8) -> Self {
        Self { major, minor }
    }
}

/// The versions of the product that there are to convert.
pub const SOURCES: [Version; 15] = [
    Version::new(2, 0),
    Version::new(2, 1),
    Version::new(2, 2),
    Version::new(2, 5),
    Version::new(2, 6),
    Version::new(3, 0),
    Version::new(3, 1),
    Version::new(3, 2),
    Version::new(4, 0),
    Version::new(4, 1),
    Version::new(4, 2),
    Version::new(4, 3),
    Version::new(4, 4),
    Version::new(4, 5),
    Version::new(4, 6),
];

/// Reads a version that there is to convert.
///
/// # Errors
/// What is expected instead.
pub fn source_version(text: &str) -> Result<Version, String> {
    let version = text.trim().trim_start_matches(['v', 'V']).parse::<Version>().ok();
    version
        .filter(|version| SOURCES.contains(version))
        .ok_or_else(|| format!("there is no such version to convert: expected one of {}", known_versions()))
}

/// The versions that can be converted, in words.
#[must_use]
pub fn known_versions() -> String {
    SOURCES.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}.{}", self.major, self.minor)
    }
}

impl FromStr for Version {
    type Err = ();

    /// Reads `2.6`, `2.6.0`, `2.6.0-SNAPSHOT`.
    fn from_str(text: &str) -> Result<Self, ()> {
        let mut parts = text.trim().split('.');
        let mut next = || {
            let part = parts.next()?;
            let digits = part.len() - part.trim_start_matches(|c: char| c.is_ascii_digit()).len();
            part.part(..digits).parse().ok()
        };
        let version = (|| Some(Self::new(next()?, next()?)))();
        version.ok_or(())
    }
}

/// A range of source versions as rules write it: `2.6`, `2.0-2.1`, `2.5-`.
#[must_use]
pub fn in_range(range: &str, version: Version) -> Option<bool> {
    let bound = |text: &str| -> Option<Option<Version>> {
        let text = text.trim();
        if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) }
    };
    let (low, high) = match range.split_once('-') {
        Some((low, high)) => (bound(low)?, bound(high)?),
        None => (bound(range)?, bound(range)?),
    };
    Some(low.is_none_or(|low| low <= version) && high.is_none_or(|high| version <= high))
}

/// What is written for: the versions of the new product.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, clap::ValueEnum,
)]
pub enum Target {
    /// The three profiles of the current guide: one file that serves 4.1 to 4.4.
    #[default]
    #[serde(rename = "current")]
    #[value(name = "current")]
    Current,
    /// 4.0, in the form of its own guide.
    #[serde(rename = "4.0")]
    #[value(name = "4.0")]
    V4_0,
    /// 4.1.
    #[serde(rename = "4.1")]
    #[value(name = "4.1")]
    V4_1,
    /// 4.2.
    #[serde(rename = "4.2")]
    #[value(name = "4.2")]
    V4_2,
    /// 4.3: not measured, takes the keys that live in both 4.2 and 4.4.
    #[serde(rename = "4.3")]
    #[value(name = "4.3")]
    V4_3,
    /// 4.4.
    #[serde(rename = "4.4")]
    #[value(name = "4.4")]
    V4_4,
    /// 4.5, separate distributions.
    #[serde(rename = "4.5")]
    #[value(name = "4.5")]
    V4_5,
    /// 4.6, separate distributions.
    #[serde(rename = "4.6")]
    #[value(name = "4.6")]
    V4_6,
}

impl Target {
    /// The word on the command line.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::V4_0 => "4.0",
            Self::V4_1 => "4.1",
            Self::V4_2 => "4.2",
            Self::V4_3 => "4.3",
            Self::V4_4 => "4.4",
            Self::V4_5 => "4.5",
            Self::V4_6 => "4.6",
        }
    }

    /// The measured versions that a written file must serve, oldest first.
    #[must_use]
    pub fn measured(self) -> &'static [Version] {
        const V0: Version = Version::new(4, 0);
        const V1: Version = Version::new(4, 1);
        const V2: Version = Version::new(4, 2);
        const V4: Version = Version::new(4, 4);
        const V5: Version = Version::new(4, 5);
        const V6: Version = Version::new(4, 6);
        match self {
            Self::Current => &[V1, V2, V4],
            Self::V4_0 => &[V0],
            Self::V4_1 => &[V1],
            Self::V4_2 => &[V2],
            Self::V4_3 => &[V2, V4],
            Self::V4_4 => &[V4],
            Self::V4_5 => &[V5],
            Self::V4_6 => &[V6],
        }
    }

    /// The newest version that it is for.
    #[must_use]
    pub fn newest(self) -> Version {
        match self {
            // Not measured.
            Self::V4_3 => Version::new(4, 3),
            _ => self.measured().last().copied().unwrap_or(Version::new(4, 0)),
        }
    }

    /// The target of a version of 4.x; the newest that there is, where that is newer still.
    #[must_use]
    pub fn of(version: Version) -> Self {
        let known = <Self as clap::ValueEnum>::value_variants().iter().filter(|target| **target != Self::Current);
        let mut fits = known.clone().filter(|target| target.newest() >= version);
        fits.next().or(known.max_by_key(|target| target.newest())).copied().unwrap_or_default()
    }

    /// Whether the profiles are separate distributions, which know no role word but `default` (B.1).
    #[must_use]
    pub fn separate_distributions(self) -> bool {
        matches!(self, Self::V4_5 | Self::V4_6)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::{Version, in_range, source_version};

    #[test]
    fn takes_only_versions_that_exist() {
        let read = |text: &str| source_version(text).ok();
        assert_eq!(read("2.6.0"), Some(Version::new(2, 6)));
        assert_eq!(read("v3.2"), Some(Version::new(3, 2)));
        for text in ["3.9", "2.7", "2.3", "2.4", "1.10", "4.7", "5.0", "2", "x", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn reads_versions_and_ranges() {
        let version = |text: &str| text.parse::<Version>().ok();
        assert_eq!(version("2.6.0"), Some(Version::new(2, 6)));
        assert_eq!(version(" 2.1.0-SNAPSHOT"), Some(Version::new(2, 1)));
        assert_eq!(version("x"), None);
        let two_two = Version::new(2, 2);
        assert_eq!(in_range("2.0-2.1", two_two), Some(false));
        assert_eq!(in_range("2.2-", two_two), Some(true));
        assert_eq!(in_range("2.2", two_two), Some(true));
        assert_eq!(in_range("x", two_two), None);
    }
}
