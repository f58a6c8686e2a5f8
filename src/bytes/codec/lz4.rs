//! The LZ4 frame format: frames one after the other, skippable ones among them.

use super::{cut_off, damaged, trailing};
use crate::bytes::{Codec, Flaw, le32};
use lz4_flex::frame::FrameDecoder;
use std::error::Error;
use std::io::{self, BufRead, Read};

// The format's magic numbers: of a frame, of one that the first versions wrote, and, with any last digit, of one
// to be skipped.
const FRAME: u32 = 0x184d_2204;
const LEGACY: u32 = 0x184c_2102;
const SKIPPABLE: u32 = 0x184d_2a50;

/// A decompressor of frames; it takes 16 MB at most.
pub(super) struct Lz4<S: BufRead> {
    frames: FrameDecoder<Watched<S>>,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing has come yet.
    First,
    Within,
    Between,
    /// So much more of a frame is to be skipped.
    Skipping(u64),
}

/// What the frames are read from. The decoder takes the end of the file for the end of a frame; this knows.
struct Watched<S> {
    source: S,
    /// What was looked at to see what it is.
    ahead: Vec<u8>,
    is_legacy: bool,
    has_ended: bool,
}

impl<S: BufRead> Read for Watched<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let from_ahead = self.ahead.len().min(into.len());
        if from_ahead > 0 {
            into[..from_ahead].copy_from_slice(&self.ahead[..from_ahead]);
            self.ahead.drain(..from_ahead);
            return Ok(from_ahead);
        }
        let read = self.source.read(into)?;
        self.has_ended |= read == 0 && !into.is_empty();
        Ok(read)
    }
}

impl<S: BufRead> Lz4<S> {
    pub(super) fn new(source: S) -> Self {
        let source = Watched {
            source,
            ahead: Vec::new(),
            is_legacy: false,
            has_ended: false,
        };
        Self {
            frames: FrameDecoder::new(source),
            state: State::First,
        }
    }

    /// Sees what comes next; says whether there is anything.
    fn begin(&mut self) -> Result<bool, Flaw> {
        let watched = self.frames.get_mut();
        let mut magic = Vec::new();
        let four = (&mut watched.source).take(4).read_to_end(&mut magic);
        four.map_err(flaw)?;
        match le32(&magic, 0) {
            None if magic.is_empty() && self.state == State::Between => return Ok(false),
            Some(number @ (FRAME | LEGACY)) => {
                watched.is_legacy = number == LEGACY;
                watched.ahead = magic;
                self.state = State::Within;
            }
            Some(number) if number & !15 == SKIPPABLE => {
                let mut length = [0; 4];
                watched.source.read_exact(&mut length).map_err(flaw)?;
                self.state = State::Skipping(u64::from(u32::from_le_bytes(length)));
            }
            None if self.state == State::First => return Err(cut_off(Codec::Lz4)),
            Some(_) | None => return Err(trailing(Codec::Lz4)),
        }
        Ok(true)
    }

    /// Goes over a frame that is to be skipped, as far as its bytes come at once.
    fn skip(&mut self, left: u64) -> Result<(), Flaw> {
        let source = &mut self.frames.get_mut().source;
        let here = source.fill_buf()?.len();
        if here == 0 && left > 0 {
            return Err(cut_off(Codec::Lz4));
        }
        let step = usize::try_from(left).map_or(here, |left| left.min(here));
        source.consume(step);
        self.state = match left.saturating_sub(u64::try_from(step).unwrap_or(u64::MAX)) {
            0 => State::Between,
            left => State::Skipping(left),
        };
        Ok(())
    }

    fn within(&mut self, into: &mut [u8]) -> Result<usize, Flaw> {
        let read = self.frames.read(into).map_err(flaw)?;
        let watched = self.frames.get_mut();
        if read == 0 {
            // Frames of the first versions have no end mark.
            if watched.has_ended && !watched.is_legacy {
                return Err(cut_off(Codec::Lz4));
            }
            self.state = State::Between;
        }
        Ok(read)
    }
}

/// A flaw of the source passes as it is; else the data is damaged.
fn flaw(error: io::Error) -> Flaw {
    let is_own = error
        .get_ref()
        .and_then(|inner| <dyn Error>::downcast_ref::<Flaw>(inner))
        .is_some();
    match error.kind() {
        _ if is_own => error.into(),
        io::ErrorKind::UnexpectedEof => cut_off(Codec::Lz4),
        io::ErrorKind::InvalidData | io::ErrorKind::Other => damaged(Codec::Lz4, error),
        _ => error.into(),
    }
}

impl<S: BufRead> Read for Lz4<S> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if into.is_empty() {
            return Ok(0);
        }
        match self.state {
            State::Within => match self.within(into)? {
                0 => {}
                read => return Ok(read),
            },
            State::Skipping(left) => self.skip(left)?,
            State::First | State::Between => {
                if !self.begin()? {
                    return Ok(0);
                }
            }
        }
        // Nothing came out yet: whoever reads may want to stop.
        Err(io::ErrorKind::Interrupted.into())
    }
}
