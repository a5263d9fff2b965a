//! Texts that bear the name of a configuration file and are something else: pointers that a version control left, pages
//! that a web server gave, merges that nobody finished. A reader of properties would take every line of them.

use super::Damage;
use super::position::Cursor;
use crate::source::Position;

/// How such texts begin, what they are, and what to do.
const BEGINNINGS: [(&str, &str, &str); 9] = [
    ("version https://git-lfs.github.com/spec/", "a pointer of Git LFS", "fetch the file with `git lfs pull`"),
    ("/annex/objects/", "a pointer of git-annex", "fetch the file with `git annex get`"),
    ("$ANSIBLE_VAULT;", "encrypted by Ansible Vault", "decrypt it with `ansible-vault decrypt`"),
    ("-----BEGIN PGP MESSAGE", "encrypted by PGP", "decrypt it with `gpg --decrypt`"),
    ("-----BEGIN AGE ENCRYPTED", "encrypted by age", "decrypt it with `age --decrypt`"),
    ("<!doctype html", "a page of HTML", "put the file itself there"),
    ("<html", "a page of HTML", "put the file itself there"),
    ("%PDF-", "a PDF", "put the file itself there"),
    ("{\\rtf", "a text of a word processor", "save it as plain text"),
];

/// What a text is instead of the configuration that the name of its file promises; `None` if nothing tells.
pub(crate) fn disguised(name: &str, text: &str) -> Option<Damage> {
    let begins = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']);
    let first = Position { line: 1, column: 1 };
    let starts =
        |with: &str| begins.as_bytes().get(..with.len()).is_some_and(|b| b.eq_ignore_ascii_case(with.as_bytes()));
    if let Some((_, what, help)) = BEGINNINGS.iter().find(|(with, ..)| starts(with)) {
        return Some(Damage::new(format!("it is {what}, whatever its name: {help}"), first));
    }
    if let Some(offset) = unfinished_merge(text) {
        let message = "marks of a merge that was not finished: finish it, only one side can hold";
        return Some(Damage::new(message, Cursor::new(text).at(offset)));
    }
    let is_properties =
        name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case("properties"));
    let other = is_properties.then(|| no_properties(begins)).flatten()?;
    Some(Damage::new(format!("it is {other}, whatever its name: put the file itself there"), first))
}

/// Where the marks begin between which a version control puts both sides of a conflict.
fn unfinished_merge(text: &str) -> Option<usize> {
    let line = |mark: &str, from: usize| {
        let rest = text.get(from..)?;
        let is_line = |at: usize| at == 0 || rest.as_bytes().get(at - 1) == Some(&b'\n');
        memchr::memmem::find_iter(rest.as_bytes(), mark).find(|at| is_line(*at)).map(|at| from + at)
    };
    let start = line("<<<<<<< ", 0)?;
    line(">>>>>>> ", start).map(|_| start)
}

/// What of another form a text is that any reader of properties would take, line by line.
fn no_properties(begins: &str) -> Option<&'static str> {
    match begins.chars().next()? {
        '<' if begins.trim_end().ends_with('>') => Some("XML"),
        '{' | '[' if serde_json::from_str::<serde::de::IgnoredAny>(begins).is_ok() => Some("JSON"),
        _ if begins.contains('\0') => Some("no text"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::disguised;

    #[test]
    fn tells_what_is_no_configuration() {
        let conflict = "a=1\n<<<<<<< HEAD\nb=1\n=======\nb=2\n>>>>>>> other\n";
        for (name, text, expected) in [
            ("jndi.properties", "\n<!DOCTYPE HTML>\n<html></html>\n", "1:1 it is a page of HTML"),
            ("carbon.xml", "<html><body/></html>", "1:1 it is a page of HTML"),
            ("jndi.properties", "<Server><a/></Server>\n", "1:1 it is XML"),
            ("jndi.properties", "{\"a\": [1]}\n", "1:1 it is JSON"),
            ("jndi.properties", "a\0=b\n", "1:1 it is no text"),
            (
                "deployment.toml",
                "version https://git-lfs.github.com/spec/v1\noid x\n",
                "1:1 it is a pointer of Git LFS",
            ),
            ("a.properties", "$ANSIBLE_VAULT;1.1;AES256\n33\n", "1:1 it is encrypted by Ansible Vault"),
            ("a.properties", conflict, "2:1 marks of a merge"),
            ("a.xml", conflict, "2:1 marks of a merge"),
        ] {
            let damage = disguised(name, text).unwrap();
            let told = format!("{}:{} {}", damage.position.line, damage.position.column, damage.message);
            assert!(told.starts_with(expected), "{told}");
        }
        for (name, text) in [
            ("a.properties", "# <<<<<<< HEAD\na=<<<<<<< b\n>>>>>>> c\n"),
            ("a.properties", "{a}=b\n[x]\n"),
            ("a.xml", "<Server/>\0"),
            ("a.xml", "<htmlx/>".trim_start_matches("<html")),
            ("deployment.toml", "[server]\n"),
            ("a.properties", ""),
        ] {
            assert_eq!(disguised(name, text), None, "{text}");
        }
    }
}
