//! The command from outside: what goes where, and with which code.

use assert_cmd::Command;

fn command(args: &[&str]) -> std::process::Output {
    Command::cargo_bin("apim-migrate").unwrap().args(args).output().unwrap()
}

#[test]
fn help_is_a_result() {
    let output = command(&["--help"]);
    assert_eq!(output.status.code(), Some(0));
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("plan") && text.contains("convert") && text.contains("Exit codes: 0"), "{text}");
}

#[test]
fn a_wrong_command_line_is_an_error_of_its_own() {
    for args in [&[][..], &["plan"], &["convert", "x"], &["plan", "x", "--target", "5.0"], &["plan", "x", "--force"]] {
        let output = command(args);
        assert_eq!(output.status.code(), Some(1), "{args:?}");
        assert!(output.stdout.is_empty() && !output.stderr.is_empty(), "{args:?}");
    }
}

#[test]
fn a_missing_input_is_one_error_and_writes_nothing() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let output = command(&["convert", "no-such-folder", "--out", out.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.starts_with("error: ") && text.contains("no-such-folder"), "{text}");
    assert!(output.stdout.is_empty() && !out.exists());
}

#[test]
fn mistakes_in_the_answers_are_told_before_anything_is_read() {
    let temp = tempfile::tempdir().unwrap();
    let answers = temp.path().join("answers.toml");
    std::io::Write::write_all(&mut std::fs::File::create(&answers).unwrap(), b"secrets = 1\n").unwrap();
    let output = command(&["plan", "no-such-folder", "--decisions", answers.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("answers.toml:1:11: `1` does not answer `secrets`"), "{text}");
}

#[test]
fn the_output_folder_is_never_the_input() {
    let temp = tempfile::tempdir().unwrap();
    let folder = temp.path().to_str().unwrap();
    let output = command(&["convert", folder, "--out", folder, "--force"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("the output folder holds the input"));
}

#[test]
fn whole_logging_needs_the_product() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let whole = ["convert", "corpus/logging/in", "--log4j2", "whole", "--out", out.to_str().unwrap()];
    let nowhere = ["--product", "no-such-home"];
    for (more, told) in [(&[][..], "--product HOME"), (&nowhere, "no-such-home/repository/conf/log4j2.properties")] {
        let output = command(&[&whole[..], more].concat());
        assert_eq!(output.status.code(), Some(1));
        assert!(String::from_utf8(output.stderr).unwrap().contains(told) && !out.exists());
    }
}

#[test]
fn logging_is_shown_and_replaced_like_every_other_file() {
    let plan = command(&["plan", "corpus/logging/in"]);
    let text = String::from_utf8(plan.stdout).unwrap();
    assert!(text.contains("\nappender.WIRE_LOG.type = File\n") && !text.contains("tell-nobody"), "{text}");
    assert!(text.contains("log4j2.additions.properties:logger.com-example-workflow.level"), "{text}");
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    for _ in 0..2 {
        // The second time the folder holds an earlier output of ours, and nothing foreign.
        let output = command(&["convert", "corpus/logging/in", "--out", out.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let written = out.join("control-plane/repository/conf/log4j2.additions.properties");
    assert!(!std::fs::read_to_string(written).unwrap().contains("tell-nobody"));
}
