//! Decompressors, one way to call them all: what is compressed goes in, what it was comes out, and nothing takes
//! more memory than the limits allow.
//!
//! A file may hold several compressed pieces one after the other, as `cat a.gz b.gz` makes it: what comes out is
//! one stream. What is wrong with the compressed data comes out as a [`Flaw`] after all that could be read.

mod ahead;
mod bzip2;
mod deflate;
mod gzip;
mod lz4;
mod lzma;
mod pump;
mod zstd;

pub use ahead::extent_decoder;
pub use gzip::{GzipMember, GzipMembers, gzip, gzip_header};

use super::{Codec, Flaw, Limits};
use pump::Pump;
use std::io::{BufRead, Read};

/// What comes out of a decompressor that is fed from `source`.
///
/// A read that goes over much without anything coming out ends in [`std::io::ErrorKind::Interrupted`], so that
/// whoever reads can stop: read on if not. Of [`Codec::Deflate`] and [`Codec::Zlib`] one stream is read, and what
/// follows it is left alone; of the others all that follow each other.
///
/// # Errors
/// When there is no memory for it. That the data asks for more than the limits allow is told by the first read.
pub fn decoder<'a>(
    codec: Codec,
    source: impl BufRead + 'a,
    limits: &Limits,
) -> Result<Box<dyn Read + 'a>, Flaw> {
    Ok(match codec {
        Codec::Deflate => Box::new(Pump::new(source, deflate::Raw::new(), limits)),
        Codec::Zlib => Box::new(Pump::new(source, deflate::Zlib::new(), limits)),
        Codec::Gzip => gzip(source, limits, None),
        Codec::Xz => Box::new(Pump::new(source, lzma::Xz::new(limits)?, limits)),
        Codec::Lzma => Box::new(Pump::new(source, lzma::Alone::new(limits)?, limits)),
        Codec::Zstd => Box::new(Pump::new(source, zstd::Zstd::new(limits)?, limits)),
        Codec::Bzip2 => Box::new(Pump::new(source, bzip2::Bzip2::new(), limits)),
        Codec::Lz4 => Box::new(lz4::Lz4::new(source)),
    })
}

/// A decompressor without the reading and the writing.
trait Engine {
    /// What it undoes.
    const CODEC: Codec;

    /// Takes from `input`, puts into `output`, and says how much, and how it stands then. An empty input says that
    /// there is no more.
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Step;
}

/// What a decompressor did.
#[derive(Debug)]
struct Step {
    consumed: usize,
    produced: usize,
    /// Where it stands, or what is wrong with what comes after all that was produced.
    state: Result<State, Flaw>,
}

/// Where a decompressor stands after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Within a piece: it must go on.
    Within,
    /// A piece has ended: it can go on or not.
    Between,
    /// All has ended: what follows belongs to somebody else.
    Over,
}

/// How much a decompressor took or gave between two readings of its own count.
fn taken(now: u64, before: u64) -> usize {
    usize::try_from(now.saturating_sub(before)).unwrap_or(0)
}

/// The compressed data is damaged.
fn damaged(codec: Codec, why: impl std::fmt::Display) -> Flaw {
    let codec = codec.name();
    Flaw::malformed(format!(
        "its {codec} data is damaged ({why}): what came out before that was looked at, the rest was not; pack or fetch it again"
    ))
}

/// The compressed data ends too early.
fn cut_off(codec: Codec) -> Flaw {
    let codec = codec.name();
    Flaw::truncated(format!(
        "it ends within its {codec} data: it was cut off, as by a full disk or an aborted transfer; what came out before that was looked at"
    ))
}

/// After the compressed data follows what is none.
fn trailing(codec: Codec) -> Flaw {
    let codec = codec.name();
    Flaw::malformed(format!(
        "after its {codec} data follows something else, which tools leave out or refuse; it was not looked at"
    ))
}

#[cfg(test)]
mod tests;
