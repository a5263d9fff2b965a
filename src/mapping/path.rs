//! Legacy paths: patterns of rules against the paths of leaves.
//!
//! The notation is that of the tables: `/A/B[@name='x']/@c`, `[2]` for the second of several siblings that look
//! the same, `*` for any name or any text in quotes, `/**` for everything below, `[*]` for every sibling but the
//! first of those that look the same. A property's name is one segment.

use crate::text::Parts as _;
use std::borrow::Cow;

/// A rule's path, split once.
#[derive(Clone, Debug)]
pub struct Pattern {
    segments: Vec<Segment>,
    /// Ends with `/**`: the element itself and everything below it.
    open: bool,
    /// A segment stands for every sibling but the first.
    further: bool,
}

#[derive(Clone, Debug)]
struct Segment {
    name: String,
    predicate: Option<(String, String)>,
    /// Only for siblings with a number.
    further: bool,
}

/// A leaf's path, split once to be held against many patterns.
#[derive(Clone, Debug)]
pub struct Parts<'p>(Vec<Part<'p>>);

#[derive(Clone, Debug)]
struct Part<'p> {
    name: &'p str,
    predicate: Option<(&'p str, &'p str)>,
    numbered: bool,
}

impl<'p> Parts<'p> {
    /// Splits `path`.
    #[must_use]
    pub fn new(path: &'p str) -> Self {
        Self(
            split(path)
                .map(|text| {
                    let (name, predicate) = parse(text);
                    Part { name, predicate, numbered: is_numbered(text) }
                })
                .collect(),
        )
    }
}

impl Pattern {
    /// Splits `path`. Every text is a pattern: one without `*` matches itself and its numbered siblings.
    #[must_use]
    pub fn new(path: &str) -> Self {
        let (path, open) = match path.strip_suffix("/**") {
            Some(head) => (head, true),
            None => (path, false),
        };
        let segments: Vec<Segment> = split(path).map(Segment::new).collect();
        let further = segments.iter().any(|segment| segment.further);
        Self { segments, open, further }
    }

    /// Whether `path` matches, with what each `*` stands for, in order.
    #[must_use]
    pub fn matches(&self, path: &str) -> Option<Vec<String>> {
        self.matches_parts(&Parts::new(path))
    }

    /// The same for a path that is split already.
    #[must_use]
    pub fn matches_parts(&self, parts: &Parts<'_>) -> Option<Vec<String>> {
        let parts = &parts.0;
        let fits = if self.open { parts.len() >= self.segments.len() } else { parts.len() == self.segments.len() };
        if !fits || !self.segments.iter().zip(parts).all(|(segment, part)| segment.may_match(part)) {
            return None;
        }
        let mut captures = Vec::new();
        for (segment, part) in self.segments.iter().zip(parts) {
            segment.matches(part, &mut captures)?;
        }
        Some(captures)
    }

    /// Whether it is for the element and everything below it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.open
    }

    /// Whether the last segment may have any of several names.
    #[must_use]
    pub fn ends_freely(&self) -> bool {
        self.open || self.segments.last().is_none_or(|segment| segment.name.contains('*'))
    }

    /// Whether a segment stands for every sibling but the first.
    #[must_use]
    pub fn is_for_further_siblings(&self) -> bool {
        self.further
    }

    /// How much of a path the pattern says: names in brackets first, then its length.
    #[must_use]
    pub fn weight(&self) -> (usize, usize) {
        let brackets = self.segments.iter().map(|segment| match &segment.predicate {
            Some((_, value)) if !value.contains('*') => 2,
            Some(_) => 1,
            None => usize::from(segment.further),
        });
        let length = self.segments.iter().map(|segment| {
            segment.name.len() + 1 + segment.predicate.as_ref().map_or(0, |(by, value)| by.len() + value.len())
        });
        (brackets.sum(), length.sum())
    }
}

impl Segment {
    fn new(text: &str) -> Self {
        let (name, predicate) = parse(text);
        Self {
            name: name.to_owned(),
            predicate: predicate.map(|(by, value)| (by.to_owned(), value.to_owned())),
            further: text.ends_with("[*]"),
        }
    }

    /// A cheap test that nothing that matches fails.
    fn may_match(&self, part: &Part<'_>) -> bool {
        self.name == part.name || self.name.contains('*')
    }

    fn matches(&self, part: &Part<'_>, captures: &mut Vec<String>) -> Option<()> {
        if self.further && !part.numbered {
            return None;
        }
        glob(&self.name, part.name, captures)?;
        match (&self.predicate, part.predicate) {
            // An element that the row names without brackets may have brackets in the file.
            (None, _) => Some(()),
            (Some((by, value)), Some((found_by, found))) if by == found_by => glob(value, found, captures),
            (Some(_), _) => None,
        }
    }
}

/// Matches `text` against `pattern`, in which one `*` stands for any text.
fn glob(pattern: &str, text: &str, captures: &mut Vec<String>) -> Option<()> {
    match pattern.split_once('*') {
        None => (pattern == text).then_some(()),
        Some((head, tail)) => {
            let inner = text.strip_prefix(head)?;
            let inner = inner.strip_suffix(tail)?;
            captures.push(inner.to_owned());
            Some(())
        }
    }
}

/// Splits a path at `/`, but not inside brackets. The empty part before a leading `/` is left out.
fn split(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = path.strip_prefix('/');
    // A property's name is one segment, whatever is in it.
    let whole = rest.is_none().then_some(path);
    std::iter::from_fn(move || {
        let text = rest?;
        let end = segment_end(text);
        let part = text.part(..end);
        rest = text.get(end + 1..);
        Some(part)
    })
    .chain(whole)
}

fn segment_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let Some(first) = memchr::memchr2(b'/', b'[', bytes) else { return text.len() };
    if bytes[first] == b'/' {
        return first;
    }
    let mut quoted = false;
    let mut depth = 0usize;
    for (index, byte) in bytes.iter().enumerate().skip(first) {
        match byte {
            b'\'' if depth > 0 => {
                // A quote inside a value does not end it: only `']` does.
                if !quoted {
                    quoted = true;
                } else if bytes.get(index + 1) == Some(&b']') {
                    quoted = false;
                }
            }
            b'[' if !quoted => depth += 1,
            b']' if !quoted => depth = depth.saturating_sub(1),
            b'/' if depth == 0 => return index,
            _ => {}
        }
    }
    text.len()
}

/// Whether a segment ends with a sibling's number.
fn is_numbered(segment: &str) -> bool {
    segment
        .strip_suffix(']')
        .and_then(|head| head.rsplit_once('['))
        .is_some_and(|(_, number)| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// A segment's name and its `[by='value']`, if it has one; a sibling's number is passed over.
fn parse(segment: &str) -> (&str, Option<(&str, &str)>) {
    let Some(start) = memchr::memchr(b'[', segment.as_bytes()) else { return (segment, None) };
    let name = segment.part(..start);
    let inner = segment.part(start + 1..);
    let Some((by, value)) = inner.split_once('=').and_then(|(by, value)| Some((by, value.strip_prefix('\'')?))) else {
        return (name, None);
    };
    let mut ends = memchr::memrchr_iter(b'\'', value.as_bytes());
    let end = ends.find(|end| value.part(end + 1..).starts_with(']')).unwrap_or(value.len());
    (name, Some((by, value.part(..end))))
}

/// A segment of a path: its name, and what tells its element apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Named<'p> {
    /// The name.
    pub name: &'p str,
    /// `by` and `value` of `[by='value']`.
    pub predicate: Option<(&'p str, &'p str)>,
}

/// The segments of `path`, with or without a `/` before it.
#[must_use]
pub fn segments(path: &str) -> Vec<Named<'_>> {
    let mut rest = Some(path.strip_prefix('/').unwrap_or(path));
    let texts = std::iter::from_fn(|| {
        let text = rest?;
        let end = segment_end(text);
        rest = text.get(end + 1..);
        Some(text.part(..end))
    });
    texts.map(parse).map(|(name, predicate)| Named { name, predicate }).collect()
}

/// The names of a path's segments: `/A/B[@name='x']/@c` is `/A/B/@c`. Borrowed when nothing stands in brackets.
#[must_use]
pub fn names(path: &str) -> Cow<'_, str> {
    if memchr::memchr(b'[', path.as_bytes()).is_none() {
        return path.into();
    }
    if !path.starts_with('/') {
        return parse(path).0.into();
    }
    let mut out = String::with_capacity(path.len());
    for segment in split(path) {
        out.push('/');
        out.push_str(parse(segment).0);
    }
    out.into()
}

/// `path` without the numbers of siblings: `/A/B[2]/C` is `/A/B/C`. Borrowed when there is none.
#[must_use]
pub fn without_numbers(path: &str) -> Cow<'_, str> {
    let bytes = path.as_bytes();
    let mut out = String::new();
    let mut kept = 0;
    let mut index = 0;
    while let Some(found) = memchr::memchr(b'[', &bytes[index..]) {
        let start = index + found;
        let digits = bytes[start + 1..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits > 0 && bytes.get(start + 1 + digits) == Some(&b']') {
            out.push_str(path.part(kept..start));
            kept = start + digits + 2;
            index = kept;
        } else {
            index = start + 1;
        }
    }
    if kept == 0 {
        return path.into();
    }
    out.push_str(path.part(kept..));
    out.into()
}

/// The path of the element that holds an attribute or a child: everything before the last segment.
#[must_use]
pub fn parent(path: &str) -> &str {
    if !path.ends_with(']') {
        // What stands in brackets may hold a `/`; behind such a one there would be the bracket's end.
        return path.part(..memchr::memrchr(b'/', path.as_bytes()).unwrap_or(0));
    }
    let mut end = 0;
    let mut start = 1;
    while let Some(rest) = path.get(start..) {
        let length = segment_end(rest);
        if start + length >= path.len() {
            break;
        }
        end = start + length;
        start = end + 1;
    }
    path.part(..end)
}

/// The attribute that tells the element `segment_path` apart (`name` of `…/Property[@name='x']`), if one does.
#[must_use]
pub fn naming_attribute(element: &str) -> Option<&str> {
    if !element.ends_with(']') {
        return None;
    }
    let last = element.get(parent(element).len() + 1..)?;
    parse(last).1.and_then(|(by, _)| by.strip_prefix('@'))
}

#[cfg(test)]
mod tests {
    use super::{Pattern, names, naming_attribute, parent, without_numbers};

    #[test]
    fn matches_names_predicates_and_tails() {
        for (pattern, path, captures) in [
            ("/A/B", "/A/B", Some(vec![])),
            ("/A/B", "/A/B[2]", Some(vec![])),
            ("/A/B", "/A/B[@name='x']", Some(vec![])),
            ("/A/B[*]/@c", "/A/B/@c", None),
            ("/A/B[*]/@c", "/A/B[3]/@c", Some(vec![])),
            ("/A/B[@name='x'][*]/@c", "/A/B[@name='x'][2]/@c", Some(vec![])),
            ("/A/B[@name='x']", "/A/B[@name='y']", None),
            ("/A/B[@name='*']/@c", "/A/B[@name='a/b']/@c", Some(vec!["a/b"])),
            ("/A/**", "/A", Some(vec![])),
            ("/A/**", "/A/B/C", Some(vec![])),
            ("/A/*/C", "/A/x/C", Some(vec!["x"])),
            ("/A/B", "/A/B/C", None),
            ("queue.*", "queue.one", Some(vec!["one"])),
            ("connectionfactory.Topic*", "connectionfactory.Topic1", Some(vec!["1"])),
        ] {
            let found = Pattern::new(pattern).matches(path);
            let found = found.as_ref().map(|texts| texts.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(found, captures, "{pattern} against {path}");
        }
    }

    #[test]
    fn takes_numbers_out() {
        assert_eq!(without_numbers("/A/B[2]/C[@name='x'][4]"), "/A/B/C[@name='x']");
        assert_eq!(without_numbers("/A/B"), "/A/B");
        assert_eq!(without_numbers("a.b[2]"), "a.b");
    }

    #[test]
    fn takes_brackets_out() {
        assert_eq!(names("/A/B[@name='a/b'][2]/@c"), "/A/B/@c");
        assert_eq!(names("/A/B"), "/A/B");
        assert_eq!(names("a.b[2]"), "a.b");
    }

    #[test]
    fn knows_parents() {
        assert_eq!(parent("/A/B[@name='a/b']/@name"), "/A/B[@name='a/b']");
        assert_eq!(parent("/A"), "");
        assert_eq!(naming_attribute("/A/B[@name='a/b']"), Some("name"));
        assert_eq!(naming_attribute("/A/B"), None);
        assert_eq!(naming_attribute("/A/B[Name='x']"), None);
    }
}
