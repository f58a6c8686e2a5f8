//! This machine, by the program: whatever it is, looking at it never fails, is quick, and gives nothing away.

use serde_json::Value;
use skewgate::doctor::{FACTS, Machine, State, examine};
use skewgate::sys::boottime;
use skewgate::time::Span;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn doctor(arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
    command.args(["doctor", "--no-config"]).args(arguments);
    command.env("SKEWGATE_TEST_SECRET", "hunter2-in-the-environment");
    command.output().unwrap()
}

fn report(output: &Output) -> Value {
    let text = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn this_machine_is_looked_at_quickly_and_never_fails() {
    let began = boottime();
    let found = examine(&Machine::here(), None);
    let took = boottime().since(began);
    assert!(took < Span::from_millis(100), "{took}");
    assert_eq!(found.signs.len(), FACTS.len());
    let output = doctor(&["-o", "json"]);
    let report = report(&output);
    let code = if report["suspicious"] == true { 1 } else { 0 };
    assert_eq!(output.status.code(), Some(code));
    let page = doctor(&["-v"]);
    let page = String::from_utf8_lossy(&page.stdout).into_owned();
    assert!(FACTS.iter().all(|fact| page.contains(fact.id)), "{page}");
}

#[test]
fn a_capture_of_this_machine_says_what_it_said_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let facts = folder.path().join("facts");
    let facts = facts.to_str().unwrap();
    let live = report(&doctor(&["-o", "json", "--capture", facts]));
    let captured = report(&doctor(&["-o", "json", "--root", facts]));
    for (before, after) in live["facts"]
        .as_array()
        .unwrap()
        .iter()
        .zip(captured["facts"].as_array().unwrap())
    {
        assert_eq!(before, after);
    }
    let mut bytes = 0;
    each_file(Path::new(facts), &mut |path| {
        let text = fs::read_to_string(path).unwrap();
        bytes += text.len();
        assert!(!text.contains("hunter2"), "{}", path.display());
    });
    assert!(bytes > 100 && bytes < 256 * 1024, "{bytes} bytes");
    let again = doctor(&["--capture", facts]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("not empty"));
}

#[test]
fn a_capture_names_nobody() {
    const NAME: &str = "hunter2";
    let tree = tempfile::tempdir().unwrap();
    let put = |path: &str, text: String| {
        let path = tree.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    put(
        "proc/version",
        format!("Linux version 6.8.0 ({NAME}@{NAME}) (gcc) #1 SMP\n"),
    );
    put("proc/1/cgroup", format!("1:name=systemd:/lxc/{NAME}\n"));
    put("proc/1/comm", format!("{NAME}\n"));
    put(
        "proc/cmdline",
        format!("root=/dev/{NAME} ip=10.0.0.1:::{NAME} rd.iscsi.password={NAME} tsc=reliable\n"),
    );
    put(
        "proc/self/mountinfo",
        format!(
            "1 0 0:1 / / rw - ext4 /dev/{NAME} rw\n2 1 0:2 /{NAME} /home/{NAME} rw - nfs4 {NAME}:/x rw\n"
        ),
    );
    put(
        "etc/ld.so.preload",
        format!("/home/{NAME}/libfaketime.so.1\n"),
    );
    put("etc/ntp.conf", format!("server {NAME}\ntinker panic 0\n"));
    let step = format!("Nov 23 08:14:08 {NAME} chronyd[611]: System clock wrong by 1.19 seconds\n");
    let other = format!("2026-11-23T08:14:08.5+01:00 {NAME} ntpd[1]: time reset +1.0 s\n");
    put(
        "var/log/syslog",
        format!("{step}{step}{other}{NAME} said nothing\n"),
    );
    let machine = Machine::under(tree.path()).unwrap();
    let machine = machine.with_paths(vec![format!("/home/{NAME}/build"), "/tmp".to_owned()]);
    let found = examine(&machine, None);
    let mounts = &found.sign("mounts").unwrap().seen;
    assert_eq!(*mounts, format!("/home/{NAME}/build is nfs4; /tmp is ext4"));
    let steps = &found.sign("steps").unwrap().seen;
    assert_eq!(
        steps,
        "3 times, last \"2026-11-23T08:14:08.5+01:00 time reset +1.0 s\""
    );
    let capture = machine.capture();
    for (path, text) in &capture.files {
        assert!(
            !text.contains(NAME) && !path.contains(NAME),
            "{path}: {text}"
        );
    }
    let asked = |path: &str| capture.files.iter().any(|(name, _)| name == path);
    assert!(asked("proc/version") && asked("proc/1/cgroup") && asked("proc/cmdline"));
    assert!(asked("var/log/syslog") && asked("etc/ld.so.preload"));
}

#[test]
fn a_folder_is_looked_at_where_its_links_lead() {
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink("/dev/shm", folder.path().join("link")).unwrap();
    let through = folder.path().join("link").join("not/made/yet");
    let report = report(&doctor(&["-o", "json", through.to_str().unwrap()]));
    let facts = report["facts"].as_array().unwrap();
    let mounts = facts.iter().find(|fact| fact["fact"] == "mounts").unwrap();
    let seen = mounts["seen"].as_str().unwrap();
    assert!(seen.starts_with("/dev/shm is"), "{seen}");
}

fn each_file(folder: &Path, each: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            each_file(&path, each);
        } else {
            each(&path);
        }
    }
}

#[test]
fn a_preload_is_told_without_its_folder() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
    command.args(["doctor", "--no-config", "-o", "json"]);
    command.env("FAKETIME", "+3d");
    let report = report(&command.output().unwrap());
    let facts = report["facts"].as_array().unwrap();
    let fact = facts
        .iter()
        .find(|fact| fact["fact"] == "faked-time")
        .unwrap();
    assert_eq!(fact["state"], "suspicious");
    assert_eq!(report["suspects"][0]["cause"], "faked");
}

#[test]
fn a_measurement_that_was_asked_for_and_failed_is_told() {
    let output = doctor(&["--clock", "system:", "--for", "1s", "-o", "json"]);
    let report = report(&output);
    assert!(
        report["unmeasured"]
            .as_str()
            .unwrap()
            .contains("no outside clock"),
        "{report:#}"
    );
    assert_ne!(output.status.code(), Some(0));
    assert!(report.get("measured").is_none());
}

#[test]
fn what_is_no_tree_is_refused() {
    let output = doctor(&["--root", "/no/such/tree"]);
    assert_eq!(output.status.code(), Some(2));
    let both = doctor(&["--root", "/", "--clock", "system:"]);
    assert_eq!(both.status.code(), Some(2));
}

#[test]
fn facts_are_listed() {
    let output = Command::new(env!("CARGO_BIN_EXE_skewgate"))
        .args(["list", "facts"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(text.lines().count(), FACTS.len());
    let found = examine(&Machine::here(), None);
    assert!(
        found
            .signs
            .iter()
            .all(|(_, sign)| sign.state == State::Unknown || !sign.seen.is_empty())
    );
}
