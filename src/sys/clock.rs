//! The local clocks, and what the kernel says of them.

use crate::time::{Interval, Span, Timestamp};
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

    /// The reading of so many nanoseconds: one that was written down, of the boot it was read in.
    pub const fn at(nanos: i128) -> Self {
        Self(Timestamp::from_nanos(nanos))
    }

    /// The reading in nanoseconds, to write it down.
    pub const fn as_nanos(self) -> i128 {
        self.0.as_nanos()
    }
}

/// Every local clock, read as of one instant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clocks {
    /// The ruler, read first.
    pub taken: Boottime,
    /// How long it took to read them all: they are as of one instant only so far.
    pub bracket: Span,
    /// The wall clock as programs see it.
    pub wall: Timestamp,
    /// The wall clock as the kernel has it; `None` where it is not to be had.
    pub kernel_wall: Option<Timestamp>,
    /// `CLOCK_MONOTONIC`: slewed as the wall clock, never set, and it stands while suspended.
    pub monotonic: Option<Span>,
    /// `CLOCK_MONOTONIC_RAW`: the same, but never slewed: what the hardware counts.
    pub monotonic_raw: Option<Span>,
}

impl Clocks {
    /// More than two readings of one clock can lie apart beyond their brackets, however busy the machine.
    pub const SLACK: Span = Span::from_millis(1);

    /// The wall clock that stamps files.
    pub fn stamping(&self) -> Timestamp {
        self.kernel_wall.unwrap_or(self.wall)
    }

    /// What programs saw on the wall clock at another reading of the ruler, unless it was set between: the
    /// kernel runs both as one. It was read at some time in the bracket, which begins with the ruler.
    pub fn wall_at(&self, ruler: Boottime) -> Interval {
        let latest = self.wall.later(ruler.since(self.taken));
        Interval::between(latest.earlier(self.bracket), latest)
    }

    /// How far what programs see is ahead of the kernel's clock, where that is not the same.
    pub fn interposed(&self) -> Option<Span> {
        let apart = self.wall.since(self.kernel_wall?);
        (apart.abs() > self.bracket.plus(Self::SLACK)).then_some(apart)
    }
}

/// How often the clocks are read at most, to have them as of one instant.
const TRIES: usize = 8;

/// Readings this close are as of one instant.
const CLOSE: Span = Span::from_nanos(20_000);

/// Reads them all. Nothing tells how long a busy machine lets a process wait between two readings, but of
/// several the closest are close.
pub fn clocks() -> Clocks {
    closest(std::iter::repeat_with(read_once).take(TRIES)).unwrap_or_else(read_once)
}

fn read_once() -> Clocks {
    let taken = boottime();
    let (wall, kernel_wall) = (wall_clock(), raw_wall_clock());
    let (monotonic, monotonic_raw) = monotonic();
    Clocks {
        taken,
        bracket: boottime().since(taken),
        wall,
        kernel_wall,
        monotonic,
        monotonic_raw,
    }
}

/// The first reading that took next to nothing, or else the one that took least.
fn closest(readings: impl Iterator<Item = Clocks>) -> Option<Clocks> {
    let mut best: Option<Clocks> = None;
    for reading in readings {
        if best.is_none_or(|best| reading.bracket < best.bracket) {
            best = Some(reading);
        }
        if best.is_some_and(|best| best.bracket <= CLOSE) {
            break;
        }
    }
    best
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

    /// The clock that is never set, and the one that is never slewed either.
    pub(super) fn monotonic() -> (Option<Span>, Option<Span>) {
        let zero = Timestamp::from_unix(0, 0);
        let read = |id| Some(from_timespec(clock_gettime(id)).since(zero));
        (read(ClockId::Monotonic), read(ClockId::MonotonicRaw))
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

    /// The clocks that are never set: not told apart here.
    pub(super) fn monotonic() -> (Option<Span>, Option<Span>) {
        (None, None)
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

use system::monotonic;
pub use system::{boottime, coarse_tick, discipline, raw_wall_clock};

#[cfg(test)]
mod tests {
    use super::{
        CLOSE, Clocks, boottime, clocks, closest, coarse_tick, raw_wall_clock, wall_clock,
    };
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
    fn all_clocks_are_read_as_of_one_instant() {
        let (first, then) = (clocks(), clocks());
        let zero = Span::ZERO;
        assert!(first.bracket >= zero && first.bracket < Span::from_millis(20));
        assert!(then.monotonic >= first.monotonic && then.monotonic_raw >= first.monotonic_raw);
        if let Some(kernel) = first.kernel_wall {
            assert!(kernel.since(first.wall).abs() <= first.bracket.plus(Span::from_millis(1)));
        }
    }

    #[test]
    fn of_several_readings_the_closest_counts() {
        let took = |millis: &[i64]| {
            let reading = |millis: &i64| Clocks {
                bracket: Span::from_millis(*millis),
                ..clocks()
            };
            closest(millis.iter().map(reading)).map(|reading| reading.bracket)
        };
        assert_eq!(took(&[30, 10, 20]), Some(Span::from_millis(10)));
        assert_eq!(took(&[30, 0, -1]), Some(Span::ZERO));
        assert_eq!(took(&[]), None);
        assert!(CLOSE < Span::from_millis(1));
    }

    #[test]
    fn a_tick_is_between_nothing_and_a_fiftieth_of_a_second() {
        let tick = coarse_tick().unwrap_or(Span::from_millis(4));
        assert!(tick > Span::ZERO && tick <= Span::from_millis(20), "{tick}");
    }
}
