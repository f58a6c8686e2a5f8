//! Keeps a file that comes out of a decompressor, so that it can be read at any place: in memory, and in a
//! temporary file without a name once it is large.

use super::{Budget, Flaw, FlawKind, Limit, ReadAt, Stream, WINDOW};
use std::fs::File;
use std::io::{self, Write as _};

/// A stream that was kept.
#[derive(Debug)]
pub struct Spool {
    kept: Kept,
    size: u64,
}

#[derive(Debug)]
enum Kept {
    Memory(Vec<u8>),
    File(File),
}

impl Spool {
    /// Keeps a stream from where it is to its end.
    ///
    /// # Errors
    /// When it cannot be read, or is larger than may be kept, or there is no room for it.
    pub fn keep(stream: &mut dyn Stream, budget: &Budget<'_>) -> Result<Self, Flaw> {
        let (mut kept, mut size) = (Kept::Memory(Vec::new()), 0_u64);
        loop {
            let next = stream.peek(WINDOW)?;
            if next.is_empty() {
                return Ok(Self { kept, size });
            }
            let length = u64::try_from(next.len()).unwrap_or(u64::MAX);
            size = size.saturating_add(length);
            if size > budget.limits.spool {
                return Err(Flaw::limit(Limit::Spool, budget.limits.spool));
            }
            kept = kept.with(next, size > budget.limits.memory).map_err(|error| {
                let message = format!("cannot keep it in a temporary file: {error}; set TMPDIR to where there is room");
                Flaw { kind: FlawKind::Io, message: message.into() }
            })?;
            stream.skip(length)?;
        }
    }
}

impl Kept {
    fn with(self, more: &[u8], is_large: bool) -> io::Result<Self> {
        match self {
            Self::Memory(mut bytes) if !is_large => {
                bytes.extend_from_slice(more);
                Ok(Self::Memory(bytes))
            }
            Self::Memory(bytes) => {
                let mut file = tempfile::tempfile()?;
                file.write_all(&bytes)?;
                file.write_all(more)?;
                Ok(Self::File(file))
            }
            Self::File(mut file) => {
                file.write_all(more)?;
                Ok(Self::File(file))
            }
        }
    }
}

impl ReadAt for Spool {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        match &self.kept {
            Kept::Memory(bytes) => bytes.read_at(at, into),
            Kept::File(file) => crate::sys::read_at(file, at, into),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Kept, Spool};
    use crate::bytes::{Budget, Extent, FlawKind, Limit, Limits, Straight, Stream as _};
    use std::sync::atomic::AtomicBool;

    #[test]
    fn what_is_large_goes_to_a_file_and_what_is_too_large_nowhere() {
        let bytes: Vec<u8> = (0..100_000_u32).flat_map(u32::to_le_bytes).collect();
        let stop = AtomicBool::new(false);
        let keep = |memory, spool| {
            let mut limits = Limits::DEFAULT;
            limits.set(Limit::Memory, memory);
            limits.set(Limit::Spool, spool);
            let budget = Budget::new(limits, 1, &stop);
            let mut stream = Straight::new(Extent::of_file(&bytes));
            stream.skip(8).unwrap();
            Spool::keep(&mut stream, &budget)
        };
        for (memory, in_memory) in [(1 << 20, true), (100_000, false)] {
            let spool = keep(memory, 1 << 20).unwrap();
            assert_eq!(matches!(spool.kept, Kept::Memory(_)), in_memory);
            let all = Extent::of_kept(&spool).bytes(0, usize::MAX).unwrap();
            assert_eq!(all, &bytes[8..]);
        }
        assert_eq!(
            keep(1000, 399_991).unwrap_err().kind,
            FlawKind::Limit(Limit::Spool)
        );
        assert!(keep(1000, 399_992).is_ok());
    }
}
