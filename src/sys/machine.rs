//! Which machine this is, and which of its rulers a reading is of.

use std::fs;
use std::path::Path;

/// What a reading of the ruler can be compared with: readings of the same boot, in the same time
/// namespace (`time_namespaces(7)` moves `CLOCK_BOOTTIME`).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct RulerId {
    /// Of which boot (`/proc/sys/kernel/random/boot_id`); `None` where the system does not say, and
    /// then no reading can be compared with those of another process.
    pub boot: Option<String>,
    /// By how much the time namespace moves it, as the kernel writes it; `None` where it does not say.
    pub namespace: Option<String>,
}

impl RulerId {
    /// That of this process.
    pub fn here() -> Self {
        Self {
            boot: line("/proc/sys/kernel/random/boot_id").or_else(system::only_this_process),
            namespace: line("/proc/self/timens_offsets"),
        }
    }
}

/// What this machine calls itself (`uname -n`).
pub fn host_name() -> Option<String> {
    system::node_name()
}

/// What tells this machine from others for good (`machine-id(5)`), which must not be told to others as it
/// stands. `None` in most containers.
pub fn machine_id() -> Option<String> {
    line("/etc/machine-id").filter(|id| id.len() == 32)
}

/// What else is worth knowing of this machine where its clock is doubted, by name; what cannot be read is
/// left out.
pub fn machine_facts() -> Vec<(&'static str, String)> {
    const FILES: [(&str, &str); 6] = [
        ("kernel", "/proc/sys/kernel/osrelease"),
        (
            "clocksource",
            "/sys/devices/system/clocksource/clocksource0/current_clocksource",
        ),
        ("hypervisor", "/sys/hypervisor/type"),
        ("vendor", "/sys/class/dmi/id/sys_vendor"),
        ("product", "/sys/class/dmi/id/product_name"),
        ("preloads", "/etc/ld.so.preload"),
    ];
    let read = FILES
        .iter()
        .filter_map(|(name, path)| Some((*name, line(path)?)));
    let mut facts: Vec<_> = read.collect();
    let flags = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let flags = flags.lines().find(|line| line.starts_with("flags"));
    if let Some(flags) = flags {
        // Set by the hypervisor for its guests (CPUID leaf 1, ECX bit 31).
        let is_guest = flags.split_whitespace().any(|flag| flag == "hypervisor");
        facts.push(("guest", if is_guest { "yes" } else { "no" }.to_owned()));
    }
    facts
}

/// A small file's words, in one line.
fn line(path: impl AsRef<Path>) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!words.is_empty()).then_some(words)
}

#[cfg(target_os = "linux")]
mod system {
    /// The ruler is the machine's.
    pub(super) fn only_this_process() -> Option<String> {
        None
    }

    /// What the kernel calls this machine.
    pub(super) fn node_name() -> Option<String> {
        let names = rustix::system::uname();
        names.nodename().to_str().ok().map(str::to_owned)
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    /// The ruler starts with the process.
    pub(super) fn only_this_process() -> Option<String> {
        Some(format!("process {}", std::process::id()))
    }

    /// What the system calls this machine.
    pub(super) fn node_name() -> Option<String> {
        std::env::var("COMPUTERNAME")
            .or_else(|_unset| std::env::var("HOSTNAME"))
            .ok()
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::{RulerId, host_name};

    #[test]
    fn this_boot_is_told_from_others() {
        let here = RulerId::here();
        assert_eq!(here.boot.as_ref().map(String::len), Some(36));
        assert_eq!(here, RulerId::here());
        let other = RulerId {
            boot: Some("another".to_owned()),
            ..here.clone()
        };
        assert!(here != other && host_name().is_some());
    }
}
