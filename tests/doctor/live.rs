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
