//! `watchdog`: whether the kernel found its cycle counter unsteady.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "watchdog",
    summary: "whether the kernel found its cycle counter unsteady",
    place: "the kernel's log (`Marking clocksource … as unstable`, `Clocksource tsc unstable`, `Marking TSC unstable`)",
    meaning: "\
Every half second the kernel holds the counter against a second timer; in old kernels 62.5 ms of difference, an \
eighth, were the limit. It is not held where the counter is called reliable, as on VMware, and where both \
timers run fast together it sees nothing.",
    remedy: "Look for what makes it unsteady: frequency scaling without constant_tsc, deep sleep, firmware, a migration.",
    source: "Linux `kernel/time/clocksource.c` (WATCHDOG_THRESHOLD)",
    look,
};

const VERDICTS: [&str; 5] = [
    "as unstable because the skew is too large",
    "Clocksource tsc unstable",
    "Marking TSC unstable",
    "TSC unstable",
    "unsynchronized TSC",
];

fn look(machine: &Machine) -> Sign {
    let is_verdict = |line: &str| VERDICTS.iter().any(|words| line.contains(words));
    let Some(lines) = machine.log(is_verdict) else {
        return Sign::absent("the kernel's log");
    };
    // Hyper-V gives a better clock of its own.
    let is_told = |line: &&String| !line.contains("running on Hyper-V");
    let Some(line) = lines.iter().find(is_told) else {
        return Sign::good(
            "no verdict against it in the kernel's log",
            "the kernel has not found its counter unsteady",
        );
    };
    if machine.has_given_clock() {
        return Sign::good(
            line.trim(),
            "the kernel gave its cycle counter up and counts by the clock that the hypervisor gives, which is right",
        );
    }
    let remedy = if machine.hypervisor().is_some() {
        "look at frequency scaling and deep sleep on the host, and whether the guest was moved"
    } else {
        "look at frequency scaling, deep sleep and the firmware of this machine"
    };
    Sign::suspicious(
        line.trim(),
        "the kernel gave its cycle counter up and counts by something slower",
        remedy,
    )
    .mark(Mark::UnsteadyCycles)
}
