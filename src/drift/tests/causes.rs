//! Who is at fault: a source, the hardware, somebody who slews or sets.

use super::{MILLI, Machine, Random, SECOND, here};
use crate::clock::{Reading, Standing, Witness};
use crate::drift::{Claim, Diagnosis, Drift, Pace};
use crate::source::Class;
use crate::sys::Boottime;
use crate::time::{Interval, Span, Timestamp};

const AT: [i128; 6] = [0, 10, 20, 30, 40, 50];

fn readings(machine: &Machine) -> Vec<Reading> {
    machine.readings(&AT.map(|at| at * SECOND), MILLI, &mut Random(1))
}

/// What a source says that is so far off, by the seconds of the ruler.
fn witness(machine: &Machine, address: &str, class: Class, at: i128, off: i128) -> Witness {
    let truth = Timestamp::from_nanos(machine.truth(at * SECOND) + off);
    let time = Interval::around(truth, Span::from_millis(1));
    Witness {
        address: address.to_owned(),
        said: Ok((class, time, Boottime::at(at * SECOND))),
        standing: Standing::None,
    }
}

#[test]
fn a_source_that_strays_from_the_others_is_a_suspect() {
    let machine = Machine::even(200 * MILLI);
    let mut readings = readings(&machine);
    for (reading, at) in readings.iter_mut().zip(AT) {
        let said = |address, class, off| witness(&machine, address, class, at, off);
        reading.witnesses = vec![
            said("ntp:right", Class::Network, 0),
            said("ntp:slow", Class::Network, -at * 2 * MILLI),
            said("ntp:set", Class::Network, if at > 20 { SECOND } else { 0 }),
            said("kernel:", Class::SelfAsserted, 0),
            said("fixed:x", Class::Stated, -at * SECOND),
        ];
        if at == 30 {
            reading.witnesses.push(said("ntp:once", Class::Network, 0));
        }
    }
    let sources = Drift::of(&readings).sources;
    let paces: Vec<(&str, Pace, usize)> = sources
        .iter()
        .map(|source| (source.address.as_str(), source.pace, source.segments.len()))
        .collect();
    let [right, slow, set, once] = paces.as_slice() else {
        panic!("{paces:?}");
    };
    assert_eq!(*right, ("ntp:right", Pace::Keeps, 1));
    // 2,000 ppm less than the true time, but for what is not known.
    assert!(
        matches!(slow.1, Pace::Strays(by) if (-2_000_000..-1_900_000).contains(&by)),
        "{slow:?}"
    );
    assert_eq!((set.1, set.2), (Pace::Breaks, 2));
    assert_eq!(*once, ("ntp:once", Pace::Unknown, 1));
}

/// What is diagnosed when the ruler gains so many ppm on the true time and so many on the hardware's count.
fn diagnosed(gain: i128, slew: i128) -> Vec<Diagnosis> {
    let machine = Machine::even(-gain * 1_000_000_000_000 / (1_000_000 + gain) / 1000);
    let mut readings = readings(&machine);
    for (reading, at) in readings.iter_mut().zip(AT) {
        let clocks = &mut reading.local.clocks;
        clocks.monotonic = Some(Span::from_nanos(at * SECOND));
        clocks.monotonic_raw = Some(Span::from_nanos(
            at * SECOND * 1_000_000 / (1_000_000 + slew),
        ));
    }
    Drift::of(&readings).diagnoses(500)
}

#[test]
fn the_hardware_is_told_from_who_slews() {
    let names = |gain, slew| -> Vec<&str> {
        diagnosed(gain, slew)
            .into_iter()
            .map(Diagnosis::name)
            .collect()
    };
    assert_eq!(names(200_000, 0), ["timer"]);
    assert_eq!(names(200_000, 300), ["timer"]);
    assert_eq!(names(80_000, 80_000), ["slewed"]);
    assert_eq!(names(-50_000, -50_000), ["slewed"]);
    assert_eq!(names(0, 100_000), ["disciplined"]);
    assert_eq!(names(20, 0), [""; 0]);
    let [diagnosis] = diagnosed(200_000, 0)[..] else {
        panic!("one");
    };
    let text = diagnosis.to_string();
    assert!(text.contains("it gains 120 s in 600 s"), "{text}");
    assert!(diagnosis.remedy().contains("powernowd") && diagnosis.is_trouble());
}

/// A builder with a right timer that is so far ahead, in milliseconds, and is slewed by so much, from 20 s on, for
/// as long as a daemon takes at 50,000 ppm.
fn slewed(ahead: i128, by: i128) -> Drift {
    let takes = by.abs() * 20 * MILLI;
    let gain = -50 * MILLI * by.signum();
    let mut machine = Machine::even(0);
    machine.walls[0].1 += ahead * MILLI;
    machine.pieces.push((20 * SECOND, gain, 0));
    machine.pieces.push((20 * SECOND + takes, 0, 0));
    let mut readings = readings(&machine);
    for (reading, at) in readings.iter_mut().zip(AT) {
        let slewing = (at - 20).clamp(0, takes / SECOND) * SECOND;
        let clocks = &mut reading.local.clocks;
        clocks.monotonic = Some(Span::from_secs(at.try_into().unwrap()));
        let raw = at * SECOND + slewing * gain / SECOND;
        clocks.monotonic_raw = Some(Span::from_nanos(raw));
    }
    Drift::of(&readings)
}

#[test]
fn a_clock_that_is_slewed_to_the_true_time_is_mended_and_no_worse_for_it() {
    for by in [-500, -1000, 500, 1000] {
        let drift = slewed(-by, by);
        assert!(drift.claim(500) != Claim::Exceeds, "{by} {drift:?}");
        assert_eq!(drift.steps, [], "{by}");
        let names: Vec<&str> = drift
            .diagnoses(500)
            .into_iter()
            .map(Diagnosis::name)
            .collect();
        assert!(
            !names.contains(&"slewed") && !names.contains(&"stood-still"),
            "{names:?}"
        );
        // What makes it worse is told as that.
        let drift = slewed(by, by);
        let is_told = drift.claim(500) == Claim::Exceeds || !drift.steps.is_empty();
        assert!(is_told, "{by} {drift:?}");
    }
    // Nor is a timer right that happens to run towards it.
    let mut machine = Machine::even(-100 * MILLI);
    machine.walls[0].1 -= 60 * SECOND;
    let mut readings = readings(&machine);
    for (reading, at) in readings.iter_mut().zip(AT) {
        let count = Some(Span::from_secs(at.try_into().unwrap()));
        let clocks = &mut reading.local.clocks;
        (clocks.monotonic, clocks.monotonic_raw) = (count, count);
    }
    let drift = Drift::of(&readings);
    assert_eq!(drift.claim(500), Claim::Exceeds);
    assert_eq!(drift.diagnoses(500)[0].name(), "timer");
    // Over a whole stretch, the rate is told, and that there is nothing wrong with it.
    let drift = slewed(1500, -1500);
    let mended = drift.segments.iter().filter(|one| one.mended.is_some());
    assert_eq!(mended.count(), 1, "{drift:?}");
    let gain = drift.gain().unwrap();
    assert!(gain.least() > -500_000 && gain.most() < 500_000, "{gain:?}");
    assert!(gain.least() <= 0 && gain.most() >= 0, "{gain:?}");
}

#[test]
fn without_the_raw_count_nothing_tells_the_two_apart() {
    let drift = Drift::of(&readings(&Machine::even(-100 * MILLI)));
    let names: Vec<&str> = drift
        .diagnoses(500)
        .into_iter()
        .map(Diagnosis::name)
        .collect();
    assert_eq!(names, ["runs"]);
}

#[test]
fn what_happened_to_a_clock_is_told_with_its_numbers() {
    let mut machine = Machine::even(0);
    machine
        .walls
        .push((15 * SECOND, machine.walls[0].1 - 90 * SECOND));
    machine.pieces.push((35 * SECOND, 0, 300 * SECOND));
    let mut readings = readings(&machine);
    for (reading, monotonic) in readings.iter_mut().zip([0, 10, 20, 30, 40, 45]) {
        reading.local.clocks.monotonic = Some(Span::from_secs(monotonic));
    }
    let wall = readings[5].local.clocks.wall;
    readings[5].local.clocks.kernel_wall = Some(wall.later(Span::from_secs(7200)));
    let mut other = readings[5].clone();
    other.local.ruler.boot = Some("another".to_owned());
    readings.push(other);
    let told: Vec<String> = Drift::of(&readings)
        .diagnoses(500)
        .iter()
        .map(ToString::to_string)
        .collect();
    for expected in [
        "the wall clock was set 2 times, at worst forward by 2 h",
        "this machine stood still: all its clocks fell back against the true time, back by 5 min",
        "the machine was suspended for 5 s in all",
        "programs see a clock 2 h behind the kernel's: something fakes it",
        "the readings are of 2 boots or time namespaces, whose clocks cannot be compared",
    ] {
        assert!(
            told.iter().any(|text| text == expected),
            "{expected}: {told:#?}"
        );
    }
}

#[test]
fn a_rate_that_changed_is_told_from_slow_to_fast() {
    let mut machine = Machine::even(0);
    machine.pieces.push((25 * SECOND, -200 * MILLI, 0));
    let drift = Drift::of(&readings(&machine));
    let found = drift.diagnoses(500);
    let unsteady = found.iter().find(|one| one.name() == "unsteady");
    let Some(Diagnosis::Unsteady { slowest, fastest }) = unsteady else {
        panic!("{found:?}");
    };
    assert!(slowest.least() <= 0 && fastest.most() >= 250 * MILLI);
    assert_eq!(drift.claim(500), Claim::Exceeds);
    assert!(drift.at(&here(), Boottime::at(5 * SECOND)).is_some());
}
