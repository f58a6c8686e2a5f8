//! Programs that write or read the same: GNU date, dpkg, git.

use crate::{found, said, short};
use skewgate::record::{Given, Trust, Window};
use skewgate::time::parse_rfc5322;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Says that a test is passed over; under CI everything is there.
fn passed_over(program: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI needs {program}");
    println!("not tested here: needs {program}");
}

fn output(command: &mut Command) -> Option<String> {
    let output = command.output().ok()?;
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{command:?}: {text}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn dates_of_mail_are_what_gnu_date_takes_them_for() {
    let zones = [
        "UTC",
        "Asia/Kolkata",
        "America/St_Johns",
        "Pacific/Kiritimati",
        "XXX+14",
    ];
    for zone in zones {
        let seconds = (-200..2000_i64).map(|step| step * 1_234_577 + step * step);
        let asked: Vec<i64> = seconds.collect();
        let lines: Vec<String> = asked.iter().map(|at| format!("@{at}")).collect();
        let mut date = Command::new("date");
        date.args(["-R", "-f", "-"])
            .env("TZ", zone)
            .env("LC_ALL", "C");
        let child = date.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let Ok(mut child) = child else {
            return passed_over("date");
        };
        let mut stdin = child.stdin.take().unwrap();
        let text = lines.join("\n") + "\n";
        let writer = std::thread::spawn(move || stdin.write_all(text.as_bytes()));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap().unwrap();
        let dates = String::from_utf8(output.stdout).unwrap();
        assert_eq!(dates.lines().count(), asked.len());
        for (line, at) in dates.lines().zip(asked) {
            let read = parse_rfc5322(line).unwrap();
            assert_eq!(read.earliest().unwrap().seconds(), at, "{line}");
            assert_eq!(read.width().as_nanos(), 999_999_999);
        }
    }
}

/// What another's record says.
fn foreign(name: &str) -> Vec<Window> {
    let given = found(name, &[]).unwrap();
    let foreign = match given {
        Given::Foreign(windows) => Some(windows),
        Given::Own(_) => None,
    };
    foreign.unwrap()
}

/// A package that dpkg builds without anything else.
fn package(folder: &Path) {
    let write = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let control = "Source: hello\nMaintainer: Jane Doe <jane@example.org>\n\nPackage: hello\nArchitecture: all\nDescription: x\n";
    write("debian/control", control);
    let changelog = "hello (1) unstable; urgency=medium\n\n  * X.\n\n -- Jane Doe <jane@example.org>  Sat, 31 Dec 2016 12:00:00 +0100\n";
    write("debian/changelog", changelog);
    write("debian/files", "hello_1_all.deb devel optional\n");
    write("hello_1_all.deb", "not looked at");
}

#[test]
fn what_dpkg_writes_is_read() {
    let folder = tempfile::tempdir().unwrap();
    package(folder.path());
    let mut dpkg = Command::new("dpkg-genbuildinfo");
    dpkg.args(["--build=binary", "-u.", "-Orecord.buildinfo"]);
    dpkg.current_dir(folder.path()).env("TZ", "Asia/Kolkata");
    let before = skewgate::sys::wall_clock();
    if output(&mut dpkg).is_none() {
        return passed_over("dpkg-genbuildinfo");
    }
    let after = skewgate::sys::wall_clock();
    let path = folder.path().join("record.buildinfo");
    let windows = foreign(path.to_str().unwrap());
    let ended = windows[0].ended.as_ref().unwrap().at.latest().unwrap();
    let second = skewgate::time::Span::from_secs(1);
    assert!(
        before <= ended && ended <= after.later(second),
        "{before} {ended} {after}"
    );
}

#[test]
fn base64_takes_the_same_statement_out_of_an_envelope() {
    let read = |name: &str| -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(crate::fixture(name)).unwrap()).unwrap()
    };
    let envelope = read("slsa-v1/envelope.json");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("payload");
    fs::write(&path, envelope["payload"].as_str().unwrap()).unwrap();
    let Some(statement) = output(Command::new("base64").arg("-d").arg(&path)) else {
        return passed_over("base64");
    };
    let statement: serde_json::Value = serde_json::from_str(&statement).unwrap();
    assert_eq!(statement, read("slsa-v1/statement.json"));
    let at = |name| said(name).unwrap().began.unwrap().at;
    assert_eq!(at("slsa-v1/envelope.json"), at("slsa-v1/statement.json"));
}

#[test]
fn gpg_takes_the_same_text_for_what_was_signed() {
    let path = crate::fixture("buildinfo/signed.buildinfo");
    let plain = fs::read_to_string(crate::fixture("buildinfo/hello.buildinfo")).unwrap();
    let home = tempfile::tempdir().unwrap();
    let gpg = Command::new("gpg")
        .args([
            "--homedir",
            home.path().to_str().unwrap(),
            "--batch",
            "--decrypt",
        ])
        .arg(&path)
        .output();
    let Ok(gpg) = gpg else {
        return passed_over("gpg");
    };
    // Nobody's key is here, and the text is given out all the same.
    assert_eq!(
        String::from_utf8(gpg.stdout).unwrap().trim_end(),
        plain.trim_end()
    );
    let at = |name| said(name).unwrap().ended.unwrap().at;
    assert_eq!(
        at("buildinfo/signed.buildinfo"),
        at("buildinfo/hello.buildinfo")
    );
}

#[test]
fn a_commit_bounds_the_start_by_its_author() {
    let asked = output(Command::new("git").args(["log", "-1", "--format=%ct"]));
    let Some(seconds) = asked else {
        return passed_over("git");
    };
    let windows = foreign("git:HEAD");
    let began = windows[0].began.as_ref().unwrap();
    assert_eq!(
        began.at.earliest().unwrap().seconds().to_string(),
        seconds.trim()
    );
    assert_eq!(began.at.latest(), None);
    let (_, trust, source) = short(Some(began)).unwrap();
    assert_eq!(
        (trust, source.as_str()),
        (Trust::Author, "git:HEAD: committer time")
    );
    let told = found("git:no-such", &[]).unwrap_err();
    assert!(
        told.to_string()
            .contains("`git:no-such` cannot be looked up"),
        "{told}"
    );
}
