//! Receiver url groups (C.4).

/// How the URLs of a group are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// One URL.
    Single,
    /// Each event goes to one of them.
    LoadBalance,
    /// The first that answers.
    Failover,
    /// Both separators: the product refuses it.
    Mixed,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlGroup {
    /// Its URLs.
    pub urls: Vec<String>,
    /// How they are used.
    pub kind: GroupKind,
}

/// A whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlGroups {
    /// The groups.
    pub groups: Vec<UrlGroup>,
    /// URLs beside braces, which the product ignores.
    pub ignored: Vec<String>,
}

/// Reads a text.
#[must_use]
pub fn parse(_text: &str) -> UrlGroups {
    UrlGroups::default()
}
