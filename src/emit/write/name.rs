//! The folder of a deployment: whatever the deployment is called, it is one that each system can have, below the output
//! folder and nowhere else.

use crate::text::Parts as _;
use std::collections::BTreeSet;

use super::record::{RECORD, hash};
use super::{CHECKLIST, REPORT};

/// Bytes of a part of a path: a file name has 255 at most, and staging and editors add to it.
const LONGEST: usize = 120;

/// A folder for the deployment `name`, other than those that are `taken`, which it then is too. The `/` between an INPUT's
/// name and a deployment's stays. Names differ in more than case, since on some systems that is no difference.
pub fn folder_name(name: &str, taken: &mut BTreeSet<String>) -> String {
    let parts: Vec<String> = name.split('/').filter(|part| !part.is_empty()).map(part).collect();
    let plain = if parts.is_empty() { part("") } else { parts.join("/") };
    // Two folders may not lie in each other either: each comes and goes as a whole.
    let flat = plain.replace('/', "-");
    let numbered = (2_u32..).map(|count| format!("{flat}-{count}"));
    let mut tried = [plain, flat.clone()].into_iter().chain(numbered);
    let folder = tried.find(|folder| !overlaps(&key(folder), taken)).unwrap_or(flat);
    taken.insert(key(&folder));
    folder
}

fn key(folder: &str) -> String {
    folder.to_lowercase()
}

/// Whether one of the folders is this one, holds it or lies in it.
fn overlaps(folder: &str, taken: &BTreeSet<String>) -> bool {
    let outer = folder.match_indices('/').map(|(end, _)| folder.part(..end));
    let inner = format!("{folder}/");
    outer.chain([folder]).any(|known| taken.contains(known))
        || taken.range(inner.clone()..).next().is_some_and(|known| known.starts_with(&inner))
}

fn part(name: &str) -> String {
    let mut part: String = name.chars().map(|one| if is_safe(one) { one } else { '_' }).collect();
    // `.` and `..` are other folders, Windows drops dots and blanks at the end, and a dot at the front hides.
    part = part.trim_end_matches(['.', ' ']).trim_start().to_owned();
    if part.starts_with('.') {
        part.replace_range(..1, "_");
    }
    if part.is_empty() {
        "deployment".clone_into(&mut part);
    }
    if part.len() > LONGEST {
        // The whole name tells apart what is cut off.
        let end = (0..=LONGEST - 9).rev().find(|end| part.is_char_boundary(*end)).unwrap_or(0);
        part = format!("{}-{}", part.part(..end), hash(name.as_bytes()).part(..8));
    }
    let is_ours = [RECORD, REPORT, CHECKLIST].iter().any(|ours| ours.eq_ignore_ascii_case(&part));
    if is_ours || is_device(&part) {
        part.insert(0, '_');
    }
    part
}

fn is_safe(one: char) -> bool {
    let is_format = matches!(one, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffd}');
    !one.is_control() && !is_format && !"\\:*?\"<>|".contains(one)
}

/// Names that are devices on Windows, with whatever extension.
fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_ascii_lowercase();
    let numbered = ["com", "lpt"].iter().any(|port| {
        stem.strip_prefix(port)
            .is_some_and(|rest| rest.chars().count() == 1 && rest.chars().all(|one| "123456789¹²³".contains(one)))
    });
    numbered || ["con", "prn", "aux", "nul", "conin$", "conout$"].contains(&&*stem)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::folder_name;
    use crate::emit::write::record::is_inside;

    #[test]
    fn names_that_are_fine_stay() {
        for name in ["in", "prod/five-node", "Zürich gateway", "a.b-c_d (2)", "コア"] {
            assert_eq!(folder_name(name, &mut BTreeSet::new()), name);
        }
    }

    #[test]
    fn names_that_are_no_folder_become_one() {
        for (name, expected) in [
            ("", "deployment"),
            (".", "deployment"),
            ("..", "deployment"),
            ("../../etc", "deployment/deployment/etc"),
            ("/etc/passwd", "etc/passwd"),
            ("a\\b:c", "a_b_c"),
            ("con", "_con"),
            ("NUL.txt", "_NUL.txt"),
            ("com1", "_com1"),
            ("comma", "comma"),
            ("a\u{1b}[31m\nb\u{202e}", "a_[31m_b_"),
            ("checklist.MD", "_checklist.MD"),
            ("migration-report.json", "_migration-report.json"),
            (".apim-migrate.json", "_apim-migrate.json"),
            (".git", "_git"),
            ("prod. .", "prod"),
        ] {
            assert_eq!(folder_name(name, &mut BTreeSet::new()), expected, "{name:?}");
        }
    }

    #[test]
    fn long_names_are_cut_and_stay_apart() {
        let mut taken = BTreeSet::new();
        let one = folder_name(&format!("{}a", "ü".repeat(200)), &mut taken);
        let other = folder_name(&format!("{}b", "ü".repeat(200)), &mut taken);
        assert!(one.len() <= 120 && other.len() <= 120 && one != other, "{one} {other}");
    }

    #[test]
    fn no_two_are_the_same_or_in_each_other() {
        let names = ["x", "X", "x.", "x/other", "x", "y/z", "y", "Y/Z", "x-2", "..", "."];
        let mut taken = BTreeSet::new();
        let folders: Vec<String> = names.iter().map(|name| folder_name(name, &mut taken)).collect();
        for (number, one) in folders.iter().enumerate() {
            assert!(is_inside(one), "{one}");
            for other in &folders[..number] {
                let (one, other) = (one.to_lowercase(), other.to_lowercase());
                assert!(
                    one != other && !one.starts_with(&format!("{other}/")) && !other.starts_with(&format!("{one}/"))
                );
            }
        }
        assert_eq!(folders[..4], ["x", "X-2", "x-3", "x-other"]);
    }
}
