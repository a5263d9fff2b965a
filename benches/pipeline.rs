//! The whole pipeline against its yardstick: merely tokenizing the same files, in the same run.
//!
//! `cargo bench` prints both; the aim is that migrating takes at most twice the time of tokenizing. The input is
//! the project's sample deployments, or the folder named by `APIM_MIGRATE_BENCH`.

use std::hint::black_box;
use std::path::{Path, PathBuf};

use apim_migrate::decision::Decisions;
use apim_migrate::mapping::tables::Tables;
use apim_migrate::options::Options;
use apim_migrate::pipeline;
use criterion::{BenchmarkId, Criterion, Throughput};

fn main() {
    let folder = std::env::var_os("APIM_MIGRATE_BENCH")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus/five-node-ha/in"), PathBuf::from);
    let texts = texts(&folder);
    let bytes: usize = texts.iter().map(String::len).sum();
    let tables = Tables::built_in();
    let material = pipeline::read(&folder).expect("the bench's input can be read");
    let options = Options::default();
    let answers = Decisions::default();

    let mut criterion = Criterion::default().configure_from_args();
    let mut group = criterion.benchmark_group("pipeline");
    group.throughput(Throughput::Bytes(bytes as u64));
    group.bench_function(BenchmarkId::from_parameter("yardstick: tokenize"), |bench| {
        bench.iter(|| texts.iter().map(|text| tokenize(black_box(text))).sum::<usize>());
    });
    group.bench_function(BenchmarkId::from_parameter("migrate"), |bench| {
        bench.iter(|| {
            pipeline::migrate(black_box(&material), &options, &tables, &answers).map(|result| result.deployments.len())
        });
    });
    group.finish();
    Criterion::default().configure_from_args().bench_function("load the tables", |bench| bench.iter(Tables::built_in));
}

/// All configuration files below a folder.
fn texts(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut todo = vec![folder.to_path_buf()];
    while let Some(next) = todo.pop() {
        for entry in std::fs::read_dir(&next).into_iter().flatten().flatten() {
            let path = entry.path();
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_owned();
            if path.is_dir() {
                todo.push(path);
            } else if matches!(extension.as_str(), "xml" | "properties" | "toml")
                && let Ok(text) = std::fs::read_to_string(&path)
            {
                found.push(text);
            }
        }
    }
    found
}

/// The number of tokens of an XML text, or of lines of another.
fn tokenize(text: &str) -> usize {
    if !text.trim_start_matches('\u{feff}').trim_start().starts_with('<') {
        return text.lines().filter(|line| line.contains('=')).count();
    }
    let mut reader = quick_xml::Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut count = 0;
    loop {
        match reader.read_event() {
            Ok(quick_xml::events::Event::Eof) | Err(_) => return count,
            Ok(event) => {
                if let quick_xml::events::Event::Start(start) | quick_xml::events::Event::Empty(start) = &event {
                    count += start.attributes().flatten().count();
                }
                count += 1;
            }
        }
    }
}
