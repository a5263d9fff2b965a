//! The command line: arguments in, results on stdout, talk on stderr, an exit code out.

pub mod args;
pub mod exit;

mod catalog;
mod check;
mod convert;
mod explain;
mod gather;
mod interrupt;
mod join;
mod mappings;
mod next;
mod plan;
mod terminal;
mod verify;
mod work;

use std::process::ExitCode;

use clap::{CommandFactory as _, Parser as _};

use args::{Cli, Color, Command};
use exit::Exit;
use terminal::Terminal;

use crate::guard::guarded;
use crate::limits;

/// Runs the command.
#[must_use]
pub fn run(args: std::env::ArgsOs) -> ExitCode {
    let cli = match Cli::try_parse_from(args) {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are results; a wrong command line is an error like any other.
            let told = error.print();
            if error.use_stderr() {
                return Exit::Failed.into();
            }
            return match told {
                Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                    Terminal::plain(Color::Auto).error(format!("cannot write the result: {error}"));
                    Exit::Failed.into()
                }
                _ => Exit::Done.into(),
            };
        }
    };
    limits::set(&cli.limit);
    // Most work is guarded piece by piece; this one is for the rest of it.
    let exit = guarded(|| command(&cli.command)).unwrap_or_else(|bug| {
        Terminal::plain(Color::Auto).error(format!("apim-migrate failed: {bug}"));
        Exit::Failed
    });
    exit.into()
}

fn command(command: &Command) -> Exit {
    match command {
        Command::Plan(args) => plan::run(args, Terminal::new(&args.common)),
        Command::Convert(args) => convert::run(args, Terminal::new(&args.common)),
        Command::Verify(args) => verify::run(args, Terminal::plain(args.color).quietly(args.quiet)),
        Command::Check(args) => check::run(args, Terminal::plain(args.color).quietly(args.quiet)),
        Command::Explain(args) => explain::run(args, Terminal::plain(args.color)),
        Command::Catalog(args) => catalog::run(&args.command, Terminal::plain(args.color)),
        Command::Completions { shell } => completions(*shell, Terminal::plain(Color::Never)),
        Command::Mappings(args) => mappings::run(&args.command, Terminal::plain(args.color)),
    }
}

/// A script for a shell. It is made in memory first: its maker panics where it cannot write.
fn completions(shell: clap_complete::Shell, terminal: Terminal) -> Exit {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "apim-migrate", &mut script);
    match terminal.write(&|out| out.write_all(&script)) {
        Ok(()) => Exit::Done,
        Err(error) => {
            terminal.error(format!("cannot write the result: {error}"));
            Exit::Failed
        }
    }
}
