//! Zip archives: what is told of them.

mod bulk;
mod oracles;
mod told;
mod zipinfo;

use crate::look::{self, Seen, bytes, fixture, look};
use skewgate::format::Calm;
use skewgate::time::Timestamp;

fn seen(name: &str) -> Seen {
    look::seen(&bytes(name))
}

/// `member time zone` of all times in this field, to the second.
fn of(seen: &Seen, field: &str) -> Vec<String> {
    let line = |found: &look::Found| {
        let at = found
            .seconds()
            .map(|at| Timestamp::from_unix(at, 0).to_string());
        let at = at.unwrap_or_default();
        format!("{} {at} {}", found.member, found.zone)
    };
    seen.of(field).map(line).collect()
}

/// That something was told that begins and goes on so.
#[track_caller]
fn tells(seen: &Seen, begin: &str, part: &str) {
    let told = seen.told();
    let is = |line: &String| line.starts_with(begin) && line.contains(part);
    assert!(told.iter().any(is), "{begin} {part}: {told:#?}");
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
