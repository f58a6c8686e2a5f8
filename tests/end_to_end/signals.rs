//! Ctrl-C and its kin: the audit ends, leaves nothing half written, and dies of the signal.

use super::harness::{CLOCK, future_tree, skewgate, text};
use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Command, Stdio};

/// An audit that cannot end, because nobody reads what it streams; then the signal, then a reader.
fn interrupted(signal: &str) -> (std::process::ExitStatus, String, String, Vec<String>) {
    let root = future_tree(20_000);
    fs::write(root.path().join("r.json"), "old").unwrap();
    let mut child = skewgate(
        root.path(),
        &[
            "audit",
            "dist",
            "--clock",
            CLOCK,
            "-o",
            "ndjson",
            "-o",
            "json=r.json",
        ],
    )
    .args(["-o", "human=r.txt", "--threads", "2"])
    .stdout(Stdio::piped())
    .stderr(Stdio::piped())
    .spawn()
    .unwrap();
    let mut stdout = BufReader::with_capacity(512, child.stdout.take().unwrap());
    let mut header = String::new();
    stdout.read_line(&mut header).unwrap();
    assert!(header.contains("\"header\""), "{header}");
    let sent = Command::new("kill")
        .args(["-s", signal, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(sent.success());
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    let mut stderr = Vec::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_end(&mut stderr)
        .unwrap();
    let status = child.wait().unwrap();
    let mut left: Vec<String> = fs::read_dir(root.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    left.sort();
    assert_eq!(
        fs::read_to_string(root.path().join("r.json")).unwrap(),
        "old"
    );
    (status, rest, text(&stderr), left)
}

#[test]
fn an_interrupted_audit_dies_of_the_signal_and_leaves_nothing_behind() {
    for (name, number) in [("INT", 2), ("TERM", 15)] {
        let (status, rest, stderr, left) = interrupted(name);
        assert_eq!(status.signal(), Some(number), "{name}: {stderr}");
        assert!(
            !rest.contains("\"trailer\""),
            "a report without its trailer was cut off"
        );
        assert!(stderr.contains("interrupted"), "{stderr}");
        assert_eq!(left, ["dist", "r.json"]);
    }
}
