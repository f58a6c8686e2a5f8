//! Simulated builders, and what is made of their readings.

mod cases;
mod causes;
mod simulation;

use crate::clock::{Local, Reading, Trusted, Votes};
use crate::source::Class;
use crate::sys::{Boottime, Clocks, RulerId};
use crate::time::{Interval, Span, Timestamp};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof};

pub(crate) const SECOND: i128 = 1_000_000_000;
pub(crate) const MILLI: i128 = 1_000_000;

/// When the simulations begin, by the true time.
pub(crate) const EPOCH: i128 = 1_795_000_000 * SECOND;

/// Numbers that look random and are the same in every run (splitmix64).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn between(&mut self, from: i128, to: i128) -> i128 {
        from + i128::from(self.next()) % (to - from + 1)
    }
}

/// A machine whose ruler runs as pieces of true time on it say, and whose wall clock somebody sets.
#[derive(Default)]
pub(crate) struct Machine {
    /// From which reading of the ruler on the true time gains how many ppb on it, after it jumped by so much.
    pub(crate) pieces: Vec<(i128, i128, i128)>,
    /// From which reading of the ruler on the wall clock is how far ahead of it.
    pub(crate) walls: Vec<(i128, i128)>,
}

impl Machine {
    pub(crate) fn even(ppb: i128) -> Self {
        Self {
            pieces: vec![(0, ppb, 0)],
            walls: vec![(0, EPOCH)],
        }
    }

    /// The true time when the ruler showed this.
    fn truth(&self, ruler: i128) -> i128 {
        let mut truth = EPOCH;
        for (index, (from, ppb, jump)) in self.pieces.iter().enumerate() {
            if ruler < *from {
                break;
            }
            let to = self
                .pieces
                .get(index + 1)
                .map_or(ruler, |next| next.0.min(ruler));
            truth += jump + (to - from) + (to - from) * ppb / SECOND;
        }
        truth
    }

    fn wall(&self, ruler: i128) -> i128 {
        let ahead = self.walls.iter().rev().find(|(from, _)| *from <= ruler);
        ruler + ahead.map_or(0, |(_, ahead)| *ahead)
    }

    /// A reading at which the true time is known to so much too early and so much too late.
    fn reading(&self, ruler: i128, early: i128, late: i128) -> Reading {
        let (truth, wall) = (self.truth(ruler), Timestamp::from_nanos(self.wall(ruler)));
        Reading {
            local: Local {
                clocks: Clocks {
                    taken: Boottime::at(ruler),
                    bracket: Span::from_nanos(200),
                    wall,
                    kernel_wall: Some(wall),
                    monotonic: None,
                    monotonic_raw: None,
                },
                ruler: here(),
                discipline: None,
            },
            trusted: Ok(Trusted {
                time: Interval::between(
                    Timestamp::from_nanos(truth - early),
                    Timestamp::from_nanos(truth + late),
                ),
                taken: Boottime::at(ruler),
                class: Class::Network,
                votes: Votes { agreeing: 1, of: 1 },
            }),
            witnesses: Vec::new(),
        }
    }

    /// Readings at these instants, over a path whose delays lie how they may.
    pub(crate) fn readings(&self, at: &[i128], path: i128, random: &mut Random) -> Vec<Reading> {
        let reading = |ruler: &i128| {
            let width = random.between(path / 20, path);
            let early = random.between(0, width);
            self.reading(*ruler, early, width - early)
        };
        at.iter().map(reading).collect()
    }
}

fn here() -> RulerId {
    RulerId {
        boot: Some("this boot".to_owned()),
        namespace: None,
    }
}

fn holds(time: Interval, truth: i128) -> bool {
    let nanos = |at: Option<Timestamp>| at.map(Timestamp::as_nanos);
    nanos(time.earliest()) <= Some(truth) && nanos(time.latest()) >= Some(truth)
}

/// Any number, and those at which arithmetic breaks.
fn number() -> impl Strategy<Value = i128> {
    let corners = [
        0,
        1,
        -1,
        i128::MAX,
        i128::MIN,
        1 << 62,
        -(1 << 62),
        i64::MAX.into(),
        EPOCH,
    ];
    prop_oneof![
        any::<i128>(),
        prop::sample::select(corners.to_vec()),
        any::<i64>().prop_map(i128::from),
        any::<i32>().prop_map(i128::from),
        Just(EPOCH + SECOND),
    ]
}

/// Readings out of a damaged record.
pub(crate) fn strange() -> impl Strategy<Value = Vec<Reading>> {
    let numbers = prop::collection::vec(prop::array::uniform8(number()), 0..6);
    numbers.prop_map(|all| all.into_iter().map(reading).collect())
}

fn reading([taken, bracket, wall, kernel, monotonic, from, to, asked]: [i128; 8]) -> Reading {
    let mut reading = Machine::even(0).reading(0, 0, 0);
    let clocks = &mut reading.local.clocks;
    clocks.taken = Boottime::at(taken);
    clocks.bracket = Span::from_nanos(bracket);
    clocks.wall = Timestamp::from_nanos(wall);
    clocks.kernel_wall = Some(Timestamp::from_nanos(kernel));
    clocks.monotonic = Some(Span::from_nanos(monotonic));
    clocks.monotonic_raw = Some(Span::from_nanos(from));
    if let Ok(trusted) = &mut reading.trusted {
        let (from, to) = (Timestamp::from_nanos(from), Timestamp::from_nanos(to));
        trusted.time = Interval::between(from, to);
        trusted.taken = Boottime::at(asked);
    }
    reading
}
