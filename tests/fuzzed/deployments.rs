//! Whole deployments, and `check`.

use apim_migrate::check::read::Against;
use apim_migrate::check::report::{Levels, Report as CheckReport, sarif, text as check_text};
use apim_migrate::decision::Decisions;
use apim_migrate::json;
use apim_migrate::options::Options;
use apim_migrate::pipeline::{self, MigrateError};
use apim_migrate::report::build::{self, NodeFile};
use apim_migrate::report::model::Report;
use apim_migrate::report::status::FailOn;
use apim_migrate::report::{checklist, text};
use apim_migrate::text::Parts as _;
use apim_migrate::version::Target;
use clap::ValueEnum as _;

use super::bundle::{Bundle, Files};
use super::draw::{MARKED, drawn};
use super::readers::TABLES;

/// What `plan` shows and `convert` writes.
struct Made {
    report: Report,
    files: Vec<Vec<NodeFile>>,
}

fn target_of(bundle: &Bundle) -> Target {
    Target::from_str(&bundle.target, false).unwrap_or_default()
}

fn make(files: &Files, target: Target) -> Option<Made> {
    let material = pipeline::in_memory("apim", files.clone());
    let options = Options { target, ..Options::default() };
    let migration = match apim_migrate::migrate(&material, &options, &TABLES, &Decisions::default()) {
        Ok(migration) => migration,
        Err(error) => {
            assert_no_bug(&error.reason());
            return None;
        }
    };
    // A bug costs its deployment and the run goes on: here it is a fault.
    migration.left_out.iter().for_each(|one| assert_no_bug(&one.reason));
    for deployment in &migration.deployments {
        let leaves: usize = deployment.nodes.iter().map(|node| node.settings.settings.len()).sum();
        assert_eq!(deployment.lines.len(), leaves, "the ledger has a line for each leaf");
    }
    let (report, files) = build::report(vec![build::input(&migration, false)], &options, &TABLES);
    Some(Made { report, files })
}

fn assert_no_bug(reason: &str) {
    assert!(!reason.contains("a bug") && !reason.contains("ledger does not close"), "{reason}");
}

/// All that a person or a program is shown.
fn shown(made: &Made) -> String {
    let context = || text::Context {
        files: &made.files,
        tables: &TABLES,
        inputs: "in",
        answers: None,
        secrets: false,
        fail_on: FailOn::default(),
    };
    [
        json::text(&made.report),
        text::plan(&made.report, context()),
        text::convert(&made.report, context(), "out", &[]),
        checklist::markdown(&made.report).text,
    ]
    .concat()
}

pub fn deployments(bytes: &[u8]) {
    let bundle = Bundle::read(bytes).unwrap_or_else(|| drawn(bytes, false));
    let target = target_of(&bundle);
    let Some(made) = make(&bundle.files, target) else { return };
    let report = json::text(&made.report);
    let mut sum = apim_migrate::report::model::Counts::default();
    for deployment in &made.report.deployments {
        let mut counts = apim_migrate::report::model::Counts::default();
        deployment.settings.iter().for_each(|setting| counts.add(setting.outcome));
        assert_eq!(json::text(&counts), json::text(&deployment.counts), "{}: the counts add up", deployment.name);
        sum += counts;
    }
    assert_eq!(json::text(&sum), json::text(&made.report.totals), "the totals add up");
    // What differs between two runs differs for any input: each fourth tells.
    if bytes.len().is_multiple_of(4) {
        let again = make(&bundle.files, target).expect("what was made once is made again");
        let texts = |made: &Made| -> Vec<(String, String)> {
            made.files.iter().flatten().map(|file| (file.path.clone(), file.text.clone())).collect()
        };
        assert_eq!(texts(&made), texts(&again), "the same input gives the same files");
        assert_eq!(report, json::text(&again.report), "the same input gives the same report");
    }
    let all = shown(&made);
    if bundle.tidy {
        let at = all.find(MARKED);
        leak(&bundle, "plan", &all, at);
    }
    for file in made.files.iter().flatten() {
        let parsed = file.text.parse::<toml_edit::DocumentMut>();
        assert!(parsed.is_ok(), "{}: {}", file.path, parsed.err().map(|error| error.to_string()).unwrap_or_default());
    }
    for (files, deployment) in made.files.iter().zip(&made.report.deployments) {
        // What is incomplete is another deployment when it is read again.
        if deployment.target.nodes.iter().any(|node| !node.written) {
            continue;
        }
        if let Err(change) = once_more(files, target) {
            open(&bundle, &change);
        }
    }
}

/// A secret that is shown is kept as a change is.
fn leak(bundle: &Bundle, command: &str, all: &str, at: Option<usize>) {
    if let Some(at) = at {
        open(bundle, &format!("{command} shows a password\n+{command} shows = {}", around(all, at)));
    }
}

/// A change of what was written already, which is told by the keys that change: with `APIM_MIGRATE_FUZZ_OPEN=FOLDER` the
/// smallest input of each such kind is kept there, and the run goes on; else it is a finding as any other.
#[allow(clippy::disallowed_methods, reason = "no output of the program is written")]
fn open(bundle: &Bundle, change: &str) {
    let Some(folder) = std::env::var_os("APIM_MIGRATE_FUZZ_OPEN") else { panic!("{change}") };
    let key = |line: &str| line.split('=').next().unwrap_or(line).trim().to_owned();
    let mut keys: Vec<String> = change.lines().skip(1).filter(|line| line.starts_with(['+', '-'])).map(key).collect();
    keys.dedup();
    keys.truncate(4);
    let name: String =
        keys.join("_").chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '.' }).take(120).collect();
    let file = std::path::Path::new(&folder).join(if name.is_empty() { "nodes".to_owned() } else { name });
    let text = bundle.write();
    if std::fs::metadata(&file).map_or(true, |known| known.len() > text.len() as u64) {
        let _ = std::fs::write(&file, text);
    }
}

/// Converting what was written changes nothing; else what it changes.
fn once_more(files: &[NodeFile], target: Target) -> Result<(), String> {
    // A deployment of several has a folder of its own: the node's name and what follows remain.
    let short = |file: &NodeFile| {
        let parts: Vec<&str> = file.path.split('/').collect();
        parts[parts.len().saturating_sub(4)..].join("/")
    };
    let mut input: Files = files.iter().map(|file| (short(file), file.text.clone().into_bytes())).collect();
    // A deployment's files always lie beside a record that says that they are one.
    let target_word = target.word();
    let record = format!("{{\"tool\": {{\"name\": \"apim-migrate\"}}, \"target\": \"{target_word}\"}}");
    // Without it the files are as they are after they were copied: these may be of another version to the reader.
    if std::env::var_os("APIM_MIGRATE_FUZZ_COPIED").is_none() {
        input.push((".apim-migrate.json".to_owned(), record.into_bytes()));
    }
    if files.is_empty() {
        return Ok(());
    }
    let Some(made) = make(&input, target) else { return Err("nothing\n-what was written cannot be read".to_owned()) };
    let mut again: Vec<(String, &str)> =
        made.files.iter().flatten().map(|file| (short(file), file.text.as_str())).collect();
    again.sort();
    let mut before: Vec<(String, &str)> = files.iter().map(|file| (short(file), file.text.as_str())).collect();
    before.sort();
    let names = |files: &[(String, &str)]| files.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>();
    if names(&before) != names(&again) {
        let lines = |names: Vec<String>, sign: &str| {
            names.into_iter().flat_map(|name| ["\n".to_owned(), sign.to_owned(), name]).collect::<String>()
        };
        let (before, again) = (lines(names(&before), "-"), lines(names(&again), "+"));
        return Err(format!("converting the output again for {target} gives other nodes:{before}{again}"));
    }
    for ((path, before), (_, again)) in before.iter().zip(&again) {
        if before != again {
            let diff = similar::TextDiff::from_lines(*before, *again);
            let diff = diff.unified_diff().context_radius(1).to_string();
            return Err(format!("converting the output again for {target} changes {path}:\n{diff}"));
        }
    }
    Ok(())
}

fn around(text: &str, at: usize) -> String {
    let line = text.part(..at).rfind('\n').map_or(0, |start| start + 1);
    text.part(line..).lines().next().unwrap_or_default().chars().take(300).collect()
}

pub fn check(bytes: &[u8]) {
    let bundle = Bundle::read(bytes).unwrap_or_else(|| drawn(bytes, true));
    let target = target_of(&bundle);
    let material = pipeline::in_memory("apim", bundle.files.clone());
    let run = |against: Against| -> Option<String> {
        let found = apim_migrate::check::read::nodes(&material, "in", &TABLES, against, None).ok()?;
        let mut report = CheckReport::new("x".to_owned());
        report.add(found.passed_over, &Levels::default());
        for deployment in &found.deployments {
            for node in deployment {
                for entry in node.entries() {
                    assert!(node.text.get(entry.value.span.clone()).is_some(), "{}", entry.key);
                }
            }
            report.add(apim_migrate::check::check(deployment, &TABLES), &Levels::default());
        }
        let counted = report.counts.error + report.counts.warning + report.counts.notice;
        assert_eq!(counted, report.findings.len(), "the counts add up");
        Some([check_text(&report), json::text(&report), sarif(&report)].concat())
    };
    for against in [Against::Target(target), Against::Own] {
        let Some(all) = run(against) else { return };
        assert_eq!(Some(&all), run(against).as_ref(), "the same files give the same findings");
        if bundle.tidy {
            let at = all.find(MARKED);
            leak(&bundle, "check", &all, at);
        }
    }
}
