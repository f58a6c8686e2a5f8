//! What single things that happen to a clock come to.

use super::{EPOCH, MILLI, Machine, Random, SECOND, holds};
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
