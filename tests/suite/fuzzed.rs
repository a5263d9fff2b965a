//! What holds for any input holds for the seeds of the fuzz targets, and for all that these have found.

use std::path::Path;

use crate::properties::TARGETS;

/// The files of a folder, in order.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<(String, Vec<u8>)> = entries
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    found.sort();
    found
}

fn replay(target: &str) {
    let (_, property) = TARGETS.iter().find(|(name, _)| *name == target).expect("a target of this name");
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let seeds = files(&fuzz.join("seeds").join(target));
    assert!(!seeds.is_empty(), "{target} has no seeds");
    let all = seeds.into_iter().chain(files(&fuzz.join("findings").join(target)));
    let failed: Vec<String> =
        all.filter(|(_, bytes)| std::panic::catch_unwind(|| property(bytes)).is_err()).map(|(path, _)| path).collect();
    assert!(failed.is_empty(), "what shall hold for any input does not hold for these:\n{}", failed.join("\n"));
}

#[test]
fn holds_for_readers() {
    for target in ["xml", "properties", "toml", "encodings", "key_paths", "amqp_url_groups", "archives"] {
        replay(target);
    }
}

#[test]
fn holds_for_deployments() {
    replay("deployments");
}

/// What was found and is not mended yet: each that holds by now moves to `findings/deployments`.
#[test]
#[ignore = "what is open does not hold yet"]
fn holds_for_what_is_open() {
    for (path, bytes) in files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/open")) {
        let holds = std::panic::catch_unwind(|| crate::properties::deployments(&bytes)).is_ok();
        println!("{path}: {}", if holds { "holds now" } else { "open" });
    }
}

/// What a finding of `deployments` or `check` draws, as the text that these targets read too:
/// `APIM_MIGRATE_FUZZ_SHOW=check:FILE cargo test --test suite shows_what_is_drawn -- --ignored --nocapture`.
#[test]
#[ignore = "a tool, no test"]
fn shows_what_is_drawn() {
    let asked = std::env::var("APIM_MIGRATE_FUZZ_SHOW").expect("APIM_MIGRATE_FUZZ_SHOW=TARGET:FILE");
    let (target, file) = asked.split_once(':').expect("TARGET:FILE");
    let drawn = crate::properties::drawn(&std::fs::read(file).unwrap(), target == "check");
    println!("{}", String::from_utf8_lossy(&drawn.write()));
}

/// Takes lines out of a finding of `deployments`, as long as it stays one, and writes it back:
/// `APIM_MIGRATE_FUZZ_SHRINK=FILE cargo test --test suite shrinks_a_finding -- --ignored`.
#[test]
#[ignore = "a tool, no test"]
#[allow(clippy::disallowed_methods, reason = "no output of the program is written")]
fn shrinks_a_finding() {
    let file = std::env::var("APIM_MIGRATE_FUZZ_SHRINK").expect("APIM_MIGRATE_FUZZ_SHRINK=FILE");
    std::panic::set_hook(Box::new(|_| ()));
    // What is said of it is told by its first line: a target, a file, and what changes.
    let said = |lines: &[Vec<u8>]| {
        let done = std::panic::catch_unwind(|| crate::properties::deployments(&lines.concat()));
        done.err().map(|said| said.downcast_ref::<String>().map(|text| text.lines().take(1).collect::<String>()))
    };
    let mut lines: Vec<Vec<u8>> =
        std::fs::read(&file).unwrap().split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect();
    let wanted = said(&lines);
    assert!(wanted.is_some(), "{file} is no finding");
    let mut length = lines.len() / 2;
    while length > 0 {
        let mut at = 1;
        while at < lines.len() {
            let mut fewer = lines.clone();
            fewer.drain(at..(at + length).min(lines.len()));
            if said(&fewer) == wanted {
                lines = fewer;
            } else {
                at += length;
            }
        }
        length /= 2;
    }
    std::fs::write(&file, lines.concat()).unwrap();
}

/// Draws deployments for each target in turn, without a fuzzer: `APIM_MIGRATE_FUZZ_DRAW=FIRST..LAST cargo test --test
/// suite draws_deployments -- --ignored --nocapture`. With `APIM_MIGRATE_FUZZ_OPEN` changes are kept there by kind.
#[test]
#[ignore = "a tool, no test"]
fn draws_deployments() {
    let asked = std::env::var("APIM_MIGRATE_FUZZ_DRAW").expect("APIM_MIGRATE_FUZZ_DRAW=FIRST..LAST");
    let (first, last) = asked.split_once("..").expect("FIRST..LAST");
    let (first, last): (u64, u64) = (first.parse().unwrap(), last.parse().unwrap());
    let failed: Vec<u64> = (first..last)
        .filter(|number| std::panic::catch_unwind(|| crate::properties::deployments(&bytes_of(*number))).is_err())
        .collect();
    assert!(failed.is_empty(), "{} of {} do not hold: {failed:?}", failed.len(), last - first);
}

/// Bytes that a number stands for: the first is the number's own, so that targets take turns; the next tell how many
/// nodes and changes there are.
fn bytes_of(number: u64) -> Vec<u8> {
    // SplitMix64.
    let mut state = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut next = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    };
    let length = 3 + next() % 61;
    std::iter::once(number as u8).chain((1..length).map(|_| next() as u8)).collect()
}

#[test]
fn holds_for_check() {
    replay("check");
}

#[test]
fn every_target_is_built() {
    let manifest = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/Cargo.toml")).unwrap();
    for (name, _) in TARGETS {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml has no target {name}");
    }
}
