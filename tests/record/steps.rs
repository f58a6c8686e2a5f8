//! A clock that is set while a build runs: a real libfaketime before the program moves what programs see. The
//! clock of this machine is never touched.

use crate::harness::{Started, available, folder, phases, record, skewgate, succeeds};
use skewgate::record::Phase;
use skewgate::time::Span;
use std::fs;
use std::path::{Path, PathBuf};
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

/// A run whose programs see the time that a file says; `None` where there is no libfaketime.
fn faked(root: &Path, offset: &str, seconds: &str) -> Option<Started> {
    let library = library();
    let works = library.is_some() && succeeds("faketime", &["-f", "+0", "true"]);
    if !available("libfaketime", works) {
        return None;
    }
    let file = root.join("offset");
    fs::write(&file, offset).unwrap();
    let args = [
        "run",
        "--no-audit",
        "--clock",
        "system:",
        "--",
        "sleep",
        seconds,
    ];
    let mut command = skewgate(root, &args);
    command.env("LD_PRELOAD", library?);
    command.env("FAKETIME_TIMESTAMP_FILE", file);
    command.env("FAKETIME_NO_CACHE", "1");
    command.env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    Some(Started::of(command.stderr(Stdio::null())))
}

#[test]
fn a_step_is_recorded_with_the_readings_around_it() {
    let root = folder();
    let Some(mut started) = faked(root.path(), "+0", "6") else {
        return;
    };
    thread::sleep(Duration::from_millis(3_200));
    fs::write(root.path().join("next"), "+90").unwrap();
    fs::rename(root.path().join("next"), root.path().join("offset")).unwrap();
    assert!(started.wait().success());
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

#[test]
fn a_clock_at_another_rate_is_not_asked_after_all_the_time() {
    let root = folder();
    let Some(mut started) = faked(root.path(), "+0 x2", "24") else {
        return;
    };
    assert!(started.wait().success());
    let record = record(root.path());
    let asked = record.readings.iter();
    let asked = asked.filter(|taken| !taken.reading.witnesses.is_empty());
    let steps = phases(&record);
    let steps = steps.iter().filter(|phase| **phase == Phase::Step);
    // At 0, 2, 4, 8 and at the end, at 12; every two seconds would be more often.
    assert!(asked.count() <= 5 && steps.count() >= 10);
}
