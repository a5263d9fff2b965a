//! `check`: what is wrong with deployment.toml files.

use std::path::Path;

use super::args::{CheckArgs, CheckFormat};
use super::exit::Exit;
use super::terminal::Terminal;
use crate::check;
use crate::check::read::Against;
use crate::check::report::{CheckedFile, Levels, Report, sarif, text};
use crate::mapping::tables::Tables;

pub fn run(args: &CheckArgs, terminal: Terminal) -> Exit {
    let tables = Tables::built_in();
    let levels = Levels { deny: args.deny.clone(), allow: args.allow.clone() };
    let target = match args.target {
        Against::Target(target) => target.word(),
        Against::Own => "own",
    };
    let mut report = Report::new(target.to_owned());
    let (mut failed, mut deployments) = (0, 0);
    for path in &args.paths {
        let material = match check::read::read(path) {
            Ok(material) => material,
            Err(error) => {
                terminal.error(error);
                failed += 1;
                continue;
            }
        };
        let found = match check::read::nodes(&material, &shown(path), &tables, args.target, args.profile) {
            Ok(found) => found,
            Err(error) => {
                terminal.error(error);
                failed += 1;
                continue;
            }
        };
        report.add(found.passed_over, &levels);
        for deployment in found.deployments {
            deployments += 1;
            report.files.extend(deployment.iter().map(|node| CheckedFile {
                file: node.file.clone(),
                node: node.name.clone(),
                deployment: deployments,
                target: node.standard.name.clone(),
                profile: node.profile,
            }));
            report.add(check::check(&deployment, &tables), &levels);
        }
    }
    if failed == args.paths.len() {
        return Exit::Failed;
    }
    let result = match args.format {
        CheckFormat::Text => text(&report),
        CheckFormat::Json => crate::json::text(&report),
        CheckFormat::Sarif => sarif(&report),
    };
    let shown = if args.format == CheckFormat::Text { terminal.result(&result) } else { terminal.data(&result) };
    if let Err(error) = shown {
        terminal.error(format!("cannot write the result: {error}"));
        return Exit::Failed;
    }
    if failed == 0 && report.counts.error == 0 { Exit::Done } else { Exit::Look }
}

/// The path as results may show it: absolute ones are this machine's business.
fn shown(path: &Path) -> String {
    if path.is_absolute() {
        return String::new();
    }
    let text = path.display().to_string().replace('\\', "/");
    let text = text.trim_end_matches('/');
    if text == "." { String::new() } else { text.strip_prefix("./").unwrap_or(text).to_owned() }
}
