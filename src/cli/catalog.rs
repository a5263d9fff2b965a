//! `catalog`: keys by word, changes between versions, a schema for editors.

use super::args::{CatalogCommand, Format};
use super::exit::Exit;
use super::terminal::Terminal;
use crate::json;
use crate::knowledge::{changes, measured_for, schema, search, text};
use crate::mapping::catalog::{Catalog, VERSIONS};
use crate::version::Version;

pub fn run(command: &CatalogCommand, terminal: Terminal) -> Exit {
    let catalog = Catalog::built_in();
    let result = match command {
        CatalogCommand::Search { words, target, profile, format } => {
            let hits = search::search(&catalog, words, *target, *profile);
            if hits.is_empty() && *format == Format::Text {
                terminal.error(format!("no key has the words {}", crate::secret::mask_urls(&words.join(", "))));
                return Exit::Failed;
            }
            Ok(if *format == Format::Json { json::text(&hits) } else { text::hits(&hits) })
        }
        CatalogCommand::Diff { from, to, profile, format } => {
            measured(*from, terminal).and_then(|from| Ok((from, measured(*to, terminal)?))).map(|(from, to)| {
                let changes = changes::changes(&catalog, from, to, *profile);
                if *format == Format::Json { json::text(&changes) } else { text::changes(&changes) }
            })
        }
        CatalogCommand::Schema { target, profile } => Ok(json::text(&schema::schema(&catalog, *target, *profile))),
    };
    let shown = result
        .and_then(|text: String| terminal.result(&text).map_err(|error| format!("cannot write the result: {error}")));
    match shown {
        Ok(()) => Exit::Done,
        Err(error) => {
            terminal.error(error);
            Exit::Failed
        }
    }
}

/// The measured version that speaks for `version`; which one is told if it is another.
fn measured(version: Version, terminal: Terminal) -> Result<Version, String> {
    let Some(speaks) = measured_for(version) else {
        let known: Vec<String> = VERSIONS.iter().map(ToString::to_string).collect();
        return Err(format!("{version} is not known: deployment.toml of {} was measured", known.join(", ")));
    };
    if speaks != version {
        terminal.talk(format!("note: {version} was not measured; {speaks} speaks for it"));
    }
    Ok(speaks)
}
