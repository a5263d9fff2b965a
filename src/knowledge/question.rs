//! What somebody asks for, brought to one form.

/// A question: `[apim.throttling] service_url = "x"`, `carbon.xml /Server/HostName`, `APIKeyValidator/ServerURL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// What was asked, without what surrounds it.
    pub text: String,
    /// The file that it was said to stand in.
    pub file: Option<String>,
}

impl Question {
    /// Reads a question.
    #[must_use]
    pub fn read(asked: &str) -> Self {
        let asked = asked.trim().trim_matches('`').trim();
        let (file, rest) = match asked.split_once([':', ' ']) {
            Some((file, rest)) if is_file(file) && !rest.trim().is_empty() => (Some(file.to_owned()), rest.trim()),
            _ => (None, asked),
        };
        Self { text: as_key(rest), file }
    }

    /// The key that is meant: names without their quotes' kind, entries without their numbers.
    #[must_use]
    pub fn key(&self) -> String {
        self.text.replace('"', "'")
    }

    /// The segments of the path that is meant, in lower case, without what tells elements apart.
    #[must_use]
    pub fn segments(&self) -> Vec<String> {
        segments(&self.text)
    }
}

fn is_file(text: &str) -> bool {
    [".xml", ".properties", ".toml"].iter().any(|ending| text.ends_with(ending)) && !text.contains('<')
}

/// `[a.b] c = 1` as `a.b.c`; anything else as it is.
fn as_key(text: &str) -> String {
    let header = text.strip_prefix("[[").and_then(|rest| rest.split_once("]]"));
    let Some((table, rest)) = header.or_else(|| text.strip_prefix('[').and_then(|rest| rest.split_once(']'))) else {
        let path = text.contains('/') || text.contains('<');
        let key = if path { text } else { text.split('=').next().unwrap_or(text) };
        return key.trim().to_owned();
    };
    let name = rest.split('=').next().unwrap_or("").trim();
    if name.is_empty() { table.trim().to_owned() } else { format!("{}.{name}", table.trim()) }
}

/// A path's segments in lower case, without predicates: `/A/B[@name='x']/@c` is `a`, `b`, `@c`.
#[must_use]
pub fn segments(path: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut segment = String::new();
    let mut depth = 0_u32;
    for character in path.chars() {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            '/' if depth == 0 => out.push(std::mem::take(&mut segment)),
            '<' | '>' => {}
            other if depth == 0 => segment.extend(other.to_lowercase()),
            _ => {}
        }
    }
    out.push(segment);
    out.retain(|segment| !segment.is_empty());
    out
}

#[cfg(test)]
mod tests {
    use super::{Question, segments};

    #[test]
    fn reads_what_people_paste() {
        for (asked, text, file) in [
            ("apim.throttling.service_url", "apim.throttling.service_url", None),
            ("[apim.throttling] service_url = \"x\"", "apim.throttling.service_url", None),
            ("[[apim.gateway.environment]]", "apim.gateway.environment", None),
            ("server.offset=3", "server.offset", None),
            ("APIKeyValidator/ServerURL", "APIKeyValidator/ServerURL", None),
            ("carbon.xml:/Server/HostName", "/Server/HostName", Some("carbon.xml")),
            ("jndi.properties topic.throttleData", "topic.throttleData", Some("jndi.properties")),
            ("`role-disputed`", "role-disputed", None),
        ] {
            let question = Question::read(asked);
            assert_eq!((question.text.as_str(), question.file.as_deref()), (text, file), "{asked}");
        }
    }

    #[test]
    fn splits_paths() {
        assert_eq!(segments("/A/B[@name='x/y']/@c"), ["a", "b", "@c"]);
        assert_eq!(segments("<ServerURL>"), ["serverurl"]);
    }
}
