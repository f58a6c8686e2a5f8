//! Looks into files, and runs the programs that look into the same.

mod mend;
mod program;

pub(crate) use mend::{mend, place};
pub(crate) use program::{Lab, command, output, run, shell};

use skewgate::bytes::{Flaw, Origin, ReadAt};
use skewgate::format::{Calm, Disagreement, Older, Options, Sink, Slot, Stamp, Tally, Value, read};
use skewgate::time::{Interval, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A time that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) member: String,
    pub(crate) field: &'static str,
    /// `None` where it is unset or invalid.
    pub(crate) at: Option<Timestamp>,
    /// When that can have been.
    pub(crate) time: Option<Interval>,
    /// What is known of its zone; or `unset`, or `invalid`.
    pub(crate) zone: &'static str,
    pub(crate) raw: Vec<u8>,
    pub(crate) slot: Option<Slot>,
}

impl Found {
    /// Writes a time into its slot, and what must change with it; `false` where it has no slot in the file that can hold
    /// it.
    pub(crate) fn write(&self, archive: &mut [u8], at: Timestamp) -> bool {
        let Some(slot) = self.slot else { return false };
        let Origin::File(from) = slot.at else {
            return false;
        };
        let from = place(from);
        let old = &mut archive[from..from + slot.form.length()];
        assert_eq!(old, self.raw, "{self:?}");
        let Some(new) = slot.form.encode(at, old) else {
            return false;
        };
        old.copy_from_slice(&new);
        mend(archive, slot.mend);
        true
    }
}

/// All that was told of a file.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) found: Vec<Found>,
    pub(crate) disagreements: Vec<String>,
    pub(crate) flaws: Vec<(String, Flaw)>,
    pub(crate) tally: Tally,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Sink for Seen {
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>) {
        let moment = stamp.value.moment();
        let zone = match stamp.value {
            Value::At(moment) => moment.zone.name(),
            Value::Unset => "unset",
            Value::Invalid(_) => "invalid",
        };
        self.found.push(Found {
            member: text(member),
            field: stamp.field.name,
            at: moment.map(|moment| moment.written),
            time: moment.map(|moment| moment.time),
            zone,
            raw: stamp.raw.to_vec(),
            slot: stamp.slot,
        });
    }

    fn disagreement(&mut self, member: &[u8], disagreement: Disagreement) {
        let (one, other) = (disagreement.one.0.name, disagreement.other.0.name);
        let line = format!("{} {one} {other}: {}", text(member), disagreement.what);
        self.disagreements.push(line.trim_start().to_owned());
    }

    fn older(&mut self, member: &[u8], older: Older<'_>) {
        let line = format!("{} older than {}", text(member), text(older.where_newest));
        self.disagreements.push(line);
    }

    fn flaw(&mut self, member: &[u8], flaw: Flaw) {
        assert!(flaw.message.len() < 500, "{flaw}");
        self.flaws.push((text(member), flaw));
    }
}

impl Found {
    /// Seconds since 1970.
    pub(crate) fn seconds(&self) -> Option<i64> {
        self.at.map(Timestamp::seconds)
    }
}

impl Seen {
    /// All times in a field, in their order.
    pub(crate) fn of<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Found> {
        self.found.iter().filter(move |found| found.field == field)
    }

    /// Member and seconds of all times in a field, in their order.
    pub(crate) fn seconds(&self, field: &str) -> Vec<(String, Option<i64>)> {
        self.of(field)
            .map(|found| (found.member.clone(), found.seconds()))
            .collect()
    }

    /// Member, field and time of all, a line each: `<member> <field> <time>`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |found: &Found| {
            let at = found.at.map_or(found.zone.to_owned(), |at| {
                at.exact().replace(".000000000Z", "Z")
            });
            let line = format!("{} {} {at}", found.member, found.field);
            line.trim_start().to_owned()
        };
        self.found.iter().map(line).collect()
    }

    /// Field and place of all that can be changed where it is, a line each.
    pub(crate) fn places(&self) -> Vec<String> {
        let place = |found: &Found| Some(format!("{} {:?}", found.field, found.slot?.at));
        self.found.iter().filter_map(place).collect()
    }

    /// In which way something could not be read, and at which member.
    pub(crate) fn kinds(&self) -> Vec<(&str, &'static str)> {
        let flaws = self.flaws.iter();
        flaws
            .map(|(member, flaw)| (member.as_str(), flaw.kind.name()))
            .collect()
    }

    /// What is told beside times, a line each: what disagrees, and then `<member> <kind>: <message>` of each flaw.
    pub(crate) fn told(&self) -> Vec<String> {
        let flaws = self.flaws.iter().map(|(member, flaw)| {
            let line = format!("{member} {}: {}", flaw.kind.name(), flaw.message);
            line.trim_start().to_owned()
        });
        self.disagreements.iter().cloned().chain(flaws).collect()
    }
}

/// Looks into a file, and is told what `calm` does not cover.
pub(crate) fn look(file: &dyn ReadAt, options: &Options, calm: Calm) -> Seen {
    let mut seen = Seen::default();
    seen.tally = read(file, options, calm, &mut seen, &AtomicBool::new(false));
    seen
}

/// What is in some bytes, all told.
pub(crate) fn seen(bytes: &[u8]) -> Seen {
    look(&bytes, &Options::default(), Calm::NEVER)
}

/// A fixture's path.
pub(crate) fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures/formats").join(name)
}

/// A fixture's bytes.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(fixture(name)).unwrap()
}

/// The fixtures in a folder whose names end so.
pub(crate) fn fixtures(folder: &str, end: &str) -> Vec<String> {
    let entries = std::fs::read_dir(fixture(folder)).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names
        .filter(|name| name.ends_with(end) && !name.ends_with(".stamps"))
        .collect();
    names.sort();
    assert!(!names.is_empty(), "no {end} in {folder}");
    names
        .into_iter()
        .map(|name| format!("{folder}/{name}"))
        .collect()
}

/// Every fixture, as it is called below `fixtures/formats`, but those that take their time.
pub(crate) fn all() -> Vec<String> {
    fn gather(root: &Path, folder: &Path, into: &mut Vec<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path
                .strip_prefix(root)
                .unwrap()
                .to_str()
                .unwrap()
                .to_owned();
            if path.is_dir() {
                gather(root, &path, into);
            } else if name.contains('/') && !name.ends_with(".stamps") {
                into.push(name);
            }
        }
    }
    let root = fixture("");
    let mut names = Vec::new();
    gather(&root, &root, &mut names);
    let is_slow = |name: &String| {
        ["hostile-bomb", "hostile-fan"]
            .iter()
            .any(|slow| name.contains(slow))
    };
    names.retain(|name| !name.starts_with("make.d/") && !is_slow(name));
    names.sort();
    assert!(names.len() > 300);
    names
}
