//! What is presumed while the clock is awaited, seen from inside an audit.

use crate::lab::chronyd::{Chronyd, LOCAL};
use crate::lab::{Lab, available};
use skewgate::audit::{self, Error, Options, Watch};
use skewgate::clock::{self, Sources};
use skewgate::format;
use skewgate::gate::{Gate, Verdict};
use skewgate::record::Window;
use skewgate::report::Report;
use skewgate::rule::{Ignore, Level, Policy, Settings, find};
use skewgate::source;
use skewgate::sys::boottime;
use skewgate::time::Span;
use skewgate::walk::{self, Patterns, Root, Select, Walker};
use std::net::UdpSocket;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// An audit of files that accepts what it finds of their modification times.
fn options(files: &[&Path], addresses: &[String]) -> Options {
    let asking = source::Options {
        allow_local_reference: true,
        ..source::Options::default()
    };
    let ignore = Ignore {
        rule: find("future-mtime").unwrap(),
        paths: Some(Patterns::new(["**"]).unwrap()),
        written: "**".to_owned(),
        reason: "known".to_owned(),
        expires: None,
        origin: "here".to_owned(),
        in_scope: true,
        taken: AtomicU64::new(0),
    };
    Options {
        walk: walk::Options {
            roots: files.iter().copied().map(Root::named).collect(),
            base: files[0].parent().unwrap().to_owned(),
            select: Select::default(),
            one_file_system: false,
            depth_limit: 9,
            threads: None,
            walker: Walker::Beneath,
        },
        roots_are_default: false,
        sources: Sources::open(addresses, &asking).unwrap(),
        clock: clock::Options {
            timeout: Span::from_secs(2),
            ..clock::Options::default()
        },
        window: Window::default(),
        record: None,
        drift_limit: 500,
        source_date: None,
        format: format::Options::default(),
        receivers: Vec::new(),
        policy: Policy {
            settings: Settings::new(Span::from_secs(2)),
            overrides: Vec::new(),
            ignores: vec![ignore],
            possible: false,
        },
        gate: Gate {
            fail_on: Some(Level::Error),
            independent_clock: false,
            nothing_vanishes: false,
        },
        profile: "default",
    }
}

/// How many were judged halfway to the timeout, how many in the end, and what came of it.
fn audited(options: &Options) -> (u64, u64, Result<Report, Error>) {
    let (seen, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let watch = Watch {
        sink: None,
        keep: true,
        stop: &stop,
        seen: &seen,
    };
    let (halfway, report) = thread::scope(|scope| {
        let audit = scope.spawn(|| audit::run(options, watch));
        thread::sleep(Duration::from_secs(1));
        (seen.load(Ordering::Relaxed), audit.join().unwrap())
    });
    (halfway, seen.load(Ordering::Relaxed), report)
}

#[test]
fn the_walk_goes_on_while_the_clock_is_awaited_and_is_believed_only_when_it_is_known() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let file = lab.file("dist/app.bin", "built a while ago");
    let honest = Chronyd::start(&mut lab, "honest", LOCAL);
    let behind = Chronyd::start(&mut lab, "behind", LOCAL);
    assert!(behind.tell(&["doffset", "259200"]));
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let silent = format!("ntp:{}", silent.local_addr().unwrap());
    let with = |server: &Chronyd| [format!("ntp:127.0.0.1:{}", server.port), silent.clone()];
    // What is younger waits for the clock.
    let young = options(&[&file], &with(&honest));
    let (halfway, seen, report) = audited(&young);
    assert_eq!((halfway, seen), (0, 1));
    assert_eq!(report.unwrap().verdict, Verdict::Pass);
    let began = boottime();
    while boottime().since(began) < Span::from_secs(9) {
        thread::sleep(Duration::from_millis(50));
    }
    let fresh = lab.file("dist/fresh.bin", "just built");
    let (old, both) = ([file.as_path()], [file.as_path(), fresh.as_path()]);
    thread::scope(|scope| {
        let run = |files, addresses: Vec<String>| {
            scope.spawn(move || {
                let options = options(files, &addresses);
                let (halfway, seen, report) = audited(&options);
                (halfway, seen, report, options)
            })
        };
        let right = run(old.as_slice(), with(&honest).to_vec());
        let wrong = run(both.as_slice(), with(&behind).to_vec());
        let unknown = run(old.as_slice(), vec![silent.clone()]);
        let (halfway, seen, report, _) = right.join().unwrap();
        assert_eq!((halfway, seen), (1, 1));
        assert_eq!(report.unwrap().verdict, Verdict::Pass);
        // One was passed over, one was not, and then both anew: nothing is counted twice.
        let (_, seen, report, options) = wrong.join().unwrap();
        let report = report.unwrap();
        assert_eq!(
            (report.verdict, report.suppressed.len()),
            (Verdict::Fail, 2)
        );
        assert_eq!((seen, report.summary.entries), (2, 2));
        assert_eq!(options.policy.ignores[0].taken(), 2);
        let (halfway, _, report, _) = unknown.join().unwrap();
        assert_eq!(halfway, 1);
        assert!(matches!(report, Err(Error::Clock(clock::Error::Silent(_)))));
    });
}
