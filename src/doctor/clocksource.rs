//! `clocksource`: what the kernel counts time by.

use super::machine::Hypervisor;
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "clocksource",
    summary: "what the kernel counts time by, and what else it could",
    place: "`/sys/devices/system/clocksource/clocksource0/current_clocksource` and `available_clocksource`",
    meaning: "\
Good: kvm-clock, hyperv_clocksource_tsc_page, xen, and tsc where the counter is steady. Suspicious: jiffies, \
refined-jiffies and pit, which count interrupts and lose time with them; acpi_pm and hpet in a guest, where \
every reading traps; tsc missing from the list, which says that the kernel found it unsteady.",
    remedy: "\
Boot without options that force another clock. Where tsc was found unsteady, look at the kernel's log \
(watchdog) and at frequency scaling; on KVM see that the guest is given kvm-clock.",
    source: "Linux `kernel/time/clocksource.c`; RHEL Virtualization Guide, KVM guest timing management",
    look,
};

const FOLDER: &str = "/sys/devices/system/clocksource/clocksource0";

fn look(machine: &Machine) -> Sign {
    let Some(current) = machine.clocksource() else {
        return Sign::absent("the clocksource");
    };
    let others = machine.line(&format!("{FOLDER}/available_clocksource"));
    let others = others.unwrap_or_default();
    let seen = format!("{current} (of {others})");
    match current.as_str() {
        "jiffies" | "refined-jiffies" | "pit" => Sign::suspicious(
            seen,
            "it counts timer interrupts: those that are lost make the clock slow, those made good twice make it fast",
            "take whatever forces it off the kernel's command line; see the kernel's log for why nothing better was taken",
        )
        .mark(Mark::CountsTicks)
        .mark(Mark::WeakClocksource),
        "acpi_pm" | "hpet" => slow_device(machine, &current, &others, seen),
        "tsc" | "tsc-early" => Sign::good(
            seen,
            "it counts the processor's cycles: right as long as their rate is what the kernel takes it for",
        )
        .mark(Mark::CountsCycles),
        _ => Sign::good(seen, "a clock of the platform, which gives time and not cycles"),
    }
}

/// A device on the board, which a guest has to ask its hypervisor for at each reading.
fn slow_device(machine: &Machine, current: &str, others: &str, seen: String) -> Sign {
    let has_cycles = others.split_whitespace().any(|name| name == "tsc");
    if is_asked_for(machine) {
        return Sign::good(
            seen,
            "the timer that VMware asks for on kernels of this age (KB 1006427)",
        );
    }
    let guest = machine.hypervisor();
    let meaning = match (guest, has_cycles) {
        (_, false) => {
            "the processor's cycle counter (tsc) is missing from the list: the kernel found it unsteady"
        }
        (Some(_), true) => {
            "in a guest each reading of it traps to the hypervisor, so it is slow and late"
        }
        (None, true) => "the kernel was told to use it, though a steadier counter is there",
    };
    let remedy = match guest {
        Some(Hypervisor::Kvm) => {
            "give the guest kvm-clock (`-cpu host,kvmclock=on`), and take clocksource= and no-kvmclock off its command line"
        }
        Some(Hypervisor::HyperV | Hypervisor::Wsl) => {
            "use a kernel with CONFIG_HYPERV_TIMER, which gives hyperv_clocksource_tsc_page"
        }
        Some(_) => {
            "see in the kernel's log why the cycle counter was given up; look at frequency scaling on the host"
        }
        None => {
            "see in the kernel's log why the cycle counter was given up; look at frequency scaling and the firmware"
        }
    };
    Sign::suspicious(seen, meaning, remedy)
        .mark_if(!has_cycles, Mark::UnsteadyCycles)
        .mark_if(
            current == "acpi_pm" || guest.is_some(),
            Mark::WeakClocksource,
        )
}

/// Whether the ACPI timer is what an old guest of `VMware` should use, and was told to.
fn is_asked_for(machine: &Machine) -> bool {
    let is_told = |word: &str| matches!(word, "clocksource=acpi_pm" | "clock=pmtmr");
    let told = machine.words("/proc/cmdline", is_told).unwrap_or_default();
    machine.hypervisor() == Some(Hypervisor::Vmware) && machine.is_old() && !told.is_empty()
}
