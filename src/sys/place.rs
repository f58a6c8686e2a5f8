//! Reading a file at a place, with no position that threads would share.

use std::fs::File;
use std::io;

/// Reads what is at `at`, as much as comes at once.
#[cfg(unix)]
pub(crate) fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, into, at)
}

/// Reads what is at `at`, as much as comes at once.
#[cfg(windows)]
pub(crate) fn read_at(file: &File, at: u64, into: &mut [u8]) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, into, at)
}
