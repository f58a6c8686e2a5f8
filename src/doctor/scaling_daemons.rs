//! `scaling-daemons`: programs that scale the processor's frequency.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "scaling-daemons",
    summary: "programs that scale the processor's frequency",
    place: "`/proc/*/comm`, `/run/tlp`",
    meaning: "\
powernowd, cpuspeed and their kin write frequencies from outside the kernel. On a host they mislead the clocks of \
its guests: a guest that was told 2.0 GHz while the processor rested counts a fifth too fast when it works. In a \
guest they have nothing to scale.",
    remedy: "On a host of virtual machines: stop and remove it, fix the frequency, then boot the guests again.",
    source: "the case that skewgate was made for; VMware KB 1591; RHEL 6 Virtualization Guide (cpuspeed)",
    look,
};

/// Those that write frequencies themselves: of the time when counters followed them.
const OLD: [&str; 7] = [
    "powernowd",
    "cpuspeed",
    "cpufreqd",
    "cpudyn",
    "cpudynd",
    "powersaved",
    "kpowersave",
];

/// Those that choose among the kernel's own governors and limits.
const NEW: [&str; 4] = ["power-profiles-daemon", "tuned", "thermald", "auto-cpufreq"];

fn look(machine: &Machine) -> Sign {
    let (Some(old), Some(new)) = (machine.running(OLD), machine.running(NEW)) else {
        return Sign::absent("what runs here");
    };
    let tlp = machine.has("/run/tlp/last_pwr").then_some("TLP");
    let running: Vec<&str> = old.iter().chain(&new).copied().chain(tlp).collect();
    if running.is_empty() && machine.is_container() {
        return Sign::unknown(
            "none in this container",
            "what runs on its host cannot be seen from here",
        )
        .mark(Mark::ScalesNot);
    }
    if running.is_empty() {
        return Sign::good("none runs here", "no program here scales the processor")
            .mark(Mark::ScalesNot);
    }
    let seen = format!("{} runs", running.join(", "));
    if machine.hypervisor().is_some() {
        return Sign::unknown(
            seen,
            "it has no effect in a guest: the processor is the host's, and to stop it here changes nothing",
        );
    }
    let hangs = machine.flags().is_some() && !machine.has_flag("constant_tsc");
    if old.is_empty() && !hangs {
        return Sign::good(
            seen,
            "it chooses among the kernel's own governors, and the counter keeps its rate",
        )
        .mark(Mark::Scales);
    }
    let first = running.first().copied().unwrap_or_default();
    Sign::suspicious(
        seen,
        "it changes the processor's frequency under clocks that count its cycles: its guests' first of all",
        format!("stop and remove {first}, take the governor performance, then boot the guests again"),
    )
    .mark(Mark::Scales)
}
