//! What an audit holds artifacts against that has a record: the record's word, where it is of this build and nobody
//! is there who is trusted more.

use crate::harness::{Told, folder, place, record, skewgate, told};
use skewgate::clock::{Trusted, Votes};
use skewgate::record::{Phase, Record, Store};
use skewgate::source::Class;
use skewgate::time::{Interval, Span};
use std::fs::{self, File};
use std::net::UdpSocket;
use std::path::Path;
use std::time::{Duration, SystemTime};
use tempfile::TempDir;

const MINUTE: u64 = 60;

/// A folder with a record that was begun an hour ago and changed so, and a deliverable that was written so many
/// minutes ago.
fn begun(change: impl FnOnce(&mut Record), minutes: u64) -> TempDir {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    let mut record = record(root.path());
    let local = &mut record.readings[0].reading.local;
    let hour = Span::from_secs(-3600);
    let clocks = &mut local.clocks;
    clocks.taken = clocks.taken.later(hour);
    clocks.wall = clocks.wall.later(hour);
    clocks.kernel_wall = clocks.kernel_wall.map(|wall| wall.later(hour));
    record.readings[0].reading.trusted = Err("nobody was asked".to_owned());
    change(&mut record);
    Store::new(place(root.path()), None)
        .begin(&record, true)
        .unwrap();
    fs::create_dir(root.path().join("dist")).unwrap();
    let file = File::create(root.path().join("dist/app")).unwrap();
    file.set_modified(ago(minutes)).unwrap();
    root
}

fn ago(minutes: u64) -> SystemTime {
    SystemTime::now() - Duration::from_secs(minutes * MINUTE)
}

/// The same as a flag has it.
fn stated(minutes: u64) -> String {
    let since = ago(minutes).duration_since(SystemTime::UNIX_EPOCH).unwrap();
    format!("@{}", since.as_secs())
}

fn audit(root: &Path, more: &[&str]) -> Told {
    let args = ["audit", "--clock", "system:", "dist"];
    Told::of(&skewgate(root, &args).args(more).output().unwrap())
}

/// Another folder, as if it had been elsewhere.
fn of_another_tree(record: &mut Record) {
    record.tree.path = "/elsewhere".into();
    (record.tree.identity, record.tree.commit) = (None, None);
}

#[test]
fn who_states_when_the_build_began_is_trusted_more_than_the_record() {
    let root = begun(|_| {}, 30);
    let told = audit(root.path(), &[]);
    assert!(!told.stdout.contains("before-build-start"), "{told:?}");
    let told = audit(root.path(), &["--not-before", &stated(10)]);
    assert!(told.stdout.contains("before-build-start"), "{told:?}");
    // Nor does the record make it stricter than was stated.
    let root = begun(|_| {}, 90);
    let told = audit(root.path(), &[]);
    assert!(told.stdout.contains("before-build-start"), "{told:?}");
    let told = audit(root.path(), &["--not-before", &stated(120)]);
    assert!(!told.stdout.contains("before-build-start"), "{told:?}");
}

#[test]
fn a_record_of_another_build_holds_nothing_against_an_artifact() {
    let root = begun(of_another_tree, 90);
    let told = audit(root.path(), &[]);
    told.expect(1, &[]);
    assert!(told.stdout.contains("record-mismatch"), "{told:?}");
    assert!(!told.stdout.contains("before-build-start"), "{told:?}");
}

#[test]
fn a_clock_that_was_set_since_shows_no_begin() {
    // When the build began it was two hours ahead, as a clock from outside knew, and nobody read it since.
    let ahead = |record: &mut Record| {
        let reading = &mut record.readings[0].reading;
        let clocks = &mut reading.local.clocks;
        reading.trusted = Ok(Trusted {
            time: Interval::exactly(clocks.wall),
            taken: clocks.taken,
            class: Class::Network,
            votes: Votes { agreeing: 1, of: 1 },
        });
        clocks.wall = clocks.wall.later(Span::from_secs(7200));
        clocks.kernel_wall = Some(clocks.wall);
    };
    let root = begun(ahead, 30);
    let told = audit(root.path(), &[]);
    assert!(told.stdout.contains("clock-stepped"), "{told:?}");
    assert!(!told.stdout.contains("before-build-start"), "{told:?}");
}

#[test]
fn a_record_that_contradicts_what_was_stated_may_be_of_another_build() {
    // Nobody answers there, so the audit begins before it knows the time.
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let silent = format!("ntp:{}", silent.local_addr().unwrap());
    for slow in [&[][..], &["--clock", &silent, "--clock-timeout", "300ms"]] {
        let ended = |record: &mut Record| {
            of_another_tree(record);
            let mut end = record.readings[0].clone();
            end.phase = Phase::End;
            record.readings.push(end);
        };
        let root = begun(ended, 5);
        let start = stated(10);
        let mut more = vec!["--not-before", &start];
        more.extend(slow);
        let told = audit(root.path(), &more);
        told.expect(1, &[]);
        assert!(told.stdout.contains("record-mismatch"), "{told:?}");
    }
}
