//! The output folder: whole or not at all, and nobody else's files.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use apim_migrate::emit::write::{Content, Form, OutFile, Policy, RECORD, REPORT, Unit, WriteError, write_units};

const NODE: &str = "control-plane/repository/conf/deployment.toml";

const OWN_REPORT: &str = r#"{"schema_version": 1, "tool": {"name": "apim-migrate"},
    "deployments": [{"target": {"nodes": [{"file": "control-plane/repository/conf/deployment.toml"}]}}]}"#;

fn file<'f>(path: &'f str, text: &'f str) -> OutFile<'f> {
    OutFile { path, content: Content::Text(text), secret: path != REPORT, form: Form::Plain }
}

/// Writes a single deployment.
fn write_all(out: &Path, files: Vec<OutFile<'_>>, force: bool) -> Result<(), WriteError> {
    write_units(out, &[Unit { folder: "", files, target: None }], Policy { force, ..Policy::default() }).map(|_| ())
}

fn output(text: &str) -> Vec<OutFile<'_>> {
    vec![file(NODE, text), file(REPORT, OWN_REPORT)]
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn names(dir: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn writes_a_new_folder_with_its_parents() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("a/b/out");
    write_all(&out, output("x = 1\n"), false).unwrap();
    assert_eq!(fs::read_to_string(out.join(NODE)).unwrap(), "x = 1\n");
    assert_eq!(names(out.parent().unwrap()), ["out"], "nothing of the staging is left");
}

#[test]
fn replaces_an_earlier_output() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write_all(&out, output("x = 1\n"), false).unwrap();
    let mut second = output("x = 2\n");
    second[0].path = "traffic-manager/repository/conf/deployment.toml";
    write_all(&out, second, false).unwrap();
    assert_eq!(names(&out), [RECORD, REPORT, "traffic-manager"]);
    assert_eq!(names(temp.path()), ["out"]);
}

#[test]
fn refuses_what_it_did_not_write() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    put(&out.join("notes/mine.txt"), "mine");
    put(&out.join("b.txt"), "mine");
    let error = write_all(&out, output(""), false).unwrap_err();
    assert!(matches!(&error, WriteError::Foreign { file, more: 1, .. } if file == "b.txt"), "{error}");
    assert!(error.to_string().contains("--force"), "{error}");
    assert_eq!(names(&out), ["b.txt", "notes"]);

    // A report alone makes nothing ours, whatever it lists: it may be forged.
    let out = temp.path().join("other");
    put(&out.join(REPORT), OWN_REPORT);
    put(&out.join(NODE), "mine");
    assert!(matches!(write_all(&out, output(""), false), Err(WriteError::NoRecord { .. })));
    assert_eq!(names(&out), ["control-plane", REPORT]);
}

#[test]
fn force_keeps_foreign_files() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    put(&out.join("control-plane/repository/conf/log4j2.properties"), "mine");
    put(&out.join(NODE), "old");
    write_all(&out, output("new"), true).unwrap();
    assert_eq!(fs::read_to_string(out.join(NODE)).unwrap(), "new");
    assert_eq!(fs::read_to_string(out.join("control-plane/repository/conf/log4j2.properties")).unwrap(), "mine");
    assert_eq!(names(temp.path()), ["out"]);
}

#[test]
fn leaves_everything_as_it_was_on_failure() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write_all(&out, output("x = 1\n"), false).unwrap();
    let below = format!("{NODE}/below");
    let broken = || {
        let mut files = output("x = 2\n");
        files.push(file(&below, "a file cannot hold another"));
        files
    };
    assert!(matches!(write_all(&out, broken(), false), Err(WriteError::Path(_))));
    assert_eq!(fs::read_to_string(out.join(NODE)).unwrap(), "x = 1\n");
    assert_eq!(names(temp.path()), ["out"]);
    // Parents that were made for it go too.
    assert!(write_all(&temp.path().join("a/b/c"), broken(), false).is_err());
    assert_eq!(names(temp.path()), ["out"]);
}

#[test]
fn refuses_paths_outside() {
    let temp = tempfile::tempdir().unwrap();
    for path in ["../x", "/x", "a/../../x", ""] {
        let result = write_all(&temp.path().join("out"), vec![file(path, "")], false);
        assert!(matches!(result, Err(WriteError::Path(_))), "{path}");
    }
    assert!(names(temp.path()).is_empty());
}

#[test]
fn refuses_a_file_as_folder_or_parent() {
    let temp = tempfile::tempdir().unwrap();
    let occupied = temp.path().join("file");
    put(&occupied, "mine");
    assert!(matches!(write_all(&occupied, output(""), true), Err(WriteError::NoFolder(_))));
    let error = write_all(&occupied.join("out"), output(""), true).unwrap_err();
    assert!(matches!(error, WriteError::System { .. }), "{error}");
    assert_eq!(fs::read_to_string(&occupied).unwrap(), "mine");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    use super::*;

    #[test]
    fn files_with_secrets_are_their_owners_alone() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        write_all(&out, output(""), false).unwrap();
        let mode = |path: &str| fs::metadata(out.join(path)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(NODE), 0o600);
        assert_ne!(mode(REPORT) & 0o400, 0);
        assert_eq!(mode(".") & 0o700, 0o700);
    }

    #[test]
    fn refuses_an_unwritable_parent() {
        let temp = tempfile::tempdir().unwrap();
        let parent = temp.path().join("locked");
        fs::create_dir(&parent).unwrap();
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o500)).unwrap();
        // The superuser writes anywhere.
        if fs::create_dir(parent.join("probe")).is_err() {
            let error = write_all(&parent.join("out"), output(""), false).unwrap_err();
            assert!(matches!(error, WriteError::System { .. }), "{error}");
        }
        fs::set_permissions(&parent, fs::Permissions::from_mode(0o700)).unwrap();
    }

    #[test]
    fn follows_a_link_to_a_folder_and_keeps_it() {
        let temp = tempfile::tempdir().unwrap();
        let real = temp.path().join("real");
        fs::create_dir(&real).unwrap();
        let link = temp.path().join("link");
        symlink(&real, &link).unwrap();
        write_all(&link, output("x = 1\n"), false).unwrap();
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert_eq!(fs::read_to_string(real.join(NODE)).unwrap(), "x = 1\n");
    }

    #[test]
    fn refuses_a_link_to_nowhere_and_links_inside() {
        let temp = tempfile::tempdir().unwrap();
        let link = temp.path().join("link");
        symlink(temp.path().join("nowhere"), &link).unwrap();
        assert!(matches!(write_all(&link, output(""), true), Err(WriteError::System { .. })));
        let out = temp.path().join("out");
        fs::create_dir(&out).unwrap();
        symlink(temp.path(), out.join("control-plane")).unwrap();
        let error = write_all(&out, output(""), false).unwrap_err();
        assert!(matches!(&error, WriteError::Occupied { path, .. } if path.ends_with("control-plane")), "{error}");
        assert!(matches!(write_all(&out, output(""), true), Err(WriteError::Occupied { .. })));
    }
}
