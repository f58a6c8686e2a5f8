//! An extent as a stream: what is skipped is not read.

use super::{Extent, Flaw, Origin, Stream, WINDOW};

/// An extent as a stream: what is skipped is not read.
#[derive(Debug)]
pub struct Straight<'a> {
    extent: Extent<'a>,
    /// Room that only grows, so that it is not filled with zeros before each read.
    buffer: Vec<u8>,
    /// How much of it is filled.
    filled: usize,
    /// Where in the extent the buffer begins.
    start: u64,
    /// How far it was gone over.
    at: u64,
}

/// Read at once when what comes next is not there: a header and, often, a small member.
const CHUNK: usize = 8 * 1024;

impl<'a> Straight<'a> {
    /// An extent from its beginning.
    pub const fn new(extent: Extent<'a>) -> Self {
        Self {
            extent,
            buffer: Vec::new(),
            filled: 0,
            start: 0,
            at: 0,
        }
    }

    /// Where in the buffer the stream is; where what is filled ends when it is beyond.
    fn offset(&self) -> usize {
        let offset = self.at.checked_sub(self.start);
        let offset = offset.and_then(|offset| usize::try_from(offset).ok());
        offset.unwrap_or(usize::MAX).min(self.filled)
    }
}

impl Stream for Straight<'_> {
    fn peek(&mut self, least: usize) -> Result<&[u8], Flaw> {
        let least = least.min(WINDOW);
        if self.filled - self.offset() < least {
            // Whoever goes on from one byte to the next reads it all; whoever jumps wants little of it.
            let follows = self.offset() > 0 || self.at == 0;
            let wanted = if follows { WINDOW } else { least.max(CHUNK) };
            // What is small needs little room.
            let left = self.extent.size().saturating_sub(self.at);
            let wanted = usize::try_from(left).map_or(wanted, |left| left.min(wanted));
            if self.buffer.len() < wanted {
                self.buffer.resize(wanted, 0);
            }
            self.filled = 0;
            self.filled = self.extent.read(self.at, &mut self.buffer[..wanted])?;
            self.start = self.at;
        }
        let offset = self.offset();
        Ok(&self.buffer[offset..self.filled])
    }

    fn skip(&mut self, by: u64) -> Result<u64, Flaw> {
        let left = self.extent.size().saturating_sub(self.at);
        let by = by.min(left);
        self.at += by;
        Ok(by)
    }

    fn position(&self) -> u64 {
        self.at
    }

    fn origin(&self) -> Origin {
        self.extent.origin(0)
    }

    fn extent(&self) -> Option<Extent<'_>> {
        Some(self.extent)
    }
}

#[cfg(test)]
mod tests {
    use super::Straight;
    use crate::bytes::{Extent, Origin, Part, Reader, Stream as _, WINDOW};
    use std::io::Read as _;

    fn bytes() -> Vec<u8> {
        (0..200_000_u32).flat_map(u32::to_le_bytes).collect()
    }

    #[test]
    fn it_is_the_same_however_it_is_gone_through() {
        let bytes = bytes();
        let mut stream = Straight::new(Extent::of_file(&bytes).part(3, 700_000));
        let mut expected = 3;
        for step in [1, 500, 70_000, 0, 3, 200_000, 4096] {
            for least in [1, 512, WINDOW] {
                let seen = stream.peek(least).unwrap();
                assert!(seen.len() >= least);
                assert_eq!(seen, &bytes[expected..expected + seen.len()]);
            }
            assert_eq!(stream.skip(step).unwrap(), step);
            expected += usize::try_from(step).unwrap();
        }
        let rest = 700_003 - u64::try_from(expected).unwrap();
        assert_eq!(stream.skip(u64::MAX).unwrap(), rest);
        assert!(stream.peek(10).unwrap().is_empty());
        assert_eq!(stream.origin(), Origin::File(3));
    }

    #[test]
    fn a_part_ends_where_it_should() {
        let bytes = bytes();
        let mut stream = Straight::new(Extent::of_file(&bytes));
        stream.skip(100).unwrap();
        let mut part = Part::new(&mut stream, 300);
        assert_eq!(part.peek(WINDOW).unwrap(), &bytes[100..400]);
        part.skip(10).unwrap();
        let mut inner = Part::new(&mut part, u64::MAX);
        assert_eq!(inner.origin(), Origin::File(110));
        assert_eq!(
            inner.extent().unwrap().part(0, 4).bytes(0, 9).unwrap(),
            &bytes[110..114]
        );
        let mut all = Vec::new();
        Reader(&mut inner).read_to_end(&mut all).unwrap();
        assert_eq!(all, &bytes[110..400]);
        assert_eq!(stream.position(), 400);
    }
}
