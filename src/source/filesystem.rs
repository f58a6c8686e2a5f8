//! `filesystem:`, the clock that stamps the files of a directory: the builder's, or on a mount the
//! server's, which then speaks for the times on that mount and for nothing else.
//!
//! The only way to read it is to have it stamp: a file is made, a byte written, its time read. The stamp
//! is the time of the last timer tick, rounded down to what the file system keeps.

use super::kernel::{SLEW, of_builder};
use super::random::random;
use super::{
    AddressError, Budget, Carry, Class, Evidence, Options, Refusal, Sample, Scheme, Source,
};
use crate::sys::{Boottime, Filesystem, Probe, Stamper, boottime, coarse_tick};
use crate::time::{Interval, Rate, Span, Timestamp};
use std::io;
use std::iter;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// The longest tick of a kernel in use: Windows ticks every 15.6 ms, Linux at least every 10.
const LONGEST_TICK: Span = Span::from_millis(16);

/// How many ticks a stamp may be early by.
const LATE: i128 = 5;

/// Between two stamps: long enough that a tick comes between.
const PAUSE: Duration = Duration::from_millis(17);

/// Where times are kept this finely, more stamps tell nothing more.
const FINE: Span = Span::from_nanos(1000);

/// How many stamps tell how finely times are kept.
const FEW: usize = 5;

/// How many are made to see a whole second (or two) change.
const MANY: usize = 200;

pub(super) const SCHEME: Scheme = Scheme {
    name: "filesystem",
    form: "filesystem:DIRECTORY",
    summary: "the clock that stamps files in a directory: a file server's, if it is on one",
    class: Class::FileServer,
    open,
};

#[derive(Debug)]
struct Directory {
    path: PathBuf,
    max_uncertainty: Option<Span>,
}

fn open(rest: &str, options: &Options) -> Result<Box<dyn Source>, AddressError> {
    if rest.is_empty() || rest.contains('\0') {
        return Err(AddressError::Behind {
            scheme: SCHEME.name,
            rest: rest.to_owned(),
            why: "write the directory that the files are in, filesystem:dist",
        });
    }
    Ok(Box::new(Directory {
        path: PathBuf::from(rest),
        max_uncertainty: options.max_uncertainty,
    }))
}

impl Source for Directory {
    /// A mount whose server is gone does not answer at all.
    fn sample(&self, budget: Budget) -> Result<Sample, Refusal> {
        let (path, wanted) = (self.path.clone(), self.max_uncertainty);
        let looked = budget.bound(move || look(&path, wanted, budget));
        looked.unwrap_or_else(|| Err(budget.timeout()))
    }
}

/// A time that a file got, between two readings of the ruler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Stamp {
    before: Boottime,
    at: Timestamp,
    after: Boottime,
}

fn look(directory: &Path, wanted: Option<Span>, budget: Budget) -> Result<Sample, Refusal> {
    let refused = |error: io::Error| unstamped(directory, &error);
    let probe = Probe::make(directory, &random_name()?).map_err(refused)?;
    let filesystem = probe.filesystem();
    let mut stamps = Vec::new();
    let (granularity, time) = loop {
        let before = boottime();
        let at = probe.stamp().map_err(refused)?;
        let after = boottime();
        stamps.push(Stamp { before, at, after });
        let granularity = granularity(filesystem, &stamps);
        let time = narrowed(&stamps, tick(filesystem).plus(granularity)).ok_or_else(|| {
            let name = filesystem.name;
            Refusal::Inconsistent(format!(
                "two stamps on this {name} cannot both be right: its clock was set in between"
            ))
        })?;
        let is_enough = wanted.is_none_or(|wanted| time.width() <= wanted.plus(wanted));
        let is_known = granularity <= FINE || stamps.len() >= FEW && is_enough;
        let is_last = stamps.len() >= MANY || budget.left().is_none_or(|left| left < PAUSE * 2);
        if is_known || is_last {
            break (granularity, time);
        }
        thread::sleep(PAUSE);
    };
    let taken = stamps.last().map_or_else(boottime, |stamp| stamp.after);
    let mut sample = answer(filesystem, time, taken);
    sample.evidence.facts = vec![
        ("directory", directory.display().to_string()),
        ("filesystem", filesystem.name.to_owned()),
        ("stamped-by", stamper(filesystem).to_owned()),
        ("granularity", granularity.to_string()),
        ("probe", trace(&probe).to_owned()),
    ];
    Ok(sample)
}

/// Whose word a stamp is.
fn answer(filesystem: Filesystem, time: Interval, taken: Boottime) -> Sample {
    let (class, carry, evidence) = match filesystem.stamper {
        Stamper::Server => (
            Class::FileServer,
            Carry::Ruler(Rate::UNKNOWN),
            Evidence::default(),
        ),
        Stamper::Local | Stamper::Image => (Class::SelfAsserted, SLEW, of_builder()),
    };
    Sample {
        class,
        time,
        taken,
        carry,
        evidence,
    }
}

const fn stamper(filesystem: Filesystem) -> &'static str {
    match filesystem.stamper {
        Stamper::Server => "the machine that keeps the files",
        Stamper::Local | Stamper::Image => "this machine",
    }
}

/// What a probe does to the directory.
const fn trace(probe: &Probe) -> &'static str {
    if probe.has_name() {
        "a file made and removed, which moved the directory's own times"
    } else {
        "a file without a name; the directory was not touched"
    }
}

/// How long before the write a stamp may be. Ticks come late when a busy host does not run the
/// processor that counts them: up to 7 ms were seen where a tick has 4.
fn tick(filesystem: Filesystem) -> Span {
    let tick = match filesystem.stamper {
        Stamper::Server => LONGEST_TICK,
        Stamper::Local | Stamper::Image => coarse_tick().unwrap_or(LONGEST_TICK),
    };
    Span::from_nanos(tick.as_nanos().saturating_mul(LATE))
}

/// How finely times are kept: the largest power of ten, up to a second, that all of them share. Never
/// finer than it really is but by chance, which the tick covers.
fn granularity(filesystem: Filesystem, stamps: &[Stamp]) -> Span {
    const SECOND: Span = Span::from_secs(1);
    const TWO: Span = Span::from_secs(2);
    let share = |step: &Span| {
        let mut times = stamps.iter().map(|stamp| stamp.at.as_nanos());
        times.all(|nanos| nanos.rem_euclid(step.as_nanos()) == 0)
    };
    let finer = |step: &Span| Some(Span::from_nanos(step.as_nanos() / 10));
    // Behind a server can be a FAT, and nothing says so.
    let is_two = filesystem.two_seconds || filesystem.stamper == Stamper::Server && share(&TWO);
    if is_two {
        return TWO;
    }
    // Ten steps down is a nanosecond, which all share.
    let mut steps = iter::successors(Some(SECOND), finer).take(10);
    steps.find(share).unwrap_or(FINE)
}

/// Where all stamps, each carried to the end of the last, can be true.
fn narrowed(stamps: &[Stamp], early: Span) -> Option<Interval> {
    let end = stamps.last()?.after;
    // By the end of the stamping its clock had gone on by what lay between, or by nothing.
    let of = |stamp: &Stamp| {
        let (_, most) = Rate::UNKNOWN.over(stamp.after.since(stamp.before));
        let then = Interval::exactly(stamp.at).after((Span::ZERO, early.plus(most)));
        then.after(Rate::UNKNOWN.over(end.since(stamp.after)))
    };
    let mut times = stamps.iter().map(of);
    let first = times.next()?;
    times.try_fold(first, Interval::intersection)
}

/// A name that nobody has.
fn random_name() -> Result<String, Refusal> {
    Ok(format!(".skewgate-{:016x}", u64::from_ne_bytes(random()?)))
}

/// Why a directory's clock cannot be read.
fn unstamped(directory: &Path, error: &io::Error) -> Refusal {
    let directory = directory.display();
    let other = "or name another directory on the same mount";
    Refusal::Unavailable(match error.kind() {
        io::ErrorKind::NotFound => format!("there is no directory `{directory}`"),
        io::ErrorKind::NotADirectory => {
            format!("`{directory}` is no directory: name the one that the files are in")
        }
        io::ErrorKind::PermissionDenied => format!(
            "may not make a file in `{directory}`, and a new file's time is what is read: let this user write \
             there, {other}"
        ),
        io::ErrorKind::ReadOnlyFilesystem => {
            format!("`{directory}` is read-only: nothing is stamped there")
        }
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            format!("no room for a file of one byte in `{directory}` ({error}): make some, {other}")
        }
        _ => format!("cannot have a file stamped in `{directory}`: {error}"),
    })
}

#[cfg(test)]
mod tests {
    use super::{Stamp, answer, granularity, narrowed, open, random_name, tick};
    use crate::source::{Carry, Class, Options, Upstream};
    use crate::sys::{Boottime, Filesystem, Stamper};
    use crate::time::{Interval, Rate, Span, Timestamp};

    const LOCAL: Filesystem = Filesystem::UNKNOWN;
    const SERVER: Filesystem = Filesystem {
        stamper: Stamper::Server,
        ..LOCAL
    };

    fn stamps(nanos: &[i128]) -> Vec<Stamp> {
        let stamp = |&nanos| Stamp {
            before: Boottime::at(nanos),
            at: Timestamp::from_nanos(nanos),
            after: Boottime::at(nanos),
        };
        nanos.iter().map(stamp).collect()
    }

    #[test]
    fn times_are_kept_as_finely_as_all_of_them_show() {
        let second = 1_000_000_000;
        let of = |filesystem, nanos: &[i128]| granularity(filesystem, &stamps(nanos)).as_nanos();
        assert_eq!(of(LOCAL, &[4 * second, 6 * second]), second);
        assert_eq!(of(SERVER, &[4 * second, 6 * second]), 2 * second);
        assert_eq!(of(SERVER, &[4 * second, 5 * second]), second);
        assert_eq!(
            of(LOCAL, &[4 * second, 4 * second + 30_000_000]),
            10_000_000
        );
        assert_eq!(of(LOCAL, &[second, second / 2 + 123_400]), 100);
        assert_eq!(of(LOCAL, &[second, 120, 7]), 1);
        assert_eq!(of(LOCAL, &[-1]), 1);
        let fat = Filesystem {
            two_seconds: true,
            ..LOCAL
        };
        assert_eq!(of(fat, &[4 * second + 7]), 2 * second);
    }

    #[test]
    fn a_stamp_is_early_by_a_tick_and_its_granularity_and_what_passed_meanwhile() {
        let at = Timestamp::from_unix(1000, 0);
        let stamp = Stamp {
            before: Boottime::at(0),
            at,
            after: Boottime::at(10_000_000),
        };
        let early = Span::from_millis(8);
        let latest = at.later(Span::from_millis(8 + 15));
        assert_eq!(
            narrowed(&[stamp], early),
            Some(Interval::between(at, latest))
        );
        assert_eq!(narrowed(&[], early), None);
    }

    #[test]
    fn a_second_that_changes_is_known_better_than_to_a_second() {
        let early = Span::from_secs(1);
        let at = |millis: i128, seconds| Stamp {
            before: Boottime::at(millis * 1_000_000),
            at: Timestamp::from_unix(seconds, 0),
            after: Boottime::at(millis * 1_000_000),
        };
        let time = narrowed(&[at(0, 1000), at(100, 1001)], early).unwrap();
        let right = Interval::between(
            Timestamp::from_unix(1001, 0),
            Timestamp::from_unix(1001, 150_000_000),
        );
        assert_eq!(time, right);
        // Set back, or ahead by more than could have passed.
        assert_eq!(narrowed(&[at(0, 1000), at(100, 998)], early), None);
        assert_eq!(narrowed(&[at(0, 1000), at(100, 1002)], early), None);
    }

    #[test]
    fn only_a_server_is_somebody_else() {
        let time = Interval::exactly(Timestamp::from_unix(1000, 0));
        let server = answer(SERVER, time, Boottime::at(0));
        assert_eq!(server.class, Class::FileServer);
        assert_eq!(server.carry, Carry::Ruler(Rate::UNKNOWN));
        assert_eq!(server.evidence.upstreams, []);
        let local = answer(LOCAL, time, Boottime::at(0));
        assert_eq!(local.class, Class::SelfAsserted);
        assert_eq!(local.evidence.upstreams, [Upstream::Builder]);
        assert_eq!(tick(SERVER), Span::from_millis(80));
    }

    #[test]
    fn a_directory_must_be_named_and_a_probe_has_a_name_of_its_own() {
        let error = open("", &Options::default()).unwrap_err().to_string();
        assert!(error.contains("filesystem:dist"), "{error}");
        let (one, other) = (random_name().unwrap(), random_name().unwrap());
        assert!(one != other && one.len() == 26, "{one} {other}");
    }
}
