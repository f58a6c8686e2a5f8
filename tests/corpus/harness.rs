//! The program over a list of files, everything in them looked at.

use serde_json::Value;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Before all that is planted and after any run of these tests, so that change times are in order.
pub(crate) const CLOCK: &str = "fixed:2035-01-01T00:00:00Z±10s";

/// A fixture's path.
pub(crate) fn fixture(name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures/formats").join(name)
}

/// Makes a file in a folder.
pub(crate) fn file(folder: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(&path, bytes).unwrap();
    path
}

/// The JSON report of an audit of these files, in an environment of nothing but `env`.
pub(crate) fn audit(files: &[PathBuf], clock: &str, args: &[&str], env: &[(&str, &str)]) -> Value {
    let mut command = Command::new(env!("CARGO_BIN_EXE_skewgate"));
    command.args(["audit", "--files-from", "-", "-0", "--no-config"]);
    command.args(["--embedded", "all", "--clock", clock, "-o", "json"]);
    command.args(args).env_clear().envs(env.iter().copied());
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut list = child.stdin.take().unwrap();
    for file in files {
        list.write_all(file.as_os_str().as_bytes()).unwrap();
        list.write_all(b"\0").unwrap();
    }
    drop(list);
    let output = child.wait_with_output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// What an audit found that somebody has to look at, and what it could not look at, a line each.
pub(crate) fn alarms(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap().iter();
    let loud = findings.filter(|finding| finding["level"] != "note");
    let faults = report["faults"].as_array().unwrap().iter();
    loud.chain(faults).map(Value::to_string).collect()
}

/// The members in which a rule found something, each with the certainty of that.
pub(crate) fn found(report: &Value, rule: &str) -> Vec<(String, String)> {
    let findings = report["findings"].as_array().unwrap().iter();
    let of_rule = findings.filter(|finding| finding["rule"] == rule);
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut found: Vec<_> = of_rule
        .map(|finding| (text(&finding["member"]), text(&finding["certainty"])))
        .collect();
    found.sort();
    found.dedup();
    found
}

/// Whether a program ran and succeeded; what is missing is said.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    let output = command.output();
    let works = output.as_ref().is_ok_and(|output| output.status.success());
    if !works {
        println!("not tested here: {command:?} does not work: {output:?}");
    }
    works
}
