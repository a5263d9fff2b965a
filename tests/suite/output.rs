//! The output folder: what was written is known by its hash, what a person did is kept, and whatever happens on the way it
//! is whole.

use apim_migrate::text::Parts as _;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use apim_migrate::emit::write::{
    CHECKLIST, Content, Form, OutFile, Outcome, Policy, RECORD, REPORT, Unit, WriteError, is_own_output,
    is_staging_name, marks_own_output, write_units,
};

mod command;
#[cfg(unix)]
mod faults;
#[cfg(target_os = "linux")]
mod killed;
#[cfg(target_os = "linux")]
mod mounted;

/// A file of an output: its path, and its text.
type Files<'f> = &'f [(&'f str, &'f str)];

const CONTROL_PLANE: &str = "control-plane/repository/conf/deployment.toml";
const GATEWAY: &str = "gateway-worker/repository/conf/deployment.toml";

const NODE: &str = "[server]\nhostname = \"api.example.com\"\n\n[super_admin]\npassword = \"sesame-1\"\n\n[secrets]\n\
                    store_password = \"[REPLACE_ME]\"\n";
const LIST: &str = "# Checklist\n\n- [ ] copy the key store\n- [ ] start the nodes\n";
const REPORT_TEXT: &str = "{\"tool\": {\"name\": \"apim-migrate\"}}\n";

fn unit<'f>(folder: &'f str, files: Files<'f>, boxes: &'f [String]) -> Unit<'f> {
    let file = |(path, text): &(&'f str, &'f str)| OutFile {
        path,
        content: Content::Text(text),
        secret: path.ends_with("deployment.toml"),
        form: match *path {
            CHECKLIST => Form::Checklist { boxes },
            path if path.ends_with("deployment.toml") => Form::Toml { shown: text },
            _ => Form::Plain,
        },
    };
    Unit { folder, files: files.iter().map(file).collect(), target: None }
}

fn boxes() -> Vec<String> {
    ["key-stores", "start"].map(str::to_owned).to_vec()
}

/// Writes a single deployment.
fn write(out: &Path, files: Files<'_>, policy: Policy<'_>) -> Result<Outcome, WriteError> {
    write_units(out, &[unit("", files, &boxes())], policy)
}

fn whole<'f>(node: &'f str, list: &'f str) -> [(&'f str, &'f str); 3] {
    [(CONTROL_PLANE, node), (CHECKLIST, list), (REPORT, REPORT_TEXT)]
}

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::File::create(path).unwrap().write_all(text.as_bytes()).unwrap();
}

fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn edit(path: &Path, from: &str, to: &str) {
    let old = text(path);
    assert!(old.contains(from), "{old}");
    put(path, &old.replace(from, to));
}

/// All below a folder: files with their text, links with their target, folders with nothing.
fn all(folder: &Path) -> BTreeMap<String, Option<String>> {
    fn walk(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Option<String>>) {
        for entry in fs::read_dir(folder).into_iter().flatten() {
            let entry = entry.unwrap();
            let path = format!("{prefix}{}", entry.file_name().into_string().unwrap());
            let kind = entry.file_type().unwrap();
            if kind.is_dir() {
                found.insert(format!("{path}/"), None);
                walk(&entry.path(), &format!("{path}/"), found);
            } else if kind.is_file() {
                found.insert(path, Some(text(&entry.path())));
            } else {
                found.insert(path, None);
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(folder, "", &mut found);
    found
}

/// Nothing that was staged is left, beside the folder or in it.
#[track_caller]
fn assert_tidy(out: &Path, what: &str) {
    let beside = fs::read_dir(out.parent().unwrap()).unwrap().map(|entry| entry.unwrap());
    let beside = beside.filter(|entry| entry.path().is_dir()).map(|entry| entry.file_name().into_string().unwrap());
    let inside = all(out).into_keys().filter_map(|path| Some(path.strip_suffix('/')?.to_owned()));
    for folder in beside.chain(inside) {
        assert!(!is_staging_name(folder.rsplit('/').next().unwrap()), "{what}: {folder} is left");
    }
}

const PLAIN: Policy<'static> = Policy { force: false, keep_edited: false, stop: None };
const FORCE: Policy<'static> = Policy { force: true, ..PLAIN };
const KEEP: Policy<'static> = Policy { keep_edited: true, ..PLAIN };

#[test]
fn filled_in_values_and_ticks_are_carried_over() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    edit(&out.join(CONTROL_PLANE), "\"[REPLACE_ME]\"\n", "\"c2VhbGVk\"\nmore = \"[mine]\"\n");
    edit(&out.join(CHECKLIST), "- [ ] start", "- [x] start");
    let filled = all(&out);

    let same = write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    assert_eq!((same.written, same.values, same.ticks), (0, 2, 1));
    assert_eq!(all(&out), filled);

    // Another host name, another first point: what was filled in stays.
    let node = NODE.replace("api.example.com", "b.example.com");
    let list = LIST.replace("copy the key store", "copy the key stores");
    let next = write(&out, &whole(&node, &list), PLAIN).unwrap();
    assert_eq!((next.values, next.ticks, next.ticks_gone), (2, 1, 0));
    let expected = node.replace("\"[REPLACE_ME]\"\n", "\"c2VhbGVk\"\nmore = \"[mine]\"\n");
    assert_eq!(text(&out.join(CONTROL_PLANE)), expected);
    assert_eq!(text(&out.join(CHECKLIST)), list.replace("- [ ] start", "- [x] start"));
    assert_eq!(write(&out, &whole(&node, &list), PLAIN).unwrap().written, 0);
}

#[test]
fn a_change_by_hand_stops_with_a_masked_difference() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    edit(&out.join(CONTROL_PLANE), "api.example.com", "mine.example.com");
    edit(&out.join(CONTROL_PLANE), "sesame-1", "sesame-2");
    edit(&out.join(CHECKLIST), "- [ ] start the nodes\n", "- [x] start the nodes (Ann)\n");
    let edited = all(&out);
    for node in [NODE, &NODE.replace("api.example.com", "new.example.com")] {
        let error = write(&out, &whole(node, LIST), PLAIN).unwrap_err();
        let WriteError::Edited { files, .. } = &error else { panic!("{error}") };
        assert_eq!(files.iter().map(|file| &*file.path).collect::<Vec<_>>(), [CONTROL_PLANE, CHECKLIST]);
        let error = format!("{error}\n{}", error.below());
        for told in
            ["--keep-edited", "--force", "--out", "+hostname = \"mine.example.com\"", "+password = \"****", "(Ann)"]
        {
            assert!(error.contains(told), "{error}");
        }
        assert!(!error.contains("sesame"), "{error}");
        assert_eq!(all(&out), edited, "nothing is written");
        assert_tidy(&out, "");
    }
}

#[test]
fn edited_files_are_kept_or_overwritten_on_request() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let old = [(CONTROL_PLANE, NODE), (GATEWAY, NODE), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
    write(&out, &old, PLAIN).unwrap();
    edit(&out.join(CONTROL_PLANE), "api.example.com", "mine.example.com");
    let mine = text(&out.join(CONTROL_PLANE));
    let node = NODE.replace("api.example.com", "new.example.com");
    let new = [(CONTROL_PLANE, &*node), (GATEWAY, &*node), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
    for _ in 0..2 {
        let outcome = write(&out, &new, KEEP).unwrap();
        assert_eq!(outcome.kept, [CONTROL_PLANE]);
        assert_eq!(text(&out.join(CONTROL_PLANE)), mine);
        assert_eq!(text(&out.join(GATEWAY)), node);
        // It is still an edited one afterwards.
        assert!(matches!(write(&out, &new, PLAIN), Err(WriteError::Edited { .. })));
    }
    let outcome = write(&out, &new, FORCE).unwrap();
    assert_eq!((outcome.written, outcome.kept.len()), (1, 0));
    assert_eq!(text(&out.join(CONTROL_PLANE)), node);
    assert_eq!(write(&out, &new, PLAIN).unwrap().written, 0);
}

#[test]
fn force_keeps_what_was_filled_in() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    edit(&out.join(CONTROL_PLANE), "[REPLACE_ME]", "c2VhbGVk");
    edit(&out.join(CONTROL_PLANE), "api.example.com", "mine.example.com");
    edit(&out.join(CHECKLIST), "- [ ] start the nodes\n", "- [x] start the nodes\nby Ann\n");
    write(&out, &whole(NODE, LIST), FORCE).unwrap();
    assert_eq!(text(&out.join(CONTROL_PLANE)), NODE.replace("[REPLACE_ME]", "c2VhbGVk"));
    assert_eq!(text(&out.join(CHECKLIST)), LIST.replace("- [ ] start", "- [x] start"));
}

#[test]
fn files_that_are_not_written_any_more_go_unless_they_were_changed() {
    let old = [(CONTROL_PLANE, NODE), (GATEWAY, NODE), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
    for (from, to) in [("api.example.com", "mine.example.com"), ("[REPLACE_ME]", "c2VhbGVk")] {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        write(&out, &old, PLAIN).unwrap();
        edit(&out.join(GATEWAY), from, to);
        let error = write(&out, &whole(NODE, LIST), PLAIN).unwrap_err();
        assert!(matches!(&error, WriteError::Edited { files, .. } if files[0].path == GATEWAY), "{error}");
        // What a person asked to be kept stays, and each run tells of it.
        for policy in [KEEP, PLAIN, KEEP, PLAIN] {
            let outcome = write(&out, &whole(NODE, LIST), policy).unwrap();
            assert_eq!(text(&out.join(GATEWAY)), NODE.replace(from, to), "an edited file is not removed");
            assert_eq!(outcome.left, [GATEWAY]);
        }
        let outcome = write(&out, &whole(NODE, LIST), FORCE).unwrap();
        assert_eq!((outcome.removed, outcome.left), (vec![GATEWAY.to_owned()], vec![]));
        assert!(!out.join("gateway-worker").exists());
    }
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, &old, PLAIN).unwrap();
    let outcome = write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    assert_eq!(outcome.removed, [GATEWAY]);
    assert!(!out.join("gateway-worker").exists());
}

#[test]
fn a_forged_record_removes_nothing_of_others() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    put(&out.join("thesis.txt"), "years of work");
    put(&out.join(GATEWAY), "years of work");
    put(&temp.path().join("outside/repository/conf/deployment.toml"), "years of work");
    // SHA-256 of "years of work", and of nothing.
    let of_thesis = sha256("years of work");
    for (path, hash) in [
        ("thesis.txt", of_thesis.as_str()),
        (GATEWAY, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("../outside/repository/conf/deployment.toml", of_thesis.as_str()),
    ] {
        let record = format!(
            "{{\"schema_version\": 1, \"tool\": {{\"name\": \"apim-migrate\"}}, \"files\": {{\"{path}\": {{\"sha256\": \"{hash}\"}}}}}}"
        );
        put(&out.join(RECORD), &record);
        for policy in [PLAIN, KEEP, FORCE] {
            let _ = write(&out, &whole(NODE, LIST), policy);
            for file in ["thesis.txt", GATEWAY, "../outside/repository/conf/deployment.toml"] {
                assert_eq!(text(&out.join(file)), "years of work", "{path} {policy:?}");
            }
        }
    }
}

fn sha256(text: &str) -> String {
    use sha2::Digest as _;
    let digest = sha2::Sha256::digest(text.as_bytes());
    digest
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 15])
        .map(|digit| char::from_digit(digit.into(), 16).unwrap())
        .collect()
}

#[test]
fn files_of_others_beside_an_output_are_no_reason_to_stop() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    put(&out.join("notes.txt"), "mine");
    put(&out.join("control-plane/repository/conf/axis2.xml"), "mine");
    let node = NODE.replace("api.example.com", "new.example.com");
    write(&out, &whole(&node, LIST), PLAIN).unwrap();
    assert_eq!(text(&out.join(CONTROL_PLANE)), node);
    // The node goes; the folder stays, since something of another's is in it.
    write(&out, &[(GATEWAY, NODE), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)], PLAIN).unwrap();
    assert!(!out.join(CONTROL_PLANE).exists());
    for file in ["notes.txt", "control-plane/repository/conf/axis2.xml"] {
        assert_eq!(text(&out.join(file)), "mine");
    }
}

#[test]
fn an_output_without_a_record_is_taken_only_by_force() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    fs::remove_file(out.join(RECORD)).unwrap();
    let node = NODE.replace("api.example.com", "new.example.com");
    for policy in [PLAIN, KEEP] {
        let error = write(&out, &whole(&node, LIST), policy).unwrap_err();
        assert!(matches!(error, WriteError::NoRecord { .. }), "{error}");
    }
    assert_eq!(text(&out.join(CONTROL_PLANE)), NODE);
    // What would be written is there already: there is nothing to lose.
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    fs::remove_file(out.join(RECORD)).unwrap();
    write(&out, &whole(&node, LIST), FORCE).unwrap();
    assert_eq!(text(&out.join(CONTROL_PLANE)), node);
    // A record that is none: the same.
    put(&out.join(RECORD), "{}");
    assert!(write(&out, &whole(NODE, LIST), PLAIN).is_err());
    write(&out, &whole(NODE, LIST), FORCE).unwrap();
    assert_eq!(write(&out, &whole(NODE, LIST), PLAIN).unwrap().written, 0);
}

#[test]
fn one_deployment_may_become_several_and_one_again() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let node = [(CONTROL_PLANE, NODE)];
    let top = [(CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
    let boxes = boxes();
    let several = |names: &[&'static str]| {
        let mut units: Vec<Unit<'_>> = names.iter().map(|name| unit(name, &node, &boxes)).collect();
        units.push(unit("", &top, &boxes));
        write_units(&out, &units, PLAIN).unwrap()
    };
    let folders = || {
        let all = all(&out).into_keys().filter(|path| path.ends_with(CONTROL_PLANE));
        all.map(|path| path.replace(CONTROL_PLANE, "")).collect::<Vec<_>>()
    };
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    several(&["test", "prod/eu", "prod/us"]);
    assert_eq!(folders(), ["prod/eu/", "prod/us/", "test/"]);
    assert!(!out.join("control-plane").exists());
    assert_eq!(several(&["test", "prod/eu", "prod/us"]).written, 0);
    several(&["test", "new"]);
    assert_eq!(folders(), ["new/", "test/"]);
    assert!(!out.join("prod").exists(), "{:?}", all(&out));
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    assert_eq!(folders(), [""]);
    assert_eq!(fs::read_dir(&out).unwrap().count(), 4, "{:?}", all(&out));
    assert_tidy(&out, "");
}

#[test]
fn two_runs_at_once_do_not_meet() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let refused = Cell::new(false);
    let report = |to: &mut dyn std::io::Write| {
        // While this run stages, another one comes.
        if fs::read_dir(temp.path())?.count() > 0 {
            let error = write(&out, &whole(NODE, LIST), PLAIN).unwrap_err();
            assert!(matches!(error, WriteError::Busy(_)), "{error}");
            refused.set(true);
        }
        to.write_all(REPORT_TEXT.as_bytes())
    };
    let mut files = unit("", &[(CONTROL_PLANE, NODE)], &[]);
    files.files.push(OutFile { path: REPORT, content: Content::Written(&report), secret: false, form: Form::Plain });
    write_units(&out, &[files], PLAIN).unwrap();
    assert!(refused.get());
    assert_eq!(text(&out.join(REPORT)), REPORT_TEXT);
    assert_tidy(&out, "");
}

#[test]
fn a_run_that_is_to_stop_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("a/out");
    let stop = true.into();
    let error = write(&out, &whole(NODE, LIST), Policy { stop: Some(&stop), ..PLAIN }).unwrap_err();
    assert!(matches!(error, WriteError::Stopped), "{error}");
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
}

#[test]
fn an_output_is_known_by_its_record_or_report() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    assert!(!is_own_output(&out));
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    assert!(is_own_output(&out) && !is_own_output(temp.path()) && !is_own_output(&out.join("control-plane")));
    assert!(marks_own_output(RECORD, text(&out.join(RECORD)).as_bytes()));
    fs::remove_file(out.join(RECORD)).unwrap();
    assert!(is_own_output(&out));
    put(&out.join(REPORT), "{\"tool\": {\"name\": \"other\"}}");
    assert!(!is_own_output(&out));
}

#[test]
fn a_folder_with_the_name_of_the_staging_folder_is_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    let name = format!(".apim-migrate-{}", sha256("out").part(..16));
    put(&temp.path().join(&name).join("new/mine.txt"), "mine");
    let node = NODE.replace("api.example.com", "new.example.com");
    write(&out, &whole(&node, LIST), PLAIN).unwrap();
    assert_eq!(text(&out.join(CONTROL_PLANE)), node);
    assert_eq!(text(&temp.path().join(name).join("new/mine.txt")), "mine");
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    /// What of a file or folder must not change.
    fn looks(path: &Path) -> (u64, u32, u32, u32, i64, i64) {
        let about = fs::symlink_metadata(path).unwrap();
        (about.ino(), about.mode(), about.uid(), about.gid(), about.mtime(), about.mtime_nsec())
    }

    fn mode(path: &Path) -> u32 {
        fs::symlink_metadata(path).unwrap().permissions().mode() & 0o7777
    }

    fn set_mode(path: &Path, mode: u32) {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[test]
    fn a_second_run_touches_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        let seen = || all(temp.path()).into_keys().map(|path| looks(&temp.path().join(path))).collect::<Vec<_>>();
        let before = (looks(temp.path()), seen());
        write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        assert_eq!((looks(temp.path()), seen()), before);
    }

    #[test]
    fn what_does_not_change_stays_the_same_file() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        let before = looks(&out.join(CHECKLIST));
        set_mode(&out, 0o750);
        set_mode(&out.join("control-plane"), 0o2700);
        write(&out, &whole("[server]\n", LIST), PLAIN).unwrap();
        assert_eq!(looks(&out.join(CHECKLIST)), before);
        assert_eq!((mode(&out), mode(&out.join("control-plane"))), (0o750, 0o2700), "folders keep their mode");
    }

    #[test]
    fn files_with_secrets_and_the_record_are_their_owners_alone() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        set_mode(&out.join(CONTROL_PLANE), 0o644);
        set_mode(&out.join(CHECKLIST), 0o640);
        write(&out, &whole("[server]\n", "# Checklist\n"), PLAIN).unwrap();
        assert_eq!(mode(&out.join(CONTROL_PLANE)), 0o600);
        assert_eq!(mode(&out.join(RECORD)), 0o600);
        assert_eq!(mode(&out.join(CHECKLIST)), 0o640, "what holds no secret keeps its mode");
    }

    #[test]
    fn files_with_secrets_are_closed_again_by_a_run_that_changes_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        let mine = out.join("control-plane/repository/conf/mine.toml");
        write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        put(&mine, "mine");
        for path in [out.join(CONTROL_PLANE), out.join(RECORD), out.join(CHECKLIST), mine.clone()] {
            set_mode(&path, 0o644);
        }
        let outcome = write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        assert_eq!((outcome.written, outcome.closed), (0, vec![CONTROL_PLANE.to_owned(), RECORD.to_owned()]));
        assert_eq!((mode(&out.join(CONTROL_PLANE)), mode(&out.join(RECORD))), (0o600, 0o600));
        assert_eq!((mode(&out.join(CHECKLIST)), mode(&mine)), (0o644, 0o644), "these hold no secret of ours");
        // Nor when another file changes, or a person has changed it.
        set_mode(&out.join(CONTROL_PLANE), 0o664);
        write(&out, &whole(NODE, "# Checklist\n"), PLAIN).unwrap();
        assert_eq!(mode(&out.join(CONTROL_PLANE)), 0o600);
        edit(&out.join(CONTROL_PLANE), "api.example.com", "api2.example.com");
        set_mode(&out.join(CONTROL_PLANE), 0o644);
        let policy = Policy { keep_edited: true, ..PLAIN };
        assert_eq!(write(&out, &whole(NODE, LIST), policy).unwrap().kept, [CONTROL_PLANE]);
        assert_eq!(mode(&out.join(CONTROL_PLANE)), 0o600);
    }

    #[test]
    fn a_file_of_decisions_is_closed_again() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("decisions.toml");
        apim_migrate::emit::write::write_new(&file, "a = 1\n").unwrap();
        set_mode(&file, 0o644);
        apim_migrate::emit::write::write_new(&file, "a = 1\n").unwrap();
        assert_eq!(mode(&file), 0o600);
    }

    #[test]
    fn with_force_all_of_others_stays_as_it_is() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        let conf = out.join("control-plane/repository/conf");
        put(&conf.join("mine.xml"), "mine");
        put(&out.join("closed/file"), "mine");
        fs::create_dir_all(out.join("empty/deep")).unwrap();
        fs::create_dir_all(out.join("gateway-worker/repository")).unwrap();
        symlink("nowhere", out.join("link")).unwrap();
        let _socket = std::os::unix::net::UnixListener::bind(out.join("socket")).unwrap();
        set_mode(&out.join("empty/deep"), 0o1751);
        set_mode(&out.join("closed"), 0o500);
        set_mode(&out.join("gateway-worker/repository"), 0o2711);
        set_mode(&conf.join("mine.xml"), 0o640);
        let files = ["closed", "closed/file", "empty/deep", "link", "socket", "control-plane/repository/conf/mine.xml"];
        let folders = ["empty", "gateway-worker/repository", "control-plane/repository/conf", "."];
        let seen = || {
            let files = files.map(|path| looks(&out.join(path)));
            let folders = folders.map(|path| looks(&out.join(path)));
            (files, folders.map(|(inode, mode, uid, gid, ..)| (inode, mode, uid, gid)))
        };
        let before = seen();
        assert!(write(&out, &whole(NODE, LIST), PLAIN).is_err());
        let both = [(CONTROL_PLANE, NODE), (GATEWAY, NODE), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
        write(&out, &both, FORCE).unwrap();
        assert_eq!(seen(), before);
        // The folders that were there before the node was, are there after it too.
        write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        assert_eq!(seen(), before);
        set_mode(&out.join("closed"), 0o700);
    }

    #[test]
    fn links_and_pipes_in_the_place_of_a_file_stop_the_run() {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        let mine = temp.path().join("mine");
        put(&mine, "mine");
        write(&out, &whole(NODE, LIST), PLAIN).unwrap();
        fs::remove_file(out.join(CHECKLIST)).unwrap();
        symlink(&mine, out.join(CHECKLIST)).unwrap();
        for policy in [PLAIN, KEEP, FORCE] {
            let error = write(&out, &whole("[server]\n", LIST), policy).unwrap_err();
            assert!(matches!(error, WriteError::Occupied { .. }), "{error}");
        }
        assert_eq!(text(&mine), "mine");
        assert_eq!(text(&out.join(CONTROL_PLANE)), NODE);
    }
}
