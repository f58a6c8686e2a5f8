//! One measured child process: what it used, how it ended and what it said.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// One run.
#[derive(Debug)]
pub(crate) struct Run {
    /// In user and kernel space together.
    pub(crate) cpu: Duration,
    pub(crate) wall: Duration,
    /// The most memory that was resident at once, in KiB.
    pub(crate) peak: u64,
    /// The exit code, or nothing for a death by signal.
    pub(crate) code: Option<i32>,
    /// Lines on stdout.
    pub(crate) lines: u64,
    /// How stdout begins.
    pub(crate) said: String,
    /// How stderr begins.
    pub(crate) complaint: String,
}

/// Runs a command line with its stdout in a pipe that is read and discarded.
pub(crate) fn measure(line: &[OsString], stderr: &Path) -> io::Result<Run> {
    let [program, arguments @ ..] = line else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(File::create(stderr)?);
    let begin = clock_gettime(ClockId::Monotonic);
    let mut child = command.spawn()?;
    let (said, lines) = drain(&mut child)?;
    let (status, usage) = reap(&child)?;
    let wall = clock_gettime(ClockId::Monotonic) - begin;
    let complaint = fs::read(stderr)?;
    Ok(Run {
        cpu: length(usage.ru_utime) + length(usage.ru_stime),
        wall: wall.try_into().unwrap_or(Duration::ZERO),
        peak: u64::try_from(usage.ru_maxrss).unwrap_or(0),
        code: status.code(),
        lines,
        said,
        complaint: beginning(&complaint),
    })
}

/// How the child's stdout begins, and how many lines it has.
fn drain(child: &mut Child) -> io::Result<(String, u64)> {
    let mut buffer = [0; 64 * 1024];
    let (mut said, mut lines) = (String::new(), 0_u64);
    let Some(stdout) = &mut child.stdout else {
        return Ok((said, lines));
    };
    loop {
        let bytes = match stdout.read(&mut buffer)? {
            0 => return Ok((said, lines)),
            read => buffer.get(..read).unwrap_or_default(),
        };
        if said.is_empty() {
            said = beginning(bytes);
        }
        let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
        lines += u64::try_from(ends).unwrap_or(0);
    }
}

fn beginning(bytes: &[u8]) -> String {
    let bytes = bytes.get(..300).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).trim().to_owned()
}

fn length(time: libc::timeval) -> Duration {
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    let microseconds = u64::try_from(time.tv_usec).unwrap_or(0);
    Duration::from_secs(seconds) + Duration::from_micros(microseconds)
}

/// Waits for the child's end and takes its status with what it used.
#[expect(
    unsafe_code,
    reason = "neither std nor rustix tells what one child used"
)]
fn reap(child: &Child) -> io::Result<(ExitStatus, libc::rusage)> {
    let Ok(id) = libc::pid_t::try_from(child.id()) else {
        return Err(io::ErrorKind::InvalidInput.into());
    };
    let mut status = 0;
    // SAFETY: `rusage` is integers only, for which zeroes are values.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    // SAFETY: both pointers are to locals that outlive the call. The child is ours and nobody else waits for it:
    // dropping a `Child` does not.
    let waited = unsafe { libc::wait4(id, &raw mut status, 0, &raw mut usage) };
    match waited {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok((ExitStatus::from_raw(status), usage)),
    }
}
