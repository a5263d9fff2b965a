//! Groups of receiver URLs (C.4), read as the data-bridge agent of 2.6 reads them.
//!
//! Every `{…}` is a group. If there is any brace, text outside of braces is ignored; without braces the whole
//! text is one group. Inside a group `,` balances and `|` fails over.

/// How the URLs of a group relate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// One URL.
    Single,
    /// Each event goes to one of them.
    LoadBalance,
    /// Each event goes to the first that answers.
    Failover,
    /// Both separators in one group: the product refused it.
    Mixed,
}

/// A group of URLs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlGroup {
    /// The URLs, trimmed.
    pub urls: Vec<String>,
    /// How they relate.
    pub kind: GroupKind,
}

/// What a text of groups says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlGroups {
    /// The groups, in order.
    pub groups: Vec<UrlGroup>,
    /// URLs beside braces, which the product ignored.
    pub ignored: Vec<String>,
}

impl UrlGroups {
    /// All URLs: those of the groups, then those that the product ignored.
    pub fn urls(&self) -> impl Iterator<Item = &str> {
        self.groups.iter().flat_map(|group| &group.urls).chain(&self.ignored).map(String::as_str)
    }
}

/// Reads the groups of a text.
#[must_use]
pub fn parse(text: &str) -> UrlGroups {
    let mut out = UrlGroups::default();
    let mut outside = String::new();
    let mut inside: Option<String> = None;
    let mut marks = 0_u32;
    let mut braced = false;
    let mut previous = ' ';
    for character in text.chars() {
        match character {
            // `${port}` and `{{ host }}` are parts of a URL, not groups.
            '{' if inside.is_some() || !(previous.is_whitespace() || matches!(previous, ',' | '|' | '}')) => marks += 1,
            '}' if marks > 0 => marks -= 1,
            '{' if inside.is_none() => {
                inside = Some(String::new());
                braced = true;
                previous = character;
                continue;
            }
            '}' if inside.is_some() => {
                out.groups.extend(inside.take().and_then(|text| group(&text)));
                previous = character;
                continue;
            }
            _ => {}
        }
        inside.as_mut().unwrap_or(&mut outside).push(character);
        previous = character;
    }
    // A closing brace may be missing at the end.
    out.groups.extend(inside.and_then(|text| group(&text)));
    if braced {
        out.ignored = split(&outside);
    } else {
        out.groups.extend(group(&outside));
    }
    out
}

fn group(text: &str) -> Option<UrlGroup> {
    let urls = split(text);
    let kind = match (text.contains(','), text.contains('|')) {
        _ if urls.len() < 2 => GroupKind::Single,
        (true, true) => GroupKind::Mixed,
        (false, true) => GroupKind::Failover,
        _ => GroupKind::LoadBalance,
    };
    (!urls.is_empty()).then_some(UrlGroup { urls, kind })
}

fn split(text: &str) -> Vec<String> {
    text.split([',', '|']).map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::{GroupKind, UrlGroups, parse};

    fn kinds(groups: &UrlGroups) -> Vec<(GroupKind, usize)> {
        groups.groups.iter().map(|group| (group.kind, group.urls.len())).collect()
    }

    #[test]
    fn reads_each_form_of_the_grammar() {
        assert_eq!(kinds(&parse("tcp://a:9611")), [(GroupKind::Single, 1)]);
        assert_eq!(kinds(&parse("{tcp://a:9611},{tcp://b:9611}")), [(GroupKind::Single, 1), (GroupKind::Single, 1)]);
        assert_eq!(kinds(&parse("{tcp://a:9611,\n tcp://b:9611}")), [(GroupKind::LoadBalance, 2)]);
        assert_eq!(kinds(&parse("tcp://a:9611,tcp://b:9611")), [(GroupKind::LoadBalance, 2)]);
        assert_eq!(kinds(&parse("{a|b}")), [(GroupKind::Failover, 2)]);
        assert_eq!(kinds(&parse("{a,b|c}")), [(GroupKind::Mixed, 3)]);
        assert_eq!(kinds(&parse("")), []);
    }

    #[test]
    fn keeps_urls_beside_braces_apart() {
        let groups = parse("tcp://${carbon.local.ip}:${receiver.url.port},{tcp://b:9611}");
        assert_eq!(kinds(&groups), [(GroupKind::Single, 1)]);
        assert_eq!(groups.ignored, ["tcp://${carbon.local.ip}:${receiver.url.port}"]);
        let inside = parse("{tcp://${carbon.local.ip}:${receiver.url.port}}");
        assert_eq!(inside.groups[0].urls, ["tcp://${carbon.local.ip}:${receiver.url.port}"]);
        assert!(inside.ignored.is_empty());
        assert_eq!(parse("{tcp://{{TM}}:9611}").groups[0].urls, ["tcp://{{TM}}:9611"]);
    }
}
