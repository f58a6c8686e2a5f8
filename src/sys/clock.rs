//! The local clocks, and what the kernel says of them.

use crate::time::{Span, Timestamp};
use std::time::SystemTime;

/// A reading of the ruler: time since boot, suspended time counted, never set by anyone
/// (`CLOCK_BOOTTIME`). Only differences between two readings of one boot mean anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Boottime(Timestamp);

impl Boottime {
    /// How long after `earlier` this was read.
    pub const fn since(self, earlier: Self) -> Span {
        self.0.since(earlier.0)
    }

    /// What will be, or was, read when `span` has passed on the ruler.
    pub const fn later(self, span: Span) -> Self {
        Self(self.0.later(span))
    }

    /// The reading a test wishes for.
    #[cfg(any(test, fuzzing))]
    pub(crate) const fn at(nanos: i128) -> Self {
        Self(Timestamp::from_nanos(nanos))
    }
}

/// What the kernel says of how its clock is kept (`adjtimex(2)`, `struct timex`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Discipline {
    /// Whether something keeps the clock in step: not `TIME_ERROR`, not `STA_UNSYNC`.
    pub synchronised: bool,
    /// The most the clock can be off, as whoever keeps it claims (`maxerror`).
    pub max_error: Span,
    /// The correction of its rate, in parts per million times 65,536 (`freq`).
    pub frequency: i64,
    /// Microseconds that it gains with each tick of 100 a second (`tick`).
    pub tick: i64,
}

/// The wall clock as the programs of a build see it: through the C library, which a preloaded
/// library can replace.
pub fn wall_clock() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "this is the one place")]
    let now = SystemTime::now();
    timestamp(now)
}

/// A `SystemTime` as a timestamp.
pub fn timestamp(at: SystemTime) -> Timestamp {
    let nanos = match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => i128::try_from(after.as_nanos()).unwrap_or(i128::MAX),
        Err(before) => -i128::try_from(before.duration().as_nanos()).unwrap_or(i128::MAX),
    };
    Timestamp::from_nanos(nanos)
}

#[cfg(target_os = "linux")]
mod system {
    use super::{Boottime, Discipline};
    use crate::time::{Span, Timestamp};
    use rustix::time::{ClockId, Timespec, clock_getres, clock_gettime};

    /// The ruler.
    pub fn boottime() -> Boottime {
        Boottime(from_timespec(clock_gettime(ClockId::Boottime)))
    }

    /// The wall clock straight from the kernel: no preloaded library can replace it.
    pub fn raw_wall_clock() -> Option<Timestamp> {
        Some(from_timespec(clock_gettime(ClockId::Realtime)))
    }

    /// How far a file's time may lag the clock: most file systems stamp with the time of the last
    /// timer tick.
    pub fn coarse_tick() -> Option<Span> {
        let tick = clock_getres(ClockId::RealtimeCoarse);
        Some(from_timespec(tick).since(Timestamp::from_unix(0, 0)))
    }

    fn from_timespec(spec: Timespec) -> Timestamp {
        Timestamp::from_unix(spec.tv_sec, u32::try_from(spec.tv_nsec).unwrap_or(0))
    }

    /// How the kernel's clock is kept; `None` where it will not say (gVisor, some sandboxes).
    pub fn discipline() -> Option<Discipline> {
        #[expect(unsafe_code, reason = "no safe binding of adjtimex exists")]
        // SAFETY: `timex` is plain integers, for which zero is valid, and with `modes` zero the
        // kernel only fills it in.
        let (state, timex) = unsafe {
            let mut timex: libc::timex = std::mem::zeroed();
            (libc::adjtimex(&raw mut timex), timex)
        };
        (state >= 0).then(|| Discipline {
            synchronised: state != libc::TIME_ERROR && timex.status & libc::STA_UNSYNC == 0,
            max_error: Span::from_nanos(i128::from(timex.maxerror) * 1000),
            frequency: timex.freq,
            tick: timex.tick,
        })
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use super::{Boottime, Discipline};
    use crate::time::{Span, Timestamp};
    use std::sync::OnceLock;
    use std::time::Instant;

    /// The ruler: `Instant`, which some systems stop while suspended.
    pub fn boottime() -> Boottime {
        static FIRST: OnceLock<Instant> = OnceLock::new();
        #[expect(clippy::disallowed_methods, reason = "this is the one place")]
        let now = Instant::now();
        let nanos = now.duration_since(*FIRST.get_or_init(|| now)).as_nanos();
        Boottime(Timestamp::from_nanos(
            i128::try_from(nanos).unwrap_or(i128::MAX),
        ))
    }

    /// The wall clock past any preloaded library: not to be had here.
    pub fn raw_wall_clock() -> Option<Timestamp> {
        None
    }

    /// How far a file's time may lag the clock: not stated here.
    pub fn coarse_tick() -> Option<Span> {
        None
    }

    /// How the clock is kept: not stated here.
    pub fn discipline() -> Option<Discipline> {
        None
    }
}

pub use system::{boottime, coarse_tick, discipline, raw_wall_clock};

#[cfg(test)]
mod tests {
    use super::{boottime, coarse_tick, raw_wall_clock, wall_clock};
    use crate::time::Span;

    #[test]
    fn the_ruler_never_runs_back() {
        let first = boottime();
        assert!(boottime().since(first) >= Span::ZERO);
    }

    #[test]
    fn both_ways_to_the_wall_clock_agree() {
        let (before, raw, after) = (wall_clock(), raw_wall_clock(), wall_clock());
        let raw = raw.unwrap_or(after);
        assert!(before <= raw && raw <= after, "{before} {raw} {after}");
    }

    #[test]
    fn a_tick_is_between_nothing_and_a_fiftieth_of_a_second() {
        let tick = coarse_tick().unwrap_or(Span::from_millis(4));
        assert!(tick > Span::ZERO && tick <= Span::from_millis(20), "{tick}");
    }
}
