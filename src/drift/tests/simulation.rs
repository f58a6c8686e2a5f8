//! Whatever the clocks of a builder did, the truth lies inside what is said of it.

use super::{EPOCH, MILLI, Machine, Random, SECOND, here, holds, number, strange};
use crate::clock::Trusted;
use crate::drift::{Drift, Segment, gain_between};
use crate::sys::Boottime;
use crate::time::{Interval, Span, Timestamp};
use proptest::prelude::{any, proptest};

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

proptest! {
    /// A record is a file: whatever it says, it is only wrong.
    #[test]
    fn no_reading_is_too_strange(readings in strange(), at in number(), limit in any::<u32>()) {
        let drift = Drift::of(&readings);
        let time = Timestamp::from_nanos(at);
        let _any = (drift.at(&here(), Boottime::at(at)), drift.locate(Interval::exactly(time)));
        let _any = drift.locate(Interval::from(time));
        let _any = (drift.claim(limit), drift.gain());
        let told: Vec<String> = drift.diagnoses(limit).iter().map(ToString::to_string).collect();
        assert!(told.len() < 12);
        let trusted: Vec<&Trusted> = readings.iter().flat_map(|reading| &reading.trusted).collect();
        for pair in trusted.windows(2) {
            let _any = gain_between(pair[0], pair[1]);
        }
    }
}
