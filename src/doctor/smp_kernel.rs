//! `smp-kernel`: whether the kernel is built for as many processors as there are.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "smp-kernel",
    summary: "whether the kernel is built for as many processors as there are",
    place: "`/proc/version`, `/sys/devices/system/cpu/present`, `/proc/sys/kernel/osrelease`",
    meaning: "\
Kernels before 2.6.32 came in two builds. One for several processors on a guest with a single one, or the other \
way round, may make time drift. Later kernels adapt themselves.",
    remedy: "Boot the kernel that fits, or give the guest as many processors as its kernel is for.",
    source: "VMware KB 1006427, notes",
    look,
};

fn look(machine: &Machine) -> Sign {
    // Who built it and where stands there, too, and is nobody's business.
    let is_smp = |word: &str| word == "SMP";
    let words = machine
        .words("/proc/version", is_smp)
        .or_else(|| machine.words("/proc/sys/kernel/version", is_smp));
    let (Some(words), Some(_)) = (words, machine.version()) else {
        return Sign::absent("the kernel's version");
    };
    if !machine.is_old() {
        return Sign::good(
            "one kernel for both",
            "kernels since 2.6.32 adapt themselves to how many processors there are",
        );
    }
    let is_smp = !words.is_empty();
    let present = machine.line("/sys/devices/system/cpu/present");
    let Some(present) = present.or_else(|| machine.line("/sys/devices/system/cpu/online")) else {
        return Sign::absent("how many processors there are");
    };
    let has_several = present != "0";
    let build = if is_smp {
        "several processors"
    } else {
        "one processor"
    };
    let there = if has_several { "several" } else { "one" };
    let seen = format!("a kernel for {build}, and {there} there");
    if is_smp == has_several || machine.hypervisor().is_none() {
        return Sign::good(
            seen,
            "the kernel fits, or it does not matter outside a guest",
        );
    }
    Sign::suspicious(
        seen,
        "a mismatch may make a guest's time drift on kernels before 2.6.32",
        "boot the kernel that fits, or give the guest as many processors as its kernel is for",
    )
    .mark(Mark::WrongKernel)
}
