//! skewgate's own record of a build: readings at its begin, while it ran, and at its end.

mod begin;
mod belongs;
mod convert;
mod file;
mod recorder;
#[cfg(test)]
mod sample;
mod shape;
mod signature;
mod store;

pub use begin::Surroundings;
pub use belongs::{Here, mismatches};
pub use file::{LoadError, load};
#[cfg(fuzzing)]
pub(super) use file::{of_bytes, sealed, to_text};
pub use recorder::{Closing, Plan, Recorder, RecorderError};
pub(crate) use shape::Shape;
pub use signature::{KeyError, Signer, TrustedKey, load_signed};
pub use store::{Begun, Store, StoreError, default_place};

use crate::clock::Reading;
use crate::drift::Drift;
use crate::time::{Span, Timestamp};
use recorder::moved;
use std::path::PathBuf;

/// The record of a build.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// What it is called: random, so that it can be told from others.
    pub id: String,
    /// The version of skewgate that began it.
    pub version: String,
    /// Where it was begun.
    pub host: Host,
    /// What was built.
    pub tree: Tree,
    /// Where artifacts were going to be written to, and whose clock stamps them there.
    pub mounts: Vec<Mount>,
    /// What else is worth knowing of the machine, by name: `kernel`, `clocksource`, `hypervisor`.
    pub facts: Vec<(String, String)>,
    /// What was run under `skewgate run`.
    pub command: Option<Command>,
    /// The readings, in the order in which they were taken. The first began it.
    pub readings: Vec<Recorded>,
}

/// A reading, and what it was taken for.
#[derive(Debug, Clone, PartialEq)]
pub struct Recorded {
    /// What for.
    pub phase: Phase,
    /// What was read.
    pub reading: Reading,
}

/// What a reading was taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// The build begins.
    Begin,
    /// It runs.
    During,
    /// The clock was just seen to be set.
    Step,
    /// The build has ended.
    End,
}

impl Phase {
    /// As the reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Begin => "begin",
            Self::During => "during",
            Self::Step => "step",
            Self::End => "end",
        }
    }
}

/// Where a record was begun.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Host {
    /// What the machine calls itself.
    pub name: Option<String>,
    /// A digest of what tells it from others for good.
    pub machine: Option<String>,
}

/// What was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tree {
    /// The folder in which it was begun.
    pub path: PathBuf,
    /// The device and the inode of that folder.
    pub identity: Option<(u64, u64)>,
    /// The commit that was checked out there.
    pub commit: Option<String>,
}

/// A place that artifacts are written to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// The folder.
    pub path: PathBuf,
    /// The kind of file system, as `mount(8)` calls it.
    pub filesystem: String,
    /// Whose clock stamps there: `local`, `server`, `image`.
    pub stamper: String,
    /// The wall clock as the kernel has it, the time that a new file got there, and that clock again; or why none
    /// was made.
    pub stamp: Result<(Timestamp, Timestamp, Timestamp), String>,
}

/// What was run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// The program's name, without its folder.
    pub program: String,
    /// How many arguments it was given. They themselves are nobody's business: passwords are among them, and a
    /// record is handed on.
    pub arguments: u64,
    /// What it exited with; `None` while it runs, or when a signal ended it.
    pub exit: Option<i32>,
}

/// Why a record does not belong to what is audited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// Why, in a sentence.
    pub reason: String,
    /// Whether nothing of the record can be used: not even its window.
    pub is_void: bool,
}

/// How many readings a record keeps. A build of days is no better known by more.
const MOST_READINGS: usize = 300;

/// How many of them may be of steps. A clock that is set all the time leaves room for what the sources say.
const MOST_STEPS: usize = 100;

impl Record {
    /// Adds a reading. When there are too many, some of those while the build ran go, and some of those around the
    /// least steps; those of its begin and its end stay.
    pub fn push(&mut self, taken: Recorded) {
        if taken.phase == Phase::Step {
            self.merge_steps();
        }
        if self.readings.len() + 1 >= MOST_READINGS {
            self.thin();
        }
        if self.readings.len() + 1 < MOST_READINGS || taken.phase == Phase::End {
            self.readings.push(taken);
        }
    }

    /// Takes back that the build has ended. What was read then was read while it ran.
    fn reopen(&mut self) {
        for taken in &mut self.readings {
            if taken.phase == Phase::End {
                taken.phase = Phase::During;
            }
        }
    }

    /// Adds a reading whose sources took their time, where it belongs by when it was taken.
    fn push_in_order(&mut self, taken: Recorded) {
        self.push(taken);
        // Sorted but for the last; those of one instant stay as they are.
        self.readings
            .sort_by_key(|taken| taken.reading.local.clocks.taken);
    }

    /// Leaves about half as many as there may be of those while the build ran, as far apart from each other over
    /// the whole of it.
    fn thin(&mut self) {
        let at = |taken: &Recorded| taken.reading.local.clocks.taken;
        let (Some(first), Some(last)) = (self.readings.first(), self.readings.last()) else {
            return;
        };
        let half = i128::try_from(MOST_READINGS / 2).unwrap_or(1);
        let gap = Span::from_nanos(at(last).since(at(first)).as_nanos() / half);
        let mut kept = at(first);
        self.readings.retain(|taken| {
            let stays = taken.phase != Phase::During || at(taken).since(kept) >= gap;
            if stays && taken.phase == Phase::During {
                kept = at(taken);
            }
            stays
        });
    }

    /// Makes room for one more reading of a step: that one goes beside which the clock moved least. The steps before
    /// and after it are one then, no smaller, and only less is known of when it was.
    fn merge_steps(&mut self) {
        let clocks = |taken: &Recorded| taken.reading.local.clocks;
        let count = |taken: &&Recorded| taken.phase == Phase::Step;
        if self.readings.iter().filter(count).count() < MOST_STEPS {
            return;
        }
        let least = self
            .readings
            .windows(3)
            .enumerate()
            .filter_map(|(before, three)| match three {
                [one, step, other] if step.phase == Phase::Step => {
                    let moved = |one, other| moved(&clocks(one), &clocks(other));
                    Some((before + 1, moved(one, step).max(moved(step, other))))
                }
                _ => None,
            })
            .min_by_key(|(_, moved)| *moved);
        if let Some((index, _)) = least {
            self.readings.remove(index);
        }
    }

    /// The digest that the record's file carries of what it says: `sha256:` and hexadecimal digits.
    pub fn digest(&self) -> String {
        file::digest_of(self)
    }

    /// Whether the build has not ended yet, as far as the record knows.
    pub fn is_open(&self) -> bool {
        !self.readings.iter().any(|taken| taken.phase == Phase::End)
    }

    /// How the clock ran while it built.
    pub fn drift(&self) -> Drift {
        Drift::of(self.readings.iter().map(|taken| &taken.reading))
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_READINGS, MOST_STEPS, Phase, Recorded, moved, sample};
    use crate::time::Span;

    #[test]
    fn a_long_build_keeps_a_record_that_is_short() {
        let mut record = sample::open();
        record.readings.truncate(1);
        for second in 1..5_000 {
            let phase = match second % 100 {
                50 => Phase::Step,
                _ => Phase::During,
            };
            record.push(sample::taken(phase, second));
            assert!(record.readings.len() < MOST_READINGS);
        }
        record.push(sample::taken(Phase::End, 5_000));
        let count = |phase| {
            let kept = record.readings.iter().filter(|taken| taken.phase == phase);
            kept.count()
        };
        assert_eq!(
            [Phase::Begin, Phase::Step, Phase::End].map(count),
            [1, 50, 1]
        );
        assert!(count(Phase::During) > MOST_READINGS / 4);
        // The readings that are left go from one end to the other.
        let at = |seconds| {
            sample::taken(Phase::During, seconds)
                .reading
                .local
                .clocks
                .taken
        };
        let gap = |from, to| {
            let is_within = |at: &_| *at >= from && *at < to;
            let taken = record.readings.iter();
            taken
                .filter(|taken| is_within(&taken.reading.local.clocks.taken))
                .count()
        };
        assert!((0..10).all(|tenth| gap(at(tenth * 500), at(tenth * 500 + 500)) > 5));
    }

    #[test]
    fn a_clock_that_never_stands_still_hides_no_step_and_no_answer() {
        let mut record = sample::open();
        let gained = |second: i64| Span::from_secs(second + if second > 2_000 { 60 } else { 0 });
        for second in 10..5_000 {
            let mut taken = sample::taken(Phase::Step, second);
            if second % 30 == 0 {
                taken.phase = Phase::During;
            }
            let clocks = &mut taken.reading.local.clocks;
            clocks.wall = clocks.wall.later(gained(second));
            record.push(taken);
        }
        record.push(sample::taken(Phase::End, 5_000));
        let count = |phase| {
            let kept = record.readings.iter().filter(|taken| taken.phase == phase);
            kept.count()
        };
        assert_eq!(count(Phase::Step), MOST_STEPS);
        assert!(count(Phase::During) > 100 && record.readings.len() <= MOST_READINGS);
        // The one that was no part of the flood is still told apart, and the others are spread.
        let pairs = record.readings.windows(2);
        let apart = |pair: &[Recorded]| {
            let [one, other] = pair else {
                panic!("windows of two")
            };
            let [one, other] = [one, other].map(|taken| taken.reading.local.clocks);
            (other.taken.since(one.taken), moved(&one, &other))
        };
        let apart: Vec<(Span, Span)> = pairs.map(apart).collect();
        let real = (Span::from_secs(1), Span::from_secs(61));
        assert!(apart.contains(&real), "{apart:?}");
        let furthest = apart.iter().map(|(elapsed, _)| *elapsed).max();
        assert!(furthest < Some(Span::from_secs(200)), "{furthest:?}");
    }

    #[test]
    fn a_late_answer_is_put_where_it_belongs() {
        let mut record = sample::open();
        record.push(sample::taken(Phase::Step, 20));
        record.push_in_order(sample::taken(Phase::During, 15));
        let phases: Vec<Phase> = record.readings.iter().map(|taken| taken.phase).collect();
        let expected = [Phase::Begin, Phase::During, Phase::During, Phase::Step];
        assert_eq!(phases, expected);
        assert!(record.digest().starts_with("sha256:"));
    }
}
