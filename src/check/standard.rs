//! What a file is checked for: one version of the product, or several that it must serve at once.

use crate::mapping::catalog::{Catalog, Key, Liveness, VERSIONS};
use crate::version::{Target, Version};

/// The versions that a file must be right for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standard {
    /// How it is called: `current`, `4.5`.
    pub name: String,
    versions: Vec<Version>,
    /// The version itself was not measured: what one of its neighbours reads it may read too.
    between: bool,
}

impl Standard {
    /// A target: all of its versions must read the file.
    #[must_use]
    pub fn of(target: Target) -> Self {
        Self { name: target.word().to_owned(), versions: target.measured().to_vec(), between: false }
    }

    /// The version that a file is for, also 3.x.
    #[must_use]
    pub fn own(version: Version) -> Self {
        let older = VERSIONS.iter().rev().find(|known| **known <= version);
        let newer = VERSIONS.iter().find(|known| **known >= version);
        let mut versions: Vec<Version> = older.into_iter().chain(newer).copied().collect();
        versions.dedup();
        Self { name: version.to_string(), between: versions.len() > 1, versions }
    }

    /// Whether the product's mapper is that of 4.x.
    #[must_use]
    pub fn is_4(&self) -> bool {
        self.versions.iter().all(|version| version.major >= 4)
    }

    /// Whether `version` is one of the versions.
    #[must_use]
    pub fn has(&self, version: Version) -> bool {
        self.versions.contains(&version)
    }

    /// Whether any of the versions is `version` or later.
    #[must_use]
    pub fn from(&self, version: Version) -> bool {
        self.versions.iter().any(|known| *known >= version)
    }

    /// Whether a version that the file must be right for is before `version`, measured or not.
    #[must_use]
    pub fn before(&self, version: Version) -> bool {
        match self.name.parse::<Version>() {
            Ok(own) => own < version,
            Err(()) => self.versions.iter().any(|known| *known < version),
        }
    }

    /// The newest of the versions.
    #[must_use]
    pub fn newest(&self) -> Option<Version> {
        self.versions.last().copied()
    }

    /// Whether the versions read the key.
    #[must_use]
    pub fn reads(&self, key: &Key) -> bool {
        let mut read = self.versions.iter().map(|version| key.acts(*version));
        if self.between { read.any(|read| read) } else { read.all(|read| read) }
    }

    /// The versions of the standard that read the key.
    #[must_use]
    pub fn readers(&self, key: &Key) -> Vec<Version> {
        self.versions.iter().copied().filter(|version| key.acts(*version)).collect()
    }

    /// Whether a version writes a broken file with the key.
    #[must_use]
    pub fn breaks(&self, key: &Key) -> bool {
        self.versions.iter().any(|version| key.liveness(*version) == Liveness::Breaks)
    }

    /// The measured versions below and above the standard that read the key.
    #[must_use]
    pub fn other_readers(&self, key: &Key) -> (Vec<Version>, Vec<Version>) {
        let readers = |wanted: &dyn Fn(&Version) -> bool| {
            VERSIONS.iter().filter(|version| wanted(version) && key.acts(**version)).copied().collect()
        };
        let first = self.versions.first().copied();
        let last = self.versions.last().copied();
        (readers(&|version| Some(*version) < first), readers(&|version| Some(*version) > last))
    }

    /// Whether each version has a value for the key when the file leaves it out.
    #[must_use]
    pub fn has_default(&self, catalog: &Catalog, name: &str) -> bool {
        catalog.find(name).is_some_and(|key| {
            self.versions.iter().all(|version| {
                let default = key.default(*version);
                !default.is_empty() && default != "(required)"
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Standard;
    use crate::mapping::catalog::Catalog;
    use crate::version::{Target, Version};

    #[test]
    fn takes_neighbours_for_what_was_not_measured() {
        let catalog = Catalog::built_in();
        let old = catalog.find("apim.oauth_config.white_listed_scopes").unwrap();
        assert!(Standard::own(Version::new(3, 0)).reads(old));
        assert!(Standard::own(Version::new(3, 2)).reads(old));
        assert!(!Standard::own(Version::new(4, 0)).reads(old));
        let new = catalog.find("apim.gateway.environment[].gateway_type").unwrap();
        assert!(!Standard::of(Target::Current).reads(new) && Standard::of(Target::V4_4).reads(new));
        assert_eq!(Standard::of(Target::Current).readers(new), [Version::new(4, 4)]);
        assert!(Standard::own(Version::new(4, 7)).reads(new));
    }
}
