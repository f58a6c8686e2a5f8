//! What the tests work with: a tree with known times, and the program in a clean environment.

use filetime::FileTime;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// The program.
pub(crate) const SKEWGATE: &str = env!("CARGO_BIN_EXE_skewgate");

/// A stated time after any run of these tests, so that change times are in order.
pub(crate) const CLOCK: &str = "fixed:2035-01-01T00:00:00Z±10s";

/// 2036-01-01, a year after [`CLOCK`].
pub(crate) const FUTURE: i64 = 2_082_758_400;

/// 2034-01-01.
pub(crate) const PAST: i64 = 2_019_686_400;

/// A folder with files that are in order.
pub(crate) fn clean_tree() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    plant(root.path(), "dist/app.bin", PAST);
    plant(root.path(), "dist/lib/lib.so", PAST);
    root
}

/// A folder with `count` files from the future, in directories of a hundred.
pub(crate) fn future_tree(count: usize) -> TempDir {
    let root = clean_tree();
    for at in 0..count {
        plant(root.path(), &format!("dist/{}/{at:06}.o", at / 100), FUTURE);
    }
    root
}

/// Makes a file with a time.
pub(crate) fn plant(root: &Path, path: &str, seconds: i64) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "").unwrap();
    let time = FileTime::from_unix_time(seconds, 0);
    filetime::set_file_times(&path, time, time).unwrap();
}

/// The program, in a folder, in an environment without anything that steers it.
pub(crate) fn skewgate(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(SKEWGATE);
    command.args(args).current_dir(root).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The same, run by a shell: `$skewgate` is the program.
pub(crate) fn shell(root: &Path, script: &str) -> Output {
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(root).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("skewgate", SKEWGATE)
        .env("clock", CLOCK)
        .output()
        .unwrap()
}

/// What a process wrote.
pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The JSON report of an audit.
pub(crate) fn json(root: &Path, args: &[&str]) -> serde_json::Value {
    let output = skewgate(root, args).args(["-o", "json"]).output().unwrap();
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", text(&output.stderr)))
}

/// Whether something the test needs is there. CI has all of it; elsewhere its absence is said.
pub(crate) fn available(what: &str, works: bool) -> bool {
    assert!(works || std::env::var_os("CI").is_none(), "CI needs {what}");
    if !works {
        println!("not tested here: needs {what}");
    }
    works
}

/// Whether a command runs and succeeds.
pub(crate) fn succeeds(program: &str, args: &[&str]) -> bool {
    Command::new(program)
        .args(args)
        .output()
        .is_ok_and(|output| output.status.success())
}
