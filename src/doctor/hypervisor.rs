//! `hypervisor`: whether this is a guest, and whose.

use super::machine::Hypervisor;
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "hypervisor",
    summary: "whether this machine is a guest, and of which hypervisor",
    place: "CPUID leaf 0x4000_0000, `/sys/hypervisor/type`, `/sys/class/dmi/id`, \
`/proc/sys/kernel/osrelease`, the kernel's log, the flag `hypervisor` in `/proc/cpuinfo`",
    meaning: "\
A guest counts time by what its hypervisor lets it see. All its clocks run fast or slow together when the \
host misleads it, so nothing inside it can tell. Each hypervisor has its own cure.",
    remedy: "None: it decides what the right remedies are.",
    source: "Linux `arch/x86/kernel/cpu/hypervisor.c`, `vmware.c`; virt-what(1)",
    look,
};

fn look(machine: &Machine) -> Sign {
    match machine.hypervisor() {
        Some(hypervisor) => {
            let is_hosted = matches!(hypervisor, Hypervisor::Vmware | Hypervisor::VirtualBox);
            Sign::good(
                format!("a guest of {} hypervisor", article(hypervisor)),
                "it counts time by what the host lets it see; what happens on the host cannot be seen from here",
            )
            .mark(Mark::Guest)
            .mark_if(is_hosted, Mark::Hosted)
        }
        None if machine.flags().is_some() => {
            Sign::good("no hypervisor is seen", "this machine counts time itself").mark(Mark::Metal)
        }
        None => Sign::absent("what a hypervisor would show"),
    }
}

fn article(hypervisor: Hypervisor) -> String {
    match hypervisor {
        Hypervisor::Other => "an unnamed".to_owned(),
        named => format!("the {}", named.name()),
    }
}
