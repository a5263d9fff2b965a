//! The command line: arguments in, results on stdout, talk on stderr, an exit code out.

pub mod args;
pub mod exit;

mod catalog;
mod check;
mod convert;
mod explain;
mod gather;
mod interrupt;
mod mappings;
mod plan;
mod terminal;
mod verify;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Command};
use exit::Exit;
use terminal::Terminal;

/// Runs the command.
#[must_use]
pub fn run(args: std::env::ArgsOs) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a wrong command line is an error like any other.
            let code = if error.use_stderr() { Exit::Failed } else { Exit::Done };
            let _ = error.print();
            return code.into();
        }
    };
    let exit = match &cli.command {
        Command::Plan(args) => plan::run(args, Terminal::new(&args.common)),
        Command::Convert(args) => convert::run(args, Terminal::new(&args.common)),
        Command::Verify(args) => verify::run(args, Terminal::plain(args.color).quietly(args.quiet)),
        Command::Check(args) => check::run(args, Terminal::plain(args.color).quietly(args.quiet)),
        Command::Explain(args) => explain::run(args, Terminal::plain(args.color)),
        Command::Catalog(args) => catalog::run(&args.command, Terminal::plain(args.color)),
        Command::Completions { shell } => {
            clap_complete::generate(*shell, &mut Cli::command(), "apim-migrate", &mut std::io::stdout());
            Exit::Done
        }
        Command::Mappings(args) => mappings::run(&args.command, Terminal::plain(args.color)),
    };
    exit.into()
}
