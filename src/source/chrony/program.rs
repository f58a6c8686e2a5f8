//! Running another program for what it prints, for no longer and no more than is of use.

use crate::source::{Budget, Refusal};
use std::io::{self, Read as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

/// More than a program that is asked for one line has to say.
const MOST: u64 = 16 * 1024;

/// How much of its complaint is shown.
const SHOWN: usize = 200;

/// A program that is ended with the value, so that none is left behind, running or dead.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already cannot be ended, and is only taken note of.
        let _ended = self.0.kill();
        let _status = self.0.wait();
    }
}

/// What a program prints, if it ends well and in time.
pub(super) fn ask(program: &str, arguments: &[&str], budget: Budget) -> Result<String, Refusal> {
    let broken =
        |error: io::Error| Refusal::Unavailable(format!("cannot hear `{program}`: {error}"));
    let (mut from, to) = io::pipe().map_err(broken)?;
    let mut command = Command::new(program);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(to.try_clone().map_err(broken)?)
        .stderr(to);
    let running = command
        .spawn()
        .map_err(|error| unstarted(program, &error))?;
    let mut running = Running(running);
    // Its ends of the pipe are now only in the program: it is read until the program lets go.
    drop(command);
    let read = budget.bound(move || {
        let mut bytes = Vec::new();
        let read = (&mut from).take(MOST).read_to_end(&mut bytes);
        read.map(|_count| bytes)
    });
    let late = || budget.timeout();
    let bytes = read.ok_or_else(late)?.map_err(broken)?;
    let status = ended(&mut running, budget)
        .map_err(broken)?
        .ok_or_else(late)?;
    let printed = String::from_utf8_lossy(&bytes).into_owned();
    if status.success() {
        return Ok(printed);
    }
    let words = match complaint(&printed) {
        words if words.is_empty() => "nothing".to_owned(),
        words => format!("`{words}`"),
    };
    Err(Refusal::Unavailable(format!(
        "`{program}` fails ({status}) and says {words}: the daemon must run here and let this user ask it"
    )))
}

/// How it ended; `None` when it has not within the budget.
fn ended(running: &mut Running, budget: Budget) -> io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = running.0.try_wait()? {
            return Ok(Some(status));
        }
        if budget.left().is_none() {
            return Ok(None);
        }
        // It has let go of its output already; what is left is to end.
        thread::sleep(PAUSE);
    }
}

const PAUSE: Duration = Duration::from_millis(1);

fn unstarted(program: &str, error: &io::Error) -> Refusal {
    Refusal::Unavailable(match error.kind() {
        io::ErrorKind::NotFound => format!(
            "there is no program `{program}` in PATH: it comes with the daemon that it speaks to; if that runs \
             elsewhere, ask it as a server"
        ),
        _ => format!("cannot run `{program}`: {error}"),
    })
}

/// The first line of what a program said, fit to be shown.
fn complaint(printed: &str) -> String {
    let line = printed.lines().find(|line| !line.trim().is_empty());
    let letters = line.unwrap_or_default().trim().chars();
    letters
        .filter(|letter| !letter.is_control())
        .take(SHOWN)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{SHOWN, ask};
    use crate::source::{Budget, Refusal};
    use crate::sys::{HAS_HANDLES, boottime};
    use crate::time::Span;

    fn shell(script: &str, millis: i64) -> Option<Result<String, Refusal>> {
        let budget = Budget::of(Span::from_millis(millis));
        // Where there are no directory handles there is no sh either.
        HAS_HANDLES.then(|| ask("sh", &["-c", script], budget))
    }

    fn refused(script: &str, words: &str) {
        let Some(said) = shell(script, 10_000) else {
            return;
        };
        let refusal = said.expect_err(script).to_string();
        assert!(refusal.contains(words), "{refusal}");
        assert!(!refusal.contains(['\n', '\u{1b}']), "{refusal:?}");
        assert!(refusal.len() < SHOWN + 150, "{refusal}");
    }

    #[test]
    fn what_a_program_prints_is_had_when_it_ends_well() {
        if let Some(said) = shell("echo yes", 10_000) {
            assert_eq!(said, Ok("yes\n".to_owned()));
        }
    }

    #[test]
    fn a_program_that_fails_is_quoted() {
        refused("echo 506 Cannot talk to daemon; exit 1", "506 Cannot talk");
        refused(
            "echo; echo nobody >&2; exit 3",
            "(exit status: 3) and says `nobody`",
        );
        refused("exit 2", "says nothing");
        refused("kill -9 $$", "signal");
        refused(r"printf '\033[31m%0900d' 7; exit 1", "[31m000");
        let missing = ask("no-such-program", &[], Budget::of(Span::from_secs(5)));
        let missing = missing.unwrap_err().to_string();
        assert!(
            missing.contains("no program `no-such-program`"),
            "{missing}"
        );
    }

    #[test]
    fn a_program_that_dawdles_or_never_stops_talking_is_ended() {
        for script in [
            "exec sleep 60",
            "echo a line; exec sleep 60",
            "exec >/dev/null 2>&1; exec sleep 60",
            "sleep 3 & wait",
            "trap '' TERM INT PIPE; while :; do echo y; done 2>/dev/null",
        ] {
            let began = boottime();
            let Some(said) = shell(script, 300) else {
                return;
            };
            assert!(
                matches!(said, Err(Refusal::Timeout { .. })),
                "{script}: {said:?}"
            );
            assert!(boottime().since(began) < Span::from_secs(5), "{script}");
        }
    }
}
