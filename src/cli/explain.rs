//! `explain`: what is known of a name.

use super::args::{ExplainArgs, Format};
use super::exit::Exit;
use super::terminal::Terminal;
use crate::guard::guarded;
use crate::knowledge::{explain, text};
use crate::mapping::tables::Tables;

pub fn run(args: &ExplainArgs, terminal: Terminal) -> Exit {
    let tables = match args.mappings.as_deref().map_or_else(|| Ok(Tables::built_in()), Tables::with_folder) {
        Ok(tables) => tables,
        Err(error) => {
            terminal.error(error);
            return Exit::Failed;
        }
    };
    let what = args.what.join(" ");
    let explanation = match guarded(|| explain::explain(&tables, &what)) {
        Ok(explanation) => explanation,
        Err(bug) => {
            terminal.error(format!("apim-migrate failed on {what}: {bug}"));
            return Exit::Failed;
        }
    };
    let nothing = explanation.topics.is_empty() && explanation.also.is_empty();
    if nothing && args.format == Format::Text {
        let near: Vec<String> = explanation.nearest.iter().map(|name| format!("`{name}`")).collect();
        let hint = if near.is_empty() { String::new() } else { format!("; nearest: {}", near.join(", ")) };
        terminal.error(format!("nothing is known of `{}`{hint}", explanation.asked));
        return Exit::Failed;
    }
    let result = match args.format {
        Format::Text => text::explanation(&explanation),
        Format::Json => crate::json::text(&explanation),
    };
    let shown = if args.format == Format::Json { terminal.data(&result) } else { terminal.result(&result) };
    if let Err(error) = shown {
        terminal.error(format!("cannot write the result: {error}"));
        return Exit::Failed;
    }
    if nothing { Exit::Failed } else { Exit::Done }
}
