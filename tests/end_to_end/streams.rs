//! Pipes that close and disks that fill: the exit code is the verdict's, unless a pass lost its report.

use super::harness::{available, clean_tree, future_tree, shell, succeeds, text};

#[test]
fn a_reader_that_has_seen_enough_changes_nothing() {
    let root = future_tree(5000);
    for output in ["human -v", "json", "ndjson"] {
        let script = format!(
            r#""$skewgate" audit dist --clock "$clock" -o {output} | head -1; echo "${{PIPESTATUS[0]}}" >&2"#
        );
        let run = shell(root.path(), &script);
        let stderr = text(&run.stderr);
        assert_eq!(stderr.lines().last(), Some("1"), "{output}: {stderr}");
        assert!(
            !stderr.contains("roken pipe") && !stderr.contains("panick"),
            "{output}: {stderr}"
        );
        assert_eq!(text(&run.stdout).lines().count(), 1, "{output}");
    }
}

#[test]
fn every_text_can_be_piped_into_head() {
    let root = clean_tree();
    let commands = [
        "man",
        "completions bash",
        "completions zsh",
        "schema report",
        "schema config",
        "list rules",
        "explain future-mtime",
        "config show",
        "--help",
        "audit --help",
    ];
    for command in commands {
        let script =
            format!(r#""$skewgate" {command} | head -c 1 > /dev/null; echo "${{PIPESTATUS[0]}}""#);
        let run = shell(root.path(), &script);
        assert_eq!(
            text(&run.stdout).trim(),
            "0",
            "{command}: {}",
            text(&run.stderr)
        );
        assert!(run.stderr.is_empty(), "{command}: {}", text(&run.stderr));
    }
}

#[test]
fn a_closed_standard_output_changes_nothing() {
    for (root, code) in [(future_tree(3), 1), (clean_tree(), 0)] {
        let run = shell(
            root.path(),
            r#""$skewgate" audit dist --clock "$clock" >&-"#,
        );
        assert_eq!(run.status.code(), Some(code), "{}", text(&run.stderr));
        let both = shell(
            root.path(),
            r#""$skewgate" audit dist --clock "$clock" >&- 2>&-"#,
        );
        assert_eq!(both.status.code(), Some(code));
    }
}

#[test]
fn a_full_disk_behind_standard_output_is_no_pass() {
    for (root, code) in [(clean_tree(), 2), (future_tree(3), 1)] {
        for output in ["human", "json", "ndjson"] {
            let script =
                format!(r#""$skewgate" audit dist --clock "$clock" -o {output} > /dev/full"#);
            let run = shell(root.path(), &script);
            assert_eq!(
                run.status.code(),
                Some(code),
                "{output}: {}",
                text(&run.stderr)
            );
            let stderr = text(&run.stderr);
            assert!(
                stderr.contains("to standard output: No space left on device"),
                "{stderr}"
            );
        }
    }
}

#[test]
fn a_full_disk_behind_a_file_keeps_the_old_report() {
    if !available("mount namespaces", succeeds("unshare", &["-rm", "true"])) {
        return;
    }
    let root = future_tree(3000);
    let script = r#"
        unshare -rm bash -c '
            mkdir small && mount -t tmpfs -o size=64k none small && echo old > small/r
            "$skewgate" audit dist --clock "$clock" --fail-on never -o "$0=small/r"; code=$?
            echo "$code $(cat small/r) $(ls -A small)"
        ' "$output""#;
    for output in ["json", "ndjson", "human -v"] {
        let script =
            format!("rm -rf small; output='{output}'\n{script}").replace("human -v=", "human=");
        let run = shell(
            root.path(),
            &script.replace("'human -v'", "human").replace(
                "audit dist",
                if output == "human -v" {
                    "audit dist -v"
                } else {
                    "audit dist"
                },
            ),
        );
        assert_eq!(
            text(&run.stdout),
            "2 old r\n",
            "{output}: {}",
            text(&run.stderr)
        );
        assert!(
            text(&run.stderr).contains("No space left on device"),
            "{}",
            text(&run.stderr)
        );
    }
}

#[test]
fn a_report_replaces_what_a_link_points_to_and_goes_straight_to_a_device() {
    let root = clean_tree();
    let script = r#"
        echo old > target.json && ln -s target.json link.json
        "$skewgate" audit dist --clock "$clock" -o json=link.json -o human=/dev/null
        test -L link.json && grep -q '"verdict": "pass"' target.json && ls -A"#;
    let run = shell(root.path(), script);
    assert_eq!(
        text(&run.stdout),
        "dist\nlink.json\ntarget.json\n",
        "{}",
        text(&run.stderr)
    );
    let full = shell(
        root.path(),
        r#""$skewgate" audit dist --clock "$clock" -o json=/dev/full"#,
    );
    assert_eq!(full.status.code(), Some(2), "{}", text(&full.stderr));
}
