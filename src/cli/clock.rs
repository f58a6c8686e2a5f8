//! `skewgate clock`: what time it is and who says so; and a gate before a build.

use super::args::{ClockArgs, FileArgs, watched};
use super::asking::settings;
use super::output::Request;
use super::{Exit, Failure, complain, evidence, interrupt, output};
use crate::clock::{self, Builder, Sources, ask_unless};
use crate::config::positive;
use crate::report::{ClockEvidence, Disagreement, Reading, Style, Within};
use crate::source::Class;
use crate::sys::boottime;
use crate::time::Span;
use clap::{ArgMatches, Args, ColorChoice};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Debug, Args)]
pub(super) struct ClockCommandArgs {
    #[command(flatten)]
    pub(super) clock: ClockArgs,
    /// Hold the builder's clock against this limit: exit 1 unless it is proven to be within it
    #[arg(long, value_name = "SPAN", value_parser = positive, help_heading = "Gate")]
    pub(super) within: Option<Span>,
    /// Ask again until it is within the limit
    #[arg(long, requires = "within", help_heading = "Gate")]
    pub(super) wait: bool,
    /// How long to wait
    #[arg(long, value_name = "SPAN", value_parser = positive, default_value = "60s", requires = "wait", help_heading = "Gate")]
    pub(super) timeout: Span,
    /// Ask again and again, so long after the time before
    #[arg(long, value_name = "SPAN", value_parser = watched, num_args = 0..=1, default_missing_value = "1m", conflicts_with = "wait", help_heading = "Output")]
    pub(super) watch: Option<Span>,
    /// Ask nobody: verify the time-stamp tokens of an earlier JSON report again
    #[arg(long, value_name = "REPORT", conflicts_with_all = ["clock", "within", "watch", "output"], help_heading = "Evidence")]
    pub(super) verify: Option<PathBuf>,
    /// A report to write: human, json or ndjson, to standard output or to a file; repeatable
    #[arg(short, long, value_name = "NAME[=FILE]", value_parser = Request::parse, value_delimiter = '\n')]
    #[arg(default_value = "human", help_heading = "Output")]
    pub(super) output: Vec<Request>,
    #[command(flatten)]
    pub(super) file: FileArgs,
}

/// How long between two tries of `--wait`: servers take it amiss to be asked more often.
const PAUSE: Span = Span::from_secs(2);

pub(super) fn run(
    args: &ClockCommandArgs,
    matches: &ArgMatches,
    color: ColorChoice,
) -> Result<Exit, Failure> {
    let current = std::env::current_dir()?;
    let settings = settings(&args.clock, &args.file, matches, &current)?;
    let mut asking = settings.of_sources()?;
    if let Some(path) = &args.verify {
        return evidence::run(path, &asking.authorities);
    }
    // To prove that the builder's clock is within a limit, the answers must be sharper than it.
    asking.max_uncertainty = sharper(asking.max_uncertainty, args.within.map(Span::half));
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
        if !interrupt::pause(pause, gate.stop) {
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

/// The lesser limit of two, of which either may be missing.
fn sharper(one: Option<Span>, other: Option<Span>) -> Option<Span> {
    one.into_iter().chain(other).min()
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
        let left = || args.timeout.plus(boottime().since(began).negated());
        // A try that is given less time than this says less than the one before.
        let least = PAUSE.plus(self.options.timeout.min(PAUSE));
        loop {
            let mut options = self.options;
            if args.wait {
                options.timeout = options.timeout.min(left());
            }
            let (reading, exit) = self.once(&options);
            if self.stop.load(Ordering::Relaxed) {
                return None;
            }
            if exit == Exit::Pass || !args.wait || left() < least || !self.sources.has_outside() {
                return Some((reading, exit));
            }
            if !interrupt::pause(PAUSE, self.stop) {
                return None;
            }
        }
    }

    /// Asks once, and says what that comes to.
    fn once(&self, options: &clock::Options) -> (Reading, Exit) {
        let is_unwanted = || self.stop.load(Ordering::Relaxed);
        let asked = ask_unless(&self.sources, options, &is_unwanted);
        let builder = Builder::look();
        let is_kept = builder.discipline.map(|state| state.synchronised);
        let (clock, within, exit) = match asked {
            Ok(clock) => {
                let evidence = ClockEvidence::of(&clock, &builder);
                let within = self.within.map(|limit| within(&evidence, limit));
                let exit = exit(clock.class(), within);
                (Ok(evidence), within, exit)
            }
            Err(error) => {
                let reason = error.summary();
                let answers = error.answers().to_vec();
                let remedy = error.remedy();
                let disagreement = Disagreement {
                    reason,
                    remedy,
                    answers,
                };
                (Err(disagreement), None, Exit::NoVerdict)
            }
        };
        let reading = Reading {
            version: env!("CARGO_PKG_VERSION"),
            clock,
            is_kept,
            within,
        };
        (reading, exit)
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
fn exit(class: Class, within: Option<Within>) -> Exit {
    match within {
        None => Exit::Pass,
        Some(_) if !class.is_verified() => Exit::NoVerdict,
        Some(within) if within.is_proven => Exit::Pass,
        Some(_) => Exit::Findings,
    }
}

#[cfg(test)]
mod tests {
    use super::{exit, sharper, within};
    use crate::cli::Exit;
    use crate::clock::Votes;
    use crate::report::{ClockEvidence, Within};
    use crate::source::Class;
    use crate::sys::boottime;
    use crate::time::{Interval, Span, Timestamp};

    /// Whether a builder is proven within 50 ms that is so many milliseconds ahead of what is known to so many.
    fn proven(class: Class, ahead: i64, known: i64) -> bool {
        let now = Timestamp::from_unix(1_800_000_000, 0);
        let evidence = ClockEvidence {
            trusted: Interval::around(now, Span::from_millis(known)),
            taken: boottime(),
            class,
            votes: Votes { agreeing: 1, of: 1 },
            answers: Vec::new(),
            builder: Some(now.later(Span::from_millis(ahead))),
        };
        within(&evidence, Span::from_millis(50)).is_proven
    }

    #[test]
    fn a_builder_is_within_a_limit_when_it_is_so_wherever_the_truth_lies() {
        let network = |ahead, known| proven(Class::Network, ahead, known);
        assert!(network(0, 50) && network(40, 10) && network(-40, 10));
        assert!(!network(0, 51) && !network(41, 10) && !network(-41, 10));
        assert!(!network(200, 10) && !network(-200, 10));
        assert!(!proven(Class::Stated, 0, 0) && !proven(Class::System, 0, 0));
    }

    #[test]
    fn only_what_is_proven_by_an_outside_clock_passes() {
        let limit = Span::from_millis(50);
        let within = |is_proven| Some(Within { limit, is_proven });
        assert_eq!(exit(Class::Network, within(true)), Exit::Pass);
        assert_eq!(exit(Class::Network, within(false)), Exit::Findings);
        assert_eq!(exit(Class::Stated, within(false)), Exit::NoVerdict);
        assert_eq!(exit(Class::System, within(false)), Exit::NoVerdict);
        assert_eq!(exit(Class::System, None), Exit::Pass);
    }

    #[test]
    fn sources_are_asked_as_sharply_as_the_sharper_limit_wants() {
        let (fine, coarse) = (Some(Span::from_millis(25)), Some(Span::from_secs(1)));
        assert_eq!(sharper(coarse, fine), fine);
        assert_eq!(sharper(fine, coarse), fine);
        assert_eq!(sharper(None, fine), fine);
        assert_eq!(sharper(None, None), None);
    }
}
