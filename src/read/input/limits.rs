//! How much of an INPUT is read. Configuration comes near none of these; a bomb or a mistake does.

use crate::limits::Limit;

/// The bounds of what is read. [`Limits::default`] has what the documentation says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest file that is read, in bytes: 64 MiB.
    pub file: u64,
    /// How many bytes of all files together are read of one deployment, which is one call of `load` or `unpack`: 2 GiB.
    pub total: u64,
    /// How many files an INPUT, and each archive in it, may have: 500,000.
    pub files: usize,
    /// How deep archives may lie in each other; one that lies in a folder is the first: 4.
    pub nesting: usize,
    /// How many folders an INPUT may have: 500,000.
    pub folders: usize,
    /// How deep folders may be nested: 64.
    pub depth: usize,
    /// How many times its own size a compressed archive may grow to: 200. Text comes to 20, a bomb to 1000 and more.
    pub ratio: u64,
    /// How many bytes a compressed archive may grow to whatever its own size: 256 MiB.
    pub grown: u64,
    /// The largest zip that is read inside another archive, which must be held in memory, in bytes: 512 MiB.
    pub inner_zip: u64,
    /// The memory that a decoder may take for its window, in bytes: 256 MiB. The strongest level of `xz` takes 65 MiB.
    pub window: u64,
    /// How many values a manifest may have once its aliases are followed: 1,000,000.
    pub manifest_values: usize,
    /// How deep the values of a manifest may be nested: 64.
    pub manifest_depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self::of(Limit::default)
    }
}

impl Limits {
    /// Those of this run: what `--limit` says, and the default of the rest.
    #[must_use]
    pub fn in_force() -> Self {
        Self::of(Limit::number)
    }

    /// With the numbers of the limits that can be set.
    fn of(number: fn(Limit) -> usize) -> Self {
        Self {
            file: number(Limit::FileBytes) as u64,
            total: number(Limit::Bytes) as u64,
            files: number(Limit::Files),
            nesting: number(Limit::ArchiveDepth),
            folders: number(Limit::Folders),
            depth: number(Limit::FolderDepth),
            ratio: 200,
            grown: 256 << 20,
            inner_zip: 512 << 20,
            window: 256 << 20,
            manifest_values: 1_000_000,
            manifest_depth: 64,
        }
    }
}

/// A number of bytes as messages say it.
pub(super) fn bytes(count: u64) -> String {
    match count {
        0..1024 => format!("{count} bytes"),
        0x400..0x10_0000 => format!("{} KiB", count >> 10),
        0x10_0000..0x4000_0000 => format!("{} MiB", count >> 20),
        _ => format!("{} GiB", count >> 30),
    }
}
