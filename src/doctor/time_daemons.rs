//! `time-daemons`: who keeps the clock in step.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "time-daemons",
    summary: "the time daemons that run here",
    place: "`/proc/*/comm`",
    meaning: "\
A time daemon asks servers and corrects the clock. It corrects 500 ppm at most (chronyd more, by the tick): a \
clock that gains a fifth is beyond all of them, and they set it again and again or give up.",
    remedy: "Run one: chronyd in a virtual machine. Not in a container, where it is the host's task.",
    source: "adjtimex(2); chrony.conf(5), maxslewrate; ntpd(8), the step and panic thresholds",
    look,
};

/// Those that set the system's clock.
pub(super) const DAEMONS: [&str; 8] = [
    "chronyd",
    "ntpd",
    "systemd-timesyncd",
    "openntpd",
    "ntp-daemon",
    "clockspeed",
    "dntpd",
    "phc2sys",
];

fn look(machine: &Machine) -> Sign {
    let Some(running) = machine.running(DAEMONS) else {
        return Sign::absent("what runs here");
    };
    if running.is_empty() && machine.is_container() {
        return Sign::unknown(
            "none in this container",
            "the clock is the host's to keep, and what runs there cannot be seen from here",
        );
    }
    if running.is_empty() {
        return Sign::unknown(
            "none runs here",
            "no program here asks a time server; see kernel-discipline and guest-agent for who else keeps the clock",
        );
    }
    let seen = format!("{} runs", running.join(", "));
    let is_kept = machine
        .told()
        .discipline
        .is_none_or(|said| said.synchronised);
    let sign = if is_kept {
        Sign::good(
            seen,
            "something here asks for the time and corrects the clock",
        )
    } else {
        Sign::unknown(
            seen,
            "the kernel says that nothing keeps its clock all the same: it has reached no server yet, or only serves (chronyd -x)",
        )
    };
    sign.mark(Mark::Daemon)
}
