//! bzip2: has no time of its own.

use super::piece::compressed;
use super::{Format, Head, Layer, Reads, Visit};
use crate::bytes::{Codec, Flaw, Stream};

pub(super) const FORMAT: Format = Format {
    name: "bzip2",
    summary: "Files compressed with bzip2: no time of their own, but what lies in them",
    names: &[".bz2", ".tbz", ".tbz2"],
    is,
    layer: Layer::Compression,
    fields: &[],
    reads: Reads::Stream(read),
};

/// The magic number, and that of a block or, where there is none, of the end.
fn is(head: &Head<'_>) -> bool {
    let level = head
        .first
        .get(3)
        .is_some_and(|level| (b'1'..=b'9').contains(level));
    let block =
        head.has(4, b"\x31\x41\x59\x26\x53\x59") || head.has(4, b"\x17\x72\x45\x38\x50\x90");
    head.has(0, b"BZh") && level && (block || head.first.len() < 10)
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    compressed::read(visit, stream, Codec::Bzip2)
}
