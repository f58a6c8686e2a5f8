//! What is told of a machine beside its files: its clocks, what its processor says, its environment.

use crate::source::{self, Budget};
use crate::sys::{self, hypervisor_leaf};
use crate::time::json::{Exact, Seconds};
use crate::time::{Span, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::env;
use std::fs;

/// The variables that say something of time, and those that libfaketime reads. No other is looked at.
const VARIABLES: [&str; 6] = [
    "TZ",
    "SOURCE_DATE_EPOCH",
    "FAKETIME",
    "FAKETIME_SHARED",
    "FAKETIME_TIMESTAMP_FILE",
    "FAKETIME_DONT_FAKE_MONOTONIC",
];

/// Those of them that name files, perhaps in folders that say whose they are.
const PATHS: [&str; 2] = ["FAKETIME_SHARED", "FAKETIME_TIMESTAMP_FILE"];

/// What a preload is looked at for: the file names only, since folders may say who built what.
const PRELOAD: &str = "LD_PRELOAD";

/// The most that is kept of a variable.
const VALUE: usize = 1024;

/// What is told of a machine beside its files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(in crate::doctor) struct Told {
    /// What its wall clock says, as programs see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) wall: Option<Exact>,
    /// How far that is ahead of what its kernel has, where they are not the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) interposed: Option<Seconds>,
    /// How long ago it booted, the time it was suspended counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) boottime: Option<Seconds>,
    /// The same, that time not counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) monotonic: Option<Seconds>,
    /// How its kernel says the clock is kept (`adjtimex(2)`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) discipline: Option<Discipline>,
    /// What its hypervisor calls itself (CPUID leaf `0x4000_0000`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) hypervisor: Option<String>,
    /// What `/usr/lib/clock-epoch` is stamped with: systemd lets no clock stand before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) epoch: Option<Exact>,
    /// The variables that say something of time.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::doctor) environment: BTreeMap<String, String>,
    /// What its chronyd has heard from each of its servers, which are not named.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(in crate::doctor) chronyd: Option<Vec<Heard>>,
    /// Folders whose mounts were looked at, by names that give nothing away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(in crate::doctor) paths: Vec<String>,
    /// Where links lead.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(in crate::doctor) links: BTreeMap<String, String>,
}

/// What a chronyd makes of one of its servers (`chronyc(1)`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::doctor) struct Heard {
    /// `*` is selected, `?` of no use, and so on.
    pub(in crate::doctor) state: char,
    /// Which of the last eight requests were answered, a bit each.
    pub(in crate::doctor) reach: u8,
}

/// How a kernel says its clock is kept, as [`sys::Discipline`] has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::doctor) struct Discipline {
    /// Whether something keeps it in step.
    pub(in crate::doctor) synchronised: bool,
    /// The most it can be off, as whoever keeps it claims.
    pub(in crate::doctor) max_error: Seconds,
    /// The correction of its rate, in parts per million times 65,536.
    pub(in crate::doctor) frequency: i64,
    /// Microseconds that it gains with each tick of 100 a second.
    pub(in crate::doctor) tick: i64,
}

impl Told {
    /// What this machine says now.
    pub(super) fn here() -> Self {
        let clocks = sys::clocks();
        Self {
            wall: Some(Exact(clocks.wall)),
            interposed: clocks.interposed().map(Seconds),
            boottime: clocks.monotonic.map(|_| {
                let nanos = clocks.taken.as_nanos();
                Seconds(Span::from_nanos(nanos))
            }),
            monotonic: clocks.monotonic.map(Seconds),
            discipline: sys::discipline().map(Discipline::of),
            hypervisor: hypervisor_leaf(),
            epoch: epoch().map(Exact),
            environment: environment(),
            chronyd: chronyd(),
            paths: Vec::new(),
            links: BTreeMap::new(),
        }
    }

    /// Reads what a capture wrote; `None` where it is no such thing.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

impl Discipline {
    fn of(said: sys::Discipline) -> Self {
        Self {
            synchronised: said.synchronised,
            max_error: Seconds(said.max_error),
            frequency: said.frequency,
            tick: said.tick,
        }
    }
}

/// How long a chronyd is waited for: it answers at once, or not at all.
const PATIENCE: Span = Span::from_millis(500);

/// What the chronyd of this machine has heard; `None` where there is none that this user may ask.
fn chronyd() -> Option<Vec<Heard>> {
    let heard = source::heard(Budget::of(PATIENCE)).ok()?;
    let told = |one: source::Heard| Heard {
        state: one.state,
        reach: one.reach,
    };
    Some(heard.into_iter().map(told).collect())
}

fn epoch() -> Option<Timestamp> {
    let found = fs::metadata("/usr/lib/clock-epoch").ok()?;
    Some(sys::timestamp(found.modified().ok()?))
}

fn environment() -> BTreeMap<String, String> {
    let value = |name: &str| Some(env::var_os(name)?.to_string_lossy().into_owned());
    let named = VARIABLES.iter().filter_map(|name| {
        let value = value(name)?;
        let value = if PATHS.contains(name) {
            file_names(&value)
        } else {
            zone(&value).to_owned()
        };
        Some(((*name).to_owned(), super::cut(&value, VALUE).to_owned()))
    });
    let preload = value(PRELOAD).map(|list| (PRELOAD.to_owned(), file_names(&list)));
    named.chain(preload).collect()
}

/// A zone's file without the folders before it (`TZ=:/home/me/zone`, tzset(3)); anything else as it is.
fn zone(text: &str) -> &str {
    let path = text.trim_start_matches(':');
    if !path.starts_with('/') {
        return text;
    }
    let named = path.split_once("zoneinfo/").map(|(_, zone)| zone);
    named.unwrap_or_else(|| path.rsplit('/').next().unwrap_or(path))
}

/// The file names of a list of libraries.
fn file_names(list: &str) -> String {
    let paths = list.split([':', ' ']).filter(|path| !path.is_empty());
    let names = paths.map(|path| path.rsplit('/').next().unwrap_or(path));
    super::cut(&names.collect::<Vec<_>>().join(":"), VALUE).to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Told, file_names, zone};

    #[test]
    fn what_is_told_of_this_machine_reads_back() {
        let told = Told::here();
        let text = serde_json::to_vec(&told).unwrap();
        assert_eq!(Told::read(&text), Some(told));
        assert_eq!(Told::read(b"{}"), Some(Told::default()));
        assert_eq!(Told::read(b"\xff{"), None);
        assert_eq!(Told::read(br#"{"wall":5}"#), None);
    }

    #[test]
    fn folders_of_a_preload_are_not_told() {
        let list = "/home/me/secret/libfaketime.so.1:/x/other.so";
        assert_eq!(file_names(list), "libfaketime.so.1:other.so");
        assert_eq!(zone(":/home/me/secret/zone"), "zone");
        assert_eq!(zone("/usr/share/zoneinfo/Europe/Vienna"), "Europe/Vienna");
        assert_eq!(zone("Europe/Vienna"), "Europe/Vienna");
    }
}
