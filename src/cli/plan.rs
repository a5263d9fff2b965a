//! `plan`: the dry run.

use super::args::{Format, PlanArgs};
use super::exit::Exit;
use super::gather::gather;
use super::interrupt::Interrupt;
use super::next::Next;
use super::terminal::Terminal;
use crate::decision::write_decisions;
use crate::emit::write::write_new;
use crate::json;
use crate::report::text;

pub fn run(args: &PlanArgs, terminal: Terminal) -> Exit {
    let gathered = match gather(&args.common, false, terminal) {
        Ok(gathered) => gathered,
        Err(nothing) => return nothing.end(&args.common, terminal),
    };
    if let Some(file) = &args.write_decisions {
        let interrupt = Interrupt::new();
        if let Err(error) = interrupt.during(|| write_new(file, &write_decisions(&gathered.asked))) {
            terminal.error(error);
            return Exit::Failed;
        }
        terminal.talk(format!("the decisions are written to {}", file.display()));
        if interrupt.is_asked() {
            terminal.error("interrupted: no more than the decisions was written");
            return Exit::Incomplete;
        }
    }
    let shown = match args.common.format {
        Format::Json => terminal.write(&|out| json::write(&gathered.report, out)),
        Format::Text => {
            let next = Next::of(&args.common, &gathered.report, args.write_decisions.as_deref());
            let (report, context) = gathered.as_text(&args.common, &next);
            terminal.result(&text::plan(report, context))
        }
    };
    if let Err(error) = shown {
        // The decisions stand, whoever could be shown the rest.
        let Some(file) = &args.write_decisions else {
            terminal.error(format!("cannot write the result: {error}"));
            return Exit::Failed;
        };
        terminal
            .error(format!("the decisions are written to {}, but the result cannot be shown: {error}", file.display()));
        return Exit::Incomplete;
    }
    Exit::of(&gathered.report, args.common.fail_on)
}
