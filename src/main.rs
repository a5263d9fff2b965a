//! The `apim-migrate` command: a thin door to [`apim_migrate::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    apim_migrate::cli::run(std::env::args_os())
}
