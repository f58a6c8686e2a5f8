//! `skewgate config`: what is in force, and why.

use super::args::ConfigCommand;
use super::output::print;
use super::{Exit, Failure, audit};
use clap::ArgMatches;

pub(super) fn run(command: &ConfigCommand, matches: &ArgMatches) -> Result<Exit, Failure> {
    let ConfigCommand::Show(args) = command;
    let current = std::env::current_dir()?;
    let effective = audit::effective(args, matches, &current)?;
    print(&effective.to_string())
}
