//! `time-namespace`: whether the clocks since boot are moved here.

use super::{Fact, Machine, Sign};

pub(super) const FACT: Fact = Fact {
    id: "time-namespace",
    summary: "whether the clocks that count since boot are moved here",
    place: "`/proc/self/timens_offsets`",
    meaning: "\
A time namespace moves CLOCK_MONOTONIC and CLOCK_BOOTTIME, never the wall clock. Readings taken in different \
ones cannot be compared.",
    remedy: "Take all readings of a build in one namespace.",
    source: "time_namespaces(7)",
    look,
};

fn look(machine: &Machine) -> Sign {
    let Some(lines) = machine.lines("/proc/self/timens_offsets", |_| true) else {
        return Sign::absent("/proc/self/timens_offsets");
    };
    let is_moved = |line: &&String| {
        let mut numbers = line.split_whitespace().skip(1);
        numbers.any(|number| number != "0")
    };
    match lines.iter().find(is_moved) {
        None => Sign::good("not moved", "the clocks since boot are the kernel's"),
        Some(line) => {
            let words = line.split_whitespace().collect::<Vec<_>>().join(" ");
            Sign::suspicious(
                format!("moved: {words}"),
                "readings taken here cannot be compared with those of other namespaces; the wall clock is not moved",
                "take all readings of a build in one namespace",
            )
        }
    }
}
