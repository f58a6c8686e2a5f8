//! `skewgate doctor`: what this machine says of its own clock, and what to do.

use super::args::{ClockArgs, FileArgs};
use super::asking::{Asking, settings};
use super::output::Request;
use super::{Exit, Failure, interrupt, output};
use crate::clock::{Local, Reading, Standing};
use crate::config::positive;
use crate::doctor::{Capture, Machine, Measured, examine};
use crate::drift::Drift;
use crate::record;
use crate::report::Style;
use crate::time::Span;
use clap::{ArgMatches, Args, ColorChoice};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the command takes.
#[derive(Debug, Args)]
pub(super) struct DoctorArgs {
    /// Folders that builds write to: whose clock stamps the files there? [default: /]
    #[arg(value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    /// Look at a captured tree, and at nothing of this machine
    #[arg(long, value_name = "DIR", conflicts_with_all = ["clock", "capture"], help_heading = "Looking")]
    pub(super) root: Option<PathBuf>,
    /// Write what was looked at into a new folder, for somebody else to look at
    #[arg(long, value_name = "DIR", help_heading = "Looking")]
    pub(super) capture: Option<PathBuf>,
    /// Take how the clock ran from the record of a build, and ask nobody
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "clock",
        help_heading = "Looking"
    )]
    pub(super) record: Option<PathBuf>,
    /// How long to measure the clock, where --clock says by whom
    #[arg(long, value_name = "SPAN", value_parser = positive, default_value = "10s", help_heading = "Looking")]
    pub(super) r#for: Span,
    #[command(flatten)]
    pub(super) clock: ClockArgs,
    /// A report to write: human, json or ndjson, to standard output or to a file; repeatable
    #[arg(short, long, value_name = "NAME[=FILE]", value_parser = Request::parse, value_delimiter = '\n')]
    #[arg(default_value = "human", help_heading = "Output")]
    pub(super) output: Vec<Request>,
    /// Say what every fact means and where it is read
    #[arg(short, long, help_heading = "Output")]
    pub(super) verbose: bool,
    #[command(flatten)]
    pub(super) file: FileArgs,
}

pub(super) fn run(
    args: &DoctorArgs,
    matches: &ArgMatches,
    color: ColorChoice,
) -> Result<Exit, Failure> {
    output::check(&args.output)?;
    let machine = match &args.root {
        Some(root) => Machine::under(root)?,
        None => Machine::here(),
    };
    let machine = machine.with_paths(resolved(args)?);
    let measured = match &args.record {
        Some(path) => Some(recorded(path)?),
        None if args.clock.is_given() => Some(measure(args, matches)?),
        None => None,
    };
    let (measured, unmeasured) = match measured {
        Some(Ok(measured)) => (Some(measured), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let mut found = examine(&machine, measured);
    found.unmeasured = unmeasured;
    if let Some(folder) = &args.capture {
        write(&machine.capture(), folder)?;
    }
    let style = Style {
        colour: output::wants_colour(color),
        verbose: args.verbose,
    };
    for request in &args.output {
        request.write_examination(&found, style)?;
    }
    Ok(exit(found.is_suspicious(), found.unmeasured.is_some()))
}

/// Who wanted a measurement must not take its absence for a good one.
const fn exit(is_suspicious: bool, is_unmeasured: bool) -> Exit {
    match (is_suspicious, is_unmeasured) {
        (true, _) => Exit::Findings,
        (false, true) => Exit::NoVerdict,
        (false, false) => Exit::Pass,
    }
}

/// The paths from the root, since that is how mounts are listed; their links resolved, unless they are another
/// machine's. One that a build has still to make is where the folder is that it will be in.
fn resolved(args: &DoctorArgs) -> Result<Vec<String>, Failure> {
    let paths = args.paths.iter().map(|path| {
        let path = std::path::absolute(path)?;
        let mut folders = path.ancestors().filter(|_| args.root.is_none());
        let there = folders.find_map(|folder| folder.canonicalize().ok());
        Ok(there.unwrap_or(path).to_string_lossy().into_owned())
    });
    paths.collect()
}

/// How the clock ran while a build did; or why its record does not say.
fn recorded(path: &Path) -> Result<Result<Measured, String>, Failure> {
    let record = record::load(path)?;
    let mut asked: Vec<&str> = record
        .readings
        .iter()
        .flat_map(|taken| &taken.reading.witnesses)
        .filter(|witness| witness.standing == Standing::Agrees)
        .map(|witness| witness.address.as_str())
        .collect();
    asked.sort_unstable();
    asked.dedup();
    let measured = Measured::of(&record.drift(), asked.join(", "));
    Ok(measured.ok_or_else(|| {
        format!(
            "the record `{}` has not two readings of an outside clock",
            path.display()
        )
    }))
}

/// Asks twice, and says how the clock ran between; or why that is not known.
fn measure(args: &DoctorArgs, matches: &ArgMatches) -> Result<Result<Measured, String>, Failure> {
    let current = std::env::current_dir()?;
    let settings = settings(&args.clock, &args.file, matches, &current)?;
    let asking = Asking::by(&settings)?;
    let interrupt = interrupt::watch()?;
    let stop = interrupt.flag();
    let first = reading(&asking, stop);
    let went_on = first.trusted.is_ok() && interrupt::pause(args.r#for, stop);
    let readings = if went_on {
        vec![first, reading(&asking, stop)]
    } else {
        vec![first]
    };
    if stop.load(Ordering::Relaxed) {
        interrupt.end_process();
        return Err(Failure::unproven(
            "interrupted before the clock was measured",
        ));
    }
    for reading in &readings {
        match &reading.trusted {
            Err(why) => return Ok(Err(why.clone())),
            Ok(trusted) if !trusted.class.is_verified() => {
                return Ok(Err(
                    "no outside clock was asked: name one with --clock".to_owned()
                ));
            }
            Ok(_) => {}
        }
    }
    let against = settings.sources.value.join(", ");
    let measured = Measured::of(&Drift::of(&readings), against);
    Ok(measured
        .ok_or_else(|| "two readings did not come to a rate: ask for longer (--for)".to_owned()))
}

fn reading(asking: &Asking, stop: &AtomicBool) -> Reading {
    let asked = asking.ask(&|| stop.load(Ordering::Relaxed));
    Reading::of(Local::now(), &asked)
}

/// Writes a capture into a folder that is new or empty.
fn write(capture: &Capture, folder: &Path) -> Result<(), Failure> {
    let shown = folder.display();
    fs::create_dir_all(folder).map_err(|error| format!("cannot make `{shown}`: {error}"))?;
    if fs::read_dir(folder)?.next().is_some() {
        return Err(Failure::usage(format!(
            "`{shown}` is not empty: name a folder that is new, so that a capture holds nothing else"
        )));
    }
    for (path, text) in &capture.files {
        let path = folder.join(path);
        let wrong = |error| format!("cannot write `{}`: {error}", path.display());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(wrong)?;
        }
        output::create(&path, text).map_err(wrong)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::exit;
    use crate::cli::Exit;

    #[test]
    fn a_measurement_that_failed_is_no_pass() {
        assert_eq!(exit(false, false), Exit::Pass);
        assert_eq!(exit(false, true), Exit::NoVerdict);
        assert_eq!(
            [false, true].map(|failed| exit(true, failed)),
            [Exit::Findings; 2]
        );
    }
}
