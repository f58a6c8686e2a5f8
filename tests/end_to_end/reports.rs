//! Reports of one audit: they agree with each other, with their schema, and with every number of
//! threads.

use super::harness::{
    CLOCK, FUTURE, available, clean_tree, future_tree, json, plant, shell, skewgate, succeeds, text,
};
use std::collections::BTreeSet;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

/// A tree with findings of several rules, an ignore, and a name that is not UTF-8.
fn mixed_tree() -> tempfile::TempDir {
    let root = future_tree(2500);
    plant(root.path(), "dist/old.bin", 12);
    plant(root.path(), "dist/known.bin", FUTURE);
    let name = std::ffi::OsStr::from_bytes(b"dist/not\xffutf8");
    fs::rename(root.path().join("dist/known.bin"), root.path().join(name)).unwrap();
    plant(root.path(), "dist/known.bin", FUTURE);
    let ignore = "[[ignore]]\nrule = 'future-mtime'\npath = 'dist/known.bin'\nreason = 'known'\n";
    fs::write(root.path().join("skewgate.toml"), ignore).unwrap();
    root
}

#[test]
fn threads_never_show() {
    let root = mixed_tree();
    let without_time = |output: &str, threads: &str| {
        let args = [
            "audit",
            "dist",
            "--clock",
            CLOCK,
            "-o",
            output,
            "--threads",
            threads,
            "-v",
        ];
        let shown = text(&skewgate(root.path(), &args).output().unwrap().stdout);
        let timed = |line: &&str| !line.contains("\"elapsed\"") && !line.contains(" entries in ");
        shown
            .lines()
            .filter(timed)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    for output in ["human", "json"] {
        let one = without_time(output, "1");
        assert!(one.len() > 100);
        for threads in ["2", "8", "32"] {
            assert_eq!(
                without_time(output, threads),
                one,
                "{output} with {threads} threads"
            );
        }
    }
}

#[test]
fn the_reports_agree() {
    let root = mixed_tree();
    let args = [
        "audit",
        "dist",
        "--clock",
        CLOCK,
        "-o",
        "json=r.json",
        "-o",
        "ndjson=r.ndjson",
        "-o",
        "human",
    ];
    let run = skewgate(root.path(), &args).output().unwrap();
    assert_eq!(run.status.code(), Some(1));
    let whole: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(root.path().join("r.json")).unwrap()).unwrap();
    let lines = fs::read_to_string(root.path().join("r.ndjson")).unwrap();
    let lines: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines[0]["type"], "header");
    assert_eq!(lines.last().unwrap()["type"], "trailer");
    assert_eq!(lines.last().unwrap()["summary"], whole["summary"]);
    let key = |finding: &serde_json::Value| finding["fingerprint"].as_str().unwrap().to_owned();
    let of_kind = |kind: &str| -> BTreeSet<String> {
        lines
            .iter()
            .filter(|line| line["type"] == kind)
            .map(key)
            .collect()
    };
    let listed = |kind: &str| -> BTreeSet<String> {
        whole[kind].as_array().unwrap().iter().map(key).collect()
    };
    assert_eq!(of_kind("finding"), listed("findings"));
    assert_eq!(of_kind("suppressed"), listed("suppressed"));
    assert_eq!(
        listed("findings").len(),
        2502,
        "fingerprints tell all findings apart"
    );
    let human = text(&run.stdout);
    assert!(
        human.contains("2,502 findings (2,501 errors, 1 warning), 1 suppressed"),
        "{human}"
    );
}

#[test]
fn reports_keep_to_their_published_schemas() {
    let root = mixed_tree();
    let schema = |name: &str| -> serde_json::Value {
        let printed = skewgate(root.path(), &["schema", name]).output().unwrap();
        serde_json::from_slice(&printed.stdout).unwrap()
    };
    let whole = jsonschema::validator_for(&schema("report")).unwrap();
    let report = json(root.path(), &["audit", "dist", "--clock", CLOCK]);
    let wrong: Vec<String> = whole
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(
        !whole.is_valid(&serde_json::json!({"verdict": "pass"})),
        "the schema refuses something"
    );
    let bytes: Vec<&serde_json::Value> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|finding| finding.get("path_bytes").is_some())
        .collect();
    assert_eq!(bytes.len(), 1);
    assert_eq!(bytes[0]["path_bytes"], "ZGlzdC9ub3T/dXRmOA==");
    let line = jsonschema::validator_for(&schema("report-lines")).unwrap();
    let streamed = skewgate(
        root.path(),
        &["audit", "dist", "--clock", CLOCK, "-o", "ndjson"],
    )
    .output()
    .unwrap();
    for text in text(&streamed.stdout).lines() {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        assert!(line.is_valid(&value), "{text}");
    }
}

#[test]
fn what_cannot_be_read_leaves_no_verdict() {
    let script = r#"
        set -e
        chmod 755 . && mkdir dist/closed && chmod 000 dist/closed
        cp "$skewgate" ./program && chmod 755 program
        as=""; [ "$(id -u)" = 0 ] && as="setpriv --reuid=65534 --regid=65534 --clear-groups"
        set +e
        $as ./program audit dist --clock "$clock" -o json; echo "exit $?""#;
    if !available(
        "setpriv, or not to be root",
        succeeds("setpriv", &["--version"]),
    ) {
        return;
    }
    let root = clean_tree();
    let run = shell(root.path(), script);
    let shown = text(&run.stdout);
    assert!(shown.ends_with("exit 3\n"), "{shown}{}", text(&run.stderr));
    assert!(
        shown.contains(r#""kind": "unreadable""#) && shown.contains(r#""path": "dist/closed""#),
        "{shown}"
    );
    assert!(shown.contains(r#""verdict": "incomplete""#), "{shown}");
}
