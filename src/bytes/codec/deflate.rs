//! Deflate (RFC 1951), raw and in zlib's wrapper (RFC 1950).

use super::{Engine, State, Step, damaged, taken};
use crate::bytes::Codec;
use flate2::{Decompress, FlushDecompress, Status};

/// What zlib-rs (0.6) says of damage that its fast loop comes upon: it goes on once more within the same call, and forgets
/// why it should not have. Of all that can be wrong, that loop sees this.
const FORGOTTEN: &str = "repeated call with bad state";
const SEEN_FAST: &str = "invalid code, or invalid distance too far back";

/// A decompressor of one deflate stream; its window takes 32 KiB.
pub(super) struct Deflate(Decompress);

impl Deflate {
    /// With zlib's header and checksum or without.
    pub(super) fn new(has_wrapper: bool) -> Self {
        Self(Decompress::new(has_wrapper))
    }

    /// Begins another stream without a wrapper.
    pub(super) fn reset(&mut self) {
        self.0.reset(false);
    }

    /// One step, [`State::Over`] at the stream's end.
    pub(super) fn step(&mut self, codec: Codec, input: &[u8], output: &mut [u8]) -> Step {
        let (before_in, before_out) = (self.0.total_in(), self.0.total_out());
        let status = self.0.decompress(input, output, FlushDecompress::None);
        let state = match status {
            Ok(Status::StreamEnd) => Ok(State::Over),
            Ok(Status::Ok | Status::BufError) => Ok(State::Within),
            Err(error) => Err(match error.message() {
                Some(FORGOTTEN) => damaged(codec, SEEN_FAST),
                Some(why) => damaged(codec, why),
                None => damaged(codec, &error),
            }),
        };
        Step {
            consumed: taken(self.0.total_in(), before_in),
            produced: taken(self.0.total_out(), before_out),
            state,
        }
    }
}

/// One deflate stream by itself.
pub(super) struct Raw(Deflate);

/// One deflate stream in zlib's wrapper.
pub(super) struct Zlib(Deflate);

impl Raw {
    pub(super) fn new() -> Self {
        Self(Deflate::new(false))
    }
}

impl Zlib {
    pub(super) fn new() -> Self {
        Self(Deflate::new(true))
    }
}

impl Engine for Raw {
    const CODEC: Codec = Codec::Deflate;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        self.0.step(Self::CODEC, input, output)
    }
}

impl Engine for Zlib {
    const CODEC: Codec = Codec::Zlib;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        self.0.step(Self::CODEC, input, output)
    }
}
