//! The environment variables that stand for flags.

use super::args::command;
use super::complain;
use super::recording::RUN_ID;
use crate::config::did_you_mean;
use clap::ArgAction;
use clap::builder::BoolishValueParser;

/// What the variables that stand for flags begin with.
const PREFIX: &str = "SKEWGATE_";

/// A command line with an environment variable for every flag.
pub(super) fn with_variables(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| {
            let Some(name) = arg.get_long().map(variable) else {
                return arg;
            };
            let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
            let arg = arg.env(name).hide_env(true);
            if is_switch {
                arg.value_parser(BoolishValueParser::new())
            } else {
                arg
            }
        })
        .mut_subcommands(with_variables)
}

/// The variable that stands for a flag.
pub(super) fn variable(long: &str) -> String {
    format!("{PREFIX}{}", long.replace('-', "_").to_uppercase())
}

/// Says which variables look like ours and are not: a misspelt one would set nothing.
pub(super) fn warn_of_unknown() {
    let mut known = variables();
    known.push(RUN_ID.to_owned());
    let names = std::env::vars_os().map(|(name, _)| name.to_string_lossy().into_owned());
    for name in names.filter(|name| name.starts_with(PREFIX) && !known.contains(name)) {
        let meant = did_you_mean(&name, known.iter().map(String::as_str));
        let meant = meant
            .map(|meant| format!("; did you mean {meant}?"))
            .unwrap_or_default();
        complain(&format!(
            "warning: the environment variable {name} sets nothing{meant}\n"
        ));
    }
}

/// Every variable that stands for a flag.
pub(super) fn variables() -> Vec<String> {
    fn gather(command: &clap::Command, into: &mut Vec<String>) {
        into.extend(
            command
                .get_arguments()
                .filter_map(|arg| arg.get_long().map(variable)),
        );
        command
            .get_subcommands()
            .for_each(|command| gather(command, into));
    }
    let mut names = Vec::new();
    gather(&command(), &mut names);
    names.sort();
    names.dedup();
    names
}
