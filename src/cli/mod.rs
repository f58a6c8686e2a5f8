//! The one place that prints and exits: a file a command.

mod args;
mod asking;
mod audit;
mod begin;
mod clock;
mod config;
mod doctor;
mod embedded;
mod drift;
mod end;
mod evidence;
mod exit;
mod explain;
mod init;
mod interrupt;
mod list;
mod output;
mod progress;
mod recording;
mod run;
mod shell;
mod stamps;
mod variables;
mod window;

pub use args::command;
pub use exit::Exit;

use crate::clock as trusted;
use crate::report::{said, shown};
use args::{Command, Parsed};
use output::print;
use std::error::Error;
use std::io::{self, Write as _};
use std::process::{ExitCode, Termination as _};

/// Runs the command line of this process, and says what to exit with.
pub fn run() -> ExitCode {
    let parsed = match args::parse() {
        Ok(parsed) => parsed,
        Err(error) => {
            // On a closed pipe there is nobody left to tell.
            let _gone = error.print();
            let exit = if error.use_stderr() {
                Exit::Error
            } else {
                Exit::Pass
            };
            return exit.report();
        }
    };
    variables::warn_of_unknown();
    let Parsed {
        command,
        matches,
        color,
    } = parsed;
    let outcome = match &command {
        Command::Run(args) => {
            let ended = run::run(args, &matches, color);
            return ended.unwrap_or_else(|failure| failure.report().report());
        }
        Command::Audit(args) => audit::run(args, &matches, color),
        Command::Begin(args) => begin::run(args, &matches),
        Command::End(args) => end::run(args, &matches),
        Command::Clock(args) => clock::run(args, &matches, color),
        Command::Doctor(args) => doctor::run(args, &matches, color),
        Command::Stamps(args) => stamps::run(args, &matches, color),
        Command::Drift(args) => drift::run(args, color),
        Command::Explain { rule } => explain::run(rule, color),
        Command::List { table } => print(&list::text(*table)),
        Command::Init { force } => init::run(*force),
        Command::Config { command } => config::run(command, &matches),
        Command::Schema { name } => shell::schema(name),
        Command::Completions { shell } => shell::completions(*shell),
        Command::Man { command } => shell::man(command.as_deref()),
    };
    let exit = outcome.unwrap_or_else(|failure| failure.report());
    exit.report()
}

/// Why a command came to nothing.
#[derive(Debug)]
pub(super) struct Failure {
    error: Box<dyn Error>,
    /// What it rests on, and what to do about it, a line each; safe to show.
    details: Vec<String>,
    /// What to say last.
    closing: &'static str,
    exit: Exit,
}

impl Failure {
    /// A request that cannot be carried out as it stands.
    fn usage(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            error: error.into(),
            details: Vec::new(),
            closing: "",
            exit: Exit::Error,
        }
    }

    /// The same, for an audit.
    fn not_audited(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            closing: "no audit was performed",
            ..Self::usage(error)
        }
    }

    /// No verdict can be given.
    fn no_verdict(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            exit: Exit::NoVerdict,
            ..Self::not_audited(error)
        }
    }

    /// There is no clock: says who said what, and what to do.
    fn no_clock(error: trusted::Error) -> Self {
        let told =
            |answer: &trusted::Answer| format!("`{}` {}", shown(&answer.address), said(answer));
        let mut details: Vec<String> = error.answers().iter().map(told).collect();
        details.push(error.remedy().to_owned());
        Self {
            details,
            ..Self::no_verdict(error)
        }
    }

    /// A request that was carried out, and to which nothing can be said.
    fn unproven(error: impl Into<Box<dyn Error>>) -> Self {
        Self {
            exit: Exit::NoVerdict,
            ..Self::usage(error)
        }
    }

    /// Says it on standard error. What it quotes may come from anybody.
    fn report(&self) -> Exit {
        let mut text = format!("error: {}\n", shown(&self.error.to_string()));
        let mut cause = self.error.source();
        while let Some(deeper) = cause {
            text.push_str(&format!("  caused by: {}\n", shown(&deeper.to_string())));
            cause = deeper.source();
        }
        for detail in &self.details {
            text.push_str(&format!("  {detail}\n"));
        }
        if !self.closing.is_empty() {
            text.push_str(self.closing);
            text.push('\n');
        }
        complain(&text);
        self.exit
    }
}

impl<E: Into<Box<dyn Error>>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::usage(error)
    }
}

/// Writes to standard error; when that is closed, nobody is left to tell.
fn complain(text: &str) {
    let _gone = io::stderr().lock().write_all(text.as_bytes());
}
