//! `host-clock`: whether the host's clock can be read.

use super::machine::Hypervisor;
use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "host-clock",
    summary: "whether the host's clock can be read from this guest",
    place: "`/sys/class/ptp/ptp*/clock_name`, `/dev/vmclock0`",
    meaning: "\
A hypervisor's PTP device (KVM virtual PTP, hyperv, ptp_vmw) gives the host's time without any network. It would \
have shown a guest that gains a fifth at once. vmclock tells of live migrations, too.",
    remedy: "On KVM `modprobe ptp_kvm`; then `skewgate clock --clock phc:`, and chronyd with `refclock PHC /dev/ptp0`.",
    source: "Linux `drivers/ptp/ptp_kvm_common.c`, `ptp_vmclock.c`, `ptp_vmw.c`, `drivers/hv/hv_util.c`; chrony.conf(5)",
    look,
};

/// What the devices of hypervisors are called; those of network cards are called otherwise.
const NAMES: [&str; 5] = [
    "KVM virtual PTP",
    "hyperv",
    "ptp_vmw",
    "ptp_vmclock",
    "vmclock",
];

fn look(machine: &Machine) -> Sign {
    let Some(hypervisor) = machine.hypervisor() else {
        return Sign::unknown("not known to be a guest", "only guests have a host");
    };
    let names = machine.names("/sys/class/ptp").unwrap_or_default();
    let clocks = names.iter().filter_map(|device| {
        let name = machine.line(&format!("/sys/class/ptp/{device}/clock_name"))?;
        let is_host = NAMES.contains(&name.as_str()) || name.starts_with("ena-ptp");
        is_host.then(|| format!("{name} (/dev/{device})"))
    });
    let mut clocks: Vec<String> = clocks.collect();
    if machine.has("/dev/vmclock0") {
        clocks.push("/dev/vmclock0".to_owned());
    }
    if !clocks.is_empty() {
        return Sign::good(
            clocks.join(", "),
            "the host's clock can be asked without any network: `skewgate clock --clock phc:`",
        )
        .mark(Mark::HostClock);
    }
    let mut sign = Sign::unknown(
        "none",
        "the host's clock cannot be asked from here; only time servers can tell",
    );
    sign.remedy = match hypervisor {
        Hypervisor::Kvm => Some("`modprobe ptp_kvm`, then `skewgate clock --clock phc:`".to_owned()),
        Hypervisor::Vmware => Some("add a precision clock to the virtual machine (hardware version 17 and later), and `modprobe ptp_vmw`".to_owned()),
        Hypervisor::HyperV | Hypervisor::Wsl => Some("use a kernel since 4.11 with CONFIG_HYPERV_UTILS and CONFIG_PTP_1588_CLOCK".to_owned()),
        Hypervisor::Xen | Hypervisor::VirtualBox | Hypervisor::Other => None,
    };
    sign
}
