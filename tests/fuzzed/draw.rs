//! A deployment drawn by bytes: one to four nodes of the samples in `corpus/`, with changed values, elements and keys.

use apim_migrate::text::Parts as _;
use std::path::Path;
use std::sync::LazyLock;

use super::bundle::{Bundle, Files};

/// What no report may show: it stands in place of every password.
pub const MARKED: &str = "Zq7marked4";

/// A server of a sample: its files below its home.
struct Node {
    name: String,
    files: Files,
}

/// The samples that are drawn from: what seeds and findings draw stays the same only as long as these do.
const SAMPLES: [&str; 16] = [
    "active-active",
    "active-active-4.2",
    "admin-password",
    "all-in-one",
    "all-in-one-3.x",
    "five-node",
    "five-node-3.x",
    "five-node-ha",
    "hybrid",
    "identity-server-3.x",
    "logging",
    "secure-vault",
    "special-characters",
    "tabs-and-crlf",
    "three-profiles-4.0",
    "two-environments",
];

/// Their nodes.
static NODES: LazyLock<Vec<Node>> = LazyLock::new(|| {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let corpus = here.ancestors().map(|folder| folder.join("corpus")).find(|folder| folder.join("README.md").exists());
    let corpus = corpus.expect("the samples stand in corpus/");
    let mut nodes = Vec::new();
    for sample in SAMPLES {
        for node in folders(&corpus.join(sample).join("in")) {
            let mut files = Files::new();
            add(&node, &node, &mut files);
            let name = node.file_name().unwrap_or_default().to_string_lossy().into_owned();
            nodes.push(Node { name, files });
        }
    }
    nodes
});

fn folders(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<_> = entries.filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn add(home: &Path, folder: &Path, files: &mut Files) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            add(home, &path, files);
        } else if let (Ok(content), Ok(below)) = (std::fs::read(&path), path.strip_prefix(home)) {
            files.push((below.to_string_lossy().replace('\\', "/"), content));
        }
    }
}

const TARGETS: [&str; 8] = ["current", "4.0", "4.1", "4.2", "4.4", "4.5", "4.6", "4.3"];

/// How many nodes a deployment has: mostly few, since each costs a conversion or more.
const COUNTS: [usize; 10] = [1, 1, 1, 1, 2, 2, 2, 3, 3, 4];

/// What takes the place of a value.
const VALUES: [&str; 48] = [
    "",
    "true",
    "false",
    "0",
    "1",
    "-1",
    "9443",
    "65536",
    "99999999999999999999",
    "localhost",
    "127.0.0.1",
    "::1",
    "gw.example.com",
    "https://km.example.com:9443/services/",
    "https://gw.example.com",
    "tcp://tm.example.com:9611",
    "{tcp://a.example.com:9611|tcp://b.example.com:9611},{tcp://c.example.com:9611}",
    "${carbon.local.ip}",
    "$ref{super_admin.username}",
    "$secret{alias}",
    "${env:HOST}",
    "$env{HOST}",
    "admin",
    "a&b",
    "a&amp;b",
    "<gw-host>",
    "ü\u{2019}日本",
    "'",
    "\"",
    "a'b\"c",
    "\\",
    "a\\nb",
    "{{ host }}",
    "jdbc:mysql://db.example.com:3306/apim?a=b&c=d",
    "jdbc:oracle:thin:@db.example.com:1521/X",
    "jdbc/WSO2UM_DB",
    "https://[::1]:9443/",
    "a,b,c",
    "*",
    " leading",
    "trailing ",
    "0x10",
    "1e3",
    "org.wso2.carbon.user.core.ldap.ReadOnlyLDAPUserStoreManager",
    "default",
    "gateway-worker",
    "control-plane",
    "production",
];

/// What is put in as a line of its own.
const LINES: [&str; 24] = [
    "<Unknown>1</Unknown>",
    "<EnableAdvanceThrottling>false</EnableAdvanceThrottling>",
    "<GatewayType>None</GatewayType>",
    "<Offset>3</Offset>",
    "<!-- a comment -- in two -->",
    "<a b='1' b='2'/>",
    "</APIManager>",
    "stray text",
    "]]>",
    "[apim.gateway]",
    "[[apim.gateway.environment]]",
    "name = \"Prod 'EU'\"",
    "[own]",
    "key = 1",
    "server_role = \"gateway-worker\"",
    "hostname = \"other.example.com\"",
    "offset = 2",
    "[[event_listener]]",
    "[database.apim_db.pool_options]",
    "maxActive = \"50\"",
    "[secrets]",
    "a = [",
    "x.'y.z' = true",
    "[apim.throttling]",
];

/// The bytes that draw; zeros when they are used up.
struct Bytes<'b>(&'b [u8]);

impl Bytes<'_> {
    fn next(&mut self) -> usize {
        let Some((first, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        usize::from(*first)
    }

    fn wide(&mut self) -> usize {
        self.next() << 8 | self.next()
    }
}

/// The deployment that `bytes` draw.
pub fn drawn(bytes: &[u8], only_toml: bool) -> Bundle {
    let mut bytes = Bytes(bytes);
    let target = TARGETS[bytes.next() % TARGETS.len()].to_owned();
    let count = COUNTS[bytes.next() % COUNTS.len()];
    let eligible: Vec<&Node> = NODES
        .iter()
        .filter(|node| !only_toml || node.files.iter().any(|(path, _)| path.ends_with("deployment.toml")))
        .collect();
    let mut files = Files::new();
    // Nodes of one sample mostly: the next one is near.
    let mut at = bytes.next();
    for number in 0..count {
        let node = eligible[at % eligible.len()];
        let name = if files.iter().any(|(path, _)| path.starts_with(&format!("{}/", node.name))) {
            format!("{}-{number}", node.name)
        } else {
            node.name.clone()
        };
        files.extend(node.files.iter().map(|(path, content)| (format!("{name}/{path}"), marked(content))));
        let step = bytes.next();
        at = if step < 200 { at + 1 } else { step };
    }
    let mut tidy = true;
    while !bytes.0.is_empty() && !files.is_empty() {
        let file = bytes.next() % files.len();
        tidy &= change(&mut files[file].1, &mut bytes);
        if bytes.next() == 255 {
            let gone = bytes.next() % files.len();
            files.remove(gone);
        }
    }
    Bundle { target, files, tidy }
}

/// The content with each password in it marked.
fn marked(content: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(content);
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let name = line.trim_start();
        let is_password =
            name.starts_with("<Password>") || name.starts_with("<password>") || name.starts_with("password = \"");
        match value_of(line) {
            Some(value) if is_password && !line.part(value.clone()).contains(['$', '&', '<']) => {
                out.push_str(line.part(..value.start));
                out.push_str(MARKED);
                out.push_str(line.part(value.end..));
            }
            _ => out.push_str(line),
        }
    }
    out.into_bytes()
}

/// Where a line's value stands: between tags, quotes, or behind `=`.
fn value_of(line: &str) -> Option<std::ops::Range<usize>> {
    let body = line.trim_end();
    if let Some(open) = body.find('>')
        && let Some(close) = body.rfind("</")
        && open < close
    {
        return Some(open + 1..close);
    }
    let equals = body.find('=')?;
    let start = equals + 1 + body.part(equals + 1..).len() - body.part(equals + 1..).trim_start().len();
    let value = body.part(start..);
    match value.strip_prefix('"').and_then(|inner| inner.find('"')) {
        Some(end) => Some(start + 1..start + 1 + end),
        None => Some(start..body.len()),
    }
}

/// Changes one thing; whether it left lines and values whole.
fn change(content: &mut Vec<u8>, bytes: &mut Bytes<'_>) -> bool {
    let mut lines: Vec<Vec<u8>> = content.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let (kind, place) = (bytes.next() % 16, bytes.wide());
    if lines.is_empty() {
        lines.push(Vec::new());
    }
    let at = place % lines.len();
    let mut tidy = true;
    match kind {
        0..=6 => {
            let line = String::from_utf8_lossy(&lines[at]).into_owned();
            let value = VALUES[bytes.next() % VALUES.len()];
            if let Some(range) = value_of(&line) {
                lines[at] = format!("{}{value}{}", line.part(..range.start), line.part(range.end..)).into_bytes();
            }
        }
        7 | 8 => {
            lines.remove(at);
        }
        9 => {
            let line = lines[at].clone();
            lines.insert(at, line);
        }
        10 => {
            let other = bytes.wide() % lines.len();
            lines.swap(at, other);
            tidy = false;
        }
        11..=13 => {
            let line = LINES[bytes.next() % LINES.len()];
            lines.insert(at, format!("{line}\n").into_bytes());
        }
        14 => {
            let end = (at + bytes.next() % 8).min(lines.len() - 1);
            let block: Vec<Vec<u8>> = lines[at..=end].to_vec();
            lines.splice(at..at, block);
        }
        _ => {
            let line = &mut lines[at];
            let byte = bytes.next() as u8;
            let column = if line.is_empty() { 0 } else { bytes.next() % line.len() };
            if byte.is_multiple_of(2) && column < line.len() {
                line[column] = byte;
            } else {
                line.insert(column, byte);
            }
            tidy = false;
        }
    }
    *content = lines.concat();
    tidy
}
