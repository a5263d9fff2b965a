//! The command killed for good, at moments spread over its run: the output is the earlier or the new one, and the next run
//! leaves nothing of the killed one.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::{all, assert_tidy};

const KILLS: u32 = 12;

fn convert(folder: &Path, target: &str) -> Child {
    let input = format!("{}/corpus/five-node-ha/in", env!("CARGO_MANIFEST_DIR"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    command.args(["convert", &input, "--out", "out", "--target", target]).current_dir(folder);
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

#[test]
fn a_killed_run_leaves_the_earlier_or_the_new_output() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let outputs = ["current", "4.5"].map(|target| {
        assert_ne!(convert(temp.path(), target).wait().unwrap().code(), Some(1));
        all(&out)
    });
    assert_ne!(outputs[0], outputs[1]);
    let started = Instant::now();
    convert(temp.path(), "current").wait().unwrap();
    let whole = started.elapsed();
    for number in 0..KILLS {
        // Most moments are those at which files are written: the last part of a run.
        let part = 0.5 + 0.5 * f64::from(number) / f64::from(KILLS);
        let target = ["4.5", "current"][number as usize % 2];
        let mut run = convert(temp.path(), target);
        std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * part));
        run.kill().unwrap();
        run.wait().unwrap();
        let found = all(&out);
        assert!(outputs.contains(&found), "after kill {number}: {:?}", found.keys());
        let code = convert(temp.path(), target).wait().unwrap().code();
        assert_ne!(code, Some(1), "after kill {number}");
        assert_eq!(all(&out), outputs[(number as usize + 1) % 2], "after kill {number}");
        assert_tidy(&out, &format!("after kill {number}"));
    }
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
}

#[test]
fn a_run_that_is_asked_to_end_leaves_nothing() {
    use std::os::unix::process::ExitStatusExt as _;
    let temp = tempfile::tempdir().unwrap();
    let started = Instant::now();
    convert(temp.path(), "current").wait().unwrap();
    let whole = started.elapsed();
    let expected = all(&temp.path().join("out"));
    for number in 0..6_u32 {
        let temp = tempfile::tempdir().unwrap();
        let run = convert(temp.path(), "current");
        std::thread::sleep(Duration::from_secs_f64(whole.as_secs_f64() * (0.7 + 0.05 * f64::from(number))));
        let signal = ["-TERM", "-QUIT", "-HUP"][number as usize % 3];
        let kill = Command::new("kill").args([signal, &run.id().to_string()]).stderr(Stdio::null()).status().unwrap();
        let status = { run }.wait().unwrap();
        assert!(kill.success() || status.signal().is_none());
        let out = temp.path().join("out");
        assert!(!out.exists() || all(&out) == expected, "{number}: {:?}", all(&out).keys());
        assert_tidy(&out, &number.to_string());
    }
}

#[test]
fn a_run_that_may_not_write_so_much_leaves_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let input = format!("{}/corpus/five-node-ha/in", env!("CARGO_MANIFEST_DIR"));
    // Blocks of 512 bytes: the report is longer than that.
    let script = "ulimit -f 16; exec \"$0\" convert \"$1\" --out out";
    let mut command = Command::new("sh");
    command.args(["-c", script, env!("CARGO_BIN_EXE_apim-migrate"), &input]).current_dir(temp.path());
    let run = command.stdout(Stdio::null()).output().unwrap();
    let told = String::from_utf8_lossy(&run.stderr);
    assert_eq!(run.status.code(), Some(1), "{:?}: {told}", run.status);
    assert!(told.contains("nothing was written") && !told.contains("os error"), "{told}");
    assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 0);
}
