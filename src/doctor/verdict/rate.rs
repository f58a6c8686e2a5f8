//! Causes of a clock that runs at a wrong rate.

use super::{BEYOND, Case, Cause, Ground, weight};
use crate::doctor::Mark;
use crate::doctor::machine::Hypervisor;

pub(super) const TICK_LENGTH: Cause = Cause {
    id: "tick-length",
    title: "somebody changed the length of a tick",
    needs: &[Ground::Is(Mark::OddTick)],
    any: &[],
    weights: &[
        weight(Ground::Is(Mark::OddTick), 30, "the tick is not 10,000 us"),
        weight(
            Ground::Explained("kernel-discipline"),
            60,
            "what was measured is what that tick comes to",
        ),
        weight(
            Ground::Contradicted("kernel-discipline"),
            -20,
            "what was measured is not what that tick comes to",
        ),
    ],
    say: |case| {
        format!(
            "the kernel counts ticks of another length: {}",
            case.seen("kernel-discipline")
        )
    },
    remedy: |_| {
        "find who sets it (adjtimex, tickadj, a boot script), and put it back: `adjtimex --tick 10000`".to_owned()
    },
};

pub(super) const HOST_SCALING: Cause = Cause {
    id: "host-scaling",
    title: "the host scales its processor under this guest",
    needs: &[Ground::Is(Mark::Guest), Ground::Gross],
    any: &[],
    weights: &[
        weight(Ground::Gross, 30, BEYOND),
        weight(
            Ground::Is(Mark::ScalesNot),
            20,
            "nothing in this guest scales the processor",
        ),
        weight(
            Ground::Is(Mark::Hosted),
            10,
            "this hypervisor also runs on hosts that scale",
        ),
        weight(
            Ground::Is(Mark::CycleRatio),
            10,
            "the rate assumed is not that of the processor",
        ),
        weight(
            Ground::Is(Mark::CountsCycles),
            5,
            "it counts the processor's cycles",
        ),
        weight(
            Ground::Explained("kernel-discipline"),
            -60,
            "a changed tick explains it",
        ),
        weight(
            Ground::Is(Mark::ConstantCycles),
            -15,
            "the counter keeps its rate at every frequency",
        ),
        weight(
            Ground::Is(Mark::LostTicks),
            -10,
            "interrupts were lost, which is another cause",
        ),
    ],
    say: |case| {
        let beside = if case.has(Mark::Scales) {
            ", which nothing that scales the CPU in the guest explains"
        } else {
            " while nothing in the guest scales the CPU"
        };
        format!(
            "{}{beside}: look at frequency scaling on the host (powernowd, cpuspeed, governors there)",
            case.runs()
        )
    },
    remedy: host_scaling,
};

pub(super) const CYCLE_RATE: Cause = Cause {
    id: "cycle-rate",
    title: "the kernel assumes a wrong rate of the cycle counter",
    needs: &[Ground::Is(Mark::CycleRatio)],
    any: &[],
    weights: &[
        weight(
            Ground::Is(Mark::CycleRatio),
            15,
            "the rate assumed is not that of the processor",
        ),
        weight(
            Ground::Explained("tsc-frequency"),
            60,
            "what was measured is what that ratio comes to",
        ),
        weight(
            Ground::Contradicted("tsc-frequency"),
            -10,
            "what was measured is not what that ratio comes to",
        ),
        weight(Ground::InStep, -15, "it runs in step"),
    ],
    say: |case| {
        format!(
            "{}; the kernel divides cycles by another rate than they come at: {}",
            case.runs(),
            case.seen("tsc-frequency")
        )
    },
    remedy: |case| {
        if case.has(Mark::Guest) {
            "fix the host's frequency (no powernowd or cpuspeed, governor performance), start its hypervisor anew so that it measures \
the rate again, then boot the guest".to_owned()
        } else {
            "boot again without options that state a rate (tsc_early_khz=, lpj=), and update the firmware".to_owned()
        }
    },
};

pub(super) const MOVED: Cause = Cause {
    id: "moved",
    title: "the guest was moved to a host whose counter has another rate",
    needs: &[
        Ground::Is(Mark::Guest),
        Ground::Is(Mark::CountsCycles),
        Ground::Gross,
    ],
    any: &[],
    weights: &[
        weight(Ground::Gross, 20, BEYOND),
        weight(
            Ground::Is(Mark::ConstantCycles),
            25,
            "the counter keeps its rate, so another processor has another one",
        ),
        weight(
            Ground::Is(Mark::CountsCycles),
            10,
            "it counts cycles itself and not by the hypervisor's clock",
        ),
        weight(
            Ground::Explained("kernel-discipline"),
            -60,
            "a changed tick explains it",
        ),
    ],
    say: |case| {
        format!(
            "{} and counts cycles at the rate of the host it was booted on: most likely it was moved to one with another",
            case.runs()
        )
    },
    remedy: |case| {
        match case.machine.hypervisor() {
        Some(Hypervisor::Kvm) => "boot the guest again, and let it count by kvm-clock (`clocksource=kvm-clock`), which follows a move".to_owned(),
        _ => "boot the guest again on this host, or have its hypervisor scale the counter to the old rate".to_owned(),
    }
    },
};

pub(super) const SCALING_FOR_GUESTS: Cause = Cause {
    id: "scaling-for-guests",
    title: "this host scales its processor under its guests",
    needs: &[Ground::Is(Mark::HostsGuests), Ground::Is(Mark::Scales)],
    any: &[],
    weights: &[
        weight(
            Ground::Is(Mark::HostsGuests),
            15,
            "other machines run on it as guests",
        ),
        weight(
            Ground::Is(Mark::Scales),
            15,
            "something scales its processor",
        ),
        weight(
            Ground::Is(Mark::VaryingCycles),
            20,
            "the cycle counter follows the frequency",
        ),
        weight(
            Ground::Is(Mark::ConstantCycles),
            -30,
            "the cycle counter keeps its rate at every frequency",
        ),
    ],
    say: |case| {
        format!(
            "this host scales its processor ({}; {}) while it runs guests ({}): their clocks may run off, whatever its own does",
            case.seen("scaling-daemons"),
            case.seen("cpu-frequency"),
            case.seen("guests")
        )
    },
    remedy: |_| {
        "stop and remove the scaling daemon, take the governor performance, start the hypervisor anew, then boot the guests: their clocks \
follow the host's again".to_owned()
    },
};

pub(super) const SCALING_HERE: Cause = Cause {
    id: "scaling-here",
    title: "frequency scaling moves this machine's own clock",
    needs: &[Ground::Is(Mark::Scales), Ground::Is(Mark::VaryingCycles)],
    any: &[],
    weights: &[
        weight(
            Ground::Is(Mark::VaryingCycles),
            15,
            "the cycle counter follows the frequency",
        ),
        weight(
            Ground::Is(Mark::Scales),
            10,
            "something scales the processor",
        ),
        weight(
            Ground::Is(Mark::CountsCycles),
            15,
            "the clock counts its cycles",
        ),
        weight(Ground::Gross, 20, BEYOND),
        weight(Ground::InStep, -20, "it runs in step"),
        weight(
            Ground::Is(Mark::Guest),
            -30,
            "a guest has no processor to scale",
        ),
    ],
    say: |case| {
        format!(
            "{}, and what counts its time follows the processor's frequency",
            case.runs()
        )
    },
    remedy: |_| {
        "take the governor performance, stop what sets another, and limit deep sleep (processor.max_cstate=1)".to_owned()
    },
};

pub(super) const LOST_TICKS: Cause = Cause {
    id: "lost-ticks",
    title: "timer interrupts are lost, or made good twice",
    needs: &[],
    any: &[Ground::Is(Mark::LostTicks), Ground::Is(Mark::CountsTicks)],
    weights: &[
        weight(
            Ground::Is(Mark::LostTicks),
            25,
            "the kernel complained of lost interrupts",
        ),
        weight(Ground::Is(Mark::CountsTicks), 20, "it counts interrupts"),
        weight(
            Ground::Is(Mark::Steal),
            10,
            "the host lets it wait for a processor",
        ),
        weight(
            Ground::Slow,
            20,
            "it is slow, as clocks that lose interrupts are",
        ),
        weight(
            Ground::Fast,
            5,
            "a kernel that makes good for lost interrupts overdoes it at times",
        ),
        weight(
            Ground::Is(Mark::MissingOption),
            10,
            "the options against it are missing",
        ),
        weight(Ground::InStep, -15, "it runs in step"),
    ],
    say: |case| {
        format!(
            "{}, and its kernel counts timer interrupts, which a guest does not get in time",
            case.runs()
        )
    },
    remedy: |_| {
        "use a kernel since 2.6.32, which does not count them; until then the options of guest-options, and more of the host's time".to_owned()
    },
};

pub(super) const UNSTEADY_COUNTER: Cause = Cause {
    id: "unsteady-counter",
    title: "the cycle counter is unsteady, and the kernel counts by something worse",
    needs: &[],
    any: &[
        Ground::Is(Mark::UnsteadyCycles),
        Ground::Is(Mark::WeakClocksource),
    ],
    weights: &[
        weight(
            Ground::Is(Mark::UnsteadyCycles),
            20,
            "the kernel gave the counter up",
        ),
        weight(
            Ground::Is(Mark::WeakClocksource),
            15,
            "it counts by something slow or coarse",
        ),
        weight(Ground::Gross, 10, BEYOND),
        weight(Ground::InStep, -20, "it runs in step"),
    ],
    say: |case| format!("{}, by {}", case.runs(), case.seen("clocksource")),
    remedy: |case| {
        let sign = case
            .sign("clocksource")
            .and_then(|sign| sign.remedy.clone());
        sign.or_else(|| case.sign("watchdog")?.remedy.clone())
            .unwrap_or_default()
    },
};

pub(super) const CORRECTION_USED_UP: Cause = Cause {
    id: "correction-used-up",
    title: "the clock runs further off than its daemon can correct",
    needs: &[Ground::Is(Mark::Saturated)],
    any: &[],
    weights: &[
        weight(Ground::Is(Mark::Saturated), 25, "the correction is used up"),
        weight(Ground::Gross, 15, BEYOND),
        weight(Ground::InStep, -5, "it runs in step for now"),
    ],
    say: |case| {
        format!(
            "the time daemon is at the end of what it can correct ({}): the cause lies below it",
            case.seen("kernel-discipline")
        )
    },
    remedy: |case| {
        match case.has(Mark::Guest) {
        true => "look at frequency scaling on the host, and whether the guest was moved".to_owned(),
        false => "look at frequency scaling, the firmware, and the rate that the kernel assumes (tsc-frequency)".to_owned(),
    }
    },
};

fn host_scaling(case: &Case<'_>) -> String {
    let common = "on the host stop and remove powernowd, cpuspeed and their kin, and take the governor performance";
    let rest = match case.machine.hypervisor() {
        Some(Hypervisor::Vmware) => {
            "; where that cannot be, state the highest rate in /etc/vmware/config there: host.cpukHz, with host.noTSC and ptsc.noTSC TRUE \
(VMware KB 1591); then boot the guest again"
        }
        Some(Hypervisor::VirtualBox) => {
            "; then boot the guest again, and let VBoxService keep its clock"
        }
        Some(Hypervisor::Kvm) => {
            "; on a host without constant_tsc switch off deep sleep as well (processor.max_cstate=1), and give the guest kvm-clock"
        }
        Some(Hypervisor::HyperV | Hypervisor::Wsl) => {
            " (on Windows the power plan High performance); then boot the guest again"
        }
        Some(Hypervisor::Xen) => {
            " (`xenpm set-scaling-governor performance`); then boot the guest again"
        }
        Some(Hypervisor::Other) | None => "; then boot the guest again",
    };
    format!("{common}{rest}")
}
