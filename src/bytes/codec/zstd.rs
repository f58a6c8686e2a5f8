//! Zstandard (RFC 8878): frames one after the other, skippable ones among them.

use super::{Engine, State, Step, damaged, trailing};
use crate::bytes::{Codec, Flaw, Limit, Limits};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

/// What the library says when a window is larger than it may be, and when no frame begins where one should
/// (`ZSTD_getErrorString`).
const TOO_LARGE: &str = "Frame requires too much memory for decoding";
const NO_FRAME: &str = "Unknown frame descriptor";

/// A decompressor of frames.
pub(super) struct Zstd {
    decoder: Decoder<'static>,
    dictionary: u64,
    is_between: bool,
    is_first: bool,
}

impl Zstd {
    pub(super) fn new(limits: &Limits) -> Result<Self, Flaw> {
        let mut decoder = Decoder::new()?;
        // The bounds that the library sets itself.
        let window = limits.dictionary.max(1).ilog2().clamp(10, 31);
        decoder.set_parameter(DParameter::WindowLogMax(window))?;
        Ok(Self {
            decoder,
            dictionary: limits.dictionary,
            is_between: false,
            is_first: true,
        })
    }
}

impl Engine for Zstd {
    const CODEC: Codec = Codec::Zstd;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let mut input = InBuffer::around(input);
        let mut output = OutBuffer::around(output);
        let hint = self.decoder.run(&mut input, &mut output);
        let hint = hint.map_err(|error| match error.to_string().as_str() {
            TOO_LARGE => Flaw::limit(Limit::Dictionary, self.dictionary),
            NO_FRAME if !self.is_first => trailing(Self::CODEC),
            why => damaged(Self::CODEC, why),
        });
        let (consumed, produced) = (input.pos(), output.pos());
        // Without anything to do, the library asks for the next frame's header.
        if consumed > 0 || produced > 0 {
            self.is_between = hint == Ok(0);
            self.is_first &= !self.is_between;
        }
        Step {
            consumed,
            produced,
            state: hint.map(|_| {
                if self.is_between {
                    State::Between
                } else {
                    State::Within
                }
            }),
        }
    }
}
