//! The list of the times in files: what it prints, what it exits with, and what machines are told.

use crate::harness::{skewgate, text};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Output;

/// A folder with these fixtures under names that say nothing.
fn folder(fixtures: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/formats");
    for (fixture, name) in fixtures {
        let path = folder.path().join(name);
        fs::copy(from.join(fixture), &path).unwrap();
        filetime::set_file_mtime(&path, filetime::FileTime::from_unix_time(499_162_500, 0))
            .unwrap();
    }
    folder
}

fn stamps(folder: &tempfile::TempDir, args: &[&str]) -> Output {
    let args = [&["stamps"], args].concat();
    skewgate(folder.path(), &args).output().unwrap()
}

fn json(output: &Output) -> Value {
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let schema = skewgate(folder.path(), &["schema", "stamps"])
        .output()
        .unwrap();
    let schema = serde_json::from_slice(&schema.stdout).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    if let Err(error) = validator.validate(&document) {
        panic!("{error}: {document:#}");
    }
    for place in ["", "/files/0", "/files/0/stamps/0", "/files/0/counts"] {
        let mut more = document.clone();
        if let Some(object) = more.pointer_mut(place) {
            object["surplus"] = Value::Null;
            assert!(!validator.is_valid(&more), "{place}");
        }
    }
    document
}

#[test]
fn a_file_is_opened_whatever_its_name() {
    let folder = folder(&[("tar/hello-1.0.0.tgz", "noname")]);
    let output = stamps(&folder, &["noname"]);
    assert_eq!(output.status.code(), Some(0));
    let lines = text(&output.stdout);
    let lines: Vec<Vec<&str>> = lines
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    let expected = [
        "noname: 196 bytes",
        "1985-10-26T08:15:00Z mtime - - [npm]",
        "unset gzip.mtime 00000000 @4",
        r#"1985-10-26T08:15:00Z tar.mtime "03560116604\x00" gzip@0:136 [npm] package/package.json"#,
        r#"1985-10-26T08:15:00Z tar.mtime "03560116604\x00" gzip@0:1160 [npm] package/index.js"#,
        r#"2040-06-15T12:00:00Z tar.mtime "20441400100\x00" gzip@0:2184 package/late.js"#,
        "1 time, 2 constants (npm), 1 unset; tar, gzip with 3 entries",
    ];
    let expected: Vec<Vec<&str>> = expected
        .iter()
        .map(|line| line.split(' ').collect())
        .collect();
    assert_eq!(lines, expected);
}

#[test]
fn what_cannot_be_opened_is_said_and_the_rest_is_read() {
    let folder = folder(&[
        ("gzip/late.gz", "late"),
        ("gzip/hostile-truncated.gz", "cut"),
    ]);
    let fifo = std::process::Command::new("mkfifo")
        .arg(folder.path().join("fifo"))
        .status();
    assert!(fifo.unwrap().success());
    std::os::unix::fs::symlink("late", folder.path().join("link")).unwrap();
    let output = stamps(&folder, &["late", "link"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(
        text(&output.stdout).matches("2040-06-15T12:00:00Z").count(),
        2
    );
    let output = stamps(&folder, &["cut", "late"]);
    assert_eq!(output.status.code(), Some(3));
    assert!(text(&output.stdout).contains("\n  flaw truncated: it ends within its gzip data"));
    let args = ["gone\x1b[2J", "fifo", ".", "cut", "late", "-o", "json"];
    let output = stamps(&folder, &args);
    assert_eq!(output.status.code(), Some(2));
    let errors = text(&output.stderr);
    let errors: Vec<&str> = errors.lines().collect();
    assert_eq!(
        errors,
        [
            r"error: cannot read `gone\x1b[2J`: No such file or directory (os error 2)",
            "error: cannot read `fifo`: it is neither a file nor a directory, not a regular file",
            "error: cannot read `.`: it is a directory, not a regular file",
        ]
    );
    let document = json(&output);
    assert_eq!(document["unread"][1]["path"], "fifo");
    assert_eq!(document["files"].as_array().unwrap().len(), 2);
    assert_eq!(document["files"][0]["faults"][0]["kind"], "truncated");
    assert_eq!(
        document["files"][1]["stamps"][0]["written"],
        "2040-06-15T12:00:00.000000000Z"
    );
    assert_eq!(stamps(&folder, &[]).status.code(), Some(2));
}

#[test]
fn hostile_names_steer_nothing() {
    let fixtures = [
        "ar/hostile-names.a",
        "cpio/hostile-names.cpio",
        "tar/hostile-names.tar",
        "zip/hostile-names.zip",
    ];
    for fixture in fixtures {
        let folder = folder(&[(fixture, "a ##[error]\u{1b}[1m")]);
        let output = stamps(
            &folder,
            &["a ##[error]\u{1b}[1m", "-o", "human", "-o", "json=json"],
        );
        let lines = text(&output.stdout);
        assert!(lines.starts_with(r"a #\x23[error]\x1b[1m: "), "{lines}");
        assert!(
            !lines.contains(['\u{1b}', '\u{202e}', '\0']) && !lines.contains("\n::"),
            "{lines}"
        );
        assert!(lines.contains(r"\xff\xfe\x80"), "{lines}");
        let written = fs::read_to_string(folder.path().join("json")).unwrap();
        assert!(!written.contains(['\u{1b}', '\u{202e}', '\0']) && !written.contains("##"));
        let document: Value = serde_json::from_str(&written).unwrap();
        let stamps = document["files"][0]["stamps"].as_array().unwrap();
        let exact = stamps
            .iter()
            .filter(|stamp| stamp["member_bytes"].is_string());
        assert!(exact.count() > 0, "{fixture}");
    }
}

#[test]
fn machines_are_told_all_that_people_are() {
    let folder = folder(&[
        ("zip/disagree.zip", "zip"),
        ("nesting/four.tar.gz", "nested"),
        ("pe/late.exe", "pe"),
    ]);
    let document = json(&stamps(&folder, &["zip", "nested", "pe", "-o", "json"]));
    let files = document["files"].as_array().unwrap();
    assert_eq!(files[0]["formats"], serde_json::json!(["zip"]));
    assert_eq!(files[0]["mtime"], "1985-10-26T08:15:00.000000000Z");
    assert_eq!(files[0]["disagreements"].as_array().unwrap().len(), 4);
    assert_eq!(files[0]["stamps"][0]["zone"], "inferred");
    let counts = serde_json::json!({ "entries": 3, "stamps": 10, "times": 9, "constants": 1, "unset": 0, "invalid": 0 });
    assert_eq!(files[0]["counts"], counts);
    assert_eq!(files[1]["older"][0]["own"]["field"], "tar.mtime");
    assert_eq!(files[1]["older"][0]["newest_member"], "inner.zip!late.txt");
    let slot = serde_json::json!({ "in": "gzip", "from": 0, "at": 136, "length": 12, "mend": { "of": "tar-header", "at": 0 } });
    assert_eq!(files[1]["stamps"][1]["slot"], slot);
    assert!(files[1]["stamps"][2].get("slot").is_none());
    assert_eq!(files[2]["stamps"][0]["slot"]["mend"]["of"], "pe-checksum");
    let output = stamps(&folder, &["zip", "pe", "gone", "-o", "ndjson"]);
    let lines = text(&output.stdout);
    let lines: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1]["files"][0], files[2]);
    assert_eq!(lines[2]["unread"][0]["path"], "gone");
}

#[test]
fn flags_and_the_configuration_say_how_files_are_read() {
    let folder = folder(&[
        ("zip/python.zip", "zip"),
        ("nesting/hostile-zip.zip", "deep"),
    ]);
    let first = |args: &[&str]| json(&stamps(&folder, args))["files"][0]["stamps"][0].clone();
    let stated = first(&["zip", "--zip-tz", "-05:00", "-o", "json"]);
    assert_eq!(stated["zone"], "stated");
    assert_eq!(stated["earliest"], "2026-01-02T08:04:04.000000000Z");
    let lines = text(&stamps(&folder, &["zip", "--zip-tz", "+05:30"]).stdout);
    assert!(
        lines.contains("2026-01-02T03:04:06+05:30 stated"),
        "{lines}"
    );
    let lines = text(&stamps(&folder, &["zip", "--no-local-headers"]).stdout);
    assert!(!lines.contains("zip.local"), "{lines}");
    let deep = |args: &[&str]| text(&stamps(&folder, &[&["deep"], args].concat()).stdout);
    assert!(deep(&[]).contains("--limit nesting=N"));
    assert!(deep(&["--limit", "nesting=20"]).contains("late.txt"));
    assert!(!deep(&["--embedded", "none"]).contains('!'));
    fs::write(
        folder.path().join("skewgate.toml"),
        "[embedded]\nzip-tz = \"utc\"\n",
    )
    .unwrap();
    let lines = stamps(&folder, &["zip"]);
    assert!(
        text(&lines.stdout).contains("+00:00 stated"),
        "{}",
        text(&lines.stderr)
    );
}
