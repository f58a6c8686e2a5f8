//! Which hypervisor a machine is a guest of, by every sign of it.

use super::Machine;

/// A hypervisor, as far as its timekeeping needs to be told from others'.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum Hypervisor {
    /// `VMware`: `ESXi`, Workstation, Player, Server.
    Vmware,
    /// KVM, whoever runs it.
    Kvm,
    /// Microsoft Hyper-V, Azure included.
    HyperV,
    /// Windows Subsystem for Linux 2, which is a Hyper-V guest of its own kind.
    Wsl,
    /// Xen.
    Xen,
    /// Oracle `VirtualBox`.
    VirtualBox,
    /// Some other, or one that hides its name.
    Other,
}

/// What a hypervisor calls itself in the processor's leaf (CPUID `0x4000_0000`).
const LEAVES: [(&str, Hypervisor); 7] = [
    ("VMwareVMware", Hypervisor::Vmware),
    ("KVMKVMKVM", Hypervisor::Kvm),
    ("Linux KVM Hv", Hypervisor::Kvm),
    ("Microsoft Hv", Hypervisor::HyperV),
    ("XenVMMXenVMM", Hypervisor::Xen),
    ("VBoxVBoxVBox", Hypervisor::VirtualBox),
    ("TCGTCGTCGTCG", Hypervisor::Other),
];

/// Who is named as the maker of the board, or the board itself, in a guest.
const BOARDS: [(&str, Hypervisor); 11] = [
    ("VMware", Hypervisor::Vmware),
    ("VirtualBox", Hypervisor::VirtualBox),
    ("innotek", Hypervisor::VirtualBox),
    ("QEMU", Hypervisor::Kvm),
    ("KVM", Hypervisor::Kvm),
    ("Amazon EC2", Hypervisor::Kvm),
    ("Google Compute Engine", Hypervisor::Kvm),
    ("OpenStack", Hypervisor::Kvm),
    ("Xen", Hypervisor::Xen),
    ("HVM domU", Hypervisor::Xen),
    ("Virtual Machine", Hypervisor::HyperV),
];

/// What the kernel says of it while it boots: `Hypervisor detected: …`.
const LOGGED: [(&str, Hypervisor); 5] = [
    ("VMware", Hypervisor::Vmware),
    ("Hyper-V", Hypervisor::HyperV),
    ("HyperV", Hypervisor::HyperV),
    ("Xen", Hypervisor::Xen),
    ("KVM", Hypervisor::Kvm),
];

impl Hypervisor {
    /// As people call it.
    pub(in crate::doctor) const fn name(self) -> &'static str {
        match self {
            Self::Vmware => "VMware",
            Self::Kvm => "KVM",
            Self::HyperV => "Hyper-V",
            Self::Wsl => "WSL 2 (Hyper-V)",
            Self::Xen => "Xen",
            Self::VirtualBox => "VirtualBox",
            Self::Other => "unnamed",
        }
    }
}

impl Machine {
    /// Which hypervisor it is a guest of; `None` where no sign of one is seen.
    pub(in crate::doctor) fn hypervisor(&self) -> Option<Hypervisor> {
        *self.hypervisor.get_or_init(|| {
            self.is_wsl()
                .then_some(Hypervisor::Wsl)
                .or_else(|| self.by_leaf())
                .or_else(|| self.by_xen())
                .or_else(|| self.by_board())
                .or_else(|| self.by_log())
                .or_else(|| self.has_flag("hypervisor").then_some(Hypervisor::Other))
        })
    }

    fn is_wsl(&self) -> bool {
        let release = self.line("/proc/sys/kernel/osrelease");
        release.is_some_and(|release| {
            let release = release.to_lowercase();
            release.contains("microsoft") || release.contains("wsl2")
        })
    }

    fn by_leaf(&self) -> Option<Hypervisor> {
        let leaf = self.told.hypervisor.as_deref()?;
        let known = LEAVES.iter().find(|(name, _)| leaf.starts_with(name));
        Some(known.map_or(Hypervisor::Other, |row| row.1))
    }

    fn by_xen(&self) -> Option<Hypervisor> {
        let is_xen = self.line("/sys/hypervisor/type")? == "xen";
        // The first domain is the host itself, though under the hypervisor as well.
        let is_host = self
            .line("/proc/xen/capabilities")
            .is_some_and(|can| can.contains("control_d"));
        (is_xen && !is_host).then_some(Hypervisor::Xen)
    }

    fn by_board(&self) -> Option<Hypervisor> {
        let said = ["sys_vendor", "product_name"]
            .into_iter()
            .filter_map(|name| self.line(&format!("/sys/class/dmi/id/{name}")));
        let said = said.collect::<Vec<_>>().join(" ");
        let known = BOARDS.iter().find(|(name, _)| said.contains(name));
        let known = known.map(|row| row.1)?;
        // Microsoft makes boards without a hypervisor, too.
        let is_sure = known != Hypervisor::HyperV || said.contains("Microsoft");
        // Amazon sells bare metal under the same name.
        let is_metal = said.contains("Amazon EC2") && said.contains(".metal");
        (is_sure && !is_metal).then_some(known)
    }

    fn by_log(&self) -> Option<Hypervisor> {
        let lines = self.log(|line| line.contains("Hypervisor detected:"))?;
        let line = lines.first()?;
        let known = LOGGED.iter().find(|(name, _)| line.contains(name));
        Some(known.map_or(Hypervisor::Other, |row| row.1))
    }

    /// The flags of the first processor; `None` where they are not to be seen.
    pub(in crate::doctor) fn flags(&self) -> Option<Vec<String>> {
        let line = self.first("/proc/cpuinfo", "flags")?;
        let flags = line.split_once(':')?.1;
        Some(flags.split_whitespace().map(str::to_owned).collect())
    }

    /// Whether the first processor has this flag.
    pub(in crate::doctor) fn has_flag(&self, flag: &str) -> bool {
        self.flags()
            .is_some_and(|flags| flags.iter().any(|one| one == flag))
    }
}
