//! Signals that ask an audit to end: it stops, cleans up, and dies of the signal as its sender expects.

use crate::sys::boottime;
use crate::time::Span;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// The signals that ask: Ctrl-C, and what CI systems send before they kill.
const SIGNALS: [i32; 2] = [SIGINT, SIGTERM];

/// Whether somebody asked.
#[derive(Debug)]
pub(super) struct Interrupt {
    flag: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

/// Watches for them. The second one ends the process at once.
pub(super) fn watch() -> io::Result<Interrupt> {
    let interrupt = Interrupt {
        flag: Arc::default(),
        signal: Arc::default(),
    };
    for signal in SIGNALS {
        flag::register_conditional_default(signal, Arc::clone(&interrupt.flag))?;
        let number = usize::try_from(signal).unwrap_or_default();
        flag::register_usize(signal, Arc::clone(&interrupt.signal), number)?;
        flag::register(signal, Arc::clone(&interrupt.flag))?;
    }
    Ok(interrupt)
}

/// How long between two glances at whether somebody asked.
const GLANCE: Duration = Duration::from_millis(50);

/// Waits, unless somebody wants it to stop.
pub(super) fn pause(span: Span, stop: &AtomicBool) -> bool {
    let began = boottime();
    while boottime().since(began) < span {
        if stop.load(Ordering::Relaxed) {
            return false;
        }
        thread::sleep(GLANCE);
    }
    true
}

impl Interrupt {
    /// Set once somebody asked.
    pub(super) fn flag(&self) -> &AtomicBool {
        &self.flag
    }

    /// Dies of the signal, so that a shell loop or a CI runner sees what happened.
    pub(super) fn end_process(&self) {
        let signal = i32::try_from(self.signal.load(Ordering::Relaxed)).unwrap_or(SIGINT);
        // Where it fails, the caller exits with a code of its own.
        let _survived = low_level::emulate_default_handler(signal);
    }
}
