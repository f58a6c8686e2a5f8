//! What other tools take from skewgate: schemas, completions, manual pages.

use super::output::print;
use super::{Exit, Failure, args};
use crate::{config, report};
use clap_complete::Shell;
use clap_mangen::Man;

pub(super) fn schema(name: &str) -> Result<Exit, Failure> {
    let schema = match name {
        "config" => config::schema(),
        _ => match report::find_schema(name) {
            Some(schema) => (schema.text)(),
            None => {
                let reports: Vec<&str> = report::SCHEMAS.iter().map(|schema| schema.name).collect();
                let known = reports.join(", ");
                return Err(Failure::usage(format!(
                    "there is no schema `{name}`: write config, {known}"
                )));
            }
        },
    };
    print(&format!("{}\n", schema.trim_end()))
}

/// Into memory first: what clap writes to a closed pipe panics.
pub(super) fn completions(shell: Shell) -> Result<Exit, Failure> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut args::command(), "skewgate", &mut script);
    print(&String::from_utf8_lossy(&script))
}

pub(super) fn man(name: Option<&str>) -> Result<Exit, Failure> {
    let mut command = args::command();
    command.build();
    let page = match name {
        None => command,
        Some(name) => command
            .find_subcommand(name)
            .cloned()
            .ok_or_else(|| Failure::usage(format!("there is no command `{name}`")))?,
    };
    let mut text = Vec::new();
    Man::new(page).render(&mut text)?;
    print(&String::from_utf8_lossy(&text))
}
