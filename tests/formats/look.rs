//! Looks into files, and runs the programs that look into the same.

use skewgate::bytes::{Flaw, Limits, ReadAt};
use skewgate::format::{Calm, Disagreement, Older, Options, Sink, Slot, Stamp, Tally, Value, read};
use skewgate::time::Timestamp;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::AtomicBool;

/// A time that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) member: String,
    pub(crate) field: &'static str,
    /// `None` where it is unset or invalid.
    pub(crate) at: Option<Timestamp>,
    pub(crate) raw: Vec<u8>,
    pub(crate) slot: Option<Slot>,
}

/// All that was told of a file.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    pub(crate) found: Vec<Found>,
    pub(crate) disagreements: Vec<String>,
    pub(crate) flaws: Vec<(String, Flaw)>,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Sink for Seen {
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>) {
        let at = match stamp.value {
            Value::At(moment) => Some(moment.written),
            Value::Unset | Value::Invalid(_) => None,
        };
        self.found.push(Found {
            member: text(member),
            field: stamp.field.name,
            at,
            raw: stamp.raw.to_vec(),
            slot: stamp.slot,
        });
    }

    fn disagreement(&mut self, member: &[u8], disagreement: Disagreement) {
        let fields = (disagreement.one.0.name, disagreement.other.0.name);
        let line = format!(
            "{} {} {}: {}",
            text(member),
            fields.0,
            fields.1,
            disagreement.what
        );
        self.disagreements.push(line);
    }

    fn older(&mut self, member: &[u8], older: Older<'_>) {
        let line = format!("{} older than {}", text(member), text(older.where_newest));
        self.disagreements.push(line);
    }

    fn flaw(&mut self, member: &[u8], flaw: Flaw) {
        self.flaws.push((text(member), flaw));
    }
}

impl Seen {
    /// Member and seconds of all times in a field, in their order.
    pub(crate) fn seconds(&self, field: &str) -> Vec<(String, Option<i64>)> {
        let of_field = self.found.iter().filter(|found| found.field == field);
        let seconds = |found: &Found| found.at.map(Timestamp::seconds);
        of_field
            .map(|found| (found.member.clone(), seconds(found)))
            .collect()
    }

    /// Member, field and time of all, a line each: `<member> <field> <time>`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let line = |found: &Found| {
            let at = found.at.map_or("none".to_owned(), |at| {
                let exact = at.exact();
                exact.replace(".000000000Z", "Z")
            });
            format!("{} {} {at}", found.member, found.field)
        };
        self.found.iter().map(line).collect()
    }

    /// In which way something could not be read, and at which member.
    pub(crate) fn kinds(&self) -> Vec<(&str, &'static str)> {
        let flaws = self.flaws.iter();
        flaws
            .map(|(member, flaw)| (member.as_str(), flaw.kind.name()))
            .collect()
    }
}

/// Looks into a file.
pub(crate) fn look(file: &dyn ReadAt, limits: Limits) -> (Seen, Tally) {
    let options = Options {
        limits,
        ..Options::default()
    };
    let mut seen = Seen::default();
    let tally = read(
        file,
        &options,
        Calm::NEVER,
        &mut seen,
        &AtomicBool::new(false),
    );
    (seen, tally)
}

/// What is in some bytes, all told.
pub(crate) fn seen(bytes: &[u8]) -> Seen {
    look(&bytes, Limits::DEFAULT).0
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

/// A file is read to an end however it is damaged: cut off anywhere, and with any of its first bytes changed.
pub(crate) fn survives(name: &str) {
    /// Long files are cut off in so many places, and so many of their first bytes are changed.
    const MOST: usize = 1024;
    let mut limits = Limits::DEFAULT;
    limits.decoded = 1 << 20;
    limits.spool = 1 << 20;
    let whole = bytes(name);
    let reads = |bytes: &[u8], how: &str, at: usize| {
        let (_, tally) = look(&bytes, limits);
        assert!(tally.entries <= 10_000, "{name} {how} at {at}");
    };
    for length in (0..whole.len()).step_by(whole.len() / MOST + 1) {
        reads(&whole[..length], "cut off", length);
    }
    for at in 0..whole.len().min(MOST) {
        for to in [whole[at] ^ 1 << (at % 8), b'9'] {
            let mut changed = whole.clone();
            changed[at] = to;
            reads(&changed, "changed", at);
        }
    }
}

/// Says that a test is passed over; under CI everything is there.
pub(crate) fn passed_over(program: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI needs {program}");
    println!("not tested here: needs {program}");
}

/// What a program prints, in UTC and in no language; `None` where there is none of it.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    command.env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
    let output = command.output().ok()?;
    let error = text(&output.stderr);
    assert!(output.status.success(), "{command:?}: {error}");
    Some(text(&output.stdout))
}

/// A program that is tried with these words.
pub(crate) fn command(program: &str, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words);
    command
}
