//! Records for the tests.

use super::{Command, Host, Mount, Phase, Record, Recorded, Tree};
use crate::clock::{Local, Reading, Standing, Trusted, Votes, Witness};
use crate::source::Class;
use crate::sys::{Boottime, Clocks, Discipline, RulerId, path_from_bytes};
use crate::time::{Interval, Span, Timestamp};
use std::path::PathBuf;

/// 2026-01-01, so many seconds later.
pub(super) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_unix(1_767_225_600 + seconds, 123_456_789)
}

/// A reading so many seconds after the first, of a builder that is a minute ahead.
pub(super) fn taken(phase: Phase, seconds: i64) -> Recorded {
    let ruler = Boottime::at(5_000_000_001).later(Span::from_secs(seconds));
    let time = Interval::around(at(seconds), Span::from_millis(20));
    Recorded {
        phase,
        reading: Reading {
            local: Local {
                clocks: Clocks {
                    taken: ruler,
                    bracket: Span::from_nanos(112),
                    wall: at(seconds + 60),
                    kernel_wall: Some(at(seconds + 60)),
                    monotonic: Some(Span::from_secs(seconds)),
                    monotonic_raw: None,
                },
                ruler: RulerId {
                    boot: Some("boot-1".to_owned()),
                    namespace: Some("boottime 0 0".to_owned()),
                },
                discipline: Some(Discipline {
                    synchronised: false,
                    max_error: Span::from_secs(16),
                    frequency: -32_768,
                    tick: 10_000,
                }),
            },
            trusted: Ok(Trusted {
                time,
                taken: ruler.later(Span::from_millis(3)),
                class: Class::Authenticated,
                votes: Votes { agreeing: 1, of: 2 },
            }),
            witnesses: vec![
                witness(Ok((Class::FileServer, time, ruler)), Standing::Agrees),
                witness(Err("gave no time".to_owned()), Standing::None),
            ],
        },
    }
}

fn witness(said: Result<(Class, Interval, Boottime), String>, standing: Standing) -> Witness {
    Witness {
        address: "https://example.org/".to_owned(),
        said,
        standing,
    }
}

/// One that has ended.
pub(super) fn record() -> Record {
    let phases = [(Phase::Begin, 0), (Phase::During, 8), (Phase::End, 60)];
    Record {
        id: "0123456789abcdef".to_owned(),
        version: "0.1.0".to_owned(),
        host: Host {
            name: Some("builder".to_owned()),
            machine: Some("sha256:00".to_owned()),
        },
        tree: Tree {
            path: PathBuf::from("/src/app"),
            identity: Some((u64::MAX, 7)),
            commit: Some("c0ffee".to_owned()),
        },
        mounts: vec![Mount {
            path: PathBuf::from("/src/app/dist"),
            filesystem: "ext4".to_owned(),
            stamper: "local".to_owned(),
            stamp: Ok((at(0), at(0), at(1))),
        }],
        facts: vec![("kernel".to_owned(), "6.1.0".to_owned())],
        command: None,
        readings: phases
            .map(|(phase, seconds)| taken(phase, seconds))
            .to_vec(),
    }
}

/// One that has not.
pub(super) fn open() -> Record {
    let mut record = record();
    record.readings.truncate(2);
    record
}

/// One of every kind.
pub(super) fn records() -> Vec<Record> {
    let mut hostile = record();
    hostile.tree.path = path_from_bytes(b"/src/\xff\n").unwrap_or_default();
    hostile.facts[0].1 = "\u{1b}[31m\u{2028}\"\\ü".to_owned();
    hostile.mounts[0].stamp = Err("no room".to_owned());
    hostile.command = Some(Command {
        program: "m\nake".to_owned(),
        arguments: u64::MAX,
        exit: Some(-1),
    });
    let reading = &mut hostile.readings[0].reading;
    reading.trusted = Err("no source answered".to_owned());
    reading.local.ruler = RulerId::default();
    reading.local.discipline = None;
    reading.local.clocks.kernel_wall = None;
    reading.local.clocks.wall = Timestamp::from_unix(-70_000_000_000, 1);
    let open = Interval::from(at(3));
    let by = Span::from_secs(9);
    let said = || Ok((Class::System, open, Boottime::at(-1)));
    reading.witnesses = [true, false]
        .map(|is_later| witness(said(), Standing::Outside { by, is_later }))
        .to_vec();
    hostile.readings[1].phase = Phase::Step;
    hostile.host = Host::default();
    (hostile.tree.identity, hostile.tree.commit) = (None, None);
    vec![record(), open_one(), hostile]
}

fn open_one() -> Record {
    let mut record = open();
    record.readings.truncate(1);
    record
}
