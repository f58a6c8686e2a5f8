//! `ticks`: how often the kernel is interrupted by its timer.

use super::{Fact, Machine, Mark, Sign};

pub(super) const FACT: Fact = Fact {
    id: "ticks",
    summary: "how often the kernel is interrupted by its timer, and by which",
    place: "`/boot/config-*` (CONFIG_HZ, CONFIG_NO_HZ), `/sys/devices/system/clockevents/clockevent0/current_device`",
    meaning: "\
A guest whose kernel is interrupted 1000 times a second and counts that loses ticks when the host is busy. \
Making good for lost ticks is error prone, and overdone it makes a fast clock. A tickless kernel is not hurt.",
    remedy: "Use divider=10 where the kernel knows it, a kernel with HZ=100 or 250, or a tickless one.",
    source: "KVM `Documentation/virt/kvm/x86/timekeeping.rst` section 4.1",
    look,
};

fn look(machine: &Machine) -> Sign {
    let device = machine.line("/sys/devices/system/clockevents/clockevent0/current_device");
    let is_wanted = |line: &str| line.starts_with("CONFIG_HZ=") || line.starts_with("CONFIG_NO_HZ");
    let config = machine.kernel().and_then(|kernel| {
        let is_name = kernel.bytes().all(|byte| byte != b'/');
        is_name.then(|| machine.lines(&format!("/boot/config-{kernel}"), is_wanted))?
    });
    if device.is_none() && config.is_none() {
        return Sign::absent("how the kernel ticks");
    }
    let config = config.unwrap_or_default();
    let rate = config
        .iter()
        .find_map(|line| line.strip_prefix("CONFIG_HZ="));
    let is_tickless = config
        .iter()
        .any(|line| line.starts_with("CONFIG_NO_HZ") && line.ends_with("=y"));
    let mut seen = Vec::new();
    seen.extend(rate.map(|rate| format!("HZ={rate}")));
    seen.extend(is_tickless.then(|| "tickless".to_owned()));
    seen.extend(device.map(|device| format!("by {device}")));
    let seen = seen.join(", ");
    let is_divided = machine
        .words("/proc/cmdline", |word| word.starts_with("divider="))
        .is_some_and(|words| !words.is_empty());
    let is_hurt = rate == Some("1000") && !is_tickless && machine.is_old() && !is_divided;
    if is_hurt && machine.hypervisor().is_some() {
        return Sign::suspicious(
            seen,
            "a guest that counts 1000 interrupts a second loses some when its host is busy",
            "boot with divider=10 where the kernel knows it (RHEL 4.7 to 5), or use a newer kernel",
        )
        .mark(Mark::CountsTicks);
    }
    Sign::good(
        seen,
        "the clock does not hang on how many interrupts come, or they come slowly enough",
    )
}
