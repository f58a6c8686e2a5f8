//! Real trees and real repositories.

use super::harness::{CLOCK, PAST, available, clean_tree, json, plant, shell, succeeds, text};
use std::fs;
use std::process::Command;

fn sysroot() -> String {
    let printed = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .unwrap();
    text(&printed.stdout).trim().to_owned()
}

#[test]
fn a_toolchain_is_audited_whole() {
    let root = clean_tree();
    let tree = sysroot();
    let counted = Command::new("find").arg(&tree).output().unwrap();
    let expected = counted.stdout.iter().filter(|&&byte| byte == b'\n').count();
    for walker in ["beneath", "portable"] {
        let report = json(
            root.path(),
            &["audit", &tree, "--clock", CLOCK, "--walker", walker],
        );
        assert_eq!(report["summary"]["entries"], expected, "{walker}");
        assert_eq!(report["verdict"], "pass", "{walker}");
    }
}

#[test]
fn the_systems_own_tree_is_audited_against_its_own_clock() {
    let root = clean_tree();
    let report = json(root.path(), &["audit", "/usr", "--clock", "system:", "-x"]);
    assert!(report["summary"]["entries"].as_u64().unwrap() > 1000);
    assert_eq!(report["clock"]["verified"], false);
    let future = report["findings"].as_array().unwrap().iter();
    let future: Vec<_> = future
        .filter(|finding| finding["rule"] == "future-ctime")
        .collect();
    assert!(future.is_empty(), "{future:#?}");
}

#[test]
fn a_build_may_begin_with_its_commit() {
    let root = tempfile::tempdir().unwrap();
    let made = shell(
        root.path(),
        r#"
        set -e
        git init -q . && git config user.name 'A <B' && git config user.email a@b
        GIT_COMMITTER_DATE='2033-05-18T03:33:20Z' git commit -q --allow-empty -m x
        git tag -a -m t v1"#,
    );
    assert!(made.status.success(), "{}", text(&made.stderr));
    plant(root.path(), "dist/old.bin", 1_999_999_990);
    plant(root.path(), "dist/new.bin", 2_000_000_010);
    for revision in ["git:HEAD", "git:v1"] {
        let report = json(
            root.path(),
            &["audit", "dist", "--clock", CLOCK, "--not-before", revision],
        );
        assert_eq!(
            report["window"]["not_before"]["earliest"],
            "2033-05-18T03:33:20.000000000Z"
        );
        let paths: Vec<_> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|finding| &finding["path"])
            .collect();
        assert_eq!(paths, ["dist/old.bin"], "{revision}");
    }
    let unknown = shell(
        root.path(),
        r#""$skewgate" audit dist --not-before git:no-such"#,
    );
    assert_eq!(unknown.status.code(), Some(2));
    assert!(
        text(&unknown.stderr).contains("`git:no-such`: git finds no such commit here"),
        "{}",
        text(&unknown.stderr)
    );
}

#[test]
fn the_list_of_another_tool_is_audited_as_listed() {
    let root = clean_tree();
    plant(root.path(), "dist/new\nline", PAST);
    let run = shell(
        root.path(),
        r#"find . -type f -print0 | "$skewgate" audit --files-from - -0 --clock "$clock" -o json"#,
    );
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    assert_eq!(report["summary"]["entries"], 3);
    let all = shell(
        root.path(),
        r#"find . -print0 | "$skewgate" audit --files-from - -0 --clock "$clock" -o json"#,
    );
    let report: serde_json::Value = serde_json::from_slice(&all.stdout).unwrap();
    let there = shell(root.path(), "find . -print0 | tr -dc '\\0' | wc -c");
    assert_eq!(
        report["summary"]["entries"].to_string(),
        text(&there.stdout).trim(),
        "each entry once"
    );
}

#[test]
fn another_file_system_is_passed_over_when_asked() {
    if !available("mount namespaces", succeeds("unshare", &["-rm", "true"])) {
        return;
    }
    let root = clean_tree();
    let script = r#"
        unshare -rm bash -c '
            mkdir dist/mnt && mount -t tmpfs none dist/mnt && touch -d 2036-01-01T00:00:00Z dist/mnt/future
            touch -d 2034-01-01T00:00:00Z dist/mnt
            for flag in "" -x; do
                "$skewgate" audit dist --clock "$clock" $flag > /dev/null; echo $?
            done'"#;
    assert_eq!(text(&shell(root.path(), script).stdout), "1\n0\n");
}

#[test]
fn a_started_configuration_is_in_force_and_changes_nothing() {
    let root = clean_tree();
    let before = shell(root.path(), r#""$skewgate" config show | grep -v '^#'"#);
    let started = shell(
        root.path(),
        r#""$skewgate" init && "$skewgate" config show | grep -v '^#'"#,
    );
    assert_eq!(
        text(&started.stdout).lines().skip(1).collect::<Vec<_>>(),
        text(&before.stdout).lines().collect::<Vec<_>>()
    );
    // Every commented example is one that is understood.
    let template = fs::read_to_string(root.path().join("skewgate.toml")).unwrap();
    let is_setting =
        |line: &&str| line.starts_with("# ") && (line.contains(" = ") || line.starts_with("# [["));
    let examples = template
        .lines()
        .map(|line| if is_setting(&line) { &line[2..] } else { line });
    let examples: Vec<&str> = examples.collect();
    fs::write(root.path().join("skewgate.toml"), examples.join("\n")).unwrap();
    let shown = shell(root.path(), r#""$skewgate" config show"#);
    assert!(shown.status.success(), "{}", text(&shown.stderr));
    assert!(
        text(&shown.stdout).contains("Bazel dates its install base"),
        "{}",
        text(&shown.stdout)
    );
}
