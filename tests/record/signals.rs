//! Signals: they are the command's, each once, and what it dies of is what the run dies of.

use crate::harness::{
    CLOCK, PLACE, Started, available, folder, phases, record, shell, skewgate, succeeds, wait_for,
};
use rustix::process::Signal;
use skewgate::record::{Phase, load};
use std::fs;
use std::net::UdpSocket;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::Duration;

/// A run of a command.
fn run(root: &Path, clock: &str, command: &[&str]) -> Started {
    let args = [
        "run",
        "--no-audit",
        "--clock-timeout=20s",
        "--clock",
        clock,
        "--",
    ];
    let args = [&args[..], command].concat();
    Started::of(skewgate(root, &args).stderr(Stdio::null()))
}

/// A run of a script that has said that it is ready.
fn ready(root: &Path, script: &str) -> Started {
    let script = format!("{script}; touch ready; while :; do sleep 0.05; done");
    let started = run(root, CLOCK, &["sh", "-c", &script]);
    wait_for(&root.join("ready"));
    started
}

#[test]
fn what_ends_the_command_ends_the_run() {
    for signal in [Signal::INT, Signal::TERM, Signal::HUP, Signal::QUIT] {
        let root = folder();
        let mut started = ready(root.path(), "trap - INT QUIT");
        started.send(signal);
        let status = started.wait();
        assert_eq!(status.signal(), Some(signal.as_raw()), "{status:?}");
        let record = record(root.path());
        assert_eq!(phases(&record), [Phase::Begin, Phase::End], "{signal:?}");
        assert_eq!(record.command.unwrap().exit, None);
    }
}

#[test]
fn a_command_may_take_a_signal_its_own_way() {
    let root = folder();
    let mut started = ready(root.path(), "trap 'echo got >> got; exit 9' TERM");
    started.send(Signal::TERM);
    assert_eq!(started.wait().code(), Some(9));
    assert_eq!(
        fs::read_to_string(root.path().join("got")).unwrap(),
        "got\n"
    );
}

/// Counts how often it is interrupted within two seconds: what a shell's trap makes one of is two here.
const COUNTER: &str = r"
import os, signal, time
reads, writes = os.pipe()
os.set_blocking(reads, False)
os.set_blocking(writes, False)
signal.signal(signal.SIGINT, lambda *_: None)
signal.set_wakeup_fd(writes)
open('ready', 'w').close()
end = time.monotonic() + 2
while time.monotonic() < end:
    time.sleep(0.01)
open('got', 'w').write(str(len(os.read(reads, 100))))
os._exit(4)
";

#[test]
fn ctrl_c_reaches_the_command_once() {
    let works = succeeds("script", &["--version"]) && succeeds("python3", &["--version"]);
    if !available("script(1) and python3", works) {
        return;
    }
    let root = folder();
    fs::write(root.path().join("counter.py"), COUNTER).unwrap();
    let script = r#"(while [ ! -e ready ]; do sleep 0.05; done
        for i in 1 2 3 4 5 6 7 8 9 10; do sleep 0.1; printf '\003'; done; sleep 2.5) |
        script -qec 'exec "$skewgate" run --no-audit -- python3 counter.py' /dev/null > typescript"#;
    let told = shell(root.path(), script);
    told.expect(4, &[]);
    assert_eq!(fs::read_to_string(root.path().join("got")).unwrap(), "10");
}

#[test]
fn a_signal_to_the_run_alone_reaches_the_command_once() {
    if !available("python3", succeeds("python3", &["--version"])) {
        return;
    }
    let root = folder();
    fs::write(root.path().join("counter.py"), COUNTER).unwrap();
    let mut started = run(root.path(), CLOCK, &["python3", "counter.py"]);
    wait_for(&root.path().join("ready"));
    for _ in 0..3 {
        started.send(Signal::INT);
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(started.wait().code(), Some(4));
    assert_eq!(fs::read_to_string(root.path().join("got")).unwrap(), "3");
}

#[test]
fn what_is_ignored_stays_ignored() {
    let root = folder();
    let script = r#"trap '' HUP; "$skewgate" run --no-audit -- sh -c 'kill -HUP $PPID; kill -HUP $$; echo alive'"#;
    let told = shell(root.path(), script);
    told.expect(0, &[]);
    assert_eq!(told.stdout, "alive\n");
}

#[test]
fn a_run_that_stood_still_saw_no_step() {
    // The run alone, and with its command, as a shell does it on Ctrl-Z and fg.
    let alone = |started: &Started, signal| started.send(signal);
    let all = |started: &Started, signal| started.send_to_all(signal);
    for (send, stop) in [
        (alone as fn(&Started, Signal), Signal::STOP),
        (all, Signal::TSTP),
    ] {
        let root = folder();
        let mut started = run(root.path(), CLOCK, &["sleep", "5"]);
        thread::sleep(Duration::from_millis(700));
        send(&started, stop);
        thread::sleep(Duration::from_millis(300));
        let status = fs::read_to_string(format!("/proc/{}/status", started.child.id()));
        let status = status.unwrap();
        assert!(status.contains("State:\tT (stopped)"), "{status}");
        thread::sleep(Duration::from_millis(2_200));
        send(&started, Signal::CONT);
        assert!(started.wait().success());
        let phases = phases(&record(root.path()));
        assert!(!phases.contains(&Phase::Step), "{phases:?}");
        assert!(phases.contains(&Phase::During), "{phases:?}");
        assert_eq!(phases.last(), Some(&Phase::End));
    }
}

#[test]
fn whoever_will_not_wait_for_the_sources_gets_a_record_that_has_ended() {
    let root = folder();
    let silent = UdpSocket::bind("127.0.0.1:0").unwrap();
    let clock = format!("ntp:127.0.0.1:{}", silent.local_addr().unwrap().port());
    let mut started = run(root.path(), &clock, &["sh", "-c", "exit 3"]);
    // The source is waited for twice as long as this.
    let is_ended = (0..150).any(|_| {
        thread::sleep(Duration::from_millis(10));
        let there = load(&root.path().join(PLACE));
        there.is_ok_and(|record| !record.is_open())
    });
    assert!(is_ended);
    started.send(Signal::TERM);
    assert_eq!(started.wait().signal(), Some(Signal::TERM.as_raw()));
    let record = record(root.path());
    assert_eq!(phases(&record), [Phase::Begin, Phase::End]);
    let why = "no source had answered yet".to_owned();
    assert_eq!(record.readings[1].reading.trusted, Err(why));
    assert_eq!(record.command.unwrap().exit, Some(3));
}
