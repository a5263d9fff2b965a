//! How much of anything is taken: beyond it there is a finding that says so, never a run without end.
//!
//! The numbers are far above what any deployment has; the work grows with the input up to them (`benches/growth`).

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
