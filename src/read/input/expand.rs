//! Files that hold other files.

use std::collections::BTreeMap;

use super::limits::Limits;
use super::{Content, SourceFile};

/// Puts the files that ConfigMaps and Secrets hold beside them.
pub(super) fn files(files: BTreeMap<String, Content>, limits: &Limits) -> Vec<SourceFile> {
    let _ = limits;
    files.into_iter().map(|(path, content)| SourceFile { path, content }).collect()
}
