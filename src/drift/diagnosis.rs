//! What ails the builder's clock, in words, and what to do about it.

use super::Gain;
use crate::time::{Rate, Span, grouped};
use std::fmt;

/// What ails the builder's clock, or does not, with the numbers that say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Diagnosis {
    /// The hardware's count is off, and the clocks with it.
    Timer {
        /// How much the clocks gained on the true time.
        gain: Rate,
        /// How much the hardware's count did (`CLOCK_MONOTONIC_RAW`).
        hardware: Rate,
    },
    /// The hardware's count is right, and something slews the clock away from the true time.
    Slewed {
        /// How much the clock gained on the true time.
        gain: Rate,
        /// How much of it is slewing.
        slew: Rate,
    },
    /// The clock's rate is off; whether by the hardware or by slewing was not read.
    Runs {
        /// How much it gained on the true time.
        gain: Rate,
    },
    /// The hardware's count is off, and something keeps the clock in step all the same.
    Disciplined {
        /// How much the hardware's count gained on the true time.
        hardware: Rate,
    },
    /// The timer is right, and something slewed the clock towards the true time.
    Mended {
        /// How much the clock gained on the true time meanwhile.
        gain: Rate,
    },
    /// The rate changed while it was measured.
    Unsteady {
        /// How much the clock gained where it ran slowest …
        slowest: Rate,
        /// … and where it ran fastest.
        fastest: Rate,
    },
    /// Somebody set the wall clock.
    Stepped {
        /// How often.
        times: usize,
        /// The farthest of it, the least and the most; negative for back.
        by: (Span, Span),
    },
    /// The machine stood still while time went on.
    StoodStill {
        /// How often.
        times: usize,
        /// The longest of it, at least and at most.
        by: (Span, Span),
    },
    /// All clocks jumped ahead of the true time.
    RanAhead {
        /// How often.
        times: usize,
        /// The farthest of it, at least and at most.
        by: (Span, Span),
    },
    /// The machine was suspended.
    Suspended {
        /// How long, on the whole.
        by: Span,
    },
    /// What programs see is not the kernel's clock.
    Interposed {
        /// How far it was ahead at most; negative for behind.
        by: Span,
    },
    /// Some readings are of another boot or another time namespace.
    OtherRulers {
        /// How many rulers there are.
        rulers: usize,
    },
}

impl Diagnosis {
    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Timer { .. } => "timer",
            Self::Slewed { .. } => "slewed",
            Self::Runs { .. } => "runs",
            Self::Disciplined { .. } => "disciplined",
            Self::Mended { .. } => "mended",
            Self::Unsteady { .. } => "unsteady",
            Self::Stepped { .. } => "stepped",
            Self::StoodStill { .. } => "stood-still",
            Self::RanAhead { .. } => "ran-ahead",
            Self::Suspended { .. } => "suspended",
            Self::Interposed { .. } => "interposed",
            Self::OtherRulers { .. } => "other-rulers",
        }
    }

    /// Whether something is wrong.
    pub const fn is_trouble(self) -> bool {
        match self {
            Self::Timer { .. }
            | Self::Slewed { .. }
            | Self::Runs { .. }
            | Self::Unsteady { .. }
            | Self::Stepped { .. }
            | Self::StoodStill { .. }
            | Self::RanAhead { .. }
            | Self::Interposed { .. } => true,
            Self::Disciplined { .. }
            | Self::Mended { .. }
            | Self::Suspended { .. }
            | Self::OtherRulers { .. } => false,
        }
    }

    /// What to do about it.
    pub const fn remedy(self) -> &'static str {
        match self {
            Self::Timer { .. } => {
                "in a virtual machine, look at the host first: frequency scaling there (powernowd, cpuspeed, the \
                 governors in /sys/devices/system/cpu) changes what the guest's timer counts, and nothing in the \
                 guest helps; on bare metal, try another clocksource and replace the board"
            }
            Self::Slewed { .. } => {
                "find what slews it: one time daemon with good servers is right, two of them or the hypervisor's \
                 guest tools beside one are not; `chronyc tracking`, `timedatectl timesync-status` and `adjtimex -p` tell"
            }
            Self::Runs { .. } => {
                "have CLOCK_MONOTONIC_RAW read beside it (Linux) to tell a wrong timer from a wrong time daemon; in a \
                 virtual machine look at frequency scaling on the host"
            }
            Self::Disciplined { .. } => {
                "nothing while the time daemon runs; keep it running, and give it a second to correct after a boot"
            }
            Self::Mended { .. } => {
                "nothing; where a build must have the right time from its first second, let it wait for the time \
                 daemon (`chronyc waitsync`)"
            }
            Self::Unsteady { .. } => {
                "a rate that changes with the load is frequency scaling, on the host for a virtual machine: switch it \
                 off there; or a time daemon was still slewing: let the build wait for it (`chronyc waitsync`)"
            }
            Self::Stepped { .. } => {
                "let the clock be set before builds, not during: wait for the first synchronisation, and let the time \
                 daemon slew from then on (chrony: `makestep 1 3`)"
            }
            Self::StoodStill { .. } => {
                "the machine was paused, snapshotted or migrated, or what it is compared with was set forward: do not \
                 do so while it builds, and have the guest's clock corrected on resume"
            }
            Self::RanAhead { .. } => {
                "the machine's timer was moved forward (restored from a snapshot, migrated), or what it is compared \
                 with was set back: compare with more than one source, and do not migrate while it builds"
            }
            Self::Suspended { .. } => {
                "keep builders from sleeping: builds take longer than they seem to"
            }
            Self::Interposed { .. } => {
                "run the build without the preloaded library (LD_PRELOAD, libfaketime): what it dates is made up"
            }
            Self::OtherRulers { .. } => {
                "begin and end a record in one boot and one time namespace: from others only offsets can be told, no \
                 rate"
            }
        }
    }
}

impl fmt::Display for Diagnosis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let short = |rate: &Rate| Gain(*rate).short();
        match self {
            Self::Timer { gain, hardware } => {
                let (gain, hardware) = (Gain(*gain), short(hardware));
                let what = "the timer itself runs wrong, and all clocks with it";
                write!(
                    f,
                    "{what}: {gain} (its raw count, which nobody slews: {hardware})"
                )
            }
            Self::Slewed { gain, slew } => {
                let (gain, slew) = (Gain(*gain), short(slew));
                let what = "something slews the clock away from the true time";
                write!(
                    f,
                    "{what}: {gain} (slewing: {slew}; the timer's raw count is right)"
                )
            }
            Self::Runs { gain } => {
                let gain = Gain(*gain);
                write!(
                    f,
                    "the clock runs wrong: {gain}; by its timer or by slewing, nothing tells"
                )
            }
            Self::Disciplined { hardware } => {
                let hardware = short(hardware);
                write!(
                    f,
                    "the timer runs {hardware}, and something keeps the clock in step"
                )
            }
            Self::Mended { gain } => {
                let gain = short(gain);
                write!(f, "the clock was slewed towards the true time ({gain})")
            }
            Self::Unsteady { slowest, fastest } => {
                let (from, to) = (short(slowest), short(fastest));
                write!(
                    f,
                    "the rate changed while it was measured: from {from} to {to}"
                )
            }
            Self::Stepped { times, by } => told(f, "the wall clock was set", *times, *by),
            Self::StoodStill { times, by } => told(f, FELL_BACK, *times, *by),
            Self::RanAhead { times, by } => told(f, JUMPED, *times, *by),
            Self::Suspended { by } => write!(f, "the machine was suspended for {by} in all"),
            Self::Interposed { by } => interposed(f, *by),
            Self::OtherRulers { rulers } => {
                let what = "boots or time namespaces, whose clocks cannot be compared";
                write!(f, "the readings are of {rulers} {what}")
            }
        }
    }
}

/// What a machine does that stands still.
const FELL_BACK: &str = "this machine stood still: all its clocks fell back against the true time";

/// What a machine does whose timer is moved.
const JUMPED: &str = "all clocks of this machine jumped against the true time";

/// What moved, how often and how far.
fn told(
    f: &mut fmt::Formatter<'_>,
    what: &str,
    times: usize,
    (least, most): (Span, Span),
) -> fmt::Result {
    let way = if most < Span::ZERO { "back" } else { "forward" };
    let by = least.plus(most).half().abs();
    let times = u128::try_from(times).unwrap_or(u128::MAX);
    match times {
        1 => write!(f, "{what}, {way} by {by}"),
        _ => write!(f, "{what} {} times, at worst {way} by {by}", grouped(times)),
    }
}

/// What a preloaded library does.
fn interposed(f: &mut fmt::Formatter<'_>, by: Span) -> fmt::Result {
    let side = if by < Span::ZERO {
        "behind"
    } else {
        "ahead of"
    };
    let apart = by.abs();
    write!(
        f,
        "programs see a clock {apart} {side} the kernel's: something fakes it"
    )
}
