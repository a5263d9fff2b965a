//! A whole small deployment as one text: `target WORD`, then for each file `=== PATH` and its content.

/// Files by path.
pub type Files = Vec<(String, Vec<u8>)>;

/// A deployment and what it is converted for.
#[derive(Clone, Debug)]
pub struct Bundle {
    /// The target's word.
    pub target: String,
    /// The files, by path below the INPUT.
    pub files: Files,
    /// Nothing but whole values and lines was changed, so that no marked secret stands where none belongs.
    pub tidy: bool,
}

impl Bundle {
    /// Reads the text; `None` if it is none.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(b"target ")?;
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let target = std::str::from_utf8(&rest[..end]).ok()?.to_owned();
        let mut files: Files = Vec::new();
        for line in rest[end + 1..].split_inclusive(|byte| *byte == b'\n') {
            if let Some(path) = line.strip_prefix(b"=== ") {
                files.push((String::from_utf8_lossy(path).trim_end().to_owned(), Vec::new()));
            } else if let Some((_, content)) = files.last_mut() {
                content.extend_from_slice(line);
            }
        }
        let escapes = |path: &str| path.is_empty() || path.split('/').any(|part| matches!(part, "" | "." | ".."));
        (!files.is_empty() && !files.iter().any(|(path, _)| escapes(path))).then_some(Self {
            target,
            files,
            tidy: false,
        })
    }

    /// The text.
    pub fn write(&self) -> Vec<u8> {
        let mut out = format!("target {}\n", self.target).into_bytes();
        for (path, content) in &self.files {
            out.extend_from_slice(format!("=== {path}\n").as_bytes());
            out.extend_from_slice(content);
            if !content.ends_with(b"\n") {
                out.push(b'\n');
            }
        }
        out
    }
}
