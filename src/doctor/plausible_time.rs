//! `plausible-time`: whether the date can be.

use super::{Fact, Machine, Mark, Sign};
use crate::source::FLOOR;
use crate::time::Span;

pub(super) const FACT: Fact = Fact {
    id: "plausible-time",
    summary: "whether the date can be: not before things that exist, not long after them",
    place: "the wall clock; when skewgate was released; the time of `/usr/lib/clock-epoch`",
    meaning: "\
A clock before the release of the very program that reads it is wrong, without asking anybody. One 15 years \
after it is most likely wrong.",
    remedy: "Set the clock by an outside source (`skewgate clock` says what time it is), then find who lost it: a dead battery, a snapshot.",
    source: "systemd clock-util.c (the epoch, and 15 years)",
    look,
};

/// How far ahead of a release a clock may be: 15 years.
const AHEAD: Span = Span::from_secs(15 * 365 * 86_400);

fn look(machine: &Machine) -> Sign {
    let Some(wall) = machine.wall() else {
        return Sign::absent("the wall clock");
    };
    let epoch = machine.told().epoch.map(|at| at.0);
    let floor = epoch.map_or(FLOOR, |epoch| epoch.max(FLOOR));
    let remedy = "set the clock by an outside source (`skewgate clock` says what time it is)";
    if wall < floor {
        let meaning = format!(
            "that is {} before {floor}, when what is installed here did not exist",
            floor.since(wall)
        );
        return Sign::suspicious(wall.to_string(), meaning, remedy).mark(Mark::Implausible);
    }
    if wall > floor.later(AHEAD) {
        let meaning = format!(
            "that is more than 15 years after {floor}, when what is installed here was released"
        );
        return Sign::suspicious(wall.to_string(), meaning, remedy).mark(Mark::Implausible);
    }
    Sign::good(
        wall.to_string(),
        "the date can be, which does not say that it is right",
    )
}
