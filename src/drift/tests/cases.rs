//! What single things that happen to a clock come to.

use super::{EPOCH, MILLI, Machine, Random, SECOND, here, holds};
use crate::drift::{Claim, Drift, Quality, StepKind};
use crate::source::Class;
use crate::sys::{Boottime, RulerId};
use crate::time::{Interval, Span, Timestamp};

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

/// A machine that was read every 10 s, known to so many microseconds.
fn known(machine: &Machine, to: &[i128]) -> Drift {
    let reading = |(at, micros): (i128, &i128)| {
        machine.reading(at * 10 * SECOND, micros * 1000, micros * 1000)
    };
    let readings: Vec<_> = (0..).zip(to).map(reading).collect();
    Drift::of(&readings)
}

fn assert_holds(machine: &Machine, drift: &Drift, ruler: i128) {
    let located = drift.at(&here(), Boottime::at(ruler)).unwrap();
    let truth = machine.truth(ruler);
    assert!(
        holds(located.time, truth),
        "{ruler}: {truth} is not in {located:?}"
    );
}

#[test]
fn a_vague_reading_is_as_sharp_as_those_beside_it_make_it() {
    let machine = Machine::even(0);
    for to in [[1_000_000, 10], [10, 1_000_000]] {
        let drift = known(&machine, &to);
        for ruler in [0, 10 * SECOND] {
            let located = drift.at(&here(), Boottime::at(ruler)).unwrap();
            assert!(located.time.width() <= Span::from_secs(2), "{located:?}");
        }
    }
    let drift = known(&machine, &[10, 1_000_000, 10]);
    let located = drift.at(&here(), Boottime::at(10 * SECOND)).unwrap();
    assert!(located.time.width() < Span::from_millis(20), "{located:?}");
    let drift = known(&machine, &[10, 500_000, 500_000, 500_000, 10]);
    let width = |ruler| {
        drift
            .at(&here(), Boottime::at(ruler * SECOND))
            .unwrap()
            .time
            .width()
    };
    assert!(width(1) < Span::from_millis(500) && width(39) < Span::from_millis(500));
    assert!(width(10) < Span::from_secs(1) && width(30) < Span::from_secs(1));
    assert_eq!(width(10).as_nanos() / 1000, width(30).as_nanos() / 1000);
}

#[test]
fn a_kernel_may_slew_between_two_readings() {
    let mut machine = Machine::even(400_000);
    machine.pieces.push((5 * SECOND, -400_000, 0));
    let drift = known(&machine, &[1, 1]);
    assert_holds(&machine, &drift, 5 * SECOND);
}

#[test]
fn a_rate_that_changed_unseen_is_that_of_the_readings_around() {
    // 2 ms either way are hidden by the others, and not by the two around the change.
    let bent = |at: i128| {
        let mut machine = Machine::even(-2 * MILLI);
        machine.pieces.push((at * SECOND, 2 * MILLI, 0));
        machine
    };
    let vague = 60_000;
    for (at, to) in [(5, [1, 1, vague, vague]), (25, [vague, vague, 1, 1])] {
        let machine = bent(at);
        let drift = known(&machine, &to);
        assert_eq!(drift.segments.len(), 1);
        assert_holds(&machine, &drift, at * SECOND);
    }
}

#[test]
fn of_two_boots_the_one_counts_that_showed_it() {
    let machine = Machine::even(0);
    let mut other = Machine::even(0);
    other.walls[0].1 = EPOCH + 3600 * SECOND;
    other.pieces[0].2 = 3600 * SECOND;
    let at = [10, 20, 30].map(|at| at * SECOND);
    let mut readings = machine.readings(&at, MILLI, &mut Random(1));
    for mut reading in other.readings(&at, MILLI, &mut Random(2)) {
        reading.local.ruler.boot = Some("another".to_owned());
        readings.push(reading);
    }
    let drift = Drift::of(&readings);
    for machine in [&machine, &other] {
        let wall = Interval::exactly(Timestamp::from_nanos(machine.wall(15 * SECOND)));
        let located = drift.locate(wall).unwrap();
        assert_eq!(located.quality, Quality::Between);
        assert!(
            holds(located.time, machine.truth(15 * SECOND)),
            "{located:?}"
        );
        assert!(located.time.width() < Span::from_secs(1), "{located:?}");
    }
}

#[test]
fn where_stretches_part_the_true_time_still_does_not_run_back() {
    let mut machine = Machine::even(0);
    machine.pieces.push((25 * SECOND, 0, -5 * SECOND));
    let drift = known(&machine, &[10, 10, 12_000_000, 10, 10]);
    let located = drift.at(&here(), Boottime::at(20 * SECOND)).unwrap();
    // No earlier than the reading 10 s before, no later than the one 5 s after.
    assert!(
        located.time.width() < Span::from_millis(15_001),
        "{located:?}"
    );
    assert_holds(&machine, &drift, 20 * SECOND);
}
