//! Shipped values of the legacy files: `mappings/defaults/2.x.tsv`, measured on 2.1.0, 2.5.0 and 2.6.0.

use crate::text::Parts as _;
use std::sync::LazyLock;

use rustc_hash::FxBuildHasher;

use super::path::{Pattern, without_numbers};
use crate::version::Version;

type Index<K, V> = indexmap::IndexMap<K, V, FxBuildHasher>;

/// What the shipped files say of one leaf.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shipped {
    /// The element stands in a comment: its value is an example, and the leaf is not there by default.
    pub commented_out: bool,
    /// Values in 2.1, 2.5, 2.6; `None` where the version's file has no such leaf.
    values: [Option<&'static str>; 3],
}

impl Shipped {
    /// The value that `version` ships, or that of the nearest measured version which has the leaf.
    /// 2.0 is taken as 2.1, and 2.2 to 2.4 as 2.5, since those files were not measured whole.
    #[must_use]
    pub fn value(&self, version: Version) -> Option<&'static str> {
        let order: [usize; 3] = match version.minor {
            0 | 1 => [0, 1, 2],
            2..=5 => [1, 0, 2],
            _ => [2, 1, 0],
        };
        order.iter().find_map(|column| self.values[*column])
    }
}

impl Shipped {
    /// Whether the file of the measured `version` has the leaf.
    #[must_use]
    pub fn ships(&self, version: Version) -> bool {
        let column = match version.minor {
            0 | 1 => 0,
            2..=5 => 1,
            _ => 2,
        };
        !self.commented_out && self.values[column].is_some()
    }

    /// The value that the measured `version` itself ships.
    #[must_use]
    pub fn shipped_by(&self, version: Version) -> Option<&'static str> {
        let column = [1, 5, 6].iter().position(|minor| *minor == version.minor)?;
        self.values[column]
    }

    /// Whether `value` is what `version` ships. The whole files of 2.0 and 2.2 to 2.4 were not measured: what
    /// either measured neighbour ships counts there.
    #[must_use]
    pub fn is(&self, value: &str, version: Version) -> bool {
        if self.commented_out {
            return false;
        }
        let neighbours: &[usize] = match version.minor {
            0 | 1 => &[0],
            2..=4 => &[0, 1],
            5 => &[1],
            _ => &[2],
        };
        let mut measured = neighbours.iter().filter_map(|column| self.values[*column]).peekable();
        if measured.peek().is_none() {
            return self.value(version).is_some_and(|shipped| same(value, shipped));
        }
        measured.any(|shipped| same(value, shipped))
    }
}

/// The shipped values of all legacy files.
#[derive(Debug)]
pub struct Defaults {
    files: Index<&'static str, ShippedFile>,
}

/// The shipped values of one file.
#[derive(Debug, Default)]
pub struct ShippedFile {
    exact: Index<&'static str, Shipped>,
    patterns: Vec<(Pattern, Shipped)>,
}

impl ShippedFile {
    /// How many paths it knows exactly.
    #[must_use]
    pub fn count(&self) -> usize {
        self.exact.len()
    }

    /// The paths that it knows exactly.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> {
        self.exact.keys().copied()
    }

    /// The number of the row for exactly this path, and what is shipped.
    #[must_use]
    pub fn row(&self, path: &str) -> Option<(usize, Shipped)> {
        self.exact.get_full(path).map(|(number, _, shipped)| (number, *shipped))
    }

    /// What is shipped for a path that no row is exactly for.
    #[must_use]
    pub fn near(&self, path: &str) -> Option<Shipped> {
        let plain = without_numbers(path);
        if plain != path
            && let Some(shipped) = self.exact.get(plain.as_ref())
        {
            return Some(*shipped);
        }
        self.patterns.iter().find(|(pattern, _)| pattern.matches(path).is_some()).map(|(_, shipped)| *shipped)
    }

    /// Whether `value` is one of the values that `version` ships for the repeated element at `path`.
    #[must_use]
    pub fn lists(&self, path: &str, value: &str, version: Version) -> bool {
        let plain = without_numbers(path);
        let (element, rest) = match plain.rfind('/') {
            Some(slash) if plain.part(slash..).starts_with("/@") => plain.split_at(slash),
            _ => (plain.as_ref(), ""),
        };
        std::iter::once(plain.to_string())
            .chain((2..).map(|number| format!("{element}[{number}]{rest}")))
            .map_while(|path| self.exact.get(path.as_str()))
            .any(|shipped| shipped.is(value, version))
    }
}

impl Defaults {
    /// The built-in table, read once.
    #[must_use]
    pub fn built_in() -> &'static Self {
        static BUILT_IN: LazyLock<Defaults> = LazyLock::new(Defaults::read);
        &BUILT_IN
    }

    fn read() -> Self {
        let mut files: Index<&'static str, ShippedFile> = Index::default();
        for (file, path, shipped) in rows() {
            let file = files.entry(file).or_default();
            if path.contains('*') {
                file.patterns.push((Pattern::new(path), shipped));
            } else {
                file.exact.insert(path, shipped);
            }
        }
        Self { files }
    }

    /// What is shipped as `file`.
    #[must_use]
    pub fn file(&self, file: &str) -> Option<&ShippedFile> {
        self.files.get(file)
    }

    /// What `file` ships for the leaf at `path`.
    #[must_use]
    pub fn find(&self, file: &str, path: &str) -> Option<Shipped> {
        let file = self.file(file)?;
        file.row(path).map(|(_, shipped)| shipped).or_else(|| file.near(path))
    }

    /// All rows, those with a `*` in their path too: file, path, what is shipped.
    pub fn all_rows(&self) -> impl Iterator<Item = (&'static str, &'static str, Shipped)> {
        rows()
    }

    /// All exact rows: file, path, what is shipped.
    pub fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str, Shipped)> {
        self.all_rows().filter(|(_, path, _)| !path.contains('*'))
    }
}

/// The rows of the table: file, path, what is shipped.
fn rows() -> impl Iterator<Item = (&'static str, &'static str, Shipped)> {
    include_str!("../../mappings/defaults/2.x.tsv").lines().skip(1).map(|line| {
        let mut columns = line.split('\t');
        let mut next = || columns.next().unwrap_or("-");
        let (file, path, commented_out) = (next(), next(), next() == "yes");
        let values = std::array::from_fn(|_| Some(next()).filter(|cell| *cell != "-"));
        (file, path, Shipped { commented_out, values })
    })
}

/// Whether a legacy value is the shipped one: runs of white space count as one blank, booleans in any case.
#[must_use]
pub fn same(value: &str, shipped: &str) -> bool {
    let value = value.trim();
    if value == shipped {
        return true;
    }
    let mut parts = value.split_whitespace();
    let same_words = shipped.split_whitespace().all(|word| parts.next() == Some(word)) && parts.next().is_none();
    same_words
        || (matches!(shipped, "true" | "false") && value.eq_ignore_ascii_case(shipped))
        // The table holds properties as they stand in the file, with their backslashes doubled.
        || (shipped.contains("\\\\") && value == shipped.replace("\\\\", "\\"))
}

#[cfg(test)]
mod tests {
    use super::{Defaults, same};
    use crate::version::Version;

    #[test]
    fn finds_defaults_of_a_version() {
        let defaults = Defaults::built_in();
        let path = "/APIManager/ThrottlingConfigurations/JMSConnectionDetails/JMSConnectionParameters/connectionfactory.TopicConnectionFactory";
        let shipped = defaults.find("api-manager.xml", path).expect("a row");
        assert!(shipped.value(Version::new(2, 0)).is_some_and(|value| value.contains("${jms.url}")));
        assert!(shipped.value(Version::new(2, 6)).is_some_and(|value| value.contains("${jms.port}")));
        let described = "/APIManager/APIGateway/Environments/Environment[Name='x']/@type";
        assert_eq!(
            defaults.find("api-manager.xml", described).and_then(|row| row.value(Version::new(2, 6))),
            Some("hybrid")
        );
    }

    #[test]
    fn compares_like_the_product() {
        assert!(same(" TRUE ", "true"));
        assert!(same("a\n   b", "a b"));
        assert!(same("\\w+", "\\\\w+"));
        assert!(!same("X", "x"));
    }
}
