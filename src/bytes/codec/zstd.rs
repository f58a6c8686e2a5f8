//! Zstandard (RFC 8878): frames one after the other, skippable ones among them.

use super::{Engine, State, Step, damaged, trailing};
use crate::bytes::{Codec, Flaw, Limit, Limits};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation as _, OutBuffer};

/// What the library says when a window is larger than it may be, and when no frame begins where one should
/// (`ZSTD_getErrorString`).
const TOO_LARGE: &str = "Frame requires too much memory for decoding";
const NO_FRAME: &str = "Unknown frame descriptor";

/// How long the header of a block is (RFC 8878 §3.1.1.2).
const HEADER: usize = 3;

/// A decompressor of frames.
///
/// Where the library comes upon damage it does not say how much it has given in the same call (1.5.7,
/// `ZSTD_decompressStream`), and a frame of which all is at hand it makes at once, or nothing of it. So no more goes in than
/// up to the end of one block, and nothing behind a block that has not wholly come out.
pub(super) struct Zstd {
    decoder: Decoder<'static>,
    dictionary: u64,
    is_between: bool,
    is_first: bool,
    /// How much the library asks for: what is left of a block, and the header of the one behind it.
    wanted: usize,
    /// Whether what it gave took all the room, so that there may be more.
    is_full: bool,
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
            wanted: 0,
            is_full: false,
        })
    }
}

impl Engine for Zstd {
    const CODEC: Codec = Codec::Zstd;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        let most = if self.is_full {
            0
        } else {
            self.wanted.saturating_sub(HEADER).max(1)
        };
        let mut input = InBuffer::around(&input[..most.min(input.len())]);
        let room = output.len();
        let mut output = OutBuffer::around(output);
        let hint = self.decoder.run(&mut input, &mut output);
        let hint = hint.map_err(|error| match error.to_string().as_str() {
            TOO_LARGE => Flaw::limit(Limit::Dictionary, self.dictionary),
            NO_FRAME if !self.is_first => trailing(Self::CODEC),
            why => damaged(Self::CODEC, why),
        });
        let (consumed, produced) = (input.pos(), output.pos());
        self.is_full = produced == room;
        self.wanted = hint.as_ref().map_or(0, |&hint| hint);
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
