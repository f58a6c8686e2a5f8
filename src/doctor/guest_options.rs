//! `guest-options`: the kernel options that the makers of hypervisors ask for.

use super::machine::{Bits, Family, Hypervisor, Release};
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "guest-options",
    summary: "whether the kernel has the options that this hypervisor asks for with this release",
    place: "`/etc/redhat-release`, `/etc/SuSE-release`, `/proc/sys/kernel/osrelease`, `/proc/cmdline`",
    meaning: "\
Kernels before 2.6.32 counted timer interrupts and lost time in guests unless they were told to use another \
timer. Which one differs between 32 and 64 bits, between releases, and between hypervisors. Kernels since need \
none: there such options do harm.",
    remedy: "Add the missing options to the boot loader's kernel line; better, use a release that needs none.",
    source: "VMware KB 1006427, \"Timekeeping best practices for Linux guests\"; RHEL 6 Virtualization Guide, table of section 14.2",
    look,
};

/// What is asked for.
struct Advice {
    hypervisor: Hypervisor,
    family: Family,
    major: u32,
    /// The first and the last update that it is for.
    minor: (u32, u32),
    bits: Bits,
    options: &'static [&'static str],
}

const fn row(
    hypervisor: Hypervisor,
    release: (Family, u32, (u32, u32)),
    bits: Bits,
    options: &'static [&'static str],
) -> Advice {
    let (family, major, minor) = release;
    Advice {
        hypervisor,
        family,
        major,
        minor,
        bits,
        options,
    }
}

use Bits::{Bits32, Bits64};
use Family::{RedHat, Suse};
use Hypervisor::{Kvm, Vmware};

const ADVICE: &[Advice] = &[
    row(Vmware, (RedHat, 4, (0, 6)), Bits32, &["clock=pmtmr"]),
    row(
        Vmware,
        (RedHat, 4, (7, 9)),
        Bits32,
        &["clock=pmtmr", "divider=10"],
    ),
    row(
        Vmware,
        (RedHat, 5, (0, 0)),
        Bits32,
        &["clocksource=acpi_pm"],
    ),
    row(
        Vmware,
        (RedHat, 5, (1, 3)),
        Bits32,
        &["divider=10", "clocksource=acpi_pm"],
    ),
    row(Vmware, (Suse, 9, (0, 9)), Bits32, &["clock=pmtmr"]),
    row(Vmware, (Suse, 10, (0, 1)), Bits32, &["clock=pmtmr"]),
    row(Vmware, (RedHat, 4, (0, 6)), Bits64, &["notsc"]),
    row(
        Vmware,
        (RedHat, 4, (7, 9)),
        Bits64,
        &["notsc", "divider=10"],
    ),
    row(Vmware, (RedHat, 5, (0, 0)), Bits64, &["notsc"]),
    row(
        Vmware,
        (RedHat, 5, (1, 3)),
        Bits64,
        &["notsc", "divider=10"],
    ),
    row(Kvm, (RedHat, 5, (3, 4)), Bits32, &["clocksource=acpi_pm"]),
    row(Kvm, (RedHat, 5, (3, 4)), Bits64, &["notsc"]),
];

fn look(machine: &Machine) -> Sign {
    let Some(hypervisor) = machine.hypervisor() else {
        return Sign::unknown("not known to be a guest", "such advice is for guests");
    };
    if machine.version().is_none() {
        return Sign::absent("the kernel's version");
    }
    if !machine.is_old() {
        return Sign::good(
            "none are needed",
            "kernels since 2.6.32 need no options for their clock in a guest",
        );
    }
    let (Some(release), Some(bits)) = (machine.release(), machine.bits()) else {
        return Sign::unknown(
            "a kernel before 2.6.32, of a release that is not known here",
            format!("look it up in the advice for {} guests", hypervisor.name()),
        );
    };
    let Some(advice) = find(hypervisor, release, bits) else {
        return Sign::good(
            "none are asked for",
            "no options for the clock are asked for with this release and hypervisor",
        );
    };
    let is_asked_for = |word: &str| advice.options.contains(&word);
    let there = machine
        .words("/proc/cmdline", is_asked_for)
        .unwrap_or_default();
    let missing: Vec<&str> = advice
        .options
        .iter()
        .filter(|option| !there.iter().any(|word| word == *option))
        .copied()
        .collect();
    let wanted = advice.options.join(" ");
    if missing.is_empty() {
        return Sign::good(
            format!("{wanted}, as asked for"),
            "what is asked for with this release is there",
        );
    }
    let missing = missing.join(" ");
    Sign::suspicious(
        format!("{missing} missing, of {wanted}"),
        format!(
            "without them a guest of {} with this release loses or gains time",
            hypervisor.name()
        ),
        format!(
            "add {missing} to the boot loader's kernel line; better, use a release that needs none"
        ),
    )
    .mark(Mark::MissingOption)
}

fn find(hypervisor: Hypervisor, release: Release, bits: Bits) -> Option<&'static Advice> {
    ADVICE.iter().find(|advice| {
        let (first, last) = advice.minor;
        advice.hypervisor == hypervisor
            && advice.family == release.family
            && advice.major == release.major
            && (first..=last).contains(&release.minor)
            && advice.bits == bits
    })
}
