//! The same from outside, with the command.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use super::{all, edit, put, text};

fn sample(name: &str) -> String {
    format!("{}/corpus/{name}/in", env!("CARGO_MANIFEST_DIR"))
}

/// Converts in this folder.
fn convert(folder: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    command.arg("convert").args(args).args(["--out", "out"]).current_dir(folder).output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

const NODE: &str = "all-in-one/repository/conf/deployment.toml";

#[test]
fn a_second_conversion_carries_over_what_was_filled_in() {
    let temp = tempfile::tempdir().unwrap();
    let input = sample("secure-vault");
    assert_ne!(convert(temp.path(), &[&input]).status.code(), Some(1));
    let out = temp.path().join("out");
    let node = text(&out.join(NODE));
    let alias = node.lines().find(|line| line.ends_with("= \"[REPLACE_ME]\"")).unwrap().to_owned();
    edit(&out.join(NODE), &alias, &alias.replace("[REPLACE_ME]", "c2VhbGVk"));
    let list = text(&out.join("CHECKLIST.md"));
    let point = list.lines().find(|line| line.starts_with("- [ ] **all-in-one**")).unwrap().to_owned();
    edit(&out.join("CHECKLIST.md"), &point, &point.replacen("[ ]", "[x]", 1));
    let filled = all(&out);

    let again = convert(temp.path(), &[&input]);
    assert_ne!(again.status.code(), Some(1), "{}", stderr(&again));
    assert_eq!(all(&out), filled);
    assert!(stderr(&again).contains("[secrets]: 1, ticks in CHECKLIST.md: 1"), "{}", stderr(&again));

    // For another target other files come, and what was filled in comes along.
    let other = convert(temp.path(), &[&input, "--target", "4.5"]);
    assert_ne!(other.status.code(), Some(1), "{}", stderr(&other));
    assert!(text(&out.join(NODE)).contains("c2VhbGVk"));
    assert!(text(&out.join("CHECKLIST.md")).contains("- [x] "), "{}", text(&out.join("CHECKLIST.md")));
}

#[test]
fn an_edited_file_stops_the_conversion() {
    let temp = tempfile::tempdir().unwrap();
    let input = sample("all-in-one");
    convert(temp.path(), &[&input]);
    let out = temp.path().join("out");
    let mine = text(&out.join(NODE)) + "\n[my.own]\nkey = \"value\"\napi_token_password = \"sesame\"\n";
    put(&out.join(NODE), &mine);
    let stopped = convert(temp.path(), &[&input]);
    let told = stderr(&stopped);
    assert_eq!(stopped.status.code(), Some(1), "{told}");
    for word in ["--keep-edited", "--force", "--out", NODE] {
        assert!(told.contains(word), "{told}");
    }
    // The difference stands on lines of its own, and nothing of it is cut.
    for line in ["    +[my.own]", "    +key = \"value\"", "    +api_token_password = \"********\""] {
        assert!(told.lines().any(|told| told == line), "`{line}` is not in: {told}");
    }
    assert!(!told.contains("sesame") && !told.contains("apim-secret") && stopped.stdout.is_empty(), "{told}");
    assert_eq!(text(&out.join(NODE)), mine);

    let kept = convert(temp.path(), &[&input, "--keep-edited"]);
    assert!(stderr(&kept).contains(&format!("kept as it was changed by hand: {NODE}")), "{}", stderr(&kept));
    assert_eq!(text(&out.join(NODE)), mine);
    let first = |run: &std::process::Output| stderr(run).lines().next().unwrap_or_default().to_owned();
    assert_eq!(
        first(&kept),
        "of 3 files in out none is written anew: 2 are as before, 1 stays as it was changed by hand"
    );
    let shown = String::from_utf8(kept.stdout).unwrap();
    let stays = format!("  {NODE}  not written: it stays as it was changed by hand");
    assert!(shown.lines().any(|line| line == stays), "{shown}");
    let other = convert(temp.path(), &[&input, "--keep-edited", "--target", "4.0"]);
    assert_eq!(first(&other), "1 of 3 files are written to out: 1 is as before, 1 stays as it was changed by hand");
    assert_eq!(text(&out.join(NODE)), mine);
    let forced = convert(temp.path(), &[&input, "--force"]);
    assert_eq!(forced.status.code(), Some(0), "{}", stderr(&forced));
    assert!(!text(&out.join(NODE)).contains("sesame"));
}

#[test]
fn deployments_have_folders_of_their_own() {
    let temp = tempfile::tempdir().unwrap();
    for name in ["one", "CHECKLIST.md", "con", "ü ber"] {
        let from = std::path::PathBuf::from(sample("all-in-one")).join("apim/repository/conf");
        for file in ["api-manager.xml", "carbon.xml", "user-mgt.xml", "datasources/master-datasources.xml"] {
            put(&temp.path().join(name).join("apim/repository/conf").join(file), &text(&from.join(file)));
        }
    }
    let inputs = ["one", "CHECKLIST.md", "con", "ü ber"];
    let run = convert(temp.path(), &inputs);
    assert_ne!(run.status.code(), Some(1), "{}", stderr(&run));
    let out = temp.path().join("out");
    for folder in ["one", "_CHECKLIST.md", "_con", "ü ber"] {
        assert!(out.join(folder).join(NODE).is_file(), "{:?}", all(&out).into_keys());
        assert!(out.join(folder).join(".apim-migrate.json").is_file());
    }
    let again = convert(temp.path(), &inputs);
    assert!(stderr(&again).contains("none is written anew"), "{}", stderr(&again));
    // The last one is left out: its folder goes, and the others stay the same files.
    let before = fs::metadata(out.join("one").join(NODE)).unwrap().modified().unwrap();
    convert(temp.path(), &inputs[..3]);
    assert!(!out.join("ü ber").exists());
    assert_eq!(fs::metadata(out.join("one").join(NODE)).unwrap().modified().unwrap(), before);
}

#[test]
fn decisions_of_a_person_are_not_overwritten() {
    let temp = tempfile::tempdir().unwrap();
    let plan = |name: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
        let input = sample("five-node");
        command.args(["plan", &input, "--quiet", "--write-decisions", name]).current_dir(temp.path()).output().unwrap()
    };
    assert_ne!(plan("answers.toml").status.code(), Some(1));
    let written = text(&temp.path().join("answers.toml"));
    assert_ne!(plan("answers.toml").status.code(), Some(1), "the same again is fine");
    put(&temp.path().join("answers.toml"), &written.to_uppercase());
    assert_eq!(plan("answers.toml").status.code(), Some(1));
    assert_eq!(text(&temp.path().join("answers.toml")), written.to_uppercase());
    #[cfg(unix)]
    assert_eq!(plan("/dev/zero").status.code(), Some(1), "a device has no end");
}

#[cfg(target_os = "linux")]
#[test]
fn decisions_that_stand_are_told_when_the_result_cannot_be_shown() {
    let temp = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let full = fs::File::options().write(true).open("/dev/full").unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
        command.arg("plan").arg(sample("five-node")).args(args).current_dir(temp.path()).stdout(full).output().unwrap()
    };
    let written = run(&["--write-decisions", "answers.toml"]);
    assert_eq!(written.status.code(), Some(3), "{}", stderr(&written));
    assert!(stderr(&written).contains("the decisions are written to answers.toml, but"), "{}", stderr(&written));
    assert!(temp.path().join("answers.toml").is_file());
    assert_eq!(run(&[]).status.code(), Some(1));
}

/// A copy of a sample in a folder of this name.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() { copy(&path, &to) } else { fs::copy(&path, &to).map(drop).unwrap() }
    }
}

#[test]
fn ticks_outlive_another_name_of_the_input() {
    let temp = tempfile::tempdir().unwrap();
    for name in ["shop", "shop-of-may"] {
        copy(Path::new(&sample("five-node")), &temp.path().join(name));
    }
    assert_ne!(convert(temp.path(), &["shop"]).status.code(), Some(1));
    let list = temp.path().join("out/CHECKLIST.md");
    put(&list, &text(&list).replace("- [ ] ", "- [x] "));
    let ticks = text(&list).matches("- [x] ").count();
    let again = convert(temp.path(), &["shop-of-may"]);
    assert_ne!(again.status.code(), Some(1), "{}", stderr(&again));
    assert!(stderr(&again).contains(&format!("ticks in CHECKLIST.md: {ticks}")), "{}", stderr(&again));
    assert_eq!(text(&list).matches("- [x] ").count(), ticks);
}

#[test]
fn what_was_kept_for_no_node_is_told_by_each_run_and_by_check() {
    let temp = tempfile::tempdir().unwrap();
    copy(Path::new(&sample("all-in-one")), &temp.path().join("one"));
    copy(Path::new(&sample("secure-vault")), &temp.path().join("two"));
    let told = |output: &Output| stderr(output).contains("part of no node any more: two/all-in-one");
    convert(temp.path(), &["one", "two"]);
    let left = temp.path().join("out/two").join(NODE);
    edit(&left, "[server]", "# mine\n[server]");
    assert_eq!(convert(temp.path(), &["one"]).status.code(), Some(1));
    let kept = convert(temp.path(), &["one", "--keep-edited"]);
    assert!(told(&kept), "{}", stderr(&kept));
    for _ in 0..2 {
        let again = convert(temp.path(), &["one"]);
        assert!(again.status.code() != Some(1) && told(&again), "{}", stderr(&again));
        assert!(left.is_file());
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    let check = command.args(["check", "out"]).current_dir(temp.path()).output().unwrap();
    let said = String::from_utf8_lossy(&check.stdout);
    assert!(said.contains("output-left") && said.contains("out/two/all-in-one"), "{said}");
    let forced = convert(temp.path(), &["one", "--force"]);
    assert!(stderr(&forced).contains("removed"), "{}", stderr(&forced));
    assert!(!temp.path().join("out/two").exists());
    assert!(!told(&convert(temp.path(), &["one"])));
}

/// A folder with an all-in-one server whose gateway environment has this name.
fn with_environment(temp: &Path, name: &str) {
    copy(Path::new(&sample("all-in-one")), &temp.join("in"));
    edit(&temp.join("in/apim/repository/conf/api-manager.xml"), "Production and Sandbox", name);
}

#[test]
fn the_name_of_an_environment_stays_whole_in_a_file_of_decisions() {
    let temp = tempfile::tempdir().unwrap();
    with_environment(temp.path(), "API Token: Partner");
    let plan = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
        command.args(["plan", "in"]).args(args).current_dir(temp.path()).output().unwrap()
    };
    let written = plan(&["--write-decisions", "answers.toml"]);
    assert!(String::from_utf8_lossy(&written.stdout).contains("environment-name (API Token: Partner)"));
    let answers = text(&temp.path().join("answers.toml"));
    assert!(answers.contains("environment-name.\"API Token: Partner\" = \"keep\""), "{answers}");
    let with = plan(&["--decisions", "answers.toml"]);
    assert_ne!(with.status.code(), Some(1), "{}", stderr(&with));
}

#[test]
fn what_cannot_be_seen_is_written_as_its_number() {
    let temp = tempfile::tempdir().unwrap();
    let name = "Sand\u{202e}b\u{2028}o\u{85}x";
    with_environment(temp.path(), name);
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    let plan = ["plan", "in", "--write-decisions", "answers.toml"];
    command.args(plan).current_dir(temp.path()).output().unwrap();
    assert_ne!(convert(temp.path(), &["in", "--annotate"]).status.code(), Some(1));
    let node = text(&temp.path().join("out").join(NODE));
    for file in [&node, &text(&temp.path().join("answers.toml"))] {
        assert!(!file.contains(['\u{202e}', '\u{2028}', '\u{85}']), "{file:?}");
        file.parse::<toml::Table>().unwrap();
    }
    let read: toml::Table = node.parse().unwrap();
    assert_eq!(read["apim"]["gateway"]["environment"][0]["name"].as_str(), Some(name));
}

#[test]
fn long_lists_are_cut_as_long_texts_are() {
    let temp = tempfile::tempdir().unwrap();
    copy(Path::new(&sample("all-in-one")), &temp.path().join("in"));
    let headers: Vec<String> = (0..2000).map(|number| format!("x-header-{number}")).collect();
    let known = "authorization,Access-Control-Allow-Origin,Content-Type,SOAPAction";
    edit(&temp.path().join("in/apim/repository/conf/api-manager.xml"), known, &headers.join(","));
    let mut command = Command::new(env!("CARGO_BIN_EXE_apim-migrate"));
    let plan = command.args(["plan", "in"]).current_dir(temp.path()).output().unwrap();
    let shown = String::from_utf8(plan.stdout).unwrap();
    let key = shown.lines().find(|line| line.contains("→ apim.cors.allow_headers = [\"x-header-0\"")).unwrap();
    assert!(key.chars().count() < 800, "{}", key.len());
}
