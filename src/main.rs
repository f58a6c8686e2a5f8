//! The `skewgate` command.

use std::process::ExitCode;

fn main() -> ExitCode {
    skewgate::cli::run()
}
