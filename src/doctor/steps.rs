//! `steps`: whether the clock was set since the machine booted.

use super::{Fact, Machine, Mark, Sign};
use crate::time::{Span, Timestamp};

pub(super) const FACT: Fact = Fact {
    id: "steps",
    summary: "whether the clock was set since the machine booted",
    place: "`/proc/stat` (btime) beside the wall clock less the time since boot; `/var/log/syslog`, \
`/var/log/messages` (\"Time jumped\", \"time reset\", \"System clock wrong by\")",
    meaning: "\
Files stamped before the clock was set back are from the future until it has caught up. Many steps say that \
somebody corrects a rate by setting the clock, or that two masters fight.",
    remedy: "Let one daemon keep the clock, and see that what makes it run off is mended; records of builds show each step.",
    source: "proc_stat(5); systemd journald; ntpd \"time reset\"; chronyd \"System clock wrong by\"",
    look,
};

const LOGS: [&str; 2] = ["/var/log/syslog", "/var/log/messages"];

const STEPS: [&str; 5] = [
    "Time jumped",
    "time reset ",
    "System clock wrong by",
    FORWARD,
    "Backward time jump detected",
];

/// What chronyd says when nobody set the clock, too: each time a machine wakes.
const FORWARD: &str = "Forward time jump detected";

/// As many are in order when a machine boots.
const FEW: usize = 2;

/// The time of boot has whole seconds.
const NEAR: Span = Span::from_secs(3);

/// What a line of a log says of a step and when, without the machine's name.
fn step(line: &str, slept: bool) -> Option<String> {
    let said = STEPS
        .iter()
        .find_map(|words| line.get(line.find(words)?..))?;
    if slept && said.starts_with(FORWARD) {
        return None;
    }
    let words: Vec<&str> = line.split_whitespace().take(3).collect();
    let is_time = |word: &str| word.bytes().filter(|byte| *byte == b':').count() == 2;
    let when = match words[..] {
        // `2026-11-23T08:14:08.5+01:00 build7 chronyd[611]: …`, which has a colon more in its zone.
        [when, ..] if when.starts_with(|c: char| c.is_ascii_digit()) && when.contains('T') => {
            when.to_owned()
        }
        // `Nov 23 08:14:08 build7 chronyd[611]: …`
        [month, day, time] if is_time(time) => format!("{month} {day} {time}"),
        _ => return Some(said.to_owned()),
    };
    Some(format!("{when} {said}"))
}

/// Whether the machine slept since it booted.
fn slept(machine: &Machine) -> bool {
    let told = machine.told();
    let asleep = told
        .boottime
        .zip(told.monotonic)
        .map(|(all, awake)| all.0.plus(awake.0.negated()));
    asleep.is_some_and(|asleep| asleep > Span::from_secs(1))
}

fn look(machine: &Machine) -> Sign {
    let slept = slept(machine);
    let logged = LOGS
        .iter()
        .find_map(|path| machine.last_parts(path, |line| step(line, slept)));
    let count = logged.as_ref().map_or(0, Vec::len);
    let last = logged.as_deref().and_then(<[String]>::last);
    if let Some(last) = last.filter(|_| count > FEW) {
        return Sign::suspicious(
            format!("{count} times, last \"{}\"", last.trim()),
            "somebody corrects the clock by setting it, again and again",
            "let one daemon keep the clock, and look for what makes it run off",
        )
        .mark(Mark::Stepped);
    }
    let boot = machine.first("/proc/stat", "btime ");
    let boot: Option<i64> = boot.and_then(|line| line.split_whitespace().nth(1)?.parse().ok());
    let since = machine.told().boottime;
    let (Some(boot), Some(wall), Some(since)) = (boot, machine.wall(), since) else {
        return match logged {
            Some(_) => Sign::good("none is logged", "the clock was not set again and again"),
            None => Sign::absent("when it booted"),
        };
    };
    let apart = wall.earlier(since.0).since(Timestamp::from_unix(boot, 0));
    if apart.abs() <= NEAR {
        return Sign::good(
            "booted when it says",
            "the kernel's time of boot fits the clock and the time since",
        );
    }
    Sign::suspicious(
        format!("booted {} off what the clock and the time since say", apart.abs()),
        "the clock was set between two looks at it, or this process sees other clocks than the kernel's",
        "look again; if it stays, see time-namespace and faked-time",
    )
    .mark(Mark::Stepped)
}
