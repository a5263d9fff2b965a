//! The readers of single files and texts.

use std::borrow::Cow;
use std::sync::LazyLock;

use apim_migrate::emit::path as key;
use apim_migrate::mapping::catalog::{covers, parts, without_indexes};
use apim_migrate::mapping::path::{self, Pattern};
use apim_migrate::mapping::tables::Tables;
use apim_migrate::read::document::{Entry, document, positions};
use apim_migrate::read::encoding::{Syntax, decode};
use apim_migrate::read::input::{Content, Limits, unpack_bytes};
use apim_migrate::read::{self, Leaves, Naming};
use apim_migrate::source::Position;
use apim_migrate::topology::source::host::{self, Url};
use apim_migrate::topology::source::{amqp, url_group};

pub static TABLES: LazyLock<Tables> = LazyLock::new(Tables::built_in);

/// What names elements, in all files that have a table.
static NAMING: LazyLock<Naming> = LazyLock::new(|| {
    let pairs = [("Property", "@name"), ("parameter", "@name"), ("datasource", "name"), ("Environment", "Name")];
    pairs.into_iter().map(|(element, by)| (element.to_owned(), by.to_owned())).collect()
});

/// How many characters each line of a text has.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        Self(text.split('\n').map(|line| line.chars().count()).collect())
    }

    /// Whether the text has that place.
    fn have(&self, position: Position) -> bool {
        let line = self.0.get((position.line as usize).wrapping_sub(1));
        line.is_some_and(|length| position.column >= 1 && position.column as usize <= length + 1)
    }
}

/// What holds for the leaves of any file: places lie in it, no two have the same path, values are no longer than it.
fn leaves(found: &Leaves<'_>, text: &str, expands: bool, unique: bool) {
    let mut paths: Vec<&str> = found.leaves.iter().map(|leaf| leaf.path.as_str()).collect();
    let all = paths.len();
    paths.sort_unstable();
    paths.dedup();
    assert!(!unique || paths.len() == all, "two leaves have one path");
    assert!(all <= text.len(), "more leaves than bytes");
    let lines = Lines::of(text);
    for leaf in &found.leaves {
        assert!(lines.have(leaf.position), "{} stands at {:?}", leaf.path, leaf.position);
        assert!(expands || leaf.value.len() <= text.len(), "{}: the value grew", leaf.path);
    }
    for oddity in &found.oddities {
        assert!(lines.have(oddity.position), "{} stands at {:?}", oddity.message, oddity.position);
    }
}

fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    String::from_utf8_lossy(bytes)
}

pub fn xml(bytes: &[u8]) {
    let text = text_of(bytes);
    match read::xml::xml(&text, &NAMING) {
        // Two elements of one name and one number cannot be told from a name with brackets.
        Ok(found) => leaves(&found, &text, text.contains("<!ENTITY"), false),
        Err(damage) => assert!(Lines::of(&text).have(damage.position), "{damage} at {:?}", damage.position),
    }
}

pub fn properties(bytes: &[u8]) {
    let text = text_of(bytes);
    // A name with brackets may look like the second of another.
    leaves(&read::properties::properties(&text), &text, true, false);
}

pub fn toml(bytes: &[u8]) {
    let text = text_of(bytes);
    let read = read::toml::toml(&text);
    match &read {
        Ok(found) => leaves(found, &text, true, true),
        Err(damage) => assert!(Lines::of(&text).have(damage.position), "{damage} at {:?}", damage.position),
    }
    // The tolerant reader of `check` agrees with it.
    let plain = text.strip_prefix('\u{feff}').unwrap_or(&text);
    let tolerant = document(plain);
    let mut places = positions(plain);
    let lines = Lines::of(plain);
    for fault in &tolerant.faults {
        assert!(plain.get(fault.span.clone()).is_some(), "{}: {:?}", fault.message, fault.span);
        assert!(lines.have(places(fault.span.start)));
    }
    for entry in &tolerant.entries {
        let spans = entry.parts.iter().map(|part| &part.span).chain([&entry.value.span]);
        for span in spans {
            assert!(plain.get(span.clone()).is_some(), "{}: {span:?}", entry.key);
        }
        assert!(plain.get(Entry::key_span(entry)).is_some(), "{}", entry.key);
    }
    if let Ok(found) = &read
        && tolerant.faults.is_empty()
    {
        let mut own: Vec<&str> = found.leaves.iter().map(|leaf| leaf.path.as_str()).collect();
        let mut others: Vec<&str> = tolerant.entries.iter().map(|entry| entry.key.as_str()).collect();
        own.sort_unstable();
        others.sort_unstable();
        assert_eq!(own, others, "the two readers of TOML see different keys");
    }
}

pub fn encodings(bytes: &[u8]) {
    for syntax in [Syntax::Xml, Syntax::Properties, Syntax::Plain] {
        match decode(bytes, syntax) {
            Ok(decoded) => {
                assert!(!decoded.text.contains('\0'), "a NUL byte passed");
                assert!(decoded.text.len() <= 4 * bytes.len() + 4, "the text grew");
                let lines = Lines::of(&decoded.text);
                for oddity in &decoded.oddities {
                    assert!(lines.have(oddity.position), "{} at {:?}", oddity.message, oddity.position);
                }
                if let Ok(text) = std::str::from_utf8(bytes)
                    && !text.starts_with("<?xml")
                    && !text.starts_with(['<', '\u{feff}', '\0'])
                {
                    assert_eq!(decoded.text, text, "UTF-8 is read as it is");
                }
            }
            Err(damage) => assert!(damage.position.line >= 1 && damage.position.column >= 1),
        }
    }
}

pub fn key_paths(bytes: &[u8]) {
    let text = text_of(bytes);
    let (one, other) = text.split_once('\n').unwrap_or((&text, ""));
    // Keys of deployment.toml.
    assert_eq!(parts(one).join("."), one, "the parts of a key are the key");
    let plain = without_indexes(one);
    assert!(plain.len() <= one.len(), "a key without numbers is no longer");
    let _ = covers(one, other);
    let key = TABLES.catalog.find(one);
    if let Some(key) = key {
        assert!(!key.name.is_empty());
    }
    if let Ok(steps) = key::steps(one) {
        let written = key::written(&steps);
        let again = key::steps(&written).expect("what was written can be read");
        let names = |steps: &key::Path| steps.iter().map(|step| step.name.clone()).collect::<Vec<_>>();
        assert_eq!(names(&again), names(&steps), "what is written names the same key");
        let _ = (key::dotted(&steps), key::table_order(&steps));
        let file = format!("{written} = 1\n");
        // Deeper ones no reader of TOML takes, so that no file says them.
        assert!(steps.len() > 64 || file.parse::<toml_edit::DocumentMut>().is_ok(), "the written key is TOML");
    }
    // Paths of rows and leaves.
    let pattern = Pattern::new(one);
    let matched = pattern.matches(other);
    if let Some(captures) = matched {
        assert!(captures.iter().map(String::len).sum::<usize>() <= other.len(), "captures are parts of the path");
    }
    if !one.contains('*') && !one.is_empty() && !one.contains('[') {
        assert!(Pattern::new(one).matches(one).is_some(), "a path matches itself");
    }
    let _ = (pattern.weight(), pattern.ends_freely(), path::segments(one), path::parent(one));
    assert!(path::names(one).len() <= one.len() && path::without_numbers(one).len() <= one.len());
    // It looks at all keys: not each time.
    if bytes.len() % 64 == 1 {
        let _ = TABLES.catalog.nearest(one, apim_migrate::version::Target::default());
    }
}

pub fn amqp_url_groups(bytes: &[u8]) {
    let text = text_of(bytes);
    if let Some(found) = amqp::parse(&text) {
        assert!(found.brokers.len() + found.options.len() <= text.len());
        assert!(found.user.len() + found.password.len() <= 3 * text.len(), "user and password are parts of the URL");
    }
    let _ = amqp::decode(&text);
    let groups = url_group::parse(&text);
    let total: usize = groups.urls().map(str::len).sum();
    assert!(total <= text.len(), "the URLs are parts of the text");
    for url in groups.urls() {
        assert_eq!(url, url.trim(), "URLs are trimmed");
    }
    if let Some(url) = Url::parse(&text) {
        assert!(!url.host.is_empty());
        assert!(url.port.as_ref().is_none_or(|port| !port.written().is_empty()));
        let _ = (url.is_local(), host::is_of_machine(&url.host), host::looks_like_address(&url.host));
        let normal = host::normalise(&url.host);
        assert_eq!(host::normalise(&normal), normal, "a normal host stays as it is");
        let _ = (host::is_placeholder(&url.host), host::is_remote(&url.host, std::slice::from_ref(&normal)));
    }
    let _ = apim_migrate::secret::mask_urls(&text);
    let _ = apim_migrate::topology::source::tokens::roles_in(&text);
}

/// The names that archives have: what one holds is read by its name, and by its first bytes where that says nothing.
const NAMES: [&str; 8] =
    ["a.zip", "a.tar", "a.tar.gz", "a.tar.bz2", "a.tar.xz", "a.tar.zst", "deployment.toml.gz", "archive"];

/// The first byte chooses the name.
pub fn archives(bytes: &[u8]) {
    let Some((first, bytes)) = bytes.split_first() else { return };
    let name = NAMES[usize::from(*first) % NAMES.len()];
    let wanted = |path: &str| [".xml", ".toml", ".yaml", ".zip", ".tar", ".gz"].iter().any(|end| path.ends_with(end));
    // What a bomb costs is a test of its own: here it may not eat the time of others.
    let limits = Limits { total: 4 << 20, grown: 1 << 20, window: 8 << 20, ..Limits::default() };
    if let Ok(unpacked) = unpack_bytes(name, bytes, &wanted, &limits) {
        let paths: Vec<&str> = unpacked.files.iter().map(|file| file.path.as_str()).collect();
        assert!(paths.is_sorted_by(|one, next| one < next), "two files have one path");
        for file in &unpacked.files {
            if let Content::Bytes(content) = &file.content {
                assert!(content.len() <= 4 << 20, "{}: more than may be read", file.path);
                assert!(!file.path.split('/').any(|part| part == ".."), "{} leads out", file.path);
            }
        }
    }
}
