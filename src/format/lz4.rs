//! The LZ4 frame format: has no time of its own.

use super::piece::compressed::{self, first_frame};
use super::{Format, Head, Layer, Reads, Visit};
use crate::bytes::{Codec, Flaw, Stream};

pub(super) const FORMAT: Format = Format {
    name: "lz4",
    summary: "Files compressed with lz4: no time of their own, but what lies in them",
    names: &[".lz4"],
    is,
    layer: Layer::Compression,
    fields: &[],
    reads: Reads::Stream(read),
};

/// A frame, as it is and as the first versions wrote it (LZ4 frame format, "Magic Number" and "Legacy frame").
const FRAMES: [u32; 2] = [0x184d_2204, 0x184c_2102];

fn is(head: &Head<'_>) -> bool {
    first_frame(head).is_some_and(|magic| FRAMES.contains(&magic))
}

fn read(visit: &mut Visit<'_>, stream: &mut dyn Stream) -> Result<(), Flaw> {
    compressed::read(visit, stream, Codec::Lz4)
}
