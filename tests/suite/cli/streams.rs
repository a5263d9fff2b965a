//! What the machine may refuse: a reader that goes away, a full disk behind stdout, threads.

use std::fs;
use std::io::Read as _;
use std::process::{Command, Stdio};

use super::{Scratch, files};

/// One command of each kind, in a folder with a deployment as `in` and a checked file as `out`.
const COMMANDS: [&[&str]; 13] = [
    &["plan", "in"],
    &["plan", "in", "--format", "json"],
    &["check", "out"],
    &["check", "out", "--format", "sarif"],
    &["explain", "server.offset"],
    &["explain", "server.offset", "--format", "json"],
    &["catalog", "search", "cache"],
    &["catalog", "schema"],
    &["completions", "bash"],
    &["mappings", "stats"],
    &["mappings", "docs"],
    &["--help"],
    &["convert", "in", "--out", "new"],
];

fn scratch() -> Scratch {
    let scratch = Scratch::of("five-node");
    scratch.convert(&[]);
    scratch
}

fn command(scratch: &Scratch, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    command.args(args).current_dir(scratch.0.path());
    command
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let scratch = scratch();
    for args in COMMANDS {
        let expected = scratch.run(args).exit;
        let _ = fs::remove_dir_all(scratch.path("new"));
        let mut child = command(&scratch, args).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // Nobody reads a byte.
        drop(child.stdout.take());
        let mut said = String::new();
        child.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        let code = child.wait().unwrap().code();
        let _ = fs::remove_dir_all(scratch.path("new"));
        assert_eq!(code, Some(expected), "{args:?}: {said}");
        assert!(!said.contains("error") && !said.contains("panicked"), "{args:?}: {said}");
    }
}

#[test]
fn a_full_disk_behind_stdout_is_told() {
    let scratch = scratch();
    for args in COMMANDS {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(&scratch, args).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        // The files of `convert` stand: something was written, but not all is said.
        let expected = if args[0] == "convert" { 3 } else { 1 };
        assert_eq!(output.status.code(), Some(expected), "{args:?}: {said}");
        assert!(said.contains("error: ") && !said.contains("panicked"), "{args:?}: {said}");
    }
    assert!(!files(&scratch.path("new")).is_empty());
}

#[test]
fn errors_that_nobody_can_be_told_do_no_harm() {
    let scratch = scratch();
    for args in [&["plan", "nowhere"][..], &["check", "nowhere"], &["plan", "in"], &["no-such-command"]] {
        let expected = scratch.run(args);
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let output = command(&scratch, args).stderr(full).output().unwrap();
        assert_eq!(output.status.code(), Some(expected.exit), "{args:?}");
        assert_eq!(String::from_utf8(output.stdout).unwrap(), expected.stdout, "{args:?}");
    }
}

#[test]
fn closed_streams_do_no_harm() {
    let scratch = scratch();
    for close in [">&-", "2>&-", ">&- 2>&-", "<&-"] {
        for args in ["plan in", "completions bash", "explain server.offset", "plan nowhere"] {
            let expected = scratch.run(&args.split(' ').collect::<Vec<_>>()).exit;
            let script = format!("exec \"$0\" {args} {close}");
            let output = Command::new("sh")
                .args(["-c", &script, env!("CARGO_BIN_EXE_apim-migrate")])
                .current_dir(scratch.0.path())
                .output()
                .unwrap();
            let said = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(expected), "{args} {close}: {said}");
            assert!(!said.contains("panicked"), "{said}");
        }
    }
}

#[test]
fn without_threads_it_goes_one_after_the_other() {
    let scratch = Scratch::new();
    let inputs = ["one", "two", "three"];
    for (name, case) in inputs.into_iter().zip(["all-in-one", "five-node", "hybrid"]) {
        scratch.copy(case, name);
    }
    let expected = scratch.run(&["plan", "one", "two", "three", "--format", "json"]);
    // No thread's stack fits into so little memory: none starts, and nothing else runs short.
    let script = "ulimit -v 1000000; exec \"$0\" plan one two three --format json";
    let output = Command::new("sh")
        .args(["-c", script, env!("CARGO_BIN_EXE_apim-migrate")])
        .envs([("RAYON_NUM_THREADS", "4"), ("RUST_MIN_STACK", "4000000000")])
        .current_dir(scratch.0.path())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(expected.exit), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected.stdout);
}
