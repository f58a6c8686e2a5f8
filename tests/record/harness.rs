//! What the tests work with: a folder, and the program in a clean environment.

use rustix::process::{Pid, Signal, kill_process_group};
use skewgate::record::{Phase, Record, load};
use std::io::Read;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::thread;
use std::time::Duration;
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
    let mut command = skewgate(root, args);
    command.env("SKEWGATE_CLOCK", CLOCK);
    Told::of(&output(command))
}

/// A script in a folder, of a shell in which `$skewgate` is the program.
pub(crate) fn shell(root: &Path, script: &str) -> Told {
    Told::of(&output(shell_command(root, script)))
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

/// What a command says until it ends, which it does in good time or by force.
fn output(mut command: Command) -> Output {
    command.stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut started = Started::of(&mut command);
    let stdout = started.child.stdout.take().map(read);
    let stderr = started.child.stderr.take().map(read);
    let status = started.wait();
    let [stdout, stderr] =
        [stdout, stderr].map(|reader| reader.map(|reader| reader.join().unwrap()));
    Output {
        status,
        stdout: stdout.unwrap_or_default(),
        stderr: stderr.unwrap_or_default(),
    }
}

fn read(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// A process and what it starts, in a group of their own: nothing of it is left when the test is done with it,
/// however that went.
#[derive(Debug)]
pub(crate) struct Started {
    pub(crate) child: Child,
}

impl Started {
    pub(crate) fn of(command: &mut Command) -> Self {
        let child = command.process_group(0).spawn().unwrap();
        Self { child }
    }

    /// Sends a signal to the process alone.
    pub(crate) fn send(&self, signal: Signal) {
        rustix::process::kill_process(self.pid(), signal).unwrap();
    }

    /// Sends a signal to all of it.
    pub(crate) fn send_to_all(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).unwrap();
    }

    /// What it ends with, which it does within a minute and a half.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        for _ in 0..9_000 {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            thread::sleep(Duration::from_millis(10));
        }
        self.kill();
        panic!("{} never ended", self.child.id());
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(i32::try_from(self.child.id()).unwrap()).unwrap()
    }

    fn kill(&self) {
        // There may be nobody left.
        let _gone = kill_process_group(self.pid(), Signal::KILL);
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        self.kill();
        let _reaped = self.child.wait();
    }
}

/// Waits until a file is there.
#[track_caller]
pub(crate) fn wait_for(path: &Path) {
    for _ in 0..1_500 {
        if path.exists() {
            return;
        }
        thread::sleep(Duration::from_millis(20));
    }
    panic!("{} never came", path.display());
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
