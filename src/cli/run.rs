//! `skewgate run -- COMMAND`: records a build while it runs, and audits what it made.

use super::args::{AuditArgs, watched};
use super::asking::Asking;
use super::end::summary;
use super::output::{self, Request};
use super::recording::{
    RUN_ID, SigningArgs, is_within, quoted, store_at, tell_kept, warn_of_no_witness,
};
use super::{Exit, Failure, audit, complain};
use crate::clock::{Local, Reading};
use crate::record::{self, Begun, Plan, Record, Recorder, Store};
use crate::report::shown;
use crate::sys::{Ended, Running, die_of};
use crate::time::Span;
use clap::parser::ValueSource;
use clap::{ArgMatches, Args, ColorChoice};
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf, absolute};
use std::process::{Command, ExitCode, Termination as _};

#[derive(Debug, Args)]
pub(super) struct RunArgs {
    #[command(flatten)]
    pub(super) audit: AuditArgs,
    #[command(flatten)]
    pub(super) signing: SigningArgs,
    /// How often to ask what time it is while the command runs
    #[arg(long, value_name = "SPAN", value_parser = watched, default_value = "30s", help_heading = "Record")]
    pub(super) every: Span,
    /// Audit nothing, only record
    #[arg(long, help_heading = "Record")]
    pub(super) no_audit: bool,
    /// What to run, and its arguments
    #[arg(value_name = "COMMAND", last = true, required = true)]
    pub(super) command: Vec<OsString>,
}

/// The variable that stands for `--record`.
const RECORD: &str = "SKEWGATE_RECORD";

/// What a shell exits with when a command cannot be executed, or is not there (POSIX.1, Shell Command Language
/// §2.8.2).
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;

/// What the trusted time of the last reading is when there was nothing to record.
const NOT_STARTED: &str = "not asked: the command could not be run";

/// What a shell adds to the number of the signal that ended a command.
const SIGNALLED: i32 = 128;

pub(super) fn run(
    args: &RunArgs,
    matches: &ArgMatches,
    color: ColorChoice,
) -> Result<ExitCode, Failure> {
    // Before anything else: the build begins now.
    let local = Local::now();
    let current = std::env::current_dir()?;
    let reports = reports(args, matches)?;
    let effective = audit::effective(&args.audit.settings, matches, &current)?;
    let asking = Asking::by(&effective.clock)?;
    let mut store = store_at(place(args)?, &args.signing)?;
    store.anchor(absolute(store.path())?);
    let (ended, is_recorded) = if is_nested(&store) {
        (
            Running::start(&mut build(args)).and_then(|mut running| running.wait()),
            true,
        )
    } else {
        let mut record = Record::begun(local, &current)?;
        let program = args.command.first().map_or(Path::new(""), Path::new);
        record.runs(program, args.command.len().saturating_sub(1));
        let named = args.audit.paths.clone();
        let plan = Plan {
            sources: asking.sources,
            options: asking.options,
            every: args.every,
            folder: current,
            paths: if named.is_empty() {
                effective.paths.value
            } else {
                named
            },
        };
        recorded(args, store, &record, plan)?
    };
    let code = match ended {
        Ok(Ended::Exited(0)) => None,
        // Where codes are longer than a byte, none that says that it failed becomes a success.
        Ok(Ended::Exited(code)) => Some(u8::try_from(code & 0xff).unwrap_or(1).max(1)),
        Ok(Ended::Signalled(signal)) => {
            die_of(signal);
            Some(u8::try_from(SIGNALLED.saturating_add(signal)).unwrap_or(1))
        }
        Err(error) => Some(not_run(args, &error)),
    };
    if let Some(code) = code {
        return Ok(ExitCode::from(code));
    }
    let exit = if args.no_audit {
        Exit::Pass
    } else {
        audit::run_into(&args.audit, matches, color, &reports)?
    };
    Ok(if exit == Exit::Pass && !is_recorded {
        Exit::Error.report()
    } else {
        exit.report()
    })
}

/// Where the record is to be, if somebody says. The audit goes by what is there then.
fn place(args: &RunArgs) -> Result<Option<PathBuf>, Failure> {
    match args.audit.settings.record.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(PathBuf::from(one))),
        [one, other, ..] => Err(Failure::usage(format!(
            "`run` writes one record, not `{one}` and `{other}`: name what others write in skewgate.toml ([record] sources)"
        ))),
    }
}

/// The reports of the audit. What nobody asked for stays out of the command's standard output.
fn reports(args: &RunArgs, matches: &ArgMatches) -> Result<Vec<Request>, Failure> {
    let is_default = matches.value_source("output") == Some(ValueSource::DefaultValue);
    let mut reports = args.audit.output.clone();
    if is_default {
        reports = reports.into_iter().map(Request::aside).collect();
    }
    output::check(&reports)?;
    Ok(reports)
}

/// Whether this runs within the command of another `skewgate run`, which records it already.
fn is_nested(store: &Store) -> bool {
    let there = record::load(store.path());
    there.is_ok_and(|record| record.is_open() && is_within(&record.id))
}

fn build(args: &RunArgs) -> Command {
    let mut words = args.command.iter();
    let mut command = Command::new(words.next().map(OsString::as_os_str).unwrap_or_default());
    command.args(words);
    command
}

/// Runs the build and records it. Gives back how it ended, and whether the record is whole.
fn recorded(
    args: &RunArgs,
    store: Store,
    record: &Record,
    plan: Plan,
) -> Result<(io::Result<Ended>, bool), Failure> {
    let path = store.path().to_owned();
    if let Begun::Anew { kept: Some(kept) } = store.begin(record, true)? {
        tell_kept(&kept);
    }
    let mut command = build(args);
    command.env(RECORD, &path).env(RUN_ID, &record.id);
    let mut running = match Running::start(&mut command) {
        Ok(running) => running,
        Err(error) => {
            let reading = Reading::unasked(Local::now(), NOT_STARTED);
            let is_recorded = match store.close(&record.id, reading) {
                Ok(_closed) => {
                    let place = quoted(&path);
                    complain(&format!(
                        "skewgate: nothing ran; the record {place} says so and has ended\n"
                    ));
                    true
                }
                Err(error) => {
                    Failure::usage(error).report();
                    false
                }
            };
            return Ok((Err(error), is_recorded));
        }
    };
    let recorder = Recorder::start(store, record, plan);
    let ended = running.wait();
    let local = Local::now();
    let exit = match ended {
        Ok(Ended::Exited(code)) => Some(code),
        Ok(Ended::Signalled(_)) | Err(_) => None,
    };
    let closing = match recorder {
        Ok(recorder) => recorder.close(exit, local).map_err(Failure::usage),
        Err(error) => Err(Failure::usage(format!(
            "the build was not recorded while it ran: {error}"
        ))),
    };
    // The record has its end: who sends a signal now does not want to wait for the sources.
    drop(running);
    let written = closing.and_then(|closing| closing.ask().map_err(Failure::usage));
    let is_recorded = tell(written, &path);
    Ok((ended, is_recorded))
}

/// Says what was recorded, or that it was not.
fn tell(written: Result<Record, Failure>, path: &Path) -> bool {
    match written {
        Ok(record) => {
            // The end, or whom its word is of.
            let mut readings = record.readings.iter();
            let asked = readings.rfind(|taken| !taken.reading.witnesses.is_empty());
            if let Some(asked) = asked.or(record.readings.last()) {
                warn_of_no_witness(&asked.reading);
            }
            complain(&summary(&record, &quoted(path)));
            true
        }
        Err(failure) => {
            failure.report();
            false
        }
    }
}

/// Says why the command did not run, and what a shell would exit with.
fn not_run(args: &RunArgs, error: &io::Error) -> u8 {
    let command = args.command.first().cloned().unwrap_or_default();
    // A name without a folder is looked for elsewhere.
    let named = Path::new(&command);
    let is_there = named.components().count() > 1 && named.exists();
    let command = shown(&command).into_owned();
    if error.kind() == io::ErrorKind::NotFound {
        if !is_there {
            complain(&format!("error: there is no command `{command}`\n"));
            return NOT_FOUND;
        }
        complain(&format!(
            "error: cannot run `{command}`: the interpreter or the loader that it names is not there\n"
        ));
        return NOT_EXECUTABLE;
    }
    let error = shown(&error.to_string()).into_owned();
    complain(&format!("error: cannot run `{command}`: {error}\n"));
    NOT_EXECUTABLE
}
