//! The builder's own clocks: what the machine under audit says of itself. Evidence, never the ruler.

use crate::sys::{Boottime, Discipline, boottime, discipline, raw_wall_clock, wall_clock};
use crate::time::{Interval, Order, Span, Timestamp};
use std::{env, iter};

/// What this machine says of its own clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Builder {
    /// What its wall clock says, as the programs of a build see it.
    pub wall_clock: Timestamp,
    /// When it said so.
    pub taken: Boottime,
    /// How its kernel says the clock is kept; `None` where it does not say.
    pub discipline: Option<Discipline>,
    /// How far the clock that programs see is from the kernel's, when it is not the same.
    pub interposed: Option<Span>,
    /// A library or a setting in the environment that is known to fake time.
    pub faking: Option<String>,
}

impl Builder {
    /// Looks at them.
    pub fn look() -> Self {
        let (taken, wall_clock) = read_as_one();
        Self {
            wall_clock,
            taken,
            discipline: discipline(),
            interposed: interposed(),
            faking: faking(),
        }
    }

    /// What its wall clock said, or will say, at another reading of the ruler, unless it is set between:
    /// the kernel runs and slews both as one.
    pub const fn at(&self, ruler: Boottime) -> Timestamp {
        self.wall_clock.later(ruler.since(self.taken))
    }
}

/// How often both clocks are read at most, to have them as of one instant.
const TRIES: usize = 8;

/// Readings this close are as of one instant.
const CLOSE: Span = Span::from_nanos(20_000);

/// The ruler and the wall clock as of one instant: nothing tells how long a busy machine lets a process
/// wait between two readings, but of several the closest are close.
fn read_as_one() -> (Boottime, Timestamp) {
    let read = || {
        let (before, wall_clock, after) = (boottime(), wall_clock(), boottime());
        (after.since(before), (before, wall_clock))
    };
    closest(iter::repeat_with(read).take(TRIES)).unwrap_or_else(|| read().1)
}

/// The first reading that took next to nothing, or else the one that took least.
fn closest<T>(readings: impl Iterator<Item = (Span, T)>) -> Option<T> {
    let mut best: Option<(Span, T)> = None;
    for reading in readings {
        if best.as_ref().is_none_or(|(least, _)| reading.0 < *least) {
            best = Some(reading);
        }
        if best.as_ref().is_some_and(|(least, _)| *least <= CLOSE) {
            break;
        }
    }
    best.map(|(_, reading)| reading)
}

/// More than two readings of one clock can lie apart, however busy the machine, unless the process
/// stood still between them; then the bracket is as wide.
const SLACK: Span = Span::from_millis(1);

/// How far a program's clock is from the kernel's: read the kernel's, the program's, the kernel's.
fn interposed() -> Option<Span> {
    let (before, seen, after) = (raw_wall_clock()?, wall_clock(), raw_wall_clock()?);
    let kernel = Interval::between(before, after);
    let apart = kernel.widened(SLACK).order(Interval::exactly(seen)) != Order::Overlaps;
    apart.then(|| seen.since(before))
}

/// What in the environment is known to fake time: libfaketime and its settings.
fn faking() -> Option<String> {
    let preloaded = env::var_os("LD_PRELOAD")
        .is_some_and(|preloaded| preloaded.to_string_lossy().contains("faketime"));
    let setting = env::vars_os().find(|(name, _)| name.to_string_lossy().starts_with("FAKETIME"));
    match (preloaded, setting) {
        (true, _) => Some("LD_PRELOAD names libfaketime".to_owned()),
        (false, Some((name, _))) => Some(format!("{} is set", name.to_string_lossy())),
        (false, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Builder, CLOSE, closest};
    use crate::time::Span;

    #[test]
    fn nobody_fakes_the_clock_of_a_test() {
        assert_eq!(Builder::look().interposed, None);
    }

    #[test]
    fn a_builder_is_taken_to_another_instant_by_the_ruler() {
        let builder = Builder::look();
        let at = |seconds| builder.at(builder.taken.later(Span::from_secs(seconds)));
        let moved = [-5, 0, 5].map(|seconds| at(seconds).since(builder.wall_clock));
        assert_eq!(moved, [-5, 0, 5].map(Span::from_secs));
    }

    #[test]
    fn of_several_readings_the_closest_counts() {
        let took = |millis: &[i64]| {
            let readings = millis
                .iter()
                .map(|&millis| (Span::from_millis(millis), millis));
            closest(readings)
        };
        assert_eq!(took(&[30, 10, 20]), Some(10));
        assert_eq!(took(&[30, 0, -1]), Some(0));
        assert_eq!(took(&[]), None);
        assert!(CLOSE < Span::from_millis(1));
    }
}
