//! .xz: has no time of its own.

use super::piece::compressed;
use super::{Format, Head, Layer, Reads, Visit};
use crate::bytes::{Codec, Flaw, Stream};

pub(super) const FORMAT: Format = Format {
    name: "xz",
    summary: "Files compressed with xz: no time of their own, but what lies in them",
    names: &[".xz", ".txz"],
    is,
    layer: Layer::Compression,
    fields: &[],
    reads: Reads::Stream(read),
};

/// Stream header magic (.xz file format 1.2.1 §2.1.1.1).
fn is(head: &Head<'_>) -> bool {
    head.has(0, b"\xfd7zXZ\0")
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    compressed::read(visit, stream, Codec::Xz)
}
