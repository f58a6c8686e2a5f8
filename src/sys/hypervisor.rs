//! What only the processor and the kernel's log tell of the machine below.

/// What the hypervisor calls itself to its guests (CPUID leaf `0x4000_0000`), such as `KVMKVMKVM`. `None` where
/// the processor says that there is none, or is of another kind.
pub(crate) fn hypervisor_leaf() -> Option<String> {
    processor::hypervisor_leaf()
}

#[cfg(target_arch = "x86_64")]
mod processor {
    use std::arch::x86_64::__cpuid;

    /// Bit 31 of ECX of leaf 1: a hypervisor is present. Without it the leaf below means nothing.
    const PRESENT: u32 = 1 << 31;

    pub(super) fn hypervisor_leaf() -> Option<String> {
        if __cpuid(1).ecx & PRESENT == 0 {
            return None;
        }
        let name = name_at(0x4000_0000)?;
        // KVM and Xen can show Hyper-V's leaves for the sake of Windows; their own stand behind those.
        if name == "Microsoft Hv"
            && let Some(own) = name_at(0x4000_0100)
            && ["KVMKVMKVM", "XenVMMXenVMM"].contains(&own.as_str())
        {
            return Some(own);
        }
        Some(name)
    }

    fn name_at(leaf: u32) -> Option<String> {
        let leaf = __cpuid(leaf);
        let bytes = [leaf.ebx, leaf.ecx, leaf.edx]
            .map(u32::to_le_bytes)
            .concat();
        let name = String::from_utf8(bytes).ok()?;
        let name = name.trim_end_matches('\0').to_owned();
        (!name.is_empty()).then_some(name)
    }
}

#[cfg(not(target_arch = "x86_64"))]
mod processor {
    pub(super) fn hypervisor_leaf() -> Option<String> {
        None
    }
}

/// What the kernel has logged since it booted (`/dev/kmsg`), at most so many bytes of it, without waiting for
/// more. `None` where this user may not read it (`dmesg_restrict`).
pub(crate) fn kernel_log(limit: usize) -> Option<String> {
    log::kernel_log(limit)
}

#[cfg(target_os = "linux")]
mod log {
    use rustix::fs::{Mode, OFlags, open};
    use rustix::io::{Errno, read};

    /// The longest record that the kernel hands out (`PRINTK_MESSAGE_MAX` with its prefix).
    const RECORD: usize = 8192;

    pub(super) fn kernel_log(limit: usize) -> Option<String> {
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
        let device = open(c"/dev/kmsg", flags, Mode::empty()).ok()?;
        let mut text = String::new();
        let mut record = vec![0; RECORD];
        // A record comes with each call, so this bounds the calls as well.
        while text.len() < limit {
            match read(&device, record.as_mut_slice()) {
                Ok(0) => break,
                Ok(length) => push(&mut text, record.get(..length).unwrap_or_default()),
                // Overwritten while it was read: the next call gives the next one.
                Err(Errno::PIPE | Errno::INTR) => text.push('\n'),
                Err(_) => break,
            }
        }
        Some(text)
    }

    /// The first line of `priority,sequence,microseconds,flags;text`; the others are the device's names.
    fn push(text: &mut String, record: &[u8]) {
        let record = String::from_utf8_lossy(record);
        let line = record.lines().next().unwrap_or_default();
        text.push_str(line.split_once(';').map_or("", |(_, said)| said));
        text.push('\n');
    }
}

#[cfg(not(target_os = "linux"))]
mod log {
    pub(super) fn kernel_log(_limit: usize) -> Option<String> {
        None
    }
}
