//! What the tests work with: a folder, and the program in a clean environment.

use skewgate::record::{Phase, Record, load};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use tempfile::TempDir;

/// The program.
pub(crate) const SKEWGATE: &str = env!("CARGO_BIN_EXE_skewgate");

/// A stated time, which answers at once.
pub(crate) const CLOCK: &str = "fixed:2035-01-01T00:00:00Z±10s";

/// Where the record is where nobody says.
pub(crate) const PLACE: &str = ".skewgate/record.json";

pub(crate) fn folder() -> TempDir {
    tempfile::tempdir().unwrap()
}

/// The program, in a folder, in an environment without anything that steers it.
pub(crate) fn skewgate(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(SKEWGATE);
    command.args(args).current_dir(root).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

/// The same, by a clock that answers at once, run to its end.
pub(crate) fn told(root: &Path, args: &[&str]) -> Told {
    Told::of(
        &skewgate(root, args)
            .env("SKEWGATE_CLOCK", CLOCK)
            .output()
            .unwrap(),
    )
}

/// A script in a folder, of a shell in which `$skewgate` is the program.
pub(crate) fn shell(root: &Path, script: &str) -> Told {
    Told::of(&shell_command(root, script).output().unwrap())
}

pub(crate) fn shell_command(root: &Path, script: &str) -> Command {
    let mut command = Command::new("bash");
    command.args(["-c", script]).current_dir(root).env_clear();
    command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
        .env("skewgate", SKEWGATE)
        .env("SKEWGATE_CLOCK", CLOCK);
    command
}

/// What a process said, and what it exited with.
#[derive(Debug)]
pub(crate) struct Told {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Told {
    pub(crate) fn of(output: &Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
        }
    }

    /// Holds that it exited so, and said all of this on standard error.
    #[track_caller]
    pub(crate) fn expect(&self, code: i32, words: &[&str]) {
        assert_eq!(self.code, Some(code), "{self:?}");
        for word in words {
            assert!(self.stderr.contains(word), "`{word}` is not in {self:?}");
        }
    }
}

pub(crate) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The record in a folder.
pub(crate) fn record(root: &Path) -> Record {
    load(&place(root)).unwrap()
}

pub(crate) fn place(root: &Path) -> PathBuf {
    root.join(PLACE)
}

pub(crate) fn phases(record: &Record) -> Vec<Phase> {
    record.readings.iter().map(|taken| taken.phase).collect()
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
