//! Zip archives: what is told of them.

mod bulk;
mod oracles;
mod told;

use skewgate::bytes::{Flaw, ReadAt};
use skewgate::format::{Calm, Disagreement, Older, Options, Sink, Slot, Stamp, Tally, Value, read};
use skewgate::time::{Interval, Timestamp};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;

/// A time that was found.
#[derive(Debug, Clone)]
struct Found {
    member: String,
    field: &'static str,
    raw: Vec<u8>,
    written: Option<i64>,
    time: Option<Interval>,
    zone: &'static str,
    slot: Option<Slot>,
}

/// All that was told of a file.
#[derive(Debug, Default)]
struct Seen {
    found: Vec<Found>,
    told: Vec<String>,
    tally: Tally,
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl Sink for Seen {
    fn stamp(&mut self, member: &[u8], stamp: &Stamp<'_>) {
        let moment = stamp.value.moment();
        let kind = match stamp.value {
            Value::At(moment) => moment.zone.name(),
            Value::Unset => "unset",
            Value::Invalid(_) => "invalid",
        };
        self.found.push(Found {
            member: text(member),
            field: stamp.field.name,
            raw: stamp.raw.to_vec(),
            written: moment.map(|moment| moment.written.seconds()),
            time: moment.map(|moment| moment.time),
            zone: kind,
            slot: stamp.slot,
        });
    }

    fn disagreement(&mut self, member: &[u8], told: Disagreement) {
        let (one, other) = (told.one.0.name, told.other.0.name);
        self.told
            .push(format!("{} {one} {other}: {}", text(member), told.what));
    }

    fn older(&mut self, member: &[u8], older: Older<'_>) {
        let inner = text(older.where_newest);
        self.told
            .push(format!("{} older than {inner}", text(member)));
    }

    fn flaw(&mut self, member: &[u8], flaw: Flaw) {
        let kind = flaw.kind.name();
        self.told
            .push(format!("{} {kind}: {}", text(member), flaw.message));
    }
}

fn seen_with(file: &dyn ReadAt, options: &Options, calm: Calm) -> Seen {
    let mut seen = Seen::default();
    seen.tally = read(file, options, calm, &mut seen, &AtomicBool::new(false));
    seen
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures/formats")
        .join(name)
}

fn seen(name: &str) -> Seen {
    let bytes = std::fs::read(fixture(name)).unwrap();
    seen_with(&bytes, &Options::default(), Calm::NEVER)
}

impl Seen {
    /// `member field written zone` of all of these fields.
    fn of(&self, field: &str) -> Vec<String> {
        let of_field = self.found.iter().filter(|found| found.field == field);
        let line = |found: &Found| {
            let at = found
                .written
                .map(|at| Timestamp::from_unix(at, 0).to_string());
            let at = at.unwrap_or_default();
            format!("{} {at} {}", found.member, found.zone)
        };
        of_field.map(line).collect()
    }

    /// Whether something was told that begins and goes on so.
    #[track_caller]
    fn tells(&self, begin: &str, part: &str) {
        let told = &self.told;
        let is = |line: &&String| line.starts_with(begin) && line.contains(part);
        assert!(
            told.iter().any(|line| is(&line)),
            "{begin} {part}: {told:#?}"
        );
    }
}

/// What is calm about all that was built in these years.
fn calm(from: i64, to: i64, possible: bool) -> Calm {
    Calm {
        from: Timestamp::from_unix(from, 0),
        to: Timestamp::from_unix(to, 0),
        possible,
        signatures: false,
        now: Timestamp::from_unix(to, 0),
    }
}
