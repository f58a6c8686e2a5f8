//! Which kernel runs, and which distribution it came with.

use super::Machine;

/// How wide the kernel's words are: the options for its clock differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum Bits {
    /// i386 to i686.
    Bits32,
    /// `x86_64`.
    Bits64,
}

/// A family of distributions that share their kernels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) enum Family {
    /// Red Hat Enterprise Linux, and those built from its sources.
    RedHat,
    /// SUSE Linux Enterprise.
    Suse,
}

/// A release of a distribution.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::doctor) struct Release {
    pub(in crate::doctor) family: Family,
    pub(in crate::doctor) major: u32,
    /// The update or service pack.
    pub(in crate::doctor) minor: u32,
}

impl Machine {
    /// The kernel's release as it is written, such as `2.6.18-128.el5`.
    pub(in crate::doctor) fn kernel(&self) -> Option<String> {
        self.line("/proc/sys/kernel/osrelease")
    }

    /// What the kernel counts time by.
    pub(in crate::doctor) fn clocksource(&self) -> Option<String> {
        self.line("/sys/devices/system/clocksource/clocksource0/current_clocksource")
    }

    /// Whether it counts by a clock that the hypervisor gives, which tells time and not cycles.
    pub(in crate::doctor) fn has_given_clock(&self) -> bool {
        let source = self.clocksource();
        source.is_some_and(|source| {
            source == "kvm-clock" || source == "xen" || source.starts_with("hyperv_clocksource")
        })
    }

    /// The kernel's version: three numbers.
    pub(in crate::doctor) fn version(&self) -> Option<(u32, u32, u32)> {
        let release = self.kernel()?;
        let end = release.find(|c: char| !c.is_ascii_digit() && c != '.');
        let mut numbers = release.get(..end.unwrap_or(release.len()))?.split('.');
        let mut next = || numbers.next().map_or(Some(0), |number| number.parse().ok());
        let (major, minor, patch) = (next()?, next()?, next().unwrap_or(0));
        Some((major, minor, patch))
    }

    /// Whether the kernel is from before 2.6.32, when kernels still lost time with their interrupts.
    pub(in crate::doctor) fn is_old(&self) -> bool {
        self.version().is_some_and(|version| version < (2, 6, 32))
    }

    /// How wide the kernel's words are, by what it is called, or else by the loader of its programs.
    pub(in crate::doctor) fn bits(&self) -> Option<Bits> {
        let arch = self.line("/proc/sys/kernel/arch");
        let said = [self.kernel(), arch].into_iter().flatten();
        for said in said {
            if ["x86_64", "amd64"].iter().any(|word| said.contains(word)) {
                return Some(Bits::Bits64);
            }
            if ["i386", "i586", "i686", "-686"]
                .iter()
                .any(|word| said.contains(word))
            {
                return Some(Bits::Bits32);
            }
        }
        if self.has("/lib64/ld-linux-x86-64.so.2") {
            return Some(Bits::Bits64);
        }
        self.has("/lib/ld-linux.so.2").then_some(Bits::Bits32)
    }

    /// Which release of a distribution it is, of those that hypervisors' makers write of.
    pub(in crate::doctor) fn release(&self) -> Option<Release> {
        self.red_hat().or_else(|| self.suse())
    }

    /// `Red Hat Enterprise Linux Server release 5.3 (Tikanga)`, `… AS release 4 (Nahant Update 7)`.
    fn red_hat(&self) -> Option<Release> {
        let line = self.line("/etc/redhat-release")?;
        if line.starts_with("Fedora") {
            return None;
        }
        let (_, said) = line.split_once("release ")?;
        let mut numbers = said.split_whitespace().next()?.split('.');
        let major = numbers.next()?.parse().ok()?;
        let update = || {
            line.split_once("Update ")?
                .1
                .trim_end_matches(')')
                .parse()
                .ok()
        };
        let minor = match numbers.next() {
            Some(minor) => minor.parse().ok()?,
            None => update().unwrap_or(0),
        };
        Some(Release {
            family: Family::RedHat,
            major,
            minor,
        })
    }

    /// `VERSION = 10` and `PATCHLEVEL = 2`.
    fn suse(&self) -> Option<Release> {
        let is_wanted = |line: &str| {
            let starts = ["SUSE Linux Enterprise", "VERSION", "PATCHLEVEL"];
            starts.iter().any(|start| line.starts_with(start))
        };
        let lines = self.lines("/etc/SuSE-release", is_wanted)?;
        lines.iter().find(|line| line.starts_with("SUSE"))?;
        let number = |name: &str| {
            let line = lines.iter().find(|line| line.starts_with(name))?;
            line.split_once('=')?.1.trim().parse().ok()
        };
        Some(Release {
            family: Family::Suse,
            major: number("VERSION")?,
            minor: number("PATCHLEVEL").unwrap_or(0),
        })
    }
}
