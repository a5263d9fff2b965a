//! What was changed in a written file, as it may be shown: lines are compared as they are and shown masked, so that a
//! change of a secret is seen and the secret is not.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use similar::{ChangeTag, TextDiff};

use super::Form;
use crate::emit::edit::document::{Block, Document, Pair, Piece};
use crate::emit::edit::inline;
use crate::emit::path::Path;
use crate::emit::toml::basic_string;
use crate::secret::{Comments, MASK, by_name, comment, is_secret_name, mask_urls, parts};

/// How many lines of a difference are shown.
const SHOWN: usize = 60;
/// How many characters of a line are shown.
const WIDTH: usize = 200;

/// The difference from the new `text` to what was `found`.
pub fn masked(form: &Form<'_>, text: &str, found: &[u8]) -> String {
    let Ok(found) = std::str::from_utf8(found) else { return "    (it is no UTF-8 text any more)\n".to_owned() };
    let known = match form {
        Form::Toml { shown } => known_secrets(text, shown),
        _ => BTreeSet::new(),
    };
    let mut values = BTreeSet::new();
    if matches!(form, Form::Toml { .. }) {
        secret_values(text, &known, &mut values);
        secret_values(found, &known, &mut values);
        // What stands openly elsewhere, as a user of that name, is hidden nowhere but in its own place.
        for open in [text, found].into_iter().flat_map(|text| open_values(text, &known)) {
            values.remove(&open);
        }
    }
    let show = |text: &str| -> Vec<String> {
        let lines = if let Form::Toml { .. } = form {
            masked_toml(text, &known)
        } else {
            let mut comments = Comments::default();
            text.lines().map(|line| comments.line(line)).collect()
        };
        // A secret that was copied to another place is one there too.
        let hide = |line: String| values.iter().fold(line, |line, value| line.replace(value.as_str(), MASK));
        lines.into_iter().map(hide).collect()
    };
    let (old_shown, new_shown) = (show(text), show(found));
    let diff = TextDiff::from_lines(text, found);
    let mut out = String::new();
    let mut lines = 0;
    for group in diff.grouped_ops(1) {
        // What was shown, to tell what looks the same and is not.
        let mut gone: Vec<(String, &str, &str)> = Vec::new();
        for change in group.iter().flat_map(|op| diff.iter_changes(op)) {
            lines += 1;
            if lines > SHOWN {
                continue;
            }
            let (sign, line) = match change.tag() {
                ChangeTag::Delete => ('-', change.old_index().and_then(|at| old_shown.get(at))),
                ChangeTag::Insert => ('+', change.new_index().and_then(|at| new_shown.get(at))),
                ChangeTag::Equal => (' ', change.new_index().and_then(|at| new_shown.get(at))),
            };
            let line = line.map_or(MASK, String::as_str);
            let shown = printable(line);
            let mut note = "";
            match change.tag() {
                ChangeTag::Delete => gone.push((shown.clone(), line, change.value())),
                ChangeTag::Insert => {
                    if let Some(at) = gone.iter().position(|(before, ..)| *before == shown) {
                        let (_, whole, before) = gone.remove(at);
                        note = if whole != line {
                            "  (it differs further on)"
                        } else if unquoted(before) == unquoted(change.value()) {
                            "  (the same value, written otherwise)"
                        } else if line.contains(MASK) {
                            "  (another value)"
                        } else {
                            "  (it ends otherwise)"
                        };
                    }
                }
                ChangeTag::Equal => {}
            }
            let _ = writeln!(out, "    {sign}{shown}{note}");
        }
    }
    if lines > SHOWN {
        let _ = writeln!(out, "    … and {} more lines", lines - SHOWN);
    }
    out
}

/// A line without quotes and the blanks at its ends.
fn unquoted(line: &str) -> String {
    line.trim().chars().filter(|char| !matches!(char, '"' | '\'')).collect()
}

/// A line as a terminal may show it.
fn printable(line: &str) -> String {
    let line = line.trim_end_matches(['\r', '\n']);
    let cut: String = line.chars().take(WIDTH).collect();
    let more = if cut.len() < line.len() { "…" } else { "" };
    format!("{}{more}", crate::foreign::line(&cut))
}

/// The keys whose values differ between a file and what may be shown of it. Where that is the value with the same parts
/// masked that its form tells, as the password in a URL, its form tells them of another value too, and the rest is open.
fn known_secrets(text: &str, shown: &str) -> BTreeSet<Path> {
    let (Ok(text), Ok(shown)) = (Document::read(text), Document::read(shown)) else { return BTreeSet::new() };
    let shown: BTreeSet<(&Path, String)> = pairs(&shown).map(|pair| (&pair.path, said(pair))).collect();
    let is_open = |pair: &&Pair| {
        let said = said(pair);
        let masked = mask_urls(&said);
        shown.contains(&(&pair.path, said)) || shown.contains(&(&pair.path, masked))
    };
    pairs(&text).filter(|pair| !is_open(pair)).map(|pair| pair.path.clone()).collect()
}

/// What a value says: a text without its quotes, anything else as it is written.
fn said(pair: &Pair) -> String {
    let text = pair.read().and_then(|value| value.as_str().map(str::to_owned));
    text.unwrap_or_else(|| pair.value.clone())
}

fn pairs(file: &Document) -> impl Iterator<Item = &Pair> {
    file.blocks.iter().flat_map(Block::pairs)
}

/// The values of a file's secrets that are long enough to be told from other words.
fn secret_values(text: &str, known: &BTreeSet<Path>, values: &mut BTreeSet<String>) {
    const SHORTEST: usize = 6;
    let Ok(file) = Document::read(text) else { return };
    for pair in pairs(&file) {
        for (path, value) in inline::leaves(pair) {
            let text = value.as_str().unwrap_or_default();
            let whole = holds_secret(&path, &value, known) || is_secret(&pair.path, known);
            let lines = if whole { text.lines().collect() } else { parts(text).collect::<Vec<_>>() };
            let lines = lines.into_iter().filter(|line| line.len() >= SHORTEST && !line.starts_with('$'));
            values.extend(lines.map(str::to_owned));
        }
    }
}

/// The texts of a file that are no secrets, whole.
fn open_values(text: &str, known: &BTreeSet<Path>) -> Vec<String> {
    let Ok(file) = Document::read(text) else { return Vec::new() };
    let leaves = pairs(&file).filter(|pair| !is_secret(&pair.path, known)).flat_map(inline::leaves);
    let open = leaves.filter(|(path, value)| !holds_secret(path, value, known));
    open.filter_map(|(_, value)| value.as_str().filter(|text| mask_urls(text) == *text).map(str::to_owned)).collect()
}

fn is_secret(path: &Path, known: &BTreeSet<Path>) -> bool {
    let names = || path.iter().map(|step| step.name.as_str());
    known.contains(path) || names().next() == Some("secrets") || names().any(is_secret_name)
}

/// Whether the name of a value says so together with the value.
fn holds_secret(path: &Path, value: &toml_edit::Value, known: &BTreeSet<Path>) -> bool {
    let names: Vec<&str> = path.iter().map(|step| step.name.as_str()).collect();
    is_secret(path, known) || value.as_str().is_some_and(|text| by_name(&names.join("."), text))
}

/// The lines of a file, each masked on its own: there are as many as in the file.
fn masked_toml(text: &str, known: &BTreeSet<Path>) -> Vec<String> {
    let Ok(file) = Document::read(text) else { return text.lines().map(masked_damaged).collect() };
    let mut lines = Vec::new();
    let mut comments = Comments::default();
    for block in &file.blocks {
        lines.extend(block.above.iter().map(|line| comments.line(line)));
        // A comment may stand behind a header.
        lines.extend(block.header.iter().map(|header| match header.line.split_once('#') {
            Some((head, words)) => format!("{head}{}", comment(&format!("#{words}"))),
            None => header.line.clone(),
        }));
        if block.header.is_some() {
            let steps: Vec<&str> = block.table().iter().map(|step| step.name.as_str()).collect();
            comments.enter(&steps.join("."));
        }
        for piece in &block.body {
            match piece {
                Piece::Blank(line) => lines.push(line.clone()),
                Piece::Comment(line) => lines.push(comments.line(line)),
                Piece::Pair(pair) => {
                    let shown = masked_pair(pair, known);
                    lines.extend(shown);
                }
            }
        }
    }
    if lines.len() == text.lines().count() { lines } else { text.lines().map(masked_damaged).collect() }
}

fn masked_pair(pair: &Pair, known: &BTreeSet<Path>) -> Vec<String> {
    let head = format!("{}{}{}", pair.before, pair.name, pair.equals);
    let rows = pair.value.lines().count().max(1);
    if is_secret(&pair.path, known) || inline::leaves(pair).iter().any(|(path, value)| holds_secret(path, value, known))
    {
        let mut lines = vec![format!("{head}\"{MASK}\"")];
        lines.extend((1..rows).map(|_| MASK.to_owned()));
        if let Some(last) = lines.last_mut() {
            last.push_str(comment(&pair.after).trim_end());
        }
        return lines;
    }
    // A form is told of a text, not of how TOML writes it.
    let text = Some(said(pair)).filter(|text| rows == 1 && *text != pair.value && mask_urls(text) != *text);
    let value = text.map_or_else(|| mask_urls(&pair.value), |text| basic_string(&mask_urls(&text)));
    let value = if value.lines().count().max(1) == rows { value } else { format!("\"{MASK}\"") };
    format!("{head}{value}{}", comment(&pair.after)).lines().map(str::to_owned).collect()
}

/// A line of a file that cannot be read any more: its key at most.
fn masked_damaged(line: &str) -> String {
    match line.split_once('=') {
        _ if line.trim().is_empty() || line.trim_start().starts_with('[') && !line.contains('=') => line.to_owned(),
        Some((key, _)) if key.trim().chars().all(|one| one.is_alphanumeric() || "_-.".contains(one)) => {
            format!("{key}= {MASK}")
        }
        _ => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::masked;
    use crate::emit::write::Form;

    const FILE: &str =
        "[a]\nname = \"x\"\nrow_says_so = \"sesame\"\nurl = \"amqp://u:sesame@h:1\"\n\n[secrets]\nz = \"[sesame]\"\n";
    const SHOWN: &str = "[a]\nname = \"x\"\nrow_says_so = \"********\"\nurl = \"amqp://u:********@h:1\"\n\n[secrets]\nz = \"********\"\n";

    #[test]
    fn shows_the_change_and_no_secret() {
        let form = Form::Toml { shown: SHOWN };
        for (found, told) in [
            (FILE.replace("\"x\"", "\"y\""), "+name = \"y\""),
            (FILE.replace("row_says_so = \"sesame\"", "row_says_so = \"sesame2\""), "+row_says_so = \"********\""),
            (
                FILE.replace("row_says_so = \"sesame\"", "row_says_so = \"sesame2\""),
                "+row_says_so = \"********\"  (another value)",
            ),
            (
                FILE.replace("row_says_so = \"sesame\"", "row_says_so = 'sesame'"),
                "+row_says_so = \"********\"  (the same value, written otherwise)",
            ),
            (FILE.replace("name", "password = '''\nsesame\n'''\nname"), "+password = \"********\""),
            (FILE.replace("name", "o = {url = 1, password = \"sesame\"}\nname"), "+o = \"********\""),
            (FILE.replace("\"x\"", "\"x\" # password: sesame"), "+name = \"x\" # password: ********"),
            (FILE.replace("\"x\"", "\"x\" # password was 0pen7"), "+name = \"x\" # password was ********"),
            (FILE.replace("name", "# the old password is 0pen7\nname"), "+# the old password is ********"),
            (FILE.replace("name", "# ann:0pen7\nname"), "+# ann:********"),
            (FILE.replace("name", "# password = '''\n# 0pen7\n# '''\n# b\nname"), "+# b"),
            (FILE.replace("\"x\"", "sesame\"x"), "+name = ********"),
            (FILE.replace("[sesame]", "sesame\nsesame"), "+z = ********"),
            (FILE.replace("\"x\"", "\"the sesame\""), "+name = \"the ********\""),
            (FILE.replace("\"x\"", "\"\\u001b[31m\u{1b}[31m\""), "+name = ********"),
        ] {
            let shown = masked(&form, FILE, found.as_bytes());
            assert!(shown.contains(told), "{shown}");
            assert!(!shown.contains("sesame") && !shown.contains("0pen7") && !shown.contains('\u{1b}'), "{shown}");
        }
        // Only the secret in a value is hidden, and what looks the same is told.
        let moved = FILE.replace("@h:1", "@mine:1");
        let shown = masked(&form, FILE, moved.as_bytes());
        assert!(shown.contains("-url = \"amqp://u:********@h:1\"") && !shown.contains("sesame"), "{shown}");
        assert!(shown.contains("+url = \"amqp://u:********@mine:1\""), "{shown}");
        let other = FILE.replace("u:sesame@", "u:another@");
        let shown = masked(&form, FILE, other.as_bytes());
        assert!(shown.contains("+url = \"amqp://u:********@h:1\"  (another value)"), "{shown}");
        assert!(!shown.contains("sesame") && !shown.contains("another@"), "{shown}");
        let copied = FILE.replace("u:sesame@", "u:different@").replace("\"x\"", "\"xx different\"");
        assert!(!masked(&form, FILE, copied.as_bytes()).contains("different"));
        let (noted, long) =
            (FILE.replace("says_so = \"sesame\"", "says_so = \"sesame\"  # a.xml:1:2"), "y".repeat(300));
        let shown = masked(&form, &noted, noted.replace("1:2", "seen by ann").as_bytes());
        assert!(shown.contains("-row_says_so = \"********\"  # a.xml:1:2\n"), "{shown}");
        assert!(shown.contains("+row_says_so = \"********\"  # a.xml:seen by ann\n"), "{shown}");
        let (long, longer) = (format!("a = \"{long}\"\n"), format!("a = \"{long}z\"\n"));
        let open = Form::Toml { shown: &long };
        assert!(masked(&open, &long, longer.as_bytes()).contains("…  (it differs further on)"));
        // A user of the same name is seen.
        let same = FILE.replace("\"x\"", "\"sesame\"");
        let shown = masked(&form, FILE, same.as_bytes());
        assert!(shown.contains("+name = \"sesame\"") && !shown.contains("says_so = \"sesame"), "{shown}");
        let shown = masked(&Form::Plain, "a\n", b"a\npassword=sesame\n\xff");
        assert!(!shown.contains("sesame"));
    }
}
