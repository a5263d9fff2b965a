//! Real mounts at and below the output folder. Who may not mount anything skips these tests, and says so.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{
    CHECKLIST, CONTROL_PLANE, Files, GATEWAY, LIST, NODE, PLAIN, REPORT, REPORT_TEXT, WriteError, all, assert_tidy,
    put, text, unit, whole, write, write_units,
};

const OTHER: &str = "[server]\nhostname = \"other.example.com\"\n";
const BOTH: Files<'static> = &[(CONTROL_PLANE, NODE), (GATEWAY, NODE), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];

/// What is mounted as long as this lives.
struct Mount(PathBuf);

impl Mount {
    /// None without the right to mount.
    fn new(test: &str, args: &[&str], at: &Path) -> Option<Self> {
        let mut command = Command::new("mount");
        let done = command.args(args).arg(at).stderr(Stdio::null()).status();
        if done.is_ok_and(|status| status.success()) {
            return Some(Self(at.to_owned()));
        }
        eprintln!("skipped: {test} needs the right to mount");
        None
    }

    fn volume(test: &str, at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        Self::new(test, &["-t", "tmpfs", "tmpfs"], at)
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}

/// It is still mounted, and at its place.
fn device(path: &Path) -> u64 {
    fs::metadata(path).unwrap().dev()
}

#[test]
fn a_volume_for_a_node_stays_where_it_is() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let node = out.join("gateway-worker");
    let Some(_mount) = Mount::volume("a_volume_for_a_node_stays_where_it_is", &node) else { return };
    put(&node.join("mine.txt"), "mine");
    let volume = device(&node);
    let force = super::FORCE;
    for node_file in [NODE, OTHER, NODE] {
        let files = [(CONTROL_PLANE, node_file), (GATEWAY, node_file), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
        write(&out, &files, force).unwrap();
        assert_eq!(device(&node), volume);
        assert_eq!(device(&out.join(GATEWAY)), volume);
        assert_eq!(text(&out.join(GATEWAY)), node_file);
        assert_eq!(text(&out.join(CONTROL_PLANE)), node_file);
        assert_eq!(text(&node.join("mine.txt")), "mine");
        assert_tidy(&out, node_file);
    }
    // The node is no part of the output any more: its volume stays, and what is of others in it.
    write(&out, &whole(NODE, LIST), PLAIN).unwrap();
    assert_eq!(device(&node), volume);
    assert_eq!(all(&node).into_keys().collect::<Vec<_>>(), ["mine.txt"]);
}

#[test]
fn one_volume_may_be_in_another_and_a_part_of_it() {
    const NAME: &str = "one_volume_may_be_in_another_and_a_part_of_it";
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let node = out.join("control-plane");
    let Some(_outer) = Mount::volume(NAME, &node) else { return };
    // A part of the same volume: its device is that of the folder above.
    let (part, conf) = (node.join("part"), node.join("repository/conf"));
    fs::create_dir_all(&part).unwrap();
    fs::create_dir_all(&conf).unwrap();
    let Some(_inner) = Mount::new(NAME, &["--bind", part.to_str().unwrap()], &conf) else { return };
    write(&out, BOTH, PLAIN).unwrap();
    let files = [(CONTROL_PLANE, OTHER), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
    write(&out, &files, PLAIN).unwrap();
    assert_eq!(text(&part.join("deployment.toml")), OTHER);
    assert_tidy(&out, "a part of a volume");
}

#[test]
fn a_deployment_may_have_a_volume_of_its_own() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let Some(_mount) = Mount::volume("a_deployment_may_have_a_volume_of_its_own", &out.join("prod")) else { return };
    for node in [NODE, OTHER] {
        let files = [(CONTROL_PLANE, node)];
        let ours = [(CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
        write_units(
            &out,
            &[unit("prod", &files, &[]), unit("test", &files, &[]), unit("", &ours, &super::boxes())],
            PLAIN,
        )
        .unwrap();
        assert_eq!(text(&out.join("prod").join(CONTROL_PLANE)), node);
        assert_eq!(text(&out.join("test").join(CONTROL_PLANE)), node);
    }
    assert_tidy(&out, "a volume of a deployment");
}

#[test]
fn a_mounted_file_is_named_before_anything_moves() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    write(&out, BOTH, PLAIN).unwrap();
    let elsewhere = temp.path().join("elsewhere.toml");
    put(&elsewhere, NODE);
    let (from, at) = (elsewhere.to_str().unwrap(), out.join(GATEWAY));
    let Some(mount) = Mount::new("a_mounted_file_is_named_before_anything_moves", &["--bind", from], &at) else {
        return;
    };
    let before = all(&out);
    let files = [(CONTROL_PLANE, OTHER), (GATEWAY, OTHER), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
    let error = write(&out, &files, PLAIN).unwrap_err();
    assert!(matches!(&error, WriteError::Mounted(path) if path.ends_with(GATEWAY)), "{error}");
    assert!(error.to_string().contains("nothing was written"), "{error}");
    assert_eq!(all(&out), before);
    // While it does not change, it is in nobody's way.
    let files = [(CONTROL_PLANE, OTHER), (GATEWAY, NODE), (CHECKLIST, LIST), (REPORT, REPORT_TEXT)];
    write(&out, &files, PLAIN).unwrap();
    assert_eq!(text(&out.join(CONTROL_PLANE)), OTHER);
    drop(mount);
    assert_tidy(&out, "a mounted file");
}

#[test]
fn a_volume_that_cannot_be_written_is_named() {
    const NAME: &str = "a_volume_that_cannot_be_written_is_named";
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let node = out.join("gateway-worker");
    fs::create_dir_all(&node).unwrap();
    let Some(_mount) = Mount::new(NAME, &["-t", "tmpfs", "-o", "ro", "tmpfs"], &node) else { return };
    let error = write(&out, BOTH, PLAIN).unwrap_err().to_string();
    assert!(error.contains("gateway-worker") && error.contains("nothing was written"), "{error}");
    assert!(!error.contains("os error"), "{error}");
    assert_eq!(all(&out).into_keys().collect::<Vec<_>>(), ["gateway-worker/"]);
    assert_tidy(&out, "a volume that cannot be written");
}
