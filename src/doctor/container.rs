//! `container`: whether the clock is really another's.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "container",
    summary: "whether this is a container, whose clock is its host's",
    place: "`/.dockerenv`, `/run/.containerenv`, `/run/systemd/container`, `/run/secrets/kubernetes.io`, `/proc/1/cgroup`",
    meaning: "\
A container has no wall clock of its own: time namespaces do not cover it. Its programs are not those that keep \
the clock, and often neither the kernel's log nor its devices are to be seen.",
    remedy: "Look at the host: run skewgate doctor there.",
    source: "time_namespaces(7), \"there is no virtualisation of CLOCK_REALTIME\"",
    look,
};

/// What engines leave behind.
const TRACES: [&str; 4] = [
    "/.dockerenv",
    "/run/.containerenv",
    "/run/systemd/container",
    "/run/secrets/kubernetes.io",
];

/// What the first process's control group is called under them.
const GROUPS: [&str; 6] = [
    "docker",
    "kubepods",
    "containerd",
    "libpod",
    "lxc",
    "garden",
];

fn look(machine: &Machine) -> Sign {
    let trace = TRACES.into_iter().find(|path| machine.has(path));
    let is_group = |line: &str| GROUPS.iter().any(|name| line.contains(name));
    let groups = machine.first_of("/proc/1/cgroup", is_group);
    match (trace, groups) {
        (Some(trace), _) => found(trace),
        (None, Some(Some(_))) => found("/proc/1/cgroup names one"),
        (None, Some(None)) => Sign::good("no container is seen", "its programs are this machine's"),
        (None, None) => Sign::absent("what a container would show"),
    }
}

fn found(trace: &str) -> Sign {
    Sign::unknown(
        format!("a container ({trace})"),
        "the clock is the host's, and so are the programs that keep it: run skewgate doctor there",
    )
    .mark(Mark::Container)
}
