//! `phc:`, the clock of the machine that the builder is a guest of.
//!
//! Linux gives a guest its host's clock as a PTP hardware clock (PHC), `/dev/ptpN`. A network card's
//! clock looks the same but may run on TAI or on nothing, so only those whose name in
//! `/sys/class/ptp/ptpN/clock_name` is a hypervisor's are read.
//!
//! No machine that this was written on has such a clock. What a reading gives, and how long it takes, was
//! never seen: only how devices are named, found and refused, and that `clock_gettime` refuses what is
//! no clock.

use super::{
    AddressError, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Scheme, Source,
    Upstream,
};
use crate::sys::{Boottime, DeviceClock, boottime};
use crate::time::{Interval, Rate, Span, Timestamp};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// How often it is read: the reading that took the shortest counts.
const READINGS: usize = 5;

/// Where the kernel tells of its PTP clocks.
const CLASS: &str = "/sys/class/ptp";

pub(super) const SCHEME: Scheme = Scheme {
    name: "phc",
    form: "phc:[/dev/ptpN]",
    summary: "the clock of the machine this one is a guest of (KVM, Hyper-V, VMware, EC2), by its PTP device",
    class: Class::Host,
    open,
};

#[derive(Debug)]
struct Phc {
    /// The device; `None` for the first that is a host's.
    device: Option<PathBuf>,
}

fn open(rest: &str, _options: &Options) -> Result<Box<dyn Source>, AddressError> {
    let device = match rest {
        "" => None,
        path if path.starts_with('/') => Some(PathBuf::from(path)),
        _ => {
            return Err(AddressError::Behind {
                scheme: SCHEME.name,
                rest: rest.to_owned(),
                why: "write the device, phc:/dev/ptp0, or nothing for the first that is a host's",
            });
        }
    };
    Ok(Box::new(Phc { device }))
}

impl Source for Phc {
    fn sample(&self, _budget: Budget) -> Result<Sample, Refusal> {
        let known = clocks(Path::new(CLASS));
        let device = match &self.device {
            Some(device) => device.clone(),
            None => first_host(&known)?,
        };
        let clock = DeviceClock::open(&device).map_err(|error| unopened(&device, &error))?;
        let unread = |error: io::Error| unread(&device, &error);
        let read = || Reading::of(&clock).map_err(unread);
        // Read before its name is asked: what is no clock at all is told before what is no host's.
        let mut best = read()?;
        let name = host_name(&known, &device, &clock.number().map_err(unread)?)?;
        for _ in 1..READINGS {
            best = best.or_shorter(read()?);
        }
        Ok(named(answer(best), &device, name))
    }
}

/// What the clock said between two readings of the ruler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Reading {
    before: Boottime,
    said: Timestamp,
    after: Boottime,
}

impl Reading {
    fn of(clock: &DeviceClock) -> io::Result<Self> {
        let before = boottime();
        let said = clock.read()?;
        let after = boottime();
        Ok(Self {
            before,
            said,
            after,
        })
    }

    fn took(self) -> Span {
        self.after.since(self.before)
    }

    fn or_shorter(self, other: Self) -> Self {
        if other.took() < self.took() {
            other
        } else {
            self
        }
    }
}

/// What a reading amounts to.
fn answer(reading: Reading) -> Sample {
    // The clock may have been read at either end, and the ruler is the suspect.
    let (_, most) = Rate::UNKNOWN.over(reading.took());
    Sample {
        class: SCHEME.class,
        time: Interval::exactly(reading.said).after((Span::ZERO, most)),
        taken: reading.after,
        carry: Carry::Ruler(Rate::UNKNOWN),
        evidence: Evidence {
            upstreams: vec![Upstream::Host],
            facts: vec![("bracket", reading.took().to_string())],
            ..Evidence::default()
        },
    }
}

fn named(mut sample: Sample, device: &Path, name: &str) -> Sample {
    let facts = [
        ("device", device.display().to_string()),
        ("clock-name", name.to_owned()),
    ];
    sample.evidence.facts.splice(0..0, facts);
    sample
}

/// A PTP clock as the kernel tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Clock {
    /// `ptp0`.
    device: String,
    /// `major:minor`.
    number: String,
    /// What its driver calls it.
    name: String,
}

impl Clock {
    /// Whether it is a host's and runs on UTC, by what the drivers of hosts' clocks call them.
    fn is_host(&self) -> bool {
        matches!(self.name.as_str(), "KVM virtual PTP" | "hyperv" | "ptp_vmw")
            || self.name.starts_with("ena-ptp")
    }
}

/// The PTP clocks below `class`, in the order of their numbers.
fn clocks(class: &Path) -> Vec<Clock> {
    let entries = fs::read_dir(class).into_iter().flatten().flatten();
    let line = |path: PathBuf| Some(fs::read_to_string(path).ok()?.trim().to_owned());
    let clock = |entry: fs::DirEntry| {
        Some(Clock {
            device: entry.file_name().into_string().ok()?,
            number: line(entry.path().join("dev"))?,
            name: line(entry.path().join("clock_name"))?,
        })
    };
    let mut clocks: Vec<Clock> = entries.filter_map(clock).collect();
    // ptp10 comes after ptp9.
    clocks.sort_by(|a, b| (a.device.len(), &a.device).cmp(&(b.device.len(), &b.device)));
    clocks
}

/// The addresses of the hosts' clocks that are there, `phc:/dev/ptp0` say.
pub fn host_clocks() -> Vec<String> {
    host_clocks_in(Path::new(CLASS), Path::new("/dev"))
}

/// Those that `class` tells of and `devices` has: a container may see the one without the other.
fn host_clocks_in(class: &Path, devices: &Path) -> Vec<String> {
    let known = clocks(class);
    let paths = known.iter().filter(|clock| clock.is_host());
    let paths = paths.map(|clock| devices.join(&clock.device));
    let there = paths.filter(|path| path.exists());
    there
        .map(|path| format!("{}:{}", SCHEME.name, path.display()))
        .collect()
}

/// The device of the first host's clock.
fn first_host(known: &[Clock]) -> Result<PathBuf, Refusal> {
    if let Some(clock) = known.iter().find(|clock| clock.is_host()) {
        return Ok(Path::new("/dev").join(&clock.device));
    }
    let others = known
        .iter()
        .map(|clock| format!("{} is `{}`", clock.device, clock.name));
    let others = others.collect::<Vec<_>>().join(", ");
    let why = match known {
        [] => format!("{CLASS} has none (on a KVM guest, the module is ptp_kvm)"),
        _ => format!("{others}, which is no host's clock that is known"),
    };
    Err(Refusal::Unavailable(format!(
        "this machine is shown no clock of a host: {why}"
    )))
}

/// The name of the clock that a device is, if it is a host's.
fn host_name<'a>(known: &'a [Clock], device: &Path, number: &str) -> Result<&'a str, Refusal> {
    let device = device.display();
    match known.iter().find(|clock| clock.number == number) {
        Some(clock) if clock.is_host() => Ok(&clock.name),
        Some(clock) => Err(Refusal::Unavailable(format!(
            "{device} is `{}`, not the clock of a host: a network card's may run on TAI, 37 s ahead of UTC, or \
             on nothing; let a time daemon make UTC of it and ask that",
            clock.name
        ))),
        None => Err(Refusal::Unavailable(format!(
            "nothing says whose clock {device} is: no clock in {CLASS} is device {number}"
        ))),
    }
}

/// Why a device cannot be opened.
fn unopened(device: &Path, error: &io::Error) -> Refusal {
    let device = device.display();
    let why = match error.kind() {
        io::ErrorKind::NotFound => format!(
            "there is no {device}: the kernel shows no such clock, or the container was not given the device"
        ),
        io::ErrorKind::PermissionDenied => format!(
            "may not open {device} ({error}): add the user to the group that owns the device (`stat -c %G {device}`), \
             or where that is root, make a group and let udev give the device to it"
        ),
        io::ErrorKind::Unsupported => {
            format!("cannot read {device}: only Linux gives a guest its host's clock as a device")
        }
        _ => format!("cannot open {device}: {error}"),
    };
    Refusal::Unavailable(why)
}

/// Why an open device cannot be read.
fn unread(device: &Path, error: &io::Error) -> Refusal {
    let device = device.display();
    Refusal::Unavailable(match error.kind() {
        io::ErrorKind::InvalidInput => {
            format!(
                "{device} is no clock ({error}): the devices of PTP clocks are /dev/ptp0, /dev/ptp1 …"
            )
        }
        _ => format!("cannot read the clock {device}: {error}"),
    })
}

#[cfg(test)]
mod tests;
