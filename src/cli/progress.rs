//! A line on the terminal for an audit that takes its time.

use super::complain;
use crate::gate::grouped;
use std::io::{self, IsTerminal as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

/// An audit that is done sooner shows none.
const PATIENCE: Duration = Duration::from_millis(400);

const PACE: Duration = Duration::from_millis(100);

/// Does the work, and meanwhile shows how far it got if somebody watches.
pub(super) fn show<T>(wanted: bool, seen: &AtomicU64, work: impl FnOnce() -> T) -> T {
    if !wanted || !io::stderr().is_terminal() {
        return work();
    }
    let (done, waiting) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            let mut wait = PATIENCE;
            while waiting.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
                let seen = grouped(seen.load(Ordering::Relaxed));
                complain(&format!("\r{seen} entries …\x1b[K"));
                wait = PACE;
            }
            if wait == PACE {
                complain("\r\x1b[K");
            }
        });
        let result = work();
        drop(done);
        result
    })
}
