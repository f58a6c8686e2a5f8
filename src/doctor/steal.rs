//! `steal`: how long this guest waited for a processor.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "steal",
    summary: "how much of its time this guest waited for a processor, since it booted",
    place: "`/proc/stat`, the line `cpu`, its eighth number",
    meaning: "\
A guest that waits long gets its timer interrupts late. Where time is counted by them the clock is slow; where \
it is not, only what is measured with the clock suffers.",
    remedy: "Give the guest more of the host's processors, or let the host run less.",
    source: "proc_stat(5); KVM `Documentation/virt/kvm/x86/timekeeping.rst` section 4.1",
    look,
};

/// The most that is in order, in percent.
const MOST: i128 = 10;

fn look(machine: &Machine) -> Sign {
    let line = machine.first("/proc/stat", "cpu ");
    let numbers: Option<Vec<i128>> = line.map(|line| {
        let words = line.split_whitespace().skip(1);
        words
            .filter_map(|word| word.parse::<u64>().ok())
            .map(i128::from)
            .collect()
    });
    // What guests of this one took is counted as the user's already: the first eight are all.
    let Some((steal, all)) = numbers.as_deref().and_then(|numbers| {
        let all: i128 = numbers.iter().take(8).sum();
        (all > 0).then_some((*numbers.get(7)?, all))
    }) else {
        return Sign::absent("how long it waited for a processor");
    };
    let percent = steal * 100 / all;
    let seen = format!("{percent} % of the time since it booted");
    if percent < MOST {
        return Sign::good(
            seen,
            "the host gives this machine its processors when it wants them",
        );
    }
    if !counts_interrupts(machine) {
        return Sign::good(
            seen,
            "the host lets this guest wait, which slows what it does; its clock does not count interrupts and is not hurt",
        )
        .mark(Mark::Steal);
    }
    Sign::suspicious(
        seen,
        "the host lets this guest wait: timer interrupts come late, and a clock that counts them is slow",
        "give the guest more of the host's processors, or let the host run less",
    )
    .mark(Mark::Steal)
}

/// Whether interrupts that come late make the clock slow: on kernels before 2.6.32, and where nothing better is
/// there to count.
fn counts_interrupts(machine: &Machine) -> bool {
    let weak = ["jiffies", "refined-jiffies", "pit"];
    let source = machine.clocksource();
    machine.is_old() || source.is_some_and(|source| weak.contains(&source.as_str()))
}
