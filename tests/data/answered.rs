//! What changes where a question of a case is answered otherwise: `answered.txt` beside the case, one run of the
//! program for each choice of each question. `UPDATE=1 cargo test --test data corpus` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use apim_migrate::cli::args::{Cli, Command};
use apim_migrate::decision::{About, Decisions, Free, question, questions};
use apim_migrate::emit::toml::basic_string;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::options::{Log4j2, Options};
use apim_migrate::pipeline::{self, Material};
use apim_migrate::report::{build, checklist};
use apim_migrate::secret::MASK;
use clap::Parser as _;
use libtest_mimic::Failed;
use serde_json::Value;
use similar::{ChangeTag, TextDiff};

use super::{all, case_of, told};

const HEAD: &str = "\
Each question of the case, and what each answer changes that does not hold anyway: first the files, as they may be
shown, then decisions, conflicts, findings, and what becomes of settings.
";

const NOTHING: &str = "nothing changes\n";

static TABLES: LazyLock<Tables> = LazyLock::new(Tables::built_in);

/// Whether the answers change what the case's file says.
#[allow(clippy::disallowed_methods, reason = "no output of the program is written")]
pub fn compare(folder: &Path) -> Result<(), Failed> {
    let file = folder.join("answered.txt");
    let answered = answered(folder)?;
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&file, &answered)?;
        return Ok(());
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    if expected == answered {
        return Ok(());
    }
    let diff = TextDiff::from_lines(&expected, &answered);
    let diff = diff.unified_diff().header("answered.txt", "answered now").to_string();
    Err(format!("the answers change something else (UPDATE=1 writes it anew)\n{diff}").into())
}

/// Whether each question of the tables is answered in a case: each stands in a heading of its `answered.txt`.
pub fn covers_all_questions(corpus: &[PathBuf]) -> Result<(), Failed> {
    let mut known = BTreeSet::new();
    for folder in corpus {
        let text = std::fs::read_to_string(folder.join("answered.txt")).unwrap_or_default();
        let ids = text.lines().filter_map(|line| line.strip_prefix("# ")).flat_map(|line| line.split("; "));
        known.extend(ids.filter_map(|id| Some(id.split([':', ' ', '=']).next()?.to_owned())));
    }
    let ids = questions().iter().map(|question| question.id.as_str());
    let missing: Vec<&str> = ids.filter(|id| !known.contains(*id)).collect();
    if missing.is_empty() { Ok(()) } else { Err(format!("no case raises {}", missing.join(", ")).into()) }
}

fn answered(folder: &Path) -> Result<String, Failed> {
    let case = case_of(folder)?;
    let input = case.input.as_ref().map_or_else(|| folder.join("in"), |input| folder.join(input));
    let material = pipeline::read(&input)?;
    let options = options(&case.args)?;
    let held = Run::of(&material, &options, "")?;
    let mut out = HEAD.to_owned();
    let mut asked = Asked::all(&held.report);
    asked.sort_by_key(|asked| (asked.id, asked.about, asked.chosen));
    // One file answers all deployments of an input.
    asked.dedup_by_key(|asked| (asked.id, asked.about, asked.chosen));
    for asked in &asked {
        let about = if asked.about.is_empty() { String::new() } else { format!(" ({})", asked.about) };
        let open = if asked.open { ", open" } else { "" };
        let _ = writeln!(out, "\n# {}{about}: {}{open}", asked.id, asked.chosen);
        for answer in asked.others() {
            let _ = writeln!(out, "\n## {answer}");
            let run = Run::of(&material, &options, &asked.file(&answer));
            out.push_str(&differences(&held, run, asked));
        }
        // What holds, said aloud, only closes the question.
        if !asked.chosen.contains(MASK) {
            let run = Run::of(&material, &options, &asked.file(asked.chosen));
            let changed = differences(&held, run, asked);
            if changed != NOTHING {
                let _ = write!(out, "\n## {} (what holds)\n{changed}", asked.chosen);
            }
        }
    }
    for text in &case.answers {
        let _ = writeln!(out, "\n# {}\n", text.trim().lines().collect::<Vec<_>>().join("; "));
        out.push_str(&differences(&held, Run::of(&material, &options, text), &Asked::default()));
    }
    Ok(out)
}

/// The options that the case's arguments mean.
fn options(args: &[String]) -> Result<Options, Failed> {
    let line = ["apim-migrate", "plan", "in"].into_iter().chain(args.iter().map(String::as_str));
    let Command::Plan(plan) = Cli::try_parse_from(line)?.command else {
        return Err("not the arguments of plan".into());
    };
    let logging = match (plan.common.log4j2, plan.common.product.first()) {
        (Log4j2::Whole, Some(product)) => {
            Some(std::fs::read_to_string(product.home.join("repository/conf/log4j2.properties"))?)
        }
        _ => None,
    };
    Ok(plan.common.options(logging))
}

/// What comes of a case with some answers.
struct Run {
    /// All written files but the report, as they may be shown, by their paths.
    files: BTreeMap<String, String>,
    report: Value,
}

impl Run {
    fn of(material: &Material, options: &Options, answers: &str) -> Result<Self, String> {
        let answers = Decisions::read(answers, "answers.toml").map_err(|error| error.to_string())?;
        let migration = apim_migrate::migrate(material, options, &TABLES, &answers).map_err(|error| error.reason())?;
        let unused: Vec<String> = answers.unused().iter().map(ToString::to_string).collect();
        if !unused.is_empty() {
            return Err(unused.join("\n"));
        }
        let (report, files) = build::report(vec![build::input(&migration, false)], options, &TABLES);
        let list = checklist::markdown(&report).text;
        let mut echo = false;
        // That an answer was given is no difference.
        let told = list.lines().filter(|line| {
            echo = if echo { !line.starts_with(['#', '*']) } else { line.starts_with("**Answered.**") };
            !echo && !line.is_empty()
        });
        let list = told.map(|line| match line.split_once(". ") {
            // Its sections are numbered.
            Some((number, title)) if number.starts_with("## ") => format!("## {title}\n"),
            _ => format!("{line}\n"),
        });
        let mut shown = BTreeMap::from([("CHECKLIST.md".to_owned(), list.collect())]);
        for file in files.into_iter().flatten() {
            shown.insert(file.path, marked(&file.shown, &file.text));
            shown.extend(file.beside.into_iter().map(|beside| (beside.path, marked(&beside.shown, &beside.text))));
        }
        Ok(Self { files: shown, report: serde_json::to_value(&report).map_err(|error| error.to_string())? })
    }
}

/// A file as it may be shown, its secrets told apart by a mark.
fn marked(shown: &str, text: &str) -> String {
    let lines = shown.lines().zip(text.lines().chain(std::iter::repeat("")));
    let lines = lines.map(|(shown, text)| {
        if shown == text {
            return format!("{shown}\n");
        }
        let mark = text.bytes().fold(0_u16, |sum, byte| sum.wrapping_mul(31).wrapping_add(u16::from(byte)));
        format!("{shown} ({mark:04x})\n")
    });
    lines.collect()
}

/// A question of a case.
#[derive(Default)]
struct Asked<'r> {
    id: &'r str,
    about: &'r str,
    chosen: &'r str,
    choices: Vec<&'r str>,
    open: bool,
}

impl<'r> Asked<'r> {
    fn all(report: &'r Value) -> Vec<Self> {
        let decisions =
            all(report, "decisions").into_iter().chain(report["decisions"].as_array().into_iter().flatten());
        decisions
            .map(|asked| Self {
                id: asked["id"].as_str().unwrap_or_default(),
                about: asked["about"].as_str().unwrap_or_default(),
                chosen: asked["chosen"].as_str().unwrap_or_default(),
                choices: asked["choices"].as_array().into_iter().flatten().filter_map(Value::as_str).collect(),
                open: asked["open"] == true,
            })
            .collect()
    }

    /// All answers but the one that holds; where any text of a kind is one, a text of that kind.
    fn others(&self) -> BTreeSet<String> {
        let mut others: BTreeSet<String> = self.choices.iter().map(ToString::to_string).collect();
        let free = question(questions(), self.id).and_then(|question| question.free);
        others.extend(free.and_then(|free| self.of_kind(free)));
        others.remove(self.chosen);
        others
    }

    fn of_kind(&self, free: Free) -> Option<String> {
        // As what is said has it.
        let said = || std::iter::once(self.chosen).chain(self.choices.iter().copied());
        let literal = || match said().find(|text| text.parse::<u32>().is_ok() || text.contains("://")) {
            Some(url) if url.contains("://") => "https://answer.example.com:9443".to_owned(),
            Some(number) => format!("{number}1"),
            None => "literal-answer".to_owned(),
        };
        Some(match free {
            Free::Address | Free::Host => "answer.example.com".to_owned(),
            Free::Database => "ann:answer@jdbc:mysql://answer.example.com:3306/shared".to_owned(),
            Free::Literal => literal(),
            Free::Number => (self.chosen.parse::<u32>().ok()? + 1).to_string(),
            Free::Url => "https://answer.example.com:9443/answer".to_owned(),
            Free::Version => if self.chosen.starts_with("2.6") { "2.5" } else { "2.6" }.to_owned(),
            // What fits only this input stands in the case.
            Free::Groups | Free::Names | Free::Pairs => return None,
        })
    }

    /// A file with one answer.
    fn file(&self, answer: &str) -> String {
        let kind = question(questions(), self.id).and_then(|question| question.about);
        let answer = basic_string(answer);
        match kind.filter(|kind| !kind.is_part_of_id() && !self.about.is_empty()) {
            Some(About::Node | About::Environment | About::Variable) => {
                format!("{} = {{ {} = {answer} }}\n", self.id, basic_string(self.about))
            }
            _ => format!("{} = {answer}\n", basic_string(self.id)),
        }
    }
}

/// What `run` has otherwise than `held`.
fn differences(held: &Run, run: Result<Run, String>, asked: &Asked<'_>) -> String {
    let run = match run {
        Ok(run) => run,
        Err(error) => return format!("error: {error}\n"),
    };
    let mut out = String::new();
    let paths: BTreeSet<&String> = held.files.keys().chain(run.files.keys()).collect();
    for path in paths {
        match (held.files.get(path), run.files.get(path)) {
            (Some(old), Some(new)) => changed_lines(&mut out, path, old, new),
            (Some(_), None) => _ = writeln!(out, "gone {path}"),
            (None, Some(new)) => changed_lines(&mut out, &format!("new {path}"), "", new),
            (None, None) => {}
        }
    }
    let status = |run: &Run| vec![run.report["status"].as_str().unwrap_or_default().to_owned()];
    let decisions = |run: &Run| lines(&run.report, "decisions", |one| told::decision(one, asked.id, asked.about));
    changed_set(&mut out, "status", status(held), status(&run));
    changed_set(&mut out, "decisions", decisions(held), decisions(&run));
    for (field, line) in [
        ("nodes", told::node as fn(&Value) -> Option<String>),
        ("conflicts", told::conflict),
        ("findings", told::finding),
        ("settings", told::setting),
    ] {
        changed_set(&mut out, field, lines(&held.report, field, line), lines(&run.report, field, line));
    }
    if asked.open {
        out = out.replace("status\n- open\n+ ready\n", "");
    }
    if out.is_empty() { NOTHING.to_owned() } else { out }
}

/// The lines of one part of the report, sorted.
fn lines(report: &Value, field: &str, line: impl Fn(&Value) -> Option<String>) -> Vec<String> {
    let of_input = report[field].as_array().into_iter().flatten();
    let nodes = report["deployments"].as_array().into_iter().flatten();
    let nodes = nodes.filter_map(|one| one["source"][field].as_array()).flatten();
    let mut lines: Vec<String> = all(report, field).into_iter().chain(of_input).chain(nodes).filter_map(line).collect();
    lines.sort();
    lines
}

/// What is gone and what is new of sorted lines.
fn changed_set(out: &mut String, what: &str, old: Vec<String>, new: Vec<String>) {
    let mut counts: BTreeMap<String, i32> = BTreeMap::new();
    for (lines, step) in [(new, 1), (old, -1)] {
        for line in lines {
            *counts.entry(line).or_default() += step;
        }
    }
    counts.retain(|_, count| *count != 0);
    if !counts.is_empty() {
        let _ = writeln!(out, "{what}");
    }
    for (line, count) in counts {
        for _ in 0..count.abs() {
            let _ = writeln!(out, "{} {line}", if count < 0 { '-' } else { '+' });
        }
    }
}

/// The lines of a file that change, each below its table or heading.
fn changed_lines(out: &mut String, path: &str, old: &str, new: &str) {
    if old == new {
        return;
    }
    let _ = writeln!(out, "{path}");
    let (mut heading, mut said) = (String::new(), String::new());
    for change in TextDiff::from_lines(old, new).iter_all_changes() {
        let line = change.value().trim_end();
        let is_heading = line.starts_with('[') || line.starts_with('#');
        if is_heading {
            line.clone_into(&mut heading);
        }
        if line.is_empty() || change.tag() == ChangeTag::Equal {
            continue;
        }
        if said != heading && !is_heading {
            let _ = writeln!(out, "  {heading}");
        }
        said.clone_from(&heading);
        let _ = writeln!(out, "{} {line}", if change.tag() == ChangeTag::Delete { '-' } else { '+' });
    }
}
