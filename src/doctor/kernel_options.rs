//! `kernel-options`: what the kernel was told of its clock when it booted.

use super::machine::{Bits, Hypervisor};
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "kernel-options",
    summary: "what the kernel was told of its clock when it booted",
    place: "`/proc/cmdline`",
    meaning: "\
Options that were right for one kernel and one hypervisor stay in the boot loader for years. 32-bit kernels of \
old took clock=pmtmr, 64-bit ones notsc; neither helps a kernel of today. tsc=reliable and tsc=nowatchdog \
switch off the checks that would find an unsteady counter.",
    remedy: "Take what is wrong here off the boot loader's kernel line, and boot again.",
    source: "Linux `Documentation/admin-guide/kernel-parameters.txt`; VMware KB 1006427; RHEL Virtualization Guide",
    look,
};

/// An option that has to do with time.
struct Known {
    /// What it begins with; with `=`, whatever stands behind it.
    begins: &'static str,
    /// What it does.
    does: &'static str,
    /// What is wrong with it on this machine, given what stands behind it.
    wrong: fn(&Machine, &str) -> Option<&'static str>,
}

const fn option(
    begins: &'static str,
    does: &'static str,
    wrong: fn(&Machine, &str) -> Option<&'static str>,
) -> Known {
    Known {
        begins,
        does,
        wrong,
    }
}

const fn harmless(begins: &'static str, does: &'static str) -> Known {
    option(begins, does, |_, _| None)
}

const OPTIONS: &[Known] = &[
    option(
        "clocksource=",
        "chooses what the kernel counts time by",
        forced_source,
    ),
    option(
        "clock=",
        "chooses the timer of 32-bit kernels before 2.6.18",
        old_clock,
    ),
    option(
        "tsc=",
        "says how far the cycle counter is to be trusted",
        trusted_cycles,
    ),
    option("notsc", "does not count time by cycles", no_cycles),
    option(
        "divider=",
        "divides the rate of timer interrupts (RHEL 4.7 to 5)",
        divider,
    ),
    option(
        "tsc_early_khz=",
        "states the rate of the cycle counter",
        |_, _| {
            Some("the rate of the clock is as good as this number, on every machine it is moved to")
        },
    ),
    option(
        "no-kvmclock",
        "does not use the clock that KVM gives its guests",
        |machine, _| {
            let is_kvm = machine.hypervisor() == Some(Hypervisor::Kvm);
            is_kvm.then_some("it throws away the one clock that follows the host's")
        },
    ),
    harmless(
        "no-vmw-sched-clock",
        "the scheduler does not use VMware's clock; the wall clock does not change",
    ),
    harmless("hpet=", "says whether the board's event timer is used"),
    harmless("nohpet", "does not use the board's event timer"),
    harmless(
        "nohz=",
        "says whether an idle processor is interrupted by ticks",
    ),
    harmless("highres=", "says whether timers are finer than a tick"),
    option(
        "lpj=",
        "states how long the kernel's delay loops are",
        |machine, _| {
            let is_guest = machine.hypervisor().is_some() && machine.is_old();
            is_guest.then_some(
                "it is right on one processor only: a guest that is moved takes it along",
            )
        },
    ),
    harmless("nosmp", "uses one processor only"),
    harmless("maxcpus=", "uses so many processors only"),
    harmless("noapic", "takes timer interrupts the way of old boards"),
    harmless("nolapic", "does not use the processors' own timers"),
    harmless("nolapic_timer", "does not use the processors' own timers"),
    harmless("noapictimer", "does not use the processors' own timers"),
    harmless(
        "no_timer_check",
        "does not check whether timer interrupts come",
    ),
    harmless(
        "acpi=",
        "says whether ACPI, and with it the timer acpi_pm, is used",
    ),
    harmless(
        "processor.max_cstate=",
        "limits how deep the processor sleeps",
    ),
    harmless(
        "intel_idle.max_cstate=",
        "limits how deep the processor sleeps",
    ),
    harmless("idle=", "says how an idle processor waits"),
];

fn look(machine: &Machine) -> Sign {
    let is_one = |word: &str| find(word).is_some();
    let Some(words) = machine.words("/proc/cmdline", is_one) else {
        return Sign::absent("/proc/cmdline");
    };
    if words.is_empty() {
        return Sign::good(
            "none for the clock",
            "the kernel chooses what it counts time by",
        );
    }
    let seen = words.join(" ");
    let mut does = Vec::new();
    let mut wrong = Vec::new();
    for word in &words {
        let Some(option) = find(word) else { continue };
        let value = word.get(option.begins.len()..).unwrap_or_default();
        match (option.wrong)(machine, value) {
            Some(why) => wrong.push(format!("{word}: {why}")),
            None => does.push(format!("{word} {}", option.does)),
        }
    }
    if wrong.is_empty() {
        return Sign::good(seen, does.join("; "));
    }
    let names: Vec<&str> = wrong
        .iter()
        .filter_map(|why| why.split(':').next())
        .collect();
    let remedy = format!(
        "take {} off the boot loader's kernel line, and boot again",
        names.join(" and ")
    );
    Sign::suspicious(seen, wrong.join("; "), remedy).mark(Mark::WrongOption)
}

fn find(word: &str) -> Option<&'static Known> {
    OPTIONS.iter().find(|option| {
        if option.begins.ends_with('=') {
            word.starts_with(option.begins)
        } else {
            word == option.begins
        }
    })
}

fn forced_source(machine: &Machine, value: &str) -> Option<&'static str> {
    match (value, machine.hypervisor()) {
        ("jiffies" | "pit", _) => {
            Some("it counts interrupts, and loses time with every one that is lost")
        }
        ("acpi_pm" | "hpet", Some(_)) if !machine.is_old() => Some(
            "a guest's kernel of this age has a better clock, and each reading of this one traps",
        ),
        ("tsc", Some(Hypervisor::Xen | Hypervisor::HyperV | Hypervisor::Wsl)) => {
            Some("it passes over the clock that the hypervisor gives, which follows the host's")
        }
        _ => None,
    }
}

fn old_clock(machine: &Machine, value: &str) -> Option<&'static str> {
    match (machine.bits(), machine.is_old()) {
        (Some(Bits::Bits64), _) => {
            Some("only 32-bit kernels know it; those of 64 bits of its time took notsc")
        }
        (_, false) => Some("no kernel since 2.6.32 needs it: it is called clocksource= now"),
        (_, true) if value == "pit" => {
            Some("it counts interrupts, and loses time with every one that is lost")
        }
        (_, true) => None,
    }
}

fn trusted_cycles(machine: &Machine, value: &str) -> Option<&'static str> {
    match value {
        "reliable" | "nowatchdog" if machine.hypervisor() != Some(Hypervisor::Vmware) => Some(
            "the kernel does not check the cycle counter any more, and cannot notice that it is unsteady",
        ),
        _ => None,
    }
}

fn no_cycles(machine: &Machine, _value: &str) -> Option<&'static str> {
    if !machine.is_old() {
        return Some(
            "it is advice for kernels before 2.6.32; on this one it throws the best clock away",
        );
    }
    let is_narrow = machine.bits() == Some(Bits::Bits32);
    is_narrow.then_some(
        "it was for 64-bit kernels; those of 32 bits took clock=pmtmr or clocksource=acpi_pm",
    )
}

fn divider(machine: &Machine, _value: &str) -> Option<&'static str> {
    let is_known = machine.is_old();
    (!is_known).then_some("only RHEL 4.7 to 5 knows it; this kernel ticks as it needs to")
}
