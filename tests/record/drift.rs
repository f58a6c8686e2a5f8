//! `skewgate drift`: records as files, one by one and a fleet of them.

use crate::harness::{Told, folder, place, record, skewgate, told};
use serde_json::Value;
use skewgate::clock::{Reading, Trusted, Votes};
use skewgate::record::{Phase, Record, Recorded, Store};
use skewgate::source::Class;
use skewgate::time::{Interval, Span, Timestamp};
use std::fs;
use std::path::Path;
use std::process::Command;

/// How the clock of a builder runs.
#[derive(Clone, Copy)]
struct Clock {
    /// Seconds of its own in which ten pass truly.
    ten: i64,
    /// By how many seconds it is set in the middle of the build.
    set: i64,
    /// Whether anybody outside is asked.
    is_asked: bool,
}

const RIGHT: Clock = Clock {
    ten: 10,
    set: 0,
    is_asked: true,
};

/// The builder that all this is about: it gains two minutes in every ten.
const FAST: Clock = Clock { ten: 12, ..RIGHT };

/// A record as `skewgate begin` writes it, of a build of ten minutes on a machine with such a clock.
fn of(host: &str, day: i64, clock: Clock) -> Record {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    let mut record = record(root.path());
    record.host.name = Some(host.to_owned());
    record.host.machine = None;
    record.id = format!("{host} {day}");
    let first = record.readings.remove(0).reading;
    for minute in 0..=10 {
        let (truly, own) = (minute * 60, minute * 6 * clock.ten);
        let mut reading = Reading::unasked(first.local.clone(), "nobody was asked");
        let clocks = &mut reading.local.clocks;
        let began = Timestamp::from_unix(1_780_000_000 + day * 86_400, 0);
        let set = if minute > 5 { clock.set } else { 0 };
        clocks.bracket = Span::from_nanos(100);
        clocks.taken = clocks.taken.later(Span::from_secs(own));
        clocks.wall = began.later(Span::from_secs(own + set));
        clocks.kernel_wall = Some(clocks.wall);
        (clocks.monotonic, clocks.monotonic_raw) = (None, None);
        if clock.is_asked {
            reading.trusted = Ok(Trusted {
                time: Interval::around(began.later(Span::from_secs(truly)), Span::from_millis(5)),
                taken: clocks.taken,
                class: Class::Authenticated,
                votes: Votes { agreeing: 3, of: 3 },
            });
        }
        let phase = match minute {
            0 => Phase::Begin,
            10 => Phase::End,
            _ => Phase::During,
        };
        record.readings.push(Recorded { phase, reading });
    }
    record
}

fn write(root: &Path, name: &str, record: &Record) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    Store::new(path, None).begin(record, true).unwrap();
}

fn drift(root: &Path, args: &[&str]) -> Told {
    Told::of(&skewgate(root, &["drift"]).args(args).output().unwrap())
}

fn json(root: &Path, args: &[&str], code: i32) -> Value {
    let told = drift(root, &[args, &["-o", "json"]].concat());
    told.expect(code, &[]);
    serde_json::from_str(&told.stdout).unwrap()
}

#[track_caller]
fn assert_says(told: &Told, words: &[&str]) {
    for word in words {
        assert!(told.stdout.contains(word), "`{word}` is not in {told:?}");
    }
}

#[test]
fn the_builder_that_gains_two_minutes_in_ten_is_found() {
    let root = folder();
    write(root.path(), "r.json", &of("builder-7", 0, FAST));
    let told = drift(root.path(), &["r.json"]);
    told.expect(1, &[]);
    assert_says(
        &told,
        &[
            "DRIFTS: 200,000 ppm",
            "it gains 120 s in 600 s; beyond the limit of 500 ppm",
            "builder-7",
            "11 readings",
            "frequency scaling",
        ],
    );
    let report = json(root.path(), &["r.json"], 1);
    let build = &report["builds"][0];
    assert_eq!(report["schema"], "skewgate/drift/v1");
    assert_eq!(build["path"], "r.json");
    assert_eq!(build["claim"], "exceeds");
    assert_eq!(build["readings"].as_array().unwrap().len(), 11);
    let ppm = |side: &str| {
        build["gain"][side]
            .as_str()
            .unwrap()
            .parse::<f64>()
            .unwrap()
    };
    assert!(ppm("least") <= 200_000.0 && ppm("most") >= 200_000.0);
    assert!(ppm("most") - ppm("least") < 100.0, "{build}");
    // After ten minutes it is two ahead.
    let ahead = &build["readings"][10]["ahead"];
    let seconds = |side: &str| ahead[side].as_str().unwrap().parse::<f64>().unwrap();
    assert!(
        seconds("least") <= 120.0 && seconds("most") >= 120.0,
        "{ahead}"
    );
}

#[test]
fn a_clock_that_is_right_passes_and_one_that_nobody_was_asked_of_does_not() {
    let root = folder();
    write(root.path(), "right.json", &of("a", 0, RIGHT));
    let told = drift(root.path(), &["right.json"]);
    told.expect(0, &[]);
    assert_says(&told, &["STEADY: "]);
    // It is known to 17 ppm.
    drift(root.path(), &["--limit", "5ppm", "right.json"]).expect(3, &[]);
    let alone = Clock {
        is_asked: false,
        ..FAST
    };
    write(root.path(), "alone.json", &of("a", 0, alone));
    let told = drift(root.path(), &["alone.json"]);
    told.expect(3, &[]);
    assert_says(&told, &["UNKNOWN: no clock from outside was read"]);
}

#[test]
fn a_clock_that_is_set_is_found_without_anybody_outside() {
    let root = folder();
    for is_asked in [true, false] {
        let set = Clock {
            set: -90,
            is_asked,
            ..RIGHT
        };
        write(root.path(), "set.json", &of("a", 0, set));
        let told = drift(root.path(), &["set.json"]);
        told.expect(1, &[]);
        assert_says(
            &told,
            &["STEPPED: the wall clock was set, back by 1 min 30 s"],
        );
        let step = &json(root.path(), &["set.json"], 1)["builds"][0]["steps"][0];
        assert_eq!(step["kind"], "set", "{step}");
    }
}

#[test]
fn a_fleet_is_told_builder_by_builder_the_worst_first() {
    let root = folder();
    for (name, host, day, clock) in [
        ("a/1.json", "steady", 1, RIGHT),
        ("a/2.json", "steady", 2, RIGHT),
        ("b/deep/1.json", "turned", 1, RIGHT),
        ("b/deep/2.json", "turned", 2, FAST),
        ("b/deep/3.json", "turned", 3, FAST),
    ] {
        write(root.path(), name, &of(host, day, clock));
    }
    let told = drift(root.path(), &["."]);
    told.expect(1, &[]);
    let at = |word: &str| told.stdout.find(word).unwrap_or_else(|| panic!("{told:?}"));
    assert!(at("turned") < at("steady"), "{told:?}");
    let report = json(root.path(), &["a", "b"], 1);
    let worst = &report["builders"][0];
    assert_eq!(worst["name"], "turned");
    let builds = serde_json::json!(["turned 1", "turned 2", "turned 3"]);
    assert_eq!(worst["builds"], builds);
    assert_eq!(worst["went_bad"], "turned 2");
    let told = drift(root.path(), &["a", "b", "-o", "ndjson"]);
    told.expect(1, &[]);
    let lines: Vec<Value> = told
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 6);
    drift(root.path(), &["a"]).expect(0, &[]);
}

#[test]
fn what_is_no_record_is_named_beside_those_that_are() {
    let root = folder();
    write(root.path(), "a/right.json", &of("a", 0, RIGHT));
    // Cut off, no record, one that nobody can read to its end, and one that is not there.
    let whole = fs::read(root.path().join("a/right.json")).unwrap();
    fs::write(root.path().join("a/cut.json"), &whole[..whole.len() / 2]).unwrap();
    fs::write(root.path().join("a/\u{1b}[31mpackage.json"), "{}").unwrap();
    std::os::unix::fs::symlink("/dev/zero", root.path().join("a/endless.json")).unwrap();
    let pipe = root.path().join("a/pipe.json");
    assert!(
        Command::new("mkfifo")
            .arg(&pipe)
            .status()
            .unwrap()
            .success()
    );
    let told = drift(root.path(), &["a", "missing.json"]);
    told.expect(2, &[]);
    assert_says(
        &told,
        &[
            "0 of 1 builder went bad (1 build, limit 500 ppm; 5 records could not be read)",
            "cut.json",
            "endless.json",
            "pipe.json",
            "missing.json",
        ],
    );
    assert!(!told.stdout.contains('\u{1b}'), "{told:?}");
    let report = json(root.path(), &["a", "missing.json"], 2);
    assert_eq!(report["builds"].as_array().unwrap().len(), 1);
    assert_eq!(report["unread"].as_array().unwrap().len(), 5, "{report}");
    drift(root.path(), &["a/cut.json"]).expect(2, &["there is no record to read", "cut.json"]);
}

#[test]
fn a_host_says_nothing_to_the_terminal_nor_to_the_ci() {
    let root = folder();
    let host = "x\u{1b}]0;y\u{7}\n::error::z";
    write(root.path(), "1.json", &of(host, 0, RIGHT));
    write(root.path(), "2.json", &of(host, 1, FAST));
    for args in [&["1.json"][..], &["."], &["-v", "."]] {
        let told = drift(root.path(), args);
        assert!(!told.stdout.contains(['\u{1b}', '\u{7}']), "{told:?}");
        assert!(!told.stdout.contains("\n::"), "{told:?}");
    }
}

#[test]
fn the_report_of_a_record_that_begin_and_end_wrote() {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    drift(root.path(), &[".skewgate"]).expect(3, &[]);
    told(root.path(), &["end"]).expect(0, &[]);
    // Nobody from outside was asked, and nobody set the clock.
    let report = json(root.path(), &[place(root.path()).to_str().unwrap()], 3);
    let build = &report["builds"][0];
    assert_eq!(build["claim"], "inconclusive");
    assert_eq!(build["steps"], serde_json::json!([]));
    let phases = build["readings"].as_array().unwrap();
    let phases: Vec<&Value> = phases.iter().map(|reading| &reading["phase"]).collect();
    assert_eq!(phases, ["begin", "end"]);
    // It goes into files as well.
    let to = ["-o", "json=d.json", "-o", "human", ".skewgate/record.json"];
    drift(root.path(), &to).expect(3, &[]);
    let written = fs::read_to_string(root.path().join("d.json")).unwrap();
    let mut expected = report.clone();
    expected["builds"][0]["path"] = ".skewgate/record.json".into();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), expected);
}
