//! Receiver url groups, read as the data-bridge agent of 2.6 reads them (C.4): every `{…}` is a group; if there is
//! any brace, text outside of braces is ignored; without braces the whole text is one group. Inside a group `,`
//! balances and `|` fails over.

/// How the URLs of a group are used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// One URL.
    Single,
    /// Each event goes to one of them.
    LoadBalance,
    /// The first that answers gets the events.
    Failover,
    /// Both separators: the product refuses it.
    Mixed,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlGroup {
    /// Its URLs, trimmed.
    pub urls: Vec<String>,
    /// How they are used.
    pub kind: GroupKind,
}

/// A whole text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UrlGroups {
    /// The groups, in order.
    pub groups: Vec<UrlGroup>,
    /// URLs beside braces, which the product ignores.
    pub ignored: Vec<String>,
}

/// Reads a text of groups. Braces of `${…}` are no groups.
#[must_use]
pub fn parse(text: &str) -> UrlGroups {
    let mut out = UrlGroups::default();
    let mut outside = String::new();
    let mut inside: Option<String> = None;
    let mut variable = false;
    let mut previous = ' ';
    for character in text.chars() {
        match character {
            '{' if previous == '$' => {
                variable = true;
                inside.as_mut().unwrap_or(&mut outside).push('{');
            }
            '}' if variable => {
                variable = false;
                inside.as_mut().unwrap_or(&mut outside).push('}');
            }
            '{' => inside = Some(String::new()),
            '}' => out.groups.extend(inside.take().and_then(|inner| group(&inner))),
            other => inside.as_mut().unwrap_or(&mut outside).push(other),
        }
        previous = character;
    }
    // A brace that is never closed holds a group all the same.
    out.groups.extend(inside.and_then(|inner| group(&inner)));
    if out.groups.is_empty() {
        out.groups.extend(group(&outside));
    } else {
        out.ignored =
            outside.split([',', '|']).map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned).collect();
    }
    out
}

fn group(text: &str) -> Option<UrlGroup> {
    let urls: Vec<String> =
        text.split([',', '|']).map(str::trim).filter(|url| !url.is_empty()).map(str::to_owned).collect();
    let kind = match (urls.len(), text.contains(','), text.contains('|')) {
        (0, ..) => return None,
        (1, ..) => GroupKind::Single,
        (_, true, true) => GroupKind::Mixed,
        (_, false, true) => GroupKind::Failover,
        _ => GroupKind::LoadBalance,
    };
    Some(UrlGroup { urls, kind })
}

#[cfg(test)]
mod tests {
    use super::{GroupKind, parse};

    #[test]
    fn reads_groups_as_the_agent_does() {
        let shape = |text: &str| {
            let parsed = parse(text);
            let groups: Vec<_> = parsed.groups.iter().map(|group| (group.urls.join(" "), group.kind)).collect();
            (groups, parsed.ignored)
        };
        let own = |urls: &str, kind| (urls.to_owned(), kind);
        for (text, groups, ignored) in [
            ("tcp://a:9611", vec![own("tcp://a:9611", GroupKind::Single)], vec![]),
            (
                "{tcp://a:1},\n {tcp://b:1}",
                vec![own("tcp://a:1", GroupKind::Single), own("tcp://b:1", GroupKind::Single)],
                vec![],
            ),
            ("tcp://a:1, tcp://b:1", vec![own("tcp://a:1 tcp://b:1", GroupKind::LoadBalance)], vec![]),
            ("{tcp://a:1|tcp://b:1}", vec![own("tcp://a:1 tcp://b:1", GroupKind::Failover)], vec![]),
            ("{a,b|c}", vec![own("a b c", GroupKind::Mixed)], vec![]),
            (
                "tcp://${carbon.local.ip}:${receiver.url.port},{tcp://b:9611}",
                vec![own("tcp://b:9611", GroupKind::Single)],
                vec!["tcp://${carbon.local.ip}:${receiver.url.port}"],
            ),
            (
                "{tcp://${carbon.local.ip}:${receiver.url.port}}",
                vec![own("tcp://${carbon.local.ip}:${receiver.url.port}", GroupKind::Single)],
                vec![],
            ),
        ] {
            let ignored: Vec<String> = ignored.into_iter().map(str::to_owned).collect();
            assert_eq!(shape(text), (groups, ignored), "{text}");
        }
    }
}
