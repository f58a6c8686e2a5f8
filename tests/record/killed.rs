//! Killed at any moment, whoever writes the record leaves the old one or the new one.

use crate::harness::{PLACE, folder, shell_command, told};
use rustix::process::{Pid, Signal, kill_process_group};
use skewgate::record::load;
use std::fs;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::thread;
use std::time::Duration;

/// Lets a script run for a while in a group of its own, and kills all of it.
fn killed_after(root: &Path, script: &str, millis: u64) {
    let mut child = shell_command(root, script)
        .process_group(0)
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    thread::sleep(Duration::from_millis(millis));
    let group = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process_group(group, Signal::KILL).unwrap();
    child.wait().unwrap();
}

#[test]
fn a_kill_leaves_the_old_record_or_the_new_one() {
    let root = folder();
    told(root.path(), &["begin"]).expect(0, &[]);
    let scripts = [
        r#"while :; do "$skewgate" begin --new; "$skewgate" end; done"#,
        r#"while :; do "$skewgate" run --no-audit -- true; done"#,
    ];
    for round in 0..60 {
        for script in scripts {
            killed_after(root.path(), script, 5 + round * 7 % 41);
            for path in [PLACE, ".skewgate/record.previous.json"] {
                let path = root.path().join(path);
                let found = load(&path);
                assert!(found.is_ok() || !path.exists(), "{found:?}");
            }
        }
    }
    // And nobody is in the way of who comes after, nor are there more and more files.
    told(root.path(), &["begin", "--new"]).expect(0, &[]);
    let left: Vec<_> = fs::read_dir(root.path().join(".skewgate"))
        .unwrap()
        .collect();
    assert!(left.len() <= 6, "{left:?}");
}

#[test]
fn a_run_that_is_killed_leaves_what_it_had_recorded() {
    let root = folder();
    killed_after(
        root.path(),
        r#"exec "$skewgate" run --no-audit -- sleep 60"#,
        3_000,
    );
    let record = load(&root.path().join(PLACE)).unwrap();
    assert!(record.is_open() && record.readings.len() == 2, "{record:?}");
    assert!(
        record
            .readings
            .iter()
            .all(|taken| taken.reading.trusted.is_ok())
    );
}
