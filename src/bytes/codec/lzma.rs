//! The .xz format and the .lzma format before it, by liblzma.

use super::{Engine, State, Step, damaged, taken};
use crate::bytes::{Codec, Flaw, Limit, Limits};
use liblzma::stream::{Action, CONCATENATED, Error, Status, Stream};

/// What liblzma takes beside a dictionary, with room to spare.
const BESIDE: u64 = 1 << 20;

/// A decompressor of liblzma's.
struct Lzma {
    stream: Stream,
    dictionary: u64,
}

impl Lzma {
    fn new(
        limits: &Limits,
        open: impl FnOnce(u64) -> Result<Stream, Error>,
        codec: Codec,
    ) -> Result<Self, Flaw> {
        let dictionary = limits.dictionary;
        let stream = open(dictionary.saturating_add(BESIDE));
        let stream = stream.map_err(|error| damaged(codec, error))?;
        Ok(Self { stream, dictionary })
    }

    fn step(&mut self, codec: Codec, input: &[u8], output: &mut [u8]) -> Step {
        let action = if input.is_empty() {
            Action::Finish
        } else {
            Action::Run
        };
        let (before_in, before_out) = (self.stream.total_in(), self.stream.total_out());
        let status = self.stream.process(input, output, action);
        let state = match status {
            Ok(Status::StreamEnd) => Ok(State::Over),
            Ok(Status::Ok | Status::GetCheck | Status::MemNeeded) => Ok(State::Within),
            Err(error) => Err(self.flaw(codec, error)),
        };
        Step {
            consumed: taken(self.stream.total_in(), before_in),
            produced: taken(self.stream.total_out(), before_out),
            state,
        }
    }

    fn flaw(&self, codec: Codec, error: Error) -> Flaw {
        match error {
            Error::MemLimit => Flaw::limit(Limit::Dictionary, self.dictionary),
            Error::Options => Flaw::unsupported(format!(
                "its {} data uses options or filters that are not supported; it was not looked into",
                codec.name()
            )),
            Error::Data
            | Error::Format
            | Error::Mem
            | Error::Program
            | Error::NoCheck
            | Error::UnsupportedCheck => damaged(codec, error),
        }
    }
}

/// Streams of the .xz format, one after the other, with padding between them.
pub(super) struct Xz(Lzma);

/// A file of the .lzma format.
pub(super) struct Alone(Lzma);

impl Xz {
    pub(super) fn new(limits: &Limits) -> Result<Self, Flaw> {
        let open = |memory| Stream::new_stream_decoder(memory, CONCATENATED);
        Lzma::new(limits, open, Self::CODEC).map(Self)
    }
}

impl Alone {
    pub(super) fn new(limits: &Limits) -> Result<Self, Flaw> {
        Lzma::new(limits, Stream::new_lzma_decoder, Self::CODEC).map(Self)
    }
}

impl Engine for Xz {
    const CODEC: Codec = Codec::Xz;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        self.0.step(Self::CODEC, input, output)
    }
}

impl Engine for Alone {
    const CODEC: Codec = Codec::Lzma;

    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step {
        self.0.step(Self::CODEC, input, output)
    }
}
