//! Why something of an INPUT was not read, and what to do.

use std::io;

use crate::limits::Limit;

/// Why a file, folder or archive was not read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{reason}; {help}")]
pub struct Unread {
    /// What was found, lower case.
    pub reason: String,
    /// What to do.
    pub help: String,
    /// What kind of thing it is.
    pub kind: UnreadKind,
}

/// What kind of thing was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnreadKind {
    /// An archive, or a file in one: damaged, encrypted, or of a kind that is not read.
    Archive,
    /// A file or folder that the system does not let us read.
    File,
    /// A folder that could not be entered: whatever is in it is not known.
    Folder,
    /// A pipe, device, socket, a folder in the place of a file, or a link that leads nowhere.
    NotRegular,
    /// A link to what is read under another name: nothing is lost.
    ReadElsewhere,
    /// A packed file beside another of the same file, which is read.
    PackedTwice,
    /// It is beyond a limit.
    Limit,
    /// A template: what it says is not known until it is rendered.
    Template,
}

impl Unread {
    pub(super) fn new(kind: UnreadKind, reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into(), kind }
    }

    /// An archive that cannot be read.
    pub(super) fn archive(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self::new(UnreadKind::Archive, reason, help)
    }

    /// What the system says of a file or folder.
    pub(super) fn system(error: &io::Error) -> Self {
        let help = match error.kind() {
            io::ErrorKind::PermissionDenied => "let this user read it, or leave it out",
            io::ErrorKind::NotFound => "it is a link to nothing, or went away: put the file itself there",
            _ => "look whether it can be read otherwise, or leave it out",
        };
        Self::new(UnreadKind::File, words(error), help)
    }

    /// A folder that the system does not let us enter.
    pub(super) fn folder(error: &io::Error) -> Self {
        Self { kind: UnreadKind::Folder, ..Self::system(error) }
    }

    /// A folder in the place of a file of configuration.
    pub(super) fn folder_for_file() -> Self {
        let help = "put the file itself there: a container makes a folder where the file that it mounts is missing";
        Self::new(UnreadKind::NotRegular, "it is a folder, where a file should be", help)
    }

    /// What is neither a file nor a folder.
    pub(super) fn not_regular() -> Self {
        Self::new(UnreadKind::NotRegular, "it is no regular file", "put the file itself there, or leave it out")
    }

    /// Something beyond a limit.
    pub(super) fn limit(reason: impl Into<String>) -> Self {
        Self::new(UnreadKind::Limit, reason, "give the configuration alone")
    }

    /// Something beyond a limit that can be raised.
    pub(super) fn limit_of(reason: impl Into<String>, limit: Limit) -> Self {
        Self::new(UnreadKind::Limit, reason, format!("give the configuration alone; {}", limit.raised()))
    }
}

/// The error without the number that the operating system gives it, so that messages are the same everywhere.
pub(super) fn words(error: &io::Error) -> String {
    match error.kind() {
        kind if error.raw_os_error().is_some() && kind != io::ErrorKind::Other => kind.to_string(),
        _ => error.to_string(),
    }
}
