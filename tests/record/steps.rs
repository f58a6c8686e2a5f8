//! A clock that is set while a build runs: a real libfaketime before the program moves what programs see. The
//! clock of this machine is never touched.

use crate::harness::{CLOCK, available, folder, phases, record, skewgate, succeeds};
use skewgate::record::Phase;
use skewgate::time::Span;
use std::fs;
use std::path::PathBuf;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

/// Where the library is that `faketime` preloads.
fn library() -> Option<PathBuf> {
    let folders = [
        "/usr/lib/x86_64-linux-gnu",
        "/usr/lib/aarch64-linux-gnu",
        "/usr/lib",
        "/usr/lib64",
    ];
    let names = folders.map(|folder| PathBuf::from(folder).join("faketime/libfaketime.so.1"));
    names.into_iter().find(|path| path.exists())
}

#[test]
fn a_step_is_recorded_with_the_readings_around_it() {
    let library = library();
    let works = library.is_some() && succeeds("faketime", &["-f", "+0", "true"]);
    if !available("libfaketime", works) {
        return;
    }
    let root = folder();
    let offset = root.path().join("offset");
    fs::write(&offset, "+0").unwrap();
    let mut child = skewgate(
        root.path(),
        &["run", "--no-audit", "--clock", CLOCK, "--", "sleep", "6"],
    )
    .env("LD_PRELOAD", library.unwrap())
    .env("FAKETIME_TIMESTAMP_FILE", &offset)
    .env("FAKETIME_NO_CACHE", "1")
    .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    thread::sleep(Duration::from_millis(3_200));
    fs::write(root.path().join("next"), "+90").unwrap();
    fs::rename(root.path().join("next"), &offset).unwrap();
    assert!(child.wait().unwrap().success());
    let record = record(root.path());
    let found = phases(&record);
    let steps: Vec<usize> = (0..found.len())
        .filter(|&at| found[at] == Phase::Step)
        .collect();
    let &[before, after] = &steps[..] else {
        panic!("{found:?}");
    };
    let [before, after] = [before, after].map(|at| &record.readings[at].reading);
    let elapsed = after.local.clocks.taken.since(before.local.clocks.taken);
    let moved = after.local.clocks.wall.since(before.local.clocks.wall);
    let by = moved.plus(elapsed.negated());
    assert!(
        by.plus(Span::from_secs(-90)).abs() < Span::from_millis(50),
        "{by}"
    );
    assert!(elapsed < Span::from_secs(2), "{elapsed}");
    let why = "not asked: the clock had just been set".to_owned();
    assert_eq!(
        (&before.trusted, &after.trusted),
        (&Err(why.clone()), &Err(why))
    );
    // Soon after, the sources are asked.
    let next = record.readings[steps[1] + 1].reading.clone();
    assert!(next.trusted.is_ok());
    assert!(next.local.clocks.taken.since(after.local.clocks.taken) < Span::from_secs(3));
}
