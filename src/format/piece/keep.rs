//! Reads what is next of a stream, as far as it may be kept.

use crate::bytes::{Flaw, Stream};

/// Adds the next bytes to a buffer, so many or as many as there are.
///
/// # Errors
/// When they cannot be read.
pub(in crate::format) fn keep(
    stream: &mut dyn Stream,
    length: u64,
    into: &mut Vec<u8>,
) -> Result<(), Flaw> {
    let mut left = usize::try_from(length).unwrap_or(usize::MAX);
    while left > 0 {
        let next = stream.peek(1)?;
        let next = &next[..next.len().min(left)];
        if next.is_empty() {
            break;
        }
        let read = next.len();
        into.extend_from_slice(next);
        stream.skip(count(read))?;
        left -= read;
    }
    Ok(())
}

/// A number of bytes in memory as one of bytes in a file.
pub(in crate::format) fn count(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}
