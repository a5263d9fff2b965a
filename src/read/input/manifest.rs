//! Kubernetes manifests: the configuration files that ConfigMaps and Secrets hold.

use crate::text::Parts as _;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use saphyr_parser::{Event, Parser, ScalarStyle};

use super::kind::{self, Name};
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
        /// A document of it that could not be read; the others were.
        damage: Option<Unread>,
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
    let Some(text) = decoded(bytes) else { return Manifest::Other };
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let is_manifest = text.contains("kind") && (text.contains("ConfigMap") || text.contains("Secret"));
    if !is_manifest && !has_configuration(text) {
        return Manifest::Other;
    }
    let unread = |fault: Fault, text: &str| match fault {
        _ if text.contains("{{") => template::helm(),
        Fault::Limit(reason) => Unread::limit(reason),
        Fault::Damaged(line) => {
            let reason =
                format!("a damaged Kubernetes manifest: line {line} is no {}", if is_json { "JSON" } else { "YAML" });
            Unread::new(UnreadKind::File, reason, "correct it, or give the files that it holds")
        }
    };
    let documents = match if is_json { json(text, limits) } else { yaml(text, limits) } {
        // The reader of JSON keeps but the last of a repeated key; that of YAML keeps all.
        Ok(documents) if is_json => yaml(text, limits).map_or((documents, None), |documents| (documents, None)),
        Ok(documents) => (documents, None),
        Err(_) if !is_manifest || !looks_like_configuration(text) => return Manifest::Other,
        Err(fault) => match apart(text, limits).filter(|_| !is_json) {
            Some((documents, fault)) => (
                documents,
                fault.filter(|(_, text)| looks_like_configuration(text)).map(|(fault, text)| unread(fault, text)),
            ),
            None => return Manifest::Unread(unread(fault, text)),
        },
    };
    let (documents, damage) = documents;
    let mut found =
        Found { maps: Vec::new(), more: false, embedded: false, parameters: Vec::new(), left: limits.manifest_values };
    for document in &documents {
        found.object(document);
    }
    if found.left == 0 {
        let reason = format!("a Kubernetes manifest with more than {} values", limits.manifest_values);
        return Manifest::Unread(Unread::limit(reason));
    }
    if let (true, Some(unread)) = (found.maps.is_empty(), &damage) {
        return Manifest::Unread(unread.clone());
    }
    if found.maps.is_empty() {
        // `{{ (.Files.Glob "conf/*").AsConfig }}` and the like may well be YAML.
        if is_manifest && text.contains("{{") && looks_like_configuration(text) {
            return Manifest::Unread(template::helm());
        }
        if found.embedded {
            let reason = "configuration seems to be embedded in it, which is not read";
            let help = "give what is embedded as a file of its own name";
            return Manifest::Unread(Unread::new(UnreadKind::File, reason, help));
        }
        return Manifest::Other;
    }
    Manifest::Holds { maps: found.maps, more: found.more, damage }
}

/// Documents, and one that could not be read: why, and its text.
type Apart<'t> = (Vec<Node>, Option<(Fault, &'t str)>);

/// The documents of a YAML text each read by itself, and the first that cannot be read, with what is wrong in it; `None`
/// where there is one document alone.
fn apart<'t>(text: &'t str, limits: &Limits) -> Option<Apart<'t>> {
    let mut starts = vec![0];
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        if at > 0 && (line.trim_end() == "---" || line.starts_with("--- ")) {
            starts.push(at);
        }
        at += line.len();
    }
    if starts.len() < 2 {
        return None;
    }
    let (mut documents, mut first) = (Vec::new(), None);
    for (number, start) in starts.iter().enumerate() {
        let one = text.part(*start..starts.get(number + 1).copied().unwrap_or(text.len()));
        match yaml(one, limits) {
            Ok(found) => documents.extend(found),
            Err(fault) => {
                let before = text.part(..*start).matches('\n').count();
                let fault = match fault {
                    Fault::Damaged(line) => Fault::Damaged(before + line),
                    limit @ Fault::Limit(_) => limit,
                };
                first.get_or_insert((fault, one));
            }
        }
    }
    Some((documents, first))
}

/// The text of UTF-8, or of UTF-16 with its mark.
fn decoded(bytes: &[u8]) -> Option<Cow<'_, str>> {
    let unit: fn([u8; 2]) -> u16 = match bytes {
        [0xff, 0xfe, ..] => u16::from_le_bytes,
        [0xfe, 0xff, ..] => u16::from_be_bytes,
        _ => return std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
    };
    let (units, _) = bytes.as_chunks::<2>();
    let text = char::decode_utf16(units.iter().map(|pair| unit(*pair))).collect::<Result<String, _>>();
    text.ok().map(Cow::Owned)
}

/// Whether a text is configuration of a server by what stands in it.
fn has_configuration(text: &str) -> bool {
    let begins = |element: &str| {
        text.split(element).skip(1).any(|rest| rest.starts_with(|next: char| next == '>' || next.is_ascii_whitespace()))
    };
    text.contains("[server]") || begins("<Server") || begins("<APIManager")
}

/// Whether the text of a key that is no name of a configuration file is configuration all the same. Others have a
/// section of that name too.
fn is_unnamed(key: &str, text: &str) -> bool {
    const OTHERS: [&str; 8] = [".ini", ".cnf", ".conf", ".cfg", ".json", ".yaml", ".yml", ".sh"];
    let xml = !text.contains("[server]") || text.lines().any(|line| line.trim() == "[server]");
    xml && has_configuration(text) && !OTHERS.iter().any(|ending| key.ends_with(ending))
}

/// Whether a key is the name of an archive, or of a packed configuration file.
fn is_packed(key: &str) -> bool {
    match kind::of_name(key) {
        Name::Archive(_) | Name::NotRead(_) => true,
        Name::Packed(_, length) => is_configuration(key.part(..length)),
        Name::Other => false,
    }
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
    /// Whether configuration stands in something that is neither a ConfigMap nor a Secret.
    embedded: bool,
    /// What the template that is looked at has parameters for.
    parameters: Vec<String>,
    /// How many more values are looked at: aliases may make many of few.
    left: usize,
}

impl Found {
    fn object(&mut self, object: &Node) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return;
        }
        let kind = object.text("kind").unwrap_or_default();
        if kind.ends_with("List") || kind == "Template" {
            let parameters = object.get("parameters").map_or(&[][..], Node::items).iter();
            let parameters = parameters.filter_map(|one| one.text("name")).map(|name| format!("${{{name}}}")).collect();
            let outer = std::mem::replace(&mut self.parameters, parameters);
            for (_, list) in object.pairs().iter().filter(|(key, _)| matches!(&**key, "items" | "objects")) {
                list.items().iter().for_each(|item| self.object(item));
            }
            self.parameters = outer;
            return;
        }
        if matches!(kind, "SealedSecret" | "ExternalSecret") {
            self.sealed(kind, object);
            return;
        }
        let secret = kind == "Secret";
        if !secret && kind != "ConfigMap" {
            self.more |= !matches!(object.value, Value::Nothing);
            self.search("", object);
            return;
        }
        let metadata = object.get("metadata");
        let text = |key| metadata.and_then(|metadata| metadata.text(key)).unwrap_or_default().to_owned();
        let mut files: BTreeMap<String, Result<Vec<u8>, Unread>> = BTreeMap::new();
        for (part, encoded) in [("binaryData", true), ("data", secret), ("stringData", false)] {
            let parts: Vec<&Node> =
                object.pairs().iter().filter(|(key, _)| &**key == part).map(|(_, value)| value).collect();
            let mut here = BTreeSet::new();
            for (key, value) in parts.iter().flat_map(|part| part.pairs()) {
                self.left = self.left.saturating_sub(1);
                if self.left == 0 {
                    return;
                }
                let Some(mut file) = self.file(key, value, encoded) else { continue };
                if parts.len() > 1 {
                    file = Err(twice(format!("its map has `{part}` more than once")));
                }
                // What `stringData` of a Secret says counts before its `data`: that is how Kubernetes takes it.
                let replaces = part == "stringData" && !here.contains(key);
                here.insert(Rc::clone(key));
                if !replaces && files.get(&**key).is_some_and(|other| *other != file) {
                    file = Err(twice("its map has it more than once, with different values".to_owned()));
                }
                files.insert(key.to_string(), file);
            }
        }
        if files.iter().any(|(key, file)| !is_script(key) || file.is_err()) {
            self.maps.push(Map {
                name: text("name"),
                namespace: text("namespace"),
                files: files.into_iter().collect(),
            });
        }
    }

    /// Notes the files of a secret whose values are not in it: only the cluster can open them, or has them elsewhere.
    fn sealed(&mut self, kind: &str, object: &Node) {
        let spec = object.get("spec");
        let data = |spec: Option<&Node>, key| spec.and_then(|spec| spec.get(key)).cloned();
        let encrypted = data(spec, "encryptedData");
        let template = data(data(data(spec, "target").as_ref(), "template").as_ref(), "data");
        let named = [encrypted, template].into_iter().flatten();
        let mut keys: BTreeSet<Rc<str>> =
            named.flat_map(|map| map.pairs().iter().map(|(key, _)| Rc::clone(key)).collect::<Vec<_>>()).collect();
        let items = data(spec, "data");
        keys.extend(items.iter().flat_map(Node::items).filter_map(|item| item.text("secretKey")).map(Rc::from));
        self.left = self.left.saturating_sub(keys.len());
        let name = object.get("metadata").and_then(|metadata| metadata.text("name")).unwrap_or_default().to_owned();
        let unread = || {
            let help = "give what the cluster made of it: `kubectl get secret NAME -o yaml`";
            Unread::new(UnreadKind::File, format!("it is in a {kind}, which does not hold its text"), help)
        };
        let files: Vec<_> =
            keys.iter().filter(|key| is_configuration(key)).map(|key| (key.to_string(), Err(unread()))).collect();
        if files.is_empty() {
            self.more = true;
        } else {
            self.maps.push(Map { name, namespace: String::new(), files });
        }
    }

    /// The file that a key holds, or why it is not read; none if it is no configuration.
    fn file(&self, key: &str, value: &Node, encoded: bool) -> Option<Result<Vec<u8>, Unread>> {
        let help = "give the file itself";
        let Value::Text(value) = &value.value else {
            let what = if matches!(value.value, Value::Nothing) { "it has no value" } else { "its value is no text" };
            return is_configuration(key).then(|| Err(Unread::new(UnreadKind::File, what, help)));
        };
        if is_configuration(key) || is_script(key) {
            let file = content(key, value, encoded);
            let open = file.as_ref().ok().and_then(|bytes| std::str::from_utf8(bytes).ok());
            if open.is_some_and(|text| self.parameters.iter().any(|parameter| text.contains(&**parameter))) {
                let help = "render it with `oc process` and give the result";
                return Some(Err(Unread::new(UnreadKind::Template, "a template of OpenShift", help)));
            }
            return Some(file);
        }
        if is_packed(key) {
            let help = "unpack it and give the folder";
            return Some(Err(Unread::archive("an archive in a Kubernetes manifest is not read", help)));
        }
        let text = if encoded { String::from_utf8(content(key, value, true).ok()?).ok()? } else { value.to_string() };
        is_unnamed(key, &text).then(|| {
            let reason = "it seems to be configuration, but its key is the name of no file";
            let help = "name the key as the file is named: `deployment.toml`, `carbon.xml`";
            Err(Unread::new(UnreadKind::File, reason, help))
        })
    }

    /// Looks for configuration in something that is no ConfigMap.
    fn search(&mut self, key: &str, node: &Node) {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 || self.embedded {
            return;
        }
        match &node.value {
            Value::Nothing => {}
            Value::Text(text) => self.embedded = text.contains('\n') && is_unnamed(key, text),
            Value::List(items) => items.iter().for_each(|item| self.search(key, item)),
            Value::Map(pairs) => pairs.iter().for_each(|(key, value)| self.search(key, value)),
        }
    }
}

fn twice(reason: String) -> Unread {
    Unread::new(UnreadKind::File, reason, "remove what does not count")
}

/// A file as a key holds it.
fn content(key: &str, value: &str, encoded: bool) -> Result<Vec<u8>, Unread> {
    if value.trim_start().starts_with("ENC[AES256_GCM,") {
        let help = "decrypt the manifest with `sops decrypt` and give the result";
        return Err(Unread::new(UnreadKind::File, "its value is encrypted by SOPS", help));
    }
    if !encoded {
        return template::of_text(key, value).map_or_else(|| Ok(value.as_bytes().to_vec()), Err);
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
    let mut merged = 0;
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
                let value =
                    if part.is_map { map(part.nodes, &mut merged, limits)? } else { Value::List(part.nodes.into()) };
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

/// Keys and values come in turn; a key that is no text is left out. What `<<` stands for comes in, but for keys that are
/// there already; `merged` counts how much.
fn map(nodes: Vec<Node>, merged: &mut usize, limits: &Limits) -> Result<Value, Fault> {
    let mut pairs = Vec::with_capacity(nodes.len() / 2);
    let mut sources = Vec::new();
    let mut nodes = nodes.into_iter();
    while let (Some(key), Some(value)) = (nodes.next(), nodes.next()) {
        match (key.value, &value.value) {
            (Value::Text(key), Value::Map(_)) if &*key == "<<" => sources.push(value),
            (Value::Text(key), Value::List(items)) if &*key == "<<" => sources.extend(items.iter().cloned()),
            (Value::Text(key), _) => pairs.push((key, value)),
            _ => {}
        }
    }
    let mut known: BTreeSet<Rc<str>> = BTreeSet::new();
    if !sources.is_empty() {
        known.extend(pairs.iter().map(|(key, _)| Rc::clone(key)));
    }
    for source in &sources {
        for (key, value) in source.pairs() {
            *merged += 1;
            if *merged > limits.manifest_values {
                return Err(Fault::Limit(format!("it has more than {} values", limits.manifest_values)));
            }
            if known.insert(Rc::clone(key)) {
                pairs.push((Rc::clone(key), value.clone()));
            }
        }
    }
    Ok(Value::Map(pairs.into()))
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
        let Manifest::Holds { maps, more: false, damage: None } = read_yaml(&text) else { panic!() };
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

    /// What came out: each file by its key, with its text or why it was not read.
    fn files(manifest: Manifest) -> Vec<(String, Result<String, String>)> {
        let Manifest::Holds { maps, .. } = manifest else { panic!("{manifest:?}") };
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        let files = maps.into_iter().flat_map(|map| map.files);
        files.map(|(key, file)| (key, file.map(text).map_err(|unread| unread.reason))).collect()
    }

    const TOML: &str = "[server]\nhostname = \"gw.example.com\"\n";

    #[test]
    fn reads_what_stands_in_odd_places() {
        let toml = "\"[server]\\nhostname = \\\"gw.example.com\\\"\\n\"";
        let map = format!("kind: ConfigMap, metadata: {{name: gw}}, data: {{deployment.toml: {toml}}}");
        let expected = vec![("deployment.toml".to_owned(), Ok(TOML.to_owned()))];
        for text in [
            format!("kind: ConfigMap\nbase: &b\n  deployment.toml: {toml}\ndata:\n  <<: *b\n"),
            format!("kind: ConfigMap\nbase: &b\n  deployment.toml: no\ndata:\n  <<: [*b]\n  deployment.toml: {toml}\n"),
            format!("kind: Template\nobjects:\n- {{{map}}}\n"),
            format!("kind: List\nitems:\n- kind: List\n  items:\n  - {{{map}}}\n"),
        ] {
            assert_eq!(files(read_yaml(&text)), expected, "{text}");
            let wide: Vec<u8> =
                "\u{feff}".encode_utf16().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
            assert_eq!(files(read(&wide, false, &Limits::default())), expected, "{text}");
        }
    }

    #[test]
    fn names_what_it_does_not_read() {
        let toml = "\"[server]\\nhostname = \\\"gw.example.com\\\"\\n\"";
        for (data, key, reason) in [
            (
                format!("data:\n  deployment.toml: {toml}\ndata:\n  x: y\n"),
                "deployment.toml",
                "its map has `data` more than once",
            ),
            (
                format!("data:\n  deployment.toml: {toml}\n  deployment.toml: \"[a]\"\n"),
                "deployment.toml",
                "its map has it more than once, with different values",
            ),
            ("data:\n  deployment.toml:\n".to_owned(), "deployment.toml", "it has no value"),
            ("data:\n  deployment.toml: [a]\n".to_owned(), "deployment.toml", "its value is no text"),
            (
                "binaryData:\n  conf.tar.gz: H4sIAA==\n".to_owned(),
                "conf.tar.gz",
                "an archive in a Kubernetes manifest is not read",
            ),
            (
                format!("data:\n  config: {toml}\n"),
                "config",
                "it seems to be configuration, but its key is the name of no file",
            ),
        ] {
            let found = files(read_yaml(&format!("kind: ConfigMap\n{data}")));
            assert_eq!(found, [(key.to_owned(), Err(reason.to_owned()))], "{data}");
        }
        let twice = br#"{"kind":"ConfigMap","data":{"deployment.toml":"[a]","deployment.toml":"[b]"}}"#;
        assert!(files(read(twice, true, &Limits::default()))[0].1.is_err());
        let template = "kind: Template\nparameters: [{name: HOST}]\nobjects:\n- kind: ConfigMap\n  data:\n    \
                        a.toml: 'x = \"${HOST}\"'\n";
        assert_eq!(files(read_yaml(template))[0].1, Err("a template of OpenShift".to_owned()));
    }

    #[test]
    fn reads_the_documents_beside_a_damaged_one() {
        let map =
            |name: &str| format!("kind: ConfigMap\nmetadata: {{name: {name}}}\ndata:\n  deployment.toml: '[server]'\n");
        let text = format!("{}---\nkind: ConfigMap\ndata:\n  deployment.toml: \"x\n---\n{}", map("a"), map("b"));
        let Manifest::Holds { maps, damage, .. } = read_yaml(&text) else { panic!() };
        assert_eq!(maps.iter().map(|map| &*map.name).collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(damage.unwrap().reason, "a damaged Kubernetes manifest: line 8 is no YAML");
        // What is no configuration costs nothing.
        let text = format!("{}---\nkind: Service\nspec: [\n---\n{}", map("a"), map("b"));
        let Manifest::Holds { maps, damage, .. } = read_yaml(&text) else { panic!() };
        assert_eq!((maps.len(), damage), (2, None));
        // All damaged.
        let text = "kind: ConfigMap\ndata:\n  deployment.toml: [\n---\nkind: [\n";
        assert!(matches!(read_yaml(text), Manifest::Unread(_)));
    }

    #[test]
    fn names_secrets_that_hold_no_text() {
        let sealed = "kind: SealedSecret\nmetadata: {name: gw-conf}\nspec:\n  encryptedData:\n    deployment.toml: AgBy\n    x: AgB\n";
        let external = "kind: ExternalSecret\nmetadata: {name: gw}\nspec:\n  data:\n  - secretKey: deployment.toml\n";
        let templated =
            "kind: ExternalSecret\nspec:\n  target:\n    template:\n      data:\n        deployment.toml: x\n";
        for (text, kind) in [(sealed, "SealedSecret"), (external, "ExternalSecret"), (templated, "ExternalSecret")] {
            let reason = format!("it is in a {kind}, which does not hold its text");
            assert_eq!(files(read_yaml(text)), [("deployment.toml".to_owned(), Err(reason))], "{text}");
        }
        let sops = "kind: Secret\nstringData:\n  deployment.toml: ENC[AES256_GCM,data:x]\n";
        assert_eq!(files(read_yaml(sops))[0].1, Err("its value is encrypted by SOPS".to_owned()));
    }

    #[test]
    fn sees_what_is_embedded_elsewhere() {
        for text in [
            "configs:\n  x:\n    content: |\n      [server]\n      hostname = \"a\"\n",
            "data:\n  deployment.toml: |\n    [server]\n    hostname = \"a\"\n",
        ] {
            let Manifest::Unread(unread) = read_yaml(text) else { panic!("{text}") };
            assert_eq!(unread.reason, "configuration seems to be embedded in it, which is not read");
        }
        for text in [
            "kind: ConfigMap\ndata:\n  grafana.ini: |\n    [server]\n    a = 1\n",
            "kind: Secret\ndata:\n  tls.crt: QQ==\n",
        ] {
            assert_eq!(read_yaml(text), Manifest::Other, "{text}");
        }
    }
}
