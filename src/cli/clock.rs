//! `skewgate clock`: what time it is and who says so; and a gate before a build.

use super::args::ClockCommandArgs;
use super::audit::configured;
use super::output::Request;
use super::{Exit, Failure, complain, evidence, interrupt, output};
use crate::clock::{self, Builder, Clock, Sources, ask};
use crate::config::{ClockSettings, File};
use crate::report::{ClockEvidence, Disagreement, Reading, Style, Within};
use crate::sys::boottime;
use crate::time::Span;
use clap::{ArgMatches, ColorChoice};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// How long between two tries of `--wait`: servers take it amiss to be asked more often.
const PAUSE: Span = Span::from_secs(2);

/// How long between two glances at whether somebody wants it to stop.
const GLANCE: Duration = Duration::from_millis(50);

pub(super) fn run(
    args: &ClockCommandArgs,
    matches: &ArgMatches,
    color: ColorChoice,
) -> Result<Exit, Failure> {
    let current = std::env::current_dir()?;
    let file = configured(&args.file, &current)?.map(File::into_clock);
    let settings = ClockSettings::new(args.clock.given(matches), file.unwrap_or_default());
    let mut asking = settings.of_sources()?;
    if let Some(path) = &args.verify {
        return evidence::run(path, &asking.authorities);
    }
    // To prove that the builder's clock is within a limit, the answers must be sharper than it.
    asking.max_uncertainty = asking.max_uncertainty.or(args.within.map(Span::half));
    let sources = Sources::open(&settings.sources.value, &asking)?;
    output::check(&args.output)?;
    let style = Style {
        colour: output::wants_colour(color),
        verbose: false,
    };
    let interrupt = interrupt::watch()?;
    let gate = Gate {
        sources,
        options: settings.of_agreement(),
        within: args.within,
        stop: interrupt.flag(),
    };
    let mut exit = Exit::Pass;
    let mut is_first = true;
    while let Some((reading, came_to)) = gate.reading(args) {
        if !is_first {
            output::separate(&args.output)?;
        }
        is_first = false;
        exit = came_to;
        write(&args.output, &reading, style)?;
        let Some(pause) = args.watch else {
            return Ok(exit);
        };
        if !gate.pause(pause) {
            break;
        }
    }
    complain("interrupted\n");
    interrupt.end_process();
    Ok(if exit == Exit::Pass {
        Exit::NoVerdict
    } else {
        exit
    })
}

fn write(requests: &[Request], reading: &Reading, style: Style) -> Result<(), output::Error> {
    requests
        .iter()
        .try_for_each(|request| request.write_reading(reading, style))
}

/// What is asked, and what is wanted of the answer.
struct Gate<'run> {
    sources: Sources,
    options: clock::Options,
    within: Option<Span>,
    stop: &'run AtomicBool,
}

impl Gate<'_> {
    /// A reading: the first, or with `--wait` the first that will do or else the last before time ran out.
    /// `None` when somebody wants it to stop.
    fn reading(&self, args: &ClockCommandArgs) -> Option<(Reading, Exit)> {
        let began = boottime();
        loop {
            let (reading, exit) = self.once();
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            let waited = boottime().since(began);
            if exit == Exit::Pass || !args.wait || waited.plus(PAUSE) >= args.timeout {
                return Some((reading, exit));
            }
            if !self.pause(PAUSE) {
                return None;
            }
        }
    }

    /// Asks once, and says what that comes to.
    fn once(&self) -> (Reading, Exit) {
        let asked = ask(&self.sources, &self.options);
        let builder = Builder::look();
        let is_kept = builder.discipline.map(|state| state.synchronised);
        let version = env!("CARGO_PKG_VERSION");
        match asked {
            Ok(clock) => {
                let evidence = ClockEvidence::of(&clock, &builder);
                let within = self.within.map(|limit| within(&evidence, limit));
                let exit = exit(&clock, within);
                let clock = Ok(evidence);
                (
                    Reading {
                        version,
                        clock,
                        is_kept,
                        within,
                    },
                    exit,
                )
            }
            Err(error) => {
                let reason = error.summary();
                let answers = error.answers().to_vec();
                let remedy = error.remedy();
                let clock = Err(Disagreement {
                    reason,
                    remedy,
                    answers,
                });
                (
                    Reading {
                        version,
                        clock,
                        is_kept,
                        within: None,
                    },
                    Exit::NoVerdict,
                )
            }
        }
    }

    /// Waits, unless somebody wants it to stop.
    fn pause(&self, span: Span) -> bool {
        let began = boottime();
        while boottime().since(began) < span {
            if self.stop.load(Ordering::Relaxed) {
                return false;
            }
            thread::sleep(GLANCE);
        }
        true
    }
}

/// Whether the builder's clock is within the limit, wherever in its interval the true time lies. Of
/// itself it always is, which proves nothing.
fn within(evidence: &ClockEvidence, limit: Span) -> Within {
    let is_near = |(least, most): (Span, Span)| least.abs() <= limit && most.abs() <= limit;
    Within {
        limit,
        is_proven: evidence.class.is_verified() && evidence.ahead().is_some_and(is_near),
    }
}

/// A limit wants a clock from outside.
fn exit(clock: &Clock, within: Option<Within>) -> Exit {
    match within {
        None => Exit::Pass,
        Some(_) if !clock.class().is_verified() => Exit::NoVerdict,
        Some(within) if within.is_proven => Exit::Pass,
        Some(_) => Exit::Findings,
    }
}
