//! `lost-ticks`: whether timer interrupts were lost.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "lost-ticks",
    summary: "whether timer interrupts were lost",
    place: "the kernel's log (`Losing some ticks`, `Losing too many ticks`, `many lost ticks`, `Lost … timer tick`, `time source seems to be instable`)",
    meaning: "\
A kernel that counts interrupts loses time with each that does not come. Those that make good for lost ones \
overdo it at times: then the clock is fast. Kernels since 2.6.32 do not count them.",
    remedy: "Have fewer of them (divider=10 on RHEL 4.7 to 5), give the guest its processor time, or use a newer kernel.",
    source: "Linux 2.6 `arch/x86_64/kernel/time.c` and `arch/i386/kernel/timers/timer_tsc.c`; KVM `timekeeping.rst` section 4.1",
    look,
};

const COMPLAINTS: [&str; 5] = [
    "Losing some ticks",
    "Losing too many ticks",
    "many lost ticks",
    "timer tick(s)",
    "time source seems to be instable",
];

fn look(machine: &Machine) -> Sign {
    let is_complaint = |line: &str| COMPLAINTS.iter().any(|words| line.contains(words));
    let Some(lines) = machine.log(is_complaint) else {
        return Sign::absent("the kernel's log");
    };
    let Some(line) = lines.first() else {
        return Sign::good(
            "none complained of in the kernel's log",
            "the kernel missed no timer interrupts",
        );
    };
    Sign::suspicious(
        line.trim(),
        "time was lost with them, or made good too well, and then the clock is fast",
        "give the machine its processor time and fewer interrupts, or use a kernel since 2.6.32, which does not count them",
    )
    .mark(Mark::LostTicks)
}
