//! What is read from its beginning to its end: a file, a member of an archive, or what comes out of a
//! decompressor.

use super::{Extent, Flaw};
use std::io;

/// How far ahead a stream can be looked into.
pub const WINDOW: usize = 64 * 1024;

/// What is read from its beginning to its end.
pub trait Stream {
    /// At least `least` bytes from here on, or all that are left; does not go on. No more than [`WINDOW`] can be
    /// asked for.
    ///
    /// # Errors
    /// When what comes next cannot be read.
    fn peek(&mut self, least: usize) -> Result<&[u8], Flaw>;

    /// Goes on by so many bytes, and says how many there were.
    ///
    /// # Errors
    /// When they cannot be read.
    fn skip(&mut self, by: u64) -> Result<u64, Flaw>;

    /// How many bytes were gone over.
    fn position(&self) -> u64;

    /// Where its first byte is.
    fn origin(&self) -> Origin;

    /// The whole of it, if it can be read at any place.
    fn extent(&self) -> Option<Extent<'_>>;
}

/// Where a byte is: what a place is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// At this place of the file on disk.
    File(u64),
    /// At this place of what comes out of a decompressor that was fed from the file on disk.
    Decoded {
        /// How it is compressed.
        codec: Codec,
        /// Where in the file on disk the compressed data begins.
        from: u64,
        /// At which place of what comes out.
        at: u64,
    },
    /// Deeper.
    Deep,
}

impl Origin {
    /// The place `by` further on.
    #[must_use]
    pub const fn plus(self, by: u64) -> Self {
        match self {
            Self::File(at) => Self::File(at.saturating_add(by)),
            Self::Decoded { codec, from, at } => Self::Decoded {
                codec,
                from,
                at: at.saturating_add(by),
            },
            Self::Deep => Self::Deep,
        }
    }

    /// Where what comes out of a decompressor begins that is fed from here.
    #[must_use]
    pub const fn decoded(self, codec: Codec) -> Self {
        match self {
            Self::File(from) => Self::Decoded { codec, from, at: 0 },
            Self::Decoded { .. } | Self::Deep => Self::Deep,
        }
    }
}

/// How something is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 1951 without a wrapper, as in zip.
    Deflate,
    /// RFC 1952.
    Gzip,
    /// RFC 1950.
    Zlib,
    /// The .xz file format.
    Xz,
    /// The legacy .lzma format.
    Lzma,
    /// RFC 8878.
    Zstd,
    /// bzip2.
    Bzip2,
    /// The LZ4 frame format.
    Lz4,
}

impl Codec {
    /// As reports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Deflate => "deflate",
            Self::Gzip => "gzip",
            Self::Zlib => "zlib",
            Self::Xz => "xz",
            Self::Lzma => "lzma",
            Self::Zstd => "zstd",
            Self::Bzip2 => "bzip2",
            Self::Lz4 => "lz4",
        }
    }
}

/// The next so many bytes of a stream, as a stream of their own. What is left of them when it is dropped is for
/// the owner of the whole to skip.
pub struct Part<'a> {
    whole: &'a mut dyn Stream,
    from: u64,
    size: u64,
}

impl<'a> Part<'a> {
    /// The next `size` bytes of a stream, or what there is of them.
    pub fn new(whole: &'a mut dyn Stream, size: u64) -> Self {
        let from = whole.position();
        Self { whole, from, size }
    }

    fn left(&self) -> u64 {
        self.size.saturating_sub(self.position())
    }
}

impl Stream for Part<'_> {
    fn peek(&mut self, least: usize) -> Result<&[u8], Flaw> {
        let left = usize::try_from(self.left()).unwrap_or(usize::MAX);
        let bytes = self.whole.peek(least.min(left))?;
        Ok(&bytes[..bytes.len().min(left)])
    }

    fn skip(&mut self, by: u64) -> Result<u64, Flaw> {
        self.whole.skip(by.min(self.left()))
    }

    fn position(&self) -> u64 {
        self.whole.position().saturating_sub(self.from)
    }

    fn origin(&self) -> Origin {
        self.whole.origin().plus(self.from)
    }

    fn extent(&self) -> Option<Extent<'_>> {
        let whole = self.whole.extent()?;
        Some(whole.part(self.from, self.size))
    }
}

impl std::fmt::Debug for Part<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Part")
            .field("from", &self.from)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

/// A stream as decoders want to read it.
pub struct Reader<'a>(pub &'a mut dyn Stream);

impl io::Read for Reader<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let next = self.0.peek(1)?;
        let length = next.len().min(into.len());
        into[..length].copy_from_slice(&next[..length]);
        io::BufRead::consume(self, length);
        Ok(length)
    }
}

impl io::BufRead for Reader<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        Ok(self.0.peek(1)?)
    }

    fn consume(&mut self, amount: usize) {
        // What was peeked at is there to be skipped.
        let skipped = self.0.skip(u64::try_from(amount).unwrap_or(u64::MAX));
        debug_assert!(skipped.is_ok(), "what was peeked at was gone");
    }
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
