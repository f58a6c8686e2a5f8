//! `tsc-flags`: whether the processor's cycle counter keeps its rate.

use super::machine::Hypervisor;
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "tsc-flags",
    summary: "whether the processor's cycle counter keeps its rate",
    place: "`/proc/cpuinfo`, the line `flags`",
    meaning: "\
constant_tsc: the rate is the same at every frequency of the processor. nonstop_tsc: it counts on in deep sleep. \
tsc_reliable: the kernel skips its own checks of it. tsc_known_freq: the rate is told, not measured. Without \
constant_tsc a clock that counts cycles runs as fast as the processor just does. On VMware the kernel sets \
constant_tsc and tsc_reliable by itself, so there they prove nothing. Many guests of KVM on AMD are not told of it; \
with kvm-clock that does no harm.",
    remedy: "\
Without constant_tsc: fix the frequency (governor performance, no scaling daemon, deep sleep off) on the \
machine that has the processor, or let the kernel count by another clock.",
    source: "Linux `Documentation/virt/kvm/x86/timekeeping.rst` section 3.9, `arch/x86/kernel/cpu/vmware.c`",
    look,
};

const FLAGS: [&str; 5] = [
    "constant_tsc",
    "nonstop_tsc",
    "tsc_reliable",
    "tsc_known_freq",
    "tsc_adjust",
];

fn look(machine: &Machine) -> Sign {
    let Some(flags) = machine.flags() else {
        return Sign::absent("the processor's flags");
    };
    let has = |flag: &str| flags.iter().any(|one| one == flag);
    let found: Vec<&str> = FLAGS.into_iter().filter(|flag| has(flag)).collect();
    let seen = if found.is_empty() {
        "none of constant_tsc, nonstop_tsc, tsc_reliable".to_owned()
    } else {
        found.join(" ")
    };
    let guest = machine.hypervisor();
    if guest == Some(Hypervisor::Vmware) {
        return Sign::unknown(
            seen,
            "the kernel sets constant_tsc and tsc_reliable by itself on VMware and skips its checks: they prove nothing",
        );
    }
    if !has("constant_tsc") && machine.has_given_clock() {
        return Sign::unknown(
            seen,
            "the guest is not told that the counter keeps its rate; it counts time by the clock that the hypervisor gives, so this \
decides nothing",
        );
    }
    if !has("constant_tsc") {
        let meaning = "the counter runs as fast as the processor just does: scaling its frequency scales a clock that counts by it";
        let remedy = match guest {
            Some(_) => {
                "have frequency scaling and deep sleep switched off on the host, whose processor this is"
            }
            None => {
                "switch off frequency scaling (governor performance, no scaling daemon) and deep sleep (processor.max_cstate=1)"
            }
        };
        return Sign::suspicious(seen, meaning, remedy).mark(Mark::VaryingCycles);
    }
    let rest = if has("nonstop_tsc") {
        "the counter keeps its rate at every frequency and in sleep, by the processor's word"
    } else {
        "the counter keeps its rate at every frequency, though it may stop in deep sleep (no nonstop_tsc)"
    };
    Sign::good(seen, rest).mark(Mark::ConstantCycles)
}
