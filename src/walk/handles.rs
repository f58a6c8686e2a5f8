//! How many handles a walk may hold, out of those that the system allows the program.

use crate::sys;
use std::num::NonZeroUsize;

/// Left to the rest of the program: standard streams, reports, clocks.
const RESERVED: usize = 64;

/// What one thread holds at most while it works: the directory that it reads, the one above where
/// that was opened again, one that is being closed, and a file that the visitor reads.
const PER_THREAD: usize = 4;

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
