//! Zip archives.

use skewgate::bytes::{Flaw, OpenFile, ReadAt};
use skewgate::format::{
    Calm, Disagreement, Embedded, Older, Options, Sink, Slot, Stamp, Tally, Value, ZipZone, read,
};
use skewgate::time::{Interval, Span, Timestamp};
use std::path::{Path, PathBuf};
use std::process::Command;
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
        self.told.push(format!("{} {one} {other}: {}", text(member), told.what));
    }

    fn older(&mut self, member: &[u8], older: Older<'_>) {
        let inner = text(older.where_newest);
        self.told.push(format!("{} older than {inner}", text(member)));
    }

    fn flaw(&mut self, member: &[u8], flaw: Flaw) {
        let kind = flaw.kind.name();
        self.told.push(format!("{} {kind}: {}", text(member), flaw.message));
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

#[test]
fn dump() {
    for dir in ["zip", "jar", "apk", "wheel", "ooxml", "nesting"] {
        let mut names: Vec<_> = std::fs::read_dir(fixture(dir)).unwrap().map(|e| e.unwrap().path()).collect();
        names.sort();
        for path in names {
            let bytes = std::fs::read(&path).unwrap();
            let seen = seen_with(&bytes, &Options::default(), Calm::NEVER);
            println!("== {} {:?}", path.display(), (seen.tally.entries, seen.tally.stamps, seen.tally.evidence, seen.tally.undecided, &seen.tally.constants, &seen.tally.signatures));
            for f in &seen.found {
                println!("   {} {} {:?} {} slot={}", &f.member[..f.member.len().min(40)], f.field, f.written.map(|s| Timestamp::from_unix(s,0).to_string()), f.zone, f.slot.is_some());
            }
            for t in &seen.told { println!("   ! {}", t); }
        }
    }
}
