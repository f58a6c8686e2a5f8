//! How many handles a walk may hold, out of those that the system allows the program.

use crate::sys;
use std::num::NonZeroUsize;

/// How many files the visitor may hold open that wait to be read.
pub const DEFERRED: usize = 16;

/// Left to the rest of the program: standard streams, reports, clocks, and what waits to be read.
const RESERVED: usize = 64 + DEFERRED;

/// What one thread holds at most while it works: the directory that it reads, the one above where
/// that was opened again, one that is being closed, a file that the visitor reads, and a temporary one for
/// what lies compressed in it.
const PER_THREAD: usize = 5;

/// As many threads as were wanted, or as half of the handles are enough for; the other half is for
/// directories that wait.
pub(super) fn threads(wanted: NonZeroUsize) -> NonZeroUsize {
    let enough = limit().saturating_sub(RESERVED) / PER_THREAD / 2;
    NonZeroUsize::new(enough).map_or(NonZeroUsize::MIN, |enough| wanted.min(enough))
}

/// How many handles may be kept besides those that this many threads work with.
pub(super) fn spare(threads: usize) -> usize {
    let working = threads.saturating_mul(PER_THREAD);
    limit().saturating_sub(RESERVED).saturating_sub(working)
}

fn limit() -> usize {
    sys::open_file_limit().unwrap_or(usize::MAX)
}
