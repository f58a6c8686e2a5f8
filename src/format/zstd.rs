//! Zstandard: has no time of its own.

use super::piece::compressed::{self, first_frame, is_skippable};
use super::{Format, Head, Layer, Reads, Visit};
use crate::bytes::{Codec, Flaw, Stream, le32};

pub(super) const FORMAT: Format = Format {
    name: "zstd",
    summary: "Files compressed with zstd: no time of their own, but what lies in them",
    names: &[".tzst", ".zst"],
    is,
    layer: Layer::Compression,
    fields: &[],
    reads: Reads::Stream(read),
};

/// A frame (RFC 8878 §3.1.1).
const FRAME: u32 = 0xfd2f_b528;

fn is(head: &Head<'_>) -> bool {
    match first_frame(head) {
        Some(magic) => magic == FRAME,
        // Nothing but frames to be skipped: its tools take that for an empty file.
        None => le32(head.first, 0).is_some_and(is_skippable),
    }
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    compressed::read(visit, stream, Codec::Zstd)
}
