//! Signals: they are the command's, each once, and what it dies of is what the run dies of.

use crate::harness::{CLOCK, available, folder, phases, record, shell, skewgate, succeeds};
use skewgate::record::Phase;
use std::fs;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

/// A run of a script that has said that it is ready, in a group of its own.
fn ready(root: &Path, script: &str) -> Child {
    let script = format!("{script}; touch ready; while :; do sleep 0.05; done");
    let child = skewgate(
        root,
        &[
            "run",
            "--no-audit",
            "--clock",
            CLOCK,
            "--",
            "sh",
            "-c",
            &script,
        ],
    )
    .process_group(0)
    .stderr(Stdio::null())
    .spawn()
    .unwrap();
    wait_for(&root.join("ready"));
    child
}

fn wait_for(path: &Path) {
    for _ in 0..600 {
        if path.exists() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} never came", path.display());
}

fn send(signal: &str, child: &Child) {
    let sent = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status();
    assert!(sent.unwrap().success());
}

#[test]
fn what_ends_the_command_ends_the_run() {
    for (name, number) in [("INT", 2), ("TERM", 15), ("HUP", 1), ("QUIT", 3)] {
        let root = folder();
        let mut child = ready(root.path(), "trap - INT QUIT");
        send(name, &child);
        let status = child.wait().unwrap();
        assert_eq!(status.signal(), Some(number), "{name}: {status:?}");
        let record = record(root.path());
        assert_eq!(phases(&record), [Phase::Begin, Phase::End], "{name}");
        assert_eq!(record.command.unwrap().exit, None);
    }
}

#[test]
fn a_command_may_take_a_signal_its_own_way() {
    let root = folder();
    let mut child = ready(root.path(), "trap 'echo got >> got; exit 9' TERM");
    send("TERM", &child);
    assert_eq!(child.wait().unwrap().code(), Some(9));
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
    let args = [
        "run",
        "--no-audit",
        "--clock",
        CLOCK,
        "--",
        "python3",
        "counter.py",
    ];
    let mut child = skewgate(root.path(), &args)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_for(&root.path().join("ready"));
    for _ in 0..3 {
        send("INT", &child);
        thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(child.wait().unwrap().code(), Some(4));
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
    let root = folder();
    let args = ["run", "--no-audit", "--clock", CLOCK, "--", "sleep", "5"];
    let mut child = skewgate(root.path(), &args)
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(700));
    send("STOP", &child);
    thread::sleep(Duration::from_millis(2_500));
    send("CONT", &child);
    assert!(child.wait().unwrap().success());
    let phases = phases(&record(root.path()));
    assert!(!phases.contains(&Phase::Step), "{phases:?}");
    assert!(phases.contains(&Phase::During), "{phases:?}");
}
