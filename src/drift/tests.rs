//! Simulated builders: whatever their clocks did, the truth lies inside what is said of it.

use super::{Claim, Drift, Quality, Segment, StepKind};
use crate::clock::{Local, Reading, Trusted, Votes};
use crate::source::Class;
use crate::sys::{Boottime, Clocks, RulerId};
use crate::time::{Interval, Span, Timestamp};

const SECOND: i128 = 1_000_000_000;
const MILLI: i128 = 1_000_000;

/// When the simulations begin, by the true time.
const EPOCH: i128 = 1_795_000_000 * SECOND;

/// Numbers that look random and are the same in every run (splitmix64).
struct Random(u64);

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
struct Machine {
    /// From which reading of the ruler on the true time gains how many ppb on it, after it jumped by so much.
    pieces: Vec<(i128, i128, i128)>,
    /// From which reading of the ruler on the wall clock is how far ahead of it.
    walls: Vec<(i128, i128)>,
}

impl Machine {
    fn even(ppb: i128) -> Self {
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
    fn readings(&self, at: &[i128], path: i128, random: &mut Random) -> Vec<Reading> {
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

/// Looks at the map from the ruler and from the wall clock all along and beyond the ends.
fn check_map(machine: &Machine, drift: &Drift, until: i128, random: &mut Random, seed: u64) {
    for _ in 0..60 {
        let ruler = random.between(-until / 4, until + until / 4);
        if ruler < 0 {
            continue;
        }
        let truth = machine.truth(ruler);
        let there = drift.at(&here(), Boottime::at(ruler)).unwrap();
        assert!(
            holds(there.time, truth),
            "seed {seed}: at {ruler}: {truth} is not in {there:?}"
        );
        let wall = Interval::exactly(Timestamp::from_nanos(machine.wall(ruler)));
        let located = drift.locate(wall).unwrap();
        assert!(
            holds(located.time, truth),
            "seed {seed}: wall at {ruler}: {truth} is not in {located:?}, {:?}",
            drift.steps
        );
    }
}

/// Instants of readings, so long apart or a little less.
fn instants(count: usize, apart: i128, random: &mut Random) -> Vec<i128> {
    let mut at = random.between(0, apart);
    let mut all = Vec::new();
    for _ in 0..count {
        all.push(at);
        at += random.between(apart * 3 / 4, apart);
    }
    all
}

#[test]
fn an_even_rate_is_never_missed() {
    for seed in 0..1500 {
        let mut random = Random(seed);
        let rate = random.between(-300 * MILLI, 300 * MILLI);
        let machine = Machine::even(rate);
        let count = usize::try_from(random.between(2, 24)).unwrap();
        let (apart, path) = (
            random.between(SECOND / 2, 60 * SECOND),
            random.between(40_000, SECOND),
        );
        let at = instants(count, apart, &mut random);
        let drift = Drift::of(&machine.readings(&at, path, &mut random));
        assert_eq!(
            (drift.segments.len(), drift.steps.len()),
            (1, 0),
            "seed {seed}"
        );
        let measured = drift.segments[0].rate.unwrap();
        assert!(
            measured.least() <= rate + 1 && rate - 1 <= measured.most(),
            "seed {seed}: {rate} {measured:?}"
        );
        check_map(&machine, &drift, at[count - 1], &mut random, seed);
    }
}

#[test]
fn whatever_changes_the_truth_is_never_missed() {
    let mut split = 0;
    for seed in 0..1500 {
        let mut random = Random(seed);
        let count = usize::try_from(random.between(14, 40)).unwrap();
        let (apart, path) = (
            random.between(2 * SECOND, 30 * SECOND),
            random.between(40_000, 300 * MILLI),
        );
        let at = instants(count, apart, &mut random);
        // The rate changes anywhere but beside the ends and not twice in a few readings, and now and then the
        // ruler jumps as well, by more than the paths hide.
        let third = i128::try_from(count / 3).unwrap();
        let mut pieces = vec![(0, random.between(-300 * MILLI, 300 * MILLI), 0)];
        for part in 1..=2 {
            let from = at[2] + (at[count - 3] - at[2]) * (part * third - 1) / (2 * third);
            let jump = if random.between(0, 3) == 0 {
                random.between(20, 900) * SECOND
            } else {
                0
            };
            let change = if random.between(0, 2) == 0 { 1 } else { 300 };
            pieces.push((from, random.between(-change * MILLI, change * MILLI), jump));
        }
        let mut walls = vec![(0, EPOCH)];
        for _ in 0..random.between(0, 3) {
            let from = walls.last().unwrap().0 + random.between(apart, apart * 4);
            walls.push((from, EPOCH + random.between(-3600, 3600) * SECOND));
        }
        let machine = Machine { pieces, walls };
        let drift = Drift::of(&machine.readings(&at, path, &mut random));
        split += usize::from(drift.segments.len() > 1);
        check_map(&machine, &drift, at[count - 1], &mut random, seed);
    }
    assert!(split > 700, "{split}");
}

#[test]
fn twelve_is_the_new_ten() {
    let mut random = Random(7);
    let machine = Machine::even(-166_666_667);
    let drift =
        Drift::of(&machine.readings(&[SECOND, 2 * SECOND, 600 * SECOND], 400_000, &mut random));
    let gain = drift.gain().unwrap();
    assert!(
        gain.least() <= 200_000_000 && 200_000_000 <= gain.most(),
        "{gain:?}"
    );
    assert!(gain.most() - gain.least() < 4000, "{gain:?}");
    assert_eq!(drift.claim(500), Claim::Exceeds);
    assert_eq!(drift.claim(200_100), Claim::Within);
    // Half a second and 40 us on a loopback prove it as well.
    let drift = Drift::of(&machine.readings(&[0, SECOND / 2], 40_000, &mut random));
    assert_eq!(drift.claim(500), Claim::Exceeds);
}

#[test]
fn a_set_clock_is_seen_without_any_outside_clock() {
    let mut machine = Machine::even(0);
    machine.walls.push((25 * SECOND, EPOCH + 3 * SECOND));
    let mut readings = machine.readings(
        &[10, 20, 30, 40].map(|at| at * SECOND),
        MILLI,
        &mut Random(1),
    );
    let drift = Drift::of(&readings);
    let [step] = drift.steps.as_slice() else {
        panic!("{:?}", drift.steps);
    };
    assert_eq!(step.kind, StepKind::Set);
    assert_eq!(
        (step.after, step.before),
        (Boottime::at(20 * SECOND), Boottime::at(30 * SECOND))
    );
    assert!(step.by.0 <= Span::from_secs(3) && Span::from_secs(3) <= step.by.1);
    assert!(holds(step.when.unwrap(), machine.truth(25 * SECOND)));
    // In the gap the clock stood either way, so some times could have been shown twice.
    let quality = |wall: i128| {
        let located = drift
            .locate(Interval::exactly(Timestamp::from_nanos(EPOCH + wall)))
            .unwrap();
        (located.quality, located.time.width() < Span::from_secs(1))
    };
    assert_eq!(quality(27 * SECOND), (Quality::Ambiguous, false));
    assert_eq!(quality(32 * SECOND), (Quality::Between, true));
    assert_eq!(quality(35 * SECOND), (Quality::Between, true));
    assert_eq!(quality(15 * SECOND), (Quality::Between, true));
    assert_eq!(quality(50 * SECOND).0, Quality::Extrapolated);
    assert_eq!(quality(5 * SECOND).0, Quality::Extrapolated);
    for reading in &mut readings {
        reading.trusted = Err("nobody was asked".to_owned());
    }
    let drift = Drift::of(&readings);
    assert_eq!((drift.steps.len(), drift.steps[0].when), (1, None));
    assert_eq!(drift.claim(500), Claim::Inconclusive { needs: None });
    assert_eq!(
        drift.locate(Interval::exactly(Timestamp::from_nanos(EPOCH))),
        None
    );
}

#[test]
fn a_time_that_a_clock_showed_twice_is_both() {
    let mut machine = Machine::even(0);
    machine.walls.push((25 * SECOND, EPOCH - 8 * SECOND));
    let at = [10, 20, 30, 40].map(|at| at * SECOND);
    let drift = Drift::of(&machine.readings(&at, MILLI, &mut Random(1)));
    let wall = Interval::exactly(Timestamp::from_nanos(EPOCH + 20 * SECOND));
    let located = drift.locate(wall).unwrap();
    assert_eq!(located.quality, Quality::Ambiguous);
    for ruler in [20 * SECOND, 28 * SECOND] {
        assert!(holds(located.time, machine.truth(ruler)), "{located:?}");
    }
}

#[test]
fn a_time_that_a_clock_never_showed_was_when_it_was_set() {
    let mut machine = Machine::even(0);
    machine.walls.push((25 * SECOND, EPOCH + 3600 * SECOND));
    let at = [10, 20, 30, 40].map(|at| at * SECOND);
    let drift = Drift::of(&machine.readings(&at, MILLI, &mut Random(1)));
    let wall = Interval::exactly(Timestamp::from_nanos(EPOCH + 1800 * SECOND));
    let located = drift.locate(wall).unwrap();
    assert_eq!(located.quality, Quality::Ambiguous);
    assert!(
        holds(located.time, machine.truth(20 * SECOND)),
        "{located:?}"
    );
    assert!(
        holds(located.time, machine.truth(30 * SECOND)),
        "{located:?}"
    );
    assert!(located.time.width() < Span::from_secs(11), "{located:?}");
}

#[test]
fn a_machine_that_stood_still_jumped_back() {
    let mut machine = Machine::even(0);
    machine.pieces.push((35 * SECOND, 0, 120 * SECOND));
    let at: Vec<i128> = (0..8).map(|at| at * 10 * SECOND).collect();
    let drift = Drift::of(&machine.readings(&at, MILLI, &mut Random(3)));
    let [step] = drift.steps.as_slice() else {
        panic!("{:?}", drift.steps);
    };
    assert_eq!(step.kind, StepKind::Jumped);
    assert!(
        step.by.0 <= Span::from_secs(-120) && Span::from_secs(-120) <= step.by.1,
        "{step:?}"
    );
    assert!(
        step.by.1.plus(step.by.0.negated()) < Span::from_millis(20),
        "{step:?}"
    );
    assert_eq!(
        (step.after, step.before),
        (Boottime::at(30 * SECOND), Boottime::at(40 * SECOND))
    );
    assert_eq!(drift.claim(500), Claim::Within);
}

#[test]
fn a_process_that_stood_still_or_a_machine_that_slept_is_no_step() {
    let machine = Machine::even(0);
    let at = [10, 20, 30].map(|at| at * SECOND);
    let mut readings = machine.readings(&at, MILLI, &mut Random(1));
    // Stopped for four seconds in the middle of reading the clocks.
    let clocks = &mut readings[1].local.clocks;
    clocks.bracket = Span::from_secs(4);
    clocks.wall = clocks.wall.later(Span::from_secs(4));
    clocks.kernel_wall = Some(clocks.wall);
    // Asleep for 3 s: the clock that stands meanwhile says so, ruler and wall clock went on.
    for (reading, monotonic) in readings.iter_mut().zip([10, 17, 27]) {
        reading.local.clocks.monotonic = Some(Span::from_secs(monotonic));
    }
    assert_eq!(Drift::of(&readings).steps, []);
}

#[test]
fn what_programs_see_is_set_as_well_and_files_are_not() {
    let machine = Machine::even(0);
    let at = [10, 20, 30].map(|at| at * SECOND);
    let mut readings = machine.readings(&at, MILLI, &mut Random(1));
    for reading in &mut readings[1..] {
        let wall = &mut reading.local.clocks.wall;
        *wall = wall.later(Span::from_secs(60));
    }
    let drift = Drift::of(&readings);
    assert_eq!(drift.steps.len(), 1);
    let located = drift.locate(Interval::exactly(Timestamp::from_nanos(
        EPOCH + 25 * SECOND,
    )));
    let located = located.unwrap();
    assert!(
        holds(located.time, machine.truth(25 * SECOND)),
        "{located:?}"
    );
    assert_eq!(located.quality, Quality::Between);
}

#[test]
fn another_boot_is_another_ruler() {
    let mut readings =
        Machine::even(0).readings(&[10 * SECOND, 20 * SECOND], MILLI, &mut Random(1));
    readings[1].local.ruler.boot = Some("another boot".to_owned());
    let drift = Drift::of(&readings);
    assert_eq!((drift.segments.len(), drift.steps.len()), (2, 0));
    assert!(drift.segments.iter().all(|segment| segment.rate.is_none()));
    for reading in &mut readings {
        reading.local.ruler.boot = None;
    }
    assert_eq!(Drift::of(&readings), Drift::default());
    assert_eq!(drift.at(&RulerId::default(), Boottime::at(0)), None);
}

#[test]
fn what_the_builder_says_of_itself_measures_nothing() {
    let machine = Machine::even(200 * MILLI);
    let mut readings = machine.readings(&[10 * SECOND, 20 * SECOND], MILLI, &mut Random(1));
    for class in Class::ALL {
        for reading in &mut readings {
            if let Ok(trusted) = &mut reading.trusted {
                trusted.class = class;
            }
        }
        assert_eq!(
            Drift::of(&readings).gain().is_some(),
            class.is_verified(),
            "{class:?}"
        );
    }
}

/// The order of magnitude that a simulation of other code came to: mean half-widths in ppm.
#[test]
fn a_path_and_a_baseline_bound_a_rate_so_far() {
    for (path, baseline, count, expected) in [
        (40_000, 60, 4, 0..3),
        (400_000, 10, 3, 10..90),
        (400_000, 600, 6, 0..2),
        (30 * MILLI, 60, 4, 100..800),
        (30 * MILLI, 600, 6, 5..80),
    ] {
        let mut halves = 0;
        for seed in 0..100 {
            let machine = Machine::even(200 * MILLI);
            let at: Vec<i128> = (0..count)
                .map(|at| at * baseline * SECOND / (count - 1))
                .collect();
            let drift = Drift::of(&machine.readings(&at, path, &mut Random(seed)));
            let rate = drift.segments[0].rate.unwrap();
            halves += (rate.most() - rate.least()) / 2;
        }
        let half = halves / 100 / 1000;
        assert!(expected.contains(&half), "{path} {baseline}: {half}");
    }
}

#[test]
fn thousands_of_readings_take_no_time() {
    let mut random = Random(5);
    let at = instants(4000, 30 * SECOND, &mut random);
    for machine in [
        Machine::even(0),
        Machine {
            pieces: (0..2000)
                .map(|at| (at * 60 * SECOND, (at % 2) * 100 * MILLI, 0))
                .collect(),
            walls: (0..2000)
                .map(|at| (at * 60 * SECOND, EPOCH + (at % 2) * SECOND))
                .collect(),
        },
    ] {
        let readings = machine.readings(&at, MILLI, &mut random);
        let began = crate::sys::boottime();
        let drift = Drift::of(&readings);
        let took = crate::sys::boottime().since(began);
        assert!(took < Span::from_millis(900), "{took}");
        let measured: usize = drift
            .segments
            .iter()
            .map(|segment: &Segment| segment.readings)
            .sum();
        assert_eq!(measured, 4000);
    }
}
