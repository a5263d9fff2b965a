//! Files made of leaves: paths and values in, XML or properties out, so that reading it gives the leaves again.

use apim_migrate::text::Parts as _;
use std::fmt::Write as _;

/// An element on its way to text.
#[derive(Default)]
struct Element {
    /// The segment that the path has for it, brackets and all.
    segment: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// The file at `path` with these leaves.
pub fn document<'l>(path: &str, leaves: impl IntoIterator<Item = (&'l str, &'l str)>) -> String {
    match path.rsplit('.').next() {
        Some("xml") => xml(leaves),
        Some("toml") => toml(leaves),
        _ => properties(leaves),
    }
}

fn toml<'l>(leaves: impl IntoIterator<Item = (&'l str, &'l str)>) -> String {
    use apim_migrate::emit::toml::{basic_string, render};
    let literal = |value: &str| match value.parse::<toml_edit::Value>() {
        Ok(other) if !other.is_str() => value.to_owned(),
        _ => basic_string(value),
    };
    let rows: Vec<(String, String)> =
        leaves.into_iter().map(|(path, value)| (path.replace("[]", "[0]"), literal(value))).collect();
    render(rows.iter().map(|(key, literal)| (key.as_str(), literal.clone()))).text
}

fn xml<'l>(leaves: impl IntoIterator<Item = (&'l str, &'l str)>) -> String {
    let mut root = Element::default();
    for (path, value) in leaves {
        let mut element = &mut root;
        let mut segments = segments(path).into_iter().peekable();
        while let Some(segment) = segments.next() {
            if let Some(attribute) = segment.strip_prefix('@') {
                match element.attributes.iter_mut().find(|(name, _)| name == attribute) {
                    Some((_, known)) => value.clone_into(known),
                    None => element.attributes.push((attribute.to_owned(), value.to_owned())),
                }
            } else {
                element = element.child(segment);
                if segments.peek().is_none() {
                    value.clone_into(&mut element.text);
                }
            }
        }
    }
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n".to_owned();
    for element in &root.children {
        element.write(&mut out, 0);
    }
    out
}

impl Element {
    fn child(&mut self, segment: &str) -> &mut Self {
        let known = self.children.iter().position(|child| child.segment == segment);
        let place = known.unwrap_or_else(|| {
            let mut child = Self { segment: segment.to_owned(), ..Self::default() };
            if let Some((by, value)) = named_by(segment) {
                match by.strip_prefix('@') {
                    Some(attribute) => child.attributes.push((attribute.to_owned(), value.to_owned())),
                    None => value.clone_into(&mut child.child(by).text),
                }
            }
            self.children.push(child);
            self.children.len() - 1
        });
        &mut self.children[place]
    }

    fn write(&self, out: &mut String, depth: usize) {
        let name = self.segment.split('[').next().unwrap_or_default();
        let indent = "  ".repeat(depth);
        write!(out, "{indent}<{name}").unwrap();
        for (attribute, value) in &self.attributes {
            write!(out, " {attribute}=\"{}\"", escaped(value)).unwrap();
        }
        if self.children.is_empty() {
            writeln!(out, ">{}</{name}>", escaped(&self.text)).unwrap();
            return;
        }
        out.push_str(">\n");
        for child in &self.children {
            child.write(out, depth + 1);
        }
        writeln!(out, "{indent}</{name}>").unwrap();
    }
}

/// What is in the brackets of `B[by='value']`.
fn named_by(segment: &str) -> Option<(&str, &str)> {
    let (by, value) = segment.split_once('[')?.1.split_once("='")?;
    Some((by, value.part(..value.rfind("']")?)))
}

/// The parts of a path; `/` inside brackets is no border.
fn segments(path: &str) -> Vec<&str> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let (mut segments, mut start, mut inside) = (Vec::new(), 0, false);
    for (index, _) in path.char_indices() {
        let rest = path.part(index..);
        if rest.starts_with("='") {
            inside = true;
        } else if rest.starts_with("']") {
            inside = false;
        } else if rest.starts_with('/') && !inside {
            segments.push(path.part(start..index));
            start = index + 1;
        }
    }
    segments.push(path.part(start..));
    segments
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Values stand as they are: whoever gives them has doubled the backslashes.
fn properties<'l>(leaves: impl IntoIterator<Item = (&'l str, &'l str)>) -> String {
    let mut out = String::new();
    for (name, value) in leaves {
        for character in name.chars() {
            if matches!(character, ' ' | ':' | '=' | '\\' | '#' | '!') {
                out.push('\\');
            }
            out.push(character);
        }
        writeln!(out, "={value}").unwrap();
    }
    out
}

#[test]
fn a_document_reads_as_the_leaves_that_it_was_made_of() {
    let leaves = [
        ("/A/@x", "1 & \"2\""),
        ("/A/B[@name='p/q']/@name", "p/q"),
        ("/A/B[@name='p/q']/C", "<é>"),
        ("/A/D[Name='n']/Name", "n"),
        ("/A/D[Name='n']/E", "1"),
        ("/A/D[Name='n']/E[2]", "2"),
    ];
    let naming = [("B", "@name"), ("D", "Name")].map(|(name, by)| (name.to_owned(), by.to_owned()));
    let text = document("a.xml", leaves);
    let read = apim_migrate::read::xml::xml(&text, &naming.into_iter().collect()).unwrap();
    let found: Vec<(&str, &str)> = read.leaves.iter().map(|leaf| (leaf.path.as_str(), leaf.value.as_ref())).collect();
    assert_eq!(found, leaves);
    let text = document("a.properties", [("a b", "c\\\\d")]);
    let read = apim_migrate::read::properties::properties(&text).leaves;
    assert_eq!((read[0].path.as_str(), read[0].value.as_ref()), ("a b", "c\\d"));
}
