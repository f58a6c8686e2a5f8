//! `suspend`: whether the machine slept.

use super::{Fact, Machine, Mark, Sign};
use crate::time::Span;

pub(super) const FACT: Fact = Fact {
    id: "suspend",
    summary: "how long the machine slept since it booted",
    place: "CLOCK_BOOTTIME less CLOCK_MONOTONIC",
    meaning: "\
A machine that sleeps or is paused wakes with an old clock until somebody sets it: files from elsewhere look as \
from the future then. A pause by the hypervisor is not always counted here.",
    remedy: "Keep builders awake, and let a daemon step the clock when they wake (chronyd with `makestep 1 -1`).",
    source: "clock_gettime(2); microsoft/WSL issues 5324 and 4677",
    look,
};

/// Less is no sleep.
const LEAST: Span = Span::from_secs(1);

fn look(machine: &Machine) -> Sign {
    let told = machine.told();
    let (Some(all), Some(awake)) = (told.boottime, told.monotonic) else {
        return Sign::absent("how long it slept");
    };
    let asleep = all.0.plus(awake.0.negated());
    if asleep < LEAST {
        return Sign::good("not since it booted", "no sleep left the clock behind");
    }
    let seen = format!("{asleep} of {} since it booted", all.0);
    if machine.is_container() {
        return Sign::unknown(
            seen,
            "the host slept; who set its clock since cannot be seen in a container",
        );
    }
    let is_kept = told.discipline.is_some_and(|said| said.synchronised);
    if is_kept {
        return Sign::good(seen, "something keeps the clock in step since");
    }
    Sign::suspicious(
        seen,
        "it woke with an old clock, and the kernel knows of nobody who set it since",
        "let a daemon step the clock when the machine wakes (chronyd with `makestep 1 -1`), and keep builders awake",
    )
    .mark(Mark::Suspended)
}
