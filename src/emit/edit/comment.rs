//! What a comment line is: something said to the reader, or a setting that was taken out.

/// What stands in a comment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comment {
    /// Words.
    Prose,
    /// A key and its value.
    Setting,
    /// The header of a table.
    Table,
}

/// What the comment line holds.
pub fn kind(line: &str) -> Comment {
    let content = line.trim_start().trim_start_matches('#').trim();
    let parses = |text: &str| text.parse::<toml_edit::DocumentMut>().is_ok();
    if content.starts_with('[') {
        return if parses(content) { Comment::Table } else { Comment::Prose };
    }
    match content.split_once('=') {
        Some((name, value)) if !value.trim().is_empty() && parses(&format!("{name} = 0")) => Comment::Setting,
        _ => Comment::Prose,
    }
}

#[cfg(test)]
mod tests {
    use super::{Comment, kind};

    #[test]
    fn tells_settings_from_words() {
        for (line, expected) in [
            ("# the old broker", Comment::Prose),
            ("#offset = 1\n", Comment::Setting),
            ("  ## 'a.b'.c=\"x\" # note\r\n", Comment::Setting),
            ("# allow_headers = [", Comment::Setting),
            ("# see that a = b", Comment::Prose),
            ("#[apim.jwt]", Comment::Table),
            ("# [[event_listener]] # off", Comment::Table),
            ("# [see above] for more", Comment::Prose),
            ("# =====", Comment::Prose),
            ("#", Comment::Prose),
        ] {
            assert_eq!(kind(line), expected, "{line}");
        }
    }
}
