//! Kubernetes manifests: the configuration files that ConfigMaps and Secrets hold.

use crate::text::Parts as _;
use std::collections::BTreeMap;
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle};

use super::limits::Limits;
use super::template;
use super::unread::{Unread, UnreadKind};

/// What a manifest holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Manifest {
    /// It is none, or none with configuration in it.
    Other,
    /// ConfigMaps and Secrets with configuration.
    Holds {
        maps: Vec<Map>,
        /// Whether something else stands in it too.
        more: bool,
    },
    /// It may hold configuration and cannot be read.
    Unread(Unread),
}

/// A ConfigMap or Secret.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Map {
    pub(super) name: String,
    /// Empty if it says none.
    pub(super) namespace: String,
    /// Its configuration files by their keys.
    pub(super) files: Vec<(String, Result<Vec<u8>, Unread>)>,
}

/// Reads a `.yaml`, `.yml` or `.json`.
pub(super) fn read(bytes: &[u8], is_json: bool, limits: &Limits) -> Manifest {
    let holds = |word: &str| memchr::memmem::find(bytes, word.as_bytes()).is_some();
    if !(holds("kind") && (holds("ConfigMap") || holds("Secret"))) {
        return Manifest::Other;
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return Manifest::Other };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let documents = if is_json { json(text, limits) } else { yaml(text, limits) };
    let documents = match documents {
        Ok(documents) => documents,
        Err(_) if !looks_like_configuration(text) => return Manifest::Other,
        Err(_) if text.contains("{{") => return Manifest::Unread(template::helm()),
        Err(Fault::Limit(reason)) => return Manifest::Unread(Unread::limit(reason)),
        Err(Fault::Damaged(line)) => {
            let reason =
                format!("a damaged Kubernetes manifest: line {line} is no {}", if is_json { "JSON" } else { "YAML" });
            let help = "correct it, or give the files that it holds";
            return Manifest::Unread(Unread::new(UnreadKind::File, reason, help));
        }
    };
    let mut found = Found { maps: Vec::new(), more: false, left: limits.manifest_values };
    for document in &documents {
        found.object(document, true);
    }
    if found.left == 0 {
        let reason = format!("a Kubernetes manifest with more than {} values", limits.manifest_values);
        return Manifest::Unread(Unread::limit(reason));
    }
    if found.maps.is_empty() {
        // `{{ (.Files.Glob "conf/*").AsConfig }}` and the like may well be YAML.
        let is_template = text.contains("{{") && looks_like_configuration(text);
        return if is_template { Manifest::Unread(template::helm()) } else { Manifest::Other };
    }
    Manifest::Holds { maps: found.maps, more: found.more }
}

/// Whether a text that cannot be parsed has configuration files in it.
fn looks_like_configuration(text: &str) -> bool {
    text.contains(".Files.")
        || text
            .lines()
            .any(|line| line.split_once(':').is_some_and(|(key, _)| is_configuration(key.trim().trim_matches('"'))))
        || quoted_keys(text).any(is_configuration)
}

/// What stands in quotes before a colon: JSON, and YAML that is written like it, may have all on one line.
fn quoted_keys(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('"').filter_map(|(at, _)| {
        let key = text.part(..at).rsplit(['"', '\n']).next()?;
        text.part(at + 1..).trim_start().starts_with(':').then_some(key)
    })
}

/// Whether a key is the name of a configuration file.
fn is_configuration(key: &str) -> bool {
    let extension = key.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, extension)| extension);
    matches!(extension, Some("xml" | "toml" | "properties")) && !key.contains(['/', '\\', ' '])
}

/// A key that tells something of a server beside its configuration.
fn is_script(key: &str) -> bool {
    key.strip_suffix(".sh").is_some_and(|stem| !stem.is_empty()) && !key.contains(['/', '\\', ' '])
}

struct Found {
    maps: Vec<Map>,
    more: bool,
    /// How many more values are looked at: aliases may make many of few.
    left: usize,
}

impl Found {
    fn object(&mut self, object: &Node, outermost: bool) {
        let kind = object.text("kind").unwrap_or_default();
        if outermost && (kind == "List" || kind.ends_with("List")) {
            for item in object.get("items").map_or(&[][..], Node::items) {
                self.object(item, false);
            }
            return;
        }
        let secret = kind == "Secret";
        if !secret && kind != "ConfigMap" {
            self.more |= !matches!(object.value, Value::Nothing);
            return;
        }
        let metadata = object.get("metadata");
        let text = |key| metadata.and_then(|metadata| metadata.text(key)).unwrap_or_default().to_owned();
        let mut files: BTreeMap<String, Result<Vec<u8>, Unread>> = BTreeMap::new();
        for (part, encoded) in [("binaryData", true), ("data", secret), ("stringData", false)] {
            for (key, value) in object.get(part).map_or(&[][..], Node::pairs) {
                self.left = self.left.saturating_sub(1);
                let Value::Text(value) = &value.value else { continue };
                if self.left > 0 && (is_configuration(key) || is_script(key)) {
                    files.insert(key.to_string(), content(key, value, encoded));
                }
            }
        }
        if files.keys().any(|key| is_configuration(key)) {
            self.maps.push(Map {
                name: text("name"),
                namespace: text("namespace"),
                files: files.into_iter().collect(),
            });
        }
    }
}

/// A file as a key holds it.
fn content(key: &str, value: &str, encoded: bool) -> Result<Vec<u8>, Unread> {
    if !encoded {
        return template::of_text(value, template::is_toml(key)).map_or_else(|| Ok(value.as_bytes().to_vec()), Err);
    }
    let packed: String = value.chars().filter(|c| !c.is_ascii_whitespace()).collect();
    STANDARD.decode(packed).map_err(|_| {
        if value.contains("{{") {
            return template::helm();
        }
        Unread::new(UnreadKind::File, "its value is not base64", "encode it as base64, or give it under `stringData`")
    })
}

/// A value of a manifest.
#[derive(Clone, Debug)]
struct Node {
    value: Value,
    /// How deep values are nested in it.
    depth: usize,
}

#[derive(Clone, Debug)]
enum Value {
    Nothing,
    Text(Rc<str>),
    List(Rc<[Node]>),
    Map(Rc<[(Rc<str>, Node)]>),
}

impl Node {
    fn items(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    fn pairs(&self) -> &[(Rc<str>, Node)] {
        if let Value::Map(pairs) = &self.value { pairs } else { &[] }
    }

    /// Of a repeated key the last counts.
    fn get(&self, key: &str) -> Option<&Node> {
        self.pairs().iter().rev().find(|(name, _)| &**name == key).map(|(_, value)| value)
    }

    fn text(&self, key: &str) -> Option<&str> {
        match self.get(key).map(|node| &node.value) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        }
    }
}

/// Why a text is no tree.
enum Fault {
    Limit(String),
    /// At this line.
    Damaged(usize),
}

/// The documents of a YAML text. An alias shares what it stands for, so that many of them take no memory.
fn yaml(text: &str, limits: &Limits) -> Result<Vec<Node>, Fault> {
    /// A list or map that is not at its end yet.
    struct Part {
        anchor: usize,
        is_map: bool,
        nodes: Vec<Node>,
    }
    let too_deep = || Fault::Limit(format!("its values are nested more than {} deep", limits.manifest_depth));
    let mut documents = Vec::new();
    let mut open: Vec<Part> = Vec::new();
    let mut anchors: BTreeMap<usize, Node> = BTreeMap::new();
    let mut count = 0;
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| Fault::Damaged(error.marker().line()))?;
        count += 1;
        if count > limits.manifest_values {
            return Err(Fault::Limit(format!("it has more than {} values", limits.manifest_values)));
        }
        let (node, anchor) = match event {
            Event::Scalar(text, style, anchor, _) => {
                let empty = style == ScalarStyle::Plain && matches!(&*text, "" | "~" | "null");
                let value = if empty { Value::Nothing } else { Value::Text(Rc::from(&*text)) };
                (Node { value, depth: 0 }, anchor)
            }
            Event::Alias(anchor) => {
                let known = anchors.get(&anchor).cloned();
                (known.unwrap_or(Node { value: Value::Nothing, depth: 0 }), 0)
            }
            Event::SequenceStart(anchor, _) | Event::MappingStart(anchor, _) => {
                if open.len() >= limits.manifest_depth {
                    return Err(too_deep());
                }
                let is_map = matches!(event, Event::MappingStart(..));
                open.push(Part { anchor, is_map, nodes: Vec::new() });
                continue;
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let Some(part) = open.pop() else { continue };
                let depth = part.nodes.iter().map(|node| node.depth + 1).max().unwrap_or(0);
                if depth > limits.manifest_depth {
                    return Err(too_deep());
                }
                let value = if part.is_map { map(part.nodes) } else { Value::List(part.nodes.into()) };
                (Node { value, depth }, part.anchor)
            }
            Event::DocumentStart(_) => {
                anchors.clear();
                continue;
            }
            _ => continue,
        };
        if anchor > 0 {
            anchors.insert(anchor, node.clone());
        }
        match open.last_mut() {
            Some(part) => part.nodes.push(node),
            None => documents.push(node),
        }
    }
    Ok(documents)
}

/// Keys and values come in turn; a key that is no text is left out.
fn map(nodes: Vec<Node>) -> Value {
    let mut pairs = Vec::with_capacity(nodes.len() / 2);
    let mut nodes = nodes.into_iter();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        if let Value::Text(key) = key.value {
            pairs.push((key, value));
        }
    }
    Value::Map(pairs.into())
}

fn json(text: &str, limits: &Limits) -> Result<Vec<Node>, Fault> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let mut left = limits.manifest_values;
    documents
        .map(|document| {
            let document = document.map_err(|error| Fault::Damaged(error.line()))?;
            of_json(document, &mut left, limits)
        })
        .collect()
}

/// The depth of JSON is bounded by its reader.
fn of_json(json: serde_json::Value, left: &mut usize, limits: &Limits) -> Result<Node, Fault> {
    let Some(fewer) = left.checked_sub(1) else {
        return Err(Fault::Limit(format!("it has more than {} values", limits.manifest_values)));
    };
    *left = fewer;
    let value = match json {
        serde_json::Value::String(text) => Value::Text(text.into()),
        serde_json::Value::Array(items) => {
            let items: Result<Vec<Node>, Fault> = items.into_iter().map(|item| of_json(item, left, limits)).collect();
            Value::List(items?.into())
        }
        serde_json::Value::Object(pairs) => {
            let pairs: Result<Vec<_>, Fault> =
                pairs.into_iter().map(|(key, value)| Ok((key.into(), of_json(value, left, limits)?))).collect();
            Value::Map(pairs?.into())
        }
        _ => Value::Nothing,
    };
    Ok(Node { value, depth: 0 })
}

/// The server that a map belongs to: `apim-gateway-conf-datasources`, `apim-gateway-axis2` and `apim-gateway` are of one.
pub(super) fn server(name: &str) -> String {
    /// Behind these stands what of the server's configuration is in the map.
    const CONFIGURATION: [&str; 12] = [
        "cm",
        "conf",
        "confs",
        "config",
        "configs",
        "configmap",
        "configmaps",
        "configuration",
        "secret",
        "secrets",
        "cfg",
        "files",
    ];
    /// Folders of the configuration, and its files: a map for each is usual.
    const PARTS: [&str; 16] = [
        "axis2",
        "bin",
        "datasource",
        "datasources",
        "entrypoint",
        "etc",
        "identity",
        "log4j2",
        "properties",
        "resources",
        "security",
        "templates",
        "template",
        "toml",
        "tomcat",
        "xml",
    ];
    let words: Vec<&str> = name.split(['-', '.', '_']).collect();
    let mut end = (1..words.len()).find(|at| CONFIGURATION.contains(&words[*at])).unwrap_or(words.len());
    while end > 1
        && (PARTS.contains(&words[end - 1]) || (words[end - 1] == "deployment" && words.get(end) == Some(&"toml")))
    {
        end -= 1;
    }
    // The separators are kept as they stand.
    let length = words[..end].iter().map(|word| word.len() + 1).sum::<usize>().saturating_sub(1);
    let kept = name.part(..length.min(name.len()));
    plain(kept)
}

/// A name that is safe as one of a folder.
pub(super) fn plain(name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_') { c } else { '_' };
    let name: String = name.chars().map(safe).collect();
    if name.trim_matches('.').is_empty() { "unnamed".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use std::fmt::Write as _;

    use super::*;

    #[test]
    fn knows_the_maps_of_one_server() {
        for (name, expected) in [
            ("apim-gateway-conf", "apim-gateway"),
            ("apim-gateway-conf-datasources", "apim-gateway"),
            ("apim-km-axis2", "apim-km"),
            ("apim-pub-store-tm-1-conf-axis2", "apim-pub-store-tm-1"),
            ("wso2am-pattern-1-am-2-conf", "wso2am-pattern-1-am-2"),
            ("acme-cp-deployment-toml", "acme-cp"),
            ("acme-cp-secret", "acme-cp"),
            ("gateway.config", "gateway"),
            ("conf-identity", "conf"),
            ("apim", "apim"),
            ("", "unnamed"),
            ("..", "unnamed"),
            ("../../x", ".._.._x"),
        ] {
            assert_eq!(server(name), expected, "{name}");
        }
    }

    fn read_yaml(text: &str) -> Manifest {
        read(text.as_bytes(), false, &Limits::default())
    }

    #[test]
    fn shares_what_aliases_stand_for() {
        // Each line stands for ten of the line before: together more than all memory.
        let mut text = "kind: ConfigMap\nmetadata: {name: a}\na0: &a0 [x]\n".to_owned();
        for level in 1..40 {
            let before = level - 1;
            let ten = vec![format!("*a{before}"); 10].join(", ");
            writeln!(text, "a{level}: &a{level} [{ten}]").unwrap();
        }
        text.push_str("data:\n  carbon.xml: <Server/>\n");
        let Manifest::Holds { maps, more: false } = read_yaml(&text) else { panic!() };
        assert_eq!(maps[0].files, [("carbon.xml".to_owned(), Ok(b"<Server/>".to_vec()))]);
        // A chain of aliases is as deep as the values that it stands for.
        let mut chain = String::new();
        for n in 1..100_000 {
            writeln!(chain, "b{n}: &b{n} [*b{}]", n - 1).unwrap();
        }
        let text = format!("kind: ConfigMap\nb0: &b0 [x]\n{chain}data:\n  carbon.xml: <Server/>\n");
        let Manifest::Unread(unread) = read_yaml(&text) else { panic!() };
        assert_eq!((unread.kind, &*unread.reason), (UnreadKind::Limit, "its values are nested more than 64 deep"));
        let text = format!("kind: ConfigMap\ndata:\n  carbon.xml: {}\n", "[".repeat(10_000));
        assert!(matches!(read_yaml(&text), Manifest::Unread(_)));
        let text = format!("kind: ConfigMap\ndata:\n  carbon.xml: {}{}\n", "[".repeat(100), "]".repeat(100));
        let Manifest::Unread(unread) = read_yaml(&text) else { panic!() };
        assert_eq!(unread.kind, UnreadKind::Limit);
    }
}
