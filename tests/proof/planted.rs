//! Faults planted in a sample's file before real products, with their mappers and without Java: each must be caught, at
//! its key.

use apim_migrate::text::Parts as _;
use std::sync::{Arc, PoisonError};

use apim_migrate::mapping::tables::Tables;
use apim_migrate::verify::{Proof, Prover, text};
use libtest_mimic::{Failed, Trial};

use super::deployments::{Case, Prepared, prepare, samples};
use super::products::{Release, targets};

/// What is planted, and whether the proof tells it.
struct Fault {
    name: &'static str,
    /// A text of the file, and what is written instead.
    change: (&'static str, &'static str),
    caught: fn(&Proof, line: u32) -> bool,
}

const FAULTS: [Fault; 4] = [
    Fault {
        name: "a dead key",
        change: ("[super_admin]\n", "[super_admin]\nreads_nobody = \"x\"\n"),
        caught: |proof, line| {
            let dead = proof.nodes[0].keys.iter().any(|key| key.key == "super_admin.reads_nobody" && key.line == line);
            dead && proof.totals.dead == 1 && proof.nodes[0].accepted
        },
    },
    Fault {
        name: "a wrong type",
        change: ("allow_headers = [\"authorization\", ", "allow_headers = [[\"authorization\"], "),
        caught: |proof, line| {
            let complaint = proof.nodes[0].complaints.first();
            let there = complaint.is_some_and(|complaint| {
                complaint.key.as_deref() == Some("apim.cors.allow_headers") && complaint.line == Some(line)
            });
            there && !proof.nodes[0].accepted
        },
    },
    Fault {
        name: "a lost value",
        change: ("hostname = \"apis.example.org\"", "hostname = \"elsewhere.example.org\""),
        caught: |proof, _| {
            let lost =
                proof.settings.iter().filter(|setting| setting.outcome == apim_migrate::verify::Fulfilment::Lost);
            proof.totals.lost > 0 && lost.clone().any(|setting| setting.path == "/Server/HostName")
        },
    },
    Fault {
        name: "a bare &",
        change: ("/apim?autoReconnect=true&amp;relaxAutoCommit", "/apim?autoReconnect=true&relaxAutoCommit"),
        caught: |proof, _| {
            let faults = &proof.nodes[0].malformed;
            !faults.is_empty() && faults.iter().all(|fault| fault.key.as_deref() == Some("database.apim_db.url"))
        },
    },
];

/// One test for each release and way of proving; without a release they stand there by name, ignored.
pub fn trials(releases: &[Arc<Release>]) -> Vec<Trial> {
    if releases.is_empty() {
        return vec![Trial::test("no-product::planted::faults_are_caught", || Ok(())).with_ignored_flag(true)];
    }
    let mut trials = Vec::new();
    for release in releases {
        for java in [true, false] {
            let release = release.clone();
            let how = if java { "by_the_mapper" } else { "without_java" };
            let name = format!("{}::planted::faults_are_caught_{how}", release.version);
            trials.push(Trial::test(name, move || {
                let prover = if java { &release.prover } else { &release.reader };
                run(&release, &mut prover.lock().unwrap_or_else(PoisonError::into_inner))
            }));
        }
    }
    trials
}

fn run(release: &Release, prover: &mut Prover) -> Result<(), Failed> {
    let tables = Tables::built_in();
    let target = targets(release.version)[0];
    let case: Case = samples().into_iter().find(|case| case.name == "all-in-one").ok_or("the sample is not there")?;
    let sound = prepare(&case, target, &tables)?.ok_or("the sample cannot be converted")?;
    let proof = prover.prove(sound.work(release, &tables))?;
    if !proof.is_clean() {
        return Err(text::faults(&proof).into());
    }
    for fault in &FAULTS {
        let mut planted = Prepared { nodes: sound.nodes.clone(), promises: sound.promises.clone() };
        let (from, to) = fault.change;
        let file = &mut planted.nodes[0].text;
        let at = file.find(from).ok_or_else(|| format!("the sample has no `{from}`"))?;
        file.replace_range(at..at + from.len(), to);
        let end = at + to.trim_end().len();
        let line = file.part(..end).lines().count() as u32;
        let proof = prover.prove(planted.work(release, &tables))?;
        if proof.is_clean() || !(fault.caught)(&proof, line) {
            return Err(format!("{}: {}", fault.name, text::text(&proof)).into());
        }
    }
    Ok(())
}
