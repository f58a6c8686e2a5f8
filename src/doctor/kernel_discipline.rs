//! `kernel-discipline`: how the kernel says its clock is kept.

use super::machine::Discipline;
use super::{Fact, Machine, Mark, Sign};
use crate::time::Rate;

pub(super) const FACT: Fact = Fact {
    id: "kernel-discipline",
    summary: "how the kernel says its clock is kept: in step or not, and how much it is corrected",
    place: "adjtimex(2) with no modes: the state, `status`, `maxerror`, `freq`, `tick`",
    meaning: "\
TIME_ERROR or STA_UNSYNC: nobody keeps the clock; maxerror of 16 s says the same. freq near ±500 ppm: whoever \
keeps it is at the end of what can be corrected. tick other than 10,000 µs: each microsecond more is 100 ppm. It \
is the suspect's own word: good for a diagnosis, no proof.",
    remedy: "Run a time daemon; at the limit look for what scales the clock; `adjtimex --tick 10000` puts a tick right that nobody needs.",
    source: "adjtimex(2); Linux `include/uapi/linux/timex.h`; prometheus/node_exporter `timex.go`",
    look,
};

/// Parts per million from which on the correction is as good as used up; the kernel's limit is 500.
const LIMIT: i64 = 490;

/// The scale of `freq`: parts per million times this.
const SCALE: i64 = 65_536;

/// Microseconds of a tick, 100 a second (`USER_HZ`).
const TICK: i64 = 10_000;

/// What a microsecond more or less in each tick is, in parts per billion.
const PER_MICROSECOND: i128 = 100_000;

fn look(machine: &Machine) -> Sign {
    let Some(said) = machine.told().discipline else {
        return Sign::absent("adjtimex");
    };
    let ppm = said.frequency / SCALE;
    let kept = if said.synchronised {
        "in step"
    } else {
        "not in step"
    };
    let error = said.max_error.0;
    let seen = format!(
        "{kept}, at most {error} off, corrected by {ppm} ppm, tick {} us",
        said.tick
    );
    if said.tick != TICK {
        return other_tick(machine, said, seen);
    }
    if ppm.saturating_abs() >= LIMIT {
        return Sign::suspicious(
            seen,
            "the correction is used up: the clock runs further off than whoever keeps it can correct",
            "look for what scales the clock: frequency scaling here or on the host, a wrong rate of the cycle counter",
        )
        .mark(Mark::Saturated);
    }
    if said.synchronised {
        return Sign::good(seen, "something keeps the clock in step, its kernel says");
    }
    if machine.is_container() {
        return Sign::unknown(
            seen,
            "the kernel knows of nobody who keeps its clock; whether the host has somebody all the same, such as its \
hypervisor, cannot be seen in a container",
        )
        .mark(Mark::Unsynchronised);
    }
    let agents = machine.running(["vmtoolsd", "vmware-guestd", "VBoxService"]);
    let agent = agents.and_then(|running| running.first().copied());
    if let Some(agent) = agent {
        return Sign::unknown(
            seen,
            format!(
                "{agent} may set the clock without telling the kernel, so this decides nothing"
            ),
        )
        .mark(Mark::Unsynchronised);
    }
    Sign::suspicious(
        seen,
        "nothing keeps the clock in step: it runs as its timer does, and may be off by any amount",
        "run a time daemon (chronyd) on this machine",
    )
    .mark(Mark::Unsynchronised)
}

/// A tick of another length: chronyd's correction, or somebody's mistake.
fn other_tick(machine: &Machine, said: Discipline, seen: String) -> Sign {
    let by = i128::from(said.tick.saturating_sub(TICK)).saturating_mul(PER_MICROSECOND);
    let runs_chrony = machine
        .running(["chronyd"])
        .is_some_and(|found| !found.is_empty());
    if runs_chrony {
        return Sign::suspicious(
            seen,
            "chronyd corrects by more than 500 ppm: it works off an offset, which passes, or the clock runs off by that",
            "look again in an hour; if it stays, look for what scales the clock: frequency scaling here or on the host, a wrong rate of the cycle counter",
        )
        .mark(Mark::Saturated);
    }
    let slack = 500 * 1000;
    Sign::suspicious(
        seen,
        "each tick is taken for longer or shorter than it is: somebody set it, and the clock runs off by that",
        "find who sets it (adjtimex, tickadj), and put it back: `adjtimex --tick 10000`",
    )
    .mark(Mark::OddTick)
    .mark_if(!said.synchronised, Mark::Unsynchronised)
    .explaining(Rate::between(by - slack, by + slack))
}
