//! What a person at a terminal sees, by `script(1)`.

use super::harness::{available, future_tree, shell, succeeds, text};

fn on_a_terminal(script: &str) -> String {
    let root = future_tree(300);
    let quoted = script.replace('\'', r"'\''");
    text(
        &shell(
            root.path(),
            &format!("script -qec '{quoted}' /dev/null < /dev/null"),
        )
        .stdout,
    )
}

#[test]
fn a_terminal_gets_colour_unless_it_says_otherwise() {
    if !available("script(1)", succeeds("script", &["--version"])) {
        return;
    }
    let audit = r#"TERM=xterm "$skewgate" audit dist --clock "$clock""#;
    assert!(
        on_a_terminal(audit).contains("\x1b["),
        "colour on a terminal"
    );
    for plain in [
        format!("NO_COLOR=1 {audit}"),
        format!("{audit} --color never"),
        audit.replace("xterm", "dumb"),
    ] {
        let shown = on_a_terminal(&plain);
        assert!(
            !shown.contains("\x1b[") && shown.contains("FAIL"),
            "{plain}: {shown}"
        );
    }
}

#[test]
fn a_pipe_gets_no_colour_unless_it_is_told_to() {
    let root = future_tree(3);
    let run = |script: &str| text(&shell(root.path(), script).stdout);
    assert!(!run(r#""$skewgate" audit dist --clock "$clock""#).contains('\x1b'));
    assert!(run(r#""$skewgate" audit dist --clock "$clock" --color always"#).contains('\x1b'));
    assert!(run(r#"CLICOLOR_FORCE=1 "$skewgate" audit dist --clock "$clock""#).contains('\x1b'));
    let file = run(r#""$skewgate" audit dist --clock "$clock" --color always -o human=r; cat r"#);
    assert!(!file.contains('\x1b'), "a file gets none");
}

#[test]
fn progress_is_for_terminals_only_and_leaves_no_trace() {
    let root = future_tree(3);
    let run = shell(root.path(), r#""$skewgate" audit dist --clock "$clock""#);
    assert!(run.stderr.is_empty(), "{}", text(&run.stderr));
    if !available("script(1)", succeeds("script", &["--version"])) {
        return;
    }
    // A reader that pauses keeps the audit waiting, long enough to be shown.
    let slow = r#""$skewgate" audit dist --clock "$clock" --exclude 000 -o ndjson | (read line; sleep 1.5; cat > /dev/null)"#;
    let root = future_tree(20_000);
    let run = |script: &str| {
        text(
            &shell(
                root.path(),
                &format!("script -qec '{script}' /dev/null < /dev/null"),
            )
            .stdout,
        )
    };
    let shown = run(slow);
    assert!(shown.contains(" entries …"), "{shown:?}");
    let last = shown
        .rsplit('\r')
        .find(|line| line.contains("entries …") || line.contains("\x1b[K"));
    assert!(
        last.is_some_and(|line| !line.contains("entries")),
        "the line is wiped: {shown:?}"
    );
    let silent = run(&slow.replace("-o ndjson", "-o ndjson --no-progress"));
    assert!(!silent.contains(" entries …"), "{silent:?}");
}
