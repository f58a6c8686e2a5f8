//! The failure that all this is for, "twelve is the new ten": a builder whose clock gains two minutes in
//! every ten. The builder here is this machine, with its real kernel and real file times; the true time is
//! what chronyd serves, whose own clock was bent to run that much slower. What is said of the build is held
//! against that server, asked beside it by a client of a few lines.

use crate::lab::chronyd::{Chronyd, LOCAL};
use crate::lab::{Lab, available};
use serde_json::Value;
use skewgate::sys::wall_clock;
use skewgate::time::json::Exact;
use skewgate::time::{Span, Timestamp};
use std::fs;
use std::net::UdpSocket;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// How chronyd is told to serve a clock at 0.833333 of this machine's.
const TWELVE_IS_THE_NEW_TEN: [&str; 2] = ["dfreq", "166667"];

/// A small build: it compiles, archives, links and packs, with a pause between.
const BUILD: &str = r#"
set -e
mkdir -p dist
step() { sleep 1.5; }
printf 'int one(void) { return 1; }\n' >one.c
printf 'int one(void); int main(void) { return one() - 1; }\n' >main.c
cc -c one.c -o dist/one.o; step
ar rc dist/libone.a dist/one.o; step
cc main.c dist/libone.a -o dist/app; step
gzip -kn dist/app; step
cp dist/app dist/app.late
"#;

/// What the build writes, in its order.
const WRITTEN: [&str; 5] = ["one.o", "libone.a", "app", "app.gz", "app.late"];

#[test]
fn twelve_is_the_new_ten() {
    if !["chronyd", "cc", "ar", "gzip"].into_iter().all(available) {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "truth", LOCAL);
    assert!(server.tell(&TWELVE_IS_THE_NEW_TEN));
    let truth = Truth::watch(server.port);
    lab.file("build.sh", BUILD);
    let built = skewgate(
        &lab,
        server.port,
        &[
            "run",
            "--no-audit",
            "--record",
            "record.json",
            "--",
            "sh",
            "build.sh",
        ],
    );
    assert!(built.status.success(), "{}", said(&built));
    let truth = truth.end();
    // An hour later: every time lies in the past.
    let (_, ended) = *truth.last().unwrap();
    let later = format!("fixed:{}±1s", ended.later(Span::from_secs(3600)).exact());
    let audited = Command::new(env!("CARGO_BIN_EXE_skewgate"))
        .args([
            "audit",
            "dist",
            "--no-config",
            "-o",
            "json",
            "--record",
            "record.json",
        ])
        .args(["--tolerance", "100ms", "--clock", &later])
        .current_dir(lab.path())
        .output()
        .unwrap();
    let report: Value = serde_json::from_slice(&audited.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", said(&audited)));
    assert_eq!(audited.status.code(), Some(1), "{report:#}");
    drift_is_proven(&report);
    files_are_located(&report, &lab.path().join("dist"), &truth);
}

/// 200,000 ppm ± 1,000, said in words.
fn drift_is_proven(report: &Value) {
    let drift = &report["record"]["drift"];
    assert_eq!(drift["claim"], "exceeds", "{report:#}");
    let ppm = |side: &str| -> i64 {
        let text = drift["gain"][side].as_str().unwrap();
        text.split('.').next().unwrap().parse().unwrap()
    };
    let (least, most) = (ppm("least"), ppm("most"));
    assert!(least <= 200_000 && most >= 199_999, "{least} to {most}");
    assert!(least >= 199_000 && most <= 201_000, "{least} to {most}");
    let finding = find(report, "clock-drifting");
    let message = finding["message"].as_str().unwrap();
    let in_words = [119, 120, 121].map(|seconds| format!("gains {seconds} s in 600 s"));
    assert!(
        in_words.iter().any(|words| message.contains(words)),
        "{message}"
    );
    assert_eq!(finding["certainty"], "proven");
    // Nothing is set, and nothing is of another build.
    for rule in [
        "clock-stepped",
        "record-mismatch",
        "before-build-start",
        "future-mtime",
    ] {
        let found = report["findings"].as_array().unwrap();
        assert!(
            found.iter().all(|finding| finding["rule"] != rule),
            "{report:#}"
        );
    }
}

/// The files whose times the window excludes are found, and each is located where it was really written.
fn files_are_located(report: &Value, dist: &Path, truth: &[(Timestamp, Timestamp)]) {
    let ended: Exact = read(&report["window"]["not_after"]["latest"]);
    let limit = ended.0.later(Span::from_millis(100));
    let mut found = 0;
    for name in WRITTEN {
        let file = fs::metadata(dist.join(name)).unwrap();
        let stamp = Timestamp::from_unix(file.mtime(), u32::try_from(file.mtime_nsec()).unwrap());
        let path = format!("dist/{name}");
        let finding = report["findings"].as_array().unwrap().iter();
        // What is inside a library is told as well.
        let is_own = |one: &&Value| one["path"] == *path && one["field"] == "mtime";
        let mut finding = finding.filter(is_own);
        let Some(finding) = finding.next() else {
            assert!(
                stamp <= limit,
                "{path} of {stamp} is not found after {limit}"
            );
            continue;
        };
        found += 1;
        assert!(stamp > limit, "{path} of {stamp} is found after {limit}");
        assert_eq!(finding["rule"], "after-build-end", "{finding:#}");
        assert_eq!(finding["certainty"], "proven", "{finding:#}");
        assert_eq!(finding["cause"], "drift", "{finding:#}");
        let written = &finding["written"];
        assert_eq!(written["quality"], "between", "{finding:#}");
        let (from, to): (Exact, Exact) = (read(&written["earliest"]), read(&written["latest"]));
        let really = at(truth, stamp);
        assert!(
            from.0 <= really && really <= to.0,
            "{path}: {from:?} {really} {to:?}"
        );
        assert!(to.0.since(from.0) < Span::from_millis(60), "{finding:#}");
    }
    // The first are within the window even by the fast clock; the last is 20 % of the build ahead.
    assert!((1..WRITTEN.len()).contains(&found), "{report:#}");
}

#[test]
fn a_step_of_the_true_time_in_a_build_is_found_and_placed() {
    if !available("chronyd") {
        return;
    }
    let mut lab = Lab::new();
    let server = Chronyd::start(&mut lab, "truth", LOCAL);
    let port = server.port;
    let stepping = thread::spawn(move || {
        thread::sleep(Duration::from_secs(4));
        assert!(server.tell(&["doffset", "120"]));
        wall_clock()
    });
    fs::create_dir(lab.path().join("dist")).unwrap();
    let run = [
        "run",
        "--record",
        "r.json",
        "--every",
        "2s",
        "-o",
        "json=report.json",
        "dist",
        "--",
    ];
    let built = skewgate(&lab, port, &[&run[..], &["sleep", "9"]].concat());
    let stepped = stepping.join().unwrap();
    assert_eq!(built.status.code(), Some(1), "{}", said(&built));
    let report = fs::read_to_string(lab.path().join("report.json")).unwrap();
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(find(&report, "clock-stepped")["certainty"], "proven");
    let steps = report["record"]["drift"]["steps"].as_array().unwrap();
    let [step] = steps.as_slice() else {
        panic!("{steps:#?}");
    };
    assert_eq!(step["kind"], "jumped");
    let (before, after): (Exact, Exact) = (read(&step["wall_before"]), read(&step["wall_after"]));
    // chronyd applies it between two of its turns.
    let slack = Span::from_millis(500);
    assert!(
        before.0 <= stepped.later(slack) && stepped <= after.0.later(slack),
        "{step:#} {stepped}"
    );
    assert!(after.0.since(before.0) < Span::from_secs(5), "{step:#}");
    let (least, most): (f64, f64) = (seconds(&step["by"]["least"]), seconds(&step["by"]["most"]));
    assert!(
        (119.0..=120.1).contains(&least) && (119.9..=121.0).contains(&most),
        "{step:#}"
    );
}

fn seconds(text: &Value) -> f64 {
    text.as_str().unwrap().parse().unwrap()
}

fn read<T: serde::de::DeserializeOwned>(value: &Value) -> T {
    serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"))
}

fn find<'report>(report: &'report Value, rule: &str) -> &'report Value {
    let findings = report["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("no {rule}: {report:#}"))
}

fn skewgate(lab: &Lab, port: u16, args: &[&str]) -> Output {
    let server = format!("ntp:127.0.0.1:{port}");
    let (command, rest) = args.split_first().unwrap();
    Command::new(env!("CARGO_BIN_EXE_skewgate"))
        .args([command, "--no-config", "--clock", &server])
        .arg("--clock-allow-local-reference")
        .args(rest)
        .current_dir(lab.path())
        .output()
        .unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// What the server says, asked again and again beside the build: what this machine's wall clock showed and
/// what the time was.
struct Truth {
    over: Arc<AtomicBool>,
    asking: JoinHandle<Vec<(Timestamp, Timestamp)>>,
}

impl Truth {
    fn watch(port: u16) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&over);
        let asking = thread::spawn(move || {
            let socket = UdpSocket::bind("127.0.0.1:0").unwrap();
            socket.connect(("127.0.0.1", port)).unwrap();
            socket
                .set_read_timeout(Some(Duration::from_secs(2)))
                .unwrap();
            let mut said = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                said.extend(ask(&socket));
                thread::sleep(Duration::from_millis(20));
            }
            said.extend(ask(&socket));
            said
        });
        Self { over, asking }
    }

    fn end(self) -> Vec<(Timestamp, Timestamp)> {
        self.over.store(true, Ordering::Relaxed);
        self.asking.join().unwrap()
    }
}

/// One exchange (RFC 5905 §7.3), as of its middle; nothing when it took long.
fn ask(socket: &UdpSocket) -> Option<(Timestamp, Timestamp)> {
    let mut packet = [0; 48];
    packet[0] = 0x23;
    let before = wall_clock();
    socket.send(&packet).unwrap();
    let length = socket.recv(&mut packet).unwrap();
    let took = wall_clock().since(before);
    let word = |at: usize| u32::from_be_bytes(packet[at..at + 4].try_into().unwrap());
    let nanos = (i128::from(word(44)) * 1_000_000_000) >> 32;
    let seconds = i64::from(word(40)) - 2_208_988_800;
    let time = Timestamp::from_unix(seconds, u32::try_from(nanos).unwrap());
    let is_quick = length == 48 && took < Span::from_millis(2);
    is_quick.then(|| (before.later(took.half()), time))
}

/// What the time was when this machine's wall clock showed `wall`: both clocks are even between two answers.
fn at(truth: &[(Timestamp, Timestamp)], wall: Timestamp) -> Timestamp {
    let after = truth.iter().position(|(shown, _)| *shown > wall).unwrap();
    let ((wall_from, from), (wall_to, to)) = (truth[after - 1], truth[after]);
    let part = |whole: Span| {
        whole.as_nanos() * wall.since(wall_from).as_nanos() / wall_to.since(wall_from).as_nanos()
    };
    from.later(Span::from_nanos(part(to.since(from))))
}
