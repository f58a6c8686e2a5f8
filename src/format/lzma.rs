//! .lzma, the format before .xz: has no time of its own.

use super::piece::compressed;
use super::{Format, Head, Layer, Reads, Visit};
use crate::bytes::{Codec, Flaw, Stream, le32, le64};

pub(super) const FORMAT: Format = Format {
    name: "lzma",
    summary: "Files compressed with lzma, the format before xz: no time of their own, but what lies in them",
    names: &[".lzma", ".tlz"],
    is,
    layer: Layer::Compression,
    fields: &[],
    reads: Reads::Stream(read),
};

/// The format has no magic number: what xz takes for one (its `file_format` and liblzma's `alone_decoder.c`), and the zero
/// that range coding begins with.
fn is(head: &Head<'_>) -> bool {
    let (Some(dictionary), Some(size)) = (le32(head.first, 1), le64(head.first, 5)) else {
        return false;
    };
    let is_usual = dictionary == u32::MAX
        || dictionary.is_power_of_two()
        || dictionary.is_multiple_of(3) && (dictionary / 3).is_power_of_two();
    let is_possible = size == u64::MAX || size < 1 << 38;
    head.has(0, b"\x5d") && dictionary >= 4096 && is_usual && is_possible && head.has(13, b"\0")
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    compressed::read(visit, stream, Codec::Lzma)
}
