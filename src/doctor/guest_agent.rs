//! `guest-agent`: whether the hypervisor's own program keeps the clock.

use super::machine::Hypervisor;
use super::time_daemons::DAEMONS;
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "guest-agent",
    summary: "the program by which the hypervisor sets this guest's clock",
    place: "`/proc/*/comm` (vmtoolsd, vmware-guestd, VBoxService, qemu-ga), `/sys/bus/vmbus/drivers/hv_utils`, \
`/proc/sys/xen/independent_wallclock`",
    meaning: "\
After the guest was paused, moved or put back to a snapshot only the host knows the time at once. Its agent sets \
the clock then, and on VMware and VirtualBox periodically where that is switched on. An agent sets a fast clock \
back late: VMware Tools of old only ever set it forward.",
    remedy: "Install the hypervisor's agent, and let it set the clock or let a time daemon do so, never both.",
    source: "VMware \"Timekeeping in VMware Virtual Machines\"; KB 1006427; `VBoxService` manual; Linux `drivers/hv/hv_util.c`",
    look,
};

fn look(machine: &Machine) -> Sign {
    let Some(hypervisor) = machine.hypervisor() else {
        return Sign::unknown("not known to be a guest", "only guests have one");
    };
    if machine.is_container() {
        return Sign::unknown(
            "not to be seen in a container",
            "what sets the clock runs outside of it: look at the machine that the container runs on",
        );
    }
    match hypervisor {
        Hypervisor::Vmware => program(
            machine,
            &["vmtoolsd", "vmware-guestd"],
            "open-vm-tools, and let `vmware-toolbox-cmd timesync status` say whether it sets the clock",
        ),
        Hypervisor::VirtualBox => {
            program(machine, &["VBoxService"], "the VirtualBox guest additions")
        }
        Hypervisor::HyperV | Hypervisor::Wsl => hyper_v(machine),
        Hypervisor::Xen => xen(machine),
        Hypervisor::Kvm => Sign::unknown(
            "KVM has none that keeps the clock",
            "qemu-ga sets it only when the host says so, after a pause; a time daemon has to keep it: chronyd by the \
host's clock (`refclock PHC /dev/ptp0`)",
        ),
        Hypervisor::Other => Sign::unknown(
            "not known for this hypervisor",
            "it says nothing, neither for nor against the clock",
        ),
    }
}

fn program(machine: &Machine, names: &[&'static str], what: &str) -> Sign {
    let Some(running) = machine.running(names.iter().copied()) else {
        return Sign::absent("what runs here");
    };
    if !running.is_empty() {
        return Sign::good(
            format!("{} runs", running.join(", ")),
            "the host can set this guest's clock after a pause, and periodically where that is switched on",
        )
        .mark(Mark::Agent);
    }
    let seen = format!("{} does not run", names.join(" nor "));
    missing(machine, seen, format!("install {what}"))
}

/// No agent: in order where somebody else keeps the clock.
fn missing(machine: &Machine, seen: String, remedy: String) -> Sign {
    let daemons = machine.running(DAEMONS);
    let is_kept = machine
        .told()
        .discipline
        .is_some_and(|said| said.synchronised);
    if is_kept || daemons.is_some_and(|daemons| !daemons.is_empty()) {
        return Sign::good(
            seen,
            "a time daemon keeps the clock instead, as the maker advises",
        );
    }
    Sign::suspicious(
        seen,
        "nothing sets this guest's clock after a pause or a move",
        remedy,
    )
    .mark(Mark::AgentMissing)
}

fn hyper_v(machine: &Machine) -> Sign {
    let has_driver = ["hv_utils", "hv_util"].iter().any(|name| {
        machine.has(&format!("/sys/bus/vmbus/drivers/{name}/uevent"))
            || machine.has(&format!("/sys/bus/vmbus/drivers/{name}/bind"))
    });
    if has_driver {
        return Sign::good(
            "hv_utils (TimeSync) is loaded",
            "the host can set this guest's clock after a pause",
        )
        .mark(Mark::Agent);
    }
    // KVM can call itself Hyper-V, too, and has no such bus then.
    if !machine.has("/sys/bus/vmbus") {
        return Sign::absent("/sys/bus/vmbus");
    }
    let remedy = "load hv_utils, and switch the integration service Time Synchronization on";
    missing(
        machine,
        "hv_utils is not loaded".to_owned(),
        remedy.to_owned(),
    )
}

fn xen(machine: &Machine) -> Sign {
    match machine.number("/proc/sys/xen/independent_wallclock") {
        Some(0) => Sign::good(
            "independent_wallclock is 0",
            "the wall clock follows the host's",
        )
        .mark(Mark::Agent),
        Some(_) => Sign::unknown(
            "independent_wallclock is 1",
            "the wall clock is this guest's own: a time daemon has to keep it here",
        ),
        None => Sign::unknown(
            "no independent_wallclock",
            "kernels of today keep the wall clock themselves on Xen: a time daemon has to keep it here",
        ),
    }
}
