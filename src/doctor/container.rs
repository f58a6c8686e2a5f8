//! `container`: whether the clock is really another's.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "container",
    summary: "whether this is a container, whose clock is its host's",
    place: "`/.dockerenv`, `/run/.containerenv`, `/run/systemd/container`, `/run/secrets/kubernetes.io`, `/proc/1/cgroup`, `/proc/self/ns/pid`",
    meaning: "\
A container has no wall clock of its own: time namespaces do not cover it. Its programs are not those that keep \
the clock, and often neither the kernel's log nor its devices are to be seen.",
    remedy: "Look at the host: run skewgate doctor there.",
    source: "time_namespaces(7), \"there is no virtualisation of CLOCK_REALTIME\"; pid_namespaces(7)",
    look,
};

fn look(machine: &Machine) -> Sign {
    match machine.container() {
        Some(Some(trace)) => found(trace),
        Some(None) => Sign::good("no container is seen", "its programs are this machine's"),
        None => Sign::absent("what a container would show"),
    }
}

fn found(trace: &str) -> Sign {
    Sign::unknown(
        format!("a container ({trace})"),
        "the clock is the host's, and so are the programs that keep it: run skewgate doctor there",
    )
    .mark(Mark::Container)
}
