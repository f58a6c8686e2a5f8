//! Runs the programs that make and read the same files. A test that needs one that is not here is passed over, which is
//! said; under `CI=true` every one must be here.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// Says that a test is passed over; under CI everything is there.
fn passed_over(program: &str) {
    assert!(std::env::var_os("CI").is_none(), "CI needs {program}");
    println!("not tested here: needs {program}");
}

/// A program that is tried with these words.
pub(crate) fn command(program: &str, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(words);
    command
}

/// Runs a program in UTC and in no language; `None` where there is none of it.
pub(crate) fn run(command: &mut Command) -> Option<Output> {
    command.env("TZ", "UTC").env("LC_ALL", "C.UTF-8");
    match command.output() {
        Ok(output) => Some(output),
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::NotFound, "{command:?}: {error}");
            passed_over(&command.get_program().to_string_lossy());
            None
        }
    }
}

/// What a program prints that is content with what it is given; `None` where there is none of it.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = run(command)?;
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {said}{error}");
    Some(said)
}

/// Whether all of these programs are here.
fn are_here(programs: &[&str]) -> bool {
    let folders = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&folders).collect();
    let missing = programs
        .iter()
        .find(|program| !folders.iter().any(|folder| folder.join(program).is_file()));
    missing.inspect(|program| passed_over(program)).is_none()
}

/// What a shell prints that runs a program in a folder; `None` where there is none of it.
pub(crate) fn shell(folder: &Path, program: &str, line: &str) -> Option<String> {
    if !are_here(&[program]) {
        return None;
    }
    output(command("sh", &["-euc", line]).current_dir(folder))
}

/// A folder in which programs are run that are here.
#[derive(Debug)]
pub(crate) struct Lab(tempfile::TempDir);

impl Lab {
    /// One, if all of these programs are here.
    pub(crate) fn with(programs: &[&str]) -> Option<Self> {
        are_here(programs).then(|| Self(tempfile::tempdir().unwrap()))
    }

    /// A file in it.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// What a line of a shell prints in which programs take it for 2026-01-02T03:04:06Z that allow for that.
    pub(crate) fn run(&self, line: &str) -> String {
        let mut shell = command("sh", &["-euc", line]);
        shell.env("SOURCE_DATE_EPOCH", "1767323046");
        output(shell.current_dir(self.0.path())).unwrap()
    }
}
