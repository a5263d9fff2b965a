//! One named test for each sample deployment: `corpus/<case>` of the project, and worked cases and published
//! deployments beside the project where they exist (`../shared`, or the folder in `APIM_MIGRATE_SHARED`);
//! where they do not, the tests stand there by name, ignored.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::Value;

#[path = "data/answered.rs"]
mod answered;
#[path = "data/check.rs"]
mod check;
#[path = "data/edited.rs"]
mod edited;
#[path = "java/logging.rs"]
mod logging;
#[path = "data/told.rs"]
mod told;

/// What a case expects, beside the files in `out/`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    #[allow(dead_code, reason = "said for the reader")]
    shows: String,
    /// Another case's input.
    input: Option<String>,
    args: Vec<String>,
    exit: i32,
    open: Vec<String>,
    conflicts: Vec<String>,
    findings: Vec<String>,
    roles: BTreeMap<String, Vec<String>>,
    /// The codes of errors and warnings that `check` tells of the expected files; `suite` holds them against it.
    #[serde(default)]
    #[allow(dead_code, reason = "read by another test")]
    check: Vec<String>,
    /// Files of answers that are tried besides one answer to each question: what fits this input only.
    #[serde(default)]
    answers: Vec<String>,
}

fn main() {
    let arguments = Arguments::from_args();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut trials = Vec::new();
    let corpus = folders(&root.join("corpus"));
    for case in corpus.clone() {
        let (name, answers) = (format!("corpus::{}", name_of(&case)), case.clone());
        trials.push(Trial::test(format!("{name}::answered"), move || answered::compare(&answers)));
        trials.push(Trial::test(name, move || own_case(&case)));
    }
    // They are being written now.
    let written = std::env::var_os("UPDATE").is_some();
    let asked = Trial::test("corpus::questions", move || answered::covers_all_questions(&corpus));
    trials.push(asked.with_ignored_flag(written));
    let shared = std::env::var_os("APIM_MIGRATE_SHARED").map_or_else(|| root.join("../shared"), PathBuf::from);
    let examples = folders(&shared.join("examples"));
    trials.push(Trial::test("examples::present", || Ok(())).with_ignored_flag(examples.is_empty()));
    for case in examples {
        trials.push(Trial::test(format!("examples::{}", name_of(&case)), move || example(&case)));
    }
    let deployments = folders(&shared.join("corpus"));
    trials.push(Trial::test("deployments::present", || Ok(())).with_ignored_flag(deployments.is_empty()));
    let truth = std::fs::read_to_string(shared.join("corpus/truth.json")).unwrap_or_default();
    let truth: Value = serde_json::from_str(&truth).unwrap_or_default();
    for deployment in deployments {
        let name = name_of(&deployment);
        let version = truth[&name]["version"].as_str().unwrap_or_default();
        if name.starts_with('_') || version.is_empty() {
            continue;
        }
        let modern = version.starts_with('4');
        trials.push(Trial::test(format!("deployments::{name}"), move || {
            published(&deployment)?;
            if modern { edited::published(&deployment) } else { edited::comes_back(&deployment, "current") }
        }));
    }
    trials.extend(check::trials(&shared, &truth));
    trials.extend(logging::trials(root));
    libtest_mimic::run(&arguments, trials).exit();
}

fn folders(of: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(of)
        .map(|entries| {
            entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).filter(|path| path.is_dir()).collect()
        })
        .unwrap_or_default();
    found.sort();
    found
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// A run of `convert`.
struct Run {
    exit: i32,
    stderr: String,
    out: PathBuf,
    _scratch: tempfile::TempDir,
}

fn convert(input: &Path, args: &[String]) -> Result<Run, Failed> {
    let scratch = tempfile::tempdir()?;
    let out = scratch.path().join("out");
    let output = Command::new(env!("CARGO_BIN_EXE_apim-migrate"))
        .arg("convert")
        .arg(input)
        .arg("--out")
        .arg(&out)
        .args(args)
        .output()?;
    Ok(Run {
        exit: output.status.code().unwrap_or(-1),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        out,
        _scratch: scratch,
    })
}

fn report(run: &Run) -> Result<Value, Failed> {
    let text = std::fs::read_to_string(run.out.join("migration-report.json"))
        .map_err(|error| format!("no report ({error}); exit {}: {}", run.exit, run.stderr))?;
    Ok(serde_json::from_str(&text)?)
}

/// All files below a folder, by their path in it.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut todo = vec![folder.to_path_buf()];
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                todo.push(path);
            } else if path.extension().is_some_and(|extension| extension == "toml" || extension == "properties") {
                let name =
                    path.strip_prefix(folder).map(|path| path.to_string_lossy().into_owned()).unwrap_or_default();
                found.insert(name, std::fs::read_to_string(&path).unwrap_or_default());
            }
        }
    }
    found
}

fn same_files(expected: &Path, written: &Path) -> Result<(), Failed> {
    let (expected, written) = (files(expected), files(written));
    let names: BTreeSet<&String> = expected.keys().chain(written.keys()).collect();
    let mut difference = String::new();
    for name in names {
        let [old, new] = [expected.get(name), written.get(name)].map(|text| text.map_or("", String::as_str));
        if old != new {
            let diff = similar::TextDiff::from_lines(old, new);
            difference.push_str(
                &diff.unified_diff().header(&format!("expected {name}"), &format!("written {name}")).to_string(),
            );
        }
    }
    if difference.is_empty() { Ok(()) } else { Err(format!("the files differ\n{difference}").into()) }
}

fn texts<'v>(values: impl IntoIterator<Item = &'v Value>) -> BTreeSet<String> {
    values.into_iter().filter_map(Value::as_str).map(str::to_owned).collect()
}

fn all<'v>(report: &'v Value, field: &str) -> Vec<&'v Value> {
    report["deployments"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|deployment| deployment[field].as_array())
        .flatten()
        .collect()
}

fn case_of(folder: &Path) -> Result<Case, Failed> {
    Ok(toml::from_str(&std::fs::read_to_string(folder.join("case.toml"))?)?)
}

fn own_case(folder: &Path) -> Result<(), Failed> {
    let case = case_of(folder)?;
    let input = case.input.as_ref().map_or_else(|| folder.join("in"), |input| folder.join(input));
    let run = convert(&input, &case.args)?;
    let report = report(&run)?;
    let mut wrong = Vec::new();
    for held in [same_files(&folder.join("out"), &run.out), told::compare(folder, &report)] {
        if let Err(failed) = held {
            wrong.push(failed.message().unwrap_or_default().to_owned());
        }
    }
    let list = folder.join("out/CHECKLIST.md");
    if list.exists() {
        let [expected, written] = [list, run.out.join("CHECKLIST.md")].map(std::fs::read_to_string);
        let (expected, written) = (expected?, written?);
        if expected != written {
            let diff = similar::TextDiff::from_lines(&expected, &written);
            let diff = diff.unified_diff().header("expected CHECKLIST.md", "written CHECKLIST.md").to_string();
            wrong.push(format!("the checklists differ\n{diff}"));
        }
    }
    let mut check = |what: &str, expected: BTreeSet<String>, found: BTreeSet<String>| {
        if expected != found {
            let missing: Vec<_> = expected.difference(&found).collect();
            let extra: Vec<_> = found.difference(&expected).collect();
            wrong.push(format!("{what}: missing {missing:?}, not expected {extra:?}"));
        }
    };
    let open = all(&report, "decisions").into_iter().filter(|decision| decision["open"] == true);
    check("open decisions", case.open.into_iter().collect(), texts(open.map(|decision| &decision["id"])));
    let conflicts = all(&report, "conflicts").into_iter().map(|conflict| &conflict["key"]);
    check("conflicts", case.conflicts.into_iter().collect(), texts(conflicts));
    let findings = all(&report, "findings").into_iter().map(|finding| &finding["code"]);
    check("findings", case.findings.into_iter().collect(), texts(findings));
    let mut roles: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for deployment in report["deployments"].as_array().into_iter().flatten() {
        for node in deployment["source"]["nodes"].as_array().into_iter().flatten() {
            let name = node["name"].as_str().unwrap_or_default().to_owned();
            roles.insert(name, texts(node["roles"].as_array().into_iter().flatten()).into_iter().collect());
        }
    }
    if roles != case.roles {
        wrong.push(format!("roles: expected {:?}, found {roles:?}", case.roles));
    }
    if run.exit != case.exit {
        wrong.push(format!("exit code: expected {}, found {}: {}", case.exit, run.exit, run.stderr));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// A worked case: its name says the target, where it is not the default.
fn example(folder: &Path) -> Result<(), Failed> {
    let name = name_of(folder);
    let (case, args) = match name.split_once(".target-") {
        Some((case, target)) => (case.to_owned(), vec!["--target".to_owned(), target.to_owned()]),
        None => (name, Vec::new()),
    };
    // The files of 3.x are edited in place: what they say counts, not how it is written (B.8).
    let edited = case.starts_with('3');
    let run = convert(&folder.with_file_name(case).join("in"), &args)?;
    if edited {
        same_values(&folder.join("expected"), &run.out)
    } else {
        same_files(&folder.join("expected"), &run.out)
    }
}

/// Compares files as parsed TOML.
fn same_values(expected: &Path, written: &Path) -> Result<(), Failed> {
    let parsed = |folder: &Path| -> Result<BTreeMap<String, toml::Table>, Failed> {
        let parse = |(name, text): (String, String)| Ok((name, toml::from_str(&text)?));
        files(folder).into_iter().filter(|(name, _)| name.ends_with("/deployment.toml")).map(parse).collect()
    };
    let (expected, written) = (parsed(expected)?, parsed(written)?);
    let names: BTreeSet<&String> = expected.keys().chain(written.keys()).collect();
    let mut wrong = String::new();
    for name in names.into_iter().filter(|name| expected.get(*name) != written.get(*name)) {
        let shown = |table: Option<&toml::Table>| table.map(toml::Table::to_string).unwrap_or_default();
        let (old, new) = (shown(expected.get(name)), shown(written.get(name)));
        let diff = similar::TextDiff::from_lines(&old, &new);
        wrong
            .push_str(&diff.unified_diff().header(&format!("expected {name}"), &format!("written {name}")).to_string());
    }
    if wrong.is_empty() { Ok(()) } else { Err(format!("the files differ\n{wrong}").into()) }
}

/// A published deployment: it converts, what is written is TOML, the ledger adds up, and nothing of the two core
/// files is unknown.
fn published(folder: &Path) -> Result<(), Failed> {
    let run = convert(folder, &[])?;
    if run.exit == 1 {
        return Err(format!("not converted: {}", run.stderr).into());
    }
    let report = report(&run)?;
    for (name, text) in files(&run.out).into_iter().filter(|(name, _)| name.ends_with("/deployment.toml")) {
        toml::from_str::<toml::Table>(&text).map_err(|error| format!("{name}: {error}"))?;
    }
    for deployment in report["deployments"].as_array().into_iter().flatten() {
        let settings = deployment["settings"].as_array().map_or(&[][..], Vec::as_slice);
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for setting in settings {
            *counted.entry(setting["outcome"].as_str().unwrap_or_default()).or_default() += 1;
            let core = ["api-manager.xml", "jndi.properties", "deployment.toml"]
                .iter()
                .any(|file| setting["file"].as_str().is_some_and(|path| path.ends_with(file)));
            if core && setting["outcome"] == "unknown" {
                return Err(format!("unknown: {} {}", setting["file"], setting["path"]).into());
            }
        }
        let counts = &deployment["counts"];
        if counts["read"].as_u64() != Some(settings.len() as u64) {
            return Err(format!("{} leaves read, {} reported", counts["read"], settings.len()).into());
        }
        for outcome in ["converted", "absorbed", "default", "manual", "retired", "unknown"] {
            if counts[outcome].as_u64() != Some(counted.get(outcome).copied().unwrap_or_default()) {
                return Err(format!(
                    "{outcome}: {} counted, {} reported",
                    counted.get(outcome).copied().unwrap_or_default(),
                    counts[outcome]
                )
                .into());
            }
        }
    }
    Ok(())
}
