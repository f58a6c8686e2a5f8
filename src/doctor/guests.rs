//! `guests`: whether other machines run on this one.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "guests",
    summary: "whether other machines run on this one as guests",
    place: "`/proc/*/comm`, `/proc/modules`",
    meaning: "\
What scales this machine's processor may mislead the clocks of its guests, though its own clock stays right. \
That was the cause in the case this tool was made for: powernowd on the host, and a guest that gained two \
minutes in every ten.",
    remedy: "See cpu-frequency and scaling-daemons: here they count for the guests.",
    source: "Linux `Documentation/virt/kvm/x86/timekeeping.rst`, section 3.9",
    look,
};

/// The programs that are a guest each.
const MONITORS: [&str; 11] = [
    "vmware-vmx",
    "qemu-system-x86_64",
    "qemu-system-i386",
    "qemu-system-aarch64",
    "qemu-kvm",
    "kvm",
    "VBoxHeadless",
    "VirtualBoxVM",
    "cloud-hypervisor",
    "firecracker",
    "xenconsoled",
];

/// Modules that nothing but a hypervisor of the kind that runs on a desktop loads.
const MODULES: [&str; 2] = ["vmmon", "vboxdrv"];

fn look(machine: &Machine) -> Sign {
    let running = machine.running(MONITORS);
    let is_one = |line: &str| {
        MODULES
            .iter()
            .any(|name| line.split(' ').next() == Some(name))
    };
    let modules = machine.lines("/proc/modules", is_one).unwrap_or_default();
    let module = modules.first().and_then(|line| line.split(' ').next());
    match (running, module) {
        (Some(running), _) if !running.is_empty() => {
            hosting(format!("{} runs", running.join(", ")))
        }
        (_, Some(module)) => hosting(format!("the module {module} is loaded")),
        (Some(_), None) if machine.is_container() => Sign::unknown(
            "none in this container",
            "what runs on its host cannot be seen from here",
        ),
        (Some(_), None) => Sign::good("none runs here", "no guest's clock hangs on this machine"),
        (None, None) => Sign::absent("what runs here"),
    }
}

fn hosting(seen: String) -> Sign {
    Sign::good(
        seen,
        "what scales this machine's processor may mislead its guests' clocks",
    )
    .mark(Mark::HostsGuests)
}
