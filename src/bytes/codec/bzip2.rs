//! bzip2: streams one after the other, as pbzip2 writes them.

use super::{Engine, State, Step, damaged, taken, trailing};
use crate::bytes::Codec;
use bzip2::{Decompress, Status};

/// A decompressor of streams; it takes 4 MB.
pub(super) struct Bzip2 {
    decoder: Decompress,
    /// Whether the stream before has ended, and the next has not begun.
    is_between: bool,
}

impl Bzip2 {
    pub(super) fn new() -> Self {
        Self {
            decoder: Decompress::new(false),
            is_between: false,
        }
    }
}

impl Engine for Bzip2 {
    const CODEC: Codec = Codec::Bzip2;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        if self.is_between {
            if input.first() != Some(&b'B') {
                return Step {
                    consumed: 0,
                    produced: 0,
                    state: Err(trailing(Self::CODEC)),
                };
            }
            self.decoder = Decompress::new(false);
            self.is_between = false;
        }
        let (before_in, before_out) = (self.decoder.total_in(), self.decoder.total_out());
        let status = self.decoder.decompress(input, output);
        let status = status.map_err(|error| damaged(Self::CODEC, error));
        self.is_between = status == Ok(Status::StreamEnd);
        Step {
            consumed: taken(self.decoder.total_in(), before_in),
            produced: taken(self.decoder.total_out(), before_out),
            state: status.map(|status| match status {
                Status::StreamEnd => State::Between,
                Status::Ok
                | Status::FlushOk
                | Status::RunOk
                | Status::FinishOk
                | Status::MemNeeded => State::Within,
            }),
        }
    }
}
