//! Clocks that lie: a real libfaketime before the program.

use super::harness::{available, clean_tree, shell, succeeds, text};

#[test]
fn a_preloaded_clock_is_seen_through() {
    if !available("faketime", succeeds("faketime", &["-f", "+0", "true"])) {
        return;
    }
    let root = clean_tree();
    let script = r#"faketime -f '+3d' "$skewgate" audit dist --clock system: -o json"#;
    let run = shell(root.path(), script);
    let report: serde_json::Value = serde_json::from_slice(&run.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let seen = findings
        .iter()
        .find(|finding| finding["rule"] == "clock-interposed")
        .unwrap();
    assert_eq!(seen["certainty"], "proven");
    let message = seen["message"].as_str().unwrap();
    assert!(
        message.contains("2 d 23 h ahead of the kernel's (LD_PRELOAD names libfaketime)")
            || message.contains("3 d ahead of the kernel's (LD_PRELOAD names libfaketime)"),
        "{message}"
    );
}

#[test]
fn a_clock_that_is_behind_makes_the_present_the_future() {
    if !available("faketime", succeeds("faketime", &["-f", "+0", "true"])) {
        return;
    }
    let root = clean_tree();
    // The kernel stamps with the true time; the program is told that it is a day earlier.
    let script =
        r#"touch dist/now && faketime -f '-1d' "$skewgate" audit dist/now --clock system: -o json"#;
    let report: serde_json::Value =
        serde_json::from_slice(&shell(root.path(), script).stdout).unwrap();
    let rules: Vec<&str> = report["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect();
    assert!(
        rules.contains(&"future-mtime") && rules.contains(&"future-ctime"),
        "{rules:?}"
    );
    assert_eq!(report["verdict"], "fail");
}

#[test]
fn a_file_written_while_the_audit_runs_is_not_from_the_future() {
    let root = clean_tree();
    // A writer that never rests, and no tolerance at all: the clock is asked after the entry was read.
    let script = r#"
        (while :; do touch dist/a dist/b dist/c dist/d; done) & writer=$!
        for i in $(seq 200); do
            "$skewgate" audit dist --clock system: --tolerance 0 --walker beneath -o ndjson | grep -e future-
        done
        kill $writer; echo done"#;
    let run = shell(root.path(), script);
    let shown: Vec<String> = text(&run.stdout)
        .lines()
        .filter(|line| !line.contains("2036") && !line.contains("2034"))
        .map(str::to_owned)
        .collect();
    assert_eq!(shown, ["done"]);
}

#[test]
fn a_kernel_that_nobody_keeps_in_step_is_no_clock() {
    let root = clean_tree();
    let run = shell(root.path(), r#""$skewgate" audit dist --clock kernel:"#);
    let kept = skewgate::sys::discipline().is_some_and(|state| state.synchronised);
    assert_eq!(run.status.code() == Some(3), !kept, "{}", text(&run.stderr));
    assert_eq!(
        text(&run.stderr).contains(
            "error: no trusted time: no source answered\n  `kernel:` gave no time: nothing keeps"
        ),
        !kept,
        "{}",
        text(&run.stderr)
    );
}
